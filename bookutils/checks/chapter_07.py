"""Exercises of chapter 07, regularization."""

import numpy as np

from bookutils.checks import worked_07 as worked
from bookutils.checks.nearby import one_moved
from bookutils.judge.exercise import EPSILONS, Exercise, Mistake

# ---- 07.2 ridge with a free bias


def ridge_cases(rng):
    """More rows than columns, fewer, equal; one row, one column; equal columns, constant ones."""
    easy = np.array([[1.0, 0.0], [2.0, 1.0], [3.0, -1.0]]), np.array([2.0, 7.0, 3.0]), 2.0
    drawn = [
        (rng.normal(size=(n, d)) + rng.normal(size=d), rng.normal(size=n) + 3, lam)
        for n, d, lam in (
            (6, 2, 0.5),
            (6, 2, 0.5),
            (3, 5, 0.1),
            (4, 4, 1.0),
            (9, 3, 0.01),
            (5, 3, 0.5),
        )
    ]
    twin = rng.normal(size=(7, 1))
    return [
        easy,
        *one_moved(easy),
        *drawn,
        *one_moved(drawn[0]),
        (rng.normal(size=(1, 3)), np.array([2.5]), 0.3),
        (np.array([[4.0]]), np.array([-1.5]), 1.0),
        (rng.normal(size=(8, 1)) + 2, rng.normal(size=8), 0.7),
        (np.hstack([twin, twin]), rng.normal(size=7), 0.2),
        (np.hstack([twin, np.full((7, 1), 3.0)]), rng.normal(size=7) + 1, 0.4),
        (np.zeros((3, 2)), np.array([1.0, 2.0, 6.0]), 1.5),
        (rng.normal(size=(5, 2)), np.zeros(5), 2.0),
        (
            np.array([[80.0, 1.2345], [-75.0, 0.6789], [66.0, -1.3579]]),
            np.array([90.0, 70, -85]),
            9.0,
        ),
        (rng.normal(size=(6, 3)), 100 + rng.normal(size=6), 1000.0),
        (np.array([[0.1, 0.7], [-0.3, 0.2], [0.9, 0.4]]), np.array([0.1, 0.2, 0.7]), 0.1),
        (np.array([[-1.0], [0.5], [0.5]]), np.array([-100.0, 50.0, 50.03]), 0.0123),
    ]


def ridge_by_rows(X, t, lam):
    """Weights as a sum of the centred rows: an (n, n) system in place of a (d, d) one."""
    mean_X, mean_t = X.mean(axis=0), t.mean()
    C = X - mean_X
    w = C.T @ np.linalg.solve(C @ C.T + lam * np.eye(len(t)), t - mean_t)
    return w, mean_t - mean_X @ w


def ridge_with(X, t, lam, free=1.0):
    """One system for weights and bias; `free` is the share of λ that the bias is spared."""
    A = np.hstack([X, np.ones((len(X), 1))])
    penalty = np.diag([*np.full(X.shape[1], lam), lam * (1 - free)])
    v = np.linalg.lstsq(A.T @ A + penalty, A.T @ t)[0]
    return v[:-1], v[-1]


def ridge_of(X, y, lam):
    return np.linalg.lstsq(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)[0]


def ridge_mean_only(X, t, lam):
    return ridge_of(X, t - t.mean(), lam), t.mean()


def ridge_half_centred(X, t, lam):
    w, _ = ridge_by_rows(X, t, lam)
    return w, t.mean()


def ridge_standardised(X, t, lam, back=True):
    std = np.where(X.std(axis=0) > 1e-12, X.std(axis=0), 1.0)
    w, b = ridge_by_rows((X - X.mean(axis=0)) / std, t, lam)
    return (w / std, b - (X.mean(axis=0) / std) @ w) if back else (w, b)


def ridge_everywhere(X, t, lam):
    C = X - X.mean(axis=0)
    w = np.linalg.pinv(C.T @ C + lam) @ C.T @ (t - t.mean())
    return w, t.mean() - X.mean(axis=0) @ w


def ridge_uncentred(X, t, lam):
    w = ridge_of(X, t, lam)
    return w, t.mean() - X.mean(axis=0) @ w


# ---- 07.3 a penalty in a loss and in its gradient


def logistic_cases(rng):
    """Both labels, weights and λ of 0, one row, one column, logits of ±400."""
    easy = (
        np.array([2.0, -1.0]),
        0.5,
        np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, 1.0], [0.5, 0.5]]),
        np.array([1.0, 0.0, 0.0, 1.0]),
        0.6,
    )

    def case(n, d, lam, scale=1.0):
        t = rng.integers(0, 2, n).astype(float)
        return scale * rng.normal(size=d), rng.normal(), rng.normal(size=(n, d)), t, lam

    drawn = [case(5, 2, 0.3), case(5, 2, 0.3), case(3, 3, 1.4), case(7, 4, 0.05)]
    far = np.array([10.0, -20.0]), -75.0, np.array([[40.0, 0.0], [0.0, 20.0], [-9.0, 3.0]])
    other = easy[0], easy[1], easy[2], np.array([0.0, 1.0, 1.0, 0.0]), easy[4]
    return [
        easy,
        other,
        *(moved for moved in one_moved(easy) if set(moved[3]) <= {0.0, 1.0}),
        *drawn,
        case(1, 3, 0.5),
        case(4, 1, 0.5),
        case(1, 1, 2.0),
        case(6, 2, 0.0),
        (np.zeros(3), 0.0, rng.normal(size=(4, 3)), np.array([0.0, 1.0, 1.0, 0.0]), 0.7),
        (rng.normal(size=2), 0.4, np.zeros((3, 2)), np.array([1.0, 1.0, 0.0]), 0.9),
        (*far, np.array([1.0, 1.0, 0.0]), 0.1),
        (*far, np.array([0.0, 0.0, 1.0]), 90.0),
        (
            np.array([60.0, -0.5]),
            1.0,
            np.array([[0.5, 70.0], [-0.1, 2.0]]),
            np.array([1.0, 0.0]),
            0.0123,
        ),
        (
            np.array([0.1234, -0.5678]),
            0.1,
            np.array([[0.7, 0.1], [-0.3, 0.9]]),
            np.array([1.0, 0]),
            0.1,
        ),
    ]


def logistic(w, b, X, t, lam, loss=None, dw=None, db=None):
    """Loss and gradients; the parts of the penalty can be given otherwise."""
    z = X @ w + b
    p = np.exp(-np.logaddexp(0, -z))
    loss = lam * (w @ w) / 2 if loss is None else loss
    dw = lam * w if dw is None else dw
    data_loss = np.mean(np.where(t == 1, np.logaddexp(0, -z), np.logaddexp(0, z)))
    return (
        data_loss + loss,
        X.T @ (p - t) / len(t) + dw,
        np.mean(p - t) + (0.0 if db is None else db),
    )


def logistic_by_logarithms(w, b, X, t, lam):
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        each = t * np.log(p) + (1 - t) * np.log(1 - p)
    return lam * (w @ w) / 2 - np.mean(each), *logistic(w, b, X, t, lam)[1:]


def logistic_summed(w, b, X, t, lam):
    _, dw, db = logistic(w, b, X, t, 0.0)
    loss, _, _ = logistic(w, b, X, t, lam)
    return loss, dw * len(t) + lam * w, db * len(t)


# ---- 07.4 one proximal step


def step_cases(rng):
    """Weights that shrink, cross, stay, arrive at the threshold exactly; rates and λ of 0."""
    easy = np.array([1.0, -0.5, 0.25, 0.0]), np.array([2.0, 1.0, 0.5, -4.0]), 0.5, 0.5
    drawn = [
        (rng.normal(size=d), rng.normal(size=d), lr, lam)
        for d, lr, lam in (
            (5, 0.1, 2.0),
            (5, 0.1, 2.0),
            (3, 0.7, 0.3),
            (1, 0.2, 1.0),
            (6, 1.5, 0.8),
        )
    ]
    edge = 0.5 + np.array([0.0, 1e-3, -1e-3, 1e-6, -1e-6])
    return [
        easy,
        *one_moved(easy),
        *drawn,
        *one_moved(drawn[0]),
        (np.concatenate([edge, -edge]), np.zeros(10), 0.25, 2.0),
        (np.zeros(4), np.array([3.0, -3.0, 1.0, 0.0]), 0.5, 2.0),
        (np.array([1.0, -2.0, 0.0]), np.array([0.5, 0.5, -0.5]), 0.5, 0.0),
        (np.array([80.0, -70.0, 66.5]), np.array([-60.0, 90.0, 1.2345]), 0.1, 7.0),
        (np.array([1.0, -2.0]), np.array([0.1, 0.2]), 64.0, 0.0123),
        (np.array([1.0, -2.0]), np.array([0.1, 0.2]), 0.0123, 90.0),
        (np.array([1e-6, -1e-6, 3e-6]), np.zeros(3), 0.001, 0.002),
        (np.array([0.1, -0.7]), np.array([0.3, 0.2]), 0.1, 0.1),
    ]


def shrunk(w, threshold):
    return np.maximum(w - threshold, 0) + np.minimum(w + threshold, 0)


def hard_step(w, g, lr, lam):
    v = w - lr * g
    return np.where(np.abs(v) > lr * lam, v, 0.0)


def stopped_at_the_sign(w, g, lr, lam):
    new = w - lr * (g + lam * np.sign(w))
    return np.where(new * w < 0, 0.0, new)


def nearly_zero_step(w, g, lr, lam, eps=1e-2):
    v = w - lr * (g + lam * np.sign(w))
    return np.where(np.abs(v) < eps, 0.0, v)


# ---- 07.5 the mask, backward


def mask_cases(rng):
    """Zeros among h and G, u equal to p and close to it, p = 0, one row, one column."""
    easy = (
        np.array([[1.0, -2.0, 4.0], [0.5, 3.0, -1.0]]),
        np.array([[2.0, 0.0, -1.0], [0.0, 1.5, 0.5]]),
        np.array([[0.9, 0.5, 0.1], [0.3, 0.7, 0.2]]),
        0.25,
    )

    def case(n, d, p):
        h = np.maximum(rng.normal(size=(n, d)), 0)
        return rng.normal(size=(n, d)), h, rng.random((n, d)), p

    drawn = [case(3, 4, 0.5), case(3, 4, 0.5), case(2, 2, 0.3), case(1, 5, 0.6), case(4, 1, 0.8)]
    near = 0.4 + np.array([[0.0, 1e-3, -1e-3, 5e-10, -5e-10]])
    return [
        easy,
        (easy[0], np.array([[0.0, 1.0, 1.0], [2.0, 0.0, 0.0]]), *easy[2:]),
        (*easy[:2], 1 - easy[2], easy[3]),
        (*easy[:2], np.array([[0.0, 0.5, 0.1], [0.3, 0.0, 0.9]]), 0.1234),
        (*easy[:3], 0.6),
        *drawn,
        (rng.normal(size=(3, 4)), *drawn[0][1:]),
        (rng.normal(size=(1, 5)), rng.normal(size=(1, 5)), near, 0.4),
        (rng.normal(size=(2, 3)), np.zeros((2, 3)), rng.random((2, 3)), 0.2),
        (np.zeros((2, 2)), rng.normal(size=(2, 2)), rng.random((2, 2)), 0.5),
        (rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.random((2, 3)), 0.0),
        (rng.normal(size=(1, 1)), np.array([[1.0]]), np.array([[0.95]]), 0.9),
        (
            np.array([[80.0, -77.0, 0.1234]]),
            np.array([[90.0, 0.1, -70.0]]),
            np.array([[0.7, 0.1, 0.9]]),
            0.1,
        ),
    ]


# ---- 07.6 when to stop


def stopping_cases(rng):
    """Falling to the end, rising from the start, ties, a better minimum after the stop, m = 1."""
    fixed = [
        ([5.0, 4.0, 4.5, 4.2, 3.0, 3.5, 3.6, 3.7, 1.0], 3),
        ([3.0, 2.0, 2.5, 1.0, 2.0], 2),
        ([3.0, 2.0, 2.5, 1.0, 2.0], 1),
        ([3.0, 2.0, 1.0], 2),
        ([1.0, 2.0, 3.0, 4.0], 2),
        ([2.0, 2.0, 2.0, 2.0, 2.0], 3),
        ([3.0, 1.0, 1.0, 2.0, 1.0, 0.5], 3),
        ([4.0, 5.0, 3.0, 4.0, 2.0, 3.0, 3.0], 2),
        ([4.0, 5.0, 3.0, 4.0, 2.0, 3.0, 1.0, 2.0, 2.0, 2.0], 3),
        ([7.0], 1),
        ([7.0], 4),
        ([2.0, 3.0], 1),
        ([5.0, 4.0, 6.0, 6.0, 6.0], 3),
        ([5.0, 4.0, 6.0, 6.0, 6.0, 0.0], 10),
        ([0.0, -1.0, -0.5, -2.0, -1.0, -1.0], 2),
        ([80.0, 71.0, 75.0, 60.0, 90.0, 95.0, 99.0, 1.0], 3),
        ([0.12344, 0.12343, 0.12342, 0.12341], 1),
        ([1.0, 1.0 - 1e-12, 1.0, 1.0, 0.5], 2),
    ]
    drawn = [(rng.normal(size=12).round(1), patience) for patience in (1, 2, 3, 4, 5)]
    longer = [(np.abs(np.arange(20) - 8) + rng.normal(size=20), k) for k in (2, 3, 6)]
    return [(np.array(val), patience) for val, patience in (*fixed, *drawn, *longer)]


def stopping(val, patience, better=lambda new, best: new < best, reset=True, more=0, start=np.inf):
    """(epochs trained, best epoch), counted from 1."""
    best, best_epoch, waited = start, 0, 0
    for epoch, loss in enumerate(val.tolist(), 1):
        if better(loss, best):
            best, best_epoch = loss, epoch
            waited = 0 if reset else waited
        else:
            waited += 1
            if waited >= patience + more:
                return epoch, best_epoch
    return len(val), best_epoch


def by_new_bests(val, patience):
    """The same, from the epochs of new bests: the first gap of `patience` ends it."""
    bests = [k for k in range(len(val)) if k == 0 or val[k] < val[:k].min()]
    for here, following in zip(bests, [*bests[1:], np.inf], strict=True):
        if here + patience < min(following, len(val)):
            return here + patience + 1, here + 1
    return len(val), bests[-1] + 1


def against_the_last(val, patience):
    best, waited = 0, 0
    for k in range(1, len(val)):
        waited = 0 if val[k] < val[k - 1] else waited + 1
        best = k if val[k] < val[best] else best
        if waited >= patience:
            return k + 1, best + 1
    return len(val), best + 1


# ---- 07.8 images that move, each its own way


def image_cases(rng):
    """Both directions, none, as far as the image is wide, one image, one row, one column."""
    easy = np.arange(1.0, 13).reshape(2, 2, 3), np.array([1, 0]), np.array([0, 1])

    def case(n, h, w):
        images = rng.uniform(0.1, 1, (n, h, w))
        return images, rng.integers(1 - w, w, n), rng.integers(1 - h, h, n)

    square = rng.uniform(0.1, 1, (4, 3, 3)), np.array([1, -1, 2, 0]), np.array([-2, 1, 0, 0])
    return [
        easy,
        (easy[0], np.array([-1, 2]), easy[2]),
        (easy[0], easy[1], np.array([-1, 0])),
        (easy[0] * 10, easy[1], easy[2]),
        square,
        *(case(*shape) for shape in ((3, 4, 5), (3, 4, 5), (5, 2, 6), (2, 8, 8), (1, 3, 4))),
        (rng.random((3, 3, 4)), np.zeros(3, int), np.zeros(3, int)),
        (rng.random((4, 3, 4)), np.array([3, -3, 3, -3]), np.array([2, -2, -2, 2])),
        (rng.random((2, 1, 5)), np.array([2, -4]), np.array([0, 0])),
        (rng.random((2, 5, 1)), np.array([0, 0]), np.array([-1, 3])),
        (rng.random((2, 1, 1)), np.array([0, 0]), np.array([0, 0])),
        (90 * rng.random((1, 2, 2)), np.array([1]), np.array([-1])),
        (rng.normal(size=(2, 3, 4)) - 0.5, np.array([1, 0]), np.array([-1, 0])),
        (np.zeros((2, 2, 3)), np.array([1, 1]), np.array([1, 0])),
    ]


def placed(images, dx, dy, sign=1, wrap=False, edge=False):
    """Every pixel of the result asks where it came from."""
    n, h, w = images.shape
    out = np.zeros(images.shape)
    for k, y, x in np.ndindex(n, h, w):
        from_y, from_x = y - sign * int(dy[k]), x - sign * int(dx[k])
        if wrap:
            from_y, from_x = from_y % h, from_x % w
        if edge:
            from_y, from_x = min(max(from_y, 0), h - 1), min(max(from_x, 0), w - 1)
        if 0 <= from_y < h and 0 <= from_x < w:
            out[k, y, x] = images[k, from_y, from_x]
    return out


def wraps_on_the_left(images, dx, dy):
    """As where a pixel is written to a negative index, which counts from the end."""
    n, h, w = images.shape
    out = np.zeros(images.shape)
    for k, y, x in np.ndindex(n, h, w):
        if y + dy[k] < h and x + dx[k] < w:
            out[k, y + dy[k], x + dx[k]] = images[k, y, x]
    return out


def blanked_from_zero(images, dx, dy):
    """Rolls, and blanks by slices that take a shift of 0 for one to the left, or up."""
    out = placed(images, dx, dy)
    out[(dx == 0) | (dy == 0)] = 0.0
    return out


def rolled_as_printed(images, dx, dy):
    return np.stack(
        [np.roll(i, (x, y), axis=(0, 1)) for i, x, y in zip(images, dx, dy, strict=True)]
    )


# ---- 07.9 decay and stopping together


def filter_cases(rng):
    """Directions of strength 0, strong and weak ones, λ = 0, no step at all, one step, many."""
    easy = np.array([2.0, 1.0, 0.5]), 0.125, 1.0, 2
    drawn = [
        (np.sort(rng.uniform(0.1, 2, d))[::-1].copy(), lr, lam, t)
        for d, lr, lam, t in (
            (4, 0.1, 0.5, 5),
            (4, 0.1, 0.5, 5),
            (3, 0.2, 0.1, 12),
            (5, 0.05, 3.0, 40),
        )
    ]
    return [
        easy,
        *one_moved(easy),
        *drawn,
        *one_moved(drawn[0]),
        (np.array([1.5]), 0.2, 0.4, 7),
        (np.array([1.0, 0.3, 0.0]), 0.3, 0.2, 4),
        (np.array([1.0, 0.3, 0.0]), 0.3, 0.0, 4),
        (np.array([0.0, 0.0]), 0.5, 0.0, 3),
        (np.array([1.0, 0.2]), 0.5, 0.3, 0),
        (np.array([1.0, 0.2]), 0.0, 0.3, 5),
        (np.array([60.0, 0.01]), 1e-4, 0.0, 9),
        (np.array([0.1, 0.05]), 60.0, 0.0023, 2),
        (np.array([1.0, 0.2]), 0.5, 0.3, 1),
        (np.array([1.0, 0.2]), 0.5, 0.3, 1000),
        (np.array([0.5, 0.125]), 0.01, 80.0, 3),
        (np.array([9.0, 1.0, 0.01]), 0.01, 0.7, 100),
        (np.array([1e-3, 0.1234]), 0.1, 0.1, 6),
    ]


def filter_by_steps(s, lr, lam, t, start=0.0):
    """Gradient descent itself, in each direction, towards the least-squares weight 1."""
    w = np.where(s > 0, start, 0.0)
    for _ in range(t):
        w = (1 - lr * lam) * w - lr * s**2 * (w - 1)
    return w


def decayed_apart(s, lr, lam, t, before=False):
    """Two steps one after the other, the decay last or first."""
    w = np.zeros(len(s))
    for _ in range(t):
        w = w * (1 - lr * lam) if before else w
        w = w - lr * s**2 * (w - 1)
        w = w if before else w * (1 - lr * lam)
    return w


def unguarded_filter(s, lr, lam, t):
    with np.errstate(all="ignore"):
        return s**2 / (s**2 + lam) * (1 - (1 - lr * (s**2 + lam)) ** t)


def ridge_filter(s, lr, lam, t):
    total = s**2 + lam
    return np.divide(s**2, total, out=np.zeros(len(s)), where=total > 0)


def stopped_filter(s, lr, lam, t):
    return 1 - (1 - lr * s**2) ** t


# ---- 07.10 the simplest within one standard error


def fold_cases(rng):
    """λ in any order, two folds, one λ, folds that agree exactly, ties at the limit."""
    easy = np.array([[3.0, 2.0, 2.5, 4.0], [5.0, 2.0, 2.5, 4.0], [4.0, 5.0, 4.0, 4.0]])
    lams = np.array([0.1, 1.0, 10.0, 100.0])

    def case(k, m):
        errors = rng.uniform(0, 1, (1, m)) + rng.normal(size=(k, m))
        return errors, rng.permutation(10.0 ** np.arange(m) / 10)

    near = np.array([[1.0, 1.25], [1.5, 1.75], [2.0, 2.25]])
    return [
        (easy, lams),
        (easy, lams[::-1].copy()),
        (easy[:, ::-1].copy(), lams),
        (easy * 10, lams),
        (easy[:2], lams),
        *(case(k, m) for k, m in ((5, 6), (5, 6), (4, 4), (2, 5), (10, 8), (3, 3), (5, 9))),
        *(case(5, 5) for _ in range(6)),
        (np.array([[1.0], [2.0]]), np.array([0.5])),
        (np.array([[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]), np.array([0.1, 10.0, 1.0])),
        (easy, 2 * lams),
        (np.array([[1.0, 1.5], [2.0, 2.5]]), np.array([1.0, 3.0])),  # at the limit: SE is ½
        (np.array([[1.0, 1.5 + 4e-9], [2.0, 2.5 + 4e-9]]), np.array([1.0, 3.0])),  # just above it
        (np.array([[3e-5, 9e-5, 8e-5], [5e-5, 9e-5, 1e-5]]), np.array([1e-5, 1.234e-4, 1.5e-4])),
        (near, np.array([1.0, 2.0])),
        (np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([0.0, 7.0])),
        (
            np.array([[70.0, 72.0, 95.0], [80.0, 83.0, 60.0], [75.0, 71.0, 99.0]]),
            np.array([2.0, 4, 8]),
        ),
        (np.array([[0.1, 0.10004, 0.2], [0.1001, 0.10012, 0.2]]), np.array([0.1, 0.2, 0.7])),
    ]


def simplest_by_sums(errors, lams, ddof=1, root=True, own=False, pick=max):
    k, m = errors.shape
    columns = [sorted(column) for column in errors.T.tolist()]
    means = [sum(c) / k for c in columns]
    best = min(range(m), key=means.__getitem__)

    def spread(j):
        square = sum((x - means[j]) ** 2 for x in columns[j]) / max(k - ddof, 1)
        return (square / k if root else square) ** 0.5

    return float(
        pick(lams[j] for j in range(m) if means[j] <= means[best] + spread(j if own else best))
    )


def best_alone(errors, lams):
    return float(lams[errors.mean(axis=0).argmin()])


def last_of_the_list(errors, lams):
    means = errors.mean(axis=0)
    best = means.argmin()
    limit = means[best] + errors[:, best].std(ddof=1) / np.sqrt(len(errors))
    return float(lams[np.flatnonzero(means <= limit)[-1]])


def below_the_limit(errors, lams):
    means = errors.mean(axis=0)
    best = means.argmin()
    limit = means[best] + errors[:, best].std(ddof=1) / np.sqrt(len(errors))
    return float(lams[(means < limit) | (np.arange(len(means)) == best)].max())


def first_above(errors, lams):
    """Walks upwards from the best λ, and stops at the first that is too bad."""
    order = np.argsort(lams)
    means = errors.mean(axis=0)[order]
    best = means.argmin()
    limit = means[best] + errors[:, order[best]].std(ddof=1) / np.sqrt(len(errors))
    while best + 1 < len(means) and means[best + 1] <= limit:
        best += 1
    return float(lams[order[best]])


EXERCISES = [
    Exercise(
        id="07.1",
        kind="by hand",
        title="Shrink, or subtract",
        signature="minimisers()",
        results=("L2", "L1"),
        worked=worked.minimisers,
        reference=((10 / 6.5, -1.2 / 2.3), (1.7, 0.0)),
        atol=5e-5,  # asked for four decimals
        mistakes=(
            Mistake(
                "swap",
                "The two are swapped: L2 multiplies and leaves no zero, L1 subtracts and does.",
                ((1.7, 0.0), (10 / 6.5, -1.2 / 2.3)),
            ),
            Mistake(
                "added",
                "You added λ/s in L1. It is subtracted from the size of the weight, which becomes "
                "0 if nothing is left.",
                ((10 / 6.5, -1.2 / 2.3), (2.3, -3.375)),
            ),
            Mistake(
                "uniform",
                "You divided both by 1 + λ. How far a weight gives way depends on its strength: "
                "s/(s + λ).",
                ((0.8, -0.6), (1.7, 0.0)),
            ),
            Mistake(
                "twolam",
                "You took 2λw for the derivative of the penalty. It has a ½, so it is λw.",
                ((1.25, -1.2 / 3.8), (1.7, 0.0)),
            ),
            Mistake(
                "squares",
                "Your share is s²/(s² + λ). It is that where s is a singular value; here s stands "
                "in the loss itself, so it is s/(s + λ).",
                ((50 / 26.5, -0.96 / 2.14), (1.7, 0.0)),
            ),
            Mistake(
                "shares",
                "You took the share that is lost, λ/(s + λ), for the share that is kept.",
                ((3 / 6.5, -2.25 / 2.3), (1.7, 0.0)),
            ),
            Mistake(
                "threshold",
                "You subtracted λ itself. The gradient to be balanced is s(w − a), so the weight "
                "moves by λ/s.",
                ((10 / 6.5, -1.2 / 2.3), (0.5, 0.0)),
            ),
            Mistake(
                "cross",
                "The second weight crossed 0. Beyond 0 the penalty's gradient has the other sign, "
                "so it stays at 0.",
                ((10 / 6.5, -1.2 / 2.3), (1.7, 0.375)),
            ),
            Mistake(
                "stay",
                "You left the second weight where it was: it moves towards 0 by λ/s, and stops "
                "there.",
                ((10 / 6.5, -1.2 / 2.3), (1.7, -1.5)),
            ),
        ),
        hints=(
            "Each weight stands alone. Where is the derivative of its part of the loss 0?",
            "For L2, s(w − a) + λw = 0. For L1, s(w − a) + λ = 0 as long as w is positive.",
            "L2 keeps the share s/(s + λ) of a. L1 moves a towards 0 by λ/s: compare 0.3 with 2, "
            "and 1.875 with 1.5.",
        ),
        section='chapter 07, section 7.2, "Numbers by hand"',
        proves="L2 shrinks by a factor, L1 subtracts and deletes.",
    ),
    Exercise(
        id="07.2",
        kind="implement",
        title="Ridge with a free bias",
        signature="ridge(X, t, lam)",
        worked=worked.ridge,
        results=("w", "b"),
        reference=ridge_by_rows,
        cases=ridge_cases,
        mistakes=(
            Mistake(
                "bias",
                "You penalised the bias as well. Add 100 to all targets, and it cannot follow.",
                lambda X, t, lam: ridge_with(X, t, lam, free=0.0),
            ),
            Mistake(
                "nobias",
                "Your fit goes through 0: the bias is missing.",
                lambda X, t, lam: (ridge_of(X, t, lam), 0.0),
            ),
            Mistake(
                "meant",
                "You took the mean of t for the bias and left X as it was. The weights are right "
                "only if the columns of X have the mean 0 too.",
                ridge_mean_only,
            ),
            Mistake(
                "halfway",
                "Your weights are right. The bias is not the mean of t: at the mean of X the model "
                "says the mean of t, so b = mean(t) − mean(X)·w.",
                ridge_half_centred,
            ),
            Mistake(
                "standardised",
                "You divided the columns by their standard deviation. Then λ weighs on other "
                "weights than those of the text.",
                ridge_standardised,
            ),
            Mistake(
                "scaled",
                "Weights and bias are those for columns divided by their standard deviation. The "
                "text's belong to the columns as they are.",
                lambda X, t, lam: ridge_standardised(X, t, lam, back=False),
            ),
            Mistake(
                "everywhere",
                "You added λ to every number of XᵀX. It belongs on the diagonal: λ times the unit "
                "matrix.",
                ridge_everywhere,
            ),
            Mistake(
                "uncentred",
                "You fitted the weights without a bias, and made the bias from the means "
                "afterwards. The weights depend on it: centre the columns and t before.",
                ridge_uncentred,
            ),
            Mistake(
                "nolam",
                "Your fit is that of least squares: λ is missing.",
                lambda X, t, lam: ridge_with(X, t, 0.0),
            ),
            Mistake(
                "times",
                "Your λ is {} times the one of the text, ½λ|w|² beside ½Σ: λI is added to XᵀX.",
                lambda X, t, lam, k=2.0: ridge_by_rows(X, t, k * lam),
                family=(2.0, 0.5, 4.0),
            ),
            Mistake(
                "timesn",
                "Either you multiplied λ by the number of rows, or you took the mean of squares "
                "for their sum. The loss is a sum, its penalty ½λ|w|².",
                lambda X, t, lam: ridge_by_rows(X, t, lam * len(t)),
            ),
            Mistake(
                "overn",
                "You divided λ by the number of rows. The loss is a sum, its penalty ½λ|w|².",
                lambda X, t, lam: ridge_by_rows(X, t, lam / len(t)),
            ),
        ),
        hints=(
            "The bias has no penalty, so its derivative alone says: the errors sum to 0.",
            "Centre X and t: then the bias of the centred problem is 0, and the formula of 7.4 "
            "gives w.",
            "b is what is missing at the means: mean of t, minus the means of the columns times w.",
        ),
        section='chapter 07, section 7.4, "L2, a dimmer for each direction"',
        proves="Weights shrink, the bias follows the targets wherever they lie.",
    ),
    Exercise(
        id="07.3",
        kind="find the bug",
        title="In one, not in the other",
        signature="loss_and_grads(w, b, X, t, lam)",
        worked=worked.loss_and_grads,
        results=("loss", "dw", "db"),
        reference=lambda w, b, X, t, lam: logistic(w, b, X, t, lam),
        cases=logistic_cases,
        mistakes=(
            Mistake(
                "printed",
                "In your loss the penalty is divided by the number of rows, in your gradient it is "
                "not. `gradcheck` finds such a pair at once.",
                lambda w, b, X, t, lam: logistic(w, b, X, t, lam, loss=lam * (w @ w) / 2 / len(t)),
            ),
            Mistake(
                "bothn",
                "Loss and gradient agree now, but with λ/n for λ: the text divides only the data's "
                "part by n.",
                lambda w, b, X, t, lam: logistic(w, b, X, t, lam / len(t)),
            ),
            Mistake(
                "gradn",
                "In your gradient the penalty is divided by the number of rows, in your loss it is "
                "not.",
                lambda w, b, X, t, lam: logistic(w, b, X, t, lam, dw=lam * w / len(t)),
            ),
            Mistake(
                "lossonly",
                "The penalty is in your loss, and not in your gradient: nothing is held back.",
                lambda w, b, X, t, lam: logistic(w, b, X, t, lam, dw=0 * w),
            ),
            Mistake(
                "gradonly",
                "The penalty is in your gradient, and not in your loss: what is printed is not "
                "what is minimised.",
                lambda w, b, X, t, lam: logistic(w, b, X, t, lam, loss=0.0),
            ),
            Mistake(
                "two",
                "Your gradient of the penalty is 2λw. The ½ in front of it cancels the 2.",
                lambda w, b, X, t, lam: logistic(w, b, X, t, lam, dw=2 * lam * w),
            ),
            Mistake(
                "nohalf",
                "Your penalty is λ|w|². The text has a ½ in front.",
                lambda w, b, X, t, lam: logistic(w, b, X, t, lam, loss=lam * (w @ w)),
            ),
            Mistake(
                "bias",
                "You penalised the bias. It is free.",
                lambda w, b, X, t, lam: logistic(
                    w, b, X, t, lam, loss=lam * (w @ w + b * b) / 2, db=lam * b
                ),
            ),
            Mistake(
                "logarithms",
                "You take the logarithm of p. Where z is large p is 1 to the last digit, and the "
                "logarithm of 1 − p is −inf: `np.logaddexp(0, z)` is finite for every z.",
                logistic_by_logarithms,
            ),
            Mistake(
                "summed",
                "Your gradients of the data are sums over the rows; the loss is their mean.",
                logistic_summed,
            ),
        ),
        hints=(
            "Give the function to `gradcheck`, or take a central difference of the loss in one "
            "weight: by which factor is the penalty's part off?",
            "With λ = 0 all is right. So it is the penalty, and it appears twice. Which of the "
            "two agrees with the text?",
            "The mean belongs to the data's part alone: nothing of the penalty is divided by n.",
        ),
        section='chapter 07, section 7.5, "The penalty in a training loop"',
        proves="The same penalty in the loss and in its gradient, and none on the bias.",
    ),
    Exercise(
        id="07.4",
        kind="find the bug",
        title="A step that never arrives",
        signature="l1_step(w, g, lr, lam)",
        worked=worked.l1_step,
        reference=lambda w, g, lr, lam: shrunk(w - lr * g, lr * lam),
        cases=step_cases,
        mistakes=(
            Mistake(
                "printed",
                "That is the step with λ·sign(w) in the gradient. It jumps over 0 and back, and "
                "meets it exactly only by accident.",
                lambda w, g, lr, lam: w - lr * (g + lam * np.sign(w)),
            ),
            Mistake(
                "nearly",
                "You set to 0 what is smaller than {} after a step with λ·sign(w). A weight that "
                "would cross 0 must stop there, however far it would get.",
                nearly_zero_step,
                family=EPSILONS,
            ),
            Mistake(
                "threshold",
                "Your threshold is λ. One step moves a weight by lr·λ.",
                lambda w, g, lr, lam: shrunk(w - lr * g, lam),
            ),
            Mistake(
                "before",
                "You shrank first and took the gradient afterwards: the zeros are lost again.",
                lambda w, g, lr, lam: shrunk(w, lr * lam) - lr * g,
            ),
            Mistake(
                "sign change",
                "You took the step with λ·sign(w), and put to 0 what changed its sign. The data's "
                "gradient may carry a weight across 0: only λ stops there. Step against g first, "
                "and take the sign afterwards.",
                stopped_at_the_sign,
            ),
            Mistake(
                "norate",
                "You stepped by the whole gradient: it is multiplied by lr.",
                lambda w, g, lr, lam: shrunk(w - g, lr * lam),
            ),
            Mistake(
                "hard",
                "You deleted the small ones and left the others as they were. Every weight is "
                "reduced by lr·λ.",
                hard_step,
            ),
            Mistake(
                "cross",
                "Your weights cross 0: a small one comes out on the other side in place of 0.",
                lambda w, g, lr, lam: w - lr * g - lr * lam * np.sign(w - lr * g),
            ),
            Mistake(
                "l2",
                "That is the step of L2: it shrinks by a factor and makes no zeros.",
                lambda w, g, lr, lam: (1 - lr * lam) * w - lr * g,
            ),
            Mistake(
                "positive",
                "Negative weights become 0, whatever their size. Take the size, and give the sign "
                "back.",
                lambda w, g, lr, lam: np.maximum(w - lr * g - lr * lam, 0),
            ),
            Mistake(
                "oldsign",
                "You gave back the sign of the old weight. The step on the data may have changed "
                "it: take the sign after that step.",
                lambda w, g, lr, lam: np.sign(w) * np.maximum(np.abs(w - lr * g) - lr * lam, 0),
            ),
        ),
        hints=(
            "Two steps one after the other: one for the data, one for the penalty.",
            "First against the gradient of the data. Then every size is reduced by the same "
            "amount, and none below 0.",
            "The amount is lr·λ; the sign is that of the weight after the data's step.",
        ),
        section='chapter 07, section 7.6, "L1, and real zeros"',
        proves="A weight that would cross 0 stops at exactly 0.",
    ),
    Exercise(
        id="07.5",
        kind="find the bug",
        title="The mask, backward",
        signature="dropout_vjp(G, h, u, p)",
        worked=worked.dropout_vjp,
        reference=lambda G, h, u, p: np.where(u < p, 0.0, G) / (1 - p),
        cases=mask_cases,
        mistakes=(
            Mistake(
                "printed",
                "You read the mask off the zeros of the output, and the factor 1/(1 − p) is "
                "missing. An h of 0 that was kept passes a gradient; u says who was kept.",
                lambda G, h, u, p: np.where((u >= p) & (h != 0), G, 0.0),
            ),
            Mistake(
                "zeros",
                "You read the mask off the zeros of the output. An h of 0 that was kept passes a "
                "gradient; u says who was kept.",
                lambda G, h, u, p: np.where((u >= p) & (h != 0), G, 0.0) / (1 - p),
            ),
            Mistake(
                "noscale",
                "The factor 1/(1 − p) is missing: forward divided, so backward divides too.",
                lambda G, h, u, p: np.where(u >= p, G, 0.0),
            ),
            Mistake(
                "nomask",
                "Your gradient reaches the numbers that were dropped. They had no part in the "
                "output.",
                lambda G, h, u, p: G / (1 - p),
            ),
            Mistake(
                "byh",
                "You multiplied by h. The output is h times a constant; its derivative with "
                "respect to h is the constant.",
                lambda G, h, u, p: np.where(u >= p, G * h, 0.0) / (1 - p),
            ),
            Mistake(
                "keep",
                "You divided by p. p is the share that is dropped; 1 − p is kept.",
                lambda G, h, u, p: np.where(u >= p, G, 0.0) / p if p else np.where(u >= p, G, 0.0),
            ),
            Mistake(
                "turned",
                "Your mask is reversed: kept is where u ≥ p.",
                lambda G, h, u, p: np.where(u < p, G, 0.0) / (1 - p),
            ),
            Mistake(
                "strict",
                "Where u equals p you drop. The text keeps there: u ≥ p.",
                lambda G, h, u, p: np.where(u > p, G, 0.0) / (1 - p),
            ),
            Mistake(
                "twice",
                "You divided by 1 − p twice. The factor appears once in the output, and once in "
                "its derivative.",
                lambda G, h, u, p: np.where(u >= p, G, 0.0) / (1 - p) ** 2,
            ),
            Mistake(
                "forward",
                "That is the forward pass. Upstream comes G.",
                lambda G, h, u, p: np.where(u >= p, h, 0.0) / (1 - p),
            ),
        ),
        hints=(
            "For fixed u every number of the output is a constant times its h. Which constant?",
            "The constant is 0 where u < p. What is it elsewhere? h itself does not enter.",
            "Build the mask from u, divide it by 1 − p, and multiply the upstream gradient by it.",
        ),
        section='chapter 07, section 7.7, "Dropout"',
        proves="The same mask and the same factor backward, whatever h was.",
    ),
    Exercise(
        id="07.6",
        kind="implement",
        title="Patience",
        signature="early_stop(val, patience)",
        worked=worked.early_stop,
        results=("stopped", "best"),
        reference=by_new_bests,
        cases=stopping_cases,
        mistakes=(
            Mistake(
                "last",
                "You return the last epoch as the best. What is put back are the weights of the "
                "lowest loss.",
                lambda val, patience: (stopping(val, patience)[0],) * 2,
            ),
            Mistake(
                "oracle",
                "Your best epoch comes after the stop: nobody has seen that loss.",
                lambda val, patience: (stopping(val, patience)[0], int(val.argmin()) + 1),
            ),
            Mistake(
                "from 0.0",
                "Your best loss starts at 0, so a loss above 0 is no new best. The first loss is "
                "one: start from infinity.",
                lambda val, patience: stopping(val, patience, start=0.0),
            ),
            Mistake(
                "loss",
                "You return the best loss. The task asks for its epoch.",
                lambda val, patience: (
                    stopping(val, patience)[0],
                    float(val[stopping(val, patience)[1] - 1]),
                ),
            ),
            Mistake(
                "stopped at the best",
                "You return the best epoch for the last one that was trained. Training went on "
                "for `patience` epochs.",
                lambda val, patience: (stopping(val, patience)[1],) * 2,
            ),
            Mistake(
                "total",
                "You never begin to count anew: a new best sets the waiting back to 0.",
                lambda val, patience: stopping(val, patience, reset=False),
            ),
            Mistake(
                "late",
                "You wait one epoch more than the patience says.",
                lambda val, patience: stopping(val, patience, more=1),
            ),
            Mistake(
                "early",
                "You stop one epoch too early: after `patience` epochs without a new best.",
                lambda val, patience: stopping(val, max(patience - 1, 1)),
            ),
            Mistake(
                "first",
                "The first epoch without a new best ends your training, whatever the patience.",
                lambda val, patience: stopping(val, 1),
            ),
            Mistake(
                "ties",
                "An equal loss counts as a new best for you. A new best is lower.",
                lambda val, patience: stopping(val, patience, better=lambda a, b: a <= b),
            ),
            Mistake(
                "previous",
                "You compare with the epoch before. A fall after a rise need not be a new best.",
                against_the_last,
            ),
            Mistake(
                "from0",
                "You count epochs from 0. The first is epoch 1.",
                lambda val, patience: tuple(k - 1 for k in stopping(val, patience)),
            ),
            Mistake(
                "counted back",
                "Your best epoch is the last one minus the patience. That is so only where "
                "patience ended the training.",
                lambda val, patience: (
                    stopping(val, patience)[0],
                    stopping(val, patience)[0] - patience,
                ),
            ),
            Mistake(
                "whole",
                "You go to the end and look back. The training ends when patience does.",
                lambda val, patience: (len(val), int(val.argmin()) + 1),
            ),
        ),
        hints=(
            "Walk through the epochs and remember the lowest loss so far, its epoch, and how many "
            "epochs have passed since.",
            "A lower loss sets the count back to 0; any other loss raises it by 1.",
            "When the count reaches the patience, return at once; if it never does, all epochs "
            "were trained.",
        ),
        section='chapter 07, section 7.8, "Stop early"',
        proves="The best that was seen, and no look into what comes after.",
    ),
    Exercise(
        id="07.7",
        kind="read a curve",
        title="Four curves over λ",
        signature="names()",
        results=("A", "B", "C", "D"),
        reference=("filters", "validation", "length", "train"),
        mistakes=(
            Mistake(
                "errors",
                "You exchanged the two errors. On the known rows the error only rises with λ: any "
                "penalty makes that fit worse. The one that turns is on the validation rows.",
                ("filters", "train", "length", "validation"),
            ),
            Mistake(
                "falling",
                "You exchanged the two that fall. The filters' mean begins at 1, where every "
                "direction is still whole; the length of w may begin anywhere.",
                ("length", "validation", "filters", "train"),
            ),
            Mistake(
                "grow",
                "You took the rising curve for the length of w. The penalty makes w shorter.",
                ("filters", "validation", "train", "length"),
            ),
            Mistake(
                "turns",
                "You took the curve that turns for the filters. A filter s²/(s² + λ) only falls "
                "as λ grows.",
                ("validation", "filters", "length", "train"),
            ),
            Mistake(
                "turnslength",
                "You took the curve that turns for the length of w. More penalty, shorter weights: "
                "that one only falls.",
                ("filters", "length", "validation", "train"),
            ),
            Mistake(
                "risingfilter",
                "You took the rising curve for the filters. A filter s²/(s² + λ) falls as λ grows.",
                ("train", "validation", "length", "filters"),
            ),
        ),
        hints=(
            "Which one only rises, and which one turns?",
            "Two only fall. One of them is a mean of numbers between 0 and 1.",
            "As λ goes to 0 every filter goes to 1, so their mean does.",
        ),
        section='chapter 07, section 7.4, "L2, a dimmer for each direction"',
        proves="Only the error on rows that were not fitted falls and rises again.",
    ),
    Exercise(
        id="07.8",
        kind="find the bug",
        title="Pixels that come back",
        signature="shift_each(images, dx, dy)",
        worked=worked.shift_each,
        reference=lambda images, dx, dy: placed(images, dx, dy),
        cases=image_cases,
        new=True,
        mistakes=(
            Mistake(
                "printed",
                "Two things at once: dx moves your rows, and what leaves on one side comes back on "
                "the other.",
                rolled_as_printed,
            ),
            Mistake(
                "wraps",
                "What leaves on one side comes back on the other. A digit does not do that: zeros "
                "come in.",
                lambda images, dx, dy: placed(images, dx, dy, wrap=True),
            ),
            Mistake(
                "swap",
                "dx moves your images down and dy to the right. Axis 2 is the one of x.",
                lambda images, dx, dy: placed(images, dy, dx),
            ),
            Mistake(
                "negative",
                "Your images move the other way: positive is right and down.",
                lambda images, dx, dy: placed(images, dx, dy, sign=-1),
            ),
            Mistake(
                "up",
                "Positive dy moves your images up. Row 0 is the top, so down is towards larger "
                "rows.",
                lambda images, dx, dy: placed(images, dx, -dy),
            ),
            Mistake(
                "left",
                "What leaves on the left, or above, comes back on the other side. Either you blank "
                "the other two sides only, or you write to negative indices, which count from the "
                "end.",
                wraps_on_the_left,
            ),
            Mistake(
                "zero",
                "An image with a shift of 0 becomes empty: for `dx = 0` the slice `[:, dx:]` is "
                "the whole image. Blank only where the shift is not 0.",
                blanked_from_zero,
            ),
            Mistake(
                "border",
                "You repeat the border. Zeros come in.",
                lambda images, dx, dy: placed(images, dx, dy, edge=True),
            ),
            Mistake(
                "alike",
                "All your images move as the first one does. Each has its own dx and dy.",
                lambda images, dx, dy: placed(
                    images, np.full_like(dx, dx[0]), np.full_like(dy, dy[0])
                ),
            ),
        ),
        hints=(
            "Light a single pixel and look where it goes.",
            "Put each image into the middle of a wide frame of zeros, and cut out another window; "
            "or begin with zeros and copy the part that stays inside to its new place.",
            "An image that moves right is seen through a window that moves left: with a frame of h "
            "rows and w columns on each side the window begins at row h − dy and column w − dx.",
        ),
        section='chapter 07, section 7.9, "More data from few, one answer from many"',
        proves="Each image moves its own way, and nothing comes back on the other side.",
    ),
    Exercise(
        id="07.9",
        kind="extend",
        title="Decay, and stopped",
        signature="decayed(s, lr, lam, t)",
        worked=worked.decayed,
        reference=lambda s, lr, lam, t: filter_by_steps(s, lr, lam, t),
        cases=filter_cases,
        mistakes=(
            Mistake(
                "ridge",
                "That is the filter after infinitely many steps, s²/(s² + λ). After t steps part "
                "of the way is still to go.",
                ridge_filter,
            ),
            Mistake(
                "stopped",
                "That is the filter of stopping alone. The decay shrinks the weight at each step.",
                stopped_filter,
            ),
            Mistake(
                "product",
                "You multiplied the two filters. The decay also makes the way shorter: each step "
                "takes off η(s² + λ) of what is left, not ηs².",
                lambda s, lr, lam, t: stopped_filter(s, lr, lam, t) * ridge_filter(s, lr, lam, t),
            ),
            Mistake(
                "whole",
                "Your weights go all the way to least squares. With a decay they come to rest at "
                "the share s²/(s² + λ) of it.",
                lambda s, lr, lam, t: 1 - (1 - lr * (s**2 + lam)) ** t,
            ),
            Mistake(
                "left",
                "That is the share that is still to be learned. The share that is learned is asked "
                "for.",
                lambda s, lr, lam, t: 1 - filter_by_steps(s, lr, lam, t),
            ),
            Mistake(
                "singular",
                "You took s for the strength. It is s².",
                lambda s, lr, lam, t: filter_by_steps(np.sqrt(s), lr, lam, t),
            ),
            Mistake(
                "undecoupled",
                "Your decay is λ at each step. The step multiplies it by the learning rate: "
                "1 − ηλ.",
                lambda s, lr, lam, t: filter_by_steps(s, lr, lam / lr, t),
            ),
            Mistake(
                "apart",
                "You decay and step one after the other, so that one of them sees what the other "
                "has moved. The text has one step, both parts taken at the old w.",
                decayed_apart,
            ),
            Mistake(
                "apart, before",
                "You step from the w that has decayed already. The text has one step, both parts "
                "taken at the old w.",
                lambda s, lr, lam, t: decayed_apart(s, lr, lam, t, before=True),
            ),
            Mistake(
                "from a",
                "You start at least squares, w = a. The training starts at 0.",
                lambda s, lr, lam, t: filter_by_steps(s, lr, lam, t, start=1.0),
            ),
            Mistake(
                "unguarded",
                "In a direction with s = 0 you divide 0 by 0 where λ is 0. The filter is 0 there.",
                unguarded_filter,
            ),
            Mistake(
                "onemore",
                "You took one step too many.",
                lambda s, lr, lam, t: filter_by_steps(s, lr, lam, t + 1),
            ),
        ),
        hints=(
            "Where does the weight come to rest? There a step changes nothing.",
            "By which factor does one step multiply the distance from there?",
            "The learned share is that of the resting place, times one minus the factor to the "
            "power t. Mind the direction with s = 0 when λ is 0 as well.",
        ),
        section='chapter 07, section 7.8, "Stop early"',
        proves="Two brakes in one filter: where it rests, and how far it has come.",
    ),
    Exercise(
        id="07.10",
        kind="extend",
        title="The simplest that is not worse",
        signature="simplest(errors, lams)",
        worked=worked.simplest,
        reference=lambda errors, lams: simplest_by_sums(errors, lams),
        cases=fold_cases,
        mistakes=(
            Mistake(
                "best",
                "That is the λ of the lowest mean. The largest λ within one standard error of it "
                "is asked for.",
                best_alone,
            ),
            Mistake(
                "smallest",
                "You took the smallest λ within the limit. The simplest model has the largest.",
                lambda errors, lams: simplest_by_sums(errors, lams, pick=min),
            ),
            Mistake(
                "deviation",
                "Your limit is a standard deviation. The standard error of a mean of k numbers is "
                "smaller by √k.",
                lambda errors, lams: simplest_by_sums(errors, lams, root=False),
            ),
            Mistake(
                "ddof",
                "You divided by k in the standard deviation. With the mean taken from the same k "
                "numbers it is k − 1.",
                lambda errors, lams: simplest_by_sums(errors, lams, ddof=0),
            ),
            Mistake(
                "own",
                "You gave every λ its own standard error. The limit is that of the best one, for "
                "all.",
                lambda errors, lams: simplest_by_sums(errors, lams, own=True),
            ),
            Mistake(
                "below",
                "You ask for means below the limit. The limit itself counts, and where the folds "
                "agree the best one lies on it.",
                below_the_limit,
            ),
            Mistake(
                "order",
                "You took the last one of the list within the limit. The λ come in any order.",
                last_of_the_list,
            ),
            Mistake(
                "walk",
                "You stop at the first λ above the limit. A larger one behind it may be within.",
                first_above,
            ),
        ),
        hints=(
            "Means over the folds first, axis 0. Which λ has the lowest?",
            "The standard error of that one: its standard deviation over the folds, with k − 1, "
            "divided by √k. It sets one limit for all.",
            "A mask of all means up to the limit, the limit included; then the largest λ in it.",
        ),
        section='chapter 07, section 7.10, "Which brake?"',
        proves="A choice that does not follow the luck of a fold.",
    ),
]
