"""What a Value does beside its calculus: it is a number, it is copied, it runs micrograd's code."""

import operator
from math import inf
from numbers import Real


def number(x):
    """Turn a real number (int, bool, Fraction, NumPy scalar, 0-d array, …) into a float.

    Beyond the largest float it is inf. Raises TypeError for anything else.
    """
    if type(x) is float:
        return x
    if type(x) is not int:
        x = real(x)
    try:
        return float(x)
    except OverflowError:
        return inf if x > 0 else -inf


def real(x):
    """x, or what is in it; raise TypeError for what is no real number."""
    if isinstance(x, Number):
        raise TypeError("this is a Value already: use it, or its number, v.data")
    if isinstance(getattr(x, "parents", 0), tuple) or getattr(x, "requires_grad", False):
        raise TypeError(
            "a Value takes numbers and Values, and the gradient of this Tensor would be lost: make "
            "both Values, or both Tensors, or write float(t) for its number"
        )
    scalar = x.item() if getattr(x, "shape", None) == () else x
    if not isinstance(scalar, Real):
        raise TypeError(
            f"a Value takes real numbers and Values, not {x!r:.60} ({type(x).__name__})"
        )
    return scalar


class NoNumber(TypeError):
    """Raised where the number of a Value is asked for that is traced: it has none yet."""


class Number:
    """The part of a Value that a float has too, and the names that micrograd's Value has."""

    __slots__ = ()
    __hash__ = object.__hash__  # by identity; == compares the data

    def __float__(self):
        return float(self.data)

    def item(self):
        """The number, without the graph."""
        return float(self.data)

    def __int__(self):
        return int(self.data)

    def __bool__(self):
        return bool(self.data)

    def __round__(self, digits=None):
        return round(self.data, digits)

    def __format__(self, spec):
        return format(self.data, spec) if spec else repr(self)

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

    @property
    def label(self):
        """A name for pictures, yours to give."""
        return getattr(self, "_label", "")  # operations leave this slot empty

    @label.setter
    def label(self, name):
        self._label = name

    def __getstate__(self):
        if self.parents:
            raise TypeError(
                "copy, pickle: this Value was computed, and with it its whole graph would be "
                "copied, whose leaves are other ones: copy the leaves, or its number, v.data"
            )
        return super().__getstate__()

    # --- micrograd ---------------------------------------------------------------------------

    @property
    def _prev(self):
        return tuple(dict.fromkeys(self.parents))

    @property
    def _op(self):
        op = (self.op,) if isinstance(self.op, str) else self.op
        return "".join(x if isinstance(x, str) else f"{x:g}" for x in op)

    @property
    def _backward(self):
        def add_to_parents():
            for parent, slope in zip(self.parents, self.slopes, strict=True):
                parent.grad += slope * self.grad

        return add_to_parents

    @_backward.setter
    def _backward(self, function):
        """Run it once, from the gradient 1: what it adds to each parent's is the slope."""
        nodes = *dict.fromkeys(self.parents), self
        before = [node.grad for node in nodes]
        try:
            for node in nodes:
                node.grad = float(node is self)
            function()
            self.parents, self.slopes = nodes[:-1], tuple([number(p.grad) for p in nodes[:-1]])
        finally:
            for node, grad in zip(nodes, before, strict=True):
                node.grad = grad


class NoSlopes:
    """In place of the slopes of a Value that was made with parents and without slopes."""

    def __init__(self, op):
        self.op = op

    def __iter__(self):
        name = self.op or "op"
        raise ValueError(
            f"{name}: a Value made of others needs its derivative with respect to each of them: "
            f'Value(y, (a, b), "{name}", (dy_da, dy_db)); or set its _backward, as in micrograd'
        )

    def __getitem__(self, i):
        return iter(self)


def compare(holds):
    """A comparison of Values by their data."""
    return lambda self, other: holds(self.data, other.data if isinstance(other, Number) else other)


for _name in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"):
    setattr(Number, _name, compare(getattr(operator, _name)))
