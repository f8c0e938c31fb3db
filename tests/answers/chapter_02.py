"""Chapter 02: right answers in other forms, changes that keep a solution right."""

import math
from collections import Counter, OrderedDict, deque
from collections import defaultdict as mapping
from fractions import Fraction
from graphlib import TopologicalSorter
from itertools import accumulate

import numpy as np

from answers.forms import Pair, exact, frozen, strided
from answers.reasons import EACH_ONCE, NO_ARROWS, OTHER_ORDER, TRANSPOSED_VECTOR


def quotient_as_product(p, q):
    inverse = 1 / q[0], -q[1] / q[0] ** 2
    return [p[0] * inverse[0], p[0] * inverse[1] + p[1] * inverse[0]]


def quotient_by_shares(p, q):
    value = p[0] / q[0]
    return np.array([value, (p[1] - value * q[1]) / q[0]])


def quotient_by_logarithm(p, q):
    value = p[0] / q[0]
    with np.errstate(all="ignore"):
        return value, value * (np.float64(p[1]) / p[0] - q[1] / q[0])


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
    "02.2": [quotient_as_product, quotient_by_shares, quotient_by_fractions],
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


def order_of_reports(parents, root):
    """Chapter 02's pass, turned round: it waits for consumers that the root does not need."""
    waiting = Counter(p for above in parents.values() for p in above)
    order, ready = [], deque([root])
    while ready:
        node = ready.popleft()
        order.append(node)
        for parent in parents[node]:
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    return order[::-1]


def swept_with(arrows_of, start=1.0):
    """A sweep that sees the arrows of a node through `arrows_of`."""

    def backward(edges, order, root):
        G = dict.fromkeys(order, 0.0)
        G[root] = start
        for node in order[::-1]:
            for parent, slope in arrows_of(edges[node]):
                G[parent] += slope * G[node]
        return G

    return backward


def sweep_while_zero(edges, order, root):
    """Takes a sum of 0 for a node that nobody has reported to."""
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in order[::-1]:
        for parent, slope in edges[node]:
            G[parent] = G[parent] + slope * G[node] if G[parent] else slope * G[node]
    return {node: g or 0.0 for node, g in G.items() if g or not edges[node]}


def sweep_from_the_last(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[order[-1]] = 1.0
    for node in order[::-1]:
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def deltas_divided(slopes):
    """The whole product, divided by a slope at each place: D products, and a wrong 0."""
    after = np.prod(slopes)
    found = []
    for slope in slopes:
        after = after / slope if slope else 0.0
        found.append(after)
    return found


WRONG = {
    "02.2": {
        "by logarithms": quotient_by_logarithm,
        "with a small number below": lambda p, q: (
            p[0] / (q[0] + 1e-12),
            (p[1] * q[0] - p[0] * q[1]) / (q[0] ** 2 + 1e-12),
        ),
        "nothing where the value is 0": lambda p, q: (
            (p[0] / q[0], (p[1] - p[0] / q[0] * q[1]) / q[0]) if p[0] else (0.0, 0.0)
        ),
    },
    "02.4": {
        "waits for all consumers": order_of_reports,
        "the dict itself": lambda parents, root: [*parents],
    },
    "02.5": {
        "equal arrows once": swept_with(lambda arrows: dict.fromkeys(arrows)),
        "a dict of arrows": swept_with(lambda arrows: dict(arrows).items()),
        "not the last arrow": swept_with(lambda arrows: arrows[: max(1, len(arrows) - 1)]),
        "no slope of 0": sweep_while_zero,
        "from the last node": sweep_from_the_last,
        "no small slope": swept_with(lambda arrows: [a for a in arrows if abs(a[1]) > 1e-3]),
    },
    "02.6": {"divided": deltas_divided},
    "02.7": {
        "squeezed": lambda dz, W, z: (W @ dz).squeeze(),
        "clipped": lambda dz, W, z: W @ np.clip(dz, -100, 100),
    },
    "02.8": {
        "differences": lambda z, t: (
            1 / (1 + np.exp(-z)) - t,
            (
                (1 / (1 + np.exp(-z - 1e-5)) - t) ** 2 / 2
                - (1 / (1 + np.exp(-z + 1e-5)) - t) ** 2 / 2
            )
            / 2e-5,
        ),
        "clipped": lambda z, t: adjoints_by_math(min(max(z, -5.0), 5.0), t),
        "by the size of the error": lambda z, t: (
            adjoints_by_math(z, t)[0],
            abs(adjoints_by_math(z, t)[0])
            * adjoints_by_math(z, 0.0)[1]
            / adjoints_by_math(z, 0.0)[0],
        ),
    },
}

EQUIVALENT = {
    "02.4": {
        "for parent in parents[node]: → for parent in reversed(parents[node]):": OTHER_ORDER,
        "for parent in parents[node]: → for parent in dict.fromkeys(parents[node]):": (
            "a parent that comes a second time is in the list already"
        ),
    },
    "02.5": {
        "G[root] = 1.0 → G[root] += 1.0": "0.0 stands there",
        "for parent, slope in edges[node]: → for parent, slope in reversed(edges[node]):": (
            OTHER_ORDER
        ),
        "for node in reversed(order): → for node in list(reversed(order))[:-1]:": NO_ARROWS,
        "for node in reversed(order): → for node in dict.fromkeys(reversed(order)):": EACH_ONCE,
        "remembered by all but order": "another order of the same graph gives the same gradients",
    },
    "02.6": {
        "for k in reversed(range(len(slopes) - 1)): → "
        "for k in dict.fromkeys(reversed(range(len(slopes) - 1))):": EACH_ONCE,
        "d = np.ones(len(slopes)).tolist() → d = np.ones(len(slopes))": (
            "an array of ones does as well as a list of them"
        ),
    },
    "02.7": {"return W @ dz → return W @ dz.T": TRANSPOSED_VECTOR}
    | dict.fromkeys(
        (
            "clip(z, -50, 50)",
            "round(z, 3)",
            "abs(z)",
            "float32(z)",
            "z + 1e-9",
            "remembered by all but z",
        ),
        "the right answer does not use z",
    ),
    "02.8": {"clip(z, -50, 50)": "beyond 50 the slope of the sigmoid is below 1e-21"},
}
