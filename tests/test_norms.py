"""Norms and residual blocks: PyTorch's numbers in both modes, forward, backward and remembered."""

import copy
import pickle
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tried import tried

from bookutils import Tensor, gradcheck, init, nn
from bookutils.engine.tensor import no_grad
from bookutils.nn.standardized import standardized
from bookutils.optim import SGD

# id: (class, in both libraries, its arguments, shape of x)
LAYERS = {
    "BatchNorm1d": ("BatchNorm1d", (5,), (7, 5)),
    "BatchNorm1d places": ("BatchNorm1d", (5,), (3, 5, 4)),
    "BatchNorm2d": ("BatchNorm2d", (3,), (2, 3, 4, 5)),
    "LayerNorm": ("LayerNorm", (6,), (4, 6)),
    "LayerNorm of two axes": ("LayerNorm", ((3, 5),), (2, 4, 3, 5)),
    "GroupNorm": ("GroupNorm", (2, 8), (4, 8)),
    "GroupNorm places": ("GroupNorm", (2, 6), (3, 6, 4, 2)),
    "RMSNorm": ("RMSNorm", (6,), (4, 6)),
    "RMSNorm of two axes": ("RMSNorm", ((3, 5),), (4, 3, 5)),
}
OPTIONS = {
    "Batch": [
        {},
        {"affine": False},
        {"momentum": 0.37, "eps": 0.1},
        {"momentum": None},
        {"momentum": 1.0},
        {"track_running_stats": False},
        {"track_running_stats": False, "affine": False, "eps": 1e-9},
    ],
    "Layer": [{}, {"elementwise_affine": False}, {"bias": False}, {"eps": 0.3}],
    "Group": [{}, {"affine": False}, {"eps": 0.3}],
    "RMSNo": [{}, {"elementwise_affine": False}, {"eps": 0.3}],
}
CASES = [(name, options) for name in LAYERS for options in OPTIONS[name[:5]]]
# a number is off by the rounding of a mean of some 50 numbers of size 10, and of what they cancel
CLOSE = {"float64": {"rtol": 1e-13, "atol": 1e-13}, "float32": {"rtol": 2e-5, "atol": 2e-5}}


def pair(name, options, dtype="float64", storage="numpy", seed=0):
    """Our layer and PyTorch's, with the same gamma and beta, away from 1 and 0."""
    kind, arguments, shape = LAYERS[name]
    ours = getattr(nn, kind)(*arguments, dtype=dtype, **options)
    theirs = getattr(torch.nn, kind)(*arguments, dtype=getattr(torch, dtype), **options)
    rng = np.random.default_rng(seed)
    for mine, other in ((ours.gamma, theirs.weight), (ours.beta, getattr(theirs, "bias", None))):
        assert (mine is None) == (other is None)
        if mine is not None:
            numbers = torch.tensor(rng.normal(1, 0.5, mine.shape).astype(dtype))
            other.data = numbers
            mine.data = numbers.clone() if storage == "torch" else numbers.numpy().copy()
    return ours, theirs, shape


def batch(shape, dtype, seed):
    """x of columns of unequal mean and size, and an upstream gradient."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape) * rng.uniform(0.5, 3, size=(1, *shape[1:])) + rng.normal(
        0, 4, size=(1, *shape[1:])
    )
    return x.astype(dtype), rng.normal(size=shape).astype(dtype)


def compare(ours, theirs, x, G, storage, close):
    """Output and all gradients, ours beside PyTorch's."""
    mine = Tensor(torch.tensor(x) if storage == "torch" else x, requires_grad=True)
    other = torch.tensor(x, requires_grad=True)
    for p in (ours, theirs):
        p.zero_grad()
    y, z = ours(mine), theirs(other)
    y.backward(torch.tensor(G) if storage == "torch" else G)
    z.backward(torch.tensor(G))
    assert type(y.data) is (torch.Tensor if storage == "torch" else np.ndarray)
    assert str(y.dtype).removeprefix("torch.") == str(x.dtype)
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), **close)
    np.testing.assert_allclose(np.asarray(mine.grad), other.grad.numpy(), **close)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(np.asarray(p.grad), q.grad.numpy(), **close)


def compare_buffers(ours, theirs, close):
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        mine, other = getattr(ours, name, None), getattr(theirs, name, None)
        assert (mine is None) == (other is None), name
        if mine is not None:
            np.testing.assert_allclose(mine.numpy(), other.numpy(), **close)
            assert mine.shape == tuple(other.shape)


@pytest.mark.parametrize("storage", ["numpy", "torch"])
@pytest.mark.parametrize(
    ("name", "options", "dtype"),
    [(*case, "float64") for case in CASES] + [(name, {}, "float32") for name in LAYERS],
)
def test_all_numbers_are_those_of_pytorch_in_both_modes(name, options, storage, dtype):
    ours, theirs, shape = pair(name, options, dtype, storage)
    for step in range(3):
        x, G = batch(shape, dtype, step)
        compare(ours, theirs, x, G, storage, CLOSE[dtype])
        compare_buffers(ours, theirs, CLOSE[dtype])
    ours.eval()
    theirs.eval()
    compare(ours, theirs, *batch(shape, dtype, 5), storage, CLOSE[dtype])
    compare_buffers(ours, theirs, CLOSE[dtype])
    ours.train()
    theirs.train()
    compare(ours, theirs, *batch(shape, dtype, 7), storage, CLOSE[dtype])
    compare_buffers(ours, theirs, CLOSE[dtype])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "training"),
    [(*case, True) for case in CASES if "momentum" not in case[1]]
    + [(name, {}, False) for name in LAYERS],
)
def test_gradients_by_finite_differences(name, options, training):
    layer, _, shape = pair(name, options)
    x, G = batch(shape, "float64", 1)
    layer(x)  # running statistics away from where they start
    layer.train(training)
    known = [p.data for p in layer.parameters()]

    def loss(x, *params):
        for name, p in zip(("gamma", "beta"), params, strict=False):
            setattr(layer, name, p)
        return (layer(x) * G).sum()

    assert gradcheck(loss, [x, *known])


def test_the_numbers_by_hand():
    """x = (1, 2, 6): mean 3, s = √(14/3); G = (1, ½, -2)."""
    layer = nn.BatchNorm1d(1, eps=0.0)
    x = Tensor([[1.0], [2.0], [6.0]], requires_grad=True)
    y = layer(x)
    s = (14 / 3) ** 0.5
    np.testing.assert_allclose(y.data[:, 0], np.array([-2.0, -1.0, 3.0]) / s, rtol=1e-15)
    y.backward(np.array([[1.0], [0.5], [-2.0]]))
    dx = x.grad[:, 0]
    np.testing.assert_allclose(dx, [-0.0220, 0.0276, -0.0055], atol=5e-5)
    assert abs(dx.sum()) < 1e-15 and abs(dx @ x.data[:, 0]) < 1e-15
    np.testing.assert_allclose(layer.running_var.data, [0.9 + 0.1 * 7], rtol=1e-15)  # 14/(3 - 1)


@tried(40)
@given(
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    mask=st.integers(1, 15),
    eps=st.sampled_from([1e-5, 0.1, 3.0]),
    centred=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_node_over_any_axes(shape, mask, eps, centred, seed):
    axes = tuple(i for i in range(len(shape)) if mask >> i & 1) or (0,)
    rng = np.random.default_rng(seed)
    x, G = rng.normal(size=shape), rng.normal(size=shape)
    ours, theirs = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, mean, var = standardized(ours, axes, eps, centred=centred)
    y.backward(G)
    mu = theirs.mean(axes, keepdim=True) if centred else torch.zeros(())
    square = ((theirs - mu) ** 2).mean(axes, keepdim=True)
    z = (theirs - mu) / (square + eps) ** 0.5
    z.backward(torch.tensor(G))
    assert y.op == "standardized" and y.parents == (ours,)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-13, atol=1e-13)
    # over one number, or equal ones, all terms cancel, and 1/√eps multiplies what rounding leaves
    np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(var, square.detach().numpy(), rtol=1e-13, atol=1e-13)
    if centred:
        np.testing.assert_allclose(mean, mu.detach().numpy(), rtol=1e-13, atol=1e-13)


def test_many_batches_leave_the_mean_and_variance_of_the_data():
    """Remembered over n - 1: the average of many small batches is the variance of the source."""
    rng = np.random.default_rng(0)
    layer = nn.BatchNorm1d(4, momentum=None)
    std = np.array([0.5, 1.0, 2.0, 7.0])
    for _ in range(4000):
        layer(rng.normal(3.0, std, size=(4, 4)))
    # 16,000 draws: the variance of each is off by √(2/12,000) of itself; five times that
    np.testing.assert_allclose(layer.running_var.data, std**2, rtol=5 * (2 / 12_000) ** 0.5)
    np.testing.assert_allclose(layer.running_mean.data, 3.0, atol=5 * 7 / 16_000**0.5)
    assert layer.num_batches_tracked.item() == 4000


def test_over_n_the_variance_would_be_too_small():
    """The case that tells n from n - 1: two rows, a factor of two."""
    layer = nn.BatchNorm1d(1, momentum=1.0)
    y = layer(np.array([[1.0], [4.0]]))
    assert layer.running_var.data.tolist() == [4.5] and layer.running_mean.data.tolist() == [2.5]
    np.testing.assert_allclose(y.data[:, 0], [-1, 1], atol=1e-5)  # normalised over n


def test_what_is_computed_in_use_leaves_the_statistics_alone():
    layer = nn.BatchNorm1d(3)
    rng = np.random.default_rng(0)
    layer(rng.normal(size=(8, 3)))
    kept = layer.state_dict()
    layer.eval()
    one = layer(rng.normal(size=(1, 3)))  # a single row is no batch, and needs none
    assert one.shape == (1, 3)
    x = rng.normal(size=(5, 3))
    assert np.array_equal(layer(x).data[2], layer(x[2:3]).data[0])
    assert all(np.array_equal(kept[name], array) for name, array in layer.state_dict().items())
    layer.train()
    with no_grad():  # training mode is not recording: the statistics move, as in PyTorch
        layer(x)
    assert layer.num_batches_tracked.item() == 2


def test_a_row_depends_on_the_others_of_its_batch_in_training_only():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 4))
    other = x.copy()
    other[1:] += 3.0
    for layer, depends in ((nn.BatchNorm1d(4), True), (nn.LayerNorm(4), False)):
        assert np.array_equal(layer(x).data[0], layer(other).data[0]) != depends
        layer.eval()
        assert np.array_equal(layer(x).data[0], layer(other).data[0])


def test_a_batch_refused_changes_nothing():
    layer = nn.BatchNorm1d(3)
    kept = layer.state_dict()
    for x in (np.ones((1, 3)), np.ones((0, 3)), np.ones((4, 2)), np.ones((4, 3), "float32")):
        with pytest.raises((ValueError, TypeError)):
            layer(x)
    assert all(np.array_equal(kept[name], array) for name, array in layer.state_dict().items())


def test_one_row_of_many_places_is_a_batch():
    layer, theirs, _ = pair("BatchNorm2d", {})
    compare(layer, theirs, *batch((1, 3, 4, 5), "float64", 0), "numpy", CLOSE["float64"])


def net(rng):
    return nn.Sequential(
        nn.Linear(4, 6, rng=rng),
        nn.BatchNorm1d(6),
        nn.Tanh(),
        nn.Residual(nn.Sequential(nn.LayerNorm(6), nn.Linear(6, 6, "relu", rng)), 0.5),
        nn.Linear(6, 2, rng=rng),
    )


def test_statistics_are_state_and_no_parameters(tmp_path):
    first = net(np.random.default_rng(0))
    first(np.random.default_rng(1).normal(size=(8, 4)))
    names = [name for name, _ in first.named_parameters()]
    assert "layers.1.gamma" in names and "layers.1.running_mean" not in names
    state = first.state_dict()
    assert state["layers.1.num_batches_tracked"] == 1
    assert state["layers.1.num_batches_tracked"].shape == ()
    first.save(tmp_path / "net.npz")
    second = net(np.random.default_rng(9)).load(tmp_path / "net.npz")
    x = np.random.default_rng(2).normal(size=(3, 4))
    for one in (second, copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
        assert np.array_equal(one.eval()(x).data, first.eval()(x).data)
    first.train()(x)
    assert first.state_dict()["layers.1.num_batches_tracked"] == 2
    assert second.state_dict()["layers.1.num_batches_tracked"] == 1
    second.train()(x)  # goes on from what it loaded
    for name, array in first.state_dict().items():
        assert np.array_equal(second.state_dict()[name], array)


def test_reset():
    layer = nn.BatchNorm1d(3)
    fresh = layer.state_dict()
    layer(np.random.default_rng(0).normal(size=(5, 3)))
    layer.reset_running_stats()
    for name, array in layer.state_dict().items():
        assert np.array_equal(fresh[name], array) and fresh[name].dtype == array.dtype
    nn.BatchNorm1d(3, track_running_stats=False).reset_running_stats()


def test_statistics_go_where_the_data_are():
    """Parameters moved to PyTorch, as for a GPU: the statistics follow with the first batch."""
    layer = nn.BatchNorm1d(3)
    for p in layer.parameters():
        p.data = torch.tensor(p.data)
    x = torch.arange(12.0, dtype=torch.float64).reshape(4, 3) ** 2
    layer.eval()
    assert type(layer(Tensor(x)).data) is torch.Tensor  # before any batch too
    layer.train()
    layer(Tensor(x))
    assert type(layer.running_mean.data) is torch.Tensor
    np.testing.assert_allclose(layer.running_var.data.numpy(), 0.9 + 0.1 * x.numpy().var(0, ddof=1))
    assert layer.load_state_dict(nn.BatchNorm1d(3).state_dict()) is layer
    assert layer.running_var.data.tolist() == [1, 1, 1]


def test_integers_become_floats():
    ours = nn.LayerNorm(3)(np.array([[1, 2, 6]]))
    assert np.array_equal(ours.data, nn.LayerNorm(3)(np.array([[1.0, 2.0, 6.0]])).data)


def test_a_whole_net_trains_as_pytorchs():
    """Forward, backward, statistics and updates together, over 30 steps, then in use."""
    rng = np.random.default_rng(0)
    ours = net(rng)
    linear = [torch.nn.Linear(*p.W.shape, dtype=torch.float64)
              for p in (ours[0], ours[3].body[1], ours[4])]  # fmt: skip
    for theirs, mine in zip(linear, (ours[0], ours[3].body[1], ours[4]), strict=True):
        theirs.weight.data = torch.tensor(mine.W.data.T.copy())
        theirs.bias.data = torch.tensor(mine.b.data.copy())
    bn, ln = (kind(6, dtype=torch.float64) for kind in (torch.nn.BatchNorm1d, torch.nn.LayerNorm))

    def forward(x):
        h = bn(linear[0](x)).tanh()
        return linear[2](h + 0.5 * linear[1](ln(h)).relu())

    params = [p for module in (*linear, bn, ln) for p in module.parameters()]
    theirs, mine = torch.optim.SGD(params, lr=0.1), SGD(ours.parameters(), lr=0.1)
    for _ in range(30):
        x, t = rng.normal(size=(8, 4)), rng.normal(size=(8, 2))
        theirs.zero_grad(), mine.zero_grad()
        ((forward(torch.tensor(x)) - torch.tensor(t)) ** 2).mean().backward()
        ((ours(x) - t) ** 2).mean().backward()
        theirs.step(), mine.step()
    bn.eval(), ours.eval()
    x = rng.normal(size=(5, 4))
    # thirty steps carry what each rounds differently
    np.testing.assert_allclose(ours(x).data, forward(torch.tensor(x)).detach(), rtol=1e-12)
    compare_buffers(ours[1], bn, {"rtol": 1e-12, "atol": 1e-13})


# ---------------------------------------------------------------------------------------- residual


def test_residual_adds_both_paths():
    rng = np.random.default_rng(0)
    body = nn.Linear(4, 4, "relu", rng)
    x, G = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    for scale in (1.0, 0.25, 0, -2):
        X, alone = Tensor(x, requires_grad=True), Tensor(x, requires_grad=True)
        body.zero_grad()
        y = nn.Residual(body, scale)(X)
        y.backward(G)
        grad = body.W.grad
        body.zero_grad()
        h = body(alone)
        h.backward(G)
        np.testing.assert_allclose(y.data, x + scale * h.data, rtol=1e-15)
        np.testing.assert_allclose(X.grad, G + scale * alone.grad, rtol=1e-14, atol=1e-15)
        np.testing.assert_allclose(grad, scale * body.W.grad, rtol=1e-14, atol=1e-15)


def test_residual_with_a_scale_that_is_learned():
    rng = np.random.default_rng(1)
    scale = Tensor(0.5, requires_grad=True)
    block = nn.Residual(nn.Linear(3, 3, "tanh", rng), scale)
    assert [name for name, _ in block.named_parameters()] == ["body.W", "body.b", "scale"]
    assert repr(block) == "Residual(Linear, scale=learned)"
    x, G = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))

    def loss(W, b, s):
        block.body.W, block.body.b, block.scale = W, b, s
        return (block(x) * G).sum()

    assert gradcheck(loss, [block.body.W.data, block.body.b.data, np.array(0.5)])


def test_a_zero_branch_is_the_identity():
    block = nn.Residual(nn.Sequential(nn.Linear(3, 3, init=init.zeros), nn.Tanh()))
    x = Tensor(np.random.default_rng(0).normal(size=(4, 3)), requires_grad=True)
    y = block(x)
    assert np.array_equal(y.data, x.data)
    y.backward(np.ones((4, 3)) * 3)
    assert np.array_equal(x.grad, np.full((4, 3), 3.0))
    assert nn.Residual(lambda h: h * 2)(np.array([1.0, 2.0])).data.tolist() == [3, 6]


# ---------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: nn.BatchNorm1d(4)(np.ones((1, 4))), ValueError,
         "BatchNorm1d(4) got (1, 4): in training it takes the variance of each channel over the "
         "batch, and of its numbers here there is only one, which is its own mean: x̂ would always "
         "be 0; give at least 2 rows, or call net.eval() to use the net"),
        (lambda: nn.BatchNorm2d(4)(np.ones((1, 4, 1, 1))), ValueError, "only one, which is its"),
        (lambda: nn.BatchNorm1d(4)(np.ones((0, 4))), ValueError, "there is none"),
        (lambda: nn.BatchNorm1d(4, track_running_stats=False).eval()(np.ones((1, 4))), ValueError,
         "BatchNorm1d(4, no running statistics) got (1, 4)"),
        (lambda: nn.BatchNorm1d(4)(np.ones((8, 5))), ValueError,
         "BatchNorm1d(4) got (8, 5): it takes (n, 4) or (n, 4, places)"),
        (lambda: nn.BatchNorm1d(4)(np.ones(4)), ValueError, "got (4,): it takes (n, 4)"),
        (lambda: nn.BatchNorm1d(4)(np.ones((2, 4, 3, 3))), ValueError, "got (2, 4, 3, 3): it"),
        (lambda: nn.BatchNorm2d(4)(np.ones((8, 4))), ValueError,
         "BatchNorm2d(4) got (8, 4): it takes (n, 4, h, w)"),
        (lambda: nn.LayerNorm(4)(np.ones((8, 5))), ValueError,
         "LayerNorm(4) got (8, 5): it takes (…, 4)"),
        (lambda: nn.LayerNorm((2, 4))(np.ones((8, 4))), ValueError,
         "LayerNorm((2, 4)) got (8, 4): it takes (…, 2, 4)"),
        (lambda: nn.RMSNorm(4)(np.ones((8, 5))), ValueError, "RMSNorm(4) got (8, 5)"),
        (lambda: nn.GroupNorm(2, 4)(np.ones((8, 6))), ValueError,
         "GroupNorm(2, 4) got (8, 6): it takes (n, 4, …)"),
        (lambda: nn.GroupNorm(4, 4)(np.ones((8, 4))), ValueError, "take fewer groups"),
        (lambda: nn.GroupNorm(3, 4), ValueError, "4 channels do not form 3 equal groups"),
        (lambda: nn.GroupNorm(0, 4), ValueError, "num_groups is a whole number, at least 1, not 0"),
        (lambda: nn.BatchNorm1d(4, dtype="float32")(np.ones((3, 4))), TypeError,
         "BatchNorm1d(4) holds float32 and got float64: give dtype='float64' where it is made"),
        (lambda: nn.BatchNorm1d(0), ValueError, "num_features is a whole number, at least 1, not"),
        (lambda: nn.BatchNorm1d(True), ValueError, "num_features is a whole number"),
        (lambda: nn.BatchNorm1d(4, eps=-1), ValueError, "eps is a number of 0 or more"),
        (lambda: nn.BatchNorm1d(4, np.random.default_rng(0)), ValueError, "eps is a number of 0"),
        (lambda: nn.BatchNorm1d(4, momentum=1.5), ValueError, "momentum is the share of the new"),
        (lambda: nn.BatchNorm1d(4, momentum="0.1"), ValueError, "not '0.1'"),
        (lambda: nn.BatchNorm1d(4, epsilon=1e-3), TypeError, "takes no epsilon: write eps=1e-5"),
        (lambda: nn.BatchNorm1d(4, axis=1), TypeError, "takes no axis: the channels are on axis 1"),
        (lambda: nn.LayerNorm(()), ValueError, "normalized_shape is a whole number, at least 1"),
        (lambda: nn.LayerNorm(1), ValueError, "LayerNorm takes 2 numbers at least"),
        (lambda: nn.LayerNorm((3, 0)), ValueError, "at least 1, not 0"),
        (lambda: nn.LayerNorm(3, eps=None), ValueError, "eps is a number of 0 or more"),
        (lambda: nn.RMSNorm(3, bias=True), TypeError, "RMSNorm has no beta"),
        (lambda: nn.BatchNorm1d(4).weight, AttributeError, "it is gamma"),
        (lambda: setattr(nn.LayerNorm(4), "bias", 1), AttributeError, "it is beta"),
        (lambda: nn.Residual(nn.Linear(3, 4, rng=np.random.default_rng(0)))(np.ones((2, 3))),
         ValueError, "Residual got (2, 3), and its body gives (2, 4): both are added"),
        (lambda: nn.Residual(nn.Tanh), TypeError, "layers beside the skip: Tanh(…), not <class"),
        (lambda: nn.Residual(3), TypeError, "takes the layers beside the skip: Residual(Seq"),
        (lambda: nn.Residual(nn.Tanh(), "0.5"), TypeError, "scale is a number, or a Tensor"),
        (lambda: nn.Residual(nn.Tanh(), Tensor([1.0, 2.0])), TypeError, "a Tensor of one number"),
        (lambda: nn.Residual(nn.Tanh(), nn.ReLU()), TypeError, "several layers go into a Seq"),
        (lambda: nn.Residual(nn.Tanh(), alpha=1), TypeError, "write Residual(body, scale=0.5)"),
    ],
)  # fmt: skip
def test_what_they_do_not_take(call, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        call()


def test_how_they_look():
    shown = map(repr, (
        nn.BatchNorm1d(4), nn.BatchNorm2d(4, momentum=None, affine=False), nn.LayerNorm((2, 3)),
        nn.RMSNorm(5), nn.GroupNorm(2, 6), nn.BatchNorm1d(3, track_running_stats=False),
        nn.Residual(nn.Tanh(), 0.25),
    ))  # fmt: skip
    assert list(shown) == [
        "BatchNorm1d(4)",
        "BatchNorm2d(4, momentum=None, no gamma, beta)",
        "LayerNorm((2, 3))",
        "RMSNorm(5)",
        "GroupNorm(2, 6)",
        "BatchNorm1d(3, no running statistics)",
        "Residual(Tanh, scale=0.25)",
    ]
    assert "BatchNorm1d(6)                   12" in repr(net(np.random.default_rng(0)))
