"""Wrong answers to chapter 08, written from its text alone: 59 of 68 told at first sight."""

import math

import numpy as np

from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put

UNTOLD = {
    ("08.9", "divides by B - 1 in the correction"),
}


# 08.1: 0.13, -0.0243, -0.0806, 0.0469
ANSWERS["08.1"] = {
    "signs the other way: what is subtracted": (-0.13, 0.0243, 0.0806, -0.0469),
    "Adam without bias correction": (0.13, -0.0243, -0.0806, 0.1995),
    "change over both steps": (0.33, 0.0757, 0.2356, 0.1469),
    "momentum with 1 - beta before the gradient": (0.013, -0.0243, -0.0806, 0.0469),
    "all without sign": (0.13, 0.0243, 0.0806, 0.0469),
    "Adagrad forgets the first square": (0.13, -0.1, -0.0806, 0.0469),
    "rate forgotten in momentum": (1.3, -0.0243, -0.0806, 0.0469),
}


# 08.2
@put("08.2", "the limit 2/max in place of the best rate")
def _(lams):
    eta = 2 / lams.max()
    return eta, np.abs(1 - eta * lams).max()


@put("08.2", "factor with its sign: max of 1 - eta lam without the absolute value of the steepest")
def _(lams):
    eta = 2 / (lams.min() + lams.max())
    return eta, 1 - eta * lams.max()


@put("08.2", "first and last taken for smallest and largest")
def _(lams):
    eta = 2 / (lams[0] + lams[-1])
    return eta, np.max(np.abs(1 - eta * lams))


@put("08.2", "Newton's rate 1/max")
def _(lams):
    eta = 1 / max(lams)
    return eta, float(np.max(np.abs(1 - eta * lams)))


@put("08.2", "rate of the mean curvature")
def _(lams):
    eta = 1 / lams.mean()
    return eta, np.abs(1 - eta * lams).max()


@put("08.2", "factor with roots of kappa, that of momentum")
def _(lams):
    k = np.sqrt(lams.max() / lams.min())
    return 2 / (lams.max() + lams.min()), (k - 1) / (k + 1)


@put("08.2", "factor is the smallest of |1 - eta lam|")
def _(lams):
    eta = 2 / (lams.min() + lams.max())
    return eta, np.abs(1 - eta * lams).min()


# 08.3
@put("08.3", "rate inside the velocity, as in Sutskever's form")
def _(w, v, g, lr, beta, nesterov):
    v = beta * v - lr * g
    return (w + beta * v - lr * g if nesterov else w + v), v


@put("08.3", "gradient times 1 - beta, a running average")
def _(w, v, g, lr, beta, nesterov):
    v = beta * v + (1 - beta) * g
    return w - lr * (g + beta * v if nesterov else v), v


@put("08.3", "Nesterov with the old velocity, which is no Nesterov")
def _(w, v, g, lr, beta, nesterov):
    new = beta * v + g
    d = g + beta * v if nesterov else new
    return w - lr * d, new


@put("08.3", "returns Nesterov's direction as the velocity")
def _(w, v, g, lr, beta, nesterov):
    v = beta * v + g
    if nesterov:
        v = g + beta * v
    return w - lr * v, v


@put("08.3", "stale: the step is made by the velocity of before")
def _(w, v, g, lr, beta, nesterov):
    new_v = beta * v + g
    d = g + beta * new_v if nesterov else v
    return w - lr * d, new_v


@put("08.3", "changes v and w in place")
def _(w, v, g, lr, beta, nesterov):
    v *= beta
    v += g
    w -= lr * (g + beta * v if nesterov else v)
    return w, v


@put("08.3", "nesterov and plain exchanged")
def _(w, v, g, lr, beta, nesterov):
    v = beta * v + g
    step = v if nesterov else g + beta * v
    return w - lr * step, v


# 08.4
@put("08.4", "only eps mended: m and s are remembered corrected")
def _(w, m, s, t, g, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    m = m / (1 - b1**t)
    s = s / (1 - b2**t)
    w = w - lr * m / (np.sqrt(s) + eps)
    return w, m, s


@put("08.4", "only memory mended: eps still under the root")
def _(w, m, s, t, g, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    return w - lr * m / (1 - b1**t) / np.sqrt(s / (1 - b2**t) + eps), m, s


@put("08.4", "eps not corrected: TensorFlow's form with lr_t and eps beside the raw root")
def _(w, m, s, t, g, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g * g
    lr_t = lr * math.sqrt(1 - b2**t) / (1 - b1**t)
    return w - lr_t * m / (np.sqrt(s) + eps), m, s


@put("08.4", "t counted from 0: corrected with t + 1")
def _(w, m, s, t, g, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    mh, sh = m / (1 - b1 ** (t + 1)), s / (1 - b2 ** (t + 1))
    return w - lr * mh / (np.sqrt(sh) + eps), m, s


@put("08.4", "correction b·t in place of b to the power t")
def _(w, m, s, t, g, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    with np.errstate(all="ignore"):
        mh, sh = m / (1 - b1 * t), s / (1 - b2 * t)
        return w - lr * mh / (np.sqrt(sh) + eps), m, s


@put("08.4", "square of the average of gradients: s from m squared")
def _(w, m, s, t, g, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * m**2
    return w - lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps), m, s


@put("08.4", "m and s returned in the wrong order")
def _(w, m, s, t, g, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    return w - lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps), s, m


@put("08.4", "two at once: ascends, and s not corrected")
def _(w, m, s, t, g, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    return w + lr * (m / (1 - b1**t)) / (np.sqrt(s) + eps), m, s


# 08.5
def _adam(w, m, s, t, g, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    return lr * m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps), m, s


@put("08.5", "decay without the rate: w (1 - wd)")
def _(w, m, s, t, g, lr, b1, b2, eps, wd):
    d, m, s = _adam(w, m, s, t, g, lr, b1, b2, eps)
    return w - d - wd * w, m, s


@put("08.5", "decays the weight after the step, not the one before")
def _(w, m, s, t, g, lr, b1, b2, eps, wd):
    d, m, s = _adam(w, m, s, t, g, lr, b1, b2, eps)
    w = w - d
    return w - lr * wd * w, m, s


@put("08.5", "decay twice: in the gradient still, and beside it")
def _(w, m, s, t, g, lr, b1, b2, eps, wd):
    g = g + wd * w
    w = w * (1 - lr * wd)
    d, m, s = _adam(w, m, s, t, g, lr, b1, b2, eps)
    return w - d, m, s


@put("08.5", "decay within the brackets: divided by the root as well")
def _(w, m, s, t, g, lr, b1, b2, eps, wd):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    m_hat = m / (1 - b1**t)
    s_hat = s / (1 - b2**t)
    w = w - lr * (m_hat + wd * w) / (np.sqrt(s_hat) + eps)
    return w, m, s


@put("08.5", "decay with the wrong sign: weights grow")
def _(w, m, s, t, g, lr, b1, b2, eps, wd):
    d, m, s = _adam(w, m, s, t, g, lr, b1, b2, eps)
    return w - d + lr * wd * w, m, s


@put("08.5", "decay left out altogether")
def _(w, m, s, t, g, lr, b1, b2, eps, wd):
    d, m, s = _adam(w, m, s, t, g, lr, b1, b2, eps)
    return w - d, m, s


# 08.6
@put("08.6", "axes exchanged: rows averaged over rows")
def _(G, R, C, b):
    R = b * R + (1 - b) * (G**2).mean(axis=0)
    C = b * C + (1 - b) * (G**2).mean(axis=1)
    return R, C, np.outer(R, C) / R.mean()


@put("08.6", "sums in place of means")
def _(G, R, C, b):
    R = b * R + (1 - b) * (G**2).sum(axis=1)
    C = b * C + (1 - b) * (G**2).sum(axis=0)
    return R, C, np.outer(R, C) / R.mean()


@put("08.6", "V from the old R and C: stale")
def _(G, R, C, b):
    S = G**2
    V = np.outer(R, C) / max(R.mean(), 1e-300)
    return b * R + (1 - b) * S.mean(axis=1), b * C + (1 - b) * S.mean(axis=0), V


@put("08.6", "divided by the sum of R, not its mean")
def _(G, R, C, b):
    R = b * R + (1 - b) * (G**2).mean(axis=1)
    C = b * C + (1 - b) * (G**2).mean(axis=0)
    return R, C, R[:, None] * C[None, :] / R.sum()


@put("08.6", "squares of the means in place of means of the squares")
def _(G, R, C, b):
    R = b * R + (1 - b) * G.mean(axis=1) ** 2
    C = b * C + (1 - b) * G.mean(axis=0) ** 2
    with np.errstate(all="ignore"):
        return R, C, np.outer(R, C) / R.mean()


@put("08.6", "new mean added whole: 1 - b forgotten")
def _(G, R, C, b):
    R = b * R + (G**2).mean(axis=1)
    C = b * C + (G**2).mean(axis=0)
    return R, C, np.outer(R, C) / R.mean()


@put("08.6", "b and 1 - b exchanged")
def _(G, R, C, b):
    R = (1 - b) * R + b * (G**2).mean(axis=1)
    C = (1 - b) * C + b * (G**2).mean(axis=0)
    with np.errstate(all="ignore"):
        return R, C, np.outer(R, C) / R.mean()


@put("08.6", "R of each entry divided by the mean of R, C forgotten in V")
def _(G, R, C, b):
    R = b * R + (1 - b) * (G**2).mean(axis=1)
    C = b * C + (1 - b) * (G**2).mean(axis=0)
    return R, C, np.repeat(R[:, None], len(C), axis=1)


# 08.7
@put("08.7", "plain mean over the parts")
def _(means, sizes):
    return means.mean(axis=0)


@put("08.7", "weighted sum, not divided by the number of samples")
def _(means, sizes):
    return sizes @ means


@put("08.7", "weighted by sizes, divided by the number of parts")
def _(means, sizes):
    return (sizes[:, None] * means).sum(axis=0) / len(means)


@put("08.7", "integer division makes every weight 0 (or 1 for a single part)")
def _(means, sizes):
    shares = sizes // sizes.sum()
    return shares @ means


@put("08.7", "divides by the sizes in place of weighting by them")
def _(means, sizes):
    return (means / sizes[:, None]).sum(axis=0) / (1 / sizes).sum()


@put("08.7", "all parts but the last counted as full, the last by its share, over len(means)")
def _(means, sizes):
    total = np.zeros(means.shape[1])
    for mean, n in zip(means, sizes, strict=True):
        total += mean * n / sizes[0]
    return total / len(means)


@put("08.7", "a running mean of the means: last ones weigh more")
def _(means, sizes):
    total = means[0]
    for mean in means[1:]:
        total = (total + mean) / 2
    return total


# 08.8
@put("08.8", "cosine over k / total: warm-up not taken off")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    if k >= total:
        return floor
    return floor + (peak - floor) * (1 + np.cos(np.pi * k / total)) / 2


@put("08.8", "after total the cosine goes on and the rate rises again")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    x = (k - warm) / (total - warm)
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * x))


@put("08.8", "floor added on top: peak + floor at the start")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    x = min(1, (k - warm) / (total - warm))
    return floor + peak * 0.5 * (1 + math.cos(math.pi * x))


@put("08.8", "floor as a limit below: max of floor and a cosine to 0")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    x = min(1, (k - warm) / (total - warm))
    return max(floor, peak * 0.5 * (1 + math.cos(math.pi * x)))


@put("08.8", "warm-up begins at peak/warm: step k + 1")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * (k + 1) / warm
    x = min(1, (k - warm) / (total - warm))
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * x))


@put("08.8", "warm-up rises from the floor")
def _(k, peak, warm, total, floor):
    if k < warm:
        return floor + (peak - floor) * k / warm
    x = min(1, (k - warm) / (total - warm))
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * x))


@put("08.8", "k <= warm divides by warm = 0")
def _(k, peak, warm, total, floor):
    if k <= warm:
        return peak * k / warm
    x = min(1, (k - warm) / (total - warm))
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * x))


@put("08.8", "falls in a straight line, no cosine")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    x = min(1, (k - warm) / (total - warm))
    return peak - (peak - floor) * x


# 08.9
@put("08.9", "n - B over n in place of n - 1")
def _(sigma, n, B):
    return sigma / math.sqrt(B), sigma / math.sqrt(B) * math.sqrt(1 - B / n)


@put("08.9", "root of the correction forgotten")
def _(sigma, n, B):
    a = sigma / B**0.5
    return a, a * (n - B) / (n - 1)


@put("08.9", "variances in place of their roots")
def _(sigma, n, B):
    return sigma**2 / B, sigma**2 / B * (n - B) / (n - 1)


@put("08.9", "sigma / B in place of sigma / root B")
def _(sigma, n, B):
    return sigma / B, sigma / B * math.sqrt((n - B) / (n - 1))


@put("08.9", "with and without exchanged")
def _(sigma, n, B):
    a = sigma / math.sqrt(B)
    return a * math.sqrt((n - B) / (n - 1)), a


@put("08.9", "sigma taken as that with n - 1 in the denominator")
def _(sigma, n, B):
    return sigma * math.sqrt((n - 1) / n / B), sigma * math.sqrt((1 - B / n) / B)


@put("08.9", "divides by B - 1 in the correction")
def _(sigma, n, B):
    a = sigma / math.sqrt(B)
    return a, a * math.sqrt((n - B) / max(B - 1, 1)) if B < n else 0.0


# 08.10: memory, momentum, beyond, plain
ANSWERS["08.10"] = {
    "A and B exchanged: the swinging one is taken for momentum": (
        "momentum", "memory", "beyond", "plain",
    ),
    "B's first rise taken for a rate beyond the limit": ("memory", "beyond", "momentum", "plain"),
    "plain and momentum exchanged": ("memory", "plain", "beyond", "momentum"),
}  # fmt: skip
