"""Chapter 02: right answers in other forms, changes that keep a solution right."""

import math
from collections import OrderedDict, deque
from collections import defaultdict as mapping
from fractions import Fraction
from graphlib import TopologicalSorter
from itertools import accumulate

import numpy as np

from answers.forms import Pair, exact, frozen, strided
from answers.reasons import OTHER_ORDER, TRANSPOSED_VECTOR


def quotient_as_product(p, q):
    inverse = 1 / q[0], -q[1] / q[0] ** 2
    return [p[0] * inverse[0], p[0] * inverse[1] + p[1] * inverse[0]]


def quotient_by_logarithm(p, q):
    value = p[0] / q[0]
    return np.array([value, value * (p[1] / p[0] - q[1] / q[0])])


def quotient_by_fractions(p, q):
    (v, dv), (w, dw) = exact(*p), exact(*q)
    return Pair(v / w, dv / w - v / w * dw / w)


def order_by_library(parents, root):
    needed, stack = set(), [root]
    while stack:
        node = stack.pop()
        if node not in needed:
            needed.add(node)
            stack += parents[node]
    return tuple(TopologicalSorter({n: parents[n] for n in needed}).static_order())


def order_by_depth(parents, root):
    depth = {}

    def longest(node):
        if node not in depth:
            depth[node] = 1 + max(map(longest, parents[node]), default=0)
        return depth[node]

    longest(root)
    return np.array(sorted(depth, key=lambda node: (depth[node], node)))


def order_with_a_stack(parents, root):
    order, stack = {}, deque([(root, iter(parents[root]))])
    while stack:
        node, rest = stack[-1]
        for parent in rest:
            if parent not in order:
                stack.append((parent, iter(parents[parent])))
                break
        else:
            order[node] = None
            stack.pop()
    return list(order)


def sweep_by_consumers(edges, order, root):
    """∂root/∂node as a sum over the arrows that leave the node."""
    G = OrderedDict()
    for node in order[::-1]:
        leaving = [(c, s) for c in order for parent, s in edges[c] if parent == node]
        G[node] = float(node == root) + sum(s * G[c] for c, s in leaving)
    return G


def sweep_by_matrix(edges, order, root):
    """The seed times the inverse of 1 − slopes: all paths at once."""
    place = {node: i for i, node in enumerate(order)}
    A = np.zeros((len(order), len(order)))
    for node, arrows in edges.items():
        for parent, slope in arrows:
            A[place[node], place[parent]] += slope
    g = np.linalg.solve((np.eye(len(order)) - A).T, np.eye(len(order))[place[root]])
    return dict(zip(order, g, strict=True))


def sweep_by_paths(edges, order, root):
    G = mapping(float)

    def walk(node, product):
        G[node] += product
        for parent, slope in edges[node]:
            walk(parent, product * slope)

    walk(root, 1)
    return {node: G[node] for node in order}


def deltas_accumulated(slopes):
    return list(accumulate(slopes[:0:-1], lambda a, b: a * b, initial=1.0))[::-1]


def deltas_by_cumprod(slopes):
    return np.cumprod(np.append(slopes[1:], 1)[::-1])[::-1]


def deltas_inserted(slopes):
    d = [1]
    for slope in slopes[:0:-1]:
        d.insert(0, slope * d[0])
    return np.array(d)


def reports_by_loops(dz, W, z):
    return [sum(W[j, k] * dz[k] for k in range(len(dz))) for j in range(len(W))]


def reports_by_einsum(dz, W, z):
    return strided(np.einsum("jk,k->j", np.asfortranarray(W), frozen(dz)))


def reports_by_columns(dz, W, z):
    dh = np.zeros(W.shape[0])
    for column, report in zip(W.T, dz, strict=True):
        dh += column * report
    return dh


def adjoints_by_math(z, t):
    y = math.exp(z) / (math.exp(z) + 1)
    return [y - t, (y - t) * (y - y * y)]


def adjoints_by_cosh(z, t):
    dy = (1 + np.tanh(z / 2)) / 2 - t
    return np.array([dy, dy / (2 * np.cosh(z / 2)) ** 2])


def adjoints_named(z, t):
    y = 1 / (1 + np.exp(-np.float64(z)))
    return Pair(first=y - t, second=(y - t) * y * (1 - y))


RIGHT = {
    "02.1": [[11, -2.25, 7], np.array([11, -2.25, 7]), lambda: (11, Fraction(-9, 4), 7)],
    "02.2": [quotient_as_product, quotient_by_logarithm, quotient_by_fractions],
    "02.3": [
        lambda n_in, n_out: [1 + n_in, n_in, n_out],
        lambda n_in, n_out: np.array([n_in + 1, n_in, n_out]),
        lambda n_in, n_out: (len(range(-1, n_in)), float(n_in), np.int32(n_out)),
    ],
    "02.4": [order_by_library, order_by_depth, order_with_a_stack],
    "02.5": [sweep_by_consumers, sweep_by_matrix, sweep_by_paths],
    "02.6": [deltas_accumulated, deltas_by_cumprod, deltas_inserted],
    "02.7": [reports_by_loops, reports_by_einsum, reports_by_columns],
    "02.8": [adjoints_by_math, adjoints_by_cosh, adjoints_named],
}

EQUIVALENT = {
    "02.4": {
        "for parent in parents[node]: → for parent in reversed(parents[node]):": OTHER_ORDER,
    },
    "02.5": {
        "G[root] = 1.0 → G[root] += 1.0": "0.0 stands there",
        "for parent, slope in edges[node]: → for parent, slope in reversed(edges[node]):": (
            OTHER_ORDER
        ),
    },
    "02.6": {
        "d = np.ones(len(slopes)).tolist() → d = np.ones(len(slopes))": (
            "an array of ones does as well as a list of them"
        ),
    },
    "02.7": {"return W @ dz → return W @ dz.T": TRANSPOSED_VECTOR},
}
