"""Every small change of a function's program text: the mistakes a tired hand makes.

`mutants(source)` gives {"old text → new text": program}. Each differs from the original in one
place. The libraries that mutate Python (mutmut, cosmic-ray) change files on disk and know neither
a transpose nor an axis nor a mask; what graders of numerical code must tell apart stands below.
Faults around a right answer, such as inputs that are clipped first, stand in `disguises.py`.
"""

import ast
from copy import deepcopy

EPSILON = 1e-9  # added where 0 might be divided by
THRESHOLD = 1e-3  # by which a limit is moved

OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Add, ast.Div, ast.MatMult),
    ast.Div: (ast.Mult, ast.Sub, ast.FloorDiv),
    ast.Pow: (ast.Mult, ast.Add),
    ast.MatMult: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
}
COMPARISONS = {
    ast.Lt: (ast.Gt, ast.LtE),
    ast.LtE: (ast.Gt, ast.Lt),
    ast.Gt: (ast.Lt, ast.GtE),
    ast.GtE: (ast.Lt, ast.Gt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
TWINS = {  # names that are taken for one another
    "mean": "sum", "sum": "mean", "max": "min", "min": "max", "maximum": "minimum",
    "minimum": "maximum", "argmax": "argmin", "argmin": "argmax", "zeros": "ones",
    "ones": "zeros", "exp": "log", "log": "exp", "tanh": "sin", "sin": "cos", "cos": "sin",
    "outer": "inner", "append": "extend", "add": "discard", "var": "std", "std": "var",
    "cumsum": "cumprod", "cumprod": "cumsum", "any": "all", "all": "any",
}  # fmt: skip


def number(value):
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def moved(node, by):
    """node + by, written as a number where it is one."""
    if is_number(node):
        return number(node.value + by)
    return ast.BinOp(node, ast.Add() if by > 0 else ast.Sub(), ast.Constant(abs(by)))


def is_number(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def turned(node):
    return ast.UnaryOp(ast.USub(), node)


def transposed(node):
    return ast.Attribute(node, "T", ast.Load())


def with_epsilon(node):
    return ast.BinOp(node, ast.Add(), number(EPSILON))


class Filled(ast.NodeTransformer):
    """A program text with a node in the place of `_`."""

    def __init__(self, node):
        self.node = node

    def visit_Name(self, node):
        return deepcopy(self.node) if node.id == "_" else node


def of_text(text, node):
    return Filled(node).visit(ast.parse(text, mode="eval").body)


def called(node):
    """The name of what a call calls."""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def swapped_pairs(items):
    """The list with two neighbours exchanged, for every pair of neighbours."""
    for i in range(len(items) - 1):
        yield [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def of_expression(node):
    """What may stand in the place of an expression."""
    match node:
        case ast.BinOp(left, op, right):
            for other in OPERATORS.get(type(op), ()):
                yield ast.BinOp(left, other(), right)
            if isinstance(op, ast.Div):
                yield ast.BinOp(left, op, with_epsilon(right))
            yield left  # a term, a factor, a mask dropped
            yield right
            if not isinstance(op, (ast.Add, ast.Mult)):
                yield ast.BinOp(right, op, left)
            if isinstance(op, ast.MatMult):
                yield ast.BinOp(transposed(left), op, right)
                yield ast.BinOp(left, op, transposed(right))
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Compare(left, [op], [right]):
            for other in COMPARISONS.get(type(op), ()):
                yield ast.Compare(left, [other()], [right])
            if isinstance(op, ast.Eq):
                yield ast.Call(ast.parse("np.isclose", mode="eval").body, [left, right], [])
            if isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):  # a moved threshold
                yield ast.Compare(left, [op], [ast.BinOp(right, ast.Add(), number(THRESHOLD))])
                yield ast.Compare(left, [op], [ast.BinOp(right, ast.Sub(), number(THRESHOLD))])
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from values
        case ast.Constant(value) if type(value) is bool:
            yield ast.Constant(not value)
        case ast.Constant(value) if is_number(node):
            yield number(value + 1)
            yield number(value - 1)
            if value != int(value):
                yield number(value * 1.01)
        case ast.Subscript(value, key, ctx) if not isinstance(key, (ast.Slice, ast.Tuple)):
            if is_number(key) or isinstance(key, (ast.Name, ast.BinOp)):
                yield ast.Subscript(value, moved(key, 1), ctx)
                yield ast.Subscript(value, moved(key, -1), ctx)
        case ast.Slice(lower, upper, step):
            for by in (1, -1):
                if lower:
                    yield ast.Slice(moved(lower, by), upper, step)
                if upper:
                    yield ast.Slice(lower, moved(upper, by), step)
            yield ast.Slice(None, upper, step)
            yield ast.Slice(lower, None, step)
            yield ast.Slice(lower, upper, None)
        case ast.Attribute(value, "T"):
            yield value
        case ast.Attribute(value, name, ctx) if name in TWINS:
            yield ast.Attribute(value, TWINS[name], ctx)
        case ast.Name(name, ctx) if name in TWINS:
            yield ast.Name(TWINS[name], ctx)
        case ast.Tuple(elts, ast.Load()) | ast.List(elts, ast.Load()):
            for order in swapped_pairs(elts):
                yield type(node)(order, ast.Load())
        case ast.IfExp(test, body, orelse):
            yield body
            yield orelse
            yield ast.IfExp(test, orelse, body)
        case ast.Call(func, args, keywords):
            for order in swapped_pairs(args):
                yield ast.Call(func, order, keywords)
            for i in range(len(keywords)):  # an axis dropped, keepdims dropped
                yield ast.Call(func, args, keywords[:i] + keywords[i + 1 :])
            yield from args  # the function left out, or all of its arguments but one
            if called(node) in ("log", "sqrt"):
                yield ast.Call(func, [with_epsilon(args[0]), *args[1:]], keywords)
            if not args and isinstance(func, ast.Attribute):
                yield func.value  # x.copy() → x
            if called(node) == "range":
                for i, by in ((i, by) for i in range(len(args)) for by in (1, -1)):
                    yield ast.Call(func, [*args[:i], moved(args[i], by), *args[i + 1 :]], keywords)
            if called(node) in ("outer", "dot", "matmul", "stack", "array"):
                yield transposed(node)


def of_statement(node):
    """What may stand in the place of a statement."""
    if not isinstance(node, (ast.FunctionDef, ast.Return)):
        yield ast.Pass()
    match node:
        case ast.AugAssign(target, op, value):
            yield ast.Assign([target], value, lineno=0)
            for other in OPERATORS.get(type(op), ()):
                yield ast.AugAssign(target, other(), value)
            yield ast.AugAssign(target, op, turned(value))
        case ast.Assign([(ast.Name() | ast.Subscript()) as target], value):
            yield ast.AugAssign(target, ast.Add(), value)
            yield ast.Assign([target], turned(value), lineno=0)
        case ast.Return(ast.Tuple(elts)):
            for i, item in enumerate(elts):
                yield ast.Return(ast.Tuple([*elts[:i], turned(item), *elts[i + 1 :]], ast.Load()))
        case ast.Return(value) if value is not None:
            yield ast.Return(turned(value))
        case ast.If(test, body, orelse):
            for other in (ast.UnaryOp(ast.Not(), test), ast.Constant(True), ast.Constant(False)):
                yield ast.If(other, body, orelse)
        case ast.For(target, iter, body, orelse):
            yield ast.For(target, iter, [*body, ast.Break()], orelse, lineno=0)
            backwards = ast.Call(ast.Name("reversed", ast.Load()), [deepcopy(iter)], [])
            yield ast.For(target, backwards, body, orelse, lineno=0)
            yield ast.For(target, of_text("list(_)[:-1]", iter), body, orelse, lineno=0)
            yield ast.For(target, of_text("dict.fromkeys(_)", iter), body, orelse, lineno=0)
        case ast.While(test, body, orelse):
            yield ast.While(test, [*body, ast.Break()], orelse)
            if isinstance(test, ast.Name):  # of a list that empties: one round too few
                yield ast.While(of_text("len(_) > 1", test), body, orelse)


def neighbours(function):
    """{parameter: the next one}, for arguments mistaken for one another."""
    names = [argument.arg for argument in function.args.args]
    return dict(zip(names, names[1:] + names[:1], strict=True)) if len(names) > 1 else {}


def places(node, function):
    """(put, node, alternatives) for every node below, in the order of the text."""
    following = neighbours(function)
    for field, value in ast.iter_fields(node):
        for i, item in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(item, ast.AST) or (node is function and field != "body"):
                continue
            if isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant):
                continue  # a docstring

            def put(new, value=value, field=field, i=i):
                if isinstance(value, list):
                    value[i] = new
                else:
                    setattr(node, field, new)

            change = of_statement if isinstance(item, ast.stmt) else of_expression
            found = list(change(item))
            if isinstance(item, ast.Name) and item.id in following:
                found.append(ast.Name(following[item.id], item.ctx))
            yield put, item, found
            yield from places(item, function)


def difference(old, new):
    """The lines of two programs that differ, as `old → new`."""
    old, new = old.splitlines(), new.splitlines()
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return " → ".join("; ".join(map(str.strip, lines)) or "nothing" for lines in (old, new))


def mutants(source):
    """{"old → new": program} of every change of the one function that `source` defines."""
    tree = ast.parse(source)
    (function,) = tree.body
    original, made = ast.unparse(tree), {}
    for put, old, alternatives in places(function, function):
        for new in alternatives:
            put(new)
            text = ast.unparse(ast.fix_missing_locations(tree))
            put(old)
            if text != original:
                made[difference(original, text)] = text
    return made
