"""The tables of a class: harmless text, the best verdict, mistakes counted by student."""

import os
from pathlib import Path

import pytest
from submissions import lines_of

from bookutils.checks.registry import all_exercises
from bookutils.classroom import gradebook, results
from bookutils.classroom.submissions import Submission


@pytest.mark.parametrize("before", ["", "ada;"])  # some spreadsheets split lines at semicolons
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_of_the_table_is_a_formula_and_no_name_is_markup(tmp_path, before, sign):
    formula = f"{sign}cmd|'calc'!A1"
    name = before + formula
    rows = [
        results.Row(
            name, Path("a.ipynb"), results.Result("00.0", "wrong", "<b>", "sign", "<i>x</i>")
        )
    ]
    results.write_csv(tmp_path / "out.csv", rows)
    (line,) = lines_of(tmp_path / "out.csv")
    assert line["student"] == f"{before}'{formula}"
    page = gradebook.page(rows, all_exercises(), ["time"])
    assert "<i>x" not in page and "<b>" not in page and "&lt;i&gt;x" in page


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_to_a_table_stays_a_link(tmp_path):
    link, real = tmp_path / "out.csv", tmp_path / "synchronised" / "results.csv"
    link.symlink_to(real)
    for text in ("one", "two"):
        results.write_whole(link, text)
        assert link.is_symlink() and real.read_text() == text
    assert len([*tmp_path.rglob("*")]) == 3


def test_the_best_of_several_notebooks_counts_and_mistakes_are_counted_by_student():
    def row(student, id, face, *named):
        return Submission(student, Path(id)), [results.Result(id, face, "", *named)]

    sign, zero = ("sign", "turned round"), ("zero", "all are zero")
    rows = results.table(
        [
            row("ada", "00.0", "right"),
            row("ada", "00.0", "wrong", *sign),
            row("eve", "00.0", "wrong", *zero),
            row("eve", "00.1", "wrong", *zero),
            row("bob", "00.0", "wrong", *sign),
            row("joe", "00.1", "wrong", *sign),
        ],
        all_exercises(),
    )
    assert [(r.student, r.result.face, r.points) for r in rows[:1]] == [("ada", "right", 1)]
    assert gradebook.most_common(rows) == [
        ("sign", "turned round", 2, ["00.0", "00.1"]),
        ("zero", "all are zero", 1, ["00.0", "00.1"]),
    ]
