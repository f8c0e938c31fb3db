"""An expression of C, read and evaluated: what machine code would give, without a compiler.

Doubles follow IEEE 754; two whole numbers divide to a whole number, as in C. What C does not know
(`max`, `**`, `math.log`, `x if c else y`) is told in a sentence.
"""

import operator
import re

import numpy as np

FUNCTIONS = {
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2,
    "log10": np.log10, "log1p": np.log1p, "sqrt": np.sqrt, "fabs": np.abs, "tanh": np.tanh,
    "cosh": np.cosh, "sinh": np.sinh, "fmax": np.fmax, "fmin": np.fmin, "pow": np.power,
    "fdim": lambda a, b: np.float64(a - b if a > b else 0.0), "hypot": np.hypot,
}  # fmt: skip
TWO = {"fmax", "fmin", "pow", "fdim", "hypot"}
INSTEAD = {"max": "fmax", "min": "fmin", "abs": "fabs"}
CONSTANTS = {"INFINITY": np.inf, "M_LN2": np.log(2.0)}
TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)"
    r"|(\*\*|//|<=|>=|==|!=|&&|\|\||[-+*/()?:<>,!]))"
)
LEVELS = (
    {"||": lambda a, b: int(bool(a) or bool(b))},
    {"&&": lambda a, b: int(bool(a) and bool(b))},
    {"==": operator.eq, "!=": operator.ne},
    {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": None},
)
DEEPEST = 60  # parentheses


class NotC(Exception):
    """No expression of C; its sentence says why."""


def value(text, **variables):
    """The value of an expression, a float. Raises: NotC with a sentence."""
    if type(text) is not str:
        raise NotC(f"a text is asked for, a `{type(text).__name__}` came")
    for alien, own in (("**", "pow(a, 2)"), ("//", "a / b"), (" if ", "c ? a : b"),
                       ("math.", "exp(a)"), ("np.", "exp(a)")):  # fmt: skip
        if alien in text:
            raise NotC(f"C has no `{alien.strip()}`: it says `{own}`")
    reader = Reader(text, {name: np.float64(v) for name, v in variables.items()})
    with np.errstate(all="ignore"):
        found = reader.choice()
    if reader.tokens[reader.at :] != [""]:
        raise NotC(f"C does not understand `{reader.rest()}` in `{text}`")
    return float(found)


class Reader:
    """Reads one expression from left to right and evaluates it on the way."""

    def __init__(self, text, variables):
        self.text, self.variables, self.at, self.depth = text, variables, 0, 0
        self.tokens, end = [], 0
        while text[end:].strip():
            match = TOKEN.match(text, end)
            if not match:
                raise NotC(f"C does not understand `{text[end:].strip()[:12]}` in `{text}`")
            self.tokens.append(match[0].strip())
            end = match.end()
        self.tokens.append("")

    def rest(self):
        return " ".join(self.tokens[self.at : self.at + 3]).strip() or "the end"

    def take(self, *some):
        if self.tokens[self.at] in some:
            self.at += 1
            return self.tokens[self.at - 1]
        return ""

    def need(self, token):
        if not self.take(token):
            raise NotC(f"`{token}` is missing before `{self.rest()}` in `{self.text}`")

    def choice(self):
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotC("the parentheses are nested too deeply")
        found = self.level(0)
        if self.take("?"):
            yes = self.choice()
            self.need(":")
            no = self.choice()
            found = yes if found else no
        self.depth -= 1
        return found

    def level(self, n):
        if n == len(LEVELS):
            return self.sign()
        found = self.level(n + 1)
        while op := self.take(*LEVELS[n]):
            found = _done(op, LEVELS[n][op], found, self.level(n + 1))
        return found

    def sign(self):
        if op := self.take("-", "+", "!"):
            found = self.sign()
            return -found if op == "-" else found if op == "+" else int(not found)
        return self.single()

    def single(self):
        token = self.tokens[self.at]
        self.at += 1
        if token == "(":
            found = self.choice()
            self.need(")")
            return found
        if re.match(r"[\d.]", token):
            return int(token) if token.isdecimal() else np.float64(token)
        if token in self.variables:
            return self.variables[token]
        if token in CONSTANTS:
            return np.float64(CONSTANTS[token])
        if token in FUNCTIONS:
            self.need("(")
            given = [np.float64(self.choice())]
            while self.take(","):
                given.append(np.float64(self.choice()))
            self.need(")")
            if len(given) != 1 + (token in TWO):
                raise NotC(f"`{token}` takes {1 + (token in TWO)}, not {len(given)} arguments")
            return np.float64(FUNCTIONS[token](*given))
        if token in INSTEAD:
            raise NotC(f"`{token}` is not what C has for doubles: it has {INSTEAD[token]}")
        self.at -= 1
        raise NotC(f"C does not understand `{self.rest()}` in `{self.text}`")


def _done(op, function, a, b):
    whole = type(a) is int and type(b) is int
    if op == "/":
        if not whole:
            return np.float64(a) / np.float64(b)
        if b == 0:
            raise NotC("a whole number is divided by the whole number 0")
        return int(a / b)
    found = function(a, b)
    return int(found) if whole or op in ("==", "!=", "<", ">", "<=", ">=") else np.float64(found)
