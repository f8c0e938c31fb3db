"""A wrong array is shown beside the expected one; a right one, a value or a scalar is not."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from bookutils.checks.registry import find
from bookutils.judge.picture import pictured, side_by_side


def framed(svg):
    return len(re.findall(r'stroke="#000"', svg))


def test_every_differing_entry_is_framed_in_each_panel():
    want = np.arange(6.0).reshape(2, 3) - 2.5
    got = want.copy()
    got[0, 2], got[1, 0] = -9.0, np.nan
    svg = side_by_side(want, got)
    ElementTree.fromstring(svg)  # well-formed
    assert framed(svg) == 2 * 3
    assert "2 entries differ" in svg and ">-9<" in svg and ">nan<" in svg


@pytest.mark.parametrize(
    ("want", "got"),
    [
        (1.5, 2.5),
        (np.array([1.0]), np.array([2.0])),
        (np.zeros((30, 2)), np.ones((30, 2))),
        (np.zeros((2, 2, 2)), np.ones((2, 2, 2))),
        (("a", 1.0), ("b", 1.0)),
    ],
)
def test_what_makes_no_small_picture(want, got):
    assert pictured(want, got) is None


def test_of_a_tuple_the_array_that_differs():
    a, b = np.eye(2), np.arange(3.0)
    want, got = pictured((a, b), (a.copy(), b + 1))
    assert want.shape == (1, 3) and np.array_equal(got - want, np.ones((1, 3)))


def test_a_wrong_matrix_comes_with_its_picture():
    exercise = find("01.6")
    mistake = next(m for m in exercise.mistakes if m.name == "noslope")
    verdict = exercise.judge(mistake.answer)
    assert verdict.face == "wrong" and framed(verdict.picture) >= 3
    assert verdict.picture in verdict._repr_html_()
    assert "<svg" not in repr(verdict)
    assert exercise.judge(exercise.reference).picture == ""
