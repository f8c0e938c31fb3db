"""A number that remembers how it was computed, and so can be differentiated."""

import linecache
import operator
from functools import cache
from math import cos, erf, exp, fsum, log, log1p, pow, sin, sqrt, tanh
from numbers import Real

from bookutils.engine import graph
from bookutils.engine.graph import backward_pass, cut, no_grad  # noqa: F401
from bookutils.engine.rules import RULES, compiled

FUNCTIONS = (cos, erf, exp, log, log1p, pow, sin, sqrt, tanh)  # those in the rows of RULES
new = object.__new__


class Value:
    """A float `data` and its gradient `grad`, with an edge to each Value it was computed from.

    The arithmetic is that of IEEE 754, as in PyTorch: 1/0 is inf, log(-1) and (-2)**0.5 are nan.
    An operation of your own is Value(y, (a, b), "name", (∂y/∂a, ∂y/∂b)).
    Raises TypeError for data that is no real number, ValueError for a child without a partial.
    """

    __slots__ = ("data", "grad", "_name", "_a", "_da", "_b", "_db")
    __hash__ = object.__hash__

    def __init__(self, data, _children=(), _op="", _partials=()):
        self.data = data if type(data) is float else number(data)
        self.grad = 0.0
        self._name = _op
        self._a = self._da = self._b = self._db = None
        if _children or _partials:
            self._a, self._da = tuple(_children), tuple(_partials)
            if len(self._a) != len(self._da):
                raise ValueError(
                    f"{len(self._a)} children and {len(self._da)} partials: "
                    "each child needs the derivative towards it"
                )

    @property
    def parents(self):
        """The Values this one was computed from, in the order of the operands."""
        pairs = (self._a, self._da), (self._b, self._db)
        return self._a if type(self._a) is tuple else tuple(x for x, d in pairs if d is not None)

    @property
    def partials(self):
        """The derivative towards each parent; `cut`, that is False, is a 0 that stops even inf."""
        slopes = self._da, self._db
        return self._da if type(self._da) is tuple else tuple(d for d in slopes if d is not None)

    @property
    def _prev(self):
        return tuple(dict.fromkeys(self.parents))

    @property
    def op(self):
        """The operation; beside it the number, where an operand was a number: ("**", 2.0)."""
        left, right = ([x] if type(x) is float else [] for x in (self._a, self._b))
        return (*left, self._name, *right) if left or right else self._name

    @property
    def _op(self):
        return "".join(x if isinstance(x, str) else f"{x:g}" for x in self.op)

    def backward(self):
        """Add ∂self/∂node to the `grad` of every node that `self` was computed from."""
        for node, grad in backward_pass(self, 1.0):
            node.grad += grad

    def __float__(self):
        return float(self.data)

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"


def number(x):
    """Turn a real number (int, bool, Fraction, NumPy scalar, 0-d array, …) into a float.

    Raises TypeError for anything else.
    """
    if isinstance(x, (float, int)):
        return float(x)
    scalar = x.item() if getattr(x, "shape", None) == () else x
    if isinstance(scalar, Real):
        return float(scalar)
    raise TypeError(f"a Value takes real numbers and Values, not {x!r:.60} ({type(x).__name__})")


# --- one method for each row of RULES, written once, when this module is imported ---------------

METHOD = """\
def {method}({signature}):
    "{y}"
    try:CASES
    except (ArithmeticError, ValueError):
        return by_ieee("{rule}", "{symbol}", {operands})
    if not graph.recording:
        return Value(y)
    out = new(Value)
    out.data = y
    out.grad = 0.0
    out._name = "{symbol}"
    out._a, out._b = {operands}
    out._da, out._db = da, db
    return out
"""
ONE_VALUE = """
        a = self.data
        y = {y}
        da, db = {da}, None"""
TWO_VALUES = """
        a = self.data
        if isinstance({other}, Value):
            b = {other}.data
            y = {y}
            da, db = {da}, {db}
        else:
            b = {other} = number({other})
            y = {y}
            da, db = {da}, None"""
NUMBER_FIRST = """
        a = other = number(other)
        b = self.data
        y = {y}
        da, db = None, {db}"""


def define(method, rule, symbol, cases, signature="self", operands="self, None"):
    """Write the method that computes a row of RULES and its slopes, and give it to Value."""
    y, da, db = (*RULES[rule], "")[:3]
    other = operands.removeprefix("self, ")
    text = METHOD.replace("CASES", cases).format_map(locals())
    source = f"<Value.{method}>"
    linecache.cache[source] = len(text), None, text.splitlines(True), source  # for tracebacks
    exec(compile(text, source, "exec"), globals(), made := {})
    setattr(Value, method, made[method])


for _rule in ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "gelu", "abs"):
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


def by_ieee(rule, symbol, a, b):
    """Compute a row where Python's arithmetic raises: 1/0 is inf, log(-1) nan, exp(1000) inf."""
    import numpy

    operands = [numpy.float64(x) for x in numbers([a] if b is None else [a, b])]
    with numpy.errstate(all="ignore"):
        row = ieee_row(rule)(*operands)
    y, da, db = [*(x if x is cut else float(x) for x in row), None][:3]
    out = Value(y)
    if graph.recording:
        out._name, out._a, out._b = symbol, a, b
        out._da = da if isinstance(a, Value) else None
        out._db = db if isinstance(b, Value) else None
    return out


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


def many(y, op, operands, slopes):
    """A new Value with an edge to each of the operands that is a Value."""
    places = [i for i, x in enumerate(operands) if isinstance(x, Value)] if graph.recording else []
    if not places:
        return Value(y)
    return Value(y, [operands[i] for i in places], op, [slopes[i] for i in places])


# --- functions of several Values -----------------------------------------------------------------


def maximum(a, b):
    """The larger of two; where they are equal each gets half of the gradient, as in PyTorch."""
    return either(a, b, "maximum")


def minimum(a, b):
    """The smaller of two; where they are equal each gets half of the gradient, as in PyTorch."""
    return either(a, b, "minimum")


def either(a, b, name):
    """The method of a, or of b; of a Value where neither has it. So Tensors are served too."""
    if not hasattr(a, name) and not isinstance(b, Value) and hasattr(b, name):
        return getattr(b, name)(a)
    return getattr(a if hasattr(a, name) else Value(a), name)(b)


def dot(ws, xs, b=0.0):
    """w₁x₁ + … + wₙxₙ + b as a single node; each of them a Value or a number.

    Raises ValueError if ws and xs differ in length.
    """
    ws, xs = tuple(ws), tuple(xs)
    if len(ws) != len(xs):
        raise ValueError(f"dot: {len(ws)} weights and {len(xs)} inputs")
    w, x = numbers(ws), numbers(xs)
    y = exact_sum([*map(operator.mul, w, x), *numbers([b])])
    return many(y, "dot", (*ws, *xs, b), (*x, *w, 1.0))


def total(values):
    """The sum of Values and numbers as a single node, rounded once."""
    values = tuple(values)
    return many(exact_sum(numbers(values)), "total", values, (1.0,) * len(values))


def exact_sum(terms):
    """The sum, rounded once; the plain sum where it overflows or inf meets -inf."""
    try:
        return fsum(terms)
    except (OverflowError, ValueError):
        return sum(terms)
