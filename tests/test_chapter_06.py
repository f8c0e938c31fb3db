"""What the sliders of chapter 06 show, over their whole range."""

from pathlib import Path

import numpy as np
import pytest
import torch

from bookutils import Tensor, losses
from bookutils.checks import worked_06

CHAPTER = Path(__file__).parents[1] / "chapters" / "06_loss_functions.ipynb"
BCE, SIGMOID, SQUARE, HINGE = range(4)


@pytest.mark.parametrize(
    ("o", "mean", "median", "huber"),
    [(0.0, 0.043, 0.0, 0.05), (5.0, 0.757, 0.3, 0.26), (50.0, 7.186, 0.3, 0.26)],
)
def test_only_the_mean_follows_the_stray_point(sliders, o, mean, median, huber):
    fits = sliders["stray"].compute(o)["fits"]
    np.testing.assert_allclose(fits, (mean, median, huber), rtol=0, atol=5e-3)


def test_at_every_place_the_pulls_balance(sliders):
    piece = sliders["stray"]
    for o in piece.controls["o"].values:
        data = piece.compute(o)
        mse, mae, huber = data["pulls"].sum(axis=1)
        # sums of seven numbers of up to 50; the bisection stops at 2**-60 of the range
        assert abs(mse) < 1e-12 and abs(huber) < 1e-12
        # at its own point |e| has every slope from -1 to 1
        assert abs(mae) < (data["points"] == data["fits"][1]).sum()


def test_the_fits_are_the_minima_that_pytorch_finds(sliders):
    peers = (
        torch.nn.MSELoss(),
        torch.nn.L1Loss(),
        torch.nn.HuberLoss(delta=1.0),
    )
    for o in (0.0, 0.5, 1.5, 7.0, 50.0):
        data = sliders["stray"].compute(o)
        t = torch.tensor(data["points"])
        for fit, loss in zip(data["fits"], peers, strict=True):
            at = [loss(torch.full_like(t, y), t).item() for y in (fit - 0.01, fit, fit + 0.01)]
            assert at[1] <= min(at) + 1e-12


def test_from_its_limit_on_the_stray_point_moves_huber_no_more(sliders):
    piece = sliders["stray"]
    fits = {o: piece.compute(o)["fits"][2] for o in piece.controls["o"].values}
    standing = [o for o in fits if abs(fits[o] - fits[50.0]) < 1e-12]
    assert min(standing) == 1.5 and len(standing) == len([o for o in fits if o >= 1.5])


@pytest.mark.parametrize("t", [0, 1])
def test_the_most_wrong_logit_is_the_quietest_on_the_sigmoid(sliders, t):
    compute, s = sliders["loudness"].compute, 2 * t - 1
    gradient = compute(-10.0 * s, t)["gradient"]
    assert abs(gradient[BCE] / gradient[SIGMOID]) > 1e4
    loudest = compute(-0.7 * s, t)["gradient"]
    assert abs(loudest[SIGMOID]) == pytest.approx(4 / 27, abs=5e-4)  # at p = 1/3
    right = compute(5.0 * s, t)["gradient"]
    assert abs(right[BCE]) < 0.01 and abs(right[SIGMOID]) < 0.01 and right[HINGE] == 0
    sizes = [
        abs(compute(z, t)["gradient"][SIGMOID]) for z in sliders["loudness"].controls["z"].values
    ]
    assert max(sizes) == abs(loudest[SIGMOID])


@pytest.mark.parametrize("t", [0, 1])
def test_gradients_are_those_of_pytorch(sliders, t):
    s = 2 * t - 1
    peers = {
        BCE: lambda z: torch.nn.functional.softplus(z) - z * t,
        SIGMOID: lambda z: (torch.sigmoid(z) - t) ** 2 / 2,
        SQUARE: lambda z: (z - s) ** 2 / 2,
        HINGE: lambda z: torch.relu(1 - s * z),
    }
    for z in sliders["loudness"].controls["z"].values:
        data = sliders["loudness"].compute(z, t)
        for row, peer in peers.items():
            x = torch.tensor(z, dtype=torch.float64, requires_grad=True)
            loss = peer(x)
            loss.backward()
            # softplus(z) - z: a few units in the last place of 10
            assert data["value"][row] == pytest.approx(loss.item(), rel=1e-12, abs=1e-14)
            assert data["gradient"][row] == pytest.approx(x.grad.item(), rel=1e-12, abs=1e-15)


def test_the_more_wrong_the_larger_the_gradient_of_bce(sliders):
    compute = sliders["loudness"].compute
    sizes = [-compute(z, 1)["gradient"][BCE] for z in sliders["loudness"].controls["z"].values]
    assert (np.diff(sizes) < 0).all() and 0 < min(sizes) and max(sizes) < 1


def pairs_of_boxes(n, rng):
    """Boxes a, b (n, 4) a tenth to ten wide: apart, across one another, one in the other."""
    low, sides = rng.uniform(-4, 4, (2, n, 2)), 10 ** rng.uniform(-1, 1, (2, n, 2))
    return np.concatenate([low, low + sides], axis=-1)


def test_giou_and_not_iou_has_a_gradient_where_boxes_do_not_touch():
    a, b = pairs_of_boxes(400, np.random.default_rng(0))
    apart = np.any((a[:, 2:] < b[:, :2]) | (b[:, 2:] < a[:, :2]), axis=1)
    assert apart.sum() > 100
    for loss, moves in ((losses.iou, False), (losses.giou, True)):
        box = Tensor(a[apart], requires_grad=True)
        loss(box, b[apart]).sum().backward()
        shift = box.grad[:, :2] + box.grad[:, 2:]  # both corners by the same
        assert np.all(np.any(shift != 0, axis=1) == moves)


def test_diou_rises_on_the_straight_way_to_the_other_centre():
    for a, b in np.swapaxes(pairs_of_boxes(400, np.random.default_rng(1)), 0, 1):
        way = np.tile((b[:2] + b[2:] - a[:2] - a[2:]) / 2, 2)
        on_the_way = [worked_06.diou(a + part * way, b) for part in np.linspace(0, 1, 21)]
        assert np.all(np.diff(on_the_way) > 0)
