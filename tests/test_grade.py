"""Grading submissions: every mistake keeps its name across the process border, and no notebook
turns its verdict, ends the judge or stops anybody else's."""

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from submissions import (
    BROKEN_FILES,
    HOSTILE_BOWLS,
    HOSTILE_CELLS,
    LINUX,
    ODD_CELLS,
    ODD_FILES,
    ROOT,
    UNCONFINED,
    chapter_00,
    from_book,
    helpers,
    lines_of,
    notebook,
    outcome,
    put,
    with_mistakes,
    wrong_answers,
)

from bookutils.checks.registry import all_exercises, chapters, exercises
from bookutils.classroom import grade
from bookutils.classroom.journal import Journal
from bookutils.classroom.process import PREFIX
from bookutils.classroom.results import table
from bookutils.classroom.submissions import Submission, submissions
from bookutils.judge import data, transport
from bookutils.judge.running import Outcome

pytestmark = pytest.mark.slow

# of what they break in their own process they keep nothing; they turn no verdict either
SPOIL_THEMSELVES = ("early ready", "noise", "lines without end", "builtins", "redefines")
ROUNDS = 3  # mistakes of each exercise; benchmarks/grading.py tries all of them


# ---- what every test does


def graded(folder, tmp_path, status=0, **options):
    """{(student, exercise): line of the CSV} and the CSV's path."""
    out = tmp_path / "out.csv"
    options = {"seconds": 12.0, "jobs": 2} | options
    assert grade.grade([folder], out, tmp_path / "out.html", **options) == status
    return {(line["student"], line["exercise"]): line for line in lines_of(out)}, out


# ---- verdicts


@pytest.mark.parametrize("chapter", chapters())
def test_every_known_mistake_can_be_handed_in(chapter):
    names = {"check": lambda *_: None}
    exec(helpers(chapter), names)
    for id, texts in wrong_answers(chapter).items():
        assert len(texts) == len(exercises(chapter)[id].mistakes)
        for text in texts:
            exec(f"mistake = {text}", names)


@pytest.mark.parametrize("chapter", chapters())
def test_each_mistake_keeps_its_verdict_and_its_name(tmp_path, record_property, chapter):
    folder, wanted, asked = tmp_path / "in", {}, [*exercises(chapter).values()]
    put(folder, "ada", from_book("solutions", chapter).read_bytes(), f"{chapter}_x.ipynb")
    put(folder, "stub", from_book("exercises", chapter).read_bytes(), f"{chapter}_x.ipynb")
    for number in range(ROUNDS):
        text, wrong = with_mistakes(chapter, number)
        put(folder, f"student {number}", text, f"{chapter}_x.ipynb")
        for exercise, mistake in zip(asked, wrong, strict=True):
            wanted[f"student {number}", exercise.id] = exercise.judge(mistake.answer)
    lines, out = graded(folder, tmp_path, seconds=60.0)
    for exercise in asked:
        assert lines["ada", exercise.id]["verdict"] == "right", lines["ada", exercise.id]
        assert lines["stub", exercise.id]["verdict"] == "not attempted yet"
    for place, verdict in wanted.items():
        line = lines[place]
        assert (line["verdict"], line["misconception"]) == (verdict.face, verdict.misconception)
        assert line["points"] == "0"
    tried = f"{len(wanted)} known mistakes and {len(asked)} solutions"
    record_property(
        "measured", f"{chapter} graded across the process border: {tried}, all as they must"
    )
    assert len(lines) == len(wanted) + 2 * len(asked)

    points = {line["student"]: line for line in lines_of(out.with_name("out.points.csv"))}
    possible = sum(e.points for e in asked)
    assert points["ada"]["points"] == points["ada"]["possible"] == str(possible)
    assert points["stub"]["points"] == "0"

    assert table([], all_exercises()) == []
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
    put(folder, "odd cells", chapter_00(*ODD_CELLS))
    for name, (raw, _) in ODD_FILES.items():
        put(folder, f"odd {name}", raw + " " * len(name))
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
    read = ["right", "odd cells", *(f"odd {name}" for name, (_, good) in ODD_FILES.items() if good)]
    for student in read:
        faces = [lines[student, id]["verdict"] for id in ("00.0", "00.1", "00.2")]
        assert faces == ["right"] * 3, (student, faces, lines[student, "00.0"])
    for name in [name for name, (_, good) in ODD_FILES.items() if not good]:
        assert "not a notebook" in lines[f"odd {name}", ""]["says"]
    assert not leftovers()
    broken = f"{len(BROKEN_FILES) + len(ODD_FILES)} broken or odd files"
    tried = f"{len(bowls) + len(cells)} hostile notebooks, {len(ODD_CELLS)} odd cells, {broken}"
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


def test_the_name_and_the_checked_object_both_count(tmp_path):
    folder = tmp_path / "in"
    right = "from bookutils.checks import check\ndef bowl(w): return (w - 3) ** 2"
    put(folder, "used again", notebook(right, "check('00.0', bowl)", "bowl = bowl(5.0)"))
    other = "def my_bowl(w): return (w - 3) ** 2\ncheck('00.0', my_bowl)"
    put(folder, "own name", chapter_00(bowl=other))
    lines, _ = graded(folder, tmp_path)
    assert lines["used again", "00.0"]["verdict"] == "right"
    assert lines["own name", "00.0"]["verdict"] == "right"


def test_who_answered_nothing_scores_nothing(tmp_path):
    folder = tmp_path / "in"
    for chapter in chapters():
        name = f"{chapter}_x.ipynb"
        put(folder, "untouched", from_book("exercises", chapter).read_bytes(), name)
        put(folder, "empty", notebook(), name)
        stubs = [
            part
            for exercise in exercises(chapter).values()
            for part in (
                f"def {exercise.signature}:\n    pass",
                f"check('{exercise.id}', {exercise.name})",
            )
        ]
        imports = "from bookutils.checks import check"
        put(folder, "stubs", notebook(imports, *stubs), name)
    lines, _ = graded(folder, tmp_path)
    assert len(lines) == 3 * len(all_exercises())
    points = {who: float(line["points"] or 0) for who, line in lines.items()}
    assert not any(points.values()), [who for who, got in points.items() if got]


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

    def begun_until(count, stop):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until = time.monotonic() + 60
        while len(finished()) < count and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(stop)
        return process.communicate(timeout=30)[1], process.returncode, process.pid

    _, status, killed = begun_until(2, signal.SIGKILL)
    assert status == -signal.SIGKILL and 2 <= len(finished()) < 12
    said, status, _ = begun_until(len(finished()) + 2, signal.SIGTERM)
    first = finished()
    assert status == 130 and b"Interrupted" in said
    assert 4 <= len(first) < 12 and not out.exists()
    with open(journal, "ab") as file:
        file.write(b'{"key": "cut o')
    again = subprocess.run(command, capture_output=True, timeout=120, check=True)
    assert b"12 notebooks of 12 students" in again.stdout
    assert finished()[: len(first)] == first and len(set(finished())) == len(finished()) == 12
    assert all(line["verdict"] == "right" for line in lines_of(out)) and len(lines_of(out)) == 36
    assert not [*Path(tempfile.gettempdir()).glob(f"{PREFIX}{killed}-*")]  # what it had left


def test_a_notebook_that_ended_the_judge_twice_waits_for_the_next_run(tmp_path):
    folder = tmp_path / "in"
    path = put(folder, "eve", chapter_00())
    put(folder, "ada", chapter_00("x = 1"))
    out = tmp_path / "out.csv"
    journal = Journal(tmp_path / "out.csv.journal", False)
    grading = grade.Grading(all_exercises(), journal, 12.0, 2.0)
    key, _ = grading.read(Submission("eve", path))
    journal.begin(key)
    journal.begin(key)
    lines, out = graded(folder, tmp_path, status=1)
    assert "ended twice" in lines["eve", ""]["says"] and lines["ada", "00.0"]["points"] == "1"
    assert lines["eve", ""]["verdict"] == "not graded"
    lines, out = graded(folder, tmp_path)  # the next run tries
    assert lines["eve", "00.0"]["verdict"] == "right"


def test_what_fails_in_the_grading_is_nobodys_verdict(tmp_path, monkeypatch, capsys):
    folder, out = tmp_path / "in", tmp_path / "out.csv"
    for name in ("ada", "bob", "eve"):
        put(folder, name, chapter_00(f"name = {name!r}"))
    real = grade.run

    def full(cells, *args):
        if any("'bob'" in source for _, source, _ in cells):
            raise OSError(28, "No space left on device")
        return real(cells, *args)

    monkeypatch.setattr(grade, "run", full)
    assert grade.grade([folder], out, tmp_path / "out.html", seconds=12.0) == 1
    said = capsys.readouterr().err
    assert "grading failed for 1 notebooks, which is no verdict" in said and "bob" in said
    lines = {(line["student"], line["exercise"]): line for line in lines_of(out)}
    assert lines["bob", ""]["verdict"] == "not graded" and "No space" in lines["bob", ""]["says"]
    assert lines["ada", "00.0"]["verdict"] == lines["eve", "00.0"]["verdict"] == "right"
    monkeypatch.setattr(grade, "run", real)  # and the same command tries it again
    assert grade.grade([folder], out, seconds=12.0) == 0
    assert {line["verdict"] for line in lines_of(out)} == {"right"}


def test_a_verdict_that_fails_has_no_points_and_is_tried_again(tmp_path, monkeypatch):
    folder, out = tmp_path / "in", tmp_path / "out.csv"
    put(folder, "ada", chapter_00())
    exercise = exercises("00")["00.1"]
    monkeypatch.setattr(type(exercise), "verdict", lambda *_: 1 / 0)
    assert grade.grade([folder], out, tmp_path / "out.html", seconds=12.0) == 1
    faces = {line["exercise"]: (line["verdict"], line["points"]) for line in lines_of(out)}
    assert faces["00.1"] == ("not graded", "")
    assert "not graded" in (tmp_path / "out.html").read_text(encoding="utf-8")
    monkeypatch.undo()
    assert grade.grade([folder], out, seconds=12.0) == 0
    assert {line["points"] for line in lines_of(out)} == {"1"}


def test_equal_notebooks_run_once_and_both_have_their_rows(tmp_path, monkeypatch):
    folder, ran, real = tmp_path / "in", [], grade.run
    monkeypatch.setattr(grade, "run", lambda *args: ran.append(1) or real(*args))
    for name in ("ada", "bob", "carl"):
        put(folder, name, chapter_00())
    lines, _ = graded(folder, tmp_path)
    assert len(ran) == 1 and len(lines) == 9
    assert {line["verdict"] for line in lines.values()} == {"right"}


@pytest.mark.parametrize(
    "options, said",
    [
        ({"jobs": 0}, "--jobs 0 came"),
        ({"seconds": math.nan}, "--seconds nan came"),
        ({"seconds": math.inf}, "--seconds inf came"),
        ({"gigabytes": -1.0}, "--gigabytes -1 came"),
        ({"csv_path": "."}, "is a folder"),
        ({"html_path": "."}, "is a folder"),
        ({"html_path": "out.csv"}, "name one file"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_runs(
    tmp_path, monkeypatch, capsys, options, said
):
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "in", "ada", chapter_00())
    monkeypatch.setattr(grade, "run", lambda *_: pytest.fail("a notebook ran"))
    assert grade.grade(["in"], **{"csv_path": "out.csv"} | options) == 2
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
@pytest.mark.parametrize("name", ["out.csv", "out.csv.journal", "out.points.csv", "out.html"])
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_cannot_be_written_anew_is_left_as_it_is(tmp_path, monkeypatch, capsys, name, kind):
    """A pipe would wait for ever, and root would put a table in the place of a device."""
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "in", "ada", chapter_00())
    monkeypatch.setattr(grade, "run", lambda *_: pytest.fail("a notebook ran"))
    if kind == "pipe":
        os.mkfifo(name)
    elif kind == "folder":
        os.mkdir(name)
    else:
        os.symlink(os.devnull, name)
    before = os.lstat(name)
    assert grade.grade(["in"], "out.csv", "out.html") == 2
    assert f"{name} is " in capsys.readouterr().err
    assert os.lstat(name)[:3] == before[:3]


@pytest.mark.parametrize("written", ["csv", "html", "journal", "through a link"])
def test_no_table_is_written_over_what_was_handed_in(tmp_path, monkeypatch, capsys, written):
    monkeypatch.setattr(grade, "run", lambda *_: pytest.fail("a notebook ran"))
    name = "00.ipynb.journal" if written == "journal" else "00.ipynb"
    path = put(tmp_path / "in", "ada", chapter_00(), name)
    csv_path = path.with_name("00.ipynb") if written != "html" else tmp_path / "out.csv"
    if written == "through a link":
        csv_path = tmp_path / "link.csv"
        csv_path.symlink_to(path)
    assert grade.grade([tmp_path / "in"], csv_path, path if written == "html" else None) == 2
    assert "would be written over" in capsys.readouterr().err
    assert path.read_text() == chapter_00()


def test_what_lies_beside_a_notebook_is_hidden_from_all_others(tmp_path):
    module = put(tmp_path / "in", "ada", "x = 1", "mine.py")
    path = put(tmp_path / "in", "ada", chapter_00())
    found = submissions([tmp_path / "in"]).submissions
    written = grade.to_write(tmp_path / "out.csv", None)
    assert {path, module, *written} == set(grade.hidden(found, written))
    assert tmp_path / "out.csv.journal" in written and tmp_path / "out.points.csv" in written


def test_names_and_sentences_reach_no_terminal_raw(tmp_path, capfd):
    folder = tmp_path / "in"
    put(folder, "a\x1b[2Jda\u202e", chapter_00(bowl="def bowl(w): raise ValueError('\x1b[31m')"))
    if LINUX:  # names that are not UTF-8
        latin = os.path.join(os.fsencode(folder), b"J\xfcrgen")
        os.mkdir(latin)
        with open(os.path.join(latin, b"00_\xfc.ipynb"), "w") as file:
            file.write(chapter_00())
    lines, out = graded(folder, tmp_path)
    assert not LINUX or lines["J?rgen", "00.0"]["verdict"] == "right"
    shown = "".join(capfd.readouterr()) + out.read_text(encoding="utf-8-sig")
    shown += (tmp_path / "out.html").read_text(encoding="utf-8")
    assert not {"\x1b", "\u202e", "\x07"} & set(shown)
    assert lines["a [2Jda", "00.0"]["verdict"] == "broken"


def test_what_is_not_there_is_said(tmp_path, capsys):
    assert grade.grade([tmp_path / "nowhere"], tmp_path / "out.csv") == 2
    assert "there is no" in capsys.readouterr().err
    assert grade.grade([tmp_path], tmp_path / "out.csv") == 2
    assert "no notebook" in capsys.readouterr().err


def test_no_value_that_arrives_is_beyond_the_judge():
    """What is no number of the reference's kind gets a verdict, and never a failure."""
    odd = (10**300, "x", {"a": {}}, [[1], 2], math.nan, ..., np.zeros((0, 3)), True)
    for i, exercise in enumerate(all_exercises()[::3]):
        value = transport.decode(transport.encode(data.plain(odd[i % len(odd)])))
        calls = 1 if exercise.wants_value else len(exercise.arguments()) + 1
        result = grade.judge(exercise, [[Outcome(value=value)] * calls])
        assert result.face in ("broken", "wrong", "not attempted yet"), (exercise.id, value)
    for value in (10**400, [10**400], (1.0, -(10**400)), {"a": 10**5000}):
        with pytest.raises(TypeError):
            transport.encode(value)
        with pytest.raises(transport.Malformed):
            transport.decode(value if type(value) is not tuple else {"tuple": list(value)})
