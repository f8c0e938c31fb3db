"""The fourth lot, chapters 00 to 08: tasks read wrongly, two slips at once, own loops.

Written before the worked programs: 343 of 429 were told at first sight.
"""

import math
from collections import Counter

import numpy as np

from learners.lot import Lot, relu, sig

ANSWERS = Lot()
put = ANSWERS.put


# 00
put("00.0", "abs")(lambda w: abs(w - 3))
put("00.0", "w minus 3 times w")(lambda w: (w - 3) * w)
put("00.0", "half")(lambda w: (w - 3) ** 2 / 2)
put("00.0", "plus 3")(lambda w: (w + 3) ** 2)
put("00.1", "returns the change")(lambda w, slope, lr: -lr * slope)
put("00.1", "lr to the slope times one minus")(lambda w, slope, lr: (1 - lr) * w - lr * slope)
put("00.1", "slope minus")(lambda w, slope, lr: slope - lr * w)
put("00.1", "steps only if positive")(
    lambda w, slope, lr: w - lr * slope if slope > 0 else w + lr * slope
)
put("00.2", "order ABC once")(lambda: 7 * 1 + 0)
put("00.2", "last C lost")(lambda: 21)


# 01
@put("01.1", "u v rule forgot u")
def _():
    x = 1.5
    u = x * x + 1
    v = 3 - x
    y = u * v + x - 1
    return u, v, y, 2 * x * v - 1 + 1


@put("01.1", "derivative of u as x")
def _():
    x = 1.5
    u = x * x + 1
    v = 3 - x
    y = u * v + x - 1
    return u, v, y, x * v - u + 1


@put("01.1", "u without 1")
def _():
    x = 1.5
    u = x * x
    v = 3 - x
    y = u * v + x - 1
    return u, v, y, 2 * x * v - u + 1


@put("01.1", "x squared as 2x")
def _():
    x = 1.5
    u = 2 * x + 1
    v = 3 - x
    y = u * v + x - 1
    return u, v, y, 2 * v - u + 1


@put("01.1", "divided paths")
def _():
    x = 1.5
    u = x * x + 1
    v = 3 - x
    y = u * v + x - 1
    return u, v, y, (2 * x * v - u + 1) / 3


put("01.2", "mean of one sided with backward sign")(
    lambda f, x, h: ((f(x + h) - f(x)) / h + (f(x - h) - f(x)) / h) / 2
)
put("01.2", "five point")(
    lambda f, x, h: (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h)
)
put("01.2", "fixed tiny h")(lambda f, x, h: (f(x + 1e-6) - f(x - 1e-6)) / 2e-6)
put("01.2", "2h both ways")(lambda f, x, h: (f(x + 2 * h) - f(x - 2 * h)) / (2 * h))
put("01.2", "f of h")(lambda f, x, h: (f(x + h) - f(h)) / (2 * h))
put("01.2", "multiplicative step")(lambda f, x, h: (f(x * (1 + h)) - f(x * (1 - h))) / (2 * h))
put("01.4", "cosine times length of u")(
    lambda grad, u: float(grad @ u / max(np.linalg.norm(grad), 1e-12))
)
put("01.4", "projected vector length")(
    lambda grad, u: float(np.linalg.norm(grad @ u / (u @ u) * u))
)
put("01.4", "elementwise norms")(
    lambda grad, u: float(np.sum(grad * u / np.maximum(np.abs(u), 1e-12)))
)
put("01.4", "mean product")(lambda grad, u: float(np.mean(grad * u) / np.linalg.norm(u)))
put("01.4", "root of norm forgotten half")(
    lambda grad, u: float(grad @ u / np.sqrt(np.sum(np.abs(u))))
)
put("01.4", "max norm")(lambda grad, u: float(grad @ u / np.abs(u).max()))


def c(f):
    def g(x, t, w1, b1, w2, b2, w3, b3):
        z1 = w1 * x + b1
        z2 = w2 * z1 + b2
        y = w3 * z2 + b3
        dy = y - t
        dz2 = dy * w3
        dz1 = dz2 * w2
        return tuple(f(**{k: v for k, v in locals().items() if k != "f"}))

    return g


put("01.5", "z2 of wrong layer")(
    c(lambda x, z1, z2, y, dy, dz1, dz2, **k: (dz1 * x, dz1, dz2 * z2, dz2, dy * y, dy))
)
put("01.5", "weights of the layer itself")(
    c(
        lambda x, z1, z2, dy, w1, w2, w3, **k: (
            dy * w3 * w2 * w1 * x,
            dy * w3 * w2 * w1,
            dy * w3 * w2 * z1,
            dy * w3 * w2,
            dy * w3 * z2,
            dy * w3,
        )
    )
)
put("01.5", "error of t-y in output only")(
    c(lambda x, z1, z2, dy, dz1, dz2, **k: (dz1 * x, dz1, dz2 * z1, dz2, -dy * z2, -dy))
)
put("01.5", "summed w")(
    c(
        lambda x, z1, z2, dy, w2, w3, **k: (
            dy * (w2 + w3) * x,
            dy * (w2 + w3),
            dy * w3 * z1,
            dy * w3,
            dy * z2,
            dy,
        )
    )
)
put("01.5", "bias gradient one")(
    c(lambda x, z1, z2, dy, dz1, dz2, **k: (dz1 * x, 1.0, dz2 * z1, 1.0, dy * z2, 1.0))
)
put("01.5", "w's first then b's")(
    c(lambda x, z1, z2, dy, dz1, dz2, **k: (dz1 * x, dz2 * z1, dy * z2, dz1, dz2, dy))
)
put("01.5", "y is z2")(
    c(
        lambda x, z1, z2, t, w2, w3, **k: (
            (z2 - t) * w3 * w2 * x,
            (z2 - t) * w3 * w2,
            (z2 - t) * w3 * z1,
            (z2 - t) * w3,
            (z2 - t) * z2,
            (z2 - t),
        )
    )
)


def l6(f):
    def g(x, t, W, b):
        z = x @ W + b
        y = np.tanh(z)
        return f(x, t, W, b, z, y)

    return g


put("01.6", "error squared")(l6(lambda x, t, W, b, z, y: np.outer(x, (y - t) ** 2 * (1 - y * y))))
put("01.6", "mean over outputs")(
    l6(lambda x, t, W, b, z, y: np.outer(x, (y - t) * (1 - y * y)) / len(y))
)
put("01.6", "error at z")(l6(lambda x, t, W, b, z, y: np.outer(x, (z - t) * (1 - y * y))))
put("01.6", "slope of z")(l6(lambda x, t, W, b, z, y: np.outer(x, (y - t) * (1 - z * z))))
put("01.6", "b left out")(
    lambda x, t, W, b: (lambda y: np.outer(x, (y - t) * (1 - y * y)))(np.tanh(x @ W))
)
put("01.6", "back to x")(
    l6(lambda x, t, W, b, z, y: np.outer(W @ ((y - t) * (1 - y * y)), np.ones(len(y))))
)
put("01.6", "no derivative of square, half kept")(
    l6(lambda x, t, W, b, z, y: np.outer(x, 0.5 * (y - t) * (1 - y * y)))
)
put("01.6", "slope plus")(l6(lambda x, t, W, b, z, y: np.outer(x, (y - t) * (1 + y * y))))
put("01.6", "slope added")(l6(lambda x, t, W, b, z, y: np.outer(x, (y - t) + (1 - y * y))))


def l7(f):
    def g(x, t, W1, b1, W2, b2):
        h = sig(x @ W1 + b1)
        y = sig(h @ W2 + b2)
        return f(x, t, W1, b1, W2, b2, h, y)

    return g


put("01.7", "tanh slope inside")(
    l7(lambda x, t, W1, b1, W2, b2, h, y: np.outer(x, (W2 @ ((y - t) * y * (1 - y))) * (1 - h**2)))
)
put("01.7", "tanh slope outside")(
    l7(lambda x, t, W1, b1, W2, b2, h, y: np.outer(x, (W2 @ ((y - t) * (1 - y**2))) * h * (1 - h)))
)
put("01.7", "y slope inside too")(
    l7(lambda x, t, W1, b1, W2, b2, h, y: np.outer(x, (W2 @ ((y - t) * y * (1 - y))) * y * (1 - y)))
)
put("01.7", "slope of y lost a factor")(
    l7(lambda x, t, W1, b1, W2, b2, h, y: np.outer(x, (W2 @ ((y - t) * (1 - y))) * h * (1 - h)))
)
put("01.7", "W2 forgotten")(
    l7(lambda x, t, W1, b1, W2, b2, h, y: np.outer(x, ((y - t) * y * (1 - y)) * h * (1 - h)))
)
put("01.7", "W2 squared")(
    l7(
        lambda x, t, W1, b1, W2, b2, h, y: np.outer(
            x, (W2**2 @ ((y - t) * y * (1 - y))) * h * (1 - h)
        )
    )
)
put("01.7", "two: no W2, t-y")(
    l7(lambda x, t, W1, b1, W2, b2, h, y: np.outer(x, ((t - y) * y * (1 - y)) * h * (1 - h)))
)
put("01.7", "two: factor 2 and no output slope")(
    l7(lambda x, t, W1, b1, W2, b2, h, y: np.outer(x, (W2 @ (2 * (y - t))) * h * (1 - h)))
)
put("01.7", "x times weights")(
    l7(lambda x, t, W1, b1, W2, b2, h, y: W1 * ((W2 @ ((y - t) * y * (1 - y))) * h * (1 - h)))
)


@put("01.8", "divided by 2 only for cols")
def _(f, x, h):
    J = np.zeros((len(f(x)), len(x)))
    for j in range(len(x)):
        e = np.zeros(len(x))
        e[j] = h
        J[:, j] = (f(x + e) - f(x - e)) / h
    return J


@put("01.8", "step not reset")
def _(f, x, h):
    J = np.zeros((len(f(x)), len(x)))
    a = x.copy()
    b = x.copy()
    for j in range(len(x)):
        a[j] += h
        b[j] -= h
        J[:, j] = (f(a) - f(b)) / (2 * h)
    return J


@put("01.8", "last column missed")
def _(f, x, h):
    J = np.zeros((len(f(x)), len(x)))
    for j in range(len(x) - 1):
        e = np.zeros(len(x))
        e[j] = h
        J[:, j] = (f(x + e) - f(x - e)) / (2 * h)
    return J


@put("01.8", "relative step")
def _(f, x, h):
    J = np.zeros((len(f(x)), len(x)))
    for j in range(len(x)):
        e = np.zeros(len(x))
        e[j] = h * x[j]
        J[:, j] = (f(x + e) - f(x - e)) / (2 * h)
    return J


# 02
def g21(f):
    def g():
        a, b, c = -0.5, 3.0, 4.0
        e = a * b
        d = e + c
        ff = c - a
        return f(a, b, c, e, d, ff)

    return g


put("02.1", "b lost d")(g21(lambda a, b, c, e, d, f: (b * f - d, a * d, f + d)))
put("02.1", "product as sum")(g21(lambda a, b, c, e, d, f: (b + f - d, a + f, f + d)))
put("02.1", "c through d times f")(g21(lambda a, b, c, e, d, f: (b * f - d, a * f, d)))
put("02.1", "f sign")(g21(lambda a, b, c, e, d, f: (b * (a - c) - d, a * (a - c), (a - c) + d)))
put("02.1", "forward f = c+a")(
    g21(lambda a, b, c, e, d, f: (b * (c + a) + d, a * (c + a), (c + a) + d))
)
put("02.2", "value multiplied")(lambda p, q: (p[0] * q[0], (p[1] * q[0] - p[0] * q[1]) / q[0] ** 2))
put("02.2", "denominator w dot")(
    lambda p, q: (p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / q[1] ** 2 if q[1] else 0.0)
)
put("02.2", "cubed")(lambda p, q: (p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / q[0] ** 3))
put("02.2", "v for vdot")(lambda p, q: (p[0] / q[0], (p[0] * q[0] - p[1] * q[1]) / q[0] ** 2))
put("02.2", "divisor's tangent lost")(lambda p, q: (p[0] / q[0], p[1] / q[0]))
put("02.2", "numerator's tangent lost")(lambda p, q: (p[0] / q[0], -p[0] * q[1] / q[0] ** 2))
put("02.3", "two sided one")(lambda i, o: (2 * i + 1, i, o))
put("02.3", "times outputs")(lambda i, o: (i + 1, i * o, o))
put("02.3", "reverse needs forward")(lambda i, o: (i + 1, i + 1, o + 1))
put("02.3", "reverse once")(lambda i, o: (i + 1, i, 1))
put("02.3", "nudge outputs")(lambda i, o: (o + 1, i, o))


@put("02.4", "kahn from wrong end")
def _(parents, root):
    n = Counter(p for ps in parents.values() for p in ps)
    out = []
    q = [k for k in parents if not n[k]]
    while q:
        k = q.pop()
        out.append(k)
        for p in parents[k]:
            n[p] -= 1
            if not n[p]:
                q.append(p)
    return out


@put("02.4", "root missing")
def _(parents, root):
    out = []
    seen = set()

    def go(n):
        if n in seen:
            return
        seen.add(n)
        for p in parents[n]:
            go(p)
        if n != root:
            out.append(n)

    go(root)
    return out


@put("02.4", "all nodes sorted")
def _(parents, root):
    out = []
    seen = set()

    def go(n):
        if n in seen:
            return
        seen.add(n)
        for p in parents[n]:
            go(p)
        out.append(n)

    for k in parents:
        go(k)
    return out


@put("02.4", "inputs left out")
def _(parents, root):
    out = []
    seen = set()

    def go(n):
        if n in seen or not parents[n]:
            return
        seen.add(n)
        for p in parents[n]:
            go(p)
        out.append(n)

    go(root)
    return out


def b25(body, init=0.0, stop=False):
    def f(edges, order, root):
        G = {n: init for n in order}
        G[root] = 1.0
        for n in reversed(order):
            body(G, n, edges, root)
        return G

    return f


@put("02.5", "only needed nodes")
def _(edges, order, root):
    G = {root: 1.0}
    for n in reversed(order):
        if n in G:
            for p, s in edges[n]:
                G[p] = G.get(p, 0) + s * G[n]
    return G


def _(G, n, edges, root):
    for p, s in dict(edges[n]).items():
        G[p] += s * G[n]


put("02.5", "dict of arrows")(b25(_))


def _(G, n, edges, root):
    for p, s in edges[n]:
        G[p] *= s * G[n]


put("02.5", "multiplied")(b25(_, 1.0))


def _(G, n, edges, root):
    for p, s in edges[n]:
        G[n] += s * G[p]


put("02.5", "pulled")(b25(_))


def _(G, n, edges, root):
    for p, _s in edges[n]:
        G[p] += G[n]


put("02.5", "slope ignored")(b25(_))


def _(G, n, edges, root):
    for p, s in edges[n]:
        G[p] += s


put("02.5", "G ignored")(b25(_))


def _(G, n, edges, root):
    for p, s in edges[n]:
        G[p] += s * G[root]


put("02.5", "G of the root")(b25(_))


def _(G, n, edges, root):
    for p, s in edges[n]:
        G[p] = max(G[p], s * G[n])


put("02.5", "largest path")(b25(_))


@put("02.5", "slice without root")
def _(edges, order, root):
    G = {n: 0.0 for n in order}
    G[root] = 1.0
    for n in reversed(order[:-1]):
        for p, s in edges[n]:
            G[p] += s * G[n]
    return G


@put("02.6", "total over own prefix")
def _(slopes):
    c = np.cumprod(slopes)
    return c[::-1]


@put("02.6", "cumprod reversed not shifted")
def _(slopes):
    return np.cumprod(slopes[::-1])[::-1]


@put("02.6", "shifted wrong way")
def _(slopes):
    return np.append(1.0, np.cumprod(slopes[::-1])[:-1])


@put("02.6", "divides")
def _(slopes):
    c = np.cumprod(slopes)
    with np.errstate(all="ignore"):
        return c[-1] / c


@put("02.6", "last 0")
def _(slopes):
    d = np.zeros(len(slopes))
    r = 1.0
    for k in range(len(slopes) - 1, 0, -1):
        r = r * slopes[k]
        d[k - 1] = r
    return d


put("02.7", "first consumer only")(lambda dz, W, z: W[:, 0] * dz[0])
put("02.7", "sums W")(lambda dz, W, z: W.sum(axis=1))
put("02.7", "slope at z not dz")(lambda dz, W, z: W @ (sig(z) * (1 - sig(z))))
put("02.7", "sum times sum")(lambda dz, W, z: W.sum(axis=1) * dz.sum())
put("02.7", "sigmoid")(lambda dz, W, z: W @ (dz * sig(z)))
put("02.8", "both slopes dy")(lambda z, t: (lambda y: ((y - t), (y - t) * y))(sig(z)))
put("02.8", "t-y")(lambda z, t: (lambda y: ((t - y), (t - y) * y * (1 - y)))(sig(z)))
put("02.8", "slope 1-y^2")(lambda z, t: (lambda y: ((y - t), (y - t) * (1 - y * y)))(sig(z)))
put("02.8", "two")(lambda z, t: (lambda y: (2 * (y - t), 2 * (y - t) * y * (1 - y)))(sig(z)))
put("02.8", "sigmoid of y")(
    lambda z, t: (lambda y: ((y - t), (y - t) * sig(y) * (1 - sig(y))))(sig(z))
)
put("02.8", "bce")(lambda z, t: (lambda y: ((y - t) / (y * (1 - y)), (y - t)))(sig(z)))


# 03
def s31(f):
    def g():
        x, w = -0.4, 1.5
        z = x * w + w
        y = math.tanh(z)
        d = 1 - y * y
        return tuple(round(v, 4) for v in f(x, w, z, y, d))

    return g


put("03.1", "1-y")(s31(lambda x, w, z, y, d: ((1 - y) * w, (1 - y) * (x + 1))))
put("03.1", "d of z")(s31(lambda x, w, z, y, d: ((1 - z * z) * w, (1 - z * z) * (x + 1))))
put("03.1", "x w swapped")(s31(lambda x, w, z, y, d: (d * (x + 1), d * w)))
put("03.1", "x for 1")(s31(lambda x, w, z, y, d: (d * w, d * 2 * x)))
put("03.1", "w+1")(s31(lambda x, w, z, y, d: (d * (w + 1), d * (x + 1))))
put("03.1", "forward only xw")(
    lambda: (lambda y: (round((1 - y * y) * 1.5, 4), round((1 - y * y) * 0.6, 4)))(math.tanh(-0.6))
)
put("03.2", "inverse")(lambda a, b: (math.log(b) / a, -math.log(a) / (b * math.log(b) ** 2)))
put("03.2", "quotient unsquared times")(
    lambda a, b: (
        math.log(b) / (a * math.log(b) ** 2) * math.log(b),
        -math.log(a) / (b * math.log(b) ** 2),
    )
)
put("03.2", "a for ln a")(lambda a, b: (1 / (a * math.log(b)), -a / (b * math.log(b) ** 2)))
put("03.2", "b squared")(
    lambda a, b: (1 / (a * math.log(b)), -math.log(a) / (b**2 * math.log(b) ** 2))
)
put("03.2", "log10")(
    lambda a, b: (1 / (a * math.log10(b)), -math.log10(a) / (b * math.log10(b) ** 2))
)
put("03.2", "1/b - form")(
    lambda a, b: (1 / (a * math.log(b)), (1 / a - math.log(a) / b) / math.log(b) ** 2)
)
put("03.3", "grad kept in u too")(lambda: (-3.0, -0.75, 1.5 + 0.75)) if False else None
put("03.3", "y resets")(lambda: (-3.0, 2.25, 4.5))
put("03.3", "z without product rule")(lambda: (-3.0, -2.25, 0.75))
put("03.3", "doubles")(lambda: (-3.0, -0.75, 4.5))


def t34(step):
    def f(w, x, t, lr, steps):
        for k in range(steps):
            w = step(w, x, t, lr, k)
        return float(w)

    return f


put("03.4", "sgd one sample")(
    t34(lambda w, x, t, lr, k: w - lr * (w * x[k % 5] - t[k % 5]) * x[k % 5])
)


@put("03.4", "through all samples")
def _(w, x, t, lr, steps):
    for _ in range(steps):
        for i in range(5):
            w = w - lr * (w * x[i] - t[i]) * x[i]
    return float(w)


put("03.4", "t times x wrong")(t34(lambda w, x, t, lr, k: w - lr * np.mean(w * x - t * x)))
put("03.4", "err times w")(t34(lambda w, x, t, lr, k: w - lr * np.mean((w * x - t) * w)))
put("03.4", "mean of x outside")(
    t34(lambda w, x, t, lr, k: w - lr * np.mean(w * x - t) * np.mean(x))
)
put("03.4", "lr decays")(t34(lambda w, x, t, lr, k: w - lr / (k + 1) * np.mean((w * x - t) * x)))


@put("03.4", "grad from first w")
def _(w, x, t, lr, steps):
    g = np.mean((w * x - t) * x)
    for _ in range(steps):
        w = w - lr * g
    return w


@put("03.4", "zeroed after add lost, one step short")
def _(w, x, t, lr, steps):
    g = 0.0
    for _ in range(steps):
        w = w - lr * g
        g = np.mean((w * x - t) * x)
    return w


def m35(f):
    def g(x, t, w1, b1, w2, b2, w3, b3):
        z1 = w1 * x + b1
        h1 = max(z1, 0)
        z2 = w2 * h1 + b2
        h2 = max(z2, 0)
        y = w3 * h2 + b3
        dy = y - t
        m1 = float(z1 > 0)
        m2 = float(z2 > 0)
        return f(x, w2, w3, z1, h1, z2, h2, y, dy, m1, m2)

    return g


put("03.5", "second mask lost")(
    m35(
        lambda x, w2, w3, z1, h1, z2, h2, y, dy, m1, m2: (
            dy * w3 * w2 * m1 * x,
            dy * w3 * w2 * m1,
            dy * w3 * h1,
            dy * w3,
            dy * h2,
            dy,
        )
    )
)
put("03.5", "first mask lost")(
    m35(
        lambda x, w2, w3, z1, h1, z2, h2, y, dy, m1, m2: (
            dy * w3 * m2 * w2 * x,
            dy * w3 * m2 * w2,
            dy * w3 * m2 * h1,
            dy * w3 * m2,
            dy * h2,
            dy,
        )
    )
)
put("03.5", "masks exchanged")(
    m35(
        lambda x, w2, w3, z1, h1, z2, h2, y, dy, m1, m2: (
            dy * w3 * m1 * w2 * m2 * x,
            dy * w3 * m1 * w2 * m2,
            dy * w3 * m1 * h1,
            dy * w3 * m1,
            dy * h2,
            dy,
        )
    )
)
put("03.5", "mask on y")(
    m35(
        lambda x, w2, w3, z1, h1, z2, h2, y, dy, m1, m2: (
            lambda d: (
                d * w3 * m2 * w2 * m1 * x,
                d * w3 * m2 * w2 * m1,
                d * w3 * m2 * h1,
                d * w3 * m2,
                d * h2,
                d,
            )
        )(dy * (y > 0))
    )
)
put("03.5", "dz2 without w3")(
    m35(
        lambda x, w2, w3, z1, h1, z2, h2, y, dy, m1, m2: (
            dy * m2 * w2 * m1 * x,
            dy * m2 * w2 * m1,
            dy * m2 * h1,
            dy * m2,
            dy * h2,
            dy,
        )
    )
)
put("03.5", "z1 for h1")(
    m35(
        lambda x, w2, w3, z1, h1, z2, h2, y, dy, m1, m2: (
            dy * w3 * m2 * w2 * m1 * x,
            dy * w3 * m2 * w2 * m1,
            dy * w3 * m2 * z1,
            dy * w3 * m2,
            dy * h2,
            dy,
        )
    )
)
put("03.5", "w1 by h1")(
    m35(
        lambda x, w2, w3, z1, h1, z2, h2, y, dy, m1, m2: (
            dy * w3 * m2 * w2 * m1 * h1,
            dy * w3 * m2 * w2 * m1,
            dy * w3 * m2 * h2,
            dy * w3 * m2,
            dy * y,
            dy,
        )
    )
)


def me(f2):
    def f(f, g, x, h):
        n = []
        for j in range(len(x)):
            e = np.zeros(len(x))
            e[j] = h
            n.append((f(x + e) - f(x - e)) / (2 * h))
        return float(f2(np.array(n), g))

    return f


put("03.6", "squared")(me(lambda n, g: ((n - g) ** 2).max()))
put("03.6", "norm")(me(lambda n, g: np.linalg.norm(n - g)))
put("03.6", "mean")(me(lambda n, g: np.abs(n - g).mean()))
put("03.6", "difference of the largest")(me(lambda n, g: abs(np.abs(n).max() - np.abs(g).max())))
put("03.6", "min")(me(lambda n, g: np.abs(n - g).min()))
put("03.6", "largest without abs first")(me(lambda n, g: abs((n - g).max())))
put("03.6", "last")(me(lambda n, g: abs(n[-1] - g[-1])))
ex = lambda z: np.exp(np.minimum(z, 0))
put("03.7", "exp minus 1 plus a lost")(lambda z, a, G: np.where(z > 0, 1.0, ex(z) * a + a) * G)
put("03.7", "G lost below")(lambda z, a, G: np.where(z > 0, G, a * ex(z)))
put("03.7", "G lost above")(lambda z, a, G: np.where(z > 0, 1.0, a * ex(z) * G))
put("03.7", "a everywhere")(lambda z, a, G: np.where(z > 0, a, a * ex(z)) * G)
put("03.7", "exp(az)")(lambda z, a, G: np.where(z > 0, 1.0, a * np.exp(a * np.minimum(z, 0))) * G)
put("03.7", "z e^z")(lambda z, a, G: np.where(z > 0, 1.0, a * z * ex(z)) * G)
put("03.7", "elu times G")(lambda z, a, G: np.where(z > 0, z, a * (ex(z) - 1)) * G)
put("03.7", "exp(-z)")(
    lambda z, a, G: (
        np.where(
            z > 0, 1.0, a * np.exp(-np.abs(z) * 0 - np.minimum(-z, 700) * 0 + np.minimum(z, 0) * 2)
        )
        * G
    )
)


def la(f):
    def g(a, b):
        m = max(a, b)
        ea = math.exp(a - m)
        eb = math.exp(b - m)
        return f(a, b, m, ea, eb)

    return g


put("03.8", "half half")(la(lambda a, b, m, ea, eb: (m + math.log(ea + eb), 0.5, 0.5)))
put("03.8", "y minus m")(
    la(lambda a, b, m, ea, eb: (math.log(ea + eb) - m, ea / (ea + eb), eb / (ea + eb)))
)
put("03.8", "1/(..)")(
    la(lambda a, b, m, ea, eb: (m + math.log(ea + eb), 1 / (ea + eb), 1 / (ea + eb)))
)
put("03.8", "product")(
    la(
        lambda a, b, m, ea, eb: (
            m + math.log(ea + eb),
            ea * eb / (ea + eb) ** 2,
            ea * eb / (ea + eb) ** 2,
        )
    )
)
put("03.8", "softplus")(
    la(lambda a, b, m, ea, eb: (m + math.log(1 + eb), ea / (ea + eb), eb / (ea + eb)))
)
put("03.8", "a over")(
    la(
        lambda a, b, m, ea, eb: (
            m + math.log(ea + eb),
            a / (a + b) if a + b else 0.0,
            b / (a + b) if a + b else 0.0,
        )
    )
)


def toposweep(f):
    def g(edges, root):
        order = []
        seen = set()
        st = [(root, 0)]
        while st:
            n, d = st.pop()
            if d:
                order.append(n)
                continue
            if n in seen:
                continue
            seen.add(n)
            st.append((n, 1))
            for p, _s in edges[n]:
                if p not in seen:
                    st.append((p, 0))
        return f(edges, root, order)

    return g


def sweep(G, order, edges, add):
    for n in reversed(order):
        for p, s in edges[n]:
            add(G, p, s, n)
    return G


def setit(G, p, s, n):
    G[p] = s * G[n]


put("03.9", "=")(
    toposweep(
        lambda edges, root, order: sweep(
            {**{n: 0.0 for n in order}, root: 1.0}, order, edges, setit
        )
    )
)


def add(G, p, s, n):
    G[p] = G.get(p, 0) + s * G[n]


put("03.9", "zero for the rest")(
    toposweep(
        lambda edges, root, order: {
            **{n: 0.0 for n in edges},
            **sweep({**{n: 0.0 for n in order}, root: 1.0}, order, edges, add),
        }
    )
)
put("03.9", "without root")(
    toposweep(
        lambda edges, root, order: {
            k: v
            for k, v in sweep({**{n: 0.0 for n in order}, root: 1.0}, order, edges, add).items()
            if k != root
        }
    )
)
put("03.9", "leaves only")(
    toposweep(
        lambda edges, root, order: {
            k: v
            for k, v in sweep({**{n: 0.0 for n in order}, root: 1.0}, order, edges, add).items()
            if not edges[k]
        }
    )
)
put("03.9", "zeros dropped")(
    toposweep(
        lambda edges, root, order: {
            k: v
            for k, v in sweep({**{n: 0.0 for n in order}, root: 1.0}, order, edges, add).items()
            if v
        }
    )
)
put("03.9", "forward")(
    toposweep(
        lambda edges, root, order: sweep(
            {**{n: 0.0 for n in order}, root: 1.0}, order[::-1], edges, add
        )
    )
)


def _(edges, root):
    G = {root: 1.0}
    st = [root]
    while st:
        n = st.pop()
        for p, s in edges[n]:
            if p not in G:
                st.append(p)
                G[p] = 0.0
            G[p] += s * G[n]
    return G


put("03.9", "dfs stack, first met")(_)
# 04
X4 = np.array([[2, -1], [0.5, 3], [1, 1.5]])
w4 = np.array([-2.0, 3])
G4 = np.array([1.0, -4, 2])
put("04.1", "dX by w only")(lambda: ([2.0, -10.0], -1.0, [[-2.0, 3]] * 3))
put("04.1", "dX with b")(lambda: ([2.0, -10.0], -1.0, (np.outer(G4, w4) + 0.5).tolist()))
put("04.1", "dw from Y")(lambda: (((X4 @ w4 + 0.5) @ X4).tolist(), -1.0, np.outer(G4, w4).tolist()))
put("04.1", "db abs sum")(lambda: ([2.0, -10.0], 7.0, np.outer(G4, w4).tolist()))
put("04.1", "db b times")(lambda: ([2.0, -10.0], -0.5, np.outer(G4, w4).tolist()))
put("04.1", "dX elementwise X")(lambda: ([2.0, -10.0], -1.0, (G4[:, None] * X4).tolist()))
put("04.2", "sum rows")(lambda G, X, W: (np.outer(G.sum(0), X.sum(0)), G @ W))
put("04.2", "mean rows")(lambda G, X, W: (np.outer(G.sum(0), X.mean(0)), G @ W))
put("04.2", "Y for G")(lambda G, X, W: ((X @ W.T).T @ X, G @ W))
put("04.2", "dX sums")(lambda G, X, W: (G.T @ X, np.tile(G.sum(0) @ W, (len(X), 1))))
put("04.2", "dX from dW")(lambda G, X, W: (G.T @ X, G @ (G.T @ X)))
put("04.2", "abs")(lambda G, X, W: (abs(G.T) @ X, abs(G) @ W))
put("04.2", "both over n")(lambda G, X, W: (G.T @ X / len(X), G @ W / len(X)))


def axes(G, shape):
    return tuple(
        i for i in range(G.ndim) if i < G.ndim - len(shape) or shape[i - (G.ndim - len(shape))] == 1
    )


put("04.3", "repeat sums over only last one")(
    lambda G, shape: (
        np.reshape(G.sum(axis=axes(G, shape)[-1:]), shape)
        if len(axes(G, shape)) == 1
        else G.sum(axis=axes(G, shape)[-1:])
    )
)
put("04.3", "keepdims in front stays")(lambda G, shape: G.sum(axis=axes(G, shape), keepdims=True))
put("04.3", "all summed")(lambda G, shape: np.full(shape, G.sum()))
put("04.3", "first entry")(
    lambda G, shape: np.reshape(
        G[tuple(0 if i in axes(G, shape) else slice(None) for i in range(G.ndim))], shape
    )
)
put("04.3", "divided by copies in front")(
    lambda G, shape: (
        np.reshape(G.sum(axis=axes(G, shape)), shape)
        / max(1, int(np.prod(G.shape[: G.ndim - len(shape)])))
    )
)
put("04.4", "n lost in second")(lambda n, i, o: (n * o * n * i, o * i))
put("04.4", "output only diag")(lambda n, i, o: (n * o * n * i, n * o))
put("04.4", "sum not product")(lambda n, i, o: (n * o * n * i, n * (i + o)))
put("04.4", "n once")(lambda n, i, o: (n * o * i, n * o * i))
put("04.4", "n squared in both")(lambda n, i, o: (n * o * n * i, n * n * o * i // n * n))


def lb(f):
    def g(G, X, W, b):
        Z = X @ W + b
        H = relu(Z)
        D = G * (Z > 0)
        return f(G, X, W, b, Z, H, D)

    return g


put("04.5", "mask of G")(
    lb(lambda G, X, W, b, Z, H, D: (X.T @ (G * (G > 0)), (G * (G > 0)).sum(0), (G * (G > 0)) @ W.T))
)
put("04.5", "H for X")(lb(lambda G, X, W, b, Z, H, D: (X.T @ H, D.sum(0), D @ W.T)))
put("04.5", "dX by X")(lb(lambda G, X, W, b, Z, H, D: (X.T @ D, D.sum(0), (D @ W.T) * X)))
put("04.5", "db ones")(
    lb(lambda G, X, W, b, Z, H, D: (X.T @ D, (Z > 0).sum(0).astype(float), D @ W.T))
)
put("04.5", "mask after sum")(
    lb(lambda G, X, W, b, Z, H, D: (X.T @ D, G.sum(0) * (Z.sum(0) > 0), D @ W.T))
)
put("04.5", "mask any")(
    lb(lambda G, X, W, b, Z, H, D: (lambda D: (X.T @ D, D.sum(0), D @ W.T))(G * (Z > 0).any(0)))
)
put("04.5", "Z as mask")(
    lb(lambda G, X, W, b, Z, H, D: (lambda D: (X.T @ D, D.sum(0), D @ W.T))(G * Z))
)
put("04.5", "G lost")(
    lb(lambda G, X, W, b, Z, H, D: (lambda D: (X.T @ D, D.sum(0), D @ W.T))((Z > 0) * 1.0))
)
put("04.5", "two: no mask and mean")(
    lb(lambda G, X, W, b, Z, H, D: (X.T @ G / len(X), G.mean(0), G @ W.T))
)
put("04.5", "dW masked by W")(
    lb(lambda G, X, W, b, Z, H, D: ((X.T @ G) * (W > 0), D.sum(0), D @ W.T))
)
put("04.6", "delta mean first")(
    lambda W, X, d, lr: W - lr * X.T @ np.full_like(d, d.mean()) / len(X)
)
put("04.6", "sample 0")(lambda W, X, d, lr: W - lr * X[:1].T @ d[:1])
put("04.6", "one after the other")(
    lambda W, X, d, lr: W - lr * sum(X[i][:, None] * d[i] for i in range(len(X)))
)
put("04.6", "root n")(lambda W, X, d, lr: W - lr * X.T @ d / np.sqrt(len(X)))
put("04.6", "W scaled")(lambda W, X, d, lr: W * (1 - lr) - lr * X.T @ d / len(X))
put("04.6", "returns grad step")(lambda W, X, d, lr: lr * X.T @ d / len(X))
put("04.6", "n squared")(lambda W, X, d, lr: W - lr * X.T @ d / len(X) ** 2)


def tv(f):
    def g(G, idx, shape):
        T = np.zeros(shape)
        for r, i in enumerate(idx):
            f(T, G, r, i)
        return T

    return g


def _(T, G, r, i):
    T[i] = np.maximum(T[i], G[r])


put("04.7", "max")(tv(_))


def _(T, G, r, i):
    T[i] += G[i % len(G)]


put("04.7", "G at idx")(tv(_))


def _(T, G, r, i):
    T[i] += 1


put("04.7", "counts")(tv(_))


def _(T, G, r, i):
    T[: i + 1] += G[r]


put("04.7", "all up to")(tv(_))


def _(T, G, r, i):
    T[-i - 1] += G[r]


put("04.7", "from the end")(tv(_))


def _(T, G, r, i):
    T[i] -= G[r]


put("04.7", "minus")(tv(_))


def rv(f):
    def g(G, X):
        d = np.zeros_like(X)
        n = len(X)
        r = np.arange(n)
        f(d, G, X, r, X.argmax(1), X.argmin(1))
        return d

    return g


def _(d, G, X, r, a, b):
    d[r, a] += 1
    d[r, b] -= 1


put("04.8", "G lost")(rv(_))


def _(d, G, X, r, a, b):
    d[r, b] += G
    d[r, a] -= G


put("04.8", "turned")(rv(_))


def _(d, G, X, r, a, b):
    d[r, a] += G * X.max(1)
    d[r, b] -= G * X.min(1)


put("04.8", "times value")(rv(_))


def _(d, G, X, r, a, b):
    d[r, -1] += G
    d[r, 0] -= G


put("04.8", "ends of the row")(rv(_))


def _(d, G, X, r, a, b):
    d[:, X.max(0).argmax()] += G
    d[:, X.min(0).argmin()] -= G


put("04.8", "global column")(rv(_))


def _(d, G, X, r, a, b):
    d[r, a] += G / 2
    d[r, b] -= G / 2


put("04.8", "shared")(rv(_))
put("04.9", "hidden only")(
    lambda n, w: (n * sum(w[1:-1]), sum(a * b + b for a, b in zip(w, w[1:])))
)
put("04.9", "one bias a layer")(lambda n, w: (n * sum(w), sum(a * b + 1 for a, b in zip(w, w[1:]))))
put("04.9", "n lost")(lambda n, w: (sum(w), sum(a * b + b for a, b in zip(w, w[1:]))))
put("04.9", "biases of all")(
    lambda n, w: (n * sum(w), sum(a * b for a, b in zip(w, w[1:])) + sum(w))
)
put("04.9", "exchanged")(lambda n, w: (sum(a * b + b for a, b in zip(w, w[1:])), n * sum(w)))
put("04.9", "z counted too")(
    lambda n, w: (n * (sum(w) + sum(w[1:])), sum(a * b + b for a, b in zip(w, w[1:])))
)
put("04.10", "G minus sum P")(lambda G, P: P * (G - P.sum(1, keepdims=True)))
put("04.10", "column sums")(lambda G, P: P * (G - (G * P).sum(0)))
put("04.10", "plus")(lambda G, P: P * (G + (G * P).sum(1, keepdims=True)))
put("04.10", "sum not multiplied by P")(lambda G, P: P * G - (G * P).sum(1, keepdims=True))
put("04.10", "P squared")(lambda G, P: P * G - P**2 * G.sum(1, keepdims=True))
put("04.10", "off-diagonal only")(
    lambda G, P: -P * (G @ np.ones((P.shape[1], 1)) * 0 + ((G * P).sum(1, keepdims=True) - G * P))
)
put("04.10", "by one row's jacobian")(lambda G, P: G @ (np.diag(P[0]) - np.outer(P[0], P[0])))
put("04.10", "not 1-P for others")(lambda G, P: G * P * (1 - P) + 0 * G) if False else None
put("04.11", "delta summed")(lambda X, D: X[:, :, None] * D.sum(0)[None, None, :])
put("04.11", "mean x")(lambda X, D: X.mean(0)[None, :, None] * D[:, None, :])
put("04.11", "cumulated")(lambda X, D: np.cumsum(X[:, :, None] * D[:, None, :], 0))
put("04.11", "reshaped")(
    lambda X, D: np.stack([np.outer(d, x).reshape(len(x), len(d)) for x, d in zip(X, D)])
)
put("04.11", "added")(lambda X, D: X[:, :, None] + D[:, None, :])


# 05
def col(f, bf):
    def g(Ws, bs):
        W = np.eye(len(Ws[0]))
        b = np.zeros(len(bs[0]))
        for w, cc in zip(Ws, bs):
            b = bf(W, b, w, cc)
            W = f(W, w)
        return W, b

    return g


I = lambda w: np.eye(len(w))
put("05.2", "sum of maps")(col(lambda W, w: W + w, lambda W, b, w, c: b @ (w + I(w)) + c))
put("05.2", "shortcut of b lost")(col(lambda W, w: W @ (w + I(w)), lambda W, b, w, c: b @ w + c))
put("05.2", "b by whole W")(
    col(lambda W, w: W @ (w + I(w)), lambda W, b, w, c: b + c @ (W @ (w + I(w))))
)
put("05.2", "b twice")(col(lambda W, w: W @ (w + I(w)), lambda W, b, w, c: (b + c) @ (w + I(w))))
put("05.2", "shortcut doubled")(
    col(lambda W, w: W @ (w + 2 * I(w)), lambda W, b, w, c: b @ (w + 2 * I(w)) + c)
)
put("05.2", "shortcut from input")(
    lambda Ws, bs: (lambda r: (r[0] + np.eye(len(r[0])), r[1]))(
        (
            lambda: (
                __import__("functools").reduce(lambda a, w: a @ w, Ws),
                __import__("functools").reduce(
                    lambda b, wc: b @ wc[0] + wc[1], zip(Ws, bs), np.zeros(len(bs[0]))
                ),
            )
        )()
    )
)
put("05.2", "reversed lists")(
    lambda Ws, bs: col(lambda W, w: W @ (w + I(w)), lambda W, b, w, c: b @ (w + I(w)) + c)(
        Ws[::-1], bs[::-1]
    )
)


def wid(n):
    def f(d_in, d_out, hidden, budget):
        h = 1
        while n(h + 1, d_in, d_out, hidden) <= budget:
            h += 1
        return h

    return f


put("05.3", "output bias lost")(wid(lambda h, i, o, k: i * h + h + (k - 1) * (h * h + h) + h * o))
put("05.3", "input bias lost")(wid(lambda h, i, o, k: i * h + (k - 1) * (h * h + h) + h * o + o))
put("05.3", "hidden bias lost")(wid(lambda h, i, o, k: i * h + h + (k - 1) * h * h + h * o + o))
put("05.3", "input has biases")(
    wid(lambda h, i, o, k: i * h + h + i + (k - 1) * (h * h + h) + h * o + o)
)
put("05.3", "one layer only")(wid(lambda h, i, o, k: i * h + h + h * o + o))
put("05.3", "sqrt guess")(lambda i, o, k, B: max(1, int(math.sqrt(B / max(k, 1)))))


def dl(step):
    def f(delta, Ws, zs):
        out = [delta]
        for l in range(len(zs) - 1, -1, -1):
            out.insert(0, step(out[0], Ws, zs, l))
        return out

    return f


put("05.4", "tanh itself")(dl(lambda d, Ws, zs, l: d @ Ws[l + 1].T * np.tanh(zs[l])))
put("05.4", "relu mask")(dl(lambda d, Ws, zs, l: d @ Ws[l + 1].T * (zs[l] > 0)))
put("05.4", "slope squared twice")(
    dl(lambda d, Ws, zs, l: d @ Ws[l + 1].T * (1 - np.tanh(zs[l]) ** 2) ** 2)
)
put("05.4", "1+")(dl(lambda d, Ws, zs, l: d @ Ws[l + 1].T * (1 + np.tanh(zs[l]) ** 2)))
put("05.4", "tanh of square")(dl(lambda d, Ws, zs, l: d @ Ws[l + 1].T * (1 - np.tanh(zs[l] ** 2))))
put("05.4", "always from the output")(
    lambda delta, Ws, zs: [
        *(
            (
                delta @ Ws[-1].T * (1 - np.tanh(z) ** 2)
                if z.shape[1] == Ws[-1].shape[0]
                else np.zeros_like(z)
            )
            for z in zs
        ),
        delta,
    ]
)
put("05.4", "delta also masked")(
    lambda delta, Ws, zs: dl(lambda d, Ws, zs, l: d @ Ws[l + 1].T * (1 - np.tanh(zs[l]) ** 2))(
        delta * (1 - np.tanh(delta) ** 2), Ws, zs
    )
)
put("05.4", "mean over batch")(
    dl(lambda d, Ws, zs, l: d @ Ws[l + 1].T * (1 - np.tanh(zs[l]) ** 2) / len(d))
)
put("05.4", "without last")(
    lambda delta, Ws, zs: dl(lambda d, Ws, zs, l: d @ Ws[l + 1].T * (1 - np.tanh(zs[l]) ** 2))(
        delta, Ws, zs
    )[:-1]
)


def g5(f):
    def g(x, t, W1, b1, W2, b2):
        h = np.tanh(x @ W1 + b1)
        y = np.tanh(h @ W2 + b2)
        e = y - t
        d2 = e * (1 - y * y)
        d1 = (W2 @ d2) * (1 - h * h)
        return f(x, t, W1, b1, W2, b2, h, y, e, d2, d1)

    return g


put("05.5", "dW2 with z")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            np.outer(x, d1),
            d1,
            np.outer(x @ W1 + b1, d2),
            d2,
        )
    )
)
put("05.5", "db averaged")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            np.outer(x, d1),
            np.full_like(d1, d1.mean()),
            np.outer(h, d2),
            d2,
        )
    )
)
put("05.5", "e for d2 in hidden")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2)
        )((W2 @ e) * (1 - h * h))
    )
)
put("05.5", "relu slope in hidden")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2)
        )((W2 @ d2) * (h > 0))
    )
)
put("05.5", "sigmoid slopes")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            lambda d2: (lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2))(
                (W2 @ d2) * h * (1 - h)
            )
        )(e * y * (1 - y))
    )
)
put("05.5", "two: slope of output lost and t-y")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            lambda d2: (lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2))(
                (W2 @ d2) * (1 - h * h)
            )
        )(t - y)
    )
)
put("05.5", "two: 2 and hidden slope at h")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            lambda d2: (lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2))(
                (W2 @ d2) * (1 - np.tanh(h) ** 2)
            )
        )(2 * d2)
    )
)
put("05.5", "W updated first")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            lambda W2: (lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2))(
                (W2 @ d2) * (1 - h * h)
            )
        )(W2 - np.outer(h, d2))
    )
)
put("05.5", "db2 with slope again")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            np.outer(x, d1),
            d1,
            np.outer(h, d2),
            d2 * (1 - y * y),
        )
    )
)
put("05.6", "n twice")(lambda z, t: 2 * (sig(z) - t) * sig(z) * (1 - sig(z)) / len(z) ** 2)
put("05.6", "mean")(lambda z, t: np.full_like(z, np.mean(2 * (sig(z) - t) * sig(z) * (1 - sig(z)))))
put("05.6", "z minus t")(lambda z, t: 2 * (z - t) * sig(z) * (1 - sig(z)) / len(z))
put("05.6", "slope of sigmoid of y")(
    lambda z, t: (lambda y: 2 * (y - t) * sig(y) * (1 - sig(y)) / len(z))(sig(z))
)
put("05.6", "half and slope")(lambda z, t: (sig(z) - t) * sig(z) * (1 - sig(z)) / (2 * len(z)))
put("05.6", "plus")(lambda z, t: 2 * (sig(z) + t) * sig(z) * (1 - sig(z)) / len(z))
put("05.6", "exp form wrong")(
    lambda z, t: 2 * (sig(z) - t) * np.exp(-z) / (1 + np.exp(-z)) / len(z)
)
put("05.6", "error squared kept")(lambda z, t: (sig(z) - t) ** 2 * sig(z) * (1 - sig(z)) / len(z))
put("05.7", "b1 lost")(lambda X, W1, b1, W2, b2: relu(X @ W1) @ W2 + b2)
put("05.7", "b2 lost")(lambda X, W1, b1, W2, b2: relu(X @ W1 + b1) @ W2)
put("05.7", "relu of W")(lambda X, W1, b1, W2, b2: (X @ relu(W1) + b1) @ W2 + b2)
put("05.7", "relu of X")(lambda X, W1, b1, W2, b2: (relu(X) @ W1 + b1) @ W2 + b2)
put("05.7", "leaky")(
    lambda X, W1, b1, W2, b2: np.where(X @ W1 + b1 > 0, X @ W1 + b1, 0.01 * (X @ W1 + b1)) @ W2 + b2
)
put("05.7", "min")(lambda X, W1, b1, W2, b2: np.minimum(X @ W1 + b1, 0) @ W2 + b2)
put("05.7", "step")(lambda X, W1, b1, W2, b2: (X @ W1 + b1 > 0) @ W2 + b2)
put("05.7", "max over units")(
    lambda X, W1, b1, W2, b2: (lambda z: np.maximum(z, z.max() * 0 + z.mean()) @ W2 + b2)(
        X @ W1 + b1
    )
)
put("05.7", "row silenced as a whole")(
    lambda X, W1, b1, W2, b2: (lambda z: (z * (z.sum(1, keepdims=True) > 0)) @ W2 + b2)(X @ W1 + b1)
)


def ft(e):
    def f(X, t, w, b, lr, steps):
        w = w.copy()
        for k in range(steps):
            w, b = e(X, t, w, b, lr, k)
        return w, b

    return f


def gr(X, t, w, b):
    y = np.tanh(X @ w + b)
    d = 2 * (y - t) * (1 - y * y) / len(X)
    return y, d


put("05.8", "adds")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w + lr * X.T @ d, b + lr * d.sum()))(
            gr(X, t, w, b)[1]
        )
    )
)
put("05.8", "b mean of mean")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b - lr * d.mean()))(
            gr(X, t, w, b)[1]
        )
    )
)
put("05.8", "b not trained")(
    ft(lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b))(gr(X, t, w, b)[1]))
)
put("05.8", "w not trained")(
    ft(lambda X, t, w, b, lr, k: (lambda d: (w, b - lr * d.sum()))(gr(X, t, w, b)[1]))
)
put("05.8", "linear neuron")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b - lr * d.sum()))(
            2 * (X @ w + b - t) / len(X)
        )
    )
)
put("05.8", "slope at output of tanh")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b - lr * d.sum()))(
            (lambda y: 2 * (y - t) * (1 - np.tanh(y) ** 2) / len(X))(np.tanh(X @ w + b))
        )
    )
)
put("05.8", "b left out forward")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b - lr * d.sum()))(
            (lambda y: 2 * (y - t) * (1 - y * y) / len(X))(np.tanh(X @ w))
        )
    )
)


@put("05.8", "sample by sample")
def _(X, t, w, b, lr, steps):
    w = w.copy()
    for _ in range(steps):
        for i in range(len(X)):
            y = math.tanh(X[i] @ w + b)
            d = 2 * (y - t[i]) * (1 - y * y)
            w = w - lr * d * X[i]
            b = b - lr * d
    return w, b


put("05.8", "gradient of first point")(
    lambda X, t, w, b, lr, steps: (lambda d: (w - steps * lr * X.T @ d, b - steps * lr * d.sum()))(
        gr(X, t, w, b)[1]
    )
)
put("05.8", "divided by w's length")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b - lr * d.sum()))(
            gr(X, t, w, b)[1] * len(X) / X.shape[1]
        )
    )
)
put("05.8", "one step more")(
    lambda X, t, w, b, lr, steps: ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b - lr * d.sum()))(
            gr(X, t, w, b)[1]
        )
    )(X, t, w, b, lr, steps + 1)
)


def bk(
    start=lambda y, t: (y - t) / len(t),
    dW=lambda h, d: h.T @ d,
    db=lambda d: d.sum(0),
    back=lambda d, Ws, bs, zs, hs, l: d @ Ws[l].T * (zs[l - 1] > 0),
):
    def f(X, t, Ws, bs):
        h = [X]
        zs = []
        for l, (W, b) in enumerate(zip(Ws, bs)):
            z = h[-1] @ W + b
            zs.append(z)
            h.append(relu(z) if l < len(Ws) - 1 else z)
        d = start(h[-1], t)
        a = []
        c = []
        for l in range(len(Ws) - 1, -1, -1):
            a.insert(0, dW(h[l], d))
            c.insert(0, db(d))
            if l:
                d = back(d, Ws, bs, zs, h, l)
        return a, c

    return f


put("05.11", "dW averaged too")(bk(dW=lambda h, d: h.T @ d / len(d)))
put("05.11", "db keepdims")(bk(db=lambda d: d.sum(0, keepdims=True)))
put("05.11", "mask of next layer")(bk(back=lambda d, Ws, bs, zs, h, l: (d * (zs[l] > 0)) @ Ws[l].T))
put("05.11", "tanh slope")(bk(back=lambda d, Ws, bs, zs, h, l: d @ Ws[l].T * (1 - h[l] ** 2)))
put("05.11", "t-y")(bk(start=lambda y, t: (t - y) / len(t)))
put("05.11", "sum over batch in back")(
    bk(
        back=lambda d, Ws, bs, zs, h, l: (
            (d @ Ws[l].T * (zs[l - 1] > 0)).sum(0, keepdims=True) + 0 * zs[l - 1]
        )
    )
)
put("05.11", "weights moved")(
    bk(back=lambda d, Ws, bs, zs, h, l: d @ (Ws[l] - h[l].T @ d).T * (zs[l - 1] > 0))
)
put("05.11", "linear hidden")(
    lambda X, t, Ws, bs: (
        (lambda hs: None)(0)
        or (
            lambda: (
                lambda h: (
                    [h.append(h[-1] @ W + b) for W, b in zip(Ws, bs)]
                    and (
                        lambda d, a, c: (
                            [
                                (
                                    a.insert(0, h[l].T @ d[0]),
                                    c.insert(0, d[0].sum(0)),
                                    d.__setitem__(0, d[0] @ Ws[l].T),
                                )
                                for l in range(len(Ws) - 1, -1, -1)
                            ]
                            and (a, c)
                        )
                    )([(h[-1] - t) / len(t)], [], [])
                )
            )([X])
        )()
    )
)
put("05.11", "lists backwards")(lambda X, t, Ws, bs: tuple(v[::-1] for v in bk()(X, t, Ws, bs)))
put("05.11", "mean over all outputs in start, db mean")(
    bk(start=lambda y, t: (y - t) / t.size, db=lambda d: d.mean(0))
)
# 06
pp = np.array([2.0, 5, 1]) / 8
put("06.1", "log10")(lambda: (round(-math.log10(pp[0]), 4), tuple(np.round(pp - [1, 0, 0], 4))))
put("06.1", "logits normalised")(
    lambda: (lambda q: (round(-math.log(q[0]), 4), tuple(np.round(q - [1, 0, 0], 4))))(
        np.array([math.log(2), math.log(5), 0]) / math.log(10)
    )
)
put("06.1", "p squared")(lambda: (round(-math.log(pp[0]), 4), tuple(np.round(pp * (1 - pp), 4))))
put("06.1", "L without minus")(
    lambda: (round(math.log(pp[0]), 4), tuple(np.round(pp - [1, 0, 0], 4)))
)
put("06.1", "e of 0 is 0")(
    lambda: (lambda q: (round(-math.log(q[0]), 4), tuple(np.round(q - [1, 0, 0], 4))))(
        np.array([2, 5, 0]) / 7
    )
)
put("06.1", "gradient of L/p")(lambda: (round(-math.log(pp[0]), 4), (-4.0, 0.0, 0.0)))
put("06.1", "L times p")(
    lambda: (round(-pp[0] * math.log(pp[0]), 4), tuple(np.round(pp - [1, 0, 0], 4)))
)
put("06.2", "third half")(lambda y, t: (y - t, (y - t) / (2 * y.size), (y - t) / y.size))
put("06.2", "k for N")(lambda y, t: (y - t, (y - t) / y.shape[1], 2 * (y - t) / y.shape[1]))
put("06.2", "t-y")(lambda y, t: (t - y, (t - y) / y.size, 2 * (t - y) / y.size))
put("06.2", "summed")(
    lambda y, t: ((y - t).sum(), (y - t).sum() / y.size, 2 * (y - t).sum() / y.size)
)
put("06.2", "squares")(
    lambda y, t: ((y - t) ** 2, (y - t) ** 2 / y.size, 2 * (y - t) ** 2 / y.size)
)


def ls(Z, ax=1):
    m = Z.max(ax, keepdims=True)
    return Z - m - np.log(np.exp(Z - m).sum(ax, keepdims=True))


at = lambda M, l: M[np.arange(len(l)), l]
put("06.3", "softmax down")(lambda Z, l, w: float((-w[l] * at(ls(Z, 0), l)).sum() / w[l].sum()))
put("06.3", "weights in row order")(
    lambda Z, l, w: float((-np.resize(w, len(l)) * at(ls(Z), l)).sum() / np.resize(w, len(l)).sum())
)
put("06.3", "weights in the sum of exps")(lambda Z, l, w: float(-(at(ls(Z + np.log(w)), l)).mean()))
put("06.3", "plus")(lambda Z, l, w: float((w[l] * at(ls(Z), l)).sum() / w[l].sum()))
put("06.3", "all classes")(lambda Z, l, w: float(-(w * ls(Z)).sum() / w.sum() / len(Z)))
put("06.3", "batch max, log of sum only")(
    lambda Z, l, w: float(
        (w[l] * np.log(np.exp(Z - Z.max(1, keepdims=True)).sum(1))).sum() / w[l].sum()
    )
)
put("06.3", "squared weights")(
    lambda Z, l, w: float((-(w[l] ** 2) * at(ls(Z), l)).sum() / w[l].sum())
)
put("06.3", "label 1 off")(lambda Z, l, w: float((-w[l] * at(ls(Z), l - 1)).sum() / w[l].sum()))
sp = lambda z: np.logaddexp(0, z)
put("06.4", "softplus of z")(lambda z, t: sp(z))
put("06.4", "minus z t lost abs")(lambda z, t: np.abs(z) * (1 - t) + np.log1p(np.exp(-np.abs(z))))
put("06.4", "t as +-1")(lambda z, t: sp(-z * t))
put("06.4", "max lost")(lambda z, t: np.log1p(np.exp(-np.abs(z))) - z * t)
put("06.4", "square loss")(lambda z, t: (sig(np.clip(z, -700, 700)) - t) ** 2)
put("06.4", "log of exp")(
    lambda z, t: -t * np.log(sig(np.clip(z, -30, 30))) - (1 - t) * np.log(sig(-np.clip(z, -30, 30)))
)
put("06.4", "divided by n")(lambda z, t: (sp(z) - z * t) / len(z))
put("06.4", "minus sign")(lambda z, t: z * t - sp(z))
put("06.4", "both labels")(lambda z, t: sp(z) + sp(-z))
put("06.5", "no derivative of inside")(lambda y, t: -t / y + (1 - t) / (1 - y) * -1 * -1 * y)
put("06.5", "logs kept")(lambda y, t: -np.log(y) * t - np.log(1 - y) * (1 - t))
put("06.5", "t y denominators exchanged")(lambda y, t: -t / (1 - y) + (1 - t) / y)
put("06.5", "t-y over")(lambda y, t: (t - y) / (y * (1 - y)))
put("06.5", "mean")(lambda y, t: (y - t) / (y * (1 - y)) / len(y))
put("06.5", "times")(lambda y, t: (y - t) * y * (1 - y))
put("06.5", "squared denominators")(lambda y, t: -t / y**2 + (1 - t) / (1 - y) ** 2)
put("06.6", "sizes' mean")(lambda r, s: float(np.sqrt((r**2 * s).sum() / len(s))))
put("06.6", "root weights")(lambda r, s: float((r * np.sqrt(s)).sum() / np.sqrt(s).sum()))
put("06.6", "sum of squares root")(lambda r, s: float(np.sqrt((r**2).sum())))
put("06.6", "last left out")(
    lambda r, s: float(np.sqrt((r[:-1] ** 2 * s[:-1]).sum() / max(s[:-1].sum(), 1)))
)
put("06.6", "roots as errors")(lambda r, s: float(np.sqrt((r * s).sum() / s.sum())))
put("06.6", "divided n minus 1")(
    lambda r, s: float(np.sqrt((r**2 * s).sum() / max(s.sum() - 1, 1)))
)
pb = lambda e, q: np.maximum(q * e, (q - 1) * e)
put("06.7", "matrix mean with ravel of t wrong")(
    lambda y, t, q: float(pb(t[:, None] - y.T, q).mean())
)
put("06.7", "half abs")(
    lambda y, t, q: float(
        np.where(t - y[:, 0] >= 0, q * (t - y[:, 0]), (q - 1) * (t - y[:, 0])).mean() / 2
    )
)
put("06.7", "q and 1-q exchanged")(lambda y, t, q: float(pb(t - y[:, 0], 1 - q).mean()))
put("06.7", "squares")(
    lambda y, t, q: float(pb(np.sign(t - y[:, 0]) * (t - y[:, 0]) ** 2, q).mean())
)
put("06.7", "median")(lambda y, t, q: float(np.median(pb(t - y[:, 0], q))))
put("06.7", "lower branch 0")(lambda y, t, q: float(np.maximum(q * (t - y[:, 0]), 0).mean()))
put("06.7", "min")(
    lambda y, t, q: float(np.minimum(q * (t - y[:, 0]), (q - 1) * (t - y[:, 0])).mean())
)
put("06.8", "no sign")(
    lambda e, d: np.where(abs(e) <= d, np.sign(e), abs(e) / d)
) if False else None
put("06.8", "the loss")(lambda e, d: np.where(abs(e) <= d, abs(e), (e * e + d * d) / (2 * d)))
put("06.8", "e over 2d")(lambda e, d: np.where(abs(e) <= d, np.sign(e), e / (2 * d)))
put("06.8", "plus d half")(lambda e, d: np.where(abs(e) <= d, np.sign(e), e / d + d / 2))
put("06.8", "branches exchanged")(lambda e, d: np.where(abs(e) > d, np.sign(e), e / d))
put("06.8", "only positive beyond")(lambda e, d: np.where(e <= d, np.sign(e), e / d))
put("06.8", "e inside")(lambda e, d: np.where(abs(e) <= d, e, e / d))
put("06.8", "1 at zero")(lambda e, d: np.where(e >= 0, 1.0, -1.0) * np.maximum(1, abs(e) / d))


def io(f):
    def g(a, b):
        a = np.asarray(a, float)
        b = np.asarray(b, float)
        w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
        h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
        I = w * h
        Sa = (a[2] - a[0]) * (a[3] - a[1])
        Sb = (b[2] - b[0]) * (b[3] - b[1])
        cx = (a[0] + a[2] - b[0] - b[2]) / 2
        cy = (a[1] + a[3] - b[1] - b[3]) / 2
        ew = max(a[2], b[2]) - min(a[0], b[0])
        eh = max(a[3], b[3]) - min(a[1], b[1])
        return float(f(a, b, w, h, I, Sa, Sb, cx, cy, ew, eh))

    return g


put("06.10", "area of the hull")(
    io(
        lambda a, b, w, h, I, Sa, Sb, cx, cy, ew, eh: (
            I / (Sa + Sb - I) - (cx * cx + cy * cy) / (ew * eh)
        )
    )
)
put("06.10", "iou only")(io(lambda a, b, w, h, I, Sa, Sb, cx, cy, ew, eh: I / (Sa + Sb - I)))
put("06.10", "corner distance")(
    io(
        lambda a, b, w, h, I, Sa, Sb, cx, cy, ew, eh: (
            I / (Sa + Sb - I) - ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) / (ew**2 + eh**2)
        )
    )
)
put("06.10", "loss 1-")(
    io(
        lambda a, b, w, h, I, Sa, Sb, cx, cy, ew, eh: (
            1 - I / (Sa + Sb - I) + (cx * cx + cy * cy) / (ew**2 + eh**2)
        )
    )
)
put("06.10", "giou")(
    io(
        lambda a, b, w, h, I, Sa, Sb, cx, cy, ew, eh: (
            I / (Sa + Sb - I) - (ew * eh - (Sa + Sb - I)) / (ew * eh)
        )
    )
)
put("06.10", "rho unsquared")(
    io(
        lambda a, b, w, h, I, Sa, Sb, cx, cy, ew, eh: (
            I / (Sa + Sb - I) - math.hypot(cx, cy) / (ew**2 + eh**2)
        )
    )
)
put("06.10", "intersection diagonal")(
    io(
        lambda a, b, w, h, I, Sa, Sb, cx, cy, ew, eh: (
            I / (Sa + Sb - I) - (cx * cx + cy * cy) / max(w * w + h * h, 1e-9)
        )
    )
)
put("06.10", "dice")(
    io(
        lambda a, b, w, h, I, Sa, Sb, cx, cy, ew, eh: (
            2 * I / (Sa + Sb) - (cx * cx + cy * cy) / (ew**2 + eh**2)
        )
    )
)
put("06.10", "int boxes as w,h")(
    lambda a, b: float(
        (
            lambda a, b: io(
                lambda a, b, w, h, I, Sa, Sb, cx, cy, ew, eh: (
                    I / (Sa + Sb - I) - (cx * cx + cy * cy) / (ew**2 + eh**2)
                )
            )(a, b)
        )(
            np.array([a[0], a[1], a[0] + a[2] * 1.0, a[1] + a[3]]),
            np.array([b[0], b[1], b[0] + b[2] * 1.0, b[1] + b[3]]),
        )
    )
)
pk = lambda lp, tk: np.take_along_axis(lp, tk[:, :, None], 2)[:, :, 0]
put("06.11", "plus")(lambda lp, tk, r: float((pk(lp, tk) * r).sum() / r.sum()))
put("06.11", "exp")(lambda lp, tk, r: float(-(np.exp(pk(lp, tk)) * r).sum() / r.sum()))
put("06.11", "perplexity")(lambda lp, tk, r: float(np.exp(-(pk(lp, tk) * r).sum() / r.sum())))
put("06.11", "sum")(lambda lp, tk, r: float(-(pk(lp, tk) * r).sum()))
put("06.11", "all k")(lambda lp, tk, r: float(-(lp * r[:, :, None]).sum() / r.sum()))
put("06.11", "padding at the end")(
    lambda lp, tk, r: float(
        np.mean(np.concatenate([-pk(lp, tk)[i, : int(r[i].sum())] for i in range(len(r))]))
    )
)
put("06.11", "log again")(
    lambda lp, tk, r: float(-(np.log(-pk(lp, tk) + 1e-300) * r).sum() / r.sum())
)
put("06.11", "padding counted in the middle")(
    lambda lp, tk, r: float(-(pk(lp, tk)).sum() / r.sum())
)
sf = lambda t: np.where(t > 0, t, 1)
put("06.12", "mean")(lambda t, p: float(np.mean(np.where(t > 0, t * np.log(sf(t) / p), 0))))
put("06.12", "abs")(lambda t, p: float(np.sum(np.abs(np.where(t > 0, t * np.log(sf(t) / p), 0)))))
put("06.12", "unweighted")(lambda t, p: float(np.sum(np.where(t > 0, np.log(sf(t) / p), 0))))
put("06.12", "symmetric")(
    lambda t, p: float(np.sum(np.where(t > 0, (t - p) * np.log(sf(t) / p), 0)))
)
put("06.12", "entropy added")(
    lambda t, p: float(-np.sum(np.where(t > 0, t * np.log(sf(t)), 0)) - np.sum(t * np.log(p)))
)
put("06.12", "eps")(lambda t, p: float(np.sum(t * np.log((t + 1e-8) / (p + 1e-8)))))
put("06.12", "t minus p")(
    lambda t, p: float(np.sum(np.where(t > 0, t * np.log(sf(t) / p), 0)) - np.sum(t) + 0.5)
) if False else None
# 07
put("07.2", "lam 2")(
    lambda X, t, lam: (
        lambda Xc: (lambda w: (w, float((t - X @ w).mean())))(
            np.linalg.solve(Xc.T @ Xc + 2 * lam * np.eye(X.shape[1]), Xc.T @ (t - t.mean()))
        )
    )(X - X.mean(0))
)
put("07.2", "b mean t")(
    lambda X, t, lam: (
        lambda Xc: (lambda w: (w, float(t.mean())))(
            np.linalg.solve(Xc.T @ Xc + lam * np.eye(X.shape[1]), Xc.T @ (t - t.mean()))
        )
    )(X - X.mean(0))
)
put("07.2", "lam over n")(
    lambda X, t, lam: (
        lambda Xc: (lambda w: (w, float((t - X @ w).mean())))(
            np.linalg.solve(
                Xc.T @ Xc / len(X) + lam * np.eye(X.shape[1]), Xc.T @ (t - t.mean()) / len(X)
            )
        )
    )(X - X.mean(0))
)
put("07.2", "plain least squares")(
    lambda X, t, lam: (
        lambda Xc: (lambda w: (w, float((t - X @ w).mean())))(
            np.linalg.lstsq(Xc, t - t.mean(), rcond=None)[0]
        )
    )(X - X.mean(0))
)
lo = lambda f: lambda w, b, X, t, lam: f(w, b, X, t, lam, X @ w + b)
put("07.3", "no penalty gradient")(
    lo(
        lambda w, b, X, t, lam, z: (
            float(np.mean(sp(z) - z * t) + lam * np.sum(w**2) / 2),
            X.T @ (sig(z) - t) / len(t),
            float(np.mean(sig(z) - t)),
        )
    )
)
put("07.3", "n lost in gradient")(
    lo(
        lambda w, b, X, t, lam, z: (
            float(np.mean(sp(z) - z * t) + lam * np.sum(w**2) / 2),
            X.T @ (sig(z) - t) + lam * w,
            float(np.sum(sig(z) - t)),
        )
    )
)
put("07.3", "norm not squared")(
    lo(
        lambda w, b, X, t, lam, z: (
            float(np.mean(sp(z) - z * t) + lam * np.linalg.norm(w) / 2),
            X.T @ (sig(z) - t) / len(t) + lam * w,
            float(np.mean(sig(z) - t)),
        )
    )
)
put("07.3", "2 lam w")(
    lo(
        lambda w, b, X, t, lam, z: (
            float(np.mean(sp(z) - z * t) + lam * np.sum(w**2) / 2),
            X.T @ (sig(z) - t) / len(t) + 2 * lam * w,
            float(np.mean(sig(z) - t)),
        )
    )
)
st = lambda u, k: np.sign(u) * np.maximum(abs(u) - k, 0)
put("07.4", "lr twice")(lambda w, g, lr, lam: st(w - lr * g, lr * lr * lam))
put("07.4", "half")(lambda w, g, lr, lam: st(w - lr * g, lr * lam / 2))
put("07.4", "hard threshold")(
    lambda w, g, lr, lam: (lambda u: np.where(abs(u) > lr * lam, u, 0))(w - lr * g)
)
put("07.4", "no sign")(lambda w, g, lr, lam: (lambda u: np.maximum(u - lr * lam, 0))(w - lr * g))
put("07.4", "threshold on w")(
    lambda w, g, lr, lam: np.where(abs(w) <= lr * lam, 0, w - lr * (g + lam * np.sign(w)))
)
put("07.4", "adds gradient")(lambda w, g, lr, lam: st(w + lr * g, lr * lam))
put("07.5", "p kept")(lambda G, h, u, p: np.where(u < p, G / (1 - p), 0.0))
put("07.5", "multiplied")(lambda G, h, u, p: np.where(u >= p, G * (1 - p), 0.0))
put("07.5", "scaled twice")(lambda G, h, u, p: np.where(u >= p, G / (1 - p) ** 2, 0.0))
put("07.5", "relu too")(lambda G, h, u, p: np.where((u >= p) & (h > 0), G / (1 - p), 0.0))
put("07.8", "axes exchanged only")(
    lambda im, dx, dy: np.stack([np.roll(i, (y, x), axis=(0, 1)) for i, x, y in zip(im, dx, dy)])
)
put("07.9", "one step")(lambda s, lr, lam, t: np.where(s > 0, t * lr * s**2, 0))
put("07.9", "lam times s")(
    lambda s, lr, lam, t: (
        (1 - (1 - lr * s**2 - lr * lam * s) ** t) * s**2 / np.maximum(s**2 + lam, 1e-300)
    )
)
put("07.9", "shrink squared")(
    lambda s, lr, lam, t: (
        (1 - (1 - lr * (s**2 + lam)) ** (2 * t)) * s**2 / np.maximum(s**2 + lam, 1e-300)
    )
)
put("07.10", "smallest lam")(
    lambda e, l: float(
        (lambda m, b: l[m <= m[b] + e[:, b].std(ddof=1) / np.sqrt(len(e))].min())(
            e.mean(0), e.mean(0).argmin()
        )
    )
)
put("07.10", "best only")(lambda e, l: float(l[e.mean(0).argmin()]))
put("07.10", "own errors")(
    lambda e, l: float(
        (lambda m: l[m <= m.min() + e.std(0, ddof=1) / np.sqrt(len(e))].max())(e.mean(0))
    )
)
# 08
put("08.2", "mean of all")(lambda l: (1 / l.mean(), float(abs(1 - l / l.mean()).max())))
put("08.2", "kappa factor inverse")(
    lambda l: (2 / (l.max() + l.min()), float((l.max() - l.min()) / l.max()))
)
put("08.2", "signed")(
    lambda l: (2 / (l.max() + l.min()), float((1 - 2 / (l.max() + l.min()) * l).min()))
)
put("08.2", "sorted assumed")(
    lambda l: (2 / (l[0] + l[-1]), float(abs(1 - 2 / (l[0] + l[-1]) * l).max()))
)
put("08.3", "minus v convention")(
    lambda w, v, g, lr, beta, n: (lambda v: (w + lr * (beta * v - g if n else v), v))(beta * v - g)
)
put("08.3", "nesterov with old v")(
    lambda w, v, g, lr, beta, n: (w - lr * (g + beta * v if n else beta * v + g), beta * v + g)
)
put("08.3", "v before")(lambda w, v, g, lr, beta, n: (w - lr * v, beta * v + g))


def ad(f):
    return lambda w, m, s, t, g, lr, b1, b2, eps: f(
        w, b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g, t, g, lr, b1, b2, eps
    )


put("08.4", "stored corrected")(
    ad(
        lambda w, m, s, t, g, lr, b1, b2, eps: (
            lambda m, s: (w - lr * m / (np.sqrt(s) + eps), m, s)
        )(m / (1 - b1**t), s / (1 - b2**t))
    )
)
put("08.4", "only m corrected")(
    ad(lambda w, m, s, t, g, lr, b1, b2, eps: (w - lr * m / (1 - b1**t) / (np.sqrt(s) + eps), m, s))
)
put("08.4", "no root")(
    ad(
        lambda w, m, s, t, g, lr, b1, b2, eps: (
            w - lr * m / (1 - b1**t) / (s / (1 - b2**t) + eps),
            m,
            s,
        )
    )
)
put("08.4", "b t not power")(
    ad(
        lambda w, m, s, t, g, lr, b1, b2, eps: (
            w - lr * m / (1 - b1 * t + 1e-30) / (np.sqrt(np.abs(s / (1 - b2 * t + 1e-30))) + eps),
            m,
            s,
        )
    )
)


def aw(f):
    return lambda w, m, s, t, g, lr, b1, b2, eps, wd: f(
        w, b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g, t, g, lr, b1, b2, eps, wd
    )


put("08.5", "wd without lr")(
    aw(
        lambda w, m, s, t, g, lr, b1, b2, eps, wd: (
            w * (1 - wd) - lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps),
            m,
            s,
        )
    )
)
put("08.5", "decay after step")(
    aw(
        lambda w, m, s, t, g, lr, b1, b2, eps, wd: (
            (w - lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps)) * (1 - lr * wd),
            m,
            s,
        )
    )
)
put("08.5", "decay also divided")(
    aw(
        lambda w, m, s, t, g, lr, b1, b2, eps, wd: (
            w - lr * (m / (1 - b1**t) + wd * w) / (np.sqrt(s / (1 - b2**t)) + eps),
            m,
            s,
        )
    )
)
put("08.6", "roots")(
    lambda G, R, C, b: (lambda R, C: (R, C, np.sqrt(np.outer(R, C) / R.mean())))(
        b * R + (1 - b) * (G**2).mean(1), b * C + (1 - b) * (G**2).mean(0)
    )
)
put("08.6", "not divided")(
    lambda G, R, C, b: (lambda R, C: (R, C, np.outer(R, C)))(
        b * R + (1 - b) * (G**2).mean(1), b * C + (1 - b) * (G**2).mean(0)
    )
)
put("08.6", "old for V")(
    lambda G, R, C, b: (
        b * R + (1 - b) * (G**2).mean(1),
        b * C + (1 - b) * (G**2).mean(0),
        np.outer(R, C) / max(R.mean(), 1e-12),
    )
)
put("08.6", "G not squared")(
    lambda G, R, C, b: (lambda R, C: (R, C, np.outer(R, C) / R.mean()))(
        b * R + (1 - b) * np.abs(G).mean(1), b * C + (1 - b) * np.abs(G).mean(0)
    )
)
put("08.7", "divided by k")(lambda m, s: (s @ m) / len(s))
put("08.7", "sizes' max")(lambda m, s: (s @ m) / s.max() / len(s))
put("08.8", "warm+1")(
    lambda k, peak, warm, total, floor: (
        peak * (k + 1) / (warm + 1)
        if k < warm
        else floor
        if k >= total
        else floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * (k - warm) / (total - warm)))
    )
)
put("08.8", "full cosine")(
    lambda k, peak, warm, total, floor: (
        peak * k / warm
        if k < warm
        else floor
        if k >= total
        else floor
        + (peak - floor) * 0.5 * (1 + math.cos(2 * math.pi * (k - warm) / (total - warm)))
    )
)
put("08.8", "linear fall")(
    lambda k, peak, warm, total, floor: (
        peak * k / warm
        if k < warm
        else floor
        if k >= total
        else peak - (peak - floor) * (k - warm) / (total - warm)
    )
)
put("08.8", "max with floor")(
    lambda k, peak, warm, total, floor: (
        peak * k / warm
        if k < warm
        else floor
        if k >= total
        else max(floor, peak * 0.5 * (1 + math.cos(math.pi * (k - warm) / (total - warm))))
    )
)
put("08.9", "variance")(lambda s, n, B: (s * s / B, s * s / B * (n - B) / (n - 1)))
put("08.9", "over B")(lambda s, n, B: (s / B, s / B * math.sqrt((n - B) / (n - 1))))
put("08.9", "exchanged")(
    lambda s, n, B: (s / math.sqrt(B) * math.sqrt((n - B) / (n - 1)), s / math.sqrt(B))
)


UNTOLD = {  # the cause is not named
    ("03.8", "softplus"),
    ("01.1", "divided paths"),
    ("01.2", "multiplicative step"),
    ("01.4", "elementwise norms"),
    ("01.5", "summed w"),
    ("01.6", "back to x"),
    ("01.8", "step not reset"),
    ("01.8", "relative step"),
    ("02.1", "product as sum"),
    ("02.1", "forward f = c+a"),
    ("02.6", "total over own prefix"),
    ("03.2", "1/b - form"),
    ("03.3", "doubles"),
    ("03.4", "lr decays"),
    ("03.6", "difference of the largest"),
    ("03.8", "a over"),
    ("04.1", "dX by w only"),
    ("04.1", "dX with b"),
    ("04.3", "repeat sums over only last one"),
    ("04.7", "G at idx"),
    ("04.10", "P squared"),
    ("05.2", "b by whole W"),
    ("05.6", "mean"),
    ("05.7", "max over units"),
    ("05.7", "row silenced as a whole"),
    ("05.11", "mask of next layer"),
    ("05.11", "sum over batch in back"),
    ("06.1", "p squared"),
    ("06.1", "L times p"),
    ("06.4", "log of exp"),
    ("06.8", "plus d half"),
    ("06.10", "intersection diagonal"),
    ("06.11", "log again"),
    ("07.4", "threshold on w"),
    ("08.8", "warm+1"),
}
