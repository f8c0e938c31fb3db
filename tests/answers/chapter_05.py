"""Chapter 05: right answers in other forms, changes that keep a solution right."""

import math

import numpy as np

from answers.forms import Pair, frozen, strided
from answers.reasons import (
    BELOW_TOLERANCE,
    EACH_ONCE,
    ONE_OUTPUT,
    RATE_NOT_NEGATIVE,
    TRANSPOSED_VECTOR,
)


def corners_from_both_ends():
    """relu(1 - s) + 5 relu(s - 1) with s = x1 + x2: 1, 0, 5 at 0, 1, 2."""
    return [[[-1, 1], [-1, 1]], [1, -1], [[1], [5]], [0]]


def corners_from_above():
    """1 - relu(s) + 6 relu(s - 1), with weights that are thirds."""
    W1 = np.array([[1 / 3, 2], [1 / 3, 2]])
    return W1, np.array([0, -2]), np.array([[-3], [3]]), np.array([1])


def corners_with_a_vector_behind():
    return np.ones((2, 2)), np.array([0, -1]), np.array([-1, 6]), 1


def collapsed_by_columns(Ws, bs):
    """Push each unit vector and 0 through the stack, one after the other."""

    def push(row):
        for W, b in zip(Ws, bs, strict=True):
            row = row + row @ W + b
        return row

    b = push(np.zeros(len(Ws[0])))
    return np.array([push(unit) - b for unit in np.eye(len(Ws[0]))]), b


def collapsed_from_behind(Ws, bs):
    W, b = np.eye(len(Ws[0])), np.zeros(len(Ws[0]))
    for W_l, b_l in zip(Ws[::-1], bs[::-1], strict=True):
        b = b_l @ W + b
        W = (np.eye(len(W_l)) + W_l) @ W
    return strided(W), frozen(b)


def collapsed_with_a_column_of_ones(Ws, bs):
    """Matrices of homogeneous coordinates: the bias is one more row."""
    d = len(Ws[0])
    whole = np.eye(d + 1)
    for W, b in zip(Ws, bs, strict=True):
        layer = np.eye(d + 1)
        layer[:d, :d] += W
        layer[d, :d] = b
        whole = whole @ layer
    return Pair(whole[:d, :d], whole[d, :d])


def widest_by_halving(d_in, d_out, hidden, budget):
    low, high = 1, budget
    while low < high:
        w = (low + high + 1) // 2
        count = (d_in + 1) * w + (hidden - 1) * (w + 1) * w + (w + 1) * d_out
        low, high = (w, high) if count <= budget else (low, w - 1)
    return low


def widest_by_root(d_in, d_out, hidden, budget):
    """The count is a polynomial of second degree in w."""
    a, b, c = hidden - 1, d_in + 1 + hidden - 1 + d_out, d_out - budget
    if a == 0:
        return -c // b
    w = int((-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)) + 1
    while a * w * w + b * w + c > 0:
        w -= 1
    return np.int64(w)


def widest_by_arrays(d_in, d_out, hidden, budget):
    def size(w):
        widths = [d_in, *[w] * hidden, d_out]
        return sum(np.dot(i + 1, o) for i, o in zip(widths, widths[1:], strict=False))

    return max(w for w in range(1, 600) if size(w) <= budget)


def deltas_by_cosh(delta, Ws, zs):
    found = {len(Ws): delta}
    for level in reversed(range(1, len(Ws))):
        found[level] = np.einsum("no,io->ni", found[level + 1], Ws[level])
        found[level] = found[level] / np.cosh(zs[level - 1]) ** 2
    return [found[level] for level in sorted(found)]


def deltas_by_loops(delta, Ws, zs):
    found = [delta.tolist()]
    for W, z in zip(Ws[:0:-1], zs[::-1], strict=True):
        rows = [
            [sum(w * d for w, d in zip(W[i], row, strict=True)) * (1 - math.tanh(z[k, i]) ** 2)
             for i in range(len(W))]
            for k, row in enumerate(found[-1])
        ]  # fmt: skip
        found.append(rows)
    return found[::-1]


def deltas_called_again(delta, Ws, zs):
    if not zs:
        return [delta]
    h = np.tanh(zs[-1])
    before = (Ws[-1] @ delta.T).T * (1 + h) * (1 - h)
    return [*deltas_called_again(before, Ws[:-1], zs[:-1]), delta]


def two_four_one_by_loops(x, t, W1, b1, W2, b2):
    d, m = W1.shape
    h = [math.tanh(b1[j] + sum(x[i] * W1[i, j] for i in range(d))) for j in range(m)]
    y = math.tanh(b2[0] + sum(h[j] * W2[j, 0] for j in range(m)))
    delta2 = (y - t[0]) * (1 - y) * (1 + y)
    delta1 = [delta2 * W2[j, 0] * (1 - h[j] ** 2) for j in range(m)]
    dW1 = [[x[i] * delta1[j] for j in range(m)] for i in range(d)]
    return dW1, delta1, [[h[j] * delta2] for j in range(m)], [delta2]


def two_four_one_as_a_batch(x, t, W1, b1, W2, b2):
    X = x[None, :]
    h = np.tanh(X @ W1 + b1)
    y = np.tanh(h @ W2 + b2)
    delta2 = (y - t) / np.cosh(h @ W2 + b2) ** 2
    delta1 = delta2 @ W2.T * (1 - h**2)
    return [X.T @ delta1, delta1.sum(0), h.T @ delta2, delta2.sum(0)]


def two_four_one_by_torch_names(x, t, W1, b1, W2, b2):
    h = np.tanh(W1.T @ x + b1)
    y = np.tanh(W2.T @ h + b2)
    G = (y - t) * (1 - y**2)
    g = (W2 * G)[:, 0] * (1 - h**2)
    return np.asfortranarray(np.kron(x[:, None], g)), g, h[:, None] * G, G


def delta_by_loops(z, t):
    y = [1 / (1 + math.exp(-v)) for v in z]
    return [2 * (a - b) * a * (1 - a) / len(y) for a, b in zip(y, t, strict=True)]


def delta_by_tanh(z, t):
    half = np.tanh(z / 2)
    return strided(((1 + half) / 2 - t) * (1 - half**2) / (2 * z.size))


def delta_by_exponentials(z, t):
    e = np.exp(-np.abs(z))
    y = np.where(z > 0, 1, e) / (1 + e)
    return np.mean(np.eye(len(z)), axis=0) * 2 * (y - t) * e / (1 + e) ** 2


def layers_with_where(X, W1, b1, W2, b2):
    z = b1 + np.einsum("ni,ij->nj", X, W1)
    return np.where(z < 0, 0, z).dot(W2) + b2[None, :]


def layers_by_absolute(X, W1, b1, W2, b2):
    z = X @ W1 + b1
    return frozen((z + abs(z)) / 2 @ W2 + b2)


def layers_row_by_row(X, W1, b1, W2, b2):
    return [[float(b2[0] + np.clip(x @ W1 + b1, 0, None) @ W2[:, 0])] for x in X]


def fit_by_loops(X, t, w, b, lr, steps):
    w = list(w)
    for _ in range(steps):
        dw, db = [0.0] * len(w), 0.0
        for x, target in zip(X, t, strict=True):
            y = math.tanh(float(x @ np.array(w)) + b)
            delta = 2 / len(X) * (y - target) / math.cosh(math.atanh(y)) ** 2 if y * y < 1 else 0.0
            dw = [g + delta * v for g, v in zip(dw, x, strict=True)]
            db += delta
        w, b = [v - lr * g for v, g in zip(w, dw, strict=True)], b - lr * db
    return w, b


def fit_in_one_vector(X, t, w, b, lr, steps):
    A, p = np.c_[X, np.ones(len(X))], np.append(w, b)
    for _ in range(steps):
        y = np.tanh(A @ p)
        p = p - lr * np.mean(2 * ((y - t) * (1 - y**2))[:, None] * A, axis=0)
    return frozen(p[:-1]), p[-1]


def fit_on_a_copy(X, t, w, b, lr, steps):
    w, b = w.copy(), float(b)
    while steps:
        y = np.tanh(X @ w + b)
        delta = (1 + y) * (1 - y) * (y - t) / (0.5 * len(t))
        w -= lr * (X.T @ delta)
        b -= lr * np.add.reduce(delta)
        steps -= 1
    return w, np.array(b)


def gradients_by_masks(X, t, Ws, bs):
    """Forward with a mask kept for each layer, backward with a dict."""
    fed, masks = [X], []
    for W, b in zip(Ws, bs, strict=True):
        z = fed[-1] @ W + b
        masks.append(np.heaviside(z, 0.0))
        fed.append(z * masks[-1])
    y = fed[-2] @ Ws[-1] + bs[-1]
    delta, dW, db = (y - t) / X.shape[0], {}, {}
    for level in range(len(Ws) - 1, -1, -1):
        dW[level] = np.einsum("ni,no->io", fed[level], delta)
        db[level] = np.ones(len(X)) @ delta
        if level:
            delta = (Ws[level] @ delta.T).T * masks[level - 1]
    order = sorted(dW)
    return [dW[k] for k in order], [db[k] for k in order]


def gradients_called_again(X, t, Ws, bs):
    def down(h, Ws, bs):
        """(δ at h, gradients from this layer on)."""
        z = h @ Ws[0] + bs[0]
        if len(Ws) == 1:
            delta, dWs, dbs = (z - t) / len(t), (), ()
        else:
            arrives, dWs, dbs = down(np.clip(z, 0, None), Ws[1:], bs[1:])
            delta = np.where(z > 0, arrives, 0.0)
        return delta @ Ws[0].T, (h.T @ delta, *dWs), (delta.sum(0), *dbs)

    return down(X, Ws, bs)[1:]


def gradients_sample_by_sample(X, t, Ws, bs):
    dWs, dbs = [np.zeros_like(W) for W in Ws], [np.zeros_like(b) for b in bs]
    for x, target in zip(X, t, strict=True):
        hs = [x]
        for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
            z = hs[-1] @ W + b
            hs.append(z if k == len(Ws) - 1 else np.fmax(z, 0))
        delta = hs[-1] - target
        for k in reversed(range(len(Ws))):
            dWs[k] += np.outer(hs[k], delta) / len(X)
            dbs[k] += delta / len(X)
            delta = Ws[k] @ delta * (hs[k] > 0)
    return dWs, dbs


RIGHT = {
    "05.1": [corners_from_both_ends(), corners_from_above, corners_with_a_vector_behind],
    "05.2": [collapsed_by_columns, collapsed_from_behind, collapsed_with_a_column_of_ones],
    "05.3": [widest_by_halving, widest_by_root, widest_by_arrays],
    "05.4": [deltas_by_cosh, deltas_by_loops, deltas_called_again],
    "05.5": [two_four_one_by_loops, two_four_one_as_a_batch, two_four_one_by_torch_names],
    "05.6": [delta_by_loops, delta_by_tanh, delta_by_exponentials],
    "05.7": [layers_with_where, layers_by_absolute, layers_row_by_row],
    "05.8": [fit_by_loops, fit_in_one_vector, fit_on_a_copy],
    "05.9": [
        ["bouncing", "small", "diverging", "good"],
        ("Bouncing", "SMALL", " diverging", "good"),
        lambda: np.array(["bouncing", "small", "diverging", "good"]).tolist(),
    ],
    "05.10": [[1, 1, 11, 11], np.array([1, 1, 11, 11]), lambda: (1.0, 1.0, 11.0, 11.0)],
    "05.11": [gradients_by_masks, gradients_called_again, gradients_sample_by_sample],
}

AS_A_LIST = "a list of numbers does as well as an array of them"
THREE_INPUTS = "the neuron has three inputs, by the text"
TOO_WIDE = "a neuron has two parameters at least, so such a net is far above the budget"
EQUIVALENT = {
    "05.1": {
        "W1 = np.array([[1.0, 1.0], [1.0, 1.0]]) → W1 = [[1.0, 1.0], [1.0, 1.0]]": AS_A_LIST,
        "W1 = np.array([[1.0, 1.0], [1.0, 1.0]]) → W1 = np.array([[1.0, 1.0], [1.0, 1.0]]).T": (
            "both neurons weigh both inputs alike"
        ),
        "b1 = np.array([0.0, -1.0]) → b1 = [0.0, -1.0]": AS_A_LIST,
        "b1 = np.array([0.0, -1.0]) → b1 = np.array([0.0, -1.0]).T": TRANSPOSED_VECTOR,
        "W2 = np.array([[-1.0], [6.0]]) → W2 = [[-1.0], [6.0]]": AS_A_LIST,
        "b2 = np.array([1.0]) → b2 = [1.0]": AS_A_LIST,
        "b2 = np.array([1.0]) → b2 = np.array([1.0]).T": TRANSPOSED_VECTOR,
    },
    "05.2": {
        "W, b = (np.eye(len(Ws[0])) + Ws[0], bs[0]) → "
        "W, b = (np.eye(len(Ws[-1])) + Ws[0], bs[0])": "all matrices have the same size",
        "W, b = (np.eye(len(Ws[0])) + Ws[0], bs[0]) → "
        "W, b = (np.eye(len(bs[0])) + Ws[0], bs[0])": "a bias is as long as the matrix is wide",
        "b = b + b @ W_l + b_l → b = b + b.T @ W_l + b_l": TRANSPOSED_VECTOR,
    },
    "05.3": {
        "for w in range(2, budget): → for w in list(range(2, budget))[:-1]:": TOO_WIDE,
        "for w in range(2, budget): → for w in dict.fromkeys(range(2, budget)):": EACH_ONCE,
        "for w in range(2, budget): → for w in range(1, budget):": "the width 1 always fits",
        "for w in range(2, budget): → for w in range(2, budget + 1):": TOO_WIDE,
        "for w in range(2, budget): → for w in range(2, budget - 1):": TOO_WIDE,
        "if (d_in + 1) * w + between + (w + 1) * d_out <= budget: → "
        "if (d_in + 1) * w + between + (w + 1) * d_out <= budget + 0.001:": (
            "counts and budgets are whole numbers"
        ),
    },
    "05.4": {
        "clip(zs, -50, 50)": "beyond 50 the slope of tanh is 0 in floating point",
        "abs(zs)": "the slope of tanh is the same on both sides",
        "for W, z in zip(Ws[:0:-1], zs[::-1]): → for W, z in zip(Ws[::-1], zs[::-1]):": (
            "zip stops where the hidden layers end"
        ),
    },
    "05.5": {
        "wrong where t.shape[0] > 1": ONE_OUTPUT,
        "wrong where W2.shape[1] > 1": ONE_OUTPUT,
        "wrong where b2.shape[0] > 1": ONE_OUTPUT,
        "h = np.tanh(x @ W1 + b1) → h = np.tanh(x.T @ W1 + b1)": TRANSPOSED_VECTOR,
        "y = np.tanh(h @ W2 + b2) → y = np.tanh(h.T @ W2 + b2)": TRANSPOSED_VECTOR,
        "delta2 = (y - t) * (1 - y * y) → delta2 = (y - t) * (1 - y @ y)": (
            "the net has one output, and a dot product of one number is a product"
        ),
        "delta1 = W2 @ delta2 * (1 - h * h) → delta1 = W2 @ delta2.T * (1 - h * h)": (
            TRANSPOSED_VECTOR
        ),
    },
    "05.6": {
        "return 2 / len(z) * (y - t) * y * (1 - y) → return 2 / len(t) * (y - t) * y * (1 - y)": (
            "z and t have the same length"
        ),
        "return 2 / len(z) * (y - t) * y * (1 - y) → "
        "return 2 / (len(z) + 1e-09) * (y - t) * y * (1 - y)": BELOW_TOLERANCE,
        "clip(z, -50, 50)": "beyond 50 the slope of the sigmoid is below 1e-21",
    },
    "05.7": {
        "wrong where W2.shape[1] > 1": ONE_OUTPUT,
        "wrong where b2.shape[0] > 1": ONE_OUTPUT,
        "h = np.maximum(X @ W1 + b1, 0) → h = np.maximum(0, X @ W1 + b1)": (
            "the larger of two has no order"
        ),
    },
    "05.8": {
        "for _ in range(steps): → for _ in dict.fromkeys(range(steps)):": EACH_ONCE,
        "abs(lr)": RATE_NOT_NEGATIVE,
        "wrong where X.shape[1] == 1": THREE_INPUTS,
        "wrong where w.shape[0] == 1": THREE_INPUTS,
        "squeezed": THREE_INPUTS,
        "for _ in range(steps): → for _ in reversed(range(steps)):": "the counter is not used",
        "y = np.tanh(X @ w + b) → y = np.tanh(X @ w.T + b)": TRANSPOSED_VECTOR,
        "w, b = (w - lr * X.T @ delta, b - lr * delta.sum()) → "
        "w, b = (w - lr * X.T @ delta.T, b - lr * delta.sum())": TRANSPOSED_VECTOR,
    },
    "05.11": {
        "for W, b in zip(Ws[:-1], bs[:-1]): → for W, b in zip(Ws[:], bs[:-1]):": (
            "zip stops at the shorter one"
        ),
        "for W, b in zip(Ws[:-1], bs[:-1]): → for W, b in zip(Ws[:-1], bs[:]):": (
            "zip stops at the shorter one"
        ),
        "hs.append(np.maximum(hs[-1] @ W + b, 0)) → hs.append(np.maximum(0, hs[-1] @ W + b))": (
            "the larger of two has no order"
        ),
        "delta = (y - t) / len(X) → delta = (y - t) / (len(X) + 1e-09)": BELOW_TOLERANCE,
        "delta = (y - t) / len(X) → delta = (y - t) / len(t)": "one row of t for each row of X",
    },
}
