"""Solutions to exercises, execution, the committed form, and what the build leaves behind."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bookutils.classroom import authoring

SOLUTION = '''def slope(f, x, h):
    """Return the slope of a secant."""
    ### BEGIN SOLUTION
    rise = f(x + h) - f(x)
    return rise / h
    ### END SOLUTION'''

INTERACT = """from ipywidgets import interact
_ = interact(lambda x: print(x), x=(1, 3))"""
CAPTURED = """import ipywidgets
out = ipywidgets.Output()
with out:
    print(1)
print(2)"""


def notebook(*cells):
    """A notebook of code cells given as text, and of cells given as cells."""
    return new_notebook(cells=[new_code_cell(c) if isinstance(c, str) else c for c in cells])


def tagged(cell, tag):
    cell.metadata["tags"] = [tag]
    return cell


def save(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(*cells), path)
    return path


def outputs(book):
    return [cell.outputs for cell in book.cells if cell.cell_type == "code"]


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


# The committed form


def test_ids_survive_an_insertion_and_are_unique():
    before = authoring.normalise(notebook("a = 1", "a", "a"))
    after = authoring.normalise(notebook("a = 1", "b = 2", "a", "a"))
    ids = [cell.id for cell in after.cells]
    assert len(set(ids)) == 4
    assert [cell.id for cell in before.cells] == [ids[0], ids[2], ids[3]]


def test_traces_of_a_front_end_go_and_tags_stay():
    source = notebook(tagged(new_code_cell("1"), "build"))
    source.cells[0].metadata["execution"] = {"iopub.status.busy": "2024-01-01"}
    source.cells[0].metadata["collapsed"] = True
    source.metadata = {"kernelspec": {"name": "my-env"}, "widgets": {"state": {}}, "author": "me"}
    result = authoring.normalise(source)
    assert result.cells[0].metadata == {"tags": ["build"]}
    assert result.metadata.kernelspec.name == "python3"
    assert set(result.metadata) == {"kernelspec", "language_info"}
    assert authoring.normalise(result) == result


def test_a_widget_leaves_its_picture_and_its_words():
    view = {"version_major": 2, "version_minor": 0, "model_id": "f00"}
    assert authoring.committed_data(
        {"text/plain": "IntSlider(value=0)", authoring.WIDGET: view}
    ) == {"text/plain": authoring.WIDGET_TEXT}
    piece = {"text/plain": "step", "image/png": "iVBOR"}
    assert authoring.committed_data(piece | {authoring.WIDGET: view}) == piece
    assert authoring.committed_data(piece) == piece


# Execution


def test_cells_run_in_this_python_in_the_given_folder_with_nobodys_progress(tmp_path):
    book = authoring.execute(
        notebook(
            "import os, sys\nprint(sys.executable)\nprint(os.getcwd())",
            "print(os.path.exists(os.environ['BOOKUTILS_PROGRESS']))",
        ),
        tmp_path,
    )
    first, second = outputs(book)
    assert first[0].text.splitlines() == [sys.executable, str(tmp_path)]
    assert second[0].text == "False\n"
    assert [cell.execution_count for cell in book.cells] == [1, 2]


def test_warnings_are_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    book = authoring.execute(notebook("import warnings\nwarnings.warn('look here')"), tmp_path)
    ((output,),) = outputs(book)
    assert output.name == "stderr" and "look here" in output.text


def test_a_failing_cell_is_named_with_its_source_and_the_end_of_its_traceback(tmp_path):
    with pytest.raises(authoring.NotebookError) as caught:
        authoring.execute(notebook("a = 1", new_markdown_cell("text"), "a / 0"), tmp_path)
    report = str(caught.value)
    assert report.startswith("code cell 2 of 2:\n    a / 0\n")
    assert report.endswith("ZeroDivisionError: division by zero")


def test_an_endless_cell_and_a_dying_kernel_are_named(tmp_path):
    with pytest.raises(authoring.NotebookError, match="code cell 2 of 2:\n    while True: pass"):
        authoring.execute(notebook("1", "while True: pass"), tmp_path, timeout=1)
    with pytest.raises(authoring.NotebookError, match="code cell 1 of 1:\n    import os"):
        authoring.execute(notebook("import os\nos._exit(3)"), tmp_path)


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


# What strict nbval, as this book runs it, lets through and what it does not


CASES = {
    "right": (True, ["print(6 * 7)"]),
    "slider": (True, ["import ipywidgets\nipywidgets.IntSlider()"]),
    "interact": (True, [INTERACT]),
    "captured": (True, [CAPTURED]),
    "history": (True, ["6 * 7", "_ + 1"]),
    "own-progress": (True, ["import os\nos.path.exists(os.environ['BOOKUTILS_PROGRESS'])"]),
    "wrong-number": (False, ["print(6 * 7)"]),
    "warning": (False, ["import warnings\nwarnings.warn('look here')"]),
    "exception": (False, ["1 / 1"]),
    "wrong-beside-captured": (False, [CAPTURED]),
    "lost-output": (False, ["print(6 * 7)"]),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """{case: whether all its cells passed}, from one run of pytest over all cases."""
    root = tmp_path_factory.mktemp("nbval")
    here = Path(__file__).resolve().parent.parent
    (root / "conftest.py").write_text((here / "conftest.py").read_text())
    (root / "pytest.ini").write_text("[pytest]\n")
    for name, (_, cells) in CASES.items():
        text = nbformat.writes(authoring.execute(notebook(*cells), root))
        book = json.loads(text)
        cell = book["cells"][-1]
        if name == "wrong-number":
            cell["outputs"][0]["text"] = ["41\n"]
        elif name == "warning":
            cell["outputs"] = []
        elif name == "exception":
            cell["source"] = ["1 / 0"]
        elif name == "wrong-beside-captured":
            cell["outputs"][-1]["text"] = ["1\n"]
        elif name == "lost-output":
            cell["outputs"] = []
        (root / f"{name}.ipynb").write_text(json.dumps(book))
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--color=no", "-p", "no:cacheprovider"]
    command += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=20"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    lines = re.findall(r"^(PASSED|FAILED|ERROR) (\S+?)::", done.stdout, flags=re.MULTILINE)
    assert lines, done.stdout + done.stderr
    return {
        name: all(word == "PASSED" for word, of in lines if of.startswith(name))
        for name in CASES
        if any(of.startswith(name) for _, of in lines)
    }


@pytest.mark.parametrize("name", CASES)
def test_strict_comparison(verdicts, name):
    assert verdicts[name] is CASES[name][0]
