"""Exercises of chapter 06, loss functions."""

import math

import numpy as np

from bookutils.judge.exercise import EPSILONS, Exercise, Mistake

# ---- 06.1 softmax and cross-entropy on paper

LOSS, GRADIENT = math.log(4), (-0.75, 0.625, 0.125)  # p = (2, 5, 1) / 8, label first


# ---- 06.2 three conventions


def square_cases(rng):
    """Batches with n < k, n > k, n = k, one row, one column, one number; some y equal to t."""
    easy = np.array([[2.5, -1.0], [0.5, 3.0], [1.0, 4.0]]), np.array([[1.0, 1], [2, 5], [-1, 1]])
    shapes = [(2, 5), (4, 3), (3, 3), (4, 3), (1, 4), (6, 1), (1, 1)]
    same = np.array([[1.0, -2.0], [0.0, 0.5]])
    return [
        easy,
        *((3 * rng.normal(size=s), rng.normal(size=s)) for s in shapes),
        (same, np.array([[1.0, 2.0], [0.0, -0.5]])),
        (same, same.copy()),
    ]


# ---- 06.3 log-sum-exp


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


def shifted(Z, axis=1):
    """Logits minus their maximum, and the log of the sum of their exponentials."""
    Z = Z - Z.max(axis=axis, keepdims=True)
    return Z, np.log(np.exp(Z).sum(axis=axis, keepdims=True))


def at_labels(log_p, labels):
    return log_p[np.arange(len(labels)), labels]


def surprise(Z, labels):
    """Mean of -ln p at the label, one row after the other."""
    costs = []
    for row, label in zip(Z.tolist(), labels.tolist(), strict=True):
        top = max(row)
        costs.append(top - row[label] + math.log(math.fsum(math.exp(v - top) for v in row)))
    return math.fsum(costs) / len(costs)


def log_of_softmax(Z, labels):
    p = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return -np.log(at_labels(p, labels)).mean()


def unshifted_lse(Z, labels):
    return (np.log(np.exp(Z).sum(axis=1)) - at_labels(Z, labels)).mean()


def log_of_shifted_softmax(Z, labels):
    moved, _ = shifted(Z)
    p = np.exp(moved) / np.exp(moved).sum(axis=1, keepdims=True)
    return -np.log(at_labels(p, labels)).mean()


def one_max_for_all(Z, labels):
    m = Z.max()
    return (m + np.log(np.exp(Z - m).sum(axis=1)) - at_labels(Z, labels)).mean()


def all_columns(Z, labels):
    moved, log_sum = shifted(Z)
    return -(moved - log_sum)[:, labels].mean()


def max_lost(Z, labels):
    _, log_sum = shifted(Z)
    return (log_sum[:, 0] - at_labels(Z, labels)).mean()


def clipped(Z, labels, eps=1e-12):
    moved, log_sum = shifted(Z)
    p = np.exp(moved - log_sum)
    return -np.log(np.maximum(at_labels(p, labels), eps)).mean()


def padded(Z, labels, eps=1e-9):
    moved, log_sum = shifted(Z)
    return -np.log(at_labels(np.exp(moved - log_sum), labels) + eps).mean()


def padded_unshifted(Z, labels, eps=1e-9):
    p = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    return -np.log(at_labels(p, labels) + eps).mean()


def shifted_by(Z, labels, m):
    S = Z - m
    return (np.log(np.exp(S).sum(axis=1)) - at_labels(S, labels)).mean()


def down_the_batch(Z, labels):
    moved, log_sum = shifted(Z, axis=0)
    return -at_labels(moved - log_sum, labels).mean()


def softmax_twice(Z, labels):
    moved, log_sum = shifted(Z)
    moved, log_sum = shifted(np.exp(moved - log_sum))
    return -at_labels(moved - log_sum, labels).mean()


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


def slope_of_clipped(y, t, eps=1e-7):
    p = np.clip(y, eps, 1 - eps)
    return (1 - t) / (1 - p) - t / p


def slope_padded(y, t, eps=1e-9):
    return (1 - t) / (1 - y + eps) - t / (y + eps)


def slope_padded_below(y, t, eps=1e-9):
    return (y - t) / (y * (1 - y) + eps)


# ---- 06.6 batches of unequal size


def epoch_cases(rng):
    easy = np.array([2.0, 2.0, 2.0, 10.0]), np.array([32, 32, 32, 4])
    full = [
        (rng.uniform(0.5, 4, m), np.array([size] * (m - 1) + [rest]))
        for m, size, rest in ((3, 16, 5), (5, 8, 1), (2, 64, 63))
    ]
    mixed = [(rng.uniform(0.5, 4, m), rng.integers(1, 50, m)) for m in (2, 4, 6)]
    even = np.array([0.5, 0.0, 3.0]), np.array([8, 8, 8])
    again = rng.uniform(0.5, 4, 4), np.array([32, 32, 32, 7])
    return [easy, *full, *mixed, even, again, (np.array([1.7]), np.array([9]))]


# ---- 06.7 a column against a row


def column_cases(rng):
    easy = np.array([[1.0], [2.5], [4.0]]), np.array([2.0, 2.0, 7.0])
    drawn = [(rng.normal(size=(n, 1)), 2 * rng.normal(size=n)) for n in (2, 4, 5, 9, 1, 4)]
    met = np.array([[1.0], [0.0], [-3.0]]), np.array([1.0, 0.0, 2.0])
    return [easy, *drawn, met, (np.array([[2.0], [-1.0]]), np.array([2.0, -1.0]))]


# ---- 06.8 a bounded derivative


def error_cases(rng):
    """Errors of both signs, 0, inside, outside, at the limit and close to it; limits round 1."""
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
        *(case(*pair) for pair in ((1, 0.3), (2, 1.7), (3, 0.05), (2, 5.0), (2, 0.6))),
        (np.array([-0.2, 0.9]), 3.0),
        (np.array([-7.0]), 0.4),
    ]


def gap_at_the_limit(e, d):
    return np.where(np.abs(e) == d, 0.0, np.clip(e, -d, d))


def divided_by_size(e, d):
    return e / np.abs(e) * np.minimum(np.abs(e), d)


def divided_by_padded_size(e, d, eps=1e-9):
    return e / (np.abs(e) + eps) * np.minimum(np.abs(e), d)


def slope_of_huber(e, d, h=1e-3):
    def loss(e):
        return np.where(np.abs(e) <= d, e**2 / 2, d * (np.abs(e) - d / 2))

    return (loss(e + h) - loss(e - h)) / (2 * h)


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

    sides = [(0, 0), (0, 0), (1, 0), (-1, 0), (0, 1), (1, 1), (-1, 1), (-1, -1)]
    outer = np.array([0.0, 0.0, 5.0, 4.0])
    return [
        (np.array([0.0, 0, 4, 2]), np.array([3.0, 1, 5, 4])),
        *(pair(*side) for side in sides),
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


def generalised(a, b):
    """U/C + I/U - 1 of two boxes, which is IoU - (C - U)/C."""
    A, B, both, around = areas(a, b)
    union = A + B - both
    return float(union / around + both / union - 1)


def overlap_only(a, b):
    A, B, both, _ = areas(a, b)
    return float(both / (A + B - both))


def unclamped(a, b):
    A, B, both, around = areas(a, b, clamp=False)
    union = A + B - both
    return float(both / union - (around - union) / around)


def clamped_product(a, b):
    A, B, both, around = areas(a, b, clamp=False)
    both = max(both, 0)
    union = A + B - both
    return float(both / union - (around - union) / around)


def penalty_when_apart(a, b):
    return overlap_only(a, b) or generalised(a, b)


def counted_twice(a, b):
    A, B, both, around = areas(a, b)
    union = A + B
    return float(both / union - (around - union) / around)


def penalty_over_union(a, b):
    A, B, both, around = areas(a, b)
    union = A + B - both
    return float(both / union - (around - union) / union)


def penalty_of_gap(a, b):
    A, B, both, around = areas(a, b)
    return float(both / (A + B - both) - (around - both) / around)


def penalty_added(a, b):
    A, B, both, around = areas(a, b)
    union = A + B - both
    return float(both / union + (around - union) / around)


def read_as_sizes(a, b):
    a, b = (np.concatenate([box[:2], box[:2] + box[2:]]) for box in (a, b))
    with np.errstate(all="ignore"):
        return generalised(a, b)


def ends_exchanged(a, b):
    A, B, _, around = areas(a, b)
    union = A + B - around
    with np.errstate(all="ignore"):
        return float(around / union - (around - union) / around)


def padded_areas(a, b, eps=1e-7):
    A, B, both, around = areas(a, b)
    union = A + B - both
    return float(both / (union + eps) - (around - union) / (around + eps))


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
        case(2, 6, 3, (2, 6)),
        case(4, 3, 2, (1, 3, 2, 1)),
        case(3, 3, 3, (3, 1, 2)),
        case(1, 5, 4, (3,)),
        case(2, 2, 6, (2, 2)),
        case(2, 6, 3, (5, 1)),
        case(3, 1, 4, (1, 1, 1)),
        case(1, 4, 3, (1,)),
        case(2, 3, 1, (3, 2)),
        anywhere(case(2, 4, 3, (4, 4)), [[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]]),
        anywhere(case(1, 3, 5, (3,)), [[0.0, 0.0, 1.0]]),
    ]


def costs_of(log_p, tokens):
    """-ln p of each token, shape (n, T)."""
    return -np.take_along_axis(log_p, tokens[..., None], axis=-1)[..., 0]


def nll_by_tokens(log_p, tokens, real):
    """Mean of -ln p over the real tokens, one after the other."""
    costs = [-log_p[i, j, tokens[i, j]] for i, j in zip(*np.nonzero(real), strict=True)]
    return math.fsum(costs) / len(costs)


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
        reference=(LOSS, GRADIENT),
        rtol=0.0,
        atol=6e-5,  # asked for four decimals
        mistakes=(
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
        title="Cross-entropy that survives ±1000",
        signature="cross_entropy(Z, labels)",
        reference=surprise,
        cases=logit_cases,
        mistakes=(
            Mistake(
                "naive",
                "You take the logarithm of a softmax. e¹⁰⁰⁰ is infinite and e⁻¹⁰⁰⁰ is 0 in "
                "floating point, and neither has a useful logarithm. Never leave the logarithms.",
                log_of_softmax,
            ),
            Mistake(
                "noshift",
                "Log-sum-exp is right on paper, but e¹⁰⁰⁰ is infinite: subtract each row's "
                "maximum first, and add it back outside the logarithm.",
                unshifted_lse,
            ),
            Mistake(
                "shifted",
                "Your softmax is safe, its logarithm is not: where p has become 0, ln p is "
                "infinite, shifted or not. Do without p: log-sum-exp minus the label's logit.",
                log_of_shifted_softmax,
            ),
            Mistake(
                "globalmax",
                "You subtracted one maximum from the whole batch. In a row that lies far below it "
                "every exponential becomes 0, and ln 0 is infinite: each row has its own maximum.",
                one_max_for_all,
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
                max_lost,
            ),
            Mistake(
                "clip",
                "You clipped the probability at {}. Then no loss exceeds −ln of that, and where "
                "that is reached no gradient is left.",
                clipped,
                family=EPSILONS,
            ),
            Mistake(
                "eps",
                "You added {} to the probability. That changes every loss a little, and no loss "
                "exceeds −ln of that number. Do without p: log-sum-exp minus the label's logit.",
                padded,
                family=EPSILONS,
            ),
            Mistake(
                "epsraw",
                "You added {} to the probability, and your softmax overflows: e¹⁰⁰⁰ is infinite, "
                "and infinite divided by infinite is no number. Never leave the logarithms.",
                padded_unshifted,
                family=EPSILONS,
            ),
            Mistake(
                "minshift",
                "You subtracted each row's smallest logit. Then every exponent is above 0, and the "
                "largest overflows: subtract the largest logit.",
                lambda Z, labels: shifted_by(Z, labels, Z.min(axis=1, keepdims=True)),
            ),
            Mistake(
                "meanshift",
                "You subtracted each row's mean. In a row that is spread widely the largest "
                "exponent is still far above 0 and overflows: subtract the largest logit.",
                lambda Z, labels: shifted_by(Z, labels, Z.mean(axis=1, keepdims=True)),
            ),
            Mistake(
                "sum",
                "You added up the rows. The mean over the batch is asked for.",
                lambda Z, labels: surprise(Z, labels) * len(Z),
            ),
            Mistake(
                "nonorm",
                "Minus the logit of the label: the normaliser is missing. This number has no "
                "lowest value, raising all logits lowers it for ever.",
                lambda Z, labels: -at_labels(Z, labels).mean(),
            ),
            Mistake(
                "axis",
                "You normalised down the batch. Each row is a distribution of its own: axis 1.",
                down_the_batch,
            ),
            Mistake(
                "twice",
                "You applied softmax twice: what went into the cross-entropy were probabilities "
                "already, not logits.",
                softmax_twice,
            ),
        ),
        hints=(
            "−ln p at the label is ln Σⱼ exp(zⱼ) − z at the label: no division, no softmax.",
            "ln Σ exp(z) = m + ln Σ exp(z − m) for every m. With m the row's maximum, nothing "
            "overflows.",
            "`m = Z.max(axis=1)`, `lse = m + np.log(np.exp(Z - m[:, None]).sum(axis=1))`, then the "
            "mean of `lse - Z[np.arange(len(Z)), labels]`.",
        ),
        section='chapter 06, section 6.7, "One of many"',
        proves="Log-sum-exp with the maximum taken out: no overflow, no clip.",
    ),
    Exercise(
        id="06.4",
        kind="find the bug",
        title="A loss that never looked at a label",
        signature="bce(z, t)",
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
        title="The short last batch",
        signature="epoch_loss(means, sizes)",
        reference=lambda means, sizes: float(np.average(means, weights=sizes)),
        cases=epoch_cases,
        mistakes=(
            Mistake(
                "plain",
                "The mean of the means: a small batch counts as much as a large one.",
                lambda means, sizes: means.mean(),
            ),
            Mistake(
                "last",
                "That is the loss of the last batch, not the average of the epoch.",
                lambda means, sizes: means[-1],
            ),
            Mistake(
                "undiv",
                "That is the total over all samples. Divide by the number of samples.",
                lambda means, sizes: (means * sizes).sum(),
            ),
            Mistake(
                "batches",
                "You made sums of the means and then divided by the number of batches. It is the "
                "samples that were added up, so divide by their number.",
                lambda means, sizes: (means * sizes).mean(),
            ),
            Mistake(
                "full",
                "You divided by the samples that there would be if every batch were as large as "
                "the first.",
                lambda means, sizes: (means * sizes).sum() / (len(sizes) * sizes[0]),
            ),
            Mistake(
                "sumn",
                "You added up means and divided by samples: each mean stands for its batch, so "
                "multiply it by its size first.",
                lambda means, sizes: means.sum() / sizes.sum(),
            ),
        ),
        hints=(
            "Undo the means: what was the sum of the losses in each batch?",
            "mean · size. Add these up over the batches.",
            "Divide by the number of samples: `(means * sizes).sum() / sizes.sum()`.",
        ),
        section='chapter 06, section 6.10, "Shapes and batches"',
        proves="Each batch weighs what it holds.",
    ),
    Exercise(
        id="06.7",
        kind="find the bug",
        title="A column against a row",
        signature="mse(y, t)",
        reference=lambda y, t: (
            math.fsum((a - b) ** 2 for a, b in zip(y.flat, t, strict=True)) / len(t)
        ),
        cases=column_cases,
        mistakes=(
            Mistake(
                "cast",
                "Your difference has the shape (n, n): every output is compared with every target.",
                lambda y, t: ((y - t) ** 2).mean(),
            ),
            Mistake(
                "overn",
                "You divided by n, but the difference still has the shape (n, n): these are n² "
                "squares, every output against every target.",
                lambda y, t: ((y - t) ** 2).sum() / len(t),
            ),
            Mistake(
                "sqz",
                "`y[0]` is the first row, so the first output alone is compared with every "
                "target. The column is `y[:, 0]`.",
                lambda y, t: ((y[0] - t) ** 2).mean(),
            ),
            Mistake(
                "sum_",
                "You added up the squares. Their mean is asked for.",
                lambda y, t: ((y[:, 0] - t) ** 2).sum(),
            ),
            Mistake(
                "signed",
                "You squared the mean. Errors of opposite sign cancel in it: square first.",
                lambda y, t: (y[:, 0] - t).mean() ** 2,
            ),
            Mistake(
                "half",
                "There is a ½ too many: the mean of the squares, as MSELoss has it.",
                lambda y, t: ((y[:, 0] - t) ** 2).mean() / 2,
            ),
            Mistake(
                "root",
                "You took the square root at the end. The mean of the squares is asked for.",
                lambda y, t: np.sqrt(((y[:, 0] - t) ** 2).mean()),
            ),
        ),
        hints=(
            "Print `(y - t).shape`.",
            "Give both the same number of axes before you subtract.",
            "`((y[:, 0] - t) ** 2).mean()`.",
        ),
        section='chapter 06, section 6.10, "Shapes and batches"',
        proves="The same shape first, then the difference.",
    ),
    Exercise(
        id="06.8",
        kind="implement",
        title="A gradient with a limit",
        signature="huber_grad(e, d)",
        reference=lambda e, d: (np.abs(e + d) - np.abs(e - d)) / 2,
        cases=error_cases,
        mistakes=(
            Mistake(
                "mae",
                "Your derivative is ±d everywhere. Inside the limit it is the error itself.",
                lambda e, d: d * np.sign(e),
            ),
            Mistake(
                "mse",
                "That is the derivative of ½e², without a limit: an outlier counts for as much as "
                "it likes.",
                lambda e, d: e,
            ),
            Mistake(
                "unit",
                "Outside your derivative is ±1, so it jumps at the limit. There it has reached ±d, "
                "and stays.",
                lambda e, d: np.where(np.abs(e) <= d, e, np.sign(e)),
            ),
            Mistake(
                "smooth",
                "You divided by d: that is smooth L1, whose derivative ends at ±1.",
                lambda e, d: np.clip(e, -d, d) / d,
            ),
            Mistake(
                "abs_",
                "Your derivative has lost its sign: it is negative where the error is.",
                lambda e, d: np.minimum(np.abs(e), d),
            ),
            Mistake(
                "nosign",
                "Outside your derivative is +d on both sides. Where the error is negative, it is "
                "−d.",
                lambda e, d: np.where(np.abs(e) <= d, e, d),
            ),
            Mistake(
                "oneside",
                "Your limit holds on one side only: a large negative error still counts without "
                "limit.",
                lambda e, d: np.minimum(e, d),
            ),
            Mistake(
                "ignore",
                "Outside your derivative is 0. But the loss is not flat there, it goes on as a "
                "straight line of slope ±d.",
                lambda e, d: np.where(np.abs(e) <= d, e, 0.0),
            ),
            Mistake(
                "double",
                "Inside, the ½ cancels the 2 that comes from the square: the derivative is e.",
                lambda e, d: np.where(np.abs(e) <= d, 2 * e, d * np.sign(e)),
            ),
            Mistake(
                "value",
                "That is the loss itself. Its derivative with respect to e is asked for.",
                lambda e, d: np.where(np.abs(e) <= d, e**2 / 2, d * (np.abs(e) - d / 2)),
            ),
            Mistake(
                "gap",
                "Where |e| is exactly d your derivative is 0: neither `<` nor `>` holds there. The "
                "text says |e| ≤ d, so e itself belongs there.",
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
                "That is a central difference with the step {}. At the limit it reaches over the "
                "bend, where two formulas meet. Differentiate each of them.",
                slope_of_huber,
                family=(1e-1, 1e-2, 1e-3, 1e-4, 1e-5),
            ),
        ),
        hints=(
            "Two regions: ½e² inside, d(|e| − ½d) outside. Differentiate each.",
            "e inside, ±d outside; they meet at |e| = d.",
            "`np.clip(e, -d, d)`.",
        ),
        section='chapter 06, section 6.4, "A stray point"',
        proves="The error, cut off at ±d.",
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
        title="A gradient for boxes that do not touch",
        signature="giou(a, b)",
        reference=generalised,
        cases=box_cases,
        mistakes=(
            Mistake(
                "iou",
                "That is the plain IoU. Where the boxes are apart it is 0, however far.",
                overlap_only,
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
                "pair: overlapping boxes, too, can leave empty corners in the box round both.",
                penalty_when_apart,
            ),
            Mistake(
                "union",
                "You counted the intersection twice: the union is A + B − I.",
                counted_twice,
            ),
            Mistake(
                "loss",
                "That is the loss, 1 − GIoU. GIoU itself is asked for.",
                lambda a, b: 1 - generalised(a, b),
            ),
            Mistake(
                "denU",
                "The penalty is a share of the enclosing box: (C − U)/C, not over U.",
                penalty_over_union,
            ),
            Mistake(
                "gap",
                "You counted as empty what only one of the boxes covers. Empty is what neither "
                "covers: C − U.",
                penalty_of_gap,
            ),
            Mistake(
                "plus",
                "You added the empty share. It is a penalty: it is subtracted, and GIoU falls "
                "below 0 for boxes that lie far apart.",
                penalty_added,
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
                "You added {} to the denominators. No box is empty, so neither U nor C is 0; small "
                "boxes come out wrong.",
                padded_areas,
                family=EPSILONS,
            ),
        ),
        hints=(
            "Sides of the intersection: the smaller right end minus the larger left end, and 0 "
            "where that is negative.",
            "U = A + B − I. The enclosing box C goes from the smaller left end to the larger "
            "right end.",
            "`I / U - (C - U) / C`.",
        ),
        section='chapter 06, section 6.11, "A margin, and boxes"',
        proves="Overlap where there is one, and empty space where there is none.",
    ),
    Exercise(
        id="06.11",
        kind="extend",
        title="A batch of sentences",
        signature="sequence_nll(log_p, tokens, real)",
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
