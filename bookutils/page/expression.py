"""A reader's own expression, read safely: numbers, names, + - * / ** and the engine's functions.

root, names = evaluate("a = 1.5; b = -2; c = 7; y = (a*b + c) * (c - a)")
"""

import ast
import operator

from bookutils.engine.scalar import Value, maximum, minimum

LONGEST = 1000  # characters
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
ONE_OPERAND = "exp log sqrt sin cos tanh sigmoid softplus relu leaky_relu abs".split()
TWO_OPERANDS = {"maximum": maximum, "minimum": minimum}


def evaluate(text):
    """Return (result, names) of a program such as "a = 1.5; b = -2; y = tanh(a*b) + a".

    The result is the Value of the last line, called y where it has no name; `names` maps each
    name to its Value. Numbers inside an expression stay numbers.
    Raises ValueError, with one sentence, for anything else.
    """
    if len(text) > LONGEST:
        raise ValueError(f"An expression has at most {LONGEST} characters; this has {len(text)}.")
    try:
        lines = ast.parse(text.replace("−", "-").replace("×", "*").strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError("That is no complete expression; an example: a = 1.5; y = a * a") from None
    if not lines:
        raise ValueError("There is nothing to compute yet; an example: a = 1.5; y = a * a")
    names, result = {}, None
    for k, line in enumerate(lines):
        if isinstance(line, ast.Assign) and [type(t) for t in line.targets] == [ast.Name]:
            name = line.targets[0].id
        elif isinstance(line, ast.Expr) and k == len(lines) - 1:
            name = "y" if "y" not in names else None
        else:
            raise ValueError(
                "Each part is `name = expression`, parted by semicolons; only the last may do "
                "without a name."
            )
        if name in names:
            raise ValueError(f"{name} is given twice; in a graph each name is one node.")
        try:
            result = _value(line.value, names)
        except ArithmeticError as error:
            raise ValueError(f"`{ast.unparse(line)}` cannot be computed: {error}.") from None
        except RecursionError:
            raise ValueError("That expression is nested too deeply.") from None
        if not isinstance(result, Value):
            result = Value(result)
        if name:
            names[name] = result
    if not result.parents:
        raise ValueError("The last line computes nothing from a name; an example: y = a * a")
    return result, names


def _value(tree, names):
    if isinstance(tree, ast.Constant) and type(tree.value) in (int, float):
        return float(tree.value)
    if isinstance(tree, ast.Name):
        if tree.id in names:
            return names[tree.id]
        raise ValueError(f"{tree.id} has no value yet; write {tree.id} = 1.5; before it.")
    if isinstance(tree, ast.UnaryOp) and type(tree.op) in OPERATORS:
        operand = _value(tree.operand, names)
        return operand if isinstance(tree.op, ast.UAdd) else -operand
    if isinstance(tree, ast.BinOp) and type(tree.op) in OPERATORS:
        result = OPERATORS[type(tree.op)](_value(tree.left, names), _value(tree.right, names))
        if isinstance(result, complex):
            raise ValueError(f"`{ast.unparse(tree)}` is no real number.")
        return result
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.keywords:
        return _call(tree.func.id, [_value(x, names) for x in tree.args])
    raise ValueError(
        f"`{ast.unparse(tree)}` is more than this field reads: numbers, names, + - * / ** and "
        f"{', '.join([*ONE_OPERAND, *TWO_OPERANDS])}."
    )


def _call(name, operands):
    if name in ONE_OPERAND and len(operands) == 1:
        (x,) = operands
        result = getattr(x if isinstance(x, Value) else Value(x), name)()
    elif name in TWO_OPERANDS and len(operands) == 2:
        a, b = operands if isinstance(operands[0], Value) else operands[::-1]  # both commute
        result = TWO_OPERANDS[name](a, b)
    elif name in ONE_OPERAND or name in TWO_OPERANDS:
        wanted = 1 if name in ONE_OPERAND else 2
        raise ValueError(f"{name} takes {wanted} operand{'s' * (wanted > 1)}, not {len(operands)}.")
    else:
        known = ", ".join([*ONE_OPERAND, *TWO_OPERANDS])
        raise ValueError(f"There is no function {name} here; there are {known}.")
    return result if any(isinstance(x, Value) for x in operands) else result.data
