"""Dropout: the same mask gives PyTorch's numbers, forward and backward; use is the identity."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tried import tried

from bookutils import Tensor, gradcheck, nn
from bookutils.engine.tensor import no_grad


def generator(seed=0):
    return np.random.default_rng(seed)


@tried()
@given(
    p=st.floats(0.01, 0.99),
    shape=st.sampled_from([(), (7,), (4, 3), (2, 5, 3)]),
    dtype=st.sampled_from(["float64", "float32"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_with_the_mask_of_pytorch_all_numbers_are_pytorchs(p, shape, dtype, seed):
    rng = generator(seed)
    x, G = (rng.normal(size=shape).astype(dtype) for _ in range(2))
    theirs = torch.tensor(x, requires_grad=True)
    y, mask = torch.native_dropout(theirs, p, train=True)
    y.backward(torch.tensor(G))
    layer, ours = nn.Dropout(p, rng), Tensor(x, requires_grad=True)
    layer.mask = mask.numpy()
    out = layer(ours)
    out.backward(G)
    # 1 / (1 - p) is rounded in float64 here and perhaps in float32 there: one unit more
    tight = {"rtol": 4 * np.finfo(dtype).eps, "atol": 0}
    np.testing.assert_allclose(out.data, y.detach().numpy(), **tight)
    np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), **tight)
    assert out.dtype == ours.grad.dtype == np.dtype(dtype)


def test_the_numbers_by_hand():
    layer = nn.Dropout(0.4, generator())
    layer.mask = np.array([True, False, True])
    x = Tensor([1.2, -0.7, 2.5], requires_grad=True)
    y = layer(x)
    np.testing.assert_allclose(y.data, [1.2 / 0.6, 0, 2.5 / 0.6], rtol=1e-15)
    y.backward(np.array([1.0, 3.0, -2.0]))
    np.testing.assert_allclose(x.grad, [1 / 0.6, 0, -2 / 0.6], rtol=1e-15)


def test_the_mask_is_that_of_the_rng():
    layer, again = nn.Dropout(0.3, generator(5)), generator(5)
    for _ in range(2):
        y = layer(np.ones((20, 30))).data
        kept = again.random((20, 30)) >= 0.3
        assert np.array_equal(layer.drawn, kept) and np.array_equal(y != 0, kept)
        assert np.array_equal(np.unique(y), [0, 1 / (1 - 0.3)])


def test_the_mean_over_masks_is_the_input():
    x = np.array([3.0, -1.0, 0.0, 20.0])
    ys = nn.Dropout(0.8, generator())(np.broadcast_to(x, (40_000, 4))).data
    # the deviation of one draw is |x|·√(p/(1 - p)) = 2|x|; five times that of a mean of 40,000
    assert (abs(ys.mean(axis=0) - x) <= 5 * 2 * abs(x) / 200).all()


def test_in_use_it_is_the_identity_and_draws_nothing():
    rng = generator()
    layer = nn.Dropout(0.5, rng)
    net = nn.Sequential(nn.Linear(3, 4, "relu", rng), layer, nn.Linear(4, 2, rng=rng))
    x, before = Tensor(rng.normal(size=(5, 3)), requires_grad=True), rng.bit_generator.state
    assert layer.training and net.eval() is net and not layer.training
    assert layer(x) is x and rng.bit_generator.state == before
    with no_grad():
        assert np.array_equal(net(x).data, net(x).data)
        net.train()
        assert not np.array_equal(net(x).data, net(x).data)


def test_of_p_0_nothing_is_drawn():
    rng = generator()
    before, x = rng.bit_generator.state, Tensor([1.0, 2.0])
    assert nn.Dropout(0, rng)(x) is x and rng.bit_generator.state == before


def test_gradients_are_checked_with_a_mask_that_stays():
    rng = generator(3)
    net = nn.Sequential(
        nn.Linear(3, 6, "tanh", rng), nn.Dropout(0.5, rng), nn.Linear(6, 2, "tanh", rng)
    )
    x, G = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    net(x)
    net[1].mask = net[1].drawn
    assert 0 < net[1].mask.mean() < 1
    W, b, _, _ = net.parameters()

    def loss(W, b):
        net[0].W, net[0].b = W, b
        return (net(x) * G).sum()

    assert gradcheck(loss, [W.data, b.data])
    net[1].mask = None
    with pytest.raises(ValueError, match="different values"):
        gradcheck(loss, [W.data, b.data])


def test_dead_and_kept_zero_differ_backward():
    """relu leaves 0 where it was kept too: the mask, not the output, says where gradient flows."""
    layer = nn.Dropout(0.5, generator())
    layer.mask = np.array([True, False])
    h = Tensor([0.0, 0.0], requires_grad=True)
    layer(h).backward(np.array([3.0, 3.0]))
    assert h.grad.tolist() == [6.0, 0.0]


def test_arrays_of_pytorch():
    x = torch.arange(1.0, 7.0).reshape(2, 3)
    ours, theirs = nn.Dropout(0.5, generator(1)), nn.Dropout(0.5, generator(1))
    y = ours(Tensor(x))
    assert type(y.data) is torch.Tensor and y.data.dtype == torch.float32
    assert np.array_equal(y.numpy(), theirs(x.numpy()).data)


def test_no_numbers():
    assert nn.Dropout(0.5, generator())(np.ones((2, 0, 3))).shape == (2, 0, 3)


def test_it_has_no_parameters_and_no_state():
    layer = nn.Dropout(0.25, generator())
    layer(np.ones((2, 2)))
    assert layer.parameters() == [] and layer.state_dict() == {}
    assert repr(layer) == "Dropout(p=0.25)"


@pytest.mark.parametrize("p", [1, -0.1, 1.5, np.nan, "0.5", None, True, [0.5]])
def test_p_is_a_share_below_1(p):
    with pytest.raises(
        ValueError, match=re.escape(f"the share that is dropped, 0 <= p < 1, not {p!r}")
    ):
        nn.Dropout(p, generator())


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: nn.Dropout(0.5), TypeError, "Dropout(0.5, rng) needs the generator that draws"),
        (lambda: nn.Dropout(0.5, 0), TypeError, "rng=numpy.random.default_rng(0), not 0: random"),
        (lambda: nn.Dropout(rate=0.5), TypeError, "Dropout takes no rate: p is the share"),
        (lambda: nn.Dropout(0.5, inplace=True), TypeError, "computes a new Tensor"),
        (lambda: nn.MLP((2, 3, 1), rng=generator(), dropout=0.5), TypeError, "of a Sequential"),
    ],
)
def test_what_it_does_not_take(call, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        call()


def test_a_mask_of_another_shape():
    layer = nn.Dropout(0.5, generator())
    layer.mask = np.ones((3, 1), bool)  # would fit by broadcasting, and tie the columns together
    with pytest.raises(
        ValueError, match=re.escape("Dropout(p=0.5) got (3, 4), and its mask is (3, 1)")
    ):
        layer(np.ones((3, 4)))
