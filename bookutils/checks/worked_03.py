"""Right programs of chapter 03, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong numbers come from.
"""

import math

import numpy as np


def slopes_x_w(x=-0.4, w=1.5):
    z = x * w + w
    y = np.tanh(z)
    g = 1 - y**2
    return g * w, g * x + g


def log_partials(a, b):
    y = math.log(a) / math.log(b)
    dlog = 1 / math.log(b)
    return dlog * (1 / a), -y * dlog * (1 / b)


def train(w, x, t, lr, steps):
    for _ in range(steps):
        grad = np.mean((w * x - t) * x)
        w = w - lr * grad
    return w


def manual(x, t, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    h1 = max(z1, 0.0)
    z2 = w2 * h1 + b2
    h2 = max(z2, 0.0)
    y = w3 * h2 + b3
    dy = y - t
    dh2 = dy * w3
    dz2 = dh2 * (z2 > 0)
    dh1 = dz2 * w2
    dz1 = dh1 * (z1 > 0)
    return dz1 * x, dz1, dz2 * h1, dz2, dy * h2, dy


def max_error(f, g, x, h):
    errors = np.zeros(len(x))
    for j in range(len(x)):
        up, down = x.copy(), x.copy()
        up[j] += h
        down[j] -= h
        slope = (f(up) - f(down)) / (2 * h)
        errors[j] = np.abs(slope - g[j])
    return float(np.max(errors))


def elu_vjp(z, a, G):
    below = a * np.exp(np.minimum(z, 0))
    return np.where(z > 0, 1.0, below) * G


def logaddexp_row(a, b):
    m = max(a, b)
    ea = math.exp(a - m)
    eb = math.exp(b - m)
    return m + math.log(ea + eb), ea / (ea + eb), eb / (ea + eb)


def in_order(edges, root):
    order, done, stack = [], set(), [root]
    while stack:
        node = stack[-1]
        waiting = [parent for parent, _ in edges[node] if parent not in done]
        if waiting:
            stack.extend(waiting)
        else:
            stack.pop()
            if node not in done:
                done.add(node)
                order.append(node)
    return order


def grads(edges, root):
    order = in_order(edges, root)
    G = {node: 0.0 for node in order}
    G[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G
