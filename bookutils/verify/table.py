"""The agreement table: every operation, layer, loss, optimizer and schedule beside PyTorch.

A row compares the engine on NumPy in float64 with finite differences, with PyTorch, and with itself
on PyTorch's storage, on the CPU and on CUDA where there is one; and in float32 with PyTorch in
float32. What is compared are the outputs and all gradients, for a random upstream gradient; of an
optimizer the parameters after fifty steps, of a schedule the rates.
"""

import json
import math
from dataclasses import dataclass

import numpy as np

from bookutils.engine.arrays import dtype_name
from bookutils.engine.tensor import Tensor
from bookutils.page.tables import html_table, text_table
from bookutils.verify import peer
from bookutils.verify.gradcheck import gradcheck
from bookutils.verify.inputs import array_grad, outputs_of, stored
from bookutils.verify.layers import layer_programs
from bookutils.verify.programs import Program, loss_programs, operations
from bookutils.verify.steps import optimizer_runs, schedule_runs

# column: who is beside the engine on NumPy; dtype of both; what PyTorch, or the storage, lies on
COLUMNS = {
    "PyTorch float64": ("torch", "float64", "cpu"),
    "PyTorch float32": ("torch", "float32", "cpu"),
    "PyTorch's storage": ("storage", "float64", "cpu"),
    "PyTorch CUDA": ("torch", "float64", "cuda"),
    "CUDA storage": ("storage", "float64", "cuda"),
}
KINDS = {
    "operation": operations,
    "layer": layer_programs,
    "loss": loss_programs,
    "optimizer": optimizer_runs,
    "schedule": schedule_runs,
}
# The largest distance allowed, in ULPs of the largest number of an array. A program rounds some ten
# times in a row and sums some ten numbers; of fifty steps of an optimizer the last ones count most.
BOUND = 64
DIFFERENCE = 1e-6  # relative, where gradcheck finds the gradient right to within its own error


@dataclass(frozen=True)
class Distance:
    """How far two parties are apart: ULPs of the largest number, and relative to it."""

    ulps: float
    relative: float


SAME = Distance(0.0, 0.0)


@dataclass(frozen=True)
class Line:
    """One row: column -> Distance, or None where the column does not apply or has no device."""

    kind: str
    name: str
    cases: int
    differences: float | None  # the largest relative error, None where nothing is differentiated
    kinks: int
    verdict: str  # "right", or what gradcheck says
    columns: dict

    @property
    def failures(self):
        """The columns that disagree."""
        found = [c for c, d in self.columns.items() if d is not None and not d.ulps <= BOUND]
        wrong = self.verdict != "right" or not (self.differences or 0.0) <= DIFFERENCE
        return (["differences"] if wrong else []) + found


@dataclass(frozen=True)
class Table:
    """All rows, the columns that this machine has, and a sentence for each that it has not."""

    lines: tuple
    sentences: tuple
    facts: dict

    @property
    def ok(self):
        return not any(line.failures for line in self.lines)

    def _header(self):
        return ("", "programs", "differences", *COLUMNS)

    def _cells(self, exact):
        for line in self.lines:
            differences = "-" if line.differences is None else "agree"
            if exact and line.differences is not None:
                differences = f"{line.differences:.0e}"
            if "differences" in line.failures:
                differences = "DIFFER"
            yield (
                f"{line.kind} {line.name}",
                line.cases,
                differences,
                *(self._cell(line, column, exact) for column in COLUMNS),
            )

    def _cell(self, line, column, exact):
        found = line.columns.get(column)
        if found is None:
            return "-" if column in line.columns else ""
        if column in line.failures:
            return f"DIFFERS {found.ulps:.3g}"
        if exact:
            return f"{found.ulps:.3g} ({found.relative:.0e})"
        return "agree"

    def _footer(self, exact):
        bad = [
            f"{line.kind} {line.name} ({', '.join(line.failures)})"
            for line in self.lines
            if line.failures
        ]
        units = "ULPs of the largest number of each array"
        told = f"Distances in {units}, in brackets relative to it; " if exact else ""
        told += f"{'at' if exact else 'At'} most {BOUND} {'of them ' if exact else units + ' '}"
        told += f"are agreement. {len(self.lines)} rows"
        told += f", of which these disagree: {', '.join(bad)}." if bad else ", and all agree."
        return "\n".join([told, *self.sentences])

    def text(self, exact=True):
        """As aligned text with the distances found; without `exact` the same on every machine."""
        return text_table(self._header(), self._cells(exact)) + "\n" + self._footer(exact)

    def html(self, exact=True):
        """The same as an HTML table."""
        return html_table(self._header(), self._cells(exact), footer=self._footer(exact))

    def json(self):
        """The same as JSON, with the versions of the libraries; None where there is no number."""

        def number(x):
            return None if x is None or not math.isfinite(x) else x

        rows = [
            {
                "kind": line.kind,
                "name": line.name,
                "programs": line.cases,
                "differences": number(line.differences),
                "kinks": line.kinks,
                "columns": {
                    column: d and {"ulps": number(d.ulps), "relative": number(d.relative)}
                    for column, d in line.columns.items()
                },
                "disagrees": line.failures,
            }
            for line in self.lines
        ]
        return json.dumps({**self.facts, "bound": BOUND, "rows": rows}, indent=1)

    def __repr__(self):
        return self.text(exact=False)

    def _repr_html_(self):
        return self.html(exact=False)


def agreement_table(kinds=tuple(KINDS), rng=None, watched=iter):
    """Compare every row of these kinds: "operation", "layer", "loss", "optimizer", "schedule".

    The numbers are drawn from `rng`, the same ones in every run unless told. `watched` is passed
    the list of rows, and may show how far it has come, as tqdm does.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise ValueError(f"no rows of the kind {unknown[0]!r}: there are {', '.join(KINDS)}")
    rng = np.random.default_rng(0) if rng is None else rng
    devices = peer.torch_devices()
    rows = {}
    for kind in kinds:
        for case in KINDS[kind](rng):
            rows.setdefault((kind, case.name), []).append(case)
    lines = [line(*key, cases, devices) for key, cases in watched(list(rows.items()))]
    _, sentences = peer.available(("cpu", "cuda"))
    return Table(tuple(lines), sentences, {"versions": peer.versions(), "devices": devices})


def line(kind, name, cases, devices):
    """Compare all cases of one row."""
    reports = [gradcheck(*alone(c)) for c in cases if isinstance(c, Program) and c.checked]
    found = [row for report in reports for row in report.rows]
    bad = [row.verdict for row in found if row.verdict not in ("right", "kink")]
    right = [row.error for row in found if row.verdict == "right"]
    columns = {}
    for column, (who, dtype, device) in COLUMNS.items():
        if device in devices:
            asked = [c for c in cases if c.applies(who, dtype, device)]
            distances = [distance(*both(c, who, dtype, device), dtype) for c in asked]
            columns[column] = max(distances, key=lambda d: d.ulps, default=None)
    return Line(
        kind,
        name,
        len(cases),
        max(right, default=0.0) if reports else None,
        sum(row.verdict == "kink" for row in found),
        bad[0] if bad else "right",
        columns,
    )


def both(case, who, dtype, device):
    """The arrays of the engine on NumPy, and those of the other party."""
    if not isinstance(case, Program):
        return case.ours(dtype), case.theirs(dtype, device, who == "storage")
    cast = [x.astype(dtype) if x.dtype.kind == "f" else x for x in case.xs]
    ours = by_engine(case, cast)
    if who == "torch":
        return ours, peer.run_program(case, cast, device, upstream)
    return ours, by_engine(case, [peer.on_device(x, device) for x in cast])


def by_engine(case, xs):
    """Outputs and gradients of a program by the engine, as NumPy arrays."""
    leaves = [Tensor(x, requires_grad=True) if case.leaf(i) else x for i, x in enumerate(xs)]
    ys = outputs_of(case.ours(*leaves))
    for y, G in zip(ys, upstream([y.shape for y in ys]), strict=True):
        if y.requires_grad:
            y.backward(stored(G.astype(dtype_name(y.dtype)), y))
    grads = [array_grad(x) for x in leaves if isinstance(x, Tensor)]
    return [*(y.numpy() for y in ys), *grads]


def upstream(shapes):
    """The same upstream gradients for every party: no element 1, no two the same."""
    rng = np.random.default_rng(11)
    return [np.asarray(rng.uniform(0.5, 2, s) * rng.choice([-1, 1], s)) for s in shapes]


def alone(case):
    """A program as a function of the arrays that are differentiated, and these."""
    places = [i for i in range(len(case.xs)) if case.leaf(i)]

    def f(*leaves):
        given = dict(zip(places, leaves, strict=True))
        return case.ours(*(given.get(i, x) for i, x in enumerate(case.xs)))

    return f, [case.xs[i] for i in places]


def distance(ours, theirs, dtype):
    """The largest distance between two lists of arrays, pair by pair."""
    pairs = zip(ours, theirs, strict=True)
    return max((apart(a, b, dtype) for a, b in pairs), key=lambda d: d.ulps, default=SAME)


def apart(a, b, dtype):
    a, b = np.asarray(a, "float64"), np.asarray(b, "float64")
    if a.shape != b.shape:
        return Distance(math.inf, math.inf)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return SAME
    if not np.isfinite([a[~same], b[~same]]).all():
        return Distance(math.inf, math.inf)
    largest = max(np.abs(x[np.isfinite(x)]).max() for x in (a, b))
    gap = np.abs(a - b)[~same].max()
    return Distance(float(gap / np.spacing(np.dtype(dtype).type(largest))), float(gap / largest))
