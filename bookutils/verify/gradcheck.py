"""Gradient checking: every partial derivative against differences that know their own error.

A derivative is checked by evaluating the function beside the point. Three things make that
trustworthy: the step is searched for and its error estimated, and slopes from the left and from
the right are compared, so a kink is seen (`differences`); and the upstream gradient is random and
asymmetric, so a rule that ignores it is found out.
"""

import math
from numbers import Real

import numpy as np

from bookutils.verify.differences import slopes_of_sums
from bookutils.verify.inputs import (
    array_grad,
    array_leaves,
    as_numpy,
    asks_for_gradients,
    flat,
    has_array,
    input_names,
    leaves,
    listed,
    outputs_of,
    parameter_names,
    rebuilt,
    refilled,
    stored,
    takes_arrays,
    weighed,
)
from bookutils.verify.report import Report
from bookutils.verify.verdicts import causes_of, judge, judge_array

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

        causes = causes_of([ws[0] for ws in weights]) if len(totals) == 1 else {}
        slope = slopes_of_sums(along, x)
        judged = [judge(name, x, grads[i] / unit, slope, rtol, causes) for grads in found]
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


# The same, where edges carry arrays


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

    causes = causes_of([ws[0] for ws in weights]) if len(totals) == 1 else {}
    arrays = []
    for i, (name, _) in enumerate(named):
        found = {}
        for index in np.ndindex(point[i].shape):

            def along(z, i=i, index=index):
                moved = point[i].copy()
                moved[index] = z
                return weighted(run([*point[:i], moved, *point[i + 1 :]]))

            found[index] = slopes_of_sums(along, point[i][index])
        judged = [
            judge_array(name, point[i], grads[i] / unit, found, rtol, causes)
            for grads in (together, alone)
        ]
        failed = (rows for rows in judged if not Report(rows, ()).ok)
        arrays.append((point[i].shape, next(failed, judged[0])))
    return Report(tuple(row for _, rows in arrays for row in rows), tuple(totals), tuple(arrays))


def _number(y):
    return float(y if isinstance(y, (Real, np.ndarray)) else y.data)


def _grad(node):
    return 0.0 if node.grad is None else float(node.grad)


def _same(a, b):
    return np.array_equal(a, b, equal_nan=True)
