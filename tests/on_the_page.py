"""How much of an exercise's answer stands in its chapter, whatever the names.

The program text of the solution is cut into words: variables are all one word, functions and
operators keep theirs, `np.` and `math.` are left out, `pow(a, b)` is `a**b`. A word stands on the
page where it is part of `RUN` words or more that come one after the other in a code cell of the
chapter as well, or in a text such as a rule in a table. `share(id)` is the part of the words that
stands there. An answer of numbers stands there where one cell shows all of them.
"""

import ast
import builtins
import io
import re
import tokenize
from functools import cache
from pathlib import Path

import nbformat
from answers import solution

from bookutils.checks.registry import find
from bookutils.judge import data

ROOT = Path(__file__).resolve().parent.parent
RUN = 7  # words in a row: "v = v @ v + v" has seven
STANDS = 0.5  # of an answer's words: the rest is quickly filled in
LIBRARIES = {"np", "numpy", "math", "torch"}
LAYOUT = {
    tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER,
    tokenize.COMMENT,
}  # fmt: skip


class Plain(ast.NodeTransformer):
    """A program with one name for all of its variables."""

    def visit_Attribute(self, node):
        if isinstance(node.value, ast.Name) and node.value.id in LIBRARIES:
            return ast.Name(node.attr, node.ctx)
        return ast.Attribute(self.visit(node.value), node.attr, node.ctx)

    def visit_Name(self, node):
        return node if hasattr(builtins, node.id) else ast.Name("v", node.ctx)

    def visit_arg(self, node):
        return ast.arg("v")

    def visit_FunctionDef(self, node):
        body = node.body[1:] if ast.get_docstring(node) else node.body
        return [self.visit(statement) for statement in body]

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id == "pow" and len(node.args) == 2:
            return self.visit(ast.BinOp(node.args[0], ast.Pow(), node.args[1]))
        return self.generic_visit(node)

    def visit_JoinedStr(self, node):
        return ast.Constant("")

    def visit_Constant(self, node):
        if type(node.value) is str and (inner := parsed(node.value.strip(), "eval")):
            return self.visit(inner.body)
        return ast.Constant(float(node.value)) if type(node.value) is int else node


def parsed(text, mode="exec"):
    try:
        return ast.parse(text, mode=mode)
    except (SyntaxError, ValueError):
        return None


def words(source):
    """The words of a program, variables without their names."""
    text = ast.unparse(ast.fix_missing_locations(Plain().visit(ast.parse(source))))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type not in LAYOUT]


@cache
def cells(chapter):
    """The cells of a chapter."""
    (path,) = (ROOT / "chapters").glob(f"{chapter}_*.ipynb")
    return nbformat.read(path, as_version=4).cells


@cache
def runs(chapter):
    """Every `RUN` words in a row of the chapter's programs."""
    found = set()
    for cell in cells(chapter):
        programs = re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)
        for program in [cell.source] if cell.cell_type == "code" else programs:
            if parsed(program):
                found |= {*in_a_row(words(program))}
    return found


def in_a_row(words):
    return [tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)]


def shown(cell):
    """What a reader sees of a cell: its text and its printed results."""
    outputs = [
        output.get("text", "") or str(output.get("data", {}).get("text/plain", ""))
        for output in cell.get("outputs", [])
    ]
    return "\n".join([cell.source, *outputs])


def numbers(text):
    """The numbers in a text."""
    found = re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text.replace("−", "-"))
    return [float(number) for number in found]


def in_order(answer, seen, near):
    """Whether the numbers of the answer come in their order among those that are seen."""
    seen = iter(seen)
    return all(any(abs(number - other) <= near for other in seen) for number in answer)


def value_share(exercise):
    """1 where one cell shows the numbers of the answer, in their order; 0 elsewhere."""
    answer = [leaf for _, leaf in data.leaves(data.plain(exercise.reference))]
    if not all(map(data.is_number, answer)) or len(set(answer)) < 2:
        return 0.0
    near = exercise.atol if exercise.atol < 0.01 else 1e-9
    seen = (numbers(shown(cell)) for cell in cells(exercise.id[:2]))
    return float(any(in_order(answer, found, near) for found in seen))


def share(id):
    """The part of an answer that stands in the chapter: 0 to 1."""
    exercise = find(id)
    if exercise.wants_value:
        return value_share(exercise)
    return part(words(solution(id)[0]), runs(id[:2]))


def part(answer, page):
    """The part of an answer's words that stands in runs of the page."""
    covered = set()
    for i, run in enumerate(in_a_row(answer)):
        if run in page:
            covered |= set(range(i, i + RUN))
    return len(covered) / len(answer)
