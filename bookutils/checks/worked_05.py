"""Right programs of chapter 05, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong numbers come from.
"""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def collapse(Ws, bs):
    d = len(bs[0])
    W = np.eye(d)
    b = np.zeros(d)
    for W_l, b_l in zip(Ws, bs, strict=True):
        M = np.eye(d) + W_l
        W = W @ M
        b = b @ M + b_l
    return W, b


def widest(d_in, d_out, hidden, budget):
    fitting = 1
    for w in range(1, budget + 1):
        first = d_in * w + w
        between = (hidden - 1) * (w * w + w)
        last = w * d_out + d_out
        if first + between + last > budget:
            break
        fitting = w
    return fitting


def deltas(delta, Ws, zs):
    found = [delta]
    for k in range(len(zs) - 1, -1, -1):
        z = zs[k]
        dh = delta @ Ws[k + 1].T
        delta = dh * (1 - np.tanh(z) ** 2)
        found = [delta, *found]
    return found


def grads(x, t, W1, b1, W2, b2):
    z1 = x @ W1 + b1
    h = np.tanh(z1)
    z2 = h @ W2 + b2
    y = np.tanh(z2)
    delta2 = (y - t) * (1 - y**2)
    dh = W2 @ delta2
    delta1 = dh * (1 - h**2)
    return np.outer(x, delta1), delta1, np.outer(h, delta2), delta2


def delta_out(z, t):
    y = sigmoid(z)
    dy = 2 * (y - t) / len(z)
    return dy * (y * (1 - y))


def two_layer(X, W1, b1, W2, b2):
    z = X @ W1 + b1
    h = np.maximum(z, 0)
    return h @ W2 + b2


def fit(X, t, w, b, lr, steps):
    for _ in range(steps):
        z = X @ w + b
        y = np.tanh(z)
        delta = 2 * (y - t) / len(t) * (1 - y**2)
        dw = X.T @ delta
        db = np.sum(delta)
        w = w - lr * dw
        b = b - lr * db
    return w, b


def backward(X, t, Ws, bs):
    zs, hs = [], [X]
    for k in range(len(Ws)):
        zs = [*zs, hs[k] @ Ws[k] + bs[k]]
        hs = [*hs, np.maximum(zs[k], 0)]
    y = zs[-1]
    delta = (y - t) / len(X)
    dWs, dbs = [], []
    for k in range(len(Ws) - 1, -1, -1):
        dWs = [hs[k].T @ delta, *dWs]
        dbs = [np.sum(delta, axis=0), *dbs]
        dh = delta @ Ws[k].T
        delta = dh * (hs[k] > 0)
    return dWs, dbs
