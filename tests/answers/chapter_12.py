"""Chapter 12: right answers in other forms, changes that keep a solution right."""

import heapq
import math
import struct

import numpy as np

from answers.forms import Pair, exact
from answers.reasons import READ_OFF

LEAVES = "input", "const"


def same_node(a, b):
    """Whether two nodes are equal, looked at part by part."""
    if a[0] != b[0]:
        return False
    if a[0] == "const":
        return (a[1] != a[1] and b[1] != b[1]) or struct.pack("d", a[1]) == struct.pack("d", b[1])
    return a[1:] == b[1:] or (a[0] in ("add", "mul") and a[1:] == b[:0:-1])


def merge_by_search(program):
    ops, where = [], []
    for node in program:
        node = node if node[0] in LEAVES else (node[0], *(where[k] for k in node[1:]))
        k = next((k for k, other in enumerate(ops) if same_node(other, node)), len(ops))
        if k == len(ops):
            ops.append(node)
        where.append(k)
    return tuple(map(list, ops)), np.array(where, dtype=int)


def merge_sorted(program):
    """The operands of sums and products in falling order, and keys of text."""
    ops, where, known = [], [], {}
    for op, *rest in program:
        if op == "const":
            key = "c" + float(rest[0]).hex()
        elif op == "input":
            key = "i" + rest[0]
        else:
            rest = [where[k] for k in rest]
            if op in ("add", "mul"):
                rest.sort(reverse=True)
            key = f"{op} {rest}"
        if known.setdefault(key, len(ops)) == len(ops):
            ops.append([op, *rest])
        where.append(known[key])
    return [ops, where]


def merge_in_two_walks(program):
    """First which node stands for which, then the numbers of those that stay."""
    first, known = [], {}
    for k, (op, *rest) in enumerate(program):
        rest = rest if op in LEAVES else [first[j] for j in rest]
        key = (op, frozenset(rest)) if op in ("add", "mul") else (op, *map(str, rest))
        first.append(known.setdefault(key, k))
    stay = {k: i for i, k in enumerate(sorted(set(first)))}
    ops = [
        program[k] if program[k][0] in LEAVES
        else (program[k][0], *(stay[first[j]] for j in program[k][1:]))
        for k in stay
    ]  # fmt: skip
    return Pair(ops, [np.int64(stay[k]) for k in first])


def needed_by_writers(lines, wanted):
    """Forwards: who wrote each operand; then back from the last writers."""
    writer, reads = {}, []
    for i, (target, _op, *operands) in enumerate(lines):
        reads.append([writer[name] for name in operands if name in writer])
        writer[target] = i
    waiting, found = [writer[name] for name in wanted if name in writer], set()
    while waiting:
        i = waiting.pop()
        if i not in found:
            found.add(i)
            waiting.extend(reads[i])
    return sorted(found)


def needed_by_versions(lines, wanted):
    """Every assignment gets a name of its own."""
    version, renamed = {}, []
    for i, line in enumerate(lines):
        renamed.append([version.get(name) for name in line[2:]])
        version[line[0]] = i
    live = np.zeros(len(lines), dtype=bool)
    live[[version[name] for name in wanted if name in version]] = True
    for i in range(len(lines) - 1, -1, -1):
        if live[i]:
            live[[k for k in renamed[i] if k is not None]] = True
    return np.flatnonzero(live)


def needed_with_a_dict(lines, wanted):
    read, found = dict.fromkeys(wanted, True), []
    for i, (target, _op, *operands) in list(enumerate(lines))[::-1]:
        if read.get(target):
            read[target] = False
            read |= dict.fromkeys(operands, True)
            found.insert(0, np.int64(i))
    return tuple(found)


def tangent_side_by_side(ops, out):
    """Value and tangent of each node next to each other, in a program of its own."""
    new = []

    def write(*node):
        new.append(list(node))
        return len(new) - 1

    pairs = []
    for op, *rest in ops:
        if op == "input":
            pairs.append((write("input", rest[0]), write("input", f"d{rest[0]}")))
        elif op == "const":
            pairs.append((write("const", rest[0]), write("const", 0.0)))
        else:
            (a, da), (b, db) = pairs[rest[0]], pairs[rest[-1]]
            y = write(op, *(pairs[k][0] for k in rest))
            if op == "mul":
                dy = write("add", write("mul", a, db), write("mul", b, da))
            elif op == "div":
                part = write("sub", write("mul", da, b), write("mul", a, db))
                dy = write("div", write("div", part, b), b)
            elif op == "exp":
                dy = write("mul", da, y)
            else:
                dy = write(op, *(pairs[k][1] for k in rest))
            pairs.append((y, dy))
    return new, pairs[out][1]


def tangent_without_zeros(ops, out):
    """None is the tangent of what stands still; only then a zero is written."""
    new, d = list(ops), []

    def write(*node):
        new.append(node)
        return len(new) - 1

    def plus(a, b):
        return b if a is None else a if b is None else write("add", a, b)

    def times(a, k):
        return None if a is None else write("mul", a, k)

    def minus(a):
        return None if a is None else write("neg", a)

    for i, (op, *rest) in enumerate(ops):
        if op in LEAVES:
            d.append(write("input", "d" + rest[0]) if op == "input" else None)
            continue
        a, b = rest[0], rest[-1]
        if op == "add":
            d.append(plus(d[a], d[b]))
        elif op == "sub":
            d.append(plus(d[a], minus(d[b])))
        elif op == "mul":
            d.append(plus(times(d[a], b), times(d[b], a)))
        elif op == "neg":
            d.append(minus(d[a]))
        elif op == "exp":
            d.append(times(d[a], i))
        else:
            top = plus(d[a], minus(times(d[b], i)))
            d.append(None if top is None else write("div", top, b))
    return (new, write("const", 0) if d[out] is None else d[out])


def tangent_of_the_needed(ops, out):
    """What `out` does not need gets none."""
    marked = [False] * len(ops)
    marked[out] = True
    for i in range(out, -1, -1):
        if marked[i] and ops[i][0] not in LEAVES:
            for k in ops[i][1:]:
                marked[k] = True
    new, index = tangent_side_by_side(ops[: out + 1], out)
    return tuple(map(tuple, new)), np.int64(index)


def stack_by_iterators(ops, root):
    """A walk with a stack of iterators; slots are numbered as they come."""
    readers = {root: 1}
    for i in range(root, -1, -1):
        if i in readers and ops[i][0] not in LEAVES:
            for k in ops[i][1:]:
                readers[k] = readers.get(k, 0) + 1
    lines, slot, walk = [], {}, [(None, iter([root]))]
    while walk:
        i, rest = walk[-1]
        k = next(rest, None)
        if k is None:
            walk.pop()
            if i is not None:
                lines.append(ops[i][0])
                if readers[i] > 1:
                    slot[i] = len(slot)
                    lines.append(f"keep {slot[i]}")
        elif k in slot:
            lines.append(f"fetch {slot[k]}")
        elif ops[k][0] == "input":
            lines.append("load " + ops[k][1])
        elif ops[k][0] == "const":
            lines.append("push " + format(ops[k][1], ".17g"))
        else:
            walk.append((k, iter(ops[k][1:])))
    return lines


def stack_from_behind(ops, root):
    """The last line first: root, right, left; keeps go where a node is met for the last time."""
    live, uses = {root}, dict.fromkeys(range(len(ops)), 0)
    for i in range(root, -1, -1):
        if i in live and ops[i][0] not in LEAVES:
            live.update(ops[i][1:])
            for k in ops[i][1:]:
                uses[k] += 1
    uses[root] += 1
    order, todo, seen = [], [root], dict.fromkeys(range(len(ops)), 0)
    while todo:  # from the left, as it runs
        k = todo.pop()
        if isinstance(k, tuple):
            order.append(k[0])
            order += [f"keep {7 * k[1] + 3}"] if uses[k[1]] > 1 else []
            continue
        op, *rest = ops[k]
        seen[k] += 1
        if op in LEAVES:
            order.append(("load %s" if op == "input" else "push %r") % rest[0])
        elif seen[k] > 1:
            order.append(f"fetch {7 * k + 3}")
        else:
            todo += [(op, k), *rest[::-1]]
    return tuple(order)


def stack_with_tabs(ops, root):
    return [line.replace(" ", "\t") + " " for line in stack_by_iterators(ops, root)]


def bits_of(x):
    return struct.pack(">d", x)


def simplify_by_bits(ops, root):
    """Zeros told apart by their bytes; the new program shares equal nodes as well."""
    new, where, known = [], [], {}

    def write(*node):
        key = (node[0], *(bits_of(v) if isinstance(v, float) else v for v in node[1:]))
        if key not in known:
            known[key] = len(new)
            new.append(node)
        return known[key]

    def rewritten(op, *rest):
        if op in LEAVES:
            return write(op, *rest)
        a, b = (where[rest[0]], where[rest[-1]])
        if op == "neg" and new[a][0] == "neg":
            return new[a][1]
        c = new[b][1] if new[b][0] == "const" and len(rest) == 2 else None
        if c is not None:
            if (op, bits_of(c)) in {
                ("add", bits_of(-0.0)), ("sub", bits_of(0.0)), ("mul", bits_of(1.0)),
            }:  # fmt: skip
                return a
            if op == "div" and c != 0 and math.isfinite(c):
                fraction, power = math.frexp(c)
                if fraction in (0.5, -0.5) and power > -1023:
                    return write("mul", a, write("const", 2 * fraction * 2.0 ** (1 - power)))
        return write(op, *(where[k] for k in rest))

    for node in ops:
        where.append(rewritten(*node))
    return new, where[root]


def simplify_only_the_needed(ops, root):
    """The same, then without what nobody needs."""
    new, out = simplify_by_bits(ops, root)
    live = {out}
    for i in range(out, -1, -1):
        if i in live and new[i][0] not in LEAVES:
            live.update(new[i][1:])
    place = {k: n for n, k in enumerate(sorted(live))}
    return [
        list(new[k]) if new[k][0] in LEAVES else [new[k][0], *(place[j] for j in new[k][1:])]
        for k in place
    ], place[out]


def simplify_from_behind(ops, root):
    """Each node is an alias of another or itself; division by one by one rule each."""
    ops, alias = list(ops), {}

    def real(k):
        while k in alias:
            k = alias[k]
        return k

    extra = []
    for i in range(len(ops)):
        op, *rest = ops[i]
        if op in LEAVES:
            continue
        rest = [real(k) for k in rest]
        ops[i] = (op, *rest)
        c = ops[rest[1]][1] if len(rest) == 2 and ops[rest[1]][0] == "const" else math.pi
        if op == "neg" and ops[rest[0]][0] == "neg":
            alias[i] = ops[rest[0]][1]
        elif (op == "add" and str(c) == "-0.0") or (op == "sub" and str(c) == "0.0"):
            alias[i] = rest[0]
        elif op in ("mul", "div") and c == 1:
            alias[i] = rest[0]
        elif op == "div" and c and math.isfinite(1 / c) and abs(math.frexp(c)[0]) == 0.5:
            extra.append((i, rest[0], 1 / c))
    order, place = [], {}
    more = {i: (a, c) for i, a, c in extra}
    for i in range(len(ops)):
        if i in alias:
            continue
        if i in more:
            order += [("const", more[i][1]), ("mul", place[more[i][0]], len(order))]
        else:
            op, *rest = ops[i]
            order.append((op, *rest) if op in LEAVES else (op, *(place[k] for k in rest)))
        place[i] = len(order) - 1
    return order, place[real(root)]


def partials(ops, out):
    """(program, gradient of every node that has one), from behind, sums as they come."""
    new, got = list(ops), {}

    def write(*node):
        new.append(node)
        return len(new) - 1

    got[out] = write("const", 1.0)
    for i in range(len(ops) - 1, -1, -1):
        if i not in got or ops[i][0] in LEAVES:
            continue
        op, a, b, g = ops[i][0], ops[i][1], ops[i][-1], got[i]
        if op in ("add", "sub"):
            shares = [(a, g), (b, g if op == "add" else write("neg", g))]
        elif op == "mul":
            shares = [(a, write("mul", b, g)), (b, write("mul", a, g))]
        elif op == "div":
            q = write("div", g, b)
            shares = [(a, q), (b, write("mul", write("neg", q), i))]
        else:
            shares = [(a, write("neg", g) if op == "neg" else write("mul", i, g))]
        for k, share in shares:
            got[k] = write("add", got[k], share) if k in got else share
    return new, got


def hvp_by_tangents(ops, out):
    """Forward over reverse: one walk of tangents over the gradient's program."""
    new, got = partials(ops, out)
    count, d = len(new), []

    def write(*node):
        new.append(node)
        return len(new) - 1

    for i in range(count):
        op, *rest = new[i]
        a, b = rest[0], rest[-1]
        if op == "input":
            d.append(write("input", "d" + a))
        elif op == "const":
            d.append(write("const", 0.0))
        elif op == "mul":
            d.append(write("add", write("mul", d[a], b), write("mul", a, d[b])))
        elif op == "div":
            d.append(write("div", write("sub", d[a], write("mul", i, d[b])), b))
        elif op == "exp":
            d.append(write("mul", i, d[a]))
        else:
            d.append(write(op, *(d[k] for k in rest)))
    zero = write("const", 0.0)
    return new, [d[got[i]] if i in got else zero
                 for i, node in enumerate(ops) if node[0] == "input"]  # fmt: skip


def hvp_twice_backwards(ops, out):
    new, got = partials(ops, out)
    given = [i for i, node in enumerate(ops) if node[0] == "input"]
    total = None
    for i in given:
        if i in got:
            new += [("input", "d" + ops[i][1]), ("mul", len(new), got[i])]
            if total is not None:
                new.append(("add", len(new) - 1, total))
            total = len(new) - 1
    if total is None:
        new.append(("const", 0.0))
        return tuple(new), (len(new) - 1,) * len(given)
    new, second = partials(new, total)
    new.append(("const", 0.0))
    return list(map(list, new)), np.array([second.get(i, len(new) - 1) for i in given], dtype=int)


def hvp_with_floats(ops, out):
    new, found = hvp_by_tangents(ops, out)
    return Pair(new, [float(k) for k in found])


def ends(ops, root):
    """The step after which each node may go."""
    last = list(range(len(ops)))
    for i, (op, *rest) in enumerate(ops):
        if op not in LEAVES:
            for k in rest:
                last[k] = i
    last[root] = len(ops) + 1
    return last


def slots_smallest_first(ops, root):
    """A heap of free slots; what ends is found step by step."""
    last, ending = ends(ops, root), {}
    for k, i in enumerate(last):
        ending.setdefault(i, []).append(k)
    slot, free = [], list(range(len(ops)))
    for i in range(len(ops)):
        for k in ending.get(i, []):
            if k != i:
                heapq.heappush(free, slot[k])
        slot.append(heapq.heappop(free))
        if last[i] == i:
            heapq.heappush(free, slot[i])
    return slot


def slots_with_holders(ops, root):
    """For each slot the step until which it is held."""
    last, held, slot = ends(ops, root), [], []
    for i in range(len(ops)):
        k = next((k for k, until in enumerate(held) if until <= i), len(held))
        if k == len(held):
            held.append(0)
        held[k] = last[i] if last[i] > i else i + 0.5
        slot.append(np.int64(k))
    return slot


def slots_as_an_array(ops, root):
    """The same slots with other numbers, as an array of floats."""
    found = slots_smallest_first(ops, root)
    most = max(found)
    return np.array([3.0 * (most - k) for k in found])


KEY = "key = (op, *sorted(rest)) if op in ('add', 'mul') else (op, *map(repr, rest))"
PRODUCT = "d.append(write('add', write('mul', d[a], b), write('mul', a, d[b])))"
SUMMED = "new += [('input', 'd' + name), ('mul', g, v), ('add', total, v + 1)]"

RIGHT = {
    "12.1": [lambda: [15, 7], lambda: np.array([15, 7]), lambda: tuple(exact(15, 7))],
    "12.2": [merge_by_search, merge_sorted, merge_in_two_walks],
    "12.3": [needed_by_writers, needed_by_versions, needed_with_a_dict],
    "12.4": [tangent_side_by_side, tangent_without_zeros, tangent_of_the_needed],
    "12.5": [lambda: [0, 0.33333, 2.582, 4.4721], lambda: np.array([0, 1, 60**0.5, 180**0.5]) / 3,
             lambda: (0.0, 0.3333333, math.sqrt(20 / 3), 2 * math.sqrt(5))],
    "12.6": [stack_by_iterators, stack_from_behind, stack_with_tabs],
    "12.7": [simplify_by_bits, simplify_only_the_needed, simplify_from_behind],
    "12.8": [lambda: [20.0, 0.08, 143, 48, 75.36], lambda: np.array([20.3, 0.079, 142, 47.6, 75]),
             lambda: (20, 32 / 400, 60 / 0.42, 20 / 0.42, 40 + 392 * 0.08 + 4)],
    "12.9": [hvp_by_tangents, hvp_twice_backwards, hvp_with_floats],
    "12.10": [slots_smallest_first, slots_with_holders, slots_as_an_array],
}  # fmt: skip

EITHER = "`in` asks for either, in whatever order they stand"
COMMUTES = "a product, or a sum, is the same in either order"
ONCE = "each entry occurs once"
FIRST_IS_LEAF = "the first node is a leaf: it has no operands"
NO_NUMBERS = "who reads what does not depend on the numbers in a program"
IN_KEY = "a key with the same parts in another order tells the same nodes apart"
TWO_PARTS = "a leaf has one entry behind its name, the first and the last"
ANY_SLOT = "slots may have any numbers"

EQUIVALENT = {
    "12.2": {
        "if op not in ('input', 'const'): → if op not in ('const', 'input'):": EITHER,
        f"{KEY} → key = (op, *sorted(rest)) if op in ('mul', 'add') else (op, *map(repr, rest))":
            EITHER,
        f"{KEY} → key = (*sorted(rest), op) if op in ('add', 'mul') else (op, *map(repr, rest))":
            IN_KEY,
        f"{KEY} → key = (op, *sorted(rest)) if op in ('add', 'mul') else (*map(repr, rest), op)":
            IN_KEY,
    },
    "12.3": {
        "for i in reversed(range(len(lines))): → "
        "for i in dict.fromkeys(reversed(range(len(lines)))):": ONCE,
    },
    "12.4": {
        "for i, (op, *rest) in enumerate(ops): → for i, (op, *rest) in "
        "dict.fromkeys(enumerate(ops)):": ONCE,
        "d.append(write('mul', i, d[a])) → d.append(write('mul', d[a], i))": COMMUTES,
        f"{PRODUCT} → d.append(write('add', write('mul', a, d[b]), write('mul', d[a], b)))":
            COMMUTES,
        f"{PRODUCT} → d.append(write('add', write('mul', b, d[a]), write('mul', a, d[b])))":
            COMMUTES,
        f"{PRODUCT} → d.append(write('add', write('mul', d[a], b), write('mul', d[b], a)))":
            COMMUTES,
        "d.append(write('div', write('sub', d[a], write('mul', i, d[b])), b)) → "
        "d.append(write('div', write('sub', d[a], write('mul', d[b], i)), b))": COMMUTES,
    },
    "12.5": {
        "return (0, 0.33333, 2.58199, 4.47214) → return (-0, 0.33333, 2.58199, 4.47214)":
            "a whole number has no -0",
    },
    "12.6": {
        "uses[root] = 1 → uses[root] += 1": "it was 0",
        "uses[root] = 1 → uses[root] = -1": "what it needs does not use it, so it is never kept",
        "for i in reversed(range(len(ops))): → for i in list(reversed(range(len(ops))))[:-1]:":
            FIRST_IS_LEAF,
        "for i in reversed(range(len(ops))): → for i in dict.fromkeys(reversed(range(len(ops)))):":
            ONCE,
        "if uses[i] and op not in ('input', 'const'): → "
        "if uses[i] and op not in ('const', 'input'):": EITHER,
        "for k in rest: → for k in reversed(rest):": "uses are counted, in whatever order",
        "lines.append(f'load {rest[0]}') → lines.append(f'load {rest[-1]}')": TWO_PARTS,
        "lines.append(f'push {rest[0]!r}') → lines.append(f'push {rest[-1]!r}')": TWO_PARTS,
        "if uses[i] > 1: → if uses[i] > 1 + 0.001:": "uses are whole numbers",
        "nan where 0 is in ops": "the lines are text: no number in them turns into nan",
    },
    "12.7": {
        "if op not in ('input', 'const'): → if op not in ('const', 'input'):": EITHER,
        "elif op == 'div' and c and (abs(math.frexp(c)[0]) == 0.5) and math.isfinite(1 / c): → "
        "elif op == 'div' and c and (abs(math.frexp(c)[0]) == 0.5) and math.isfinite(1 // c):":
            "1 // c is finite where 1 / c is",
        "node = ('mul', i, len(new) - 1) → node = ('mul', len(new) - 1, i)": COMMUTES,
    },
    "12.8": {
        f"return (20, 0.08, 143, 48, 75.4) → return ({other})": READ_OFF
        for other in (
            "20, 0.0808, 143, 48, 75.4", "20, 0.08, 144, 48, 75.4", "20, 0.08, 142, 48, 75.4",
            "20, 0.08, 143, 49, 75.4", "20, 0.08, 143, 47, 75.4", "20, 0.08, 143, 48, 76.4",
            "20, 0.08, 143, 48, 74.4", "20, 0.08, 143, 48, 76.15400000000001",
        )
    },
    "12.9": {
        "for name, g in zip(names, grads): → for name, g in dict.fromkeys(zip(names, grads)):":
            ONCE,
        f"{SUMMED} → new += [('input', 'd' + name), ('mul', v, g), ('add', total, v + 1)]":
            COMMUTES,
        f"{SUMMED} → new += [('input', 'd' + name), ('mul', g, v), ('add', v + 1, total)]":
            COMMUTES,
    },
    "12.10": {
        "for i, (op, *rest) in enumerate(ops): → for i, (op, *rest) in "
        "dict.fromkeys(enumerate(ops)):": ONCE,
        "if op not in ('input', 'const'): → if op not in ('const', 'input'):": EITHER,
        "for k in rest: → for k in reversed(rest):": "both operands are read at the same step",
        "for k in rest: → for k in dict.fromkeys(rest):": "the same step is noted twice",
        "last[root] = len(ops) → last[root] = -len(ops)": "no step has that number either",
        "last[root] = len(ops) → last[root] = ops": "no step has that number either",
        "slot, free, used = ([], [], 0) → slot, free, used = ([], [], 1)": ANY_SLOT,
        "used += 1 → used += 2": ANY_SLOT,
        "for k in set(rest): → for k in dict.fromkeys(set(rest)):": ONCE,
        "if last[k] == i: → if np.isclose(last[k], i):": "whole numbers differ by 1 at least",
        "clip(ops, -50, 50)": NO_NUMBERS,
        "round(ops, 3)": NO_NUMBERS,
        "abs(ops)": NO_NUMBERS,
        "float32(ops)": NO_NUMBERS,
        "ops + 1e-9": NO_NUMBERS,
    },
}  # fmt: skip
