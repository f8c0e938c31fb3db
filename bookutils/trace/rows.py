"""The rows that a tracer knows: those of the engine's table, and the choices between numbers.

A row is text in the operands a, b, c and the result y, and beside it a slope for each operand. A
comparison has no slopes. A row that you add here is traced, differentiated, printed and compiled
as the others are, as long as it is made of numbers, these names and + - * / < <= > >= == != | &:
abs exp log log1p sqrt sin cos tanh erf pow where.
"""

import math
import re
from functools import cache

from bookutils.engine.ieee import never_raising
from bookutils.engine.rules import RULES, stop, where

CONDITIONS = {
    "lt": ("a < b",),
    "le": ("a <= b",),
    "gt": ("a > b",),
    "ge": ("a >= b",),
    "eq": ("a == b",),
    "ne": ("a != b",),
    "or": ("a | b",),
    "and": ("a & b",),
    "not": ("a == 0",),
}
ROWS = {
    **RULES,
    **CONDITIONS,
    "where": ("where(a, b, c)", "stop", "where(a, 1.0, stop)", "where(a, stop, 1.0)"),
    "detach": ("a", "stop"),  # recorded inside no_grad()
    # these two are named in rows of the engine, and have none there
    "erf": ("erf(a)", "exp(-a * a) * 1.1283791670955126"),  # 2/√π
    "log1p": ("log1p(a)", "1 / (1 + a)"),
}
CALLED = "exp log log1p sqrt sin cos tanh erf pow".split()  # what rows call, beside abs and where
FUNCTIONS = {name: getattr(math, name) for name in CALLED} | {"where": where, "stop": stop}


def letters(name):
    """The operands of a row: "a", "ab" or "abc"."""
    return letters_of(ROWS[name][0])


@cache
def letters_of(text):
    return "".join(sorted(set(re.findall(r"\b[abc]\b", text))))


def evaluate(name, *numbers):
    """y of one row: a float, or a bool where the row compares; by IEEE 754, so 1/0 is inf."""
    text, operands = ROWS[name][0], letters(name)
    try:
        return value_of(text, operands)(*numbers)
    except (ArithmeticError, ValueError):
        import numpy

        with numpy.errstate(all="ignore"):
            return float(ieee_value_of(text, operands)(*map(numpy.float64, numbers)))


@cache
def value_of(text, operands):
    """The text as a function of its operands, floats."""
    return eval(f"lambda {', '.join(operands)}: {text}", {**FUNCTIONS})


@cache
def ieee_value_of(text, operands):
    """The text as a function of NumPy's floats, which do not raise."""
    functions = {name: never_raising(getattr(math, name)) for name in CALLED}
    return eval(f"lambda {', '.join(operands)}: {text}", {**FUNCTIONS, **functions})
