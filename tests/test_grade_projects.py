"""Projects handed in: points for each property, across the border between two processes."""

import csv

import pytest
from submissions import lines_of, notebook, project_from_book, put, with_fault

from bookutils.checks.registry import projects
from bookutils.classroom import grade

pytestmark = pytest.mark.slow

# as a loop inside C, which no signal ends, but at no cost
DEAF = """import signal, time
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(10**6)
"""
LOSES_CLIP = ["clip", "Whole programs agree with the reference"]


def changed(old, new):
    """The solution of project 03 with one text of it changed in its program."""
    return with_fault("03.project", [(old, new)])


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """({(student, project): line}, {(student, project, property): points}, points, page)."""
    folder = tmp_path_factory.mktemp("in")
    for project in projects():
        name = f"{project.id[:2]}_project_x.ipynb"
        put(folder, "ada", project_from_book("solutions", project.id), name)
        put(folder, "untouched", project_from_book("exercises", project.id), name)
        put(folder, "empty", notebook(), name)
    name = "03_project_x.ipynb"
    put(folder, "part", changed("inside = low <=", "inside = True or low <="), name)
    put(folder, "endless", changed("inside = low", f"{DEAF}        inside = low"), name)
    put(
        folder,
        "ends",
        changed("inside = low", "import os\n        os._exit(0)\n        inside = low"),
        name,
    )
    put(folder, "unparsed", changed("def clip(self", "def clip(self,,"), name)
    put(
        folder,
        "renamed",
        notebook('check("03.project", Engine)', "class Engine:\n    pass"),
        "x.ipynb",
    )
    put(folder, "both", project_from_book("exercises", "03.project"), name)
    put(
        folder,
        "both",
        changed("inside = low <=", "inside = True or low <="),
        "03_project_again.ipynb",
    )
    out = tmp_path_factory.mktemp("out") / "out.csv"
    assert grade.grade([folder], out, out.with_suffix(".html"), seconds=30.0) == 0
    with open(out.with_name("out.projects.csv"), encoding="utf-8-sig", newline="") as file:
        properties = {
            (line["student"], line["project"], line["property"]): int(line["points"])
            for line in csv.DictReader(file)
        }
    points = {line["student"]: line for line in lines_of(out.with_name("out.points.csv"))}
    lines = {(line["student"], line["exercise"]): line for line in lines_of(out)}
    return lines, properties, points, out.with_suffix(".html").read_text(encoding="utf-8")


def lost(properties, student):
    of_student = [(name, got) for (who, _, name), got in properties.items() if who == student]
    return [name for name, got in of_student if not got]


def test_solutions_get_every_point_and_who_wrote_nothing_none(tables):
    lines, properties, points, _ = tables
    for project in projects():
        assert lines["ada", project.id]["verdict"] == "right"
        assert lines["ada", project.id]["points"] == str(project.points)
        for who in ("untouched", "empty"):
            assert lines[who, project.id]["verdict"] == "not attempted yet"
            assert lines[who, project.id]["points"] == "0"
        assert points["ada"][project.id] == str(project.points)
        for prop in project.properties:
            assert properties["ada", project.id, prop.name] == prop.points
            assert properties["untouched", project.id, prop.name] == 0


@pytest.mark.parametrize("student", ["part", "endless", "ends", "both"])
def test_what_fails_costs_its_own_properties_whatever_becomes_of_the_process(tables, student):
    lines, properties, points, page = tables
    assert lost(properties, student) == LOSES_CLIP
    assert lines[student, "03.project"]["verdict"] == "partly right"
    assert lines[student, "03.project"]["points"] == points[student]["points"] == "23"
    assert points[student]["possible"] == str(sum(p.points for p in projects()))
    assert "◐ 23/25" in page


def test_a_class_that_is_not_there_is_said(tables):
    lines, _, _, page = tables
    assert "does not parse" in lines["unparsed", "03.project"]["says"]
    assert lines["unparsed", "03.project"]["points"] == "0"
    assert lines["renamed", "03.project"]["points"] == "0"
    assert "clip: " in page
