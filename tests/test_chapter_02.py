"""What the sliders of chapter 02 show, over their whole range."""

import math
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

CHAPTER = Path(__file__).parents[1] / "chapters" / "02_computational_graphs.ipynb"


def test_the_cut_carries_one_number(sliders):
    def y(x):
        p, q = x * x, math.sin(x)
        return math.exp(-(p * q + p)) * q

    step = 1e-5
    slope = (y(0.8 + step) - y(0.8 - step)) / (2 * step)
    sums = [sliders["travelling_cut"].compute(k)["products"].sum() for k in range(7)]
    assert np.ptp(sums) < 1e-12
    # central difference: truncation step²/6 · f‴ and rounding leave about 1e-10
    np.testing.assert_allclose(sums, slope, rtol=1e-8)
    assert sums[0] == pytest.approx(-0.53117, abs=5e-6)


def test_a_bar_is_final_when_both_consumers_have_reported(sliders):
    compute = sliders["travelling_cut"].compute
    q = [compute(k)["products"][2] for k in range(5)]
    assert [bool(compute(k)["done"][2]) for k in range(5)] == [False] * 4 + [True]
    assert q[0] == 0 != q[1] == q[2] == q[3] != q[4]


def all_ways(size, i, j):
    """Costs of every bracketing of J_j … J_{i+1}, one by one."""
    if j == i + 1:
        return [0]
    return [
        right + left + size[i] * size[k] * size[j]
        for k in range(i + 1, j)
        for right in all_ways(size, i, k)
        for left in all_ways(size, k, j)
    ]


def test_the_best_brackets_are_the_best_of_all_five(sliders):
    piece = sliders["waist"]
    for b in piece.controls["b"].values:
        forward, reverse, best = piece.compute(b)["cost"]
        ways = all_ways((64, 256, b, 256, 64), 0, 4)
        assert len(ways) == 5
        assert best == min(ways)
        assert forward == reverse
        assert forward in ways


@pytest.mark.parametrize(("b", "ratio"), [(1, 29.33), (32, 1.78), (256, 1.00)])
def test_the_waist_saves(sliders, b, ratio):
    forward, _, best = sliders["waist"].compute(b)["cost"]
    assert forward / best == pytest.approx(ratio, abs=0.005)


def walked(rungs):
    """Visits of the walk along all paths, really walked."""
    return 1 if rungs == 0 else 1 + walked(rungs - 1) + walked(rungs - 1)


def test_visits_are_those_of_the_walk_and_pass_a_million_at_19(sliders):
    compute = sliders["tall_ladder"].compute
    assert [compute(r)["here"] for r in range(1, 13)] == [walked(r) for r in range(1, 13)]
    assert next(r for r in range(1, 31) if compute(r)["here"] > 1e6) == 19
    assert compute(16)["here"] == 131_071
    assert compute(30)["here"] == 2_147_483_647


@pytest.fixture(scope="module")
def names():
    """What the cells define that measure PyTorch."""
    names = {"np": np, "torch": torch, "FlopCounterMode": FlopCounterMode}
    for cell in nbformat.read(CHAPTER, as_version=4).cells:
        if cell.source.startswith(("def overwritten", "def price_of_curvature", "def work")):
            exec(cell.source, names)
    return names


def test_pytorch_refuses_an_overwritten_value_unless_its_count_is_bypassed(names):
    overwritten = names["overwritten"]
    assert overwritten(lambda f: None) == 5.5
    assert overwritten(lambda f: f.fill_(0.25)) == overwritten(names["without_grad"]) == "refused"
    assert overwritten(lambda f: f.data.fill_(0.25)) == 0.25
    assert overwritten(lambda f: np.copyto(f.detach().numpy(), 0.25)) == 0.25


def test_the_price_of_a_hessian_grows_with_the_inputs_and_that_of_its_product_does_not(names):
    prices = [names["price_of_curvature"](n) for n in (5, 20, 80)]
    assert len({along_v for along_v, _, _ in prices}) == 1
    assert prices[0][1] < prices[1][1] < prices[2][1]
    assert max(gap for _, _, gap in prices) < 1e-12


@pytest.mark.parametrize("D", [1, 2, 7])
def test_two_savings_are_counted_as_a_walk_would_make_them(names, D):
    walk = sum(range(1, D + 1))  # each gradient multiplied out, or each value computed again
    assert names["work"](D, keep=True, reuse=True) == (D, D)
    assert names["work"](D, keep=True, reuse=False) == (D, walk)
    assert names["work"](D, keep=False, reuse=True) == (walk, D)
