"""The third lot of wrong answers, written when the second had widened the lists.

`ANSWERS[id]` maps what went wrong to the answer.
"""

from collections import defaultdict

import numpy as np

from learners.lot import relu, sig

ANSWERS = defaultdict(dict)


ANSWERS["04.2"]["G twice"] = lambda G, X, W: (G.T @ X, G @ (G.T @ G @ W))
ANSWERS["04.2"]["dW mean over outputs axis"] = lambda G, X, W: (
    G.mean(1, keepdims=True).T @ X * np.ones(W.shape),
    G @ W,
)
ANSWERS["04.2"]["dX averaged"] = lambda G, X, W: (G.T @ X, G @ W / len(X))
ANSWERS["04.2"]["X centred"] = lambda G, X, W: (G.T @ (X - X.mean(0)), G @ W)
ANSWERS["04.3"]["keeps 1s"] = lambda G, shape: G.sum(
    axis=tuple(range(G.ndim - len(shape))), keepdims=True
)
ANSWERS["04.3"]["sum twice"] = lambda G, shape: (
    2
    * G.sum(
        axis=tuple(
            k
            for k in range(G.ndim)
            if k < G.ndim - len(shape) or shape[k - (G.ndim - len(shape))] == 1
        ),
        keepdims=True,
    ).reshape(shape)
)
ANSWERS["04.4"]["of one sample pair"] = lambda n, i, o: (n * o * n * i, o * i * i)
ANSWERS["04.5"]["relu in G"] = lambda G, X, W, b: (lambda d: (X.T @ d, d.sum(0), d @ W.T))(
    relu(G) * (X @ W + b > 0)
)
ANSWERS["04.5"]["db of G over rows"] = lambda G, X, W, b: (lambda d: (X.T @ d, d.sum(1), d @ W.T))(
    G * (X @ W + b > 0)
)
ANSWERS["04.5"]["Z without W transposed mask on X@W, b later"] = lambda G, X, W, b: (
    lambda d: (X.T @ d, d.sum(0), d @ W.T)
)(G * (X @ W - b > 0))
ANSWERS["04.5"]["dX uses dW"] = lambda G, X, W, b: (
    lambda d: (X.T @ d, d.sum(0), X @ (X.T @ d) @ W.T)
)(G * (X @ W + b > 0))
ANSWERS["04.6"]["lr inside mean"] = lambda W, X, d, lr: W - X.T @ d * lr ** len(X) / len(X)
ANSWERS["04.6"]["n minus 1"] = lambda W, X, d, lr: W - lr * X.T @ d / max(len(X) - 1, 1)
ANSWERS["04.6"]["W times X"] = lambda W, X, d, lr: W - lr * (X.T @ (X @ W - d)) / len(X)
ANSWERS["04.7"]["sums all"] = lambda G, idx, shape: np.where(
    np.isin(np.arange(shape[0]), idx)[:, None], G.sum(0), 0
)
ANSWERS["04.7"]["divides by number of repeats squared"] = lambda G, idx, shape: (
    ((np.arange(shape[0])[:, None] == idx).astype(float) @ G)
    / np.maximum(np.bincount(idx, minlength=shape[0])[:, None], 1) ** 2
)
ANSWERS["04.8"]["G not broadcast, summed"] = lambda G, X: (
    G.sum() * ((X == X.max(1, keepdims=True)) * 1.0 - (X == X.min(1, keepdims=True)))
)
ANSWERS["04.8"]["max+1"] = lambda G, X: (
    G[:, None] * ((X == X.max(1, keepdims=True)) * 1.0) - ((X == X.min(1, keepdims=True)) * 1.0)
)
ANSWERS["04.8"]["mean subtracted"] = lambda G, X: (
    G[:, None] * ((X == X.max(1, keepdims=True)) * 1.0 - 1 / X.shape[1])
)
ANSWERS["04.9"]["only weights for activations in"] = lambda n, w: (
    n * sum(w),
    n * sum(a * b for a, b in zip(w, w[1:], strict=False)) + sum(w[1:]),
)
ANSWERS["04.10"]["extra P"] = lambda G, P: P * (G - (P * P * G).sum(1, keepdims=True))
ANSWERS["04.10"]["one minus"] = lambda G, P: P * (1 - P) * (G - (G * P).sum(1, keepdims=True))
ANSWERS["04.10"]["divided by k"] = lambda G, P: P * (G - (G * P).sum(1, keepdims=True)) / P.shape[1]
ANSWERS["04.11"]["delta of the next sample"] = lambda X, D: (
    X[:, :, None] * np.roll(D, 1, axis=0)[:, None, :]
)
ANSWERS["04.11"]["abs"] = lambda X, D: np.abs(X[:, :, None] * D[:, None, :])
ANSWERS["05.2"]["shortcut twice"] = lambda Ws, bs: cc(Ws, bs, 2.0)


def cc(Ws, bs, a):
    W, b = np.eye(len(Ws[0])), 0 * bs[0]
    for w, v in zip(Ws, bs, strict=False):
        W, b = a * W + W @ w, a * b + b @ w + v
    return W, b


ANSWERS["05.2"]["transposed matrices"] = lambda Ws, bs: cc([w.T for w in Ws], bs, 1.0)
ANSWERS["05.2"]["half the shortcut"] = lambda Ws, bs: cc(Ws, bs, 0.5)
ANSWERS["05.2"]["b before W"] = lambda Ws, bs: (lambda r: (r[0], r[1]))(cb(Ws, bs))


def cb(Ws, bs):
    W, b = np.eye(len(Ws[0])), 0 * bs[0]
    for w, v in zip(Ws, bs, strict=False):
        W = W + W @ w
        b = (b + v) + (b + v) @ w
    return W, b


def wd(count):
    def g(d_in, d_out, hidden, budget):
        w = 1
        while w < 3000 and count(d_in, d_out, hidden, w + 1) <= budget:
            w += 1
        return w

    return g


ANSWERS["05.3"]["bias of hidden only once"] = wd(
    lambda i, o, h, w: i * w + (h - 1) * w * w + w * o + h + 1
)
ANSWERS["05.3"]["inputs counted"] = wd(
    lambda i, o, h, w: i + (i + 1) * w + (h - 1) * (w + 1) * w + (w + 1) * o
)
ANSWERS["05.3"]["ceil"] = lambda i, o, h, b: (
    wd(lambda i, o, h, w: (i + 1) * w + (h - 1) * (w + 1) * w + (w + 1) * o)(i, o, h, b) - 1
)


def wk(delta, Ws, zs, step):
    out = [delta]
    for k in range(len(zs) - 1, -1, -1):
        out.insert(0, step(out[0], k))
    return out


def T(z):
    return 1 - np.tanh(z) ** 2


ANSWERS["05.4"]["slope before product"] = lambda d, Ws, zs: wk(
    d, Ws, zs, lambda a, k: (a * T(a)) @ Ws[k + 1].T
)
ANSWERS["05.4"]["weights squared"] = lambda d, Ws, zs: wk(
    d, Ws, zs, lambda a, k: a @ (Ws[k + 1] ** 2).T * T(zs[k])
)
ANSWERS["05.4"]["half"] = lambda d, Ws, zs: wk(
    d, Ws, zs, lambda a, k: a @ Ws[k + 1].T * T(zs[k]) / 2
)
ANSWERS["05.4"]["mean slope"] = lambda d, Ws, zs: wk(
    d, Ws, zs, lambda a, k: a @ Ws[k + 1].T * T(zs[k]).mean(0)
)
ANSWERS["05.4"]["added"] = lambda d, Ws, zs: wk(d, Ws, zs, lambda a, k: a @ Ws[k + 1].T + T(zs[k]))


def net(x, t, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    return h, np.tanh(h @ W2 + b2)


def g(x, t, W1, b1, W2, b2, k):
    h, y = net(x, t, W1, b1, W2, b2)
    d2 = (y - t) * (1 - y * y)
    d1 = W2 @ d2 * (1 - h * h)
    r = [np.outer(x, d1), d1, np.outer(h, d2), d2]
    if k == "dW2 with y":
        r[2] = np.outer(h, (y - t) * y)
    if k == "db2 error":
        r[3] = y - t
    if k == "dW1 with z":
        r[0] = np.outer(x @ W1 @ np.ones((len(d1), len(x))), d1)
    if k == "moved b too":
        W2b = W2 - 0.5 * np.outer(h, d2)
        d1 = W2b @ d2 * (1 - h * h)
        r[0], r[1] = np.outer(x, d1), d1
    if k == "moved up":
        W2b = W2 + 0.1 * np.outer(h, d2)
        d1 = W2b @ d2 * (1 - h * h)
        r[0], r[1] = np.outer(x, d1), d1
    if k == "t not subtracted":
        d2 = y * (1 - y * y)
        d1 = W2 @ d2 * (1 - h * h)
        r = [np.outer(x, d1), d1, np.outer(h, d2), d2]
    if k == "slope at z":
        d1 = W2 @ d2 * (1 - (x @ W1 + b1) ** 2)
        r[0], r[1] = np.outer(x, d1), d1
    return tuple(r)


for k in ("dW2 with y", "db2 error", "moved b too", "moved up", "t not subtracted", "slope at z"):
    ANSWERS["05.5"][k] = lambda x, t, W1, b1, W2, b2, k=k: g(x, t, W1, b1, W2, b2, k)
ANSWERS["05.6"]["sigma of t"] = lambda z, t: 2 / len(z) * (sig(z) - sig(t)) * sig(z) * (1 - sig(z))
ANSWERS["05.6"]["exp slope"] = lambda z, t: 2 / len(z) * (sig(z) - t) * np.exp(-z)
ANSWERS["05.6"]["summed"] = lambda z, t: (2 / len(z) * (sig(z) - t) * sig(z) * (1 - sig(z))).sum()
ANSWERS["05.6"]["product of error mean"] = lambda z, t: 2 * (sig(z) - t) * sig(z) * (1 - sig(z))
ANSWERS["05.7"]["relu before"] = lambda X, W1, b1, W2, b2: relu(X @ W1 + b1) @ W2 + relu(b2)
ANSWERS["05.7"]["X added"] = lambda X, W1, b1, W2, b2: (
    relu(X @ W1 + b1).sum(1, keepdims=True) * np.ones((1, 1)) + b2
)
ANSWERS["05.7"]["sorted hidden"] = lambda X, W1, b1, W2, b2: (
    np.sort(relu(X @ W1 + b1), axis=1) @ W2 + b2
)


def fit(gr):
    def f(X, t, w, b, lr, steps):
        for _s in range(steps):
            dw, db = gr(X, t, w, b)
            w, b = w - lr * dw, b - lr * db
        return w, b

    return f


def dl(X, t, w, b):
    y = np.tanh(X @ w + b)
    return 2 / len(t) * (y - t) * (1 - y * y)


ANSWERS["05.8"]["slope at z"] = fit(
    lambda X, t, w, b: (lambda d: (X.T @ d, d.sum()))(
        2 / len(t) * (np.tanh(X @ w + b) - t) * (1 - (X @ w + b) ** 2)
    )
)
ANSWERS["05.8"]["X mean"] = fit(
    lambda X, t, w, b: (X.mean(0) * dl(X, t, w, b).sum(), dl(X, t, w, b).sum())
)
ANSWERS["05.8"]["db of b"] = fit(
    lambda X, t, w, b: (X.T @ dl(X, t, w, b), dl(X, t, w, b).sum() * b)
)
ANSWERS["05.8"]["dw times w"] = fit(
    lambda X, t, w, b: (X.T @ dl(X, t, w, b) * w, dl(X, t, w, b).sum())
)
ANSWERS["05.8"]["momentum"] = lambda X, t, w, b, lr, steps: mom(X, t, w, b, lr, steps)


def mom(X, t, w, b, lr, steps):
    vw, vb = 0 * w, 0.0
    for _ in range(steps):
        d = dl(X, t, w, b)
        vw, vb = 0.9 * vw + X.T @ d, 0.9 * vb + d.sum()
        w, b = w - lr * vw, b - lr * vb
    return w, b


def mlp(X, t, Ws, bs, k):
    hs = [X]
    for W, b in zip(Ws[:-1], bs[:-1], strict=False):
        hs.append(relu(hs[-1] @ W + b))
    y = hs[-1] @ Ws[-1] + bs[-1]
    d = (y - t) / len(X)
    dW, db = [], []
    for i in range(len(Ws) - 1, -1, -1):
        h = hs[i]
        if k == "h of output":
            h = hs[i] if i else relu(X)
        dW.insert(0, h.T @ d)
        db.insert(0, d.sum(0) if k != "db mean of all" else np.full(d.shape[1], d.mean()))
        d = d @ Ws[i].T * (hs[i] > 0)
        if k == "not carried" and i == len(Ws) - 1:
            pass
        if k == "masked by X" and i == 1:
            d = d * 1.0
        if k == "doubles":
            d = 2 * d
        if k == "abs":
            d = abs(d)
    return dW, db


for k in ("h of output", "db mean of all", "doubles", "abs"):
    ANSWERS["05.11"][k] = lambda X, t, Ws, bs, k=k: mlp(X, t, Ws, bs, k)
ANSWERS["06.2"]["rows sum"] = lambda y, t: (
    (y - t),
    (y - t) / y.size,
    2 * (y - t).mean(1, keepdims=True) * np.ones(y.shape) / y.shape[0],
)
ANSWERS["06.2"]["third by rows"] = lambda y, t: ((y - t), (y - t) / y.size, 2 * (y - t) / len(y))
ANSWERS["06.2"]["plus t"] = lambda y, t: ((y + t), (y + t) / y.size, 2 * (y + t) / y.size)


def cst(Z, label):
    m = Z.max(1)
    return m + np.log(np.exp(Z - m[:, None]).sum(1)) - Z[np.arange(len(Z)), label]


ANSWERS["06.3"]["mean of plain and weights"] = lambda Z, label, w: (
    cst(Z, label).mean() * w[label].mean()
)
ANSWERS["06.3"]["temperature"] = lambda Z, label, w: (
    (w[label] * cst(Z / 2, label)).sum() / w[label].sum()
)
ANSWERS["06.3"]["logit minus max"] = lambda Z, label, w: (
    (
        w[label]
        * (np.log(np.exp(Z - Z.max(1, keepdims=True)).sum(1)) - Z[np.arange(len(Z)), label])
    ).sum()
    / w[label].sum()
)
ANSWERS["06.3"]["focal"] = lambda Z, label, w: (
    (w[label] * cst(Z, label) * (1 - np.exp(-cst(Z, label)))).sum() / w[label].sum()
)
ANSWERS["06.4"]["half logit"] = lambda z, t: np.logaddexp(0, z / 2) - z * t / 2
ANSWERS["06.4"]["no softplus"] = lambda z, t: -z * t
ANSWERS["06.4"]["clip z 30"] = lambda z, t: (
    np.logaddexp(0, np.clip(z, -30, 30)) - np.clip(z, -30, 30) * t
)
ANSWERS["06.5"]["sign of t"] = lambda y, t: (y + t) / (y * (1 - y))
ANSWERS["06.5"]["zero for wrong"] = lambda y, t: np.where(t == 1, -1 / y, 0)
ANSWERS["06.6"]["abs diff"] = lambda r, s: np.sqrt((r**2 * s).max() / s.sum())
ANSWERS["06.6"]["squares weighted then mean"] = lambda r, s: np.sqrt(((r * s / s.sum()) ** 2).sum())
ANSWERS["06.7"]["t minus first"] = lambda y, t, q: (
    lambda e: np.maximum(q * e, (q - 1) * e).mean()
)(t - y[0, 0])
ANSWERS["06.7"]["mean of y"] = lambda y, t, q: (lambda e: np.maximum(q * e, (q - 1) * e).mean())(
    t - y.mean()
)
ANSWERS["06.7"]["reversed"] = lambda y, t, q: (lambda e: np.maximum(q * e, (q - 1) * e).mean())(
    t[::-1] - y[:, 0]
)
ANSWERS["06.8"]["strict both"] = lambda e, d: np.where(
    abs(e) < d, np.sign(e), np.where(abs(e) > d, e / d, 0)
)
ANSWERS["06.8"]["one for both"] = lambda e, d: np.sign(e) * (1 + np.maximum(abs(e) - d, 0))
ANSWERS["06.8"]["e over abs d"] = lambda e, d: np.sign(e) * np.maximum(1, abs(e) / (d + 1))


def P(a, b):
    s = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)
    shared = np.prod(s)
    A, Bb = np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2])
    c = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2])
    r = ((a[:2] + a[2:]) - (b[:2] + b[2:])) / 2
    return shared, A, Bb, c, r


ANSWERS["06.10"]["diag from min max swapped"] = lambda a, b: (
    lambda shared, A, B, c, r: (
        shared / (A + B - shared)
        - (r @ r)
        / (
            (np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]))
            @ (np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]))
        )
    )
)(*P(a, b))
ANSWERS["06.10"]["perimeter"] = lambda a, b: (
    lambda shared, A, B, c, r: shared / (A + B - shared) - (r @ r) / (2 * c.sum())
)(*P(a, b))
ANSWERS["06.10"]["GIoU and DIoU"] = lambda a, b: (
    lambda shared, A, B, c, r: (
        shared / (A + B - shared) - (c.prod() - (A + B - shared)) / c.prod() - (r @ r) / (c @ c)
    )
)(*P(a, b))


def tk(lp, tok):
    return -np.take_along_axis(lp, tok[..., None], -1)[..., 0]


ANSWERS["06.11"]["sum per sentence, mean of all"] = lambda lp, tok, real: (
    (tk(lp, tok) * real).sum(1) / real.shape[1]
).mean()
ANSWERS["06.11"]["roll back"] = lambda lp, tok, real: (
    (tk(lp, np.roll(tok, -1, axis=1)) * real).sum() / real.sum()
)
ANSWERS["06.11"]["real shifted"] = lambda lp, tok, real: (
    (tk(lp, tok) * np.roll(real, 1, axis=1)).sum() / real.sum()
)
ANSWERS["06.12"]["p zero mask"] = lambda t, p: (lambda m: (t[m] * np.log(t[m] / p[m])).sum())(
    t > 0.05
)
ANSWERS["06.12"]["unnormalised"] = lambda t, p: (
    lambda m: (t[m] * np.log(t[m] / p[m]) - t[m] + p[m]).sum()
)(t > 0)
ANSWERS["06.12"]["js"] = lambda t, p: (lambda m: (t[m] * np.log(t[m] / ((t[m] + p[m]) / 2))).sum())(
    t > 0
)
