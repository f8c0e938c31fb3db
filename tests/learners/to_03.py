"""Wrong answers that learners might write, with the name that each verdict must have.

They were written without a look at the lists of known mistakes, as one who reads the task would:
a formula half remembered, a wrong axis, a loop that ends early. `NAMED[id]` holds pairs of the
name of the misconception and the answer; a fault is called by its number.
"""

import math
from collections import defaultdict, deque

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def second_difference(f, x, h):
    return (f(x + h) - 2 * f(x) + f(x - h)) / h**2


norm = np.linalg.norm


def chain(x, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    z2 = w2 * z1 + b2
    return (z1, z2, w3 * z2 + b3)


def linear_net(order=None, **fl):

    def f(x, t, w1, b1, w2, b2, w3, b3):
        z1, z2, y = chain(x, w1, b1, w2, b2, w3, b3)
        dy = fl.get("dy", lambda y, t: y - t)(y, t)
        dz2 = dy if fl.get("now3") else dy * w3
        dz1 = dz2 if fl.get("now2") else dz2 * w2
        if fl.get("w1"):
            dz1 = dz1 * w1
        r = [dz1 * x, dz1, dz2 * z1, dz2, dy * z2, dy]
        if fl.get("own"):
            r = [dz1 * z1, dz1, dz2 * z2, dz2, dy * y, dy]
        if fl.get("r"):
            r = fl["r"](r, x, z1, z2, y, dy, dz1, dz2)
        return tuple(r)

    return f


def one_layer(delta=None, out=None):

    def f(x, t, W, b):
        z = x @ W + b
        y = np.tanh(z)
        d = (delta or (lambda x, y, t, z: (y - t) * (1 - y**2)))(x, y, t, z)
        return out(x, d, W) if out else np.outer(x, d)

    return f


def two_layers(dy=None, s2=None, back=None, s1=None, out=None):

    def f(x, t, W1, b1, W2, b2):
        h = sigmoid(x @ W1 + b1)
        y = sigmoid(h @ W2 + b2)
        e = (dy or (lambda y, t: y - t))(y, t)
        d2 = e * (s2 or (lambda y: y * (1 - y)))(y)
        d1 = (back or (lambda W2, d2, W1: W2 @ d2))(W2, d2, W1) * (s1 or (lambda h: h * (1 - h)))(h)
        return (out or (lambda x, d1, h: np.outer(x, d1)))(x, d1, h)

    return f


def jacobian_by(col=None, stack=None):

    def f(f, x, h):
        cs = []
        for j in range(len(x)):
            e = np.zeros(len(x))
            e[j] = h
            cs.append(
                (col or (lambda f, x, e, h, j: (f(x + e) - f(x - e)) / (2 * h)))(f, x, e, h, j)
            )
        return (stack or (lambda cs: np.stack(cs, axis=1)))(cs)

    return f


def one_side_kept(f, x, h):
    cs = []
    up = x
    down = x
    for j in range(len(x)):
        up = x.copy()
        down = x
        up[j] += h
        cs.append((f(up) - f(down)) / h)
    return np.stack(cs, axis=1)


def ordered(where="post", mark=True, start=True, skip=None, rev=False, tup=False):

    def f(parents, root):
        order, done = ([], set())

        def visit(nd):
            if mark and nd in done:
                return
            done.add(nd)
            if where == "pre":
                order.append(nd)
            for p in parents[nd]:
                visit(p)
            if where == "post":
                order.append(nd)

        if start:
            visit(root)
        else:
            for p in parents[root]:
                visit(p)
        return order[::-1] if rev else order

    return f


def nearest_first(parents, root):
    order, q = ([], deque([root]))
    while q:
        nd = q.popleft()
        if nd in order:
            continue
        order.append(nd)
        q.extend(parents[nd])
    return order


def deepest_first(parents, root):
    order, st, seen = ([], [root], set())
    while st:
        nd = st.pop()
        if nd in seen:
            continue
        seen.add(nd)
        order.append(nd)
        st.extend(parents[nd])
    return order[::-1]


def allkeys(parents, root):
    order, done = ([], set())

    def visit(nd):
        if nd in done:
            return
        done.add(nd)
        for p in parents[nd]:
            visit(p)
        order.append(nd)

    for k in parents:
        visit(k)
    return order


def inputs_first(parents, root):
    return sorted(nearest_first(parents, root), key=lambda nd: len(parents[nd]))


def sweep(body, seed=1.0, order=lambda o: reversed(o), fill=0.0):

    def f(edges, o, root):
        G = dict.fromkeys(o, fill)
        G[root] = seed
        for nd in order(o):
            for p, s in edges[nd]:
                body(G, nd, p, s)
        return G

    return f


def collect(G, n, p, s):
    G[n] += s * G[p]


def multiply(G, n, p, s):
    G[p] *= s * G[n]


def add_along(G, n, p, s):
    G[p] += s * G[n]


def add_all(G, n, p, s):
    G[p] = G[p] + s + G[n]


def square(G, n, p, s):
    G[p] += s * s * G[n]


def keep_larger(G, n, p, s):
    G[p] = max(G[p], s * G[n])


def subtract(G, n, p, s):
    G[p] -= s * G[n]


def drop_slope(G, n, p, s):
    G[p] += G[n]


def keep_first(G, n, p, s):
    if G[p] == 0:
        G[p] = s * G[n]


def reached_only(edges, o, root):
    G = {root: 1.0}
    for nd in reversed(o):
        for p, s in edges[nd]:
            if nd in G:
                G[p] = G.get(p, 0.0) + s * G[nd]
    return G


def first_arrow(edges, o, root):
    G = dict.fromkeys(o, 0.0)
    G[root] = 1.0
    for nd in reversed(o):
        for p, s in edges[nd]:
            G[p] += s * G[nd]
            break
    return G


def inputs_only(edges, o, root):
    G = sweep(add_along)(edges, o, root)
    return {k: v for k, v in G.items() if not edges[k]}


def ret_early(edges, o, root):
    G = dict.fromkeys(o, 0.0)
    G[root] = 1.0
    for nd in reversed(o):
        for p, s in edges[nd]:
            G[p] += s * G[nd]
        return G


def forward(edges, o, root):
    G = dict.fromkeys(o, 0.0)
    for nd in o:
        if not edges[nd]:
            G[nd] = 1.0
        for p, s in edges[nd]:
            G[nd] += s * G[p]
    return G


def seed_all(edges, o, root):
    G = dict.fromkeys(o, 0.0)
    G[o[-1]] = 1.0
    for nd in reversed(o):
        for p, s in edges[nd]:
            G[p] += s * G[nd]
    return G


def seed_everywhere(edges, o, root):
    G = dict.fromkeys(o, 0.0)
    for nd in reversed(o):
        G[nd] += 1.0
        for p, s in edges[nd]:
            G[p] += s * G[nd]
    return G


def own_last(s):
    d = [1.0] * len(s)
    for k in range(len(s) - 2, -1, -1):
        d[k] = s[k] * d[k + 1]
    return d


def fromend(s):
    d = [s[-1]] * len(s)
    for k in range(len(s) - 2, -1, -1):
        d[k] = s[k + 1] * d[k + 1]
    return d


def skip2(s):
    d = [1.0] * len(s)
    for k in range(len(s) - 2):
        d[k] = s[k + 1] * d[k + 1]
    return d


def zeros(s):
    d = np.zeros(len(s))
    for k in range(len(s) - 2, -1, -1):
        d[k] = s[k + 1] * d[k + 1]
    return d


def adds(s):
    d = [0.0] * len(s)
    for k in range(len(s) - 2, -1, -1):
        d[k] = s[k + 1] + d[k + 1]
    return d


def short(s):
    d = [1.0]
    for v in s[:1:-1]:
        d.append(v * d[-1])
    return d[::-1]


def long(s):
    d = [1.0]
    for v in s[::-1]:
        d.append(v * d[-1])
    return d[::-1]


def adjoints_by(dy=None, dz=None):

    def f(z, t):
        y = sigmoid(z)
        a = (dy or (lambda y, t, z: y - t))(y, t, z)
        return (a, (dz or (lambda a, y, z, t: a * y * (1 - y)))(a, y, z, t))

    return f


SLOPE = 1 - math.tanh(0.9) ** 2


def rounded(*v):
    return tuple(round(x, 4) for x in v)


log = math.log


def trained(g=None, upd=None, zero=True, before=None):

    def f(w, x, t, lr, steps):
        grad = 0.0
        for _ in range(steps):
            if zero:
                grad = 0.0
            grad += (g or (lambda w, x, t: np.mean((w * x - t) * x)))(w, x, t)
            w = (upd or (lambda w, lr, grad: w - lr * grad))(w, lr, grad)
        return w

    return f


def persample(w, x, t, lr, steps):
    for _ in range(steps):
        for a, b in zip(x, t, strict=True):
            w = w - lr * (w * a - b) * a
    return w


def persample_n(w, x, t, lr, steps):
    for _ in range(steps):
        for a, b in zip(x, t, strict=True):
            w = w - lr * (w * a - b) * a / len(x)
    return w


def halfzero(w, x, t, lr, steps):
    grad = 0.0
    for k in range(steps):
        if k % 2 == 0:
            grad = 0.0
        grad += np.mean((w * x - t) * x)
        w = w - lr * grad
    return w


def ret_grad(w, x, t, lr, steps):
    for _ in range(steps):
        grad = np.mean((w * x - t) * x)
        w = w - lr * grad
    return grad


def path(w, x, t, lr, steps):
    ws = [w]
    for _ in range(steps):
        ws.append(ws[-1] - lr * np.mean((ws[-1] * x - t) * x))
    return ws


def zero_outside(w, x, t, lr, steps):
    grad = 0.0
    for _ in range(steps):
        grad += np.mean((w * x - t) * x)
    return w - lr * grad


def norm_acc(w, x, t, lr, steps):
    grad = 0.0
    for k in range(steps):
        grad += np.mean((w * x - t) * x)
        w = w - lr * grad / (k + 1)
    return w


def fivesteps(w, x, t, lr, steps):
    for _ in range(5):
        w = w - lr * np.mean((w * x - t) * x)
    return w


def last_sample(w, x, t, lr, steps):
    for _ in range(steps):
        w = w - lr * (w * x[-1] - t[-1]) * x[-1]
    return w


def momentum(w, x, t, lr, steps):
    g = 0.0
    for _ in range(steps):
        g = 0.9 * g + np.mean((w * x - t) * x)
        w = w - lr * g
    return w


def oneless(w, x, t, lr, steps):
    for _ in range(steps - 1):
        w = w - lr * np.mean((w * x - t) * x)
    return w


def relu_net(
    m1=lambda z1, z2, h1: z1 > 0,
    m2=lambda z1, z2, h2: z2 > 0,
    r=None,
    dy=lambda y, t: y - t,
    act=lambda z: max(z, 0.0),
    w2on=True,
    w3on=True,
):

    def f(x, t, w1, b1, w2, b2, w3, b3):
        z1 = w1 * x + b1
        h1 = act(z1)
        z2 = w2 * h1 + b2
        h2 = act(z2)
        y = w3 * h2 + b3
        e = dy(y, t)
        dz2 = e * (w3 if w3on else 1) * m2(z1, z2, h2)
        dz1 = dz2 * (w2 if w2on else 1) * m1(z1, z2, h1)
        out = [dz1 * x, dz1, dz2 * h1, dz2, e * h2, e]
        return tuple(r(out, z1, z2, h1, h2, x, y, e, dz1, dz2) if r else out)

    return f


def differences(f, x, h):
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(len(x))])


def below(z):
    return np.exp(np.minimum(z, 0))


def logaddexp(a, b):
    return float(np.logaddexp(a, b))


def pyif(z, a, G):
    if z > 0:
        return G
    return a * np.exp(z) * G


def found_order(edges, root):
    order, done, st = ([], set(), [root])
    while st:
        nd = st[-1]
        w = [p for p, _ in edges[nd] if p not in done]
        if w:
            st.extend(w)
        else:
            st.pop()
            if nd not in done:
                done.add(nd)
                order.append(nd)
    return order


def backward_pass(body=None, seed=1.0, fill=0.0, order=reversed, out=None):

    def f(edges, root):
        o = found_order(edges, root)
        G = dict.fromkeys(o, fill)
        G[root] = seed
        for nd in order(o):
            for p, s in edges[nd]:
                (body or add_along)(G, nd, p, s)
        return out(G, edges, root) if out else G

    return f


def keysorder(edges, root):
    G = dict.fromkeys(edges, 0.0)
    G[root] = 1.0
    for nd in reversed(list(edges)):
        for p, s in edges[nd]:
            G[p] += s * G[nd]
    return G


def allnodes(edges, root):
    G = backward_pass()(edges, root)
    return {k: G.get(k, 0.0) for k in edges}


def bfsq(edges, root):
    G = defaultdict(float)
    G[root] = 1.0
    q = deque([root])
    while q:
        nd = q.popleft()
        for p, s in edges[nd]:
            G[p] += s * G[nd]
            q.append(p)
            if len(q) > 2000:
                raise RuntimeError("too many")
    return dict(G)


def rec_pass(edges, root):
    G = {root: 1.0}

    def go(nd):
        for p, s in edges[nd]:
            G[p] = G.get(p, 0.0) + s * G[nd]
            go(p)

    go(root)
    return G


def visited_list(edges, root):
    G = {root: 1.0}
    seen = [root]
    for nd in seen:
        for p, s in edges[nd]:
            G[p] = G.get(p, 0.0) + s * G[nd]
            if p not in seen:
                seen.append(p)
    return G


def seen_skip(edges, root):
    G = {root: 1.0}
    seen = {root}
    q = deque([root])
    while q:
        nd = q.popleft()
        for p, s in edges[nd]:
            if p in seen:
                continue
            seen.add(p)
            G[p] = s * G[nd]
            q.append(p)
    return G


def noroot(edges, root):
    G = backward_pass()(edges, root)
    del G[root]
    return G


def forwardm(edges, root):
    o = found_order(edges, root)
    G = {}
    for nd in o:
        G[nd] = sum((s * G[p] for p, s in edges[nd])) if edges[nd] else 1.0
    return G


def mutate(edges, root):
    o = found_order(edges, root)
    G = dict.fromkeys(o, 0.0)
    G[root] = 1.0
    for nd in reversed(o):
        for p, s in edges.pop(nd):
            G[p] += s * G[nd]
    return G


def toporec(edges, root):
    order, done = ([], set())

    def visit(nd):
        if nd in done:
            return
        done.add(nd)
        for p, _ in edges[nd]:
            visit(p)
        order.append(nd)

    visit(root)
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for nd in reversed(order):
        for p, s in edges[nd]:
            G[p] += s * G[nd]
    return G


def intree(edges, root):
    G = {root: 1.0}

    def back(nd, g):
        for p, s in edges[nd]:
            G[p] = G.get(p, 0.0) + s * g
            back(p, s * g)

    back(root, 1.0)
    return G


KEPT = {}


def kept_in_a_global(edges, root):
    o = found_order(edges, root)
    for nd in o:
        KEPT.setdefault(nd, 0.0)
    KEPT[root] = 1.0
    for nd in reversed(o):
        for p, s in edges[nd]:
            KEPT[p] += s * KEPT[nd]
    return dict((k, KEPT[k]) for k in o)


NAMED = {
    "00.0": [
        ("plus", lambda w: (w + 3) ** 2),
        ("double", lambda w: 2 * (w - 3)),
        ("double", lambda w: (w - 3) * 2),
        ("relation", lambda w: abs(w - 3)),
        ("offset", lambda w: w**2 - 6 * w - 9),
        ("relation", lambda w: w**2 - 3 * w + 9),
        ("relation", lambda w: (w - 3) ** 3),
        ("factor", lambda w: (w - 3) ** 2 / 2),
        ("factor", lambda w: (w - 3) ** 2 * 2),
        ("sign", lambda w: -((w - 3) ** 2)),
        ("offset", lambda w: (w - 3) ** 2 + 3),
        ("inside", lambda w: w**2 - 3),
    ],
    "00.1": [
        ("bowl", lambda w, slope, lr: w - lr * 2 * (w - 3)),
        ("share", lambda w, slope, lr: w * (1 - lr * slope)),
        ("divided", lambda w, slope, lr: w - lr / slope if slope else w),
        ("norate", lambda w, slope, lr: w - slope),
        ("bracket", lambda w, slope, lr: (w - lr) * slope),
        ("sign", lambda w, slope, lr: lr * slope - w),
        ("sign of zero", lambda w, slope, lr: w - lr * np.sign(slope)),
        ("one by one", lambda w, slope, lr: w - lr - slope),
        ("twice", lambda w, slope, lr: w - 2 * lr * slope),
        ("slope twice", lambda w, slope, lr: w - lr * slope * slope),
        ("climb", lambda w, slope, lr: w - -lr * slope),
        ("half", lambda w, slope, lr: w - slope * lr / 2),
        ("places", lambda w, slope, lr: w * slope - lr),
        ("share", lambda w, slope, lr: w - slope * w * lr),
        ("wrong factor", lambda w, slope, lr: lr * w - slope),
    ],
    "00.2": [
        ("early", 21),
        ("page", 7),
        ("untouched", 2),
        ("C is lost", 8),
        ("fresh", 18),
        ("", 64),
        ("page", 7.0),
        ("", 15),
        ("", 9),
        ("shown", 19),
    ],
    "01.1": [
        ("lost_plus", (3.25, 1.5, 5.375, 1.25)),
        ("lost_minus", (3.25, 1.5, 5.375, 8.75)),
        ("only the path through `u`", (3.25, 1.5, 5.375, 4.5)),
        ("only the direct path", (3.25, 1.5, 5.375, 1.0)),
        ("product", (3.25, 1.5, 5.375, -3.0)),
        ("", (3.25, 1.5, 5.375, -2.0)),
        ("y without x", (3.25, 1.5, 4.875, 2.25)),
        ("no slope of u", (3.25, 1.5, 5.375, -0.75)),
        ("y without 1", (3.25, 1.5, 6.375, 2.25)),
        ("lost_v", (3.25, 1.5, 5.375, 5.5)),
        ("only the path through `v` and the direct path", (3.25, 1.5, 5.375, -2.25)),
        ("", (3.25, 1.5, 5.375, -1.25)),
        ("half slope of u", (3.25, 1.5, 5.375, 0.0)),
        ("only the path through `v` and the direct path", (3.25, 1.5, 5.375, -2.25)),
        ("", (3.25, 1.5, 5.875, 2.25)),
        ("", (1.25, 1.5, 5.375, 2.25)),
        ("noup", (3.25, 1.5, 5.375, 3.0)),
    ],
    "01.2": [
        ("precedence", lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h),
        ("stencil", lambda f, x, h: (f(x + h) - f(x)) / (2 * h)),
        ("sum", lambda f, x, h: (f(x + h) + f(x - h)) / (2 * h)),
        ("second", second_difference),
        ("abs_", lambda f, x, h: abs(f(x + h) - f(x - h)) / (2 * h)),
        ("flip", lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h)),
        ("back", lambda f, x, h: (f(x) - f(x - h)) / h),
        ("stencil", lambda f, x, h: (f(x + h) - f(x - h)) / 2),
        ("stencil", lambda f, x, h: (f(x + 2 * h) - f(x - 2 * h)) / (2 * h)),
        ("inside", lambda f, x, h: f(x + h - (x - h)) / (2 * h)),
        ("outside", lambda f, x, h: (f(x) + h - (f(x) - h)) / (2 * h)),
        ("stencil", lambda f, x, h: (f(x + h) - f(x - h)) / (h / 2)),
        ("stencil", lambda f, x, h: (f(x + h) - f(x - h)) / h**2),
        ("stencil", lambda f, x, h: (f(x + h) - f(x)) / h / 2),
        ("stencil", lambda f, x, h: f(x + h / 2) - f(x - h / 2)),
        ("", lambda f, x, h: f(x + h) / f(x - h) / (2 * h) if f(x - h) else 0.0),
        ("stencil", lambda f, x, h: (f(x) - f(x - h)) / (2 * h)),
        ("value", lambda f, x, h: f(x) / x if x else 0.0),
        (
            "share of x",
            lambda f, x, h: (f(x * (1 + h)) - f(x * (1 - h))) / (2 * h * x) if x else 0.0,
        ),
    ],
    "01.3": [
        ("", (-6, -8)),
        ("right end", (0, 0)),
        ("", (-9, -9)),
        ("", (-11, -13)),
    ],
    "01.4": [
        ("relation", lambda grad, u: grad @ u * norm(u)),
        ("factor", lambda grad, u: (grad * u / norm(u)).mean()),
        ("relation", lambda grad, u: grad @ u / np.sqrt(len(u))),
        ("relation", lambda grad, u: grad @ u / u.sum() if u.sum() else 0.0),
        ("relation", lambda grad, u: grad @ u / np.abs(u).sum()),
        ("turned", lambda grad, u: grad[0] * u[-1] - grad[-1] * u[0]),
        ("distance", lambda grad, u: norm(grad - u)),
        ("largest", lambda grad, u: (grad * u).max() / norm(u)),
        ("steepest", lambda grad, u: norm(grad)),
        ("unit", lambda grad, u: u / norm(u)),
        ("relation", lambda grad, u: (grad @ u) ** 2 / norm(u)),
        ("projection", lambda grad, u: grad @ u / (u @ u) * u),
        ("relation", lambda grad, u: grad @ u / (u @ u) ** 2),
        (
            "cos",
            lambda grad, u: (
                grad @ u / (np.linalg.norm(grad) * np.linalg.norm(u)) if grad.any() else 0.0
            ),
        ),
        ("relation", lambda grad, u: grad.sum()),
        ("first coordinate", lambda grad, u: grad[0] * u[0] / np.linalg.norm(u)),
        ("", lambda grad, u: u @ u / np.linalg.norm(grad) if grad.any() else 0.0),
        ("nonunit", lambda grad, u: np.dot(grad, u)),
        ("", lambda grad, u: np.sqrt(abs(grad @ u))),
        ("", lambda grad, u: grad * u),
        ("relation", lambda grad, u: grad @ u / abs(u).max()),
        ("relation", lambda grad, u: grad @ u / len(u)),
    ],
    "01.5": [
        ("sign", linear_net(dy=lambda y, t: t - y)),
        ("relation", linear_net(dy=lambda y, t: (y - t) ** 2)),
        ("relation", linear_net(dy=lambda y, t: 0.5 * (y - t) ** 2)),
        ("relation", linear_net(now3=1)),
        ("relation", linear_net(now2=1)),
        ("relation", linear_net(own=1)),
        ("relation", linear_net(w1=1)),
        ("factor", linear_net(dy=lambda y, t: 0.5 * (y - t))),
        ("relation", linear_net(r=lambda r, x, z1, z2, y, dy, dz1, dz2: r[:4] + [dy * y, dy])),
        ("swap", linear_net(r=lambda r, *a: [r[1], r[0], r[3], r[2], r[5], r[4]])),
        ("relation", linear_net(r=lambda r, *a: [r[0], 1.0, r[2], 1.0, r[4], 1.0])),
        ("only_x", linear_net(dy=lambda y, t: 2 * (y - t), r=lambda r, *a: [r[0] / 2] + r[1:])),
        (
            "relation",
            linear_net(r=lambda r, x, z1, z2, y, dy, dz1, dz2: [r[0], dy, r[2], dy, r[4], dy]),
        ),
        ("altered", linear_net(now2=1, now3=1)),
        ("relation", linear_net(r=lambda r, x, z1, z2, y, dy, dz1, dz2: [r[0] * x, *r[1:]])),
        (
            "relation",
            linear_net(
                r=lambda r, x, z1, z2, y, dy, dz1, dz2: [*r[:2], dz2 * z2, r[3], dy * y, r[5]]
            ),
        ),
        (
            "bias_x + relation",
            linear_net(
                r=lambda r, x, z1, z2, y, dy, dz1, dz2: [r[0], r[0], r[2], r[2], r[4], r[4]]
            ),
        ),
        (
            "shift",
            linear_net(
                r=lambda r, x, z1, z2, y, dy, dz1, dz2: [*r[:4], dy * z2 * 0 + dy * 1 * z1, dy]
            ),
        ),
        ("nobias", linear_net(r=lambda r, *a: [r[0], 0.0, r[2], 0.0, r[4], 0.0])),
        ("only_x", linear_net(dy=lambda y, t: 2 * (y - t))),
        ("altered", linear_net(dy=lambda y, t: y**2 - t)),
        ("order", linear_net(r=lambda r, *a: [r[0], r[2], r[4], r[1], r[3], r[5]])),
    ],
    "01.6": [
        ("relation", one_layer(lambda x, y, t, z: (y - t) * (1 - y))),
        ("relation", one_layer(lambda x, y, t, z: (y - t) * (1 - z**2))),
        ("relation", one_layer(lambda x, y, t, z: 1 - y**2)),
        ("relation", one_layer(lambda x, y, t, z: (y - t) * (1 + y**2))),
        ("alone", one_layer(out=lambda x, d, W: d)),
        ("product", one_layer(out=lambda x, d, W: x * d)),
        ("factor", one_layer(lambda x, y, t, z: (y - t) * (1 - y**2) / len(t))),
        ("relation", one_layer(lambda x, y, t, z: (y - t) * (1 - t**2))),
        ("relation", one_layer(lambda x, y, t, z: (y - t) ** 2 * (1 - y**2))),
        ("relation", one_layer(out=lambda x, d, W: W * d)),
        ("dot", one_layer(out=lambda x, d, W: x.T @ d)),
        ("relation", one_layer(lambda x, y, t, z: (z - t) * (1 - y**2))),
        ("tr", one_layer(out=lambda x, d, W: np.outer(d, x))),
        ("two", one_layer(lambda x, y, t, z: 2 * (y - t) * (1 - y**2))),
        ("relation", one_layer(lambda x, y, t, z: (y - t) * (1 - np.tanh(z)))),
        ("relation", one_layer(out=lambda x, d, W: np.outer(np.ones(len(x)), d))),
        ("relation", one_layer(lambda x, y, t, z: (y - t) * y)),
        ("factor", one_layer(lambda x, y, t, z: (y - t) * (1 - y**2) / 2)),
        ("relation", one_layer(lambda x, y, t, z: (y - t) * (z > 0))),
        ("pt", one_layer(lambda x, y, t, z: (y - t) / np.cosh(y) ** 2)),
        (
            "relation",
            one_layer(out=lambda x, d, W: np.outer(x, d) * 0 + np.outer(x, d + 0) * x[:, None]),
        ),
        ("relation", one_layer(lambda x, y, t, z: t * (1 - y**2))),
        ("relation", one_layer(lambda x, y, t, z: (y - t) * -(y**2))),
        ("sign", one_layer(lambda x, y, t, z: -(y - t) * (1 - y**2))),
        (
            "",
            one_layer(
                out=lambda x, d, W: (
                    np.outer(x, d).T.T * 1.0 if W.shape[0] != W.shape[1] else np.outer(d, x)
                )
            ),
        ),
        ("through W", one_layer(out=lambda x, d, W: W @ d)),
    ],
    "01.7": [
        ("sign", two_layers(dy=lambda y, t: t - y)),
        ("relation", two_layers(s1=lambda h: 1 - h**2)),
        ("relation", two_layers(s2=lambda y: 1 - y**2)),
        ("factor", two_layers(dy=lambda y, t: 2 * (y - t))),
        ("relation", two_layers(s1=lambda h: h)),
        ("relation", two_layers(s1=lambda h: 1 - h)),
        ("hidden input", two_layers(out=lambda x, d1, h: np.outer(h, d1))),
        ("", two_layers(back=lambda W2, d2, W1: W2.T @ d2)),
        ("relation", two_layers(back=lambda W2, d2, W1: W2.sum() * d2)),
        ("column", two_layers(back=lambda W2, d2, W1: W2 * d2)),
        ("relation", two_layers(dy=lambda y, t: (y - t) ** 2)),
        ("relation", two_layers(s1=lambda h: np.ones_like(h), s2=lambda y: np.ones_like(y))),
        ("relation", two_layers(dy=lambda y, t: np.ones_like(y))),
        ("tr", two_layers(out=lambda x, d1, h: np.outer(d1, x))),
        ("relation", two_layers(s2=lambda y: sigmoid(y) * (1 - sigmoid(y)))),
        ("relation", two_layers(back=lambda W2, d2, W1: W1.sum(0) * d2)),
        ("relation", two_layers(s2=lambda y: y)),
        ("alone", two_layers(out=lambda x, d1, h: d1)),
        ("noslope", two_layers(s1=lambda h: np.ones_like(h))),
        ("relation", two_layers(s1=lambda h: 1 - h * h, s2=lambda y: 1 - y * y)),
        ("relation", two_layers(back=lambda W2, d2, W1: abs(W2) @ d2)),
        ("relation", two_layers(back=lambda W2, d2, W1: W2**2 @ d2)),
        ("factor", two_layers(back=lambda W2, d2, W1: W2 @ d2 / len(W2))),
        ("relation", two_layers(out=lambda x, d1, h: np.outer(np.ones(len(x)), d1))),
        ("sign", two_layers(dy=lambda y, t: -(y - t))),
        ("relation", two_layers(s1=lambda h: h * h)),
        ("relation", two_layers(s2=lambda y: y * (1 + y))),
        ("noW2", two_layers(back=lambda W2, d2, W1: d2)),
    ],
    "01.8": [
        ("tr", jacobian_by(stack=lambda cs: np.stack(cs))),
        ("left side", jacobian_by(lambda f, x, e, h, j: (f(x) - f(x - e)) / h)),
        ("relation", jacobian_by(lambda f, x, e, h, j: (f(x + e) - f(x - e)) / 2)),
        ("abs_", jacobian_by(lambda f, x, e, h, j: abs(f(x + e) - f(x - e)) / (2 * h))),
        ("flat", jacobian_by(stack=lambda cs: np.concatenate(cs))),
        (
            "shape",
            jacobian_by(
                lambda f, x, e, h, j: (f(x + e) - f(x - e)).sum() / (2 * h), stack=np.array
            ),
        ),
        ("last", jacobian_by(stack=lambda cs: cs[-1])),
        ("sign", jacobian_by(lambda f, x, e, h, j: (f(x - e) - f(x + e)) / (2 * h))),
        ("relation", jacobian_by(lambda f, x, e, h, j: (f(x + e) - f(x - e)) / 2 * h)),
        ("diagonal", lambda f, x, h: np.diag(((f(x + h) - f(x - h)) / (2 * h))[: len(x)])),
        ("halfstep", jacobian_by(lambda f, x, e, h, j: (f(x + e / 2) - f(x - e / 2)) / (2 * h))),
        ("sum", jacobian_by(lambda f, x, e, h, j: (f(x + e) + f(x - e)) / (2 * h))),
        (
            "fixedstep",
            jacobian_by(
                lambda f, x, e, h, j: (f(x + e / h * 1e-05) - f(x - e / h * 1e-05)) / 2e-05
            ),
        ),
        ("one", one_side_kept),
        ("dbl", jacobian_by(lambda f, x, e, h, j: (f(x + e) - f(x - e)) / h)),
        ("shape", jacobian_by(stack=lambda cs: np.sum(cs, axis=0))),
        ("flat", jacobian_by(stack=lambda cs: np.hstack(cs))),
        ("one", jacobian_by(lambda f, x, e, h, j: (f(x + e) - f(x)) / h)),
        ("relation", jacobian_by(lambda f, x, e, h, j: f(x + e) - f(x - e))),
        ("at 0", jacobian_by(lambda f, x, e, h, j: (f(e) - f(-e)) / (2 * h))),
        ("", jacobian_by(lambda f, x, e, h, j: (f(x + e) - f(x - e))[j : j + 1] / (2 * h))),
    ],
    "02.1": [
        ("c 2", (11.0, -2.25, 2.0)),
        ("a 2.5", (2.5, -2.25, 7.0)),
        ("sign", (11.0, 2.25, 7.0)),
        ("b 13.5", (11.0, 13.5, 7.0)),
        ("swap", (7.0, -2.25, 11.0)),
        ("lostminus", (16.0, -2.25, 7.0)),
        ("b 4.5", (11.0, 4.5, 7.0)),
        ("c -2", (-15.0, 12.0, -2.0)),
        ("b -1.25", (11.0, -1.25, 7.0)),
        ("a 3 + b -0.5 + c 1", (3.0, -0.5, 1.0)),
        ("lostminus", (13.5 + 2.5, -2.25, 7.0)),
        ("c_by_d", (11.0, -2.25, 4.5)),
        ("c_by_f", (11.0, -2.25, 2.5)),
        ("", (11.0, 11.0, 7.0)),
        ("e for b", (11.0, -1.5, 7.0)),
        ("", (5.5, -2.25, 3.5)),
        ("c twice by d", (11.0, -2.25, 9.0)),
    ],
    "02.2": [
        ("product", lambda p, q: (p[0] * q[0], p[1] * q[0] + p[0] * q[1])),
        ("relation", lambda p, q: (p[0] / q[0], p[1] * q[0] - p[0] * q[1])),
        ("half square", lambda p, q: (p[0] / q[0], p[1] / q[0] - p[0] * q[1] / q[0])),
        (
            "relation",
            lambda p, q: (p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / q[1] ** 2 if q[1] else 0.0),
        ),
        (
            "relation",
            lambda p, q: (p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / p[0] ** 2 if p[0] else 0.0),
        ),
        ("bracket", lambda p, q: (p[0] / q[0], p[1] * q[0] - p[0] * q[1] / q[0] ** 2)),
        ("swap", lambda p, q: ((p[1] * q[0] - p[0] * q[1]) / q[0] ** 2, p[0] / q[0])),
        ("relation + zero", lambda p, q: (q[0] / p[0] if p[0] else 0.0, 0.0)),
        ("relation", lambda p, q: (p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / q[0] * 2)),
        ("crossed", lambda p, q: (p[0] / q[0], (p[0] * q[0] - p[1] * q[1]) / q[0] ** 2)),
        ("relation", lambda p, q: (p[0] / q[0], -p[0] * q[1] / q[0] ** 2)),
        ("tangent alone", lambda p, q: (p[1] * q[0] - p[0] * q[1]) / q[0] ** 2),
        ("plus", lambda p, q: (p[0] / q[0], p[1] / q[0] + p[0] * q[1] / q[0] ** 2)),
        ("nosq", lambda p, q: (p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / q[0])),
        ("relation", lambda p, q: (p[0] / q[0], p[0] * q[1] / q[0] ** 2)),
        ("v lost", lambda p, q: (p[0] / q[0], p[1] / q[0] - q[1] / q[0] ** 2)),
        ("relation", lambda p, q: (p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / q[0] ** 3)),
        ("difference of tangents", lambda p, q: (p[0] / q[0], p[1] - q[1])),
        ("flip", lambda p, q: (p[0] / q[0], -(p[1] * q[0] - p[0] * q[1]) / q[0] ** 2)),
        ("difference", lambda p, q: (p[0] - q[0], p[1] - q[1])),
    ],
    "02.3": [
        ("central", lambda a, b: (2 * a, a, b)),
        ("relation", lambda a, b: (a * b + 1, a, b)),
        ("relation + always1", lambda a, b: (a + 1, 1, 1)),
        ("relation", lambda a, b: (a + 1, 1, b)),
        ("otherwise", lambda a, b: (a + 1, a, b + 1)),
        ("relation", lambda a, b: (a + b, a, b)),
        ("offset", lambda a, b: (a + 1, a + 1, b)),
        ("otherwise", lambda a, b: (b + 1, b, a)),
        ("relation", lambda a, b: (a + 1, min(a, b), min(a, b))),
        ("allpairs", lambda a, b: (a + 1, a * b, a * b)),
        ("offset", lambda a, b: (a - 1, a, b)),
        ("alone", lambda a, b: a + 1),
        ("relation", lambda a, b: (1, 1, 1)),
        ("argument", lambda a, b: (a + 1, b, b)),
        ("relation", lambda a, b: (a * 2 + 1, a, b)),
        ("argument", lambda a, b: (b, a, b)),
        ("offone", lambda a, b: (a, a, b)),
        ("relation", lambda a, b: (a + b + 1, a, b)),
        ("relation", lambda a, b: ((a + 1) * b, a, b)),
    ],
    "02.4": [
        ("", ordered(start=False)),
        ("", ordered("pre")),
        ("", nearest_first),
        ("", deepest_first),
        ("", lambda p, r: sorted(nearest_first(p, r))),
        ("", allkeys),
        ("rev", ordered("post", rev=True)),
        ("dups", ordered("post", mark=False)),
        ("", lambda p, r: list(set(nearest_first(p, r)))),
        ("", lambda p, r: [*p[r], r]),
        ("", inputs_first),
        ("", lambda p, r: [r] + ordered(start=False)(p, r)),
        ("", lambda p, r: list(p)),
        ("", lambda p, r: list(p)[::-1]),
    ],
    "02.5": [
        ("childs", sweep(collect)),
        ("times", sweep(multiply)),
        ("times from 1", sweep(multiply, fill=1.0)),
        ("square", sweep(square)),
        ("larger", sweep(keep_larger)),
        ("minus", sweep(subtract)),
        ("noslope", sweep(drop_slope)),
        ("first", sweep(keep_first)),
        ("ones", sweep(add_along, fill=1.0)),
        ("only used", reached_only),
        ("one arrow", first_arrow),
        ("inputs", inputs_only),
        ("stops", ret_early),
        ("forward", forward),
        ("last", seed_all),
        ("ones", seed_everywhere),
        ("sum", sweep(add_all)),
        ("a list", lambda e, o, r: list(sweep(add_along)(e, o, r).values())),
        ("sign", sweep(lambda G, n, p, s: G.__setitem__(p, G[p] + s * G[n]), seed=-1.0)),
        ("factor", sweep(lambda G, n, p, s: G.__setitem__(p, G[p] + s * G[n]), seed=2.0)),
        ("divided", sweep(lambda G, n, p, s: G.__setitem__(p, G[p] + (G[n] / s if s else 0.0)))),
        ("root 0", lambda e, o, r: {**sweep(add_along)(e, o, r), r: 0.0}),
        (
            "averaged",
            lambda e, o, r: (lambda G, c: {k: G[k] / max(1, c[k]) for k in G})(
                sweep(add_along)(e, o, r),
                {k: sum((1 for n in e for p, _ in e[n] if p == k)) for k in o},
            ),
        ),
        ("twice", sweep(lambda G, n, p, s: G.__setitem__(p, 2 * s * G[n] + G[p]))),
        ("abs", sweep(lambda G, n, p, s: G.__setitem__(p, G[p] + abs(s) * G[n]))),
    ],
    "02.6": [
        ("own slope", own_last),
        ("last slope", fromend),
        ("altered", skip2),
        ("zero", zeros),
        ("sum", adds),
        ("where", short),
        ("too long", long),
        ("from the front", lambda s: np.cumprod(s)),
        ("not turned", lambda s: np.cumprod(s[::-1])),
        ("one product", lambda s: np.prod(s[1:]) * np.ones(len(s))),
        ("front of the rest", lambda s: np.append(np.cumprod(s[1:]), 1.0)),
        ("quad", lambda s: [np.prod(s[k + 1 :]) for k in range(len(s))]),
        ("divided by one", lambda s: np.prod(s) / s if np.all(s) else np.zeros(len(s))),
        ("rev", lambda s: np.cumprod(np.append(1.0, s[:0:-1]))),
        ("factor", lambda s: 2 * np.append(np.cumprod(s[:0:-1])[::-1], 1.0)),
        ("sign", lambda s: -np.append(np.cumprod(s[:0:-1])[::-1], 1.0)),
        ("all slopes", lambda s: np.cumprod(s)[-1] * np.ones(len(s))),
        ("argument", lambda s: s),
        ("next slope", lambda s: np.append(s[1:], 1.0)),
        ("0 at the end", lambda s: np.append(np.cumprod(s[:0:-1])[::-1], 0.0)),
        ("some signs", lambda s: np.abs(np.append(np.cumprod(s[:0:-1])[::-1], 1.0))),
    ],
    "02.7": [
        ("tr", lambda dz, W, z: dz @ W),
        ("shape", lambda dz, W, z: W * dz),
        ("outer", lambda dz, W, z: np.outer(W[:, 0], dz)),
        ("other axis", lambda dz, W, z: (W * dz).sum(axis=0)),
        ("Wz", lambda dz, W, z: W @ z),
        ("dz times z", lambda dz, W, z: W @ (dz * z)),
        ("shape", lambda dz, W, z: (W * dz).sum()),
        ("last", lambda dz, W, z: W[:, -1] * dz[-1]),
        ("value", lambda dz, W, z: W @ (dz * sigmoid(z))),
        ("largest", lambda dz, W, z: (W * dz).max(axis=1)),
        ("relation", lambda dz, W, z: W @ dz * sigmoid(z[0]) * (1 - sigmoid(z[0]))),
        ("shape", lambda dz, W, z: (W * dz).sum(axis=1, keepdims=True)),
        ("relu", lambda dz, W, z: W @ (dz * (z > 0))),
        ("factor", lambda dz, W, z: dz.T @ W.T * 2),
        ("tanh", lambda dz, W, z: W @ (dz * (1 - np.tanh(z) ** 2))),
        ("abs_", lambda dz, W, z: abs(W) @ dz),
        ("factor", lambda dz, W, z: 2 * W @ dz),
        ("relation", lambda dz, W, z: W @ dz + dz.sum()),
        ("relation", lambda dz, W, z: W.sum(axis=1)),
        ("first report", lambda dz, W, z: W.sum(axis=1) * dz[0]),
        ("first row", lambda dz, W, z: W[0] * dz),
        ("sign", lambda dz, W, z: -(W @ dz)),
        ("", lambda dz, W, z: W @ dz / np.linalg.norm(W) if W.any() else 0 * W[:, 0]),
        ("1 − σ", lambda dz, W, z: W @ (dz * (1 - sigmoid(z)))),
        ("factor", lambda dz, W, z: W @ dz / len(W)),
        ("first weight", lambda dz, W, z: W[:, 0] * dz.sum()),
    ],
    "02.8": [
        ("sign", adjoints_by(lambda y, t, z: t - y)),
        ("factor", adjoints_by(lambda y, t, z: 2 * (y - t))),
        ("relation", adjoints_by(dz=lambda a, y, z, t: a * (1 - y))),
        ("relation", adjoints_by(dz=lambda a, y, z, t: a * (1 - y * y))),
        ("relation", adjoints_by(dz=lambda a, y, z, t: a * z * (1 - z))),
        ("relation", adjoints_by(lambda y, t, z: z - t)),
        ("relation", adjoints_by(lambda y, t, z: 0.5 * (y - t) ** 2)),
        ("relation", adjoints_by(lambda y, t, z: (y - t) ** 2)),
        ("relation", adjoints_by(dz=lambda a, y, z, t: a / (y * (1 - y)) if abs(z) < 20 else 0.0)),
        ("relation", adjoints_by(dz=lambda a, y, z, t: a * y * (1 + y))),
        ("altered", adjoints_by(dz=lambda a, y, z, t: y * (1 - y) - t)),
        ("noslope", adjoints_by(dz=lambda a, y, z, t: y - t)),
        ("relation", adjoints_by(lambda y, t, z: (y - t) * y * (1 - y), lambda a, y, z, t: a)),
        ("relation", adjoints_by(lambda y, t, z: 1.0)),
        ("sign", adjoints_by(dz=lambda a, y, z, t: -a * y * (1 - y))),
        ("relation", adjoints_by(lambda y, t, z: y)),
        ("factor", adjoints_by(lambda y, t, z: (y - t) / 2)),
        ("factor", adjoints_by(dz=lambda a, y, z, t: 2 * a * y * (1 - y))),
        ("", adjoints_by(dz=lambda a, y, z, t: a * np.exp(-abs(z)))),
        ("noslope", adjoints_by(dz=lambda a, y, z, t: a)),
        ("altered", adjoints_by(lambda y, t, z: y * t)),
        ("relation", adjoints_by(dz=lambda a, y, z, t: a * y * y)),
        ("sig", adjoints_by(dz=lambda a, y, z, t: a * y)),
        ("added", adjoints_by(dz=lambda a, y, z, t: a + y * (1 - y))),
        ("swap", lambda z, t: (lambda y: ((y - t) * y * (1 - y), y - t))(sigmoid(z))),
    ],
    "03.1": [
        ("chapter, in its order", rounded(0.7902, 0.1796)),
        ("∂z w twice", rounded(SLOPE * 1.5, SLOPE * 1.5)),
        ("over2", rounded(SLOPE * 1.5, SLOPE * -0.4 * 1)),
        ("∂z minus 1", rounded(SLOPE * 1.5, SLOPE * (-0.4 - 1))),
        ("slope y", rounded(0.7163, 0.7163)),
        ("∂z times", rounded(SLOPE * 1.5, SLOPE * -0.4 * 1.5 + SLOPE)),
        ("slope 1 − z²", rounded((1 - 0.9**2) * 1.5, (1 - 0.9**2) * 0.6)),
        ("slope 1 + y²", rounded((1 + math.tanh(0.9) ** 2) * 1.5, (1 + math.tanh(0.9) ** 2) * 0.6)),
        ("∂z w + 1", rounded(SLOPE * 2.5, SLOPE * 0.6)),
        ("slope z", rounded(0.9 * 1.5, 0.9 * 0.6)),
        ("rounded", (0.73, 0.292)),
        ("∂z xw + altered", rounded(SLOPE * 1.5 * -0.4, SLOPE)),
        ("", rounded(SLOPE * 1.1, SLOPE * 0.6)),
        ("∂z abs", rounded(SLOPE * 1.5, SLOPE * 1.4)),
        ("over", rounded(SLOPE * 1.5, SLOPE * 1.0)),
        ("over2", rounded(SLOPE * 1.5, SLOPE * -0.4)),
        ("∂z w twice", rounded(SLOPE * 1.5, SLOPE * 1.5)),
        ("swap", rounded(SLOPE * 0.6, SLOPE * 1.5)),
        ("∂z 1 + altered", rounded(SLOPE, SLOPE)),
        ("noslope", rounded(1.5, 0.6)),
        ("∂z x twice", rounded(SLOPE * 1.5 * 2, SLOPE * 0.6)),
        ("sign", rounded(-SLOPE * 1.5, SLOPE * 0.6)),
        ("rounded", (0.73, 0.29)),
    ],
    "03.2": [
        ("sign", lambda a, b: (-1 / (a * log(b)), log(a) / (b * log(b) ** 2))),
        ("relation", lambda a, b: (1 / (a * b), -1 / (a * b))),
        ("relation + const", lambda a, b: (1 / a / (1 / b), 0.0)),
        ("both at once", lambda a, b: ((1 / a * log(b) - log(a) / b) / log(b) ** 2,) * 2),
        ("relation", lambda a, b: (1 / (a * log(b)), -log(a) / (b * log(b)) ** 2)),
        ("", lambda a, b: (1 / (a * log(b)), -log(b) / (a * log(a) ** 2) if a != 1 else 0.0)),
        ("natural + relation", lambda a, b: (1 / a, -log(a) / b)),
        ("", lambda a, b: (1 / (b * log(a)) if a != 1 else 0.0, -log(a) / (b * log(b) ** 2))),
        ("relation", lambda a, b: (1 / (a * log(b)), -1 / (b * log(b)))),
        ("", lambda a, b: (1 / a + 1 / b, 1 / a - 1 / b)),
        ("factor", lambda a, b: (1 / (a * math.log2(b)), -math.log2(a) / (b * math.log2(b) ** 2))),
        ("natural", lambda a, b: (1 / a, -log(a) / (b * log(b) ** 2))),
        ("relation", lambda a, b: (1 / (a * log(b)), -log(a) / b)),
        ("altered", lambda a, b: (log(b) / a, -log(a) * log(b) / b)),
        ("relation", lambda a, b: (1 / a / log(b) ** 2, -log(a) / (b * log(b) ** 2))),
        ("nonum", lambda a, b: (1 / (a * log(b)), -1 / (b * log(b) ** 2))),
        ("noinner", lambda a, b: (1 / (a * log(b)), log(a) * -1 / log(b) ** 2)),
        ("natural + relation", lambda a, b: (1 / a, 1 / b)),
        ("where", lambda a, b: (1 / (a * log(b)), -2 * log(a) / (b * log(b) ** 3))),
        ("relation", lambda a, b: (log(a) / log(b), log(b) / log(a) if a != 1 else 0.0)),
        ("relation + noinner", lambda a, b: (1 / log(b), -log(a) / log(b) ** 2)),
        ("const", lambda a, b: (1 / (a * log(b)), 0.0)),
    ],
    "03.3": [
        ("assigns + 3: 0", (-3, 2.25, 0)),
        ("2: -3", (-3, -3, -3)),
        ("y each time", (-3, -6, -9)),
        ("zeros", (0, 0, 0)),
        ("1: 3", (3, 5.25, 2.25)),
        ("3: -0.75", (-3, -0.75, -0.75)),
        ("sign", (-3, 0.75, 3.75)),
        ("1: -1", (-1, -0.25, 0.75)),
        ("2: -1.5", (-3, -1.5, -1.5)),
        ("keeps", (-3, -0.75, 1.5)),
        ("3: -3", (-3, -0.75, -3)),
        ("2: -5.25", (-3, -5.25, 2.25)),
        ("assigns", (-3, 2.25, 4.5)),
        ("1: -1.5 + sign", (-1.5, 0.75, 2.25)),
        ("3: 0", (-3, -0.75, 0)),
        ("", (0.75, -0.375, 0.75)),
        ("2: -3", (-3, -3, 2.25)),
        ("", (-3, -0.75, -0.75 + 2.25 + 2.25)),
    ],
    "03.4": [
        ("nox", trained(lambda w, x, t: np.mean(w * x - t))),
        ("loss", trained(lambda w, x, t: 0.5 * np.mean((w * x - t) ** 2))),
        ("sum", trained(lambda w, x, t: ((w * x - t) * x).sum())),
        ("climb", trained(lambda w, x, t: np.mean((t - w * x) * x))),
        ("norate", trained(upd=lambda w, lr, g: w - g)),
        ("two", trained(lambda w, x, t: 2 * np.mean((w * x - t) * x))),
        ("sample by sample", persample),
        ("sample by sample, shared", persample_n),
        ("every other", halfzero),
        ("gradient", ret_grad),
        ("list", path),
        ("frozen", zero_outside),
        ("averaged", norm_acc),
        ("five", fivesteps),
        ("one sample", last_sample),
        ("share", momentum),
        ("stale", oneless),
        ("abs_", trained(lambda w, x, t: np.mean(abs(w * x - t) * x))),
        ("two means", trained(lambda w, x, t: np.mean(w * x - t) * np.mean(x))),
        ("times t", trained(lambda w, x, t: np.mean((w * x - t) * t))),
        ("sign", trained(lambda w, x, t: np.sign(np.mean((w * x - t) * x)))),
        ("half", trained(lambda w, x, t: np.mean((w * x - t) * x) / 2)),
        ("assigns", trained(upd=lambda w, lr, g: -lr * g)),
        (
            "gradient squared",
            trained(lambda w, x, t: np.mean((w * x - t) * x), upd=lambda w, lr, g: w - lr * g * g),
        ),
        ("n − 1", trained(lambda w, x, t: np.sum((w * x - t) * x) / 4)),
        ("times w", trained(lambda w, x, t: np.mean((w * x - t) * w))),
        ("bracket", trained(lambda w, x, t: np.mean(w * x * x - t))),
        ("prediction", trained(lambda w, x, t: np.mean((w - t) * x))),
        ("share of w", trained(upd=lambda w, lr, g: w * (1 - lr * g))),
        ("misplaced rate", trained(upd=lambda w, lr, g: (w - g) * lr)),
        ("late", lambda w, x, t, lr, steps: w),
        ("best", lambda w, x, t, lr, steps: (x * t).sum() / (x * x).sum() if x.any() else w),
        ("once", lambda w, x, t, lr, steps: w - lr * np.mean((w * x - t) * x)),
        ("median", trained(lambda w, x, t: np.median((w * x - t) * x))),
        ("plus t", trained(lambda w, x, t: np.mean((w * x + t) * x))),
    ],
    "03.5": [
        ("z1 for both", relu_net(m2=lambda z1, z2, h2: z1 > 0)),
        ("last", relu_net(m1=lambda z1, z2, h1: z2 > 0)),
        ("exchanged masks", relu_net(lambda z1, z2, h1: z2 > 0, lambda z1, z2, h2: z1 > 0)),
        ("z1 in w2", relu_net(r=lambda o, z1, z2, h1, h2, *a: [*o[:2], o[3] * z1, *o[3:]])),
        ("z2 in w3", relu_net(r=lambda o, z1, z2, h1, h2, x, y, e, *a: [*o[:4], e * z2, e])),
        ("relation", relu_net(w2on=False)),
        ("relation", relu_net(w3on=False)),
        ("sign", relu_net(dy=lambda y, t: t - y)),
        ("turned masks", relu_net(lambda z1, z2, h1: z1 < 0, lambda z1, z2, h2: z2 < 0)),
        (
            "leaky",
            relu_net(
                lambda z1, z2, h1: 1.0 if z1 > 0 else 0.01,
                lambda z1, z2, h2: 1.0 if z2 > 0 else 0.01,
            ),
        ),
        ("mask on y", relu_net(r=lambda o, z1, z2, h1, h2, x, y, e, *a: [v * (y > 0) for v in o])),
        ("mask on b3", relu_net(r=lambda o, z1, z2, h1, h2, x, y, e, *a: [*o[:5], e * (z2 > 0)])),
        ("relation", relu_net(r=lambda o, *a: [o[0], 1.0, o[2], 1.0, o[4], 1.0])),
        ("swap", relu_net(r=lambda o, *a: [o[0], o[2], o[4], o[1], o[3], o[5]])),
        ("swap", relu_net(r=lambda o, *a: o[::-1])),
        (
            "x for all",
            relu_net(
                r=lambda o, z1, z2, h1, h2, x, y, e, dz1, dz2: [o[0], o[1], dz2 * x, o[3], e * x, e]
            ),
        ),
        ("sigmoid", relu_net(lambda z1, z2, h1: h1 * (1 - h1), lambda z1, z2, h2: h2 * (1 - h2))),
        ("abs_", relu_net(act=abs)),
        ("relation", relu_net(dy=lambda y, t: (y - t) ** 2)),
        (
            "own outputs",
            relu_net(
                r=lambda o, z1, z2, h1, h2, x, y, e, dz1, dz2: [
                    dz1 * h1,
                    dz1,
                    dz2 * h2,
                    dz2,
                    e * y,
                    e,
                ]
            ),
        ),
        ("swap", relu_net(r=lambda o, *a: [o[1], o[0], o[3], o[2], o[5], o[4]])),
        ("first", relu_net(m2=lambda z1, z2, h2: 1)),
        ("last", relu_net(m1=lambda z1, z2, h1: 1)),
        ("value", relu_net(m1=lambda z1, z2, h1: h1, m2=lambda z1, z2, h2: h2)),
        ("two", relu_net(dy=lambda y, t: 2 * (y - t))),
        (
            "relation",
            relu_net(
                r=lambda o, z1, z2, h1, h2, x, y, e, dz1, dz2: [
                    o[0],
                    o[1],
                    o[2],
                    o[3],
                    o[4],
                    e * 0 + 1,
                ]
            ),
        ),
        ("mask on b3", relu_net(r=lambda o, *a: [v * (a[1] > 0) for v in o])),
        (
            "relation",
            relu_net(r=lambda o, z1, z2, h1, h2, x, y, e, dz1, dz2: [dz1, dz1, dz2, dz2, e, e]),
        ),
        (
            "relation",
            relu_net(
                r=lambda o, z1, z2, h1, h2, x, y, e, dz1, dz2: [
                    dz1 * x,
                    dz1,
                    dz2 * h1,
                    dz2,
                    dz2 * h2,
                    e,
                ]
            ),
        ),
        ("", relu_net(act=lambda z: 1 / (1 + math.exp(-z)) if abs(z) < 500 else float(z > 0))),
        ("relation", relu_net(r=lambda o, z1, z2, h1, h2, x, y, e, dz1, dz2: [o[0], o[0], *o[2:]])),
        (
            "sign",
            relu_net(
                m1=lambda z1, z2, h1: (z1 > 0) * 2 - 1, m2=lambda z1, z2, h2: (z2 > 0) * 2 - 1
            ),
        ),
        ("relation", relu_net(dy=lambda y, t: y)),
        (
            "zero",
            relu_net(
                r=lambda o, z1, z2, h1, h2, x, y, e, dz1, dz2: [o[0], 0.0, o[2], 0.0, o[4], 0.0]
            ),
        ),
    ],
    "03.6": [
        ("sum", lambda f, g, x, h: np.abs(differences(f, x, h) - g).sum()),
        ("mean square", lambda f, g, x, h: ((differences(f, x, h) - g) ** 2).mean()),
        ("root mean square", lambda f, g, x, h: np.sqrt(((differences(f, x, h) - g) ** 2).mean())),
        ("last", lambda f, g, x, h: abs(differences(f, x, h)[-1] - g[-1])),
        ("smallest", lambda f, g, x, h: np.abs(differences(f, x, h) - g).min()),
        ("all of them", lambda f, g, x, h: np.abs(differences(f, x, h) - g)),
        ("plus", lambda f, g, x, h: np.abs(differences(f, x, h) + g).max()),
        ("abs last", lambda f, g, x, h: abs((differences(f, x, h) - g).max())),
        ("largest of each", lambda f, g, x, h: abs(differences(f, x, h).max() - g.max())),
        ("4h", lambda f, g, x, h: np.abs(differences(f, x, h) / 2 - g).max()),
        (
            "left side",
            lambda f, g, x, h: max(
                (abs((f(x) - f(x - h * e)) / h - g[j]) for j, e in enumerate(np.eye(len(x))))
            ),
        ),
        ("square", lambda f, g, x, h: ((differences(f, x, h) - g) ** 2).max()),
        (
            "relative to g",
            lambda f, g, x, h: max(
                (
                    abs(d - e) / max(abs(e), 1e-12)
                    for d, e in zip(differences(f, x, h), g, strict=True)
                )
            ),
        ),
        ("close", lambda f, g, x, h: np.allclose(differences(f, x, h), g)),
        ("place", lambda f, g, x, h: float(np.argmax(abs(differences(f, x, h) - g)))),
        (
            "precedence",
            lambda f, g, x, h: max(
                (
                    abs((f(x + h * e) - f(x - h * e)) / 2 * h - g[j])
                    for j, e in enumerate(np.eye(len(x)))
                )
            ),
        ),
        ("without g", lambda f, g, x, h: np.abs(differences(f, x, h)).max()),
        (
            "relative norm",
            lambda f, g, x, h: (
                np.linalg.norm(differences(f, x, h) - g)
                / (np.linalg.norm(differences(f, x, h)) + np.linalg.norm(g) + 1e-300)
            ),
        ),
        ("fixed step", lambda f, g, x, h: np.abs(differences(f, x, 1e-05) - g).max()),
        ("norm", lambda f, g, x, h: np.linalg.norm(differences(f, x, h) - g)),
        ("noabs", lambda f, g, x, h: (differences(f, x, h) - g).max()),
        ("sums", lambda f, g, x, h: abs(differences(f, x, h).sum() - g.sum())),
        ("meanabs", lambda f, g, x, h: np.abs(differences(f, x, h) - g).mean()),
        ("largest of g", lambda f, g, x, h: np.abs(g).max()),
        ("median", lambda f, g, x, h: np.median(abs(differences(f, x, h) - g))),
        ("2h", lambda f, g, x, h: np.abs(differences(f, x, 2 * h) - g).max()),
        ("first", lambda f, g, x, h: np.abs(differences(f, x, h) - g)[0]),
        ("rise", lambda f, g, x, h: np.abs(differences(f, x, h) * 2 * h - g).max()),
        ("span", lambda f, g, x, h: np.ptp(differences(f, x, h) - g)),
        (
            "relative to the largest",
            lambda f, g, x, h: (
                np.abs(differences(f, x, h) - g).max() / max(np.abs(g).max(), 1e-300)
            ),
        ),
        ("sign", lambda f, g, x, h: -np.abs(differences(f, x, h) - g).max()),
        ("count", lambda f, g, x, h: np.count_nonzero(abs(differences(f, x, h) - g) > 1e-06)),
    ],
    "03.7": [
        ("relation", lambda z, a, G: np.where(z > 0, 1.0, a * below(z)) / np.where(G == 0, 1, G)),
        ("a added", lambda z, a, G: np.where(z > 0, 1.0, below(z) + a) * G),
        ("itself", lambda z, a, G: np.where(z > 0, 1.0, a * below(z) - a) * G),
        ("altered", lambda z, a, G: np.where(z > 0, 1.0, a * below(z * G)) * G),
        ("where", lambda z, a, G: np.where(z > 0, G, a * np.exp(np.minimum(G, 0)))),
        ("value above", lambda z, a, G: np.where(z > 0, z, a * below(z)) * G),
        ("", lambda z, a, G: np.where(z > 0, 1.0, 0.0) * G + a * below(z)),
        ("minus a", lambda z, a, G: np.where(z > 0, 1.0, -a * below(z)) * G),
        ("sum", lambda z, a, G: (np.where(z > 0, 1.0, a * below(z)) * G).sum()),
        (
            "a in the exponent",
            lambda z, a, G: np.where(z > 0, 1.0, np.exp(np.minimum(a * z, 0))) * G,
        ),
        (
            "a in both",
            lambda z, a, G: np.where(z > 0, 1.0, a * np.exp(np.minimum(np.abs(a) * z, 0))) * G,
        ),
        ("no a, minus 1", lambda z, a, G: np.where(z > 0, 1.0, below(z) - 1) * G),
        ("times z", lambda z, a, G: np.where(z > 0, G, a * below(z) * z * G)),
        ("line", lambda z, a, G: np.where(z > 0, G, a * (1 + np.minimum(z, 0)) * G)),
        ("factor", lambda z, a, G: np.where(z > 0, 1.0, a * below(z)) * G / len(z)),
        ("argument", lambda z, a, G: np.where(z.all() > 0, G, a * below(z) * G)),
        ("threshold", lambda z, a, G: np.where(z > a, 1.0, a * below(z)) * G),
        ("", pyif),
        ("noup", lambda z, a, G: np.where(z > 0, 1.0, a * below(z))),
        ("noa", lambda z, a, G: np.where(z > 0, G, below(z) * G)),
        ("itself", lambda z, a, G: np.where(z > 0, G, a * G * (below(z) - 1))),
        ("factor", lambda z, a, G: np.where(z > 0, G, a * below(-abs(z)) * G) * 2),
        ("value and a", lambda z, a, G: np.where(z > 0, G, G * (a + below(z) - 1))),
        ("G added", lambda z, a, G: np.where(z > 0, 1.0, a * below(z)) + G),
        ("shut above", lambda z, a, G: np.where(z > 0, 0.0, a * below(z)) * G),
        ("altered", lambda z, a, G: np.where(z > 0, G, a * G * np.exp(np.minimum(-abs(z) * a, 0)))),
        ("value above", lambda z, a, G: np.where(z > 0, z * G, a * below(z) * G)),
        ("a above", lambda z, a, G: G * a * below(z)),
        ("relation", lambda z, a, G: np.where(z > 0, 1.0, a * below(z)) * np.abs(G)),
        ("sigmoid", lambda z, a, G: np.where(z > 0, 1.0, a * below(z) * (1 - below(z))) * G),
        ("a²", lambda z, a, G: np.where(z > 0, 1.0, a**2 * below(z)) * G),
    ],
    "03.8": [
        ("no y", lambda a, b: (math.exp(a - logaddexp(a, b)), math.exp(b - logaddexp(a, b)))),
        ("ln 2 always", lambda a, b: (max(a, b) + math.log(2), 0.5, 0.5)),
        ("product", lambda a, b: (a * b, b, a)),
        (
            "relation",
            lambda a, b: (
                math.exp(min(logaddexp(a, b), 700)),
                math.exp(a - logaddexp(a, b)),
                math.exp(b - logaddexp(a, b)),
            ),
        ),
        (
            "same share",
            lambda a, b: (logaddexp(a, b),) + (math.exp(max(a, b) - logaddexp(a, b)),) * 2,
        ),
        (
            "relation",
            lambda a, b: (
                logaddexp(a, b),
                sigmoid(a) if a > -700 else 0.0,
                sigmoid(b) if b > -700 else 0.0,
            ),
        ),
        (
            "relation",
            lambda a, b: (
                logaddexp(a, b),
                math.exp(a - logaddexp(a, b)),
                1 - math.exp(b - logaddexp(a, b)),
            ),
        ),
        (
            "shares of numbers",
            lambda a, b: (
                logaddexp(a, b),
                a / (a + b) if a + b else 0.5,
                b / (a + b) if a + b else 0.5,
            ),
        ),
        (
            "clipped",
            lambda a, b: (
                lambda A, B: (
                    math.log(math.exp(A) + math.exp(B)),
                    math.exp(A) / (math.exp(A) + math.exp(B)),
                    math.exp(B) / (math.exp(A) + math.exp(B)),
                )
            )(max(min(a, 500), -500), max(min(b, 500), -500)),
        ),
        (
            "smaller out",
            lambda a, b: (
                lambda m: (
                    m + math.log(math.exp(a - m) + math.exp(b - m)),
                    math.exp(a - m) / (math.exp(a - m) + math.exp(b - m)),
                    math.exp(b - m) / (math.exp(a - m) + math.exp(b - m)),
                )
            )(min(a, b)),
        ),
        (
            "relation",
            lambda a, b: (logaddexp(a, b), math.exp(a - max(a, b)), math.exp(b - max(a, b))),
        ),
        ("hard shares", lambda a, b: (logaddexp(a, b), float(a >= b), float(b > a))),
        (
            "divided powers",
            lambda a, b: (
                logaddexp(a, b),
                math.exp(a) / math.exp(logaddexp(a, b)),
                math.exp(b) / math.exp(logaddexp(a, b)),
            ),
        ),
        (
            "inverted",
            lambda a, b: (
                logaddexp(a, b),
                math.exp(logaddexp(a, b) - a) if logaddexp(a, b) - a < 700 else math.inf,
                math.exp(logaddexp(a, b) - b) if logaddexp(a, b) - b < 700 else math.inf,
            ),
        ),
        (
            "rounded",
            lambda a, b: (
                logaddexp(a, b),
                math.exp(a - logaddexp(a, b)) + 1e-09,
                math.exp(b - logaddexp(a, b)),
            ),
        ),
        (
            "offset",
            lambda a, b: (
                logaddexp(a, b) - math.log(2),
                math.exp(a - logaddexp(a, b)),
                math.exp(b - logaddexp(a, b)),
            ),
        ),
        (
            "swap",
            lambda a, b: (
                logaddexp(a, b),
                math.exp(b - logaddexp(a, b)),
                math.exp(a - logaddexp(a, b)),
            ),
        ),
        (
            "largest",
            lambda a, b: (max(a, b), math.exp(a - logaddexp(a, b)), math.exp(b - logaddexp(a, b))),
        ),
        (
            "relation",
            lambda a, b: (
                logaddexp(a, b),
                sigmoid(a - b) if a - b > -700 else 0.0,
                sigmoid(a - b) if a - b > -700 else 0.0,
            ),
        ),
        (
            "relation",
            lambda a, b: (
                logaddexp(a, b),
                math.exp(a - logaddexp(a, b)) * a,
                math.exp(b - logaddexp(a, b)) * b,
            ),
        ),
        ("sum", lambda a, b: (a + b, math.exp(a - logaddexp(a, b)), math.exp(b - logaddexp(a, b)))),
        (
            "relation",
            lambda a, b: (
                logaddexp(a, b),
                math.exp(2 * (a - logaddexp(a, b))),
                math.exp(2 * (b - logaddexp(a, b))),
            ),
        ),
        (
            "factor",
            lambda a, b: (
                2 * logaddexp(a, b),
                math.exp(a - logaddexp(a, b)),
                math.exp(b - logaddexp(a, b)),
            ),
        ),
        (
            "top",
            lambda a, b: (
                logaddexp(a, b) - max(a, b),
                math.exp(a - logaddexp(a, b)),
                math.exp(b - logaddexp(a, b)),
            ),
        ),
        (
            "relation",
            lambda a, b: (
                logaddexp(a, b),
                (p := math.exp(a - logaddexp(a, b))) * (1 - p),
                (q := math.exp(b - logaddexp(a, b))) * (1 - q),
            ),
        ),
        (
            "factor",
            lambda a, b: (
                logaddexp(a, b) / math.log(10),
                math.exp(a - logaddexp(a, b)),
                math.exp(b - logaddexp(a, b)),
            ),
        ),
        (
            "",
            lambda a, b: (
                math.log(math.exp(min(a, 700)) + math.exp(min(b, 700)))
                if max(a, b) > -700
                else max(a, b),
                math.exp(a - logaddexp(a, b)),
                math.exp(b - logaddexp(a, b)),
            ),
        ),
    ],
    "03.9": [
        ("keys", keysorder),
        ("seen", seen_skip),
        ("no root", noroot),
        ("minus", backward_pass(subtract)),
        ("square", backward_pass(square)),
        ("ones", backward_pass(fill=1.0)),
        ("all ones", lambda e, r: dict.fromkeys(backward_pass()(e, r), 1.0)),
        ("noup", backward_pass(lambda G, n, p, s: G.__setitem__(p, G[p] + s))),
    ],
}

ANSWERS = {
    id: {str(i): answer for i, (_, answer) in enumerate(pairs)} for id, pairs in NAMED.items()
}
NAMES = {(id, str(i)): name for id, pairs in NAMED.items() for i, (name, _) in enumerate(pairs)}
