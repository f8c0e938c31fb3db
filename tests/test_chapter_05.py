"""The net that chapter 05 builds, its backward pass by formula, and what its sliders rest on."""

from functools import cache
from pathlib import Path

import chapter_cells
import numpy as np
import pytest
import torch

from bookutils import Tensor, no_grad
from bookutils.data import batches, digits
from bookutils.losses import cross_entropy
from bookutils.page import progress_bar

CHAPTER = Path(__file__).parents[1] / "chapters" / "05_neurons_and_mlps.ipynb"


@cache
def names_of(*starts):
    """What the cells make in which a line begins with one of these."""
    names = {"__name__": "chapter", "np": np, "torch": torch, "Tensor": Tensor}
    names |= {"no_grad": no_grad, "progress_bar": progress_bar}
    return chapter_cells.names_of(CHAPTER, starts, names)


NET = ("class Layer:", "class MLP:", "class SGD:")
WAVE = (*NET, "def wave(", "x_train, t_train = ", "def new_wave_net(", "def train(")


# The net of the build cells


@pytest.mark.parametrize("widths", [(3, 2), (2, 5, 1), (4, 6, 3, 2), (3, 7, 5, 4, 2)])
def test_the_net_has_the_outputs_and_the_gradients_of_torch(widths):
    rng = np.random.default_rng(len(widths))
    net = names_of(*NET)["MLP"](widths, Tensor.tanh, rng)
    for layer in net.layers:  # a bias of 0 hides much
        layer.b.data = rng.normal(size=layer.b.shape)
    X, G = rng.normal(size=(6, widths[0])), rng.normal(size=(6, widths[-1]))
    net(X).backward(G)

    peers = [torch.tensor(p.numpy(), requires_grad=True) for p in net.parameters()]
    h = torch.tensor(X)
    for k in range(0, len(peers), 2):
        h = h @ peers[k] + peers[k + 1]
        h = torch.tanh(h) if k < len(peers) - 2 else h
    h.backward(torch.tensor(G))
    # two libraries round the same sums in another order
    np.testing.assert_allclose(net(X).numpy(), h.detach(), rtol=1e-13, atol=1e-13)
    for own, peer in zip(net.parameters(), peers, strict=True):
        np.testing.assert_allclose(own.grad, peer.grad, rtol=1e-13, atol=1e-13)


def test_the_net_draws_from_its_generator_alone():
    MLP = names_of(*NET)["MLP"]
    first, again, other = (MLP((3, 4, 2), None, np.random.default_rng(s)) for s in (1, 1, 2))
    W = [net.layers[0].W.numpy() for net in (first, again, other)]
    assert np.array_equal(W[0], W[1]) and not np.array_equal(W[0], W[2])
    assert np.abs(W[0]).max() <= np.sqrt(6 / 7)
    assert first.layers[-1].activation is None


def test_the_optimizer_steps_as_torch_does_and_leaves_what_has_no_gradient():
    SGD = names_of(*NET)["SGD"]
    own = [Tensor([1.5, -2.0], requires_grad=True), Tensor([[0.3]], requires_grad=True)]
    peers = [torch.tensor(p.numpy(), requires_grad=True) for p in own]
    optimizer, peer = SGD(own, 0.1), torch.optim.SGD(peers, 0.1)
    for _ in range(3):
        optimizer.zero_grad()
        peer.zero_grad()
        (own[0] ** 3).sum().backward()
        (peers[0] ** 3).sum().backward()
        optimizer.step()
        peer.step()
    np.testing.assert_allclose(own[0].numpy(), peers[0].detach(), rtol=1e-14)
    assert own[1].grad is None and own[1].item() == 0.3


def test_nets_side_by_side_are_each_trained_alone():
    names = names_of(*NET, "def side_by_side(")
    rng, MLP = np.random.default_rng(8), names["MLP"]
    X, G = rng.normal(size=(3, 6, 2)), rng.normal(size=(3, 6, 1))
    alone = [MLP((2, 4, 1), Tensor.tanh, np.random.default_rng(k)) for k in range(3)]
    for net in alone:
        net.layers[0].b.data = rng.normal(size=4)
    start = [[p.numpy().copy() for p in net.parameters()] for net in alone]
    for k, net in enumerate(alone):
        net(X[k]).backward(G[k])
    found = [[p.grad for p in net.parameters()] for net in alone]
    together = names["side_by_side"](alone)
    together(X).backward(G)
    for place, p in enumerate(together.parameters()):
        for k in range(3):
            assert np.array_equal(p.numpy()[k].reshape(start[k][place].shape), start[k][place])
            grad = p.grad[k].reshape(start[k][place].shape)
            np.testing.assert_allclose(grad, found[k][place], rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_neurons_of_zeros_change_nothing_and_stay(depth):
    names = names_of(*NET, "def widened(")
    rng = np.random.default_rng(depth)
    X, G = rng.normal(size=(6, 2)), rng.normal(size=(6, 1))

    def net():
        return names["MLP"]((2, *[3] * depth, 1), Tensor.tanh, np.random.default_rng(depth))

    narrow, wide = net(), names["widened"](net(), 5)
    assert [layer.W.shape for layer in wide.layers] == [(2, 5), *[(5, 5)] * (depth - 1), (5, 1)]
    for one in (narrow, wide):
        optimizer = names["SGD"](one.parameters(), 0.1)
        for _ in range(5):
            optimizer.zero_grad()
            one(X).backward(G)
            optimizer.step()
    # the same products, and zeros, summed in another order
    np.testing.assert_allclose(wide(X).numpy(), narrow(X).numpy(), rtol=1e-13, atol=1e-13)
    for own, other in zip(wide.parameters(), narrow.parameters(), strict=True):
        kept = tuple(slice(n) for n in other.shape)
        np.testing.assert_allclose(own.numpy()[kept], other.numpy(), rtol=1e-13, atol=1e-13)
        new = np.ones(own.shape, bool)
        new[kept] = False
        assert not own.numpy()[new].any()


# Back by formula


FORMULA = ("def run(", "def by_formula(", "def by_engine(", "for widths in ((3, 2), ")
FORMULA += ("def report(", "def through_its_own_weights(")


@pytest.mark.parametrize("depth", range(1, 6))
def test_the_formula_is_the_engine_at_any_depth(depth):
    names = names_of(*FORMULA)
    rng = np.random.default_rng(depth)
    for _ in range(5):
        widths = tuple(int(w) for w in rng.integers(1, 8, depth + 1))
        net, X, t = names["drawn"](widths, n=int(rng.integers(1, 9)), seed=depth)
        found = names["by_formula"](net, X, t, names["through_the_weights_between"])
        truth = names["by_engine"](net, X, t)
        assert names["largest_difference"](found, truth) < 1e-14


def test_own_weights_raise_at_unequal_widths_and_lie_at_equal_ones():
    names = names_of(*FORMULA)
    wrong_way = names["through_its_own_weights"]
    net, X, t = names["drawn"]((3, 5, 4, 2), 8, 0)
    with pytest.raises(ValueError):
        names["by_formula"](net, X, t, wrong_way)
    for seed in range(5):
        net, X, t = names["drawn"]((4, 4, 4, 4), 8, seed)
        wrong, truth = names["by_formula"](net, X, t, wrong_way), names["by_engine"](net, X, t)
        assert names["largest_difference"](wrong[:2], truth[:2]) > 0.1
        assert names["largest_difference"](wrong[2:], truth[2:]) < 1e-14


# Sliders


def test_no_stop_of_the_neuron_gets_four_right():
    names = names_of("X, t = xor()", "def neuron_line(")
    stops = np.linspace(-2, 2, 17)
    right = [names["neuron_line"](u, v, b)["right"] for u in stops for v in stops for b in stops]
    assert max(right) == 3
    assert min(right) == 1


@pytest.mark.parametrize(("c", "gap"), [(0.0, 0.0), (0.5, 0.2), (1.0, 0.447), (2.0, 0.0)])
def test_the_gap_of_the_bend(c, gap):
    bent = names_of("X, t = xor()", "def bent(")["bent"]
    assert bent(c)["gap"] == pytest.approx(gap, abs=5e-4)
    assert bent(c)["gap"] <= bent(1.0)["gap"]


@pytest.mark.parametrize("k", range(1, 9))
def test_three_neurons_close_the_fence_and_two_do_not(k):
    fence = names_of("fence_rng = ")["fence"]
    assert (fence(k)["open"] > 0) == (k < 3)
    assert fence(k)["right"] < 0.92 if k <= 3 else fence(k)["right"] > 0.95
    assert fence(8)["right"] == 1


@cache
def rates():
    return names_of(*WAVE, "stops = log_stops(", "def at_rate(")


@pytest.mark.slow
def test_too_small_good_and_too_large():
    at_rate, say = rates()["at_rate"], rates()["sentence_rate"]
    low, good, high = (at_rate(lr) for lr in (0.001, 0.1, 1.0))
    assert (np.diff(low["losses"]) < 0).all() and low["losses"][-1] > 0.3
    assert (np.diff(good["losses"]) < 0).all() and good["losses"][-1] < 0.03
    assert high["rounds"] < 10 and high["losses"][-1] > 1000
    kinds = [say(at_rate(lr)) for lr in rates()["stops"].values]
    order = [next(k for k, w in enumerate(("small", "Good", "edge", "large")) if w in s)
             for s in kinds]  # fmt: skip
    assert order == sorted(order) and set(order) == {0, 1, 2, 3}


@pytest.mark.slow
def test_the_curves_of_the_omissions():
    names = rates()
    new, train = names["new_wave_net"], names["train"]
    for omit in ("step", "backward", "order"):
        assert len(set(train(new(), omit=omit, rounds=30))) == 1
    assert len(train(new(), lr=-0.1)) < 20
    swings = np.diff(train(new(), omit="zero_grad"))
    assert (swings > 0).sum() > 100 > 0 == (np.diff(train(new())) > 0).sum()


def test_two_looks_tell_the_flat_curves_apart():
    names = names_of(*WAVE, "def two_looks(")
    new, looks = names["new_wave_net"], names["two_looks"]
    found = [looks(new(), omit) for omit in (None, "backward", "order", "step")]
    assert found[0] == ("not 0", "not 0", "yes")
    assert found[1] == ("None", "None", "no")
    assert found[2] == ("not 0", "None", "no")
    assert found[3] == ("not 0", "not 0", "no")
    assert looks(names["silent"]) == ("all 0", "all 0", "no")


def test_the_largest_curvature_is_that_of_the_engines_gradients():
    names = names_of(*WAVE, "def loss_at(")
    net, x, t = names["net"], names["x_train"], names["t_train"]

    def gradient_at(place):
        for p, part in zip(net.parameters(), np.split(place, (12, 24, 36)), strict=True):
            p.data, p.grad = part.reshape(p.shape), None
        names["mse"](net(x), t).backward()
        return np.concatenate([p.grad.ravel() for p in net.parameters()])

    place, way = names["place"].numpy(), np.random.default_rng(0).normal(size=37)
    for _ in range(100):  # power iteration on differences of the gradient
        way = 1e-5 * way / np.linalg.norm(way)
        way = (gradient_at(place + way) - gradient_at(place - way)) / 2e-5
    # a step of 1e-5 leaves about 1e-10 of truncation, and 1e-11 of rounding over 1e-5
    assert names["curvature"] == pytest.approx(np.linalg.norm(way), rel=1e-6)


@pytest.mark.parametrize("k", [4, 8, 32, 128])
def test_many_bends_follow_a_curve(k):
    error = names_of("def pieces_error(")["pieces_error"]
    # a chord of sin 2x over a piece of width h misses by at most h²/8 times the largest bend, 4
    assert 0 < error(k) <= (4 / k) ** 2 / 2
    assert error(4 * k) < error(k) / 10


MOONS = (*NET, "def side_by_side(", "from bookutils.data import two_moons", "def margin_loss(")
MOONS += ("def learned(", "moon_x, moon_y = ", "def widened(", "depths = ", "def at_shape(")


@pytest.mark.slow
def test_depth_and_width():
    names = names_of(*MOONS)
    nets, at_shape = names["nets"], names["at_shape"]
    for depth in range(4):
        for width in (1, 2, 4, 8, 16):
            net = at_shape(depth, width)
            widths = (2, *[width] * depth, 1)
            assert net["size"] == sum((i + 1) * o for i, o in zip(widths, widths[1:], strict=False))
    assert all(net["rises"] == 0 for net in nets.values())  # a calm descent is the same everywhere
    assert min(nets, key=lambda k: nets[k]["test"]) == (1, 8)
    assert min(nets, key=lambda k: nets[k]["train"]) == (3, 16)
    assert nets[3, 16]["test"] > 1.8 * nets[1, 8]["test"]
    wrong = {k: (nets[k]["more_y"] > 0) != (names["more_side"] > 0) for k in ((1, 8), (3, 16))}
    assert abs(wrong[3, 16].mean() - wrong[1, 8].mean()) < 0.02
    sure = {k: np.abs(nets[k]["more_y"][wrong[k]]).mean() for k in wrong}
    assert sure[3, 16] > 3 * sure[1, 8]
    assert min(nets[d, 1]["train"] for d in (1, 2, 3)) > 0.27


def test_one_neuron_a_layer_cuts_along_parallels():
    names = names_of(*NET)
    net = names["MLP"]((2, 1, 1, 1), Tensor.tanh, np.random.default_rng(4))
    W = net.layers[0].W.numpy()[:, 0]
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 2))
    along = rng.normal(size=(50, 1)) * np.array([-W[1], W[0]])
    np.testing.assert_allclose(net(X).numpy(), net(X + along).numpy(), rtol=1e-10, atol=1e-12)
    order = np.argsort(X @ W)
    assert len(set(np.sign(np.diff(net(X).numpy()[order, 0])))) == 1


# Digits


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 4])
def test_digits_with_the_net_of_the_chapter(seed):
    names = names_of(*NET)
    X, digit, X_test, digit_test = digits(seed=seed)
    rng = np.random.default_rng(seed)
    net = names["MLP"]((64, 128, 64, 10), Tensor.relu, rng)
    optimizer = names["SGD"](net.parameters(), lr=0.3)
    for _ in range(15):
        for rows in batches(len(X), 16, rng):
            optimizer.zero_grad()
            cross_entropy(net(X[rows]), digit[rows]).backward()
            optimizer.step()
    assert np.mean(net(X_test).numpy().argmax(axis=1) == digit_test) >= 0.97
