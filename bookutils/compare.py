"""The engine beside finite differences and PyTorch, on CPU and CUDA: one table, errors in ULPs.

The only module of the package that imports torch, and only when it is asked to compare.
"""

import math
import operator
import re
import struct
from dataclasses import dataclass
from functools import cache, reduce
from types import CellType, FunctionType, SimpleNamespace

import numpy as np

from .gradcheck import (
    array_grad,
    array_leaves,
    as_numpy,
    first_largest,
    flat,
    gradcheck,
    has_array,
    input_names,
    leaves,
    outputs_of,
    rebuilt,
    refilled,
    shown,
    stored,
    weighed,
    worst,
)
from .rules import RULES
from .scalar import Value
from .tables import html_table, text_table

MAKES_OURS = (
    "this function makes Values or Tensors of ours; write the program with operators and methods, "
    "or a second time for PyTorch, as peer="
)
NO_TORCH = "PyTorch is not installed, so its column is missing: pip install torch"


# ------------------------------------------------------------------------------------------- ULPs


def ulps(a, b):
    """Count the float64 steps from `a` to `b`: 0 for equal, 1 for neighbours.

    Two NaNs are 0 apart, and so are 0.0 and -0.0; a NaN is infinitely far from any number, and an
    infinity from any finite one.
    """
    a, b = float(a), float(b)
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.inf
    return abs(_place(a) - _place(b))


def _place(x):
    # the position of x among all float64, counted from 0
    (bits,) = struct.unpack("<q", struct.pack("<d", abs(x)))
    return bits if x > 0 else -bits


def _bound(count, floor):
    # Printed counts are 8 times coarser at each step, so that they are the same on every machine,
    # though the last bits of exp and tanh are not.
    if not math.isfinite(count):
        return "differs"
    if count == floor == 0:
        return "0"
    bound = floor or ROUNDINGS
    while bound < count:
        bound *= 8
    return f"<= {bound}" if bound < 1000 else f"<= {bound:.0e}".replace("e+0", "e")


# The smallest counts printed: IEEE 754 fixes the last bit of + - * /; functions leave a few
# roundings; differences are good to about 1e-10 of the slope, which is half a million units.
FIXED, ROUNDINGS, DIFFERENCES = 0, 8, 10**6


# ---------------------------------------------------------------------------------------- PyTorch


@cache
def _torch():
    try:
        import torch
    except ImportError:
        return None
    return torch


@cache
def _number():
    torch = _torch()
    if torch is None:
        raise ModuleNotFoundError("PyTorch is not installed: pip install torch")

    def tensor(x, like):
        x = x if isinstance(x, torch.Tensor) else torch.as_tensor(x, device=like.device)
        return x.to(like.dtype) if x.is_floating_point() else x

    def all_axes(x, axis):
        return tuple(range(x.ndim)) if axis is None else axis

    class Number(torch.Tensor):
        """A float64 tensor with the methods of `Value` and `Tensor` that torch keeps elsewhere."""

        __array_ufunc__ = None  # array + number is left to Number.__radd__

        def softplus(self):
            # torch's own cut, x for all x > 20, is wrong by 2e-9; beyond 700 exp overflows
            return torch.nn.functional.softplus(self, threshold=700)

        def gelu(self):
            return torch.nn.functional.gelu(self)

        def leaky_relu(self, slope=0.01):
            if isinstance(slope, torch.Tensor):
                return torch.where(self > 0, self, self * slope)
            return torch.nn.functional.leaky_relu(self, slope)

        def gelu(self, approximate="none"):
            return torch.nn.functional.gelu(self, approximate=approximate)

        def maximum(self, other):
            return torch.maximum(self, torch.as_tensor(other, dtype=self.dtype, device=self.device))

        def minimum(self, other):
            return torch.minimum(self, torch.as_tensor(other, dtype=self.dtype, device=self.device))

        def max(self, axis=None, keepdims=False):
            return torch.amax(self, all_axes(self, axis), keepdims)

        def min(self, axis=None, keepdims=False):
            return torch.amin(self, all_axes(self, axis), keepdims)

        def sum(self, axis=None, keepdims=False):
            return torch.sum(self, all_axes(self, axis), keepdims)

        def mean(self, axis=None, keepdims=False):
            return torch.mean(self, all_axes(self, axis), keepdims)

        def var(self, axis=None, keepdims=False, correction=1):
            return torch.var(self, axis, correction=correction, keepdim=keepdims)

        def logsumexp(self, axis=None, keepdims=False):
            return torch.logsumexp(self, all_axes(self, axis), keepdims)

        def softmax(self, axis=-1):
            return torch.softmax(self, axis)

        def log_softmax(self, axis=-1):
            return torch.log_softmax(self, axis)

        def transpose(self, *axes):
            return torch.permute(self, axes or tuple(reversed(range(self.ndim))))

        @property
        def T(self):
            return self.transpose()

        def pad(self, widths, value=0.0):
            widths = [(widths, widths)] * self.ndim if isinstance(widths, int) else widths
            flat_widths = [n for pair in reversed(widths) for n in pair]
            return torch.nn.functional.pad(self, flat_widths, value=value)

        def item(self):
            # a Value made from a tensor would silently forget the tensor's history
            raise TypeError(MAKES_OURS)

    def lifted(name, operate):
        """An operator that takes NumPy arrays, too."""
        plain = getattr(torch.Tensor, f"__{name}__")

        def straight(self, other):
            return plain(self, tensor(other, self) if isinstance(other, np.ndarray) else other)

        def reflected(self, other):
            if isinstance(other, np.ndarray):
                return operate(tensor(other, self), self)
            return getattr(torch.Tensor, f"__r{name}__")(self, other)

        return straight, reflected

    for name in ("add", "sub", "mul", "truediv", "pow", "matmul"):
        straight, reflected = lifted(name, getattr(operator, name))
        setattr(Number, f"__{name}__", straight)
        setattr(Number, f"__r{name}__", reflected)
    return Number


def torch_devices():
    """The devices PyTorch can use here: `()` without PyTorch, `("cpu",)`, `("cpu", "cuda")`."""
    torch = _torch()
    if torch is None:
        return ()
    return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)


def torch_gradient(f, *xs, device="cpu"):
    """Differentiate the scalar program `f` at `xs` with PyTorch, in float64.

    `f` is written with operators and the methods of `Value`; each x is a number or a nested list
    of numbers. Returns one float an input number, in order.
    Raises ModuleNotFoundError with the cure when PyTorch is missing.
    """
    return _torch_run(f, xs, device)[1]


def _torch_run(f, xs, device):
    number, torch = _number(), _torch()
    point = [
        torch.tensor(x, dtype=torch.float64, device=device).as_subclass(number).requires_grad_()
        for _, x in leaves(list(xs), "x")
    ]
    y = f(*rebuilt(list(xs), iter(point), arrays=False))
    if not isinstance(y, torch.Tensor):
        return float(y), [0.0] * len(point)
    if y.requires_grad:
        y.backward()
    return float(y.detach()), [0.0 if x.grad is None else float(x.grad) for x in point]


# ------------------------------------------------------------------------------------- one program


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
        return ("", "engine", "differences", *named, "ULPs to differences") + tuple(
            f"ULPs to {name}" for name in named
        )

    def _cells(self):
        for line, verdict in zip(self.lines, ("", *self.verdicts), strict=True):
            compared = verdict == "right"
            yield (
                line.name,
                f"{line.engine:.6g}",
                shown(line.difference, line.uncertainty) if compared else verdict or "-",
                *(f"{line.torch[device]:.6g}" for device in self.devices),
                _difference_bound(line) if compared else "-",
                *(_bound(line.ulps(device), ROUNDINGS) for device in self.devices),
            )

    def _footer(self):
        facts = []
        for device in self.devices:
            bound = _bound(self.max_ulps(device), ROUNDINGS)
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
    return _bound(line.ulps("differences"), DIFFERENCES)


def agreement(f, *xs, devices=None, peer=None):
    """Compare the engine with finite differences and PyTorch on the scalar program `f` at `xs`.

    `f` is written with operators and the methods of `Value`; each x is a number or a nested list
    of numbers. `devices` are PyTorch's, all there are unless told: give `["cpu"]` where the text
    must be the same on every machine. A program of `dot`, `total` or the functions `maximum` and
    `minimum`, which make Values only, is written a second time for PyTorch as `peer`.
    """
    devices, sentences = _available(devices)
    xs = list(xs)
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
    runs = {device: _torch_run(peer or f, xs, device) for device in devices}
    lines = [
        Line("f", float(y), math.nan, math.nan, {device: runs[device][0] for device in devices})
    ]
    for i, (node, row) in enumerate(zip(nodes, report.rows, strict=True)):
        theirs = {device: runs[device][1][i] for device in devices}
        lines.append(Line(f"∂f/∂{row.name}", node.grad, row.difference, row.uncertainty, theirs))
    notes = tuple(f"∂f/∂{row.name}: {row.note}" for row in report.rows if row.note)
    verdicts = tuple(row.verdict for row in report.rows)
    return Agreement(tuple(lines), devices, verdicts, (*notes, *sentences))


def _available(devices):
    there = torch_devices()
    wanted = there if devices is None else tuple(devices)
    missing = [device for device in wanted if device not in there]
    if not there:
        return (), (NO_TORCH,)
    return (
        tuple(device for device in wanted if device in there),
        tuple(f"PyTorch has no {device} here." for device in missing),
    )


# ---------------------------------------------------------------------------------- all operations


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
                _bound(which[device], floor)
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
    devices, sentences = _available(devices)
    lines = []
    for name, (formula, *partials) in RULES.items():
        f, ok = program(name), True
        fixed = not re.search(r"\b(?!abs)\w+\(", " ".join((formula, *partials)))
        value, slopes = dict.fromkeys(devices, 0), dict.fromkeys(devices, 0)
        for _ in range(points):
            point, y, gradient = _drawn(f, len(partials), rng)
            ok = ok and all(row.verdict == "right" for row in gradcheck(f, point, rng).rows)
            for device in devices:
                their_y, theirs = _torch_run(f, point, device)
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
