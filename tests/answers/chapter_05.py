"""Chapter 05: right answers in other forms, changes that keep a solution right."""

import math
from functools import reduce

import numpy as np

from answers.forms import Pair, frozen, strided
from answers.reasons import (
    BELOW_TOLERANCE,
    EACH_ONCE,
    ONE_OUTPUT,
    RATE_NOT_NEGATIVE,
    TRANSPOSED_VECTOR,
)


def xor_by_difference():
    """relu(x1 - x2) + relu(x2 - x1) = |x1 - x2|."""
    return [[[1, -1], [-1, 1]], [0, 0], [[1], [1]], [0]]


def xor_from_above():
    """1 - relu(x1 + x2 - 1) - relu(1 - x1 - x2), with weights that are thirds."""
    W1 = np.array([[1 / 3, -2], [1 / 3, -2]])
    return W1, np.array([-1 / 3, 2]), np.array([[-3], [-0.5]]), np.array([1])


def xor_with_a_vector_behind():
    return np.ones((2, 2)), np.array([0, -1]), np.array([1, -2]), 0


def collapsed_by_columns(Ws, bs):
    """The bias as one more row of each matrix."""
    whole = np.eye(len(Ws[0]) + 1)
    for W, b in zip(Ws, bs, strict=True):
        layer = np.zeros((len(W) + 1, len(b) + 1))
        layer[:-1, :-1], layer[-1, :-1], layer[-1, -1] = W, b, 1
        whole = whole @ layer
    return whole[:-1, :-1], whole[-1, :-1]


def collapsed_from_behind(Ws, bs):
    W, b = np.eye(len(bs[-1])), np.zeros(len(bs[-1]))
    for W_l, b_l in zip(reversed(Ws), reversed(bs), strict=True):
        b = b + W.T @ b_l
        W = W_l @ W
    return [frozen(W), strided(b)]


def collapsed_by_pairs(Ws, bs):
    def join(first, second):
        return first[0] @ second[0], first[1] @ second[0] + second[1]

    return reduce(join, zip(Ws, bs, strict=True))


def counted_neuron_by_neuron(widths):
    return sum(d_in + 1 for d_in, d_out in zip(widths, widths[1:], strict=False)
               for _ in range(d_out))  # fmt: skip


def counted_by_arrays(widths):
    return sum(np.empty((d_in + 1, d_out)).size for d_in, d_out in zip(widths[:-1], widths[1:],
               strict=True))  # fmt: skip


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
    n, w = len(t), list(w)
    for _ in range(steps):
        e = [sum(x[j] * w[j] for j in range(3)) + b - t[i] for i, x in enumerate(X)]
        slopes = [2 / n * sum(e[i] * X[i, j] for i in range(n)) for j in range(3)]
        w = [v - lr * s for v, s in zip(w, slopes, strict=True)]
        b = b - lr * 2 / n * sum(e)
    return w, b


def fit_in_one_matrix(X, t, w, b, lr, steps):
    A, p = np.column_stack([np.ones(len(X)), X]), np.concatenate([[b], w])
    for _ in range(steps):
        p = p - lr * 2 * np.mean((A @ p - t)[:, None] * A, axis=0)
    return [p[1:], p[0]]


def fit_on_a_copy(X, t, w, b, lr, steps):
    w = w.copy()
    while steps:
        e = X.dot(w) + b - t
        w -= 2 * lr * X.T.dot(e) / t.size
        b -= 2 * lr * np.mean(e)
        steps -= 1
    return Pair(w, b)


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
    "05.1": [xor_by_difference(), xor_from_above, xor_with_a_vector_behind],
    "05.2": [collapsed_by_columns, collapsed_from_behind, collapsed_by_pairs],
    "05.3": [
        counted_neuron_by_neuron,
        counted_by_arrays,
        lambda widths: np.int64(np.dot(np.add(widths[:-1], 1), widths[1:])),
    ],
    "05.4": [deltas_by_cosh, deltas_by_loops, deltas_called_again],
    "05.5": [two_four_one_by_loops, two_four_one_as_a_batch, two_four_one_by_torch_names],
    "05.6": [delta_by_loops, delta_by_tanh, delta_by_exponentials],
    "05.7": [layers_with_where, layers_by_absolute, layers_row_by_row],
    "05.8": [fit_by_loops, fit_in_one_matrix, fit_on_a_copy],
    "05.9": [
        ["bouncing", "small", "diverging", "good"],
        ("Bouncing", "SMALL", " diverging", "good"),
        lambda: np.array(["bouncing", "small", "diverging", "good"]).tolist(),
    ],
    "05.10": [[1, 1, 5], np.array([1, 1, 5]), lambda: (1.0, 1.0, 5.0)],
    "05.11": [gradients_by_masks, gradients_called_again, gradients_sample_by_sample],
}

AS_A_LIST = "a list of numbers does as well as an array of them"
THREE_INPUTS = "the neuron has three inputs, by the text"
EQUIVALENT = {
    "05.1": {
        "W1 = np.array([[1.0, 1.0], [1.0, 1.0]]) → W1 = [[1.0, 1.0], [1.0, 1.0]]": AS_A_LIST,
        "W1 = np.array([[1.0, 1.0], [1.0, 1.0]]) → W1 = np.array([[1.0, 1.0], [1.0, 1.0]]).T": (
            "both neurons weigh both inputs alike"
        ),
        "b1 = np.array([0.0, -1.0]) → b1 = [0.0, -1.0]": AS_A_LIST,
        "b1 = np.array([0.0, -1.0]) → b1 = np.array([0.0, -1.0]).T": TRANSPOSED_VECTOR,
        "W2 = np.array([[1.0], [-2.0]]) → W2 = [[1.0], [-2.0]]": AS_A_LIST,
        "b2 = np.array([0.0]) → b2 = -np.array([0.0])": "zero has no sign in a sum",
        "b2 = np.array([0.0]) → b2 = [0.0]": AS_A_LIST,
        "b2 = np.array([0.0]) → b2 = np.array([0.0]).T": TRANSPOSED_VECTOR,
        "return (W1, b1, W2, b2) → return (W1, b1, W2, -b2)": "zero has no sign in a sum",
    },
    "05.2": {"b = b @ W_l + b_l → b = b.T @ W_l + b_l": TRANSPOSED_VECTOR},
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
        "e = X @ w + b - t → e = X @ w.T + b - t": TRANSPOSED_VECTOR,
        "dw, db = (2 * X.T @ e / len(t), 2 * e.mean()) → "
        "dw, db = (2 * X.T @ e.T / len(t), 2 * e.mean())": TRANSPOSED_VECTOR,
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
