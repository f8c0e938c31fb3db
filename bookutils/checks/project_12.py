"""The project of chapter 12: an operation of the reader's own, log(eᵃ + eᵇ), in three languages."""

import math

import numpy as np

from bookutils.checks.c_text import NotC
from bookutils.checks.c_text import value as c_value
from bookutils.judge.project import Mistake, Project, Property

UNTRIED = "not tried: no C compiler may be started here"


class Operation:
    """A right answer."""

    @staticmethod
    def value(a, b):
        if a == b:
            return a + math.log(2.0)
        return max(a, b) + math.log1p(math.exp(-abs(a - b)))

    @staticmethod
    def slopes(a, b, y):
        return (a - y).exp(), (b - y).exp()

    @staticmethod
    def python(a, b):
        return f"(max({a}, {b}) + math.log1p(math.exp(-abs(({a}) - ({b})))))"

    @staticmethod
    def numpy(a, b):
        return f"np.logaddexp({a}, {b})"

    @staticmethod
    def c(a, b):
        return f"(fmax({a}, {b}) + log1p(exp(-fabs(({a}) - ({b})))))"


# ---- mistakes


class AsDefined(Operation):
    @staticmethod
    def value(a, b):
        return math.log(math.exp(a) + math.exp(b))

    @staticmethod
    def python(a, b):
        return f"math.log(math.exp({a}) + math.exp({b}))"

    @staticmethod
    def numpy(a, b):
        return f"np.log(np.exp({a}) + np.exp({b}))"

    @staticmethod
    def c(a, b):
        return f"log(exp({a}) + exp({b}))"


class FirstTakenOut(Operation):
    @staticmethod
    def value(a, b):
        return a + math.log1p(math.exp(b - a))


class LostInfinity(Operation):
    @staticmethod
    def value(a, b):
        return max(a, b) + math.log1p(math.exp(-abs(a - b)))


class LogOfOnePlus(Operation):
    @staticmethod
    def value(a, b):
        if a == b:
            return a + math.log(2.0)
        return max(a, b) + math.log(1 + math.exp(-abs(a - b)))


class SlopesOfExponentials(Operation):
    @staticmethod
    def slopes(a, b, y):
        total = a.exp() + b.exp()
        return a.exp() / total, b.exp() / total


class SlopesExchanged(Operation):
    @staticmethod
    def slopes(a, b, y):
        return (b - y).exp(), (a - y).exp()


class SlopesUpsideDown(Operation):
    @staticmethod
    def slopes(a, b, y):
        return (y - a).exp(), (y - b).exp()


class SlopesWithoutExp(Operation):
    @staticmethod
    def slopes(a, b, y):
        return a - y, b - y


class SlopesAsNumbers(Operation):
    @staticmethod
    def slopes(a, b, y):
        return 0.5, 0.5


class OpenTexts(Operation):
    @staticmethod
    def python(a, b):
        return f"max({a}, {b}) + math.log1p(math.exp(-abs(({a}) - ({b}))))"

    @staticmethod
    def c(a, b):
        return f"fmax({a}, {b}) + log1p(exp(-fabs(({a}) - ({b}))))"


class OpenOperands(Operation):
    @staticmethod
    def python(a, b):
        return f"(max({a}, {b}) + math.log1p(math.exp(-abs({a} - {b}))))"

    @staticmethod
    def c(a, b):
        return f"(fmax({a}, {b}) + log1p(exp(-fabs({a} - {b}))))"


class Replaced(Operation):
    @staticmethod
    def python(a, b):
        text = "(max(a, b) + math.log1p(math.exp(-abs((a) - (b)))))"
        return text.replace("(a", f"({a}").replace("b)", f"{b})")

    @staticmethod
    def c(a, b):
        text = "(fmax(A, B) + log1p(exp(-fabs((A) - (B)))))"
        return text.replace("A", b).replace("B", a)


class FixedNames(Operation):
    @staticmethod
    def python(a, b):
        return "(max(a, b) + math.log1p(math.exp(-abs(a - b))))"

    @staticmethod
    def c(a, b):
        return "(fmax(a, b) + log1p(exp(-fabs(a - b))))"


class PythonInC(Operation):
    @staticmethod
    def c(a, b):
        return f"(max({a}, {b}) + log1p(exp(-abs(({a}) - ({b})))))"


class PythonForColumns(Operation):
    @staticmethod
    def numpy(a, b):
        return f"(max({a}, {b}) + np.log1p(np.exp(-abs(({a}) - ({b})))))"


# ---- the properties


def numbers(LogAddExp, u, v):
    y = LogAddExp.value(u, v)
    return y


def infinite(LogAddExp, u, v):
    y = LogAddExp.value(eval(u), eval(v))
    return y


def slopes(LogAddExp, u, v):
    from bookutils.trace import trace

    y = lambda a, b: b + (a - b).softplus()  # noqa: E731  log(eᵃ + eᵇ), by a row that there is
    program = trace(lambda a, b: LogAddExp.slopes(a, b, y(a, b)))
    return program(u, v)


def second(LogAddExp, u, v):
    from bookutils.trace import trace

    y = lambda a, b: b + (a - b).softplus()  # noqa: E731
    of_a = trace(lambda a, b: LogAddExp.slopes(a, b, y(a, b))[0])
    of_b = trace(lambda a, b: LogAddExp.slopes(a, b, y(a, b))[1])
    return of_a.grad()(u, v), of_b.grad()(u, v)


def as_python(LogAddExp, first, second, around, u, v):
    text = around.replace("{}", LogAddExp.python(first, second))
    names = {"math": math, "a": u, "b": v, "max_a": u + v}
    try:
        exec("y = " + text, names)
    except SyntaxError:
        names["y"] = "no Python: " + text
    return names["y"]


def same_bits(LogAddExp, u, v):
    names = {"math": math, "a": u, "b": v}
    exec("y = " + LogAddExp.python("a", "b"), names)
    return names["y"] == LogAddExp.value(u, v)


def as_numpy(LogAddExp, first, second, around, U, V):
    text = around.replace("{}", LogAddExp.numpy(first, second))
    names = {"np": np, "a": U, "b": V, "max_a": U + V}
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        exec("y = " + text, names)
    return names["y"]


def as_c(LogAddExp, first, second, around, u, v):
    text = around.replace("{}", LogAddExp.c(first, second))
    return text


def compiled(LogAddExp, u, v):
    from bookutils.trace.native import built, compiler

    y, x = np.zeros(1), np.array([u, v])
    text = "#include <math.h>\nvoid f(const double *x, double *y) {\n    double a = x[0], b = x[1];"
    text += "\n    *y = " + LogAddExp.c("a", "b") + ";\n}\n"
    found = "not tried: no C compiler may be started here"
    if compiler():
        try:
            built(text)(x.ctypes.data, y.ctypes.data)
            found = y[0]
        except (PermissionError, FileNotFoundError, BlockingIOError):  # it may not be started
            pass
    return found


def expected_inside(first, second, around, u, v):
    names = {"a": u, "b": v, "max_a": u + v}
    y = np.logaddexp(*(eval(operand, {}, names) for operand in (first, second)))
    return eval(around.replace("{}", "y"), {}, {**names, "y": y})


def read_as_c(text, first, second, around, u, v):
    want = float(expected_inside(first, second, around, u, v))
    try:
        got = c_value(text, a=u, b=v, max_a=u + v)
    except NotC as wrong:
        return f"{wrong}."
    if not abs(got - want) <= 1e-9 * abs(want):
        return f"As C reads it, `{text}` is {got:.6g} at a = {u:g}, b = {v:g}: {want:.6g} is right."
    return None


def run_as_c(found, u, v):
    if found == UNTRIED:
        return None
    want = float(np.logaddexp(u, v))
    if type(found) is not float or not abs(found - want) <= 1e-9 * abs(want):
        return f"Compiled, it gives {found:.6g} at a = {u:g}, b = {v:g}: {want:.6g} is right."
    return None


def slopes_at(u, v):
    return 1 / (1 + np.exp(np.minimum(v - u, 700))), 1 / (1 + np.exp(np.minimum(u - v, 700)))


def second_at(u, v):
    s, t = slopes_at(u, v)
    return (s * t, -s * t), (-s * t, s * t)


NEAR = (
    (0.5, 2.0), (2.0, -1.25), (-3.0, -3.5), (0.0, 0.0), (1.5, 1.5), (0.0, 1.0), (-2.0, 5.0),
    (30.0, -10.0),
)  # fmt: skip
FAR = (
    (1000.0, 999.0), (-1000.0, -1001.5), (800.0, -800.0), (-800.0, 800.0), (1e6, 5.0), (5.0, 1e6),
    (750.0, 750.0), (-750.0, -750.0), (0.0, 800.0), (-40.0, 0.0), (1e300, 1.0),
)  # fmt: skip
TINY = ((-40.0, 0.0), (0.0, -38.0), (-700.0, 0.0))  # what is added is lost, unless y is 0 nearly
INSIDE = (
    ("a", "b", "{} * 2"), ("a", "b", "3 - {}"), ("a - 1", "b + 2", "{}"), ("b", "a - b", "-{}"),
    ("a * b", "-b", "{} / {}"), ("b - a", "a - b", "2 * {} - a"), ("max_a", "a", "{} * {}"),
    ("b", "max_a", "a - {}"),
)  # fmt: skip
AROUND = tuple((*texts, u, v) for texts in INSIDE for u, v in ((0.5, 2.0), (-1.25, 0.75)))
COLUMNS = np.array([0.5, 2.0, -3.0, 0.0]), np.array([2.0, -1.25, -3.5, 0.0])
FAR_COLUMNS = np.array([800.0, -800.0, 1000.0, -40.0]), np.array([-800.0, 800.0, 1000.0, 0.0])
ROWS = 'chapter 12, section 12.6, "The derivative is a program"'
PRINTED = 'chapter 12, section 12.8, "Print it, and run it"'
IN_COLUMNS = 'chapter 12, section 12.9, "Columns"'
IN_C = 'chapter 12, section 12.10, "C"'
STABLE = (
    "No large number may be the power of e: take the larger of a and b out first. And log(1 + x) "
    "of a tiny x is `math.log1p(x)`."
)

PROJECT = Project(
    id="12.project",
    title="Your own operation",
    name="LogAddExp",
    reference=Operation,
    properties=(
        Property(
            "The value of ordinary operands",
            points=1,
            program=numbers,
            cases=NEAR,
            expected=lambda u, v: float(np.logaddexp(u, v)),
            explains="log(eᵃ + eᵇ), the natural logarithm.",
            section=ROWS,
            group="value",
        ),
        Property(
            "The value far out, and where one operand hardly counts",
            points=2,
            program=numbers,
            cases=(*FAR, *TINY),
            expected=lambda u, v: float(np.logaddexp(u, v)),
            rtol=1e-12,
            atol=0.0,
            explains=STABLE,
            section=ROWS,
            group="value",
        ),
        Property(
            "The value where an operand is infinite",
            points=1,
            program=infinite,
            cases=(
                ("-math.inf", "2.0"),
                ("3.0", "-math.inf"),
                ("-math.inf", "-math.inf"),
                ("math.inf", "1.0"),
                ("math.inf", "math.inf"),
                ("-math.inf", "math.inf"),
            ),
            expected=lambda u, v: float(
                np.logaddexp(*(float(w.replace("math.", "")) for w in (u, v)))
            ),
            explains="e to the power of −∞ is 0, so that operand does not count. Where both are "
            "the same infinity, a − b is nan.",
            section=ROWS,
            group="value",
        ),
        Property(
            "Both slopes, as programs",
            points=2,
            program=slopes,
            cases=NEAR,
            expected=slopes_at,
            explains="∂y/∂a is eᵃ/(eᵃ + eᵇ), written with the operations of traced numbers: "
            "operators and methods such as `.exp()`.",
            section=ROWS,
            group="slopes",
        ),
        Property(
            "Both slopes far out",
            points=2,
            program=slopes,
            cases=tuple(pair for pair in FAR if max(map(abs, pair)) < 1e5),
            expected=slopes_at,
            explains="eᵃ overflows from a = 710 on. The slope is e to a power that is never above "
            "0, if y is used.",
            section=ROWS,
            group="slopes",
        ),
        Property(
            "Second derivatives come from the slopes",
            points=1,
            program=second,
            cases=NEAR[:-1],
            expected=second_at,
            explains="A slope that is a program is differentiated again. It is not, where it is "
            "made of plain numbers.",
            section=ROWS,
            group="slopes",
        ),
        Property(
            "Printed as Python, alone",
            points=1,
            program=as_python,
            cases=tuple(("a", "b", "{}", u, v) for u, v in (*NEAR, *FAR)),
            expected=expected_inside,
            rtol=1e-9,
            atol=0.0,  # tiny values count
            explains="The text is evaluated with `math` and the operands as names. " + STABLE,
            section=PRINTED,
            group="texts",
        ),
        Property(
            "Printed as Python, among other operations",
            points=2,
            program=as_python,
            cases=AROUND,
            expected=expected_inside,
            explains="Operands are texts that may hold operators, and the result is put into "
            "texts with operators: both need parentheses. Names such as max_a are operands too, "
            "and `replace` finds its letter inside other names.",
            section=PRINTED,
            group="texts",
        ),
        Property(
            "The Python text gives the bits of `value`",
            points=1,
            program=same_bits,
            cases=(*NEAR, *FAR[:4], *((x / 7, x / 3 - 1.1) for x in range(1, 12))),
            expected=lambda u, v: True,
            explains="Replay and printed program must not differ in any bit: the same formula, in "
            "the same order.",
            section=PRINTED,
            group="texts",
        ),
        Property(
            "Printed for NumPy's columns",
            points=2,
            program=as_numpy,
            cases=tuple(
                (*texts, *columns)
                for texts in (("a", "b", "{}"), *INSIDE)
                for columns in (COLUMNS, FAR_COLUMNS)[: 2 if texts[2] == "{}" else 1]
            ),
            expected=expected_inside,
            rtol=1e-9,
            atol=0.0,
            explains="Operands with operators, and the whole, need parentheses. They are columns "
            "of numbers, so `max` and `if` do not do, and no entry may overflow on the way. "
            "log(1 + x) of a tiny x is `np.log1p(x)`.",
            section=IN_COLUMNS,
            group="texts",
        ),
        Property(
            "Printed as C",
            points=2,
            program=as_c,
            cases=(*(("a", "b", "{}", u, v) for u, v in (*NEAR, *FAR)), *AROUND),
            expected=lambda first, second, around, u, v: "",
            accept=read_as_c,
            explains="An expression of C on doubles, with the functions of math.h. Operands with "
            "operators, and the whole, need parentheses; no power may overflow; log(1 + x) of a "
            "tiny x is `log1p(x)`; and 1/2 is 0 in C, where 0.5 may be meant.",
            section=IN_C,
            group="texts",
        ),
        Property(
            "Compiled as C",
            points=1,
            program=compiled,
            cases=(*NEAR, *FAR),
            expected=lambda u, v: 0.0,
            accept=run_as_c,
            told=lambda found: f"point given, {UNTRIED}" if found == UNTRIED else "",
            explains="What the C compiler says is in the error.",
            section=IN_C,
            group="texts",
            seconds=10.0,
        ),
    ),
    mistakes=(
        Mistake(
            "as defined",
            "You compute it as it is defined: eᵃ overflows from a = 710 on, and is 0 below −746. "
            "Take the larger one out: max(a, b) + log(1 + e^−|a − b|).",
            AsDefined,
        ),
        Mistake(
            "a taken out",
            "You take a out whichever is larger. Where b is, e^(b − a) overflows.",
            FirstTakenOut,
        ),
        Mistake(
            "infinities",
            "∞ − ∞ is nan: both operands may be the same infinity.",
            LostInfinity,
        ),
        Mistake(
            "one plus",
            "1 + x loses the digits of a tiny x. `log1p(x)` does not.",
            LogOfOnePlus,
        ),
        Mistake(
            "slopes of exponentials",
            "Your slopes are eᵃ/(eᵃ + eᵇ), as they are defined, and overflow far out. With y it is "
            "e^(a − y).",
            SlopesOfExponentials,
        ),
        Mistake("slopes exchanged", "The two slopes are exchanged.", SlopesExchanged),
        Mistake(
            "upside down",
            "Your slopes are upside down: e^(y − a) is 1 over the slope.",
            SlopesUpsideDown,
        ),
        Mistake(
            "logarithms of slopes",
            "You return the logarithms of the slopes, a − y and b − y.",
            SlopesWithoutExp,
        ),
        Mistake(
            "halves",
            "The slopes are ½ where a = b only.",
            SlopesAsNumbers,
        ),
        Mistake(
            "open text",
            "Your text needs parentheses around it: `2 * x + y` is not 2·(x + y).",
            OpenTexts,
        ),
        Mistake(
            "open operands",
            "An operand that is itself a text with operators needs parentheses: with a − 1 for b, "
            "`a - b` becomes `a - a - 1`.",
            OpenOperands,
        ),
        Mistake(
            "replaced one after the other",
            "You put the operands in one after the other, by `replace`: the second replacement "
            "finds letters that the first one has put there. An f-string does both at once.",
            Replaced,
        ),
        Mistake(
            "fixed names",
            "Your text says a and b, whatever the operands are.",
            FixedNames,
        ),
        Mistake(
            "Python in C",
            "`max` and `abs` are Python's. C has `fmax` and `fabs` for doubles.",
            PythonInC,
        ),
        Mistake(
            "max of columns",
            "`max` compares two whole columns, which is neither true nor false. `np.maximum` goes "
            "entry by entry.",
            PythonForColumns,
        ),
    ),
    hints={
        "value": (
            "With m the larger of the two: log(eᵃ + eᵇ) = m + log(e^(a − m) + e^(b − m)). One of "
            "the two powers is 1, the other is at most 1.",
            "So it is max(a, b) + log1p(e^−|a − b|). What does that give where a and b are the "
            "same infinity?",
            "Where a equals b the result is a + log 2, infinite or not: ask for that first.",
        ),
        "slopes": (
            "∂y/∂a = eᵃ/(eᵃ + eᵇ). What is eᵃ + eᵇ, said by y?",
            "eᵃ/eʸ, as one power.",
            "A traced number has no `math.exp`, but a method: `(…).exp()`.",
        ),
        "texts": (
            "An f-string with {a} and {b}. Python knows `max`, `abs`, `math.exp`, `math.log1p`; "
            "NumPy `np.maximum`, `np.logaddexp`; C `fmax`, `fabs`, `exp`, `log1p`.",
            "Print the text for the operands `a - 1` and `b + 2` and read it aloud. Then print "
            "`2 * ` and the text.",
            "Parentheses around the whole, and around each operand that stands beside an operator. "
            "Between commas they are not needed.",
        ),
    },
    proves="A new operation is a value, its slopes as programs, and a text for each language.",
)
