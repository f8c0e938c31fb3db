"""Programs of chapter 12 as answers: read with care, run at points, their nodes counted.

A program is a list of tuples `(op, *operands)`, parents before children; what a learner returns is
believed only after each node has been looked at. Faults are told as sentences.
"""

import numpy as np

from bookutils.judge import data

FUNCTIONS = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide,
    "neg": np.negative, "exp": np.exp,
}  # fmt: skip
OPERANDS = {"add": 2, "sub": 2, "mul": 2, "div": 2, "neg": 1, "exp": 1}
LEAVES = "input", "const"
LONGEST = 100_000  # nodes, or lines: longer programs are refused unread
SHOWN = 12  # nodes of a program in a verdict


class Unfit(Exception):
    """No program; its sentence says why."""


def nodes(ops, inputs=None):
    """The nodes as plain tuples. Raises: Unfit; inputs that nobody gives, with their names."""
    if type(ops) not in (tuple, list):
        raise Unfit(f"{data.kind_of(ops)} stands where a program is due, a list of tuples")
    if len(ops) > LONGEST:
        raise Unfit(f"your program has more than {LONGEST:,} nodes, and is not looked at")
    found = []
    for i, node in enumerate(ops):
        if type(node) not in (tuple, list) or not node or type(node[0]) is not str:
            raise Unfit(f"node {i} is {written(node)}: a tuple that begins with a name is due")
        op, *rest = node
        if op == "input":
            _of_input(i, node, inputs)
        elif op == "const":
            rest = [bare(v) for v in rest]
            if len(rest) != 1 or not data.is_number(rest[0]):
                raise Unfit(f"node {i} is {written(node)}: a constant is one number")
            rest = [float(rest[0])]
        elif op not in OPERANDS:
            raise Unfit(f"node {i} is {written(node)}: there is no operation {op!r}")
        elif len(rest) != OPERANDS[op]:
            raise Unfit(f"node {i} is {written(node)}: {op!r} has {_operands(op)}")
        else:
            rest = [index(k, i, f"node {i}, {written(node)},") for k in rest]
        found.append((op, *rest))
    return found


def _of_input(i, node, inputs):
    if len(node) != 2 or type(node[1]) is not str:
        raise Unfit(f"node {i} is {written(node)}: an input is one name")
    if inputs is not None and node[1] not in inputs:
        known = ", ".join(map(repr, inputs)) or "none"
        raise Unfit(f"node {i} is {written(node)}: there is no such input, only {known}")


def bare(value):
    """An array without axes as the number in it."""
    return value.item() if type(value) is np.ndarray and value.ndim == 0 else value


def _operands(op):
    return "one operand" if OPERANDS[op] == 1 else "two operands"


def index(k, end, who):
    """A whole number from 0 to end - 1, however it is written. Raises: Unfit."""
    k = bare(k)
    if not data.is_number(k) or k != k or k in (np.inf, -np.inf) or k != int(k):
        raise Unfit(f"{who} uses {written(k)} as the number of a node")
    if not 0 <= k < end:
        why = "numbers begin with 0"
        if k >= end:
            why = "which does not come before it" if "node" in who else f"and there are only {end}"
        raise Unfit(f"{who} uses node {int(k)}, {why}")
    return int(k)


def columns(found, points):
    """The value of every node at all points: a column of numbers each."""
    made = []
    with np.errstate(all="ignore"):
        for op, *rest in found:
            if op == "input":
                made.append(points[rest[0]])
            elif op == "const":
                made.append(rest[0])
            else:
                made.append(FUNCTIONS[op](*[made[k] for k in rest]))
    return made


def names(ops):
    """The names of the inputs, in order, each once."""
    return list(dict.fromkeys(node[1] for node in ops if node[0] == "input"))


def needed(found, roots):
    """Whether each node is needed for one of the roots."""
    marked = [False] * len(found)
    for k in roots:
        marked[k] = True
    for i in reversed(range(len(found))):
        op, *rest = found[i]
        if marked[i] and op not in LEAVES:
            for k in rest:
                marked[k] = True
    return marked


def labels(points):
    """A point in words, for each: "x = 2, y = -0.5"."""
    columns = {name: np.asarray(values).tolist() for name, values in points.items()}
    count = len(next(iter(columns.values()), [0]))
    shown = list(columns)[:6]
    return [
        ", ".join(f"{name} = {columns[name][p]!r}" for name in shown)
        + ", …" * (len(columns) > len(shown))
        or "the value"
        for p in range(count)
    ]


def written(value):
    """Programs and what is in them as a learner would type them, numbers in full."""
    value = bare(value)
    if type(value) not in (tuple, list):
        return repr(value) if type(value) in (int, float, str, bool) else data.text(value)
    most = SHOWN if type(value) is list else 40
    shown = [written(item) for item in value[:most]] + ["…"] * (len(value) > most)
    if type(value) is list:
        return f"[{', '.join(shown)}]"
    return f"({', '.join(shown)}{',' * (len(shown) == 1)})"
