"""A chapter's core path: what is not headed "(second reading)" stays within its budget."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from bookutils.classroom.minutes import NOT_PROSE

# Chapters 00 to 06 are older than the budget, and some of them longer.
CHAPTERS = sorted(Path(__file__).parents[1].glob("chapters/*.ipynb"))[7:]
WORDS, LINES, CELLS = 3000, 350, 110
HEADING = re.compile(r"(#+) (.*)")


def core(cells):
    """(words of prose, visible lines of code, cells) outside of what is "(second reading)".

    Such a section ends at the next heading of its own level or above.
    """
    words, lines, count, skipped = 0, 0, 0, None
    for cell in cells:
        if cell.cell_type == "markdown":
            kept = []
            for line in cell.source.splitlines():
                if heading := HEADING.match(line):
                    level = len(heading[1])
                    skipped = None if skipped and level <= skipped else skipped
                    if "(second reading)" in heading[2]:
                        skipped = skipped or level
                kept += [line] if skipped is None else []
            words += len(re.findall(r"[^\W\d_]\S*", NOT_PROSE.sub(" ", "\n".join(kept))))
            count += bool(kept)
        elif skipped is None:
            count += 1
            if not {"hide-input", "slider"} & {*cell.metadata.get("tags", [])}:
                lines += len(re.findall(r"\S.*", cell.source))
    return words, lines, count


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_core_path_is_within_its_budget(path):
    words, lines, cells = core(nbformat.read(path, as_version=4).cells)
    assert words <= WORDS and lines <= LINES and cells <= CELLS, (words, lines, cells)


def test_what_counts():
    cells = [
        new_markdown_cell("# One title\n\ntwo words, $x = 1$."),  # title, and two words: four
        new_code_cell("a = 1\n\nb = 2"),  # two lines
        new_code_cell("figure()", metadata={"tags": ["hide-input"]}),  # a cell without a line
        new_markdown_cell("core\n\n### More (second reading)\n\nnot counted"),  # one
        new_code_cell("c = 3"),
        new_markdown_cell("#### Deeper\n\nnot counted either"),
        new_markdown_cell("## Next\n\ncore"),  # two
    ]
    assert core(cells) == (7, 2, 5)
