"""A program printed: as Python, as NumPy over columns, as C. The text of each row prints itself."""

import ast
import keyword
import math
import re
from collections import Counter
from functools import cache

from bookutils.trace.derivatives import live
from bookutils.trace.rows import CALLED, CONDITIONS, ROWS

DEEPEST = 10  # parentheses in parentheses: CPython's parser takes 200, a reader fewer


# --- the text of a row in a language -------------------------------------------------------------


class Language(ast.NodeTransformer):
    """How the text of a row is written in a language: here as it stands."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Pow):  # 2**-0.5 is a number
            return ast.Constant(eval(ast.unparse(node), {}))
        return node

    @staticmethod
    def constant(x):
        return f"({x!r})" if repr(x)[0] == "-" else repr(x)


class Python(Language):
    """where(c, x, y) is `x if c else y`, which computes one of the two."""

    def visit_Call(self, node):
        self.generic_visit(node)
        if node.func.id != "where":
            return node
        condition, x, y = node.args
        return ast.IfExp(condition, x, y)


class C(Language):
    """`where` is a macro, and abs would take integers."""

    def visit_Name(self, node):
        return ast.Name("fabs") if node.id == "abs" else node

    @staticmethod
    def constant(x):
        names = {"inf": "INFINITY", "-inf": "(-INFINITY)", "nan": "NAN", "True": "1", "False": "0"}
        return names.get(repr(x), Language.constant(x))


class Form:
    """The text of a row in a language, with gaps for the operands.

    `reads` counts how often each operand is written, `is_call` says that it is one function of
    them, which needs no parentheses.
    """

    def __init__(self, text, language):
        tree = language().visit(ast.parse(text, mode="eval"))
        self.is_call = isinstance(tree.body, ast.Call)
        text = ast.unparse(ast.fix_missing_locations(tree))
        text = re.sub(r"(?<=[(,])( ?)([abc])(?=[,)])", r"\1{\2_}", text)  # a whole argument
        self.gaps = re.sub(r"(?<!{)\b[abc]\b", r"{\g<0>}", text)
        found = re.findall(r"{([abc])_?}", self.gaps)
        self.reads = [found.count(letter) for letter in sorted(set(found))]

    def filled(self, a, b="", c=""):
        """The text with those of its operands in it."""
        return self.gaps.format(a=a, b=b, c=c, a_=bare(a), b_=bare(b), c_=bare(c))


form = cache(Form)


def bare(text):
    """An expression without the parentheses round it."""
    return text[1:-1] if text[:1] == "(" else text


# --- a program as statements ---------------------------------------------------------------------


class Statements:
    """What to write for the operations that `roots` need.

    `inputs` maps each input to its text, and `rows` are those that differ from row to row.
    `before` are the statements (name, expression, type in C) that are the same in all rows,
    `within` the others; `text[i]` is what to write for operation i, `inside` the operations that
    differ.
    """

    def __init__(self, ops, roots, inputs, language, rows=()):
        self.text, self.inside, self.before, self.within = {}, set(), [], []
        needed, forms, depth = live(ops, roots), {}, dict.fromkeys(range(len(ops)), 0)
        uses, reader = Counter(roots), {}
        for i in needed:
            name, *operands = ops[i]
            if name == "input":
                self.text[i] = inputs[operands[0]]
                self.inside.update([i] if operands[0] in rows else [])
            elif name == "const":
                self.text[i] = language.constant(*operands)
            else:
                forms[i] = form(ROWS[name][0], language)
                for j, times in zip(operands, forms[i].reads, strict=True):
                    uses[j] += times
                    reader[j] = i
                    if j in self.inside:
                        self.inside.add(i)
        t = unlike("t", inputs.values())
        for i, row in forms.items():
            _, *operands = ops[i]
            expression = row.filled(*[self.text[j] for j in operands])
            deep = 1 + max([depth[j] for j in operands])
            beside = (reader.get(i, i) in self.inside) == (i in self.inside)
            if uses[i] == 1 and beside and deep < DEEPEST:
                self.text[i], depth[i] = expression if row.is_call else f"({expression})", deep
            else:
                self.text[i] = f"{t}{i}"
                type_ = "int" if ops[i][0] in CONDITIONS else "double"
                statement = self.text[i], expression, type_
                (self.within if i in self.inside else self.before).append(statement)


def unlike(prefix, names):
    """A prefix that no name begins with before its digits."""
    while any(name.startswith(prefix) and re.fullmatch(rf"{prefix}\d*", name) for name in names):
        prefix += "_"
    return prefix


# --- Python --------------------------------------------------------------------------------------

USED = {*CALLED, *"abs where inf nan len parameters rows array dot add".split()}
RESERVED = {*keyword.kwlist, *USED}


def spelled(inputs, reserved=RESERVED):
    """A name in the printed function for each input, unlike what else is named there."""
    names = {}
    for name in inputs:
        text = name
        while text in reserved or text in names.values():
            text += "_"
        names[name] = text
    return names


def to_python(ops, outputs, inputs, name="f", rows=()):
    """A function of the inputs in Python, or with `rows` of (parameters, rows).

    With rows a loop adds up what the outputs are in each row; what no row changes is computed once.
    """
    roots = outputs if isinstance(outputs, tuple) else (outputs,)
    names, name = spelled(inputs), spelled([name])[name]
    written = Statements(ops, roots, names, Python, rows)
    if not rows:
        lines = [f"def {name}({', '.join(names.values())}):", *assigned(written.before)]
        return ended(lines, [written.text[i] for i in roots], outputs)
    sums = sums_of(written, roots, names)
    lines = [
        f"def {name}(parameters, rows):",
        f"    [{', '.join(names[n] for n in names if n not in rows)}] = parameters",
        *assigned(written.before),
        *[f"    {s} = 0.0" for s in sums.values()],
        f"    for [{', '.join(names[n] for n in rows)}] in rows:",
        *assigned(written.within, "        "),
        *[f"        {s} += {bare(written.text[i])}" for i, s in sums.items()],
        *["        pass"] * (not written.within and not sums),
    ]
    return ended(lines, [sums.get(i, f"len(rows) * {written.text[i]}") for i in roots], outputs)


def assigned(statements, margin="    ", form="{} = {}"):
    return [margin + form.format(*statement) for statement in statements]


def ended(lines, texts, outputs, several="{}"):
    """The lines with what is returned: one number, or several."""
    one = ", ".join(map(bare, texts))
    if isinstance(outputs, tuple):
        one = several.format(one + "," * (len(texts) == 1)) or "()"
    return "\n".join([*lines, f"    return {one}", ""])


def sums_of(written, roots, names):
    """A name for the sum over the rows of each root that differs from row to row."""
    s = unlike("s", [*names.values(), *written.text.values()])
    inside = [i for i in dict.fromkeys(roots) if i in written.inside]
    return {i: f"{s}{k}" for k, i in enumerate(inside)}


# --- NumPy ---------------------------------------------------------------------------------------


def to_numpy(ops, outputs, inputs, name="f", rows=()):
    """The same for arrays: each input an array, or with `rows` each column of the rows.

    The sum of a column is one call, and that of the product of two columns is their dot product.
    An output that no row changes stands once for each row in the sum: it is multiplied by n.
    """
    roots = outputs if isinstance(outputs, tuple) else (outputs,)
    names, name = spelled(inputs), spelled([name])[name]
    written = Statements(ops, roots, names, Language, rows)
    if not rows:
        lines = [f"def {name}({', '.join(names.values())}):", *assigned(written.before)]
        return ended(lines, [written.text[i] for i in roots], outputs)
    lines = [
        f"def {name}(parameters, rows):",
        f"    [{', '.join(names[n] for n in names if n not in rows)}] = parameters",
        f"    [{', '.join(names[n] for n in rows)}] = rows.T",
        *assigned([*written.before, *written.within]),
    ]

    def summed(i):
        op, *operands = ops[i]
        if i not in written.inside:
            return f"len(rows) * {written.text[i]}"
        if op == "mul" and written.inside.issuperset(operands):
            return f"dot({', '.join(bare(written.text[j]) for j in operands)})"
        return f"add({bare(written.text[i])})"

    return ended(lines, [summed(i) for i in roots], outputs, "array([{}])")


# --- C -------------------------------------------------------------------------------------------

# words of C, and names that are used in the printed text or in <math.h>
C_WORDS = """auto break case char const continue default do double else enum extern float for goto
if inline int long register restrict return short signed sizeof static struct switch typedef union
unsigned void volatile while main p x n out end fabs INFINITY NAN HUGE_VAL
j0 j1 jn y0 y1 yn"""
HEAD = """#include <math.h>
#define where(c, x, y) ((c) ? (x) : (y))

"""


def to_c(ops, outputs, inputs, name="f", rows=()):
    """The same as a C function: f(p, out), or with `rows` f(p, n, x, out), x the rows in memory."""
    roots = outputs if isinstance(outputs, tuple) else (outputs,)
    reserved = {*C_WORDS.split(), *USED}
    names, name = spelled(inputs, reserved), spelled([name], {*reserved, *vars(math)})[name]
    written = Statements(ops, roots, names, C, rows)
    used = {operands[0] for i in live(ops, roots) for op, *operands in [ops[i]] if op == "input"}
    constant, deeper = "const {2} {0} = {1};", " " * 8

    def loaded(array, group):
        texts = [(names[n], f"{array}[{k}]", "double") for k, n in enumerate(group) if n in used]
        return assigned(texts, deeper if array == "x" else "    ", constant)

    parameters = loaded("p", [n for n in inputs if n not in rows])
    before = [*parameters, *assigned(written.before, "    ", constant)]
    if not rows:
        head, loop, sums = f"void {name}(const double *p, double *out) {{", [], {}
    else:
        head = f"void {name}(const double *p, long n, const double *x, double *out) {{"
        sums = sums_of(written, roots, names)
        loop = [
            *[f"    double {s} = 0.0;" for s in sums.values()],
            f"    for (const double *end = x + {len(rows)} * n; x != end; x += {len(rows)}) {{",
            *loaded("x", rows),
            *assigned(written.within, deeper, constant),
            *[f"{deeper}{s} += {bare(written.text[i])};" for i, s in sums.items()],
            "    }",
        ]
    times_n = "n * " * bool(rows)
    texts = [sums.get(i, times_n + written.text[i]) for i in roots]
    ends = [f"    out[{k}] = {text};" for k, text in enumerate(texts)]
    return HEAD + "\n".join([head, *before, *loop, *ends, "}", ""])
