"""The verdict on every partial derivative of a function at one point, as a table."""

import math
from dataclasses import dataclass

from bookutils.page.tables import html_table, text_table
from bookutils.verify.differences import shown


@dataclass(frozen=True)
class Row:
    """One partial derivative: where, what the engine and the differences say, the verdict."""

    name: str
    x: float
    gradient: float
    difference: float
    uncertainty: float
    step: float
    error: float
    verdict: str
    note: str = ""


HEADER = ("input", "x", "gradient", "difference", "step", "relative error", "verdict")


@dataclass(frozen=True)
class Report:
    """The verdict on every partial derivative of a function at one point; true when `ok`."""

    rows: tuple
    upstream: tuple
    arrays: tuple = ()  # (shape, its rows) for every input, where inputs are arrays

    @property
    def ok(self):
        """Is every verdict "right", or a "kink" where no single slope exists?"""
        return all(row.verdict in ("right", "kink") for row in self.rows)

    @property
    def max_error(self):
        """The largest relative error, kinks left out; infinite where a gradient is not finite."""
        return max((row.error for row in self.rows if row.verdict != "kink"), default=0.0)

    def __bool__(self):
        return self.ok

    def _summary(self):
        count = len(self.rows)
        named = f"{count} partial derivative" + ("s" if count != 1 else "")
        tally = [
            f"{sum(row.verdict == verdict for row in self.rows)} {verdict}"
            for verdict in ("right", "wrong", "not finite", "unclear", "kink")
            if any(row.verdict == verdict for row in self.rows)
        ]
        return f"{named}: {', '.join(tally)}" if tally else "nothing to check: f has no inputs"

    def worst(self):
        """One row an input: where it is an array, its worst element, or if all are right that of
        the largest gradient."""
        return tuple(worst(rows) for _, rows in self.arrays if rows) if self.arrays else self.rows

    def _notes(self):
        return "\n".join(f"{row.name}: {row.note}" for row in self.worst() if row.note)

    def _header(self):
        return ("element", "of shape", *HEADER[1:]) if self.arrays else HEADER

    def _cells(self):
        shapes = [(str(shape),) for shape, rows in self.arrays if rows]
        return [
            (
                row.name,
                *shape,
                f"{row.x:.6g}",
                f"{row.gradient:.6g}",
                shown(row.difference, row.uncertainty),
                "-" if math.isnan(row.step) else f"{row.step:.1e}",
                _error_text(row),
                row.verdict,
            )
            for row, shape in zip(self.worst(), shapes or [()] * len(self.rows), strict=True)
        ]

    def __repr__(self):
        table = text_table(self._header(), self._cells()) if self.rows else ""
        return "\n".join(part for part in (self._summary(), table, self._notes()) if part)

    def _repr_html_(self):
        return html_table(self._header(), self._cells(), self._summary(), self._notes())


def worst(rows):
    """The row to show of an array's: one not right, of the largest error; else the steepest."""
    for verdict in ("not finite", "wrong", "unclear"):
        found = [row for row in rows if row.verdict == verdict]
        if found:
            return first_largest(found, [0.0 if math.isnan(r.error) else r.error for r in found])
    found = [row for row in rows if row.verdict == "right"] or rows
    return first_largest(found, [abs(row.gradient) for row in found])


def first_largest(things, sizes):
    """The first thing whose size is the largest, to a millionth: the same on every machine."""
    bound = (1 - 1e-6) * max(sizes)
    return next(thing for thing, size in zip(things, sizes, strict=True) if size >= bound)


def _error_text(row):
    if row.verdict == "kink":
        return "-"
    if row.verdict == "right":
        # what lies below the tolerance is rounding, and differs between machines
        return "< 1e-08" if row.error < 1e-8 else "rounding"
    return f"{row.error:.0e}"
