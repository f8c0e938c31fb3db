"""Exercises that grade themselves: `check`, `hint`, `progress`, `mistakes`."""

import ast
import functools
import inspect
import os
import traceback
from dataclasses import replace
from html import escape
from textwrap import dedent, indent
from types import ModuleType

from bookutils import hidden
from bookutils.checks import solved as kept
from bookutils.checks.overview import report
from bookutils.checks.registry import find, named
from bookutils.judge import cells
from bookutils.judge.raised import does_not_parse
from bookutils.judge.verdict import BROKEN, NOT_ATTEMPTED, STYLE, NotRight, Verdict, quoted, visible

__all__ = ["check", "hint", "mistakes", "progress"]


def check(id, answer=...):
    """Verdict on an answer to an exercise, kept as progress.

    `answer` is the function that the exercise asks for, or the value, or a function without
    arguments that returns the value; of a project it is the class or function itself. The answer
    runs in this kernel, within limits of time and memory, and what it changes by accident is put
    back. Whoever owns a kernel can fool what runs in it: this verdict is for yourself, and one
    that counts for others is made by
    `python -m bookutils grade`. Raises: NotRight, and only where nbgrader runs the notebook.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        return _for_nbgrader(_check(id, answer))
    try:
        return _check(id, answer)
    except KeyboardInterrupt:  # while the judge itself was at work
        return Verdict(named(id), BROKEN, "Interrupted.")
    except Exception as error:
        return Verdict(named(id), NOT_ATTEMPTED, _unjudged(error))


def _unjudged(error):
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__} in {os.path.basename(place.filename)} at line {place.lineno}"
    return (
        f"The judge itself failed, with {where}. That is a fault of this book, not of your answer, "
        "and nothing is recorded."
    )


def _for_nbgrader(verdict):
    """Show a right verdict, return the points of a part of a project, raise any other.

    nbgrader gives all points to a cell that neither raises nor has a value: a value it takes for
    a number of points.
    """
    from IPython.display import display

    points = getattr(verdict, "points", 0)
    if not verdict.right and not points:
        raise NotRight(repr(verdict))
    display(verdict)
    return None if verdict.right else points


def _check(id, answer):
    try:
        exercise = find(id)
    except LookupError as error:
        return Verdict(named(id), BROKEN, str(error))
    if said := hidden.said(hidden.beside(hidden.NEEDED)):  # the judge would stumble over it, too
        return Verdict(exercise.id, BROKEN, said)
    name = answer.name if isinstance(answer, cells.Missing) else exercise.name
    if name in cells.failed:
        said = does_not_parse(cells.failed[name], f"The cell that should define `{name}`")
        verdict = Verdict(exercise.id, BROKEN, f"{said}. Fix and run it, then check again.")
    elif isinstance(answer, cells.Missing):
        said = f"There is no `{name}` yet. Run the cell that defines it, then check again."
        verdict = Verdict(exercise.id, BROKEN, said)
    else:
        with cells.kernel_kept():
            verdict = exercise.judge(answer)
    note = kept.record(exercise.id, verdict.face, getattr(verdict, "points", 0))
    return replace(verdict, notes=(*verdict.notes, note)) if note else verdict


class Hints:
    """The hints revealed so far."""

    def __init__(self, id, hints, total, note=""):
        self.id, self.hints, self.total, self.note = visible(id), hints, total, visible(note)

    def __repr__(self):
        lines = [f"hint {i} of {self.total}: {text}" for i, text in enumerate(self.hints, 1)]
        return "\n".join(lines + [self.note] * bool(self.note))

    def _repr_html_(self):
        items = "".join(f"<li>{quoted(text)}</li>" for text in self.hints)
        note = f'<p class="bk-quiet">{quoted(self.note)}</p>' if self.note else ""
        count = f", {len(self.hints)} of {self.total}" if self.total else ""
        head = f"<strong>{escape(self.id)} · hints{count}</strong>"
        return (
            f'{STYLE}<div class="bk" role="status" style="--bk: #7a6a00">{head}'
            f'<ol style="margin: .3em 0 0">{items}</ol>{note}</div>'
        )


def hint(id, about=None):
    """One hint more, with all that came before it; the count is kept with the progress.

    A project has hints about each group of its properties: hint("03.project", "backward").
    """
    try:
        exercise = find(id)
    except LookupError as error:
        return Hints(named(id), (), 0, str(error))
    hints = exercise.hints
    if isinstance(hints, dict):
        if about not in hints:
            calls = ", ".join(f'`hint("{id}", "{group}")`' for group in hints)
            return Hints(id, (), 0, f"This project has hints of several kinds: {calls}.")
        id, hints = kept.with_group(id, about), hints[about]
    total = len(hints)
    before, now, note = kept.reveal(id, total)
    if before == total:
        note = f"There are no more hints. {note}".strip()
    return Hints(id, hints[:now], total, note)


def progress():
    """What is solved in the chapters and projects begun, and what comes next.

    All chapters: `python -m bookutils progress` in a terminal.
    """
    return report(begun=True)


class Mistakes:
    """Known mistakes of one exercise: name, code, the verdict each gets, the misconception."""

    def __init__(self, exercise):
        self.id, self.is_project = exercise.id, isinstance(exercise.hints, dict)
        self.rows = []
        for mistake in exercise.mistakes:
            verdict = exercise.judge(mistake.answer)
            says = verdict.explains if mistake.family else mistake.explanation
            self.rows.append((mistake.name, source(mistake.answer), verdict, says))

    def __repr__(self):
        parts = []
        for name, code, verdict, explains in self.rows:
            parts.append(f"{name}: {verdict.short}")
            parts.append(indent(code, "    "))
            parts.append(f"  {explains}")
        return "\n".join(parts)

    def _repr_html_(self):
        code_style, verdict_style = "", "white-space: nowrap"
        if self.is_project:  # long code, and a verdict that names what is lost
            code_style = ' style="min-width: 34em"'
            verdict_style = "font-family: inherit; min-width: 9em"
        rows = "".join(
            f'<tr><th scope="row">{escape(name)}</th><td{code_style}>{escape(code)}</td>'
            f'<td style="{verdict_style}">{escape(verdict.short)}</td>'
            f'<td style="font-family: inherit">{quoted(explains)}</td></tr>'
            for name, code, verdict, explains in self.rows
        )
        heads = "".join(
            f'<th scope="col">{head}</th>'
            for head in ("mistake", "answer", "verdict", "what it thinks")
        )
        return (
            f'{STYLE}<div class="bk" style="--bk: #5c6670; max-width: none"><table>'
            f"<caption>Known wrong answers to {escape(self.id)}</caption>"
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        )


def mistakes(id):
    """The known wrong answers of an exercise, each judged."""
    try:
        return Mistakes(find(id))
    except LookupError as error:
        return Verdict(named(id), BROKEN, str(error))


def source(answer):
    """The program text of a known mistake, or its value, with what its function was made with."""
    text = _text(answer)
    for name, value in _made_with(answer):
        if getattr(value, "__name__", "") != name and not isinstance(value, ModuleType):
            text += f"\nwith {name} = {source(value)}"
    return text


def _made_with(answer):
    """(name, value) of what a function was made with: closed over, or a default."""
    if inspect.isfunction(answer):
        cells = zip(answer.__code__.co_freevars, answer.__closure__ or (), strict=True)
        yield from ((name, cell.cell_contents) for name, cell in cells)
        for name, parameter in inspect.signature(answer).parameters.items():
            if inspect.isfunction(parameter.default):
                yield name, parameter.default


def _text(answer):
    if inspect.isclass(answer) and answer.__module__ != "builtins":
        return dedent(inspect.getsource(answer)).rstrip()
    if type(answer) is dict:  # of functions
        return "{" + ", ".join(f"{key}: {source(value)}" for key, value in answer.items()) + "}"
    if not inspect.isfunction(answer):
        if not isinstance(answer, functools.partial):
            return getattr(answer, "__name__", repr(answer))
        return f"{_text(answer.func)}\nwith {answer.args}, {answer.keywords}"
    if answer.__name__ != "<lambda>":
        return dedent(inspect.getsource(answer)).rstrip()
    # a lambda's source is the whole statement round it: take the lambda that has this code
    module = inspect.getsourcefile(answer)
    found = _lambdas(module, os.stat(module).st_mtime_ns)
    for place in answer.__code__.co_positions():
        if place[0] and place[0::2] in found:
            return dedent(found[place[0::2]])
    return dedent(inspect.getsource(answer)).strip()


@functools.cache
def _lambdas(module, edited):
    """{(line, column) where its body starts: program text} of every lambda of a file.

    Kept until the file is edited, since a chapter's graders are a thousand lines to parse.
    """
    with open(module, "rb") as file:
        text = file.read()
    lines, found = text.splitlines(keepends=True), {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Lambda):
            own = lines[node.lineno - 1 : node.end_lineno]
            own[-1] = own[-1][: node.end_col_offset]
            own[0] = own[0][node.col_offset :]
            found[node.body.lineno, node.body.col_offset] = b"".join(own).decode()
    return found


cells.watch()
