"""Chapter 00: right answers in other forms, changes that keep a solution right."""

from fractions import Fraction

import numpy as np

from answers.forms import exact


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

EQUIVALENT = {
    "00.0": {"return (w - 3) ** 2 → return (3 - w) ** 2": "a square has no sign"},
}
