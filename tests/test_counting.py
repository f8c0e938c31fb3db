"""Multiplications are counted however they are written, or refused with a true sentence."""

import itertools
import math
import operator

import numpy as np
import pytest

from bookutils.checks.registry import find
from bookutils.judge.count import counting


def looped(multiply, start=1.0):
    def deltas(slopes):
        d = [start] * len(slopes)
        for k in range(len(slopes) - 2, -1, -1):
            d[k] = multiply(slopes[k + 1], d[k + 1])
        return d

    return deltas


FRUGAL = {
    "operator": looped(lambda s, d: s * d),
    "np.multiply": looped(np.multiply),
    "np.dot": looped(np.dot),
    "np.prod": looped(lambda s, d: np.prod([s, d])),
    "item": looped(lambda s, d: s.item() * d),
    "NumPy number first": looped(lambda s, d: d * s, np.float64(1.0)),
    "math.prod": looped(lambda s, d: math.prod([d], start=s)),
    "accumulate": lambda s: [*itertools.accumulate(s[:0:-1], operator.mul)][::-1] + [1.0],
    "cumprod": lambda s: np.append(np.cumprod(s[:0:-1])[::-1], 1.0),
    "ufunc": lambda s: np.multiply.accumulate(np.append(s[1:], 1.0)[::-1])[::-1],
    "into an array": lambda s: into(np.ones(len(s)), s),
}


def into(d, slopes):
    for k in range(len(slopes) - 2, -1, -1):
        d[k] = slopes[k + 1] * d[k + 1]
    return d


@pytest.mark.parametrize("name", FRUGAL)
def test_frugal_products_are_right(name):
    verdict = find("02.6").judge(FRUGAL[name])
    assert verdict.right, verdict


@pytest.mark.parametrize(
    "wasteful",
    [
        lambda s: [np.prod(s[k + 1 :]) for k in range(len(s))],
        lambda s: [math.prod(s[k + 1 :]) for k in range(len(s))],
        lambda s: [np.multiply.reduce(s[k + 1 :]) for k in range(len(s))],
    ],
)
def test_wasteful_products_are_told(wasteful):
    assert "too many multiplications" in find("02.6").judge(wasteful).says


@pytest.mark.parametrize(
    "multiply", [lambda s, d: float(s) * d, lambda s, d: np.asarray(s, dtype=float) * d]
)
def test_plain_numbers_cannot_be_counted_and_the_sentence_is_true(multiply):
    verdict = find("02.6").judge(looped(multiply))
    assert "cannot be counted: `float(…)`, `astype`, another library" in verdict.says


def test_known_mistakes_are_named_however_their_products_are_made():
    def before(slopes):  # with the loop that the text shows, from the wrong end
        product, d = 1.0, []
        for slope in slopes:
            d.append(product)
            product = product * slope
        return d

    assert find("02.6").judge(before).misconception == "prefix"


def test_a_counting_number_answers_as_a_float_does():
    counted, total = counting()
    (a, b) = counted((1.5, -2.5))
    assert a > b and a == 1.5 and bool(a) and int(b) == -2 and f"{a:.1f}" == "1.5"
    assert float(a + b) == -1 and float(2 - a) == 0.5 and float(-b) == float(abs(b)) == 2.5
    assert float(np.exp(np.float64(0) + 0 * a)) == 1.0 and math.isclose(a / b, -0.6)
    assert total() == 1
