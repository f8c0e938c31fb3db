"""What a learner has solved, as text and as a picture."""

from html import escape

from bookutils.checks import solved
from bookutils.checks.registry import all_exercises
from bookutils.judge.verdict import FACES


class Report:
    """Progress chapter by chapter: text, and a picture in a notebook."""

    def __init__(self, ids, kept, note=""):
        self.note, self.chapters = note, {}
        for id in ids:
            entry = kept.get(id, {"best": FACES[0], "hints": 0})
            self.chapters.setdefault(id.partition(".")[0], []).append((id, entry))
        everything = [item for items in self.chapters.values() for item in items]
        self.solved = sum(entry["best"] == FACES[3] for _, entry in everything)
        self.hints = sum(entry["hints"] for _, entry in everything)
        self.total = len(everything)
        self.next = next((id for id, entry in everything if entry["best"] != FACES[3]), "")

    def _counts(self, items):
        solved = sum(entry["best"] == FACES[3] for _, entry in items)
        tried = sum(entry["best"] in FACES[1:3] for _, entry in items)
        return solved, tried

    @property
    def summary(self):
        hints = f"{self.hints} hint{'s' * (self.hints != 1)} used"
        after = f"Next: {self.next}." if self.next else "Nothing is left to solve."
        return f"{self.solved} of {self.total} exercises solved, {hints}. {after}"

    def __repr__(self):
        lines = []
        for chapter, items in self.chapters.items():
            solved, tried = self._counts(items)
            bar = "".join("○!✗✓"[FACES.index(entry["best"])] for _, entry in items)
            tail = f", {tried} attempted" if tried else ""
            lines.append(f"chapter {chapter}  {bar}  {solved} of {len(items)} solved{tail}")
        return "\n".join([*lines, self.summary, *([self.note] if self.note else [])])

    def _repr_html_(self):
        fills = ("none", "#8a4b9c", "#d9661f", "#008e73")
        rows = []
        for row, (chapter, items) in enumerate(self.chapters.items()):
            solved, tried = self._counts(items)
            y = 6 + 30 * row
            said = f"{solved} of {len(items)} solved" + (f", {tried} attempted" if tried else "")
            marks = []
            for i, (id, entry) in enumerate(items):
                level = FACES.index(entry["best"])
                x = 96 + 28 * i
                marks.append(
                    f'<g><title>{id}: {entry["best"]}</title><rect x="{x}" y="{y}" width="24" '
                    f'height="20" rx="4" fill="{fills[level]}" stroke="currentColor" '
                    f'stroke-opacity=".5"/><text x="{x + 12}" y="{y + 15}" text-anchor="middle" '
                    f'fill="{"#fff" if level else "currentColor"}">{"○!✗✓"[level]}</text></g>'
                )
            x = 96 + 28 * max(map(len, self.chapters.values())) + 10
            rows.append(
                f'<text x="0" y="{y + 15}" fill="currentColor">chapter {chapter}</text>'
                f'{"".join(marks)}<text x="{x}" y="{y + 15}" fill="currentColor">{said}</text>'
            )
        most = max(map(len, self.chapters.values()), default=0)
        width, height = 96 + 28 * most + 240, 6 + 30 * len(self.chapters)
        alt = escape(repr(self).replace("\n", ". "), quote=True)
        key = "✓ solved, ✗ wrong so far, ! broken so far, ○ not attempted"
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return (
            f'<svg role="img" aria-label="{alt}" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" style="max-width: 100%; color: inherit; '
            f'font: 14px sans-serif">{"".join(rows)}</svg>'
            f"<p>{escape(self.summary)}<br><small>{key}</small></p>{note}"
        )


def report(ids=None):
    """Report of all exercises, or of these; `print(report())` for the text."""
    if ids is None:
        ids = [exercise.id for exercise in all_exercises()]
    return Report(ids, *solved.load())
