"""Right programs of chapter 01, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong numbers come from.
"""

import numpy as np


def by_hand(x=1.5):
    u = x**2 + 1
    v = 3 - x
    y = u * v + x - 1
    du = 2 * x
    dv = -1.0
    through_u = v * du
    through_v = u * dv
    return u, v, y, through_u + through_v + 1


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def central(f, x, h):
    above = f(x + h)
    below = f(x - h)
    return (above - below) / (2 * h)


def rate(grad, u):
    length = np.sqrt(np.sum(u * u))
    return float(np.sum(grad * u) / length)


def grads(x, t, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    z2 = w2 * z1 + b2
    y = w3 * z2 + b3
    dy = y - t
    dz2 = dy * w3
    dz1 = dz2 * w2
    return dz1 * x, dz1, dz2 * z1, dz2, dy * z2, dy


def dW(x, t, W, b):
    z = x @ W + b
    y = np.tanh(z)
    delta = (y - t) * (1 - y**2)
    return np.outer(x, delta)


def dW1(x, t, W1, b1, W2, b2):
    z1 = x @ W1 + b1
    h = sigmoid(z1)
    z2 = h @ W2 + b2
    y = sigmoid(z2)
    delta2 = (y - t) * (y * (1 - y))
    dh = W2 @ delta2
    delta1 = dh * (h * (1 - h))
    return np.outer(x, delta1)


def jacobian(f, x, h):
    J = np.zeros((len(f(x)), len(x)))
    for j in range(len(x)):
        up, down = x.copy(), x.copy()
        up[j] += h
        down[j] -= h
        J[:, j] = (f(up) - f(down)) / (2 * h)
    return J
