"""Exercises of chapter 04, from scalars to tensors."""

import math

import numpy as np

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

SIZES = [(5, 3, 2), (2, 4, 3), (1, 3, 4), (4, 1, 3), (3, 4, 1), (3, 3, 3), (6, 2, 2)]  # n, i, o
SIZES += [(1, 1, 1), (5, 3, 2), (4, 4, 2)]


def product_cases(rng):
    easy = (
        np.array([[2.0], [-1.0], [0.5]]),
        np.array([[1.0, 3.0], [-2.0, 0.5], [4.0, 1.5]]),
        np.array([[0.5], [-3.0]]),
    )
    zeros = (
        np.array([[0.0, 2.0], [-1.0, 0.0], [3.0, 1.0]]),
        np.array([[0.0, 1.0], [2.0, 0.0], [-1.0, 0.5]]),
        np.array([[1.0, 0.0], [0.0, -2.0]]),
    )
    drawn = [(array(rng, n, o), array(rng, n, i), array(rng, i, o)) for n, i, o in SIZES]
    return [easy, zeros, *drawn]


def by_indices(G, X, W):
    return np.einsum("nk,nj->jk", G, X), np.einsum("nk,jk->nj", G, W)


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
    return [easy, *((array(rng, *shape), small) for shape, small in BROADCASTS)]


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


def one_axis_in_front(G, shape):
    if shape == ():
        return G.sum()
    if G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, m in enumerate(shape):
        if m == 1:
            G = G.sum(axis=axis, keepdims=True)
    return G


def axes_lost(G, shape):
    return G.sum(axis=copied_axes(G, shape))


# ---- 04.4, 04.9 counting


def size_cases(rng):
    drawn = [tuple(int(k) for k in rng.integers(2, 60, 3)) for _ in range(4)]
    edges = (7, 5, 1), (4, 3, 4), (1, 1, 1)
    return [
        (2, 3, 4),
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
    cases += [(G, X, W, 0 * b), (G, X, W, b - 50), (G, X, W, b + 50)]
    for near in (1e-4, 1e-6):
        Z = X @ W
        b = np.array([near - Z[0, 0], -near - Z[1, 1], near - Z[2, 2]])
        cases.append((G, X, W, b))
    return cases


def through_layer(G, X, W, b):
    dZ = np.where(np.einsum("nj,jk->nk", X, W) + b > 0, G, 0.0)
    dW, dX = by_indices(dZ, X, W)
    return dW, np.einsum("nk->k", dZ), dX


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
        (5, 0.1),
    )
    return [easy, *((array(rng, 3, 1), array(rng, n, 3), array(rng, n, 1), lr) for n, lr in sizes)]


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
        ([2, 2, 0], (3, 2)),
    )
    return [easy, *((array(rng, len(i), s[1]), np.array(i, dtype=int), s) for i, s in picks)]


def scattered(G, idx, shape):
    return (np.arange(shape[0])[:, None] == idx).astype(float) @ G


def last_report(G, idx, shape):
    out = np.zeros(shape)
    out[idx] += G
    return out


def mean_report(G, idx, shape):
    reads = np.bincount(idx, minlength=shape[0])[:, None]
    return scattered(G, idx, shape) / np.maximum(reads, 1)


# ---- 04.8 the largest of a row


def max_cases(rng):
    """No two entries of a row alike, some close; winners in every column, at and below zero too."""
    easy = np.array([2.0, -3.0]), np.array([[1.0, 5.0, 2.0], [-1.0, -4.0, -2.5]])
    shapes = ((4, 3), (3, 3), (6, 2), (2, 5), (1, 4), (5, 1))
    drawn = [(array(rng, n), array(rng, n, d)) for n, d in shapes]
    close = np.array([[1.0, 0.999, -2.0], [0.5, 3.0, 3.00001], [-1.0 - 1e-9, -1.0, -1.0 - 2e-9]])
    return [
        easy,
        *drawn,
        (array(rng, 4), -np.abs(array(rng, 4, 3)) - 0.1),
        (np.array([2.0, 0.0, -1.5]), np.array([[-1.0, 0.0], [3.0, 2.0], [0.0, -4.0]])),
        (np.array([1.0, -2.0, 0.5]), close),
        (np.array([1.5, -1.0]), np.array([[2.0, 2.001], [-0.5, -0.50001]])),
        (np.array([3.0, -1.0]), np.array([[1e6, 1e6 + 0.5, 1.0], [-2e8, -3e8, -2e8 - 1]])),
    ]


def routed(G, X):
    out = np.zeros(X.shape)
    out[np.arange(len(X)), X.argmax(axis=1)] = G
    return out


def close_ones_too(G, X, eps=1e-2):
    return G[:, None] * (np.abs(X - X.max(axis=1, keepdims=True)) <= eps)


def max_by_differences(G, X, h=1e-3):
    out = np.zeros(X.shape)
    for j in range(X.shape[1]):
        step = h * (np.arange(X.shape[1]) == j)
        out[:, j] = ((X + step).max(axis=1) - (X - step).max(axis=1)) / (2 * h)
    return G[:, None] * out


def all_winning_columns(G, X):
    out = np.zeros(X.shape)
    out[:, X.argmax(axis=1)] = G[:, None]
    return out


# ---- 04.10 softmax


def softmax_cases(rng):
    easy = np.array([[1.0, 0.0, -2.0]]), np.array([[0.5, 0.3, 0.2]])
    cases = [easy]
    for n, k in ((4, 3), (3, 4), (2, 2), (3, 3), (5, 6), (4, 3), (3, 1)):
        E = np.exp(2 * array(rng, n, k))
        cases.append((array(rng, n, k), E / E.sum(axis=1, keepdims=True)))
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
    easy = np.array([[2.0, -1.0, 0.5]]), np.array([[3.0, -4.0]])
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
        (2, 3, 4),
    )
    return [easy, *((array(rng, n, i), array(rng, n, o)) for n, i, o in sizes)]


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
        reference=(DW, DB, DX),
        mistakes=(
            Mistake(
                "mean",
                "You divided by 3. The batch is averaged where the loss is; if it was averaged, "
                "G has the third in it already.",
                ([g / 3 for g in DW], DB / 3, DX),
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
        title="Back through a matrix product",
        signature="matmul_vjp(G, X, W)",
        results=("dW", "dX"),
        reference=by_indices,
        cases=product_cases,
        mistakes=(
            Mistake(
                "swap",
                "Your two results are exchanged: dW is asked for first.",
                lambda G, X, W: (G @ W.T, X.T @ G),
            ),
            Mistake(
                "tr",
                "Both of yours are transposed. A gradient has the shape of what it belongs to.",
                lambda G, X, W: (G.T @ X, W @ G.T),
            ),
            Mistake(
                "tw",
                "Your dW is transposed: it comes out as (o, i), and W is (i, o).",
                lambda G, X, W: (G.T @ X, G @ W.T),
            ),
            Mistake(
                "tx",
                "Your dX is transposed: it comes out as (i, n), and X is (n, i).",
                lambda G, X, W: (X.T @ G, W @ G.T),
            ),
            Mistake(
                "nowt",
                "Your dX is G @ W. G (n, o) and W (i, o) share the o: transpose W, so that it is "
                "summed over. Among squares G @ W fits, and is wrong.",
                lambda G, X, W: (X.T @ G, G @ W),
                verdict=BROKEN,
            ),
            Mistake(
                "noup",
                "You left out G, as if all of it were 1. Each entry of Y has its own number in G.",
                lambda G, X, W: (X.T @ np.ones(G.shape), np.ones(G.shape) @ W.T),
            ),
            Mistake(
                "mean",
                "Your dW is an average over the rows. Every row uses the same W: their reports "
                "add. (A 1/n belongs to the loss, and comes in G.)",
                lambda G, X, W: (X.T @ G / len(X), G @ W.T),
            ),
            Mistake(
                "avgX",
                "You averaged X before you multiplied by G. Row r of X belongs to row r of G: "
                "multiply first, then add.",
                lambda G, X, W: (np.outer(X.mean(axis=0), G.sum(axis=0)), G @ W.T),
            ),
            Mistake(
                "win",
                "Your dW contains W. The slope of XW with respect to W is X: double W with the "
                "same G, and dW must stay.",
                lambda G, X, W: (X.T @ G * W, G @ W.T),
            ),
            Mistake(
                "notr",
                "You multiplied without a transpose. Among squares that fits, and is wrong; at "
                "unequal sizes it does not even fit.",
                lambda G, X, W: (X @ G, G @ W),
                verdict=BROKEN,
            ),
        ),
        hints=(
            "dW has shape (i, o). Which product of X (n, i) and G (n, o) has it?",
            "Sum over n: `X.T @ G`.",
            "dX has shape (n, i): `G @ W.T`.",
        ),
        section='chapter 04, section 4.5, "The gradient of a matrix product"',
        proves="Shapes propose XᵀG and GWᵀ, indices prove them.",
    ),
    Exercise(
        id="04.3",
        kind="implement",
        title="Back through a broadcast",
        signature="unbroadcast(G, shape)",
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
            ),
            Mistake(
                "total",
                "You added up everything and put it everywhere. Only the copied axes are summed.",
                lambda G, shape: np.full(shape, G.sum()),
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
        title="How large would it be?",
        signature="sizes(n, i, o)",
        results=("jacobian", "vjp"),
        reference=lambda n, i, o: (math.prod((n, o, i, o)), math.prod((i, o))),
        cases=size_cases,
        mistakes=(
            Mistake(
                "nobatch",
                "You counted the outputs of one row. Y has n rows.",
                lambda n, i, o: (o * i * o, i * o),
            ),
            Mistake(
                "nonzero",
                "You counted the entries that are not zero. An array stores its zeros as well.",
                lambda n, i, o: (n * i * o, i * o),
            ),
            Mistake(
                "wrtX",
                "Those are the sizes for X. Asked for is W.",
                lambda n, i, o: (n * o * n * i, n * i),
            ),
            Mistake(
                "persample",
                "Your VJP has one gradient per row. The rows' gradients are added into one of W's "
                "shape.",
                lambda n, i, o: (n * o * i * o, n * i * o),
            ),
            Mistake(
                "out",
                "You gave the VJP the shape of Y. That is the shape of what goes in, G; out comes "
                "the shape of W.",
                lambda n, i, o: (n * o * i * o, n * o),
            ),
        ),
        hints=(
            "A Jacobian has a row for each number of the output, a column for each of the input.",
            "Y has n·o numbers, W has i·o.",
            "The VJP is a gradient: one number for each number of W.",
        ),
        section='chapter 04, section 4.4, "The Jacobian, and the product that avoids it"',
        proves="Outputs times inputs, against inputs alone.",
    ),
    Exercise(
        id="04.5",
        kind="find the bug",
        title="A layer, backwards",
        signature="layer_backward(G, X, W, b)",
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
                "You return the gradient. Asked for is where the step ends: W minus lr times it.",
                lambda W, X, delta, lr: X.T @ delta / len(X),
            ),
            Mistake(
                "lenW",
                "You divided by the number of weights. The mean is taken over the samples: len(X).",
                lambda W, X, delta, lr: W - lr * X.T @ delta / len(W),
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
        title="Back through a maximum",
        signature="max_vjp(G, X)",
        reference=routed,
        cases=max_cases,
        mistakes=(
            Mistake(
                "all",
                "That is the rule of the sum. Nudge an entry that is not the largest: the maximum "
                "does not move.",
                lambda G, X: G[:, None] * np.ones(X.shape),
            ),
            Mistake(
                "spread",
                "That is the rule of the mean. A maximum depends on one entry of each row.",
                lambda G, X: G[:, None] * np.ones(X.shape) / X.shape[1],
            ),
            Mistake(
                "times",
                "You multiplied by X. The slope at the largest entry is 1: it is the result.",
                lambda G, X: routed(G, X) * X,
            ),
            Mistake(
                "noup",
                "You marked the largest entries with 1. The upstream gradient is G.",
                lambda G, X: routed(np.ones(len(X)), X),
            ),
            Mistake(
                "axis",
                "You looked for the largest entry of each column. The maximum was taken along "
                "each row.",
                lambda G, X: G[:, None] * (X == X.max(axis=0)),
            ),
            Mistake(
                "nokeep",
                "`X.max(axis=1)` has the shape (n,), and X == it compares along the wrong axis. "
                "`keepdims=True` makes it (n, 1). Among squares it fits, and is wrong.",
                lambda G, X: G[:, None] * (X == X.max(axis=1)),
                verdict=BROKEN,
            ),
            Mistake(
                "global",
                "You marked the largest number of all of X. Each row has a largest number of its "
                "own: axis=1.",
                lambda G, X: G[:, None] * (X == X.max()),
            ),
            Mistake(
                "cols",
                "You wrote to the winning columns in every row. Each row has a winner of its "
                "own: `out[np.arange(len(X)), places]` pairs row and place.",
                all_winning_columns,
            ),
            Mistake(
                "abs",
                "You looked for the number furthest from 0. The largest of (1, −3) is 1.",
                lambda G, X: routed(G, np.abs(X)),
            ),
            Mistake(
                "isclose",
                "You gave G to every entry that is close to the largest: `np.isclose` allows a "
                "difference of a hundred-thousandth. Only the largest moves the maximum: `==`.",
                lambda G, X: G[:, None] * np.isclose(X, X.max(axis=1, keepdims=True)),
            ),
            Mistake(
                "near",
                "You gave G to every entry within some distance of the largest. Only the largest "
                "moves the maximum: `==`.",
                close_ones_too,
                family=EPSILONS,
            ),
            Mistake(
                "difference",
                "That is a central difference with the step {}. Where the second largest is closer "
                "than the step, it counts as well, and large numbers lose their digits.",
                max_by_differences,
                family=(1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8),
            ),
        ),
        hints=(
            "Nudge an entry that is not the largest of its row. What does the maximum do?",
            "So all of G[r] goes to one place in row r, and 0 to the others.",
            "`X == X.max(axis=1, keepdims=True)` marks the places.",
        ),
        section='chapter 04, section 4.7, "Sum, mean, maximum"',
        proves="All of G goes to the winner, nothing to the others.",
    ),
    Exercise(
        id="04.9",
        kind="predict",
        title="What grows",
        signature="floats(n, widths)",
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
