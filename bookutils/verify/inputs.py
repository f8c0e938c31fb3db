"""Inputs and outputs of a checked function: numbers, nested lists, arrays of any library, nodes."""

import inspect
import math
from numbers import Real

import array_api_compat
import numpy as np


def parameter_names(f):
    """The names of the parameters of `f` that can be given by position."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def input_names(f, count):
    """The names of the first `count` parameters of `f`, or x0, x1, … where it has none."""
    positional = parameter_names(f)
    return positional[:count] if len(positional) >= count else [f"x{i}" for i in range(count)]


def leaves(x, name):
    """Yield (name, float) for every number in `x`: a number, or a nested list or array of them."""
    if isinstance(x, (list, tuple)) or (isinstance(x, np.ndarray) and x.ndim > 0):
        for i, part in enumerate(x):
            yield from leaves(part, f"{name}[{i}]")
    elif isinstance(x, (Real, np.ndarray)):
        yield name, float(x)
    else:
        raise TypeError(f"{name} is a {type(x).__name__}, not a number or a list of numbers")


def rebuilt(x, numbers, arrays=True):
    """The structure of `x` filled from the iterator `numbers`; arrays become lists on demand."""
    if isinstance(x, (list, tuple)) or (isinstance(x, np.ndarray) and x.ndim > 0):
        parts = [rebuilt(part, numbers, arrays) for part in x]
        if isinstance(x, np.ndarray):
            return np.array(parts) if arrays else parts
        return tuple(parts) if isinstance(x, tuple) else parts
    return next(numbers)


def listed(xs, f):
    """The inputs of `f` as a list; a number, a Tensor, or an array for one parameter is one."""
    one = isinstance(xs, Real) or hasattr(xs, "backward")
    if isinstance(xs, np.ndarray) and len(parameter_names(f)) == 1 and xs.shape != (1,):
        one = True
    one |= isinstance(xs, np.ndarray) and not xs.ndim
    return [xs] if one else list(xs)


def has_array(x):
    """Is `x` a Tensor or an array, or a list with one in it?"""
    if isinstance(x, (list, tuple)):
        return any(map(has_array, x))
    return hasattr(x, "shape") and not isinstance(x, np.generic)


def asks_for_gradients(engine):
    """Does a node of `engine` get a gradient only if made with requires_grad=True?"""
    return engine is not None and "requires_grad" in parameter_names(engine)


def takes_arrays(engine):
    """Does a node of `engine` hold a whole array?"""
    try:
        return np.shape(getattr(engine(np.zeros(2)), "data", None)) == (2,)
    except (TypeError, ValueError):
        return False


def array_leaves(x, names):
    """List (name, array or number) for everything in the nested lists `x` that is not a list."""
    found = []
    for part, name in zip(x, names, strict=True):
        if isinstance(part, (list, tuple)):
            found += array_leaves(part, [f"{name}[{i}]" for i in range(len(part))])
        elif isinstance(part, Real) or hasattr(part, "shape"):
            found.append((name, part))
        else:
            raise TypeError(f"{name} is a {type(part).__name__}, not a number or an array")
    return found


def refilled(x, parts):
    """The nested lists `x` with every leaf taken from the iterator `parts`."""
    if isinstance(x, (list, tuple)):
        return type(x)(refilled(part, parts) for part in x)
    return next(parts)


def as_numpy(x):
    """The float64 NumPy array that a number, an array of any library or a Tensor holds."""
    data = x if isinstance(x, (Real, np.ndarray)) else x.data
    return np.asarray(data.cpu() if hasattr(data, "cpu") else data, dtype=np.float64)


def stored(array, like):
    """The NumPy array in the library and on the device of the array that `like` is or holds."""
    data = like if isinstance(like, (Real, np.ndarray)) else like.data
    if isinstance(data, (Real, np.ndarray)):
        return array
    xp = array_api_compat.array_namespace(data)
    return xp.asarray(array, device=array_api_compat.device(data))


def outputs_of(y):
    if isinstance(y, (list, tuple)) or (isinstance(y, np.ndarray) and y.ndim > 0):
        return [leaf for part in y for leaf in outputs_of(part)]
    return [y]


def weighed(ys, weights):
    # (output, its weights in its shape) for every output that depends on an input
    pairs, start = [], 0
    for y in ys:
        shape = as_numpy(y).shape
        stop = start + math.prod(shape)
        if not isinstance(y, Real) and getattr(y, "requires_grad", True):
            pairs.append((y, np.reshape(weights[start:stop], shape)))
        start = stop
    return pairs


def flat(ys):
    return np.concatenate([np.zeros(0), *(as_numpy(y).ravel() for y in ys)])


def array_grad(node):
    return np.zeros(as_numpy(node).shape) if node.grad is None else as_numpy(node.grad)
