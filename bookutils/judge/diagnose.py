"""Misconceptions that any numeric answer can show, recognised by comparing numbers alone."""

import math
from fractions import Fraction
from itertools import combinations, permutations, repeat

import numpy as np
from numpy import ndarray

from bookutils.judge import data
from bookutils.judge.factors import by_factor, named_number
from bookutils.judge.flat import flat, numeric
from bookutils.judge.otherwise import otherwise
from bookutils.judge.relations import relation

READ_OFF = 0.01  # a tolerance above this is that of numbers read off a picture


def generic_mistake(exercise, expected, values, cases, failing, result=None):
    """(name, explanation) of the first relation that holds on every case, or two empty strings.

    `expected` and `values` are the right and the learner's results, one a case; a relation counts
    when at least two cases are wrong, or the single one of a value exercise. Where the exercise
    hides its numbers, no factor and no offset gives them away. `result` is the number of a single
    result of several.
    """
    rtol, atol = exercise.rtol, exercise.atol
    if failing < min(2, len(cases)):
        return "", ""

    def explains(candidates):  # made one by one: the first that does not fit ends it
        return all(data.agree(c, v, rtol, atol) for c, v in zip(candidates, values, strict=True))

    if not all(map(numeric, expected)):  # words or truth values among the results
        swap = "" if exercise.wants_value else _exchanged(exercise, expected, explains)
        return ("swap", swap) if swap else ("", "")

    def everywhere(function):
        return explains(data.transform(e, function) for e in expected)

    one_number = len(cases) == 1 and data.size(expected[0]) == 1
    if not one_number and everywhere(lambda e: 0 * e):
        leaves = (leaf for value in values for _, leaf in data.leaves(value))
        if all(data.is_number(leaf) and abs(leaf) <= 1e-12 for leaf in leaves):
            return "zero", "Every number you return is zero."
    if everywhere(lambda e: -e):
        return "sign", "Your numbers are right except for the sign: every one of them is negated."
    for i, name in enumerate(exercise.parameters):
        try:
            given = [data.plain(case[i]) for case in cases]
        except data.Misfit:  # a function
            continue
        if explains(given):
            return "argument", f"You return the argument `{name}` as it came."
    if everywhere(lambda e: e.T if type(e) is ndarray else e):
        return "transposed", "Rows and columns are exchanged: your result is transposed."
    if everywhere(_reshaped):
        return "reshaped", (
            "Your numbers are the right ones in another order: they were made with two axes "
            "exchanged, and then `reshape` was asked for the right shape. It moves no number to "
            "another axis: `.T` or `np.swapaxes` does."
        )
    swap = _exchanged(exercise, expected, explains)
    if swap:
        return "swap", swap
    shape = _shape(expected, values, rtol, atol)
    if shape:
        return "shape", shape
    if not exercise.wants_value and atol <= READ_OFF:
        factor = by_factor(exercise, expected, values, cases)
        if factor:
            return "factor", factor
        offset = _offset(expected, values, rtol)
        if offset:
            return "offset", offset
        related = exercise.quantities and relation(exercise, expected, values, cases)
        if related:
            return "relation", f"Your result {related}"
    name, explains_it = otherwise(exercise, expected, values, cases, result)
    if name:
        return name, explains_it
    if 1e-6 < atol <= READ_OFF and all(map(_last_digits, expected, values, repeat(atol))):
        return "rounded", (
            "Your numbers are right but for the last digits that count: keep a digit more on the "
            "way, and round at the end."
        )
    usual = sorted(max((abs(x) for _, x in data.leaves(e)), default=0) for e in expected)
    usual = usual[len(usual) // 2]  # one huge case must not make all others look near
    near = atol <= 1e-6 and all(map(_near, expected, values, repeat(usual)))
    if near and any(map(_digits, expected, values)):
        return "rounded", (
            "Your numbers are right to five digits or more, but not to all: a small number is "
            "added or numbers are clipped, something rounds on the way (float32, `round`), or a "
            "difference stands where a formula belongs."
        )
    alone = result is None and numeric(values[0])
    if alone and len(cases) > 1 and _alike(values) and not _alike(expected):
        return "constant", (
            "Your result is the same for every input: either numbers are written in, or it comes "
            "from what stands outside of the function."
        )
    if _remembered(expected, values, cases, rtol, atol):
        return "remembered", (
            "For two inputs of equal shape you give the same result: either the function keeps a "
            "result by the shape of its arguments, or the numbers in them do not count."
        )
    return "", ""


def _reshaped(right):
    """The right numbers in the order that they have with the last two axes exchanged."""
    if type(right) is not ndarray or right.ndim < 2:
        return right
    return np.swapaxes(right, -1, -2).reshape(right.shape)


def but_for_signs(expected, values, rtol, atol):
    """Whether sizes agree everywhere, and signs in some places, of arrays or of several numbers."""
    if not all(map(numeric, (*expected, *values))):
        return False
    pairs = [(flat(e), flat(v)) for e, v in zip(expected, values, strict=True)]
    if any(v is None or len(e) != len(v) for e, v in pairs):
        return False
    if not all(data.agree(e, np.where(e * v < 0, -v, v), rtol, atol) for e, v in pairs):
        return False
    turned = np.concatenate([(e * v < 0) for e, v in pairs])
    plain = np.concatenate([(e * v > 0) for e, v in pairs])
    return turned.any() and plain.any() and max(len(e) for e, _ in pairs) > 1


def _alike(results):
    return all(data.agree(results[0], one, 0.0, 0.0) for one in results[1:])


def _last_digits(want, got, atol):
    """Whether the numbers are the right ones to one decimal fewer than asked."""
    if not data.agree(want, got, 0.0, 20 * atol):
        return False
    pairs = zip(data.leaves(want), data.leaves(got), strict=True)
    return all(abs(g - w) <= max(3 * atol, 0.01 * abs(w)) for (_, w), (_, g) in pairs)


def _near(want, got, usual):
    """Whether floats agree to five digits, or to six of what is usual in the cases."""
    if not any(type(leaf) is float for _, leaf in data.leaves(want)):
        return False
    own = max(abs(leaf) for _, leaf in data.leaves(want))
    return data.agree(want, got, 1e-5, max(1e-5 * own, 1e-6 * usual))


def _digits(want, got):
    """Whether a number that differs is 0, or differs in its last digits: small ones are near to
    all that is small."""
    wrong = data.differing(want, got, 1e-9, 0.0)
    return any(w == 0 or abs(g - w) <= 1e-5 * abs(w) for _, w, g in wrong)


def _exchanged(exercise, expected, explains):
    n = len(expected[0]) if type(expected[0]) in (tuple, list) else 0
    if not 2 <= n <= 8 or any(len(e) != n for e in expected):
        return ""
    for i, j in combinations(range(n), 2):
        order = list(range(n))
        order[i], order[j] = j, i
        if explains([e[k] for k in order] for e in expected):
            first, second = (data.place((k,), exercise.results) for k in (i, j))
            return f"Results {first} and {second} are exchanged."
    if explains(e[::-1] for e in expected):
        return "The results are right, in the opposite order."
    if n <= 6:
        for order in permutations(range(n)):
            if explains([e[k] for k in order] for e in expected):
                names = ", ".join(data.place((k,), exercise.results) for k in order)
                return f"The results are right, in another order: {names}."
    return ""


def _shape(expected, values, rtol, atol):
    """A sentence on arrays with the right numbers in another shape, or summed too far or too
    little; the shapes differ from the right ones in at least one case."""
    listed = all(type(value) in (list, tuple) for value in values)
    values = [data.as_array(value) for value in values]
    wants = [data.as_array(e) for e in expected]
    if any(a is None or a.dtype.kind == "b" for a in [*values, *wants]):
        return ""
    pairs = list(zip(wants, values, strict=True))
    if all(w.shape == v.shape for w, v in pairs):
        return ""

    def always(function):
        made = [function(w, v) for w, v in pairs]
        return all(a is not None and data.agree(*map(np.asarray, a), rtol, atol) for a in made)

    if always(lambda w, v: (w.ravel(), v.ravel()) if w.size == v.size else None):
        w, v = next((w, v) for w, v in pairs if w.shape != v.shape)
        if listed and not w.ndim:
            return "The number is right, but it comes in a list. Return it without the brackets."
        return (
            f"The numbers are right, but not their shape: {_shown(v)} where {_shown(w)} is asked "
            "for. `keepdims=True`, `[:, None]` or `reshape` puts an axis in, `ravel` takes it out."
        )
    for word in ("sum", "mean"):
        if always(lambda w, v, word=word: _without(w, v, word)):
            return (
                f"You return the {word} of all the numbers that are asked for: without `axis=`, "
                f"`{word}` leaves a single number."
            )
        if always(lambda w, v, word=word: _without(v, w, word)):
            return f"You return the single terms. The task asks for their {word}."
        for axis in range(max(v.ndim for v in values)):
            if always(lambda w, v, axis=axis, word=word: _along(v, w, axis, word)):
                return f"The {word} over axis {axis} is missing in your result."
        for axis in range(max(w.ndim for w in wants)):
            if always(lambda w, v, axis=axis, word=word: _along(w, v, axis, word)):
                return f"You took the {word} over axis {axis}, which the result keeps."
    return ""


def _shown(array):
    return str(array.shape) if array.ndim else "a number"


def _without(long, short, word):
    if not (long.ndim and long.size and short.size == 1):
        return None
    return getattr(long, word)(), short.ravel()[0]


def _along(long, short, axis, word):
    """The sum or mean of `long` over an axis beside `short`, where it has the same size."""
    if axis >= long.ndim or not long.size:
        return None
    made = getattr(long, word)(axis=axis)
    return (made.ravel(), short.ravel()) if made.size == short.size else None


def _offset(expected, values, rtol):
    """A sentence when the same simple number is added to all."""
    try:
        (_, w), (_, g) = (next(data.leaves(v), None) for v in (expected[0], values[0]))
        offset = g - w
    except TypeError:  # no number at all, or none that can be subtracted
        return ""
    simple = Fraction(offset).limit_denominator(12) if math.isfinite(offset) else 0
    near = 1e-9 * (abs(offset) + abs(w))
    named = str(abs(simple)) if simple and abs(float(simple) - offset) <= near else ""
    named = named or named_number(abs(offset))
    if not named or len(named) > 6:
        return ""
    # a hundredth of the offset: two last digits cut off are no offset, only nearly equal
    moved = [data.transform(e, lambda number: number + offset) for e in expected]
    if not all(map(data.agree, moved, values, repeat(rtol), repeat(abs(offset) / 100))):
        return ""
    return f"All your numbers are {'above' if offset > 0 else 'below'} the right ones by {named}."


def _remembered(expected, values, cases, rtol, atol):
    """Whether every result is that of the first case with arguments of equal shape, a right one."""
    first, wrong = {}, 0
    for case, want, got in zip(cases, expected, values, strict=True):
        form = data.form(case)
        if form not in first:
            if not data.agree(want, got, rtol, atol):
                return False
            first[form] = data.plain(got)
        elif not data.agree(first[form], got, 0.0, 0.0):
            return False
        wrong += not data.agree(want, got, rtol, atol)
    return wrong > 1
