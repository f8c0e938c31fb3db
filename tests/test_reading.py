"""Answers that are judged by what they do: read with care, and shown as they came."""

import pytest

from bookutils.checks.programs import LONGEST, written
from bookutils.checks.registry import all_exercises, find
from bookutils.judge.altered import Altered
from bookutils.judge.guard import guarded
from bookutils.judge.verdict import WRONG

READ = [e for e in all_exercises() if e.reads and e.writes is written]  # programs
WORKED = [exercise for exercise in READ if exercise.worked]
by_id = {"ids": lambda exercise: exercise.id}


def too_long(exercise):
    """An answer of the right form whose program has more nodes than anyone reads."""
    one = {"12.6": "neg", "12.10": 0}.get(exercise.id, ("const", 0.0))
    many = [one] * (LONGEST + 1)
    second = [0] if exercise.id in ("12.2", "12.9") else 0
    return many if exercise.id in ("12.6", "12.10") else (many, second)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", READ, **by_id)
def test_a_program_that_is_too_long_is_refused_unread(exercise):
    verdict = exercise.judge(lambda *args: too_long(exercise))
    assert verdict.face == WRONG and verdict.says, verdict
    assert len(repr(verdict)) < 3000


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["mul", [3], [("add", 0, 7)]])
@pytest.mark.parametrize("exercise", READ, **by_id)
def test_what_is_no_program_gets_a_sentence(exercise, answer):
    for form in (answer, (answer, [0])):
        verdict = exercise.judge(lambda *args, form=form: form)
        assert verdict.face == WRONG and (verdict.says or verdict.rows), verdict


@pytest.mark.slow
@pytest.mark.parametrize("exercise", WORKED, **by_id)
def test_no_change_of_a_worked_program_runs_without_end(exercise):
    altered, cases = Altered(exercise), exercise.arguments()
    small = min(range(len(cases)), key=lambda i: exercise.sizes()[i] or 10**9)
    for change in altered.changes[::3]:
        guarded(lambda change=change: altered.result(change, cases[small], small), 5.0, 2.0)


def test_the_answer_is_shown_beside_what_it_does():
    verdict = find("12.6").judge(lambda ops, root: ["load a"])
    rows = dict(verdict.rows)
    assert rows["you return"] == "['load a']" and "you return" in repr(verdict)


def test_two_mistakes_that_show_in_cases_of_their_own_are_told_together():
    exercise = find("12.7")
    plus, minus = (m for m in exercise.mistakes if m.name in ("plus zero", "minus zero"))

    def both(ops, root):
        adds = any(node[0] == "add" for node in ops)
        return (plus if adds else minus).answer(ops, root)

    verdict = exercise.judge(both)
    assert set(verdict.misconception.split(" + ")) == {"plus zero", "minus zero"}
    assert plus.explanation in verdict.explains and minus.explanation in verdict.explains
