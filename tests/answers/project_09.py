"""Project 09: right answers in other styles, and faults planted into the solution."""

# The sick net's signals by PyTorch; tanh behind an orthogonal start, trained by Adam in NumPy.
TANH = """
import numpy as np


class Thirty:
    @staticmethod
    def shown_by():
        return "delta"

    @staticmethod
    def signals(weights, X, labels):
        import torch

        h, hs = torch.tensor(X), []
        for W in weights[:-1]:
            h = torch.sigmoid(h @ torch.tensor(W).requires_grad_())
            h.retain_grad()
            hs.append(h)
        z = h @ torch.tensor(weights[-1])
        torch.nn.functional.cross_entropy(z, torch.tensor(labels)).backward()
        rms = lambda v: v.square().mean().sqrt().item()
        return [rms(h.detach()) for h in hs], [rms(h.grad) for h in hs]

    def __init__(self, X, labels, rng):
        widths = [64] + [24] * 29 + [10]
        self.shift = X.mean()
        self.weights, m, v = [], [0.0] * 30, [0.0] * 30
        for i, o in zip(widths, widths[1:]):
            Q, _ = np.linalg.qr(rng.normal(size=(max(i, o), max(i, o))))
            self.weights.append(1.1 * Q[:i, :o])
        for t in range(1, 181):
            rows = rng.integers(0, len(X), 64)
            hs = [(X[rows] - self.shift) / 0.375]
            for W in self.weights[:-1]:
                hs.append(np.tanh(hs[-1] @ W))
            p = np.exp(hs[-1] @ self.weights[-1])
            p /= p.sum(axis=1, keepdims=True)
            p[np.arange(64), labels[rows]] -= 1
            d = p / 64
            for k in reversed(range(30)):
                G = hs[k].T @ d
                d = d @ self.weights[k].T * (1 - hs[k] ** 2)
                m[k], v[k] = 0.9 * m[k] + 0.1 * G, 0.99 * v[k] + 0.01 * G**2
                self.weights[k] = self.weights[k] - 0.003 * m[k] / (1 - 0.9**t) / (
                    np.sqrt(v[k] / (1 - 0.99**t)) + 1e-8
                )

    def logits(self, X):
        h = (X - self.shift) / 0.375
        for W in self.weights[:-1]:
            h = np.tanh(h @ W)
        return h @ self.weights[-1]
"""

# With the engine of the book: skips whose branch is tanh, trained by AdamW.
ENGINE = """
import numpy as np

from bookutils import Tensor, optim
from bookutils.losses import cross_entropy


def net(h, weights, tanh):
    h = h @ weights[0]
    for W in weights[1:-1]:
        h = h + 0.19 * (tanh(h) @ W)
    return h @ weights[-1]


class Thirty:
    def __init__(self, X, labels, rng):
        sizes = [(64, 24)] + [(24, 24)] * 28 + [(24, 10)]
        tensors = [Tensor(rng.normal(0, s[0] ** -0.5, s), requires_grad=True) for s in sizes]
        optimizer = optim.AdamW(tensors, lr=0.01)
        for _ in range(50):
            rows = rng.choice(len(X), 64, replace=False)
            optimizer.zero_grad()
            cross_entropy(net(Tensor(X[rows]), tensors, Tensor.tanh), labels[rows]).backward()
            optimizer.step()
        self.weights = [W.numpy() for W in tensors]

    def logits(self, X):
        return net(X, self.weights, np.tanh)

    @staticmethod
    def shown_by():
        return "Delta"

    @staticmethod
    def signals(weights, X, labels):
        hs = [X]
        for W in weights[:-1]:
            hs.append(0.5 + 0.5 * np.tanh(hs[-1] @ W / 2))
        z = hs[-1] @ weights[-1]
        d = (np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])) / len(X)
        np.subtract.at(d, (np.arange(len(X)), labels), 1 / len(X))
        deltas = []
        for W, h in zip(weights[::-1], hs[:0:-1]):
            deltas.insert(0, np.linalg.norm(d @ W.T) / h.size**0.5)
            d = d @ W.T * (h - h * h)
        return tuple(np.linalg.norm(h) / h.size**0.5 for h in hs[1:]), tuple(deltas)
"""

RIGHT = [TANH, ENGINE]

SIGNALS, WHICH, PART = "The signals", "Which signal", "Thirty matrices"
ADAM = "self.weights[k] = self.weights[k] - 0.003 * step"
SCALES = "self.mean, self.std, self.alpha = X.mean(), X.std(), 1 / np.sqrt(28)"
WIDTHS = "widths = [64] + 29 * [24] + [10]\n        self.mean"
FORWARD = """for W in weights[:-1]:
            hs.append(1 / (1 + np.exp(-(hs[-1] @ W))))"""
FAULTS = [
    ("np.array(gradients[::-1])", "np.array(gradients)", (SIGNALS,)),
    ("        d = d / len(X)  # dL/dz of the logits\n", "", (SIGNALS,)),
    ("        d[np.arange(len(X)), labels] -= 1\n", "", (SIGNALS,)),
    ("G * hs[k] * (1 - hs[k])", "G", (SIGNALS,)),
    ("G * hs[k] * (1 - hs[k])", "G * hs[k]", (SIGNALS,)),
    ("G * hs[k] * (1 - hs[k])", "G * (1 - hs[k] ** 2)", (SIGNALS,)),
    ("for h in hs[1:]]", "for h in hs]", (SIGNALS,)),
    ("np.sqrt(np.mean(G**2))", "np.mean(G**2)", (SIGNALS,)),
    ("np.sqrt(np.mean(G**2))", "np.abs(G).max()", (SIGNALS,)),
    ("np.sqrt(np.mean(G**2))", "np.linalg.norm(G)", (SIGNALS,)),
    ("np.sqrt(np.mean(h**2)) for h", "h.std() for h", (SIGNALS,)),
    (
        FORWARD,
        FORWARD.replace("1 / (1 + np.exp(-(hs[-1] @ W)))", "np.tanh(hs[-1] @ W)"),
        (SIGNALS,),
    ),
    ('return "delta"', 'return "h"', (WHICH,)),
    ('return "delta"', 'return "dead"', (WHICH,)),
    ('return "delta"', 'return "the first layer"', (WHICH,)),
    (WIDTHS, WIDTHS.replace("[24]", "[32]"), (PART,)),
    (WIDTHS, WIDTHS.replace("29", "28"), (PART, "Seed 1")),
    (SCALES, SCALES.replace("1 / np.sqrt(28)", "1e-4"), (PART,)),
    (ADAM, ADAM.replace("- 0.003", "+ 0.003"), ("Seed 2",)),
    (ADAM, ADAM.replace("0.003", "3.0"), ("Seed 3",)),
    ("range(1, 121)", "range(1, 4)", ("Seed 4",)),
    (WIDTHS, "labels[:10] = labels[10:20]\n        " + WIDTHS, ("Seed 5",)),
    (  # no skips: He's start alone does not carry it
        (
            "hs[-1] + self.alpha * np.maximum(hs[-1], 0) @ W",
            "self.alpha * np.maximum(hs[k], 0).T @ d",
            "d = d + self.alpha * (d @ self.weights[k].T) * (hs[k] > 0)",
        ),
        (
            "np.maximum(hs[-1], 0) @ W",
            "np.maximum(hs[k], 0).T @ d",
            "d = (d @ self.weights[k].T) * (hs[k] > 0)",
        ),
        ("Seed 1", "Seed 2", "Seed 3", "Seed 4", "Seed 5"),
    ),
]
