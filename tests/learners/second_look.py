"""Wrong answers to chapters 05 and 10, from their texts alone: 106 of 118 told at first sight."""

import math

import numpy as np

from learners.lot import Lot, sig

ANSWERS = Lot()
put = ANSWERS.put

UNTOLD = {
    ("05.1", "bias of the output forgotten: 0 at the origin"),
    ("05.5", "h where x belongs"),
    ("10.3", "holes filled by 0"),
    ("10.7", "mean of F to the N"),
    ("10.10", "key named step"),
}

A = np.array
ANSWERS["05.1"] = {
    "XOR's net of the chapter": (A([[1.0, 1], [1, 1]]), A([0.0, -1]), A([[1.0], [-2]]), A([0.0])),
    "bias of the output forgotten: 0 at the origin": (
        A([[1.0, 1], [1, 1]]), A([0.0, -1]), A([[-1.0], [7]]), A([0.0]),
    ),
    "W2 as a row": (A([[1.0, 1], [1, 1]]), A([0.0, -1]), A([[-1.0, 7]]), A([1.0])),
}  # fmt: skip


@put("05.2", "shortcut forgotten")
def _(Ws, bs):
    W, b = Ws[0], bs[0]
    for V, c in zip(Ws[1:], bs[1:], strict=True):
        W, b = W @ V, b @ V + c
    return W, b


@put("05.2", "product in the wrong order")
def _(Ws, bs):
    d = len(bs[0])
    W, b = np.eye(d), np.zeros(d)
    for V, c in zip(Ws, bs, strict=True):
        V = np.eye(d) + V
        W, b = V @ W, b @ V + c
    return W, b


@put("05.2", "biases only added")
def _(Ws, bs):
    W = np.eye(len(bs[0]))
    for V in Ws:
        W = W @ (np.eye(len(V)) + V)
    return W, sum(bs)


@put("05.2", "one shortcut round the whole stack")
def _(Ws, bs):
    d = len(bs[0])
    W, b = np.eye(d), np.zeros(d)
    for V, c in zip(Ws, bs, strict=True):
        W, b = W @ V, b @ V + c
    return W + np.eye(d), b


@put("05.2", "bias without the shortcut")
def _(Ws, bs):
    d = len(bs[0])
    W, b = np.eye(d), np.zeros(d)
    for V, c in zip(Ws, bs, strict=True):
        b = b @ V + c
        W = W @ (np.eye(d) + V)
    return W, b


def count(d_in, d_out, hidden, w, biases=True, extra=0):
    total = d_in * w + (hidden - 1 + extra) * w * w + w * d_out
    return total + (hidden * w + d_out if biases else 0)


def widest(f):
    def answer(d_in, d_out, hidden, budget):
        w = 0
        while f(d_in, d_out, hidden, w + 1) <= budget:
            w += 1
        return w

    return answer


ANSWERS["05.3"] = {
    "biases not counted": widest(lambda *a: count(*a, biases=False)),
    "one matrix too many": widest(lambda *a: count(*a, extra=1)),
    "bias of the output forgotten": widest(lambda i, o, h, w: count(i, o, h, w) - o),
    "< for <=": lambda i, o, h, b: widest(count)(i, o, h, b - 1),
    "one too wide": lambda i, o, h, b: widest(count)(i, o, h, b) + 1,
    "one hidden layer whatever is asked": widest(lambda i, o, h, w: count(i, o, 1, w)),
}


def delta_list(*, slope=lambda z: 1 - np.tanh(z) ** 2, turn=True, out=False, order=1, skip=0):
    def deltas(delta, Ws, zs):
        found = [delta]
        for W, z in zip(reversed(Ws[1:]), reversed(zs), strict=True):
            back = found[0] @ W.T
            found.insert(0, back * slope(z))
        return found[::order]

    return deltas


ANSWERS["05.4"] = {
    "slope of z taken as 1 - z²": delta_list(slope=lambda z: 1 - z**2),
    "slope left out": delta_list(slope=lambda z: 1.0),
    "opposite order": delta_list(order=-1),
    "sigmoid's slope": delta_list(slope=lambda z: np.tanh(z) * (1 - np.tanh(z))),
    "square forgotten": delta_list(slope=lambda z: 1 - np.tanh(z)),
}


@put("05.4", "slope at the output too")
def _(delta, Ws, zs):
    found = [delta * (1 - np.tanh(delta) ** 2)]
    for W, z in zip(reversed(Ws[1:]), reversed(zs), strict=True):
        found.insert(0, found[0] @ W.T * (1 - np.tanh(z) ** 2))
    return found


@put("05.4", "always from the output's delta: not the one just computed")
def _(delta, Ws, zs):
    found = [delta]
    for W, z in zip(reversed(Ws[1:]), reversed(zs), strict=True):
        try:
            found.insert(0, delta @ W.T * (1 - np.tanh(z) ** 2))
        except ValueError:
            found.insert(0, np.zeros_like(z))
    return found


def of_net(*, dy=lambda y, t: (y - t) * (1 - y**2), slope=lambda h: 1 - h**2, back=True, first="x"):
    def grads(x, t, W1, b1, W2, b2):
        h = np.tanh(x @ W1 + b1)
        y = np.tanh(h @ W2 + b2)
        d = dy(y, t)
        dh = d @ W2.T if back else d * np.ones_like(h)
        dh = dh * slope(h)
        return np.outer(x if first == "x" else h[: len(x)], dh), dh, np.outer(h, d), d

    return grads


ANSWERS["05.5"] = {
    "sign of the error": of_net(dy=lambda y, t: (t - y) * (1 - y**2)),
    "slope of the output's tanh forgotten": of_net(dy=lambda y, t: y - t),
    "tanh of h once more in the slope": of_net(slope=lambda h: 1 - np.tanh(h) ** 2),
    "W2 not in the way back": of_net(back=False),
    "half in place of one: factor 2": of_net(dy=lambda y, t: 2 * (y - t) * (1 - y**2)),
    "h where x belongs": of_net(first="h"),
}


ANSWERS["05.6"] = {
    "mean forgotten": lambda z, t: 2 * (sig(z) - t) * sig(z) * (1 - sig(z)),
    "2 forgotten": lambda z, t: (sig(z) - t) * sig(z) * (1 - sig(z)) / len(z),
    "that of cross-entropy": lambda z, t: (sig(z) - t) / len(z),
    "slope of the sigmoid at y": lambda z, t: (
        2 / len(z) * (sig(z) - t) * sig(sig(z)) * (1 - sig(sig(z)))
    ),
    "error squared still": lambda z, t: 2 / len(z) * (sig(z) - t) ** 2 * sig(z) * (1 - sig(z)),
    "z(1 - z)": lambda z, t: 2 / len(z) * (sig(z) - t) * z * (1 - z),
    "sign": lambda z, t: 2 / len(z) * (t - sig(z)) * sig(z) * (1 - sig(z)),
}
ANSWERS["05.7"] = {
    "ReLU at the output": lambda X, W1, b1, W2, b2: np.maximum((X @ W1 + b1) @ W2 + b2, 0),
    "ReLU at both": lambda X, W1, b1, W2, b2: np.maximum(np.maximum(X @ W1 + b1, 0) @ W2 + b2, 0),
    "ReLU before the bias": lambda X, W1, b1, W2, b2: (np.maximum(X @ W1, 0) + b1) @ W2 + b2,
    "max over the whole: np.max": lambda X, W1, b1, W2, b2: np.max(X @ W1 + b1, 0) @ W2 + b2,
    "absolute value": lambda X, W1, b1, W2, b2: np.abs(X @ W1 + b1) @ W2 + b2,
    "mask in place of values": lambda X, W1, b1, W2, b2: (X @ W1 + b1 > 0) @ W2 + b2,
    "leaky 0.01": lambda X, W1, b1, W2, b2: (
        np.where(X @ W1 + b1 > 0, X @ W1 + b1, 0.01 * (X @ W1 + b1)) @ W2 + b2
    ),
}


def fitted(
    *, factor=2.0, slope=lambda y: 1 - y**2, mean=True, stale=False, more=0, sign=1, db=np.sum
):
    def fit(X, t, w, b, lr, steps):
        w = w.copy()
        for _ in range(steps + more):
            y = np.tanh(X @ w + b)
            d = factor * (y - t) * slope(y) / (len(t) if mean else 1)
            w = w - sign * lr * X.T @ d
            if stale:
                y = np.tanh(X @ w + b)
                d = factor * (y - t) * slope(y) / len(t)
            b = b - sign * lr * db(d)
        return w, float(b)

    return fit


ANSWERS["05.8"] = {
    "2 forgotten": fitted(factor=1.0),
    "mean forgotten": fitted(mean=False),
    "slope forgotten": fitted(slope=lambda y: 1.0),
    "b from weights that have moved": fitted(stale=True),
    "one step more": fitted(more=1),
    "uphill": fitted(sign=-1),
    "mean of the bias's gradient once more": fitted(db=np.mean),
    "slope of a sigmoid": fitted(slope=lambda y: y * (1 - y)),
}


@put("05.8", "w changed in place")
def _(X, t, w, b, lr, steps):
    for _ in range(steps):
        y = np.tanh(X @ w + b)
        d = 2 * (y - t) * (1 - y**2) / len(t)
        w -= lr * X.T @ d
        b -= lr * d.sum()
    return w, float(b)


ANSWERS["05.9"] = {
    "A and B exchanged": ("small", "bouncing", "diverging", "good"),
    "A and C exchanged": ("diverging", "small", "bouncing", "good"),
    "B taken for good": ("bouncing", "good", "diverging", "small"),
}
ANSWERS["05.10"] = {
    "random breaks ties everywhere: all 11": (11, 11, 11, 11),
    "b takes part: random output makes one": (1, 1, 1, 11),
    "zero start: none": (0, 1, 11, 11),
    "data break the symmetry": (1, 11, 11, 11),
}


def mlp(*, half=1.0, mask=lambda z: z > 0, mean=True, last=False, db="sum", order=1):
    def backward(X, t, Ws, bs):
        hs, zs = [X], []
        for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
            zs.append(hs[-1] @ W + b)
            hs.append(np.maximum(zs[-1], 0) if k < len(Ws) - 1 or last else zs[-1])
        d = half * (hs[-1] - t) / (len(X) if mean else 1)
        dWs, dbs = [], []
        for k in reversed(range(len(Ws))):
            if k < len(Ws) - 1:
                d = d * mask(zs[k])
            dWs.insert(0, hs[k].T @ d)
            dbs.insert(0, d.sum(axis=0) if db == "sum" else d.mean(axis=0))
            d = d @ Ws[k].T
        return dWs[::order], dbs[::order]

    return backward


ANSWERS["05.11"] = {
    "factor 2": mlp(half=2.0),
    "mask forgotten": mlp(mask=lambda z: 1.0),
    "mean over the batch forgotten": mlp(mean=False),
    "ReLU at the output too": mlp(last=True),
    "bias gradients averaged": mlp(db="mean"),
    "lists in the opposite order": mlp(order=-1),
    "z itself for the mask": mlp(mask=lambda z: np.maximum(z, 0)),
}

# ---- 10
ANSWERS["10.2"] = {
    "lowest and highest exchanged": lambda k: (
        math.log(k),
        math.log(k - 1 + math.e),
        math.log(k - 1 + math.e) - 1,
    ),
    "e alone for the sum: others' e⁰ forgotten": lambda k: (math.log(k), 0.0, 1.0),
    "k others": lambda k: (math.log(k), math.log(k + math.e) - 1, math.log(k + math.e)),
    "range of a usual cross-entropy: 0 to infinity": lambda k: (math.log(k), 0.0, math.inf),
    "log2": lambda k: tuple(
        v / math.log(2)
        for v in (math.log(k), math.log(k - 1 + math.e) - 1, math.log(k - 1 + math.e))
    ),
    "uniform 1/k": lambda k: (1 / k, math.log(k - 1 + math.e) - 1, math.log(k - 1 + math.e)),
}


def prepared(*, fill=np.nanmean, ddof=0, late=True, source="train", guard=1.0, val_own=False):
    def prepare(train, val):
        with np.errstate(all="ignore"):
            base = train if source == "train" else np.vstack([train, val])
            mean = fill(base, axis=0)
            a = np.where(np.isnan(train), mean, train)
            v = np.where(np.isnan(val), mean, val)
            m = a.mean(axis=0)
            sd = a.std(axis=0, ddof=ddof) if late else np.nanstd(train, axis=0)
            known = [c[~np.isnan(c)] for c in train.T]
            constant = np.array([(c == c[0]).all() for c in known])
            sd = np.where(constant, guard, sd)
            if val_own:
                return (a - m) / sd, (v - v.mean(axis=0)) / sd
            return (a - m) / sd, (v - m) / sd

    return prepare


ANSWERS["10.3"] = {
    "median for the mean": prepared(fill=np.nanmedian),
    "n - 1": prepared(ddof=1),
    "deviation before the holes are filled": prepared(late=False),
    "holes filled by both": prepared(source="both"),
    "validation centred by itself": prepared(val_own=True),
    "constant columns divided by a tiny number": prepared(guard=1e-8),
}


@put("10.3", "holes filled by 0")
def _(train, val):
    a, v = np.nan_to_num(train), np.nan_to_num(val)
    sd = a.std(axis=0)
    sd[sd == 0] = 1
    return (a - a.mean(axis=0)) / sd, (v - a.mean(axis=0)) / sd


def greedy(order=-1, by="rows"):
    def folds(groups, k):
        names, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
        load, where = np.zeros(k), np.zeros(len(names), int)
        for g in np.argsort(order * counts, kind="stable"):
            f = int(load.argmin())
            where[g] = f
            load[f] += counts[g] if by == "rows" else 1
        return where[inverse]

    return folds


ANSWERS["10.4"] = {
    "smallest patients first": greedy(order=1),
    "equally many patients, not rows": greedy(by="patients"),
    "patients in turn": lambda groups, k: np.unique(groups, return_inverse=True)[1] % k,
    "rows in turn: patients cut": lambda groups, k: np.arange(len(groups)) % k,
    "number of the patient modulo k": lambda groups, k: groups % k,
    "numbered from 1": lambda groups, k: greedy()(groups, k) + 1,
}
ANSWERS["10.5"] = {
    "A and D exchanged": ("dropout", "older weights", "easier rows", "penalty"),
    "A and C exchanged": ("easier rows", "older weights", "penalty", "dropout"),
}


def cheapest(*, above=False, candidates=None, swap=False, mean=False, ends=True):
    def least_cost(scores, labels, miss, alarm):
        if swap:
            miss, alarm = alarm, miss
        ts = list(scores) + ([math.inf] if ends else [])
        if candidates is not None:
            ts = candidates
        best = math.inf
        for T in ts:
            said = scores > T if above else scores >= T
            cost = miss * np.sum(~said & (labels == 1)) + alarm * np.sum(said & (labels == 0))
            best = min(best, cost)
        return float(best / len(scores) if mean else best)

    return least_cost


ANSWERS["10.6"] = {
    "threshold above all scores not tried": cheapest(ends=False),
    "prices exchanged": cheapest(swap=True),
    "mean cost": cheapest(mean=True),
    "thresholds 0, 0.1 … 1": cheapest(candidates=np.linspace(0, 1, 11)),
    "> for >=: none called 1 at the lowest": cheapest(above=True, ends=False),
    "0.5": cheapest(candidates=[0.5]),
}


def best_of(*, power=None, minus=True, over=True):
    def luck(n, p, N):
        f = np.array([math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(n + 1)])
        F = np.minimum(np.cumsum(f), 1) ** (N if power is None else power)
        P = np.diff(F, prepend=0.0)
        return float(P @ np.arange(n + 1)) / (n if over else 1)

    return luck


ANSWERS["10.7"] = {
    "rows, not a share": best_of(over=False),
    "one model alone: p": lambda n, p, N: float(p),
    "N - 1 models": lambda n, p, N: best_of()(n, p, max(N - 1, 1)),
    "normal approximation": lambda n, p, N: (
        p + math.sqrt(2 * math.log(max(N, 1)) * p * (1 - p) / n)
    ),
    "at least one is all right": lambda n, p, N: 1 - (1 - p**n) ** N,
    "mean of F to the N": lambda n, p, N: float(
        np.mean(np.cumsum([math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(n + 1)]) ** N)
    ),
}


def told(*, weights=True, last=True, reset=False, start=1, twice=False):
    def report(losses, sizes, every):
        lines, total, rows = [], 0.0, 0
        m = len(losses)
        for i, (x, n) in enumerate(zip(losses, sizes, strict=True), start):
            n = n if weights else 1
            total += x * n
            rows += n
            end = last and i == m + start - 1
            if i % every == 0 or end:
                lines.append((i, float(total / rows)))
                if twice and i % every == 0 and end:
                    lines.append((i, float(total / rows)))
                if reset:
                    total, rows = 0.0, 0
        return lines

    return report


ANSWERS["10.8"] = {
    "sizes not looked at": told(weights=False),
    "last batch not reported": told(last=False),
    "started anew after each line": told(reset=True),
    "last step twice": told(twice=True),
    "steps from 0": told(start=0),
    "arrays in place of pairs": lambda losses, sizes, every: [
        list(p) for p in told(weights=False)(losses, sizes, every)
    ],
}


def stepped(*, old=True, slope=lambda h: 1 - h**2, n=True, sign=1, loss=1.0):
    def step(X, T, Ws, lr):
        Ws = list(Ws)
        hs = [X]
        for W in Ws[:-1]:
            hs.append(np.tanh(hs[-1] @ W))
        d = loss * (hs[-1] @ Ws[-1] - T) / (len(X) if n else 1)
        new = list(Ws)
        for k in reversed(range(len(Ws))):
            new[k] = Ws[k] - sign * lr * hs[k].T @ d
            d = (d @ (Ws if old else new)[k].T) * slope(hs[k])
        return new

    return step


ANSWERS["10.9"] = {
    "weights that have moved still": stepped(old=False),
    "slope of a tanh taken of tanh again": stepped(slope=lambda h: 1 - np.tanh(h) ** 2),
    "mean over rows forgotten": stepped(n=False),
    "uphill": stepped(sign=-1),
    "factor 2 of the square": stepped(loss=2.0),
    "slope forgotten": stepped(slope=lambda h: 1.0),
}


def resumed(
    *,
    t0=None,
    rate=lambda lr, t, warm: lr * min(1, t / warm),
    b2=0.999,
    eps="out",
    fix=True,
    key="t",
):
    def resume(saved, grads, lr, warm):
        w, m, v, t = saved["w"].copy(), saved["m"].copy(), saved["v"].copy(), saved["t"]
        if t0 is not None:
            t = t0
        for g in grads:
            t += 1
            m = 0.9 * m + 0.1 * g
            v = b2 * v + (1 - b2) * g**2
            mh, vh = (m / (1 - 0.9**t), v / (1 - b2**t)) if fix else (m, v)
            low = np.sqrt(vh) + 1e-8 if eps == "out" else np.sqrt(vh + 1e-8)
            w = w - rate(lr, t, warm) * mh / low
        return {"w": w, "m": m, "v": v, key: t}

    return resume


ANSWERS["10.10"] = {
    "t begins at 0 again": resumed(t0=0),
    "warm-up forgotten": resumed(rate=lambda lr, t, warm: lr),
    "0.99 for 0.999": resumed(b2=0.99),
    "eps under the root": resumed(eps="in"),
    "not corrected": resumed(fix=False),
    "warm-up does not end": resumed(rate=lambda lr, t, warm: lr * t / warm),
    "t - 1 in the warm-up": resumed(rate=lambda lr, t, warm: lr * min(1, (t - 1) / warm)),
    "key named step": resumed(key="step"),
}


@put("10.10", "moments begin at 0 again")
def _(saved, grads, lr, warm):
    zero = np.zeros_like(saved["w"])
    return resumed()({**saved, "m": zero, "v": zero}, grads, lr, warm)
