"""No test escapes: each chapter has all kinds of proof, and each test its chapter, or none."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import selection
from hypothesis import HealthCheck, settings
from tried import tried

from bookutils.checks.registry import all_exercises, chapters

# the kinds that prove a chapter whatever it is about
KINDS = {"chapters", "solutions", "exercises", "browser", "sliders_compute", "notebooks", "errata"}
KINDS |= {"graders", "mutants", "right_answers", "examples", "process"}


@pytest.fixture
def collected(request):
    """(test, kind, chapters) of a run that collects everything."""
    found = request.config.stash[selection.COLLECTED]
    kinds = {kind for _, kind, _ in found}
    if not KINDS <= kinds:
        pytest.skip(f"not collected: {', '.join(sorted(KINDS - kinds))}")
    return found


def test_every_chapter_has_a_test_of_every_kind(collected):
    assert selection.NUMBERS == chapters()
    for number in selection.NUMBERS:
        kinds = {kind for _, kind, own in collected if number in own}
        assert not KINDS - kinds, f"chapter {number}"


def test_every_exercise_is_tried_under_its_chapter(collected):
    for exercise in all_exercises():
        of_it = [
            (kind, own)
            for test, kind, own in collected
            if f"[{exercise.id}]" in test.split("::")[-1]
        ]
        assert {"graders", "mutants", "right_answers", "process"} <= {kind for kind, _ in of_it}
        assert all(own == [exercise.id[:2]] for _, own in of_it), exercise.id


def test_what_names_a_notebook_belongs_to_its_chapter(collected):
    """Read from the name of a test, where `selection` reads its parameters."""
    for test, _, own in collected:
        for number in re.findall(r"\b(\d\d)_[a-z_]{5}(?!\w*/)", test):  # a folder is none
            if number in selection.NUMBERS:
                assert number in own, test


def test_no_file_is_left_out_for_a_chapter_that_it_proves(collected):
    proves = {(test.partition("::")[0], number) for test, _, own in collected for number in own}
    files = [(file, number) for file, number in sorted(proves) if file.endswith(".py")]
    left = [pair for pair in files if not selection.may_prove(selection.ROOT / pair[0], pair[1])]
    assert files and not left


@pytest.mark.parametrize(
    ("file", "chapter", "may"),
    [
        ("test_graders.py", "05", True),
        ("test_chapter_05.py", "05", True),
        ("test_chapter_05.py", "06", False),
        ("test_chapter_03_engine.py", "03", True),
        ("test_silent_faults.py", "10", True),
        ("test_tensor.py", "04", False),
    ],
)
def test_a_file_that_proves_no_chapter_is_not_imported_for_one(file, chapter, may):
    assert selection.may_prove(selection.ROOT / "tests" / file, chapter) == may


def test_a_name_alone_runs_once(collected):
    names = [test for test, _, _ in collected]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "value", "chapter"),
    [
        ("id", "05.3", "05"),
        ("id", "05.12", "05"),
        ("x", "05.3", None),  # a number
        ("id", "../05.3", None),
        ("id", "05.project", "05"),
        ("name", "05_neurons_and_mlps", "05"),
        ("exercise", SimpleNamespace(id="12.1"), "12"),
        ("path", Path("a/solutions/07_regularization.ipynb"), "07"),
        ("path", Path("a/solutions/regularization.ipynb"), None),
        ("name", "chapters/05_neurons_and_mlps.ipynb", "05"),
        ("chapter", selection.NUMBERS[-1], selection.NUMBERS[-1]),
        ("width", "00", None),
        ("seed", 5, None),
    ],
)
def test_a_parameter_tells_its_chapter(name, value, chapter):
    assert selection.chapter_of(name, value) == chapter


SCOPES = {
    "a file": ("tests/test_graph.py::test_one", "tests/test_graph.py"),
    "exercises": ("tests/test_graders.py::test_one[05.3]", "tests/test_graders.py 05"),
    "notebooks": ("tests/test_errata.py::test_one[chapters/05_nets]", "tests/test_errata.py 05"),
    "browser": ("tests/browser/test_names.py::test_one", "tests/browser"),
    "sliders moved": ("tests/browser/test_slider_moves.py::test_one[05_nets]", "tests/browser"),
    "a chapter": ("tests/test_chapter_05.py::test_one[3]", "tests/test_chapter 05"),
    "sliders": ("tests/test_sliders_compute.py::test_one[05_nets]", "tests/test_chapter 05"),
    "nbgrader": ("tests/test_nbgrader.py::test_one[05_nets]", "tests/test_nbgrader.py"),
    "learners": ("tests/test_learners.py::test_one[05.3]", "tests/test_learners.py"),
    "cells": ("chapters/05_nets.ipynb::Cell 3", "chapters/05_nets.ipynb"),
}


@pytest.mark.parametrize(("test", "scope"), SCOPES.values(), ids=SCOPES)
def test_what_is_made_once_stays_on_one_worker(test, scope):
    assert selection.scope(test) == scope
    assert all((selection.ROOT / file).exists() for file in selection.WHOLE)


def test_hypothesis_asks_no_test_how_long_it_took():
    for name in ("book", "quick"):
        profile = settings.get_profile(name)
        assert profile.deadline is None and HealthCheck.too_slow in profile.suppress_health_check
    assert settings.get_current_profile_name() in ("book", "quick")
    assert tried().deadline is None
