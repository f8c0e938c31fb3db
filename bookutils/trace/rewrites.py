"""Lines of a program written otherwise, where NumPy has a faster way to the same numbers.

Each rewrite looks at one line and, where it fits, gives it another function and other operands; it
returns the lines that are needed before it, if there are any.
"""

import numpy as np

from bookutils.trace.functions import REDUCTIONS, copied, replaced, viewed
from bookutils.trace.line import Line
from bookutils.trace.products import is_product


def rewritten(events):
    """The events with each line that a rewrite fits written by it."""
    result = []
    for event in events:
        if isinstance(event, Line) and event.kind == "line":
            event.operands = without_copies(event.operands)
            event.settings = without_copies(event.settings)
            event.base = without_copies(event.base)
            for rewrite in REWRITES:
                result += rewrite(event) or ()
        result.append(event)
    return result


def relu(line):
    """where(a <= 0, 0.0, a) is the larger of a and 0."""
    if chooses_zero(line):
        holds, _, a = line.operands
        if holds.function is np.less_equal and holds.operands[0] is a:
            if is_zero(holds.operands[1]):
                line.function, line.operands = np.maximum, (a, 0.0)


def masked(line):
    """where(c, 0.0, a) by bits: c - 1 is 0, no bit, where c holds, and -1, all bits, elsewhere.

    A branch on chance is predicted badly, so that this is some times as fast; below 512 numbers the
    calls cost more.
    """
    if not chooses_zero(line) or line.value.size < 512:
        return None
    holds, _, a = line.operands
    bits = {"d": np.int64, "f": np.int32}.get(a.value.dtype.char)
    if bits is None or not holds.value.shape == a.value.shape == line.value.shape:
        return None
    number = new(viewed, holds, np.dtype(np.int8), base=holds)
    kept = new(np.subtract, number, 1)
    whole = new(viewed, a, np.dtype(bits), base=a)
    chosen = new(np.bitwise_and, kept, whole)
    line.function, line.operands, line.base = viewed, (chosen, a.value.dtype), chosen
    return number, kept, whole, chosen


def column_sums(line):
    """The sum of the rows of a matrix is a product with ones, which BLAS does faster.

    So the engine takes it for the gradient of a bias: with one axis, as a number. Its other sums
    have tuples, and are added up as they are there, so that the bits are the same.
    """
    if line.function is REDUCTIONS[np.add] and len(line.operands) == 1:
        (g,) = line.operands
        axis, keep = line.settings.get("axis"), line.settings.get("keepdims", False)
        if (
            type(axis) is int
            and axis == 0
            and not keep
            and is_matrix(g)
            and g.value.dtype.kind == "f"
        ):
            ones = Line("made", np.ones(len(g.value), g.value.dtype))
            line.function, line.operands, line.settings = np.dot, (ones, g), {}


def product(line):
    """The product of two matrices, by NumPy's faster way to the same BLAS."""
    if is_product(line) and is_matrix(line.operands[0]) and is_matrix(line.operands[1]):
        if all(x.value.size > 1 for x in line.operands):
            line.function = np.dot


def floats(line):
    """Whole numbers beside arrays of floats as floats, which NumPy has not to convert."""
    arrays = [x for x in line.operands if isinstance(x, Line)]
    if isinstance(line.function, np.ufunc) and all(x.value.dtype.kind == "f" for x in arrays):
        line.operands = tuple(float(x) if type(x) is int else x for x in line.operands)


def whole(line):
    """a[...] = b is b, where b has the shape of a."""
    if line.function is replaced and line.operands[1] is ...:
        a, _, b = line.operands
        if isinstance(b, Line) and (b.value.shape, b.value.dtype) == (a.value.shape, a.value.dtype):
            line.function, line.operands = copied, (b,)


REWRITES = (whole, relu, masked, column_sums, product, floats)


def new(function, *operands, base=None):
    line = Line("line", function(*(getattr(x, "value", x) for x in operands)), function, operands)
    line.base = base
    return line


def chooses_zero(line):
    """Is this where(c, 0.0, a), with arrays c and a?"""
    if line.function is not np.where or len(line.operands) != 3:
        return False
    return is_zero(line.operands[1]) and all(isinstance(x, Line) for x in line.operands[::2])


def is_zero(x):
    return type(x) in (int, float) and x == 0


def is_matrix(x):
    return isinstance(x, Line) and x.value.ndim == 2


def without_copies(x):
    """x with the originals in the place of copies, where nothing changes these in place.

    A Tensor's data and gradient do change, at the end of a step.
    """
    if isinstance(x, Line):
        while x.function is copied and x.operands[0].root().kind not in ("tensor", "grad"):
            x = x.operands[0]
        return x
    if isinstance(x, dict):
        return {key: without_copies(part) for key, part in x.items()}
    return type(x)(map(without_copies, x)) if type(x) in (tuple, list) else x
