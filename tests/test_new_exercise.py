"""Stubs of a new exercise: in every place, in order, running at once, and refused until filled."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from bookutils.classroom.new_exercise import Refused, main, new_exercise

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def book(tmp_path):
    """A copy of what the stubs are written into, and of what runs them."""
    for folder in ("bookutils", "solutions", "tests/answers"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file in ("pyproject.toml", "tests/test_graders.py", "tests/test_right_answers.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def contents(book):
    return {path: path.read_bytes() for path in book.rglob("*") if path.is_file()}


def ran(book, *arguments):
    environment = os.environ | {"PYTHONPATH": str(book), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=book, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def headings(path):
    cells = nbformat.read(path, as_version=4).cells
    return [m[1] for cell in cells if (m := re.match(r"#+ (\d\d\.\d+) · ", cell.source))]


def ids(path):
    return re.findall(r"""(?:id=|^    )"(\d\d\.\d+)"[,:]""", path.read_text(), re.MULTILINE)


def test_a_stub_of_a_chapter_that_exists_runs_and_is_refused(book):
    (path,) = (book / "solutions").glob("05_*.ipynb")
    before = headings(path)
    options = ["--title", "Twice as “deep”", "--kind", "predict", "--signature", "depth(W, n)"]
    status, said = ran(book, "bookutils", "new-exercise", "05.99", *options)
    assert (
        status == 0 and "replace every TODO" in said and f"build {path.relative_to(book)}" in said
    )
    assert headings(path) == [*before, "05.99"]
    assert nbformat.read(path, as_version=4).cells[-1].source == "progress()"
    assert ids(book / "bookutils/checks/chapter_05.py")[-1] == "05.99"
    assert ids(book / "tests/answers/chapter_05.py").count("05.99") == 1
    grader = (
        "from bookutils.checks.registry import find\n"
        "stub = find('05.99')\n"
        "assert (stub.title, stub.kind) == ('Twice as “deep”', 'predict')\n"
        "assert stub.judge(lambda W, n: 0.0).right\n"
        "assert stub.judge(lambda W, n: 3.0).misconception == 'todo3'\n"
    )
    (book / "stub.py").write_text(grader)
    assert ran(book, "stub") == (0, "")
    tests = ["tests/test_graders.py", "tests/test_right_answers.py"]
    chosen = "05.99 and (left_to_do or three_answers)"
    status, said = ran(book, "pytest", "-q", *tests, "-k", chosen)
    assert status == 1 and "has a TODO left" in said and "needs three for 05.99" in said


def test_a_new_chapter_gets_its_three_files_and_builds(book):
    written = new_exercise("97.1", chapter="97_regularization", signature="total()", root=book)
    assert all(path.exists() for path in written)
    new_exercise("97.3", title="Third", root=book)
    new_exercise("97.2", title="Second", root=book)
    assert headings(book / "solutions/97_regularization.ipynb") == ["97.1", "97.2", "97.3"]
    for file in ("bookutils/checks/chapter_97.py", "tests/answers/chapter_97.py"):
        assert ids(book / file) == ["97.1", "97.2", "97.3"]
    assert ran(book, "ruff", "format", "--check", "bookutils/checks", "tests/answers")[0] == 0
    status, said = ran(book, "bookutils", "build", "solutions/97_regularization.ipynb")
    assert status == 0, said
    exercise = nbformat.read(book / "exercises/97_regularization.ipynb", as_version=4)
    assert [c.source for c in exercise.cells if c.source.startswith("check(")] == [
        'check("97.1", total)',
        'check("97.2", answer_97_2)',
        'check("97.3", answer_97_3)',
    ]
    solved = nbformat.read(book / "solutions/97_regularization.ipynb", as_version=4)
    shown = [
        output.data["text/plain"]
        for cell in solved.cells
        for output in cell.get("outputs", ())
        if cell.source.startswith("check(")
    ]
    assert len(shown) == 3 and all("· right" in text for text in shown)


def test_a_new_project_gets_its_three_files_builds_and_is_refused(book):
    written = new_exercise("97.project", "Your own “Deep” net", signature="train(X, y)", root=book)
    names = ["project_97.py", "project_97.py", "97_project_your_own_deep_net.ipynb"]
    assert [path.name for path in written] == names and all(path.exists() for path in written)
    assert ran(book, "ruff", "format", "--check", "bookutils/checks", "tests/answers")[0] == 0
    status, said = ran(book, "bookutils", "build", str(written[2].relative_to(book)))
    assert status == 0, said
    solved = nbformat.read(written[2], as_version=4)
    shown = [output for cell in solved.cells for output in cell.get("outputs", ())]
    assert "✓ 97.project · right" in shown[0].data["text/plain"]
    shutil.copy(ROOT / "tests" / "test_projects.py", book / "tests")
    status, said = ran(book, "pytest", "-q", "tests/test_projects.py", "-k", "97.project")
    assert status == 1 and "TODO" in said, said
    with pytest.raises(Refused, match="There is a project 97.project already"):
        new_exercise("97.project", "Your own “Deep” net", signature="train(X, y)", root=book)


@pytest.mark.parametrize(
    "id, options, said",
    [
        ("7.3", {}, "'7.3' is no id: write the chapter in two digits and a number, as 07.3, or"),
        ("02.3", {}, "There is an exercise 02.3 already, in "),
        ("98.1", {}, "There is no chapter 98 yet: name its files, as --chapter 98_"),
        ("98.1", {"chapter": "97_x"}, "There is no chapter 98 yet"),
        ("02.99", {"chapter": "02_other"}, "has the name 02_computational_graphs already"),
        ("02.99", {"kind": "riddle"}, "'riddle' is no kind: choose one of by hand, "),
        ("02.99", {"signature": "f(x"}, "'f(x' is no signature: "),
        ("02.99", {"signature": "f(x, *, y=3)"}, "write a name and plain parameters"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(book, capsys, id, options, said):
    before = contents(book)
    with pytest.raises(Refused, match=re.escape(said)):
        new_exercise(id, root=book, **options)
    assert main(id, root=book, **options) == 2
    out, error = capsys.readouterr()
    assert out == "" and said in error and error.count("\n") == 1
    assert contents(book) == before


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(Refused, match="Run this in the folder of the book"):
        new_exercise("02.99", root=tmp_path)
