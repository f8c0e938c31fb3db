"""nbgrader itself: what it releases of all solutions, and what it gives to students for some.

Runs the steps of docs/classroom.md as they stand there. Needs the `class` extra. A sample of the
notebooks is graded, the newest always among them: that tries nbgrader and the steps, and proves
the package, no chapter. For the others it is enough that each runs from top to bottom and shows
the verdict `right`, or `not attempted yet`, with no error and nothing on stderr (nbval holds the
outputs to what runs, tests/test_notebooks.py the verdicts to that): what nbgrader counts is made of
the verdict alone (tests/test_projects.py), and read from the cell alone.
"""

import csv
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from bookutils.checks.registry import all_tasks, find

pytestmark = [
    pytest.mark.slow,
    pytest.mark.whole,
    pytest.mark.skipif(  # not imported, which takes a second, where none of these tests runs
        importlib.util.find_spec("nbgrader") is None,
        reason="nbgrader on the solutions was NOT tried: it is not installed. "
        "python -m pip install --constraint constraints.txt --editable '.[class]' brings it.",
    ),
]

ROOT = Path(__file__).resolve().parent.parent
STEPS = re.findall(
    r"<!-- tried: (\w+) -->\n```bash\n(.*?)```",
    (ROOT / "docs" / "classroom.md").read_text(encoding="utf-8"),
    re.DOTALL,
)
NAMES = sorted(path.stem for path in (ROOT / "solutions").glob("*.ipynb"))
RULE, VALUE = "01_the_chain_rule", "03_project_your_own_value"
NEWEST = [max(name for name in NAMES if ("_project_" in name) == kind) for kind in (False, True)]
GRADED = sorted({RULE, VALUE, *NEWEST})


@pytest.fixture(scope="module")
def asked(request):
    """The notebooks that are asked for: of one chapter, or all where a test is of no chapter."""
    own = [item for item in request.session.items if item.path == request.path]
    if any(not hasattr(item, "callspec") for item in own):
        return NAMES
    return sorted({item.callspec.params["name"] for item in own})


@pytest.fixture(scope="module")
def run(asked, tmp_path_factory):
    """A function: what a step of docs/classroom.md prints, run in a folder; it must end well.

    The book that it finds has the notebooks that are asked for.
    """
    book = tmp_path_factory.mktemp("book")
    (book / "docs").symlink_to(ROOT / "docs")
    (book / "solutions").mkdir()
    for name in asked:
        (book / "solutions" / f"{name}.ipynb").symlink_to(ROOT / "solutions" / f"{name}.ipynb")

    def run(step, folder):
        (command,) = [text for name, text in STEPS if name == step]
        home = tmp_path_factory.getbasetemp() / f"home-{step}"
        home.mkdir(exist_ok=True)
        environment = {
            **{k: v for k, v in os.environ.items() if k != "BOOKUTILS_PROGRESS"},
            **{"HOME": str(home), "XDG_DATA_HOME": str(home), "BOOK": str(book)},
            "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="module")
def released(run, tmp_path_factory):
    """The folder of the course, with every assignment made."""
    folder = tmp_path_factory.mktemp("class")
    run("course", folder)
    run("assignments", folder / "backprop")
    return folder / "backprop"


def cells(path):
    return nbformat.read(path, as_version=4).cells


def hand_in(folder, student, name, source):
    target = folder / "submitted" / student / name / f"{name}.ipynb"
    target.parent.mkdir(parents=True)
    shutil.copy(source, target)
    return target


def points(folder, student, name):
    """{grade_id: points} of one student in one assignment, from nbgrader's gradebook."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        (notebook,) = book.find_submission(name, student).notebooks
        assert not any(grade.needs_manual_grade for grade in notebook.grades)
        return {grade.name: grade.score for grade in notebook.grades}


def worth(name):
    """{grade_id: points} of a whole chapter."""
    return {
        f"ex-{exercise.id.replace('.', '-')}": getattr(exercise, "points", 1)
        for exercise in all_tasks()
        if re.search(rf'^check\("{re.escape(exercise.id)}"', sources(name), re.MULTILINE)
    }


def sources(name):
    return "\n".join(cell.source for cell in cells(ROOT / "solutions" / f"{name}.ipynb"))


@pytest.mark.parametrize("name", NAMES)
def test_what_nbgrader_releases_is_what_the_exercises_hold(released, name):
    release = cells(released / "release" / name / f"{name}.ipynb")
    exercise = cells(ROOT / "exercises" / f"{name}.ipynb")
    assert [(c.cell_type, c.source) for c in release] == [(c.cell_type, c.source) for c in exercise]
    assert len(worth(name)) >= (1 if "_project_" in name else 2)
    for cell in release:
        if cell.source.startswith("check("):
            assert cell.metadata.editable is cell.metadata.deletable is False
        if "your turn" in cell.source and cell.cell_type == "code":
            assert cell.metadata.deletable is False and cell.metadata.get("editable", True)


MIXED = {
    "01.1": "right",
    "01.2": "known mistake",
    "01.3": "does not parse",
    "01.4": "right, and its check asks for less",
    "01.5": "right, and its check is deleted",
    "01.6": "right, and its points are a hundred",
    "01.7": "ends the program",
}  # and the others untouched


def mixed(path):
    """An exercise as the book has it, filled in by a student who also edits what is not theirs."""
    notebook = nbformat.read(path, as_version=4)
    solved = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in cells(ROOT / "solutions" / path.name)
        if "nbgrader" in cell.metadata
    }
    by_id = {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}
    for id, story in MIXED.items():
        check = by_id[f"ex-{id.replace('.', '-')}"]
        answer = by_id[f"ex-{id.replace('.', '-')}-answer"]
        if story.startswith("right"):
            answer.source = solved[answer.metadata.nbgrader.grade_id]
        if "less" in story:
            check.source = check.source.replace("01.4", "01.1")
        elif "deleted" in story:
            notebook.cells.remove(check)
        elif "hundred" in story:
            check.metadata.nbgrader["points"] = 100
        elif "mistake" in story:
            answer.source = "def central(f, x, h):\n    return (f(x + h) - f(x)) / h"
        elif "parse" in story:
            answer.source = "def valleys()\n    return -8, -5"
        elif "ends" in story:
            name = find(id).signature
            answer.source = f"def {name}:\n    raise SystemExit"
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def graded(released, run):
    """The course after nbgrader has graded what its students handed in."""
    for name in GRADED:
        hand_in(released, "right", name, ROOT / "solutions" / f"{name}.ipynb")
        hand_in(released, "untouched", name, released / "release" / name / f"{name}.ipynb")
    mixed(hand_in(released, "mixed", RULE, ROOT / "exercises" / f"{RULE}.ipynb"))
    project = hand_in(released, "part", VALUE, ROOT / "solutions" / f"{VALUE}.ipynb")
    edited(project, "inside = low <=", "inside = True or low <=")
    cheat = hand_in(released, "cheat", VALUE, released / "release" / VALUE / f"{VALUE}.ipynb")
    edited(cheat, "import math\n", "import math\nimport bookutils.checks as checks\n\n")
    edited(cheat, "progress\n", "progress\n", after="checks.check = check = lambda *_: None")
    run("grade", released)
    return released


def edited(path, old, new, after=""):
    """Change a text of a notebook, and let a line follow the cell of its imports."""
    notebook = nbformat.read(path, as_version=4)
    (cell, *_) = [c for c in notebook.cells if c.cell_type == "code" and old.strip() in c.source]
    cell.source = cell.source.replace(old.strip(), new.strip(), 1) + f"\n{after}" * bool(after)
    nbformat.write(notebook, path)


def test_the_solutions_get_every_point_and_untouched_exercises_none(graded):
    for name in GRADED:
        assert points(graded, "right", name) == worth(name), name
        assert points(graded, "untouched", name) == dict.fromkeys(worth(name), 0), name


def test_each_exercise_counts_for_itself_whatever_else_a_student_edits(graded):
    assert points(graded, "mixed", RULE) == {
        id: value if MIXED.get(id[3:].replace("-", "."), "").startswith("right") else 0
        for id, value in worth(RULE).items()
    }


def test_the_student_reads_the_verdict_in_what_comes_back(graded):
    page = (graded / "feedback" / "mixed" / RULE / f"{RULE}.html").read_text(encoding="utf-8")
    assert "You took the one-sided difference" in page and "01.2 · wrong" in page
    assert "01.4" in page and "does not parse" in page
    assert "Traceback (most recent call last)" not in page and "NotRight" not in page


def test_the_teachers_own_progress_is_left_alone(graded, tmp_path_factory):
    home = tmp_path_factory.getbasetemp() / "home-grade"
    assert home.exists() and not list(home.rglob("progress.json"))


def test_the_table_of_points_has_every_assignment_of_every_student(graded):
    with (graded / "grades.csv").open(encoding="utf-8", newline="") as file:
        scores = {
            line["assignment"]: float(line["score"])
            for line in csv.DictReader(file)
            if line["student_id"] == "right"
        }
    assert scores == {name: sum(worth(name).values()) * (name in GRADED) for name in NAMES}


def test_a_student_can_validate(graded, run):
    folder = graded / "submitted" / "right" / RULE
    assert "Success! Your notebook passes all the tests." in run("validate", folder)
    folder = graded / "submitted" / "mixed" / RULE
    said = run("validate", folder)
    assert "VALIDATION FAILED ON" in said and "✗ 01.2 · wrong" in said


def test_a_project_gets_the_points_of_its_properties(graded):
    assert points(graded, "part", VALUE) == {"ex-03-project": 23}
    page = (graded / "feedback" / "part" / VALUE / f"{VALUE}.html").read_text(encoding="utf-8")
    assert "Your own Value: 23 of 25 points" in page and "partly right<" in page


def test_the_points_of_grade_take_the_place_of_nbgraders(graded, run, tmp_path):
    assert points(graded, "cheat", VALUE) == {"ex-03-project": 25}  # its `check` says nothing
    shutil.copy(graded / "gradebook.db", tmp_path)
    for student in ("part", "cheat"):
        shutil.copytree(graded / "submitted" / student, tmp_path / "submitted" / student)
    run("marks", tmp_path)
    assert points(tmp_path, "cheat", VALUE) == {"ex-03-project": 0}
    assert points(tmp_path, "part", VALUE) == {"ex-03-project": 23}
    table = (tmp_path / "grades.csv").read_text(encoding="utf-8")
    assert re.search(r"^03_project_.*,cheat,.*,0\.0,25\.0", table, re.MULTILINE)
