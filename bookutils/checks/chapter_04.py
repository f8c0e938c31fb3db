"""Exercises of chapter 04, from scalars to tensors."""

import math

import numpy as np

from bookutils.checks import worked_04 as worked
from bookutils.checks.nearby import crossed, scaled
from bookutils.judge.exercise import BROKEN, EPSILONS, Exercise, Mistake


def array(rng, *shape):
    return rng.normal(size=shape)


# ---- 04.1 three rules on paper

X = np.array([[2.0, -1.0], [0.5, 3.0], [1.0, 1.5]])
W = np.array([[-2.0], [3.0]])
G = np.array([[1.0], [-4.0], [2.0]])
Y = X @ W + 0.5
DW, DB, DX = [2.0, -10.0], -1.0, [[-2.0, 3.0], [8.0, -12.0], [-4.0, 6.0]]  # XᵀG, ΣG, GWᵀ


# ---- 04.2 the matrix product

SIZES = [(2, 4, 3), (1, 3, 4), (4, 1, 3), (3, 4, 1), (3, 3, 3), (6, 2, 2)]  # n, i, o
SIZES += [(1, 1, 1), (4, 4, 2)]


def product_cases(rng):
    """Sizes unequal and equal, one row, one input, one output; zeros, large and small numbers."""

    def case(n, i, o):
        return array(rng, n, o), array(rng, n, i), array(rng, o, i)

    easy = (
        np.array([[2.0], [-1.0], [0.5]]),
        np.array([[1.0, 3.0], [-2.0, 0.5], [4.0, 1.5]]),
        np.array([[0.5, -3.0]]),
    )
    zeros = (
        np.array([[0.0, 2.0], [-1.0, 0.0], [3.0, 1.0]]),
        np.array([[0.0, 1.0], [2.0, 0.0], [-1.0, 0.5]]),
        np.array([[1.0, 0.0], [0.0, -2.0]]),
    )
    return [
        easy,
        zeros,
        *(case(*size) for size in SIZES),
        *crossed(case(5, 3, 2), case(5, 3, 2)),
        scaled(case(2, 3, 4), 300.0, 1e-3, 300.0),
        scaled(case(3, 2, 4), 1e-3, 300.0, 1e-3),
    ]


def by_indices(G, X, W):
    """(dW, dX) of X @ W.T."""
    return np.einsum("nk,nj->kj", G, X), np.einsum("nk,kj->nj", G, W)


# ---- 04.3 back through a broadcast

BROADCASTS = [
    ((2, 3), (3,)),
    ((5, 4, 3), (4, 1)),
    ((5, 4, 3), (5, 1, 3)),
    ((5, 4, 3), (1, 1, 3)),
    ((4, 3), (4, 1)),
    ((3, 3), (1, 3)),
    ((4, 4), (4, 1)),
    ((2, 3, 4), ()),
    ((4, 3), (4, 3)),
    ((3, 1, 2), (1, 2)),
    ((6,), (1,)),
    ((5, 4, 3), (3,)),
    ((5, 4, 3), (1,)),
    ((4, 2, 3, 2), (3, 1)),
    ((2, 3, 2, 3), (3, 1, 3)),
    ((2, 3, 1, 4), (1, 3, 1, 4)),
    ((4,), ()),
    ((3, 2), ()),
    ((), ()),
    ((1, 1), (1,)),
    ((2, 3), (3,)),
]


def broadcast_cases(rng):
    easy = np.array([[1.0, -2.0, 0.5], [4.0, 3.0, -1.5]]), (3,)
    drawn = [(array(rng, *shape), small) for shape, small in BROADCASTS]
    wide = 1e3 * array(rng, 2, 3)
    zeros = np.array([[0.0, 0.0, 3.0], [2.0, 0.0, -1.0]])
    return [
        easy,
        *drawn,
        (zeros, (3,)),
        *((wide, small) for small in ((3,), (1, 3), (2, 1), (1,), ())),
    ]


def copied_axes(G, shape):
    """The axes of G along which a broadcast from `shape` copies."""
    padded = (1,) * (G.ndim - len(shape)) + tuple(shape)
    return tuple(k for k, (n, m) in enumerate(zip(G.shape, padded, strict=True)) if n != m)


def summed_back(G, shape):
    sums = G.sum(axis=copied_axes(G, shape), keepdims=True).reshape(shape)
    return sums if shape else sums.item()


def first_copy(G, shape):
    for axis in copied_axes(G, shape):
        G = np.take(G, [0], axis=axis)
    return G.reshape(shape)


def leading_only(G, shape):
    return G.sum(axis=tuple(range(G.ndim - len(shape))))


def from_the_left(G, shape, ones=0):
    """Sums as if the axes of `shape` were the first ones of G, and the new ones the last."""
    G = G.sum(axis=tuple(range(len(shape), G.ndim)))
    return not_shifted(G, shape) if ones else G


def not_shifted(G, shape):
    """Sums over the axes of G where `shape` says 1, counted from the front of both."""
    return G.sum(axis=tuple(k for k, m in enumerate(shape) if m == 1), keepdims=True)


def largest_copy(G, shape):
    return G.max(axis=copied_axes(G, shape), keepdims=True).reshape(shape)


def one_axis_in_front(G, shape):
    if shape == ():
        return G.sum()
    if G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, m in enumerate(shape):
        if m == 1:
            G = G.sum(axis=axis, keepdims=True)
    return G


def axes_lost(G, shape, at_once=1):
    if at_once:
        return G.sum(axis=copied_axes(G, shape))
    G = leading_only(G, shape)
    for axis, m in enumerate(shape):
        if m == 1:
            G = G.sum(axis=axis)
    return G


# ---- 04.4, 04.9 counting


def size_cases(rng):
    drawn = [tuple(int(k) for k in rng.integers(2, 60, 3)) for _ in range(4)]
    edges = (7, 5, 1), (4, 3, 4), (1, 1, 1)
    return [
        *crossed((2, 3, 4), (5, 7, 11)),
        (64, 784, 256),
        (32, 1024, 1024),
        (1, 5, 7),
        (9, 1, 4),
        (6, 6, 2),
        *edges,
        *drawn,
    ]


def width_cases(rng):
    def drawn(depth):
        return tuple(int(k) for k in rng.integers(2, 50, depth))

    return [
        (5, (3, 4, 2)),
        (1, (64, 32, 10)),
        (23, (64, 32, 10)),
        (7, (2, 3)),
        (100, (5, 9, 9, 6, 1)),
        (6, (5, 9, 5, 9)),
        (3, (4, 4, 4, 4)),
        (1, (1, 1)),
        *((int(rng.integers(2, 90)), drawn(depth)) for depth in (2, 3, 4, 6)),
    ]


def weights(widths):
    return [i * o for i, o in zip(widths, widths[1:], strict=False)]


# ---- 04.5 a layer


def layer_cases(rng):
    """Units on both sides of zero in every batch; then all, none, one output, b = 0, |Z| small."""
    easy = (
        np.array([[2.0, -1.0], [0.5, 3.0], [-4.0, 1.5]]),
        np.array([[1.0], [-2.0], [3.0]]),
        np.array([[0.5, -1.0]]),
        np.array([0.25, 0.75]),
    )
    cases, sizes = [easy], [(5, 4, 3), (4, 2, 6), (1, 3, 5), (3, 5, 2), (3, 3, 3), (4, 4, 4)]
    while sizes:
        n, i, o = sizes[0]
        case = array(rng, n, o), array(rng, n, i), array(rng, i, o), array(rng, o)
        _, X, W, b = case
        Z = X @ W + b
        share = np.mean(Z > 0)
        if np.abs(Z).min() > 0.05 and 0.2 < share < 0.8 and np.mean(X > 0) < 0.9:
            cases.append(case)
            sizes.pop(0)
    for n, i, o in ((5, 3, 1), (4, 2, 1), (5, 4, 3)):
        cases.append((array(rng, n, o), array(rng, n, i), array(rng, i, o), array(rng, o)))
    G, X, W, b = cases[1]
    cases += crossed((G, X, W, b), tuple(array(rng, *part.shape) for part in cases[1]))
    cases += [(G, X, W, 0 * b), (G, X, W, b - 50), (G, X, W, b + 50)]
    cases += [scaled(cases[1], 300.0, 1, 1, 1), (G, 100 * X, 100 * W, 9000 * b)]
    zeros = (
        np.array([[2.0, 0.0], [0.0, -1.0], [1.5, 3.0]]),
        np.array([[0.0, 1.0], [-2.0, 0.0], [0.5, 3.0]]),
        np.array([[1.0, -2.0], [0.0, 1.5]]),
        np.array([0.5, -0.25]),
    )
    cases.append(zeros)
    for near in (1e-4, -1e-4, 1e-6, 5e-10, -5e-10):
        Z = X @ W
        b = np.array([near - Z[0, 0], -near - Z[1, 1], near - Z[2, 2]])
        cases.append((G, X, W, b))
    return cases


SLOPES = {
    "tanh": lambda Z: 1 - np.tanh(Z) ** 2,
    "the sigmoid": lambda Z: np.exp(-Z) / (1 + np.exp(-Z)) ** 2,
    "softplus": lambda Z: 1 / (1 + np.exp(-Z)),
}


def through_layer(G, X, W, b):
    dZ = np.where(np.einsum("nj,jk->nk", X, W) + b > 0, G, 0.0)
    return np.einsum("nk,nj->jk", dZ, X), np.einsum("nk->k", dZ), np.einsum("nk,jk->nj", dZ, W)


def mask_squeezed(G, X, W, b):
    dZ = G * (np.squeeze(X @ W + b) > 0)
    return X.T @ dZ, dZ.sum(axis=0), dZ @ W.T


def by_differences(G, X, W, b, h=1e-3):
    relu = (np.maximum(X @ W + b + h, 0) - np.maximum(X @ W + b - h, 0)) / (2 * h)
    return no_mask(G * relu, X, W, b)


def no_mask(G, X, W, b):
    return X.T @ G, G.sum(axis=0), G @ W.T


def mask_from_x(G, X, W, b):
    dW, db, dX = no_mask(G, X, W, b)
    return dW, db, dX * (X > 0)


def mask_from_g(G, X, W, b):
    return no_mask(np.where(G > 0, G, 0.0), X, W, b)


def through_mask(mask):
    """A mistake that goes back through another mask of Z."""
    return lambda G, X, W, b: no_mask(G * mask(X @ W + b), X, W, b)


def fed_with(change):
    """A mistake in which dW pairs dZ with something made of X."""

    def answer(G, X, W, b):
        _, db, dX = through_layer(G, X, W, b)
        return change(X).T @ (G * (X @ W + b > 0)), db, dX

    return answer


def turned(which):
    """A mistake with one of dW, dX transposed, or made without the transpose."""

    def answer(G, X, W, b):
        dW, db, dX = through_layer(G, X, W, b)
        return (dW.T, db, dX) if which == "dW" else (dW, db, dX.T)

    return answer


def bias_in_gradient(G, X, W, b):
    dW, db, dX = through_layer(G, X, W, b)
    return dW, db * b, dX


def bias_mean(G, X, W, b):
    dW, db, dX = through_layer(G, X, W, b)
    return dW, db / len(X), dX


def bias_total(G, X, W, b):
    dW, db, dX = through_layer(G, X, W, b)
    return dW, db.sum(), dX


def bias_along(G, X, W, b):
    dW, _, dX = through_layer(G, X, W, b)
    return dW, (G * (X @ W + b > 0)).sum(axis=1), dX


def mask_in_dx_only(G, X, W, b):
    _, _, dX = through_layer(G, X, W, b)
    return X.T @ G, G.sum(axis=0), dX


def bias_rows(G, X, W, b):
    dW, _, dX = through_layer(G, X, W, b)
    return dW, G * (X @ W + b > 0), dX


def bias_from_g(G, X, W, b):
    dW, _, dX = through_layer(G, X, W, b)
    return dW, G.sum(axis=0), dX


def value_for_slope(G, X, W, b):
    return no_mask(G * np.maximum(X @ W + b, 0.0), X, W, b)


def averaged(G, X, W, b):
    dW, db, dX = through_layer(G, X, W, b)
    return dW / len(X), db / len(X), dX


def weight_in_gradient(G, X, W, b):
    _, db, dX = through_layer(G, X, W, b)
    return W * db, db, dX


def printed_products(G, X, W, b):
    return G * W, G * b, G * W


# ---- 04.6 a step


def step_cases(rng):
    easy = (
        np.array([[1.0], [2.0], [-3.0]]),
        np.array([[2.0, -1.0, 0.5], [4.0, 3.0, -2.5]]),
        np.array([[1.0], [-2.0]]),
        0.1,
    )
    sizes = (
        (5, 0.1),
        (4, 0.25),
        (3, 0.7),
        (1, 0.3),
        (7, 0.05),
        (6, 1.5),
        (25, 0.2),
        (4, 0.0),
    )

    def case(n, lr):
        return array(rng, 3, 1), array(rng, n, 3), array(rng, n, 1), lr

    zeros = (
        np.array([[0.0], [2.0], [-1.0]]),
        np.array([[0.0, 1.0, 3.0], [2.0, 0.0, -0.5]]),
        np.array([[0.0], [4.0]]),
        0.5,
    )
    return [
        easy,
        zeros,
        *(case(*pair) for pair in sizes),
        *crossed(case(5, 0.1), case(5, 0.0123456)),
        scaled(case(4, 60.0), 200.0, 1, 300.0, 1),
        scaled(case(4, 1e-4), 1, 300.0, 1, 1),
    ]


def stepped(W, X, delta, lr):
    return np.array([[W[j, 0] - lr * np.mean(X[:, j] * delta[:, 0])] for j in range(len(W))])


# ---- 04.7 rows picked out


def take_cases(rng):
    easy = np.array([[10.0], [1.0], [5.0]]), np.array([2, 0, 2]), (4, 1)
    picks = (
        ([1, 1, 1], (3, 2)),
        ([4, 0, 4, 2], (6, 3)),
        ([0, 1, 2], (3, 3)),
        ([3, 3, 0, 3, 5, 0], (7, 2)),
        ([2], (5, 4)),
        ([0, 0, 1, 0, 1, 1, 0], (2, 1)),
        ([], (3, 2)),
        ([0, 0], (1, 3)),
        ([0], (1, 1)),
    )

    def case(idx, shape):
        return array(rng, len(idx), shape[1]), np.array(idx, dtype=int), shape

    return [
        easy,
        *(case(*pick) for pick in picks),
        *crossed(case([2, 2, 0], (3, 2)), case([1, 0, 1], (4, 2))),
        scaled(case([1, 1, 0], (3, 2)), 300.0, 1, 1),
        (np.array([[0.0, 2.0], [3.0, 0.0]]), np.array([1, 1]), (2, 2)),
    ]


def scattered(G, idx, shape):
    return (np.arange(shape[0])[:, None] == idx).astype(float) @ G


def last_report(G, idx, shape):
    out = np.zeros(shape)
    out[idx] += G
    return out


def first_report(G, idx, shape):
    out = np.zeros(shape)
    for r in range(len(idx) - 1, -1, -1):
        out[idx[r]] = G[r]
    return out


def in_order(G, idx, shape):
    out = np.zeros(shape)
    for r in range(len(idx)):
        out[r] += G[r]
    return out


def both_indexed(G, idx, shape):
    out = np.zeros(shape)
    for i in idx:
        out[i] += G[i]
    return out


def shaped_as_g(G, idx, shape):
    out = np.zeros_like(G)
    np.add.at(out, idx, G)
    return out


def only_read(G, idx, shape):
    """The sums of the rows that were read, without the others."""
    return np.array([G[idx == i].sum(axis=0) for i in np.unique(idx)])


def largest_report(G, idx, shape):
    out = np.zeros(shape)
    for i in set(idx.tolist()):
        out[i] = G[idx == i].max(axis=0)
    return out


def mean_report(G, idx, shape):
    reads = np.bincount(idx, minlength=shape[0])[:, None]
    return scattered(G, idx, shape) / np.maximum(reads, 1)


# ---- 04.8 the range of a row


def max_cases(rng):
    """No two entries of a row alike, some close; winners in every column, at and below zero too.

    Rows of a single number, and numbers of millions.
    """

    def case(n, d):
        return array(rng, n), array(rng, n, d)

    easy = np.array([2.0, -3.0]), np.array([[1.0, 5.0, 2.0], [-1.0, -4.0, -2.5]])
    shapes = ((3, 3), (6, 2), (2, 5), (1, 4), (5, 1), (2, 1))
    close = np.array([[1.0, 0.999, -2.0], [0.5, 3.0, 3.00001], [-1.0 - 1e-9, -1.0, -1.0 - 2e-9]])
    return [
        easy,
        *(case(*shape) for shape in shapes),
        *crossed(case(4, 3), case(4, 3)),
        (array(rng, 4), -np.abs(array(rng, 4, 3)) - 0.1),
        (np.array([2.0, 0.0, -1.5]), np.array([[-1.0, 0.0], [3.0, 2.0], [0.0, -4.0]])),
        (np.array([1.0, -2.0, 0.5]), close),
        (np.array([1.5, -1.0]), np.array([[2.0, 2.001], [-0.5, -0.50001]])),
        (np.array([300.0, -1e-3]), np.array([[1e6, 1e6 + 0.5, 1.0], [-2e8, -3e8, -2e8 - 1]])),
    ]


def to_the(place, G, X):
    """G put where `place`, np.argmax or np.argmin, points in each row."""
    out = np.zeros(X.shape)
    out[np.arange(len(X)), place(X, axis=1)] = G
    return out


def routed(G, X):
    return to_the(np.argmax, G, X) - to_the(np.argmin, G, X)


def marked(G, X, high, low):
    return G * (1.0 * (X == high) - 1.0 * (X == low))


def written_over(G, X):
    out = to_the(np.argmax, G, X)
    out[np.arange(len(X)), X.argmin(axis=1)] = -G
    return out


def first_kept(G, X):
    out = -to_the(np.argmin, G, X)
    out[np.arange(len(X)), X.argmax(axis=1)] = G
    return out


def close_ones_too(G, X, eps=1e-2):
    high = np.abs(X - X.max(axis=1, keepdims=True)) <= eps
    low = np.abs(X - X.min(axis=1, keepdims=True)) <= eps
    return G[:, None] * (1.0 * high - 1.0 * low)


def range_by_differences(G, X, h=1e-3):
    out = np.zeros(X.shape)
    for j in range(X.shape[1]):
        step = h * (np.arange(X.shape[1]) == j)
        out[:, j] = (np.ptp(X + step, axis=1) - np.ptp(X - step, axis=1)) / (2 * h)
    return G[:, None] * out


def all_winning_columns(G, X):
    out = np.zeros(X.shape)
    out[:, X.argmax(axis=1)] = G[:, None]
    out[:, X.argmin(axis=1)] = -G[:, None]
    return out


# ---- 04.10 softmax


def softmax_cases(rng):
    easy = (
        np.array([[1.0, 0.0, -2.0], [2.0, -1.0, 4.0]]),
        np.array([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]]),
    )

    def case(n, k):
        E = np.exp(2 * array(rng, n, k))
        return array(rng, n, k), E / E.sum(axis=1, keepdims=True)

    cases = [easy, *(case(n, k) for n, k in ((3, 4), (1, 4), (2, 2), (3, 3), (5, 6), (3, 1)))]
    cases += [*crossed(case(4, 3), case(4, 3)), scaled(case(2, 3), 300.0, 1)]
    sure = np.array([[1 - 3e-9, 1e-9, 2e-9], [1e-5, 1 - 2e-5, 1e-5]])
    return [
        *cases,
        (np.array([[1.0, -2.0], [0.0, 4.0]]), np.array([[0.5, 0.5], [0.5, 0.5]])),
        (np.array([[3.0, 3.0], [-1.0, -1.0]]), np.array([[0.25, 0.75], [0.5, 0.5]])),
        (np.array([[1.0, -2.0, 3.0], [0.0, 2.0, -1.0]]), sure),
    ]


def by_jacobian(G, P):
    return np.array([g @ (np.diag(p) - np.outer(p, p)) for g, p in zip(G, P, strict=True)])


# ---- 04.11 one sample's weights


def outer_cases(rng):
    easy = np.array([[2.0, -1.0, 0.5], [1.5, 3.0, -2.0]]), np.array([[3.0, -4.0], [0.5, 2.5]])
    sizes = (
        (2, 3, 4),
        (5, 4, 2),
        (3, 1, 3),
        (3, 2, 1),
        (4, 3, 3),
        (1, 2, 2),
        (3, 3, 2),
        (3, 3, 3),
        (1, 1, 1),
    )

    def case(n, i, o):
        return array(rng, n, i), array(rng, n, o)

    return [
        easy,
        (np.array([[0.0, 2.0], [1.5, 0.0]]), np.array([[3.0, 0.0, -1.0], [0.0, 2.0, 0.5]])),
        *(case(*size) for size in sizes),
        *crossed(case(2, 3, 4), case(2, 3, 4)),
        scaled(case(2, 3, 2), 300.0, 1),
        scaled(case(2, 3, 2), 1, 300.0),
    ]


def outers(X, D):
    return np.einsum("ni,no->nio", X, D)


# ---- 04.12 four lines

LINES = ("dY/dW", "activations", "dY/dX", "gradients")


EXERCISES = [
    Exercise(
        id="04.1",
        kind="by hand",
        title="Three rules on paper",
        signature="gradients()",
        results=("dw", "db", "dX"),
        worked=worked.gradients,
        reference=(DW, DB, DX),
        mistakes=(
            Mistake(
                "mean",
                "You divided by 3. The batch is averaged where the loss is; if it was averaged, "
                "G has the third in it already.",
                ([g / 3 for g in DW], DB / 3, DX),
            ),
            Mistake(
                "dX of X",
                "You multiplied G by X in dX. Each row of dX is G of that row times w.",
                (DW, DB, (G.ravel()[:, None] * X).tolist()),
            ),
            Mistake(
                "dX is X",
                "You return X for dX. Each row of dX is G of that row times w.",
                (DW, DB, X.tolist()),
            ),
            Mistake(
                "dw mean",
                "You divided dw by 3. The batch is averaged where the loss is; if it was averaged, "
                "G has the third in it already.",
                ([g / 3 for g in DW], DB, DX),
            ),
            Mistake(
                "dbrows",
                "You left db as one number a row. b is a single number that all rows use: their "
                "reports add.",
                (DW, G.ravel().tolist(), DX),
            ),
            Mistake(
                "noup",
                "You took 1 for the upstream gradient. Here it is G: each row has a number of its "
                "own.",
                (X.sum(axis=0).tolist(), 3.0, [[-2.0, 3.0]] * 3),
            ),
            Mistake(
                "usesY",
                "You multiplied X with the output Y. It is G, the gradient at Y, that goes back.",
                ((X.T @ Y).ravel().tolist(), DB, DX),
            ),
            Mistake(
                "sign",
                "The sign of dX is reversed: row by row it is G times w.",
                (DW, DB, [[-u, -v] for u, v in DX]),
            ),
            Mistake(
                "columns",
                "The columns of dX are exchanged: its first one belongs to −2, the first weight.",
                (DW, DB, [[v, u] for u, v in DX]),
            ),
            Mistake(
                "dxrows",
                "dX is not a multiple of w in each row: row r is G[r] times (−2, 3), both numbers.",
                (DW, DB, [[u, g] for (u, _), g in zip(DX, G[:, 0].tolist(), strict=True)]),
            ),
            Mistake(
                "usesb",
                "There is b in your dw. b is added to Xw, so it does not enter the derivative "
                "with respect to w.",
                ([g + 0.5 for g in DW], DB, DX),
            ),
            Mistake(
                "timesb",
                "You multiplied db by b. b is added with the slope 1: double b, and db stays.",
                (DW, DB / 2, DX),
            ),
            Mistake(
                "usesw",
                "You multiplied dw by w. The slope of Xw with respect to w is X: double w, and dw "
                "stays.",
                ([-2 * DW[0], 3 * DW[1]], DB, DX),
            ),
            Mistake(
                "dbabs",
                "You added up G without its signs for db. The −4 pulls the other way: 1 − 4 + 2.",
                (DW, 7.0, DX),
            ),
            Mistake(
                "dxsum",
                "You added up the rows of dX. Each row of X has a gradient of its own.",
                (DW, DB, [sum(column) for column in zip(*DX, strict=True)]),
            ),
            Mistake(
                "overinputs",
                "You divided dw by the number of weights. The reports of the rows to a weight add; "
                "nothing is averaged.",
                ([g / 2 for g in DW], DB, DX),
            ),
        ),
        hints=(
            "Shapes first: dw has two numbers as w has, db one, dX three rows of two as X has.",
            "dw: multiply each column of X with G, entry by entry, and add up. db: add up G.",
            "dX: row r is G[r] times (−2, 3).",
        ),
        section='chapter 04, section 4.2, "Numbers by hand"',
        proves="Columns of X times G; the sum of G; and each G times w.",
    ),
    Exercise(
        id="04.2",
        kind="implement",
        title="Back through a matrix product, laid out otherwise",
        signature="linear_vjp(G, X, W)",
        worked=worked.linear_vjp,
        results=("dW", "dX"),
        reference=by_indices,
        cases=product_cases,
        mistakes=(
            Mistake(
                "swap",
                "Your two results are exchanged: dW is asked for first.",
                lambda G, X, W: (G @ W, G.T @ X),
            ),
            Mistake(
                "xw",
                "Those are the rules for Y = XW, with W (i, o). Here W is (o, i) and Y = XWᵀ: ask "
                "again which product of which two arrays has the shape of W, and which that of X.",
                lambda G, X, W: (X.T @ G, G @ W.T),
                verdict=BROKEN,
            ),
            Mistake(
                "tr",
                "Both of yours are transposed. A gradient has the shape of what it belongs to.",
                lambda G, X, W: (X.T @ G, (G @ W).T),
            ),
            Mistake(
                "tw",
                "Your dW is transposed: it comes out as (i, o), as it does for Y = XW. Here W is "
                "(o, i).",
                lambda G, X, W: (X.T @ G, G @ W),
            ),
            Mistake(
                "tx",
                "Your dX is transposed: it comes out as (i, n), and X is (n, i).",
                lambda G, X, W: (G.T @ X, (G @ W).T),
            ),
            Mistake(
                "wt",
                "Your dX is G @ W.T, the rule for Y = XW. G is (n, o) and W here (o, i): they "
                "share the o as they are. Among squares G @ W.T fits, and is wrong.",
                lambda G, X, W: (G.T @ X, G @ W.T),
                verdict=BROKEN,
            ),
            Mistake(
                "noup",
                "You left out G, as if all of it were 1. Each entry of Y has its own number in G.",
                lambda G, X, W: (np.ones(G.shape).T @ X, np.ones(G.shape) @ W),
            ),
            Mistake(
                "mean",
                "Your dW is an average over the rows. Every row uses the same W: their reports "
                "add. (A 1/n belongs to the loss, and comes in G.)",
                lambda G, X, W: (G.T @ X / len(X), G @ W),
            ),
            Mistake(
                "means",
                "Both of yours are divided by n. Every row uses the same W, so the reports to W "
                "add, and those to X have nothing to be averaged over. (A 1/n comes in G.)",
                lambda G, X, W: (G.T @ X / len(X), G @ W / len(X)),
            ),
            Mistake(
                "avgX",
                "You averaged X before you multiplied by G. Row r of X belongs to row r of G: "
                "multiply first, then add.",
                lambda G, X, W: (np.outer(G.sum(axis=0), X.mean(axis=0)), G @ W),
            ),
            Mistake(
                "win",
                "Your dW contains W. The slope of XWᵀ with respect to W is X: double W with the "
                "same G, and dW must stay.",
                lambda G, X, W: (G.T @ X * W, G @ W),
            ),
            Mistake(
                "xin",
                "Your dX contains X. The slope of XWᵀ with respect to X is W: double X with the "
                "same G, and dX must stay.",
                lambda G, X, W: (G.T @ X, G @ W * X),
            ),
            Mistake(
                "notr",
                "You multiplied G by X without a transpose. Among squares that fits, and is wrong; "
                "at unequal sizes it does not even fit.",
                lambda G, X, W: (G @ X, G @ W),
                verdict=BROKEN,
            ),
            Mistake(
                "notrx",
                "You multiplied X by G without a transpose. Among squares that fits, and is wrong; "
                "at unequal sizes it does not even fit.",
                lambda G, X, W: (X @ G, G @ W),
                verdict=BROKEN,
            ),
            Mistake(
                "last",
                "Of all the reports to an entry you kept the last one: `=` where `+=` belongs.",
                lambda G, X, W: (np.outer(G[-1], X[-1]), np.outer(G[:, -1], W[-1])),
            ),
            Mistake(
                "lastW",
                "Your dW is the report of the last sample: `=` where `+=` belongs, or a loop that "
                "forgets the others.",
                lambda G, X, W: (np.outer(G[-1], X[-1]), G @ W),
            ),
            Mistake(
                "firstW",
                "Your dW is the report of the first sample alone. Every row uses W: their reports "
                "add.",
                lambda G, X, W: (np.outer(G[0], X[0]), G @ W),
            ),
            Mistake(
                "forward",
                "Your dX is X @ W.T, the forward pass. G, the gradient at Y, is what goes back "
                "through W.",
                lambda G, X, W: (G.T @ X, X @ W.T),
            ),
            Mistake(
                "elementwise",
                "You multiplied entry by entry, with `*`. A matrix product goes back as a matrix "
                "product, `@`.",
                lambda G, X, W: (G * X, G * W),
                verdict=BROKEN,
            ),
            Mistake(
                "meanX",
                "Your dX is divided by n. Each row of X is used in its own row of Y alone: there "
                "is nothing to be averaged.",
                lambda G, X, W: (G.T @ X, G @ W / len(X)),
            ),
        ),
        hints=(
            "Shapes first: dW is (o, i), dX is (n, i). What has to be summed over in each?",
            "dW: the n rows are summed over, in a product of G and X. dX: the o outputs are summed "
            "over, in a product of G and W.",
            "Y_rk = Σ_j X_rj W_kj. So dW_kj = Σ_r G_rk X_rj, and dX_rj = Σ_k G_rk W_kj: read off "
            "which one needs a transpose.",
        ),
        section='chapter 04, section 4.5, "The gradient of a matrix product"',
        proves="Shapes propose GᵀX and GW, indices prove them.",
    ),
    Exercise(
        id="04.3",
        kind="implement",
        title="Back through a broadcast",
        signature="unbroadcast(G, shape)",
        worked=worked.unbroadcast,
        reference=summed_back,
        cases=broadcast_cases,
        mistakes=(
            Mistake(
                "mean",
                "You averaged over the copies. Each copy works with full weight, so their reports "
                "add.",
                lambda G, shape: G.mean(axis=copied_axes(G, shape), keepdims=True).reshape(shape),
            ),
            Mistake(
                "first",
                "You kept the report of one copy. All copies are the same number, used many times.",
                first_copy,
            ),
            Mistake(
                "lead",
                "You summed over the axes that broadcasting put in front, and forgot those where "
                "a length of 1 was stretched.",
                leading_only,
            ),
            Mistake(
                "onefront",
                "You summed over one axis in front. Broadcasting may put several there, so sum "
                "until G has as many axes as `shape`.",
                one_axis_in_front,
            ),
            Mistake(
                "squeeze",
                "You lost the axes of length 1: the sum is right, its shape is not. `keepdims` "
                "or a reshape keeps it.",
                axes_lost,
                family=(1, 0),
            ),
            Mistake(
                "total",
                "You added up everything and put it everywhere. Only the copied axes are summed.",
                lambda G, shape: np.full(shape, G.sum()),
            ),
            Mistake(
                "left",
                "You summed over the last axes. Shapes are compared from the right: the axes that "
                "broadcasting adds are the first ones.",
                from_the_left,
                family=(0, 1),
            ),
            Mistake(
                "notshifted",
                "Axis k of `shape` is not axis k of G where broadcasting has put axes in front: "
                "first sum over those in front, or add their number to k.",
                not_shifted,
            ),
            Mistake(
                "largest",
                "You kept the largest report. All copies are the same number: their reports add.",
                largest_copy,
            ),
            Mistake(
                "axis0",
                "You always sum over the first axis. Which axes were copied depends on `shape`: "
                "those that it lacks, and those where it says 1.",
                lambda G, shape: G.sum(axis=0).reshape(shape),
                verdict=BROKEN,
            ),
            Mistake(
                "reshape",
                "You only reshape. G has more numbers than `shape` has places: what was copied has "
                "to be summed first.",
                lambda G, shape: G.reshape(shape),
                verdict=BROKEN,
            ),
            Mistake(
                "broadcast",
                "You broadcast G to `shape`. It went the other way in the forward pass: now the "
                "copies are summed.",
                lambda G, shape: np.broadcast_to(G, shape),
                verdict=BROKEN,
            ),
        ),
        hints=(
            "First the axes that `shape` does not have: they are in front. Sum over them.",
            "Then the axes where `shape` says 1 and G says more: sum over them too.",
            "`G.sum(axis=..., keepdims=True)` for the second kind, so that the axis stays.",
        ),
        section='chapter 04, section 4.6, "Copies add up"',
        proves="What was copied in the forward pass is added in the backward pass.",
    ),
    Exercise(
        id="04.4",
        kind="predict",
        title="How large, and how empty?",
        signature="sizes(n, i, o)",
        worked=worked.sizes,
        results=("entries", "filled"),
        reference=lambda n, i, o: (math.prod((n, o, n, i)), math.prod((n, o, i))),
        cases=size_cases,
        mistakes=(
            Mistake(
                "wrtW",
                "The first of your numbers is the size of ∂Y/∂W. The task asks for X, which has "
                "n·i numbers.",
                lambda n, i, o: (n * o * i * o, n * o * i),
            ),
            Mistake(
                "dense",
                "You filled the table. Row r of Y depends on row r of X alone: where the two rows "
                "are different ones there are zeros.",
                lambda n, i, o: (n * o * n * i, n * o * n * i),
            ),
            Mistake(
                "nobatch",
                "You counted the table of one row. Y and X have n rows each.",
                lambda n, i, o: (o * i, o * i),
            ),
            Mistake(
                "oncebatch",
                "You counted the n rows once. Y has n·o numbers and X has n·i, so n is in the "
                "product twice.",
                lambda n, i, o: (n * o * i, n * o * i),
            ),
            Mistake(
                "once",
                "Your second number is the size of W. Each of its numbers appears in the table n "
                "times, once for each sample.",
                lambda n, i, o: (n * o * n * i, i * o),
            ),
            Mistake(
                "diagonal",
                "You counted one number for each entry of X. Each entry of X moves o numbers of "
                "Y, those of its own row.",
                lambda n, i, o: (n * o * n * i, n * i),
            ),
            Mistake(
                "outputs",
                "You counted one number for each entry of Y. Each entry of Y depends on i numbers "
                "of X, those of its own row.",
                lambda n, i, o: (n * o * n * i, n * o),
            ),
            Mistake(
                "zeros",
                "Your second number counts the zeros. The task asks for those that need not be "
                "zero.",
                lambda n, i, o: (n * o * n * i, n * o * n * i - n * o * i),
            ),
            Mistake(
                "added",
                "You added the sizes of Y and X. A table has rows times columns.",
                lambda n, i, o: (n * o + n * i, n * o * i),
            ),
            Mistake(
                "vjp",
                "Those are the sizes of G and of the result of the VJP. The task asks for the "
                "table between them, rows times columns.",
                lambda n, i, o: (n * o, n * i),
            ),
        ),
        hints=(
            "A Jacobian has a row for each number of the output, a column for each of the input.",
            "Y has n·o numbers, X has n·i.",
            "How many numbers of X does a single number of Y depend on?",
        ),
        section='chapter 04, section 4.4, "The Jacobian, and the product that avoids it"',
        proves="Outputs times inputs, and n times as many as there is anything to say.",
    ),
    Exercise(
        id="04.5",
        kind="find the bug",
        title="A layer, backwards",
        signature="layer_backward(G, X, W, b)",
        worked=worked.layer_backward,
        results=("dW", "db", "dX"),
        reference=through_layer,
        cases=layer_cases,
        mistakes=(
            Mistake(
                "printed",
                "Those are products entry by entry, as printed. Whether they fit is an accident "
                "of the sizes; what is needed is a matrix product.",
                printed_products,
                verdict=BROKEN,
            ),
            Mistake(
                "nomask",
                "Your backward pass leaves the ReLU out. Where Z is negative nothing passes.",
                no_mask,
            ),
            Mistake(
                "squeeze",
                "`np.squeeze` takes every axis of length 1 out of Z, and with one output Z becomes "
                "(n,). Beside G (n, 1) the mask then spreads over (n, n). Leave Z as it is.",
                mask_squeezed,
                verdict=BROKEN,
            ),
            Mistake(
                "difference",
                "Your mask is a central difference of the ReLU with the step {}. Where |Z| is "
                "smaller than the step it gives something between 0 and 1. It is `Z > 0`.",
                by_differences,
                family=(1e-1, 1e-2, 1e-3, 1e-4, 1e-5),
            ),
            Mistake(
                "maskX",
                "You took the mask from the signs of X, and applied it to dX. The ReLU is applied "
                "to Z = XW + b: the signs of Z decide, and G is masked first.",
                mask_from_x,
            ),
            Mistake(
                "maskG",
                "You took the mask from the signs of G. Whether a ReLU is open is decided by its "
                "Z, not by the upstream gradient.",
                mask_from_g,
            ),
            Mistake(
                "bmul",
                "Your db contains b. The slope of Z with respect to b is 1, so b does not appear "
                "in db: double b with the same dZ, and db must stay.",
                bias_in_gradient,
            ),
            Mistake(
                "bmean",
                "You averaged db over the rows. b is copied into every row: the reports add.",
                bias_mean,
            ),
            Mistake(
                "bsum",
                "Your db is one number. `sum` without an axis adds up everything; b has o numbers, "
                "so sum over the rows: axis=0.",
                bias_total,
            ),
            Mistake(
                "baxis",
                "Your db has n numbers, one per sample. b has o: sum over the rows, axis=0, not "
                "along them.",
                bias_along,
            ),
            Mistake(
                "maskdX",
                "You masked G for dX only. W and b come before the ReLU too: all three are made "
                "from dZ.",
                mask_in_dx_only,
            ),
            Mistake(
                "brows",
                "Your db has a row for each sample. b has one row: sum over the batch.",
                bias_rows,
            ),
            Mistake(
                "elem",
                "Your dW contains W. The slope of XW with respect to W is X: double W with the "
                "same dZ, and dW must stay.",
                weight_in_gradient,
            ),
            Mistake(
                "dbG",
                "Your db adds up G. b comes before the ReLU, as X and W do: the gradient there is "
                "dZ, G after the mask.",
                bias_from_g,
            ),
            Mistake(
                "value",
                "You multiplied by relu(Z). Its slope belongs there: 1 above zero, 0 below.",
                value_for_slope,
            ),
            Mistake(
                "mean",
                "You averaged dW and db over the rows. All rows use the same W and b: the reports "
                "add. (A 1/n belongs to the loss, and comes in G.)",
                averaged,
            ),
            Mistake(
                "inverted",
                "Your mask is the wrong way round: you let G pass where Z is negative. A ReLU is "
                "open where Z > 0.",
                through_mask(lambda Z: Z < 0),
            ),
            Mistake(
                "leaky",
                "Where Z is negative you let a share of {} of G pass. A ReLU is 0 there, and so is "
                "its slope.",
                lambda G, X, W, b, leak=0.01: no_mask(
                    G * np.where(X @ W + b > 0, 1, leak), X, W, b
                ),
                family=(0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5),
            ),
            Mistake(
                "otherslope",
                "You went back with the slope of another activation, {}. That of a ReLU is 1 where "
                "Z > 0 and 0 elsewhere.",
                lambda G, X, W, b, name="tanh": no_mask(G * SLOPES[name](X @ W + b), X, W, b),
                family=tuple(SLOPES),
            ),
            Mistake(
                "signs",
                "You multiplied by the sign of Z. Where Z is negative that is −1, and the slope of "
                "a ReLU is 0 there.",
                through_mask(np.sign),
            ),
            Mistake(
                "reluX",
                "Your dW pairs dZ with relu(X). X itself went into the layer; the ReLU comes after "
                "it.",
                fed_with(lambda X: np.maximum(X, 0)),
            ),
            Mistake(
                "maskboth",
                "Your dX is masked a second time, by the signs of X. The ReLU is applied to Z "
                "alone, and dZ is masked already.",
                lambda G, X, W, b: (
                    *through_layer(G, X, W, b)[:2],
                    through_layer(G, X, W, b)[2] * (X > 0),
                ),
            ),
            Mistake(
                "tw",
                "Your dW is transposed: it comes out as (o, i), and W is (i, o).",
                turned("dW"),
            ),
            Mistake(
                "tx",
                "Your dX is transposed: it comes out as (i, n), and X is (n, i).",
                turned("dX"),
            ),
            Mistake(
                "threshold",
                "Your mask opens at {} and not at 0. A ReLU is open wherever Z > 0.",
                lambda G, X, W, b, at=1.0: no_mask(G * (X @ W + b > at), X, W, b),
                family=(1.0, 0.5, 0.1, 0.01, -1.0, -0.5, -0.1, -0.01),
            ),
        ),
        hints=(
            "Two steps: first back through the ReLU to dZ, then back through Z = XW + b.",
            "`dZ = G * (Z > 0)` with `Z = X @ W + b`.",
            "Then the rules of the matrix product and of the broadcast, with dZ in the place of G: "
            "`dX = dZ @ W.T`.",
        ),
        section='chapter 04, section 4.12, "Mistakes in print"',
        proves="Mask by Z, then XᵀdZ, dZWᵀ and the sum over the batch.",
    ),
    Exercise(
        id="04.6",
        kind="find the bug",
        title="A step that grows",
        signature="sgd_step(W, X, delta, lr)",
        worked=worked.sgd_step,
        reference=stepped,
        cases=step_cases,
        mistakes=(
            Mistake(
                "row",
                "Your gradient is a row, W is a column. W - lr * grad broadcasts both to (3, 3), "
                "without an error.",
                lambda W, X, delta, lr: W - lr * (delta.T @ X) / len(X),
            ),
            Mistake(
                "non",
                "You took the sum over the samples. The loss is their mean.",
                lambda W, X, delta, lr: W - lr * X.T @ delta,
            ),
            Mistake(
                "sign",
                "You add where the rule subtracts: that step goes uphill.",
                lambda W, X, delta, lr: W + lr * X.T @ delta / len(X),
            ),
            Mistake(
                "means",
                "You multiplied two means. The mean of products is asked for: each sample's x "
                "with its own δ.",
                lambda W, X, delta, lr: W - lr * X.mean(axis=0)[:, None] * delta.mean(),
            ),
            Mistake(
                "oned",
                "You moved all three weights by the same number. Each column of X gives a "
                "derivative of its own.",
                lambda W, X, delta, lr: W - lr * (X * delta).mean(),
            ),
            Mistake(
                "gradonly",
                "You return the gradient. The task asks where the step ends: W minus lr times it.",
                lambda W, X, delta, lr: X.T @ delta / len(X),
            ),
            Mistake(
                "lenW",
                "You divided by the number of weights. The mean is taken over the samples: len(X).",
                lambda W, X, delta, lr: W - lr * X.T @ delta / len(W),
            ),
            Mistake(
                "sizeX",
                "You divided by all numbers of X. The mean is taken over the samples: len(X).",
                lambda W, X, delta, lr: W - lr * X.T @ delta / X.size,
            ),
            Mistake(
                "twice",
                "You divided by the number of samples twice, as when `mean` and `/ len(X)` both "
                "stand there.",
                lambda W, X, delta, lr: W - lr * X.T @ delta / len(X) ** 2,
            ),
            Mistake(
                "summed",
                "Two things: the sum over the samples, where the loss is their mean, and a plus "
                "where the rule subtracts.",
                lambda W, X, delta, lr: W + lr * X.T @ delta,
            ),
            Mistake(
                "delta",
                "You move W by δ alone. The gradient pairs δ with what it was multiplied by, X.",
                lambda W, X, delta, lr: W - lr * delta.mean(),
            ),
            Mistake(
                "scaled",
                "You multiplied the step by W. A step subtracts lr times the gradient, whatever W "
                "is.",
                lambda W, X, delta, lr: W - lr * W * (X.T @ delta) / len(X),
            ),
            Mistake(
                "decay",
                "You added W to the gradient. A step of plain gradient descent shrinks nothing: "
                "`W - lr * grad`.",
                lambda W, X, delta, lr: W - lr * (X.T @ delta / len(X) + W),
            ),
            Mistake(
                "signs",
                "You moved each weight by the sign of its derivative. A step goes along the "
                "derivative itself, as long as it is.",
                lambda W, X, delta, lr: W - lr * np.sign(X.T @ delta),
            ),
            Mistake(
                "two",
                "You have a factor 2 in the gradient, of a square. Here δ is given: the derivative "
                "of whatever loss there is.",
                lambda W, X, delta, lr: W - lr * 2 * X.T @ delta / len(X),
            ),
            Mistake(
                "minus1",
                "You divided by n − 1, as for an estimated variance. A mean divides by n.",
                lambda W, X, delta, lr: W - lr * X.T @ delta / max(len(X) - 1, 1),
            ),
            Mistake(
                "again",
                "You computed an error anew, XW minus δ. δ is given: it is the derivative already.",
                lambda W, X, delta, lr: W - lr * X.T @ (X @ W - delta) / len(X),
            ),
        ),
        hints=(
            "Print the shape of what you return. It must be (3, 1).",
            "Xᵀ (3, n) times δ (n, 1) has the shape of W.",
            "`W - lr * X.T @ delta / len(X)`.",
        ),
        section='chapter 04, section 4.6, "Copies add up"',
        proves="A gradient has the shape of its parameter; check it before you subtract.",
    ),
    Exercise(
        id="04.7",
        kind="implement",
        title="Back through an index",
        signature="take_vjp(G, idx, shape)",
        worked=worked.take_vjp,
        reference=scattered,
        cases=take_cases,
        mistakes=(
            Mistake(
                "plus",
                "`out[idx] = G` and `out[idx] += G` write each row once: of several reports to "
                "one row the last one stays.",
                last_report,
            ),
            Mistake(
                "gather",
                "You indexed G. In the forward pass rows were picked from the table; in the "
                "backward pass rows of G are put into it.",
                lambda G, idx, shape: G[idx],
                verdict=BROKEN,
            ),
            Mistake(
                "mean",
                "You averaged the reports to a row. It was used several times, each time with "
                "full weight: they add.",
                mean_report,
            ),
            Mistake(
                "ones",
                "You counted how often each row was read. G says what each reading is worth.",
                lambda G, idx, shape: scattered(np.ones(G.shape), idx, shape),
            ),
            Mistake(
                "spread",
                "You spread G evenly over all rows. Rows that were not read get nothing.",
                lambda G, idx, shape: np.ones(shape) * G.sum(axis=0) / shape[0],
            ),
            Mistake(
                "first",
                "Of several reports to one row you kept the first. A row that was read twice gets "
                "the sum of its reports.",
                first_report,
            ),
            Mistake(
                "largest",
                "Of several reports to one row you kept the largest. They add.",
                largest_report,
            ),
            Mistake(
                "inorder",
                "You wrote row r of G into row r of the table. It belongs to row idx[r].",
                in_order,
                verdict=BROKEN,
            ),
            Mistake(
                "both",
                "You put row i of G into row i of the table. The rows of G are in the order of "
                "reading: row r of G belongs to row idx[r].",
                both_indexed,
                verdict=BROKEN,
            ),
            Mistake(
                "likeG",
                "Your result has the shape of G. The gradient at the table has the shape of the "
                "table, `shape`.",
                shaped_as_g,
                verdict=BROKEN,
            ),
            Mistake(
                "onlyread",
                "Your result has only the rows that were read. Those that were not read are rows "
                "of zeros.",
                only_read,
            ),
            Mistake(
                "overreads",
                "You divided by the number of readings. Each of them counts in full.",
                lambda G, idx, shape: scattered(G, idx, shape) / max(len(idx), 1),
            ),
            Mistake(
                "ordered",
                "You sorted idx, and left G in the order of reading. Row r of G belongs to idx[r].",
                lambda G, idx, shape: scattered(G, np.sort(idx), shape),
            ),
            Mistake(
                "toall",
                "Every row that was read gets the sum of all reports in yours. Row r of G belongs "
                "to row idx[r] alone.",
                lambda G, idx, shape: np.isin(np.arange(shape[0]), idx)[:, None] * G.sum(axis=0),
            ),
        ),
        hints=(
            "Begin with zeros of the given shape. Row r of G belongs to row idx[r] of it.",
            "A row that was read twice gets two rows of G: their sum.",
            "A loop with `+=` for each r does it, or `np.add.at(out, idx, G)`.",
        ),
        section='chapter 04, section 4.8, "Picking out"',
        proves="Gather in the forward pass, scatter and add in the backward pass.",
    ),
    Exercise(
        id="04.8",
        kind="implement",
        title="Back through a range",
        signature="range_vjp(G, X)",
        worked=worked.range_vjp,
        reference=routed,
        cases=max_cases,
        mistakes=(
            Mistake(
                "max",
                "That is the rule of the maximum alone. The smallest number is subtracted: nudge "
                "it up, and the range shrinks.",
                lambda G, X: to_the(np.argmax, G, X),
            ),
            Mistake(
                "min",
                "That is the rule of the minimum, subtracted. The largest number is in the range "
                "too, with the slope 1.",
                lambda G, X: -to_the(np.argmin, G, X),
            ),
            Mistake(
                "plus",
                "The smallest number gets +G in yours. It is subtracted in the range: its slope is "
                "−1.",
                lambda G, X: to_the(np.argmax, G, X) + to_the(np.argmin, G, X),
            ),
            Mistake(
                "written",
                "In a row of a single number it is the largest and the smallest at once: G and −G "
                "meet in one place, and add up to 0. You wrote the second over the first.",
                written_over,
            ),
            Mistake(
                "where",
                "In a row of a single number it is the largest and the smallest at once: G and −G "
                "meet in one place, and add up to 0. You kept the first and left out the second.",
                first_kept,
            ),
            Mistake(
                "all",
                "You gave G to every number. Nudge one that is neither the largest nor the "
                "smallest: the range does not move.",
                lambda G, X: G[:, None] * np.ones(X.shape),
            ),
            Mistake(
                "times",
                "You multiplied by X. The slopes are 1 at the largest and −1 at the smallest.",
                lambda G, X: routed(G, X) * X,
            ),
            Mistake(
                "range",
                "You multiplied G by the range itself. Its slopes are 1 at the largest number, −1 "
                "at the smallest and 0 elsewhere.",
                lambda G, X: (G * np.ptp(X, axis=1))[:, None] * np.ones(X.shape),
            ),
            Mistake(
                "noup",
                "You marked the places with 1 and −1. The upstream gradient is G.",
                lambda G, X: routed(np.ones(len(X)), X),
            ),
            Mistake(
                "axis",
                "You looked for the largest and the smallest entry of each column. The range was "
                "taken along each row.",
                lambda G, X: marked(G[:, None], X, X.max(axis=0), X.min(axis=0)),
            ),
            Mistake(
                "nokeep",
                "`X.max(axis=1)` has the shape (n,), and X == it compares along the wrong axis. "
                "`keepdims=True` makes it (n, 1). Among squares it fits, and is wrong.",
                lambda G, X: marked(G[:, None], X, X.max(axis=1), X.min(axis=1)),
                verdict=BROKEN,
            ),
            Mistake(
                "nokeepG",
                "G has the shape (n,), and beside (n, d) it is spread along the rows: "
                "`G[:, None]` makes it (n, 1). Among squares it fits, and is wrong.",
                lambda G, X: marked(
                    G, X, X.max(axis=1, keepdims=True), X.min(axis=1, keepdims=True)
                ),
                verdict=BROKEN,
            ),
            Mistake(
                "global",
                "You marked the largest and the smallest number of all of X. Each row has its own: "
                "axis=1.",
                lambda G, X: marked(G[:, None], X, X.max(), X.min()),
            ),
            Mistake(
                "cols",
                "You wrote to the winning columns in every row. Each row has places of its own: "
                "`out[np.arange(len(X)), places]` pairs row and place.",
                all_winning_columns,
            ),
            Mistake(
                "abs",
                "You took the numbers furthest from 0 and nearest to it. The largest of (1, −3) is "
                "1, and the smallest is −3.",
                lambda G, X: routed(G, np.abs(X)),
            ),
            Mistake(
                "isclose",
                "You gave G to every entry that is close to the largest or the smallest: "
                "`np.isclose` allows a difference of a hundred-thousandth. Only the very ones "
                "move the range: `==`.",
                lambda G, X: (
                    G[:, None]
                    * (
                        1.0 * np.isclose(X, X.max(axis=1, keepdims=True))
                        - 1.0 * np.isclose(X, X.min(axis=1, keepdims=True))
                    )
                ),
            ),
            Mistake(
                "near",
                "You gave G to every entry within some distance of the largest or the smallest. "
                "Only the very ones move the range: `==`.",
                close_ones_too,
                family=EPSILONS,
            ),
            Mistake(
                "difference",
                "That is a central difference with the step {}. Where the second largest is closer "
                "than the step, it counts as well, and large numbers lose their digits.",
                range_by_differences,
                family=(1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8),
            ),
            Mistake(
                "value",
                "You multiplied by the range itself. It is the result; the slopes are 1 and −1.",
                lambda G, X: routed(G, X) * np.ptp(X, axis=1)[:, None],
            ),
            Mistake(
                "column",
                "You looked down the columns for the places, with axis=0. The range was taken "
                "along each row: axis=1.",
                lambda G, X: routed(np.ones(X.shape[1]), X.T).T,
            ),
            Mistake(
                "maxcolumn",
                "You looked for the largest entry of each column, and left out the smallest. The "
                "range was taken along each row, axis=1, and has two ends.",
                lambda G, X: to_the(np.argmax, np.ones(X.shape[1]), X.T).T,
            ),
            Mistake(
                "halfkept",
                "One of your two masks is made without `keepdims=True`: `X.max(axis=1)` and "
                "`X.min(axis=1)` have the shape (n,), and X == it compares along the wrong axis.",
                lambda G, X: marked(G[:, None], X, X.max(axis=1, keepdims=True), X.min(axis=1)),
                verdict=BROKEN,
            ),
            Mistake(
                "between",
                "You marked everything but the two ends. The ends are what moves the range.",
                lambda G, X: (
                    G[:, None]
                    * (X < X.max(axis=1, keepdims=True))
                    * (X > X.min(axis=1, keepdims=True))
                ),
            ),
            Mistake(
                "shared",
                "You shared G between the two ends. Each end has all of it: the slopes are 1 and "
                "−1.",
                lambda G, X: routed(G, X) / 2,
            ),
            Mistake(
                "columns",
                "You took the first and the last column for the ends. The places of the largest "
                "and the smallest number are different ones in each row.",
                lambda G, X: (
                    G[:, None]
                    * (
                        1.0 * (np.arange(X.shape[1]) == X.shape[1] - 1)
                        - (np.arange(X.shape[1]) == 0)
                    )
                ),
            ),
            Mistake(
                "brackets",
                "Only the first mask is multiplied by G: put the difference of the two in "
                "parentheses, or multiply both.",
                lambda G, X: to_the(np.argmax, G, X) - to_the(np.argmin, np.ones(len(X)), X),
            ),
            Mistake(
                "onenumber",
                "You multiplied by the sum of all G. Each row has an upstream gradient of its own: "
                "`G[:, None]`.",
                lambda G, X: routed(np.full(len(X), G.sum()), X),
            ),
            Mistake(
                "mean",
                "You went back through maximum minus mean. The range has the minimum there.",
                lambda G, X: to_the(np.argmax, G, X) - G[:, None] / X.shape[1],
            ),
        ),
        hints=(
            "Nudge an entry that is neither the largest nor the smallest of its row. What does the "
            "range do?",
            "All of G[r] goes to the place of the largest, −G[r] to that of the smallest, 0 to the "
            "others.",
            "Two masks with `keepdims=True`, one for each end. Add their reports, and a row of one "
            "number comes out right as well.",
        ),
        section='chapter 04, section 4.7, "Sum, mean, maximum"',
        proves="+G to the largest, −G to the smallest, and where both are one, nothing.",
    ),
    Exercise(
        id="04.9",
        kind="predict",
        title="What grows",
        signature="floats(n, widths)",
        worked=worked.floats,
        results=("activations", "gradients"),
        reference=lambda n, widths: (
            n * sum(widths),
            sum(weights(widths)) + sum(widths[1:]),
        ),
        cases=width_cases,
        mistakes=(
            Mistake(
                "gradn",
                "You keep one gradient per sample. The samples' reports are added into one array "
                "of the parameter's shape.",
                lambda n, widths: (n * sum(widths), n * (sum(weights(widths)) + sum(widths[1:]))),
            ),
            Mistake(
                "actone",
                "You keep the activations of one sample. Backward needs those of all n.",
                lambda n, widths: (sum(widths), sum(weights(widths)) + sum(widths[1:])),
            ),
            Mistake(
                "nob",
                "You forgot the biases: each output of a layer has one.",
                lambda n, widths: (n * sum(widths), sum(weights(widths))),
            ),
            Mistake(
                "oneb",
                "You gave each layer a single bias. Each of its outputs has one of its own.",
                lambda n, widths: (n * sum(widths), sum(weights(widths)) + len(widths) - 1),
            ),
            Mistake(
                "noin",
                "You left out the input. The first weight gradient is XᵀdZ: X is needed too.",
                lambda n, widths: (n * sum(widths[1:]), sum(weights(widths)) + sum(widths[1:])),
            ),
            Mistake(
                "noout",
                "You left out the output. It was asked for as well.",
                lambda n, widths: (n * sum(widths[:-1]), sum(weights(widths)) + sum(widths[1:])),
            ),
            Mistake(
                "hidden",
                "You counted the hidden units only. Input and output were asked for as well.",
                lambda n, widths: (n * sum(widths[1:-1]), sum(weights(widths)) + sum(widths[1:])),
            ),
            Mistake(
                "swap",
                "Your two numbers are exchanged: activations first.",
                lambda n, widths: (sum(weights(widths)) + sum(widths[1:]), n * sum(widths)),
            ),
            Mistake(
                "widest",
                "You count the largest layer only. The backward pass needs every layer, so all of "
                "them are kept at once.",
                lambda n, widths: (n * max(widths), sum(weights(widths)) + sum(widths[1:])),
            ),
            Mistake(
                "inb",
                "You gave biases to the inputs too. An input is a number that comes from outside: "
                "nothing is added there.",
                lambda n, widths: (n * sum(widths), sum(weights(widths)) + sum(widths)),
            ),
            Mistake(
                "perinput",
                "You counted a bias for each input of a layer. A bias is added to an output, so "
                "there is one for each of these.",
                lambda n, widths: (n * sum(widths), sum(weights(widths)) + sum(widths[:-1])),
            ),
            Mistake(
                "multiplied",
                "You multiplied the widths. Each layer has an array of its own: n times the sum of "
                "the widths.",
                lambda n, widths: (
                    n * math.prod(widths),
                    sum(weights(widths)) + sum(widths[1:]),
                ),
            ),
            Mistake(
                "allpairs",
                "You multiplied all widths for the weights. Weights lie between neighbours: a "
                "product for each pair, and then a sum.",
                lambda n, widths: (n * sum(widths), math.prod(widths) + sum(widths[1:])),
            ),
            Mistake(
                "prez",
                "You counted two arrays for each layer, Z and its activation. The task asks for "
                "one number for each unit and sample.",
                lambda n, widths: (
                    n * (sum(widths) + sum(widths[1:])),
                    sum(weights(widths)) + sum(widths[1:]),
                ),
            ),
            Mistake(
                "connections",
                "You counted a number for each weight and sample. An activation is kept for each "
                "unit and sample.",
                lambda n, widths: (
                    n * sum(weights(widths)),
                    sum(weights(widths)) + sum(widths[1:]),
                ),
            ),
        ),
        hints=(
            "One array of activations for each width, the input included, with n rows.",
            "So the activations are n times the sum of the widths.",
            "Gradients have the shapes of W (d_in, d_out) and b (d_out,), whatever n is.",
        ),
        section='chapter 04, section 4.10, "What fills the memory"',
        proves="Activations grow with the batch, gradients do not.",
    ),
    Exercise(
        id="04.10",
        kind="extend",
        title="Back through a softmax",
        signature="softmax_vjp(G, P)",
        worked=worked.softmax_vjp,
        reference=by_jacobian,
        cases=softmax_cases,
        mistakes=(
            Mistake(
                "diag",
                "You kept the diagonal of the Jacobian. A logit moves the other probabilities "
                "too: they share one sum.",
                lambda G, P: P * (1 - P) * G,
            ),
            Mistake(
                "noc",
                "You left out the part that all entries share: the sum of p·G of the row is to be "
                "subtracted from G first.",
                lambda G, P: P * G,
            ),
            Mistake(
                "ce",
                "P − G is the gradient of softmax and cross-entropy together, with labels in "
                "the place of G. Here G is any upstream gradient.",
                lambda G, P: P - G,
            ),
            Mistake(
                "axis",
                "You summed over the batch. Each row is a softmax of its own: sum along the row.",
                lambda G, P: P * (G - (P * G).sum(axis=0)),
            ),
            Mistake(
                "all_",
                "You took one sum for the whole batch. Each row is a softmax of its own.",
                lambda G, P: P * (G - (P * G).sum()),
            ),
            Mistake(
                "nokeep",
                "The sum along the row has the shape (n,), and G minus it subtracts along the "
                "wrong axis. `keepdims=True` makes it (n, 1). Among squares it fits, and is wrong.",
                lambda G, P: P * (G - (G * P).sum(axis=1)),
                verdict=BROKEN,
            ),
            Mistake(
                "unw",
                "You subtracted the plain sum of G. Each entry of G counts with its share: it is "
                "the sum of p·G.",
                lambda G, P: P * (G - G.sum(axis=1, keepdims=True)),
            ),
            Mistake(
                "plus",
                "You added what all entries share. The derivatives off the diagonal are −pᵢpⱼ: it "
                "is subtracted.",
                lambda G, P: P * (G + (P * G).sum(axis=1, keepdims=True)),
            ),
            Mistake(
                "mean",
                "You subtracted the plain mean of G. Each entry of G counts with its share: it is "
                "the sum of p·G.",
                lambda G, P: P * (G - G.mean(axis=1, keepdims=True)),
            ),
            Mistake(
                "meanpg",
                "You took the mean of p·G along the row. It is their sum: the shares p sum to 1 "
                "already.",
                lambda G, P: P * (G - (P * G).mean(axis=1, keepdims=True)),
            ),
            Mistake(
                "nodiag",
                "You left out the diagonal: the derivative of a probability with respect to its "
                "own logit has a p of its own, p − p².",
                lambda G, P: -P * (P * G).sum(axis=1, keepdims=True),
            ),
            Mistake(
                "nop",
                "The factor P in front is missing: each logit counts in proportion to its share.",
                lambda G, P: G - (P * G).sum(axis=1, keepdims=True),
            ),
            Mistake(
                "softmax",
                "You took the softmax of G. G goes back through the softmax that made P.",
                lambda G, P: np.exp(G) / np.exp(G).sum(axis=1, keepdims=True),
            ),
            Mistake(
                "square",
                "You took p² where p belongs, or multiplied by P once too often.",
                lambda G, P: P * P * (G - (P * G).sum(axis=1, keepdims=True)),
            ),
            Mistake(
                "logsoftmax",
                "G − p·ΣG is the rule of log-softmax. Here G is the gradient at the probabilities, "
                "not at their logarithms.",
                lambda G, P: G - P * G.sum(axis=1, keepdims=True),
            ),
            Mistake(
                "batchmean",
                "You subtracted sums over the batch. Each row is a softmax of its own: sum p·G "
                "along the row.",
                lambda G, P: P * (G - G.sum(axis=0)),
            ),
            Mistake(
                "exchanged",
                "You exchanged P and G in the last step: it is P times G minus the sum.",
                lambda G, P: G * (P - (P * G).sum(axis=1, keepdims=True)),
            ),
            Mistake(
                "both",
                "There is a factor 1 − P too many: P times G minus the sum of p·G is all of it.",
                lambda G, P: P * (1 - P) * (G - (P * G).sum(axis=1, keepdims=True)),
            ),
            Mistake(
                "squaresum",
                "In your sum the shares are squared. It is the sum of p·G, each share once.",
                lambda G, P: P * (G - (P * P * G).sum(axis=1, keepdims=True)),
            ),
        ),
        hints=(
            "For one row: ∂pᵢ/∂zⱼ is pᵢ(1 − pᵢ) where i = j, and −pᵢpⱼ elsewhere. Write it for "
            "k = 3.",
            "As a matrix: diag(p) − ppᵀ. Multiply G from the left and look at what is left.",
            "`P * (G - (G * P).sum(axis=1, keepdims=True))`.",
        ),
        section='chapter 04, section 4.4, "The Jacobian, and the product that avoids it"',
        proves="A Jacobian without a zero; its product with G needs only 2k products per row.",
    ),
    Exercise(
        id="04.11",
        kind="find the bug",
        title="The gradient of one sample",
        signature="per_sample(X, D)",
        worked=worked.per_sample,
        reference=outers,
        cases=outer_cases,
        mistakes=(
            Mistake(
                "elem",
                "You multiplied entry by entry. With unequal numbers of inputs and outputs that "
                "does not fit, and where it does it gives a vector for each sample; W is a matrix.",
                lambda X, D: X * D,
                verdict=BROKEN,
            ),
            Mistake(
                "summed",
                "You added up the samples. That is the gradient of the batch; here each sample "
                "keeps its own.",
                lambda X, D: X.T @ D,
            ),
            Mistake(
                "tr",
                "Your matrices are transposed. W is (d_in, d_out): a row for each input.",
                lambda X, D: outers(D, X),
            ),
            Mistake(
                "noup",
                "You repeat x in every column. Each column has its own δ as a factor.",
                lambda X, D: outers(X, np.ones(D.shape)),
            ),
            Mistake(
                "first",
                "Every sample of yours uses the input of the first one.",
                lambda X, D: outers(np.ones((len(X), 1)) * X[0], D),
            ),
            Mistake(
                "flat",
                "`np.outer` flattens both batches and pairs every sample with every other one. "
                "Each sample has a product of its own, (i, o): n of them.",
                lambda X, D: np.outer(X, D),
            ),
            Mistake(
                "mean",
                "You divided by n. Each sample keeps its own gradient here; nothing is averaged.",
                lambda X, D: outers(X, D) / len(X),
            ),
            Mistake(
                "pairs",
                "You multiplied samples by samples, (n, n). Each sample has a product of its own: "
                "its inputs with its δ.",
                lambda X, D: X @ D.T,
                verdict=BROKEN,
            ),
            Mistake(
                "running",
                "You added up as you went: the second sample has the first one's gradient in it.",
                lambda X, D: np.cumsum(outers(X, D), axis=0),
            ),
            Mistake(
                "plus",
                "You added x and δ for each pair. The slope is a product, x·δ.",
                lambda X, D: X[:, :, None] + D[:, None, :],
            ),
            Mistake(
                "alltogether",
                "Every sample of yours has the gradient of the whole batch. Each has its own.",
                lambda X, D: np.broadcast_to(X.T @ D, (len(X), X.shape[1], D.shape[1])),
            ),
        ),
        hints=(
            "For one sample: z_k = Σ_j x_j W_jk + b_k. What is ∂z_k/∂W_jk?",
            "So entry (j, k) is x_j·δ_k: all pairs, an outer product.",
            "`X[:, :, None] * D[:, None, :]`.",
        ),
        section='chapter 04, section 4.12, "Mistakes in print"',
        proves="All pairs x_j·δ_k; added over the samples they are XᵀD.",
    ),
    Exercise(
        id="04.12",
        kind="read a curve",
        title="Four lines",
        signature="lines()",
        results=("A", "B", "C", "D"),
        reference=LINES,
        mistakes=(
            Mistake(
                "grow",
                "You let the gradients grow with the batch. They have the shapes of the "
                "parameters, whatever the batch is: the flat line.",
                ("dY/dW", "gradients", "dY/dX", "activations"),
            ),
            Mistake(
                "steep",
                "You exchanged the two Jacobians. Y grows with the batch, W does not; X does. So "
                "∂Y/∂X grows with the square, and is the steeper one.",
                ("dY/dX", "activations", "dY/dW", "gradients"),
            ),
            Mistake(
                "parallel",
                "You exchanged the two lines of slope 1. A Jacobian has a row for each number of Y "
                "and a column for each of W: it is the higher one.",
                ("activations", "dY/dW", "dY/dX", "gradients"),
            ),
            Mistake(
                "jacflat",
                "You took a Jacobian for the flat line. Its rows are the numbers of Y, and these "
                "grow with the batch.",
                ("gradients", "activations", "dY/dX", "dY/dW"),
            ),
            Mistake(
                "actsquare",
                "You exchanged B and C. Activations have n rows and grow with n; ∂Y/∂X has n in "
                "its rows and in its columns, and rises twice as steeply.",
                ("dY/dW", "dY/dX", "activations", "gradients"),
            ),
            Mistake(
                "flatsquare",
                "You exchanged C and D. The gradients have the shapes of W and b, without n: flat. "
                "∂Y/∂X has n in its rows and in its columns.",
                ("dY/dW", "activations", "gradients", "dY/dX"),
            ),
        ),
        hints=(
            "On logarithmic axes a line's steepness is a power: flat for 1, one for n, two for n².",
            "Gradients have the shapes of W and b. Activations have n rows.",
            "∂Y/∂W has n·o rows and i·o columns; ∂Y/∂X has n·o rows and n·i columns.",
        ),
        section='chapter 04, section 4.10, "What fills the memory"',
        proves="Flat, once, once from far above, and twice: shapes tell the lines apart.",
    ),
]
