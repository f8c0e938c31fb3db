"""What arrays of different libraries, dtypes and devices need, away from the mathematics.

NumPy's arrays, or those of another library that follows the array API standard: PyTorch, CuPy.
"""

from functools import lru_cache
from itertools import combinations
from math import prod
from numbers import Integral, Real

import array_api_compat
import numpy as np

LIBRARIES = {np.ndarray: np}


def xp(*arrays):
    """The library that these arrays belong to."""
    for array in arrays:
        library = LIBRARIES.get(type(array))
        if library is not None:
            return library
    for array in arrays:
        if array_api_compat.is_array_api_obj(array) and not isinstance(array, np.generic):
            library = array_api_compat.array_namespace(array)
            return LIBRARIES.setdefault(type(array), library)
    return np


def device(array):
    return "cpu" if isinstance(array, np.ndarray | np.generic) else array_api_compat.device(array)


# --- dtypes: numbers that can carry a gradient, and numbers that cannot ---------------------------


def is_float(array):
    kind = getattr(array.dtype, "kind", "")
    return kind == "f" if kind else xp(array).isdtype(array.dtype, "real floating")


def dtype_name(dtype):
    return str(dtype).removeprefix("torch.")


def dtype_of(library, dtype):
    """The dtype of a library that has the name of this one, or of the type float, int or bool."""
    name = np.dtype(dtype).name if isinstance(dtype, type | str) else dtype_name(dtype)
    served(name)
    if name.rstrip("0123456789") not in ("bool", "int", "uint", "float"):
        raise TypeError(f"a Tensor is made of real numbers, not of {name}")
    return getattr(library, name)


def served(dtype):
    """Raise TypeError for floats of 16 bits."""
    if dtype_name(dtype) in ("float16", "bfloat16"):
        raise TypeError(
            f"{dtype_name(dtype)} is not served: its sums lose numbers from 2,048 on: use float32"
        )


def as_array(data):
    """Numbers and nested lists as a NumPy array, an array of any library as it is."""
    if not array_api_compat.is_array_api_obj(data):
        try:
            data = np.asarray(data)
        except ValueError:
            raise ValueError("a Tensor is made of lists of equal lengths, these differ") from None
    if getattr(data, "requires_grad", False):  # PyTorch's own recording is not for us
        data = data.detach()
    if isinstance(data, np.ma.MaskedArray):
        raise TypeError("a masked array would lose its mask: give filled(…), and the mask apart")
    if isinstance(data, np.ndarray):
        data = np.asarray(data)  # a matrix and other subclasses bring an arithmetic of their own
    if not xp(data).isdtype(data.dtype, ("bool", "integral", "real floating")):
        raise TypeError(f"a Tensor is made of real numbers, not of {data!r:.60}")
    served(data.dtype)
    return data


def is_number(x):
    """Is this one real number, that has no dtype?"""
    return isinstance(x, Real) and not isinstance(x, np.generic)


def without_dtype(x):
    """A number of NumPy's as one of Python's."""
    return x.item() if isinstance(x, np.generic) else x


def plain_number(x):
    return int(x) if isinstance(x, Integral) else float(x)


def fitted(op, operands, fractions=False):
    """These arrays and numbers as arrays of one dtype, and numbers that can stay numbers.

    Beside floating-point numbers, integers and bools become such. Without any they stay, unless
    the result has fractions, because of a number among the operands or of what `op` does: then
    all become float64, as in NumPy.
    Raises TypeError for arrays of two libraries or two floating-point dtypes, or what is neither
    array nor number.
    """
    arrays = [as_array(x) for x in operands if not is_number(x) and is_operand(op, x)]
    if not arrays:
        return [np.asarray(float(x)) for x in operands]
    library = xp(arrays[0])
    for x in arrays:
        if not mix(xp(x), library):
            names = (f.__name__.removeprefix("array_api_compat.") for f in (library, xp(x)))
            raise TypeError("{}: arrays of {} and of {} do not mix".format(op, *names))
    dtypes = list(dict.fromkeys(x.dtype for x in arrays if is_float(x)))
    if len(dtypes) > 1:
        names = map(dtype_name, dtypes)
        raise TypeError("{}: {} and {} do not mix: use astype() on one".format(op, *names))
    fractions |= any(is_number(x) and not isinstance(x, Integral) for x in operands)
    dtype = dtypes[0] if dtypes else library.float64 if fractions else None
    result, arrays = [], iter(arrays)
    for x in operands:
        if is_number(x):
            result.append(plain_number(x) if dtype is None else float(x))
        else:
            x = next(arrays)
            result.append(x if dtype in (None, x.dtype) else xp(x).astype(x, dtype))
    return result


def mix(one, other):
    """Do arrays of these two libraries mix? NumPy's do with those of a recording."""
    pairs = (one, other), (other, one)
    return one is other or any(getattr(a, "mixes_with", None) is b for a, b in pairs)


def is_operand(op, x):
    if array_api_compat.is_array_api_obj(x) or isinstance(x, np.ndarray):
        return True
    if hasattr(x, "slopes"):
        raise TypeError(
            f"{op}: a Value is one number and a Tensor an array, each with a graph of its own: "
            "make both Values or both Tensors"
        )
    raise TypeError(f"{op}: an operand is a Tensor, an array or a number, not {x!r:.60}")


def like(x, array, op):
    """The array or number x as an array of the dtype and library of `array`, and on its device.

    Raises TypeError where that changes it: for a fraction among integers, or 2 among bools.
    """
    if type(x) is type(array) and x.dtype is array.dtype:
        return x
    library, x = xp(array), without_dtype(x)
    if is_number(x):
        number = plain_number(x)
        if is_float(array):
            return library.asarray(float(x), dtype=array.dtype, device=device(array))
        x = library.asarray(number, device=device(array))
    else:
        x = fitted(op, [x, array])[0]
    y = x if x.dtype == array.dtype else library.astype(x, array.dtype)
    if not is_float(array) and not bool(library.all(y == x)):
        raise TypeError(
            f"{op}: the numbers here are {dtype_name(array.dtype)}, into which {x!r:.60} does not "
            "fit: use astype(float)"
        )
    return y


# --- axes and shapes ------------------------------------------------------------------------------


def axes_of(axis, n, op):
    """The axes as numbers from 0 to n - 1; all for None."""
    if axis is None:
        return tuple(range(n))
    axes = (axis,) if isinstance(axis, Integral) else tuple(axis)
    for i in axes:
        if not isinstance(i, Integral) or not -n <= i < n:
            raise ValueError(f"{op}: no axis {i!r} in an array of {n} axes")
    axes = tuple(int(i) % n for i in axes)
    if len({*axes}) < len(axes):
        raise ValueError(f"{op}: an axis comes twice in {axes}")
    return axes


def axis_of(axis, n, op):
    """One axis as a number from 0 to n - 1."""
    if not isinstance(axis, Integral):
        raise ValueError(f"{op}: one axis is needed, a number, not {axis!r:.60}")
    return axes_of(axis, n, op)[0]


def without(shape, axes):
    return tuple([n for i, n in enumerate(shape) if i not in axes])


def kept_shape(shape, axes):
    """This shape, with length 1 at these axes."""
    return tuple([1 if i in axes else n for i, n in enumerate(shape)])


def unpacked(sizes):
    """The sizes, given one by one or as one tuple."""
    return tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], Integral) else sizes


# --- errors in one sentence -----------------------------------------------------------------------


def of_two_devices(op, arrays):
    devices = list(dict.fromkeys(str(array_api_compat.device(x)) for x in arrays))
    return f"{op}: one array on {devices[0]}, one on {devices[1]}: move one" if devices[1:] else ""


def no_broadcast(op, arrays):
    """Why these arrays do not broadcast, or nothing."""
    for a, b in combinations([tuple(x.shape) for x in arrays], 2):
        for i, (m, n) in enumerate(zip(a[::-1], b[::-1], strict=False)):
            if 1 != m != n != 1:
                return (
                    f"{op}: shapes {a} and {b} do not broadcast: "
                    f"lengths {m} and {n} on axis {-1 - i}"
                )
    return of_two_devices(op, arrays)


def no_product(op, arrays):
    """Why these arrays have no matrix product, or nothing."""
    a, b = (tuple(x.shape) for x in arrays[:2])
    if not a or not b:
        return f"{op}: {a} @ {b}: a number is no matrix: use *"
    m, n = a[-1], b[-2] if len(b) > 1 else b[0]
    if m != n:
        return f"{op}: {a} @ {b}: inner sizes {m} and {n} differ"
    if any(1 != m != n != 1 for m, n in zip(a[-3::-1], b[-3::-1], strict=False)):
        return f"{op}: {a} @ {b}: batches {a[:-2]} and {b[:-2]} do not broadcast"
    return of_two_devices(op, arrays)


# --- arithmetic that libraries do in different ways, or slowly ------------------------------------


def add_up(a, axis=None, keepdims=False):
    """The sum over an axis, several or all."""
    if type(a) is np.ndarray:
        return np.add.reduce(a, axis, keepdims=keepdims)  # np.sum takes a while to come to this
    return xp(a).sum(a, axis=axis, keepdims=keepdims)


def add_at(out, places, G):
    """out[places] += G, in which a place that occurs several times gets all it is due."""
    if isinstance(out, np.ndarray):
        np.add.at(out, places, G)
    elif hasattr(out, "index_add_"):
        out.index_add_(0, places, G)  # PyTorch's name for it
    else:
        xp(out).add.at(out, places, G)


def choose(condition, x, y):
    """np.where; for 0.0 and an array by their bits, since a branch on chance is predicted badly."""
    bits = {"d": np.int64, "f": np.int32}.get(y.dtype.char if type(y) is np.ndarray else "")
    if type(x) is not float or x or not bits or y.size < 512 or condition.shape != y.shape:
        return np.where(condition, x, y)
    kept = condition.astype(bits)
    kept -= 1  # no bit where the condition holds, all bits elsewhere
    kept &= y.view(bits)
    return kept.view(y.dtype)


def product(a, b):
    """a @ b for matrices, by NumPy's faster way to the same BLAS: which hides nan at 0 of 1 x 1."""
    if type(a) is np.ndarray and a.ndim == 2 and a.size > 1 and b.size > 1:
        return a.dot(b)
    return a @ b


def rows(x):
    """An array of any shape as a matrix with the same last axis."""
    return x if x.ndim == 2 else xp(x).reshape(x, (prod(x.shape[:-1]), x.shape[-1]))


def column_sums(g):
    """The sum of the rows of a matrix, by BLAS: a product with ones."""
    if type(g) is not np.ndarray:
        return add_up(g, 0)
    make = kept_ones if len(g) < 4096 else np.ones
    return make(len(g), g.dtype).dot(g)


kept_ones = lru_cache(maxsize=16)(np.ones)  # to be read only
