"""Expressions of a program, made from a text with holes: "({} + 1)" around a node."""

import ast
import copy
import re
from functools import cache


def loaded(node):
    node = copy.deepcopy(node)
    for inner in ast.walk(node):
        if hasattr(inner, "ctx"):
            inner.ctx = ast.Load()
    return node


def around(form, *nodes):
    """An expression with nodes in the places of `{}`, one for all or one for each."""
    return _maker(form)(iter(nodes * (form.count("{}") // len(nodes))).__next__)


@cache
def _maker(form):
    """A function that makes the tree of a form; what it is given makes the node of each hole."""
    tree = ast.dump(ast.parse(form.replace("{}", "HOLE"), mode="eval").body)
    made = re.sub(r"Name\(id='HOLE'(, ctx=Load\(\))?\)", "hole()", tree)
    return eval(f"lambda hole: {made}", dict(vars(ast)))


def bounds(over):
    """What a loop may run over instead: one place fewer or more at an end, or from the back."""
    name = getattr(over.func, "id", "") if isinstance(over, ast.Call) else ""
    if name == "range":
        if len(over.args) == 1:
            for form in ("range({} - 1)", "range({} + 1)", "range(1, {})", "range(1, {} + 1)"):
                yield around(form, *over.args)
        elif len(over.args) == 2:
            for form in ("range({}, {} - 1)", "range({}, {} + 1)", "range({} + 1, {})",
                         "range({} - 1, {})", "range({} + 1, {} + 1)"):  # fmt: skip
                yield around(form, *over.args)
        yield around("{}[::-1]", over)
    else:
        for form in ("list({})[1:]", "list({})[:-1]", "list({})[::-1]"):
            yield around(form, over)
