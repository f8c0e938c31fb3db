"""Cases beside a case, one argument changed at a time: each argument is needed, and shows it."""

import numpy as np


def one_moved(case):
    """The case with another value in the place of one argument, for each that is no function."""
    for i, value in enumerate(case):
        other = moved(value)
        if other is not None:
            yield (*case[:i], other, *case[i + 1 :])


def moved(value):
    """Another value of the same sign and form: the last number a quarter larger; None if there
    is no number in it."""
    if type(value) is int:
        return value + 1
    if type(value) is float:
        return value * 1.25
    if type(value) is tuple and value and type(value[-1]) is float:
        return (*value[:-1], moved(value[-1]))
    if type(value) is np.ndarray and value.dtype.kind == "f" and value.size:
        other = value.copy()
        other.flat[-1] *= 1.25
        return other
    return None


def crossed(case, other):
    """The case, and the case with one argument of the other in the place of its own, for each.

    What is remembered by some of the arguments is then wrong, and so is what leaves one out.
    """
    yield case
    for i, value in enumerate(other):
        yield (*case[:i], value, *case[i + 1 :])


def scaled(case, *factors):
    """The case with its arrays and floats multiplied, one factor for each argument, 1 for none."""
    return tuple(v if f == 1 else v * f for v, f in zip(case, factors, strict=True))
