"""Worked programs with one thing changed: named where the numbers prove it, else not."""

import dataclasses
import re
import zlib

import numpy as np
import pytest
from answers import bare

from bookutils.checks.registry import all_exercises, find
from bookutils.judge import data
from bookutils.judge.altered import Altered
from bookutils.judge.exercise import Exercise
from bookutils.judge.flat import has_nan

WORKED = [exercise.id for exercise in all_exercises() if exercise.worked]
SMALL = [id for id in WORKED if find(id).cases and sum(find(id).sizes()) < 5000]
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
@pytest.mark.filterwarnings("ignore")  # changes make nonsense of programs; a verdict is silent
@pytest.mark.parametrize("id", SOME)
def test_a_program_with_one_thing_changed_is_told(id):
    exercise, rng = find(id), np.random.default_rng(zlib.crc32(id.encode()))
    altered = exercise._memory.setdefault("altered", Altered(exercise))
    cases, expected = exercise.arguments(), exercise.expected()
    with np.errstate(all="ignore"):
        for k in rng.permutation(len(altered.changes)):
            made = [altered.result(altered.changes[k], args, i) for i, args in enumerate(cases)]
            wrong = [
                not data.agree(want, got, exercise.rtol, exercise.atol)
                for want, got in zip(expected, made, strict=True)
            ]
            if sum(wrong) < 2 or any(one is None or has_nan(one) for one in made):
                continue
            same = altered.changes
            for i, want in enumerate(made):
                same = [
                    change
                    for change in same
                    if (got := altered.result(change, cases[i], i)) is not None
                    and data.agree(want, got, exercise.rtol, exercise.atol)
                ]
            if altered.said(same):  # more than two lines could be meant, and then none is named
                break
    known = dict(zip(map(key, cases), made, strict=True))
    verdict = bare(exercise).judge(lambda *args: data.fresh(known[key(args)]))
    assert not verdict.right
    assert verdict.misconception, (altered.program.said(altered.changes[k]), verdict)


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


def product(x, w, b):
    return x * w + b


ONE = dataclasses.replace(
    TWO, signature="one(x, w, b)", reference=product, worked=product, results=(), _memory={}
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


def test_what_is_left_out_is_not_shown_as_a_line():
    def summed(x, w, b):
        y = x * w
        y += 1 + b
        return y * y

    known = dataclasses.replace(ONE, reference=summed, worked=summed, _memory={})
    said = known.judge(lambda x, w, b: (x * w) ** 2).explains
    assert "a right program in which `y += 1 + b` is left out" in said


def test_no_change_is_named_that_spoils_a_right_result():
    """Only y = z + 1 gives these y, and the slope of that is not 2z: it is no change of z."""
    verdict = TWO.judge(lambda x, w, b: ((2 * (x * w + b)) ** 2, 2 * (x * w + b)))
    assert "z = 2 *" not in verdict.explains


def test_changes_that_part_on_fresh_cases_are_not_named():
    def cases(rng):  # b is 1 in the cases of the judge, and another number in fresh ones
        one = len(seen) == 0
        seen.append(1)
        return [(*rng.uniform(0.5, 2, 2).tolist(), 1.0 if one else 1.5) for _ in range(9)]

    seen = []
    known = dataclasses.replace(ONE, cases=cases, _memory={})
    verdict = known.judge(lambda x, w, b: x * w)  # `x * w`, or x * w * b: nobody can tell
    assert "altered" not in verdict.misconception, verdict


def test_a_guard_is_not_replaced():
    def guarded(x, w, b):
        y = x
        if w:
            y = x * w
        return y + b

    known = dataclasses.replace(ONE, reference=guarded, worked=guarded, _memory={})
    assert "`if" not in known.judge(lambda x, w, b: x + b).explains


def test_wrong_numbers_of_a_value_tell_nothing():
    def worked():
        x = 3.0
        y = x * 7.25
        return x, y

    value = dataclasses.replace(
        ONE, signature="value()", reference=(3.0, 21.75), worked=worked, cases=None, _memory={}
    )
    assert "altered" not in value.judge((4.0, 29.0)).misconception  # x = 4


def by_hand(x=3.0, w=0.7, b=0.25):
    z = x * w + b
    g = 2 * z
    return g * w, g * x


BY_HAND = dataclasses.replace(
    ONE, signature="value()", reference=by_hand(), worked=by_hand, cases=None, atol=5e-5, _memory={}
)


def test_numbers_found_by_hand_are_told_by_the_numbers_of_the_text():
    said = BY_HAND.judge((2.58, 11.0571)).explains  # 2z/w in the place of 2z·… is no one's slip
    assert "of the right steps" not in said
    z = 3.0 * 0.7 - 0.25
    said = BY_HAND.judge((round(2 * z * 0.7, 4), round(2 * z * 3.0, 4))).explains
    assert "of the right steps, but that one line reads `z = x * w + -b`" in said


def test_a_round_number_found_by_hand_tells_nothing():
    whole = dataclasses.replace(BY_HAND, reference=(2.0, 6.0), worked=two_by_hand, _memory={})
    assert not whole.judge((4.0, 6.0)).misconception


def two_by_hand(x=3.0, w=1.0):
    return 2 * w, 2 * x


def test_two_changes_at_once_are_told_where_no_single_one_explains():
    said = explained(lambda x, w, b: ((x + w - b) ** 2, 2 * (x + w - b)))
    assert "`z = x + w - b` (two things in it are others)" in said


def test_two_changed_lines_are_both_shown():
    def steps(x, w, b):
        z = x * w
        y = z + b
        return y * y

    known = dataclasses.replace(ONE, reference=steps, worked=steps, _memory={})
    said = known.judge(lambda x, w, b: (x / w - b) ** 2).explains
    assert "one line reads `z = x / w`" in said and "one line reads `y = z - b`" in said


def test_an_old_value_is_told():
    def moved(x, w, b):
        x = x - w * b
        return x, x * x

    known = dataclasses.replace(ONE, reference=moved, worked=moved, results=("x", "y"), _memory={})
    said = known.judge(lambda x, w, b: (x - w * b, (x - w * b) * x)).explains
    assert "old_x" in said


def test_a_loop_that_ends_too_soon_or_begins_too_late_is_told():
    def summed(x, w, b):
        n = 4
        total = b
        for k in range(n):
            total = total + x * w ** (k + 2)
        return total

    known = dataclasses.replace(ONE, reference=summed, worked=summed, _memory={})

    def over(*places):
        return known.judge(lambda x, w, b: b + sum(x * w ** (k + 2) for k in places)).explains

    assert "`for k in range(n - 1):`" in over(0, 1, 2)
    assert "`for k in range(1, n):`" in over(1, 2, 3)
    assert "`return` stands inside the loop" in over(0)


def test_a_name_that_the_module_has_too_is_kept():
    """`product` is a function of this module, and a number in the program."""

    def named(x, w, b):
        product = x * w
        total = product + b
        return total * product

    known = dataclasses.replace(ONE, reference=named, worked=named, _memory={})
    said = known.judge(lambda x, w, b: (x * w * b) * x * w).explains
    assert "`total = product * b`" in said


def test_signs_and_order_of_many_numbers_are_told():
    right = np.arange(1.0, 7).reshape(2, 3)
    array = dataclasses.replace(
        ONE,
        signature="made(x)",
        reference=lambda x: x * right,
        worked=None,
        cases=lambda rng: [(v,) for v in rng.uniform(0.5, 2, 9)],
        _memory={},
    )
    turned = np.array([[1, -1, 1], [1, 1, 1]])
    assert array.judge(lambda x: x * right * turned).misconception == "some signs"
    assert array.judge(lambda x: x * right.T.reshape(2, 3)).misconception == "reshaped"
    assert array.judge(lambda x: x * right * turned + 0.01).misconception != "some signs"


def test_no_change_is_named_where_only_nan_shows_it():
    exercise = find("06.4")
    verdict = exercise.judge(lambda z, t: np.where(abs(z) > 50, np.nan, np.logaddexp(0, z) - z * t))
    assert "altered" not in verdict.misconception


@pytest.mark.parametrize("id", ["10.6", "10.7", "10.9"])
def test_no_change_makes_a_list_or_an_array_long(id):
    altered = Altered(find(id))
    for said in map(altered.program.said, altered.changes):
        assert not re.search(r"\*\w+ [*+/-]|range\(np\.", said), said


@pytest.mark.parametrize("id", WORKED)
def test_a_worked_program_run_step_by_step_is_the_same(id):
    exercise = find(id)
    program, numbers = Altered(exercise), exercise.worked.__defaults__
    with np.errstate(all="ignore"):
        for i, args in enumerate(exercise.arguments()):
            args = args or numbers
            if data.size(args) < 500:
                got = program.made(Nothing, args, i)
                want = data.plain(exercise.worked(*data.fresh(args)))
                want = data.plain(exercise.reads(want, *args)) if exercise.reads else want
                assert data.agree(want, got, 0.0, 0.0), (args, want, got)


class Nothing:
    """A change of nothing."""

    block = 0

    @staticmethod
    def at(block):
        return None
