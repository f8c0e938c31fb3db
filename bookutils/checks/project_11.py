"""The project of chapter 11: a net of the book's engine, and its twin in PyTorch."""

import numpy as np

from bookutils.judge.project import Mistake, Project, Property

ROUND = 'chapter 11, section 11.4, "Weights the other way round"'
SWITCHES = 'chapter 11, section 11.6, "Two switches"'
RING = 'chapter 11, section 11.7, "The ring"'
ENGINES = 'chapter 11, section 11.3, "One expression, three engines"'

# ---- a right answer


class Twin:
    def __init__(self, layers, lr, dropout=0.0):
        import torch

        parts, self.linear, self.torch = [], [], torch
        for W, b in layers:
            self.linear.append(self.filled(W, b))
            parts += [self.linear[-1], torch.nn.ReLU(), torch.nn.Dropout(dropout)]
        self.net = torch.nn.Sequential(*parts[:-2]).eval()
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr)

    def filled(self, W, b):
        linear = self.torch.nn.Linear(*W.shape, dtype=self.torch.float64)
        with self.torch.no_grad():
            linear.weight.copy_(self.torch.tensor(W.T))
            linear.bias.copy_(self.torch.tensor(b))
        return linear

    def weights(self):
        pairs = [(p.weight.detach().numpy(), p.bias.detach().numpy()) for p in self.linear]
        return [(W.T.copy(), b.copy()) for W, b in pairs]

    def value(self, X, labels):
        logits = self.net(self.torch.tensor(X))
        return self.torch.nn.functional.cross_entropy(logits, self.torch.tensor(labels))

    def loss(self, X, labels):
        return self.value(X, labels).item()

    def gradients(self, X, labels):
        params = [p for layer in self.linear for p in (layer.weight, layer.bias)]
        found = self.torch.autograd.grad(self.value(X, labels), params)
        return [(W.numpy().T, b.numpy()) for W, b in zip(found[::2], found[1::2], strict=True)]

    def step(self, X, labels):
        self.net.train()
        self.optimizer.zero_grad()
        loss = self.value(X, labels)
        loss.backward()
        self.optimizer.step()
        self.net.eval()
        return loss.item()

    def accuracy(self, X, labels):
        with self.torch.no_grad():
            said = self.net(self.torch.tensor(X)).argmax(dim=1)
        return float(np.mean(said.numpy() == labels))


# ---- the same net in NumPy: what is expected


def drawn(widths, seed, size=1.0):
    """Layers [(W, b), …] of a net with these widths."""
    rng = np.random.default_rng(seed)
    sizes = zip(widths[:-1], widths[1:], strict=True)
    return [(size * rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in sizes]


def rows(widths, n, seed):
    rng = np.random.default_rng(seed + 1)
    return rng.normal(size=(n, widths[0])), rng.integers(widths[-1], size=n)


def through(layers, X, labels):
    """(loss, gradients, logits)."""
    hs = [X]
    for W, b in layers[:-1]:
        hs.append(np.maximum(hs[-1] @ W + b, 0))
    z = hs[-1] @ layers[-1][0] + layers[-1][1]
    log_p = z - z.max(axis=1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    d = (np.exp(log_p) - np.eye(z.shape[1])[labels]) / len(X)
    found = []
    for (W, _), h in zip(layers[::-1], hs[::-1], strict=True):
        found.insert(0, (h.T @ d, d.sum(axis=0)))
        d = (d @ W.T) * (h > 0)
    return float(-log_p[np.arange(len(X)), labels].mean()), found, z


def moved(layers, X, labels, lr):
    """(loss before, layers after) a step."""
    loss, found, _ = through(layers, X, labels)
    pairs = zip(layers, found, strict=True)
    return loss, [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in pairs]


# ---- the properties


def there_and_back(Twin, widths, seed):
    from itertools import pairwise

    rng = np.random.default_rng(seed)
    layers = [(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in pairwise(widths)]
    given = [(W.copy(), b.copy()) for W, b in layers]
    twin = Twin(layers, lr=0.5)
    first = twin.weights()
    twin.step(np.ones((2, len(layers[0][0]))), np.array([0, len(layers[-1][1]) - 1]))
    arrays = [a for pair in layers for a in pair], [a for pair in given for a in pair]
    unshared = all(map(np.array_equal, *arrays))
    return first, unshared


def mean_loss(Twin, widths, n, size, seed):
    from itertools import pairwise

    rng = np.random.default_rng(seed)
    layers = [(size * rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in pairwise(widths)]
    rng = np.random.default_rng(seed + 1)
    X = rng.normal(size=(n, len(layers[0][0])))
    labels = rng.integers(len(layers[-1][1]), size=n)
    return Twin(layers, lr=0.1).loss(X, labels)


def two_gradients(Twin, widths, n, seed):
    from itertools import pairwise

    rng = np.random.default_rng(seed)
    layers = [(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in pairwise(widths)]
    rng = np.random.default_rng(seed + 1)
    X = rng.normal(size=(n, len(layers[0][0])))
    labels = rng.integers(len(layers[-1][1]), size=n)
    twin = Twin(layers, lr=0.1)
    first = [list(pair) for pair in twin.gradients(X, labels)]
    again = [list(pair) for pair in twin.gradients(X, labels)]
    return first, again


def fifty_steps(Twin, hidden, lr, seed):
    from itertools import pairwise

    from bookutils.data import digits

    X, labels, _, _ = digits(seed=seed)
    rng, widths = np.random.default_rng(seed), (64, *hidden, 10)
    layers = [(rng.normal(size=(i, o)) * (2 / i) ** 0.5, np.zeros(o)) for i, o in pairwise(widths)]
    twin, losses = Twin(layers, lr=lr), []
    for _ in range(50):
        batch = rng.integers(len(X), size=16)
        losses.append(twin.step(X[batch], labels[batch]))
        if len(losses) % 10 == 0:
            twin.gradients(X[:8], labels[:8]), twin.loss(X[:8], labels[:8])
    return losses, twin.weights()


def between_two_steps(Twin, widths, n, seed):
    from itertools import pairwise

    import torch

    rng = np.random.default_rng(seed)
    layers = [(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in pairwise(widths)]
    rng = np.random.default_rng(seed + 1)
    X = rng.normal(size=(n, len(layers[0][0])))
    labels = rng.integers(len(layers[-1][1]), size=n)
    torch.manual_seed(seed)
    twin = Twin(layers, lr=0.0, dropout=0.5)
    noisy = [float(twin.step(X, labels)) for _ in range(4)]
    chance = torch.get_rng_state()
    shares = [twin.accuracy(X, labels) for _ in range(2)]
    losses = [twin.loss(X, labels) for _ in range(2)]
    gradient = twin.gradients(X, labels)[-1][1]
    undrawn = torch.equal(chance, torch.get_rng_state())
    noisy_again = [float(twin.step(X, labels)) for _ in range(4)]
    acts = len(set(noisy)) > 1 and len(set(noisy_again)) > 1
    return shares, losses, gradient, undrawn, acts


def after_fifty(hidden, lr, seed):
    from bookutils.data import digits

    X, labels, _, _ = digits(seed=seed)
    rng, widths = np.random.default_rng(seed), (64, *hidden, 10)
    sizes = zip(widths[:-1], widths[1:], strict=True)
    layers = [(rng.normal(size=(i, o)) * (2 / i) ** 0.5, np.zeros(o)) for i, o in sizes]
    losses = []
    for _ in range(50):
        batch = rng.integers(len(X), size=16)
        loss, layers = moved(layers, X[batch], labels[batch], lr)
        losses.append(loss)
    return losses, layers


def evaluated(widths, n, seed):
    X, labels = rows(widths, n, seed)
    loss, found, z = through(drawn(widths, seed), X, labels)
    share = float(np.mean(z.argmax(axis=1) == labels))
    return [share, share], [loss, loss], found[-1][1], True, True


def both_gradients(widths, n, seed):
    found = [list(pair) for pair in through(drawn(widths, seed), *rows(widths, n, seed))[1]]
    return found, found


# ---- mistakes: one step in another way


class Untransposed(Twin):
    def filled(self, W, b):
        return super().filled(W.reshape(W.shape[::-1]).T, b)


class Single(Twin):
    def filled(self, W, b):
        return super().filled(W.astype(np.float32), b.astype(np.float32))


class Shared(Twin):
    def filled(self, W, b):
        linear = super().filled(W, b)
        linear.weight.data, linear.bias.data = map(self.torch.from_numpy, (W.T, b))
        return linear


class NoBias(Twin):
    def filled(self, W, b):
        return super().filled(W, 0 * b)


class Views(Twin):
    def weights(self):
        return [(p.weight.detach().numpy().T, p.bias.detach().numpy()) for p in self.linear]


class OutIn(Twin):
    def weights(self):
        return [(W.T, b) for W, b in super().weights()]

    def gradients(self, X, labels):
        return [(W.T, b) for W, b in super().gradients(X, labels)]


class SoftmaxTwice(Twin):
    def value(self, X, labels):
        p = self.net(self.torch.tensor(X)).softmax(dim=1)
        return self.torch.nn.functional.cross_entropy(p, self.torch.tensor(labels))


class Summed(Twin):
    def value(self, X, labels):
        return super().value(X, labels) * len(X)


class Bits(Twin):
    def value(self, X, labels):
        return super().value(X, labels) / np.log(2)


class PilingUp(Twin):
    def gradients(self, X, labels):
        self.value(X, labels).backward()
        return [(p.weight.grad.numpy().T, p.bias.grad.numpy()) for p in self.linear]


class PilingUpCopied(Twin):
    def gradients(self, X, labels):
        self.value(X, labels).backward()
        pairs = [(p.weight.grad.numpy(), p.bias.grad.numpy()) for p in self.linear]
        return [(W.T.copy(), b.copy()) for W, b in pairs]


class NoisyLoss(Twin):
    def loss(self, X, labels):
        self.net.train()
        loss = super().loss(X, labels)
        self.net.eval()
        return loss


class NeverZeroed(Twin):
    def step(self, X, labels):
        loss = self.value(X, labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()


class ZeroedTooEarly(Twin):
    def step(self, X, labels):
        loss = self.value(X, labels)
        loss.backward()
        self.optimizer.zero_grad()
        self.optimizer.step()
        return loss.item()


class LossAfter(Twin):
    def step(self, X, labels):
        super().step(X, labels)
        return self.loss(X, labels)


class Another(Twin):
    def __init__(self, layers, lr, dropout=0.0):
        super().__init__(layers, lr, dropout)
        others = [p for W, b in layers for p in self.filled(W, b).parameters()]
        self.optimizer = self.torch.optim.SGD(others, lr)


class Momentum(Twin):
    def __init__(self, layers, lr, dropout=0.0):
        super().__init__(layers, lr, dropout)
        self.optimizer = self.torch.optim.SGD(self.net.parameters(), lr, momentum=0.9)


class Adam(Twin):
    def __init__(self, layers, lr, dropout=0.0):
        super().__init__(layers, lr, dropout)
        self.optimizer = self.torch.optim.Adam(self.net.parameters(), lr)


class AlwaysTraining(Twin):
    """`no_grad` is taken for evaluation mode."""

    def __init__(self, layers, lr, dropout=0.0):
        super().__init__(layers, lr, dropout)
        self.net.eval = self.net.train
        self.net.train()


class NeverTraining(Twin):
    """After the first evaluation the mode is never set back."""

    def step(self, X, labels):
        self.net.train = self.net.eval
        return super().step(X, labels)


class Percent(Twin):
    def accuracy(self, X, labels):
        return 100 * super().accuracy(X, labels)


class Counted(Twin):
    def accuracy(self, X, labels):
        return len(X) * super().accuracy(X, labels)


PROJECT = Project(
    id="11.project",
    title="A twin in PyTorch",
    name="Twin",
    reference=Twin,
    properties=(
        Property(
            "The weights arrive, and come back",
            points=2,
            program=there_and_back,
            cases=(((3, 2), 1), ((3, 4, 2), 2), ((2, 2, 2, 2), 3), ((1, 5, 2), 4)),
            expected=lambda widths, seed: (drawn(widths, seed), True),
            explains="`weights()` gives copies in the layout of the book, (in, out), and no step "
            "changes the arrays that were handed over.",
            section=ROUND,
            group="weights",
        ),
        Property(
            "The loss is the mean cross-entropy",
            points=2,
            program=mean_loss,
            cases=(
                ((3, 4, 2), 2, 1.0, 1),
                ((3, 2), 5, 1.0, 2),
                ((2, 3, 4, 3), 4, 1.0, 3),
                ((4, 3, 2), 1, 1.0, 4),
                ((3, 5, 4), 6, 30.0, 5),
            ),
            expected=lambda widths, n, size, seed: through(
                drawn(widths, seed, size), *rows(widths, n, seed)
            )[0],
            rtol=1e-12,
            explains="ReLU after every layer but the last, whose outputs are logits; float64 "
            "throughout; natural logarithm, mean over the rows.",
            section=ENGINES,
            group="loss",
        ),
        Property(
            "The gradients agree, whenever they are asked for",
            points=3,
            program=two_gradients,
            cases=(((3, 2), 2, 1), ((3, 4, 2), 3, 2), ((2, 2, 2, 2), 4, 3), ((4, 3, 5, 2), 1, 4)),
            expected=both_gradients,
            rtol=1e-11,
            explains="A pair (dW, db) for each layer, dW in the layout (in, out), and the same "
            "when the same is asked for twice.",
            section=ROUND,
            group="gradients",
        ),
        Property(
            "Fifty steps on the digits agree to 1e-12",
            points=3,
            program=fifty_steps,
            cases=(((16,), 0.1, 0), ((12, 8), 0.3, 1)),
            expected=after_fifty,
            rtol=0.0,
            atol=1e-12,
            explains="Plain gradient descent, the loss of each batch before its step, gradients "
            "of this batch alone. Every tenth step `gradients` and `loss` are called in between, "
            "and must leave no trace.",
            section=RING,
            group="steps",
        ),
        Property(
            "Looking changes nothing",
            points=2,
            program=between_two_steps,
            cases=(((3, 8, 4), 6, 1), ((4, 6, 6, 3), 9, 2)),
            expected=evaluated,
            rtol=1e-11,
            explains="With `dropout=0.5`: `accuracy`, `loss` and `gradients` take all units and "
            "draw no random number, and the steps after them drop units as those before.",
            section=SWITCHES,
            group="evaluation",
        ),
    ),
    mistakes=(
        Mistake("untransposed", "W comes into the layer by `reshape`.", Untransposed),
        Mistake("single", "The weights go through float32.", Single),
        Mistake(
            "shared",
            "Your layers share their memory with the arrays of `layers`: the step moves both.",
            Shared,
        ),
        Mistake("no bias", "The biases are 0.", NoBias),
        Mistake(
            "views",
            "`weights()` returns views of the net's memory: the next step changes what was "
            "returned.",
            Views,
        ),
        Mistake("out, in", "Matrices come back in PyTorch's layout, (out, in).", OutIn),
        Mistake(
            "softmax twice",
            "Your loss takes probabilities. `cross_entropy` takes logits.",
            SoftmaxTwice,
        ),
        Mistake("summed", "Your loss is a sum over the rows.", Summed),
        Mistake("bits", "Your loss is in bits.", Bits),
        Mistake(
            "piling up",
            "`gradients` leaves its result in `.grad`, where the next call adds to it.",
            PilingUp,
        ),
        Mistake(
            "piling up, copied",
            "`gradients` never zeroes `.grad`: the second call adds to the first.",
            PilingUpCopied,
        ),
        Mistake(
            "noisy loss",
            "Your `loss` drops units: the net is still in training mode there.",
            NoisyLoss,
        ),
        Mistake("never zeroed", "Your steps never zero the gradients.", NeverZeroed),
        Mistake(
            "zeroed too early",
            "Either your step zeroes the gradients before it uses them, or your optimizer holds "
            "parameters that are not those of the net.",
            ZeroedTooEarly,
        ),
        Mistake("loss after", "Your step returns the loss after it.", LossAfter),
        Mistake(
            "another model",
            "Your optimizer holds parameters that are not those of the net.",
            Another,
        ),
        Mistake("momentum", "Your optimizer has momentum.", Momentum),
        Mistake("Adam", "Your optimizer is Adam.", Adam),
        Mistake(
            "always training",
            "Dropout acts while you look. `no_grad` is no evaluation mode.",
            AlwaysTraining,
        ),
        Mistake("never training", "Your steps drop no units.", NeverTraining),
        Mistake("percent", "Your accuracy is in percent.", Percent),
        Mistake("counted", "Your accuracy is a count.", Counted),
    ),
    hints={
        "weights": (
            "Print the shapes of W and of `layer.weight`. And which memory does your layer use?",
            "Copy under `no_grad` into layers made with `dtype=torch.float64`; give back copies.",
            "In: `copy_` with a tensor made of W.T. Out: `detach().numpy().T.copy()`.",
        ),
        "loss": (
            "What does `cross_entropy` take: probabilities or logits?",
            "`torch.tensor` of a float64 array is float64; of labels it is int64, as "
            "`cross_entropy` takes them.",
            "ReLU after each layer but the last, then `torch.nn.functional.cross_entropy` of its "
            "outputs.",
        ),
        "gradients": (
            "Ask twice for the same gradients. Are they the same?",
            "`torch.autograd.grad(loss, parameters)` returns them and adds to nothing.",
            "Turn the gradient of each weight to (in, out), and pair it with that of its bias.",
        ),
        "steps": (
            "In which order do zero_grad, forward, backward and step come?",
            "`torch.optim.SGD` over the parameters of the net that computes the loss, and nothing "
            "else set.",
            "Zero the gradients, compute the loss, go backward, step, return the loss's number.",
        ),
        "evaluation": (
            "Which methods should drop units, and which should not?",
            "Only the step is training. Which mode is the net in before it and after it?",
            "Set the mode at the beginning of each method: `train()` in the step, `eval()` in all "
            "others.",
        ),
    },
    proves="Stage by stage the same net: weights, loss, gradients, fifty steps, and looks that "
    "leave no trace.",
)
