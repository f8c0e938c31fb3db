"""Data sets: generated from a seed, no network, fresh arrays at every call."""

from numbers import Integral
from typing import NamedTuple

import numpy as np


def two_moons(n=100, noise=0.12, seed=0):
    """Draw `n` points on two interleaved half circles, with Gaussian noise.

    Returns (X, y): X float64 (n, 2), the two coordinates; y int64 (n,), the label: 0 on the upper
    moon, 1 on the lower one, in shuffled order, as many of each (the odd one is a 1).
    `noise` is the standard deviation, in units of the moons' radius.
    Raises ValueError for fewer than two points or negative noise.
    Source: scikit-learn, `sklearn.datasets.make_moons`.
    """
    if n < 2:
        raise ValueError(f"two moons need at least 2 points, not {n}")
    if noise < 0:
        raise ValueError(f"noise is a standard deviation, not {noise}")
    from sklearn.datasets import make_moons  # half a second: paid by those who draw moons

    return make_moons(n_samples=n, noise=noise, random_state=seed)


def xor():
    """The four corners of the unit square, labelled 1 where exactly one coordinate is 1.

    Returns (X, y): X float64 (4, 2), y int64 (4,).
    """
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array([0, 1, 1, 0])


class Split(NamedTuple):
    """Examples to learn from, and examples that only judge."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def digits(seed=0, test=0.2):
    """Split 1,797 handwritten digits; of each digit the share `test` goes to the test set.

    Returns (X_train, y_train, X_test, y_test): X float64 (n, 64), the rows of an 8 x 8 image one
    after the other, 0 for paper and 1 for ink; y int64 (n,), the digit. `seed` chooses the split.
    Raises ValueError unless `test` leaves every digit to both sides.
    Source: Alpaydin & Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, 1998, its test set, as scikit-learn bundles it (`sklearn.datasets.load_digits`).
    """
    if not 0.01 <= test <= 0.99:
        raise ValueError(f"test is the share of images kept for testing, 0.01 to 0.99, not {test}")
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    X, y = load_digits(return_X_y=True)  # a pixel counts the inked ones of 4 x 4 finer ones
    X, X_test, y, y_test = train_test_split(
        X / 16, y.astype(np.int64), test_size=test, random_state=seed, stratify=y
    )
    return Split(X, y, X_test, y_test)


def batches(n, size, rng):
    """Deal the numbers 0 to n - 1 out in batches of `size`, shuffled: one epoch.

    Returns a list of int64 arrays; the last one is shorter where `size` does not divide n.
    Raises ValueError for a number below 1, TypeError for an rng that is no Generator.
    """
    for name, number in (("n", n), ("size", size)):
        if not isinstance(number, Integral) or isinstance(number, bool):
            raise TypeError(f"batches: {name} is a number of examples, not {number!r:.60}")
        if number < 1:
            raise ValueError(f"batches: {name} is a number of examples, at least 1, not {number}")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a generator: numpy.random.default_rng(0), not {rng!r:.60}")
    order = rng.permutation(n)
    return [order[start : start + size] for start in range(0, n, size)]
