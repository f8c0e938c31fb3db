"""Chapter 10: right answers in other forms, changes that keep a solution right."""

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import torch
from scipy.stats import binom
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from answers.reasons import BELOW_TOLERANCE, EACH_ONCE, RATE_NOT_NEGATIVE


def scores_by_scikit_learn():
    C = [[35, 8, 3], [1, 14, 2], [8, 4, 5]]
    true = np.repeat(range(3), [46, 17, 17])
    said = np.concatenate([np.repeat(range(3), row) for row in C])
    P, R, F, _ = precision_recall_fscore_support(true, said)
    return confusion_matrix(true, said).trace() / 80, P[1], R[1], F.mean()


def twice_by_cross_entropy(k):
    def loss(p, right=0):
        p = torch.tensor(p, dtype=torch.float64)
        return (torch.logsumexp(p, 0) - p[right]).item()

    sure = np.zeros(k)
    sure[0] = 1.0
    return loss(np.full(k, 1 / k)), loss(sure), loss(sure, 1)


def twice_by_hand(k):
    best = math.log(1 + (k - 1) * math.exp(-1))
    return -math.log(1 / k), best, 1 + best


def twice_by_logaddexp(k):
    rest = np.log(k - 1)
    return np.log(k), np.logaddexp(0, rest - 1), np.logaddexp(1, rest)


def prepare_by_scikit_learn(train, val):
    fill = np.nanmean(train, axis=0)
    model = make_pipeline(
        FunctionTransformer(lambda X: np.where(np.isnan(X), fill, X)), StandardScaler()
    )
    return model.fit_transform(train), model.transform(val)


def prepare_column_by_column(train, val):
    A, B = train.tolist(), val.tolist()
    for j in range(train.shape[1]):
        known = [row[j] for row in A if row[j] == row[j]]
        mean = sum(known) / len(known)
        std = math.sqrt(sum((v - mean) ** 2 for v in known) / len(A)) if len({*known}) > 1 else 1.0
        for row in [*A, *B]:
            row[j] = (row[j] - mean) / std if row[j] == row[j] else 0.0
    return A, B


def prepare_by_pytorch(train, val):
    X = torch.tensor(train)
    mean = X.nanmean(0)
    X = torch.where(X.isnan(), mean, X)
    std, mean = torch.std_mean(X, 0, correction=0)
    std[torch.isclose(X.amax(0), X.amin(0), rtol=1e-12, atol=0)] = 1
    return ((X - mean) / std).numpy(), np.nan_to_num((val - mean.numpy()) / std.numpy())


def folds_by_scikit_learn(groups, k):
    fold = np.full(len(groups), -1)
    if len(set(groups.tolist())) < k:  # scikit-learn refuses that
        return np.unique(groups, return_inverse=True)[1]
    for f, (_, held) in enumerate(GroupKFold(k).split(groups, groups=groups)):
        fold[held] = f
    return fold


def folds_by_counter(groups, k):
    members = [[] for _ in range(k)]
    where = {}
    for group, size in Counter(groups.tolist()).most_common():
        f = min(range(k), key=lambda f: len(members[f]))
        members[f] += [group] * size
        where[group] = f
    return [where[g] for g in groups.tolist()]


def folds_from_the_last(groups, k):
    """The emptiest fold is looked for from the end; rows are counted by a matrix."""
    same = groups[:, None] == np.unique(groups)
    sizes, fold = same.sum(0), np.zeros(same.shape[1])
    full = np.zeros(k)
    for g in sizes.argsort()[::-1]:
        fold[g] = k - 1 - full[::-1].argmin()
        full[int(fold[g])] += sizes[g]
    return same @ fold


def cost_by_table(scores, labels, miss, alarm):
    T = np.append(scores, np.inf)
    said = scores[:, None] >= T
    one = (labels == 1)[:, None]
    return float((miss * (one & ~said).sum(0) + alarm * (~one & said).sum(0)).min())


def cost_by_cases(scores, labels, miss, alarm):
    rows = sorted(zip(scores.tolist(), labels.tolist(), strict=True))
    cost = best = alarm * labels.tolist().count(0)
    for i, (score, label) in enumerate(rows):
        cost += miss if label == 1 else -alarm
        if i + 1 == len(rows) or rows[i + 1][0] > score:
            best = min(best, cost)
    return best


def cost_by_counts(scores, labels, miss, alarm):
    ones, zeros = np.sort(scores[labels == 1]), np.sort(scores[labels == 0])
    T = np.append(np.unique(scores), np.inf)
    misses = np.searchsorted(ones, T, side="left")
    return min(miss * misses + alarm * (len(zeros) - np.searchsorted(zeros, T, side="left")))


def luck_by_scipy(n, p, N):
    x = np.arange(n)
    return float((1 - binom.cdf(x, n, p) ** N).mean())


def luck_one_more_at_a_time(n, p, N):
    """The distribution of the best so far, with one model more in each round."""
    q = np.array([1.0])
    for _ in range(n):
        q = np.append(q * (1 - p), 0) + np.append(0, q * p)
    F = best = np.cumsum(q)
    for _ in range(N - 1):
        best = best * F
    return n**-1 * sum(x * (best[x] - best[x - 1]) for x in range(1, n + 1))


def luck_from_above(n, p, N):
    total, tail = 0.0, 0.0
    for x in range(n, 0, -1):
        tail += math.comb(n, x) * p**x * (1 - p) ** (n - x)
        total += 1 - max(1 - tail, 0.0) ** N
    return total / n


def report_by_numpy(losses, sizes, every):
    means = np.cumsum(losses * sizes) / np.cumsum(sizes)
    steps = np.union1d(np.arange(every, len(losses) + 1, every), len(losses)).astype(int)
    return list(zip(steps, means[steps - 1], strict=True))


def report_by_average(losses, sizes, every):
    m = len(losses)
    return [
        [s, np.average(losses[:s], weights=sizes[:s])]
        for s in range(1, m + 1)
        if s == m or not s % every
    ]


def report_by_moving_the_mean(losses, sizes, every):
    mean, rows, lines = 0.0, 0, []
    for i in range(len(losses)):
        rows += sizes[i]
        mean += (losses[i] - mean) * sizes[i] / rows
        if (i + 1) % every == 0:
            lines += [(i + 1, mean)]
    if len(losses) % every:
        lines += [(len(losses), mean)]
    return lines


def step_by_pytorch(X, T, Ws, lr):
    Ws = [torch.tensor(W, requires_grad=True) for W in Ws]
    H = torch.tensor(X)
    for W in Ws[:-1]:
        H = torch.tanh(H @ W)
    loss = 0.5 * (H @ Ws[-1] - torch.tensor(T)).square().sum(1).mean()
    loss.backward()
    return [(W - lr * W.grad).detach().numpy() for W in Ws]


def step_by_the_book(X, T, Ws, lr):
    from bookutils import Tensor

    params = [Tensor(W, requires_grad=True) for W in Ws]
    H = Tensor(X)
    for W in params[:-1]:
        H = (H @ W).tanh()
    (((H @ params[-1] - T) ** 2).sum() * (0.5 / len(X))).backward()
    return [p.data - lr * p.grad for p in params]


def step_by_recursion(X, T, Ws, lr):
    """δ of a layer's input comes back from the call that handles the layers above."""

    def above(H, k):
        if k == len(Ws) - 1:
            error = (H @ Ws[k] - T) / len(X)
            return [Ws[k] - lr * H.T @ error], error @ Ws[k].T
        out = np.tanh(H @ Ws[k])
        new, delta = above(out, k + 1)
        delta = delta * (1 - out * out)
        return [Ws[k] - lr * np.einsum("ni,nj->ij", H, delta), *new], delta @ Ws[k].T

    return above(X, 0)[0]


def resume_by_pytorch(saved, grads, lr, warm):
    w, m, v = (torch.tensor(saved[key]) for key in "wmv")
    t = saved["t"]
    for g in torch.tensor(grads):
        t += 1
        m, v = m.lerp(g, 0.1), torch.addcmul(0.999 * v, g, g, value=0.001)
        below = (v / (1 - 0.999**t)).sqrt() + 1e-8
        w = torch.addcdiv(w, m / (1 - 0.9**t), below, value=-lr * min(1, t / warm))
    return {"w": w.numpy(), "m": m.numpy(), "v": v.numpy(), "t": t}


def resume_number_by_number(saved, grads, lr, warm):
    state = {key: list(saved[key]) for key in "wmv"}
    for k, g in enumerate(grads.tolist()):
        t = saved["t"] + k + 1
        for i, d in enumerate(g):
            m = state["m"][i] = state["m"][i] + 0.1 * (d - state["m"][i])
            v = state["v"][i] = state["v"][i] + 0.001 * (d * d - state["v"][i])
            a, b = m / (1 - 0.9**t), v / (1 - 0.999**t)
            state["w"][i] -= min(lr, lr * t / warm) * a / (math.sqrt(b) + 1e-8)
    return state | {"t": saved["t"] + len(grads)}


def resume_by_itself(saved, grads, lr, warm):
    """A step, and then the rest."""
    if not len(grads):
        return {key: value + 0 for key, value in saved.items()}
    g, t = grads[0], saved["t"] + 1
    m, v = 0.9 * saved["m"] + 0.1 * g, 0.999 * saved["v"] + 0.001 * g * g
    size = lr * min(t, warm) / warm
    w = saved["w"] - size * m / (1 - 0.9**t) / (1e-8 + (v / (1 - 0.999**t)) ** 0.5)
    return resume_by_itself(dict(t=t, v=v, m=m, w=w), grads[1:], lr, warm)


RIGHT = {
    "10.1": [
        scores_by_scikit_learn,
        [0.675, 0.5385, 0.8235, 0.5998],
        lambda: (Fraction(54, 80), Fraction(14, 26), Fraction(14, 17), np.float64(0.59977)),
    ],
    "10.2": [twice_by_cross_entropy, twice_by_hand, twice_by_logaddexp],
    "10.3": [prepare_by_scikit_learn, prepare_column_by_column, prepare_by_pytorch],
    "10.4": [folds_by_scikit_learn, folds_by_counter, folds_from_the_last],
    "10.5": [
        ["penalty", "older weights", "easier rows", "dropout"],
        ("Penalty", "Older weights", "Easier rows", "Dropout "),
        lambda: tuple("penalty,older weights,easier rows,dropout".split(",")),
    ],
    "10.6": [cost_by_table, cost_by_cases, cost_by_counts],
    "10.7": [luck_by_scipy, luck_one_more_at_a_time, luck_from_above],
    "10.8": [report_by_numpy, report_by_average, report_by_moving_the_mean],
    "10.9": [step_by_pytorch, step_by_the_book, step_by_recursion],
    "10.10": [resume_by_pytorch, resume_number_by_number, resume_by_itself],
}


EITHER = "the larger or smaller of two has no order"
NOT_NEGATIVE = "it is never negative"
WHOLE = "both are whole numbers, far below 100,000"
SHARE = "p lies between 0 and 1"
ONE = "one row may lie in any fold"
EQUIVALENT = {
    "10.2": {
        f"return (math.log(k), math.log(total) - 1, math.log(total)) → {changed}": BELOW_TOLERANCE
        for changed in (
            "return (math.log(k + 1e-09), math.log(total) - 1, math.log(total))",
            "return (math.log(k), math.log(total + 1e-09) - 1, math.log(total))",
            "return (math.log(k), math.log(total) - 1, math.log(total + 1e-09))",
        )
    },
    "10.4": {
        **dict.fromkeys(
            (
                "fold, rows = (np.zeros(len(groups), dtype=int), np.zeros(k)) → "
                "fold, rows = (np.ones(len(groups), dtype=int), np.zeros(k))",
                "fold[groups == names[g]] = emptiest → fold[groups == names[g]] += emptiest",
            ),
            "every row gets its fold once, where 0 or nothing was before",
        ),
        "fold, rows = (np.zeros(len(groups), dtype=int), np.zeros(k)) → "
        "fold, rows = (np.zeros(len(groups)), np.zeros(k))": "a whole number may be a float",
        "fold, rows = (np.zeros(len(groups), dtype=int), np.zeros(k)) → "
        "fold, rows = (np.zeros(len(groups), dtype=int), np.ones(k))": (
            "all folds begin equally full"
        ),
        "for g in np.argsort(-sizes): → for g in dict.fromkeys(np.argsort(-sizes)):": EACH_ONCE,
        "wrong where groups.shape[0] == 1": ONE,
    },
    "10.6": {
        "for T in scores: → for T in reversed(scores):": "the lowest cost has no order",
        "for T in scores: → for T in dict.fromkeys(scores):": "a score twice is one candidate",
        "best = min(best, miss * misses + alarm * alarms) → "
        "best = min(miss * misses + alarm * alarms, best)": EITHER,
        "return float(best) → return best": "a number of NumPy is taken for a float",
        "scores + 1e-9": "only their order counts",
        "abs(miss)": NOT_NEGATIVE,
        "abs(alarm)": NOT_NEGATIVE,
    },
    "10.7": {
        **dict.fromkeys(
            (
                "at_most = np.minimum(np.cumsum(exactly), 1.0) ** N → "
                "at_most = np.cumsum(exactly) ** N",
                "at_most = np.minimum(np.cumsum(exactly), 1.0) ** N → "
                "at_most = np.minimum(np.cumsum(exactly), 2.0) ** N",
                "return float(np.sum(np.arange(n + 1) / n * best_is)) → "
                "return float(np.sum(np.arange(n + 1) / (n + 1e-09) * best_is))",
            ),
            BELOW_TOLERANCE,
        ),
        **dict.fromkeys(
            (
                "best_is = np.diff(at_most, prepend=0.0) → best_is = np.diff(at_most, prepend=1.0)",
                "best_is = np.diff(at_most, prepend=0.0) → "
                "best_is = np.diff(at_most, prepend=-1.0)",
            ),
            "the chance of 0 is multiplied by 0",
        ),
        "at_most = np.minimum(np.cumsum(exactly), 1.0) ** N → "
        "at_most = np.minimum(1.0, np.cumsum(exactly)) ** N": EITHER,
        "return float(np.sum(np.arange(n + 1) / n * best_is)) → "
        "return np.sum(np.arange(n + 1) / n * best_is)": "a number of NumPy is taken for a float",
        "return float(np.sum(np.arange(n + 1) / n * best_is)) → "
        "return float(np.sum(np.arange(n + 1) / n @ best_is))": "the sum of one number is itself",
        "clip(p, -50, 50)": SHARE,
        "abs(p)": SHARE,
    },
    "10.8": {
        "lines, total, rows = ([], 0.0, 0) → lines, total, rows = ([], 0, 0.0)": "0 is 0.0",
        "for step, (loss, size) in enumerate(zip(losses, sizes), start=1): → "
        "for step, (loss, size) in dict.fromkeys(enumerate(zip(losses, sizes), start=1)):": (
            "every step has its own number"
        ),
        "if step % every == 0 or step == len(losses): → "
        "if np.isclose(step % every, 0) or step == len(losses):": "both are whole numbers",
        "if step % every == 0 or step == len(losses): → "
        "if step % every == 0 or np.isclose(step, len(losses)):": WHOLE,
        "if step % every == 0 or step == len(losses): → "
        "if step % every == 0 or step == len(sizes):": "there are as many sizes as losses",
        "lines.append((step, total / rows)) → lines.append((step, total / (rows + 1e-09)))": (
            BELOW_TOLERANCE
        ),
        "smeared": "a mean is linear in the losses",
    },
    "10.9": {
        "delta = (hs[-1] @ Ws[-1] - T) / len(X) → delta = (hs[-1] @ Ws[-1] - T) / len(T)": (
            "there are as many targets as rows"
        ),
        "for k in reversed(range(len(Ws))): → for k in dict.fromkeys(reversed(range(len(Ws)))):": (
            EACH_ONCE
        ),
        "abs(lr)": RATE_NOT_NEGATIVE,
    },
    "10.10": {
        "rate = lr * min(1, t / warm) → rate = lr * min(t / warm, 1)": EITHER,
        "abs(lr)": RATE_NOT_NEGATIVE,
    },
}
