"""Penalties beside PyTorch and closed forms; L1 by proximal steps beside scikit-learn's lasso."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import Lasso

from bookutils import Tensor, gradcheck, nn
from bookutils.losses import mse_loss
from bookutils.optim import SGD
from bookutils.regularization import (
    decay_groups,
    l1_penalty,
    l2_penalty,
    proximal_l1,
    soft_threshold,
    weights,
)


def generator(seed=0):
    return np.random.default_rng(seed)


def small_net(seed=0):
    """A net whose biases are not 0 either."""
    net = nn.MLP((3, 5, 2), "tanh", generator(seed))
    for p in net.parameters():
        if p.ndim == 1:
            p.data = generator(seed + 1).normal(size=p.shape)
    return net


def test_weights_are_the_matrices_and_not_the_biases():
    net = small_net()
    assert [p.shape for p in weights(net)] == [(3, 5), (5, 2)]
    assert weights(net)[0] is net.layers[0].W


def test_groups_hold_every_parameter_once_and_free_the_biases():
    net = small_net()
    decayed, free = decay_groups(net, 0.1)
    assert [p.ndim for p in decayed["params"]] == [2, 2] and decayed["weight_decay"] == 0.1
    assert [p.ndim for p in free["params"]] == [1, 1] and free["weight_decay"] == 0
    together = {id(p) for p in decayed["params"] + free["params"]}
    assert together == {id(p) for p in net.parameters()}
    assert len(decay_groups(nn.Linear(2, 3, bias=False, rng=generator()), 0.1)) == 1


def test_the_penalty_in_the_loss_is_the_weight_decay_of_pytorch():
    """½λ|w|² in the loss, and weight_decay=λ in torch.optim.SGD: the same 20 steps."""
    net, rng = small_net(), generator(7)
    X, t = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    theirs = [torch.tensor(p.data, requires_grad=True) for p in net.parameters()]
    W1, b1, W2, b2 = theirs
    ours = SGD(net.parameters(), lr=0.1)
    descent = torch.optim.SGD(
        [
            {"params": [W1, W2], "weight_decay": 0.3},
            {"params": [b1, b2], "weight_decay": 0.0},
        ],
        lr=0.1,
    )
    for _ in range(20):
        ours.zero_grad()
        (mse_loss(net(X), t) + l2_penalty(net, 0.3)).backward()
        ours.step()
        descent.zero_grad()
        y = torch.tanh(torch.tensor(X) @ W1 + b1) @ W2 + b2
        torch.nn.functional.mse_loss(y, torch.tensor(t)).backward()
        descent.step()
    for p, q in zip(net.parameters(), theirs, strict=True):
        # 20 steps of sums of a few terms, each rounded in an order of its own
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=1e-12, atol=1e-14)


def test_values_by_hand_and_gradients_by_differences():
    w, v = Tensor([[1.5, -2.0]], requires_grad=True), Tensor([0.5], requires_grad=True)
    assert l2_penalty([w, v], 0.4).item() == pytest.approx(0.5 * 0.4 * (2.25 + 4 + 0.25))
    assert l1_penalty([w, v], 0.4).item() == pytest.approx(0.4 * 4.0)
    (l2_penalty([w], 0.4) + l1_penalty([w], 0.25)).backward()
    np.testing.assert_allclose(w.grad, [[0.4 * 1.5 + 0.25, -0.8 - 0.25]], rtol=1e-15)
    at = [generator().normal(size=(2, 3)), generator(1).normal(size=4)]
    assert gradcheck(lambda a, b: l2_penalty([a, b], 0.7), at)
    assert gradcheck(lambda a, b: l1_penalty([a, b], 0.7), at)


@given(
    w=arrays(float, (5,), elements=st.floats(-1e6, 1e6)),
    threshold=st.floats(0, 1e6),
)
def test_soft_threshold_is_the_minimiser_it_is_said_to_be(w, threshold):
    v = soft_threshold(w, threshold)
    np.testing.assert_array_equal(v, np.sign(w) * np.maximum(abs(w) - threshold, 0))

    def cost(v):
        return 0.5 * (v - w) ** 2 + threshold * abs(v)

    for nearby in (v - 0.01, v + 0.01, w, 0 * w):
        # what rounding leaves of numbers this large
        assert (cost(v) <= cost(nearby) + 1e-9 * (1 + w**2 + threshold**2)).all()


def test_soft_threshold_at_its_edges():
    w = np.array([0.5, -0.5, 0.0, np.inf, np.nan, 0.75])
    before = w.copy()
    v = soft_threshold(w, 0.5)
    np.testing.assert_array_equal(v, [0.0, 0.0, 0.0, np.inf, np.nan, 0.25])
    np.testing.assert_array_equal(w, before)
    assert np.array_equal(soft_threshold(np.array([3, -1]), 0.5), [2.5, -0.5])
    single = soft_threshold(np.array([2.0], np.float32), 0.1)
    assert single.dtype == np.float32
    other = soft_threshold(torch.tensor([2.0, -0.25]), 0.5)
    assert type(other) is torch.Tensor and other.tolist() == [1.5, 0.0]


def test_proximal_steps_find_the_lasso_with_its_zeros():
    """On mean squares with a free bias, as scikit-learn's Lasso computes it by another method."""
    rng = generator(3)
    X = rng.normal(size=(60, 12))
    t = X[:, :4] @ np.array([2.0, -1.5, 1.0, 0.7]) + 3.0 + 0.1 * rng.normal(size=60)
    net, lam = nn.Linear(12, 1, rng=rng), 0.2
    descent = SGD(net.parameters(), lr=0.2)
    for _ in range(600):
        descent.zero_grad()
        mse_loss(net(X), t[:, None]).backward()
        descent.step()
        proximal_l1(net, lam, descent.lr)
    # Lasso halves the mean of squares, so that half the λ is the same
    lasso = Lasso(alpha=lam / 2, tol=1e-12, max_iter=100_000).fit(X, t)
    np.testing.assert_allclose(net.W.data[:, 0], lasso.coef_, atol=1e-8)
    assert net.b.data[0] == pytest.approx(lasso.intercept_, abs=1e-8)
    zeros = net.W.data[:, 0] == 0
    assert np.array_equal(zeros, lasso.coef_ == 0) and zeros.sum() >= 4


def test_the_gradient_of_the_l1_penalty_leaves_no_exact_zero():
    rng = generator(3)
    X, t = rng.normal(size=(60, 12)), rng.normal(size=(60, 1))
    net = nn.Linear(12, 1, rng=rng)
    descent = SGD(net.parameters(), lr=0.2)
    for _ in range(600):
        descent.zero_grad()
        (mse_loss(net(X), t) + l1_penalty(net, 1.0)).backward()
        descent.step()
    assert (net.W.data == 0).sum() == 0 and abs(net.W.data).max() < 0.5


def test_a_proximal_step_is_in_place_and_keeps_biases():
    net = small_net()
    arrays, before = [p.data for p in net.parameters()], [p.data.copy() for p in net.parameters()]
    proximal_l1(net, 2.0, 0.1)
    for p, array, was in zip(net.parameters(), arrays, before, strict=True):
        assert p.data is array
        expected = soft_threshold(was, 2.0 * 0.1) if p.ndim == 2 else was
        assert np.array_equal(array, expected)
    assert any((p.data == 0).any() for p in weights(net))
    loss = net(np.ones((1, 3))).sum()
    proximal_l1(net, 2.0, 0.1)
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


@pytest.mark.parametrize("number", [-1, np.inf, np.nan, "0.1", None, True])
@pytest.mark.parametrize(
    "call",
    [
        lambda x: decay_groups(small_net(), x),
        lambda x: l2_penalty(small_net(), x),
        lambda x: l1_penalty(small_net(), x),
        lambda x: soft_threshold(np.ones(2), x),
        lambda x: proximal_l1(small_net(), x, 0.1),
        lambda x: proximal_l1(small_net(), 0.1, x),
    ],
)
def test_a_strength_is_finite_and_not_negative(call, number):
    with pytest.raises(
        ValueError, match=re.escape(f"is a finite number, 0 or more, not {number!r}")
    ):
        call(number)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: weights([Tensor(1.0)]), TypeError, "a net with parameters() is needed, not [Ten"),
        (lambda: weights(nn.Tanh()), ValueError, "Tanh has no parameter with two axes"),
        (lambda: l2_penalty(Tensor([1.0]), 0.1), TypeError, "a list of parameters is needed: [w]"),
        (lambda: l2_penalty([], 0.1), TypeError, "a net or a list of Tensors is needed, not []"),
        (lambda: l1_penalty([np.ones(2)], 0.1), TypeError, "list of Tensors is needed, not [array"),
    ],
)
def test_what_has_no_weights(call, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        call()
