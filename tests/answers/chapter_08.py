"""Chapter 08: right answers in other forms, changes that keep a solution right."""

import cmath
import math

import numpy as np

from answers.forms import frozen, strided
from answers.reasons import TRANSPOSED_VECTOR


def rate_by_search(lams):
    """Halve the interval in which both ends tie."""
    below, above = 0.0, 2 / max(lams)
    for _ in range(200):
        eta = (below + above) / 2
        if 1 - eta * min(lams) > eta * max(lams) - 1:
            below = eta
        else:
            above = eta
    return below, abs(1 - below * max(lams))


def rate_sorted(lams):
    lams = sorted(lams.tolist())
    kappa = lams[-1] / lams[0]
    return [2 / (lams[0] * (1 + kappa)), (kappa - 1) / (kappa + 1)]


def rate_by_all(lams):
    eta = 1 / ((np.max(lams) + np.min(lams)) / 2)
    return np.float64(eta), np.abs(1 - eta * lams).max()


def momentum_number_by_number(w, v, g, lr, beta, nesterov):
    velocity = [beta * a + b for a, b in zip(v, g, strict=True)]
    ahead = [b + beta * a for a, b in zip(velocity, g, strict=True)] if nesterov else velocity
    return [a - lr * b for a, b in zip(w, ahead, strict=True)], velocity


def momentum_written_out(w, v, g, lr, beta, nesterov):
    new = g + v * beta
    if nesterov:
        return frozen(w - lr * g * (1 + beta) - lr * beta * beta * v), new
    return strided(w - lr * g - lr * beta * v), frozen(new)


def momentum_by_a_loop(w, v, g, lr, beta, nesterov):
    v, w = v.copy(), w.copy()
    v *= beta
    v += g
    for _ in range(1):
        w -= lr * (g + beta * v) if nesterov else lr * v
    return [w, v]


def adam_by_one_rate(w, m, s, t, g, lr, b1, b2, eps):
    """The corrections moved into the rate and into ε, as in section 2 of the paper."""
    m, s = m + (1 - b1) * (g - m), s + (1 - b2) * (g**2 - s)
    root = np.sqrt(1 - b2**t)
    return w - lr * root / (1 - b1**t) * m / (np.sqrt(s) + eps * root), m, s


def adam_number_by_number(w, m, s, t, g, lr, b1, b2, eps):
    found = []
    for k in range(len(w)):
        a, b = b1 * m[k] + (1 - b1) * g[k], b2 * s[k] + (1 - b2) * g[k] ** 2
        step = lr * a / (1 - b1**t) / ((b / (1 - b2**t)) ** 0.5 + eps)
        found.append((w[k] - step, a, b))
    return tuple(list(part) for part in zip(*found, strict=True))


def adam_in_place(w, m, s, t, g, lr, b1, b2, eps):
    w, m, s = w.copy(), m.copy(), s.copy()
    m *= b1
    m += (1 - b1) * g
    s *= b2
    s += (1 - b2) * np.square(g)
    w -= lr * m / (1 - np.power(b1, t)) / (np.sqrt(s / (1 - np.power(b2, t))) + eps)
    return [w, frozen(m), strided(s)]


def adamw_subtracted(w, m, s, t, g, lr, b1, b2, eps, wd):
    new, m, s = adam_by_one_rate(w, m, s, t, g, lr, b1, b2, eps)
    return new - lr * wd * w, m, s


def adamw_number_by_number(w, m, s, t, g, lr, b1, b2, eps, wd):
    return adam_number_by_number(w - wd * lr * w, m, s, t, g, lr, b1, b2, eps)


def adamw_in_place(w, m, s, t, g, lr, b1, b2, eps, wd):
    w = w.copy()
    w *= 1 - wd * lr
    return adam_in_place(w, m, s, t, g, lr, b1, b2, eps)


def factored_by_loops(G, R, C, b):
    n, m = G.shape
    rows = [b * R[i] + (1 - b) * sum(x * x for x in G[i]) / m for i in range(n)]
    columns = [b * C[j] + (1 - b) * sum(x * x for x in G[:, j]) / n for j in range(m)]
    middle = sum(rows) / n
    return rows, columns, [[r * c / middle for c in columns] for r in rows]


def factored_by_columns(G, R, C, b):
    """The mean of the columns is that of the rows."""
    square = G * G
    R, C = b * R + (1 - b) * square.mean(1), b * C + (1 - b) * square.mean(0)
    return [frozen(R), C, np.asfortranarray(R[:, None] * (C / C.mean()))]


def factored_by_einsum(G, R, C, b):
    R = R + (1 - b) * (np.einsum("ij,ij->i", G, G) / G.shape[1] - R)
    C = C + (1 - b) * (np.einsum("ij,ij->j", G, G) / G.shape[0] - C)
    return R, strided(C), np.einsum("i,j->ij", R / R.mean(), C)


def parts_by_loops(means, sizes):
    total, count = [0.0] * means.shape[1], 0
    for mean, size in zip(means, sizes, strict=True):
        total = [t + size * x for t, x in zip(total, mean, strict=True)]
        count += size
    return [t / count for t in total]


def parts_by_average(means, sizes):
    return strided(np.average(means, axis=0, weights=sizes))


def parts_by_share(means, sizes):
    return frozen(np.einsum("k,kd->d", sizes / np.sum(sizes), means))


def rate_by_interpolation(k, peak, warm, total, floor):
    if k >= total:
        return floor
    if k <= warm:
        return float(np.interp(k, [0, warm], [0.0, peak])) if warm else peak
    angle = math.pi * (k - warm) / (total - warm)
    return (peak + floor) / 2 + (peak - floor) / 2 * math.cos(angle)


def rate_by_half_angle(k, peak, warm, total, floor):
    if warm and k < warm:
        return k / warm * peak
    q = max(0.0, 1 - (k - warm) / (total - warm))
    return floor + (peak - floor) * math.sin(math.pi / 2 * q) ** 2


def rate_by_a_root_of_one(k, peak, warm, total, floor):
    k = min(k, total)
    if k < warm:
        return peak / warm * k
    turned = cmath.exp(1j * math.pi * (k - warm) / (total - warm))
    return floor + (peak - floor) * abs(1 + turned) ** 2 / 4


def noise_by_variances(sigma, n, B):
    variance = sigma**2 / B
    return variance**0.5, (variance * (1 - (B - 1) / (n - 1))) ** 0.5


def noise_by_covariances(sigma, n, B):
    both = (B * sigma**2 - B * (B - 1) * sigma**2 / (n - 1)) / B**2
    return [sigma * B**-0.5, max(both, 0.0) ** 0.5]


def noise_in_arrays(sigma, n, B):
    return np.array([sigma / np.sqrt(B), sigma * np.sqrt((n / B - 1) / (n - 1))])


BEYOND = "it changes nothing in the four decimals that are asked for"
POSITIVE = "above 0, by the text"
NOT_NEGATIVE = "not negative, by the text"
BELOW_ONE = "from 0 up to 1, by the text"
SQUARES = "an average of squares is not negative"
LINEAR = "linear in its floats: the mean of values on both sides is the value"
TINY = "1e-9 beside a whole number is below the tolerance"

RIGHT = {
    "08.1": [
        (0.13, -0.0243, -0.0806, 0.0469),
        [0.1300, -0.02425, -0.08058, 0.04695],
        lambda: np.array([0.13, -0.024254, -0.080582, 0.046947]),
    ],
    "08.2": [rate_by_search, rate_sorted, rate_by_all],
    "08.3": [momentum_number_by_number, momentum_written_out, momentum_by_a_loop],
    "08.4": [adam_by_one_rate, adam_number_by_number, adam_in_place],
    "08.5": [adamw_subtracted, adamw_number_by_number, adamw_in_place],
    "08.6": [factored_by_loops, factored_by_columns, factored_by_einsum],
    "08.7": [parts_by_loops, parts_by_average, parts_by_share],
    "08.8": [rate_by_interpolation, rate_by_half_angle, rate_by_a_root_of_one],
    "08.9": [noise_by_variances, noise_by_covariances, noise_in_arrays],
    "08.10": [
        ["memory", "momentum", "beyond", "plain"],
        ("Memory", "MOMENTUM", " beyond", "plain"),
        lambda: np.array(["memory", "momentum", "beyond", "plain"]).tolist(),
    ],
}

EQUIVALENT = {
    "08.2": {
        "abs(lams)": POSITIVE,
        "nan where 0 is in lams": POSITIVE,
    },
    "08.3": {
        "abs(lr)": POSITIVE,
        "nan where 0 is in lr": POSITIVE,
        "clip(beta, -50, 50)": BELOW_ONE,
        "abs(beta)": BELOW_ONE,
    },
    "08.4": {
        "abs(s)": SQUARES,
        "abs(lr)": POSITIVE,
        "nan where 0 is in lr": POSITIVE,
        "clip(b1, -50, 50)": BELOW_ONE,
        "abs(b1)": BELOW_ONE,
        "clip(b2, -50, 50)": BELOW_ONE,
        "abs(b2)": BELOW_ONE,
        "abs(eps)": POSITIVE,
        "nan where 0 is in eps": POSITIVE,
    },
    "08.5": {
        "abs(s)": SQUARES,
        "abs(lr)": POSITIVE,
        "nan where 0 is in lr": POSITIVE,
        "clip(b1, -50, 50)": BELOW_ONE,
        "abs(b1)": BELOW_ONE,
        "clip(b2, -50, 50)": BELOW_ONE,
        "abs(b2)": BELOW_ONE,
        "abs(eps)": POSITIVE,
        "nan where 0 is in eps": POSITIVE,
        "abs(wd)": NOT_NEGATIVE,
    },
    "08.6": {
        "return (R, C, np.outer(R, C) / R.mean()) → "
        "return (R, C, np.outer(R, C) / C.mean())": "R and C have one mean, by the text",
        "abs(G)": "G is squared, whatever its sign",
        "abs(R)": SQUARES,
        "abs(C)": SQUARES,
        "clip(b, -50, 50)": BELOW_ONE,
        "abs(b)": BELOW_ONE,
    },
    "08.7": {
        "return sizes @ means / sizes.sum() → return sizes @ means / (sizes.sum() + 1e-09)": TINY,
        "return sizes @ means / sizes.sum() → "
        "return sizes.T @ means / sizes.sum()": TRANSPOSED_VECTOR,
        "smeared": LINEAR,
    },
    "08.8": {
        "if k < warm: → if k < warm - 0.001:": "k and warm are whole numbers",
        "return peak * k / warm → return peak * k / (warm + 1e-09)": TINY,
        "q = min((k - warm) / (total - warm), 1) → "
        "q = -min((k - warm) / (total - warm), 1)": "the cosine is even",
        "q = min((k - warm) / (total - warm), 1) → "
        "q = min(1, (k - warm) / (total - warm))": "the smaller of two has no order",
        "q = min((k - warm) / (total - warm), 1) → "
        "q = min((k - warm) / (total - warm + 1e-09), 1)": TINY,
        "abs(peak)": POSITIVE,
        "nan where 0 is in peak": POSITIVE,
        "abs(floor)": NOT_NEGATIVE,
        "smeared": LINEAR,
    },
    "08.9": {
        "independent = sigma / np.sqrt(B) → independent = sigma / (np.sqrt(B) + 1e-09)": TINY,
        "independent = sigma / np.sqrt(B) → independent = sigma / np.sqrt(B + 1e-09)": TINY,
        "return (independent, independent * np.sqrt((n - B) / (n - 1))) → "
        "return (independent, independent * np.sqrt((n - B) / (n - 1 + 1e-09)))": TINY,
        "abs(sigma)": NOT_NEGATIVE,
        "smeared": LINEAR,
    },
}
