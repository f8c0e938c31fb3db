"""Wrong answers to chapters 01 to 04, 06 and 09, from their texts alone.

265 of 295 were told at first sight, four of them falsely.
"""

import math

import numpy as np

from learners.lot import Lot, sig

ANSWERS = Lot()
put = ANSWERS.put

UNTOLD = {  # the cause is not named
    ("02.5", "arrows of slope 0 skipped as missing, with their nodes"),
    ("03.1", "pocket calculator in degrees: tan for tanh"),
    ("03.8", "a's largest always: a taken out, b - a overflows"),
    ("03.8", "logarithm of the sum of a and b"),
    ("04.2", "only signs of G"),
    ("04.3", "() not thought of: a loop over shape, G unchanged"),
    ("04.3", "broadcast the other way"),
    ("06.3", "indexing by labels alone: whole rows"),
    ("09.3", "factor itself: 10 not taken out"),
}

# ---- 01
ANSWERS["01.1"] = {
    "x minus 1 taken as 1 minus x": lambda: (3.25, 1.5, 3.25 * 1.5 + 1 - 1.5, 3 * 1.5 - 3.25 - 1),
    "only the path through u, and the direct one": lambda: (3.25, 1.5, 5.375, 5.5),
    "only the path through v, and the direct one": lambda: (3.25, 1.5, 5.375, -2.25),
    "u = (x + 1)²": lambda: (6.25, 1.5, 9.875, 2 * 2.5 * 1.5 - 6.25 + 1),
    "all three paths with a plus": lambda: (3.25, 1.5, 5.375, 3 * 1.5 + 3.25 + 1),
    "the two factors of the product exchanged: u by 2x, v by -1": lambda: (
        3.25, 1.5, 5.375, 3 * 3.25 - 1.5 + 1,
    ),
    "x left out of y": lambda: (3.25, 1.5, 3.875, 1.25),
}  # fmt: skip


@put("01.2", "h not divided by at all")
def _(f, x, h):
    return (f(x + h) - f(x - h)) / 2


@put("01.2", "one division for 2h: / 2 * h")
def _(f, x, h):
    return (f(x + h) - f(x - h)) / 2 * h


@put("01.2", "half a step either way over 2h")
def _(f, x, h):
    return (f(x + h / 2) - f(x - h / 2)) / (2 * h)


@put("01.2", "mean of forward and backward, minus taken twice")
def _(f, x, h):
    right = (f(x + h) - f(x)) / h
    left = (f(x - h) - f(x)) / h
    return (right + left) / 2


@put("01.2", "the derivative by a much smaller step than h")
def _(f, x, h):
    h = min(h, 1e-5)
    return (f(x + h) - f(x - h)) / (2 * h)


@put("01.2", "steps relative to x")
def _(f, x, h):
    d = h * x if x else h
    return (f(x + d) - f(x - d)) / (2 * d)


@put("01.2", "rounded to two digits as in the example")
def _(f, x, h):
    return round((f(x + h) - f(x - h)) / (2 * h), 2)


@put("01.4", "divided by the length of both: the cosine")
def _(grad, u):
    n = np.linalg.norm(grad) * np.linalg.norm(u)
    return float(grad @ u / n) if n else 0.0


@put("01.4", "u not brought to length 1")
def _(grad, u):
    return float(np.dot(grad, u))


@put("01.4", "divided by the squared length of u")
def _(grad, u):
    return float(grad @ u / (u @ u))


@put("01.4", "length taken as the sum of the absolute values")
def _(grad, u):
    return float(grad @ u / np.abs(u).sum())


@put("01.4", "steepest rate: the length of the gradient, whatever u is")
def _(grad, u):
    return float(np.linalg.norm(grad))


@put("01.4", "the gradient brought to length 1 in place of u")
def _(grad, u):
    n = np.linalg.norm(grad)
    return float(grad @ u / n) if n else 0.0


@put("01.4", "a vector returned: the sum forgotten")
def _(grad, u):
    return grad * (u / np.linalg.norm(u))


@put("01.4", "never downhill: the absolute value")
def _(grad, u):
    return float(abs(grad @ u) / np.linalg.norm(u))


def three(f):
    def grads(x, t, w1, b1, w2, b2, w3, b3):
        z1 = w1 * x + b1
        z2 = w2 * z1 + b2
        y = w3 * z2 + b3
        return f(x, w1, w2, w3, z1, z2, y, y - t)

    return grads


ANSWERS["01.5"] = {
    "x put in, the factor 2 left": three(
        lambda x, w1, w2, w3, z1, z2, y, d: (
            2 * d * w3 * w2 * x, 2 * d * w3 * w2, 2 * d * w3 * z1, 2 * d * w3, 2 * d * z2, 2 * d,
        )
    ),
    "2 taken away, x not put in": three(
        lambda x, w1, w2, w3, z1, z2, y, d: (
            d * w3 * w2, d * w3 * w2, d * w3 * z1, d * w3, d * z2, d,
        )
    ),
    "half for two: 1/2 (y - t)": three(
        lambda x, w1, w2, w3, z1, z2, y, d: tuple(
            0.5 * g for g in (d * w3 * w2 * x, d * w3 * w2, d * w3 * z1, d * w3, d * z2, d)
        )
    ),
    "w1 is walked through too": three(
        lambda x, w1, w2, w3, z1, z2, y, d: (
            d * w3 * w2 * w1 * x, d * w3 * w2 * w1, d * w3 * w2 * z1, d * w3 * w2, d * w3 * z2,
            d * w3,
        )
    ),
    "order of the results: all w, then all b": three(
        lambda x, w1, w2, w3, z1, z2, y, d: (
            d * w3 * w2 * x, d * w3 * z1, d * z2, d * w3 * w2, d * w3, d,
        )
    ),
    "t - y": three(
        lambda x, w1, w2, w3, z1, z2, y, d: (
            -d * w3 * w2 * x, -d * w3 * w2, -d * w3 * z1, -d * w3, -d * z2, -d,
        )
    ),
    "z2 and z1 one layer too far: dw2 by z2, dw3 by y": three(
        lambda x, w1, w2, w3, z1, z2, y, d: (
            d * w3 * w2 * z1, d * w3 * w2, d * w3 * z2, d * w3, d * y, d,
        )
    ),
    "x at every weight": three(
        lambda x, w1, w2, w3, z1, z2, y, d: (
            d * w3 * w2 * x, d * w3 * w2, d * w3 * x, d * w3, d * x, d,
        )
    ),
}  # fmt: skip


def two(f):
    def dW1(x, t, W1, b1, W2, b2):
        h = sig(x @ W1 + b1)
        y = sig(h @ W2 + b2)
        return f(x, t, W1, b1, W2, b2, h, y, (y - t) * y * (1 - y))

    return dW1


ANSWERS["01.7"] = {
    "W2 put in, sigmoid still taken of h": two(
        lambda x, t, W1, b1, W2, b2, h, y, d: np.outer(x, (W2 @ d) * sig(h) * (1 - sig(h)))
    ),
    "slope right, W2 still missing": two(
        lambda x, t, W1, b1, W2, b2, h, y, d: np.outer(x, d * h * (1 - h))
    ),
    "W2 put in, the slope of the output dropped": two(
        lambda x, t, W1, b1, W2, b2, h, y, d: np.outer(x, (W2 @ (y - t)) * h * (1 - h))
    ),
    "the slope of the hidden layer dropped": two(
        lambda x, t, W1, b1, W2, b2, h, y, d: np.outer(x, W2 @ d)
    ),
    "transposed: outer(delta1, x)": two(
        lambda x, t, W1, b1, W2, b2, h, y, d: np.outer((W2 @ d) * h * (1 - h), x)
    ),
    "dW2 returned": two(lambda x, t, W1, b1, W2, b2, h, y, d: np.outer(h, d)),
    "h in place of x": two(
        lambda x, t, W1, b1, W2, b2, h, y, d: np.outer(h, (W2 @ d) * h * (1 - h))
    ),
    "db1 returned: x forgotten": two(lambda x, t, W1, b1, W2, b2, h, y, d: (W2 @ d) * h * (1 - h)),
    "weights of the first layer in the way back": two(
        lambda x, t, W1, b1, W2, b2, h, y, d: np.outer(x, W1.sum(axis=0) * d * h * (1 - h))
    ),
    "summed over the hidden units": two(
        lambda x, t, W1, b1, W2, b2, h, y, d: np.outer(x, np.sum(W2 @ d) * h * (1 - h))
    ),
}


# ---- 02
ANSWERS["02.2"] = {
    "sum of the two terms: plus for minus": lambda p, q: (
        p[0] / q[0], (p[1] * q[0] + p[0] * q[1]) / q[0] ** 2,
    ),
    "not divided by the square": lambda p, q: (p[0] / q[0], p[1] * q[0] - p[0] * q[1]),
    "divided by w once": lambda p, q: (p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / q[0]),
    "the two terms exchanged": lambda p, q: (
        p[0] / q[0], (p[0] * q[1] - p[1] * q[0]) / q[0] ** 2,
    ),
    "tangents divided": lambda p, q: (p[0] / q[0], p[1] / q[1] if q[1] else 0.0),
    "rule of the product": lambda p, q: (p[0] / q[0], p[1] * q[0] + p[0] * q[1]),
    "brackets: only the second term is divided": lambda p, q: (
        p[0] / q[0], p[1] * q[0] - p[0] * q[1] / q[0] ** 2,
    ),
    "q taken for a constant": lambda p, q: (p[0] / q[0], p[1] / q[0]),
    "square of the tangent below": lambda p, q: (
        p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / q[1] ** 2 if q[1] else 0.0,
    ),
    "v squared below": lambda p, q: (
        p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / p[0] ** 2 if p[0] else 0.0,
    ),
    "the quotient the other way round": lambda p, q: (
        q[0] / p[0] if p[0] else 0.0,
        (q[1] * p[0] - q[0] * p[1]) / p[0] ** 2 if p[0] else 0.0,
    ),
}  # fmt: skip
ANSWERS["02.3"] = {
    "forward and reverse exchanged": lambda n, m: (n + 1, m, n),
    "run without a nudge not counted": lambda n, m: (n, n, m),
    "central differences": lambda n, m: (2 * n, n, m),
    "reverse needs a forward run for each output": lambda n, m: (n + 1, n, 2 * m),
    "one run of reverse gives everything": lambda n, m: (n + 1, n, 1),
    "differences for every pair": lambda n, m: (n * m + 1, n, m),
    "a base run for each input": lambda n, m: (2 * n, n, m + 1),
    "forward needs the base run too": lambda n, m: (n + 1, n + 1, m),
    "all per entry of the Jacobian": lambda n, m: (n * m, n * m, n * m),
    "base run for each output": lambda n, m: (n + m, n, m),
}


@put("02.5", "slopes added up along the path, not multiplied")
def _(edges, order, root):
    grad = dict.fromkeys(order, 0.0)
    grad[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            if grad[node]:
                grad[parent] += grad[node] + slope
    return grad


@put("02.5", "the last consumer wins: = for +=")
def _(edges, order, root):
    grad = {node: 0.0 for node in order}
    grad[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            grad[parent] = grad[node] * slope
    return grad


@put("02.5", "in order, not in reverse")
def _(edges, order, root):
    grad = {node: 0.0 for node in order}
    grad[root] = 1.0
    for node in order:
        for parent, slope in edges[node]:
            grad[parent] += grad[node] * slope
    return grad


@put("02.5", "the seed put at the last node of order")
def _(edges, order, root):
    grad = {node: 0.0 for node in order}
    grad[order[-1]] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            grad[parent] += grad[node] * slope
    return grad


@put("02.5", "double arrows lost in a dict of parents")
def _(edges, order, root):
    grad = {node: 0.0 for node in order}
    grad[root] = 1.0
    for node in reversed(order):
        for parent, slope in dict(edges[node]).items():
            grad[parent] += grad[node] * slope
    return grad


@put("02.5", "equal arrows lost in a set")
def _(edges, order, root):
    grad = {node: 0.0 for node in order}
    grad[root] = 1.0
    for node in reversed(order):
        for parent, slope in set(edges[node]):
            grad[parent] += grad[node] * slope
    return grad


@put("02.5", "nodes that root does not depend on are missing")
def _(edges, order, root):
    grad = {root: 1.0}
    for node in reversed(order):
        for parent, slope in edges[node]:
            if node in grad:
                grad[parent] = grad.get(parent, 0.0) + grad[node] * slope
    return grad


@put("02.5", "inputs only")
def _(edges, order, root):
    grad = {node: 0.0 for node in order}
    grad[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            grad[parent] += grad[node] * slope
    return {node: g for node, g in grad.items() if not edges[node]}


@put("02.5", "every node of order starts at 1")
def _(edges, order, root):
    grad = {node: 1.0 for node in order}
    for node in reversed(order):
        for parent, slope in edges[node]:
            grad[parent] += grad[node] * slope
    return grad


@put("02.5", "stops at the first input: return too far in")
def _(edges, order, root):
    grad = {node: 0.0 for node in order}
    grad[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            grad[parent] += grad[node] * slope
        return grad


@put("02.5", "arrows of slope 0 skipped as missing, with their nodes")
def _(edges, order, root):
    grad = {}
    grad[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            if slope and node in grad:
                grad[parent] = grad.get(parent, 0.0) + grad[node] * slope
    return grad


ANSWERS["02.7"] = {
    "sum over the outputs, the slope left": lambda dz, W, z: W @ (dz * sig(z) * (1 - sig(z))),
    "slope taken away, still one output": lambda dz, W, z: W[:, 0] * dz[0],
    "last output only": lambda dz, W, z: W[:, -1] * dz[-1],
    "mean over the outputs": lambda dz, W, z: W @ dz / len(dz),
    "weights only: dz forgotten": lambda dz, W, z: W.sum(axis=1),
    "slope of the first unit for all": lambda dz, W, z: W @ dz * sig(z[0]) * (1 - sig(z[0])),
    "dW in place of dh: outer product of z and dz": lambda dz, W, z: np.outer(z, dz),
    "sums taken apart": lambda dz, W, z: W.sum(axis=1) * dz.sum(),
    "not summed": lambda dz, W, z: W * dz,
    "z for dz": lambda dz, W, z: W @ z,
    "divided by the slope": lambda dz, W, z: W @ (dz / (sig(z) * (1 - sig(z)))),
}


def near(f):
    def adjoints(z, t):
        y = 1 / (1 + math.exp(-z))
        return f(z, t, y)

    return adjoints


ANSWERS["02.8"] = {
    "pair exchanged: dz first": near(lambda z, t, y: ((y - t) * y * (1 - y), y - t)),
    "divided again: dz / slope at z": near(lambda z, t, y: ((y - t) / (y * (1 - y)), y - t)),
    "2 (y - t)": near(lambda z, t, y: (2 * (y - t), 2 * (y - t) * y * (1 - y))),
    "half left in: (y - t)/2": near(lambda z, t, y: ((y - t) / 2, (y - t) / 2 * y * (1 - y))),
    "dy right, dz without dy": near(lambda z, t, y: (y - t, y * (1 - y))),
    "slope with z: z (1 - z)": near(lambda z, t, y: (y - t, (y - t) * z * (1 - z))),
    "slope of tanh: 1 - y²": near(lambda z, t, y: (y - t, (y - t) * (1 - y * y))),
    "slope lost: both y - t": near(lambda z, t, y: (y - t, y - t)),
    "the loss in the place of dy": near(
        lambda z, t, y: (0.5 * (y - t) ** 2, 0.5 * (y - t) ** 2 * y * (1 - y))
    ),
    "sigmoid of y in the slope": near(lambda z, t, y: (y - t, (y - t) * sig(y) * (1 - sig(y)))),
    "z compared with t": near(lambda z, t, y: (z - t, (z - t) * y * (1 - y))),
}


# ---- 03
u = math.tanh(-0.4 * 1.5 + 1.5)
s = 1 - u * u
ANSWERS["03.1"] = {
    "w counted once: only through the product": (round(s * 1.5, 4), round(s * -0.4, 4)),
    "w counted once: only the sum": (round(s * 1.5, 4), round(s, 4)),
    "slope of tanh forgotten": (1.5, 0.6),
    "slope taken as 1 - tanh": (round((1 - u) * 1.5, 4), round((1 - u) * 0.6, 4)),
    "slope of tanh at the square of z": (round((1 - 0.81) * 1.5, 4), round((1 - 0.81) * 0.6, 4)),
    "exchanged": (round(s * 0.6, 4), round(s * 1.5, 4)),
    "x for w": (round(s * -0.4, 4), round(s * 0.6, 4)),
    "pocket calculator in degrees: tan for tanh": (
        round((1 - math.tan(0.9) ** 2) * 1.5, 4), round((1 - math.tan(0.9) ** 2) * 0.6, 4),
    ),
    "two decimals": (round(s * 1.5, 2), round(s * 0.6, 2)),
    "1 + tanh²": (round((1 + u * u) * 1.5, 4), round((1 + u * u) * 0.6, 4)),
}  # fmt: skip
ANSWERS["03.2"] = {
    "base taken for a constant: 0 there": lambda a, b: (1 / (a * math.log(b)), 0.0),
    "natural logarithm's own: 1/a": lambda a, b: (1 / a, -math.log(a) / (b * math.log(b) ** 2)),
    "minus forgotten": lambda a, b: (1 / (a * math.log(b)), math.log(a) / (b * math.log(b) ** 2)),
    "ln of the base not squared": lambda a, b: (
        1 / (a * math.log(b)), -math.log(a) / (b * math.log(b)),
    ),
    "1/b forgotten": lambda a, b: (1 / (a * math.log(b)), -math.log(a) / math.log(b) ** 2),
    "ln of a square: ln(b²) for (ln b)²": lambda a, b: (
        1 / (a * math.log(b)), -math.log(a) / (b * math.log(b**2)),
    ),
    "ln(a/b) differentiated": lambda a, b: (1 / a, -1 / b),
    "a for ln a": lambda a, b: (1 / (a * math.log(b)), -a / (b * math.log(b) ** 2)),
    "multiplied by ln b": lambda a, b: (
        math.log(b) / a, -math.log(a) / (b * math.log(b) ** 2),
    ),
    "exchanged": lambda a, b: (-math.log(a) / (b * math.log(b) ** 2), 1 / (a * math.log(b))),
    "value returned first": lambda a, b: (math.log(a) / math.log(b), 1 / (a * math.log(b))),
}  # fmt: skip


def twice(f):
    def manual(x, t, w1, b1, w2, b2, w3, b3):
        z1 = w1 * x + b1
        h1 = max(0.0, z1)
        z2 = w2 * h1 + b2
        h2 = max(0.0, z2)
        y = w3 * h2 + b3
        return f(x, t, w1, w2, w3, z1, h1, z2, h2, y)

    return manual


def masked(dy=lambda y, t: y - t, m1=lambda z, h: z > 0, m2=lambda z, h: z > 0, in2=None, in3=None):
    def f(x, t, w1, w2, w3, z1, h1, z2, h2, y):
        d = dy(y, t)
        dz2 = d * w3 * m2(z2, h2)
        dz1 = dz2 * w2 * m1(z1, h1)
        a2 = z1 if in2 == "z" else h1
        a3 = z2 if in3 == "z" else h2
        return dz1 * x, dz1, dz2 * a2, dz2, d * a3, d

    return twice(f)


ANSWERS["03.5"] = {
    "masks put in, factor 2 left": masked(dy=lambda y, t: 2 * (y - t)),
    "only the outer mask": masked(m1=lambda z, h: 1.0),
    "only the inner mask": masked(m2=lambda z, h: 1.0),
    "h in place of the mask": masked(m1=lambda z, h: h, m2=lambda z, h: h),
    "sign function for the mask": masked(m1=lambda z, h: np.sign(z), m2=lambda z, h: np.sign(z)),
    "leaky": masked(m1=lambda z, h: 1.0 if z > 0 else 0.01, m2=lambda z, h: 1.0 if z > 0 else 0.01),
    "z for h in dw2 and dw3": masked(in2="z", in3="z"),
    "masks exchanged": twice(
        lambda x, t, w1, w2, w3, z1, h1, z2, h2, y: (
            (y - t) * w3 * (z1 > 0) * w2 * (z2 > 0) * x,
            (y - t) * w3 * (z1 > 0) * w2 * (z2 > 0),
            (y - t) * w3 * (z1 > 0) * h1,
            (y - t) * w3 * (z1 > 0),
            (y - t) * h2,
            y - t,
        )
    ),
    "ReLU at the output too": twice(
        lambda x, t, w1, w2, w3, z1, h1, z2, h2, y: (
            lambda d: (
                d * w3 * (z2 > 0) * w2 * (z1 > 0) * x,
                d * w3 * (z2 > 0) * w2 * (z1 > 0),
                d * w3 * (z2 > 0) * h1,
                d * w3 * (z2 > 0),
                d * h2,
                d,
            )
        )((y - t) * (y > 0))
    ),
    "biases get no mask": twice(
        lambda x, t, w1, w2, w3, z1, h1, z2, h2, y: (
            (y - t) * w3 * (z2 > 0) * w2 * (z1 > 0) * x,
            (y - t) * w3 * w2,
            (y - t) * w3 * (z2 > 0) * h1,
            (y - t) * w3,
            (y - t) * h2,
            y - t,
        )
    ),
}


@put("03.6", "the largest, not the largest absolute")
def _(f, g, x, h):
    worst = 0.0
    for j in range(len(x)):
        e = np.zeros(len(x))
        e[j] = h
        worst = max(worst, g[j] - (f(x + e) - f(x - e)) / (2 * h))
    return float(worst)


@put("03.6", "all coordinates nudged together")
def _(f, g, x, h):
    return float(np.abs(g - (f(x + h) - f(x - h)) / (2 * h)).max())


@put("03.6", "one-sided difference")
def _(f, g, x, h):
    errors = []
    for j in range(len(x)):
        y = x.copy()
        y[j] += h
        errors.append(abs(g[j] - (f(y) - f(x)) / h))
    return float(max(errors))


@put("03.6", "relative error")
def _(f, g, x, h):
    worst = 0.0
    for j in range(len(x)):
        a, b = x.copy(), x.copy()
        a[j] += h
        b[j] -= h
        d = (f(a) - f(b)) / (2 * h)
        worst = max(worst, abs(g[j] - d) / max(abs(g[j]), abs(d), 1e-12))
    return float(worst)


@put("03.6", "nudge not taken back before the next coordinate")
def _(f, g, x, h):
    x = x.copy()
    worst = 0.0
    for j in range(len(x)):
        x[j] += h
        up = f(x)
        x[j] -= 2 * h
        down = f(x)
        worst = max(worst, abs(g[j] - (up - down) / (2 * h)))
    return float(worst)


@put("03.6", "mean of the errors")
def _(f, g, x, h):
    errors = []
    for j in range(len(x)):
        e = np.eye(len(x))[j] * h
        errors.append(abs(g[j] - (f(x + e) - f(x - e)) / (2 * h)))
    return float(np.mean(errors))


@put("03.6", "the last coordinate left out")
def _(f, g, x, h):
    worst = 0.0
    for j in range(len(x) - 1):
        e = np.eye(len(x))[j] * h
        worst = max(worst, abs(g[j] - (f(x + e) - f(x - e)) / (2 * h)))
    return float(worst)


@put("03.6", "place of the worst, not its size")
def _(f, g, x, h):
    d = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))]
    return float(np.argmax(np.abs(g - np.array(d))))


@put("03.6", "divided by h, not by 2h")
def _(f, g, x, h):
    d = np.array([(f(x + h * e) - f(x - h * e)) / h for e in np.eye(len(x))])
    return float(np.abs(g - d).max())


@put("03.6", "length of the difference")
def _(f, g, x, h):
    d = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
    return float(np.linalg.norm(g - d))


def by_max(f):
    def logaddexp_row(a, b):
        m = max(a, b)
        y = m + math.log(math.exp(a - m) + math.exp(b - m))
        return f(a, b, m, y)

    return logaddexp_row


ANSWERS["03.8"] = {
    "derivatives not divided: e to the a": by_max(
        lambda a, b, m, y: (y, math.exp(a - m), math.exp(b - m))
    ),
    "all or nothing: the derivatives of max": by_max(
        lambda a, b, m, y: (y, float(a > b), float(b > a))
    ),
    "the maximum not added again": by_max(
        lambda a, b, m, y: (y - m, math.exp(a - y), math.exp(b - y))
    ),
    "derivatives exchanged": by_max(lambda a, b, m, y: (y, math.exp(b - y), math.exp(a - y))),
    "the second is minus the first": by_max(
        lambda a, b, m, y: (y, math.exp(a - y), -math.exp(a - y))
    ),
    "overflow caught by returning the larger": lambda a, b: (
        (math.log(math.exp(a) + math.exp(b)), 1 / (1 + math.exp(b - a)), 1 / (1 + math.exp(a - b)))
        if max(abs(a), abs(b)) < 700
        else (max(a, b), float(a > b), float(b > a))
    ),
    "a's largest always: a taken out, b - a overflows": lambda a, b: (
        a + math.log1p(math.exp(min(b - a, 700))),
        1 / (1 + math.exp(min(b - a, 700))),
        1 / (1 + math.exp(min(a - b, 700))),
    ),
    "logarithm of the sum of a and b": lambda a, b: (
        (math.log(abs(a + b)), 1 / (a + b), 1 / (a + b)) if a + b else (0.0, 0.0, 0.0)
    ),
    "logits clipped at 30": lambda a, b: (lambda a, b: (
        math.log(math.exp(a) + math.exp(b)), 1 / (1 + math.exp(b - a)), 1 / (1 + math.exp(a - b)),
    ))(max(-30.0, min(30.0, a)), max(-30.0, min(30.0, b))),
    "naive: math.exp as it stands": lambda a, b: (
        math.log(math.exp(a) + math.exp(b)),
        math.exp(a) / (math.exp(a) + math.exp(b)),
        math.exp(b) / (math.exp(a) + math.exp(b)),
    ),
}  # fmt: skip


# ---- 04
ANSWERS["04.2"] = {
    "rule of Y = XW": lambda G, X, W: (X.T @ G, G @ W.T),
    "dW of the other layout, dX right": lambda G, X, W: (X.T @ G, G @ W),
    "exchanged": lambda G, X, W: (G @ W, G.T @ X),
    "mean over the rows in dW": lambda G, X, W: (G.T @ X / len(X), G @ W),
    "a sum of G in dW: X's own rows lost": lambda G, X, W: (
        np.outer(G.sum(axis=0), X.sum(axis=0)), G @ W,
    ),
    "G for dX, averaged over the outputs": lambda G, X, W: (G.T @ X, G @ W / W.shape[0]),
    "X itself for dX": lambda G, X, W: (G.T @ X, X),
    "only signs of G": lambda G, X, W: (np.sign(G).T @ X, np.sign(G) @ W),
}  # fmt: skip


@put("04.3", "leading axes summed, the ones of length 1 not")
def _(G, shape):
    while G.ndim > len(shape):
        G = G.sum(axis=0)
    return G


@put("04.3", "axes of length 1 summed, keepdims forgotten")
def _(G, shape):
    while G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            G = G.sum(axis=axis)
    return G


@put("04.3", "mean for sum")
def _(G, shape):
    while G.ndim > len(shape):
        G = G.mean(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            G = G.mean(axis=axis, keepdims=True)
    return G


@put("04.3", "first entries taken in place of a sum")
def _(G, shape):
    while G.ndim > len(shape):
        G = G[0]
    for axis, n in enumerate(shape):
        if n == 1:
            G = G.take([0], axis=axis)
    return G


@put("04.3", "everything summed and spread again")
def _(G, shape):
    return np.full(shape, G.sum())


@put("04.3", "new axes thought to come last")
def _(G, shape):
    while G.ndim > len(shape):
        G = G.sum(axis=-1)
    for axis, n in enumerate(shape):
        if n == 1 and axis < G.ndim:
            G = G.sum(axis=axis, keepdims=True)
    return G


@put("04.3", "one leading axis only")
def _(G, shape):
    if G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            G = G.sum(axis=axis, keepdims=True)
    return G


@put("04.3", "() not thought of: a loop over shape, G unchanged")
def _(G, shape):
    if not shape:
        return G
    while G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            G = G.sum(axis=axis, keepdims=True)
    return G


@put("04.3", "broadcast the other way")
def _(G, shape):
    return np.resize(G, shape)


def relu_layer(
    dW=lambda X, d, G: X.T @ d, db=lambda d, G: d.sum(axis=0), dX=lambda d, W, G: d @ W.T,
    mask=lambda Z: Z > 0,
):  # fmt: skip
    def layer_backward(G, X, W, b):
        d = G * mask(X @ W + b)
        return dW(X, d, G), db(d, G), dX(d, W, G)

    return layer_backward


ANSWERS["04.5"] = {
    "no mask anywhere": relu_layer(mask=lambda Z: 1.0),
    "no mask in db": relu_layer(db=lambda d, G: G.sum(axis=0)),
    "no mask in dX": relu_layer(dX=lambda d, W, G: G @ W.T),
    "mean over the batch in db alone": relu_layer(db=lambda d, G: d.mean(axis=0)),
    "all of db summed": relu_layer(db=lambda d, G: d.sum()),
    "db not summed": relu_layer(db=lambda d, G: d),
    "H for the mask": relu_layer(mask=lambda Z: np.maximum(Z, 0)),
    "dX without a transpose": relu_layer(dX=lambda d, W, G: d @ W),
    "mask of X in place of Z": lambda G, X, W, b: (
        X.T @ (G * (X @ W + b > 0)), (G * (X @ W + b > 0)).sum(axis=0), (G @ W.T) * (X > 0),
    ),
    "mask of G: only positive gradients pass": lambda G, X, W, b: (
        X.T @ (G * (G > 0)), (G * (G > 0)).sum(axis=0), (G * (G > 0)) @ W.T,
    ),
}  # fmt: skip


@put("04.8", "the minimum gets plus G too")
def _(G, X):
    d = np.zeros_like(X)
    rows = np.arange(len(X))
    d[rows, X.argmax(axis=1)] += G
    d[rows, X.argmin(axis=1)] += G
    return d


@put("04.8", "only the maximum")
def _(G, X):
    d = np.zeros_like(X)
    d[np.arange(len(X)), X.argmax(axis=1)] = G
    return d


@put("04.8", "= for -=: a row of one number keeps -G")
def _(G, X):
    d = np.zeros_like(X)
    d[np.arange(len(X)), X.argmax(axis=1)] = G
    d[np.arange(len(X)), X.argmin(axis=1)] = -G
    return d


@put("04.8", "max and min exchanged")
def _(G, X):
    d = np.zeros_like(X)
    d[np.arange(len(X)), X.argmin(axis=1)] += G
    d[np.arange(len(X)), X.argmax(axis=1)] -= G
    return d


@put("04.8", "isclose: near numbers share")
def _(G, X):
    top = np.isclose(X, X.max(axis=1, keepdims=True))
    low = np.isclose(X, X.min(axis=1, keepdims=True))
    return G[:, None] * (top.astype(float) - low)


@put("04.8", "range times G in both places")
def _(G, X):
    r = X.max(axis=1, keepdims=True) - X.min(axis=1, keepdims=True)
    top = X == X.max(axis=1, keepdims=True)
    low = X == X.min(axis=1, keepdims=True)
    return G[:, None] * r * (1.0 * top - low)


@put("04.8", "largest and smallest of the whole array")
def _(G, X):
    return G[:, None] * (1.0 * (X == X.max()) - (X == X.min()))


@put("04.8", "columns in place of rows")
def _(G, X):
    return G[:, None] * (1.0 * (X == X.max(axis=0)) - (X == X.min(axis=0)))


@put("04.8", "G forgotten")
def _(G, X):
    return 1.0 * (X == X.max(axis=1, keepdims=True)) - (X == X.min(axis=1, keepdims=True))


@put("04.8", "numbers themselves where the extremes stand")
def _(G, X):
    top = X == X.max(axis=1, keepdims=True)
    low = X == X.min(axis=1, keepdims=True)
    return G[:, None] * (X * top - X * low)


ANSWERS["04.10"] = {
    "diagonal alone: p (1 - p)": lambda G, P: G * P * (1 - P),
    "softmax and cross-entropy: P - G": lambda G, P: P - G,
    "sum over the whole batch": lambda G, P: P * (G - np.sum(G * P)),
    "sum over the wrong axis": lambda G, P: P * (G - (G * P).sum(axis=0)),
    "sum of G, not of GP": lambda G, P: P * (G - G.sum(axis=1, keepdims=True)),
    "mean for sum": lambda G, P: P * (G - (G * P).mean(axis=1, keepdims=True)),
    "P in front forgotten": lambda G, P: G - (G * P).sum(axis=1, keepdims=True),
    "second term alone": lambda G, P: -P * (G * P).sum(axis=1, keepdims=True),
    "plus for minus": lambda G, P: P * (G + (G * P).sum(axis=1, keepdims=True)),
    "brackets: PG - sum": lambda G, P: P * G - (G * P).sum(axis=1, keepdims=True),
}


# ---- 06
ANSWERS["06.1"] = {
    "gradient p, label not subtracted": (1.3863, (0.25, 0.625, 0.125)),
    "label at the largest": (0.47, (0.25, -0.375, 0.125)),
    "t - p": (1.3863, (0.75, -0.625, -0.125)),
    "log to base 2": (2.0, (-0.75, 0.625, 0.125)),
    "log to base 10": (0.6021, (-0.75, 0.625, 0.125)),
    "the logit 0 left out of the sum: e⁰ = 0": (1.2528, (-0.7143, 0.7143, 0.0)),
    "-1/p at the label, by p and not by z": (1.3863, (-4.0, 0.0, 0.0)),
    "logits normalised without exp": (
        round(-math.log(math.log(2) / math.log(10)), 4),
        (round(math.log(2) / math.log(10) - 1, 4), round(math.log(5) / math.log(10), 4), 0.0),
    ),
    "minus in front of the logarithm forgotten": (-1.3863, (-0.75, 0.625, 0.125)),
}


def weighted(*, norm="weights", shift=True, log=True, pick="label"):
    def weighted_cross_entropy(Z, labels, weights):
        Z = Z - Z.max(axis=1, keepdims=True) if shift else Z
        log_p = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
        loss = -log_p[np.arange(len(Z)), labels]
        w = weights[labels]
        if norm == "weights":
            return float((w * loss).sum() / w.sum())
        if norm == "n":
            return float((w * loss).mean())
        if norm == "all":
            return float((w * loss).sum() / weights.sum())
        if norm == "none":
            return float((w * loss).sum())
        return float(loss.mean())

    return weighted_cross_entropy


ANSWERS["06.3"] = {
    "divided by the number of rows": weighted(norm="n"),
    "divided by the sum over classes": weighted(norm="all"),
    "not divided": weighted(norm="none"),
    "weights forgotten": weighted(norm="plain"),
}


@put("06.3", "softmax guarded by a small number in the log")
def _(Z, labels, weights):
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    w = weights[labels]
    return float(-(w * np.log(p[np.arange(len(Z)), labels] + 1e-12)).sum() / w.sum())


@put("06.3", "logits multiplied by the weights")
def _(Z, labels, weights):
    Z = Z * weights
    m = Z.max(axis=1, keepdims=True)
    log_p = Z - m - np.log(np.exp(Z - m).sum(axis=1, keepdims=True))
    w = weights[labels]
    return float(-(w * log_p[np.arange(len(Z)), labels]).sum() / w.sum())


@put("06.3", "sum over classes 1 to k: labels minus 1")
def _(Z, labels, weights):
    m = Z.max(axis=1, keepdims=True)
    log_p = Z - m - np.log(np.exp(Z - m).sum(axis=1, keepdims=True))
    w = weights[labels - 1]
    return float(-(w * log_p[np.arange(len(Z)), labels - 1]).sum() / w.sum())


@put("06.3", "weights by row number, not by label")
def _(Z, labels, weights):
    m = Z.max(axis=1, keepdims=True)
    log_p = Z - m - np.log(np.exp(Z - m).sum(axis=1, keepdims=True))
    w = np.resize(weights, len(Z))
    return float(-(w * log_p[np.arange(len(Z)), labels]).sum() / w.sum())


@put("06.3", "indexing by labels alone: whole rows")
def _(Z, labels, weights):
    m = Z.max(axis=1, keepdims=True)
    log_p = Z - m - np.log(np.exp(Z - m).sum(axis=1, keepdims=True))
    w = weights[labels]
    return float(-(w[:, None] * log_p[:, labels]).sum() / w.sum())


@put("06.3", "softmax over the rows")
def _(Z, labels, weights):
    m = Z.max(axis=0)
    log_p = Z - m - np.log(np.exp(Z - m).sum(axis=0))
    w = weights[labels]
    return float(-(w * log_p[np.arange(len(Z)), labels]).sum() / w.sum())


@put("06.3", "naive softmax")
def _(Z, labels, weights):
    p = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    w = weights[labels]
    return float(-(w * np.log(p[np.arange(len(Z)), labels])).sum() / w.sum())


ANSWERS["06.4"] = {
    "label 0 not thought of: -t ln y": lambda z, t: t * np.logaddexp(0, -z),
    "labels exchanged": lambda z, t: np.logaddexp(0, -z) * (1 - t) + np.logaddexp(0, z) * t,
    "mean over the batch": lambda z, t: np.full(
        len(z), (np.logaddexp(0, -z) * t + np.logaddexp(0, z) * (1 - t)).mean()
    ),
    "y clipped at 1e-7": lambda z, t: (lambda y: -t * np.log(y) - (1 - t) * np.log(1 - y))(
        np.clip(sig(z), 1e-7, 1 - 1e-7)
    ),
    "naive: right formula, infinite far out": lambda z, t: (
        -t * np.log(sig(z)) - (1 - t) * np.log(1 - sig(z))
    ),
    "minus forgotten": lambda z, t: -(np.logaddexp(0, -z) * t + np.logaddexp(0, z) * (1 - t)),
    "the gradient": lambda z, t: sig(z) - t,
    "z for y in the second term": lambda z, t: np.logaddexp(0, -z) * t + z * (1 - t),
    "max(z, 0) - z t without the logarithm": lambda z, t: np.maximum(z, 0) - z * t,
    "hinge": lambda z, t: np.maximum(0, 1 - (2 * t - 1) * z),
    "exp of z without the minus of |z|": lambda z, t: (
        np.maximum(z, 0) - z * t + np.log1p(np.exp(np.minimum(-z, 700)))
    ),
}

ANSWERS["06.8"] = {
    "Huber itself": lambda e, d: np.where(np.abs(e) <= d, e, d * np.sign(e)),
    "sign lost inside: 1": lambda e, d: np.where(np.abs(e) <= d, 1.0, e / d),
    "sign lost outside: |e|/d": lambda e, d: np.where(np.abs(e) <= d, np.sign(e), np.abs(e) / d),
    "2 not cancelled: e/(2d)": lambda e, d: np.where(np.abs(e) <= d, np.sign(e), e / (2 * d)),
    "d² taken along: (e + d)/d": lambda e, d: np.where(np.abs(e) <= d, np.sign(e), (e + d) / d),
    "the loss itself": lambda e, d: np.where(
        np.abs(e) <= d, np.abs(e), (e * e + d * d) / (2 * d)
    ),
    "e for |e| in the condition": lambda e, d: np.where(e <= d, np.sign(e), e / d),
    "branches exchanged": lambda e, d: np.where(np.abs(e) > d, np.sign(e), e / d),
    "e/d everywhere": lambda e, d: e / d,
    "1 at e = 0": lambda e, d: np.where(np.abs(e) <= d, np.where(e >= 0, 1.0, -1.0), e / d),
    "2e/d": lambda e, d: np.where(np.abs(e) <= d, np.sign(e), 2 * e / d),
    "d forgotten": lambda e, d: np.where(np.abs(e) <= d, np.sign(e), e),
    "limit 1 in place of d": lambda e, d: np.where(np.abs(e) <= 1, np.sign(e), e / d),
}  # fmt: skip


def boxes(*, clip=True, union=True, root=False, corner=False, sides=False, sign=-1, c="outer"):
    def diou(a, b):
        w = min(a[2], b[2]) - max(a[0], b[0])
        h = min(a[3], b[3]) - max(a[1], b[1])
        if clip:
            w, h = max(w, 0), max(h, 0)
        inter = w * h
        both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
        iou = inter / (both - inter if union else both)
        if corner:
            rho = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
        else:
            rho = ((a[0] + a[2] - b[0] - b[2]) ** 2 + (a[1] + a[3] - b[1] - b[3]) ** 2) / 4
        W = max(a[2], b[2]) - min(a[0], b[0])
        H = max(a[3], b[3]) - min(a[1], b[1])
        diagonal = (W + H) ** 2 if sides else W * H if c == "area" else W * W + H * H
        far = math.sqrt(rho / diagonal) if root else rho / diagonal
        return float(iou + sign * far)

    return diou


ANSWERS["06.10"] = {
    "negative sides not clipped": boxes(clip=False),
    "union without taking the intersection away": boxes(union=False),
    "rho / c, not squared": boxes(root=True),
    "distance of the corners, not of the centres": boxes(corner=True),
    "diagonal as the sum of the sides": boxes(sides=True),
    "plus for minus": boxes(sign=1),
    "area of the outer box for the diagonal": boxes(c="area"),
    "the loss: 1 - DIoU": lambda a, b: 1 - boxes()(a, b),
    "IoU alone": boxes(sign=0),
    "centres as half the sides": lambda a, b: float(
        boxes(sign=0)(a, b)
        - (((a[2] - a[0] - b[2] + b[0]) / 2) ** 2 + ((a[3] - a[1] - b[3] + b[1]) / 2) ** 2)
        / (
            (max(a[2], b[2]) - min(a[0], b[0])) ** 2 + (max(a[3], b[3]) - min(a[1], b[1])) ** 2
        )
    ),
    "sum of the centres not halved": lambda a, b: float(
        boxes(sign=0)(a, b) - 4 * (boxes(sign=0)(a, b) - boxes()(a, b))
    ),
    "whole division": lambda a, b: float(
        boxes(sign=0)(a, b)
        - (((a[0] + a[2]) // 2 - (b[0] + b[2]) // 2) ** 2
           + ((a[1] + a[3]) // 2 - (b[1] + b[3]) // 2) ** 2)
        / (
            (max(a[2], b[2]) - min(a[0], b[0])) ** 2 + (max(a[3], b[3]) - min(a[1], b[1])) ** 2
        )
    ),
}  # fmt: skip


# ---- 09
def of_squares(f):
    return lambda D, g, a: D * math.log10(f(g, a))


ANSWERS["09.3"] = {
    "leaky side forgotten": of_squares(lambda g, a: g * math.sqrt(0.5)),
    "mean of the slopes, not of their squares": of_squares(lambda g, a: g * (1 + a) / 2),
    "no root": of_squares(lambda g, a: g * g * (1 + a * a) / 2),
    "half forgotten": of_squares(lambda g, a: g * math.sqrt(1 + a * a)),
    "natural logarithm": lambda D, g, a: D * math.log(g * math.sqrt((1 + a * a) / 2)),
    "minus: signal where the gradient is asked": lambda D, g, a: (
        -D * math.log10(g * math.sqrt((1 + a * a) / 2))
    ),
    "one layer less": lambda D, g, a: max(D - 1, 0) * math.log10(g * math.sqrt((1 + a * a) / 2)),
    "factor itself: 10 not taken out": lambda D, g, a: (
        (g * math.sqrt((1 + a * a) / 2)) ** min(D, 300)
    ),
    "power first, then the logarithm: 0 underflows": lambda D, g, a: (
        lambda p: math.log10(p) if 0 < p < math.inf else (-math.inf if p == 0 else math.inf)
    )(float(np.float64(g * math.sqrt((1 + a * a) / 2)) ** D)),
    "a itself as the variance: (1 + a)/2 under the root": of_squares(
        lambda g, a: g * math.sqrt((1 + a) / 2)
    ),
    "g under the root": of_squares(lambda g, a: math.sqrt(g * (1 + a * a) / 2)),
}


def calibrated(*, rms=lambda h: np.sqrt(np.mean(h**2)), on=True, inverse=True, relu=True):
    def calibrate(X, Ws):
        gains = []
        h = X
        for W in Ws:
            z = h @ W
            out = np.maximum(z, 0) if relu else z
            g = 1 / rms(out) if inverse else rms(out)
            gains.append(float(g))
            h = np.maximum(g * z, 0) if on else np.maximum(z, 0)
        return gains

    return calibrate


ANSWERS["09.5"] = {
    "standard deviation for rms": calibrated(rms=np.std),
    "gains not handed on to the next layer": calibrated(on=False),
    "rms itself, not 1 over it": calibrated(inverse=False),
    "rms of z, before the ReLU": calibrated(relu=False),
    "root forgotten: 1 over the mean square": calibrated(rms=lambda h: np.mean(h**2)),
    "mean of absolute values": calibrated(rms=lambda h: np.mean(np.abs(h))),
    "only active units counted": calibrated(rms=lambda h: np.sqrt(np.mean(h[h > 0] ** 2))),
    "length for rms: mean forgotten": calibrated(rms=lambda h: np.sqrt(np.sum(h**2))),
    "He's gain for all": lambda X, Ws: [math.sqrt(2 / W.shape[0]) for W in Ws],
    "mean over the rows of each row's own rms": calibrated(
        rms=lambda h: np.mean(np.sqrt(np.mean(h**2, axis=1)))
    ),
    "X scaled to rms 1 first": lambda X, Ws: calibrated()(X / np.sqrt(np.mean(X**2)), Ws),
    "largest number 1": calibrated(rms=np.max),
}


def memory(*, m=lambda m: m, own="new", ddof=1):
    def running(mean, var, X, share):
        k = m(share)
        batch = X.mean(axis=0)
        new_mean = (1 - k) * mean + k * batch
        centre = {"new": batch, "old": mean, "running": new_mean, "zero": 0.0}[own]
        square = ((X - centre) ** 2).sum(axis=0) / (len(X) - ddof)
        return new_mean, (1 - k) * var + k * square

    return running


ANSWERS["09.7"] = {
    "n below": memory(ddof=0),
    "shares exchanged": memory(m=lambda m: 1 - m),
    "deviations from the running mean": memory(own="running"),
    "deviations from the old mean": memory(own="old"),
    "shares exchanged and n below": memory(m=lambda m: 1 - m, ddof=0),
    "running mean and n below: only the shares mended": memory(own="running", ddof=0),
    "mean of squares minus square of the mean": lambda mean, var, X, m: (
        (1 - m) * mean + m * X.mean(axis=0),
        (1 - m) * var
        + m * ((X**2).mean(axis=0) - X.mean(axis=0) ** 2) * len(X) / (len(X) - 1),
    ),
    "standard deviation remembered": lambda mean, var, X, m: (
        (1 - m) * mean + m * X.mean(axis=0),
        (1 - m) * var + m * X.std(axis=0, ddof=1),
    ),
    "over all numbers: axis forgotten": lambda mean, var, X, m: (
        (1 - m) * mean + m * X.mean(),
        (1 - m) * var + m * X.var(ddof=1),
    ),
    "axis 1": lambda mean, var, X, m: (
        (1 - m) * mean + m * X.mean(axis=1),
        (1 - m) * var + m * X.var(axis=1, ddof=1),
    ),
    "batch's own, nothing remembered": lambda mean, var, X, m: (
        X.mean(axis=0), X.var(axis=0, ddof=1),
    ),
}  # fmt: skip


def residual(*, mask=True, skip=True, alpha_w=True, order=1, relu=True, alpha=True, whole=False):
    def res_backward(G, hs, Ws, a):
        dWs = []
        for h, W in zip(reversed(hs), reversed(Ws), strict=True):
            act = np.maximum(h, 0) if relu else h
            dWs.append((a if alpha_w else 1) * act.T @ G)
            branch = (a if alpha else 1) * (G @ W.T)
            if mask:
                branch = branch * (h > 0)
            if whole:
                G = (G + branch) * (h > 0)
            else:
                G = G + branch if skip else branch
        return G, dWs[::-1][::order]

    return res_backward


ANSWERS["09.9"] = {
    "order of the list left": residual(order=-1),
    "alpha missing in dW": residual(alpha_w=False),
    "mask on the shortcut too": residual(whole=True),
    "no mask": residual(mask=False),
    "shortcut lost": residual(skip=False),
    "h for relu(h) in dW": residual(relu=False),
    "alpha missing in the branch": residual(alpha=False),
    "alpha and order left: only the mask mended": residual(alpha_w=False, order=-1),
    "mask of the relu of G": lambda G, hs, Ws, a: residual()(np.maximum(G, 0), hs, Ws, a),
}


@put("09.9", "G moved on before dW is taken")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        G_next = G + alpha * (G @ W.T) * (h > 0)
        dWs.insert(0, alpha * np.maximum(h, 0).T @ G_next)
        G = G_next
    return G, dWs


@put("09.9", ">= 0 for > 0")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, alpha * np.maximum(h, 0).T @ G)
        G = G + alpha * (G @ W.T) * (h >= 0)
    return G, dWs


@put("09.9", "forwards through the blocks")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(hs, Ws, strict=True):
        dWs.append(alpha * np.maximum(h, 0).T @ G)
        G = G + alpha * (G @ W.T) * (h > 0)
    return G, dWs


@put("09.9", "W without a transpose")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, alpha * np.maximum(h, 0).T @ G)
        G = G + alpha * (G @ W) * (h > 0)
    return G, dWs
