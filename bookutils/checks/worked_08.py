"""Right programs of chapter 08, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong numbers come from.
"""

import numpy as np


def second_changes(g1=-2.0, g2=0.5, lr=0.1, beta=0.9, alpha=0.9, b1=0.9, b2=0.999):
    v1 = g1
    v2 = beta * v1 + g2
    momentum = -lr * v2
    squares = g1**2 + g2**2
    adagrad = -lr * g2 / np.sqrt(squares)
    s1 = (1 - alpha) * g1**2
    s2 = alpha * s1 + (1 - alpha) * g2**2
    rmsprop = -lr * g2 / np.sqrt(s2)
    m1 = (1 - b1) * g1
    m2 = b1 * m1 + (1 - b1) * g2
    r1 = (1 - b2) * g1**2
    r2 = b2 * r1 + (1 - b2) * g2**2
    m_hat = m2 / (1 - b1**2)
    r_hat = r2 / (1 - b2**2)
    adam = -lr * m_hat / np.sqrt(r_hat)
    return momentum, adagrad, rmsprop, adam


def best_rate(lams):
    low = np.min(lams)
    high = np.max(lams)
    eta = 2 / (low + high)
    factor = np.max(np.abs(1 - eta * lams))
    return eta, factor


def momentum(w, v, g, lr, beta, nesterov):
    v = beta * v + g
    step = g + beta * v if nesterov else v
    w = w - lr * step
    return w, v


def adam(w, m, s, t, g, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    m_hat = m / (1 - b1**t)
    s_hat = s / (1 - b2**t)
    w = w - lr * m_hat / (np.sqrt(s_hat) + eps)
    return w, m, s


def adamw(w, m, s, t, g, lr, b1, b2, eps, wd):
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    m_hat = m / (1 - b1**t)
    s_hat = s / (1 - b2**t)
    decay = lr * wd * w
    w = w - lr * m_hat / (np.sqrt(s_hat) + eps) - decay
    return w, m, s


def factored(G, R, C, b):
    rows = np.mean(G**2, axis=1)
    columns = np.mean(G**2, axis=0)
    R = b * R + (1 - b) * rows
    C = b * C + (1 - b) * columns
    V = np.outer(R, C) / np.mean(R)
    return R, C, V


def accumulate(means, sizes):
    total = np.sum(means * sizes[:, None], axis=0)
    return total / np.sum(sizes)


def rate(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    if k >= total:
        return floor
    q = (k - warm) / (total - warm)
    cosine = np.cos(np.pi * q)
    return floor + (peak - floor) * (1 + cosine) / 2


def noise(sigma, n, B):
    independent = sigma / np.sqrt(B)
    factor = np.sqrt((n - B) / (n - 1))
    return independent, independent * factor
