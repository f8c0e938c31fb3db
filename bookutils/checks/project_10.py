"""The project of chapter 10: a training program with five silent faults, whose loss falls."""

import numpy as np

from bookutils.judge.project import Mistake, Project, Property

# ---- the repaired program; each fault can be put back


def train(X, y, X_val, y_val, start, lr, batch, epochs, rng, faults=(), plus=0.0):
    known = np.vstack([X, X_val]) if "scale" in faults else X
    mean, std = known.mean(axis=0), known.std(axis=0)
    spread = std if "constant" in faults else np.ptp(known, axis=0)
    std = std + plus if plus else np.where(spread > 0, std, 1.0)
    A, A_val = (X - mean) / std, (X_val - mean) / std
    weights = start if "start" in faults else [np.array(W, dtype=float) for W in start]
    lowest, best, log = np.inf, weights, []
    one = rng.permutation(len(A)) if "order" in faults else None
    for _ in range(epochs):
        order = rng.permutation(len(A)) if one is None else one
        end = len(A) - len(A) % batch if "short" in faults else len(A)
        for i in range(0, end, batch):
            rows = order[i : i + batch]
            rate = lr * len(rows) / batch if "by batch" in faults else lr
            descend(weights, A[rows], y[rows], rate, faults)
        log.append(tuple(loss_of(weights, *rows, faults)[0] for rows in ((A, y), (A_val, y_val))))
        watched = log[-1]["training" not in faults]
        if watched < lowest or ("ties" in faults and watched == lowest):
            lowest = watched
            best = weights if "kept" in faults else [W.copy() for W in weights]
    said = weights if "predict" in faults else best
    returned = weights if "returned" in faults else best
    return returned, lambda X_new: softmax(logits(said, (X_new - mean) / std)[1]), log


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def logits(weights, A):
    H = np.tanh(A @ weights[0] + weights[1])
    return H, H @ weights[2] + weights[3]


def loss_of(weights, A, y, faults=()):
    """Loss, its gradient with respect to the logits, and the hidden activations."""
    H, Z = logits(weights, A)
    P = softmax(Z)
    scores = P if "twice" in faults else Z
    top = scores.max(axis=1, keepdims=True)
    log_p = scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    G = np.exp(log_p)
    G[rows, y] -= 1
    G /= len(y)
    if "twice" in faults:
        G = P * (G - (P * G).sum(axis=1, keepdims=True))
    return float(-log_p[rows, y].mean()), G, H


def descend(weights, A, y, lr, faults):
    """One step, in place."""
    _, G, H = loss_of(weights, A, y, faults)
    through = weights[2] - lr * H.T @ G if "moved" in faults else weights[2].copy()
    weights[2] -= lr * H.T @ G
    weights[3] -= lr * G.sum(axis=0)
    D = G @ through.T * (1 - H * H)
    weights[0] -= lr * A.T @ D
    weights[1] -= lr * D.sum(axis=0)


def no_scale_for_validation(X, y, X_val, y_val, *rest):
    """The training rows are scaled by themselves, and so are the validation rows."""
    own, std = (np.where(np.ptp(A, axis=0) > 0, A.std(axis=0), 1) for A in (X_val, X))
    scaled = (X_val - X_val.mean(axis=0)) / own
    return train(X, y, scaled * std + X.mean(axis=0), y_val, *rest)


def with_faults(*faults, plus=0.0):
    return lambda *args: train(*args, faults=faults, plus=plus)


def never_moves(X, y, X_val, y_val, start, lr, *rest):
    return train(X, y, X_val, y_val, start, 0.0, *rest)


# ---- the properties


def other_validation_rows(train, factor, shift):
    from copy import deepcopy

    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(12, 2)), np.arange(12) % 3
    start = [rng.normal(size=shape) for shape in ((2, 4), 4, (4, 3), 3)]
    rest = y, start, 0.5, 12, 1
    V, p, _ = train(X, y, X + 1.0, *deepcopy(rest), np.random.default_rng(2))
    W, q, _ = train(X, y, X * factor + shift, *deepcopy(rest), np.random.default_rng(2))
    _, u, _ = train(1000 * X, y, 1000 * (X + 1.0), *deepcopy(rest), np.random.default_rng(2))
    moved = [not np.allclose(V[k], start[k]) for k in range(4)]
    same, alike = [np.allclose(V[k], W[k]) for k in range(4)], np.allclose(p(X), q(X))
    in_other_units = np.allclose(p(X), u(1000 * X))
    return moved, same, alike, in_other_units


def small_step(train, labels, b2):
    y, k = np.array(labels), len(b2)
    X = np.arange(2.0 * len(y)).reshape(-1, 2) % 5
    start = [np.zeros((2, 3)), np.zeros(3), np.zeros((3, k)), np.array(b2)]
    weights, predict, log = train(X, y, X, y, start, 1e-6, len(y), 1, np.random.default_rng(0))
    return log[0][0], (np.array(b2) - weights[3]) / 1e-6


def of_one_softmax(labels, b2):
    """All rows have the logits b2: loss, and gradient with respect to them."""
    log_p = np.array(b2) - np.logaddexp.reduce(b2)
    share = np.bincount(labels, minlength=len(b2)) / len(labels)
    return float(-share @ log_p), np.exp(log_p) - share


def against_its_loss(train, seed):
    from copy import deepcopy

    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(6, 2)), np.arange(6) % 3
    start = [rng.normal(size=shape) for shape in ((2, 3), 3, (3, 3), 3)]
    W, _, _ = train(X, y, X, y, deepcopy(start), 1.0, 6, 1, np.random.default_rng(0))
    moved, same = [], []
    for k in range(4):
        away, losses = 1e-5 * rng.normal(size=start[k].shape), []
        for side in (-1, 1):
            beside = deepcopy(start)
            beside[k] += side * away
            losses += train(X, y, X, y, beside, 0.0, 6, 1, np.random.default_rng(0))[2][0][:1]
        slope = 2 * np.sum((start[k] - W[k]) * away)  # as the step has it
        moved.append(np.any(W[k] != start[k]))
        same.append(np.allclose(slope, losses[1] - losses[0], rtol=1e-4, atol=1e-11))
    return moved, same


def steps_of_an_epoch(train, n, batch):
    from copy import deepcopy

    X = np.ones((n, 2)) if batch > 1 else np.arange(2.0 * n).reshape(n, 2) ** 2
    y = np.zeros(n, dtype=int) if batch > 1 else np.arange(n) % 2
    b1, b2 = np.array([0.5, -0.2, 0.1]), np.array([0.4, 0.9])
    start = [np.full((2, 3), 0.3), b1, np.ones((3, 2)), b2]
    whole, _, _ = train(X, y, X, y, deepcopy(start), 1e-6, n, 1, np.random.default_rng(0))
    parts, _, _ = train(X, y, X, y, deepcopy(start), 1e-6, batch, 1, np.random.default_rng(1))
    return (b2 - parts[3])[0] / (b2 - whole[3])[0]


def turned_round(train, labels, epochs, lr, far):
    from copy import deepcopy

    rng = np.random.default_rng(3)
    X, X_val = (rng.normal(size=(12, 2)) + 2.0 * np.arange(12)[:, None] % 4 for _ in range(2))
    start = [rng.normal(size=shape) for shape in ((2, 4), 4, (4, 2), 2)]
    if far:
        start[0], start[2], X_val = 0.1 * start[0], 20 * start[2], X_val + far
    known, rest = (X, np.arange(12) % 2, X_val, np.array(labels)), (start, lr, 12)
    W, p, log = train(*known, *deepcopy(rest), epochs, np.random.default_rng(0))
    lowest = int(np.argmin([validation for _, validation in log])) + 1
    V, q, _ = train(
        *known, *deepcopy(rest), lowest, np.random.default_rng(0)
    )  # until there, and no more
    moved = [np.any(W[k] != start[k]) for k in range(4)]
    same, alike = [np.allclose(V[k], W[k]) for k in range(4)], np.allclose(p(X), q(X))
    return moved, same, alike


def whole_run(train, n, k, scale):
    from copy import deepcopy

    rng = np.random.default_rng(n)
    X, X_val = rng.normal(size=(n, 3)), 2 * rng.normal(size=(5, 3)) + 1
    X[:, 1] = 0.1
    y, y_val = rng.permutation(n) % k, np.arange(5) % k
    start = [scale * rng.normal(size=shape) for shape in ((3, 4), 4, (4, k), k)]
    known = X, y, X_val, y_val, start, 0.5
    given = deepcopy(known)
    weights, predict, log = train(*given, n + 3, 4, np.random.default_rng(0))
    weights, probabilities, log = list(weights), predict(X_val), np.array(log)
    unchanged = all(map(np.array_equal, given[:4], known[:4]))
    unchanged = unchanged and all(map(np.array_equal, given[4], start))
    first, again, other = (
        train(*deepcopy(known), 2, 4, np.random.default_rng(seed))[1](X_val) for seed in (1, 1, 2)
    )
    repeated, shuffled = np.array_equal(first, again), not np.array_equal(first, other) or n < 3
    one, _, _ = train(*deepcopy(known), 1, 1, np.random.default_rng(1))
    _, _, second = train(*known[:4], deepcopy(one), 0.5, 1, 1, np.random.default_rng(1))
    _, _, both = train(*deepcopy(known), 1, 2, np.random.default_rng(1))
    new_order = n < 7 or not np.allclose(both[1], second[0])  # in the second epoch
    return weights, probabilities, log, repeated, shuffled, new_order, unchanged


PROJECT = Project(
    id="10.project",
    title="Five silent faults",
    name="train",
    reference=lambda X, y, X_val, y_val, start, lr, batch, epochs, rng: train(
        X, y, X_val, y_val, start, lr, batch, epochs, rng
    ),
    properties=(
        Property(
            "The validation rows have no say in the training",
            points=2,
            program=other_validation_rows,
            cases=((1.0, 5.0), (3.0, 0.0)),
            expected=lambda factor, shift: ([True] * 4, [True] * 4, True, True),
            explains="Mean and deviation come from the rows that are learned from. Whatever is "
            "measured on the validation rows has been seen by the model.",
            section='chapter 10, section 10.3, "Three sets"',
            group="rows",
        ),
        Property(
            "Loss and gradient are those of one softmax",
            points=2,
            program=small_step,
            cases=(
                ((0, 1, 2, 1), (0.5, -1.0, 0.25)),
                ((1, 0, 0), (2.0, -0.5)),
                ((3, 0, 2, 1, 3), (0.0, 3.0, -2.0, 0.5)),
            ),
            expected=of_one_softmax,
            rtol=1e-4,  # one step at the rate 1e-6 moves the loss by about 1e-6
            explains="Where the logged loss does not come below ln(1 + (k − 1)/e), softmax has "
            "been applied twice, and the gradient is that of the doubled loss. A gradient check "
            "does not find it: the gradient fits the loss.",
            section='chapter 10, section 10.7, "Four tests before training"',
            group="step",
        ),
        Property(
            "A step uses the weights of its forward pass",
            points=2,
            program=against_its_loss,
            cases=((4,), (5,)),
            expected=lambda seed: ([True] * 4, [True] * 4),
            explains="One step at the rate 1, beside the slope of the logged loss for each of the "
            "four arrays. δ goes back through the weights with which the forward pass was made, "
            "whatever has been assigned since, in place or not.",
            section='chapter 10, section 10.7, "Four tests before training"',
            group="step",
        ),
        Property(
            "Every row is used once an epoch, in a mean of its batch",
            points=2,
            program=steps_of_an_epoch,
            cases=((5, 2), (3, 8), (6, 2), (1, 4), (5, 1)),
            expected=lambda n, batch: float(-(-n // batch)),
            rtol=1e-4,  # steps at the rate 1e-6 add up but for about 1e-6
            explains="The result counts the steps of an epoch, as multiples of one step with all "
            "rows. Rows that are left over make a short batch, and its mean is over its own rows.",
            section='chapter 10, section 10.6, "Read the curves"',
            group="rows",
        ),
        Property(
            "The weights of the best epoch come back",
            points=2,
            program=turned_round,
            cases=(
                ((0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1), 40, 0.5, 0.0),
                ((1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0), 10, 0.5, 0.0),
                ((0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1), 6, 0.5, 0.0),
                ((0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1), 8, 20.0, 0.0),
                ((1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 5, 0.01, 1e3),  # a loss of 0 throughout
                ((0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 4, 0.01, -1e3),
            ),
            expected=lambda labels, epochs, lr, far: ([True] * 4, [True] * 4, True),
            explains="The run is repeated up to the first epoch with the lowest validation loss. "
            "Its weights should be those that came back, and predict should say the same.",
            section='chapter 07, section 7.8, "Stop early"',
            group="best",
        ),
        Property(
            "Nothing else was changed: whole runs agree in every number",
            points=2,
            program=whole_run,
            cases=((7, 3, 0.8), (8, 2, 0.8), (4, 2, 0.8), (1, 3, 0.8), (6, 3, 30.0)),
            explains="Weights, probabilities and the log of four epochs, with all rows in one "
            "batch, beside the numbers of a right program; the same rng gives the same run, "
            "another one another order, and a second epoch a new one; no argument is changed. "
            "While a fault is left, this one fails too.",
            section='chapter 10, section 10.10, "A checklist"',
            group="whole",
        ),
    ),
    mistakes=(
        Mistake(
            "own scale",
            "You scale the validation rows by themselves.",
            no_scale_for_validation,
        ),
        Mistake(
            "short",
            "Your short batch is divided by the size of a whole one.",
            with_faults("by batch"),
        ),
        Mistake("still", "No weight moves.", never_moves),
        Mistake(
            "scale left",
            "Mean and deviation still come from both sets.",
            with_faults("scale"),
        ),
        Mistake(
            "twice left",
            "The loss still applies softmax to probabilities.",
            with_faults("twice"),
        ),
        Mistake(
            "moved left",
            "δ still goes through weights that have moved.",
            with_faults("moved"),
        ),
        Mistake(
            "short left",
            "The rows of the short batch are still left out.",
            with_faults("short"),
        ),
        Mistake(
            "kept left",
            "What comes back are the weights of the last epoch, as from a name for arrays that go "
            "on changing.",
            with_faults("kept"),
        ),
        Mistake(
            "last predicts",
            "`weights` are those of the best epoch, but `predict` uses those of the last one.",
            with_faults("predict"),
        ),
        Mistake(
            "last returned",
            "`predict` uses the weights of the best epoch, but those of the last one come back.",
            with_faults("returned"),
        ),
        Mistake(
            "training chooses",
            "You choose the epoch by its training loss. The validation loss chooses.",
            with_faults("training"),
        ),
        Mistake(
            "last of several",
            "Of several epochs with the lowest validation loss you keep the last one. The first "
            "is asked for.",
            with_faults("ties"),
        ),
        Mistake(
            "one order",
            "You draw one order and use it in every epoch. Each epoch draws its own.",
            with_faults("order"),
        ),
        Mistake(
            "start",
            "You change the arrays of `start`. Work on copies of them: no argument may change.",
            with_faults("start"),
        ),
        Mistake(
            "constant",
            "A column that is constant in `X` is not divided by 1. (A deviation need not be "
            "exactly 0 there: that of seven times 0.1 is not.)",
            with_faults("constant"),
        ),
        *(
            Mistake(
                f"plus {plus}",
                f"You add {plus} to the deviation. A constant column is divided by 1, and the "
                "others by their deviation alone.",
                with_faults(plus=plus),
            )
            for plus in (1e-12, 1e-8)
        ),
    ),
    hints={
        "rows": (
            "Count what goes in: which rows are looked at before the first step, and which rows "
            "are used in an epoch?",
            "Change the validation rows and look whether a training weight changes. Train on five "
            "rows with batches of eight and look whether anything moves.",
            "Mean and deviation: of X alone. The loop over batches: a range from 0 to n in steps "
            "of the batch; a slice may be shorter than asked.",
        ),
        "step": (
            "Overfit one batch. How low does the loss come, and which number is that?",
            "Make one step at two rates: is the change of each weight in proportion to the rate?",
            "The loss wants logits: leave the softmax to predict, and its line in the backward "
            "pass goes too. Compute all gradients first, then move.",
        ),
        "best": (
            "Print the validation loss of the weights that come back beside the lowest of the log.",
            "What do `best` and `weights` name after the next step, if the step works in place?",
            "Keep copies of the four arrays, and let predict use them.",
        ),
        "whole": (
            "Repair the five first: this property needs them all.",
            "What was right before, and is otherwise now? The log is measured after each epoch, "
            "on all rows of each set.",
            "Compare with the program as it was found: nothing but the five repairs may differ.",
        ),
    },
    proves="Five faults that no error message names are gone, and none came in their place.",
)
