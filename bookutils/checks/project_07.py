"""The project of chapter 07: a program that learns from 40 rows, a quarter of them mislabelled."""

import numpy as np

from bookutils.judge.project import Mistake, Project, Property

# ---- a right answer: logistic regression, its λ chosen on the validation rows


def learn(X, y, X_val, y_val, rng, lams=(0.01, 0.03, 0.1, 0.3, 1.0), free=True):
    mean, std = X.mean(axis=0), X.std(axis=0)
    std = np.where(std > 1e-12 * np.abs(mean), std, 1.0)
    A, A_val = (X - mean) / std, (X_val - mean) / std
    found = []
    for lam in lams:
        w, b = np.zeros(X.shape[1]), 0.0
        lr = 1 / (np.linalg.norm(A, 2) ** 2 / (4 * len(y)) + 0.25 + lam)
        for _ in range(200):
            delta = (1 / (1 + np.exp(-(A @ w + b))) - y) / len(y)
            w, b = w - lr * (A.T @ delta + lam * w), b - lr * (delta.sum() + (not free) * lam * b)
        z = A_val @ w + b
        found.append((np.mean(np.logaddexp(0, z) - z * y_val), w, b))
    loss, w, b = min(found, key=lambda one: one[0])
    return lambda X: 1 / (1 + np.exp(-((X - mean) / std @ w + b))), [one[0] for one in found]


def without_a_brake(X, y, X_val, y_val, rng):
    return learn(X, y, X_val, y_val, rng, lams=(0.0, 1e-9))


def with_a_penalised_bias(X, y, X_val, y_val, rng):
    return learn(X, y, X_val, y_val, rng, free=False)


def with_the_last_weights(X, y, X_val, y_val, rng):
    _, losses = learn(X, y, X_val, y_val, rng)
    predict, _ = learn(X, y, X_val, y_val, rng, lams=(10.0,))
    return predict, [*losses, 10.0]


def with_the_scale_of_what_comes(X, y, X_val, y_val, rng):
    def scaled(X):
        return (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)

    predict, losses = learn(scaled(X), y, scaled(X_val), y_val, rng)
    return lambda X: predict(scaled(X)), losses


def with_one_scale_for_all(X, y, X_val, y_val, rng):
    mean, largest = X.mean(axis=0), np.abs(X - X.mean(axis=0)).max()
    A, A_val = (X - mean) / largest, (X_val - mean) / largest
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(200):
        delta = (1 / (1 + np.exp(-(A @ w + b))) - y) / len(y)
        w, b = w - A.T @ delta, b - delta.sum()
        z = A_val @ w + b
        losses.append(np.mean(np.logaddexp(0, z) - z * y_val))
    return lambda X: 1 / (1 + np.exp(-((X - mean) / largest @ w + b))), losses


def with_losses_in_bits(X, y, X_val, y_val, rng):
    predict, losses = learn(X, y, X_val, y_val, rng)
    return predict, [loss / np.log(2) for loss in losses]


def with_whole_answers(X, y, X_val, y_val, rng):
    predict, losses = learn(X, y, X_val, y_val, rng)
    return lambda X: 1.0 * (predict(X) > 0.5), losses


OWN = np.random.default_rng(0)


def with_a_draw_of_its_own(X, y, X_val, y_val, rng):
    trembling = X * (1 + 0.01 * OWN.normal(size=X.shape))  # a little augmentation
    return learn(trembling, y, X_val, y_val, rng)


# ---- the properties


def kept_rows(learn, draws):
    from bookutils.data import breast_cancer

    X, benign = breast_cancer()
    shares = []
    for draw in draws:
        rng = np.random.default_rng(draw)
        order = rng.permutation(569)
        said = np.where(rng.random(569) < 0.25, 1.0 - benign, 1.0 * benign)
        known, watched, kept = order[:40], order[40:80], order[80:]
        predict, losses = learn(X[known], said[known], X[watched], said[watched], rng)
        shares.append(np.mean((predict(X[kept]) > 0.5) == benign[kept]))
    return float(np.mean(shares))


def above_the_bar(share, draws):
    if share < 0.8:
        return f"{share:.0%} of the kept rows are right, 80% are asked for."


def two_units(learn, factor, shift):
    rng = np.random.default_rng(1)
    X, X_new = rng.normal(size=(80, 3)), rng.normal(size=(50, 3))
    y = 1.0 * (X[:, 0] + X[:, 1] + 0.5 * rng.normal(size=80) > 0)
    unit, zero = np.array([1.0, factor, 1.0]), np.array([0.0, shift, 0.0])
    p, q = (
        learn(A[:40], y[:40], A[40:], y[40:], np.random.default_rng(2))[0](A_new)
        for A, A_new in ((X, X_new), (X * unit + zero, X_new * unit + zero))
    )
    return float(np.abs(p - q).max()), float(np.mean((q > 0.5) == (X_new[:, 0] + X_new[:, 1] > 0)))


def the_same_in_both(found, factor, shift):
    difference, right = found
    if not difference < 1e-5:
        return f"The probabilities differ by up to {difference:.2g}."
    if right < 0.8:
        return f"{right:.0%} of the rows are right, 80% are asked for."


def one_by_one(learn, seed):
    rng = np.random.default_rng(seed)
    X, X_new = rng.normal(size=(80, 3)), rng.normal(size=(6, 3))
    y = 1.0 * (X[:, 0] + rng.normal(size=80) > 0)
    predict, losses = learn(X[:40], y[:40], X[40:], y[40:], rng)
    together, alone = predict(X_new), [float(predict(X_new[k : k + 1])[0]) for k in range(6)]
    return float(np.abs(np.array(together) - alone).max()), list(np.shape(together))


def each_by_itself(found, seed):
    difference, shape = found
    if shape != [6]:
        return f"For six rows predict gives the shape {tuple(shape)}, (6,) is asked for."
    if not difference < 1e-9:
        return f"Alone, a row gets another probability: {difference:.2g} apart."


def only_noise(learn, draws):
    means = []
    for draw in draws:
        rng = np.random.default_rng(draw)
        X, y = rng.normal(size=(80, 30)), np.tile([1.0, 1.0, 1.0, 1.0, 0.0], 16)
        predict, losses = learn(X[:40], y[:40], X[40:], y[40:], rng)
        p = predict(rng.normal(size=(200, 30)))
        means.append(np.mean(p))
    return float(np.mean(means)), bool(np.isin(p, (0.0, 1.0)).all())


def near_the_share(found, draws):
    mean, whole = found
    if whole:
        return "predict answers 0 or 1 and nothing between. The task asks for probabilities."
    if not 0.74 <= mean <= 0.86:
        return f"The mean probability is {mean:.2f}; 0.74 to 0.86 is asked for."


def best_kept(learn, seed, noise):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(80, 20))
    y = 1.0 * (X[:, 0] + noise * rng.normal(size=80) > 0)
    predict, losses = learn(X[:40], y[:40], X[40:], y[40:], rng)
    p = np.clip(predict(X[40:]), 1e-15, 1 - 1e-15)
    loss = -np.mean(y[40:] * np.log(p) + (1 - y[40:]) * np.log(1 - p))
    return float(loss), float(min(losses)), len(losses)


def the_lowest(found, seed, noise):
    loss, lowest, tried = found
    if tried < 2:
        return "One validation loss is no choice: at least two were to be tried."
    if abs(loss - lowest * np.log(2)) <= 1e-6:
        return "Your losses are in bits, by log2. The task asks for those by ln."
    if not abs(loss - lowest) <= 1e-6:
        return (
            f"predict has the validation loss {loss:.4f}; the lowest that was seen is {lowest:.4f}."
        )


def twice(learn, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(80, 4)), 1.0 * (rng.random(80) > 0.4)
    p, q = (
        learn(X[:40], y[:40], X[40:], y[40:], np.random.default_rng(seed))[0](X) for _ in range(2)
    )
    return float(np.abs(p - q).max())


def equal(difference, seed):
    if not difference == 0:
        return f"Two runs with the same rng differ by up to {difference:.2g}."


def untouched(learn, seed):
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=(40, 3)), 1.0 * (rng.random(40) > 0.5)] * 2
    arrays = [a + 0.0 for a in arrays]
    copies = [a.copy() for a in arrays]
    predict, losses = learn(*arrays, rng)
    predict(arrays[0])
    return all(np.array_equal(a, b) for a, b in zip(arrays, copies, strict=True))


PROJECT = Project(
    id="07.project",
    title="Learn from forty rows",
    name="learn",
    reference=learn,
    properties=(
        Property(
            "Of the kept rows 80% are right",
            points=3,
            program=kept_rows,
            cases=((tuple(range(10)),),),
            accept=above_the_bar,
            explains="Forty rows, a quarter of them mislabelled, and thirty columns: without a "
            "brake the noise is fitted as well. Which brake is yours, and how strong must it be?",
            section='chapter 07, section 7.10, "Which brake?"',
            group="brake",
            seconds=30.0,
        ),
        Property(
            "Columns in other units make no difference",
            points=1,
            program=two_units,
            cases=((1e4, 1e5), (1e-3, 0.0)),
            accept=the_same_in_both,
            explains="Scale the columns by mean and deviation of the rows you learn from: else a "
            "penalty, and a learning rate, weigh the columns by their units.",
            section='chapter 07, section 7.1, "Three questions, and a bet"',
            group="rows",
            seconds=8.0,
        ),
        Property(
            "A row's probability does not depend on the rows beside it",
            points=1,
            program=one_by_one,
            cases=((4,),),
            accept=each_by_itself,
            explains="predict may use nothing of the new rows but the row itself: mean and "
            "deviation are those of the rows you learned from.",
            section='chapter 07, section 7.1, "Three questions, and a bet"',
            group="rows",
            seconds=8.0,
        ),
        Property(
            "Where the columns are noise, the bias says the share",
            points=1,
            program=only_noise,
            cases=(((1, 2, 3, 4, 5, 6),),),
            accept=near_the_share,
            explains="Four of five labels are 1. With nothing to learn, a free bias says so. A "
            "penalised one is nearer to one half, and one that was stopped early has not arrived: "
            "start it at ln(share / (1 − share)).",
            section='chapter 07, section 7.4, "L2, a dimmer for each direction"',
            group="brake",
            seconds=20.0,
        ),
        Property(
            "What is returned is the best that was seen",
            points=2,
            program=best_kept,
            cases=((7, 2.0), (8, 0.1)),
            accept=the_lowest,
            explains="`losses` holds the validation loss, by ln, of every model tried, and predict "
            "is the one with the lowest: its weights are kept, and put back at the end.",
            section='chapter 07, section 7.8, "Stop early"',
            group="best",
            seconds=8.0,
        ),
        Property(
            "The same rng, the same answer",
            points=1,
            program=twice,
            cases=((9,),),
            accept=equal,
            explains="All draws come from `rng`, and from nothing else.",
            section='chapter 07, section 7.7, "Dropout"',
            group="rows",
            seconds=8.0,
        ),
        Property(
            "The arrays stay as they were",
            points=1,
            program=untouched,
            cases=((10,),),
            expected=lambda seed: True,
            explains="A step in place, or labels overwritten, changes what belongs to the caller.",
            section='chapter 07, section 7.8, "Stop early"',
            group="best",
            seconds=8.0,
        ),
    ),
    mistakes=(
        Mistake(
            "no brake",
            "Nothing holds your weights back: the labels that are wrong are fitted as well.",
            without_a_brake,
        ),
        Mistake(
            "bias",
            "Your bias is penalised: it cannot say how frequent a label is.",
            with_a_penalised_bias,
        ),
        Mistake(
            "last",
            "You return the last model and not the best that you saw.",
            with_the_last_weights,
        ),
        Mistake("bits", "Your losses are in bits: log2 stands for ln.", with_losses_in_bits),
        Mistake(
            "whole answers",
            "predict answers 0 or 1. A probability lies between them.",
            with_whole_answers,
        ),
        Mistake(
            "own scale",
            "You scale each set of rows by itself. A row alone has no deviation.",
            with_the_scale_of_what_comes,
        ),
        Mistake(
            "units",
            "You divide all columns by one number, so a column in small units has no voice.",
            with_one_scale_for_all,
        ),
        Mistake(
            "own draws",
            "You draw from a generator of your own: no run can be repeated.",
            with_a_draw_of_its_own,
        ),
    ),
    hints={
        "brake": (
            "A linear model with one weight a column is enough. Its loss is that of chapter 06 "
            "for yes or no.",
            "Try several λ, or look at the validation rows after every step. Which has the lowest "
            "loss there?",
            "The penalty's gradient is λw, added to that of w and not to that of b. Five λ from "
            "0.01 to 1 are enough.",
        ),
        "rows": (
            "Which numbers may predict know? Only what learn has seen, and its own row.",
            "Compute mean and deviation once, in learn, from X, and let predict close over them. "
            "A constant column has the deviation 0.",
            "Whatever is random, start weights or a mask, asks `rng`; nothing else is needed.",
        ),
        "best": (
            "Write every validation loss into a list, as a number.",
            "Beside the lowest loss so far keep the weights that gave it, as copies.",
            "At the end predict uses the kept weights, whatever came after them.",
        ),
    },
    proves="From forty rows, some mislabelled, your program learns what holds for others.",
)
