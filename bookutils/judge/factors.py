"""Numbers that are all off by one factor, and the names of simple factors."""

import math
from fractions import Fraction
from numbers import Real

from numpy import ndarray

from bookutils.judge import data

CONSTANTS = {
    "π": math.pi, "2π": 2 * math.pi, "π/2": math.pi / 2, "√2": math.sqrt(2), "1/√2": 0.5**0.5,
    "ln 2": math.log(2), "1/ln 2": 1 / math.log(2), "ln 10": math.log(10),
    "1/ln 10": 1 / math.log(10), "e": math.e, "1/e": 1 / math.e,
}  # fmt: skip


def by_factor(exercise, expected, values, cases):
    """A sentence when all is off by one factor: a small fraction, a constant, a length."""

    def explains(candidates):
        pairs = zip(candidates, values, strict=True)
        return all(data.agree(c, v, exercise.rtol, exercise.atol) for c, v in pairs)

    known = [r for r in map(_ratio, expected, values) if r is not None]
    if not known:
        return ""
    for words, n in _lengths(exercise.parameters, cases).items():
        if len(set(n)) > 1 and 0 not in n:
            if explains(times(e, k) for e, k in zip(expected, n, strict=True)):
                return f"Your result is too large by a factor: {words}."
            if explains(times(e, 1 / k) for e, k in zip(expected, n, strict=True)):
                return f"Your result is too small by a factor: {words}."
    named = named_number(known[0])
    if not named or named == "1" or not explains(times(e, known[0]) for e in expected):
        return ""
    return f"All your numbers are {named} times the right ones."


def _lengths(names, cases):
    """Words for a length or a size of an argument -> that number, case by case."""
    found = {}
    for i, name in enumerate(names):
        arrays = [case[i] for case in cases]
        if not all(type(a) in (ndarray, list, tuple) for a in arrays):
            continue
        dims = min(a.ndim if type(a) is ndarray else 1 for a in arrays)
        for axis in range(dims):
            found[f"the length of `{name}`" + f" along axis {axis}" * (dims > 1)] = [
                a.shape[axis] if type(a) is ndarray else len(a) for a in arrays
            ]
        if dims > 1:
            found[f"the number of entries of `{name}`"] = [a.size for a in arrays]
    return found


def named_number(number):
    """A number as a small fraction or a known constant, or ""."""
    if not math.isfinite(number) or number == 0:
        return ""
    simple = Fraction(number).limit_denominator(12)
    if abs(simple.numerator) <= 100 and abs(float(simple) - number) <= 1e-9 * abs(number):
        return str(simple)
    for name, constant in CONSTANTS.items():
        if abs(abs(number) - constant) <= 1e-9 * constant:
            return "−" * (number < 0) + name
    return ""


def times(value, factor):
    return data.transform(value, lambda e: e * factor)


def _ratio(want, got):
    """Yours over expected at the largest number, or None where that is no help."""
    try:
        got = data.fit(want, got)
    except data.Misfit:
        return None
    leaves = zip(data.leaves(want), data.leaves(got), strict=True)
    pairs = [(w, g) for (_, w), (_, g) in leaves]
    if not all(isinstance(x, Real) for pair in pairs for x in pair):
        return None
    w, g = max(pairs, key=lambda pair: abs(pair[0]), default=(0, 0))
    return g / w if w else None


def simple_ratio(want, got):
    """Yours over `want` at the largest number, where it is simple and not 1, or None."""
    ratio = _ratio(want, got)
    return ratio if ratio is not None and named_number(ratio) not in ("", "1") else None
