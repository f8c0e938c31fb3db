"""Chapter 06: right answers in other forms, changes that keep a solution right."""

import math
from fractions import Fraction

import numpy as np
import torch

from answers.forms import exact


def square_grads_by_pytorch(y, t):
    """The three conventions as a framework differentiates them."""
    found = []
    for scale in (0.5, 0.5 / y.size, 1 / y.size):
        x = torch.tensor(y, requires_grad=True)
        (scale * (x - torch.tensor(t)).square().sum()).backward()
        found.append(x.grad.numpy())
    return found


def square_grads_by_loops(y, t):
    n, k = y.shape
    e = [[y[i, j] - t[i, j] for j in range(k)] for i in range(n)]
    return [[[v / d for v in row] for row in e] for d in (1, n * k, n * k / 2)]


def entropy_by_logaddexp(Z, labels):
    lse = np.logaddexp.reduce(Z, axis=1)
    return np.average(lse - np.take_along_axis(Z, labels[:, None], 1)[:, 0])


def entropy_by_differences(Z, labels):
    """-ln p = ln sum exp(z_j - z_label), which overflows for nobody once the largest is out."""
    total = 0.0
    for z, c in zip(Z, labels, strict=True):
        d = sorted(z - z[c])
        total += d[-1] + math.log(sum(math.exp(v - d[-1]) for v in d))
    return total / len(Z)


def entropy_by_pytorch(Z, labels):
    return torch.nn.functional.cross_entropy(torch.tensor(Z), torch.tensor(labels)).item()


def bce_by_branches(z, t):
    sign = np.where(t == 1, -1, 1)
    return [max(s * v, 0) + math.log1p(math.exp(-abs(v))) for v, s in zip(z, sign, strict=True)]


def bce_by_pytorch(z, t):
    f = torch.nn.functional.binary_cross_entropy_with_logits
    return f(torch.tensor(z), torch.tensor(t), reduction="none").numpy()


def bce_by_two_classes(z, t):
    """One logit is two: 0 for the label 0, z for the label 1."""
    pair = np.stack([np.zeros_like(z), z], axis=1)
    return np.logaddexp(*pair.T) - pair[np.arange(len(z)), t.astype(int)]


def slope_by_cases(y, t):
    return [-1 / a if b else 1 / (1 - a) for a, b in zip(y, t, strict=True)]


def epoch_sample_by_sample(means, sizes):
    return np.repeat(means, sizes).mean()


def giou_by_names(a, b):
    (ax, ay, au, av), (bx, by, bu, bv) = a.tolist(), b.tolist()
    both = max(min(au, bu) - max(ax, bx), 0) * max(min(av, bv) - max(ay, by), 0)
    union = (au - ax) * (av - ay) + (bu - bx) * (bv - by) - both
    round_ = (max(au, bu) - min(ax, bx)) * (max(av, bv) - min(ay, by))
    return both / union - 1 + union / round_


def giou_by_pairs(a, b):
    low, high = np.sort(np.stack([a[:2], b[:2]]), 0), np.sort(np.stack([a[2:], b[2:]]), 0)
    both = np.clip(high[0] - low[1], 0, None).prod()
    union = np.ptp(a.reshape(2, 2), 0).prod() + np.ptp(b.reshape(2, 2), 0).prod() - both
    return both / union - (1 - union / (high[1] - low[0]).prod())


def giou_by_fractions(a, b):
    a, b = [exact(*box.tolist()) for box in (a, b)]
    sides = [min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in (0, 1)]
    wide = [max(a[i + 2], b[i + 2]) - min(a[i], b[i]) for i in (0, 1)]
    both = sides[0] * sides[1] if min(sides) > 0 else 0
    A, B = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    C = wide[0] * wide[1]
    return Fraction(both) / (A + B - both) - (C - A - B + both) / C


def sequence_by_masks(log_p, tokens, real):
    return -np.take_along_axis(log_p, tokens[..., None], -1)[..., 0][real == 1].mean()


def sequence_by_onehot(log_p, tokens, real):
    picked = np.eye(log_p.shape[-1])[tokens]
    return -np.einsum("ntk,ntk,nt->", log_p, picked, real) / real.sum()


def sequence_by_loops(log_p, tokens, real):
    total = count = 0
    for i in range(len(tokens)):
        for j in range(len(tokens[i])):
            if real[i, j]:
                total, count = total - log_p[i, j, tokens[i, j]], count + 1
    return total / count


def kl_as_difference(t, p):
    entropy = -sum(v * math.log(v) for v in t if v)
    return -(t @ np.log(p)) - entropy


def kl_by_pytorch(t, p):
    log_p, t = torch.tensor(np.log(p)), torch.tensor(t)
    return torch.nn.functional.kl_div(log_p, t, reduction="sum").item()


RIGHT = {
    "06.1": [
        [1.3863, [-0.75, 0.625, 0.125]],
        lambda: (np.log(4), np.array([2, 5, 1]) / 8 - [1, 0, 0]),
        (2 * math.log(2), (Fraction(-3, 4), Fraction(5, 8), Fraction(1, 8))),
    ],
    "06.2": [
        square_grads_by_pytorch,
        square_grads_by_loops,
        lambda y, t: np.multiply.outer([1, 1 / y.size, 2 / y.size], y - t),
    ],
    "06.3": [entropy_by_logaddexp, entropy_by_differences, entropy_by_pytorch],
    "06.4": [bce_by_branches, bce_by_pytorch, bce_by_two_classes],
    "06.5": [
        slope_by_cases,
        lambda y, t: 1 / (1 - t - y),
        lambda y, t: (1 - t) / (1 - y) - t / y,
    ],
    "06.6": [
        epoch_sample_by_sample,
        lambda means, sizes: means @ (sizes / sizes.sum()),
        lambda means, sizes: np.average(means, weights=sizes),
    ],
    "06.7": [
        lambda y, t: ((y - t[:, None]) ** 2).mean(),
        lambda y, t: np.linalg.norm(y.ravel() - t) ** 2 / t.size,
        lambda y, t: sum((float(row[0]) - b) ** 2 for row, b in zip(y, t, strict=True)) / len(y),
    ],
    "06.8": [
        lambda e, d: np.where(abs(e) <= d, e, d * np.sign(e)),
        lambda e, d: [max(-d, min(d, v)) for v in e],
        lambda e, d: np.minimum(abs(e), d) * np.sign(e),
    ],
    "06.9": [
        ["hinge", "square", "bce", "sigmoid"],
        ("Hinge", "Square", "BCE", "Sigmoid"),
        lambda: tuple("hinge square bce sigmoid".split()),
    ],
    "06.10": [giou_by_names, giou_by_pairs, giou_by_fractions],
    "06.11": [sequence_by_masks, sequence_by_onehot, sequence_by_loops],
    "06.12": [
        kl_as_difference,
        kl_by_pytorch,
        lambda t, p: sum(a * math.log(a / b) for a, b in zip(t, p, strict=True) if a > 0),
    ],
}

NO_ORDER = "the larger, or the smaller, of two has no order"
TWO_SIDES = "an area is a product of two sides: turned round, both together, it is the same"
DOT_IS_SUM = "a dot product is the sum of the products, and the sum of one number is that number"
EQUIVALENT = {
    "06.3": {
        "return np.mean(lse - Z[np.arange(len(Z)), labels]) → "
        "return np.mean(lse - Z[np.arange(len(labels)), labels])": "one label a row",
    },
    "06.4": {
        "return np.logaddexp(0, z) - z * t → return np.logaddexp(z, 0) - z * t": (
            "a sum of two exponentials has no order"
        ),
    },
    "06.6": {
        "return np.sum(means * sizes) / np.sum(sizes) → "
        "return np.sum(means @ sizes) / np.sum(sizes)": DOT_IS_SUM,
    },
    "06.7": {
        "return np.mean((y[:, 0] - t) ** 2) → return np.mean((t - y[:, 0]) ** 2)": (
            "a square has no sign"
        ),
        "return np.mean((y[:, 0] - t) ** 2) → return np.mean((y[:, -1] - t) ** 2)": (
            "the only column is the last one too"
        ),
    },
    "06.8": {
        "return np.clip(e, -d, d) → return np.clip(-d, e, d)": (
            "clip takes the larger of its first two, then the smaller with the third"
        ),
    },
    "06.10": {
        "sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0) → "
        "sides = -np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)": TWO_SIDES,
        "sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0) → "
        "sides = np.maximum(0, np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]))": NO_ORDER,
        "sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0) → "
        "sides = np.maximum(np.minimum(b[2:], a[2:]) - np.maximum(a[:2], b[:2]), 0)": NO_ORDER,
        "sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0) → "
        "sides = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(b[:2], a[:2]), 0)": NO_ORDER,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = -(np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]))": TWO_SIDES,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = np.minimum(a[:2], b[:2]) - np.maximum(a[2:], b[2:])": TWO_SIDES,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = np.maximum(b[2:], a[2:]) - np.minimum(a[:2], b[:2])": NO_ORDER,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = np.maximum(a[2:], b[2:]) - np.minimum(b[:2], a[:2])": NO_ORDER,
        "union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both → "
        "union = np.prod(a[:2] - a[2:]) + np.prod(b[2:] - b[:2]) - both": TWO_SIDES,
        "union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both → "
        "union = np.prod(a[2:] - a[:2]) + np.prod(b[:2] - b[2:]) - both": TWO_SIDES,
    },
    "06.11": {"n, T = tokens.shape → n, T = real.shape": "both have the shape (n, T)"},
    "06.12": {
        "return np.sum(t[possible] * np.log(t[possible] / p[possible])) → "
        "return np.sum(t[possible] @ np.log(t[possible] / p[possible]))": DOT_IS_SUM,
    },
}
