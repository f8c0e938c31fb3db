"""Whose a notebook is, what it is about, and what its saved outputs show."""

import os
from contextlib import nullcontext
from pathlib import Path

import pytest
from submissions import code, from_book, notebook, put

from bookutils.checks.registry import all_exercises
from bookutils.classroom import submissions


def test_the_path_gives_the_student(tmp_path):
    for path, name in {
        "class/ada/01_the_chain_rule.ipynb": "ada",
        "class/ada/week 1/01_the_chain_rule.ipynb": "ada",
        "class/grace_01_the_chain_rule.ipynb": "grace",
        "class/grace_hopper-02-graphs.ipynb": "grace_hopper",
        "class/01_the_chain_rule.ipynb": "class",
        "class/emmy.ipynb": "emmy",
        "class/Ada Lovelace_12345_assignsubmission_file/01_x.ipynb": "Ada Lovelace",
        "class/Ada Lovelace_12345_assignsubmission_file_01_x.ipynb": "Ada Lovelace",
    }.items():
        put(tmp_path, str(Path(path).parent), "{}", Path(path).name)
        assert submissions.student(tmp_path / "class", tmp_path / path) == name
    put(tmp_path, "class/ada/.ipynb_checkpoints", "{}", "01_the_chain_rule-checkpoint.ipynb")
    put(tmp_path, "class/ada", "{}", "notes.txt")
    put(tmp_path, "class/eve", "{}", "01_x.ipynb.txt")
    (tmp_path / "class/nobody").mkdir()
    found = submissions.submissions([tmp_path / "class", tmp_path / "class/ada"])
    names = [s.student for s in found.submissions]
    assert len(names) == 10 and {"nobody", "eve", "emmy", "grace_hopper"} <= set(names)
    assert [path.name for path in found.left_out] == ["notes.txt"]
    assert not found.alike


def students(tmp_path, *paths):
    """The students of notebooks with these paths, and the names that several had."""
    for path in paths:
        put(tmp_path / "class", str(Path(path).parent), "{}", Path(path).name)
    found = submissions.submissions([tmp_path / "class"])
    return [s.student for s in found.submissions], [name for name, _ in found.alike]


NAMES = {  # what was handed in -> students, one a file; names that several have
    ("ada_01_x.ipynb", "ada_02_y.ipynb"): (["ada", "ada"], []),
    ("01_x_ada.ipynb", "01_x_anna.ipynb", "02_y_ada.ipynb"): (["ada", "ada", "anna"], []),
    ("01_x.ipynb", "02_y.ipynb"): (["class", "class"], []),
    ("01_x.ipynb", "01_x (1).ipynb"): (["class (01_x (1))", "class (01_x)"], ["class"]),
    ("ada_01_x.ipynb", "ada-01-x.ipynb"): (["ada (ada-01-x)", "ada (ada_01_x)"], ["ada"]),
    ("emmy.ipynb", "emmy 2.ipynb"): (["emmy", "emmy 2"], []),
    (".eve/01_x.ipynb", "bob/01_x.IPYNB"): ([".eve", "bob"], []),
    ("J_1_assignsubmission_file/01_x.ipynb", "J_2_assignsubmission_file_/01_x.ipynb"): (
        ["J (1)", "J (2)"],
        ["J"],
    ),
    ("J_1_assignsubmission_file_01_x.ipynb", "J_2_assignsubmission_file_01_x.ipynb"): (
        ["J (1)", "J (2)"],
        ["J"],
    ),
    ("Jose\u0301/01_x.ipynb", "Jos\u00e9/01_x.ipynb"): (
        ["Jos\u00e9 (Jos\u00e9)", "Jos\u00e9 (Jos\u00e9) 2"],
        ["Jos\u00e9"],
    ),
    ("a\x1b[31m/01_x.ipynb", "a\u202e[31m/01_x.ipynb"): (
        ["a [31m (a [31m)", "a [31m (a [31m) 2"],
        ["a [31m"],
    ),
}


@pytest.mark.parametrize("paths", NAMES, ids=[f"layout {i}" for i in range(len(NAMES))])
def test_two_students_of_one_name_are_told_apart(tmp_path, paths):
    assert students(tmp_path, *paths) == NAMES[paths]


def test_one_student_in_two_places_has_one_name(tmp_path):
    for place, who in (
        ("1", "Ada_4_assignsubmission_file_"),
        ("2", "Ada_9_assignsubmission_file_"),
    ):
        put(tmp_path / place, who, "{}", f"0{place}_x.ipynb")
    found = submissions.submissions([tmp_path / "1", tmp_path / "2"])
    assert [s.student for s in found.submissions] == ["Ada", "Ada"] and not found.alike


def test_what_cannot_be_read_has_its_entry_and_its_reason(tmp_path):
    place = tmp_path / "class"
    path = put(place, "ada", "{}", "01_x.ipynb")
    put(place, "zip", "PK", "homework.zip")
    put(place, "mac", "{}", "._01_x.ipynb")
    (place / "bob").mkdir()
    os.symlink(path, place / "bob" / "01_x.ipynb")
    os.symlink(place / "ada", place / "carl")
    (place / "dave").mkdir()
    os.mkfifo(place / "dave" / "01_x.ipynb")
    said = {}
    for submission in submissions.submissions([place]).submissions:
        with (
            pytest.raises(submissions.Unreadable) if submission.student != "ada" else nullcontext()
        ):
            try:
                submissions.read(submission)
            except submissions.Unreadable as error:
                said[submission.student] = str(error)
                raise
    assert "link" in said["bob"] and "link" in said["carl"] and "no file" in said["dave"]
    assert said["zip"] == "There is no notebook in the folder, only homework.zip."
    assert "no notebook" in said["mac"] and len(said) == 5


def test_a_renamed_notebook_is_known_by_what_it_holds(tmp_path):
    known = all_exercises()
    cells = submissions.cells_of(from_book("exercises", "02").read_bytes())
    assert {e.id[:2] for e in submissions.asked(cells, "homework final (2).ipynb", known)} == {"02"}
    assert {e.id[:2] for e in submissions.asked([], "eve_03_x.ipynb", known)} == {"03"}
    assert submissions.asked([], "homework.ipynb", known) == []


def test_hints_are_read_from_saved_outputs():
    shown = {"output_type": "execute_result", "data": {"text/plain": "hint 1 of 3: a\nhint 2 of 3"}}
    raw = notebook(code('hint("00.1")', [shown]), 'hint("00.2")').encode()
    assert submissions.hints_shown(submissions.cells_of(raw)) == {"00.1": 2, "00.2": 0}
