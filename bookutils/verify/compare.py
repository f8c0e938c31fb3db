"""The engine beside finite differences and PyTorch on one program: one table, errors in ULPs."""

import math
from dataclasses import dataclass

import numpy as np

from bookutils.engine.scalar import Value
from bookutils.page.tables import html_table, text_table
from bookutils.verify.differences import shown
from bookutils.verify.gradcheck import gradcheck
from bookutils.verify.inputs import (
    array_grad,
    array_leaves,
    as_numpy,
    flat,
    has_array,
    input_names,
    leaves,
    outputs_of,
    rebuilt,
    refilled,
    stored,
    weighed,
)
from bookutils.verify.peer import available, run_arrays, run_numbers
from bookutils.verify.report import first_largest, worst
from bookutils.verify.units import AT_ODDS, DIFFERENCES, ROUNDINGS, bound_text, normed_ulps, ulps


@dataclass(frozen=True)
class Line:
    """One number, the value or a partial derivative, as each of the parties computes it."""

    name: str
    engine: float
    difference: float  # NaN for the value itself, and at a kink
    uncertainty: float
    torch: dict  # device -> float

    def ulps(self, device):
        """ULPs between the engine and PyTorch on `device`, or `"differences"`."""
        other = self.difference if device == "differences" else self.torch[device]
        return ulps(self.engine, other)


@dataclass(frozen=True)
class ArrayLine(Line):
    """An array as each of the parties computes it: one element, and the distances over all.

    ULPs are counted in the last place of the array's largest element: where large terms cancel, a
    small element keeps their rounding.
    """

    shape: tuple
    apart: dict  # device or "differences" -> ULPs

    def ulps(self, device):
        return self.apart[device]


@dataclass(frozen=True)
class Agreement:
    """The value and gradient of one program by engine, differences and PyTorch, side by side."""

    lines: tuple
    devices: tuple
    verdicts: tuple
    sentences: tuple = ()

    def max_ulps(self, device="cpu"):
        """The largest distance between the engine and PyTorch on `device`."""
        return max(line.ulps(device) for line in self.lines)

    def _header(self):
        named = [f"PyTorch {device}" for device in self.devices]
        shape = ("of shape",) if isinstance(self.lines[0], ArrayLine) else ()
        return ("", *shape, "engine", "differences", *named, "ULPs to differences") + tuple(
            f"ULPs to {name}" for name in named
        )

    def _cells(self):
        for line, verdict in zip(self.lines, ("", *self.verdicts), strict=True):
            compared = verdict == "right"
            yield (
                line.name,
                *((str(line.shape),) if isinstance(line, ArrayLine) else ()),
                f"{line.engine:.6g}",
                shown(line.difference, line.uncertainty) if compared else verdict or "-",
                *(f"{line.torch[device]:.6g}" for device in self.devices),
                _difference_bound(line) if compared else "-",
                *(bound_text(line.ulps(device), ROUNDINGS) for device in self.devices),
            )

    def _footer(self):
        facts = []
        for device in self.devices:
            bound = bound_text(self.max_ulps(device), ROUNDINGS)
            apart = "differ" if bound == "differs" else f"are {bound} ULPs apart"
            facts.append(f"Engine and PyTorch {device} {apart}.")
        return "\n".join([*facts, *self.sentences])

    def __repr__(self):
        return text_table(self._header(), self._cells()) + "\n" + self._footer()

    def _repr_html_(self):
        return html_table(self._header(), self._cells(), footer=self._footer())


def _difference_bound(line):
    # where both are zero to within the differences' own error, ULPs say nothing
    if (
        abs(line.engine - line.difference) <= 10 * line.uncertainty
        and line.ulps("differences") > DIFFERENCES
    ):
        return "within its error"
    return bound_text(line.ulps("differences"), DIFFERENCES)


def agreement(f, *xs, devices=None, peer=None):
    """Compare the engine with finite differences and PyTorch on the program `f` at `xs`.

    `f` is written with operators and the methods of `Value` and `Tensor`; functions of this package
    that it names (`dot`, `maximum`, `where`, `linear`, the losses, …) are PyTorch's own in its
    column. Each x is a number or a nested list of numbers, and `f` gives one number. With an array
    or a Tensor among them all are Tensors, and `f` gives Tensors of any shape, whose elements are
    weighed at random for the gradient, unless there is only one; the table has one row an input.
    `devices` are PyTorch's, all there are unless told: give `["cpu"]` where the text must be the
    same on every machine. Where `f` cannot run on torch tensors, `peer` is the same for PyTorch.
    """
    devices, sentences = available(devices)
    xs = list(xs)
    if has_array(xs):
        return _agreement_of_arrays(f, xs, devices, sentences, peer or f)
    named = [
        leaf
        for x, name in zip(xs, input_names(f, len(xs)), strict=True)
        for leaf in leaves(x, name)
    ]
    nodes = [Value(x) for _, x in named]
    y = f(*rebuilt(xs, iter(nodes), arrays=False))
    if isinstance(y, Value):
        y.backward()
    report = gradcheck(f, xs)
    runs = {device: run_numbers(peer or f, xs, device) for device in devices}
    lines = [
        Line("f", float(y), math.nan, math.nan, {device: runs[device][0] for device in devices})
    ]
    for i, (node, row) in enumerate(zip(nodes, report.rows, strict=True)):
        theirs = {device: runs[device][1][i] for device in devices}
        lines.append(Line(f"∂f/∂{row.name}", node.grad, row.difference, row.uncertainty, theirs))
    return _agreement(lines, devices, report.rows, sentences)


def _agreement(lines, devices, rows, sentences):
    notes = tuple(f"∂f/∂{row.name}: {row.note}" for row in rows if row.note)
    verdicts = tuple(row.verdict for row in rows)
    return Agreement(tuple(lines), devices, verdicts, (*notes, *sentences))


def _agreement_of_arrays(f, xs, devices, sentences, peer):
    from bookutils.engine.tensor import Tensor

    named = array_leaves(xs, input_names(f, len(xs)))
    report = gradcheck(f, xs)
    weights = report.upstream if len(report.upstream) > 1 else [1.0] * len(report.upstream)
    nodes = [Tensor(stored(as_numpy(x), x), requires_grad=True) for _, x in named]
    ys = outputs_of(f(*refilled(xs, iter(nodes))))
    for y, w in weighed(ys, weights):
        y.backward(stored(w, y))
    runs = {device: run_arrays(peer, xs, weights, device) for device in devices}

    values = flat(ys)
    shape = as_numpy(ys[0]).shape if len(ys) == 1 else values.shape
    theirs = {device: run[0] for device, run in runs.items()}
    lines = [_array_line("f", values, shape, theirs)]
    rows = []
    for i, (node, (shape, judged)) in enumerate(zip(nodes, report.arrays, strict=True)):
        if judged:
            theirs = {device: run[1][i].ravel() for device, run in runs.items()}
            name = f"∂f/∂{named[i][0]}"
            lines.append(_array_line(name, array_grad(node).ravel(), shape, theirs, judged))
            place = lines[-1].name.removeprefix("∂f/∂")
            rows.append(next(row for row in judged if row.name == place))
    return _agreement(lines, devices, rows, sentences)


def _array_line(name, engine, shape, theirs, rows=()):
    """Show the element that is worst, or where all is well the largest."""
    distances = {device: normed_ulps(engine, other) for device, other in theirs.items()}
    apart = {device: max(found, default=0) for device, found in distances.items()}
    sizes = np.abs(engine).tolist()
    for found in distances.values():
        if max(found, default=0) > AT_ODDS:
            sizes = found
    if not all(row.verdict in ("right", "kink") for row in rows):
        bad = worst(rows)
        sizes = [float(row is bad) for row in rows]
    i = first_largest(range(len(sizes)), sizes)
    place = ", ".join(map(str, np.unravel_index(i, shape)))
    right = [k for k, row in enumerate(rows) if row.verdict == "right"]
    differences = np.array([rows[k].difference for k in right])
    apart["differences"] = max(normed_ulps(engine[right], differences), default=0)
    difference = (rows[i].difference, rows[i].uncertainty) if rows else (math.nan, math.nan)
    return ArrayLine(
        f"{name}[{place}]" if shape else name,
        float(engine[i]),
        *difference,
        {device: float(other[i]) for device, other in theirs.items()},
        shape,
        apart,
    )
