"""No right answer is turned away, however it is written."""

import numpy as np
import pytest
from answers import of_all_chapters, solution
from answers.forms import frozen, strided

from bookutils.checks.registry import all_exercises, find
from bookutils.judge import data

RIGHT = of_all_chapters("RIGHT")
EXERCISES = {exercise.id: exercise for exercise in all_exercises()}


@pytest.mark.parametrize("id", EXERCISES)
def test_three_answers_written_in_other_ways(id):
    assert len(RIGHT.get(id, ())) >= 3, f"tests/answers/chapter_{id[:2]}.py needs three for {id}"


@pytest.mark.slow
@pytest.mark.parametrize("id, i", [(id, i) for id in RIGHT for i in range(len(RIGHT[id]))])
def test_right_answer_is_accepted(id, i):
    verdict = find(id).judge(RIGHT[id][i])
    assert verdict.right, verdict


@pytest.mark.slow
@pytest.mark.parametrize(
    "form",
    [frozen, strided, np.asfortranarray, lambda a: a[::-1].copy()[::-1]],
    ids=["read-only", "strided", "Fortran", "backwards"],
)
@pytest.mark.parametrize("id", EXERCISES)
def test_solution_in_other_forms_is_accepted(id, form):
    """The solution, with every array that goes in and comes out laid out in another way."""
    exercise = EXERCISES[id]
    if exercise.wants_value or exercise.products or exercise.program:
        return  # no array goes in, or the numbers in it are counted
    source, names = solution(id)
    scope = dict(names)
    exec(source, scope)

    def reformed(value):
        return form(value) if type(value) is np.ndarray and value.ndim else value

    def answer(*args):
        result = scope[exercise.name](*map(reformed, args))
        return data.transform(result, reformed) if type(result) is not dict else result

    verdict = exercise.judge(answer)
    assert verdict.right, verdict
