"""Exercises of chapter 10, training in practice."""

import math

import numpy as np

from bookutils.checks import worked_10 as worked
from bookutils.checks.nearby import crossed, one_moved
from bookutils.judge import data
from bookutils.judge.exercise import BROKEN, EPSILONS, Exercise, Mistake

# ---- 10.1 a confusion matrix by hand

COUNTS = np.array([[35.0, 8.0, 3.0], [1.0, 14.0, 2.0], [8.0, 4.0, 5.0]])
PRECISION = np.diag(COUNTS) / COUNTS.sum(axis=0)
RECALL = np.diag(COUNTS) / COUNTS.sum(axis=1)
F1 = 2 * np.diag(COUNTS) / (COUNTS.sum(axis=0) + COUNTS.sum(axis=1))
ACCURACY, P, R, MACRO = (float(v) for v in (0.675, PRECISION[1], RECALL[1], F1.mean()))


MEANS = (  # which of the two it was, four decimals do not tell
    "You took ordinary means of precision and recall: of the two in each class, or over the "
    "classes before F1. Macro F1 is the mean of one F1 = 2PR/(P + R) for each class."
)


def f1_of(p, r):
    return float(2 * p * r / (p + r))


# ---- 10.2 softmax twice


def doubled(k, uniform=None, lowest=None, highest=None):
    """The three losses; each can be given otherwise."""
    return (
        math.log(k) if uniform is None else uniform,
        math.log1p((k - 1) / math.e) if lowest is None else lowest,
        math.log(math.e + k - 1) if highest is None else highest,
    )


# ---- 10.3 what may be known of a table

NAN = math.nan


def tables(rng):
    """nan in one, in both, in all of a validation column; one row, one column, constant columns."""
    easy = (
        np.array([[1.0, 5.0], [3.0, NAN], [8.0, 2.0]]),
        np.array([[4.0, NAN], [NAN, 3.0]]),
    )

    def table(n, d, missing=0.25):
        X = rng.normal(size=(n, d)) * rng.uniform(0.5, 3, size=d) + rng.normal(size=d)
        holes = rng.random((n, d)) < missing
        holes[rng.integers(n, size=d), np.arange(d)] = False
        return np.where(holes, NAN, X)

    first, second = (table(6, 3), table(4, 3)), (table(6, 3), table(4, 3))
    lone = table(7, 2), table(1, 2)
    constant = table(5, 3)
    constant[:, 1] = [2.5, NAN, 2.5, 2.5, NAN]
    empty = table(3, 2)
    empty[:, 0] = NAN
    single = np.array([[NAN], [4.0], [NAN]])
    return [
        easy,
        *crossed(first, second),
        *one_moved(first),
        lone,
        (table(6, 2, 0.0), table(5, 2, 0.0)),
        (constant, table(4, 3)),
        (constant, np.array([[0.0, 2.5, NAN], [1.0, -2.0, 0.5]])),
        (table(5, 2), empty),
        (np.array([[1.0, 0.5, 0.0, -2.0]]), table(3, 4)),
        (np.array([[2.0]]), np.array([[3.5]])),
        (single, np.array([[1.0], [NAN]])),
        (np.zeros((3, 2)), np.array([[0.0, -1.0]])),
        (np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]]), np.array([[0.5, NAN], [0.1, 2.5]])),
        (np.full((7, 1), 0.1), np.array([[0.3], [-0.2]])),  # deviations of the last bit, not 0
        (table(4, 4), table(4, 4)),
        (table(3, 3), table(3, 3)),
        (np.array([[90.0, 0.1234567], [-80.0, 0.2345678], [70.0, NAN]]), np.array([[NAN, 0.1]])),
        (np.array([[1e-4], [3e-4], [NAN], [-2e-4]]), np.array([[5e-4], [0.1]])),
        (np.array([[1e-9], [3e-9], [NAN], [-2e-9]]), np.array([[5e-9], [NAN]])),
        (100 + table(6, 2), 100 + table(2, 2)),
        (table(30, 2, 0.5), table(10, 2, 0.5)),
    ]


def deviation(X, how=np.std, guard="ends"):
    """Of each column, and 1 where it is constant, which its ends tell; other guards are faults."""
    low, high = X.min(axis=0), X.max(axis=0)
    with np.errstate(all="ignore"):
        std = how(X, axis=0)
    if guard == "ends":  # a filled hole may be off in the last bit
        return np.where(high - low > 1e-12 * np.maximum(abs(low), abs(high)), std, 1.0)
    return np.where(std == 0, 1.0, std) if guard == "deviation" else std


GUARDS = "ends", "deviation", "none"


def less_one(A, axis):
    """n − 1 in the denominator: of one row that is 0/0."""
    return np.std(A, axis=axis, ddof=1) if len(A) > 1 else np.full(A.shape[1], NAN)


def once_less(A, axis):
    """The same, where one row has the deviation 0."""
    return np.std(A, axis=axis, ddof=min(1, len(A) - 1))


def own_means(X):
    """nan where a column has none."""
    return np.where(np.isnan(X).all(axis=0), NAN, means_of(X))


def means_of(X):
    known = ~np.isnan(X)
    return np.where(known, X, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def prepared(
    train, val, fill=None, scale_of=None, fill_val=None, scale_val=None, how=np.std, guard="ends"
):
    """Filled and scaled: what is known of the columns can come from other rows."""
    fill = means_of(train) if fill is None else fill
    fill_val = fill if fill_val is None else fill_val
    A = np.where(np.isnan(train), fill, train)
    B = np.where(np.isnan(val), fill_val, val)
    rows = A if scale_of is None else scale_of(A, B)
    mean, std = rows.mean(axis=0), deviation(rows, how, guard)
    with np.errstate(all="ignore"):
        if scale_val is None:
            return (A - mean) / std, (B - mean) / std
        return (A - mean) / std, scale_val(B, mean, std)


def own(B, *_, guard="ends"):
    return (B - B.mean(axis=0)) / deviation(B, guard=guard)


def each_by_itself(train, val, how="ends, 0"):
    guard, empty = how.split(", ")
    fill = (means_of if empty == "0" else own_means)(val)
    return prepared(
        train, val, fill_val=fill, scale_val=lambda B, *_: own(B, guard=guard), guard=guard
    )


def mean_of_both(train, val, guard="ends"):
    A, B = (np.where(np.isnan(X), means_of(train), X) for X in (train, val))
    mean, std = both(A, B).mean(axis=0), deviation(A, guard=guard)
    with np.errstate(all="ignore"):
        return (A - mean) / std, (B - mean) / std


def both(A, B):
    return np.vstack([A, B])


def spread_like_both(A, B):
    """Rows with the mean of A and the deviation of both sets together."""
    rows = both(A, B)
    return rows - rows.mean(axis=0) + A.mean(axis=0)


def deviation_of_known(X):
    std = np.sqrt(means_of((X - means_of(X)) ** 2))
    return np.where(np.nanmax(X, axis=0) > np.nanmin(X, axis=0), std, 1.0)


def prepare_of_known(train, val):
    """The deviation is that of the numbers that were there, before anything was filled in."""
    mean = means_of(train)
    std = deviation_of_known(train)
    A, B = (np.where(np.isnan(X), mean, X) for X in (train, val))
    return (A - mean) / std, (B - mean) / std


def as_printed(train, val):
    rows = np.vstack([train, val])
    rows = np.where(np.isnan(rows), means_of(rows), rows)
    rows = (rows - rows.mean(axis=0)) / deviation(rows)
    return rows[: len(train)], rows[len(train) :]


def medians(train, val):
    return prepared(train, val, fill=np.array([np.median(c[~np.isnan(c)]) for c in train.T]))


def one_for_all(train, val):
    A, B = (np.where(np.isnan(X), means_of(train), X) for X in (train, val))
    std = A.std() if A.max() > A.min() else 1.0
    return (A - A.mean()) / std, (B - A.mean()) / std


def by_rows(train, val):
    def scaled(X):
        X = np.where(np.isnan(X), means_of(train), X)
        std = X.std(axis=1, keepdims=True)
        return (X - X.mean(axis=1, keepdims=True)) / np.where(std > 0, std, 1.0)

    return scaled(train), scaled(val)


def with_epsilon(train, val, eps=1e-8):
    return prepared(train, val, how=lambda A, axis: A.std(axis=axis) + eps, guard="none")


def by_a_small_number(train, val, small=1e-8):
    def spread(A, axis):
        std = deviation(A)
        return np.where((std == 1) & (np.ptp(A, axis=axis) < 1e-9), small, std)

    return prepared(train, val, how=spread, guard="none")


def between_min_and_max(train, val):
    A, B = (np.where(np.isnan(X), means_of(train), X) for X in (train, val))
    low, width = A.min(axis=0), np.ptp(A, axis=0)
    width = np.where(width > 0, width, 1.0)
    return (A - low) / width, (B - low) / width


def holes_left(train, val):
    mean, std = means_of(train), deviation_of_known(train)
    return (train - mean) / std, (val - mean) / std


def constant_dropped(train, val):
    keep = np.nanmax(train, axis=0) > np.nanmin(train, axis=0)
    return tuple(X[:, keep] for X in prepared(train, val))


def constant_zero(train, val):
    A, B = prepared(train, val)
    return A, np.where(np.nanmax(train, axis=0) > np.nanmin(train, axis=0), B, 0.0)


def divided_by_zero(train, val):
    A, B = (np.where(np.isnan(X), means_of(train), X) for X in (train, val))
    with np.errstate(all="ignore"):
        return (A - A.mean(axis=0)) / A.std(axis=0), (B - A.mean(axis=0)) / A.std(axis=0)


def whole_rows(train, val):
    """Scale of the rows without holes."""
    known = train[~np.isnan(train).any(axis=1)]
    known = known if len(known) else means_of(train)[None]
    return prepared(train, val, scale_of=lambda A, B: known)


def uncentred(train, val):
    A, B = prepared(train, val)
    shift = means_of(train) / deviation(np.where(np.isnan(train), means_of(train), train))
    return A + shift, B + shift


def own_centre(train, val):
    A, B = prepared(train, val)
    return A, B - B.mean(axis=0)


def by(spread):
    """Centred by the training mean, divided by another measure of spread."""

    def prepare(train, val):
        A, B = (np.where(np.isnan(X), means_of(train), X) for X in (train, val))
        mean, width = A.mean(axis=0), deviation(A, lambda A, axis: spread(A))
        return (A - mean) / width, (B - mean) / width

    return prepare


SPREADS = {
    "the range": lambda A: np.ptp(A, axis=0),
    "the mean absolute deviation": lambda A: np.abs(A - A.mean(axis=0)).mean(axis=0),
    "the largest absolute value": lambda A: np.abs(A).max(axis=0),
    "the largest deviation": lambda A: np.abs(A - A.mean(axis=0)).max(axis=0),
    "the root of the sum of squares": lambda A: np.linalg.norm(A - A.mean(axis=0), axis=0),
}


def largest_only(train, val):
    A, B = (np.where(np.isnan(X), means_of(train), X) for X in (train, val))
    width = np.abs(A).max(axis=0)
    width = np.where(width > 0, width, 1.0)
    return A / width, B / width


def one_mean(train, val):
    A, B = prepared(train, val)
    C, D = (np.where(np.isnan(X), means_of(train), X) for X in (train, val))
    std = deviation(C)
    return (C - C.mean()) / std, (D - C.mean()) / std


def constant_kept(train, val):
    C, D = (np.where(np.isnan(X), means_of(train), X) for X in (train, val))
    constant = C.max(axis=0) == C.min(axis=0)
    return tuple(
        np.where(constant, X, Y) for X, Y in zip((C, D), prepared(train, val), strict=True)
    )


def holes_over_filled(train, val):
    std = deviation(np.where(np.isnan(train), means_of(train), train))
    return (train - means_of(train)) / std, (val - means_of(train)) / std


def from_above(train, val):
    def down(X):
        X = X.copy()
        for above, row in zip(X[:-1], X[1:], strict=True):
            row[:] = np.where(np.isnan(row), above, row)
        return X

    return prepared(down(train), down(val), fill=means_of(train))


# ---- 10.4 groups that stay together


def group_cases(rng):
    """Sizes equal and unequal, rows mixed, one group, one row, more folds than groups."""
    mixed = np.repeat([7, 3, 12, 40, 5, 1], [5, 4, 3, 3, 2, 1])
    return [
        (np.array([7, 7, 7, 2, 2, 5]), 2),
        (np.array([4, 1, 4, 1, 4, 9, 9, 6]), 2),
        (np.array([4, 1, 4, 1, 4, 9, 9, 6]), 3),
        (rng.permutation(mixed), 3),
        (rng.permutation(mixed), 2),
        (rng.permutation(np.repeat(rng.permutation(100)[:14], rng.integers(1, 9, 14))), 4),
        (np.arange(10), 5),
        (np.arange(7)[::-1].copy(), 3),
        (np.repeat([2, 4, 6, 8], 3), 2),
        (np.repeat([2, 4, 6, 8], 3), 4),
        (np.array([1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0]), 2),
        (np.array([5, 5, 5, 5, 5, 5, 5, 1, 2, 3]), 3),
        (np.full(6, 3), 3),
        (np.array([8, 2]), 4),
        (np.array([11]), 2),
        (np.array([-1, -1, -5, 0, 0, 0, -5]), 2),
        (np.array([10**6, 10**6 + 1, 10**6, 10**6 + 2]), 2),
        (rng.permutation(np.repeat(np.arange(40) * 3, rng.permutation(40) + 1)), 7),
    ]


def of_numbers(groups, sizes):
    return np.arange(len(sizes))


def of_appearance(groups, sizes):
    return np.argsort(np.unique(groups, return_index=True)[1])


def falling(groups, sizes):
    return np.argsort(-sizes, kind="stable")


def falling_back(groups, sizes):
    """The largest first; of equal ones that with the larger number."""
    return np.argsort(sizes, kind="stable")[::-1]


def rising(groups, sizes):
    return np.argsort(sizes, kind="stable")


def falling_anyhow(groups, sizes):
    """The largest first, equal ones as NumPy's quickest sort on this machine leaves them."""
    return np.argsort(-sizes)


def falling_back_anyhow(groups, sizes):
    return np.argsort(sizes)[::-1]


ORDERS = {
    order.__name__: order
    for order in (
        of_numbers, of_appearance, rising, falling, falling_back, falling_anyhow,
        falling_back_anyhow,
    )
}  # fmt: skip
BY_NAME = tuple(ORDERS)


def rising_anyhow(groups, sizes):
    return np.argsort(sizes)


def rising_of_appearance(groups, sizes):
    """The smallest first, equal ones as they come in the rows."""
    return np.lexsort((np.unique(groups, return_index=True)[1], sizes))


RISING = {order.__name__: order for order in (rising, rising_anyhow, rising_of_appearance)}


def dealt(groups, k, order=falling, weight=lambda size: size, start=0):
    """A fold for each row: groups in an order, each into the fold that has least so far."""
    names, at, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    full, fold = np.zeros(k), np.zeros(len(names), dtype=int)
    for g in order(groups, sizes):
        fold[g] = full.argmin()
        full[fold[g]] += weight(sizes[g])
    return fold[at] + start


def in_turn(groups, k, order=of_numbers, back=False):
    """Groups dealt out like cards, and with `back` there and back again."""
    names, at, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    turn = np.array([*range(k), *range(k)[::-1]] if back else range(k))
    fold = np.empty(len(names), dtype=int)
    fold[order(groups, sizes)] = turn[np.arange(len(names)) % len(turn)]
    return fold[at]


def filled(groups, k, order=of_numbers, whole=False):
    """Groups one after the other into a fold, until it holds its share; then the next."""
    names, at, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    fold, f, n = np.empty(len(names), dtype=int), 0, 0
    for g in order(groups, sizes):
        fold[g], n = f, n + sizes[g]
        if n >= (len(groups) // k if whole else len(groups) / k) and f < k - 1:
            f, n = f + 1, 0
    return fold[at]


def cut(groups, k, first=False):
    """Pieces of equal length; with `first` the first ones are longer by one."""
    rows = np.arange(len(groups))
    if not first:
        return rows * k // len(groups)
    return np.repeat(np.arange(k), [len(part) for part in np.array_split(rows, k)])


def sorted_and_cut(groups, k, first=False):
    fold = np.empty(len(groups), dtype=int)
    fold[np.argsort(groups, kind="stable")] = cut(groups, k, first)
    return fold


def replaced(groups, k):
    """The size of the last group stands for what a fold holds."""
    names, at, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    full, fold = np.zeros(k), np.empty(len(names), dtype=int)
    for g in falling(groups, sizes):
        fold[g] = full.argmin()
        full[fold[g]] = sizes[g]
    return fold[at]


def uneven(fold, groups, k):
    """What is wrong with folds: None, or a sentence."""
    fold = data.as_array(fold) if type(fold) in (list, tuple, np.ndarray) else None
    if fold is None or fold.ndim != 1 or fold.dtype.kind == "b":
        return (
            "An array (n,) with a number for each row is asked for: the fold in which it is held "
            "back. Lists of the rows of each fold, or masks, hold the same in another form."
        )
    if len(fold) != len(groups):
        whole = " You have one for each group." if len(fold) == len({*groups.tolist()}) else ""
        return f"There are {len(groups)} rows, and your result has {len(fold)} numbers.{whole}"
    if not np.isin(fold, np.arange(k)).all():
        strange = next(f for f in fold.tolist() if f not in range(k))
        if min(fold) >= 1 and max(fold) == k:
            return "Your folds are numbered from 1. The first is fold 0."
        return f"{strange:g} is no fold: they are numbered from 0 to {k - 1}."
    for group in dict.fromkeys(groups.tolist()):
        torn = sorted(set(fold[groups == group].astype(int).tolist()))
        if len(torn) > 1:
            return f"Group {group} has rows in fold {torn[0]} and in fold {torn[1]}."
    sizes, least = (
        np.sort(np.bincount(f.astype(int), minlength=k)) for f in (fold, dealt(groups, k))
    )
    if sizes[-1] > least[-1] or sizes[0] < least[0]:
        return (
            f"Your folds hold {', '.join(map(str, sizes))} rows. By the rule they hold "
            f"{', '.join(map(str, least))}."
        )
    return None


# ---- 10.5 validation below training, panel by panel

CAUSES = {"A": "penalty", "B": "older weights", "C": "easier rows", "D": "dropout"}
A_SEEN = "The gap stays to the last digit when the weights stand still."
B_SEEN = "The gap closes as soon as the weights stand still."
C_SEEN = "The two training lines are one, while the weights move and after."
D_SEEN = "The gap stays when the weights stand still, and trembles."
NO_PENALTY = "With the penalty there would be a gap, and it would stand still with the weights."
NOT_OLDER = "With older weights there would be a gap, until the weights stand still."
NOT_EASIER = "With easier rows the two training lines would be one from the start."
NO_DROPOUT = "With dropout there would be a gap that trembles, since masks are drawn anew."


def causes_with(**other):
    """The right causes, with another in one panel."""
    return tuple((CAUSES | other).values())


# ---- 10.6 a threshold is a price


def priced(rng):
    """Ties, prices of 0, one label only, one row, order against the scores, far and near scores."""
    easy = np.array([0.9, 0.3, 0.6, 0.1]), np.array([1, 1, 0, 0]), 5.0, 2.0

    def case(n, miss, alarm, share=0.4, digits=15):
        labels = (rng.random(n) < share).astype(int)
        return np.round(rng.normal(size=n) + labels, digits), labels, miss, alarm

    first, second = case(12, 3.5, 1.25), case(12, 0.7, 2.2)
    near = np.array([0.1, 0.1 + 1e-12, 0.1 + 2e-12, 0.1 - 1e-12])
    return [
        easy,
        (np.array([0.6, 0.1, 0.9, 0.3]), *easy[1:]),
        (easy[0], np.array([1, 0, 0, 0]), *easy[2:]),
        (np.array([0.2, 0.6, 0.6, 0.4, 0.6]), np.array([0, 1, 0, 1, 1]), 1.0, 3.0),
        *crossed(first, second),
        *one_moved(first),
        case(20, 10.0, 1.0, 0.1),
        case(20, 1.0, 10.0, 0.5),
        case(16, 1.3, 1.7, 0.5, 1),
        case(15, 7.5, 0.5, 0.3, 0),
        case(9, 0.0, 2.0),
        case(9, 2.0, 0.0),
        case(5, 0.0, 0.0),
        (np.array([0.5, 0.5, 0.5]), np.array([1, 0, 1]), 2.0, 7.0),
        (np.array([0.5, 0.5, 0.5]), np.array([1, 0, 1]), 2.0, 3.0),
        (np.array([0.4, 0.8, 0.1]), np.array([0, 0, 0]), 2.0, 3.0),
        (np.array([0.4, 0.8, 0.1]), np.array([1, 1, 1]), 2.0, 3.0),
        (np.array([0.7]), np.array([1]), 2.0, 3.0),
        (np.array([0.7]), np.array([0]), 2.0, 3.0),
        (np.array([0.9, 0.1]), np.array([0, 1]), 2.0, 3.0),
        (np.array([0.1, 0.2, 0.8, 0.9]), np.array([1, 1, 0, 0]), 2.5, 1.5),
        (np.array([-3.0, -1.0, -2.0, 0.0]), np.array([0, 1, 0, 1]), 2.0, 3.0),
        (np.array([0.501, -2.0, 900.0, 0.502]), np.array([0, 0, 1, 1]), 2.0, 3.0),
        (np.array([0.501, -2.0, 900.0, 0.502, 7.0]), np.array([0, 1, 0, 1, 1]), 2.0, 3.0),
        (np.array([3.0, -5.0, 2.0, 4.0, -1.0]), np.array([1, 0, 0, 1, 1]), 4.0, 3.0),
        (np.array([300.0, 60.0, 75.0, -90.0, -400.0]), np.array([1, 0, 1, 1, 0]), 200.0, 90.0),
        (near, np.array([0, 1, 1, 0]), 0.0123456, 0.0234567),
        (near[::-1].copy(), np.array([0, 1, 0, 1]), 0.0123456, 0.0234567),
        (np.array([0.12341, 0.12342, 0.12339, 0.1234]), np.array([1, 1, 0, 0]), 0.0011, 0.0014),
    ]


def costs(scores, labels, miss, alarm, said=np.greater_equal, at=None, never=True):
    """Cost at each threshold: the scores themselves, and one above all of them."""
    at = np.unique(scores) if at is None else np.asarray(at, dtype=float)
    said = said(scores[:, None], at)
    found = miss * ((labels == 1)[:, None] & ~said).sum(axis=0)
    found = found + alarm * ((labels == 0)[:, None] & said).sum(axis=0)
    return np.append(found, miss * (labels == 1).sum()) if never else found


def cheapest(scores, labels, miss, alarm, **how):
    return float(costs(scores, labels, miss, alarm, **how).min())


def best_threshold(scores, labels, miss, alarm):
    thresholds = [*scores.tolist(), math.inf]
    paid = [
        miss * np.sum(labels[scores < T] == 1) + alarm * np.sum(labels[scores >= T] == 0)
        for T in thresholds
    ]
    return thresholds[int(np.argmin(paid))]


def by_falling_scores(scores, labels, miss, alarm):
    """Walk down the sorted scores; a threshold lies only where a score differs from the next."""
    order = np.argsort(-scores)
    s, y = scores[order], labels[order]
    cost = miss * y.sum() + np.append(0.0, np.cumsum(np.where(y == 1, -miss, alarm)))
    whole = np.append(True, np.append(s[:-1] > s[1:], True))
    return float(cost[whole].min())


def ties_torn(scores, labels, miss, alarm, sort="falling"):
    order = np.argsort(-scores, kind="stable")
    if sort == "rising":
        order = np.argsort(scores, kind="stable")[::-1]
    steps = np.where(labels[order] == 1, -miss, alarm)
    return float(miss * labels.sum() + min(0.0, np.cumsum(steps).min()))


THRESHOLDS = {  # of the scores alone
    "0.5": lambda s: [0.5],
    "0": lambda s: [0.0],
    "the mean of the scores": lambda s: [s.mean()],
    "the median of the scores": lambda s: [np.median(s)],
}
GRIDS = {
    "101 thresholds from 0 to 1": lambda s: np.linspace(0, 1, 101),
    "100 thresholds from 0 to 1": lambda s: np.linspace(0, 1, 100),
    "11 thresholds from 0 to 1": lambda s: np.linspace(0, 1, 11),
    "thresholds 0, 0.1, … 0.9": lambda s: np.arange(0, 1, 0.1),
    "thresholds 0, 0.01, … 0.99": lambda s: np.arange(0, 1, 0.01),
    "21 thresholds from 0 to 1": lambda s: np.linspace(0, 1, 21),
    "1001 thresholds from 0 to 1": lambda s: np.linspace(0, 1, 1001),
    **{
        f"{n} thresholds from the lowest to the highest score": (
            lambda s, n=n: np.linspace(s.min(), s.max(), n)
        )
        for n in (100, 101, 10, 11, 20, 21, 50, 51, 200, 1000)
    },
    "thresholds between neighbouring scores alone": lambda s: between(s),
}


def between(s):
    s = np.sort(s)
    return (s[1:] + s[:-1]) / 2 if len(s) > 1 else s


def f1_at(found, ones, said):
    return -2 * found / np.maximum(ones + said, 1)


def youden_at(found, ones, said, zeros):
    return (said - found) / max(zeros, 1) - found / max(ones, 1)


def by_another_aim(scores, labels, miss, alarm, aim):
    """The cost at the threshold that is best for another aim, the first of several."""
    at = np.append(
        scores if aim == "fewest errors, the first of several" else np.unique(scores), np.inf
    )
    ones, zeros = (labels == 1).sum(), (labels == 0).sum()
    said = (scores[:, None] >= at).sum(axis=0)
    found = ((labels == 1)[:, None] & (scores[:, None] >= at)).sum(axis=0)
    loss = {
        "fewest errors": ones - found + said - found,
        "fewest errors, the first of several": ones - found + said - found,
        "largest F1": f1_at(found, ones, said),
        "Youden's index": youden_at(found, ones, said, zeros),
    }[aim]
    best = at[loss.argmin() if "errors" in aim else loss[:-1].argmin()]
    return cheapest(scores, labels, miss, alarm, at=[best], never=False)


def until_it_rises(scores, labels, miss, alarm, way="from below"):
    found = costs(scores, labels, miss, alarm)
    found = found if way == "from below" else found[::-1]
    rises = np.flatnonzero(np.diff(found) > 0)
    return float(found[rises[0] if rises.size else -1])


def of_rates(scores, labels, miss, alarm):
    ones, zeros = max((labels == 1).sum(), 1), max((labels == 0).sum(), 1)
    return cheapest(scores, labels, miss / ones, alarm / zeros)


# ---- 10.7 the luck of the best


def distribution(n, p):
    """P(at most x of n) for x = 0 … n."""
    q = [math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(n + 1)]
    return np.minimum(np.cumsum(q), 1.0)


def best_of(n, p, N):
    """A mean is the sum of the chances to exceed 0, 1, …, n - 1."""
    with np.errstate(divide="ignore"):
        return float(-np.expm1(N * np.log(distribution(n, p)[:-1])).sum() / n)


def normal_luck(n, p, N):
    """The same for a bell curve of the same mean and deviation, by small steps."""
    x = np.linspace(-9, 9, 3601)
    F = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x])
    mean = (np.diff(F**N) * (x[1:] + x[:-1]) / 2).sum()
    return float(p + math.sqrt(p * (1 - p) / n) * mean)


def power_of_mass(n, p, N):
    q = np.diff(distribution(n, p), prepend=0) ** N
    return float(np.arange(n + 1) @ q / q.sum() / n)


def multiplied(n, p, N):
    F = np.minimum(N * distribution(n, p), 1.0)
    return float(np.arange(n + 1) @ np.diff(F, prepend=0) / n)


# ---- 10.8 a log that says what was


def logs(rng):
    """Batches of one size and of several, `every` above m, equal to it, dividing it or not, 1."""
    easy = np.array([4.0, 2.0, 1.0, 3.0, 5.0]), np.array([8, 8, 8, 8, 2]), 2

    def case(m, every, size=16, last=None):
        sizes = np.full(m, size)
        sizes[-1] = size if last is None else last
        return rng.uniform(0.2, 3.0, m).round(6), sizes, every

    first, second = case(7, 3, 8, 3), case(7, 2, 32, 5)
    mixed = rng.integers(1, 9, 7)
    return [
        easy,
        *crossed(first, second),
        *one_moved(first),
        (easy[0], np.array([8, 4, 8, 16, 2]), 2),
        (np.array([0.0, 2.5, 1.5, 4.0]), np.array([3, 5, 2, 7]), 3),
        (rng.normal(size=7), mixed, 4),
        (rng.normal(size=7), mixed[::-1].copy(), 4),
        case(6, 3, 8, 1),
        case(6, 2, 8),
        case(5, 5, 4, 2),
        case(5, 9, 4, 2),
        case(4, 100, 64),
        case(3, 1, 10, 7),
        (np.array([1.25]), np.array([6]), 1),
        (np.array([1.25]), np.array([6]), 4),
        (np.array([2.0, 0.5]), np.array([1, 9]), 2),
        (np.array([90.0, -75.0, 60.0]), np.array([5, 1, 2]), 2),
        (np.zeros(4), np.array([2, 2, 2, 1]), 3),
        (np.array([1e-4, 3e-4, 2e-4]), np.array([4, 4, 3]), 2),
        (np.array([0.12345678, 0.23456789, 0.34567891]), np.array([4, 2, 3]), 1),
        (np.full(4, 0.7), np.array([5, 5, 5, 2]), 3),
    ]


def logged(losses, sizes, every, shown=None, mean=None):
    """[(step, a mean)] of the steps in `shown`, by default those of the text."""
    m = len(losses)
    steps = [s for s in range(1, m + 1) if s % every == 0 or s == m] if shown is None else shown
    mean = mean or (lambda s: float(losses[:s] @ sizes[:s] / sizes[:s].sum()))
    return [(s, float(mean(s))) for s in steps]


def by_running_sums(losses, sizes, every):
    means = np.cumsum(losses * sizes) / np.cumsum(sizes)
    steps = sorted({*range(every, len(losses) + 1, every), len(losses)})
    return [(s, float(means[s - 1])) for s in steps]


def whole_windows(losses, sizes, every):
    return list(range(every, len(losses) + 1, every))


def since_last_line(s, every):
    return slice(every * ((s - 1) // every), s)


def of_window(losses, sizes, every, weighted, shown=None):
    def mean(s):
        part = since_last_line(s, every)
        w = sizes[part] if weighted else np.ones(len(sizes[part]))
        return losses[part] @ w / w.sum()

    return logged(losses, sizes, every, shown, mean)


SIZES = {
    "that of the first": lambda sizes, s: sizes[0],
    "that of the last": lambda sizes, s: sizes[s - 1],
    "the mean of all": lambda sizes, s: sizes.mean(),
    "the largest": lambda sizes, s: sizes.max(),
}
FIRST_TOO = "the first step has one too"
LINES = {
    FIRST_TOO: lambda m, every: sorted({1, *range(every, m + 1, every), m}),
    "the last step has none where `every` divides it": lambda m, every: (
        [*range(every, m, every)] + [m] * (m % every > 0)
    ),
    "the last step has none where `every` is above m": lambda m, every: (
        sorted({*range(every, m + 1, every), m}) if every <= m else []
    ),
    "every step has one": lambda m, every: [*range(1, m + 1)],
}
PARTS = ("", "anew", "rest", "anew rest", "weigh", "weigh anew", "weigh rest", "weigh anew rest")


def divided_by_every(losses, sizes, every, how=""):
    """Sums of losses, weighed or not, begun anew or not, with a last line or not, over `every`."""
    shown = None if "rest" in how else whole_windows(losses, sizes, every)

    def mean(s):
        part = since_last_line(s, every) if "anew" in how else slice(s)
        return (losses * sizes if "weigh" in how else losses)[part].sum() / every

    return logged(losses, sizes, every, shown, mean)


def smooth(losses, sizes, every, keep=0.9):
    means = [losses[0]]
    for loss in losses:
        means.append(keep * means[-1] + (1 - keep) * loss)
    return logged(losses, sizes, every, mean=lambda s: means[s])


# ---- 10.9 a step that uses what has moved


def nets(rng):
    """One to four layers, one row, one output, square and not, rates from 0 to 3, zero weights."""

    def net(n, widths, lr, scale=0.8):
        Ws = [scale * rng.normal(size=pair) for pair in zip(widths[:-1], widths[1:], strict=True)]
        return rng.normal(size=(n, widths[0])), rng.normal(size=(n, widths[-1])), Ws, lr

    easy = (
        np.array([[1.0, 2.0], [-2.0, 0.5]]),
        np.array([[3.0], [-1.0]]),
        [np.array([[0.5, -0.3], [0.2, 0.4]]), np.array([[2.0], [-1.5]])],
        0.5,
    )
    first, second = net(5, (3, 4, 2), 0.3), net(5, (3, 4, 2), 0.7)
    zero = net(4, (2, 3, 2), 0.5)
    far = net(3, (2, 3, 1), 0.4)
    return [
        easy,
        *crossed(first, second),
        *one_moved(first),
        net(4, (3, 2), 0.6),
        net(1, (3, 2), 0.6),
        net(1, (2, 3, 2), 0.6),
        net(6, (2, 3, 4, 2), 0.5),
        net(7, (2, 4, 3, 5, 1), 0.2),
        net(4, (3, 3, 3), 1.0),
        net(3, (3, 3, 3), 3.0),
        net(4, (1, 1, 1), 0.5),
        net(4, (2, 1, 3), 0.5),
        net(4, (2, 3, 2), 0.0),
        (zero[0], zero[1], [0 * W for W in zero[2]], 0.5),
        (zero[0], zero[1], [zero[2][0], 0 * zero[2][1]], 0.5),
        (0 * zero[0], zero[1], zero[2], 0.5),
        (60 * far[0], 90 * far[1], far[2], 0.4),
        (0.1 * far[0], 0 * far[1], far[2], 75.0),
        (0.01 * far[0], 0.01 * far[1], [far[2][0], 70 * far[2][1]], 0.0123),
        net(2, (3, 3, 2, 2), 0.1),
    ]


def stepped(
    X, T, Ws, lr, divide=len, slope=lambda h: 1 - h * h, moved=False, last="", turned=False,
    error=lambda E: E, spared=0,
):  # fmt: skip
    """One step; what a layer's program may get wrong can be switched on."""
    hs = [X]
    for W in Ws[:-1]:
        hs.append(np.tanh(hs[-1] @ W))
    Y = hs[-1] @ Ws[-1]
    Y = np.tanh(Y) if "tanh" in last else Y
    delta = error(Y - T) / divide(Y)
    if "slope" in last:
        delta = delta * (1 - Y * Y)
    new = list(Ws)
    for k in range(len(Ws) - 1, -1, -1):
        new[k] = Ws[k] - lr * hs[k].T @ delta
        if k:
            through = moved * new[k] + (1 - moved) * Ws[k]
            delta = delta @ (through if turned else through.T)
            delta = delta * (1.0 if k == spared else slope(hs[k]))
    return new


LENGTHS = {"n²": lambda Y: len(Y) ** 2, "n − 1": lambda Y: max(len(Y) - 1, 1)}
ERRORS = {
    "(Y − T)²/n": lambda E: E * E,
    "the sign of Y − T, over n": np.sign,
    "|Y − T|/n": np.abs,
}
SLOPES = {
    "1 − h": lambda h: 1 - h,
    "1 + h²": lambda h: 1 + h * h,
    "h²": lambda h: h * h,
    "h² − 1": lambda h: h * h - 1,
    "2h": lambda h: 2 * h,
    "h": lambda h: h,
    "(1 − h²)²": lambda h: (1 - h * h) ** 2,
    "√(1 − h²)": lambda h: np.sqrt(1 - h * h),
    "1 − z², of what goes into the tanh": lambda h: 1 - np.arctanh(h) ** 2,
    "1 for h above 0, as that of a ReLU": lambda h: 1.0 * (h > 0),
}
SLOPE_NAMES = tuple(SLOPES)


def row_after_row(X, T, Ws, lr):
    for i in range(len(X)):
        Ws = stepped(X[i : i + 1], T[i : i + 1], Ws, lr)
    return Ws


def again_after_each(X, T, Ws, lr, upwards=False):
    """Each layer's gradient at the weights as they are after the others have moved."""
    Ws = list(Ws)
    for k in range(len(Ws)) if upwards else reversed(range(len(Ws))):
        Ws[k] = stepped(X, T, Ws, lr)[k]
    return Ws


def by_layers_alone(X, T, Ws, lr):
    """Gradients by one formula a layer, from the last to the first, nothing moved before."""
    hs = [X]
    for W in Ws[:-1]:
        hs.append(np.tanh(hs[-1] @ W))
    error = (hs[-1] @ Ws[-1] - T) / len(X)
    new = []
    for k in range(len(Ws)):
        delta = error
        for j in range(len(Ws) - 1, k, -1):
            delta = delta @ Ws[j].T * (1 - hs[j] ** 2)
        new.append(Ws[k] - lr * (hs[k].T @ delta))
    return new


# ---- 10.10 as if nothing had happened


def states(rng):
    """A fresh start, in the middle of the warm-up, at its end, behind it; no gradient, zeros."""

    def case(d, t, k, lr, warm, scale=1.0):
        g = scale * rng.normal(size=(t + k, d))
        saved = {"w": rng.normal(size=d), "m": np.zeros(d), "v": np.zeros(d), "t": 0}
        return continued(saved, g[:t], lr, warm), g[t:], lr, warm

    easy = (
        {
            "w": np.array([1.0, -2.0]),
            "m": np.array([0.3, 0.0]),
            "v": np.array([0.04, 0.01]),
            "t": 2,
        },
        np.array([[0.5, -1.0]]),
        0.1,
        4,
    )
    two = (*easy[:1], np.array([[0.5, -1.0], [0.25, 2.0]]), *easy[2:])
    first, second = case(3, 4, 3, 0.05, 10), case(3, 7, 3, 0.2, 6)
    state = first[0]
    parts = [{**state, key: second[0][key]} for key in state]
    return [
        easy,
        two,
        *crossed(first, second),
        *((part, *first[1:]) for part in parts),
        *one_moved(first),
        case(2, 0, 4, 0.1, 3),
        case(2, 0, 1, 0.1, 1),
        case(3, 5, 2, 0.1, 5),
        case(3, 4, 4, 0.1, 6),
        case(3, 30, 3, 0.02, 10),
        case(2, 2500, 2, 0.01, 20),
        case(1, 3, 2, 0.3, 8),
        case(1, 1, 1, 0.3, 2),
        case(3, 3, 0, 0.3, 8),
        case(2, 0, 0, 0.3, 8),
        case(3, 3, 3, 0.0, 8),
        case(2, 3, 3, 0.1, 8, 1e-7),
        case(2, 3, 3, 0.1, 8, 80.0),
        (easy[0], np.zeros((3, 2)), 0.1, 4),
        ({"w": np.zeros(2), "m": np.zeros(2), "v": np.zeros(2), "t": 0}, np.zeros((2, 2)), 0.1, 4),
        (
            {
                "w": np.array([90.0, -75.25]),
                "m": np.array([60.0, -0.0123]),
                "v": np.array([70.0, 0.0456]),
                "t": 9,
            },
            np.array([[80.0, 0.0789]]),
            60.0,
            12,
        ),
    ]


WARMINGS = {
    "max(1, t/warm)": lambda t, warm: max(1.0, t / warm),
    "min(1, warm/t)": lambda t, warm: min(1.0, warm / t),
    "min(1, (t − 1)/warm)": lambda t, warm: min(1.0, (t - 1) / warm),
    "min(1, √(t/warm))": lambda t, warm: min(1.0, math.sqrt(t / warm)),
    "t/warm, also after the warm-up": lambda t, warm: t / warm,
    "1: the warm-up is missing": lambda t, warm: 1.0,
}


BEHIND = WARMINGS["min(1, (t − 1)/warm)"]


def continued(
    saved, grads, lr, warm, *, power=lambda t: t, warming=lambda t, warm: min(1.0, t / warm),
    stored=False, root=False, late=False, from_m=False, uncorrected="", power_of_v=0.5,
    eps=1e-8, squared=0.999, first=0.9, exchanged="",
):  # fmt: skip
    """Adam with warm-up from a saved state; what may go wrong can be switched on."""
    w, m, v, t = (np.array(saved[key]) for key in "wmvt")
    t = int(t)
    for g in grads:
        t += 1
        before = m, v
        m = first * m + (1 - first) * g
        v = squared * v + (1 - squared) * (m * m if from_m else g * g)
        if exchanged:
            m = 0.1 * before[0] + 0.9 * g if exchanged == "m" else m
            v = 0.001 * before[1] + 0.999 * g * g if exchanged == "v" else v
            m = 0.9 * before[0] + g if exchanged == "whole m" else m
            v = 0.999 * before[1] + g * g if exchanged == "whole v" else v
        a, b = before if late else (m, v)
        n = power(t)
        if n:
            a = a if uncorrected == "m" else a / (1 - first**n)
            b = b if uncorrected == "v" else b / (1 - squared**n)
        if stored:
            m, v = a, b
        below = np.sqrt(b + eps) if root else b**power_of_v + eps
        with np.errstate(invalid="ignore"):  # 0/0, where a mistake leaves ε out
            w = w - lr * warming(t, warm) * a / below
    return {"w": w, "m": m, "v": v, "t": t}


def without(saved, grads, lr, warm, *lost):
    """The run goes on without some of what was saved, which starts at 0."""
    fresh = {key: value if key not in lost else 0 * value for key, value in saved.items()}
    return continued(fresh, grads, lr, warm)


def one_behind(saved, grads, lr, warm):
    state = continued(saved, grads, lr, warm, warming=BEHIND, power=lambda t: max(t - 1, 1))
    return {**state, "t": saved["t"] + max(len(grads) - 1, 0)}


def first_alone(saved, grads, lr, warm):
    for _ in grads:
        return continued(saved, grads[:1], lr, warm)


def last_alone(saved, grads, lr, warm):
    for g in grads:
        state = continued(saved, g[None], lr, warm)
    return state


def counter_is_new(saved, grads, lr, warm):
    state = without(saved, grads, lr, warm, "t")
    return {**state, "t": saved["t"] + len(grads)}


def without_state(saved, grads, lr, warm):
    state = continued(saved, grads, lr, warm)
    return {**saved, "w": state["w"]}


EXERCISES = [
    Exercise(
        id="10.1",
        kind="by hand",
        title="Four numbers of one table",
        signature="scores()",
        results=("accuracy", "precision", "recall", "macro_F1"),
        worked=worked.scores,
        reference=(ACCURACY, P, R, MACRO),
        atol=5.1e-5,  # asked for four decimals
        mistakes=(
            Mistake(
                "swap",
                "You exchanged precision and recall. Rows are the truth: recall is a share of the "
                "row, precision a share of the column.",
                (ACCURACY, R, P, MACRO),
            ),
            Mistake(
                "micro",
                "Your macro F1 is the accuracy. Over all classes together F1 is nothing else; "
                "macro is the mean of one F1 for each class.",
                (ACCURACY, P, R, ACCURACY),
                alone=True,
            ),
            Mistake(
                "f1avg",
                MEANS,
                (ACCURACY, P, R, f1_of(PRECISION.mean(), RECALL.mean())),
                alone=True,
            ),
            Mistake(
                "arith",
                MEANS,
                (ACCURACY, P, R, float((PRECISION + RECALL).mean() / 2)),
                alone=True,
            ),
            Mistake(
                "weighted",
                "You weighed each class by its number of rows. Macro counts every class once.",
                (ACCURACY, P, R, float(F1 @ COUNTS.sum(axis=1) / COUNTS.sum())),
                alone=True,
            ),
            Mistake(
                "middle",
                "Your macro F1 is that of the middle class. It is the mean over all three.",
                (ACCURACY, P, R, float(F1[1])),
                alone=True,
            ),
            Mistake(
                "balanced",
                "Your accuracy is the mean of the recalls. Accuracy counts rows: the diagonal, "
                "over all of them.",
                (float(RECALL.mean()), P, R, MACRO),
                alone=True,
            ),
            Mistake(
                "macroP",
                "That is the mean precision of the three classes. The middle one's is asked for.",
                (ACCURACY, float(PRECISION.mean()), R, MACRO),
                alone=True,
            ),
            Mistake(
                "macroR",
                "That is the mean recall of the three classes. The middle one's is asked for.",
                (ACCURACY, P, float(RECALL.mean()), MACRO),
                alone=True,
            ),
            Mistake(
                "first",
                "That is the first class. The middle one is asked for.",
                (ACCURACY, float(PRECISION[0]), float(RECALL[0]), MACRO),
                alone=True,
            ),
            Mistake(
                "third",
                "That is the last class. The middle one is asked for.",
                (ACCURACY, float(PRECISION[2]), float(RECALL[2]), MACRO),
                alone=True,
            ),
            Mistake(
                "rest",
                "You counted as right whatever is rightly called not the middle class. Accuracy "
                "is the diagonal over all 80; recall is the diagonal over its row.",
                (65 / 80, P, 51 / 63, MACRO),
                alone=True,
            ),
            Mistake(
                "error",
                "That is the share of errors; accuracy is the share that is right.",
                (1 - ACCURACY, P, R, MACRO),
                alone=True,
            ),
            Mistake(
                "percent",
                "You count in percent. Shares lie between 0 and 1.",
                tuple(100 * v for v in (ACCURACY, P, R, MACRO)),
            ),
            *(
                Mistake(
                    f"percent, {named}",
                    "You count in percent. Shares lie between 0 and 1.",
                    tuple(round(100 * v, digits) for v in (ACCURACY, P, R, MACRO)),
                )
                for digits, named in ((1, "one decimal"), (2, "two decimals"))
            ),
            Mistake(
                "halved",
                "Your F1 is PR/(P + R): the 2 is missing.",
                (ACCURACY, P, R, MACRO / 2),
                alone=True,
            ),
            Mistake(
                "sum",
                "You added the three F1. Macro is their mean.",
                (ACCURACY, P, R, 3 * MACRO),
                alone=True,
            ),
            Mistake(
                "geometric",
                "Your F1 is √(PR), the geometric mean. It is the harmonic one, 2PR/(P + R).",
                (ACCURACY, P, R, float(np.sqrt(PRECISION * RECALL).mean())),
                alone=True,
            ),
            Mistake(
                "digits",
                "You rounded to two decimals; four are asked for.",
                (ACCURACY, round(P, 2), round(R, 2), round(MACRO, 2)),
                alone=True,
            ),
            Mistake(
                "all digits",
                "You rounded to two decimals; four are asked for.",
                (0.68, round(P, 2), round(R, 2), round(MACRO, 2)),
            ),
            Mistake(
                "offdiagonal",
                "You divided what is right by what is wrong. A share is what is right over all.",
                (54 / 26, 14 / 12, 14 / 3, MACRO),
            ),
            Mistake(
                "ofall",
                "You divided by all 80. Precision divides by the column, recall by the row.",
                (ACCURACY, 14 / 80, 14 / 80, MACRO),
                alone=True,
            ),
            Mistake(
                "two",
                "Your macro F1 leaves the middle class out. It is the mean over all three.",
                (ACCURACY, P, R, float((F1[0] + F1[2]) / 2)),
                alone=True,
            ),
            Mistake(
                "bycolumns",
                "You weighed each class by how often it was said. Macro counts every class once.",
                (ACCURACY, P, R, float(F1 @ COUNTS.sum(axis=0) / COUNTS.sum())),
                alone=True,
            ),
            Mistake(
                "harmonic",
                "You took the harmonic mean of the three F1. It is the ordinary one.",
                (ACCURACY, P, R, float(3 / np.sum(1 / F1))),
                alone=True,
            ),
            Mistake(
                "largest",
                "Your macro F1 is the F1 of the first class. It is the mean over all three.",
                (ACCURACY, P, R, float(F1[0])),
                alone=True,
            ),
        ),
        hints=(
            "Rows say what a thing is, columns what it was called. Which numbers of the middle "
            "column are right?",
            "Precision divides the 14 by the sum of its column, recall by the sum of its row. F1 "
            "of a class is 2PR/(P + R).",
            "F1 of a class is also 2·14/(column sum + row sum), here for the middle one. Do the "
            "same for the other two, and take the mean of the three.",
        ),
        section='chapter 10, section 10.2, "Numbers by hand"',
        proves="Rows divide recall, columns precision, and macro counts each class once.",
    ),
    Exercise(
        id="10.2",
        kind="predict",
        title="Softmax twice",
        signature="twice(k)",
        worked=worked.twice,
        results=("uniform", "lowest", "highest"),
        reference=lambda k: doubled(k),
        cases=lambda rng: [(k,) for k in (3, 2, 4, 5, 10, 100, 1000, 10**6)],
        mistakes=(
            Mistake(
                "nofloor",
                "Your lowest loss is 0. The second softmax gets numbers between 0 and 1, and from "
                "those it cannot make the probability 1.",
                lambda k: doubled(k, lowest=0.0),
                alone=True,
            ),
            Mistake(
                "k",
                "You counted the right class among the wrong ones: there are k − 1 others.",
                lambda k: doubled(k, lowest=math.log1p(k / math.e)),
                alone=True,
            ),
            Mistake(
                "none",
                "You left the other classes out. Their 0 is e⁰ = 1 in the sum.",
                lambda k: doubled(k, highest=1.0),
                alone=True,
            ),
            Mistake(
                "all",
                "At your worst all wrong classes have the probability 1 at once. Probabilities sum "
                "to 1: one of them has it all.",
                lambda k: doubled(k, highest=math.log1p((k - 1) * math.e)),
                alone=True,
            ),
            Mistake(
                "once",
                "Those are the limits of one softmax: 0, and no upper end.",
                lambda k: (math.log(k), 0.0, math.inf),
            ),
            Mistake(
                "halves",
                "Your worst is where the right class has the probability 0 and the others share. "
                "The sum of exponentials is larger where one of them has it all.",
                lambda k: doubled(k, highest=math.log(1 + (k - 1) * math.exp(1 / (k - 1)))),
                alone=True,
            ),
            Mistake(
                "bits",
                "You count in bits: the loss is a natural logarithm.",
                lambda k: tuple(v / math.log(2) for v in doubled(k)),
            ),
            Mistake(
                "uniformworst",
                "Your worst is the uniform case. A net that is sure and wrong loses more.",
                lambda k: doubled(k, highest=math.log(k)),
                alone=True,
            ),
            Mistake(
                "probabilities",
                "Those are probabilities of the right class. The loss is −ln of them.",
                lambda k: tuple(math.exp(-v) for v in doubled(k)),
            ),
            Mistake(
                "inverse",
                "You took e⁻¹ for the right class, or e for the wrong ones, where it is the other "
                "way round: the loss is ln(Σ exp(p)) − p of the right class.",
                lambda k: doubled(
                    k, lowest=math.log1p((k - 1) * math.e), highest=math.log(1 / math.e + k - 1)
                ),
                alone=True,
            ),
            Mistake(
                "difference",
                "You left out what is subtracted: ln of the sum, minus p of the right class, "
                "which is 1/k, 1 and 0.",
                lambda k: (
                    1 / k + math.log(k),
                    math.log(math.e + k - 1),
                    math.log(math.e + k - 1),
                ),
                alone=True,
            ),
            Mistake(
                "digits",
                "You rounded to {} decimals. Give the number itself.",
                lambda k, digits=3: tuple(round(v, digits) for v in doubled(k)),
                family=(2, 3, 4, 5, 6),
            ),
            Mistake(
                "added",
                "You added ln k to the lowest. At its worst the net is sure of a wrong class: the "
                "same sum of exponentials, and nothing is subtracted.",
                lambda k: doubled(k, highest=math.log(k) + math.log1p((k - 1) / math.e)),
                alone=True,
            ),
            Mistake(
                "shared",
                "Where the right class has 1, the others have 0, not 1/k: probabilities sum to 1.",
                lambda k: doubled(k, lowest=math.log1p((k - 1) * math.exp(1 / k - 1))),
                alone=True,
            ),
            Mistake(
                "alle",
                "You gave all k classes the probability 1 at once. One has it; the others add e⁰.",
                lambda k: doubled(k, highest=1 + math.log(k)),
                alone=True,
            ),
        ),
        hints=(
            "The second softmax is given the probabilities p of the first, as if they were logits: "
            "the loss is ln(Σ exp(p)) − p of the right class.",
            "Equal p: then the second softmax gives equal numbers too. Best: p is 1 at the right "
            "class and 0 at the others. Worst: p is 1 at a wrong one.",
            "For the best case write the sum of k exponentials: one e¹ and k − 1 times e⁰. The "
            "worst has the same sum; only what is subtracted is another.",
        ),
        section='chapter 10, section 10.7, "Four tests before training"',
        proves="A loss that starts where it should, and cannot come below a floor.",
    ),
    Exercise(
        id="10.3",
        kind="find the bug",
        title="What the training rows know",
        signature="prepare(train, val)",
        worked=worked.prepare,
        results=("train", "val"),
        reference=lambda train, val: prepared(train, val),
        cases=tables,
        quantities=lambda train, val: {
            "the standard deviation of the filled training column": np.where(
                np.isnan(train), means_of(train), train
            ).std(axis=0),
            "the mean of the training column": means_of(train),
        },
        mistakes=(
            Mistake(
                "both",
                "Mean and deviation still come from both sets together.",
                as_printed,
            ),
            Mistake(
                "own",
                "You scale the validation rows by themselves. They get the training's mean and "
                "deviation: a row alone has none.",
                lambda train, val, guard="ends": prepared(
                    train, val, guard=guard, scale_val=lambda B, *_: own(B, guard=guard)
                ),
                family=GUARDS,
            ),
            Mistake(
                "allown",
                "You treat each set by itself, holes and scale. What is known comes from the "
                "training rows.",
                each_by_itself,
                family=("ends, 0", *(f"{guard}, nan" for guard in GUARDS)),
            ),
            Mistake(
                "fillown",
                "You fill the holes of the validation rows with their own means. Another batch of "
                "rows would be filled otherwise.",
                lambda train, val, empty="0": prepared(
                    train, val, fill_val=(means_of if empty == "0" else own_means)(val)
                ),
                family=("0", "nan"),
            ),
            Mistake(
                "bothmean",
                "You subtract the mean of both sets. That of the training rows is subtracted.",
                mean_of_both,
            ),
            Mistake(
                "deviation0",
                "You ask whether the deviation is 0. That of three times 0.1 is not quite: a "
                "column is constant if its largest number is its smallest.",
                lambda train, val: prepared(train, val, guard="deviation"),
            ),
            Mistake(
                "fillboth",
                "Your holes are filled with the mean of both sets: the validation rows leak in "
                "by it.",
                lambda train, val: prepared(train, val, fill=means_of(both(train, val))),
            ),
            Mistake(
                "scaleboth",
                "The holes are filled by the training rows, but the scale still comes from both "
                "sets.",
                lambda train, val: prepared(train, val, scale_of=both),
            ),
            Mistake(
                "zeros",
                "You fill the holes with 0 before you scale. 0 is a measurement; the mean of the "
                "known ones is asked for.",
                lambda train, val: prepared(train, val, fill=np.zeros(train.shape[1])),
            ),
            Mistake(
                "known",
                "Your deviation is that of the numbers that were there. The text takes it after "
                "the holes are filled.",
                prepare_of_known,
            ),
            Mistake("medians", "You fill with the median; the mean is asked for.", medians),
            Mistake(
                "var",
                "You divide by the variance. Its root is the standard deviation.",
                lambda train, val: prepared(train, val, how=np.var),
            ),
            Mistake(
                "ddof",
                "You divide by n − 1 in the deviation; n is asked for.",
                lambda train, val, single="0, ends": prepared(
                    train,
                    val,
                    how=less_one if single.startswith("nan") else once_less,
                    guard=single.split(", ")[1],
                ),
                family=("0, ends", "0, deviation", "nan, deviation"),
            ),
            Mistake("one", "You took one mean and one deviation for all columns.", one_for_all),
            Mistake("rows", "You scale each row by itself; the columns are scaled.", by_rows),
            Mistake(
                "epsilon",
                "You divide by the deviation plus {}. A constant column is divided by 1, and the "
                "others by their deviation alone.",
                with_epsilon,
                family=EPSILONS,
            ),
            Mistake(
                "small",
                "You divide a constant column by {}. It is divided by 1: a number that differs "
                "from it in the validation rows would become huge.",
                by_a_small_number,
                family=EPSILONS,
            ),
            Mistake(
                "minmax",
                "You scale between the smallest and the largest. Mean 0 and deviation 1 are asked "
                "for.",
                between_min_and_max,
            ),
            Mistake("holes", "Your holes are still there: fill them first.", holes_left),
            Mistake(
                "stillholes",
                "Your scale is right, but the holes are still in the tables that you return.",
                holes_over_filled,
            ),
            Mistake(
                "spread",
                "You divide by {}. The standard deviation is asked for.",
                lambda train, val, name="the range": by(SPREADS[name])(train, val),
                family=tuple(SPREADS),
            ),
            Mistake(
                "maxabs",
                "You divide by the largest absolute value. Subtract the mean, and divide by the "
                "standard deviation.",
                largest_only,
            ),
            Mistake(
                "onemean",
                "You subtract one mean for all columns. Each column has its own.",
                one_mean,
            ),
            Mistake(
                "lengthened",
                "Holes count in the length of your mean, or as 0 in its sum: divide by how many "
                "numbers there are.",
                lambda train, val: prepared(train, val, fill=np.nansum(train, axis=0) / len(train)),
            ),
            Mistake(
                "valfill",
                "The holes of the validation rows are filled with means that have seen them.",
                lambda train, val: prepared(train, val, fill_val=means_of(both(train, val))),
            ),
            Mistake(
                "constantkept",
                "You leave constant columns as they are. They are centred too, and divided by 1.",
                constant_kept,
            ),
            Mistake(
                "onefill",
                "You fill all holes with one number, the mean of the whole table. Each column has "
                "its own.",
                lambda train, val: prepared(
                    train, val, fill=np.full(train.shape[1], train[~np.isnan(train)].mean())
                ),
            ),
            Mistake(
                "dropped",
                "You drop columns that are constant in the training rows. They stay, divided by 1.",
                constant_dropped,
            ),
            Mistake(
                "constantzero",
                "A column that is constant in the training rows is 0 there, but not always in the "
                "validation rows: centre it, and divide by 1.",
                constant_zero,
            ),
            Mistake(
                "byzero",
                "You divide by a deviation of 0 where a column is constant. Divide by 1 there.",
                divided_by_zero,
            ),
            Mistake(
                "whole",
                "Mean and deviation come from the rows without holes only. Fill first; then all "
                "rows count.",
                whole_rows,
            ),
            Mistake(
                "nomean", "You divide by the deviation, but do not subtract the mean.", uncentred
            ),
            Mistake(
                "owncentre",
                "The validation rows are centred by their own mean. The training's is subtracted.",
                own_centre,
            ),
            Mistake(
                "above",
                "You fill a hole from the row above. The mean of the column is asked for.",
                from_above,
            ),
            Mistake(
                "unscaled",
                "You fill the holes, but scale nothing.",
                lambda train, val: (
                    np.where(np.isnan(train), means_of(train), train),
                    np.where(np.isnan(val), means_of(train), val),
                ),
            ),
            Mistake(
                "valraw",
                "You scale the training rows, and leave the validation rows as they are.",
                lambda train, val: (
                    prepared(train, val)[0],
                    np.where(np.isnan(val), means_of(train), val),
                ),
            ),
            Mistake(
                "centred",
                "You subtract the mean, but do not divide by the deviation.",
                lambda train, val: tuple(
                    np.where(np.isnan(X), 0.0, X - means_of(train)) for X in (train, val)
                ),
            ),
            Mistake(
                "twofits",
                "Your mean is that of the training rows, but the deviation that of both sets.",
                lambda train, val: prepared(train, val, scale_of=spread_like_both),
            ),
        ),
        hints=(
            "Which lines of the program look at `val`? When the model is used there is no `val`.",
            "Three things come from `train` alone: what fills a hole, the mean, the deviation.",
            "Fill `train` with its column means first and take mean and deviation of that; "
            "`np.where` puts a 1 where a column is constant. Then the same three go over `val`.",
        ),
        section='chapter 10, section 10.4, "A table of your own, end to end"',
        proves="Nothing of the validation rows is known before they are scored.",
    ),
    Exercise(
        id="10.4",
        kind="implement",
        title="Patients stay together",
        signature="folds(groups, k)",
        reference=lambda groups, k: dealt(groups, k),
        cases=group_cases,
        accept=uneven,
        mistakes=(
            Mistake(
                "rows",
                "You deal out the rows one by one. A patient with two rows is then on both sides.",
                lambda groups, k: np.arange(len(groups)) % k,
            ),
            Mistake(
                "blocks",
                "You cut the rows into pieces of equal length, through the middle of groups.",
                lambda groups, k, longer="": cut(groups, k, longer == "first"),
                family=("anywhere", "first"),
            ),
            Mistake(
                "sorted",
                "You sort the rows by group and cut: a cut may go through the middle of a group.",
                lambda groups, k, longer="": sorted_and_cut(groups, k, longer == "first"),
                family=("anywhere", "first"),
            ),
            Mistake(
                "label",
                "Your fold is the group's number modulo k: how even that is depends on the "
                "numbers.",
                lambda groups, k: groups % k,
            ),
            Mistake(
                "smallest",
                "You begin with the smallest groups. The large ones have no room at the end.",
                lambda groups, k, order="rising": dealt(groups, k, RISING[order]),
                family=tuple(RISING),
            ),
            Mistake(
                "pergroup",
                "You deal out the groups in turn, or look for the fold with the fewest groups. "
                "Count the rows that a fold holds.",
                lambda groups, k, order="of_numbers": in_turn(groups, k, ORDERS[order]),
                family=BY_NAME,
            ),
            Mistake(
                "snake",
                "You deal out the groups there and back again. That is nearly even, but it does "
                "not look at what the folds hold.",
                lambda groups, k, order="falling": in_turn(groups, k, ORDERS[order], back=True),
                family=BY_NAME,
            ),
            Mistake(
                "asthey",
                "You take the groups as they come, whatever their size. The largest first: small "
                "ones fill what is left.",
                lambda groups, k, order="of_numbers": dealt(groups, k, ORDERS[order]),
                family=BY_NAME[:2],
            ),
            Mistake(
                "from1",
                "Your folds are numbered from 1. The first is fold 0.",
                lambda groups, k: dealt(groups, k, start=1),
            ),
            Mistake(
                "filled",
                "You fill one fold up to its share, then the next. What is left for the last one "
                "depends on the order of the groups.",
                lambda groups, k, order="of_numbers": filled(groups, k, ORDERS[order]),
                family=BY_NAME,
            ),
            Mistake(
                "own",
                "Each group is a fold of its own in your answer. There are k folds.",
                lambda groups, k: np.unique(groups, return_inverse=True)[1],
            ),
            Mistake(
                "one",
                "All rows are in fold 0: nothing is left to learn from.",
                lambda groups, k: np.zeros(len(groups), dtype=int),
            ),
            Mistake(
                "filledwhole",
                "You fill one fold up to n // k rows, then the next: the last one takes the rest.",
                lambda groups, k, order="of_numbers": filled(groups, k, ORDERS[order], whole=True),
                family=BY_NAME,
            ),
            Mistake(
                "rest",
                "One group a fold, and all others in the last one.",
                lambda groups, k: np.minimum(np.unique(groups, return_inverse=True)[1], k - 1),
            ),
            Mistake(
                "replaced",
                "The rows of a fold are not added up: `+=`, not `=`.",
                replaced,
            ),
            Mistake(
                "itself",
                "You return the groups. The fold of each row is asked for.",
                lambda groups, k: groups,
            ),
        ),
        hints=(
            "Count the rows of each group first: `np.unique` does, with `return_counts=True`.",
            "Go through the groups from the largest to the smallest, and keep the number of rows "
            "that each fold has so far.",
            "Each group goes to the fold with the smallest number so far, which then grows by the "
            "group's size. At the end a row looks up the fold of its group.",
        ),
        section='chapter 10, section 10.3, "Three sets"',
        proves="No group is on two sides, and no fold is larger than it must be.",
    ),
    Exercise(
        id="10.5",
        kind="read a curve",
        title="Validation below training",
        signature="causes()",
        results=("A", "B", "C", "D"),
        reference=tuple(CAUSES.values()),
        mistakes=(
            Mistake(
                "A older weights",
                f"{A_SEEN} {NOT_OLDER}",
                causes_with(A="older weights"),
                alone=True,
            ),
            Mistake(
                "A easier rows",
                f"{A_SEEN} {NOT_EASIER}",
                causes_with(A="easier rows"),
                alone=True,
            ),
            Mistake(
                "A dropout",
                f"{A_SEEN} {NO_DROPOUT}",
                causes_with(A="dropout"),
                alone=True,
            ),
            Mistake(
                "B penalty",
                f"{B_SEEN} {NO_PENALTY}",
                causes_with(B="penalty"),
                alone=True,
            ),
            Mistake(
                "B easier rows",
                f"{B_SEEN} {NOT_EASIER}",
                causes_with(B="easier rows"),
                alone=True,
            ),
            Mistake(
                "B dropout",
                f"{B_SEEN} {NO_DROPOUT}",
                causes_with(B="dropout"),
                alone=True,
            ),
            Mistake(
                "C penalty",
                f"{C_SEEN} {NO_PENALTY}",
                causes_with(C="penalty"),
                alone=True,
            ),
            Mistake(
                "C older weights",
                f"{C_SEEN} {NOT_OLDER}",
                causes_with(C="older weights"),
                alone=True,
            ),
            Mistake(
                "C dropout",
                f"{C_SEEN} {NO_DROPOUT}",
                causes_with(C="dropout"),
                alone=True,
            ),
            Mistake(
                "D penalty",
                f"{D_SEEN} {NO_PENALTY}",
                causes_with(D="penalty"),
                alone=True,
            ),
            Mistake(
                "D older weights",
                f"{D_SEEN} {NOT_OLDER}",
                causes_with(D="older weights"),
                alone=True,
            ),
            Mistake(
                "D easier rows",
                f"{D_SEEN} {NOT_EASIER}",
                causes_with(D="easier rows"),
                alone=True,
            ),
        ),
        hints=(
            "In which log do the two training lines agree from the first epoch on? There the log "
            "is honest.",
            "After epoch 10 the weights stand still. What is still added to the loss then, and "
            "what is not?",
            "One gap closes at once, since nothing moves any more. One stays to the last digit. "
            "One stays and trembles.",
        ),
        section='chapter 10, section 10.6, "Read the curves"',
        proves="Four causes, told apart by stopping what moves and measuring again.",
    ),
    Exercise(
        id="10.6",
        kind="implement",
        title="A threshold is a price",
        signature="least_cost(scores, labels, miss, alarm)",
        worked=worked.least_cost,
        reference=by_falling_scores,
        cases=priced,
        mistakes=(
            Mistake(
                "bayes",
                "You take the threshold alarm/(miss + alarm). It is the best one for true "
                "probabilities; here only the order of the scores counts.",
                lambda s, y, miss, alarm: cheapest(
                    s,
                    y,
                    miss,
                    alarm,
                    at=[alarm / (miss + alarm) if miss + alarm else 0.5],
                    never=False,
                ),
            ),
            Mistake(
                "swap",
                "You exchanged the prices: a miss is a 1 that is called 0.",
                lambda s, y, miss, alarm: cheapest(s, y, alarm, miss),
            ),
            Mistake(
                "strict",
                "You say yes above the threshold only, and try the scores as thresholds: then "
                "“yes to all” is never tried.",
                lambda s, y, miss, alarm: cheapest(s, y, miss, alarm, said=np.greater),
            ),
            Mistake(
                "never",
                "You do not try a threshold above all scores, at which nothing is called 1.",
                lambda s, y, miss, alarm: cheapest(s, y, miss, alarm, never=False),
            ),
            Mistake(
                "rate",
                "You price shares of the classes. The prices are for each error.",
                of_rates,
            ),
            Mistake(
                "mean",
                "You return the cost of a row on average; the cost of all is asked for.",
                lambda s, y, miss, alarm: cheapest(s, y, miss, alarm) / len(s),
            ),
            Mistake(
                "ties",
                "You let a threshold run through rows with equal scores. They get the same answer.",
                ties_torn,
                family=("falling", "rising"),
            ),
            Mistake(
                "rounded",
                "You round the scores to {} decimals: rows that differ then get the same answer.",
                lambda s, y, miss, alarm, digits=2: cheapest(np.round(s, digits), y, miss, alarm),
                family=(0, 1, 2, 3, 4),
            ),
            Mistake(
                "threshold",
                "You return the threshold. Its cost is asked for.",
                lambda s, y, miss, alarm: float(
                    np.append(np.unique(s), np.inf)[costs(s, y, miss, alarm).argmin()]
                ),
            ),
            Mistake(
                "extremes",
                "You compare “yes to all” with “no to all” only.",
                lambda s, y, miss, alarm: float(min(miss * (y == 1).sum(), alarm * (y == 0).sum())),
            ),
            Mistake(
                "near",
                "A score a little below the threshold counts as reaching it. Compare exactly.",
                lambda s, y, miss, alarm, near=1e-9: cheapest(
                    s, y, miss, alarm, said=lambda a, b: a >= b - near
                ),
                family=EPSILONS,
            ),
            Mistake(
                "fixed",
                "Your threshold is {}. Scores are not always probabilities, and the prices decide "
                "where it lies.",
                lambda s, y, miss, alarm, T="0.5": cheapest(
                    s, y, miss, alarm, at=THRESHOLDS[T](s), never=False
                ),
                family=tuple(THRESHOLDS),
            ),
            Mistake(
                "aim",
                "You took the threshold that is best by another measure ({}). Errors have two "
                "prices: the cost is to be lowest.",
                lambda s, y, miss, alarm, aim="fewest errors": by_another_aim(
                    s, y, miss, alarm, aim
                ),
                family=(
                    "fewest errors",
                    "fewest errors, the first of several",
                    "largest F1",
                    "Youden's index",
                ),
            ),
            Mistake(
                "grid",
                "You try {}. Try the scores, and one above them.",
                lambda s, y, miss, alarm, grid="101 thresholds from 0 to 1": cheapest(
                    s, y, miss, alarm, at=GRIDS[grid](s), never=False
                ),
                family=tuple(GRIDS),
            ),
            Mistake(
                "gridnever",
                "You try {}, and one above all scores. Try the scores.",
                lambda s, y, miss, alarm, grid="101 thresholds from 0 to 1": cheapest(
                    s, y, miss, alarm, at=GRIDS[grid](s)
                ),
                family=tuple(GRIDS),
            ),
            Mistake(
                "its place",
                "You return the threshold. The task asks what it costs.",
                best_threshold,
            ),
            Mistake(
                "highest",
                "That is the highest cost.",
                lambda s, y, miss, alarm: float(costs(s, y, miss, alarm).max()),
            ),
            Mistake(
                "count",
                "You count errors. Each kind has its price.",
                lambda s, y, miss, alarm: cheapest(s, y, 1.0, 1.0),
            ),
            Mistake(
                "oneprice",
                "You price every error with both prices. A miss costs `miss`, a false alarm "
                "`alarm`.",
                lambda s, y, miss, alarm: cheapest(s, y, miss + alarm, miss + alarm),
            ),
            Mistake(
                "allsaid",
                "Whatever is called 1 costs `alarm` in your program. Only a 0 among them does.",
                lambda s, y, miss, alarm: float(
                    min(miss * (y[s < T] == 1).sum() + alarm * (s >= T).sum() for T in [*s, np.inf])
                ),
            ),
            Mistake(
                "larger",
                "You take the larger of the two costs. Their sum is asked for.",
                lambda s, y, miss, alarm: float(
                    min(
                        max(miss * (y[s < T] == 1).sum(), alarm * (y[s >= T] == 0).sum())
                        for T in [*s, np.inf]
                    )
                ),
            ),
            Mistake(
                "firstone",
                "Your `return` is inside the loop: one threshold, and out.",
                lambda s, y, miss, alarm: float(
                    miss * (y[s < s[0]] == 1).sum() + alarm * (y[s >= s[0]] == 0).sum()
                ),
            ),
            Mistake(
                "atmost",
                "You say yes where the score is at most the threshold. High scores speak for a 1.",
                lambda s, y, miss, alarm: cheapest(
                    s, y, miss, alarm, said=np.less_equal, at=np.append(s, np.inf), never=False
                ),
            ),
            Mistake(
                "firstrise",
                "You stop at the first threshold after which the cost rises. A later one may be "
                "lower still.",
                until_it_rises,
                family=("from below", "from above"),
            ),
        ),
        hints=(
            "Between two neighbouring scores nothing changes. So which thresholds need be tried?",
            "Each score is one, and one more lies above all of them. For each: how many ones are "
            "below it, how many zeros are at it or above?",
            "Compare scores (n, 1) with candidates (m,) to get a table of yes and no; count both "
            "kinds of errors down the rows, weigh them, and take the smallest.",
        ),
        section='chapter 10, section 10.5, "When one label is rare"',
        proves="Prices set the threshold; no score has to be a probability.",
    ),
    Exercise(
        id="10.7",
        kind="predict",
        title="The luck of the best",
        signature="luck(n, p, N)",
        worked=worked.luck,
        reference=lambda n, p, N: best_of(n, p, N),
        cases=lambda rng: [
            (4, 0.5, 3),
            (2, 0.5, 2),
            *crossed((10, 0.6, 5), (25, 0.8, 12)),
            (1, 0.3, 4),
            (1, 0.3, 1),
            (20, 0.7, 1),
            (50, 0.9, 16),
            (100, 0.5, 100),
            (200, 0.75, 1000),
            (5, 0.0, 3),
            (5, 1.0, 3),
            (30, 1e-4, 7),
            (30, 0.1234567, 7),
            (40, 0.999, 20),
            (3, 0.5, 10**4),
        ],
        mistakes=(
            Mistake(
                "fair",
                "That is the accuracy of one model. The best of several looks better than it is.",
                lambda n, p, N: p,
            ),
            Mistake(
                "sigma",
                "You add one standard deviation. How far the best lies above p depends on how many "
                "were tried.",
                lambda n, p, N: p + math.sqrt(p * (1 - p) / n),
            ),
            Mistake("one", "You take the best for perfect.", lambda n, p, N: 1.0),
            Mistake(
                "swap",
                "You exchanged n and N: n rows, N models.",
                lambda n, p, N: best_of(N, p, n),
            ),
            Mistake(
                "bound",
                "σ√(2 ln N) above p is what many models come near to, not the mean of the best.",
                lambda n, p, N, most=math.inf: min(
                    most, p + math.sqrt(p * (1 - p) / n * 2 * math.log(N))
                ),
                family=(math.inf, 1.0),
            ),
            Mistake(
                "one less",
                "You take the best of N − 1 models. The reported one is the best of all N.",
                lambda n, p, N: best_of(n, p, max(N - 1, 1)),
            ),
            Mistake(
                "all right",
                "That is the chance that one of the N has every row right. The mean of the best "
                "accuracy is asked for.",
                lambda n, p, N: 1 - (1 - p**n) ** N,
            ),
            Mistake(
                "bell",
                "You put a bell curve in the place of the counts. With few rows that is too rough.",
                normal_luck,
            ),
            Mistake(
                "worst",
                "That is the worst of the N: all of them lie at x or above.",
                lambda n, p, N: float(((1 - distribution(n, p)[:-1]) ** N).sum() / n),
            ),
            Mistake(
                "rows",
                "That is a number of rows; the accuracy is asked for.",
                lambda n, p, N: n * best_of(n, p, N),
            ),
            Mistake(
                "onemore",
                "Your sum of chances runs one too far, or begins one too early: P(best ≥ 0) is 1, "
                "and says nothing.",
                lambda n, p, N: best_of(n, p, N) + 1 / n,
            ),
            Mistake(
                "below",
                "You weigh each step of the chances by the number before it: F(x)ᴺ − F(x − 1)ᴺ "
                "belongs to x.",
                lambda n, p, N: float(np.arange(n) @ np.diff(distribution(n, p) ** N) / n),
            ),
            Mistake(
                "density",
                "You raise the chance of exactly x to the N-th power. That is the chance that all "
                "have x; what is needed is the one that all have at most x.",
                power_of_mass,
            ),
            Mistake(
                "cumulated",
                "F(x)ᴺ is the chance that the best is at most x. Take differences before you "
                "weigh: the chance of exactly x.",
                lambda n, p, N: float(np.arange(n + 1) @ distribution(n, p) ** N / n),
            ),
            Mistake(
                "likely",
                "That is the most likely best, not the mean of the best.",
                lambda n, p, N: float(np.argmax(np.diff(distribution(n, p) ** N, prepend=0)) / n),
            ),
            Mistake(
                "median",
                "That is the median of the best, not its mean.",
                lambda n, p, N: float(np.argmax(distribution(n, p) ** N >= 0.5) / n),
            ),
            Mistake(
                "multiplied",
                "You multiply the chance by N. For N independent models it is the N-th power.",
                multiplied,
            ),
            Mistake(
                "any",
                "That is the chance that at least one of N is right about a single row. One model "
                "is best on all rows together.",
                lambda n, p, N: 1 - (1 - p) ** N,
            ),
            Mistake(
                "density2",
                "N·q·Fᴺ⁻¹ is the rule for a density. For counts take F(x)ᴺ − F(x − 1)ᴺ.",
                lambda n, p, N: float(
                    np.arange(n + 1)
                    @ (N * np.diff(distribution(n, p), prepend=0) * distribution(n, p) ** (N - 1))
                    / n
                ),
            ),
            Mistake(
                "quantile",
                "That is the place above which one of N is expected, not the mean of the best.",
                lambda n, p, N, of="N": float(
                    np.argmax(distribution(n, p) >= (1 - 1 / N if of == "N" else N / (N + 1))) / n
                ),
                family=("N", "N + 1"),
            ),
            Mistake(
                "lengthened",
                "You divide by n + 1, the number of possible counts. A share is x/n.",
                lambda n, p, N: best_of(n, p, N) * n / (n + 1),
            ),
        ),
        hints=(
            "The number of right rows of one model is a binomial count. What is the chance that it "
            "is at most x?",
            "All N are at most x with the N-th power of that chance. So what is the chance that "
            "the best is exactly x?",
            "It is the difference of two neighbours, F(x)ᴺ − F(x − 1)ᴺ. Weigh x/n by it and add "
            "up over x = 0 … n.",
        ),
        section='chapter 10, section 10.9, "How much of a score is luck"',
        proves="Nobody is better than p, and the best of N looks it.",
    ),
    Exercise(
        id="10.8",
        kind="find the bug",
        title="A log that tells the truth",
        signature="report(losses, sizes, every)",
        worked=worked.report,
        reference=by_running_sums,
        cases=logs,
        mistakes=(
            Mistake(
                "printed",
                "As printed: each line starts anew, the short batch counts as a whole one, and "
                "the rest of the epoch is never said.",
                lambda losses, sizes, every: of_window(
                    losses, sizes, every, False, whole_windows(losses, sizes, every)
                ),
            ),
            Mistake(
                "last",
                "You report the loss of the last batch alone.",
                lambda losses, sizes, every: logged(
                    losses, sizes, every, mean=lambda s: losses[s - 1]
                ),
            ),
            Mistake(
                "plain",
                "A short batch counts as much as a whole one in your mean. Weigh each loss by its "
                "rows.",
                lambda losses, sizes, every: logged(
                    losses, sizes, every, mean=lambda s: losses[:s].mean()
                ),
            ),
            Mistake(
                "silent",
                "Your last step has no line unless `every` divides it. An epoch shorter than "
                "`every` says nothing at all.",
                lambda losses, sizes, every: logged(
                    losses, sizes, every, whole_windows(losses, sizes, every)
                ),
            ),
            Mistake(
                "window",
                "Each of your lines starts anew after the one before. The mean so far is asked "
                "for, from the first batch on.",
                lambda losses, sizes, every: of_window(losses, sizes, every, True),
            ),
            Mistake(
                "windowplain",
                "Each of your lines starts anew, and counts a short batch as a whole one.",
                lambda losses, sizes, every: of_window(losses, sizes, every, False),
            ),
            Mistake(
                "sum",
                "You return sums. Divide by the rows so far.",
                lambda losses, sizes, every: logged(
                    losses, sizes, every, mean=lambda s: losses[:s] @ sizes[:s]
                ),
            ),
            Mistake(
                "full",
                "You divide by the rows of the whole epoch from the first line on. Only those seen "
                "so far count.",
                lambda losses, sizes, every: logged(
                    losses, sizes, every, mean=lambda s: losses[:s] @ sizes[:s] / sizes.sum()
                ),
            ),
            Mistake(
                "from0",
                "You count steps from 0. The first batch is step 1.",
                lambda losses, sizes, every: [
                    (s - 1, mean) for s, mean in logged(losses, sizes, every)
                ],
            ),
            Mistake(
                "doubled",
                "Where `every` divides the last step, you report it twice.",
                lambda losses, sizes, every: logged(
                    losses, sizes, every, [*whole_windows(losses, sizes, every), len(losses)]
                ),
            ),
            Mistake(
                "early",
                "Your lines come after the steps 1, 1 + every, …: the first after `every` batches.",
                lambda losses, sizes, every: logged(
                    losses,
                    sizes,
                    every,
                    sorted({*range(1, len(losses) + 1, every), len(losses)}),
                ),
            ),
            Mistake(
                "batches",
                "You weigh each loss by its rows and divide by the number of batches. Divide by "
                "the number of rows.",
                lambda losses, sizes, every: logged(
                    losses, sizes, every, mean=lambda s: losses[:s] @ sizes[:s] / s
                ),
            ),
            Mistake(
                "every",
                "You divide by `every`. Divide by the rows that were seen.",
                divided_by_every,
                family=PARTS,
            ),
            Mistake(
                "counted0",
                "You count the batches from 0, so your lines come one too late or too early.",
                lambda losses, sizes, every: [
                    (s - 1, mean)
                    for s, mean in logged(
                        losses,
                        sizes,
                        every,
                        sorted({*range(1, len(losses) + 1, every), len(losses)}),
                    )
                ],
            ),
            Mistake(
                "unweighted",
                "You add up the losses as they are and divide by the rows. Each loss counts times "
                "its rows.",
                lambda losses, sizes, every: logged(
                    losses, sizes, every, mean=lambda s: losses[:s].sum() / sizes[:s].sum()
                ),
            ),
            Mistake(
                "whole epoch",
                "Each of your lines gives the mean of the whole epoch. Only the rows seen so far "
                "count.",
                lambda losses, sizes, every: logged(
                    losses, sizes, every, mean=lambda s: losses @ sizes / sizes.sum()
                ),
            ),
            Mistake(
                "rows",
                "You give the number of rows in the place of the step. A step is one batch.",
                lambda losses, sizes, every: [
                    (int(sizes[:s].sum()), mean) for s, mean in logged(losses, sizes, every)
                ],
            ),
            Mistake(
                "lastonly",
                "You report once, at the end. A line is due after every `every` batches as well.",
                lambda losses, sizes, every: logged(losses, sizes, every, [len(losses)]),
            ),
            Mistake(
                "smooth",
                "You report a running average that forgets. Every row seen so far counts alike.",
                smooth,
                family=(0.9, 0.99, 0.95, 0.98, 0.8, 0.5),
            ),
            Mistake(
                "digits",
                "You round to {} decimals. Give the mean itself.",
                lambda losses, sizes, every, digits=4: [
                    (s, round(mean, digits)) for s, mean in logged(losses, sizes, every)
                ],
                family=(2, 3, 4, 5, 6),
            ),
            Mistake(
                "first",
                "You weigh every batch by the size of the first one, or by the mean size.",
                lambda losses, sizes, every: logged(
                    losses,
                    sizes,
                    every,
                    mean=lambda s: losses[:s].sum() * sizes[0] / sizes[:s].sum(),
                ),
            ),
            Mistake(
                "counted",
                "You divide by the number of batches times one size, {}. Add up the sizes.",
                lambda losses, sizes, every, size="that of the first": logged(
                    losses,
                    sizes,
                    every,
                    mean=lambda s: losses[:s] @ sizes[:s] / (s * SIZES[size](sizes, s)),
                ),
                family=tuple(SIZES),
            ),
            Mistake(
                "notadded",
                "Your sum holds the last batch only, over the rows of all: `+=`, not `=`.",
                lambda losses, sizes, every: logged(
                    losses,
                    sizes,
                    every,
                    mean=lambda s: losses[s - 1] * sizes[s - 1] / sizes[:s].sum(),
                ),
            ),
            Mistake(
                "rowsnotadded",
                "You divide the sum of all batches by the rows of the last one: add the rows up "
                "as well.",
                lambda losses, sizes, every: logged(
                    losses, sizes, every, mean=lambda s: losses[:s] @ sizes[:s] / sizes[s - 1]
                ),
            ),
            Mistake(
                "lines",
                "Your means are right, but not the lines: {}.",
                lambda losses, sizes, every, which=FIRST_TOO: logged(
                    losses, sizes, every, LINES[which](len(losses), every)
                ),
                family=tuple(LINES),
            ),
            Mistake(
                "oneline",
                "Your `return` is inside the loop: one line, and out.",
                lambda losses, sizes, every: logged(losses, sizes, every)[:1],
            ),
            Mistake(
                "behind",
                "Your lines are one batch behind: add the batch before you report.",
                lambda losses, sizes, every: logged(
                    losses,
                    sizes,
                    every,
                    mean=lambda s: losses[: s - 1] @ sizes[: s - 1] / max(sizes[: s - 1].sum(), 1),
                ),
            ),
        ),
        hints=(
            "Run it with every = 100 on five batches. What does it say?",
            "Keep two sums that are never set back: of loss times size, and of sizes.",
            "After each batch both sums grow; a line is due where the step is a multiple of "
            "`every`, or the last one, and never twice.",
        ),
        section='chapter 10, section 10.6, "Read the curves"',
        proves="Every row counts once, and no epoch ends in silence.",
    ),
    Exercise(
        id="10.9",
        kind="find the bug",
        title="Weights that have moved already",
        signature="step(X, T, Ws, lr)",
        worked=worked.step,
        reference=by_layers_alone,
        cases=nets,
        new=True,
        mistakes=(
            Mistake(
                "moved",
                "You send δ through weights that have moved already. The gradient is that of the "
                "weights with which the forward pass was made.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, moved=True),
            ),
            Mistake(
                "again",
                "After each layer you compute all anew with the weights that have moved. One step "
                "uses one forward pass, and moves all layers at the end.",
                again_after_each,
            ),
            Mistake(
                "upwards",
                "You move the first layer, compute anew, and move the next. One step uses one "
                "forward pass.",
                lambda X, T, Ws, lr: again_after_each(X, T, Ws, lr, upwards=True),
            ),
            Mistake(
                "sum",
                "You sum over the rows. The loss is a mean over them.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, divide=lambda Y: 1),
            ),
            Mistake(
                "size",
                "You divide by all numbers of T. The mean is over its rows.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, divide=np.size),
            ),
            Mistake(
                "double",
                "You doubled the error. The ½ of the loss takes the 2 away.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, divide=lambda Y: len(Y) / 2),
            ),
            Mistake(
                "climb",
                "You step along the gradient. It points uphill.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, -lr),
            ),
            Mistake(
                "slope",
                "You took 1 − tanh² of h. h is the tanh already: 1 − h².",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, slope=lambda h: 1 - np.tanh(h) ** 2),
            ),
            Mistake(
                "noslope",
                "The derivative of tanh is missing: δ is multiplied by 1 − h² at each hidden "
                "layer.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, slope=lambda h: 1.0),
            ),
            Mistake(
                "lasttanh",
                "You put a tanh on the last layer. It is linear.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, last="tanh slope"),
            ),
            Mistake(
                "lastslope",
                "You multiply δ of the last layer by the derivative of a tanh. It is linear: its "
                "δ is (Y − T)/n.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, last="slope"),
            ),
            Mistake(
                "sigmoid",
                "h(1 − h) is the derivative of the sigmoid. That of tanh is 1 − h².",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, slope=lambda h: h * (1 - h)),
            ),
            Mistake(
                "linearslope",
                "Your derivative of tanh is {}. It is 1 − h².",
                lambda X, T, Ws, lr, name="1 − h": stepped(X, T, Ws, lr, slope=SLOPES[name]),
                family=SLOPE_NAMES,
            ),
            Mistake(
                "onebyone",
                "You make a step for each row. All rows are one batch: one step.",
                row_after_row,
            ),
            Mistake(
                "outputs",
                "You divide by the number of outputs. The mean is over the rows.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, divide=lambda Y: Y.shape[1]),
            ),
            Mistake(
                "halfmoved",
                "You send δ through a mean of old and new weights. It goes through the old ones.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, moved=0.5),
            ),
            Mistake(
                "gradients",
                "You return gradients. The new weights are W − lr·∂L/∂W.",
                lambda X, T, Ws, lr: [
                    W - V for W, V in zip(Ws, stepped(X, T, Ws, 1.0), strict=True)
                ],
            ),
            Mistake(
                "straight",
                "δ goes back through Wᵀ, not through W.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, turned=True),
                verdict=BROKEN,
            ),
            Mistake(
                "lastonly",
                "Only your last layer moves.",
                lambda X, T, Ws, lr: [*Ws[:-1], stepped(X, T, Ws, lr)[-1]],
            ),
            Mistake(
                "otherlength",
                "You divide by {}. The mean is over the n rows, once.",
                lambda X, T, Ws, lr, n="n²": stepped(X, T, Ws, lr, divide=LENGTHS[n]),
                family=tuple(LENGTHS),
            ),
            Mistake(
                "error",
                "Your δ of the last layer is {}. It is (Y − T)/n.",
                lambda X, T, Ws, lr, name="(Y − T)²/n": stepped(X, T, Ws, lr, error=ERRORS[name]),
                family=tuple(ERRORS),
            ),
            Mistake(
                "tanhnoslope",
                "You put a tanh on the last layer, and leave out its derivative. The last layer "
                "is linear.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, last="tanh"),
            ),
            Mistake(
                "twosteps",
                "You make two steps. One is asked for.",
                lambda X, T, Ws, lr: stepped(X, T, stepped(X, T, Ws, lr), lr),
            ),
            Mistake(
                "firstonly",
                "Only your first layer moves.",
                lambda X, T, Ws, lr: [stepped(X, T, Ws, lr)[0], *Ws[1:]],
            ),
            Mistake(
                "firstslope",
                "The derivative of tanh is missing on the way to the first layer.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr, spared=1),
            ),
            Mistake(
                "reversed",
                "Your new weights are right, in the opposite order. That of `Ws` is asked for.",
                lambda X, T, Ws, lr: stepped(X, T, Ws, lr)[::-1],
            ),
        ),
        hints=(
            "Compare one step at the rate 1 with one at 0.001: divided by the rate, the change of "
            "each W should be the same.",
            "Which W does δ go through in the backward loop, and in which line was it assigned?",
            "Either compute the next δ before the assignment, or collect the new weights in "
            "another list. That list also leaves the caller's as it was.",
        ),
        section='chapter 10, section 10.7, "Four tests before training"',
        proves="One forward pass, one gradient, one step for all layers.",
    ),
    Exercise(
        id="10.10",
        kind="extend",
        title="As if nothing had happened",
        signature="resume(saved, grads, lr, warm)",
        worked=worked.resume,
        reference=lambda saved, grads, lr, warm: continued(saved, grads, lr, warm),
        cases=states,
        new=True,
        mistakes=(
            Mistake(
                "cold",
                "You go on with w alone: m and v start at 0, and the counter with them.",
                lambda *args: without(*args, "m", "v", "t"),
            ),
            Mistake(
                "moments",
                "Your m and v start at 0 again; the counter goes on.",
                lambda *args: without(*args, "m", "v"),
            ),
            Mistake(
                "t0",
                "Your counter starts at 0 again. The corrections then divide by too little, and "
                "the warm-up begins anew.",
                lambda *args: without(*args, "t"),
            ),
            Mistake(
                "t0said",
                "You return the right counter, but the run went on with one that started at 0.",
                counter_is_new,
            ),
            Mistake(
                "tbias",
                "The corrections start counting anew; only the warm-up goes on.",
                lambda s, g, lr, warm: continued(s, g, lr, warm, power=lambda t: t - s["t"]),
            ),
            Mistake(
                "twarm",
                "The warm-up begins anew; only the corrections go on.",
                lambda s, g, lr, warm: continued(
                    s, g, lr, warm, warming=lambda t, warm: min(1.0, (t - s["t"]) / warm)
                ),
            ),
            Mistake("nom", "Your m starts at 0 again.", lambda *args: without(*args, "m")),
            Mistake("nov", "Your v starts at 0 again.", lambda *args: without(*args, "v")),
            Mistake(
                "tp1",
                "Your counter is one too far: t is raised by one at each step, and no more.",
                lambda s, g, lr, warm: continued({**s, "t": s["t"] + 1}, g, lr, warm),
            ),
            Mistake(
                "old",
                "Your corrections, and the warm-up, use the counter before it is raised.",
                lambda s, g, lr, warm, first="uncorrected": continued(
                    s,
                    g,
                    lr,
                    warm,
                    warming=BEHIND,
                    power=lambda t: t - 1 or (math.nan if first == "by 0" else 0),
                ),
                family=("uncorrected", "by 0"),
            ),
            Mistake(
                "wonly",
                "w is right, but m, v and t are returned as they came: the next part could not go "
                "on from there.",
                without_state,
            ),
            Mistake(
                "behind",
                "Your counter is one behind, in the run and in what you return: t is raised "
                "before it is used.",
                one_behind,
            ),
            Mistake(
                "tsaved",
                "You return t as it came: the next part would count these steps again.",
                lambda saved, *rest: {**continued(saved, *rest), "t": saved["t"]},
            ),
            Mistake(
                "momentssaved",
                "You return m and v as they came: the next part would not know these gradients.",
                lambda saved, *rest: {**continued(saved, *rest), "m": saved["m"], "v": saved["v"]},
            ),
            Mistake(
                "first",
                "Your `return` is inside the loop: one step, and out.",
                first_alone,
            ),
            Mistake(
                "lastgradient",
                "Each step begins again from what was saved, so only the last gradient counts.",
                last_alone,
            ),
            Mistake(
                "betas",
                "You exchanged the two betas: 0.9 is that of m, 0.999 that of v.",
                lambda *args: continued(*args, first=0.999, squared=0.9),
            ),
            Mistake(
                "beta2",
                "The beta of v is {} in your program. It is 0.999.",
                lambda saved, grads, lr, warm, beta=0.99: continued(
                    saved, grads, lr, warm, squared=beta
                ),
                family=(0.99, 0.9, 0.95, 0.98, 0.9999),
            ),
            Mistake(
                "exchanged",
                "You exchanged m and v of what was saved.",
                lambda s, *rest: continued({**s, "m": s["v"], "v": abs(s["m"])}, *rest),
            ),
            Mistake(
                "averaged",
                "You made one step with the mean of the gradients. Each row of `grads` is a step.",
                lambda s, g, *rest: continued(s, g.mean(axis=0)[None] if len(g) else g, *rest),
            ),
            Mistake(
                "stored",
                "You keep the corrected m and v. The corrections are for the step alone.",
                lambda *args: continued(*args, stored=True),
            ),
            Mistake(
                "nocorrection",
                "m and v are not corrected: divide by 1 − 0.9ᵗ and 1 − 0.999ᵗ.",
                lambda *args: continued(*args, power=lambda t: 0),
            ),
            Mistake(
                "root",
                "Your ε is under the root. It is added to the root.",
                lambda *args: continued(*args, root=True),
            ),
            Mistake(
                "mbefore",
                "Your step uses m and v as they were before this gradient. Renew them first.",
                lambda *args: continued(*args, late=True),
            ),
            Mistake(
                "vfromm",
                "You put m² into v. It is g².",
                lambda *args: continued(*args, from_m=True),
            ),
            Mistake(
                "shares",
                "You exchanged the two shares of {}: the old one keeps the larger.",
                lambda saved, grads, lr, warm, of="m": continued(
                    saved, grads, lr, warm, exchanged=of
                ),
                family=("m", "v"),
            ),
            Mistake(
                "uncorrected",
                "You correct only one of the two: {} is not divided by 1 − βᵗ.",
                lambda saved, grads, lr, warm, of="m": continued(
                    saved, grads, lr, warm, uncorrected=of
                ),
                family=("m", "v"),
            ),
            Mistake(
                "noroot",
                "The root is missing: divide by √ of the corrected v, plus ε.",
                lambda *args: continued(*args, power_of_v=1.0),
            ),
            Mistake(
                "eps",
                "Your ε is {}. It is 1e-8.",
                lambda saved, grads, lr, warm, eps=1e-7: continued(saved, grads, lr, warm, eps=eps),
                family=(1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-9, 1e-10, 1e-12, 0.0),
            ),
            Mistake(
                "warmup",
                "Your rate is lr times {}. It is lr·min(1, t/warm).",
                lambda saved, grads, lr, warm, how="max(1, t/warm)": continued(
                    saved, grads, lr, warm, warming=WARMINGS[how]
                ),
                family=tuple(WARMINGS),
            ),
            Mistake(
                "cutshort",
                "You leave out the last gradient.",
                lambda saved, grads, lr, warm: continued(saved, grads[:-1], lr, warm),
            ),
            Mistake(
                "summed",
                "You add up the gradients. Each row of `grads` is that of its own step.",
                lambda saved, grads, lr, warm: continued(saved, np.cumsum(grads, axis=0), lr, warm),
            ),
            Mistake(
                "onesaved",
                "You return {} as it came: the next part could not go on from there.",
                lambda saved, grads, lr, warm, of="m": {
                    **continued(saved, grads, lr, warm),
                    of: saved[of],
                },
                family=("m", "v"),
            ),
            Mistake(
                "newsteps",
                "Your t counts the new steps only. It counts all that were made.",
                lambda saved, grads, lr, warm: {
                    **continued(saved, grads, lr, warm),
                    "t": len(grads),
                },
            ),
            Mistake(
                "whole",
                "You add all of g to m, or all of g² to v. A tenth and a thousandth of it are "
                "added.",
                lambda saved, grads, lr, warm, of="m": continued(
                    saved, grads, lr, warm, exchanged=f"whole {of}"
                ),
                family=("m", "v"),
            ),
        ),
        hints=(
            "Go through one step of Adam and list every name that it reads.",
            "It reads w, m, v and t. All four come from `saved`; none starts anew.",
            "Begin with the four, raise t before it is used in the corrections and in the warm-up, "
            "and at the end put all four into a new dict.",
        ),
        section='chapter 10, section 10.10, "A checklist"',
        proves="Two halves of a run are the whole run, to the last digit that counts.",
    ),
]
