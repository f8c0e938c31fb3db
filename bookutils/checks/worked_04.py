"""Right programs of chapter 04, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong numbers come from.
"""

import numpy as np

GIVEN_X = np.array([[2, -1], [0.5, 3], [1, 1.5]])
GIVEN_W, GIVEN_G = np.array([[-2.0], [3]]), np.array([[1.0], [-4], [2]])


def gradients(X=GIVEN_X, w=GIVEN_W, b=0.5, G=GIVEN_G):
    dw = X.T @ G
    db = np.sum(G)
    dX = G @ w.T
    return dw.ravel(), db, dX


def linear_vjp(G, X, W):
    dW = G.T @ X
    dX = G @ W
    return dW, dX


def unbroadcast(G, shape):
    new = G.ndim - len(shape)
    front = tuple(range(new))
    G = np.sum(G, axis=front)
    copied = tuple(k for k, m in enumerate(shape) if m == 1)
    return np.sum(G, axis=copied, keepdims=True)


def sizes(n, i, o):
    entries = (n * o) * (n * i)
    filled = n * (o * i)
    return entries, filled


def layer_backward(G, X, W, b):
    Z = X @ W + b
    H = np.maximum(Z, 0)
    dZ = G * (H > 0)
    dW = X.T @ dZ
    db = np.sum(dZ, axis=0)
    dX = dZ @ W.T
    return dW, db, dX


def sgd_step(W, X, delta, lr):
    grad = X.T @ delta / len(X)
    return W - lr * grad


def take_vjp(G, idx, shape):
    T = np.zeros(shape)
    for r in range(len(idx)):
        T[idx[r]] += G[r]
    return T


def range_vjp(G, X):
    dX = np.zeros(X.shape)
    for r in range(len(X)):
        largest = np.argmax(X[r])
        smallest = np.argmin(X[r])
        dX[r, largest] += G[r]
        dX[r, smallest] -= G[r]
    return dX


def floats(n, widths):
    activations = n * sum(widths)
    gradients = 0
    for k in range(len(widths) - 1):
        gradients += widths[k] * widths[k + 1] + widths[k + 1]
    return activations, gradients


def softmax_vjp(G, P):
    mean = np.sum(G * P, axis=1, keepdims=True)
    return P * (G - mean)


def per_sample(X, D):
    out = np.zeros((len(X), X.shape[1], D.shape[1]))
    for r in range(len(X)):
        out[r] = np.outer(X[r], D[r])
    return out
