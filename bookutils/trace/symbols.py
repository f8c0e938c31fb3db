"""A number without a value, and the record of what is computed with it: as in chapter 12."""

import inspect
from copy import deepcopy

from bookutils.engine.graph import paused
from bookutils.engine.number import NoNumber, number
from bookutils.engine.rules import stop
from bookutils.engine.scalar import Value
from bookutils.trace.rows import CONDITIONS, ROWS, evaluate, letters


class Trace:
    """The operations met so far: tuples (name, *operands), operands before what is made of them.

    ("input", "a"), ("const", 2.0), or the name of a row and the indices of its operands.
    """

    def __init__(self, ops=()):
        self.ops = list(ops)
        self.found = {repr(op): i for i, op in enumerate(self.ops)}

    def node(self, *op):
        """The Symbol of this operation: the same text is the same node."""
        text = repr(op)  # tells 0.0 from -0.0, which == does not
        if text not in self.found:
            self.found[text] = len(self.ops)
            self.ops.append(op)
        return Symbol(self, self.found[text])

    def at(self, index):
        return Symbol(self, index)

    def symbol(self, x):
        """x, if it is a Symbol of this trace; a number becomes a constant."""
        if not isinstance(x, Symbol):
            return self.node("const", number(x.data if isinstance(x, Value) else x))
        if x.trace is not self:
            raise ValueError(
                "two traces meet: this traced number was kept from another run; give it as an "
                "argument of the function that is traced"
            )
        return x


NO_VALUE = "a traced number has no value yet: "


def refused(what):
    """A property that a traced number cannot have, read or written."""

    def ask(self, new=None):
        raise NoNumber(f"{NO_VALUE}{what}")

    return property(ask, ask)


class Symbol(Value):
    """A number without a value: the result of operation `index` of a trace.

    It is computed with as a Value is, and each operation is recorded. A comparison gives a Symbol
    too, for `where(condition, x, y)`; what needs its answer at once, such as `if`, is refused.
    """

    __slots__ = ("trace", "index")

    def __init__(self, trace, index):
        self.trace, self.index = trace, index

    def __repr__(self):
        return f"Symbol({self.index}: {self.trace.ops[self.index]})"

    def __bool__(self):
        raise NoNumber(
            f"{NO_VALUE}`if`, `while`, `and`, `or`, `not`, `in`, min and max cannot ask it; write "
            "where(condition, x, y), &, |, maximum(x, y) or minimum(x, y)"
        )

    def __float__(self, *_):
        raise NoNumber(
            f"{NO_VALUE}write x.exp() for math.exp(x), and so on; the numbers are in what the "
            "traced program returns"
        )

    __int__ = __index__ = __round__ = item = __float__

    def __deepcopy__(self, memo=None):
        return self

    __copy__ = __deepcopy__

    def __format__(self, spec):
        return repr(self) if not spec else format(float(self), spec)

    data = refused("x.data is in what the traced program returns")
    parents = slopes = refused(
        "Tensors and bookutils.where do not take it, bookutils.trace.where does"
    )
    grad = refused("program.grad() is the gradient, as a program")
    backward = gradients = grad


def apply(name, *operands):
    """Record one row; the number itself where no operand is traced."""
    if len(operands) != len(letters(name)):
        raise TypeError(f"{name}: {len(letters(name))} operands, not {len(operands)}")
    trace = next((o.trace for o in operands if isinstance(o, Symbol)), None)
    if trace is None:
        return evaluate(name, *map(number, operands))
    symbols = [trace.symbol(o) for o in operands]
    for place, symbol in enumerate(symbols):
        if is_condition(symbol) != (place in CONDITION_PLACES.get(name, ())):
            symbols[place] = (as_number if is_condition(symbol) else as_condition)(symbol)
    symbol = simpler(name, *symbols)
    if symbol is None:
        symbol = trace.node(name, *[s.index for s in symbols])
    if paused() and not (is_condition(symbol) or isinstance(known(symbol), float)):
        return trace.node("detach", symbol.index)
    return symbol


CONDITION_PLACES = {"where": {0}, "and": {0, 1}, "or": {0, 1}, "not": {0}}


def known(symbol):
    """The number that a constant holds; None for what is not known."""
    name, *operands = symbol.trace.ops[symbol.index]
    return operands[0] if name == "const" else None


def is_condition(symbol):
    """Whether it is true or false: a comparison, or a constant that was one."""
    name, *operands = symbol.trace.ops[symbol.index]
    return name in CONDITIONS or (name == "const" and isinstance(operands[0], bool))


def as_condition(symbol):
    return symbol if is_condition(symbol) else apply("ne", symbol, 0.0)


def as_number(symbol):
    return apply("where", symbol, 1.0, 0.0) if is_condition(symbol) else symbol


def simpler(name, first, *others):
    """What the operation is without being computed: only where not a bit can differ; else None."""
    symbols, trace = (first, *others), first.trace
    numbers = [known(s) for s in symbols]
    if None not in numbers:
        return trace.node("const", evaluate(name, *numbers))
    if name == "where":
        if isinstance(numbers[0], bool):
            return symbols[1] if numbers[0] else symbols[2]
        return symbols[1] if symbols[1].index == symbols[2].index else None
    if name == "mul":
        for number, other in zip(numbers, reversed(symbols), strict=True):
            if number in (1.0, -1.0):
                return other if number == 1.0 else apply("neg", other)
    if name in ("div", "pow") and numbers[1] == 1.0:
        return first
    if name == "neg" and trace.ops[first.index][0] == "neg":
        return trace.at(trace.ops[first.index][1])
    return None


class Choice:
    """The slope where(condition, x, y) with `stop` in it: G is multiplied first, then chosen."""

    def __init__(self, condition, x, y):
        self.condition, self.x, self.y = condition, x, y

    def __mul__(self, G):
        return where(self.condition, self.x * G, self.y * G)


def where(condition, x, y):
    """x if the condition holds, else y: for traced numbers, Values and numbers.

    In place of `if`, which a traced program does not have. Both x and y are computed.
    """
    if not isinstance(condition, Symbol):
        return x if condition else y
    if x is stop or y is stop:
        return Choice(condition, x, y)
    return apply("where", condition, x, y)


def method(name, reflected=False):
    """apply(name, self, …) as a method."""

    def operation(self, *others):
        return apply(name, *(others if reflected else ()), self, *(() if reflected else others))

    operation.__name__, operation.__doc__ = name, f"y = {ROWS[name][0]}"
    return operation


for sign, name in {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "pow": "pow",
}.items():
    setattr(Symbol, f"__{sign}__", method(name))
    setattr(Symbol, f"__r{sign}__", method(name, reflected=True))
for sign in ("lt", "le", "gt", "ge", "eq", "ne", "and", "or"):
    setattr(Symbol, f"__{sign}__", method(sign))
Symbol.__rand__, Symbol.__ror__, Symbol.__invert__ = method("and"), method("or"), method("not")
Symbol.__hash__ = object.__hash__
Symbol.__neg__, Symbol.__abs__ = method("neg"), method("abs")
for name in ROWS:
    if hasattr(Value, name) or name in ("erf", "log1p"):
        setattr(Symbol, name, method(name))
Symbol.leaky_relu = lambda self, slope=0.01: apply("leaky_relu", self, slope)


# --- a function traced ---------------------------------------------------------------------------


def recorded(f, arguments):
    """Call f on Symbols: (trace, the names of its inputs, what it returned)."""
    inputs = Inputs()
    arguments = arguments or names_of(f)
    f = inputs.of_a_model(f)
    return inputs.trace, inputs.names, f(*map(inputs.placed, arguments))


class Inputs:
    """The inputs of a new trace, found in the arguments of a function."""

    def __init__(self):
        self.trace, self.names, self.values = Trace(), [], {}

    def new(self, name):
        """The Symbol of one more input."""
        if not (isinstance(name, str) and name.isidentifier()):
            raise ValueError(f"trace: {name!r} is no name for an input: letters, digits, _")
        if name in self.names:
            raise ValueError(f"trace: two inputs are called {name}")
        self.names.append(name)
        return self.trace.node("input", name)

    def of_value(self, value, name):
        """The Symbol in place of a Value; the same Value is the same input."""
        if id(value) not in self.values:
            self.values[id(value)] = value, self.new(name)  # kept, so that no other gets its id
        return self.values[id(value)][1]

    def of_a_model(self, x):
        """A copy of what has parameters, with Symbols in their place; its methods, too."""
        owner = getattr(x, "__self__", None)
        if callable(getattr(owner, "parameters", None)):
            return getattr(self.of_a_model(owner), x.__name__)
        if not callable(getattr(x, "parameters", None)):
            return x
        start = sum(name.startswith("w") for name in self.names)
        found = {id(p): p for p in x.parameters()}.values()
        symbols = {id(p): self.of_value(p, f"w{start + k}") for k, p in enumerate(found)}
        return deepcopy(x, symbols)

    def placed(self, x):
        """x with Symbols in place of names, Values and the parameters of models."""
        if isinstance(x, str):
            return self.new(x)
        if isinstance(x, Value):
            return self.of_value(x, x.label or f"v{len(self.names)}")
        if isinstance(x, (list, tuple)):
            return type(x)(map(self.placed, x))
        if isinstance(x, dict):
            return {key: self.placed(item) for key, item in x.items()}
        return self.of_a_model(x)


def names_of(f):
    """The names of the arguments that f must be given."""
    named = []
    for p in inspect.signature(f).parameters.values():
        if p.default is p.empty:
            if p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
                raise ValueError(
                    f"trace: how many numbers {f.__name__} takes is open ({p}): name them, as in "
                    'trace(f, "a", "b")'
                )
            named.append(p.name)
    return named
