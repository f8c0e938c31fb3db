"""The table of derivatives: each operation beside the slope towards each of its operands.

The rows are text, as in a calculus book, in the operands a and b and the result y. Each engine
compiles them once, in the arithmetic it uses.
"""

from bookutils.graph import cut

RULES = {
    # name: (y, ∂y/∂a) or (y, ∂y/∂a, ∂y/∂b)
    "add": ("a + b", "1.0", "1.0"),
    "sub": ("a - b", "1.0", "-1.0"),
    "mul": ("a * b", "b", "a"),
    "div": ("a / b", "1 / b", "-y / b"),
    "pow": (
        "pow(a, b)",
        "cut if b == 0 else b * pow(a, b - 1)",
        "0.0 if a == 0 and b >= 0 else y * log(a)",
    ),
    "maximum": (
        "a if a > b or a != a else b",
        "cut if a < b else 0.5 if a == b else 1.0",
        "cut if a > b else 0.5 if a == b else 1.0",
    ),
    "minimum": (
        "a if a < b or a != a else b",
        "cut if a > b else 0.5 if a == b else 1.0",
        "cut if a < b else 0.5 if a == b else 1.0",
    ),
    "neg": ("-a", "-1.0"),
    "abs": ("abs(a)", "1.0 if a > 0 else -1.0 if a < 0 else 0.0"),
    "exp": ("exp(a)", "y"),
    "log": ("log(a)", "1 / a"),
    "sqrt": ("sqrt(a)", "1 / (2 * y)"),
    "sin": ("sin(a)", "cos(a)"),
    "cos": ("cos(a)", "-sin(a)"),
    "tanh": ("tanh(a)", "1 - y * y"),
    "sigmoid": ("1 / (1 + exp(-a))", "y * (1 - y)"),
    "softplus": (
        "log1p(exp(-abs(a))) + (a if a > 0 else 0.0)",
        "exp(a - y) if a < 0 else 1 / (1 + exp(-a))",
    ),
    "relu": ("0.0 if a <= 0 else a", "cut if a <= 0 else 1.0"),
    "leaky_relu": ("a if a > 0 else a * b", "1.0 if a > 0 else b", "cut if a > 0 else a"),
}


def compiled(name, functions):
    """The row `name` as a function of its operands that returns (y, slope, …).

    `functions` maps the names used in the rows (exp, log, pow, …) to functions.
    """
    y, *slopes = RULES[name]
    operands = "ab"[: len(slopes)]
    text = f"lambda {', '.join(operands)}: ((y := {y}), {', '.join(slopes)})"
    return eval(text, {**functions, "cut": cut})
