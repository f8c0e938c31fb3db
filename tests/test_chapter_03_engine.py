"""The engine that chapter 03 builds in its `build` cells, stage by stage, under the contract.

Also the claims that its three sliders rest on.
"""

from functools import cache
from pathlib import Path

import chapter_cells
import engine_contract
import numpy as np
import pytest

CHAPTER = Path(__file__).parents[1] / "chapters" / "03_a_scalar_autograd_engine.ipynb"
FIRST = ("add", "mul", "tanh")
FINAL = tuple(
    name for name in engine_contract.OPERATIONS if name not in ("abs", "maximum", "minimum", "gelu")
)
SECOND_CALL = {"second_backward": AssertionError, "two_results": AssertionError}
DEEP = {"deep_chain": RecursionError, "big_sum": RecursionError}


def cells():
    return chapter_cells.code_cells(CHAPTER)


def built(stage):
    return chapter_cells.built(CHAPTER, stage, "Value")


@cache
def names_of(*needed):
    """Run, in order, the cells that define these names or import something; return their names."""
    names = {}
    for cell in cells():
        wanted = any(f"def {name}(" in cell.source for name in needed)
        if wanted or cell.source.startswith(("import numpy", "from bookutils.data")):
            exec(cell.source, names)
    return names


def test_every_build_cell_has_a_stage():
    for cell in cells():
        tags = cell.metadata.get("tags", [])
        assert ("build" in tags) == any(tag.startswith("build:") for tag in tags)


@pytest.mark.parametrize("case", engine_contract.cases(SECOND_CALL | DEEP, FIRST))
def test_first_version(case):
    case(built("first"))


@pytest.mark.parametrize("case", engine_contract.cases(SECOND_CALL, FIRST))
def test_with_an_iterative_walk(case):
    case(built("deep"))


@pytest.mark.parametrize("case", engine_contract.cases(operations=FINAL))
def test_final_version(case):
    case(built("final"))


# The sliders' claims, at their three points


def test_the_best_rate_looks_broken():
    descend = names_of("descend")["descend"]
    low, best, high = (descend(lr)[0] for lr in (0.01, 10.0, 100.0))
    assert (np.diff(low) < 0).all()
    assert best.max() > best[0]
    assert best[-1] < 0.01
    assert high[-1] > high[0]
    for seed in range(10):
        ends = {
            lr: descend(lr, data_seed=seed, seed=seed)[0][-1]
            for lr in (0.03, 0.3, 3.0, 10.0, 100.0)
        }
        assert min(ends, key=ends.get) == 10.0


def test_a_forgotten_zero_grad_swings_for_ever():
    swing = names_of("swing")["swing"]
    last = {beta: np.abs(swing(beta)["w"][-40:]).max() for beta in (0.0, 0.5, 1.0)}
    assert last[0.0] < 1e-6
    assert last[0.5] < 1e-20
    assert 0.99 < last[1.0] < 1.02
    assert (swing(0.0)["arrival"], swing(0.5)["arrival"]) == (66, 18)


def test_overwriting_is_off_by_the_number_of_uses():
    names = {}
    for cell in cells():
        tags = cell.metadata.get("tags", [])
        if "build:first" in tags or "def backward_overwriting(" in cell.source:
            exec(cell.source, names)
    for cell in cells():
        if "def tangents(" in cell.source:
            exec(cell.source, names)
    for k in (1, 2, 8):
        data = names["tangents"](k)
        assert data["adding"] == pytest.approx(k * 1.2 ** (k - 1), rel=1e-14)
        assert data["adding"] / data["overwriting"] == pytest.approx(k, rel=1e-14)
