"""Right answers in styles that no solution has: written before any of them was judged."""

import functools
import itertools
import math
from fractions import Fraction

import numpy as np
import torch

from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put

ANSWERS["00.0"] = {
    "multiplied out": lambda w: w * w - 6 * w + 9,
    "by abs and pow": lambda w: pow(abs(3 - w), 2),
}
ANSWERS["00.1"] = {
    "a loop of one step": lambda w, slope, lr: [v := w, [v := v - lr * s for s in [slope]]][1][0],
    "NumPy's number": lambda w, slope, lr: np.subtract(w, np.multiply(slope, lr)),
}
ANSWERS["00.2"] = {"as a float": 22.0, "computed": lambda: ((2 * 3 + 1) * 3) + 1}
ANSWERS["01.1"] = {
    "fractions": (Fraction(13, 4), Fraction(3, 2), Fraction(43, 8), Fraction(9, 4)),
    "an array": np.array([3.25, 1.5, 5.375, 2.25]),
}
ANSWERS["01.2"] = {
    "mean of both sides": lambda f, x, h: ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2,
    "np.diff": lambda f, x, h: np.diff([f(x - h), f(x + h)]).item() / (h + h),
}
ANSWERS["01.4"] = {
    "cosine": lambda grad, u: (
        np.linalg.norm(grad)
        * (grad @ u / (np.linalg.norm(grad) * np.linalg.norm(u)) if grad.any() else 0.0)
    ),
    "a sum in Python": lambda grad, u: (
        sum(a * b for a, b in zip(grad, u, strict=True)) / math.hypot(*u)
    ),
}


@put("01.5", "dual numbers' way: products of paths")
def _(x, t, w1, b1, w2, b2, w3, b3):
    e = w3 * (w2 * (w1 * x + b1) + b2) + b3 - t
    return [e * w3 * w2 * x, e * w3 * w2, e * w3 * (w1 * x + b1), e * w3,
            e * (w2 * (w1 * x + b1) + b2), e]  # fmt: skip


@put("01.8", "transposed rows from a generator")
def _(f, x, h):
    steps = h * np.eye(x.size)
    return np.array([[v.item() for v in (f(x + s) - f(x - s)) / 2 / h] for s in steps]).T


@put("02.2", "product with the reciprocal")
def _(p, q):
    r = 1 / q[0]
    dr = -q[1] * r * r
    return [p[0] * r, p[1] * r + p[0] * dr]


@put("02.4", "Kahn, from the inputs on")
def _(parents, root):
    needed, todo = set(), {root}
    while todo:
        needed |= todo
        todo = {p for n in todo for p in parents[n]} - needed
    order = []
    while needed:
        ready = sorted(n for n in needed if not set(parents[n]) & needed)
        order += ready
        needed -= set(ready)
    return order


@put("02.5", "pulled, with memory: children's reports")
def _(edges, order, root):
    children = {n: [] for n in order}
    for n in order:
        for p, s in edges[n]:
            children[p].append((n, s))

    @functools.cache
    def slope(n):
        return float(n == root) + sum(s * slope(c) for c, s in children[n])

    return {n: slope(n) for n in order}


@put("02.6", "accumulate from the end")
def _(slopes):
    back = list(itertools.accumulate(slopes[:0:-1], lambda a, b: a * b))
    return np.array([*back[::-1], 1.0])


ANSWERS["02.3"] = {"by a loop": lambda n_in, n_out: tuple([n_in + 1, *[n_in, n_out]])}
ANSWERS["02.7"] = {
    "einsum": lambda dz, W, z: np.einsum("jk,k->j", W, dz),
    "list of sums": lambda dz, W, z: [float(sum(w * d for w, d in zip(r, dz))) for r in W],  # noqa: B905
}
ANSWERS["02.8"] = {
    "slope by tanh": lambda z, t: (
        (e := 0.5 * (1 + math.tanh(z / 2)) - t), e * 0.25 * (1 - math.tanh(z / 2) ** 2)
    ),
}  # fmt: skip
ANSWERS["03.1"] = {"five decimals": (0.73038, 0.29215), "a list": [0.7304, 0.2922]}
ANSWERS["03.3"] = {"floats in an array": np.array([-3.0, -0.75, 2.25])}
ANSWERS["03.4"] = {
    "geometric": lambda w, x, t, lr, steps: (
        w * (1 - lr * np.mean(x * x)) ** steps
        + lr * np.mean(x * t) * sum((1 - lr * np.mean(x * x)) ** k for k in range(steps))
    ),
}
ANSWERS["03.6"] = {
    "infinity norm": lambda f, g, x, h: np.linalg.norm(
        [(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(len(x))] - g, np.inf
    ),
}
ANSWERS["03.7"] = {
    "piece by piece": lambda z, a, G: [
        g * (1 if v > 0 else a * math.exp(v)) for v, g in zip(z, G, strict=True)
    ],
    "masks": lambda z, a, G: G * ((z > 0) + (z < 0) * a * np.exp(-np.abs(z))),
}
ANSWERS["04.1"] = {
    "rows as tuples": ((2.0, -10.0), -1.0, ((-2.0, 3.0), (8.0, -12.0), (-4.0, 6.0))),
    "arrays": (np.array([2, -10]), np.float64(-1), np.array([[-2, 3], [8, -12], [-4, 6]])),
}
ANSWERS["04.4"] = {"powers": lambda n, i, o: (n**2 * i * o, math.prod((n, i, o)))}
ANSWERS["04.7"] = {
    "one-hot product": lambda G, idx, shape: (np.arange(shape[0])[:, None] == idx) @ G,
    "bincount": lambda G, idx, shape: np.stack(
        [np.bincount(idx, weights=c, minlength=shape[0]) for c in G.T], axis=1
    ),
}
ANSWERS["04.9"] = {
    "a loop": lambda n, widths: (
        sum(n * w for w in widths),
        sum((widths[k] + 1) * widths[k + 1] for k in range(len(widths) - 1)),
    ),
}
ANSWERS["04.11"] = {
    "einsum": lambda X, D: np.einsum("ni,no->nio", X, D),
    "outer by outer": lambda X, D: np.array(list(map(np.outer, X, D))),
    "matmul of columns and rows": lambda X, D: X[..., None] @ D[:, None],
}


@put("05.2", "basis vectors sent through")
def _(Ws, bs):
    def through(x):
        for W, b in zip(Ws, bs, strict=True):
            x = x + x @ W + b
        return x

    b = through(np.zeros(len(Ws[0])))
    return through(np.eye(len(Ws[0]))) - b, b


ANSWERS["06.2"] = {
    "mean's own way": lambda y, t: [(y - t) * f for f in (1, 1 / t.size, 2 / t.size)],
}
ANSWERS["06.5"] = {
    "where": lambda y, t: np.where(t == 1, -1 / y, 1 / (1 - y)),
    "signs": lambda y, t: (1 - 2 * t) / np.abs(1 - t - y),
}
ANSWERS["06.6"] = {
    "average": lambda roots, sizes: math.sqrt(np.average(roots**2, weights=sizes)),
    "repeat": lambda roots, sizes: np.linalg.norm(np.repeat(roots, sizes)) / sizes.sum() ** 0.5,
}
ANSWERS["06.7"] = {
    "where": lambda y, t, q: np.mean(
        [q * (b - a) if b >= a else (1 - q) * (a - b) for a, b in zip(y.flat, t, strict=True)]
    ),
    "abs and slope": lambda y, t, q: float(
        (np.abs(t - y.ravel()) / 2 + (q - 0.5) * (t - y.ravel())).sum() / t.size
    ),
}
ANSWERS["06.12"] = {
    "a sum in Python": lambda t, p: math.fsum(
        a * (math.log(a) - math.log(b)) for a, b in zip(t, p, strict=True) if a
    ),
}


@put("07.2", "augmented rows, least squares")
def _(X, t, lam):
    n, d = X.shape
    A = np.block([[X, np.ones((n, 1))], [np.sqrt(lam) * np.eye(d), np.zeros((d, 1))]])
    s = np.linalg.lstsq(A, np.r_[t, np.zeros(d)], rcond=None)[0]
    return s[:d], s[d]


ANSWERS["07.4"] = {
    "v minus clipped v": lambda w, g, lr, lam: (v := w - lr * g) - np.clip(v, -lr * lam, lr * lam),
    "two relus": lambda w, g, lr, lam: (
        np.maximum(w - lr * g - lr * lam, 0) - np.maximum(lr * g - w - lr * lam, 0)
    ),
}
ANSWERS["07.5"] = {"product": lambda G, h, u, p: G * (u >= p) / (1 - p)}


@put("07.6", "running minimum")
def _(val, patience):
    low = np.minimum.accumulate(val)
    since = [k - int(np.flatnonzero(val[: k + 1] == low[k])[0]) for k in range(len(val))]
    stop = next((k for k, s in enumerate(since) if s >= patience), len(val) - 1)
    return stop + 1, stop - since[stop] + 1


@put("07.8", "two slices each")
def _(images, dx, dy):
    out = np.zeros(images.shape)
    _, h, w = images.shape
    for k, (x, y) in enumerate(zip(dx, dy, strict=True)):
        out[k, max(y, 0) : h + min(y, 0), max(x, 0) : w + min(x, 0)] = images[
            k, max(-y, 0) : h - max(y, 0), max(-x, 0) : w - max(x, 0)
        ]
    return out


@put("07.9", "the steps themselves")
def _(s, lr, lam, t):
    f = np.zeros(len(s))
    for _ in range(t):
        f = f - lr * (s**2 * (f - 1) + lam * f)
    return f


@put("07.10", "sorted by size, from the largest down")
def _(errors, lams):
    m = errors.sum(axis=0) / len(errors)
    b = int(np.argmin(m))
    se = math.sqrt(sum((e - m[b]) ** 2 for e in errors[:, b]) / (len(errors) - 1) / len(errors))
    return next(lam for lam, e in sorted(zip(lams, m, strict=True), reverse=True) if e <= m[b] + se)


ANSWERS["08.2"] = {
    "condition number": lambda lams: (
        2 / (max(lams) + min(lams)), (max(lams) - min(lams)) / (max(lams) + min(lams))
    ),
}  # fmt: skip


@put("08.3", "as PyTorch writes it")
def _(w, v, g, lr, beta, nesterov):
    buf = v.copy()
    buf *= beta
    buf += g
    if nesterov:
        g = g + beta * buf
    else:
        g = buf
    return w - lr * g, buf


@put("08.4", "efficient order of Kingma's paper")
def _(w, m, s, t, g, lr, b1, b2, eps):
    m = m + (1 - b1) * (g - m)
    s = s + (1 - b2) * (g**2 - s)
    c = math.sqrt(1 - b2**t)
    return w - lr * c / (1 - b1**t) * m / (np.sqrt(s) + eps * c), m, s


ANSWERS["08.7"] = {
    "einsum": lambda means, sizes: np.einsum("kd,k->d", means, sizes / sizes.sum()),
    "average": lambda means, sizes: np.average(means, axis=0, weights=sizes),
}
ANSWERS["08.8"] = {
    "interp and clip": lambda k, peak, warm, total, floor: float(
        np.interp(k, [0, warm], [0, peak])
        if k < warm
        else peak
        - (peak - floor) * np.sin(np.clip((k - warm) / (total - warm), 0, 1) * np.pi / 2) ** 2
    ),
}
ANSWERS["08.9"] = {
    "finite population": lambda sigma, n, B: (
        (sigma**2 / B) ** 0.5, (sigma**2 * (1 - B / n) / B * n / (n - 1)) ** 0.5,
    ),
}  # fmt: skip
ANSWERS["09.2"] = {
    "a table": lambda kind, z: z * {
        "he": 2 / len(z), "xavier": 2 / sum(z.shape), "pytorch": 1 / len(z) / 3,
    }[kind] ** 0.5,
}  # fmt: skip
ANSWERS["10.2"] = {
    "logsumexp of both ends": lambda k: (
        math.log(k), math.log1p((k - 1) / math.e), math.log(k - 1 + math.exp(1)),
    ),
}  # fmt: skip


@put("10.4", "a heap of folds")
def _(groups, k):
    import heapq
    from collections import Counter

    folds = [(0, f) for f in range(k)]
    home = {}
    for g, size in Counter(groups.tolist()).most_common():
        rows, f = heapq.heappop(folds)
        home[g] = f
        heapq.heappush(folds, (rows + size, f))
    return [home[g] for g in groups.tolist()]


@put("10.7", "one minus the tail")
def _(n, p, N):
    F, total = 0.0, 0.0
    for x in range(n):
        F += math.comb(n, x) * p**x * (1 - p) ** (n - x)
        total += 1 - min(F, 1.0) ** N
    return total / n


@put("11.3", "counted with a flag string")
def _(epochs, batches, val, evaluates, guarded, back):
    mode, noisy, recorded = "train", 0, 0
    for _ in range(epochs):
        noisy += batches if mode == "train" else 0
        mode = "eval" if evaluates else mode
        noisy += val if mode == "train" else 0
        recorded += batches + (0 if guarded else val)
        mode = "train" if back else mode
    return noisy, noisy, recorded


ANSWERS["11.4"] = {
    "zip of two splits": lambda X, T, order, size: list(
        zip(X[order].split(size), T[order].split(size), strict=True)
    ),
    "index_select": lambda X, T, order, size: [
        (X.index_select(0, o), T.index_select(0, o)) for o in order.split(size)
    ],
}


@put("11.5", "einsum")
def _(X, W, b, c):
    z = torch.einsum("nd,md->nm", X, W) + b
    h = z.clamp(min=0)
    G = (h @ W + c - X).mul(2 / X.numel())
    back = torch.where(z > 0, G @ W.mT, torch.zeros(()).to(z))
    return (
        torch.einsum("nm,nd->md", h, G) + torch.einsum("nm,nd->md", back, X),
        back.sum(0),
        G.sum(0),
    )


ANSWERS["11.9"] = {
    "summed up": lambda d, h, k: (
        sum([h, h, h * k, k]), sum([h, h, h * k, k, d, h, h, 1]), sum([h] * 5 + [h * k, k, d, 1]),
    ),
}  # fmt: skip


@put("12.3", "a map of definitions, from the front")
def _(lines, wanted):
    at, needs = {}, []
    for i, (target, _, *operands) in enumerate(lines):
        needs.append({at[o] for o in operands if o in at})
        at[target] = i
    todo, keep = [at[w] for w in wanted if w in at], set()
    while todo:
        i = todo.pop()
        if i not in keep:
            keep.add(i)
            todo += needs[i]
    return sorted(keep)


ANSWERS["13.1"] = {"from a sum": (2 * 4 * 51, 2 * 4 * 51 + 2 * 4 * 21, 8 * 21 + 8 * 6)}
ANSWERS["13.2"] = {
    "places counted": lambda n, c_in, size, c_out, k, stride, pad, first: (
        (f := 2 * n * c_in * c_out * k * k * len(range(0, size + 2 * pad - k + 1, stride)) ** 2),
        f * (1 if first else 2),
    ),
}


@put("13.3", "bisection")
def _(n_in, n_out, size, rate, bandwidth):
    def decides(B):
        work = 2 * n_in * n_out * B * bandwidth
        return work >= size * (n_in * n_out + B * (n_in + n_out)) * rate

    low, high = 0, 1 << 40
    if not decides(high):
        return 0
    while high - low > 1:
        mid = (low + high) // 2
        low, high = (low, mid) if decides(mid) else (mid, high)
    return high


@put("13.4", "polyfit by hand, cases last")
def _(a, b):
    def fit(p):
        (x, y), (u, v) = sorted(p)
        return (y * u - x * v) / (u - x), (v - y) / (u - x)

    (ta, ka), (tb, kb) = fit(a), fit(b)
    if ka == kb:
        return math.inf if ta <= tb else 0.0
    return math.inf if kb > ka else max(0.0, (tb - ta) / (ka - kb))


@put("13.6", "powers of two")
def _(x, bits):
    x = np.asarray(x, dtype=float)
    ok = (x != 0) & np.isfinite(x)
    e = np.zeros(x.shape, dtype=int)
    e[ok] = np.frexp(x[ok])[1] - bits
    return np.where(ok, np.ldexp(np.round(np.ldexp(x, -e)), e), x)


@put("13.8", "a loop over the layers")
def _(widths, n, adam, half):
    size, number, saved = 2 if half else 4, 0, 4 * n * widths[-1]
    for k in range(len(widths) - 1):
        number += (widths[k] + 1) * widths[k + 1]
        saved += size * n * widths[k]
        if half and k:
            saved += 2 * widths[k] * widths[k + 1]
    return 4 * number, 4 * number, 8 * number if adam else 0, saved
