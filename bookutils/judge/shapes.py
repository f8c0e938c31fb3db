"""Shapes that do not fit: the arrays and tensors of a refused line, and what would have fitted.

The failing expression is found by its place in the program text; its operands are evaluated once
more where that is a matter of names, indices and functions without side effects.
"""

import ast
import linecache
import re
from itertools import zip_longest

import numpy as np

from bookutils.judge.tensors import is_tensor

REFUSED = (ValueError, IndexError, TypeError)
METHODS = frozenset(
    "T astype copy dot flatten max mean min ravel reshape squeeze std sum swapaxes transpose "
    "var argmax argmin cumsum prod all any".split()
)
SUMS = frozenset("sum mean max min prod std var argmax argmin all any".split())
SIMPLE = (
    ast.Expression, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Constant, ast.Tuple,
    ast.UnaryOp, ast.BinOp, ast.Compare, ast.Call, ast.keyword, ast.expr_context, ast.operator,
    ast.unaryop, ast.cmpop,
)  # fmt: skip
OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
}  # fmt: skip


def told(error, entry):
    """(sentence or "", shapes of the arrays in the line or "") for what a library refused."""
    if not isinstance(error, REFUSED) and type(error) is not RuntimeError:  # PyTorch's
        return "", ""
    frame = entry.tb_frame
    names = {**frame.f_globals, **frame.f_locals}
    line = linecache.getline(frame.f_code.co_filename, entry.tb_lineno)
    words = dict.fromkeys(re.findall(r"(?<![\w.])[^\W\d]\w*", line))
    arrays = {word: names[word] for word in words if _is_array(names.get(word))}
    shown = ", ".join(f"{name} is {tuple(array.shape)}" for name, array in arrays.items())
    node = _failing(entry)
    if isinstance(error, (IndexError, TypeError)) or node is None:
        return "", shown
    for inner in ast.walk(node):
        pair = _pair(inner)
        values = [_value(operand, names) for operand in pair or ()]
        if pair and all(_is_array(v) or isinstance(v, np.generic) for v in values):
            sentence = (_product if _is_product(inner) else _broadcast)(inner, pair, values)
            if sentence:
                return sentence, shown
    return "", shown


def _is_array(value):
    return isinstance(value, np.ndarray) or is_tensor(value)


def _failing(entry):
    """The syntax tree of the expression or statement that failed, or None."""
    code = entry.tb_frame.f_code
    places = list(code.co_positions())
    start, end, left, right = places[entry.tb_lasti // 2]
    if None in (start, end, left, right):
        return None
    lines = [linecache.getline(code.co_filename, n).encode() for n in range(start, end + 1)]
    lines[-1] = lines[-1][:right]
    lines[0] = lines[0][left:]
    whole = linecache.getline(code.co_filename, start).strip()
    for text in (b"".join(lines).decode(errors="replace").strip(), whole):
        try:
            return ast.parse(text)
        except SyntaxError:  # a part of a statement, such as the target of an assignment
            continue
    return None


def _pair(node):
    """The two operands of an operation on arrays, or None."""
    if isinstance(node, ast.BinOp):
        return node.left, node.right
    if isinstance(node, ast.Compare) and len(node.comparators) == 1:
        return node.left, node.comparators[0]
    if isinstance(node, ast.AugAssign):
        return node.target, node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "dot" and len(node.args) == 1:
            return node.func.value, node.args[0]
        if _is_numpy(node.func.value) and len(node.args) == 2:
            if node.func.attr in ("dot", "matmul") or _ufunc(node.func.attr):
                return tuple(node.args)
    return None


def _is_product(node):
    if isinstance(node, ast.Call):
        return node.func.attr in ("dot", "matmul")
    return isinstance(getattr(node, "op", None), ast.MatMult)


def _is_numpy(node):
    return isinstance(node, ast.Name) and node.id in ("np", "numpy")


def _ufunc(name):
    return isinstance(getattr(np, name, None), np.ufunc)


def _value(node, names):
    """The value of an operand, or None where evaluating it might do something."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    for inner in ast.walk(node):
        if not isinstance(inner, SIMPLE):
            return None
        if isinstance(inner, ast.Call):
            called = inner.func
            pure = isinstance(called, ast.Attribute) and (
                called.attr in METHODS
                or (_is_numpy(called.value) and (_ufunc(called.attr) or called.attr in SUMS))
            )
            if not pure:
                return None
    tree = ast.Expression(body=node)
    for inner in ast.walk(tree):
        if hasattr(inner, "ctx"):
            inner.ctx = ast.Load()
    try:
        with np.errstate(all="ignore"):
            return eval(compile(ast.fix_missing_locations(tree), "<shapes>", "eval"), names)
    except Exception:
        return None


def _inner(a, b):
    return a[-1], b[-2] if len(b) > 1 else b[0]


def _product(node, pair, values):
    """The sentence for a matrix product, or "" where its sizes fit."""
    a, b = (tuple(v.shape) for v in values)
    shown = f"`{ast.unparse(node)}`"
    if not a or not b:
        return f"{shown} needs two arrays: one of them is a number"
    k, m = _inner(a, b)
    if k == m:
        return ""
    sentence = (
        f"{shown} multiplies {a} by {b}: the inner sizes must be equal, and they are {k} and {m}"
    )
    turned = [(x, y) for x in {a, a[::-1]} for y in {b, b[::-1]}]
    if max(len(a), len(b)) == 2 and any(x[-1] == y[0] for x, y in turned):
        sentence += ". Did you forget a transpose, `.T`?"
    return sentence


def _broadcast(node, pair, values):
    """The sentence for shapes that do not broadcast, or "" where they do."""
    a, b = (tuple(v.shape) for v in values)
    shown = f"`{ast.unparse(node)}`"
    clash = [
        (x, y) for x, y in zip_longest(a[::-1], b[::-1], fillvalue=1) if x != y and 1 not in (x, y)
    ]
    if not clash:
        if isinstance(node, ast.AugAssign) and np.broadcast_shapes(a, b) != a:
            return (
                f"{shown} puts {b} into {a}, which cannot grow. "
                "Is a sum over an axis missing on the right?"
            )
        return ""
    x, y = clash[0]
    sentence = (
        f"{shown} does not fit: the shapes {a} and {b} are compared from the right, and {x} is "
        f"not {y}"
    )
    for operand, value, other in zip(pair, values, (b, a), strict=True):
        shape = tuple(value.shape)
        if len(shape) + 1 == len(other):
            for axis in range(len(other)):
                kept = (*shape[:axis], 1, *shape[axis:])
                if _fits(kept, other):
                    return f"{sentence}. {_kept(operand, kept, axis)}"
    if len(a) == len(b) == 2 and _fits(a[::-1], b):
        sentence += ". Did you forget a transpose, `.T`?"
    return sentence


def _fits(a, b):
    return all(x == y or 1 in (x, y) for x, y in zip_longest(a[::-1], b[::-1], fillvalue=1))


def _kept(operand, kept, axis):
    """Advice on an operand that has lost an axis."""
    text = ast.unparse(operand)
    for inner in ast.walk(operand):
        if (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Attribute)
            and inner.func.attr in SUMS
            and not any(k.arg == "keepdims" for k in inner.keywords)
        ):
            return f"With `keepdims=True`, `{ast.unparse(inner)}` would keep the shape {kept}"
    index = ", ".join(":" if i != axis else "None" for i in range(len(kept)))
    return f"`{text}[{index}]` has the shape {kept}; so has a sum or mean with `keepdims=True`"
