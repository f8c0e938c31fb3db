"""The small programs by which a project is tried: a few lines that use the reader's own code.

A program is written as a function of the reader's answer and of the numbers of a case,

    def used_twice(Value, x):
        a = Value(x)
        y = a * a
        y.backward()
        return a.grad

and what a verdict shows is what ran: the numbers stand in their places, an `eval("a.exp()")` is
`a.exp()`, and the last line says what is looked at. Pasted into a notebook, it runs.
"""

import ast
import inspect
import math
from functools import cached_property
from textwrap import dedent

import numpy as np

from bookutils.judge import data
from bookutils.judge.raised import FORMULA

LITERALS = int, float, str, bool, type(None)


class Program:
    """A program by its text: the source of a function that ends with its only `return`."""

    def __init__(self, source):
        self.source = dedent(source)
        (self.tree,) = ast.parse(self.source).body
        self.answer, *self.parameters = [argument.arg for argument in self.tree.args.args]
        self._compiled = {}  # by the literals in it

    @classmethod
    def of(cls, function):
        """The program that a function is. Raises: ValueError where it does not end in `return`."""
        program = cls(inspect.getsource(function))
        returns = [node for node in ast.walk(program.tree) if isinstance(node, ast.Return)]
        if returns != program.tree.body[-1:]:
            raise ValueError(f"the program `{program.tree.name}` must end with its only `return`")
        return program

    @cached_property
    def results(self):
        """The names of what is returned, where it is a tuple: ("y.data", "a.grad")."""
        return _pieces(self.tree.body[-1].value)

    def _written(self, case):
        """(the function with a case's literals in their places, {name: value} of the others)."""
        given = dict(zip(self.parameters, case, strict=True))
        literals = {name: value for name, value in given.items() if _literal(value)}
        (tree,) = ast.parse(self.source).body  # anew: the transformer changes what it walks through
        body = [_InPlace(literals).visit(node) for node in tree.body if not _is_docstring(node)]
        others = {name: value for name, value in given.items() if name not in literals}
        tree.args.args = [ast.arg(name) for name in (self.answer, *others)]
        tree.body, tree.decorator_list = body, []
        return ast.fix_missing_locations(tree), others

    def shown(self, case):
        """The text that a reader can paste into a notebook."""
        tree, others = self._written(case)
        lines = [f"{name} = {_as_code(value)}" for name, value in others.items()]
        *steps, last = tree.body
        looked_at = ", ".join(_pieces(last.value)) or ast.unparse(last.value)
        return "\n".join([*lines, *map(ast.unparse, steps), looked_at])

    def run(self, answer, case):
        """What the program returns with this answer."""
        literals = repr([value if _literal(value) else ... for value in case])
        if literals not in self._compiled:
            tree, _ = self._written(case)
            self._compiled[literals] = compile(ast.Module([tree], []), FORMULA, "exec")
        names = {"np": np, "math": math, "__name__": "program"}
        exec(self._compiled[literals], names)
        others = [value for value in case if not _literal(value)]
        return names[self.tree.name](answer, *others)


class Use:
    """A program with the reader's answer in it: a function of a case."""

    def __init__(self, program, answer):
        self.program, self.answer = program, answer

    def __call__(self, *case):
        return self.program.run(self.answer, case)


class _InPlace(ast.NodeTransformer):
    """Literals in place of names, and the text of an `eval` in place of its call."""

    def __init__(self, literals):
        self.literals = literals

    def visit_Name(self, node):
        if node.id not in self.literals or not isinstance(node.ctx, ast.Load):
            return node
        return ast.parse(repr(self.literals[node.id]), mode="eval").body

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "eval":
            return self.visit(ast.parse(node.args[0].value, mode="eval").body)
        return node


def _pieces(value):
    return tuple(map(ast.unparse, value.elts)) if isinstance(value, ast.Tuple) else ()


def _literal(value):
    if type(value) in (tuple, list):
        return all(map(_literal, value))
    return type(value) in LITERALS and (type(value) is not float or math.isfinite(value))


def _is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _as_code(value):
    """An array, or several, as they are typed; large ones by their shapes."""
    if type(value) in (tuple, list) and any(type(item) is np.ndarray for item in value):
        if data.size(value) > 24:
            return f"…  # arrays of the shapes {[a.shape for a in value]}, the grader's own"
        items = ", ".join(map(_as_code, value))
        return f"({items},)" if type(value) is tuple else f"[{items}]"
    if type(value) is np.ndarray:
        if value.size > 24:
            return f"…  # an array of shape {value.shape}, the grader's own"
        if not value.size:
            return f"np.zeros({value.shape})"
        return f"np.array({np.array2string(value, separator=', ', floatmode='unique')})"
    return data.text(value)
