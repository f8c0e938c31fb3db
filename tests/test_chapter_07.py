"""What the sliders of chapter 07 show, over their whole range."""

from pathlib import Path

import numpy as np
import pytest

CHAPTER = Path(__file__).parents[1] / "chapters" / "07_regularization.ipynb"


@pytest.mark.parametrize(
    ("lam", "on", "between", "left"),
    [(1e-4, 0.001, 5.736, 12.1), (0.1, 0.006, 0.042, 8.8), (1e3, 0.520, 0.518, 0.04)],
)
def test_the_dimmer_at_its_ends_and_between(sliders, lam, on, between, left):
    data = sliders["dimmed"].compute(lam)
    np.testing.assert_allclose(data["errors"], (on, between), rtol=0, atol=6e-4)
    assert data["filters"].sum() == pytest.approx(left, abs=0.05)


def test_more_penalty_dims_every_direction_and_spoils_the_fit(sliders):
    piece = sliders["dimmed"]
    found = [piece.compute(lam) for lam in piece.controls["lam"].values]
    filters = np.array([data["filters"] for data in found])
    assert (np.diff(filters, axis=0) < 0).all()  # in every direction
    assert (np.diff(filters, axis=1) < 0).all()  # and the weak ones are the darker
    on, between = np.transpose([data["errors"] for data in found])
    assert (np.diff(on) > 0).all()
    lowest = between.argmin()
    assert 0 < lowest < len(found) - 1 and between[lowest] < on[-1] / 10


def test_the_dimmer_is_the_solution_of_its_equations(sliders):
    """(VᵀV + λI) w = Vᵀt, solved without an SVD, on the sine's own points."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 15)
    t = np.sin(3 * x) + 0.15 * rng.normal(size=15)
    V = np.polynomial.legendre.legvander(x, 12)
    grid = np.polynomial.legendre.legvander(np.linspace(-1, 1, 401), 12)
    for lam in (0.01, 1.0, 100.0):
        w = np.linalg.solve(V.T @ V + lam * np.eye(13), V.T @ t)
        # conditioned by 1e3 at the most
        np.testing.assert_allclose(sliders["dimmed"].compute(lam)["curve"], grid @ w, atol=1e-10)


def test_dropout_keeps_the_mean_and_spreads_as_the_formula_says(sliders):
    piece = sliders["noisy"]
    for p in piece.controls["p"].values:
        data = piece.compute(p)
        # 2,000 draws: a standard error is spread/√2000; at p = 0.9 the tails are long
        assert abs(data["z"].mean() - data["in_use"]) <= 4 * data["predicted"] / 2000**0.5 + 1e-12
        assert data["spread"] == pytest.approx(data["predicted"], rel=0.1)
    at = {p: piece.compute(p) for p in (0.0, 0.5, 0.8, 0.9)}
    assert np.abs(at[0.0]["z"] - at[0.0]["in_use"]).max() < 1e-12
    assert at[0.8]["predicted"] == pytest.approx(2 * at[0.5]["predicted"])  # the question
    assert at[0.9]["predicted"] == pytest.approx(3 * at[0.5]["predicted"])  # the bet


def unit(data):
    """1/(ηt), the λ that stopping after t steps is said to imitate."""
    return 1 / (data["lr"] * data["steps"])


@pytest.mark.parametrize(("steps", "gap"), [(3, 0.30), (30, 0.21), (300, 0.2), (3000, 0.2)])
def test_how_far_stopping_is_from_ridge(sliders, steps, gap):
    twin = sliders["twins"].compute
    data = twin(steps, unit(twin(steps, 1.0)))
    stopped, ridged = data["curves"]
    assert data["gap"] == pytest.approx(gap, abs=6e-3)
    assert data["gap"] == np.abs(stopped - ridged).max()
    assert (stopped >= ridged).all()  # (1 - x/t)^t <= e^-x <= 1/(1 + x)


def test_stopping_is_gradient_descent(sliders):
    """The dots are the share that a program of t steps has learned, and that of ridge."""
    data = sliders["twins"].compute(30, 0.5)
    share = data["lr"] * data["own"]
    w = np.zeros(len(share))
    for _ in range(30):
        w -= share * (w - 1)
    np.testing.assert_allclose(data["dots"][0], w, atol=1e-12)
    np.testing.assert_allclose(data["dots"][1] * (data["own"] + 0.5), data["own"], rtol=1e-12)


def test_more_steps_imitate_less_penalty(sliders):
    """Ten times the steps, a tenth of λ: on the slider's own stops, and about half of 1/(ηt)."""
    piece = sliders["twins"]
    lams = piece.controls["lam"].values
    closest = {}
    for steps in (30, 300, 3000):
        data = min((piece.compute(steps, lam) for lam in lams), key=lambda d: d["gap"])
        closest[steps] = data["lam"]
        assert data["gap"] < 0.12 and 0.4 < data["lam"] / unit(data) < 0.7
    assert closest[30] / closest[300] == pytest.approx(10, rel=1e-9)
    assert closest[300] / closest[3000] == pytest.approx(10, rel=1e-9)


def test_no_picture_without_a_kernel_gives_a_bet_away(sliders):
    """Neither the default nor a printed position is the answer, or beside it."""
    dimmed, noisy, twins = sliders["dimmed"], sliders["noisy"], sliders["twins"]
    lowest = min(dimmed.controls["lam"].values, key=lambda lam: dimmed.compute(lam)["errors"][1])
    for position in (dimmed.default, *dimmed.pictures):
        assert not 0.1 < position["lam"] / lowest < 10
        assert not 9 < dimmed.compute(**position)["filters"].sum() < 11
    assert all(position["p"] <= 0.5 for position in (noisy.default, *noisy.pictures))
    for position in (twins.default, *twins.pictures):
        assert twins.compute(**position)["gap"] > 0.5
