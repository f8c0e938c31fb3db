"""Right programs of chapter 12, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong answers come from.
"""

LEAVES = "input", "const"


def merge(program):
    ops, where, known = [], [], {}
    for i in range(len(program)):  # a loop over a list that a change makes grow would never end
        op = program[i][0]
        rest = program[i][1:]
        if op not in LEAVES:
            rest = [where[k] for k in rest]
        key = [op, *map(repr, rest)]
        if op in ("add", "mul"):
            key = sorted(key)
        if str(key) not in known:
            known[str(key)] = len(ops)
            ops.append((op, *rest))
        where.append(known[str(key)])
    return ops, where


def needed(lines, wanted):
    read = set(wanted)
    found = []
    for i in range(len(lines) - 1, -1, -1):
        target, op, *names = lines[i]
        if target in read:
            read.discard(target)
            read.update(names)
            found.append(i)
    return found[::-1]


def tangent(ops, out):
    new = list(ops)
    d = []
    for i in range(len(ops)):
        op = ops[i][0]
        a = ops[i][1]
        b = ops[i][-1]
        if op == "input":
            new.append(("input", "d" + a))
        elif op == "const":
            new.append(("const", 0.0))
        elif op == "add":
            new.append(("add", d[a], d[b]))
        elif op == "sub":
            new.append(("sub", d[a], d[b]))
        elif op == "neg":
            new.append(("neg", d[a]))
        elif op == "exp":
            new.append(("mul", i, d[a]))
        elif op == "mul":
            new.append(("mul", d[a], b))
            new.append(("mul", a, d[b]))
            new.append(("add", len(new) - 2, len(new) - 1))
        else:
            new.append(("mul", i, d[b]))
            new.append(("sub", d[a], len(new) - 1))
            new.append(("div", len(new) - 1, b))
        d.append(len(new) - 1)
    return new, d[out]


def slots(ops, root):
    last = [-1] * len(ops)
    for i in range(len(ops)):
        if ops[i][0] not in LEAVES:
            for k in ops[i][1:]:
                last[k] = i
    last[root] = len(ops)
    slot = []
    free = []
    used = 0
    for i in range(len(ops)):
        if ops[i][0] not in LEAVES:
            for k in set(ops[i][1:]):
                if last[k] == i:
                    free.append(slot[k])
        if not free:
            free.append(used)
            used = used + 1
        slot.append(free.pop())
        if last[i] == -1:
            free.append(slot[i])
    return slot
