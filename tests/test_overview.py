"""Progress as text and as a picture."""

import pytest

from bookutils.checks import solved
from bookutils.checks.overview import report
from bookutils.checks.registry import all_exercises

IDS = ["00.1", "00.2", "01.1"]


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(tmp_path / "progress.json"))


def test_report_as_text_and_as_picture():
    solved.record("00.1", "right")
    solved.record("00.2", "wrong")
    solved.reveal("00.2", 3)
    shown = report(IDS)
    assert repr(shown) == (
        "chapter 00  ✓✗  1 of 2 solved, 1 attempted\n"
        "chapter 01  ○  0 of 1 solved\n"
        "1 of 3 exercises solved, 1 hint used. Next: 00.2."
    )
    html = shown._repr_html_()
    assert 'role="img"' in html and "00.2: wrong" in html and "1 of 2 solved" in html


def test_a_project_is_reported_with_its_best_points():
    for face, points in (("partly right", 7), ("partly right", 3), ("wrong", 0)):
        solved.record("03.project", face, points)
    solved.reveal(solved.with_group("03.project", "backward"), 3)
    shown = report(begun=True)
    assert repr(shown) == (
        "chapter 00  ○○○  0 of 3 solved\n"
        "project 03  ◐  7 of 25 points\n"
        "0 exercises solved, 1 hint used. Next: 00.0."
    )
    html = shown._repr_html_()
    assert "03.project: partly right, 7 of 25 points" in html and "◐ some points" in html
    solved.record("03.project", "right", 25)
    assert "project 03  ✓  25 of 25 points\n" in repr(report())


def test_what_was_not_begun_changes_no_notebook():
    solved.record("01.2", "right")
    rows = repr(report(begun=True)).splitlines()
    assert [row.partition("  ")[0] for row in rows[:-1]] == ["chapter 00", "chapter 01"]
    assert rows[-1] == "1 exercise solved, 0 hints used. Next: 00.0."


def test_report_covers_every_exercise():
    assert report().total == len(all_exercises()) > 0
