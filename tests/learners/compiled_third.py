"""Wrong answers to chapter 12, written from its text alone: 61 of 66 told at first sight."""

import math
import struct
from collections import Counter

from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put

UNTOLD = {
    ("12.7", "c taken as exact if 1/(1/c) is c"),
    ("12.9", "directions in the reverse order"),
    ("12.9", "no input at all: an index error"),
    ("12.10", "inputs and constants given slots of their own, never used again"),
}


LEAF = ("input", "const")

# 12.1: (15, 7)
ANSWERS["12.1"] = {
    "leaves left out of both": (7, 4),
    "order of the two": (7, 15),
    "inputs left out of the shared graph": (15, 4),
    "last ab taken as shared already in the text": (12, 7),
    "the two equal factors counted as one in the text": (10, 7),
    "ab drawn twice": (15, 8),
}


# 12.2
def bits(v):
    return struct.pack("d", v) if v == v else "nan"


def merged(*, const=bits, both=("add", "mul"), new=True, where_old=False):
    def merge(program):
        seen, ops, where = {}, [], []
        for i, (op, *rest) in enumerate(program):
            if op == "const":
                node, key = (op, rest[0]), (op, const(rest[0]))
            elif op == "input":
                node = key = (op, rest[0])
            else:
                rest = [where[k] for k in rest] if new else rest
                node = (op, *rest)
                key = (op, *sorted(rest)) if op in both else node
            if key not in seen:
                seen[key] = i if where_old else len(ops)
                ops.append(node)
            where.append(seen[key])
        return ops, where

    return merge


ANSWERS["12.2"] = {
    "0.0 and -0.0 taken for one": merged(const=lambda v: v if v == v else "nan"),
    "nan never equal to nan": merged(
        const=lambda v: (v, math.copysign(1, v)) if v == v else object()
    ),
    "order of operands not looked at: mul(0, 1) and mul(1, 0) stay two": merged(both=()),
    "sub and div sorted as well": merged(both=("add", "mul", "sub", "div")),
    "operands keep their old numbers": merged(new=False),
    "where holds old numbers": merged(where_old=True),
    "only mul sorted, add forgotten": merged(both=("mul",)),
    "constants compared when rounded to six digits": merged(const=lambda v: f"{v:.6g}"),
}


# 12.3
@put("12.3", "overwritten values kept: a name once needed is never taken off")
def _(lines, wanted):
    read, kept = set(wanted), []
    for i in range(len(lines) - 1, -1, -1):
        if lines[i][0] in read:
            kept.append(i)
            read.update(lines[i][2:])
    return kept[::-1]


@put("12.3", "target taken off after its operands were put in: t = t + c loses t")
def _(lines, wanted):
    read, kept = set(wanted), []
    for i, (target, _op, *operands) in reversed(list(enumerate(lines))):
        if target in read:
            kept.append(i)
            read |= set(operands)
            read.discard(target)
    return sorted(kept)


@put("12.3", "falling list")
def _(lines, wanted):
    read, kept = set(wanted), []
    for i, (target, _op, *operands) in reversed(list(enumerate(lines))):
        if target in read:
            kept.append(i)
            read.discard(target)
            read |= set(operands)
    return kept


@put("12.3", "only the last assignment of each name is looked at")
def _(lines, wanted):
    last = {line[0]: i for i, line in enumerate(lines)}
    todo, kept = list(wanted), set()
    while todo:
        name = todo.pop()
        i = last.get(name)
        if i is not None and i not in kept:
            kept.add(i)
            todo += lines[i][2:]
    return sorted(kept)


@put("12.3", "a list in place of a set: a name wanted twice is taken off once")
def _(lines, wanted):
    read, kept = list(wanted), []
    for i in reversed(range(len(lines))):
        target, op, *operands = lines[i]
        if target in read:
            kept.insert(0, i)
            read.remove(target)
            read.extend(operands)
    return kept


@put("12.3", "works on `wanted` itself and changes it")
def _(lines, wanted):
    kept = []
    for i in reversed(range(len(lines))):
        target, op, *operands = lines[i]
        if target in wanted:
            kept.insert(0, i)
            while target in wanted:
                wanted.remove(target)
            wanted.extend(operands)
    return kept


@put("12.3", "line numbers from 1")
def _(lines, wanted):
    read, kept = set(wanted), []
    for i, (target, _op, *operands) in reversed(list(enumerate(lines, 1))):
        if target in read:
            kept.insert(0, i)
            read = read - {target} | set(operands)
    return kept


# 12.4
def tangents(rules, const=0.0, prefix="d"):
    def tangent(ops, out):
        new = list(ops)

        def w(*node):
            new.append(node)
            return len(new) - 1

        speed = []
        for i, (op, *rest) in enumerate(ops):
            if op == "input":
                speed.append(w("input", prefix + rest[0]))
            elif op == "const":
                speed.append(w("const", const))
            else:
                a, b = rest[0], rest[-1]
                speed.append({**RULES, **rules}[op](w, i, a, b, speed[a], speed[b]))
        return new, speed[out]

    return tangent


RULES = {
    "add": lambda w, y, a, b, da, db: w("add", da, db),
    "sub": lambda w, y, a, b, da, db: w("sub", da, db),
    "mul": lambda w, y, a, b, da, db: w("add", w("mul", da, b), w("mul", a, db)),
    "div": lambda w, y, a, b, da, db: w("div", w("sub", da, w("mul", y, db)), b),
    "neg": lambda w, y, a, b, da, db: w("neg", da),
    "exp": lambda w, y, a, b, da, db: w("mul", y, da),
}
ANSWERS["12.4"] = {
    "quotient rule without the square below": tangents(
        {"div": lambda w, y, a, b, da, db: w("div", w("sub", w("mul", da, b), w("mul", a, db)), b)}
    ),
    "exp without its inner speed": tangents({"exp": lambda w, y, a, b, da, db: y}),
    "exp passes the speed on, without times e^x": tangents({"exp": lambda w, y, a, b, da, db: da}),
    "speed of a product is the product of the speeds": tangents(
        {"mul": lambda w, y, a, b, da, db: w("mul", da, db)}
    ),
    "a constant moves at 1": tangents({}, const=1.0),
    "neg passes the speed on without its sign": tangents({"neg": lambda w, y, a, b, da, db: da}),
    "difference: speeds added": tangents({"sub": lambda w, y, a, b, da, db: w("add", da, db)}),
    "quotient: a db - da b, order of the numerator": tangents(
        {"div": lambda w, y, a, b, da, db: w("div", w("sub", w("mul", y, db), da), b)}
    ),
    "inputs of the direction named x_dot": tangents({}, prefix="dot_"),
}


# 12.6
def stack(*, keep=True, leaves=False, swap=False, number=repr, pops=False, count_all=False,
          unary_twice=False):  # fmt: skip
    def to_stack(ops, root):
        need, todo = set(), [root]
        while todo:
            k = todo.pop()
            if k not in need:
                need.add(k)
                if ops[k][0] not in LEAF:
                    todo += ops[k][1:]
        uses = Counter(
            k
            for i, n in enumerate(ops)
            if n[0] not in LEAF and (count_all or i in need)
            for k in n[1:]
        )
        uses[root] += 1
        done, lines, todo = set(), [], [("see", root)]
        while todo:
            what, k = todo.pop()
            op, *rest = ops[k]
            if what == "see":
                if op in LEAF and not (leaves and k in done):
                    lines.append(f"load {rest[0]}" if op == "input" else f"push {number(rest[0])}")
                    if leaves and uses[k] > 1:
                        lines.append(f"keep {k}")
                        done.add(k)
                elif k in done and keep:
                    lines.append(f"fetch {k}")
                else:
                    todo.append(("do", k))
                    if unary_twice and len(rest) == 1:
                        rest = rest * 2
                    for r in rest if swap else reversed(rest):
                        todo.append(("see", r))
            else:
                lines.append(op)
                done.add(k)
                if keep and uses[k] > 1:
                    lines.append(f"keep {k}")
                    if pops:
                        lines.append(f"fetch {k}")
        return lines

    return to_stack


ANSWERS["12.6"] = {
    "shared nodes computed again each time": stack(keep=False),
    "leaves kept and fetched too": stack(leaves=True),
    "right operand first": stack(swap=True),
    "constants with six digits": stack(number=lambda v: f"{v:g}"),
    "keep taken to pop: a fetch after each keep": stack(pops=True),
    "uses by unneeded nodes counted: keeps too many": stack(count_all=True),
    "a single operand put on the stack twice": stack(unary_twice=True),
}


@put("12.6", "calls itself once for each node: chains are too deep")
def _(ops, root):
    uses, need = Counter({root: 1}), set()

    def walk(k):
        if k in need:
            return
        need.add(k)
        if ops[k][0] not in LEAF:
            for r in ops[k][1:]:
                uses[r] += 1
                walk(r)

    walk(root)
    done, lines = set(), []

    def emit(k):
        op, *rest = ops[k]
        if op == "input":
            lines.append(f"load {rest[0]}")
        elif op == "const":
            lines.append(f"push {rest[0]!r}")
        elif k in done:
            lines.append(f"fetch {k}")
        else:
            for r in rest:
                emit(r)
            lines.append(op)
            done.add(k)
            if uses[k] > 1:
                lines.append(f"keep {k}")

    emit(root)
    return lines


@put("12.6", "every node in the order of the list, unneeded ones too, all in slots")
def _(ops, root):
    lines = []
    for k, (op, *rest) in enumerate(ops):
        if op == "input":
            lines.append(f"load {rest[0]}")
        elif op == "const":
            lines.append(f"push {rest[0]!r}")
        else:
            lines += [f"fetch {r}" for r in rest] + [op]
        lines.append(f"keep {k}")
    return lines + [f"fetch {root}"]


# 12.7
def exact(c):
    return c != 0 and math.isfinite(c) and abs(math.frexp(c)[0]) == 0.5 and abs(c) > 2.0**-1024


def simplified(*, neg=True, add=lambda c: c == 0 and math.copysign(1, c) < 0,
               sub=lambda c: c == 0 and math.copysign(1, c) > 0, one=lambda c: c == 1, div=exact,
               self_sub=False, self_div=False, zero=False):  # fmt: skip
    def simplify(ops, root):
        new, where = [], []
        for op, *rest in ops:
            node = (op, *rest)
            if op not in LEAF:
                i, k = where[rest[0]], where[rest[-1]]
                c = new[k][1] if new[k][0] == "const" else None
                node = (op, *[where[j] for j in rest])
                if op == "neg":
                    if neg and new[i][0] == "neg":
                        node = new[i][1]
                elif op == "sub" and i == k and self_sub:
                    node = ("const", 0.0)
                elif op == "div" and i == k and self_div:
                    node = ("const", 1.0)
                elif c is None:
                    pass
                elif (
                    (op == "add" and add(c)) or (op == "sub" and sub(c)) or (op == "mul" and one(c))
                ):
                    node = i
                elif op == "mul" and zero and c == 0:
                    node = ("const", 0.0)
                elif op == "div" and div(c):
                    new.append(("const", 1 / c))
                    node = ("mul", i, len(new) - 1)
            if isinstance(node, int):
                where.append(node)
            else:
                new.append(node)
                where.append(len(new) - 1)
        return new, where[root]

    return simplify


ANSWERS["12.7"] = {
    "x + 0.0 still taken for x": simplified(add=lambda c: c == 0),
    "x + 0.0 kept away, and x + -0.0 with it": simplified(add=lambda c: False),
    "signs exchanged: x + 0.0 is x, x - -0.0 is x": simplified(
        add=lambda c: c == 0 and math.copysign(1, c) > 0,
        sub=lambda c: c == 0 and math.copysign(1, c) < 0,
    ),
    "x / x still 1": simplified(self_div=True),
    "x - x still 0": simplified(self_sub=True),
    "x * 0 still 0": simplified(zero=True),
    "c taken as exact if 1/(1/c) is c": simplified(div=lambda c: c != 0 and 1 / (1 / c) == c),
    "only powers of two above 1": simplified(div=lambda c: c in [2.0**k for k in range(1, 1023)]),
    "nothing rewritten: too many nodes": lambda ops, root: (list(ops), root),
    "division never rewritten": simplified(div=lambda c: False),
    "-(-x) left as it is": simplified(neg=False),
    "sign of -0.0 not asked in x - 0": simplified(sub=lambda c: c == 0),
}


# 12.9
def gradient(ops, out):
    new = list(ops)

    def write(*node):
        new.append(node)
        return len(new) - 1

    arrived = {out: write("const", 1.0)}

    def send(k, g):
        arrived[k] = write("add", arrived[k], g) if k in arrived else g

    for i in reversed(range(len(ops))):
        op, *rest = ops[i]
        if i not in arrived or op in LEAF:
            continue
        g, a, b = arrived[i], rest[0], rest[-1]
        if op == "add":
            send(a, g)
            send(b, g)
        elif op == "sub":
            send(a, g)
            send(b, write("neg", g))
        elif op == "mul":
            send(a, write("mul", g, b))
            send(b, write("mul", g, a))
        elif op == "div":
            share = write("div", g, b)
            send(a, share)
            send(b, write("neg", write("mul", share, i)))
        elif op == "neg":
            send(a, write("neg", g))
        elif op == "exp":
            send(a, write("mul", g, i))
    zero = write("const", 0.0)
    return new, [arrived.get(i, zero) for i, node in enumerate(ops) if node[0] == "input"]


def names(ops):
    return [n[1] for n in ops if n[0] == "input"]


@put("12.9", "gradient of the sum hands back the directions' inputs too: 2 n numbers")
def _(ops, out):
    new, g = gradient(ops, out)
    total = len(new)
    new.append(("const", 0.0))
    for name, k in zip(names(ops), g, strict=True):
        new += [("input", "d" + name), ("mul", k, len(new)), ("add", total, len(new) + 1)]
        total = len(new) - 1
    return gradient(new, total)


@put("12.9", "diagonal of H alone: no mixed derivatives")
def _(ops, out):
    new, g = gradient(ops, out)
    result = []
    for j, (name, k) in enumerate(zip(names(ops), g, strict=True)):
        program, second = gradient(new, k)
        new = program
        new += [("input", "d" + name), ("mul", second[j], len(new))]
        result.append(len(new) - 1)
        g = g
    return new, result


@put("12.9", "direction forgotten: sums of the rows of H")
def _(ops, out):
    new, g = gradient(ops, out)
    n = len(g)
    total = len(new)
    new.append(("const", 0.0))
    for k in g:
        new.append(("add", total, k))
        total = len(new) - 1
    new, h = gradient(new, total)
    return new, h[:n]


@put("12.9", "directions in the reverse order")
def _(ops, out):
    new, g = gradient(ops, out)
    n = len(g)
    total = len(new)
    new.append(("const", 0.0))
    for name, k in zip(reversed(names(ops)), g, strict=True):
        new += [("input", "d" + name), ("mul", k, len(new)), ("add", total, len(new) + 1)]
        total = len(new) - 1
    new, h = gradient(new, total)
    return new, h[:n]


@put("12.9", "gradient times direction: one derivative too few")
def _(ops, out):
    new, g = gradient(ops, out)
    result = []
    for name, k in zip(names(ops), g, strict=True):
        new += [("input", "d" + name), ("mul", k, len(new))]
        result.append(len(new) - 1)
    return new, result


@put("12.9", "no input at all: an index error")
def _(ops, out):
    new, g = gradient(ops, out)
    n = len(g)
    products = []
    for name, k in zip(names(ops), g, strict=True):
        new += [("input", "d" + name), ("mul", k, len(new))]
        products.append(len(new) - 1)
    total = products[0]
    for p in products[1:]:
        new.append(("add", total, p))
        total = len(new) - 1
    new, h = gradient(new, total)
    return new, h[:n]


@put("12.9", "only the last of the products is differentiated: sum overwritten")
def _(ops, out):
    new, g = gradient(ops, out)
    n = len(g)
    total = len(new)
    new.append(("const", 0.0))
    for name, k in zip(names(ops), g, strict=True):
        new += [("input", "d" + name), ("mul", k, len(new))]
        total = len(new) - 1
    new, h = gradient(new, total)
    return new, h[:n]


# 12.10
def slotted(*, keep_root=True, twice=False, unused=True, inplace=True, unused_root=True):
    def slots(ops, root):
        last = {}
        for i, (op, *rest) in enumerate(ops):
            if op not in LEAF:
                for k in rest:
                    last[k] = i
        if keep_root:
            last[root] = len(ops)
        slot, free, used = [], [], 0
        for i, (op, *rest) in enumerate(ops):
            done = []
            if op not in LEAF:
                for k in rest if twice else set(rest):
                    if last[k] == i:
                        done.append(slot[k])
            if inplace:
                free += done
            if not free:
                free.append(used)
                used += 1
            slot.append(free.pop())
            if not inplace:
                free += done
            if unused and i not in last and (i != root or not unused_root):
                free.append(slot[i])
        return slot

    return slots


ANSWERS["12.10"] = {
    "root not kept to the end": slotted(keep_root=False),
    "slot of x + x freed twice": slotted(twice=True),
    "nodes that nobody reads hold their slot for ever": slotted(unused=False),
    "not written into the slot of an operand: one too many": slotted(inplace=False),
    "a slot for each node": lambda ops, root: list(range(len(ops))),
    "all in slot 0": lambda ops, root: [0] * len(ops),
    "two at once: root and x + x": slotted(keep_root=False, twice=True),
}


@put("12.10", "inputs and constants given slots of their own, never used again")
def _(ops, root):
    last = {k: i for i, (op, *rest) in enumerate(ops) if op not in LEAF for k in rest}
    last[root] = len(ops)
    slot, free, used = [], [], 0
    for i, (op, *rest) in enumerate(ops):
        if op not in LEAF:
            free += [slot[k] for k in set(rest) if last[k] == i and ops[k][0] not in LEAF]
        if op in LEAF or not free:
            slot.append(used)
            used += 1
        else:
            slot.append(free.pop())
        if i not in last and op not in LEAF:
            free.append(slot[i])
    return slot
