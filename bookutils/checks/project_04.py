"""The project of chapter 04: the engine on whole arrays, written by the reader."""

import numpy as np

from bookutils.judge.project import Mistake, Project, Property

# ---- a right answer, and what goes wrong in others


class Tensor:
    """An array that remembers its operands and a vector-Jacobian product for each."""

    __array_ufunc__ = None

    def __init__(self, data, ways=()):
        self.data = np.array(data, dtype=float)
        self.grad, self.ways = 0.0, ways

    @property
    def shape(self):
        return self.data.shape

    def made(self, data, *ways):
        return type(self)(data, [(o, vjp) for o, vjp in ways if isinstance(o, Tensor)])

    def number(self, other):
        return other.data if isinstance(other, Tensor) else np.asarray(other, dtype=float)

    def back(self, G, shape):
        new = G.ndim - len(shape)
        axes = (*range(new), *(new + k for k, n in enumerate(shape) if n == 1))
        return G.sum(axis=axes).reshape(shape)

    def both(self, other, y, to_self, to_other):
        ways = ((self, to_self), (other, to_other))
        shapes = self.shape, self.number(other).shape
        return self.made(
            y,
            *(
                (o, lambda G, f=f, shape=shape: self.back(f(G), shape))
                for (o, f), shape in zip(ways, shapes, strict=True)
            ),
        )

    def __add__(self, other):
        return self.both(other, self.data + self.number(other), lambda G: G, lambda G: G)

    def __sub__(self, other):
        return self.both(other, self.data - self.number(other), lambda G: G, lambda G: -G)

    def __mul__(self, other):
        a, b = self.data, self.number(other)
        return self.both(other, a * b, lambda G: G * b, lambda G: G * a)

    def __truediv__(self, other):
        a, b = self.data, self.number(other)
        return self.both(other, a / b, lambda G: G / b, lambda G: -G * a / b**2)

    def __rsub__(self, other):
        return type(self)(other) - self

    def __rtruediv__(self, other):
        return type(self)(other) / self

    def __neg__(self):
        return self.made(-self.data, (self, lambda G: -G))

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, other):
        x, w = self.data, self.number(other)
        if x.ndim != 2 or w.ndim != 2 or x.shape[1] != w.shape[0]:
            raise ValueError(f"matmul: {x.shape} @ {w.shape} does not fit")
        return self.product(other, x, w)

    def product(self, other, x, w):
        return self.made(x @ w, (self, lambda G: G @ w.T), (other, lambda G: x.T @ G))

    def __rmatmul__(self, other):
        return type(self)(other) @ self

    @property
    def T(self):
        return self.made(self.data.T, (self, lambda G: G.T))

    def exp(self):
        y = np.exp(self.data)
        return self.made(y, (self, lambda G: G * y))

    def tanh(self):
        y = np.tanh(self.data)
        return self.made(y, (self, lambda G: G * (1 - y * y)))

    def relu(self):
        return self.made(np.maximum(self.data, 0), (self, lambda G: G * (self.data > 0)))

    def sum(self, axis=None, keepdims=False):
        kept = self.data.sum(axis=axis, keepdims=True).shape
        return self.made(
            self.data.sum(axis=axis, keepdims=keepdims),
            (self, lambda G: np.broadcast_to(G.reshape(kept), self.shape)),
        )

    def maximum(self, other):
        a, b = self.data, self.number(other)
        share = (a > b) + 0.5 * (a == b)
        y = np.maximum(a, b)
        return self.both(other, y, lambda G: G * share, lambda G: G * (1 - share))

    def cumsum(self, axis):
        y = self.data.cumsum(axis)
        return self.made(y, (self, lambda G: np.flip(np.flip(G, axis).cumsum(axis), axis)))

    def logsumexp(self, axis):
        top = self.data.max(axis=axis, keepdims=True)
        y = top + np.log(np.exp(self.data - top).sum(axis=axis, keepdims=True))
        p = np.exp(self.data - y)
        return self.made(np.squeeze(y, axis), (self, lambda G: np.expand_dims(G, axis) * p))

    @classmethod
    def concatenate(cls, tensors, axis):
        y = np.concatenate([t.data for t in tensors], axis=axis)
        ends = np.cumsum([t.shape[axis] for t in tensors])[:-1]
        pieces = enumerate(tensors)
        return cls(y, [(t, lambda G, i=i: np.split(G, ends, axis)[i]) for i, t in pieces])

    def order(self):
        order, met, stack = [], set(), [self]
        while stack:
            node = stack.pop()
            if node is None:
                order.append(stack.pop())
            elif node not in met:
                met.add(node)
                stack += node, None
                stack += [parent for parent, _ in node.ways]
        return order

    def start(self, G):
        if G is None and self.data.size != 1:
            raise ValueError(f"backward starts from one number, not from {self.shape}: give it G")
        G = np.ones(self.shape) if G is None else np.asarray(G, dtype=float)
        if G.shape != self.shape:
            raise ValueError(f"G has the shape {G.shape}, the tensor {self.shape}")
        return G

    def gradients(self, G=None):
        grads = dict.fromkeys(self.order(), 0.0)
        grads[self] = self.start(G)
        for node in reversed(grads):
            for parent, vjp in node.ways:
                grads[parent] = grads[parent] + vjp(grads[node])
        return grads

    def backward(self, G=None):
        for node, grad in self.gradients(G).items():
            node.grad = node.grad + grad


class NoSum(Tensor):
    def back(self, G, shape):
        return G


class NewAxesOnly(Tensor):
    def back(self, G, shape):
        return G.sum(axis=tuple(range(G.ndim - len(shape))))


class Mean(Tensor):
    def back(self, G, shape):
        return super().back(G, shape) * (np.prod(shape) / max(G.size, 1))


class Transposed(Tensor):
    def product(self, other, x, w):
        return self.made(x @ w, (self, lambda G: G @ w.T), (other, lambda G: (x.T @ G).T))


class WithoutUpstream(Tensor):
    def exp(self):
        y = np.exp(self.data)
        return self.made(y, (self, lambda G: y))

    def tanh(self):
        y = np.tanh(self.data)
        return self.made(y, (self, lambda G: 1 - y * y))


class Overwrites(Tensor):
    def gradients(self, G=None):
        grads = dict.fromkeys(self.order(), 0.0)
        grads[self] = self.start(G)
        for node in reversed(grads):
            for parent, vjp in node.ways:
                grads[parent] = vjp(grads[node])
        return grads


class OldSums(Tensor):
    def backward(self, G=None):
        self.grad = self.start(G)
        for node in reversed(self.order()):
            for parent, vjp in node.ways:
                parent.grad = parent.grad + vjp(node.grad)


class Assigns(Tensor):
    def backward(self, G=None):
        for node, grad in self.gradients(G).items():
            node.grad = grad


class InPlace(Tensor):
    def gradients(self, G=None):
        grads = {self: self.start(G)}
        for node in reversed(self.order()):
            for parent, vjp in node.ways:
                part = vjp(grads[node])
                if parent in grads:
                    grads[parent] += part
                else:
                    grads[parent] = part
        return grads

    def back(self, G, shape):
        return G if G.shape == shape else super().back(G, shape)


class Shares(Tensor):
    def backward(self, G=None):
        for node, grad in self.gradients(G).items():
            node.grad = grad if node.grad is None else node.grad + grad

    def gradients(self, G=None):
        grads = {self: self.start(G)}
        for node in reversed(self.order()):
            for parent, vjp in node.ways:
                part = vjp(grads[node])
                grads[parent] = grads[parent] + part if parent in grads else part
        return grads

    def back(self, G, shape):
        return G if G.shape == shape else super().back(G, shape)

    def __init__(self, data, ways=()):
        super().__init__(data, ways)
        self.grad = None


class LeavesOnly(Tensor):
    def backward(self, G=None):
        for node, grad in self.gradients(G).items():
            if not node.ways:
                node.grad = node.grad + grad


class Recursive(Tensor):
    def order(self):
        order, met = [], set()

        def visit(node):
            if node not in met:
                met.add(node)
                for parent, _ in node.ways:
                    visit(parent)
                order.append(node)

        visit(self)
        return order


class NotPure(OldSums):
    def gradients(self, G=None):
        self.backward(G)
        return {node: node.grad for node in self.order()}


class StartsAnywhere(Tensor):
    def start(self, G):
        return np.ones(self.shape) if G is None else G


class SumWithoutAxis(Tensor):
    def sum(self, axis=None, keepdims=False):
        y = self.data.sum(axis=axis, keepdims=keepdims)
        return self.made(y, (self, lambda G: np.broadcast_to(G, self.shape)))


class CumsumAgain(Tensor):
    def cumsum(self, axis):
        return self.made(self.data.cumsum(axis), (self, lambda G: G.cumsum(axis)))


class EqualPieces(Tensor):
    @classmethod
    def concatenate(cls, tensors, axis):
        y, n = np.concatenate([t.data for t in tensors], axis=axis), len(tensors)
        return cls(
            y,
            [(t, lambda G, i=i: np.array_split(G, n, axis)[i]) for i, t in enumerate(tensors)],
        )


class FirstWins(Tensor):
    def maximum(self, other):
        a, b = self.data, self.number(other)
        first = a >= b
        y = np.maximum(a, b)
        return self.both(other, y, lambda G: G * first, lambda G: G * ~first)


class Overflows(Tensor):
    def logsumexp(self, axis):
        e = np.exp(self.data)
        total = e.sum(axis=axis, keepdims=True)
        y = np.squeeze(np.log(total), axis)
        return self.made(y, (self, lambda G: np.expand_dims(G, axis) * e / total))


class Integers(Tensor):
    def __init__(self, data, ways=()):
        super().__init__(data, ways)
        self.data = np.asarray(data)


MISTAKES = (
    Mistake(
        "no sum",
        "You leave out the sum over the axes along which an operand was stretched.",
        NoSum,
    ),
    Mistake(
        "new axes only",
        "You sum over the axes that broadcasting put in front, not over those of length 1.",
        NewAxesOnly,
    ),
    Mistake(
        "mean",
        "You average over the stretched axes. Copies add up: it is a sum.",
        Mean,
    ),
    Mistake(
        "transposed",
        "The gradient of the second factor is transposed: for W of shape (i, o) it is XᵀG.",
        Transposed,
    ),
    Mistake(
        "no upstream",
        "You forget to multiply by G: the slopes are right, the gradient from above is lost.",
        WithoutUpstream,
    ),
    Mistake(
        "overwrites",
        "You assign where paths meet: of all the gradients that a node gets, the last one is left.",
        Overwrites,
    ),
    Mistake(
        "old sums",
        "You keep the sums of a pass in `.grad`, so a later pass hands the old ones on.",
        OldSums,
    ),
    Mistake(
        "assigns",
        "You set `.grad` to the gradient of the last call, where each call adds to it.",
        Assigns,
    ),
    Mistake(
        "in place",
        "You add in place (`+=`) to an array that someone else holds: G, or another node's sum.",
        InPlace,
    ),
    Mistake(
        "shares",
        "Two gradients are one array, or one of them is G: what changes one changes the other.",
        Shares,
    ),
    Mistake(
        "leaves only",
        "You fill `.grad` of the inputs only, not of the nodes between.",
        LeavesOnly,
    ),
    Mistake(
        "recursion",
        "Your walk calls itself for each node, and Python allows about a thousand calls.",
        Recursive,
    ),
    Mistake(
        "not pure",
        "Your `gradients` works in `.grad`: it changes nodes, and what they held is in its sums.",
        NotPure,
    ),
    Mistake(
        "starts anywhere",
        "You start from ones, or from a G of another shape, where there is no one gradient.",
        StartsAnywhere,
    ),
    Mistake(
        "sum's axis",
        "The gradient of a sum is copied along the axis that was summed, not along the first that "
        "fits.",
        SumWithoutAxis,
    ),
    Mistake(
        "cumsum again",
        "You sum G from the front. The first number is in all the sums, the last one in its own.",
        CumsumAgain,
    ),
    Mistake(
        "equal pieces",
        "You cut G into equal pieces; the operands may have different lengths.",
        EqualPieces,
    ),
    Mistake(
        "first wins",
        "Where both are equal you give all of G to one of them.",
        FirstWins,
    ),
    Mistake(
        "overflow",
        "You take e to the numbers as they are, which is too large for a float from 710 on. Take "
        "the largest out first.",
        Overflows,
    ),
    Mistake(
        "integers",
        "You keep an array of integers as it is, where derivatives need floats.",
        Integers,
    ),
)


# ---- the programs


def numbers(Tensor, text, A, B):
    a, b = Tensor(A), Tensor(B)
    y = eval(text)
    return y.data


def made_of(Tensor, data):
    a = Tensor(data)
    return a.data.dtype.name, a.shape, (a * 0.5).data


def two_operands(Tensor, text, A, B, G):
    a, b = Tensor(A), Tensor(B)
    y = eval(text)
    y.backward(G)
    return a.grad, b.grad


def with_array(Tensor, text, A, C, G):
    a = Tensor(A)
    y = eval(text)
    y.backward(G)
    return y.data, a.grad


def one_operand(Tensor, text, A, G):
    a = Tensor(A)
    y = eval(text)
    y.backward(G)
    return y.data, a.grad


def product(Tensor, X, W, G):
    x, w = Tensor(X), Tensor(W)
    y = x @ w
    y.backward(G)
    return y.data, x.grad, w.grad


def layers(Tensor, X, V, b, W):
    x, v, bias, w = Tensor(X), Tensor(V), Tensor(b), Tensor(W)
    h = (x @ v + bias).tanh()
    loss = ((h @ w) * (h @ w)).sum()
    loss.backward()
    return float(loss.data), v.grad, bias.grad, w.grad


def joined(Tensor, A, B, axis, G):
    a, b = Tensor(A), Tensor(B)
    y = Tensor.concatenate([a, b, a], axis)
    y.backward(G)
    return y.data, a.grad, b.grad


def used_twice(Tensor, A, G):
    a = Tensor(A)
    y = a * a + a
    y.backward(G)
    return a.grad


def short_and_long_way(Tensor, A, G):
    a = Tensor(A)
    b = a * a
    y = (b * 0.5 + 2.0) * b
    y.backward(G)
    return a.grad


def nodes_between(Tensor, A, G):
    a = Tensor(A)
    b = a * 3.0
    y = b * b
    y.backward(G)
    return y.grad, b.grad, a.grad


def called_again(Tensor, A, G, calls):
    a = Tensor(A)
    b = a * a
    y = b * 4.0
    for _ in range(calls):
        y.backward(G)
    return b.grad, a.grad


def two_results(Tensor, A, G):
    a = Tensor(A)
    b = a * a
    y, z = b * 4.0, b + a
    y.backward(G)
    z.backward(G)
    return a.grad


def long_chain(Tensor, A, steps):
    a = Tensor(A)
    y = a
    for _ in range(steps):
        y = y + 0.25
    y.sum().backward()
    return a.grad


def ladder(Tensor, A, steps):
    a = Tensor(A)
    y = a
    for _ in range(steps):
        y = y * 0.5 + y * 0.5
    y.sum().backward()
    return a.grad


def gradients_by_node(Tensor, A, B, G):
    a, b = Tensor(A), Tensor(B)
    c = a * b
    y = c * c + a
    grads = y.gradients(G)
    return grads[a], grads[b], grads[c], grads[y]


def gradients_change_nothing(Tensor, A, G):
    a = Tensor(A)
    b = a * a
    y = b * 4.0
    y.backward(G)
    before = a.grad.copy()
    grads = y.gradients(G)
    return a.grad - before, grads[b], grads[a]


def in_own_memory(Tensor, A, B, G):
    a, b = Tensor(A), Tensor(B)
    y = a + b
    y.backward(G)
    a.grad *= 0
    y.backward(G)
    return a.grad, b.grad, y.grad


def refused(Tensor, text, A, B):
    a, b = Tensor(A), Tensor(B)
    try:
        eval(text)
        said = "no error"
    except (ValueError, TypeError, AssertionError) as error:
        said = str(error)
    return said


def shapes_told(said, text, A, B):
    """None where an error's sentence holds the shapes that came, else what it does not say."""
    if said == "no error":
        return f"`{text}` raised no ValueError."
    wanted = [A.shape] if ".backward(" in text else [A.shape, B.shape]
    missing = [str(s) for s in wanted if str(s).replace(" ", "") not in said.replace(" ", "")]
    return f"The sentence does not say {' and '.join(missing)}." if missing else None


def whole_program(Tensor, text, A, B, G):
    a, b = Tensor(A), Tensor(B)
    y = eval(text)
    y.backward(G)
    return y.data, a.grad, b.grad


# ---- their cases


def drawn(rng, text, *shapes):
    """(text, arrays, an upstream gradient of the result's shape): two decimals, none of them 0."""
    arrays = [_two_decimals(rng, shape) for shape in shapes]
    names = {name: Tensor(array) for name, array in zip("ab", arrays, strict=False)}
    return text, *arrays, _two_decimals(rng, eval(text, names).shape)


def _two_decimals(rng, shape):
    sign = rng.choice([-1.0, 1.0], size=shape)
    return np.asarray(sign * rng.uniform(0.3, 2.2, size=shape)).round(2)


SAME = ((2, 3), (2, 3))
STRETCHED = (
    ((2, 3), (3,)), ((2, 1), (2, 3)), ((3,), (2, 1)), ((), (2, 3)), ((2, 3), (1, 1)),
    ((2, 1, 4), (3, 1)), ((1,), (3,)), ((3,), (1, 3)), ((0, 3), (3,)),
)  # fmt: skip
SIGNS = ("a + b", "a - b", "a * b", "a / b")


def with_arrays(rng):
    cases = []
    for text in ("a * C", "C * a", "C - a", "a - C", "C + a", "C / a", "a / C"):
        A, C = _two_decimals(rng, (2, 3)), _two_decimals(rng, (3,))
        cases.append((text, A, C, _two_decimals(rng, (2, 3))))
        cases.append((text, A, 1.5, _two_decimals(rng, (2, 3))))
    A, G = _two_decimals(rng, (3, 1)), _two_decimals(rng, (2, 1))
    return [*cases, ("C @ a", A, _two_decimals(rng, (2, 3)), G)]


def products(rng):
    sizes = (3, 2, 4), (1, 3, 2), (2, 3, 1), (4, 1, 2), (2, 2, 2)
    return [tuple(_two_decimals(rng, s) for s in ((n, i), (i, o), (n, o))) for n, i, o in sizes]


def one(*texts):
    return lambda rng: [
        case for text in texts for case in (drawn(rng, text, (2, 3)), drawn(rng, text, (3, 1)))
    ]


def large(rng):
    """Numbers of which e is too large, or 0, for a float, and equal ones."""
    few = [drawn(rng, f"a.logsumexp({axis})", (2, 3)) for axis in (0, 1, -1)]
    A = np.array([[1000.0, 999.5, -1000.0], [-1000.0, -1001.5, -1002.0], [2.5, 2.5, 2.5]])
    return [*few, ("a.logsumexp(1)", A, np.array([0.5, -1.5, 2.0]))]


def ties(rng):
    cases = [drawn(rng, "a.maximum(b)", *s) for s in (SAME, ((2, 3), (3,)), ((2, 1), (3,)))]
    A, G = np.array([[1.5, 0.5, -2.0]]), np.array([[3.0, -1.0, 0.25]])
    return [*cases, ("a.maximum(b)", A, np.array([[1.5, 2.5, -2.0]]), G),
            ("a.maximum(b)", A, np.array(0.5), G)]  # fmt: skip


def joints(rng):
    def case(a, b, axis):
        A, B = _two_decimals(rng, a), _two_decimals(rng, b)
        y = np.concatenate([A, B, A], axis)
        return A, B, axis, _two_decimals(rng, y.shape)

    return [case((1, 3), (2, 3), 0), case((2, 3), (2, 1), 1), case((2,), (3,), 0),
            case((2, 3), (2, 2), -1)]  # fmt: skip


def programs(rng):
    texts = (
        "(a @ b).tanh() * (a @ b)", "(a @ b + b.sum(axis=0)).relu()", "(a.T @ a) @ b",
        "(a @ b).logsumexp(1) - (a @ b).sum(axis=1)", "(a @ b).cumsum(0).maximum(0.5)",
        "a.sum(axis=0, keepdims=True) @ b / 2", "(-(a @ b)).exp() / (a @ b).exp().sum()",
    )  # fmt: skip
    return [drawn(rng, text, (3, 2), (2, 4)) for text in texts for _ in range(2)]


def a_and_g(rng, *more):
    A, G = np.array([[1.5, -0.5, 2.0]]), np.array([[2.0, -1.0, 0.25]])
    return [(A, G, *more), (_two_decimals(rng, (2, 2)), _two_decimals(rng, (2, 2)), *more)]


CHAPTER = "chapter 04, section 4."
ONE_NODE, PRODUCT = (
    f'{CHAPTER}3, "One node, an array"',
    f'{CHAPTER}5, "The gradient of a matrix product"',
)
COPIES, SUMS = f'{CHAPTER}6, "Copies add up"', f'{CHAPTER}7, "Sum, mean, maximum"'
ACCUMULATE = 'chapter 03, section 3.5, "Accumulate"'
AGAIN = 'chapter 03, section 3.7, "The second call"'
ORDER = 'chapter 03, section 3.6, "A thousand nodes, and a million"'

PROJECT = Project(
    id="04.project",
    title="Your own Tensor",
    name="Tensor",
    apart=("bookutils.engine", "torch"),
    reference=Tensor,
    proves="Your engine keeps the contract of chapter 04, with four operations more.",
    mistakes=MISTAKES,
    properties=(
        Property(
            "A Tensor holds floats, and its shape",
            1,
            made_of,
            (([[1, 2, -3]],), (2.5,), (np.array([1, 3]),), ([],)),
            expected=lambda data: (
                "float64",
                np.shape(data),
                np.multiply(data, 0.5),
            ),
            explains="`np.asarray(data, dtype=float)` takes all of them.",
            section=ONE_NODE,
            group="arrays",
        ),
        Property(
            "Arithmetic gives NumPy's numbers, stretched or not",
            1,
            numbers,
            lambda rng: [
                (text, *map(lambda s: _two_decimals(rng, s), shapes))
                for shapes in (SAME, *STRETCHED)
                for text in SIGNS
            ],
            explains="NumPy stretches the data; nothing has to be done about it forward.",
            section=ONE_NODE,
            group="arrays",
        ),
        Property(
            "Each sign of arithmetic has its gradients",
            1,
            two_operands,
            lambda rng: [drawn(rng, t, *SAME) for t in (*SIGNS, "-a * b") for _ in range(2)],
            explains="Each slope is multiplied by G, entry by entry.",
            section=ONE_NODE,
            group="arrays",
        ),
        Property(
            "A node that is used twice adds up both gradients",
            1,
            used_twice,
            a_and_g,
            expected=lambda A, G: G * (2 * A + 1),
            explains="Where paths meet, gradients add.",
            section=ACCUMULATE,
            group="backward",
        ),
        Property(
            "A stretched operand gets its gradient in its own shape",
            2,
            two_operands,
            lambda rng: [drawn(rng, t, *s) for s in STRETCHED for t in SIGNS],
            explains="Sum over the axes that were put in front and over those that had length 1.",
            section=COPIES,
            group="arrays",
        ),
        Property(
            "A NumPy array or a number may stand on either side",
            1,
            with_array,
            with_arrays,
            explains="`__array_ufunc__ = None` makes NumPy leave `array * tensor` to your class.",
            section=ONE_NODE,
            group="arrays",
        ),
        Property(
            "The matrix product",
            2,
            product,
            products,
            explains="For Y = XW the gradients are G Wᵀ and Xᵀ G.",
            section=PRODUCT,
            group="arrays",
        ),
        Property(
            "The transpose",
            1,
            one_operand,
            one("a.T", "a.T * a.T"),
            explains="The gradient of a transpose is the transpose of G.",
            section=PRODUCT,
            group="arrays",
        ),
        Property(
            "exp, tanh and relu",
            1,
            one_operand,
            lambda rng: [
                *one("a.exp()", "a.tanh()", "a.relu()")(rng),
                ("a.relu()", np.array([0.0, 1.5, -2.0]), np.array([3.0, -0.5, 2.0])),
            ],
            explains="Each slope is multiplied by G, entry by entry.",
            section=ONE_NODE,
            group="arrays",
        ),
        Property(
            "sum over all, over an axis, with and without keepdims",
            1,
            one_operand,
            one(
                "a.sum()",
                "a.sum(axis=0)",
                "a.sum(axis=1)",
                "a.sum(axis=-1, keepdims=True)",
                "a.sum(axis=0, keepdims=True) * a",
                "a.sum(axis=1) * 2.0",
            ),
            explains="G is laid back along the axis that was summed, and copied there.",
            section=SUMS,
            group="arrays",
        ),
        Property(
            "A net of two layers",
            1,
            layers,
            lambda rng: [
                tuple(_two_decimals(rng, s) for s in ((n, 2), (2, 3), (3,), (3, 1))) for n in (2, 1)
            ],
            explains="Each part may be right where it was tried alone.",
            section=COPIES,
            group="backward",
        ),
        Property(
            "A node passes on when all of its consumers have reported",
            1,
            short_and_long_way,
            a_and_g,
            expected=lambda A, G: G * (2 * A**3 + 4 * A),
            explains="Children come before parents, as in `topological_order` walked back.",
            section='chapter 03, section 3.4, "Backward, in fifteen lines"',
            group="backward",
        ),
        Property(
            "Nodes between get their gradient too",
            1,
            nodes_between,
            a_and_g,
            expected=lambda A, G: (G, 6 * A * G, 18 * A * G),
            explains="`backward` adds to `.grad` of every node, the root's own included.",
            section='chapter 03, section 3.4, "Backward, in fifteen lines"',
            group="backward",
        ),
        Property(
            "Each call of backward adds exactly once more",
            1,
            called_again,
            lambda rng: a_and_g(rng, 2) + a_and_g(rng, 3),
            expected=lambda A, G, calls: (4 * G * calls, 8 * A * G * calls),
            explains="The sums of a pass belong to it: nodes between must not hand old ones on.",
            section=AGAIN,
            group="backward",
        ),
        Property(
            "Two results share a node",
            1,
            two_results,
            a_and_g,
            expected=lambda A, G: G * (10 * A + 1),
            explains="The second pass starts with sums of its own.",
            section=AGAIN,
            group="backward",
        ),
        Property(
            "A chain of 5,000 additions",
            1,
            long_chain,
            (([1.5, -0.5], 3), ([1.5, -0.5], 2_000), ([2.5], 5_000)),
            expected=lambda A, steps: np.ones(len(A)),
            explains="Keep the waiting nodes in a list of yours, not in Python's stack of calls.",
            section=ORDER,
            group="backward",
        ),
        Property(
            "Forty forks, and 2⁴⁰ paths",
            1,
            ladder,
            (([1.5, -0.5], 2), ([1.5, -0.5], 40)),
            expected=lambda A, steps: np.ones(len(A)),
            explains="Each node is visited once, when its sum is complete; not once for each path.",
            section=ORDER,
            group="backward",
            seconds=1.0,
        ),
        Property(
            "Gradients have memory of their own",
            1,
            in_own_memory,
            lambda rng: [tuple(_two_decimals(rng, (1, 2)) for _ in range(3)) for _ in range(2)],
            expected=lambda A, B, G: (G, 2 * G, 2 * G),
            explains="Make new arrays: `a = a + b`, where `a += b` writes into an array that "
            "others may hold.",
            section=ONE_NODE,
            group="backward",
        ),
        Property(
            "gradients(G) returns the gradient of every node, by node",
            2,
            gradients_by_node,
            lambda rng: [tuple(_two_decimals(rng, (1, 2)) for _ in range(3)) for _ in range(2)],
            expected=lambda A, B, G: (
                G * (2 * A * B * B + 1),
                2 * A * A * B * G,
                2 * A * B * G,
                G,
            ),
            explains="A dict: the nodes themselves are its keys, and the root is one of them.",
            section=AGAIN,
            group="gradients",
        ),
        Property(
            "gradients(G) changes no node, and does not look at .grad",
            1,
            gradients_change_nothing,
            a_and_g,
            expected=lambda A, G: (0 * A, 4 * G, 8 * A * G),
            explains="The sums are kept in the dict, not in `.grad`: the pass is pure.",
            section=AGAIN,
            group="gradients",
        ),
        Property(
            "Shapes that do not fit are an error that says them",
            1,
            refused,
            lambda rng: [
                ("a @ b", np.ones((2, 3)), np.ones((2, 4))),
                ("a + b", np.ones((2, 3)), np.ones((2, 4))),
                ("(a * b).backward()", np.ones(2), np.ones(2)),
                ("(a * b).backward(np.ones(3))", np.ones((1, 3)), np.ones((1, 3))),
            ],
            accept=shapes_told,
            explains="`backward()` without G has one meaning only where there is one number.",
            section=ONE_NODE,
            group="backward",
        ),
        Property(
            "cumsum",
            1,
            one_operand,
            one("a.cumsum(0)", "a.cumsum(1)", "a.cumsum(-1)"),
            explains="The k-th number is in every sum from the k-th on: G is summed from the end.",
            section=SUMS,
            group="new operations",
        ),
        Property(
            "logsumexp, also of large numbers",
            1,
            one_operand,
            large,
            explains="The slope of each number is e to the number minus the result.",
            section=SUMS,
            group="new operations",
        ),
        Property(
            "maximum of two, stretched or not, and equal ones",
            1,
            two_operands,
            ties,
            explains="The larger one gets G; where both are equal, each gets half.",
            section=SUMS,
            group="new operations",
        ),
        Property(
            "concatenate, with one tensor twice",
            1,
            joined,
            joints,
            explains="Each piece of G goes to the tensor that it came from; two pieces add.",
            section='chapter 04, section 4.8, "Picking out"',
            group="new operations",
        ),
        Property(
            "Whole programs agree with the reference",
            1,
            whole_program,
            programs,
            explains="Each part may be right where it was tried alone, and wrong elsewhere.",
            section='chapter 04, section 4.9, "Check it"',
            group="backward",
        ),
    ),
    hints={
        "arrays": (
            "Start with `+`, `*` and `backward(G)` on arrays of one shape; then broadcasting.",
            "Each operand gets a function from G to its gradient. For `*` it is G times the other, "
            "and then a sum back to the operand's own shape.",
            "The sum back: `new = G.ndim - len(shape)` axes in front, and every axis whose length "
            "in `shape` is 1. Sum over them and reshape.",
        ),
        "new operations": (
            "Ask of one number of the operand: in which numbers of the result does it appear?",
            "`cumsum` turned round: flip, cumsum, flip. `concatenate`: remember where each piece "
            "begins and ends.",
            "`logsumexp`: keep p = e^(a−y); the gradient is p times G, with the summed axis put "
            "back. `maximum`: 1, 0 or ½, times G, summed back like any sign.",
        ),
        "backward": (
            "The walk is that of chapter 03; only the sums are arrays now.",
            "Begin with G at the root: ones only where the root is one number.",
            "`grads[parent] = grads[parent] + vjp(grads[node])` makes a new array; `+=` writes "
            "into one that another node, or the caller, may hold.",
        ),
        "gradients": (
            "The sums of a pass live in a dict that the pass makes and returns.",
            "Begin with 0.0 for every node of the order and G for the root.",
            "Let `backward` call `gradients`, and only then add what came to each `.grad`.",
        ),
    },
)
