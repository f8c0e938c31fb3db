"""A number that remembers how it was computed, and so can be differentiated: as in chapter 03."""

import math

from bookutils.engine.graph import paused, topological_order
from bookutils.engine.ieee import by_ieee
from bookutils.engine.number import NoSlopes, Number, number
from bookutils.engine.rules import RULES, compiled, stop, where


def gradients(root):
    """∂root/∂node for every node that root was computed from; no node is changed."""
    grads = dict.fromkeys(topological_order(root), 0.0)
    grads[root] = 1.0
    for node, grad in reversed(grads.items()):  # children before parents
        i = 0
        for parent in node.parents:  # zip(node.parents, node.slopes) takes half as long again
            grads[parent] += node.slopes[i] * grad
            i += 1
    return grads


def backward(self):
    """Add ∂self/∂node to the `grad` of every node that self was computed from."""
    for node, grad in gradients(self).items():
        node.grad += grad


class Value(Number):
    """A number that remembers what it was computed from.

    `data` is a float and `grad` its gradient; `parents` are the Values it was computed from, and
    `slopes` the derivatives with respect to them. `op` names the operation; beside it the number,
    where an operand was a number: ("**", 2.0). A `label` is yours to give, for pictures.
    The arithmetic is that of IEEE 754, as in PyTorch: 1/0 is inf, log(-1) and (-2)**0.5 are nan.
    An operation of your own is Value(y, (a, b), "name", (dy_da, dy_db)).
    Raises TypeError for data that is no real number, ValueError for a parent without a slope.
    """

    __slots__ = ("data", "grad", "parents", "slopes", "op", "_label")

    def __init__(self, data, parents=(), slopes=(), op="", label=""):
        if isinstance(slopes, str):  # micrograd's order: data, children, operation, label
            slopes, op = op, slopes
            if isinstance(slopes, str):
                slopes, label = (), label or slopes
        self.data, self.grad = number(data), 0.0
        self.parents, self.slopes = tuple(parents), tuple(slopes)
        self.op, self.label = op, label
        if self.parents and not self.slopes:
            self.slopes = NoSlopes(op)
        elif len(self.parents) != len(self.slopes):
            raise ValueError(
                f"{len(self.parents)} parents and {len(self.slopes)} slopes: each parent needs "
                "the derivative with respect to it"
            )

    backward = backward
    gradients = gradients


FUNCTIONS = {**vars(math), "where": where, "stop": stop}
ROWS = {(name, to): compiled(name, FUNCTIONS, to) for name in RULES for to in ("a", "b", "ab")}
SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "relu": "ReLU"}
new = object.__new__


def remember(y, parents, slopes, op):
    """Value(y, parents, slopes, op) without its checks; inside no_grad() a number that forgets."""
    if paused():
        parents, slopes, op = (), (), ""
    out = new(Value)
    out.data = y
    out.grad = 0.0
    out.parents = parents
    out.slopes = slopes
    out.op = op
    return out


def apply(name, *operands):
    """Compute one row, and remember its slopes with respect to the operands that are Values."""
    numbers = [o.data if isinstance(o, Value) else number(o) for o in operands]
    to = "".join(letter for letter, o in zip("ab", operands) if isinstance(o, Value))  # noqa: B905
    try:
        y, slopes = ROWS[name, to](*numbers)
    except (ArithmeticError, ValueError):
        y, slopes = by_ieee(name, to, numbers)
    parents = tuple([o for o in operands if isinstance(o, Value)])
    sign, (left, *right) = SIGNS.get(name, name), numbers
    op = {"a": (sign, *right) if right else sign, "b": (left, sign), "ab": sign}[to]
    return remember(y, parents, slopes, op)


def method(name):
    """apply(name, self, …), unrolled for one and for two operands: several times as fast."""
    left, both, sign = ROWS[name, "a"], ROWS[name, "ab"], SIGNS.get(name, name)

    def of_one(self):
        try:
            y, slopes = left(self.data)
        except (ArithmeticError, ValueError):
            return apply(name, self)
        return remember(y, (self,), slopes, sign)

    def of_two(self, other):
        try:
            if isinstance(other, Value):
                y, slopes = both(self.data, other.data)
                return remember(y, (self, other), slopes, sign)
            b = other if type(other) is float else number(other)
            y, slopes = left(self.data, b)
        except (ArithmeticError, ValueError):
            return apply(name, self, other)
        return remember(y, (self,), slopes, (sign, b))

    operation = of_one if len(RULES[name]) == 2 else of_two
    operation.__name__, operation.__doc__ = name, f"y = {RULES[name][0]}"
    return operation


def reflected(name):
    """apply(name, other, self), for a number on the left, unrolled too."""
    right, sign = ROWS[name, "b"], SIGNS.get(name, name)

    def operation(self, other):
        try:
            a = number(other)
            y, slopes = right(a, self.data)
        except (ArithmeticError, ValueError):
            return apply(name, other, self)
        return remember(y, (self,), slopes, (a, sign))

    return operation


for sign, name in {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "pow": "pow",
}.items():
    setattr(Value, f"__{sign}__", method(name))
    setattr(Value, f"__r{sign}__", reflected(name))
Value.__neg__ = method("neg")
for name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "softplus", "relu"):
    setattr(Value, name, method(name))
Value.leaky_relu = lambda self, slope=0.01: apply("leaky_relu", self, slope)
Value.abs = Value.__abs__ = method("abs")
Value.gelu, Value.maximum, Value.minimum = method("gelu"), method("maximum"), method("minimum")


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
