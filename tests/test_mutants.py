"""Each exercise rejects every small change of its solution that changes what it computes."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from answers import bare, of_all_chapters, solution
from disguises import disguises
from mutants import mutants

from bookutils.checks.registry import all_exercises, find
from bookutils.judge import running
from bookutils.judge.comparing import fault

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
IDS = [exercise.id for exercise in all_exercises()]
EQUIVALENT = of_all_chapters("EQUIVALENT")  # exercise -> change that keeps it right -> why


def made_by(exercise):
    """(change, (exercise that judges it, function)) of every mutant of a solution.

    Those of its text come first, then those around it: around its program, where it has one.
    """
    source, names = solution(exercise.id)
    for change, text in {"": source, **mutants(source)}.items():
        scope = {"np": np} | names
        exec(text, scope)
        answer = scope[exercise.name]
        if change:
            yield change, (exercise, answer)
        else:
            right = answer
    numbers = bare(exercise)
    for change, answer in disguises(numbers, exercise.used(right)).items():
        yield change, (numbers, answer)


def is_right(exercise, answer):
    """Whether an answer gets the verdict `right`; the first case that refuses it ends the trial."""
    for args, want in zip(exercise.drawn(), exercise.expected(), strict=True):
        if fault(exercise, running.call(exercise, answer, args), want, args):
            return False
    return exercise.judge(answer).right


@cache
def survivors(id):
    """(number of mutants, those that get the verdict `right`)."""
    exercise = replace(find(id), seconds=0.3, _memory={})  # long enough for every solution
    made = dict(made_by(exercise))
    return len(made), [change for change, (one, answer) in made.items() if is_right(one, answer)]


def figures():
    """The line of CONTRIBUTING.md that says how hard the graders were tried.

    Counted, not tried once more: which mutants pass, and that no others do, a test below holds.
    """
    wrong = sum(len(exercise.mistakes) for exercise in all_exercises())
    tried = sum(len(dict(made_by(find(id)))) for id in IDS)
    equivalent = sum(map(len, EQUIVALENT.values()))
    return len(IDS), wrong, tried, tried - equivalent, equivalent


@pytest.mark.parametrize("id", IDS)
def test_the_solution_is_right_within_the_limit(id):
    source, names = solution(id)
    scope = dict(names)
    exec(source, scope)
    verdict = replace(find(id), seconds=0.3, _memory={}).judge(scope[find(id).name])
    assert verdict.right, verdict


@pytest.mark.parametrize("id", IDS)
def test_every_mutant_is_rejected_or_equivalent(id):
    tried, alive = survivors(id)
    known = EQUIVALENT.get(id, {})
    assert not set(alive) - set(known), "the grader lets these pass: add a case"
    assert not set(known) - set(alive), "these are rejected, or are no mutants any more: drop them"
    assert all(known.values()) and tried >= 3


def test_equivalents_belong_to_exercises():
    assert set(EQUIVALENT) <= set(IDS)


CHANGES = """
def f(x, W, mask):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * 2 - 1
    y = np.sum(mask * (x @ W.T), axis=0)
    y[1:] = np.maximum(y[1:], 0.5)
    return total, y.mean()
"""
EXPECTED = [  # one of each kind
    "total += x[i] * 2 - 1 → total += x[i] * 2 + 1",
    "total += x[i] * 2 - 1 → total += x[i] * 2",
    "total += x[i] * 2 - 1 → total += x[i] - 1",
    "total += x[i] * 2 - 1 → total += -(x[i] * 2 - 1)",
    "total += x[i] * 2 - 1 → total += x[i + 1] * 2 - 1",
    "total += x[i] * 2 - 1 → total += x[i] * 3 - 1",
    "total += x[i] * 2 - 1 → total = x[i] * 2 - 1",
    "total += x[i] * 2 - 1 → pass",
    "for i in range(len(x)): → for i in range(len(x) - 1):",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(mask * (x * W.T), axis=0)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(mask * (x @ W), axis=0)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(mask * (x.T @ W.T), axis=0)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(x @ W.T, axis=0)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(mask * (x @ W.T), axis=1)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.sum(mask * (x @ W.T))",
    "y = np.sum(mask * (x @ W.T), axis=0) → y = np.mean(mask * (x @ W.T), axis=0)",
    "y = np.sum(mask * (x @ W.T), axis=0) → y += np.sum(mask * (x @ W.T), axis=0)",
    "y[1:] = np.maximum(y[1:], 0.5) → y[2:] = np.maximum(y[1:], 0.5)",
    "y[1:] = np.maximum(y[1:], 0.5) → y[1:] = np.minimum(y[1:], 0.5)",
    "y[1:] = np.maximum(y[1:], 0.5) → y[1:] = np.maximum(0.5, y[1:])",
    "return (total, y.mean()) → return (y.mean(), total)",
    "return (total, y.mean()) → return (total, y.sum())",
]


FLAWED = """
def f(x, items):
    total = 0.0
    for item in items:
        if item == x or item > 2:
            total += x / item + np.sqrt(x)
    while items:
        items.pop()
    return total
"""
EDGES = [
    "if item == x or item > 2: → if np.isclose(item, x) or item > 2:",
    "if item == x or item > 2: → if item == x or item > 2 + 0.001:",
    "if item == x or item > 2: → if item == x or item > 2 - 0.001:",
    "total += x / item + np.sqrt(x) → total += x / (item + 1e-09) + np.sqrt(x)",
    "total += x / item + np.sqrt(x) → total += x / item + np.sqrt(x + 1e-09)",
    "for item in items: → for item in list(items)[:-1]:",
    "for item in items: → for item in dict.fromkeys(items):",
    "while items: → while len(items) > 1:",
]


def test_mutants_touch_the_edges():
    made = mutants(FLAWED)
    assert not [change for change in EDGES if change not in made]


def test_mutants_are_of_every_kind():
    made = mutants(CHANGES)
    assert not [change for change in EXPECTED if change not in made]
    for text in made.values():
        compile(text, "<mutant>", "exec")


def test_contributing_shows_the_figures(record_property):
    exercises, wrong, tried, killed, equivalent = figures()
    record_property(
        "measured",
        f"graders: {exercises} exercises, {wrong} known-wrong answers, {tried} mutants of the "
        f"solutions, {killed} rejected, {equivalent} equivalent",
    )
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    row = f"| {exercises} | {wrong} | {tried} | {killed} | {equivalent} |"
    shown = re.findall(r"^\| *\d+ \|.*$", text, re.MULTILINE)
    assert row in shown, f"the figures changed: write {row} in CONTRIBUTING.md instead of {shown}"
