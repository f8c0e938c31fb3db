"""Right answers to every exercise, each written in another way than the solution.

`RIGHT[id]` is a list of functions, or of values where a value is asked for: loops beside array
operations, other algebra, other types (int, Fraction, NumPy scalars, lists for arrays), results
that are views, non-contiguous, read-only or in Fortran order.
"""

import math
from collections import OrderedDict, deque, namedtuple
from collections import defaultdict as mapping
from fractions import Fraction
from functools import reduce
from graphlib import TopologicalSorter
from itertools import accumulate
from types import SimpleNamespace

import numpy as np
import torch

Pair = namedtuple("Pair", "first second")


def exact(*numbers):
    return [Fraction(number) for number in numbers]


def frozen(array):
    """The same array, read-only."""
    array = np.asarray(array)
    array.flags.writeable = False
    return array


def strided(array):
    """The same numbers as every second one of an array twice as long along each axis."""
    array = np.asarray(array)
    between = np.nan if array.dtype.kind == "f" else 99
    wide = np.full([2 * n for n in array.shape], between, dtype=array.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# ---- chapter 00


def bowl_in_steps(w):
    distance = abs(w - 3)
    distance *= distance
    return np.float64(distance)


def step_by_fractions(w, slope, lr):
    w, slope, lr = exact(w, slope, lr)
    return w - lr * slope


# ---- chapter 01


def central_from_two_sides(f, x, h):
    right, left = (f(x + h) - f(x)) / h, (f(x) - f(x - h)) / h
    return (right + left) / 2


def central_by_numpy(f, x, h):
    points = np.array([x - h, x + h])
    values = np.array([f(p) for p in points])
    return np.diff(values)[0] / np.diff(points)[0]


def central_in_a_list(f, x, h):
    return np.array(sum(s * f(x + s * h) for s in (-1, 1)) / h / 2)  # a 0-d array is a number


def rate_by_loop(grad, u):
    rise = way = 0.0
    for g, v in zip(grad.tolist(), u.tolist(), strict=True):
        rise += g * v
        way += v * v
    return rise / math.sqrt(way)


def rate_by_columns(grad, u):
    return np.tensordot(grad, u[::-1][::-1] / np.linalg.norm(u), 1)  # a 0-d array


def layers_by_dual_slopes(x, t, w1, b1, w2, b2, w3, b3):
    """Forward mode: one run for each parameter."""

    def slope(*d):
        z1, dz1 = w1 * x + b1, d[0] * x + d[1]
        z2, dz2 = w2 * z1 + b2, d[2] * z1 + w2 * dz1 + d[3]
        y, dy = w3 * z2 + b3, d[4] * z2 + w3 * dz2 + d[5]
        return (y - t) * dy

    return [slope(*row) for row in np.eye(6)]


def layers_by_matrices(x, t, w1, b1, w2, b2, w3, b3):
    z1 = np.float64(w1) * x + b1
    z2 = w2 * z1 + b2
    delta = (w3 * z2 + b3 - t) * np.array([w3 * w2, w3, 1.0])
    return np.stack([delta * [x, z1, z2], delta], axis=1).ravel()


def layers_by_fractions(*numbers):
    x, t, w1, b1, w2, b2, w3, b3 = exact(*numbers)
    z1 = w1 * x + b1
    z2 = w2 * z1 + b2
    e = w3 * z2 + b3 - t
    return e * w3 * w2 * x, e * w3 * w2, e * w3 * z1, e * w3, e * z2, e


def one_layer_by_loops(x, t, W, b):
    rows = [[0.0] * len(b) for _ in x]
    for j in range(len(b)):
        z = b[j] + sum(x[i] * W[i, j] for i in range(len(x)))
        for i in range(len(x)):
            rows[i][j] = x[i] * (math.tanh(z) - t[j]) / math.cosh(z) ** 2
    return rows


def one_layer_in_fortran_order(x, t, W, b):
    y = np.tanh(W.T @ x + b)
    return np.asfortranarray(x[:, np.newaxis] @ ((y - t) * (1 - y * y))[np.newaxis, :])


def one_layer_as_a_view(x, t, W, b):
    y = np.tanh(b + np.einsum("i,ij->j", frozen(x), strided(W)))
    return np.multiply.outer((1 - y**2) * (y - t), x).T


def two_layers_by_loops(x, t, W1, b1, W2, b2):
    grad = np.zeros_like(W1)
    h = [1 / (1 + math.exp(-(W1[:, j] @ x) - b1[j])) for j in range(len(b1))]
    y = 1 / (1 + math.exp(-sum(h[j] * W2[j, 0] for j in range(len(h))) - b2[0]))
    for i in range(len(x)):
        for j in range(len(h)):
            grad[i, j] = (y - t[0]) * (y - y * y) * W2[j, 0] * (h[j] - h[j] ** 2) * x[i]
    return frozen(grad)


def two_layers_as_a_batch(x, t, W1, b1, W2, b2):
    X = x.reshape(1, -1)
    H = (1 + np.tanh((X @ W1 + b1) / 2)) / 2
    Y = (1 + np.tanh((H @ W2 + b2) / 2)) / 2
    delta = (Y - t) * Y * (1 - Y) @ W2.T * H * (1 - H)
    return X.T @ delta


def two_layers_by_kronecker(x, t, W1, b1, W2, b2):
    h = sigmoid(b1 + x @ W1)
    y = sigmoid(b2 + h @ W2)
    delta = (W2 * ((y - t) * y * (1 - y))).sum(axis=1) * h * (1 - h)
    return strided(np.kron(x, delta).reshape(len(x), -1))


def jacobian_row_by_row(f, x, h):
    slopes = [(f(x + h * e) - f(x - h * e)) / (h + h) for e in np.identity(x.size)]
    return np.array(slopes).T


def jacobian_filled_in(f, x, h):
    J = np.empty((len(f(x)), len(x)), order="F")
    moved = x.copy()
    for j, at in enumerate(x):
        moved[j] = at + h
        J[:, j] = f(moved) / (2 * h)
        moved[j] = at - h
        J[:, j] -= f(moved) / (2 * h)
        moved[j] = at
    return J


def jacobian_put_back(f, x, h):
    """Nudges the caller's array, and restores every entry to the last bit."""
    columns = []
    for j in range(len(x)):
        kept = x[j]
        x[j] = kept + h
        upper = f(x)
        x[j] = kept - h
        lower = f(x)
        x[j] = kept
        columns.append(((upper - lower) / (2 * h)).tolist())
    return [list(row) for row in zip(*columns, strict=True)]


# ---- chapter 02


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


# ---- chapter 03


def trained_by_loops(w, x, t, lr, steps):
    for _ in range(steps):
        slope = sum((w * a - b) * a for a, b in zip(x.tolist(), t.tolist(), strict=True))
        w -= lr * slope / len(x)
    return w


def trained_in_one_formula(w, x, t, lr, steps):
    keep, pull = 1 - lr * np.dot(x, x) / x.size, lr * np.dot(x, t) / x.size
    return keep**steps * w + pull * sum(keep**k for k in range(steps))


def trained_by_reduce(w, x, t, lr, steps):
    return reduce(lambda w, _: w - lr * np.mean(w * x * x - x * t), range(steps), np.float64(w))


def relu_by_cases(x, t, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    z2 = w2 * (z1 if z1 > 0 else 0) + b2
    e = w3 * max(0, z2) + b3 - t
    if z2 < 0:
        return 0, 0, 0, 0, 0, e
    if z1 < 0:
        return 0, 0, 0, e * w3, e * z2, e
    return e * w3 * w2 * x, e * w3 * w2, e * w3 * z1, e * w3, e * z2, e


def relu_by_heaviside(x, t, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    z2 = w2 * np.maximum(z1, 0) + b2
    dy = w3 * np.maximum(z2, 0) + b3 - t
    dz2 = dy * w3 * np.heaviside(z2, 0)
    dz1 = dz2 * w2 * np.heaviside(z1, 0)
    return np.array([dz1 * x, dz1, dz2 * np.maximum(z1, 0), dz2, dy * np.maximum(z2, 0), dy])


def relu_by_nodes(x, t, w1, b1, w2, b2, w3, b3):
    n = SimpleNamespace(z1=w1 * x + b1)
    n.h1 = (n.z1 + abs(n.z1)) / 2
    n.z2 = w2 * n.h1 + b2
    n.h2 = (n.z2 + abs(n.z2)) / 2
    G = {"y": w3 * n.h2 + b3 - t}
    G["z2"] = w3 * G["y"] if n.h2 else 0.0
    G["z1"] = w2 * G["z2"] if n.h1 else 0.0
    return [x * G["z1"], G["z1"], n.h1 * G["z2"], G["z2"], n.h2 * G["y"], G["y"]]


def worst_by_norm(f, g, x, h):
    slopes = [f(x + h * e) / (2 * h) - f(x - h * e) / (2 * h) for e in np.eye(len(x))]
    return np.linalg.norm(slopes - g, ord=np.inf)


def worst_step_by_step(f, g, x, h):
    worst = -1
    for j, entry in enumerate(g):
        moved = np.array(x)
        moved[j] += h
        upper = f(moved)
        moved[j] = x[j] - h
        error = entry - (upper - f(moved)) / (2 * h)
        worst = max(worst, error, -error)
    return float(worst)


def worst_sorted(f, g, x, h):
    def along(j):
        nudge = h * (np.arange(x.size) == j)
        return (f(frozen(x + nudge)) - f(strided(x - nudge))) / h / 2

    return sorted(math.fabs(along(j) - g[j]) for j in range(x.size))[-1]


def leaky_by_loop(z, a, G):
    return [g if v > 0 else a * g for v, g in zip(z, G, strict=True)]


def leaky_by_masks(z, a, G):
    out = G.copy()
    out[z < 0] *= a
    return frozen(out)


def leaky_by_choice(z, a, G):
    return strided(np.choose(z > 0, [a * G, G]))


def powers_by_logarithm(a, b):
    y = math.exp(b * math.log(a))
    return [y * b / a, y * math.log(a)]


def powers_by_numpy(a, b):
    return np.array([b, a * np.log(a)]) * np.power(np.float64(a), np.float64(b) - 1)


def powers_by_base_two(a, b):
    return Pair(a**b / a * b, a**b * math.log2(a) * math.log(2))


def engine_by_library(edges, root):
    needed, stack = {root}, [root]
    while stack:
        for parent, _ in edges[stack.pop()]:
            if parent not in needed:
                needed.add(parent)
                stack.append(parent)
    sorter = TopologicalSorter({n: [p for p, _ in edges[n]] for n in needed})
    G = OrderedDict.fromkeys(needed, 0)
    G[root] = 1
    for node in reversed(tuple(sorter.static_order())):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def engine_by_counting(edges, root):
    """A node goes on when as many reports have come as it has arrows to consumers."""
    missing, reached = mapping(int), [root]
    for node in reached:
        for parent, _ in edges[node]:
            if not missing[parent]:
                reached.append(parent)
            missing[parent] += 1
    G, ready = mapping(np.float64, {root: np.float64(1)}), deque([root])
    while ready:
        node = ready.popleft()
        for parent, slope in edges[node]:
            G[parent] = G[parent] + slope * G[node]
            missing[parent] -= 1
            if not missing[parent]:
                ready.append(parent)
    return G


def engine_with_generators(edges, root):
    done, stack = {}, [(root, iter(edges[root]))]
    while stack:
        node, arrows = stack[-1]
        parent = next((p for p, _ in arrows if p not in done), None)
        if parent is None:
            done[node] = 0.0
            stack.pop()
        else:
            stack.append((parent, iter(edges[parent])))
    done[root] += 1
    for node, g in reversed(done.items()):
        for parent, slope in edges[node]:
            done[parent] += g * slope
    return done


# ---- chapter 05


def xor_by_difference():
    """relu(x1 - x2) + relu(x2 - x1) = |x1 - x2|."""
    return [[[1, -1], [-1, 1]], [0, 0], [[1], [1]], [0]]


def xor_from_above():
    """1 - relu(x1 + x2 - 1) - relu(1 - x1 - x2), with weights that are thirds."""
    W1 = np.array([[1 / 3, -2], [1 / 3, -2]])
    return W1, np.array([-1 / 3, 2]), np.array([[-3], [-0.5]]), np.array([1])


def xor_with_a_vector_behind():
    return np.ones((2, 2)), np.array([0, -1]), np.array([1, -2]), 0


def collapsed_by_columns(Ws, bs):
    """The bias as one more row of each matrix."""
    whole = np.eye(len(Ws[0]) + 1)
    for W, b in zip(Ws, bs, strict=True):
        layer = np.zeros((len(W) + 1, len(b) + 1))
        layer[:-1, :-1], layer[-1, :-1], layer[-1, -1] = W, b, 1
        whole = whole @ layer
    return whole[:-1, :-1], whole[-1, :-1]


def collapsed_from_behind(Ws, bs):
    W, b = np.eye(len(bs[-1])), np.zeros(len(bs[-1]))
    for W_l, b_l in zip(reversed(Ws), reversed(bs), strict=True):
        b = b + W.T @ b_l
        W = W_l @ W
    return [frozen(W), strided(b)]


def collapsed_by_pairs(Ws, bs):
    def join(first, second):
        return first[0] @ second[0], first[1] @ second[0] + second[1]

    return reduce(join, zip(Ws, bs, strict=True))


def counted_neuron_by_neuron(widths):
    return sum(d_in + 1 for d_in, d_out in zip(widths, widths[1:], strict=False)
               for _ in range(d_out))  # fmt: skip


def counted_by_arrays(widths):
    return sum(np.empty((d_in + 1, d_out)).size for d_in, d_out in zip(widths[:-1], widths[1:],
               strict=True))  # fmt: skip


def deltas_by_cosh(delta, Ws, zs):
    found = {len(Ws): delta}
    for level in reversed(range(1, len(Ws))):
        found[level] = np.einsum("no,io->ni", found[level + 1], Ws[level])
        found[level] = found[level] / np.cosh(zs[level - 1]) ** 2
    return [found[level] for level in sorted(found)]


def deltas_by_loops(delta, Ws, zs):
    found = [delta.tolist()]
    for W, z in zip(Ws[:0:-1], zs[::-1], strict=True):
        rows = [
            [sum(w * d for w, d in zip(W[i], row, strict=True)) * (1 - math.tanh(z[k, i]) ** 2)
             for i in range(len(W))]
            for k, row in enumerate(found[-1])
        ]  # fmt: skip
        found.append(rows)
    return found[::-1]


def deltas_called_again(delta, Ws, zs):
    if not zs:
        return [delta]
    h = np.tanh(zs[-1])
    before = (Ws[-1] @ delta.T).T * (1 + h) * (1 - h)
    return [*deltas_called_again(before, Ws[:-1], zs[:-1]), delta]


def two_four_one_by_loops(x, t, W1, b1, W2, b2):
    d, m = W1.shape
    h = [math.tanh(b1[j] + sum(x[i] * W1[i, j] for i in range(d))) for j in range(m)]
    y = math.tanh(b2[0] + sum(h[j] * W2[j, 0] for j in range(m)))
    delta2 = (y - t[0]) * (1 - y) * (1 + y)
    delta1 = [delta2 * W2[j, 0] * (1 - h[j] ** 2) for j in range(m)]
    dW1 = [[x[i] * delta1[j] for j in range(m)] for i in range(d)]
    return dW1, delta1, [[h[j] * delta2] for j in range(m)], [delta2]


def two_four_one_as_a_batch(x, t, W1, b1, W2, b2):
    X = x[None, :]
    h = np.tanh(X @ W1 + b1)
    y = np.tanh(h @ W2 + b2)
    delta2 = (y - t) / np.cosh(h @ W2 + b2) ** 2
    delta1 = delta2 @ W2.T * (1 - h**2)
    return [X.T @ delta1, delta1.sum(0), h.T @ delta2, delta2.sum(0)]


def two_four_one_by_torch_names(x, t, W1, b1, W2, b2):
    h = np.tanh(W1.T @ x + b1)
    y = np.tanh(W2.T @ h + b2)
    G = (y - t) * (1 - y**2)
    g = (W2 * G)[:, 0] * (1 - h**2)
    return np.asfortranarray(np.kron(x[:, None], g)), g, h[:, None] * G, G


def delta_by_loops(z, t):
    y = [1 / (1 + math.exp(-v)) for v in z]
    return [2 * (a - b) * a * (1 - a) / len(y) for a, b in zip(y, t, strict=True)]


def delta_by_tanh(z, t):
    half = np.tanh(z / 2)
    return strided(((1 + half) / 2 - t) * (1 - half**2) / (2 * z.size))


def delta_by_exponentials(z, t):
    e = np.exp(-np.abs(z))
    y = np.where(z > 0, 1, e) / (1 + e)
    return np.mean(np.eye(len(z)), axis=0) * 2 * (y - t) * e / (1 + e) ** 2


def layers_with_where(X, W1, b1, W2, b2):
    z = b1 + np.einsum("ni,ij->nj", X, W1)
    return np.where(z < 0, 0, z).dot(W2) + b2[None, :]


def layers_by_absolute(X, W1, b1, W2, b2):
    z = X @ W1 + b1
    return frozen((z + abs(z)) / 2 @ W2 + b2)


def layers_row_by_row(X, W1, b1, W2, b2):
    return [[float(b2[0] + np.clip(x @ W1 + b1, 0, None) @ W2[:, 0])] for x in X]


def fit_by_loops(X, t, w, b, lr, steps):
    n, w = len(t), list(w)
    for _ in range(steps):
        e = [sum(x[j] * w[j] for j in range(3)) + b - t[i] for i, x in enumerate(X)]
        slopes = [2 / n * sum(e[i] * X[i, j] for i in range(n)) for j in range(3)]
        w = [v - lr * s for v, s in zip(w, slopes, strict=True)]
        b = b - lr * 2 / n * sum(e)
    return w, b


def fit_in_one_matrix(X, t, w, b, lr, steps):
    A, p = np.column_stack([np.ones(len(X)), X]), np.concatenate([[b], w])
    for _ in range(steps):
        p = p - lr * 2 * np.mean((A @ p - t)[:, None] * A, axis=0)
    return [p[1:], p[0]]


def fit_on_a_copy(X, t, w, b, lr, steps):
    w = w.copy()
    while steps:
        e = X.dot(w) + b - t
        w -= 2 * lr * X.T.dot(e) / t.size
        b -= 2 * lr * np.mean(e)
        steps -= 1
    return Pair(w, b)


def gradients_by_masks(X, t, Ws, bs):
    """Forward with a mask kept for each layer, backward with a dict."""
    fed, masks = [X], []
    for W, b in zip(Ws, bs, strict=True):
        z = fed[-1] @ W + b
        masks.append(np.heaviside(z, 0.0))
        fed.append(z * masks[-1])
    y = fed[-2] @ Ws[-1] + bs[-1]
    delta, dW, db = (y - t) / X.shape[0], {}, {}
    for level in range(len(Ws) - 1, -1, -1):
        dW[level] = np.einsum("ni,no->io", fed[level], delta)
        db[level] = np.ones(len(X)) @ delta
        if level:
            delta = (Ws[level] @ delta.T).T * masks[level - 1]
    order = sorted(dW)
    return [dW[k] for k in order], [db[k] for k in order]


def gradients_called_again(X, t, Ws, bs):
    def down(h, Ws, bs):
        """(δ at h, gradients from this layer on)."""
        z = h @ Ws[0] + bs[0]
        if len(Ws) == 1:
            delta, dWs, dbs = (z - t) / len(t), (), ()
        else:
            arrives, dWs, dbs = down(np.clip(z, 0, None), Ws[1:], bs[1:])
            delta = np.where(z > 0, arrives, 0.0)
        return delta @ Ws[0].T, (h.T @ delta, *dWs), (delta.sum(0), *dbs)

    return down(X, Ws, bs)[1:]


def gradients_sample_by_sample(X, t, Ws, bs):
    dWs, dbs = [np.zeros_like(W) for W in Ws], [np.zeros_like(b) for b in bs]
    for x, target in zip(X, t, strict=True):
        hs = [x]
        for k, (W, b) in enumerate(zip(Ws, bs, strict=True)):
            z = hs[-1] @ W + b
            hs.append(z if k == len(Ws) - 1 else np.fmax(z, 0))
        delta = hs[-1] - target
        for k in reversed(range(len(Ws))):
            dWs[k] += np.outer(hs[k], delta) / len(X)
            dbs[k] += delta / len(X)
            delta = Ws[k] @ delta * (hs[k] > 0)
    return dWs, dbs


# ---- chapter 06


def square_grads_by_pytorch(y, t):
    """The three conventions as a framework differentiates them."""
    found = []
    for scale in (0.5, 0.5 / y.size, 1 / y.size):
        x = torch.tensor(y, requires_grad=True)
        (scale * (x - torch.tensor(t)).square().sum()).backward()
        found.append(x.grad.numpy())
    return found


def square_grads_by_loops(y, t):
    n, k = y.shape
    e = [[y[i, j] - t[i, j] for j in range(k)] for i in range(n)]
    return [[[v / d for v in row] for row in e] for d in (1, n * k, n * k / 2)]


def entropy_by_logaddexp(Z, labels):
    lse = np.logaddexp.reduce(Z, axis=1)
    return np.average(lse - np.take_along_axis(Z, labels[:, None], 1)[:, 0])


def entropy_by_differences(Z, labels):
    """-ln p = ln sum exp(z_j - z_label), which overflows for nobody once the largest is out."""
    total = 0.0
    for z, c in zip(Z, labels, strict=True):
        d = sorted(z - z[c])
        total += d[-1] + math.log(sum(math.exp(v - d[-1]) for v in d))
    return total / len(Z)


def entropy_by_pytorch(Z, labels):
    return torch.nn.functional.cross_entropy(torch.tensor(Z), torch.tensor(labels)).item()


def bce_by_branches(z, t):
    sign = np.where(t == 1, -1, 1)
    return [max(s * v, 0) + math.log1p(math.exp(-abs(v))) for v, s in zip(z, sign, strict=True)]


def bce_by_pytorch(z, t):
    f = torch.nn.functional.binary_cross_entropy_with_logits
    return f(torch.tensor(z), torch.tensor(t), reduction="none").numpy()


def bce_by_two_classes(z, t):
    """One logit is two: 0 for the label 0, z for the label 1."""
    pair = np.stack([np.zeros_like(z), z], axis=1)
    return np.logaddexp(*pair.T) - pair[np.arange(len(z)), t.astype(int)]


def slope_by_cases(y, t):
    return [-1 / a if b else 1 / (1 - a) for a, b in zip(y, t, strict=True)]


def epoch_sample_by_sample(means, sizes):
    return np.repeat(means, sizes).mean()


def giou_by_names(a, b):
    (ax, ay, au, av), (bx, by, bu, bv) = a.tolist(), b.tolist()
    both = max(min(au, bu) - max(ax, bx), 0) * max(min(av, bv) - max(ay, by), 0)
    union = (au - ax) * (av - ay) + (bu - bx) * (bv - by) - both
    round_ = (max(au, bu) - min(ax, bx)) * (max(av, bv) - min(ay, by))
    return both / union - 1 + union / round_


def giou_by_pairs(a, b):
    low, high = np.sort(np.stack([a[:2], b[:2]]), 0), np.sort(np.stack([a[2:], b[2:]]), 0)
    both = np.clip(high[0] - low[1], 0, None).prod()
    union = np.ptp(a.reshape(2, 2), 0).prod() + np.ptp(b.reshape(2, 2), 0).prod() - both
    return both / union - (1 - union / (high[1] - low[0]).prod())


def giou_by_fractions(a, b):
    a, b = [exact(*box.tolist()) for box in (a, b)]
    sides = [min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in (0, 1)]
    wide = [max(a[i + 2], b[i + 2]) - min(a[i], b[i]) for i in (0, 1)]
    both = sides[0] * sides[1] if min(sides) > 0 else 0
    A, B = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    C = wide[0] * wide[1]
    return Fraction(both) / (A + B - both) - (C - A - B + both) / C


def sequence_by_masks(log_p, tokens, real):
    return -np.take_along_axis(log_p, tokens[..., None], -1)[..., 0][real == 1].mean()


def sequence_by_onehot(log_p, tokens, real):
    picked = np.eye(log_p.shape[-1])[tokens]
    return -np.einsum("ntk,ntk,nt->", log_p, picked, real) / real.sum()


def sequence_by_loops(log_p, tokens, real):
    total = count = 0
    for i in range(len(tokens)):
        for j in range(len(tokens[i])):
            if real[i, j]:
                total, count = total - log_p[i, j, tokens[i, j]], count + 1
    return total / count


def kl_as_difference(t, p):
    entropy = -sum(v * math.log(v) for v in t if v)
    return -(t @ np.log(p)) - entropy


def kl_by_pytorch(t, p):
    log_p, t = torch.tensor(np.log(p)), torch.tensor(t)
    return torch.nn.functional.kl_div(log_p, t, reduction="sum").item()


# ---- chapter 04


def product_back_by_loops(G, X, W):
    dW, dX = np.zeros(W.shape), np.zeros(X.shape)
    for r in range(len(X)):
        for j in range(len(W)):
            for k in range(W.shape[1]):
                dW[j, k] += X[r, j] * G[r, k]
                dX[r, j] += G[r, k] * W[j, k]
    return dW, dX


def product_back_by_outers(G, X, W):
    dW = sum(np.outer(x, g) for x, g in zip(X, G, strict=True))
    return [dW, np.asfortranarray(np.dot(G, W.T))]


def product_back_by_jacobians(G, X, W):
    n, o = G.shape
    to_W, to_X = np.kron(X, np.eye(o)), np.kron(np.eye(n), W.T)
    return (G.ravel() @ to_W).reshape(W.shape), (G.ravel() @ to_X).reshape(X.shape).tolist()


def unbroadcast_axis_by_axis(G, shape):
    while G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            G = G.sum(axis=axis, keepdims=True)
    return G


def unbroadcast_by_places(G, shape):
    places = np.broadcast_to(np.arange(math.prod(shape)).reshape(shape), G.shape)
    sums = np.zeros(math.prod(shape))
    np.add.at(sums, places.ravel(), G.ravel())
    return sums.reshape(shape)


def unbroadcast_by_loop(G, shape):
    out = np.zeros(shape)
    for where in np.ndindex(*G.shape):
        own = where[G.ndim - len(shape) :]
        out[tuple(0 if m == 1 else i for i, m in zip(own, shape, strict=True))] += G[where]
    return out


def sizes_by_shapes(n, i, o):
    Y, W = np.empty((n, o)), np.empty((i, o))
    return np.array([Y.size * W.size, W.size])


def layer_back_by_loops(G, X, W, b):
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), [0.0] * len(b)
    for r, row in enumerate(X):
        for k in range(len(b)):
            if sum(row * W[:, k]) + b[k] > 0:
                db[k] += G[r, k]
                dW[:, k] += G[r, k] * row
                dX[r] += G[r, k] * W[:, k]
    return [dX, dW, db]


def layer_back_with_a_column_of_ones(G, X, W, b):
    extended, both = np.c_[X, np.ones(len(X))], np.vstack([W, b])
    dZ = np.heaviside(extended @ both, 0.0) * G
    d = extended.T @ dZ
    return (dZ @ both.T)[:, :-1], d[:-1], d[-1]


def layer_back_by_einsum(G, X, W, b):
    dZ = np.where(np.tensordot(X, W, 1) + b < 0, 0.0, G)
    return (
        np.einsum("nk,jk->nj", dZ, W),
        np.einsum("nk,nj->kj", dZ, X).T,
        np.ones(len(X)) @ dZ,
    )


def step_by_loop(W, X, delta, lr):
    new = W.copy()
    for x, d in zip(X, delta, strict=True):
        new -= lr / len(X) * x[:, None] * d
    return new


def step_row_by_row(W, X, delta, lr):
    return [[w - lr * float(x @ delta[:, 0]) / len(X)] for w, x in zip(W[:, 0], X.T, strict=True)]


def take_back_by_loop(G, idx, shape):
    rows = [[0.0] * shape[1] for _ in range(shape[0])]
    for g, i in zip(G.tolist(), idx.tolist(), strict=True):
        rows[i] = [a + b for a, b in zip(rows[i], g, strict=True)]
    return rows


def take_back_by_rows(G, idx, shape):
    return np.array([G[idx == i].sum(axis=0) for i in range(shape[0])])


def take_back_by_counting(G, idx, shape):
    columns = [np.bincount(idx, weights=g, minlength=shape[0]) for g in G.T]
    return np.stack(columns).T  # a view, its columns one after the other in memory


def max_back_by_loop(G, X):
    return [[g if v == max(row) else 0 for v in row] for g, row in zip(G, X.tolist(), strict=True)]


def max_back_by_identity(G, X):
    return np.diag(G) @ np.eye(X.shape[1])[X.argmax(axis=1)]


def max_back_by_sorting(G, X):
    out = np.zeros_like(X)
    np.put_along_axis(out, np.argsort(X, axis=1)[:, -1:], G[:, None], axis=1)
    return out


def floats_by_arrays(n, widths):
    kept = [np.empty((n, w)) for w in widths]
    made = [np.empty((i + 1, o)) for i, o in zip(widths, widths[1:], strict=False)]
    return sum(a.size for a in kept), sum(a.size for a in made)


def softmax_back_by_loops(G, P):
    out = np.zeros(P.shape)
    for r, (g, p) in enumerate(zip(G, P, strict=True)):
        for i in range(len(p)):
            for j in range(len(p)):
                out[r, j] += g[i] * p[i] * ((i == j) - p[j])
    return out


def softmax_back_by_einsum(G, P):
    return P * G - np.einsum("nk,nk,nj->nj", G, P, P)


def softmax_back_by_jacobians(G, P):
    J = P[:, :, None] * np.eye(P.shape[1]) - P[:, :, None] * P[:, None, :]
    return (J @ G[:, :, None])[:, :, 0]


def samples_by_loop(X, D):
    return [np.outer(x, d) for x, d in zip(X, D, strict=True)]


def samples_by_matmul(X, D):
    return X[..., None] @ D[:, None]


def samples_turned(X, D):
    return np.einsum("no,ni->noi", D, X).transpose(0, 2, 1)


S = 1 - math.tanh(0.9) ** 2

RIGHT = {
    "00.0": [bowl_in_steps, lambda w: w * w - 6 * w + 9, lambda w: pow(Fraction(w) - 3, 2)],
    "00.1": [
        step_by_fractions,
        lambda w, slope, lr: np.float64(w) + slope * -lr,
        lambda w, slope, lr: np.array([1, -lr]) @ [w, slope],
    ],
    "00.2": [22, 22.0, np.int64(22), lambda: (2 * 3 + 1) * 3 + 1],
    "01.1": [
        [3.25, 1.5, 5.375, 2.25],
        np.array([3.25, 1.5, 5.375, 2.25]),
        lambda: tuple(map(Fraction, ("13/4", "3/2", "43/8", "9/4"))),
    ],
    "01.2": [central_from_two_sides, central_by_numpy, central_in_a_list],
    "01.3": [[-8, -5], np.array([-8, -5]), (-8.0, -5.0), (-7, -6), lambda: (-8, -5)],
    "01.4": [rate_by_loop, rate_by_columns, lambda grad, u: sum(grad * u) / np.hypot.reduce(u)],
    "01.5": [layers_by_dual_slopes, layers_by_matrices, layers_by_fractions],
    "01.6": [one_layer_by_loops, one_layer_in_fortran_order, one_layer_as_a_view],
    "01.7": [two_layers_by_loops, two_layers_as_a_batch, two_layers_by_kronecker],
    "01.8": [jacobian_row_by_row, jacobian_filled_in, jacobian_put_back],
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
    "03.1": [(0.7304, 0.2922), [1.5 * S, 0.6 * S], lambda: np.array([0.73036, 0.29215])],
    "03.2": [
        lambda a, b: [b**-1.0, -a / b / b],
        lambda a, b: np.array([1, -a / b]) / b,
        lambda a, b: (1 / Fraction(b), Fraction(-a) / Fraction(b) ** 2),
    ],
    "03.3": [[12, 24, 36], (12.0, 24.0, 36.0), lambda: np.cumsum([12, 12, 12])],
    "03.4": [trained_by_loops, trained_in_one_formula, trained_by_reduce],
    "03.5": [relu_by_cases, relu_by_heaviside, relu_by_nodes],
    "03.6": [worst_by_norm, worst_step_by_step, worst_sorted],
    "03.7": [leaky_by_loop, leaky_by_masks, leaky_by_choice],
    "03.8": [powers_by_logarithm, powers_by_numpy, powers_by_base_two],
    "03.9": [engine_by_library, engine_by_counting, engine_with_generators],
    "04.1": [
        ([2, -10], -1, [[-2, 3], [8, -12], [-4, 6]]),
        [np.array([2.0, -10.0]), np.int64(-1), np.outer([1, -4, 2], [-2, 3])],
        lambda: ((2, -10.0), Fraction(-1), ((-2, 3), (8, -12), (-4, 6))),
    ],
    "04.2": [product_back_by_loops, product_back_by_outers, product_back_by_jacobians],
    "04.3": [unbroadcast_axis_by_axis, unbroadcast_by_places, unbroadcast_by_loop],
    "04.4": [
        lambda n, i, o: [n * o * i * o, i * o],
        lambda n, i, o: (i * n * o**2, np.int64(o) * i),
        sizes_by_shapes,
    ],
    "04.5": [layer_back_by_loops, layer_back_with_a_column_of_ones, layer_back_by_einsum],
    "04.6": [
        step_by_loop,
        step_row_by_row,
        lambda W, X, delta, lr: W - lr * (X * delta).mean(axis=0)[:, None],
    ],
    "04.7": [take_back_by_loop, take_back_by_rows, take_back_by_counting],
    "04.8": [max_back_by_loop, max_back_by_identity, max_back_by_sorting],
    "04.9": [
        lambda n, widths: [
            sum(n * w for w in widths),
            sum((i + 1) * o for i, o in zip(widths, widths[1:], strict=False)),
        ],
        lambda n, widths: (
            np.int64(n) * np.sum(widths),
            np.dot(widths[:-1], widths[1:]) + sum(widths) - widths[0],
        ),
        floats_by_arrays,
    ],
    "04.10": [softmax_back_by_loops, softmax_back_by_einsum, softmax_back_by_jacobians],
    "04.11": [samples_by_loop, samples_by_matmul, samples_turned],
    "04.12": [
        ["dY/dW", "activations", "dY/dX", "gradients"],
        lambda: ("dY/dW", "activations", "dY/dX", "gradients"),
        lambda: ["dY/d" + "W", "activations", f"dY/d{'X'}", "gradients"],
    ],
    "05.1": [xor_by_difference(), xor_from_above, xor_with_a_vector_behind],
    "05.2": [collapsed_by_columns, collapsed_from_behind, collapsed_by_pairs],
    "05.3": [
        counted_neuron_by_neuron,
        counted_by_arrays,
        lambda widths: np.int64(np.dot(np.add(widths[:-1], 1), widths[1:])),
    ],
    "05.4": [deltas_by_cosh, deltas_by_loops, deltas_called_again],
    "05.5": [two_four_one_by_loops, two_four_one_as_a_batch, two_four_one_by_torch_names],
    "05.6": [delta_by_loops, delta_by_tanh, delta_by_exponentials],
    "05.7": [layers_with_where, layers_by_absolute, layers_row_by_row],
    "05.8": [fit_by_loops, fit_in_one_matrix, fit_on_a_copy],
    "05.9": [
        ["bouncing", "small", "diverging", "good"],
        ("Bouncing", "SMALL", " diverging", "good"),
        lambda: np.array(["bouncing", "small", "diverging", "good"]).tolist(),
    ],
    "05.10": [[1, 1, 5], np.array([1, 1, 5]), lambda: (1.0, 1.0, 5.0)],
    "05.11": [gradients_by_masks, gradients_called_again, gradients_sample_by_sample],
    "06.1": [
        [1.3863, [-0.75, 0.625, 0.125]],
        lambda: (np.log(4), np.array([2, 5, 1]) / 8 - [1, 0, 0]),
        (2 * math.log(2), (Fraction(-3, 4), Fraction(5, 8), Fraction(1, 8))),
    ],
    "06.2": [
        square_grads_by_pytorch,
        square_grads_by_loops,
        lambda y, t: np.multiply.outer([1, 1 / y.size, 2 / y.size], y - t),
    ],
    "06.3": [entropy_by_logaddexp, entropy_by_differences, entropy_by_pytorch],
    "06.4": [bce_by_branches, bce_by_pytorch, bce_by_two_classes],
    "06.5": [
        slope_by_cases,
        lambda y, t: 1 / (1 - t - y),
        lambda y, t: (1 - t) / (1 - y) - t / y,
    ],
    "06.6": [
        epoch_sample_by_sample,
        lambda means, sizes: means @ (sizes / sizes.sum()),
        lambda means, sizes: np.average(means, weights=sizes),
    ],
    "06.7": [
        lambda y, t: ((y - t[:, None]) ** 2).mean(),
        lambda y, t: np.linalg.norm(y.ravel() - t) ** 2 / t.size,
        lambda y, t: sum((float(row[0]) - b) ** 2 for row, b in zip(y, t, strict=True)) / len(y),
    ],
    "06.8": [
        lambda e, d: np.where(abs(e) <= d, e, d * np.sign(e)),
        lambda e, d: [max(-d, min(d, v)) for v in e],
        lambda e, d: np.minimum(abs(e), d) * np.sign(e),
    ],
    "06.9": [
        ["hinge", "square", "bce", "sigmoid"],
        ("Hinge", "Square", "BCE", "Sigmoid"),
        lambda: tuple("hinge square bce sigmoid".split()),
    ],
    "06.10": [giou_by_names, giou_by_pairs, giou_by_fractions],
    "06.11": [sequence_by_masks, sequence_by_onehot, sequence_by_loops],
    "06.12": [
        kl_as_difference,
        kl_by_pytorch,
        lambda t, p: sum(a * math.log(a / b) for a, b in zip(t, p, strict=True) if a > 0),
    ],
}
