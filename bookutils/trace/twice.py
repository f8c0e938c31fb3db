"""A step recorded twice: what differs between the two would be a constant in every replay."""

import numpy as np

from bookutils.trace.functions import ReplayError
from bookutils.trace.line import Line


def same(before, now):
    """Raise ReplayError unless two recordings are of the same lines with the same constants."""
    partner = {}
    lines = [[e for e in r.events if isinstance(e, Line)] for r in (before, now)]
    for x, y in zip(*lines, strict=False):
        kinds = x.kind == y.kind and x.function is y.function and len(x.reads()) == len(y.reads())
        if not kinds or x.value.shape != y.value.shape or x.value.dtype != y.value.dtype:
            raise ReplayError("recording: the step does something else each time it is called")
        partner[x] = y
        if x.kind == "array" and not same_memory(x.value, y.value) and not equal(x.value, y.value):
            raise ReplayError(
                f"recording: an array {x.value.shape} that enters the step has other numbers each "
                "time, as those of a generator: give it as an argument"
            )
        settings = [list(line.settings.values()) for line in (x, y)]
        if not (alike(x.operands, y.operands, partner) and alike(*settings, partner)):
            raise ReplayError(
                "recording: a number or constant in the step is another each time, as a counter "
                "is: give it as an argument"
            )
    if len(lines[0]) != len(lines[1]):
        raise ReplayError("recording: the step does something else each time it is called")


def alike(x, y, partner):
    """Are these operands of the two recordings the same?"""
    if isinstance(x, Line) and isinstance(y, Line):
        return partner.get(x) is y or x.kind == y.kind == "made" and equal(x.value, y.value)
    if isinstance(x, tuple | list):
        long = type(x) is type(y) and len(x) == len(y)
        return long and all(alike(a, b, partner) for a, b in zip(x, y, strict=True))
    if isinstance(x, np.generic):
        return equal(x, y)
    return x is y or type(x) is type(y) and (x == y or x != x)


def equal(x, y):
    return np.array_equal(x, y, equal_nan=np.asarray(x).dtype.kind == "f")


def same_memory(x, y):
    """Are these the same numbers in the same memory, as two views of one array?"""
    places = [(a.__array_interface__["data"], a.strides) for a in (x, y)]
    return x is y or places[0] == places[1]
