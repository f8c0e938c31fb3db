"""Arrays of any library: its functions, what fits together, and the error where it does not.

NumPy's, or those of another library that follows the array API standard: PyTorch, CuPy.
"""

from functools import lru_cache
from math import prod
from numbers import Integral

import array_api_compat
import numpy as np

SPACES = {np.ndarray: np}


def space(array):
    """The functions of the library that an array is from."""
    xp = SPACES.get(type(array))
    if xp is None:
        xp = np if isinstance(array, np.generic) else array_api_compat.array_namespace(array)
        SPACES[type(array)] = xp
    return xp


def is_float(array):
    kind = getattr(array.dtype, "kind", "")
    return kind == "f" if kind else space(array).isdtype(array.dtype, "real floating")


def short(dtype):
    return str(dtype).removeprefix("torch.")


def dtype_of(xp, dtype):
    """The dtype of a library that has the name of this one, or of the type float, int or bool."""
    return getattr(xp, np.dtype(dtype).name if isinstance(dtype, type | str) else short(dtype))


def as_array(data):
    """Numbers and nested lists as a NumPy array, an array as it is."""
    if not array_api_compat.is_array_api_obj(data):
        try:
            data = np.asarray(data)
        except ValueError:
            raise ValueError("a Tensor is made of lists of equal lengths, these differ") from None
    if hasattr(data, "detach"):  # PyTorch's own recording is not for us
        data = data.detach()
    if not space(data).isdtype(data.dtype, ("bool", "integral", "real floating")):
        raise TypeError(f"a Tensor is made of real numbers, not of {data!r:.60}")
    return data


def like(x, array, op):
    """An operand as an array beside `array`; numbers, integers and bools take on its dtype.

    Raises TypeError for another library or floating-point dtype, ValueError for another device.
    """
    if type(x) is type(array) and x.dtype is array.dtype:
        return x
    xp = space(array)
    if type(x) in (int, float):
        return xp.asarray(x, dtype=array.dtype, device=array_api_compat.device(array))
    if not array_api_compat.is_array_api_obj(x):
        raise TypeError(f"{op}: an operand is a Tensor, an array or a number, not {x!r:.60}")
    if space(x) is not xp:
        names = (f.__name__.removeprefix("array_api_compat.") for f in (space(x), xp))
        raise TypeError("{}: arrays of {} and of {} do not mix".format(op, *names))
    if is_float(x) and is_float(array) and x.dtype != array.dtype:
        names = short(x.dtype), short(array.dtype)
        raise TypeError("{}: {} and {} do not mix: use astype() on one".format(op, *names))
    return xp.astype(x, array.dtype) if is_float(array) else x


def misfit(op, *arrays):
    """Raise the error that says in one sentence why an operation failed on these arrays."""
    devices = list(dict.fromkeys(str(array_api_compat.device(x)) for x in arrays))
    if len(devices) > 1:
        raise ValueError(
            f"{op}: one array on {devices[0]}, one on {devices[1]}: move one"
        ) from None
    shapes = [tuple(x.shape) for x in arrays]
    if op in ("matmul", "linear"):
        a, b = shapes
        what = f"{op}: {a} @ {b}: "
        if not a or not b:
            raise ValueError(what + "a number is no matrix: use *") from None
        inner = a[-1], b[-2] if len(b) > 1 else b[0]
        if inner[0] != inner[1]:
            raise ValueError(what + "inner sizes {} and {} differ".format(*inner)) from None
        raise ValueError(f"{what}batches {a[:-2]} and {b[:-2]} do not broadcast") from None
    for i, lengths in enumerate(zip(*(s[::-1] for s in shapes), strict=False)):
        if len({*lengths} - {1}) > 1:
            raise ValueError(
                "{}: shapes {} and {} do not broadcast: lengths {} and {} on axis {}".format(
                    op, *shapes, *lengths, -1 - i
                )
            ) from None
    raise


def unpacked(sizes):
    return tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], Integral) else sizes


def without(shape, axes):
    return tuple([n for i, n in enumerate(shape) if i not in axes])


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


# --- arithmetic -----------------------------------------------------------------------------------


def add_up(a, axis=None, keepdims=False):
    """The sum over an axis, several or all."""
    if type(a) is np.ndarray:
        return np.add.reduce(a, axis, keepdims=keepdims)  # np.sum takes a while to come to this
    return space(a).sum(a, axis=axis, keepdims=keepdims)


def put(shape, index, G):
    """Zeros of this shape, with G at an index that reaches no place twice."""
    y = space(G).zeros(shape, dtype=G.dtype, device=array_api_compat.device(G))
    y[index] = G
    return y


def put_each(shape, index, G):
    """Zeros of this shape, with each number of G added at its place."""
    xp, device = space(G), array_api_compat.device(G)
    at = xp.reshape(xp.arange(prod(shape), device=device), shape)[index]
    y = xp.zeros(prod(shape), dtype=G.dtype, device=device)
    if hasattr(y, "index_add_"):  # PyTorch
        y.index_add_(0, xp.reshape(at, (-1,)), xp.reshape(G, (-1,)))
    else:
        xp.add.at(y, at, G)
    return xp.reshape(y, shape)


def unbroadcast(G, shape):
    """Sum over the axes along which an operand of this shape was repeated."""
    xp, new = space(G), G.ndim - len(shape)
    repeated = (i + new for i, n in enumerate(shape) if n == 1)
    return xp.reshape(add_up(G, (*range(new), *repeated)), shape)


def spread(G, kept, shape):
    """G repeated over the axes that it was summed over."""
    xp = space(G)
    if xp is not np:
        return xp.broadcast_to(xp.reshape(G, kept), shape)
    y = np.empty(shape, G.dtype)  # a copy is made in a third of the time of NumPy's view
    y[...] = G.reshape(kept)
    return y


def exponentials(a, xp, axes):
    """The largest number, exp of the distances to it, and their sum, which is 1 to n."""
    if not prod(a.shape):
        peak = add_up(a, axes, True)
    elif xp is np:
        peak = np.maximum.reduce(a, axes, keepdims=True)
    else:
        peak = xp.max(a, axis=axes, keepdims=True)
    below = a - peak
    e = np.exp(below, out=below) if type(below) is np.ndarray else xp.exp(below)
    return peak, e, add_up(e, axes, True)


def choose(condition, x, y):
    """np.where; for 0.0 and an array by their bits, since a branch on chance is predicted badly."""
    bits = {"d": np.int64, "f": np.int32}.get(y.dtype.char if type(y) is np.ndarray else "")
    if type(x) is not float or x or not bits or y.size < 4096 or condition.shape != y.shape:
        return np.where(condition, x, y)
    kept = condition.astype(bits)
    kept -= 1  # no bit where the condition holds, all bits elsewhere
    kept &= y.view(bits)
    return kept.view(y.dtype)


def rows(x):
    return x if x.ndim == 2 else space(x).reshape(x, (-1, x.shape[-1]))


def column_sums(g):
    """The sum of the rows of a matrix, by BLAS: a product with ones."""
    if type(g) is not np.ndarray:
        return add_up(g, 0)
    make = kept_ones if len(g) < 4096 else np.ones
    return make(len(g), g.dtype).dot(g)


kept_ones = lru_cache(maxsize=16)(np.ones)  # to be read only
