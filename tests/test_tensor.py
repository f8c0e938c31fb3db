"""`Tensor`: gradients against PyTorch and central differences, on NumPy and on PyTorch storage."""

import copy
import gc
import itertools
import math
import operator
import pickle
import re
import tracemalloc
import warnings
import weakref

import engine_contract
import numpy as np
import pytest
import torch
from engine_contract import softplus
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tried import tried

import bookutils
from bookutils import Value
from bookutils.engine import tensor
from bookutils.engine.arrays import choose, dtype_name
from bookutils.engine.tensor import (
    Tensor,
    concatenate,
    cross_entropy,
    gradients,
    linear,
    matmul,
    maximum,
    minimum,
    no_grad,
    stack,
    where,
)

F = torch.nn.functional
STORES = {"numpy": np.asarray, "torch": torch.as_tensor}
if torch.cuda.is_available():
    STORES["cuda"] = lambda a: torch.as_tensor(a, device="cuda")
each_store = pytest.mark.parametrize("store", STORES.values(), ids=STORES)
few = tried(25, derandomize=True, suppress_health_check=list(HealthCheck))


def leaf(a, store=np.asarray):
    return Tensor(store(np.asarray(a, dtype=float)), requires_grad=True)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# --- the contract of all engines -----------------------------------------------------------------


@pytest.mark.parametrize("case", engine_contract.cases())
def test_contract(case):
    case(lambda x: Tensor(float(x), requires_grad=True))


# --- every operation against PyTorch -------------------------------------------------------------


def amax(x, **axes):
    return x.amax(**{"dim": tuple(range(x.ndim)), **axes})


# name: ours, PyTorch's, lowest and highest operand
ONE = {
    "neg": (operator.neg, operator.neg, -3, 3),
    "abs": (abs, abs, -3, 3),
    "exp": (Tensor.exp, torch.exp, -3, 3),
    "log": (Tensor.log, torch.log, 0.1, 3),
    "sqrt": (Tensor.sqrt, torch.sqrt, 0.1, 3),
    "sin": (Tensor.sin, torch.sin, -3, 3),
    "cos": (Tensor.cos, torch.cos, -3, 3),
    "tanh": (Tensor.tanh, torch.tanh, -3, 3),
    "sigmoid": (Tensor.sigmoid, torch.sigmoid, -3, 3),
    "softplus": (Tensor.softplus, softplus, -3, 3),
    "relu": (Tensor.relu, torch.relu, -3, 3),
    "leaky_relu": (Tensor.leaky_relu, F.leaky_relu, -3, 3),
    "steeper_leaky_relu": (lambda x: x.leaky_relu(0.3), lambda x: F.leaky_relu(x, 0.3), -3, 3),
    "gelu": (Tensor.gelu, F.gelu, -3, 3),
    "gelu_tanh": (
        lambda x: x.gelu(approximate="tanh"),
        lambda x: F.gelu(x, approximate="tanh"),
        -2,  # further left 1 + tanh cancels digits: rounding is 4e-14 of the result at -3
        3,
    ),
    "clip": (lambda x: x.clip(-1, 0.5), lambda x: x.clip(-1, 0.5), -3, 3),
    "clip_below": (lambda x: x.clip(lo=-1), lambda x: x.clip(min=-1), -3, 3),
    "clip_above": (lambda x: x.clip(hi=0.5), lambda x: x.clip(max=0.5), -3, 3),
    "square": (lambda x: x**2, lambda x: x**2, -3, 3),
    "power": (lambda x: x**-1.7, lambda x: x**-1.7, 0.2, 3),
    "number_power": (lambda x: 1.7**x, lambda x: 1.7**x, -3, 3),
    "zeroth_power": (lambda x: x**0 + x, lambda x: x**0 + x, -3, 3),
    "numbers": (lambda x: (1 - x / 3 + 2 * x) - 0.5, lambda x: (1 - x / 3 + 2 * x) - 0.5, -3, 3),
    "number_div": (lambda x: 1.7 / x, lambda x: 1.7 / x, 0.2, 3),
    "maximum_number": (lambda x: x.maximum(0.5), lambda x: x.clip(min=0.5), -3, 3),
    "minimum_number": (lambda x: minimum(0.5, x), lambda x: x.clip(max=0.5), -3, 3),
    "where_number": (
        lambda x: where(x > 0, x, 1.5),
        lambda x: torch.where(x > 0, x, torch.tensor(1.5, dtype=x.dtype, device=x.device)),
        -3,
        3,
    ),
    "detach": (lambda x: x * x.detach(), lambda x: x * x.detach(), -3, 3),
    "astype": (lambda x: x.astype("float64"), lambda x: x.double(), -3, 3),
    "twice": (lambda x: x * x + x, lambda x: x * x + x, -3, 3),
}
TWO = {
    "add": (operator.add, operator.add, -3, 3),
    "sub": (operator.sub, operator.sub, -3, 3),
    "mul": (operator.mul, operator.mul, -3, 3),
    "div": (operator.truediv, operator.truediv, 0.2, 3),
    "pow": (operator.pow, operator.pow, 0.2, 3),
    "maximum": (maximum, torch.maximum, -3, 3),
    "minimum": (minimum, torch.minimum, -3, 3),
    "where": (
        lambda a, b: where(a < b, a, b * 2),
        lambda a, b: torch.where(a < b, a, b * 2),
        -3,
        3,
    ),
    "leaky_relu": (
        lambda a, b: a.leaky_relu(b),
        lambda a, b: torch.where(a > 0, a, a * b),
        -3,
        3,
    ),
}
AXES = {  # with an axis, axes or none, kept or not
    "sum": (Tensor.sum, torch.sum),
    "mean": (Tensor.mean, torch.mean),
    "max": (Tensor.max, torch.amax),
    "min": (Tensor.min, torch.amin),
    "logsumexp": (Tensor.logsumexp, torch.logsumexp),
    "var": (Tensor.var, torch.var),
    "var_0": (
        lambda x, axis, keepdims: x.var(axis, keepdims, correction=0),
        lambda x, dim, keepdim: x.var(dim, keepdim=keepdim, correction=0),
    ),
}
SHAPES = {  # at x of (2, 3, 4)
    "reshape": (lambda x: x.reshape(4, 6), lambda x: x.reshape(4, 6)),
    "reshape_tuple": (lambda x: x.reshape((-1, 2)), lambda x: x.reshape((-1, 2))),
    "T": (lambda x: x.T, lambda x: x.permute(2, 1, 0)),
    "transpose": (lambda x: x.transpose(2, 0, 1), lambda x: x.permute(2, 0, 1)),
    "permute": (lambda x: x.permute(1, -1, 0), lambda x: x.permute(1, -1, 0)),
    "broadcast_to": (lambda x: x.broadcast_to(5, 2, 3, 4), lambda x: x.expand(5, 2, 3, 4)),
    "broadcast_ones": (
        lambda x: x[:, :1].broadcast_to((2, 3, 4)),
        lambda x: x[:, :1].expand(2, 3, 4),
    ),
    "squeeze": (lambda x: x[:1, :, :1].squeeze(), lambda x: x[:1, :, :1].squeeze()),
    "squeeze_one": (lambda x: x[:1, :, :1].squeeze(-1), lambda x: x[:1, :, :1].squeeze(-1)),
    "int": (lambda x: x[-1], lambda x: x[-1]),
    "slices": (lambda x: x[:, 1:, ::2] + x[:, :2, 1::2], lambda x: x[:, 1:, ::2] + x[:, :2, 1::2]),
    "ellipsis": (lambda x: x[..., None, 1], lambda x: x[..., None, 1]),
    "repeats": (lambda x: x[[1, 0, 1, 1]], lambda x: x[[1, 0, 1, 1]]),
    "negative": (lambda x: x[:, [-1, 2, 2]], lambda x: x[:, [-1, 2, 2]]),
    "pairs": (lambda x: x[[0, 1, 0], :, [3, 3, 3]], lambda x: x[[0, 1, 0], :, [3, 3, 3]]),
    "grid": (lambda x: x[[[0], [1]], [[2, 2, 0]]], lambda x: x[[[0], [1]], [[2, 2, 0]]]),
    "mask": (lambda x: x[x > 0], lambda x: x[x > 0]),
    "row_mask": (lambda x: x[:, [True, False, True]], lambda x: x[:, [True, False, True]]),
    "one_number": (lambda x: x[1, 2, 3], lambda x: x[1, 2, 3]),
    "rows": (lambda x: sum(row * k for k, row in enumerate(x, 1)), lambda x: x[0] + 2 * x[1]),
    "pad": (lambda x: x.pad(2), lambda x: F.pad(x, (2,) * 6)),
    "pad_pairs": (
        lambda x: x.pad(((0, 1), (2, 0), (1, 3)), value=0.5),
        lambda x: F.pad(x, (1, 3, 2, 0, 0, 1), value=0.5),
    ),
    "log_softmax": (lambda x: x.log_softmax(1), lambda x: x.log_softmax(1)),
    "softmax": (Tensor.softmax, lambda x: x.softmax(-1)),
    "softmax_two": (lambda x: x.softmax((0, 1)), lambda x: x.view(6, 4).softmax(0).view(2, 3, 4)),
    "stack": (lambda x: stack([x, x * x, 2 * x], 1), lambda x: torch.stack([x, x * x, 2 * x], 1)),
    "stack_last": (lambda x: stack([x, x * x], -1), lambda x: torch.stack([x, x * x], -1)),
    "concatenate": (
        lambda x: concatenate([x, x[:, :1] * 3, x * x], 1),
        lambda x: torch.cat([x, x[:, :1] * 3, x * x], 1),
    ),
}  # fmt: skip


def agree(ours, theirs, arrays, store=np.asarray, tolerance=1e-14, size=0.0):
    """Result and gradients are PyTorch's, for an upstream gradient that is asymmetric.

    The error of a gradient is relative to its largest number, or to `size`: each is a sum of terms
    of about that size, which may cancel, and the two libraries add them in another order.
    """
    xs = [leaf(a, store) for a in arrays]
    ts = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in arrays]
    before = [np.array(x.numpy()) for x in xs]
    y, t = ours(*xs), theirs(*ts)
    assert isinstance(y, Tensor) and type(y.data) is not type(None)
    assert y.shape == tuple(t.shape)
    close(y.numpy(), t.detach().numpy(), tolerance)
    assert y.requires_grad == t.requires_grad
    if not t.requires_grad:
        return
    upstream = np.cos(np.arange(y.size, dtype=float) * 1.7 + 0.4).reshape(y.shape) * 1.9
    y.backward(store(upstream))
    t.backward(torch.tensor(upstream))
    for x, x_before, other in zip(xs, before, ts, strict=True):
        expected = np.zeros(x.shape) if other.grad is None else other.grad.numpy()
        g = np.zeros(x.shape) if x.grad is None else Tensor(x.grad).numpy()
        assert g.shape == x.shape and g.dtype == np.float64
        assert x.grad is None or type(x.data) is type(x.grad) or x.ndim == 0
        close(g, expected, tolerance, size)
        np.testing.assert_array_equal(x.numpy(), x_before)  # nothing is changed in place


def close(ours, theirs, tolerance, size=0.0):
    size = np.abs(theirs[np.isfinite(theirs)]).max(initial=size)
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * size)


def draw(rng, shape, lo, hi):
    return rng.uniform(lo, hi, size=shape)


SIDES = st.lists(st.integers(0, 4), max_size=3).map(tuple)


@each_store
@pytest.mark.parametrize("name", ONE)
def test_one_operand(name, store):
    ours, theirs, lo, hi = ONE[name]

    @few
    @given(SIDES, st.integers(0, 99))
    def check(shape, seed):
        agree(ours, theirs, [draw(np.random.default_rng(seed), shape, lo, hi)], store)

    check()


@st.composite
def broadcastable(draw):
    """Two shapes that broadcast, either one longer, axes of length 0 and 1 among them."""
    full = draw(st.lists(st.integers(0, 4), max_size=3))
    shapes = []
    for _ in range(2):
        ones = [1 if draw(st.booleans()) else n for n in full]
        shapes.append(tuple(ones[draw(st.integers(0, len(ones))) :]))
    return shapes


@each_store
@pytest.mark.parametrize("name", TWO)
def test_two_operands_broadcast(name, store):
    ours, theirs, lo, hi = TWO[name]

    @few
    @given(broadcastable(), st.integers(0, 99))
    def check(shapes, seed):
        rng = np.random.default_rng(seed)
        agree(ours, theirs, [draw(rng, shape, lo, hi) for shape in shapes], store)

    check()


@pytest.mark.parametrize("name", TWO)
def test_one_node_in_both_places(name):
    ours, theirs, lo, hi = TWO[name]
    x = draw(np.random.default_rng(3), (3, 4), lo, hi)
    # the two halves of x / x, of size 1.9 / 0.2, cancel
    agree(lambda x: ours(x, x), lambda x: theirs(x, x), [x], size=9.5 if name == "div" else 0.0)
    agree(lambda x: ours(x, x[0]), lambda x: theirs(x, x[0]), [x])


@each_store
@pytest.mark.parametrize("name", AXES)
def test_reductions(name, store):
    ours, theirs = AXES[name]

    @few
    @given(st.data())
    def check(data):
        fewest = 0 if name in ("sum", "mean", "logsumexp") else 2 if "var" in name else 1
        shape = data.draw(st.lists(st.integers(fewest, 4), max_size=3).map(tuple))
        n = len(shape)
        axis = data.draw(
            st.none()
            | st.lists(st.integers(0, max(n - 1, 0)), min_size=1, max_size=n, unique=True).map(
                tuple
            )
            | st.integers(-n, n - 1)
            if n
            else st.none()
        )
        if n == 0 and "var" in name:
            return
        kept = data.draw(st.booleans())
        x = data.draw(st.sampled_from([np.round, np.array]))(
            draw(np.random.default_rng(5), shape, -3, 3)  # rounded there are ties
        )
        every = tuple(range(n)) if axis is None else axis
        agree(
            lambda x: ours(x, axis=axis, keepdims=kept),
            lambda t: theirs(t, dim=every, keepdim=kept) if n or name == "sum" else scalar(name, t),
            [x],
            store,
            # a mean taken off loses what its own size carries; torch divides var by another way
            tolerance=4e-14 if "var" in name else 1e-14,
        )

    def scalar(name, t):
        return t * 1.0 if name in ("mean", "max", "min", "logsumexp") else t

    check()


@each_store
@pytest.mark.parametrize("name", SHAPES)
def test_shapes_and_indices(name, store):
    ours, theirs = SHAPES[name]
    agree(ours, theirs, [draw(np.random.default_rng(8), (2, 3, 4), -3, 3)], store)


MATRICES = [
    ((3,), (3,)),
    ((0,), (0,)),
    ((4, 3), (3,)),
    ((3,), (3, 2)),
    ((4, 3), (3, 2)),
    ((4, 0), (0, 2)),
    ((0, 3), (3, 2)),
    ((1, 1), (1, 1)),
    ((5, 4, 3), (3, 2)),
    ((5, 4, 3), (3,)),
    ((3,), (5, 3, 2)),
    ((4, 3), (5, 3, 2)),
    ((5, 4, 3), (5, 3, 2)),
    ((1, 4, 3), (5, 3, 2)),
    ((2, 1, 4, 3), (5, 3, 2)),
    ((2, 1, 1, 3), (1, 5, 3, 1)),
]


@each_store
@pytest.mark.parametrize("shapes", MATRICES, ids=str)
def test_matmul(shapes, store):
    rng = np.random.default_rng(2)
    arrays = [rng.normal(size=shape) for shape in shapes]
    agree(operator.matmul, operator.matmul, arrays, store)
    for i in (0, 1):  # a constant beside
        agree(
            lambda x, i=i: matmul(x, store(arrays[1])) if i == 0 else store(arrays[0]) @ x,
            lambda t, i=i: t @ torch.tensor(arrays[1]) if i == 0 else torch.tensor(arrays[0]) @ t,
            [arrays[i]],
            store,
        )


@each_store
def test_matmul_of_one_node(store):
    x = np.random.default_rng(2).normal(size=(4, 3))
    agree(lambda x: x @ x.T, lambda x: x @ x.T, [x], store)
    agree(lambda x: x.T @ x, lambda x: x.T @ x, [x], store)
    agree(lambda x: x[0] @ x[0], lambda x: x[0] @ x[0], [x], store)


ACTIVATIONS = {
    None: lambda t: t,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": softplus,
    "gelu": F.gelu,
    "leaky_relu": F.leaky_relu,
    "exp": torch.exp,
}


@each_store
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("front", [(5,), (), (2, 5), (0,), (3, 0, 2)], ids=str)
def test_linear(activation, front, store):
    rng = np.random.default_rng(2)
    arrays = [rng.normal(size=shape) for shape in ((*front, 3), (3, 4), (4,))]
    last = ACTIVATIONS[activation]
    agree(
        lambda x, W, b: linear(x, W, b, activation), lambda x, W, b: last(x @ W + b), arrays, store
    )
    agree(
        lambda x, W: linear(x, W, activation=activation),
        lambda x, W: last(x @ W),
        arrays[:2],
        store,
    )
    agree(
        lambda W, b: linear(store(arrays[0]), W, b, activation),
        lambda W, b: last(torch.tensor(arrays[0]) @ W + b),
        arrays[1:],
        store,
    )


def test_linear_of_one_node():
    x = np.random.default_rng(2).normal(size=(3, 3))
    agree(lambda x: linear(x, x, x[0], "tanh"), lambda x: torch.tanh(x @ x + x[0]), [x])
    agree(lambda x: linear(x, x, None, "relu"), lambda x: torch.relu(x @ x), [x])


def test_linear_twice():
    arrays = [np.random.default_rng(2).normal(size=shape) for shape in ((5, 3), (3, 4), (4,))]
    for G in (np.ones((5, 4)), np.arange(20.0).reshape(5, 4)):
        xs, ts = [leaf(a) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
        y, z = linear(*xs, "tanh"), torch.tanh(ts[0] @ ts[1] + ts[2])
        for k in (1.0, -2.5):
            y.backward(G * k)
            z.backward(torch.tensor(G * k), retain_graph=True)
        for x, t in zip(xs, ts, strict=True):
            close(x.grad, t.grad.numpy(), 1e-13)


def test_linear_after_a_pass_that_was_broken_off():
    x, W, b = leaf(np.ones((5, 3))), leaf(np.ones((3, 4)) / 3), leaf(np.zeros(4))
    y = linear(x, W, b, "tanh")
    y.vjps[0](np.ones((5, 4)))  # and the other two are not asked
    y.backward(np.full((5, 4), 2.0))
    slope = 1 - np.tanh(1.0) ** 2
    np.testing.assert_allclose(b.grad, np.full(4, 10 * slope), rtol=1e-14)
    np.testing.assert_allclose(W.grad, np.full((3, 4), 10 * slope), rtol=1e-14)


def test_linear_is_one_node_and_passes_nothing_to_constants():
    x, W, b = np.ones((5, 3)), leaf(np.ones((3, 4))), leaf(np.ones(4))
    for activation in (None, "relu", "tanh", "gelu"):
        y = linear(x, W, b, activation)
        assert y.parents == (W, b) and y.op == "linear"
    assert linear(Tensor(x), W, b).parents == (W, b)
    assert linear(leaf(x), W.detach()).parents[0].shape == (5, 3)


@each_store
def test_cross_entropy(store):
    rng = np.random.default_rng(2)
    for n, classes, scale in ((7, 5, 3), (1, 1, 1), (3, 4, 1000), (6, 2, 0), (40, 10, 30)):
        logits = rng.normal(size=(n, classes)) * scale
        labels = rng.integers(classes, size=n)
        agree(
            lambda z, k=labels: cross_entropy(z, store(k)),
            lambda z, k=labels: F.cross_entropy(z, torch.tensor(k)),
            [logits],
            store,
        )
    agree(
        lambda z: cross_entropy(z, np.array([1, 0, 1], dtype=np.uint8).tolist()),
        lambda z: F.cross_entropy(z, torch.tensor([1, 0, 1])),
        [rng.normal(size=(3, 2))],
        store,
    )


# --- central differences, random programs, deep nets ---------------------------------------------


def differences(f, arrays, upstream, h=1e-5):
    """∑ upstream · f by central differences of fourth order in every number of every array."""
    grads = []
    for k, a in enumerate(arrays):
        g = np.zeros(a.shape)
        for i in np.ndindex(a.shape):

            def at(step, k=k, i=i):
                moved = [x.copy() for x in arrays]
                moved[k][i] += step
                return (f(*map(Tensor, moved)).numpy() * upstream).sum()

            g[i] = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
        grads.append(g)
    return grads


SMOOTH = {name: row for name, row in (ONE | TWO).items() if name not in ("detach", "where")} | {
    name: (row[0], None, -3, 3) for name, row in SHAPES.items()
}


@pytest.mark.parametrize("name", SMOOTH)
def test_central_differences(name):
    f, _, lo, hi = SMOOTH[name]
    rng = np.random.default_rng(4)
    shapes = [(2, 1), (3,)] if name in TWO else [(2, 3, 4)] if name in SHAPES else [(2, 3)]
    arrays = [draw(rng, shape, lo, hi) for shape in shapes]
    xs = [leaf(a) for a in arrays]
    y = f(*xs)
    upstream = rng.normal(size=y.shape)
    y.backward(upstream)
    for x, g in zip(xs, differences(f, arrays, upstream), strict=True):
        # truncation h⁴f⁽⁵⁾/30 is below 1e-15 here, rounding ε ∑|f| / h about 1e-10
        np.testing.assert_allclose(x.grad, g, rtol=1e-8, atol=1e-8)


def programs(data):
    """A random program of Tensors of shapes that broadcast: a list of (function, operands)."""
    elementwise = [
        (operator.add, 2), (operator.sub, 2), (operator.mul, 2), (operator.matmul, 2),
        (lambda x: x.tanh(), 1), (lambda x: x.sigmoid(), 1),
        (lambda x: x.T if x.ndim == 2 else x, 1),
        (lambda x: x.sum(axis=0, keepdims=True), 1), (lambda x: x.mean(), 1),
        (lambda x: x.reshape(-1), 1), (lambda x: x * 0.5 - 1, 1), (lambda x: x.sin(), 1),
        (lambda x: x[[-1, 0]], 1), (lambda x: x[:1] + x, 1), (lambda x: x.max(), 1),
    ]  # fmt: skip
    steps = []
    for _ in range(data.draw(st.integers(1, 10))):
        f, count = data.draw(st.sampled_from(elementwise))
        steps.append((f, [data.draw(st.integers(0, 20)) for _ in range(count)]))
    return steps


def played(steps, leaves):
    """The sum of all results, and how many; steps whose shapes do not fit are left out."""
    nodes = list(leaves)
    for f, places in steps:
        operands = [nodes[i % len(nodes)] for i in places]
        if all(x.ndim for x in operands) and math.prod(operands[0].shape) < 1000:
            try:
                nodes.append(f(*operands))
            except (ValueError, RuntimeError):
                continue
    return sum((x * (0.7 + k)).sum() for k, x in enumerate(nodes)), len(nodes)


@each_store
@tried(150, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_programs(store, data):
    steps = programs(data)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    arrays = [rng.uniform(-1, 1, size=shape) for shape in ((3, 3), (3,), (1, 3), (3, 1))]
    xs = [leaf(a, store) for a in arrays]
    ts = [torch.tensor(a, requires_grad=True) for a in arrays]
    (y, count), (t, other_count) = played(steps, xs), played(steps, ts)
    assert count == other_count
    close(y.numpy(), t.detach().numpy(), 1e-12)  # up to ten sums of sums, which cancel
    y.backward()
    t.backward()
    for x, other in zip(xs, ts, strict=True):
        close(Tensor(x.grad).numpy(), other.grad.numpy(), 1e-12)


def net(widths, rng):
    return [
        w
        for m, n in itertools.pairwise(widths)
        for w in (rng.normal(size=(m, n)) / m**0.5, rng.normal(size=n) * 0.1)
    ]


def distance(ours, theirs):
    """‖ours - theirs‖ / ‖theirs‖ over all arrays together."""
    ours, theirs = (np.concatenate([np.ravel(a) for a in x]) for x in (ours, theirs))
    return np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)


def net_gradients(weights, x, labels, store, fused, dtype=np.float64):
    params = [Tensor(store(w.astype(dtype)), requires_grad=True) for w in weights]
    h = store(x.astype(dtype)) if fused else Tensor(store(x.astype(dtype)))
    for i in range(0, len(params), 2):
        last = i == len(params) - 2
        if fused:
            h = linear(h, *params[i : i + 2], None if last else "tanh")
        else:
            h = h @ params[i] + params[i + 1]
            h = h if last else h.tanh()
    n = len(labels)
    loss = cross_entropy(h, store(labels)) if fused else -h.log_softmax()[range_(n), labels].mean()
    loss.backward()
    return [Tensor(p.grad).numpy() for p in params]


def range_(n):
    return np.arange(n)


def torch_gradients(weights, x, labels, dtype=torch.float64):
    params = [torch.tensor(w, dtype=dtype, requires_grad=True) for w in weights]
    h = torch.tensor(x, dtype=dtype)
    for i in range(0, len(params), 2):
        h = h @ params[i] + params[i + 1]
        h = h if i == len(params) - 2 else h.tanh()
    F.cross_entropy(h, torch.tensor(labels)).backward()
    return [p.grad.numpy() for p in params]


@each_store
@pytest.mark.parametrize("fused", [True, False])
def test_twenty_layers(store, fused):
    rng = np.random.default_rng(11)
    weights = net([7, *[24 + k % 5 for k in range(19)], 5], rng)
    x, labels = rng.normal(size=(33, 7)), rng.integers(5, size=33)
    ours = net_gradients(weights, x, labels, store, fused)
    assert distance(ours, torch_gradients(weights, x, labels)) < 3e-15
    # float32 by norms: 2⁻²⁴ = 6e-8 a rounding, and some tens of them
    single = net_gradients(weights, x, labels, store, fused, np.float32)
    assert {g.dtype for g in single} == {np.dtype("float32")}
    assert distance(single, ours) < 2e-6
    assert distance(torch_gradients(weights, x, labels, torch.float32), ours) < 2e-6


@each_store
@pytest.mark.parametrize("name", ONE | TWO)
def test_float32_stays_float32(name, store):
    ours, _, lo, hi = (ONE | TWO)[name]
    if name == "astype":
        return
    rng = np.random.default_rng(5)
    arrays = [draw(rng, (3, 4), lo, hi) for _ in range(1 + (name in TWO))]
    grads = []
    for dtype in ("float32", "float64"):
        xs = [Tensor(store(a), requires_grad=True, dtype=dtype) for a in arrays]
        y = ours(*xs)
        y.backward(store(np.cos(np.arange(12.0)).reshape(3, 4).astype(dtype)))
        assert {dtype_name(z.dtype) for z in (y, *(Tensor(x.grad) for x in xs))} == {dtype}
        grads.append([Tensor(x.grad).numpy() for x in xs])
    assert distance(*grads) < 1e-6


# --- the edges of floating-point numbers ---------------------------------------------------------

EDGES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -2.0,
    0.5,
    -0.5,
    37.0,
    710.0,
    -710.0,
    -745.0,
    1e16,
    1e308,
    -1e308,
]
EDGES += [math.inf, -math.inf, math.nan]  # fmt: skip
UPSTREAM = (1.0, -2.5, 0.0, math.inf, math.nan)


def same(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-14, atol=0)  # nan equals nan, inf inf


@each_store
@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "tanh", "sigmoid", "relu", "abs", "neg",
                                  "softplus", "leaky_relu", "gelu", "sin", "cos"])  # fmt: skip
def test_edges_of_one_operand_are_those_of_value(name, store):
    """`Value` is held to PyTorch at these points, and the table is the same."""
    for upstream in UPSTREAM:
        values = [Value(a) for a in EDGES]
        for v in values:
            ((-v if name == "neg" else getattr(v, name)()) * upstream).backward()
        x = leaf(EDGES, store)
        y = -x if name == "neg" else getattr(x, name)()
        y.backward(store(np.full(len(EDGES), upstream)))
        expected = [(-v if name == "neg" else getattr(v, name)()).data for v in values]
        np.testing.assert_allclose(y.numpy(), expected, rtol=1e-13, atol=1e-300)
        np.testing.assert_allclose(
            Tensor(x.grad).numpy(), [v.grad for v in values], rtol=1e-13, atol=1e-300
        )


@each_store
@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow", "maximum", "minimum"])
def test_edges_of_two_operands_are_those_of_pytorch(name, store):
    f = getattr(operator, name, None)
    points = np.array(list(itertools.product(EDGES, EDGES))).T
    for upstream in UPSTREAM:
        xs = [leaf(a, store) for a in points]
        ts = [torch.tensor(a, requires_grad=True) for a in points]
        y = (f or getattr(tensor, name))(*xs)
        t = (f or getattr(torch, name))(*ts)
        y.backward(store(np.full(len(points[0]), upstream)))
        t.backward(torch.full((len(points[0]),), upstream, dtype=torch.float64))
        same(y.numpy(), t.detach().numpy())
        for x, other in zip(xs, ts, strict=True):
            same(Tensor(x.grad).numpy(), other.grad.numpy())


@each_store
@pytest.mark.parametrize("b", [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 2.5])
def test_edges_of_a_power_with_a_number(b, store):
    # PyTorch takes a root there, of -0.0 and -inf against IEEE 754's pow
    points = [a for a in EDGES if abs(b) != 0.5 or str(a) not in ("-0.0", "-inf")]
    x = leaf(points, store)
    t = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    for exponent in (b, int(b)) if b == int(b) else (b,):
        x.zero_grad()
        t.grad = None
        (x**exponent).backward(store(np.ones(len(points))))
        (t**exponent).sum().backward()
        same((x**exponent).numpy(), (t**exponent).detach().numpy())
        same(Tensor(x.grad).numpy(), t.grad.numpy())


def test_a_slope_that_stops_infinity():
    x = leaf([-1.0, 4.0])
    x.relu().sqrt().backward(np.ones(2))  # the slope of sqrt at 0 is inf
    assert x.grad.tolist() == [0.0, 0.25]


@each_store
def test_stable_at_a_thousand(store):
    a = np.array([[1000.0, -1000.0, 0.5], [-1000.0, -1000.0, -1000.0], [1000.0, 1000.0, 999.0]])
    ours = {
        "sigmoid": Tensor.sigmoid,
        "softplus": Tensor.softplus,
        "logsumexp": lambda x: x.logsumexp(1),
        "log_softmax": Tensor.log_softmax,
        "softmax": Tensor.softmax,
        "cross_entropy": lambda x: cross_entropy(x, store(np.array([1, 0, 2]))),
    }
    theirs = {
        "sigmoid": torch.sigmoid,
        "softplus": softplus,
        "logsumexp": lambda x: x.logsumexp(1),
        "log_softmax": lambda x: x.log_softmax(1),
        "softmax": lambda x: x.softmax(1),
        "cross_entropy": lambda x: F.cross_entropy(x, torch.tensor([1, 0, 2])),
    }
    for name, f in ours.items():
        agree(f, theirs[name], [a], store)
        y = f(leaf(a, store))
        assert np.isfinite(y.numpy()).all(), name


@each_store
def test_infinite_logits(store):
    a = [[-np.inf, 0.5, 1.0], [-np.inf] * 3, [np.inf, 0.0, 1.0]]
    x, t = leaf(a, store), torch.tensor(a, dtype=torch.float64, requires_grad=True)
    y = x.logsumexp(axis=1)
    y.backward(store(np.array([1.0, 2.0, 3.0])))
    t.logsumexp(1).backward(torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64))
    same(y.numpy(), t.logsumexp(1).detach().numpy())
    same(Tensor(x.grad).numpy(), t.grad.numpy())


@each_store
def test_labels_may_change_before_backward(store):
    """A batch's buffer is filled anew: the gradient is that of the labels when it was computed."""
    z, labels = np.array([[0.3, -1.2, 2.0], [1.1, 0.4, -0.7]]), store(np.array([2, 0]))
    grads = []
    for changed in (False, True):
        x = Tensor(store(z), requires_grad=True)
        loss = cross_entropy(x, labels)
        if changed:
            labels[...] = 1
        loss.backward()
        grads.append(Tensor(x.grad).numpy())
    np.testing.assert_array_equal(*grads)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, int])
def test_choice_by_bits(dtype):
    """Large arrays are chosen from by their bits; what comes out is where's, to the sign of 0."""
    rng = np.random.default_rng(3)
    y = np.array([-0.0, 0.0, 5e-324, -2.5, np.inf, -np.inf, np.nan, 1.0])[
        rng.integers(8, size=9000)
    ]
    y = (np.nan_to_num(y, posinf=7, neginf=-7) if dtype is int else y).astype(dtype)
    for shape in ((9000,), (90, 100), (2, 90, 50)):
        z = y.reshape(shape)
        for a in (z, z.T, z[::2], z[..., ::-1], np.asfortranarray(z)):
            c = rng.random(a.shape) < 0.5
            for x in (0.0, -0.0, 0.5, 1, np.ones(a.shape)):
                for holds in (c, c[..., :1], c[:1], np.True_, c.T if a.ndim == 1 else c):
                    got, want = choose(holds, x, a), np.where(holds, x, a)
                    assert got.dtype == want.dtype and not np.shares_memory(got, a)
                    np.testing.assert_array_equal(got, want)
                    if dtype is not int and str(x) != "-0.0":
                        np.testing.assert_array_equal(np.signbit(got), np.signbit(want))


@each_store
def test_ties_share_evenly_and_nan_is_the_largest(store):
    for f, g in ((Tensor.max, torch.amax), (Tensor.min, torch.amin)):
        agree(
            lambda x, f=f: f(x, axis=1),
            lambda t, g=g: g(t, dim=1),
            [np.array([[2.0, 2.0, 1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]])],
            store,
        )
        x = leaf([1.0, math.nan, 2.0], store)
        assert math.isnan(f(x).item())


# --- what a Tensor is ----------------------------------------------------------------------------


def test_made_of():
    assert Tensor(3.0).dtype == Tensor([1.0]).dtype == np.float64 and Tensor(3.0).shape == ()
    assert Tensor([1, 2]).dtype == np.int64 and Tensor([True]).dtype == bool
    assert Tensor(np.float32(2)).dtype == np.float32
    for dtype in ("float32", np.float32, np.dtype("float32"), torch.float32):
        assert Tensor([1, 2], dtype=dtype, requires_grad=True).dtype == np.float32
    assert Tensor([1, 2], dtype=float).dtype == np.float64
    assert Tensor(torch.ones(2), dtype="float64").dtype == torch.float64
    a = np.ones(3)
    x = Tensor(a, requires_grad=True)
    with no_grad():
        x -= 1
    assert a.tolist() == [1, 1, 1]  # the data were copied
    assert not Tensor(torch.ones(2, requires_grad=True)).data.requires_grad
    y = Tensor(np.ones((2, 3)))
    assert (y.shape, y.ndim, y.size, len(y), y.device, y.T.shape) == (
        (2, 3),
        2,
        6,
        2,
        "cpu",
        (3, 2),
    )
    assert [row.shape for row in y] == [(3,), (3,)]


@each_store
def test_repr(store):
    where_to = "" if store is np.asarray else f', device="{Tensor(store(np.ones(1))).device}"'
    x = Tensor(store(np.array([[1.0, 2.5]])), requires_grad=True)
    assert repr(x) == f"Tensor([[1. , 2.5]]{where_to}, requires_grad=True)"
    assert repr(x @ x.T) == f'Tensor([[7.25]]{where_to}, op="matmul")'
    assert repr(x.detach()) == f"Tensor([[1. , 2.5]]{where_to})"
    assert (
        repr(x.astype("float32")) == f'Tensor([[1. , 2.5]], dtype=float32{where_to}, op="astype")'
    )


def test_numbers_out():
    x = Tensor(1.5)
    assert x.item() == 1.5 and type(x.item()) is float and float(x) == 1.5 and f"{x:.2f}" == "1.50"
    assert Tensor([[2.0]]).item() == 2.0 and f"{x}" == repr(x) and bool(Tensor([1.0]))
    with pytest.raises(ValueError, match=r"item: .* shape \(2,\)"):
        Tensor([1.0, 2.0]).item()
    with pytest.raises(TypeError, match="no length"):
        len(x)
    assert np.asarray(Tensor([1.0, 2.0])).tolist() == [1.0, 2.0]
    with pytest.raises(TypeError, match="NumPy would lose the gradient"):
        np.asarray(leaf([1.0]))
    assert Tensor(torch.ones(2)).numpy().tolist() == [1.0, 1.0]


@each_store
def test_arrays_and_numbers_on_either_side(store):
    x, a = leaf([1.5, -2.0], store), store(np.array([2.0, 4.0]))
    for f in (operator.add, operator.sub, operator.mul, operator.truediv, operator.matmul):
        for left, right in ((x, a), (a, x), (Tensor(a), x)):
            y = f(left, right)
            assert type(y) is Tensor and y.parents == (x,)
            expected = f(*(z.numpy() if isinstance(z, Tensor) else Tensor(z).numpy()
                           for z in (left, right)))  # fmt: skip
            same(y.numpy(), expected)
    for number in (2, 2.0, True, np.float64(2), np.float32(2), np.int8(2)):
        for f in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow):
            y, z = f(x, number), f(number, x)
            assert type(y) is type(z) is Tensor and y.dtype == z.dtype == x.dtype
            same(y.numpy(), f(x.numpy(), float(number)))
            same(z.numpy(), f(float(number), x.numpy()))
    mask = store(np.array([True, False]))
    assert (x * mask).numpy().tolist() == (mask * x).numpy().tolist() == [1.5, 0.0]
    assert (x * Tensor(mask)).dtype == x.dtype


def test_integers_are_constants():
    k = Tensor([1, 2, 3])
    assert (k * 2).dtype == (k + k).dtype == np.int64 and (k / 2).data.tolist() == [0.5, 1.0, 1.5]
    x = Tensor(np.ones(3, np.float32), requires_grad=True)
    (x * k).backward(np.ones(3, np.float32))
    assert x.grad.dtype == np.float32 and x.grad.tolist() == [1, 2, 3]


def test_comparisons_are_of_data_and_hash_is_of_identity():
    x, y = Tensor([1.0, 2.0]), Tensor([1.0, 3.0])
    for f in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        for right, array in ((y, y.data), (y.data, y.data), (2.0, 2.0)):
            assert type(f(x, right)) is np.ndarray
            assert f(x, right).tolist() == f(x.data, array).tolist()
        assert f(y.data, x).tolist() == f(y.data, x.data).tolist()
    assert x != "a" and (x == None) is False  # noqa: E711
    assert len({x, y, x}) == 2 and {x: 1}[x] == 1
    with pytest.raises(TypeError):
        x < "a"  # noqa: B015


def test_copies():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    y = copy.deepcopy(x)
    assert y.requires_grad and y.grad.tolist() == [2.0, 4.0] and y is not x
    assert pickle.loads(pickle.dumps(x)).data.tolist() == [1.0, 2.0]
    with pytest.raises(AttributeError):
        x.label = "x"


# --- gradients -----------------------------------------------------------------------------------


def test_second_backward_adds_once_more():
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    for times in (1, 2, 3):
        before = x.grad
        y.backward()
        assert x.grad.tolist() == [2.0 * times, 4.0 * times]
        assert before is None or before.tolist() == [2.0 * (times - 1), 4.0 * (times - 1)]
    x.zero_grad()
    assert x.grad is None and y.grad is None


def test_one_gradient_for_two():
    for f in (
        lambda p, q: (p + q) + p * p,
        lambda p, q: p * p + (p + q),
        lambda p, q: (q + p) + q * p,
        lambda p, q: (p + q) + (p + q * 3),
    ):
        agree(
            lambda x, y, f=f: f(x * 1, y * 1),
            lambda x, y, f=f: f(x * 1, y * 1),
            [np.array([1.5, 2.0]), np.array([0.5, -3.0])],
        )


def test_gradients_of_another_dtype():
    x = leaf([1.5, 2.5])
    y = x.astype("float32") * Tensor([2.0, 3.0], dtype="float32")
    y.backward(np.ones(2, np.float32))
    assert y.dtype == np.float32 and x.grad.dtype == np.float64 and x.grad.tolist() == [2.0, 3.0]


@each_store
def test_clip_at_its_ends(store):
    at = [np.array([-1.0, 0.5, -1.5, 0.0, 2.0])]
    agree(lambda x: x.clip(-1, 0.5), lambda x: x.clip(-1, 0.5), at, store)
    agree(lambda x: x.clip(1, -1), lambda x: x.clip(1, -1), at, store)


@each_store
def test_gradients_share_no_memory(store):
    upstream = store(np.array([1.0, 2.0, 3.0, 4.0]))
    programs = [
        lambda x, y: x + y,
        lambda x, y: x + y.reshape(2, 2).T.reshape(4),
        lambda x, y: (x + 0) + y.broadcast_to(4),
        lambda x, y: concatenate([x[:2], y[2:]]) + x + y,
        lambda x, y: (x.reshape(2, 2) + y.reshape(2, 2)).reshape(4),
        lambda x, y: (x + y) * 2.0,
    ]
    for f in programs:
        x, y = leaf(np.ones(4), store), leaf(np.ones(4), store)
        f(x, y).backward(upstream)
        kept, other = Tensor(y.grad).numpy(), x.grad
        kept = kept.copy()
        other *= 0
        assert Tensor(upstream).numpy().tolist() == [1, 2, 3, 4]
        assert Tensor(y.grad).numpy().tolist() == kept.tolist()
    x = leaf(np.ones(4), store)
    x.backward(upstream)
    assert x.grad is not upstream
    z, s = leaf(np.ones((2, 2)), store), leaf(1.0, store)
    (z.sum() * s).backward()
    z.grad[0, 0] = 5.0  # not one number seen four times
    assert Tensor(z.grad).numpy().tolist() == [[5, 1], [1, 1]]


def test_only_leaves_keep_gradients_and_gradients_maps_all():
    x, c = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
    s = x * c
    y = s.sum()
    grads = gradients(y)
    assert set(grads) == {x, s, y}
    assert grads[x].tolist() == [3, 4] and grads[s].tolist() == [1, 1] and grads[y] == 1.0
    assert x.grad is None
    y.backward()
    assert x.grad.tolist() == [3, 4] and s.grad is y.grad is c.grad is None


def test_gradients_inside_are_freed_as_they_are_used():
    x = leaf(np.ones(100_000))
    y = x
    for _ in range(40):
        y = y + 1.0  # keeps no array but its result
        y._array = x._array
    y = y.sum()
    y.backward()
    x.zero_grad()
    tracemalloc.start()
    y.backward()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * x.data.nbytes  # and not 40


def test_backward_holds_what_the_slopes_read_and_nothing_more():
    def dies(f):
        a, b = np.full(3, 0.5), np.full(3, 0.25)
        x, y = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
        hidden = x * 1.0
        out = f(hidden, y)
        arrays = [weakref.ref(hidden._array), weakref.ref(out._array)]
        hidden._array = out._array = np.zeros(3)
        return [ref() is None for ref in arrays]

    assert dies(lambda h, y: h + y) == [True, True]
    assert dies(lambda h, y: h * y) == [False, True]
    assert dies(lambda h, y: h.tanh()) == [True, False]
    assert dies(lambda h, y: h.exp()) == [True, False]
    assert dies(lambda h, y: h.sin()) == [False, True]


def test_graphs_are_freed_without_the_collector():
    gc.disable()
    try:
        x, W = np.ones((4, 3)), leaf(np.ones((3, 3)))
        loss = cross_entropy(linear(x, W, None, "tanh").softmax() @ W, np.array([0, 1, 2, 0]))
        loss.backward()
        watched = weakref.ref(loss.parents[0]._array)
        del loss
        assert watched() is None
    finally:
        gc.enable()


def test_constants_get_no_edge():
    x, c = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
    assert (x * c).parents == (c * x).parents == (x,) and (x * x).parents == (x, x)
    assert (c * c).parents == () and not (c * c).requires_grad and (c * c).op == ""
    assert x.detach().parents == () and not x.detach().requires_grad
    assert stack([c, x, c, x]).parents == (x, x) and where(x > 1, c, x).parents == (x,)
    assert (x > 1).dtype == bool and not x.astype(int).requires_grad


def test_no_grad_is_one_for_both_engines():
    x, v = leaf([1.0]), Value(2.0)
    with no_grad():
        assert not (x * x).requires_grad and not linear(x, leaf([[1.0]])).requires_grad
        assert (v * v).parents == () and maximum(x, 0).parents == ()
    assert (x * x).requires_grad and (v * v).parents == (v, v)


@pytest.mark.slow
def test_a_chain_of_a_hundred_thousand_with_views():
    x = leaf(np.ones(2))
    y = x
    for _ in range(50_000):
        y = y.reshape(2) * 1.0
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


# --- changes in place ----------------------------------------------------------------------------


def assign(t):
    t.data = t.data * 2


def subtract(t):
    t.data -= 1


def set_item(t):
    with no_grad():
        t[0] = 5.0


def step(t):
    with no_grad():
        t -= 1.0
        t += 0.5
        t *= 2
        t /= 4


def through_a_view(t):
    with no_grad():
        t.reshape(-1)[0] = 9.0


CHANGES = [assign, subtract, set_item, step, through_a_view]


@each_store
@pytest.mark.parametrize("change", CHANGES)
def test_a_value_that_backward_needs_was_changed(change, store):
    def program(f, *changed):
        x, w = leaf([1.5, 2.5], store), leaf([3.5, 0.5], store)
        h = x * 1.0
        y = f(h, w)
        for t in changed:
            change({"h": h, "w": w, "x": x, "y": y}[t])
        return y, x

    for f, op, needed, free in [
        (lambda h, w: h * w, "*", "hw", "y"),
        (lambda h, w: h + w, "+", "", "hwy"),
        (lambda h, w: h / w, "/", "wy", "h"),
        (lambda h, w: h.tanh(), "tanh", "y", "hw"),
        (lambda h, w: h.sin(), "sin", "h", "yw"),
        (lambda h, w: h**2, "**", "h", "yw"),
        (lambda h, w: h @ w, "matmul", "hw", ""),
        (lambda h, w: h.max(), "max", "", "h"),
        (lambda h, w: h.logsumexp(), "logsumexp", "h", ""),
        (lambda h, w: h.softmax(), "softmax", "y", "h"),
        (lambda h, w: h.sum(), "sum", "", "hw"),
        (lambda h, w: where(h > 0, h, w), "where", "", "hwy"),
        (lambda h, w: h[[0, 0]], "getitem", "", "hwy"),
        (lambda h, w: linear(h.reshape(1, 2), w.reshape(2, 1)), "linear", "hw", "y"),
        (lambda h, w: linear(h.reshape(1, 2), w.reshape(2, 1), None, "tanh"), "linear", "hwy", ""),
        (lambda h, w: linear(h, w.reshape(2, 1), leaf([0.5], store), "relu"), "linear", "hwy", ""),
        (
            lambda h, w: linear(store(np.ones((2, 2))), leaf(np.ones((2, 2)), store), h),
            "linear",
            "",
            "hwy",
        ),
        (lambda h, w: h[0] * 2 + w[:1], "+", "", "hwy"),
    ]:
        for t in needed:
            y, _ = program(f, t)
            with pytest.raises(RuntimeError, match=f"^{re.escape(op)}: .* changed in place"):
                y.backward(store(np.ones(y.shape)))
        for t in free:
            y, x = program(f, t)
            y.backward(store(np.ones(y.shape)))
            expected, other = program(f)
            expected.backward(store(np.ones(y.shape)))
            same(Tensor(x.grad).numpy(), Tensor(other.grad).numpy())
        y, _ = program(f)
        y.backward(store(np.ones(y.shape)))


@each_store
def test_a_constant_that_backward_needs_was_changed(store):
    x, c = leaf([1.5, 2.5], store), Tensor(store(np.array([2.0, 4.0])))
    y, z = x * c, x + c
    c[0] = 5.0
    z.backward(store(np.ones(2)))
    with pytest.raises(RuntimeError, match=r"^\*: .* changed in place"):
        y.backward(store(np.ones(2)))


@each_store
def test_a_training_loop(store):
    w, x = leaf([0.5, -0.5], store), store(np.array([[2.0, 1.0], [0.0, 1.0]]))
    for k in range(60):
        loss = ((x @ w - store(np.array([3.0, 1.0]))) ** 2).sum() + 1e-9 * (w @ w)
        w.grad = None
        loss.backward()
        if k % 2:
            w.data -= 0.1 * w.grad
        else:
            before = w
            with no_grad():
                w -= 0.1 * w.grad
            assert w is before
    np.testing.assert_allclose(w.numpy(), [1.0, 1.0], atol=1e-4)


def test_changes_outside_of_no_grad():
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"^t \*= … changes a Tensor that needs gradients"):
        x *= 2
    with pytest.raises(RuntimeError, match=r"^t\[i\] = … changes a Tensor that needs gradients"):
        x[0] = 2.0
    y = h = x * 1.0
    h += 1  # a new Tensor
    assert h is not y and y.data.tolist() == [1.0, 2.0] and h.data.tolist() == [2.0, 3.0]
    c = Tensor([1.0, 2.0])
    c[0] = 5.0
    c[Tensor([False, True])] = Tensor(7.0)
    assert c.data.tolist() == [5.0, 7.0]


# --- errors --------------------------------------------------------------------------------------

f32, f64 = Tensor(np.ones(2, np.float32)), Tensor(np.ones(2))
ERRORS = {
    "*: float32 and float64 do not mix: use astype() on one": (TypeError, lambda: f32 * f64),
    "**: float32 and float64": (TypeError, lambda: f32**f64),
    "matmul: float32 and float64": (TypeError, lambda: f32 @ f64),
    "linear: float32 and float64": (TypeError, lambda: linear(f32, np.ones((2, 2)))),
    "concatenate: float32 and float64": (TypeError, lambda: concatenate([f32, f64])),
    "backward: float32 and float64": (TypeError, lambda: (leaf([1.0]) * 1).backward(f32.data[:1])),
    "*: arrays of numpy and of torch do not mix": (TypeError, lambda: f64 * torch.ones(2)),
    "+: arrays of torch and of numpy": (TypeError, lambda: Tensor(torch.ones(2)) + np.ones(2)),
    "these are int64: write 1.0": (TypeError, lambda: Tensor([1, 2], requires_grad=True)),
    "these are bool": (TypeError, lambda: Tensor(True, requires_grad=True)),
    "made of real numbers, not of": (TypeError, lambda: Tensor(["a"])),
    "real numbers, not of array(0.+1.j)": (TypeError, lambda: Tensor(1j)),
    "made of real numbers": (TypeError, lambda: Tensor(None)),
    "a Tensor already": (TypeError, lambda: Tensor(f64)),
    "lists of equal lengths": (ValueError, lambda: Tensor([[1.0], [2.0, 3.0]])),
    "*: an operand is a Tensor, an array or a number, not [1, 2]": (
        TypeError,
        lambda: f64 * [1, 2],
    ),
    "not 'a'": (TypeError, lambda: f64 + "a"),
    "not None": (TypeError, lambda: where(f64 > 0, f64, None)),
    "backward from shape (2,): reduce": (ValueError, lambda: leaf([1.0, 2.0]).backward()),
    "has that shape, not (3,)": (ValueError, lambda: leaf([1.0, 2.0]).backward(np.ones(3))),
    "needs a gradient: make parameters": (RuntimeError, lambda: (f64 * f64).sum().backward()),
    "+: shapes (2, 3) and (4,) do not broadcast: lengths 3 and 4 on axis -1": (
        ValueError,
        lambda: Tensor(np.ones((2, 3))) + np.ones(4),
    ),
    "*: shapes (2, 3) and (3, 1) do not broadcast: lengths 2 and 3 on axis -2": (
        ValueError,
        lambda: Tensor(torch.ones(2, 3)) * torch.ones(3, 1),
    ),
    "where: shapes": (ValueError, lambda: where(np.ones(2) > 0, np.ones(2), leaf(np.ones(3)))),
    "matmul: (5, 3) @ (4, 2): inner sizes 3 and 4 differ": (
        ValueError,
        lambda: leaf(np.ones((5, 3))) @ np.ones((4, 2)),
    ),
    "matmul: (3,) @ (4, 2): inner sizes 3 and 4 differ": (
        ValueError,
        lambda: leaf(np.ones(3)) @ np.ones((4, 2)),
    ),
    "matmul: (2, 5, 3) @ (3, 3, 2): batches (2,) and (3,) do not broadcast": (
        ValueError,
        lambda: Tensor(torch.ones((2, 5, 3))) @ torch.ones((3, 3, 2)),
    ),
    "a number is no matrix": (ValueError, lambda: leaf(2.0) @ np.ones(3)),
    "linear: (5, 3) @ (4, 2): inner sizes 3 and 4 differ": (
        ValueError,
        lambda: linear(np.ones((5, 3)), leaf(np.ones((4, 2)))),
    ),
    "linear: W and b of shapes (3, 2) and (3,) do not fit": (
        ValueError,
        lambda: linear(np.ones((5, 3)), leaf(np.ones((3, 2))), leaf(np.ones(3))),
    ),
    "linear: 'rleu' is none of": (
        ValueError,
        lambda: linear(np.ones((5, 3)), leaf(np.ones((3, 2))), None, "rleu"),
    ),
    "cross_entropy: logits (n, classes) and n integers": (
        ValueError,
        lambda: cross_entropy(leaf(np.ones((3, 2))), np.array([0, 1])),
    ),
    "slices with negative steps: give the integers": (
        ValueError,
        lambda: Tensor(torch.ones(3))[::-1],
    ),
    "of float64": (ValueError, lambda: cross_entropy(leaf(np.ones((3, 2))), np.ones(3))),
    "an integer from 0 to 1": (
        ValueError,
        lambda: cross_entropy(leaf(np.ones((2, 2))), np.array([0, -1])),
    ),
    "from 0 to 1": (ValueError, lambda: cross_entropy(leaf(np.ones((1, 2))), np.array([2]))),
    "sum: no axis 1 in an array of 1 axes": (ValueError, lambda: f64.sum(axis=1)),
    "softmax: no axis -2": (ValueError, lambda: f64.softmax(-2)),
    "mean: no axis 0.5": (ValueError, lambda: f64.mean(axis=(0.5,))),
    "max: an axis comes twice": (ValueError, lambda: f64.max(axis=(0, -1))),
    "concatenate: no axis 1": (ValueError, lambda: concatenate([f64, f64], axis=1)),
    "off axis 0 the shapes differ": (ValueError, lambda: concatenate([f64, np.ones((2, 2))])),
    "concatenate: at least one": (ValueError, lambda: concatenate([])),
    "stack: Tensors of one shape": (ValueError, lambda: stack([f64, np.ones(3)])),
    "stack: Tensors of one shape are needed, not of []": (ValueError, lambda: stack([])),
    "stack: no axis 3": (ValueError, lambda: stack([f64, f64], 3)),
    "max: of no numbers": (ValueError, lambda: Tensor(np.ones((0, 2))).max(axis=0)),
    "var: 1 numbers and correction 1": (ValueError, lambda: Tensor([1.0]).var()),
    "reshape: (2,) does not fit into (3,)": (ValueError, lambda: f64.reshape(3)),
    "transpose: (0, 1)": (ValueError, lambda: Tensor(np.ones((2, 2, 2))).transpose(0, 1)),
    "write t.T to exchange": (ValueError, lambda: Tensor(np.ones((4, 3))).transpose(0, 1)),
    "transpose: no axis 1": (ValueError, lambda: f64.transpose(1)),
    "broadcast_to: (2,) does not fit into (3,)": (ValueError, lambda: f64.broadcast_to(3)),
    "squeeze: not all of the axes (0,) of (2,)": (ValueError, lambda: f64.squeeze(0)),
    "pad: 2 pairs of widths for the shape (2,)": (ValueError, lambda: f64.pad([(1, 1), (1, 1)])),
    'gelu: approximate is "none" or "tanh"': (ValueError, lambda: f64.gelu("erf")),
    "out of bounds": (IndexError, lambda: f64[5]),
}


@pytest.mark.parametrize("sentence", ERRORS)
def test_errors_are_sentences(sentence):
    kind, program = ERRORS[sentence]
    with pytest.raises(kind) as raised:
        program()
    text = str(raised.value)
    assert sentence in text and len(text) < 260 and "\n" not in text


def test_the_package_offers_one_maximum_for_both_engines():
    x = Tensor([1.0, 5.0], requires_grad=True)
    for y in (bookutils.maximum(x, 2.0), bookutils.maximum(2.0, x)):
        assert y.data.tolist() == [2.0, 5.0]
    bookutils.minimum(np.array([2.0, 3.0]), x).backward(np.array([-1.9, 0.7]))
    assert x.grad.tolist() == [-1.9, 0.0]
    assert bookutils.maximum(2.0, Value(3.0)).data == 3.0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_devices_do_not_mix():
    x = Tensor(torch.ones(2, device="cuda"), requires_grad=True)
    for f in (operator.add, operator.matmul, tensor.maximum):
        with pytest.raises(ValueError, match="one array on cuda:0, one on cpu"):
            f(x, torch.ones(2))
