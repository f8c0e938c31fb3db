"""Project 07: right programs in other styles, and faults planted into the solution."""

# Stopped early, with the bias at its share from the first step on.
STOPPED = """
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def learn(X, y, X_val, y_val, rng):
    low, high = X.min(axis=0), X.max(axis=0)
    width = np.where(high > low, X.std(axis=0) * (high > low), 1.0)
    scale = lambda X: (X - X_mean) / width
    X_mean = X.mean(axis=0)
    share = y.mean().clip(0.02, 0.98)
    w, b = np.zeros(X.shape[1]), np.log(share / (1 - share))
    losses, kept = [], None
    for step in range(250):
        error = sigmoid(scale(X) @ w + b) - y
        w, b = w - 0.05 * scale(X).T @ error / len(y), b - 0.5 * error.mean()
        p = sigmoid(scale(X_val) @ w + b)
        losses.append(float(-np.log(np.where(y_val == 1, p, 1 - p)).mean()))
        if losses[-1] == min(losses):
            kept = w.copy(), b
    return lambda X: sigmoid(scale(X) @ kept[0] + kept[1]), losses
"""

# A net of the book, with decay on its matrices, its best weights put back.
NET = """
import numpy as np

from bookutils import nn
from bookutils.data import Scale
from bookutils.losses import bce_with_logits


def learn(X, y, X_val, y_val, rng):
    scale = Scale(X)
    net = nn.MLP((X.shape[1], 6, 1), activation="tanh", rng=rng)
    first, last = net.parameters()[0], net.parameters()[-1]
    first.data, last.data = 0.3 * first.data, last.data + np.log(y.sum() / (len(y) - y.sum()))
    losses, best = [], net.state_dict()
    for _ in range(120):
        net.zero_grad()
        bce_with_logits(net(scale(X)), y[:, None]).backward()
        for p in net.parameters():
            p.data = p.data * (1 - 0.1 * 0.02 * (p.ndim == 2)) - 0.1 * p.grad
        losses.append(bce_with_logits(net(scale(X_val)), y_val[:, None]).item())
        if losses[-1] == min(losses):
            best = net.state_dict()
    net.load_state_dict(best)
    return lambda X: 1 / (1 + np.exp(-net(scale(X)).numpy()[:, 0])), losses
"""

RIGHT = [STOPPED, NET]

BAR, UNITS = "Of the kept rows 80%", "Columns in other units"
ROWS, BIAS = "A row's probability", "Where the columns are noise"
BEST, AGAIN, ARRAYS = "What is returned", "The same rng", "The arrays stay"
STEP = "            w = w - lr * (A.T @ delta + lam * w)\n"
DELTA = "delta = (1 / (1 + np.exp(-(A @ w + b))) - y) / len(y)"
KEEP = "        if losses[-1] < best:\n"
FAULTS = [
    ("(0.03, 0.1, 0.3, 1.0)", "(0.0, 1e-9)", (BAR,)),
    (STEP, "            w = w - lr * A.T @ delta\n", (BAR,)),
    (STEP, STEP.replace("- lr", "+ lr"), (BAR, UNITS)),
    ("b = b - lr * delta.sum()", "b = b - lr * (delta.sum() + lam * b)", (BIAS,)),
    ("b = b - lr * delta.sum()", "b = 0.0", (BIAS,)),
    ("b = b - lr * delta.sum()", "b = b + lr * delta.sum()", (BIAS,)),
    (KEEP, "        if True:\n", (BEST,)),
    (KEEP, "        if losses[-1] > best or best == np.inf:\n", (BEST,)),
    (KEEP, "        if best == np.inf:\n", (BEST,)),
    (
        "losses.append(np.mean(np.logaddexp(0, z) - z * y_val))",
        "losses.append(-np.mean((z > 0) == y_val))",
        (BEST,),
    ),
    ("return predict, losses", "return predict, [best]", (BEST,)),
    ("return predict, losses", "return predict, losses[1:] + [0.0]", (BEST,)),
    ("scaled(X_val) @ w + b", "scaled(X_val) @ w", (BEST,)),
    (
        "        return (X - mean) / std\n",
        "        return (X - X.mean(axis=0)) / X.std(axis=0).clip(1e-9)\n",
        (ROWS,),
    ),
    ("        return (X - mean) / std\n", "        return (X - X.mean(axis=0)) / std\n", (ROWS,)),
    ("        return (X - mean) / std\n", "        return (X - mean) / std.max()\n", (UNITS,)),
    ("        return (X - mean) / std\n", "        return X / std\n", (UNITS,)),
    ("(scaled(X_new) @ kept_w + kept_b)", "(scaled(X_new) @ kept_w)", (BIAS, BEST)),
    ("(scaled(X_new) @ kept_w + kept_b)", "(scaled(X_new) @ w + b)", (BEST,)),
    (
        "np.zeros(X.shape[1]), 0.0",
        "10 * np.random.default_rng().normal(size=X.shape[1]), 0.0",
        (AGAIN,),
    ),
    ("    A = scaled(X)\n", "    X -= mean\n    mean = 0 * mean\n    A = X / std\n", (ARRAYS,)),
    (
        "    losses, best = [], np.inf\n",
        "    losses, best = [], np.inf\n    y *= 0.98\n",
        (ARRAYS,),
    ),
    (
        "        return 1 / (1 + np.exp(-(scaled",
        "        return 1 - 1 / (1 + np.exp(-(scaled",
        (BAR, BEST),
    ),
]
