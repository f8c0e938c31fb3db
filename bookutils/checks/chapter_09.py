"""Exercises of chapter 09, depth."""

import itertools
import math

import numpy as np

from bookutils.checks import worked_09 as worked
from bookutils.checks.nearby import crossed, one_moved
from bookutils.judge.exercise import BROKEN, EPSILONS, Exercise, Mistake

# ---- 09.1 batch norm of one column, by hand

DEVIATIONS, UPSTREAM = np.array([5.0, -1.0, -1.0, -3.0]), np.array([2.0, -1.0, 0.5, 4.0])


def of_column(dx, s=3.0, x_hat=None, G=UPSTREAM):
    """(x̂, dx) from a rule for dx: x̂, G and s go in."""
    x_hat = DEVIATIONS / s if x_hat is None else x_hat
    return tuple(x_hat.tolist()), tuple(dx(x_hat, G, s).tolist())


def by_three_terms(x_hat, G, s):
    return (G - G.mean() - x_hat * (G * x_hat).mean()) / s


# ---- 09.2 three starts

HE = {
    "": lambda i, o: 2 / i,
    "For he you took fan_out, the number of columns. A unit sums over the rows.": lambda i, o: (
        2 / o
    ),
    "For he the 2 is missing: a ReLU passes half of the mean square.": lambda i, o: 1 / i,
    "For he you multiplied by the variance. A draw is scaled by its root.": lambda i, o: (
        (2 / i) ** 2
    ),
    "For he you took √(6/d_in), the bound of a uniform draw of that variance.": lambda i, o: 6 / i,
    "For he the root covers the 2 alone. d_in belongs under it too.": lambda i, o: 2 / i**2,
    "For he your variance is 4/d_in, twice the right one: a 2 stands outside of the root, or is in "
    "twice.": lambda i, o: 4 / i,
    "For he you averaged d_in and d_out. That is Xavier's.": lambda i, o: 2 / (i + o),
    "For he you divide by the root instead of multiplying by it.": lambda i, o: i / 2,
    "For he you counted all weights, d_in·d_out. A unit sums over d_in of them.": lambda i, o: (
        2 / (i * o)
    ),
    "For he you took PyTorch's 1/(3·d_in).": lambda i, o: 1 / (3 * i),
    "For he you took twice Xavier's variance. He looks at d_in alone.": lambda i, o: 4 / (i + o),
    "For he you return z as it came.": lambda i, o: 1.0,
}
XAVIER = {
    "": lambda i, o: 2 / (i + o),
    "For xavier the 2 is missing: it is 2/(d_in + d_out), one over their mean.": lambda i, o: (
        1 / (i + o)
    ),
    "For xavier you took d_in alone. The variance is one over the mean of d_in and d_out.": (
        lambda i, o: 1 / i
    ),
    "For xavier you took d_out alone. The variance is one over the mean of d_in and d_out.": (
        lambda i, o: 1 / o
    ),
    "For xavier you multiplied by the variance. A draw is scaled by its root.": lambda i, o: (
        (2 / (i + o)) ** 2
    ),
    "For xavier you took √(6/(d_in + d_out)), the bound of a uniform draw of that variance.": (
        lambda i, o: 6 / (i + o)
    ),
    "For xavier the mean of d_in and d_out is meant, not their product.": lambda i, o: 2 / (i * o),
    "For xavier √(d_in·d_out) is not the mean of the two.": lambda i, o: 1 / math.sqrt(i * o),
    "For xavier your variance is 4/(d_in + d_out), twice the right one: a 2 stands outside of the "
    "root, or the 2 that makes up for a ReLU is in as well. This activation has slope 1.": (
        lambda i, o: 4 / (i + o)
    ),
    "For xavier you averaged 1/d_in and 1/d_out. Average d_in and d_out, then take one over it.": (
        lambda i, o: (1 / i + 1 / o) / 2
    ),
    "For xavier you averaged the two deviations, √(1/d_in) and √(1/d_out). Average d_in and d_out, "
    "then take one over it, then the root.": lambda i, o: ((i**-0.5 + o**-0.5) / 2) ** 2,
    "For xavier you divide by the root instead of multiplying by it.": lambda i, o: (i + o) / 2,
    "For xavier your factor is the one of he.": lambda i, o: 2 / i,
    "For xavier you averaged the roots. Average d_in and d_out, then take one root.": lambda i, o: (
        (2 / (math.sqrt(i) + math.sqrt(o))) ** 2
    ),
    "For xavier you return z as it came.": lambda i, o: 1.0,
}
PYTORCH = {
    "": lambda i, o: 1 / (3 * i),
    "For pytorch you took the bound 1/√d_in for the standard deviation. Uniform from −c to c has "
    "the variance c²/3.": lambda i, o: 1 / i,
    "For pytorch you took d_out. The bound is 1/√d_in.": lambda i, o: 1 / (3 * o),
    "For pytorch you multiplied by the variance. A draw is scaled by its root.": lambda i, o: (
        (1 / (3 * i)) ** 2
    ),
    "For pytorch you divided by 12: that is the variance of a uniform draw over the width 1. "
    "Here the width is 2c.": lambda i, o: 1 / (12 * i),
    "For pytorch you divided by 6: a uniform draw from −c to c has the variance c²/3.": (
        lambda i, o: 1 / (6 * i)
    ),
    "For pytorch you divided the bound by 3. The variance is c²/3, so c is divided by √3.": (
        lambda i, o: 1 / (9 * i)
    ),
    "For pytorch you divided the bound by 2. The standard deviation of a uniform draw from −c to c "
    "is c/√3.": lambda i, o: 1 / (4 * i),
    "For pytorch you took d_out, and the bound for the standard deviation.": lambda i, o: 1 / o,
    "For pytorch you took d_in + d_out. The bound is 1/√d_in.": lambda i, o: 1 / (3 * (i + o)),
    "For pytorch your factor is the one of he.": lambda i, o: 2 / i,
    "For pytorch your factor is the one of xavier.": lambda i, o: 2 / (i + o),
    "For pytorch you multiplied the bound by √3. It is divided by √3.": lambda i, o: 3 / i,
    "For pytorch you took the bound for the variance. The variance is c²/3.": (
        lambda i, o: 1 / math.sqrt(i)
    ),
    "For pytorch you return z as it came.": lambda i, o: 1.0,
    "For pytorch you took √(2/(1 + 0.01²)), the gain of a leaky ReLU. The bound that the text "
    "gives decides.": lambda i, o: 2 / (1 + 1e-4) / i,
}


def scaled_by(kind, z, he="", xavier="", pytorch=""):
    """z times the standard deviation of its kind, or what a sentence says was taken for it."""
    table = {"he": HE[he], "xavier": XAVIER[xavier], "pytorch": PYTORCH[pytorch]}
    return math.sqrt(table[kind](*z.shape)) * z


SAID = {  # several kinds wrong, each in its own way
    " ".join(filter(None, said)): said for said in itertools.product(HE, XAVIER, PYTORCH)
}
SAID.pop("")


FIRST_SAID = next(iter(SAID))


def scaled_as_said(kind, z, said=FIRST_SAID):
    return scaled_by(kind, z, *SAID[said])


def start_cases(rng):
    """Each kind on the same draws; wide, tall, square, one input, one output, one weight."""
    easy = np.array([[1.0, -0.5, 2.0], [0.5, 1.5, -1.0]])
    drawn = [
        rng.normal(size=shape)
        for shape in ((3, 2), (3, 2), (4, 4), (1, 5), (5, 1), (1, 1), (2, 7), (9, 4), (2, 2))
    ]
    edges = [
        np.array([[80.0, -66.0], [0.1234, 0.0], [71.5, 2.0]]),
        np.array([[0.1, 0.7, -0.3, 1e-3]]),
        np.array([[1e-6], [0.0]]),
        np.zeros((2, 3)),
    ]
    return [
        (kind, z)
        for z in (easy, np.array([[1.0, -0.5, 2.0], [0.5, 1.5, 3.0]]), *drawn, *edges)
        for kind in ("he", "xavier", "pytorch")
    ]


# ---- 09.3 what depth does


def growth_cases(rng):
    """No layer, one, many; g that fades, keeps, explodes; a from 0 to 1."""
    easy = (20, 1.0, 0.5)
    return [
        *crossed(easy, (7, 3.0, 0.2)),
        *one_moved(easy),
        (10, 2.0, 0.0),
        (30, 2**0.5, 0.0),
        (5, 2.0, 1.0),
        (5, 1.0, 1.0),
        (8, 0.6, 1.0),
        (8, 1.3, 0.04),
        (0, 1.7, 0.3),
        (1, 1.7, 0.3),
        (2, 1.7, 0.3),
        (2000, 3.0, 0.1),
        (2000, 0.01, 0.01),
        (1500, 80.0, 0.25),
        (3, 0.1, 0.7),
        (12, 1.2345, 0.5678),
        *((int(rng.integers(2, 60)), rng.uniform(0.5, 3), rng.uniform(0, 1)) for _ in range(5)),
    ]


def growth(D, g, a):
    """In logarithms, layer by layer in one product."""
    return D * (math.log10(g) + (math.log10(1 + a * a) - math.log10(2)) / 2)


WHOLE = {"int": math.trunc, "round": round, "math.floor": math.floor, "math.ceil": math.ceil}


def growth_made_whole(D, g, a, how="int"):
    return float(WHOLE[how](growth(D, g, a)))


def growth_rounded(D, g, a, decimals=2):
    return round(growth(D, g, a), decimals)


# ---- 09.4 one length for all gradients


def gradient_cases(rng):
    """Lists of one, two, three arrays and of none; longer than c, shorter, exactly c, all zero."""
    easy = [np.array([[3.0, -1.0], [2.0, 0.5]]), np.array([1.5, -2.5])]

    def of_shapes(*shapes, scale=1.0):
        return [scale * rng.normal(size=shape) for shape in shapes]

    twin = np.array([1.0, -2.0, 2.0])
    lists = [
        (easy, 2.0),
        ([np.array([[1.0, 4.0], [2.0, 0.5]]), np.array([1.5, -2.5])], 2.0),
        (easy, 3.0),
        (easy, 100.0),
        (easy, 4.0),
        ([np.array([3.0, 4.0])], 5.0),
        ([np.array([1.0, 2.0]), np.array([[2.0]])], 3.0),
        ([np.array([1.0, 2.0]), np.array([[2.0]])], 3.0 - 1e-6),
        ([np.array([1.0, 2.0]), np.array([[2.0]])], 3.0 + 1e-6),
        ([np.array([1.0, 2.0]), np.array([[2.0]])], 1.5),
        ([np.zeros(3), np.zeros((2, 2))], 1.0),
        ([np.zeros((2, 3)), np.array([0.0, -6.0])], 1.5),
        ([], 2.0),
        ([], 0.5),
        ([np.array([-7.0])], 2.0),
        ([np.array([0.5])], 2.0),
        ([np.array([[[1.0, -2.0], [4.0, 3.0]]]), np.array([5.0])], 1.0),
        ([twin, twin.copy()], 1.5),
        ([np.array([80.0, -66.1234]), np.array([[71.5], [0.0123]])], 90.0),
        ([np.array([80.0, -66.1234]), np.array([[71.5], [0.0123]])], 0.0123),
        ([np.array([1e-6, -2e-6]), np.array([3e-6])], 1e-6),
        ([np.array([1e-6, -2e-6]), np.array([3e-6])], 1.0),
        ([np.array([1e8, -3e8]), np.array([2e8])], 0.1),
        ([np.array([0.1, 0.7]), np.array([-0.3])], 0.1),
    ]
    return [
        *lists,
        (of_shapes((3, 4), (4,), (4, 2)), 0.7),
        (of_shapes((3, 4), (4,), (4, 2)), 0.7),
        (of_shapes((2, 2), (2,), scale=5.0), 1.0),
        (of_shapes((5, 1), (1,), scale=0.1), 1.0),
        (of_shapes((1, 3)), 0.5),
    ]


def numbers_of(grads):
    return itertools.chain.from_iterable(g.ravel().tolist() for g in grads)


def clipped_together(grads, c):
    length = math.hypot(*numbers_of(grads))
    return [g.copy() if length <= c else g * (c / length) for g in grads]


def clipped_with(grads, c, length, always=False):
    """All arrays times c over another length, where that is larger than c."""
    found = length(np.concatenate([g.ravel() for g in grads])) if grads else 0.0
    return [g * (c / found) if found > c or (always and found) else g.copy() for g in grads]


def clipped_near(grads, c, eps=1e-6):
    length = math.sqrt(sum(float((g * g).sum()) for g in grads))
    return [g * min(1.0, c / (length + eps)) for g in grads]


def clipped_by_factor(grads, c, factor):
    """Where the length is above c, all arrays times a factor of it."""
    length = math.hypot(*numbers_of(grads))
    return [g * (factor(length) if length > c else 1.0) for g in grads]


def clipped_by_power(grads, c, power=2.0):
    return clipped_by_factor(grads, c, lambda length: (c / length) ** power)


def clipped_on_the_way(grads, c):
    total, new = 0.0, []
    for g in grads:
        total += float((g * g).sum())
        new.append(g * min(1.0, c / max(math.sqrt(total), 1e-300)))
    return new


def largest_stretch(g):
    return np.linalg.norm(g, 2) if g.ndim == 2 else np.linalg.norm(g)


def clipped_by_first(grads, c):
    if not grads:
        return []
    return [g * min(1.0, c / max(np.linalg.norm(grads[0]), 1e-300)) for g in grads]


def divided_by_length(grads, c):
    """Without a question whether it is longer: 0/0 where all is zero."""
    length = np.sqrt(sum((g**2).sum() for g in grads))
    return [g * c / length for g in grads]


def flat_and_one(grads, c):
    flat = np.concatenate([g.ravel() for g in grads])
    return [g * min(1.0, c / max(np.linalg.norm(flat), 1e-300)) for g in grads]


# ---- 09.5 gains by measuring


def layer_cases(rng):
    """No layer, one, several; one row, one unit; no negative number; far from 0; tiny, huge."""
    easy = (
        np.array([[2.0, -1.0], [1.0, 3.0]]),
        [np.array([[1.0, -2.0, 0.5], [2.0, 1.0, -1.0]]), np.array([[3.0], [1.0], [-1.0]])],
    )
    other = (
        np.array([[2.0, -1.0], [1.0, 5.0]]),
        [np.array([[1.0, -2.0, 0.5], [2.0, 3.0, -1.0]]), np.array([[3.0], [1.0], [-1.0]])],
    )

    def case(n, *widths, scale=1.0, shift=0.0):
        Ws = [scale * rng.normal(size=shape) for shape in itertools.pairwise(widths)]
        return shift + rng.normal(size=(n, widths[0])), Ws

    ones = np.abs(rng.normal(size=(3, 3))), [np.abs(rng.normal(size=(3, 2)))]
    return [
        *crossed(easy, other),
        case(4, 3, 5, 4, 3),
        case(4, 3, 5, 4, 3),
        case(5, 4, 4, 4, scale=3.0),
        case(3, 3, 3, 3, 3, scale=0.1),
        case(4, 3, 4, 4, 3, 4, 4, scale=0.7),
        case(6, 2, 7),
        (np.array([[1.0, -2.0, 0.5]]), [np.array([[2.0, -1.0], [0.5, 1.0], [-1.0, 3.0]])]),
        (np.array([[1.0, 2.0]]), [np.array([[2.0], [0.5]]), np.array([[1.5]])]),
        (np.array([[4.0], [-2.0]]), [np.array([[0.5]]), np.array([[3.0]])]),
        (rng.normal(size=(3, 4)), []),
        (np.zeros((2, 2)), []),
        ones,
        case(5, 3, 6, 4, shift=100.0),
        (80.0 * rng.normal(size=(4, 3)), [70.0 * rng.normal(size=(3, 4)), rng.normal(size=(4, 2))]),
        (1e-4 * rng.normal(size=(4, 3)), [1e-3 * rng.normal(size=(3, 4)), rng.normal(size=(4, 2))]),
        case(3, 3, 3, scale=1e-7),
        (np.array([[0.1, 0.0], [0.7, -0.1234]]), [np.array([[0.3, -0.9], [0.1, 0.2]])]),
        (np.array([[1.0, 0.0], [0.0, 0.0]]), [np.array([[1.0, -1.0], [0.0, 2.0]])]),
    ]


def gains_by_ratios(X, Ws):
    """From the signals without any gain: a ReLU passes a positive factor on as it is."""
    sizes, h = [1.0], X
    for W in Ws:
        h = np.maximum(h @ W, 0)
        sizes.append(float(np.linalg.norm(h)) / math.sqrt(h.size))
    return [a / b for a, b in itertools.pairwise(sizes)]


def gains_with(X, Ws, measure, feed=None, before=False):
    """Gains 1/measure(what a layer gives), each layer fed by the calibrated one before it."""
    gains, h = [], X
    for W in Ws:
        z = h @ W
        gains.append(float(1 / measure(z if before else np.maximum(z, 0))))
        h = np.maximum(z, 0) * (gains[-1] if feed is None else feed)
    return gains


def root_mean_square(h):
    return math.sqrt(np.mean(h**2))


def gains_of_linear(X, Ws):
    gains, h = [], X
    for W in Ws:
        gains.append(1 / root_mean_square(h @ W))
        h = gains[-1] * (h @ W)
    return gains


def gains_fed_with_z(X, Ws):
    gains, h = [], X
    for W in Ws:
        gains.append(1 / root_mean_square(np.maximum(h @ W, 0)))
        h = gains[-1] * (h @ W)
    return gains


def gains_scaled_twice(X, Ws):
    gains, h = [], X
    for W in Ws:
        h = np.maximum(h @ W, 0)
        gains.append(1 / root_mean_square(h))
        h = gains[-1] ** 2 * h
    return gains


def gains_near(X, Ws, eps=1e-8):
    return gains_with(X, Ws, lambda h: root_mean_square(h) + eps)


def gains_near_inside(X, Ws, eps=1e-8):
    return gains_with(X, Ws, lambda h: math.sqrt(np.mean(h**2) + eps))


def of_live(h):
    return math.sqrt(np.mean(h[h > 0] ** 2))


# ---- 09.6 RMS norm, backward


def norm_cases(rng):
    """Every shape, one row, one column, rows of zeros, equal columns, ε from 1e-8 to 64."""
    easy = (
        np.array([[1.0, 2.0, -1.0], [0.5, -2.0, 3.0]]),
        np.array([[2.0, -1.0, 2.0], [4.0, 0.0, -3.0]]),
        np.array([1.5, -0.5, 2.0]),
        0.25,
    )

    def case(n, d, eps, shift=0.0):
        return rng.normal(size=(n, d)), shift + rng.normal(size=(n, d)), rng.normal(size=d), eps

    twin = rng.normal(size=(4, 1))
    small = (
        1e-3 * rng.normal(size=(3, 4)),
        1e-4 * rng.normal(size=(3, 4)),
        np.array([1.0, 0.5, -2.0, 1.5]),
        1e-8,
    )
    return [
        *crossed(easy, (2.0 - easy[0], easy[1] + 1.5, np.array([0.5, 2.0, 3.0]), 1.0)),
        *one_moved(easy),
        (
            np.array([[2.0, -3.0], [4.0, 0.5]]),
            np.array([[3.0, 4.0], [-2.0, 6.0]]),
            np.array([2.0, 0.5]),
            0.5,
        ),
        case(4, 3, 1e-5),
        case(4, 3, 1e-5),
        case(3, 3, 0.1),
        case(2, 5, 0.01),
        case(1, 4, 0.5),
        case(5, 1, 0.3),
        case(1, 1, 0.2),
        case(4, 6, 0.05, shift=40.0),
        (rng.normal(size=(3, 2)), np.array([[0.0, 0.0], [1.0, -2.0], [0.0, 3.0]]),
         np.array([1.0, 0.5]), 0.04),
        (rng.normal(size=(2, 3)), np.zeros((2, 3)), np.array([2.0, -1.0, 0.5]), 0.01),
        (np.zeros((2, 3)), rng.normal(size=(2, 3)), np.array([2.0, -1.0, 0.5]), 0.01),
        (rng.normal(size=(4, 2)), np.hstack([twin, twin]), np.array([0.0, 3.0]), 0.1),
        (np.full((2, 2), 80.0), np.array([[-66.0, 75.5], [0.1234, 70.0]]),
         np.array([-90.0, 60.0]), 0.1),
        (np.array([[0.1, -0.7]]), np.array([[0.3, 0.1]]), np.array([0.1, 0.7]), 0.1),
        (np.array([[0.1, -0.7], [1.0, 0.3]]), np.array([[3.0, 0.1], [0.2, 8.0]]),
         np.array([0.1, 0.7]), 64.0),
        small,
    ]  # fmt: skip


def rms_norm_backward(G, X, gamma, eps):
    """Row by row, by the Jacobian of x/r: (1 − x xᵀ/(d r²))/r."""
    dX, dgamma = np.zeros(X.shape), np.zeros(len(gamma))
    for i, (g, x) in enumerate(zip(G, X, strict=True)):
        r = math.sqrt(x @ x / len(x) + eps)
        jacobian = (np.eye(len(x)) - np.outer(x, x) / (len(x) * r * r)) / r
        dX[i] = jacobian @ (g * gamma)
        dgamma += g * x / r
    return dX, dgamma


def rms_backward(G, X, gamma, eps, dX=None, dgamma=None, r=None, x_hat=None, g=None):
    """The same with parts exchanged: rules for dX and dγ, another r, x̂ or upstream."""
    r = np.sqrt((X**2).mean(axis=1, keepdims=True) + eps) if r is None else r
    x_hat = X / r if x_hat is None else x_hat
    g = G * gamma if g is None else g
    projected = (g - x_hat * (g * x_hat).mean(axis=1, keepdims=True)) / r
    return (
        projected if dX is None else dX(g, x_hat, r),
        (G * x_hat).sum(axis=0) if dgamma is None else dgamma(x_hat),
    )


def over_rows(G, X, gamma, eps):
    """Mean squares down the columns: over the batch."""
    r = np.sqrt((X**2).mean(axis=0) + eps)
    x_hat, g = X / r, G * gamma
    return (g - x_hat * (g * x_hat).mean(axis=0)) / r, (G * x_hat).sum(axis=0)


def over_all(G, X, gamma, eps):
    r = np.sqrt((X**2).mean() + eps)
    x_hat, g = X / r, G * gamma
    return (g - x_hat * (g * x_hat).mean()) / r, (G * x_hat).sum(axis=0)


def layer_norm_backward(G, X, gamma, eps):
    C = X - X.mean(axis=1, keepdims=True)
    s = np.sqrt((C**2).mean(axis=1, keepdims=True) + eps)
    x_hat, g = C / s, G * gamma
    g = g - g.mean(axis=1, keepdims=True)
    return (g - x_hat * (g * x_hat).mean(axis=1, keepdims=True)) / s, (G * x_hat).sum(axis=0)


def rms_eps(G, X, gamma, eps, other=1e-8):
    return rms_backward(G, X, gamma, other)


def rms_plus(G, X, gamma, eps, more=1e-8):
    return rms_backward(G, X, gamma, eps + more)


def mean_of_rows(v):
    return v.mean(axis=1, keepdims=True)


def without_mean(v):
    return v - mean_of_rows(v)


def safe_ratio(a, b):
    return np.divide(a, b, out=np.zeros(a.shape), where=b != 0)


def safe(v):
    return np.where(v > 0, v, 1.0)


# ---- 09.7 what batch norm remembers


def memory_cases(rng):
    """Two rows and more, one column, constant columns, columns far from 0, m from 0 to 1."""
    easy = (
        np.array([1.0, -2.0]),
        np.array([2.0, 0.5]),
        np.array([[1.0, 4.0], [3.0, 0.0], [8.0, -1.0]]),
        0.25,
    )

    def case(n, d, m, shift=0.0):
        return rng.normal(size=d), rng.uniform(0.5, 2, d), shift + rng.normal(size=(n, d)), m

    return [
        *crossed(easy, (np.array([0.5, 3.0]), np.array([1.5, 4.0]), 2.0 - easy[2], 0.5)),
        *one_moved(easy),
        (
            np.array([0.5, 2.0]),
            np.array([3.0, 1.5]),
            np.array([[2.0, -3.0], [6.0, 5.0]]),
            0.25,
        ),
        case(5, 3, 0.1),
        case(5, 3, 0.1),
        case(3, 3, 0.3),
        case(2, 4, 0.1),
        case(6, 1, 0.7),
        case(2, 1, 0.4),
        case(4, 2, 0.0),
        case(4, 2, 1.0),
        case(3, 5, 0.2),
        (*case(8, 2, 0.1)[:2], 1e6 + rng.normal(size=(8, 2)), 0.1),
        (np.ones(1), np.ones(1), np.array([[-3e6], [1.0 - 3e6], [0.5 - 3e6]]), 0.5),
        (np.zeros(2), np.ones(2), np.array([[5.0, 1.0], [5.0, 2.0], [5.0, 6.0]]), 0.1),
        (np.zeros(2), np.zeros(2), np.zeros((3, 2)), 0.1),
        (np.array([80.0, -0.1234]), np.array([66.0, 0.0]),
         np.array([[75.0, 0.1], [-90.0, 0.7], [61.5, -0.3]]), 0.9),
        (np.array([0.1]), np.array([0.7]), np.array([[0.1], [0.3]]), 0.0123),
        (np.array([1e-3]), np.array([1e-6]), np.array([[1e-3], [2e-3], [4e-3]]), 0.01),
    ]  # fmt: skip


def remembered_with(mean, var, X, m, ddof=1, old=None, batch=None):
    """(1 − m)·old + m·new, with another divisor, other weights, another new mean or variance."""
    old = 1 - m if old is None else old
    new_mean, new_var = X.sum(axis=0) / len(X), X.var(axis=0, ddof=ddof)
    if batch is not None:
        new_mean, new_var = batch(new_mean, new_var)
    return old * mean + m * new_mean, old * var + m * new_var


def remembered_by_steps(mean, var, X, m):
    """Row by row (Welford), then a step of length m from the old to the new."""
    centre, squares = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for k, x in enumerate(X, 1):
        step = x - centre
        centre = centre + step / k
        squares = squares + step * (x - centre)
    return mean + m * (centre - mean), var + m * (squares / (len(X) - 1) - var)


def around_the_new(mean, var, X, m, ddof=1):
    """The squared deviations from the running mean, which has been moved already."""
    mean = (1 - m) * mean + m * X.sum(axis=0) / len(X)
    return mean, (1 - m) * var + m * ((X - mean) ** 2).sum(axis=0) / (len(X) - ddof)


def remembered_with_m(mean, var, X, m, fixed=0.1):
    return remembered_by_steps(mean, var, X, fixed)


def remembered_biased_mean(mean, var, X, m):
    kept = remembered_with(mean, var, X, m)
    return (1 - m) * mean + m * X.sum(axis=0) / (len(X) - 1), kept[1]


# ---- 09.8 units that no row wakes


def unit_cases(rng):
    """Dead, alive on one row, alive by a hair, exactly 0; one row, one unit; none and all dead."""
    easy = np.array([[-1.0, 2.0, -0.5], [-3.0, -1.0, -2.0], [-0.5, -4.0, 1.5]])

    def case(n, d):
        return rng.normal(size=(n, d)) - 1.0

    small = np.array([m * 10.0**-k for k in range(1, 16) for m in (1.5, 3, 7)])
    late = np.full((5, 4), -1.0)
    late[[0, 1, 2, 4], [0, 1, 2, 3]] = 0.01
    late[3, 3] = -80.0
    return [
        (Z,)
        for Z in (
            easy,
            np.array([[-1.0, 2.0, -0.5], [-3.0, -1.0, -2.0], [-0.5, -4.0, -1.5]]),
            np.array([[-1.0, 2.0, 0.0], [-3.0, 1.0, -2.0], [0.0, 4.0, 0.0]]),
            np.array([[0.0, 1.0], [0.0, -9.0]]),
            np.array([[-1.0, -9.0, 1.0], [0.1, 5.0, -7.0]]),
            np.array([[1e-12, -1.0], [-1.0, -1e-12], [-2.0, -1e-12]]),
            np.array([[5e-10, -5e-10, 0.0, 5e-4], [-1.0, -1.0, 0.0, -90.0]]),
            np.array([[-1e-10, 1e-10], [-5e-10, -1.0]]),
            case(4, 3),
            case(4, 3),
            case(3, 3),
            case(2, 5),
            case(3, 3),
            late,
            np.array([[-1.0, 2.0, 0.0, 3.0]]),
            np.array([[-1.0], [2.0], [0.0]]),
            np.array([[-1.0], [0.0], [-0.3]]),
            np.array([[0.0]]),
            np.array([[2.0]]),
            np.zeros((2, 3)),
            np.abs(rng.normal(size=(3, 4))),
            -np.abs(rng.normal(size=(3, 4))),
            np.array([[-80.0, 90.0], [1e-3, -66.0]]),
            np.array([[4e-4, -4e-4], [-7.0, -3.0]]),
            np.array([[4e-3, -4e-4], [4e-3, -3.0]]),
            np.where(np.eye(10, 3) > 0, [5e-3, 2.0, -1.0], -1.0),
            np.vstack([small, 0 * small - 1]),
            np.vstack([small, small]),
            np.array([[1.0, -2.0]] * 3 + [[-1.0, 2.0]] * 4),
            np.where(np.eye(20, 2) > 0, [3.0, -1.0], -1.0),
            np.where(np.eye(150, 2) > 0, [3.0, -1.0], -1.0),
            np.where(np.eye(200, 2) > 0, [-3.0, 1.0], -1.0),
            np.array([[1e-60, -1e-60], [-2.0, -1.0]]),
            np.array([[1.0, -2.0, 0.0], [1.0, -2.0, 0.0]]),
            np.array([[5e-324, -5e-324, 1.0], [-1.0, -3.0, -2.0], [0.0, -1.0, -1.0]]),
            np.array([[-2.0, -1.0], [5e-324, -2.0]]),
        )
    ]


def never_on(Z):
    return np.array([max(column) <= 0 for column in Z.T.tolist()])


def below_or_at(Z, limit=1e-3):
    return Z.max(axis=0) <= limit


def below_or_at_minus(Z, limit=-1e-3):
    return Z.max(axis=0) <= limit


def silent_share(Z, share=0.5):
    return (Z <= 0).mean(axis=0) >= share


def below_a_limit(Z, limit=1e-3):
    return np.maximum(Z, 0).max(axis=0) < limit


def mean_below_a_limit(Z, limit=1e-3):
    return np.maximum(Z, 0).mean(axis=0) < limit


# ---- 09.9 backward through residual blocks


def block_cases(rng):
    """No block, one, several; one row, one unit; zeros in h; α of 0, 1, between; square G."""
    easy = (
        np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 2.0]]),
        [
            np.array([[2.0, -1.0], [-3.0, 1.5], [1.0, 4.0]]),
            np.array([[-2.0, 1.0], [0.5, 2.0], [3.0, -1.5]]),
        ],
        [np.array([[1.0, 2.0], [-0.5, 3.0]]), np.array([[2.0, -1.0], [0.5, 1.5]])],
        0.5,
    )
    other = (
        2.0 - easy[0],
        [easy[1][1], 1.0 - easy[1][0]],
        [easy[2][1], easy[2][0] + 1.0],
        0.25,
    )

    def case(n, d, depth, alpha, scale=1.0):
        return (
            rng.normal(size=(n, d)),
            [rng.normal(size=(n, d)) for _ in range(depth)],
            [scale * rng.normal(size=(d, d)) for _ in range(depth)],
            alpha,
        )

    hair = case(2, 3, 1, 0.5)
    hair[1][0][:] = [[5e-4, -5e-4, 1e-9], [-1e-9, 1.0, -2.0]]
    zeros = case(3, 3, 2, 0.5)
    zeros[1][0][0, 0] = zeros[1][0][2, 1] = zeros[1][1][1, 1] = 0.0
    return [
        *crossed(easy, other),
        *one_moved(easy),
        (
            np.array([[2.0, -3.0], [4.0, 1.5]]),
            [np.array([[3.0, -2.0], [-4.0, 2.0]])],
            [np.array([[2.0, -0.5], [1.5, 3.0]])],
            0.5,
        ),
        case(4, 3, 3, 0.7),
        case(4, 3, 3, 0.7),
        case(3, 3, 2, 0.3),
        case(2, 4, 4, 0.5),
        case(1, 3, 2, 0.6),
        case(5, 1, 3, 0.8),
        case(1, 1, 1, 2.0),
        case(3, 2, 1, 0.9),
        case(3, 2, 0, 0.9),
        case(3, 2, 2, 0.0),
        case(3, 2, 2, 1.0),
        zeros,
        hair,
        (rng.normal(size=(2, 3)), [np.zeros((2, 3)), np.zeros((2, 3))],
         [rng.normal(size=(3, 3)), rng.normal(size=(3, 3))], 0.5),
        (np.zeros((2, 2)), *case(2, 2, 2, 0.5)[1:]),
        (np.array([[80.0, -0.1234]]), [np.array([[66.0, 70.1234]])],
         [np.array([[75.0, 0.1], [0.7, -90.0]])], 60.0),
        (np.array([[0.1, -0.3]]), [np.array([[0.1, 0.7]])], [np.array([[0.0, 0.1], [0.3, 1.0]])],
         0.1),
        (np.array([[1e-3, -2e-3]]), [np.array([[1e-2, -1.0]])],
         [np.array([[1.0, 0.1], [0.3, 1.0]])], 0.0123),
    ]  # fmt: skip


def blocks_backward(G, hs, Ws, alpha, back=None, dW=None, order=-1):
    """(dh, dWs), with another step back from the upstream δ of a block, or another dW."""
    back = skip_and_branch if back is None else back
    dW = scaled_outer if dW is None else dW
    dWs = []
    for h, W in zip(hs[::-1], Ws[::-1], strict=True):
        dWs.append(dW(G, h, W, alpha))
        G = back(G, h, W, alpha)
    return G, dWs[::order]


def skip_and_branch(G, h, W, alpha):
    return G + alpha * (G @ W.T) * (h > 0)


def scaled_outer(G, h, W, alpha):
    return alpha * np.maximum(h, 0).T @ G


def by_matrices(G, hs, Ws, alpha):
    """Row by row, with the Jacobian of a block: 1 + α·diag(h > 0)·W."""
    dWs = [np.zeros(W.shape) for W in Ws]
    rows = []
    for i, g in enumerate(G):
        for k in range(len(Ws) - 1, -1, -1):
            h = hs[k][i]
            dWs[k] += alpha * np.outer(np.where(h > 0, h, 0.0), g)
            g = (np.eye(len(h)) + alpha * np.diag((h > 0) * 1.0) @ Ws[k]) @ g
        rows.append(g)
    return np.array(rows), dWs


def moved_first(G, hs, Ws, alpha):
    """dW from the gradient that has already passed the block."""
    dWs = []
    for h, W in zip(hs[::-1], Ws[::-1], strict=True):
        G = skip_and_branch(G, h, W, alpha)
        dWs.append(scaled_outer(G, h, W, alpha))
    return G, dWs[::-1]


def from_the_front(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(hs, Ws, strict=True):
        dWs.append(scaled_outer(G, h, W, alpha))
        G = skip_and_branch(G, h, W, alpha)
    return G, dWs


def as_printed(G, hs, Ws, alpha):
    """The program of the task."""
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.append(np.maximum(h, 0).T @ G)
        G = (G + alpha * (G @ W.T)) * (h > 0)
    return G, dWs


def blocks_leaky(G, hs, Ws, alpha, slope=0.01):
    def back(G, h, W, alpha):
        return G + alpha * (G @ W.T) * np.where(h > 0, 1.0, slope)

    return blocks_backward(G, hs, Ws, alpha, back)


def blocks_of_outputs(G, hs, Ws, alpha):
    outs = [h + alpha * np.maximum(h, 0) @ W for h, W in zip(hs, Ws, strict=True)]
    return blocks_backward(G, outs, Ws, alpha)


# ---- 09.10 four nets by their signals

CURVES = "tanh 2", "relu 1", "relu 1.4", "relu 3"


def renamed(**names):
    """The right names but for those of some curves."""
    return tuple(names.get(curve, name) for curve, name in zip("ABCD", CURVES, strict=True))


SINGLE = {  # a curve with a wrong name, told for itself
    ("A", "relu 1"): "The h of A keeps its size. With g = 1 every ReLU layer leaves √½ of it.",
    ("A", "relu 1.4"): "The h of A is level, as it is with g = √2. The gradient is not: it "
    "grows on its way to the first layer.",
    ("A", "relu 3"): "The h of A stays below 1. With ReLUs and g = 3 it grows 2.1 times a layer.",
    ("B", "tanh 2"): "The h of B fades. A tanh with g = 2 holds h near 0.7 in every layer.",
    ("B", "relu 1.4"): "The h of B fades. With g = √2 a ReLU layer keeps the mean square.",
    ("B", "relu 3"): "The h of B fades. With g = 3 it grows.",
    ("C", "tanh 2"): "The h of C is level, and so is its gradient. Behind tanh with g = 2 the "
    "gradient grows on its way to the first layer.",
    ("C", "relu 1"): "C is level. With g = 1 a ReLU layer leaves √½ of h and of ∂L/∂h.",
    ("C", "relu 3"): "C is level. With g = 3 a ReLU layer makes h and ∂L/∂h 2.1 times as large.",
    ("D", "tanh 2"): "The h of D grows without end. No tanh is larger than 1.",
    ("D", "relu 1"): "The h of D grows. With g = 1 it fades.",
    ("D", "relu 1.4"): "The h of D grows. With g = √2 it keeps its size.",
}

EXERCISES = [
    Exercise(
        id="09.1",
        kind="by hand",
        title="A column and its gradient",
        signature="by_hand()",
        results=("x_hat", "dx"),
        worked=worked.by_hand,
        reference=((5 / 3, -1 / 3, -1 / 3, -1.0), (5 / 18, -29 / 36, -11 / 36, 5 / 6)),
        atol=5e-5,  # asked for four decimals
        mistakes=(
            Mistake(
                "frozen",
                "Your dx is G/s: mean and deviation are taken for constants. They depend on every "
                "x of the column.",
                of_column(lambda x_hat, G, s: G / s),
                alone=True,
            ),
            Mistake(
                "noproj",
                "The term of the deviation is missing in dx: every x moves s as well, so "
                "x̂ · mean(G x̂) is subtracted.",
                of_column(lambda x_hat, G, s: (G - G.mean()) / s),
                alone=True,
            ),
            Mistake(
                "nomean",
                "The term of the mean is missing in dx: every x moves μ as well, so the mean of G "
                "is subtracted. Add up your dx: the sum must be 0.",
                of_column(lambda x_hat, G, s: (G - x_hat * (G * x_hat).mean()) / s),
                alone=True,
            ),
            Mistake(
                "noscale",
                "Your dx is not divided by s at the end.",
                of_column(lambda x_hat, G, s: G - G.mean() - x_hat * (G * x_hat).mean()),
                alone=True,
            ),
            Mistake(
                "varscale",
                "Your dx is divided by s² = 9. The derivative of x/s with respect to x is 1/s.",
                of_column(lambda x_hat, G, s: by_three_terms(x_hat, G, s) / s),
                alone=True,
            ),
            Mistake(
                "timess",
                "You multiplied dx by s. It is divided by s: numbers that are spread wide move x̂ "
                "little.",
                of_column(lambda x_hat, G, s: by_three_terms(x_hat, G, s) * s * s),
                alone=True,
            ),
            Mistake(
                "plus",
                "The term of the deviation has the wrong sign in dx: it is subtracted.",
                of_column(lambda x_hat, G, s: (G - G.mean() + x_hat * (G * x_hat).mean()) / s),
                alone=True,
            ),
            Mistake(
                "plusmean",
                "The mean of G has the wrong sign in dx: it is subtracted.",
                of_column(lambda x_hat, G, s: (G + G.mean() - x_hat * (G * x_hat).mean()) / s),
                alone=True,
            ),
            Mistake(
                "sumproj",
                "In the last term of dx you took the sum of G x̂. Its mean is meant.",
                of_column(lambda x_hat, G, s: (G - G.mean() - x_hat * (G * x_hat).sum()) / s),
                alone=True,
            ),
            Mistake(
                "sums",
                "In dx you took sums of G and of G x̂. Their means are meant.",
                of_column(lambda x_hat, G, s: (G - G.sum() - x_hat * (G * x_hat).sum()) / s),
                alone=True,
            ),
            Mistake(
                "rawx",
                "In the last term of dx you took x − μ for x̂: it lacks a division by s.",
                of_column(lambda x_hat, G, s: (G - G.mean() - DEVIATIONS * (G * x_hat).mean()) / s),
                alone=True,
            ),
            Mistake(
                "rawtwice",
                "In the last term of dx you took x − μ for x̂ in each place: it lacks the division "
                "by s².",
                of_column(
                    lambda x_hat, G, s: (G - G.mean() - DEVIATIONS * (G * DEVIATIONS).mean()) / s
                ),
                alone=True,
            ),
            Mistake(
                "nox",
                "The last term of dx lacks its x̂: the mean of G x̂ is multiplied by the x̂ of the "
                "place.",
                of_column(lambda x_hat, G, s: (G - G.mean() - (G * x_hat).mean()) / s),
                alone=True,
            ),
            Mistake(
                "gmean",
                "The last term of dx is x̂ times the mean of G x̂, not times the mean of G.",
                of_column(lambda x_hat, G, s: (G - G.mean() - x_hat * G.mean()) / s),
                alone=True,
            ),
            Mistake(
                "ddof",
                "You divided by n − 1 in the variance: s = √12. Batch norm normalises with n, so "
                "s = 3.",
                of_column(by_three_terms, s=12**0.5),
                alone=True,
            ),
            Mistake(
                "ddofdx",
                "Your x̂ is divided by √12, with n − 1 in the variance. Batch norm normalises with "
                "n, so s = 3.",
                (tuple((DEVIATIONS / 12**0.5).tolist()), (5 / 18, -29 / 36, -11 / 36, 5 / 6)),
                alone=True,
            ),
            Mistake(
                "byvar",
                "Your x̂ is divided by the variance, 9. Divide by its root, 3.",
                of_column(by_three_terms, s=9.0),
                alone=True,
            ),
            Mistake(
                "centred",
                "Your x̂ is only x − μ: the division by s is missing.",
                of_column(by_three_terms, s=1.0),
                alone=True,
            ),
            Mistake(
                "uncentred",
                "Your x̂ still has its mean: subtract μ = 2 first.",
                (tuple(((DEVIATIONS + 2) / 3).tolist()), (5 / 18, -29 / 36, -11 / 36, 5 / 6)),
                alone=True,
            ),
            Mistake(
                "rms",
                "Your x̂ is x over its root mean square, √13. The mean comes off first.",
                (tuple(((DEVIATIONS + 2) / 13**0.5).tolist()), (5 / 18, -29 / 36, -11 / 36, 5 / 6)),
                alone=True,
            ),
            Mistake(
                "length",
                "Your x̂ is divided by the length of x − μ, 6. The variance is a mean: s = 3.",
                of_column(by_three_terms, s=6.0),
                alone=True,
            ),
            Mistake(
                "byx",
                "Your dx is G times x̂. x̂ is a function of x; its derivative is asked for, times G.",
                of_column(lambda x_hat, G, s: G * x_hat / s),
                alone=True,
            ),
            Mistake(
                "squared",
                "The last term of your dx has x̂² in place of x̂.",
                of_column(lambda x_hat, G, s: (G - G.mean() - x_hat**2 * (G * x_hat).mean()) / s),
                alone=True,
            ),
            Mistake(
                "three",
                "The means in your dx are divided by n − 1 = 3. They are means over four rows.",
                of_column(
                    lambda x_hat, G, s: (G - G.sum() / 3 - x_hat * (G * x_hat).sum() / 3) / s
                ),
                alone=True,
            ),
            Mistake(
                "mu",
                "In dx you subtracted μ, the mean of x. The mean of G is meant.",
                of_column(lambda x_hat, G, s: (G - 2 - x_hat * (G * x_hat).mean()) / s),
                alone=True,
            ),
            Mistake(
                "range",
                "Your x̂ runs from 0 to 1: that is scaling by smallest and largest. Batch norm "
                "takes mean and deviation.",
                (tuple(((DEVIATIONS + 3) / 8).tolist()), (5 / 18, -29 / 36, -11 / 36, 5 / 6)),
                alone=True,
            ),
            Mistake(
                "pluses",
                "In dx the terms of mean and deviation are subtracted; you add them.",
                of_column(lambda x_hat, G, s: (G + G.mean() + x_hat * (G * x_hat).mean()) / s),
                alone=True,
            ),
            Mistake(
                "twicemean",
                "In the last term of dx you divided by n twice: it is x̂ times the mean of G x̂.",
                of_column(lambda x_hat, G, s: (G - G.mean() - x_hat * (G * x_hat).mean() / 4) / s),
                alone=True,
            ),
            Mistake(
                "root13",
                "Your x̂ is divided by √13, the root mean square of x. The deviation subtracts the "
                "mean first: s = 3.",
                (
                    tuple((DEVIATIONS / 13**0.5).tolist()),
                    (5 / 18, -29 / 36, -11 / 36, 5 / 6),
                ),
                alone=True,
            ),
            Mistake(
                "absolute",
                "Your x̂ is divided by 2.5, the mean of |x − μ|. s is the root of the mean of the "
                "squares, 3.",
                (tuple((DEVIATIONS / 2.5).tolist()), (5 / 18, -29 / 36, -11 / 36, 5 / 6)),
                alone=True,
            ),
        ),
        hints=(
            "Mean first, then the deviation: here both are whole numbers. x̂ has mean 0 and mean "
            "square 1.",
            "Three terms: what comes straight through x, what comes through μ, and what comes "
            "through s. The last two go to every x of the column.",
            "From G subtract its mean, and x̂ times the mean of G x̂; divide by s. The sum of dx "
            "must be 0, and so must the sum of dx · x̂.",
        ),
        section='chapter 09, section 9.8, "Normalise"',
        proves="A column that is normalised hands its gradient to every row.",
    ),
    Exercise(
        id="09.2",
        kind="implement",
        title="Three starts from one draw",
        signature="start(kind, z)",
        worked=worked.start,
        reference=lambda kind, z: scaled_by(kind, z),
        cases=start_cases,
        mistakes=(
            Mistake(
                "fanout",
                "You took the number of columns for fan_in. W has shape (d_in, d_out): a unit is a "
                "column, and sums over the rows.",
                lambda kind, z: scaled_by(kind, z.T).T,
            ),
            Mistake(
                "var",
                "You multiplied by the variance. Draws that are multiplied by s have the variance "
                "s².",
                lambda kind, z: z * (scaled_by(kind, np.ones(z.shape))) ** 2,
            ),
            Mistake(
                "one",
                "The 2 is missing: a ReLU passes half of the mean square, and Xavier's variance is "
                "one over the mean of the sizes, 2/(d_in + d_out).",
                lambda kind, z: scaled_by(
                    kind,
                    z,
                    "For he the 2 is missing: a ReLU passes half of the mean square.",
                    "For xavier the 2 is missing: it is 2/(d_in + d_out), one over their mean.",
                ),
            ),
            Mistake(
                "bound",
                "You took the bound of a uniform draw for the standard deviation. z is Gaussian: "
                "multiply by the root of the variance.",
                lambda kind, z: scaled_by(kind, z) * 3**0.5,
            ),
            Mistake(
                "divided",
                "You divide z by the standard deviation. A draw of N(0, 1) is multiplied by it.",
                lambda kind, z: z / scaled_by(kind, np.ones(z.shape)),
            ),
            Mistake(
                "he always",
                "You return the same for every kind: that of he.",
                lambda kind, z: scaled_by("he", z),
            ),
            Mistake(
                "exchanged",
                "he and xavier are exchanged: he is the one that looks at d_in alone.",
                lambda kind, z: scaled_by({"he": "xavier", "xavier": "he"}.get(kind, kind), z),
            ),
            Mistake(
                "standardised",
                "You gave this draw the variance exactly, by its own deviation. The entries are "
                "draws: multiply by one number that depends on the shape alone.",
                lambda kind, z: scaled_by(kind, z) / (z.std() if z.std() > 0 else 1.0),
            ),
            Mistake("kinds", "{}", scaled_as_said, family=tuple(SAID)),
        ),
        hints=(
            "The variance of a sum of d_in independent products is d_in times that of one. Which "
            "axis of W does a unit sum over?",
            "he: a ReLU keeps half of the mean square, so the variance must make up for it. "
            "xavier: one over the mean of d_in and d_out. pytorch: the variance of a uniform draw "
            "between −c and c is the mean of w² over that interval.",
            "The mean of w² between −c and c is c²/3, with c² = 1/d_in. Each kind is z times the "
            "root of its variance.",
        ),
        section='chapter 09, section 9.4, "How large must the weights be?"',
        proves="One draw, three sizes, each from the shape alone.",
    ),
    Exercise(
        id="09.3",
        kind="predict",
        title="A power of ten",
        signature="log10_growth(D, g, a)",
        worked=worked.log10_growth,
        reference=growth,
        cases=growth_cases,
        quantities=lambda D, g, a: {"1 + a²": 1 + a * a},
        mistakes=(
            Mistake(
                "nohalf",
                "You left the leaky ReLU out: D·log10(g) is the growth of a linear net.",
                lambda D, g, a: D * math.log10(g),
            ),
            Mistake(
                "relu",
                "That is the growth behind a plain ReLU, g/√2 a layer. Half of the numbers pass "
                "whole, and the other half pass times a.",
                lambda D, g, a: D * math.log10(g / 2**0.5),
            ),
            Mistake(
                "half",
                "You took (1 + a²)/2 without its root. That is a factor of mean squares; the rms "
                "gets √((1 + a²)/2).",
                lambda D, g, a: D * math.log10(g * (1 + a * a) / 2),
            ),
            Mistake(
                "var",
                "That is the growth of the mean square. The rms grows by the root, half as many "
                "powers of ten.",
                lambda D, g, a: 2 * growth(D, g, a),
            ),
            Mistake(
                "once",
                "That is what one layer does. There are D of them.",
                lambda D, g, a: growth(1, g, a),
            ),
            Mistake(
                "lin",
                "You multiplied by D inside of the logarithm. Factors of D layers are multiplied "
                "with each other, so their logarithms add.",
                lambda D, g, a: math.log10(max(D, 1e-300)) + growth(1, g, a) if D else 0.0,
            ),
            Mistake(
                "ln",
                "You took the natural logarithm. Powers of ten are asked for.",
                lambda D, g, a: growth(D, g, a) * math.log(10),
            ),
            Mistake(
                "log2",
                "You took the logarithm to base 2. Powers of ten are asked for.",
                lambda D, g, a: growth(D, g, a) * math.log2(10),
            ),
            Mistake(
                "meanslope",
                "You took the mean of the slopes, (1 + a)/2. An rms asks for the mean of their "
                "squares, and its root.",
                lambda D, g, a: D * math.log10(g * (1 + a) / 2),
            ),
            Mistake(
                "squaremean",
                "You squared the sum: (1 + a)²/2. The mean of the squared slopes is (1 + a²)/2.",
                lambda D, g, a: D * math.log10(g * (1 + a) / 2**0.5),
            ),
            Mistake(
                "notsquared",
                "a is not squared: the half below zero passes a² of its mean square.",
                lambda D, g, a: D * math.log10(g * ((1 + a) / 2) ** 0.5),
            ),
            Mistake(
                "nottwo",
                "The ½ is missing: only half of the numbers are above zero, and half below.",
                lambda D, g, a: D * math.log10(g * (1 + a * a) ** 0.5),
            ),
            Mistake(
                "gain",
                "That is g times the gain that makes up for the leaky ReLU, √(2/(1 + a²)). What "
                "the leaky ReLU itself does is one over it.",
                lambda D, g, a: D * math.log10(g * (2 / (1 + a * a)) ** 0.5),
            ),
            Mistake(
                "down",
                "You count from the first layer to the last. The gradient comes from the last and "
                "arrives at the first: the other sign.",
                lambda D, g, a: -growth(D, g, a),
            ),
            Mistake(
                "less",
                "You counted one layer too few: the gradient passes all D.",
                lambda D, g, a: growth(D - 1, g, a),
            ),
            Mistake(
                "more",
                "You counted one layer too many: the gradient passes D.",
                lambda D, g, a: growth(D + 1, g, a),
            ),
            Mistake(
                "overflow",
                "The growth itself overflows or falls to 0 for many layers. Take the logarithm of "
                "one layer's factor, and multiply by D.",
                lambda D, g, a: float(np.log10(np.float64(g * math.sqrt((1 + a * a) / 2)) ** D)),
            ),
            Mistake(
                "too large",
                "The growth itself is too large, or too small, for a float. Take the logarithm of "
                "one layer's factor, and multiply by D.",
                lambda D, g, a: math.log10((g * math.sqrt((1 + a * a) / 2)) ** D),
                BROKEN,
            ),
            Mistake(
                "growth",
                "That is the growth. Its logarithm to base 10 is asked for.",
                lambda D, g, a: float(np.float64(g * math.sqrt((1 + a * a) / 2)) ** D),
            ),
            Mistake(
                "factor",
                "That is one layer's factor. The logarithm of D of them in a row is asked for.",
                lambda D, g, a: g * math.sqrt((1 + a * a) / 2),
            ),
            Mistake(
                "halfsquare",
                "You halved a² alone. Half of the numbers pass with slope 1, half with slope a: "
                "(1 + a²)/2.",
                lambda D, g, a: D * math.log10(g * (1 + a * a / 2) ** 0.5),
            ),
            Mistake(
                "halfoutside",
                "Your ½ is outside of the root: √(1 + a²)/2. Mean squares are halved, so it "
                "belongs under the root.",
                lambda D, g, a: D * math.log10(g * (1 + a * a) ** 0.5 / 2),
            ),
            Mistake(
                "whole",
                "You made a whole number of it, as `{}` does. The power need not be whole.",
                growth_made_whole,
                family=tuple(WHOLE),
            ),
            Mistake(
                "decimals",
                "You rounded to {} decimals. Leave the number as it comes.",
                growth_rounded,
                family=(1, 2, 3, 4, 5, 6),
            ),
            Mistake(
                "added",
                "You added the slopes, 1 + a. The mean of their squares is asked for, and its "
                "root.",
                lambda D, g, a: D * math.log10(g * (1 + a)),
            ),
            Mistake(
                "from one",
                "Your loop runs one round too few: the gradient passes all D layers.",
                lambda D, g, a: growth(max(D - 1, 0), g, a),
            ),
        ),
        hints=(
            "What does one layer do to the mean square of a gradient? W multiplies it by g² when "
            "the widths are equal; what does the activation's slope do?",
            "The slope is 1 for half of the numbers and a for the others. What is the mean of its "
            "square?",
            "Take the root of the whole factor for the rms, then its logarithm, D times.",
        ),
        section='chapter 09, section 9.4, "How large must the weights be?"',
        proves="Depth is an exponent: a layer's factor decides everything.",
    ),
    Exercise(
        id="09.4",
        kind="implement",
        title="Shorter, not bent",
        signature="clip_norm(grads, max_norm)",
        worked=worked.clip_norm,
        reference=clipped_together,
        cases=gradient_cases,
        mistakes=(
            Mistake(
                "each",
                "You clip every array by its own length. That changes their proportions: the "
                "length is that of all numbers together.",
                lambda grads, c: [g * min(1.0, c / max(np.linalg.norm(g), 1e-300)) for g in grads],
            ),
            Mistake(
                "value",
                "You clip number by number. That bends the direction: one factor for all is asked "
                "for.",
                lambda grads, c: [np.clip(g, -c, c) for g in grads],
            ),
            Mistake(
                "always",
                "You stretch gradients that are shorter than max_norm. They stay as they are.",
                lambda grads, c: clipped_with(grads, c, np.linalg.norm, always=True),
            ),
            Mistake(
                "nan",
                "You divide by the length without asking: short gradients are stretched, and where "
                "all are zero you divide 0 by 0.",
                divided_by_length,
            ),
            Mistake(
                "sumnorm",
                "You added the lengths of the arrays. The length of all is the root of the sum of "
                "all squares.",
                lambda grads, c: [
                    g * min(1.0, c / max(sum(np.linalg.norm(f) for f in grads), 1e-300))
                    for g in grads
                ],
            ),
            Mistake(
                "sq",
                "Your length lacks its root: that is the sum of the squares.",
                lambda grads, c: clipped_with(grads, c, lambda v: v @ v),
            ),
            Mistake(
                "sqasked",
                "You compare the sum of the squares with max_norm. Compare the length.",
                lambda grads, c: [
                    g * c / np.sqrt(sum((f**2).sum() for f in grads))
                    if sum((f**2).sum() for f in grads) > c
                    else g.copy()
                    for g in grads
                ],
            ),
            Mistake(
                "rms",
                "You took the rms for the length: the squares are added, not averaged.",
                lambda grads, c: clipped_with(grads, c, lambda v: np.sqrt(np.mean(v**2))),
            ),
            Mistake(
                "largest",
                "You took the largest number for the length.",
                lambda grads, c: clipped_with(grads, c, lambda v: np.abs(v).max()),
            ),
            Mistake(
                "l1",
                "You took the sum of all |g| for the length.",
                lambda grads, c: clipped_with(grads, c, lambda v: np.abs(v).sum()),
            ),
            Mistake(
                "longest",
                "You took the length of the longest array. The length of all is the root of the "
                "sum of all squares.",
                lambda grads, c: [
                    g * min(1.0, c / max(max(np.linalg.norm(f) for f in grads), 1e-300))
                    for g in grads
                ],
            ),
            Mistake(
                "meannorm",
                "You averaged the lengths of the arrays. The length of all is the root of the sum "
                "of all squares.",
                lambda grads, c: [
                    g * min(1.0, c / max(np.mean([np.linalg.norm(f) for f in grads]), 1e-300))
                    for g in grads
                ],
            ),
            Mistake(
                "first",
                "You took the length of the first array for that of all.",
                clipped_by_first,
            ),
            Mistake(
                "unit",
                "Long gradients come out with length 1. They are to have length max_norm.",
                lambda grads, c: [
                    h / c if np.abs(h - g).max(initial=0) > 1e-12 * np.abs(g).max(initial=0) else h
                    for g, h in zip(grads, clipped_together(grads, c), strict=True)
                ],
            ),
            Mistake(
                "thrown",
                "You throw a gradient away that is too long. Shorten it to the length max_norm.",
                lambda grads, c: [
                    0 * g if math.hypot(*np.concatenate([f.ravel() for f in grads])) > c else g
                    for g in grads
                ],
            ),
            Mistake(
                "eps",
                "A small number, {}, is added to your length, as PyTorch adds 1e-6. Where the "
                "length is just above max_norm, or tiny, that shows: ask whether it is above "
                "max_norm, and divide by the length itself.",
                clipped_near,
                family=EPSILONS,
            ),
            Mistake(
                "empty",
                "An empty list of gradients is allowed, and gives an empty list. NumPy does not "
                "put nothing together.",
                flat_and_one,
                BROKEN,
            ),
            Mistake(
                "growing",
                "Your length grows while you walk through the arrays, so each is cut by another "
                "one. Add up all squares first, then cut.",
                clipped_on_the_way,
            ),
            Mistake(
                "by c",
                "You divide long gradients by max_norm. They are multiplied by max_norm over their "
                "length.",
                lambda grads, c: clipped_by_factor(grads, c, lambda length: 1 / c),
            ),
            Mistake(
                "inverse",
                "Your factor is inverted: length over max_norm makes long gradients longer.",
                lambda grads, c: clipped_by_factor(grads, c, lambda length: length / c),
            ),
            Mistake(
                "max",
                "Your factor is the larger of 1 and max_norm over the length: long gradients stay, "
                "short ones are stretched. Take the smaller.",
                lambda grads, c: [
                    g * max(1.0, c / max(math.hypot(*numbers_of(grads)), 1e-30)) for g in grads
                ],
            ),
            Mistake(
                "spectral",
                "`norm(g, 2)` of a matrix is its largest singular value. The length is the root of "
                "the sum of all squares.",
                lambda grads, c: [
                    g * min(1.0, c / max(math.hypot(*map(largest_stretch, grads)), 1e-30))
                    for g in grads
                ],
            ),
            Mistake(
                "sizes",
                "You averaged the squares in each array. The length is the root of the sum of all "
                "squares.",
                lambda grads, c: [
                    g * min(1.0, c / max(math.hypot(*map(root_mean_square, grads)), 1e-30))
                    for g in grads
                ],
            ),
            Mistake(
                "power",
                "Your factor is max_norm over the length to the power {}. It is max_norm over the "
                "length.",
                clipped_by_power,
                family=(2.0, 0.5),
            ),
            Mistake(
                "equal parts",
                "You give each array its own share of max_norm. The length is that of all numbers "
                "together, and one factor serves all.",
                lambda grads, c: [
                    g * min(1.0, c / len(grads) / max(np.linalg.norm(g), 1e-300)) for g in grads
                ],
            ),
            Mistake(
                "tanh",
                "You squeeze number by number. That bends the direction: one factor for all is "
                "asked for.",
                lambda grads, c: [c * np.tanh(g / c) for g in grads],
            ),
            Mistake(
                "signs",
                "Of every number you keep the sign alone. That bends the direction: one factor for "
                "all is asked for.",
                lambda grads, c: [c * np.sign(g) for g in grads],
            ),
            Mistake(
                "half",
                "Your length is that of half of the squares. It is the root of their sum.",
                lambda grads, c: clipped_with(grads, c, lambda v: np.sqrt(v @ v / 2)),
            ),
        ),
        hints=(
            "One length for everything: all numbers of all arrays as if they lay in one long "
            "vector.",
            "The sum of the squares over all arrays, then one root. Of an empty list the sum is 0.",
            "If the length is above max_norm, multiply every array by max_norm over the length; if "
            "not, by 1.",
        ),
        section='chapter 09, section 9.7, "Explosion, and clipping"',
        proves="One factor for all: the step is shorter, its direction the same.",
    ),
    Exercise(
        id="09.5",
        kind="extend",
        title="Measure, do not derive",
        signature="calibrate(X, Ws)",
        worked=worked.calibrate,
        reference=gains_by_ratios,
        cases=layer_cases,
        mistakes=(
            Mistake(
                "raw",
                "Those are the gains of a net whose signals were not scaled on the way: either you "
                "feed later layers without the gain, or you multiplied all gains up to a layer.",
                lambda X, Ws: gains_with(X, Ws, root_mean_square, feed=1.0),
            ),
            Mistake(
                "z",
                "You measured before the ReLU. The output, after it, is to have rms 1.",
                lambda X, Ws: gains_with(X, Ws, root_mean_square, before=True),
            ),
            Mistake(
                "norelu",
                "There is no ReLU in your net: negative numbers do not pass.",
                gains_of_linear,
            ),
            Mistake(
                "std",
                "You took the standard deviation. An rms does not subtract the mean.",
                lambda X, Ws: gains_with(X, Ws, np.std),
            ),
            Mistake(
                "var",
                "You divided by the mean square. Its root is the rms.",
                lambda X, Ws: gains_with(X, Ws, lambda h: np.mean(h**2)),
            ),
            Mistake(
                "rootgain",
                "Your gain has a root too many: the output comes out with an rms that is not 1.",
                lambda X, Ws: gains_with(X, Ws, lambda h: root_mean_square(h) ** 0.5),
            ),
            Mistake(
                "mean",
                "You divided by the mean. The rms is the root of the mean of the squares.",
                lambda X, Ws: gains_with(X, Ws, np.mean),
            ),
            Mistake(
                "length",
                "You divided by the length, √(sum of squares). The rms has a mean under its root.",
                lambda X, Ws: gains_with(X, Ws, np.linalg.norm),
            ),
            Mistake(
                "rowlength",
                "You divided the sum of the squares by the number of rows. The mean is over rows "
                "and units.",
                lambda X, Ws: gains_with(X, Ws, lambda h: math.sqrt((h**2).sum() / h.shape[0])),
            ),
            Mistake(
                "meanrows",
                "You averaged the rms of the rows. Average the squares of all numbers, then take "
                "one root.",
                lambda X, Ws: gains_with(X, Ws, lambda h: np.sqrt((h**2).mean(axis=1)).mean()),
            ),
            Mistake(
                "meanunits",
                "You averaged the rms of the units. Average the squares of all numbers, then take "
                "one root.",
                lambda X, Ws: gains_with(X, Ws, lambda h: np.sqrt((h**2).mean(axis=0)).mean()),
            ),
            Mistake(
                "live",
                "You left the zeros out of the mean. A silent unit counts as well.",
                lambda X, Ws: gains_with(X, Ws, of_live),
            ),
            Mistake(
                "largest",
                "You made the largest output 1. The rms is to be 1.",
                lambda X, Ws: gains_with(X, Ws, np.max),
            ),
            Mistake(
                "rms",
                "You return what you measured. The gain is one over it.",
                lambda X, Ws: [1 / g for g in gains_by_ratios(X, Ws)],
            ),
            Mistake(
                "rawrms",
                "You return the rms of every layer of the net without gains. Divide, and feed the "
                "scaled signals on.",
                lambda X, Ws: [1 / g for g in gains_with(X, Ws, root_mean_square, feed=1.0)],
            ),
            Mistake(
                "first",
                "Your first gain is that of an X with rms 1: either you normalised X, or you "
                "divided the size of what goes in by the size of what comes out. The output has "
                "rms 1 whatever goes in.",
                lambda X, Ws: gains_by_ratios(X / (root_mean_square(X) or 1.0), Ws),
            ),
            Mistake(
                "half",
                "Twice the mean square of the output stands in your gain: the measured output "
                "knows already what the ReLU took.",
                lambda X, Ws: [2**0.5 * g for g in gains_by_ratios(X, Ws)],
            ),
            Mistake(
                "he",
                "That is He's start, derived: √(2/d_in) for every layer. Measure what this X gives "
                "with these W.",
                lambda X, Ws: [math.sqrt(2 / len(W)) for W in Ws],
            ),
            Mistake(
                "eps",
                "A small number, {}, is added to your rms. No layer is silent here: divide by the "
                "rms itself.",
                gains_near,
                family=EPSILONS,
            ),
            Mistake(
                "epsinside",
                "A small number, {}, is added under your root. No layer is silent here: divide by "
                "the rms itself.",
                gains_near_inside,
                family=EPSILONS,
            ),
            Mistake(
                "zstd",
                "You took the standard deviation before the ReLU. The output, after it, is to have "
                "rms 1.",
                lambda X, Ws: gains_with(X, Ws, np.std, before=True),
            ),
            Mistake(
                "zgoes",
                "What goes on from your layers has not passed the ReLU.",
                gains_fed_with_z,
            ),
            Mistake(
                "twice",
                "You scale twice on the way: the matrix by its gain, and then the output again.",
                gains_scaled_twice,
            ),
            Mistake(
                "last",
                "You give every layer the gain of the last one.",
                lambda X, Ws: [math.prod(gains_by_ratios(X, Ws))] * len(Ws),
            ),
            Mistake(
                "lastgain",
                "You give every layer the gain of the last one.",
                lambda X, Ws: gains_by_ratios(X, Ws)[-1:] * len(Ws),
            ),
            Mistake(
                "matrices",
                "You return the scaled matrices. The gains are asked for, a float for each layer.",
                lambda X, Ws: [g * W for g, W in zip(gains_by_ratios(X, Ws), Ws, strict=True)],
            ),
            Mistake(
                "weights",
                "You measured the matrices. Measure the output that these rows give.",
                lambda X, Ws: [1 / root_mean_square(W) for W in Ws],
            ),
            Mistake(
                "sum",
                "You divided by the sum of the output. The rms is the root of the mean of the "
                "squares.",
                lambda X, Ws: gains_with(X, Ws, np.sum),
            ),
            Mistake(
                "median",
                "You took the median. The rms is the root of the mean of the squares.",
                lambda X, Ws: gains_with(X, Ws, lambda h: np.median(h) or 1.0),
            ),
        ),
        hints=(
            "One layer first: h @ W, then the ReLU, then its rms. By what must W be multiplied for "
            "an rms of 1?",
            "A ReLU passes a positive factor on as it is. So the gain is one over the rms that you "
            "measure with a gain of 1.",
            "Multiply the output by its gain before it enters the next layer. For no layers the "
            "list is empty.",
        ),
        section='chapter 09, section 9.4, "How large must the weights be?"',
        proves="What is measured needs no theory of the activation.",
    ),
    Exercise(
        id="09.6",
        kind="implement",
        title="RMS norm, backward",
        signature="rmsnorm_vjp(G, X, gamma, eps)",
        worked=worked.rmsnorm_vjp,
        results=("dX", "dgamma"),
        reference=rms_norm_backward,
        cases=norm_cases,
        quantities=lambda G, X, gamma, eps: {
            "r": np.sqrt(np.mean(X**2, axis=1, keepdims=True) + eps)
        },
        mistakes=(
            Mistake(
                "frozen",
                "Your dX takes r for a constant. Every x of the row moves r, so the part of Gγ "
                "along x̂ is taken away.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dX=lambda g, x_hat, r: g / r
                ),
            ),
            Mistake(
                "meanterm",
                "Your dX subtracts the mean of Gγ as well. That is layer norm's term: RMS norm "
                "subtracts no mean.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (
                        (g - mean_of_rows(g) - x_hat * mean_of_rows(g * x_hat)) / r
                    ),
                ),
            ),
            Mistake(
                "meanonly",
                "Your dX subtracts the mean of Gγ. RMS norm subtracts no mean: what is taken away "
                "is x̂ times the mean of Gγx̂.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dX=lambda g, x_hat, r: (g - mean_of_rows(g)) / r
                ),
            ),
            Mistake(
                "layernorm",
                "That is layer norm. RMS norm divides by the root mean square and subtracts no "
                "mean, forward or backward.",
                layer_norm_backward,
            ),
            Mistake(
                "nogamma",
                "Your dX does not know γ: what arrives at x̂ is G times γ.",
                lambda G, X, gamma, eps: rms_backward(G, X, gamma, eps, g=G),
            ),
            Mistake(
                "lategamma",
                "Your dX multiplies by γ at the end. γ comes first: the mean is over G γ x̂.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (G - x_hat * mean_of_rows(G * x_hat)) / r * gamma,
                ),
            ),
            Mistake(
                "bygamma",
                "Your dX divides by γ. The output is γ times x̂, so its derivative is multiplied "
                "by γ.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, g=G / np.where(gamma, gamma, np.inf)
                ),
            ),
            Mistake(
                "nox",
                "The term that you subtract in dX lacks its x̂.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dX=lambda g, x_hat, r: (g - mean_of_rows(g * x_hat)) / r
                ),
            ),
            Mistake(
                "gmean",
                "The term that you subtract in dX is x̂ times the mean of Gγx̂, not of Gγ.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dX=lambda g, x_hat, r: (g - x_hat * mean_of_rows(g)) / r
                ),
            ),
            Mistake(
                "plus",
                "The term of r in your dX has the wrong sign: the part along x̂ is taken away.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g + x_hat * mean_of_rows(g * x_hat)) / r,
                ),
            ),
            Mistake(
                "sum",
                "In dX you took the sum of Gγx̂ over the row. Its mean is meant: r is a mean.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - x_hat * (g * x_hat).sum(axis=1, keepdims=True)) / r,
                ),
            ),
            Mistake(
                "overall",
                "In dX you took one mean over all rows. Every row has its own.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dX=lambda g, x_hat, r: (g - x_hat * (g * x_hat).mean()) / r
                ),
            ),
            Mistake(
                "down",
                "The mean in your dX runs down the columns. r belongs to a row, and so does the "
                "mean.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - x_hat * (g * x_hat).mean(axis=0)) / r,
                ),
            ),
            Mistake(
                "twice",
                "The term that you subtract in your dX has a factor 2: the ½ of the root cancels "
                "the 2 of the square.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - 2 * x_hat * mean_of_rows(g * x_hat)) / r,
                ),
            ),
            Mistake(
                "ahalf",
                "The term that you subtract in your dX has a factor ½: the ½ of the root cancels "
                "the 2 of the square.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - x_hat * mean_of_rows(g * x_hat) / 2) / r,
                ),
            ),
            Mistake(
                "noscale",
                "Your dX is not divided by r.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dX=lambda g, x_hat, r: g - x_hat * mean_of_rows(g * x_hat)
                ),
            ),
            Mistake(
                "r2",
                "Your dX is divided by r twice.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - x_hat * mean_of_rows(g * x_hat)) / r**2,
                ),
            ),
            Mistake(
                "timesr",
                "Your dX is multiplied by r. It is divided by r.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - x_hat * mean_of_rows(g * x_hat)) * r,
                ),
            ),
            Mistake(
                "rawterm",
                "In the term that you subtract in dX, x stands for x̂ once: it lacks a division "
                "by r.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - X * mean_of_rows(g * x_hat)) / r,
                ),
            ),
            Mistake(
                "rawterms",
                "In the term that you subtract in dX, x stands for x̂ in each place: it lacks the "
                "division by r².",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - X * mean_of_rows(g * X)) / r,
                ),
            ),
            Mistake(
                "epsless",
                "In the term that you subtract in dX, ε is missing: the mean square of the row "
                "stands there for r².",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (
                        (g - X * mean_of_rows(g * X) / np.maximum(mean_of_rows(X**2), 1e-300)) / r
                    ),
                ),
            ),
            Mistake(
                "epsless zero",
                "In the term that you subtract in dX, ε is missing: the mean square of the row "
                "stands there for r², and a row of zeros divides 0 by 0.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - X * mean_of_rows(g * X) / mean_of_rows(X**2)) / r,
                ),
            ),
            Mistake(
                "epsless once",
                "In the term that you subtract in dX, one of the two x̂ is without ε: the row is "
                "divided there by its root mean square, not by r.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (
                        (g - x_hat * mean_of_rows(g * X) / mean_of_rows(X**2) ** 0.5) / r
                    ),
                ),
            ),
            Mistake(
                "rawx",
                "Your dγ is G times x. The output is γ times x̂.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dgamma=lambda x_hat: (G * X).sum(axis=0)
                ),
            ),
            Mistake(
                "onlyG",
                "Your dγ is the sum of G. That is the gradient of a shift β; γ multiplies x̂.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dgamma=lambda x_hat: G.sum(axis=0)
                ),
            ),
            Mistake(
                "meangamma",
                "Your dγ is a mean over the rows. The same γ serves every row, so their gradients "
                "add.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dgamma=lambda x_hat: (G * x_hat).mean(axis=0)
                ),
            ),
            Mistake(
                "gammatimes",
                "Your dγ is multiplied by γ: that is G times the output.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dgamma=lambda x_hat: (G * gamma * x_hat).sum(axis=0)
                ),
            ),
            Mistake(
                "unsummed",
                "Your dγ keeps a row for each example. The same γ serves every row: sum over them.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dgamma=lambda x_hat: G * x_hat
                ),
            ),
            Mistake(
                "alongrows",
                "Your dγ sums along the rows. There is one γ for each column.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dgamma=lambda x_hat: (G * x_hat).sum(axis=1)
                ),
            ),
            Mistake(
                "onegamma",
                "Your dγ is one number. There is one γ for each column.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dgamma=lambda x_hat: (G * x_hat).sum()
                ),
            ),
            Mistake(
                "axis",
                "Your mean squares run down the columns, over the batch. RMS norm takes every row "
                "by itself.",
                over_rows,
            ),
            Mistake(
                "all",
                "You took one mean square for the whole array. Every row has its own.",
                over_all,
            ),
            Mistake(
                "noroot",
                "You divided by the mean square itself. r is its root.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, r=(X**2).mean(axis=1, keepdims=True) + eps
                ),
            ),
            Mistake(
                "length",
                "Your r is the length of the row: a sum of squares stands where their mean "
                "belongs.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, r=np.sqrt((X**2).sum(axis=1, keepdims=True) + eps)
                ),
            ),
            Mistake(
                "outside",
                "Your ε is added to the root. It is under the root, beside the mean square.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, r=np.sqrt((X**2).mean(axis=1, keepdims=True)) + eps
                ),
            ),
            Mistake(
                "noeps",
                "You left ε out: a row of zeros divides 0 by 0.",
                lambda G, X, gamma, eps: rms_backward(G, X, gamma, 0.0),
            ),
            Mistake(
                "std",
                "Your r is a standard deviation: it subtracts a mean. RMS norm does not.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, r=np.sqrt(X.var(axis=1, keepdims=True) + eps)
                ),
            ),
            Mistake(
                "eps fixed",
                "You took {} for ε, whatever was handed over.",
                rms_eps,
                family=EPSILONS,
            ),
            Mistake(
                "eps more",
                "A small number, {}, stands under your root beside ε.",
                rms_plus,
                family=EPSILONS,
            ),
            Mistake(
                "swap",
                "The results are exchanged: dX first, then dγ.",
                lambda G, X, gamma, eps: rms_norm_backward(G, X, gamma, eps)[::-1],
            ),
            Mistake(
                "nrows",
                "In dX you divide the sum over a row by the number of rows. A row has d numbers.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (
                        (g - x_hat * (g * x_hat).sum(axis=1, keepdims=True) / len(X)) / r
                    ),
                ),
            ),
            Mistake(
                "centred",
                "You subtract the mean from your dX. RMS norm subtracts no mean, so nothing has to "
                "add up to 0.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: without_mean((g - x_hat * mean_of_rows(g * x_hat)) / r),
                ),
            ),
            Mistake(
                "epsagain",
                "ε is added once more where you divide your dX by r. It is in r already.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - x_hat * mean_of_rows(g * x_hat)) / (r + eps),
                ),
            ),
            Mistake(
                "epslost",
                "In the term that you subtract in dX, ε is lost: r, with ε under its root, appears "
                "there to the third power.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (
                        g / r - X * mean_of_rows(g * X) / safe(mean_of_rows(X**2)) ** 1.5
                    ),
                ),
            ),
            Mistake(
                "frozennogamma",
                "Your dX is G/r: γ is left out, and r is taken for a constant.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dX=lambda g, x_hat, r: G / r
                ),
            ),
            Mistake(
                "forward",
                "Your dX is the output, γ x̂. Its gradient is asked for.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dX=lambda g, x_hat, r: gamma * x_hat
                ),
            ),
            Mistake(
                "betaterm",
                "Your dX has lost the straight path: Gγ/r comes first, then the term of r is "
                "subtracted.",
                lambda G, X, gamma, eps: rms_backward(
                    G, X, gamma, eps, dX=lambda g, x_hat, r: -x_hat * mean_of_rows(g * x_hat) / r
                ),
            ),
            Mistake(
                "gammalost",
                "In the term that you subtract in dX, γ is lost: its mean is over Gγx̂.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - x_hat * mean_of_rows(G * x_hat)) / r,
                ),
            ),
            Mistake(
                "gammax",
                "In the term that you subtract in dX, the output γx̂ stands for x̂.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: (g - gamma * x_hat * mean_of_rows(g * x_hat)) / r,
                ),
            ),
            Mistake(
                "firstterm",
                "In dX you divide the last term alone by r. Both belong over r.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dX=lambda g, x_hat, r: g - x_hat * mean_of_rows(g * x_hat) / r,
                ),
            ),
            Mistake(
                "dgammar",
                "Your dγ is divided by r once too often: it is the sum of G x̂, and x̂ is over r "
                "already.",
                lambda G, X, gamma, eps: rms_backward(
                    G,
                    X,
                    gamma,
                    eps,
                    dgamma=lambda x_hat: (G * x_hat * safe_ratio(x_hat, X)).sum(axis=0),
                ),
            ),
        ),
        hints=(
            "Compute forward first: r, one number for each row, and x̂ = x/r. What arrives at x̂, "
            "and what does γ get?",
            "Every x of a row reaches the loss twice: straight, and through r, which it shares "
            "with the whole row. There is no term of a mean.",
            "With g = Gγ, take x̂ times the mean over the row of g x̂ away from g, and divide by r. "
            "For γ, multiply G by x̂ and add up the rows.",
        ),
        section='chapter 09, section 9.8, "Normalise"',
        proves="The gradient is at a right angle to the row, but for ε.",
    ),
    Exercise(
        id="09.7",
        kind="find the bug",
        title="What batch norm remembers",
        signature="running(mean, var, X, m)",
        worked=worked.running,
        results=("mean", "var"),
        reference=remembered_by_steps,
        cases=memory_cases,
        mistakes=(
            Mistake(
                "biased",
                "Your variance has n below. What is remembered is the estimate for new data: "
                "n − 1.",
                lambda mean, var, X, m: remembered_with(mean, var, X, m, ddof=0),
            ),
            Mistake(
                "biasedmean",
                "You divided the sum of the rows by n − 1 as well. That belongs to the variance "
                "alone.",
                remembered_biased_mean,
            ),
            Mistake(
                "flip",
                "m weighs the old numbers in yours. Here it weighs the new ones, as in PyTorch.",
                lambda mean, var, X, m: remembered_with(mean, var, X, 1 - m),
            ),
            Mistake(
                "flipbiased",
                "m weighs the old numbers in yours (here it weighs the new), and the variance has "
                "n below in place of n − 1.",
                lambda mean, var, X, m: remembered_with(mean, var, X, 1 - m, ddof=0),
            ),
            Mistake(
                "replace",
                "You return the mean and the variance of this batch alone.",
                lambda mean, var, X, m: remembered_with(mean, var, X, 1.0),
            ),
            Mistake(
                "replacebiased",
                "You return the mean and the variance of this batch alone, the variance with n "
                "below in place of n − 1.",
                lambda mean, var, X, m: remembered_with(mean, var, X, 1.0, ddof=0),
            ),
            Mistake(
                "add",
                "You add m times the new to the whole of the old. The weights are 1 − m and m.",
                lambda mean, var, X, m: remembered_with(mean, var, X, m, old=1.0),
            ),
            Mistake(
                "decay",
                "You take 1 − m of the old and the whole of the new. The weights are 1 − m and m.",
                lambda mean, var, X, m: tuple(
                    (1 - m) * old + new
                    for old, new in zip(
                        (mean, var), remembered_with(mean, var, X, 1.0), strict=True
                    )
                ),
            ),
            Mistake(
                "both m",
                "m weighs the old and the new. The weights are 1 − m and m.",
                lambda mean, var, X, m: remembered_with(mean, var, X, m, old=m),
            ),
            Mistake(
                "average",
                "You take the plain average of old and new, whatever m is.",
                lambda mean, var, X, m: remembered_with(mean, var, X, 0.5),
            ),
            Mistake(
                "std",
                "You remember the standard deviation. The variance is remembered.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (a, np.sqrt(b))
                ),
            ),
            Mistake(
                "stdbiased",
                "You remember the standard deviation. The variance is remembered, with n − 1.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, ddof=0, batch=lambda a, b: (a, np.sqrt(b))
                ),
            ),
            Mistake(
                "rootmix",
                "You averaged standard deviations and squared the result. Variances are averaged.",
                lambda mean, var, X, m: (
                    remembered_by_steps(mean, var, X, m)[0],
                    ((1 - m) * np.sqrt(var) + m * X.std(axis=0, ddof=1)) ** 2,
                ),
            ),
            Mistake(
                "around",
                "Your variance is taken around the remembered mean. It is taken around the mean of "
                "this batch.",
                lambda mean, var, X, m: remembered_with(
                    mean,
                    var,
                    X,
                    m,
                    batch=lambda a, b: (a, ((X - mean) ** 2).sum(axis=0) / (len(X) - 1)),
                ),
            ),
            Mistake(
                "aroundn",
                "Your variance is taken around the remembered mean, and with n below. It is taken "
                "around the mean of this batch, with n − 1.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (a, ((X - mean) ** 2).mean(axis=0))
                ),
            ),
            Mistake(
                "aroundnew",
                "Your variance is taken around the new running mean. It is taken around the mean "
                "of this batch.",
                around_the_new,
            ),
            Mistake(
                "square",
                "That is the mean of the squares. A variance subtracts the mean first.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (a, (X**2).mean(axis=0))
                ),
            ),
            Mistake(
                "difference",
                "Your variance is the mean of the squares minus the square of the mean. In a "
                "column far from 0 both are huge, and their difference is lost in rounding.",
                lambda mean, var, X, m: remembered_with(
                    mean,
                    var,
                    X,
                    m,
                    batch=lambda a, b: (
                        a,
                        ((X**2).mean(axis=0) - a**2) * len(X) / (len(X) - 1),
                    ),
                ),
            ),
            Mistake(
                "unmixed",
                "Your variance is that of this batch. It is mixed with the remembered one as the "
                "mean is.",
                lambda mean, var, X, m: (
                    remembered_by_steps(mean, var, X, m)[0],
                    X.var(axis=0, ddof=1),
                ),
            ),
            Mistake(
                "squared m",
                "The weights of your variances are squared. Both averages have 1 − m and m.",
                lambda mean, var, X, m: (
                    remembered_by_steps(mean, var, X, m)[0],
                    (1 - m) ** 2 * var + m**2 * X.var(axis=0, ddof=1),
                ),
            ),
            Mistake(
                "all",
                "You took mean and variance over the whole array. Every column has its own.",
                lambda mean, var, X, m: (
                    (1 - m) * mean + m * X.mean(),
                    (1 - m) * var + m * X.var(ddof=1),
                ),
            ),
            Mistake(
                "swap",
                "The results are exchanged: mean first, then variance.",
                lambda mean, var, X, m: remembered_by_steps(mean, var, X, m)[::-1],
            ),
            Mistake(
                "differencebiased",
                "Your variance is the mean of the squares minus the square of the mean: it has n "
                "below in place of n − 1, and in a column far from 0 rounding takes what is left.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (a, (X**2).mean(axis=0) - a**2)
                ),
            ),
            Mistake(
                "upside",
                "Your variance has (n − 1)/n where n/(n − 1) belongs: the estimate for new rows is "
                "the larger one.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (a, b * ((len(X) - 1) / len(X)) ** 2)
                ),
            ),
            Mistake(
                "twicefree",
                "You multiplied by n/(n − 1) twice, or divided by n − 2.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (a, b * len(X) / (len(X) - 1))
                ),
            ),
            Mistake(
                "alsoold",
                "You multiplied the remembered variance by n/(n − 1) as well. It was made for new "
                "rows when it came in.",
                lambda mean, var, X, m: (
                    remembered_by_steps(mean, var, X, m)[0],
                    ((1 - m) * var + m * X.var(axis=0)) * len(X) / (len(X) - 1),
                ),
            ),
            Mistake(
                "mixture",
                "You added the squared distance of the two means, as for two heaps of rows put "
                "together. The memory is a plain average of variances.",
                lambda mean, var, X, m: (
                    remembered_by_steps(mean, var, X, m)[0],
                    remembered_by_steps(mean, var, X, m)[1]
                    + m * (1 - m) * (mean - X.mean(axis=0)) ** 2,
                ),
            ),
            Mistake(
                "sum",
                "Your new mean is the sum of the rows. Divide by their number.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (a * len(X), b)
                ),
            ),
            Mistake(
                "bycolumns",
                "Your mean is divided by the number of columns. It is a mean over the rows.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (a * len(X) / X.shape[1], b)
                ),
            ),
            Mistake(
                "fixed m",
                "You took {} for m, whatever was handed over.",
                remembered_with_m,
                family=(0.1, 0.9, 0.01, 0.99, 0.05, 0.95, 0.001, 0.999),
            ),
            Mistake(
                "undivided",
                "Your variance is the sum of the squared deviations. Divide it by n − 1.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (a, b * (len(X) - 1))
                ),
            ),
            Mistake(
                "grand",
                "Your variance is taken around one mean for the whole array. Every column has its "
                "own.",
                lambda mean, var, X, m: remembered_with(
                    mean,
                    var,
                    X,
                    m,
                    batch=lambda a, b: (a, ((X - X.mean()) ** 2).sum(axis=0) / (len(X) - 1)),
                ),
            ),
            Mistake(
                "m over n",
                "Your share of the new is m over n. It is m, however many rows there are.",
                lambda mean, var, X, m: remembered_by_steps(mean, var, X, m / len(X)),
            ),
            Mistake(
                "m over less",
                "Your share of the new is m over n − 1. It is m in both; n − 1 is below the new "
                "variance.",
                lambda mean, var, X, m: remembered_by_steps(mean, var, X, m / (len(X) - 1)),
            ),
            Mistake(
                "absolute",
                "Your new variance is a mean of |x − mean|. A variance averages squares, with "
                "n − 1.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (a, np.abs(X - a).mean(axis=0))
                ),
            ),
            Mistake(
                "median",
                "Your new mean is a median.",
                lambda mean, var, X, m: remembered_with(
                    mean, var, X, m, batch=lambda a, b: (np.median(X, axis=0), b)
                ),
            ),
            Mistake(
                "printed",
                "That is the program of the task. Try it with m = 1, with m = 0, and with two rows "
                "on paper.",
                lambda mean, var, X, m: around_the_new(mean, var, X, 1 - m, ddof=0),
            ),
            Mistake(
                "fliparound",
                "m weighs the old numbers in yours (here it weighs the new), and the variance is "
                "taken around the new running mean in place of the batch's.",
                lambda mean, var, X, m: around_the_new(mean, var, X, 1 - m),
            ),
            Mistake(
                "aroundnewn",
                "Your variance is taken around the new running mean in place of the batch's, and "
                "with n below in place of n − 1.",
                lambda mean, var, X, m: around_the_new(mean, var, X, m, ddof=0),
            ),
        ),
        hints=(
            "Mean and variance of each column of this batch first, and only then the averages. "
            "What should come out for m = 1, and for m = 0?",
            "m is the share of the new, in both. And which `mean` does the second line use?",
            "The new variance is for rows that are still to come: the squared deviations from the "
            "batch's own mean, divided by one less than the number of rows.",
        ),
        section='chapter 09, section 9.8, "Normalise"',
        proves="A memory with a share of m for the new, its variance without bias.",
    ),
    Exercise(
        id="09.8",
        kind="find the bug",
        title="Silent for good",
        signature="dead(Z)",
        reference=never_on,
        cases=unit_cases,
        mistakes=(
            Mistake(
                "rows",
                "You ask of each row whether it wakes a unit. Ask of each unit, a column, whether "
                "a row wakes it.",
                lambda Z: np.array([max(row) <= 0 for row in Z.tolist()]),
            ),
            Mistake(
                "printed",
                "That is the program of the task: it asks of each row, and takes a small "
                "activation for none.",
                lambda Z: np.maximum(Z, 0).mean(axis=1) < 1e-3,
            ),
            Mistake(
                "limit",
                "You call a unit dead whose largest activation is below {}. However small it is, "
                "the ReLU has slope 1 there, and the unit learns.",
                below_a_limit,
                family=EPSILONS,
            ),
            Mistake(
                "meanlimit",
                "You call a unit dead whose mean activation is below {}. One row that wakes it is "
                "enough, however little.",
                mean_below_a_limit,
                family=EPSILONS,
            ),
            Mistake(
                "meanzero",
                "You ask whether the mean activation is 0. With the smallest float that there is, "
                "5e-324, on one row the mean is rounded to 0. Ask of each number whether it is "
                "above 0.",
                lambda Z: np.maximum(Z, 0).mean(axis=0) == 0,
            ),
            Mistake(
                "rowsmean",
                "You ask of each row whether its mean activation is 0. Ask of each unit, a column, "
                "whether a row wakes it.",
                lambda Z: np.maximum(Z, 0).mean(axis=1) == 0,
            ),
            Mistake(
                "livemean",
                "True and False are exchanged: a dead unit is True.",
                lambda Z: np.maximum(Z, 0).mean(axis=0) > 0,
            ),
            Mistake(
                "std",
                "You ask whether the activation has no spread over the rows. In a dead unit it is "
                "0 on all rows.",
                lambda Z: np.maximum(Z, 0).std(axis=0) == 0,
            ),
            Mistake(
                "any",
                "You call a unit dead that is silent on one row. It is dead when it is silent on "
                "all of them.",
                lambda Z: np.array([min(column) <= 0 for column in Z.T.tolist()]),
            ),
            Mistake(
                "strict",
                "A unit whose z is exactly 0 is alive for you. There the activation is 0, and so "
                "is the slope.",
                lambda Z: (Z < 0).all(axis=0),
            ),
            Mistake(
                "mean",
                "You ask whether the mean of z is below 0. One row above 0 is enough to wake a "
                "unit.",
                lambda Z: Z.mean(axis=0) <= 0,
            ),
            Mistake(
                "meanstrict",
                "You ask whether the mean of z is below 0. One row above 0 is enough to wake a "
                "unit.",
                lambda Z: Z.mean(axis=0) < 0,
            ),
            Mistake(
                "share",
                "You return the share of silent rows. True or False is asked for: is a unit silent "
                "on all of them?",
                lambda Z: (Z <= 0).mean(axis=0),
            ),
            Mistake(
                "at least",
                "You call a unit dead that is silent on a share {} of the rows, or more. One row "
                "above 0 is enough to wake it.",
                silent_share,
                family=(0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99),
            ),
            Mistake(
                "constant",
                "You ask whether the activation is the same on all rows. In a dead unit it is 0 on "
                "all rows.",
                lambda Z: np.ptp(np.maximum(Z, 0), axis=0) == 0,
            ),
            Mistake(
                "one row array",
                "Your result has an axis too many, (1, d). `keepdims=True` puts it in.",
                lambda Z: never_on(Z)[None],
            ),
            Mistake(
                "first",
                "You looked at the first row alone.",
                lambda Z: Z[0] <= 0,
            ),
            Mistake(
                "last",
                "You looked at the last row alone.",
                lambda Z: Z[-1] <= 0,
            ),
            Mistake(
                "live",
                "True and False are exchanged: a dead unit is True.",
                lambda Z: ~never_on(Z),
            ),
            Mistake(
                "most",
                "You call a unit dead that is silent on most rows. One row above 0 is enough to "
                "wake it.",
                lambda Z: (Z <= 0).mean(axis=0) > 0.5,
            ),
            Mistake(
                "one row",
                "You ask whether one row is above 0. Several may wake a unit.",
                lambda Z: (Z > 0).sum(axis=0) != 1,
            ),
            Mistake(
                "zero",
                "You ask whether z is 0. It is the activation, max(z, 0), that is 0 in a silent "
                "unit.",
                lambda Z: (Z == 0).all(axis=0),
            ),
            Mistake(
                "one answer",
                "You return one answer for the layer. There is one for each unit.",
                lambda Z: bool((Z <= 0).all()),
                BROKEN,
            ),
            Mistake(
                "numbers",
                "You return the positions of the dead units. True or False for each unit is asked "
                "for.",
                lambda Z: np.flatnonzero(never_on(Z)),
            ),
            Mistake(
                "count",
                "You return how many are dead. True or False for each unit is asked for.",
                lambda Z: int(never_on(Z).sum()),
            ),
            Mistake(
                "as numbers",
                "You return 1.0 and 0.0. True and False are asked for: a comparison gives them.",
                lambda Z: never_on(Z).astype(float),
            ),
            Mistake(
                "up to",
                "You call a unit dead whose z is at most {} on all rows. Above 0 the ReLU has "
                "slope 1, however small z is.",
                below_or_at,
                family=EPSILONS,
            ),
            Mistake(
                "down to",
                "You call a unit dead whose z is at most {} on all rows. At 0, and just below it, "
                "the slope is 0 as well.",
                below_or_at_minus,
                family=tuple(-eps for eps in EPSILONS),
            ),
            Mistake(
                "median",
                "You ask whether half of the rows leave the unit silent. One row above 0 is enough "
                "to wake it.",
                lambda Z: np.median(Z, axis=0) <= 0,
            ),
            Mistake(
                "notfirst",
                "You leave out the first row. One row is enough to wake a unit, that one too.",
                lambda Z: (Z[1:] <= 0).all(axis=0),
            ),
            Mistake(
                "notlast",
                "You leave out the last row. One row is enough to wake a unit, that one too.",
                lambda Z: (Z[:-1] <= 0).all(axis=0),
            ),
        ),
        hints=(
            "What must a row do to give a unit a gradient? And how many such rows does it take?",
            "A unit is dead when its z is at most 0 on all rows. Which axis holds the rows?",
            "A comparison of all of Z with 0 gives an array of True and False; then ask of each "
            "column whether it is True throughout.",
        ),
        section='chapter 09, section 9.6, "Zero starts and dead units"',
        proves="A unit is dead if it is silent on every row, and only then.",
    ),
    Exercise(
        id="09.9",
        kind="find the bug",
        title="Two paths through a block",
        signature="res_backward(G, hs, Ws, alpha)",
        worked=worked.res_backward,
        results=("dh", "dWs"),
        reference=by_matrices,
        cases=block_cases,
        mistakes=(
            Mistake(
                "printed",
                "That is the program of the task. Check the three things one by one: with one "
                "block, with G of one row, and with α = 1.",
                as_printed,
            ),
            Mistake(
                "maskskip",
                "Your mask is on the skip as well. The ReLU is in the branch: along the skip the "
                "gradient passes as it is.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, back=lambda G, h, W, alpha: (G + alpha * (G @ W.T)) * (h > 0)
                ),
            ),
            Mistake(
                "maskskipprinted",
                "Your dh is masked on the skip as well, where the gradient passes as it is.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    back=lambda G, h, W, alpha: (G + alpha * (G @ W.T)) * (h > 0),
                    dW=lambda G, h, W, alpha: np.maximum(h, 0).T @ G,
                ),
            ),
            Mistake(
                "noskip",
                "The skip is missing: add G, which comes along it, to what comes through the "
                "branch.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, back=lambda G, h, W, alpha: alpha * (G @ W.T) * (h > 0)
                ),
            ),
            Mistake(
                "noalpha",
                "α is missing: the branch is multiplied by it, and so is the gradient through it.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    back=lambda G, h, W, alpha: skip_and_branch(G, h, W, 1.0),
                    dW=lambda G, h, W, alpha: scaled_outer(G, h, W, 1.0),
                ),
            ),
            Mistake(
                "noalphaW",
                "Your dW lack α: W is in the branch, which is multiplied by it.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, dW=lambda G, h, W, alpha: scaled_outer(G, h, W, 1.0)
                ),
            ),
            Mistake(
                "noalphah",
                "Your dh lacks α in the branch.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, back=lambda G, h, W, alpha: skip_and_branch(G, h, W, 1.0)
                ),
            ),
            Mistake(
                "alphaskip",
                "α multiplies the skip as well in yours. It belongs to the branch alone.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    back=lambda G, h, W, alpha: alpha * skip_and_branch(G, h, W, 1.0),
                ),
            ),
            Mistake(
                "alphatwice",
                "α multiplies your branch twice.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    back=lambda G, h, W, alpha: skip_and_branch(G, h, W, alpha**2),
                ),
            ),
            Mistake(
                "alphatwiceW",
                "α multiplies your dW twice.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, dW=lambda G, h, W, alpha: alpha * scaled_outer(G, h, W, alpha)
                ),
            ),
            Mistake(
                "nomask",
                "The mask is missing: where h is at most 0 the branch passes no gradient.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, back=lambda G, h, W, alpha: G + alpha * (G @ W.T)
                ),
            ),
            Mistake(
                "ones",
                "Where h is exactly 0 yours passes a gradient through the branch. The slope of "
                "relu is 0 there.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, back=lambda G, h, W, alpha: G + alpha * (G @ W.T) * (h >= 0)
                ),
            ),
            Mistake(
                "relu",
                "You multiply by relu(h) where its slope belongs, 1 or 0.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    back=lambda G, h, W, alpha: G + alpha * (G @ W.T) * np.maximum(h, 0),
                ),
            ),
            Mistake(
                "maskfirst",
                "Your mask comes before W. Backward it is the other way round: first W, then the "
                "ReLU, which was first on the way forward.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, back=lambda G, h, W, alpha: G + alpha * (G * (h > 0)) @ W.T
                ),
            ),
            Mistake(
                "maskout",
                "Your mask is that of the branch's output. The ReLU acts on h.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    back=lambda G, h, W, alpha: G + alpha * (G * (np.maximum(h, 0) @ W > 0)) @ W.T,
                ),
            ),
            Mistake(
                "tr",
                "W is not transposed on the way back.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, back=lambda G, h, W, alpha: G + alpha * (G @ W) * (h > 0)
                ),
            ),
            Mistake(
                "order",
                "Your dW are right, in opposite order: dWs[0] belongs to Ws[0].",
                lambda G, hs, Ws, alpha: blocks_backward(G, hs, Ws, alpha, order=1),
            ),
            Mistake(
                "orderprinted",
                "Your dW come in opposite order, and without α: dWs[0] belongs to Ws[0], and W is "
                "in the branch, which is multiplied by α.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, dW=lambda G, h, W, alpha: scaled_outer(G, h, W, 1.0), order=1
                ),
            ),
            Mistake(
                "rawh",
                "Your dW use h. The branch multiplies relu(h) by W.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, dW=lambda G, h, W, alpha: alpha * h.T @ G
                ),
            ),
            Mistake(
                "maskW",
                "Your dW use the mask. The branch multiplies relu(h) by W.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, dW=lambda G, h, W, alpha: alpha * (h > 0).T.astype(float) @ G
                ),
            ),
            Mistake(
                "maskdW",
                "Your dW mask the upstream gradient. The ReLU acts on h before W, so G arrives at "
                "W as it is.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    dW=lambda G, h, W, alpha: alpha * np.maximum(h, 0).T @ (G * (h > 0)),
                ),
            ),
            Mistake(
                "trW",
                "Your dW are transposed: relu(h)ᵀ comes first.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, dW=lambda G, h, W, alpha: scaled_outer(G, h, W, alpha).T
                ),
            ),
            Mistake(
                "late",
                "Your dW use the gradient that has already gone through the block. Take dW before "
                "you step back.",
                moved_first,
            ),
            Mistake(
                "front",
                "You walk from the first block to the last. The gradient comes from the end.",
                from_the_front,
            ),
            Mistake(
                "averaged",
                "Your dW are averaged over the rows. G has whatever factor the loss has; here the "
                "rows are summed.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    dW=lambda G, h, W, alpha: scaled_outer(G, h, W, alpha) / len(h),
                ),
            ),
            Mistake(
                "firstG",
                "Every one of your dW uses the G that came from outside. Each block has its own "
                "upstream gradient.",
                lambda G, hs, Ws, alpha: (
                    blocks_backward(G, hs, Ws, alpha)[0],
                    [scaled_outer(G, h, W, alpha) for h, W in zip(hs, Ws, strict=True)],
                ),
            ),
            Mistake(
                "one block",
                "You went back through the last block alone.",
                lambda G, hs, Ws, alpha: (
                    skip_and_branch(G, hs[-1], Ws[-1], alpha) if Ws else G,
                    blocks_backward(G, hs, Ws, alpha)[1],
                ),
            ),
            Mistake(
                "upstream",
                "Your dh is the G that came. It passes back through every block.",
                lambda G, hs, Ws, alpha: (G, blocks_backward(G, hs, Ws, alpha)[1]),
            ),
            Mistake(
                "one early",
                "Your loop ends before the first block. It has a gradient as the others do.",
                lambda G, hs, Ws, alpha: (
                    blocks_backward(G, hs[1:], Ws[1:], alpha)[0],
                    [
                        *(np.zeros(W.shape) for W in Ws[:1]),
                        *blocks_backward(G, hs[1:], Ws[1:], alpha)[1],
                    ],
                ),
            ),
            Mistake(
                "outputs",
                "You took the outputs of the blocks. hs holds their inputs: dW and mask of a block "
                "use what enters it.",
                blocks_of_outputs,
            ),
            Mistake(
                "postactivation",
                "That is the backward pass of h + α·relu(h @ W). Here the ReLU comes before W.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    back=lambda G, h, W, alpha: G + alpha * (G * (h @ W > 0)) @ W.T,
                    dW=lambda G, h, W, alpha: alpha * h.T @ (G * (h @ W > 0)),
                ),
            ),
            Mistake(
                "alphaG",
                "You multiplied G by α before both paths. The skip passes it as it is.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    back=lambda G, h, W, alpha: alpha * G + alpha**2 * (G @ W.T) * (h > 0),
                    dW=lambda G, h, W, alpha: alpha * np.maximum(h, 0).T @ G,
                ),
            ),
            Mistake(
                "leaky",
                "Where h is below 0 your mask lets {} through. That is a leaky ReLU's slope; this "
                "one is 0.",
                blocks_leaky,
                family=(0.01, 0.1, 0.2, 0.001, 0.3, 0.5),
            ),
            Mistake(
                "shares",
                "You weigh the skip with 1 − α. It passes G as it is.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    back=lambda G, h, W, alpha: skip_and_branch(G, h, W, alpha) - alpha * G,
                ),
            ),
            Mistake(
                "W on both",
                "W is on the skip as well in yours. The skip passes G as it is.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G, hs, Ws, alpha, back=lambda G, h, W, alpha: (G + alpha * G * (h > 0)) @ W.T
                ),
            ),
            Mistake(
                "twoskips",
                "You add G twice.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    back=lambda G, h, W, alpha: G + skip_and_branch(G, h, W, alpha),
                ),
            ),
            Mistake(
                "identity",
                "Your dW have a 1 more on the diagonal. The skip has no W: it does not enter dW.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    dW=lambda G, h, W, alpha: scaled_outer(G, h, W, alpha) + np.eye(len(W)),
                ),
            ),
            Mistake(
                "reluG",
                "Your dW cut off what is negative in G. The ReLU acts on h, forward.",
                lambda G, hs, Ws, alpha: blocks_backward(
                    G,
                    hs,
                    Ws,
                    alpha,
                    dW=lambda G, h, W, alpha: scaled_outer(np.maximum(G, 0), h, W, alpha),
                ),
            ),
        ),
        hints=(
            "One block: h goes to the output along two paths. What comes back along each? "
            "`gradcheck`, or one number moved by a little, tells you which line is wrong.",
            "Along the skip G comes back as it is. Through the branch come, in this order, α, W "
            "transposed, and the mask. The two are added.",
            "W gets α times what it was multiplied by, transposed, times G. And the loop runs from "
            "the last block to the first: look at the order of your list.",
        ),
        section='chapter 09, section 9.9, "Skips, and their volume"',
        proves="One path passes the gradient as it is, the other is the branch, and the two add.",
    ),
    Exercise(
        id="09.10",
        kind="read a curve",
        title="Which net is which?",
        signature="nets()",
        results=("A", "B", "C", "D"),
        reference=CURVES,
        mistakes=(
            Mistake(
                "htell",
                "You exchanged A and C: their h are both level. The gradients tell them apart: one "
                "grows on its way to the first layer.",
                renamed(A="relu 1.4", C="tanh 2"),
            ),
            Mistake(
                "flip",
                "You exchanged B and D. The h of B falls from layer to layer, that of D rises: "
                "with g = 1 a ReLU layer leaves √½ of it, with g = 3 it makes 2.1 times as much.",
                renamed(B="relu 3", D="relu 1"),
            ),
            Mistake(
                "satur",
                "You took the fading net for the saturated one. tanh with g = 2 sits at 0.7 in "
                "every layer, and its gradient grows towards the first.",
                renamed(A="relu 1", B="tanh 2"),
            ),
            Mistake(
                "screams",
                "You took the exploding net for the tanh. No tanh is larger than 1: look at h.",
                renamed(A="relu 3", D="tanh 2"),
            ),
            Mistake(
                "level",
                "You exchanged B and C. A ReLU layer keeps the mean square with g² = 2, not with "
                "g = 1: the half that is cut off is missing.",
                renamed(B="relu 1.4", C="relu 1"),
            ),
            Mistake(
                "growing",
                "You exchanged C and D. With g = √2 a ReLU layer keeps the mean square; with g = 3 "
                "it multiplies the rms by 2.1.",
                renamed(C="relu 3", D="relu 1.4"),
            ),
            *(
                Mistake(f"{curve} {name}", said, renamed(**{curve: name}), alone=True)
                for (curve, name), said in SINGLE.items()
            ),
        ),
        hints=(
            "Read h first, from left to right: which one grows, which one fades?",
            "Two are level. Now read ∂L/∂h, from the last layer to the first: from right to left.",
            "Three nets have h and ∂L/∂h that go the same way. In the fourth the two disagree: it "
            "has the activation whose slope depends on h.",
        ),
        section='chapter 09, section 9.5, "The other half of tanh"',
        proves="Healthy activations do not promise healthy gradients.",
    ),
]
