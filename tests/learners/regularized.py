"""Wrong answers to chapter 07, written from its text alone: 51 of 62 told at first sight."""

import numpy as np

from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put

UNTOLD = set()


# 07.1
ANSWERS["07.1"] = {
    "L2 without the half: the penalty's slope taken as 2 lam w": ((1.25, -0.3158), (1.7, 0.0)),
    "L1 threshold is lam itself, not lam / s": ((1.5385, -0.5217), (0.5, 0.0)),
    "L1 not stopped at 0: the second weight goes past it": ((1.5385, -0.5217), (1.7, 0.375)),
    "L2 denominator without s in the numerator: a / (1 + lam)": ((0.8, -0.6), (1.7, 0.0)),
    "filter with s squared, as for singular values": ((1.8868, -0.4486), (1.7, 0.0)),
    "the two answers exchanged": ((1.7, 0.0), (1.5385, -0.5217)),
}


# 07.2
@put("07.2", "bias penalised: a column of ones within the penalty")
def _(X, t, lam):
    A = np.hstack([X, np.ones((len(X), 1))])
    v = np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1]), A.T @ t)
    return v[:-1], float(v[-1])


@put("07.2", "b is the mean of t: the mean of X @ w is not taken off")
def _(X, t, lam):
    Xc = X - X.mean(axis=0)
    w = np.linalg.solve(Xc.T @ Xc + lam * np.eye(X.shape[1]), Xc.T @ (t - t.mean()))
    return w, float(t.mean())


@put("07.2", "w fitted without a bias, b put in afterwards")
def _(X, t, lam):
    w = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ t)
    return w, float(np.mean(t - X @ w))


@put("07.2", "mean of squares in place of the sum: lam times n")
def _(X, t, lam):
    n, d = X.shape
    mx, mt = X.mean(axis=0), t.mean()
    Xc = X - mx
    w = np.linalg.solve(Xc.T @ Xc / n + lam * np.eye(d), Xc.T @ (t - mt) / n)
    return w, mt - mx @ w


@put("07.2", "rows added for the penalty are lam, not its root")
def _(X, t, lam):
    n, d = X.shape
    A = np.block([[X, np.ones((n, 1))], [lam * np.eye(d), np.zeros((d, 1))]])
    v = np.linalg.lstsq(A, np.r_[t, np.zeros(d)], rcond=None)[0]
    return v[:d], v[d]


@put("07.2", "columns divided by their spread first, as in a pipeline: w is that of scaled columns")
def _(X, t, lam):
    m, s = X.mean(axis=0), X.std(axis=0)
    s = np.where(s == 0, 1.0, s)
    Z = (X - m) / s
    w = np.linalg.solve(Z.T @ Z + lam * np.eye(X.shape[1]), Z.T @ (t - t.mean()))
    w = w / s
    return w, t.mean() - m @ w


# 07.3
@put("07.3", "gradient changed to the program's loss, not the loss to the text")
def _(w, b, X, t, lam):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    loss = np.mean(np.logaddexp(0, z) - z * t) + lam * np.sum(w**2) / (2 * len(t))
    return loss, X.T @ (p - t) / len(t) + lam * w / len(t), np.mean(p - t)


@put("07.3", "penalty of the loss without its half")
def _(w, b, X, t, lam):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    loss = np.mean(np.logaddexp(0, z) - z * t) + lam * (w @ w)
    return loss, X.T @ (p - t) / len(t) + lam * w, np.mean(p - t)


@put("07.3", "norm of w not squared in the loss")
def _(w, b, X, t, lam):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    loss = np.mean(np.logaddexp(0, z) - z * t) + lam / 2 * np.linalg.norm(w)
    return loss, X.T @ (p - t) / len(t) + lam * w, np.mean(p - t)


@put("07.3", "loss by logarithms of p: inf or nan where p is 0 or 1")
def _(w, b, X, t, lam):
    with np.errstate(all="ignore"):
        z = X @ w + b
        p = 1 / (1 + np.exp(-z))
        data = -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
        return data + lam / 2 * np.sum(w**2), X.T @ (p - t) / len(t) + lam * w, np.mean(p - t)


@put("07.3", "bias penalised in its gradient")
def _(w, b, X, t, lam):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    loss = np.mean(np.logaddexp(0, z) - z * t) + lam / 2 * np.sum(w**2)
    return loss, X.T @ (p - t) / len(t) + lam * w, np.mean(p - t) + lam * b


@put("07.3", "second factor spoiled while mending: gradient 2 lam w")
def _(w, b, X, t, lam):
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    loss = np.mean(np.logaddexp(0, z) - z * t) + lam * np.sum(w**2) / 2
    return loss, X.T @ (p - t) / len(t) + 2 * lam * w, np.mean(p - t)


# 07.4
@put("07.4", "threshold lam without lr")
def _(w, g, lr, lam):
    u = w - lr * g
    return np.sign(u) * np.maximum(np.abs(u) - lam, 0)


@put("07.4", "sign of the old w in place of that after the step")
def _(w, g, lr, lam):
    u = w - lr * g
    return np.sign(w) * np.maximum(np.abs(u) - lr * lam, 0)


@put("07.4", "hard threshold: small ones to 0, the others not moved")
def _(w, g, lr, lam):
    u = w - lr * g
    u[np.abs(u) <= lr * lam] = 0.0
    return u


@put("07.4", "shrunk first, then the step against g")
def _(w, g, lr, lam):
    shrunk = np.sign(w) * np.maximum(np.abs(w) - lr * lam, 0)
    return shrunk - lr * g


@put("07.4", "subgradient step, set to 0 where the sign of w changes (from a blog)")
def _(w, g, lr, lam):
    new = w - lr * (g + lam * np.sign(w))
    new[new * w < 0] = 0
    return new


@put("07.4", "only positive weights: max(u - lr lam, 0)")
def _(w, g, lr, lam):
    return np.maximum(w - lr * g - lr * lam, 0)


@put("07.4", "right, but w is changed in place")
def _(w, g, lr, lam):
    w -= lr * g
    return np.sign(w) * np.maximum(np.abs(w) - lr * lam, 0)


# 07.5
@put("07.5", "scale 1/(1-p) forgotten, mask right")
def _(G, h, u, p):
    return np.where(u >= p, G, 0.0)


@put("07.5", "mask still read off the output, so that h = 0 gets nothing; scale right")
def _(G, h, u, p):
    d = np.where(u >= p, h / (1 - p), 0.0)
    return (d != 0) * G / (1 - p)


@put("07.5", "times the activation: G d in place of G mask")
def _(G, h, u, p):
    return G * np.where(u >= p, h / (1 - p), 0.0)


@put("07.5", "mask inverted: those that were dropped get the gradient")
def _(G, h, u, p):
    return np.where(u < p, G / (1 - p), 0.0)


@put("07.5", "scaled by 1 - p, as at test time in the first paper")
def _(G, h, u, p):
    mask = (u >= p).astype(float)
    return G * mask * (1 - p)


@put("07.5", "> for >= at the boundary")
def _(G, h, u, p):
    return G * (u > p) / (1 - p)


# 07.6
@put("07.6", "an equal loss counts as a new best")
def _(val, patience):
    best, at, waited = np.inf, 0, 0
    for k, v in enumerate(val, 1):
        if v <= best:
            best, at, waited = v, k, 0
        else:
            waited += 1
            if waited == patience:
                return k, at
    return len(val), at


@put("07.6", "stops one epoch late: > patience")
def _(val, patience):
    best, at = np.inf, 0
    for k, v in enumerate(val, 1):
        if v < best:
            best, at = v, k
        elif k - at > patience:
            return k, at
    return len(val), at


@put("07.6", "compared with the epoch before, not with the best")
def _(val, patience):
    bad = 0
    at = 1
    for k in range(1, len(val)):
        if val[k] < val[k - 1]:
            bad = 0
            if val[k] < val[at - 1]:
                at = k + 1
        else:
            bad += 1
        if bad >= patience:
            return k + 1, at
    return len(val), at


@put("07.6", "best over all epochs, those after the stop too")
def _(val, patience):
    best, at = val[0], 1
    for k in range(2, len(val) + 1):
        if val[k - 1] < best:
            best, at = val[k - 1], k
        elif k - at == patience:
            return k, int(np.argmin(val)) + 1
    return len(val), int(np.argmin(val)) + 1


@put("07.6", "epochs counted from 0")
def _(val, patience):
    best, at = np.inf, 0
    for k, v in enumerate(val):
        if v < best:
            best, at = v, k
        if k - at >= patience:
            return k, at
    return len(val) - 1, at


@put("07.6", "best assumed to be patience epochs before the stop, even when it never stopped")
def _(val, patience):
    best, waited = np.inf, 0
    stopped = len(val)
    for k, v in enumerate(val, 1):
        waited = 0 if v < best else waited + 1
        best = min(v, best)
        if waited == patience:
            stopped = k
            break
    return stopped, stopped - patience


@put("07.6", "counter never set back at a new best")
def _(val, patience):
    best, at, waited = val[0], 1, 0
    for k, v in enumerate(val[1:], 2):
        if v < best:
            best, at = v, k
        else:
            waited += 1
        if waited >= patience:
            return k, at
    return len(val), at


# 07.7
ANSWERS["07.7"] = {
    "train and validation exchanged": ("filters", "train", "length", "validation"),
    "length and filters exchanged": ("length", "validation", "filters", "train"),
    "A taken for the training error since it falls": ("train", "validation", "length", "filters"),
}


# 07.8
@put("07.8", "axes put right, still rolls round")
def _(images, dx, dy):
    return np.stack(
        [np.roll(i, (y, x), axis=(0, 1)) for i, x, y in zip(images, dx, dy, strict=True)]
    )


@put("07.8", "zeros come in, but dx still moves down and dy right")
def _(images, dx, dy):
    out = np.zeros_like(images)
    n, h, w = images.shape
    for k in range(n):
        for r in range(h):
            for c in range(w):
                if 0 <= r - dx[k] < h and 0 <= c - dy[k] < w:
                    out[k, r, c] = images[k, r - dx[k], c - dy[k]]
    return out


@put("07.8", "blanked by a slice from dx on where dx is 0: the whole image goes")
def _(images, dx, dy):
    out = []
    for im, x, y in zip(images, dx, dy, strict=True):
        im = np.roll(im, (y, x), axis=(0, 1))
        if x > 0:
            im[:, :x] = 0
        else:
            im[:, x:] = 0
        if y > 0:
            im[:y] = 0
        else:
            im[y:] = 0
        out.append(im)
    return np.array(out)


@put("07.8", "only shifts to the right and down are blanked")
def _(images, dx, dy):
    out = np.stack(
        [np.roll(i, (y, x), axis=(0, 1)) for i, x, y in zip(images, dx, dy, strict=True)]
    )
    for k in range(len(out)):
        out[k, :, : max(dx[k], 0)] = 0
        out[k, : max(dy[k], 0), :] = 0
    return out


@put("07.8", "moves to the left and up: sign of the shift")
def _(images, dx, dy):
    n, h, w = images.shape
    out = np.zeros(images.shape)
    for k in range(n):
        for r in range(h):
            for c in range(w):
                rr, cc = r + dy[k], c + dx[k]
                if 0 <= rr < h and 0 <= cc < w:
                    out[k, r, c] = images[k, rr, cc]
    return out


@put("07.8", "all images by the shift of the first")
def _(images, dx, dy):
    n, h, w = images.shape
    x, y = int(dx[0]), int(dy[0])
    big = np.zeros((n, 3 * h, 3 * w))
    big[:, h + y : 2 * h + y, w + x : 2 * w + x] = images
    return big[:, h : 2 * h, w : 2 * w]


@put("07.8", "negative indices wrap in the assignment pixel by pixel")
def _(images, dx, dy):
    out = np.zeros_like(images)
    for k, im in enumerate(images):
        for (r, c), v in np.ndenumerate(im):
            try:
                out[k, r + dy[k], c + dx[k]] = v
            except IndexError:
                pass
    return out


# 07.9
@put("07.9", "ratio s²/(s²+lam) forgotten: only the part of the steps, with lam in it")
def _(s, lr, lam, t):
    return np.where(s == 0, 0.0, 1 - (1 - lr * (s**2 + lam)) ** t)


@put("07.9", "lam forgotten in the step's factor: both filters of the chapter multiplied")
def _(s, lr, lam, t):
    ridge = np.divide(s**2, s**2 + lam, out=np.zeros(len(s)), where=s**2 + lam > 0)
    return ridge * (1 - (1 - lr * s**2) ** t)


@put("07.9", "s in place of s squared")
def _(s, lr, lam, t):
    c = s + lam
    return np.divide(s, c, out=np.zeros_like(c), where=c > 0) * (1 - (1 - lr * c) ** t)


@put("07.9", "decay apart from the gradient step, as in AdamW: shrinks after the step")
def _(s, lr, lam, t):
    f = np.zeros_like(s)
    for _ in range(t):
        f = f - lr * s**2 * (f - 1)
        f = f * (1 - lr * lam)
    return f


@put("07.9", "one step too few")
def _(s, lr, lam, t):
    f = np.zeros_like(s)
    for _ in range(1, t):
        f = f - lr * (s**2 * (f - 1) + lam * f)
    return f


@put("07.9", "0/0 in a direction with s = 0 and lam = 0: nan")
def _(s, lr, lam, t):
    with np.errstate(all="ignore"):
        return s**2 / (s**2 + lam) * (1 - (1 - lr * (s**2 + lam)) ** t)


@put("07.9", "starts from a, not from 0")
def _(s, lr, lam, t):
    f = np.where(s > 0, 1.0, 0.0)
    for _ in range(t):
        f = f - lr * (s**2 * (f - 1) + lam * f)
    return f


# 07.10
@put("07.10", "standard deviation with k in the denominator (NumPy's default)")
def _(errors, lams):
    m = errors.mean(axis=0)
    b = m.argmin()
    se = errors[:, b].std() / np.sqrt(len(errors))
    return float(lams[m <= m[b] + se].max())


@put("07.10", "standard deviation, not standard error: no division by root k")
def _(errors, lams):
    m = errors.mean(axis=0)
    b = m.argmin()
    return float(lams[m <= m[b] + errors[:, b].std(ddof=1)].max())


@put("07.10", "last in the list in place of the largest lam")
def _(errors, lams):
    m = errors.mean(axis=0)
    b = np.argmin(m)
    se = np.std(errors[:, b], ddof=1) / np.sqrt(errors.shape[0])
    return float(lams[np.where(m <= m[b] + se)[0][-1]])


@put("07.10", "standard error of each candidate, not that of the best")
def _(errors, lams):
    m = errors.mean(axis=0)
    se = errors.std(axis=0, ddof=1) / np.sqrt(errors.shape[0])
    return float(max(lam for lam, e, s in zip(lams, m, se, strict=True) if e <= m.min() + s))


@put("07.10", "< in place of <=: nothing left where the standard error is 0")
def _(errors, lams):
    m = errors.mean(axis=0)
    b = m.argmin()
    se = errors[:, b].std(ddof=1) / np.sqrt(len(errors))
    ok = [lam for lam, e in zip(lams, m, strict=True) if e < m[b] + se]
    return float(max(ok)) if ok else float(lams[b])


@put("07.10", "the best lam itself, no rule of one standard error")
def _(errors, lams):
    return float(lams[np.argmin(errors.mean(axis=0))])


@put("07.10", "divided by the root of m (number of penalties), not of k")
def _(errors, lams):
    m = errors.mean(axis=0)
    b = m.argmin()
    se = errors[:, b].std(ddof=1) / np.sqrt(errors.shape[1])
    return float(lams[m <= m[b] + se].max())
