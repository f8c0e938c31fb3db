"""Chapter 00: right answers in other forms, changes that keep a solution right."""

from fractions import Fraction

import numpy as np

from answers.forms import exact
from answers.reasons import RATE_NOT_NEGATIVE


def bowl_in_steps(w):
    distance = abs(w - 3)
    distance *= distance
    return np.float64(distance)


def step_by_fractions(w, slope, lr):
    w, slope, lr = exact(w, slope, lr)
    return w - lr * slope


RIGHT = {
    "00.0": [bowl_in_steps, lambda w: w * w - 6 * w + 9, lambda w: pow(Fraction(w) - 3, 2)],
    "00.1": [
        step_by_fractions,
        lambda w, slope, lr: np.float64(w) + slope * -lr,
        lambda w, slope, lr: np.array([1, -lr]) @ [w, slope],
    ],
    "00.2": [22, 22.0, np.int64(22), lambda: (2 * 3 + 1) * 3 + 1],
}


def bowl_by_difference(w):
    """Twice the distance to a point in the middle: a secant in the place of the square."""
    return (w - 3) * np.clip(w - 3, -50, 50)


WRONG = {
    "00.0": {
        "clipped": bowl_by_difference,
        "shifted by a small number": lambda w: (w - 3 + 1e-9) ** 2,
        "by the square root of a square": lambda w: (w - 3) ** 3 / (w - 3) if w != 3 else 1.0,
        "in float32": lambda w: float(np.float32(w - 3) ** 2),
    },
    "00.1": {
        "by the sign and the size": lambda w, slope, lr: w - lr * slope**2 / (abs(slope) + 1e-12),
        "by a ratio": lambda w, slope, lr: w * (1 - lr * slope / w) if w else 0.0,
        "not where the slope is small": lambda w, slope, lr: (
            w - lr * slope if abs(slope) > 0.01 else w
        ),
        "clipped": lambda w, slope, lr: w - lr * max(-100.0, min(100.0, slope)),
    },
}

EQUIVALENT = {
    "00.0": {"return (w - 3) ** 2 → return (3 - w) ** 2": "a square has no sign"},
    "00.1": {"abs(lr)": RATE_NOT_NEGATIVE},
}
