"""What every scalar engine of this book must do: one suite, for the reference and for build cells.

    @pytest.mark.parametrize("case", engine_contract.cases())
    def test_contract(case):
        case(Value)

An engine that is naive on purpose says where it fails, and with what, and must fail there:

    engine_contract.cases(
        failing={"second_backward": AssertionError, "deep_chain": RecursionError},
        operations=("add", "mul", "tanh"),
    )
"""

import contextlib
import math
import operator
import random
import signal
from dataclasses import dataclass
from functools import partial

import pytest
import torch

from bookutils.engine import scalar
from bookutils.engine.graph import topological_order


@dataclass(frozen=True)
class Operation:
    """One operation: on Values, on tensors, points to try it at, and where it is tame.

    Tame: defined, off its kinks, and with a slope that is not lost to rounding as 1 - tanh² is.
    """

    value: callable
    tensor: callable
    points: tuple
    tame: callable = lambda *operands: True


def softplus(t):
    # PyTorch's default, threshold=20, drops log1p(exp(-x)), which is 2e-9 there
    return torch.nn.functional.softplus(t, threshold=40)


ONE = ((0.7,), (-1.3,), (2.9,))
PAIRS = ((0.7, -1.3), (-2.9, 0.4), (1.7, 2.3), (-0.6, -3.1))
POSITIVE = ((0.7,), (2.9,), (0.04,))


def method(name, tensor, points=ONE, tame=lambda *operands: True):
    return Operation(lambda v: getattr(v, name)(), tensor, points, tame)


def off_zero(a):
    return abs(a) > 0.01


OPERATIONS = {
    "add": Operation(operator.add, operator.add, PAIRS),
    "sub": Operation(operator.sub, operator.sub, PAIRS),
    "mul": Operation(operator.mul, operator.mul, PAIRS),
    "div": Operation(operator.truediv, operator.truediv, PAIRS, lambda a, b: abs(b) > 0.2),
    "neg": Operation(operator.neg, operator.neg, ONE),
    "add_number": Operation(lambda v: v + 1.7, lambda t: t + 1.7, ONE),
    "number_add": Operation(lambda v: 1.7 + v, lambda t: 1.7 + t, ONE),
    "sub_number": Operation(lambda v: v - 1.7, lambda t: t - 1.7, ONE),
    "number_sub": Operation(lambda v: 1.7 - v, lambda t: 1.7 - t, ONE),
    "mul_number": Operation(lambda v: v * -2.3, lambda t: t * -2.3, ONE),
    "number_mul": Operation(lambda v: -2.3 * v, lambda t: -2.3 * t, ONE),
    "div_number": Operation(lambda v: v / -2.3, lambda t: t / -2.3, ONE),
    "number_div": Operation(lambda v: -2.3 / v, lambda t: -2.3 / t, ONE, lambda a: abs(a) > 0.2),
    "square": Operation(lambda v: v**2, lambda t: t**2, ONE),
    "cube": Operation(lambda v: v**3, lambda t: t**3, ONE),
    "power_number": Operation(lambda v: v**-1.7, lambda t: t**-1.7, POSITIVE, lambda a: a > 0.2),
    "number_power": Operation(lambda v: 1.7**v, lambda t: 1.7**t, ONE),
    "pow": Operation(
        operator.pow, operator.pow, ((0.7, -1.3), (2.9, 0.4)), lambda a, b: a > 0.2 and abs(b) < 4
    ),
    "exp": method("exp", torch.exp, tame=lambda a: a < 3),
    "log": method("log", torch.log, POSITIVE, lambda a: a > 0.2),
    "sqrt": method("sqrt", torch.sqrt, POSITIVE, lambda a: a > 0.2),
    "sin": method("sin", torch.sin, tame=lambda a: abs(math.cos(a)) > 0.1),
    "cos": method("cos", torch.cos, tame=lambda a: abs(math.sin(a)) > 0.1),
    "tanh": method("tanh", torch.tanh, ((0.7,), (-1.3,), (1.4,)), lambda a: abs(a) < 1.5),
    "sigmoid": method("sigmoid", torch.sigmoid, tame=lambda a: a < 3),
    "softplus": method("softplus", softplus),
    "gelu": method("gelu", torch.nn.functional.gelu, tame=lambda a: abs(a) < 1.5),
    "relu": method("relu", torch.relu, tame=off_zero),
    "leaky_relu": method("leaky_relu", torch.nn.functional.leaky_relu, tame=off_zero),
    "steep_leaky_relu": Operation(
        lambda v: v.leaky_relu(0.3), lambda t: torch.nn.functional.leaky_relu(t, 0.3), ONE, off_zero
    ),
    "abs": Operation(abs, abs, ONE, off_zero),
    "maximum": Operation(
        lambda a, b: a.maximum(b), torch.maximum, PAIRS, lambda a, b: off_zero(a - b)
    ),
    "minimum": Operation(
        lambda a, b: a.minimum(b), torch.minimum, PAIRS, lambda a, b: off_zero(a - b)
    ),
}

CASES = {}


def case(function):
    """Enter a function of an engine's class into the contract."""
    CASES[function.__name__] = function
    return function


HEAVY = ("deep_chain", "big_sum")  # graphs of 60,000 nodes and more


def cases(failing=None, operations=tuple(OPERATIONS)):
    """List the cases for parametrize; those in `failing` (case: exception) must fail so."""
    named = dict(CASES)
    for name in operations:
        named[f"differences-{name}"] = partial(agrees_with_differences, OPERATIONS[name])
        named[f"pytorch-{name}"] = partial(agrees_with_pytorch, OPERATIONS[name])
    named["random_programs"] = partial(random_programs, operations)
    failing = dict(failing or {})
    assert failing.keys() <= named.keys(), f"no such case: {failing.keys() - named.keys()}"
    return [
        pytest.param(
            function,
            id=name,
            marks=_marks(name, failing),
        )
        for name, function in named.items()
    ]


def _marks(name, failing):
    marks = [pytest.mark.slow] if name in HEAVY else []
    if name in failing:
        marks.append(pytest.mark.xfail(raises=failing[name], strict=True))
    return marks


def grad(node):
    """The gradient of a node; None, a Tensor's before a backward pass, is 0."""
    return 0.0 if node.grad is None else node.grad


@contextlib.contextmanager
def time_limit(seconds):
    """Raise TimeoutError when the block takes more of the processor, whatever the clock says."""

    def stop(signum, frame):
        raise TimeoutError(f"still running after {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


# --- only + and * --------------------------------------------------------------------------------


@case
def numbers_by_hand(Value):
    a, b, c = Value(1.5), Value(-2.0), Value(7.0)
    y = (a * b + c) * (c + a * Value(-1.0))
    assert (y.data, grad(a), grad(b), grad(c)) == (22.0, 0.0, 0.0, 0.0)
    y.backward()
    assert (a.grad, b.grad, c.grad) == (-15.0, 8.25, 9.5)  # -11 - 4, 1.5 · 5.5, 5.5 + 4


@case
def backward_from_a_leaf(Value):
    x = Value(0.7)
    x.backward()
    assert x.grad == 1.0


@case
def node_added_to_itself(Value):
    x = Value(0.7)
    (x + x).backward()
    assert x.grad == 2.0


@case
def node_times_itself(Value):
    x = Value(0.7)
    (x * x).backward()
    assert x.grad == 1.4


@case
def shared_node(Value):
    x, w = Value(0.5), Value(1.25)
    s = x * w  # three consumers
    (s * s + s * x).backward()
    assert (x.grad, w.grad) == (0.5 * 1.25 * 1.25 * 2 + 2 * 0.5 * 1.25, 2 * 0.625 * 0.5 + 0.25)


@case
def running_totals(Value):
    a = Value(0.7)
    b = a + a
    (b + b).backward()
    assert a.grad == 4.0  # 6 where b passes on its first half before the second has come


@case
def long_and_short_route(Value):
    x = Value(3.0)
    a = x * x
    v = a * Value(0.5)
    u = v + Value(2.0)
    (u * a).backward()  # y = (x²/2 + 2) x²; a is near to y, and has yet to hear from v
    assert x.grad == 2 * 3.0**3 + 4 * 3.0


@case
def second_backward(Value):
    x = Value(1.5)
    y = Value(4.0) * (x * x)
    y.backward()
    assert x.grad == 12.0
    y.backward()
    assert x.grad == 24.0  # as in PyTorch; 36 where interior nodes keep the sums of the first call
    y.backward()
    assert x.grad == 36.0


@case
def two_results(Value):
    x = Value(1.5)
    s = x * x
    y, z = s * Value(4.0), s + x
    y.backward()
    z.backward()
    assert x.grad == 12.0 + 4.0


@case
def nodes_outside_the_graph(Value):
    x, w = Value(1.5), Value(0.25)
    unused = x * w
    (x + x).backward()
    assert (x.grad, grad(w), grad(unused)) == (2.0, 0.0, 0.0)


@case
def data_stays(Value):
    x, w = Value(1.5), Value(0.25)
    y = x * w + x
    y.backward()
    assert (x.data, w.data, y.data) == (1.5, 0.25, 1.875)


@case
def ladder(Value):
    x = Value(1.0)
    y, half = x, Value(0.5)
    for _ in range(60):  # 2⁶⁰ paths
        y = y * half + y * half
    with time_limit(2):
        y.backward()
    assert x.grad == 1.0


@case
def deep_chain(Value):
    x, step = Value(0.75), Value(2.0**-20)
    y = x
    for _ in range(100_000):
        y = y + step
    y.backward()
    assert (y.data, x.grad, step.grad) == (0.75 + 100_000 * 2.0**-20, 1.0, 100_000.0)


@case
def big_sum(Value):
    terms = [Value(k / 1024) for k in range(20_000)]  # deep_chain is deeper
    y = Value(0.0)
    for term in terms:
        y = y + term * term
    y.backward()
    assert [term.grad for term in terms] == [2 * k / 1024 for k in range(20_000)]


# --- every operation that the engine has ---------------------------------------------------------


def agrees_with_differences(operation, Value):
    """Central differences of G·f, in every operand, with an upstream gradient that is not 1."""
    upstream, h = -1.9, 1e-6
    for point in operation.points:
        leaves = [Value(x) for x in point]
        (operation.value(*leaves) * Value(upstream)).backward()
        for i, leaf in enumerate(leaves):
            left, right = (
                operation.value(*(Value(x + s * h * (j == i)) for j, x in enumerate(point))).data
                for s in (-1, 1)
            )
            numeric = upstream * (right - left) / (2 * h)
            # f‴h²/6 is 1e-12 and rounding ε|f|/h 1e-9 at the largest of these values
            assert leaf.grad == pytest.approx(numeric, rel=1e-7, abs=1e-8), (point, i)


def agrees_with_pytorch(operation, Value):
    """Values and gradients of f, and of f where all operands are one node, to 1e-14."""
    points = [*operation.points]
    twice = [(p[0],) for p in points if len(p) == 2 and operation.tame(p[0], p[0] + 0.5)]
    for point in points + twice:
        results = []
        for function, leaf in ((operation.value, Value), (operation.tensor, tensor)):
            leaves = [leaf(x) for x in point]
            if len(point) < len(points[0]):  # one node in both places, one of them moved
                y = function(leaves[0], leaves[0] + leaf(0.5))
            else:
                y = function(*leaves)
            (y * leaf(-1.9)).backward()
            results.append([float(y.data), *(float(x.grad) for x in leaves)])
        assert results[0] == pytest.approx(results[1], rel=1e-14, abs=0), point


def tensor(x):
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)


# --- random programs -----------------------------------------------------------------------------


def grow(choose, leaves, length, operations=tuple(OPERATIONS)):
    """A program of up to `length` steps (operation, operands), each tame, with results below 20.

    `choose(n)` gives a number from 0 to n - 1. Operands are places in leaves + results.
    """
    nodes, steps = list(map(tensor, leaves)), []
    for _ in range(length):
        name = operations[choose(len(operations))]
        operation = OPERATIONS[name]
        places = [choose(len(nodes)) for _ in operation.points[0]]
        operands = [nodes[i] for i in places]
        if operation.tame(*(t.item() for t in operands)):
            y = operation.tensor(*operands)
            if abs(y.item()) < 20:
                nodes.append(y)
                steps.append((name, places))
    return steps


def play(steps, leaves, column):
    """All nodes of the program; `column` is "value" or "tensor"."""
    nodes = list(leaves)
    for name, places in steps:
        nodes.append(getattr(OPERATIONS[name], column)(*(nodes[i] for i in places)))
    return nodes


def sums_of_absolute_paths(steps, leaves):
    """For each leaf, the sum over paths of |product of slopes|: the size of what may cancel."""
    nodes = play(steps, [scalar.Value(x) for x in leaves], "value")
    sizes = dict.fromkeys(nodes, 0.0) | {nodes[-1]: 1.0}
    for node in reversed(topological_order(nodes[-1])):
        for parent, slope in zip(node.parents, node.slopes, strict=True):
            sizes[parent] = sizes.get(parent, 0.0) + abs(slope) * sizes[node]
    return [sizes[node] for node in nodes[: len(leaves)]]


def disagreement(Value, steps, leaves):
    """The largest error of a leaf's gradient against PyTorch, relative to what may cancel in it."""
    tensors = [tensor(x) for x in leaves]
    play(steps, tensors, "tensor")[-1].backward()
    values = [Value(x) for x in leaves]
    play(steps, values, "value")[-1].backward()
    worst = 0.0
    for v, t, size in zip(values, tensors, sums_of_absolute_paths(steps, leaves), strict=True):
        expected = 0.0 if t.grad is None else t.grad.item()
        error = abs(grad(v) - expected)
        worst = max(worst, error / size if size else (0.0 if error == 0 else math.inf))
    return worst


def random_programs(operations, Value):
    rng = random.Random(2024)
    for _ in range(200):
        leaves = [rng.uniform(-2, 2) for _ in range(3)]
        steps = grow(rng.randrange, leaves, 12, operations)
        assert disagreement(Value, steps, leaves) < 1e-14, (leaves, steps)
