"""Wrong answers to five exercises, not seen before: 45 of 50 were told at first sight."""

import numpy as np

from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put

# ---- 07.6


@put("07.6", "counts from 0")
def _(val, patience):
    best, waited = 0, 0
    for i, v in enumerate(val):
        if v < val[best] or i == 0:
            best, waited = i, 0
        else:
            waited += 1
        if waited == patience:
            return i, best
    return len(val) - 1, best


@put("07.6", "equal is a new best")
def _(val, patience):
    best, where, waited = np.inf, 0, 0
    for i, v in enumerate(val, 1):
        if v <= best:
            best, where, waited = v, i, 0
        else:
            waited += 1
        if waited >= patience:
            return i, where
    return len(val), where


@put("07.6", "waits one more")
def _(val, patience):
    best, where, waited = np.inf, 0, 0
    for i, v in enumerate(val, 1):
        if v < best:
            best, where, waited = v, i, 0
        else:
            waited += 1
        if waited > patience:
            return i, where
    return len(val), where


@put("07.6", "best of all")
def _(val, patience):
    best, where, waited = np.inf, 0, 0
    for i, v in enumerate(val, 1):
        if v < best:
            best, where, waited = v, i, 0
        else:
            waited += 1
        if waited >= patience:
            return i, int(np.argmin(val)) + 1
    return len(val), where


@put("07.6", "compared with the loss before")
def _(val, patience):
    where, waited = 1, 0
    for i in range(1, len(val)):
        if val[i] < val[i - 1]:
            where, waited = i + 1, 0
        else:
            waited += 1
        if waited >= patience:
            return i + 1, where
    return len(val), where


@put("07.6", "patience never set back")
def _(val, patience):
    best, where, waited = np.inf, 0, 0
    for i, v in enumerate(val, 1):
        if v < best:
            best, where = v, i
        else:
            waited += 1
        if waited >= patience:
            return i, where
    return len(val), where


@put("07.6", "best starts at 0")
def _(val, patience):
    best, where, waited = 0.0, 0, 0
    for i, v in enumerate(val, 1):
        if v < best:
            best, where, waited = v, i, 0
        else:
            waited += 1
        if waited >= patience:
            return i, where
    return len(val), where


@put("07.6", "returns the loss for the epoch")
def _(val, patience):
    best, waited = np.inf, 0
    for i, v in enumerate(val, 1):
        if v < best:
            best, waited = v, 0
        else:
            waited += 1
        if waited >= patience:
            return i, float(best)
    return len(val), float(best)


@put("07.6", "stops at the epoch of the best")
def _(val, patience):
    best, where, waited = np.inf, 0, 0
    for i, v in enumerate(val, 1):
        if v < best:
            best, where, waited = v, i, 0
        else:
            waited += 1
        if waited >= patience:
            break
    return where, where


@put("07.6", "no end of its own")
def _(val, patience):
    best, where, waited = np.inf, 0, 0
    for i, v in enumerate(val, 1):
        if v < best:
            best, where, waited = v, i, 0
        else:
            waited += 1
        if waited >= patience:
            return i, where


# ---- 08.6


def margins(G, R, C, b):
    return b * R + (1 - b) * np.mean(G**2, axis=1), b * C + (1 - b) * np.mean(G**2, axis=0)


@put("08.6", "axes exchanged")
def _(G, R, C, b):
    R = b * R + (1 - b) * np.mean(G**2, axis=0)
    C = b * C + (1 - b) * np.mean(G**2, axis=1)
    return R, C, np.outer(R, C) / R.mean()


@put("08.6", "gradients not squared")
def _(G, R, C, b):
    R = b * R + (1 - b) * np.mean(G, axis=1)
    C = b * C + (1 - b) * np.mean(G, axis=0)
    return R, C, np.outer(R, C) / R.mean()


@put("08.6", "sums, not means")
def _(G, R, C, b):
    R = b * R + (1 - b) * np.sum(G**2, axis=1)
    C = b * C + (1 - b) * np.sum(G**2, axis=0)
    return R, C, np.outer(R, C) / R.mean()


@put("08.6", "V not divided")
def _(G, R, C, b):
    R, C = margins(G, R, C, b)
    return R, C, np.outer(R, C)


@put("08.6", "divided by the sum")
def _(G, R, C, b):
    R, C = margins(G, R, C, b)
    return R, C, np.outer(R, C) / R.sum()


@put("08.6", "divided by R row by row")
def _(G, R, C, b):
    R, C = margins(G, R, C, b)
    return R, C, np.outer(R, C) / R[:, None]


@put("08.6", "weights exchanged")
def _(G, R, C, b):
    R, C = margins(G, R, C, 1 - b) if b else (R, C)
    return R, C, np.outer(R, C) / R.mean() if R.mean() else np.zeros(G.shape)


@put("08.6", "mean of the old R")
def _(G, R, C, b):
    new_R, new_C = margins(G, R, C, b)
    return new_R, new_C, np.outer(new_R, new_C) / (R.mean() or 1.0)


@put("08.6", "outer the other way")
def _(G, R, C, b):
    R, C = margins(G, R, C, b)
    return R, C, np.outer(C, R) / R.mean()


@put("08.6", "root of V")
def _(G, R, C, b):
    R, C = margins(G, R, C, b)
    return R, C, np.sqrt(np.outer(R, C) / R.mean())


# ---- 09.4


def length_of(grads):
    return np.sqrt(sum(np.sum(g**2) for g in grads))


@put("09.4", "each array by itself")
def _(grads, max_norm):
    return [g * min(1.0, max_norm / (np.linalg.norm(g) or 1.0)) for g in grads]


@put("09.4", "entries clipped")
def _(grads, max_norm):
    return [np.clip(g, -max_norm, max_norm) for g in grads]


@put("09.4", "always scaled")
def _(grads, max_norm):
    N = length_of(grads) or 1.0
    return [g * max_norm / N for g in grads]


@put("09.4", "sum of the lengths")
def _(grads, max_norm):
    N = sum(np.linalg.norm(g) for g in grads)
    return [g * max_norm / N if max_norm < N else g.copy() for g in grads]


@put("09.4", "no root")
def _(grads, max_norm):
    N = sum(np.sum(g**2) for g in grads)
    return [g * max_norm / N if max_norm < N else g.copy() for g in grads]


@put("09.4", "a little added, as torch does")
def _(grads, max_norm):
    factor = min(1.0, max_norm / (length_of(grads) + 1e-6))
    return [g * factor for g in grads]


@put("09.4", "the largest number for the length")
def _(grads, max_norm):
    N = max((np.max(np.abs(g)) for g in grads), default=0.0)
    return [g * max_norm / N if max_norm < N else g.copy() for g in grads]


@put("09.4", "divided by the length only")
def _(grads, max_norm):
    N = length_of(grads)
    return [g / N if max_norm < N else g.copy() for g in grads]


@put("09.4", "in place")
def _(grads, max_norm):
    N = length_of(grads)
    if max_norm < N:
        for g in grads:
            g *= max_norm / N
    return list(grads)


@put("09.4", "the other way about")
def _(grads, max_norm):
    N = length_of(grads)
    return [g * max_norm / N if max_norm > N > 0 else g.copy() for g in grads]


# ---- 10.6


def costs_at(scores, labels, miss, alarm, thresholds, said=np.greater_equal):
    return [
        miss * np.sum((labels == 1) & ~said(scores, T))
        + alarm * np.sum((labels == 0) & said(scores, T))
        for T in thresholds
    ]


@put("10.6", "only thresholds among the scores")
def _(scores, labels, miss, alarm):
    return float(min(costs_at(scores, labels, miss, alarm, scores)))


@put("10.6", "strictly above")
def _(scores, labels, miss, alarm):
    return float(min(costs_at(scores, labels, miss, alarm, scores, np.greater)))


@put("10.6", "threshold one half")
def _(scores, labels, miss, alarm):
    return float(costs_at(scores, labels, miss, alarm, [0.5])[0])


@put("10.6", "prices exchanged")
def _(scores, labels, miss, alarm):
    return float(min(costs_at(scores, labels, alarm, miss, [*scores, np.inf])))


@put("10.6", "the threshold, not the cost")
def _(scores, labels, miss, alarm):
    thresholds = [*scores, np.inf]
    return float(thresholds[int(np.argmin(costs_at(scores, labels, miss, alarm, thresholds)))])


@put("10.6", "mean cost")
def _(scores, labels, miss, alarm):
    return float(min(costs_at(scores, labels, miss, alarm, [*scores, np.inf])) / len(scores))


@put("10.6", "grid from 0 to 1")
def _(scores, labels, miss, alarm):
    return float(min(costs_at(scores, labels, miss, alarm, np.linspace(0, 1, 101))))


@put("10.6", "fewest mistakes, then their cost")
def _(scores, labels, miss, alarm):
    thresholds = [*scores, np.inf]
    best = int(np.argmin(costs_at(scores, labels, 1, 1, thresholds)))
    return float(costs_at(scores, labels, miss, alarm, thresholds)[best])


@put("10.6", "one row at a time, equal scores apart")
def _(scores, labels, miss, alarm):
    order = np.argsort(-scores)
    cost = best = miss * np.sum(labels == 1)
    for k in order:
        cost = cost - miss if labels[k] == 1 else cost + alarm
        best = min(best, cost)
    return float(best)


@put("10.6", "highest cost")
def _(scores, labels, miss, alarm):
    return float(max(costs_at(scores, labels, miss, alarm, [*scores, np.inf])))


# ---- 10.9


def forward(X, Ws):
    hs = [X]
    for W in Ws[:-1]:
        hs.append(np.tanh(hs[-1] @ W))
    return hs


@put("10.9", "moved weights still used")
def _(X, T, Ws, lr):
    Ws, hs = list(Ws), forward(X, Ws)
    delta = (hs[-1] @ Ws[-1] - T) / len(X)
    for k in reversed(range(len(Ws))):
        Ws[k] = Ws[k] - lr * hs[k].T @ delta
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
    return Ws


@put("10.9", "tanh at the output too")
def _(X, T, Ws, lr):
    hs, new = forward(X, Ws), []
    y = np.tanh(hs[-1] @ Ws[-1])
    delta = (y - T) / len(X) * (1 - y**2)
    for k in reversed(range(len(Ws))):
        new.insert(0, Ws[k] - lr * hs[k].T @ delta)
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
    return new


@put("10.9", "not divided by n")
def _(X, T, Ws, lr):
    hs, new = forward(X, Ws), []
    delta = hs[-1] @ Ws[-1] - T
    for k in reversed(range(len(Ws))):
        new.insert(0, Ws[k] - lr * hs[k].T @ delta)
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
    return new


@put("10.9", "factor two")
def _(X, T, Ws, lr):
    hs, new = forward(X, Ws), []
    delta = 2 * (hs[-1] @ Ws[-1] - T) / len(X)
    for k in reversed(range(len(Ws))):
        new.insert(0, Ws[k] - lr * hs[k].T @ delta)
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
    return new


@put("10.9", "slope forgotten")
def _(X, T, Ws, lr):
    hs, new = forward(X, Ws), []
    delta = (hs[-1] @ Ws[-1] - T) / len(X)
    for k in reversed(range(len(Ws))):
        new.insert(0, Ws[k] - lr * hs[k].T @ delta)
        delta = delta @ Ws[k].T
    return new


@put("10.9", "slope of the layer above")
def _(X, T, Ws, lr):
    hs, new = forward(X, Ws), []
    delta = (hs[-1] @ Ws[-1] - T) / len(X)
    for k in reversed(range(len(Ws))):
        new.insert(0, Ws[k] - lr * hs[k].T @ delta)
        if k:
            delta = (delta @ Ws[k].T) * (1 - np.tanh(hs[k]) ** 2)
    return new


@put("10.9", "in the order of the walk")
def _(X, T, Ws, lr):
    hs, new = forward(X, Ws), []
    delta = (hs[-1] @ Ws[-1] - T) / len(X)
    for k in reversed(range(len(Ws))):
        new.append(Ws[k] - lr * hs[k].T @ delta)
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
    return new


@put("10.9", "uphill")
def _(X, T, Ws, lr):
    hs, new = forward(X, Ws), []
    delta = (T - hs[-1] @ Ws[-1]) / len(X)
    for k in reversed(range(len(Ws))):
        new.insert(0, Ws[k] - lr * hs[k].T @ delta)
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
    return new


@put("10.9", "only the last layer")
def _(X, T, Ws, lr):
    hs = forward(X, Ws)
    delta = (hs[-1] @ Ws[-1] - T) / len(X)
    return [*(W.copy() for W in Ws[:-1]), Ws[-1] - lr * hs[-1].T @ delta]


@put("10.9", "gradients returned")
def _(X, T, Ws, lr):
    hs, new = forward(X, Ws), []
    delta = (hs[-1] @ Ws[-1] - T) / len(X)
    for k in reversed(range(len(Ws))):
        new.insert(0, hs[k].T @ delta)
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
    return new


UNTOLD = set()
