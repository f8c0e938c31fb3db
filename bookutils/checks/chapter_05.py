"""Exercises of chapter 05, neurons and MLPs."""

import math

import numpy as np

from bookutils.checks import worked_05 as worked
from bookutils.checks.nearby import crossed, scaled
from bookutils.judge.exercise import BROKEN, Exercise, Mistake


def relu(z):
    return np.maximum(z, 0.0)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def tanh_slope(z):
    return 1 - np.tanh(z) ** 2


# ---- 05.1 four corners by hand

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
WANTED = np.array([1.0, 0.0, 0.0, 5.0])


def folded(second, outer, b2=0.0):
    """The net h = relu(x1 + x2), relu(x1 + x2 + second), y = h @ outer + b2."""
    W1 = np.array([[1.0, 1.0], [1.0, 1.0]])
    return W1, np.array([0.0, second]), np.array(outer)[:, None], np.array([b2])


OTHERS = {  # what the four outputs say
    (0, 1, 1, 0): "That is XOR, the net of the chapter. Here the ends are high, and not alike.",
    (1, 0, 0, 1): "Only (1,1) is left: what fires there has to count for more.",
    (1, 0, 0, 4): "Only (1,1) is left: −1 for each input is in it, so 6 are missing there, not 5.",
    (1, 0, 0, 6): "Only (1,1) is left: what fires there has to count for one less.",
    (1, 0, 0, -1): "That is 1 − x₁ − x₂, a plane. A second neuron has to fire at (1,1) only.",
    (0, -1, -1, 4): "All four are 1 too low: b2 is missing.",
    (0, 0, 0, 5): "It fires at (1,1) only. (0,0) has to be 1, and one input has to take that away.",
    (-1, 0, 0, -5): "The sign of the output is reversed.",
    (1, 1, 1, 5): "A single input has to bring the 1 of (0,0) down to 0.",
    (0, 0, 0, 0): "It is silent everywhere.",
}


def corner_fault(output):
    """None, or what is wrong with four arrays that should be a 2-2-1 net for `WANTED`."""
    wanted = "four arrays are asked for: W1 (2, 2), b1 (2,), W2 (2, 1), b2 (1,)"
    if not isinstance(output, (tuple, list)) or len(output) != 4:
        return f"{wanted[0].upper()}{wanted[1:]}."
    try:
        arrays = [np.asarray(part, dtype=float) for part in output]
    except (TypeError, ValueError):
        return f"Not all of it is numbers; {wanted}."
    sizes = [array.size for array in arrays]
    if arrays[0].shape != (2, 2) or sizes != [4, 2, 2, 1] or arrays[2].shape == (1, 2):
        shapes = ", ".join(str(array.shape) for array in arrays)
        return f"The shapes are {shapes}; {wanted}."
    W1, b1, W2, b2 = (
        array.reshape(shape) for array, shape in zip(arrays, ((2, 2), 2, (2, 1), 1), strict=True)
    )
    with np.errstate(all="ignore"):
        y = (relu(CORNERS @ W1 + b1) @ W2 + b2)[:, 0]
    if (np.abs(y - WANTED) < 1e-6).all():  # six decimals: weights like 1/3 may be rounded
        return None
    got = ", ".join(f"{v:.4g}" for v in y)
    says = f"At (0,0), (0,1), (1,0), (1,1) your net gives {got}, not 1, 0, 0, 5."
    known = (why for given, why in OTHERS.items() if np.allclose(y, given, atol=1e-6))
    return " ".join([says, *known])


# ---- 05.2 affine of affine


def stack(rng, *widths):
    pairs = list(zip(widths, widths[1:], strict=False))
    return [rng.normal(size=pair) for pair in pairs], [rng.normal(size=m) for _, m in pairs]


def shortcut_cases(rng):
    """Stacks of one layer to four, one number to four; zeros, and numbers of hundreds."""

    def case(d, depth):
        return stack(rng, *[d] * (depth + 1))

    easy = (
        [np.array([[2.0, -1.0], [0.5, 3.0]]), np.array([[-0.5, 4.0], [1.5, 2.0]])],
        [np.array([0.5, 4.0]), np.array([-1.5, 2.5])],
    )
    zeros = (
        [np.array([[0.0, 1.0], [-2.0, 0.0]]), np.array([[3.0, 0.0], [0.0, -1.0]])],
        [np.array([0.0, 0.5]), np.array([1.5, 0.0])],
    )
    Ws, bs = case(3, 2)
    large = [100 * W for W in Ws], [300 * b for b in bs]
    sizes = (3, 2), (4, 3), (1, 3), (2, 4), (3, 1), (1, 1)
    return [easy, zeros, *(case(*size) for size in sizes), *crossed(case(3, 3), case(3, 3)), large]


def pushed(Ws, bs, activation=lambda z: z):
    """(W, b) read off the outputs at 0 and at the unit vectors; each layer adds to its input."""
    d = len(Ws[0])
    y = np.vstack([np.zeros(d), np.eye(d)])
    for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
        y = activation(y) if k else y
        y = y + y @ W + b
    return y[1:] - y[0], y[0]


def with_input(Ws):
    """The matrix of each layer, its shortcut included."""
    return [np.eye(len(W)) + W for W in Ws]


def product(Ws):
    W = Ws[0]
    for other in Ws[1:]:
        W = W @ other
    return W


def joined(step):
    """A mistake in the loop: step(W, b, M, W_l, b_l) from one layer to the next."""

    def answer(Ws, bs):
        W, b = np.eye(len(Ws[0])) + Ws[0], bs[0]
        for W_l, b_l in zip(Ws[1:], bs[1:], strict=True):
            W, b = step(W, b, np.eye(len(W_l)) + W_l, W_l, b_l)
        return W, b

    return answer


def plain_stack(Ws, bs):
    W, b = Ws[0], bs[0]
    for W_l, b_l in zip(Ws[1:], bs[1:], strict=True):
        W, b = W @ W_l, b @ W_l + b_l
    return W, b


def bias_of_ends(Ws, bs):
    Ms = with_input(Ws)
    return product(Ms), bs[0] @ product(Ms[1:]) + bs[-1] if len(Ws) > 1 else bs[0]


def first_layer_twice(Ws, bs):
    W, b = np.eye(len(Ws[0])) + Ws[0], bs[0]
    for M, c in zip(with_input(Ws), bs, strict=True):
        W, b = W @ M, b @ M + c
    return W, b


# ---- 05.3 count, the other way round


def budget_cases(rng):
    """One hidden layer and several; budgets met exactly, missed by one, and large."""

    def exact(d_in, d_out, hidden, w, more=0):
        return d_in, d_out, hidden, counted(d_in, d_out, hidden, w) + more

    return [
        (2, 1, 2, 337),
        (2, 1, 2, 336),
        (3, 2, 1, 26),
        (64, 10, 1, 5000),
        (64, 10, 3, 20_000),
        exact(5, 3, 4, 7),
        exact(5, 3, 4, 7, -1),
        exact(5, 3, 4, 7, 1),
        exact(1, 1, 1, 1),
        exact(6, 6, 2, 6),
        exact(4, 2, 2, 2),
        exact(4, 2, 3, 3, -1),
        exact(20, 7, 1, 13, -1),
        *crossed((4, 3, 3, 900), (90, 70, 5, 2000)),
        *(
            (
                *map(int, rng.integers(1, 30, 2)),
                int(rng.integers(1, 5)),
                int(rng.integers(400, 9000)),
            )
            for _ in range(3)
        ),
    ]


def counted(d_in, d_out, hidden, w):
    """Weights and biases of a net with `hidden` layers of w neurons between input and output."""
    widths = d_in, *[w] * hidden, d_out
    return weights(widths) + sum(widths[1:])


def weights(widths):
    return sum(a * b for a, b in zip(widths, widths[1:], strict=False))


def largest(count):
    """A mistake in the count of the widths (d_in, w … w, d_out)."""

    def answer(d_in, d_out, hidden, budget, w=1):
        while count((d_in, *[w + 1] * hidden, d_out)) <= budget and w < 5000:
            w += 1
        return w

    return answer


def below_the_budget(d_in, d_out, hidden, budget, least=0):
    """The search starts at the width `least`, and takes what is below the budget."""
    while of_net((d_in, *[least + 1] * hidden, d_out)) < budget:
        least += 1
    return least


def of_net(widths):
    return weights(widths) + sum(widths[1:])


def nearest(d_in, d_out, hidden, budget):
    """The whole number nearest to the solution of count(w) = budget, a quadratic equation."""
    a, b, c = hidden - 1, d_in + hidden + d_out, d_out - budget
    return round((-b + math.sqrt(b * b - 4 * a * c)) / (2 * a) if a else -c / b)


def count_of_the_widest(d_in, d_out, hidden, budget):
    w = largest(of_net)(d_in, d_out, hidden, budget)
    return of_net((d_in, *[w] * hidden, d_out))


# ---- 05.4 the recursion


def delta_cases(rng):
    """(δ of the output, weights, hidden pre-activations): widths all different, and all equal."""

    def case(n, *widths):
        Ws = [rng.normal(size=pair) for pair in zip(widths, widths[1:], strict=False)]
        zs = [rng.normal(size=(n, w)) * 1.3 for w in widths[1:-1]]
        return rng.normal(size=(n, widths[-1])), Ws, zs

    def large(case):
        delta, Ws, zs = case
        yield 300 * delta, Ws, zs
        yield delta, [300 * W for W in Ws], zs

    easy = (
        np.array([[2.0], [-0.5]]),
        [np.array([[1.0, -3.0]]), np.array([[0.5], [-1.5]])],
        [np.array([[0.3, -0.8], [1.2, 0.4]])],
    )
    return [
        easy,
        case(4, 3, 2),
        case(2, 4, 2, 3, 5),
        case(3, 3, 3, 3, 3),
        case(2, 2, 5, 3, 4, 6, 1),
        case(1, 4, 4, 4),
        *crossed(case(5, 3, 4, 2), case(5, 3, 4, 2)),
        *large(case(3, 2, 3, 2)),
        case(1, 1, 1, 1),
        (
            np.array([[1.0, 0.0], [-2.0, 3.0]]),
            [np.array([[1.0], [2.0]]), np.array([[0.5, 0.0]])],
            [np.array([[0.0], [20.0]])],
        ),
    ]


def all_deltas(delta, Ws, zs):
    """δ of every layer, sample by sample, through each layer's whole Jacobian."""
    found = [delta]
    for W, z in zip(Ws[:0:-1], zs[::-1], strict=True):
        rows = [
            np.diag(tanh_slope(row)) @ W @ after for row, after in zip(z, found[0], strict=True)
        ]
        found.insert(0, np.array(rows))
    return found


def walked(delta, Ws, zs, step):
    """A recursion with another step: step(δ after, k), with k counting hidden layers from 0."""
    found = [delta]
    for k in range(len(zs) - 1, -1, -1):
        found.insert(0, step(found[0], k))
    return found


def straight_from_the_output(delta, Ws, zs):
    found = [delta]
    for k in range(len(zs) - 1, -1, -1):
        found.insert(0, delta @ product(Ws[k + 1 :]).T * tanh_slope(zs[k]))
    return found


SLOPES = {  # of other activations, and formulas that look like the right one
    "that of a sigmoid, at z": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    "that of a ReLU, z > 0": lambda z: 1.0 * (z > 0),
    "h(1 − h) with h = tanh(z), the sigmoid's form": lambda z: np.tanh(z) * (1 - np.tanh(z)),
    "1 + tanh(z)²": lambda z: 1 + np.tanh(z) ** 2,
    "tanh(z)² − 1, with the sign reversed": lambda z: np.tanh(z) ** 2 - 1,
    "tanh(z)²": lambda z: np.tanh(z) ** 2,
    "(1 − tanh(z))²": lambda z: (1 - np.tanh(z)) ** 2,
    "1 − z": lambda z: 1 - z,
    "z itself": lambda z: z,
    "z(1 − tanh(z)²)": lambda z: z * tanh_slope(z),
    "1/(1 + z²)": lambda z: 1 / (1 + z * z),
    "2·tanh(z)": lambda z: 2 * np.tanh(z),
    "(1 − tanh(z)²)², applied twice": lambda z: tanh_slope(z) ** 2,
}


def slope_of_the_layer_before(delta, Ws, zs):
    return walked(delta, Ws, zs, lambda d, k: d @ Ws[k + 1].T * tanh_slope(zs[k - 1]))


# ---- 05.5 two layers of tanh


def tanh_cases(rng):
    """Inputs d, hidden m: unequal and square; with z near 0 and far from it, y on both sides."""
    easy = (
        np.array([1.0, 2.0]),
        np.array([1.0]),
        np.array([[0.4, -0.3, 0.2, 0.1], [-0.1, 0.5, 0.3, -0.4]]),
        np.array([0.1, -0.2, 0.3, 0.4]),
        np.array([[0.3], [-0.6], [0.5], [0.2]]),
        np.array([-0.1]),
    )

    def case(d, m, scale):
        x, t = rng.normal(size=d), rng.normal(size=1)
        W1, b1 = scale * rng.normal(size=(d, m)), rng.normal(size=m)
        return x, t, W1, b1, rng.normal(size=(m, 1)), 0.3 * rng.normal(size=1)

    large = (  # x W1 and b1 are about 64 and −64, h W2 and b2 about 85 and −85
        np.array([100.0, -80.0]),
        np.array([300.0]),
        np.array([[70.8, 0.004], [87.7, 0.003]]),
        np.array([-64.3, 0.2]),
        np.array([[-150.0], [120.0]]),
        np.array([-84.8]),
    )
    sizes = ((3, 5, 1.0), (3, 3, 1.0), (4, 2, 0.5), (1, 3, 1.0), (1, 1, 1.0))
    again = crossed(case(2, 4, 0.7), case(2, 4, 2.0))
    zeros = (
        np.array([0.0, 1.0]),
        np.array([0.0]),
        np.array([[0.5, -0.5], [1.0, 0.0]]),
        np.array([0.0, 0.0]),
        np.array([[1.0], [0.0]]),
        np.array([0.0]),
    )
    return [easy, zeros, *(case(*size) for size in sizes), *again, large]


def slope_at(y):
    return 1 - y * y


def two_tanh(x, t, W1, b1, W2, b2, error=1, outer=slope_at, way=True, passed=True, inner=slope_at):
    """The four gradients of ½(y - t)², with one of the factors changed or left out."""
    h = np.tanh(x @ W1 + b1)
    y = np.tanh(h @ W2 + b2)
    delta2 = error * (y - t) * outer(y)
    back = way if isinstance(way, np.ndarray) else W2[:, 0] if way else 1
    delta1 = back * (delta2 if passed else y - t)[0] * inner(h)
    return np.multiply.outer(x, delta1), delta1, np.multiply.outer(h, delta2), delta2


def moved_above(x, t, W1, b1, W2, b2, lr=0.1):
    """The weights of the output layer take their step before δ goes back through them."""
    h = np.tanh(x @ W1 + b1)
    y = np.tanh(h @ W2 + b2)
    delta2 = (y - t) * slope_at(y)
    dW2 = np.multiply.outer(h, delta2)
    delta1 = (W2 - lr * dW2)[:, 0] * delta2 * slope_at(h)
    return np.multiply.outer(x, delta1), delta1, dW2, delta2


def linear_output(x, t, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    delta2 = h @ W2 + b2 - t
    delta1 = W2[:, 0] * delta2 * slope_at(h)
    return np.multiply.outer(x, delta1), delta1, np.multiply.outer(h, delta2), delta2


def turned_outers(x, t, *layers):
    dW1, db1, dW2, db2 = two_tanh(x, t, *layers)
    return dW1.T, db1, dW2.T, db2


def fed(first=None, second=None):
    """A mistake in what a weight gradient is paired with: functions of (x, h)."""

    def answer(x, t, W1, b1, W2, b2):
        dW1, db1, dW2, db2 = two_tanh(x, t, W1, b1, W2, b2)
        z = x @ W1 + b1
        if first:
            dW1 = np.multiply.outer(first(x), db1)
        if second:
            dW2 = np.multiply.outer(second(z), db2)
        return dW1, db1, dW2, db2

    return answer


def output_of(x, W1, b1, W2, b2):
    return np.tanh(np.tanh(x @ W1 + b1) @ W2 + b2)


def hidden_relu(x, t, W1, b1, W2, b2):
    h = relu(x @ W1 + b1)
    y = np.tanh(h @ W2 + b2)
    delta2 = (y - t) * slope_at(y)
    delta1 = W2[:, 0] * delta2 * (h > 0)
    return np.multiply.outer(x, delta1), delta1, np.multiply.outer(h, delta2), delta2


def slope_of_z(x, t, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    y = np.tanh(h @ W2 + b2)
    delta2 = (y - t) * slope_at(y)
    delta1 = W2[:, 0] * delta2 * (1 - (x @ W1 + b1) ** 2)
    return np.multiply.outer(x, delta1), delta1, np.multiply.outer(h, delta2), delta2


RATES = (*(m * 10.0**-k for k in range(5) for m in (1, 2, 3, 5)), 2.0)
OF_H = {
    "h, the activation itself": lambda h: h,
    "1 + h²": lambda h: 1 + h * h,
    "h² − 1": lambda h: h * h - 1,
    "h²": lambda h: h * h,
    "that of a ReLU, h > 0": lambda h: 1.0 * (h > 0),
    "the square of the right one": lambda h: (1 - h * h) ** 2,
}
PRINTED = {  # what is wrong in the lines of the exercise
    "x": "dW1 pairs h with its δ, where x belongs",
    "sign": "the error is t − y, where y − t belongs",
    "outer": "the derivative of the output's tanh is missing",
    "W2": "W2 is missing on the way back",
    "inner": "the derivative of the hidden tanh is taken at h, where 1 − h² belongs",
}


def half_fixed(*left):
    """A mistake: the printed lines with some of their faults left."""

    def answer(x, t, W1, b1, W2, b2):
        h = np.tanh(x @ W1 + b1)
        y = np.tanh(h @ W2 + b2)
        delta2 = (t - y if "sign" in left else y - t) * (1 if "outer" in left else 1 - y * y)
        delta1 = delta2 * (1 if "W2" in left else W2[:, 0])
        delta1 = delta1 * (1 - np.tanh(h) ** 2 if "inner" in left else 1 - h * h)
        fed = h if "x" in left else x
        return np.multiply.outer(fed, delta1), delta1, np.multiply.outer(h, delta2), delta2

    head = "One of the printed faults is" if len(left) == 1 else "Some of the printed faults are"
    says = "; ".join(PRINTED[fault] for fault in left)
    return Mistake("left " + " ".join(left), f"{head} left: {says}.", answer)


HALF_FIXED = [  # line by line from the top, and from the shape that does not fit
    half_fixed(*left.split())
    for left in (
        "x outer W2 inner",
        "x W2 inner",
        "x inner",
        "x",
        "sign outer W2 inner",
        "outer W2 inner",
        "outer inner",
        "W2 inner",
        "sign outer",
    )
]


def printed_241(x, t, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    dy = t - np.tanh(h @ W2 + b2)
    dh = dy * (1 - np.tanh(h) ** 2)
    return np.multiply.outer(h, dh), dh, np.multiply.outer(h, dy), dy


# ---- 05.6 where δ starts


def output_cases(rng):
    """Targets above and below the output; logits near 0 and far away; several lengths."""
    easy = np.array([0.2, 0.8, -0.6]), np.array([1.0, 0.0, 1.0])

    def case(n):
        return 3 * rng.normal(size=n), rng.uniform(0, 1, n)

    drawn = [*map(case, (3, 1, 2, 7)), *crossed(case(5), case(5))]
    wild = np.array([0.4, -1.3, 0.0]), np.array([300.0, -0.25, 1e-4])
    far = np.array([0.0, 30.0, -30.0, 12.0, -12.0]), np.array([0.5, 0.0, 1.0, 1.0, 0.0])
    return [easy, *drawn, far, wild, (np.array([0.0, 0.0]), np.array([1.0, 0.0]))]


# ---- 05.7 made, and called


def layer_cases(rng):
    """Pre-activations of both signs, 0, all above, all below; widths unequal and equal."""
    easy = (
        np.array([[1.0, -2.0], [3.0, 0.5]]),
        np.array([[0.5, -1.0], [1.5, -0.3]]),
        np.array([0.2, 0.1]),
        np.array([[2.0], [3.0]]),
        np.array([0.5]),
    )

    def case(n, d, m):
        return (
            rng.normal(size=(n, d)),
            rng.normal(size=(d, m)),
            rng.normal(size=m),
            rng.normal(size=(m, 1)),
            rng.normal(size=1),
        )

    def shifted(case, by):
        X, W1, b1, W2, b2 = case
        return X, W1, b1 + by, W2, b2

    zero = (
        np.array([[0.0, 0.0], [1.0, 1.0]]),
        np.array([[1.0, -1.0], [0.0, 2.0]]),
        np.array([0.0, -1.0]),
        np.array([[0.0], [3.0]]),
        np.array([0.0]),
    )
    return [
        easy,
        *(case(*size) for size in ((7, 2, 5), (1, 2, 5), (3, 3, 3), (6, 4, 2), (5, 3, 1))),
        *crossed(case(4, 2, 5), case(4, 2, 5)),
        scaled(case(3, 2, 4), 300.0, 1, 300.0, 1, 3e3),
        scaled(case(3, 2, 4), 1, 300.0, 300.0, 300.0, 1),
        case(1, 1, 1),
        shifted(case(4, 2, 3), 50.0),
        shifted(case(4, 2, 3), -50.0),
        zero,
    ]


ACTIVATIONS = {
    "a sigmoid": sigmoid,
    "tanh": np.tanh,
    "softplus": lambda z: np.logaddexp(0, z),
    "min(z, 0)": lambda z: np.minimum(z, 0),
    "max(z, 1)": lambda z: np.maximum(z, 1),
    "1 where z > 0, else 0": lambda z: 1.0 * (z > 0),
    "the sign of z": np.sign,
    "z²": lambda z: z * z,
    "−max(z, 0)": lambda z: -relu(z),
    "max(−z, 0)": lambda z: relu(-z),
    "max(z, 0)²": lambda z: relu(z) ** 2,
    "1 − max(z, 0)": lambda z: 1 - relu(z),
    "ReLU with 6 as its upper limit": lambda z: np.clip(z, 0, 6),
    "clipping to 0 … 1": lambda z: np.clip(z, 0, 1),
    "ELU": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "SiLU, z·σ(z)": lambda z: z * sigmoid(z),
    "GELU": lambda z: z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
    **{
        f"a leaky ReLU with {a:g}": lambda z, a=a: np.where(z > 0, z, a * z)
        for a in (0.001, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5)
    },
    "a softmax over the neurons": lambda z: (
        np.exp(z - z.max(axis=1, keepdims=True))
        / np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    ),
    "the largest neuron of each row for all of them": lambda z: (
        np.zeros(z.shape) + z.max(axis=1, keepdims=True)
    ),
}


# ---- 05.8 the loop


def fit_cases(rng):
    """Few steps and many, none at all; one sample; zeros; large numbers, one argument at a time."""

    def case(n, lr, steps):
        X, w = rng.normal(size=(n, 3)), rng.normal(size=3)
        return X, rng.uniform(-1, 1, n), w, float(rng.normal()), lr, steps

    easy = (
        np.array([[1.0, 0.5, -1.0], [2.0, -1.0, 0.5]]),
        np.array([0.5, -0.5]),
        np.array([0.2, 0.4, -0.3]),
        0.1,
        0.5,
        2,
    )
    zeros = np.array([[1.0, 0.0, -2.0], [0.5, 3.0, 0.0]]), np.array([0.0, 0.5])
    w = np.array([0.0, 1.0, -0.5])
    far = np.array([[60.0, 0.0, 0.5], [59.5, 0.2, 0.0]]), np.array([0.5, -0.25])
    pairs = (5, 0.1, 1), (7, 0.05, 2), (9, 0.2, 12), (1, 0.3, 5), (4, 0.1, 0), (1, 0.2, 0)
    return [
        easy,
        (*zeros, w, 0.0, 0.1, 2),
        (*zeros, w, 0.0, 0.0, 2),
        *(case(*pair) for pair in pairs),
        *crossed(case(4, 0.1, 3), case(4, 0.0123456, 2)),
        scaled(case(3, 1e-5, 2), 300.0, 1, 1e-3, 1, 1, 1),
        scaled(case(3, 60.0, 1), 0.01, 300.0, 90.0, 1, 1, 1),
        (*far, np.array([1.0, 0.25, -0.5]), -60.0, 1e-5, 2),
    ]


def fitted(X, t, w, b, lr, steps):
    """One number after the other."""
    rows, n = X.tolist(), len(t)
    w, b = w.tolist(), float(b)
    for _ in range(steps):
        ys = [math.tanh(sum(a * c for a, c in zip(row, w, strict=True)) + b) for row in rows]
        d = [2 * (y - s) * (1 - y * y) / n for y, s in zip(ys, t.tolist(), strict=True)]
        w = [
            c - lr * sum(a * row[j] for a, row in zip(d, rows, strict=True))
            for j, c in enumerate(w)
        ]
        b -= lr * sum(d)
    return np.array(w), b


def gradients_of(X, t, w, b):
    y = np.tanh(X @ w + b)
    d = 2 * (y - t) * (1 - y * y) / len(X)
    return d @ X, d.sum()


def descended(dw=1, db=1, slope=slope_at, forward=np.tanh, error=lambda y, t, z: y - t):
    """A mistake in the gradients: factors of dw and db, numbers or functions of X, or a part."""

    def answer(X, t, w, b, lr, steps):
        for _ in range(steps):
            z = X @ w + b
            y = forward(z)
            d = 2 * error(y, t, z) * slope(y) / len(X)
            w_factor, b_factor = (f(X) if callable(f) else f for f in (dw, db))
            w, b = w - lr * w_factor * (d @ X), b - lr * b_factor * d.sum()
        return w, b

    return answer


def accumulates(X, t, w, b, lr, steps):
    dw, db = 0.0, 0.0
    for _ in range(steps):
        more_w, more_b = gradients_of(X, t, w, b)
        dw, db = dw + more_w, db + more_b
        w, b = w - lr * dw, b - lr * db
    return w, b


def same_gradients(X, t, w, b, lr, steps):
    dw, db = gradients_of(X, t, w, b)
    return w - steps * lr * dw, b - steps * lr * db


def one_after_the_other(X, t, w, b, lr, steps):
    for _ in range(steps):
        w = w - lr * gradients_of(X, t, w, b)[0]
        b = b - lr * gradients_of(X, t, w, b)[1]
    return w, b


def bias_first(X, t, w, b, lr, steps):
    for _ in range(steps):
        b = b - lr * gradients_of(X, t, w, b)[1]
        w = w - lr * gradients_of(X, t, w, b)[0]
    return w, b


def returned_inside(X, t, w, b, lr, steps):
    return fitted(X, t, w, b, lr, 1) if steps else None


def sample_by_sample(X, t, w, b, lr, steps):
    for _ in range(steps):
        for i in range(len(X)):
            dw, db = gradients_of(X[i : i + 1], t[i : i + 1], w, b)
            w, b = w - lr * dw, b - lr * db
    return w, b


def one_sample_a_step(X, t, w, b, lr, steps):
    for s in range(steps):
        i = s % len(X)
        dw, db = gradients_of(X[i : i + 1], t[i : i + 1], w, b)
        w, b = w - lr * dw, b - lr * db
    return w, b


def written_into(X, t, w, b, lr, steps):
    for _ in range(steps):
        dw, db = gradients_of(X, t, w, b)
        w -= lr * dw
        b -= lr * db
    return w, b


def without_b(X, t, w, b, lr, steps):
    for _ in range(steps):
        dw, db = gradients_of(X, t, w, 0.0)
        w, b = w - lr * dw, b - lr * db
    return w, b


def weights_alike(X, t, w, b, lr, steps):
    for _ in range(steps):
        dw, db = gradients_of(X, t, w, b)
        w, b = w - lr * dw.sum(), b - lr * db
    return w, b


def decaying_rate(X, t, w, b, lr, steps, how="halved in every step"):
    for s in range(steps):
        dw, db = gradients_of(X, t, w, b)
        rate = lr / 2**s if how.startswith("halved") else lr / (s + 1)
        w, b = w - rate * dw, b - rate * db
    return w, b


def with_momentum(X, t, w, b, lr, steps, share=0.9):
    vw, vb = 0.0, 0.0
    for _ in range(steps):
        dw, db = gradients_of(X, t, w, b)
        vw, vb = share * vw + dw, share * vb + db
        w, b = w - lr * vw, b - lr * vb
    return w, b


def slope_at_z(X, t, w, b, lr, steps):
    for _ in range(steps):
        z = X @ w + b
        d = 2 * (np.tanh(z) - t) * (1 - z * z) / len(X)
        w, b = w - lr * (d @ X), b - lr * d.sum()
    return w, b


def averaged_inputs(X, t, w, b, lr, steps):
    for _ in range(steps):
        _, db = gradients_of(X, t, w, b)
        w, b = w - lr * X.mean(axis=0) * db, b - lr * db
    return w, b


def with_factors(X, t, w, b, lr, steps, of_w, of_b):
    for _ in range(steps):
        dw, db = gradients_of(X, t, w, b)
        w, b = w - lr * dw * (w if of_w else 1), b - lr * db * (b if of_b else 1)
    return w, b


SLOPES_OF_Y = {  # in the place of 1 − y²
    "1 − y": lambda y: 1 - y,
    "1 + y²": lambda y: 1 + y * y,
    "y²": lambda y: y * y,
    "y(1 − y), that of a sigmoid": lambda y: y * (1 - y),
    "1 − tanh(y)², taken at y": lambda y: 1 - np.tanh(y) ** 2,
    "(1 − y²)², applied twice": lambda y: (1 - y * y) ** 2,
    "y itself": lambda y: y,
    "the mask of a ReLU, y > 0": lambda y: 1.0 * (y > 0),
}
NETS = {  # (activation, its slope as a function of y) in the place of tanh
    "no activation": (lambda z: z, np.ones_like),
    "a sigmoid": (sigmoid, lambda y: y * (1 - y)),
    "a ReLU": (relu, lambda y: 1.0 * (y > 0)),
}


# ---- 05.11 every gradient of an MLP


def mlp_cases(rng):
    """(X, t, Ws, bs): depths 1 to 4, widths unequal and equal, hidden z of both signs.

    One sample, one output, y equal to t, a layer that is silent, hidden z close to 0.
    """

    def case(n, *widths):
        Ws, bs = stack(rng, *widths)
        return rng.normal(size=(n, widths[0])), rng.normal(size=(n, widths[-1])), Ws, bs

    def near(case, by):
        """The first two hidden neurons within `by` of their kinks, on either side."""
        X, t, Ws, bs = case
        z = X @ Ws[0] + bs[0]
        return X, t, Ws, [bs[0] - np.array([z[0, 0] - by, z[1, 1] + by, 0, 0, 0]), *bs[1:]]

    def steep(case):
        X, t, Ws, bs = case
        return X, t, [100 * W for W in Ws], [300 * b for b in bs]

    zeros = (
        np.array([[0.0, 1.0], [2.0, 0.0], [0.5, -1.0]]),
        np.array([[0.0], [1.0], [-2.0]]),
        [np.array([[1.0, 0.0], [-0.5, 2.0]]), np.array([[0.0], [1.5]])],
        [np.array([0.25, -0.5]), np.array([0.0])],
    )
    X, _, Ws, bs = case(3, 2, 4, 1)
    met = X, relu(X @ Ws[0] + bs[0]) @ Ws[1] + bs[1], Ws, bs
    X, t, Ws, bs = case(3, 2, 4, 2)
    silent = X, t, Ws, [bs[0] - 50, bs[1]]
    easy = (
        np.array([[0.5, -2.0]]),
        np.array([[1.0]]),
        [np.array([[1.0, 0.5, -1.0], [-1.0, 1.0, 0.5]]), np.array([[0.5], [2.0], [-1.0]])],
        [np.array([0.0, 0.5, 3.0]), np.array([0.2])],
    )
    return [
        easy,
        case(5, 3, 2),
        case(6, 2, 4, 3, 5, 1),
        case(7, 3, 3, 3, 3),
        case(3, 4, 2, 3),
        *crossed(case(4, 3, 5, 2), case(4, 3, 5, 2)),
        scaled(case(3, 2, 4, 2), 300.0, 1, 1, 1),
        scaled(case(3, 2, 4, 2), 1, 300.0, 1, 1),
        steep(case(3, 2, 4, 2)),
        zeros,
        case(5, 2, 3, 1),
        case(1, 2, 2, 1),
        case(1, 1, 1, 1),
        met,
        silent,
        near(case(4, 3, 5, 2), 1e-4),
        near(case(4, 3, 5, 2), 1e-6),
    ]


def fires(z):
    return z > 0


def mlp_pass(
    X,
    t,
    Ws,
    bs,
    error=1,
    mean=True,
    bend=relu,
    mask=fires,
    mask_output=False,
    fed="h",
    bias="sum",
    own=False,
    last=lambda z: z,
    turn=True,
):
    """Gradients through relu layers and a linear one, with one part changed or left out."""
    hs, zs = [X], []
    for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
        zs.append(hs[-1] @ W + b)
        hs.append(bend(zs[-1]) if k < len(Ws) - 1 else last(zs[-1]))
    delta = error * (hs[-1] - t) / (len(X) if mean else 1)
    if mask_output:
        delta = delta * mask(zs[-1])
    dWs, dbs = [], []
    for k in range(len(Ws) - 1, -1, -1):
        h = zs[k - 1] if k and fed == "z" else hs[k]
        dWs.insert(0, np.einsum("ni,no->io", h, delta))
        dbs.insert(0, getattr(delta, bias)(axis=0) if bias else delta)
        if k:
            W = Ws[k - 1] if own else Ws[k]
            delta = np.einsum("no,io->ni", delta, W) if turn else delta @ W
            delta = delta * mask(zs[k - 1])
    return dWs, dbs


def relu_by_differences(X, t, Ws, bs, h=1e-3):
    def mask(z):
        return (relu(z + h) - relu(z - h)) / (2 * h)

    return mlp_pass(X, t, Ws, bs, mask=mask)


def moved_first(X, t, Ws, bs, lr=0.1):
    """Each layer takes its step before δ goes back through it."""
    hs = [X]
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        hs.append(relu(hs[-1] @ W + b))
    delta = (hs[-1] @ Ws[-1] + bs[-1] - t) / len(X)
    dWs, dbs = [], []
    for W, h in zip(Ws[::-1], hs[::-1], strict=True):
        dWs.insert(0, h.T @ delta)
        dbs.insert(0, delta.sum(axis=0))
        delta = delta @ (W - lr * dWs[0]).T * (h > 0)
    return dWs, dbs


def rows_kept(X, t, Ws, bs):
    dWs, dbs = mlp_pass(X, t, Ws, bs)
    return dWs, [db[None] for db in dbs]


def of_all_outputs(X, t, Ws, bs):
    """The gradients of the mean over samples and outputs, in the place of the sum over outputs."""
    dWs, dbs = mlp_pass(X, t, Ws, bs)
    return [dW / t.shape[1] for dW in dWs], [db / t.shape[1] for db in dbs]


def all_turned(X, t, Ws, bs):
    dWs, dbs = mlp_pass(X, t, Ws, bs)
    return [dW.T for dW in dWs], dbs


def untransposed(X, t, Ws, bs):
    return mlp_pass(X, t, Ws, bs, turn=False)


def first_delta(X, t, Ws, bs):
    """δ of the first layer: the gradient of its bias, sample by sample."""
    return mlp_pass(X, t, Ws, bs, bias="")[1][0]


def other_output(X, t, Ws, bs, how="a tanh, forward and backward"):
    f, slope = (np.tanh, slope_at) if "tanh" in how else (sigmoid, lambda y: y * (1 - y))
    y = relu_net(X, Ws, bs)
    error = f(y) - t
    return from_error(X, Ws, bs, error * slope(f(y)) if "backward" in how else error)


def relu_net(X, Ws, bs):
    for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
        X = (relu(X) if k else X) @ W + b
    return X


def from_error(X, Ws, bs, error):
    """The gradients when the error of the outputs is this one."""
    return mlp_pass(X, relu_net(X, Ws, bs) - error, Ws, bs)


def squared_start(X, t, Ws, bs, how="squared"):
    e = relu_net(X, Ws, bs) - t
    return from_error(X, Ws, bs, e * e if how == "squared" else e * e / 2)


def summed_biases(X, t, Ws, bs):
    dWs, dbs = mlp_pass(X, t, Ws, bs)
    return dWs, [np.full(db.shape, db.sum()) for db in dbs]


MASKS = {  # (activation forward, factor backward) in the place of ReLU and its mask
    "tanh, forward and backward": (np.tanh, tanh_slope),
    "a sigmoid, forward and backward": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "ReLU forward, and 1 − h² backward": (relu, lambda z: 1 - relu(z) ** 2),
    "ReLU forward, and h(1 − h) backward": (relu, lambda z: relu(z) * (1 - relu(z))),
    "ReLU forward, and the derivative of tanh backward": (relu, tanh_slope),
    "ReLU forward, and the sign of z backward": (relu, np.sign),
    "ReLU forward, and the mask z < 0 backward": (relu, lambda z: 1.0 * (z < 0)),
    "ReLU forward, and z itself backward": (relu, lambda z: z),
    "tanh forward, and the mask z > 0 backward": (np.tanh, fires),
    "|z| forward, and its sign backward": (np.abs, np.sign),
    "softplus, forward and backward": (lambda z: np.logaddexp(0, z), sigmoid),
}


def from_the_output(X, t, Ws, bs):
    dWs, dbs = mlp_pass(X, t, Ws, bs)
    return dWs[::-1], dbs[::-1]


def weights_averaged(X, t, Ws, bs):
    dWs, dbs = mlp_pass(X, t, Ws, bs)
    return [dW / len(X) for dW in dWs], dbs


FIRST_OF_ALL = 'chapter 05, section 5.4, "A hidden layer bends the plane"'

EXERCISES = [
    Exercise(
        id="05.1",
        kind="by hand",
        title="Nine numbers",
        signature="corner_net()",
        reference=folded(-1.0, [-1.0, 6.0], 1.0),
        accept=corner_fault,
        mistakes=(
            Mistake(
                "xor",
                "That is the net of the chapter, XOR. Here it is (0,0) and (1,1) that are high, "
                "and (1,1) five times as high.",
                folded(-1.0, [1.0, -2.0]),
            ),
            Mistake(
                "xnor",
                "Your net says 1 at (1,1). What fires there has to lift it from −1 to 5, not to 1.",
                folded(-1.0, [-1.0, 2.0], 1.0),
            ),
            Mistake(
                "short",
                "Your net says 4 at (1,1). There both inputs have taken away 1 each, so the second "
                "neuron has to bring 6.",
                folded(-1.0, [-1.0, 5.0], 1.0),
            ),
            Mistake(
                "affine",
                "Your net is a plane, 1 − x₁ − x₂, and −1 at (1,1). A second neuron has to fire "
                "there, and there only.",
                folded(-1.0, [-1.0, 0.0], 1.0),
            ),
            Mistake(
                "nob2",
                "All four outputs are 1 too low: at (0,0) both neurons are silent, so the 1 has to "
                "come from b2.",
                folded(-1.0, [-1.0, 6.0]),
            ),
            Mistake(
                "and_",
                "Your net fires at (1,1) only. (0,0) has to be 1, and one input alone has to take "
                "that away.",
                folded(-1.0, [0.0, 5.0]),
            ),
        ),
        hints=(
            "Let the first hidden neuron add the inputs: h₁ = relu(x₁ + x₂) is 0, 1, 1, 2.",
            "Let the second fire at (1,1) only: with the bias −1 it is 0, 0, 0, 1.",
            "At (0,0) both are silent: b2 gives the 1. h₁ takes 1 away for each input. What is "
            "left to do at (1,1)?",
        ),
        section=FIRST_OF_ALL,
        proves="Nine numbers do what no single line can: they bend the plane, then cut it.",
    ),
    Exercise(
        id="05.2",
        kind="implement",
        title="Three maps with shortcuts, or one",
        signature="collapse(Ws, bs)",
        worked=worked.collapse,
        results=("W", "b"),
        reference=lambda Ws, bs: pushed(Ws, bs),
        cases=shortcut_cases,
        mistakes=(
            Mistake(
                "noshort",
                "You collapsed a stack without shortcuts. Here each layer adds to what it was "
                "given: x + xW + b, and that is x(1 + W) + b, with the unit matrix for 1.",
                plain_stack,
            ),
            Mistake(
                "around",
                "You put one shortcut around the whole stack. Each layer has one of its own.",
                lambda Ws, bs: (
                    np.eye(len(Ws[0])) + plain_stack(Ws, bs)[0],
                    plain_stack(Ws, bs)[1],
                ),
            ),
            Mistake(
                "bshort",
                "Your b goes through W_l alone. What is handed to a layer is kept and added, the "
                "bias collected so far too: `b + b @ W_l + b_l`.",
                joined(lambda W, b, M, W_l, b_l: (W @ M, b @ W_l + b_l)),
            ),
            Mistake(
                "wshort",
                "Your b has the shortcuts, your W only the first: `W + W @ W_l`.",
                joined(lambda W, b, M, W_l, b_l: (W @ W_l, b @ M + b_l)),
            ),
            Mistake(
                "firstshort",
                "The first layer has a shortcut too: start with the unit matrix plus `Ws[0]`.",
                lambda Ws, bs: (
                    Ws[0] @ product([np.eye(len(Ws[0])), *with_input(Ws)[1:]]),
                    pushed(Ws, bs)[1],
                ),
            ),
            Mistake(
                "ones",
                "You added 1 to every entry of the matrices. What leaves x as it is is the unit "
                "matrix, `np.eye(d)`: 1 on the diagonal, 0 elsewhere.",
                lambda Ws, bs: plain_stack([1 + W for W in Ws], bs),
            ),
            Mistake(
                "firstorder",
                "You added up the matrices, and left out their products. What the first layer adds "
                "goes through the second as well.",
                lambda Ws, bs: (np.eye(len(Ws[0])) + sum(Ws), pushed(Ws, bs)[1]),
            ),
            Mistake(
                "firstorderb",
                "You added up matrices and biases, and left out their products. What one layer "
                "adds goes through the next ones as well.",
                lambda Ws, bs: (np.eye(len(Ws[0])) + sum(Ws), sum(bs)),
            ),
            Mistake(
                "lastb",
                "The biases of the earlier layers have vanished. They pass through all the "
                "layers that come after them.",
                lambda Ws, bs: (product(with_input(Ws)), bs[-1]),
            ),
            Mistake(
                "skip",
                "Of the biases only the first and the last arrive. Those of the layers between "
                "count as well.",
                bias_of_ends,
            ),
            Mistake(
                "first",
                "Only the first bias arrives. Each further layer adds one of its own.",
                joined(lambda W, b, M, W_l, b_l: (W @ M, b @ M)),
            ),
            Mistake(
                "nolast",
                "The bias of the last layer is missing. No matrix comes after it, so it is added "
                "as it stands.",
                lambda Ws, bs: (product(with_input(Ws)), pushed(Ws, bs)[1] - bs[-1]),
            ),
            Mistake(
                "rawsum",
                "You added the biases as they stand. A bias of an early layer still has to go "
                "through the layers after it.",
                lambda Ws, bs: (product(with_input(Ws)), sum(bs)),
            ),
            Mistake(
                "tr",
                "You multiplied the matrices in the opposite order. The first layer is next to x, "
                "so its matrix is leftmost.",
                lambda Ws, bs: (product(with_input(Ws)[::-1]), pushed(Ws, bs)[1]),
            ),
            Mistake(
                "backwards",
                "You went through the layers from the last to the first. x meets the first one "
                "first.",
                lambda Ws, bs: pushed(Ws[::-1], bs[::-1]),
            ),
            Mistake(
                "moved",
                "Your b goes through W, which has moved on to the product already. It goes through "
                "the one layer alone.",
                joined(lambda W, b, M, W_l, b_l: (W @ M, b @ (W @ M) + b_l)),
            ),
            Mistake(
                "twice",
                "You start with the first layer and loop over all of them, so the first one is "
                "used twice. Loop over `Ws[1:]` and `bs[1:]`.",
                first_layer_twice,
            ),
            Mistake(
                "act",
                "You kept a tanh between the layers. The stack of this exercise has none; with one "
                "it could not be collapsed at all.",
                lambda Ws, bs: pushed(Ws, bs, np.tanh),
            ),
            Mistake(
                "relu",
                "You kept a ReLU between the layers. The stack of this exercise has none: hand on "
                "what is below zero as well.",
                lambda Ws, bs: pushed(Ws, bs, relu),
            ),
            Mistake(
                "unit",
                "You read W off the outputs for the unit vectors and forgot to subtract what x = 0 "
                "gives: each row of your W has b in it.",
                lambda Ws, bs: (pushed(Ws, bs)[0] + pushed(Ws, bs)[1], pushed(Ws, bs)[1]),
            ),
            Mistake(
                "two",
                "You joined the first two layers and stopped. Each further layer takes one more "
                "step.",
                lambda Ws, bs: pushed(Ws[:2], bs[:2]),
            ),
            Mistake(
                "elementwise",
                "You multiplied entry by entry, with `*`. One map after the other is a matrix "
                "product, `@`.",
                joined(lambda W, b, M, W_l, b_l: (W * M, b @ M + b_l)),
            ),
        ),
        hints=(
            "Push x = 0 through the stack: what comes out is b.",
            "One layer is x(1 + W) + b, with the unit matrix for 1. Two layers: multiply it out, "
            "and look at what stands beside x and what does not.",
            "What is handed on so far, W and b, is kept, and goes through `W_l` besides: each is "
            "itself plus itself times `W_l`; b gets `b_l` on top.",
        ),
        section='chapter 05, section 5.5, "Without activation: collapse"',
        proves="Shortcuts do not bend anything: any stack of affine maps is one affine map.",
    ),
    Exercise(
        id="05.3",
        kind="predict",
        title="How wide may it be?",
        signature="widest(d_in, d_out, hidden, budget)",
        worked=worked.widest,
        reference=lambda d_in, d_out, hidden, budget: largest(of_net)(d_in, d_out, hidden, budget),
        cases=budget_cases,
        mistakes=(
            Mistake(
                "nob",
                "You forgot the biases: one for each neuron.",
                largest(weights),
            ),
            Mistake(
                "strict",
                "A net that has exactly `budget` parameters fits: `<=`, not `<`.",
                below_the_budget,
                family=(0, 1),
            ),
            Mistake(
                "over",
                "You return the first width that does not fit. The task asks for the last one that "
                "does.",
                lambda *args: largest(of_net)(*args) + 1,
            ),
            Mistake(
                "nearest",
                "You round the solution of the equation to the nearest whole number. Rounded up, "
                "the net does not fit: round down.",
                nearest,
            ),
            Mistake(
                "number",
                "You return how many parameters the widest net has. The task asks for its width.",
                count_of_the_widest,
            ),
            Mistake(
                "bin_",
                "You counted a bias for each input of a layer. A bias belongs to a neuron, so "
                "there is one for each output.",
                largest(lambda widths: weights(widths) + sum(widths[:-1])),
                family=(1, 0),  # what the search starts from
            ),
            Mistake(
                "inb",
                "You gave biases to the inputs too. An input is a number that comes from outside; "
                "nothing is computed there.",
                largest(lambda widths: weights(widths) + sum(widths)),
                family=(1, 0),  # what the search starts from
            ),
            Mistake(
                "onebias",
                "You counted one bias for each layer. Each neuron has a bias of its own.",
                largest(lambda widths: weights(widths) + len(widths) - 1),
            ),
            Mistake(
                "outb",
                "You gave the output neurons no bias. They are neurons like the others: count one "
                "for each of them too.",
                largest(lambda widths: weights(widths) + sum(widths[1:-1])),
            ),
            Mistake(
                "nolast",
                "You left out the last layer, the one that leads to the output.",
                largest(lambda widths: of_net(widths[:-1])),
            ),
            Mistake(
                "nofirst",
                "You left out the first layer, the one that reads the inputs.",
                largest(lambda widths: of_net(widths[1:])),
            ),
            Mistake(
                "onemore",
                "You counted one hidden layer too many. Between `hidden` hidden layers lie "
                "hidden − 1 square matrices.",
                largest(lambda widths: of_net((widths[0], widths[1], *widths[1:]))),
                family=(1, 0),  # what the search starts from
            ),
            Mistake(
                "one matrix more",
                "You counted one square matrix too many. Between `hidden` hidden layers lie "
                "hidden − 1 of them.",
                largest(lambda widths: of_net(widths) + widths[1] ** 2),
                family=(1, 0),  # what the search starts from
            ),
            Mistake(
                "oneless",
                "You counted one hidden layer too few. Between `hidden` hidden layers lie "
                "hidden − 1 square matrices, besides the first and the last layer.",
                largest(
                    lambda widths: (
                        of_net((widths[0], *widths[2:])) if len(widths) > 3 else of_net(widths)
                    )
                ),
            ),
            Mistake(
                "single",
                "You counted a single hidden layer, however many there are.",
                largest(lambda widths: of_net((widths[0], widths[1], widths[-1]))),
            ),
            Mistake(
                "neurons",
                "You counted neurons. The parameters are the numbers at them: the weights and "
                "the bias of each.",
                largest(lambda widths: sum(widths[1:])),
            ),
        ),
        hints=(
            "Count first: how many parameters has the net if its hidden layers are w wide?",
            "A layer has d_in · d_out weights and d_out biases. There is one layer into the first "
            "hidden one, hidden − 1 between them, one out of the last.",
            "Then try w = 1, 2, 3 …: the last one whose count is not above the budget.",
        ),
        section='chapter 05, section 5.1, "Three questions, and a bet"',
        proves="Width counts twice: between hidden layers it is squared.",
    ),
    Exercise(
        id="05.4",
        kind="implement",
        title="The δ recursion",
        signature="deltas(delta, Ws, zs)",
        worked=worked.deltas,
        reference=all_deltas,
        cases=delta_cases,
        mistakes=(
            Mistake(
                "own",
                "You carried δ back through the layer's own weights. From layer l+1 to layer l "
                "lead the weights between the two, those of layer l+1; at equal widths nothing "
                "warns you.",
                lambda delta, Ws, zs: walked(
                    delta, Ws, zs, lambda d, k: d @ Ws[k].T * tanh_slope(zs[k])
                ),
                verdict=BROKEN,
            ),
            Mistake(
                "noT",
                "You did not transpose W. Forward a row is multiplied by W, backward by Wᵀ; only "
                "square matrices let that pass.",
                lambda delta, Ws, zs: walked(
                    delta, Ws, zs, lambda d, k: d @ Ws[k + 1] * tanh_slope(zs[k])
                ),
                verdict=BROKEN,
            ),
            Mistake(
                "noslope",
                "The derivative of tanh is missing: ∂L/∂h is not yet ∂L/∂z.",
                lambda delta, Ws, zs: walked(delta, Ws, zs, lambda d, k: d @ Ws[k + 1].T),
            ),
            Mistake(
                "pt",
                "You took the derivative of tanh at the activation. It is taken at z: 1 − "
                "tanh(z)².",
                lambda delta, Ws, zs: walked(
                    delta, Ws, zs, lambda d, k: d @ Ws[k + 1].T * tanh_slope(np.tanh(zs[k]))
                ),
            ),
            Mistake(
                "nosq",
                "Your derivative is 1 − tanh(z). The square is missing: 1 − tanh(z)².",
                lambda delta, Ws, zs: walked(
                    delta, Ws, zs, lambda d, k: d @ Ws[k + 1].T * (1 - np.tanh(zs[k]))
                ),
            ),
            Mistake(
                "zsq",
                "Your derivative is 1 − z². The square is that of the activation: 1 − tanh(z)².",
                lambda delta, Ws, zs: walked(
                    delta, Ws, zs, lambda d, k: d @ Ws[k + 1].T * (1 - zs[k] ** 2)
                ),
            ),
            Mistake(
                "notcarried",
                "You start from the δ of the output at every layer. Each δ is made from the one "
                "of the layer after it: carry it on.",
                lambda delta, Ws, zs: walked(
                    delta, Ws, zs, lambda d, k: delta @ Ws[k + 1].T * tanh_slope(zs[k])
                ),
                verdict=BROKEN,
            ),
            Mistake(
                "jump",
                "You went straight from the output to every layer. The derivatives of the layers "
                "between are missing: each δ is made from the next one.",
                straight_from_the_output,
            ),
            Mistake(
                "rev",
                "Your list begins at the output. The first entry is to be the δ of layer 1.",
                lambda delta, Ws, zs: all_deltas(delta, Ws, zs)[::-1],
            ),
            Mistake(
                "noD",
                "δ_D is missing from your list. It was handed to you, and it is the last entry: "
                "begin the list with it.",
                lambda delta, Ws, zs: all_deltas(delta, Ws, zs)[:-1],
            ),
            Mistake(
                "value",
                "You multiplied by tanh(z) where its derivative belongs, 1 − tanh(z)².",
                lambda delta, Ws, zs: walked(
                    delta, Ws, zs, lambda d, k: d @ Ws[k + 1].T * np.tanh(zs[k])
                ),
            ),
            Mistake(
                "otherslope",
                "The factor that you take for the derivative of tanh is {}. It is 1 − tanh(z)².",
                lambda delta, Ws, zs, name="1 − z": walked(
                    delta, Ws, zs, lambda d, k: d @ Ws[k + 1].T * SLOPES[name](zs[k])
                ),
                family=tuple(SLOPES),
            ),
            Mistake(
                "before",
                "You took the derivative at the z of the layer before. δ_l gets it at z_l, its "
                "own.",
                slope_of_the_layer_before,
                verdict=BROKEN,
            ),
            Mistake(
                "averaged",
                "You divided by the number of samples in every step. δ has a row for each sample; "
                "a 1/n, if there is one, is in the δ of the output already.",
                lambda delta, Ws, zs: walked(
                    delta,
                    Ws,
                    zs,
                    lambda d, k: d @ Ws[k + 1].T * tanh_slope(zs[k]) / len(delta),
                ),
            ),
            Mistake(
                "outslope",
                "You multiplied the δ of the output by a derivative. It was handed to you at z, "
                "so it is finished: begin the list with it as it is.",
                lambda delta, Ws, zs: all_deltas(delta * tanh_slope(delta), Ws, zs),
            ),
            Mistake(
                "nofirst",
                "δ₁ is missing from your list. The walk ends at the first hidden layer.",
                lambda delta, Ws, zs: all_deltas(delta, Ws, zs)[1:] if zs else [delta],
            ),
            Mistake(
                "further",
                "You went one layer too far, back to the inputs. The first entry is the δ of "
                "layer 1.",
                lambda delta, Ws, zs: [
                    all_deltas(delta, Ws, zs)[0] @ Ws[0].T,
                    *all_deltas(delta, Ws, zs),
                ],
            ),
            Mistake(
                "batchsum",
                "You summed over the batch in every step. δ has a row for each sample, all the way "
                "back.",
                lambda delta, Ws, zs: walked(
                    delta,
                    Ws,
                    zs,
                    lambda d, k: (
                        np.zeros(zs[k].shape) + (d @ Ws[k + 1].T * tanh_slope(zs[k])).sum(axis=0)
                    ),
                ),
            ),
            Mistake(
                "bent",
                "You sent δ through a tanh on the way back. Backward every step is a product: "
                "only the derivative of tanh comes in, taken at z.",
                lambda delta, Ws, zs: walked(
                    delta, Ws, zs, lambda d, k: np.tanh(d @ Ws[k + 1].T) * tanh_slope(zs[k])
                ),
            ),
            Mistake(
                "added",
                "You added the derivative of tanh. The chain rule multiplies: `*`.",
                lambda delta, Ws, zs: walked(
                    delta, Ws, zs, lambda d, k: d @ Ws[k + 1].T + tanh_slope(zs[k])
                ),
            ),
            Mistake(
                "meanslope",
                "You averaged the derivative over the batch. Each sample has its own z, and its "
                "own derivative.",
                lambda delta, Ws, zs: walked(
                    delta, Ws, zs, lambda d, k: d @ Ws[k + 1].T * tanh_slope(zs[k]).mean(axis=0)
                ),
            ),
        ),
        hints=(
            "δ of layer l has the shape of z_l, (n, d_l). Which product of δ and W has it?",
            "δ @ W.T with the W after layer l; `Ws[l]` in Python, because counting starts at 0.",
            "Backwards over the layers: `delta = delta @ W.T * (1 - np.tanh(z) ** 2)`.",
        ),
        section='chapter 05, section 5.6, "The error goes back: δ"',
        proves="δ goes back through the weights after the layer, then through the derivative at z.",
    ),
    Exercise(
        id="05.5",
        kind="find the bug",
        title="Two, four, one",
        signature="grads(x, t, W1, b1, W2, b2)",
        worked=worked.grads,
        results=("dW1", "db1", "dW2", "db2"),
        reference=lambda x, t, W1, b1, W2, b2: two_tanh(x, t, W1, b1, W2, b2),
        cases=tanh_cases,
        mistakes=(
            Mistake(
                "printed",
                "Those are the lines of the exercise, and one of the results does not have the "
                "shape of its parameter: dW1 pairs h with h, where x belongs.",
                printed_241,
            ),
            Mistake(
                "sign",
                "Your error is t − y. The derivative of ½(y − t)² with respect to y is y − t; with "
                "the other sign a step climbs.",
                lambda x, t, *layers: two_tanh(x, t, *layers, error=-1),
            ),
            Mistake(
                "noslope1",
                "The derivative of the output's tanh is missing, so every gradient is too long.",
                lambda x, t, *layers: two_tanh(x, t, *layers, outer=np.ones_like),
            ),
            Mistake(
                "notpassed",
                "You used the derivative of the output's tanh for dW2 and db2 and then went back "
                "with the bare y − t. The hidden layer gets what has passed through that "
                "derivative: `W2 @ delta2`.",
                lambda x, t, *layers: two_tanh(x, t, *layers, passed=False),
            ),
            Mistake(
                "nosq2",
                "Your derivative of the output's tanh is 1 − y. The square is missing: 1 − y².",
                lambda x, t, *layers: two_tanh(x, t, *layers, outer=lambda y: 1 - y),
            ),
            Mistake(
                "nosq1",
                "Your derivative of the hidden tanh is 1 − h. The square is missing: 1 − h².",
                lambda x, t, *layers: two_tanh(x, t, *layers, inner=lambda h: 1 - h),
            ),
            Mistake(
                "nosq",
                "Your derivatives are 1 − y and 1 − h. That of tanh has a square: 1 − y², 1 − h².",
                lambda x, t, *layers: two_tanh(
                    x, t, *layers, outer=lambda y: 1 - y, inner=lambda h: 1 - h
                ),
            ),
            Mistake(
                "sigmoid",
                "y(1 − y) and h(1 − h) are derivatives of the sigmoid. Both layers here are tanh: "
                "1 − y² and 1 − h².",
                lambda x, t, *layers: two_tanh(
                    x, t, *layers, outer=lambda y: y * (1 - y), inner=lambda h: h * (1 - h)
                ),
            ),
            Mistake(
                "noW",
                "Going back to the hidden layer you left W2 out. It says how much of the "
                "error each hidden neuron has to answer for.",
                lambda x, t, *layers: two_tanh(x, t, *layers, way=False),
            ),
            Mistake(
                "pt",
                "You took the derivative of the hidden tanh at h. It is taken at z, where tanh was "
                "applied: 1 − h².",
                lambda x, t, *layers: two_tanh(x, t, *layers, inner=lambda h: 1 - np.tanh(h) ** 2),
            ),
            Mistake(
                "noslope0",
                "The derivative of the hidden tanh is missing in dW1 and db1.",
                lambda x, t, *layers: two_tanh(x, t, *layers, inner=np.ones_like),
            ),
            *HALF_FIXED,
            Mistake(
                "moved",
                "You went back through W2 after it had taken a step, of the size {}. δ goes back "
                "through the weights that the forward pass used: first all gradients, then the "
                "steps.",
                moved_above,
                section='chapter 05, section 5.8, "The training loop, a line at a time"',
                family=RATES,
            ),
            Mistake(
                "two",
                "Your gradients have a factor 2: the ½ of this loss cancels the 2 of the square.",
                lambda x, t, *layers: two_tanh(x, t, *layers, error=2),
            ),
            Mistake(
                "linear",
                "There is no tanh at your output, neither forward nor backward. Here both layers "
                "have one.",
                linear_output,
            ),
            Mistake(
                "turned",
                "Your weight gradients are transposed: `np.outer(x, delta1)` has a row for each "
                "input, as W1 has.",
                turned_outers,
            ),
            Mistake(
                "hiddenslope",
                "The factor that you take for the derivative of the hidden tanh is {}. It is "
                "1 − h².",
                lambda x, t, W1, b1, W2, b2, name="h²": two_tanh(
                    x, t, W1, b1, W2, b2, inner=OF_H[name]
                ),
                family=tuple(OF_H),
            ),
            Mistake(
                "outputslope",
                "In the place of h is the output y: the factor that you take for the derivative of "
                "the output's tanh is {}. It is 1 − y².",
                lambda x, t, W1, b1, W2, b2, name="h²": two_tanh(
                    x, t, W1, b1, W2, b2, outer=OF_H[name]
                ),
                family=tuple(OF_H),
            ),
            Mistake(
                "zfed",
                "Your dW2 pairs δ₂ with z, what the hidden layer had before its tanh. The output "
                "layer is fed with h.",
                fed(second=lambda z: z),
            ),
            Mistake(
                "product",
                "You multiplied the outputs: the error is y − t, a difference.",
                lambda x, t, W1, b1, W2, b2: two_tanh(x, 0 * t, W1, b1, W2, b2, error=t[0]),
            ),
            Mistake(
                "losskept",
                "You started with the loss, ½(y − t)², in the place of its derivative, y − t.",
                lambda x, t, W1, b1, W2, b2: two_tanh(
                    x, t, W1, b1, W2, b2, error=(output_of(x, W1, b1, W2, b2) - t) / 2
                ),
            ),
            Mistake(
                "squared",
                "You started with the square of the error. The derivative of ½(y − t)² is y − t.",
                lambda x, t, W1, b1, W2, b2: two_tanh(
                    x, t, W1, b1, W2, b2, error=output_of(x, W1, b1, W2, b2) - t
                ),
            ),
            Mistake(
                "ownW",
                "You went back through the weights of the first layer. Between the output and the "
                "hidden layer lie those of the second, W2.",
                lambda x, t, W1, b1, W2, b2: two_tanh(x, t, W1, b1, W2, b2, way=W1[0]),
            ),
            Mistake(
                "hiddenrelu",
                "Your hidden layer has a ReLU, forward and backward. Here both layers have a tanh.",
                hidden_relu,
            ),
            Mistake(
                "atz",
                "You put z itself into 1 − h². That short form of the derivative is written in the "
                "output: h = tanh(z).",
                slope_of_z,
            ),
            Mistake(
                "movedup",
                "You went back through W2 after it had moved, and moved the wrong way, by {} of "
                "its gradient. δ goes back through the weights that the forward pass used.",
                lambda x, t, W1, b1, W2, b2, lr=0.1: moved_above(x, t, W1, b1, W2, b2, -lr),
                family=RATES,
            ),
        ),
        hints=(
            "Print the four shapes beside those of W1, b1, W2, b2, then compare with differences.",
            "Output first: delta2 = (y − t)(1 − y²). Its weights get outer(h, delta2).",
            "`delta1 = W2 @ delta2 * (1 - h * h)`, then `np.outer(x, delta1)`, `delta1`, "
            "`np.outer(h, delta2)`, `delta2`.",
        ),
        section='chapter 05, section 5.7, "Four examples, every number"',
        proves="Error, derivative, weights, derivative: four factors, each in its place.",
    ),
    Exercise(
        id="05.6",
        kind="find the bug",
        title="Where δ starts",
        signature="delta_out(z, t)",
        worked=worked.delta_out,
        reference=lambda z, t: (
            (1 / (1 + np.exp(-z)) - t) * 2 / len(z) / (2 + np.exp(z) + np.exp(-z))
        ),
        cases=output_cases,
        mistakes=(
            Mistake(
                "sq",
                "Your δ is the square of the error: it says nothing about the direction in which "
                "the output is wrong. The loss is squared; its derivative is not.",
                lambda z, t: (sigmoid(z) - t) ** 2,
            ),
            Mistake(
                "sqslope",
                "The error appears in it twice, so it cannot change its sign. Once is enough: the "
                "derivative of a square is linear.",
                lambda z, t: 2 / len(z) * (sigmoid(z) - t) ** 2 * sigmoid(z) * (1 - sigmoid(z)),
            ),
            Mistake(
                "noN",
                "The factor of the loss is missing: a mean of n squares has the derivative 2/n "
                "times the error.",
                lambda z, t: (sigmoid(z) - t) * sigmoid(z) * (1 - sigmoid(z)),
            ),
            Mistake(
                "noslope",
                "You stopped at the output. δ belongs to z, so the derivative of the sigmoid is "
                "still to come.",
                lambda z, t: 2 / len(z) * (sigmoid(z) - t),
            ),
            Mistake(
                "bce",
                "y − t is the δ of another loss, the binary cross-entropy, where the derivative of "
                "the sigmoid cancels. With squares it stays: multiply by 2/n and by y(1 − y).",
                lambda z, t: sigmoid(z) - t,
            ),
            Mistake(
                "sign",
                "Your error is t − y: a step against this δ climbs.",
                lambda z, t: 2 / len(z) * (t - sigmoid(z)) * sigmoid(z) * (1 - sigmoid(z)),
            ),
            Mistake(
                "sig",
                "You multiplied by σ(z), the activation. Its derivative is σ(z)(1 − σ(z)).",
                lambda z, t: 2 / len(z) * (sigmoid(z) - t) * sigmoid(z),
            ),
            Mistake(
                "atz",
                "You put z itself into y(1 − y). That short form of the derivative is written in "
                "the output: compute y = σ(z) first.",
                lambda z, t: 2 / len(z) * (sigmoid(z) - t) * z * (1 - z),
            ),
            Mistake(
                "pt",
                "You took the derivative of the sigmoid at y. It is taken at z, and there it can "
                "be written y(1 − y).",
                lambda z, t: (
                    2 / len(z) * (sigmoid(z) - t) * sigmoid(sigmoid(z)) * (1 - sigmoid(sigmoid(z)))
                ),
            ),
            Mistake(
                "slopetwice",
                "You multiplied by the derivative of the sigmoid twice. Between y and z there is "
                "one sigmoid.",
                lambda z, t: 2 / len(z) * (sigmoid(z) - t) * (sigmoid(z) * (1 - sigmoid(z))) ** 2,
            ),
            Mistake(
                "tanh",
                "1 − y² is the derivative of tanh. That of a sigmoid is y(1 − y).",
                lambda z, t: 2 / len(z) * (sigmoid(z) - t) * (1 - sigmoid(z) ** 2),
            ),
            Mistake(
                "errz",
                "Your error is z − t. What is compared with the target is the output, y = σ(z).",
                lambda z, t: 2 / len(z) * (z - t) * sigmoid(z) * (1 - sigmoid(z)),
            ),
            Mistake(
                "loss",
                "That is the loss. The task asks for its derivative with respect to each z.",
                lambda z, t: ((sigmoid(z) - t) ** 2).mean(),
            ),
            Mistake(
                "slope",
                "That is the derivative of the sigmoid alone. The error, and the factor of the "
                "loss, are still to come.",
                lambda z, t: sigmoid(z) * (1 - sigmoid(z)),
            ),
            Mistake(
                "meanerror",
                "You averaged the errors first. Each z has an error of its own; the mean in the "
                "loss leaves only the factor 1/n.",
                lambda z, t: 2 * (sigmoid(z) - t).mean() * sigmoid(z) * (1 - sigmoid(z)),
            ),
            Mistake(
                "half",
                "The 2 is missing: this loss has no ½, so the derivative of the square keeps it.",
                lambda z, t: (sigmoid(z) - t) * sigmoid(z) * (1 - sigmoid(z)) / len(z),
            ),
            Mistake(
                "sizes",
                "You took the size of the error, without its sign. The sign says in which "
                "direction the output is wrong.",
                lambda z, t: 2 / len(z) * abs(sigmoid(z) - t) * sigmoid(z) * (1 - sigmoid(z)),
            ),
            Mistake(
                "plusslope",
                "Your derivative of the sigmoid is y(1 + y). It is y(1 − y).",
                lambda z, t: 2 / len(z) * (sigmoid(z) - t) * sigmoid(z) * (1 + sigmoid(z)),
            ),
            Mistake(
                "noy",
                "Your derivative of the sigmoid is 1 − y. The factor y is missing: y(1 − y).",
                lambda z, t: 2 / len(z) * (sigmoid(z) - t) * (1 - sigmoid(z)),
            ),
            Mistake(
                "bceslope",
                "That is the derivative of the binary cross-entropy with respect to y. Here the "
                "loss is the mean of the squares, and δ belongs to z.",
                lambda z, t: (1 - t) / (1 - sigmoid(z)) - t / sigmoid(z),
            ),
            Mistake(
                "timesz",
                "There is a z in your δ. It enters only through y = σ(z).",
                lambda z, t: 2 / len(z) * (sigmoid(z) - t) * z * sigmoid(z) * (1 - sigmoid(z)),
            ),
            Mistake(
                "relu",
                "You took a ReLU, forward and backward. The outputs here are sigmoids.",
                lambda z, t: 2 / len(z) * (relu(z) - t) * (z > 0),
            ),
            Mistake(
                "unmean",
                "The 1/n of the mean is missing.",
                lambda z, t: 2 * (sigmoid(z) - t) * sigmoid(z) * (1 - sigmoid(z)),
            ),
        ),
        hints=(
            "Three factors: the loss's, the error's, the sigmoid's.",
            "The derivative of the loss with respect to y is 2/n · (y − t).",
            "Times the derivative of the sigmoid: `2 / len(z) * (y - t) * y * (1 - y)`.",
        ),
        section='chapter 05, section 5.7, "Four examples, every number"',
        proves="δ starts as the derivative of the loss, once, times that of the activation.",
    ),
    Exercise(
        id="05.7",
        kind="find the bug",
        title="Made, and never called",
        signature="two_layer(X, W1, b1, W2, b2)",
        worked=worked.two_layer,
        reference=lambda X, W1, b1, W2, b2: np.where(X @ W1 + b1 > 0, X @ W1 + b1, 0.0) @ W2 + b2,
        cases=layer_cases,
        mistakes=(
            Mistake(
                "never",
                "Your ReLU is never called: what you compute is one affine map, and XOR is out of "
                "its reach.",
                lambda X, W1, b1, W2, b2: (X @ W1 + b1) @ W2 + b2,
            ),
            Mistake(
                "late",
                "You put a ReLU on the output as well: the net can no longer give a number below "
                "zero.",
                lambda X, W1, b1, W2, b2: relu(relu(X @ W1 + b1) @ W2 + b2),
            ),
            Mistake(
                "early",
                "You put the ReLU on the inputs. After it, the two maps are still next to each "
                "other and collapse.",
                lambda X, W1, b1, W2, b2: (relu(X) @ W1 + b1) @ W2 + b2,
            ),
            Mistake(
                "nobias",
                "You put the ReLU before the bias. Then every kink goes through the origin; the "
                "bias belongs inside.",
                lambda X, W1, b1, W2, b2: (relu(X @ W1) + b1) @ W2 + b2,
            ),
            Mistake(
                "nob2",
                "The ReLU is where it should be, but b2 is gone. Add the bias of the second layer.",
                lambda X, W1, b1, W2, b2: relu(X @ W1 + b1) @ W2,
            ),
            Mistake(
                "largest",
                "`np.max(z, 0)` is the largest number of each column: its 0 is an axis. "
                "`np.maximum(z, 0)` compares each number with 0.",
                lambda X, W1, b1, W2, b2: np.max(X @ W1 + b1, 0) @ W2 + b2,
            ),
            Mistake(
                "leaky",
                "Your ReLU leaks: below zero it lets a hundredth of z pass. A ReLU is 0 there.",
                lambda X, W1, b1, W2, b2: (
                    np.where(X @ W1 + b1 > 0, X @ W1 + b1, 0.01 * (X @ W1 + b1)) @ W2 + b2
                ),
            ),
            Mistake(
                "abs",
                "You took |z|, which folds the negative side up. A ReLU sets it to 0.",
                lambda X, W1, b1, W2, b2: np.abs(X @ W1 + b1) @ W2 + b2,
            ),
            Mistake(
                "outonly",
                "You put the ReLU after both maps. It belongs between them.",
                lambda X, W1, b1, W2, b2: relu((X @ W1 + b1) @ W2 + b2),
            ),
            Mistake(
                "other",
                "Your hidden layer has another activation: {}. The task asks for a ReLU, max(z, "
                "0).",
                lambda X, W1, b1, W2, b2, name="tanh": ACTIVATIONS[name](X @ W1 + b1) @ W2 + b2,
                family=tuple(ACTIVATIONS),
            ),
            Mistake(
                "twice",
                "You added b1 twice, before the ReLU and after it.",
                lambda X, W1, b1, W2, b2: (relu(X @ W1 + b1) + b1) @ W2 + b2,
            ),
            Mistake(
                "flat",
                "Your result is flat, (n,). The output layer makes a column, (n, 1): leave it as "
                "it is.",
                lambda X, W1, b1, W2, b2: (relu(X @ W1 + b1) @ W2 + b2)[:, 0],
            ),
            Mistake(
                "hidden",
                "That is the hidden layer. The second map, `h @ W2 + b2`, is still to come.",
                lambda X, W1, b1, W2, b2: relu(X @ W1 + b1),
            ),
            Mistake(
                "b2inside",
                "You added b2 before the ReLU. It belongs to the output, after the second map.",
                lambda X, W1, b1, W2, b2: relu(X @ W1 + b1 + b2) @ W2,
            ),
            Mistake(
                "reluW",
                "You put the weights through the ReLU. It is applied to what the neurons compute.",
                lambda X, W1, b1, W2, b2: (X @ relu(W1) + b1) @ W2 + b2,
            ),
        ),
        hints=(
            "Test additivity: does f(a) + f(b) equal f(a + b) + f(0)? Then it is affine.",
            "The activation is between the two maps, after the bias of the first.",
            "`np.maximum(X @ W1 + b1, 0) @ W2 + b2`.",
        ),
        section='chapter 05, section 5.12, "Mistakes in print"',
        proves="Map, bend, map: the bend comes between, after the first bias.",
    ),
    Exercise(
        id="05.8",
        kind="implement",
        title="The loop, for a neuron that bends",
        signature="fit(X, t, w, b, lr, steps)",
        worked=worked.fit,
        results=("w", "b"),
        reference=fitted,
        cases=fit_cases,
        mistakes=(
            Mistake(
                "noslope",
                "The derivative of tanh is missing: y − t belongs to the output, and w and b act "
                "before the tanh. Multiply each error by 1 − y².",
                descended(slope=np.ones_like),
            ),
            Mistake(
                "otherslope",
                "The factor that you take for the derivative of tanh is {}. It is 1 − y².",
                lambda X, t, w, b, lr, steps, name="y²": descended(slope=SLOPES_OF_Y[name])(
                    X, t, w, b, lr, steps
                ),
                family=tuple(SLOPES_OF_Y),
            ),
            Mistake(
                "net",
                "Your neuron has {}, forward and backward. Here y = tanh(xw + b).",
                lambda X, t, w, b, lr, steps, name="a sigmoid": descended(
                    forward=NETS[name][0], slope=NETS[name][1]
                )(X, t, w, b, lr, steps),
                family=tuple(NETS),
            ),
            Mistake(
                "errz",
                "Your error is z − t. What is compared with the target is the output, tanh(z).",
                descended(error=lambda y, t, z: z - t),
            ),
            Mistake(
                "acc",
                "Your gradients are never set back to zero: each step goes along the sum of all "
                "so far.",
                accumulates,
            ),
            Mistake(
                "seq",
                "You moved w before you computed the derivative for b, so the two belong to "
                "different places. First all gradients, then all steps.",
                one_after_the_other,
            ),
            Mistake(
                "seqb",
                "You moved b before you computed the derivative for w, so the two belong to "
                "different places. First all gradients, then all steps.",
                bias_first,
            ),
            Mistake(
                "stale",
                "You computed the gradients once, before the loop, and took the same step again "
                "and again. They change with w and b: compute them anew in each round.",
                same_gradients,
            ),
            Mistake(
                "sum",
                "You took the sum over the samples. The loss is their mean.",
                descended(len, len),
            ),
            Mistake(
                "dbsum",
                "dw is a mean, db is still a sum over the samples. The 1/n of the loss is in both: "
                "divide db by n too.",
                descended(1, len),
            ),
            Mistake(
                "wsum",
                "dw is still a sum over the samples, db is a mean. The 1/n of the loss is in both.",
                descended(len, 1),
            ),
            Mistake(
                "half",
                "The factor 2 is missing: this loss is the mean of (y − t)², without a ½.",
                descended(0.5, 0.5),
            ),
            Mistake(
                "bhalf",
                "The factor 2 is missing in db. The same square stands behind both gradients.",
                descended(1, 0.5),
            ),
            Mistake(
                "whalf",
                "The factor 2 is missing in dw. The same square stands behind both gradients.",
                descended(0.5, 1),
            ),
            Mistake(
                "ntwice",
                "You divided by n twice, as when `mean` and `/ n` both stand there.",
                descended(lambda X: 1 / len(X), lambda X: 1 / len(X)),
            ),
            Mistake(
                "features",
                "You divided dw by all numbers of X. The mean is taken over the samples: n.",
                descended(lambda X: 1 / X.shape[1], 1),
            ),
            Mistake(
                "perfeature",
                "You divided by the number of inputs. The mean is taken over the samples: len(X).",
                descended(lambda X: len(X) / X.shape[1], lambda X: len(X) / X.shape[1]),
            ),
            Mistake(
                "climb",
                "You add where the rule subtracts: the loss grows.",
                descended(-1, -1),
            ),
            Mistake(
                "bsign",
                "b moves the wrong way: `b - lr * db`, with the same error as for w.",
                descended(1, -1),
            ),
            Mistake(
                "wsign",
                "w moves the wrong way: `w - lr * dw`, with the same error as for b.",
                descended(-1, 1),
            ),
            Mistake(
                "nob",
                "Your outputs leave b out: y = tanh(xw + b).",
                without_b,
            ),
            Mistake(
                "absolute",
                "Those are the gradients of the mean absolute error: the sign of each error in the "
                "place of twice the error.",
                descended(0.5, 0.5, error=lambda y, t, z: np.sign(y - t)),
            ),
            Mistake(
                "inside",
                "Your `return` stands inside the loop, so it ends after the first step. Indent it "
                "as far as the `for`.",
                returned_inside,
            ),
            Mistake(
                "noend",
                "With `steps = 0` nothing comes back: your `return` is reached only inside the "
                "loop. Put it after the loop, as far to the left as the `for`.",
                lambda X, t, w, b, lr, steps: fitted(X, t, w, b, lr, steps) if steps else None,
                verdict=BROKEN,
            ),
            Mistake(
                "dowhile",
                "With `steps = 0` you make a step all the same. No step is asked for then: w and b "
                "come back as they are.",
                lambda X, t, w, b, lr, steps: fitted(X, t, w, b, lr, max(steps, 1)),
            ),
            Mistake(
                "sgd",
                "You make a step after every sample. The task asks for one step for all samples, "
                "along the gradient of their mean loss.",
                sample_by_sample,
            ),
            Mistake(
                "cyclic",
                "Each of your steps takes a single sample, the next one. The task asks for one "
                "step for all samples, along the gradient of their mean loss.",
                one_sample_a_step,
            ),
            Mistake(
                "inplace",
                "`w -= …` writes into the array that was handed to you. `w = w - …` makes a new "
                "one.",
                written_into,
            ),
            Mistake(
                "unchanged",
                "You return w and b as they came. Assign the result of each step to them: "
                "`w = w - lr * dw`.",
                lambda X, t, w, b, lr, steps: (w, b),
            ),
            Mistake(
                "bfixed",
                "Your b never moves. It is a parameter as w is: `b = b - lr * db`.",
                descended(1, 0),
            ),
            Mistake(
                "wfixed",
                "Your w never moves. It is a parameter as b is: `w = w - lr * dw`.",
                descended(0, 1),
            ),
            Mistake(
                "short",
                "You made one step too few.",
                lambda X, t, w, b, lr, steps: fitted(X, t, w, b, lr, steps - 1),
            ),
            Mistake(
                "long",
                "You made one step too many: `range(steps)` has exactly as many rounds as asked.",
                lambda X, t, w, b, lr, steps: fitted(X, t, w, b, lr, steps + 1),
            ),
            Mistake(
                "bmean",
                "You divided db by n once more, as `mean` does. The 1/n is in δ already: sum it.",
                descended(1, lambda X: 1 / len(X)),
            ),
            Mistake(
                "wmean",
                "You divided dw by n once more, as `mean` does. The 1/n is in δ already: sum it.",
                descended(lambda X: 1 / len(X), 1),
            ),
            Mistake(
                "noerror",
                "The error is missing in your δ: with the derivative of tanh alone nothing says in "
                "which direction the output is wrong.",
                descended(error=lambda y, t, z: np.ones(len(t))),
            ),
            Mistake(
                "onenumber",
                "You moved all weights by the same number, the sum of dw. Each has a derivative of "
                "its own.",
                weights_alike,
            ),
            Mistake(
                "decaying",
                "Your rate gets smaller from step to step. The task asks for the same `lr` in "
                "each.",
                decaying_rate,
                family=("halved in every step", "divided by the number of the step"),
            ),
            Mistake(
                "squared",
                "Your error is squared. The derivative of the square has it once, with its sign.",
                descended(error=lambda y, t, z: (y - t) ** 2),
            ),
            Mistake(
                "momentum",
                "You carried a share of {} of each step on to the next, as momentum does. Asked "
                "for is plain gradient descent.",
                with_momentum,
                family=(0.9, 0.5, 0.99, 0.8, 0.1),
            ),
            Mistake(
                "atz",
                "You put z itself into 1 − y². That short form of the derivative is written in the "
                "output: y = tanh(z).",
                slope_at_z,
            ),
            Mistake(
                "meanX",
                "You averaged X before you multiplied. Each sample's x belongs to its own δ: "
                "`X.T @ delta`.",
                averaged_inputs,
            ),
            Mistake(
                "timesw",
                "Your dw contains w as a factor. The slope of z with respect to w is x: double w "
                "with the same δ, and dw stays.",
                lambda X, t, w, b, lr, steps: with_factors(X, t, w, b, lr, steps, True, False),
            ),
            Mistake(
                "timesb",
                "Your db contains b as a factor. The slope of z with respect to b is 1: double b "
                "with the same δ, and db stays.",
                lambda X, t, w, b, lr, steps: with_factors(X, t, w, b, lr, steps, False, True),
            ),
        ),
        hints=(
            "Each round: the outputs y once, then δ of each sample, and only then both gradients.",
            "δ is the derivative of the loss with respect to z = xw + b: 2/n · (y − t) times the "
            "derivative of tanh, 1 − y².",
            "`delta @ X` and `delta.sum()` are the gradients of w and b. Take both before either "
            "of the two moves.",
        ),
        section='chapter 05, section 5.8, "The training loop, a line at a time"',
        proves="All gradients at one point, then one step for all, as often as asked.",
    ),
    Exercise(
        id="05.9",
        kind="read a curve",
        title="Four learning rates",
        signature="four_rates()",
        results=("A", "B", "C", "D"),
        reference=("bouncing", "small", "diverging", "good"),
        mistakes=(
            Mistake(
                "AC",
                "You exchanged A and C. Both change their sign in every step; look at the size of "
                "the swings: those of A become smaller, those of C larger.",
                ("diverging", "small", "bouncing", "good"),
            ),
            Mistake(
                "mono",
                "You took the slow run for the good one and the good one for slow. Look at how "
                "many steps each needs to come near 0.",
                ("bouncing", "good", "diverging", "small"),
            ),
            Mistake(
                "bounce_div",
                "Changing sign is not diverging. Run A changes its sign in every step, and its "
                "swings become smaller.",
                ("diverging", "small", "diverging", "good"),
            ),
            Mistake(
                "bounce_good",
                "Run A moves much and gets nowhere fast: after fifteen steps nearly half of the "
                "distance is still there, on one side or the other.",
                ("good", "small", "diverging", "bouncing"),
            ),
            Mistake(
                "flat",
                "Runs A and B have the same loss curve, so you gave them the same label. Look at "
                "w itself: one creeps, the other leaps across.",
                ("small", "small", "diverging", "good"),
            ),
            Mistake(
                "lossonly",
                "From the loss alone A and B cannot be told apart, and you guessed the wrong way "
                "round. The panel of w decides.",
                ("small", "bouncing", "diverging", "good"),
            ),
            Mistake(
                "BC",
                "You exchanged B and C. B creeps from one side and never changes its sign; C "
                "changes it in every step, and its swings grow.",
                ("bouncing", "diverging", "small", "good"),
            ),
            Mistake(
                "CD",
                "You exchanged C and D. D is near 0 within a few steps; the swings of C grow.",
                ("bouncing", "small", "good", "diverging"),
            ),
        ),
        hints=(
            "One step multiplies w by a factor, always the same one, 1 − η.",
            "A negative factor changes the sign of w in every step; above 1 in size, it grows.",
            "Begin with the panel of w: which runs change sign? Which of them shrinks?",
        ),
        section='chapter 05, section 5.9, "Move it: the learning rate"',
        proves="The loss shows how fast |w| shrinks; only w shows that it leaps across.",
    ),
    Exercise(
        id="05.10",
        kind="predict",
        title="How many different neurons",
        signature="distinct_units()",
        results=("a", "b", "c", "d"),
        reference=(1, 1, 11, 11),
        mistakes=(
            Mistake(
                "data",
                "The data cannot tell twins apart: equal neurons with equal weights behind them "
                "see the same samples, get the same δ, and move alike.",
                (11, 11, 11, 11),
            ),
            Mistake(
                "onlyzero",
                "It is not the zero that matters, it is the equality: eleven neurons that start at "
                "0.3, with 0.3 behind them, stay equal as well.",
                (1, 11, 11, 11),
            ),
            Mistake(
                "behind",
                "In (c) the neurons are equal, but not the weights behind them. δ of a neuron "
                "comes back through these, so the first step already differs.",
                (1, 1, 1, 11),
            ),
            Mistake(
                "single",
                "Neurons with different weights have different z, different derivatives, and take "
                "different steps; nothing in (d) makes them equal.",
                (1, 1, 1, 1),
            ),
            Mistake(
                "randomsame",
                "In (d) nothing makes the neurons equal: different weights, different z, different "
                "steps.",
                (1, 1, 11, 1),
            ),
            Mistake(
                "dead",
                "Count the kinds of neurons: eleven equal ones are one kind, whether they learn or "
                "not.",
                (0, 1, 11, 11),
            ),
            Mistake(
                "none",
                "Count the kinds of neurons: eleven equal ones are one kind, not none.",
                (0, 0, 11, 11),
            ),
            Mistake(
                "zeros11",
                "From zeros the eleven stay equal too: with all weights 0 every δ of the hidden "
                "layer is 0, and only the output's bias moves.",
                (11, 1, 11, 11),
            ),
        ),
        hints=(
            "Two neurons with the same weights: compare their z, their h.",
            "If the weights after them are equal too, their δ are equal, and so are their steps. "
            "And if those are not equal?",
            "So equal ones with equal weights after them stay equal; one inequality, before or "
            "after them, is enough to part them.",
        ),
        section='chapter 05, section 5.8, "The training loop, a line at a time"',
        proves="Equal weights before and after, equal steps: one inequality breaks the tie.",
    ),
    Exercise(
        id="05.11",
        kind="extend",
        title="Every gradient of an MLP",
        signature="backward(X, t, Ws, bs)",
        worked=worked.backward,
        results=("dWs", "dbs"),
        reference=lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs),
        cases=mlp_cases,
        points=2,
        mistakes=(
            Mistake(
                "nomask",
                "You went through the ReLUs as if they were not there, or with a mask that is "
                "always true, as h ≥ 0 is. Where z is negative nothing passes.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, mask=np.ones_like),
            ),
            Mistake(
                "noforward",
                "You mask in the backward pass and forgot the ReLU in the forward pass. What a "
                "hidden layer hands on is `np.maximum(z, 0)`.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, bend=lambda z: z),
            ),
            Mistake(
                "linear",
                "There is no ReLU in your net at all, neither forward nor backward. Put it after "
                "every hidden layer, and its mask into the backward pass.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, bend=lambda z: z, mask=np.ones_like),
            ),
            Mistake(
                "byh",
                "You multiplied by h, the value of the ReLU. What belongs there is its derivative, "
                "1 or 0: `(h > 0)`.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, mask=relu),
            ),
            Mistake(
                "maskout",
                "Either you masked the output layer too, or you put a ReLU on it, forward and "
                "backward. It is linear: its δ is the error itself.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, mask_output=True),
            ),
            Mistake(
                "outrelu",
                "You put a ReLU on the output too, in the forward pass. The last layer is linear: "
                "it can give a number below 0.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, last=relu),
            ),
            Mistake(
                "rev",
                "Your lists begin at the output. The first entries are to be those of layer 1.",
                from_the_output,
            ),
            Mistake(
                "brows",
                "Your dbs have a row for each sample. b is copied into every row of the batch, so "
                "its gradient is their sum: `delta.sum(axis=0)`.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, bias=""),
            ),
            Mistake(
                "difference",
                "Your mask is a central difference of the ReLU with the step {}. Where |z| is "
                "smaller than the step it gives something between 0 and 1. It is `z > 0`.",
                relu_by_differences,
                family=(1e-1, 1e-2, 1e-3, 1e-4, 1e-5),
            ),
            Mistake(
                "sum",
                "The 1/n of the mean is missing in your gradients.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, mean=False),
            ),
            Mistake(
                "bmean",
                "You averaged over the batch for the biases. The 1/n is in δ already; here the "
                "samples are summed.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, bias="mean"),
            ),
            Mistake(
                "wmean",
                "You divided by n twice in the gradients of the weights. The 1/n is in δ already: "
                "`h.T @ delta`, and nothing more.",
                weights_averaged,
            ),
            Mistake(
                "zfed",
                "You paired δ with the z of the layer before. A layer is fed with the activation, "
                "h, after the ReLU.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, fed="z"),
            ),
            Mistake(
                "own",
                "You carried δ back through the weights of the layer before. Between layer l and "
                "layer l+1 lie those of layer l+1.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, own=True),
                verdict=BROKEN,
            ),
            Mistake(
                "sign",
                "Your error is t − y. Every gradient points the wrong way.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, error=-1),
            ),
            Mistake(
                "moved",
                "You went back through weights that had already taken a step, of the size {}. δ "
                "goes back through the weights that the forward pass used: first all gradients, "
                "then the steps.",
                moved_first,
                section='chapter 05, section 5.8, "The training loop, a line at a time"',
                family=RATES,
            ),
            Mistake(
                "two",
                "Your gradients have a factor 2: the ½ of this loss cancels the 2 of the square.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, error=2),
            ),
            Mistake(
                "otheract",
                "Your hidden layers have {}. Here it is ReLU forward, and the mask z > 0 backward.",
                lambda X, t, Ws, bs, name="tanh, forward and backward": mlp_pass(
                    X, t, Ws, bs, bend=MASKS[name][0], mask=MASKS[name][1]
                ),
                family=tuple(MASKS),
            ),
            Mistake(
                "leaky",
                "Where z is negative you let a share of {} of δ pass. A ReLU is 0 there, and so is "
                "its slope.",
                lambda X, t, Ws, bs, leak=0.01: mlp_pass(
                    X, t, Ws, bs, mask=lambda z: np.where(z > 0, 1, leak)
                ),
                family=(0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5),
            ),
            Mistake(
                "outputs",
                "You divided by the number of outputs as well. This loss is a sum over the "
                "outputs, and a mean over the samples alone.",
                of_all_outputs,
            ),
            Mistake(
                "keepdims",
                "Your dbs are rows, (1, d). b has the shape (d,): `delta.sum(axis=0)`, without "
                "`keepdims`.",
                rows_kept,
            ),
            Mistake(
                "turned",
                "Your dWs are transposed: `h.T @ delta` has a row for each input, as W has.",
                all_turned,
            ),
            Mistake(
                "noT",
                "You did not transpose W on the way back. Forward a row is multiplied by W, "
                "backward by Wᵀ; only square matrices let that pass.",
                untransposed,
                verdict=BROKEN,
            ),
            Mistake(
                "output",
                "Your output layer has {}. It is linear: its δ is the error itself, over n.",
                other_output,
                family=(
                    "a tanh, forward and backward",
                    "a sigmoid, forward and backward",
                    "a tanh in front of the error",
                    "a sigmoid in front of the error",
                ),
            ),
            Mistake(
                "eachlayer",
                "You divided by n in every layer. The 1/n is in the δ of the output, and comes "
                "back with it.",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, mask=lambda z: (z > 0) / len(X)),
            ),
            Mistake(
                "allnumbers",
                "You divided by all numbers of X. The mean is taken over the samples: len(X).",
                lambda X, t, Ws, bs: mlp_pass(X, t, Ws, bs, error=1 / X.shape[1]),
            ),
            Mistake(
                "bnumber",
                "`sum` without an axis adds up everything: each neuron has a db of its own, "
                "`axis=0`.",
                summed_biases,
            ),
            Mistake(
                "squared",
                "You started with the loss in the place of its derivative: the error appears in it "
                "squared.",
                squared_start,
                family=("squared", "half the square"),
            ),
            Mistake(
                "reluX",
                "You put the inputs through a ReLU on the way back. X itself went into the first "
                "layer.",
                lambda X, t, Ws, bs: (
                    [relu(X).T @ first_delta(X, t, Ws, bs), *mlp_pass(X, t, Ws, bs)[0][1:]],
                    mlp_pass(X, t, Ws, bs)[1],
                ),
            ),
            Mistake(
                "growing",
                "δ is multiplied by {} in every layer of yours. The factor of the loss is in the δ "
                "of the output, once.",
                lambda X, t, Ws, bs, factor=2.0: mlp_pass(
                    X, t, Ws, bs, mask=lambda z: factor * (z > 0)
                ),
                family=(2.0, 0.5, -1.0),
            ),
        ),
        hints=(
            "Forward first, and keep every h: X itself, then one for each hidden layer.",
            "δ of the output is (y − t)/n. At each layer: dW = h.T @ δ, with the h that feeds it, "
            "and db = δ.sum(axis=0).",
            "Then on to the layer below: `delta = delta @ W.T * (h > 0)`, with this layer's W and "
            "the h that feeds it; stop at the first layer.",
        ),
        section='chapter 05, section 5.6, "The error goes back: δ"',
        proves="A dozen lines, any depth: that is backpropagation for an MLP.",
    ),
]
