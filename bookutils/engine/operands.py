"""What an operation does with its operands, before its mathematics and around it."""

from functools import wraps

import numpy as np

from bookutils.engine.arrays import fitted, without_dtype, xp
from bookutils.engine.calls import recording
from bookutils.engine.graph import paused
from bookutils.engine.record import Tensor, array, needs_gradient


def operation(name, why=None):
    """Around an operation of this name: IEEE arithmetic without warnings, errors in a sentence.

    `why`, given the name and the arrays, says why they do not fit.
    """

    def around(f):
        @wraps(f)
        def computed(*operands, **settings):
            if settings:
                settings = as_in_numpy(name, settings)
            try:
                with np.errstate(all="ignore"):
                    out = f(*operands, **settings)
            except (ValueError, RuntimeError):
                arrays = [array(x) for x in (*operands, *settings.values()) if hasattr(x, "shape")]
                reason = why(name, arrays) if why and arrays[1:] else ""
                if reason:
                    raise ValueError(reason) from None
                raise
            if type(out) is Tensor and out.parents:
                out.op = name
            return out

        return computed

    return around


def as_in_numpy(name, settings):
    """PyTorch's dim, keepdim and unbiased by their names here, which are NumPy's."""
    if "dim" in settings and name in ("max", "min"):
        raise TypeError(
            f"{name}(dim=…) of PyTorch gives values and their places: write a{name}(axis=…) for "
            f"the values, arg{name}(axis=…) for the places"
        )
    names = {"dim": "axis", "keepdim": "keepdims", "unbiased": "correction"}
    return {names.get(key, key): x for key, x in settings.items()}


def alike(op, *operands, fractions=False):
    """The operands, as they are or as arrays of one library and dtype; see `arrays.fitted`.

    Arrays of the caller, which may change before backward, are copied where it may read them.
    """
    dtype, mine = None, True
    for x in operands:
        kind = type(x)
        if kind is float or kind is int:
            continue
        if kind is not Tensor:
            mine = False
            if kind is not np.ndarray:
                return fitting(op, operands, fractions)
        here = x._array.dtype if kind is Tensor else x.dtype
        if here is not dtype:
            if dtype is not None or here not in FLOATS:
                return fitting(op, operands, fractions)
            dtype = here
    if dtype is None:
        return fitting(op, operands, fractions)
    return operands if mine else own_arrays(operands, operands)


def fitting(op, operands, fractions):
    operands = [x if type(x) is Tensor else without_dtype(x) for x in operands]
    arrays = fitted(op, list(map(array, operands)), fractions)
    same = [x if y is array(x) else y for x, y in zip(operands, arrays, strict=True)]
    return own_arrays(operands, same)


def own_arrays(given, operands):
    """The operands, with copies of those that are arrays of the caller, if a graph keeps them.

    A replay of the program reads the array itself, so that a recording takes no copy.
    """
    if paused() or recording.get() is not None or not any(map(needs_gradient, operands)):
        return operands
    return [
        xp(x).asarray(x, copy=True)
        if x is y and hasattr(x, "shape") and type(x) is not Tensor
        else x
        for x, y in zip(operands, given, strict=True)
    ]


FLOATS = {np.dtype(np.float64), np.dtype(np.float32)}
