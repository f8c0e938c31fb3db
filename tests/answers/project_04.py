"""Project 04: right Tensors in other styles, and faults planted into the solution."""

# As in micrograd: one function for each node, which returns the gradients of all its operands.
CLOSURES = """
import itertools
import numpy as np

born = itertools.count()


def fitted(g, like):
    while g.ndim > like.ndim:
        g = g.sum(0)
    for axis, n in enumerate(like.shape):
        if n == 1:
            g = g.sum(axis, keepdims=True)
    return g


class Tensor(object):
    __array_priority__ = 100
    __array_ufunc__ = None

    def __init__(self, data, _prev=(), _pull=None):
        self.data = np.asarray(data, dtype=np.float64)
        self.grad = np.zeros_like(self.data)
        self._prev, self._pull, self._born = _prev, _pull, next(born)

    shape = property(lambda self: tuple(self.data.shape))

    @staticmethod
    def _of(x):
        return x if isinstance(x, Tensor) else Tensor(x)

    def _two(self, o, f, pull):
        o = Tensor._of(o)
        a, b = self.data, o.data
        try:
            y = f(a, b)
        except ValueError:
            raise ValueError("shapes %s and %s" % (a.shape, b.shape)) from None
        return Tensor(y, (self, o), lambda g: [fitted(p, v) for p, v in zip(pull(g, a, b), (a, b))])

    def __add__(self, o): return self._two(o, np.add, lambda g, a, b: (g, g))
    def __mul__(self, o): return self._two(o, np.multiply, lambda g, a, b: (g * b, g * a))
    def __sub__(self, o): return self + -Tensor._of(o)
    def __truediv__(self, o):
        return self._two(o, np.divide, lambda g, a, b: (g / b, -g * a / (b * b)))
    def __neg__(self): return Tensor(-self.data, (self,), lambda g: [-g])
    def __radd__(self, o): return self + o
    def __rmul__(self, o): return self * o
    def __rsub__(self, o): return -self + o
    def __rtruediv__(self, o): return Tensor(o) / self

    def __matmul__(self, o):
        o = Tensor._of(o)
        a, b = self.data, o.data
        if a.shape[-1] != b.shape[0]:
            raise ValueError(f"{a.shape} times {b.shape}")
        return Tensor(a.dot(b), (self, o), lambda g: [g.dot(b.T), a.T.dot(g)])

    def __rmatmul__(self, o): return Tensor(o).__matmul__(self)

    @property
    def T(self): return Tensor(self.data.transpose(), (self,), lambda g: [g.transpose()])

    def exp(self):
        out = Tensor(np.exp(self.data), (self,))
        out._pull = lambda g: [g * out.data]
        return out

    def tanh(self):
        out = Tensor(np.tanh(self.data), (self,))
        out._pull = lambda g: [g - g * out.data**2]
        return out

    def relu(self):
        return Tensor(np.where(self.data > 0, self.data, 0), (self,),
                      lambda g: [np.where(self.data > 0, g, 0)])

    def sum(self, axis=None, keepdims=False):
        def pull(g):
            if axis is not None and not keepdims:
                g = np.expand_dims(g, axis)
            return [g + np.zeros(self.shape)]

        return Tensor(np.sum(self.data, axis, keepdims=keepdims), (self,), pull)

    def maximum(self, o):
        return self._two(o, np.maximum, lambda g, a, b: (
            g * np.where(a > b, 1, np.where(a < b, 0, 0.5)),
            g * np.where(b > a, 1, np.where(b < a, 0, 0.5)),
        ))

    def cumsum(self, axis):
        def pull(g):
            return [g.sum(axis, keepdims=True) - np.cumsum(g, axis) + g]

        return Tensor(np.cumsum(self.data, axis), (self,), pull)

    def logsumexp(self, axis):
        y = np.logaddexp.reduce(self.data, axis=axis)
        return Tensor(y, (self,), lambda g: [
            np.expand_dims(g, axis) * np.exp(self.data - np.expand_dims(y, axis))])

    @classmethod
    def concatenate(cls, tensors, axis):
        def pull(g):
            at, pieces = 0, []
            for t in tensors:
                n = t.shape[axis]
                pieces.append(np.take(g, range(at, at + n), axis))
                at += n
            return pieces

        return cls(np.concatenate([t.data for t in tensors], axis), tuple(tensors), pull)

    def gradients(self, G=None):
        if G is None:
            if self.data.size > 1:
                raise ValueError(f"give G to a tensor of shape {self.shape}")
            G = np.ones(self.shape)
        G = np.asarray(G, float)
        if G.shape != self.shape:
            raise ValueError(f"G {G.shape} for a tensor of shape {self.shape}")
        nodes, stack = {self}, [self]
        while stack:
            for p in stack.pop()._prev:
                if p not in nodes:
                    nodes.add(p)
                    stack.append(p)
        sums = {self: G.copy()}
        for node in sorted(nodes, key=lambda v: -v._born):
            if node._prev:
                for p, g in zip(node._prev, node._pull(sums[node])):
                    sums[p] = sums[p] + g if p in sums else np.array(g)
        return sums

    def backward(self, G=None):
        for node, g in self.gradients(G).items():
            node.grad = node.grad + g
"""

# Rows as in the chapter; a node keeps the names of its operation and reads them backwards.
ROWS = """
import numpy as np

ROWS = {
    "add": (lambda a, b: a + b, lambda G, a, b, y: (G, G)),
    "sub": (lambda a, b: a - b, lambda G, a, b, y: (G, -G)),
    "mul": (lambda a, b: a * b, lambda G, a, b, y: (G * b, G * a)),
    "truediv": (lambda a, b: a / b, lambda G, a, b, y: (G / b, -G * y / b)),
    "maximum": (
        np.maximum,
        lambda G, a, b, y: (G * (np.sign(a - b) + 1) / 2, G * (np.sign(b - a) + 1) / 2),
    ),
    "neg": (lambda a: -a, lambda G, a, y: (-G,)),
    "exp": (np.exp, lambda G, a, y: (y * G,)),
    "tanh": (np.tanh, lambda G, a, y: ((1 - y) * (1 + y) * G,)),
    "relu": (lambda a: a.clip(0), lambda G, a, y: (np.sign(y) * G,)),
}


class Node:
    def __init__(self, data, name="", operands=()):
        self.data = np.array(data).astype(float)
        self.name, self.operands, self.grad = name, operands, None

    @property
    def shape(self):
        return self.data.shape


class Tensor(Node):
    __array_ufunc__ = None

    def back(self, G):
        if callable(self.name):
            return self.name(G)
        arrays = [data(o) for o in self.operands]
        parts = ROWS[self.name][1](G, *arrays, self.data)
        return [summed(p, a.shape) for p, a in zip(parts, arrays)]

    def gradients(self, G=None):
        if G is None and self.shape not in ((), (1,), (1, 1)):
            raise ValueError("no G for " + str(self.shape))
        G = np.broadcast_to(1.0, self.shape) if G is None else np.asarray(G)
        if G.shape != self.shape:
            raise ValueError("G is " + str(G.shape) + ", not " + str(self.shape))
        consumers, reached, stack = {self: 0}, [self], [self]
        while stack:
            for p in stack.pop().operands:
                if isinstance(p, Tensor):
                    if p not in consumers:
                        consumers[p] = 0
                        stack.append(p)
                    consumers[p] += 1
        grads, ready = {self: G + 0.0}, [self]
        while ready:
            node = ready.pop()
            for p, part in zip(node.operands, node.back(grads[node]) if node.operands else ()):
                if isinstance(p, Tensor):
                    grads[p] = part + grads.get(p, 0.0)
                    consumers[p] -= 1
                    if not consumers[p]:
                        ready.append(p)
        return grads

    def backward(self, G=None):
        for node, grad in self.gradients(G).items():
            node.grad = grad.copy() if node.grad is None else node.grad + grad

    def __matmul__(self, other):
        x, w = self.data, data(other)
        if x.shape[1] != w.shape[0]:
            raise TypeError(f"no product of {x.shape} and {w.shape}")
        return Tensor(x @ w, lambda G: (G @ w.T, x.T @ G), (self, other))

    def __rmatmul__(self, other):
        return Tensor(other) @ self

    @property
    def T(self):
        return Tensor(self.data.T, lambda G: (G.T,), (self,))

    def sum(self, axis=None, keepdims=False):
        def back(G):
            if axis is not None and not keepdims:
                G = np.expand_dims(G, axis)
            return (np.ones(self.shape) * G,)

        return Tensor(self.data.sum(axis, keepdims=keepdims), back, (self,))

    def cumsum(self, axis):
        n = self.shape[axis]
        ones = np.tril(np.ones((n, n)))

        def along(M, a):
            return np.moveaxis(np.tensordot(M, np.moveaxis(a, axis, 0), 1), 0, axis)

        return Tensor(along(ones, self.data), lambda G: (along(ones.T, G),), (self,))

    def logsumexp(self, axis):
        m = self.data.max(axis, keepdims=True)
        e = np.exp(self.data - m)
        total = e.sum(axis, keepdims=True)
        y = (m + np.log(total)).sum(axis)
        return Tensor(y, lambda G: (np.expand_dims(G, axis) * e / total,), (self,))

    @staticmethod
    def concatenate(tensors, axis):
        def back(G):
            G, at, parts = np.moveaxis(G, axis, 0), 0, []
            for t in tensors:
                n = t.shape[axis]
                parts.append(np.moveaxis(G[at : at + n], 0, axis))
                at += n
            return parts

        return Tensor(np.concatenate([t.data for t in tensors], axis), back, tuple(tensors))


def data(x):
    return x.data if isinstance(x, Tensor) else np.asarray(x, float)


def summed(G, shape):
    G = G.sum(tuple(range(G.ndim - len(shape))))
    return G.sum(tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


def method(name, turned=False):
    def operation(self, *others):
        operands = (*others, self) if turned else (self, *others)
        return Tensor(ROWS[name][0](*map(data, operands)), name, operands)

    return operation


for name in ("add", "sub", "mul", "truediv"):
    setattr(Tensor, f"__{name}__", method(name))
    setattr(Tensor, f"__r{name}__", method(name, turned=True))
Tensor.__neg__ = method("neg")
for name in ("exp", "tanh", "relu", "maximum"):
    setattr(Tensor, name, method(name))
"""

RIGHT = [CLOSURES, ROWS]

SUMMED = "G.sum(axis=(*range(new), *stretched)).reshape(shape)"
STRETCHED, BETWEEN = "A stretched operand", "Nodes between"

# (text of the solution, text with the fault, properties that must lose their points); or texts
FAULTS = [
    # the data
    ("np.array(data, dtype=float)\n", "np.array(data)\n", ["A Tensor holds floats"]),
    ("np.array(data, dtype=float)\n", "np.array(data, dtype=np.float32)\n",
     ["A Tensor holds floats"]),
    ("np.array(data, dtype=float)\n", "np.atleast_1d(np.array(data, dtype=float))\n",
     ["A Tensor holds floats"]),
    ("__array_ufunc__ = None", "other = None", ["A NumPy array or a number"]),
    # arithmetic
    ("lambda G: G, lambda G: G)", "lambda G: G, lambda G: -G)", ["Each sign"]),
    ("lambda G: G, lambda G: -G)", "lambda G: G, lambda G: G)", ["Each sign"]),
    ("lambda G: G * b, lambda G: G * a)", "lambda G: G * a, lambda G: G * b)", ["Each sign"]),
    ("lambda G: G * b, lambda G: G * a)", "lambda G: b, lambda G: a)", ["Each sign"]),
    ("-G * a / b**2", "G * a / b**2", ["Each sign"]),
    ("-G * a / b**2", "-G / b**2", ["Each sign"]),
    ("lambda G: G / b", "lambda G: G * b", ["Each sign"]),
    ("return self * -1.0", "return Tensor(-self.data)", ["Each sign"]),
    ("return Tensor(other) - self", "return self - other", ["A NumPy array or a number"]),
    ("return Tensor(other) / self", "return self / other", ["A NumPy array or a number"]),
    ("return self + other\n", "return self\n", ["A NumPy array or a number"]),
    ("return Tensor(other) @ self", "return self @ other", ["A NumPy array or a number"]),
    ("a / b, lambda", "a // b, lambda", ["Arithmetic"]),
    # broadcasting
    ("unbroadcast(f(G), s)", "f(G)", [STRETCHED]),
    ("(*range(new), *stretched)", "tuple(stretched)", [STRETCHED]),
    ("(*range(new), *stretched)", "tuple(range(new))", [STRETCHED]),
    ("new + k for k, length", "k for k, length", [STRETCHED]),
    ("G.sum(axis=(*range(new)", "G.mean(axis=(*range(new)", [STRETCHED, "A net of two"]),
    ("G.sum(axis=(*range(new)", "G.max(axis=(*range(new)", [STRETCHED]),
    ("G.sum(axis=(*range(new), *stretched)).reshape(shape)",
     "np.resize(G.sum(axis=(*range(new), *stretched)), G.shape)", [STRETCHED]),
    ("    new = G.ndim - len(shape)", "    if G.size == np.prod(shape):\n        return G\n"
     "    new = G.ndim - len(shape)", [STRETCHED]),
    # the matrix product
    ("G @ w.T", "G @ w", ["The matrix product"]),
    ("x.T @ G", "(x.T @ G).T", ["The matrix product"]),
    ("x.T @ G", "x.T @ G / len(G)", ["The matrix product", "A net of two"]),
    ("x.T @ G", "np.outer(x[0], G[0])", ["The matrix product", "A net of two"]),
    ("Tensor(x @ w,", "Tensor(np.squeeze(x @ w),", ["The matrix product"]),
    ("lambda G: G.T", "lambda G: G", ["The transpose"]),
    # functions
    ("lambda G: G * y)", "lambda G: y)", ["exp, tanh"]),
    ("lambda G: G * y)", "lambda G: G * self.data)", ["exp, tanh"]),
    ("1 - y * y", "1 - y", ["exp, tanh"]),
    ("G * (1 - y * y)", "1 - y * y", ["exp, tanh", "A net of two"]),
    ("positive = self.data > 0", "positive = self.data >= 0", ["exp, tanh"]),
    ("lambda G: G * positive", "lambda G: positive", ["exp, tanh"]),
    ("np.broadcast_to(G.reshape(kept), self.shape)", "np.broadcast_to(G, self.shape)",
     ["sum over"]),
    ("np.broadcast_to(G.reshape(kept), self.shape)", "np.ones(self.shape)", ["sum over"]),
    ("np.broadcast_to(G.reshape(kept), self.shape)", "G.reshape(kept)", ["sum over"]),
    ("keepdims=keepdims)", "keepdims=False)", ["sum over"]),
    # new operations
    ("np.flip(np.flip(G, axis).cumsum(axis), axis)", "G.cumsum(axis)", ["cumsum"]),
    ("np.flip(np.flip(G, axis).cumsum(axis), axis)", "np.flip(G.cumsum(axis), axis)", ["cumsum"]),
    ("np.flip(np.flip(G, axis).cumsum(axis), axis)", "G", ["cumsum"]),
    ("self.data.cumsum(axis)", "self.data.cumsum(0)", ["cumsum"]),
    ("largest = self.data.max(axis=axis, keepdims=True)", "largest = 0.0", ["logsumexp"]),
    ("largest = self.data.max(axis=axis, keepdims=True)", "largest = self.data.max()",
     ["logsumexp"]),
    ("np.expand_dims(G, axis) * p", "np.expand_dims(G, axis) * np.exp(self.data)", ["logsumexp"]),
    ("np.expand_dims(G, axis) * p", "p", ["logsumexp"]),
    ("np.expand_dims(G, axis) * p", "G * p", ["logsumexp"]),
    ("np.squeeze(y, axis)", "y", ["logsumexp"]),
    ("(a > b) + 0.5 * (a == b)", "(a >= b)", ["maximum"]),
    ("(a > b) + 0.5 * (a == b)", "(a > b) * 1.0", ["maximum"]),
    ("(a > b) + 0.5 * (a == b)", "(a > b) + 1.0 * (a == b)", ["maximum"]),
    ("G * (1 - share)", "G * share", ["maximum"]),
    ("np.maximum(a, b), lambda", "np.where(a > b, a, 0 * a), lambda", ["Whole programs"]),
    ("np.split(G, ends, axis)[i]", "np.array_split(G, len(tensors), axis)[i]", ["concatenate"]),
    ("lambda G, i=i: np.split", "lambda G: np.split", ["concatenate"]),
    ("enumerate(tensors)]", "enumerate(dict.fromkeys(tensors))]", ["concatenate"]),
    ("t.shape[axis] for t in tensors", "t.shape[0] for t in tensors", ["concatenate"]),
    # the pass
    ("grads[parent] = grads[parent] + vjp", "grads[parent] = vjp",
     ["A node that is used twice", "concatenate", "gradients(G) returns"]),
    ("vjp(grads[node])", "vjp(np.ones(node.shape))", ["Each sign", BETWEEN]),
    ("grads[self] = G\n", "grads[self] = np.ones(self.shape)\n", ["Each sign", BETWEEN]),
    ("grads[self] = G\n", "grads[self] = G + self.grad\n", ["Each call", "gradients(G) changes"]),
    ("dict.fromkeys(order(self), 0.0)", "{node: node.grad for node in order(self)}",
     ["Each call", "gradients(G) changes"]),
    ("        return grads\n", "        return {n: g for n, g in grads.items() if not n.ways}\n",
     ["gradients(G) returns", BETWEEN]),
    ("        return grads\n", "        return {n: g for n, g in grads.items() if n is not self}\n",
     ["gradients(G) returns", BETWEEN]),
    ("        return grads\n",
     "        for n, g in grads.items():\n            n.grad = g\n        return grads\n",
     ["gradients(G) changes"]),
    ("        return grads\n", "        return {id(n): g for n, g in grads.items()}\n",
     ["gradients(G) returns"]),
    ("        return grads\n", "        return {n: np.round(g, 3) for n, g in grads.items()}\n",
     ["Whole programs"]),
    ("node.grad = node.grad + grad", "node.grad = grad", ["Each call", "Two results"]),
    ("node.grad = node.grad + grad", "node.grad = node.grad + grad * (not node.ways)", [BETWEEN]),
    ("node.grad = node.grad + grad", "node.grad = node.grad + abs(grad)", ["Each sign"]),
    ("node.grad = node.grad + grad", "node.data = node.data - grad", ["A node that is used twice"]),
    ("        for node, grad in self.gradients(G).items():\n"
     "            node.grad = node.grad + grad",
     "        self.grad = G if G is not None else np.ones(self.shape)\n"
     "        for node in reversed(order(self)):\n"
     "            for parent, vjp in node.ways:\n"
     "                parent.grad = parent.grad + vjp(node.grad)",
     ["Each call", "Two results", "Shapes that do not fit"]),
    ((SUMMED, "            for parent, vjp in node.ways:\n"
      "                grads[parent] = grads[parent] + vjp(grads[node])\n"),
     (f"{SUMMED} if G.shape != shape else G", "            for parent, vjp in node.ways:\n"
      "                part = vjp(grads[node])\n"
      "                if np.ndim(grads[parent]):\n                    grads[parent] += part\n"
      "                else:\n                    grads[parent] = part\n"),
     ["A node that is used twice"]),
    # the order
    ("    return found", "    return found[::-1]", ["A node that is used twice"]),
    ("        elif node not in met:\n", "        else:\n", ["Forty forks"]),
    ("for parent, _ in node.ways]", "for parent, _ in node.ways[:1]]", ["Each sign"]),
    ("    found, met, stack = [], set(), [root]\n",
     "    found, met, stack = [], set(), [root]\n\n    def visit(node):\n"
     "        if node not in met:\n            met.add(node)\n"
     "            for parent, _ in node.ways:\n                visit(parent)\n"
     "            found.append(node)\n\n    visit(root)\n    return found\n",
     ["A chain"]),
    ("    found, met, stack = [], set(), [root]\n",
     "    found = [root]\n    for node in found:\n"
     "        found += [p for p, _ in node.ways if p not in found[-50:]]\n"
     "    return list(dict.fromkeys(found))[::-1]\n",
     ["A node passes on"]),
    # memory, and errors
    ((SUMMED, "grads[parent] = grads[parent] + vjp(grads[node])", "node.grad = node.grad + grad"),
     (f"{SUMMED} if G.shape != shape else G",
      "part = vjp(grads[node])\n"
      "                grads[parent] = grads[parent] + part if np.ndim(grads[parent]) else part",
      "node.grad = grad if isinstance(node.grad, float) else node.grad + grad"),
     ["Gradients have memory"]),
    ("        if x.shape[1:] != w.shape[:1]:\n", "        if False:\n", ["Shapes that do not fit"]),
    ("if G is None and self.data.size != 1:", "if False:", ["Shapes that do not fit"]),
    ("if G.shape != self.shape:", "if False:", ["Shapes that do not fit"]),
    ("not from {self.shape}: give it G", "not from many", ["Shapes that do not fit"]),
]  # fmt: skip
