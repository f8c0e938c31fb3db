"""C read without a compiler: its values, what it refuses, and the project that needs none."""

import numpy as np
import pytest

from bookutils.checks.c_text import NotC, value
from bookutils.checks.registry import find


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a - b - 1", -4.0),
        ("a - (b - 1)", -2.0),
        ("-a * -b", 10.0),
        ("1 / 2 * a", 0.0),  # whole numbers
        ("1. / 2 * a", 1.0),
        ("-7 / 2", -3.0),
        ("a > b ? a : b < 6 ? 10 : 20", 10.0),
        ("fmax(a, b) + log1p(exp(-fabs(a - b)))", np.logaddexp(2.0, 5.0)),
        ("pow(a, 2) + .5e1", 9.0),
        ("exp(800) == INFINITY && !(a > b)", 1.0),
        ("1 / 0.", np.inf),
    ],
)
def test_values_are_those_of_c(text, expected):
    assert value(text, a=2.0, b=5.0) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    "text, said",
    [
        ("max(a, b)", "fmax"),
        ("abs(a)", "fabs"),
        ("a ** 2", "pow"),
        ("a if a > b else b", "?"),
        ("math.log(a)", "no `math.`"),
        ("log1p(a, b)", "takes 1, not 2"),
        ("(a", "`)` is missing"),
        ("a b", "does not understand"),
        ("a;", "does not understand"),
        ("c + 1", "does not understand"),
        ("1 / 0", "whole number"),
        ("", "the end"),
        ("(" * 99 + "a" + ")" * 99, "too deeply"),
        (3, "a text is asked for"),
    ],
)
def test_what_is_no_c_is_told(text, said):
    with pytest.raises(NotC) as told:
        value(text, a=2.0, b=5.0)
    assert said in str(told.value)


def test_without_a_compiler_the_point_is_given_and_said(monkeypatch):
    monkeypatch.setattr("bookutils.trace.native.compiler", lambda: None)
    project = find("12.project")
    verdict = project.judge(project.reference)
    assert verdict.points == project.points
    (point,) = [point for point in verdict.table if point.name == "Compiled as C"]
    assert point.points == 1 and "no C compiler" in point.found and "given" in repr(verdict)
