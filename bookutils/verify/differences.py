"""Slopes of a function of one number, from differences that know their own error.

The step is searched for and its error estimated; slopes from the left and from the right are
compared, so that a kink is seen.
"""

import math
import sys
from typing import NamedTuple

# Tolerances. A float64 carries eps = 2.2e-16. A difference over a step h loses eps |f| / h to
# rounding and gains a truncation error of order h**6 (central) or h**4 (one-sided) after two
# extrapolations; the two meet between 1e-11 and 1e-14 of the slope for functions of ordinary size.
# Estimates closer than AGREED count as equal, and the larger step wins: the step chosen then
# hangs on truncation, not on the last bits of a machine's exp and tanh.
EPS = sys.float_info.epsilon
AGREED = 1e-10
# Each step is RATIO times smaller than the last. Halving would be tidier, but then sin(8 pi x)
# looks flat from 0 to three steps in a row, and differences that a saturated tanh has rounded to
# multiples of one small number can agree to the last bit without being right.
RATIO = 1.8
# Errors of the estimates are themselves estimates (differences of neighbours in the sweep),
# so they are trusted to one digit. A margin of 4 raised a false alarm in 20,000 random programs;
# 10 still sees a slope of 80 units in the last place of f (that of the sigmoid at 32).
SAFETY = 10.0


class Slope(NamedTuple):
    """An estimated slope, the step it was taken with, its error, and the part that is rounding."""

    value: float
    step: float
    error: float
    rounding: float


class Slopes(NamedTuple):
    """The slope of a function at a point: from both sides, from the left, from the right."""

    central: Slope
    left: Slope
    right: Slope

    @property
    def kink(self):
        """Do the one-sided slopes differ by far more than their errors?"""
        gap = abs(self.right.value - self.left.value)
        size = max(abs(self.right.value), abs(self.left.value))
        return gap > 4 * SAFETY * (self.right.error + self.left.error) + 1e-6 * size


def slopes(f, x):
    """Estimate the slope of `f`, one number to one number, at `x` by a sweep over step sizes.

    The steps shrink from a fifth of 1, then from a fifth of |x|, until rounding exceeds the error
    already reached. At each step the differences are extrapolated twice (Richardson): central
    ones to order h**6, one-sided ones to order h**4. Of each kind the estimate is taken whose
    neighbours agree best. A point where `f` raises an arithmetic error counts as outside its
    domain.
    Source: L. F. Richardson, "The deferred approach to the limit", 1927; C. J. F. Ridders,
    "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4, 1982.
    """
    return slopes_of_sums(lambda z: (f(z),) * 2, x)


def slopes_of_sums(f, x):
    # f(x) -> (value, magnitude): the magnitude bounds what rounding can have spoilt.
    x = float(x)
    best = [Slope(math.nan, math.nan, math.inf, math.inf)] * 3
    at = _evaluate(f, x)
    for scale in _scales(x):
        rows = [None, None, None]  # the newest row of each Richardson table
        peak = 0.0
        for h in (scale / RATIO**k for k in range(52)):
            above, below = x + h, x - h
            if x in (above, below):
                break
            f_above, f_below = _evaluate(f, above), _evaluate(f, below)
            differences = (
                (f_above[0] - f_below[0]) / (above - below),
                (at[0] - f_below[0]) / (x - below),
                (f_above[0] - at[0]) / (above - x),
            )
            size = max((s for _, s in (at, f_above, f_below) if s < math.inf), default=0.0)
            peak = max(peak, EPS * size / scale)
            for kind, d in enumerate(differences):
                rounding = (EPS * (size + abs(x * d)) + math.ulp(0.0)) / h
                powers = (2, 4) if kind == 0 else (1, 2, 3)
                rows[kind], error = _extrapolate(rows[kind], d, powers)
                if error + rounding < best[kind].error and not _agreed(best[kind]):
                    best[kind] = Slope(rows[kind][-1], h, error + rounding, max(rounding, peak))
            if all(_agreed(b) or EPS * size / h > b.error for b in best):
                break
        if all(map(_agreed, best)):
            break
    return _trusted(Slopes(*best))


def _scales(x):
    # Where to begin: at the scale of 1, and if the estimates do not agree yet, at that of x,
    # where log changes.
    yield 0.2
    if abs(x) > 2.0 or 0 < abs(x) < 2.0**-24:
        yield 0.2 * math.ldexp(1.0, math.frexp(x)[1])


def _evaluate(f, x):
    try:
        value, size = f(x)
        return float(value), abs(float(size))
    except (ArithmeticError, ValueError):
        return math.nan, math.nan


def _extrapolate(previous, difference, powers):
    # One more row of Richardson's table; its error is the largest disagreement among neighbours.
    row = [difference]
    for power, older in zip(powers, previous or (), strict=False):
        row.append(row[-1] + (row[-1] - older) / (RATIO**power - 1))
    if previous is None or len(previous) <= len(powers):
        return row, math.inf
    error = max(abs(row[-1] - row[-2]), abs(row[-1] - previous[-1]))
    return row, error if math.isfinite(error) else math.inf


def _agreed(slope):
    return slope.error <= AGREED * abs(slope.value)


def _trusted(found):
    # A bump narrower than the first steps fools the central difference, which never looks at
    # f(x); the one-sided slopes do look, and overrule it where they agree with each other.
    central, left, right = found
    both = (left.value + right.value) / 2
    error = left.error + right.error
    if not found.kink and abs(central.value - both) > SAFETY * (central.error + error):
        central = Slope(both, min(left.step, right.step), error, left.rounding + right.rounding)
    return Slopes(central, left, right)


def shown(slope, error):
    """A slope as text, with the digits that its error leaves standing, six at most."""
    if not (math.isfinite(slope) and math.isfinite(error)) or error == 0:
        return f"{slope:.6g}"
    if abs(slope) <= SAFETY * error:
        return "0"
    digits = int(math.log10(abs(slope) / (SAFETY * error)))
    return f"{slope:.{min(max(digits, 1), 6)}g}"
