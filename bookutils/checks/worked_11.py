"""Right programs of chapter 11, step by step in the letters of the texts, in NumPy.

`bookutils.judge.altered` changes them in small ways to see where wrong numbers come from.
"""

import numpy as np

BATCH = np.array([1.0, 4, 10])


def by_hand(x=BATCH, mean=0.0, var=1.0, m=0.1):
    mu = np.mean(x)
    d = x - mu
    v = np.mean(d**2)
    unbiased = np.sum(d**2) / (len(x) - 1)
    new_mean = (1 - m) * mean + m * mu
    new_var = (1 - m) * var + m * unbiased
    train = d / np.sqrt(v)
    evaluated = (x - new_mean) / np.sqrt(new_var)
    return new_mean, new_var, train[0], evaluated[0]


def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def into_a_layer(W, b, X, lr):
    y = X @ W + b
    G = 2 * y
    weight = W.T - lr * G.T @ X
    bias = b - lr * np.sum(G, axis=0)
    return y, weight, bias


def passes(epochs, batches, val, evaluates, guarded, back):
    trained = epochs * batches
    looked = epochs * val
    in_train = trained + looked
    if evaluates:
        in_train = trained if back else min(epochs, 1) * batches
    graphs = trained if guarded else trained + looked
    return in_train, in_train, graphs


def tied(X, W, b, c):
    z = X @ W.T + b
    h = np.maximum(z, 0)
    G = 2 * (h @ W + c - X) / X.size
    delta = (G @ W.T) * (z > 0)
    dW = h.T @ G + delta.T @ X
    db = np.sum(delta, axis=0)
    dc = np.sum(G, axis=0)
    return dW, db, dc


def through(x, k, G):
    s = sigmoid(k * x)
    y = x * s
    slope = s + k * x * s * (1 - s)
    gradient = G * slope
    return y, gradient, True


def numbers(d, h, k):
    weight = h * k
    bias = k
    gamma = h
    beta = h
    frozen = d
    running = 2 * h
    count = 1
    table = h
    trained = weight + bias + gamma + beta
    saved = trained + frozen + running + count
    moved = saved + table
    return trained, saved, moved
