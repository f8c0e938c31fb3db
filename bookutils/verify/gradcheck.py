"""Gradient checking: every partial derivative against differences that know their own error.

A derivative is checked by evaluating the function beside the point. Three things make that
trustworthy, and each has a section below: the step is searched for and its error estimated;
slopes from the left and from the right are compared, so a kink is seen; and the upstream
gradient is random and asymmetric, so a rule that ignores it is found out.
"""

import inspect
import math
import sys
from dataclasses import dataclass, replace
from numbers import Real
from typing import NamedTuple

import array_api_compat
import numpy as np

from bookutils.page.tables import html_table, text_table

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


# -------------------------------------------------------------------------------------- the check


UNSTEADY = "f gives different values for the same inputs; fix its random numbers first"


def gradcheck(f, xs, rng=None, *, engine=None, gradient=None, upstream=None, rtol=1e-8):
    """Compare every partial derivative of `f(*xs)` with finite differences.

    `xs`: the inputs, each a number or a (nested) list or array of numbers. `f` returns one
    number or a list of them, in the arithmetic of `engine`: any class built as `engine(x)` with
    `+`, `*`, `.data`, `.grad` and `.backward()`; `Value` unless told.

    With a NumPy array or a Tensor among the inputs, or engine=Tensor, every input reaches `f` as a
    `Tensor`, and `f` returns a Tensor of any shape, or a list of them. Every element of every input
    is checked; the report shows one row an input: its worst element, or if all are right that of
    the largest gradient. An `engine` of your own takes arrays if `engine(array).data` has the
    array's shape; it needs `.sum()`, and `.backward(upstream)` where outputs are to be checked one
    by one.

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
    rng = np.random.default_rng(0) if rng is None else rng
    xs = listed(xs, f)
    if gradient is None and (has_array(xs) or asks_for_gradients(engine)):
        if engine is None:
            from bookutils.engine.tensor import Tensor as engine
        if takes_arrays(engine):
            return _check_arrays(f, xs, engine, upstream, rng, rtol)
    named = [
        leaf
        for x, name in zip(xs, input_names(f, len(xs)), strict=True)
        for leaf in leaves(x, name)
    ]
    point = [x for _, x in named]
    if gradient is None:
        if engine is None:
            from bookutils.engine.scalar import Value as engine
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
        return outputs_of(f(*rebuilt(xs, iter(nodes), arrays=False)))

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
        return [_number(y) for y in outputs_of(f(*rebuilt(xs, iter(numbers))))]

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


# --------------------------------------------------------------- the same, where edges carry arrays


def _check_arrays(f, xs, engine, upstream, rng, rtol):
    named = array_leaves(xs, input_names(f, len(xs)))
    point = [as_numpy(x) for _, x in named]
    asked = {"requires_grad": True} if asks_for_gradients(engine) else {}

    def nodes(arrays, **options):
        return [engine(stored(a, x), **options) for a, (_, x) in zip(arrays, named, strict=True)]

    def outputs(inputs):
        return outputs_of(f(*refilled(xs, iter(inputs))))

    def run(arrays):
        with np.errstate(all="ignore"):
            return flat(outputs(nodes(arrays)))

    values = run(point)
    if upstream is None:
        weights = _weights(len(values), 2, rng)
    else:
        weights = [flat(outputs_of(upstream)).tolist()]
    if len(weights[0]) != len(values):
        raise ValueError(f"upstream has {len(weights[0])} weights, f has {len(values)} outputs")
    totals = [math.fsum(ws) for ws in zip(*weights, strict=True)]
    unit = totals[0] if len(totals) == 1 and upstream is None else 1.0

    # Candidate 1: the weighted sum over all calls of f, made by the engine's own *, + and sum.
    inputs, root = nodes(point, **asked), None
    for ws in weights:
        ys = outputs(inputs)
        if not _same(values, flat(ys)):
            raise ValueError(UNSTEADY)
        for y, w in weighed(ys, ws):
            term = y * engine(stored(w, y))
            term = term.sum() if w.ndim else term
            root = term if root is None else root + term
    if root is not None:
        root.backward()
    together = [array_grad(node) for node in inputs]

    # Candidate 2: every output by itself, its weights handed to `backward`, if that takes any.
    alone = [np.zeros(x.shape) for x in point]
    for k in range(len(weighed(ys, totals))):
        inputs = nodes(point, **asked)
        y, w = weighed(outputs(inputs), totals)[k]
        if w.ndim == 0:
            y.backward()
        elif parameter_names(y.backward):
            y.backward(stored(w, y))
        else:
            alone = together
            break
        grads = [array_grad(node) * (w if w.ndim == 0 else 1.0) for node in inputs]
        alone = [g if g.shape != a.shape else a + g for a, g in zip(alone, grads, strict=True)]

    def weighted(values):
        terms = (totals / np.float64(unit) * values).tolist()
        return math.fsum(terms), math.fsum(map(abs, terms))

    causes = _causes([ws[0] for ws in weights]) if len(totals) == 1 else {}
    arrays = []
    for i, (name, _) in enumerate(named):
        found = {}
        for index in np.ndindex(point[i].shape):

            def along(z, i=i, index=index):
                moved = point[i].copy()
                moved[index] = z
                return weighted(run([*point[:i], moved, *point[i + 1 :]]))

            found[index] = _slopes(along, point[i][index])
        judged = [
            _judge_array(name, point[i], grads[i] / unit, found, rtol, causes)
            for grads in (together, alone)
        ]
        failed = (rows for rows in judged if not Report(rows, ()).ok)
        arrays.append((point[i].shape, next(failed, judged[0])))
    return Report(tuple(row for _, rows in arrays for row in rows), tuple(totals), tuple(arrays))


def _judge_array(name, x, gradient, found, rtol, causes):
    # One row an element; where one sentence explains all of the array's faults, they all bear it.
    fits = gradient.shape == x.shape
    rows = []
    for index, slope in found.items():
        label = f"{name}[{', '.join(map(str, index))}]" if index else name
        given = gradient[index] if fits else math.nan
        rows.append(_judge(label, float(x[index]), float(given), slope, rtol, causes))
    if not fits:
        note = f"the gradient has the shape {gradient.shape}, {name} has {x.shape}"
        return tuple(replace(row, verdict="wrong", note=note, error=math.inf) for row in rows)
    slopes = np.array([row.difference for row in rows]).reshape(x.shape)
    note = _array_cause(gradient, slopes)
    return tuple(
        replace(row, note=note) if note and row.verdict == "wrong" and not row.note else row
        for row in rows
    )


def _array_cause(gradient, slopes):
    def same(a, b):
        return np.all(np.isfinite(b)) and np.allclose(a, b, rtol=1e-6, atol=1e-9 * np.abs(b).max())

    if gradient.size < 2 or not np.all(np.isfinite(slopes)):
        return ""
    if gradient.shape == slopes.T.shape and same(gradient, slopes.T):
        return "the gradient is transposed"
    with np.errstate(all="ignore"):
        ratio = np.sum(gradient * slopes) / np.sum(slopes * slopes)
    if not gradient.any():
        return "the gradient is zero in every element"
    if same(gradient, ratio * slopes):
        return f"the gradient is {ratio:.6g} times the slope in every element"
    return ""


def weighed(ys, weights):
    # (output, its weights in its shape) for every output that depends on an input
    pairs, start = [], 0
    for y in ys:
        shape = as_numpy(y).shape
        stop = start + math.prod(shape)
        if not isinstance(y, Real) and getattr(y, "requires_grad", True):
            pairs.append((y, np.reshape(weights[start:stop], shape)))
        start = stop
    return pairs


def flat(ys):
    return np.concatenate([np.zeros(0), *(as_numpy(y).ravel() for y in ys)])


def array_grad(node):
    return np.zeros(as_numpy(node).shape) if node.grad is None else as_numpy(node.grad)


# ------------------------------------------------------------------------------ inputs and outputs


def parameter_names(f):
    """The names of the parameters of `f` that can be given by position."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def input_names(f, count):
    """The names of the first `count` parameters of `f`, or x0, x1, … where it has none."""
    positional = parameter_names(f)
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


def listed(xs, f):
    """The inputs of `f` as a list; a number, a Tensor, or an array for one parameter is one."""
    one = isinstance(xs, Real) or hasattr(xs, "backward")
    if isinstance(xs, np.ndarray) and len(parameter_names(f)) == 1 and xs.shape != (1,):
        one = True
    one |= isinstance(xs, np.ndarray) and not xs.ndim
    return [xs] if one else list(xs)


def has_array(x):
    """Is `x` a Tensor or an array, or a list with one in it?"""
    if isinstance(x, (list, tuple)):
        return any(map(has_array, x))
    return hasattr(x, "shape") and not isinstance(x, np.generic)


def asks_for_gradients(engine):
    """Does a node of `engine` get a gradient only if made with requires_grad=True?"""
    return engine is not None and "requires_grad" in parameter_names(engine)


def takes_arrays(engine):
    """Does a node of `engine` hold a whole array?"""
    try:
        return np.shape(getattr(engine(np.zeros(2)), "data", None)) == (2,)
    except (TypeError, ValueError):
        return False


def array_leaves(x, names):
    """List (name, array or number) for everything in the nested lists `x` that is not a list."""
    found = []
    for part, name in zip(x, names, strict=True):
        if isinstance(part, (list, tuple)):
            found += array_leaves(part, [f"{name}[{i}]" for i in range(len(part))])
        elif isinstance(part, Real) or hasattr(part, "shape"):
            found.append((name, part))
        else:
            raise TypeError(f"{name} is a {type(part).__name__}, not a number or an array")
    return found


def refilled(x, parts):
    """The nested lists `x` with every leaf taken from the iterator `parts`."""
    if isinstance(x, (list, tuple)):
        return type(x)(refilled(part, parts) for part in x)
    return next(parts)


def as_numpy(x):
    """The float64 NumPy array that a number, an array of any library or a Tensor holds."""
    data = x if isinstance(x, (Real, np.ndarray)) else x.data
    return np.asarray(data.cpu() if hasattr(data, "cpu") else data, dtype=np.float64)


def stored(array, like):
    """The NumPy array in the library and on the device of the array that `like` is or holds."""
    data = like if isinstance(like, (Real, np.ndarray)) else like.data
    if isinstance(data, (Real, np.ndarray)):
        return array
    xp = array_api_compat.array_namespace(data)
    return xp.asarray(array, device=array_api_compat.device(data))


def outputs_of(y):
    if isinstance(y, (list, tuple)) or (isinstance(y, np.ndarray) and y.ndim > 0):
        return [leaf for part in y for leaf in outputs_of(part)]
    return [y]


def _number(y):
    return float(y if isinstance(y, (Real, np.ndarray)) else y.data)


def _grad(node):
    return 0.0 if node.grad is None else float(node.grad)


def _same(a, b):
    return np.array_equal(a, b, equal_nan=True)
