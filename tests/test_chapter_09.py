"""Chapter 09: what its sliders show over their whole range, and the net of its table."""

from pathlib import Path

import chapter_cells
import numpy as np
import pytest
import torch

from bookutils.data import digits

CHAPTER = Path(__file__).parents[1] / "chapters" / "09_depth.ipynb"
HE = 2**0.5


@pytest.fixture(scope="module")
def names():
    """The cells that define a function, a class or a table, without the studies between them."""
    found = {"np": np, "torch": torch, "HE": HE, "PYTORCH": (1 / 3) ** 0.5}
    found |= zip(("pixels", "digit", "new_pixels", "new_digit"), digits(), strict=True)
    starts = ("import numpy", "def there_and_back", "def drawn", "def normalised", "def errors")
    starts += ("def normed", "def with_skips", "class DeepNet", "RATES, RUNS", "TRIED = ")
    for cell in chapter_cells.code_cells(CHAPTER):
        if any(line.startswith(starts) for line in cell.source.splitlines()):
            exec(cell.source, found)
    return found


# Gain and depth


@pytest.mark.parametrize(("gain", "log_of_both"), [(1.0, -7.4), (HE, 0.0), (2.0, 7.4)])
def test_relu_obeys_a_power_law(sliders, gain, log_of_both):
    """(g/√2)^49: half of the mean square passes a ReLU."""
    data = sliders["both"].compute("ReLU", gain, 50)
    for ratio in (data["h"][-1], data["delta"][0]):
        assert np.log10(ratio) == pytest.approx(log_of_both, abs=0.7)


def test_the_other_half_of_tanh(sliders):
    data = sliders["both"].compute("tanh", 2.0, 50)
    assert 0.8 < data["h"][-1] < 1 and data["delta"][0] > 500


def test_the_bet_on_the_gain_of_tanh(sliders):
    """Of the options one, and of the slider's stops two, keep both within a factor of 3."""
    piece = sliders["both"]
    kept = []
    for gain in piece.controls["gain"].values:
        data = piece.compute("tanh", gain, 50)
        if all(1 / 3 < ratio < 3 for ratio in (data["h"][-1], data["delta"][0])):
            kept.append(gain)
    assert kept == [1.1, 1.2]


def test_a_larger_gain_raises_both_signals(sliders):
    piece = sliders["both"]
    for activation in ("ReLU", "tanh", "sigmoid"):
        found = [piece.compute(activation, g, 50) for g in piece.controls["gain"].values]
        assert (np.diff([d["delta"][0] for d in found]) > 0).all()
    assert (np.diff([piece.compute("ReLU", g, 50)["h"][-1] for g in (1.0, HE, 2.0)]) > 0).all()


def test_fewer_layers_are_the_beginning_of_more(sliders):
    data = {depth: sliders["both"].compute("tanh", 1.2, depth) for depth in (7, 50)}
    np.testing.assert_allclose(data[7]["h"], data[50]["h"][:7], rtol=1e-12)


# Skips


@pytest.mark.parametrize("blocks", [4, 16, 64])
def test_skips_grow_as_predicted(sliders, blocks):
    """One draw of 64 neurons scatters round the mean: within a factor of 2 of the formula."""
    piece = sliders["skips"]
    for alpha in piece.controls["alpha"].values:
        data = piece.compute(alpha, blocks)
        assert 1 / 2 < data["skip"][0] / data["predicted"] < 2
    assert piece.compute(0.0, blocks)["skip"].max() == pytest.approx(1, abs=1e-12)
    assert piece.compute(blocks**-0.5, blocks)["skip"][0] < 2  # the question


def test_the_bet_on_the_skip(sliders):
    assert sliders["skips"].compute(1.0, 64)["skip"][0] > 1e9


# A norm and the scale before it


def test_a_norm_turns_scale_into_a_rate(sliders):
    piece = sliders["scale"]
    one = piece.compute(1.0)
    for k in piece.controls["k"].values:
        data = piece.compute(k)
        assert data["losses"][0] == pytest.approx(one["losses"][0], rel=1e-12)
        assert data["length"] * k == pytest.approx(one["length"], rel=1e-11)
        assert data["along"] < 1e-12
        # a hundred steps let rounding grow, by far less than this
        np.testing.assert_allclose(data["restored"], one["losses"], rtol=1e-8)
    assert piece.compute(10.0)["losses"][-1] > 100 * one["losses"][-1]


def test_the_smallest_scale_before_a_norm_is_not_the_best(sliders):
    """The question: W grows at right angles to itself, and that lowers the effective rate."""
    piece = sliders["scale"]
    found = [piece.compute(k) for k in piece.controls["k"].values]
    assert np.argmin([data["losses"][-1] for data in found]) == 1
    assert found[0]["end_losses"] > found[1]["end_losses"]


def test_no_picture_without_a_kernel_gives_a_bet_away(sliders):
    for position in sliders["both"].pictures:
        assert position["activation"] != "tanh" or position["gain"] == 2.0  # known from 9.1
    for position in sliders["skips"].pictures:
        assert position["alpha"] < 1 or position["blocks"] < 64
        assert position["blocks"] < 64 or sliders["skips"].compute(**position)["skip"][0] > 2


# What the chapter builds


def test_the_norms_are_those_of_pytorch(names):
    rng = np.random.default_rng(0)
    z, G = rng.normal(2, 3, (6, 5)), rng.normal(size=(6, 5))
    peer = torch.tensor(z, requires_grad=True)
    functional = torch.nn.functional
    for axis, out in (
        (0, functional.batch_norm(peer, None, None, training=True)),
        (1, functional.layer_norm(peer, (5,))),
    ):
        z_hat, s = names["normalised"](z, axis)
        (grad,) = torch.autograd.grad(out, peer, torch.tensor(G))
        np.testing.assert_allclose(z_hat, out.detach().numpy(), atol=1e-13)
        vjp = names["normalised_vjp"](G, z_hat, s, axis)
        np.testing.assert_allclose(vjp, grad.numpy(), atol=1e-13)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "ReLU"])
@pytest.mark.parametrize("axis", [None, -2, -1])
@pytest.mark.parametrize("alpha", [None, 0.3, 1.0])
def test_the_net_of_the_table_has_the_gradients_of_pytorch(names, activation, axis, alpha):
    rng = np.random.default_rng(1)
    sizes = ((6, 5), (5, 5), (5, 5), (5, 4))
    Ws = [rng.normal(size=(2, a, b)) / np.sqrt(a) for a, b in sizes]
    x, G = rng.normal(size=(2, 8, 6)), rng.normal(size=(2, 8, 4))
    net = names["DeepNet"](Ws, activation, axis, alpha)
    out = net.forward(x)
    peers = [torch.tensor(W, requires_grad=True) for W in Ws]
    f = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "ReLU": torch.relu}[activation]
    z = torch.tensor(x) @ peers[0]
    for W in peers[1:]:
        z_hat = z
        if axis is not None:
            centred = z - z.mean(axis, keepdim=True)
            z_hat = centred / (centred.square().mean(axis, keepdim=True) + 1e-5).sqrt()
        branch = f(z_hat) @ W
        z = z + alpha * branch if alpha and W.shape[-1] == W.shape[-2] else branch
    np.testing.assert_allclose(out, z.detach().numpy(), atol=1e-13)
    grads = torch.autograd.grad(z, peers, torch.tensor(G))
    for ours, theirs in zip(net.gradients(G), grads, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-12)


def test_the_deltas_are_those_of_pytorch(names):
    x, Ws, G = names["drawn"](3, depth=4, n=6, rows=5)
    for activation, f in (("tanh", torch.tanh), ("sigmoid", torch.sigmoid), ("ReLU", torch.relu)):
        hs, deltas = names["there_and_back"](x, Ws, G, activation)
        h, zs = torch.tensor(x), []
        for W in Ws:
            zs.append((h @ torch.tensor(W)).requires_grad_())
            h = f(zs[-1])
        grads = torch.autograd.grad(h, zs, torch.tensor(G))
        np.testing.assert_allclose(hs[-1], h.detach().numpy(), atol=1e-14)
        for ours, theirs in zip(deltas, grads, strict=True):
            np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("ReLU, g = 3, clipped", 0.1, 0.3),
        ("ReLU, He", 0.1, 0.5),
        ("ReLU, He, batch norm", 0.5, 0.9),
    ],
)
def test_what_the_table_says_of_nets_that_hang_on_last_bits(names, name, low, high):
    """Weights that differ by 1e-14, as another processor's would after a step, keep the bounds."""

    class Nudged(names["DeepNet"]):
        def __init__(self, Ws, *options):
            rng = np.random.default_rng(1)
            Ws = [W * (1 + 1e-14 * rng.normal(size=W.shape)) for W in Ws]
            super().__init__(Ws, *options)

    activation, gain, added = names["TRIED"][name]
    trained = names["trained"]
    plain = names["DeepNet"]
    with np.errstate(all="ignore"):  # some rates explode
        now = trained(activation, gain, **added)
        try:
            names["DeepNet"] = Nudged
            nudged = trained(activation, gain, **added)
        finally:
            names["DeepNet"] = plain
    assert (now != nudged).any()  # they do hang on them
    for on_train, on_new in (now, nudged):
        chosen = on_new[np.median(on_train, axis=1).argmax()]
        assert low < chosen.min() and chosen.max() < high
