"""What a grader says: one of five faces, as text that never varies and as HTML for the eye."""

import re
from dataclasses import dataclass
from html import escape

NOT_ATTEMPTED = "not attempted yet"
BROKEN = "broken"
WRONG = "wrong"
PARTLY = "partly right"  # a project with some of its points
RIGHT = "right"
FACES = (NOT_ATTEMPTED, BROKEN, WRONG, PARTLY, RIGHT)  # from the least to the best

ICONS = {NOT_ATTEMPTED: "○", BROKEN: "⚠", WRONG: "✗", PARTLY: "◐", RIGHT: "✓"}
# White on each of these has a contrast above 4.5; they differ in lightness and stand beside a word.
COLOURS = {
    NOT_ATTEMPTED: "#5c6670", BROKEN: "#8a4b9c", WRONG: "#b3420f", PARTLY: "#1f5f99",
    RIGHT: "#00705a",
}  # fmt: skip

# .bk thrice outweighs JupyterLab's own rule for tables, which sets them to the right.
STYLE = """<style>
.bk {border: 1px solid rgba(128,128,128,.4); border-left: 6px solid var(--bk); border-radius: 6px;
  padding: .55em .9em; margin: .2em 0; max-width: 52em; line-height: 1.5; color: inherit}
.bk-face {background: var(--bk); color: #fff; border-radius: 999px; padding: .1em .7em;
  font-weight: 600; margin-right: .6em; white-space: nowrap}
.bk p {margin: .45em 0 0} .bk code, .bk pre {font-family: var(--jp-code-font-family, monospace);
  background: rgba(128,128,128,.14); color: inherit; border-radius: 3px; padding: .05em .3em}
.bk pre {padding: .4em .6em; margin: .45em 0 0; white-space: pre-wrap}
.bk table {border-collapse: collapse; margin: .45em 0 0}
.bk.bk.bk th, .bk.bk.bk td {text-align: left; padding: .15em .9em .15em 0; background: none;
  color: inherit; font-variant-numeric: tabular-nums; vertical-align: top; border: 0}
.bk.bk.bk td {font-family: var(--jp-code-font-family, monospace); white-space: pre-wrap}
.bk-quiet {opacity: .8}
.bk table.bk-points {margin-top: .6em} .bk caption {text-align: left; padding: .3em 0}
.bk.bk.bk .bk-points th, .bk.bk.bk .bk-points td {padding: .2em .9em .2em 0;
  font-family: inherit; border-top: 1px solid rgba(128,128,128,.3)}
</style>"""


# What moves a cursor, turns the direction of reading, or is half a letter: an answer may hold it.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def visible(text):
    """A sentence with every character that cannot be seen written as its number."""
    return UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


class NotRight(Exception):
    """A verdict without points, told to nbgrader, which takes a cell that raises for wrong."""

    def _render_traceback_(self):  # IPython shows this in place of the stack
        return str(self).splitlines()


@dataclass(frozen=True)
class Verdict:
    """The answer to one check; every field but the first two may be empty."""

    exercise: str
    face: str
    says: str = ""  # what is the matter, in a sentence or two
    call: str = ""  # the call that shows it
    rows: tuple = ()  # (label, text): yours, expected, difference, line
    misconception: str = ""  # the name of the known mistake that gives the same numbers
    explains: str = ""  # what that mistake thinks
    counts: str = ""  # how many cases agree
    section: str = ""  # where the book explains it
    printed: str = ""  # what the learner's code printed
    picture: str = ""  # SVG of small arrays: yours, expected, difference
    notes: tuple = ()  # about progress, never about the answer

    def __post_init__(self):
        for name in ("exercise", "says", "explains"):  # where words of an answer may stand
            object.__setattr__(self, name, visible(getattr(self, name)))

    @property
    def right(self):
        return self.face == RIGHT

    @property
    def paragraphs(self):
        """Sentences after the table, in order."""
        read = f"Read again: {self.section}." if self.section else ""
        return [text for text in (self.explains, self.counts, read, *self.notes) if text]

    @property
    def short(self):
        """In a table of several: icon and face."""
        return f"{ICONS[self.face]} {self.face}"

    def __repr__(self):
        return "\n".join([f"{ICONS[self.face]} {self.exercise} · {self.face}", *self._lines()])

    def _lines(self):
        lines = [f"  {line}" for line in self.says.splitlines()]
        if self.call:
            lines += [f"  {line}" for line in self.call.splitlines()]
        width = max((len(label) for label, _ in self.rows), default=0)
        for label, text in self.rows:
            indent = "\n" + " " * (width + 6)
            lines.append(f"    {label:<{width}}  " + text.replace("\n", indent))
        lines += [f"  {line}" for line in self.paragraphs]
        if self.printed:
            lines += ["  Your code printed:"]
            lines += [f"  | {line}" for line in self.printed.splitlines()[:10]]
        return lines

    def _repr_html_(self):
        return (
            f'{STYLE}<div class="bk" role="status" style="--bk: {COLOURS[self.face]}">'
            f'<span class="bk-face"><span aria-hidden="true">{ICONS[self.face]}</span> '
            f"{self.face}</span><strong>{escape(self.exercise)}</strong>"
            f"{''.join(self._html())}</div>"
        )

    def _html(self):
        parts = [f"<p>{quoted(line)}</p>" for line in self.says.splitlines()]
        if self.call:
            call = escape(self.call)
            parts.append(f"<pre>{call}</pre>" if "\n" in call else f"<p><code>{call}</code></p>")
        if self.rows:
            rows = "".join(
                f'<tr><th scope="row">{escape(label)}</th><td>{escape(text)}</td></tr>'
                for label, text in self.rows
            )
            parts.append(f"<table>{rows}</table>")
        parts.append(self.picture)
        parts += [f"<p>{quoted(text)}</p>" for text in self.paragraphs]
        if self.printed:
            shown = escape("\n".join(self.printed.splitlines()[:10]))
            parts.append(f'<p class="bk-quiet">Your code printed:</p><pre>{shown}</pre>')
        return parts


@dataclass(frozen=True)
class Point:
    """What one property of a project got: its points, and in a few words why not all."""

    name: str
    points: int
    possible: int
    face: str
    found: str

    def __post_init__(self):
        object.__setattr__(self, "found", visible(self.found))


@dataclass(frozen=True, repr=False)
class ProjectVerdict(Verdict):
    """The points of each property, then the first that failed, in full, in the other fields."""

    title: str = ""
    table: tuple = ()  # a Point for each property
    first: str = ""  # the property that the other fields are about

    @property
    def points(self):
        return sum(point.points for point in self.table)

    @property
    def possible(self):
        return sum(point.possible for point in self.table)

    @property
    def short(self):
        lost = [point.name for point in self.table if point.points < point.possible]
        said = f"{ICONS[self.face]} {self.points} of {self.possible} points"
        more = f" and {len(lost) - 2} more" if len(lost) > 2 else ""
        return f"{said}; lost: {', '.join(lost[:2])}{more}" if lost else said

    @property
    def heading(self):
        return f"{self.title}: {self.points} of {self.possible} points"

    def _lines(self):
        width = max((len(point.name) for point in self.table), default=0)
        lines = [f"  {self.heading}"]
        for p in self.table:
            line = f"  {ICONS[p.face]} {p.points}/{p.possible}  {p.name:<{width}}  {p.found}"
            lines.append(line.rstrip())
        if self.first:
            lines += [f"  First: {self.first}"]
        return lines + super()._lines()

    def _html(self):
        rows = "".join(
            f'<tr><th scope="row">{quoted(p.name)}</th><td>{p.points} of {p.possible}</td>'
            f'<td><span aria-hidden="true">{ICONS[p.face]} </span>{quoted(p.found)}</td></tr>'
            for p in self.table
        )
        heads = "".join(f'<th scope="col">{h}</th>' for h in ("property", "points", "result"))
        parts = [
            f'<table class="bk-points"><caption>{escape(self.heading)}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        ]
        if self.first:
            parts.append(f"<p><strong>First: {quoted(self.first)}</strong></p>")
        return parts + super()._html()


def quoted(text):
    """HTML of a sentence in which `code` stands between back quotes."""
    pieces = escape(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))
