"""Distances between numbers in ULPs, and how they are printed the same on every machine."""

import math
import struct

import numpy as np

# The smallest counts printed: IEEE 754 fixes the last bit of + - * /; functions leave a few
# roundings; differences are good to about 1e-10 of the slope, which is half a million units.
FIXED, ROUNDINGS, DIFFERENCES = 0, 8, 10**6
AT_ODDS = 1000  # beyond this an array's worst element is shown, below it the same on every machine


def ulps(a, b):
    """Count the float64 steps from `a` to `b`: 0 for equal, 1 for neighbours.

    Two NaNs are 0 apart, and so are 0.0 and -0.0; a NaN is infinitely far from any number, and an
    infinity from any finite one.
    """
    a, b = float(a), float(b)
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.inf
    return abs(_place(a) - _place(b))


def _place(x):
    # the position of x among all float64, counted from 0
    (bits,) = struct.unpack("<q", struct.pack("<d", abs(x)))
    return bits if x > 0 else -bits


def bound_text(count, floor):
    # Printed counts are 8 times coarser at each step, so that they are the same on every machine,
    # though the last bits of exp and tanh are not.
    if not math.isfinite(count):
        return "differs"
    if count == floor == 0:
        return "0"
    bound = floor or ROUNDINGS
    while bound < count:
        bound *= 8
    return f"<= {bound}" if bound < 1000 else f"<= {bound:.0e}".replace("e+0", "e")


def normed_ulps(ours, theirs):
    """The distances between the elements of two arrays, in ULPs of the largest element."""
    finite = np.abs([x for x in (*ours, *theirs) if math.isfinite(x)])
    unit = np.spacing(finite.max()) if len(finite) else 1.0
    return [
        0 if ulps(a, b) == 0 else abs(a - b) / unit if math.isfinite(a - b) else math.inf
        for a, b in zip(ours.tolist(), theirs.tolist(), strict=True)
    ]
