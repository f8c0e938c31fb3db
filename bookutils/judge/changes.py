"""Small changes of a program: all the ways in which one line goes wrong.

An operation left out or exchanged, other brackets, another name, number, function or axis, a line
too few. A change is a node and the place in the syntax tree where it is put.
"""

import ast
import copy

from bookutils.judge.alteration import Alteration, located
from bookutils.judge.forms import around, bounds, loaded

MISSING = "something is missing in it"
MORE = "something in it is too much"
OPERATION = "one operation in it is another"
EXCHANGED = "two parts of it stand in each other's place"
BRACKETS = "its brackets stand elsewhere"
NAME = "one name in it is another"
NUMBER = "a number in it is another"
FUNCTION = "a function in it is another"
AXIS = "an axis in it is another, or left out"
TURNED = "a transpose in it is missing, or one too many"
TURNED_ROUND = "two functions in it come in the other order"
ORDER = "two lines stand in each other's place"
COMPARED = "what is compared in it, or how, is another"
PLACE = "an index or a bound in it is another"
SIGN = "a sign in it is another"
SLOPE = "the slope in it is another"
AVERAGED = "a mean stands in it where a sum belongs"

OPERATIONS = {
    ast.Add: (ast.Sub, ast.Mult), ast.Sub: (ast.Add, ast.Mult), ast.Div: (ast.Mult,),
    ast.Mult: (ast.Div, ast.Add, ast.Sub), ast.MatMult: (ast.Mult,), ast.Pow: (ast.Mult,),
}  # fmt: skip
PRODUCTS = (ast.Mult, ast.Div, ast.MatMult)
ORDERED = (ast.Sub, ast.Div, ast.MatMult, ast.Pow)
COMPARISONS = {
    ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE), ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE), ast.Eq: (ast.NotEq, ast.LtE, ast.GtE), ast.NotEq: (ast.Eq,),
}  # fmt: skip
ALIKE = [
    {"sum", "mean", "max", "min", "median", "prod"}, {"argmax", "argmin"},
    {"maximum", "minimum", "add"}, {"log", "log2", "log10"}, {"tanh", "sigmoid", "sin"},
    {"sin", "cos"}, {"exp", "expm1"}, {"log", "log1p"}, {"floor", "ceil"},
    {"cumsum", "cumprod"},
]  # fmt: skip
SLOPES = {
    "{} * (1 - {})": "the slope of a sigmoid", "(1 - {}**2)": "the slope of a tanh",
    "({} > 0)": "the mask of a ReLU",
}  # fmt: skip
OTHER_SLOPES = (
    *SLOPES, "sigmoid({}) * (1 - sigmoid({}))", "(1 - np.tanh({})**2)", "1 / np.cosh({})", "{}",
)  # fmt: skip
WRAPPED = (
    ("2 * {}", NUMBER), ("{} / 2", NUMBER), ("{} ** 2", MORE), ("np.sqrt({})", MORE),
    ("np.abs({})", MORE), ("-{}", SIGN), ("(1 - {})", MORE), ("np.mean({})", MORE),
    ("np.exp({})", MORE), ("np.tanh({})", MORE), ("np.maximum({}, 0)", MORE), ("1 / {}", MORE),
    ("({} - np.mean({}))", MORE),
    ("{}[:1]", PLACE), ("{}[1:]", PLACE), ("{}[::-1]", PLACE), ("{}[:-1]", PLACE),
    ("({} + 1)", MORE), ("({} - 1)", MORE),
)  # fmt: skip

SIZED = "range", "arange", "zeros", "ones", "full", "eye"

KEPT = ast.Constant, ast.Slice, ast.Tuple, ast.List, ast.Lambda, ast.Starred
LIKELY = (
    MISSING, SIGN, NUMBER, OPERATION, EXCHANGED, TURNED, AXIS, SLOPE, BRACKETS, COMPARED, FUNCTION,
)  # fmt: skip


def alterations(body, parameters):
    """All changes of the statements of a function."""
    found, known = [], list(parameters)
    for block in range(len(body)):
        _body(body, range(block, block + 1), block, known, found)
    for change in found:
        for _, _, put in change.places:
            for made in put if isinstance(put, list) else [put]:
                located(made, change.line)
    return found


def _slopelike(node):
    """Whether an expression looks like a derivative: 1 − …, … (1 − …), … > 0."""
    if isinstance(node, ast.Compare):
        return True
    if not isinstance(node, ast.BinOp):
        return False
    if isinstance(node.op, ast.Sub):
        return isinstance(node.left, ast.Constant) and node.left.value == 1
    return isinstance(node.op, ast.Mult) and _slopelike(node.right)


def _body(body, lines, block, known, found, nested=False):
    for k in lines:
        line = body[k]
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]).startswith("old_"):
            known.append(line.targets[0].id)
            continue
        _statement(body, k, line, block, known, found, nested)
        for node in ast.walk(line):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                if node.id not in known:
                    known.append(node.id)
        for field in ("body", "orelse"):
            inner = getattr(line, field, None) or []
            _body(inner, range(len(inner)), block, known, found, nested=True)


def _everywhere(line, block, found):
    """A function that occurs more than once in a line, left out in all places."""
    calls = {}
    for owner, spot in spots(line):
        node = _get(owner, spot)
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            calls.setdefault(ast.unparse(node.func), []).append((owner, spot, node.args[0]))
    for (owner, spot, inner), *others in calls.values():
        nested = any(isinstance(n, ast.Call) for _, _, arg in others for n in ast.walk(arg))
        if others and not nested and not any(isinstance(n, ast.Call) for n in ast.walk(inner)):
            found.append(Alteration(owner, spot, inner, line, block, MISSING, tuple(others)))


def _statement(body, k, line, block, known, found, nested):
    def change(put, says, owner=body, spot=k):
        found.append(Alteration(owner, spot, put, line, block, says))

    if isinstance(line, ast.AugAssign):
        target = copy.deepcopy(line.target)
        change(ast.Assign([target], line.value), OPERATION)
        for op in OPERATIONS.get(type(line.op), ()):
            change(op(), OPERATION, line, "op")
        load = loaded(line.target)
        largest = around("np.maximum({}, {})", load, line.value)
        change(ast.Assign([target], largest), FUNCTION)
    bound = isinstance(line, (ast.Assign, ast.AugAssign, ast.Expr))
    if bound and (not isinstance(line, ast.Assign) or _again(line, known)):
        change(ast.Pass(), "")
    if isinstance(line, (ast.For, ast.While)):
        ends = [n for n in body[k + 1 :] if isinstance(n, ast.Raise)]
        if ends:
            inner = [*line.body, copy.deepcopy(ends[-1])]
            change(inner, "`return` stands inside the loop", line, "body")
        else:
            change([*line.body, ast.Break()], "it ends after its first pass", line, "body")
        for put in bounds(line.iter) if isinstance(line, ast.For) else ():
            change(put, PLACE, line, "iter")
    if nested and k + 1 < len(body) and _names(line, ast.Store) & _names(body[k + 1], ast.Load):
        moved = ((body, k + 1, line),)
        found.append(Alteration(body, k, body[k + 1], line, block, ORDER, moved))
    _everywhere(line, block, found)
    whole = _whole(line)
    for owner, spot in spots(line):
        _expression(owner, spot, known, found, line, block, whole)
    if isinstance(line, (ast.Assign, ast.Raise, ast.AugAssign)):
        values = [(line.exc.args, 0) if isinstance(line, ast.Raise) else (line, "value")]
        value = _get(*values[0])
        if isinstance(value, (ast.Tuple, ast.List)):
            elts = value.elts
            values = [(elts, i) for i, e in enumerate(elts) if not isinstance(e, ast.Starred)]
        for owner, spot in values:
            for name in known if not _given(line) else ():
                for form, says in _with(name):
                    change(around(form, _get(owner, spot)), says, owner, spot)


def _names(line, context):
    """The names that a statement sets, or those that it reads."""
    nodes = (n for n in ast.walk(line) if isinstance(n, ast.Name))
    return {n.id for n in nodes if isinstance(n.ctx, context)}


def _whole(line):
    """What must stay a count or a list: bounds of loops, sizes of arrays, what a list takes up."""
    calls = [n for n in ast.walk(line) if isinstance(n, ast.Call)]
    held = [line.iter] if isinstance(line, ast.For) else []
    held += [n.value for n in ast.walk(line) if isinstance(n, ast.Starred)]
    for call in calls:
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in SIZED:
            held += [n for arg in call.args for n in ast.walk(arg)]
    return held


def _with(name):
    yield "{} * " + name, MORE
    yield "{} / " + name, MORE
    yield "{} + " + name, MORE
    yield "{} - " + name, MORE
    yield f"{{}} / len({name})", AVERAGED
    yield f"{{}} * len({name})", MORE
    for slope, words in SLOPES.items():
        yield "{} * " + slope.replace("{}", name), f"{words} in it is too much"


def _again(line, known):
    """Whether what a line assigns has a value before it."""
    targets = [n for t in line.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    return any(isinstance(t, ast.Subscript) for t in line.targets) or (
        targets != [] and all(n.id in known for n in targets)
    )


def _get(owner, spot):
    return owner[spot] if isinstance(owner, list) else getattr(owner, spot)


def spots(line):
    """(owner, spot) of every expression in a statement, without the statements inside it."""
    waiting = [line]
    while waiting:
        node = waiting.pop(0)
        for name, value in ast.iter_fields(node):
            values = value if isinstance(value, list) else [value]
            for i, inner in enumerate(values):
                if isinstance(inner, ast.expr) and not isinstance(node, ast.Raise):
                    yield (value, i) if isinstance(value, list) else (node, name)
                if isinstance(inner, (ast.expr, ast.keyword, ast.comprehension, ast.Slice)):
                    waiting.append(inner)


def _expression(owner, spot, known, found, line, block, whole):
    node = _get(owner, spot)

    def change(put, says, owner=owner, spot=spot):
        found.append(Alteration(owner, spot, put, line, block, says))

    if getattr(node, "ctx", None) is not None and not isinstance(node.ctx, ast.Load):
        return
    if isinstance(node, ast.Name) and node.id not in known:
        return  # a module or a function
    if spot == "test" and isinstance(owner, (ast.If, ast.IfExp)):  # a guard: only how it compares
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            _compared(node, change)
        return
    if isinstance(node, ast.BinOp):
        _operation(node, change)
    elif isinstance(node, ast.UnaryOp):
        change(node.operand, SIGN if isinstance(node.op, ast.USub) else COMPARED)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        if _given(line):
            return
        v = node.value
        for other in dict.fromkeys((v + 1, v - 1, 2 * v, v / 2 if v % 2 else v // 2, 0, 1)):
            if other != v:
                change(ast.Constant(other), NUMBER)
        for other in known:
            change(ast.Name(other, ast.Load()), NAME)
    elif isinstance(node, ast.Name):
        for other in known:
            if other != node.id:
                change(ast.Name(other, ast.Load()), NAME)
    elif isinstance(node, ast.Call):
        _called(node, change)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        change(node.value, TURNED)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        _compared(node, change)
        change(node.left, COMPARED)
        if isinstance(node.ops[0], (ast.In, ast.NotIn)):
            change(ast.Constant(False), COMPARED)
            change(ast.Constant(True), COMPARED)
    elif isinstance(node, ast.Subscript):
        change(node.value, PLACE)
        if not isinstance(node.slice, ast.Slice):
            change(around("({} + 1)", node.slice), PLACE, node, "slice")
            change(around("({} - 1)", node.slice), PLACE, node, "slice")
    elif isinstance(node, ast.IfExp):
        change(node.body, COMPARED)
        change(node.orelse, COMPARED)
    if _slopelike(node):
        for name in known:
            for form in OTHER_SLOPES:
                change(around(form.replace("{}", name), node), SLOPE)
    if not isinstance(node, KEPT):
        held = any(node is one for one in whole) or isinstance(node, ast.Compare)
        if not held and not _is_function(node):
            for form, says in WRAPPED:
                change(around(form, node), says)
            if isinstance(node, (ast.Name, ast.Call, ast.Subscript)):
                own = getattr(node, "id", "")
                for name in known:
                    if name == own:
                        continue
                    change(around("({} * " + name + ")", node), MORE)
                    change(around("({} / " + name + ")", node), MORE)
                    change(around("({} + " + name + ")", node), MORE)
                    change(around("({} * (1 - " + name + "))", node), MORE)


def _compared(node, change):
    words = any(isinstance(getattr(side, "value", 0), str) for side in node.comparators)
    for op in COMPARISONS.get(type(node.ops[0]), ())[: 1 if words else None]:
        change(op(), COMPARED, node.ops, 0)


def _given(line):
    """Whether a line only names numbers that the text gives."""
    read = (n for n in ast.walk(line) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return isinstance(line, ast.Assign) and all(n.id == "np" for n in read)


def _is_function(node):
    return isinstance(node, ast.Attribute) and node.attr != "T"


def _operation(node, change):
    left, right, kind = node.left, node.right, type(node.op)
    change(left, MISSING)
    if kind is not ast.Pow:  # nobody keeps an exponent alone
        change(right, MISSING)
    for op in OPERATIONS.get(kind, ()):
        change(op(), OPERATION, node, "op")
    if kind in ORDERED:
        change(ast.BinOp(right, node.op, left), EXCHANGED)
    if kind is ast.MatMult:
        for name in ("left", "right"):
            side = getattr(node, name)
            if not (isinstance(side, ast.Attribute) and side.attr == "T"):
                change(ast.Attribute(side, "T", ast.Load()), TURNED, node, name)
    sums = (ast.Add, ast.Sub)
    if kind in (ast.Mult, ast.Div, ast.MatMult):
        if isinstance(right, ast.BinOp) and isinstance(right.op, sums):
            inner = ast.BinOp(left, node.op, right.left)
            change(ast.BinOp(inner, right.op, right.right), BRACKETS)
        if isinstance(left, ast.BinOp) and isinstance(left.op, sums):
            inner = ast.BinOp(left.right, node.op, right)
            change(ast.BinOp(left.left, left.op, inner), BRACKETS)
        if kind is ast.Div and isinstance(right, ast.BinOp) and isinstance(right.op, ast.Mult):
            inner = ast.BinOp(left, ast.Div(), right.left)
            change(ast.BinOp(inner, ast.Mult(), right.right), BRACKETS)
    if kind in sums and isinstance(left, ast.Call) and len(left.args) == 1:
        inner = ast.BinOp(left.args[0], node.op, right)
        change(ast.Call(left.func, [inner], left.keywords), BRACKETS)
    if kind in sums and isinstance(left, ast.BinOp) and isinstance(left.op, PRODUCTS):
        first, second = left.left, left.right
        change(ast.BinOp(first, left.op, ast.BinOp(second, node.op, right)), BRACKETS)
        change(ast.BinOp(ast.BinOp(first, node.op, right), left.op, second), BRACKETS)
    if kind in sums and isinstance(right, ast.BinOp) and isinstance(right.op, PRODUCTS):
        first, second = right.left, right.right
        change(ast.BinOp(ast.BinOp(left, node.op, first), right.op, second), BRACKETS)
    for factor, other in ((left, right), (right, left)) if kind is ast.Mult else ():
        if isinstance(factor, ast.Constant) and factor.value == 2:
            change(ast.BinOp(other, ast.Pow(), factor), OPERATION)
    if kind is ast.Pow and isinstance(left, ast.Call) and len(left.args) == 1:
        inner = ast.BinOp(left.args[0], ast.Pow(), right)
        change(ast.Call(left.func, [inner], left.keywords), BRACKETS)
    if kind is ast.Pow and isinstance(left, ast.BinOp) and isinstance(left.op, sums):
        power = [ast.BinOp(side, ast.Pow(), right) for side in (left.left, left.right)]
        change(ast.BinOp(power[0], left.op, power[1]), BRACKETS)


def _called(node, change):
    function, args = node.func, node.args
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    on_array = isinstance(function, ast.Attribute) and not (
        isinstance(function.value, ast.Name) and function.value.id in ("np", "math")
    )
    if on_array and not args:
        change(function.value, MISSING)
    if len(args) == 1 and isinstance(args[0], ast.BinOp) and not on_array:
        whole = args[0]
        if isinstance(whole.op, (ast.Add, ast.Sub)):
            inner = ast.Call(function, [whole.left], node.keywords)
            change(ast.BinOp(inner, whole.op, whole.right), BRACKETS)
    inner = args[0] if args else None
    if isinstance(inner, ast.Call) and inner.args and not on_array and inner.func is not function:
        turned = ast.Call(function, [inner.args[0], *args[1:]], node.keywords)
        change(ast.Call(inner.func, [turned, *inner.args[1:]], inner.keywords), TURNED_ROUND)
    for i, arg in enumerate(args):
        if i < 3 and not isinstance(arg, ast.Starred):
            change(arg, MISSING)
    if len(args) >= 2:
        change([args[1], args[0], *args[2:]], EXCHANGED, node, "args")
    if len(args) == 3:
        change([args[0], args[2], args[1]], EXCHANGED, node, "args")
    for alike in ALIKE:
        if name in alike and isinstance(function, ast.Attribute):
            for other in sorted(alike - {name}):
                owner = function.value
                change(ast.Attribute(owner, other, ast.Load()), FUNCTION, node, "func")
    if name in ("min", "max") and len(args) == 1 and not node.keywords:
        change(around("{}[0]" if name == "min" else "{}[-1]", args[0]), PLACE)
    for i in range(len(node.keywords)):
        rest = node.keywords[:i] + node.keywords[i + 1 :]
        change(rest, AXIS, node, "keywords")
    if name == "len":
        change(around("{}.size", args[0]), PLACE)
        change(around("{}.shape[-1]", args[0]), PLACE)
        change(around("max(len({}) - 1, 1)", args[0]), PLACE)
