"""Every exercise of every chapter: each known-wrong answer fails by name, each right one passes."""

import inspect
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from answers import bare

from bookutils.checks import source
from bookutils.checks.registry import all_exercises, chapters
from bookutils.judge import data
from bookutils.judge.flat import numeric
from bookutils.judge.verdict import BROKEN, NOT_ATTEMPTED, RIGHT, WRONG

ROOT = Path(__file__).resolve().parents[1]
EXERCISES = {exercise.id: exercise for exercise in all_exercises()}
LONG = {"03.9"}  # cases of 35,000 nodes
every = pytest.mark.parametrize(
    "id", [pytest.param(id, marks=[pytest.mark.slow] * (id in LONG)) for id in EXERCISES]
)


def numbers(value, function):
    """The same form with `function` of every single number, inside arrays too."""
    if type(value) is np.ndarray and value.ndim == 0:
        return function(value.item())
    if type(value) is np.ndarray:
        return np.array([numbers(row, function) for row in value.tolist()])
    return data.transform(
        value, lambda v: numbers(v, function) if type(v) is np.ndarray else function(v)
    )


def right(exercise, *args):
    """The right result as plain data."""
    return data.plain(exercise.reference if exercise.wants_value else exercise.reference(*args))


def misshaped(value):
    if data.is_number(value):
        return [value, value]
    if type(value) is np.ndarray:
        return value[None]
    if type(value) in (tuple, list):
        return value[:-1]
    if type(value) is dict:
        return dict(list(value.items())[1:])
    return [value]


def spoiled(value):
    """The last number a hundredth beside the right one: a checker must look at all of them."""
    if data.is_number(value):
        return value * 1.01 + 0.01
    if type(value) is np.ndarray:
        changed = np.array(value, dtype=float)
        changed.flat[-1] = changed.flat[-1] * 1.01 + 0.01
        return changed
    if type(value) in (tuple, list):
        return type(value)([*value[:-1], spoiled(value[-1])])
    return {key: spoiled(v) if i == len(value) - 1 else v for i, (key, v) in
            enumerate(value.items())}  # fmt: skip


def raises(value):
    raise ValueError("on purpose")


def generic_wrong(exercise):
    """name -> (function of the right result, faces it may get)."""
    made = {
        "wrong shape": (misshaped, {WRONG, BROKEN}),
        "exception": (raises, {BROKEN}),
        "wrong type": (lambda value: object(), {BROKEN}),
        "a string": (lambda value: "42 or so", {BROKEN, WRONG}),
        "None": (lambda value: None, {BROKEN, NOT_ATTEMPTED}),
        "Ellipsis": (lambda value: ..., {BROKEN, NOT_ATTEMPTED}),
    }
    if all(map(numeric, exercise.expected())):
        made |= {
            "zero": (lambda value: numbers(value, lambda v: 0 * v), {WRONG}),
            "sign": (lambda value: numbers(value, lambda v: -v), {WRONG}),
            "NaN": (lambda value: numbers(value, lambda v: float("nan")), {WRONG}),
            "infinite": (lambda value: numbers(value, lambda v: float("inf")), {WRONG}),
        }
        if max(exercise.atol, exercise.rtol) < 0.01:  # of what is read off a picture it may be
            made["last number off"] = (spoiled, {WRONG})
    return made


def mutable(args):
    return next((i for i, arg in enumerate(args) if type(arg) in (np.ndarray, list, dict)), None)


def wrong_answers(exercise):
    """(name, answer, faces) of all that every exercise must refuse."""
    for name, (spoil, faces) in generic_wrong(exercise).items():
        yield name, lambda *args, spoil=spoil: spoil(right(exercise, *args)), faces
    if exercise.wants_value:
        return
    for i, name in enumerate(exercise.parameters):
        yield f"argument {name}", lambda *args, i=i: args[i], {WRONG, BROKEN}
    i = mutable(exercise.arguments()[0])
    if i is not None:

        def mutates(*args):
            result = right(exercise, *args)
            if type(args[i]) is np.ndarray:
                args[i].flat[:1] += 1
            elif type(args[i]) is list:
                args[i].append(1)
            else:
                args[i]["new"] = ()
            return result

        yield "argument mutated", mutates, {WRONG}


def forms(exercise):
    """name -> the same right result, written in another way."""

    def as_numpy(value):
        return numbers(value, np.float64)

    def as_0d(value):
        return numbers(value, np.array) if type(value) is not np.ndarray else value

    def as_lists(value):
        if type(value) is np.ndarray:
            return value.tolist()
        if type(value) is tuple:
            return [as_lists(item) for item in value]
        return value

    def as_int(v):  # there is no integer -0, and where -0.0 counts it is another number
        whole = float(v).is_integer() and abs(v) < 2**53
        return int(v) if whole and str(float(v)) != "-0.0" else v

    def read_only(value):
        if type(value) is np.ndarray:
            value = np.repeat(value, 2, axis=0)[::2]
            value.flags.writeable = False
        return value

    return {
        "as it is": lambda value: value,
        "NumPy scalars": as_numpy,
        "0-d arrays": as_0d,
        "lists": as_lists,
        "floats": lambda value: numbers(value, float),
        "ints where whole": lambda value: numbers(value, as_int),
        "read-only views": read_only,
    }


@cache
def judged(id):
    """(name, misconception wanted or None, faces allowed, verdict) of every wrong answer."""
    exercise = EXERCISES[id]
    rows = [
        (mistake.name, mistake.name, {mistake.verdict}, exercise.judge(mistake.answer))
        for mistake in exercise.mistakes
    ]
    for name, answer, faces in wrong_answers(exercise):
        rows.append((name, None, faces, bare(exercise).judge(answer)))
    return rows


@pytest.mark.slow
@pytest.mark.filterwarnings("error")  # they would stand in red beside the verdict
@every
def test_wrong_answers_fail_by_name(id):
    for name, misconception, faces, verdict in judged(id):
        assert verdict.face != RIGHT, f"{id}: {name} passes"
        assert verdict.face in faces, f"{id}: {name}\n{verdict}"
        if misconception:
            assert verdict.misconception == misconception, f"{id}: {name}\n{verdict}"
            assert verdict.section, f"{id} names no section"


@pytest.mark.slow
@every
def test_right_answers_pass_in_every_form(id):
    exercise = EXERCISES[id]
    if exercise.products:  # plain numbers would hide the multiplications that are counted
        assert exercise.judge(exercise.reference).right
        return
    for name, form in forms(exercise).items():
        answer = lambda *args, form=form: form(right(exercise, *args))  # noqa: E731
        verdicts = [bare(exercise).judge(answer)]
        if exercise.wants_value:
            verdicts.append(exercise.judge(form(right(exercise))))
        for verdict in verdicts:
            assert verdict.right, f"{id}: {name}\n{verdict}"


@every
def test_untouched_is_not_attempted(id):
    exercise = EXERCISES[id]
    namespace = {}
    stub = f"def {exercise.signature}:\n    raise NotImplementedError('your turn')"
    exec(stub, namespace)
    assert exercise.judge(namespace[exercise.name]).face == NOT_ATTEMPTED
    assert exercise.judge(...).face == exercise.judge(None).face == NOT_ATTEMPTED


@every
def test_exercise_is_whole(id):
    exercise = EXERCISES[id]
    names = [mistake.name for mistake in exercise.mistakes]
    assert len(names) >= 4 and len(set(names)) == len(names)
    assert len(set(exercise.hints)) == 3 and all(exercise.hints)
    assert all(mistake.explanation for mistake in exercise.mistakes)
    assert exercise.title and exercise.proves and id[:2] in chapters()
    for mistake in exercise.mistakes:
        assert source(mistake.answer)
    if exercise.wants_value:
        assert exercise.parameters == ()
        return
    once, twice = exercise.arguments(), exercise.arguments()
    assert data.identical(once, twice) or _functions_apart(once, twice)
    assert len(once) >= 5
    for args in once:
        assert len(args) == len(exercise.parameters)
    assert len(inspect.signature(exercise.reference).parameters) == len(exercise.parameters)


@every
def test_nothing_is_left_to_do(id):
    """Stubs of new exercises say TODO where an author has to write."""
    places = [
        ROOT / "bookutils" / "checks" / f"chapter_{id[:2]}.py",
        ROOT / "tests" / "answers" / f"chapter_{id[:2]}.py",
        *(ROOT / "solutions").glob(f"{id[:2]}_*.ipynb"),
    ]
    assert len([path for path in places if "_project_" not in path.name]) == 3
    for place in places:
        assert "TODO" not in place.read_text(encoding="utf-8"), f"{place} has a TODO left"


def _functions_apart(once, twice):
    return all(
        data.identical(a, b) or (callable(a) and data.text(a) == data.text(b))
        for x, y in zip(once, twice, strict=True)
        for a, b in zip(x, y, strict=True)
    )


@pytest.mark.slow
@every
def test_verdicts_are_deterministic(id):
    exercise = EXERCISES[id]
    for mistake in exercise.mistakes[:2]:
        first, again = exercise.judge(mistake.answer), exercise.judge(mistake.answer)
        assert repr(first) == repr(again) and first._repr_html_() == again._repr_html_()
        assert " at 0x" not in repr(first)


def test_figures(record_property):
    """What `test_wrong_answers_fail_by_name` tries, counted without judging it once more."""
    known = sum(len(exercise.mistakes) for exercise in EXERCISES.values())
    all_wrong = known + sum(len([*wrong_answers(exercise)]) for exercise in EXERCISES.values())
    record_property(
        "measured",
        f"graders: {len(EXERCISES)} exercises, {known} known mistakes each refused by name, "
        f"{all_wrong} wrong answers in all",
    )
    assert known < all_wrong
