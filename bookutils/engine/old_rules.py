"""The table of derivatives: each operation beside the slope towards each of its operands.

The rows are text, as in a calculus book, in the operands a and b and the result y. Each engine
compiles them once, in the arithmetic it uses.
"""

import ast
from functools import reduce

from bookutils.engine.old_graph import cut

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
    "gelu": (
        "a * (0.5 + 0.5 * erf(a * 2**-0.5))",
        "0.5 + 0.5 * erf(a * 2**-0.5) + a * (exp(-0.5 * a * a) * 0.3989422804014327)",  # 1/√(2π)
    ),
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


def vectorised(name, functions, numbers=""):
    """The row `name` for whole arrays: y(a, b), and for each operand a maker of its vjp.

    A maker takes (a, b, y) and returns the function of G, the gradient of the result, to
    G * slope; of a, b and y that function keeps those it reads. Where the row chooses, arrays do
    by `where(condition, this, that)`, and G goes into the branches, so that `cut` stops even ∞.
    The operands in `numbers` are Python numbers; `functions` as in `compiled`, and `where`.
    """
    y, *slopes = (ast.parse(text, mode="eval").body for text in RULES[name])
    a_b = ", ".join("ab"[: len(slopes)])

    def function(start, tree):
        tree = ast.fix_missing_locations(Choices(numbers).visit(tree))
        return eval(f"lambda {start}{ast.unparse(tree)}", {**functions})

    vjps = [function(f"{a_b}, y: lambda G: ", times(slope)) for slope in slopes]
    return function(f"{a_b}: ", y), *vjps


def times(slope):
    """The expression G * slope."""
    if isinstance(slope, ast.IfExp):
        return ast.IfExp(slope.test, times(slope.body), times(slope.orelse))
    simple = {"cut": "0.0", "1.0": "G", "-1.0": "-G"}.get(ast.unparse(slope))
    return ast.parse(simple or f"G * ({ast.unparse(slope)})", mode="eval").body


class Choices(ast.NodeTransformer):
    """Write `x if c else y` as where(c, x, y), unless c is of numbers only; and, or as &, |."""

    def __init__(self, numbers):
        self.numbers = numbers

    def visit_IfExp(self, tree):
        names = {leaf.id for leaf in ast.walk(tree.test) if isinstance(leaf, ast.Name)}
        self.generic_visit(tree)
        if names <= {*self.numbers}:
            return tree
        return ast.Call(ast.Name("where"), [tree.test, tree.body, tree.orelse], [])

    def visit_BoolOp(self, tree):
        self.generic_visit(tree)
        sign = ast.BitAnd() if isinstance(tree.op, ast.And) else ast.BitOr()
        return reduce(lambda left, right: ast.BinOp(left, sign, right), tree.values)
