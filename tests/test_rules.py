"""Each row of the table: its slopes are the derivatives of its first column."""

import ast
import math
import random

import numpy as np
import pytest

from bookutils.engine.rules import RULES, compiled, stop, where
from bookutils.engine.scalar import FUNCTIONS, Value

ARRAYS = FUNCTIONS | {n: getattr(np, n) for n in FUNCTIONS if hasattr(np, n) and n != "where"}


def operands(name, rng):
    """A point off the kinks and at least 0.3 from where a slope is infinite."""
    while True:
        point = [rng.uniform(-2.5, 2.5) for _ in RULES[name][1:]]
        if name in ("log", "sqrt", "pow") and point[0] < 0.3:
            continue
        apart = len(point) == 1 or abs(point[0] - point[1]) > 0.01
        if abs(point[0]) > 0.01 and abs(point[-1]) > 0.3 and apart:
            return point


@pytest.mark.parametrize("name", RULES)
def test_slopes_are_derivatives(name):
    rng = random.Random(name)
    f = compiled(name, ARRAYS)
    h = np.longdouble(2.0) ** -13
    for _ in range(200):
        point = np.array(operands(name, rng), dtype=np.longdouble)
        for slope, step in zip(f(*point)[1], h * np.eye(len(point)), strict=True):
            near, far = ((f(*(point + k * step))[0] - f(*(point - k * step))[0]) for k in (1, 2))
            # fourth order: at most 24/0.3⁵ h⁴/30 = 2e-12 from the fifth derivative,
            # and ε/h = 2e-12 from rounding even where longdouble is float64
            assert abs(slope - (8 * near - far) / (12 * h)) <= 1e-11 * (1 + abs(slope)), point


@pytest.mark.parametrize("name", RULES)
def test_rows_are_written_in_few_names(name):
    used = {node.id for text in RULES[name] for node in ast.walk(ast.parse(text, mode="eval"))
            if isinstance(node, ast.Name)}  # fmt: skip
    assert used <= {"a", "b", "y", "abs"} | FUNCTIONS.keys()
    assert {2: {"a"}, 3: {"a", "b"}}[len(RULES[name])] <= used


@pytest.mark.parametrize("name", RULES)
def test_value_computes_its_row(name):
    methods = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "div": "__truediv__"}
    methods |= {"pow": "__pow__", "neg": "__neg__"}
    rng = random.Random(name)
    for _ in range(50):
        point = operands(name, rng)
        result = getattr(Value, methods.get(name, name))(*map(Value, point))
        assert (result.data, result.slopes) == compiled(name, FUNCTIONS)(*point)


def test_stop_only_where_the_value_does_not_move():
    relu, maximum = compiled("relu", FUNCTIONS), compiled("maximum", FUNCTIONS)
    assert relu(-1.0)[1][0] is relu(0.0)[1][0] is stop and relu(1.0)[1] == (1.0,)
    assert maximum(1.0, 2.0)[1] == (0.0, 1.0) and maximum(1.0, 2.0)[1][0] is stop
    assert maximum(2.0, 2.0)[1] == (0.5, 0.5)
    assert math.isnan(relu(math.nan)[0]) and relu(math.nan)[1] == (1.0,)
    assert stop * math.inf == stop * math.nan == 0.0


@pytest.mark.parametrize("name", RULES)
def test_slopes_nobody_needs_are_not_computed(name):
    point = operands(name, random.Random(name))
    y, slopes = compiled(name, FUNCTIONS)(*point)
    assert compiled(name, FUNCTIONS, "a")(*point) == (y, slopes[:1])
    assert compiled(name, FUNCTIONS, "b")(*point) == (y, slopes[1:])
    assert compiled("pow", FUNCTIONS, "a")(-3.0, 2.0) == (9.0, (-6.0,))  # log(-3) is not asked for


def test_an_edge_may_be_a_function():
    row = compiled("mul", FUNCTIONS, edge=lambda slope: f"lambda G: ({slope}) * G")
    y, (to_a, to_b) = row(0.5, -3.0)
    assert (y, to_a(2.0), to_b(2.0)) == (-1.5, -6.0, 1.0)
    assert to_a.__code__.co_freevars == ("b",)  # it keeps what it reads, and no more


def test_choices_are_written_alike_for_numbers_and_arrays():
    """In y as in NumPy; a slope is one choice, or none in it: arrays multiply in the branches."""
    assert where(True, 1.0, 2.0) == 1.0 and where(False, 1.0, 2.0) == 2.0
    for name, (y, *slopes) in RULES.items():
        for text in (y, *slopes):
            tree = ast.parse(text, mode="eval").body
            kinds = {type(node) for node in ast.walk(tree)}
            assert not kinds & {ast.IfExp, ast.BoolOp, ast.Not}, name
            chained = [n for n in ast.walk(tree) if isinstance(n, ast.Compare) and len(n.ops) > 1]
            assert not chained, name
        for text in slopes:
            tops = [ast.parse(text, mode="eval").body]
            count = 0
            while tops:
                top = tops.pop()
                if isinstance(top, ast.Call) and top.func.id == "where":
                    count += 1
                    tops += top.args[1:]
            assert count == text.count("where("), name
            assert text.count("stop") == text.count(", stop, "), name  # it is the second operand
