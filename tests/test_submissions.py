"""Whose a notebook is, what it is about, and what its saved outputs show."""

from pathlib import Path

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
    assert (
        len(found) == 10
        and "nobody" in {s.student for s in found}
        and {"eve", "emmy"} <= {s.student for s in found}
    )


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
