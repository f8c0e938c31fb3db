"""The process of one notebook: what goes in, what comes out, what it cannot see."""

import numpy as np
import pytest
from submissions import LINUX, ROOT, outcome

from bookutils.checks.registry import all_exercises
from bookutils.classroom import process
from bookutils.judge import data, transport


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda e: e.id)
def test_inputs_of_every_exercise_cross_the_border(exercise):
    request = transport.loads(transport.dumps(process.request(exercise)))
    told = {"id", "task", "program", "signature", "cases", "counts", "seconds", "gigabytes"}
    assert set(request) == told and (request["task"], request["program"]) == (exercise.id, "")
    if exercise.wants_value:
        assert request["cases"] is None
        return
    for form, case in zip(request["cases"], exercise.arguments(), strict=True):
        for came, was in zip(transport.decode(form, as_input=True), case, strict=True):
            if callable(was):
                x = np.array([0.3, 0.7, 1.1, 0.2])
                assert came.__doc__ == was.__doc__ and np.array_equal(came(x), was(x))
            else:
                assert data.identical(came, was)
    for answer in exercise.expected():
        assert data.identical(transport.decode(transport.encode(answer)), answer)


@pytest.mark.skipif(not LINUX, reason="the kernel confines on Linux")
def test_a_notebook_sees_neither_the_graders_nor_the_caller(monkeypatch, tmp_path):
    monkeypatch.setenv("NOT_YOURS", "secret")
    (tmp_path / "other.ipynb").write_text("another student's work")
    tries = f"""
import os, sys
def attempt(what):
    try:
        what()
        return "open"
    except (OSError, ImportError) as error:
        return type(error).__name__
def grader():
    import bookutils.checks.chapter_00
w_at_the_end = (
    os.environ.get("NOT_YOURS", "none"),
    attempt(lambda: open({str(ROOT / "bookutils/checks/chapter_00.py")!r}).read()),
    attempt(lambda: open({str(ROOT / "solutions/00_start_here.ipynb")!r}).read()),
    attempt(lambda: open({str(tmp_path / "other.ipynb")!r}).read()),
    attempt(lambda: open("own", "w").close()),
    attempt(lambda: os.fork()),
    attempt(lambda: os.kill(os.getppid(), 0)),
    attempt(lambda: __import__("socket").socket()),
    attempt(grader),
)
"""
    first, held = outcome(tries)
    if not {"files", "processes", "network"} <= set(held):
        pytest.skip(f"this kernel holds only {held}")
    refused = "PermissionError"
    assert first.value == (
        "none", refused, refused, refused, "open", refused, refused, refused,
        "ModuleNotFoundError",
    )  # fmt: skip


def test_cells_run_as_in_a_notebook():
    first, _ = outcome(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n!ls",
        "1 / 0",
        "def broken(:",
        "from bookutils import Value\nfrom bookutils.neuron import MLP\nv = Value(3.0) * 2",
        "from dataclasses import dataclass\n@dataclass\nclass Pair:\n    a: int",
        "%%time\nw_at_the_end = Pair(20).a + int(v.data) - 4",
    )
    assert first.value == 22 and not first.problem


@pytest.mark.parametrize(
    "cells, said",
    [
        (["def w_at_the_end(:\n    return 22"], "`w_at_the_end` does not parse: line 1"),
        (["w_at_the_end = 22 / 0"], "`w_at_the_end` failed: ZeroDivisionError"),
        (["import os\nos._exit(1)\nw_at_the_end = 22"], "ended its process"),
    ],
)
def test_an_answer_that_was_never_made_says_why(cells, said):
    first, _ = outcome(*cells)
    assert first.problem == "misfit" and said in first.sentence
