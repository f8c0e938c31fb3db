"""The tables of a class, and the teacher's page: one HTML file, the most common mistakes first."""

from collections import defaultdict
from html import escape

from bookutils.classroom.results import (
    NOT_GRADED,
    printable,
    write_csv,
    write_points,
    write_properties,
    write_whole,
)
from bookutils.judge import verdict
from bookutils.judge.verdict import FACES, NOT_ATTEMPTED, RIGHT, quoted

ICONS = verdict.ICONS | {NOT_GRADED: "?"}
COLOURS = verdict.COLOURS | {NOT_GRADED: "#000000"}

STYLE = """
:root {color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif}
body {max-width: 76rem; margin: 1.5rem auto; padding: 0 1rem}
h1 {font-size: 1.6rem} h2 {font-size: 1.2rem; margin-top: 2rem}
.wide {overflow-x: auto; position: relative}
table {border-collapse: collapse; font-variant-numeric: tabular-nums}
caption {text-align: left; padding: .3rem 0; opacity: .85}
th, td {padding: .25rem .55rem; border-bottom: 1px solid rgba(128,128,128,.35);
  text-align: left; vertical-align: top}
thead th {border-bottom-width: 2px; white-space: nowrap}
td.n, th.n {text-align: right}
td.face {text-align: center; padding: .25rem}
.face span {display: inline-block; min-width: 1.5em; border-radius: 4px; color: #fff;
  padding: 0 .2em}
.matrix tbody th {position: sticky; left: 0; background: Canvas; white-space: nowrap}
code {background: rgba(128,128,128,.15); padding: 0 .25em; border-radius: 3px}
.away {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}
@media print {body {max-width: none; margin: 0; font-size: 10pt} .wide {overflow: visible}
  .face span {print-color-adjust: exact; -webkit-print-color-adjust: exact}
  thead {display: table-header-group} tr {break-inside: avoid} details {display: none}}
"""


def beside(csv_path, what):
    """The path of another table: of points, or of projects."""
    return csv_path.with_name(f"{csv_path.stem}.{what}{csv_path.suffix}")


def write_all(rows, known, held, csv_path, html_path):
    """Write the tables; returns the paths of those that were written. Raises: OSError."""
    write_csv(csv_path, rows)
    wide, of_projects = beside(csv_path, "points"), beside(csv_path, "projects")
    write_points(wide, rows, known)
    written = [csv_path, wide]
    if write_properties(of_projects, rows):
        written.append(of_projects)
    if html_path:
        write_whole(html_path, page(rows, known, held))
        written.append(html_path)
    return written


def page(rows, known, held):
    """The whole page as text; `rows` as `bookutils.classroom.results.table` makes them."""
    graded = [row for row in rows if row.result.exercise]
    unread = [row for row in rows if not row.result.exercise]
    used = {row.result.exercise for row in graded}
    ids = [exercise.id for exercise in known if exercise.id in used]
    parts = [_mistakes(graded), _exercises(graded, known, ids), _students(rows, graded, known, ids)]
    if unread:
        parts.append(_unread(unread))
    parts.append(_details(graded))
    names = len({row.student for row in rows})
    held = ", ".join(held or ()) or "nothing"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Results: {names} students</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{names} students, {len(ids)} exercises</h1>"
        "<p>Every answer was run anew in a process of its own, on the graders’ inputs; what a "
        "notebook says about itself counts for nothing. The number of hints is the exception: it "
        "is what the saved outputs show, and a notebook cannot prove it. The system held the "
        f"notebooks’ {escape(held)}.</p>{''.join(parts)}</main></body></html>\n"
    )


def most_common(rows):
    """(name, explanation, students, exercises) of each misconception, the most common first.

    The same name in two exercises is one line only where it has the same explanation.
    """
    found = defaultdict(lambda: (set(), set()))
    for row in rows:
        if row.result.misconception:
            students, exercises = found[row.result.misconception, row.result.explains]
            students.add(row.student)
            exercises.add(row.result.exercise)
    lines = [(*named, len(s), sorted(e)) for named, (s, e) in found.items()]
    return sorted(lines, key=lambda line: (-line[2], line[3], line[0]))


def _table(caption, heads, lines, kind=""):
    head = "".join(
        f'<th scope="col" class="{"n" * head.startswith("#")}">{escape(head.strip("#"))}</th>'
        for head in heads
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="{kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _mistakes(rows):
    lines = [
        f'<tr><td class="n">{students}</td><th scope="row">{escape(name)}</th>'
        f"<td>{quoted(explains)}</td><td>{', '.join(map(escape, exercises))}</td></tr>"
        for name, explains, students, exercises in most_common(rows)
    ]
    if not lines:
        return "<h2>The most common mistakes</h2><p>No wrong answer matches a known mistake.</p>"
    heads = ("#students", "mistake", "what it thinks", "exercises")
    return "<h2>The most common mistakes</h2>" + _table("Recognised by their numbers", heads, lines)


def _exercises(rows, known, ids):
    lines = []
    for exercise in known:
        mine = [row.result.face for row in rows if row.result.exercise == exercise.id]
        if exercise.id in ids:
            counts = "".join(f'<td class="n">{mine.count(face)}</td>' for face in reversed(FACES))
            lines.append(
                f'<tr><th scope="row">{escape(exercise.id)}</th><td>{quoted(exercise.title)}</td>'
                f"{counts}</tr>"
            )
    heads = ("exercise", "title", *(f"#{face}" for face in reversed(FACES)))
    return "<h2>Exercises</h2>" + _table("How many students got which verdict", heads, lines)


def _students(rows, graded, known, ids):
    possible = sum(exercise.points for exercise in known if exercise.id in ids)
    by_place = {(row.student, row.result.exercise): row for row in graded}
    lines = []
    for name in dict.fromkeys(row.student for row in rows):
        cells, points = [], 0
        for id in ids:
            row = by_place.get((name, id))
            cells.append(_face(row))
            points += row.points or 0 if row else 0
        lines.append(
            f'<tr><th scope="row">{escape(name)}</th><td class="n">{points}</td>'
            f'<td class="n">{possible}</td>{"".join(cells)}</tr>'
        )
    met = {row.result.face for row in graded}
    faces = [*reversed(FACES), *({NOT_GRADED} & met)]
    key = ", ".join(f"{ICONS[face]} {face}" for face in faces)
    caption = (
        f"{key}; empty: no notebook of that chapter was handed in; points are counted of all that "
        "anyone handed in"
    )
    heads = ("student", "#points", "#of", *ids)
    return "<h2>Students by exercises</h2>" + _table(caption, heads, lines, "matrix")


def _face(row):
    if row is None:
        return '<td class="face"></td>'
    face, named = row.result.face, row.result.misconception
    said = f"{face}: {named}" if named else face
    shown = ICONS[face]
    if row.result.properties:  # a project
        shown = f"{shown} {row.points}/{row.possible}"
        said = f"{row.points} of {row.possible} points, {said}"
    return (
        f'<td class="face" title="{escape(said)}"><span aria-hidden="true" '
        f'style="background: {COLOURS[face]}">{shown}</span>'
        f'<span class="away">{escape(said)}</span></td>'
    )


def _unread(rows):
    lines = [
        f'<tr><th scope="row">{escape(row.student)}</th><td>{escape(printable(row.path))}</td>'
        f"<td>{escape(row.result.says)}</td></tr>"
        for row in rows
    ]
    heads = ("student", "file", "reason")
    return "<h2>Handed in, and nothing to grade</h2>" + _table("One per line", heads, lines)


def _details(rows):
    lines = []
    for row in rows:
        result = row.result
        if result.face in (RIGHT, NOT_ATTEMPTED):
            continue
        named = f"<br>{quoted(result.explains)}" if result.explains else ""
        hints = "" if result.hints is None else str(result.hints)
        lines.append(
            f'<tr><th scope="row">{escape(row.student)}</th><td>{escape(result.exercise)}</td>'
            f"<td>{result.face}</td><td>{_lost(result)}{quoted(result.says)}{named}</td>"
            f'<td class="n">{hints}</td></tr>'
        )
    if not lines:
        return ""
    heads = ("student", "exercise", "verdict", "what was found", "#hints shown")
    inner = _table("Every answer that is not right", heads, lines)
    return f"<details><summary>Every answer that is not right</summary>{inner}</details>"


def _lost(result):
    """The properties of a project that got no points, with what was found of each."""
    lost = [(name, found) for name, got, possible, found in result.properties if got < possible]
    items = "".join(f"<li>{quoted(name)}: {quoted(found)}</li>" for name, found in lost)
    return f"<ul>{items}</ul>" if items else ""
