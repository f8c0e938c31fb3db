"""Small changes of a program that writes programs: what it writes is text, tuples and numbers.

The word of one node in the place of another's, two operands exchanged, the number of a node in the
place of what is looked up by it. The changes of arithmetic stand in `bookutils.judge.changes`.
"""

import ast

from bookutils.judge.alteration import Alteration, located
from bookutils.judge.changes import EXCHANGED, MISSING, spots

WORD = "a word in it is another"


def rewordings(body):
    """All such changes of the statements of a function."""
    words = [n.value for n in ast.walk(ast.Module(body, [])) if _is_word(n)]
    found = []
    for block, statement in enumerate(body):
        for line in _lines(statement):
            for owner, spot in spots(line):
                node = owner[spot] if isinstance(owner, list) else getattr(owner, spot)
                for put, says in _instead(node, dict.fromkeys(words)):
                    change = Alteration(owner, spot, located(put, line), line, block, says)
                    found.append(change)
    return found


def _lines(statement):
    """A statement and those inside it."""
    yield statement
    for field in ("body", "orelse"):
        for inner in getattr(statement, field, None) or []:
            yield from _lines(inner)


def _is_word(node):
    return isinstance(node, ast.Constant) and type(node.value) is str


def _instead(node, words):
    if _is_word(node):
        for word in words:
            if word != node.value:
                yield ast.Constant(word), WORD
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) > 2:
        *first, a, b = node.elts
        yield ast.Tuple([*first, b, a], ast.Load()), EXCHANGED
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        if isinstance(node.slice, ast.Name):
            yield node.slice, MISSING
