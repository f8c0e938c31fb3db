"""Chapter 08: the optimizers that it builds, what its sliders rest on, and what its studies say."""

import warnings
from functools import cache
from pathlib import Path

import chapter_cells
import numpy as np
import pytest
import torch
from test_sliders_compute import pieces as sliders_of

from bookutils import Tensor, nn, optim
from bookutils.checks.project_08 import Adadelta

CHAPTER = Path(__file__).parents[1] / "chapters" / "08_optimizers.ipynb"
KINDS = {
    "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.7, "nesterov": True}],
    "Adagrad": [{}, {"eps": 0.1}],
    "RMSprop": [{}, {"alpha": 0.5, "eps": 0.1}],
    "Adam": [{}, {"betas": (0.5, 0.9), "eps": 0.1}],
    "AdamW": [{}, {"weight_decay": 0.5}],
}
EACH = [(name, options) for name in KINDS for options in KINDS[name]]


@cache
def names_of(*starts):
    """What the build cells make, and those in which a line begins with one of these."""
    names = {"__name__": "chapter", "np": np, "torch": torch, "Tensor": Tensor, "nn": nn}
    return chapter_cells.names_of(CHAPTER, starts, names | {"warnings": warnings}, tag="build")


# The optimizers of the build cells


@pytest.mark.parametrize(("name", "options"), EACH)
@pytest.mark.parametrize("library", [torch.optim, optim], ids=["torch", "bookutils"])
def test_fifty_steps_are_those_of_the_peers(name, options, library):
    """One parameter lacks its gradient now and then, one always."""
    rng, make = np.random.default_rng(1), names_of()[name]
    sizes = (3, 2), (2,), (1,)
    own = [Tensor(rng.normal(size=s), requires_grad=True) for s in sizes]
    wrap = torch.tensor if library is torch.optim else Tensor
    peers = [wrap(p.numpy().copy(), requires_grad=True) for p in own]
    ours, theirs = make(own, 0.1, **options), getattr(library, name)(peers, lr=0.1, **options)
    for k in range(50):
        gradients = [rng.normal(size=s) * 10.0 ** rng.integers(-4, 4) for s in sizes]
        for i, (p, q, g) in enumerate(zip(own, peers, gradients, strict=True)):
            there = i == 0 or (i == 1 and k % 3)
            p.grad, q.grad = (g, wrap(g)) if there else (None, None)
            if there and library is optim:
                q.grad = g.copy()
        ours.step()
        theirs.step()
    for p, q in zip(own, peers, strict=True):
        q = q.detach().numpy() if library is torch.optim else q.numpy()
        # the same formula in another order, over 50 steps of numbers up to a thousand
        np.testing.assert_allclose(p.numpy(), q, rtol=1e-10, atol=1e-12)
    assert ours.state[2] == {}


def test_zero_grad_empties_and_the_state_holds_numbers_only():
    for name in KINDS:
        w = Tensor([1.0, -2.0], requires_grad=True)
        optimizer = names_of()[name]([w], 0.1)
        for _ in range(3):
            optimizer.zero_grad()
            assert w.grad is None
            (w**2).sum().backward()
            optimizer.step()
        kept = optimizer.state[0].values()
        assert all(isinstance(x, (int, np.ndarray)) for x in kept)
        assert all(np.shape(x) in ((), (2,)) for x in kept)


@pytest.mark.parametrize("options", [{}, {"lr": 0.3, "rho": 0.5, "eps": 1e-3, "weight_decay": 0.2}])
def test_the_optimizer_of_the_project_is_that_of_torch(options):
    rng = np.random.default_rng(5)
    own = Tensor(rng.normal(size=(3, 2)), requires_grad=True)
    peer = torch.tensor(own.numpy().copy(), requires_grad=True)
    ours, theirs = Adadelta([own], **options), torch.optim.Adadelta([peer], **{"lr": 1.0} | options)
    for _ in range(50):
        own.grad = rng.normal(size=(3, 2))
        peer.grad = torch.tensor(own.grad)
        ours.step()
        theirs.step()
    np.testing.assert_allclose(own.numpy(), peer.detach().numpy(), rtol=1e-11)


# The sliders, at their ends and between


def test_the_cliff():
    at = names_of("curvature = ", "def at_eta(")["at_eta"]
    assert at(0.1)["distance"] == pytest.approx(5.15e-3, abs=1e-5)
    assert at(0.182)["distance"] < 1e-4 < at(0.19)["distance"]
    assert at(0.21)["distance"] == pytest.approx(117, abs=1)
    np.testing.assert_allclose(at(0.2)["factors"].max(), 1)
    stops = np.arange(0.01, 0.2201, 0.002)
    best = min(stops, key=lambda eta: at(eta)["factors"].max())
    assert best == pytest.approx(2 / 11, abs=0.002)  # 0.18 and 0.182 tie
    assert all((at(eta)["factors"].max() > 1) == (eta > 2 / 10 + 1e-12) for eta in stops)


@pytest.mark.parametrize(
    ("beta", "factor", "turns"), [(0, 0.99, 0), (0.81, 0.9, 0), (0.99, 0.995, 6)]
)
def test_too_much_memory(beta, factor, turns):
    data = names_of("def walk(", "def at_beta(")["at_beta"](beta)
    # where the two roots meet, the rounding of their difference shows as its root
    assert np.abs(data["roots"]).max() == pytest.approx(factor, abs=1e-4)
    assert np.sum(np.diff(np.sign(data["course"])) != 0) == turns


def test_beyond_the_meeting_of_the_roots_the_curvature_does_not_matter():
    at = names_of("def walk(", "def at_beta(")["at_beta"]
    for beta in (0.82, 0.9, 0.95):
        np.testing.assert_allclose(np.abs(at(beta)["roots"]), np.sqrt(beta))
    factors = [np.abs(at(beta)["roots"]).max() for beta in np.arange(0, 1, 0.01)]
    assert np.argmin(factors) == 81


def test_the_roots_are_the_course():
    at = names_of("def walk(", "def at_beta(")["at_beta"]
    for beta in (0.0, 0.3, 0.81, 0.9, 0.99):
        w = at(beta)["course"]
        np.testing.assert_allclose(w[2:], (1.99 - 1 + beta) * w[1:-1] - beta * w[:-2], atol=1e-13)


def test_turning_the_bowl():
    at = names_of("def walk(", "def turned(", "def at_angle(")["at_angle"]
    first = at(0.0, 0.02)
    for degrees in np.arange(0, 45.1, 2.5):
        np.testing.assert_allclose(at(degrees, 0.02)["GD"], first["GD"], rtol=1e-9)
    assert first["Adam"][-1] < 1e-6
    assert at(22.5, 0.02)["Adam"][-1] > 0.1 and at(45.0, 0.02)["Adam"][-1] > 0.1
    assert all(at(degrees, 0.5)["Adam"][-1] < 1e-6 for degrees in (0.0, 22.5, 45.0))


@pytest.mark.slow
def test_no_picture_without_a_kernel_gives_a_bet_away():
    """Neither the default nor a printed position is turned, is the race, or the best memory."""
    pieces = {name: piece for _, name, piece in sliders_of(CHAPTER)}
    memory, compass, race = pieces["memory"], pieces["compass"], pieces["race"]
    assert all(position["beta"] <= 0.5 for position in (memory.default, *memory.pictures))
    assert all(position["degrees"] == 0 for position in (compass.default, *compass.pictures))
    for position in (race.default, *race.pictures):
        assert position["factor"] != 1 and position["surface"] == race.default["surface"]


def test_the_race():
    names = names_of(
        "def walk(", "def turned(", "def bent(", "def raced(", "tuned = {", "def at_race("
    )
    at = names["at_race"]
    winners = {
        s: [*names["makers"]][at(s, 1.0)["losses"][:, -1].argmin()] for s in names["surfaces"]
    }
    assert winners == {"along the axes": "RMSprop", "turned": "momentum", "bent valley": "RMSprop"}
    for surface in names["surfaces"]:
        ends = dict(zip(names["makers"], at(surface, 10.0)["losses"][:, -1], strict=True))
        assert ends["plain"] == ends["momentum"] == 1e6
        assert max(ends["RMSprop"], ends["Adam"]) < 100
        for name in names["makers"]:
            assert at(surface, 1.0)["losses"].max() <= 1e6
            best, worse = (names["raced"](surface, name, f * names["tuned"][surface, name])[1][-1]
                           for f in (1.0, 0.1))  # fmt: skip
            assert worse >= best


def test_the_gradient_of_the_bent_valley():
    names = names_of("def walk(", "def turned(", "def bent(")
    loss, gradient, _ = names["surfaces"]["bent valley"]
    for w in np.random.default_rng(0).normal(size=(5, 2)):
        h = 1e-6 * np.eye(2)
        slope = (loss(w + h) - loss(w - h)) / 2e-6
        # central difference, h = 1e-6: truncation and rounding leave about 1e-9
        np.testing.assert_allclose(gradient(w), slope, rtol=1e-6, atol=1e-7)


# The studies


NET = ("rng = np.random.default_rng(7)", "def sharpness(")


def test_power_iteration_finds_the_largest_curvature():
    names = names_of(*NET)
    rng = np.random.default_rng(3)
    P = rng.normal(size=(3, 37)) * 0.5
    for _ in range(300):
        P = P - 0.1 * names["measure"](P)[1]
    x, wave = torch.tensor(names["x"]), torch.tensor(names["wave"])

    def loss(p):
        y = torch.tanh(x * p[:12] + p[12:24]) @ p[24:36] + p[36]
        return ((y - wave) ** 2).mean()

    found = names["sharpness"](P, rounds=100)
    for place, value in zip(torch.tensor(P), found, strict=True):
        largest = torch.linalg.eigvalsh(torch.func.hessian(loss)(place)).abs().max()
        # differences with h = 1e-5 in place of the product
        assert value == pytest.approx(largest.item(), rel=1e-3)


def test_gradients_of_batches():
    names = names_of(
        "X, t = diabetes", "A = standard", "def gradients(", "from bookutils.data import d"
    )
    rng = np.random.default_rng(0)
    w, rows = rng.normal(size=(4, 10)), rng.integers(0, 442, (4, 6))
    found = names["gradients"](w, rows)
    assert found.shape == (4, 6, 10)
    for i in range(4):
        X, t = names["standard"][rows[i]], names["target"][rows[i]]
        np.testing.assert_allclose(found[i], X * (X @ w[i] - t)[:, None])
    all_rows = names["gradients"](names["best"], np.arange(442)).mean(axis=0)
    np.testing.assert_allclose(all_rows, 0, atol=1e-12)
    assert names["excess"](w).shape == (4,) and (names["excess"](w) > 0).all()


def test_nets_side_by_side_are_each_their_own():
    names = names_of("from bookutils.data import digits", "def digit_nets(", "def digit_losses(")
    params = names["digit_nets"](3, np.random.default_rng(0))
    rows = np.random.default_rng(1).integers(0, 1437, (3, 5))
    losses, z = names["digit_losses"](params, names["pixels"][rows], names["digit"][rows])
    losses.sum().backward()
    for k in range(3):
        W1, b1, W2, b2 = (torch.tensor(p.numpy()[k], requires_grad=True) for p in params)
        X, labels = torch.tensor(names["pixels"][rows[k]]), torch.tensor(names["digit"][rows[k]])
        loss = torch.nn.functional.cross_entropy(torch.relu(X @ W1 + b1) @ W2 + b2, labels)
        loss.backward()
        assert losses.numpy()[k] == pytest.approx(loss.item(), rel=1e-12)
        for p, q in zip(params, (W1, b1, W2, b2), strict=True):
            np.testing.assert_allclose(p.grad[k], q.grad.numpy(), rtol=1e-10, atol=1e-14)


def test_every_batch_has_every_image_once():
    names = names_of("from bookutils.data import digits", "def digit_nets(", "def digit_losses(")
    seen = np.concatenate([*names["shuffled"](2, 1, np.random.default_rng(0))], axis=1)
    assert seen.shape == (2, 1056)
    assert all(len(set(row)) == 1056 for row in seen) and (seen[0] != seen[1]).any()
    assert seen.max() < 1077  # the others are for choosing


def test_nothing_is_chosen_by_the_test_images():
    """The cells that read them: the one that loads them, and the one that tells the result."""
    cells = [c.source for c in chapter_cells.code_cells(CHAPTER) if "test_pixels" in c.source]
    loading, telling = cells
    assert "= digits()" in loading and telling.startswith("for name, (loss, kind, lr, nets) in")
    assert "min(" not in telling and "chosen[" not in telling


def test_which_side_the_schedule_stands_on():
    used = names_of("import torch", "def rates_used(")["rates_used"]
    assert used(False) == [0.1, 0.1, 0.01, 0.01]
    with pytest.warns(UserWarning, match="lr_scheduler.step"):
        assert used(True) == [0.1, 0.01, 0.01, 0.001]
