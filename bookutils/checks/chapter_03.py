"""Exercises of chapter 03, a scalar autograd engine."""

import math
from collections import Counter

import numpy as np

from bookutils.checks.nearby import one_moved
from bookutils.judge.exercise import BROKEN, Exercise, Mistake, formula

# ---- 03.1 one number, two consumers

X, W = -0.4, 1.5
Y = math.tanh(X * W + W)
SLOPE = 1 - Y * Y
SLOPE_AT_Y = 1 - math.tanh(Y) ** 2


# ---- 03.2, 03.8 rows that the table does not have


def logarithm_cases(rng):
    """Numbers and bases on both sides of 1."""
    low, high = (lambda: float(rng.uniform(0.2, 0.8))), (lambda: float(rng.uniform(1.3, 4)))
    drawn = [(number(), base()) for number in (low, high) for base in (low, high)]
    edges = [
        (1.0, 2.0),  # the logarithm is 0
        (1, 3),
        (2.5, 2.5),
        (0.5, 0.5),
        (0.25, 2.0),
        (2.0, 0.5),
        (3.0, 1.001),
        (0.75, 0.999),
        (1e-6, 4.0),
        (1.5, 1e-3),
        (600.0, 70.0),
        (1e5, 0.125),
        (math.e, math.e),
        (5.0, 10.0),
    ]
    return [(8.0, 2.0), (9, 3), *drawn, *edges, *one_moved((8.0, 2.0))]


def row_of_logarithm(a, b):
    return 1 / (a * math.log(b)), -math.log(a) / (b * math.log(b) ** 2)


def sum_cases(rng):
    """Close together and far apart, the larger one on either side, and large enough to overflow."""
    drawn = [(float(a), float(b)) for a, b in rng.uniform(-3, 3, (6, 2))]
    edges = [
        (0.0, 0.0),
        (0.0, -1.5),
        (1.25, 0.0),
        (2.5, 2.5),
        (-4.0, -4.0),
        (1.0, -1.0),
        (0.001, -0.001),
        (12.0, -10.5),
        (-30.0, 6.5),
        (70.0, 68.5),
        (-61.5, -60.0),
        (1000.0, 998.0),  # e to the 1000 is more than a float holds
        (-998.0, -1000.0),  # and to the -1000 less
        (1000.0, -1000.0),
        (-1000.0, 1000.0),
        (700, 712),
    ]
    return [(1.5, -0.5), (2, 3), *drawn, *edges, *one_moved((1.5, -0.5))]


def row_of_sum(a, b):
    """(y, ∂y/∂a, ∂y/∂b) of y = ln(e^a + e^b)."""
    share = math.exp(-abs(a - b))
    larger, smaller = 1 / (1 + share), share / (1 + share)
    slopes = (larger, smaller) if a >= b else (smaller, larger)
    return float(np.logaddexp(a, b)), *slopes


def stable(a, b):
    return float(np.logaddexp(a, b))


def from_large_numbers(a, b):
    """The formula as it is written, in NumPy's numbers."""
    with np.errstate(all="ignore"):
        ea, eb = np.exp(np.float64(a)), np.exp(np.float64(b))
        return np.log(ea + eb), ea / (ea + eb), eb / (ea + eb)


def from_large_floats(a, b):
    ea, eb = math.exp(a), math.exp(b)
    return math.log(ea + eb), ea / (ea + eb), eb / (ea + eb)


def large(a):
    """e^a, infinite where it is more than a float holds."""
    with np.errstate(over="ignore"):
        return float(np.exp(np.float64(a)))


def without_the_top(a, b):
    y = math.log(math.exp(a - max(a, b)) + math.exp(b - max(a, b)))
    return y, math.exp(a - max(a, b) - y), math.exp(b - max(a, b) - y)


# ---- 03.4 the order in the loop


def training_cases(rng):
    def case(steps, lr):
        return float(rng.uniform(-2, 3)), rng.normal(size=5), rng.normal(size=5), lr, steps

    easy = (
        0.7,
        np.array([1.5, -0.5, 2.0, 0.3, -1.2]),
        np.array([2.0, 0.4, 1.7, -0.6, -2.1]),
        0.2,
        3,
    )
    drawn = (case(*pair) for pair in ((1, 0.3), (2, 0.15), (4, 0.05), (7, 0.4), (30, 0.1)))
    w, x, t, lr, steps = easy
    ones = np.ones(5)
    edges = [
        (0.0, x, t, lr, 1),
        (1.0, x, x, lr, 4),  # at the best w nothing moves
        (w, 0 * x, t, lr, 3),  # no sample tells anything of w
        (w, x, 0 * x, lr, 2),
        (w, np.array([0.0, 0.0, 2.0, 0.0, 0.0]), t, lr, 2),
        (0.5, ones, ones, 1.0, 3),
        (w, x, t, 0.0, 2),
        (w, x, t, 1.75, 6),  # too large a step: w runs away
        (w, x, t, 0.25, 80),  # long after the last change that is worth the name
        (200.0, x, t, 0.2, 3),
        (-150.0, 40 * x, 80 * t, 2e-4, 3),
        (w, 0.1 * x, t, 60.0, 2),
        (0.0, x, 0 * x, lr, 2),  # w stays 0
    ]
    return [easy, *drawn, *edges, *one_moved(easy)]


def trained(w, x, t, lr, steps):
    """w after `steps` steps: each shrinks its distance from the best w by the same factor."""
    if not x.any():
        return w
    best = (x * t).sum() / (x * x).sum()
    return best + (1 - lr * (x * x).mean()) ** steps * (w - best)


def slope_of_loss(w, x, t):
    return ((w * x - t) * x).mean()


def never_zeroed(w, x, t, lr, steps):
    grad = 0.0
    for _ in range(steps):
        grad += slope_of_loss(w, x, t)
        w = w - lr * grad
    return w


def zeroed_before_step(w, x, t, lr, steps):
    for _ in range(steps):
        grad = slope_of_loss(w, x, t)
        grad = 0.0
        w = w - lr * grad
    return w


def climbs(w, x, t, lr, steps):
    for _ in range(steps):
        w = w + lr * slope_of_loss(w, x, t)
    return w


def last_gradient(w, x, t, lr, steps):
    grad = 0.0
    for _ in range(steps):
        w = w - lr * grad
        grad = slope_of_loss(w, x, t)
    return w


def returns_in_loop(w, x, t, lr, steps):
    for _ in range(steps):
        w = w - lr * slope_of_loss(w, x, t)
        return w


# ---- 03.5 masks


def relu_cases(rng):
    """All four sign patterns of (z1, z2), each with y above t (x below 0) and y below t (x above);
    thresholds near 0 show."""
    easy = (1.5, 0.8, 0.6, 0.2, -1.4, 3.0, 0.7, 0.25)
    drawn = {}
    while len(drawn) < 8:
        case = tuple(float(v) for v in rng.uniform(-2, 2, 8))
        x, t, w1, b1, w2, b2, w3, b3 = case
        z1 = w1 * x + b1
        z2 = w2 * max(z1, 0) + b2
        y = w3 * max(z2, 0) + b3
        clear = min(abs(v) for v in (*case, z1, z2, y - t)) > 0.2  # no accident near a kink
        if clear and max(abs(z1), abs(z2)) < 1 and (x < 0) == (y > t):
            drawn.setdefault((z1 > 0, z2 > 0, y > t), case)
    return [easy, *(drawn[key] for key in sorted(drawn, reverse=True)), *relu_edges()]


def relu_edges():
    """z close to 0 on both sides, a loss of 0, zeros and ones, numbers far from 1."""
    net = dict(x=1.5, t=0.5, w1=1.0, b1=-1.0, w2=2.0, b2=-0.25, w3=-1.5, b3=0.25)  # z 0.5, 0.75
    near = [
        dict(b1=-1.49),  # z1 0.01, z2 -0.23
        dict(b1=-1.51),
        dict(b1=-1.499, b2=0.5),
        dict(b1=-1.501, b2=0.5),
        dict(b2=-0.99),  # z2 0.01
        dict(b2=-1.01),
        dict(b2=-0.999),
        dict(b2=-1.001),
        dict(b1=-1.5 + 1e-5, b2=1e-5),
        dict(b1=-1.5 - 1e-5, b2=-1e-5),
        dict(t=-0.875),  # y = t
        dict(x=0.0, b1=1.0),
        dict(x=0.0),
        dict(w1=0.0, b1=0.5),
        dict(w2=0.0, b2=0.5),
        dict(w2=0.0),
        dict(w3=0.0),
        dict(t=1e5),  # no difference of losses has nine digits here
        dict(t=-70.0, b3=60.0),
        dict(x=60.0, w1=80.0, b1=90.0, w2=55.0, b2=65.0, w3=75.0),
        dict.fromkeys(net, 1.0),
        *({name: 0.0} for name in ("t", "b1", "b2", "b3")),
        {},
    ]
    for changed in near:
        yield tuple((net | changed).values())
    yield from one_moved(tuple(net.values()))


def forward(x, t, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    h1 = max(z1, 0.0)
    z2 = w2 * h1 + b2
    h2 = max(z2, 0.0)
    return z1, h1, z2, h2, w3 * h2 + b3


def masked(x, t, w1, b1, w2, b2, w3, b3):
    """The six slopes; each path is closed where a ReLU on it is."""
    z1, h1, z2, h2, y = forward(x, t, w1, b1, w2, b2, w3, b3)
    e, second = y - t, float(z2 > 0)
    both = second * (z1 > 0)
    return (
        e * w3 * w2 * x * both,
        e * w3 * w2 * both,
        e * w3 * h1 * second,
        e * w3 * second,
        e * h2,
        e,
    )


def walked_back(net, first, second, factor=1):
    """A backward pass with other masks, each a function of (z, what arrives at h)."""
    x, t, w1, b1, w2, b2, w3, b3 = net
    z1, h1, z2, h2, y = forward(*net)
    dy = factor * (y - t)
    dz2 = dy * w3 * second(z2, dy * w3)
    dz1 = dz2 * w2 * first(z1, dz2 * w2)
    return dz1 * x, dz1, dz2 * h1, dz2, dy * h2, dy


def masked_afterwards(x, t, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    z2 = w2 * z1 + b2
    dy = w3 * z2 + b3 - t
    dz2 = dy * w3 * (z2 > 0)
    dz1 = dz2 * w2 * (z1 > 0)
    return dz1 * x, dz1, dz2 * z1, dz2, dy * z2, dy


def opened(z, arrives):
    return float(z > 0)


def always(z, arrives):
    return 1.0


def by_value(z, arrives):
    return max(z, 0.0)


def by_upstream(z, arrives):
    return float(arrives > 0)


# ---- 03.6 a checker that sees all


def checker_cases(rng):
    """A claimed gradient that is wrong at one place or two; the errors have both signs."""
    x = np.array([1.5, -0.4])  # gradient (2xy, x² + 1) = (-1.2, 3.25)
    yield formula("x", "x[0]**2 * x[1] + x[1]"), np.array([-1.2, 3.0]), x, 0.1
    for shift in ([0.0, 0.7, -0.7], [0.0, -0.3, 0.0], [-0.2, 0.0, 0.9]):
        x = rng.uniform(0.4, 1.8, 3)
        g = np.array([x[1] * x[2], x[0] * x[2], x[0] * x[1] + 2 * x[2]])
        yield formula("x", "x[0]*x[1]*x[2] + x[2]**2"), g + shift, x, 0.03
    for shift in ([0.0, 0.0, 0.0, 1.1], [0.0, -0.6, 0.4, 0.1], [0.0, 0.25, -0.25, 0.0]):
        x = rng.uniform(-1, 1, 4)
        g = np.array([3 * x[0] ** 2, x[2], x[1], math.exp(x[3])])
        yield formula("x", "x[0]**3 + x[1]*x[2] + exp(x[3])"), g + shift, x, 0.2
    x = np.array([-0.7])
    yield formula("x", "x[0]**4"), np.array([4 * x[0] ** 3 - 0.5]), x, 0.1
    for turned in ([1.0, -1.0], [-1.0, 1.0]):  # right in size, one sign the wrong way round
        x = rng.uniform(0.5, 1.5, 2)
        g = np.array([x[1] ** 2, 2 * x[0] * x[1]])
        yield formula("x", "x[0] * x[1]**2"), g * turned, x, 0.1
    f, x, g = formula("x", "x[0]*x[1] + x[1]**2"), np.array([1.5, -0.5]), np.array([-0.5, 0.5])
    off = np.array([0.25, -1.0])
    yield f, g, x, 0.125  # nothing is wrong
    yield f, g + off, x, 0.125
    yield f, g - off, x, 0.125
    yield f, g + [1e-5, 0.0], x, 0.125
    yield f, g - [0.0, 1e-7], x, 0.125
    yield f, g + off, x, 2.0**-20  # no digit is lost in a difference of these
    yield f, 0 * g, 0 * x, 0.5
    yield f, 0 * g, x, 0.125
    yield f, 1e4 * g, x, 0.125
    yield formula("x", "7.0 + 0*x[0]"), np.array([0.0, 0.0, -0.5]), np.ones(3), 0.25
    yield formula("x", "abs(x[0]) + x[1]"), np.array([0.5, 1.0]), np.array([0.0, 2.0]), 0.25
    yield formula("x", "x[0]"), np.array([1.0]), np.array([-1.0]), 1.0
    yield formula("x", "x[0]**3 + x[1]"), np.array([1.0, 1.0]), np.array([80.0, 60.0]), 2.0
    yield formula("x", "x[0]**3 + x[1]"), np.array([1.0, 1.0]), np.array([-80.0, 60.0]), 60.0
    yield from one_moved((f, g + off, x, 0.125))
    yield formula("x", "x[0]*x[1] + 2*x[1]**2"), g + off, x, 0.125
    cube, at = formula("x", "x[0]**3 - x[1]**3"), np.array([1.0, 0.5])
    yield from one_moved((cube, np.array([3.25, -1.0]), at, 0.25))
    yield cube, np.array([3.25, -1.0]), at, 0.25


def differences(f, x, h):
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(len(x))])


def one_sided_differences(f, x, h):
    return np.array([(f(x + e) - f(x)) / h for e in h * np.eye(len(x))])


def worst(f, g, x, h):
    return float(np.abs(differences(f, x, h) - g).max())


def relative_errors(f, g, x, h):
    slopes = differences(f, x, h)
    with np.errstate(all="ignore"):
        return float((np.abs(slopes - g) / np.abs(slopes)).max())


def in_one_direction(f, g, x, h):
    ones = np.ones(len(x))
    return float(abs((f(x + h * ones) - f(x - h * ones)) / (2 * h) - g.sum()))


def moved_together(f, g, x, h):
    return float(np.abs((f(x + h) - f(x - h)) / (2 * h) - g).max())


def left_nudged(f, g, x, h):
    up, down, found = x.copy(), x.copy(), []
    for j in range(len(x)):
        up[j] += h
        down[j] = x[j] - h
        found.append((f(up) - f(down)) / (2 * h))
        down[j] = x[j]  # but `up` stays where it is
    return float(np.abs(np.array(found) - g).max())


# ---- 03.7 two branches


def elu_cases(rng):
    def case(n, a, signs):
        z = signs * rng.uniform(0.2, 3, n)
        return z, a, rng.normal(size=n)

    easy = np.array([2.0, -1.5, -0.5]), 0.5, np.array([0.5, 3.0, -4.0])
    return [
        easy,
        case(1, 0.3, -1.0),
        case(1, 0.3, 1.0),
        case(4, 0.25, np.array([1, -1, -1, 1])),
        case(5, 1.5, -1.0),
        case(7, 0.8, np.array([-1, 1, -1, -1, 1, 1, -1])),
        *elu_edges(),
    ]


def elu_edges():
    """z close to 0 and to ±a on both sides, and far from 0; a of 0, 1, above 1 and below 0."""
    near = np.array([0.05, -0.05, 0.4, -0.4, 1e-3, -1e-3, 1e-60, -1e-60])
    G = np.array([2.0, 2.0, -0.5, -0.5, 4.0, 4.0, -3.0, -3.0])
    for a in (0.3, 0.0, 1.0, 2.0, -0.5, 0.01):
        yield near, a, G
    z, G = np.array([0.5, -2.0, 0.1]), np.array([1.0, 4.0, -2.0])
    yield z, 0.25, 0 * G
    yield -z, 0.25, G
    yield z, 60.0, G
    yield np.array([1000.0, -1000.0, 2.0]), 0.5, np.array([-700.0, 1e5, 60.0])
    yield np.array([-3.0, 750.0]), 2.0, np.array([0.5, -4.0])
    yield np.array([-0.25]), 0.25, np.array([1.0])
    yield np.array([0.25]), 0.25, np.array([-1.0])
    yield np.array([-1.0, 1.0]), 0.5, np.array([1.0, 1.0])
    yield from one_moved((z, 0.25, G))
    yield -z, 0.25, 2 * G


def elu(z, a):
    return np.where(z > 0, z, a * np.expm1(np.minimum(z, 0)))


def masked_branches(z, a, G):
    with np.errstate(all="ignore"):
        return (1.0 * (z > 0) + a * np.exp(z) * (z < 0)) * G


def below(z):
    """e^z below zero, without the large numbers of z above it."""
    return np.exp(np.minimum(z, 0))


# ---- 03.9 the engine


def random_edges(rng, count):
    """A graph of names with random slopes, keys in no order, and a node of no use to the root."""
    names = [f"n{k}" for k in range(count)]
    edges = {"n0": ()}
    for k in range(1, count):
        chosen = [names[k - 1], *(names[int(i)] for i in rng.integers(0, k, rng.integers(0, 3)))]
        rng.shuffle(chosen)
        edges[names[k]] = tuple(
            (str(parent), float(rng.choice([-1, 1]) * rng.uniform(0.3, 2.0))) for parent in chosen
        )
    edges["other"] = ((names[-2], 1.7),)  # a consumer that never reports
    return {str(key): edges[key] for key in rng.permutation([*edges])}, names[-1]


def chain(length):
    """Node k from node k - 1, slopes 2 and 1/2 in turn; every thousandth also from node 0."""
    edges = {0: ()}
    for k in range(1, length + 1):
        edges[k] = ((k - 1, 2.0 if k % 2 else 0.5),)
        if k % 1000 == 0:
            edges[k] += ((0, -1.5),)
    return edges, length


def engine_cases(rng):
    easy = {"a": (), "b": (("a", 3.0),), "y": (("b", 0.5), ("a", -2.0), ("b", 0.25))}
    triangle = {"x": (), "a": (("x", 1.4),), "v": (("a", -0.7),), "u": (("v", 1.9),)}
    triangle["y"] = (("u", 0.6), ("a", -2.2))
    unused = {"x": (), "a": (("x", 2.0),), "b": (("a", 3.0),), "y": (("a", 5.0), ("b", 1.0))}
    return [
        (easy, "y"),
        (easy, "b"),
        (unused, "b"),  # a has a consumer, y, that b is not computed from
        ({"x": ()}, "x"),
        (triangle, "y"),
        *(random_edges(rng, count) for count in (4, 6, 9, 12)),
        *engine_edges(),
        chain(30_000),
        chain(5_000),
    ]


def engine_edges():
    """Equal arrows, slopes of 0, reports that cancel, nodes of no use, a ladder of 40 rungs."""
    twice = {"a": (), "b": (("a", 1.0), ("a", 1.0)), "c": (("b", 1.0), ("b", 1.0))}
    yield twice, "c"
    yield twice, "b"
    yield twice, "a"
    useless = {"a": (), "b": (("a", 2.0),), "k": (("b", 5.0),), "y": (("b", 3.0),)}
    yield useless, "y"
    yield useless, "k"
    yield {"a": (), "b": (("a", 2.0),), "y": (("b", 1.0), ("b", -1.0), ("b", 3.0))}, "y"
    zero = {"a": (), "b": (("a", 2.0),), "c": (("a", 5.0), ("b", -1.0)), "y": (("b", 0.0),)}
    zero["y"] += (("c", 1.0), ("b", 1.0))  # what comes to b adds up to 0
    yield zero, "y"
    yield {"x": (), "a": (("x", 3.0),), "y": (("a", 0.0),)}, "y"  # a gradient of 0 is one too
    yield {"y": (("x", -1e6), ("z", 1e-6), ("x", 1.0)), "x": (), "z": ()}, "y"
    # the same keys and root, other slopes; the same root and slopes, another graph
    yield {"y": (("x", -1e6), ("z", 2.0), ("x", 1.0)), "x": (), "z": ()}, "y"
    yield {"y": (("x", -1e6), ("z", 2.0), ("x", 1.0)), "x": (("z", 0.5),), "z": ()}, "y"
    ladder = {0: ()} | {k + 1: ((k, 0.5), (k, 0.5)) for k in range(40)}
    yield ladder, 40


def waiting_counts(edges, root):
    """The nodes root is computed from, consumers before the nodes they use (Kahn's method)."""
    consumers, found, stack = {root: 0}, [], [root]
    while stack:
        for parent, _ in edges[stack.pop()]:
            if parent not in consumers:
                consumers[parent] = 0
                stack.append(parent)
            consumers[parent] += 1
    ready = [root]
    while ready:
        node = ready.pop()
        found.append(node)
        for parent, _ in edges[node]:
            consumers[parent] -= 1
            if not consumers[parent]:
                ready.append(parent)
    return found


def swept(edges, root):
    """∂root/∂node for every node that root is computed from."""
    order = waiting_counts(edges, root)
    G = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in order:
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def overwrites(edges, root):
    order = waiting_counts(edges, root)
    G = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in order:
        for parent, slope in edges[node]:
            G[parent] = slope * G[node]
    return G


def skips_seen(edges, root):
    order = waiting_counts(edges, root)
    G = {root: 1.0}
    for node in order:
        for parent, slope in edges[node]:
            if parent not in G:
                G[parent] = slope * G[node]
    return G


def running_totals(edges, root):
    G, stack = {root: 1.0}, [root]
    met = {root}
    while stack:
        node = stack.pop()
        for parent, slope in edges[node]:
            G[parent] = G.get(parent, 0.0) + slope * G[node]
            if parent not in met:
                met.add(parent)
                stack.append(parent)
    return G


def nearest_first(edges, root):
    grads, met = {root: 1.0}, [root]
    for node in met:
        for parent, slope in edges[node]:
            if parent not in grads:
                met.append(parent)
            grads[parent] = grads.get(parent, 0.0) + slope * grads[node]
    return grads


def deepest_first(edges, root):
    order, met, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node not in met:
            met.add(node)
            order.append(node)
            stack += [parent for parent, _ in edges[node]]
    G = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in order:
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def waits_for_all(edges, root):
    """The pass of chapter 02: it counts consumers in the whole dict."""
    waiting = Counter(parent for arrows in edges.values() for parent, _ in arrows)
    G, ready = {root: 1.0}, [root]
    while ready:
        node = ready.pop()
        for parent, slope in edges[node]:
            G[parent] = G.get(parent, 0.0) + slope * G[node]
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    return G


def leaves_only(edges, root):
    return {node: g for node, g in swept(edges, root).items() if not edges[node]}


def no_seed(edges, root):
    return dict.fromkeys(waiting_counts(edges, root), 0.0)


def no_upstream(edges, root):
    order = waiting_counts(edges, root)
    G = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in order:
        for parent, slope in edges[node]:
            G[parent] += slope
    return G


def recursive(edges, root):
    order, done = [], set()

    def visit(node):
        if node not in done:
            done.add(node)
            for parent, _ in edges[node]:
                visit(parent)
            order.append(node)

    visit(root)
    G = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


EXERCISES = [
    Exercise(
        id="03.1",
        kind="by hand",
        title="Used twice",
        signature="slopes_x_w()",
        results=("∂y/∂x", "∂y/∂w"),
        reference=(SLOPE * W, SLOPE * (X + 1)),
        rtol=0.0,
        atol=6e-5,  # asked for four decimals
        mistakes=(
            Mistake(
                "over",
                "You kept only what comes to w from the second term, where its slope is 1. w is a "
                "factor of x·w as well: a second report, to be added.",
                (SLOPE * W, SLOPE),
            ),
            Mistake(
                "value",
                "You multiplied by tanh(z), the result, where its slope 1 − tanh²z belongs.",
                (Y * W, Y * (X + 1)),
            ),
            Mistake(
                "over2",
                "You kept only what comes to w through x·w. w is a term of the sum as well: a "
                "second report, to be added.",
                (SLOPE * W, SLOPE * X),
            ),
            Mistake(
                "noslope",
                "You stopped at z = xw + w: these are its derivatives. y is tanh of z, and the "
                "slope of tanh multiplies both.",
                (W, X + 1),
            ),
            Mistake(
                "pt",
                "You took the slope of tanh at y. It belongs at z, where tanh was applied; "
                "written with y it is 1 − y².",
                (SLOPE_AT_Y * W, SLOPE_AT_Y * (X + 1)),
            ),
            Mistake(
                "swap",
                "Your two results are exchanged: ∂y/∂x is asked for first.",
                (SLOPE * (X + 1), SLOPE * W),
            ),
        ),
        hints=(
            "z = −0.4·1.5 + 1.5 = 0.9, and y = tanh 0.9.",
            "The slope of tanh at z is 1 − y² = 0.48692. x has one consumer, w has two.",
            "∂y/∂x = 0.48692·1.5, and ∂y/∂w = 0.48692·(−0.4) + 0.48692·1, then round.",
        ),
        section='chapter 03, section 3.2, "Numbers by hand"',
        proves="Each consumer reports, and the reports add.",
    ),
    Exercise(
        id="03.2",
        kind="implement",
        title="A row for the logarithm to any base",
        signature="log_partials(a, b)",
        results=("∂y/∂a", "∂y/∂b"),
        reference=row_of_logarithm,
        cases=logarithm_cases,
        mistakes=(
            Mistake(
                "swap",
                "Your two derivatives are exchanged: the one with respect to a comes first.",
                lambda a, b: row_of_logarithm(a, b)[::-1],
            ),
            Mistake(
                "sign",
                "You lost a minus: in ln a / ln b the base is below the line, and where ln a is "
                "positive a larger base makes the logarithm smaller.",
                lambda a, b: (row_of_logarithm(a, b)[0], -row_of_logarithm(a, b)[1]),
            ),
            Mistake(
                "const",
                "You took the base for a constant. If it is a node, the logarithm moves with it.",
                lambda a, b: (row_of_logarithm(a, b)[0], 0.0),
            ),
            Mistake(
                "natural",
                "With respect to a you return 1/a, the derivative of the natural logarithm. To "
                "the base b it is y = ln a / ln b, so ln b divides it.",
                lambda a, b: (1 / a, row_of_logarithm(a, b)[1]),
            ),
            Mistake(
                "difference",
                "These are the derivatives of ln a − ln b, which is ln(a/b). The logarithm to the "
                "base b is the quotient ln a / ln b.",
                lambda a, b: (1 / a, -1 / b),
            ),
            Mistake(
                "multiplied",
                "You multiplied by ln b where it divides: y = ln a / ln b.",
                lambda a, b: (math.log(b) / a, row_of_logarithm(a, b)[1]),
            ),
            Mistake(
                "nosq",
                "With respect to b, ln b is divided by once in your result. The power rule takes "
                "(ln b)⁻¹ to −(ln b)⁻², times the derivative of ln b.",
                lambda a, b: (row_of_logarithm(a, b)[0], -math.log(a) / (b * math.log(b))),
            ),
            Mistake(
                "noinner",
                "With respect to b you stop at ln b: −ln a / (ln b)². The derivative of ln b, "
                "which is 1/b, multiplies it.",
                lambda a, b: (row_of_logarithm(a, b)[0], -math.log(a) / math.log(b) ** 2),
            ),
            Mistake(
                "nonum",
                "With respect to b, ln a is missing in your result: it stands above the line of "
                "y = ln a / ln b, and stays there.",
                lambda a, b: (row_of_logarithm(a, b)[0], -1 / (b * math.log(b) ** 2)),
            ),
            Mistake(
                "log10",
                "You took logarithms to the base 10. In the quotient ln a / ln b it does not "
                "matter, but the derivative of log₁₀ is not 1/a: use `math.log`.",
                lambda a, b: (
                    1 / (a * math.log10(b)),
                    -math.log10(a) / (b * math.log10(b) ** 2),
                ),
            ),
            Mistake(
                "value",
                "You return the logarithm itself as the first result. Asked for are its two "
                "derivatives.",
                lambda a, b: (math.log(a) / math.log(b), row_of_logarithm(a, b)[0]),
            ),
            Mistake(
                "inner",
                "With respect to a you divide by ln a as well: ln a is differentiated, and its "
                "derivative is 1/a.",
                lambda a, b: (
                    math.inf if a == 1 else 1 / (a * math.log(a)),
                    row_of_logarithm(a, b)[1],
                ),
            ),
        ),
        hints=(
            "Write y with natural logarithms: y = ln a / ln b. Hold b fixed first.",
            "Now hold a fixed: ln a times (ln b)⁻¹. The power rule, times the derivative of ln b.",
            "With respect to a it is 1/(a·ln b); with respect to b it is −y/(b·ln b).",
        ),
        section='chapter 03, section 3.8, "One table of rules"',
        proves="A row needs two derivatives, whatever the operation: the quotient and the chain "
        "rule give them.",
    ),
    Exercise(
        id="03.3",
        kind="predict",
        title="Three calls",
        signature="grad_after_each_call()",
        results=("first", "second", "third"),
        reference=(-3, -0.75, 2.25),
        mistakes=(
            Mistake(
                "assigns",
                "You let backward assign. It adds: PyTorch's does, and so does the finished "
                "engine here.",
                (-3, 2.25, 2.25),
            ),
            Mistake(
                "first version",
                "That is the first version of the chapter, where u and y keep their sums from the "
                "calls before and pass them on again. The finished one starts each call afresh.",
                (-3, -6.75, -3.75),
            ),
            Mistake(
                "keeps",
                "You left out the line that sets x.grad to 0: before the third call nothing is "
                "kept.",
                (-3, -0.75, 1.5),
            ),
            Mistake(
                "one path",
                "From z two paths lead to x: through y, and directly, as a factor. You took the "
                "direct one, whose slope is y = 0.75.",
                (-3, -2.25, 0.75),
            ),
            Mistake(
                "other path",
                "From z two paths lead to x: through y, and directly, as a factor. You took the "
                "one through y alone.",
                (-3, -1.5, 1.5),
            ),
            Mistake(
                "square",
                "You gave x·x one path to x. It has two, one for each factor.",
                (-1.5, 0, 1.5),
            ),
            Mistake(
                "values",
                "These are the values of u, y and z from the forward pass. Asked for is x.grad.",
                (0.25, 0.75, -0.375),
            ),
        ),
        hints=(
            "What does += do to a number that is there already? And what clears it?",
            "y = 3x², z = 3x³: what are their derivatives at x = −0.5?",
            "The calls add −3, then 2.25; then x.grad is 0, and one more call of z adds 2.25.",
        ),
        section='chapter 03, section 3.7, "The second call"',
        proves="Each pass starts afresh, and adds to what is in `.grad` until you clear it.",
    ),
    Exercise(
        id="03.4",
        kind="find the bug",
        title="What zero_grad is for",
        signature="train(w, x, t, lr, steps)",
        reference=trained,
        cases=training_cases,
        mistakes=(
            Mistake(
                "acc",
                "Your gradient is never set back to zero: each step goes along the sum of all "
                "gradients so far.",
                never_zeroed,
            ),
            Mistake(
                "late",
                "w comes back as it was: either you set the gradient to zero between backward and "
                "the step, or you never step.",
                zeroed_before_step,
            ),
            Mistake(
                "climb",
                "The loss grows: either you add where the rule subtracts, or your error is "
                "t − w·x, where the gradient has w·x − t.",
                climbs,
            ),
            Mistake(
                "stale",
                "You are one step behind: either your loop ends a step early, or you step before "
                "you compute the gradient, so that the first step has none.",
                last_gradient,
            ),
            Mistake(
                "once",
                "You take one step only: either your `return` stands inside the loop, or the line "
                "that moves w stands behind it.",
                returns_in_loop,
            ),
            Mistake(
                "frozen",
                "You compute the gradient once, and go by it in every step. It changes with w.",
                lambda w, x, t, lr, steps: w - steps * lr * slope_of_loss(w, x, t),
            ),
            Mistake(
                "more",
                "You take one step too many.",
                lambda w, x, t, lr, steps: trained(w, x, t, lr, steps + 1),
            ),
            Mistake(
                "two",
                "Each of your steps is twice as long as it should be: the derivative of "
                "½(wx − t)² has no factor 2.",
                lambda w, x, t, lr, steps: trained(w, x, t, 2 * lr, steps),
            ),
            Mistake(
                "sum",
                "You took the sum over the samples. The loss is their mean.",
                lambda w, x, t, lr, steps: trained(w, x, t, lr * len(x), steps),
            ),
        ),
        hints=(
            "Print `grad` in every step. From the second one on it is not the gradient at this w.",
            "In each step, in this order: zero, backward, step.",
            "Put `grad = 0.0` as the first line inside the loop.",
        ),
        section='chapter 03, section 3.13, "Mistakes in print"',
        proves="Zero, backward, step, each exactly once a round.",
    ),
    Exercise(
        id="03.5",
        kind="find the bug",
        title="Where the ReLU stood",
        signature="manual(x, t, w1, b1, w2, b2, w3, b3)",
        results=("∂L/∂w1", "∂L/∂b1", "∂L/∂w2", "∂L/∂b2", "∂L/∂w3", "∂L/∂b3"),
        reference=masked,
        cases=relu_cases,
        mistakes=(
            Mistake(
                "printed",
                "Those are the lines of the exercise: no mask anywhere, and a factor 2 that "
                "½(y − t)² does not have.",
                lambda *net: walked_back(net, first=always, second=always, factor=2),
            ),
            Mistake(
                "nomask",
                "Your backward pass leaves the ReLUs out. Where z is negative nothing passes.",
                lambda *net: walked_back(net, first=always, second=always),
            ),
            Mistake(
                "value",
                "You multiplied by relu(z). Its *slope* belongs there: 1 above zero, 0 below.",
                lambda *net: walked_back(net, first=by_value, second=by_value),
            ),
            Mistake(
                "last",
                "The mask of the first layer is missing: where z1 is negative, the gradients of "
                "w1 and b1 are 0.",
                lambda *net: walked_back(net, first=always, second=opened),
            ),
            Mistake(
                "first",
                "The mask of the second layer is missing: where z2 is negative, nothing passes "
                "from there to w2, b2, w1 and b1.",
                lambda *net: walked_back(net, first=opened, second=always),
            ),
            Mistake(
                "plain",
                "Your backward pass has the masks, but your forward pass has no ReLU: h1 is z1 "
                "and h2 is z2.",
                masked_afterwards,
            ),
            Mistake(
                "up",
                "You looked at the sign of the upstream gradient. Whether a ReLU is open is "
                "decided by its z.",
                lambda *net: walked_back(net, first=by_upstream, second=by_upstream),
            ),
            Mistake(
                "two",
                "All six are twice what they should be: the derivative of ½(y − t)² is y − t.",
                lambda *net: walked_back(net, first=opened, second=opened, factor=2),
            ),
            Mistake(
                "maskx",
                "You looked at the sign of x. Whether a ReLU is open is decided by its own z.",
                lambda *net: walked_back(net, first=lambda z, arrives: net[0] > 0, second=opened),
            ),
        ),
        hints=(
            "Try it where z2 is negative: then y = b3, and five of the six derivatives are 0.",
            "The slope of ReLU is 1 where z > 0 and 0 where z < 0: one mask per layer.",
            "`dz2 = dy * w3 * (z2 > 0)`, then `dz1 = dz2 * w2 * (z1 > 0)`, with `dy = y - t`.",
        ),
        section='chapter 03, section 3.13, "Mistakes in print"',
        proves="A ReLU passes all or nothing, and its own z decides which.",
    ),
    Exercise(
        id="03.6",
        kind="implement",
        title="A checker that sees all",
        signature="max_error(f, g, x, h)",
        reference=worst,
        cases=checker_cases,
        mistakes=(
            Mistake(
                "first",
                "You looked at the first element only. A wrong one further on gets past.",
                lambda f, g, x, h: float(abs(differences(f, x, h)[0] - g[0])),
            ),
            Mistake(
                "mean",
                "You averaged errors that have signs: +0.7 and −0.7 make 0.",
                lambda f, g, x, h: float(abs((differences(f, x, h) - g).mean())),
            ),
            Mistake(
                "noabs",
                "You took the largest error without its absolute value, so an error below zero "
                "does not count.",
                lambda f, g, x, h: float((differences(f, x, h) - g).max()),
            ),
            Mistake(
                "noabs2",
                "You took the largest of g minus the difference, without the absolute value: "
                "a g that is too small does not count.",
                lambda f, g, x, h: float((g - differences(f, x, h)).max()),
            ),
            Mistake(
                "ones",
                "You nudged all coordinates at once. That checks the sum of the gradient, and "
                "two errors that cancel get past.",
                in_one_direction,
            ),
            Mistake(
                "one",
                "You stepped to one side only: the error of that difference, about h/2·f″, looks "
                "like an error of g.",
                lambda f, g, x, h: float(np.abs(one_sided_differences(f, x, h) - g).max()),
            ),
            Mistake(
                "left",
                "You did not put a coordinate back before you moved the next one.",
                left_nudged,
            ),
            Mistake(
                "twoh",
                "You divided by h. The two points of a central difference are 2h apart.",
                lambda f, g, x, h: float(np.abs(2 * differences(f, x, h) - g).max()),
            ),
            Mistake(
                "along",
                "`x + h` moves all coordinates at once, so each entry of g is compared with the "
                "sum of the gradient. Move one coordinate at a time.",
                moved_together,
            ),
            Mistake(
                "sizes",
                "You compared sizes without signs: a derivative with the wrong sign gets past. "
                "Take the difference first, its absolute value after.",
                lambda f, g, x, h: np.abs(np.abs(g) - np.abs(differences(f, x, h))).max(),
            ),
            Mistake(
                "meanabs",
                "You averaged the sizes of the errors. One wrong entry among many right ones "
                "then looks small: take the largest.",
                lambda f, g, x, h: float(np.abs(differences(f, x, h) - g).mean()),
            ),
            Mistake(
                "relative",
                "You divided the errors by the derivatives. Asked for is the largest absolute "
                "difference.",
                relative_errors,
            ),
            Mistake(
                "norm",
                "You took the length of the vector of errors. Asked for is the largest of them.",
                lambda f, g, x, h: float(np.sqrt(((differences(f, x, h) - g) ** 2).sum())),
            ),
        ),
        hints=(
            "One central difference per coordinate: n of them, each beside one entry of g.",
            "Errors have signs: take the absolute value before you take the largest.",
            "For each j: `up = x.copy(); up[j] += h`, the same for `down`, and compare "
            "`(f(up) - f(down)) / (2 * h)` with `g[j]`.",
        ),
        section='chapter 03, section 3.9, "Check it: a gradient check that can fail"',
        proves="Every coordinate alone, absolute values, the worst one.",
    ),
    Exercise(
        id="03.7",
        kind="find the bug",
        title="Below zero",
        signature="elu_vjp(z, a, G)",
        reference=lambda z, a, G: G * np.where(z > 0, 1.0, a * below(z)),
        cases=elu_cases,
        mistakes=(
            Mistake(
                "printed",
                "That is the backward function of the exercise, the one of leaky ReLU: below zero "
                "its slope is a. The slope of a(e^z − 1) is not the same at every z.",
                lambda z, a, G: np.where(z > 0, 1.0, a) * G,
            ),
            Mistake(
                "relu",
                "That is the plain ReLU: below zero you pass on nothing. ELU passes on the share "
                "that its slope says.",
                lambda z, a, G: np.where(z > 0, G, 0.0),
            ),
            Mistake(
                "itself",
                "Below zero you took the value a(e^z − 1) where its slope belongs. The 1 is a "
                "constant: it drops out.",
                lambda z, a, G: np.where(z > 0, 1.0, elu(z, a)) * G,
            ),
            Mistake(
                "value",
                "You multiplied G by the value of ELU. Its slope belongs there.",
                lambda z, a, G: elu(z, a) * G,
            ),
            Mistake(
                "only value",
                "You return the value of ELU at z. Asked for is the gradient: the local slope "
                "times G.",
                lambda z, a, G: elu(z, a),
            ),
            Mistake(
                "noup",
                "You return the local slopes. The upstream gradient G has to multiply them.",
                lambda z, a, G: np.where(z > 0, 1.0, a * below(z)),
            ),
            Mistake(
                "nobelow",
                "Below zero your result does not contain G. The upstream gradient multiplies both "
                "branches.",
                lambda z, a, G: np.where(z > 0, G, a * below(z)),
            ),
            Mistake(
                "noabove",
                "Above zero you return 1. The upstream gradient G multiplies both branches.",
                lambda z, a, G: np.where(z > 0, 1.0, a * below(z) * G),
            ),
            Mistake(
                "noa",
                "Below zero you forgot a: the slope of a(e^z − 1) is a·e^z.",
                lambda z, a, G: np.where(z > 0, 1.0, below(z)) * G,
            ),
            Mistake(
                "power",
                "You treated e^z as a power, z·e^(z−1). The exponential is its own derivative.",
                lambda z, a, G: np.where(z > 0, 1.0, a * z * below(z - 1)) * G,
            ),
            Mistake(
                "minus",
                "Your exponential has the sign of its exponent turned round: below zero e^z is "
                "smaller than 1.",
                lambda z, a, G: np.where(z > 0, 1.0, a * np.exp(np.minimum(-z, 709.0))) * G,
            ),
            Mistake(
                "everywhere",
                "You took a·e^z for all z. Above zero y = z, and its slope is 1.",
                lambda z, a, G: a * np.exp(np.minimum(z, 709.0)) * G,
            ),
            Mistake(
                "up",
                "You looked at the sign of G. Which branch was taken is decided by z.",
                lambda z, a, G: np.where(G > 0, 1.0, a * below(z)) * G,
            ),
            Mistake(
                "sides",
                "You exchanged the two sides: the slope is 1 above zero and a·e^z below.",
                lambda z, a, G: np.where(z < 0, 1.0, a * np.exp(np.minimum(z, 709.0))) * G,
            ),
            Mistake(
                "masks",
                "You multiply both branches by masks and add them. Where e^z is too large for a "
                "float, 0 times infinity is no number: choose with `np.where`, or take the "
                "smaller of z and 0 first.",
                masked_branches,
            ),
        ),
        hints=(
            "Two branches: z above zero, y = z; z below zero, y = a(e^z − 1).",
            "Differentiate the lower branch by z: the −1 is a constant, and e^z is its own "
            "derivative.",
            "The local slope is 1 above and a·e^z below; `np.where` chooses, and G multiplies.",
        ),
        section='chapter 03, section 3.13, "Mistakes in print"',
        proves="Each branch has a slope of its own, times the upstream gradient.",
    ),
    Exercise(
        id="03.8",
        kind="extend",
        title="A row for ln(eᵃ + eᵇ)",
        signature="logaddexp_row(a, b)",
        results=("y", "∂y/∂a", "∂y/∂b"),
        reference=row_of_sum,
        cases=sum_cases,
        mistakes=(
            Mistake(
                "overflow",
                "Your formulas are right, but e to the 1000 is more than a float holds, and e to "
                "the −1000 is 0. Take the larger of a and b out first: "
                "y = m + ln(e^(a − m) + e^(b − m)).",
                from_large_numbers,
            ),
            Mistake(
                "overflows",
                "Your formulas are right, but e to the 1000 is more than a float holds. Take the "
                "larger of a and b out first: y = m + ln(e^(a − m) + e^(b − m)).",
                from_large_floats,
                verdict=BROKEN,
            ),
            Mistake(
                "top",
                "Your y lacks the larger of a and b, which you took out of the exponentials: it "
                "has to be added to the logarithm again.",
                without_the_top,
            ),
            Mistake(
                "sum",
                "The logarithm of a sum is not the sum of the logarithms: y is not a + b.",
                lambda a, b: (a + b, 1.0, 1.0),
            ),
            Mistake(
                "largest",
                "You took the larger of a and b alone. The other one adds its share: at a = b it "
                "is ln 2.",
                lambda a, b: (max(a, b), float(a > b), float(a <= b)),
            ),
            Mistake(
                "swap",
                "Your two derivatives are exchanged: the one with respect to a comes first.",
                lambda a, b: (stable(a, b), math.exp(b - stable(a, b)), math.exp(a - stable(a, b))),
            ),
            Mistake(
                "minus",
                "You subtract in the derivative with respect to b: y grows with both.",
                lambda a, b: (
                    stable(a, b),
                    math.exp(a - stable(a, b)),
                    -math.exp(b - stable(a, b)),
                ),
            ),
            Mistake(
                "half",
                "You gave each operand the slope ½. The shares are equal only where a and b are.",
                lambda a, b: (stable(a, b), 0.5, 0.5),
            ),
            Mistake(
                "ones",
                "You gave each operand the slope 1. Each has its share of the sum, and the two "
                "shares add up to 1.",
                lambda a, b: (stable(a, b), 1.0, 1.0),
            ),
            Mistake(
                "reciprocal",
                "You stopped at the derivative of the logarithm, 1/(eᵃ + eᵇ). The derivative of "
                "the sum, eᵃ or eᵇ, multiplies it.",
                lambda a, b: (stable(a, b), *(large(-stable(a, b)),) * 2),
            ),
            Mistake(
                "unshared",
                "You return eᵃ and eᵇ, the derivatives of the sum. The derivative of the "
                "logarithm multiplies them: each is to be divided by the sum.",
                lambda a, b: (stable(a, b), large(a), large(b)),
            ),
            Mistake(
                "unshared, and broken",
                "You return eᵃ and eᵇ, the derivatives of the sum. The derivative of the "
                "logarithm multiplies them: each is to be divided by the sum. And e to the 1000 "
                "is more than a float holds.",
                lambda a, b: (stable(a, b), math.exp(a), math.exp(b)),
                verdict=BROKEN,
            ),
            Mistake(
                "order",
                "y is asked for first, then the two derivatives.",
                lambda a, b: (*row_of_sum(a, b)[1:], stable(a, b)),
            ),
        ),
        hints=(
            "Differentiate by a: the derivative of the logarithm, times that of the sum.",
            "Each derivative is a share: eᵃ/(eᵃ + eᵇ), and the sum is e^y. So it is one power "
            "of e.",
            "With m the larger of the two, y = m + ln(e^(a − m) + e^(b − m)); the slopes are "
            "e^(a − y) and e^(b − y).",
        ),
        section='chapter 03, section 3.8, "One table of rules"',
        proves="The slopes are the shares in the sum, and written with y they never overflow.",
    ),
    Exercise(
        id="03.9",
        kind="implement",
        title="The whole backward pass",
        signature="grads(edges, root)",
        new=True,
        reference=swept,
        cases=engine_cases,
        mistakes=(
            Mistake(
                "over",
                "You wrote `=` where `+=` belongs: a node with two consumers keeps one report.",
                overwrites,
            ),
            Mistake(
                "once",
                "You skip a node that has a gradient already. What comes second is to be added.",
                skips_seen,
            ),
            Mistake(
                "acc",
                "You pass a node's gradient on before all of its consumers have reported. Put "
                "the nodes in order first.",
                running_totals,
            ),
            Mistake(
                "waits",
                "You wait for consumers that the root is not computed from, and these never "
                "report: what lies below is missing. Count only consumers that lead to the root.",
                waits_for_all,
            ),
            Mistake(
                "leaves",
                "You return the leaves only. The nodes between were asked for too.",
                leaves_only,
            ),
            Mistake(
                "noup",
                "You add local slopes. Each is to be multiplied by the gradient of the node it "
                "ends at.",
                no_upstream,
            ),
            Mistake(
                "noseed",
                "Every gradient is 0: you started from 0 at the root, and ∂root/∂root is 1.",
                no_seed,
            ),
            Mistake(
                "nearest",
                "You visit the nodes in the order in which you meet them, nearest first. A node "
                "near the root may still wait for a report by a longer way. Find an order first.",
                nearest_first,
            ),
            Mistake(
                "deep",
                "You go from the root to a parent, to one of its parents, and so on, and pass "
                "gradients on in that order. A node met this way may still wait for a report from "
                "a consumer met later. Find an order first.",
                deepest_first,
            ),
            Mistake(
                "lost_twins",
                "You made a dict of the arrows, and two arrows to one parent became one. Both "
                "of them count.",
                lambda edges, root: swept(
                    {node: tuple(dict(arrows).items()) for node, arrows in edges.items()}, root
                ),
            ),
            Mistake(
                "equal_arrows",
                "Two arrows that are equal count once with you, as in a set. Both of them count.",
                lambda edges, root: swept(
                    {node: tuple(dict.fromkeys(arrows)) for node, arrows in edges.items()}, root
                ),
            ),
            Mistake(
                "recursive",
                "Your function calls itself, and Python allows that about a thousand times. Keep "
                "the nodes still to be visited in a list instead.",
                recursive,
                verdict=BROKEN,
            ),
        ),
        hints=(
            "First the order: nodes whose parents are all done, found with a list as a stack, "
            "not by recursion.",
            "Then a new dict with 0.0 for each node of the order, and 1.0 for the root.",
            "Go through the order from its end, and for each arrow: "
            "`G[parent] += slope * G[node]`.",
        ),
        section='chapter 03, section 3.6, "A thousand nodes, and a million"',
        proves="An order, a fresh dict, multiply along, add where arrows meet: the backward pass.",
    ),
]
