"""Each row of the table: its slopes are the derivatives of its first column."""

import ast
import math
import random

import numpy as np
import pytest

from bookutils.engine.graph import cut
from bookutils.engine.rules import RULES, compiled
from bookutils.engine.scalar import FUNCTIONS, Value

PYTHON = {f.__name__: f for f in FUNCTIONS}


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
    f = compiled(name, {g.__name__: getattr(np, g.__name__, g) for g in FUNCTIONS})
    h = np.longdouble(2.0) ** -13
    for _ in range(200):
        point = np.array(operands(name, rng), dtype=np.longdouble)
        for slope, step in zip(f(*point)[1:], h * np.eye(len(point)), strict=True):
            near, far = ((f(*(point + k * step))[0] - f(*(point - k * step))[0]) for k in (1, 2))
            # fourth order: at most 24/0.3⁵ h⁴/30 = 2e-12 from the fifth derivative,
            # and ε/h = 2e-12 from rounding even where longdouble is float64
            assert abs(slope - (8 * near - far) / (12 * h)) <= 1e-11 * (1 + abs(slope)), point


@pytest.mark.parametrize("name", RULES)
def test_rows_are_written_in_few_names(name):
    used = {node.id for text in RULES[name] for node in ast.walk(ast.parse(text, mode="eval"))
            if isinstance(node, ast.Name)}  # fmt: skip
    assert used <= {"a", "b", "y", "cut", "abs"} | PYTHON.keys()
    assert {2: {"a"}, 3: {"a", "b"}}[len(RULES[name])] <= used


@pytest.mark.parametrize("name", RULES)
def test_value_computes_its_row(name):
    methods = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "div": "__truediv__"}
    methods |= {"pow": "__pow__", "neg": "__neg__"}
    rng = random.Random(name)
    for _ in range(50):
        point = operands(name, rng)
        result = getattr(Value, methods.get(name, name))(*map(Value, point))
        assert (result.data, *result.partials) == compiled(name, PYTHON)(*point)


def test_cut_only_where_the_value_does_not_move():
    relu, maximum = compiled("relu", PYTHON), compiled("maximum", PYTHON)
    assert relu(-1.0)[1] is cut and relu(0.0)[1] is cut and relu(1.0)[1] == 1.0
    assert maximum(1.0, 2.0)[1:] == (cut, 1.0) and maximum(2.0, 2.0)[1:] == (0.5, 0.5)
    assert math.isnan(relu(math.nan)[0]) and relu(math.nan)[1] == 1.0
