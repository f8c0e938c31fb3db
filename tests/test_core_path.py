"""A chapter's core path: what is not headed "(second reading)" has a budget, and needs no other."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from bookutils.classroom import minutes

CHAPTERS = sorted(Path(__file__).parents[1].glob("chapters/*.ipynb"))
WORDS, LINES, CELLS = 3000, 350, 110
HEADING = re.compile(r"(#+) (.*)")
NUMBER = re.compile(r"\d\d\.\d+")
PROMISE = re.compile(
    r"The core takes about (\d+) of the (\d+); what is marked \*\(second reading\)\* can wait\."
)


def parts(cells):
    """Yield each cell with what of it belongs to the core; that is "" in a second reading.

    A second reading ends at the next heading of its own level or above.
    """
    skipped = None
    for cell in cells:
        kept = []
        for line in cell.source.splitlines():
            heading = HEADING.match(line) if cell.cell_type == "markdown" else None
            if heading:
                level = len(heading[1])
                skipped = None if skipped and level <= skipped else skipped
                if "(second reading)" in heading[2]:
                    skipped = skipped or level
            kept += [line] if skipped is None else []
        yield cell, "\n".join(kept)


def core(cells):
    """(words, visible lines of code, cells) of the core.

    A word is what stands between two blanks, as a stranger counts (wc -w): formulas, links, table
    bars and sources are words too.
    """
    words, lines, count = 0, 0, 0
    for cell, text in parts(cells):
        count += bool(text)
        if cell.cell_type == "markdown":
            words += len(text.split())
        elif not {"hide-input", "slider"} & {*cell.metadata.get("tags", [])}:
            lines += len(re.findall(r"\S.*", text))
    return words, lines, count


def borrowed(cells):
    """Names that a core cell reads and that only a second reading has set so far."""
    own, others, found = set(), set(), set()
    for cell, text in parts(cells):
        if cell.cell_type == "markdown":
            continue
        names = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Name)]
        imports = (ast.Import, ast.ImportFrom)
        new = {n.id for n in names if isinstance(n.ctx, ast.Store)}
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                new |= {node.name}
            elif isinstance(node, imports):
                new |= {(name.asname or name.name).partition(".")[0] for name in node.names}
            elif isinstance(node, ast.arg):
                new |= {node.arg}
        if text:
            own |= new
            found |= {n.id for n in names if n.id in others - own}
        else:
            others |= new
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_core_path_is_within_its_budget(path):
    words, lines, cells = core(nbformat.read(path, as_version=4).cells)
    assert words <= WORDS and lines <= LINES and cells <= CELLS, (words, lines, cells)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_core_path_needs_no_second_reading(path):
    assert not borrowed(nbformat.read(path, as_version=4).cells)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_head_says_how_long_the_core_takes(path):
    notebook = nbformat.read(path, as_version=4)
    said = PROMISE.search(notebook.cells[0].source)
    if all(text == cell.source for cell, text in parts(notebook.cells)):
        assert not said, "nothing here can wait"
        return
    assert said, "The core takes about 70 of the 85; what is marked *(second reading)* can wait."
    kept = [NotebookNode(cell, source=text) for cell, text in parts(notebook.cells) if text]
    counted = minutes.reading(NotebookNode(cells=kept))
    assert abs(int(said[1]) - counted) <= counted / 10, round(counted)
    assert int(said[2]) == minutes.promised(notebook)[0]


def called(cells, chapter):
    """The exercises that the core says are now possible, and those that all of the chapter does."""
    now = re.compile(rf"[Nn]ow (?:exercises? )?({chapter}\.\d+(?:(?:,|,? and) {chapter}\.\d+)*)")
    found = [set(), set()]
    for cell, text in parts(cells):
        if cell.cell_type == "markdown":
            for ids, source in zip(found, (text, cell.source), strict=True):
                ids |= {id for group in now.findall(source) for id in NUMBER.findall(group)}
    return tuple(found)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_an_exercise_that_only_a_second_reading_calls_for_says_so(path):
    in_core, anywhere = called(nbformat.read(path, as_version=4).cells, path.stem[:2])
    exercises = nbformat.read(path.parents[1] / "exercises" / path.name, as_version=4)
    for id in anywhere - in_core:
        (task,) = (c.source for c in exercises.cells if c.source.startswith(f"### {id} "))
        assert "second reading" in task and "the task does not need it" in task, id


def charges(cells):
    """The headings and bold openings of the core's section of mistakes in print."""
    found, inside = [], False
    for cell, text in parts(cells):
        for line in text.splitlines() if cell.cell_type == "markdown" else ():
            if line.startswith("## "):
                inside = "Mistakes in print" in line
            elif inside and line.startswith(("### ", "**")):
                found.append(line)
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_at_most_three_mistakes_in_print_stand_in_the_core(path):
    assert len(charges(nbformat.read(path, as_version=4).cells)) <= 3


def test_what_is_a_charge():
    said = "## 1.2 Mistakes in print\n\n**One.** It says\n### Two\n### C (second reading)\n**D.**"
    cells = [
        new_markdown_cell(said),
        new_code_cell("# **no**"),
        new_markdown_cell("## 1.3 X\n**Y.**"),
    ]
    assert charges(cells) == ["**One.** It says", "### Two"]


def test_what_is_called():
    cells = [
        new_markdown_cell("Here (now 06.3, with weights), there (Now exercises 06.4 and 06.11.)"),
        new_markdown_cell("### More (second reading)\nNow exercise 06.12. As in exercise 06.5."),
        new_markdown_cell("## Next\nMore than 06.6 (now 05.1)."),
    ]
    core = {"06.3", "06.4", "06.11"}
    assert called(cells, "06") == (core, core | {"06.12"})


def test_what_is_borrowed():
    cells = [
        new_code_cell("import numpy as np\na = 1"),
        new_markdown_cell("### More (second reading)"),
        new_code_cell("import torch\na, b = 2, 3\ndef f(x):\n    return x"),
        new_markdown_cell("## Next"),
        new_code_cell("x = np.array(a)\ny = f(b)"),
        new_code_cell("import torch\ntorch.tensor(x)"),
    ]
    assert borrowed(cells) == {"b", "f"}


def test_what_counts():
    cells = [
        new_markdown_cell("# One title\n\ntwo words, $x = 1$."),  # all between blanks: eight
        new_code_cell("a = 1\n\nb = 2"),  # two lines
        new_code_cell("figure()", metadata={"tags": ["hide-input"]}),  # a cell without a line
        new_markdown_cell("core\n\n### More (second reading)\n\nnot counted"),  # one
        new_code_cell("c = 3"),
        new_markdown_cell("#### Deeper\n\nnot counted either"),
        new_markdown_cell("## Next\n\ncore"),  # three
    ]
    assert core(cells) == (12, 2, 5)
