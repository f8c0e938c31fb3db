"""Right programs of chapter 09, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong numbers come from.
"""

import numpy as np

COLUMN, UPSTREAM = np.array([7.0, 1, 1, -1]), np.array([2, -1, 0.5, 4])


def by_hand(x=COLUMN, G=UPSTREAM):
    d = x - np.mean(x)
    s = np.sqrt(np.mean(d**2))
    x_hat = d / s
    first = np.mean(G)
    second = np.mean(G * x_hat)
    return x_hat, (G - first - x_hat * second) / s


def start(kind, z):
    d_in, d_out = z.shape
    if kind == "he":
        variance = 2 / d_in
    elif kind == "xavier":
        variance = 2 / (d_in + d_out)
    else:
        c = 1 / np.sqrt(d_in)
        variance = c**2 / 3
    return np.sqrt(variance) * z


def log10_growth(D, g, a):
    kept = (1 + a**2) / 2
    layer = g**2 * kept
    return D * np.log10(np.sqrt(layer))


def clip_norm(grads, max_norm):
    total = 0.0
    for k in range(len(grads)):
        total += np.sum(grads[k] ** 2)
    length = np.sqrt(total)
    factor = 1.0
    if length > max_norm:
        factor = max_norm / length
    return [factor * g for g in grads]


def calibrate(X, Ws):
    gains = []
    h = X
    for k in range(len(Ws)):
        out = np.maximum(h @ Ws[k], 0)
        rms = np.sqrt(np.mean(out**2))
        gains = [*gains, 1 / rms]
        h = out / rms
    return gains


def rmsnorm_vjp(G, X, gamma, eps):
    square = np.mean(X**2, axis=1, keepdims=True)
    r = np.sqrt(square + eps)
    x_hat = X / r
    dx_hat = G * gamma
    shared = np.mean(dx_hat * x_hat, axis=1, keepdims=True)
    dX = (dx_hat - x_hat * shared) / r
    dgamma = np.sum(G * x_hat, axis=0)
    return dX, dgamma


def running(mean, var, X, m):
    n = len(X)
    center = np.mean(X, axis=0)
    squares = np.sum((X - center) ** 2, axis=0)
    spread = squares / (n - 1)
    return (1 - m) * mean + m * center, (1 - m) * var + m * spread


def res_backward(G, hs, Ws, alpha):
    dWs = []
    for k in range(len(Ws) - 1, -1, -1):
        inner = np.maximum(hs[k], 0)
        dWs = [alpha * inner.T @ G, *dWs]
        back = G @ Ws[k].T
        G = G + alpha * back * (hs[k] > 0)
    return G, dWs
