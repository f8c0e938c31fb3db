"""Right programs of chapter 10, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong numbers come from.
"""

import math

import numpy as np

TABLE = np.array([[35.0, 8, 3], [1, 14, 2], [8, 4, 5]])


def scores(table=TABLE):
    hits = np.diag(table)
    said = np.sum(table, axis=0)
    true = np.sum(table, axis=1)
    P = hits / said
    R = hits / true
    F = 2 * P * R / (P + R)
    return np.sum(hits) / np.sum(table), P[1], R[1], np.mean(F)


def twice(k):
    right = np.e / (np.e + k - 1)
    wrong = 1 / (np.e + k - 1)
    return np.log(k), -np.log(right), -np.log(wrong)


def prepare(train, val):
    constant = np.nanmax(train, axis=0) == np.nanmin(train, axis=0)
    fill = np.nanmean(train, axis=0)
    train = np.where(np.isnan(train), fill, train)
    val = np.where(np.isnan(val), fill, val)
    mean = np.mean(train, axis=0)
    deviation = np.std(train, axis=0)
    scale = np.where(constant, 1.0, deviation)
    return (train - mean) / scale, (val - mean) / scale


def least_cost(scores, labels, miss, alarm):
    thresholds = np.append(scores, np.inf)
    ones = labels == 1
    costs = []
    for k in range(len(thresholds)):
        said = scores >= thresholds[k]
        misses = np.sum(ones & ~said)
        alarms = np.sum(~ones & said)
        costs = [*costs, miss * misses + alarm * alarms]
    return float(np.min(costs))


def luck(n, p, N):
    chances = np.array([math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(n + 1)])
    F = np.cumsum(chances)
    best = F**N
    below = np.append(0.0, best[:-1])
    return np.sum(np.arange(n + 1) / n * (best - below))


def report(losses, sizes, every):
    lines = []
    total = 0.0
    rows = 0
    for i in range(len(losses)):
        step = i + 1
        total += losses[i] * sizes[i]
        rows += sizes[i]
        if step % every == 0 or step == len(losses):
            lines = [*lines, (step, total / rows)]
    return lines


def step(X, T, Ws, lr):
    hs = [X]
    for k in range(len(Ws) - 1):
        hs = [*hs, np.tanh(hs[k] @ Ws[k])]
    y = hs[-1] @ Ws[-1]
    delta = (y - T) / len(X)
    new = []
    for k in range(len(Ws) - 1, -1, -1):
        grad = hs[k].T @ delta
        new = [Ws[k] - lr * grad, *new]
        dh = delta @ Ws[k].T
        delta = dh * (1 - hs[k] ** 2)
    return new


def resume(saved, grads, lr, warm):
    w, m, v, t = saved["w"], saved["m"], saved["v"], saved["t"]
    for k in range(len(grads)):
        g = grads[k]
        t = t + 1
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        m_hat = m / (1 - 0.9**t)
        v_hat = v / (1 - 0.999**t)
        rate = lr * min(1, t / warm)
        w = w - rate * m_hat / (np.sqrt(v_hat) + 1e-8)
    return {"w": w, "m": m, "v": v, "t": t}
