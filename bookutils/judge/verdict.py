"""What a grader says: one of four faces, as text that never varies and as HTML for the eye."""

from dataclasses import dataclass
from html import escape

NOT_ATTEMPTED = "not attempted yet"
BROKEN = "broken"
WRONG = "wrong"
RIGHT = "right"
FACES = (NOT_ATTEMPTED, BROKEN, WRONG, RIGHT)  # from the least to the best

ICONS = {NOT_ATTEMPTED: "○", BROKEN: "⚠", WRONG: "✗", RIGHT: "✓"}
# White on each of these has a contrast above 4.5; they differ in lightness and stand beside a word.
COLOURS = {NOT_ATTEMPTED: "#5c6670", BROKEN: "#8a4b9c", WRONG: "#b3420f", RIGHT: "#00705a"}

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
</style>"""


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

    @property
    def right(self):
        return self.face == RIGHT

    @property
    def paragraphs(self):
        """Sentences after the table, in order."""
        read = f"Read again: {self.section}." if self.section else ""
        return [text for text in (self.explains, self.counts, read, *self.notes) if text]

    def __repr__(self):
        lines = [f"{ICONS[self.face]} {self.exercise} · {self.face}"]
        lines += [f"  {line}" for line in self.says.splitlines()]
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
        return "\n".join(lines)

    def _repr_html_(self):
        parts = [
            f'{STYLE}<div class="bk" role="status" style="--bk: {COLOURS[self.face]}">'
            f'<span class="bk-face"><span aria-hidden="true">{ICONS[self.face]}</span> '
            f"{self.face}</span><strong>{escape(self.exercise)}</strong>"
        ]
        parts += [f"<p>{quoted(line)}</p>" for line in self.says.splitlines()]
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
        return "".join(parts) + "</div>"


def quoted(text):
    """HTML of a sentence in which `code` stands between back quotes."""
    pieces = escape(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))
