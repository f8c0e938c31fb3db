"""Wrong answers to ten exercises, not seen before: 104 of 120 were told at first sight.

Seven of these were told a cause that was not theirs.
"""

import numpy as np

from learners.lot import Lot, relu

ANSWERS = Lot()
put = ANSWERS.put

# ---- 02.5


@put("02.5", "recursion that assigns")
def _(edges, order, root):
    G = {node: 0.0 for node in order}

    def visit(node, g):
        G[node] = g
        for parent, slope in edges[node]:
            visit(parent, g * slope)

    visit(root, 1.0)
    return G


@put("02.5", "starts at the last of the order")
def _(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[order[-1]] = 1.0
    for node in order[::-1]:
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


@put("02.5", "only what the root needs in the dict")
def _(edges, order, root):
    G = {root: 1.0}
    for node in reversed(order):
        if node in G:
            for parent, slope in edges[node]:
                G[parent] = G.get(parent, 0.0) + slope * G[node]
    return G


@put("02.5", "in the order itself")
def _(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in order:
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


@put("02.5", "dict of the arrows")
def _(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        for parent, slope in dict(edges[node]).items():
            G[parent] += slope * G[node]
    return G


@put("02.5", "all nodes begin with 1")
def _(edges, order, root):
    G = dict.fromkeys(order, 1.0)
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


@put("02.5", "the gradient of the parent taken")
def _(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope * G[parent]
    return G


@put("02.5", "slopes added up")
def _(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope + G[node]
    return G


@put("02.5", "stops where a gradient is 0")
def _(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        if G[node] == 0:
            break
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


@put("02.5", "arrows read as child to parents the other way")
def _(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in order:
        for parent, slope in edges[node]:
            G[node] += slope * G[parent]
    return G


@put("02.5", "a parent counts once a node")
def _(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        seen = set()
        for parent, slope in edges[node]:
            if parent not in seen:
                seen.add(parent)
                G[parent] += slope * G[node]
    return G


@put("02.5", "root set after the walk")
def _(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    G[root] = 1.0
    return G


# ---- 04.8


@put("04.8", "G at every place")
def _(G, X):
    return np.broadcast_to(G[:, None], X.shape).copy()


@put("04.8", "columns for rows")
def _(G, X):
    dX = np.zeros_like(X)
    rows = np.arange(len(X))
    dX[X.argmax(axis=1), rows % X.shape[1]] += G
    dX[X.argmin(axis=1), rows % X.shape[1]] -= G
    return dX


@put("04.8", "only the largest")
def _(G, X):
    return G[:, None] * (X == X.max(axis=1, keepdims=True))


@put("04.8", "both with plus")
def _(G, X):
    largest = X == X.max(axis=1, keepdims=True)
    smallest = X == X.min(axis=1, keepdims=True)
    return G[:, None] * (1.0 * largest + 1.0 * smallest)


@put("04.8", "masks subtracted as booleans")
def _(G, X):
    return G[:, None] * ((X == X.max(axis=1, keepdims=True)) - (X == X.min(axis=1, keepdims=True)))


@put("04.8", "largest of the whole array")
def _(G, X):
    return G[:, None] * (1.0 * (X == X.max()) - 1.0 * (X == X.min()))


@put("04.8", "no new axis for G")
def _(G, X):
    largest = 1.0 * (X == X.max(axis=1, keepdims=True))
    smallest = 1.0 * (X == X.min(axis=1, keepdims=True))
    return G * (largest - smallest)


@put("04.8", "no keepdims at the maximum")
def _(G, X):
    return G[:, None] * (1.0 * (X == X.max(axis=1)) - 1.0 * (X == X.min(axis=1)))


@put("04.8", "written, not added, in a row of one number")
def _(G, X):
    dX = np.zeros_like(X)
    rows = np.arange(len(X))
    dX[rows, X.argmax(axis=1)] = G
    dX[rows, X.argmin(axis=1)] = -G
    return dX


@put("04.8", "the range times G")
def _(G, X):
    return G[:, None] * (X.max(axis=1) - X.min(axis=1))[:, None] * np.ones_like(X)


@put("04.8", "isclose for equal")
def _(G, X):
    largest = np.isclose(X, X.max(axis=1, keepdims=True))
    smallest = np.isclose(X, X.min(axis=1, keepdims=True))
    return G[:, None] * (1.0 * largest - 1.0 * smallest)


@put("04.8", "last and first of the row")
def _(G, X):
    dX = np.zeros_like(X)
    dX[:, -1] += G
    dX[:, 0] -= G
    return dX


# ---- 05.3


def count(d_in, d_out, hidden, w):
    return d_in * w + w + (hidden - 1) * (w * w + w) + w * d_out + d_out


def search(budget, counted):
    w = 1
    while counted(w + 1) <= budget:
        w += 1
    return w


@put("05.3", "no biases")
def _(d_in, d_out, hidden, budget):
    return search(budget, lambda w: d_in * w + (hidden - 1) * w * w + w * d_out)


@put("05.3", "hidden matrices, one too many")
def _(d_in, d_out, hidden, budget):
    return search(budget, lambda w: d_in * w + w + hidden * (w * w + w) + w * d_out + d_out)


@put("05.3", "one bias a layer")
def _(d_in, d_out, hidden, budget):
    return search(budget, lambda w: d_in * w + 1 + (hidden - 1) * (w * w + 1) + w * d_out + 1)


@put("05.3", "the output's biases forgotten")
def _(d_in, d_out, hidden, budget):
    return search(budget, lambda w: d_in * w + w + (hidden - 1) * (w * w + w) + w * d_out)


@put("05.3", "below, not at most")
def _(d_in, d_out, hidden, budget):
    w = 1
    while count(d_in, d_out, hidden, w + 1) < budget:
        w += 1
    return w


@put("05.3", "the first that is too wide")
def _(d_in, d_out, hidden, budget):
    w = 1
    while count(d_in, d_out, hidden, w) <= budget:
        w += 1
    return w


@put("05.3", "the input's biases added")
def _(d_in, d_out, hidden, budget):
    return search(budget, lambda w: d_in + count(d_in, d_out, hidden, w))


@put("05.3", "only one hidden layer")
def _(d_in, d_out, hidden, budget):
    return search(budget, lambda w: d_in * w + w + w * d_out + d_out)


@put("05.3", "the root of the budget")
def _(d_in, d_out, hidden, budget):
    return max(1, int((budget / hidden) ** 0.5))


@put("05.3", "quadratic formula, rounded")
def _(d_in, d_out, hidden, budget):
    a, b, c = hidden - 1, d_in + hidden + d_out, d_out - budget
    if a == 0:
        return round(-c / b)
    return max(1, round((-b + (b * b - 4 * a * c) ** 0.5) / (2 * a)))


@put("05.3", "parameters, not the width")
def _(d_in, d_out, hidden, budget):
    w = search(budget, lambda w: count(d_in, d_out, hidden, w))
    return count(d_in, d_out, hidden, w)


@put("05.3", "sum of widths for their product")
def _(d_in, d_out, hidden, budget):
    return search(budget, lambda w: (d_in + w) + w + (hidden - 1) * (w + w + w) + (w + d_out))


# ---- 06.10


def union_and_all(a, b):
    w = max(min(a[2], b[2]) - max(a[0], b[0]), 0)
    h = max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    overlap = w * h
    area = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    rho2 = ((a[0] + a[2] - b[0] - b[2]) / 2) ** 2 + ((a[1] + a[3] - b[1] - b[3]) / 2) ** 2
    c2 = (max(a[2], b[2]) - min(a[0], b[0])) ** 2 + (max(a[3], b[3]) - min(a[1], b[1])) ** 2
    return overlap, area - overlap, rho2, c2


@put("06.10", "distance not squared")
def _(a, b):
    overlap, union, rho2, c2 = union_and_all(a, b)
    return overlap / union - (rho2**0.5) / (c2**0.5)


@put("06.10", "overlap counted twice in the union")
def _(a, b):
    overlap, union, rho2, c2 = union_and_all(a, b)
    return overlap / (union + overlap) - rho2 / c2


@put("06.10", "negative overlap not cut off")
def _(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    _, _, rho2, c2 = union_and_all(a, b)
    area = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return w * h / (area - w * h) - rho2 / c2


@put("06.10", "centres without the half")
def _(a, b):
    overlap, union, rho2, c2 = union_and_all(a, b)
    return overlap / union - 4 * rho2 / c2


@put("06.10", "centre of width and height")
def _(a, b):
    overlap, union, _, c2 = union_and_all(a, b)
    ca = np.array([(a[2] - a[0]) / 2, (a[3] - a[1]) / 2])
    cb = np.array([(b[2] - b[0]) / 2, (b[3] - b[1]) / 2])
    return overlap / union - np.sum((ca - cb) ** 2) / c2


@put("06.10", "plus the distance")
def _(a, b):
    overlap, union, rho2, c2 = union_and_all(a, b)
    return overlap / union + rho2 / c2


@put("06.10", "the box of the overlap for the box round both")
def _(a, b):
    overlap, union, rho2, _ = union_and_all(a, b)
    c2 = (min(a[2], b[2]) - max(a[0], b[0])) ** 2 + (min(a[3], b[3]) - max(a[1], b[1])) ** 2
    return overlap / union - rho2 / c2


@put("06.10", "read as x, y, width, height")
def _(a, b):
    a = np.array([a[0], a[1], a[0] + a[2], a[1] + a[3]])
    b = np.array([b[0], b[1], b[0] + b[2], b[1] + b[3]])
    overlap, union, rho2, c2 = union_and_all(a, b)
    return overlap / union - rho2 / c2


@put("06.10", "area of the box round both for its diagonal")
def _(a, b):
    overlap, union, rho2, _ = union_and_all(a, b)
    c = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return overlap / union - rho2 / c


@put("06.10", "the loss, one minus it")
def _(a, b):
    overlap, union, rho2, c2 = union_and_all(a, b)
    return 1 - (overlap / union - rho2 / c2)


@put("06.10", "plain IoU where the boxes overlap")
def _(a, b):
    overlap, union, rho2, c2 = union_and_all(a, b)
    return overlap / union if overlap > 0 else -rho2 / c2


@put("06.10", "GIoU")
def _(a, b):
    overlap, union, _, _ = union_and_all(a, b)
    hull = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    return overlap / union - (hull - union) / hull


# ---- 07.2


def solved(X, t, lam):
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ t)


@put("07.2", "the bias penalised too")
def _(X, t, lam):
    Z = np.column_stack([X, np.ones(len(X))])
    w = solved(Z, t, lam)
    return w[:-1], float(w[-1])


@put("07.2", "no centring, bias from the means")
def _(X, t, lam):
    w = solved(X, t, lam)
    return w, float(np.mean(t) - X.mean(axis=0) @ w)


@put("07.2", "no centring, bias 0")
def _(X, t, lam):
    return solved(X, t, lam), 0.0


@put("07.2", "bias is the mean of t")
def _(X, t, lam):
    return solved(X - X.mean(axis=0), t - t.mean(), lam), float(t.mean())


@put("07.2", "lam times n")
def _(X, t, lam):
    m = X.mean(axis=0)
    w = solved(X - m, t - t.mean(), lam * len(X))
    return w, float(t.mean() - m @ w)


@put("07.2", "half of lam")
def _(X, t, lam):
    m = X.mean(axis=0)
    w = solved(X - m, t - t.mean(), lam / 2)
    return w, float(t.mean() - m @ w)


@put("07.2", "no penalty")
def _(X, t, lam):
    Z = np.column_stack([X, np.ones(len(X))])
    w = np.linalg.lstsq(Z, t, rcond=None)[0]
    return w[:-1], float(w[-1])


@put("07.2", "columns brought to deviation 1")
def _(X, t, lam):
    m, s = X.mean(axis=0), X.std(axis=0)
    s = np.where(s > 0, s, 1.0)
    w = solved((X - m) / s, t - t.mean(), lam)
    return w, float(t.mean())


@put("07.2", "standardised and brought back")
def _(X, t, lam):
    m, s = X.mean(axis=0), X.std(axis=0)
    s = np.where(s > 0, s, 1.0)
    w = solved((X - m) / s, t - t.mean(), lam) / s
    return w, float(t.mean() - m @ w)


@put("07.2", "lam added to every number")
def _(X, t, lam):
    m = X.mean(axis=0)
    C = X - m
    w = np.linalg.pinv(C.T @ C + lam) @ (C.T @ (t - t.mean()))
    return w, float(t.mean() - m @ w)


@put("07.2", "bias with the wrong sign")
def _(X, t, lam):
    m = X.mean(axis=0)
    w = solved(X - m, t - t.mean(), lam)
    return w, float(m @ w - t.mean())


@put("07.2", "one mean over all of X")
def _(X, t, lam):
    m = X.mean()
    w = solved(X - m, t - t.mean(), lam)
    return w, float(np.mean(t - X @ w))


# ---- 08.8


@put("08.8", "cosine over the whole training")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    if k >= total:
        return floor
    return floor + (peak - floor) * (1 + np.cos(np.pi * k / total)) / 2


@put("08.8", "no floor in the cosine")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    if k >= total:
        return floor
    return peak * (1 + np.cos(np.pi * (k - warm) / (total - warm))) / 2


@put("08.8", "cut off at the floor")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    if k >= total:
        return floor
    return max(floor, peak * (1 + np.cos(np.pi * (k - warm) / (total - warm))) / 2)


@put("08.8", "a whole cosine")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    if k >= total:
        return floor
    return floor + (peak - floor) * (1 + np.cos(2 * np.pi * (k - warm) / (total - warm))) / 2


@put("08.8", "warm-up from the floor")
def _(k, peak, warm, total, floor):
    if k < warm:
        return floor + (peak - floor) * k / warm
    if k >= total:
        return floor
    return floor + (peak - floor) * (1 + np.cos(np.pi * (k - warm) / (total - warm))) / 2


@put("08.8", "warm-up counts from one")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * (k + 1) / warm
    if k >= total:
        return floor
    return floor + (peak - floor) * (1 + np.cos(np.pi * (k - warm) / (total - warm))) / 2


@put("08.8", "after total zero")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    if k > total:
        return 0.0
    return floor + (peak - floor) * (1 + np.cos(np.pi * (k - warm) / (total - warm))) / 2


@put("08.8", "rises again after total")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    return floor + (peak - floor) * (1 + np.cos(np.pi * (k - warm) / (total - warm))) / 2


@put("08.8", "a straight line down")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    if k >= total:
        return floor
    return peak + (floor - peak) * (k - warm) / (total - warm)


@put("08.8", "a quarter of the cosine")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    if k >= total:
        return floor
    return floor + (peak - floor) * np.cos(np.pi / 2 * (k - warm) / (total - warm))


@put("08.8", "divides by total, not by what is left")
def _(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    if k >= total:
        return floor
    return floor + (peak - floor) * (1 + np.cos(np.pi * (k - warm) / total)) / 2


@put("08.8", "warm-up of zero divides by zero")
def _(k, peak, warm, total, floor):
    if k <= warm:
        return peak * k / warm
    if k >= total:
        return floor
    return floor + (peak - floor) * (1 + np.cos(np.pi * (k - warm) / (total - warm))) / 2


# ---- 09.9


@put("09.9", "the mask on the shortcut too")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, alpha * relu(h).T @ G)
        G = (G + alpha * (G @ W.T)) * (h > 0)
    return G, dWs


@put("09.9", "no alpha in dW")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, relu(h).T @ G)
        G = G + alpha * (G @ W.T) * (h > 0)
    return G, dWs


@put("09.9", "list left in the order of the walk")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.append(alpha * relu(h).T @ G)
        G = G + alpha * (G @ W.T) * (h > 0)
    return G, dWs


@put("09.9", "the shortcut forgotten")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, alpha * relu(h).T @ G)
        G = alpha * (G @ W.T) * (h > 0)
    return G, dWs


@put("09.9", "h for relu of h in dW")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, alpha * h.T @ G)
        G = G + alpha * (G @ W.T) * (h > 0)
    return G, dWs


@put("09.9", "G moved before dW")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        G = G + alpha * (G @ W.T) * (h > 0)
        dWs.insert(0, alpha * relu(h).T @ G)
    return G, dWs


@put("09.9", "no transpose of W")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, alpha * relu(h).T @ G)
        G = G + alpha * (G @ W) * (h > 0)
    return G, dWs


@put("09.9", "mask before the matrix")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, alpha * relu(h).T @ G)
        G = G + alpha * (G * (h > 0)) @ W.T
    return G, dWs


@put("09.9", "slope 1 at zero")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, alpha * relu(h).T @ G)
        G = G + alpha * (G @ W.T) * (h >= 0)
    return G, dWs


@put("09.9", "forwards through the blocks")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(hs, Ws, strict=True):
        dWs.append(alpha * relu(h).T @ G)
        G = G + alpha * (G @ W.T) * (h > 0)
    return G, dWs


@put("09.9", "alpha on the shortcut")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, alpha * relu(h).T @ G)
        G = alpha * (G + (G @ W.T) * (h > 0))
    return G, dWs


@put("09.9", "averaged over the rows")
def _(G, hs, Ws, alpha):
    dWs = []
    for h, W in zip(reversed(hs), reversed(Ws), strict=True):
        dWs.insert(0, alpha * relu(h).T @ G / len(h))
        G = G + alpha * (G @ W.T) * (h > 0)
    return G, dWs


# ---- 10.8


@put("10.8", "mean of the batches so far")
def _(losses, sizes, every):
    lines, total = [], 0.0
    for i, loss in enumerate(losses, 1):
        total += loss
        if i % every == 0 or i == len(losses):
            lines.append((i, total / i))
    return lines


@put("10.8", "begins again after every line")
def _(losses, sizes, every):
    lines, total, rows = [], 0.0, 0
    for i, (loss, n) in enumerate(zip(losses, sizes, strict=True), 1):
        total += loss * n
        rows += n
        if i % every == 0 or i == len(losses):
            lines.append((i, total / rows))
            total, rows = 0.0, 0
    return lines


@put("10.8", "the last line forgotten")
def _(losses, sizes, every):
    lines, total, rows = [], 0.0, 0
    for i, (loss, n) in enumerate(zip(losses, sizes, strict=True), 1):
        total += loss * n
        rows += n
        if i % every == 0:
            lines.append((i, total / rows))
    return lines


@put("10.8", "the last line twice")
def _(losses, sizes, every):
    lines, total, rows = [], 0.0, 0
    for i, (loss, n) in enumerate(zip(losses, sizes, strict=True), 1):
        total += loss * n
        rows += n
        if i % every == 0:
            lines.append((i, total / rows))
    lines.append((len(losses), total / rows))
    return lines


@put("10.8", "steps from 0")
def _(losses, sizes, every):
    lines, total, rows = [], 0.0, 0
    for i, (loss, n) in enumerate(zip(losses, sizes, strict=True)):
        total += loss * n
        rows += n
        if (i + 1) % every == 0 or i == len(losses) - 1:
            lines.append((i, total / rows))
    return lines


@put("10.8", "only the means")
def _(losses, sizes, every):
    lines, total, rows = [], 0.0, 0
    for i, (loss, n) in enumerate(zip(losses, sizes, strict=True), 1):
        total += loss * n
        rows += n
        if i % every == 0 or i == len(losses):
            lines.append(total / rows)
    return lines


@put("10.8", "divided by the rows of the last batch")
def _(losses, sizes, every):
    lines, total = [], 0.0
    for i, (loss, n) in enumerate(zip(losses, sizes, strict=True), 1):
        total += loss * n
        if i % every == 0 or i == len(losses):
            lines.append((i, total / (i * n)))
    return lines


@put("10.8", "losses not weighted, divided by rows")
def _(losses, sizes, every):
    lines, total, rows = [], 0.0, 0
    for i, (loss, n) in enumerate(zip(losses, sizes, strict=True), 1):
        total += loss
        rows += n
        if i % every == 0 or i == len(losses):
            lines.append((i, total / rows))
    return lines


@put("10.8", "a line one batch late")
def _(losses, sizes, every):
    lines, total, rows = [], 0.0, 0
    for i, (loss, n) in enumerate(zip(losses, sizes, strict=True)):
        total += loss * n
        rows += n
        if i % every == 0 or i == len(losses) - 1:
            lines.append((i + 1, total / rows))
    return lines


@put("10.8", "rows for steps")
def _(losses, sizes, every):
    lines, total, rows = [], 0.0, 0
    for i, (loss, n) in enumerate(zip(losses, sizes, strict=True), 1):
        total += loss * n
        rows += n
        if i % every == 0 or i == len(losses):
            lines.append((int(rows), total / rows))
    return lines


@put("10.8", "divided by every times the size")
def _(losses, sizes, every):
    lines, total = [], 0.0
    for i, (loss, n) in enumerate(zip(losses, sizes, strict=True), 1):
        total += loss * n
        if i % every == 0 or i == len(losses):
            lines.append((i, total / (i * sizes[0])))
    return lines


@put("10.8", "the mean of the whole epoch everywhere")
def _(losses, sizes, every):
    mean = float(np.sum(losses * sizes) / np.sum(sizes))
    m = len(losses)
    return [(i, mean) for i in range(1, m + 1) if i % every == 0 or i == m]


# ---- 11.4


@put("11.4", "targets not ordered")
def _(X, T, order, size):
    X = X[order]
    return [(X[i : i + size], T[i : i + size]) for i in range(0, len(X), size)]


@put("11.4", "the short one dropped")
def _(X, T, order, size):
    X, T = X[order], T[order]
    return [(X[i : i + size], T[i : i + size]) for i in range(0, len(X) - size + 1, size)]


@put("11.4", "order inverted")
def _(X, T, order, size):
    back = order.argsort()
    X, T = X[back], T[back]
    return [(X[i : i + size], T[i : i + size]) for i in range(0, len(X), size)]


@put("11.4", "order of the order in the targets")
def _(X, T, order, size):
    return [
        (X[order[i : i + size]], T[order.argsort()[i : i + size]]) for i in range(0, len(X), size)
    ]


@put("11.4", "no order at all")
def _(X, T, order, size):
    from torch.utils.data import DataLoader, TensorDataset

    return [(x, t) for x, t in DataLoader(TensorDataset(X, T), batch_size=size)]


@put("11.4", "shuffled by the loader")
def _(X, T, order, size):
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(X[order], T[order])
    return [(x, t) for x, t in DataLoader(data, batch_size=size, shuffle=True)]


@put("11.4", "lists from the loader")
def _(X, T, order, size):
    from torch.utils.data import DataLoader, TensorDataset

    return list(DataLoader(TensorDataset(X[order], T), batch_size=size))


@put("11.4", "batches moved on by one")
def _(X, T, order, size):
    X, T = X[order], T[order]
    return [(X[i : i + size], T[i : i + size]) for i in range(len(X) - size + 1)]


@put("11.4", "chunks of that number")
def _(X, T, order, size):
    X, T = X[order], T[order]
    return list(zip(X.chunk(size), T.chunk(size), strict=True))


@put("11.4", "the list of batches by position of the batch")
def _(X, T, order, size):
    from torch.utils.data import DataLoader

    loader = DataLoader(X[order], batch_size=size)
    return [(rows, T[order][i : i + size]) for i, rows in enumerate(loader)]


@put("11.4", "single rows")
def _(X, T, order, size):
    return [(X[k], T[k]) for k in order]


@put("11.4", "two lists")
def _(X, T, order, size):
    return list(X[order].split(size)), list(T[order].split(size))


# ---- 12.3


@put("12.3", "backwards, never forgets a name")
def _(lines, wanted):
    read, kept = set(wanted), []
    for i in reversed(range(len(lines))):
        target, _, *operands = lines[i]
        if target in read:
            kept.append(i)
            read |= set(operands)
    return kept[::-1]


@put("12.3", "forgets the name after the operands")
def _(lines, wanted):
    read, kept = set(wanted), []
    for i in reversed(range(len(lines))):
        target, _, *operands = lines[i]
        if target in read:
            kept.append(i)
            read |= set(operands)
            read.discard(target)
    return kept[::-1]


@put("12.3", "falling numbers")
def _(lines, wanted):
    read, kept = set(wanted), []
    for i in reversed(range(len(lines))):
        target, _, *operands = lines[i]
        if target in read:
            read.discard(target)
            kept.append(i)
            read |= set(operands)
    return kept


@put("12.3", "last assignments only")
def _(lines, wanted):
    last = {line[0]: i for i, line in enumerate(lines)}
    needed, waiting = set(), list(wanted)
    while waiting:
        name = waiting.pop()
        if name in last and last[name] not in needed:
            needed.add(last[name])
            waiting += lines[last[name]][2:]
    return sorted(needed)


@put("12.3", "only direct operands")
def _(lines, wanted):
    read = set(wanted)
    for line in lines:
        if line[0] in wanted:
            read |= set(line[2:])
    return [i for i, line in enumerate(lines) if line[0] in read]


@put("12.3", "the lines for their numbers")
def _(lines, wanted):
    read, kept = set(wanted), []
    for line in reversed(lines):
        target, _, *operands = line
        if target in read:
            read.discard(target)
            kept.insert(0, line)
            read |= set(operands)
    return kept


@put("12.3", "numbers from one")
def _(lines, wanted):
    read, kept = set(wanted), []
    for i in reversed(range(len(lines))):
        target, _, *operands = lines[i]
        if target in read:
            read.discard(target)
            kept.insert(0, i + 1)
            read |= set(operands)
    return kept


@put("12.3", "wanted changed")
def _(lines, wanted):
    kept = []
    for i in reversed(range(len(lines))):
        target, _, *operands = lines[i]
        if target in wanted:
            wanted.remove(target)
            kept.insert(0, i)
            wanted.extend(operands)
    return kept


@put("12.3", "a list, one of two the same stays")
def _(lines, wanted):
    read, kept = list(wanted), []
    for i in reversed(range(len(lines))):
        target, _, *operands = lines[i]
        if target in read:
            read.remove(target)
            kept.insert(0, i)
            read.extend(operands)
    return kept


@put("12.3", "overwritten lines dropped, whoever read them")
def _(lines, wanted):
    last = {line[0]: i for i, line in enumerate(lines)}
    read, kept = set(wanted), []
    for i in reversed(range(len(lines))):
        target, _, *operands = lines[i]
        if target in read and last[target] == i:
            kept.insert(0, i)
            read |= set(operands)
    return kept


@put("12.3", "the wanted names only")
def _(lines, wanted):
    return sorted(
        {
            max(i for i, x in enumerate(lines) if x[0] == w)
            for w in wanted
            if any(x[0] == w for x in lines)
        }
    )


@put("12.3", "own target counted out of its operands")
def _(lines, wanted):
    read, kept = set(wanted), []
    for i in reversed(range(len(lines))):
        target, _, *operands = lines[i]
        if target in read:
            read.discard(target)
            kept.insert(0, i)
            read |= set(operands) - {target}
    return kept


UNTOLD = {  # the cause is not named
    ("04.8", "columns for rows"),
    ("05.3", "sum of widths for their product"),
}
