"""Exercises of chapter 06, loss functions."""

import math

import numpy as np

from bookutils.checks import worked_06 as worked
from bookutils.checks.nearby import crossed
from bookutils.judge.exercise import EPSILONS, Exercise, Mistake

# ---- 06.1 softmax and cross-entropy on paper

LOSS, GRADIENT = math.log(4), (-0.75, 0.625, 0.125)  # p = (2, 5, 1) / 8, label first


def shares_of_logits():
    z = np.log([2.0, 5.0, 1.0])
    p = z / z.sum()
    return float(-np.log(p[0])), tuple((p - [1.0, 0.0, 0.0]).tolist())


# ---- 06.2 three conventions


def square_cases(rng):
    """Batches with n < k, n > k, n = k, one row, one column, one number; some y equal to t."""
    easy = np.array([[2.5, -1.0], [0.5, 3.0], [1.0, 4.0]]), np.array([[1.0, 1], [2, 5], [-1, 1]])

    def drawn(*shape):
        return 3 * rng.normal(size=shape), rng.normal(size=shape)

    shapes = [(2, 5), (3, 3), (1, 4), (6, 1), (1, 1)]
    same = np.array([[1.0, -2.0], [0.0, 0.5]])
    return [
        easy,
        *(drawn(*shape) for shape in shapes),
        *crossed(drawn(4, 3), drawn(4, 3)),
        (np.array([[300.0, -4e3], [1e-4, 0.5]]), np.array([[-250.0, 6e3], [2e-4, 0.5]])),
        (same, np.array([[1.0, 2.0], [0.0, -0.5]])),
        (same, same.copy()),
    ]


# ---- 06.3 log-sum-exp, weighted


def logit_cases(rng):
    """Ordinary logits, one class, equal logits, then rows between and near +1000 and -1000.

    Two rows tell a logarithm of 0 from an exponential that overflows after another shift.
    """
    easy = np.array([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]]), np.array([0, 2])
    drawn = [
        (2 * rng.normal(size=(n, k)), rng.integers(0, k, n))
        for n, k in ((4, 3), (3, 5), (3, 3), (4, 3))
    ]
    far = rng.choice([-1, 1], (4, 3)) * rng.uniform(990, 1000, (4, 3))
    high, low = rng.uniform(996, 1000, (2, 4)), rng.uniform(-1000, -996, (3, 4))
    between = np.array([[35.0, -42.0, 60.0], [120.0, 300.0, -90.0], [-450.0, -480.0, -700.0]])
    return [
        easy,
        *drawn,
        (rng.normal(size=(1, 2)), np.array([1])),
        (far, np.array([2, 0, 1, 1])),
        (high, np.array([3, 1])),
        (low, np.array([0, 2, 2])),
        (np.vstack([high, low]), np.array([0, 2, 1, 1, 3])),
        (np.array([[2.0], [-1000.0], [0.0]]), np.array([0, 0, 0])),
        (np.array([[0.0, 0.0, 0.0], [7.0, 7.0, 7.0]]), np.array([1, 2])),
        (between, np.array([0, 1, 2])),
        (np.array([[1000.0, -1000.0, 3.0]]), np.array([1])),
        (np.array([[360.0, -360.0]]), np.array([1])),
        (np.array([[-200.0, -200.0, -200.0, 700.0]]), np.array([0])),
        (np.array([[1000.0, 998.5], [-3.0, 1.0]]), np.array([0, 1])),
    ]


def weighted_cases(rng):
    """The batches of `logit_cases`, each with weights of its classes: unlike, alike, far apart."""
    easy, *batches = logit_cases(rng)
    cases = [(*easy, np.array([2.0, 0.5, 1.25]))]
    cases += [(Z, labels, rng.uniform(0.2, 3, Z.shape[1])) for Z, labels in batches]
    Z, labels, weights = cases[1]
    return [
        *cases,
        *crossed(cases[1], (2 * rng.normal(size=Z.shape), (labels + 1) % 3, weights[::-1].copy())),
        (Z, labels, np.ones(3)),
        (Z, labels, np.array([1e-6, 200.0, 3e-6])),
        (Z[:2], np.array([0, 2]), np.array([1e-6, 200.0, 3e-6])),
    ]


def shifted(Z, axis=1):
    """Logits minus their maximum, and the log of the sum of their exponentials."""
    Z = Z - Z.max(axis=axis, keepdims=True)
    return Z, np.log(np.exp(Z).sum(axis=axis, keepdims=True))


def at_labels(log_p, labels):
    return log_p[np.arange(len(labels)), labels]


def costs_at(Z, labels):
    """-ln p at the label of each row."""
    moved, log_sum = shifted(Z)
    return -at_labels(moved - log_sum, labels)


def averaged(costs, labels, weights):
    """Mean of the costs (n,), each with the weight of its label."""
    w = weights[labels]
    return (w * costs).sum() / w.sum()


def from_costs(costs, eps=None):
    """A mistake in the cost of a row; with `eps` one of a family."""
    if eps is None:
        return lambda Z, labels, weights: averaged(costs(Z, labels), labels, weights)
    return lambda Z, labels, weights, eps=eps: averaged(costs(Z, labels, eps), labels, weights)


def surprise(Z, labels, weights):
    """Weighted mean of -ln p at the label, one row after the other."""
    costs, ws = [], []
    for row, label in zip(Z.tolist(), labels.tolist(), strict=True):
        top, weight = max(row), float(weights[label])
        cost = top - row[label] + math.log(math.fsum(math.exp(v - top) for v in row))
        costs.append(weight * cost)
        ws.append(weight)
    return math.fsum(costs) / math.fsum(ws)


def log_of_softmax(Z, labels):
    p = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return -np.log(at_labels(p, labels))


def unshifted_lse(Z, labels):
    return np.log(np.exp(Z).sum(axis=1)) - at_labels(Z, labels)


def log_of_shifted_softmax(Z, labels):
    moved, _ = shifted(Z)
    p = np.exp(moved) / np.exp(moved).sum(axis=1, keepdims=True)
    return -np.log(at_labels(p, labels))


def one_max_for_all(Z, labels):
    m = Z.max()
    return m + np.log(np.exp(Z - m).sum(axis=1)) - at_labels(Z, labels)


def all_columns(Z, labels, weights):
    moved, log_sum = shifted(Z)
    w = weights[labels]
    return -(w * (moved - log_sum)[:, labels]).sum() / w.sum()


def mean_in_lse(Z, labels):
    moved, _ = shifted(Z)
    return np.log(np.exp(moved).mean(axis=1)) - at_labels(moved, labels)


DIVISORS = {  # functions of (weights, labels)
    "the number of rows times the largest weight": lambda w, labels: w.max() * len(labels),
    "the number of rows times the sum of all weights": lambda w, labels: w.sum() * len(labels),
    "the number of rows times their mean": lambda w, labels: w.mean() * len(labels),
    "the number of classes": lambda w, labels: len(w),
    "the sum of the weights, and by the number of rows": (
        lambda w, labels: w[labels].sum() * len(labels)
    ),
    "the weights of the classes that occur, each once": (
        lambda w, labels: w[np.unique(labels)].sum()
    ),
}


def otherwise_divided(Z, labels, weights, by="the number of classes"):
    return (weights[labels] * costs_at(Z, labels)).sum() / DIVISORS[by](weights, labels)


def by_row(Z, labels, weights):
    """The weights taken by the number of the row, over and over, and not by the label."""
    return np.average(costs_at(Z, labels), weights=np.resize(weights, len(Z)))


def of_predicted(Z, labels, weights):
    """The cost of the class with the largest logit."""
    return averaged(costs_at(Z, Z.argmax(axis=1)), labels, weights)


def hinge_like(Z, labels):
    """The distance to the largest logit, without a logarithm."""
    return Z.max(axis=1) - at_labels(Z, labels)


def max_lost(Z, labels):
    _, log_sum = shifted(Z)
    return log_sum[:, 0] - at_labels(Z, labels)


def clipped(Z, labels, eps):
    return -np.log(np.maximum(np.exp(-costs_at(Z, labels)), eps))


def padded(Z, labels, eps):
    return -np.log(np.exp(-costs_at(Z, labels)) + eps)


def padded_unshifted(Z, labels, eps):
    p = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return -np.log(at_labels(p, labels) + eps)


def shifted_by(Z, labels, m):
    S = Z - m
    return np.log(np.exp(S).sum(axis=1)) - at_labels(S, labels)


def down_the_batch(Z, labels):
    moved, log_sum = shifted(Z, axis=0)
    return -at_labels(moved - log_sum, labels)


def down_the_batch_unshifted(Z, labels):
    return -np.log(at_labels(np.exp(Z) / np.exp(Z).sum(axis=0), labels))


def softmax_twice(Z, labels):
    moved, log_sum = shifted(Z)
    return costs_at(np.exp(moved - log_sum), labels)


def unshifted_softmax_twice(Z, labels):
    return costs_at(np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), labels)


# ---- 06.4, 06.5 two labels


def binary_cases(rng):
    """Both labels on both sides, 0, small and large logits between, then logits of ±800."""
    easy = np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0, 0.0])
    far = np.array([800.0, 800.0, -800.0, -800.0, 3.0]), np.array([1.0, 0.0, 1.0, 0.0, 1.0])
    drawn = [(3 * rng.normal(size=n), rng.integers(0, 2, n).astype(float)) for n in (1, 4, 7, 4)]
    steps = np.array([0.0, 7.0, 15.0, 25.0, 36.0, 50.0, 120.0, 400.0, 720.0])
    return [
        easy,
        *drawn,
        (np.array([0.0, 0.0]), np.array([1.0, 0.0])),
        *((s * steps, np.full(len(steps), t)) for s in (1, -1) for t in (0.0, 1.0)),
        (np.array([1.3]), np.array([0.0])),
        far,
        (np.array([-800.0, 0.7]), np.array([1.0, 1.0])),
        (np.array([800.0, -1.2]), np.array([0.0, 1.0])),
    ]


def sigma(z):
    return 1 / (1 + np.exp(-z))


def bits_of_two(z, t):
    """-ln of the probability of the label: ln(1 + e^(-s·z)) with s = ±1."""
    s = 2 * t - 1
    return np.maximum(-s * z, 0) + np.log1p(np.exp(-np.abs(z)))


def clipped_bce(z, t, eps=1e-12):
    p = np.clip(sigma(z), eps, 1 - eps)
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


def floored_bce(z, t, eps=1e-12):
    p, q = np.maximum(sigma(z), eps), np.maximum(1 - sigma(z), eps)
    return -(t * np.log(p) + (1 - t) * np.log(q))


def padded_bce(z, t, eps=1e-9):
    return -(t * np.log(sigma(z) + eps) + (1 - t) * np.log(1 - sigma(z) + eps))


def naive_in_the_middle(z, t, far=500):
    middle = -(t * np.log(sigma(z)) + (1 - t) * np.log(1 - sigma(z)))
    return np.where(np.abs(z) < far, middle, np.maximum(z, 0) - z * t)


def straight_beyond(z, t, far=6):
    return np.where(np.abs(z) < far, bits_of_two(z, t), np.maximum(z, 0) - z * t)


LOOSE = {  # other losses of one logit, and what the formula turns into when a sign is lost
    "softplus(z) + z·t": lambda z, t: np.logaddexp(0, z) + z * t,
    "softplus(z) − t": lambda z, t: np.logaddexp(0, z) - t,
    "softplus(z)·t": lambda z, t: np.logaddexp(0, z) * t,
    "softplus(−z) − z·t": lambda z, t: np.logaddexp(0, -z) - z * t,
    "the derivative, σ(z) − t": lambda z, t: sigma(z) - t,
    "the square of σ(z) − t": lambda z, t: (sigma(z) - t) ** 2,
    "half the square of σ(z) − t": lambda z, t: (sigma(z) - t) ** 2 / 2,
    "the square of z − t": lambda z, t: (z - t) ** 2,
    "|σ(z) − t|": lambda z, t: np.abs(sigma(z) - t),
    "the hinge loss": lambda z, t: np.maximum(0, 1 - (2 * t - 1) * z),
    "max(z, 0) − z·t, without the logarithm": lambda z, t: np.maximum(z, 0) - z * t,
    "ln(1 + e^(−|z|)) alone": lambda z, t: np.log1p(np.exp(-np.abs(z))),
    "softplus(z) for every sample, as if all labels were 0": lambda z, t: np.logaddexp(0, z),
    "(1 − t)·softplus(z), without the samples with label 1": lambda z, t: (
        (1 - t) * np.logaddexp(0, z)
    ),
    "−z·t, without the softplus": lambda z, t: -z * t,
    "softplus(z/2) − z·t/2": lambda z, t: np.logaddexp(0, z / 2) - z * t / 2,
    "softplus(|z|) − z·t": lambda z, t: np.logaddexp(0, abs(z)) - z * t,
}


def cut_at_100(z, t):
    log_p, log_q = np.maximum(np.log([sigma(z), 1 - sigma(z)]), -100)
    return -(t * log_p + (1 - t) * log_q)


def probability_cases(rng):
    easy = np.array([0.8, 0.4]), np.array([1.0, 0.0])
    drawn = [
        (rng.uniform(0.02, 0.98, n), rng.integers(0, 2, n).astype(float)) for n in (1, 1, 3, 6, 8)
    ]
    # nearer to 1 than 2⁻²⁰, y − y² has fewer than ten digits left
    small = np.array([1e-3, 1e-5, 1e-8, 1e-13, 1e-16])
    return [
        easy,
        *drawn,
        (np.array([0.01, 0.99, 0.3]), np.array([1.0, 0.0, 1.0])),
        (np.array([0.5, 0.5]), np.array([1.0, 0.0])),
        *((small, np.full(5, t)) for t in (1.0, 0.0)),
        (np.array([0.5, 1e-15]), np.array([1.0, 1.0])),
        *((1 - np.array([1e-3, 1e-4, 2.0**-20]), np.full(3, t)) for t in (1.0, 0.0)),
    ]


SLOPES = {
    "(y − t)/y": lambda y, t: (y - t) / y,
    "(y − t)/(1 − y)": lambda y, t: (y - t) / (1 - y),
    "(1 − t)/y − t/(1 − y), with the labels exchanged": lambda y, t: (1 - t) / y - t / (1 - y),
    "σ(y) − t, as if y were the logit": lambda y, t: sigma(y) - t,
    "(y − t)/(y(1 + y))": lambda y, t: (y - t) / (y * (1 + y)),
    "(y − t)/(1 − y²), with the derivative of tanh": lambda y, t: (y - t) / (1 - y * y),
    "1/y": lambda y, t: 1 / y,
    "−1/y, whatever the label is": lambda y, t: -1 / y,
    "t·y − (1 − t)(1 − y)": lambda y, t: t * y - (1 - t) * (1 - y),
    "−t ln y + (1 − t) ln(1 − y)": lambda y, t: -t * np.log(y) + (1 - t) * np.log(1 - y),
    "y(1 − y)": lambda y, t: y * (1 - y),
    "1/(y(1 − y))": lambda y, t: 1 / (y * (1 - y)),
    "2(y − t), that of the square": lambda y, t: 2 * (y - t),
    "(1 − t)/(1 − y)² − t/y²": lambda y, t: (1 - t) / (1 - y) ** 2 - t / y**2,
    "−t ln y, the first half of the loss": lambda y, t: -t * np.log(y),
    "1/(y − t)": lambda y, t: 1 / (y - t),
    "(1 − t) − t/y": lambda y, t: (1 - t) - t / y,
}


def slope_of_clipped(y, t, eps=1e-7):
    p = np.clip(y, eps, 1 - eps)
    return (1 - t) / (1 - p) - t / p


def slope_padded(y, t, eps=1e-9):
    return (1 - t) / (1 - y + eps) - t / (y + eps)


def slope_padded_below(y, t, eps=1e-9):
    return (y - t) / (y * (1 - y) + eps)


# ---- 06.6 roots of batches of unequal size


def epoch_cases(rng):
    """Batches of unlike and like sizes, the last one short; roots of 0, small and large."""
    easy = np.array([1.0, 1.0, 1.0, 5.0]), np.array([32, 32, 32, 4])
    full = [
        (rng.uniform(0.5, 4, m), np.array([size] * (m - 1) + [rest]))
        for m, size, rest in ((3, 16, 5), (5, 8, 1), (2, 64, 63))
    ]
    mixed = [(rng.uniform(0.5, 4, m), rng.integers(1, 50, m)) for m in (2, 4, 6)]
    even = np.array([0.5, 0.0, 3.0]), np.array([8, 8, 8])
    again = rng.uniform(0.5, 4, 4), np.array([32, 32, 32, 7])
    return [
        easy,
        *full,
        *mixed,
        even,
        *crossed(again, mixed[1]),
        (np.array([1.7]), np.array([9])),
        (np.array([700.0, 0.002, 90.0]), np.array([3, 40, 1])),
        (np.array([1e-6, 0.0, 3e-6]), np.array([5, 1, 2])),
    ]


# ---- 06.7 a column against a row


def column_cases(rng):
    """Outputs too small and too large, equal to the target, tiny and huge; q on both sides of ½."""

    def case(n, q):
        return rng.normal(size=(n, 1)), 2 * rng.normal(size=n), q

    easy = np.array([[1.0], [2.5], [4.0]]), np.array([2.0, 2.0, 7.0]), 0.8
    met = np.array([[1.0], [0.0], [-3.0]]), np.array([1.0, 0.0, 2.0]), 0.25
    small = np.array([[1e-4], [-200.0], [3e-5]]), np.array([2e-4, 900.0, 1e-5]), 0.123456
    return [
        easy,
        *(case(*pair) for pair in ((2, 0.9), (5, 0.1), (9, 0.7), (1, 0.3))),
        *crossed(case(4, 0.35), case(4, 0.95)),
        case(3, 0.5),
        met,
        (np.array([[2.0], [-1.0]]), np.array([2.0, -1.0]), 0.9),
        small,
    ]


def one_by_one(y, t, q):
    """Mean of q·e where e = t - y is positive, (1 - q)·|e| where it is not."""
    pairs = zip(y[:, 0].tolist(), t.tolist(), strict=True)
    return math.fsum(q * (b - a) if b > a else (1 - q) * (a - b) for a, b in pairs) / len(t)


OF_ERRORS = {  # other losses of the errors e = t − y
    "q·e + (q − 1)·e, both at once": lambda e, q: q * e + (q - 1) * e,
    "q·e − (1 − q)·e, both at once": lambda e, q: q * e - (1 - q) * e,
    "the smaller of q·e and (q − 1)·e": lambda e, q: np.minimum(q * e, (q - 1) * e),
    "the larger of q·e and (q + 1)·e": lambda e, q: np.maximum(q * e, (q + 1) * e),
    "the larger of q·e and (1 − q)·e": lambda e, q: np.maximum(q * e, (1 - q) * e),
    "q·e, whatever its sign": lambda e, q: q * e,
    "(q − 1)·e, whatever its sign": lambda e, q: (q - 1) * e,
    "(1 − q)·|e| on both sides": lambda e, q: (1 - q) * np.abs(e),
    "e² weighed by q and 1 − q": lambda e, q: np.where(e > 0, q, 1 - q) * e * e,
    "the larger of e and 0": lambda e, q: np.maximum(e, 0),
    "the mean of the errors": lambda e, q: e,
    "the mean of the squares": lambda e, q: e * e,
}


def matched_by_size(y, t, q):
    """Outputs and targets sorted before they are compared."""
    return pinballs(np.sort(t) - np.sort(y[:, 0]), q).mean()


def pinballs(e, q):
    return np.maximum(q * e, (q - 1) * e)


# ---- 06.8 a derivative that is never small


def error_cases(rng):
    """Errors of both signs, 0, inside, outside, at the limit and close to it; limits round 1.

    Errors and limits of hundreds, and some smaller than a thousandth.
    """
    easy = np.array([0.5, -3.0, 8.0, -1.0]), 2.0

    def case(n, d):
        inside, outside = rng.uniform(0.1, 0.9, n), rng.uniform(1.2, 6, n)
        return rng.permutation(d * np.concatenate([inside, -inside, outside, -outside])), d

    def edge(d):
        near = [d * (1 + k) for k in (0.0, 1e-3, -1e-3, 1e-6, -1e-6)]
        return np.array([0.0, *near, *(-e for e in near)]), d

    return [
        easy,
        (np.array([2.0, -2.0, 0.0, 1.0, -3.0]), 2.0),
        (np.array([1.0, -1.0, 0.0, 0.5, -4.0]), 1.0),
        edge(1.0),
        edge(0.7),
        *(case(*pair) for pair in ((1, 0.3), (3, 0.05), (2, 5.0))),
        *crossed(case(2, 1.7), case(2, 0.6)),
        (np.array([-0.2, 0.9]), 3.0),
        (np.array([-7.0]), 0.4),
        (np.array([1200.0, -900.0, 70.0, -1e-5, 1e-5]), 80.0),
        (np.array([0.1, 0.13, -0.12, -0.2]), 0.123456),
    ]


def berhu(e, d):
    return np.where(np.abs(e) <= d, np.abs(e), (e**2 + d**2) / (2 * d))


OUTSIDE = {  # in the place of e/d
    "−e/d": lambda e, d: -e / d,
    "e/(2d)": lambda e, d: e / (2 * d),
    "e²/d": lambda e, d: e * e / d,
    "e/d²": lambda e, d: e / d**2,
    "e·d": lambda e, d: e * d,
    "d/e": lambda e, d: d / e,
    "2e": lambda e, d: 2 * e,
    "the sign of e times d": lambda e, d: d * np.sign(e),
    "(e − d)/d": lambda e, d: (e - d) / d,
    "(e² + d²)/(2d), the loss": lambda e, d: (e * e + d * d) / (2 * d),
    "0": lambda e, d: 0 * e,
    "(e + d²)/d": lambda e, d: (e + d * d) / d,
    "the root of e/d": lambda e, d: np.sign(e) * np.sqrt(np.abs(e) / d),
}


def with_outside(e, d, name="0"):
    with np.errstate(all="ignore"):
        return np.where(np.abs(e) <= d, np.sign(e), OUTSIDE[name](e, d))


def gap_at_the_limit(e, d):
    return np.where(np.abs(e) == d, 0.0, np.sign(e) * np.maximum(1, np.abs(e) / d))


def divided_by_size(e, d):
    return e / np.abs(e) * np.maximum(np.abs(e) / d, 1)


def divided_by_padded_size(e, d, eps=1e-9):
    return e / (np.abs(e) + eps) * np.maximum(np.abs(e) / d, 1)


def slope_of_berhu(e, d, h=1e-3):
    return (berhu(e + h, d) - berhu(e - h, d)) / (2 * h)


# ---- 06.10 boxes


def box_cases(rng):
    """Overlapping, one inside the other, beside, above, diagonal (both ways), identical.

    Sides and corners that touch, boxes of a ten-thousandth and of a thousand, whole numbers.
    """

    def box(x, y):
        w, h = rng.uniform(0.5, 3, 2)
        return np.array([x, y, x + w, y + h])

    def pair(dx, dy):
        a = box(*rng.uniform(-2, 2, 2))
        b = box(0, 0)
        # dx, dy: overlap (0), or a gap to that side
        shift = []
        for axis, side in enumerate((dx, dy)):
            gap, into = rng.uniform(0.2, 2), rng.uniform(0.1, 0.4)
            low, high = a[axis], a[axis + 2]
            size = b[axis + 2]
            start = {1: high + gap, -1: low - gap - size, 0: high - into * (high - low)}[side]
            shift.append(start)
        return a, b + np.array(shift * 2)

    sides = [(0, 0), (1, 0), (-1, 0), (0, 1), (1, 1), (-1, 1), (-1, -1)]
    outer = np.array([0.0, 0.0, 5.0, 4.0])
    return [
        (np.array([0.0, 0, 4, 2]), np.array([3.0, 1, 5, 4])),
        *(pair(*side) for side in sides),
        *crossed(pair(0, 0), pair(0, 1)),
        (outer, np.array([1.0, 0.5, 2.5, 3.0])),
        (np.array([1.0, 0.5, 2.5, 3.0]), outer),
        (np.array([-1.0, 2, 1.5, 3]), np.array([-1.0, 2, 1.5, 3])),
        (np.array([0.0, 0, 2, 1]), np.array([2.0, 0, 3, 4])),  # along a side
        (np.array([0.0, 0, 2, 1]), np.array([2.0, 1, 3, 4])),  # in a corner
        (np.array([1.0, 3, 2, 4]), np.array([0.0, 1, 5, 3])),  # above, along a side
        (1e-4 * np.array([0.0, 0, 4, 2]), 1e-4 * np.array([3.0, 1, 5, 4])),
        (1e-4 * np.array([0.0, 0, 1, 2]), 1e-4 * np.array([3.0, 1, 5, 4])),
        (np.array([100.0, 250, 900, 1100]), np.array([640.0, 480, 1920, 1080])),
        (np.array([10, 20, 50, 60]), np.array([30, 10, 70, 40])),
        (np.array([10, 20, 50, 60]), np.array([60, 80, 70, 90])),
    ]


def areas(a, b, clamp=True):
    """Areas of a and b, of their intersection, and of the smallest box round both."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if clamp:
        sides = np.maximum(sides, 0)
    around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2])
    return np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2]), np.prod(sides), np.prod(around)


def distance2(a, b):
    """Square of the distance of the centres."""
    return float(np.sum((a[:2] + a[2:] - b[:2] - b[2:]) ** 2.0) / 4)


def diagonal2(a, b):
    """Square of the diagonal of the smallest box round both."""
    return float(np.sum((np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2])) ** 2.0))


def penalty(a, b):
    return distance2(a, b) / diagonal2(a, b)


def overlap_only(a, b):
    A, B, both, _ = areas(a, b)
    return float(both / (A + B - both))


def from_centres(a, b):
    return overlap_only(a, b) - penalty(a, b)


def empty_share(a, b):
    A, B, both, around = areas(a, b)
    return float(1 - (A + B - both) / around)


def unclamped(a, b):
    A, B, both, _ = areas(a, b, clamp=False)
    return float(both / (A + B - both) - penalty(a, b))


def clamped_product(a, b):
    A, B, both, _ = areas(a, b, clamp=False)
    both = max(both, 0)
    return float(both / (A + B - both) - penalty(a, b))


def counted_twice(a, b):
    A, B, both, _ = areas(a, b)
    return float(both / (A + B) - penalty(a, b))


def read_as_sizes(a, b):
    a, b = (np.concatenate([box[:2], box[:2] + box[2:]]) for box in (a, b))
    with np.errstate(all="ignore"):
        return from_centres(a, b)


PENALTIES = {  # functions of I, U, the two own areas, the sides round both, the way between centres
    "ρ²/c², the penalty alone": lambda i, u, own, c, r: r @ r / (c @ c),
    "−ρ²/c², without the overlap": lambda i, u, own, c, r: -(r @ r) / (c @ c),
    "I/U − ρ²/(width + height)²": lambda i, u, own, c, r: i / u - r @ r / c.sum() ** 2,
    "I/U − (|ρx| + |ρy|)²/c²": lambda i, u, own, c, r: i / u - abs(r).sum() ** 2 / (c @ c),
    "I/U − ρ², without c²": lambda i, u, own, c, r: i / u - r @ r,
    "I/U − ρ, a length": lambda i, u, own, c, r: i / u - math.sqrt(r @ r),
    "I/U − (|ρx| + |ρy|)/(width + height)": lambda i, u, own, c, r: i / u - abs(r).sum() / c.sum(),
    "I over the area of a, minus ρ²/c²": lambda i, u, own, c, r: i / own[0] - r @ r / (c @ c),
    "I over the area of b, minus ρ²/c²": lambda i, u, own, c, r: i / own[1] - r @ r / (c @ c),
    "I over the smaller area, minus ρ²/c²": lambda i, u, own, c, r: i / min(own) - r @ r / (c @ c),
    "I over the box round both, minus ρ²/c²": lambda i, u, own, c, r: (
        i / c.prod() - r @ r / (c @ c)
    ),
    "U/C − ρ²/c²": lambda i, u, own, c, r: u / c.prod() - r @ r / (c @ c),
    "(I − ρ²)/(U + c²)": lambda i, u, own, c, r: (i - r @ r) / (u + c @ c),
    "I/U − ½ρ²/c²": lambda i, u, own, c, r: i / u - r @ r / (c @ c) / 2,
    "I/U − ρx²/width², with one direction only": lambda i, u, own, c, r: (
        i / u - r[0] ** 2 / c[0] ** 2
    ),
    "I/U − (ρx²/width² + ρy²/height²)": lambda i, u, own, c, r: i / u - ((r / c) ** 2).sum(),
    "GIoU − ρ²/c², both penalties": lambda i, u, own, c, r: (
        i / u - (c.prod() - u) / c.prod() - r @ r / (c @ c)
    ),
    "I/U − ρ²/perimeter": lambda i, u, own, c, r: i / u - r @ r / (2 * c.sum()),
    "I/(A + B − 2I) − ρ²/c²": lambda i, u, own, c, r: i / (u - i) - r @ r / (c @ c),
    "2I/(A + B) − ρ²/c²": lambda i, u, own, c, r: 2 * i / (u + i) - r @ r / (c @ c),
    "I/U times ρ²/c²": lambda i, u, own, c, r: i / u * (r @ r) / (c @ c),
    "I/U times (1 − ρ²/c²)": lambda i, u, own, c, r: i / u * (1 - r @ r / (c @ c)),
}


def with_penalty(a, b, name="ρ²/c², the penalty alone"):
    A, B, both, _ = areas(a, b)
    around = np.maximum(a[2:], b[2:]) - np.minimum(a[:2], b[:2])
    way = (a[:2] + a[2:] - b[:2] - b[2:]) / 2
    return float(PENALTIES[name](both, A + B - both, (A, B), 1.0 * around, way))


def ends_exchanged(a, b):
    A, B, _, around = areas(a, b)
    with np.errstate(all="ignore"):
        return float(around / (A + B - around) - penalty(a, b))


def padded_areas(a, b, eps=1e-7):
    A, B, both, _ = areas(a, b)
    return float(both / (A + B - both + eps) - distance2(a, b) / (diagonal2(a, b) + eps))


def padded_union(a, b, eps=1e-7):
    A, B, both, _ = areas(a, b)
    return float(both / (A + B - both + eps) - penalty(a, b))


# ---- 06.11 sequences


def sequence_cases(rng):
    """Batches of padded sequences; every row keeps one token at least, rows differ in length.

    One place, one real token, one class (p = 1), padding at the start and in the middle.
    """

    def case(n, T, k, lengths):
        logits = 2 * rng.normal(size=(n, T, k))
        log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        real = (np.arange(T) < np.array(lengths)[:, None]).astype(float)
        return log_p, rng.integers(0, k, (n, T)), real

    def anywhere(made, real):
        return *made[:2], np.array(real)

    p = np.array([[[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]], [[0.2, 0.4, 0.4], [0.3, 0.3, 0.4]]])
    easy = np.log(p), np.array([[0, 1], [2, 0]]), np.array([[1.0, 1.0], [1.0, 0.0]])
    return [
        easy,
        case(3, 4, 5, (4, 1, 2)),
        *crossed(case(2, 6, 3, (2, 6)), case(2, 6, 3, (5, 1))),
        case(4, 3, 2, (1, 3, 2, 1)),
        case(3, 3, 3, (3, 1, 2)),
        case(1, 5, 4, (3,)),
        case(2, 2, 6, (2, 2)),
        case(3, 1, 4, (1, 1, 1)),
        case(1, 4, 3, (1,)),
        case(2, 3, 1, (3, 2)),
        anywhere(case(2, 4, 3, (4, 4)), [[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]]),
        anywhere(case(1, 3, 5, (3,)), [[0.0, 0.0, 1.0]]),
        (np.log([[[0.75, 0.25], [1 - 1e-90, 1e-90]]]), np.array([[0, 1]]), np.ones((1, 2))),
    ]


def costs_of(log_p, tokens):
    """-ln p of each token, shape (n, T)."""
    return -np.take_along_axis(log_p, tokens[..., None], axis=-1)[..., 0]


def nll_by_tokens(log_p, tokens, real):
    """Mean of -ln p over the real tokens, one after the other."""
    costs = [-log_p[i, j, tokens[i, j]] for i, j in zip(*np.nonzero(real), strict=True)]
    return math.fsum(costs) / len(costs)


def padding_alone(log_p, tokens, real):
    return float((costs_of(log_p, tokens) * (1 - real)).sum() / max((1 - real).sum(), 1))


def mean_of_places(log_p, tokens, real):
    """The mean of each place over the sentences, then the mean of those."""
    counts = np.maximum(real.sum(axis=0), 1)
    return float(((costs_of(log_p, tokens) * real).sum(axis=0) / counts).mean())


def next_token(log_p, tokens, real):
    return float((costs_of(log_p, np.roll(tokens, 1, axis=1)) * real).sum() / real.sum())


def padded_count(log_p, tokens, real, eps=1e-8):
    return float((costs_of(log_p, tokens) * real).sum() / (real.sum() + eps))


def up_to_the_count(log_p, tokens, real):
    front = np.arange(tokens.shape[1]) < real.sum(axis=1, keepdims=True)
    return float((costs_of(log_p, tokens) * front).sum() / real.sum())


def mean_of_rows(log_p, tokens, real):
    return float(((costs_of(log_p, tokens) * real).sum(axis=1) / real.sum(axis=1)).mean())


# ---- 06.12 two distributions


def distribution_cases(rng):
    """Two distributions over k values; in some the first has zeros, never the second.

    Equal ones, a single value, probabilities down to 1e-20 in either.
    """

    def case(k, zeros=()):
        t, p = rng.dirichlet(np.full(k, 2.0), 2) + 0.02
        t[list(zeros)] = 0
        return t / t.sum(), p / p.sum()

    far = [
        (np.array([0.3, 0.3, 0.4]), np.array([0.3, 0.3, 0.4])),
        (np.array([1.0]), np.array([1.0])),
        (np.array([0.5, 0.5]), np.array([1 - 1e-3, 1e-3])),
        (np.array([0.5, 0.5]), np.array([1 - 1e-8, 1e-8])),
        (np.array([0.5, 0.25, 0.25]), np.array([0.5, 0.5, 1e-20])),
        (np.array([0.5, 0.0, 0.5]), np.array([0.5, 0.5, 1e-16])),
        (np.array([1e-4, 1 - 1e-4]), np.array([0.5, 0.5])),
        (np.array([1e-7, 1 - 1e-7]), np.array([0.25, 0.75])),
    ]
    easy = np.array([0.9, 0.1]), np.array([0.5, 0.5])
    other = np.array([0.5, 0.5]), np.array([0.9, 0.1])
    onehot = np.array([0.0, 1.0, 0.0]), np.array([0.2, 0.3, 0.5])
    return [
        easy,
        other,
        onehot,
        case(3),
        case(5),
        case(4, [1]),
        case(6, [0, 4]),
        case(2),
        case(5),
        *far,
    ]


def ratios(t, p):
    """Sum of t ln(t/p) over the values that t gives a chance."""
    possible = t > 0
    return math.fsum(t[possible] * np.log(t[possible] / p[possible]))


def entropy(t):
    return -math.fsum(t[t > 0] * np.log(t[t > 0]))


def sums_over(term):
    """Sum of term(t, p) over the values that t gives a chance."""
    return lambda t, p: term(t[t > 0], p[t > 0]).sum()


SUMS = {
    "KL(t‖p) + KL(p‖t), both orders added": sums_over(
        lambda t, p: t * np.log(t / p) + p * np.log(p / t)
    ),
    "the mean over the values that t gives a chance": lambda t, p: (
        ratios(t, p) / np.count_nonzero(t)
    ),
    "Σ (t ln t − ln p), without the weight of the second": sums_over(
        lambda t, p: t * np.log(t) - np.log(p)
    ),
    "Σ (ln t − t ln p), without the weight of the first": sums_over(
        lambda t, p: np.log(t) - t * np.log(p)
    ),
    "Σ |t ln(t/p)|, without the signs": sums_over(lambda t, p: np.abs(t * np.log(t / p))),
    "Σ t·(t/p), without the logarithm": sums_over(lambda t, p: t * t / p),
    "Σ t·(t − p)": sums_over(lambda t, p: t * (t - p)),
    "Σ (t − p) ln(t/p)": sums_over(lambda t, p: (t - p) * np.log(t / p)),
    "Σ (t − p)²": lambda t, p: ((t - p) ** 2).sum(),
    "Σ p ln p − Σ t ln t, a difference of entropies": lambda t, p: (
        (p * np.log(p)).sum() + entropy(t)
    ),
    "Σ t ln t − Σ p ln p, a difference of entropies": lambda t, p: (
        -entropy(t) - (p * np.log(p)).sum()
    ),
    "Σ (t ln(t/p) − t + p), with what is left of p": sums_over(
        lambda t, p: t * np.log(t / p) - t + p
    ),
    "Σ t ln(t/½(t + p)), half of Jensen and Shannon's": sums_over(
        lambda t, p: t * np.log(2 * t / (t + p))
    ),
    "the largest of the terms": lambda t, p: (t[t > 0] * np.log(t[t > 0] / p[t > 0])).max(),
    "Σ t ln(1 + t/p)": sums_over(lambda t, p: t * np.log1p(t / p)),
    "Σ ½(t + p) ln(t/p)": sums_over(lambda t, p: (t + p) / 2 * np.log(t / p)),
    "½ Σ |t − p|": lambda t, p: np.abs(t - p).sum() / 2,
    "Σ t log₁₀(t/p)": lambda t, p: ratios(t, p) / math.log(10),
    "ln Σ t·t/p, the logarithm last": lambda t, p: math.log((t * t / p).sum()),
    "Σ t ln t / ln p, a quotient of logarithms": sums_over(lambda t, p: t * np.log(t) / np.log(p)),
    "Σ t ln t + t ln p, a plus for the minus": sums_over(
        lambda t, p: t * np.log(t) + t * np.log(p)
    ),
    "a sum in which a t of 0 was set to 1": lambda t, p: (
        np.where(t > 0, t, 1) * np.log(np.where(t > 0, t, 1) / p)
    ).sum(),
}


def of_masked(t, p):
    """Sum of p ln(p/t) over the values that t gives a chance."""
    m = t > 0
    return (p[m] * np.log(p[m] / t[m])).sum()


def clipped_p(t, p, eps=1e-7):
    return ratios(t, np.clip(p, eps, 1))


def clipped_both(t, p, eps=1e-7):
    t, p = np.clip(t, eps, 1), np.clip(p, eps, 1)
    return (t * np.log(t / p)).sum()


def padded_p(t, p, eps=1e-9):
    return ratios(t, p + eps)


def padded_both(t, p, eps=1e-9):
    return (t * np.log((t + eps) / (p + eps))).sum()


EXERCISES = [
    Exercise(
        id="06.1",
        kind="by hand",
        title="Three logits",
        signature="loss_and_gradient()",
        results=("L", "gradient"),
        worked=worked.loss_and_gradient,
        reference=(LOSS, GRADIENT),
        rtol=0.0,
        atol=6e-5,  # asked for four decimals
        mistakes=(
            Mistake(
                "without exp",
                "You divided the logits by their sum. The softmax divides their exponentials.",
                shares_of_logits(),
            ),
            Mistake(
                "noonehot",
                "Your gradient is p itself. At the label 1 is to be subtracted: p − t, where t "
                "is 1 at the label and 0 elsewhere.",
                (LOSS, (0.25, 0.625, 0.125)),
            ),
            Mistake(
                "sign",
                "Your gradient is t − p, the direction in which to move. The gradient itself is "
                "p − t.",
                (LOSS, (0.75, -0.625, -0.125)),
            ),
            Mistake(
                "wrtp",
                "You stopped at p: −1/p at the label, 0 elsewhere, is the gradient of L with "
                "respect to the probabilities. The softmax is between them and the logits.",
                (LOSS, (-4.0, 0.0, 0.0)),
            ),
            Mistake(
                "log2",
                "Your L is counted in bits, with the logarithm to base 2. Here ln is meant.",
                (2.0, GRADIENT),
            ),
            Mistake(
                "raw",
                "Your L is minus the logit of the label. The normaliser is missing: ln of the "
                "sum of all exponentials.",
                (-math.log(2), GRADIENT),
            ),
            Mistake(
                "neglog",
                "Your L is ln p itself. The logarithm of a probability is negative; the loss is "
                "minus it.",
                (-LOSS, GRADIENT),
            ),
            Mistake(
                "second",
                "You took the second logit for the label. It is the first.",
                (math.log(1.6), (0.25, -0.375, 0.125)),
            ),
            Mistake(
                "third",
                "You took the third logit for the label. It is the first.",
                (math.log(8), (0.25, 0.625, -0.875)),
            ),
            Mistake(
                "log10",
                "Your L is counted with the logarithm to base 10. Here ln is meant.",
                (math.log10(4), GRADIENT),
            ),
            Mistake(
                "logits",
                "Your gradient is z − t, with the logits themselves. The softmax comes first: "
                "p − t.",
                (LOSS, (math.log(2) - 1, math.log(5), 0.0)),
            ),
            Mistake(
                "exps",
                "Your gradient has the exponentials in it. Divide them by their sum first: p − t.",
                (LOSS, (1.0, 5.0, 1.0)),
            ),
            Mistake(
                "prob",
                "Your L is the probability of the label. The loss is minus its logarithm.",
                (0.25, GRADIENT),
            ),
            Mistake(
                "onlylabel",
                "Your gradient is 0 away from the label. Through the sum in the softmax every "
                "logit counts: p there.",
                (LOSS, (-0.75, 0.0, 0.0)),
            ),
            Mistake(
                "lse",
                "Your L is the logarithm of the sum. The logit of the label is to be subtracted.",
                (math.log(8), GRADIENT),
            ),
            Mistake(
                "minusone",
                "You put −1 at the label. It is p − 1 there.",
                (LOSS, (-1.0, 0.625, 0.125)),
            ),
            Mistake(
                "unsummed",
                "The exponential of 0 is 1, and it belongs to the sum: 2 + 5 + 1.",
                (math.log(3.5), (2 / 7 - 1, 5 / 7, 0.0)),
            ),
        ),
        hints=(
            "The exponentials are 2, 5 and 1; their sum is 8.",
            "So p = (2, 5, 1)/8, and L = −ln of the first of them.",
            "The gradient is p with 1 subtracted at the label: it sums to 0.",
        ),
        section='chapter 06, section 6.2, "Numbers by hand"',
        proves="Softmax, minus ln at the label, and p − t in the backward pass.",
    ),
    Exercise(
        id="06.2",
        kind="implement",
        title="Three conventions",
        signature="mse_grads(y, t)",
        worked=worked.mse_grads,
        results=("first", "second", "third"),
        reference=lambda y, t: tuple((y - t) * factor for factor in (1, 1 / y.size, 2 / y.size)),
        cases=square_cases,
        mistakes=(
            Mistake(
                "two",
                "You left the ½ out of the first two, where it cancels the 2 that comes from "
                "the square.",
                lambda y, t: (2 * (y - t), 2 * (y - t) / y.size, 2 * (y - t) / y.size),
            ),
            Mistake(
                "noN",
                "You did not divide by N: the second and third are means.",
                lambda y, t: (y - t, y - t, 2 * (y - t)),
            ),
            Mistake(
                "rows",
                "You divided by the number of rows. A mean of all squares, as PyTorch's MSELoss "
                "takes it, divides by the number of elements, n·k.",
                lambda y, t: (y - t, (y - t) / len(y), 2 * (y - t) / len(y)),
            ),
            Mistake(
                "sign",
                "You wrote t − y. The derivative is positive where y is too large.",
                lambda y, t: (t - y, (t - y) / y.size, 2 * (t - y) / y.size),
            ),
            Mistake(
                "alike",
                "Your three are alike. The minimum is the same, the way to it is not: the "
                "gradients differ by the factors 1/N and 2/N.",
                lambda y, t: (y - t, y - t, y - t),
            ),
            Mistake(
                "undoubled",
                "You took e for the derivative of e². It is 2e, which the ½ turns into e: your "
                "first is right, the other two are half of what they should be.",
                lambda y, t: (y - t, (y - t) / (2 * y.size), (y - t) / y.size),
            ),
            Mistake(
                "halftwice",
                "Your second is half of what it should be: the ½ in it has cancelled the 2 that "
                "comes from the square already, and 1/N is left.",
                lambda y, t: (y - t, (y - t) / (2 * y.size), 2 * (y - t) / y.size),
            ),
            Mistake(
                "no2",
                "Your third is half of what it should be: it has no ½ that could cancel the 2 "
                "that comes from the square.",
                lambda y, t: (y - t, (y - t) / y.size, (y - t) / y.size),
            ),
            Mistake(
                "values",
                "Those are losses, element by element. Their gradients with respect to y are asked "
                "for.",
                lambda y, t: (
                    (y - t) ** 2 / 2,
                    (y - t) ** 2 / (2 * y.size),
                    (y - t) ** 2 / y.size,
                ),
            ),
            Mistake(
                "numbers",
                "Those are the three losses, as numbers. Their gradients with respect to y are "
                "asked for, each of the shape of y.",
                lambda y, t: (
                    np.sum((y - t) ** 2) / 2,
                    np.mean((y - t) ** 2) / 2,
                    np.mean((y - t) ** 2),
                ),
            ),
            Mistake(
                "columns",
                "You divided by the number of columns. A mean of all squares divides by the number "
                "of elements, n·k.",
                lambda y, t: (y - t, (y - t) / y.shape[1], 2 * (y - t) / y.shape[1]),
            ),
            Mistake(
                "halffirst",
                "Your first is half of what it should be: the ½ cancels the 2 of the square, and "
                "the error itself is left.",
                lambda y, t: ((y - t) / 2, (y - t) / y.size, 2 * (y - t) / y.size),
            ),
        ),
        hints=(
            "Write e = y − t. What is the derivative of e² with respect to y?",
            "2e. In the first two the ½ cancels the 2.",
            "`e`, `e / y.size` and `2 * e / y.size`, with `e = y - t`.",
        ),
        section='chapter 06, section 6.3, "One number"',
        proves="The same error, times 1, 1/N and 2/N: a convention is a hidden learning rate.",
    ),
    Exercise(
        id="06.3",
        kind="implement",
        title="Rare classes, and logits of ±1000",
        signature="weighted_cross_entropy(Z, labels, weights)",
        worked=worked.weighted_cross_entropy,
        reference=surprise,
        cases=weighted_cases,
        mistakes=(
            Mistake(
                "naive",
                "You take the logarithm of a softmax. e¹⁰⁰⁰ is infinite and e⁻¹⁰⁰⁰ is 0 in "
                "floating point, and neither has a useful logarithm. Never leave the logarithms.",
                from_costs(log_of_softmax),
            ),
            Mistake(
                "noshift",
                "Log-sum-exp is right on paper, but e¹⁰⁰⁰ is infinite: subtract each row's "
                "maximum first, and add it back outside the logarithm.",
                from_costs(unshifted_lse),
            ),
            Mistake(
                "shifted",
                "Your softmax is safe, its logarithm is not: where p has become 0, ln p is "
                "infinite, shifted or not. Do without p: log-sum-exp minus the label's logit.",
                from_costs(log_of_shifted_softmax),
            ),
            Mistake(
                "globalmax",
                "You subtracted one maximum from the whole batch. In a row that lies far below it "
                "every exponential becomes 0, and ln 0 is infinite: each row has its own maximum.",
                from_costs(one_max_for_all),
            ),
            Mistake(
                "columns",
                "`[:, labels]` takes the columns of all labels from every row, (n, n) numbers. "
                "Each row has its own label: `[np.arange(n), labels]`.",
                all_columns,
            ),
            Mistake(
                "noback",
                "You subtracted the maximum inside and did not add it back outside the logarithm.",
                from_costs(max_lost),
            ),
            Mistake(
                "clip",
                "You clipped the probability at {}. Then no loss exceeds −ln of that, and where "
                "that is reached no gradient is left.",
                from_costs(clipped, 1e-12),
                family=EPSILONS,
            ),
            Mistake(
                "eps",
                "You added {} to the probability. That changes every loss a little, and no loss "
                "exceeds −ln of that number. Do without p: log-sum-exp minus the label's logit.",
                from_costs(padded, 1e-9),
                family=EPSILONS,
            ),
            Mistake(
                "epsraw",
                "You added {} to the probability, and your softmax overflows: e¹⁰⁰⁰ is infinite, "
                "and infinite divided by infinite is no number. Never leave the logarithms.",
                from_costs(padded_unshifted, 1e-9),
                family=EPSILONS,
            ),
            Mistake(
                "minshift",
                "You subtracted each row's smallest logit. Then every exponent is above 0, and the "
                "largest overflows: subtract the largest logit.",
                from_costs(lambda Z, labels: shifted_by(Z, labels, Z.min(axis=1, keepdims=True))),
            ),
            Mistake(
                "meanshift",
                "You subtracted each row's mean. In a row that is spread widely the largest "
                "exponent is still far above 0 and overflows: subtract the largest logit.",
                from_costs(lambda Z, labels: shifted_by(Z, labels, Z.mean(axis=1, keepdims=True))),
            ),
            Mistake(
                "unweighted",
                "The weights are missing: every row of yours counts alike. A row counts with the "
                "weight of its label, `weights[labels]`.",
                lambda Z, labels, weights: costs_at(Z, labels).mean(),
            ),
            Mistake(
                "bycount",
                "You divided by the number of rows. A weighted mean is divided by the sum of the "
                "weights that were used, `weights[labels].sum()`.",
                lambda Z, labels, weights: (weights[labels] * costs_at(Z, labels)).mean(),
            ),
            Mistake(
                "byclasses",
                "You divided by the sum of the weights of all classes. Those that count are the "
                "weights of the labels, one for each row: `weights[labels].sum()`.",
                lambda Z, labels, weights: (
                    (weights[labels] * costs_at(Z, labels)).sum() / weights.sum()
                ),
            ),
            Mistake(
                "undivided",
                "You added up the weighted losses and did not divide by the sum of their weights.",
                lambda Z, labels, weights: (weights[labels] * costs_at(Z, labels)).sum(),
            ),
            Mistake(
                "argmax",
                "You took the weight of the class with the largest logit. The weight of a row is "
                "that of its label.",
                lambda Z, labels, weights: averaged(costs_at(Z, labels), Z.argmax(axis=1), weights),
            ),
            Mistake(
                "inside",
                "You multiplied the probability by the weight, before the logarithm. A weight says "
                "how much a row counts: it multiplies the loss.",
                lambda Z, labels, weights: (costs_at(Z, labels) - np.log(weights[labels])).mean(),
            ),
            Mistake(
                "nonorm",
                "Minus the logit of the label: the normaliser is missing. This number has no "
                "lowest value, raising all logits lowers it for ever.",
                from_costs(lambda Z, labels: -at_labels(Z, labels)),
            ),
            Mistake(
                "axis",
                "You normalised down the batch. Each row is a distribution of its own: axis 1.",
                from_costs(down_the_batch),
            ),
            Mistake(
                "axisraw",
                "You normalised down the batch, without a shift: there large logits overflow as "
                "well. Each row is a distribution of its own, axis 1.",
                from_costs(down_the_batch_unshifted),
            ),
            Mistake(
                "twice",
                "You applied softmax twice: what went into the cross-entropy were probabilities "
                "already, not logits.",
                from_costs(softmax_twice),
            ),
            Mistake(
                "twiceraw",
                "You applied softmax twice, and the first time without a shift, where large logits "
                "overflow. Cross-entropy takes the logits themselves.",
                from_costs(unshifted_softmax_twice),
            ),
            Mistake(
                "lsemean",
                "In your log-sum-exp there is a mean where the sum belongs: every loss comes out "
                "too small by ln k.",
                from_costs(mean_in_lse),
            ),
            Mistake(
                "hard",
                "Yours is the largest logit minus that of the label, a loss without a softmax. "
                "ln Σ exp is a little more than the largest logit.",
                from_costs(hinge_like),
            ),
            Mistake(
                "squared",
                "You multiplied by the weight twice. It is in the sum once, and once in what it is "
                "divided by.",
                lambda Z, labels, weights: (
                    (weights[labels] ** 2 * costs_at(Z, labels)).sum() / weights[labels].sum()
                ),
            ),
            Mistake(
                "byrow",
                "You took the weights in the order of the rows. They belong to the classes: the "
                "weight of a row is `weights[label]`.",
                by_row,
            ),
            Mistake(
                "onlogits",
                "You multiplied the logits by the weights. A weight says how much a row counts: it "
                "multiplies the loss of the row.",
                lambda Z, labels, weights: costs_at(Z * weights, labels).mean(),
            ),
            Mistake(
                "predicted",
                "You took the loss at the largest logit, what the net predicts. The task asks for "
                "−ln p at the label.",
                of_predicted,
            ),
            Mistake(
                "bits",
                "You counted in bits, with the logarithm to base 2. Here ln is meant.",
                from_costs(lambda Z, labels: costs_at(Z, labels) / math.log(2)),
            ),
            Mistake(
                "nolog",
                "You left out the logarithm: that is 1 − p, or p, at the label.",
                from_costs(lambda Z, labels: 1 - np.exp(-costs_at(Z, labels))),
            ),
            Mistake(
                "allclasses",
                "You added up −ln p over all classes. Only that of the label counts.",
                from_costs(lambda Z, labels: (shifted(Z)[1] - shifted(Z)[0]).sum(axis=1)),
            ),
            Mistake(
                "otherdivisor",
                "You divided by {}. A weighted mean is divided by the sum of the weights that were "
                "used, `weights[labels].sum()`.",
                otherwise_divided,
                family=tuple(DIVISORS),
            ),
            Mistake(
                "inverse",
                "You divided by the weights where they multiply: a rare class has a large weight.",
                lambda Z, labels, weights: averaged(costs_at(Z, labels), labels, 1 / weights),
            ),
            Mistake(
                "logweights",
                "You added ln w to the logits. That moves probabilities; a weight says how much a "
                "row counts.",
                lambda Z, labels, weights: costs_at(Z + np.log(weights), labels).mean(),
            ),
        ),
        hints=(
            "One loss for each row first: −ln p at the label is ln Σⱼ exp(zⱼ) − z at the label. No "
            "division, no softmax.",
            "ln Σ exp(z) = m + ln Σ exp(z − m) for every m. With m the row's maximum, nothing "
            "overflows.",
            "Then `w = weights[labels]` has one weight for each row, and a weighted mean is "
            "`(w * costs).sum()` over `w.sum()`.",
        ),
        section='chapter 06, section 6.7, "One of many"',
        proves="Log-sum-exp with the maximum taken out, and each row with the weight of its label.",
    ),
    Exercise(
        id="06.4",
        kind="find the bug",
        title="A loss that never looked at a label",
        signature="bce(z, t)",
        worked=worked.bce,
        reference=bits_of_two,
        cases=binary_cases,
        mistakes=(
            Mistake(
                "ent",
                "There is no t in your formula: it measures how undecided the output is, "
                "whatever the label.",
                lambda z, t: -sigma(z) * np.log(sigma(z)),
            ),
            Mistake(
                "half",
                "The term with 1 − t is missing: where the label is 0 your loss is 0, and yes is a "
                "good answer to everything.",
                lambda z, t: t * np.logaddexp(0, -z),
            ),
            Mistake(
                "halfraw",
                "The term with 1 − t is missing, and at −800 the sigmoid is 0, which has no "
                "logarithm.",
                lambda z, t: -t * np.log(sigma(z)),
            ),
            Mistake(
                "naive",
                "Right on paper. But σ(±800) is exactly 0 or 1 in floating point, and ln 0 is "
                "infinite. Put z into the formula and simplify.",
                lambda z, t: -(t * np.log(sigma(z)) + (1 - t) * np.log(1 - sigma(z))),
            ),
            Mistake(
                "clip",
                "You clipped σ(z) at {}. Then no loss exceeds −ln of that, and a badly wrong "
                "answer has the gradient 0. Put z into the formula and simplify instead.",
                clipped_bce,
                family=EPSILONS,
            ),
            Mistake(
                "floor",
                "You let neither probability fall below {}. Then no loss exceeds −ln of that, and "
                "a badly wrong answer has the gradient 0. Put z into the formula and simplify.",
                floored_bce,
                family=EPSILONS,
            ),
            Mistake(
                "eps",
                "You added {} inside the logarithms. That changes every loss a little, and no loss "
                "exceeds −ln of that number. Put z into the formula and simplify instead.",
                padded_bce,
                family=EPSILONS,
            ),
            Mistake(
                "middle",
                "Far out your formula is right, in between it is the naive one: from z = 37 on "
                "1 − σ(z) is exactly 0, and ln 0 is infinite. Use one formula for every z.",
                naive_in_the_middle,
                family=(40, 50, 100, 200, 300, 400, 500, 600, 700, 709, 710),
            ),
            Mistake(
                "straight",
                "Far from 0 you give max(z, 0) − z·t. That leaves out ln(1 + e^(−|z|)), which "
                "is small there, but not 0.",
                straight_beyond,
                family=(5, 6, 8, 10, 12, 15, 16, 18, 20),
            ),
            Mistake(
                "cut",
                "You cut the logarithms off at −100, as PyTorch's BCELoss does. Then a badly wrong "
                "answer costs 100, whatever z is, and has the gradient 0.",
                cut_at_100,
            ),
            Mistake(
                "overflow",
                "The formula is right, but ln(1 + eᶻ) as it stands overflows: e⁸⁰⁰ is infinite. "
                "`np.logaddexp(0, z)` is the same number without the overflow.",
                lambda z, t: np.log(1 + np.exp(z)) - z * t,
            ),
            Mistake(
                "allyes",
                "That is −ln σ(z) for every sample, as if all labels were 1: there is no t in it.",
                lambda z, t: np.logaddexp(0, -z),
            ),
            Mistake(
                "swap",
                "The labels are exchanged: your loss is small where the model is wrong.",
                lambda z, t: np.logaddexp(0, z) - z * (1 - t),
            ),
            Mistake(
                "pm",
                "ln(1 + exp(−tz)) is for labels +1 and −1. With the label 0 it is ln 2, "
                "whatever z.",
                lambda z, t: np.logaddexp(0, -t * z),
            ),
            Mistake(
                "mean",
                "One loss for each sample is asked for, not one for all.",
                lambda z, t: np.full(len(z), bits_of_two(z, t).mean()),
            ),
            Mistake(
                "loose",
                "Yours is {}. The binary cross-entropy is −t ln σ(z) − (1 − t) ln(1 − σ(z)).",
                lambda z, t, name="the hinge loss": LOOSE[name](z, t),
                family=tuple(LOOSE),
            ),
        ),
        hints=(
            "Where is t in the printed formula? A loss must change when a label does.",
            "Two terms: −t ln σ(z) − (1 − t) ln(1 − σ(z)). One of them is alive for each label.",
            "−ln σ(z) = softplus(z) − z and −ln(1 − σ(z)) = softplus(z): together softplus(z) − "
            "z·t. `np.logaddexp(0, z)` is softplus.",
        ),
        section='chapter 06, section 6.6, "Yes or no"',
        proves="softplus(z) − zt: both labels, and no overflow.",
    ),
    Exercise(
        id="06.5",
        kind="find the bug",
        title="By y or by z",
        signature="dbce_dy(y, t)",
        worked=worked.dbce_dy,
        reference=lambda y, t: (1 - t) / (1 - y) - t / y,
        cases=probability_cases,
        mistakes=(
            Mistake(
                "printed",
                "That is the printed −1, for every y. The derivative of −ln y is −1/y, which is −1 "
                "at y = 1 only.",
                lambda y, t: -np.ones(len(y)),
            ),
            Mistake(
                "half",
                "The second term is missing: where t = 0 the loss is −ln(1 − y), and its "
                "derivative is 1/(1 − y).",
                lambda y, t: -t / y,
            ),
            Mistake(
                "otherhalf",
                "The first term is missing: where t = 1 the loss is −ln y, and its derivative is "
                "−1/y.",
                lambda y, t: (1 - t) / (1 - y),
            ),
            Mistake(
                "times",
                "You multiplied by y(1 − y). That factor leads from the derivative for y on to the "
                "logit; in the derivative for y itself it is a divisor.",
                lambda y, t: (y - t) * y * (1 - y),
            ),
            Mistake(
                "value",
                "That is the loss itself. Its derivative with respect to y is asked for.",
                lambda y, t: -t * np.log(y) - (1 - t) * np.log(1 - y),
            ),
            Mistake(
                "logit",
                "y − t is the derivative with respect to the logit z. Between y and z is the "
                "sigmoid, whose derivative y(1 − y) you have multiplied in already.",
                lambda y, t: y - t,
            ),
            Mistake(
                "ent",
                "That is the derivative of −y ln y: there is no label in it.",
                lambda y, t: -(np.log(y) + 1),
            ),
            Mistake(
                "sign",
                "The sign is wrong: for the label 1 a larger y makes the loss smaller, so the "
                "derivative is negative.",
                lambda y, t: t / y - (1 - t) / (1 - y),
            ),
            Mistake(
                "plus",
                "The inner derivative is missing: 1 − y falls when y rises, so −ln(1 − y) has the "
                "derivative +1/(1 − y).",
                lambda y, t: -t / y - (1 - t) / (1 - y),
            ),
            Mistake(
                "clip",
                "You clipped y at {} first. y is strictly between 0 and 1, so nothing is divided "
                "by 0, and where y is small the derivative is really as large as 1/y.",
                slope_of_clipped,
                family=EPSILONS,
            ),
            Mistake(
                "eps",
                "You added {} to the denominators. y is strictly between 0 and 1, so nothing is "
                "divided by 0, and where y is small the derivative is really as large as 1/y.",
                slope_padded,
                family=EPSILONS,
            ),
            Mistake(
                "epsprod",
                "You added {} to y(1 − y). y is strictly between 0 and 1, so nothing is divided by "
                "0, and where y is small the derivative is really as large as 1/y.",
                slope_padded_below,
                family=EPSILONS,
            ),
            Mistake(
                "otherslope",
                "Yours is {}. Differentiate −t ln y − (1 − t) ln(1 − y) term by term.",
                lambda y, t, name="1/y": SLOPES[name](y, t),
                family=tuple(SLOPES),
            ),
            Mistake(
                "averaged",
                "You divided by the number of samples. Sample by sample nothing is averaged.",
                lambda y, t: (y - t) / (y * (1 - y)) / len(y),
            ),
        ),
        hints=(
            "Differentiate −t ln y − (1 − t) ln(1 − y) term by term.",
            "−t/y from the first, +(1 − t)/(1 − y) from the second.",
            "On one denominator: (y − t)/(y(1 − y)).",
        ),
        section='chapter 06, section 6.6, "Yes or no"',
        proves="(y − t)/(y(1 − y)) for y; times the sigmoid's derivative y(1 − y) it is y − t.",
    ),
    Exercise(
        id="06.6",
        kind="find the bug",
        title="Roots of batches",
        signature="epoch_rmse(roots, sizes)",
        worked=worked.epoch_rmse,
        reference=lambda roots, sizes: math.sqrt(np.average(roots**2, weights=sizes)),
        cases=epoch_cases,
        mistakes=(
            Mistake(
                "plain",
                "The mean of the roots: a small batch counts as much as a large one, and a root is "
                "no mean. Square, weigh by the sizes, and take the root last.",
                lambda roots, sizes: roots.mean(),
            ),
            Mistake(
                "rooted",
                "You weighted the roots themselves. What adds up over the samples are the squares: "
                "undo the root of each batch first, and take one root at the end.",
                lambda roots, sizes: np.average(roots, weights=sizes),
            ),
            Mistake(
                "noroot",
                "That is the mean square of all samples. The root is still to come.",
                lambda roots, sizes: np.average(roots**2, weights=sizes),
            ),
            Mistake(
                "unsized",
                "You squared, and then gave every batch the same weight: four samples count as "
                "much as 32. Multiply each mean square by its size.",
                lambda roots, sizes: np.sqrt(np.mean(roots**2)),
            ),
            Mistake(
                "twice",
                "You took a root of roots. They are roots already: square them first.",
                lambda roots, sizes: np.sqrt(np.average(roots, weights=sizes)),
            ),
            Mistake(
                "last",
                "That is the number of the last batch, not that of the epoch.",
                lambda roots, sizes: roots[-1],
            ),
            Mistake(
                "undiv",
                "That is the root of the total over all samples. Divide by the number of samples "
                "before you take it.",
                lambda roots, sizes: np.sqrt((roots**2 * sizes).sum()),
            ),
            Mistake(
                "late",
                "You divided by the number of samples after the root. The mean comes first: "
                "divide, then take the root.",
                lambda roots, sizes: np.sqrt((roots**2 * sizes).sum()) / sizes.sum(),
            ),
            Mistake(
                "batches",
                "You made sums of the mean squares and then divided by the number of batches. It "
                "is the samples that were added up, so divide by their number.",
                lambda roots, sizes: np.sqrt((roots**2 * sizes).mean()),
            ),
            Mistake(
                "full",
                "You divided by the samples that there would be if every batch were as large as "
                "the first.",
                lambda roots, sizes: np.sqrt((roots**2 * sizes).sum() / (len(sizes) * sizes[0])),
            ),
            Mistake(
                "sumn",
                "You added up mean squares and divided by samples: each stands for its batch, so "
                "multiply it by its size first.",
                lambda roots, sizes: np.sqrt((roots**2).sum() / sizes.sum()),
            ),
            Mistake(
                "sizefirst",
                "You multiplied each root by its size and squared both. The size counts the "
                "samples, and each counts once: square the root alone.",
                lambda roots, sizes: np.sqrt(((roots * sizes) ** 2).sum() / sizes.sum()),
            ),
            Mistake(
                "rootsizes",
                "You weighted by the roots of the sizes. A size counts samples: square the root of "
                "each batch, multiply by its size.",
                lambda roots, sizes: np.average(roots, weights=np.sqrt(sizes)),
            ),
            Mistake(
                "nolast",
                "You left the last batch out. It has few samples, and each counts as the others "
                "do.",
                lambda roots, sizes: np.sqrt((roots**2 * sizes)[:-1].sum() / sizes[:-1].sum()),
            ),
            Mistake(
                "minus1",
                "You divided by the number of samples minus 1, as for an estimated variance. A "
                "mean divides by their number.",
                lambda roots, sizes: np.sqrt((roots**2 * sizes).sum() / (sizes.sum() - 1)),
            ),
            Mistake(
                "median",
                "You took the median of the batches. The task asks for the mean over the samples.",
                lambda roots, sizes: np.median(roots),
            ),
            Mistake(
                "sumofroots",
                "You added up the roots. Square them, multiply by the sizes, take the mean, and "
                "then the root.",
                lambda roots, sizes: roots.sum(),
            ),
            Mistake(
                "largest",
                "That is the largest of the batches. The task asks for the mean over the samples.",
                lambda roots, sizes: roots.max(),
            ),
            Mistake(
                "nosquare",
                "That is the total of the squares over all samples. Divide by their number, and "
                "take the root.",
                lambda roots, sizes: (roots**2 * sizes).sum(),
            ),
            Mistake(
                "sizesquared",
                "You squared the sizes too. A size counts samples, and each counts once.",
                lambda roots, sizes: np.sqrt(np.average(roots**2, weights=sizes**2)),
            ),
            Mistake(
                "doubly",
                "You divided by the number of batches as well. Once by the number of samples is "
                "enough.",
                lambda roots, sizes: np.sqrt(np.average(roots**2, weights=sizes) / len(sizes)),
            ),
            Mistake(
                "harmonic",
                "You averaged 1 over the roots. What adds up over the samples are the squares.",
                lambda roots, sizes: 1 / np.average(1 / roots, weights=sizes),
            ),
            Mistake(
                "onebatch",
                "You took the largest of the batches in the place of their sum.",
                lambda roots, sizes: np.sqrt((roots**2 * sizes).max() / sizes.sum()),
            ),
        ),
        hints=(
            "Undo the root, then the mean: what was the sum of the squares in each batch?",
            "root² · size. Add these up over the batches, and divide by the number of samples.",
            "That is the mean square of a sample; its root, `np.sqrt`, is asked for.",
        ),
        section='chapter 06, section 6.10, "Shapes and batches"',
        proves="Back to what adds up, then the mean, then the root.",
    ),
    Exercise(
        id="06.7",
        kind="find the bug",
        title="A column against a row",
        signature="pinball(y, t, q)",
        worked=worked.pinball,
        reference=one_by_one,
        cases=column_cases,
        mistakes=(
            Mistake(
                "cast",
                "Your difference has the shape (n, n): every output is compared with every target.",
                lambda y, t, q: pinballs(t - y, q).mean(),
            ),
            Mistake(
                "overn",
                "You divided by n, but the difference still has the shape (n, n): these are n² "
                "losses, every output against every target.",
                lambda y, t, q: pinballs(t - y, q).sum() / len(t),
            ),
            Mistake(
                "sqz",
                "`y[0]` is the first row, so the first output alone is compared with every "
                "target. The column is `y[:, 0]`.",
                lambda y, t, q: pinballs(t - y[0], q).mean(),
            ),
            Mistake(
                "sum_",
                "You added up the losses. Their mean is asked for.",
                lambda y, t, q: pinballs(t - y[:, 0], q).sum(),
            ),
            Mistake(
                "turned",
                "Your error is y − t. With it q weighs the outputs that are too large; asked for "
                "is t − y, positive where the output is too small.",
                lambda y, t, q: pinballs(y[:, 0] - t, q).mean(),
            ),
            Mistake(
                "castturned",
                "Two things: your difference has the shape (n, n), every output against every "
                "target, and it is y − t, where t − y is asked for.",
                lambda y, t, q: pinballs(y - t, q).mean(),
            ),
            Mistake(
                "signed",
                "You took the loss of the mean error. Errors of opposite sign cancel in it: the "
                "loss of each first, then the mean.",
                lambda y, t, q: pinballs((t - y[:, 0]).mean(), q),
            ),
            Mistake(
                "alike",
                "You weighed both sides with q. Outputs that are too large count 1 − q.",
                lambda y, t, q: q * np.abs(t - y[:, 0]).mean(),
            ),
            Mistake(
                "mae",
                "That is the mean absolute error. q is missing in it.",
                lambda y, t, q: np.abs(t - y[:, 0]).mean(),
            ),
            Mistake(
                "half",
                "Outputs that are too large cost nothing in yours. They count 1 − q.",
                lambda y, t, q: q * np.maximum(t - y[:, 0], 0).mean(),
            ),
            Mistake(
                "negative",
                "Where the output is too large your loss is negative: it is (q − 1) times e "
                "there, and both are negative.",
                lambda y, t, q: np.where(t > y[:, 0], q, 1 - q) @ (t - y[:, 0]) / len(t),
            ),
            Mistake(
                "square",
                "You squared the errors. The pinball loss grows in straight lines.",
                lambda y, t, q: np.where(t > y[:, 0], q, 1 - q) @ (t - y[:, 0]) ** 2 / len(t),
            ),
            Mistake(
                "otherloss",
                "The shapes are right, the formula has changed: yours is {}. The printed one is "
                "the larger of q·e and (q − 1)·e.",
                lambda y, t, q, name="the mean of the squares": OF_ERRORS[name](
                    t - y[:, 0], q
                ).mean(),
                family=tuple(OF_ERRORS),
            ),
            Mistake(
                "sorted",
                "You sorted outputs and targets. Each output belongs to the target of its own row.",
                matched_by_size,
            ),
            Mistake(
                "twice",
                "You divided by n twice: `mean` does it once.",
                lambda y, t, q: pinballs(t - y[:, 0], q).mean() / len(t),
            ),
            Mistake(
                "terms",
                "Those are the single losses. Their mean is asked for.",
                lambda y, t, q: pinballs(t - y[:, 0], q),
            ),
            Mistake(
                "first",
                "You compared the first row alone. The column is `y[:, 0]`, `y[0]` is the first "
                "row.",
                lambda y, t, q: pinballs(t[0] - y[0, 0], q),
            ),
        ),
        hints=(
            "Print `(t - y).shape`.",
            "Give both the same number of axes before you subtract.",
            "`y[:, 0]` is the column as a vector of n numbers. The rest of the function can stay.",
        ),
        section='chapter 06, section 6.10, "Shapes and batches"',
        proves="The same shape first, then the difference.",
    ),
    Exercise(
        id="06.8",
        kind="implement",
        title="Huber, turned round",
        signature="berhu_grad(e, d)",
        worked=worked.berhu_grad,
        reference=lambda e, d: np.sign(e) * np.maximum(1, np.abs(e) / d),
        cases=error_cases,
        mistakes=(
            Mistake(
                "huber",
                "That is the derivative of Huber's own loss. Here it is the other way round: a "
                "straight line near 0, a square beyond d.",
                lambda e, d: np.clip(e, -d, d),
            ),
            Mistake(
                "smooth",
                "You exchanged the two regions: that is smooth L1, a square near 0 and straight "
                "beyond. Here the straight line is inside.",
                lambda e, d: np.clip(e, -d, d) / d,
            ),
            Mistake(
                "mae",
                "Your derivative is ±1 everywhere. Beyond d the loss is a square, and its "
                "derivative grows with e.",
                lambda e, d: np.sign(e),
            ),
            Mistake(
                "mse",
                "Your derivative is e/d everywhere. Inside, the loss is |e|, whose derivative is "
                "+1 or −1 however small e is.",
                lambda e, d: e / d,
            ),
            Mistake(
                "nod",
                "Outside your derivative is e, so it jumps at the limit. The square is divided by "
                "2d: e/d is left.",
                lambda e, d: np.where(np.abs(e) <= d, np.sign(e), e),
            ),
            Mistake(
                "double",
                "Outside, the 2 of the square cancels the 2 in 2d: e/d is left.",
                lambda e, d: np.where(np.abs(e) <= d, np.sign(e), 2 * e / d),
            ),
            Mistake(
                "both",
                "You differentiated d² as well. d is a constant: of e² + d² only 2e is left.",
                lambda e, d: np.where(np.abs(e) <= d, np.sign(e), (e + d) / d),
            ),
            Mistake(
                "abs_",
                "Your derivative has lost its sign: it is negative where the error is.",
                lambda e, d: np.where(e == 0, 0.0, np.maximum(1, np.abs(e) / d)),
            ),
            Mistake(
                "one",
                "Inside your derivative is +1 on both sides. Where the error is negative, it is "
                "−1.",
                lambda e, d: np.where(np.abs(e) <= d, 1.0, e / d),
            ),
            Mistake(
                "nosign",
                "Outside your derivative is positive on both sides. Where the error is negative, "
                "it is negative too: e/d.",
                lambda e, d: np.where(np.abs(e) <= d, np.sign(e), np.abs(e) / d),
            ),
            Mistake(
                "e",
                "Inside your derivative is e, that of a square. The loss there is |e|, whose "
                "derivative is +1 or −1.",
                lambda e, d: np.where(np.abs(e) <= d, e, e / d),
            ),
            Mistake(
                "value",
                "That is the loss itself. Its derivative with respect to e is asked for.",
                berhu,
            ),
            Mistake(
                "at0",
                "At e = 0 your derivative is 1. There |e| has a kink, and the text says 0.",
                lambda e, d: np.where(e >= 0, 1, -1) * np.maximum(1, np.abs(e) / d),
            ),
            Mistake(
                "at0minus",
                "At e = 0 your derivative is −1. There |e| has a kink, and the text says 0.",
                lambda e, d: np.where(e > 0, 1, -1) * np.maximum(1, np.abs(e) / d),
            ),
            Mistake(
                "gap",
                "Where |e| is exactly d your derivative is 0: neither `<` nor `>` holds there. "
                "Both formulas give ±1, so let one of them have the limit.",
                gap_at_the_limit,
            ),
            Mistake(
                "nan",
                "You divide by |e|, and an error of 0 gives 0/0. `np.sign(e)` is 0 there, and no "
                "division is needed.",
                divided_by_size,
            ),
            Mistake(
                "eps",
                "You divide by |e| + {}, so every derivative is a little too small. `np.sign(e)` "
                "needs no division.",
                divided_by_padded_size,
                family=EPSILONS,
            ),
            Mistake(
                "difference",
                "That is a central difference with the step {}. Near 0 it reaches over the kink. "
                "Differentiate the two formulas.",
                slope_of_berhu,
                family=(1e-1, 1e-2, 1e-3, 1e-4, 1e-5),
            ),
            Mistake(
                "outside",
                "Beyond the limit your derivative is {}. Differentiate (e² + d²)/2d; d is a "
                "constant.",
                with_outside,
                family=tuple(OUTSIDE),
            ),
            Mistake(
                "noabs",
                "You compared e with d, without its size: a large negative error lies outside "
                "too, |e| > d.",
                lambda e, d: np.where(e <= d, np.sign(e), e / d),
            ),
            Mistake(
                "scaled",
                "Your derivative is d times what it should be: that of d·|e| inside and of "
                "½(e² + d²) outside.",
                lambda e, d: d * np.sign(e) * np.maximum(1, np.abs(e) / d),
            ),
            Mistake(
                "insideloss",
                "Inside your derivative is |e|, the loss. Its derivative is +1 or −1, the sign of "
                "e.",
                lambda e, d: np.where(np.abs(e) <= d, np.abs(e), e / d),
            ),
            Mistake(
                "added",
                "You added the two parts. Each error lies in one of the two regions: choose, with "
                "`np.where`.",
                lambda e, d: np.sign(e) + e / d,
            ),
            Mistake(
                "limit1",
                "You took 1 for the limit. It is d.",
                lambda e, d: np.where(np.abs(e) <= 1, np.sign(e), e / d),
            ),
        ),
        hints=(
            "Two regions: |e| inside, (e² + d²)/2d outside. Differentiate each; d is a constant.",
            "±1 inside, by the sign of e; e/d outside. They meet at |e| = d.",
            "In one line it is the sign of e times the larger of two numbers, `np.maximum`.",
        ),
        section='chapter 06, section 6.4, "A stray point"',
        proves="At least 1 near the goal, and in proportion to the error far from it.",
    ),
    Exercise(
        id="06.9",
        kind="read a curve",
        title="Four gradients",
        signature="names()",
        results=("A", "B", "C", "D"),
        reference=("hinge", "square", "bce", "sigmoid"),
        mistakes=(
            Mistake(
                "bigpush",
                "You took the curve that fades on the left for BCE. Where the answer is badly "
                "wrong the gradient of BCE is largest, and that of the square on a sigmoid all but "
                "0.",
                ("hinge", "square", "sigmoid", "bce"),
            ),
            Mistake(
                "zeroflat",
                "You took the curve with the corner for BCE. The gradient of BCE never becomes 0; "
                "that of the hinge does, from the margin on.",
                ("bce", "square", "hinge", "sigmoid"),
            ),
            Mistake(
                "unbounded",
                "You took the straight line for BCE. The gradient of BCE stays within ±1; the line "
                "is the square, whose gradient grows with the error.",
                ("hinge", "bce", "square", "sigmoid"),
            ),
            Mistake(
                "satur",
                "You took the curve that fades on both sides for the hinge. The hinge's gradient "
                "is −1 or 0 and nothing between.",
                ("sigmoid", "square", "bce", "hinge"),
            ),
            Mistake(
                "AB",
                "You exchanged A and B. A is constant and has a corner: it is the hinge. B is a "
                "straight line, as the gradient of a square is.",
                ("square", "hinge", "bce", "sigmoid"),
            ),
            Mistake(
                "BD",
                "You exchanged B and D. The gradient of the square on z itself grows without end, "
                "as B does; on the sigmoid it fades on both sides.",
                ("hinge", "sigmoid", "bce", "square"),
            ),
        ),
        hints=(
            "Far to the left the answer is badly wrong. Which curve fades there?",
            "Which one is exactly 0 from a certain z on, and which one is a straight line?",
            "The corner at z = 1 is the hinge's margin; the line is the square; the one that goes "
            "from −1 to 0 smoothly is p − t.",
        ),
        section='chapter 06, section 6.6, "Yes or no"',
        proves="The value of a loss is one thing, its gradient another.",
    ),
    Exercise(
        id="06.10",
        kind="extend",
        title="A gradient from centre to centre",
        signature="diou(a, b)",
        worked=worked.diou,
        reference=from_centres,
        cases=box_cases,
        mistakes=(
            Mistake(
                "iou",
                "That is the plain IoU. Where the boxes are apart it is 0, however far.",
                overlap_only,
            ),
            Mistake(
                "giou",
                "That is GIoU, whose penalty is an empty area. Here it is the distance of the "
                "centres, squared, over the squared diagonal of the box round both.",
                lambda a, b: overlap_only(a, b) - empty_share(a, b),
            ),
            Mistake(
                "noclamp",
                "A side of the intersection may come out negative: then there is none. Two "
                "negative sides even make a positive area.",
                unclamped,
            ),
            Mistake(
                "clampprod",
                "You clamped the area, not the sides. Where the boxes are apart in both "
                "directions, both sides are negative, and their product is positive again.",
                clamped_product,
            ),
            Mistake(
                "onlyapart",
                "You subtract the penalty only where the boxes do not overlap. It belongs to every "
                "pair: overlapping boxes, too, can have different centres.",
                lambda a, b: overlap_only(a, b) or from_centres(a, b),
            ),
            Mistake(
                "union",
                "You counted the intersection twice: the union is A + B − I.",
                counted_twice,
            ),
            Mistake(
                "loss",
                "That is the loss, 1 − DIoU. DIoU itself is asked for.",
                lambda a, b: 1 - from_centres(a, b),
            ),
            Mistake(
                "unsquared",
                "Your penalty is a distance over a diagonal. Both are to be squared.",
                lambda a, b: overlap_only(a, b) - math.sqrt(penalty(a, b)),
            ),
            Mistake(
                "norm",
                "You squared the distance and not the diagonal. Both are to be squared.",
                lambda a, b: overlap_only(a, b) - distance2(a, b) / math.sqrt(diagonal2(a, b)),
            ),
            Mistake(
                "area",
                "You divided by the area of the box round both. It is the square of its diagonal: "
                "width² + height².",
                lambda a, b: overlap_only(a, b) - distance2(a, b) / areas(a, b)[3],
            ),
            Mistake(
                "doubled",
                "Your centres are sums of two ends, and so twice as far apart as they are: a "
                "centre is half of that sum.",
                lambda a, b: overlap_only(a, b) - 4 * penalty(a, b),
            ),
            Mistake(
                "inner",
                "You divided by the diagonal of the intersection. The box round both goes from the "
                "smaller left end to the larger right end.",
                lambda a, b: (
                    overlap_only(a, b)
                    - distance2(a, b)
                    / np.sum((np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])) ** 2.0)
                ),
            ),
            Mistake(
                "corner",
                "You measured from lower left corner to lower left corner. The centres are in the "
                "middle of the boxes.",
                lambda a, b: overlap_only(a, b) - np.sum((a[:2] - b[:2]) ** 2.0) / diagonal2(a, b),
            ),
            Mistake(
                "fromsize",
                "You took half of the sides for the centres. A centre lies half a side from the "
                "lower left corner: half the sum of the two ends.",
                lambda a, b: (
                    overlap_only(a, b)
                    - np.sum(((a[2:] - a[:2]) / 2 - (b[2:] - b[:2]) / 2) ** 2) / diagonal2(a, b)
                ),
            ),
            Mistake(
                "plus",
                "You added the penalty. It is subtracted, and DIoU falls below 0 for boxes that "
                "lie apart.",
                lambda a, b: overlap_only(a, b) + penalty(a, b),
            ),
            Mistake(
                "minmax",
                "You exchanged the ends of the intersection: it goes from the larger left end to "
                "the smaller right end. Yours is the box round both.",
                ends_exchanged,
            ),
            Mistake(
                "sizes",
                "You took the last two numbers of a box for its width and height. They are its "
                "right and upper ends.",
                read_as_sizes,
            ),
            Mistake(
                "eps",
                "You added {} to the denominators. No box is empty, so neither is 0; small boxes "
                "come out wrong.",
                padded_areas,
                family=EPSILONS,
            ),
            Mistake(
                "epsunion",
                "You added {} to the union. No box is empty, so it is never 0; small boxes come "
                "out wrong.",
                padded_union,
                family=EPSILONS,
            ),
            Mistake(
                "penalty",
                "Yours is {}. The task asks for I/U − ρ²/c², with c² = width² + height² of the box "
                "round both.",
                with_penalty,
                family=tuple(PENALTIES),
            ),
            Mistake(
                "upper",
                "You measured from upper right corner to upper right corner. The centres are in "
                "the middle of the boxes.",
                lambda a, b: overlap_only(a, b) - np.sum((a[2:] - b[2:]) ** 2.0) / diagonal2(a, b),
            ),
            Mistake(
                "floor",
                "Your centres are rounded down, by `//`. Half of 3 is 1.5.",
                lambda a, b: (
                    overlap_only(a, b)
                    - np.sum(((a[:2] + a[2:]) // 2 - (b[:2] + b[2:]) // 2) ** 2.0) / diagonal2(a, b)
                ),
            ),
        ),
        hints=(
            "IoU as in the chapter: the sides of the intersection are 0 where they would be "
            "negative, and U = A + B − I.",
            "The centre of a box is half the sum of its two corners. The box round both goes from "
            "the smaller left end to the larger right end.",
            "ρ² and c² are each a sum of two squares, as by Pythagoras. No root is needed.",
        ),
        section='chapter 06, section 6.11, "A margin, and boxes"',
        proves="Overlap where there is one, and the way to the other centre everywhere.",
    ),
    Exercise(
        id="06.11",
        kind="extend",
        title="A batch of sentences",
        signature="sequence_nll(log_p, tokens, real)",
        worked=worked.sequence_nll,
        reference=nll_by_tokens,
        cases=sequence_cases,
        mistakes=(
            Mistake(
                "pad",
                "You counted the padding: what comes after the end of a sentence is no token.",
                lambda log_p, tokens, real: costs_of(log_p, tokens).mean(),
            ),
            Mistake(
                "denall",
                "You left the padding out of the sum and kept it in the count. Divide by the "
                "number of real tokens.",
                lambda log_p, tokens, real: (costs_of(log_p, tokens) * real).mean(),
            ),
            Mistake(
                "padsum",
                "You left the padding out of the count and kept it in the sum. What comes after "
                "the end of a sentence costs nothing.",
                lambda log_p, tokens, real: costs_of(log_p, tokens).sum() / real.sum(),
            ),
            Mistake(
                "sentences",
                "You divided by the number of sentences. That is the mean cost of a sentence; "
                "asked for is that of a real token.",
                lambda log_p, tokens, real: (costs_of(log_p, tokens) * real).sum() / len(real),
            ),
            Mistake(
                "rowmean",
                "The mean of each sentence, then the mean of those: a token of a short sentence "
                "weighs more than one of a long sentence.",
                mean_of_rows,
            ),
            Mistake(
                "sum",
                "That is the sum. Divide by the number of real tokens.",
                lambda log_p, tokens, real: (costs_of(log_p, tokens) * real).sum(),
            ),
            Mistake(
                "sign",
                "The logarithm of a probability is negative; the loss is minus it.",
                lambda log_p, tokens, real: -nll_by_tokens(log_p, tokens, real),
            ),
            Mistake(
                "meanp",
                "You averaged probabilities and took the logarithm last. Steps multiply, so "
                "their logarithms add: the logarithm first.",
                lambda log_p, tokens, real: (
                    -np.log((np.exp(-costs_of(log_p, tokens)) * real).sum() / real.sum())
                ),
            ),
            Mistake(
                "shift",
                "Your tokens are moved by one place: the step j is judged by token j.",
                next_token,
            ),
            Mistake(
                "front",
                "You took the first places of each sentence for its real tokens. Padding may stand "
                "anywhere: `real` says where.",
                up_to_the_count,
            ),
            Mistake(
                "eps",
                "You added {} to the count. At least one token is real, so nothing is divided by "
                "0, and the mean comes out too small.",
                padded_count,
                family=EPSILONS,
            ),
            Mistake(
                "perplexity",
                "That is the perplexity, e to the power of the mean. The mean itself is asked for.",
                lambda log_p, tokens, real: np.exp(nll_by_tokens(log_p, tokens, real)),
            ),
            Mistake(
                "likeliest",
                "You took the likeliest token at each place. The task asks for the right one, "
                "`tokens`.",
                lambda log_p, tokens, real: -(log_p.max(axis=-1) * real).sum() / real.sum(),
            ),
            Mistake(
                "allk",
                "You added up −ln p over all k tokens. Of each place one counts, the right one.",
                lambda log_p, tokens, real: -(log_p.sum(axis=-1) * real).sum() / real.sum(),
            ),
            Mistake(
                "meank",
                "You averaged −ln p over all k tokens. Of each place one counts, the right one.",
                lambda log_p, tokens, real: -(log_p.mean(axis=-1) * real).sum() / real.sum(),
            ),
            Mistake(
                "inverted",
                "You kept the padding and dropped the tokens: `real` is 1 where there is a token.",
                padding_alone,
            ),
            Mistake(
                "places",
                "The mean of each place, then the mean of those: a token at a place that few "
                "sentences reach weighs more than the others.",
                mean_of_places,
            ),
            Mistake(
                "everyindex",
                "`log_p[:, :, tokens]` pairs every place with every token. Each place has its own: "
                "`np.arange` for the first two axes.",
                lambda log_p, tokens, real: -log_p[:, :, tokens].mean(),
            ),
            Mistake(
                "longest",
                "You divided by the number of places, T. Divide by the number of real tokens.",
                lambda log_p, tokens, real: (
                    (costs_of(log_p, tokens) * real).sum() / tokens.shape[1]
                ),
            ),
            Mistake(
                "bits",
                "You counted in bits, with the logarithm to base 2. Here ln is meant.",
                lambda log_p, tokens, real: nll_by_tokens(log_p, tokens, real) / math.log(2),
            ),
            Mistake(
                "noexp",
                "That is the mean probability of the right tokens. The task asks for that of −ln "
                "p.",
                lambda log_p, tokens, real: (
                    (np.exp(-costs_of(log_p, tokens)) * real).sum() / real.sum()
                ),
            ),
            Mistake(
                "squarecount",
                "You divided by the number of real tokens twice.",
                lambda log_p, tokens, real: nll_by_tokens(log_p, tokens, real) / real.sum(),
            ),
            Mistake(
                "entropy",
                "That is the mean entropy of the model's distributions: there is no token in it.",
                lambda log_p, tokens, real: (
                    (-(np.exp(log_p) * log_p).sum(axis=-1) * real).sum() / real.sum()
                ),
            ),
            Mistake(
                "nofirst",
                "You left out the first place of each sentence. Every real token counts.",
                lambda log_p, tokens, real: (
                    (costs_of(log_p, tokens) * real)[:, 1:].sum() / max(real[:, 1:].sum(), 1)
                ),
            ),
            Mistake(
                "median",
                "You took the median of the costs. Their mean is asked for.",
                lambda log_p, tokens, real: np.median(costs_of(log_p, tokens)[real == 1]),
            ),
        ),
        hints=(
            "First an array (n, T) with −ln p of the token at each place.",
            "`log_p[np.arange(n)[:, None], np.arange(T), tokens]` picks one number at each place.",
            "Times `real`, summed, divided by `real.sum()`, with a minus.",
        ),
        section='chapter 06, section 6.8, "One loss, several names"',
        proves="−ln p of every real token, and nothing else, in the sum and in the count.",
    ),
    Exercise(
        id="06.12",
        kind="implement",
        title="KL, in the right order",
        signature="kl(t, p)",
        worked=worked.kl,
        reference=ratios,
        cases=distribution_cases,
        mistakes=(
            Mistake(
                "rev",
                "That is KL(p ‖ t): the two are swapped. The weights in front are those of the "
                "first one, t.",
                lambda t, p: (p * np.log(p / t)).sum(),
            ),
            Mistake(
                "ce",
                "That is the cross-entropy −Σ t ln p. The entropy of t is to be subtracted: KL "
                "is 0 where p = t.",
                lambda t, p: -(t * np.log(p)).sum(),
            ),
            Mistake(
                "ent",
                "That is the entropy of t; there is no p in it.",
                lambda t, p: entropy(t),
            ),
            Mistake(
                "nan",
                "Where t is 0 your term is 0 · (−∞), not a number. What never happens costs "
                "nothing: leave it out.",
                lambda t, p: (t * np.log(t / p)).sum(),
            ),
            Mistake(
                "sign",
                "The sign is wrong: p/t is in the logarithm. KL is never negative.",
                lambda t, p: -ratios(t, p),
            ),
            Mistake(
                "bits",
                "You counted in bits, with the logarithm to base 2. Here ln is meant.",
                lambda t, p: ratios(t, p) / math.log(2),
            ),
            Mistake(
                "elements",
                "You divided by the number of values, as PyTorch's kl_div does unless told "
                "otherwise. The weights t sum to 1 already: KL is the sum.",
                lambda t, p: ratios(t, p) / len(t),
            ),
            Mistake(
                "unweighted",
                "You added up the logarithms as they are. Each ln(t/p) counts as often as its "
                "value occurs, t.",
                lambda t, p: np.log(t[t > 0] / p[t > 0]).sum(),
            ),
            Mistake(
                "revmask",
                "That is KL(p ‖ t), without the values that t excludes: the two are swapped. The "
                "weights in front are those of the first one, t, and so is the numerator.",
                of_masked,
            ),
            Mistake(
                "clip",
                "You clipped p at {}. All of p is positive, so nothing is divided by 0, and a "
                "small p is really as costly as its logarithm says.",
                clipped_p,
                family=EPSILONS,
            ),
            Mistake(
                "clipboth",
                "You clipped t and p at {}. All of p is positive, and where t is 0 the term is 0: "
                "leave it out with a mask and clip nothing.",
                clipped_both,
                family=EPSILONS,
            ),
            Mistake(
                "eps",
                "You added {} to p. All of p is positive, so nothing is divided by 0, and every "
                "logarithm comes out a little wrong.",
                padded_p,
                family=EPSILONS,
            ),
            Mistake(
                "epsboth",
                "You added {} to t and to p. All of p is positive, and where t is 0 the term is 0: "
                "leave it out with a mask and add nothing.",
                padded_both,
                family=EPSILONS,
            ),
            Mistake(
                "othersum",
                "Yours is {}. The task asks for Σ t ln(t/p).",
                lambda t, p, name="Σ (t − p)²": SUMS[name](t, p),
                family=tuple(SUMS),
            ),
        ),
        hints=(
            "The first distribution does the weighting: each term is t ln(t/p). KL is their sum.",
            "A term with t = 0 is 0. Choose the others with a mask before you take a logarithm.",
            "`m = t > 0`, then `(t[m] * np.log(t[m] / p[m])).sum()`.",
        ),
        section='chapter 06, section 6.8, "One loss, several names"',
        proves="Weighted by the first, zero where nothing can happen.",
    ),
]
