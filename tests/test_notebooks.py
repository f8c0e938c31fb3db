"""What every committed notebook keeps to, beside giving its outputs again (nbval does that)."""

import re
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bookutils.checks.registry import projects
from bookutils.classroom.authoring import FOLDERS, graded, student_version
from bookutils.classroom.committed import normalise

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.ipynb"))]
CHAPTERS = [path for path in NOTEBOOKS if path.parent.name == "chapters"]
SOLUTIONS = [path for path in NOTEBOOKS if path.parent.name == "solutions"]

ESCAPES = re.compile(r"NBVAL_SKIP|NBVAL_IGNORE_OUTPUT|PYTEST_VALIDATE_IGNORE", re.IGNORECASE)
ESCAPE_TAGS = {"nbval-skip", "nbval-ignore-output"}
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
# a path that only this machine, or only one like it, has
MACHINE = re.compile(
    rf"site-packages|(?<![\w.:/])(?:~|/home|/root|/Users|/tmp|/usr)/\w|\b[A-Z]:\\\w"
    rf"|{re.escape(str(ROOT))}|{re.escape(sys.prefix)}"
)
REMOTE_IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?(?:https?:)?//|<img[^>]+src=[\"']?(?:https?:)?//")
ERRATUM = re.compile(r"erratum:E-\d{3}-\d{2,}")
CHECK = re.compile(r"^check\(\"(\d\d\.\w+)\"", re.MULTILINE)
EXERCISE = re.compile(r"^### (\d\d\.\w+) · ([^·\n]+) · ", re.MULTILINE)


@cache
def read(path):
    return nbformat.read(path, as_version=4)


def named(path):
    return f"{path.parent.name}/{path.name}"


def codes(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    return set(cell.metadata.get("tags", []))


def words(output):
    """Everything of one output that is compared or read as text."""
    data = output.get("data", {})
    texts = [data[mime] for mime in data if not mime.startswith("image/") or "svg" in mime]
    return "\n".join([output.get("text", ""), *texts, *output.get("traceback", [])])


# The rules: each yields sentences about what is wrong, none where all is well


def of_execution(notebook):
    for number, cell in enumerate(codes(notebook), 1):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if cell.execution_count != number:
            yield f"cell {number} has the count {cell.execution_count}"
        if errors and "raises-exception" not in tags(cell):
            yield f"cell {number} fails and is not tagged raises-exception"
        if not errors and "raises-exception" in tags(cell):
            yield f"cell {number} is tagged raises-exception and does not fail"
        if any(output.get("name") == "stderr" for output in cell.outputs):
            yield f"cell {number} writes to stderr"
        if cell.source.rstrip().endswith(";"):
            yield f"cell {number} ends with a semicolon"
        if not cell.source.strip():
            yield f"cell {number} is empty"
        if ESCAPES.search(cell.source) or ESCAPE_TAGS & tags(cell):
            yield f"cell {number} escapes comparison"


def of_outputs(notebook):
    for number, cell in enumerate(codes(notebook), 1):
        for output in cell.outputs:
            for pattern, what in ((ADDRESS, "an address"), (MACHINE, "a path of a machine")):
                if found := pattern.search(words(output)):
                    yield f"cell {number} shows {what}: {found[0]}"


def of_figures(notebook):
    for number, cell in enumerate(codes(notebook), 1):
        for output in cell.outputs:
            data = output.get("data", {})
            for mime in {"image/png", "image/jpeg"} & set(data):
                if not output.metadata.get(mime, {}).get("alt", "").strip():
                    yield f"cell {number} has a picture without alt text"
            drawn = data.get("image/svg+xml", "") + data.get("text/html", "")
            for element in re.findall(r"<(?:img|svg)\b[^>]*>", drawn):
                if not re.search(r"\b(?:alt|aria-label)=[\"'][^\"']|aria-hidden=", element):
                    yield f"cell {number} has a picture without alt text"


def heading_levels(notebook):
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    fenced = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
    text = "\n".join(fenced.sub("", text) for text in texts)
    return [len(hashes) for hashes in re.findall(r"^(#+) \S", text, re.MULTILINE)]


def of_text(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code" and any(
            REMOTE_IMAGE.search(words(output)) for output in cell.outputs
        ):
            yield "an output shows a remote image"
        if cell.cell_type == "markdown" and REMOTE_IMAGE.search(cell.source):
            yield "a text cell shows a remote image"
    levels = heading_levels(notebook)
    if levels[:1] != [1] or levels.count(1) != 1:
        yield "there must be one title, at the top"


def of_a_chapter(notebook):
    levels = heading_levels(notebook)
    if any(below > above + 1 for above, below in zip(levels, levels[1:], strict=False)):
        yield f"a heading skips a level: {levels}"
    errata = {tag for cell in codes(notebook) for tag in tags(cell) if ERRATUM.fullmatch(tag)}
    if len(errata) < 3:
        yield f"three errata are refuted in every chapter, here {sorted(errata)}"
    sliders = [cell for cell in codes(notebook) if "slider" in tags(cell)]
    if not any(cell.outputs for cell in sliders):
        yield "there is no cell tagged slider with something to see"
    if not any(re.search(r"torch|agreement", cell.source) for cell in codes(notebook)):
        yield "nothing is compared with PyTorch"


def of_verdicts(notebook, face):
    checks = [cell for cell in codes(notebook) if CHECK.search(cell.source)]
    for cell in checks:
        text = "\n".join(words(output) for output in cell.outputs)
        id = CHECK.search(cell.source)[1]
        if not re.search(rf"^\S {re.escape(id)} · {face}$", text, re.MULTILINE):
            yield f"the check of {id} does not say: {face}"


def checked(notebook):
    return [id for cell in codes(notebook) for id in CHECK.findall(cell.source)]


def of_solutions(notebook):
    """Each exercise: its statement, one check, one table of known mistakes, one explanation."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    asked = [id for id, _ in EXERCISE.findall(text)]
    shown = [cell.source for cell in codes(notebook) if "mistake" in tags(cell)]
    explained = [cell for cell in notebook.cells if "explanation" in tags(cell)]
    if asked != checked(notebook):
        yield f"asked {asked}, checked {checked(notebook)}"
    if shown != [f'mistakes("{id}")' for id in asked]:
        yield f"asked {asked}, mistakes shown by {shown}"
    if len(explained) != len(asked):
        yield f"{len(asked)} exercises, {len(explained)} explanations"
    chapter = asked[0][:2] if asked else "??"
    if any(id.endswith(".project") for id in asked):
        if len(asked) != 1:
            yield f"a project stands in a notebook of its own, here with {asked}"
        return
    if len(asked) < (2 if chapter == "00" else 8):
        yield f"{len(asked)} exercises are too few"
    bugs = sum("bug" in kind for _, kind in EXERCISE.findall(text))
    if chapter != "00" and bugs < 3:
        yield f"{bugs} exercises of the kind find the bug are too few"


# The rules over the book


def test_there_is_a_book():
    assert CHAPTERS and SOLUTIONS
    of_chapters = {p.name for p in SOLUTIONS if "_project_" not in p.name}
    assert {p.name for p in CHAPTERS} == of_chapters
    of_projects = {p.name[:2] for p in SOLUTIONS if "_project_" in p.name}
    assert of_projects == {project.id[:2] for project in projects()}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
@pytest.mark.parametrize("rule", [of_execution, of_outputs, of_figures, of_text])
def test_every_notebook(path, rule):
    assert not list(rule(read(path)))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_a_notebook_is_committed_as_the_build_writes_it(path):
    text = path.read_text(encoding="utf-8")
    assert text == nbformat.writes(normalise(read(path))) + "\n", "run: python -m bookutils build"


@pytest.mark.parametrize("path", CHAPTERS, ids=named)
def test_every_chapter(path):
    assert not list(of_a_chapter(read(path)))


def test_the_engine_is_built_in_its_chapter():
    (path,) = [path for path in CHAPTERS if path.name.startswith("03_")]
    assert any("build" in tags(cell) for cell in codes(read(path)))


@pytest.mark.parametrize("path", SOLUTIONS, ids=named)
def test_every_solution_is_right_and_every_exercise_not_attempted(path):
    exercise = read(ROOT / "exercises" / path.name)
    assert not list(of_solutions(read(path)))
    assert not list(of_verdicts(read(path), "right"))
    assert not list(of_verdicts(exercise, "not attempted yet"))


@pytest.mark.parametrize("path", SOLUTIONS, ids=named)
def test_a_solution_carries_the_marks_of_nbgrader(path):
    marks = [cell.metadata.get("nbgrader") for cell in read(path).cells]
    expected = [cell.metadata.get("nbgrader") for cell in graded(read(path)).cells]
    assert marks == expected, "run: python -m bookutils build"
    given = [mark["grade_id"] for mark in marks if mark and mark["grade"]]
    assert given == [f"ex-{id.replace('.', '-')}" for id in checked(read(path))]


@pytest.mark.parametrize("path", SOLUTIONS, ids=named)
def test_exercises_are_what_solutions_generate(path):
    generated = student_version(read(path))
    committed = read(ROOT / "exercises" / path.name)

    def form(notebook):
        return [(c.id, c.cell_type, c.source, c.metadata) for c in notebook.cells]

    assert form(committed) == form(generated), "run: python -m bookutils build"


def test_no_exercise_is_left_from_a_solution_that_is_gone():
    exercises = {path.name for path in NOTEBOOKS if path.parent.name == "exercises"}
    assert exercises == {path.name for path in SOLUTIONS}


# Each rule against a notebook that breaks it


def page(*cells):
    """A notebook that keeps to the rules, then these cells, counted."""
    notebook = new_notebook(cells=[new_markdown_cell("# A title"), *cells])
    for number, cell in enumerate(codes(notebook), 1):
        cell.execution_count = number
    return notebook


def code(source="1", *outputs, tags=()):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def shows(data, **metadata):
    return new_output("display_data", data=data, metadata=metadata)


ERROR = new_output("error", ename="E", evalue="", traceback=['File "/usr/lib/x.py"'])
PNG = {"image/png": "iVBOR"}
SLIDER = code("explore()", shows({"text/plain": "step"}), tags=["slider"])
AGAIN = code("torch", tags=["erratum:E-000-10"])
ERRATA = [code("torch", tags=[f"erratum:E-000-{n}"]) for n in (10, 11, 12)]


def uncounted():
    notebook = page(code())
    notebook.cells[1].execution_count = None
    return notebook


@pytest.mark.parametrize(
    ("rule", "broken", "kept"),
    [
        (of_execution, uncounted(), page(code())),
        (of_execution, page(code("1", ERROR)), page(code("1", ERROR, tags=["raises-exception"]))),
        (of_execution, page(code("1", tags=["raises-exception"])), page()),
        (of_execution, page(code("1", new_output("stream", name="stderr", text="w"))), page()),
        (of_execution, page(code("plot();")), page(code("a = ';'"))),
        (of_execution, page(code(" ")), page()),
        (of_execution, page(code("# NBVAL_SKIP\n1")), page()),
        (of_execution, page(code("1", tags=["nbval-ignore-output"])), page()),
        (
            of_outputs,
            page(code("1", shows({"text/plain": "<A at 0x7f00dead>"}))),
            page(code("0x1")),
        ),
        (of_outputs, page(code("1", ERROR)), page(code("1", shows({"text/plain": "1/home/2"})))),
        (of_outputs, page(code("1", shows({"text/html": f"<p>{ROOT}/a"}))), page()),
        (of_outputs, page(code("1", new_output("stream", text="in ~/x.py"))), page()),
        (of_figures, page(code("1", shows(PNG))), page()),
        (
            of_figures,
            page(code("1", shows(PNG, **{"image/png": {"alt": " "}}))),
            page(code("1", shows(PNG, **{"image/png": {"alt": "a curve"}}))),
        ),
        (
            of_figures,
            page(code("1", shows({"image/svg+xml": "<svg width='3'>"}))),
            page(code("1", shows({"image/svg+xml": "<svg aria-label='a graph'>"}))),
        ),
        (of_figures, page(code("1", shows({"text/html": "<img alt=''>"}))), page()),
        (
            of_text,
            page(new_markdown_cell("# Another title")),
            page(new_markdown_cell("```\n# a comment\n```")),
        ),
        (
            of_a_chapter,
            page(SLIDER, *ERRATA, new_markdown_cell("### Deep")),
            page(SLIDER, *ERRATA, new_markdown_cell("## Part\n```\n#### no\n```\n### Deep")),
        ),
        (of_text, page(new_markdown_cell("![a](https://a.b/c.png)")), page()),
        (of_text, page(code("1", shows({"text/html": "<img src='http://a.b/c.png'>"}))), page()),
        (
            of_a_chapter,
            page(SLIDER, *ERRATA[:2], code("1", tags=ERRATA[1].metadata.tags)),
            page(SLIDER, *ERRATA),
        ),
        (of_a_chapter, page(*ERRATA), page(SLIDER, *ERRATA)),
        (of_a_chapter, page(SLIDER, *(code("1", tags=c.metadata.tags) for c in ERRATA)), None),
    ],
)
def test_a_rule_finds_what_it_is_for(rule, broken, kept):
    assert len(list(rule(broken))) == 1
    assert kept is None or not list(rule(kept))


def exercise(id, kind="find the bug", verdict="✓ {id} · right"):
    return [
        new_markdown_cell(f"### {id} · {kind} · title"),
        code(f'check("{id}", f)', shows({"text/plain": verdict.format(id=id)})),
        code(f'mistakes("{id}")', tags=["mistake"]),
        new_markdown_cell("Because.", metadata={"tags": ["explanation"]}),
    ]


def eight():
    return [cell for n in range(1, 9) for cell in exercise(f"01.{n}")]


@pytest.mark.parametrize(
    "broken",
    [
        page(*eight()[:-4]),
        page(*eight()[:-1]),
        page(*eight()[:-2], eight()[-1]),
        page(*eight(), code('check("01.9", f)')),
        page(*(cell for n in range(1, 9) for cell in exercise(f"01.{n}", kind="implement"))),
        page(*exercise("01.project"), *exercise("01.1")),
    ],
)
def test_a_solution_without_all_its_parts_is_found(broken):
    assert list(of_solutions(broken))
    assert not list(of_solutions(page(*eight())))


@pytest.mark.parametrize(
    "verdict", ["✗ {id} · wrong", "✓ 01.9 · right", "", "○ {id} · not attempted yet"]
)
def test_a_solution_that_is_not_right_is_found(verdict):
    assert list(of_verdicts(page(*exercise("01.1", verdict=verdict)), "right"))
    assert not list(of_verdicts(page(*exercise("01.1")), "right"))
