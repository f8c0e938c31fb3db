"""Chapter 04: right answers in other forms, changes that keep a solution right."""

import math
from fractions import Fraction

import numpy as np

from answers.reasons import LINEAR, NO_KINK, ONE_OUTPUT, RATE_NOT_NEGATIVE


def product_back_by_loops(G, X, W):
    dW, dX = np.zeros(W.shape), np.zeros(X.shape)
    for r in range(len(X)):
        for j in range(X.shape[1]):
            for k in range(len(W)):
                dW[k, j] += X[r, j] * G[r, k]
                dX[r, j] += G[r, k] * W[k, j]
    return dW, dX


def product_back_by_outers(G, X, W):
    dW = sum(np.outer(g, x) for x, g in zip(X, G, strict=True))
    return [dW, np.asfortranarray(np.dot(W.T, G.T).T)]


def product_back_by_jacobians(G, X, W):
    n, o = G.shape
    to_W, to_X = np.kron(X, np.eye(o)), np.kron(np.eye(n), W)
    dV = (G.ravel() @ to_W).reshape(W.T.shape)
    return dV.T, (G.ravel() @ to_X).reshape(X.shape).tolist()


def unbroadcast_axis_by_axis(G, shape):
    while G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            G = G.sum(axis=axis, keepdims=True)
    return G


def unbroadcast_by_places(G, shape):
    places = np.broadcast_to(np.arange(math.prod(shape)).reshape(shape), G.shape)
    sums = np.zeros(math.prod(shape))
    np.add.at(sums, places.ravel(), G.ravel())
    return sums.reshape(shape)


def unbroadcast_by_loop(G, shape):
    out = np.zeros(shape)
    for where in np.ndindex(*G.shape):
        own = where[G.ndim - len(shape) :]
        out[tuple(0 if m == 1 else i for i, m in zip(own, shape, strict=True))] += G[where]
    return out


def sizes_by_shapes(n, i, o):
    Y, X, block = np.empty((n, o)), np.empty((n, i)), np.empty((o, i))  # a block for each sample
    return np.array([Y.size * X.size, n * block.size])


def layer_back_by_loops(G, X, W, b):
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), [0.0] * len(b)
    for r, row in enumerate(X):
        for k in range(len(b)):
            if sum(row * W[:, k]) + b[k] > 0:
                db[k] += G[r, k]
                dW[:, k] += G[r, k] * row
                dX[r] += G[r, k] * W[:, k]
    return [dW, db, dX]


def layer_back_with_a_column_of_ones(G, X, W, b):
    extended, both = np.c_[X, np.ones(len(X))], np.vstack([W, b])
    dZ = np.heaviside(extended @ both, 0.0) * G
    d = extended.T @ dZ
    return d[:-1], d[-1], (dZ @ both.T)[:, :-1]


def layer_back_by_einsum(G, X, W, b):
    dZ = np.where(np.tensordot(X, W, 1) + b < 0, 0.0, G)
    return (
        np.einsum("nk,nj->kj", dZ, X).T,
        np.ones(len(X)) @ dZ,
        np.einsum("nk,jk->nj", dZ, W),
    )


def step_by_loop(W, X, delta, lr):
    new = W.copy()
    for x, d in zip(X, delta, strict=True):
        new -= lr / len(X) * x[:, None] * d
    return new


def step_row_by_row(W, X, delta, lr):
    return [[w - lr * float(x @ delta[:, 0]) / len(X)] for w, x in zip(W[:, 0], X.T, strict=True)]


def take_back_by_loop(G, idx, shape):
    rows = [[0.0] * shape[1] for _ in range(shape[0])]
    for g, i in zip(G.tolist(), idx.tolist(), strict=True):
        rows[i] = [a + b for a, b in zip(rows[i], g, strict=True)]
    return rows


def take_back_by_rows(G, idx, shape):
    return np.array([G[idx == i].sum(axis=0) for i in range(shape[0])])


def take_back_by_counting(G, idx, shape):
    columns = [np.bincount(idx, weights=g, minlength=shape[0]) for g in G.T]
    return np.stack(columns).T  # a view, its columns one after the other in memory


def range_back_by_loop(G, X):
    return [
        [g * (v == max(row)) - g * (v == min(row)) for v in row]
        for g, row in zip(G, X.tolist(), strict=True)
    ]


def range_back_by_identity(G, X):
    own = np.eye(X.shape[1])
    return np.diag(G) @ (own[X.argmax(axis=1)] - own[X.argmin(axis=1)])


def range_back_by_sorting(G, X):
    out, order = np.zeros_like(X), np.argsort(X, axis=1)
    for r in range(len(X)):
        out[r, order[r, -1]] += G[r]
        out[r, order[r, 0]] -= G[r]
    return out


def floats_by_arrays(n, widths):
    kept = [np.empty((n, w)) for w in widths]
    made = [np.empty((i + 1, o)) for i, o in zip(widths, widths[1:], strict=False)]
    return sum(a.size for a in kept), sum(a.size for a in made)


def softrange_back_by_loops(G, P):
    out = np.zeros(P.shape)
    for r, (g, p) in enumerate(zip(G, P, strict=True)):
        for i in range(len(p)):
            for j in range(len(p)):
                out[r, j] += g[i] * p[i] * ((i == j) - p[j])
    return out


def softrange_back_by_einsum(G, P):
    return P * G - np.einsum("nk,nk,nj->nj", G, P, P)


def softrange_back_by_jacobians(G, P):
    J = P[:, :, None] * np.eye(P.shape[1]) - P[:, :, None] * P[:, None, :]
    return (J @ G[:, :, None])[:, :, 0]


def samples_by_loop(X, D):
    return [np.outer(x, d) for x, d in zip(X, D, strict=True)]


def samples_by_matmul(X, D):
    return X[..., None] @ D[:, None]


def samples_turned(X, D):
    return np.einsum("no,ni->noi", D, X).transpose(0, 2, 1)


RIGHT = {
    "04.1": [
        ([2, -10], -1, [[-2, 3], [8, -12], [-4, 6]]),
        [np.array([2.0, -10.0]), np.int64(-1), np.outer([1, -4, 2], [-2, 3])],
        lambda: ((2, -10.0), Fraction(-1), ((-2, 3), (8, -12), (-4, 6))),
    ],
    "04.2": [product_back_by_loops, product_back_by_outers, product_back_by_jacobians],
    "04.3": [unbroadcast_axis_by_axis, unbroadcast_by_places, unbroadcast_by_loop],
    "04.4": [
        lambda n, i, o: [n * o * i * n, i * o * n],
        lambda n, i, o: (i * o * n**2, np.int64(o) * n * i),
        sizes_by_shapes,
    ],
    "04.5": [layer_back_by_loops, layer_back_with_a_column_of_ones, layer_back_by_einsum],
    "04.6": [
        step_by_loop,
        step_row_by_row,
        lambda W, X, delta, lr: W - lr * (X * delta).mean(axis=0)[:, None],
    ],
    "04.7": [take_back_by_loop, take_back_by_rows, take_back_by_counting],
    "04.8": [range_back_by_loop, range_back_by_identity, range_back_by_sorting],
    "04.9": [
        lambda n, widths: [
            sum(n * w for w in widths),
            sum((i + 1) * o for i, o in zip(widths, widths[1:], strict=False)),
        ],
        lambda n, widths: (
            np.int64(n) * np.sum(widths),
            np.dot(widths[:-1], widths[1:]) + sum(widths) - widths[0],
        ),
        floats_by_arrays,
    ],
    "04.10": [softrange_back_by_loops, softrange_back_by_einsum, softrange_back_by_jacobians],
    "04.11": [samples_by_loop, samples_by_matmul, samples_turned],
    "04.12": [
        ["dY/dW", "activations", "dY/dX", "gradients"],
        lambda: ("dY/dW", "activations", "dY/dX", "gradients"),
        lambda: ["dY/d" + "W", "activations", f"dY/d{'X'}", "gradients"],
    ],
}

SHARES = "probabilities lie between 0 and 1, none of them 0, by the text"
THREE_INPUTS = "there are three inputs, by the text"
SHIFTED = "the same number added to all of a row changes neither its range nor where its ends are"
EQUIVALENT = {
    "04.3": {
        "stretched = tuple((k for k, m in enumerate(shape) if m == 1)) → "
        "stretched = tuple((k for k, m in enumerate(shape) if np.isclose(m, 1)))": (
            "of whole numbers only 1 is close to 1"
        ),
        "smeared": LINEAR,
    },
    "04.5": {"dZ = G * (X @ W + b > 0) → dZ = G * (X @ W + b >= 0)": NO_KINK},
    "04.6": {
        "abs(lr)": RATE_NOT_NEGATIVE,
        "wrong where W.shape[0] == 1": THREE_INPUTS,
        "wrong where W.shape[0] == W.shape[1]": THREE_INPUTS,
        "wrong where X.shape[1] == 1": THREE_INPUTS,
        "wrong where W.shape[1] > 1": ONE_OUTPUT,
        "wrong where delta.shape[1] > 1": ONE_OUTPUT,
        "grad = X.T @ delta / len(X) → grad = X.T @ delta / len(delta)": "both have n rows",
    },
    "04.7": {
        "out = np.zeros(shape) → out = -np.zeros(shape)": "zero has no sign in a sum",
        "smeared": LINEAR,
    },
    "04.8": {"X + 1e-9": SHIFTED},
    "04.10": {
        "G + 1e-9": "the same number added to all of G changes nothing: the rows of J sum to 0",
        "clip(P, -50, 50)": SHARES,
        "abs(P)": SHARES,
        "nan where 0 is in P": SHARES,
    },
    "04.11": {
        "return X[:, :, None] * D[:, None, :] → return X[:, :, None] @ D[:, None, :]": (
            "a column times a row is the outer product"
        ),
    },
}
