"""What a learner has solved, as text and as a picture."""

from html import escape

from bookutils.checks import solved
from bookutils.checks.registry import all_exercises, projects
from bookutils.judge.verdict import BROKEN, FACES, NOT_ATTEMPTED, PARTLY, RIGHT, WRONG

MARKS = {NOT_ATTEMPTED: "○", BROKEN: "!", WRONG: "✗", PARTLY: "◐", RIGHT: "✓"}
FILLS = {
    NOT_ATTEMPTED: "none", BROKEN: "#8a4b9c", WRONG: "#d9661f", PARTLY: "#2f72b0",
    RIGHT: "#008e73",
}  # fmt: skip
KEY = {
    RIGHT: "solved", PARTLY: "some points", WRONG: "wrong so far", BROKEN: "broken so far",
    NOT_ATTEMPTED: "not attempted",
}  # fmt: skip


class Report:
    """Progress chapter by chapter, then the projects: text, and a picture in a notebook.

    `worth` are the points of each project. `begun`: only chapters and projects that were begun,
    and the chapter of what comes next, so that no notebook's output depends on other chapters.
    """

    def __init__(self, ids, kept, note="", worth=(), begun=False):
        self.note, self.begun, worth = note, begun, dict(worth)
        new = {"best": NOT_ATTEMPTED, "hints": 0}
        items = [(id, kept.get(id, new)) for id in ids]
        plans = [(id, kept.get(id, new)) for id in worth]
        self.solved = sum(entry["best"] == RIGHT for _, entry in items)
        groups = (id for id in kept if id.partition(": ")[0] in worth)
        self.hints = sum(entry["hints"] for _, entry in items)
        self.hints += sum(kept[group]["hints"] for group in groups)
        self.total = len(items)
        unsolved = (id for id, entry in [*items, *plans] if entry["best"] != RIGHT)
        self.next = next(unsolved, "")
        if begun:
            named = {id.partition(".")[0] for id in kept if id in dict(items)}
            named.add(self.next.partition(".")[0])
            items = [item for item in items if item[0].partition(".")[0] in named]
            plans = [item for item in plans if item[0] in kept or item[0] == self.next]
        self.rows = self._of_chapters(items) + self._of_projects(plans, worth)

    def _of_chapters(self, items):
        """(label, [(id, face, what is said of it)], what is said at the end) of each chapter."""
        chapters = {}
        for id, entry in items:
            chapters.setdefault(id.partition(".")[0], []).append((id, entry["best"], entry["best"]))
        rows = []
        for chapter, marks in chapters.items():
            faces = [face for _, face, _ in marks]
            tried = sum(face in (BROKEN, WRONG) for face in faces)
            said = f"{faces.count(RIGHT)} of {len(faces)} solved"
            said += f", {tried} attempted" if tried else ""
            rows.append((f"chapter {chapter}", marks, said))
        return rows

    def _of_projects(self, items, worth):
        rows = []
        for id, entry in items:
            said = f"{entry.get('points', 0)} of {worth[id]} points"
            mark = id, entry["best"], f"{entry['best']}, {said}"
            rows.append((f"project {id.partition('.')[0]}", [mark], said))
        return rows

    @property
    def summary(self):
        of = "" if self.begun else f" of {self.total}"
        one = self.begun and self.solved == 1
        solved = f"{self.solved}{of} exercise{'' if one else 's'} solved"
        hints = f"{self.hints} hint{'s' * (self.hints != 1)} used"
        after = f"Next: {self.next}." if self.next else "Nothing is left to solve."
        return f"{solved}, {hints}. {after}"

    def __repr__(self):
        lines = [
            f"{label}  {''.join(MARKS[face] for _, face, _ in marks)}  {said}"
            for label, marks, said in self.rows
        ]
        return "\n".join([*lines, self.summary, *([self.note] if self.note else [])])

    def _repr_html_(self):
        most = max((len(marks) for _, marks, _ in self.rows), default=0)
        rows = []
        for row, (label, marks, said) in enumerate(self.rows):
            y = 6 + 30 * row
            drawn = "".join(_mark(96 + 28 * i, y, *mark) for i, mark in enumerate(marks))
            rows.append(
                f'<text x="0" y="{y + 15}" fill="currentColor">{label}</text>{drawn}'
                f'<text x="{106 + 28 * most}" y="{y + 15}" fill="currentColor">{said}</text>'
            )
        width, height = 96 + 28 * most + 240, 6 + 30 * len(self.rows)
        alt = escape(repr(self).replace("\n", ". "), quote=True)
        shown = {face for _, marks, _ in self.rows for _, face, _ in marks} | {RIGHT, NOT_ATTEMPTED}
        key = ", ".join(f"{MARKS[f]} {KEY[f]}" for f in reversed(FACES) if f in shown)
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return (
            f'<svg role="img" aria-label="{alt}" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" style="max-width: 100%; color: inherit; '
            f'font: 14px sans-serif">{"".join(rows)}</svg>'
            f"<p>{escape(self.summary)}<br><small>{key}</small></p>{note}"
        )


def _mark(x, y, id, face, said):
    ink = "currentColor" if face == NOT_ATTEMPTED else "#fff"
    return (
        f'<g><title>{id}: {said}</title><rect x="{x}" y="{y}" width="24" height="20" rx="4" '
        f'fill="{FILLS[face]}" stroke="currentColor" stroke-opacity=".5"/><text x="{x + 12}" '
        f'y="{y + 15}" text-anchor="middle" fill="{ink}">{MARKS[face]}</text></g>'
    )


def report(ids=None, begun=False):
    """Report of all exercises and projects, or of these; `print(report())` for the text."""
    worth = {} if ids is not None else {project.id: project.points for project in projects()}
    if ids is None:
        ids = [exercise.id for exercise in all_exercises()]
    return Report(ids, *solved.load(), worth, begun)
