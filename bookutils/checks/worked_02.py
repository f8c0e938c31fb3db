"""Right programs of chapter 02, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong numbers come from.
"""

import numpy as np


def slopes_abc(a=-0.5, b=3.0, c=4.0):
    e = a * b
    d = e + c
    f = c - a
    gd = f
    gf = d
    ge = gd
    return ge * b - gf, ge * a, gd + gf


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def dual_div(p, q):
    v, dv = p
    w, dw = q
    return v / w, (dv * w - v * dw) / w**2


def runs(n_in, n_out):
    return n_in + 1, n_in, n_out


def backward(edges, order, root):
    G = {node: 0.0 for node in order}
    G[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def deltas(slopes):
    d = np.ones(len(slopes))
    product = 1.0
    for k in range(len(slopes) - 1, 0, -1):
        product = product * slopes[k]
        d[k - 1] = product
    return d


def dh(dz, W, z):
    return np.sum(W * dz, axis=1)


def adjoints(z, t):
    y = sigmoid(z)
    dy = y - t
    dz = dy * (y * (1 - y))
    return dy, dz
