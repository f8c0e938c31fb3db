"""A number that remembers how it was computed, and so can be differentiated."""

import linecache
import operator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from math import cos, exp, fsum, log, log1p, pow, sin, sqrt, tanh
from numbers import Real

from bookutils.graph import cut, gradients
from bookutils.rules import RULES, compiled

FUNCTIONS = (cos, exp, log, log1p, pow, sin, sqrt, tanh)  # those in the rows of RULES
recording = True  # False inside `with no_grad():`
new = object.__new__


class Value:
    """A float `data` and its gradient `grad`, with an edge to each Value it was computed from.

    The arithmetic is that of IEEE 754, as in PyTorch: 1/0 is inf, log(-1) and (-2)**0.5 are nan.
    An operation of your own is Value(y, (a, b), "name", (∂y/∂a, ∂y/∂b)).
    Raises TypeError for data that is no real number, ValueError for a child without a partial.
    """

    __slots__ = ("data", "grad", "_edges", "op")
    __hash__ = object.__hash__

    def __init__(self, data, _children=(), _op="", _partials=()):
        if len(_children) != len(_partials):
            raise ValueError(
                f"{len(_children)} children and {len(_partials)} partials: "
                "each child needs the derivative towards it"
            )
        self.data = number(data)
        self.grad = 0.0
        self._edges = tuple(chain(*zip(_children, _partials, strict=True)))
        self.op = _op

    @property
    def parents(self):
        """The Values this one was computed from, in the order of the operands."""
        return self._edges[::2]

    @property
    def partials(self):
        """The derivative towards each parent; `cut`, that is False, is a 0 that stops even inf."""
        return self._edges[1::2]

    @property
    def _prev(self):
        return tuple(dict.fromkeys(self.parents))

    @property
    def _op(self):
        """The operation, with the number where one operand was a number: "+", "tanh", "**2"."""
        return "".join(x if isinstance(x, str) else f"{x:g}" for x in self.op)

    def backward(self):
        """Add ∂self/∂node to the `grad` of every node that `self` was computed from."""
        for node, grad in gradients(self).items():
            node.grad += grad

    def __float__(self):
        return float(self.data)

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"


def number(x):
    """Turn a real number (int, bool, Fraction, NumPy scalar, 0-d array, …) into a float.

    Raises TypeError for anything else.
    """
    if type(x) is float:
        return x
    scalar = x.item() if getattr(x, "shape", None) == () else x
    if isinstance(scalar, Real):
        return float(scalar)
    raise TypeError(f"a Value takes real numbers and Values, not {x!r:.60} ({type(x).__name__})")


@contextmanager
def no_grad():
    """Inside `with no_grad():` a new Value remembers nothing of how it was computed."""
    global recording
    before, recording = recording, False
    try:
        yield
    finally:
        recording = before


# --- one method for each row of RULES, written once, when this module is imported ---------------

METHOD = """\
def {method}({signature}):
    "{y}"
    try:CASES
    except (ArithmeticError, ValueError):
        return by_ieee("{rule}", "{symbol}", {operands})
    out = new(Value)
    out.data = y
    out.grad = 0.0
    if recording:
        out._edges, out.op = edges, op
    else:
        out._edges, out.op = (), ""
    return out
"""
ONE_VALUE = """
        a = self.data
        y = {y}
        edges, op = (self, {da}), "{symbol}\""""
TWO_VALUES = """
        if isinstance({other}, Value):
            a, b = self.data, {other}.data
            y = {y}
            edges, op = (self, {da}, {other}, {db}), "{symbol}"
        else:
            a, b = self.data, number({other})
            y = {y}
            edges, op = (self, {da}), ("{spaced}", b)"""
NUMBER_FIRST = """
        a, b = number(other), self.data
        y = {y}
        edges, op = (self, {db}), (a, "{spaced}")"""


def define(method, rule, symbol, cases, signature="self", operands="self"):
    """Write the method that computes a row of RULES and its slopes, and give it to Value."""
    y, da, db = (*RULES[rule], "")[:3]
    other = operands.removeprefix("self, ")
    spaced = symbol + " " * symbol.isidentifier()
    text = METHOD.replace("CASES", cases).format_map(locals())
    source = f"<Value.{method}>"
    linecache.cache[source] = len(text), None, text.splitlines(True), source  # for tracebacks
    exec(compile(text, source, "exec"), globals(), made := {})
    setattr(Value, method, made[method])


for _rule in ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "abs"):
    define(_rule, _rule, _rule, ONE_VALUE)
define("relu", "relu", "ReLU", ONE_VALUE)
define("__neg__", "neg", "neg", ONE_VALUE)
define("leaky_relu", "leaky_relu", "leaky_relu", TWO_VALUES, "self, slope=0.01", "self, slope")
for _rule in ("maximum", "minimum"):
    define(_rule, _rule, _rule, TWO_VALUES, "self, other", "self, other")
for _rule, _symbol in {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}.items():
    _name = "truediv" if _rule == "div" else _rule
    define(f"__{_name}__", _rule, _symbol, TWO_VALUES, "self, other", "self, other")
    define(f"__r{_name}__", _rule, _symbol, NUMBER_FIRST, "self, other", "other, self")


def compare(holds):
    """A comparison of Values by their data."""
    return lambda self, other: holds(self.data, other.data if isinstance(other, Value) else other)


for _name in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"):
    setattr(Value, _name, compare(getattr(operator, _name)))
Value.__abs__ = Value.abs


def by_ieee(rule, symbol, *operands):
    """Compute a row where Python's arithmetic raises: 1/0 is inf, log(-1) nan, exp(1000) inf."""
    import numpy

    with numpy.errstate(all="ignore"):
        y, *slopes = ieee_row(rule)(*map(numpy.float64, numbers(operands)))
    slopes = [s if s is cut else float(s) for s in slopes]
    first, *second = operands
    op = tuple(x for x in (first, symbol, *second) if not isinstance(x, Value))
    return node(float(y), op, operands, slopes)


@cache
def ieee_row(rule):
    import numpy

    def careful(function):
        def answer(*args):
            try:
                return numpy.float64(function(*args))
            except (ArithmeticError, ValueError):
                return getattr(numpy, function.__name__)(*args)

        return answer

    return compiled(rule, {f.__name__: careful(f) for f in FUNCTIONS})


def numbers(operands):
    """The numbers that the operands are or hold."""
    return [x.data if isinstance(x, Value) else number(x) for x in operands]


def node(y, op, operands, slopes):
    """A new Value with an edge to each operand that is a Value."""
    out = Value(y)
    if recording:
        edges = []
        for operand, slope in zip(operands, slopes, strict=True):
            if isinstance(operand, Value):
                edges += operand, slope
        out._edges = tuple(edges)
        out.op = op if edges else ""
    return out


# --- functions of several Values -----------------------------------------------------------------


def maximum(a, b):
    """The larger of two; where they are equal each gets half of the gradient, as in PyTorch."""
    return (a if isinstance(a, Value) else Value(a)).maximum(b)


def minimum(a, b):
    """The smaller of two; where they are equal each gets half of the gradient, as in PyTorch."""
    return (a if isinstance(a, Value) else Value(a)).minimum(b)


def dot(ws, xs, b=0.0):
    """w₁x₁ + … + wₙxₙ + b as a single node; each of them a Value or a number.

    Raises ValueError if ws and xs differ in length.
    """
    ws, xs = tuple(ws), tuple(xs)
    if len(ws) != len(xs):
        raise ValueError(f"dot: {len(ws)} weights and {len(xs)} inputs")
    w, x = numbers(ws), numbers(xs)
    y = exact_sum([*map(operator.mul, w, x), *numbers([b])])
    return node(y, "dot", (*ws, *xs, b), (*x, *w, 1.0))


def total(values):
    """The sum of Values and numbers as a single node, rounded once."""
    values = tuple(values)
    return node(exact_sum(numbers(values)), "total", values, (1.0,) * len(values))


def exact_sum(terms):
    """The sum, rounded once; the plain sum where it overflows or inf meets -inf."""
    try:
        return fsum(terms)
    except (OverflowError, ValueError):
        return sum(terms)
