"""The rows of the table where Python's arithmetic raises: 1/0 is inf, log(-1) nan, exp(1000) inf.

That is IEEE 754, as in PyTorch. NumPy's float64 follows it, and is asked only then.
"""

import math
from functools import cache

from bookutils.engine.rules import compiled, stop, where


def by_ieee(name, to, numbers):
    """The result of a row and its slopes with respect to the operands in `to`, as floats."""
    import numpy

    with numpy.errstate(all="ignore"):
        y, slopes = row(name, to)(*map(numpy.float64, numbers))
    return float(y), tuple([s if s is stop else float(s) for s in slopes])


@cache
def row(name, to):
    """As scalar.ROWS[name, to], of functions that do not raise."""
    functions = {n: never_raising(f) for n, f in vars(math).items() if callable(f)}
    return compiled(name, functions | {"where": where, "stop": stop}, to)


def never_raising(function):
    import numpy

    def answer(*numbers):
        try:
            return numpy.float64(function(*numbers))
        except (ArithmeticError, ValueError):
            return getattr(numpy, function.__name__)(*numbers)

    return answer
