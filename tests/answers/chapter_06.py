"""Chapter 06: right answers in other forms, changes that keep a solution right."""

import math
from fractions import Fraction

import numpy as np
import torch

from answers.forms import exact
from answers.reasons import BELOW_TOLERANCE, LINEAR


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


def entropy_by_logaddexp(Z, labels, weights):
    lse = np.logaddexp.reduce(Z, axis=1)
    picked = np.take_along_axis(Z, labels[:, None], 1)[:, 0]
    return np.average(lse - picked, weights=weights[labels])


def entropy_by_differences(Z, labels, weights):
    """-ln p = ln sum exp(z_j - z_label), which overflows for nobody once the largest is out."""
    total = share = 0.0
    for z, c in zip(Z, labels, strict=True):
        d = sorted(z - z[c])
        total += weights[c] * (d[-1] + math.log(sum(math.exp(v - d[-1]) for v in d)))
        share += weights[c]
    return total / share


def entropy_by_pytorch(Z, labels, weights):
    Z, labels, weights = map(torch.tensor, (Z, labels, weights))
    return torch.nn.functional.cross_entropy(Z, labels, weight=weights).item()


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


def epoch_sample_by_sample(roots, sizes):
    return np.sqrt(np.mean(np.repeat(roots, sizes) ** 2))


def epoch_by_length(roots, sizes):
    """The length of a vector is the root of a sum of squares."""
    return np.linalg.norm(roots * np.sqrt(sizes)) / math.sqrt(sizes.sum())


def pinball_by_loop(y, t, q):
    total = 0.0
    for (output,), target in zip(y.tolist(), t.tolist(), strict=True):
        e = target - output
        total += q * e if e >= 0 else (1 - q) * -e
    return total / len(y)


def pinball_by_size(y, t, q):
    """Half the size, and half of 2q - 1 times the error itself."""
    e = t - y.ravel()
    return (np.abs(e) / 2 + (q - 0.5) * e).mean()


def berhu_slope_by_masks(e, d):
    slopes = np.sign(e)
    slopes[np.abs(e) > d] = e[np.abs(e) > d] / d
    return slopes


def berhu_slope_by_cases(e, d):
    return [v / d if abs(v) > d else (v > 0) - (v < 0) for v in e.tolist()]


def diou_by_names(a, b):
    (ax, ay, au, av), (bx, by, bu, bv) = a.tolist(), b.tolist()
    both = max(min(au, bu) - max(ax, bx), 0) * max(min(av, bv) - max(ay, by), 0)
    union = (au - ax) * (av - ay) + (bu - bx) * (bv - by) - both
    rho2 = ((ax + au - bx - bu) ** 2 + (ay + av - by - bv) ** 2) / 4
    c2 = (max(au, bu) - min(ax, bx)) ** 2 + (max(av, bv) - min(ay, by)) ** 2
    return both / union - rho2 / c2


def diou_by_lengths(a, b):
    low, high = np.sort(np.stack([a[:2], b[:2]]), 0), np.sort(np.stack([a[2:], b[2:]]), 0)
    both = np.clip(high[0] - low[1], 0, None).prod()
    union = np.ptp(a.reshape(2, 2), 0).prod() + np.ptp(b.reshape(2, 2), 0).prod() - both
    middle = [box.reshape(2, 2).mean(axis=0) for box in (a, b)]
    return both / union - math.dist(*middle) ** 2 / np.linalg.norm(high[1] - low[0]) ** 2


def diou_by_fractions(a, b):
    a, b = [exact(*box.tolist()) for box in (a, b)]
    sides = [min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in (0, 1)]
    wide = [max(a[i + 2], b[i + 2]) - min(a[i], b[i]) for i in (0, 1)]
    both = sides[0] * sides[1] if min(sides) > 0 else 0
    A, B = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    rho2 = sum((a[i] + a[i + 2] - b[i] - b[i + 2]) ** 2 for i in (0, 1)) / 4
    return Fraction(both) / (A + B - both) - rho2 / sum(w * w for w in wide)


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
        epoch_by_length,
        lambda roots, sizes: np.sqrt(np.average(np.square(roots), weights=sizes)),
    ],
    "06.7": [
        lambda y, t, q: np.maximum(q * (t[:, None] - y), (q - 1) * (t[:, None] - y)).mean(),
        pinball_by_loop,
        pinball_by_size,
    ],
    "06.8": [
        lambda e, d: np.sign(e) * np.maximum(1, abs(e) / d),
        berhu_slope_by_masks,
        berhu_slope_by_cases,
    ],
    "06.9": [
        ["hinge", "square", "bce", "sigmoid"],
        ("Hinge", "Square", "BCE", "Sigmoid"),
        lambda: tuple("hinge square bce sigmoid".split()),
    ],
    "06.10": [diou_by_names, diou_by_lengths, diou_by_fractions],
    "06.11": [sequence_by_masks, sequence_by_onehot, sequence_by_loops],
    "06.12": [
        kl_as_difference,
        kl_by_pytorch,
        lambda t, p: sum(a * math.log(a / b) for a, b in zip(t, p, strict=True) if a > 0),
    ],
}

NO_ORDER = "the larger, or the smaller, of two has no order"
TWO_SIDES = "an area is a product of two sides: turned round, both together, it is the same"
SQUARED = "a distance is squared: it has no sign"
DOT_IS_SUM = "a dot product is the sum of the products, and the sum of one number is that number"
POSITIVE = "weights are above 0, by the text"
LABELS = "labels and masks are 0 or 1, by the text"
SHARES = "probabilities lie between 0 and 1, by the text"
LIMIT_POSITIVE = "d is above 0, by the text"
A_QUANTILE = "q lies between 0 and 1, by the text"
FOUR_NUMBERS = "a box has four numbers, by the text"
BETWEEN = "y lies between 0 and 1, by the text"
EQUIVALENT = {
    "06.2": {
        "return (e, e / e.size, 2 * e / e.size) → "
        "return (e, e / (e.size + 1e-09), 2 * e / e.size)": BELOW_TOLERANCE,
        "return (e, e / e.size, 2 * e / e.size) → "
        "return (e, e / e.size, 2 * e / (e.size + 1e-09))": BELOW_TOLERANCE,
        "smeared": LINEAR,
    },
    "06.3": {
        "costs = lse - Z[np.arange(len(Z)), labels] → "
        "costs = lse - Z[np.arange(len(labels)), labels]": "one label a row",
        "w = weights[labels] → w = -weights[labels]": "the sign of the weights cancels",
        "return np.sum(w * costs) / np.sum(w) → return np.sum(w @ costs) / np.sum(w)": DOT_IS_SUM,
        "Z + 1e-9": "the same number added to all logits changes no probability",
        "abs(weights)": POSITIVE,
        "nan where 0 is in weights": POSITIVE,
    },
    "06.4": {
        "return np.logaddexp(0, z) - z * t → return np.logaddexp(z, 0) - z * t": (
            "a sum of two exponentials has no order"
        ),
        "z + 1e-9": BELOW_TOLERANCE,
        **dict.fromkeys(("clip(t, -50, 50)", "round(t, 3)", "abs(t)", "float32(t)"), LABELS),
    },
    "06.5": {
        **dict.fromkeys(("clip(y, -50, 50)", "abs(y)", "nan where 0 is in y"), BETWEEN),
        **dict.fromkeys(("clip(t, -50, 50)", "round(t, 3)", "abs(t)", "float32(t)"), LABELS),
        "result + 1e-10": "no result is smaller than 1, so this is below the tolerance",
    },
    "06.6": {
        "return np.sqrt(np.sum(roots ** 2 * sizes) / np.sum(sizes)) → "
        "return np.sqrt(np.sum(roots ** 2 * sizes) / (np.sum(sizes) + 1e-09))": BELOW_TOLERANCE,
        "return np.sqrt(np.sum(roots ** 2 * sizes) / np.sum(sizes)) → "
        "return np.sqrt(np.sum(roots ** 2 @ sizes) / np.sum(sizes))": DOT_IS_SUM,
        "abs(roots)": "they are squared",
    },
    "06.7": {
        "e = t - y[:, 0] → e = t - y[:, -1]": "the only column is the last one too",
        "return np.mean(np.maximum(q * e, (q - 1) * e)) → "
        "return np.mean(np.maximum((q - 1) * e, q * e))": NO_ORDER,
        **dict.fromkeys(("clip(q, -50, 50)", "abs(q)", "nan where 0 is in q"), A_QUANTILE),
        "wrong where y.shape[1] > 1": "the model has one output, by the text",
    },
    "06.8": {
        "return np.where(np.abs(e) <= d, np.sign(e), e / d) → "
        "return np.where(np.abs(e) < d, np.sign(e), e / d)": "at |e| = d both are 1 or −1",
        "abs(d)": LIMIT_POSITIVE,
        "nan where 0 is in d": LIMIT_POSITIVE,
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
        "around = -(np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]))": SQUARED,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = np.minimum(a[:2], b[:2]) - np.maximum(a[2:], b[2:])": SQUARED,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = np.maximum(b[2:], a[2:]) - np.minimum(a[:2], b[:2])": NO_ORDER,
        "around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2]) → "
        "around = np.maximum(a[2:], b[2:]) - np.minimum(b[:2], a[:2])": NO_ORDER,
        "union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both → "
        "union = np.prod(a[:2] - a[2:]) + np.prod(b[2:] - b[:2]) - both": TWO_SIDES,
        "union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both → "
        "union = np.prod(a[2:] - a[:2]) + np.prod(b[:2] - b[2:]) - both": TWO_SIDES,
        "apart = (a[:2] + a[2:]) / 2 - (b[:2] + b[2:]) / 2 → "
        "apart = -((a[:2] + a[2:]) / 2 - (b[:2] + b[2:]) / 2)": SQUARED,
        "apart = (a[:2] + a[2:]) / 2 - (b[:2] + b[2:]) / 2 → "
        "apart = (b[:2] + b[2:]) / 2 - (a[:2] + a[2:]) / 2": SQUARED,
        "wrong where a.shape[0] == 1": FOUR_NUMBERS,
        "wrong where b.shape[0] == 1": FOUR_NUMBERS,
    },
    "06.11": {
        "n, T = tokens.shape → n, T = real.shape": "both have the shape (n, T)",
        "return np.sum(costs * real) / np.sum(real) → "
        "return np.sum(costs * real) / (np.sum(real) + 1e-09)": BELOW_TOLERANCE,
        **dict.fromkeys(
            ("clip(real, -50, 50)", "round(real, 3)", "abs(real)", "float32(real)"), LABELS
        ),
    },
    "06.12": {
        "return np.sum(t[possible] * np.log(t[possible] / p[possible])) → "
        "return np.sum(t[possible] @ np.log(t[possible] / p[possible]))": DOT_IS_SUM,
        **dict.fromkeys(("clip(t, -50, 50)", "abs(t)", "clip(p, -50, 50)", "abs(p)"), SHARES),
        "nan where 0 is in p": "all of p are above 0, by the text",
    },
}
