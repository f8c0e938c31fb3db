"""Exercises of chapter 12, from interpreter to compiler."""

import math

import numpy as np

from bookutils.checks import worked_12 as worked
from bookutils.checks.programs import (
    FUNCTIONS,
    LEAVES,
    LONGEST,
    OPERANDS,
    Unfit,
    columns,
    index,
    labels,
    names,
    needed,
    nodes,
    written,
)
from bookutils.judge import data
from bookutils.judge.exercise import Exercise, Mistake

CHAIN = 3500  # nodes of a long program: a function that calls itself goes less deep, by default


def pair(output, what):
    """An answer of two parts. Raises: Unfit."""
    if type(output) not in (tuple, list) or len(output) != 2:
        raise Unfit(f"you return {data.kind_of(output)}, {what} is asked for")
    return output


def inputs(*letters):
    return [("input", letter) for letter in letters]


VALUES = (2.0, 3.0, 5.0, 7.0), (-1.5, 0.5, 2.25, -0.75), (0.0, -1.0, 1.0, 0.0)
DIRECTIONS = (1.0, -2.0, 0.5, 3.0), (0.5, 4.0, -3.0, 1.0), (-1.0, 0.0, 2.0, 1.0)


def points(ops, directions=False):
    """{input: its numbers at two or three points}; 0 is one where nothing is divided."""
    given = names(ops)
    count = 2 if any(node[0] == "div" for node in ops) else 3
    at = {
        prefix + name: np.array([row[k % 4] + k // 4 / 8 for row in rows[:count]])
        for prefix, rows in (("", VALUES), ("d", DIRECTIONS))[: 1 + directions]
        for k, name in enumerate(given)
    }
    return at


def a_program(rng, n, letters="abc", kinds=("add", "sub", "mul", "neg")):
    """A program of n operations, each on nodes before it; some are used often, some never."""
    ops = [*inputs(*letters), ("const", float(rng.normal()))]
    for _ in range(n):
        op = str(rng.choice(kinds))
        ops.append((op, *(int(k) for k in rng.integers(0, len(ops), OPERANDS[op]))))
    return ops


def moved_by(n, ops):
    """The nodes of a program as they stand behind n others."""
    for op, *rest in ops:
        yield (op, *(k + n for k in rest)) if op in OPERANDS else (op, *rest)


def bits(number):
    """A float as text, to the last bit: −0.0 beside 0.0, nan like nan."""
    return "nan" if number != number else repr(float(number))


# ---- 12.2 equal nodes become one


def merge_cases(rng):
    """Nothing, leaves alone, either order, chains of equals; constants that == takes for equal."""
    abc = inputs("a", "b", "c")
    yield ([*abc[:2], ("mul", 0, 1), ("mul", 1, 0), ("add", 2, 3)],)
    yield ([*abc[:2], ("sub", 0, 1), ("sub", 1, 0), ("sub", 0, 1)],)
    yield ([*abc[:2], ("add", 0, 1), ("mul", 0, 1), ("sub", 0, 1)],)
    yield ([],)
    yield (inputs("a"),)
    yield (inputs("a", "b", "a", "b"),)
    yield ([("const", 2.0), ("const", 2.0), ("const", 3.0)],)
    yield ([("const", 0.0), ("const", -0.0), ("const", 0.0)],)
    yield ([*abc[:1], ("const", -0.0), ("const", 0.0), ("add", 0, 2), ("add", 1, 0)],)
    yield ([*abc[:1], ("const", math.nan), ("const", -math.nan), ("add", 0, 1), ("add", 0, 2)],)
    yield ([("const", math.inf), ("const", -math.inf), ("const", math.inf), ("const", 1.0)],)
    yield ([("const", 0.1), ("const", 0.1 + 2**-56), ("const", -75.0), ("const", 75.0)],)
    yield ([("const", 75.0), ("const", 80.0), ("const", 1.0), ("const", 1.0 + 1e-12)],)
    yield ([*abc, ("add", 0, 1), ("add", 3, 2), ("add", 1, 0), ("add", 2, 5), ("mul", 4, 6)],)
    yield ([*abc, ("add", 0, 1), ("add", 3, 2), ("add", 1, 2), ("add", 0, 5)],)
    yield ([*abc[:1], ("neg", 0), ("exp", 0), ("neg", 0), ("exp", 3), ("neg", 1), ("exp", 1)],)
    yield ([*abc[:2], ("div", 0, 1), ("div", 1, 0), ("div", 0, 0), ("div", 0, 1)],)
    yield ([*inputs("a", "a", "b"), ("mul", 0, 2), ("mul", 2, 1), ("div", 3, 4)],)
    yield ([*abc, ("mul", 0, 1), ("div", 3, 2), ("div", 2, 3), ("sub", 4, 5), ("sub", 5, 4)],)
    yield ([*abc[:1], ("const", math.nan), ("mul", 1, 0), ("const", -math.nan), ("mul", 0, 3)],)
    yield ([*abc[:1], ("add", 0, 0), ("mul", 0, 0), ("add", 0, 0), ("sub", 1, 3)],)
    twelve = [*inputs(*"abcdefghijkl"), ("sub", 2, 11), ("sub", 11, 2), ("add", 2, 11)]
    yield ([*twelve, ("add", 11, 2), ("mul", 1, 11), ("mul", 11, 1)],)
    yield ([*twelve, ("sub", 1, 12), ("mul", 1, 12), ("mul", 11, 2), ("div", 1, 12)],)
    yield ([*twelve, ("div", 1, 12), ("div", 11, 2)],)
    yield ([*inputs("a", "A"), ("neg", 0), ("neg", 1)],)
    yield ([*inputs("1", "0"), ("const", 1.0), ("const", 0.0), ("add", 0, 1), ("add", 1, 0)],)
    for n in (12, 12, 30):
        ops = a_program(rng, n, "ab", ("add", "sub", "mul", "div", "neg", "exp"))
        yield ([*ops, *moved_by(len(ops), ops)],)


def read_merged(output, program):
    """What each node that is kept is, operands of a sum or product in rising order."""
    try:
        ops, where = pair(output, "`(ops, where)`")
        found = nodes(ops, names(program))
        if type(where) is np.ndarray:
            where = where.tolist()
        if type(where) not in (tuple, list) or len(where) != len(program):
            return (
                f"`where` is {data.kind_of(where)}: a list with one place for each of the "
                f"{len(program)} nodes of `program` is due"
            )
        where = [index(k, len(found), f"`where[{i}]`") for i, k in enumerate(where)]
    except Unfit as unfit:
        return str(unfit)
    return [in_words(*node) for node in found], where


def in_words(op, *rest):
    rest = sorted(rest) if op in ("add", "mul") else rest
    return " ".join([op, *(bits(v) if type(v) is float else str(v) for v in rest)])


def merged_by(key, operands=True, newest=False, places=True):
    """A merge in which two nodes are equal if their `key` is."""

    def merge(program):
        ops, where, known = [], [], {}
        for op, *rest in program:
            now = [where[j] for j in rest] if op in OPERANDS and operands else rest
            at = key(op, *now)
            if at not in known or newest:
                known[at] = len(ops)
                ops.append((op, *([where[j] for j in rest] if op in OPERANDS else rest)))
            where.append(known[at])
        return ops, where if places else list(range(len(program)))

    return merge


def sorting(*ops):
    """A key for which operands have no order in these operations."""
    return lambda op, *rest: (op, *(sorted(rest) if op in ops else map(repr, rest)))


exact_key = sorting("add", "mul")


def merge_sorting_all(program):
    ops, where, known = [], [], {}
    for op, *rest in program:
        rest = sorted(where[j] for j in rest) if op in OPERANDS else rest
        at = known.setdefault((op, *map(repr, rest)), len(ops))
        if at == len(ops):
            ops.append((op, *rest))
        where.append(at)
    return ops, where


def key_by_value(op, *rest):
    return exact_key(op, *(v + 0.0 if type(v) is float else v for v in rest))  # −0.0 + 0.0 is 0.0


def key_rounded(op, *rest):
    rest = [round(v, 9) if type(v) is float else v for v in rest]
    return exact_key(op, *rest)


def merge_keeps_operands(program):
    ops, where, known = [], [], {}
    for op, *rest in program:
        key = exact_key(op, *([where[j] for j in rest] if op in OPERANDS else rest))
        if key not in known:
            known[key] = len(ops)
            ops.append((op, *rest))
        where.append(known[key])
    return ops, where


def merge_raw(key):
    """Nodes as they are written."""

    def merge(program):
        first = {}
        for node in program:
            first.setdefault(key(node), len(first))
        kept = {first[key(node)]: node for node in program}
        return list(kept.values()), [first[key(node)] for node in program]

    return merge


def merge_to_the_last(program):
    """Of equal nodes the last one is kept."""
    ops, where = merged_by(exact_key)(program)
    last = {k: i for i, k in enumerate(where)}
    order = sorted(last, key=last.get)
    new = {k: i for i, k in enumerate(order)}
    kept = [(op, *(new[j] for j in rest)) if op in OPERANDS else (op, *rest)
            for op, *rest in (ops[k] for k in order)]  # fmt: skip
    return kept, [new[k] for k in where]


def merge_of_neighbours(program):
    """Only a node that equals the one before it."""
    ops, where, last = [], [], None
    for op, *rest in program:
        rest = [where[j] for j in rest] if op in OPERANDS else rest
        if exact_key(op, *rest) != last:
            ops.append((op, *rest))
        last = exact_key(op, *rest)
        where.append(len(ops) - 1)
    return ops, where


def merge_of_leaves(*stay):
    """Leaves of these kinds stay as many as they are."""

    def merge(program):
        ops, where, known = [], [], {}
        for op, *rest in program:
            rest = [where[j] for j in rest] if op in OPERANDS else rest
            key = exact_key(op, *rest)
            if op in stay or ("nan" in stay and key == ("const", "nan")):
                key = len(ops)
            if key not in known:
                known[key] = len(ops)
                ops.append((op, *rest))
            where.append(known[key])
        return ops, where

    return merge


def merge_undoing_neg(program):
    ops, where, known = [], [], {}
    for op, *rest in program:
        rest = [where[j] for j in rest] if op in OPERANDS else rest
        if op == "neg" and ops[rest[0]][0] == "neg":
            where.append(ops[rest[0]][1])
            continue
        at = known.setdefault(exact_key(op, *rest), len(ops))
        if at == len(ops):
            ops.append((op, *rest))
        where.append(at)
    return ops, where


def merge_by_first_index(program):
    """`where` holds places in the program, not in ops."""
    ops, where = merged_by(exact_key)(program)
    first = {}
    for i, k in enumerate(where):
        first.setdefault(k, i)
    return ops, [first[k] for k in where]


# ---- 12.3 dead stores


def line_cases(rng):
    """Nothing, nobody wants anything, names that change hands, lines that read their own target."""
    t, u = ("t", "mul", "a", "b"), ("u", "add", "t", "c")
    yield [t, u, ("v", "neg", "t"), ("y", "mul", "u", "u")], ["y"]
    yield [t, ("t", "add", "a", "c"), ("y", "neg", "t")], ["y"]
    yield [t, ("t", "add", "t", "c"), ("y", "neg", "t")], ["y"]
    yield [t, u, ("t", "neg", "c"), ("y", "mul", "u", "t")], ["y"]
    yield [t, u, ("t", "neg", "c"), ("y", "mul", "u", "u")], ["y"]
    yield [t, ("d", "neg", "t"), ("e", "neg", "d"), ("y", "neg", "a")], ["y"]
    yield [("y", "add", "a", "b"), ("y", "add", "y", "y"), ("z", "neg", "y")], ["y", "z"]
    yield [("y", "add", "a", "b"), ("z", "neg", "y"), ("y", "sub", "y", "y")], ["z"]
    yield [("y", "neg", "a"), ("z", "neg", "b"), ("w", "neg", "c")], ["w", "y"]
    yield [], ["y"]
    yield [], []
    yield [t, u], []
    yield [t, u], ["a"]
    yield [t, u], ["u", "u"]
    yield [("a", "neg", "a")], ["a"]
    yield [("a", "neg", "b"), ("b", "neg", "a"), ("a", "neg", "b"), ("b", "neg", "b")], ["a"]
    yield [("a", "neg", "b"), ("b", "neg", "a"), ("a", "neg", "b"), ("b", "neg", "b")], ["b"]
    yield [("y", "add", "p", "q"), ("p", "neg", "q"), ("q", "neg", "p")], ["y"]
    yield [("q", "exp", "p"), ("p", "neg", "q"), ("y", "sub", "q", "p"), ("q", "neg", "y")], ["y"]
    tt = [("u", "mul", "t", "t"), ("y", "add", "u", "t")]
    yield [("t", "neg", "c"), ("t", "neg", "b"), *tt], ["y"]
    yield [t, ("t", "mul", "a", "c"), ("y", "add", "t", "t")], ["y"]
    yield [("neg", "add", "a", "b"), ("y", "neg", "a")], ["y"]
    yield [("exp", "neg", "a"), ("mul", "neg", "c"), ("y", "exp", "mul")], ["y"]
    yield [("t", "add", "a", "b"), ("y", "neg", "t1")], ["y"]
    yield [("t", "neg", "b"), ("y", "neg", "a"), ("z", "add", "y", "t2")], ["z"]
    yield [("p", "exp", "a"), ("q", "neg", "b"), ("y", "sub", "p", "q"), ("q", "neg", "y")], ["q"]
    for n, count in ((8, 1), (12, 2), (12, 2), (25, 3)):
        letters = [*"abcdefgh"[: 3 + n // 5]]
        lines = []
        for _ in range(n):
            op = str(rng.choice(["add", "sub", "mul", "neg"]))
            lines.append((str(rng.choice(letters)), op,
                          *map(str, rng.choice(letters, OPERANDS[op]))))  # fmt: skip
        yield lines, [*map(str, rng.choice(letters, count, replace=False))]
    yield [(f"t{i % 2}", "neg", f"t{1 - i % 2}") for i in range(CHAIN)], ["t0"]


def lines_needed(lines, wanted):
    wanted, found = set(wanted), []
    for i in reversed(range(len(lines))):
        if lines[i][0] in wanted:
            wanted = (wanted - {lines[i][0]}) | set(lines[i][2:])
            found.insert(0, i)
    return found


def read_by_anyone(lines, wanted):
    read = set(wanted)
    for _target, _op, *reads in lines:
        read.update(reads)
    return [i for i, line in enumerate(lines) if line[0] in read]


def marked(kill=True, after=False, reads=slice(None), backwards=True, ends=slice(None)):
    """The walk with one part of it changed."""

    def needed(lines, wanted):
        wanted, found = set(wanted[ends]), []
        order = range(len(lines))
        for i in reversed(order) if backwards else order:
            target, _op, *operands = lines[i]
            if target in wanted:
                if kill and not after:
                    wanted.discard(target)
                wanted.update(operands[reads])
                if kill and after:
                    wanted.discard(target)
                found.append(i)
        return sorted(found)

    return needed


def marked_always(kill):
    """The operands of every line count as read, needed or not."""

    def needed(lines, wanted):
        wanted, found = set(wanted), []
        for i in reversed(range(len(lines))):
            if lines[i][0] in wanted:
                found.insert(0, i)
                wanted -= {lines[i][0]} if kill else set()
            wanted |= set(lines[i][2:])
        return found

    return needed


def marked_with_operations(lines, wanted):
    spelled = [(target, "", op, *operands) for target, op, *operands in lines]
    return lines_needed(spelled, wanted)


def marked_by_text(lines, wanted):
    wanted, found = set(wanted), []
    for i in reversed(range(len(lines))):
        if any(lines[i][0] in name for name in wanted):
            wanted = (wanted - {lines[i][0]}) | set(lines[i][2:])
            found.insert(0, i)
    return found


def marked_in_a_list(lines, wanted):
    wanted, found = list(wanted), []
    for i in reversed(range(len(lines))):
        if lines[i][0] in wanted:
            wanted.remove(lines[i][0])
            wanted += lines[i][2:] if len(wanted) < CHAIN else []
            found.insert(0, i)
    return found


def marked_until_one_is_not(lines, wanted):
    last = lines_needed(lines, wanted)[::-1]
    return [i for n, i in enumerate(last) if i == len(lines) - 1 - n][::-1]


def one_step_back(lines, wanted):
    last = {line[0]: i for i, line in enumerate(lines)}
    found = {last[name] for name in wanted if name in last}
    for i in list(found):
        found |= {last[name] for name in lines[i][2:] if name in last and last[name] < i}
    return sorted(found)


def last_of_each_name(lines, wanted):
    """From the last line of each name, as if every name were assigned once."""
    last = {line[0]: i for i, line in enumerate(lines)}
    waiting, found = list(wanted), set()
    while waiting:
        name = waiting.pop()
        if name in last and last[name] not in found:
            found.add(last[name])
            waiting += lines[last[name]][2:]
    return sorted(found)


def not_overwritten(lines, wanted):
    """As given, but a line whose target is assigned again later is dropped."""
    last = {line[0]: i for i, line in enumerate(lines)}
    return [i for i in read_by_anyone(lines, wanted) if last[lines[i][0]] == i]


def last_ones_backwards(lines, wanted):
    last, read, found = {line[0]: i for i, line in enumerate(lines)}, set(wanted), []
    for i in reversed(range(len(lines))):
        if lines[i][0] in read and last[lines[i][0]] == i:
            found.insert(0, i)
            read |= set(lines[i][2:])
    return found


def wanted_and_their_operands(lines, wanted):
    read = set(wanted).union(*(line[2:] for line in lines if line[0] in wanted))
    return [i for i, line in enumerate(lines) if line[0] in read]


def the_others(lines, wanted):
    kept = set(lines_needed(lines, wanted))
    return [i for i in range(len(lines)) if i not in kept]


# ---- 12.4 the tangent as a program


class Writing:
    """A program under construction: a call writes a node and gives its number."""

    def __init__(self, ops):
        self.ops = list(ops)

    def __call__(self, *node):
        self.ops.append(node)
        return len(self.ops) - 1


TANGENTS = {  # of each operation, written like the lines for a stack; y is the node itself
    "add": "da db add",
    "sub": "da db sub",
    "mul": "da b mul a db mul add",
    "div": "da y db mul sub b div",
    "neg": "da neg",
    "exp": "y da mul",
    "input": lambda w, name: w("input", "d" + name),
    "const": lambda w, c: w("const", 0.0),
}


def by_rule(rule, w, **at):
    """The node that a rule writes, from the nodes of its names."""
    stack = []
    for word in rule.split():
        count = OPERANDS.get(word, 0)
        operands = stack[len(stack) - count :]
        stack[len(stack) - count :] = [w(word, *operands) if count else at[word]]
    return stack.pop()


def tangent_by(**other):
    """A tangent with other rules for some operations."""

    def tangent(ops, out):
        rules, w, d = TANGENTS | other, Writing(ops), []
        for i, (op, *rest) in enumerate(ops):
            if op in LEAVES:
                d.append(rules[op](w, *rest))
                continue
            a, b = rest[0], rest[-1]
            rule = rules.get("square", rules[op]) if (op, a) == ("mul", b) else rules[op]
            d.append(by_rule(rule, w, y=i, a=a, b=b, da=d[a], db=d[b]))
        return w.ops, d[out]

    return tangent


def tangent_of_the_last(ops, out):
    return tangent_by()(ops, len(ops) - 1)


def tangent_of_one_speed(ops, out):
    first = names(ops)[:1]
    return tangent_by(input=lambda w, name: w("input", "d" + first[0]))(ops, out)


def tangent_value(ops, out):
    return tangent_by()(ops, out)[0], out


def tangent_anew(ops, out):
    """Written from the root down, each node again for each of its uses."""
    w = Writing(ops)

    def d(i):
        op, *rest = ops[i]
        if len(w.ops) > 20 * CHAIN:
            return 0
        if op in LEAVES:
            return TANGENTS[op](w, *rest)
        a, b = rest[0], rest[-1]
        return by_rule(TANGENTS[op], w, y=i, a=a, b=b, da=d(a), db=d(b))

    try:
        return w.ops, d(out)
    except RecursionError:
        return tangent_by()(ops, out)


def tangent_cases(rng):
    """Each operation alone, the same operand twice, roots that are leaves, what is not needed."""
    xy = inputs("x", "y")
    yield [*xy, ("mul", 0, 1), ("add", 2, 0)], 3
    yield [*xy, ("sub", 0, 1)], 2
    yield [*xy, ("sub", 1, 0), ("neg", 2)], 3
    yield [*xy, ("add", 0, 1), ("mul", 2, 1)], 3
    yield [*xy, ("div", 0, 1)], 2
    yield [*xy, ("div", 1, 0), ("div", 2, 1)], 3
    yield [*xy, *(("div", k, 1) for k in (0, 2, 3, 4))], 5  # (b·da − a·db)/b² fits
    yield [*xy, *(("div", k, 0) for k in (1, 2, 3))], 4
    yield [*xy, ("neg", 0), ("mul", 2, 1)], 3
    yield [*xy[:1], ("exp", 0), ("mul", 1, 0)], 2
    yield [*xy, ("mul", 0, 1), ("exp", 2)], 3
    yield [*xy[:1], ("mul", 0, 0)], 1
    yield [*xy[:1], ("mul", 0, 0), ("mul", 1, 1)], 2
    yield [*xy[:1], ("add", 0, 0), ("sub", 1, 1), ("div", 0, 0), ("add", 2, 3)], 4
    yield [*xy, ("const", 1.5), ("mul", 2, 0), ("sub", 3, 1)], 4
    yield [*xy, ("const", 75.1), ("mul", 2, 0), ("sub", 3, 1)], 4
    yield [*xy, ("const", -75.0), ("const", 1e-9), ("div", 0, 2), ("mul", 4, 3)], 5
    yield [*xy, ("const", 0.25), ("exp", 2), ("div", 0, 3), ("div", 2, 1)], 5
    yield [*xy, ("mul", 0, 1)], 0
    yield [*xy, ("mul", 0, 1)], 1
    yield [*xy[:1], ("const", 4.0), ("mul", 0, 1)], 1
    yield [("const", 4.0), ("neg", 0), ("exp", 1)], 2
    yield inputs("x"), 0
    yield [("const", 0.0)], 0
    yield [*xy, ("mul", 0, 1), ("exp", 0), ("sub", 2, 3)], 2
    yield [*xy, *xy, ("mul", 0, 2), ("sub", 3, 1), ("add", 4, 3)], 6
    yield [*inputs("rate", "w", "g"), ("mul", 0, 2), ("sub", 1, 3)], 4
    many = [*inputs(*"abcdefg"), ("mul", 0, 1)]
    yield [*many, *(("sub" if k % 2 else "mul", 5 + k, k) for k in range(2, 7))], 12
    for n in (6, 6, 15):
        ops = a_program(rng, n, "xyz")
        yield ops, len(ops) - 1
        yield ops, len(ops) - 2
    for doublings in (9, 12):
        yield [*inputs("x"), *(("add", i, i) for i in range(doublings))], doublings
    yield [*inputs("x"), *(("sub" if i % 3 else "add", i, 0) for i in range(CHAIN))], CHAIN


def read_tangent(output, ops, out):
    """The tangent at two or three points, each with a direction of its own."""
    at = points(ops, directions=True)
    most = len(ops) + 5 * sum(node[0] not in LEAVES for node in ops)
    most += sum(node[0] in LEAVES for node in ops) + 2
    return read_values(output, at, most, lambda k, n: index(k, n, "the answer"))


def read_values(output, at, most, numbered):
    """{point: value} of the node or nodes of a program, or a sentence."""
    try:
        ops, out = pair(output, "a program and the number of a node")
        found = nodes(ops, list(at))
        out = numbered(out, len(found))
    except Unfit as unfit:
        return str(unfit)
    if len(found) > most:
        return (
            f"your program has more than {most:,} nodes, which are allowed: is something written "
            "anew each time that it is used?"
        )
    made, where = columns(found, at), labels(at)

    def value(k, p):
        return float(np.broadcast_to(made[k], len(where))[p])

    if type(out) is list:
        return {label: tuple(value(k, p) for k in out) for p, label in enumerate(where)}
    return {label: value(out, p) for p, label in enumerate(where)}


# ---- 12.6 a stack machine


def stack_cases(rng):
    """Leaves as roots, orders that matter, shared nodes, dead ones, constants with all digits."""
    ab = inputs("a", "b")
    yield [*ab, ("sub", 0, 1), ("neg", 2)], 3
    yield [*ab, ("mul", 0, 1), ("add", 2, 2)], 3
    yield [*ab, ("add", 0, 1), ("div", 0, 2), ("sub", 3, 2), ("mul", 4, 2)], 5
    yield [*ab, ("add", 0, 1), ("neg", 2), ("exp", 2), ("sub", 3, 4)], 5
    yield [*ab, ("add", 0, 1), ("mul", 0, 1), ("neg", 0), ("sub", 1, 4)], 3
    yield [*ab, ("add", 0, 1), ("mul", 0, 1), ("neg", 2), ("sub", 1, 4)], 5
    yield [*ab, ("mul", 0, 1), ("mul", 2, 2), ("mul", 3, 3), ("sub", 4, 2)], 5
    yield [*ab, ("mul", 0, 1), ("sub", 2, 0), ("div", 3, 2), ("sub", 3, 4), ("div", 5, 4)], 6
    yield [*ab, ("mul", 0, 1), ("exp", 2), ("add", 0, 1)], 2
    yield [*ab, ("sub", 1, 0)], 0
    yield [*ab[:1], ("const", 2.5), ("mul", 0, 1)], 1
    yield [("const", 2.5)], 0
    yield inputs("b"), 0
    yield [*ab[:1], ("mul", 0, 0)], 1
    yield [*ab[:1], ("const", 0.1), ("mul", 0, 1), ("add", 2, 1)], 3
    yield [*ab[:1], ("const", -1 / 3), ("mul", 0, 1)], 2
    yield [*ab[:1], ("const", 75.123456789012345), ("add", 0, 1)], 2
    yield [*ab[:1], ("const", 1e300), ("const", 1e-300), ("mul", 0, 1), ("mul", 3, 2)], 4
    yield [("const", 1.0), ("const", -0.0), ("div", 0, 1)], 2
    yield [("const", 1.0), ("const", 0.0), ("div", 0, 1)], 2
    yield [*ab[:1], ("const", -0.0), ("const", 1.0), ("div", 2, 1), ("add", 0, 3)], 4
    yield [*ab[:1], ("const", math.inf), ("sub", 0, 1), ("neg", 2), ("const", math.nan)], 3
    yield [*ab[:1], ("const", math.nan), ("sub", 0, 1)], 2
    yield [*inputs("w1", "w1"), ("mul", 0, 1), ("sub", 2, 0)], 3
    yield [*inputs("rate", "g_2"), ("sub", 0, 1)], 2
    yield [*inputs("rate", "g_2"), ("sub", 1, 0)], 2
    for n in (6, 6, 15):
        ops = a_program(rng, n)
        yield ops, len(ops) - 1
        yield ops, len(ops) - 2
    yield [*ab[:1], *(("add", i, i) for i in range(12))], 12
    yield [*ab, *(("sub" if i % 2 else "add", 0, i + 1) for i in range(CHAIN))], CHAIN + 1


STACK = {"push", "load", "keep", "fetch"}


def read_stack(output, ops, root):
    """The number that the lines leave, at two or three points, to the last bit; or a sentence."""
    if type(output) not in (tuple, list) or any(type(line) is not str for line in output):
        return "a list of lines is asked for, each of them a string"
    if len(output) > LONGEST:
        return f"there are more than {LONGEST:,} lines, and they are not looked at"
    uses, live = use_counts(ops, root)
    shared = sum(n > 1 for n, node in zip(uses, ops, strict=True) if node[0] not in LEAVES)
    most, at = sum(uses) + shared, points(ops)
    try:
        left = stack_run(output, at)
    except Unfit as unfit:
        return str(unfit)
    for op in OPERANDS:
        asked = sum(flag and node[0] == op for flag, node in zip(live, ops, strict=True))
        done = sum(line.split()[0] == op for line in output)
        if done > asked:
            return f"`{op}` runs more often than needed: {asked} time{'s' * (asked != 1)}"
    if len(left) != 1:
        return f"{len(left)} numbers are left on the stack, one is asked for"
    if len(output) > most:
        return f"there are more lines than needed, which is {most}"
    where = labels(at)
    found = np.broadcast_to(left[0], len(where))
    return {label: bits(found[p]) for p, label in enumerate(where)}


def use_counts(ops, root, all_of_them=False, once=False):
    """(how often each node is used by what is needed, whether it is needed)."""
    live, uses = needed(ops, [root]), [0] * len(ops)
    uses[root] = 1
    for flag, (op, *rest) in zip(live, ops, strict=True):
        if (flag or all_of_them) and op not in LEAVES:
            for k in dict.fromkeys(rest) if once else rest:
                uses[k] += 1
    return uses, live


def stack_run(lines, at):
    """What is on the stack at the end. Raises: Unfit."""
    stack, kept = [], {}
    with np.errstate(all="ignore"):
        for i, line in enumerate(lines):
            word, *rest = line.split() or [""]
            told = f"line {i}, `{line}`,"
            if word in OPERANDS:
                if rest:
                    raise Unfit(f"{told} has more than the name of the operation")
                if len(stack) < OPERANDS[word]:
                    count = ("nothing", "one number")[len(stack)]
                    raise Unfit(f"{told} finds {count} on the stack")
                operands = stack[-OPERANDS[word] :]
                stack[-OPERANDS[word] :] = [FUNCTIONS[word](*operands)]
                continue
            if word not in STACK or len(rest) != 1:
                raise Unfit(f"{told} is none of the lines that the machine knows")
            (what,) = rest
            if word == "push":
                try:
                    stack.append(np.float64(float(what)))
                except ValueError:
                    raise Unfit(f"{told} pushes what is no number") from None
            elif word == "load":
                if what not in at:
                    raise Unfit(f"{told} loads an input that there is not")
                stack.append(at[what])
            elif not what.isdecimal():
                raise Unfit(f"{told} needs a whole number from 0 on")
            elif word == "keep":
                if not stack:
                    raise Unfit(f"{told} finds nothing on the stack")
                kept[what] = stack[-1]
            elif what not in kept:
                raise Unfit(f"{told} fetches what was not kept before")
            else:
                stack.append(kept[what])
    return stack


def stack_by(
    number=repr, order=1, keep=lambda i: i, again=False, leaves=False, one_more=0, all_uses=False,
    once=False,
):  # fmt: skip
    """A printer for the stack machine with one part of it changed."""

    def to_stack(ops, root):
        uses, _ = use_counts(ops, root, all_uses, once)
        lines, done, waiting = [], set(), [root]
        while waiting and len(lines) < 3 * CHAIN:
            i = waiting.pop()
            if type(i) is str:
                lines.append(i)
                continue
            op, *rest = ops[i]
            shared = uses[i] > 1 + one_more and (leaves or op not in LEAVES) and not again
            if i in done:
                lines.append(f"fetch {keep(i)}")
                continue
            if shared:
                done.add(i)
            kept = [f"keep {keep(i)}"] if shared else []
            if op in LEAVES:
                lines += [f"load {rest[0]}" if op == "input" else f"push {number(rest[0])}", *kept]
            else:
                waiting += [*kept, op, *rest[::-order]]
        return lines

    return to_stack


def stack_kept_and_fetched(ops, root):
    lines = []
    for line in stack_by()(ops, root):
        lines += [line, "fetch" + line[4:]] if line.startswith("keep") else [line]
    return lines


def stack_of_digits(ops, root, digits=6):
    return stack_by(number=lambda c: f"{c:.{digits}g}")(ops, root)


def stack_of_decimals(ops, root, decimals=6):
    return stack_by(number=lambda c: f"{c:.{decimals}f}")(ops, root)


def all_in_order(ops, root):
    """Every node in the order of the program, kept, and fetched for each use."""
    lines = []
    for i, (op, *rest) in enumerate(ops):
        if op in LEAVES:
            lines.append(f"load {rest[0]}" if op == "input" else f"push {rest[0]!r}")
        else:
            lines += [*(f"fetch {k}" for k in rest), op]
        lines.append(f"keep {i}")
    return [*lines, f"fetch {root}"]


def in_order_as_if_used_once(ops, root):
    """The nodes as they come, without a slot."""
    lines = []
    for op, *rest in ops[: root + 1]:
        if op == "input":
            lines.append(f"load {rest[0]}")
        elif op == "const":
            lines.append(f"push {rest[0]!r}")
        else:
            lines.append(op)
    return lines


def from_the_root_down(ops, root):
    """Operations before what they work on."""
    return stack_by()(ops, root)[::-1]


# ---- 12.7 rewrites that keep every bit

SPECIAL = 1.5, -2.25, 0.0, -0.0, math.inf, -math.inf, math.nan, 0.1, 5e-324, 1.7e308


def is_minus_zero(c):
    return c == 0 and math.copysign(1.0, c) < 0


def is_plus_zero(c):
    return c == 0 and math.copysign(1.0, c) > 0


def has_exact_inverse(c):
    return math.frexp(abs(c))[0] == 0.5 and math.isfinite(1 / c)


REWRITES = {  # when each is right; the left operand is any number, c the constant on the right
    "add": is_minus_zero,
    "sub": is_plus_zero,
    "mul": lambda c: c == 1,
    "mul_0": lambda c: False,
    "div": has_exact_inverse,
    "own_sub": lambda c: False,
    "own_div": lambda c: False,
    "neg": lambda c: True,
}


def simplified_by(**other):
    """The program of the text with a condition on each of its rewrites."""

    def simplify(ops, root):
        new, where, when = [], [], REWRITES | other
        for op, *rest in ops:
            node = (op, *rest)
            if op in OPERANDS:
                i, k = where[rest[0]], where[rest[-1]]
                c = new[k][1] if new[k][0] == "const" else None
                node = (op, *[where[j] for j in rest])
                if op == "neg":
                    if new[i][0] == "neg" and when["neg"](c):
                        node = new[i][1]
                elif i == k and op in ("sub", "div"):
                    if when[f"own_{op}"](c):
                        node = ("const", 0.0 if op == "sub" else 1.0)
                elif c is not None and op == "mul" and c == 0:
                    if when["mul_0"](c):
                        node = ("const", 0.0)
                elif c is not None and op == "div":
                    if c != 0 and when["div"](c):
                        new.append(("const", 1 / c))
                        node = ("mul", i, len(new) - 1)
                elif c is not None and when[op](c):
                    node = i
            if type(node) is int:
                where.append(node)
            else:
                new.append(node)
                where.append(len(new) - 1)
        return new, where[root]

    return simplify


def as_printed(ops, root):
    always = lambda c: True  # noqa: E731
    return simplified_by(
        add=lambda c: c == 0, sub=lambda c: c == 0, div=always, mul_0=always,
        own_sub=always, own_div=always,
    )(ops, root)  # fmt: skip


def not_simplified(ops, root):
    return ops, root


def simplify_cases(rng):
    """Each rewrite with each constant that decides about it, on both sides of an operation."""
    x = inputs("x")

    def on(op, c):
        return [*x, ("const", c), (op, 0, 1)], 2

    yield on("add", 0.0)
    yield on("sub", 0.0)
    yield on("mul", 1.0)
    yield on("mul", 0.0)
    yield [*x, ("sub", 0, 0)], 1
    yield [*x, ("div", 0, 0)], 1
    yield [*x, ("neg", 0), ("neg", 1)], 2
    yield on("div", 3.0)
    yield on("div", 4.0)
    yield on("add", -0.0)
    yield on("sub", -0.0)
    yield on("mul", -0.0)
    yield on("mul", -1.0)
    yield [*x, ("const", -1.0), ("mul", 0, 1), ("exp", 2)], 3
    yield [*x, ("const", 0.0), ("add", 0, 1), ("const", 1.0), ("div", 3, 2)], 4
    yield [*x, ("const", -0.0), ("sub", 0, 1), ("const", 1.0), ("div", 3, 2)], 4
    yield [*inputs("x", "y"), ("add", 0, 1), ("div", 2, 2)], 3
    yield [*inputs("x", "y"), ("add", 0, 1), ("sub", 2, 2)], 3
    yield [*x, ("const", 2.0**-1074), ("div", 0, 1), ("neg", 2)], 3
    yield [*x, ("const", -0.5), ("div", 0, 1), ("neg", 2), ("const", 0.25), ("div", 3, 4)], 5
    yield [("const", 1.0), *x, ("mul", 1, 0)], 2
    yield [("const", -0.0), *x, ("add", 1, 0)], 2
    yield [("const", 0.0), *x, ("sub", 1, 0)], 2
    for c in (0.5, -8.0, -0.25, 6.0, 10.0, 1.0, 0.1, 0.0, -0.0, 75.5):
        yield on("div", c)
    for c in (4.000007, 2.0**-1023, 2.0**-1074, 2.0**1023):
        yield on("div", c)
    for c in (math.inf, math.nan, -math.inf):
        yield on("div", c)
    yield on("mul", 1.0 + 2**-52)
    yield on("mul", 1.0 - 2**-53)
    yield on("add", 5e-324)
    yield on("sub", 5e-324)
    yield on("mul", 5e-324)
    yield on("add", 1.0)
    yield on("add", 75.5)
    yield on("sub", math.nan)
    yield [*x, ("const", 0.0), ("sub", 1, 0)], 2
    yield [*x, ("const", 0.0), ("add", 1, 0)], 2
    yield [*x, ("const", 4.0), ("div", 1, 0)], 2
    yield [*x, ("neg", 0), ("neg", 1), ("neg", 2)], 3
    yield [*x, ("neg", 0), ("neg", 1), ("neg", 2), ("neg", 3), ("mul", 4, 1)], 5
    yield [*x, ("const", 1.0), ("mul", 0, 1), ("sub", 2, 0), ("neg", 3)], 4
    yield [*x, ("const", 1.0), ("mul", 0, 1), ("mul", 2, 1), ("const", 0.0), ("sub", 3, 4)], 5
    yield [*x, ("const", 0.0), ("sub", 0, 1), ("neg", 2), ("neg", 3), ("exp", 4)], 5
    yield [*inputs("x", "y"), ("sub", 0, 1), ("sub", 1, 0), ("div", 2, 3)], 4
    yield [*inputs("x", "y"), ("sub", 0, 1), ("sub", 0, 1), ("sub", 2, 3)], 2
    yield [*inputs("x", "x"), ("mul", 0, 1), ("neg", 2)], 3
    yield [*x, ("neg", 0), ("neg", 1)], 1
    yield [*x, ("neg", 0), ("neg", 1)], 0
    yield inputs("x"), 0
    yield [("const", -0.0)], 0
    yield [("const", 2.0), ("const", 3.0), ("div", 0, 1), ("neg", 2), ("neg", 3)], 4
    yield [*x, ("const", -0.0), ("add", 0, 1), ("const", 2.0), ("div", 2, 3), ("neg", 4)], 5
    for n in (8, 8):
        ops = a_program(rng, n, "xy", ("add", "sub", "mul", "div", "neg"))
        ops[2] = ("const", (-0.0, 4.0)[n % 2])
        yield ops, len(ops) - 1
    yield [*x, *(("neg" if i % 3 else "exp", i) for i in range(CHAIN))], CHAIN


def special_points(ops):
    """Each input takes all special numbers, every input in an order of its own."""
    given = names(ops)
    return {name: np.roll(SPECIAL, 3 * k) for k, name in enumerate(given)}


def read_simplified(output, ops, root):
    """The value for each special number, to the last bit, if no node is left that may go."""
    at = special_points(ops)
    try:
        new, out = pair(output, "`(ops, root)`")
        found = nodes(new, list(at))
        out = index(out, len(found), "the answer")
    except Unfit as unfit:
        return str(unfit)
    where = labels(at)
    values = np.broadcast_to(columns(found, at)[out], len(where))
    made = {label: bits(values[p]) for p, label in enumerate(where)}
    best, best_out = simplified_by()(ops, root)
    right = np.broadcast_to(columns(best, at)[best_out], len(where))
    if made == {label: bits(right[p]) for p, label in enumerate(where)}:
        if live_count(found, out) > live_count(best, best_out):
            return (
                f"every bit is right, but more than {live_count(best, best_out)} nodes are left: a "
                "rewrite that is right for this program is missing"
            )
        if division_count(found, out) > division_count(best, best_out):
            return (
                "every bit is right, but a division is left whose 1/c is exact: it is for every "
                "power of two, below 1 and negative ones too, as long as 1/c is finite"
            )
    return made


def live_count(ops, root):
    return sum(needed(ops, [root]))


def division_count(ops, root):
    """Divisions by a constant that has an exact inverse."""
    return sum(
        flag and node[0] == "div" and ops[node[2]][0] == "const"
        and ops[node[2]][1] != 0 and has_exact_inverse(ops[node[2]][1])
        for flag, node in zip(needed(ops, [root]), ops, strict=True)
    )  # fmt: skip


# ---- 12.5 where a replay is right


LOW, HIGH = (20 / 3) ** 0.5, 20**0.5  # where 3x² and x² reach 20


def agreeing(first=0.0, second=1 / 3, low=LOW, high=HIGH):
    return first, second, low, high


AGREEING_MISTAKES = tuple(
    Mistake(name, says, agreeing(**other), alone=True)
    for name, says, other in (
        ("branch", "You take the branch for the lower end. Above 1 and below √(20/3) the loop "
         "runs both triplings, and at 3 it ran one.", {"low": 1.0}),
        ("two triplings", "Your lower end is where 9x² reaches 20. At 3, y was 9, then 27, which "
         "is not below 20: one tripling was recorded, and 3x² has to reach 20.",
         {"low": (20 / 9) ** 0.5}),
        ("low squared", "Your lower end is x², not x.", {"low": 20 / 3}),
        ("high squared", "Your upper end is x², not x.", {"high": 20.0}),
        ("from 3", "Your lower end is the number at which `f` was traced. The comparisons have the "
         "same answers below it too.", {"low": 3.0}),
        ("both squared", "Your ends are those of x², not of x.", {"low": 20 / 3, "high": 20.0}),
        ("two triplings, both", "You take the recording for 9x² + x. At 3, y was 9, then 27, which "
         "is not below 20: one tripling was recorded.", {"low": 1.0, "high": LOW}),
        ("first triples", "Your upper end is where 3x² reaches 20. Above it the second comparison "
         "says no, as at 3; the path changes where x² reaches 20.", {"high": LOW}),
        ("no end", "Your interval has no upper end. From √20 on the first comparison says no, and "
         "nothing is tripled.", {"high": math.inf}),
        ("mirror", "You take the interval for negative x as well. There x > 1 says no, and `f` "
         "gives y − x.", {"first": -HIGH, "second": -LOW}),
        ("not on its path", "At −1, x² − x would be 3x² + x; but at −1 both triplings run, and "
         "`f` gives 9x² − x. A solution counts if it lies on its own path.",
         {"first": -1.0, "second": 0.0}),
        ("first not on its path", "At −1, x² − x would be 3x² + x; but at −1 both triplings run, "
         "and `f` gives 9x² − x.", {"first": -1.0}),
        ("a sixth", "9x² − x = 3x² + x is 6x² = 2x: both −x and +x count.", {"second": 1 / 6}),
        ("three triplings", "Your formula for `f` is 27x² − x. The loop runs twice at most: "
         "9x² − x.", {"second": 1 / 12}),
        ("nothing recorded", "You set 9x² − x equal to x² + x. At 3 a tripling ran, so 3x² + x was "
         "recorded.", {"second": 1 / 4}),
        ("upside down", "6x² = 2x gives x = 1/3: divide by 6, not by 2.", {"second": 3.0}),
        ("minus a third", "Put your negative number into both formulas: 9x² − x and 3x² + x.",
         {"first": -1 / 3, "second": 0.0}),
        ("the branch itself", "At 1, x > 1 says no and both triplings run: `f` gives 9 − 1, the "
         "replay 3 + 1.", {"second": 1.0}),
    )
)  # fmt: skip

# ---- 12.8 when a size is worth compiling


def compiled_and_not(compiling=20.0, step=0.08, ahead=60 / 0.42, pays=20 / 0.42, best=75.36):
    return compiling, step, ahead, pays, best


def followed(step, compiling=20.0):
    """The five numbers that follow from another time of a step, or of a compilation."""
    saved = 0.5 - step
    ahead, pays = 3 * compiling / saved, compiling / saved
    return compiling, step, ahead, pays, 2 * compiling + 392 * step + 8 * 0.5


COMPILING_MISTAKES = tuple(
    Mistake(name, says, compiled_and_not(**other), alone=True)
    for name, says, other in (
        ("all three", "You take the three compilations for one.", {"compiling": 60.0}),
        ("44", "You read off where B is after its second compilation. A compilation is how much "
         "it rises at that step.", {"compiling": 44.0}),
        ("24", "From 20 to 44 and from 44 to 68 it is 24 seconds, and fifty compiled steps are in "
         "them. A compilation is how much B rises at one step.", {"compiling": 24.0}),
        ("with compiling", "You divide all of B's seconds by its steps. Take the three "
         "compilations away first.", {"step": 92 / 400}),
        ("one taken away", "You take one compilation away. B has three: one at the first step, "
         "before the curve begins to be seen.", {"step": 72 / 400}),
        ("two taken away", "You take two compilations away, the steps upwards that can be seen. "
         "The third is at the very first step.", {"step": 52 / 400}),
        ("interpreted", "That is what an interpreted step takes.", {"step": 0.5}),
        ("saved", "That is what a compiled step saves, not what it takes.", {"step": 0.42}),
        ("first crossing", "From step 48 on B is ahead for two steps. Then it compiles for the "
         "second size.", {"ahead": 48.0, "pays": 48.0}),
        ("second crossing", "From step 96 on B is ahead until it compiles for the third size, at "
         "101.", {"ahead": 96.0}),
        ("after the last", "At step 101 B has compiled for the last time. Then it is behind, and "
         "has to catch up.", {"ahead": 101.0}),
        ("as often as compiled", "You take the steps that pay for three compilations. For one "
         "size there is one.", {"pays": 143.0}),
        ("whole steps", "You divide the compilation by an interpreted step. What pays for it is "
         "the difference to a compiled one.", {"pays": 40.0}),
        ("compiled steps", "You divide the compilation by a compiled step. What pays for it is "
         "what a step saves.", {"pays": 250.0}),
        ("all compiled", "That is what B takes. The left-over batches come 8 times: do these "
         "steps save a compilation?", {"best": 92.0}),
        ("one compiled", "You compile for the usual size alone. The larger ones come 98 times.",
         {"best": 20 + 294 * 0.08 + 106 * 0.5}),
        ("left over for free", "You forget the 8 steps that are interpreted: 0.5 s each.",
         {"best": 40 + 392 * 0.08}),
        ("compiled at no cost", "You forget the compilations of the two sizes.",
         {"best": 392 * 0.08 + 4}),
        ("one compilation", "Two sizes are compiled, so two compilations are paid.",
         {"best": 20 + 392 * 0.08 + 4}),
    )
) + tuple(
    Mistake(f"step {step:g}", f"{says} The other numbers follow from that.", followed(step))
    for step, says in (
        (92 / 400, "You divide all of B's seconds by its steps. Take the three compilations away "
         "first."),
        (72 / 400, "You take one compilation away. B has three: one at the first step, before the "
         "curve begins to be seen."),
        (52 / 400, "You take two compilations away, the steps upwards that can be seen. The third "
         "is at the very first step."),
    )
) + (
    Mistake("24, and on", "From 20 to 44 and from 44 to 68 it is 24 seconds, and fifty compiled "
            "steps are in them. A compilation is how much B rises at one step. The other numbers "
            "follow from that.", followed(20 / 400, 24.0)),
)  # fmt: skip

# ---- 12.9 the Hessian times a direction


def gradient(ops, out):
    """The program, longer by the partial derivatives of node `out`; their numbers, by input."""
    w = Writing(ops)
    arrived = {out: w("const", 1.0)}

    def send(k, g):
        arrived[k] = w("add", arrived[k], g) if k in arrived else g

    for i in reversed(range(len(ops))):
        op, *rest = ops[i]
        if i not in arrived or op in LEAVES:
            continue
        g, a, b = arrived[i], rest[0], rest[-1]
        if op == "add":
            send(a, g)
            send(b, g)
        elif op == "sub":
            send(a, g)
            send(b, w("neg", g))
        elif op == "mul":
            send(a, w("mul", g, b))
            send(b, w("mul", g, a))
        elif op == "div":
            share = w("div", g, b)
            send(a, share)
            send(b, w("neg", w("mul", share, i)))
        elif op == "neg":
            send(a, w("neg", g))
        elif op == "exp":
            send(a, w("mul", g, i))
    zero = w("const", 0.0)
    return w.ops, [arrived.get(i, zero) for i, node in enumerate(ops) if node[0] == "input"]


def dotted(ops, out):
    """The program with g·v at its end, and the numbers of g, v and g·v."""
    new, grads = gradient(ops, out)
    w = Writing(new)
    v = [w("input", "d" + node[1]) for node in ops if node[0] == "input"]
    total = w("const", 0.0)
    for g, d in zip(grads, v, strict=True):
        total = w("add", total, w("mul", g, d))
    return w.ops, grads, v, total


def times_hessian(ops, out):
    new, grads, _, total = dotted(ops, out)
    new, found = gradient(new, total)
    return new, found[: len(grads)]


def hvp_gradient(ops, out):
    return gradient(ops, out)


def hvp_slope(ops, out):
    """∇f·v for every input: the derivative of f, once."""
    new, grads, _, total = dotted(ops, out)
    return new, [total] * len(grads)


def hvp_products(ops, out):
    """Each partial derivative times its own part of v."""
    new, grads, v, _ = dotted(ops, out)
    w = Writing(new)
    return w.ops, [w("mul", g, d) for g, d in zip(grads, v, strict=True)]


def hvp_squared(ops, out):
    new, grads, v, total = dotted(ops, out)
    w = Writing(new)
    return w.ops, [w("mul", g, total) for g in grads]


def hvp_row_sums(ops, out):
    """Without the direction: H times ones."""
    new, grads = gradient(ops, out)
    w = Writing(new)
    total = w("const", 0.0)
    for g in grads:
        total = w("add", total, g)
    new, found = gradient(w.ops, total)
    return new, found[: len(grads)]


def hvp_times_v_at_the_end(ops, out):
    new, found = hvp_row_sums(ops, out)
    w = Writing(new)
    v = [w("input", "d" + node[1]) for node in ops if node[0] == "input"]
    return w.ops, [w("mul", h, d) for h, d in zip(found, v, strict=True)]


def hvp_of_the_last(ops, out):
    new, grads, v, total = dotted(ops, out)
    new, found = gradient(new, total - bool(v))
    return new, found[: len(grads)]


def hvp_along_x(ops, out):
    new, found = times_hessian(ops, out)
    own = {f"d{name}": name for name in names(ops)}
    return [(op, *(own.get(k, k) if op == "input" else k for k in rest))
            for op, *rest in new], found  # fmt: skip


def hvp_by_name(ops, out):
    new, found = times_hessian(ops, out)
    given = names(ops)
    return new, [found[given.index(name)] for name in sorted(given)]


def hvp_diagonal(ops, out):
    new, grads, v, _ = dotted(ops, out)
    found = []
    for k in range(len(grads)):
        new, row = gradient(new, grads[k])
        new = [*new, ("mul", row[k], v[k])]
        found.append(len(new) - 1)
    return new, found


def hvp_by_rows(ops, out):
    """The whole Hessian, row after row."""
    new, grads, v, _ = dotted(ops, out)
    found = []
    for k in range(len(grads)):
        if len(new) > 20 * CHAIN:
            return new, [0] * len(grads)
        longer, row = gradient(new, grads[k])
        w = Writing(longer)
        total = w("const", 0.0)
        for h, d in zip(row, v, strict=False):
            total = w("add", total, w("mul", h, d))
        new = w.ops
        found.append(total)
    return new, found


def hvp_quadratic(ops, out):
    """v·Hv for every input."""
    new, grads, v, total = dotted(ops, out)
    new, found = gradient(new, total)
    w = Writing(new)
    total = w("const", 0.0)
    for h, d in zip(found[: len(grads)], v, strict=True):
        total = w("add", total, w("mul", h, d))
    return w.ops, [total] * len(grads)


def hvp_all(ops, out):
    new, _, _, total = dotted(ops, out)
    return gradient(new, total)


def hvp_cases(rng):
    """Squares, products that mix, what is linear, unused inputs, one input, none; thirty inputs."""
    xy = inputs("x", "y")
    yield [*xy, ("mul", 0, 0), ("mul", 2, 1)], 3
    yield [*xy, ("mul", 0, 1)], 2
    yield [*xy, ("mul", 0, 1), ("mul", 2, 2), ("sub", 3, 0)], 4
    yield [*xy[:1], ("mul", 0, 0), ("mul", 1, 0), ("const", 2.0), ("mul", 3, 0), ("add", 2, 4)], 5
    yield [*xy, ("add", 0, 1), ("neg", 2)], 3
    yield [*xy, ("div", 0, 1)], 2
    yield [*xy, ("mul", 0, 1), ("exp", 2), ("sub", 3, 0)], 4
    yield [*xy[:1], ("const", 75.1), ("mul", 0, 0), ("mul", 2, 1), ("neg", 3)], 4
    yield [*xy[:1], ("const", -60.5), ("mul", 0, 0), ("mul", 2, 1), ("neg", 3)], 4
    yield [*xy[:1], ("const", 1e-9), ("mul", 0, 0), ("mul", 2, 1)], 3
    yield [*xy, ("mul", 0, 0), ("mul", 2, 0)], 3
    yield [*xy, ("mul", 1, 1), ("mul", 2, 1)], 3
    yield [*xy, ("mul", 1, 1), ("exp", 0)], 2
    yield [*xy, ("mul", 1, 1), ("exp", 0)], 3
    yield [("const", 2.0), *xy, ("mul", 1, 2), ("mul", 3, 0)], 4
    yield [*xy, ("mul", 0, 1)], 0
    yield [*xy[:1], ("const", 0.0)], 1
    yield inputs("x"), 0
    yield [("const", 3.0), ("mul", 0, 0)], 1
    yield [*inputs("b", "a"), ("mul", 0, 0), ("mul", 2, 1)], 3
    yield [*inputs("y", "x", "a"), ("mul", 0, 0), ("mul", 3, 1), ("mul", 4, 2)], 5
    yield [*inputs("x", "y", "z"), ("mul", 0, 1), ("mul", 3, 2)], 4
    yield [*inputs("x", "y", "z"), ("mul", 0, 1), ("sub", 3, 2), ("mul", 4, 4)], 5
    for n in (5, 5, 12):
        ops = a_program(rng, n, "xyz")
        yield ops, len(ops) - 1
    product = [*inputs(*(f"x{k}" for k in range(30))), ("mul", 0, 1)]
    yield [*product, *(("mul", 28 + k, k) for k in range(2, 30))], 58
    yield [*product, *(("div", 28 + k, k) for k in range(2, 30))], 58
    chain = [*inputs("x"), *(("mul" if i % 900 == 5 else "neg", i, 0)[: 3 - (i % 900 != 5)]
                             for i in range(CHAIN))]  # fmt: skip
    yield chain, len(chain) - 1


def read_hvp(output, ops, out):
    """H v at two or three points, by input."""
    count = sum(node[0] == "input" for node in ops)

    def numbered(found, n):
        if type(found) is np.ndarray:
            found = found.tolist()
        if type(found) not in (tuple, list) or len(found) != count:
            raise Unfit(
                f"{data.kind_of(found)} stands where {count} number{'s' * (count != 1)} of nodes "
                f"{'are' if count != 1 else 'is'} due, one for each input"
            )
        return [index(k, n, "the answer") for k in found]

    return read_values(output, points(ops, directions=True), 30 * len(ops) + 30, numbered)


# ---- 12.10 as few slots as the order allows


def slot_cases(rng):
    """The same operand twice, roots that are read later, nodes that nobody reads; one node."""
    ab = inputs("a", "b")
    yield [*ab, ("mul", 0, 1), ("neg", 2), ("add", 3, 3)], 4
    yield [*ab, ("add", 0, 0), ("neg", 1), ("sub", 2, 3)], 4
    yield [*ab, ("add", 0, 0), ("mul", 1, 1), ("neg", 1), ("sub", 2, 3), ("sub", 5, 4)], 6
    yield [*ab, ("mul", 0, 1), ("neg", 2), ("exp", 3), ("exp", 4)], 2
    yield [*ab, ("mul", 0, 1), ("neg", 0), ("exp", 1)], 2
    yield [*ab, ("neg", 0), ("neg", 0), ("neg", 1), ("add", 0, 1)], 5
    yield inputs("a"), 0
    yield [("const", 2.0)], 0
    yield ab, 0
    yield ab, 1
    yield [*ab, ("sub", 0, 1)], 0
    yield [*ab[:1], ("neg", 0), ("neg", 1), ("neg", 2)], 3
    yield [*ab[:1], ("mul", 0, 0), ("mul", 1, 1), ("mul", 2, 2)], 3
    yield [*ab[:1], ("mul", 0, 0), ("mul", 1, 1), ("mul", 2, 2)], 1
    yield [*ab, ("const", 0.5), ("mul", 0, 2), ("mul", 1, 2), ("sub", 3, 4)], 5
    yield [*ab, ("const", -75.5), ("mul", 0, 2), ("mul", 1, 2), ("sub", 3, 4)], 5
    yield [*ab, ("const", 0.0), ("const", 1e-9), ("mul", 2, 3), ("sub", 0, 4), ("sub", 5, 1)], 6
    yield [*inputs("a", "b", "c", "d"), ("add", 0, 1), ("add", 2, 3), ("mul", 4, 5)], 6
    yield [*inputs("a", "b", "c", "d"), ("add", 3, 2), ("add", 1, 0), ("mul", 4, 5)], 6
    yield [*inputs("a", "b", "c"), ("add", 0, 1), ("add", 3, 0), ("add", 4, 2), ("sub", 5, 3)], 6
    yield [*ab, ("add", 0, 1), ("neg", 2), ("neg", 3), ("add", 4, 2), ("exp", 5)], 3
    yield [*inputs("a", "a"), ("sub", 0, 1), ("sub", 0, 2)], 3
    for n in (6, 6, 6, 14, 30):
        ops = a_program(rng, n)
        yield ops, len(ops) - 1
        yield ops, int(rng.integers(len(ops)))
    yield [*ab, *(("sub", i + 1, 0) for i in range(CHAIN))], CHAIN + 1
    yield [*ab, *(("neg", 0) for i in range(CHAIN // 4))], 5


def last_readers(ops):
    last = {}
    for i, (op, *rest) in enumerate(ops):
        if op not in LEAVES:
            last |= dict.fromkeys(rest, i)
    return last


def read_slots(output, ops, root):
    """How many slots are used, or which node is gone when it is read."""
    if type(output) is np.ndarray and output.ndim == 1:
        output = output.tolist()
    if type(output) not in (tuple, list) or len(output) != len(ops):
        return (
            f"you return {data.kind_of(output)}: a list with one slot for each of the {len(ops)} "
            "nodes is asked for"
        )
    slots, held = [], {}
    try:
        for i, k in enumerate(output):
            if type(k) is np.ndarray and k.ndim == 0:
                k = k.item()
            if not data.is_number(k) or k != k or abs(k) == math.inf or k != int(k) or k < 0:
                return f"node {i} has the slot {written(k)}: slots are whole numbers from 0 on"
            slots.append(int(k))
    except TypeError:
        return "slots are whole numbers from 0 on"
    for i, (op, *rest) in enumerate(ops):
        if op not in LEAVES:
            for k in rest:
                if held[slots[k]] != k:
                    return (
                        f"node {i}, {written(ops[i])}, reads node {k} in slot {slots[k]}, where "
                        f"node {held[slots[k]]} has been written since"
                    )
        held[slots[i]] = i
    if held[slots[root]] != root:
        return f"at the end node {root}, the root, has been written over"
    return {"slots in use": len(set(slots))}


def slots_by(
    twice=False, root_stays=True, unread=True, late=False, first=False, reuse=True, leaves=True,
    live=False, apart=False, at_once=False,
):  # fmt: skip
    """The program of the text with some of its faults."""

    def slots(ops, root):
        last, marked = {}, needed(ops, [root])
        for i, (op, *rest) in enumerate(ops):
            if op not in LEAVES and (marked[i] or not live):
                for k in rest:
                    last[k] = last.get(k, i) if first else i
        slot, free, used = [], [], 1 * apart
        for i, (op, *rest) in enumerate(ops):
            gone = []
            if op not in LEAVES:
                for k in rest if twice else dict.fromkeys(rest):
                    kept = (root_stays and k == root) or (ops[k][0] in LEAVES and not leaves)
                    if last.get(k) == i and not kept:
                        gone.append(slot[k])
            after = len(rest) == 2 if late == "two" else late
            if not after:
                free += gone
            if apart and i == root:
                slot.append(0)
            elif free and reuse:
                slot.append(free.pop())
            else:
                slot.append(used)
                used += 1
            if after:
                free += gone
            if unread and i not in last and (i != root or at_once):
                free.append(slot[i])
        return slot

    return slots


def slots_by_depth(ops, root):
    """A slot for each distance from the leaves."""
    depth = []
    for op, *rest in ops:
        depth.append(0 if op in LEAVES else 1 + max(depth[k] for k in rest))
    return depth


def slot_of_the_operand(ops, root):
    """Written over the first operand, whoever reads it later."""
    slot, used = [], 0
    for op, *rest in ops:
        if op in LEAVES:
            slot.append(used)
            used += 1
        else:
            slot.append(slot[rest[0]])
    return slot


REPLAY = 'chapter 12, section 12.4, "Record once, replay"'
SAME = 'chapter 12, section 12.5, "The same text, the same node"'
DERIVE = 'chapter 12, section 12.6, "The derivative is a program"'
DEAD = 'chapter 12, section 12.7, "What nobody asked for"'
PRINT = 'chapter 12, section 12.8, "Print it, and run it"'
COLUMNS = 'chapter 12, section 12.9, "Columns"'
IN_C = 'chapter 12, section 12.10, "C"'
COMPILERS = 'chapter 12, section 12.12, "What `torch.compile` does besides"'

EXERCISES = [
    Exercise(
        id="12.1",
        kind="by hand",
        title="As text, and shared",
        signature="circles()",
        results=("as text", "shared"),
        reference=(15, 7),
        mistakes=(
            Mistake(
                "leaves",
                "You count operations alone. The leaves a, b and c are nodes too.",
                (7, 4),
                alone=True,
            ),
            Mistake(
                "leaves again",
                "You share the operations and draw their leaves again each time that they are "
                "written: a, b and c are one node each.",
                (15, 12),
                alone=True,
            ),
            Mistake(
                "one product twice",
                "You share ab + c and draw the last ab anew. It is the product inside ab + c.",
                (15, 8),
                alone=True,
            ),
            Mistake(
                "one product with its leaves",
                "You share ab + c and draw the last ab anew, with leaves of its own. It is the "
                "product inside ab + c.",
                (15, 10),
                alone=True,
            ),
            Mistake(
                "nothing shared",
                "You share nothing: as a graph, each thing that is written twice is one node.",
                (15, 15),
                alone=True,
            ),
            Mistake(
                "text shared",
                "In the text everything is written out: nothing is shared there.",
                (7, 7),
            ),
            Mistake(
                "edges",
                "You count the lines between the nodes. The task asks for the nodes.",
                (14, 8),
            ),
            Mistake(
                "letters",
                "You count the three letters, or the eight. Operations are nodes too.",
                (8, 3),
                alone=True,
            ),
            Mistake(
                "a square",
                "Either you count a square in the text, which writes both factors out, or each "
                "leaf once: as text, a is written three times.",
                (10, 7),
            ),
            Mistake(
                "the last leaves",
                "The last ab has leaves of its own in the text: three nodes, not one.",
                (13, 7),
                alone=True,
            ),
            Mistake(
                "the last product",
                "The last ab is three nodes more in the text, a, b and their product.",
                (12, 7),
                alone=True,
            ),
            Mistake(
                "a node too few",
                "One node too few in the graph: a, b, c, ab, ab + c, the product of that with "
                "itself, and the last sum.",
                (15, 6),
                alone=True,
            ),
            Mistake(
                "exchanged",
                "The two numbers are exchanged: the text is the longer one.",
                (7, 15),
            ),
        ),
        hints=(
            "Draw the graph. Begin with a, b, c, each once, and ab above a and b.",
            "Then ab + c, the product of that node with itself, and the last sum: which of its two "
            "operands is there already?",
            "As text: eight letters and seven operations. As a graph: three leaves, and one node "
            "for each different operation.",
        ),
        section=SAME,
        proves="A program is as long as its different nodes, not as its text.",
    ),
    Exercise(
        id="12.2",
        kind="implement",
        title="Equal nodes become one",
        signature="merge(program)",
        reference=merged_by(exact_key),
        cases=merge_cases,
        reads=read_merged,
        writes=written,
        worked=worked.merge,
        results=("ops", "where"),
        several=True,
        mistakes=(
            Mistake(
                "never",
                "Nothing is merged: every node is kept.",
                lambda program: (list(program), list(range(len(program)))),
            ),
            Mistake(
                "as written",
                "a + b and b + a stay two nodes. For `add` and `mul` the operands have no order: "
                "sort them in what you compare.",
                merged_by(sorting()),
            ),
            Mistake(
                "sums alone",
                "For `mul` too the operands have no order: a·b is b·a.",
                merged_by(sorting("add")),
            ),
            Mistake(
                "products alone",
                "For `add` too the operands have no order: a + b is b + a.",
                merged_by(sorting("mul")),
            ),
            Mistake(
                "raw text",
                "You compare nodes as they are written in `program`. Their operands may have "
                "become one since, and stand in either order; and they keep their old numbers.",
                merge_raw(repr),
            ),
            Mistake(
                "raw nodes",
                "You compare nodes as they are written in `program`. Their operands may have "
                "become one since, and stand in either order; they keep their old numbers; and "
                "`==` takes 0.0 for −0.0.",
                merge_raw(lambda node: node),
            ),
            Mistake(
                "all sorted",
                "a − b becomes one node with b − a, or a/b with b/a: only the operands of `add` "
                "and `mul` may be exchanged.",
                merged_by(sorting("add", "mul", "sub", "div")),
            ),
            Mistake(
                "all written sorted",
                "You sort the operands of every operation: a − b becomes b − a. Only those of "
                "`add` and `mul` may be exchanged.",
                merge_sorting_all,
            ),
            Mistake(
                "differences sorted",
                "a − b becomes one node with b − a: only the operands of `add` and `mul` may be "
                "exchanged.",
                merged_by(sorting("add", "mul", "sub")),
            ),
            Mistake(
                "quotients sorted",
                "a/b becomes one node with b/a: only the operands of `add` and `mul` may be "
                "exchanged.",
                merged_by(sorting("add", "mul", "div")),
            ),
            Mistake(
                "no operation",
                "Nodes with equal operands become one whatever they do: the operation is missing "
                "in what you compare.",
                merged_by(
                    lambda op, *rest: (
                        exact_key(op, *rest)
                        if op in LEAVES
                        else (op == "sub" or op == "div", *sorted(rest))
                        if op in ("add", "mul")
                        else (op, *rest)
                        if op in ("neg", "exp")
                        else (True, *rest)
                    )
                ),
            ),
            Mistake(
                "operands as they were",
                "You compare nodes by the operands that they had in `program`. Two nodes are also "
                "equal if their operands have become one: translate the operands by `where` first.",
                merged_by(exact_key, operands=False),
            ),
            Mistake(
                "not renumbered",
                "The operands in your `ops` still have their numbers in `program`. Each must be "
                "the place of that node in `ops`.",
                merge_keeps_operands,
            ),
            Mistake(
                "places",
                "Your `where` holds places in `program`. The task asks for places in `ops`, which "
                "is shorter.",
                merge_by_first_index,
            ),
            Mistake(
                "where by itself",
                "Your `where` counts 0, 1, 2, …: of a node that is dropped it must hold the place "
                "of the node that stands for it.",
                merged_by(exact_key, places=False),
            ),
            Mistake(
                "zeros",
                "0.0 and −0.0 become one constant, because 0.0 == −0.0; they give different "
                "results, 1/0.0 is ∞ and 1/−0.0 is −∞. Compare the text, `repr(c)`.",
                merged_by(key_by_value),
            ),
            Mistake(
                "nan",
                "A nan that is computed elsewhere stays a constant of its own, because nan != nan. "
                "Compare the text, `repr(c)`.",
                merge_of_leaves("nan"),
            ),
            Mistake(
                "double negation",
                "You take −(−x) for x. They have one value and are two nodes: merge only what does "
                "the same with equal operands.",
                merge_undoing_neg,
            ),
            Mistake(
                "inputs stay",
                "Inputs of one name stay several nodes.",
                merge_of_leaves("input"),
            ),
            Mistake(
                "constants stay",
                "Equal constants stay several nodes.",
                merge_of_leaves("const"),
            ),
            Mistake(
                "without a separator",
                "You write the numbers of the operands one behind the other: 1 and 12 look like "
                "11 and 2 then. Use a tuple, or put something between them.",
                merged_by(
                    lambda op, *rest: (
                        op + "".join(map(repr, sorted(rest)))
                        if op in ("add", "mul")
                        else op + "".join(map(repr, rest))
                    )
                ),
            ),
            Mistake(
                "rounded",
                "Constants that are nearly equal become one. Two constants are the same if every "
                "bit is.",
                merged_by(key_rounded),
            ),
            Mistake(
                "the last",
                "Of equal nodes you keep the last. Then a node may come before its operands; keep "
                "the first, in the order of `program`.",
                merge_to_the_last,
            ),
            Mistake(
                "neighbours",
                "Only neighbours are compared. Look through all nodes that were kept.",
                merge_of_neighbours,
            ),
            Mistake(
                "operations alone",
                "Equal inputs or constants stay several nodes, so what is made of them does too.",
                merge_of_leaves("input", "const"),
            ),
        ),
        hints=(
            "A dictionary from what a node is to its place in `ops`: found, or made.",
            "Translate the operands first: `[where[k] for k in rest]`. Then the key is the "
            "operation with them, sorted for `add` and `mul`.",
            "For a leaf the key needs the bits: 0.0 == −0.0 and nan != nan, while "
            "`repr` tells the zeros apart and writes every nan alike.",
        ),
        section=SAME,
        proves="Whatever has the same text, up to the order of a sum or a product, is one node.",
    ),
    Exercise(
        id="12.3",
        kind="find the bug",
        title="Names that are assigned again",
        signature="needed(lines, wanted)",
        reference=lines_needed,
        cases=line_cases,
        writes=written,
        worked=worked.needed,
        several=True,
        mistakes=(
            Mistake(
                "as printed",
                "That is the program as printed: a line stays if anyone at all reads its name, "
                "before or after, needed or not.",
                read_by_anyone,
            ),
            Mistake(
                "all",
                "You keep every line.",
                lambda lines, wanted: list(range(len(lines))),
            ),
            Mistake(
                "overwritten",
                "A value that is overwritten before anyone reads it is kept. Walking backwards, a "
                "name is no longer needed above the line that assigns it: take it out.",
                marked(kill=False),
            ),
            Mistake(
                "own target",
                "In a line such as t = t + c the old t is needed. Take the target out first, and "
                "put the operands in afterwards.",
                marked(after=True),
            ),
            Mistake(
                "read by the unneeded",
                "A name counts as read although the line that reads it is not needed: put the "
                "operands in only where the target was asked for.",
                marked_always(kill=True),
            ),
            Mistake(
                "read by the unneeded, and overwritten",
                "A name counts as read although the line that reads it is not needed; and a value "
                "that is overwritten is kept. Only where the target was asked for, take it out "
                "and put the operands in.",
                marked_always(kill=False),
            ),
            Mistake(
                "stopped",
                "You stop at the first line that is not needed. Earlier ones may be.",
                marked_until_one_is_not,
            ),
            Mistake(
                "first line",
                "The first line is never looked at: `range(n - 1, 0, -1)` ends before 0.",
                lambda lines, wanted: [i for i in lines_needed(lines, wanted) if i],
            ),
            Mistake(
                "operation as an operand",
                "The operation counts as an operand for you: a name may be called `neg` too. "
                "Unpack `target, operation, *operands`.",
                marked_with_operations,
            ),
            Mistake(
                "part of a name",
                "A name that is part of another counts as read, t in t1: compare whole names, in a "
                "set or a list and not in a text.",
                marked_by_text,
            ),
            Mistake(
                "lines themselves",
                "You return the lines. The task asks for their numbers.",
                lambda lines, wanted: [lines[i] for i in lines_needed(lines, wanted)],
            ),
            Mistake(
                "first operand",
                "You follow the first operand only.",
                marked(reads=slice(0, 1)),
            ),
            Mistake(
                "last operand",
                "You follow the last operand only.",
                marked(reads=slice(-1, None)),
            ),
            Mistake(
                "last wanted",
                "You follow the last of the wanted names only.",
                marked(ends=slice(-1, None)),
            ),
            Mistake(
                "second operand",
                "Of two operands you follow the second only, and of a single one none.",
                marked(reads=slice(1, None)),
            ),
            Mistake(
                "listed twice",
                "A name that is read twice is still in your list after one of them is taken out. "
                "A set holds it once.",
                marked_in_a_list,
            ),
            Mistake(
                "index of an equal line",
                "`lines.index(line)` finds the first line that is equal. A line may be there "
                "twice: count with `range` or `enumerate`.",
                lambda lines, wanted: [lines.index(lines[i]) for i in lines_needed(lines, wanted)],
            ),
            Mistake(
                "first wanted",
                "You follow the first of the wanted names only.",
                marked(ends=slice(0, 1)),
            ),
            Mistake(
                "forwards",
                "You walk from the first line to the last. What a line is needed for comes after "
                "it: walk backwards.",
                marked(backwards=False),
            ),
            Mistake(
                "backwards",
                "The lines are right and in opposite order: rising numbers are asked for.",
                lambda lines, wanted: lines_needed(lines, wanted)[::-1],
            ),
            Mistake(
                "the last of each name",
                "You look at the last line of each name only. An earlier value may have been read "
                "before it was overwritten.",
                last_of_each_name,
            ),
            Mistake(
                "only the last stays",
                "You drop every line whose target is assigned again. It is needed if someone reads "
                "it before.",
                not_overwritten,
            ),
            Mistake(
                "only the last stays, backwards",
                "You walk backwards and drop every line whose target is assigned again later. It "
                "is needed if someone reads it before.",
                last_ones_backwards,
            ),
            Mistake(
                "operands of the wanted",
                "You keep every line that assigns a wanted name, or a name that such a line reads. "
                "Those before are needed too, and overwritten ones are not.",
                wanted_and_their_operands,
            ),
            Mistake(
                "wanted alone",
                "You return the lines that assign the wanted names, and not what these read.",
                lambda lines, wanted: sorted(
                    {
                        max(i for i, line in enumerate(lines) if line[0] == name)
                        for name in wanted
                        if name in {line[0] for line in lines}
                    }
                ),
            ),
            Mistake(
                "one step",
                "You go back one step from the wanted names. What those lines read is needed too, "
                "and so on.",
                one_step_back,
            ),
            Mistake(
                "dropped",
                "Those are the lines that need not run. The task asks for the others.",
                the_others,
            ),
        ),
        hints=(
            "Walk backwards with the set of names whose present value will still be read. At the "
            "end it holds the wanted ones.",
            "A line is needed if its target is in the set at that moment. The line makes that "
            "value: above it, the name is not needed for it any more.",
            "So: take the target out, then put the operands in, in this order, or t = t + c loses "
            "the old t. Lines whose target is not in the set change nothing.",
        ),
        section=DEAD,
        proves="A line is dead if nobody reads its value before it is overwritten.",
    ),
    Exercise(
        id="12.4",
        kind="implement",
        title="The tangent as a program",
        signature="tangent(ops, out)",
        reference=tangent_by(),
        cases=tangent_cases,
        reads=read_tangent,
        writes=written,
        worked=worked.tangent,
        several=True,
        mistakes=(
            Mistake(
                "difference",
                "The tangent of a − b is da − db: the sign of the second operand is lost.",
                tangent_by(sub="da db add"),
            ),
            Mistake(
                "own factor",
                "In a·b each operand is multiplied by its own tangent, a·da + b·db. Each tangent "
                "belongs to the other factor: b·da + a·db.",
                tangent_by(mul="a da mul b db mul add"),
            ),
            Mistake(
                "first factor",
                "Of a product you keep b·da alone: b moves too.",
                tangent_by(mul="da b mul"),
            ),
            Mistake(
                "second factor",
                "Of a product you keep a·db alone: a moves too.",
                tangent_by(mul="a db mul"),
            ),
            Mistake(
                "product of tangents",
                "The tangent of a·b is not da·db.",
                tangent_by(mul="da db mul"),
            ),
            Mistake(
                "square",
                "In t·t both operands are the same node, and both move: 2t·dt.",
                tangent_by(square="da b mul"),
            ),
            Mistake(
                "constants move",
                "A constant has the tangent 0, whatever it is.",
                tangent_by(const=lambda w, c: w("const", 1.0)),
            ),
            Mistake(
                "constants as they are",
                "The tangent of a constant is not the constant: it is 0.",
                tangent_by(const=lambda w, c: w("const", c)),
            ),
            Mistake(
                "all ones",
                "Your inputs move by 1 each. How far each one moves is to be an input itself: "
                "`dx` for `x`.",
                tangent_by(input=lambda w, name: w("const", 1.0)),
            ),
            Mistake(
                "one speed for all",
                "All your inputs move at one speed. Each has its own: `dx` for `x`, `dy` for `y`.",
                tangent_of_one_speed,
            ),
            Mistake(
                "inputs themselves",
                "You take the input `x` for its own tangent. That is the new input `dx`.",
                tangent_by(input=lambda w, name: w("input", name)),
            ),
            Mistake(
                "quotient not divided",
                "In a/b the denominator is lost: (b·da − a·db)/b².",
                tangent_by(div="da b mul a db mul sub"),
            ),
            Mistake(
                "quotient divided once",
                "In a/b you divide by b once: (b·da − a·db)/b².",
                tangent_by(div="da b mul a db mul sub b div"),
            ),
            Mistake(
                "quotient over a²",
                "You divide by the square of the numerator: (b·da − a·db)/b².",
                tangent_by(div="da b mul a db mul sub a a mul div"),
            ),
            Mistake(
                "quotient turned",
                "In a/b the sign is wrong: b·da comes first, a·db is subtracted.",
                tangent_by(div="y db mul da sub b div"),
            ),
            Mistake(
                "quotient added",
                "In a/b the part with db is subtracted: (da − y·db)/b.",
                tangent_by(div="da y db mul add b div"),
            ),
            Mistake(
                "second part not divided",
                "In a/b the part with db is divided by b too: (da − y·db)/b.",
                tangent_by(div="da b div y db mul sub"),
            ),
            Mistake(
                "numerator alone",
                "Of a/b you keep da/b: the denominator moves too.",
                tangent_by(div="da b div"),
            ),
            Mistake(
                "quotient of tangents",
                "The tangent of a/b is not da/db.",
                tangent_by(div="da db div"),
            ),
            Mistake(
                "neg lost",
                "The tangent of −a is −da.",
                tangent_by(neg="da"),
            ),
            Mistake(
                "exp alone",
                "The tangent of exp(a) is exp(a)·da: the factor da is lost.",
                tangent_by(exp="y"),
            ),
            Mistake(
                "exp of the tangent",
                "The tangent of exp(a) is exp(a)·da, not exp(da).",
                tangent_by(exp="da exp"),
            ),
            Mistake(
                "exp by its operand",
                "The tangent of exp(a) is exp(a)·da: you multiply da by a.",
                tangent_by(exp="a da mul"),
            ),
            Mistake(
                "of the last node",
                "That is the tangent of the last node. The task asks for that of node `out`.",
                tangent_of_the_last,
            ),
            Mistake(
                "the value",
                "You return the number of node `out` itself, not of its tangent.",
                tangent_value,
            ),
            Mistake(
                "anew",
                "You write the tangent of a node anew for each of its uses: sixty doublings t + t "
                "make 2⁶⁰ nodes. Keep the number of each tangent in a list.",
                tangent_anew,
            ),
        ),
        hints=(
            "Walk once through `ops`, from the first node to the last, and keep a list d: d[k] is "
            "the number of the node that holds the tangent of node k.",
            "A tangent comes from those of the operands, which are in d already: da + db, "
            "da − db, −da, and for products and quotients the rules of chapter 01, as nodes.",
            "exp(a): node i times da. a·b: da·b and a·db, then their sum. a/b with y = a/b, node "
            "i: (da − y·db)/b. An input x: a new input dx. A constant: 0.0.",
        ),
        section=DERIVE,
        proves="Forward mode is a program too: one walk, a few nodes for each operation.",
    ),
    Exercise(
        id="12.5",
        kind="predict",
        title="Where a replay is right",
        signature="agreeing()",
        results=("first", "second", "low", "high"),
        reference=agreeing(),
        rtol=5e-5,  # asked for to four digits
        atol=5e-5,
        mistakes=AGREEING_MISTAKES,
        hints=(
            "Write down the operations that run when x is 3, one by one: what is the recorded "
            "program as a formula in x? And which comparisons were made, with which answers?",
            "The recorded program is 3x² + x. The comparisons were x² < 20 (yes), 3x² < 20 (no) "
            "and x > 1 (yes). Each other list of answers makes `f` another formula.",
            "low and high are where 3x² and x² reach 20. Then, path by path, set the formula of "
            "`f` equal to 3x² + x, and ask whether the solution lies on that path. Try the one "
            "with two triplings and y − x.",
        ),
        section=REPLAY,
        proves="A trace is right where each comparison has the answer it had, and elsewhere only "
        "by chance.",
    ),
    Exercise(
        id="12.6",
        kind="implement",
        title="Printed for a stack machine",
        signature="to_stack(ops, root)",
        reference=stack_by(),
        cases=stack_cases,
        reads=read_stack,
        writes=written,
        several=True,
        mistakes=(
            Mistake(
                "order",
                "Your operands are in opposite order: the left one goes onto the stack first.",
                stack_by(order=-1),
            ),
            Mistake(
                "computed again",
                "A node that is used twice is computed twice. Keep it the first time, fetch it "
                "later.",
                stack_by(again=True),
            ),
            Mistake(
                "digits",
                "Your constants are rounded, to {} digits. `repr` writes as many as the float has.",
                stack_of_digits,
                family=tuple(range(1, 17)),
            ),
            Mistake(
                "decimals",
                "Your constants have {} decimals. `repr` writes as many digits as the float has.",
                stack_of_decimals,
                family=tuple(range(1, 17)),
            ),
            Mistake(
                "dead uses",
                "You count the uses by all nodes. Those that nobody needs do not run, so what they "
                "alone would use again is not kept.",
                stack_by(all_uses=True),
            ),
            Mistake(
                "each kept",
                "You keep each result. Only what is used again is kept.",
                stack_by(one_more=-1),
            ),
            Mistake(
                "whole numbers",
                "You write constants as whole numbers.",
                stack_by(number=lambda c: str(int(c)) if math.isfinite(c) else repr(c)),
            ),
            Mistake(
                "whole where whole",
                "−0.0 loses its sign where you write whole floats as whole numbers.",
                stack_by(number=lambda c: repr(int(c) if c.is_integer() else c)),
            ),
            Mistake(
                "t + t",
                "You count who uses a node, and t + t uses t twice: the second time it is fetched.",
                stack_by(once=True),
            ),
            Mistake(
                "kept and fetched",
                "`keep` leaves the number on the stack. You fetch it at once, as if it were gone.",
                stack_kept_and_fetched,
            ),
            Mistake(
                "without sign",
                "Your constants lose their sign. −0.0 has one too.",
                stack_by(number=lambda c: repr(abs(c))),
            ),
            Mistake(
                "one slot",
                "You keep every shared node in the same slot: the second overwrites the first.",
                stack_by(keep=lambda i: 0),
            ),
            Mistake(
                "everything kept",
                "You run all nodes in their order and keep each. `keep` leaves the number on the "
                "stack, so they pile up there; what nobody needs runs as well.",
                all_in_order,
            ),
            Mistake(
                "as they come",
                "You write the nodes as they come. An operation takes the two topmost numbers: "
                "they must be its operands at that moment.",
                in_order_as_if_used_once,
            ),
            Mistake(
                "leaves kept",
                "An input or a constant that is used twice need not be kept: loading it again is "
                "one line as well.",
                stack_by(leaves=True),
            ),
            Mistake(
                "from three on",
                "Only nodes with three or more uses are kept. Two are enough.",
                stack_by(one_more=1),
            ),
            Mistake(
                "from the root",
                "Your lines are in opposite order: the operands come before the operation.",
                from_the_root_down,
            ),
        ),
        hints=(
            "To put a node onto the stack: put its left operand there, then its right one, then "
            "the operation. Of a leaf it is one line.",
            "A node that is used again: after its operation `keep`, and from the second use on "
            "`fetch`. Count the uses by the needed nodes beforehand, from the root back.",
            "Without recursion: a list of what is still to be put, nodes and finished lines mixed. "
            "Take the last; for an operation append its `keep`, its name, its right operand, its "
            "left operand, in this order.",
        ),
        section=PRINT,
        proves="The same graph prints for any machine: order, sharing and exact constants stay.",
    ),
    Exercise(
        id="12.7",
        kind="find the bug",
        title="Rewrites that keep every bit",
        signature="simplify(ops, root)",
        reference=simplified_by(),
        cases=simplify_cases,
        reads=read_simplified,
        writes=written,
        several=True,
        mistakes=(
            Mistake(
                "as printed",
                "That is the program as printed, with all of its faults. Try each rewrite with "
                "x = −0.0, ∞ and nan, and with other constants.",
                as_printed,
            ),
            Mistake(
                "nothing",
                "You rewrite nothing any more.",
                not_simplified,
            ),
            Mistake(
                "plus zero",
                "x + 0.0 is not x for x = −0.0: the sum is 0.0. It is x + (−0.0) that keeps x.",
                simplified_by(add=lambda c: c == 0),
            ),
            Mistake(
                "plus zero alone",
                "You keep the wrong zero: −0.0 + 0.0 is 0.0, so x + 0.0 is not x for x = −0.0. "
                "x + (−0.0) always is.",
                simplified_by(add=is_plus_zero),
            ),
            Mistake(
                "never plus",
                "x + (−0.0) is x for every x: that rewrite is right and missing.",
                simplified_by(add=lambda c: False),
            ),
            Mistake(
                "minus zero",
                "x − (−0.0) is x + 0.0, and for x = −0.0 that is 0.0. `c == 0` does not tell the "
                "zeros apart: `repr(c)` does.",
                simplified_by(sub=lambda c: c == 0),
            ),
            Mistake(
                "never minus",
                "x − 0.0 is x for every x: that rewrite is right and missing.",
                simplified_by(sub=lambda c: False),
            ),
            Mistake(
                "times zero",
                "x·0 is not 0.0 for x = ∞ or nan, and −0.0 for a negative x.",
                simplified_by(mul_0=lambda c: True),
            ),
            Mistake(
                "never times",
                "x·1 is x for every x: that rewrite is right and missing.",
                simplified_by(mul=lambda c: False),
            ),
            Mistake(
                "minus itself",
                "x − x is not 0.0 for x = ∞ or nan: it is nan.",
                simplified_by(own_sub=lambda c: True),
            ),
            Mistake(
                "over itself",
                "x/x is not 1.0 for x = 0, ∞ or nan: it is nan.",
                simplified_by(own_div=lambda c: True),
            ),
            Mistake(
                "inverse",
                "x/3 is not x·(1/3) to the last bit: 1/3 is rounded already. It is exact where "
                "1/c is, for powers of two.",
                simplified_by(div=lambda c: True),
            ),
            Mistake(
                "whole numbers",
                "You take whole numbers for powers of two, or even ones: 1/6 and 1/10 are rounded, "
                "and 1/0.25 is exact.",
                simplified_by(div=lambda c: c == int(c) if math.isfinite(c) else False),
            ),
            Mistake(
                "even numbers",
                "You take even numbers for powers of two: 1/6 and 1/10 are rounded, and 1/0.5 is "
                "exact.",
                simplified_by(div=lambda c: c % 2 == 0),
            ),
            Mistake(
                "above one",
                "1/c is also exact for ½, ¼, … and their negatives: x/0.5 is x·2.",
                simplified_by(div=lambda c: c >= 1 and has_exact_inverse(c)),
            ),
            Mistake(
                "positive",
                "1/c is also exact for negative powers of two: x/(−8) is x·(−0.125).",
                simplified_by(div=lambda c: c > 0 and has_exact_inverse(c)),
            ),
            Mistake(
                "overflow",
                "1/c overflows for the smallest powers of two: x·∞ is not x/c.",
                simplified_by(div=lambda c: abs(math.frexp(c)[0]) == 0.5),
            ),
            Mistake(
                "multiplied back",
                "Neither c·(1/c) == 1 nor 1/(1/c) == c says that 1/c is exact: both hold for 3. It "
                "is exact for powers of two alone.",
                simplified_by(div=lambda c: c * (1 / c) == 1),
            ),
            Mistake(
                "nearly one",
                "x·c is x for c = 1 exactly, not for a c close to it.",
                simplified_by(mul=lambda c: abs(c - 1) < 1e-9),
            ),
            Mistake(
                "minus one",
                "x·(−1) is −x, not x.",
                simplified_by(mul=lambda c: abs(c) == 1),
            ),
            Mistake(
                "never divided",
                "x/4 is x·0.25 to the last bit: that rewrite is right for powers of two, and "
                "missing.",
                simplified_by(div=lambda c: False),
            ),
            Mistake(
                "signs",
                "−(−x) is x for every x: that rewrite is right and missing.",
                simplified_by(neg=lambda c: False),
            ),
        ),
        hints=(
            "Take the rewrites one by one, as equations in x, and try x = 1.5, 0.0, −0.0, ∞, nan. "
            "Print both sides, and remember that 0.0 == −0.0.",
            "Three fail for ∞ and nan whatever you do, and go. x + 0.0 and x − 0.0 differ at "
            "x = −0.0 only: which zero must c be in each?",
            "x/c is x·(1/c) if 1/c is exact and finite: c is ± a power of two. "
            "`math.frexp(c)[0]` is ±0.5 then. `repr(c)` tells 0.0 from -0.0.",
        ),
        section=IN_C,
        proves="A rewrite that is right in algebra is right in floats only if every x says so.",
    ),
    Exercise(
        id="12.8",
        kind="read a curve",
        title="When a size is worth compiling",
        signature="read_off()",
        results=("compiling", "step", "ahead", "pays", "best"),
        reference=compiled_and_not(),
        rtol=0.04,  # read off a picture
        atol=0.0,
        mistakes=COMPILING_MISTAKES,
        hints=(
            "How high are the two steps upwards of B, and where is its third compilation? What is "
            "left of its seconds when all three are taken away?",
            "A compiled step takes (92 − 60)/400 seconds, an interpreted one 200/400. What does "
            "one step save, and how many of them make up for a compilation?",
            "A compilation takes 20 s and a step saves 0.42 s. Three compilations are paid for by "
            "all steps, a single one by the steps of its size. How many steps have the sizes: 8, "
            "98, and the rest?",
        ),
        section=COMPILERS,
        proves="A compilation is paid for by the steps that it serves, size by size.",
    ),
    Exercise(
        id="12.9",
        kind="extend",
        title="The Hessian times a direction",
        signature="hvp(ops, out)",
        reference=times_hessian,
        cases=hvp_cases,
        reads=read_hvp,
        writes=written,
        several=True,
        mistakes=(
            Mistake(
                "gradient",
                "Those are the first derivatives. Multiply them by the direction, add up, and "
                "differentiate that sum once more.",
                hvp_gradient,
            ),
            Mistake(
                "slope",
                "You give ∇f·v, the derivative of f in the direction, for every input. It is what "
                "is to be differentiated.",
                hvp_slope,
            ),
            Mistake(
                "products",
                "You give each partial derivative times its own part of v. Add them up and "
                "differentiate the sum.",
                hvp_products,
            ),
            Mistake(
                "squared",
                "You multiply first derivatives with each other. A second derivative is the "
                "derivative of a derivative.",
                hvp_squared,
            ),
            Mistake(
                "ones",
                "The direction is left out: that is the sum of each row of H.",
                hvp_row_sums,
            ),
            Mistake(
                "direction at the end",
                "You multiply the sum of each row of H by that input's part of v. The parts of v "
                "belong to the columns: multiply the gradient by v before you add up.",
                hvp_times_v_at_the_end,
            ),
            Mistake(
                "last product",
                "You differentiate the last product g·v only, not the sum of all.",
                hvp_of_the_last,
            ),
            Mistake(
                "inputs for v",
                "You multiply by the inputs x themselves: the direction is a new input `dx`.",
                hvp_along_x,
            ),
            Mistake(
                "diagonal",
                "You use the diagonal of H alone: the mixed derivatives are missing.",
                hvp_diagonal,
            ),
            Mistake(
                "row by row",
                "You write the whole matrix, a gradient for each of its rows: for thirty inputs "
                "the program is too long. Multiply by v before the second differentiation.",
                hvp_by_rows,
            ),
            Mistake(
                "quadratic",
                "You give v·Hv, one number. The task asks for the parts of Hv.",
                hvp_quadratic,
            ),
            Mistake(
                "reversed",
                "Your parts of Hv are in opposite order.",
                lambda ops, out: (times_hessian(ops, out)[0], times_hessian(ops, out)[1][::-1]),
            ),
            Mistake(
                "by name",
                "You order the results by the names of the inputs. The task asks for the order in "
                "which they stand in `ops`.",
                hvp_by_name,
            ),
            Mistake(
                "all inputs",
                "You return a number for the new inputs too. The task asks for one for each input "
                "of `ops`.",
                hvp_all,
            ),
        ),
        hints=(
            "H v is the gradient of the number g·v, if v is held fixed: one differentiation of one "
            "number, whatever the count of inputs.",
            "So call `gradient` once, write the new inputs and the sum of products behind its "
            "program, and call `gradient` again for that sum.",
            "The second call sees the new inputs as inputs too, behind the old ones: return the "
            "first n of its numbers.",
        ),
        section=DERIVE,
        proves="A gradient is a program, so it can be multiplied, added up and differentiated.",
    ),
    Exercise(
        id="12.10",
        kind="find the bug",
        title="Buffers that serve again",
        signature="slots(ops, root)",
        reference=slots_by(),
        cases=slot_cases,
        reads=read_slots,
        writes=written,
        worked=worked.slots,
        several=True,
        mistakes=(
            Mistake(
                "as printed",
                "That is the program as printed, with all of its three faults.",
                slots_by(twice=True, root_stays=False, unread=False),
            ),
            Mistake(
                "freed twice",
                "In t + t the slot of t is given free twice, and two nodes get it.",
                slots_by(twice=True),
            ),
            Mistake(
                "root",
                "The root's slot is given free after its last reader, and then written over: it "
                "must hold until the end.",
                slots_by(root_stays=False),
            ),
            Mistake(
                "root like the others",
                "The root's slot is given free like the others, after its last reader, or at once "
                "if it has none, and then written over. It must hold until the end, and need not "
                "be the last node.",
                slots_by(root_stays=False, at_once=True),
            ),
            Mistake(
                "root at once",
                "The root has no reader in the program, and its slot is given free at once. It is "
                "read after the end.",
                slots_by(at_once=True),
            ),
            Mistake(
                "root and twice",
                "The slot of t is given free twice by t + t, so that two nodes get it; and the "
                "root's slot is given free although it must hold until the end.",
                slots_by(twice=True, root_stays=False),
            ),
            Mistake(
                "in place for one operand",
                "Only `neg` and `exp` write over their operand. A sum or a product may too.",
                slots_by(late="two"),
            ),
            Mistake(
                "unread",
                "A node that nobody reads holds its slot for ever. It needs one only for the "
                "moment in which it is written.",
                slots_by(unread=False),
            ),
            Mistake(
                "never",
                "No slot serves twice.",
                slots_by(reuse=False),
            ),
            Mistake(
                "late",
                "You free the operands after the new node has its slot. It may be written over an "
                "operand that is read for the last time.",
                slots_by(late=True),
            ),
            Mistake(
                "leaves stay",
                "The slots of inputs and constants are never given free.",
                slots_by(leaves=False),
            ),
            Mistake(
                "first reader",
                "You free a slot after the first reader of its node. The last one counts.",
                slots_by(first=True),
            ),
            Mistake(
                "live readers",
                "You count the readers that the root needs. All nodes are replayed, the others "
                "too: what they read must be there.",
                slots_by(live=True),
            ),
            Mistake(
                "a slot for the root",
                "You keep a slot for the root alone, from the start. It may be written where "
                "another node was.",
                slots_by(apart=True),
            ),
            Mistake(
                "operand",
                "You write every result over its first operand, even if someone reads it later.",
                slot_of_the_operand,
            ),
            Mistake(
                "one for all",
                "One slot for all: each node overwrites the one before it.",
                lambda ops, root: [0] * len(ops),
            ),
            Mistake(
                "layers",
                "Nodes of the same depth share a slot, although they are needed at the same time.",
                slots_by_depth,
            ),
        ),
        hints=(
            "Try three programs of four or five nodes: one with t + t, one whose root is read by a "
            "later node, one with a node that nobody reads. Draw the slots after each step.",
            "Each operand is given free once, and the root never. `dict.fromkeys(rest)` holds each "
            "operand once.",
            "A node that is not in `last`, and is not the root, is given free right after it has "
            "got its slot.",
        ),
        section=COLUMNS,
        proves="A buffer is free after its last reader: replay needs as many as are alive at once.",
    ),
]
