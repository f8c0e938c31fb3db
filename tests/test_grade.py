"""Grading submissions: every mistake keeps its name across the process border, and no notebook
turns its verdict, ends the judge or stops anybody else's."""

import csv
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from submissions import (
    BROKEN_FILES,
    HOSTILE_BOWLS,
    HOSTILE_CELLS,
    LINUX,
    ROOT,
    UNCONFINED,
    chapter_00,
    code,
    from_book,
    notebook,
    put,
    with_mistakes,
)  # fmt: skip

from bookutils.checks.registry import all_exercises, chapters, exercises
from bookutils.classroom import grade, gradebook
from bookutils.judge import data, transport
from bookutils.judge.running import Outcome

# of what they break in their own process they keep nothing; they turn no verdict either
SPOIL_THEMSELVES = ("early ready", "noise", "lines without end", "builtins", "redefines")
ROUNDS = 3  # mistakes of each exercise; benchmarks/grade_two_hundred.py tries all of them


# ---- what every test does


def graded(folder, tmp_path, **options):
    """{(student, exercise): line of the CSV} and the CSV's path."""
    out = tmp_path / "out.csv"
    options = {"seconds": 12.0, "jobs": 2} | options
    assert grade.grade([folder], out, tmp_path / "out.html", **options) == 0
    return {(line["student"], line["exercise"]): line for line in lines_of(out)}, out


def lines_of(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# ---- across the border

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=5)
    | st.just(...)
    | arrays(np.float64, array_shapes(min_dims=0, max_dims=3, max_side=3)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(plain)
def test_plain_values_cross_the_border_unchanged(value):
    line = transport.dumps(transport.encode(value))
    assert data.identical(transport.decode(transport.loads(line)), value)


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda e: e.id)
def test_inputs_of_every_exercise_cross_the_border(exercise):
    request = transport.loads(transport.dumps(grade.request(exercise)))
    assert set(request) == {"id", "signature", "cases", "counts", "seconds", "gigabytes"}
    if exercise.wants_value:
        assert request["cases"] is None
        return
    for form, case in zip(request["cases"], exercise.arguments(), strict=True):
        for came, was in zip(transport.decode(form, as_input=True), case, strict=True):
            if callable(was):
                x = np.array([0.3, 0.7, 1.1, 0.2])
                assert came.__doc__ == was.__doc__ and np.array_equal(came(x), was(x))
            else:
                assert data.identical(came, was)
    for answer in exercise.expected():
        assert data.identical(transport.decode(transport.encode(answer)), answer)


@pytest.mark.parametrize(
    "form",
    [
        {"array": ["|O", [1], ""]},
        {"array": ["<f8", [2**40], ""]},
        {"array": ["<f8", [-1, -1], "AAAAAAAAAAA="]},
        {"array": ["<f8", [1], "###"]},
        {"array": "<f8"},
        {"formula": ["x", "__import__('os').abort()"]},
        {"scalar": 1.0},
        {"dict": [[[1], 2]]},
        {"dict": [[1, 2, 3]]},
        {"tuple": 3},
        {"pickle": "gASV"},
        {},
        {"tuple": [], "array": []},
    ],
)
def test_a_forged_form_is_refused(form):
    with pytest.raises(transport.Malformed):
        transport.decode(form)


def test_left_out_outcomes_win_nothing():
    good = transport.encode_outcome(Outcome(value=2.25))
    with pytest.raises(transport.Malformed, match="1 outcomes of 10 calls"):
        transport.decode_answer([good], 9)
    assert len(transport.decode_answer([good] * 10, 9)) == 10
    with pytest.raises(transport.Malformed):
        transport.decode_answer([good] * 11, 9)
    with pytest.raises(transport.Malformed):
        transport.decode_answer([], 9)
    stopped = transport.encode_outcome(Outcome(problem="stopped", sentence="too long"))
    assert len(transport.decode_answer([good, stopped], 9)) == 2
    for field, value in (("problem", "fine"), ("sentence", 3), ("products", -1), ("changed", "w")):
        with pytest.raises(transport.Malformed):
            transport.decode_outcome(good | {field: value})


# ---- verdicts


def test_each_mistake_keeps_its_verdict_and_its_name(tmp_path, record_property):
    folder, wanted = tmp_path / "in", {}
    for chapter in chapters():
        most = max(len(e.mistakes) for e in exercises(chapter).values())
        put(folder, "ada", from_book("solutions", chapter).read_bytes(), f"{chapter}_x.ipynb")
        put(folder, "stub", from_book("exercises", chapter).read_bytes(), f"{chapter}_x.ipynb")
        for number in range(ROUNDS):
            text, wrong = with_mistakes(chapter, number)
            put(folder, f"student {number}", text, f"{chapter}_x.ipynb")
            for exercise, mistake in zip(exercises(chapter).values(), wrong, strict=True):
                wanted[f"student {number}", exercise.id] = exercise.judge(mistake.answer)
    lines, out = graded(folder, tmp_path, seconds=60.0)
    for exercise in all_exercises():
        assert lines["ada", exercise.id]["verdict"] == "right", lines["ada", exercise.id]
        assert lines["stub", exercise.id]["verdict"] == "not attempted yet"
    for place, verdict in wanted.items():
        line = lines[place]
        assert (line["verdict"], line["misconception"]) == (verdict.face, verdict.misconception)
        assert line["points"] == "0"
    tried = f"{len(wanted)} known mistakes and {len(all_exercises())} solutions"
    record_property("measured", f"graded across the process border: {tried}, all as they must")
    assert len(lines) == len(wanted) + 2 * len(all_exercises())

    points = {line["student"]: line for line in lines_of(out.with_name("out.points.csv"))}
    possible = sum(e.points for e in all_exercises())
    assert points["ada"]["points"] == points["ada"]["possible"] == str(possible)
    assert points["stub"]["points"] == "0"

    rows = grade.table([], all_exercises())
    assert rows == []
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    most = max(
        (line["misconception"] for line in lines.values() if line["misconception"]),
        key=lambda name: len(
            {(line["student"]) for line in lines.values() if line["misconception"] == name}
        ),
    )
    assert most in page and page.index("most common mistakes") < page.index("Students by exercises")
    assert "http" not in page.replace("http-equiv", "") and "<script" not in page


def test_no_hostile_notebook_turns_its_verdict_or_stops_another(tmp_path, record_property):
    folder = tmp_path / "in"
    _, held = outcome("w_at_the_end = 22")
    bowls, cells = dict(HOSTILE_BOWLS), dict(HOSTILE_CELLS)
    if "files" not in held:
        del bowls["reads the solution"], cells["deletes the book"]
    if "processes" not in held:  # they would end this very run, or the machine's
        for name in [name for name in cells if "parent" in name or name in UNCONFINED]:
            del cells[name]
    for name, bowl in bowls.items():
        put(folder, f"bowl {name}", chapter_00(bowl=bowl))
    for name, cell in cells.items():
        put(folder, f"cell {name}", chapter_00(cell))
    for name, (raw, _) in BROKEN_FILES.items():
        put(folder, f"file {name}", raw, "homework.ipynb")
    put(folder, "right", chapter_00())
    before = (ROOT / "README.md").read_bytes()
    lines, _ = graded(folder, tmp_path)
    assert (ROOT / "README.md").read_bytes() == before
    assert not Path("/tmp/pwned").exists()
    for name in bowls:
        line = lines[f"bowl {name}", "00.0"]
        assert line["verdict"] in ("broken", "wrong"), (name, line)
        for id in ("00.1", "00.2"):
            assert lines[f"bowl {name}", id]["verdict"] == "right", (
                name,
                lines[f"bowl {name}", id],
            )
    for name in cells:
        faces = [lines[f"cell {name}", id]["verdict"] for id in ("00.0", "00.1", "00.2")]
        if name in SPOIL_THEMSELVES:
            assert set(faces) <= {"right", "broken", "not attempted yet"}, (name, faces)
        else:
            assert faces == ["right"] * 3, (name, faces, lines[f"cell {name}", "00.0"])
    for name, (_, said) in BROKEN_FILES.items():
        line = lines[f"file {name}", ""]
        assert line["verdict"] == "broken" and said in line["says"], line
    assert all(lines["right", id]["verdict"] == "right" for id in ("00.0", "00.1", "00.2"))
    assert not leftovers()
    tried = f"{len(bowls) + len(cells)} hostile and {len(BROKEN_FILES)} broken notebooks"
    record_property("measured", f"{tried}: none turned its verdict; confined: {', '.join(held)}")


def leftovers():
    """Processes of workers that outlived their judge."""
    if not LINUX:
        return []
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"bookutils.judge.worker" in command and parent in (1, os.getpid()):
            found.append(folder.name)
    return found


def outcome(*cells, id="00.2"):
    """What the worker returns for one value exercise after these cells."""
    by_id = {e.id: e for e in all_exercises()}
    cells = [("code", cell, []) for cell in cells]
    answers, held = grade.run(cells, [grade.request(by_id[id])], {id: 2**20}, 12.0, 2.0)
    ((first, *_),) = answers[id]
    return first, held


@pytest.mark.skipif(not LINUX, reason="the kernel confines on Linux")
def test_a_notebook_sees_neither_the_graders_nor_the_caller(monkeypatch, tmp_path):
    monkeypatch.setenv("NOT_YOURS", "secret")
    (tmp_path / "other.ipynb").write_text("another student's work")
    tries = f"""
import os, sys
def attempt(what):
    try:
        what()
        return "open"
    except (OSError, ImportError) as error:
        return type(error).__name__
def grader():
    import bookutils.checks.chapter_00
w_at_the_end = (
    os.environ.get("NOT_YOURS", "none"),
    attempt(lambda: open({str(ROOT / "bookutils/checks/chapter_00.py")!r}).read()),
    attempt(lambda: open({str(ROOT / "solutions/00_start_here.ipynb")!r}).read()),
    attempt(lambda: open({str(tmp_path / "other.ipynb")!r}).read()),
    attempt(lambda: open("own", "w").close()),
    attempt(lambda: os.fork()),
    attempt(lambda: os.kill(os.getppid(), 0)),
    attempt(lambda: __import__("socket").socket()),
    attempt(grader),
)
"""
    first, held = outcome(tries)
    if not {"files", "processes", "network"} <= set(held):
        pytest.skip(f"this kernel holds only {held}")
    refused = "PermissionError"
    assert first.value == (
        "none", refused, refused, refused, "open", refused, refused, refused,
        "ModuleNotFoundError",
    )  # fmt: skip


def test_cells_run_as_in_a_notebook():
    first, _ = outcome(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n!ls",
        "1 / 0",
        "def broken(:",
        "from bookutils import Value\nfrom bookutils.neuron import MLP\nv = Value(3.0) * 2",
        "from dataclasses import dataclass\n@dataclass\nclass Pair:\n    a: int",
        "%%time\nw_at_the_end = Pair(20).a + int(v.data) - 4",
    )
    assert first.value == 22 and not first.problem


@pytest.mark.parametrize(
    "cells, said",
    [
        (["def w_at_the_end(:\n    return 22"], "`w_at_the_end` does not parse: line 1"),
        (["w_at_the_end = 22 / 0"], "`w_at_the_end` failed: ZeroDivisionError"),
        (["import os\nos._exit(1)\nw_at_the_end = 22"], "ended its process"),
    ],
)
def test_an_answer_that_was_never_made_says_why(cells, said):
    first, _ = outcome(*cells)
    assert first.problem == "misfit" and said in first.sentence


def test_the_name_and_the_checked_object_both_count(tmp_path):
    folder = tmp_path / "in"
    right = "from bookutils.checks import check\ndef bowl(w): return (w - 3) ** 2"
    put(folder, "used again", notebook(right, "check('00.0', bowl)", "bowl = bowl(5.0)"))
    other = "def my_bowl(w): return (w - 3) ** 2\ncheck('00.0', my_bowl)"
    put(folder, "own name", chapter_00(bowl=other))
    lines, _ = graded(folder, tmp_path)
    assert lines["used again", "00.0"]["verdict"] == "right"
    assert lines["own name", "00.0"]["verdict"] == "right"


# ---- names, tables


def test_the_path_gives_the_student(tmp_path):
    for path, name in {
        "class/ada/01_the_chain_rule.ipynb": "ada",
        "class/ada/week 1/01_the_chain_rule.ipynb": "ada",
        "class/grace_01_the_chain_rule.ipynb": "grace",
        "class/grace_hopper-02-graphs.ipynb": "grace_hopper",
        "class/01_the_chain_rule.ipynb": "class",
        "class/emmy.ipynb": "emmy",
        "class/Ada Lovelace_12345_assignsubmission_file/01_x.ipynb": "Ada Lovelace",
        "class/Ada Lovelace_12345_assignsubmission_file_01_x.ipynb": "Ada Lovelace",
    }.items():
        put(tmp_path, str(Path(path).parent), "{}", Path(path).name)
        assert grade.student(tmp_path / "class", tmp_path / path) == name
    put(tmp_path, "class/ada/.ipynb_checkpoints", "{}", "01_the_chain_rule-checkpoint.ipynb")
    put(tmp_path, "class/ada", "{}", "notes.txt")
    put(tmp_path, "class/eve", "{}", "01_x.ipynb.txt")
    (tmp_path / "class/nobody").mkdir()
    found = grade.submissions([tmp_path / "class", tmp_path / "class/ada"])
    assert (
        len(found) == 10
        and "nobody" in {s.student for s in found}
        and {"eve", "emmy"} <= {s.student for s in found}
    )


def test_a_renamed_notebook_is_known_by_what_it_holds(tmp_path):
    known = all_exercises()
    cells = grade.cells_of(from_book("exercises", "02").read_bytes())
    assert {e.id[:2] for e in grade.asked(cells, "homework final (2).ipynb", known)} == {"02"}
    assert {e.id[:2] for e in grade.asked([], "eve_03_x.ipynb", known)} == {"03"}
    assert grade.asked([], "homework.ipynb", known) == []


def test_hints_are_read_from_saved_outputs():
    shown = {"output_type": "execute_result", "data": {"text/plain": "hint 1 of 3: a\nhint 2 of 3"}}
    raw = notebook(code('hint("00.1")', [shown]), 'hint("00.2")').encode()
    assert grade.hints_shown(grade.cells_of(raw)) == {"00.1": 2, "00.2": 0}


def test_no_cell_of_the_table_is_a_formula_and_no_name_is_markup(tmp_path):
    name = "=cmd|'calc'!A1"
    rows = [
        grade.Row(name, Path("a.ipynb"), grade.Result("00.0", "wrong", "<b>", "sign", "<i>x</i>"))
    ]
    grade.write_csv(tmp_path / "out.csv", rows)
    (line,) = lines_of(tmp_path / "out.csv")
    assert line["student"] == "'" + name
    page = gradebook.page(rows, all_exercises(), ["time"])
    assert "<i>x" not in page and "<b>" not in page and "&lt;i&gt;x" in page


def test_the_best_of_several_notebooks_counts_and_mistakes_are_counted_by_student():
    def row(student, id, face, *named):
        return grade.Submission(student, Path(id)), [grade.Result(id, face, "", *named)]

    sign, zero = ("sign", "turned round"), ("zero", "all are zero")
    rows = grade.table(
        [
            row("ada", "00.0", "right"),
            row("ada", "00.0", "wrong", *sign),
            row("eve", "00.0", "wrong", *zero),
            row("eve", "00.1", "wrong", *zero),
            row("bob", "00.0", "wrong", *sign),
            row("joe", "00.1", "wrong", *sign),
        ],
        all_exercises(),
    )
    assert [(r.student, r.result.face, r.points) for r in rows[:1]] == [("ada", "right", 1)]
    assert gradebook.most_common(rows) == [
        ("sign", "turned round", 2, ["00.0", "00.1"]),
        ("zero", "all are zero", 1, ["00.0", "00.1"]),
    ]


# ---- interrupted, and again


def test_an_interrupted_run_goes_on(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out.csv"
    for i in range(12):
        put(folder, f"s{i:02}", chapter_00(f"mark = {i}"))
    journal = tmp_path / "out.csv.journal"
    command = [sys.executable, "-m", "bookutils", "grade", str(folder), "--csv", str(out)]

    def finished():
        text = journal.read_text() if journal.exists() else ""
        return [json.loads(s)["key"] for s in text.splitlines() if '"results"' in s]

    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while len(finished()) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    first = finished()
    assert process.returncode == 130 and b"Interrupted" in said
    assert 2 <= len(first) < 12 and not out.exists()
    with open(journal, "ab") as file:
        file.write(b'{"key": "cut o')
    again = subprocess.run(command, capture_output=True, timeout=120, check=True)
    assert b"12 notebooks of 12 students" in again.stdout
    assert finished()[: len(first)] == first and len(set(finished())) == len(finished()) == 12
    assert all(line["verdict"] == "right" for line in lines_of(out)) and len(lines_of(out)) == 36


def test_a_notebook_that_ended_the_judge_twice_is_not_run_again(tmp_path):
    folder = tmp_path / "in"
    path = put(folder, "eve", chapter_00())
    put(folder, "ada", chapter_00("x = 1"))
    out = tmp_path / "out.csv"
    journal = grade.Journal(tmp_path / "out.csv.journal", False)
    grading = grade.Grading(all_exercises(), journal, 12.0, 2.0)
    key, _ = grading.read(grade.Submission("eve", path))
    journal.begin(key)
    journal.begin(key)
    lines, out = graded(folder, tmp_path)
    assert "ended twice" in lines["eve", ""]["says"] and lines["ada", "00.0"]["points"] == "1"
    lines, out = graded(folder, tmp_path, again=True)
    assert lines["eve", "00.0"]["verdict"] == "right"


def test_what_is_not_there_is_said(tmp_path, capsys):
    assert grade.grade([tmp_path / "nowhere"], tmp_path / "out.csv") == 2
    assert "there is no" in capsys.readouterr().err
    assert grade.grade([tmp_path], tmp_path / "out.csv") == 2
    assert "no notebook" in capsys.readouterr().err


def test_numbers_that_cannot_be_compared_do_not_end_the_judge():
    (exercise,) = (e for e in all_exercises() if e.id == "00.0")
    n = len(exercise.arguments()) + 1
    for value in (10**400, "x", {"a": {}}, [[1], 2], math.nan, ..., np.zeros((0, 3)), True):
        result = grade.judge(exercise, [[Outcome(value=value)] * n])
        assert result.face in ("broken", "wrong"), value
