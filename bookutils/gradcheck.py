"""Gradient checking: every partial derivative against differences that know their own error.

A derivative is checked by evaluating the function beside the point. Three things make that
trustworthy, and each has a section below: the step is searched for and its error estimated;
slopes from the left and from the right are compared, so a kink is seen; and the upstream
gradient is random and asymmetric, so a rule that ignores it is found out.
"""

import inspect
import math
import sys
from dataclasses import dataclass
from numbers import Real
from typing import NamedTuple

import numpy as np

from .tables import html_table, text_table

# ---------------------------------------------------------------- slopes of one-variable functions

# Tolerances. A float64 carries eps = 2.2e-16. A difference over a step h loses eps |f| / h to
# rounding and gains a truncation error of order h**6 (central) or h**4 (one-sided) after two
# extrapolations; the two meet between 1e-11 and 1e-14 of the slope for functions of ordinary size.
# Estimates closer than AGREED count as equal, and the larger step wins: the step chosen then
# hangs on truncation, not on the last bits of a machine's exp and tanh.
EPS = sys.float_info.epsilon
AGREED = 1e-10
# Each step is RATIO times smaller than the last. Halving would be tidier, but then sin(8 pi x)
# looks flat from 0 to three steps in a row, and differences that a saturated tanh has rounded to
# multiples of one small number can agree to the last bit without being right.
RATIO = 1.8
# Errors of the estimates are themselves estimates (differences of neighbours in the sweep),
# so they are trusted to one digit. A margin of 4 raised a false alarm in 20,000 random programs;
# 10 still sees a slope of 80 units in the last place of f (that of the sigmoid at 32).
SAFETY = 10.0


class Slope(NamedTuple):
    """An estimated slope, the step it was taken with, its error, and the part that is rounding."""

    value: float
    step: float
    error: float
    rounding: float


class Slopes(NamedTuple):
    """The slope of a function at a point: from both sides, from the left, from the right."""

    central: Slope
    left: Slope
    right: Slope

    @property
    def kink(self):
        """Do the one-sided slopes differ by far more than their errors?"""
        gap = abs(self.right.value - self.left.value)
        size = max(abs(self.right.value), abs(self.left.value))
        return gap > 4 * SAFETY * (self.right.error + self.left.error) + 1e-6 * size


def slopes(f, x):
    """Estimate the slope of `f`, one number to one number, at `x` by a sweep over step sizes.

    The steps shrink from a fifth of 1, then from a fifth of |x|, until rounding exceeds the error
    already reached. At each step the differences are extrapolated twice (Richardson): central
    ones to order h**6, one-sided ones to order h**4. Of each kind the estimate is taken whose
    neighbours agree best. A point where `f` raises an arithmetic error counts as outside its
    domain.
    Source: L. F. Richardson, "The deferred approach to the limit", 1927; C. J. F. Ridders,
    "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4, 1982.
    """
    return _slopes(lambda z: (f(z),) * 2, x)


def _slopes(f, x):
    # f(x) -> (value, magnitude): the magnitude bounds what rounding can have spoilt.
    x = float(x)
    best = [Slope(math.nan, math.nan, math.inf, math.inf)] * 3
    at = _evaluate(f, x)
    for scale in _scales(x):
        rows = [None, None, None]  # the newest row of each Richardson table
        peak = 0.0
        for h in (scale / RATIO**k for k in range(52)):
            above, below = x + h, x - h
            if x in (above, below):
                break
            f_above, f_below = _evaluate(f, above), _evaluate(f, below)
            differences = (
                (f_above[0] - f_below[0]) / (above - below),
                (at[0] - f_below[0]) / (x - below),
                (f_above[0] - at[0]) / (above - x),
            )
            size = max((s for _, s in (at, f_above, f_below) if s < math.inf), default=0.0)
            peak = max(peak, EPS * size / scale)
            for kind, d in enumerate(differences):
                rounding = (EPS * (size + abs(x * d)) + math.ulp(0.0)) / h
                powers = (2, 4) if kind == 0 else (1, 2, 3)
                rows[kind], error = _extrapolate(rows[kind], d, powers)
                if error + rounding < best[kind].error and not _agreed(best[kind]):
                    best[kind] = Slope(rows[kind][-1], h, error + rounding, max(rounding, peak))
            if all(_agreed(b) or EPS * size / h > b.error for b in best):
                break
        if all(map(_agreed, best)):
            break
    return _trusted(Slopes(*best))


def _scales(x):
    # Where to begin: at the scale of 1, and if the estimates do not agree yet, at that of x,
    # where log changes.
    yield 0.2
    if abs(x) > 2.0 or 0 < abs(x) < 2.0**-24:
        yield 0.2 * math.ldexp(1.0, math.frexp(x)[1])


def _evaluate(f, x):
    try:
        value, size = f(x)
        return float(value), abs(float(size))
    except (ArithmeticError, ValueError):
        return math.nan, math.nan


def _extrapolate(previous, difference, powers):
    # One more row of Richardson's table; its error is the largest disagreement among neighbours.
    row = [difference]
    for power, older in zip(powers, previous or (), strict=False):
        row.append(row[-1] + (row[-1] - older) / (RATIO**power - 1))
    if previous is None or len(previous) <= len(powers):
        return row, math.inf
    error = max(abs(row[-1] - row[-2]), abs(row[-1] - previous[-1]))
    return row, error if math.isfinite(error) else math.inf


def _agreed(slope):
    return slope.error <= AGREED * abs(slope.value)


def _trusted(found):
    # A bump narrower than the first steps fools the central difference, which never looks at
    # f(x); the one-sided slopes do look, and overrule it where they agree with each other.
    central, left, right = found
    both = (left.value + right.value) / 2
    error = left.error + right.error
    if not found.kink and abs(central.value - both) > SAFETY * (central.error + error):
        central = Slope(both, min(left.step, right.step), error, left.rounding + right.rounding)
    return Slopes(central, left, right)


# ------------------------------------------------------------------------------------- the report


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

    def _notes(self):
        return "\n".join(f"{row.name}: {row.note}" for row in self.rows if row.note)

    def _cells(self):
        return [
            (
                row.name,
                f"{row.x:.6g}",
                f"{row.gradient:.6g}",
                shown(row.difference, row.uncertainty),
                "-" if math.isnan(row.step) else f"{row.step:.1e}",
                _error_text(row),
                row.verdict,
            )
            for row in self.rows
        ]

    def __repr__(self):
        table = text_table(HEADER, self._cells()) if self.rows else ""
        return "\n".join(part for part in (self._summary(), table, self._notes()) if part)

    def _repr_html_(self):
        return html_table(HEADER, self._cells(), self._summary(), self._notes())


def _error_text(row):
    if row.verdict == "kink":
        return "-"
    if row.verdict == "right":
        # what lies below the tolerance is rounding, and differs between machines
        return "< 1e-08" if row.error < 1e-8 else "rounding"
    return f"{row.error:.0e}"


# -------------------------------------------------------------------------------------- the check


UNSTEADY = "f gives different values for the same inputs; fix its random numbers first"


def gradcheck(f, xs, rng=None, *, engine=None, gradient=None, upstream=None, rtol=1e-8):
    """Compare every partial derivative of `f(*xs)` with finite differences.

    `xs`: the inputs, each a number or a (nested) list or array of numbers. `f` returns one
    number or a list of them, in the arithmetic of `engine`: any class built as `engine(x)` with
    `+`, `*`, `.data`, `.grad` and `.backward()`; `Value` unless told.

    The gradient taken is that of a weighted sum of the outputs with random weights of unequal
    sizes; `f` is called twice on the same inputs and both results enter the sum, so every input
    is used at least twice and a gradient that overwrites instead of adding is found out. That sum
    is made by the engine's own `*` and `+`, in which a wrong sign would cancel against itself, so
    the gradients of the outputs, taken one by one, must give the same. `upstream` (one number an
    output) sets the weights by hand, and calls `f` once.

    With `gradient` the engine is left out: `f` maps floats to floats, and `gradient(*xs)` returns
    one partial derivative an input (shaped like the inputs); for several outputs it is called as
    `gradient(*xs, upstream=weights)`.

    Verdicts: "right"; "wrong"; "not finite" (NaN or infinity); "unclear" (the differences do not
    settle, so nothing is proved); "kink" (slopes from left and right differ, and the gradient lies
    between them). At a program's kinks a smooth sum may hide, as in relu(x) - relu(-x) at 0, whose
    slope is 1 where engines say 0: that is "wrong", and it is.

    Raises TypeError for an input that is no number, ValueError when `f` gives different values
    for the same inputs or when the numbers of gradients and inputs differ.
    """
    xs = [xs] if isinstance(xs, Real) else list(xs)
    rng = np.random.default_rng(0) if rng is None else rng
    named = [
        leaf
        for x, name in zip(xs, input_names(f, len(xs)), strict=True)
        for leaf in leaves(x, name)
    ]
    point = [x for _, x in named]
    if gradient is None:
        if engine is None:
            from .scalar import Value as engine
        run, found, weights = _with_engine(f, xs, point, engine, upstream, rng)
    else:
        run, found, weights = _with_gradient(f, xs, point, gradient, upstream, rng)

    totals = [math.fsum(ws) for ws in zip(*weights, strict=True)]
    # With one output the weights are divided out again, so the table shows the reader's own slope.
    unit = totals[0] if len(totals) == 1 and upstream is None else 1.0

    def weighted(values):
        terms = [w / unit * v for w, v in zip(totals, values, strict=True)]
        return math.fsum(terms), math.fsum(map(abs, terms))

    rows = []
    for i, (name, x) in enumerate(named):

        def along(z, i=i):
            return weighted(run([*point[:i], z, *point[i + 1 :]]))

        causes = _causes([ws[0] for ws in weights]) if len(totals) == 1 else {}
        slope = _slopes(along, x)
        judged = [_judge(name, x, grads[i] / unit, slope, rtol, causes) for grads in found]
        rows.append(
            next((row for row in judged if row.verdict not in ("right", "kink")), judged[0])
        )
    return Report(tuple(rows), tuple(totals))


def _with_engine(f, xs, point, engine, upstream, rng):
    # -> (floats to output values, candidate gradients, the weights of each call of f)
    def outputs(nodes):
        return _outputs(f(*rebuilt(xs, iter(nodes), arrays=False)))

    def run(numbers):
        return [_number(y) for y in outputs(map(engine, numbers))]

    values = run(point)
    calls = 1 if upstream is not None else 2
    weights = _weights(len(values), calls, rng) if upstream is None else [list(upstream)]
    if len(weights[0]) != len(values):
        raise ValueError(f"upstream has {len(weights[0])} weights, f has {len(values)} outputs")

    nodes = [engine(x) for x in point]
    root = None
    for ws in weights:
        ys = outputs(nodes)
        if not _same(values, [_number(y) for y in ys]):
            raise ValueError(UNSTEADY)
        for y, w in zip(ys, ws, strict=True):
            if not isinstance(y, Real):  # an output that is a plain number depends on nothing
                root = y * engine(w) if root is None else root + y * engine(w)
    if root is not None:
        root.backward()
    together = [_grad(node) for node in nodes]

    one_by_one = [0.0] * len(point)
    for k, ws in enumerate(zip(*weights, strict=True)):
        nodes = [engine(x) for x in point]
        y = outputs(nodes)[k]
        if not isinstance(y, Real):
            y.backward()
        for i, node in enumerate(nodes):
            one_by_one[i] += math.fsum(ws) * _grad(node)
    return run, [together, one_by_one], weights


def _with_gradient(f, xs, point, gradient, upstream, rng):
    def run(numbers):
        return [_number(y) for y in _outputs(f(*rebuilt(xs, iter(numbers))))]

    values = run(point)
    if not _same(values, run(point)):
        raise ValueError(UNSTEADY)
    if len(values) == 1 and upstream is None:
        weights = [[1.0]]
        answer = gradient(*rebuilt(xs, iter(point)))
    else:
        weights = [list(upstream)] if upstream is not None else _weights(len(values), 1, rng)
        answer = gradient(*rebuilt(xs, iter(point)), upstream=list(weights[0]))
    found = [g for _, g in leaves(answer, "gradient")]
    if len(found) != len(point):
        raise ValueError(f"{len(found)} partial derivatives for {len(point)} inputs")
    return run, [found], weights


def _weights(outputs, calls, rng):
    # Unequal sizes, away from 0 and 1, and one sign an output over all calls, so that
    # no output cancels out of the sum.
    signs = rng.choice([-1.0, 1.0], size=outputs)
    lows = (0.4, 1.3)
    return [[float(s * rng.uniform(low, 2 * low)) for s in signs] for low in lows[:calls]]


def _causes(weights):
    # ratio of gradient to slope -> what makes that ratio (one output, called once per weight)
    total = math.fsum(weights)
    causes = {0.0: "the gradient is zero where f is not flat", -1.0: "the sign is turned"}
    causes |= {2.0: "a factor 2 too large", 0.5: "a factor 2 too small"}
    if len(weights) > 1:
        causes[len(weights) / total] = "the upstream gradient is left out"
        for w in weights:
            causes[w / total] = "one of two uses is missing: overwritten instead of added"
    return causes


def _judge(name, x, gradient, found, rtol, causes):
    central, left, right = found
    slope, step, error, rounding = central
    if math.isinf(central.error):  # f is defined on one side only
        slope, step, error, rounding = min(left, right, key=lambda side: side.error)
    size = max(abs(gradient), abs(slope))
    relative = 0.0 if gradient == slope else abs(gradient - slope) / size if size else 0.0
    tolerance = SAFETY * error + rtol * size

    def row(verdict, note="", relative=relative):
        return Row(name, x, gradient, slope, error, step, relative, verdict, note)

    if not math.isfinite(gradient):
        return row("not finite", f"the gradient is {gradient}; {_edge(found)}", math.inf)
    if found.kink:
        low, high = sorted((left, right))
        between = low.value - tolerance <= gradient <= high.value + tolerance
        sides = [shown(side.value, side.error) for side in (left, right)]
        note = f"slope {sides[0]} from the left, {sides[1]} from the right"
        return (
            row("kink", note) if between else row("wrong", f"{note}; the gradient is not between")
        )
    if not math.isfinite(slope):
        return row("unclear", _edge(found), math.nan)
    # A slope as uncertain as itself proves nothing, unless all that is left of it is rounding:
    # then f is flat to the last bit.
    if SAFETY * error > 0.1 * abs(slope) and error > 100 * rounding:
        return row("unclear", "the differences do not settle here; f jumps, or is very rough")
    if not abs(gradient - slope) <= tolerance:
        for ratio, cause in causes.items():
            if abs(gradient - ratio * slope) <= SAFETY * error + 1e-6 * abs(slope):
                return row("wrong", cause)
        return row("wrong")
    return row("right")


def _edge(found):
    if not math.isfinite(found.left.value) and not math.isfinite(found.right.value):
        return "f is not finite at this point or on either side of it"
    for side, name in ((found.left, "below"), (found.right, "above")):
        if not math.isfinite(side.value):
            return f"f is not defined just {name} this point"
    return f"f is finite here, with slope {found.central.value:.6g}"


def shown(slope, error):
    """A slope as text, with the digits that its error leaves standing, six at most."""
    if not (math.isfinite(slope) and math.isfinite(error)) or error == 0:
        return f"{slope:.6g}"
    if abs(slope) <= SAFETY * error:
        return "0"
    digits = int(math.log10(abs(slope) / (SAFETY * error)))
    return f"{slope:.{min(max(digits, 1), 6)}g}"


# ------------------------------------------------------------------------------ inputs and outputs


def input_names(f, count):
    """The names of the first `count` parameters of `f`, or x0, x1, … where it has none."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    positional = [
        p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    return positional[:count] if len(positional) >= count else [f"x{i}" for i in range(count)]


def leaves(x, name):
    """Yield (name, float) for every number in `x`: a number, or a nested list or array of them."""
    if isinstance(x, (list, tuple)) or (isinstance(x, np.ndarray) and x.ndim > 0):
        for i, part in enumerate(x):
            yield from leaves(part, f"{name}[{i}]")
    elif isinstance(x, (Real, np.ndarray)):
        yield name, float(x)
    else:
        raise TypeError(f"{name} is a {type(x).__name__}, not a number or a list of numbers")


def rebuilt(x, numbers, arrays=True):
    """The structure of `x` filled from the iterator `numbers`; arrays become lists on demand."""
    if isinstance(x, (list, tuple)) or (isinstance(x, np.ndarray) and x.ndim > 0):
        parts = [rebuilt(part, numbers, arrays) for part in x]
        if isinstance(x, np.ndarray):
            return np.array(parts) if arrays else parts
        return tuple(parts) if isinstance(x, tuple) else parts
    return next(numbers)


def _outputs(y):
    if isinstance(y, (list, tuple)) or (isinstance(y, np.ndarray) and y.ndim > 0):
        return [leaf for part in y for leaf in _outputs(part)]
    return [y]


def _number(y):
    return float(y if isinstance(y, (Real, np.ndarray)) else y.data)


def _grad(node):
    return 0.0 if node.grad is None else float(node.grad)


def _same(a, b):
    return np.array_equal(a, b, equal_nan=True)
