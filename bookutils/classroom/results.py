"""Verdicts of a class: one a student and exercise, and the tables made of them."""

import csv
import os
import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from bookutils.judge.verdict import FACES, RIGHT

NOT_GRADED = "not graded"  # the grading failed: no verdict on anybody


@dataclass(frozen=True)
class Result:
    """The verdict on one exercise, or, with an empty `exercise`, on a whole notebook."""

    exercise: str
    face: str
    says: str = ""
    misconception: str = ""
    explains: str = ""
    hints: int | None = None  # as the notebook's saved outputs show, which proves nothing
    properties: tuple = ()  # of a project: (name, points, possible, what was found) of each

    def __post_init__(self):
        for name in ("says", "misconception", "explains"):  # a notebook may have a word in them
            object.__setattr__(self, name, printable(getattr(self, name)))
        found = tuple((name, *points, printable(said)) for name, *points, said in self.properties)
        object.__setattr__(self, "properties", found)


def rank(result):
    """How far a result got: the place of its face among all faces, then its points."""
    place = FACES.index(result.face) if result.face in FACES else -1
    return place, sum(points for _, points, _, _ in result.properties)


@dataclass(frozen=True)
class Row:
    """One student's best result in one exercise, and the notebook it stands in."""

    student: str
    path: Path
    result: Result
    title: str = ""
    points: int | None = 0  # None where the grading failed
    possible: int = 0


def table(graded, known):
    """Rows by student and exercise; of several notebooks the best verdict counts."""
    by_id = {exercise.id: exercise for exercise in known}
    best, unread = {}, []
    for submission, results in graded:
        for result in results:
            if not result.exercise:
                unread.append(Row(submission.student, submission.path, result))
                continue
            exercise, place = by_id[result.exercise], (submission.student, result.exercise)
            worth = exercise.points
            got = worth if result.face == RIGHT else rank(result)[1]
            got = None if result.face == NOT_GRADED else got
            row = Row(submission.student, submission.path, result, exercise.title, got, worth)
            if place not in best or rank(result) > rank(best[place].result):
                best[place] = row
    rows = [*best.values(), *unread]
    places = {exercise.id: place for place, exercise in enumerate(known)}
    return sorted(
        rows,
        key=lambda row: (row.student.casefold(), row.student, places.get(row.result.exercise, -1)),
    )


def printable(text):
    """Text without characters that move a cursor, ring a bell or turn the direction of writing."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def harmless(text):
    """Text that no spreadsheet takes for a formula, without control characters.

    One that splits its lines at semicolons may begin a cell behind each, and some know the wide
    signs of Chinese and Japanese.
    """
    return re.sub(r"(^|;)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])", r"\1'", printable(text))


COLUMNS = (
    "student", "exercise", "title", "verdict", "points", "possible", "misconception",
    "explanation", "says", "hints_shown", "file",
)  # fmt: skip


def write_csv(path, rows):
    """One line a student and exercise; a notebook that could not be graded has no exercise."""
    lines = []
    for row in rows:
        r = row.result
        hints = "" if r.hints is None else r.hints
        text = (r.misconception, r.explains, r.says)
        points = (row.points, row.possible) if r.exercise and row.points is not None else ("", "")
        lines.append(
            [row.student, r.exercise, row.title, r.face, *points, *text, hints, str(row.path)]
        )
    _write_rows(path, [COLUMNS, *lines])


def write_points(path, rows, known):
    """One line a student, one column an exercise, chapter and project: for a grade book."""
    used = {row.result.exercise for row in rows}
    ids = [e.id for e in known if e.id in used]
    chapters = {}
    for e in known:
        if e.id in used and e.sheet != e.id:
            chapters.setdefault(e.sheet, []).append(e.id)
    points = {
        (row.student, row.result.exercise): row.points for row in rows if row.points is not None
    }
    lines = [["student", *ids, *(f"chapter {sheet}" for sheet in chapters), "points", "possible"]]
    possible = sum(e.points for e in known if e.id in ids)
    for name in dict.fromkeys(row.student for row in rows):
        got = [points.get((name, id), "") for id in ids]
        sums = []
        for of_chapter in chapters.values():
            here = [points[name, id] for id in of_chapter if (name, id) in points]
            sums.append(sum(here) if here else "")
        lines.append([name, *got, *sums, sum(p or 0 for p in got), possible])
    _write_rows(path, lines)


def write_properties(path, rows):
    """One line a student and property of a project; returns whether there were any."""
    lines = [
        [row.student, row.result.exercise, *found, str(row.path)]
        for row in rows
        for found in row.result.properties
    ]
    heads = ["student", "project", "property", "points", "possible", "found", "file"]
    if lines:
        _write_rows(path, [heads, *lines])
    return bool(lines)


def _write_rows(path, lines):
    text = StringIO(newline="")
    writer = csv.writer(text)
    for line in lines:
        writer.writerow([item if type(item) is int else harmless(item) for item in line])
    write_whole(path, "\ufeff" + text.getvalue())  # the mark by which spreadsheets know UTF-8


def write_whole(path, text):
    """Write a file that is never seen half written; a link to one stays a link."""
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        new.write_bytes(text.encode("utf-8", "replace"))  # a file's name may not be Unicode
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
