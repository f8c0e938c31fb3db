"""Wrong answers as learners write them, the first lot: written without a look at the lists.

`ANSWERS[id]` maps what went wrong to the answer.
"""

import math
from collections import defaultdict

import numpy as np

from learners.lot import relu, sig

ANSWERS = defaultdict(dict)


def fault(id, words):
    def keep(f):
        ANSWERS.setdefault(id, {})[words] = f
        return f

    return keep


def v(id, words, value):
    ANSWERS.setdefault(id, {})[words] = value


# ---------------- 04
v("04.1", "X columns exchanged in dX", ([2, -10], -1, [[3, -2], [-12, 8], [6, -4]]))
v("04.1", "b added to dw", ([2.5, -9.5], -1, [[-2, 3], [8, -12], [-4, 6]]))
v("04.1", "db multiplied by b", ([2, -10], -0.5, [[-2, 3], [8, -12], [-4, 6]]))


@fault("04.2", "= for += over the rows")
def _(G, X, W):
    dW, dX = np.zeros(W.shape), np.zeros(X.shape)
    for r in range(len(X)):
        for k in range(len(W)):
            for j in range(X.shape[1]):
                dW[k, j] = G[r, k] * X[r, j]
                dX[r, j] = G[r, k] * W[k, j]
    return dW, dX


ANSWERS["04.2"]["only the first sample in dW"] = lambda G, X, W: (np.outer(G[0], X[0]), G @ W)
ANSWERS["04.2"]["G left out of dX only"] = lambda G, X, W: (G.T @ X, np.ones(G.shape) @ W)
ANSWERS["04.2"]["forward in place of dX"] = lambda G, X, W: (G.T @ X, X @ W.T)
ANSWERS["04.2"]["elementwise"] = lambda G, X, W: (G * X, G * W)
ANSWERS["04.2"]["sum over wrong axis after product"] = lambda G, X, W: (
    G.T @ X,
    (G @ W).sum(axis=0),
)
ANSWERS["04.3"]["leading axes taken at the end"] = lambda G, shape: G.sum(
    axis=tuple(range(len(shape), G.ndim))
)
ANSWERS["04.3"]["sum over the first axis always"] = lambda G, shape: G.sum(axis=0).reshape(shape)
ANSWERS["04.3"]["reshape without sum"] = lambda G, shape: G.reshape(shape)
ANSWERS["04.3"]["positions not shifted"] = lambda G, shape: G.sum(
    axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True
)
ANSWERS["04.3"]["max of the copies"] = lambda G, shape: G.max(
    axis=tuple(
        k for k in range(G.ndim) if k < G.ndim - len(shape) or shape[k - (G.ndim - len(shape))] == 1
    ),
    keepdims=True,
).reshape(shape)
ANSWERS["04.4"]["swapped"] = lambda n, i, o: (n * o * i, n * o * n * i)
ANSWERS["04.4"]["sum of sizes"] = lambda n, i, o: (n * o + n * i, n * o * i)
ANSWERS["04.4"]["squared output"] = lambda n, i, o: ((n * o) ** 2, n * o * i)
ANSWERS["04.5"]["b left out of the mask"] = lambda G, X, W, b: (
    lambda dZ: (X.T @ dZ, dZ.sum(0), dZ @ W.T)
)(G * (X @ W > 0))
ANSWERS["04.5"]["mask inverted"] = lambda G, X, W, b: (lambda dZ: (X.T @ dZ, dZ.sum(0), dZ @ W.T))(
    G * (X @ W + b < 0)
)
ANSWERS["04.5"]["dX without transpose"] = lambda G, X, W, b: (
    lambda dZ: (X.T @ dZ, dZ.sum(0), dZ @ W)
)(G * (X @ W + b > 0))
ANSWERS["04.5"]["dW transposed"] = lambda G, X, W, b: (lambda dZ: (dZ.T @ X, dZ.sum(0), dZ @ W.T))(
    G * (X @ W + b > 0)
)
ANSWERS["04.5"]["keepdims in db"] = lambda G, X, W, b: (
    lambda dZ: (X.T @ dZ, dZ.sum(0, keepdims=True), dZ @ W.T)
)(G * (X @ W + b > 0))
ANSWERS["04.5"]["leaky mask"] = lambda G, X, W, b: (lambda dZ: (X.T @ dZ, dZ.sum(0), dZ @ W.T))(
    G * np.where(X @ W + b > 0, 1, 0.01)
)
ANSWERS["04.5"]["relu of X in dW"] = lambda G, X, W, b: (
    lambda dZ: (relu(X).T @ dZ, dZ.sum(0), dZ @ W.T)
)(G * (X @ W + b > 0))
ANSWERS["04.5"]["G@W.T without mask, rest right"] = lambda G, X, W, b: (
    lambda dZ: (X.T @ dZ, dZ.sum(0), G @ W.T)
)(G * (X @ W + b > 0))
ANSWERS["04.6"]["no rate"] = lambda W, X, delta, lr: W - X.T @ delta / len(X)


@fault("04.6", "in place")
def _(W, X, delta, lr):
    W -= lr * X.T @ delta / len(X)
    return W


ANSWERS["04.6"]["divided by all numbers of X"] = lambda W, X, delta, lr: (
    W - lr * X.T @ delta / X.size
)
ANSWERS["04.6"]["divided twice"] = lambda W, X, delta, lr: W - lr * X.T @ delta / len(X) ** 2
ANSWERS["04.6"]["delta averaged"] = lambda W, X, delta, lr: (
    W - lr * X.T @ np.full(delta.shape, delta.mean()) / len(X)
)
ANSWERS["04.6"]["transposed at the end"] = lambda W, X, delta, lr: (W - lr * X.T @ delta / len(X)).T


@fault("04.7", "first report stays")
def _(G, idx, shape):
    out = np.zeros(shape)
    seen = set()
    for g, i in zip(G, idx, strict=False):
        if i not in seen:
            out[i] = g
            seen.add(i)
    return out


@fault("04.7", "written in order")
def _(G, idx, shape):
    out = np.zeros(shape)
    for r in range(len(idx)):
        out[r] += G[r]
    return out


@fault("04.7", "shape of G")
def _(G, idx, shape):
    out = np.zeros_like(G)
    np.add.at(out, idx, G)
    return out


@fault("04.7", "indexed both")
def _(G, idx, shape):
    out = np.zeros(shape)
    for i in idx:
        out[i] += G[i]
    return out


ANSWERS["04.8"]["minus the other way"] = lambda G, X: (
    G[:, None] * ((X == X.min(1, keepdims=True)) * 1.0 - (X == X.max(1, keepdims=True)))
)
ANSWERS["04.8"]["times the range"] = lambda G, X: (
    G[:, None]
    * ((X == X.max(1, keepdims=True)) * 1.0 - (X == X.min(1, keepdims=True)))
    * np.ptp(X, axis=1)[:, None]
)
ANSWERS["04.8"]["argmax of the column"] = lambda G, X: (
    lambda o: (o.__setitem__((X.argmax(axis=0), np.arange(X.shape[1])), 1), o)[1]
)(np.zeros(X.shape))
ANSWERS["04.8"]["min without keepdims"] = lambda G, X: (
    G[:, None] * ((X == X.max(1, keepdims=True)) * 1.0 - (X == X.min(1)))
)
ANSWERS["04.8"]["bool minus bool"] = lambda G, X: (
    G[:, None] * ((X == X.max(1, keepdims=True)) - (X == X.min(1, keepdims=True)))
)
ANSWERS["04.9"]["biases of the input too"] = lambda n, widths: (
    n * sum(widths),
    sum(a * b for a, b in zip(widths, widths[1:], strict=False)) + sum(widths),
)
ANSWERS["04.9"]["product of widths"] = lambda n, widths: (
    n * math.prod(widths),
    sum(a * b + b for a, b in zip(widths, widths[1:], strict=False)),
)
ANSWERS["04.9"]["bias per input"] = lambda n, widths: (
    n * sum(widths),
    sum(a * b + a for a, b in zip(widths, widths[1:], strict=False)),
)
ANSWERS["04.10"]["P in front forgotten"] = lambda G, P: G - (G * P).sum(1, keepdims=True)
ANSWERS["04.10"]["G minus its mean"] = lambda G, P: P * (G - G.mean(1, keepdims=True))
ANSWERS["04.10"]["no diagonal"] = lambda G, P: -P * (G * P).sum(1, keepdims=True)
ANSWERS["04.10"]["sum without axis lost"] = lambda G, P: P * (G - np.sum(G * P, axis=-1))
ANSWERS["04.10"]["G left out"] = lambda G, P: P * (1 - P.sum(1, keepdims=True))
ANSWERS["04.10"]["mean for sum"] = lambda G, P: P * (G - (G * P).mean(1, keepdims=True))
ANSWERS["04.11"]["averaged"] = lambda X, D: X[:, :, None] * D[:, None, :] / len(X)
ANSWERS["04.11"]["running sum"] = lambda X, D: np.cumsum(X[:, :, None] * D[:, None, :], axis=0)
ANSWERS["04.11"]["samples against samples"] = lambda X, D: X @ D.T
ANSWERS["04.11"]["axes exchanged"] = lambda X, D: X[:, None, :] * D[:, :, None]
v("04.12", "activations for dY/dX", ("dY/dW", "dY/dX", "activations", "gradients"))
v("04.12", "all wrong way round", ("gradients", "dY/dX", "activations", "dY/dW"))
# ---------------- 05
v(
    "05.1",
    "the chapter's net, negated",
    (np.ones((2, 2)), np.array([0.0, -1]), np.array([[-1.0], [2]]), np.zeros(1)),
)
v("05.1", "W2 row", ([[1, 1], [1, 1]], [0, -1], [[-1, 6]], [1]))


@fault("05.2", "biases through no matrices, last added")
def _(Ws, bs):
    W, b = np.eye(len(Ws[0])), 0 * bs[0]
    for w, _c in zip(Ws, bs, strict=False):
        W = W + W @ w
        b = b + b @ w
    return W, b + bs[-1]


@fault("05.2", "only first two layers")
def _(Ws, bs):
    if len(Ws) == 1:
        return np.eye(len(Ws[0])) + Ws[0], bs[0]
    M = np.eye(len(Ws[0])) + Ws[1]
    return (np.eye(len(Ws[0])) + Ws[0]) @ M, bs[0] @ M + bs[1]


@fault("05.2", "elementwise")
def _(Ws, bs):
    W, b = np.eye(len(Ws[0])) + Ws[0], bs[0]
    for w, c in zip(Ws[1:], bs[1:], strict=False):
        W = W + W * w
        b = b + b @ w + c
    return W, b


@fault("05.2", "the shortcut forgotten")
def _(Ws, bs):
    W, b = Ws[0], bs[0]
    for w, c in zip(Ws[1:], bs[1:], strict=False):
        W, b = W @ w, b @ w + c
    return W, b


def width(count, fits=lambda c, budget: c <= budget):
    def answer(d_in, d_out, hidden, budget):
        w = 1
        while w < 3000 and fits(count(d_in, d_out, hidden, w + 1), budget):
            w += 1
        return w

    return answer


ANSWERS["05.3"]["the bias of the output forgotten"] = width(
    lambda i, o, h, w: (i + 1) * w + (h - 1) * (w + 1) * w + w * o
)
ANSWERS["05.3"]["one square too many"] = width(
    lambda i, o, h, w: (i + 1) * w + h * (w + 1) * w + (w + 1) * o
)
ANSWERS["05.3"]["strictly below"] = width(
    lambda i, o, h, w: (i + 1) * w + (h - 1) * (w + 1) * w + (w + 1) * o,
    lambda c, budget: c < budget,
)
ANSWERS["05.3"]["the next width"] = lambda *a: (
    1 + width(lambda i, o, h, w: (i + 1) * w + (h - 1) * (w + 1) * w + (w + 1) * o)(*a)
)


def walk(delta, Ws, zs, step):
    out = [delta]
    for k in range(len(zs) - 1, -1, -1):
        out.insert(0, step(out[0], k))
    return out


ANSWERS["05.4"] = {
    "sigmoid's derivative": lambda d, Ws, zs: walk(
        d, Ws, zs, lambda a, k: a @ Ws[k + 1].T * sig(zs[k]) * (1 - sig(zs[k]))
    ),
    "z of the wrong layer": lambda d, Ws, zs: walk(
        d, Ws, zs, lambda a, k: a @ Ws[k + 1].T * (1 - np.tanh(zs[k - 1]) ** 2)
    ),
    "relu's mask": lambda d, Ws, zs: walk(d, Ws, zs, lambda a, k: a @ Ws[k + 1].T * (zs[k] > 0)),
    "output delta masked": lambda d, Ws, zs: walk(
        d * (1 - np.tanh(d) ** 2), Ws, zs, lambda a, k: a @ Ws[k + 1].T * (1 - np.tanh(zs[k]) ** 2)
    ),
    "averaged over the batch": lambda d, Ws, zs: walk(
        d, Ws, zs, lambda a, k: a @ Ws[k + 1].T * (1 - np.tanh(zs[k]) ** 2) / len(d)
    ),
    "derivative plus": lambda d, Ws, zs: walk(
        d, Ws, zs, lambda a, k: a @ Ws[k + 1].T * (1 + np.tanh(zs[k]) ** 2)
    ),
    "stopped one early": lambda d, Ws, zs: (
        walk(d, Ws, zs, lambda a, k: a @ Ws[k + 1].T * (1 - np.tanh(zs[k]) ** 2))[1:] if zs else [d]
    ),
}


def two(x, t, W1, b1, W2, b2, lr=None, **k):
    h = np.tanh(x @ W1 + b1)
    y = np.tanh(h @ W2 + b2)
    return h, y


@fault("05.5", "weights already moved")
def _(x, t, W1, b1, W2, b2):
    h, y = two(x, t, W1, b1, W2, b2)
    d2 = (y - t) * (1 - y * y)
    dW2 = np.outer(h, d2)
    W2 = W2 - 0.1 * dW2
    d1 = W2 @ d2 * (1 - h * h)
    return np.outer(x, d1), d1, dW2, d2


@fault("05.5", "weights already moved, rate 1")
def _(x, t, W1, b1, W2, b2):
    h, y = two(x, t, W1, b1, W2, b2)
    d2 = (y - t) * (1 - y * y)
    dW2 = np.outer(h, d2)
    W2 = W2 - dW2
    d1 = W2 @ d2 * (1 - h * h)
    return np.outer(x, d1), d1, dW2, d2


@fault("05.5", "factor two")
def _(x, t, W1, b1, W2, b2):
    h, y = two(x, t, W1, b1, W2, b2)
    d2 = 2 * (y - t) * (1 - y * y)
    d1 = W2 @ d2 * (1 - h * h)
    return np.outer(x, d1), d1, np.outer(h, d2), d2


@fault("05.5", "b2 left out forward")
def _(x, t, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    y = np.tanh(h @ W2)
    d2 = (y - t) * (1 - y * y)
    d1 = W2 @ d2 * (1 - h * h)
    return np.outer(x, d1), d1, np.outer(h, d2), d2


@fault("05.5", "biases left out forward")
def _(x, t, W1, b1, W2, b2):
    h = np.tanh(x @ W1)
    y = np.tanh(h @ W2)
    d2 = (y - t) * (1 - y * y)
    d1 = W2 @ d2 * (1 - h * h)
    return np.outer(x, d1), d1, np.outer(h, d2), d2


@fault("05.5", "linear output")
def _(x, t, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    y = h @ W2 + b2
    d2 = y - t
    d1 = W2 @ d2 * (1 - h * h)
    return np.outer(x, d1), d1, np.outer(h, d2), d2


@fault("05.5", "outer products transposed")
def _(x, t, W1, b1, W2, b2):
    h, y = two(x, t, W1, b1, W2, b2)
    d2 = (y - t) * (1 - y * y)
    d1 = W2 @ d2 * (1 - h * h)
    return np.outer(d1, x), d1, np.outer(d2, h), d2


ANSWERS["05.6"] = {
    "square forgotten its two": lambda z, t: (sig(z) - t) * sig(z) * (1 - sig(z)) / len(z),
    "twice the slope": lambda z, t: 2 / len(z) * (sig(z) - t) * (sig(z) * (1 - sig(z))) ** 2,
    "tanh": lambda z, t: 2 / len(z) * (sig(z) - t) * (1 - sig(z) ** 2),
    "error of z": lambda z, t: 2 / len(z) * (z - t) * sig(z) * (1 - sig(z)),
    "loss": lambda z, t: ((sig(z) - t) ** 2).mean(),
    "slope only": lambda z, t: sig(z) * (1 - sig(z)),
    "mean of errors": lambda z, t: 2 * (sig(z) - t).mean() * sig(z) * (1 - sig(z)),
}
ANSWERS["05.7"] = {
    "b1 left out": lambda X, W1, b1, W2, b2: relu(X @ W1) @ W2 + b2,
    "sigmoid": lambda X, W1, b1, W2, b2: sig(X @ W1 + b1) @ W2 + b2,
    "tanh": lambda X, W1, b1, W2, b2: np.tanh(X @ W1 + b1) @ W2 + b2,
    "minimum": lambda X, W1, b1, W2, b2: np.minimum(X @ W1 + b1, 0) @ W2 + b2,
    "maximum 1": lambda X, W1, b1, W2, b2: np.maximum(X @ W1 + b1, 1) @ W2 + b2,
    "ravelled": lambda X, W1, b1, W2, b2: (relu(X @ W1 + b1) @ W2 + b2).ravel(),
    "mask, not relu": lambda X, W1, b1, W2, b2: (X @ W1 + b1 > 0) @ W2 + b2,
    "max of all": lambda X, W1, b1, W2, b2: (
        np.max(X @ W1 + b1) @ W2 + b2
        if False
        else (np.max(X @ W1 + b1, axis=1, keepdims=True) * np.ones((1, len(W2)))) @ W2 + b2
    ),
}


def grads(X, t, w, b):
    y = np.tanh(X @ w + b)
    d = 2 / len(t) * (y - t) * (1 - y * y)
    return X.T @ d, d.sum()


def loop(step):
    def fit(X, t, w, b, lr, steps):
        for _s in range(steps):
            dw, db = step(X, t, w, b)
            w, b = w - lr * dw, b - lr * db
        return w, b

    return fit


ANSWERS["05.8"]["rate squared"] = lambda X, t, w, b, lr, steps: loop(grads)(
    X, t, w, b, lr * lr, steps
)
ANSWERS["05.8"]["error t - y"] = loop(lambda X, t, w, b: tuple(-g for g in grads(X, t, w, b)))
ANSWERS["05.8"]["bias gradient without 2"] = loop(
    lambda X, t, w, b: (grads(X, t, w, b)[0], grads(X, t, w, b)[1] / 2)
)
ANSWERS["05.8"]["b forgotten in y"] = loop(lambda X, t, w, b: grads(X, t, w, 0.0))
ANSWERS["05.8"]["divided by the features"] = loop(
    lambda X, t, w, b: (grads(X, t, w, b)[0] / 3, grads(X, t, w, b)[1])
)
ANSWERS["05.8"]["derivative of tanh forgotten"] = loop(
    lambda X, t, w, b: (lambda d: (X.T @ d, d.sum()))(2 / len(t) * (np.tanh(X @ w + b) - t))
)
ANSWERS["05.8"]["tanh forgotten"] = loop(
    lambda X, t, w, b: (lambda d: (X.T @ d, d.sum()))(2 / len(t) * (X @ w + b - t))
)
ANSWERS["05.8"]["1 - y for 1 - y squared"] = loop(
    lambda X, t, w, b: (lambda y: (lambda d: (X.T @ d, d.sum()))(2 / len(t) * (y - t) * (1 - y)))(
        np.tanh(X @ w + b)
    )
)


@fault("05.8", "in place")
def _(X, t, w, b, lr, steps):
    for _ in range(steps):
        dw, db = grads(X, t, w, b)
        w -= lr * dw
        b -= lr * db
    return w, b


@fault("05.8", "loss returned")
def _(X, t, w, b, lr, steps):
    w, b = loop(grads)(X, t, w, b, lr, steps)
    return ((np.tanh(X @ w + b) - t) ** 2).mean()


@fault("05.8", "one sample a step")
def _(X, t, w, b, lr, steps):
    for s in range(steps):
        i = s % len(X)
        dw, db = grads(X[i : i + 1], t[i : i + 1], w, b)
        w, b = w - lr * dw, b - lr * db
    return w, b


@fault("05.8", "w moved before b")
def _(X, t, w, b, lr, steps):
    for _ in range(steps):
        w = w - lr * grads(X, t, w, b)[0]
        b = b - lr * grads(X, t, w, b)[1]
    return w, b


v("05.9", "all cyclic", ("small", "diverging", "good", "bouncing"))
v("05.9", "B good C bouncing", ("diverging", "good", "bouncing", "small"))
v("05.10", "11 at 0.3", (1, 11, 11, 11))
v("05.10", "zeros give none", (0, 1, 11, 11))
v("05.10", "output counts for nothing", (1, 1, 1, 11))


def mlp(
    X,
    t,
    Ws,
    bs,
    act=relu,
    slope=lambda h: (h > 0) * 1.0,
    start=None,
    upd=0.0,
    scale=1.0,
    fwd=lambda h, W, b: h @ W + b,
    bias=lambda d: d.sum(0),
):
    hs = [X]
    for W, b in zip(Ws[:-1], bs[:-1], strict=False):
        hs.append(act(fwd(hs[-1], W, b)))
    y = fwd(hs[-1], Ws[-1], bs[-1])
    d = scale * (y - t) / len(X)
    dWs, dbs = [], []
    for W, h in zip(Ws[::-1], hs[::-1], strict=False):
        dW = h.T @ d
        dWs.insert(0, dW)
        dbs.insert(0, bias(d))
        d = d @ (W - upd * dW).T * slope(h)
    return dWs, dbs


ANSWERS["05.11"] = {
    "weights already moved .01": lambda X, t, Ws, bs: mlp(X, t, Ws, bs, upd=0.01),
    "weights already moved .1": lambda X, t, Ws, bs: mlp(X, t, Ws, bs, upd=0.1),
    "weights already moved 1": lambda X, t, Ws, bs: mlp(X, t, Ws, bs, upd=1.0),
    "factor 2": lambda X, t, Ws, bs: mlp(X, t, Ws, bs, scale=2.0),
    "biases left out": lambda X, t, Ws, bs: mlp(X, t, Ws, bs, fwd=lambda h, W, b: h @ W),
    "tanh hidden": lambda X, t, Ws, bs: mlp(X, t, Ws, bs, act=np.tanh, slope=lambda h: 1 - h * h),
    "relu forward, tanh slope": lambda X, t, Ws, bs: mlp(X, t, Ws, bs, slope=lambda h: 1 - h * h),
    "leaky": lambda X, t, Ws, bs: mlp(X, t, Ws, bs, slope=lambda h: np.where(h > 0, 1, 0.01)),
    "divided by all outputs": lambda X, t, Ws, bs: (
        lambda r: ([w / t.shape[1] for w in r[0]], [b / t.shape[1] for b in r[1]])
    )(mlp(X, t, Ws, bs)),
    "db keepdims": lambda X, t, Ws, bs: mlp(X, t, Ws, bs, bias=lambda d: d.sum(0, keepdims=True)),
    "weights not transposed": lambda X, t, Ws, bs: (
        (lambda: (_ for _ in ()).throw(0))() if False else mlp_nt(X, t, Ws, bs)
    ),
}


def mlp_nt(X, t, Ws, bs):
    hs = [X]
    for W, b in zip(Ws[:-1], bs[:-1], strict=False):
        hs.append(relu(hs[-1] @ W + b))
    y = hs[-1] @ Ws[-1] + bs[-1]
    d = (y - t) / len(X)
    dWs, dbs = [], []
    for W, h in zip(Ws[::-1], hs[::-1], strict=False):
        dWs.insert(0, h.T @ d)
        dbs.insert(0, d.sum(0))
        d = d @ W * (h > 0)
    return dWs, dbs


# ---------------- 06
v("06.1", "third logit", (math.log(8), (0.25, 0.625, -0.875)))
v("06.1", "base 10", (math.log10(4), (-0.75, 0.625, 0.125)))
v("06.1", "softmax forgotten in the gradient", (math.log(4), (math.log(2) - 1, math.log(5), 0.0)))
ANSWERS["06.2"] = {
    "summed": lambda y, t: ((y - t).sum(), (y - t).mean() / 1, 2 * (y - t).mean()),
    "columns": lambda y, t: (y - t, (y - t) / y.shape[1], 2 * (y - t) / y.shape[1]),
    "losses as numbers": lambda y, t: (
        ((y - t) ** 2).sum() / 2,
        ((y - t) ** 2).sum() / 2 / y.size,
        ((y - t) ** 2).mean(),
    ),
    "halves the last": lambda y, t: (y - t, (y - t) / y.size, (y - t) / (2 * y.size)),
    "half in the first": lambda y, t: ((y - t) / 2, (y - t) / y.size, 2 * (y - t) / y.size),
    "in place": lambda y, t: (y.__isub__(t), y / y.size, 2 * y / y.size),
    "absolute": lambda y, t: (abs(y - t), abs(y - t) / y.size, 2 * abs(y - t) / y.size),
}


def costs(Z, labels):
    m = Z.max(1)
    return m + np.log(np.exp(Z - m[:, None]).sum(1)) - Z[np.arange(len(Z)), labels]


ANSWERS["06.3"] = {
    "mean of the logs of all classes": lambda Z, labels, weights: (
        lambda w: (
            (
                w
                * (
                    Z.max(1)
                    + np.log(np.exp(Z - Z.max(1)[:, None]).mean(1))
                    - Z[np.arange(len(Z)), labels]
                )
            ).sum()
            / w.sum()
        )
    )(weights[labels]),
    "sign": lambda Z, labels, weights: (
        -(weights[labels] * costs(Z, labels)).sum() / weights[labels].sum()
    ),
    "weights squared": lambda Z, labels, weights: (
        (weights[labels] ** 2 * costs(Z, labels)).sum() / weights[labels].sum()
    ),
    "weights by row number": lambda Z, labels, weights: (
        (np.resize(weights, len(Z)) * costs(Z, labels)).sum() / np.resize(weights, len(Z)).sum()
    ),
    "log2": lambda Z, labels, weights: (
        (weights[labels] * costs(Z, labels)).sum() / weights[labels].sum() / math.log(2)
    ),
    "weights on the logits": lambda Z, labels, weights: costs(Z * weights, labels).mean(),
    "labels 1-based": lambda Z, labels, weights: (
        (weights[labels - 1] * costs(Z, labels - 1)).sum() / weights[labels - 1].sum()
    ),
    "predicted class": lambda Z, labels, weights: (
        (weights[labels] * costs(Z, Z.argmax(1))).sum() / weights[labels].sum()
    ),
    "keepdims forgotten": lambda Z, labels, weights: (
        (
            weights[labels]
            * (Z.max(1) + np.log(np.exp(Z - Z.max(1)).sum(1)) - Z[np.arange(len(Z)), labels])
        ).sum()
        / weights[labels].sum()
    ),
    "safe p, naive log with floor in the weights": lambda Z, labels, weights: np.average(
        -np.log(np.exp(-costs(Z, labels)) + 1e-12), weights=weights[labels]
    ),
}


def sp(z):
    return np.logaddexp(0, z)


ANSWERS["06.4"] = {
    "plus": lambda z, t: sp(z) + z * t,
    "summed": lambda z, t: (sp(z) - z * t).sum(),
    "averaged": lambda z, t: (sp(z) - z * t).mean(),
    "bits": lambda z, t: (sp(z) - z * t) / math.log(2),
    "gradient": lambda z, t: sig(z) - t,
    "hinge": lambda z, t: np.maximum(0, 1 - (2 * t - 1) * z),
    "square": lambda z, t: (sig(z) - t) ** 2,
    "sigmoid twice": lambda z, t: (lambda p: sp(p) - p * t)(sig(z)),
    "negative": lambda z, t: z * t - sp(z),
}
ANSWERS["06.5"] = {
    "mean": lambda y, t: ((y - t) / (y * (1 - y))).mean(),
    "sign of one": lambda y, t: t / y + (1 - t) / (1 - y),
    "minus in the product": lambda y, t: (y - t) / (y * (1 + y)),
    "divided by n": lambda y, t: (y - t) / (y * (1 - y)) / len(y),
    "by z with sigmoid": lambda y, t: sig(y) - t,
    "denominator y": lambda y, t: (y - t) / y,
    "swapped": lambda y, t: (t - 1) / (1 - y) + t / y if False else (1 - t) / y - t / (1 - y),
}
ANSWERS["06.6"] = {
    "sizes as weights of roots, then root": lambda r, s: np.sqrt((r * s).sum() / s.sum()),
    "sum of roots squared": lambda r, s: np.sqrt((r * s).sum() ** 2 / s.sum() ** 2),
    "root of the sizes": lambda r, s: np.average(r, weights=np.sqrt(s)),
    "without the last": lambda r, s: np.sqrt((r[:-1] ** 2 * s[:-1]).sum() / max(s[:-1].sum(), 1)),
    "median": lambda r, s: np.median(r),
    "n - 1": lambda r, s: np.sqrt((r**2 * s).sum() / (s.sum() - 1)),
    "squared twice": lambda r, s: ((r**2 * s).sum() / s.sum()) ** 2,
}
ANSWERS["06.7"] = {
    "q and 1-q on both": lambda y, t, q: (lambda e: (q * e - (1 - q) * e).mean())(t - y[:, 0]),
    "minimum": lambda y, t, q: (lambda e: np.minimum(q * e, (q - 1) * e).mean())(t - y[:, 0]),
    "q+1": lambda y, t, q: (lambda e: np.maximum(q * e, (q + 1) * e).mean())(t - y[:, 0]),
    "flattened t column": lambda y, t, q: (lambda e: np.maximum(q * e, (q - 1) * e))(
        t[:, None] - y
    ),
    "sorted": lambda y, t, q: (lambda e: np.maximum(q * e, (q - 1) * e).mean())(
        np.sort(t) - np.sort(y[:, 0])
    ),
    "sum over n squared": lambda y, t, q: (
        lambda e: np.maximum(q * e, (q - 1) * e).sum() / len(t) ** 2
    )(t - y[:, 0]),
    "half": lambda y, t, q: (lambda e: np.maximum(q * e, (q - 1) * e).mean() / 2)(t - y[:, 0]),
}
ANSWERS["06.8"] = {
    "regions exchanged by the condition": lambda e, d: np.where(abs(e) >= d, np.sign(e), e / d),
    "outside minus": lambda e, d: np.where(abs(e) <= d, np.sign(e), -e / d),
    "e over 2d": lambda e, d: np.where(abs(e) <= d, np.sign(e), e / (2 * d)),
    "e squared": lambda e, d: np.where(abs(e) <= d, np.sign(e), e**2 / d),
    "no absolute": lambda e, d: np.where(e <= d, np.sign(e), e / d),
    "if on the array": lambda e, d: np.sign(e) if abs(e) <= d else e / d,
    "mean": lambda e, d: np.mean(np.where(abs(e) <= d, np.sign(e), e / d)),
    "d in both": lambda e, d: np.where(abs(e) <= d, d * np.sign(e), e),
}
v("06.9", "two exchanged", ("square", "hinge", "bce", "sigmoid"))
v("06.9", "bce hinge", ("bce", "square", "sigmoid", "hinge"))


def parts(a, b):
    s = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)
    shared = np.prod(s)
    U = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared
    c = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2])
    r = ((a[:2] + a[2:]) - (b[:2] + b[2:])) / 2
    return shared, U, c, r


ANSWERS["06.10"] = {
    "diagonal as a sum of sides": lambda a, b: (
        lambda shared, U, c, r: shared / U - (r**2).sum() / c.sum() ** 2
    )(*parts(a, b)),
    "manhattan": lambda a, b: (
        lambda shared, U, c, r: shared / U - abs(r).sum() ** 2 / (c**2).sum()
    )(*parts(a, b)),
    "penalty alone": lambda a, b: (lambda shared, U, c, r: (r**2).sum() / (c**2).sum())(
        *parts(a, b)
    ),
    "minus penalty alone": lambda a, b: (lambda shared, U, c, r: -(r**2).sum() / (c**2).sum())(
        *parts(a, b)
    ),
    "intersection over a": lambda a, b: (
        lambda shared, U, c, r: shared / np.prod(a[2:] - a[:2]) - (r**2).sum() / (c**2).sum()
    )(*parts(a, b)),
    "intersection over enclosing": lambda a, b: (
        lambda shared, U, c, r: shared / np.prod(c) - (r**2).sum() / (c**2).sum()
    )(*parts(a, b)),
    "floor division": lambda a, b: (
        lambda shared, U, c, r: (
            shared / U - (((a[:2] + a[2:]) // 2 - (b[:2] + b[2:]) // 2) ** 2).sum() / (c**2).sum()
        )
    )(*parts(a, b)),
    "upper corners": lambda a, b: (
        lambda shared, U, c, r: shared / U - ((a[2:] - b[2:]) ** 2).sum() / (c**2).sum()
    )(*parts(a, b)),
    "penalty with unit": lambda a, b: (lambda shared, U, c, r: shared / U - (r**2).sum())(
        *parts(a, b)
    ),
}


def tk(log_p, tokens):
    return -np.take_along_axis(log_p, tokens[..., None], -1)[..., 0]


ANSWERS["06.11"] = {
    "sum over n T": lambda log_p, tokens, real: (tk(log_p, tokens) * real).sum() / tokens.size,
    "exp": lambda log_p, tokens, real: np.exp((tk(log_p, tokens) * real).sum() / real.sum()),
    "argmax": lambda log_p, tokens, real: (-log_p.max(-1) * real).sum() / real.sum(),
    "all classes": lambda log_p, tokens, real: (-log_p.sum(-1) * real).sum() / real.sum(),
    "log again": lambda log_p, tokens, real: (
        (-np.log(np.exp(-tk(log_p, tokens))) * real).sum() / len(real) / real.shape[1]
    ),
    "padding inverted": lambda log_p, tokens, real: (
        (tk(log_p, tokens) * (1 - real)).sum() / max((1 - real).sum(), 1)
    ),
    "mean per step": lambda log_p, tokens, real: (
        (tk(log_p, tokens) * real).sum(0) / np.maximum(real.sum(0), 1)
    ).mean(),
    "bits": lambda log_p, tokens, real: (tk(log_p, tokens) * real).sum() / real.sum() / math.log(2),
    "index without arange": lambda log_p, tokens, real: -log_p[:, :, tokens].mean(),
}
ANSWERS["06.12"] = {
    "symmetric": lambda t, p: (
        lambda m: (t[m] * np.log(t[m] / p[m])).sum() + (p[m] * np.log(p[m] / t[m])).sum()
    )(t > 0),
    "mean": lambda t, p: (lambda m: (t[m] * np.log(t[m] / p[m])).mean())(t > 0),
    "log of difference": lambda t, p: (lambda m: (t[m] * np.log(t[m]) - np.log(p[m])).sum())(t > 0),
    "absolute": lambda t, p: (lambda m: abs(t[m] * np.log(t[m] / p[m])).sum())(t > 0),
    "sum of t in the log": lambda t, p: (lambda m: (t[m] * (t[m] / p[m])).sum())(t > 0),
    "nansum": lambda t, p: (
        np.nansum(t * np.log(t / p)) if False else (lambda m: -(t[m] * np.log(p[m])).sum())(t > 0)
    ),
    "zeros to one": lambda t, p: (np.where(t > 0, t, 1) * np.log(np.where(t > 0, t, 1) / p)).sum(),
    "base 10": lambda t, p: (lambda m: (t[m] * np.log10(t[m] / p[m])).sum())(t > 0),
}
