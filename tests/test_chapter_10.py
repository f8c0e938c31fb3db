"""Chapter 10: what its sliders show, its four tests of a training, its gallery."""

from functools import cache
from pathlib import Path

import chapter_cells
import nbformat
import numpy as np
import pytest
import torch
from scipy.stats import binom, norm

from bookutils.data import digits

CHAPTER = Path(__file__).parents[1] / "chapters" / "10_training_in_practice.ipynb"


@cache
def names_of(*starts):
    """What the cells define in which a line begins with one of these."""
    return chapter_cells.names_of(CHAPTER, starts, {"np": np, "torch": torch}, studies=False)


# A threshold, and how rare the positives are


@pytest.mark.parametrize(
    ("threshold", "share", "found", "precision", "accuracy"),
    [
        (1.0, 0.5, 0.8413, 0.8413, 0.8413),
        (1.0, 0.01, 0.8413, 0.0508, 0.8413),
        (1.0, 0.001, 0.8413, 0.0053, 0.8413),
        (3.3, 0.01, 0.0968, 0.6692, 0.9905),
        (-1.0, 0.1, 0.9987, 0.1165, 0.2427),
        (5.0, 0.5, 0.0013, 0.9998, 0.5007),
    ],
)
def test_the_threshold_at_its_ends_and_between(
    sliders, threshold, share, found, precision, accuracy
):
    data = sliders["rare_labels"].compute(threshold, share)
    np.testing.assert_allclose(data["at"][1:], (found, precision), atol=6e-5)
    assert data["accuracy"] == pytest.approx(accuracy, abs=6e-5)


def test_the_threshold_is_what_a_hundred_thousand_scores_say(sliders):
    rng = np.random.default_rng(0)
    for threshold, share in ((0.0, 0.5), (1.5, 0.1), (2.5, 0.01)):
        positive = rng.uniform(size=400_000) < share
        flagged = rng.normal(size=400_000) + 2 * positive >= threshold
        counted = (
            flagged[~positive].mean(),
            flagged[positive].mean(),
            positive[flagged].mean(),
            (flagged == positive).mean(),
        )
        data = sliders["rare_labels"].compute(threshold, share)
        # the fewest are 4,000 positives: a standard error of at most 0.008
        np.testing.assert_allclose((*data["at"], data["accuracy"]), counted, atol=0.03)


def test_roc_sleeps_and_precision_falls_over_the_whole_range(sliders):
    piece = sliders["rare_labels"]
    thresholds, shares = (piece.controls[name].values for name in ("threshold", "share"))
    assert (np.diff(shares) < 0).all()
    for threshold in thresholds:
        found = [piece.compute(threshold, share) for share in shares]
        assert len({data["area"] for data in found}) == 1
        for data in found[1:]:
            np.testing.assert_array_equal(data["alarms"], found[0]["alarms"])
            np.testing.assert_array_equal(data["found"], found[0]["found"])
        assert (np.diff([data["at"][2] for data in found]) < 0).all()
    area = np.trapezoid(found[0]["found"][::-1], found[0]["alarms"][::-1])
    assert area == pytest.approx(found[0]["area"], abs=1e-3)  # 441 points, and cut at 7


def test_the_area_under_roc_is_a_probability():
    """What 10.5 says in words: a positive's score above a negative's, for the law of the slider."""
    rng = np.random.default_rng(2)
    share = np.mean(rng.normal(size=200_000) + 2 > rng.normal(size=200_000))
    assert share == pytest.approx(norm.cdf(np.sqrt(2)), abs=0.005)


def test_the_bet_on_the_best_accuracy(sliders):
    piece = sliders["rare_labels"]
    found = [piece.compute(t, 0.01) for t in piece.controls["threshold"].values]
    best = max(found, key=lambda data: data["accuracy"])
    assert best["threshold"] == pytest.approx(1 + np.log(99) / 2, abs=0.05)
    assert 0.05 < best["at"][1] < 0.15  # about a tenth is found
    assert 0 < best["accuracy"] - 0.99 < 0.001
    assert piece.bet.answer == "about a tenth"


# The best of many


@pytest.mark.parametrize(
    ("trials", "rows"), [(1, 200), (10, 50), (100, 200), (100, 2000), (1000, 200), (1000, 50)]
)
def test_the_winner_is_that_of_the_law_of_the_largest(sliders, trials, rows):
    data = sliders["lucky"].compute(trials, rows)
    below = binom.cdf(np.arange(rows), rows, 0.8) ** trials  # P(best <= k)
    mean = (1 - below).sum() / rows
    spread = data["best"].std() / np.sqrt(2000)
    assert data["best"].mean() == pytest.approx(mean, abs=4 * spread)


def test_the_winner_over_the_whole_range(sliders):
    piece = sliders["lucky"]
    gains = {}
    for rows in piece.controls["rows"].values:
        found = [piece.compute(n, rows) for n in piece.controls["trials"].values]
        means = [data["best"].mean() for data in found]
        assert (np.diff(means) > 0).all()
        assert means[0] == pytest.approx(0.8, abs=0.006)
        assert all(0.6 <= data["best"].min() for data in found[1:])  # inside of the picture
        gains[rows] = means[-1] - 0.8
    assert gains[50] > gains[200] > gains[2000] > 0.02
    assert piece.compute(100, 200)["best"].mean() == pytest.approx(0.87, abs=0.005)  # the bet


@pytest.mark.parametrize(("name", "answer"), [("rare_labels", "tenth"), ("lucky", "0.87")])
def test_the_printed_pictures_do_not_give_the_bet_away(sliders, name, answer):
    piece = sliders[name]
    assert answer in piece.bet.answer
    for position in piece.pictures:
        if name == "lucky":
            assert position["trials"] == 1
        else:
            assert position["share"] == 0.5


# Four tests before training


@cache
def program():
    names = names_of("def softmax", "def start", "def check_gradients", "FAULTS = ")
    names["digits"] = digits  # the chapter imports it in an earlier cell
    return names


def test_the_program_without_a_fault_is_that_of_pytorch():
    names, rng = program(), np.random.default_rng(0)
    X, T = rng.uniform(size=(12, 64)), np.eye(10)[rng.integers(0, 10, 12)]
    params = [p + 0.1 * rng.normal(size=p.shape) for p in names["start"](3)]
    loss, *_ = names["loss_of"](params, X, T)
    W1, b1, W2, b2 = peers = [torch.tensor(p, requires_grad=True) for p in params]
    logits = torch.relu(torch.tensor(X) @ W1 + b1) @ W2 + b2
    theirs = torch.nn.functional.cross_entropy(logits, torch.tensor(T))
    theirs.backward()
    assert loss == pytest.approx(theirs.item(), rel=1e-12)
    for g, p in zip(names["gradients"](params, X, T, 0.3), peers, strict=True):
        np.testing.assert_allclose(g, p.grad.numpy(), atol=1e-12)


def test_softmax_twice_differentiates_its_own_loss():
    names, rng = program(), np.random.default_rng(1)
    X, T = rng.uniform(size=(12, 64)), np.eye(10)[rng.integers(0, 10, 12)]
    params = names["start"](3)
    W1, b1, W2, b2 = peers = [torch.tensor(p, requires_grad=True) for p in params]
    p = torch.softmax(torch.relu(torch.tensor(X) @ W1 + b1) @ W2 + b2, dim=1)
    torch.nn.functional.cross_entropy(p, torch.tensor(T)).backward()
    for g, peer in zip(names["gradients"](params, X, T, 0.3, "softmax twice"), peers, strict=True):
        np.testing.assert_allclose(g, peer.grad.numpy(), atol=1e-12)


ALARMS = {  # first loss, one batch, gradient check, plain rival; None: not in every start
    "": (False, False, False, False),
    "softmax twice": (False, True, False, True),
    "uphill": (False, True, False, True),
    "sum for mean": (True, True, False, True),
    "gradients pile up": (False, False, False, True),
    "W1 detached": (False, True, True, True),
    "ReLU's slope left out": (False, False, True, None),
    "W2 moved first": (False, None, True, True),
    "inputs 0 to 16": (None, True, False, True),
    "labels shuffled": (False, False, False, None),
    "pixels scrambled": (False, False, False, None),
    "new images on their side": (False, False, False, None),
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # uphill runs to infinity
@pytest.mark.parametrize("fault", ALARMS, ids=lambda fault: fault or "no fault")
def test_which_test_finds_which_fault_from_starts_that_the_page_does_not_use(fault):
    names = program()
    assert set(ALARMS) == set(names["FAULTS"])
    for seed in (100, 101):
        for alarm, expected in zip(names["tests"](seed, fault), ALARMS[fault], strict=True):
            assert expected is None or bool(alarm) == expected


def test_the_floor_of_softmax_twice_is_approached_and_not_passed():
    softmax = program()["softmax"]
    for k in (2, 4, 10):
        floor = np.log(1 + (k - 1) / np.e)
        for size in (1, 10, 1000):
            z = np.zeros((1, k))
            z[0, 0] = size
            loss = -np.log(softmax(softmax(z))[0, 0])
            assert loss >= floor - 1e-12
        assert loss == pytest.approx(floor, abs=1e-12)


# The gallery


def test_the_formula_of_the_gallery_has_its_fault_and_the_chain_rule_has_none():
    names = names_of("def sigmoid", "def by_chain_rule", "def numeric")
    for seed in (100, 101):
        params = names["small_net"](seed)
        W1, b1, W2, b2 = peers = [torch.tensor(p, requires_grad=True) for p in params]
        h = torch.sigmoid(torch.tensor(names["points"]) @ W1 + b1)
        y = torch.sigmoid(h @ W2 + b2)
        ((y - torch.tensor(names["height"])) ** 2).mean().div(2).backward()
        right = [p.grad.numpy() for p in peers]
        for mine, theirs in zip(names["by_chain_rule"](params), right, strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-12)
        for mine, theirs in zip(names["numeric"](params), right, strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-9)
        printed = names["by_formula"](params)
        np.testing.assert_allclose(printed[3], right[3], atol=1e-12)
        for wrong, theirs in zip(printed[:3], right, strict=False):
            assert np.abs(wrong - theirs).max() > 1e-3


def test_a_weight_moved_too_early_is_off_in_proportion_to_the_rate():
    first_layer = names_of("def first_layer")["first_layer"]
    for seed in range(100, 110):
        right = first_layer(seed, 0.1, False)
        np.testing.assert_array_equal(right, first_layer(seed, 1.0, False))
        small, large = (first_layer(seed, lr, True) - right for lr in (0.01, 1.0))
        np.testing.assert_allclose(100 * small, large, atol=1e-9)
        assert np.abs(large).max() > 0.01


def test_the_gallery_is_folded_and_each_of_its_programs_has_an_answer():
    notebook = nbformat.read(CHAPTER, as_version=4)
    answers = sum(c.source.count("<b>The answer</b>") for c in notebook.cells)
    assert answers == 14
    assert sum(c.source.count("</details>") for c in notebook.cells) == answers
    cells = [c for c in chapter_cells.code_cells(CHAPTER) if "tags" in c.metadata]
    hidden = [c for c in cells if "hide-cell" in c.metadata.tags]
    assert len(hidden) >= answers
    for cell in hidden:
        assert cell.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
        assert cell.outputs, "a folded cell shows something"
    before = 0  # every answer has a folded cell of its own before it
    for cell in notebook.cells:
        if "hide-cell" in cell.metadata.get("tags", []):
            before += 1
        if "<b>The answer</b>" in cell.source:
            assert before
            before = 0
