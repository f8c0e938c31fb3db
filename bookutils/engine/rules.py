"""The table of derivatives: each operation beside its partial derivatives.

The rows are text, as in a calculus book, in the operands a and b and the result y. Each engine
compiles them once, with the functions of the numbers or arrays that it holds.
"""

RULES = {
    # name: (y, ∂y/∂a) or (y, ∂y/∂a, ∂y/∂b)
    "add": ("a + b", "1.0", "1.0"),
    "sub": ("a - b", "1.0", "-1.0"),
    "mul": ("a * b", "b", "a"),
    "div": ("a / b", "1 / b", "-y / b"),
    "pow": (
        "pow(a, b)",
        "where(b == 0, stop, b * pow(a, b - 1))",
        "where(a == 0, where(b >= 0, 0.0, -y), y * log(a))",
    ),
    "maximum": (
        "where((a > b) | (a != a), a, b)",
        "where(a < b, stop, where(a == b, 0.5, 1.0))",
        "where(a > b, stop, where(a == b, 0.5, 1.0))",
    ),
    "minimum": (
        "where((a < b) | (a != a), a, b)",
        "where(a > b, stop, where(a == b, 0.5, 1.0))",
        "where(a < b, stop, where(a == b, 0.5, 1.0))",
    ),
    "neg": ("-a", "-1.0"),
    "abs": ("abs(a)", "where(a > 0, 1.0, where(a < 0, -1.0, 0.0))"),
    "exp": ("exp(a)", "y"),
    "log": ("log(a)", "1 / a"),
    "sqrt": ("sqrt(a)", "1 / (2 * y)"),
    "sin": ("sin(a)", "cos(a)"),
    "cos": ("cos(a)", "-sin(a)"),
    "tanh": ("tanh(a)", "1 - y * y"),
    "sigmoid": ("1 / (1 + exp(-a))", "y * (1 - y)"),
    "softplus": (
        "log1p(exp(-abs(a))) + where(a > 0, a, 0.0)",
        "where(a < 0, exp(a - y), 1 / (1 + exp(-a)))",
    ),
    "relu": ("where(a <= 0, 0.0, a)", "where(a <= 0, stop, 1.0)"),
    "gelu": (
        "a * (0.5 + 0.5 * erf(a * 2**-0.5))",
        "0.5 + 0.5 * erf(a * 2**-0.5) + a * (exp(-0.5 * a * a) * 0.3989422804014327)",  # 1/√(2π)
    ),
    "leaky_relu": ("where(a > 0, a, a * b)", "where(a > 0, 1.0, b)", "where(a > 0, stop, a)"),
}


class Stop(float):
    """The slope 0 of an operand that was not chosen: it passes on 0 even if ∞ or nan arrives."""

    def __mul__(self, G):
        return 0.0


stop = Stop()


def where(condition, x, y):
    """x if the condition holds, else y: for numbers; the libraries of arrays have their own."""
    return x if condition else y


def compiled(name, functions, to="ab", edge=str):
    """The row as a function of its operands that returns y and a tuple, its edges to `to`.

    An edge is the partial derivative, or what `edge` writes for it: "lambda G: (…) * G" is a vjp,
    which keeps those of a, b and y that it reads. `functions` maps the names in the rows (exp,
    where, stop, …) to what they stand for.
    """
    y, *slopes = RULES[name]
    operands = "ab"[: len(slopes)]
    edges = "".join(edge(s) + ", " for o, s in zip(operands, slopes) if o in to)  # noqa: B905
    return eval(f"lambda {', '.join(operands)}: ((y := {y}), ({edges}))", {**functions})
