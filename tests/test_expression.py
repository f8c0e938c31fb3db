"""A reader's text: what is meant is computed, anything else gets one sentence."""

import math

import pytest

from bookutils.engine.scalar import gradients
from bookutils.page.expression import evaluate


def test_the_chapter_expression():
    y, names = evaluate("a = 1.5; b = -2; c = 7; (a*b + c) * (c - a)")
    assert list(names) == ["a", "b", "c", "y"] and names["y"] is y and y.data == 22
    grads = gradients(y)
    assert [grads[names[k]] for k in "abc"] == [-15, 8.25, 9.5]


def test_named_parts_and_lines():
    y, names = evaluate("a = 1.5\nb = −2\ne = a × b\nL = e ** 2 - a / 4")
    assert names["e"].data == -3 and names["L"] is y
    assert y.data == 9 - 0.375


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tanh(x)", math.tanh(0.7)), ("exp(x) + log(x)", math.exp(0.7) + math.log(0.7)),
        ("maximum(x, 2)", 2), ("minimum(2, x)", 0.7), ("abs(-x)", 0.7), ("relu(x)", 0.7),
        ("sigmoid(x)", 1 / (1 + math.exp(-0.7))), ("2 ** x", 2**0.7), ("x ** -x", 0.7**-0.7),
        ("x * exp(2)", 0.7 * math.exp(2)), ("sqrt(x) * sin(x) / cos(x)",
        math.sqrt(0.7) * math.tan(0.7)), ("+x + softplus(x)", 0.7 + math.log1p(math.exp(0.7))),
        ("x * maximum(2, 3)", 2.1), ("leaky_relu(-x)", -0.007),
    ],
)  # fmt: skip
def test_functions(text, value):
    assert evaluate(f"x = 0.7; {text}")[0].data == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "nothing to compute"),
        ("a = 1.5; y = a *", "no complete expression"),
        ("a = 1.5", "computes nothing"),
        ("y = a * 2", "a has no value yet"),
        ("a = 1.5; a = a * 2", "a is given twice"),
        ("a = 1.5; a * 2; a * 3", "only the last"),
        ("a, b = 1.5, 2.5; a * b", "only the last"),
        ("import os; os.remove('x')", "only the last"),
        ("a = 1.5; __import__('os')", "`'os'` is more than"),
        ("a = 1.5; erf(a)", "no function erf"),
        ("a = 1.5; tanh(a, a)", "takes 1 operand, not 2"),
        ("a = 1.5; a.__class__", "more than this field reads"),
        ("a = 1.5; (lambda: a)()", "more than this field reads"),
        ("a = 1.5; a if a else a", "more than this field reads"),
        ("a = 1.5; a // 2", "more than this field reads"),
        ("a = True; a * 2", "more than this field reads"),
        ("a = 1.5; a * 1j", "more than this field reads"),
        ("a = 1.5; a * (1 / 0)", "division by zero"),
        ("a = 1.5; a * 9**9**9", "cannot be computed"),
        ("a = 1.5; a * (0 - 2) ** 0.5", "no real number"),
        ("a = 1.5; a * 1" + "0" * 400, "cannot be computed"),
        ("a = 1.5; " + "(" * 300 + "a" + ")" * 300, "no complete expression"),
        ("a = 1.5; y = a" + " + a" * 500, "at most 1000 characters"),
    ],
)
def test_anything_else_gets_a_sentence(text, sentence):
    with pytest.raises(ValueError, match=".") as caught:
        evaluate(text)
    assert sentence in str(caught.value) and "\n" not in str(caught.value)
