"""Chapter 01: what its sliders claim, at the positions they show and between."""

import math
from pathlib import Path

import nbformat
import numpy as np
import pytest

from bookutils.checks.registry import find

CHAPTER = Path(__file__).parents[1] / "chapters" / "01_the_chain_rule.ipynb"
WANTED = ("x, slope =", "eps =", "FORMULAS =", "def causes", "def step_size", "def two_paths")


@pytest.fixture(scope="module")
def chapter():
    """The names made by the cells that compute, without those that draw."""
    names = {}
    for cell in nbformat.read(CHAPTER, as_version=4).cells:
        if cell.cell_type == "code" and any(text in cell.source for text in WANTED):
            exec(cell.source, names)
    return names


@pytest.mark.parametrize(
    ("h", "low", "high"), [(1e-16, 0.3, 0.4), (1e-8, 0, 1e-7), (0.1, 4e-2, 5e-2), (1, 0.4, 0.6)]
)
def test_the_one_sided_error_has_a_valley(chapter, h, low, high):
    assert low <= chapter["step_size"](h, "one-sided")["error"] < high


@pytest.mark.parametrize(
    ("formula", "exponent"), [("one-sided", -7.7), ("central", -4.9), ("fourth order", -2.9)]
)
def test_the_valley_lies_where_it_is_predicted(chapter, formula, exponent):
    data = chapter["step_size"](1e-8, formula)
    measured = np.log10(chapter["steps"][data["measured"].argmin()])
    predicted = np.log10(chapter["steps"][data["predicted"].sum(axis=1).argmin()])
    assert abs(measured - exponent) <= 1.1 and abs(predicted - exponent) <= 0.26


@pytest.mark.parametrize("formula", ["one-sided", "central", "fourth order"])
def test_the_two_causes_account_for_the_error(chapter, formula):
    data = chapter["step_size"](1e-3, formula)
    steps, (truncation, rounding) = chapter["steps"], data["predicted"].T
    # twice the rounding: x + h is rounded too, by at most half an ULP of x, times the slope
    assert (data["measured"] <= 1.1 * truncation + 2 * rounding)[steps < 0.2].all()
    right_wall = (truncation > 100 * rounding) & (steps < 0.2)
    assert right_wall.sum() >= 6
    assert np.allclose(data["measured"][right_wall], truncation[right_wall], rtol=0.1)


@pytest.mark.parametrize(("c", "total"), [(0, math.exp(0.5)), (1, 0), (2, -math.exp(-0.5))])
def test_two_paths_add_up(chapter, c, total):
    assert abs(chapter["two_paths"](c)["paths"].sum() - total) < 1e-12


@pytest.mark.parametrize("c", [0, 0.35, 1, 1.6, 2])
def test_the_sum_of_the_paths_is_the_slope_of_the_curve(chapter, c):
    data, h = chapter["two_paths"](c), 1e-5
    slope = (math.exp((1 - c) * (0.5 + h)) - math.exp((1 - c) * (0.5 - h))) / (2 * h)
    assert abs(data["paths"].sum() - slope) < 1e-9
    assert np.interp(0.5, data["t"], data["curve"]) == pytest.approx(data["y"])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_the_right_one_of_the_four_gradients_is_the_gradient_and_the_others_are_not():
    """Section 1.9: two errors, one at a time, on random networks."""
    (cell,) = (
        cell.source
        for cell in nbformat.read(CHAPTER, as_version=4).cells
        if cell.source.startswith("def right_and_wrong")
    )
    names = {"np": np, "sigmoid": sigmoid, "sigmoid_slope": lambda z: sigmoid(z) * sigmoid(-z)}
    exec(cell, names)
    for seed in range(20):
        right, wrong = names["right_and_wrong"](np.random.default_rng(seed))
        rng = np.random.default_rng(seed)
        x, W1, W2 = rng.normal(size=3), rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
        nudges = 1e-5 * np.eye(12).reshape(12, 3, 4)

        def loss(W1, x=x, W2=W2):
            return (sigmoid(sigmoid(x @ W1) @ W2)[0] - 0.9) ** 2 / 2

        measured = np.array([(loss(W1 + e) - loss(W1 - e)) / 2e-5 for e in nudges]).reshape(3, 4)
        # central difference of a loss below 1: rounding leaves about 1e-11
        np.testing.assert_allclose(right, measured, rtol=1e-6, atol=1e-9)
        assert (np.sign(wrong["slope at h"]) == np.sign(right)).all()
        assert all(not np.allclose(gradient, right, rtol=1e-2) for gradient in wrong.values())


def test_the_wrong_order_of_two_jacobians_shows_in_every_number_printed():
    """Section 1.6: with equal sizes no shape tells, so no number may agree by accident."""
    (cell,) = (
        cell.source
        for cell in nbformat.read(CHAPTER, as_version=4).cells
        if cell.source.startswith("def mix")
    )
    names = {"np": np, "p": np.array([0.8, -1.3]), "h": 1e-5}
    exec(cell, names)
    right = names["J_mix"] @ names["J_bend"]
    wrong = names["J_bend"] @ names["J_mix"]
    # central difference of numbers of the size of 1: rounding leaves about 1e-11
    np.testing.assert_allclose(names["column"], right[:, 0], rtol=1e-9)
    assert (abs(wrong - right)[:, 0] > 0.1).all()


@pytest.mark.parametrize(
    ("id", "answer", "face", "words"),
    [  # arguments that are functions, and answers that no known mistake explains
        ("01.2", lambda f, x, h: f(x + h) + x, "wrong", "expected"),
        ("01.2", lambda f, x, h: None, "broken", "Is a `return` missing?"),
        ("01.8", lambda f, x, h: f(x), "wrong", "shape"),
        ("01.1", np.array([3.25, 1.5, 5.375, 2.25]), "right", ""),
        ("01.3", (-5.7, -3.4), "right", ""),
        ("01.3", (-4.5, -4.5), "wrong", ""),
    ],
)
def test_answers_nobody_foresaw_get_a_verdict(id, answer, face, words):
    verdict = find(id).judge(answer)
    assert verdict.face == face and words in repr(verdict)


def one_line_each(x, t, w1, b1, w2, b2, w3, b3):
    """Three linear layers, differentiated by hand in one expression each."""
    h = w2 * (w1 * x + b1) + b2
    e = w3 * h + b3 - t
    return [e * w3 * w2 * x, e * w3 * w2, e * w3 * (w1 * x + b1), e * w3, e * h, e]


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("01.2", lambda f, x, h: ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2),
        ("01.4", lambda grad, u: sum(a * b for a, b in zip(grad, u, strict=True)) / math.hypot(*u)),
        ("01.5", one_line_each),
        (
            "01.6",
            lambda x, t, W, b: [
                [xi * d for d in (np.tanh(x @ W + b) - t) / np.cosh(x @ W + b) ** 2] for xi in x
            ],
        ),
        (
            "01.8",
            lambda f, x, h: (
                np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))]).T
            ),
        ),
    ],
)
def test_right_answers_written_differently_pass(id, answer):
    assert find(id).judge(answer).right
