"""Worked programs with one thing changed: named where the numbers prove it, else not."""

import zlib

import numpy as np
import pytest
from answers import bare

from bookutils.checks.registry import all_exercises, find
from bookutils.judge import data
from bookutils.judge.altered import Altered
from bookutils.judge.exercise import Exercise

WORKED = [exercise.id for exercise in all_exercises() if exercise.worked]
SMALL = [id for id in WORKED if find(id).cases and data.size(find(id).arguments()) < 5000]
SOME = SMALL[::4]  # each tries thousands of programs


def key(value):
    """A value to the last bit, as a key."""
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    return tuple(map(key, value)) if isinstance(value, (tuple, list)) else repr(value)


@pytest.mark.parametrize("id", WORKED)
def test_a_worked_program_is_right(id):
    exercise = find(id)
    with np.errstate(all="ignore"):  # where the text lets a program be careless, it may be
        for args, want in zip(exercise.arguments(), exercise.expected(), strict=True):
            got = data.plain(exercise.worked(*args))
            if exercise.reads:  # what is compared in its place
                got = data.plain(exercise.reads(got, *args))
            assert data.agree(want, got, exercise.rtol, exercise.atol), (args, want, got)


@pytest.mark.slow
@pytest.mark.parametrize("id", SOME)
def test_a_program_with_one_thing_changed_is_told(id):
    exercise, rng = find(id), np.random.default_rng(zlib.crc32(id.encode()))
    altered = exercise._memory.setdefault("altered", Altered(exercise))
    cases, expected = exercise.arguments(), exercise.expected()
    with np.errstate(all="ignore"):
        for k in rng.permutation(len(altered.singles)):
            made = [altered.result(altered.singles[k], cases, i) for i in range(len(cases))]
            wrong = [
                not data.agree(want, got, exercise.rtol, exercise.atol)
                for want, got in zip(expected, made, strict=True)
            ]
            if sum(wrong) > 1 and not any(one is None or data.has_nan(one) for one in made):
                break
    known = dict(zip(map(key, cases), made, strict=True))
    verdict = bare(exercise).judge(lambda *args: data.fresh(known[key(args)]))
    assert not verdict.right
    assert verdict.misconception, (altered.program.said(altered.singles[k]), verdict)


@pytest.mark.slow
@pytest.mark.parametrize("id", SOME)
def test_unrelated_numbers_get_no_cause(id):
    exercise = find(id)
    rng = np.random.default_rng(zlib.crc32(id.encode()))
    right = dict(zip(map(key, exercise.arguments()), exercise.expected(), strict=True))

    def noisy(*args):
        # whole numbers stay whole: sizes and counts are the hardest to tell apart
        return data.transform(
            right[key(args)],
            lambda v: (
                v + rng.integers(1, 9, np.shape(v))
                if np.asarray(v).dtype.kind == "i"
                else v * rng.uniform(0.5, 2, np.shape(v)) + rng.uniform(0.1, 1, np.shape(v))
            ),
        )

    verdict = bare(exercise).judge(noisy)
    assert not verdict.right
    assert "altered" not in verdict.misconception
    assert "otherwise" not in verdict.misconception


def worked(x, w, b):
    z = x * w + b
    y = z**2
    return y, 2 * z


TWO = Exercise(
    id="x.1",
    title="",
    signature="both(x, w, b)",
    reference=worked,
    worked=worked,
    mistakes=(),
    hints=(),
    results=("y", "slope"),
    cases=lambda rng: [tuple(rng.uniform(0.5, 2, 3).tolist()) for _ in range(9)],
)


def explained(answer):
    return TWO.judge(answer).explains


def test_the_line_is_shown_as_it_would_have_to_read():
    said = explained(lambda x, w, b: ((x + w + b) ** 2, 2 * (x + w + b)))
    assert "`z = x + w + b` (one operation in it is another)" in said


def test_only_the_changed_result_is_shown():
    said = explained(lambda x, w, b: ((x * w + b) ** 2, 2 * (x * w + b) ** 2))
    assert "`2 * y` (one name in it is another)" in said
    assert "z = " not in said and "z ** 2" not in said


def test_two_changes_come_together():
    said = explained(lambda x, w, b: ((x + w + b) ** 3, 2 * (x + w + b)))
    assert "two things change: `z = x + w + b`" in said
    assert "`y = z ** 3` (a number in it is another)" in said


def test_a_change_and_a_factor_come_together():
    said = explained(lambda x, w, b: (3 * (x + w + b) ** 2, 6 * (x + w + b)))
    assert "`z = x + w + b` (one operation in it is another)" in said
    assert "All your numbers are 3 times" in said


def test_an_answer_that_breaks_on_some_calls_is_told_by_the_others():
    def breaks(x, w, b):
        if x > 1.2:
            raise ValueError("no")
        return (x + w + b) ** 2, 2 * (x + w + b)

    said = explained(breaks)
    assert said.startswith("In the calls that do not break: ")
    assert "`z = x + w + b`" in said


def test_no_change_is_named_where_only_nan_shows_it():
    exercise = find("06.4")
    verdict = exercise.judge(lambda z, t: np.where(abs(z) > 50, np.nan, np.logaddexp(0, z) - z * t))
    assert "altered" not in verdict.misconception
