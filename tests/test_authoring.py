"""Solutions become exercises with marks, and what the build leaves behind."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from small_notebooks import INTERACT, SOLUTION, notebook, outputs, save, tagged

from bookutils.classroom import authoring

pytestmark = pytest.mark.slow

# Solutions to exercises


def test_a_solution_becomes_a_stub_at_its_own_indentation():
    (cell,) = authoring.student_version(notebook(SOLUTION)).cells
    assert cell.source.splitlines() == [
        "def slope(f, x, h):",
        '    """Return the slope of a secant."""',
        '    raise NotImplementedError("your turn")',
    ]
    names = {}
    exec(cell.source, names)
    with pytest.raises(NotImplementedError, match="your turn"):
        names["slope"](abs, 0.0, 0.1)


def test_two_solutions_in_one_cell_each_become_a_stub():
    (cell,) = authoring.student_version(notebook(f"{SOLUTION}\n\n\n{SOLUTION}")).cells
    assert cell.source.count(authoring.STUB) == 2
    assert "rise" not in cell.source and "SOLUTION" not in cell.source


def test_what_only_the_solution_shows_is_dropped_and_the_rest_kept():
    source = notebook(
        new_markdown_cell("### 01.2 · implement · slope"),
        SOLUTION,
        'check("01.2", slope)',
        tagged(new_code_cell('mistakes("01.2")'), "mistake"),
        tagged(new_markdown_cell("A secant has two points."), "explanation"),
        tagged(new_code_cell("1 + 1"), "solution-only"),
        tagged(new_code_cell("2 + 2"), "predict"),
    )
    source.cells[2].outputs = [nbformat.v4.new_output("stream", text="right\n")]
    source.cells[2].execution_count = 7
    exercise = authoring.student_version(source)
    kept = [cell.source for cell in exercise.cells]
    assert kept[0] == "### 01.2 · implement · slope"
    assert kept[2:] == ['check("01.2", slope)', "2 + 2"]
    assert exercise.cells[3].metadata.tags == ["predict"]
    assert outputs(exercise) == [[], [], []]
    assert source.cells[2].outputs, "the solution itself must not be changed"


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    ### BEGIN SOLUTION\n    return x",
        "def f(x):\n    return x\n    ### END SOLUTION",
        "def f(x):\n    ### END SOLUTION\n    return x\n    ### BEGIN SOLUTION",
        "def f(x):\n    ### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n    ### END SOLUTION",
    ],
)
def test_markers_without_a_partner_are_one_clear_error(source):
    with pytest.raises(authoring.NotebookError, match=r"partner[^\n]*\n    def f\(x\):$"):
        authoring.student_version(notebook("1 + 1", source))


# What nbgrader reads in a solution


def marks(book):
    return [dict(cell.metadata.get("nbgrader", {})) for cell in book.cells]


def test_an_answer_and_its_check_carry_the_marks_of_nbgrader():
    source = notebook(
        "import math",
        'check("01.1", before_any_answer)',
        SOLUTION,
        'check("01.2", slope)',
        tagged(new_code_cell('mistakes("01.2")'), "mistake"),
        SOLUTION,
        SOLUTION,
        new_markdown_cell("A word between."),
        'check("01.4", rate)',
    )
    source.cells[0].metadata["nbgrader"] = {"grade_id": "of an answer that was here before"}
    answer = {"grade": False, "locked": False, "solution": True, "task": False, "schema_version": 3}
    check = {**answer, "grade": True, "locked": True, "solution": False, "points": 1}
    expected = [
        {},
        {},
        {**answer, "grade_id": "ex-01-2-answer"},
        {**check, "grade_id": "ex-01-2"},
        {},
        {**answer, "grade_id": "ex-01-4-answer"},
        {**answer, "grade_id": "ex-01-4-answer-2"},
        {},
        {**check, "grade_id": "ex-01-4"},
    ]
    graded = authoring.graded(source)
    assert marks(graded) == expected
    assert marks(authoring.graded(graded)) == expected
    assert marks(authoring.student_version(graded)) == expected[:4] + expected[5:]
    assert marks(source)[2] == {}, "the source itself must not be changed"


def test_a_check_of_no_exercise_is_one_clear_error():
    source = notebook(SOLUTION, 'check("01.99", slope)')
    with pytest.raises(authoring.NotebookError, match=r'check\("01.99"….*There is no exercise'):
        authoring.graded(source)


# Building


@pytest.fixture
def book(tmp_path):
    save(tmp_path / "chapters" / "01_a.ipynb", "print(6 * 7)")
    save(
        tmp_path / "solutions" / "01_a.ipynb",
        SOLUTION,
        "import ipywidgets\nipywidgets.IntSlider()",
        "import matplotlib.pyplot as plt\n_ = plt.plot([1, 3])",
        INTERACT,
        tagged(new_code_cell("slope(abs, 1.0, 0.1)"), "mistake"),
    )
    return tmp_path


def contents(root):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_build_writes_every_notebook_and_a_rebuild_leaves_no_difference(book, capsys):
    assert authoring.build(root=book) == 0
    first = contents(book)
    names = {path.as_posix() for path in first}
    assert names == {"chapters/01_a.ipynb", "solutions/01_a.ipynb", "exercises/01_a.ipynb"}
    exercise = nbformat.read(book / "exercises" / "01_a.ipynb", as_version=4)
    assert authoring.STUB in exercise.cells[0].source and len(exercise.cells) == 4
    assert all(cell.execution_count for cell in exercise.cells)
    assert capsys.readouterr().out.endswith("3 notebooks, 3 changed, 0 failed\n")

    assert authoring.build(root=book) == 0
    assert contents(book) == first
    assert authoring.build(root=book, check=True) == 0


def test_check_names_what_would_change_and_writes_nothing(book, capsys):
    authoring.build(root=book)
    path = book / "chapters" / "01_a.ipynb"
    path.write_text(path.read_text().replace('"42\\n"', '"43\\n"'))
    before = contents(book)
    capsys.readouterr()
    assert authoring.build(root=book, check=True) == 1
    assert capsys.readouterr().out.startswith(f"would change: {path}\n3 notebooks, 1 changed")
    assert contents(book) == before
    assert authoring.build([path], root=book) == 0
    assert "43" not in path.read_text()


def test_a_notebook_that_fails_is_reported_and_left_as_it_was(book, capsys):
    path = save(book / "chapters" / "02_b.ipynb", "print('so far')", "1 / 0")
    before = path.read_bytes()
    assert authoring.build(root=book) == 1
    printed = capsys.readouterr()
    assert f"failed: {path}: code cell 2 of 2:\n    1 / 0\n" in printed.err
    assert printed.err.count("failed:") == 1
    assert path.read_bytes() == before
    assert printed.out.endswith("4 notebooks, 3 changed, 1 failed\n")


def test_a_path_that_is_no_notebook_is_one_sentence(tmp_path, capsys):
    (tmp_path / "text.ipynb").write_text("not json")
    assert authoring.build([tmp_path / "text.ipynb", tmp_path / "none.ipynb"]) == 1
    printed = capsys.readouterr().err
    assert f"{tmp_path / 'text.ipynb'} is not a notebook" in printed
    assert f"there is no {tmp_path / 'none.ipynb'}" in printed


def test_the_command_line_builds_and_shows_its_progress(book):
    command = [sys.executable, "-m", "bookutils", "build", "solutions/01_a.ipynb", "-j", "1"]
    done = subprocess.run(command, cwd=book, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "2 notebooks, 2 changed, 0 failed" in done.stdout
    assert "2/2" in done.stderr
    assert (book / "exercises" / "01_a.ipynb").exists()
