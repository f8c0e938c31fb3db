"""All numbers of a value in one array, to compare many values at once."""

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
