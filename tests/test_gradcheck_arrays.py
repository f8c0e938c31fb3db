"""The gradient checker on arrays: planted errors in tensor operations, each one caught."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tried import tried

from bookutils import Tensor, Value
from bookutils.verify.gradcheck import gradcheck


def unbroadcast(G, shape):
    G = G.sum(axis=tuple(range(G.ndim - len(shape))))
    return G.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1 != G.shape[i]), keepdims=True)


def first_copy(G, shape):
    while G.ndim > len(shape):
        G = G[0]
    for i, n in enumerate(shape):
        G = G[(slice(None),) * i + (slice(n),)]
    return G


def scatter(G, index, shape):
    out = np.zeros(shape)
    np.add.at(out, index, G)
    return out


def keep_last(G, index, shape):
    out = np.zeros(shape)
    out[index] += G
    return out


# operation: (forward, the vjp towards each operand), written apart from the engine of the book.
INDEX = np.array([2, 0, 2, 1])
RIGHT = {
    "add": (
        lambda a, b: a + b,
        lambda G, y, a, b: (unbroadcast(G, a.shape), unbroadcast(G, b.shape)),
    ),
    "mul": (
        lambda a, b: a * b,
        lambda G, y, a, b: (unbroadcast(G * b, a.shape), unbroadcast(G * a, b.shape)),
    ),
    "matmul": (lambda a, b: a @ b, lambda G, y, a, b: (G @ b.T, a.T @ G)),
    "sum": (lambda a: a.sum(), lambda G, y, a: (np.broadcast_to(G, a.shape),)),
    "mean": (lambda a: a.mean(), lambda G, y, a: (np.broadcast_to(G / a.size, a.shape),)),
    "rows": (lambda a: a.sum(axis=1), lambda G, y, a: (G[:, None] + np.zeros(a.shape),)),
    "relu": (lambda a: a.clip(0), lambda G, y, a: (G * (a > 0),)),
    "tanh": (np.tanh, lambda G, y, a: (G * (1 - y * y),)),
    "take": (lambda a: a[INDEX], lambda G, y, a: (scatter(G, INDEX, a.shape),)),
    "max": (
        lambda a: a.max(axis=1),
        lambda G, y, a: (G[:, None] * (a == y[:, None]),),
    ),
}
FAULTS = {
    "one copy instead of the sum": (
        "add",
        lambda G, y, a, b: (first_copy(G, a.shape), first_copy(G, b.shape)),
    ),
    "no sum over copies": ("add", lambda G, y, a, b: (G, G)),
    "mean over copies": (
        "add",
        lambda G, y, a, b: (G, unbroadcast(G, b.shape) / (G.size / b.size)),
    ),
    "add drops the upstream": (
        "add",
        lambda G, y, a, b: (np.ones(a.shape), unbroadcast(np.ones(G.shape), b.shape)),
    ),
    "factors exchanged": (
        "mul",
        lambda G, y, a, b: (unbroadcast(G * a, a.shape), unbroadcast(G * b, b.shape)),
    ),
    "second factor not transposed": ("matmul", lambda G, y, a, b: (G @ b, a.T @ G)),
    "first factor not transposed": ("matmul", lambda G, y, a, b: (G @ b.T, a @ G)),
    "product transposed": ("matmul", lambda G, y, a, b: ((G @ b.T).T, a.T @ G)),
    "matmul drops the upstream": (
        "matmul",
        lambda G, y, a, b: (np.ones(G.shape) @ b.T, a.T @ np.ones(G.shape)),
    ),
    "sum passes a mean": ("sum", lambda G, y, a: (np.full(a.shape, G / a.size),)),
    "sum drops the upstream": ("sum", lambda G, y, a: (np.ones(a.shape),)),
    "mean without 1/n": ("mean", lambda G, y, a: (np.full(a.shape, G),)),
    "mean over rows only": ("mean", lambda G, y, a: (np.full(a.shape, G / len(a)),)),
    "spread along the wrong axis": ("rows", lambda G, y, a: (G[None, :] + np.zeros(a.shape),)),
    "mask turned": ("relu", lambda G, y, a: (G * (a <= 0),)),
    "mask left out": ("relu", lambda G, y, a: (G,)),
    "mask of the upstream": ("relu", lambda G, y, a: (G * (G > 0),)),
    "slope at the output, not 1 - y²": ("tanh", lambda G, y, a: (G * (1 - np.tanh(y) ** 2),)),
    "repeats keep the last": ("take", lambda G, y, a: (keep_last(G, INDEX, a.shape),)),
    "every candidate gets the gradient": ("max", lambda G, y, a: (G[:, None] + 0 * a,)),
    "off by a millionth": ("tanh", lambda G, y, a: (G * (1 - y * y) * (1 + 1e-6),)),
}


def engine(fault=None):
    """An engine of arrays as small as can be, with one fault planted."""
    rules = dict(RIGHT)
    if fault is not None:
        op, vjp = FAULTS[fault] if isinstance(fault, str) else fault
        rules[op] = (RIGHT[op][0], vjp)

    class Array:
        def __init__(self, data, parents=(), name=""):
            self.data, self.parents, self.name = np.asarray(data, dtype=float), parents, name
            self.grad = None

        def apply(self, name, *others):
            operands = (self, *others)
            return Array(rules[name][0](*(x.data for x in operands)), operands, name)

        def __add__(self, other):
            return self.apply("add", other)

        def __mul__(self, other):
            return self.apply("mul", other)

        def sum(self):
            return self.apply("sum")

        def backward(self, G=1.0):
            self.grad = np.asarray(G, dtype=float)
            for node in reversed(order(self)):
                if node.parents:
                    values = [x.data for x in node.parents]
                    grads = rules[node.name][1](node.grad, node.data, *values)
                    for parent, g in zip(node.parents, grads, strict=True):
                        parent.grad = g if parent.grad is None else parent.grad + g

    return Array


def order(root):
    done = []

    def visit(node):
        if node not in done:
            for parent in node.parents:
                visit(parent)
            done.append(node)

    visit(root)
    return done


def shapes(op, rng):
    n, m, k = rng.permutation([2, 3, 4])
    if op == "matmul":
        return [(3, 3), (3, 3)]  # where a forgotten transpose fits
    if op in ("add", "mul"):
        return [(n, m, k), (m, 1)]
    return [(3, 3)] if op in ("rows", "take") else [(n, m)]


def program(op):
    return (lambda a, b: a.apply(op, b)) if op in ("add", "mul", "matmul") else (
        lambda a: a.apply(op)
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_every_planted_fault_in_a_tensor_operation_is_caught(fault):
    op = FAULTS[fault][0]
    rng = np.random.default_rng(1)
    for _ in range(5):
        xs = [rng.normal(size=shape) for shape in shapes(op, rng)]
        # equal sizes would let exchanged operands of a product broadcast
        if fault == "factors exchanged":
            xs = [rng.normal(size=(3, 3)) for _ in range(2)]
        report = gradcheck(program(op), xs, rng, engine=engine(fault))
        assert not report.ok, report
        assert "wrong" in {row.verdict for row in report.rows}
        assert gradcheck(program(op), xs, rng, engine=engine())


# --------------------------------------------------------------------------------- what is reported


X = np.array([[0.3, -1.2, 0.8], [2.1, -0.7, 0.4]])
W = np.array([[0.9, -0.4], [0.2, 1.3], [-1.1, 0.6]])


@pytest.mark.parametrize("place", list(np.ndindex(2, 3)))
def test_the_one_wrong_element_is_named(place):
    def spoilt(G, y, a):
        g = G * (1 - y * y)
        g[place] *= 1.00001
        return (g,)

    report = gradcheck(program("tanh"), [X], engine=engine(("tanh", spoilt)))
    (shown,) = report.worst()
    assert shown.verdict == "wrong" and shown.name == f"a[{place[0]}, {place[1]}]"
    assert [row.name for row in report.rows if row.verdict != "right"] == [shown.name]
    assert repr(report).startswith("6 partial derivatives: 5 right, 1 wrong")


@pytest.mark.parametrize(
    ("fault", "shape", "sentence"),
    [
        ("no sum over copies", (3, 4), r"b\[0\]: the gradient has the shape \(2, 3, 4\), b has"),
        ("product transposed", (3, 3), r"a\[.*\]: the gradient is transposed"),
        ("mean without 1/n", (2, 3), r"a\[0, 0\]: the gradient is 6 times the slope in every"),
        ("sum drops the upstream", (2, 3), r"a\[0, 0\]: the upstream gradient is left out"),
    ],
)  # fmt: skip
def test_the_report_says_what_is_wrong_with_the_whole_array(fault, shape, sentence):
    op, rng = FAULTS[fault][0], np.random.default_rng(2)
    xs = [rng.normal(size=shape)]
    if op == "add":
        xs = [rng.normal(size=(2, 3, 4)), rng.normal(size=4)]
    if op == "matmul":
        xs.append(rng.normal(size=(3, 3)))
    report = gradcheck(program(op), xs, engine=engine(fault))
    assert re.search(sentence, repr(report)) and re.search(sentence, report._repr_html_())


def test_a_detached_factor_is_named():
    report = gradcheck(lambda X, W: X @ W.detach(), [X, W])
    assert "W[0, 0]: the gradient is zero in every element" in repr(report)
    assert {row.verdict for row in report.rows if row.name.startswith("X")} == {"right"}


def test_one_row_an_input_the_steepest_where_all_are_right():
    report = gradcheck(lambda X, W, b: ((X @ W + b) ** 2).mean(), [X, W, 0.5])
    G = 2 * (X @ W + 0.5) / 4
    steepest = [np.unravel_index(np.abs(g).argmax(), g.shape) for g in (G @ W.T, X.T @ G)]
    names = [f"{x}[{i}, {j}]" for x, (i, j) in zip("XW", steepest, strict=True)]
    assert [row.name for row in report.worst()] == [*names, "b"]
    lines = repr(report).splitlines()
    assert lines[0] == "13 partial derivatives: 13 right" and len(lines) == 5
    assert lines[1].split()[:4] == ["element", "of", "shape", "x"]
    assert lines[2].startswith(names[0]) and "(2, 3)" in lines[2]
    assert report.max_error < 1e-8


def test_lists_of_arrays_numbers_and_one_bare_array_are_inputs():
    report = gradcheck(lambda Ws, b: [Ws[0] @ Ws[1] * b, Ws[0].sum()], [[X, W], 0.5])
    assert report and len(report.rows) == 13 and len(report.worst()) == 3
    assert {"Ws[0][1, 2]", "Ws[1][2, 1]", "b"} <= {row.name for row in report.rows}
    assert len(gradcheck(lambda x: x * x, X).rows) == len(gradcheck(lambda x: x * x, [X]).rows) == 6
    assert gradcheck(lambda x: (x * x).sum(), Tensor([1.5, -0.5])).rows[1].name == "x[1]"
    assert gradcheck(lambda x: (x * x).sum(), np.array([1.5, -0.5])).rows[1].name == "x[1]"
    with_ints = gradcheck(lambda X: X**2, [np.array([[1, 2], [3, 4]])])
    assert with_ints and {row.gradient for row in with_ints.rows}.isdisjoint({0.0})


def test_numbers_and_lists_of_numbers_still_reach_f_as_values():
    seen = []

    def f(a, b):
        seen.append(type(a[0]).__name__)
        return a[0] * a[1] + b

    assert gradcheck(f, [[0.3, 1.7], 0.5]) and set(seen) == {"Value"}
    # arrays, where the engine's numbers hold one number each
    assert gradcheck(f, [np.array([0.3, 1.7]), 0.5], engine=Value) and set(seen) == {"Value"}


def test_zero_size_arrays_unused_and_constant_outputs():
    report = gradcheck(lambda x, y: x.sum() + y * y, [np.zeros((0, 3)), X])
    assert report and len(report.rows) == 6 and len(report.worst()) == 1
    assert gradcheck(lambda x, y: x * 2, [X, W]).rows[-1].gradient == 0.0
    assert gradcheck(lambda x: Tensor([1.0, 2.0]), [X])
    assert gradcheck(lambda x: [np.ones(2), (x * x).sum()], [X])


def test_the_upstream_may_be_given():
    G = np.array([[1.0, -2.0], [0.5, 3.0]])
    report = gradcheck(lambda X, W: X @ W, [X, W], upstream=G)
    assert report and report.upstream == tuple(G.ravel())
    dW = np.array([row.gradient for row in report.rows[6:]]).reshape(3, 2)
    np.testing.assert_allclose(dW, X.T @ G, rtol=1e-14)
    with pytest.raises(ValueError, match="upstream has 2 weights, f has 4 outputs"):
        gradcheck(lambda X, W: X @ W, [X, W], upstream=[1.0, 2.0])
    # ones hide an operation that drops its upstream gradient
    careless = engine("add drops the upstream")
    assert gradcheck(program("add"), [X, X], engine=careless, upstream=np.ones((2, 3)))
    assert not gradcheck(program("add"), [X, X], engine=careless)


def test_kinks_and_misuse_are_told():
    report = gradcheck(lambda x: x.relu(), [np.array([0.0, 1.5, -1.0])])
    assert report and [row.verdict for row in report.rows] == ["kink", "right", "right"]
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="different values for the same inputs"):
        gradcheck(lambda x: x * rng.normal(size=3), [X])
    with pytest.raises(TypeError, match=r"a\[1\] is a str"):
        gradcheck(lambda a: a[0], [[X, "1"]])


@pytest.mark.slow
@tried(60)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["numpy", "torch"]))
def test_no_false_alarm_on_the_engine_of_the_book(seed, library):
    rng = np.random.default_rng(seed)
    n, m, k = rng.integers(1, 4, size=3)
    arrays = [rng.normal(size=s) for s in ((n, m), (m, k), (k,), (n, 1))]
    if library == "torch":
        arrays = [Tensor(torch.tensor(a)) for a in arrays]

    def f(x, W, b, scale):
        h = (x @ W + b).tanh() * scale
        return [h[::2].softmax(), h.logsumexp(axis=0), (h / (1 + h * h)).mean()]

    report = gradcheck(f, arrays, rng)
    assert {row.verdict for row in report.rows} <= {"right"}, report
