"""Exercises of chapter 01, the chain rule."""

import numpy as np

from bookutils.checks import worked_01 as worked
from bookutils.checks.nearby import one_moved
from bookutils.judge.exercise import BROKEN, EPSILONS, Exercise, Mistake, formula


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# ---- 01.2, 01.8: differences
#
# Steps of 0.003 and more keep the rounding of a difference, eps |f| / h, near 1e-13: any order of
# the operations passes at rtol = 1e-9, and a one-sided difference, off by h |f''| / 2, does not.


def difference_cases(rng):
    yield formula("x", "x**3 - 2*x"), 1.5, 0.1
    yield formula("x", "sin(x)"), 1.2, 0.01
    yield formula("x", "exp(0.7*x)"), -0.8, 0.25
    yield formula("x", "x**2 / (3 + x)"), 2.3, 0.4
    for _ in range(4):
        yield formula("x", "tanh(x) + x**4 / 5"), *rng.uniform([-2, 0.003], [2, 0.3])
    yield formula("x", "x**3"), 0.0, 0.5
    yield formula("x", "x**2"), 0.0, 0.5  # an even function: the slope is 0
    yield formula("x", "abs(x)"), 0.0, 0.25  # a kink, in the middle and beside it
    yield formula("x", "abs(x)"), 0.1, 0.25
    yield formula("x", "x"), -1.0, 1.0  # f returns its own argument
    yield formula("x", "5.0 + 0*x"), 2.0, 0.1
    yield formula("x", "x**3 - 2*x"), 80.0, 0.5
    yield formula("x", "x**2"), 1.0, 2.0**-20  # small, and no digit is lost: (1 ± h)² are exact
    yield formula("x", "x**3"), 2.0, 60.0
    yield formula("x", "cos(x)"), 1.5, 0.5
    yield formula("x", "exp(-x)"), 0.5, 0.25
    yield formula("x", "x**3 - 2*x"), 1.0, 1.0
    yield from one_moved((formula("x", "x**3 - 2*x"), 1.5, 0.1))
    yield formula("x", "x**3 + 2*x"), 1.5, 0.1


POINTS = ("x + h", "x - h", "x", "x + h/2", "x - h/2", "x + 2*h", "x - 2*h")
SPANS = ("", "2", "h", "(h/2)", "(2*h)", "(3*h)", "(4*h)", "h**2", "(2*h**2)")
STENCILS = tuple(
    f"({rise}) / {span}" if span else rise
    for rise in (
        *(f"f({one}) - f({other})" for one in POINTS for other in POINTS if one != other),
        "f(x + h) - 2*f(x) + f(x - h)",
    )
    for span in SPANS
)
RELATIVE = {
    "h·x": lambda x, h: h * x,
    "h·x, and h at x = 0": lambda x, h: h * x or h,
    "h·max(1, |x|)": lambda x, h: h * max(1, abs(x)),
    "h·(1 + |x|)": lambda x, h: h * (1 + abs(x)),
}


def by_stencil(f, x, h, text="(f(x + 2*h) - f(x)) / (2*h)"):
    return eval(text, {"f": f, "x": x, "h": h})


def by_relative_step(f, x, h, words="h·x"):
    step = RELATIVE[words](x, h)
    return (f(x + step) - f(x - step)) / (2 * step) if step else 0.0


def carried_slips():
    """01.1: one slip in the formulas, and all that follows computed from it, dy/dx included."""
    x = 1.5
    for name, u, du, v, dv, y in (
        ("u as (x + 1)²", (x + 1) ** 2, 2 * (x + 1), 3 - x, -1, ""),
        ("u as x² − 1", x * x - 1, 2 * x, 3 - x, -1, ""),
        ("u as x²", x * x, 2 * x, 3 - x, -1, ""),
        ("u as 2x + 1", 2 * x + 1, 2, 3 - x, -1, ""),
        ("u as x³ + 1", x**3 + 1, 3 * x * x, 3 - x, -1, ""),
        ("v as x − 3", x * x + 1, 2 * x, x - 3, 1, ""),
        ("v as 3 + x", x * x + 1, 2 * x, 3 + x, 1, ""),
        ("y as u·v", x * x + 1, 2 * x, 3 - x, -1, (0, 0)),
        ("y as u·v − 1", x * x + 1, 2 * x, 3 - x, -1, (-1, 0)),
        ("y as u·v − x + 1", x * x + 1, 2 * x, 3 - x, -1, (1 - x, -1)),
        ("y as u·v − x − 1", x * x + 1, 2 * x, 3 - x, -1, (-1 - x, -1)),
        ("y as u + v + x − 1", x * x + 1, 2 * x, 3 - x, -1, None),
    ):
        more, slope = y or (x - 1, 1)
        of_uv = (u + v, du + dv) if y is None else (u * v, du * v + u * dv)
        yield Mistake(
            name,
            f"You took {name}; what follows is computed from that. Read the formulas once more.",
            (u, v, of_uv[0] + more, of_uv[1] + slope),
        )


def missing_paths():
    """01.1: some of the three paths from x to y, each with what it adds to dy/dx."""
    paths = {"the path through `u`": 4.5, "the path through `v`": -3.25, "the direct path": 1.0}
    for kept in ([0], [1], [2], [1, 2]):
        there = [path for i, path in enumerate(paths) if i in kept]
        lost = [path for path in paths if path not in there]
        yield Mistake(
            f"only {' and '.join(there)}",
            f"Your dy/dx has {' and '.join(there)} alone. Missing: {' and '.join(lost)}. The "
            "paths add.",
            (3.25, 1.5, 5.375, sum(paths[path] for path in there)),
            alone=True,
        )


def jacobian_by_matrix(f, x, h):
    nudges = h * np.eye(len(x))
    return np.stack([(f(x + e) - f(x - e)) / (2 * h) for e in nudges], axis=1)


def jacobian_transposed(f, x, h):
    return jacobian_by_matrix(f, x, h).T


def jacobian_all_at_once(f, x, h):
    column = (f(x + h) - f(x - h)) / (2 * h)
    return np.stack([column] * len(x), axis=1)


def jacobian_left_nudged(f, x, h):
    up, down, columns = x.copy(), x.copy(), []
    for j in range(len(x)):
        up[j] += h
        down[j] = x[j] - h
        columns.append((f(up) - f(down)) / (2 * h))
        down[j] = x[j]  # but `up` stays where it is
    return np.stack(columns, axis=1)


def jacobian_one_sided(f, x, h):
    return np.stack([(f(x + e) - f(x)) / h for e in h * np.eye(len(x))], axis=1)


def jacobian_doubled(f, x, h):
    return np.stack([(f(x + e) - f(x - e)) / h for e in h * np.eye(len(x))], axis=1)


def jacobian_in_place(f, x, h):
    columns = []
    for j in range(len(x)):
        x[j] += h
        upper = f(x)
        x[j] -= 2 * h
        columns.append((upper - f(x)) / (2 * h))
    return np.stack(columns, axis=1)


def jacobian_nudged_up_only(f, x, h):
    """Forgets that f may hand back the very array that it was given."""
    moved, columns = x.copy(), []
    for j in range(len(x)):
        moved[j] = x[j] + h
        upper = f(moved)
        moved[j] = x[j] - h
        columns.append((upper - f(moved)) / (2 * h))
        moved[j] = x[j]
    return np.stack(columns, axis=1)


def jacobian_cases(rng):
    yield formula("x", "array([x[0]*x[1], x[0]**2, 3*x[1]])"), np.array([1.5, -0.4]), 0.1
    yield formula("x", "array([x[0]*x[1]*x[2], sin(x[2])])"), rng.uniform(0.3, 2, 3), 0.01
    yield formula("x", "array([x[0]**3 - x[1], x[0]*exp(x[1])])"), rng.uniform(-1, 1, 2), 0.05
    yield formula("x", "array([x[0]**2 * x[3] + x[1]*x[2]**2])"), rng.uniform(0.5, 2, 4), 0.2
    yield formula("x", "array([tanh(x[0]), x[0]**2, 4*x[0]])"), np.array([-0.7]), 0.03
    yield formula("x", "x"), np.array([0.5, -1.5, 2.0]), 0.25  # f returns its own argument
    yield formula("x", "x[::-1]"), np.array([0.5, -1.5]), 0.5
    yield formula("x", "x**3"), np.array([2.0]), 0.5  # (1, 1)
    yield formula("x", "x**2"), np.array([0.0, 0.0, 0.0]), 0.1
    yield formula("x", "array([2.0, 5.0])"), np.array([1.0, 0.0, -1.0]), 1.0
    yield formula("x", "array([x[0]**2, x[0]*x[1]])"), np.array([1.0, 0.5]), 2.0**-20  # exact
    yield formula("x", "array([abs(x[0]), abs(x[1]), x[0]*x[1]**2])"), np.array([0.0, 0.05]), 0.1
    yield formula("x", "array([x[0]**3 + x[1], x[0]*x[1]**3])"), np.array([80.0, -60.0]), 2.0
    yield formula("x", "array([x[0]**3 + x[1], x[0]*x[1]**3])"), np.array([1.0, 1.0]), 60.0
    f = formula("x", "array([x[0]*x[1], x[0]**2, 3*x[1]**3])")
    yield f, np.array([1.5, -0.4]), 0.1
    yield from one_moved((f, np.array([1.5, -0.4]), 0.1))


# ---- 01.4: the rate in a direction


def rate_cases(rng):
    yield np.array([-1.2, 3.25]), np.array([3.0, 4.0])
    yield np.array([2.0, -1.5, 0.4]), np.array([0.5, 1.2, -0.7])
    yield np.array([0.9]), np.array([-2.5])
    for d in (2, 4, 5):
        yield rng.normal(size=d), rng.uniform(0.2, 3) * rng.normal(size=d)
    up = np.array([3.0, 4.0])
    yield np.array([0.0, 0.0]), up  # at a minimum no direction rises
    yield np.array([4.0, -3.0]), up  # at right angles
    yield up, up
    yield up, -up
    yield np.array([-1.2, 3.25]), 1e-6 * up  # only the direction of u counts
    yield np.array([-1.2, 3.25]), 1e6 * up
    yield np.array([70.0, -200.0]), np.array([1.0, 0.0])
    yield np.array([0.0, 1e-4]), np.array([0.0, -2.0])
    yield np.array([1.0]), np.array([1.0])
    yield np.array([-3.0]), np.array([-0.5])
    yield from one_moved((np.array([-1.2, 3.25]), up))


# ---- 01.5: three linear layers, one number wide


def chain_gradients(x, t, w1, b1, w2, b2, w3, b3):
    """The derivative of the loss by each parameter, written out from the polynomial that it is."""
    e = w3 * w2 * w1 * x + w3 * w2 * b1 + w3 * b2 + b3 - t
    return (
        e * w3 * w2 * x,
        e * w3 * w2,
        e * w3 * (w1 * x + b1),
        e * w3,
        e * (w2 * w1 * x + w2 * b1 + b2),
        e,
    )


def chain(x, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    z2 = w2 * z1 + b2
    return z1, z2, w3 * z2 + b3


def chain_printed(x, t, w1, b1, w2, b2, w3, b3):
    z1, z2, y = chain(x, w1, b1, w2, b2, w3, b3)
    dy = 2 * (y - t)
    dz2, dz1 = dy * w3, dy * w3 * w2
    return dz1, dz1, dz2 * z1, dz2, dy * z2, dy


def chain_only_half(x, t, w1, b1, w2, b2, w3, b3):
    z1, z2, y = chain(x, w1, b1, w2, b2, w3, b3)
    dy = y - t
    dz2, dz1 = dy * w3, dy * w3 * w2
    return dz1, dz1, dz2 * z1, dz2, dy * z2, dy


def chain_only_x(x, t, w1, b1, w2, b2, w3, b3):
    z1, z2, y = chain(x, w1, b1, w2, b2, w3, b3)
    dy = 2 * (y - t)
    dz2, dz1 = dy * w3, dy * w3 * w2
    return dz1 * x, dz1, dz2 * z1, dz2, dy * z2, dy


def chain_shifted(x, t, w1, b1, w2, b2, w3, b3):
    z1, z2, y = chain(x, w1, b1, w2, b2, w3, b3)
    dy = y - t
    dz2, dz1 = dy * w3, dy * w3 * w2
    return dz1 * x, dz1, dz2 * x, dz2, dy * z1, dy


def chain_all_x(x, t, w1, b1, w2, b2, w3, b3):
    *_, y = chain(x, w1, b1, w2, b2, w3, b3)
    dy = y - t
    dz2, dz1 = dy * w3, dy * w3 * w2
    return dz1 * x, dz1, dz2 * x, dz2, dy * x, dy


def chain_x_for_the_bias(x, t, w1, b1, w2, b2, w3, b3):
    z1, z2, y = chain(x, w1, b1, w2, b2, w3, b3)
    dy = y - t
    dz2, dz1 = dy * w3, dy * w3 * w2
    return dz1, dz1 * x, dz2 * z1, dz2, dy * z2, dy


def chain_weights_first(*args):
    w1, b1, w2, b2, w3, b3 = chain_gradients(*args)
    return w1, w2, w3, b1, b2, b3


def chain_last_first(*args):
    return chain_gradients(*args)[::-1]


def chain_without_biases(x, t, w1, b1, w2, b2, w3, b3):
    z1, z2, y = chain(x, w1, b1, w2, b2, w3, b3)
    dy = y - t
    dz2, dz1 = dy * w3, dy * w3 * w2
    return dz1 * x, 0.0, dz2 * z1, 0.0, dy * z2, 0.0


def linear_quantities(x, t, w1, b1, w2, b2, w3, b3):
    z1, z2, y = chain(x, w1, b1, w2, b2, w3, b3)
    error = y - t
    return {
        "`z1`": z1,
        "`z2`": z2,
        "`y`": y,
        "y − t": error,
        "½(y − t)": error / 2,
        "½(y − t)²": error**2 / 2,
        "(y − t)·w3": error * w3,
        "1": 1.0,
    }


def chain_cases(rng):
    yield 0.7, 0.9, 0.5, 0.1, -1.5, 0.3, 0.8, -0.2
    yield 2.0, -0.4, 0.6, -0.3, 0.7, 0.2, -1.1, 0.5
    for _ in range(6):
        yield tuple(float(v) for v in rng.uniform(0.3, 1.7, 8) * rng.choice([-1, 1], 8))
    easy = 0.5, 1.5, 2.0, -0.5, 1.5, 0.25, -1.0, 0.75
    for i in (0, 2, 4, 6):  # x, w1, w2 or w3 is 0
        yield (*easy[:i], 0.0, *easy[i + 1 :])
    yield 0.5, 1.5, 2.0, 0.0, 1.5, 0.0, -1.0, 0.0
    yield 2.0, -0.75, 0.5, 1.0, -1.5, 1.0, 0.5, 0.25  # y = t
    yield (1.0,) * 8
    yield 60.0, -70.0, 80.0, 55.0, -90.0, 75.0, 65.0, -52.0
    # a loss of 5e9 whose derivatives are small: no difference of losses has nine digits here
    yield 0.5, 1e5, 0.01, 0.02, -0.03, 0.01, 0.02, 0.04
    yield 0.5, 0.0, 2.0, -0.5, 1.5, 0.25, -1.0, 0.75
    yield easy
    yield from one_moved(easy)


# ---- 01.6 and 01.7: one layer, then two


def layer_gradient(x, t, W, b):
    y = np.tanh(x @ W + b)
    return x[:, None] * ((y - t) * (1 - y) * (1 + y))[None, :]


def layer_printed(x, t, W, b):
    y = np.tanh(x @ W + b)
    return np.outer(y, y - t)


def layer_no_slope(x, t, W, b):
    y = np.tanh(x @ W + b)
    return np.outer(x, y - t)


def layer_slope_at_output(x, t, W, b):
    y = np.tanh(x @ W + b)
    return np.outer(x, (y - t) * (1 - np.tanh(y) ** 2))


def layer_own_output(x, t, W, b):
    y = np.tanh(x @ W + b)
    return np.outer(y, (y - t) * (1 - y**2))


def layer_quantities(x, t, W, b):
    z = x @ W + b
    y = np.tanh(z)
    return {
        "`x`": x[:, None],
        "`t`": t,
        "`y`": y,
        "`z`": z,
        "1 − y": 1 - y,
        "1 + y": 1 + y,
        "y − t": y - t,
        "z − t": z - t,
        "1 − y²": 1 - y**2,
        "1 + y²": 1 + y**2,
        "1 − z²": 1 - z**2,
        "1 − t²": 1 - t**2,
        "1 − tanh(y)": 1 - np.tanh(y),
        "y²": y**2,
        "the mask of z": (z > 0) * 1.0,
    }


def layer_delta(x, t, W, b):
    y = np.tanh(x @ W + b)
    return (y - t) * (1 - y**2)


def layer_cases(rng):
    yield (
        np.array([0.7, -1.2, 0.4]),
        np.array([0.5, -0.3]),
        np.array([[0.6, -0.5], [0.2, 0.9], [-0.8, 0.3]]),
        np.array([0.1, -0.2]),
    )
    for d_in, d_out in ((3, 2), (3, 3), (2, 4), (1, 3), (5, 1)):
        yield (
            rng.normal(size=d_in),
            rng.uniform(-0.9, 0.9, d_out),
            rng.normal(size=(d_in, d_out)),
            rng.normal(size=d_out) / 3,
        )
    x, t = np.array([0.5, -2.0, 1.0]), np.array([0.4, -0.6])
    W, b = np.array([[1.0, -0.5], [0.25, 0.5], [-0.75, 1.0]]), np.array([0.5, -0.25])
    yield x, t, W, b
    yield np.zeros(3), t, W, b
    yield x, t, 0 * W, 0 * b
    yield x, np.zeros(2), 0 * W, 0 * b  # y = t
    yield x, t, W, np.array([20.0, -30.0])  # tanh is flat there
    yield x, t, W, np.array([2.5, -2.0])
    yield x, np.array([1e4, -2e4]), W, b  # no difference of losses has nine digits here
    yield np.array([60.0, -80.0]), t, np.array([[0.01, -0.005], [0.004, 0.01]]), b
    yield np.array([0.01]), t, np.array([[60.0, -75.0]]), b
    yield np.array([60.0]), t, np.array([[1.0, -1.0]]), np.array([-59.75, 60.5])
    yield np.array([1.0]), np.array([0.5]), np.array([[1.0]]), np.array([0.0])
    yield np.array([-0.5]), np.array([1.0]), np.array([[2.0]]), np.array([0.5])
    yield from one_moved((x, t, W, b))


def two_layers_printed(x, t, W1, b1, W2, b2):
    h = sigmoid(x @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    delta2 = (y - t) * y * (1 - y)
    delta1 = delta2 * sigmoid(h) * (1 - sigmoid(h))
    return np.outer(x, delta1)


def two_layers_slope_at_h(x, t, W1, b1, W2, b2):
    h = sigmoid(x @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    delta2 = (y - t) * y * (1 - y)
    delta1 = (W2 @ delta2) * sigmoid(h) * (1 - sigmoid(h))
    return np.outer(x, delta1)


def two_layers_without_W2(x, t, W1, b1, W2, b2):
    h = sigmoid(x @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    delta2 = (y - t) * y * (1 - y)
    delta1 = delta2 * h * (1 - h)
    return np.outer(x, delta1)


def two_layers_without_hidden_slope(x, t, W1, b1, W2, b2):
    h = sigmoid(x @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    delta2 = (y - t) * y * (1 - y)
    delta1 = W2 @ delta2
    return np.outer(x, delta1)


def two_layers_without_output_slope(x, t, W1, b1, W2, b2):
    h = sigmoid(x @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    delta2 = y - t
    delta1 = (W2 @ delta2) * h * (1 - h)
    return np.outer(x, delta1)


def two_layer_gradient(x, t, W1, b1, W2, b2):
    """The product along the one path that leads from each weight to the loss."""
    h = sigmoid(x @ W1 + b1)
    y = sigmoid(h @ W2 + b2)[0]
    path = (y - t[0]) * y * (1 - y) * W2[:, 0] * h * (1 - h)
    return x[:, None] * path[None, :]


def two_layers_with_a_column(x, t, W1, b1, W2, b2):
    h = sigmoid(x @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    delta2 = (y - t) * y * (1 - y)
    return np.outer(x, W2 * delta2 * h * (1 - h))


def two_layer_quantities(x, t, W1, b1, W2, b2):
    z1 = x @ W1 + b1
    h = sigmoid(z1)
    y = sigmoid(h @ W2 + b2)
    return {
        "`x`": x[:, None],
        "`h`": h,
        "`y`": y,
        "`W2`": W2[:, 0],
        "1 − h": 1 - h,
        "1 − y": 1 - y,
        "y − t": y - t,
        "1 − h²": 1 - h**2,
        "1 + y": 1 + y,
        "1 + h": 1 + h,
        "|W2|": abs(W2[:, 0]),
        "(1 − h²)(1 − y²)": (1 - h**2) * (1 - y**2),
        "1 − y²": 1 - y**2,
        "h(1 − h)": h * (1 - h),
        "y(1 − y)": y * (1 - y),
        "σ′(z1)σ′(z2)": h * (1 - h) * y * (1 - y),
        "σ′(y)": sigmoid(y) * (1 - sigmoid(y)),
        "the sum of `W2`": W2.sum(),
        "the sums of the columns of `W1`": W1.sum(axis=0),
        "z1": z1,
    }


def gradient_of_W2(x, t, W1, b1, W2, b2):
    h = sigmoid(x @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    return np.outer(h, (y - t) * y * (1 - y))


def hidden_delta(x, t, W1, b1, W2, b2):
    h = sigmoid(x @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    return W2[:, 0] * (y - t) * y * (1 - y) * h * (1 - h)


def two_layer_cases(rng):
    yield (
        np.array([0.7, -1.2, 0.4]),
        np.array([0.9]),
        np.array([[0.6, -0.5, 1.1, 0.3], [0.2, 0.9, -0.4, -1.3], [-0.8, 0.3, 0.7, 0.5]]),
        np.array([0.1, -0.2, 0.3, 0.4]),
        np.array([[1.4], [-0.6], [0.8], [-1.7]]),
        np.array([0.2]),
    )
    for d_in, d_h in ((3, 4), (4, 4), (2, 5), (1, 3)):
        yield (
            rng.normal(size=d_in),
            rng.uniform(0.1, 0.9, 1),
            rng.normal(size=(d_in, d_h)),
            rng.normal(size=d_h) / 2,
            1.5 * rng.normal(size=(d_h, 1)),
            rng.normal(size=1) / 2,
        )
    x, t, W1 = np.array([0.5, -2.0]), np.array([0.25]), np.array([[1.0, -0.5], [0.25, 0.75]])
    b1, W2, b2 = np.array([0.5, -0.25]), np.array([[1.5], [-2.0]]), np.array([0.5])
    yield x, t, W1, b1, W2, b2
    yield np.zeros(2), t, W1, b1, W2, b2
    yield x, t, 0 * W1, 0 * b1, W2, b2
    yield x, t, W1, b1, np.array([[0.0], [-2.0]]), b2  # no arrow from the first hidden unit
    yield x, np.array([0.5]), W1, b1, 0 * W2, 0 * b2  # y = t
    yield x, np.array([0.0]), W1, b1, W2, b2
    yield x, np.array([1.0]), W1, np.array([40.0, -30.0]), W2, b2  # the hidden layer is flat
    yield x, t, W1, np.array([3.5, -3.0]), W2, b2
    yield x, t, W1, b1, W2, np.array([30.0])  # the output is flat
    yield x, np.array([1e4]), W1, b1, W2, b2  # no difference of losses has nine digits here
    yield np.array([0.2]), t, np.array([[0.5, 0.4]]), b1, np.array([[60.0], [-76.0]]), b2
    yield np.array([0.01]), t, np.array([[60.0, -75.0]]), b1, W2, b2
    yield np.array([60.0]), t, np.array([[1.0, -1.0]]), np.array([-59.5, 60.25]), W2, b2
    one = np.array([1.0])
    yield one, t, np.array([[0.5]]), np.array([0.0]), np.array([[-119.0]]), np.array([74.0])
    yield one, t, np.array([[1.0]]), one, np.array([[1.0]]), one
    yield x, np.array([-0.75]), W1, b1, W2, b2  # a target that no output reaches
    yield from one_moved((x, t, W1, b1, W2, b2))


EXERCISES = [
    Exercise(
        id="01.1",
        kind="by hand",
        title="Three paths",
        signature="by_hand()",
        results=("u", "v", "y", "dy/dx"),
        worked=worked.by_hand,
        reference=(3.25, 1.5, 5.375, 2.25),
        mistakes=(
            Mistake(
                "lost_plus",
                "You forgot the direct path: the `+ x` at the end of `u*v + x − 1` is a path of "
                "its own, with slope 1.",
                (3.25, 1.5, 5.375, 1.25),
            ),
            Mistake(
                "lost_v",
                "You forgot the path through `v`: x also moves `v`, and `v` is multiplied by `u`.",
                (3.25, 1.5, 5.375, 5.5),
            ),
            Mistake(
                "no slope of u",
                "On the path through `u` its slope is missing: x moves `u` with 2x, and `u` moves "
                "y with `v`.",
                (3.25, 1.5, 5.375, -0.75),
                alone=True,
            ),
            Mistake(
                "half slope of u",
                "You took x for the slope of `u = x² + 1`. It is 2x.",
                (3.25, 1.5, 5.375, 0.0),
                alone=True,
            ),
            Mistake(
                "2xv + u",
                "You give 2x·v + u. `v` falls when x rises, so its path counts −u; and the `+ x` "
                "at the end is a path of its own, with slope 1.",
                (3.25, 1.5, 5.375, 7.75),
                alone=True,
            ),
            Mistake(
                "y plus 1",
                "Your y is too large by 2: it ends with − 1.",
                (3.25, 1.5, 7.375, 2.25),
                alone=True,
            ),
            Mistake(
                "lost_minus",
                "You took the slope of `v = 3 − x` as +1. When x rises, `v` falls.",
                (3.25, 1.5, 5.375, 8.75),
            ),
            Mistake(
                "product",
                "You multiplied slopes that belong to different paths. Multiply along a path, "
                "add over the paths.",
                (3.25, 1.5, 5.375, -3.0),
            ),
            Mistake(
                "noup",
                "You added the bare slopes of `u`, `v` and `+ x`. What happens to `u` and `v` "
                "afterwards belongs to the path too: each is multiplied by the other.",
                (3.25, 1.5, 5.375, 3.0),
            ),
            *missing_paths(),
            *carried_slips(),
            Mistake(
                "each by itself",
                "You multiplied each slope by its own function: 2x by u, −1 by v. In a product the "
                "slope of one factor is multiplied by the other.",
                (3.25, 1.5, 5.375, 3 * 3.25 - 1.5 + 1),
                alone=True,
            ),
            Mistake(
                "bare u",
                "You took the slope of u, 2x = 3, with the wrong factor: u is multiplied by v, "
                "so its path "
                "gives v·2x = 4.5.",
                (3.25, 1.5, 5.375, 9.75 - 3.25 + 1),
                alone=True,
            ),
            Mistake(
                "y without x",
                "This is u·v alone. y is u·v + x − 1.",
                (3.25, 1.5, 4.875, 2.25),
                alone=True,
            ),
            Mistake(
                "y without 1",
                "You lost the − 1 at the end of y = u·v + x − 1.",
                (3.25, 1.5, 6.375, 2.25),
                alone=True,
            ),
            Mistake(
                "u without 1",
                "This is x². u is x² + 1.",
                (2.25, 1.5, 5.375, 2.25),
                alone=True,
            ),
            Mistake(
                "u double",
                "This is 2x, the slope of u. The task asks for its value, x² + 1.",
                (3.0, 1.5, 5.375, 2.25),
                alone=True,
            ),
            Mistake(
                "v turned",
                "You lost the sign of x in v = 3 − x.",
                (3.25, 4.5, 5.375, 2.25),
                alone=True,
            ),
        ),
        hints=(
            "List every path from x to y. There are three.",
            "The path through u: dy/du times du/dx. And dy/du is the other factor, v.",
            "v·2x, then u·(−1), then 1: that is 4.5 − 3.25 + 1.",
        ),
        section='chapter 01, 1.5 "Side by side: paths add"',
        proves="Multiply along a path, add over the paths, and count the direct one.",
    ),
    Exercise(
        id="01.2",
        title="The symmetric difference",
        signature="central(f, x, h)",
        worked=worked.central,
        reference=lambda f, x, h: f(x + h) / (2 * h) - f(x - h) / (2 * h),
        cases=difference_cases,
        quantities=lambda f, x, h: {"h²": h * h, "2h": 2 * h, "f(x)": f(x), "1": 1.0},
        mistakes=(
            Mistake(
                "one",
                "You took the one-sided difference: it looks only to the right of x.",
                lambda f, x, h: (f(x + h) - f(x)) / h,
            ),
            Mistake(
                "back",
                "You took the one-sided difference to the left of x.",
                lambda f, x, h: (f(x) - f(x - h)) / h,
            ),
            Mistake(
                "halfspan",
                "You divided by h. From x − h to x + h the distance is 2h.",
                lambda f, x, h: (f(x + h) - f(x - h)) / h,
            ),
            Mistake(
                "flip",
                "You exchanged the two points: what comes out is the slope with its sign reversed.",
                lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h),
            ),
            Mistake(
                "undiv",
                "You returned the rise. A slope is a rise over a distance.",
                lambda f, x, h: f(x + h) - f(x - h),
            ),
            Mistake(
                "precedence",
                "You wrote `/ 2 * h`: Python divides by 2 and then multiplies by h. Put 2*h in "
                "brackets.",
                lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h,
            ),
            Mistake(
                "bracket",
                "You divided only the second value by 2h. Put the difference in brackets.",
                lambda f, x, h: f(x + h) - f(x - h) / (2 * h),
            ),
            Mistake(
                "fourth",
                "You took the formula with four points. It is more precise, but asked for is the "
                "one with one point on either side.",
                lambda f, x, h: (
                    (8 * f(x + h) - 8 * f(x - h) - f(x + 2 * h) + f(x - 2 * h)) / (12 * h)
                ),
            ),
            Mistake(
                "sum",
                "You added the two values. A slope comes from their difference.",
                lambda f, x, h: (f(x + h) + f(x - h)) / (2 * h),
            ),
            Mistake(
                "second",
                "That is the second difference, the slope of the slope. The task asks for the "
                "slope: the difference of the two values over the distance.",
                lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / h**2,
            ),
            Mistake(
                "abs_",
                "You took the difference without its sign. Where f falls the slope is negative.",
                lambda f, x, h: abs(f(x + h) - f(x - h)) / (2 * h),
            ),
            Mistake(
                "stencil",
                "Your numbers are those of `{}`. The task asks for the points x + h and x − h, "
                "which lie 2h apart.",
                by_stencil,
                family=STENCILS,
            ),
            Mistake(
                "fixedstep",
                "You took a step of your own, {}, and left out h. Step h to either side.",
                lambda f, x, h, own=1e-5: (f(x + own) - f(x - own)) / (2 * own),
                family=EPSILONS,
            ),
            Mistake(
                "share of x",
                "Your step is {}. It is h itself, wherever x is.",
                by_relative_step,
                family=tuple(RELATIVE),
            ),
            Mistake(
                "inside",
                "You took the difference inside `f`: f((x + h) − (x − h)) is f(2h), at one point "
                "far from x.",
                lambda f, x, h: f((x + h) - (x - h)) / (2 * h),
            ),
            Mistake(
                "outside",
                "You add h to the value f(x), and your result is always 1. h belongs to the "
                "argument: "
                "f(x + h).",
                lambda f, x, h: ((f(x) + h) - (f(x) - h)) / (2 * h),
            ),
            Mistake(
                "value",
                "You divided the value by x. A slope comes from the difference of two values.",
                lambda f, x, h: f(x) / x if x else 0.0,
            ),
        ),
        hints=(
            "Look at f on both sides of x, the same distance away.",
            "The two points x − h and x + h lie 2h apart.",
            "(f(x + h) - f(x - h)) / (2 * h)",
        ),
        section='chapter 01, 1.2 "A better difference"',
        proves="Half the secant to the right, half the one to the left: their first errors cancel.",
    ),
    Exercise(
        id="01.3",
        kind="read a curve",
        title="Two valleys",
        signature="valleys()",
        results=("one-sided", "central"),
        reference=(-6, -3),
        atol=1.0,  # read from a logarithmic picture: one power of ten either way
        mistakes=(
            Mistake(
                "chapter",
                "These are the best steps of the chapter, for functions that change at a length "
                "near 1. This one takes a length of 100 to change, so both valleys lie elsewhere: "
                "read them off the picture.",
                (-8, -5),
            ),
            Mistake(
                "smaller",
                "You took the smallest steps. Left of the valley the curve rises again: there the "
                "rounding of f(x), divided by h, outgrows the slope itself.",
                (-14, -14),
            ),
            Mistake(
                "same",
                "You gave both formulas the same valley. The central one has less truncation, so "
                "it can afford a larger step and with it less rounding.",
                (-6, -6),
            ),
            Mistake(
                "same as central",
                "You gave both formulas the same valley. The one-sided one has more truncation, so "
                "it needs a smaller step.",
                (-3, -3),
            ),
            Mistake(
                "swapped",
                "Your two numbers are exchanged: one-sided first, central second.",
                (-3, -6),
            ),
            Mistake(
                "large",
                "You took the largest steps. To the right of the valley it is truncation that "
                "grows: the secant is no longer the tangent.",
                (2, 2),
            ),
            Mistake(
                "errors",
                "You read the errors at the bottom of the valleys. The task asks for the steps "
                "below.",
                (-10, -12),
            ),
            Mistake(
                "steps",
                "You gave the steps themselves. The task asks for their exponents of ten: −3 "
                "stands for a step of 10⁻³.",
                (1e-6, 1e-3),
            ),
            Mistake(
                "positive",
                "Your exponents have no minus: 10⁶ is a million.",
                (6, 3),
            ),
            Mistake(
                "right end",
                "You took h = 1 for both. There truncation rules: the curves fall to the left of "
                "it.",
                (0, 0),
            ),
        ),
        hints=(
            "Find the lowest point of each curve and read the step below it.",
            "Left of a valley rounding rules, right of it truncation.",
            "In steps of the length 100, rounding is about ε/h with ε = 2·10⁻¹⁶. Set it equal to "
            "h for the one-sided formula, to h² for the central one, solve, and multiply by 100.",
        ),
        section='chapter 01, 1.2 "A better difference"',
        proves="The valley lies where the two causes are equal: near √ε of the function's length "
        "for the one-sided difference, near the cube root of ε of it for the central one.",
    ),
    Exercise(
        id="01.4",
        title="The rate in a direction",
        signature="rate(grad, u)",
        worked=worked.rate,
        reference=lambda grad, u: float(sum(grad * u) / sum(u * u) ** 0.5),
        cases=rate_cases,
        quantities=lambda grad, u: {
            "|u|": np.sqrt(u @ u),
            "|u|²": u @ u,
            "|u|³": (u @ u) ** 1.5,
            "|grad|": np.sqrt(grad @ grad),
            "grad · u": grad @ u,
            "√d": np.sqrt(len(u)),
            "the sum of u": u.sum(),
            "the largest |u|": abs(u).max(),
            "the sum of grad": grad.sum(),
            "u · u": u @ u,
            "the sum of |u|": abs(u).sum(),
            "d": len(u),
        },
        mistakes=(
            Mistake(
                "nonunit",
                "You did not bring u to length 1. A rate is a rise per unit of length, and u may "
                "have any length.",
                lambda grad, u: float(grad @ u),
            ),
            Mistake(
                "steepest",
                "You returned the length of the gradient: the rate in the steepest direction, "
                "whatever u is.",
                lambda grad, u: float(np.sqrt(grad @ grad)),
            ),
            Mistake(
                "cos",
                "You returned the cosine of the angle between gradient and u. The length of the "
                "gradient belongs to the rate.",
                lambda grad, u: float(grad @ u / np.sqrt(grad @ grad) / np.sqrt(u @ u)),
            ),
            Mistake(
                "elem",
                "You have the share of each coordinate. The rate is their sum, one number.",
                lambda grad, u: grad * u / np.sqrt(u @ u),
            ),
            Mistake(
                "wronglength",
                "You divided by the length of the gradient. It is u that must be brought to "
                "length 1.",
                lambda grad, u: float(grad @ u / np.sqrt(grad @ grad)),
            ),
            Mistake(
                "sq",
                "You divided by |u|² instead of |u|: the root is missing.",
                lambda grad, u: float(grad @ u / (u @ u)),
            ),
            Mistake(
                "abs_",
                "You took the rate without its sign. Where the function falls, the rate is "
                "negative.",
                lambda grad, u: float(abs(grad @ u) / np.sqrt(u @ u)),
            ),
            Mistake(
                "unit",
                "You return the arrow of length 1 along u. The rate is its dot product with the "
                "gradient.",
                lambda grad, u: u / np.sqrt(u @ u),
            ),
            Mistake(
                "projection",
                "You return the part of the gradient along u, a vector. The rate is its length, "
                "with the sign "
                "that says whether it points along u.",
                lambda grad, u: (grad @ u) / (u @ u) * u,
            ),
            Mistake(
                "distance",
                "You return the distance between the gradient and u. The rate is a dot product.",
                lambda grad, u: float(np.sqrt(((grad - u) ** 2).sum())),
            ),
            Mistake(
                "largest",
                "You kept the largest share of a coordinate. The rate is the sum of all of them.",
                lambda grad, u: float((grad * u).max() / np.sqrt(u @ u)),
            ),
            Mistake(
                "turned",
                "That is the rate at right angles to u, in the plane: you multiplied each "
                "coordinate of the "
                "gradient by the other one of u.",
                lambda grad, u: float(grad[0] * u[-1] - grad[-1] * u[0]),
            ),
            Mistake(
                "first coordinate",
                "You took the first coordinate alone. The dot product adds what all of them bring.",
                lambda grad, u: float(grad[0] * u[0] / np.sqrt(u @ u)),
            ),
            Mistake(
                "eps",
                "You add {} to the length of u. u is never 0, and where it is short the small "
                "number shows.",
                lambda grad, u, eps=1e-8: float(grad @ u / (np.sqrt(u @ u) + eps)),
                family=EPSILONS,
            ),
        ),
        hints=(
            "First make a vector of length 1 that points where u points.",
            "Then take its dot product with the gradient.",
            "grad @ u / np.sqrt(u @ u). Test: for u = grad it must give the length of grad.",
        ),
        section='chapter 01, 1.3 "Many inputs: the gradient"',
        proves="One dot product holds the slope in every direction.",
    ),
    Exercise(
        id="01.5",
        kind="find the bug",
        title="Three linear layers",
        signature="grads(x, t, w1, b1, w2, b2, w3, b3)",
        worked=worked.grads,
        results=("∂L/∂w1", "∂L/∂b1", "∂L/∂w2", "∂L/∂b2", "∂L/∂w3", "∂L/∂b3"),
        reference=chain_gradients,
        cases=chain_cases,
        quantities=lambda x, t, w1, b1, w2, b2, w3, b3: linear_quantities(
            x, t, w1, b1, w2, b2, w3, b3
        ),
        mistakes=(
            Mistake(
                "printed",
                "This is the printed program: the 2 does not belong to ½(y − t)², and ∂L/∂w1 "
                "has lost the x that w1 is multiplied by. At x = 2 the two errors cancel.",
                chain_printed,
            ),
            Mistake(
                "only_half",
                "You removed the 2. One error is left: what is w1 multiplied by in z1?",
                chain_only_half,
            ),
            Mistake(
                "only_x",
                "You gave w1 its x. One error is left: differentiate ½(y − t)² with respect to y.",
                chain_only_x,
            ),
            Mistake(
                "shift",
                "You took the input of the layer before: w2 is multiplied by z1 and w3 by z2.",
                chain_shifted,
            ),
            Mistake(
                "nobias",
                "You gave the biases the derivative 0. A bias moves its z one to one, so its "
                "derivative is that of z.",
                chain_without_biases,
            ),
            Mistake(
                "all_x",
                "You multiplied all three weight gradients by x. Only w1 is multiplied by x on "
                "the way forward: w2 is multiplied by z1 and w3 by z2.",
                chain_all_x,
            ),
            Mistake(
                "bias_x",
                "You gave the x to b1. It is w1 that x is multiplied by; b1 is only added.",
                chain_x_for_the_bias,
            ),
            Mistake(
                "order",
                "Your six numbers are right, but in the order w1, w2, w3, b1, b2, b3. Each "
                "weight is asked for next to its bias.",
                chain_weights_first,
            ),
            Mistake(
                "backwards",
                "Your six numbers are right, but in the order of the backward pass, from b3 to "
                "w1. The task asks for the order from w1 to b3.",
                chain_last_first,
            ),
        ),
        hints=(
            "Run the printed program at x = 2 and at x = 0.7, and compare w1 with a difference.",
            "Two things are wrong: the first line of the backward part, and what w1 is given.",
            "The ½ takes the 2 away, so dy = y − t; and ∂L/∂w1 is dz1 * x.",
        ),
        section='chapter 01, 1.9 "Mistakes in print"',
        proves="The derivative by a weight holds the number that the weight is multiplied by.",
    ),
    Exercise(
        id="01.6",
        kind="find the bug",
        title="One layer",
        signature="dW(x, t, W, b)",
        worked=worked.dW,
        reference=layer_gradient,
        cases=layer_cases,
        quantities=lambda x, t, W, b: layer_quantities(x, t, W, b),
        mistakes=(
            Mistake(
                "printed",
                "This is the printed program: it takes the layer's output where its input belongs, "
                "and leaves out the slope of tanh.",
                layer_printed,
            ),
            Mistake(
                "noslope",
                "You left out the slope of tanh: from z to y there is an arrow too.",
                layer_no_slope,
            ),
            Mistake(
                "pt",
                "You took the slope of tanh at the output y. It belongs at z; written with y it is "
                "1 − y².",
                layer_slope_at_output,
            ),
            Mistake(
                "hh",
                "You multiplied by the layer's output y. A weight is multiplied by the layer's "
                "input x.",
                layer_own_output,
            ),
            Mistake(
                "tr",
                "Your outer product is transposed: entry [i, j] holds input i and neuron j, as W "
                "does.",
                lambda x, t, W, b: layer_gradient(x, t, W, b).T,
            ),
            Mistake(
                "sigmoid",
                "You took y·(1 − y), the slope of the sigmoid. This layer has tanh, whose slope "
                "is 1 − y².",
                lambda x, t, W, b: np.outer(
                    x, (np.tanh(x @ W + b) - t) * np.tanh(x @ W + b) * (1 - np.tanh(x @ W + b))
                ),
            ),
            Mistake(
                "two",
                "All your numbers are twice the right ones: the derivative of ½(y − t)² is y − t.",
                lambda x, t, W, b: 2 * layer_gradient(x, t, W, b),
            ),
            Mistake(
                "sign",
                "Every sign is reversed: either you started from t − y, where the derivative of "
                "½(y − t)² is y − t, or you took y² − 1 for the slope of tanh, which is 1 − y².",
                lambda x, t, W, b: -layer_gradient(x, t, W, b),
            ),
            Mistake(
                "alone",
                "You return δ alone, one number for each neuron. The gradient has an entry for "
                "each weight: "
                "x[i] times δ[j].",
                layer_delta,
            ),
            Mistake(
                "product",
                "You multiply x and δ number by number. Each input meets each neuron: "
                "`np.outer(x, delta)`.",
                lambda x, t, W, b: x * layer_delta(x, t, W, b),
                verdict=BROKEN,
            ),
            Mistake(
                "dot",
                "You take the dot product of x and δ. Each input meets each neuron: `np.outer(x, "
                "delta)`.",
                lambda x, t, W, b: x @ layer_delta(x, t, W, b),
                verdict=BROKEN,
            ),
            Mistake(
                "through W",
                "You sent δ back through W: that is the gradient of the layer's input. Asked for "
                "is the one "
                "of W, x[i]·δ[j].",
                lambda x, t, W, b: W @ layer_delta(x, t, W, b),
            ),
        ),
        hints=(
            "The result must have the shape of W. Which two vectors have these lengths?",
            "δ, the derivative of the loss with respect to z, is (y − t) * (1 − y**2).",
            "np.outer(x, delta)",
        ),
        section='chapter 01, 1.8 "One layer, then two"',
        proves="Input times δ, arranged as the weights are.",
    ),
    Exercise(
        id="01.7",
        kind="find the bug",
        title="Two layers",
        signature="dW1(x, t, W1, b1, W2, b2)",
        worked=worked.dW1,
        reference=two_layer_gradient,
        cases=two_layer_cases,
        quantities=lambda x, t, W1, b1, W2, b2: two_layer_quantities(x, t, W1, b1, W2, b2),
        mistakes=(
            Mistake(
                "printed",
                "This is the printed program: no W2 in the backward pass, and the hidden slope at "
                "h instead of z1.",
                two_layers_printed,
            ),
            Mistake(
                "pt",
                "W2 is there. But you take the slope of the hidden sigmoid at h. "
                "It belongs at z1, where it is h·(1 − h).",
                two_layers_slope_at_h,
            ),
            Mistake(
                "dW2",
                "You return the gradient of W2: the activations of the hidden layer times δ of the "
                "output. The task asks for W1, one layer further back.",
                gradient_of_W2,
            ),
            Mistake(
                "noW2",
                "You left out W2. The arrow from hidden unit j to the output has slope W2[j, 0].",
                two_layers_without_W2,
            ),
            Mistake(
                "noslope",
                "You left out the slope of the hidden sigmoid: from z1 to h there is an arrow.",
                two_layers_without_hidden_slope,
            ),
            Mistake(
                "noout",
                "You left out the slope of the output sigmoid: from z2 to y there is an arrow.",
                two_layers_without_output_slope,
            ),
            Mistake(
                "tr",
                "Your outer product is transposed: entry [i, j] holds input i and hidden unit j.",
                lambda *args: two_layer_gradient(*args).T,
            ),
            Mistake(
                "alone",
                "You return δ of the hidden layer alone. The gradient has an entry for each "
                "weight: x[i] "
                "times δ[j].",
                hidden_delta,
            ),
            Mistake(
                "hidden input",
                "You multiplied by h. W1 is multiplied by the input x on the way forward.",
                lambda *args: np.outer(sigmoid(args[0] @ args[2] + args[3]), hidden_delta(*args)),
            ),
            Mistake(
                "column",
                "W2 has shape (d_h, 1), and you multiplied it by a vector number by number: that "
                "makes a "
                "square. `W2 @ delta2`, or `W2[:, 0]`, is a vector with one number for each "
                "hidden unit.",
                two_layers_with_a_column,
            ),
        ),
        hints=(
            "Draw the path from one weight in W1 to the loss. Each arrow gives one factor.",
            "Five arrows: L ← y ← z2 ← h ← z1 ← W1. Which factor does each one give?",
            "delta2 = (y - t) * y * (1 - y); delta1 = (W2 @ delta2) * h * (1 - h); "
            "np.outer(x, delta1).",
        ),
        section='chapter 01, 1.8 "One layer, then two"',
        proves="One factor for every arrow between the weight and the loss.",
    ),
    Exercise(
        id="01.8",
        kind="extend",
        title="A Jacobian by nudging",
        signature="jacobian(f, x, h)",
        worked=worked.jacobian,
        reference=jacobian_by_matrix,
        cases=jacobian_cases,
        quantities=lambda f, x, h: {"h²": h * h, "2h": 2 * h, "`h`": h},
        mistakes=(
            Mistake(
                "tr",
                "Your result is transposed: outputs go down the rows, inputs along the columns.",
                jacobian_transposed,
            ),
            Mistake(
                "all",
                "You nudged all inputs together. In column j, input j alone moves.",
                jacobian_all_at_once,
            ),
            Mistake(
                "left",
                "You did not put the input back before you nudged the next one, so later columns "
                "are taken at another point. A linear f would not have noticed.",
                jacobian_left_nudged,
            ),
            Mistake(
                "one",
                "You took one-sided differences: step both ways.",
                jacobian_one_sided,
            ),
            Mistake(
                "dbl",
                "You divided by h. From x − h to x + h the distance is 2h.",
                jacobian_doubled,
            ),
            Mistake(
                "inplace",
                "You nudged the x of your caller and never put it back. Work on a copy.",
                jacobian_in_place,
            ),
            Mistake(
                "view",
                "An `f` may return the very array it was given, and then the value you kept moves "
                "with your next nudge. Nudge two arrays, or keep a copy of what `f` returned.",
                jacobian_nudged_up_only,
            ),
            Mistake(
                "left side",
                "You took one-sided differences, to the left: step both ways.",
                lambda f, x, h: np.stack(
                    [(f(x) - f(x - e)) / h for e in h * np.eye(len(x))], axis=1
                ),
            ),
            Mistake(
                "abs_",
                "You took the differences without their signs. Where an output falls the entry "
                "is negative.",
                lambda f, x, h: abs(jacobian_by_matrix(f, x, h)),
            ),
            Mistake(
                "flat",
                "You joined the columns end to end. Each of them is a column of the result: "
                "`np.stack(columns, axis=1)`.",
                lambda f, x, h: np.concatenate([*jacobian_by_matrix(f, x, h).T]),
            ),
            Mistake(
                "last",
                "You return one column, the one of the last input. Keep the column of each "
                "input, and stack "
                "them.",
                lambda f, x, h: jacobian_by_matrix(f, x, h)[:, -1],
            ),
            Mistake(
                "halfstep",
                "You stepped half of h to either side, and divided by 2h.",
                lambda f, x, h: jacobian_by_matrix(f, x, h / 2) / 2,
            ),
            Mistake(
                "sum",
                "You added the two values. A slope comes from their difference.",
                lambda f, x, h: np.stack(
                    [(f(x + e) + f(x - e)) / (2 * h) for e in h * np.eye(len(x))], axis=1
                ),
            ),
            Mistake(
                "fixedstep",
                "You took a step of your own, 1e-5, and left out h. Step h to either side.",
                lambda f, x, h: jacobian_by_matrix(f, x, 1e-5),
            ),
            Mistake(
                "diagonal",
                "You nudged all inputs together, and put what came onto a diagonal. In column j, "
                "input j "
                "alone moves.",
                lambda f, x, h: np.diag(((f(x + h) - f(x - h)) / (2 * h))[: len(x)]),
            ),
            Mistake(
                "at 0",
                "You nudged zeros and left out x: the entries are those at 0.",
                lambda f, x, h: jacobian_by_matrix(f, 0 * x, h),
            ),
        ),
        hints=(
            "One input at a time: column j tells what moves when x[j] moves alone.",
            "Nudge a copy of x, both ways, and divide by 2h.",
            "columns = [] … up, down = x.copy(), x.copy(); up[j] += h; down[j] -= h; append "
            "(f(up) - f(down)) / (2 * h) … np.stack(columns, axis=1)",
        ),
        section='chapter 01, 1.6 "Many inputs, many outputs: the Jacobian"',
        proves="Column by column, one nudge each.",
    ),
]
