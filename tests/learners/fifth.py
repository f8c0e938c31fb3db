"""The fifth lot, chapters 00 to 08: as people of other trades would write it.

Written when the worked programs stood, and not seen before: 350 of 414 were told at first sight,
297 without the worked programs.
"""

import math

import numpy as np

from learners.lot import Lot, relu, sig

ANSWERS = Lot()
put = ANSWERS.put


# 00
put("00.0", "w**2-6w+3")(lambda w: w * w - 6 * w + 3)
put("00.0", "cube")(lambda w: (w - 3) ** 3)
put("00.0", "3-w without square")(lambda w: 3 - w)
put("00.1", "lr added")(lambda w, slope, lr: w - (lr + slope))
put("00.1", "slope squared")(lambda w, slope, lr: w - lr * slope**2)
put("00.1", "forgets w")(lambda w, slope, lr: lr * slope)
put("00.1", "two steps")(lambda w, slope, lr: w - 2 * lr * slope)
put("00.2", "C forgotten once")(lambda: 19)
put("00.2", "A resets at end")(lambda: 2)


# 01
def h1(f):
    def g():
        x = 1.5
        u = x * x + 1
        v = 3 - x
        y = u * v + x - 1
        return u, v, y, f(x, u, v, y)

    return g


put("01.1", "forgot the chain into u")(h1(lambda x, u, v, y: v - u + 1))
put("01.1", "plus u")(h1(lambda x, u, v, y: 2 * x * v + u))
put("01.1", "constant term counted")(h1(lambda x, u, v, y: 2 * x * v - u + 1 - 1))
put("01.1", "v wrong sign everywhere")(lambda: (3.25, -1.5, 3.25 * -1.5 + 0.5, 3 * -1.5 + 3.25 + 1))
put("01.2", "forward and backward averaged wrongly")(
    lambda f, x, h: (f(x + h) - f(x)) / h / 2 + (f(x) - f(x - h)) / h
)
put("01.2", "backward")(lambda f, x, h: (f(x) - f(x - h)) / h)
put("01.2", "h only in denominators 2")(lambda f, x, h: (f(x + h) - f(x - h)) / 2)
put("01.2", "sum")(lambda f, x, h: (f(x + h) + f(x - h)) / (2 * h))
put("01.2", "middle point left in")(lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / (2 * h))
put("01.2", "h squared")(lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h**2))
put("01.2", "slope at x+h")(lambda f, x, h: (f(x + 2 * h) - f(x)) / (2 * h))
put("01.4", "angle")(lambda grad, u: float(np.arctan2(grad @ u, np.linalg.norm(u))))
put("01.4", "u normalised twice")(
    lambda grad, u: (
        float(grad @ u / (u @ u) ** 1.0 / 1.0 * 1.0 / np.linalg.norm(u) * np.linalg.norm(u))
        if False
        else float(grad @ (u / np.linalg.norm(u)) / np.linalg.norm(u))
    )
)
put("01.4", "sum of u")(lambda grad, u: float(grad @ u / u.sum()) if u.sum() else 0.0)
put("01.4", "times length")(lambda grad, u: float((grad @ u) * np.linalg.norm(u)))
put("01.4", "only positive")(lambda grad, u: float(max(grad @ u / np.linalg.norm(u), 0.0)))
put("01.4", "root forgotten")(lambda grad, u: float(np.sum(grad * u) / np.sum(u**2)))


def c(f):
    def g(x, t, w1, b1, w2, b2, w3, b3):
        z1 = w1 * x + b1
        z2 = w2 * z1 + b2
        y = w3 * z2 + b3
        return tuple(f(x, t, w1, w2, w3, b1, b2, b3, z1, z2, y))

    return g


put("01.5", "loss as error")(
    c(
        lambda x, t, w1, w2, w3, b1, b2, b3, z1, z2, y: (
            lambda d: (d * w3 * w2 * x, d * w3 * w2, d * w3 * z1, d * w3, d * z2, d)
        )(0.5 * (y - t) ** 2)
    )
)
put("01.5", "b2 missed forward")(
    lambda x, t, w1, b1, w2, b2, w3, b3: (
        lambda z1: (
            lambda z2: (
                lambda y: (
                    lambda d: (d * w3 * w2 * x, d * w3 * w2, d * w3 * z1, d * w3, d * z2, d)
                )(y - t)
            )(w3 * z2 + b3)
        )(w2 * z1)
    )(w1 * x + b1)
)
put("01.5", "updated weights")(
    c(
        lambda x, t, w1, w2, w3, b1, b2, b3, z1, z2, y: (
            lambda d: (
                lambda w3n: (d * w3n * w2 * x, d * w3n * w2, d * w3n * z1, d * w3n, d * z2, d)
            )(w3 - d * z2)
        )(y - t)
    )
)
put("01.5", "only the last layer")(
    c(lambda x, t, w1, w2, w3, b1, b2, b3, z1, z2, y: (0.0, 0.0, 0.0, 0.0, (y - t) * z2, (y - t)))
)
put("01.5", "w1 times too")(
    c(
        lambda x, t, w1, w2, w3, b1, b2, b3, z1, z2, y: (
            lambda d: (d * w3 * w2 * w1, d * w3 * w2, d * w3 * w2, d * w3, d * w3, d)
        )(y - t)
    )
)
put("01.5", "w1 and x, w2 and x")(
    c(
        lambda x, t, w1, w2, w3, b1, b2, b3, z1, z2, y: (
            lambda d: (d * w3 * w2 * x, d * w3 * w2, d * w3 * w1 * x, d * w3, d * z2, d)
        )(y - t)
    )
)
put("01.5", "half error")(
    c(
        lambda x, t, w1, w2, w3, b1, b2, b3, z1, z2, y: (
            lambda d: (d * w3 * w2 * x, d * w3 * w2, d * w3 * z1, d * w3, d * z2, d)
        )((y - t) / 2)
    )
)


def l6(f):
    def g(x, t, W, b):
        z = x @ W + b
        y = np.tanh(z)
        return f(x, t, W, b, z, y)

    return g


put("01.6", "cosh form")(l6(lambda x, t, W, b, z, y: np.outer(x, (y - t) / np.cosh(z))))
put("01.6", "sigmoid slope")(l6(lambda x, t, W, b, z, y: np.outer(x, (y - t) * y * (1 - y))))
put("01.6", "no x")(l6(lambda x, t, W, b, z, y: np.tile((y - t) * (1 - y * y), (len(x), 1))))
put("01.6", "2(y-t)")(l6(lambda x, t, W, b, z, y: np.outer(x, 2 * (y - t) * (1 - y * y))))
put("01.6", "summed error")(l6(lambda x, t, W, b, z, y: np.outer(x, (y - t).sum() * (1 - y * y))))
put("01.6", "1-(1-y)^2")(l6(lambda x, t, W, b, z, y: np.outer(x, (y - t) * (1 - (1 - y) ** 2))))
put("01.6", "z for x? W.T x")(l6(lambda x, t, W, b, z, y: np.outer(x, (z) * (1 - y * y))))
put("01.6", "y-t both")(l6(lambda x, t, W, b, z, y: np.outer(x * x, (y - t) * (1 - y * y))))


def l7(f):
    def g(x, t, W1, b1, W2, b2):
        h = sig(x @ W1 + b1)
        y = sig(h @ W2 + b2)
        return f(x, t, W1, b1, W2, b2, h, y)

    return g


put("01.7", "delta1 sigmoid' of h once")(
    l7(
        lambda x, t, W1, b1, W2, b2, h, y: np.outer(
            x, (W2 @ ((y - t) * y * (1 - y))) * sig(h) * (1 - sig(h))
        )
    )
)
put("01.7", "cross entropy start")(
    l7(lambda x, t, W1, b1, W2, b2, h, y: np.outer(x, (W2 @ (y - t)) * h * (1 - h)))
)
put("01.7", "bias forgot in hidden")(
    lambda x, t, W1, b1, W2, b2: (
        lambda h: (lambda y: np.outer(x, (W2 @ ((y - t) * y * (1 - y))) * h * (1 - h)))(
            sig(h @ W2 + b2)
        )
    )(sig(x @ W1))
)
put("01.7", "bias forgot in output")(
    lambda x, t, W1, b1, W2, b2: (
        lambda h: (lambda y: np.outer(x, (W2 @ ((y - t) * y * (1 - y))) * h * (1 - h)))(sig(h @ W2))
    )(sig(x @ W1 + b1))
)
put("01.7", "output linear")(
    lambda x, t, W1, b1, W2, b2: (
        lambda h: (lambda y: np.outer(x, (W2 @ (y - t)) * h * (1 - h)))(h @ W2 + b2)
    )(sig(x @ W1 + b1))
)
put("01.7", "error half and no x... h slope squared")(
    l7(
        lambda x, t, W1, b1, W2, b2, h, y: np.outer(
            x, (W2 @ ((y - t) * y * (1 - y))) * (h * (1 - h)) ** 2
        )
    )
)
put("01.7", "mean of W2")(
    l7(
        lambda x, t, W1, b1, W2, b2, h, y: np.outer(
            x, W2.mean() * ((y - t) * y * (1 - y)) * h * (1 - h)
        )
    )
)


@put("01.8", "f at 0")
def _(f, x, h):
    J = np.zeros((len(f(x)), len(x)))
    for j in range(len(x)):
        e = np.zeros(len(x))
        e[j] = h
        J[:, j] = (f(e) - f(-e)) / (2 * h)
    return J


@put("01.8", "only diagonal")
def _(f, x, h):
    J = np.zeros((len(f(x)), len(x)))
    for j in range(len(x)):
        e = np.zeros(len(x))
        e[j] = h
        d = (f(x + e) - f(x - e)) / (2 * h)
        if j < len(d):
            J[j, j] = d[j]
    return J


@put("01.8", "rows of a square")
def _(f, x, h):
    m = len(f(x))
    J = np.zeros((m, len(x)))
    for j in range(len(x)):
        e = np.zeros(len(x))
        e[j] = h
        for i in range(m):
            J[i, j] = (f(x + e)[i] - f(x - e)[i]) / h
    return J


@put("01.8", "abs")
def _(f, x, h):
    J = np.zeros((len(f(x)), len(x)))
    for j in range(len(x)):
        e = np.zeros(len(x))
        e[j] = h
        J[:, j] = np.abs(f(x + e) - f(x - e)) / (2 * h)
    return J


# 02
def g(f):
    def q():
        a, b, c = -0.5, 3.0, 4.0
        e = a * b
        d = e + c
        ff = c - a
        return f(a, b, c, e, d, ff)

    return q


put("02.1", "a twice b")(g(lambda a, b, c, e, d, f: (b * f - d, b * f, f + d)))
put("02.1", "direct a of f lost")(g(lambda a, b, c, e, d, f: (b * f, a * f, f + d)))
put("02.1", "y=d+f")(g(lambda a, b, c, e, d, f: (b - 1, a, 2.0)))
put("02.1", "c only via f")(g(lambda a, b, c, e, d, f: (b * f - d, a * f, d)))
put("02.1", "d is e*c")(g(lambda a, b, c, e, d, f: (b * c * f - e * c, a * c * f, e * f + e * c)))
put("02.2", "plus")(lambda p, q: (p[0] / q[0], (p[1] * q[0] + p[0] * q[1]) / q[0]))
put("02.2", "w only once in second")(lambda p, q: (p[0] / q[0], p[1] / q[0] - p[0] * q[1] / q[0]))
put("02.2", "tangent of product")(lambda p, q: (p[0] / q[0], p[1] * q[0] + p[0] * q[1]))
put("02.2", "y in front")(lambda p, q: (p[0] / q[0], p[0] / q[0] * (p[1] - q[1])))
put("02.2", "inverse")(lambda p, q: (p[0] / q[0], -p[1] / q[0] ** 2))
put("02.3", "all differences both")(lambda i, o: (i + 1, o, o))
put("02.3", "product")(lambda i, o: (i * o, i, o))
put("02.3", "no base run")(lambda i, o: (i, i, o))
put("02.3", "plus one everywhere")(lambda i, o: (i + 1, i + 1, o + 1))
put("02.3", "sum")(lambda i, o: (i + o, i, o))


def bw(step, init=0.0, order=lambda o: reversed(o), seed=1.0):
    def f(edges, order_, root):
        G = {n: init for n in order_}
        G[root] = seed
        for n in order(order_):
            for p, s in edges[n]:
                step(G, n, p, s, edges, root)
        return G

    return f


def _1(G, n, p, s, e, r):
    G[p] -= s * G[n]


put("02.5", "minus")(bw(_1))


def _2(G, n, p, s, e, r):
    G[p] += s * G[n]


put("02.5", "seed 0")(bw(_2, seed=0.0))
put("02.5", "alphabetical")(bw(_2, order=lambda o: sorted(o, reverse=True)))


def _3(G, n, p, s, e, r):
    G[p] += s * s * G[n]


put("02.5", "slope squared")(bw(_3))


def _4(G, n, p, s, e, r):
    G[p] = G[p] * s + G[n]


put("02.5", "horner")(bw(_4))


def _5(G, n, p, s, e, r):
    if G[p] == 0:
        G[p] += s * G[n]


put("02.5", "first consumer only")(bw(_5))


def _6(G, n, p, s, e, r):
    G[p] += s * G[n] / len(e[n])


put("02.5", "shared among parents")(bw(_6))


def _7(G, n, p, s, e, r):
    G[p] += abs(s) * G[n]


put("02.5", "abs slope")(bw(_7))
put("02.6", "sum after")(lambda s: np.append(np.cumsum(s[::-1])[::-1][1:], 1.0))
put("02.6", "product of all")(lambda s: np.full(len(s), np.prod(s)))
put("02.6", "shift two")(
    lambda s: np.append(np.append(np.cumprod(s[::-1])[::-1][2:], 1.0), 1.0)[: len(s)]
)
put("02.7", "max")(lambda dz, W, z: (W * dz).max(axis=1))
put("02.7", "masked by relu")(lambda dz, W, z: W @ (dz * (z > 0)))
put("02.7", "tanh slope")(lambda dz, W, z: W @ (dz * (1 - np.tanh(z) ** 2)))
put("02.7", "prod")(lambda dz, W, z: (W * dz).prod(axis=1))
put("02.7", "last only")(lambda dz, W, z: W[:, -1] * dz[-1])
put("02.7", "abs W")(lambda dz, W, z: np.abs(W) @ dz)
put("02.8", "dz from loss directly")(lambda z, t: (lambda y: (y - t, y - t))(sig(z)))
put("02.8", "half")(lambda z, t: (lambda y: ((y - t) / 2, (y - t) * y * (1 - y) / 2))(sig(z)))
put("02.8", "exp slope")(lambda z, t: (lambda y: (y - t, (y - t) * np.exp(-z)))(sig(z)))
put("02.8", "y**2")(lambda z, t: (lambda y: (y - t, (y - t) * (y - y**3)))(sig(z)))
put("02.8", "t in slope")(lambda z, t: (lambda y: (y - t, (y - t) * t * (1 - t)))(sig(z)))
put("02.8", "sigma of minus")(lambda z, t: (lambda y: (y - t, (y - t) * y * (1 - y)))(sig(-z)))


# 03
def s3(f):
    def q():
        x, w = -0.4, 1.5
        z = x * w + w
        y = math.tanh(z)
        return tuple(round(v, 4) for v in f(x, w, z, y))

    return q


put("03.1", "no tanh slope")(s3(lambda x, w, z, y: (w, x + 1)))
put("03.1", "y back")(s3(lambda x, w, z, y: ((1 + y * y) * w, (1 + y * y) * (x + 1))))
put("03.1", "x direct")(s3(lambda x, w, z, y: ((1 - y * y) * (w + 1), (1 - y * y) * x)))
put("03.1", "sech")(s3(lambda x, w, z, y: (w / math.cosh(z), (x + 1) / math.cosh(z))))
put("03.1", "y squared lost")(s3(lambda x, w, z, y: ((1 - y) * w, (1 - y) * (x + 1))))
put("03.2", "1/(b ln b)")(lambda a, b: (1 / (a * math.log(b)), -1 / (b * math.log(b))))
put("03.2", "log b for a")(
    lambda a, b: (1 / (b * math.log(a)) if a != 1 else 0.0, -math.log(a) / (b * math.log(b) ** 2))
)
put("03.2", "squared in first")(
    lambda a, b: (1 / (a * math.log(b) ** 2), -math.log(a) / (b * math.log(b) ** 2))
)
put("03.2", "difference")(lambda a, b: (1 / a, -1 / b))
put("03.2", "quotient rule sign inside")(
    lambda a, b: (math.log(b) / a / math.log(b) ** 2, (math.log(a) / b) / math.log(b) ** 2)
)
put("03.2", "a/b")(
    lambda a, b: (1 / (a * math.log(b)), -a / (b * math.log(b) ** 2) * math.log(a) / a * b)
)
put("03.3", "y's factor lost")(lambda: (-1.0, 0.75, 1.75))
put("03.3", "third accumulates")(lambda: (-3.0, -0.75, -0.75))
put("03.3", "z alone 0.75")(lambda: (-3.0, -2.25, 0.75))


def tr(step):
    def f(w, x, t, lr, steps):
        for k in range(steps):
            w = step(w, x, t, lr, k)
        return float(w)

    return f


put("03.4", "momentum")(
    lambda w, x, t, lr, steps: (
        lambda s: (
            [
                s.__setitem__(
                    0,
                    (
                        s[0][0] - lr * (0.9 * s[0][1] + np.mean((s[0][0] * x - t) * x)),
                        0.9 * s[0][1] + np.mean((s[0][0] * x - t) * x),
                    ),
                )
                for _ in range(steps)
            ]
            and float(s[0][0])
        )
    )([(w, 0.0)])
)
put("03.4", "median")(tr(lambda w, x, t, lr, k: w - lr * np.median((w * x - t) * x)))
put("03.4", "x squared")(tr(lambda w, x, t, lr, k: w - lr * np.mean((w * x - t) * x**2)))
put("03.4", "sign of err")(tr(lambda w, x, t, lr, k: w - lr * np.mean(np.sign(w * x - t) * x)))
put("03.4", "over four")(tr(lambda w, x, t, lr, k: w - lr * np.sum((w * x - t) * x) / 4))
put("03.4", "w minus t x")(tr(lambda w, x, t, lr, k: w - lr * np.mean(w - t * x)))
put("03.4", "grad added to w")(
    tr(lambda w, x, t, lr, k: w * (1 - lr) - lr * np.mean((w * x - t) * x))
)
put("03.4", "averaged weights")(
    lambda w, x, t, lr, steps: (
        lambda ws: (
            [ws.append(ws[-1] - lr * np.mean((ws[-1] * x - t) * x)) for _ in range(steps)]
            and float(np.mean(ws))
        )
    )([w])
)
put("03.4", "first step twice")(
    lambda w, x, t, lr, steps: tr(lambda w, x, t, lr, k: w - lr * np.mean((w * x - t) * x))(
        w, x, t, lr, steps + 1
    )
)


def m(f):
    def q(x, t, w1, b1, w2, b2, w3, b3):
        z1 = w1 * x + b1
        h1 = max(z1, 0)
        z2 = w2 * h1 + b2
        h2 = max(z2, 0)
        y = w3 * h2 + b3
        dy = y - t
        return f(x, w1, w2, w3, z1, h1, z2, h2, y, dy, float(z1 > 0), float(z2 > 0))

    return q


put("03.5", "mask by y sign")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, dy, a, b: (
            lambda d2: (lambda d1: (d1 * x, d1, d2 * h1, d2, dy * h2, dy))(d2 * w2 * a)
        )(dy * w3 * (y > 0))
    )
)
put("03.5", "relu of delta")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, dy, a, b: (
            lambda d2: (lambda d1: (d1 * x, d1, d2 * h1, d2, dy * h2, dy))(max(d2 * w2, 0))
        )(max(dy * w3, 0))
    )
)
put("03.5", "db without mask")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, dy, a, b: (
            dy * w3 * b * w2 * a * x,
            dy * w3 * w2,
            dy * w3 * b * h1,
            dy * w3,
            dy * h2,
            dy,
        )
    )
)
put("03.5", "dw3 by z2")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, dy, a, b: (
            dy * w3 * b * w2 * a * x,
            dy * w3 * b * w2 * a,
            dy * w3 * b * h1,
            dy * w3 * b,
            dy * z2,
            dy,
        )
    )
)
put("03.5", "w1 for w2")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, dy, a, b: (
            dy * w3 * b * w1 * a * x,
            dy * w3 * b * w1 * a,
            dy * w3 * b * h1,
            dy * w3 * b,
            dy * h2,
            dy,
        )
    )
)
put("03.5", "two lost one mask")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, dy, a, b: (
            2 * dy * w3 * b * w2 * x,
            2 * dy * w3 * b * w2,
            2 * dy * w3 * b * h1,
            2 * dy * w3 * b,
            2 * dy * h2,
            2 * dy,
        )
    )
)
put("03.5", "leaky masks")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, dy, a, b: (
            lambda A, B: (
                dy * w3 * B * w2 * A * x,
                dy * w3 * B * w2 * A,
                dy * w3 * B * h1,
                dy * w3 * B,
                dy * h2,
                dy,
            )
        )(a or 0.01, b or 0.01)
    )
)
put("03.5", "t-y")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, dy, a, b: (
            -dy * w3 * b * w2 * a * x,
            -dy * w3 * b * w2 * a,
            -dy * w3 * b * h1,
            -dy * w3 * b,
            -dy * h2,
            -dy,
        )
    )
)


def me(f2, step=lambda f, x, e, h: (f(x + e) - f(x - e)) / (2 * h)):
    def f(f, g, x, h):
        n = []
        for j in range(len(x)):
            e = np.zeros(len(x))
            e[j] = h
            n.append(step(f, x, e, h))
        return float(f2(np.array(n), g))

    return f


put("03.6", "first")(me(lambda n, g: abs(n[0] - g[0])))
put("03.6", "argmax")(me(lambda n, g: float(np.argmax(abs(n - g)))))
put("03.6", "relative to g")(me(lambda n, g: np.max(abs(n - g) / np.maximum(abs(g), 1e-12))))
put("03.6", "abs of abs")(me(lambda n, g: np.max(np.abs(np.abs(n) - np.abs(g)))))
put("03.6", "h for 2h")(
    me(lambda n, g: np.max(np.abs(n - g)), lambda f, x, e, h: (f(x + e) - f(x - e)) / h)
)
put("03.6", "sum")(me(lambda n, g: np.max(np.abs(n + g))))
put("03.6", "largest numeric")(me(lambda n, g: np.max(np.abs(n))))
ex = lambda z: np.exp(np.minimum(z, 0))
put("03.7", "a outside for all")(lambda z, a, G: a * np.where(z > 0, 1.0, ex(z)) * G)
put("03.7", "plus a")(lambda z, a, G: np.where(z > 0, 1.0, ex(z) + a) * G)
put("03.7", "minus")(lambda z, a, G: np.where(z > 0, 1.0, -a * ex(z)) * G)
put("03.7", "mask flipped")(lambda z, a, G: np.where(z < 0, 1.0, a * np.exp(-np.abs(z))) * G)
put("03.7", "G added")(lambda z, a, G: np.where(z > 0, 1.0, a * ex(z)) + G)
put("03.7", "below 0")(lambda z, a, G: np.where(z > 0, 1.0, 0.0) * G)
put("03.7", "exp of abs")(
    lambda z, a, G: np.where(z > 0, 1.0, a * np.exp(-np.minimum(np.abs(z), 700) / 2)) * G
)
put("03.7", "threshold at 1")(lambda z, a, G: np.where(z > 1, 1.0, a * ex(z)) * G)


def la(f):
    def q(a, b):
        m = max(a, b)
        ea = math.exp(a - m)
        eb = math.exp(b - m)
        return f(a, b, m, ea, eb)

    return q


put("03.8", "log10")(
    la(lambda a, b, m, ea, eb: (m + math.log10(ea + eb), ea / (ea + eb), eb / (ea + eb)))
)
put("03.8", "min shift")(
    la(lambda a, b, m, ea, eb: (min(a, b) + math.log(ea + eb), ea / (ea + eb), eb / (ea + eb)))
)
put("03.8", "one for the larger")(
    la(
        lambda a, b, m, ea, eb: (
            m + math.log(ea + eb),
            1.0 if a >= b else 0.0,
            0.0 if a >= b else 1.0,
        )
    )
)
put("03.8", "second 1 over")(
    la(lambda a, b, m, ea, eb: (m + math.log(ea + eb), ea / (ea + eb), 1 / (ea + eb)))
)
put("03.8", "sum of a b")(la(lambda a, b, m, ea, eb: (a + b, ea / (ea + eb), eb / (ea + eb))))
put("03.8", "difference")(
    la(
        lambda a, b, m, ea, eb: (
            m + math.log(ea + eb),
            (ea - eb) / (ea + eb),
            (eb - ea) / (ea + eb),
        )
    )
)


def ordered(edges, root):
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
        st.extend((p, 0) for p, _ in edges[n] if p not in seen)
    return order


def sw(step, seed=1.0, rev=True, keep=lambda G, e, r: G):
    def f(edges, root):
        o = ordered(edges, root)
        G = {n: 0.0 for n in o}
        G[root] = seed
        for n in reversed(o) if rev else o:
            for p, s in edges[n]:
                step(G, n, p, s)
        return keep(G, edges, root)

    return f


def ad(G, n, p, s):
    G[p] += s * G[n]


def a2(G, n, p, s):
    G[p] += s + G[n]


def a3(G, n, p, s):
    G[p] += G[n]


def a4(G, n, p, s):
    G[p] = max(G[p], s * G[n], key=abs)


put("03.9", "slope plus")(sw(a2))
put("03.9", "slope ignored")(sw(a3))
put("03.9", "largest")(sw(a4))
put("03.9", "root 0")(sw(ad, keep=lambda G, e, r: {**G, r: 0.0}))
put("03.9", "sets of arrows")(
    lambda edges, root: sw(ad)({k: tuple(dict.fromkeys(v)) for k, v in edges.items()}, root)
)
put("03.9", "rounded")(sw(ad, keep=lambda G, e, r: {k: round(v, 3) for k, v in G.items()}))
# 04
X4 = np.array([[2, -1], [0.5, 3], [1, 1.5]])
w4 = np.array([-2.0, 3])
G4 = np.array([1.0, -4, 2])
put("04.1", "G not used in dX")(lambda: ([2.0, -10.0], -1.0, X4.tolist()))
put("04.1", "dw mean")(lambda: ((G4 @ X4 / 3).tolist(), -1.0, np.outer(G4, w4).tolist()))
put("04.1", "dw column sums")(lambda: (X4.sum(0).tolist(), -1.0, np.outer(G4, w4).tolist()))
put("04.1", "db 3")(lambda: ([2.0, -10.0], 3.0, np.outer(G4, w4).tolist()))
put("04.1", "dX w swapped")(lambda: ([2.0, -10.0], -1.0, np.outer(G4, w4[::-1]).tolist()))
put("04.1", "dw first row only")(
    lambda: ((G4[0] * X4[0]).tolist(), -1.0, np.outer(G4, w4).tolist())
)
put("04.2", "G squared")(lambda G, X, W: ((G**2).T @ X, G @ W))
put("04.2", "relu on G")(lambda G, X, W: (relu(G).T @ X, relu(G) @ W))
put("04.2", "dX times X")(lambda G, X, W: (G.T @ X, (G @ W) * X))
put("04.2", "dW times W")(lambda G, X, W: ((G.T @ X) * W, G @ W))
put("04.2", "first sample repeated")(lambda G, X, W: (G[:1].T @ X[:1], G @ W))
put("04.2", "dW last over n")(lambda G, X, W: (G.T @ X / G.shape[1], G @ W))
put("04.2", "dX with bias of 1")(lambda G, X, W: (G.T @ X, G @ W + 1))
put("04.2", "W from update")(lambda G, X, W: (G.T @ X, G @ (W - G.T @ X)))


def ax(G, shape):
    return tuple(
        i for i in range(G.ndim) if i < G.ndim - len(shape) or shape[i - (G.ndim - len(shape))] == 1
    )


put("04.3", "last axis only")(
    lambda G, shape: (
        np.reshape(G.sum(axis=-1), shape)
        if G.sum(axis=-1).size == int(np.prod(shape))
        else G.sum(axis=-1)
    )
)
put("04.3", "max")(lambda G, shape: np.reshape(G.max(axis=ax(G, shape)), shape))
put("04.3", "returns G")(lambda G, shape: G)
put("04.3", "sum squared")(lambda G, shape: np.reshape((G**2).sum(axis=ax(G, shape)), shape))
put("04.3", "broadcast back")(
    lambda G, shape: np.broadcast_to(np.reshape(G.sum(axis=ax(G, shape)), shape), G.shape)
)
put("04.4", "dY/dX with o in both")(lambda n, i, o: (n * o * n * o, n * o * i))
put("04.4", "shares")(lambda n, i, o: (n * o * n * i, n * n * o * i // max(n * o, 1)))
put("04.4", "only entries of X")(lambda n, i, o: (n * i, n * o * i))
put("04.4", "n and o once")(lambda n, i, o: (n * o * n * i, n * i + o))
put("04.4", "square")(lambda n, i, o: ((n * o) ** 2, n * o * i))


def lb(f):
    def q(G, X, W, b):
        Z = X @ W + b
        H = relu(Z)
        D = G * (Z > 0)
        return f(G, X, W, b, Z, H, D)

    return q


put("04.5", "derivative of G")(lb(lambda G, X, W, b, Z, H, D: (X.T @ D, D.sum(0), (G @ W.T) * 1.0)))
put("04.5", "masks on X side")(
    lb(lambda G, X, W, b, Z, H, D: ((X * (X > 0)).T @ D, D.sum(0), D @ W.T))
)
put("04.5", "row mean in dX")(lb(lambda G, X, W, b, Z, H, D: (X.T @ D, D.sum(0), D @ W.T / len(X))))
put("04.5", "db max")(lb(lambda G, X, W, b, Z, H, D: (X.T @ D, D.max(0), D @ W.T)))
put("04.5", "db first row")(lb(lambda G, X, W, b, Z, H, D: (X.T @ D, D[0], D @ W.T)))
put("04.5", "sign of Z")(
    lb(lambda G, X, W, b, Z, H, D: (lambda D: (X.T @ D, D.sum(0), D @ W.T))(G * np.sign(Z)))
)
put("04.5", "sigmoid slope")(
    lb(
        lambda G, X, W, b, Z, H, D: (lambda D: (X.T @ D, D.sum(0), D @ W.T))(
            G * sig(Z) * (1 - sig(Z))
        )
    )
)
put("04.5", "dW plus W")(lb(lambda G, X, W, b, Z, H, D: (X.T @ D + W, D.sum(0), D @ W.T)))
put("04.5", "mask of Z<0")(
    lb(lambda G, X, W, b, Z, H, D: (lambda D: (X.T @ D, D.sum(0), D @ W.T))(G * (Z < 0)))
)
put("04.5", "mask X@W")(
    lb(lambda G, X, W, b, Z, H, D: (lambda D: (X.T @ D, D.sum(0), D @ W.T))(G * (X @ W > 0)))
)
put("04.5", "abs G")(
    lb(lambda G, X, W, b, Z, H, D: (lambda D: (X.T @ D, D.sum(0), D @ W.T))(np.abs(G) * (Z > 0)))
)
put("04.6", "lr squared")(lambda W, X, d, lr: W - lr**2 * X.T @ d / len(X))
put("04.6", "2 over n")(lambda W, X, d, lr: W - 2 * lr * X.T @ d / len(X))
put("04.6", "abs delta")(lambda W, X, d, lr: W - lr * X.T @ np.abs(d) / len(X))
put("04.6", "row mean of X")(lambda W, X, d, lr: W - lr * (X * d).mean() * np.ones_like(W))
put("04.6", "times W")(lambda W, X, d, lr: W - lr * W * (X.T @ d) / len(X))
put("04.6", "lr in W")(lambda W, X, d, lr: lr * W - X.T @ d / len(X))
put("04.6", "y minus")(lambda W, X, d, lr: W - lr * X.T @ (d - X @ W) / len(X))


def tv(f):
    def q(G, idx, shape):
        T = np.zeros(shape)
        for r, i in enumerate(idx):
            f(T, G, r, int(i), idx)
        return T

    return q


def t1(T, G, r, i, idx):
    T[i] = G[r]


def t2(T, G, r, i, idx):
    T[i] += G[0]


def t3(T, G, r, i, idx):
    T[i] += G[r].mean()


def t4(T, G, r, i, idx):
    T[(i + 1) % len(T)] += G[r]


def t5(T, G, r, i, idx):
    T[i] += G[r] * i


def t6(T, G, r, i, idx):
    T[i:] += G[r]


def t7(T, G, r, i, idx):
    T[i] += abs(G[r])


for n_, f_ in dict(
    last=t1, first_G=t2, row_mean=t3, next=t4, times_i=t5, all_after=t6, absG=t7
).items():
    put("04.7", n_)(tv(f_))


def rv(f):
    def q(G, X):
        d = np.zeros_like(X)
        r = np.arange(len(X))
        f(d, G, X, r, X.argmax(1), X.argmin(1))
        return d

    return q


def r1(d, G, X, r, a, b):
    d[r, b] -= G


def r2(d, G, X, r, a, b):
    d += G[:, None] * (X - X.mean(1, keepdims=True))


def r3(d, G, X, r, a, b):
    d[r, a] += abs(G)
    d[r, b] -= abs(G)


def r4(d, G, X, r, a, b):
    d[r, a] += G * (X.max(1) - X.min(1))
    d[r, b] -= G * (X.max(1) - X.min(1))


def r5(d, G, X, r, a, b):
    d[r, a] += G.sum()
    d[r, b] -= G.sum()


def r6(d, G, X, r, a, b):
    d[r, a] += G / len(G)
    d[r, b] -= G / len(G)


def r7(d, G, X, r, a, b):
    d[r, np.abs(X).argmax(1)] += G
    d[r, np.abs(X).argmin(1)] -= G


for n_, f_ in dict(minonly=r1, std=r2, absG=r3, rangetimes=r4, sumG=r5, mean=r6, absX=r7).items():
    put("04.8", n_)(rv(f_))
put("04.9", "hidden twice")(
    lambda n, w: (n * (sum(w) + sum(w[1:-1])), sum(a * b + b for a, b in zip(w, w[1:])))
)
put("04.9", "bias of input side")(
    lambda n, w: (n * sum(w), sum(a * b + a for a, b in zip(w, w[1:])))
)
put("04.9", "output left out")(
    lambda n, w: (n * sum(w[:-1]), sum(a * b + b for a, b in zip(w, w[1:])))
)
put("04.9", "first layer only")(lambda n, w: (n * sum(w), w[0] * w[1] + w[1]))
put("04.9", "squares")(lambda n, w: (n * sum(w), sum(a * a + a for a in w[1:])))
put("04.9", "gradients and params")(
    lambda n, w: (n * sum(w), 2 * sum(a * b + b for a, b in zip(w, w[1:])))
)
put("04.10", "G*P only")(lambda G, P: G * P)
put("04.10", "minus GP")(lambda G, P: G - (G * P).sum(1, keepdims=True))
put("04.10", "P(1-P)(G - ...)")(lambda G, P: P * (1 - P) * (G - (G * P).sum(1, keepdims=True)))
put("04.10", "sigmoid like minus")(lambda G, P: P * (1 - G))
put("04.10", "max subtracted")(lambda G, P: P * (G - G.max(1, keepdims=True)))
put("04.10", "P twice")(lambda G, P: P**2 * (G - (G * P).sum(1, keepdims=True)))
put("04.10", "times k")(lambda G, P: P * (G * P.shape[1] - (G * P).sum(1, keepdims=True)))
put("04.10", "first prob")(lambda G, P: P * (G - (G * P)[:, :1]))
put("04.11", "X mean")(lambda X, D: np.stack([np.outer(x, d) for x, d in zip(X, D)]).mean(0))
put("04.11", "neighbour")(lambda X, D: X[:, :, None] * np.roll(D, 1, axis=0)[:, None, :])
put("04.11", "D mean over outputs")(
    lambda X, D: X[:, :, None] * D.mean(1)[:, None, None] * np.ones((1, 1, D.shape[1]))
)
put("04.11", "first sample always")(lambda X, D: np.stack([np.outer(X[0], D[0])] * len(X)))
put("04.11", "abs")(lambda X, D: np.abs(X[:, :, None] * D[:, None, :]))
# 05
E_ = lambda w: np.eye(len(w))


def col(f, bf, rng=lambda z: z):
    def q(Ws, bs):
        W = np.eye(len(Ws[0]))
        b = np.zeros(len(bs[0]))
        for w, cc in rng(list(zip(Ws, bs))):
            b = bf(W, b, w, cc)
            W = f(W, w)
        return W, b

    return q


R_ = lambda W, w: W @ (w + E_(w))
B_ = lambda W, b, w, c: b @ (w + E_(w)) + c
put("05.2", "first layer only")(col(R_, B_, lambda z: z[:1]))
put("05.2", "last left out")(col(R_, B_, lambda z: z[:-1]))
put("05.2", "shortcut only once")(
    lambda Ws, bs: (lambda r: r)(
        col(lambda W, w: W @ w, lambda W, b, w, c: b @ w + c)([Ws[0] + E_(Ws[0]), *Ws[1:]], bs)
    )
)
put("05.2", "elementwise")(col(lambda W, w: W * (w + E_(w)), B_))
put("05.2", "w.T")(col(lambda W, w: W @ (w + E_(w)).T, lambda W, b, w, c: b @ (w + E_(w)).T + c))
put("05.2", "minus identity")(
    col(lambda W, w: W @ (w - E_(w)), lambda W, b, w, c: b @ (w - E_(w)) + c)
)
put("05.2", "b not started")(col(R_, lambda W, b, w, c: (b + c) @ (w + E_(w))))
put("05.2", "last bias")(col(R_, lambda W, b, w, c: c))


def wi(n, strict=False, extra=0):
    def q(i, o, k, B):
        h = 1
        while n(h + 1, i, o, k) <= B:
            h += 1
        return h + extra

    return q


full = lambda h, i, o, k: i * h + h + (k - 1) * (h * h + h) + h * o + o
put("05.3", "minus one")(wi(full, extra=-1))
put("05.3", "k matrices")(wi(lambda h, i, o, k: i * h + h + k * (h * h + h) + h * o + o))
put("05.3", "k minus two")(
    wi(lambda h, i, o, k: i * h + h + max(k - 2, 0) * (h * h + h) + h * o + o)
)
put("05.3", "d_in times d_out")(
    wi(lambda h, i, o, k: i * h + h + (k - 1) * (h * h + h) + h * o + o + i * o)
)
put("05.3", "per layer budget")(lambda i, o, k, B: max(1, int((B / (k + 1)) ** 0.5)))
put("05.3", "input and output exchanged biases")(
    wi(lambda h, i, o, k: i * h + i + (k - 1) * (h * h + h) + h * o + h)
)


def dl(step, post=lambda o: o):
    def q(delta, Ws, zs):
        out = [delta]
        for l in range(len(zs) - 1, -1, -1):
            out.insert(0, step(out[0], Ws, zs, l, delta))
        return post(out)

    return q


put("05.4", "1-z^2")(dl(lambda d, Ws, zs, l, D: d @ Ws[l + 1].T * (1 - zs[l] ** 2)))
put("05.4", "sech not squared")(dl(lambda d, Ws, zs, l, D: d @ Ws[l + 1].T / np.cosh(zs[l])))
put("05.4", "slope before W")(
    dl(lambda d, Ws, zs, l, D: (d @ Ws[l + 1].T) + (1 - np.tanh(zs[l]) ** 2))
)
put("05.4", "divided")(dl(lambda d, Ws, zs, l, D: d @ Ws[l + 1].T / (1 - np.tanh(zs[l]) ** 2)))
put("05.4", "abs W")(
    dl(lambda d, Ws, zs, l, D: d @ np.abs(Ws[l + 1]).T * (1 - np.tanh(zs[l]) ** 2))
)
put("05.4", "tanh of tanh")(
    dl(lambda d, Ws, zs, l, D: d @ Ws[l + 1].T * (1 - np.tanh(np.tanh(zs[l])) ** 2))
)
put("05.4", "halved")(dl(lambda d, Ws, zs, l, D: d @ Ws[l + 1].T * (1 - np.tanh(zs[l]) ** 2) / 2))
put("05.4", "hidden zeros")(dl(lambda d, Ws, zs, l, D: np.zeros_like(zs[l])))


def g5(f):
    def q(x, t, W1, b1, W2, b2):
        h = np.tanh(x @ W1 + b1)
        y = np.tanh(h @ W2 + b2)
        e = y - t
        d2 = e * (1 - y * y)
        d1 = (W2 @ d2) * (1 - h * h)
        return f(x, t, W1, b1, W2, b2, h, y, e, d2, d1)

    return q


def std(d1f, d2f=lambda e, y: e * (1 - y * y)):
    return g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            lambda d2: (lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2))(
                d1f(x, W1, W2, h, y, e, d2)
            )
        )(d2f(e, y))
    )


put("05.5", "1-h")(std(lambda x, W1, W2, h, y, e, d2: (W2 @ d2) * (1 - h)))
put("05.5", "h(1-h)")(std(lambda x, W1, W2, h, y, e, d2: (W2 @ d2) * h * (1 - h)))
put("05.5", "slope of y in hidden")(std(lambda x, W1, W2, h, y, e, d2: (W2 @ d2) * (1 - y * y)))
put("05.5", "W2 sum")(std(lambda x, W1, W2, h, y, e, d2: (W2.sum() * d2) * (1 - h * h)))
put("05.5", "linear output")(
    std(lambda x, W1, W2, h, y, e, d2: (W2 @ d2) * (1 - h * h), lambda e, y: e)
)
put("05.5", "error squared")(
    std(lambda x, W1, W2, h, y, e, d2: (W2 @ d2) * (1 - h * h), lambda e, y: e * e * (1 - y * y))
)
put("05.5", "2e")(
    std(lambda x, W1, W2, h, y, e, d2: (W2 @ d2) * (1 - h * h), lambda e, y: 2 * e * (1 - y * y))
)
put("05.5", "db1 from d2")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            np.outer(x, d1),
            np.full_like(d1, d2[0]),
            np.outer(h, d2),
            d2,
        )
    )
)
put("05.5", "dW1 by h")(
    g5(lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (np.outer(x, d1 * h), d1, np.outer(h, d2), d2))
)
put("05.5", "dW2 slope of h")(
    g5(
        lambda x, t, W1, b1, W2, b2, h, y, e, d2, d1: (
            np.outer(x, d1),
            d1,
            np.outer(1 - h * h, d2),
            d2,
        )
    )
)
put("05.5", "two: 1-h and t-y")(
    std(lambda x, W1, W2, h, y, e, d2: (W2 @ d2) * (1 - h), lambda e, y: -e * (1 - y * y))
)
put("05.5", "two: no W2 and no slope out")(
    std(lambda x, W1, W2, h, y, e, d2: d2 * (1 - h * h), lambda e, y: e)
)
put("05.6", "sum not mean, half")(lambda z, t: (sig(z) - t) * sig(z) * (1 - sig(z)) * 0.5)
put("05.6", "1-y lost")(lambda z, t: 2 * (sig(z) - t) * sig(z) / len(z))
put("05.6", "y lost")(lambda z, t: 2 * (sig(z) - t) * (1 - sig(z)) / len(z))
put("05.6", "slope squared")(lambda z, t: 2 * (sig(z) - t) * (sig(z) * (1 - sig(z))) ** 2 / len(z))
put("05.6", "rms")(lambda z, t: (sig(z) - t) * sig(z) * (1 - sig(z)) / np.sqrt(len(z)))
put("05.6", "abs error")(lambda z, t: 2 * np.abs(sig(z) - t) * sig(z) * (1 - sig(z)) / len(z))
put("05.6", "softmax")(
    lambda z, t: (lambda y: 2 * (y - t) * y * (1 - y) / len(z))(np.exp(z) / np.exp(z).sum())
)
put("05.6", "tanh net")(lambda z, t: (lambda y: 2 * (y - t) * (1 - y * y) / len(z))(np.tanh(z)))
put("05.6", "n minus 1")(lambda z, t: 2 * (sig(z) - t) * sig(z) * (1 - sig(z)) / max(len(z) - 1, 1))
put("05.7", "relu of X@W1 plus b1 wrongly transposed")(
    lambda X, W1, b1, W2, b2: relu(X @ W1 - b1) @ W2 + b2
)
put("05.7", "sigmoid")(lambda X, W1, b1, W2, b2: sig(X @ W1 + b1) @ W2 + b2)
put("05.7", "clipped at 1")(lambda X, W1, b1, W2, b2: np.clip(X @ W1 + b1, 0, 1) @ W2 + b2)
put("05.7", "relu last only row")(lambda X, W1, b1, W2, b2: relu((X @ W1 + b1) @ W2) + b2)
put("05.7", "bias twice")(lambda X, W1, b1, W2, b2: (relu(X @ W1 + b1) + b1) @ W2 + b2)
put("05.7", "relu squared")(lambda X, W1, b1, W2, b2: relu(X @ W1 + b1) ** 2 @ W2 + b2)
put("05.7", "b2 per unit")(lambda X, W1, b1, W2, b2: (relu(X @ W1 + b1) + b2) @ W2)


def ft(e):
    def q(X, t, w, b, lr, steps):
        w = w.copy()
        for k in range(steps):
            w, b = e(X, t, w, b, lr, k)
        return w, b

    return q


def D(X, t, w, b):
    y = np.tanh(X @ w + b)
    return y, 2 * (y - t) * (1 - y * y) / len(X)


put("05.8", "sums")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b - lr * d.sum()))(
            D(X, t, w, b)[1] * len(X)
        )
    )
)
put("05.8", "t-y")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b - lr * d.sum()))(
            -D(X, t, w, b)[1]
        )
    )
)
put("05.8", "w mean grad")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * (X.T @ d).mean(), b - lr * d.sum()))(
            D(X, t, w, b)[1]
        )
    )
)
put("05.8", "b first then w")(
    ft(
        lambda X, t, w, b, lr, k: (lambda b2: (w - lr * X.T @ D(X, t, w, b2)[1], b2))(
            b - lr * D(X, t, w, b)[1].sum()
        )
    )
)
put("05.8", "decay")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w * (1 - lr) - lr * X.T @ d, b - lr * d.sum()))(
            D(X, t, w, b)[1]
        )
    )
)
put("05.8", "error squared")(
    ft(
        lambda X, t, w, b, lr, k: (
            lambda y: (lambda d: (w - lr * X.T @ d, b - lr * d.sum()))(
                (y - t) ** 2 * (1 - y * y) / len(X)
            )
        )(np.tanh(X @ w + b))
    )
)
put("05.8", "sigmoid neuron")(
    ft(
        lambda X, t, w, b, lr, k: (
            lambda y: (lambda d: (w - lr * X.T @ d, b - lr * d.sum()))(
                2 * (y - t) * y * (1 - y) / len(X)
            )
        )(sig(X @ w + b))
    )
)
put("05.8", "only first sample")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X[0] * d, b - lr * d))(
            (lambda y: 2 * (y - t[0]) * (1 - y * y))(np.tanh(X[0] @ w + b))
        )
    )
)
put("05.8", "w by b")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b - lr * (X.T @ d).sum()))(
            D(X, t, w, b)[1]
        )
    )
)
put("05.8", "n and 2 lost")(
    ft(
        lambda X, t, w, b, lr, k: (lambda d: (w - lr * X.T @ d, b - lr * d.sum()))(
            D(X, t, w, b)[1] * len(X) / 2
        )
    )
)


def bk(
    start=lambda y, t: (y - t) / len(t),
    dW=lambda h, d: h.T @ d,
    db=lambda d: d.sum(0),
    back=lambda d, Ws, zs, hs, l: d @ Ws[l].T * (zs[l - 1] > 0),
    post=lambda a, c: (a, c),
):
    def q(X, t, Ws, bs):
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
                d = back(d, Ws, zs, h, l)
        return post(a, c)

    return q


put("05.11", "half")(bk(start=lambda y, t: (y - t) / (2 * len(t))))
put("05.11", "abs error")(bk(start=lambda y, t: np.abs(y - t) / len(t)))
put("05.11", "mask inverted")(bk(back=lambda d, Ws, zs, hs, l: d @ Ws[l].T * (zs[l - 1] < 0)))
put("05.11", "relu of delta")(bk(back=lambda d, Ws, zs, hs, l: relu(d @ Ws[l].T)))
put("05.11", "leaky")(
    bk(back=lambda d, Ws, zs, hs, l: d @ Ws[l].T * np.where(zs[l - 1] > 0, 1, 0.01))
)
put("05.11", "n in each layer")(
    bk(back=lambda d, Ws, zs, hs, l: d @ Ws[l].T * (zs[l - 1] > 0) / len(d))
)
put("05.11", "db of d times h?")(bk(dW=lambda h, d: h.T @ d, db=lambda d: d[0]))
put("05.11", "W not T abs")(bk(back=lambda d, Ws, zs, hs, l: d @ np.abs(Ws[l]).T * (zs[l - 1] > 0)))
put("05.11", "order db dW")(bk(post=lambda a, c: (c, a)))
put("05.11", "no mask, no n")(
    bk(start=lambda y, t: y - t, back=lambda d, Ws, zs, hs, l: d @ Ws[l].T)
)
put("05.11", "2 and t-y")(bk(start=lambda y, t: 2 * (t - y) / len(t)))
# 06
pp = np.array([2.0, 5, 1]) / 8
put("06.1", "log2")(lambda: (3 - 1.0, tuple(np.round(pp - [1, 0, 0], 4))))
put("06.1", "t/p")(lambda: (round(math.log(4), 4), (-4.0, 0, 0)))
put("06.1", "sum of all logs")(
    lambda: (round(float(-np.log(pp).sum()), 4), tuple(np.round(pp - [1, 0, 0], 4)))
)
put("06.1", "mean over 3")(
    lambda: (round(math.log(4) / 3, 4), tuple(np.round((pp - [1, 0, 0]) / 3, 4)))
)
put("06.1", "raw logits as p")(
    lambda: (lambda z: (round(-math.log(z[0]), 4), tuple(np.round(z - [1, 0, 0], 4))))(
        np.array([math.log(2), math.log(5), 0])
    )
)
put("06.2", "N/2")(lambda y, t: (y - t, (y - t) / y.size, (y - t) / (2 * y.size)))
put("06.2", "sqrt")(lambda y, t: (y - t, (y - t) / np.sqrt(y.size), 2 * (y - t) / np.sqrt(y.size)))
put("06.2", "abs")(lambda y, t: tuple(np.abs(y - t) * f for f in (1, 1 / y.size, 2 / y.size)))
put("06.2", "y+t")(lambda y, t: tuple((y + t) * f for f in (1, 1 / y.size, 2 / y.size)))
put("06.2", "2 in all")(lambda y, t: tuple((y - t) * f for f in (2, 2 / y.size, 2 / y.size)))
put("06.2", "rows centred")(
    lambda y, t: tuple(((y - t) - (y - t).mean()) * f for f in (1, 1 / y.size, 2 / y.size))
)


def ls(Z):
    m = Z.max(1, keepdims=True)
    return Z - m - np.log(np.exp(Z - m).sum(1, keepdims=True))


at = lambda M, l: M[np.arange(len(l)), l]
put("06.3", "divided by n")(lambda Z, l, w: float((-w[l] * at(ls(Z), l)).mean()))
put("06.3", "inverse weights")(
    lambda Z, l, w: float((-at(ls(Z), l) / w[l]).sum() / (1 / w[l]).sum())
)
put("06.3", "weights on logits")(lambda Z, l, w: float((-at(ls(Z * w), l)).mean()))
put("06.3", "k classes")(
    lambda Z, l, w: float((-w[l] * at(ls(Z), l)).sum() / w[l].sum() / Z.shape[1])
)
put("06.3", "first row only")(lambda Z, l, w: float(-ls(Z)[0, l[0]]))
put("06.3", "margin")(lambda Z, l, w: float((w[l] * (Z.max(1) - at(Z, l))).sum() / w[l].sum()))
put("06.3", "log2")(lambda Z, l, w: float((-w[l] * at(ls(Z), l)).sum() / w[l].sum() / math.log(2)))
put("06.3", "weights normalised over classes")(
    lambda Z, l, w: float((-(w / w.sum())[l] * at(ls(Z), l)).sum())
)
sp = lambda z: np.logaddexp(0, z)
put("06.4", "z*t plus")(lambda z, t: sp(z) + z * t)
put("06.4", "softplus only -z")(lambda z, t: sp(-z))
put("06.4", "hinge")(lambda z, t: np.maximum(0, 1 - (2 * t - 1) * z))
put("06.4", "sum")(lambda z, t: float((sp(z) - z * t).sum()))
put("06.4", "log base 2")(lambda z, t: (sp(z) - z * t) / math.log(2))
put("06.4", "t on both")(lambda z, t: t * (sp(z) - z * t))
put("06.4", "max without")(lambda z, t: np.maximum(z, 0) - z * t)
put("06.4", "abs z")(lambda z, t: np.abs(z) - z * t + np.log1p(np.exp(-np.abs(z))))
put("06.5", "inverse signs")(lambda y, t: t / y - (1 - t) / (1 - y))
put("06.5", "times y-t")(lambda y, t: (y - t) / (y + (1 - y)))
put("06.5", "1-y lost in second")(lambda y, t: -t / y + (1 - t))
put("06.5", "y(1-y) squared")(lambda y, t: (y - t) / (y * (1 - y)) ** 2)
put("06.5", "only 1-t")(lambda y, t: (1 - t) / (1 - y))
put("06.5", "log derivative")(lambda y, t: -t / y * (1 - t) / (1 - y))
put("06.6", "sum over len sizes times")(lambda r, s: float(np.sqrt((r**2 * s).sum()) / s.sum()))
put("06.6", "mean of squares weighted by root")(
    lambda r, s: float(np.sqrt((r**2 * np.sqrt(s)).sum() / np.sqrt(s).sum()))
)
put("06.6", "max")(lambda r, s: float(r.max()))
put("06.6", "last")(lambda r, s: float(r[-1]))
put("06.6", "inverse weights")(lambda r, s: float(np.sqrt((r**2 / s).sum() / (1 / s).sum())))
put("06.6", "quadratic mean of means")(lambda r, s: float(np.sqrt(np.mean(r) ** 2)))
pb = lambda e, q: np.maximum(q * e, (q - 1) * e)
put("06.7", "y minus t swapped and 1-q")(lambda y, t, q: float(pb(y[:, 0] - t, 1 - q).mean() * 2))
put("06.7", "q for both")(lambda y, t, q: float((q * (t - y[:, 0])).mean()))
put("06.7", "squared")(lambda y, t, q: float((pb(t - y[:, 0], q) ** 2).mean()))
put("06.7", "per column")(
    lambda y, t, q: float(pb(t[:, None] - y, q).mean()) if False else float(pb(t - y, q).mean())
)
put("06.7", "sum then max")(lambda y, t, q: float(pb((t - y[:, 0]).mean(), q)))
put("06.7", "q 0.5")(lambda y, t, q: float(pb(t - y[:, 0], 0.5).mean()))
put("06.7", "abs of mean")(lambda y, t, q: float(np.abs(pb(t - y[:, 0], q)).sum() / len(t) ** 2))
put("06.8", "slope d beyond")(lambda e, d: np.where(np.abs(e) <= d, np.sign(e), d * np.sign(e)))
put("06.8", "e d")(lambda e, d: np.where(np.abs(e) <= d, np.sign(e), e * d))
put("06.8", "e squared over")(lambda e, d: np.where(np.abs(e) <= d, np.sign(e), e * e / d))
put("06.8", "limit 1")(lambda e, d: np.where(np.abs(e) <= 1, np.sign(e), e / d))
put("06.8", "abs inside")(lambda e, d: np.where(np.abs(e) <= d, np.abs(e), e / d))
put("06.8", "sign everywhere")(lambda e, d: np.sign(e))
put("06.8", "minus")(lambda e, d: -np.where(np.abs(e) <= d, np.sign(e), e / d))


def io(f):
    def q(a, b):
        a = np.asarray(a, float)
        b = np.asarray(b, float)
        w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
        h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
        I = w * h
        A_ = (a[2] - a[0]) * (a[3] - a[1])
        B = (b[2] - b[0]) * (b[3] - b[1])
        cx = (a[0] + a[2] - b[0] - b[2]) / 2
        cy = (a[1] + a[3] - b[1] - b[3]) / 2
        ew = max(a[2], b[2]) - min(a[0], b[0])
        eh = max(a[3], b[3]) - min(a[1], b[1])
        return float(f(w, h, I, A_, B, cx, cy, ew, eh))

    return q


put("06.10", "intersection over smaller")(
    io(
        lambda w, h, I, A_, B, cx, cy, ew, eh: (
            I / min(A_, B) - (cx * cx + cy * cy) / (ew * ew + eh * eh)
        )
    )
)
put("06.10", "manhattan")(
    io(lambda w, h, I, A_, B, cx, cy, ew, eh: I / (A_ + B - I) - (abs(cx) + abs(cy)) / (ew + eh))
)
put("06.10", "only x")(
    io(lambda w, h, I, A_, B, cx, cy, ew, eh: I / (A_ + B - I) - cx * cx / (ew * ew))
)
put("06.10", "minus intersection twice")(
    io(lambda w, h, I, A_, B, cx, cy, ew, eh: I / (A_ + B - 2 * I) if A_ + B - 2 * I else 0.0)
)
put("06.10", "sum squared")(
    io(
        lambda w, h, I, A_, B, cx, cy, ew, eh: (
            I / (A_ + B - I) - (cx + cy) ** 2 / (ew * ew + eh * eh)
        )
    )
)
put("06.10", "rho only")(
    io(lambda w, h, I, A_, B, cx, cy, ew, eh: -(cx * cx + cy * cy) / (ew * ew + eh * eh))
)
put("06.10", "perimeters")(
    io(
        lambda w, h, I, A_, B, cx, cy, ew, eh: (
            I / (A_ + B - I) - (cx * cx + cy * cy) / (ew + eh) ** 2
        )
    )
)
put("06.10", "half")(
    io(
        lambda w, h, I, A_, B, cx, cy, ew, eh: (
            I / (A_ + B - I) - 0.5 * (cx * cx + cy * cy) / (ew * ew + eh * eh)
        )
    )
)
pk = lambda lp, tk: np.take_along_axis(lp, tk[:, :, None], 2)[:, :, 0]
put("06.11", "max prob")(lambda lp, tk, r: float(-(lp.max(2) * r).sum() / r.sum()))
put("06.11", "squared")(lambda lp, tk, r: float((pk(lp, tk) ** 2 * r).sum() / r.sum()))
put("06.11", "k too")(lambda lp, tk, r: float(-(pk(lp, tk) * r).sum() / r.sum() / lp.shape[2]))
put("06.11", "mean then weighted")(
    lambda lp, tk, r: float(-(pk(lp, tk).mean(1) * r.sum(1)).sum() / r.sum())
)
put("06.11", "padding only")(
    lambda lp, tk, r: float(-(pk(lp, tk) * (1 - r)).sum() / max((1 - r).sum(), 1))
)
put("06.11", "next token")(
    lambda lp, tk, r: float(-(pk(lp, np.roll(tk, -1, axis=1)) * r).sum() / r.sum())
)
put("06.11", "T for real")(lambda lp, tk, r: float(-(pk(lp, tk) * r).sum() / r.shape[1]))
sf = lambda t: np.where(t > 0, t, 1)
put("06.12", "entropy only")(lambda t, p: float(-np.sum(t * np.log(sf(t)))))
put("06.12", "log difference unweighted by t")(
    lambda t, p: float(np.sum(np.where(t > 0, p * (np.log(sf(t)) - np.log(p)), 0)))
)
put("06.12", "half")(lambda t, p: float(np.sum(np.where(t > 0, t * np.log(sf(t) / p), 0)) / 2))
put("06.12", "js like")(
    lambda t, p: float(np.sum(np.where(t > 0, t * np.log(sf(t) / ((t + p) / 2)), 0)))
)
put("06.12", "squares")(lambda t, p: float(np.sum(t * (t - p) ** 2)))
put("06.12", "log of sum")(lambda t, p: float(np.log(np.sum(t * sf(t) / p))))
put("06.12", "p/t")(lambda t, p: float(np.sum(np.where(t > 0, t * np.log(p / sf(t)), 0))))
# 07, 08
put("07.1", "l1 adds")(lambda: ((1.5385, -0.5217), (2.3, -3.375)))
put("07.1", "lam over two")(lambda: ((round(10 / 5.75, 4), round(-1.2 / 1.55, 4)), (1.85, -0.5625)))
put("07.2", "no t centring, b t mean")(
    lambda X, t, lam: (lambda w: (w, float(t.mean())))(
        np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ t)
    )
)
put("07.2", "half lam")(
    lambda X, t, lam: (
        lambda C: (lambda w: (w, float((t - X @ w).mean())))(
            np.linalg.solve(C.T @ C + lam / 2 * np.eye(X.shape[1]), C.T @ (t - t.mean()))
        )
    )(X - X.mean(0))
)
put("07.2", "b zero")(
    lambda X, t, lam: (
        lambda C: (np.linalg.solve(C.T @ C + lam * np.eye(X.shape[1]), C.T @ (t - t.mean())), 0.0)
    )(X - X.mean(0))
)
lo = lambda f: lambda w, b, X, t, lam: f(w, b, X, t, lam, X @ w + b)
put("07.3", "lam abs")(
    lo(
        lambda w, b, X, t, lam, z: (
            float(np.mean(sp(z) - z * t) + lam / 2 * np.sum(np.abs(w))),
            X.T @ (sig(z) - t) / len(t) + lam * w,
            float(np.mean(sig(z) - t)),
        )
    )
)
put("07.3", "half lam w")(
    lo(
        lambda w, b, X, t, lam, z: (
            float(np.mean(sp(z) - z * t) + lam / 2 * np.sum(w**2)),
            X.T @ (sig(z) - t) / len(t) + lam * w / 2,
            float(np.mean(sig(z) - t)),
        )
    )
)
put("07.3", "db sum")(
    lo(
        lambda w, b, X, t, lam, z: (
            float(np.mean(sp(z) - z * t) + lam / 2 * np.sum(w**2)),
            X.T @ (sig(z) - t) / len(t) + lam * w,
            float(np.sum(sig(z) - t)),
        )
    )
)
put("07.3", "z for p")(
    lo(
        lambda w, b, X, t, lam, z: (
            float(np.mean(sp(z) - z * t) + lam / 2 * np.sum(w**2)),
            X.T @ (z - t) / len(t) + lam * w,
            float(np.mean(z - t)),
        )
    )
)
put("07.4", "g thresholded")(
    lambda w, g, lr, lam: w - lr * np.sign(g) * np.maximum(np.abs(g) - lam, 0)
)
put("07.4", "old sign step")(lambda w, g, lr, lam: w - lr * (g + lam * np.sign(w)))
put("07.4", "lam on w")(
    lambda w, g, lr, lam: (lambda v: np.sign(v) * np.maximum(np.abs(v) - lr * lam * np.abs(w), 0))(
        w - lr * g
    )
)
put("07.5", "sqrt scale")(lambda G, h, u, p: np.where(u >= p, G / np.sqrt(1 - p), 0.0))
put("07.5", "> for >=, no scale")(lambda G, h, u, p: np.where(u > p, G, 0.0) * h)


def es(f):
    def q(val, patience):
        best = 0
        for k in range(len(val)):
            if val[k] < val[best]:
                best = k
            if k - best >= patience:
                return f(k, best)
        return f(len(val) - 1, best)

    return q


put("07.6", "from 0")(es(lambda k, b: (k, b)))
put("07.6", "best one early")(es(lambda k, b: (k + 1, b)))
put("07.6", "exchanged")(es(lambda k, b: (b + 1, k + 1)))


@put("07.6", "compares with the last")
def _(val, patience):
    wait = 0
    best = 0
    for k in range(len(val)):
        if k == 0 or val[k] < val[k - 1]:
            wait = 0
        else:
            wait += 1
        if val[k] < val[best]:
            best = k
        if wait >= patience:
            return k + 1, best + 1
    return len(val), best + 1


put("07.9", "t minus 1")(
    lambda s, lr, lam, t: (
        np.where(s > 0, s**2 / np.where(s**2 + lam > 0, s**2 + lam, 1), 0)
        * (1 - (1 - lr * (s**2 + lam)) ** max(t - 1, 0))
    )
)
put("07.9", "exp")(
    lambda s, lr, lam, t: (
        s**2 / np.where(s**2 + lam > 0, s**2 + lam, 1) * (1 - np.exp(-lr * (s**2 + lam) * t))
    )
)
put("07.9", "s not squared")(
    lambda s, lr, lam, t: s / np.where(s + lam > 0, s + lam, 1) * (1 - (1 - lr * (s + lam)) ** t)
)
put("07.10", "median")(
    lambda e, l: (lambda m, b: float(l[m <= m[b] + e[:, b].std(ddof=1) / np.sqrt(len(e))].max()))(
        np.median(e, 0), np.median(e, 0).argmin()
    )
)
put("07.10", "below, not within")(
    lambda e, l: (
        lambda m, b: (
            float(l[m < m[b] + e[:, b].std(ddof=1) / np.sqrt(len(e))].max())
            if (m < m[b] + e[:, b].std(ddof=1) / np.sqrt(len(e))).any()
            else float(l[b])
        )
    )(e.mean(0), e.mean(0).argmin())
)
put("08.2", "sum only max")(lambda l: (2 / (l.max() + l.max()), float(abs(1 - l / l.max()).max())))
put("08.2", "factor squared")(
    lambda l: (2 / (l.max() + l.min()), float(((l.max() - l.min()) / (l.max() + l.min())) ** 2))
)
put("08.2", "geometric")(
    lambda l: (1 / np.sqrt(l.max() * l.min()), float(abs(1 - l / np.sqrt(l.max() * l.min())).max()))
)
put("08.3", "lr in v and out")(
    lambda w, v, g, lr, beta, n: (lambda v: (w - lr * (g + beta * v if n else v), v))(
        beta * v + lr * g
    )
)
put("08.3", "nesterov always")(
    lambda w, v, g, lr, beta, n: (lambda v: (w - lr * (g + beta * v), v))(beta * v + g)
)
put("08.3", "nesterov without beta")(
    lambda w, v, g, lr, beta, n: (lambda v: (w - lr * (g + v if n else v), v))(beta * v + g)
)
ad_ = lambda f: (
    lambda w, m, s, t, g, lr, b1, b2, eps: f(
        w, b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g, t, g, lr, b1, b2, eps
    )
)
put("08.4", "s corrected with b1")(
    ad_(
        lambda w, m, s, t, g, lr, b1, b2, eps: (
            w - lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b1**t)) + eps),
            m,
            s,
        )
    )
)
put("08.4", "g for m")(
    ad_(
        lambda w, m, s, t, g, lr, b1, b2, eps: (
            w - lr * g / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps),
            m,
            s,
        )
    )
)
put("08.4", "plus")(
    ad_(
        lambda w, m, s, t, g, lr, b1, b2, eps: (
            w + lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps),
            m,
            s,
        )
    )
)
put("08.4", "eps under corrected root only s")(
    ad_(
        lambda w, m, s, t, g, lr, b1, b2, eps: (
            w - lr * m / (1 - b1**t) / np.sqrt(s / (1 - b2**t) + eps**2),
            m,
            s,
        )
    )
)
aw = lambda f: (
    lambda w, m, s, t, g, lr, b1, b2, eps, wd: f(
        w, b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g, t, g, lr, b1, b2, eps, wd
    )
)
put("08.5", "wd squared")(
    aw(
        lambda w, m, s, t, g, lr, b1, b2, eps, wd: (
            w - lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps) - lr * wd**2 * w,
            m,
            s,
        )
    )
)
put("08.5", "decay of g")(
    aw(
        lambda w, m, s, t, g, lr, b1, b2, eps, wd: (
            w - lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps) - lr * wd * g,
            m,
            s,
        )
    )
)
put("08.5", "forgotten")(
    aw(
        lambda w, m, s, t, g, lr, b1, b2, eps, wd: (
            w - lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps),
            m,
            s,
        )
    )
)
put("08.6", "rows and columns exchanged")(
    lambda G, R, C, b: (lambda R, C: (R, C, np.outer(R, C) / C.sum()))(
        b * R + (1 - b) * (G**2).mean(1), b * C + (1 - b) * (G**2).mean(0)
    )
)
put("08.6", "b exchanged")(
    lambda G, R, C, b: (lambda R, C: (R, C, np.outer(R, C) / R.mean()))(
        (1 - b) * R + b * (G**2).mean(1), (1 - b) * C + b * (G**2).mean(0)
    )
)
put("08.7", "sum of all over k times")(lambda m, s: m.sum(0) / s.sum())
put("08.7", "first sizes")(lambda m, s: (m * s[0]).sum(0) / s.sum())
put("08.8", "cos without 1")(
    lambda k, peak, warm, total, floor: (
        peak * k / warm
        if k < warm
        else floor
        if k >= total
        else floor + (peak - floor) * abs(math.cos(math.pi * (k - warm) / (total - warm) / 2))
    )
)
put("08.8", "k total")(
    lambda k, peak, warm, total, floor: (
        peak * k / warm
        if k < warm
        else floor
        if k >= total
        else floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * (k - warm) / total))
    )
)
put("08.8", "starts at floor")(
    lambda k, peak, warm, total, floor: (
        floor + (peak - floor) * k / warm
        if k < warm
        else floor
        if k >= total
        else floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * (k - warm) / (total - warm)))
    )
)
put("08.9", "n-B over n-1 lost root")(
    lambda s, n, B: (s / math.sqrt(B), s / math.sqrt(B) * (1 - (B - 1) / (n - 1)))
)
put("08.9", "n")(
    lambda s, n, B: (s / math.sqrt(n), s / math.sqrt(n) * math.sqrt((n - B) / (n - 1)))
)


UNTOLD = {  # the cause is not named
    ("05.6", "rms"),
    ("05.5", "W2 sum"),
    ("04.10", "max subtracted"),
    ("01.6", "summed error"),
    ("01.2", "forward and backward averaged wrongly"),
    ("01.4", "angle"),
    ("01.5", "updated weights"),
    ("01.5", "w1 and x, w2 and x"),
    ("02.1", "d is e*c"),
    ("02.2", "y in front"),
    ("02.2", "inverse"),
    ("02.5", "alphabetical"),
    ("02.5", "horner"),
    ("02.5", "shared among parents"),
    ("02.6", "sum after"),
    ("03.2", "log b for a"),
    ("03.4", "w minus t x"),
    ("03.4", "averaged weights"),
    ("03.8", "min shift"),
    ("03.8", "difference"),
    ("03.9", "largest"),
    ("03.9", "rounded"),
    ("04.1", "dw column sums"),
    ("04.1", "db 3"),
    ("04.1", "dw first row only"),
    ("04.3", "last axis only"),
    ("04.3", "broadcast back"),
    ("04.4", "n and o once"),
    ("04.6", "lr in W"),
    ("04.6", "y minus"),
    ("04.7", "times_i"),
    ("04.10", "first prob"),
    ("05.5", "db1 from d2"),
    ("05.5", "dW2 slope of h"),
    ("05.6", "softmax"),
    ("05.6", "tanh net"),
    ("05.8", "n and 2 lost"),
    ("06.1", "sum of all logs"),
    ("06.1", "mean over 3"),
    ("06.5", "y(1-y) squared"),
    ("06.10", "minus intersection twice"),
    ("06.10", "sum squared"),
    ("06.11", "mean then weighted"),
    ("06.12", "squares"),
    ("07.4", "g thresholded"),
    ("07.4", "lam on w"),
    ("08.2", "geometric"),
    ("08.4", "eps under corrected root only s"),
}
