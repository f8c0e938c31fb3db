"""Every operation of the engine beside finite differences and PyTorch, at random points."""

import math
import operator
import re
from dataclasses import dataclass

import numpy as np

from bookutils.engine.rules import RULES
from bookutils.engine.scalar import Value
from bookutils.page.tables import html_table, text_table
from bookutils.verify.gradcheck import gradcheck
from bookutils.verify.peer import available, run_numbers
from bookutils.verify.units import FIXED, ROUNDINGS, bound_text, ulps

OPERATORS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
    "neg": operator.neg,
    "abs": operator.abs,
}


def program(name):
    """The row `name` of RULES as a program of one or two numbers, of any engine."""
    return OPERATORS.get(name) or (lambda a, *b: getattr(a, name)(*b))


@dataclass(frozen=True)
class OperationLine:
    """One row of RULES: the largest distances over all points, in ULPs."""

    name: str
    formula: str
    fixed: bool  # only + - * / and comparisons, whose last bit IEEE 754 fixes
    points: int
    ok: bool  # gradcheck's verdict at every point
    value: dict  # device -> ULPs between the values
    slopes: dict  # device -> ULPs between the partial derivatives


@dataclass(frozen=True)
class OperationsTable:
    """Every operation of the engine, checked by differences and by PyTorch at random points."""

    lines: tuple
    devices: tuple
    sentences: tuple = ()

    def _header(self):
        compared = [f"{what}, {device}" for device in self.devices for what in ("value", "slopes")]
        return ("operation", "y", "differences", *compared)

    def _cells(self):
        for line in self.lines:
            floor = FIXED if line.fixed else ROUNDINGS
            ours = [
                bound_text(which[device], floor)
                for device in self.devices
                for which in (line.value, line.slopes)
            ]
            yield line.name, line.formula, "agree" if line.ok else "DIFFER", *ours

    def _footer(self):
        points = self.lines[0].points
        text = f"Worst of {points} random points each"
        if self.devices:
            text += "; distances to PyTorch in ULPs, 0 where IEEE 754 fixes the last bit"
        text += "."
        return "\n".join([text, *self.sentences])

    def __repr__(self):
        return text_table(self._header(), self._cells()) + "\n" + self._footer()

    def _repr_html_(self):
        return html_table(self._header(), self._cells(), footer=self._footer())


def operations_table(rng=None, points=20, devices=None):
    """Check every row of RULES at random points against finite differences and PyTorch.

    The points are drawn between -1.2 and 1.2, where no slope is a small difference of large
    numbers, and drawn again where the operation is not defined. `devices` as in `agreement`.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    devices, sentences = available(devices)
    lines = []
    for name, (formula, *partials) in RULES.items():
        f, ok = program(name), True
        fixed = not re.search(r"\b(?!abs|where)\w+\(", " ".join((formula, *partials)))
        value, slopes = dict.fromkeys(devices, 0), dict.fromkeys(devices, 0)
        for _ in range(points):
            point, y, gradient = _drawn(f, len(partials), rng)
            ok = ok and all(row.verdict == "right" for row in gradcheck(f, point, rng).rows)
            for device in devices:
                their_y, theirs = run_numbers(f, point, device)
                value[device] = max(value[device], ulps(y, their_y))
                slopes[device] = max(slopes[device], *map(ulps, gradient, theirs))
        lines.append(OperationLine(name, formula, fixed, points, ok, value, slopes))
    return OperationsTable(tuple(lines), devices, sentences)


def _drawn(f, count, rng):
    for _ in range(1000):
        nodes = [Value(x) for x in rng.uniform(-1.2, 1.2, size=count)]
        y = f(*nodes)
        if math.isfinite(y.data):
            y.backward()
            return [node.data for node in nodes], y.data, [node.grad for node in nodes]
    raise ValueError("no point between -1.2 and 1.2 lies in the domain of this operation")
