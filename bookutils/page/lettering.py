"""How numbers, operations and lists are written in a picture, and how wide that is."""

import math

SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷", "**": "**"}


def number(x):
    """Write a number with four significant digits and a true minus sign."""
    x = float(x)
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    if x == 0:
        return "0"
    text = str(int(x)) if x == int(x) and abs(x) < 1e6 else f"{x:.4g}"
    mantissa, e, exponent = text.partition("e")
    return (mantissa + (e and f"e{int(exponent)}")).replace("-", "−")


def text_width(text, size, bold=False):
    """Width in pixels that `text` needs at most, in any of the fonts the picture asks for."""
    em = 0.0
    for c in text:
        if c in " ijlIJftr.,:;·'!|/\\()[]-²":
            em += 0.45
        elif c in "mwMW%@…":
            em += 1.06
        elif c.isupper() or c in "+=<>~^#&" or ord(c) > 127:
            em += 0.88 if ord(c) < 0x2FFF else 1.1
        else:
            em += 0.66
    return em * size * (1.12 if bold else 1)


def count(n, thing):
    return f"{n} {thing}{'s' * (n != 1)}"


def listed(words):
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def operation(op, operands=None):
    """`a × b`, `−a`, `2 ÷ a`, `tanh(z)`: one operation; without operands, its sign alone.

    `op` is a sign, or a pair (sign, number) or (number, sign) where one operand is no node.
    """
    if not isinstance(op, str):
        first, last = op
        spare = number(last if isinstance(first, str) else first)
        sign = (first if isinstance(first, str) else last).strip()
        if operands is None and sign in SIGNS:
            return f"{SIGNS[sign]} {spare}" if isinstance(first, str) else f"{spare} {SIGNS[sign]}"
        operands = operands or ["·"]
        op, operands = sign, [*operands, spare] if isinstance(first, str) else [spare, *operands]
    if operands is None:
        return SIGNS.get(op, "−" if op == "neg" else op)
    if op in SIGNS and len(operands) == 2:
        return f" {SIGNS[op]} ".join(operands)
    return f"−{operands[0]}" if op == "neg" else f"{op}({', '.join(operands)})"
