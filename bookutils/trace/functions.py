"""The functions of NumPy that a recording knows, and how each is written with a result that exists.

Left out are those whose result has a shape that depends on the numbers (nonzero, unique, an index
of booleans): a replay has buffers of fixed shapes.
"""

import numpy as np


class ReplayError(RuntimeError):
    """A step that cannot be recorded, or a replay that does not fit: nothing has been changed."""


# --- functions of NumPy's that have other names there, or none ------------------------------------


def taken(a, index):
    """a[index]; never a number, always an array."""
    parts = index if type(index) is tuple else (index,)
    if any(
        isinstance(i, bool) or getattr(getattr(i, "dtype", None), "kind", "") == "b" for i in parts
    ):
        raise ReplayError(
            "recording: how many numbers an index of booleans takes depends on the numbers, and a "
            "replay has fixed shapes: multiply by the mask, or use where(mask, …, 0.0)"
        )
    if all(i is not Ellipsis for i in parts) and is_basic(index):
        index = (*parts, Ellipsis)
    return a[index]


def is_basic(index):
    """Does this index take a view?"""
    parts = index if type(index) is tuple else (index,)
    return all(i is None or i is ... or isinstance(i, int | slice | np.integer) for i in parts)


def replaced(a, index, value):
    """A copy of a in which a[index] = value."""
    out = np.array(a)
    out[index] = value
    return out


def add_at(a, places, b):
    """A copy of a in which a[places] += b, with all that a place is due."""
    out = np.array(a)
    np.add.at(out, places, b)
    return out


def typed(a, dtype):
    """a in another dtype."""
    return np.asarray(a).astype(dtype)


def copied(a):
    """a in memory of its own."""
    return np.array(a)


def viewed(a, dtype):
    """The bits of a as numbers of another dtype of the same size."""
    return a.view(dtype)


def reduction(ufunc):
    def reduced(a, axis=None, dtype=None, out=None, keepdims=False):
        return ufunc.reduce(a, axis, dtype, None, keepdims)

    reduced.ufunc, reduced.__name__ = ufunc, f"{ufunc.__name__}.reduce"
    return reduced


REDUCTIONS = {
    ufunc: reduction(ufunc)
    for ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.logical_or, np.logical_and)
}

# --- the table ------------------------------------------------------------------------------------

UFUNCS = {
    name: f
    for name, f in vars(np).items()
    if isinstance(f, np.ufunc) and f.nout == 1 and f.nin < 3 and name != "isnat"  # of dates
}
REDUCED = {
    **{"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum},
    **{"amax": np.maximum, "amin": np.minimum, "any": np.logical_or, "all": np.logical_and},
}
VIEWS = """broadcast_to expand_dims flip matrix_transpose moveaxis permute_dims ravel reshape
    squeeze swapaxes transpose"""
WITH_OUT = """argmax argmin clip concat concatenate cumprod cumsum cumulative_prod cumulative_sum
    dot einsum mean round stack std take trace var"""
WITHOUT_OUT = """count_nonzero diff inner outer repeat roll sort tensordot tile tril triu
    where"""  # the result is copied to its place
MAKERS = "arange empty eye full linspace ones zeros"  # of no array, so they are constants


def like(make):
    def made(a, *operands, dtype=None):
        return make(np.shape(a), *operands, dtype=dtype or np.asarray(a).dtype)

    return made


FUNCTIONS = {
    **UFUNCS,
    **{name: REDUCTIONS[ufunc] for name, ufunc in REDUCED.items()},
    **{
        name: getattr(np, name)
        for name in f"{VIEWS} {WITH_OUT} {WITHOUT_OUT} {MAKERS}".split()
        if hasattr(np, name)
    },
    **{f"{name}_like": like(getattr(np, name)) for name in ("zeros", "ones", "full", "empty")},
}
IS_VIEW = {viewed, *(FUNCTIONS[name] for name in VIEWS.split() if name in FUNCTIONS)}
HAS_OUT = {FUNCTIONS[name] for name in WITH_OUT.split() if name in FUNCTIONS}
