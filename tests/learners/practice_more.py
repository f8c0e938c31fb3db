"""Wrong answers to chapter 10, written when the first lot had widened the lists."""

import math
from collections import defaultdict
from itertools import pairwise

import numpy as np

ANSWERS = defaultdict(dict)

# ---- 10.1

A, P, R, M = 0.675, 14 / 26, 14 / 17, (70 / 90 + 28 / 43 + 10 / 27) / 3
ANSWERS["10.1"] |= {
    "two decimals, all four": (0.68, 0.54, 0.82, 0.60),
    "percent, to two decimals": (67.5, 53.85, 82.35, 59.98),
    "macro F1 from ordinary means": (A, P, R, 0.6187),
    "recall by all rows": (A, P, 14 / 80, M),
    "precision by all rows": (A, 14 / 80, R, M),
    "first class, precision only": (A, 35 / 44, R, M),
    "macro F1 over two classes": (A, P, R, (70 / 90 + 10 / 27) / 2),
    "middle F1 wrong, 2PR over PR": (A, P, R, (70 / 90 + 10 / 27 + 2) / 3),
    "accuracy of two classes": (49 / 58, P, R, M),
    "rounded at once": (A, P, 0.82, 0.5985),
    "harmonic mean of the F1": (A, P, R, 3 / (90 / 70 + 43 / 28 + 27 / 10)),
    "median F1": (A, P, R, 28 / 43),
    "weighted by columns": (A, P, R, (44 * 70 / 90 + 26 * 28 / 43 + 10 * 10 / 27) / 80),
    "max of F1": (A, P, R, 70 / 90),
    "order exchanged": (M, A, P, R),
}

# ---- 10.2

E = math.e
ANSWERS["10.2"] |= {
    "uniform is k": lambda k: (1 / k, math.log1p((k - 1) / E), math.log(E + k - 1)),
    "uniform of doubled logs": lambda k: (
        math.log(k) ** 2, math.log1p((k - 1) / E), math.log(E + k - 1),
    ),
    "lowest times two": lambda k: (
        math.log(k), 2 * math.log1p((k - 1) / E), math.log(E + k - 1),
    ),
    "highest is lowest plus ln k": lambda k: (
        math.log(k), math.log1p((k - 1) / E), math.log1p((k - 1) / E) + math.log(k),
    ),
    "worst at 1 over k - 1": lambda k: (
        math.log(k), math.log1p((k - 1) / E), math.log(1 + (k - 1) * math.exp(1 / (k - 1))),
    ),
    "lowest and highest exchanged": lambda k: (
        math.log(k), math.log(E + k - 1), math.log1p((k - 1) / E),
    ),
    "for ten classes": lambda k: (2.302585093, 1.461150195, 2.461150195),
    "base ten": lambda k: (math.log10(k), math.log10(1 + (k - 1) / E), math.log10(E + k - 1)),
    "no ln in lowest": lambda k: (math.log(k), 1 + (k - 1) / E, math.log(E + k - 1)),
    "others 1 over k": lambda k: (
        math.log(k), math.log1p((k - 1) * math.exp(1 / k - 1)), math.log(E + k - 1),
    ),
    "k / e": lambda k: (math.log(k), math.log(k / E), math.log(E + k - 1)),
    "highest k e": lambda k: (math.log(k), math.log1p((k - 1) / E), math.log(k * E)),
}  # fmt: skip

# ---- 10.3


def fill_of(X):
    return np.nansum(X, axis=0) / np.maximum((~np.isnan(X)).sum(axis=0), 1)


def filled(X, fill):
    return np.where(np.isnan(X), fill, X)


def scaled(A, B, mean, std):
    std = np.where(std < 1e-14, 1.0, std)
    return (A - mean) / std, (B - mean) / std


def filled_pair(train, val):
    fill = fill_of(train)
    return filled(train, fill), filled(val, fill)


def sum_over_n(train, val):
    """Holes count in the length of the mean."""
    fill = np.nansum(train, axis=0) / len(train)
    A, B = filled(train, fill), filled(val, fill)
    return scaled(A, B, A.mean(0), A.std(0))


def scale_before_filling(train, val):
    fill = fill_of(train)
    std = np.sqrt(fill_of((train - fill) ** 2))
    A, B = scaled(train, val, fill, std)
    return np.nan_to_num(A), np.nan_to_num(B)


def mean_of_filled_with_zeros(train, val):
    A, B = np.nan_to_num(train), np.nan_to_num(val)
    fill = A.mean(0)
    A, B = filled(train, fill), filled(val, fill)
    return scaled(A, B, A.mean(0), A.std(0))


def validation_filled_from_both(train, val):
    A = filled(train, fill_of(train))
    B = filled(val, fill_of(np.vstack([train, val])))
    return scaled(A, B, A.mean(0), A.std(0))


def scale_from_both_filled_from_train(train, val):
    A, B = filled_pair(train, val)
    both = np.vstack([A, B])
    return scaled(A, B, both.mean(0), both.std(0))


def mean_train_std_both(train, val):
    A, B = filled_pair(train, val)
    return scaled(A, B, A.mean(0), np.vstack([A, B]).std(0))


def twice_scaled(train, val):
    A, B = filled_pair(train, val)
    A, B = scaled(A, B, A.mean(0), A.std(0))
    return scaled(A, B, A.mean(0), B.std(0))


def ddof(train, val):
    A, B = filled_pair(train, val)
    std = A.std(0, ddof=1) if len(A) > 1 else A.std(0)
    return scaled(A, B, A.mean(0), std)


def divided_by_range(train, val):
    A, B = filled_pair(train, val)
    return scaled(A, B, A.mean(0), A.max(0) - A.min(0))


def mean_absolute(train, val):
    A, B = filled_pair(train, val)
    return scaled(A, B, A.mean(0), abs(A - A.mean(0)).mean(0))


def largest(train, val):
    A, B = filled_pair(train, val)
    return scaled(A, B, 0.0, abs(A).max(0))


def constant_by_isclose(train, val):
    A, B = filled_pair(train, val)
    std = A.std(0)
    return scaled(A, B, A.mean(0), np.where(np.isclose(std, 0, atol=1e-2), 1.0, std))


def constant_stays(train, val):
    A, B = filled_pair(train, val)
    constant = A.std(0) < 1e-14
    return scaled(A, B, np.where(constant, 0, A.mean(0)), A.std(0))


def constant_as_one(train, val):
    A, B = filled_pair(train, val)
    C, D = scaled(A, B, A.mean(0), A.std(0))
    constant = A.std(0) == 0
    return np.where(constant, 1.0, C), np.where(constant, 1.0, D)


def rows_dropped(train, val):
    train = train[~np.isnan(train).any(1)]
    A, B = filled_pair(train, val)
    return scaled(A, B, A.mean(0), A.std(0)) if len(A) else (A, B)


def last_column_only(train, val):
    A, B = filled_pair(train, val)
    C, D = scaled(A, B, A.mean(0), A.std(0))
    A[:, -1], B[:, -1] = C[:, -1], D[:, -1]
    return A, B


def first_result_only(train, val):
    A, B = filled_pair(train, val)
    return scaled(A, B, A.mean(0), A.std(0))[0]


def with_mean(train, val):
    A, B = filled_pair(train, val)
    return scaled(A, B, A.mean(), A.std(0))


ANSWERS["10.3"] |= {
    "holes counted in the mean": sum_over_n,
    "scaled before filling": scale_before_filling,
    "mean of zeros": mean_of_filled_with_zeros,
    "validation filled from both": validation_filled_from_both,
    "scale from both": scale_from_both_filled_from_train,
    "mean of train, deviation of both": mean_train_std_both,
    "scaled twice": twice_scaled,
    "n - 1": ddof,
    "divided by the range": divided_by_range,
    "mean absolute deviation": mean_absolute,
    "divided by the largest": largest,
    "nearly constant": constant_by_isclose,
    "constant columns stay": constant_stays,
    "constant columns 1": constant_as_one,
    "rows with holes left out": rows_dropped,
    "only the last column": last_column_only,
    "only the training rows returned": first_result_only,
    "one mean for all columns": with_mean,
    "scaled, not filled": lambda train, val: scaled(train, val, fill_of(train), filled(
        train, fill_of(train)).std(0)),
    "filled, not scaled": filled_pair,
    "training rows twice": lambda train, val: scale_before_filling(train, train),
}  # fmt: skip


def deviation_0(train, val):
    fill = np.nanmean(train, axis=0)
    A, B = filled(train, fill), filled(val, fill)
    std = np.where(A.std(axis=0) == 0, 1, A.std(axis=0))
    return (A - fill) / std, (B - fill) / std


def each_by_its_own(train, val):
    def alone(X):
        X = filled(X, np.nanmean(X, axis=0))
        std = X.std(axis=0)
        return (X - X.mean(axis=0)) / np.where(std == 0, 1, std)

    return alone(train), alone(val)


def n_less_one(train, val):
    A, B = filled_pair(train, val)
    std = A.std(axis=0, ddof=1)
    std = np.where(std == 0, 1, std)
    return (A - A.mean(axis=0)) / std, (B - A.mean(axis=0)) / std


def centre_of_both(train, val):
    A, B = filled_pair(train, val)
    return scaled(A, B, np.vstack([A, B]).mean(axis=0), A.std(axis=0))


ANSWERS["10.3"] |= {
    "asks whether the deviation is 0": deviation_0,
    "each set by its own mean and deviation": each_by_its_own,
    "n - 1, nothing of one row": n_less_one,
    "mean of both, deviation of train": centre_of_both,
}

# ---- 10.4


def with_sets(groups, k):
    """Sets in the place of rows: the number of groups decides."""
    sets = [set() for _ in range(k)]
    for g in np.unique(groups):
        min(sets, key=len).add(int(g))
    return np.array([next(f for f in range(k) if int(g) in sets[f]) for g in groups])


def by_first_row(groups, k):
    return np.array([list(groups).index(g) % k for g in groups])


def hash_of_group(groups, k):
    return abs(groups * 2654435761) % k


def into_the_next_smaller(groups, k):
    """A sorted group goes to the fold after the one before."""
    names, sizes = np.unique(groups, return_counts=True)
    fold = {g: i % k for i, g in enumerate(names[np.argsort(-sizes, kind="stable")])}
    return np.array([fold[g] for g in groups])


def size_not_added(groups, k):
    names, sizes = np.unique(groups, return_counts=True)
    full, fold = np.zeros(k), {}
    for g in names[np.argsort(-sizes, kind="stable")]:
        fold[g] = int(full.argmin())
        full[fold[g]] += 1
    return np.array([fold[g] for g in groups])


def size_set(groups, k):
    names, sizes = np.unique(groups, return_counts=True)
    full, fold = np.zeros(k), {}
    for i in np.argsort(-sizes, kind="stable"):
        fold[names[i]] = int(full.argmin())
        full[fold[names[i]]] = sizes[i]
    return np.array([fold[g] for g in groups])


def last_fold_takes_the_rest(groups, k):
    names, sizes = np.unique(groups, return_counts=True)
    target, fold, f, n = len(groups) // k, {}, 0, 0
    for g, size in zip(names, sizes, strict=True):
        fold[g] = f
        n += size
        if n >= target and f < k - 1:
            f, n = f + 1, 0
    return np.array([fold[g] for g in groups])


def one_group_a_fold_and_the_rest(groups, k):
    at = np.unique(groups, return_inverse=True)[1]
    return np.minimum(at, k - 1)


def torn_at_the_end(groups, k):
    order = np.argsort(groups, kind="stable")
    fold = np.zeros(len(groups), dtype=int)
    for f, part in enumerate(np.array_split(order, k)):
        fold[part] = f
    return fold


ANSWERS["10.4"] |= {
    "sets": with_sets,
    "index of the first row": by_first_row,
    "hash": hash_of_group,
    "sorted, in turn": into_the_next_smaller,
    "size not added": size_not_added,
    "size set, not added": size_set,
    "last fold takes the rest": last_fold_takes_the_rest,
    "one group a fold, the rest in the last": one_group_a_fold_and_the_rest,
    "torn by array_split": torn_at_the_end,
    "rows mod k": lambda groups, k: [i % k for i in range(len(groups))],
    "groups returned": lambda groups, k: groups,
    "mod of the place": lambda groups, k: np.unique(groups, return_inverse=True)[1] % k,
    "dict": lambda groups, k: {int(g): 0 for g in groups},
}


def smallest_first(groups, k):
    names, sizes = np.unique(groups, return_counts=True)
    fold, rows = np.zeros(len(groups), dtype=int), np.zeros(k)
    for g in np.argsort(sizes):
        emptiest = rows.argmin()
        fold[groups == names[g]] = emptiest
        rows[emptiest] += sizes[g]
    return fold


ANSWERS["10.4"]["smallest first"] = smallest_first

# ---- 10.6


def all_thresholds(said, cost):
    def least_cost(scores, labels, miss, alarm):
        return float(min(cost(said(scores, T), labels, miss, alarm) for T in [*scores, np.inf]))

    return least_cost


def priced(said, labels, miss, alarm):
    return miss * (labels * (1 - said)).sum() + alarm * ((1 - labels) * said).sum()


def at_least(scores, T):
    return 1 * (scores >= T)


def best_accuracy_then_cost(scores, labels, miss, alarm):
    T = max([*scores, np.inf], key=lambda T: np.mean(at_least(scores, T) == labels))
    return float(priced(at_least(scores, T), labels, miss, alarm))


def max_of_both(said, labels, miss, alarm):
    return max(miss * (labels * (1 - said)).sum(), alarm * ((1 - labels) * said).sum())


def no_never(scores, labels, miss, alarm):
    return float(min(priced(at_least(scores, T), labels, miss, alarm) for T in scores))


def only_between_different(scores, labels, miss, alarm):
    s = np.sort(scores)
    middle = [(a + b) / 2 for a, b in pairwise(s)] or [s[0]]
    return float(min(priced(at_least(scores, T), labels, miss, alarm) for T in middle))


def return_in_the_loop(scores, labels, miss, alarm):
    best = np.inf
    for T in [*scores, np.inf]:
        best = min(best, priced(at_least(scores, T), labels, miss, alarm))
        return float(best)


def best_not_kept(scores, labels, miss, alarm):
    for T in [*np.sort(scores), np.inf]:
        best = priced(at_least(scores, T), labels, miss, alarm)
    return float(best)


def starts_at_zero(scores, labels, miss, alarm):
    best = 0.0
    for T in [*scores, np.inf]:
        best = min(best, priced(at_least(scores, T), labels, miss, alarm))
    return float(best)


def stops_at_ten(scores, labels, miss, alarm):
    T = [*np.linspace(scores.min(), scores.max(), 10), np.inf]
    return float(min(priced(at_least(scores, t), labels, miss, alarm) for t in T))


ANSWERS["10.6"] |= {
    "best accuracy, then its cost": best_accuracy_then_cost,
    "larger of both costs": all_thresholds(at_least, max_of_both),
    "no never": no_never,
    "middles only": only_between_different,
    "return in the loop": return_in_the_loop,
    "last threshold's cost": best_not_kept,
    "begins at 0": starts_at_zero,
    "ten over the range": stops_at_ten,
    "above, not at": all_thresholds(lambda s, T: 1 * (s > T), priced),
    "below": all_thresholds(lambda s, T: 1 * (s < T), priced),
    "at most": all_thresholds(lambda s, T: 1 * (s <= T), priced),
    "near enough": all_thresholds(lambda s, T: 1 * (s >= T - 1e-9), priced),
    "prices added": all_thresholds(
        at_least, lambda said, y, miss, alarm: (miss + alarm) * (said != y).sum()
    ),
    "number of errors": all_thresholds(at_least, lambda said, y, miss, alarm: (said != y).sum()),
    "mean": all_thresholds(at_least, lambda said, y, *prices: priced(said, y, *prices) / len(y)),
    "alarms for all said": all_thresholds(
        at_least, lambda said, y, miss, alarm: miss * (y * (1 - said)).sum() + alarm * said.sum()
    ),
    "misses for all not said": all_thresholds(
        at_least,
        lambda said, y, miss, alarm: miss * (1 - said).sum() + alarm * ((1 - y) * said).sum(),
    ),
    "gain for hits": all_thresholds(
        at_least,
        lambda said, y, miss, alarm: priced(said, y, miss, alarm) - miss * (y * said).sum(),
    ),
}

# ---- 10.7


def chances(n, p):
    return np.array([math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(n + 1)])


def best_by(function):
    def luck(n, p, N):
        q = chances(n, p)
        return float(function(np.arange(n + 1), q, np.minimum(np.cumsum(q), 1.0), n, p, N))

    return luck


ANSWERS["10.7"] |= {
    "n - 1 in the end": best_by(
        lambda x, q, F, n, p, N: (x * np.diff(F**N, prepend=0)).sum() / (n + 1)
    ),
    "N of the masses": best_by(lambda x, q, F, n, p, N: min(1.0, N * (x * q).sum() / n)),
    "order of the mass times F": best_by(
        lambda x, q, F, n, p, N: (x * N * q * F ** (N - 1)).sum() / n
    ),
    "N - 1": best_by(lambda x, q, F, n, p, N: (x * np.diff(F ** (N - 1), prepend=0)).sum() / n),
    "N + 1": best_by(lambda x, q, F, n, p, N: (x * np.diff(F ** (N + 1), prepend=0)).sum() / n),
    "the one above": best_by(
        lambda x, q, F, n, p, N: ((x + 1) * np.diff(F**N, prepend=0)).sum() / n
    ),
    "1 - F, to the N": best_by(lambda x, q, F, n, p, N: (1 - (1 - F) ** N)[:-1].mean()),
    "mean of F": best_by(lambda x, q, F, n, p, N: 1 - F.mean()),
    "quantile": best_by(lambda x, q, F, n, p, N: np.argmax(F >= 1 - 1 / N) / n),
    "quantile N / (N + 1)": best_by(lambda x, q, F, n, p, N: np.argmax(F >= N / (N + 1)) / n),
    "sigma root n": best_by(lambda x, q, F, n, p, N: p + math.sqrt(p * (1 - p) / N)),
    "standard error over N": best_by(
        lambda x, q, F, n, p, N: p + 2 * math.sqrt(p * (1 - p) / n / N)
    ),
    "p to the 1 / N": lambda n, p, N: p ** (1 / N),
    "all right": lambda n, p, N: 1 - (1 - p**n) ** N,
    "number, not share": best_by(lambda x, q, F, n, p, N: (x * np.diff(F**N, prepend=0)).sum()),
    "above p only": best_by(lambda x, q, F, n, p, N: (x * np.diff(F**N, prepend=0)).sum() / n - p),
}

# ---- 10.8


def loop(body, due=lambda step, every, m: step % every == 0 or step == m):
    def report(losses, sizes, every):
        lines, kept = [], {"sum": 0.0, "rows": 0, "n": 0}
        for i in range(len(losses)):
            mean = body(kept, losses, sizes, i, every)
            if due(i + 1, every, len(losses)):
                lines.append((i + 1, float(mean)))
        return lines

    return report


def mean_so_far(kept, losses, sizes, i, every):
    kept["sum"] += losses[i] * sizes[i]
    kept["rows"] += sizes[i]
    return kept["sum"] / kept["rows"]


def one_behind(kept, losses, sizes, i, every):
    said = kept["sum"] / max(kept["rows"], 1)
    mean_so_far(kept, losses, sizes, i, every)
    return said


def rows_by_first(kept, losses, sizes, i, every):
    kept["sum"] += losses[i] * sizes[i]
    return kept["sum"] / ((i + 1) * sizes[0])


def rows_by_last(kept, losses, sizes, i, every):
    kept["sum"] += losses[i] * sizes[i]
    return kept["sum"] / ((i + 1) * sizes[i])


def not_added(kept, losses, sizes, i, every):
    kept["sum"] = losses[i] * sizes[i]
    kept["rows"] += sizes[i]
    return kept["sum"] / kept["rows"]


def rows_not_added(kept, losses, sizes, i, every):
    kept["sum"] += losses[i] * sizes[i]
    return kept["sum"] / sizes[i]


def mean_of_running(kept, losses, sizes, i, every):
    """A mean of means: (old + new) / 2."""
    kept["sum"] = losses[i] if i == 0 else (kept["sum"] + losses[i]) / 2
    return kept["sum"]


def every_only_complete(losses, sizes, every):
    m = len(losses) // every * every
    return loop(mean_so_far)(losses[:m], sizes[:m], every)


def tuple_of_lists(losses, sizes, every):
    lines = loop(mean_so_far)(losses, sizes, every)
    return [s for s, _ in lines], [mean for _, mean in lines]


def every_step(losses, sizes, every):
    return loop(mean_so_far, lambda *_: True)(losses, sizes, every)


ANSWERS["10.8"] |= {
    "one batch behind": loop(one_behind),
    "rows by the first batch": loop(rows_by_first),
    "rows by the last batch": loop(rows_by_last),
    "sum not added": loop(not_added),
    "rows not added": loop(rows_not_added),
    "mean of two": loop(mean_of_running),
    "complete parts only": every_only_complete,
    "two lists": tuple_of_lists,
    "every step": every_step,
    "last missing when divisible": loop(
        mean_so_far, lambda s, every, m: (s % every == 0 and s < m) or (s == m and m % every)
    ),
    "first step too": loop(mean_so_far, lambda s, every, m: s == 1 or s % every == 0 or s == m),
    "last but one": loop(mean_so_far, lambda s, every, m: s % every == 0 or s == m - 1),
    "only when every is at most m": loop(
        mean_so_far, lambda s, every, m: s % every == 0 or (s == m and every <= m)
    ),
    "median": loop(lambda kept, losses, sizes, i, every: np.median(losses[: i + 1])),
    "lowest so far": loop(lambda kept, losses, sizes, i, every: losses[: i + 1].min()),
    "minus a row": loop(
        lambda kept, losses, sizes, i, every: losses[: i + 1] @ sizes[: i + 1]
        / max(sizes[: i + 1].sum() - 1, 1)
    ),
    "without the batch": loop(
        lambda kept, losses, sizes, i, every: losses[: i + 1]
        @ sizes[: i + 1] / sizes.mean() / (i + 1)
    ),
}  # fmt: skip

# ---- 10.9


def states(X, Ws):
    hs = [X]
    for W in Ws[:-1]:
        hs.append(np.tanh(hs[-1] @ W))
    return hs


def stepping(
    error=lambda Y, T, n: (Y - T) / n,
    slope=lambda h, z: 1 - h**2,
    back=lambda delta, W, new: delta @ W.T,
    outer=lambda h, d: h.T @ d,
    order=reversed,
):
    def step(X, T, Ws, lr):
        hs, new = states(X, Ws), list(Ws)
        delta = error(hs[-1] @ Ws[-1], T, len(X))
        for k in order(range(len(Ws))):
            new[k] = Ws[k] - lr * outer(hs[k], delta)
            if k:
                delta = back(delta, Ws[k], new[k]) * slope(hs[k], np.arctanh(hs[k]))
        return new

    return step


def slope_forgotten_at_the_first(X, T, Ws, lr):
    hs, new = states(X, Ws), list(Ws)
    delta = (hs[-1] @ Ws[-1] - T) / len(X)
    for k in reversed(range(len(Ws))):
        new[k] = Ws[k] - lr * hs[k].T @ delta
        if k:
            delta = delta @ Ws[k].T
            if k > 1:
                delta = delta * (1 - hs[k] ** 2)
    return new


def only_two_layers(X, T, Ws, lr):
    hs, new = states(X, Ws), list(Ws)
    delta = (hs[-1] @ Ws[-1] - T) / len(X)
    new[-1] = Ws[-1] - lr * hs[-1].T @ delta
    if len(Ws) > 1:
        d = (delta @ Ws[-1].T) * (1 - hs[-1] ** 2)
        new[-2] = Ws[-2] - lr * hs[-2].T @ d
    return new


def activation_at_the_end(X, T, Ws, lr):
    hs = [X]
    for W in Ws:
        hs.append(np.tanh(hs[-1] @ W))
    delta, new = (hs[-1] - T) / len(X), list(Ws)
    for k in reversed(range(len(Ws))):
        new[k] = Ws[k] - lr * hs[k].T @ delta
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
    return new


def gradient_of_the_sum(X, T, Ws, lr):
    return stepping(error=lambda Y, T, n: Y - T)(X, T, Ws, lr)


def two_steps(X, T, Ws, lr):
    return stepping()(X, T, stepping()(X, T, Ws, lr), lr)


def half_a_step(X, T, Ws, lr):
    return stepping()(X, T, Ws, lr / 2)


def clipped(X, T, Ws, lr):
    return [
        W + np.clip(V - W, -0.1, 0.1) for W, V in zip(Ws, stepping()(X, T, Ws, lr), strict=True)
    ]


def last_moves_all_else_stays(X, T, Ws, lr):
    new = stepping()(X, T, Ws, lr)
    return [new[0], *Ws[1:]]


ANSWERS["10.9"] |= {
    "slope of the first layer forgotten": slope_forgotten_at_the_first,
    "only the last two layers": only_two_layers,
    "tanh at the end, no slope": activation_at_the_end,
    "sum": gradient_of_the_sum,
    "two steps": two_steps,
    "half a step": half_a_step,
    "clipped": clipped,
    "only the first layer moves": last_moves_all_else_stays,
    "T - Y": stepping(error=lambda Y, T, n: (T - Y) / n),
    "squared error": stepping(error=lambda Y, T, n: (Y - T) ** 2 / n),
    "absolute error": stepping(error=lambda Y, T, n: np.sign(Y - T) / n),
    "tanh of z twice": stepping(slope=lambda h, z: 1 - np.tanh(h) ** 2),
    "1 - z squared": stepping(slope=lambda h, z: 1 - z**2),
    "slope squared": stepping(slope=lambda h, z: (1 - h**2) ** 2),
    "root of the slope": stepping(slope=lambda h, z: np.sqrt(1 - h**2)),
    "relu's slope": stepping(slope=lambda h, z: 1.0 * (z > 0)),
    "through the new": stepping(back=lambda delta, W, new: delta @ new.T),
    "through the difference": stepping(back=lambda delta, W, new: delta @ (2 * W - new).T),
    "mean of outer": stepping(outer=lambda h, d: h.T @ d / len(h)),
    "n twice": stepping(error=lambda Y, T, n: (Y - T) / n**2),
    "n - 1": stepping(error=lambda Y, T, n: (Y - T) / max(n - 1, 1)),
    "forwards": lambda X, T, Ws, lr: [
        W - lr * h.T @ h[:, :1] @ np.ones((1, W.shape[1]))
        for W, h in zip(Ws, states(X, Ws), strict=True)
    ],
    "returns the losses": lambda X, T, Ws, lr: float(
        np.mean((states(X, Ws)[-1] @ Ws[-1] - T) ** 2)
    ),
    "old weights returned": lambda X, T, Ws, lr: [W.copy() for W in Ws],
}

# ---- 10.10


def adam(**own):
    kinds = {
        "m": lambda m, g: 0.9 * m + 0.1 * g,
        "v": lambda v, g: 0.999 * v + 0.001 * g**2,
        "mhat": lambda m, t: m / (1 - 0.9**t),
        "vhat": lambda v, t: v / (1 - 0.999**t),
        "rate": lambda lr, t, warm: lr * min(1, t / warm),
        "root": lambda v: np.sqrt(v) + 1e-8,
        "back": lambda state, saved: state,
    } | own

    def resume(saved, grads, lr, warm):
        w, m, v, t = saved["w"], saved["m"], saved["v"], saved["t"]
        for g in grads:
            t = t + 1
            m, v = kinds["m"](m, g), kinds["v"](v, g)
            w = w - kinds["rate"](lr, t, warm) * kinds["mhat"](m, t) / kinds["root"](
                kinds["vhat"](v, t)
            )
        return kinds["back"]({"w": w, "m": m, "v": v, "t": t}, saved)

    return resume


def m_before(saved, grads, lr, warm):
    """The step is made with the moments as they were before this gradient."""
    w, m, v, t = saved["w"], saved["m"], saved["v"], saved["t"]
    for g in grads:
        t += 1
        w = w - lr * min(1, t / warm) * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    return {"w": w, "m": m, "v": v, "t": t}


def v_from_new_m(saved, grads, lr, warm):
    w, m, v, t = saved["w"], saved["m"], saved["v"], saved["t"]
    for g in grads:
        t += 1
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * m**2
        w = w - lr * min(1, t / warm) * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return {"w": w, "m": m, "v": v, "t": t}


def warm_by_grads(saved, grads, lr, warm):
    return adam(rate=lambda lr, t, warm: lr * min(1, t / (warm + saved["t"])))(
        saved, grads, lr, warm
    )


def last_left_out(saved, grads, lr, warm):
    return adam()(saved, grads[:-1], lr, warm)


def skips_zero(saved, grads, lr, warm):
    return adam()(saved, grads[np.any(grads != 0, axis=1)], lr, warm)


def same_state(saved, grads, lr, warm):
    return dict(saved)


def grads_added(saved, grads, lr, warm):
    return adam()(saved, np.cumsum(grads, axis=0), lr, warm)


ANSWERS["10.10"] |= {
    "moments after the step": m_before,
    "v from m": v_from_new_m,
    "warm-up moved by the saved steps": warm_by_grads,
    "last gradient left out": last_left_out,
    "zero gradients skipped": skips_zero,
    "nothing done": same_state,
    "gradients added up": grads_added,
    "m without 0.1": adam(m=lambda m, g: 0.9 * m + g),
    "v without 0.001": adam(v=lambda v, g: 0.999 * v + g**2),
    "m exchanged shares": adam(m=lambda m, g: 0.1 * m + 0.9 * g),
    "v exchanged shares": adam(v=lambda v, g: 0.001 * v + 0.999 * g**2),
    "m not corrected": adam(mhat=lambda m, t: m),
    "v not corrected": adam(vhat=lambda v, t: v),
    "nothing corrected": adam(mhat=lambda m, t: m, vhat=lambda v, t: v),
    "correction t - 1": adam(mhat=lambda m, t: m / (1 - 0.9 ** max(t - 1, 1))),
    "no root": adam(root=lambda v: v + 1e-8),
    "eps in the root": adam(root=lambda v: np.sqrt(v + 1e-8)),
    "eps 1e-7": adam(root=lambda v: np.sqrt(v) + 1e-7),
    "no eps": adam(root=lambda v: np.sqrt(np.maximum(v, 1e-300))),
    "no warm-up": adam(rate=lambda lr, t, warm: lr),
    "warm-up falls": adam(rate=lambda lr, t, warm: lr * max(1, t / warm)),
    "warm / t": adam(rate=lambda lr, t, warm: lr * min(1, warm / t)),
    "t - 1 over warm": adam(rate=lambda lr, t, warm: lr * min(1, (t - 1) / warm)),
    "square root": adam(rate=lambda lr, t, warm: lr * min(1, (t / warm) ** 0.5)),
    "uphill": adam(rate=lambda lr, t, warm: -lr * min(1, t / warm)),
    "t as a float of steps": adam(
        back=lambda state, saved: {**state, "t": state["t"] - saved["t"]}
    ),
    "w missing": adam(back=lambda state, saved: {k: v for k, v in state.items() if k != "w"}),
    "v saved": adam(back=lambda state, saved: {**state, "v": saved["v"]}),
    "m saved": adam(back=lambda state, saved: {**state, "m": saved["m"]}),
    "a key more": adam(back=lambda state, saved: {**state, "lr": 0.1}),
}


def counter_raised_late(saved, grads, lr, warm):
    w, m, v, t = (saved[key] for key in "wmvt")
    for g in grads:
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        with np.errstate(all="ignore"):
            step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        w, t = w - lr * min(1, t / warm) * step, t + 1
    return {"w": w, "m": m, "v": v, "t": t}


ANSWERS["10.10"]["t raised after the step"] = counter_raised_late

NAMES = {
    ("10.8", "minus a row"): "altered",
    ("10.1", "two decimals, all four"): "all digits",
    ("10.1", "percent, to two decimals"): "percent, two decimals",
    ("10.1", "macro F1 from ordinary means"): "f1avg",
    ("10.3", "asks whether the deviation is 0"): "deviation0",
    ("10.3", "each set by its own mean and deviation"): "allown",
    ("10.3", "n - 1, nothing of one row"): "ddof",
    ("10.3", "mean of both, deviation of train"): "bothmean",
    ("10.4", "smallest first"): "smallest",
    ("10.10", "t raised after the step"): "old",
    ("10.1", "recall by all rows"): "ofall",
    ("10.1", "precision by all rows"): "ofall",
    ("10.1", "first class, precision only"): "first",
    ("10.1", "macro F1 over two classes"): "two",
    ("10.1", "harmonic mean of the F1"): "harmonic",
    ("10.1", "median F1"): "middle",
    ("10.1", "weighted by columns"): "bycolumns",
    ("10.1", "max of F1"): "largest",
    ("10.1", "order exchanged"): "swap",
    ("10.2", "uniform is k"): "probabilities",
    ("10.2", "uniform of doubled logs"): "otherwise",
    ("10.2", "lowest times two"): "factor",
    ("10.2", "highest is lowest plus ln k"): "added",
    ("10.2", "worst at 1 over k - 1"): "halves",
    ("10.2", "lowest and highest exchanged"): "swap",
    ("10.2", "for ten classes"): "constant",
    ("10.2", "base ten"): "factor",
    ("10.2", "no ln in lowest"): "otherwise",
    ("10.2", "others 1 over k"): "shared",
    ("10.2", "highest k e"): "alle",
    ("10.3", "holes counted in the mean"): "lengthened",
    ("10.3", "scaled before filling"): "known",
    ("10.3", "mean of zeros"): "lengthened",
    ("10.3", "validation filled from both"): "valfill",
    ("10.3", "scale from both"): "scaleboth",
    ("10.3", "mean of train, deviation of both"): "twofits",
    ("10.3", "scaled twice"): "contained + where",
    ("10.3", "n - 1"): "ddof",
    ("10.3", "divided by the range"): "spread",
    ("10.3", "mean absolute deviation"): "spread",
    ("10.3", "divided by the largest"): "maxabs",
    ("10.3", "constant columns stay"): "constantkept",
    ("10.3", "only the training rows returned"): "ignored",
    ("10.3", "one mean for all columns"): "onemean",
    ("10.3", "scaled, not filled"): "stillholes",
    ("10.3", "rows with holes left out"): "where",
    ("10.3", "filled, not scaled"): "unscaled",
    ("10.3", "training rows twice"): "known",
    ("10.4", "sets"): "pergroup",
    ("10.4", "sorted, in turn"): "pergroup",
    ("10.4", "size not added"): "pergroup",
    ("10.4", "size set, not added"): "replaced",
    ("10.4", "last fold takes the rest"): "filledwhole",
    ("10.4", "one group a fold, the rest in the last"): "rest",
    ("10.4", "torn by array_split"): "sorted",
    ("10.4", "groups returned"): "itself",
    ("10.4", "mod of the place"): "pergroup",
    ("10.7", "all right"): "all right",
    ("10.6", "best accuracy, then its cost"): "aim",
    ("10.6", "larger of both costs"): "larger",
    ("10.6", "no never"): "never",
    ("10.6", "middles only"): "grid",
    ("10.6", "return in the loop"): "firstone",
    ("10.6", "last threshold's cost"): "altered",
    ("10.6", "begins at 0"): "zero",
    ("10.6", "ten over the range"): "gridnever",
    ("10.6", "above, not at"): "strict",
    ("10.6", "below"): "otherwise",
    ("10.6", "at most"): "atmost",
    ("10.6", "near enough"): "near",
    ("10.6", "prices added"): "oneprice",
    ("10.6", "number of errors"): "count",
    ("10.6", "mean"): "mean",
    ("10.6", "alarms for all said"): "allsaid",
    ("10.6", "misses for all not said"): "altered",
    ("10.7", "n - 1 in the end"): "lengthened",
    ("10.7", "N of the masses"): "ignored",
    ("10.7", "order of the mass times F"): "density2",
    ("10.7", "N - 1"): "otherwise",
    ("10.7", "N + 1"): "otherwise",
    ("10.7", "the one above"): "onemore",
    ("10.7", "1 - F, to the N"): "otherwise",
    ("10.7", "mean of F"): "ignored",
    ("10.7", "quantile"): "quantile",
    ("10.7", "quantile N / (N + 1)"): "quantile",
    ("10.7", "sigma root n"): "ignored",
    ("10.7", "p to the 1 / N"): "ignored",
    ("10.7", "number, not share"): "rows",
    ("10.7", "above p only"): "otherwise",
    ("10.8", "one batch behind"): "behind",
    ("10.8", "rows by the first batch"): "counted",
    ("10.8", "rows by the last batch"): "counted",
    ("10.8", "sum not added"): "notadded",
    ("10.8", "rows not added"): "rowsnotadded",
    ("10.8", "mean of two"): "smooth",
    ("10.8", "complete parts only"): "silent",
    ("10.8", "every step"): "lines",
    ("10.8", "last missing when divisible"): "lines",
    ("10.8", "first step too"): "lines",
    ("10.8", "last but one"): "altered",
    ("10.8", "only when every is at most m"): "lines",
    ("10.8", "median"): "ignored",
    ("10.8", "lowest so far"): "ignored",
    ("10.8", "without the batch"): "counted",
    ("10.9", "slope of the first layer forgotten"): "firstslope",
    ("10.9", "only the last two layers"): "where",
    ("10.9", "tanh at the end, no slope"): "tanhnoslope",
    ("10.9", "sum"): "sum",
    ("10.9", "two steps"): "twosteps",
    ("10.9", "half a step"): "otherwise",
    ("10.9", "only the first layer moves"): "firstonly",
    ("10.9", "T - Y"): "climb",
    ("10.9", "squared error"): "error",
    ("10.9", "absolute error"): "error",
    ("10.9", "tanh of z twice"): "slope",
    ("10.9", "1 - z squared"): "linearslope",
    ("10.9", "slope squared"): "linearslope",
    ("10.9", "root of the slope"): "linearslope",
    ("10.9", "relu's slope"): "linearslope",
    ("10.9", "through the new"): "moved",
    ("10.9", "mean of outer"): "otherlength",
    ("10.9", "n twice"): "otherlength",
    ("10.9", "n - 1"): "otherlength",
    ("10.9", "forwards"): "ignored",
    ("10.9", "returns the losses"): "ignored",
    ("10.9", "old weights returned"): "argument",
    ("10.10", "moments after the step"): "mbefore",
    ("10.10", "no eps"): "eps",
    ("10.10", "v from m"): "vfromm",
    ("10.10", "last gradient left out"): "cutshort",
    ("10.10", "nothing done"): "argument",
    ("10.10", "gradients added up"): "summed",
    ("10.10", "m without 0.1"): "whole",
    ("10.10", "v without 0.001"): "whole",
    ("10.10", "m exchanged shares"): "shares",
    ("10.10", "v exchanged shares"): "shares",
    ("10.10", "m not corrected"): "uncorrected",
    ("10.10", "v not corrected"): "uncorrected",
    ("10.10", "nothing corrected"): "nocorrection",
    ("10.10", "no root"): "noroot",
    ("10.10", "eps in the root"): "root",
    ("10.10", "eps 1e-7"): "eps",
    ("10.10", "no warm-up"): "warmup",
    ("10.10", "warm-up falls"): "warmup",
    ("10.10", "warm / t"): "warmup",
    ("10.10", "t - 1 over warm"): "warmup",
    ("10.10", "square root"): "warmup",
    ("10.10", "uphill"): "otherwise",
    ("10.10", "t as a float of steps"): "newsteps",
    ("10.10", "w missing"): "ignored",
    ("10.10", "v saved"): "onesaved",
    ("10.10", "m saved"): "onesaved",
}
