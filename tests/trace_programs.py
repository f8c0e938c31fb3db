"""Programs for the tests of the tracer: every row of its table, and programs drawn at random."""

import itertools
import math

import torch

from bookutils import Value
from bookutils.engine import scalar
from bookutils.engine.rules import RULES
from bookutils.trace import Program, Symbol, Trace, apply, gradients
from bookutils.trace.rows import CONDITIONS, letters
from bookutils.trace.symbols import as_number

TRACED_ONLY = "erf", "log1p"  # rows of the tracer that Value has no method for
WITH_SLOPES = [*RULES, *TRACED_ONLY]

# both sides of each branch, ties, zeros of both signs, saturation, overflow, infinity, nan
POINTS = [-math.inf, -800.0, -2.5, -1.0, -0.0, 0.0, 1e-300, 0.5, 1.0, 2.0, 3.0, 40.0, 800.0,
          math.inf, math.nan]  # fmt: skip


def rows_as_a_program():
    """One Program of a and b whose outputs are each row and its slopes; and the names of these."""
    record = Trace()
    inputs = {"a": record.node("input", "a"), "b": record.node("input", "b")}
    names, outputs = [], []
    for name in [*WITH_SLOPES, *CONDITIONS]:
        operands = letters(name)
        y = apply(name, *[inputs[letter] for letter in operands])
        names.append((name, "y"))
        outputs.append(y)
        if name not in CONDITIONS:
            grads = gradients(y)
            names += [(name, letter) for letter in operands]
            outputs += [grads[inputs[letter].index] for letter in operands]
    numbers = [as_number(y) for y in outputs]
    return Program(record.ops, tuple(s.index for s in numbers), ["a", "b"]), names


def points(operands):
    return list(itertools.product(POINTS, repeat=operands))


def by_the_engine(name, a, b):
    """y and its slopes of a row of the engine, computed with Values."""
    operands = [Value(x) for x in (a, b)[: len(letters(name))]]
    y = scalar.apply(name, *operands)
    grads = scalar.gradients(y)
    return [y.data, *[float(grads[v]) for v in operands]]


TAME = ["tanh", "sigmoid", "sin", "cos", "relu", "softplus", "gelu", "abs", "neg"]  # stay finite
BINARY = ["add", "sub", "mul", "maximum", "minimum"]


def random_program(rng, inputs=3, steps=12, unary=TAME, binary=BINARY):
    """A function of `inputs` numbers, of any engine that has the methods of a Value."""
    plan = []
    for k in range(inputs, inputs + steps):
        if rng.random() < 0.4:
            plan.append((rng.choice(unary), rng.randrange(k)))
        elif rng.random() < 0.2:
            plan.append((rng.choice(binary), rng.randrange(k), round(rng.uniform(-2, 2), 3)))
        else:
            plan.append((rng.choice(binary), rng.randrange(k), rng.randrange(k)))

    def f(*numbers):
        values = list(numbers)
        for name, i, *other in plan:
            others = [values[j] if isinstance(j, int) else j for j in other]
            values.append(of_any_engine(name, values[i], *others))
        return values[-1] + values[-2] * values[-3]

    return f


SIGNS = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "neg": "__neg__", "abs": "__abs__"}


def of_any_engine(name, a, *b):
    """One operation of Values, traced numbers or PyTorch's tensors."""
    if isinstance(a, (Value, Symbol)) or name not in ("gelu", "softplus", "maximum", "minimum"):
        return getattr(a, SIGNS.get(name, name))(*b)
    if name in ("gelu", "softplus"):
        return getattr(torch.nn.functional, name)(a)
    return getattr(torch, name)(a, torch.as_tensor(*b, dtype=a.dtype))
