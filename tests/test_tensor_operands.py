"""What reaches an operation of `Tensor`: numbers, integers, arrays of the caller, indices."""

import copy
import math
import operator
import pickle
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from bookutils import Value, gradcheck, losses
from bookutils.engine.tensor import (
    Tensor,
    concatenate,
    cross_entropy,
    linear,
    maximum,
    minimum,
    no_grad,
    stack,
    where,
)

STORES = {"numpy": np.asarray, "torch": torch.as_tensor}
each_store = pytest.mark.parametrize("store", STORES.values(), ids=STORES)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def numbers(x):
    return Tensor(x).numpy() if not isinstance(x, Tensor) else x.numpy()


# --- numbers that Python's own arithmetic refuses ------------------------------------------------

ZEROS = [0, 0.0, -0.0, False, np.float64(0), np.float32(-0.0), np.int8(0), np.bool_(False),
         Fraction(0)]  # fmt: skip


@each_store
@pytest.mark.parametrize("zero", ZEROS, ids=repr)
def test_zero_divides_as_in_ieee(zero, store):
    x = Tensor(store(np.array([2.0, -3.0, 0.0])), requires_grad=True)
    y = x / zero
    y.backward(store(np.array([1.0, 2.0, 3.0])))
    t = torch.tensor([2.0, -3.0, 0.0], dtype=torch.float64, requires_grad=True)
    z = t / float(zero)
    z.backward(torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64))
    np.testing.assert_array_equal(y.numpy(), z.detach().numpy())
    np.testing.assert_array_equal(numbers(x.grad), t.grad.numpy())


@each_store
@pytest.mark.parametrize("a", [0, 0.0, -2, 1.7, np.float32(0), True], ids=repr)
def test_a_number_to_the_power_of_a_tensor(a, store):
    b = np.array([2.0, 0.0, -1.0, 0.5])
    x = Tensor(store(b), requires_grad=True)
    y = a**x
    y.backward(store(np.array([1.0, 2.0, 3.0, 4.0])))
    t = torch.tensor(b, requires_grad=True)
    z = torch.tensor(float(a), dtype=torch.float64) ** t
    z.backward(torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64))
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), rtol=1e-14)
    np.testing.assert_allclose(numbers(x.grad), t.grad.numpy(), rtol=1e-14)


@each_store
def test_integers_to_a_negative_power_are_refused(store):
    for k in (-1, np.array([-1, 2]), Tensor([0, -2])):
        k = Tensor(store(numbers(k))) if not isinstance(k, int) else k
        with pytest.raises(TypeError, match="integers to a negative power are fractions"):
            Tensor(store(np.array([1, 2]))) ** k
    with pytest.raises(TypeError, match="integers to a negative power are fractions"):
        2 ** Tensor(store(np.array([1, -2])))
    assert (Tensor(store(np.array([1, 2]))) ** -1.0).numpy().tolist() == [1.0, 0.5]


# --- integers and bools never swallow a fraction -------------------------------------------------

FRACTIONS = {
    "where": (lambda k: where(k > 1, k, 0.5), [0.5, 0.5, 2.0]),
    "where_first": (lambda k: where(k > 1, 0.5, k), [0.0, 1.0, 0.5]),
    "clip": (lambda k: k.clip(0.5, 1.5), [0.5, 1.0, 1.5]),
    "stack": (lambda k: stack([k[1], 0.5, k[2]]), [1.0, 0.5, 2.0]),
    "concatenate": (lambda k: concatenate([k[:2], k[:1] + 0.5]), [0.0, 1.0, 0.5]),
    "number_pow": (lambda k: 0.5**k, [1.0, 0.5, 0.25]),
    "pow_number": (lambda k: k**0.5, [0.0, 1.0, math.sqrt(2)]),
    "add": (lambda k: k + 0.5, [0.5, 1.5, 2.5]),
    "radd": (lambda k: np.float32(0.5) + k, [0.5, 1.5, 2.5]),
    "sub": (lambda k: k - Fraction(1, 2), [-0.5, 0.5, 1.5]),
    "mul": (lambda k: k * 0.5, [0.0, 0.5, 1.0]),
    "pad": (lambda k: k[:2].pad(1, 0.5), [0.5, 0.0, 1.0, 0.5]),
    "div": (lambda k: k / 2, [0.0, 0.5, 1.0]),
    "rdiv": (lambda k: 1 / (k + k + 1), [1.0, 1 / 3, 0.2]),
    "maximum": (lambda k: maximum(k, 0.5), [0.5, 1.0, 2.0]),
    "minimum": (lambda k: minimum(0.5, k), [0.0, 0.5, 0.5]),
    "leaky_relu": (lambda k: (k * -1.0).leaky_relu(0.25), [0.0, -0.25, -0.5]),
    "exp": (lambda k: k.exp(), [1.0, math.e, math.e**2]),
    "log": (lambda k: (k + k + 1).log(), [0.0, math.log(3), math.log(5)]),
    "sqrt": (lambda k: k.sqrt(), [0.0, 1.0, math.sqrt(2)]),
    "sin": (lambda k: k.sin(), [0.0, math.sin(1), math.sin(2)]),
    "cos": (lambda k: k.cos(), [1.0, math.cos(1), math.cos(2)]),
    "tanh": (lambda k: k.tanh(), [0.0, math.tanh(1), math.tanh(2)]),
    "sigmoid": (lambda k: k.sigmoid(), [0.5, 1 / (1 + math.e**-1), 1 / (1 + math.e**-2)]),
    "softplus": (lambda k: k.softplus(), [math.log1p(math.e**a) for a in (0, 1, 2)]),
    "gelu": (lambda k: k.gelu(), [a * (1 + math.erf(a / math.sqrt(2))) / 2 for a in (0, 1, 2)]),
    "mean": (lambda k: k[:2].mean().reshape(1), [0.5]),
    "var": (lambda k: k[:2].var().reshape(1), [0.5]),
    "softmax": (lambda k: (k[:2] * 0).softmax(), [0.5, 0.5]),
    "log_softmax": (lambda k: (k[:2] * 0).log_softmax(), [-math.log(2), -math.log(2)]),
    "logsumexp": (lambda k: (k[:2] * 0).logsumexp(0, True), [math.log(2)]),
    "linear": (lambda k: linear(k.reshape(1, 3), np.full((3, 1), 0.5)).reshape(1), [1.5]),
    "matmul": (lambda k: k.reshape(1, 3) @ np.full((3, 1), 0.5), [[1.5]]),
}


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint8])
@pytest.mark.parametrize("name", FRACTIONS)
def test_integers_take_fractions_in(name, dtype):
    f, expected = FRACTIONS[name]
    y = f(Tensor(np.array([0, 1, 2], dtype=dtype)))
    assert y.dtype == np.float64
    np.testing.assert_allclose(y.data, expected, rtol=1e-15)


@pytest.mark.parametrize("name", sorted(FRACTIONS.keys() - {"leaky_relu", "matmul", "linear"}))
def test_integers_of_pytorch_take_fractions_in(name):
    f, expected = FRACTIONS[name]
    y = f(Tensor(torch.tensor([0, 1, 2])))
    assert y.dtype == torch.float64
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-15)


@each_store
def test_bools_are_no_eighth_of_a_float(store):
    b = Tensor(store(np.array([True, False])))
    assert (2**b).numpy().tolist() == [2, 1] and (b * 0.5).numpy().tolist() == [0.5, 0.0]
    for f in (Tensor.exp, Tensor.tanh, Tensor.sigmoid, Tensor.softplus, Tensor.relu):
        y = f(b)
        assert "float64" in str(y.dtype)
        np.testing.assert_array_equal(y.numpy(), f(b.astype(float)).numpy())
    assert where(b, b, 0.5).numpy().tolist() == [1.0, 0.5]
    assert b.mean().item() == 0.5 and b.sum().item() == 1


def test_cross_entropy_of_integer_logits():
    for f in (cross_entropy, losses.cross_entropy):
        y = f(Tensor([[0, 0], [0, 0]]), [0, 1])
        assert y.item() == math.log(2)


@each_store
def test_integers_in_place_refuse_fractions(store):
    k = Tensor(store(np.array([1, 2, 3])))
    with no_grad():
        for change in (
            lambda: operator.iadd(k, 0.5),
            lambda: operator.isub(k, store(np.array(0.5))),
            lambda: operator.imul(k, 0.5),
            lambda: operator.itruediv(k, 2),
            lambda: k.__setitem__(0, 0.5),
            lambda: k.__setitem__(slice(None), Tensor(store(np.array([0.5, 1.0, 2.0])))),
        ):
            with pytest.raises(TypeError, match=r"^(\+|-|\*|/|t\[i\] = …): .*(fit|fractions)"):
                change()
        k += 2
        k[0] = 7
        k[1] = 8.0
    assert k.numpy().tolist() == [7, 8, 5]
    with no_grad(), pytest.raises(TypeError, match="bool"):
        Tensor(store(np.array([True])))[0] = 2


def test_integers_never_come_to_need_a_gradient():
    p = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError, match="these are int64: write 1.0 for 1"):
        p.data = np.array([1, 2])
    with pytest.raises(TypeError, match="these are bool"):
        p.data = [True, False]
    t = Tensor([1, 2])
    with pytest.raises(TypeError, match="these are int64: write 1.0 for 1"):
        t.requires_grad = True
    assert p.data.tolist() == [1.0, 2.0] and not t.requires_grad
    t.data = np.array([1.5, 2.5])
    t.requires_grad = True
    (t * t).sum().backward()
    assert t.grad.tolist() == [3.0, 5.0]
    with pytest.raises(RuntimeError, match=r"use its detach\(\)"):
        (t * t).requires_grad = False


def test_sixteen_bits_are_refused():
    for make in (
        lambda: Tensor(np.ones(2, np.float16)),
        lambda: Tensor(torch.ones(2, dtype=torch.bfloat16)),
        lambda: Tensor([1.0], dtype="float16"),
        lambda: Tensor([1.0]).astype(np.float16),
        lambda: Tensor([1.0]) * np.ones(1, np.float16),
    ):
        with pytest.raises(TypeError, match="float16 is not served: .*: use float32"):
            make()
    assert (Tensor([1.0]) * np.float16(2)).data.tolist() == [2.0]  # one number has no dtype here


# --- 0 · nan -------------------------------------------------------------------------------------


@each_store
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_zero_times_nan_is_nan_in_a_layer(bad, n, store):
    for x, w in (([[bad], [1.0]], [[0.0] * n]), ([[0.0], [0.0]], [[bad] * n])):
        arrays = [np.array(x), np.array(w), np.zeros(n)]
        ts = [torch.tensor(a, requires_grad=True) for a in arrays]
        xs = [Tensor(store(a), requires_grad=True) for a in arrays]
        y, z = linear(*xs), ts[0] @ ts[1] + ts[2]
        G = np.array([[0.0] * n, [1.5] * n])
        y.backward(store(G))
        z.backward(torch.tensor(G))
        np.testing.assert_array_equal(y.numpy(), z.detach().numpy())
        for ours, theirs in zip(xs, ts, strict=True):
            np.testing.assert_array_equal(numbers(ours.grad), theirs.grad.numpy())


# --- arrays of the caller that change before backward --------------------------------------------


def change(a):
    a[...] = False if "bool" in str(a.dtype) else 1


READ_AGAIN = {
    "mul": lambda w, X, k, m: (w * X).sum(),
    "rmul": lambda w, X, k, m: (X * w).sum(),
    "div": lambda w, X, k, m: (w / X).sum(),
    "rdiv": lambda w, X, k, m: (X / w).sum(),
    "pow": lambda w, X, k, m: (w**X).sum(),
    "rpow": lambda w, X, k, m: (X**w).sum(),
    "maximum": lambda w, X, k, m: maximum(w, X).sum(),
    "matmul": lambda w, X, k, m: (X @ w.T).sum(),
    "linear": lambda w, X, k, m: linear(X, w.T, None, "tanh").sum(),
    "where": lambda w, X, k, m: where(m, w, X).sum(),
    "mask": lambda w, X, k, m: (w[m] * 2).sum(),
    "index": lambda w, X, k, m: (w[k] * w[k]).sum(),
    "pairs": lambda w, X, k, m: w[k, k].sum(),
    "cross_entropy": lambda w, X, k, m: cross_entropy(w, k),
}
OF_LOSSES = {
    "cross_entropy": lambda w, X, k, m: losses.cross_entropy(w, k),
    "smoothed": lambda w, X, k, m: losses.cross_entropy(w, k, label_smoothing=0.1),
    "weighted": lambda w, X, k, m: losses.cross_entropy(w, k, weight=X[0]),
    "soft_weighted": lambda w, X, k, m: losses.cross_entropy(w, X / X.sum(1, keepdims=True),
                                                             weight=X[0]),
    "nll": lambda w, X, k, m: losses.nll_loss(w.log_softmax(), k),
    "multi_margin": lambda w, X, k, m: losses.multi_margin_loss(w, k),
    "mse": lambda w, X, k, m: losses.mse_loss(w, X),
    "huber": lambda w, X, k, m: losses.huber_loss(w, X),
    "bce": lambda w, X, k, m: losses.bce_with_logits(w, X / 9),
    "kl": lambda w, X, k, m: losses.kl_div(w.log_softmax(), X / X.sum(1, keepdims=True)),
    "gaussian": lambda w, X, k, m: losses.gaussian_nll_loss(w, X, X),
}  # fmt: skip


@each_store
@pytest.mark.parametrize("name", READ_AGAIN)
def test_what_the_caller_changes_before_backward(name, store):
    the_same_gradient(READ_AGAIN[name], store)


@each_store
@pytest.mark.parametrize("name", OF_LOSSES)
def test_what_the_caller_of_a_loss_changes_before_backward(name, store):
    if name in ("soft_weighted", "kl") and store is not np.asarray:
        return  # torch's sum has no keepdims
    the_same_gradient(OF_LOSSES[name], store)


def the_same_gradient(program, store):
    grads = []
    for changes in (False, True):
        w = Tensor(store(np.array([[0.5, 1.5, 2.5], [3.0, 0.25, 1.0]])), requires_grad=True)
        X = store(np.array([[2.0, 5.0, 3.0], [4.0, 2.5, 8.0]]))
        k, m = store(np.array([0, 1])), store(np.array([[True, False, True], [False, True, True]]))
        loss = program(w, X, k, m)
        if changes:
            for a in (X, k, m):
                change(a)
        loss.backward()
        grads.append(numbers(w.grad))
    np.testing.assert_array_equal(*grads)


def test_an_environment_that_reuses_its_observation():
    """The published kind: one array is filled anew while the episode is recorded."""
    w, seen, total = Tensor([0.5, -0.5], requires_grad=True), np.zeros(2), 0.0
    for k in range(3):
        seen[:] = [k, 2 * k + 1]
        total = total + w @ seen
    total.backward()
    assert w.grad.tolist() == [0.0 + 1 + 2, 1.0 + 3 + 5]


def test_nothing_is_copied_where_nothing_is_recorded(monkeypatch):
    from bookutils.engine import operands

    X, W = np.ones((3, 2)), Tensor(np.ones((2, 2)), requires_grad=True)
    monkeypatch.setattr(operands, "xp", lambda a: pytest.fail("copied"))
    with no_grad():
        X @ W
    linear(X, W.detach())
    linear(Tensor(X), W)


# --- indices -------------------------------------------------------------------------------------

INDICES = {
    "True": True,
    "False": False,
    "np_True": np.True_,
    "None_True": (None, True),
    "empty_list": [],
    "empty_pair": ([], []),
    "empty_mask": np.zeros((2, 3), bool),
    "all": np.ones((2, 3), bool),
    "row_and_list": (1, [2, 0, 2]),
    "uint8": np.array([1, 0, 1], np.uint8),
    "tuple_of_bools": [True, False],
    "ellipsis": (..., [1, 1]),
    "np_int": np.int64(1),
    "zero_d": np.array(1),
}


@pytest.mark.parametrize("name", INDICES)
def test_indices_are_those_of_numpy(name):
    index = INDICES[name]
    a = np.arange(6.0).reshape(2, 3)
    x = Tensor(a, requires_grad=True)
    y = x[index]
    expected = a[index]
    assert y.shape == expected.shape
    np.testing.assert_array_equal(y.data, expected)
    G = np.cos(np.arange(y.size) + 1.0).reshape(y.shape)
    y.backward(G)
    places = np.arange(6).reshape(2, 3)[index]
    grad = np.zeros(6)
    np.add.at(grad, np.ravel(places).astype(int), np.ravel(G))
    np.testing.assert_array_equal(x.grad, grad.reshape(2, 3))


# --- errors that say what arrived -----------------------------------------------------------------


@pytest.mark.parametrize("f", [operator.add, operator.sub, operator.mul, operator.truediv,
                               operator.pow, maximum, operator.matmul])  # fmt: skip
@pytest.mark.parametrize("other", [None, "a", [1.0, 2.0], 1j, Decimal(1), {}], ids=repr)
def test_what_is_no_operand_is_named(f, other):
    x = Tensor([1.0, 2.0], requires_grad=True)
    for pair in ((x, other), (other, x)):
        if isinstance(other, complex) and pair[0] is other:
            continue
        with pytest.raises(TypeError, match="an operand is a Tensor, an array or a number, not"):
            f(*pair)


def test_what_is_no_real_number_is_refused_on_every_way_in():
    t = Tensor([1.0, 2.0])
    for make in (
        lambda: Tensor([1j]),
        lambda: Tensor([1.0], dtype=complex),
        lambda: Tensor([1.0], dtype=object),
        lambda: t.astype("complex64"),
        lambda: setattr(t, "data", np.array([1j])),
        lambda: setattr(t, "data", ["a"]),
        lambda: Tensor([Value(1.0), 2.0]),
    ):
        with pytest.raises(TypeError, match="^a Tensor is made of real numbers, not of"):
            make()
    assert t.data.tolist() == [1.0, 2.0]


def test_operands_by_name_are_named_in_errors():
    with pytest.raises(ValueError, match=r"^linear: \(2, 3\) @ \(4, 1\): inner sizes 3 and 4"):
        linear(np.ones((2, 3)), W=np.ones((4, 1)))
    for f in (
        lambda t: t.argmax(axis=(0, 1)),
        lambda t: t.cumsum((0, 1)),
        lambda t: stack([t], ()),
    ):
        with pytest.raises(ValueError, match=r"^\w+: one axis is needed, a number, not \("):
            f(Tensor(np.ones((2, 3))))


def test_a_value_and_a_tensor_do_not_mix():
    x, v = Tensor([1.0, 2.0], requires_grad=True), Value(3.0)
    for f in (operator.add, operator.mul, operator.truediv, operator.pow, operator.sub):
        for t in (x, Tensor(2.0, requires_grad=True), Tensor(2.0)):
            for pair in ((t, v), (v, t)):
                with pytest.raises(TypeError, match="make both Values,? or both Tensors"):
                    f(*pair)
    with pytest.raises(TypeError, match="requires_grad is True or False, not 2.0"):
        Tensor(1.0, 2.0)


def test_functions_of_numpy():
    x = Tensor([[0.5, 2.0], [1.0, 3.0]], requires_grad=True)
    for name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "negative", "absolute"):
        y = getattr(np, name)(x)
        assert type(y) is Tensor and y.parents == (x,)
        np.testing.assert_array_equal(y.data, getattr(np, name)(x.data))
    a = np.array([1.0, -2.0])
    for name in ("add", "subtract", "multiply", "divide", "power", "maximum", "matmul"):
        y = getattr(np, name)(a, x)
        assert type(y) is Tensor
        np.testing.assert_array_equal(y.data, getattr(np, name)(a, x.data))
    for name in ("sum", "mean", "max", "prod", "std", "concatenate", "where", "dot", "square"):
        args = ([x, x],) if name == "concatenate" else (x > 0, x, 0) if name == "where" else (x,)
        args = (x, x) if name == "dot" else args
        with pytest.raises(TypeError, match=f"^np.{name}: NumPy would lose the gradient"):
            getattr(np, name)(*args)
    with pytest.raises(TypeError, match=r"^np.sum: .* write t.sum\(…\)"):
        np.sum(x, axis=1)
    c = x.detach()
    assert np.sum(c) == 6.5 and np.shape(x) == (2, 2) and np.isfinite(x).all()
    np.testing.assert_array_equal(np.stack([c, c]), np.stack([c.data, c.data]))
    np.testing.assert_array_equal(np.square(c), c.data**2)
    b = a
    b += x
    assert type(b) is Tensor and a.tolist() == [1.0, -2.0]


class Odd(np.ndarray):
    """An array that adds where it should multiply."""

    def __array_ufunc__(self, ufunc, call, *operands, **settings):
        operands = [np.asarray(x) for x in operands]
        return getattr(np.add if ufunc is np.multiply else ufunc, call)(*operands, **settings)


def test_subclasses_of_arrays_bring_no_arithmetic():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    eye = np.eye(2).view(np.matrix) if hasattr(np, "matrix") else np.eye(2)
    for y in (x * eye, eye * x, Tensor(eye) * x, x.detach() * eye):
        assert type(y.data) is np.ndarray and y.data.tolist() == [[1.0, 0.0], [0.0, 4.0]]
    for y in (x * np.eye(2).view(Odd), x.detach() * np.eye(2).view(Odd)):
        assert type(y.data) is np.ndarray and y.data.tolist() == [[1.0, 0.0], [0.0, 4.0]]
    masked = np.ma.array([1.0, 2.0], mask=[True, False])
    for f in (lambda: Tensor(masked), lambda: x * masked, lambda: masked * x):
        with pytest.raises(TypeError, match="lose its mask|lose the gradient"):
            f()


# --- nothing of no width -------------------------------------------------------------------------


@each_store
def test_layers_of_no_width(store):
    for shape, width in (((2, 3, 0), 4), ((0, 3), 4), ((2, 3), 0), ((2, 0, 3), 4)):
        x = Tensor(store(np.ones(shape)), requires_grad=True)
        W = Tensor(store(np.ones((shape[-1], width))), requires_grad=True)
        b = Tensor(store(np.ones(width)), requires_grad=True)
        y = linear(x, W, b, "relu")
        y.backward(store(np.ones(y.shape)))
        for p in (x, W, b):
            assert tuple(p.grad.shape) == p.shape


@each_store
def test_losses_of_no_rows(store):
    for classes in (3, 0):
        z = Tensor(store(np.ones((4, 0, classes))), requires_grad=True)
        y = losses.cross_entropy(z, store(np.zeros((4, 0), int)), reduction="none")
        y.backward(store(np.ones((4, 0))))
        assert y.shape == (4, 0) and tuple(z.grad.shape) == (4, 0, classes)


# --- copies --------------------------------------------------------------------------------------


def test_computed_tensors_are_not_copied():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    for f in (copy.copy, copy.deepcopy, pickle.dumps, lambda y: copy.deepcopy([y])):
        with pytest.raises(RuntimeError, match=r"not copied or pickled.*: use its detach\(\)"):
            f(y)
    for f in (copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))):
        z = f(y.detach())
        assert z.data.tolist() == [1.0, 4.0] and z.parents == () and not z.requires_grad
        p = f(x)
        (p * p).sum().backward()
        assert p.requires_grad and p.grad.tolist() == [2.0, 4.0] and x.grad is None


# --- gradcheck of one number ---------------------------------------------------------------------


@pytest.mark.parametrize("x", [0.7, [0.7, 1.3], np.array(0.7), [np.array(0.7), 2.0]], ids=repr)
def test_gradcheck_of_numbers_with_tensors(x):
    kinds = []

    def f(*xs):
        kinds.extend(map(type, xs))
        return sum(t.tanh() * t for t in xs)

    def one(x):
        return f(x)

    report = gradcheck(f if isinstance(x, list) else one, x, engine=Tensor)
    assert report.ok and report.max_error < 1e-9 and set(kinds) == {Tensor}
    wrong = gradcheck(lambda x: x.detach() * x, np.array(0.7), engine=Tensor)
    assert not wrong.ok
