"""Chapter 01: right answers in other forms, changes that keep a solution right."""

import math
from fractions import Fraction

import numpy as np

from answers.forms import exact, frozen, sigmoid, strided
from answers.reasons import EACH_ONCE, ONE_OUTPUT, POSITIVE_STEP, TRANSPOSED_VECTOR


def central_from_two_sides(f, x, h):
    right, left = (f(x + h) - f(x)) / h, (f(x) - f(x - h)) / h
    return (right + left) / 2


def central_by_numpy(f, x, h):
    points = np.array([x - h, x + h])
    values = np.array([f(p) for p in points])
    return np.diff(values)[0] / np.diff(points)[0]


def central_in_a_list(f, x, h):
    return np.array(sum(s * f(x + s * h) for s in (-1, 1)) / h / 2)  # a 0-d array is a number


def rate_by_loop(grad, u):
    rise = way = 0.0
    for g, v in zip(grad.tolist(), u.tolist(), strict=True):
        rise += g * v
        way += v * v
    return rise / math.sqrt(way)


def rate_by_columns(grad, u):
    return np.tensordot(grad, u[::-1][::-1] / np.linalg.norm(u), 1)  # a 0-d array


def layers_by_dual_slopes(x, t, w1, b1, w2, b2, w3, b3):
    """Forward mode: one run for each parameter."""

    def slope(*d):
        z1, dz1 = w1 * x + b1, d[0] * x + d[1]
        z2, dz2 = w2 * z1 + b2, d[2] * z1 + w2 * dz1 + d[3]
        y, dy = w3 * z2 + b3, d[4] * z2 + w3 * dz2 + d[5]
        return (y - t) * dy

    return [slope(*row) for row in np.eye(6)]


def layers_by_matrices(x, t, w1, b1, w2, b2, w3, b3):
    z1 = np.float64(w1) * x + b1
    z2 = w2 * z1 + b2
    delta = (w3 * z2 + b3 - t) * np.array([w3 * w2, w3, 1.0])
    return np.stack([delta * [x, z1, z2], delta], axis=1).ravel()


def layers_by_fractions(*numbers):
    x, t, w1, b1, w2, b2, w3, b3 = exact(*numbers)
    z1 = w1 * x + b1
    z2 = w2 * z1 + b2
    e = w3 * z2 + b3 - t
    return e * w3 * w2 * x, e * w3 * w2, e * w3 * z1, e * w3, e * z2, e


def one_layer_by_loops(x, t, W, b):
    rows = [[0.0] * len(b) for _ in x]
    for j in range(len(b)):
        z = b[j] + sum(x[i] * W[i, j] for i in range(len(x)))
        for i in range(len(x)):
            rows[i][j] = x[i] * (math.tanh(z) - t[j]) / math.cosh(z) ** 2
    return rows


def one_layer_in_fortran_order(x, t, W, b):
    y = np.tanh(W.T @ x + b)
    return np.asfortranarray(x[:, np.newaxis] @ ((y - t) * (1 - y * y))[np.newaxis, :])


def one_layer_as_a_view(x, t, W, b):
    y = np.tanh(b + np.einsum("i,ij->j", frozen(x), strided(W)))
    return np.multiply.outer((1 - y**2) * (y - t), x).T


def two_layers_by_loops(x, t, W1, b1, W2, b2):
    grad = np.zeros_like(W1)
    h = [1 / (1 + math.exp(-(W1[:, j] @ x) - b1[j])) for j in range(len(b1))]
    y = 1 / (1 + math.exp(-sum(h[j] * W2[j, 0] for j in range(len(h))) - b2[0]))
    for i in range(len(x)):
        for j in range(len(h)):
            grad[i, j] = (y - t[0]) * (y - y * y) * W2[j, 0] * (h[j] - h[j] ** 2) * x[i]
    return frozen(grad)


def two_layers_as_a_batch(x, t, W1, b1, W2, b2):
    X = x.reshape(1, -1)
    H = (1 + np.tanh((X @ W1 + b1) / 2)) / 2
    Y = (1 + np.tanh((H @ W2 + b2) / 2)) / 2
    delta = (Y - t) * Y * (1 - Y) @ W2.T * H * (1 - H)
    return X.T @ delta


def two_layers_by_kronecker(x, t, W1, b1, W2, b2):
    h = sigmoid(b1 + x @ W1)
    y = sigmoid(b2 + h @ W2)
    delta = (W2 * ((y - t) * y * (1 - y))).sum(axis=1) * h * (1 - h)
    return strided(np.kron(x, delta).reshape(len(x), -1))


def jacobian_row_by_row(f, x, h):
    slopes = [(f(x + h * e) - f(x - h * e)) / (h + h) for e in np.identity(x.size)]
    return np.array(slopes).T


def jacobian_filled_in(f, x, h):
    J = np.empty((len(f(x)), len(x)), order="F")
    moved = x.copy()
    for j, at in enumerate(x):
        moved[j] = at + h
        J[:, j] = f(moved) / (2 * h)
        moved[j] = at - h
        J[:, j] -= f(moved) / (2 * h)
        moved[j] = at
    return J


def jacobian_put_back(f, x, h):
    """Nudges the caller's array, and restores every entry to the last bit."""
    columns = []
    for j in range(len(x)):
        kept = x[j]
        x[j] = kept + h
        upper = f(x).copy()  # f may return x itself
        x[j] = kept - h
        lower = f(x).copy()
        x[j] = kept
        columns.append(((upper - lower) / (2 * h)).tolist())
    return [list(row) for row in zip(*columns, strict=True)]


RIGHT = {
    "01.1": [
        [3.25, 1.5, 5.375, 2.25],
        np.array([3.25, 1.5, 5.375, 2.25]),
        lambda: tuple(map(Fraction, ("13/4", "3/2", "43/8", "9/4"))),
    ],
    "01.2": [central_from_two_sides, central_by_numpy, central_in_a_list],
    "01.3": [[-6, -3], np.array([-6, -3]), (-6.0, -3.0), (-5, -4), lambda: (-6, -3)],
    "01.4": [rate_by_loop, rate_by_columns, lambda grad, u: sum(grad * u) / np.hypot.reduce(u)],
    "01.5": [layers_by_dual_slopes, layers_by_matrices, layers_by_fractions],
    "01.6": [one_layer_by_loops, one_layer_in_fortran_order, one_layer_as_a_view],
    "01.7": [two_layers_by_loops, two_layers_as_a_batch, two_layers_by_kronecker],
    "01.8": [jacobian_row_by_row, jacobian_filled_in, jacobian_put_back],
}


def rate_by_cosine(grad, u):
    """Right wherever the gradient is not zero."""
    with np.errstate(all="ignore"):
        size = np.linalg.norm(grad)
        return size * (grad @ u / (size * np.linalg.norm(u)))


def jacobian_into_one_array(f, x, h):
    moved, columns = x.copy(), []
    for j in range(len(x)):
        moved[j] = x[j] + h
        above = f(moved)
        moved[j] = x[j] - h
        columns.append((above - f(moved)) / (2 * h))
        moved[j] = x[j]
    return np.stack(columns, axis=1)


def by_differences(loss, step):
    """A function of (x, t, *parameters) that differentiates the loss by its first parameter."""

    def gradient(x, t, W, *rest):
        W, grad = np.array(W, dtype=float), np.zeros(np.shape(W))
        for i in np.ndindex(W.shape):
            kept = W[i]
            W[i] = kept + step
            above = loss(x, t, W, *rest)
            W[i] = kept - step
            grad[i] = (above - loss(x, t, W, *rest)) / (2 * step)
            W[i] = kept
        return grad

    return gradient


def linear_loss(x, t, parameters):
    w1, b1, w2, b2, w3, b3 = parameters
    return (w3 * (w2 * (w1 * x + b1) + b2) + b3 - t) ** 2 / 2


def layer_loss(x, t, W, b):
    return ((np.tanh(x @ W + b) - t) ** 2).sum() / 2


def layers_loss(x, t, W1, b1, W2, b2):
    return ((sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2) - t) ** 2).sum() / 2


DIFFERENCES = {
    id: {
        f"central differences, step {step}": answer(step)
        for step in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
    }
    for id, answer in {
        "01.5": lambda step: lambda x, t, *p: by_differences(linear_loss, step)(x, t, p),
        "01.6": lambda step: by_differences(layer_loss, step),
        "01.7": lambda step: by_differences(layers_loss, step),
    }.items()
}

WRONG = {
    "01.2": {
        "relative": lambda f, x, h: (f(x + h) - f(x - h)) / ((x + h) - (x - h) + 1e-12),
        "by the larger side": lambda f, x, h: max(
            (f(x + h) - f(x)) / h, (f(x) - f(x - h)) / h, key=abs
        ),
        "rounded": lambda f, x, h: round((f(x + h) - f(x - h)) / (2 * h), 6),
        "a step no larger than x": lambda f, x, h: (
            (f(x + min(h, abs(x) + 1)) - f(x - min(h, abs(x) + 1))) / (2 * min(h, abs(x) + 1))
        ),
    },
    "01.4": {
        "by the cosine": rate_by_cosine,
        "with a small number below": lambda grad, u: grad @ u / (np.sqrt(u @ u) + 1e-12),
        "with a small number in the root": lambda grad, u: grad @ u / np.sqrt(u @ u + 1e-12),
        "never below zero": lambda grad, u: max(grad @ u / np.sqrt(u @ u), 0.0),
    },
    "01.5": DIFFERENCES["01.5"],
    "01.6": DIFFERENCES["01.6"]
    | {
        "squeezed": lambda x, t, W, b: np.outer(
            x, (np.tanh(x @ W + b) - t) * (1 - np.tanh(x @ W + b) ** 2)
        ).squeeze(),
        "by the error": lambda x, t, W, b: np.outer(
            x, (np.tanh(x @ W + b) - t) * (1 - np.tanh(x @ W + b) ** 2 + 1e-10)
        ),
    },
    "01.7": DIFFERENCES["01.7"],
    "01.8": {
        "one array for all": jacobian_into_one_array,
        "squeezed": lambda f, x, h: jacobian_row_by_row(f, x, h).squeeze(),
    },
}

ONE_POWER = "one power of ten either way is accepted: it is read off a picture"
STEPS = {"abs(h)": POSITIVE_STEP, "nan where 0 is in h": POSITIVE_STEP}
EQUIVALENT = {
    "01.2": STEPS,
    "01.3": {
        "return (-6, -3) → return (-7, -3)": ONE_POWER,
        "return (-6, -3) → return (-5, -3)": ONE_POWER,
        "return (-6, -3) → return (-6, -4)": ONE_POWER,
        "return (-6, -3) → return (-6, -2)": ONE_POWER,
    },
    "01.4": {
        "return grad @ u / np.sqrt(u @ u) → return u @ grad / np.sqrt(u @ u)": (
            "the dot product of two vectors commutes"
        ),
        "return grad @ u / np.sqrt(u @ u) → return grad.T @ u / np.sqrt(u @ u)": TRANSPOSED_VECTOR,
        "return grad @ u / np.sqrt(u @ u) → return grad @ u.T / np.sqrt(u @ u)": TRANSPOSED_VECTOR,
        "return grad @ u / np.sqrt(u @ u) → return grad @ u / np.sqrt(u.T @ u)": TRANSPOSED_VECTOR,
        "return grad @ u / np.sqrt(u @ u) → return grad @ u / np.sqrt(u @ u.T)": TRANSPOSED_VECTOR,
    },
    "01.6": {"y = np.tanh(x @ W + b) → y = np.tanh(x.T @ W + b)": TRANSPOSED_VECTOR},
    "01.7": {
        "h = sigmoid(x @ W1 + b1) → h = sigmoid(x.T @ W1 + b1)": TRANSPOSED_VECTOR,
        "y = sigmoid(h @ W2 + b2) → y = sigmoid(h.T @ W2 + b2)": TRANSPOSED_VECTOR,
        "delta2 = (y - t) * y * (1 - y) → delta2 = (y - t) @ y * (1 - y)": (
            "the net has one output, and a dot product of one number is a product"
        ),
        "delta1 = W2 @ delta2 * h * (1 - h) → delta1 = W2 @ delta2.T * h * (1 - h)": (
            TRANSPOSED_VECTOR
        ),
        "wrong where t.shape[0] > 1": ONE_OUTPUT,
        "wrong where W2.shape[1] > 1": ONE_OUTPUT,
        "wrong where b2.shape[0] > 1": ONE_OUTPUT,
    },
    "01.8": STEPS | {"for j in range(len(x)): → for j in dict.fromkeys(range(len(x))):": EACH_ONCE},
}
