"""Forms of numbers and arrays in which right answers come."""

from collections import namedtuple
from fractions import Fraction

import numpy as np

Pair = namedtuple("Pair", "first second")


def exact(*numbers):
    return [Fraction(number) for number in numbers]


def frozen(array):
    """The same array, read-only."""
    array = np.asarray(array)
    array.flags.writeable = False
    return array


def strided(array):
    """The same numbers as every second one of an array twice as long along each axis."""
    array = np.asarray(array)
    between = np.nan if array.dtype.kind == "f" else 99
    wide = np.full([2 * n for n in array.shape], between, dtype=array.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view


def sigmoid(z):
    return 1 / (1 + np.exp(-z))
