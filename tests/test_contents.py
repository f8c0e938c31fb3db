"""What a notebook is about, and what its saved outputs show."""

from submissions import code, from_book, notebook

from bookutils.checks.registry import all_exercises
from bookutils.classroom import contents


def test_a_renamed_notebook_is_known_by_what_it_holds(tmp_path):
    known = all_exercises()
    cells = contents.cells_of(from_book("exercises", "02").read_bytes())
    assert {e.id[:2] for e in contents.asked(cells, "homework final (2).ipynb", known)} == {"02"}
    assert {e.id[:2] for e in contents.asked([], "eve_03_x.ipynb", known)} == {"03"}
    assert contents.asked([], "homework.ipynb", known) == []


def test_hints_are_read_from_saved_outputs():
    shown = {"output_type": "execute_result", "data": {"text/plain": "hint 1 of 3: a\nhint 2 of 3"}}
    raw = notebook(code('hint("00.1")', [shown]), 'hint("00.2")').encode()
    assert contents.hints_shown(contents.cells_of(raw)) == {"00.1": 2, "00.2": 0}
