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


def test_report_covers_every_exercise():
    assert report().total == len(all_exercises()) > 0
