"""Wrong answers to chapter 12, not seen before: 52 of 106 were told at first sight."""

import math

from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put
LEAVES = ("input", "const")

# ---- 12.1

for name, value in {
    "edges": (14, 10),
    "a, b, c not shared in the graph": (15, 9),
    "forgot the last sum": (14, 6),
    "one for the square": (14, 7),
    "both by one too few": (14, 6.0),
    "letters and nodes": (8, 7),
    "operations only in the graph": (15, 4),
    "sixteen": (16, 7),
}.items():
    ANSWERS["12.1"][name] = value

# ---- 12.2


@put("12.2", "set of tuples")
def _(program):
    ops = list(dict.fromkeys(program))
    return ops, [ops.index(node) for node in program]


@put("12.2", "string of the raw node")
def _(program):
    ops, where, seen = [], [], {}
    for node in program:
        key = str(node)
        if key not in seen:
            seen[key] = len(ops)
            ops.append(node)
        where.append(seen[key])
    return ops, where


@put("12.2", "sorted tuple for all operations")
def _(program):
    ops, where, seen = [], [], {}
    for op, *rest in program:
        if op not in LEAVES:
            rest = sorted(where[k] for k in rest)
        key = (op, repr(rest))
        if key not in seen:
            seen[key] = len(ops)
            ops.append((op, *rest))
        where.append(seen[key])
    return ops, where


@put("12.2", "add only is commutative")
def _(program):
    ops, where, seen = [], [], {}
    for op, *rest in program:
        rest = rest if op in LEAVES else [where[k] for k in rest]
        key = (op, *sorted(rest)) if op == "add" else (op, *map(repr, rest))
        if key not in seen:
            seen[key] = len(ops)
            ops.append((op, *rest))
        where.append(seen[key])
    return ops, where


@put("12.2", "frozenset as key")
def _(program):
    ops, where, seen = [], [], {}
    for op, *rest in program:
        rest = rest if op in LEAVES else [where[k] for k in rest]
        key = (op, frozenset(map(repr, rest)))
        if key not in seen:
            seen[key] = len(ops)
            ops.append((op, *rest))
        where.append(seen[key])
    return ops, where


@put("12.2", "where is a dict")
def _(program):
    ops, where, seen = [], {}, {}
    for k, (op, *rest) in enumerate(program):
        rest = rest if op in LEAVES else [where[j] for j in rest]
        key = (op, *sorted(rest)) if op in ("add", "mul") else (op, *map(repr, rest))
        if key not in seen:
            seen[key] = len(ops)
            ops.append((op, *rest))
        where[k] = seen[key]
    return ops, where


@put("12.2", "the pair turned round")
def _(program):
    ops, where, seen = [], [], {}
    for op, *rest in program:
        rest = rest if op in LEAVES else [where[k] for k in rest]
        key = (op, *sorted(rest)) if op in ("add", "mul") else (op, *map(repr, rest))
        if key not in seen:
            seen[key] = len(ops)
            ops.append((op, *rest))
        where.append(seen[key])
    return where, ops


@put("12.2", "ops alone")
def _(program):
    return list(dict.fromkeys(program))


@put("12.2", "where only for repeated nodes")
def _(program):
    ops, where, seen = [], [], {}
    place = []
    for op, *rest in program:
        rest = rest if op in LEAVES else [place[k] for k in rest]
        key = (op, *sorted(rest)) if op in ("add", "mul") else (op, *map(repr, rest))
        if key in seen:
            where.append(seen[key])
        else:
            seen[key] = len(ops)
            ops.append((op, *rest))
        place.append(seen[key])
    return ops, where


@put("12.2", "constants by their value")
def _(program):
    ops, where, seen = [], [], {}
    for op, *rest in program:
        rest = rest if op in LEAVES else [where[k] for k in rest]
        key = (op, *sorted(rest)) if op in ("add", "mul") else (op, tuple(rest))
        if key not in seen:
            seen[key] = len(ops)
            ops.append((op, *rest))
        where.append(seen[key])
    return ops, where


# ---- 12.3


@put("12.3", "walks back but never removes, adds always")
def _(lines, wanted):
    read, found = set(wanted), []
    for i in range(len(lines) - 1, -1, -1):
        if lines[i][0] in read:
            found.append(i)
        read.update(lines[i][2:])
    return found[::-1]


@put("12.3", "removes the target after the operands")
def _(lines, wanted):
    read, found = set(wanted), []
    for i in range(len(lines) - 1, -1, -1):
        target, _op, *operands = lines[i]
        if target in read:
            read |= set(operands)
            read.remove(target)
            found.insert(0, i)
    return found


@put("12.3", "removes the target of every line")
def _(lines, wanted):
    read, found = set(wanted), []
    for i in range(len(lines) - 1, -1, -1):
        target, _op, *operands = lines[i]
        if target in read:
            found.insert(0, i)
            read.discard(target)
        read |= set(operands)
    return found


@put("12.3", "returns the lines")
def _(lines, wanted):
    read, found = set(wanted), []
    for line in reversed(lines):
        if line[0] in read:
            read.discard(line[0])
            read.update(line[2:])
            found.append(line)
    return found[::-1]


@put("12.3", "counts lines from 1")
def _(lines, wanted):
    read, found = set(wanted), []
    for i in range(len(lines) - 1, -1, -1):
        if lines[i][0] in read:
            read.discard(lines[i][0])
            read.update(lines[i][2:])
            found.append(i + 1)
    return found[::-1]


@put("12.3", "operation taken for an operand")
def _(lines, wanted):
    read, found = set(wanted), []
    for i in range(len(lines) - 1, -1, -1):
        if lines[i][0] in read:
            read.discard(lines[i][0])
            read.update(lines[i][1:2])
            found.append(i)
    return found[::-1]


@put("12.3", "stops when nothing more is wanted in a row")
def _(lines, wanted):
    read, found = set(wanted), []
    for i in range(len(lines) - 1, -1, -1):
        if lines[i][0] not in read:
            break
        read.discard(lines[i][0])
        read.update(lines[i][2:])
        found.append(i)
    return found[::-1]


@put("12.3", "one wanted only, given as a string")
def _(lines, wanted):
    read, found = {"".join(wanted)}, []
    for i in range(len(lines) - 1, -1, -1):
        if lines[i][0] in read:
            read.discard(lines[i][0])
            read.update(lines[i][2:])
            found.append(i)
    return found[::-1]


@put("12.3", "skips the first line")
def _(lines, wanted):
    read, found = set(wanted), []
    for i in range(len(lines) - 1, 0, -1):
        if lines[i][0] in read:
            read.discard(lines[i][0])
            read.update(lines[i][2:])
            found.append(i)
    return found[::-1]


# ---- 12.4


def forward(rules, start=None):
    def tangent(ops, out):
        new, d = list(ops), []

        def w(*node):
            new.append(node)
            return len(new) - 1

        for i, (op, *rest) in enumerate(ops):
            a, b = rest[0], rest[-1]
            if op in LEAVES:
                d.append((start or leaf)(w, op, a))
            else:
                d.append(rules.get(op, right[op])(w, i, a, b, d[a], d[b]))
        return new, d[out]

    return tangent


def leaf(w, op, what):
    return w("input", "d" + what) if op == "input" else w("const", 0.0)


right = {
    "add": lambda w, y, a, b, da, db: w("add", da, db),
    "sub": lambda w, y, a, b, da, db: w("sub", da, db),
    "neg": lambda w, y, a, b, da, db: w("neg", da),
    "exp": lambda w, y, a, b, da, db: w("mul", y, da),
    "mul": lambda w, y, a, b, da, db: w("add", w("mul", a, db), w("mul", b, da)),
    "div": lambda w, y, a, b, da, db: w("div", w("sub", da, w("mul", y, db)), b),
}
put("12.4", "exp with e^(a-1)")(
    forward(
        {"exp": lambda w, y, a, b, da, db: w("mul", w("exp", w("sub", a, w("const", 1.0))), da)}
    )
)
put("12.4", "product rule with minus")(
    forward({"mul": lambda w, y, a, b, da, db: w("sub", w("mul", b, da), w("mul", a, db))})
)
put("12.4", "quotient by a squared")(
    forward(
        {
            "div": lambda w, y, a, b, da, db: w(
                "div", w("sub", w("mul", b, da), w("mul", a, db)), w("mul", a, a)
            )
        }
    )
)
put("12.4", "quotient with a in place of y")(
    forward({"div": lambda w, y, a, b, da, db: w("div", w("sub", da, w("mul", a, db)), b)})
)
put("12.4", "quotient as product")(
    forward({"div": lambda w, y, a, b, da, db: w("add", w("mul", b, da), w("mul", a, db))})
)
put("12.4", "second operand of sub first")(
    forward({"sub": lambda w, y, a, b, da, db: w("sub", db, da)})
)
put("12.4", "all inputs share one speed")(
    forward({}, lambda w, op, a: w("input", "dx") if op == "input" else w("const", 0.0))
)
put("12.4", "inputs named xd")(
    forward({}, lambda w, op, a: w("input", a + "d") if op == "input" else w("const", 0.0))
)
put("12.4", "constants get inputs too")(forward({}, lambda w, op, a: w("input", f"d{a}")))
put("12.4", "neg forgotten sign in the tangent of sub")(
    forward({"neg": lambda w, y, a, b, da, db: w("neg", a)})
)


@put("12.4", "returns the program alone")
def _(ops, out):
    return forward({})(ops, out)[0]


@put("12.4", "returns a number")
def _(ops, out):
    return forward({})(ops, out)[1]


@put("12.4", "index of the last node")
def _(ops, out):
    new, _ = forward({})(ops, out)
    return new, len(new) - 1


@put("12.4", "appends to ops")
def _(ops, out):
    new, k = forward({})(ops, out)
    ops.extend(new[len(ops) :])
    return ops, k


@put("12.4", "tangents without the program")
def _(ops, out):
    new, k = forward({})(ops, out)
    return new[len(ops) :], k - len(ops)


# ---- 12.5

ROOT, FAR = (20 / 3) ** 0.5, 20**0.5
for name, value in {
    "from the branch on": (0.0, 1 / 3, 1.0, FAR),
    "both triplings recorded": (0.0, 1 / 3, 1.0, ROOT),
    "squares": (0.0, 1 / 3, 20 / 3, 20.0),
    "from 3 on": (0.0, 1 / 3, 3.0, FAR),
    "minus one": (-1.0, 0.0, ROOT, FAR),
    "minus one and 0.3333": (-1.0, 1 / 3, ROOT, FAR),
    "6x² = x": (0.0, 1 / 6, ROOT, FAR),
    "24x² = 2x": (0.0, 1 / 12, ROOT, FAR),
    "mirrored": (-FAR, -ROOT, ROOT, FAR),
    "two digits": (0.0, 0.33, 2.58, 4.47),
    "interval first": (ROOT, FAR, 0.0, 1 / 3),
    "twenty over nine": (0.0, 1 / 3, (20 / 9) ** 0.5, FAR),
    "to where 3x² is 20": (0.0, 1 / 3, 1.0, 2.582),
    "three": (0.0, ROOT, FAR),
}.items():
    ANSWERS["12.5"][name] = value

# ---- 12.6


def walk(
    ops, root, number=repr, right_first=False, keep="keep", fetch="fetch", count=True, dead=False
):
    uses, live = [0] * len(ops), {root}
    for i in reversed(range(len(ops))):
        op, *rest = ops[i]
        if op not in LEAVES and (i in live or dead):
            live.update(rest)
            for k in rest:
                uses[k] += 1
    lines, done, todo = [], set(), [root]
    while todo:
        i = todo.pop()
        if isinstance(i, str):
            lines.append(i)
            continue
        op, *rest = ops[i]
        if op == "input":
            lines.append(f"load {rest[0]}")
        elif op == "const":
            lines.append(f"push {number(rest[0])}")
        elif i in done:
            lines.append(f"{fetch} {i}")
        else:
            done.add(i)
            if uses[i] > 1 or not count:
                todo.append(f"{keep} {i}")
            todo += [op, *(rest if right_first else rest[::-1])]
    return lines


put("12.6", "uses counted over dead nodes too")(lambda ops, root: walk(ops, root, dead=True))
put("12.6", "keeps every operation")(lambda ops, root: walk(ops, root, count=False))
put("12.6", "str with two decimals")(lambda ops, root: walk(ops, root, lambda c: f"{c:.2f}"))
put("12.6", "right operand first")(lambda ops, root: walk(ops, root, right_first=True))
put("12.6", "store for keep")(lambda ops, root: walk(ops, root, keep="store"))
put("12.6", "one text")(lambda ops, root: "\n".join(walk(ops, root)))
put("12.6", "tuples")(lambda ops, root: [tuple(line.split()) for line in walk(ops, root)])
put("12.6", "commas")(lambda ops, root: [line.replace(" ", ", ") for line in walk(ops, root)])


@put("12.6", "recursion")
def _(ops, root):
    lines, done = [], set()

    def go(i):
        op, *rest = ops[i]
        if op == "input":
            lines.append(f"load {rest[0]}")
        elif op == "const":
            lines.append(f"push {rest[0]}")
        elif i in done:
            lines.append(f"fetch {i}")
        else:
            for k in rest:
                go(k)
            lines.append(op)
            if sum(i in node[1:] for node in ops if node[0] not in LEAVES) > 1:
                lines.append(f"keep {i}")
                done.add(i)

    go(root)
    return lines


@put("12.6", "no sharing")
def _(ops, root):
    lines = []

    def go(i):
        op, *rest = ops[i]
        if op == "input":
            lines.append(f"load {rest[0]}")
        elif op == "const":
            lines.append(f"push {rest[0]}")
        else:
            for k in rest:
                go(k)
            lines.append(op)

    go(root)
    return lines


@put("12.6", "all nodes once in order, keep, then fetch the root")
def _(ops, root):
    lines = []
    for i, (op, *rest) in enumerate(ops):
        if op == "input":
            lines += [f"load {rest[0]}", f"keep {i}"]
        elif op == "const":
            lines += [f"push {rest[0]}", f"keep {i}"]
        else:
            lines += [f"fetch {k}" for k in rest] + [op, f"keep {i}"]
    return lines + [f"fetch {root}"]


@put("12.6", "keep before the operation")
def _(ops, root):
    lines = walk(ops, root)
    for i in range(1, len(lines)):
        if lines[i].startswith("keep"):
            lines[i - 1], lines[i] = lines[i], lines[i - 1]
    return lines


# ---- 12.7


def simplify_with(add, sub, mul, div, own=(), twice=True):
    def simplify(ops, root):
        new, where = [], []
        for op, *rest in ops:
            node = (op, *rest)
            if op not in LEAVES:
                i, k = where[rest[0]], where[rest[-1]]
                c = new[k][1] if new[k][0] == "const" else None
                node = (op, *[where[j] for j in rest])
                if op == "neg" and new[i][0] == "neg" and twice:
                    node = new[i][1]
                elif op == "add" and c is not None and add(c):
                    node = i
                elif op == "sub" and c is not None and sub(c):
                    node = i
                elif op == "sub" and i == k and "sub" in own:
                    node = ("const", 0.0)
                elif op == "mul" and c is not None and mul(c):
                    node = i
                elif op == "mul" and c == 0 and "mul" in own:
                    node = ("const", 0.0)
                elif op == "div" and i == k and "div" in own:
                    node = ("const", 1.0)
                elif op == "div" and c is not None and c and div(c):
                    new.append(("const", 1 / c))
                    node = ("mul", i, len(new) - 1)
            if isinstance(node, int):
                where.append(node)
            else:
                new.append(node)
                where.append(len(new) - 1)
        return new, where[root]

    return simplify


def minus(c):
    return str(c) == "-0.0"


def plus(c):
    return str(c) == "0.0"


def one(c):
    return c == 1


def power(c):
    return math.isfinite(c) and abs(math.frexp(c)[0]) == 0.5 and math.isfinite(1 / c)


put("12.7", "only the three for nan removed")(
    simplify_with(lambda c: c == 0, lambda c: c == 0, one, lambda c: True)
)
put("12.7", "division dropped, the zeros left")(
    simplify_with(lambda c: c == 0, lambda c: c == 0, one, lambda c: False)
)
put("12.7", "zeros exchanged")(simplify_with(plus, minus, one, power))
put("12.7", "add and sub dropped")(simplify_with(lambda c: False, lambda c: False, one, power))
put("12.7", "exact by multiplying back")(
    simplify_with(minus, plus, one, lambda c: c * (1 / c) == 1)
)
put("12.7", "powers up to 1024 from a list")(
    simplify_with(minus, plus, one, lambda c: c in [2.0**k for k in range(11)])
)
put("12.7", "log2 whole")(
    simplify_with(minus, plus, one, lambda c: c > 0 and math.log2(c) == int(math.log2(c))
                  if math.isfinite(c) else False)
)  # fmt: skip
put("12.7", "keeps x minus x")(simplify_with(minus, plus, one, power, own=("sub",)))
put("12.7", "keeps x times 0")(simplify_with(minus, plus, one, power, own=("mul",)))
put("12.7", "keeps x over x")(simplify_with(minus, plus, one, power, own=("div",)))
put("12.7", "keeps x minus x and x over x")(
    simplify_with(minus, plus, one, power, own=("sub", "div"))
)
put("12.7", "no double negation")(simplify_with(minus, plus, one, power, twice=False))
put("12.7", "minus one counts as one")(simplify_with(minus, plus, lambda c: abs(c) == 1, power))


@put("12.7", "root not translated")
def _(ops, root):
    return simplify_with(minus, plus, one, power)(ops, root)[0], root


@put("12.7", "last node as root")
def _(ops, root):
    new, _ = simplify_with(minus, plus, one, power)(ops, root)
    return new, len(new) - 1


# ---- 12.8

for name, value in {
    "44 for a compilation": (44, 0.08, 143, 48, 75.4),
    "44 - 20": (24, 0.08, 143, 48, 75.4),
    "68 - 44, and on": (24, 0.05, 160, 53.3, 71.6),
    "all of B over 400": (20, 0.23, 143, 48, 75.4),
    "all of B over 400, and on": (20, 0.23, 222.2, 74.1, 134.2),
    "one compilation off": (20, 0.18, 143, 48, 75.4),
    "first crossing": (20, 0.08, 48, 48, 75.4),
    "second crossing": (20, 0.08, 96, 48, 75.4),
    "over an interpreted step": (20, 0.08, 143, 40, 75.4),
    "three compilations for one": (20, 0.08, 143, 143, 75.4),
    "B is best": (20, 0.08, 143, 48, 92),
    "the usual size alone": (20, 0.08, 143, 48, 96.5),
    "8 steps for free": (20, 0.08, 143, 48, 71.4),
    "the saving for the step": (20, 0.42, 143, 48, 75.4),
}.items():
    ANSWERS["12.8"][name] = value

# ---- 12.9


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
        if i not in arrived or op in LEAVES:
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


def letters(ops):
    return [node[1] for node in ops if node[0] == "input"]


@put("12.9", "gradient of the sum of the gradients")
def _(ops, out):
    new, grads = gradient(ops, out)
    for g in grads[1:]:
        new.append(("add", grads[0], g))
        grads[0] = len(new) - 1
    found = gradient(new, grads[0] if grads else out)
    return found[0], found[1][: len(letters(ops))]


@put("12.9", "second derivative of each input times v")
def _(ops, out):
    new, grads = gradient(ops, out)
    found = []
    for k, name in enumerate(letters(ops)):
        new, second = gradient(new, grads[k])
        new += [("input", "d" + name), ("mul", second[k], len(new))]
        found.append(len(new) - 1)
    return new, found


@put("12.9", "only the last product")
def _(ops, out):
    new, grads = gradient(ops, out)
    for name, g in zip(letters(ops), grads, strict=True):
        new += [("input", "d" + name), ("mul", g, len(new))]
    new, found = gradient(new, len(new) - 1)
    return new, found[: len(grads)]


@put("12.9", "directions before the gradient")
def _(ops, out):
    new = [*ops, *(("input", "d" + name) for name in letters(ops))]
    new, grads = gradient(new, out)
    total = len(new) - 1
    for k in range(len(letters(ops))):
        new += [("mul", grads[k], len(ops) + k), ("add", total, len(new))]
        total = len(new) - 1
    new, found = gradient(new, total)
    return new, found[len(letters(ops)) :]


@put("12.9", "last n of the numbers")
def _(ops, out):
    new, grads = gradient(ops, out)
    total = len(new) - 1
    for name, g in zip(letters(ops), grads, strict=True):
        new += [("input", "d" + name), ("mul", g, len(new)), ("add", total, len(new) + 1)]
        total = len(new) - 1
    new, found = gradient(new, total)
    return new, found[-len(grads) :] if grads else []


@put("12.9", "direction multiplied at the end")
def _(ops, out):
    new, grads = gradient(ops, out)
    total = len(new) - 1
    for g in grads:
        new.append(("add", total, g))
        total = len(new) - 1
    new, found = gradient(new, total)
    made = []
    for name, h in zip(letters(ops), found, strict=False):
        new += [("input", "d" + name), ("mul", h, len(new))]
        made.append(len(new) - 1)
    return new, made


@put("12.9", "one index")
def _(ops, out):
    new, grads = gradient(ops, out)
    total = len(new) - 1
    for name, g in zip(letters(ops), grads, strict=True):
        new += [("input", "d" + name), ("mul", g, len(new)), ("add", total, len(new) + 1)]
        total = len(new) - 1
    return new, total


@put("12.9", "direction is the input")
def _(ops, out):
    new, grads = gradient(ops, out)
    total = len(new) - 1
    for name, g in zip(letters(ops), grads, strict=True):
        new += [("input", name), ("mul", g, len(new)), ("add", total, len(new) + 1)]
        total = len(new) - 1
    new, found = gradient(new, total)
    return new, found[: len(grads)]


# ---- 12.10


def allocate(ops, root, /, **how):
    last = {}
    for i, (op, *rest) in enumerate(ops):
        if op not in LEAVES:
            for k in rest:
                last[k] = i
    slot, free, used = [], [], 0
    for i, (op, *rest) in enumerate(ops):
        if op not in LEAVES:
            for k in set(rest) if how.get("set", True) else rest:
                if last[k] == i and (k != root or not how.get("root", True)):
                    free.append(slot[k])
        if not free:
            free.append(used)
            used += 1
        slot.append(free.pop())
        if how.get("unread", True) and i not in last and (i != root or how.get("any")):
            free.append(slot[i])
    return slot


put("12.10", "twice fixed alone")(lambda ops, root: allocate(ops, root, root=False, unread=False))
put("12.10", "root fixed alone")(lambda ops, root: allocate(ops, root, set=False, unread=False))
put("12.10", "unread fixed alone")(lambda ops, root: allocate(ops, root, set=False, root=False))
put("12.10", "twice and root")(lambda ops, root: allocate(ops, root, unread=False))
put("12.10", "twice and unread")(lambda ops, root: allocate(ops, root, root=False))
put("12.10", "root and unread")(lambda ops, root: allocate(ops, root, set=False))
put("12.10", "unread frees the root too")(lambda ops, root: allocate(ops, root, any=True))
put("12.10", "each its own")(lambda ops, root: list(range(len(ops))))


@put("12.10", "leaves keep theirs")
def _(ops, root):
    slot, free, used, last = [], [], 0, {}
    for i, (op, *rest) in enumerate(ops):
        if op not in LEAVES:
            last |= dict.fromkeys(rest, i)
    for i, (op, *rest) in enumerate(ops):
        if op not in LEAVES:
            for k in set(rest):
                if last[k] == i and k != root and ops[k][0] not in LEAVES:
                    free.append(slot[k])
        if free:
            slot.append(free.pop())
        else:
            slot.append(used)
            used += 1
        if i not in last and i != root:
            free.append(slot[i])
    return slot


@put("12.10", "reuse only after the step")
def _(ops, root):
    slot, free, used, last = [], [], 0, {}
    for i, (op, *rest) in enumerate(ops):
        if op not in LEAVES:
            last |= dict.fromkeys(rest, i)
    for i, (op, *rest) in enumerate(ops):
        if free:
            slot.append(free.pop())
        else:
            slot.append(used)
            used += 1
        if op not in LEAVES:
            for k in set(rest):
                if last[k] == i and k != root:
                    free.append(slot[k])
        if i not in last and i != root:
            free.append(slot[i])
    return slot


@put("12.10", "a dict")
def _(ops, root):
    return dict(enumerate(allocate(ops, root)))


@put("12.10", "the number of slots")
def _(ops, root):
    return max(allocate(ops, root)) + 1


@put("12.10", "two slots, back and forth")
def _(ops, root):
    return [i % 2 for i in range(len(ops))]


UNTOLD = {  # the cause is not named
    ("12.1", "a, b, c not shared in the graph"),
    ("12.1", "one for the square"),
    ("12.1", "letters and nodes"),
    ("12.1", "sixteen"),
    ("12.3", "operation taken for an operand"),
    ("12.4", "all inputs share one speed"),
    ("12.5", "two digits"),
    ("12.10", "two slots, back and forth"),
}
