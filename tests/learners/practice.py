"""Wrong answers to chapter 10, written before its lists were widened.

`ANSWERS[id]` maps what went wrong to the answer.
"""

import math
from collections import defaultdict

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import MinMaxScaler, StandardScaler

ANSWERS = defaultdict(dict)

# ---- 10.1: accuracy, precision and recall of the middle class, macro F1

p0, r0, p1, r1, p2, r2 = 35 / 44, 35 / 46, 14 / 26, 14 / 17, 5 / 10, 5 / 17
f0, f1, f2 = 70 / 90, 28 / 43, 10 / 27
macro = (f0 + f1 + f2) / 3

ANSWERS["10.1"] |= {
    "columns are the truth": (0.675, r1, p1, macro),
    "two decimals": (0.675, 0.54, 0.82, 0.6),
    "precision macro": (0.675, (p0 + p1 + p2) / 3, r1, macro),
    "both macro": (0.675, (p0 + p1 + p2) / 3, (r0 + r1 + r2) / 3, macro),
    "last class": (0.675, p2, r2, macro),
    "first class": (0.675, p0, r0, macro),
    "accuracy of the middle class": (65 / 80, p1, r1, macro),
    "error rate": (0.325, p1, r1, macro),
    "percent": (67.5, 53.8462, 82.3529, 59.9770),
    "f1 by mean of p and r": (0.675, p1, r1, (p0 + r0 + p1 + r1 + p2 + r2) / 6),
    "f1 without the 2": (0.675, p1, r1, macro / 2),
    "sum of the f1": (0.675, p1, r1, f0 + f1 + f2),
    "geometric f1": (
        0.675, p1, r1, ((p0 * r0) ** 0.5 + (p1 * r1) ** 0.5 + (p2 * r2) ** 0.5) / 3,
    ),
    "specificity for recall": (0.675, p1, 51 / 63, macro),
    "f1 weighted": (0.675, p1, r1, (46 * f0 + 17 * f1 + 17 * f2) / 80),
    "diagonal over off-diagonal": (54 / 26, 14 / 12, 14 / 3, macro),
    "trace over 79": (54 / 79, p1, r1, macro),
}  # fmt: skip

# ---- 10.2: softmax twice, k classes


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()


def at(p, right=0):
    return -math.log(softmax(np.asarray(p, dtype=float))[right])


ANSWERS["10.2"]["sharpest logits ten"] = lambda k: (
    math.log(k), at(softmax(np.eye(k)[0] * 10)), at(softmax(np.eye(k)[1] * 10)),
) if k < 2000 else (math.log(k), 0.0, math.log(k))  # fmt: skip
ANSWERS["10.2"]["uniform 1 over k into exp"] = lambda k: (
    -math.log(math.exp(1 / k) / k), math.log1p((k - 1) / math.e), math.log(math.e + k - 1),
)  # fmt: skip
ANSWERS["10.2"]["highest is uniform"] = lambda k: (
    math.log(k), math.log1p((k - 1) / math.e), math.log(k),
)  # fmt: skip
ANSWERS["10.2"]["highest infinite"] = lambda k: (
    math.log(k), math.log1p((k - 1) / math.e), math.inf,
)  # fmt: skip
ANSWERS["10.2"]["order lowest first"] = lambda k: (
    math.log1p((k - 1) / math.e), math.log(k), math.log(math.e + k - 1),
)  # fmt: skip
ANSWERS["10.2"]["k in place of k - 1 twice"] = lambda k: (
    math.log(k), math.log1p(k / math.e), math.log(math.e + k),
)  # fmt: skip
ANSWERS["10.2"]["floor for two classes always"] = lambda k: (
    math.log(k), math.log1p(1 / math.e), math.log(math.e + 1),
)  # fmt: skip
ANSWERS["10.2"]["probabilities not loss"] = lambda k: (
    1 / k, math.e / (math.e + k - 1), 1 / (math.e + k - 1),
)  # fmt: skip
ANSWERS["10.2"]["no logarithm taken"] = lambda k: (
    float(k), 1 + (k - 1) / math.e, math.e + k - 1,
)  # fmt: skip
ANSWERS["10.2"]["sign"] = lambda k: (
    -math.log(k), -math.log1p((k - 1) / math.e), -math.log(math.e + k - 1),
)  # fmt: skip
ANSWERS["10.2"]["worst forgot own 1"] = lambda k: (
    math.log(k), math.log1p((k - 1) / math.e), math.log(math.e + k - 2),
)  # fmt: skip
ANSWERS["10.2"]["worst is best plus uniform"] = lambda k: (
    math.log(k), math.log1p((k - 1) / math.e), math.log(k) + math.log1p((k - 1) / math.e),
)  # fmt: skip
ANSWERS["10.2"]["rounded to three"] = lambda k: (
    round(math.log(k), 3), round(math.log1p((k - 1) / math.e), 3),
    round(math.log(math.e + k - 1), 3),
)  # fmt: skip
ANSWERS["10.2"]["exponent of minus one"] = lambda k: (
    math.log(k), math.log(1 + (k - 1) * math.e), math.log(1 / math.e + k - 1),
)  # fmt: skip

# ---- 10.3: prepare(train, val)


def nan_mean(X):
    return np.array([np.mean(c[~np.isnan(c)]) if (~np.isnan(c)).any() else 0.0 for c in X.T])


def scale_with(mean, std):
    return lambda X: (X - mean) / np.where(std < 1e-14, 1, std)


def scaler_on_each(train, val):
    train = np.where(np.isnan(train), nan_mean(train), train)
    val = np.where(np.isnan(val), nan_mean(val), val)
    return StandardScaler().fit_transform(train), StandardScaler().fit_transform(val)


def scaler_fitted_on_validation(train, val):
    fill = nan_mean(train)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    s = StandardScaler().fit(val)
    return s.transform(train), s.transform(val)


def min_max(train, val):
    fill = nan_mean(train)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    s = MinMaxScaler().fit(train)
    return s.transform(train), s.transform(val)


def holes_stay(train, val):
    mean = nan_mean(train)
    std = np.sqrt(nan_mean((train - mean) ** 2))
    f = scale_with(mean, std)
    return f(train), f(val)


def zero_after_scaling_by_known(train, val):
    mean = nan_mean(train)
    std = np.sqrt(nan_mean((train - mean) ** 2))
    f = scale_with(mean, std)
    return np.nan_to_num(f(train)), np.nan_to_num(f(val))


def zero_first(train, val):
    train, val = np.nan_to_num(train), np.nan_to_num(val)
    f = scale_with(train.mean(0), train.std(0))
    return f(train), f(val)


def one_fill(train, val):
    m = train[~np.isnan(train)].mean()
    train, val = np.where(np.isnan(train), m, train), np.where(np.isnan(val), m, val)
    f = scale_with(train.mean(0), train.std(0))
    return f(train), f(val)


def constant_dropped(train, val):
    fill = nan_mean(train)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    keep = train.std(0) > 1e-14
    f = scale_with(train.mean(0), train.std(0))
    return f(train)[:, keep], f(val)[:, keep]


def constant_gives_zero(train, val):
    fill = nan_mean(train)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    f = scale_with(train.mean(0), train.std(0))
    return f(train), np.where(train.std(0) < 1e-14, 0.0, f(val))


def divides_by_zero(train, val):
    fill = nan_mean(train)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    with np.errstate(all="ignore"):
        return (train - train.mean(0)) / train.std(0), (val - train.mean(0)) / train.std(0)


def rows_with_holes_dropped(train, val):
    known = train[~np.isnan(train).any(1)]
    fill = nan_mean(train)
    mean, std = (known.mean(0), known.std(0)) if len(known) else (fill, 0 * fill)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    f = scale_with(mean, std)
    return f(train), f(val)


def not_centred(train, val):
    fill = nan_mean(train)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    s = np.where(train.std(0) < 1e-14, 1, train.std(0))
    return train / s, val / s


def only_centred(train, val):
    fill = nan_mean(train)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    return train - fill, val - fill


def validation_left_alone(train, val):
    fill = nan_mean(train)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    return scale_with(train.mean(0), train.std(0))(train), val


def own_mean_training_deviation(train, val):
    fill = nan_mean(train)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    s = np.where(train.std(0) < 1e-14, 1, train.std(0))
    return (train - train.mean(0)) / s, (val - val.mean(0)) / s


def fills_in_place(train, val):
    fill = nan_mean(train)
    for X in (train, val):
        holes = np.isnan(X)
        X[holes] = np.take(fill, np.nonzero(holes)[1])
    f = scale_with(train.mean(0), train.std(0))
    return f(train), f(val)


def std_plus_tiny(train, val):
    fill = nan_mean(train)
    train, val = np.where(np.isnan(train), fill, train), np.where(np.isnan(val), fill, val)
    return tuple((X - train.mean(0)) / (train.std(0) + 1e-8) for X in (train, val))


def first_row_fills(train, val):
    def down(X):
        X = X.copy()
        for i in range(1, len(X)):
            X[i] = np.where(np.isnan(X[i]), X[i - 1], X[i])
        return np.where(np.isnan(X), nan_mean(train), X)

    train, val = down(train), down(val)
    f = scale_with(train.mean(0), train.std(0))
    return f(train), f(val)


ANSWERS["10.3"] |= {
    "a scaler on each": scaler_on_each,
    "scaler fitted on the validation rows": scaler_fitted_on_validation,
    "min and max": min_max,
    "holes stay": holes_stay,
    "0 after scaling by the known": zero_after_scaling_by_known,
    "nan_to_num first": zero_first,
    "one fill for all columns": one_fill,
    "constant columns dropped": constant_dropped,
    "constant columns 0 in val too": constant_gives_zero,
    "divides by 0": divides_by_zero,
    "rows with holes dropped for the scale": rows_with_holes_dropped,
    "not centred": not_centred,
    "only centred": only_centred,
    "validation not scaled": validation_left_alone,
    "own mean, training deviation": own_mean_training_deviation,
    "fills in place": fills_in_place,
    "deviation plus 1e-8": std_plus_tiny,
    "holes filled from the row above": first_row_fills,
    "order of results": lambda t, v: zero_after_scaling_by_known(t, v)[::-1],
}

# ---- 10.4: folds(groups, k)


def greedy(groups, k, sizes_of, emptiest=np.argmin):
    fold, full = np.zeros(len(groups), dtype=int), np.zeros(k)
    for g in sizes_of(groups):
        f = emptiest(full)
        fold[groups == g] = f
        full[f] += (groups == g).sum()
    return fold


def by_size(groups):
    names, sizes = np.unique(groups, return_counts=True)
    return names[np.argsort(sizes)[::-1]]


def sklearn_kfold(groups, k):
    fold = np.zeros(len(groups), dtype=int)
    if len(groups) < k:
        return fold
    for f, (_, held) in enumerate(KFold(k).split(groups)):
        fold[held] = f
    return fold


def stratified_by_group(groups, k):
    fold = np.zeros(len(groups), dtype=int)
    if len(groups) < k or max(np.bincount(np.unique(groups, return_inverse=True)[1])) < k:
        return fold
    for f, (_, held) in enumerate(StratifiedKFold(k).split(groups, groups)):
        fold[held] = f
    return fold


def one_fold_a_group(groups, k):
    return np.unique(groups, return_inverse=True)[1]


def group_numbers(groups, k):
    return np.array([list(dict.fromkeys(groups.tolist())).index(g) % k for g in groups])


def fullest(groups, k):
    return greedy(groups, k, by_size, np.argmax)


def snake(groups, k):
    order = by_size(groups).tolist()
    turn = [*range(k), *reversed(range(k))]
    return np.array([turn[order.index(g) % (2 * k)] for g in groups])


def by_size_in_turn(groups, k):
    order = by_size(groups).tolist()
    return np.array([order.index(g) % k for g in groups])


def list_of_folds(groups, k):
    fold = greedy(groups, k, by_size)
    return [np.flatnonzero(fold == f) for f in range(k)]


def fold_of_groups(groups, k):
    fold = greedy(groups, k, by_size)
    return [int(fold[groups == g][0]) for g in np.unique(groups)]


def masks(groups, k):
    fold = greedy(groups, k, by_size)
    return np.stack([fold == f for f in range(k)])


def first_come(groups, k):
    return greedy(groups, k, lambda groups: list(dict.fromkeys(groups.tolist())))


def until_full(groups, k):
    fold, f, n = np.zeros(len(groups), dtype=int), 0, 0
    for g in by_size(groups):
        fold[groups == g] = f
        n += (groups == g).sum()
        if n >= len(groups) / k and f < k - 1:
            f, n = f + 1, 0
    return fold


def random_groups(groups, k):
    rng = np.random.default_rng(0)
    names, at = np.unique(groups, return_inverse=True)
    return rng.integers(k, size=len(names))[at]


def sorted_rows(groups, k):
    order = np.argsort(groups, kind="stable")
    fold = np.empty(len(groups), dtype=int)
    fold[order] = np.arange(len(groups)) * k // len(groups)
    return fold


def size_as_name(groups, k):
    """Sizes and names mixed up: argsort's positions are taken for groups."""
    _, sizes = np.unique(groups, return_counts=True)
    return greedy(groups, k, lambda groups: np.argsort(-sizes))


ANSWERS["10.4"] |= {
    "KFold": sklearn_kfold,
    "StratifiedKFold by the group": stratified_by_group,
    "a fold for each group": one_fold_a_group,
    "order of appearance, modulo": group_numbers,
    "into the fullest": fullest,
    "snake": snake,
    "by size in turn": by_size_in_turn,
    "a list of folds": list_of_folds,
    "a fold for each group, not each row": fold_of_groups,
    "masks": masks,
    "first come": first_come,
    "until full": until_full,
    "at random": random_groups,
    "rows sorted by group, then cut": sorted_rows,
    "positions for names": size_as_name,
    "from 1": lambda groups, k: greedy(groups, k, by_size) + 1,
}

# ---- 10.6: least_cost(scores, labels, miss, alarm)


def cost_at(scores, labels, miss, alarm, T):
    said = scores >= T
    return miss * np.sum((labels == 1) & ~said) + alarm * np.sum((labels == 0) & said)


def tried(thresholds):
    def least_cost(scores, labels, miss, alarm):
        return float(min(cost_at(scores, labels, miss, alarm, T) for T in thresholds(scores)))

    return least_cost


def fixed(T):
    return tried(lambda scores: [T])


def youden(scores, labels, miss, alarm):
    def j(T):
        said = scores >= T
        ones, zeros = labels == 1, labels == 0
        return said[ones].sum() / max(ones.sum(), 1) - said[zeros].sum() / max(zeros.sum(), 1)

    return float(cost_at(scores, labels, miss, alarm, max(np.unique(scores), key=j)))


def best_f1(scores, labels, miss, alarm):
    def f(T):
        said = scores >= T
        return 2 * (said & (labels == 1)).sum() / max(said.sum() + labels.sum(), 1)

    return float(cost_at(scores, labels, miss, alarm, max(np.unique(scores), key=f)))


def counts_correct(scores, labels, miss, alarm):
    best = np.inf
    for T in [*scores, np.inf]:
        said = scores >= T
        best = min(
            best, miss * np.sum((labels == 1) & said) + alarm * np.sum((labels == 0) & ~said)
        )
    return float(best)


def only_misses(scores, labels, miss, alarm):
    return float(min(miss * np.sum((labels == 1) & (scores < T)) for T in [*scores, np.inf]))


def first_minimum(scores, labels, miss, alarm):
    """Stops at the first threshold after which the cost rises."""
    best = None
    for T in [*np.unique(scores), np.inf]:
        c = cost_at(scores, labels, miss, alarm, T)
        if best is not None and c > best:
            break
        best = c
    return float(best)


def sorted_without_ties(scores, labels, miss, alarm):
    y = labels[np.argsort(scores)]
    costs = [miss * y[:i].sum() + alarm * (1 - y[i:]).sum() for i in range(len(y) + 1)]
    return float(min(costs))


def midpoints(scores):
    s = np.sort(scores)
    return (s[1:] + s[:-1]) / 2 if len(s) > 1 else s


def returns_pair(scores, labels, miss, alarm):
    candidates = [*np.unique(scores), np.inf]
    return min((cost_at(scores, labels, miss, alarm, T), T) for T in candidates)


def strictly_above(scores, labels, miss, alarm):
    return float(
        min(
            miss * np.sum((labels == 1) & (scores <= T))
            + alarm * np.sum((labels == 0) & (scores > T))
            for T in scores
        )
    )


def mean_cost(scores, labels, miss, alarm):
    return tried(lambda s: [*s, np.inf])(scores, labels, miss, alarm) / len(labels)


def highest(scores, labels, miss, alarm):
    return float(max(cost_at(scores, labels, miss, alarm, T) for T in [*scores, np.inf]))


def low_scores_are_yes(scores, labels, miss, alarm):
    return tried(lambda s: [*s, np.inf])(-scores, labels, miss, alarm)


def negatives_by_minus_one(scores, labels, miss, alarm):
    said = [scores >= T for T in [*scores, np.inf]]
    return float(
        min(miss * np.sum((labels == 1) & ~s) + alarm * np.sum((labels == -1) & s) for s in said)
    )


ANSWERS["10.6"] |= {
    "one half": fixed(0.5),
    "zero": fixed(0.0),
    "mean score": tried(lambda s: [s.mean()]),
    "median score": tried(lambda s: [np.median(s)]),
    "hundred steps": tried(lambda s: np.linspace(0, 1, 101)),
    "arange of tenths": tried(lambda s: np.arange(0, 1, 0.1)),
    "hundred steps over the range": tried(lambda s: np.linspace(s.min(), s.max(), 100)),
    "between 0 and 1 and never": tried(lambda s: [*np.linspace(0, 1, 101), np.inf]),
    "midpoints": tried(midpoints),
    "only scores": tried(lambda s: s),
    "youden": youden,
    "best F1": best_f1,
    "counts what is right": counts_correct,
    "only misses": only_misses,
    "first minimum": first_minimum,
    "ties cut": sorted_without_ties,
    "cost and threshold": returns_pair,
    "strictly above": strictly_above,
    "cost of a row": mean_cost,
    "highest": highest,
    "low scores mean yes": low_scores_are_yes,
    "labels taken for -1 and 1": negatives_by_minus_one,
    "prices exchanged": lambda s, y, miss, alarm: tried(lambda s: [*s, np.inf])(s, y, alarm, miss),
    "rounded scores": lambda s, y, miss, alarm: tried(lambda s: [*s, np.inf])(
        np.round(s, 2), y, miss, alarm
    ),
}

# ---- 10.7: luck(n, p, N)


def pmf(n, p):
    return np.array([math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(n + 1)])


def power_of_mass(n, p, N):
    q = pmf(n, p) ** N
    return float((np.arange(n + 1) / n) @ q / q.sum())


def no_difference(n, p, N):
    F = np.minimum(np.cumsum(pmf(n, p)), 1)
    return float((np.arange(n + 1) / n) @ F**N)


def difference_shifted(n, p, N):
    F = np.minimum(np.cumsum(pmf(n, p)), 1) ** N
    return float((np.arange(n) / n) @ np.diff(F))


def most_likely(n, p, N):
    F = np.minimum(np.cumsum(pmf(n, p)), 1) ** N
    return float(np.argmax(np.diff(F, prepend=0)) / n)


def median_of_best(n, p, N):
    F = np.minimum(np.cumsum(pmf(n, p)), 1) ** N
    return float(np.argmax(F >= 0.5) / n)


def simulated(n, p, N):
    rng = np.random.default_rng(0)
    return float(rng.binomial(n, p, size=(2000, N)).max(axis=1).mean() / n) if N < 2000 else 1.0


def simulated_anew(n, p, N):
    return float(
        np.random.default_rng().binomial(n, p, size=(100, min(N, 50))).max(axis=1).mean() / n
    )


def times_n(n, p, N):
    F = np.minimum(np.cumsum(pmf(n, p)), 1) * N
    return float((np.arange(n + 1) / n) @ np.diff(np.minimum(F, 1), prepend=0))


def minimum_of(n, p, N):
    S = 1 - np.minimum(np.cumsum(pmf(n, p)), 1)
    return float((S[:-1] ** N).sum() / n)


def two_sigma(n, p, N):
    return p + 2 * math.sqrt(p * (1 - p) / n)


def sigma_root_log(n, p, N):
    return p + math.sqrt(2 * p * (1 - p) * math.log(N) / n)


def sigma_not_of_mean(n, p, N):
    return p + math.sqrt(p * (1 - p)) * math.sqrt(2 * math.log(N))


def capped_bound(n, p, N):
    return min(1.0, sigma_root_log(n, p, N))


def chance_to_reach(n, p, N):
    """P(best ≥ x) added up from x = 0, which is certain."""
    F = np.minimum(np.cumsum(pmf(n, p)), 1)
    return float((1 - np.append(0.0, F[:-1]) ** N).sum() / n)


ANSWERS["10.7"] |= {
    "no luck": lambda n, p, N: p,
    "power of the mass": power_of_mass,
    "no difference": no_difference,
    "difference, first left out and shifted": difference_shifted,
    "most likely": most_likely,
    "median": median_of_best,
    "simulated": simulated,
    "simulated anew": simulated_anew,
    "F times N": times_n,
    "the worst": minimum_of,
    "two sigma": two_sigma,
    "bound": sigma_root_log,
    "sigma of one row": sigma_not_of_mean,
    "bound, capped": capped_bound,
    "shifted by one": chance_to_reach,
    "one minus": lambda n, p, N: 1 - (1 - p) ** N,
    "p to the N": lambda n, p, N: p**N,
    "rows": lambda n, p, N: n * (1 - (1 - p) ** N),
    "rows and models exchanged": lambda n, p, N: at_most(N, p, n),
}


def at_most(n, p, N):
    F = np.minimum(np.cumsum(pmf(n, p)), 1)
    return float((1 - F[:-1] ** N).sum() / n)


# ---- 10.8: report(losses, sizes, every)


def reported(line, due=lambda step, every, m: step % every == 0 or step == m, reset=False):
    def report(losses, sizes, every):
        lines, total, rows, count = [], 0.0, 0, 0
        for step, (loss, size) in enumerate(zip(losses, sizes, strict=True), 1):
            total, rows, count = total + loss * size, rows + size, count + 1
            if due(step, every, len(losses)):
                lines.append((step, float(line(total, rows, count, loss, size, every))))
                if reset:
                    total, rows, count = 0.0, 0, 0
        return lines

    return report


def honest(total, rows, *_):
    return total / rows


def running_loss(losses, sizes, every):
    """The loop of a well-known tutorial."""
    lines, running = [], 0.0
    for i, loss in enumerate(losses):
        running += loss
        if i % every == every - 1:
            lines.append((i + 1, running / every))
            running = 0.0
    return lines


def running_loss_and_last(losses, sizes, every):
    lines, running = [], 0.0
    for i, loss in enumerate(losses):
        running += loss
        if i % every == every - 1 or i == len(losses) - 1:
            lines.append((i + 1, running / every))
            running = 0.0
    return lines


def running_without_reset(losses, sizes, every):
    lines, running = [], 0.0
    for i, loss in enumerate(losses):
        running += loss
        if i % every == every - 1 or i == len(losses) - 1:
            lines.append((i + 1, running / every))
    return lines


def full_batches(losses, sizes, every):
    """loss × batch size, over all rows so far, as if every batch were full."""
    lines, total = [], 0.0
    for i, loss in enumerate(losses, 1):
        total += loss * sizes[0]
        if i % every == 0 or i == len(losses):
            lines.append((i, total / (i * sizes[0])))
    return lines


def smoothed(losses, sizes, every):
    lines, mean = [], losses[0]
    for i, loss in enumerate(losses, 1):
        mean = 0.9 * mean + 0.1 * loss
        if i % every == 0 or i == len(losses):
            lines.append((i, float(mean)))
    return lines


def return_inside(losses, sizes, every):
    total = rows = 0
    for i, (loss, size) in enumerate(zip(losses, sizes, strict=True), 1):
        total, rows = total + loss * size, rows + size
        if i % every == 0 or i == len(losses):
            return [(i, float(total / rows))]


def mean_of_means(losses, sizes, every):
    lines, means = [], []
    for i, loss in enumerate(losses, 1):
        means.append(loss)
        if i % every == 0 or i == len(losses):
            lines.append((i, float(np.mean(means))))
    return lines


def printed_only(losses, sizes, every):
    for step, mean in reported(honest)(losses, sizes, every):
        print(step, mean)


def last_appended_always(losses, sizes, every):
    lines = reported(honest, lambda s, every, m: s % every == 0)(losses, sizes, every)
    return [*lines, (len(losses), float(losses @ sizes / sizes.sum()))]


def only_last(losses, sizes, every):
    return [(len(losses), float(losses @ sizes / sizes.sum()))]


ANSWERS["10.8"] |= {
    "the tutorial's loop": running_loss,
    "the tutorial's loop, last line added": running_loss_and_last,
    "no reset, divided by every": running_without_reset,
    "every batch full": full_batches,
    "smoothed": smoothed,
    "return in the loop": return_inside,
    "mean of means": mean_of_means,
    "printed": printed_only,
    "last line always added": last_appended_always,
    "only the last line": only_last,
    "weighted, reset": reported(honest, reset=True),
    "weighted, silent": reported(honest, lambda s, every, m: s % every == 0),
    "divided by batches": reported(lambda total, rows, count, *_: total / count),
    "not divided": reported(lambda total, *_: total),
    "divided by every": reported(lambda total, rows, count, loss, size, every: total / every),
    "the batch's own loss": reported(lambda total, rows, count, loss, size, every: loss),
    "from 0": lambda losses, sizes, every: [
        (i, mean)
        for i, mean in (
            (s - 1, mean)
            for s, mean in reported(honest, lambda s, e, m: (s - 1) % e == 0 or s == m)(
                losses, sizes, every
            )
        )
    ],
    "steps 1, 1 + every": reported(honest, lambda s, every, m: s % every == 1 or s == m),
    "means without steps": lambda losses, sizes, every: [
        mean for _, mean in reported(honest)(losses, sizes, every)
    ],
    "rows in place of steps": lambda losses, sizes, every: [
        (int(sizes[:s].sum()), mean) for s, mean in reported(honest)(losses, sizes, every)
    ],
    "rounded": lambda losses, sizes, every: [
        (s, round(mean, 4)) for s, mean in reported(honest)(losses, sizes, every)
    ],
}

# ---- 10.9: step(X, T, Ws, lr)


def forward(X, Ws):
    hs = [X]
    for W in Ws[:-1]:
        hs.append(np.tanh(hs[-1] @ W))
    return hs, hs[-1] @ Ws[-1]


def backward_moving(X, T, Ws, lr):
    Ws = list(Ws)
    hs, Y = forward(X, Ws)
    delta = (Y - T) / len(X)
    for k in reversed(range(len(Ws))):
        Ws[k] = Ws[k] - lr * hs[k].T @ delta
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
    return Ws


def in_place(X, T, Ws, lr):
    hs, Y = forward(X, Ws)
    delta = (Y - T) / len(X)
    for k in reversed(range(len(Ws))):
        g = hs[k].T @ delta
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
        Ws[k] -= lr * g
    return Ws


def list_overwritten(X, T, Ws, lr):
    hs, Y = forward(X, Ws)
    delta = (Y - T) / len(X)
    for k in reversed(range(len(Ws))):
        g = hs[k].T @ delta
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
        Ws[k] = Ws[k] - lr * g
    return Ws


def shallow_copy_in_place(X, T, Ws, lr):
    new = Ws.copy()
    hs, Y = forward(X, Ws)
    delta = (Y - T) / len(X)
    for k in reversed(range(len(Ws))):
        g = hs[k].T @ delta
        delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
        new[k] -= lr * g
    return new


def made(gradients):
    def step(X, T, Ws, lr):
        return [W - lr * g for W, g in zip(Ws, gradients(X, T, Ws), strict=True)]

    return step


def gradients(X, T, Ws, through=lambda W: W.T, slope=lambda h: 1 - h**2, scale=None, at=0):
    hs, Y = forward(X, Ws)
    delta = (Y - T) / (len(X) if scale is None else scale(Y))
    found = [None] * len(Ws)
    for k in reversed(range(len(Ws))):
        found[k] = hs[k].T @ delta
        if k:
            delta = (delta @ through(Ws[k])) * slope(hs[k + at])
    return found


def order_reversed(X, T, Ws, lr):
    return made(gradients)(X, T, Ws, lr)[::-1]


def gradient_returned(X, T, Ws, lr):
    return gradients(X, T, Ws)


def slope_of_layer_above(X, T, Ws, lr):
    hs, Y = forward(X, Ws)
    hs = [*hs, np.tanh(Y)]
    delta = (Y - T) / len(X)
    new = list(Ws)
    for k in reversed(range(len(Ws))):
        new[k] = Ws[k] - lr * hs[k].T @ delta
        if k:
            delta = delta @ Ws[k].T
            delta = delta * (1 - delta**2)
    return new


def slope_at_output(X, T, Ws, lr):
    hs, Y = forward(X, Ws)
    delta = (Y - T) * (1 - Y**2) / len(X)
    new = list(Ws)
    for k in reversed(range(len(Ws))):
        new[k] = Ws[k] - lr * hs[k].T @ delta
        if k:
            delta = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
    return new


def delta_not_updated(X, T, Ws, lr):
    hs, Y = forward(X, Ws)
    delta = (Y - T) / len(X)
    new = list(Ws)
    for k in reversed(range(len(Ws))):
        new[k] = Ws[k] - lr * hs[k].T @ delta
        if k:
            d = (delta @ Ws[k].T) * (1 - hs[k] ** 2)
            delta = d if d.shape == delta.shape else d
            delta = delta / 1.0 if k > 1 else delta * 1.0
    return [new[0] if len(Ws) < 3 else Ws[0], *new[1:]]


def forward_again_before_backward(X, T, Ws, lr):
    Ws = list(Ws)
    for k in reversed(range(len(Ws))):
        hs, Y = forward(X, Ws)
        Ws[k] = Ws[k] - lr * gradients(X, T, Ws)[k]
    return Ws


def moved_average(X, T, Ws, lr):
    """δ through the mean of old and new weights."""
    hs, Y = forward(X, Ws)
    delta = (Y - T) / len(X)
    new = list(Ws)
    for k in reversed(range(len(Ws))):
        new[k] = Ws[k] - lr * hs[k].T @ delta
        delta = (delta @ ((Ws[k] + new[k]) / 2).T) * (1 - hs[k] ** 2)
    return new


def rate_twice(X, T, Ws, lr):
    return made(lambda X, T, Ws: [lr * g for g in gradients(X, T, Ws)])(X, T, Ws, lr)


def rows_one_by_one(X, T, Ws, lr):
    for i in range(len(X)):
        Ws = made(gradients)(X[i : i + 1], T[i : i + 1], Ws, lr)
    return Ws


ANSWERS["10.9"] |= {
    "as printed, on a copy": backward_moving,
    "arrays in place": in_place,
    "list overwritten": list_overwritten,
    "shallow copy, arrays in place": shallow_copy_in_place,
    "order reversed": order_reversed,
    "gradient returned": gradient_returned,
    "slope of delta": slope_of_layer_above,
    "slope at the output": slope_at_output,
    "first layer never": delta_not_updated,
    "forward again for each layer": forward_again_before_backward,
    "half moved": moved_average,
    "rate twice": rate_twice,
    "row by row": rows_one_by_one,
    "no mean": made(lambda X, T, Ws: gradients(X, T, Ws, scale=lambda Y: 1)),
    "mean over all numbers": made(lambda X, T, Ws: gradients(X, T, Ws, scale=np.size)),
    "mean over outputs": made(lambda X, T, Ws: gradients(X, T, Ws, scale=lambda Y: Y.shape[1])),
    "2 of the square": made(lambda X, T, Ws: gradients(X, T, Ws, scale=lambda Y: len(Y) / 2)),
    "no slope": made(lambda X, T, Ws: gradients(X, T, Ws, slope=lambda h: 1)),
    "sigmoid's slope": made(lambda X, T, Ws: gradients(X, T, Ws, slope=lambda h: h * (1 - h))),
    "1 + h squared": made(lambda X, T, Ws: gradients(X, T, Ws, slope=lambda h: 1 + h**2)),
    "1 - h": made(lambda X, T, Ws: gradients(X, T, Ws, slope=lambda h: 1 - h)),
    "slope of the layer below": made(
        lambda X, T, Ws: (
            gradients(X, T, Ws, at=-1)
            if len(set(map(len, Ws))) == 1
            else gradients(X, T, Ws, slope=lambda h: 1 - h)
        )
    ),
    "not transposed": made(lambda X, T, Ws: gradients(X, T, Ws, through=lambda W: W)),
    "uphill": lambda X, T, Ws, lr: made(gradients)(X, T, Ws, -lr),
    "a tuple of gradients of sign": made(
        lambda X, T, Ws: [np.sign(g) for g in gradients(X, T, Ws)]
    ),
}

# ---- 10.10: resume(saved, grads, lr, warm)


def adam(start=lambda saved: saved, back=lambda state, saved: state, **kinds):
    def resume(saved, grads, lr, warm):
        s = start(saved)
        w, m, v, t = s["w"].copy(), s["m"].copy(), s["v"].copy(), s["t"]
        for g in grads:
            w, m, v, t = one_step(w, m, v, t, g, lr, warm, **kinds)
        return back({"w": w, "m": m, "v": v, "t": t}, saved)

    return resume


def one_step(
    w, m, v, t, g, lr, warm, b1=0.9, b2=0.999, cap=True, late=False, square=True, mean_first=False
):
    if not late:
        t += 1
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * (g * g if square else abs(g))
    n = max(t, 1)
    rate = lr * (min(1, t / warm) if cap else t / warm)
    step = (m / (1 - b1**n)) / (np.sqrt(v / (1 - b2**n)) + 1e-8)
    w = w - rate * step
    if late:
        t += 1
    return w, m, v, t


def in_the_saved(saved, grads, lr, warm):
    for g in grads:
        saved["w"], saved["m"], saved["v"], saved["t"] = one_step(
            saved["w"], saved["m"], saved["v"], saved["t"], g, lr, warm
        )
    return saved


def arrays_in_place(saved, grads, lr, warm):
    w, m, v, t = saved["w"], saved["m"], saved["v"], saved["t"]
    for g in grads:
        t += 1
        m *= 0.9
        m += 0.1 * g
        v *= 0.999
        v += 0.001 * g * g
        w -= lr * min(1, t / warm) * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return {"w": w, "m": m, "v": v, "t": t}


def enumerated(saved, grads, lr, warm):
    """The counter of the loop in place of the saved one."""
    w, m, v = saved["w"].copy(), saved["m"].copy(), saved["v"].copy()
    for t, g in enumerate(grads, 1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        rate = lr * min(1, t / warm)
        w = w - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return {"w": w, "m": m, "v": v, "t": saved["t"] + len(grads)}


def enumerated_from_saved(saved, grads, lr, warm):
    w, m, v = saved["w"].copy(), saved["m"].copy(), saved["v"].copy()
    t = saved["t"]
    for t, g in enumerate(grads, saved["t"]):
        n = max(t, 1)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        w = w - lr * min(1, t / warm) * (m / (1 - 0.9**n)) / (np.sqrt(v / (1 - 0.999**n)) + 1e-8)
    return {"w": w, "m": m, "v": v, "t": t}


def return_in_loop(saved, grads, lr, warm):
    for g in grads:
        w, m, v, t = one_step(saved["w"], saved["m"], saved["v"], saved["t"], g, lr, warm)
        return {"w": w, "m": m, "v": v, "t": t}


def names_of_loop(saved, grads, lr, warm):
    for g in grads:
        w, m, v, t = one_step(saved["w"], saved["m"], saved["v"], saved["t"], g, lr, warm)
    return {"w": w, "m": m, "v": v, "t": t}


def restarted(**kept):
    def start(saved):
        zero = {"w": saved["w"], "m": 0 * saved["m"], "v": 0 * saved["v"], "t": 0}
        return zero | {key: saved[key] for key in kept}

    return start


ANSWERS["10.10"] |= {
    "fresh optimizer": adam(restarted()),
    "fresh moments": adam(restarted(t=1)),
    "m lost": adam(restarted(v=1, t=1)),
    "v lost": adam(restarted(m=1, t=1)),
    "counter lost": adam(restarted(m=1, v=1)),
    "counter of the loop": enumerated,
    "enumerate from the saved": enumerated_from_saved,
    "counter late": adam(late=True),
    "counter one too far": adam(lambda s: {**s, "t": s["t"] + 1}),
    "counter not returned": adam(back=lambda new, old: {**new, "t": old["t"]}),
    "only w returned": adam(back=lambda new, old: new["w"]),
    "moments not returned": adam(back=lambda new, old: {**old, "w": new["w"], "t": new["t"]}),
    "a tuple": adam(back=lambda new, old: tuple(new.values())),
    "in the saved dict": in_the_saved,
    "arrays in place": arrays_in_place,
    "return in the loop": return_in_loop,
    "names of the loop": names_of_loop,
    "warm-up without end": adam(cap=False),
    "betas exchanged": adam(b1=0.999, b2=0.9),
    "b2 0.99": adam(b2=0.99),
    "v of |g|": adam(square=False),
    "m and v exchanged": adam(lambda s: {**s, "m": s["v"], "v": abs(s["m"])}),
    "mean of the gradients, one step": lambda saved, grads, lr, warm: adam()(
        saved, grads.mean(axis=0, keepdims=True) if len(grads) else grads, lr, warm
    ),
    "gradients backwards": lambda saved, grads, lr, warm: adam()(saved, grads[::-1], lr, warm),
    "first gradient again": lambda saved, grads, lr, warm: adam()(
        saved, np.concatenate([grads[:1], grads]), lr, warm
    ),
}

NAMES = {
    ("10.9", "slope of delta"): "altered",
    ("10.1", "columns are the truth"): "swap",
    ("10.1", "two decimals"): "digits",
    ("10.1", "precision macro"): "macroP",
    ("10.1", "both macro"): "macroP + macroR",
    ("10.1", "last class"): "third",
    ("10.1", "first class"): "first",
    ("10.1", "accuracy of the middle class"): "rest",
    ("10.1", "error rate"): "error",
    ("10.1", "percent"): "percent",
    ("10.1", "f1 by mean of p and r"): "arith",
    ("10.1", "f1 without the 2"): "halved",
    ("10.1", "sum of the f1"): "sum",
    ("10.1", "geometric f1"): "geometric",
    ("10.1", "specificity for recall"): "rest",
    ("10.1", "f1 weighted"): "weighted",
    ("10.1", "diagonal over off-diagonal"): "offdiagonal",
    ("10.2", "highest is uniform"): "uniformworst",
    ("10.2", "highest infinite"): "once",
    ("10.2", "order lowest first"): "swap",
    ("10.2", "k in place of k - 1 twice"): "k + otherwise",
    ("10.2", "floor for two classes always"): "altered",
    ("10.2", "probabilities not loss"): "probabilities",
    ("10.2", "no logarithm taken"): "otherwise",
    ("10.2", "sign"): "sign",
    ("10.2", "worst forgot own 1"): "otherwise",
    ("10.2", "worst is best plus uniform"): "added",
    ("10.2", "rounded to three"): "digits",
    ("10.2", "exponent of minus one"): "inverse",
    ("10.3", "a scaler on each"): "allown",
    ("10.3", "scaler fitted on the validation rows"): "own",
    ("10.3", "min and max"): "minmax",
    ("10.3", "holes stay"): "holes",
    ("10.3", "0 after scaling by the known"): "known",
    ("10.3", "nan_to_num first"): "zeros",
    ("10.3", "one fill for all columns"): "onefill",
    ("10.3", "constant columns dropped"): "dropped",
    ("10.3", "constant columns 0 in val too"): "constantzero",
    ("10.3", "divides by 0"): "byzero",
    ("10.3", "rows with holes dropped for the scale"): "whole",
    ("10.3", "not centred"): "nomean",
    ("10.3", "only centred"): "centred",
    ("10.3", "validation not scaled"): "valraw",
    ("10.3", "own mean, training deviation"): "owncentre",
    ("10.3", "deviation plus 1e-8"): "epsilon",
    ("10.3", "holes filled from the row above"): "above",
    ("10.3", "order of results"): "contained",
    ("10.4", "a fold for each group"): "own",
    ("10.4", "order of appearance, modulo"): "pergroup",
    ("10.4", "into the fullest"): "one",
    ("10.4", "snake"): "snake",
    ("10.4", "by size in turn"): "pergroup",
    ("10.4", "first come"): "asthey",
    ("10.4", "until full"): "filled",
    ("10.4", "rows sorted by group, then cut"): "sorted",
    ("10.6", "one half"): "fixed",
    ("10.6", "zero"): "fixed",
    ("10.6", "mean score"): "fixed",
    ("10.6", "median score"): "fixed",
    ("10.6", "hundred steps"): "grid",
    ("10.6", "arange of tenths"): "grid",
    ("10.6", "hundred steps over the range"): "grid",
    ("10.6", "between 0 and 1 and never"): "gridnever",
    ("10.6", "midpoints"): "grid",
    ("10.6", "only scores"): "never",
    ("10.6", "youden"): "aim",
    ("10.6", "best F1"): "aim",
    ("10.6", "counts what is right"): "otherwise",
    ("10.6", "only misses"): "zero",
    ("10.6", "first minimum"): "firstrise",
    ("10.6", "ties cut"): "ties",
    ("10.6", "strictly above"): "strict",
    ("10.6", "cost of a row"): "mean",
    ("10.6", "highest"): "highest",
    ("10.6", "low scores mean yes"): "otherwise",
    ("10.6", "labels taken for -1 and 1"): "zero",
    ("10.6", "prices exchanged"): "swap",
    ("10.6", "rounded scores"): "rounded",
    ("10.7", "no luck"): "fair",
    ("10.7", "power of the mass"): "density",
    ("10.7", "no difference"): "cumulated",
    ("10.7", "difference, first left out and shifted"): "below",
    ("10.7", "most likely"): "likely",
    ("10.7", "median"): "median",
    ("10.7", "simulated anew"): "chance",
    ("10.7", "F times N"): "multiplied",
    ("10.7", "the worst"): "worst",
    ("10.7", "two sigma"): "ignored",
    ("10.7", "bound"): "bound",
    ("10.7", "sigma of one row"): "ignored",
    ("10.7", "bound, capped"): "bound",
    ("10.7", "shifted by one"): "onemore",
    ("10.7", "one minus"): "any",
    ("10.7", "p to the N"): "ignored",
    ("10.7", "rows and models exchanged"): "swap",
    ("10.8", "the tutorial's loop"): "printed",
    ("10.8", "the tutorial's loop, last line added"): "every",
    ("10.8", "no reset, divided by every"): "every",
    ("10.8", "every batch full"): "plain",
    ("10.8", "smoothed"): "smooth",
    ("10.8", "return in the loop"): "oneline",
    ("10.8", "mean of means"): "plain",
    ("10.8", "last line always added"): "doubled",
    ("10.8", "only the last line"): "lastonly",
    ("10.8", "weighted, reset"): "window",
    ("10.8", "weighted, silent"): "silent",
    ("10.8", "divided by batches"): "batches",
    ("10.8", "not divided"): "sum",
    ("10.8", "divided by every"): "every",
    ("10.8", "the batch's own loss"): "last",
    ("10.8", "from 0"): "counted0",
    ("10.8", "steps 1, 1 + every"): "altered",
    ("10.8", "rows in place of steps"): "rows",
    ("10.8", "rounded"): "digits",
    ("10.9", "as printed, on a copy"): "moved",
    ("10.9", "order reversed"): "reversed",
    ("10.9", "gradient returned"): "gradients",
    ("10.9", "slope at the output"): "lastslope",
    ("10.9", "first layer never"): "where",
    ("10.9", "forward again for each layer"): "again",
    ("10.9", "half moved"): "halfmoved",
    ("10.9", "rate twice"): "otherwise",
    ("10.9", "row by row"): "onebyone",
    ("10.9", "no mean"): "sum",
    ("10.9", "mean over all numbers"): "size",
    ("10.9", "mean over outputs"): "outputs",
    ("10.9", "2 of the square"): "double",
    ("10.9", "no slope"): "noslope",
    ("10.9", "sigmoid's slope"): "sigmoid",
    ("10.9", "1 + h squared"): "linearslope",
    ("10.9", "1 - h"): "linearslope",
    ("10.9", "not transposed"): "straight",
    ("10.9", "uphill"): "climb",
    ("10.10", "fresh optimizer"): "cold",
    ("10.10", "fresh moments"): "moments",
    ("10.10", "m lost"): "nom",
    ("10.10", "v lost"): "nov",
    ("10.10", "counter lost"): "t0",
    ("10.10", "counter of the loop"): "t0said",
    ("10.10", "enumerate from the saved"): "behind",
    ("10.10", "counter late"): "old",
    ("10.10", "counter one too far"): "tp1",
    ("10.10", "counter not returned"): "tsaved",
    ("10.10", "moments not returned"): "momentssaved",
    ("10.10", "return in the loop"): "first",
    ("10.10", "names of the loop"): "lastgradient",
    ("10.10", "warm-up without end"): "warmup",
    ("10.10", "betas exchanged"): "betas",
    ("10.10", "b2 0.99"): "beta2",
    ("10.10", "v of |g|"): "altered",
    ("10.10", "m and v exchanged"): "exchanged",
    ("10.10", "mean of the gradients, one step"): "averaged",
    ("10.10", "gradients backwards"): "otherwise",
}
