"""Project 12: right answers in other styles, and faults planted into the solution."""

# One text for three languages, by a table of their functions; the slopes by the sigmoid.
BY_A_TABLE = """
import math

LANGUAGES = {
    "python": ("math.log1p", "math.exp", "abs", "max"),
    "numpy": ("np.log1p", "np.exp", "np.fabs", "np.fmax"),
    "c": ("log1p", "exp", "fabs", "fmax"),
}


def printed(language):
    log1p, exp, size, larger = LANGUAGES[language]
    return staticmethod(
        lambda a, b: f"({larger}({a}, {b}) + {log1p}({exp}(-{size}(({a}) - ({b})))))"
    )


class LogAddExp:
    @staticmethod
    def value(a, b):
        if math.isinf(a) or math.isinf(b):
            return max(a, b)
        return eval(LogAddExp.python("a", "b"), {"math": math, "a": a, "b": b})

    @staticmethod
    def slopes(a, b, y):
        s = (a - b).sigmoid()
        return s, (b - a).sigmoid()

    python = printed("python")
    numpy = printed("numpy")
    c = printed("c")
"""

# Choices in place of max and abs; the slopes by tanh.
BY_CHOICE = """
import math
from math import exp, inf, log1p


class LogAddExp:
    @staticmethod
    def value(a, b):
        low, high = sorted((a, b))
        return high if low == -inf or high == inf else high + log1p(exp(low - high))

    @staticmethod
    def slopes(a, b, y):
        from bookutils.trace import where

        half = 0.5 + 0.5 * ((a - b) / 2).tanh()
        return where(a > b, half, (a - y).exp()), where(a > b, (b - y).exp(), 1.0 - half)

    @staticmethod
    def python(a, b):
        return (
            "((%s) + math.log1p(math.exp((%s) - (%s))) if (%s) > (%s)"
            " else (%s) + math.log1p(math.exp((%s) - (%s))))" % (a, b, a, a, b, b, a, b)
        )

    @staticmethod
    def numpy(a, b):
        return "np.logaddexp({}, {})".format(a, b)

    @staticmethod
    def c(a, b):
        a, b = f"({a})", f"({b})"
        return f"({a} > {b} ? {a} + log1p(exp({b} - {a})) : {b} + log1p(exp({a} - {b})))"
"""

# Class methods; NumPy by reduce; C by fmin and pow.
WITH_CLASS_METHODS = """
import math

import numpy as np


class LogAddExp:
    @classmethod
    def value(cls, a, b):
        if a in (math.inf, -math.inf) or b in (math.inf, -math.inf):
            return float(np.logaddexp(a, b))
        return cls.larger(a, b) + math.log1p(math.exp(-abs(a - b)))

    @staticmethod
    def larger(a, b):
        return a if a >= b else b

    @classmethod
    def slopes(cls, a, b, y):
        return [(operand - y).exp() for operand in (a, b)]

    @classmethod
    def python(cls, a, b):
        return "( max([" + a + "," + b + "])+math.log1p( math.exp( -abs(" + a + "-(" + b + "))) ) )"

    @classmethod
    def numpy(cls, a, b):
        return f"np.logaddexp.reduce([{a}, {b}])"

    @classmethod
    def c(cls, a, b):
        return f"(-fmin(-({a}), -({b})) + log1p(pow(exp(1.0), -fabs(({b}) - ({a})))))"
"""

RIGHT = [BY_A_TABLE, BY_CHOICE, WITH_CLASS_METHODS]

VALUE = "return max(a, b) + math.log1p(math.exp(-abs(a - b)))"
PYTHON = 'return f"(max({a}, {b}) + math.log1p(math.exp(-abs(({a}) - ({b})))))"'
NUMPY = 'return f"(np.maximum({a}, {b}) + np.log1p(np.exp(-np.abs(({a}) - ({b})))))"'
IN_C = 'return f"(fmax({a}, {b}) + log1p(exp(-fabs(({a}) - ({b})))))"'
SLOPES = "return (a - y).exp(), (b - y).exp()"
OF_VALUE = "The value of", "The value far out", "The value where"
OF_SLOPES = "Both slopes, as", "Both slopes far", "Second"
AS_PYTHON = "Printed as Python, alone", "Printed as Python, among"
OF_C = "Printed as C", "Compiled as C"

# (text of the solution, the same with a fault, the properties that must be lost)
FAULTS = [
    (VALUE, "return math.log(math.exp(a) + math.exp(b))", ("The value far out",)),
    (VALUE, "return a + math.log1p(math.exp(b - a))", ("The value far out",)),
    (VALUE, "return max(a, b) + math.log(1 + math.exp(-abs(a - b)))", ("The value far out",)),
    (VALUE, "return max(a, b) + math.exp(-abs(a - b))", OF_VALUE[:2]),
    (VALUE, "return min(a, b) + math.log1p(math.exp(-abs(a - b)))", OF_VALUE[:2]),
    (VALUE, "return max(a, b) + math.log1p(math.exp(abs(a - b)))", OF_VALUE[:2]),
    (VALUE, "return max(a, b)", OF_VALUE[:1]),
    (VALUE, "return max(a, b) + math.log2(1 + math.exp(-abs(a - b)))", OF_VALUE[:2]),
    ("if a == b:", "if False:", ("The value where",)),
    ("return a + math.log(2.0)", "return a", OF_VALUE[:2]),
    ("return a + math.log(2.0)", "return 2 * a", OF_VALUE[:2]),
    (VALUE, "return float(f'{max(a, b) + math.log1p(math.exp(-abs(a - b))):.15g}')",
     ("The Python text gives",)),
    (SLOPES, "return (b - y).exp(), (a - y).exp()", OF_SLOPES[:2]),
    (SLOPES, "return (y - a).exp(), (y - b).exp()", OF_SLOPES),
    (SLOPES, "return a.exp() / (a.exp() + b.exp()), b.exp() / (a.exp() + b.exp())",
     ("Both slopes far",)),
    (SLOPES, "return (a - y).exp(), (a - y).exp()", OF_SLOPES),
    (SLOPES, "return (a - y).exp(), 1 + (a - y).exp()", OF_SLOPES[:2]),
    (SLOPES, "return a - y, b - y", OF_SLOPES),
    (SLOPES, "return 0.5, 0.5", OF_SLOPES),
    (SLOPES, "return (a - y).exp()", OF_SLOPES[:1]),
    (SLOPES, "return math.exp(a - y), math.exp(b - y)", OF_SLOPES),
    (PYTHON, 'return f"max({a}, {b}) + math.log1p(math.exp(-abs(({a}) - ({b}))))"',
     ("Printed as Python, among",)),
    (PYTHON, 'return f"(max({a}, {b}) + math.log1p(math.exp(-abs({a} - {b}))))"',
     ("Printed as Python, among",)),
    (PYTHON, 'return "(max(a, b) + math.log1p(math.exp(-abs((a) - (b)))))"',
     ("Printed as Python, among",)),
    (PYTHON, 'return f"math.log(math.exp({a}) + math.exp({b}))"', AS_PYTHON[:1]),
    (PYTHON, 'return f"(np.logaddexp({a}, {b}))"', AS_PYTHON),
    (PYTHON, 'return f"(max({a}, {b}) + math.log(1 + math.exp(-abs(({a}) - ({b})))))"',
     ("The Python text gives",)),
    (NUMPY, 'return f"np.log(np.exp({a}) + np.exp({b}))"', ("Printed for NumPy",)),
    (NUMPY, 'return f"(max({a}, {b}) + np.log1p(np.exp(-abs(({a}) - ({b})))))"',
     ("Printed for NumPy",)),
    (NUMPY, 'return f"np.maximum({a}, {b}) + np.log1p(np.exp(-np.abs(({a}) - ({b}))))"',
     ("Printed for NumPy",)),
    (NUMPY, 'return f"(np.max({a}, {b}) + np.log1p(np.exp(-np.abs(({a}) - ({b})))))"',
     ("Printed for NumPy",)),
    (NUMPY, 'return f"np.where(({a}) > ({b}), ({a}) + np.log1p(np.exp(({b}) - ({a}))), '
     '({b}) + np.log1p(np.exp(({a}) - ({b}))))"', ("Printed for NumPy",)),
    (NUMPY, 'return f"(np.maximum({a}, {b}) + np.log(1 + np.exp(-np.abs(({a}) - ({b})))))"',
     ("Printed for NumPy",)),
    (IN_C, 'return f"(fmax({a}, {b}) + log(1 + exp(-fabs(({a}) - ({b})))))"', OF_C),
    (IN_C, 'return f"(max({a}, {b}) + log1p(exp(-fabs(({a}) - ({b})))))"', OF_C),
    (IN_C, 'return f"(fmax({a}, {b}) + log1p(exp(-fabs({a} - {b}))))"', ("Printed as C",)),
    (IN_C, 'return f"fmax({a}, {b}) + log1p(exp(-fabs(({a}) - ({b}))))"', ("Printed as C",)),
    (IN_C, 'return f"log(exp({a}) + exp({b}))"', OF_C),
    (IN_C, 'return f"(fmax({a}, {b}) + log1p(1/2*exp(-fabs(({a}) - ({b})))))"', OF_C),
    (IN_C, 'return f"(({a}) if ({a}) > ({b}) else ({b}))"', OF_C),
    (IN_C, 'return f"(fmax({a}, {b}) + log1p(exp(-fabs(({a}) - ({b})))));"', ("Printed as C",)),
    (IN_C, 'return f"(fmax(a, b) + log1p(exp(-fabs((a) - (b)))))"', ("Printed as C",)),
]  # fmt: skip
