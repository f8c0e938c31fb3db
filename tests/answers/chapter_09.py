"""Chapter 09: right answers in other forms, changes that keep a solution right."""

import math
from fractions import Fraction

import numpy as np
import torch

from answers.reasons import BELOW_TOLERANCE


def start_by_uniform_laws(kind, z):
    """From the bound of a uniform draw with the same variance: c = √3 times the deviation."""
    rows, columns = len(z), len(z[0])
    bounds = {"he": 6 / rows, "xavier": 6 / (rows + columns), "pytorch": 1 / rows}
    return z * (bounds[kind] / 3) ** 0.5


def start_by_pytorch(kind, z):
    linear = torch.nn.Linear(*z.shape, dtype=torch.float64)
    match kind:
        case "he":
            gain = torch.nn.init.calculate_gain("relu") / math.sqrt(linear.in_features)
        case "xavier":
            gain = math.sqrt(2.0 / sum(linear.weight.shape))
        case "pytorch":
            gain = torch.nn.init.calculate_gain("leaky_relu", math.sqrt(5))
            gain /= math.sqrt(linear.in_features)
    return [[gain * float(w) for w in row] for row in z]


def start_by_einsum(kind, z):
    i, o = z.shape
    variance = (kind == "he") * 2 / i + (kind == "xavier") / (0.5 * i + 0.5 * o)
    variance += (kind == "pytorch") / i / 3
    return np.einsum("io,->io", z, variance**0.5)


def growth_layer_by_layer(D, g, a):
    total = 0.0
    for _ in range(D):
        total += 0.5 * math.log10(g**2 * (0.5 * 1 + 0.5 * a**2))
    return total


def growth_by_natural_logarithms(D, g, a):
    return D / 2 * np.log(g * g * np.mean([1.0, a * a])) / np.log(10.0)


def clip_by_pytorch(grads, c):
    if not grads:
        return []
    flat = torch.cat([torch.tensor(g).flatten() for g in grads])
    length = torch.linalg.vector_norm(flat).item()
    return [(torch.tensor(g) * (c / length if length > c else 1)).numpy() for g in grads]


def clip_number_by_number(grads, c):
    total = 0.0
    for g in grads:
        for v in g.flat:
            total += v * v
    new = []
    for g in grads:
        new.append(g.copy())
        if total > c * c:
            new[-1] *= c / math.sqrt(total)
    return new


def clip_by_norms(grads, c):
    N = np.linalg.norm([np.linalg.norm(g) for g in grads])
    return [g / max(N / c, 1.0) for g in grads]


def calibrate_by_scaling_W(X, Ws):
    gains = []
    for W in Ws:
        out = np.where(X @ W > 0, X @ W, 0)
        gains.append((np.vdot(out, out) / out.size) ** -0.5)
        X = np.maximum(0, X @ (gains[-1] * W))
    return gains


def calibrate_by_raw_signals(X, Ws):
    sizes = [1]
    for W in Ws:
        X = (X @ W).clip(min=0)
        sizes.append(np.sqrt(np.square(X).mean()))
    return np.divide(sizes[:-1], sizes[1:])


def calibrate_by_pytorch(X, Ws):
    h, gains = torch.tensor(X), []
    for W in Ws:
        h = torch.relu(h @ torch.tensor(W))
        gains.append(1 / h.square().mean().sqrt().item())
        h = h * gains[-1]
    return tuple(gains)


def rms_norm_by_pytorch(G, X, gamma, eps):
    x = torch.tensor(X, requires_grad=True)
    g = torch.tensor(gamma, requires_grad=True)
    torch.nn.functional.rms_norm(x, (X.shape[1],), g, eps).backward(torch.tensor(G))
    return x.grad.numpy(), g.grad.numpy()


def rms_norm_by_terms(G, X, gamma, eps):
    """The quotient rule: Gγ/r, minus x times the sum of Gγx over d r³."""
    n, d = X.shape
    r2 = (X * X).sum(1) / d + eps
    dX = gamma * G / np.sqrt(r2)[:, None]
    dX -= X * ((gamma * G * X).sum(1) / (d * r2**1.5))[:, None]
    return dX, np.einsum("nd,nd,n->d", G, X, r2**-0.5)


def rms_norm_by_loops(G, X, gamma, eps):
    n, d = X.shape
    dX, dgamma = np.empty((n, d)), [0.0] * d
    for i in range(n):
        r = math.sqrt(sum(x * x for x in X[i]) / d + eps)
        along = sum(G[i, j] * gamma[j] * X[i, j] for j in range(d)) / (d * r * r)
        for k in range(d):
            dX[i, k] = (G[i, k] * gamma[k] - X[i, k] * along) / r
            dgamma[k] += G[i, k] * X[i, k] / r
    return dX, dgamma


def running_by_pytorch(mean, var, X, m):
    mean, var = torch.tensor(mean), torch.tensor(var)
    torch.nn.functional.batch_norm(torch.tensor(X), mean, var, training=True, momentum=m)
    return mean.numpy(), var.numpy()


def running_by_loops(mean, var, X, m):
    new = [], []
    for j in range(X.shape[1]):
        column = [float(x) for x in X[:, j]]
        average = math.fsum(column) / len(column)
        squares = math.fsum((x - average) ** 2 for x in column)
        new[0].append((1 - m) * mean[j] + m * average)
        new[1].append((1 - m) * var[j] + m * squares / (len(column) - 1))
    return new


def running_by_cov(mean, var, X, m):
    spread = np.atleast_2d(np.cov(X.T)).diagonal()
    return mean - m * (mean - np.mean(X, 0)), var - m * (var - spread)


def dead_by_loops(Z):
    return [not any(z > 0 for z in column) for column in Z.T]


def blocks_by_pytorch(G, hs, Ws, alpha):
    g, dWs = torch.tensor(G), [None] * len(Ws)
    for k in reversed(range(len(Ws))):
        h = torch.tensor(hs[k], requires_grad=True)
        W = torch.tensor(Ws[k], requires_grad=True)
        out = h + alpha * torch.relu(h) @ W
        g, dW = torch.autograd.grad(out, (h, W), g)
        dWs[k] = dW.numpy()
    return g.numpy(), dWs


def blocks_by_recursion(G, hs, Ws, alpha):
    if not Ws:
        return G, []
    h, W = hs[-1], Ws[-1]
    dW = alpha * np.einsum("ni,nj->ij", h * (h > 0), G)
    dh, before = blocks_by_recursion(
        G + np.where(h > 0, alpha * np.dot(G, W.T), 0), hs[:-1], Ws[:-1], alpha
    )
    return dh, [*before, dW]


def blocks_in_place(G, hs, Ws, alpha):
    G, dWs = G.copy(), []
    for k in range(len(Ws) - 1, -1, -1):
        a = np.maximum(hs[k], 0)
        dWs.insert(0, (G.T @ (alpha * a)).T)
        G += np.sign(a) * (alpha * G @ Ws[k].T)
    return G, tuple(dWs)


RIGHT = {
    "09.1": [
        [[1.6667, -0.3333, -0.3333, -1], [0.2778, -0.8056, -0.3056, 0.8333]],
        lambda: (
            np.array([5.0, -1, -1, -3]) / 3,
            np.array([10.0, -29, -11, 30]) / 36,
        ),
        (
            (Fraction(5, 3), Fraction(-1, 3), Fraction(-1, 3), -1),
            (Fraction(5, 18), Fraction(-29, 36), Fraction(-11, 36), Fraction(5, 6)),
        ),
    ],
    "09.2": [start_by_uniform_laws, start_by_pytorch, start_by_einsum],
    "09.3": [
        growth_layer_by_layer,
        growth_by_natural_logarithms,
        lambda D, g, a: D * np.log10(g) + 0.5 * D * np.log10(0.5 + 0.5 * a**2),
    ],
    "09.4": [clip_by_pytorch, clip_number_by_number, clip_by_norms],
    "09.5": [calibrate_by_scaling_W, calibrate_by_raw_signals, calibrate_by_pytorch],
    "09.6": [rms_norm_by_pytorch, rms_norm_by_terms, rms_norm_by_loops],
    "09.7": [running_by_pytorch, running_by_loops, running_by_cov],
    "09.8": [
        dead_by_loops,
        lambda Z: Z.max(axis=0) <= 0,
        lambda Z: np.maximum(Z, 0).sum(axis=0) == 0,
        lambda Z: ~(Z > 0).any(0),
        lambda Z: (torch.relu(torch.tensor(Z)) == 0).all(dim=0).numpy(),
    ],
    "09.9": [blocks_by_pytorch, blocks_by_recursion, blocks_in_place],
    "09.10": [
        ["tanh 2", "relu 1", "relu 1.4", "relu 3"],
        ("Tanh 2", "ReLU 1", "ReLU 1.4", "ReLU 3"),
        lambda: tuple("tanh 2, relu 1, relu 1.4, relu 3".split(", ")),
    ],
}

NO_ORDER = "the larger of two has no order"
NOT_NEGATIVE = "it is never negative"
POSITIVE = "it is positive"
EQUIVALENT = {
    "09.2": {
        "variance = 2 / d_in → variance = 2 / (d_in + 1e-09)": BELOW_TOLERANCE,
        "variance = 2 / (d_in + d_out) → variance = 2 / (d_in + d_out + 1e-09)": BELOW_TOLERANCE,
        "variance = 1 / (3 * d_in) → variance = 1 / (3 * d_in + 1e-09)": BELOW_TOLERANCE,
        "smeared": "linear in z: the mean of two is the start of their mean",
    },
    "09.3": {
        "abs(g)": POSITIVE,
        "nan where 0 is in g": POSITIVE,
        "clip(a, -50, 50)": "a is at most 1",
        "abs(a)": NOT_NEGATIVE,
    },
    "09.4": {
        "factor = max_norm / N if N > max_norm else 1.0 → "
        "factor = max_norm / N if N >= max_norm else 1.0": "where N is max_norm, max_norm / N is 1",
        "abs(max_norm)": POSITIVE,
        "nan where 0 is in max_norm": POSITIVE,
    },
    "09.5": {
        "h = np.maximum(h @ W, 0) → h = np.maximum(0, h @ W)": NO_ORDER,
        "gains.append(float(gain)) → gains.append(gain)": "a number of NumPy is taken for a float",
    },
    "09.6": {"abs(eps)": POSITIVE, "nan where 0 is in eps": POSITIVE},
    "09.7": {
        "abs(var)": "a variance is never negative",
        "clip(m, -50, 50)": "m lies between 0 and 1",
        "abs(m)": NOT_NEGATIVE,
        "wrong where X.shape[0] == 1": "one row has no variance: n is at least 2",
    },
    "09.8": {"clip(Z, -50, 50)": "only the sign of z counts"},
    "09.9": {
        "dWs.append(alpha * np.maximum(h, 0).T @ G) → dWs.append(alpha * np.maximum(0, h).T @ G)": (
            NO_ORDER
        ),
        "abs(alpha)": NOT_NEGATIVE,
    },
}


# ---- right nearly everywhere


def numeric(function, X, G, h):
    """∂L/∂X by central differences of a width that can be seen."""
    dX = np.zeros(X.shape)
    for at in np.ndindex(X.shape):
        step = np.zeros(X.shape)
        step[at] = h
        dX[at] = ((function(X + step) - function(X - step)) / (2 * h) * G).sum()
    return dX


def rms_norm_by_differences(h):
    def answer(G, X, gamma, eps):
        def forward(X):
            return gamma * X / np.sqrt((X**2).mean(1, keepdims=True) + eps)

        return numeric(forward, X, G, h), rms_norm_by_terms(G, X, gamma, eps)[1]

    return answer


def blocks_by_differences(h):
    def answer(G, hs, Ws, alpha):
        dh, dWs = blocks_in_place(G, hs, Ws, alpha)
        for x, W in zip(hs[::-1], Ws[::-1], strict=True):
            G = numeric(lambda x, W=W: x + alpha * np.maximum(x, 0) @ W, x, G, h)
        return G, list(dWs)

    return answer


def zero_rows_give_zero(G, X, gamma, eps):
    dX, dgamma = rms_norm_by_terms(G, X, gamma, eps)
    return np.where(X.any(axis=1, keepdims=True), dX, 0.0), dgamma


def through_the_output(G, X, gamma, eps):
    """γ divided out of the output again."""
    r = np.sqrt((X**2).mean(1, keepdims=True) + eps)
    with np.errstate(all="ignore"):
        x_hat = (gamma * X / r) / gamma
    g = G * gamma
    return (g - x_hat * (g * x_hat).mean(1, keepdims=True)) / r, (G * x_hat).sum(0)


def r_of_the_first_row(G, X, gamma, eps):
    r = np.sqrt((X[0] ** 2).mean() + eps)
    g = gamma * G
    return (g - X / r * (g * X / r).mean(1, keepdims=True)) / r, (G * X / r).sum(0)


def without_repeats(grads, c):
    kept = {g.tobytes(): g for g in grads}.values()
    N = math.sqrt(sum(float((g**2).sum()) for g in kept))
    return [g * min(1.0, c / N) if N else g for g in grads]


def about_c(grads, c):
    N = math.sqrt(sum(float((g**2).sum()) for g in grads))
    return grads if np.isclose(N, c) else clip_by_norms(grads, c)


def of_two_arrays(grads, c):
    N = math.sqrt(sum(float((g**2).sum()) for g in grads[:2]))
    return [g * min(1.0, c / N) if N else g for g in grads]


def scaled_by_deviation(mean, var, X, m):
    """Standardised and back again: 0/0 where a column is constant."""
    s = X.std(axis=0, ddof=1)
    with np.errstate(all="ignore"):
        new = (((X - X.mean(0)) / s) ** 2).sum(0) / (len(X) - 1) * s**2
    return (1 - m) * mean + m * X.mean(0), (1 - m) * var + m * new


def ten_percent_first(mean, var, X, m):
    """Right for two decimals of m."""
    return running_by_cov(mean, var, X, round(m, 2))


def moment_by_float32(mean, var, X, m):
    return running_by_cov(mean, var, X.astype(np.float32).astype(float), m)


def with_depth(answer, depth):
    return lambda G, hs, Ws, alpha: answer(G, hs[-depth:], Ws[-depth:], alpha)


def silent_net(X, Ws):
    return [1.0 if abs(g) > 1e3 else g for g in calibrate_by_scaling_W(X, Ws)]


def of_growing_layers(X, Ws):
    """The mean over units first, then over rows: equal where the numbers are."""
    gains, h = [], X
    for W in Ws:
        h = np.maximum(h @ W, 0)
        gains.append(
            1 / math.sqrt(np.mean([np.mean(row[row > 0] ** 2) if row.any() else 0.0 for row in h]))
        )
        h = h * gains[-1]
    return gains


WRONG = {
    "09.2": {
        "anything but he is xavier": lambda kind, z: start_by_einsum(
            kind if kind == "he" else "xavier", z
        ),
        "fans turned where wide": lambda kind, z: (
            start_by_einsum(kind, z.T).T if z.shape[1] > z.shape[0] else start_by_einsum(kind, z)
        ),
        "one column squeezed": lambda kind, z: np.squeeze(start_by_einsum(kind, z)),
    },
    "09.3": {
        "growth first": lambda D, g, a: np.log10(np.float64(g * math.sqrt((1 + a * a) / 2)) ** D),
        "at least one layer": lambda D, g, a: growth_layer_by_layer(max(D, 1), g, a),
        "a hair added": lambda D, g, a: D * math.log10(g * math.sqrt((1 + a * a) / 2) + 1e-9),
        "relu where a is small": lambda D, g, a: growth_layer_by_layer(D, g, a if a > 0.05 else 0),
    },
    "09.4": {
        "equal arrays once": without_repeats,
        "about c": about_c,
        "two arrays": of_two_arrays,
        "squeezed": lambda grads, c: [np.squeeze(g) for g in clip_by_norms(grads, c)],
        "zeros dropped": lambda grads, c: [g for g in clip_by_norms(grads, c) if g.any()],
        "flattened": lambda grads, c: [g.ravel() for g in clip_by_norms(grads, c)],
        "single precision": lambda grads, c: clip_by_norms([np.float32(g) for g in grads], c),
        "short ones stretched a little": lambda grads, c: [
            g * (1 + 1e-8) for g in clip_by_norms(grads, c)
        ],
    },
    "09.5": {
        "large gains left out": silent_net,
        "live units": of_growing_layers,
        "three layers": lambda X, Ws: calibrate_by_scaling_W(X, Ws[:3]),
        "rounded": lambda X, Ws: [round(g, 6) for g in calibrate_by_scaling_W(X, Ws)],
    },
    "09.6": {
        "difference of 1e-3": rms_norm_by_differences(1e-3),
        "difference of 1e-4": rms_norm_by_differences(1e-4),
        "rows of zeros": zero_rows_give_zero,
        "divided by gamma": through_the_output,
        "r of the first row": r_of_the_first_row,
    },
    "09.7": {
        "standardised": scaled_by_deviation,
        "m of two decimals": ten_percent_first,
        "single precision": moment_by_float32,
        "squeezed": lambda *args: tuple(map(np.squeeze, running_by_cov(*args))),
    },
    "09.8": {
        "a limit of 1e-12": lambda Z: Z.max(axis=0) < 1e-12,
        "a limit of 1e-300": lambda Z: Z.max(axis=0) < 1e-300,
        "mean of the activations": lambda Z: np.maximum(Z, 0).mean(axis=0) == 0,
        "equal rows once": lambda Z: (np.unique(Z, axis=0)[:2] <= 0).all(axis=0),
        "single precision": lambda Z: np.float32(Z).max(axis=0) <= 0,
        "sign of the sum of signs": lambda Z: np.sign(Z).sum(axis=0) <= -len(Z) + 1,
        "squeezed": lambda Z: np.squeeze((Z <= 0).all(axis=0)),
    },
    "09.9": {
        "difference of 1e-3": blocks_by_differences(1e-3),
        "three blocks": with_depth(blocks_in_place, 3),
        "right where h is large": lambda G, hs, Ws, alpha: blocks_in_place(
            G, [np.where(abs(h) < 1e-3, 0, h) for h in hs], Ws, alpha
        ),
        "leaks a little": lambda G, hs, Ws, alpha: blocks_in_place(G, hs, Ws, alpha + 1e-8),
    },
}
