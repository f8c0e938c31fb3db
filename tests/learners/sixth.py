"""The sixth lot, chapters 00 to 08: as hasty readers would write it.

Written last and not seen before: 100 of 118 were told at first sight.
"""

import math

import numpy as np

from learners.lot import Lot, relu, sig

ANSWERS = Lot()
put = ANSWERS.put


put("00.0", "w-3 doubled")(lambda w: 2 * (w - 3))
put("00.1", "min of w and step")(lambda w, s, lr: min(w, w - lr * s))
put("00.1", "lr over slope")(lambda w, s, lr: w - lr * (s + 1))
put("01.1", "derivative of product is product")(lambda: (3.25, 1.5, 5.375, 3 * -1 + 1))
put("01.1", "y plus 1, slope plus 1")(lambda: (3.25, 1.5, 7.375, 2.25))
put("01.1", "slope of u at v")(lambda: (3.25, 1.5, 5.375, 2 * 1.5 * 1.5 + 3.25 + 1))
put("01.2", "2h below")(lambda f, x, h: (f(x + h) - f(x - 2 * h)) / (3 * h))
put("01.2", "abs h sum")(lambda f, x, h: (f(x + h) - f(x - h)) / (h + h * h))
put("01.2", "forward with half h")(lambda f, x, h: (f(x + h / 2) - f(x)) / (h / 2))
put("01.4", "grad length times cosine of wrong")(
    lambda g, u: float(np.sum(g * u) / np.sum(np.abs(u)) ** 0.5)
)
put("01.4", "first component")(lambda g, u: float(g[0] * u[0] / np.linalg.norm(u)))
put("01.4", "negated")(lambda g, u: float(-(g @ u) / np.linalg.norm(u)))
put("01.4", "u not normalised, divided by d")(lambda g, u: float(g @ u / len(u)))


def c(f):
    def q(x, t, w1, b1, w2, b2, w3, b3):
        z1 = w1 * x + b1
        z2 = w2 * z1 + b2
        y = w3 * z2 + b3
        return tuple(f(x, y - t, w1, w2, w3, z1, z2, y))

    return q


put("01.5", "b's also by weights")(
    c(
        lambda x, d, w1, w2, w3, z1, z2, y: (
            d * w3 * w2 * x,
            d * w3 * w2 * w1,
            d * w3 * z1,
            d * w3 * w2,
            d * z2,
            d * w3,
        )
    )
)
put("01.5", "z's not multiplied")(
    c(lambda x, d, w1, w2, w3, z1, z2, y: (d * w3 * w2, d * w3 * w2, d * w3, d * w3, d, d))
)
put("01.5", "divided")(
    c(
        lambda x, d, w1, w2, w3, z1, z2, y: (
            d / w3 / w2 * x,
            d / w3 / w2,
            d / w3 * z1,
            d / w3,
            d * z2,
            d,
        )
    )
)
put("01.5", "z1 with w2")(
    c(
        lambda x, d, w1, w2, w3, z1, z2, y: (
            d * w3 * w2 * x,
            d * w3 * w2,
            d * w3 * w2 * z1,
            d * w3,
            d * z2,
            d,
        )
    )
)
put("01.6", "b added to delta")(
    lambda x, t, W, b: (lambda y: np.outer(x, (y - t) * (1 - y * y) + b))(np.tanh(x @ W + b))
)
put("01.6", "square of one minus y")(
    lambda x, t, W, b: (lambda y: np.outer(x, (y - t) * (1 - y) ** 2))(np.tanh(x @ W + b))
)
put("01.6", "only tanh'")(lambda x, t, W, b: (lambda y: np.outer(x, 1 - y * y))(np.tanh(x @ W + b)))
put("01.7", "sigma' with z2 sign")(
    lambda x, t, W1, b1, W2, b2: (
        lambda h: (lambda y: np.outer(x, (W2 @ ((y - t) * y * (y - 1))) * h * (1 - h)))(
            sig(h @ W2 + b2)
        )
    )(sig(x @ W1 + b1))
)
put("01.7", "h lost")(
    lambda x, t, W1, b1, W2, b2: (
        lambda h: (lambda y: np.outer(x, (W2 @ ((y - t) * y * (1 - y))) * h))(sig(h @ W2 + b2))
    )(sig(x @ W1 + b1))
)
put("01.7", "no target")(
    lambda x, t, W1, b1, W2, b2: (
        lambda h: (lambda y: np.outer(x, (W2 @ (y * y * (1 - y))) * h * (1 - h)))(sig(h @ W2 + b2))
    )(sig(x @ W1 + b1))
)
put("02.1", "f squared")(lambda: (3 * 4.5 - 2.5, -0.5 * 4.5, 4.5 * 2))
put("02.1", "e as a+b")(lambda: (4.5 - 6.5, 4.5, 4.5 + 6.5))
put("02.2", "rounded quotient")(
    lambda p, q: (
        p[0] / q[0],
        (p[1] * q[0] - p[0] * q[1]) / (q[0] + q[1]) ** 2 if q[0] + q[1] else 0.0,
    )
)
put("02.2", "tangent quotient minus")(lambda p, q: (p[0] / q[0], p[1] / q[0] - q[1] / q[0]))
put("02.3", "two sided all")(lambda i, o: (2 * i, 2 * i, 2 * o))
put("02.3", "min")(lambda i, o: (i + 1, min(i, o), min(i, o)))


def bw(step):
    def f(edges, order, root):
        G = {n: 0.0 for n in order}
        G[root] = 1.0
        for n in reversed(order):
            for p, s in edges[n]:
                step(G, n, p, s)
        return G

    return f


def s1(G, n, p, s):
    G[p] += s / (G[n] or 1)


def s2(G, n, p, s):
    G[n] += s * G[n]


def s3(G, n, p, s):
    G[p] += (s - 1) * G[n]


put("02.5", "divided by G")(bw(s1))
put("02.5", "into itself")(bw(s2))
put("02.5", "slope minus one")(bw(s3))
put("02.7", "dz squared")(lambda dz, W, z: W @ dz**2)
put("02.7", "z added")(lambda dz, W, z: W @ (dz + z))
put("02.8", "cube")(lambda z, t: (lambda y: (y - t, (y - t) * y * (1 - y) ** 2))(sig(z)))
put("02.8", "y t products")(lambda z, t: (lambda y: (y - t, y * (1 - y)))(sig(z)))
put("03.2", "ln of b squared")(
    lambda a, b: (1 / (a * math.log(b)), -math.log(a) / (b * math.log(b**2)))
)
put("03.2", "a in second")(
    lambda a, b: (1 / (a * math.log(b)), -math.log(a) / (a * math.log(b) ** 2))
)
put("03.2", "power of third")(
    lambda a, b: (1 / (a * math.log(b)), -math.log(a) / (b * math.log(b) ** 3))
)


def tr(step):
    def f(w, x, t, lr, steps):
        for k in range(steps):
            w = step(w, x, t, lr, k)
        return float(w)

    return f


put("03.4", "t lost")(tr(lambda w, x, t, lr, k: w - lr * np.mean(w * x * x)))
put("03.4", "mean abs error")(tr(lambda w, x, t, lr, k: w - lr * np.mean(abs(w * x - t) * x)))
put("03.4", "half")(tr(lambda w, x, t, lr, k: w - lr * np.mean((w * x - t) * x) / 2))
put("03.4", "lr grows")(tr(lambda w, x, t, lr, k: w - lr * (k + 1) * np.mean((w * x - t) * x)))
put("03.4", "w+x")(tr(lambda w, x, t, lr, k: w - lr * np.mean((w + x - t) * x)))


def m(f):
    def q(x, t, w1, b1, w2, b2, w3, b3):
        z1 = w1 * x + b1
        h1 = max(z1, 0)
        z2 = w2 * h1 + b2
        h2 = max(z2, 0)
        y = w3 * h2 + b3
        return f(x, w1, w2, w3, z1, h1, z2, h2, y, y - t, float(z1 > 0), float(z2 > 0))

    return q


put("03.5", "b3 lost forward")(
    lambda x, t, w1, b1, w2, b2, w3, b3: m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, d, a, b: (
            d * w3 * b * w2 * a * x,
            d * w3 * b * w2 * a,
            d * w3 * b * h1,
            d * w3 * b,
            d * h2,
            d,
        )
    )(x, t, w1, b1, w2, b2, w3, 0.0)
)
put("03.5", "mask on dy")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, d, a, b: (
            d * w3 * b * w2 * a * x,
            d * w3 * b * w2 * a,
            d * w3 * b * h1,
            d * w3 * b,
            d * h2,
            d * b,
        )
    )
)
put("03.5", "h1 for x")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, d, a, b: (
            d * w3 * b * w2 * a * h1,
            d * w3 * b * w2 * a,
            d * w3 * b * h1,
            d * w3 * b,
            d * h2,
            d,
        )
    )
)
put("03.5", "w3 twice")(
    m(
        lambda x, w1, w2, w3, z1, h1, z2, h2, y, d, a, b: (
            d * w3 * b * w3 * a * x,
            d * w3 * b * w3 * a,
            d * w3 * b * h1,
            d * w3 * b,
            d * h2,
            d,
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


put("03.6", "median")(me(lambda n, g: np.median(abs(n - g))))
put("03.6", "root")(me(lambda n, g: np.sqrt(np.max(abs(n - g)))))
put("03.6", "signed largest")(me(lambda n, g: (n - g)[np.argmax(abs(n - g))]))
put("03.7", "G above lost, ez")(
    lambda z, a, G: np.where(z > 0, 1.0, a * np.exp(np.minimum(z, 0)) * G)
)
put("03.7", "z times slope")(lambda z, a, G: np.where(z > 0, 1.0, a * np.exp(np.minimum(z, 0))) * z)
put("03.7", "1/a")(lambda z, a, G: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0)) / a) * G)
put("03.8", "m twice")(
    lambda a, b: (
        lambda m: (
            2 * m + math.log(math.exp(a - m) + math.exp(b - m)),
            math.exp(a - m) / (math.exp(a - m) + math.exp(b - m)),
            math.exp(b - m) / (math.exp(a - m) + math.exp(b - m)),
        )
    )(max(a, b))
)
put("03.8", "no log")(
    lambda a, b: (
        lambda m: (
            m + (math.exp(a - m) + math.exp(b - m)),
            math.exp(a - m) / (math.exp(a - m) + math.exp(b - m)),
            math.exp(b - m) / (math.exp(a - m) + math.exp(b - m)),
        )
    )(max(a, b))
)
put("04.2", "G centred")(lambda G, X, W: ((G - G.mean(0)).T @ X, G @ W))
put("04.2", "dW by n outputs")(lambda G, X, W: (G.T @ X / X.shape[1], G @ W))
put("04.2", "both negated")(lambda G, X, W: (-G.T @ X, -G @ W))
put("04.4", "i squared")(lambda n, i, o: (n * o * n * i, n * o * i * i))
put("04.4", "first with W")(lambda n, i, o: (n * o * i * o, n * o * i))


def lb(f):
    def q(G, X, W, b):
        Z = X @ W + b
        H = relu(Z)
        D = G * (Z > 0)
        return f(G, X, W, b, Z, H, D)

    return q


put("04.5", "G minus")(
    lb(lambda G, X, W, b, Z, H, D: (lambda D: (X.T @ D, D.sum(0), D @ W.T))(G - (Z > 0)))
)
put("04.5", "sum of Z mask")(
    lb(lambda G, X, W, b, Z, H, D: (X.T @ D, (Z > 0).sum(0) * 1.0, D @ W.T))
)
put("04.5", "dX mask twice with X")(
    lb(lambda G, X, W, b, Z, H, D: (X.T @ D, D.sum(0), (D @ W.T) * (X > 0)))
)
put("04.5", "H mask and G squared")(
    lb(lambda G, X, W, b, Z, H, D: (lambda D: (X.T @ D, D.sum(0), D @ W.T))(G * G * (Z > 0)))
)
put("04.6", "divides by n+1")(lambda W, X, d, lr: W - lr * X.T @ d / (len(X) + 1))
put("04.6", "W+ grad no lr")(lambda W, X, d, lr: W + X.T @ d / len(X))
put("04.6", "X squared")(lambda W, X, d, lr: W - lr * (X**2).T @ d / len(X))


def tv(f):
    def q(G, idx, shape):
        T = np.zeros(shape)
        for r, i in enumerate(idx):
            f(T, G, r, int(i))
        return T

    return q


def t1(T, G, r, i):
    T[i] += G[-r - 1]


def t2(T, G, r, i):
    T[i] += 2 * G[r]


def t3(T, G, r, i):
    T[i] = T[i] * G[r] if T[i].any() else G[r]


put("04.7", "G backwards")(tv(t1))
put("04.7", "twice")(tv(t2))
put("04.7", "product")(tv(t3))
put("04.9", "output biases only")(
    lambda n, w: (n * sum(w), sum(a * b for a, b in zip(w, w[1:])) + w[-1])
)
put("04.9", "n in gradients of biases")(
    lambda n, w: (n * sum(w), sum(a * b + n * b for a, b in zip(w, w[1:])))
)
put("04.10", "G P^2")(lambda G, P: P * (G - (G * P**2).sum(1, keepdims=True)))
put("04.10", "mean G")(lambda G, P: P * (G - G.mean(1, keepdims=True)))
put("04.10", "1-P")(lambda G, P: (1 - P) * (G - (G * P).sum(1, keepdims=True)))
put("05.2", "b from left")(
    lambda Ws, bs: (lambda r: r)(
        (
            lambda W, b: [
                (W := W @ (w + np.eye(len(w))), b := b @ w + b + 2 * c) for w, c in zip(Ws, bs)
            ][-1]
        )(np.eye(len(Ws[0])), np.zeros(len(bs[0])))
    )
)
put("05.4", "slope with minus")(
    lambda delta, Ws, zs: (
        lambda out: (
            [
                out.insert(0, out[0] @ Ws[l + 1].T * (np.tanh(zs[l]) ** 2 - 1))
                for l in range(len(zs) - 1, -1, -1)
            ]
            and out
            or out
        )
    )([delta])
)
put("05.4", "only W")(
    lambda delta, Ws, zs: (
        lambda out: (
            [
                out.insert(0, np.ones_like(zs[l]) * Ws[l + 1].sum(1) * (1 - np.tanh(zs[l]) ** 2))
                for l in range(len(zs) - 1, -1, -1)
            ]
            and out
            or out
        )
    )([delta])
)


def g5(f):
    def q(x, t, W1, b1, W2, b2):
        h = np.tanh(x @ W1 + b1)
        y = np.tanh(h @ W2 + b2)
        return f(x, t, W1, W2, h, y)

    return q


put("05.5", "no y in slope: t")(
    g5(
        lambda x, t, W1, W2, h, y: (
            lambda d2: (lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2))(
                (W2 @ d2) * (1 - h * h)
            )
        )((y - t) * (1 - t * t))
    )
)
put("05.5", "W2 squared")(
    g5(
        lambda x, t, W1, W2, h, y: (
            lambda d2: (lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2))(
                (W2**2 @ d2) * (1 - h * h)
            )
        )((y - t) * (1 - y * y))
    )
)
put("05.5", "1+h2")(
    g5(
        lambda x, t, W1, W2, h, y: (
            lambda d2: (lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2))(
                (W2 @ d2) * (1 + h * h)
            )
        )((y - t) * (1 - y * y))
    )
)
put("05.5", "both slopes once")(
    g5(
        lambda x, t, W1, W2, h, y: (
            lambda d2: (lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2))((W2 @ d2) * (1 - h))
        )((y - t) * (1 - y))
    )
)
put("05.6", "3/n")(lambda z, t: 3 * (sig(z) - t) ** 2 * sig(z) * (1 - sig(z)) / len(z))
put("05.6", "t y swapped and half")(lambda z, t: (t - sig(z)) * sig(z) * (1 - sig(z)) / len(z))
put("05.7", "relu of both layers' weights")(
    lambda X, W1, b1, W2, b2: relu(X @ W1 + b1) @ relu(W2) + b2
)
put("05.7", "h plus X@W1")(lambda X, W1, b1, W2, b2: (relu(X @ W1 + b1) + X @ W1) @ W2 + b2)


def ft(e):
    def q(X, t, w, b, lr, steps):
        w = w.copy()
        for _k in range(steps):
            y = np.tanh(X @ w + b)
            d = 2 * (y - t) * (1 - y * y) / len(X)
            w, b = e(X, t, w, b, lr, y, d)
        return w, b

    return q


put("05.8", "b mean times n")(
    ft(lambda X, t, w, b, lr, y, d: (w - lr * X.T @ d, b - lr * d.sum() * len(X)))
)
put("05.8", "lr halves b")(
    ft(lambda X, t, w, b, lr, y, d: (w - lr * X.T @ d, b - lr / 2 * d.sum()))
)
put("05.8", "w times")(
    ft(lambda X, t, w, b, lr, y, d: (w * (1 - lr * X.T @ d), b * (1 - lr * d.sum())))
)
put("06.2", "third over n")(lambda y, t: (y - t, (y - t) / y.size, 2 * (y - t) / len(y)))
put("06.2", "N squared")(lambda y, t: (y - t, (y - t) / y.size**2, 2 * (y - t) / y.size**2))
sp = lambda z: np.logaddexp(0, z)
put("06.4", "t squared")(lambda z, t: sp(z) - 2 * z * t)
put("06.4", "half")(lambda z, t: (sp(z) - z * t) / 2)
put("06.4", "t+z")(lambda z, t: sp(z) - (z + t))
put("06.5", "y+t")(lambda y, t: (y + t) / (y * (1 - y)))
put("06.5", "only one over y(1-y)")(lambda y, t: 1 / (y * (1 - y)))
put("06.6", "geometric")(
    lambda r, s: float(np.exp((np.log(np.maximum(r, 1e-300)) * s).sum() / s.sum()))
)
put("06.6", "cube")(lambda r, s: float(((r**3 * s).sum() / s.sum()) ** (1 / 3)))
put("06.8", "berhu with d/2")(lambda e, d: np.where(abs(e) <= d / 2, np.sign(e), e / d))
put("06.8", "sum of both")(lambda e, d: np.sign(e) + e / d)
put("06.8", "e minus d")(lambda e, d: np.where(abs(e) <= d, np.sign(e), (e - d) / d))
put("06.12", "t ln t minus p ln p")(
    lambda t, p: float(
        np.sum(np.where(t > 0, t * np.log(np.where(t > 0, t, 1)), 0)) - np.sum(p * np.log(p))
    )
)
put("06.12", "1+")(
    lambda t, p: float(np.sum(np.where(t > 0, t * np.log(1 + np.where(t > 0, t, 1) / p), 0)))
)
pk = lambda lp, tk: np.take_along_axis(lp, tk[:, :, None], 2)[:, :, 0]
put("06.11", "real squared below")(lambda lp, tk, r: float(-(pk(lp, tk) * r).sum() / (r.sum() + 1)))
put("06.11", "divided by n sentences and T")(
    lambda lp, tk, r: float(-(pk(lp, tk) * r).sum() / (len(r) * r.shape[1]))
)
put("07.2", "w without lam")(
    lambda X, t, lam: (
        lambda C: (lambda w: (w, float(t.mean() - X.mean(0) @ w)))(
            np.linalg.solve(C.T @ C + lam**2 * np.eye(X.shape[1]), C.T @ (t - t.mean()))
        )
    )(X - X.mean(0))
)
put("07.4", "plus lam")(
    lambda w, g, lr, lam: (lambda v: np.sign(v) * (abs(v) + lr * lam))(w - lr * g)
)
put("07.5", "p for 1-p in both")(lambda G, h, u, p: np.where(u >= 1 - p, G / (1 - p), 0.0))
put("07.9", "lr outside")(
    lambda s, lr, lam, t: (
        s**2 / np.where(s**2 + lam > 0, s**2 + lam, 1) * (1 - lr * (1 - (s**2 + lam)) ** t)
    )
)
put("07.10", "two errors")(
    lambda e, l: float(
        (lambda m, b: l[m <= m[b] + 2 * e[:, b].std(ddof=1) / np.sqrt(len(e))].max())(
            e.mean(0), e.mean(0).argmin()
        )
    )
)
put("08.2", "difference")(
    lambda l: (2 / (l.max() - l.min()) if l.max() > l.min() else 1 / l.max(), 1.0)
)
put("08.3", "beta on g")(
    lambda w, v, g, lr, beta, n: (lambda v: (w - lr * (g + beta * v if n else v), v))(v + beta * g)
)
put("08.4", "t for powers in s only")(
    lambda w, m, s, t, g, lr, b1, b2, eps: (
        lambda m, s: (w - lr * m / (1 - b1) / (np.sqrt(s / (1 - b2)) + eps), m, s)
    )(b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g)
)
put("08.5", "decay plus")(
    lambda w, m, s, t, g, lr, b1, b2, eps, wd: (
        lambda m, s: (
            w - lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps) + lr * wd * w,
            m,
            s,
        )
    )(b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g)
)
put("08.6", "mean of C")(
    lambda G, R, C, b: (lambda R, C: (R, C, np.outer(R, C) / R.max()))(
        b * R + (1 - b) * (G**2).mean(1), b * C + (1 - b) * (G**2).mean(0)
    )
)
put("08.8", "peak for floor")(
    lambda k, peak, warm, total, floor: (
        peak * k / warm
        if k < warm
        else floor
        if k >= total
        else peak * 0.5 * (1 + math.cos(math.pi * (k - warm) / (total - warm)))
    )
)
put("08.9", "without n-B")(
    lambda s, n, B: (
        s / math.sqrt(B),
        s / math.sqrt(B) * math.sqrt(1 - B / (n - 1)) if B < n else 0.0,
    )
)


UNTOLD = {  # the cause is not named
    ("01.1", "derivative of product is product"),
    ("01.2", "abs h sum"),
    ("02.2", "rounded quotient"),
    ("02.5", "divided by G"),
    ("03.4", "lr grows"),
    ("03.6", "signed largest"),
    ("04.7", "product"),
    ("05.4", "only W"),
    ("05.7", "h plus X@W1"),
    ("05.8", "w times"),
    ("06.6", "geometric"),
    ("06.6", "cube"),
    ("08.9", "without n-B"),
}
