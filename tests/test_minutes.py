"""What the head of a chapter promises, beside what its notebook holds."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bookutils.classroom import minutes

CHAPTERS = sorted(Path(__file__).parents[1].glob("chapters/*.ipynb"))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_promise_is_within_a_fifth_of_what_is_counted(path):
    promised = minutes.promised(nbformat.read(path, as_version=4))
    assert promised, "*It takes* about 85 minutes, and about 75 more for the exercises."
    for said, counted in zip(promised, minutes.counted(path), strict=True):
        assert abs(said - counted) <= counted / 5, (said, round(counted))


def test_reading_counts_words_lines_bets_and_sliders():
    prose = "one two $x + y$ three `code` " + "word " * 126 + "```\nnot prose\n```"
    notebook = new_notebook(
        cells=[
            new_markdown_cell(prose),  # 130 words
            new_code_cell("a = 1\n\nb = 2"),  # two lines
            new_code_cell("bet(1)\nmore = 2", metadata={"tags": ["hide-input"]}),
            new_code_cell("figure()", metadata={"tags": ["hide-input"]}),
            new_code_cell("explore()", metadata={"tags": ["slider", "hide-input"]}),
        ]
    )
    assert minutes.reading(notebook) == pytest.approx(1 + (2 * 7 + 30 + 120) / 60)


def test_an_exercise_counts_by_its_kind():
    cells = [
        new_markdown_cell("### 05.1 · by hand · One"),
        new_markdown_cell("### 05.2 · extend · b"),
    ]
    assert minutes.exercises(new_notebook(cells=cells)) == 18
    cells.append(new_markdown_cell("### 05.3 · guess · c"))
    with pytest.raises(KeyError, match="guess"):
        minutes.exercises(new_notebook(cells=cells))
