"""A program differentiated into a program, and what no result needs left out: as in chapter 12."""

from functools import cache

from bookutils.engine.rules import stop
from bookutils.trace.rows import CALLED, ROWS, letters
from bookutils.trace.symbols import apply, where

FUNCTIONS = {name: (lambda *xs, name=name: apply(name, *xs)) for name in CALLED}
FUNCTIONS |= {"where": where, "stop": stop}


def slopes(name):
    """The slopes of a row as a function of its operands and its result, all of them Symbols."""
    _, *texts = ROWS[name]
    return slopes_of(letters(name), tuple(texts))


@cache
def slopes_of(operands, texts):
    return eval(f"lambda {', '.join(operands)}, y: [{', '.join(texts)}]", {**FUNCTIONS})


def gradients(root):
    """∂root/∂node as a Symbol, for the index of each node that root is computed from.

    Not for constants; a node that only conditions read has no entry, and the gradient 0.
    """
    trace = root.trace
    grads = {root.index: trace.node("const", 1.0)}
    for i in range(root.index, -1, -1):  # whatever is made of a node has a larger index
        name, *operands = trace.ops[i]
        if i not in grads or name in ("input", "const"):
            continue
        nodes = [trace.at(j) for j in operands]
        for j, slope in zip(operands, slopes(name)(*nodes, trace.at(i)), strict=False):
            if slope is not stop and trace.ops[j][0] != "const":
                grad = slope * grads[i]
                grads[j] = grads[j] + grad if j in grads else grad
    return grads


def live(ops, roots):
    """The indices, ascending, of the operations that the roots are computed from."""
    needed = set(roots)
    for i in range(len(ops) - 1, -1, -1):
        name, *operands = ops[i]
        if i in needed and name not in ("input", "const"):
            needed.update(operands)
    return sorted(needed)
