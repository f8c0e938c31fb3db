"""Data sets, and what is done to a table before and after training: split, scale, deal out, count.

Data sets are generated from a seed or come with scikit-learn, never from a network, as fresh arrays
at every call. A table of your own is used as theirs is:

    X, y, X_test, y_test = split(*wine(), test=0.25, rng=rng)
    scale = Scale(X)                                    # the training rows alone
    for rows in batches(len(X), 16, rng): …             # net(scale(X[rows])) and y[rows]
    accuracy(net(scale(X_test)), y_test)

The loop itself, with all that one adds to it, is `bookutils.train.fit`.
"""

from functools import cache
from math import prod
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np

from bookutils.phrasebook import lookup, translated

__all__ = [
    "two_moons",
    "xor",
    "digits",
    "iris",
    "wine",
    "breast_cancer",
    "diabetes",
    "Split",
    "split",
    "Scale",
    "batches",
    "accuracy",
]
__getattr__ = lookup("data")
NUMBER = "write seed=0, a number: the draws are those of scikit-learn"


def __dir__():
    return __all__


@translated(rng=NUMBER, random_state=NUMBER, n_samples="write n=100")
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


@translated(rng=NUMBER, random_state=NUMBER, test_size="write test=0.2")
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
    from sklearn.model_selection import train_test_split

    X, y = _parsed_digits()  # a pixel counts the inked ones of 4 x 4 finer ones
    X, X_test, y, y_test = train_test_split(
        X / 16, y.astype(np.int64), test_size=test, random_state=seed, stratify=y
    )
    return Split(X, y, X_test, y_test)


@cache
def _parsed_digits():
    """scikit-learn's digits; reading its file takes most of the time of a split."""
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True)


def iris():
    """150 flowers of three species of iris, four lengths in centimetres each.

    Returns (X, y): X float64 (150, 4), sepal length and width, petal length and width; y int64
    (150,), the species: 0 setosa, 1 versicolor, 2 virginica, sorted.
    Source: R. A. Fisher, The use of multiple measurements in taxonomic problems, Annals of
    Eugenics, 1936, as scikit-learn bundles it (`sklearn.datasets.load_iris`).
    """
    return _table("load_iris", np.int64)


def wine():
    """178 wines of three growers, thirteen chemical measurements each, as they were measured.

    Returns (X, y): X float64 (178, 13), in columns of very unequal size: the last one, proline,
    is about 750, the eighth below 1; y int64 (178,), the grower 0, 1 or 2, sorted.
    Source: Aeberhard & Forina, Wine, UCI Machine Learning Repository, 1991, as scikit-learn bundles
    it (`sklearn.datasets.load_wine`, which names the columns).
    """
    return _table("load_wine", np.int64)


def breast_cancer():
    """569 tumours, thirty measurements of the nuclei of their cells each.

    Returns (X, y): X float64 (569, 30), in columns of very unequal size; y int64 (569,): 0
    malignant, 1 benign.
    Source: Wolberg, Mangasarian, Street & Street, Breast Cancer Wisconsin (Diagnostic), UCI Machine
    Learning Repository, 1993, as scikit-learn bundles it (`sklearn.datasets.load_breast_cancer`).
    """
    return _table("load_breast_cancer", np.int64)


def diabetes():
    """442 patients, ten measurements each, and how far the disease went on within a year.

    Returns (X, y): X float64 (442, 10): age in years, sex 1 or 2, body mass index, blood pressure,
    six blood serum values; y float64 (442,), the progression, 25 to 346.
    Source: Efron, Hastie, Johnstone & Tibshirani, Least angle regression, Annals of Statistics,
    2004, as scikit-learn bundles it (`sklearn.datasets.load_diabetes`, here with scaled=False).
    """
    return _table("load_diabetes", np.float64, scaled=False)


def _table(loader, kind, **options):
    from sklearn import datasets

    X, y = getattr(datasets, loader)(return_X_y=True, **options)
    return np.array(X, dtype=np.float64), np.array(y, dtype=kind)


@translated(
    test_size="write test=0.25",
    random_state="write rng=numpy.random.default_rng(0)",
    stratify="write stratified=True",
    group="write groups=…, one for each row",
    shuffle="rows are always shuffled",
    train_size="write test=0.25, the share put aside",
    seed="write rng=numpy.random.default_rng(seed)",
)
def split(X, y, test=0.25, rng=None, *, stratified=False, groups=None):
    """Split a table at random: the share `test` of the rows is put aside to judge what is learned.

    X (n, …) and y (n, …), a row for each example. Returns (X_train, y_train, X_test, y_test), new
    arrays, in this order, which is not that of scikit-learn's train_test_split. `stratified` keeps
    the share of each label in y the same on both sides. `groups` (n,) says what a row is of, a
    patient or a day: the rows of one are on one side, and `test` is the share of the groups. For a
    part to choose by, split the training part once more.
    Raises ValueError for unequal lengths, a side without rows or a label that cannot be on both
    sides, TypeError for an rng that is no Generator.
    """
    X, y = np.asarray(X), np.asarray(y)
    if not X.ndim or not y.ndim or len(X) != len(y):
        raise ValueError(f"split: X {X.shape} and y {y.shape}: a row of each is an example")
    if not isinstance(test, Real) or isinstance(test, bool) or not 0 < test < 1:
        raise ValueError(
            f"split: test is a share of the rows, above 0 and below 1, not {test!r:.60}"
        )
    _check_rng(rng)
    n, n_test = len(X), round(test * len(X))
    if not 0 < n_test < n:
        raise ValueError(f"split: {test:g} of {n} rows leaves one side without any")
    if groups is not None:
        rows = _split_groups(np.asarray(groups), n, test, rng, stratified)
    elif stratified:
        from sklearn.model_selection import train_test_split

        try:
            rows = train_test_split(
                np.arange(n), test_size=n_test, stratify=y, random_state=int(rng.integers(2**32))
            )
        except ValueError as error:
            raise ValueError(f"split: these labels cannot be stratified: {error}") from None
    else:
        order = rng.permutation(n)
        rows = order[n_test:], order[:n_test]
    return Split(X[rows[0]], y[rows[0]], X[rows[1]], y[rows[1]])


def _split_groups(groups, n, test, rng, stratified):
    """Row numbers of both sides, no group on both."""
    if groups.shape != (n,):
        raise ValueError(f"split: groups {groups.shape}: one for each of the {n} rows is needed")
    if stratified:
        raise ValueError(
            "split: groups are kept whole, so labels cannot be stratified exactly: "
            "sklearn.model_selection.StratifiedGroupKFold comes as near as it can"
        )
    many = len(np.unique(groups))
    if not 0 < round(test * many) < many:
        raise ValueError(f"split: {test:g} of {many} groups leaves one side without any")
    from sklearn.model_selection import GroupShuffleSplit

    seed = int(rng.integers(2**32))
    sides = GroupShuffleSplit(1, test_size=round(test * many), random_state=seed)
    return next(sides.split(np.arange(n), groups=groups))


class Scale:
    """Mean and standard deviation of each column of X: scale(X) has mean 0 and deviation 1.

    Made from the training rows alone, and then applied to them, to the test rows and to all that
    come later: scale(X_test). `undo` takes it back, of outputs too: scale.undo(net(x)) for a target
    that was scaled. `mean` and `std` have the shape of a row; the deviation of a constant column
    counts as 1. As scikit-learn's StandardScaler, and for targets (n,) as well.
    Raises ValueError for no rows, for nan or inf, and for rows of another shape.
    """

    def __init__(self, X):
        try:
            X = np.asarray(X, dtype=float)
        except ValueError as error:
            raise ValueError(
                f"Scale: {error}: make a word numbers first, say a row of numpy.eye(words)"
            ) from None
        if not X.ndim or not len(X):
            raise ValueError(f"Scale takes rows (n, columns), not an array of shape {X.shape}")
        bad = np.argwhere(~np.isfinite(X))
        if len(bad):
            where = bad[0].tolist()
            raise ValueError(
                f"Scale: {X[tuple(where)]} at {where}: {len(bad)} of {X.size} numbers are missing "
                "or infinite; drop these rows or fill them in"
            )
        self.mean = X.mean(axis=0)
        deviation = X.std(axis=0)
        # of a constant column rounding may leave a little
        constant = deviation <= 1e-12 * np.abs(self.mean)
        self.std = np.where(constant, 1.0, deviation)

    def __call__(self, X):
        """(X - mean) / std, of rows or of a single one."""
        return (self._fitting(X) - self.mean) / self.std

    def undo(self, Z):
        """Z * std + mean: back to the numbers that were measured."""
        return self._fitting(Z) * self.std + self.mean

    def _fitting(self, X):
        X = X if hasattr(X, "shape") else np.asarray(X, dtype=float)
        shape = tuple(X.shape)
        if shape[max(len(shape) - self.mean.ndim, 0) :] != self.mean.shape:
            raise ValueError(f"this Scale is for rows of shape {self.mean.shape}, not for {shape}")
        return X

    def __repr__(self):
        columns = f"{prod(self.mean.shape)} columns" if self.mean.ndim else "1 column"
        return f"Scale({columns})"


def batches(n, size, rng=None):
    """Deal the numbers 0 to n - 1 out in batches of `size`, shuffled: one epoch.

    Returns a list of int64 arrays; the last one is shorter where `size` does not divide n.
    Raises ValueError for a number below 1, TypeError for an rng that is no Generator.
    """
    for name, number in (("n", n), ("size", size)):
        if not isinstance(number, Integral) or isinstance(number, bool):
            cure = ": write len(X)" if hasattr(number, "__len__") else ""
            raise TypeError(f"batches: {name} is a number of examples, not {number!r:.60}{cure}")
        if number < 1:
            raise ValueError(f"batches: {name} is a number of examples, at least 1, not {number}")
    _check_rng(rng)
    order = rng.permutation(n)
    return [order[start : start + size] for start in range(0, n, size)]


def accuracy(outputs, labels):
    """The share of examples whose label is the one that the outputs say, 0 to 1.

    outputs (n, classes) say the class of the largest; or they are the labels said, integers or
    booleans of the shape of `labels`. One output a row needs the border: accuracy(z > 0, labels)
    for logits, accuracy(p > 0.5, labels) for probabilities.
    Raises ValueError for shapes that do not fit, for outputs that are nan, for labels of classes
    that the outputs do not have; TypeError for labels that are no whole numbers.
    """
    said, labels = (x.numpy() if hasattr(x, "numpy") else np.asarray(x) for x in (outputs, labels))
    if not labels.size:
        raise ValueError("accuracy of no examples is 0/0")
    whole = labels.dtype.kind in "iub"
    if not whole and not (labels.dtype.kind == "f" and (labels == np.round(labels)).all()):
        raise TypeError(f"accuracy: the labels, whole numbers, come second, not {labels.dtype}")
    shapes = f"accuracy: outputs {said.shape} and labels {labels.shape}"
    classes = 2 if said.dtype.kind == "b" else None
    if said.dtype.kind == "f":
        if said.size == labels.size:
            raise ValueError(
                f"{shapes}: one output a row: say where the border between the labels is, "
                "accuracy(z > 0, labels) for logits, accuracy(p > 0.5, labels) for probabilities"
            )
        if np.isnan(said).any():
            raise ValueError("accuracy: nan is among the outputs: did the training diverge?")
        classes, said = said.shape[-1], said.argmax(axis=-1)
    if said.shape != labels.shape:
        cure = "(n, classes) and (n,) are needed, a label for every row"
        if said.size == labels.size:
            cure = f"write labels.reshape{said.shape}".replace(",)", ")")
        raise ValueError(f"{shapes}: {cure}")
    if classes:
        unknown = labels[(labels < 0) | (labels >= classes)]
        if unknown.size:
            raise ValueError(
                f"accuracy: labels are 0 … {classes - 1} here, and one is {unknown[0]}"
            )
    return float((said == labels).mean())


def _check_rng(rng):
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a generator: numpy.random.default_rng(0), not {rng!r:.60}")
