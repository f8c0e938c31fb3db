"""A replay whose products of matrices another library computes, on the same memory."""

import copy
import warnings

import numpy as np
import pytest

from bookutils import Tensor
from bookutils.losses import cross_entropy, mse_loss
from bookutils.nn import MLP
from bookutils.optim import SGD, Adam
from bookutils.trace import ReplayError, record

torch = pytest.importorskip("torch")
TOLERANCE = {"float64": 1e-14, "float32": 1e-6}


class Products:
    """matmul by PyTorch, and what it was called with."""

    def __init__(self):
        self.calls = []

    def __call__(self, a, b, out):
        self.calls.append((a, b, out))
        torch.matmul(*map(lent, (a, b)), out=torch.from_numpy(out))


def lent(array):
    """An array's memory as PyTorch takes it: writable, no axis backwards."""
    array = array if array.flags.writeable and min(array.strides) >= 0 else array.copy()
    return torch.from_numpy(array)


def close(a, b):
    scale = max(1.0, np.abs(b).max(initial=0.0))
    assert a.dtype == b.dtype
    np.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCE[a.dtype.name] * scale)


def trained(optimizer, classes, dtype, widths=(37, 53, 29, 10), batch=64):
    rng = np.random.default_rng(0)
    net = MLP(widths, "relu", rng, dtype=dtype)
    optimizer = optimizer(net.parameters(), lr=0.01)

    def step(x, t):
        optimizer.zero_grad()
        loss = (cross_entropy if classes else mse_loss)(net(x), t)
        loss.backward()
        optimizer.step()
        return loss

    def data():
        x = rng.normal(size=(batch, widths[0])).astype(dtype)
        if classes:
            return x, rng.integers(widths[-1], size=batch)
        return x, rng.normal(size=(batch, widths[-1])).astype(dtype)

    return net, step, data


@pytest.mark.parametrize("optimizer", [SGD, Adam])
@pytest.mark.parametrize("classes", [False, True])
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_steps_with_products_of_pytorch_are_those_of_the_engine(optimizer, classes, dtype):
    net, step, data = trained(optimizer, classes, dtype)
    twin, theirs, same = trained(optimizer, classes, dtype)
    products = Products()
    fast = record(step, *data(), matmul=products)
    same()
    at_recording = len(products.calls)
    for k in range(5):
        close(fast(*data()).data, theirs(*same()).data)
        # three forward, three for weights, two for inputs, and each time in the same memory
        assert at_recording == 8 and len(products.calls) == 8 * (k + 2)
        for p, q in zip(net.parameters(), twin.parameters(), strict=True):
            close(p.grad, q.grad)
    for p, q in zip(net.parameters(), twin.parameters(), strict=True):
        close(p.data, q.data)
    for _, _, out in products.calls[8:]:
        if not any(np.shares_memory(out, p.grad) for p in net.parameters()):
            assert out.__array_interface__["data"][0] % 64 == 0
    outs = [[id(out) for _, _, out in products.calls[8 * k : 8 * k + 8]] for k in (1, 2, 5)]
    assert outs[0] == outs[1] == outs[2]
    grads = [p.grad for p in net.parameters()]
    assert sum(any(out is g for g in grads) for _, _, out in products.calls[-8:]) == 3


def test_the_program_shows_who_multiplies_and_all_else_stays():
    net, step, data = trained(SGD, True, "float64")
    x, t = data()

    def by_torch(a, b, out):
        torch.mm(torch.from_numpy(a), torch.from_numpy(b), out=torch.from_numpy(out))

    plain = record(step, x, t).instructions
    lines = record(step, x, t, matmul=by_torch).instructions
    assert "by_torch(x, layers_0_W, out=b3)" in lines
    assert sum(line.startswith("by_torch(") for line in lines) == 8
    # the sums for biases are products with a constant vector of ones, and stay with NumPy
    assert sum(line.startswith("dot(c") for line in lines) == 3
    assert [line.replace("by_torch(", "dot(") for line in lines] == plain


@pytest.mark.parametrize("name", ["add", "x", "<lambda>", "b0", "W", "in"])
def test_any_name_of_the_function_will_do(name):
    W, x = Tensor(np.ones((3, 2)), requires_grad=True), np.ones((4, 3))

    def step(x):
        return (x @ W + 1.0) @ W.T

    def multiply(a, b, out):
        np.matmul(a, b, out=out)

    multiply.__name__ = name
    fast = record(step, x, matmul=multiply)
    assert (fast(2 * x).data == step(2 * x).data).all()
    assert len({line.split("(")[0] for line in fast.instructions}) == 3  # product, sum, return


SHAPES = [  # of two factors: vectors are NumPy's
    ((5, 3), (3, 4), True),
    ((2, 5, 3), (3, 4), True),
    ((5, 3), (2, 3, 4), True),
    ((2, 1, 5, 3), (6, 3, 4), True),
    ((2, 5, 3), (2, 3, 4), True),
    ((1, 3), (3, 1), True),
    ((1, 1), (1, 1), True),
    ((0, 3), (3, 4), True),
    ((4, 0), (0, 2), True),
    ((3,), (3, 4), False),
    ((5, 3), (3,), False),
    ((3,), (3,), False),
]


@pytest.mark.parametrize("left, right, handed_over", SHAPES, ids=str)
def test_matrices_and_stacks_of_them_are_handed_over_and_vectors_are_not(left, right, handed_over):
    rng = np.random.default_rng(0)
    A, B = (Tensor(rng.normal(size=shape), requires_grad=True) for shape in (left, right))
    C, D = (Tensor(x.data.copy(), requires_grad=True) for x in (A, B))

    def step_of(A, B):
        def step(k):
            A.zero_grad()
            B.zero_grad()
            y = A @ B
            (y * y * k).sum().backward()
            return y * k

        return step

    products = Products()
    k = np.array(2.0)
    fast = record(step_of(A, B), k, matmul=products)
    for scale in (k, np.array(-3.0)):
        close(fast(scale).data, step_of(C, D)(scale).data)
        close(A.grad, C.grad)
        close(B.grad, D.grad)
    forward = [call for call in products.calls if call[0].shape == left and call[1].shape == right]
    assert bool(forward) is handed_over


def test_views_of_every_layout_and_operands_that_are_one_array():
    rng = np.random.default_rng(1)
    starts = [rng.normal(size=shape) for shape in ((6, 6), (4, 6))]

    def made():
        W, V = (Tensor(x, requires_grad=True) for x in starts)

        def step(x):
            W.zero_grad()
            V.zero_grad()
            h = x @ W  # rows of x may run backwards
            g = (h.T @ h) @ W.T
            k = V[:, ::2] @ g[::2]
            wide = (k.reshape(2, 2, 6) @ W[:, 1:4]).reshape(4, 3)
            loss = (W @ W @ W).tanh().sum() + (wide.T @ V).sum() + (k @ k.T).sum()
            loss.backward()
            return loss

        return W, V, step

    (W, V, step), (W2, V2, theirs) = made(), made()
    rows = 0.1 * rng.normal(size=(9, 6))
    products = Products()
    fast = record(step, rows, matmul=products)
    for x in (rows, rows[::-1], np.asfortranarray(2 * rows), np.repeat(rows, 2, axis=1)[:, ::2]):
        close(fast(x).data, theirs(x).data)
        close(W.grad, W2.grad)
        close(V.grad, V2.grad)
    assert len(products.calls) > 60
    for a, b, out in products.calls:
        assert out.flags.c_contiguous and out.flags.writeable
        assert not np.shares_memory(a, out) and not np.shares_memory(b, out)


def test_a_step_that_adds_to_its_gradients_and_one_that_updates_twice():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 4))

    def made():
        W = Tensor(np.eye(4) + 0.1, requires_grad=True)
        sgd = SGD([W], lr=0.01)

        def step(x):
            for _ in range(2):
                loss = ((x @ W @ W) ** 2).mean()
                loss.backward()
                sgd.step()
            return loss

        W.grad = np.ones((4, 4))
        return W, step

    (W, step), (W2, theirs) = made(), made()
    fast = record(step, x, matmul=Products())
    for k in range(3):
        close(fast(x + k).data, theirs(x + k).data)
        close(W.grad, W2.grad)
        close(W.data, W2.data)


def test_products_of_whole_numbers_and_of_two_dtypes_are_numpys():
    products, n, x = Products(), np.arange(6).reshape(2, 3), np.ones((3, 2))
    fast = record(lambda n, x: (np.matmul(n, n.T), np.matmul(n, x)), n, x, matmul=products)
    whole, mixed = fast(n + 1, x)
    assert (whole == (n + 1) @ (n + 1).T).all() and (mixed == (n + 1) @ x).all()
    assert products.calls == []


def test_numpy_s_own_settings_of_a_product_are_kept():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    for matmul in (None, Products()):
        fast = record(
            lambda x: np.matmul(x, x, dtype="float64", axes=[(1, 0), (0, 1), (0, 1)]),
            x,
            matmul=matmul,
        )
        assert fast(2 * x).dtype == np.float64 and (fast(2 * x) == 4.0 * x.T @ x).all()


WRONG = {  # what a reader may give by mistake -> what is told of it
    "PyTorch's own": (torch.matmul, "raised TypeError.*must be Tensor, not numpy.ndarray"),
    "without out": (lambda a, b: a @ b, "raised TypeError.*unexpected keyword argument 'out'"),
    "returned, not written": (lambda a, b, out: a @ b, "differs from NumPy by up to nan"),
    "transposed": (lambda a, b, out: np.matmul(b.T, a.T, out=out.T[:]) * 2, None),
    "twice": (lambda a, b, out: np.multiply(a @ b, 2.0, out=out), "differs from NumPy by up to"),
    "in float32": (
        lambda a, b, out: np.copyto(out, a.astype("f") @ b.astype("f")),
        r"differs from NumPy by up to \d.*e-\d+ for \(6, 5\) @ \(5, 4\) in float64",
    ),
}


@pytest.mark.parametrize("matmul, told", WRONG.values(), ids=WRONG)
def test_a_function_that_is_no_matmul_is_refused_at_the_recording(matmul, told):
    net, step, data = trained(SGD, True, "float64", (5, 4, 3), 6)
    x, t = data()
    before = copy.deepcopy(net.state_dict())
    if told is None:  # written through a transposed view: right
        assert record(step, x, t, matmul=matmul)(x, t).item() > 0
        return
    with pytest.raises(ReplayError, match=told):
        record(step, x, t, matmul=matmul)
    arrays = [p.data for p in net.parameters()]
    assert repr(net.state_dict()) == repr(before)
    assert all(a.base is None for a in arrays)  # nobody has moved into a flat array
    assert all(p.grad is None for p in net.parameters())


def test_what_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="record: matmul is a function of a, b and out, not 3"):
        record(lambda x: x @ x, np.ones((2, 2)), matmul=3)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_another_order_of_sums_is_no_other_product(dtype):
    """Long sums of numbers far apart in size, one by one, as a loop adds them."""

    def by_rows(a, b, out):
        out[...] = 0.0
        for k in range(a.shape[1]):
            out += np.multiply.outer(a[:, k], b[k])

    rng = np.random.default_rng(0)
    x = (rng.normal(size=(3, 4000)) * 10.0 ** rng.integers(-6, 6, size=4000)).astype(dtype)
    y = np.ones((4000, 2), dtype)
    fast = record(lambda x, y: np.matmul(x, y), x, y, matmul=by_rows)
    assert fast(x, y).shape == (3, 2)


def test_numbers_that_are_none_pass_the_trial_without_a_warning():
    x = np.array([[1.0, np.inf], [np.nan, 2.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fast = record(lambda x: np.matmul(x, x), x, matmul=Products())
        assert np.array_equal(fast(x), [[np.nan, np.inf], [np.nan, np.nan]], equal_nan=True)
        assert (fast(np.eye(2)) == np.eye(2)).all()


def test_a_change_of_the_net_is_refused_as_ever():
    net, step, data = trained(SGD, True, "float64")
    x, t = data()
    fast = record(step, x, t, matmul=Products())
    before = net.layers[0].W.data.copy()
    with pytest.raises(ReplayError, match="input 0 has shape"):
        fast(x[:5], t[:5])
    with pytest.raises(ReplayError, match="asks about the numbers"):
        fast(x, t + 10)
    net.eval()
    with pytest.raises(ReplayError, match="evaluation mode"):
        fast(x, t)
    assert (net.layers[0].W.data == before).all()
