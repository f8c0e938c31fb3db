"""The project of chapter 03: an engine of the reader's own, under the contract of the chapter."""

import math

from bookutils.judge.project import Mistake, Project, Property

# ---- a right answer, and what goes wrong in others


class Value:
    """A number that remembers its operands and the derivative with respect to each."""

    def __init__(self, data, edges=()):
        if isinstance(data, str):
            raise TypeError(f"Value takes a number, and {data!r} came")
        self.data, self.grad, self.edges = float(data), 0.0, edges

    def made(self, data, *edges):
        return type(self)(data, edges)

    def wrapped(self, other):
        return other if isinstance(other, Value) else type(self)(other)

    def __add__(self, other):
        other = self.wrapped(other)
        return self.made(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = self.wrapped(other)
        return self.made(self.data * other.data, (self, other.data), (other, self.data))

    def __sub__(self, other):
        other = self.wrapped(other)
        return self.made(self.data - other.data, (self, 1.0), (other, -1.0))

    def __rsub__(self, other):
        return self.wrapped(other) - self

    def __truediv__(self, other):
        other = self.wrapped(other)
        y = self.data / other.data
        return self.made(y, (self, 1 / other.data), (other, -y / other.data))

    def __rtruediv__(self, other):
        return self.wrapped(other) / self

    def __pow__(self, other):
        if not isinstance(other, Value):
            return self.power(float(other))
        a, b = self.data, other.data
        y = self.power(b)
        return self.made(y.data, (self, y.edges[0][1]), (other, y.data * math.log(a)))

    def power(self, b):
        a = self.data
        if a < 0 and b != round(b):
            raise ValueError(f"{a} ** {b} is no real number")
        return self.made(a**b, (self, b * a ** (b - 1) if b else 0.0))

    def __rpow__(self, other):
        return self.wrapped(other) ** self

    def __neg__(self):
        return self.made(-self.data, (self, -1.0))

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        y = math.exp(self.data)
        return self.made(y, (self, y))

    def log(self):
        if self.data <= 0:
            raise ValueError(f"log({self.data}) is no real number")
        return self.made(math.log(self.data), (self, 1 / self.data))

    def tanh(self):
        y = math.tanh(self.data)
        return self.made(y, (self, 1 - y * y))

    def relu(self):
        return self.made(max(self.data, 0.0), (self, float(self.data > 0)))

    def atan(self):
        return self.made(math.atan(self.data), (self, 1 / (1 + self.data**2)))

    def hypot(self, other):
        other = self.wrapped(other)
        y = math.hypot(self.data, other.data)
        return self.made(y, *((v, v.data / y if y else 0.0) for v in (self, other)))

    def clip(self, low, high):
        inside = low <= self.data <= high
        return self.made(min(max(self.data, low), high), (self, float(inside)))

    @classmethod
    def logsumexp(cls, values):
        top = max(v.data for v in values)
        y = top + math.log(sum(math.exp(v.data - top) for v in values))
        return cls(y, tuple((v, math.exp(v.data - y)) for v in values))

    def order(self):
        order, met, stack = [], set(), [self]
        while stack:
            node = stack.pop()
            if node is None:
                order.append(stack.pop())
            elif node not in met:
                met.add(node)
                stack += node, None
                stack += [parent for parent, _ in node.edges]
        return order

    def gradients(self):
        grads = dict.fromkeys(self.order(), 0.0)
        grads[self] = 1.0
        for node in reversed(grads):
            for parent, slope in node.edges:
                grads[parent] += slope * grads[node]
        return grads

    def backward(self):
        for node, grad in self.gradients().items():
            node.grad += grad


class Overwrites(Value):
    def gradients(self):
        grads = dict.fromkeys(self.order(), 0.0)
        grads[self] = 1.0
        for node in reversed(grads):
            for parent, slope in node.edges:
                grads[parent] = slope * grads[node]
        return grads


class PassesOldSumsOn(Value):
    def backward(self):
        self.grad = 1.0
        for node in reversed(self.order()):
            for parent, slope in node.edges:
                parent.grad += slope * node.grad


class Assigns(Value):
    def backward(self):
        for node, grad in self.gradients().items():
            node.grad = grad


class LeavesOnly(Value):
    def backward(self):
        for node, grad in self.gradients().items():
            if not node.edges:
                node.grad += grad


class NearestFirst(Value):
    def order(self):
        order, met = [self], {self}
        for node in order:
            new = [parent for parent, _ in node.edges if parent not in met]
            order += dict.fromkeys(new)
            met.update(new)
        return order[::-1]


class Recursive(Value):
    def order(self):
        order, met = [], set()

        def visit(node):
            if node not in met:
                met.add(node)
                for parent, _ in node.edges:
                    visit(parent)
                order.append(node)

        visit(self)
        return order


class EveryPath(Value):
    def gradients(self):
        grads = dict.fromkeys(self.order(), 0.0)
        paths = [(self, 1.0)]
        while paths:
            node, upstream = paths.pop()
            grads[node] += upstream
            paths += [(parent, upstream * slope) for parent, slope in node.edges]
        return grads


class KeepsGradients(PassesOldSumsOn):
    def gradients(self):
        self.backward()
        return {node: node.grad for node in self.order()}


class WithoutRoot(Value):
    def gradients(self):
        grads = super().gradients()
        del grads[self]
        return grads


class ByNumber(Value):
    def gradients(self):
        return {node.data: grad for node, grad in super().gradients().items()}


class Exchanged(Value):
    def __rsub__(self, other):
        return self - other

    def __rtruediv__(self, other):
        return self / other


class NoExponent(Value):
    def __pow__(self, other):
        return self.power(other.data if isinstance(other, Value) else float(other))


class InPlace(Value):
    def __iadd__(self, other):
        self.data += self.wrapped(other).data
        return self


class SlopesOfHypot(Value):
    def hypot(self, other):
        other = self.wrapped(other)
        y = math.hypot(self.data, other.data)
        return self.made(y, *((v, 1 / (2 * y) if y else 0.0) for v in (self, other)))


class ClipsTheGradient(Value):
    def clip(self, low, high):
        return self.made(min(max(self.data, low), high), (self, 1.0))


class Overflows(Value):
    @classmethod
    def logsumexp(cls, values):
        terms = [math.exp(v.data) for v in values]
        edges = tuple((v, t / sum(terms)) for v, t in zip(values, terms, strict=True))
        return cls(math.log(sum(terms)), edges)


class LastWins(Value):
    @classmethod
    def logsumexp(cls, values):
        y = super().logsumexp(values)
        return cls(y.data, tuple(dict(y.edges).items()))


class ReluAtZero(Value):
    def relu(self):
        return self.made(max(self.data, 0.0), (self, float(self.data >= 0)))


class Complex(Value):
    def __init__(self, data, edges=()):
        self.data, self.grad, self.edges = data, 0.0, edges

    def power(self, b):
        a = self.data
        return self.made(a**b, (self, b * a ** (b - 1) if b else 0.0))


MISTAKES = (
    Mistake(
        "overwrites",
        "You assign where paths meet: of all the gradients that a node gets, the last one is left.",
        Overwrites,
    ),
    Mistake(
        "old sums",
        "You keep the sums of a pass in `.grad`, so a later pass hands the old ones on.",
        PassesOldSumsOn,
    ),
    Mistake(
        "assigns",
        "You set `.grad` to the gradient of the last call, where each call adds to it.",
        Assigns,
    ),
    Mistake(
        "leaves only", "You fill `.grad` of the inputs only, not of the nodes between.", LeavesOnly
    ),
    Mistake(
        "nearest first",
        "You visit nodes by their distance from the root. A node may then pass its gradient on "
        "before all of its consumers have reported.",
        NearestFirst,
    ),
    Mistake(
        "recursion",
        "Your walk calls itself for each node, and Python allows about a thousand calls.",
        Recursive,
    ),
    Mistake(
        "every path",
        "You walk along each path. Where paths part and join again and again, each join doubles "
        "their number.",
        EveryPath,
    ),
    Mistake(
        "not pure",
        "Your `gradients` works in `.grad`: it changes nodes, and what they held is in its sums.",
        KeepsGradients,
    ),
    Mistake("no root", "You leave out the node itself, whose gradient is 1.", WithoutRoot),
    Mistake(
        "by number",
        "Your `gradients` has numbers as keys: two nodes that hold the same number are then one.",
        ByNumber,
    ),
    Mistake(
        "exchanged",
        "With the number on the left the operands are exchanged: `2 - a` calls `a.__rsub__(2)`.",
        Exchanged,
    ),
    Mistake(
        "no exponent",
        "You leave out the derivative with respect to the exponent, y·ln a.",
        NoExponent,
    ),
    Mistake("in place", "`+=` changes the number of the node that others still hold.", InPlace),
    Mistake(
        "root's slope",
        "You take the derivative of the root and forget that of the squares inside it.",
        SlopesOfHypot,
    ),
    Mistake(
        "passes outside",
        "Outside of the bounds the result does not move with the number, so its slope is 0.",
        ClipsTheGradient,
    ),
    Mistake(
        "overflow",
        "You take e to the numbers as they are, which is too large for a float from 710 on. Take "
        "the largest out first.",
        Overflows,
    ),
    Mistake(
        "once each",
        "A value that stands in the list twice has two edges; you keep one.",
        LastWins,
    ),
    Mistake("relu at 0", "At 0 the slope of ReLU is 0, as in chapter 03.", ReluAtZero),
    Mistake(
        "anything goes",
        "You take whatever comes: a text becomes a Value, and a power may become a complex number.",
        Complex,
    ),
)


# ---- the programs


def value_of(Value, text, x, z):
    a, b = Value(x), Value(z)
    y = eval(text)
    return y.data


def slopes_of(Value, text, x, z):
    a, b = Value(x), Value(z)
    y = eval(text)
    (y * -1.9).backward()
    return a.grad, b.grad


def one_operand(Value, text, x):
    a = Value(x)
    y = eval(text)
    (y * -1.9).backward()
    return y.data, a.grad


def of_a_list(Value, numbers):
    values = [Value(number) for number in numbers]
    y = Value.logsumexp(values)
    (y * -1.9).backward()
    return y.data, [v.grad for v in values]


def twice_in_a_list(Value, x, z):
    a, b = Value(x), Value(z)
    y = Value.logsumexp([a, b, a])
    y.backward()
    return a.grad, b.grad


def used_twice(Value, x):
    a = Value(x)
    y = a * a + a
    y.backward()
    return a.grad


def short_and_long_way(Value, x):
    a = Value(x)
    b = a * a
    y = (b * 0.5 + 2.0) * b
    y.backward()
    return a.grad


def totals_on_the_way(Value, x):
    a = Value(x)
    b = a + a
    y = b + b
    y.backward()
    return a.grad


def nodes_between(Value, x):
    a = Value(x)
    b = a * 3.0
    y = b * b
    y.backward()
    return y.grad, b.grad, a.grad


def called_again(Value, x, calls):
    a = Value(x)
    y = (a * a) * 4.0
    for _ in range(calls):
        y.backward()
    return a.grad


def two_results(Value, x):
    a = Value(x)
    b = a * a
    y, z = b * 4.0, b + a
    y.backward()
    z.backward()
    return a.grad


def after_zeroing(Value, x):
    a = Value(x)
    y = (a * a) * 4.0
    y.backward()
    a.grad = 0.0
    y.backward()
    return a.grad


def long_chain(Value, steps):
    a, c = Value(0.75), Value(0.125)
    y = a
    for _ in range(steps):
        y = y + c
    y.backward()
    return y.data, a.grad, c.grad


def ladder(Value, steps):
    a, half = Value(1.5), Value(0.5)
    y = a
    for _ in range(steps):
        y = y * half + y * half
    y.backward()
    return y.data, a.grad


def gradients_by_node(Value, x, z):
    a, b = Value(x), Value(z)
    c = a * b
    y = c * c + a
    grads = y.gradients()
    return grads[a], grads[b], grads[c], grads[y]


def equal_numbers(Value, x):
    a, b = Value(x), Value(x)
    y = a * 2.0 + b * 3.0
    grads = y.gradients()
    return grads[a], grads[b]


def only_its_own(Value, x):
    a, b = Value(x), Value(x)
    other = a + b
    y = a + 1.0
    grads = y.gradients()
    return a in grads, b in grads, other in grads


def gradients_change_nothing(Value, x):
    a = Value(x)
    b = a * a
    y = b * 4.0
    y.gradients()
    y.gradients()
    return a.grad, b.grad, y.grad, a.data, b.data, y.data


def gradients_after_backward(Value, x):
    a = Value(x)
    b = a * a
    y = b * 4.0
    y.backward()
    grads = y.gradients()
    return grads[b], grads[a], a.grad


def still_there(Value, x, z):
    a, b = Value(x), Value(z)
    c = a
    c += b
    c *= 2.0
    c.backward()
    return a.data, c.data, a.grad


def refused(Value, text, x):
    a = Value(x)
    try:
        eval(text)
        said = "no error"
    except (ValueError, TypeError) as error:
        said = str(error)
    return said


def many_steps(Value, text, x, z):
    a, b = Value(x), Value(z)
    y = eval(text)
    y.backward()
    return y.data, a.grad, b.grad


def says_what_arrived(said, text, x):
    """None where an error's sentence holds what arrived, else what it does not say."""
    missing = [word for word in ARRIVED[text] if word not in said]
    if said == "no error":
        return f"`{text}` raised no ValueError or TypeError."
    return f"The sentence does not say {' and '.join(missing)}." if missing else None


ARRIVED = {
    "a ** 0.5": ("-2", "0.5"),
    "a ** Value(-1.5)": ("-0.25", "-1.5"),
    "a.log()": ("-3",),
    "Value('three')": ("three",),
}

OPERATORS = (
    "a + b", "a - b", "a * b", "a / b", "a ** b", "a + 2", "2 + a", "a - 2", "2 - a", "a * 3",
    "3 * a", "a / 4", "4 / a", "a ** 3", "a ** -1.5", "3 ** a", "-a",
)  # fmt: skip
AT = ((1.7, 2.3), (0.4, -1.3), (2.9, 0.7))
OF_ONE = (
    ("a.exp()", 0.7), ("a.exp()", -1.3), ("a.log()", 2.9), ("a.log()", 0.04), ("a.tanh()", 0.7),
    ("a.tanh()", -1.4), ("a.relu()", 1.7), ("a.relu()", -0.4), ("a.relu()", 0.0),
    ("(2 * a).relu()", 0.0),
)  # fmt: skip


def programs(rng):
    """Expressions of some ten steps, grown from a and b: (text, x, z)."""
    rules = (
        "({} + {})", "({} - {})", "({} * {})", "({} / (2 + {} * {}))", "{}.tanh()", "{}.atan()",
        "{}.hypot({})", "({} * 0.3).exp()", "(-{}).clip(-1.5, 1.25)", "(1.5 - {})",
    )  # fmt: skip
    cases = [("(a * b + a).tanh() * (b - a)", 0.6, -1.3)]
    for _ in range(24):
        terms = ["a", "b"]
        for rule in rng.choice(rules, 7):
            picked = [terms[i] for i in rng.integers(0, len(terms), rule.count("{}"))]
            if rule.startswith("({} / "):
                picked[2] = picked[1]
            terms.append(rule.format(*picked))
            if len(terms[-1]) > 60:
                terms[-1] = "(a + b)"
        cases.append((" + ".join(terms[-3:]), *rng.uniform(-2, 2, 2).round(2).tolist()))
    return cases


SECTION = {
    "numbers": 'chapter 03, section 3.8, "One table of rules"',
    "adds": 'chapter 03, section 3.5, "Accumulate"',
    "order": 'chapter 03, section 3.4, "Backward, in fifteen lines"',
    "deep": 'chapter 03, section 3.6, "A thousand nodes, and a million"',
    "again": 'chapter 03, section 3.7, "The second call"',
}

PROJECT = Project(
    id="03.project",
    title="Your own Value",
    name="Value",
    apart=("bookutils.engine", "torch"),
    reference=Value,
    proves="Your engine keeps the contract of chapter 03, with four operations more.",
    mistakes=MISTAKES,
    properties=(
        Property(
            "Arithmetic gives the numbers that floats give",
            1,
            value_of,
            [(text, *at) for text in OPERATORS for at in AT],
            explains="`2 - a` calls `a.__rsub__(2)`, and an int is a number too.",
            section=SECTION["numbers"],
            group="numbers",
        ),
        Property(
            "Each sign of arithmetic has its slopes",
            2,
            slopes_of,
            [(text, *at) for text in OPERATORS for at in AT],
            explains="Each slope is multiplied by the gradient that comes from above, here −1.9.",
            section=SECTION["numbers"],
            group="numbers",
        ),
        Property(
            "A node that is used twice adds up both gradients",
            1,
            used_twice,
            ((1.5,), (-0.75,)),
            expected=lambda x: 2 * x + 1,
            explains="Where paths meet, gradients add: `+=`, not `=`.",
            section=SECTION["adds"],
            group="backward",
        ),
        Property(
            "A node passes on when all of its consumers have reported",
            1,
            short_and_long_way,
            ((3.0,), (-0.5,)),
            expected=lambda x: 2 * x**3 + 4 * x,
            explains="The order is that of `topological_order`, walked back from the root.",
            section=SECTION["order"],
            group="backward",
        ),
        Property(
            "Nodes between get their gradient too",
            1,
            nodes_between,
            ((1.5,), (-0.5,)),
            expected=lambda x: (1.0, 6 * x, 18 * x),
            explains="`backward` adds to `.grad` of every node, the root's own included.",
            section=SECTION["order"],
            group="backward",
        ),
        Property(
            "A chain of 20,000 additions",
            1,
            long_chain,
            ((3,), (2_000,), (20_000,)),
            expected=lambda steps: (0.75 + 0.125 * steps, 1.0, float(steps)),
            explains="Keep the waiting nodes in a list of yours, not in Python's stack of calls.",
            section=SECTION["deep"],
            group="backward",
        ),
        Property(
            "Sixty forks, and 2⁶⁰ paths",
            1,
            ladder,
            ((2,), (60,)),
            expected=lambda steps: (1.5, 1.0),
            explains="Each node is visited once, when its sum is complete; not once for each path.",
            seconds=1.0,
            section=SECTION["order"],
            group="backward",
        ),
        Property(
            "Each call of backward adds exactly once more",
            1,
            called_again,
            ((1.5, 2), (-0.5, 3), (0.25, 1)),
            expected=lambda x, calls: 8 * x * calls,
            explains="The sums of a pass belong to it: nodes between must not hand old ones on.",
            section=SECTION["again"],
            group="backward",
        ),
        Property(
            "Two results share a node",
            1,
            two_results,
            ((1.5,), (-0.25,)),
            expected=lambda x: 8 * x + 2 * x + 1,
            explains="The second pass starts with sums of its own.",
            section=SECTION["again"],
            group="backward",
        ),
        Property(
            "gradients() returns the gradient of every node, by node",
            2,
            gradients_by_node,
            ((1.5, -2.0), (0.25, 3.0)),
            expected=lambda x, z: (2 * x * z * z + 1, 2 * x * x * z, 2 * x * z, 1.0),
            explains="A dict: the nodes themselves are its keys, and the root is one of them.",
            section=SECTION["again"],
            group="gradients",
        ),
        Property(
            "Nodes with equal numbers are two nodes",
            1,
            equal_numbers,
            ((1.5,), (-0.25,)),
            expected=lambda x: (2.0, 3.0),
            explains="A dict knows a node by its identity: leave `__eq__` and `__hash__` alone.",
            section=SECTION["order"],
            group="gradients",
        ),
        Property(
            "gradients() names only nodes that it was computed from",
            1,
            only_its_own,
            ((1.5,), (-0.25,)),
            expected=lambda x: (True, False, False),
            explains="Follow the parents of the root; other nodes do not belong to its graph.",
            section=SECTION["order"],
            group="gradients",
        ),
        Property(
            "gradients() changes no node",
            1,
            gradients_change_nothing,
            ((1.5,), (-0.5,)),
            expected=lambda x: (0.0, 0.0, 0.0, x, x * x, 4 * x * x),
            explains="The sums are kept in the dict, not in `.grad`: the pass is pure.",
            section=SECTION["again"],
            group="gradients",
        ),
        Property(
            "gradients() does not look at .grad",
            1,
            gradients_after_backward,
            ((1.5,), (-0.5,)),
            expected=lambda x: (4.0, 8 * x, 8 * x),
            explains="What an earlier pass left in `.grad` is no part of this one.",
            section=SECTION["again"],
            group="gradients",
        ),
        Property(
            "exp, log, tanh and relu",
            1,
            one_operand,
            OF_ONE,
            explains="Each slope is multiplied by the gradient that comes from above, here −1.9.",
            section=SECTION["numbers"],
            group="numbers",
        ),
        Property(
            "An operation makes a new node, and changes none",
            1,
            still_there,
            ((1.5, -0.25), (0.5, 2.0)),
            expected=lambda x, z: (x, 2 * (x + z), 2.0),
            explains="Without `__iadd__` Python makes a new Value of `c += b`, as it should be.",
            section='chapter 03, section 3.3, "A number that remembers"',
            group="numbers",
        ),
        Property(
            "What is no real number is an error that says what arrived",
            1,
            refused,
            (
                ("a ** 0.5", -2.0),
                ("a.log()", -3.0),
                ("a ** Value(-1.5)", -0.25),
                ("Value('three')", 1.0),
            ),
            accept=says_what_arrived,
            explains="Python makes (-2) ** 0.5 a complex number without a word.",
            section='chapter 03, section 3.14, "Yours, and the reference"',
            group="numbers",
        ),
        Property(
            "atan",
            1,
            one_operand,
            (("a.atan()", 0.7), ("a.atan()", -1.3), ("a.atan()", 0.0), ("a.atan()", 40.0)),
            expected=lambda text, x: (math.atan(x), -1.9 / (1 + x * x)),
            explains="The derivative of atan a is 1/(1 + a²).",
            section=SECTION["numbers"],
            group="new operations",
        ),
        Property(
            "hypot",
            1,
            slopes_of,
            [
                ("a.hypot(b)", 1.5, 2.0),
                ("a.hypot(b)", -0.7, 2.4),
                ("a.hypot(b)", 0.3, -0.4),
                ("a.hypot(b)", 0.0, 2.5),
                ("a.hypot(b)", 0.0, 0.0),
                ("a.hypot(2.0)", -1.5, 1.7),
                ("a.hypot(a)", 1.5, 1.7),
            ],
            explains="With y = √(a² + b²) the slopes are a/y and b/y, and at a = b = 0 both are 0.",
            section=SECTION["numbers"],
            group="new operations",
        ),
        Property(
            "clip",
            1,
            one_operand,
            [
                *(("a.clip(-0.5, 1.5)", x) for x in (0.7, 2.9, -1.3, 1.5, -0.5)),
                ("a.clip(1, 2)", 0.25),
                ("a.clip(1, 2)", 1.25),
            ],
            explains="The slope is 1 from `low` to `high`, both included, and 0 outside.",
            section=SECTION["numbers"],
            group="new operations",
        ),
        Property(
            "logsumexp of a list, also of large numbers",
            1,
            of_a_list,
            [
                ([0.7, -1.3],),
                ([0.4, 1.7, -2.9],),
                ([2.5],),
                ([1000.0, 999.5],),
                ([-1000.0, -1001.5, -1002.0],),
                ([0.7, 0.7, 0.7, -800.0],),
            ],
            explains="The slope of each value is e to the value minus the result.",
            section=SECTION["numbers"],
            group="new operations",
        ),
        Property(
            "A value that stands in the list twice counts twice",
            1,
            twice_in_a_list,
            ((0.7, -1.3), (1.5, 2.25)),
            explains="Each place in the list is an edge of its own.",
            section=SECTION["adds"],
            group="new operations",
        ),
        Property(
            "Whole programs agree with the reference",
            1,
            many_steps,
            programs,
            explains="Each part may be right where it was tried alone, and wrong elsewhere.",
            section='chapter 03, section 3.9, "Check it: a gradient check that can fail"',
            group="backward",
        ),
    ),
    hints={
        "numbers": (
            "Start with `+`, `*` and `backward`; every other property builds on these three.",
            "One method can turn a number into a Value: `other if isinstance(other, Value) else "
            "Value(other)`. Then each operation has only one case.",
            "`2 - a` is `a.__rsub__(2)`: `return Value(2) - a`. For `a ** b` the slopes are "
            "b·a^(b−1) and y·ln a; look at the signs of a before you take the logarithm.",
        ),
        "new operations": (
            "Write the derivative on paper first. None of the four needs more than one line.",
            "For `logsumexp` let m be the largest: ln Σ eˣ = m + ln Σ e^(x−m), and no exponent is "
            "above 0.",
            "The slope of `logsumexp` in each x is e^(x−y), with y the result; of `hypot` x/y, "
            "unless y is 0; of `clip` 1 where low ≤ a ≤ high.",
        ),
        "backward": (
            "Two things are needed: an order in which each node comes after all of its consumers, "
            "and a sum for each node.",
            "A list that you use as a stack needs a mark that says: all parents of this node are "
            "in the order.",
            "Let `backward` call `gradients`, and only then add what came to each `.grad`.",
        ),
        "gradients": (
            "The sums of a pass live in a dict that the pass makes and returns.",
            "Begin with 0.0 for every node of the order and 1.0 for the root.",
            "Walk the order back from the root; for each edge: the parent's sum grows by slope "
            "times the node's sum. No `.grad` in it.",
        ),
    },
)
