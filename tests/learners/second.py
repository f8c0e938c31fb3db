"""The second lot of wrong answers, written when the first had widened the lists.

`ANSWERS[id]` maps what went wrong to the answer.
"""

import math
from collections import defaultdict

import numpy as np

from learners.lot import relu, sig

ANSWERS = defaultdict(dict)


# 04
ANSWERS["04.1"]["dw divided by number of weights"] = ([1, -5], -1, [[-2, 3], [8, -12], [-4, 6]])
ANSWERS["04.1"]["dX uses G squared"] = ([2, -10], -1, [[-2, 3], [-32, 48], [-8, 12]])
ANSWERS["04.2"]["dW with an extra minus"] = lambda G, X, W: (-G.T @ X, G @ W)
ANSWERS["04.2"]["dX from sum of W rows"] = lambda G, X, W: (
    G.T @ X,
    G.sum(1, keepdims=True) * W.sum(0),
)
ANSWERS["04.2"]["dW without the batch sum"] = lambda G, X, W: (G[:, :, None] * X[:, None, :], G @ W)
ANSWERS["04.2"]["dW divided by outputs"] = lambda G, X, W: (G.T @ X / G.shape[1], G @ W)
ANSWERS["04.2"]["W.T given back"] = lambda G, X, W: (G.T @ X, G @ W @ W.T @ W)
ANSWERS["04.3"]["sums last axis when shorter"] = lambda G, shape: (
    G.sum(axis=-1) if G.ndim > len(shape) else G
)
ANSWERS["04.3"]["squeeze then sum"] = lambda G, shape: np.squeeze(G).sum(axis=0)
ANSWERS["04.3"]["halves"] = lambda G, shape: G.sum(axis=tuple(range(G.ndim - len(shape)))).mean(
    axis=tuple(k for k, m in enumerate(shape) if m == 1), keepdims=True
)
ANSWERS["04.4"]["bias counted"] = lambda n, i, o: (n * o * (n * i + 1), n * o * (i + 1))
ANSWERS["04.4"]["n cubed"] = lambda n, i, o: (n * n * o * n * i, n * o * i)
ANSWERS["04.5"]["db from Z"] = lambda G, X, W, b: (
    X.T @ (G * (X @ W + b > 0)),
    (X @ W + b).sum(0),
    (G * (X @ W + b > 0)) @ W.T,
)
ANSWERS["04.5"]["mask from b only"] = lambda G, X, W, b: (lambda d: (X.T @ d, d.sum(0), d @ W.T))(
    G * (b > 0)
)
ANSWERS["04.5"]["dW of H"] = lambda G, X, W, b: (
    X.T @ relu(X @ W + b),
    (G * (X @ W + b > 0)).sum(0),
    (G * (X @ W + b > 0)) @ W.T,
)
ANSWERS["04.5"]["threshold one"] = lambda G, X, W, b: (lambda d: (X.T @ d, d.sum(0), d @ W.T))(
    G * (X @ W + b > 1)
)
ANSWERS["04.5"]["negative half too"] = lambda G, X, W, b: (lambda d: (X.T @ d, d.sum(0), d @ W.T))(
    np.where(X @ W + b > 0, G, -G)
)
ANSWERS["04.6"]["lr divided by 2"] = lambda W, X, d, lr: W - lr / 2 * X.T @ d / len(X)
ANSWERS["04.6"]["adds delta mean"] = lambda W, X, d, lr: W - lr * (X.T @ d / len(X) + d.mean())
ANSWERS["04.6"]["weight decay"] = lambda W, X, d, lr: W - lr * (X.T @ d / len(X) + W)
ANSWERS["04.6"]["sign of the gradient"] = lambda W, X, d, lr: W - lr * np.sign(X.T @ d)
ANSWERS["04.6"]["2/n"] = lambda W, X, d, lr: W - lr * 2 * X.T @ d / len(X)
ANSWERS["04.7"]["onehot transposed wrong"] = lambda G, idx, shape: (
    np.eye(shape[0])[idx] @ np.ones((shape[0], shape[1]))
)
ANSWERS["04.7"]["divided by length"] = lambda G, idx, shape: (
    (np.arange(shape[0])[:, None] == idx).astype(float) @ G / max(len(idx), 1)
)
ANSWERS["04.7"]["cumulative"] = lambda G, idx, shape: np.cumsum(
    (np.arange(shape[0])[:, None] == idx).astype(float) @ G, axis=0
)


def f(G, idx, shape):
    out = np.zeros(shape)
    out[np.sort(idx)] = G
    return out


ANSWERS["04.7"]["sorted idx"] = f
ANSWERS["04.8"]["second largest"] = lambda G, X: (
    G[:, None]
    * ((X == X.max(1, keepdims=True)) * 1.0 - (X == np.sort(X, axis=1)[:, :1][:, -1:]))
    * 2
)
ANSWERS["04.8"]["absolute G"] = lambda G, X: (
    abs(G)[:, None] * ((X == X.max(1, keepdims=True)) * 1.0 - (X == X.min(1, keepdims=True)))
)
ANSWERS["04.8"]["first and last column"] = lambda G, X: (
    lambda o: (o.__setitem__((slice(None), 0), -G), o.__setitem__((slice(None), -1), G), o)[2]
)(np.zeros(X.shape))
ANSWERS["04.8"]["centred"] = lambda G, X: (
    G[:, None] * (X - X.mean(1, keepdims=True)) / np.maximum(np.ptp(X, axis=1)[:, None], 1e-300)
)
ANSWERS["04.9"]["two bytes"] = lambda n, w: (
    2 * n * sum(w),
    2 * (sum(a * b + b for a, b in zip(w, w[1:], strict=False))),
)
ANSWERS["04.9"]["weights times n in activ"] = lambda n, w: (
    n * sum(a * b for a, b in zip(w, w[1:], strict=False)),
    sum(a * b + b for a, b in zip(w, w[1:], strict=False)),
)
ANSWERS["04.10"]["P times one minus P, summed"] = lambda G, P: (
    (P * (1 - P) * G).sum(1, keepdims=True) * np.ones(P.shape)
)
ANSWERS["04.10"]["log softmax"] = lambda G, P: G - P * G.sum(1, keepdims=True)
ANSWERS["04.10"]["swapped"] = lambda G, P: G * (P - (G * P).sum(1, keepdims=True))
ANSWERS["04.10"]["sum over batch of G"] = lambda G, P: P * (G - G.sum(0, keepdims=True))
ANSWERS["04.11"]["delta squared"] = lambda X, D: X[:, :, None] * (D**2)[:, None, :]
ANSWERS["04.11"]["summed over samples kept dims"] = lambda X, D: np.broadcast_to(
    (X.T @ D)[None], (len(X), X.shape[1], D.shape[1])
)
ANSWERS["04.11"]["plus"] = lambda X, D: X[:, :, None] + D[:, None, :]
# 05
ANSWERS["05.1"]["negative"] = (
    np.ones((2, 2)),
    np.array([0.0, -1]),
    np.array([[1.0], [-6]]),
    np.array([-1.0]),
)
ANSWERS["05.1"]["bias in the first"] = (
    np.ones((2, 2)),
    np.array([1.0, -1]),
    np.array([[-1.0], [6]]),
    np.array([1.0]),
)


def c(Ws, bs):
    W, b = np.eye(len(Ws[0])), np.zeros(len(Ws[0]))
    for w, v in zip(Ws, bs, strict=False):
        W = W @ w + W * 0 + np.eye(len(w))
        b = b @ w + v
    return W, b


ANSWERS["05.2"]["eye added at each product"] = c


def c2(Ws, bs):
    W, b = np.eye(len(Ws[0])), 0 * bs[0]
    for w, v in zip(Ws, bs, strict=False):
        W, b = W + w @ W, b + b @ w + v
    return W, b


ANSWERS["05.2"]["left instead of right"] = c2
ANSWERS["05.2"]["bias doubled"] = lambda Ws, bs: (lambda r: (r[0], 2 * r[1]))(c3(Ws, bs))


def c3(Ws, bs):
    W, b = np.eye(len(Ws[0])), 0 * bs[0]
    for w, v in zip(Ws, bs, strict=False):
        W, b = W + W @ w, b + b @ w + v
    return W, b


ANSWERS["05.2"]["bias negative"] = lambda Ws, bs: (c3(Ws, bs)[0], -c3(Ws, bs)[1])
ANSWERS["05.2"]["mean of stack"] = lambda Ws, bs: (c3(Ws, bs)[0] / len(Ws), c3(Ws, bs)[1] / len(Ws))


def wd(count, strict=False):
    def g(d_in, d_out, hidden, budget):
        w = 1
        while w < 3000 and (
            count(d_in, d_out, hidden, w + 1) < budget
            if strict
            else count(d_in, d_out, hidden, w + 1) <= budget
        ):
            w += 1
        return w

    return g


ANSWERS["05.3"]["no output layer"] = wd(lambda i, o, h, w: (i + 1) * w + (h - 1) * (w + 1) * w)
ANSWERS["05.3"]["square times hidden"] = wd(
    lambda i, o, h, w: (i + 1) * w + h * (w + 1) * w + (w + 1) * o
)
ANSWERS["05.3"]["no biases between"] = wd(
    lambda i, o, h, w: (i + 1) * w + (h - 1) * w * w + (w + 1) * o
)
ANSWERS["05.3"]["square root"] = lambda i, o, h, b: int(math.sqrt(b))
ANSWERS["05.3"]["neurons times inputs"] = wd(lambda i, o, h, w: i * w * h + o)


def wk(delta, Ws, zs, step):
    out = [delta]
    for k in range(len(zs) - 1, -1, -1):
        out.insert(0, step(out[0], k))
    return out


def T(z):
    return 1 - np.tanh(z) ** 2


ANSWERS["05.4"]["summed over batch"] = lambda d, Ws, zs: wk(
    d, Ws, zs, lambda a, k: (a @ Ws[k + 1].T * T(zs[k])).sum(0, keepdims=True) + 0 * zs[k]
)
ANSWERS["05.4"]["times z too"] = lambda d, Ws, zs: wk(
    d, Ws, zs, lambda a, k: a @ Ws[k + 1].T * T(zs[k]) * zs[k]
)
ANSWERS["05.4"]["tanh of the product"] = lambda d, Ws, zs: wk(
    d, Ws, zs, lambda a, k: np.tanh(a @ Ws[k + 1].T) * T(zs[k])
)
ANSWERS["05.4"]["abs weights"] = lambda d, Ws, zs: wk(
    d, Ws, zs, lambda a, k: a @ abs(Ws[k + 1]).T * T(zs[k])
)
ANSWERS["05.4"]["minus sign each"] = lambda d, Ws, zs: wk(
    d, Ws, zs, lambda a, k: -a @ Ws[k + 1].T * T(zs[k])
)


def net(x, t, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    return h, np.tanh(h @ W2 + b2)


def g5(
    e=lambda y, t: y - t, s2=lambda y: 1 - y * y, s1=lambda h: 1 - h * h, wy=lambda W2, d: W2 @ d
):
    def g(x, t, W1, b1, W2, b2):
        h, y = net(x, t, W1, b1, W2, b2)
        d2 = e(y, t) * s2(y)
        d1 = wy(W2, d2) * s1(h)
        return np.outer(x, d1), d1, np.outer(h, d2), d2

    return g


ANSWERS["05.5"]["squared error kept"] = g5(e=lambda y, t: (y - t) ** 2 / 2)
ANSWERS["05.5"]["abs weights back"] = g5(wy=lambda W2, d: abs(W2) @ d)
ANSWERS["05.5"]["output slope from h form"] = g5(s2=lambda y: y * (1 - y))
ANSWERS["05.5"]["W1 used"] = lambda x, t, W1, b1, W2, b2: (
    lambda h, y: (
        lambda d2: (
            np.outer(x, W1[0] * d2 * (1 - h * h)),
            W1[0] * d2 * (1 - h * h),
            np.outer(h, d2),
            d2,
        )
    )((y - t) * (1 - y * y))
)(*net(x, t, W1, b1, W2, b2))


def g5b(x, t, W1, b1, W2, b2):
    h, y = net(x, t, W1, b1, W2, b2)
    d2 = (y - t) * (1 - y * y)
    d1 = W2 @ d2 * (1 - h * h)
    return np.outer(x, d1), d1.sum(keepdims=True) + 0 * d1, np.outer(h, d2), d2


ANSWERS["05.5"]["db1 summed"] = g5b
ANSWERS["05.5"]["hidden relu"] = lambda x, t, W1, b1, W2, b2: (
    lambda h: (
        lambda y: (
            lambda d2: (lambda d1: (np.outer(x, d1), d1, np.outer(h, d2), d2))(W2 @ d2 * (h > 0))
        )((y - t) * (1 - y * y))
    )(np.tanh(h @ W2 + b2))
)(relu(x @ W1 + b1))
ANSWERS["05.6"]["n only once more"] = lambda z, t: (
    2 / len(z) ** 2 * (sig(z) - t) * sig(z) * (1 - sig(z))
)
ANSWERS["05.6"]["log loss slope"] = lambda z, t: (1 - t) / (1 - sig(z)) - t / sig(z)
ANSWERS["05.6"]["z times slope"] = lambda z, t: (
    2 / len(z) * (sig(z) - t) * z * sig(z) * (1 - sig(z))
)
ANSWERS["05.6"]["relu"] = lambda z, t: 2 / len(z) * (relu(z) - t) * (z > 0)
ANSWERS["05.7"]["W2 squashed"] = lambda X, W1, b1, W2, b2: relu(X @ W1 + b1) @ relu(W2) + b2
ANSWERS["05.7"]["b2 inside"] = lambda X, W1, b1, W2, b2: relu(X @ W1 + b1 + b2) @ W2
ANSWERS["05.7"]["leak 0.1"] = lambda X, W1, b1, W2, b2: (
    np.where(X @ W1 + b1 > 0, X @ W1 + b1, 0.1 * (X @ W1 + b1)) @ W2 + b2
)
ANSWERS["05.7"]["minus b1"] = lambda X, W1, b1, W2, b2: relu(X @ W1 - b1) @ W2 + b2
ANSWERS["05.7"]["gelu"] = lambda X, W1, b1, W2, b2: (
    (lambda z: z * 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))))(X @ W1 + b1)
    @ W2
    + b2
)


def fit(gr):
    def g(X, t, w, b, lr, steps):
        for s in range(steps):
            dw, db = gr(X, t, w, b, s)
            w, b = w - lr * dw, b - lr * db
        return w, b

    return g


def G8(X, t, w, b):
    y = np.tanh(X @ w + b)
    d = 2 / len(t) * (y - t) * (1 - y * y)
    return X.T @ d, d.sum()


ANSWERS["05.8"]["rate halves"] = fit(lambda X, t, w, b, s: tuple(v / 2**s for v in G8(X, t, w, b)))
ANSWERS["05.8"]["db mean of d"] = fit(
    lambda X, t, w, b, s: (G8(X, t, w, b)[0], G8(X, t, w, b)[1] / len(t))
)
ANSWERS["05.8"]["summed dw to number"] = fit(
    lambda X, t, w, b, s: (G8(X, t, w, b)[0].sum(), G8(X, t, w, b)[1])
)
ANSWERS["05.8"]["delta without error"] = fit(
    lambda X, t, w, b, s: (lambda d: (X.T @ d, d.sum()))(2 / len(t) * (1 - np.tanh(X @ w + b) ** 2))
)
ANSWERS["05.8"]["targets through tanh"] = fit(lambda X, t, w, b, s: G8(X, np.tanh(t), w, b))
ANSWERS["05.8"]["returns best b first"] = lambda X, t, w, b, lr, steps: (lambda r: (r[1], r[0]))(
    fit(lambda X, t, w, b, s: G8(X, t, w, b))(X, t, w, b, lr, steps)
)


def mlp(X, t, Ws, bs, **k):
    hs = [X]
    zs = []
    for W, b in zip(Ws[:-1], bs[:-1], strict=False):
        zs.append(hs[-1] @ W + b)
        hs.append(relu(zs[-1]))
    y = hs[-1] @ Ws[-1] + bs[-1]
    d = k.get("e", lambda y, t: y - t)(y, t) / k.get("n", len(X))
    dW, db = [], []
    for i in range(len(Ws) - 1, -1, -1):
        dW.insert(0, hs[i].T @ d)
        db.insert(0, d.sum(0))
        d = d @ Ws[i].T * (hs[i] > 0 if k.get("m", True) or i < 1 else 1)
        d = k.get("post", lambda d, i: d)(d, i)
    return dW, db


ANSWERS["05.11"]["tanh output"] = lambda X, t, Ws, bs: mlp(
    X, t, Ws, bs, e=lambda y, t: (np.tanh(y) - t) * (1 - np.tanh(y) ** 2)
)
ANSWERS["05.11"]["divides each layer"] = lambda X, t, Ws, bs: mlp(
    X, t, Ws, bs, post=lambda d, i: d / len(X)
)
ANSWERS["05.11"]["softmax start"] = lambda X, t, Ws, bs: mlp(
    X, t, Ws, bs, e=lambda y, t: sig(y) - t
)
ANSWERS["05.11"]["n of all numbers"] = lambda X, t, Ws, bs: mlp(X, t, Ws, bs, n=X.size)
ANSWERS["05.11"]["squared error"] = lambda X, t, Ws, bs: mlp(
    X, t, Ws, bs, e=lambda y, t: (y - t) ** 2 / 2
)
ANSWERS["05.11"]["db summed to number"] = lambda X, t, Ws, bs: (
    lambda r: (r[0], [np.full(v.shape, v.sum()) for v in r[1]])
)(mlp(X, t, Ws, bs))
# 06
ANSWERS["06.1"]["label gradient -1"] = (math.log(4), (-1, 0.625, 0.125))
ANSWERS["06.1"]["softmax with sum 7"] = (math.log(3.5), (2 / 7 - 1, 5 / 7, 1 / 7))
ANSWERS["06.2"]["cubed n"] = lambda y, t: (y - t, (y - t) / y.size, 2 * (y - t) / y.size**2)
ANSWERS["06.2"]["first divided"] = lambda y, t: (
    (y - t) / y.size,
    (y - t) / y.size,
    2 * (y - t) / y.size,
)
ANSWERS["06.2"]["of y alone"] = lambda y, t: (y, y / y.size, 2 * y / y.size)


def cst(Z, label):
    m = Z.max(1)
    return m + np.log(np.exp(Z - m[:, None]).sum(1)) - Z[np.arange(len(Z)), label]


ANSWERS["06.3"]["divided by largest weight"] = lambda Z, label, w: (
    (w[label] * cst(Z, label)).sum() / (w.max() * len(Z))
)
ANSWERS["06.3"]["inverse weights"] = lambda Z, label, w: (
    (cst(Z, label) / w[label]).sum() / (1 / w[label]).sum()
)
ANSWERS["06.3"]["log weights on logits"] = lambda Z, label, w: cst(Z + np.log(w), label).mean()
ANSWERS["06.3"]["normalised weights"] = lambda Z, label, w: (
    (w / w.sum())[label] * cst(Z, label)
).mean()
ANSWERS["06.3"]["median"] = lambda Z, label, w: np.median(cst(Z, label))
ANSWERS["06.3"]["max over rows"] = lambda Z, label, w: (
    (w[label] * (Z.max() + np.log(np.exp(Z - Z.max()).sum(1)) - Z[np.arange(len(Z)), label])).sum()
    / w[label].sum()
)
ANSWERS["06.4"]["labels to signs wrong"] = lambda z, t: np.logaddexp(0, -(1 - 2 * t) * z)
ANSWERS["06.4"]["only negative part"] = lambda z, t: (1 - t) * np.logaddexp(0, z)
ANSWERS["06.4"]["times 2"] = lambda z, t: 2 * (np.logaddexp(0, z) - z * t)
ANSWERS["06.4"]["log of the other"] = lambda z, t: (
    t * np.logaddexp(0, z) + (1 - t) * np.logaddexp(0, -z)
)
ANSWERS["06.4"]["abs"] = lambda z, t: np.logaddexp(0, abs(z)) - z * t
ANSWERS["06.5"]["log derivative"] = lambda y, t: -t * np.log(y)
ANSWERS["06.5"]["squared denominators"] = lambda y, t: (1 - t) / (1 - y) ** 2 - t / y**2
ANSWERS["06.5"]["only y"] = lambda y, t: (1 - t) - t / y
ANSWERS["06.5"]["one over difference"] = lambda y, t: 1 / (y - t)
ANSWERS["06.6"]["harmonic"] = lambda r, s: s.sum() / (s / np.maximum(r, 1e-300)).sum()
ANSWERS["06.6"]["weighted by square of sizes"] = lambda r, s: np.sqrt(
    (r**2 * s**2).sum() / (s**2).sum()
)
ANSWERS["06.6"]["sum of squares"] = lambda r, s: (r**2 * s).sum()
ANSWERS["06.6"]["divides by batches then samples"] = lambda r, s: np.sqrt(
    (r**2 * s).sum() / s.sum() / len(s)
)
ANSWERS["06.7"]["q applied outside"] = lambda y, t, q: q * (t - y[:, 0]).mean()
ANSWERS["06.7"]["1-q swapped"] = lambda y, t, q: (
    lambda e: np.where(e > 0, (1 - q) * e, -q * e).mean()
)(t - y[:, 0])
ANSWERS["06.7"]["row diff over all"] = lambda y, t, q: (
    lambda e: np.maximum(q * e, (q - 1) * e).mean(axis=0).sum()
)(t - y)
ANSWERS["06.7"]["abs wrong"] = lambda y, t, q: (
    lambda e: np.maximum(q * abs(e), (q - 1) * abs(e)).mean()
)(t - y[:, 0])
ANSWERS["06.8"]["d^2 kept"] = lambda e, d: np.where(abs(e) <= d, np.sign(e), (e + d * d) / d)
ANSWERS["06.8"]["min for max"] = lambda e, d: np.sign(e) * np.minimum(1, abs(e) / d)
ANSWERS["06.8"]["limit 1"] = lambda e, d: np.where(abs(e) <= 1, np.sign(e), e / d)
ANSWERS["06.8"]["clip 1"] = lambda e, d: np.clip(e, -1, 1)
ANSWERS["06.8"]["sqrt"] = lambda e, d: np.sign(e) * np.sqrt(np.maximum(1, abs(e) / d))


def P(a, b):
    s = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)
    shared = np.prod(s)
    A, Bb = np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2])
    c = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2])
    r = ((a[:2] + a[2:]) - (b[:2] + b[2:])) / 2
    return shared, A, Bb, c, r


ANSWERS["06.10"]["union as sum minus twice"] = lambda a, b: (
    lambda shared, A, C, c, r: shared / max(A + C - 2 * shared, 1e-9) - (r @ r) / (c @ c)
)(*P(a, b))
ANSWERS["06.10"]["dice"] = lambda a, b: (
    lambda shared, A, C, c, r: 2 * shared / (A + C) - (r @ r) / (c @ c)
)(*P(a, b))
ANSWERS["06.10"]["half penalty"] = lambda a, b: (
    lambda shared, A, C, c, r: shared / (A + C - shared) - (r @ r) / (c @ c) / 2
)(*P(a, b))
ANSWERS["06.10"]["x only"] = lambda a, b: (
    lambda shared, A, C, c, r: shared / (A + C - shared) - r[0] ** 2 / c[0] ** 2
)(*P(a, b))
ANSWERS["06.10"]["diagonal of a"] = lambda a, b: (
    lambda shared, A, C, c, r: (
        shared / (A + C - shared) - (r @ r) / ((a[2:] - a[:2]) @ (a[2:] - a[:2]))
    )
)(*P(a, b))


def tk(lp, tok):
    return -np.take_along_axis(lp, tok[..., None], -1)[..., 0]


ANSWERS["06.11"]["first token dropped"] = lambda lp, tok, real: (
    (tk(lp, tok) * real)[:, 1:].sum() / max(real[:, 1:].sum(), 1)
)
ANSWERS["06.11"]["weights by length"] = lambda lp, tok, real: ((tk(lp, tok) * real).sum(1)).max()
ANSWERS["06.11"]["entropy"] = lambda lp, tok, real: (
    (-(np.exp(lp) * lp).sum(-1) * real).sum() / real.sum()
)
ANSWERS["06.11"]["real counted squared"] = lambda lp, tok, real: (
    (tk(lp, tok) * real).sum() / real.sum() ** 2
)
ANSWERS["06.11"]["median"] = lambda lp, tok, real: np.median(tk(lp, tok)[real == 1])
ANSWERS["06.12"]["p log p"] = lambda t, p: (
    (p * np.log(p)).sum() - (t[t > 0] * np.log(t[t > 0])).sum()
)
ANSWERS["06.12"]["max"] = lambda t, p: (t[t > 0] * np.log(t[t > 0] / p[t > 0])).max()
ANSWERS["06.12"]["averaged both"] = lambda t, p: (
    lambda m: ((t[m] + p[m]) / 2 * np.log(t[m] / p[m])).sum()
)(t > 0)
ANSWERS["06.12"]["log1p"] = lambda t, p: (lambda m: (t[m] * np.log1p(t[m] / p[m])).sum())(t > 0)
