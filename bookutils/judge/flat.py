"""All numbers of a value at once: in one array, or asked what they are."""

import numpy as np
from numpy import ndarray

from bookutils.judge import data


def flat(value):
    """All leaves in one array, words as 0, those of a dict in the order of its keys; None where
    there is something else among them."""
    if type(value) is ndarray:
        return value.ravel()
    if type(value) in (float, int, bool):
        return np.array([value], dtype=float)
    if type(value) is str:
        return np.zeros(1)
    if type(value) is dict:
        value = [value[key] for key in sorted(value, key=repr)]
    if type(value) not in (tuple, list):
        return None
    if data.NUMBERS.issuperset(map(type, value)):
        return np.array(value, dtype=float)
    parts = [flat(item) for item in value]
    return None if any(part is None for part in parts) else np.concatenate([np.empty(0), *parts])


def numeric(value):
    """Whether every leaf is a number."""
    return _every(value, lambda array: array.dtype.kind != "b" or not array.size, data.is_number)


def exact(value):
    """Whether no leaf is a float."""
    return _every(value, lambda array: array.dtype.kind != "f" or not array.size, _no_float)


def has_nan(value):
    return not _every(value, lambda array: not np.isnan(array).any(), lambda leaf: leaf == leaf)


def _no_float(leaf):
    return type(leaf) is not float


def _every(value, of_array, of_leaf):
    if type(value) is ndarray:
        return of_array(value)
    if type(value) in (tuple, list):
        return all(_every(item, of_array, of_leaf) for item in value)
    if type(value) is dict:
        return all(_every(item, of_array, of_leaf) for item in value.values())
    return of_leaf(value)
