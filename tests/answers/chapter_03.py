"""Chapter 03: right answers in other forms, changes that keep a solution right."""

import math
from collections import Counter, OrderedDict, deque
from collections import defaultdict as mapping
from fractions import Fraction
from functools import reduce
from graphlib import TopologicalSorter
from types import SimpleNamespace

import numpy as np

from answers.forms import Pair, frozen, strided
from answers.reasons import (
    EACH_ONCE,
    FIVE_SAMPLES,
    NO_ARROWS,
    NO_KINK,
    OTHER_ORDER,
    POSITIVE_STEP,
    RATE_NOT_NEGATIVE,
)


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


def elu_by_loop(z, a, G):
    return [g if v > 0 else a * g * math.exp(v) for v, g in zip(z, G, strict=True)]


def elu_by_masks(z, a, G):
    out = G.copy()
    out[z < 0] *= a * np.exp(z[z < 0])
    return frozen(out)


def elu_by_value(z, a, G):
    """Below zero the slope is the value and a."""
    y = a * np.expm1(np.clip(z, None, 0))
    return strided(np.choose(z > 0, [(y + a) * G, G]))


def logarithms_by_base_two(a, b):
    top, low = math.log2(a), math.log2(b)
    return [1 / (a * low * math.log(2)), -top / (b * low**2 * math.log(2))]


def logarithms_by_numpy(a, b):
    below = np.array([a, b]) * np.log(b)
    return np.array([1, -np.log(a) / np.log(b)]) / below


def logarithms_by_library(a, b):
    return Pair(math.log(math.e, b) / a, -math.log(a, b) * math.log(math.e, b) / b)


def sum_by_differences(a, b):
    share = 1 / (1 + math.exp(min(b - a, 700)))
    other = 1 / (1 + math.exp(min(a - b, 700)))
    return max(a, b) + math.log1p(math.exp(-abs(a - b))), share, other


def sum_by_numpy(a, b):
    y = np.logaddexp(a, b)
    return np.array([y, *np.exp(np.array([a, b]) - y)])


def sum_by_softmax(a, b):
    both = np.array([a, b], dtype=float)
    powers = np.exp(both - both.max())
    return [both.max() + np.log(powers.sum()), *(powers / powers.sum())]


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


S = 1 - math.tanh(0.9) ** 2

RIGHT = {
    "03.1": [(0.7304, 0.2922), [1.5 * S, 0.6 * S], lambda: np.array([0.73036, 0.29215])],
    "03.2": [logarithms_by_base_two, logarithms_by_numpy, logarithms_by_library],
    "03.3": [
        [-3, -0.75, 2.25],
        np.array([-3.0, -0.75, 2.25]),
        lambda: (Fraction(-3), -3 + Fraction(9, 4), 2.25),
    ],
    "03.4": [trained_by_loops, trained_in_one_formula, trained_by_reduce],
    "03.5": [relu_by_cases, relu_by_heaviside, relu_by_nodes],
    "03.6": [worst_by_norm, worst_step_by_step, worst_sorted],
    "03.7": [elu_by_loop, elu_by_masks, elu_by_value],
    "03.8": [sum_by_differences, sum_by_numpy, sum_by_softmax],
    "03.9": [engine_by_library, engine_by_counting, engine_with_generators],
}


def elu_where(opened):
    """The gradient of ELU, with another test for what lies above zero."""
    return lambda z, a, G: np.where(opened(z, a), G, a * np.exp(np.minimum(z, 0)) * G)


def sum_of_floats(a, b):
    """Right as long as e^a and e^b are floats that are not 0."""
    y = math.log(math.exp(a) + math.exp(b))
    return y, math.exp(a - y), math.exp(b - y)


def engine_with(arrows_of):
    """The right pass on the arrows that `arrows_of` lets through."""

    def grads(edges, root):
        return engine_by_library({n: tuple(arrows_of(e)) for n, e in edges.items()}, root)

    return grads


def engine_of_chapter_02(edges, root):
    """Waits for every consumer, also for those that the root is not computed from."""
    waiting = Counter(p for arrows in edges.values() for p, _ in arrows)
    G, ready = mapping(float, {root: 1.0}), [root]
    while ready:
        node = ready.pop()
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    return G


def engine_by_paths(edges, root):
    """Every path by itself: right, and on a ladder of 40 rungs without end."""
    G, stack = mapping(float), [(root, 1.0)]
    while stack:
        node, product = stack.pop()
        G[node] += product
        stack += [(parent, product * slope) for parent, slope in edges[node]]
    return G


def engine_without_zeros(edges, root):
    return {n: g for n, g in engine_by_library(edges, root).items() if g}


def trained_until_it_stands(w, x, t, lr, steps):
    """Ends when the gradient is small."""
    for _ in range(steps):
        grad = np.mean((w * x - t) * x)
        if abs(grad) < 1e-6:
            break
        w = w - lr * grad
    return w


def trained_at_the_formula(w, x, t, lr, steps):
    with np.errstate(all="ignore"):
        best = (x * t).sum() / (x * x).sum()
        return best + (1 - lr * (x * x).mean()) ** steps * (w - best)


def relu_with_threshold(least):
    def manual(x, t, w1, b1, w2, b2, w3, b3):
        z1 = w1 * x + b1
        z2 = w2 * max(z1, 0.0) + b2
        dy = w3 * max(z2, 0.0) + b3 - t
        dz2 = dy * w3 * (z2 > least)
        dz1 = dz2 * w2 * (z1 > least)
        return dz1 * x, dz1, dz2 * max(z1, 0.0), dz2, dy * max(z2, 0.0), dy

    return manual


class OneDict:
    """The right numbers, always in the same dict."""

    def __init__(self):
        self.G = {}

    def __call__(self, edges, root):
        self.G.clear()
        self.G.update(engine_by_library(edges, root))
        return self.G


def remembers(edges, root, known={}):  # noqa: B006
    """The same dict again for the same graph."""
    key = repr(edges)[:1000], len(edges), root
    if key not in known:
        known[key] = dict(engine_by_library(edges, root))
    return known[key]


WRONG = {
    "03.2": {
        "with a small number below": lambda a, b: (
            1 / (a * math.log(b) + 1e-12),
            -math.log(a) / (b * math.log(b) ** 2 + 1e-12),
        ),
        "a differs from 1": lambda a, b: logarithms_by_library(a, b) if a != 1 else (0.0, 0.0),
        "a small number in the logarithm": lambda a, b: (
            1 / (a * math.log(b)),
            -math.log(a + 1e-9) / (b * math.log(b) ** 2),
        ),
        "at least a thousandth": lambda a, b: logarithms_by_library(max(a, 1e-3), b),
    },
    "03.4": {
        "until it stands": trained_until_it_stands,
        "by the best w, which may not exist": trained_at_the_formula,
    },
    "03.5": {
        "open above 0.005": relu_with_threshold(0.005),
        "open above -0.005": relu_with_threshold(-0.005),
        "open above 1e-4": relu_with_threshold(1e-4),
    },
    "03.6": {
        "nothing below a millionth": lambda f, g, x, h: (
            worst_sorted(f, g, x, h) if worst_sorted(f, g, x, h) > 1e-6 else 0.0
        ),
        "not the last": lambda f, g, x, h: worst_step_by_step(f, g[: max(1, len(g) - 1)], x, h),
    },
    "03.7": {
        "z above a": elu_where(lambda z, a: z > a),
        "z above 0.1": elu_where(lambda z, a: z > 0.1),
        "z rounded": elu_where(lambda z, a: np.round(z) > 0),
        "z above -a": elu_where(lambda z, a: z > -a),
        "not close to 0": elu_where(lambda z, a: ~np.isclose(z, 0, atol=1e-8) & (z > 0)),
        "squeezed": lambda z, a, G: elu_where(lambda z, a: z > 0)(z, a, G).squeeze(),
        "clipped": lambda z, a, G: np.clip(elu_where(lambda z, a: z > 0)(z, a, G), -100, 100),
    },
    "03.8": {
        "as written": sum_of_floats,
        "the larger alone beyond 20": lambda a, b: (
            sum_by_numpy(a, b) if abs(a - b) < 20 else (max(a, b), float(a > b), float(a < b))
        ),
        "a small number in the logarithm": lambda a, b: (
            max(a, b) + math.log(1 + math.exp(-abs(a - b)) + 1e-9),
            *sum_by_numpy(a, b)[1:],
        ),
    },
    "03.9": {
        "chapter 02's pass": engine_of_chapter_02,
        "equal arrows once": engine_with(dict.fromkeys),
        "a dict of arrows": engine_with(lambda arrows: dict(arrows).items()),
        "every path by itself": engine_by_paths,
        "one dict for all calls": OneDict(),
        "the dict of an earlier call": remembers,
        "without zeros": engine_without_zeros,
        "no slope of 0": engine_with(lambda arrows: [a for a in arrows if a[1]]),
        "no small slope": engine_with(lambda arrows: [a for a in arrows if abs(a[1]) > 1e-3]),
    },
}

EQUIVALENT = {
    "03.2": dict.fromkeys(
        ("abs(a)", "nan where 0 is in a", "abs(b)", "nan where 0 is in b"),
        "a and b are above 0, by the text",
    ),
    "03.4": {
        "for _ in range(steps): → for _ in reversed(range(steps)):": "the counter is not used",
        "for _ in range(steps): → for _ in dict.fromkeys(range(steps)):": EACH_ONCE,
        "abs(lr)": RATE_NOT_NEGATIVE,
        "wrong where x.shape[0] == 1": FIVE_SAMPLES,
        "wrong where t.shape[0] == 1": FIVE_SAMPLES,
        "grad = 0.0 → grad = -0.0": "zero has no sign in a sum",
        "grad += np.mean((w * x - t) * x) → grad = np.mean((w * x - t) * x)": "0.0 stands there",
    },
    "03.5": {
        "h1 = max(z1, 0.0) → h1 = max(0.0, z1)": "the larger of two has no order",
        "h2 = max(z2, 0.0) → h2 = max(0.0, z2)": "the larger of two has no order",
        "dz2 = dy * w3 * (z2 > 0) → dz2 = dy * w3 * (z2 >= 0)": NO_KINK,
        "dz1 = dz2 * w2 * (z1 > 0) → dz1 = dz2 * w2 * (z1 >= 0)": NO_KINK,
    },
    "03.6": {
        "for j in range(len(x)): → for j in dict.fromkeys(range(len(x))):": EACH_ONCE,
        "abs(h)": POSITIVE_STEP,
        "nan where 0 is in h": POSITIVE_STEP,
        "for j in range(len(x)): → for j in reversed(range(len(x))):": (
            "the largest does not depend on the order"
        ),
        "errors.append(abs((f(up) - f(down)) / (2 * h) - g[j])) → "
        "errors.append(abs(g[j] - (f(up) - f(down)) / (2 * h)))": "a distance has no sign",
    },
    "03.7": {
        "nan where 0 is in z": NO_KINK,
        "clip(z, -50, 50)": "below -50 the slope is under 1e-21",
        **dict.fromkeys(
            (
                "below = a * np.exp(np.minimum(z, 0.0)) → below = a * np.exp(np.minimum(0.0, z))",
                "below = a * np.exp(np.minimum(z, 0.0)) → below = a * np.exp(z)",
                "below = a * np.exp(np.minimum(z, 0.0)) → below = a * np.exp(np.minimum(z, 1.0))",
            ),
            "above 0 the branch is not chosen, whatever is in it",
        ),
        "return np.where(z > 0, 1.0, below) * G → return np.where(z >= 0, 1.0, below) * G": NO_KINK,
    },
    "03.8": {
        "top = max(a, b) → top = max(b, a)": "the larger of two has no order",
    },
    "03.9": {
        "G[root] = 1.0 → G[root] += 1.0": "0.0 stands there",
        "for node in reversed(order): → for node in list(reversed(order))[:-1]:": NO_ARROWS,
        "for node in reversed(order): → for node in dict.fromkeys(reversed(order)):": EACH_ONCE,
        "for parent, slope in edges[node]: → for parent, slope in reversed(edges[node]):": (
            OTHER_ORDER
        ),
    },
}
