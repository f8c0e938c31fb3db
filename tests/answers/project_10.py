"""Project 10: right programs in other styles, and faults planted into the solution."""

# With the book's Tensors: nothing is differentiated by hand.
TENSORS = """
import numpy as np

from bookutils import Tensor
from bookutils.losses import cross_entropy


def train(X, y, X_val, y_val, start, lr, batch, epochs, rng):
    width = np.where((X == X[0]).all(axis=0), 1, X.std(axis=0))
    scaled = lambda rows: (rows - X.mean(axis=0)) / width
    params = [Tensor(W, requires_grad=True) for W in start]

    def net(rows, params):
        W1, b1, W2, b2 = params
        return (Tensor(scaled(rows)) @ W1 + b1).tanh() @ W2 + b2

    log, best = [], None
    for _ in range(epochs):
        left = rng.permutation(len(y))
        while len(left):
            rows, left = left[:batch], left[batch:]
            for p in params:
                p.grad = None
            cross_entropy(net(X[rows], params), y[rows]).backward()
            for p in params:
                p.data = p.data - lr * p.grad
        sets = (X, y), (X_val, y_val)
        log.append([cross_entropy(net(rows, params), t).item() for rows, t in sets])
        if log[-1][1] == min(v for _, v in log) and [v for _, v in log].count(log[-1][1]) == 1:
            best = [p.data.copy() for p in params]

    def predict(rows):
        Z = net(rows, [Tensor(W) for W in best]).numpy()
        E = np.exp(Z - Z.max(axis=1)[:, None])
        return E / E.sum(axis=1)[:, None]

    return best, predict, log
"""

# PyTorch inside, with its functions, and a state that is cloned.
TORCH = """
import numpy as np
import torch
from torch.nn import functional as F


def train(X, y, X_val, y_val, start, lr, batch, epochs, rng):
    mean, std = X.mean(0), X.std(0)
    std = np.where(X.max(0) == X.min(0), 1.0, std)
    tensor = lambda rows: torch.tensor((rows - mean) / std)
    W = [torch.tensor(np.array(w), requires_grad=True) for w in start]
    net = lambda rows, W: torch.tanh(tensor(rows) @ W[0] + W[1]) @ W[2] + W[3]
    log, best, lowest = [], None, float("inf")
    for epoch in range(epochs):
        order = rng.permutation(len(X))
        for rows in np.split(order, range(batch, len(X), batch)):
            loss = F.cross_entropy(net(X[rows], W), torch.tensor(y[rows]))
            gradients = torch.autograd.grad(loss, W)
            with torch.no_grad():
                for w, g in zip(W, gradients):
                    w -= lr * g
        with torch.no_grad():
            sets = (X, y), (X_val, y_val)
            losses = [F.cross_entropy(net(A, W), torch.tensor(t)).item() for A, t in sets]
        log.append(tuple(losses))
        if losses[1] < lowest:
            lowest, best = losses[1], [w.detach().clone() for w in W]
    predict = lambda rows: F.softmax(net(rows, best), dim=1).numpy()
    return [w.numpy() for w in best], predict, log
"""

# The program as it was found, repaired in five places and no more.
REPAIRED = """
import numpy as np


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def cross_entropy(Z, y):
    Z = Z - Z.max(axis=1, keepdims=True)
    log_p = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    G = np.exp(log_p)
    G[np.arange(len(y)), y] -= 1
    return -log_p[np.arange(len(y)), y].mean(), G / len(y)


def forward(A, weights):
    W1, b1, W2, b2 = weights
    H = np.tanh(A @ W1 + b1)
    return H, H @ W2 + b2


def train(X, y, X_val, y_val, start, lr, batch, epochs, rng):
    mean, std = X.mean(axis=0), X.std(axis=0)
    std = np.where(np.ptp(X, axis=0) > 0, std, 1.0)
    A, A_val = (X - mean) / std, (X_val - mean) / std
    weights = [np.array(W, dtype=float) for W in start]
    lowest, best, log = np.inf, weights, []
    for epoch in range(epochs):
        order = rng.permutation(len(A))
        for i in range(-(-len(A) // batch)):
            part = order[i * batch : (i + 1) * batch]
            H, Z = forward(A[part], weights)
            loss, G = cross_entropy(Z, y[part])
            D = G @ weights[2].T * (1 - H**2)
            weights[2] -= lr * H.T @ G
            weights[3] -= lr * G.sum(axis=0)
            weights[0] -= lr * A[part].T @ D
            weights[1] -= lr * D.sum(axis=0)
        train_loss, _ = cross_entropy(forward(A, weights)[1], y)
        val_loss, _ = cross_entropy(forward(A_val, weights)[1], y_val)
        log.append((train_loss, val_loss))
        if val_loss < lowest:
            lowest, best = val_loss, [W.copy() for W in weights]
    return best, lambda X_new: softmax(forward((X_new - mean) / std, best)[1]), log
"""

RIGHT = [TENSORS, TORCH, REPAIRED]

ROWS, SOFTMAX = "The validation rows", "Loss and gradient"
STEP, EPOCH, BEST, WHOLE = "A step uses", "Every row", "The weights of the best", "Nothing else"
MEAN = "    mean, std = X.mean(axis=0), X.std(axis=0)\n"
BOTH = "    rows = np.vstack([X, X_val])\n    mean, std = rows.mean(axis=0), rows.std(axis=0)\n"
CONSTANT = "    std[X.max(axis=0) == X.min(axis=0)] = 1.0\n"
LOGITS = "        return H, H @ W2 + b2  #"
LOSS = "        _, G = cross_entropy(Z, y)\n"
BACK = LOSS + "        G = Z * (G - (Z * G).sum(axis=1, keepdims=True))\n"
DELTA = "        D = G @ W2.T * (1 - H**2)"
MOVED = "        D = G @ (W2 - lr * H.T @ G).T * (1 - H**2)"
RANGE, SHORT = "range(0, len(X), batch)", "range(0, len(X) - batch + 1, batch)"
LOWEST = "            lowest, best = log[-1][1], weights\n"
RETURN = "    return best, lambda X_new: softmax(scores((X_new - mean) / std, best)[1]), log"
LAST = RETURN.replace("best", "weights")
UPDATE = "return [W - lr * g for W, g in zip(weights, gradients)]"
IN_PLACE = "for W, g in zip(weights, gradients): W -= lr * g\n        return weights"
TWICE = (LOGITS, LOSS, RETURN), (
    "        return H, softmax(H @ W2 + b2)  #",
    BACK,
    RETURN.replace("softmax(", "(", 1),
)  # fmt: skip
FAULTS = [
    (  # all five: the program as it was found scores nothing
        (MEAN, LOGITS, LOSS, DELTA, RANGE, RETURN),
        (
            BOTH,
            TWICE[1][0],
            BACK,
            MOVED,
            SHORT,
            LAST.replace("softmax(", "(", 1),
        ),
        (ROWS, SOFTMAX, STEP, EPOCH, BEST, WHOLE),
    ),
    (MEAN, BOTH, (ROWS, WHOLE)),
    (MEAN, "    mean, std = X_val.mean(axis=0), X_val.std(axis=0)\n", (ROWS, WHOLE)),
    (MEAN, "    mean, std = X.mean(), X.std(axis=0)\n", (WHOLE,)),
    (MEAN, "    mean, std = 0.0, np.ones(X.shape[1])\n", (ROWS, WHOLE)),
    (MEAN, "    mean, std = X.mean(axis=0), np.ones(X.shape[1])\n", (ROWS, WHOLE)),
    (CONSTANT, "    std = std + 1e-8\n", (WHOLE,)),
    (CONSTANT, "    std[std == 0] = 1.0\n", (WHOLE,)),
    (CONSTANT, "    std = np.where(std > 0, std, 1.0)\n", (WHOLE,)),
    (*TWICE, (SOFTMAX, WHOLE)),
    (
        "cross_entropy(scores((X - mean) / std, weights)[1], y)[0]",
        "cross_entropy(softmax(scores((X - mean) / std, weights)[1]), y)[0]",
        (SOFTMAX, WHOLE),
    ),
    (LOSS, LOSS + "        G = G * len(y)\n", (SOFTMAX, WHOLE)),
    (LOSS, LOSS + "        G = G * len(y) / batch\n", (EPOCH, WHOLE)),
    (LOSS, LOSS + "        G = -G\n", (SOFTMAX, STEP, WHOLE)),
    (LOSS, "        G = softmax(Z) / len(y)\n", (SOFTMAX, WHOLE)),
    (DELTA, MOVED, (STEP, WHOLE)),
    (
        DELTA,
        "        _, G2 = cross_entropy(H @ (W2 - lr * H.T @ G) + b2 - lr * G.sum(axis=0), y)\n"
        "        D = G2 @ W2.T * (1 - H**2)",
        (STEP, WHOLE),
    ),
    (DELTA, "        D = G @ W2.T * (1 - np.tanh(H)**2)", (STEP, WHOLE)),
    (DELTA, "        D = G @ W2.T", (STEP, WHOLE)),
    (DELTA, "        D = 0 * G @ W2.T", (ROWS, STEP, BEST, WHOLE)),
    (RANGE, SHORT, (EPOCH, WHOLE)),
    (RANGE, "range(0, max(len(X) - batch + 1, 1), batch)", (EPOCH,)),
    (RANGE, "range(batch, len(X) + batch, batch)", (EPOCH,)),
    (
        "order = rng.permutation(len(X))",
        "order = rng.integers(len(X), size=len(X))",
        (EPOCH, WHOLE),
    ),
    ("order = rng.permutation(len(X))", "order = np.arange(len(X))", (WHOLE,)),
    ("order = rng.permutation(len(X))", "order = np.random.permutation(len(X))", (WHOLE,)),
    (
        ("    for _ in range(epochs):\n", "        order = rng.permutation(len(X))\n"),
        ("    order = rng.permutation(len(X))\n    for _ in range(epochs):\n", ""),
        (WHOLE,),
    ),
    ("        if log[-1][1] < lowest:\n", "        if log[-1][1] <= lowest:\n", (BEST,)),
    (("list(start), []", UPDATE), ("start, []", IN_PLACE), (BEST, WHOLE)),
    (
        ("list(start), []", UPDATE, LOWEST),
        ("start, []", IN_PLACE, LOWEST.replace("weights", "[W.copy() for W in weights]")),
        (WHOLE,),
    ),
    (RETURN, LAST, (BEST, WHOLE)),
    (RETURN, RETURN.replace("return best", "return weights"), (BEST,)),
    (RETURN, RETURN.replace("std, best", "std, weights"), (BEST,)),
    (LOWEST, "            best = weights\n", (BEST,)),
    ("        if log[-1][1] < lowest:\n", "        if log[-1][0] < lowest:\n", (BEST,)),
    (
        "        if log[-1][1] < lowest:\n",
        "        if log[-1][1] > lowest or lowest == np.inf:\n",
        (BEST,),
    ),
    ("(loss(X, y, weights), loss(", "(loss(X[part], y[part], weights) + 0.01, loss(", (WHOLE,)),
    (UPDATE, IN_PLACE, (BEST, WHOLE)),
    (
        UPDATE,
        "return [W - lr * g for W, g in zip(weights, gradients[:2])] + list(weights[2:])",
        (ROWS, WHOLE),
    ),
    ("D.sum(axis=0), H.T @ G", "D.mean(axis=0), H.T @ G", (STEP, WHOLE)),
]
