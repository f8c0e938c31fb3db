"""A second lot of wrong answers to chapter 09, written when the first had widened the lists."""

import math
from collections import defaultdict

import numpy as np

ANSWERS = defaultdict(dict)
G = np.array([2.0, -1, 0.5, 4])
X1 = np.array([7.0, 1, 1, -1])
X_HAT = (X1 - 2) / 3
root = math.sqrt

A = ANSWERS["09.1"]
A["dx with G squared"] = (X_HAT, (G - G.mean() - X_HAT * np.mean(G * G * X_HAT)) / 3)
A["dx sums to zero by the mean at the end"] = (X_HAT, G / 3 - np.mean(G / 3) - X_HAT / 24)
A["last row forgotten"] = (X_HAT, (5 / 18, -29 / 36, -11 / 36))
A["x_hat rounded to one digit"] = ((1.7, -0.3, -0.3, -1.0), (0.2778, -0.8056, -0.3056, 0.8333))
A["mean of absolute deviations"] = ((X1 - 2) / 2.5, (10 / 36, -29 / 36, -11 / 36, 30 / 36))
A["variance with mean forgotten"] = (
    (X1 - 2) / root(13),
    (10 / 36, -29 / 36, -11 / 36, 30 / 36),
)
A["dx of y for x_hat with both terms plus"] = (
    X_HAT,
    (G + G.mean() + X_HAT * np.mean(G * X_HAT)) / 3,
)
A["proj over n squared"] = (X_HAT, (G - G.mean() - X_HAT * np.mean(G * X_HAT) / 4) / 3)
A["median for the mean"] = ((X1 - 1) / 3, (10 / 36, -29 / 36, -11 / 36, 30 / 36))

A = ANSWERS["09.2"]


def table(**factor):
    def start(kind, z):
        i, o = z.shape
        right = {"he": root(2 / i), "xavier": root(2 / (i + o)), "pytorch": root(1 / (3 * i))}
        return factor.get(kind, lambda i, o: right[kind])(i, o) * z

    return start


A["xavier sqrt(6) over sqrt"] = table(xavier=lambda i, o: root(6) / root(i + o))
A["xavier 1/sqrt(mean of roots)"] = table(xavier=lambda i, o: 1 / ((root(i) + root(o)) / 2))
A["xavier with He's 2 as well"] = table(xavier=lambda i, o: root(4 / (i + o)))
A["xavier of the mean of 1/i and 1/o"] = table(xavier=lambda i, o: root((1 / i + 1 / o) / 2))
A["xavier of the mean of the roots"] = table(xavier=lambda i, o: (i**-0.5 + o**-0.5) / 2)
A["pytorch: sqrt(3)"] = table(pytorch=lambda i, o: root(3 / i))
A["pytorch: 2c over root 12 of d_out"] = table(pytorch=lambda i, o: 2 / root(o) / root(12))
A["all by d_in"] = table(xavier=lambda i, o: root(2 / i))
A["he by len(z[0])"] = table(he=lambda i, o: root(2 / o))
A["pytorch variance c"] = table(pytorch=lambda i, o: root(1 / root(i)))
A["he by sum"] = table(he=lambda i, o: root(4 / (i + o)))
A["he 2 missing and pytorch bound"] = table(
    he=lambda i, o: root(1 / i), pytorch=lambda i, o: 1 / root(i)
)
A["he and pytorch as variances"] = table(he=lambda i, o: 2 / i, pytorch=lambda i, o: 1 / (3 * i))
A["only he written"] = lambda kind, z: z * root(2 / len(z)) if kind == "he" else z
A["plus"] = lambda kind, z: z + root(2 / len(z))
A["kind compared with is he, else xavier"] = lambda kind, z: (
    z * root(2 / len(z) if kind == "he" else 2 / sum(z.shape))
)

A = ANSWERS["09.3"]
A["both halves of the slopes added"] = lambda D, g, a: D * math.log10(g * (1 + a))
A["as many powers as layers of g, less the loss"] = lambda D, g, a: (
    D * (math.log10(g) - math.log10(2 / (1 + a**2)))
)
A["root over g"] = lambda D, g, a: D * math.log10(root(g * (1 + a**2) / 2))
A["leaky gain of PyTorch"] = lambda D, g, a: D * math.log10(g / root(2 / (1 + a)))
A["forward and backward together"] = lambda D, g, a: 2 * D * math.log10(g * root((1 + a**2) / 2))
A["base e, divided by 10"] = lambda D, g, a: D * math.log(g * root((1 + a**2) / 2)) / 10
A["absolute"] = lambda D, g, a: abs(D * math.log10(g * root((1 + a**2) / 2)))
A["a as dropped share"] = lambda D, g, a: D * math.log10(g * root(1 - a))
A["in percent"] = lambda D, g, a: 100 * D * math.log10(g * root((1 + a**2) / 2))
A["numpy loop from 1"] = lambda D, g, a: sum(
    math.log10(g * root((1 + a**2) / 2)) for _ in range(1, D)
)

A = ANSWERS["09.4"]


def length_of(grads):
    return root(sum(float((g**2).sum()) for g in grads))


A["scaled by c - N"] = lambda grads, c: [
    g - (length_of(grads) - c) * g if length_of(grads) > c else g for g in grads
]
A["minus a part"] = lambda grads, c: [g * (1 - c / max(length_of(grads), 1e-30)) for g in grads]
A["root of the factor"] = lambda grads, c: [
    g * root(min(1, c / max(length_of(grads), 1e-30))) for g in grads
]
A["squared factor"] = lambda grads, c: [
    g * min(1, c / max(length_of(grads), 1e-30)) ** 2 for g in grads
]
A["each array to c over their number"] = lambda grads, c: [
    g * min(1, c / len(grads) / max(np.linalg.norm(g), 1e-30)) for g in grads
]
A["flat list"] = lambda grads, c: [
    v * min(1, c / max(length_of(grads), 1e-30)) for g in grads for v in g.ravel()
]
A["sum of |g| squared"] = lambda grads, c: [
    g * min(1, c / max(sum(np.abs(f).sum() ** 2 for f in grads) ** 0.5, 1e-30)) for g in grads
]
A["tuple"] = lambda grads, c: {
    k: g * min(1, c / max(length_of(grads), 1e-30)) for k, g in enumerate(grads)
}
A["tanh"] = lambda grads, c: [c * np.tanh(g / c) for g in grads]
A["sign"] = lambda grads, c: [c * np.sign(g) for g in grads]
A["1e-12 below"] = lambda grads, c: [g * min(1, c / (length_of(grads) + 1e-8)) for g in grads]

A = ANSWERS["09.5"]


def with_size(size):
    def calibrate(X, Ws):
        gains, h = [], X
        for W in Ws:
            h = np.maximum(h @ W, 0)
            gains.append(1 / size(h))
            h = h * gains[-1]
        return gains

    return calibrate


A["max"] = with_size(np.max)
A["sum"] = with_size(np.sum)
A["mean over units of squares, first row"] = with_size(lambda h: root(np.mean(h[0] ** 2)) or 1.0)
A["var"] = with_size(lambda h: root(np.mean((h - h.mean(axis=0)) ** 2)) or 1.0)
A["per unit"] = with_size(lambda h: np.sqrt((h**2).mean(axis=0) + 1e-300))
A["root of mean, squared outside"] = with_size(lambda h: np.mean(h) ** 2)
A["rms of abs"] = with_size(lambda h: np.mean(np.abs(h)))
A["times"] = lambda X, Ws: [
    root(np.mean(np.maximum(X @ W, 0) ** 2)) if len(W) == X.shape[1] else 1.0 for W in Ws
]
A["first only"] = lambda X, Ws: with_size(lambda h: root(np.mean(h**2)))(X, Ws)[:1]
A["one number"] = lambda X, Ws: (with_size(lambda h: root(np.mean(h**2)))(X, Ws) or [1.0])[-1]
A["output"] = lambda X, Ws: np.maximum(X @ Ws[0], 0) if Ws else X

A = ANSWERS["09.6"]


def parts(X, eps, gamma, G):
    r = np.sqrt((X**2).mean(1, keepdims=True) + eps)
    return r, X / r, G * gamma


def answer(dX=None, dgamma=None):
    def rmsnorm_vjp(G, X, gamma, eps):
        r, x, g = parts(X, eps, gamma, G)
        right = (g - x * (g * x).mean(1, keepdims=True)) / r
        return (
            right if dX is None else dX(G, X, gamma, eps, r, x, g),
            (G * x).sum(0) if dgamma is None else dgamma(G, X, gamma, eps, r, x, g),
        )

    return rmsnorm_vjp


A["gamma in the mean too"] = answer(
    lambda G, X, gamma, eps, r, x, g: (g - x * gamma * (G * x).mean(1, keepdims=True)) / r
)
A["mean of G x, no gamma inside"] = answer(
    lambda G, X, gamma, eps, r, x, g: (g - x * (G * x).mean(1, keepdims=True)) / r
)
A["gamma twice"] = answer(
    lambda G, X, gamma, eps, r, x, g: gamma * (g - x * (g * x).mean(1, keepdims=True)) / r
)
A["over r in the first term only"] = answer(
    lambda G, X, gamma, eps, r, x, g: g / r - x * (g * x).mean(1, keepdims=True)
)
A["over r in the last term only"] = answer(
    lambda G, X, gamma, eps, r, x, g: g - x * (g * x).mean(1, keepdims=True) / r
)
A["x_hat of the output"] = answer(
    lambda G, X, gamma, eps, r, x, g: (g - x * gamma * (g * x).mean(1, keepdims=True)) / r
)
A["dgamma over r once more"] = answer(None, lambda G, X, gamma, eps, r, x, g: (G * x / r).sum(0))
A["dgamma without sum axis"] = answer(None, lambda G, X, gamma, eps, r, x, g: (G * x).sum())
A["dgamma of dX"] = answer(None, lambda G, X, gamma, eps, r, x, g: (g / r * X).sum(0))
A["dgamma with abs"] = answer(None, lambda G, X, gamma, eps, r, x, g: np.abs(G * x).sum(0))
A["std with ddof"] = lambda G, X, gamma, eps: answer()(G, X - X.mean(1, keepdims=True), gamma, eps)
A["dX row sums"] = answer(
    lambda G, X, gamma, eps, r, x, g: (
        (g - x * (g * x).sum(1, keepdims=True) / (X.shape[1] - 1.5)) / r
    )
)
A["one r for all rows"] = lambda G, X, gamma, eps: answer()(G, X, gamma, 0.0 * eps + 1e-8)

A = ANSWERS["09.7"]


def memory(new_mean=None, new_var=None, share=lambda m, n: m):
    def running(mean, var, X, m):
        a = X.mean(0) if new_mean is None else new_mean(X)
        b = X.var(0, ddof=1) if new_var is None else new_var(X)
        s = share(m, len(X))
        return (1 - s) * mean + s * a, (1 - s) * var + s * b

    return running


A["m over n"] = memory(share=lambda m, n: m / n)
A["m over n - 1"] = memory(share=lambda m, n: m / (n - 1))
A["sum of squares"] = memory(new_var=lambda X: ((X - X.mean(0)) ** 2).sum(0))
A["ddof 2"] = memory(new_var=lambda X: ((X - X.mean(0)) ** 2).sum(0) / max(len(X) - 2, 1))
A["mean absolute deviation"] = memory(new_var=lambda X: np.abs(X - X.mean(0)).mean(0))
A["median"] = memory(new_mean=lambda X: np.median(X, axis=0))
A["first row"] = memory(new_mean=lambda X: X[0])
A["covariance"] = memory(new_var=lambda X: np.cov(X.T).mean(axis=0) if X.shape[1] > 1 else X.var(0))
A["around the whole mean"] = memory(new_var=lambda X: ((X - X.mean()) ** 2).sum(0) / (len(X) - 1))
A["dict"] = lambda mean, var, X, m: {"mean": mean, "var": var}
A["first column"] = lambda mean, var, X, m: (
    ((1 - m) * mean + m * X.mean(axis=0))[0],
    ((1 - m) * var + m * X.var(axis=0, ddof=1))[0],
)
A["unchanged"] = lambda mean, var, X, m: (mean, var)

A = ANSWERS["09.8"]
A["positive mean"] = lambda Z: np.maximum(Z, 0).mean(axis=0) > 0
A["sum along rows"] = lambda Z: np.maximum(Z, 0).sum(axis=1) == 0
A["rounded"] = lambda Z: np.round(np.maximum(Z, 0), 8).sum(axis=0) == 0
A["allclose"] = lambda Z: np.array([np.allclose(np.maximum(c, 0), 0) for c in Z.T])
A["median"] = lambda Z: np.median(Z, axis=0) <= 0
A["tiny eps below"] = lambda Z: (Z <= 1e-12).all(axis=0)
A["negative tiny"] = lambda Z: (Z <= -1e-12).all(axis=0)
A["list of indices"] = lambda Z: [k for k in range(Z.shape[1]) if (Z[:, k] <= 0).all()]
A["set"] = lambda Z: {k: bool((Z[:, k] <= 0).all()) for k in range(Z.shape[1])}
A["skips the first row"] = lambda Z: (Z[1:] <= 0).all(axis=0)
A["skips the last row"] = lambda Z: (Z[:-1] <= 0).all(axis=0)
A["prod"] = lambda Z: np.prod(np.maximum(Z, 0), axis=0) == 0

A = ANSWERS["09.9"]


def walk(step, outer=lambda G, h, W, a: a * np.maximum(h, 0).T @ G):
    def res_backward(G, hs, Ws, alpha):
        dWs = [None] * len(Ws)
        for k in range(len(Ws) - 1, -1, -1):
            dWs[k] = outer(G, hs[k], Ws[k], alpha)
            G = step(G, hs[k], Ws[k], alpha)
        return G, dWs

    return res_backward


right = lambda G, h, W, a: G + a * (G @ W.T) * (h > 0)  # noqa: E731
A["alpha on G in the branch, W on both"] = walk(lambda G, h, W, a: (G + a * G * (h > 0)) @ W.T)
A["mask of leaky"] = walk(lambda G, h, W, a: G + a * (G @ W.T) * np.where(h > 0, 1, 0.01))
A["skip twice"] = walk(lambda G, h, W, a: 2 * G + a * (G @ W.T) * (h > 0))
A["skip minus branch"] = walk(lambda G, h, W, a: G - a * (G @ W.T) * (h > 0))
A["branch divided by alpha"] = walk(lambda G, h, W, a: G + (G @ W.T) * (h > 0) / (a or 1))
A["1 - alpha on the skip"] = walk(lambda G, h, W, a: (1 - a) * G + a * (G @ W.T) * (h > 0))
A["dW with W"] = walk(right, lambda G, h, W, a: a * np.maximum(h, 0).T @ G * W)
A["dW from relu(G)"] = walk(right, lambda G, h, W, a: a * np.maximum(h, 0).T @ np.maximum(G, 0))
A["dW plus identity"] = walk(right, lambda G, h, W, a: a * np.maximum(h, 0).T @ G + np.eye(len(W)))
A["dW of alpha h"] = walk(right, lambda G, h, W, a: np.maximum(a * h, 0).T @ (a * G))
A["all dW stacked, sum"] = lambda G, hs, Ws, alpha: (
    walk(right)(G, hs, Ws, alpha)[0],
    sum(walk(right)(G, hs, Ws, alpha)[1]),
)
A["dh for every block"] = lambda G, hs, Ws, alpha: (
    [G] * (len(Ws) + 1),
    walk(right)(G, hs, Ws, alpha)[1],
)
A["mask of G"] = walk(lambda G, h, W, a: G + a * (G @ W.T) * (G > 0))

A = ANSWERS["09.10"]
A["by letters"] = ("relu 1", "relu 1.4", "relu 3", "tanh 2")
A["B tanh, D relu 1"] = ("relu 3", "tanh 2", "relu 1.4", "relu 1")

# The misconception that each fault is told; a fault without one is not listed.
NAMES = {
    ("09.6", "dgamma with abs"): "altered",
    ("09.3", "base e, divided by 10"): "altered",
    ("09.1", "dx sums to zero by the mean at the end"): "plus",
    ("09.1", "mean of absolute deviations"): "absolute",
    ("09.1", "variance with mean forgotten"): "root13",
    ("09.1", "dx of y for x_hat with both terms plus"): "pluses",
    ("09.1", "proj over n squared"): "twicemean",
    ("09.2", "xavier sqrt(6) over sqrt"): "kinds",
    ("09.2", "xavier 1/sqrt(mean of roots)"): "kinds",
    ("09.2", "pytorch: sqrt(3)"): "kinds",
    ("09.2", "pytorch: 2c over root 12 of d_out"): "kinds",
    ("09.2", "all by d_in"): "kinds",
    ("09.2", "he by len(z[0])"): "kinds",
    ("09.2", "pytorch variance c"): "kinds",
    ("09.2", "he by sum"): "kinds",
    ("09.2", "he 2 missing and pytorch bound"): "kinds",
    ("09.2", "he and pytorch as variances"): "kinds",
    ("09.2", "only he written"): "kinds",
    ("09.2", "plus"): "ignored",
    ("09.2", "xavier with He's 2 as well"): "kinds",
    ("09.2", "xavier of the mean of 1/i and 1/o"): "kinds",
    ("09.2", "xavier of the mean of the roots"): "kinds",
    ("09.2", "kind compared with is he, else xavier"): "kinds",
    ("09.3", "both halves of the slopes added"): "added",
    ("09.3", "as many powers as layers of g, less the loss"): "half",
    ("09.3", "root over g"): "otherwise",
    ("09.3", "leaky gain of PyTorch"): "notsquared",
    ("09.3", "forward and backward together"): "var",
    ("09.3", "absolute"): "otherwise",
    ("09.3", "in percent"): "factor",
    ("09.3", "numpy loop from 1"): "from one",
    ("09.4", "root of the factor"): "power",
    ("09.4", "squared factor"): "power",
    ("09.4", "each array to c over their number"): "equal parts",
    ("09.4", "flat list"): "where",
    ("09.4", "tanh"): "tanh",
    ("09.4", "sign"): "signs",
    ("09.4", "1e-12 below"): "eps",
    ("09.5", "max"): "largest",
    ("09.5", "sum"): "sum",
    ("09.5", "mean over units of squares, first row"): "ignored",
    ("09.5", "var"): "where",
    ("09.5", "per unit"): "where",
    ("09.5", "root of mean, squared outside"): "where",
    ("09.5", "rms of abs"): "mean",
    ("09.5", "times"): "where",
    ("09.5", "first only"): "otherwise",
    ("09.6", "gamma in the mean too"): "lategamma",
    ("09.6", "mean of G x, no gamma inside"): "gammalost",
    ("09.6", "gamma twice"): "otherwise",
    ("09.6", "over r in the first term only"): "rawterm",
    ("09.6", "over r in the last term only"): "firstterm",
    ("09.6", "x_hat of the output"): "gammax",
    ("09.6", "dgamma over r once more"): "dgammar",
    ("09.6", "dgamma without sum axis"): "onegamma",
    ("09.6", "dgamma of dX"): "gammatimes",
    ("09.6", "std with ddof"): "layernorm",
    ("09.6", "one r for all rows"): "eps fixed",
    ("09.7", "m over n"): "m over n",
    ("09.7", "m over n - 1"): "m over less",
    ("09.7", "sum of squares"): "undivided",
    ("09.7", "mean absolute deviation"): "absolute",
    ("09.7", "median"): "median",
    ("09.7", "first row"): "otherwise",
    ("09.7", "around the whole mean"): "grand",
    ("09.7", "dict"): "ignored",
    ("09.7", "unchanged"): "otherwise",
    ("09.8", "positive mean"): "livemean",
    ("09.8", "sum along rows"): "rows",
    ("09.8", "rounded"): "limit",
    ("09.8", "allclose"): "limit",
    ("09.8", "median"): "median",
    ("09.8", "tiny eps below"): "up to",
    ("09.8", "negative tiny"): "down to",
    ("09.8", "list of indices"): "numbers",
    ("09.8", "skips the first row"): "notfirst",
    ("09.8", "skips the last row"): "notlast",
    ("09.8", "prod"): "any",
    ("09.9", "alpha on G in the branch, W on both"): "W on both",
    ("09.9", "mask of leaky"): "leaky",
    ("09.9", "skip twice"): "twoskips",
    ("09.9", "skip minus branch"): "altered",
    ("09.9", "1 - alpha on the skip"): "shares",
    ("09.9", "dW from relu(G)"): "reluG",
    ("09.9", "dW plus identity"): "identity",
    ("09.9", "dW of alpha h"): "alphatwiceW",
    ("09.9", "dh for every block"): "ignored",
    ("09.9", "mask of G"): "altered",
    ("09.10", "by letters"): "A relu 1 + B relu 1.4 + C relu 3 + D tanh 2",
    ("09.10", "B tanh, D relu 1"): "A relu 3 + B tanh 2 + D relu 1",
}
