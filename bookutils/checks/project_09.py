"""The project of chapter 09: thirty layers that do not learn, and do."""

import numpy as np

from bookutils.judge.project import Mistake, Project, Property

# ---- a right answer


class Reading:
    """The signals of the sick net, and which of them shows it; no net that learns."""

    @staticmethod
    def shown_by():
        return "delta"

    def __init__(self, X, labels, rng):
        raise RuntimeError("nothing was trained")

    @staticmethod
    def signals(weights, X, labels):
        hs, deltas = [X], []
        for W in weights[:-1]:
            hs.append(1 / (1 + np.exp(-(hs[-1] @ W))))
        p = np.exp(hs[-1] @ weights[-1])
        p = p / p.sum(axis=1, keepdims=True)
        d = (p - np.eye(p.shape[1])[labels]) / len(X)
        for W, h in zip(weights[:0:-1], hs[:0:-1], strict=True):
            d = d @ W.T
            deltas.append(np.sqrt(np.mean(d**2)))
            d = d * h * (1 - h)
        return np.array([np.sqrt(np.mean(h**2)) for h in hs[1:]]), np.array(deltas[::-1])


class Residual(Reading):
    """Blocks h + α·relu(h) @ W with α = 1/√28 and He's start, trained by Adam."""

    alpha = 28**-0.5

    def __init__(self, X, labels, rng):
        widths = [64] + 29 * [24] + [10]
        self.mean, self.std = X.mean(), X.std()
        self.weights = [
            rng.normal(size=(i, o)) * np.sqrt(2 / i)
            for i, o in zip(widths[:-1], widths[1:], strict=True)
        ]
        m, v = [0 * W for W in self.weights], [0 * W for W in self.weights]
        for t in range(1, 121):
            rows = rng.integers(0, len(X), 64)
            for k, G in enumerate(self.gradients(X[rows], labels[rows])):
                m[k], v[k] = 0.9 * m[k] + 0.1 * G, 0.99 * v[k] + 0.01 * G * G
                step = m[k] / (1 - 0.9**t) / (np.sqrt(v[k] / (1 - 0.99**t)) + 1e-8)
                self.weights[k] = self.weights[k] - 0.003 * step

    def through(self, X):
        """h before each matrix, and the logits."""
        hs = [(X - self.mean) / self.std]
        hs.append(hs[0] @ self.weights[0])
        for W in self.weights[1:-1]:
            hs.append(hs[-1] + self.alpha * np.maximum(hs[-1], 0) @ W)
        return hs, np.maximum(hs[-1], 0) @ self.weights[-1]

    def gradients(self, X, labels):
        hs, z = self.through(X)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        d = (p / p.sum(axis=1, keepdims=True) - np.eye(10)[labels]) / len(X)
        grads = [np.maximum(hs[-1], 0).T @ d]
        d = (d @ self.weights[-1].T) * (hs[-1] > 0)
        for W, h in zip(self.weights[-2:0:-1], hs[-2:0:-1], strict=True):
            grads.insert(0, self.alpha * np.maximum(h, 0).T @ d)
            d = d + self.alpha * (d @ W.T) * (h > 0)
        return [hs[0].T @ d, *grads]

    def logits(self, X):
        return self.through(X)[1]


# ---- mistakes: readings that tell something else


class SeesH(Reading):
    @staticmethod
    def shown_by():
        return "h"


class SeesWeights(Reading):
    @staticmethod
    def shown_by():
        return "weights"


class SeesDead(Reading):
    @staticmethod
    def shown_by():
        return "dead"


class WithX(Reading):
    @staticmethod
    def signals(weights, X, labels):
        h, delta = Reading.signals(weights, X, labels)
        return np.array([np.sqrt(np.mean(X**2)), *h]), delta


class Turned(Reading):
    @staticmethod
    def signals(weights, X, labels):
        h, delta = Reading.signals(weights, X, labels)
        return h, delta[::-1]


class Summed(Reading):
    @staticmethod
    def signals(weights, X, labels):
        h, delta = Reading.signals(weights, X, labels)
        return h, len(X) * delta


class Squares(Reading):
    @staticmethod
    def signals(weights, X, labels):
        h, delta = Reading.signals(weights, X, labels)
        return h**2, delta**2


class WithoutSlope(Reading):
    @staticmethod
    def signals(weights, X, labels):
        h, _ = Reading.signals(weights, X, labels)
        d, deltas, x = 0.0, [], X
        for W in weights[:-1]:
            x = 1 / (1 + np.exp(-(x @ W)))
        p = np.exp(x @ weights[-1])
        d = (p / p.sum(axis=1, keepdims=True) - np.eye(p.shape[1])[labels]) / len(X)
        for W in weights[:0:-1]:
            d = d @ W.T
            deltas.append(np.sqrt(np.mean(d**2)))
        return h, np.array(deltas[::-1])


class OfZ(Reading):
    @staticmethod
    def signals(weights, X, labels):
        h, _ = Reading.signals(weights, X, labels)
        hs, deltas = [X], []
        for W in weights[:-1]:
            hs.append(1 / (1 + np.exp(-(hs[-1] @ W))))
        p = np.exp(hs[-1] @ weights[-1])
        d = (p / p.sum(axis=1, keepdims=True) - np.eye(p.shape[1])[labels]) / len(X)
        for W, x in zip(weights[:0:-1], hs[:0:-1], strict=True):
            d = (d @ W.T) * x * (1 - x)
            deltas.append(np.sqrt(np.mean(d**2)))
        return h, np.array(deltas[::-1])


# ---- the properties


SICK = ((3, 4, 5, 2), 3, 1), ((5, 3, 4), 1, 2), ([64] + 11 * [24] + [10], 50, 3)


def signals(Thirty, widths, rows, seed):
    rng = np.random.default_rng(seed)
    weights = [
        rng.normal(size=(i, o)) / np.sqrt(i) for i, o in zip(widths[:-1], widths[1:], strict=True)
    ]
    X, labels = rng.random((rows, widths[0])), rng.integers(0, widths[-1], rows)
    h, delta = Thirty.signals(weights, X, labels)
    return h, delta


def shown_by(Thirty):
    return Thirty.shown_by()


def takes_part(Thirty, seed):
    from bookutils.data import digits

    X, labels, X_kept, labels_kept = digits(seed)
    net = Thirty(X[:400], labels[:400], np.random.default_rng(seed))
    logits, shapes, least = net.logits(X_kept), [np.shape(W) for W in net.weights], np.inf
    for k in range(len(net.weights)):
        W = net.weights[k]
        net.weights[k] = 0 * W
        moved = np.sqrt(np.mean((net.logits(X_kept) - logits) ** 2) / np.mean(logits**2))
        least, net.weights[k] = min(least, moved), W
    return shapes, float(least)


def each_of_thirty(found, seed):
    shapes, least = found
    asked = [(64, 24)] + 28 * [(24, 24)] + [(24, 10)]
    if len(shapes) != 30:
        return f"There are {len(shapes)} matrices in `weights`, 30 are asked for."
    wrong = [k for k in range(30) if tuple(shapes[k]) != asked[k]]
    if wrong:
        k = wrong[0]
        return f"`weights[{k}]` has the shape {tuple(shapes[k])}, {asked[k]} is asked for."
    if not least >= 0.01:
        return (
            f"With one matrix set to 0 the logits move by {least:.1g} of their rms only, 0.01 is "
            "asked for: that layer does nothing, or `logits` does not read `weights`."
        )


def kept_rows(Thirty, seed):
    from bookutils.data import digits

    X, labels, X_kept, labels_kept = digits(seed)
    X, labels = X[:400], labels[:400]
    before = X.copy(), labels.copy()
    net = Thirty(X, labels, np.random.default_rng(seed))
    share = np.mean(net.logits(X_kept).argmax(axis=1) == labels_kept)
    return float(share), bool((X == before[0]).all() and (labels == before[1]).all())


def above_the_bar(found, seed):
    share, untouched = found
    if not share >= 0.8:
        return f"{share:.0%} of the kept digits are right, 80% are asked for."
    if not untouched:
        return "`X` or `labels` was changed. Work on copies."


def on_seed(seed):
    return Property(
        f"Seed {seed}: of the kept digits 80% are right",
        points=2,
        program=kept_rows,
        cases=((seed,),),
        expected=lambda seed: (1.0, True),
        accept=above_the_bar,
        explains="Look at h and ∂L/∂h of your own net, layer by layer, at the start: both must be "
        "about level. If they are and it still does not learn, look at the steps: rate, optimizer, "
        "number.",
        section='chapter 09, section 9.10, "What helps what"',
        group="cure",
        seconds=20.0,
    )


PROJECT = Project(
    id="09.project",
    title="Thirty layers",
    name="Thirty",
    reference=Residual,
    properties=(
        Property(
            "The signals of the sick net, layer by layer",
            points=2,
            program=signals,
            cases=tuple((np.array(w), n, seed) for w, n, seed in SICK),
            explains="h is what a layer hands on, after its sigmoid, and ∂L/∂h the derivative of "
            "the loss with respect to it. Each gets one rms over all rows and units.",
            section='chapter 09, section 9.5, "The other half of tanh"',
            group="signals",
        ),
        Property(
            "Which signal shows that the first layers do not learn",
            points=1,
            program=shown_by,
            expected=lambda: "delta",
            accept=lambda said: (
                None
                if said.strip().lower() == "delta"
                else f"{said!r} of the sick net looks like that of a net that learns, or is none "
                "of the four words. Print all four, layer by layer."
            ),
            explains="One of the four changes by many powers of ten between the last layer and the "
            "first.",
            section='chapter 09, section 9.5, "The other half of tanh"',
            group="signals",
        ),
        *(on_seed(seed) for seed in range(1, 6)),
        Property(
            "Thirty matrices of the old shapes, and each takes part",
            points=2,
            program=takes_part,
            cases=((6,),),
            expected=lambda seed: ([(64, 24)] + 28 * [(24, 24)] + [(24, 10)], 1.0),
            accept=each_of_thirty,
            explains="Depth and width stay: `weights` holds the thirty matrices, `logits` reads "
            "them at each call, and none may be scaled down until it does nothing.",
            section='chapter 09, section 9.9, "Skips, and their volume"',
            group="matrices",
            seconds=20.0,
        ),
    ),
    mistakes=(
        Mistake(
            "h",
            "The h of the sick net is level, near one half in every layer: nothing to see there.",
            SeesH,
        ),
        Mistake(
            "weights",
            "All matrices of the sick net are drawn by one rule. Their size says nothing about "
            "what passes through them.",
            SeesWeights,
        ),
        Mistake("dead", "No sigmoid is ever 0, so no unit is dead.", SeesDead),
        Mistake(
            "with X",
            "Your h begins with X. It begins with the output of the first layer.",
            WithX,
        ),
        Mistake(
            "turned",
            "Your gradients are in opposite order: the first number belongs to the first layer.",
            Turned,
        ),
        Mistake(
            "summed",
            "Your gradients belong to the sum of the losses. The loss is their mean over the rows.",
            Summed,
        ),
        Mistake("squares", "Those are mean squares. Take their roots.", Squares),
        Mistake(
            "slope",
            "Your gradients do not pass through the sigmoids: each multiplies by its slope, "
            "h(1 − h).",
            WithoutSlope,
        ),
        Mistake(
            "of z",
            "Your gradients are the δ of the chapter, with respect to z, before the sigmoid. The "
            "task asks for the derivative with respect to h, after it.",
            OfZ,
        ),
    ),
    hints={
        "signals": (
            "Forward: keep every h. Backward: what is the derivative of the mean cross-entropy "
            "with respect to the logits?",
            "It is (p − one-hot) divided by the number of rows. Multiply by Wᵀ and you have "
            "∂L/∂h for the h that entered this matrix.",
            "Before the next matrix multiply it by h(1 − h). At the end reverse the list. Then "
            "print it for the sick net: over how many powers of ten does it run?",
        ),
        "cure": (
            "What takes the gradient away? A slope of at most ¼ in each of 29 layers. Which "
            "activation, which start, which path would keep it?",
            "Three ways that work: ReLU blocks with a skip, whose branch is scaled by about 1/√28; "
            "tanh with an orthogonal start; batch norm before each sigmoid. With any of them take "
            "Adam at a rate of 0.003, or one that you have tried.",
            "Blocks h + α·relu(h) @ W with α = 1/√28, He's start, inputs with mean 0 and deviation "
            "1, Adam with a rate of 0.003, 120 steps of 64 rows.",
        ),
        "matrices": (
            "`net.weights` is a list of thirty arrays. The check sets one of them to 0, asks for "
            "the logits, and puts it back.",
            "`logits` may keep nothing of its own that was computed from the matrices, but for "
            "what a norm remembers.",
            "If one moves the logits by less than a hundredth, its branch is scaled too small: "
            "1/√28 is enough.",
        ),
    },
    proves="Thirty layers learn, on every seed, and you can say what was wrong with them.",
)
