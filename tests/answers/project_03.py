"""Project 03: right Values in other styles, and faults planted into the solution."""

# As in micrograd, a function for each node; the sums are handed from one to the next.
CLOSURES = """
import math


class Value:
    _count = 0

    def __init__(self, data, _prev=(), _back=None):
        if type(data) not in (int, float, bool):
            raise TypeError(f"a Value holds a number, not {data}")
        self.data, self.grad = data * 1.0, 0.0
        self._prev, self._back = _prev, _back or (lambda g: ())
        Value._count += 1
        self._born = Value._count

    def _of(x):
        return x if isinstance(x, Value) else Value(x)

    def __add__(self, o):
        o = Value._of(o)
        return Value(self.data + o.data, (self, o), lambda g: (g, g))

    def __mul__(self, o):
        o = Value._of(o)
        x, z = self.data, o.data
        return Value(x * z, (self, o), lambda g: (g * z, g * x))

    def __pow__(self, o):
        o, x = Value._of(o), self.data
        p = o.data
        if x < 0 and not float(p).is_integer():
            raise ValueError("cannot raise %r to %r" % (x, p))
        y = x**p

        def back(g):
            first = g * p * x ** (p - 1) if p != 0 else 0.0
            return first, (g * y * math.log(x) if x > 0 else 0.0)

        return Value(y, (self, o), back)

    def __neg__(self): return self * -1
    def __sub__(self, o): return self + (-Value._of(o))
    def __truediv__(self, o): return self * Value._of(o) ** -1
    def __radd__(self, o): return self + o
    def __rmul__(self, o): return self * o
    def __rsub__(self, o): return Value._of(o) - self
    def __rtruediv__(self, o): return Value._of(o) / self
    def __rpow__(self, o): return Value._of(o) ** self

    def _one(self, y, slope):
        return Value(y, (self,), lambda g: (g * slope,))

    def exp(self): return self._one(math.exp(self.data), math.exp(self.data))

    def log(self):
        if not self.data > 0:
            raise ValueError(f"no logarithm of {self.data!r}")
        return self._one(math.log(self.data), 1 / self.data)

    def tanh(self): return self._one(math.tanh(self.data), 1 / math.cosh(self.data) ** 2)
    def relu(self): return self._one(self.data if self.data > 0 else 0.0, int(self.data > 0))
    def atan(self): return self._one(math.atan(self.data), 1 / (self.data * self.data + 1))

    def hypot(self, o):
        o = Value._of(o)
        a, b = self.data, o.data
        y = (a * a + b * b) ** 0.5
        return Value(y, (self, o), lambda g: (g * a / y, g * b / y) if y else (0.0, 0.0))

    def clip(self, low, high):
        if self.data < low:
            return self._one(low, 0)
        return self._one(high, 0) if self.data > high else self._one(self.data, 1)

    @staticmethod
    def logsumexp(vs):
        m = max([v.data for v in vs])
        es = [math.exp(v.data - m) for v in vs]
        s = math.fsum(es)
        return Value(m + math.log(s), tuple(vs), lambda g: tuple(g * e / s for e in es))

    def gradients(self):
        import heapq
        sums, waiting = {self: 1.0}, [(-self._born, self)]
        seen = {self}
        while waiting:
            _, node = heapq.heappop(waiting)
            for parent, g in zip(node._prev, node._back(sums[node])):
                sums[parent] = sums.get(parent, 0.0) + g
                if parent not in seen:
                    seen.add(parent)
                    heapq.heappush(waiting, (-parent._born, parent))
        return sums

    def backward(self):
        for node, g in self.gradients().items():
            node.grad += g
"""

# A tape: every operation is written into one list, nodes are numbers in it.
TAPE = """
import math
import weakref

TAPE = []  # (numbers of the operands, slopes)


class Value:
    def __init__(self, data, operands=(), slopes=()):
        try:
            self.data = float(data) if not isinstance(data, str) else float("no")
        except ValueError:
            raise TypeError(f"not a number: {data}") from None
        self.grad, self.place = 0.0, len(TAPE)
        TAPE.append((operands, slopes, self))

    def new(self, data, *pairs):
        pairs = [(v.place, s) for v, s in pairs if isinstance(v, Value)]
        return Value(data, [p for p, _ in pairs], [s for _, s in pairs])

    def gradients(self):
        sums = [0.0] * (self.place + 1)
        reached = [False] * (self.place + 1)
        sums[self.place], reached[self.place] = 1.0, True
        for place in range(self.place, -1, -1):
            if reached[place]:
                for p, s in zip(*TAPE[place][:2]):
                    sums[p] += s * sums[place]
                    reached[p] = True
        return {TAPE[i][2]: sums[i] for i in range(self.place + 1) if reached[i]}

    def backward(self):
        for node, g in self.gradients().items():
            node.grad = node.grad + g


def number(x):
    return x.data if isinstance(x, Value) else float(x)


def both(f, to_a, to_b):
    def operation(self, other):
        a, b = number(self), number(other)
        y = f(a, b)
        return Value.new(self, y, (self, to_a(a, b, y)), (other, to_b(a, b, y)))

    def reflected(self, other):
        a, b = number(other), number(self)
        y = f(a, b)
        return Value.new(self, y, (self, to_b(a, b, y)))

    return operation, reflected


def power(a, b):
    if a < 0 and b % 1:
        raise ValueError(f"{a} to the power {b}")
    return math.pow(a, b)


Value.__add__, Value.__radd__ = both(lambda a, b: a + b, lambda *_: 1.0, lambda *_: 1.0)
Value.__sub__, Value.__rsub__ = both(lambda a, b: a - b, lambda *_: 1.0, lambda *_: -1.0)
Value.__mul__, Value.__rmul__ = both(lambda a, b: a * b, lambda a, b, y: b, lambda a, b, y: a)
Value.__truediv__, Value.__rtruediv__ = both(
    lambda a, b: a / b, lambda a, b, y: 1 / b, lambda a, b, y: -a / b**2
)
Value.__pow__, Value.__rpow__ = both(
    power,
    lambda a, b, y: b * math.pow(a, b - 1) if b else 0.0,
    lambda a, b, y: y * math.log(a) if a > 0 else 0.0,
)
Value.hypot, _ = both(
    math.hypot, lambda a, b, y: a / y if y > 0 else 0.0, lambda a, b, y: b / y if y > 0 else 0.0
)


def one(f, slope):
    def operation(self):
        y = f(self.data)
        return self.new(y, (self, slope(self.data, y)))

    return operation


def logarithm(a):
    if a <= 0:
        raise ValueError("log of " + repr(a))
    return math.log(a)


Value.__neg__ = one(lambda a: -a, lambda a, y: -1.0)
Value.exp = one(math.exp, lambda a, y: y)
Value.log = one(logarithm, lambda a, y: 1 / a)
Value.tanh = one(math.tanh, lambda a, y: (1 - y) * (1 + y))
Value.relu = one(lambda a: max(0.0, a), lambda a, y: 0.0 if a <= 0 else 1.0)
Value.atan = one(math.atan, lambda a, y: math.cos(y) ** 2)


def clip(self, low, high):
    y = low if self.data < low else high if self.data > high else self.data
    return self.new(y, (self, 1.0 if y == self.data else 0.0))


def logsumexp(values):
    m = max(map(number, values))
    y = m + math.log(sum(math.exp(number(v) - m) for v in values))
    return Value.new(None, y, *((v, math.exp(v.data - y)) for v in values))


Value.clip, Value.logsumexp = clip, staticmethod(logsumexp)
"""

# A backward pass that works in `.grad`, and puts back what was there.
PUTS_BACK = """
import math
import numbers


class Node:
    pass


class Value(Node):
    def __init__(self, data):
        if not isinstance(data, numbers.Real):
            raise ValueError("Value(" + repr(data) + ") is no number")
        self.data, self.grad, self.ins = float(data), 0.0, []

    def _made(self, y, ins):
        out = Value(y)
        out.ins = [(v, d) for v, d in ins if isinstance(v, Value)]
        return out

    def __add__(self, o): return self._made(self.data + f(o), [(self, 1), (o, 1)])
    def __sub__(self, o): return self._made(self.data - f(o), [(self, 1), (o, -1)])
    def __mul__(self, o): return self._made(self.data * f(o), [(self, f(o)), (o, self.data)])
    def __truediv__(self, o):
        return self._made(self.data / f(o), [(self, 1 / f(o)), (o, -self.data / f(o) / f(o))])
    def __neg__(self): return self._made(-self.data, [(self, -1)])
    __radd__, __rmul__ = __add__, __mul__
    def __rsub__(self, o): return self._made(f(o) - self.data, [(self, -1)])
    def __rtruediv__(self, o): return self._made(f(o) / self.data, [(self, -f(o) / self.data**2)])
    def __rpow__(self, o):
        y = f(o) ** self.data
        return self._made(y, [(self, y * math.log(f(o)))])

    def __pow__(self, o):
        try:
            y = math.pow(self.data, f(o))
        except ValueError:
            raise ValueError(f"{self.data}**{f(o)} is not real") from None
        ins = [(self, f(o) * math.pow(self.data, f(o) - 1) if f(o) else 0)]
        return self._made(y, ins + ([(o, y * math.log(self.data))] if isinstance(o, Value) else []))

    def exp(self): return self._made(math.exp(self.data), [(self, math.exp(self.data))])
    def log(self):
        try:
            return self._made(math.log(self.data), [(self, 1 / self.data)])
        except (ValueError, ZeroDivisionError):
            raise ValueError("log of %s" % self.data) from None
    def tanh(self):
        e = math.exp(2 * self.data)
        return self._made((e - 1) / (e + 1), [(self, 4 * e / (e + 1) ** 2)])
    def relu(self): return self._made(self.data * (self.data > 0), [(self, self.data > 0)])
    def atan(self): return self._made(math.atan(self.data), [(self, (1 + self.data**2) ** -1)])
    def hypot(self, o):
        y = math.sqrt(self.data**2 + f(o) ** 2)
        return self._made(y, [(self, self.data / y), (o, f(o) / y)] if y else [(self, 0), (o, 0)])
    def clip(self, low, high):
        y = sorted([low, self.data, high])[1]
        return self._made(y, [(self, float(low <= self.data <= high))])
    @classmethod
    def logsumexp(cls, values):
        m = sorted(v.data for v in values)[-1]
        total = sum(math.exp(v.data - m) for v in values)
        ins = [(v, math.exp(v.data - m) / total) for v in values]
        return cls(0)._made(m + math.log(total), ins)

    def _walk(self):
        done, out, stack = set(), [], [(self, iter(self.ins))]
        done.add(id(self))
        while stack:
            node, rest = stack[-1]
            for v, _ in rest:
                if id(v) not in done:
                    done.add(id(v))
                    stack.append((v, iter(v.ins)))
                    break
            else:
                out.append(stack.pop()[0])
        return out[::-1]

    def gradients(self):
        nodes = self._walk()
        before = [v.grad for v in nodes]
        for v in nodes:
            v.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            for v, d in node.ins:
                v.grad += node.grad * d
        found = {v: v.grad for v in nodes}
        for v, old in zip(nodes, before):
            v.grad = old
        return found

    def backward(self):
        for v, g in self.gradients().items():
            v.grad += g


def f(x):
    return x.data if isinstance(x, Value) else float(x)
"""

# The engine of the chapter, taken whole, with rows and methods added.
CHAPTERS = """
import math

from bookutils.engine.graph import topological_order


class Value:
    __slots__ = ("data", "grad", "parents", "slopes")

    def __init__(self, data, parents=(), slopes=()):
        if isinstance(data, str):
            raise TypeError(f"Value takes a number, not {data!r}")
        self.data, self.grad = float(data), 0.0
        self.parents, self.slopes = parents, slopes

    def gradients(root):
        grads = dict.fromkeys(topological_order(root), 0.0)
        grads[root] = 1.0
        for node in reversed(grads):
            for parent, slope in zip(node.parents, node.slopes):
                grads[parent] += slope * grads[node]
        return grads

    def backward(self):
        for node, grad in self.gradients().items():
            node.grad += grad

    @staticmethod
    def logsumexp(values):
        m = max(v.data for v in values)
        y = m + math.log(sum(math.exp(v.data - m) for v in values))
        return Value(y, tuple(values), tuple(math.exp(v.data - y) for v in values))

    def clip(self, low, high):
        return apply("clip", self, low, high)


def power(a, b):
    if a < 0 and b != int(b):
        raise ValueError(f"({a})**{b}: no real number")
    return a**b


def logarithm(a):
    if a <= 0:
        raise ValueError(f"log({a})")
    return math.log(a)


RULES = {
    "add": ("a + b", "1.0", "1.0"),
    "sub": ("a - b", "1.0", "-1.0"),
    "mul": ("a * b", "b", "a"),
    "truediv": ("a / b", "1 / b", "-y / b"),
    "pow": ("power(a, b)", "b * a ** (b - 1) if b else 0.0", "y * log(a)"),
    "hypot": ("hypot(a, b)", "a / y if y else 0.0", "b / y if y else 0.0"),
    "clip": ("min(max(a, b), c)", "1.0 if b <= a <= c else 0.0"),
    "neg": ("-a", "-1.0"),
    "exp": ("exp(a)", "y"),
    "log": ("logarithm(a)", "1 / a"),
    "tanh": ("tanh(a)", "1 - y * y"),
    "relu": ("max(a, 0.0)", "1.0 if a > 0 else 0.0"),
    "atan": ("atan(a)", "1 / (1 + a * a)"),
}
FUNCTIONS = {**vars(math), "power": power, "logarithm": logarithm}


def apply(name, *operands):
    names = dict(zip("abc", (o.data if isinstance(o, Value) else float(o) for o in operands)))
    y, *slopes = RULES[name]
    names["y"] = eval(y, {**FUNCTIONS}, names)
    pairs = [(o, eval(s, {**FUNCTIONS}, names)) for o, s in zip(operands, slopes)
             if isinstance(o, Value)]
    return Value(names["y"], tuple(o for o, _ in pairs), tuple(s for _, s in pairs))


def method(name):
    return lambda self, *others: apply(name, self, *others)


def reflected(name):
    return lambda self, other: apply(name, other, self)


for name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(Value, f"__{name}__", method(name))
    setattr(Value, f"__r{name}__", reflected(name))
Value.__neg__ = method("neg")
for name in ("exp", "log", "tanh", "relu", "atan", "hypot"):
    setattr(Value, name, method(name))
"""

RIGHT = [CLOSURES, TAPE, PUTS_BACK, CHAPTERS]

# (text of the solution, text with the fault, properties that must lose their points)
FAULTS = [
    # arithmetic
    ("(self, 1.0), (other, 1.0)", "(self, 1.0)", ["Each sign"]),
    ("(self, 1.0), (other, 1.0)", "(self, 1.0), (other, 2.0)", ["Each sign", "A chain"]),
    ("(self, other.data), (other, self.data)", "(self, self.data), (other, other.data)",
     ["Each sign"]),
    ("(self, other.data), (other, self.data)", "(self, other.data), (other, -self.data)",
     ["Each sign", "A node that is used twice"]),
    ("return self + other\n", "return self\n", ["Arithmetic"]),
    ("return self * other\n", "return self\n", ["Arithmetic"]),
    ("(self, 1.0), (other, -1.0)", "(self, 1.0), (other, 1.0)", ["Each sign"]),
    ("return Value(other) - self", "return self - Value(other)", ["Arithmetic", "Each sign"]),
    ("return Value(other) - self", "return Value(other - self.data)", ["Each sign"]),
    ("return Value(other) / self", "return self / other", ["Arithmetic", "Each sign"]),
    ("(other, -y / other.data)", "(other, y / other.data)", ["Each sign"]),
    ("(other, -y / other.data)", "(other, -1 / other.data**2)", ["Each sign"]),
    ("(self, 1 / other.data)", "(self, 1.0)", ["Each sign"]),
    ("b * a ** (b - 1) if b else 0.0", "b * a**b", ["Each sign"]),
    ("b * a ** (b - 1) if b else 0.0", "a ** (b - 1)", ["Each sign"]),
    ("y * math.log(a)", "y * math.log(b)", ["Each sign"]),
    ("y * math.log(a)", "math.log(a)", ["Each sign"]),
    ("if isinstance(other, Value):", "if False:", ["Each sign"]),
    ("return self * -1.0", "return Value(-self.data)", ["Each sign"]),
    ("self.data = float(data)", "self.data = int(data)", ["Arithmetic"]),
    ("self.data = float(data)", "self.data = round(data, 6)", ["Arithmetic"]),
    ("self.data = float(data)", "self.data = float(data) + 1e-7", ["Arithmetic"]),
    # functions
    ("((self, y),)", "((self, self.data),)", ["exp, log"]),
    ("math.exp(self.data)\n", "math.exp(min(self.data, 0.5))\n", ["exp, log"]),
    ("((self, 1 / self.data),)", "((self, self.data),)", ["exp, log"]),
    ("((self, 1 / self.data),)", "((self, 1 / (self.data + 1e-6)),)", ["exp, log"]),
    ("1 - y * y", "1 - y", ["exp, log"]),
    ("1 - y * y", "1 - self.data**2", ["exp, log"]),
    ("1.0 if self.data > 0 else 0.0", "1.0", ["exp, log"]),
    ("1.0 if self.data > 0 else 0.0", "1.0 if self.data >= 0 else 0.0", ["exp, log"]),
    ("1.0 if self.data > 0 else 0.0", "self.data", ["exp, log"]),
    # errors
    ("if self.data <= 0:", "if False:", ["What is no real"]),
    ("if a < 0 and b != round(b):", "if False:", ["What is no real"]),
    ('f"Value takes a number, and {data!r} came"', '"no number"', ["What is no real"]),
    ('f"log({self.data}): the number must be positive"', '"the number must be positive"',
     ["What is no real"]),
    # new operations
    ("1 / (1 + self.data**2)", "1 / (1 - self.data**2)", ["atan"]),
    ("1 / (1 + self.data**2)", "1 / math.sqrt(1 + self.data**2)", ["atan"]),
    ("math.atan(self.data)", "math.tan(self.data)", ["atan"]),
    ("v.data / y if y else 0.0", "v.data if y else 0.0", ["hypot"]),
    ("v.data / y if y else 0.0", "v.data / y", ["hypot"]),
    ("v.data / y if y else 0.0", "abs(v.data) / y if y else 0.0", ["hypot"]),
    ("v.data / y if y else 0.0", "1 / (2 * y) if y else 0.0", ["hypot"]),
    ("for v in (self, other)]", "for v in (other, self)][:1]", ["hypot"]),
    ("y = math.hypot(self.data, other.data)", "y = abs(self.data) + abs(other.data)", ["hypot"]),
    ("low <= self.data <= high", "low < self.data < high", ["clip"]),
    ("low <= self.data <= high", "self.data <= high", ["clip"]),
    ("low <= self.data <= high", "True", ["clip"]),
    ("min(max(self.data, low), high)", "max(min(self.data, low), high)", ["clip"]),
    ("min(max(self.data, low), high)", "min(self.data, high)", ["clip"]),
    ("largest = max(v.data for v in values)", "largest = 0.0", ["logsumexp"]),
    ("largest = max(v.data for v in values)", "largest = min(v.data for v in values)",
     ["logsumexp"]),
    ("(v, math.exp(v.data - y)) for v in values", "(v, math.exp(v.data)) for v in values",
     ["logsumexp"]),
    ("(v, math.exp(v.data - y)) for v in values", "(v, 1 / len(values)) for v in values",
     ["logsumexp"]),
    ("(v, math.exp(v.data - y)) for v in values", "(v, math.exp(v.data - y)) for v in values[:2]",
     ["logsumexp", "A value that stands"]),
    ("(v, math.exp(v.data - y)) for v in values", "(v, math.exp(v.data - y)) for v in set(values)",
     ["A value that stands"]),
    # the pass
    ("grads[parent] += slope", "grads[parent] = slope",
     ["A node that is used twice", "Two results", "gradients() returns"]),
    ("slope * grads[node]", "slope", ["Each sign", "Nodes between", "gradients() returns"]),
    ("slope * grads[node]", "grads[node]", ["A node that is used twice", "Each sign"]),
    ("slope * grads[node]", "abs(slope) * grads[node]", ["Each sign"]),
    ("grads[self] = 1.0", "grads[self] = self.grad + 1.0", ["Each call", "gradients() does not"]),
    ("grads[self] = 1.0", "grads[self] = self.data", ["gradients() returns", "Nodes between"]),
    ("dict.fromkeys(order(self), 0.0)", "{node: node.grad for node in order(self)}",
     ["Each call", "gradients() does not"]),
    ("dict.fromkeys(order(self), 0.0)",
     "dict.fromkeys(order(self), 0.0)\n        for node in grads:\n            node.grad = 0.0",
     ["Each call", "gradients() does not"]),
    ("        return grads\n",
     "        return {n: g for n, g in grads.items() if not n.edges}\n",
     ["gradients() returns", "Nodes between"]),
    ("        return grads\n", "        return {n: g for n, g in grads.items() if n is not self}\n",
     ["gradients() returns", "Nodes between"]),
    ("        return grads\n",
     "        for n, g in grads.items():\n            n.grad = g\n        return grads\n",
     ["gradients() changes"]),
    ("        return grads\n", "        return {id(n): g for n, g in grads.items()}\n",
     ["gradients() returns"]),
    (("        self.grad = 0.0\n", "        return grads\n"),
     ("        self.grad = 0.0\n        Value.all = getattr(Value, 'all', []) + [self]\n",
      "        return {**dict.fromkeys(Value.all, 0.0), **grads}\n"),
     ["gradients() names only"]),
    ("        return grads\n", "        return {n: round(g, 4) for n, g in grads.items()}\n",
     ["Whole programs"]),
    ("node.grad += grad", "node.grad = grad", ["Each call", "Two results"]),
    ("node.grad += grad", "node.grad += grad if not node.edges else 0.0", ["Nodes between"]),
    ("node.grad += grad", "node.grad += grad if node is not self else 0.0", ["Nodes between"]),
    ("node.grad += grad", "node.grad -= grad", ["A node that is used twice", "Each call"]),
    ("node.grad += grad", "node.data -= grad", ["A node that is used twice"]),
    ("        for node, grad in self.gradients().items():\n            node.grad += grad",
     "        self.grad = 1.0\n        for node in reversed(order(self)):\n"
     "            for parent, slope in node.edges:\n"
     "                parent.grad += slope * node.grad",
     ["Each call", "Two results"]),
    ("        for node, grad in self.gradients().items():\n            node.grad += grad",
     "        def pull(node, g):\n            node.grad += g\n"
     "            for parent, slope in node.edges:\n                pull(parent, slope * g)\n"
     "        pull(self, 1.0)",
     ["A chain", "Sixty forks"]),
    # the order
    ("    return found", "    return found[::-1]", ["A node that is used twice"]),
    ("    return found", "    return sorted(found, key=lambda v: v.data)", ["Whole programs"]),
    ("        elif node not in met:\n", "        else:\n", ["Sixty forks"]),
    ("        elif node not in met:\n", "        elif len(met) < 10_000 and node not in met:\n",
     ["A chain"]),
    ("for parent, _ in node.edges]", "for parent, _ in node.edges[:1]]", ["Each sign"]),
    ("    found, met, stack = [], set(), [root]\n",
     "    found, met, stack = [], set(), [root]\n\n    def visit(node):\n"
     "        if node not in met:\n            met.add(node)\n"
     "            for parent, _ in node.edges:\n                visit(parent)\n"
     "            found.append(node)\n\n    visit(root)\n    return found\n",
     ["A chain"]),
    ("    found, met, stack = [], set(), [root]\n",
     "    found = [root]\n    for node in found:\n"
     "        found += [p for p, _ in dict(node.edges).items() if p not in found[-50:]]\n"
     "    return list(dict.fromkeys(found))[::-1]\n",
     ["A node passes on"]),
    # the class
    ("    def gradients(self):\n",
     "    def __eq__(self, other):\n        return self.data == other.data\n\n"
     "    def __hash__(self):\n        return hash(self.data)\n\n    def gradients(self):\n",
     ["Nodes with equal"]),
    ("    def gradients(self):\n",
     "    def __iadd__(self, other):\n        self.data += as_value(other).data\n"
     "        return self\n\n    def gradients(self):\n",
     ["An operation makes"]),
    ("        self.grad = 0.0\n", "        self.grad = 1.0\n", ["A node that is used twice"]),
    ("        self.edges = edges", "        self.edges = tuple(dict(edges).items())",
     ["A node that is used twice", "A value that stands"]),
]  # fmt: skip
