"""Distances in ULPs: steps of neighbours, symmetric, a distance."""

import math
import sys

from hypothesis import given
from hypothesis import strategies as st

from bookutils.verify import ulps


def test_ulps_of_known_pairs():
    assert ulps(1.0, 1.0) == 0
    assert ulps(1.0, 1.0 + sys.float_info.epsilon) == 1
    assert ulps(1.0, 1.0 - sys.float_info.epsilon) == 2  # below 1 they lie twice as dense
    assert ulps(0.0, -0.0) == 0
    assert ulps(5e-324, -5e-324) == 2
    assert ulps(math.nan, math.nan) == 0
    assert ulps(math.inf, math.inf) == 0
    assert ulps(math.inf, -math.inf) == ulps(1.0, math.nan) == ulps(math.inf, 1e308) == math.inf
    assert ulps(1.0, 2.0) == 2**52


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 300))
def test_ulps_counts_steps_of_nextafter(x, steps):
    y = x
    for _ in range(steps):
        y = math.nextafter(y, math.inf)
    if math.isfinite(y):
        assert ulps(x, y) == ulps(y, x) == steps


@given(*[st.floats(-1e3, 1e3)] * 3)
def test_ulps_is_a_distance(a, b, c):
    assert ulps(a, c) <= ulps(a, b) + ulps(b, c)
