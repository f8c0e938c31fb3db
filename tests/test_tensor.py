"""`Tensor`: gradients against PyTorch and central differences, on NumPy and on PyTorch storage."""

import copy
import gc
import itertools
import math
import operator
import pickle
import tracemalloc
import warnings
import weakref

import engine_contract
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookutils import Value, tensor
from bookutils.graph import cut, gradients
from bookutils.tensor import (
    Tensor,
    concatenate,
    cross_entropy,
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
few = settings(
    max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)


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


def softplus(x):
    return F.softplus(x, threshold=1000)


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
        -3,
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
    "slices": (lambda x: x[:, 1:, ::2] * 2 + x[:, :2, 1::2], lambda x: x[:, 1:, ::2] * 2 + x[:, :2, 1::2]),
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
    "softmax_all": (lambda x: x.softmax((0, 1)), lambda x: x.reshape(6, 4).softmax(0).reshape(2, 3, 4)),
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
