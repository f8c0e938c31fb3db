"""Misconceptions that any numeric answer can show, recognised by comparing numbers alone."""

from fractions import Fraction
from itertools import combinations, repeat
from math import isfinite

from numpy import ndarray

from bookutils.judge import data


def generic_mistake(expected, values, cases, names, rtol, atol, failing):
    """(name, explanation) of the first relation that holds on every case, or two empty strings.

    `expected` and `values` are the right and the learner's results, one a case; a relation counts
    when at least two cases are wrong, or the single one of a value exercise.
    """
    if not all(map(data.numeric, expected)) or failing < min(2, len(cases)):
        return "", ""

    def explains(candidates):
        return all(data.agree(c, v, rtol, atol) for c, v in zip(candidates, values, strict=True))

    def everywhere(function):
        return explains([data.transform(e, function) for e in expected])

    one_number = len(cases) == 1 and data.size(expected[0]) == 1
    zero = not any(leaf for value in values for _, leaf in data.leaves(value))
    if not one_number and zero and everywhere(lambda e: 0 * e):
        return "zero", "Every number you return is zero."
    if everywhere(lambda e: -e):
        return "sign", "Your numbers are right except for the sign: every one of them is negated."
    for i, name in enumerate(names):
        try:
            given = [data.plain(case[i]) for case in cases]
        except data.Misfit:  # a function
            continue
        if explains(given):
            return "argument", f"You return the argument `{name}` as it came."
    if everywhere(lambda e: e.T if type(e) is ndarray else e):
        return "transposed", "Rows and columns are exchanged: your result is transposed."
    swap = _exchanged(expected, explains)
    if swap:
        return "swap", swap
    factor = _factor(expected, values, cases, names, explains, one_number)
    if factor:
        return "factor", factor
    offset = _offset(expected, values, rtol) if not one_number else ""
    if offset:
        return "offset", offset
    if atol > 1e-6 and all(map(data.agree, expected, values, repeat(3 * rtol), repeat(3 * atol))):
        return "rounded", (
            "Your numbers are right but for the last digit that counts: keep a digit more on the "
            "way, and round at the end."
        )
    if all(map(_near, expected, values)):
        return "rounded", (
            "Your numbers are right to five digits or more, but not to all: something rounds on "
            "the way (float32, `round`), or a difference stands where a formula belongs."
        )
    return "", ""


def _near(want, got):
    """Whether floats agree to five digits of the largest among them."""
    numbers = [abs(leaf) for _, leaf in data.leaves(want)]
    if not any(type(leaf) is float for leaf in numbers):
        return False
    return data.agree(want, got, 1e-5, 1e-5 * max(numbers))


def _exchanged(expected, explains):
    n = len(expected[0]) if type(expected[0]) in (tuple, list) else 0
    if not 2 <= n <= 8 or any(len(e) != n for e in expected):
        return ""
    for i, j in combinations(range(n), 2):
        order = list(range(n))
        order[i], order[j] = j, i
        if explains([[e[k] for k in order] for e in expected]):
            return f"Results {i + 1} and {j + 1} are exchanged."
    if explains([e[::-1] for e in expected]):
        return "The results are right, in the opposite order."
    return ""


def _factor(expected, values, cases, names, explains, one_number):
    """A sentence when all is off by one factor, constant or a length of the data."""
    ratios = [_ratio(e, v) for e, v in zip(expected, values, strict=True)]
    known = [r for r in ratios if r is not None]
    if not known:
        return ""
    sizes = {}  # (words) -> sizes case by case
    for i, name in enumerate(names):
        arrays = [case[i] for case in cases]
        if all(type(a) in (ndarray, list, tuple) for a in arrays):
            dims = min(a.ndim if type(a) is ndarray else 1 for a in arrays)
            for axis in range(dims):
                sizes[f"the length of `{name}`" + f" along axis {axis}" * (dims > 1)] = [
                    a.shape[axis] if type(a) is ndarray else len(a) for a in arrays
                ]
    for words, n in sizes.items():
        if len(set(n)) > 1 and 0 not in n:
            if explains([_times(e, k) for e, k in zip(expected, n, strict=True)]):
                return f"Your result is too large by a factor: {words}."
            if explains([_times(e, 1 / k) for e, k in zip(expected, n, strict=True)]):
                return f"Your result is too small by a factor: {words}."
    factor = known[0]
    if (
        not isfinite(factor)
        or abs(factor) < 1e-6
        or abs(factor - 1) < 1e-6
        or (one_number and factor not in (2.0, 0.5))
    ):
        return ""
    if not explains([_times(e, factor) for e in expected]):
        return ""
    simple = Fraction(factor).limit_denominator(100)
    exact = abs(float(simple) - factor) < 1e-9 * abs(factor)
    if not exact and abs(factor - 1) < 0.01:  # rounded or nearly right: no factor was meant
        return ""
    return f"All your numbers are {simple if exact else f'{factor:.6g}'} times the right ones."


def _times(value, factor):
    return data.transform(value, lambda e: e * factor)


def _ratio(want, got):
    """Yours over expected at the largest number, or None where that is no help."""
    try:
        got = data.fit(want, got)
    except data.Misfit:
        return None
    pairs = zip(data.leaves(want), data.leaves(got), strict=True)
    w, g = max(((w, g) for (_, w), (_, g) in pairs), key=lambda pair: abs(pair[0]), default=(0, 0))
    return g / w if w else None


def _offset(expected, values, rtol):
    try:
        (_, w), (_, g) = (next(data.leaves(v), None) for v in (expected[0], values[0]))
        offset = g - w
    except TypeError:  # no number at all, or none that can be subtracted
        return ""
    if not offset or not isfinite(offset):
        return ""
    # a hundredth of the offset: two last digits cut off are no offset, only nearly equal
    moved = [data.transform(e, lambda number: number + offset) for e in expected]
    if not all(map(data.agree, moved, values, repeat(rtol), repeat(abs(offset) / 100))):
        return ""
    side = "above" if offset > 0 else "below"
    return f"All your numbers are {side} the right ones by {abs(offset):.6g}."
