"""Project 10: the program as it is handed out scores nothing, each repair its own two points."""

from itertools import combinations
from pathlib import Path

import nbformat
import pytest

from bookutils.checks.registry import find

pytestmark = pytest.mark.chapter("10")

WHOLE = "Nothing else was changed: whole runs agree in every number"
NOTEBOOK = "solutions/10_project_five_silent_faults.ipynb"
REPAIRS = {
    "The validation rows have no say in the training": (
        ("rows = np.vstack([X, X_val])", "rows = X"),
    ),
    "Loss and gradient are those of one softmax": (
        ("return H, softmax(H @ W2 + b2)", "return H, H @ W2 + b2"),
        ("            G = P * (G - (P * G).sum(axis=1, keepdims=True))", "            pass"),
        ("forward((X_new - mean) / std, best)[1], log", "softmax(Z_of(X_new)), log"),
        (
            "    return best, lambda",
            "    Z_of = lambda X_new: forward((X_new - mean) / std, best)[1]\n"
            "    return best, lambda",
        ),
    ),
    "A step uses the weights of its forward pass": (
        ("            weights[2] -= lr * H.T @ G", "            old = weights[2].copy()\n"
         "            weights[2] -= lr * H.T @ G"),
        ("G @ weights[2].T", "G @ old.T"),
    ),
    "Every row is used once an epoch, in a mean of its batch": (
        ("range(len(A) // batch)", "range(-(-len(A) // batch))"),
    ),
    "The weights of the best epoch come back": (
        ("best = val_loss, weights", "best = val_loss, [W.copy() for W in weights]"),
    ),
}  # fmt: skip


def handed_out():
    """The program text of the project's notebook, before the reader's cell."""
    cells = nbformat.read(Path(__file__).parents[1] / NOTEBOOK, 4).cells
    (text,) = [c.source for c in cells if "def train_as_found" in c.source]
    return "import numpy as np\n\n\n" + text


def judged(repaired, planted=()):
    text = handed_out()
    for old, new in [pair for name in repaired for pair in REPAIRS[name]] + list(planted):
        assert old in text, old
        text = text.replace(old, new, 1)
    names = {}
    exec(text, names)
    return find("10.project").judge(names["train_as_found"])


def passed(verdict):
    return {point.name for point in verdict.table if point.points}


def test_as_it_is_handed_out_it_scores_nothing():
    assert judged(()).points == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", REPAIRS)
def test_one_repair_earns_its_own_points(name):
    verdict = judged([name])
    assert passed(verdict) == {name} and verdict.points == 2


@pytest.mark.slow
def test_four_repairs_earn_eight_and_all_five_everything():
    for repaired in combinations(REPAIRS, 4):
        assert passed(judged(repaired)) == set(repaired)
    verdict = judged(REPAIRS)
    assert verdict.right and verdict.points == find("10.project").points


KEPT = "val_loss, [W.copy() for W in weights]"
PLANTED = {  # what a learner may leave or put in when all five are repaired
    "start": [("[np.array(W, dtype=float) for W in start]", "start")],
    "one order": [
        ("        order = rng.permutation(len(A))\n", ""),
        ("    for _ in range(epochs)", "    order = rng.permutation(len(A))\n"
         "    for _ in range(epochs)"),
    ],
    "last of several": [("val_loss < lowest", "val_loss <= lowest")],
    "training chooses": [
        ("val_loss < lowest", "train_loss < lowest"), (KEPT, KEPT.replace("val", "train")),
    ],
    "last predicts": [("X_new - mean) / std, best)", "X_new - mean) / std, weights)")],
    "last returned": [("    return best, lambda", "    return weights, lambda")],
    "short": [("y[part])\n", "y[part])\n            G = G * len(part) / batch\n")],
    "short left": [("range(-(-len(A) // batch))", "range(len(A) // batch)")],
    "constant": [("rows.max(axis=0) > rows.min(axis=0)", "std > 0")],
    "plus 1e-12": [("np.where(rows.max(axis=0) > rows.min(axis=0), std, 1.0)", "std + 1e-12")],
}  # fmt: skip
ALONE = "start", "one order", "constant", "plus 1e-12"


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_one_more_fault_is_told_by_its_own_cause_and_takes_no_other_points(name):
    verdict = judged(REPAIRS, PLANTED[name])
    lost = {point.name for point in verdict.table} - passed(verdict)
    assert verdict.misconception == name
    assert len(lost) <= 2 and (name not in ALONE or lost == {WHOLE})
