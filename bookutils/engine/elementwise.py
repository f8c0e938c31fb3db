"""Operations on numbers one by one, each a row of the table of derivatives; and broadcasting."""

import operator
from functools import cache

import numpy as np
from array_api_compat import is_array_api_obj

from bookutils.engine import rules
from bookutils.engine.arrays import choose, device, is_float, is_number, like, no_broadcast, xp
from bookutils.engine.graph import paused
from bookutils.engine.inplace import CHANGED
from bookutils.engine.operands import alike, operation
from bookutils.engine.record import Tensor, array, needs_gradient, remember


def unbroadcast(G, shape):
    """What reaches an array of this shape that was stretched to the shape of G."""
    if tuple(G.shape) == shape:
        return G
    new = len(G.shape) - len(shape)  # axes that were put in front
    stretched = [new + k for k, length in enumerate(shape) if length == 1]
    axes = (*range(new), *stretched)
    return xp(G).reshape(xp(G).sum(G, axis=axes), shape)


# --- rows of the table, compiled for a library ----------------------------------------------------


class Choice:
    """The slope `where(condition, x, y)`: G is multiplied by x and by y, and then chosen.

    So a branch `stop` gives 0 even where G is infinite or nan.
    """

    def __init__(self, condition, x, y):
        self.condition, self.x, self.y = condition, x, y

    def __mul__(self, G):
        if type(self.condition) is bool:  # of a number
            taken = self.x if self.condition else self.y
            return xp(G).zeros_like(G) if taken is rules.stop else times(taken, G)
        return where_of(xp(G))(self.condition, times(self.x, G), times(self.y, G))


def times(slope, G):
    return G if type(slope) is float and slope == 1.0 else slope * G


def where_of(library):
    return choose if library is np else library.where


@cache
def compiled(name, library):
    """The row as a function of its operands that returns (y, vjp, …)."""

    def vjp(slope):
        simple = {"1.0": "G", "-1.0": "-G"}.get(slope, f"({slope}) * G")
        return f"lambda G, where=choice: {simple}"

    where = where_of(library)
    functions = {
        "erf": erf,
        **vars(library),
        "pow": operator.pow,
        "where": where,
        "stop": rules.stop,
    }
    return rules.compiled(name, {**functions, "choice": Choice}, edge=vjp)


def erf(x):
    from scipy.special import erf

    return erf(x)


def of_any_operands(f):
    """f(name, *operands) with integers, Python's numbers and arrays of the caller made fit."""

    @cache
    def computing(name):
        sign = SIGNS.get(name, name)

        @operation(sign, no_broadcast)
        def computed(*operands):
            operands = alike(sign, *operands, fractions=name not in EXACT)
            if name in ("div", "pow"):
                operands = beside(sign, *operands)
            return f(name, *operands)

        return computed

    return lambda name, *operands: computing(name)(*operands)


@of_any_operands
def apply(name, *operands):
    """Compute one row on whole arrays, and remember the way back to each operand."""
    arrays = [array(operand) for operand in operands]
    y, vjps = compiled(name, xp(*arrays))(*arrays)

    def way(operand, vjp):
        return operand, lambda G: unbroadcast(vjp(G), operand.shape)

    return remember(y, *map(way, operands, vjps))


SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}
EXACT = {"add", "sub", "mul", "pow", "neg", "abs", "maximum", "minimum"}  # of integers an integer


def beside(sign, p, q):
    """The operands of / and **, with arrays for numbers of which Python itself takes no 1/0."""
    a, b = array(p), array(q)
    if is_number(b) and not b and sign == "/":
        return p, like(b, a, sign)
    if sign == "**" and is_number(a) and is_float(b):
        return like(a, b, sign), q
    if sign == "**" and not is_float(b if is_number(a) else a):
        if bool(b < 0 if is_number(b) else xp(b).any(b < 0)):
            raise TypeError("**: integers to a negative power are fractions: use astype(float)")
    return p, q


# --- methods and functions ------------------------------------------------------------------------


def method(name):
    return lambda self, *others: apply(name, self, *others)


def reflected(name):
    return lambda self, other: apply(name, other, self)


def in_place(name, change):
    """`t += …` and the like: inside no_grad a change of the data, outside a new Tensor."""
    sign = SIGNS[name]

    def changed(self, other):
        if not paused():
            if needs_gradient(self) and not self.parents:
                raise RuntimeError(CHANGED.format(f"t {sign}= …"))
            return apply(name, self, other)
        if name == "div" and not is_float(self.data):
            raise TypeError("/: quotients of integers are fractions: use t = t / …")
        self.data = change(self.data, like(array(other), self.data, sign))
        return self

    return changed


def compare(holds):
    def compared(self, other):
        other = array(other)
        known = is_number(other) or is_array_api_obj(other)
        return holds(self.data, other) if known else NotImplemented

    return compared


for name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "relu", "abs"):
    setattr(Tensor, name, method(name))
for sign, name in {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "pow": "pow",
}.items():
    setattr(Tensor, f"__{sign}__", method(name))
    setattr(Tensor, f"__r{sign}__", reflected(name))
    setattr(Tensor, f"__i{sign}__", in_place(name, getattr(operator, f"i{sign}")))
for name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Tensor, f"__{name}__", compare(getattr(operator, name)))
Tensor.__neg__ = method("neg")
Tensor.__abs__ = Tensor.abs
Tensor.maximum, Tensor.minimum = method("maximum"), method("minimum")
for name in rules.RULES:
    if name in vars(Tensor):
        vars(Tensor)[name].__name__ = name
        vars(Tensor)[name].__doc__ = f"{rules.RULES[name][0]}, number by number."


def maximum(a, b):
    """The larger of two; where they are equal each gets half of the gradient, as in PyTorch."""
    return apply("maximum", a, b)


def minimum(a, b):
    """The smaller of two; where they are equal each gets half of the gradient, as in PyTorch."""
    return apply("minimum", a, b)


def leaky_relu(self, slope=0.01):
    """The number where it is positive, else slope times it."""
    return apply("leaky_relu", self, slope)


def gelu(self, approximate="none"):
    """a Φ(a) with the normal distribution Φ; with approximate="tanh" by its older formula."""
    if approximate == "tanh":
        return 0.5 * self * (1 + ((2 / np.pi) ** 0.5 * (self + 0.044715 * self**3)).tanh())
    if approximate != "none":
        raise ValueError(f'gelu: approximate is "none" or "tanh", not {approximate!r:.60}')
    return apply("gelu", self)


def clip(self, lo=None, hi=None):
    """The nearest number from lo to hi; no gradient to what lies outside."""
    y = self if lo is None else where(self < lo, lo, self)
    return y if hi is None else where(y > hi, hi, y)


Tensor.leaky_relu, Tensor.gelu, Tensor.clip = leaky_relu, gelu, clip


@operation("where", no_broadcast)
def where(condition, a, b):
    """a where the condition holds, else b.

    Both are computed everywhere: where the one not taken has an infinite derivative, the gradient
    0 that it gets from here becomes 0·∞ = nan, as in PyTorch. So make its operand safe first:
    where(x > 0, where(x > 0, x, 1.0).log(), 0.0).
    """
    a, b = alike("where", a, b)
    x, y = array(a), array(b)
    lib = xp(x, y)
    place = device(y if is_number(x) else x)
    holds = lib.asarray(array(condition), dtype=lib.bool, device=place, copy=True)
    return remember(
        lib.where(holds, x, y),
        (a, lambda G: unbroadcast(lib.where(holds, G, 0.0), a.shape)),
        (b, lambda G: unbroadcast(lib.where(holds, 0.0, G), b.shape)),
    )
