"""Answers that are right in most places, and wrong at an edge that the text allows: all refused."""

import numpy as np
import pytest
from answers import of_all_chapters

from bookutils.checks.nearby import moved, one_moved
from bookutils.checks.registry import find

pytestmark = pytest.mark.slow

WRONG = of_all_chapters("WRONG")


@pytest.mark.parametrize("id, name", [(id, name) for id in WRONG for name in WRONG[id]])
def test_wrong_answer_is_refused(id, name):
    verdict = find(id).judge(WRONG[id][name])
    assert not verdict.right, f"{id}: {name} passes"


def test_one_argument_moves_at_a_time():
    case = (2.0, 3, np.array([1.0, -4.0]), (0.5, 8.0), "name", lambda x: x)
    cases = [*one_moved(case)]
    assert [c[i] for i, c in enumerate(cases[:2])] == [2.5, 4]
    assert cases[2][2].tolist() == [1.0, -5.0] and case[2].tolist() == [1.0, -4.0]
    assert cases[3][3] == (0.5, 10.0) and len(cases) == 4
    assert all(sum(a is not b for a, b in zip(c, case, strict=True)) == 1 for c in cases)
    assert moved(()) is moved(np.array([])) is None
