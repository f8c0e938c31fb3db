"""Traced derivatives beside the engine's, finite differences and PyTorch's; second ones too."""

import math
import random

import pytest
import torch
from trace_programs import (
    WITH_SLOPES,
    by_the_engine,
    of_any_engine,
    points,
    random_program,
    rows_as_a_program,
)

from bookutils import Value, maximum
from bookutils.engine.rules import RULES
from bookutils.engine.scalar import gradients as engine_gradients
from bookutils.trace import ROWS, trace, where
from bookutils.trace.rows import letters
from bookutils.trace.symbols import apply

PROGRAM, NAMES = rows_as_a_program()


def same(x, y):
    return x == y or (math.isnan(x) and math.isnan(y))


@pytest.mark.parametrize("name", RULES)
def test_each_row_and_its_slopes_are_the_engines_at_every_edge(name):
    places = [k for k, (row, _) in enumerate(NAMES) if row == name]
    single = len(letters(name)) == 1
    for a, b in [(a, 0.0) for (a,) in points(1)] if single else points(2):
        found = PROGRAM(a, b)
        for k, expected in zip(places, by_the_engine(name, a, b), strict=True):
            assert same(found[k], expected), (NAMES[k], a, b)


def torch_of(name, a, b):
    if name in ("erf", "log1p", "tanh", "exp", "log", "sqrt", "sin", "cos", "sigmoid", "abs"):
        return getattr(torch, name)(a)
    if name == "relu":
        return torch.relu(a)
    if name == "leaky_relu":
        return torch.where(a > 0, a, a * b)
    if name in ("div", "pow"):
        return a / b if name == "div" else a**b
    return of_any_engine(name, a, *[b] * (len(letters(name)) - 1))


@pytest.mark.parametrize("name", WITH_SLOPES)
def test_first_and_second_derivatives_of_each_row_are_pytorchs(name):
    rng = random.Random(name)
    inputs = letters(name)
    program = trace(lambda *xs: apply(name, *xs), *inputs)
    seconds = {u: [program.grad(u).grad(v) for v in inputs] for u in inputs}
    for _ in range(5):
        point = [rng.uniform(0.2, 2.5), rng.uniform(0.2, 2.5)][: len(inputs)]
        if name not in ("log", "sqrt", "pow", "log1p"):
            point = [x * rng.choice([-1, 1]) for x in point]
        leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
        y = torch_of(name, leaves[0], leaves[-1])
        firsts = torch.autograd.grad(y, leaves, create_graph=True)
        assert program.value_and_grad()(*point) == pytest.approx(
            [y.item(), *[g.item() for g in firsts]], rel=1e-13, abs=1e-15
        )
        for u, first in zip(inputs, firsts, strict=True):
            found = [second(*point) for second in seconds[u]]
            if not first.requires_grad:
                assert found == [0.0] * len(inputs)
                continue
            there = torch.autograd.grad(first, leaves, retain_graph=True, allow_unused=True)
            assert found == pytest.approx(
                [0.0 if g is None else g.item() for g in there], rel=1e-12, abs=1e-14
            )


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_are_the_engines_and_pytorchs(seed):
    rng = random.Random(seed)
    f = random_program(rng)
    point = [rng.uniform(-2, 2) for _ in range(3)]
    values = [Value(x) for x in point]
    root = f(*values)
    grads = engine_gradients(root)
    y, *slopes = trace(f, "a", "b", "c").value_and_grad()(*point)
    assert y == root.data  # the same operations in the same order: the same bits
    size = max(map(abs, grads.values()))  # sums are added in another order, and may cancel
    for v, slope in zip(values, slopes, strict=True):
        assert slope == pytest.approx(grads.get(v, 0.0), rel=1e-14, abs=1e-14 * size)
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    there = torch.autograd.grad(f(*leaves), leaves, allow_unused=True)
    for g, slope in zip(there, slopes, strict=True):
        assert slope == pytest.approx(0.0 if g is None else g.item(), rel=1e-12, abs=1e-12 * size)


@pytest.mark.parametrize("seed", range(20))
def test_second_derivatives_of_random_programs_are_pytorchs(seed):
    rng = random.Random(1000 + seed)
    f = random_program(rng, inputs=2, steps=7, unary=["tanh", "sigmoid", "sin", "softplus", "gelu"])
    point = [rng.uniform(-1.5, 1.5) for _ in range(2)]
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    program, there = trace(f, "a", "b"), f(*leaves)
    for k, name in enumerate("ab"):
        (first,) = torch.autograd.grad(there, leaves[k], create_graph=True, materialize_grads=True)
        second = [0.0, 0.0]
        if first.requires_grad:
            second = [
                g.item()
                for g in torch.autograd.grad(
                    first, leaves, retain_graph=True, materialize_grads=True, allow_unused=True
                )
            ]
        found = [program.grad(name).grad(other)(*point) for other in "ab"]
        assert found == pytest.approx(second, rel=1e-9, abs=1e-10)


def test_mixed_second_derivatives_agree_with_finite_differences():
    program = trace(lambda x, y: x**3 * y + (x * y).sin())
    x, y, h = 1.3, -2.0, 1e-4
    mixed, double = program.grad("x").grad("y"), program.grad("x").grad("x")
    slope = program.grad("x")
    # central difference of the first derivative: h² f'''' / 6 is about 1e-7 here
    assert mixed(x, y) == pytest.approx((slope(x, y + h) - slope(x, y - h)) / (2 * h), abs=1e-6)
    assert double(x, y) == pytest.approx((slope(x + h, y) - slope(x - h, y)) / (2 * h), abs=1e-6)
    assert mixed(x, y) == pytest.approx(program.grad("y").grad("x")(x, y), rel=1e-14)
    assert mixed(x, y) == pytest.approx(3 * x * x + math.cos(x * y) - x * y * math.sin(x * y))


def test_what_is_read_twice_gets_both_gradients():
    program = trace(lambda x: x * x + x * x * x)
    assert program.grad("x")(3.0) == 6 + 27
    assert trace(lambda x: maximum(x, x)).grad("x")(2.0) == 1.0  # a half, twice


def test_an_input_that_is_not_needed_has_gradient_zero():
    program = trace(lambda a, b, c: a * 2 + (b > 0) * 0)
    assert program.grad()(1, 2, 3) == (2.0, 0.0, 0.0) and program.grad("c")(1, 2, 3) == 0.0
    assert trace(lambda a: 7).grad("a")(5) == 0.0
    assert trace(lambda a: a).value_and_grad()(5) == (5.0, 1.0)


def test_a_branch_that_is_not_taken_passes_zero_even_to_an_infinite_slope():
    program = trace(lambda x: (x.relu()).sqrt() * 2)
    assert program.grad("x")(-1.0) == 0.0 and program.grad("x")(0.0) == 0.0
    v = Value(-1.0)
    (v.relu().sqrt() * 2).backward()
    assert v.grad == 0.0
    chosen = trace(lambda x: where(x > 0, x.log(), 0.0))
    assert math.isnan(trace(lambda x: where(x > 0, 1.0, 0.0) * x.log()).grad("x")(0.0))
    assert chosen.grad("x")(2.0) == 0.5


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda p: p.grad("q"), r"'q' is no input of f\(a, b\)"),
        (lambda p: p.grad("a", "b").grad("a"), "f returns 2 numbers in a tuple"),
        (lambda p: p.value_and_grad("a").grad("a"), "f returns 2 numbers in a tuple"),
    ],
)
def test_what_has_no_gradient_is_said(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(trace(lambda a, b: a * b))


def test_a_new_row_is_differentiated_and_printed(monkeypatch):
    monkeypatch.setitem(
        ROWS,
        "logaddexp",
        (
            "where(a > b, a, b) + log1p(exp(-abs(a - b)))",
            "exp(a - y)",
            "exp(b - y)",
        ),
    )
    program = trace(lambda a, b: apply("logaddexp", a, b) * 2).value_and_grad()
    for a, b in [(1.0, 2.0), (700.0, 800.0), (-3.0, -3.0)]:
        leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b)]
        y = 2 * torch.logaddexp(*leaves)
        there = [y.item(), *[g.item() for g in torch.autograd.grad(y, leaves)]]
        assert program(a, b) == pytest.approx(there, rel=1e-14)
        assert program.compile()(a, b) == program(a, b)
        assert list(program.compile("numpy")(a, b)) == pytest.approx(there, rel=1e-14)
