"""Chapter 07: right answers in other forms, changes that keep a solution right."""

import math
from fractions import Fraction
from statistics import mean, stdev

import numpy as np
import torch

from answers.reasons import TRANSPOSED_VECTOR


def ridge_with_ones(X, t, lam):
    """One system with a column of ones, whose weight is free."""
    A = np.hstack([X, np.ones((len(X), 1))])
    v = np.linalg.solve(A.T @ A + lam * np.diag([*np.ones(X.shape[1]), 0.0]), A.T @ t)
    return v[:-1], float(v[-1])


def ridge_by_svd(X, t, lam):
    U, s, Vt = np.linalg.svd(X - X.mean(0), full_matrices=False)
    w = (s / (s * s + lam) * (U.T @ (t - t.mean()))) @ Vt
    return w, np.mean(t - X @ w)


def ridge_by_more_rows(X, t, lam):
    """Least squares with one row more for each weight: √λ·w = 0."""
    C = X - X.mean(0)
    rows = np.vstack([C, np.sqrt(lam) * np.eye(X.shape[1])])
    w = np.linalg.lstsq(rows, np.append(t - t.mean(), np.zeros(X.shape[1])))[0]
    return [*w], t.mean() - w @ X.mean(0)


def logistic_by_pytorch(w, b, X, t, lam):
    w = torch.tensor(w, requires_grad=True)
    b = torch.tensor(b, dtype=torch.float64, requires_grad=True)
    z = torch.tensor(X) @ w + b
    f = torch.nn.functional.binary_cross_entropy_with_logits
    loss = f(z, torch.tensor(t)) + lam / 2 * w.square().sum()
    dw, db = torch.autograd.grad(loss, (w, b))
    return loss.item(), dw.numpy(), db.item()


def logistic_row_by_row(w, b, X, t, lam):
    loss, dw, db = lam / 2 * sum(v * v for v in w), lam * w, 0.0
    for x, label in zip(X, t, strict=True):
        z = float(x @ w) + b
        loss += (max(z, 0) + math.log1p(math.exp(-abs(z))) - z * label) / len(t)
        delta = (math.exp(min(z, 0)) / (1 + math.exp(-abs(z))) - label) / len(t)
        dw, db = dw + delta * x, db + delta
    return loss, dw, db


def logistic_by_signs(w, b, X, t, lam):
    s = 2 * t - 1
    z = s * (X @ w + b)
    delta = -s * np.exp(-np.logaddexp(0, z)) / len(t)
    return np.logaddexp(0, -z).mean() + lam * w.dot(w) / 2, delta @ X + lam * w, delta.sum()


def step_by_clip(w, g, lr, lam):
    v = w - lr * g
    return v - np.clip(v, -lr * lam, lr * lam)


def step_by_loops(w, g, lr, lam):
    out = []
    for a, b in zip(w.tolist(), g.tolist(), strict=True):
        v, T = a - lr * b, lr * lam
        out.append(v - T if v > T else v + T if v < -T else 0.0)
    return out


def step_by_pytorch(w, g, lr, lam):
    return torch.nn.functional.softshrink(torch.tensor(w - lr * g), lr * lam).numpy()


def mask_by_pytorch(G, h, u, p):
    x = torch.tensor(h, requires_grad=True)
    (torch.where(torch.tensor(u >= p), x / (1 - p), 0.0) * torch.tensor(G)).sum().backward()
    return x.grad.numpy()


def mask_by_loops(G, h, u, p):
    return [
        [g / (1 - p) if v >= p else 0 for g, v in zip(*rows, strict=True)]
        for rows in zip(G.tolist(), u.tolist(), strict=True)
    ]


def stop_by_counting(val, patience):
    best, at, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val, 1):
        waited += 1
        if loss < best:
            best, at, waited = loss, epoch, 0
        if waited == patience:
            break
    return epoch, at


def stop_by_windows(val, patience):
    for end in range(patience + 1, len(val) + 1):
        if val[end - patience : end].min() >= val[: end - patience].min():
            return end, int(val[:end].argmin()) + 1
    return len(val), int(val.argmin()) + 1


def stop_by_running_minimum(val, patience):
    lowest = np.minimum.accumulate(val)
    best = np.searchsorted(-lowest, -lowest, side="left")  # the epoch of the best so far
    late = np.flatnonzero(np.arange(len(val)) - best >= patience)
    end = late[0] if late.size else len(val) - 1
    return int(end) + 1, int(best[end]) + 1


def shift_by_slices(images, dx, dy):
    n, h, w = images.shape
    out = np.zeros(images.shape)
    for k in range(n):
        x, y = dx[k], dy[k]
        part = images[k, max(-y, 0) : h - max(y, 0), max(-x, 0) : w - max(x, 0)]
        out[k, max(y, 0) : h + min(y, 0), max(x, 0) : w + min(x, 0)] = part
    return out


def shift_by_index(images, dx, dy):
    n, h, w = images.shape
    y = np.arange(h)[None, :, None] - dy[:, None, None]
    x = np.arange(w)[None, None, :] - dx[:, None, None]
    inside = (y >= 0) & (y < h) & (x >= 0) & (x < w)
    return np.where(inside, images[np.arange(n)[:, None, None], y % h, x % w], 0.0)


def shift_by_eyes(images, dx, dy):
    h, w = images.shape[1:]
    pairs = zip(images, dx, dy, strict=True)
    return np.stack([np.eye(h, k=-int(y)) @ i @ np.eye(w, k=int(x)) for i, x, y in pairs])


def filter_by_geometric_sum(s, lr, lam, t):
    """ηs² times 1 + q + … + q^(t-1)."""
    q = 1 - lr * (s * s + lam)
    return lr * s * s * sum((q**k for k in range(t)), np.zeros(len(s)))


def filter_by_a_program(s, lr, lam, t):
    w = np.zeros(len(s))
    for _ in range(t):
        w = w - lr * (s**2 * (w - 1) + lam * w)
    return w


def filter_one_by_one(s, lr, lam, t):
    def one(x):
        total = x * x + lam
        return x * x / total * (1 - (1 - lr * total) ** t) if total else 0.0

    return [one(float(x)) for x in s]


def simplest_by_statistics(errors, lams):
    columns = {lam: column for lam, column in zip(lams.tolist(), errors.T.tolist(), strict=True)}
    best = min(columns.values(), key=mean)
    limit = mean(best) + stdev(best) / len(best) ** 0.5
    return max(lam for lam, column in columns.items() if mean(column) <= limit)


def simplest_from_above(errors, lams):
    k = len(errors)
    means, spread = errors.sum(axis=0) / k, errors.std(axis=0) / np.sqrt(k - 1)
    best = np.argmin(means)
    for j in np.argsort(-lams):
        if means[j] <= means[best] + spread[best]:
            return lams[j]


RIGHT = {
    "07.1": [
        [[1.5385, -0.5217], [1.7, 0]],
        lambda: (np.array([10 / 6.5, -1.2 / 2.3]), np.array([1.7, 0.0])),
        ((Fraction(20, 13), Fraction(-12, 23)), (1.7, -0.0)),
    ],
    "07.2": [ridge_with_ones, ridge_by_svd, ridge_by_more_rows],
    "07.3": [logistic_by_pytorch, logistic_row_by_row, logistic_by_signs],
    "07.4": [step_by_clip, step_by_loops, step_by_pytorch],
    "07.5": [
        mask_by_pytorch,
        mask_by_loops,
        lambda G, h, u, p: G * (u >= p) / (1 - p),
    ],
    "07.6": [stop_by_counting, stop_by_windows, stop_by_running_minimum],
    "07.7": [
        ["filters", "validation", "length", "train"],
        ("Filters", "Validation", "Length", "Train"),
        lambda: tuple("filters validation length train".split()),
    ],
    "07.8": [shift_by_slices, shift_by_index, shift_by_eyes],
    "07.9": [filter_by_geometric_sum, filter_by_a_program, filter_one_by_one],
    "07.10": [
        simplest_by_statistics,
        simplest_from_above,
        lambda errors, lams: max(
            lams[errors.mean(0) <= errors.mean(0).min() + _error_of_the_best(errors)]
        ),
    ],
}


def _error_of_the_best(errors):
    column = errors.T[errors.mean(0).argmin()]
    return np.sqrt(column.var(ddof=1) / len(column))


LABELS = "labels are 0 and 1"
POSITIVE = "it is positive"
NOT_NEGATIVE = "it is never negative"
NO_ORDER = "the larger of two has no order"
EQUIVALENT = {
    "07.2": {
        "w = np.linalg.solve(A, C.T @ t) → w = np.linalg.solve(A, C.T @ t.T)": TRANSPOSED_VECTOR,
        "return (w, t.mean() - X.mean(axis=0) @ w) → return (w, t.mean() - w @ X.mean(axis=0))": (
            "a product of two vectors has no order"
        ),
        "return (w, t.mean() - X.mean(axis=0) @ w) → return (w, t.mean() - X.mean(axis=0).T @ w)": (
            TRANSPOSED_VECTOR
        ),
        "return (w, t.mean() - X.mean(axis=0) @ w) → return (w, t.mean() - X.mean(axis=0) @ w.T)": (
            TRANSPOSED_VECTOR
        ),
        "abs(lam)": POSITIVE,
        "nan where 0 is in lam": POSITIVE,
    },
    "07.3": {
        "z = X @ w + b → z = X @ w.T + b": TRANSPOSED_VECTOR,
        "loss = np.mean(np.logaddexp(0, z) - z * t) + 0.5 * lam * np.sum(w ** 2) → "
        "loss = np.mean(np.logaddexp(z, 0) - z * t) + 0.5 * lam * np.sum(w ** 2)": (
            "a sum of two exponentials has no order"
        ),
        "return (loss, X.T @ (p - t) / len(t) + lam * w, np.mean(p - t)) → "
        "return (loss, X.T @ (p - t).T / len(t) + lam * w, np.mean(p - t))": TRANSPOSED_VECTOR,
        "clip(t, -50, 50)": LABELS,
        "round(t, 3)": LABELS,
        "abs(t)": LABELS,
        "float32(t)": LABELS,
        "abs(lam)": NOT_NEGATIVE,
    },
    "07.4": {
        "return np.sign(v) * np.maximum(np.abs(v) - lr * lam, 0) → "
        "return np.sign(v) * np.maximum(0, np.abs(v) - lr * lam)": NO_ORDER,
        "abs(lr)": POSITIVE,
        "nan where 0 is in lr": POSITIVE,
        "abs(lam)": NOT_NEGATIVE,
    },
    "07.5": {
        **dict.fromkeys(
            (
                "clip(h, -50, 50)",
                "round(h, 3)",
                "abs(h)",
                "float32(h)",
                "h + 1e-9",
                "remembered by all but h",
            ),
            "the gradient does not depend on h: that is the point",
        ),
        "clip(u, -50, 50)": "u lies between 0 and 1",
        "abs(u)": "u lies between 0 and 1",
        "clip(p, -50, 50)": "p lies between 0 and 0.9",
        "abs(p)": "p lies between 0 and 0.9",
    },
    "07.6": {
        "best = 0 → best = -0": "−0 is 0",
        "for k in range(len(val)): → for k in dict.fromkeys(range(len(val))):": (
            "every epoch has its own number"
        ),
        "if k - best >= patience: → if k - best >= patience - 0.001:": "both are whole numbers",
        "val + 1e-9": "losses are only compared with one another",
    },
    "07.8": {
        "framed = np.pad(images, ((0, 0), (h, h), (w, w))) → "
        "framed = np.pad(images, ((0, 1), (h, h), (w, w)))": (
            "zip ends with dx: the image of zeros behind the last is not used"
        ),
        "return np.stack(windows) → return windows": "a list of arrays is taken for their stack",
        "smeared": "a shift is linear in the images: the mean of two is the shift of the mean",
    },
    "07.9": {
        "rest = s ** 2 / np.where(total > 0, total, 1.0) → "
        "rest = s ** 2 / np.where(total > 0, total, 2.0)": "0 over anything is 0",
        "abs(s)": NOT_NEGATIVE,
        "abs(lr)": NOT_NEGATIVE,
        "abs(lam)": NOT_NEGATIVE,
    },
    "07.10": {
        "return float(lams[means <= limit].max()) → return lams[means <= limit].max()": (
            "a number of NumPy is taken for a float"
        ),
        "errors + 1e-9": "the same is added to every mean and to the limit",
        "abs(lams)": POSITIVE,
        "wrong where errors.shape[0] == 1": "one fold has no standard error: k is at least 2",
    },
}
