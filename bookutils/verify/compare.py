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

from bookutils.engine.rules import RULES
from bookutils.engine.scalar import Value
from bookutils.page.tables import html_table, text_table
from bookutils.verify.gradcheck import (
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
AT_ODDS = 1000  # beyond this an array's worst element is shown, below it the same on every machine


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
    """Differentiate the program `f`, of one number, at `xs` with PyTorch, in float64.

    `f` is written with operators, the methods of `Value` and `Tensor`, and the functions of this
    package that `f` names itself. Each x is a number or a nested list of numbers, and then one
    float an input number is returned, in order; with an array or a Tensor among them, one array an
    input. Raises ModuleNotFoundError with the cure when PyTorch is missing.
    """
    if has_array(list(xs)):
        return _torch_arrays(f, list(xs), None, device)[1]
    return _torch_run(f, xs, device)[1]


def _torch_run(f, xs, device):
    number, torch = _number(), _torch()
    point = [
        torch.tensor(x, dtype=torch.float64, device=device).as_subclass(number).requires_grad_()
        for _, x in leaves(list(xs), "x")
    ]
    y = _in_torch(f, rebuilt(list(xs), iter(point), arrays=False))
    if not isinstance(y, torch.Tensor):
        return float(_constant(y)), [0.0] * len(point)
    if y.requires_grad:
        y.backward()
    return float(y.detach()), [0.0 if x.grad is None else float(x.grad) for x in point]


def _torch_arrays(f, xs, weights, device):
    # -> all outputs in a row, and of their weighted sum one gradient an input
    number, torch = _number(), _torch()
    point = [
        torch.tensor(as_numpy(x), device=device).as_subclass(number).requires_grad_()
        for _, x in array_leaves(xs, input_names(f, len(xs)))
    ]
    ys = outputs_of(_in_torch(f, refilled(xs, iter(point))))
    values = flat([y if isinstance(y, torch.Tensor) else _constant(y) for y in ys])
    if weights is not None and len(weights) != len(values):
        raise ValueError(f"f has {len(weights)} outputs with our engine, {len(values)} in PyTorch")
    for y, w in weighed(ys, [1.0] * len(values) if weights is None else weights):
        y.backward(torch.tensor(w, device=device), retain_graph=True)
    return values, [array_grad(x) for x in point]


def _constant(y):
    if hasattr(y, "backward"):
        raise TypeError(MAKES_OURS)
    return y


def _in_torch(f, xs):
    try:
        return _moved(f)(*xs)
    except Exception as error:
        error.add_note(f"This came up on torch tensors, for PyTorch's column: {MAKES_OURS}")
        raise


def _moved(f):
    """The function `f` with every function of this package that it names replaced by PyTorch's.

    Functions of the same module that `f` calls are taken along; methods of classes are not.
    """
    if not isinstance(f, FunctionType):
        return f
    theirs, world, known = _theirs(), {}, f.__globals__

    def moved(x):
        if isinstance(x, FunctionType) and x.__globals__ is known and id(x) not in theirs:
            copy = FunctionType(x.__code__, world, x.__name__, x.__defaults__, cells(x))
            copy.__kwdefaults__ = x.__kwdefaults__
            return copy
        return theirs.get(id(x), x)

    def cells(x):
        return x.__closure__ and tuple(
            CellType(theirs.get(id(c.cell_contents), c.cell_contents)) for c in x.__closure__
        )

    world.update((name, moved(x)) for name, x in known.items())
    return moved(f)


@cache
def _theirs():
    """id of a function of this package -> the same in PyTorch, on torch tensors and arrays."""
    from bookutils import losses
    from bookutils.engine import graph, scalar, sums
    from bookutils.engine import tensor as ours

    torch, number = _torch(), _number()

    def convert(x):
        return torch.as_tensor(x) if isinstance(x, np.ndarray) else x

    def on_tensors(function):
        def run(*xs, **options):
            options = {name: convert(x) for name, x in options.items()}
            return function(*map(convert, xs), **options)

        return run

    def tensor(x):
        x = torch.as_tensor(x, dtype=None if isinstance(x, np.ndarray) else torch.float64)
        return x.as_subclass(number)

    def dot(ws, xs, b=0.0):
        return reduce(operator.add, map(operator.mul, ws, xs), b)

    def linear(x, W, b=None, activation=None):
        y = x @ W if b is None else x @ W + b
        return y if activation is None else getattr(y, activation)()

    pairs = {
        sums.dot: dot,
        sums.total: sum,
        scalar.maximum: lambda a, b: tensor(a).maximum(b),
        scalar.minimum: lambda a, b: tensor(a).minimum(b),
        ours.maximum: lambda a, b: tensor(a).maximum(b),
        ours.minimum: lambda a, b: tensor(a).minimum(b),
        ours.where: lambda c, a, b: torch.where(torch.as_tensor(c), tensor(a), tensor(b)),
        ours.concatenate: lambda ts, axis=0: torch.cat([tensor(t) for t in ts], axis),
        ours.stack: lambda ts, axis=0: torch.stack([tensor(t) for t in ts], axis),
        ours.linear: linear,
        ours.cross_entropy: on_tensors(torch.nn.functional.cross_entropy),
        graph.no_grad: torch.no_grad,
    }
    names = {name: name for name in losses.__all__ if hasattr(torch.nn.functional, name)}
    names |= {"bce_loss": "binary_cross_entropy"}
    names |= {"bce_with_logits": "binary_cross_entropy_with_logits"}
    for name, theirs in names.items():
        pairs[getattr(losses, name)] = on_tensors(getattr(torch.nn.functional, theirs))
    found = {id(function): theirs for function, theirs in pairs.items()}
    inside = {name: found.get(id(x), x) for name, x in vars(losses).items()}
    return {**found, id(losses): SimpleNamespace(**inside)}


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
    """Compare the engine with finite differences and PyTorch on the program `f` at `xs`.

    `f` is written with operators and the methods of `Value` and `Tensor`; functions of this package
    that it names (`dot`, `maximum`, `where`, `linear`, the losses, …) are PyTorch's own in its
    column. Each x is a number or a nested list of numbers, and `f` gives one number. With an array
    or a Tensor among them all are Tensors, and `f` gives Tensors of any shape, whose elements are
    weighed at random for the gradient, unless there is only one; the table has one row an input.
    `devices` are PyTorch's, all there are unless told: give `["cpu"]` where the text must be the
    same on every machine. Where `f` cannot run on torch tensors, `peer` is the same for PyTorch.
    """
    devices, sentences = _available(devices)
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
    runs = {device: _torch_run(peer or f, xs, device) for device in devices}
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
    runs = {device: _torch_arrays(peer, xs, weights, device) for device in devices}

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
    distances = {device: _normed_ulps(engine, other) for device, other in theirs.items()}
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
    apart["differences"] = max(_normed_ulps(engine[right], differences), default=0)
    difference = (rows[i].difference, rows[i].uncertainty) if rows else (math.nan, math.nan)
    return ArrayLine(
        f"{name}[{place}]" if shape else name,
        float(engine[i]),
        *difference,
        {device: float(other[i]) for device, other in theirs.items()},
        shape,
        apart,
    )


def _normed_ulps(ours, theirs):
    """The distances between the elements of two arrays, in ULPs of the largest element."""
    finite = np.abs([x for x in (*ours, *theirs) if math.isfinite(x)])
    unit = np.spacing(finite.max()) if len(finite) else 1.0
    return [
        0 if ulps(a, b) == 0 else abs(a - b) / unit if math.isfinite(a - b) else math.inf
        for a, b in zip(ours.tolist(), theirs.tolist(), strict=True)
    ]


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
        fixed = not re.search(r"\b(?!abs|where)\w+\(", " ".join((formula, *partials)))
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
