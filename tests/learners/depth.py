"""Wrong answers to chapter 09, as learners write them and as public programs have them.

`ANSWERS[id]` maps what went wrong to the answer; they were written before the lists were widened.
"""

import math
from collections import defaultdict

import numpy as np

ANSWERS = defaultdict(dict)
X_HAT = (5 / 3, -1 / 3, -1 / 3, -1.0)
DX = (5 / 18, -29 / 36, -11 / 36, 5 / 6)
D, G = np.array([5.0, -1, -1, -3]), np.array([2.0, -1, 0.5, 4])
rms = lambda h: np.sqrt(np.mean(h**2))  # noqa: E731
relu = lambda z: np.maximum(z, 0)  # noqa: E731


# ---- 09.1

A = ANSWERS["09.1"]
A["G over s"] = (X_HAT, G / 3)
A["mean of G only"] = (X_HAT, (G - G.mean()) / 3)
A["G x_hat over s"] = (X_HAT, G * D / 9)
A["chain without s"] = (X_HAT, G - G.mean() - D / 3 * np.mean(G * D / 3))
A["n - 1 throughout"] = (
    D / np.sqrt(12),
    (G - G.mean() - D / np.sqrt(12) * np.mean(G * D / np.sqrt(12))) / np.sqrt(12),
)
A["variance for deviation"] = (
    D / 9,
    (G - G.mean() - D / 9 * np.mean(G * D / 9)) / 9,
)
A["x not centred"] = (np.array([7.0, 1, 1, -1]) / 3, DX)
A["two decimals"] = ((1.67, -0.33, -0.33, -1.0), (0.28, -0.81, -0.31, 0.83))
A["three decimals"] = ((1.667, -0.333, -0.333, -1.0), (0.278, -0.806, -0.306, 0.833))
A["dx first"] = (DX, X_HAT)
A["sum of G x_hat"] = (X_HAT, (G - G.mean() - D / 3 * np.sum(G * D / 3)) / 3)
A["mean rounded to 1.4"] = (X_HAT, (G - 1.4 + D / 24) / 3)
A["sign of the last term"] = (X_HAT, (G - G.mean() - D / 24) / 3)
A["dx of x_hat squared"] = (X_HAT, (G - G.mean() - D**2 / 9 * np.mean(G * D / 3)) / 3)
A["population of three"] = (D / 3, (G * 4 / 3 - G.sum() / 3 - D / 3 * np.sum(G * D / 3) / 3) / 3)
A["G of the wrong mean"] = (X_HAT, (G - 2 - D / 3 * np.mean(G * D / 3)) / 3)
A["x_hat of min and max"] = ((np.array([7.0, 1, 1, -1]) + 1) / 8, DX)

# ---- 09.2

A = ANSWERS["09.2"]


def starts(he, xavier, pytorch):
    def start(kind, z):
        i, o = z.shape
        return z * {"he": he, "xavier": xavier, "pytorch": pytorch}[kind](i, o)

    return start


root = math.sqrt
he_right, xavier_right = lambda i, o: root(2 / i), lambda i, o: root(2 / (i + o))
torch_right = lambda i, o: root(1 / (3 * i))  # noqa: E731
A["bound for pytorch"] = starts(he_right, xavier_right, lambda i, o: 1 / root(i))
A["columns are fan_in"] = starts(
    lambda i, o: root(2 / o), xavier_right, lambda i, o: root(1 / (3 * o))
)
A["no root"] = starts(lambda i, o: 2 / i, lambda i, o: 2 / (i + o), lambda i, o: 1 / (3 * i))
A["xavier with six"] = starts(he_right, lambda i, o: root(6 / (i + o)), torch_right)
A["xavier of one over fan_in"] = starts(he_right, lambda i, o: root(1 / i), torch_right)
A["xavier without 2"] = starts(he_right, lambda i, o: root(1 / (i + o)), torch_right)
A["he without 2"] = starts(lambda i, o: root(1 / i), xavier_right, torch_right)
A["pytorch with 12"] = starts(he_right, xavier_right, lambda i, o: root(1 / (12 * i)))
A["pytorch half the bound"] = starts(he_right, xavier_right, lambda i, o: 1 / root(i) / 2)
A["pytorch a third of the bound"] = starts(he_right, xavier_right, lambda i, o: 1 / root(i) / 3)
A["he with fan_out, pytorch with bound"] = starts(
    lambda i, o: root(2 / o), xavier_right, lambda i, o: 1 / root(i)
)
A["uniform of z"] = lambda kind, z: (
    starts(he_right, xavier_right, lambda i, o: 1)(kind, z)
    if kind != "pytorch"
    else np.clip(z, -1, 1) / root(len(z))
)
A["he and xavier swapped"] = starts(xavier_right, he_right, torch_right)
A["size of z"] = starts(lambda i, o: root(2 / (i * o)), xavier_right, torch_right)
A["mean of the fans without one over"] = starts(
    he_right, lambda i, o: root((i + o) / 2), torch_right
)
A["2 outside of the root"] = starts(lambda i, o: 2 / root(i), xavier_right, torch_right)
A["root of 2 over i"] = starts(lambda i, o: root(2) / i, xavier_right, torch_right)
A["gain of leaky relu"] = starts(
    he_right, xavier_right, lambda i, o: root(2 / (1 + 0.01**2)) / root(i)
)
A["pytorch like xavier"] = starts(he_right, xavier_right, xavier_right)
A["transposed result"] = lambda kind, z: starts(he_right, xavier_right, torch_right)(kind, z).T
A["normalised draws"] = lambda kind, z: starts(he_right, xavier_right, torch_right)(
    kind, (z - z.mean()) / (z.std() + 1e-8)
)
A["a tenth"] = lambda kind, z: 0.1 * z
A["minus"] = lambda kind, z: -starts(he_right, xavier_right, torch_right)(kind, z)

# ---- 09.3

A = ANSWERS["09.3"]
log10 = math.log10
A["plain g"] = lambda D, g, a: D * log10(g)
A["relu only"] = lambda D, g, a: D * log10(g / root(2))
A["mean slope"] = lambda D, g, a: D * log10(g * (1 + abs(a)) / 2)
A["squares, no root"] = lambda D, g, a: D * log10(g**2 * (1 + a**2) / 2)
A["g not squared"] = lambda D, g, a: D * log10(g * (1 + a**2) / 2)
A["natural log"] = lambda D, g, a: D * math.log(g * root((1 + a**2) / 2))
A["power first"] = lambda D, g, a: np.log10(np.float64(g * root((1 + a**2) / 2)) ** D)
A["one layer"] = lambda D, g, a: log10(g * root((1 + a**2) / 2))
A["growth"] = lambda D, g, a: np.float64(g * root((1 + a**2) / 2)) ** D
A["inverse"] = lambda D, g, a: -D * log10(g * root((1 + a**2) / 2))
A["D - 1"] = lambda D, g, a: (D - 1) * log10(g * root((1 + a**2) / 2))
A["a for a squared"] = lambda D, g, a: D * log10(g * root((1 + abs(a)) / 2))
A["gain of He"] = lambda D, g, a: D * log10(g * root(2 / (1 + a**2)))
A["without the half"] = lambda D, g, a: D * log10(g * root(1 + a**2))
A["half of a squared"] = lambda D, g, a: D * log10(g * root(1 + a**2 / 2))
A["D inside"] = lambda D, g, a: log10(D * g * root((1 + a**2) / 2)) if D else 0.0
A["rounded"] = lambda D, g, a: round(D * log10(g * root((1 + a**2) / 2)), 2)
A["a only"] = lambda D, g, a: D * log10(g * root(a**2 / 2)) if a else 0.0
A["root of the sum, halved"] = lambda D, g, a: D * log10(g * root(1 + a**2) / 2)
A["whole power"] = lambda D, g, a: int(D * log10(g * root((1 + a**2) / 2)))
A["positive only"] = lambda D, g, a: max(0.0, D * log10(g * root((1 + a**2) / 2)))

# ---- 09.4

A = ANSWERS["09.4"]
norm = np.linalg.norm
A["each array"] = lambda grads, c: [g * min(1, c / norm(g)) if norm(g) else g for g in grads]
A["np.clip"] = lambda grads, c: [np.clip(g, -c, c) for g in grads]


def torch_like(grads, c):
    total = np.sqrt(sum((g**2).sum() for g in grads))
    coef = c / (total + 1e-6)
    return [g * coef if coef < 1 else g for g in grads]


def always(grads, c):
    total = np.sqrt(sum((g**2).sum() for g in grads))
    return [g * c / total for g in grads]


def in_place(grads, c):
    total = np.sqrt(sum((g**2).sum() for g in grads))
    if total > c:
        for g in grads:
            g *= c / total
    return grads


def sum_of_norms(grads, c):
    total = sum(norm(g) for g in grads)
    return [g * c / total for g in grads] if total > c else grads


def squared_total(grads, c):
    total = sum((g**2).sum() for g in grads)
    return [g * c / total for g in grads] if total > c else grads


def stacked(grads, c):
    total = norm(np.concatenate([g.ravel() for g in grads]))
    return [g * c / total for g in grads] if total > c else grads


def moving_total(grads, c):
    total, out = 0.0, []
    for g in grads:
        total += (g**2).sum()
        out.append(g * min(1, c / np.sqrt(total)) if total else g)
    return out


def one_array(grads, c):
    flat = np.concatenate([g.ravel() for g in grads] + [np.zeros(0)])
    return flat * min(1.0, c / norm(flat)) if norm(flat) else flat


def divided_by_norm(grads, c):
    total = np.sqrt(sum((g**2).sum() for g in grads))
    return [g / total if total > c else g for g in grads]


def by_c(grads, c):
    total = np.sqrt(sum((g**2).sum() for g in grads))
    return [g / c if total > c else g for g in grads]


A["torch's 1e-6"] = torch_like
A["always scaled"] = always
A["in place"] = in_place
A["sum of norms"] = sum_of_norms
A["no root"] = squared_total
A["concatenate of nothing"] = stacked
A["total grows in the loop"] = moving_total
A["one flat array"] = one_array
A["to length 1"] = divided_by_norm
A["divided by c"] = by_c
A["inverse factor"] = lambda grads, c: (
    [g * t / c if t > c else g for g in grads]
    if (t := np.sqrt(sum((g**2).sum() for g in grads))) or True
    else grads
)
A["mean of squares"] = lambda grads, c: [
    g * min(1, c / max(root(np.mean([np.mean(f**2) for f in grads])), 1e-30)) for g in grads
]
A["largest norm"] = lambda grads, c: (
    [g * min(1, c / max(max(norm(f) for f in grads), 1e-30)) for g in grads]
)
A["norm of a matrix is spectral"] = lambda grads, c: [
    g
    * min(
        1,
        c / max(root(sum(norm(f, 2) ** 2 if f.ndim == 2 else (f**2).sum() for f in grads)), 1e-30),
    )
    for g in grads
]
A["max(1, …)"] = lambda grads, c: [
    g * max(1, c / max(root(sum((f**2).sum() for f in grads)), 1e-30)) for g in grads
]
A["zeros where too long"] = lambda grads, c: [
    np.zeros(g.shape) if sum((f**2).sum() for f in grads) > c**2 else g for g in grads
]
A["half"] = lambda grads, c: [
    g * min(1, c / max(root(sum((f**2).sum() for f in grads) / 2), 1e-30)) for g in grads
]
A["tuple of arrays and length"] = lambda grads, c: (
    grads,
    root(sum((f**2).sum() for f in grads)),
)

# ---- 09.5

A = ANSWERS["09.5"]


def gains_of(size, feed=True, before=False, activation=relu):
    def calibrate(X, Ws):
        gains, h = [], X
        for W in Ws:
            z = h @ W
            out = activation(z)
            g = 1 / size(z if before else out)
            gains.append(g)
            h = g * out if feed else out
        return gains

    return calibrate


A["unscaled on"] = gains_of(rms, feed=False)
A["rms before relu"] = gains_of(rms, before=True)
A["std"] = gains_of(np.std)
A["std before relu"] = gains_of(np.std, before=True)
A["norm"] = gains_of(norm)
A["mean square"] = gains_of(lambda h: np.mean(h**2))
A["mean"] = gains_of(np.mean)
A["no relu"] = gains_of(rms, activation=lambda z: z)
A["with eps"] = gains_of(lambda h: rms(h) + 1e-8)
A["eps under the root"] = gains_of(lambda h: np.sqrt(np.mean(h**2) + 1e-12))
A["inverse"] = lambda X, Ws: [1 / g for g in gains_of(rms)(X, Ws)]
A["He's numbers"] = lambda X, Ws: [root(2 / W.shape[0]) for W in Ws]
A["positive ones"] = gains_of(lambda h: rms(h[h > 0]))
A["sum of squares per row"] = gains_of(lambda h: np.sqrt((h**2).sum(axis=1).mean()))
A["median"] = gains_of(lambda h: np.median(h) or 1.0)
A["of the weights"] = lambda X, Ws: [1 / rms(W) for W in Ws]
A["of the weights' fan"] = lambda X, Ws: [1 / (W.std() * root(len(W)) or 1) for W in Ws]
A["root twice"] = gains_of(lambda h: np.sqrt(rms(h)))
A["relative to the input"] = lambda X, Ws: (
    [rms(X) / rms(relu(X @ Ws[0]))] + gains_of(rms)(X, Ws)[1:] if Ws else []
)


def fed_before_relu(X, Ws):
    gains, h = [], X
    for W in Ws:
        z = h @ W
        gains.append(1 / rms(relu(z)))
        h = gains[-1] * z
    return gains


def X_each_time(X, Ws):
    gains, h = [], X
    for W in Ws:
        out = relu(h @ W)
        gains.append(rms(h) / rms(out))
        h = out
    return gains


def scaled_W_twice(X, Ws):
    gains, h = [], X
    for W in Ws:
        g = 1 / rms(relu(h @ W))
        gains.append(g)
        h = g * relu(h @ (g * W))
    return gains


def last_only(X, Ws):
    h = X
    for W in Ws:
        h = relu(h @ W)
    return [1 / rms(h)] * len(Ws)


def arrays_of_W(X, Ws):
    out, h = [], X
    for W in Ws:
        g = 1 / rms(relu(h @ W))
        out.append(g * W)
        h = relu(h @ out[-1])
    return out


A["z goes on"] = fed_before_relu
A["ratio to what went in"] = X_each_time
A["scaled twice"] = scaled_W_twice
A["of the last layer"] = last_only
A["the scaled matrices"] = arrays_of_W
A["by column"] = gains_of(lambda h: np.sqrt((h**2).mean(axis=0)).max())

# ---- 09.6: the programs that carry batch norm's backward pass over

A = ANSWERS["09.6"]


def forward(X, eps, axis=1):
    r = np.sqrt((X**2).mean(axis=axis, keepdims=True) + eps)
    return r, X / r


def N_of_rows(G, X, gamma, eps):
    N = len(X)
    r, x = forward(X, eps)
    g = G * gamma
    return (N * g - x * (g * x).sum(axis=1, keepdims=True)) / (N * r), (G * x).sum(axis=0)


def batch_norm_form(G, X, gamma, eps):
    d = X.shape[1]
    r, x = forward(X, eps)
    g = G * gamma
    dX = (d * g - g.sum(1, keepdims=True) - x * (g * x).sum(1, keepdims=True)) / (d * r)
    return dX, (G * x).sum(axis=0)


def batch_axis(G, X, gamma, eps):
    r, x = forward(X, eps, axis=0)
    g = G * gamma
    return (g - x * (g * x).mean(axis=0)) / r, (G * x).sum(axis=0)


def through_r_without_half(G, X, gamma, eps):
    r, x = forward(X, eps)
    g, d = G * gamma, X.shape[1]
    dms = -(g * X).sum(1, keepdims=True) / r**3  # the ½ is missing
    return g / r + dms * 2 * X / d, (G * x).sum(axis=0)


def through_r_without_two(G, X, gamma, eps):
    r, x = forward(X, eps)
    g, d = G * gamma, X.shape[1]
    dms = -0.5 * (g * X).sum(1, keepdims=True) / r**3
    return g / r + dms * X / d, (G * x).sum(axis=0)


def through_r_without_d(G, X, gamma, eps):
    r, x = forward(X, eps)
    g = G * gamma
    dms = -0.5 * (g * X).sum(1, keepdims=True) / r**3
    return g / r + dms * 2 * X, (G * x).sum(axis=0)


def through_r_squared(G, X, gamma, eps):
    r, x = forward(X, eps)
    g = G * gamma
    dr = -(g * X).sum(1, keepdims=True) / r**2
    return g / r + dr * X / X.shape[1], (G * x).sum(axis=0)  # /r is missing


def without_minus(G, X, gamma, eps):
    r, x = forward(X, eps)
    g = G * gamma
    return g / r + x * (g * x).mean(1, keepdims=True) / r, (G * x).sum(axis=0)


def one_row_sum(G, X, gamma, eps):
    r, x = forward(X, eps)
    g = G * gamma
    return (g - x * (g * x).sum() / X.size) / r, (G * x).sum(axis=0)


def no_keepdims(G, X, gamma, eps):
    r = np.sqrt((X**2).mean(axis=1) + eps)
    x = X / r
    g = G * gamma
    return (g - x * (g * x).mean(axis=1)) / r, (G * x).sum(axis=0)


def gamma_of_y(G, X, gamma, eps):
    r, x = forward(X, eps)
    g = G * gamma
    return (g - x * (g * x).mean(1, keepdims=True)) / r, (G * x * gamma).sum(axis=0)


def gamma_by_mean(G, X, gamma, eps):
    r, x = forward(X, eps)
    g = G * gamma
    return (g - x * (g * x).mean(1, keepdims=True)) / r, (G * x).mean(axis=0)


def gamma_last(G, X, gamma, eps):
    r, x = forward(X, eps)
    return gamma * (G - x * (G * x).mean(1, keepdims=True)) / r, (G * x).sum(axis=0)


def frozen(G, X, gamma, eps):
    r, x = forward(X, eps)
    return G * gamma / r, (G * x).sum(axis=0)


def frozen_and_raw(G, X, gamma, eps):
    r, x = forward(X, eps)
    return G * gamma / r, (G * X).sum(axis=0)


def frozen_without_gamma(G, X, gamma, eps):
    r, x = forward(X, eps)
    return G / r, (G * x).sum(axis=0)


def no_eps_in_backward(G, X, gamma, eps):
    r, x = forward(X, eps)
    ms = (X**2).mean(1, keepdims=True)
    g = G * gamma
    dX = g / r - X * (g * X).mean(1, keepdims=True) / np.where(ms > 0, ms, 1) ** 1.5
    return dX, (G * x).sum(axis=0)


def layer_norm(G, X, gamma, eps):
    C = X - X.mean(1, keepdims=True)
    r, x = forward(C, eps)
    g = G * gamma
    g = g - g.mean(1, keepdims=True)
    return (g - x * (g * x).mean(1, keepdims=True)) / r, (G * x).sum(axis=0)


def centred_dX(G, X, gamma, eps):
    r, x = forward(X, eps)
    g = G * gamma
    dX = (g - x * (g * x).mean(1, keepdims=True)) / r
    return dX - dX.mean(1, keepdims=True), (G * x).sum(axis=0)


def eps_again(G, X, gamma, eps):
    r, x = forward(X, eps)
    g = G * gamma
    return (g - x * (g * x).mean(1, keepdims=True)) / (r + eps), (G * x).sum(axis=0)


def gamma_squeezed(G, X, gamma, eps):
    r, x = forward(X, eps)
    g = G * gamma
    return (g - x * (g * x).mean(1, keepdims=True)) / r, (G * x).sum(axis=0, keepdims=True)


def forward_pass(G, X, gamma, eps):
    r, x = forward(X, eps)
    return x * gamma, (G * x).sum(axis=0)


def outer(G, X, gamma, eps):
    r, x = forward(X, eps)
    g = G * gamma
    return (g - x * (g * x).mean(1, keepdims=True)) / r, np.diag(G.T @ X)


for name, answer in {
    "N is the number of rows": N_of_rows,
    "layer norm's formula with x over r": batch_norm_form,
    "batch axis": batch_axis,
    "through r, no half": through_r_without_half,
    "through r, no two": through_r_without_two,
    "through r, no d": through_r_without_d,
    "through r, one r too few": through_r_squared,
    "plus": without_minus,
    "one mean": one_row_sum,
    "no keepdims": no_keepdims,
    "dgamma of y": gamma_of_y,
    "dgamma mean": gamma_by_mean,
    "gamma last": gamma_last,
    "r constant": frozen,
    "r constant, dgamma of x": frozen_and_raw,
    "r constant, no gamma": frozen_without_gamma,
    "no eps in the backward term": no_eps_in_backward,
    "layer norm": layer_norm,
    "dX centred": centred_dX,
    "eps once more": eps_again,
    "dgamma keeps an axis": gamma_squeezed,
    "dX is the output": forward_pass,
    "dgamma by a product with X": outer,
}.items():
    A[name] = answer

# ---- 09.7

A = ANSWERS["09.7"]
A["biased"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(0),
    (1 - m) * var + m * X.var(0),
)
A["keras"] = lambda mean, var, X, m: (
    m * mean + (1 - m) * X.mean(0),
    m * var + (1 - m) * X.var(0),
)
A["m on the old, unbiased"] = lambda mean, var, X, m: (
    m * mean + (1 - m) * X.mean(0),
    m * var + (1 - m) * X.var(0, ddof=1),
)
A["deviations"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(0),
    (1 - m) * var + m * X.std(0, ddof=1),
)
A["plus m times"] = lambda mean, var, X, m: (mean + m * X.mean(0), var + m * X.var(0, ddof=1))
A["batch only"] = lambda mean, var, X, m: (X.mean(0), X.var(0, ddof=1))
A["rows"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(1),
    (1 - m) * var + m * X.var(1, ddof=1),
)
A["one number"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(),
    (1 - m) * var + m * X.var(ddof=1),
)
A["around the running mean"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(0),
    (1 - m) * var + m * ((X - mean) ** 2).sum(0) / (len(X) - 1),
)


def updated_mean_first(mean, var, X, m):
    mean = (1 - m) * mean + m * X.mean(0)
    var = (1 - m) * var + m * ((X - mean) ** 2).sum(0) / (len(X) - 1)
    return mean, var


def in_place_memory(mean, var, X, m):
    mean *= 1 - m
    mean += m * X.mean(0)
    var *= 1 - m
    var += m * X.var(0, ddof=1)
    return mean, var


A["mean first, variance around it"] = updated_mean_first
A["memory in place"] = in_place_memory
A["second moments"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(0),
    (1 - m) * var + m * ((X**2).mean(0) - X.mean(0) ** 2),
)
A["swapped"] = lambda mean, var, X, m: (
    (1 - m) * var + m * X.var(0, ddof=1),
    (1 - m) * mean + m * X.mean(0),
)
A["n / (n + 1)"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(0),
    (1 - m) * var + m * X.var(0) * len(X) / (len(X) + 1),
)
A["(n - 1) / n"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(0),
    (1 - m) * var + m * X.var(0) * (len(X) - 1) / len(X),
)
A["ddof for the whole"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(0),
    ((1 - m) * var + m * X.var(0)) * len(X) / (len(X) - 1),
)
A["mixture with its spread"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(0),
    (1 - m) * var + m * X.var(0, ddof=1) + m * (1 - m) * (mean - X.mean(0)) ** 2,
)
A["m in the mean only"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(0),
    X.var(0, ddof=1),
)
A["divided by d"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.sum(0) / X.shape[1],
    (1 - m) * var + m * X.var(0, ddof=1),
)
A["rounded"] = lambda mean, var, X, m: (
    np.round((1 - m) * mean + m * X.mean(0), 4),
    np.round((1 - m) * var + m * X.var(0, ddof=1), 4),
)
A["momentum 0.1"] = lambda mean, var, X, m: (
    0.9 * mean + 0.1 * X.mean(0),
    0.9 * var + 0.1 * X.var(0, ddof=1),
)
A["list of two in one array, keepdims"] = lambda mean, var, X, m: (
    (1 - m) * mean + m * X.mean(0, keepdims=True),
    (1 - m) * var + m * X.var(0, ddof=1, keepdims=True),
)

# ---- 09.8

A = ANSWERS["09.8"]
A["axis 1"] = lambda Z: (Z <= 0).all(axis=1)
A["strict"] = lambda Z: (Z < 0).all(axis=0)
A["any"] = lambda Z: (Z <= 0).any(axis=0)
A["only the axis"] = lambda Z: relu(Z).mean(axis=0) < 1e-3
A["only the limit"] = lambda Z: relu(Z).mean(axis=1) == 0
A["smaller limit"] = lambda Z: relu(Z).mean(axis=0) < 1e-8
A["max below 1e-6"] = lambda Z: relu(Z).max(axis=0) < 1e-6
A["isclose"] = lambda Z: np.isclose(relu(Z).max(axis=0), 0)
A["sum of Z"] = lambda Z: Z.sum(axis=0) <= 0
A["mean of Z"] = lambda Z: Z.mean(axis=0) < 0
A["not any"] = lambda Z: (Z > 0).any(axis=0)
A["whole layer"] = lambda Z: np.all(Z <= 0)
A["floats"] = lambda Z: (Z <= 0).all(axis=0) * 1.0
A["indices"] = lambda Z: np.where((Z <= 0).all(axis=0))[0]
A["share"] = lambda Z: (Z <= 0).mean(axis=0)
A["share above 0.99"] = lambda Z: (Z <= 0).mean(axis=0) >= 0.9
A["min"] = lambda Z: Z.min(axis=0) <= 0
A["half of the rows"] = lambda Z: (Z <= 0).mean(axis=0) >= 0.5
A["Z is zero"] = lambda Z: (Z == 0).all(axis=0)
A["on h without relu"] = lambda Z: Z.mean(axis=0) == 0
A["keepdims"] = lambda Z: (Z <= 0).all(axis=0, keepdims=True)
A["count"] = lambda Z: (Z <= 0).all(axis=0).sum()
A["std"] = lambda Z: relu(Z).std(axis=0) == 0

# ---- 09.9

A = ANSWERS["09.9"]


def blocks(step, dW, flip=True):
    def res_backward(G, hs, Ws, alpha):
        dWs = []
        for h, W in zip(hs[::-1], Ws[::-1], strict=True):
            dWs.append(dW(G, h, W, alpha))
            G = step(G, h, W, alpha)
        return G, dWs[::-1] if flip else dWs

    return res_backward


good = lambda G, h, W, a: G + a * (G @ W.T) * (h > 0)  # noqa: E731
right = lambda G, h, W, a: a * relu(h).T @ G  # noqa: E731
A["as printed"] = blocks(
    lambda G, h, W, a: (G + a * G @ W.T) * (h > 0), lambda G, h, W, a: relu(h).T @ G, flip=False
)
A["mask fixed only"] = blocks(good, lambda G, h, W, a: relu(h).T @ G, flip=False)
A["alpha fixed only"] = blocks(lambda G, h, W, a: (G + a * G @ W.T) * (h > 0), right, flip=False)
A["order fixed only"] = blocks(
    lambda G, h, W, a: (G + a * G @ W.T) * (h > 0), lambda G, h, W, a: relu(h).T @ G
)
A["mask not fixed"] = blocks(lambda G, h, W, a: (G + a * G @ W.T) * (h > 0), right)
A["alpha not fixed"] = blocks(good, lambda G, h, W, a: relu(h).T @ G)
A["order not fixed"] = blocks(good, right, flip=False)
A["no skip"] = blocks(lambda G, h, W, a: a * (G @ W.T) * (h > 0), right)
A["no mask"] = blocks(lambda G, h, W, a: G + a * G @ W.T, right)
A["W as it is"] = blocks(lambda G, h, W, a: G + a * (G @ W) * (h > 0), right)
A["raw h"] = blocks(good, lambda G, h, W, a: a * h.T @ G)
A["alpha in the skip"] = blocks(lambda G, h, W, a: a * (G + (G @ W.T) * (h > 0)), right)
A["no alpha"] = blocks(lambda G, h, W, a: G + (G @ W.T) * (h > 0), lambda G, h, W, a: relu(h).T @ G)
A["mask before W"] = blocks(lambda G, h, W, a: G + a * (G * (h > 0)) @ W.T, right)
A["post-activation form"] = blocks(
    lambda G, h, W, a: G + a * (G * (h @ W > 0)) @ W.T,
    lambda G, h, W, a: a * h.T @ (G * (h @ W > 0)),
)
A["dW of the masked G"] = blocks(good, lambda G, h, W, a: a * relu(h).T @ (G * (h > 0)))
A["alpha times G first"] = blocks(
    lambda G, h, W, a: a * G + a * (a * G @ W.T) * (h > 0), lambda G, h, W, a: a * relu(h).T @ G
)
A["h >= 0"] = blocks(lambda G, h, W, a: G + a * (G @ W.T) * (h >= 0), right)
A["times h"] = blocks(lambda G, h, W, a: G + a * (G @ W.T) * relu(h), right)
A["identity added to W"] = blocks(
    lambda G, h, W, a: G @ (np.eye(len(W)) + a * W).T * (h > 0), right
)
A["mean over rows"] = blocks(good, lambda G, h, W, a: a * relu(h).T @ G / len(G))
A["skip's gradient in dW"] = blocks(good, lambda G, h, W, a: a * relu(h).T @ G + G.T @ G)
A["h for the skip"] = blocks(lambda G, h, W, a: h + a * (G @ W.T) * (h > 0), right)
A["transposed dW"] = blocks(good, lambda G, h, W, a: a * G.T @ relu(h))


def in_place_G(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(hs[::-1], Ws[::-1], strict=True):
        dWs.insert(0, alpha * relu(h).T @ G)
        G += alpha * (G @ W.T) * (h > 0)
    return G, dWs


def after_the_step(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(hs[::-1], Ws[::-1], strict=True):
        G = good(G, h, W, alpha)
        dWs.insert(0, alpha * relu(h).T @ G)
    return G, dWs


def hs_after(G, hs, Ws, alpha):
    dWs = []
    for k in range(len(Ws) - 1, -1, -1):
        h = hs[k] + alpha * relu(hs[k]) @ Ws[k]  # the block's output
        dWs.insert(0, alpha * relu(h).T @ G)
        G = good(G, h, Ws[k], alpha)
    return G, dWs


def one_round_early(G, hs, Ws, alpha):
    dWs = [np.zeros(W.shape) for W in Ws]
    for k in range(len(Ws) - 1, 0, -1):
        dWs[k] = alpha * relu(hs[k]).T @ G
        G = good(G, hs[k], Ws[k], alpha)
    return G, dWs


A["G in place"] = in_place_G
A["dW after the step"] = after_the_step
A["outputs for inputs"] = hs_after
A["first block left out"] = one_round_early

# ---- 09.10

A = ANSWERS["09.10"]
A["A and C"] = ("relu 1.4", "relu 1", "tanh 2", "relu 3")
A["fading is tanh"] = ("relu 1", "tanh 2", "relu 1.4", "relu 3")
A["delta from the left"] = ("tanh 2", "relu 3", "relu 1.4", "relu 1")
A["g = 1 is level"] = ("tanh 2", "relu 1.4", "relu 1", "relu 3")
A["turned"] = ("relu 1.4", "tanh 2", "relu 1", "relu 3")
A["turned the other way"] = ("relu 1", "relu 1.4", "tanh 2", "relu 3")
A["tanh explodes"] = ("relu 1.4", "relu 1", "relu 3", "tanh 2")
A["all wrong"] = ("relu 3", "relu 1.4", "relu 1", "tanh 2")
A["C twice"] = ("relu 1.4", "relu 1", "relu 1.4", "relu 3")

# The misconception that each fault is told; a fault without one is not listed.
NAMES = {
    ("09.7", "n / (n + 1)"): "altered",
    ("09.7", "rounded"): "otherwise",
    ("09.1", "G over s"): "frozen",
    ("09.1", "mean of G only"): "noproj",
    ("09.1", "G x_hat over s"): "byx",
    ("09.1", "chain without s"): "noscale",
    ("09.1", "n - 1 throughout"): "ddof",
    ("09.1", "variance for deviation"): "byvar",
    ("09.1", "x not centred"): "uncentred",
    ("09.1", "three decimals"): "rounded",
    ("09.1", "dx first"): "swap",
    ("09.1", "sum of G x_hat"): "sumproj",
    ("09.1", "sign of the last term"): "plus",
    ("09.1", "dx of x_hat squared"): "squared",
    ("09.1", "G of the wrong mean"): "mu",
    ("09.1", "x_hat of min and max"): "range",
    ("09.2", "bound for pytorch"): "kinds",
    ("09.2", "columns are fan_in"): "fanout",
    ("09.2", "no root"): "var",
    ("09.2", "xavier with six"): "kinds",
    ("09.2", "xavier of one over fan_in"): "kinds",
    ("09.2", "xavier without 2"): "kinds",
    ("09.2", "he without 2"): "kinds",
    ("09.2", "pytorch with 12"): "kinds",
    ("09.2", "pytorch half the bound"): "kinds",
    ("09.2", "pytorch a third of the bound"): "kinds",
    ("09.2", "he with fan_out, pytorch with bound"): "kinds",
    ("09.2", "he and xavier swapped"): "exchanged",
    ("09.2", "size of z"): "kinds",
    ("09.2", "mean of the fans without one over"): "kinds",
    ("09.2", "2 outside of the root"): "kinds",
    ("09.2", "root of 2 over i"): "kinds",
    ("09.2", "gain of leaky relu"): "kinds",
    ("09.2", "pytorch like xavier"): "kinds",
    ("09.2", "transposed result"): "transposed",
    ("09.2", "normalised draws"): "where",
    ("09.2", "a tenth"): "altered",
    ("09.2", "minus"): "sign",
    ("09.3", "plain g"): "nohalf",
    ("09.3", "relu only"): "relu",
    ("09.3", "mean slope"): "meanslope",
    ("09.3", "squares, no root"): "var",
    ("09.3", "g not squared"): "half",
    ("09.3", "natural log"): "ln",
    ("09.3", "power first"): "overflow",
    ("09.3", "one layer"): "once",
    ("09.3", "growth"): "growth",
    ("09.3", "inverse"): "down",
    ("09.3", "D - 1"): "less",
    ("09.3", "a for a squared"): "notsquared",
    ("09.3", "gain of He"): "gain",
    ("09.3", "without the half"): "nottwo",
    ("09.3", "half of a squared"): "halfsquare",
    ("09.3", "D inside"): "lin",
    ("09.3", "rounded"): "decimals",
    ("09.3", "root of the sum, halved"): "halfoutside",
    ("09.3", "whole power"): "whole",
    ("09.3", "positive only"): "altered",
    ("09.4", "each array"): "each",
    ("09.4", "np.clip"): "value",
    ("09.4", "torch's 1e-6"): "eps",
    ("09.4", "always scaled"): "nan",
    ("09.4", "sum of norms"): "sumnorm",
    ("09.4", "no root"): "sq",
    ("09.4", "concatenate of nothing"): "empty",
    ("09.4", "total grows in the loop"): "growing",
    ("09.4", "one flat array"): "where",
    ("09.4", "to length 1"): "unit",
    ("09.4", "divided by c"): "by c",
    ("09.4", "inverse factor"): "inverse",
    ("09.4", "largest norm"): "longest",
    ("09.4", "norm of a matrix is spectral"): "spectral",
    ("09.4", "max(1, …)"): "max",
    ("09.4", "zeros where too long"): "thrown",
    ("09.4", "half"): "half",
    ("09.4", "tuple of arrays and length"): "ignored",
    ("09.5", "unscaled on"): "raw",
    ("09.5", "rms before relu"): "z",
    ("09.5", "std"): "std",
    ("09.5", "std before relu"): "zstd",
    ("09.5", "norm"): "length",
    ("09.5", "mean square"): "var",
    ("09.5", "mean"): "mean",
    ("09.5", "no relu"): "norelu",
    ("09.5", "with eps"): "eps",
    ("09.5", "eps under the root"): "epsinside",
    ("09.5", "inverse"): "rms",
    ("09.5", "He's numbers"): "he",
    ("09.5", "positive ones"): "live",
    ("09.5", "sum of squares per row"): "rowlength",
    ("09.5", "median"): "median",
    ("09.5", "of the weights"): "weights",
    ("09.5", "of the weights' fan"): "ignored",
    ("09.5", "root twice"): "rootgain",
    ("09.5", "relative to the input"): "first",
    ("09.5", "z goes on"): "zgoes",
    ("09.5", "ratio to what went in"): "first",
    ("09.5", "scaled twice"): "twice",
    ("09.5", "of the last layer"): "last",
    ("09.5", "the scaled matrices"): "matrices",
    ("09.6", "N is the number of rows"): "nrows",
    ("09.6", "layer norm's formula with x over r"): "meanterm",
    ("09.6", "batch axis"): "axis",
    ("09.6", "through r, no half"): "twice",
    ("09.6", "through r, no two"): "ahalf",
    ("09.6", "through r, no d"): "sum",
    ("09.6", "through r, one r too few"): "rawterm",
    ("09.6", "plus"): "plus",
    ("09.6", "one mean"): "overall",
    ("09.6", "dgamma of y"): "gammatimes",
    ("09.6", "dgamma mean"): "meangamma",
    ("09.6", "gamma last"): "lategamma",
    ("09.6", "r constant"): "frozen",
    ("09.6", "r constant, dgamma of x"): "frozen + rawx",
    ("09.6", "r constant, no gamma"): "frozennogamma",
    ("09.6", "no eps in the backward term"): "epslost",
    ("09.6", "layer norm"): "layernorm",
    ("09.6", "dX centred"): "centred",
    ("09.6", "eps once more"): "epsagain",
    ("09.6", "dgamma keeps an axis"): "shape",
    ("09.6", "dX is the output"): "forward",
    ("09.6", "dgamma by a product with X"): "rawx",
    ("09.7", "rows"): "otherwise",
    ("09.7", "biased"): "biased",
    ("09.7", "keras"): "flipbiased",
    ("09.7", "m on the old, unbiased"): "flip",
    ("09.7", "deviations"): "std",
    ("09.7", "plus m times"): "add",
    ("09.7", "batch only"): "replace",
    ("09.7", "one number"): "all",
    ("09.7", "around the running mean"): "around",
    ("09.7", "mean first, variance around it"): "aroundnew",
    ("09.7", "second moments"): "differencebiased",
    ("09.7", "swapped"): "swap",
    ("09.7", "(n - 1) / n"): "upside",
    ("09.7", "ddof for the whole"): "alsoold",
    ("09.7", "mixture with its spread"): "mixture",
    ("09.7", "m in the mean only"): "unmixed",
    ("09.7", "divided by d"): "bycolumns",
    ("09.7", "momentum 0.1"): "fixed m",
    ("09.7", "list of two in one array, keepdims"): "shape",
    ("09.8", "axis 1"): "rows",
    ("09.8", "strict"): "strict",
    ("09.8", "any"): "any",
    ("09.8", "only the axis"): "meanlimit",
    ("09.8", "only the limit"): "rowsmean",
    ("09.8", "smaller limit"): "meanlimit",
    ("09.8", "max below 1e-6"): "limit",
    ("09.8", "isclose"): "limit",
    ("09.8", "sum of Z"): "mean",
    ("09.8", "mean of Z"): "meanstrict",
    ("09.8", "not any"): "live",
    ("09.8", "whole layer"): "one answer",
    ("09.8", "floats"): "as numbers",
    ("09.8", "indices"): "numbers",
    ("09.8", "share"): "share",
    ("09.8", "share above 0.99"): "at least",
    ("09.8", "min"): "any",
    ("09.8", "half of the rows"): "at least",
    ("09.8", "Z is zero"): "zero",
    ("09.8", "on h without relu"): "zero",
    ("09.8", "keepdims"): "one row array",
    ("09.8", "count"): "count",
    ("09.8", "std"): "std",
    ("09.9", "as printed"): "printed",
    ("09.9", "mask fixed only"): "orderprinted",
    ("09.9", "alpha fixed only"): "maskskip",
    ("09.9", "order fixed only"): "maskskipprinted",
    ("09.9", "mask not fixed"): "maskskip",
    ("09.9", "alpha not fixed"): "noalphaW",
    ("09.9", "order not fixed"): "order",
    ("09.9", "no skip"): "noskip",
    ("09.9", "no mask"): "nomask",
    ("09.9", "W as it is"): "tr",
    ("09.9", "raw h"): "rawh",
    ("09.9", "alpha in the skip"): "alphaskip",
    ("09.9", "no alpha"): "noalpha",
    ("09.9", "mask before W"): "maskfirst",
    ("09.9", "post-activation form"): "postactivation",
    ("09.9", "dW of the masked G"): "maskdW",
    ("09.9", "alpha times G first"): "alphaG",
    ("09.9", "h >= 0"): "ones",
    ("09.9", "times h"): "relu",
    ("09.9", "identity added to W"): "maskskip",
    ("09.9", "mean over rows"): "averaged",
    ("09.9", "transposed dW"): "trW",
    ("09.9", "dW after the step"): "late",
    ("09.9", "outputs for inputs"): "outputs",
    ("09.9", "first block left out"): "one early",
    ("09.10", "A and C"): "htell",
    ("09.10", "fading is tanh"): "satur",
    ("09.10", "delta from the left"): "flip",
    ("09.10", "g = 1 is level"): "level",
    ("09.10", "turned"): "A relu 1.4 + B tanh 2 + C relu 1",
    ("09.10", "turned the other way"): "A relu 1 + B relu 1.4 + C tanh 2",
    ("09.10", "tanh explodes"): "A relu 1.4 + C relu 3 + D tanh 2",
    ("09.10", "all wrong"): "A relu 3 + B relu 1.4 + C relu 1 + D tanh 2",
    ("09.10", "C twice"): "A relu 1.4",
}
