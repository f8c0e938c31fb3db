"""Sums of many Values as single nodes: a graph of a thousand terms needs no thousand nodes."""

import math
from functools import reduce
from itertools import compress
from operator import add, mul

from bookutils.engine.number import NoNumber, number
from bookutils.engine.scalar import Value, remember


def dot(ws, xs, b=0.0):
    """w₁x₁ + … + wₙxₙ + b as a single node; each of them a Value or a number.

    Raises ValueError if ws and xs differ in length.
    """
    ws, xs = tuple(ws), tuple(xs)
    if len(ws) != len(xs):
        raise ValueError(f"dot: {len(ws)} weights and {len(xs)} inputs")
    try:
        w, x, (c,) = numbers(ws), numbers(xs), numbers([b])
    except NoNumber:  # traced numbers: each operation is recorded
        return reduce(add, [*map(mul, ws, xs), b])
    return many(exact_sum([*map(mul, w, x), c]), "dot", (*ws, *xs, b), (*x, *w, 1.0))


def total(values):
    """The sum of Values and numbers as a single node, rounded once."""
    values = tuple(values)
    try:
        terms = numbers(values)
    except NoNumber:
        return reduce(add, values)
    return many(exact_sum(terms), "total", values, (1.0,) * len(values))


def numbers(operands):
    """The numbers that the operands are or hold."""
    return [x.data if isinstance(x, Value) else number(x) for x in operands]


def many(y, op, operands, slopes):
    """The Value y, with an edge to each of the operands that is a Value."""
    kept = [isinstance(x, Value) for x in operands]
    return remember(y, tuple(compress(operands, kept)), tuple(compress(slopes, kept)), op)


def exact_sum(terms):
    """The sum, rounded once; the plain sum where it overflows or inf meets -inf."""
    try:
        return math.fsum(terms)
    except (OverflowError, ValueError):
        return sum(terms)
