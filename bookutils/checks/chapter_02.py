"""Exercises of chapter 02, computational graphs."""

from collections import Counter, deque

import numpy as np

from bookutils.checks import worked_02 as worked
from bookutils.checks.nearby import one_moved
from bookutils.judge.exercise import BROKEN, Exercise, Mistake


def sigma(z):
    return 1 / (1 + np.exp(-z))


def sigma_slope(z):
    return sigma(z) * (1 - sigma(z))


# ---- 02.1 one result at a time


def other_results():
    """Wrong values of a single derivative, the other two right."""
    right = [11.0, -2.25, 7.0]
    for place, value, explains in (
        (2, 2.0, "You subtracted where the two reports to c meet: 4.5 and 2.5 add up."),
        (2, -2.0, "You subtracted where the two reports to c meet: 4.5 and 2.5 add up."),
        (0, 2.5, "You kept the report of f to a alone, and lost the minus of f = c − a."),
        (1, 13.5, "You multiplied by b. e = a·b, so the derivative with respect to b is a."),
        (1, 4.5, "You stopped at e: the arrow from b to e has the slope a."),
        (1, -1.25, "You took f for d: e goes into d, and the gradient of d is the value of f."),
        (
            1,
            -0.5,
            "That is the slope of the arrow from b to e alone. The gradient of e multiplies.",
        ),
        (0, 3.0, "That is the slope of the arrow from a to e alone. The gradient of e multiplies."),
        (2, 1.0, "That is the slope of one arrow from c. The gradient at its end multiplies."),
    ):
        answer = (*right[:place], value, *right[place + 1 :])
        yield Mistake(f"{'abc'[place]} {value:g}", explains, answer, alone=True)


# ---- 02.2 a quotient of dual numbers


def dual_cases(rng):
    def number():
        return float(rng.choice([-1, 1]) * rng.uniform(0.3, 4))

    random = [((number(), number()), (number(), number())) for _ in range(10)]
    easy = (3.0, 0.5), (2.0, 4.0)
    edges = [
        ((0.0, 0.5), (2.0, 4.0)),
        ((0.0, 0.0), (-0.5, 1.0)),
        ((3.0, 0.0), (2.0, 4.0)),
        ((3.0, 0.5), (2.0, 0.0)),  # the divisor does not move
        ((2.0, 4.0), (2.0, 4.0)),  # a number by itself: 1, and it does not move
        ((1.0, 1.0), (1.0, -1.0)),
        ((-1.5, 2.0), (-1.0, 0.5)),
        ((0.5, -0.25), (1e-6, 2.0)),
        ((-2.0, 0.5), (-1e-3, 0.125)),
        ((70.0, -300.0), (600.0, 90.0)),
        ((3.0, 0.5), (4.0, 2.0)),
    ]
    return [easy, *random, *edges, *one_moved(easy)]


# ---- 02.4 an order in which no node waits


def ladder(rungs):
    """{"n0": (), "n1": ("n0", "n0"), …}: each node used twice by the next."""
    return {"n0": ()} | {f"n{k + 1}": (f"n{k}", f"n{k}") for k in range(rungs)}


DETOUR = {"y": ("u", "a"), "u": ("v",), "v": ("a",), "a": ("x",), "x": ()}


def random_graph(rng, nodes, most=3):
    """A graph of named nodes, keys in a random order; the last one is reached from a part only."""
    names = [f"n{k}" for k in rng.permutation(nodes)]
    parents = {names[0]: ()}
    for k in range(1, nodes):
        count = int(rng.integers(1, most + 1))
        # the newest node is always among them, so that long routes stand beside short ones
        chosen = [names[k - 1], *(names[int(i)] for i in rng.integers(0, k, count - 1))]
        parents[names[k]] = tuple(chosen[int(i)] for i in rng.permutation(count))
    parents["other"] = (names[nodes // 2],)  # computed from the graph, of no use to the root
    return {key: parents[key] for key in rng.permutation([*parents]).tolist()}, names[-1]


def order_cases(rng):
    return [
        (dict(DETOUR), "y"),
        ({"x": ()}, "x"),
        ({"c": ("a", "b"), "b": ("a",), "a": ()}, "c"),
        (ladder(5), "n5"),
        (ladder(5), "n3"),
        *(random_graph(rng, nodes) for nodes in (4, 6, 7, 9, 12)),
        ({"b": ("a", "a"), "a": ()}, "b"),
        ({"y": ("a", "b", "a"), "b": ("a",), "a": (), "k": ("y", "b")}, "y"),
        ({"y": ("a", "b", "a"), "b": ("a",), "a": (), "k": ("y", "b")}, "b"),
        ({"y": ("a", "b", "a"), "b": ("a",), "a": (), "k": ("y", "b")}, "a"),
        # b is next to y and, by the longer way over c, needed before it
        ({"y": ("b", "d"), "d": ("c",), "c": ("b",), "b": ("a", "x"), "a": (), "x": ()}, "y"),
        ({"k": ("a",), "a": ("x",), "x": (), "y": ("x", "z"), "z": ()}, "y"),
        ({"y": ("p", "q", "r"), "p": (), "q": (), "r": ()}, "y"),
    ]


def reached(parents, root):
    """The nodes that root is computed from, root included, nearest first."""
    found, queue = [root], deque([root])
    while queue:
        for parent in parents[queue.popleft()]:
            if parent not in found:
                found.append(parent)
                queue.append(parent)
    return found


def kahn(parents, root):
    """Parents before children, by Kahn's method: take a node when all of its parents are taken."""
    order, left = [], reached(parents, root)
    while left:
        order += [node for node in left if all(p in order for p in parents[node])]
        left = [node for node in left if node not in order]
    return order


def order_fault(order, parents, root):
    """What is wrong with an order, or None."""
    if type(order) not in (list, tuple) or any(type(name) is not str for name in order):
        return "The answer must be a list of node names."
    wanted = reached(parents, root)
    for node in order:
        if node not in parents:
            return f"There is no node `{node}`."
        if node not in wanted:
            return f"`{node}` is in your list, but `{root}` is not computed from it."
        if order.count(node) > 1:
            return f"`{node}` appears {order.count(node)} times in your list."
    for node in wanted:
        if node not in order:
            return f"`{node}` is missing: `{root}` is computed from it."
    for node in order:
        for parent in parents[node]:
            if order.index(parent) > order.index(node):
                return f"`{node}` comes before its parent `{parent}`."
    return None


def preorder(parents, root):
    """Root last, but each node is taken when it is met on the way down."""
    met = []

    def visit(node):
        if node not in met:
            met.append(node)
            for parent in parents[node]:
                visit(parent)

    visit(root)
    return met[::-1]


def nearest_first(parents, root):
    """The nodes nearest first, as chapter 02 finds them, turned round."""
    found = [root]
    for node in found:
        found += [parent for parent in parents[node] if parent not in found]
    return found[::-1]


def waits_for_every_consumer(parents, root):
    """The pass of chapter 02, which counts consumers in the whole dict, turned round."""
    waiting = Counter(parent for above in parents.values() for parent in above)
    order, ready = [], [root]
    while ready:
        node = ready.pop()
        order.append(node)
        for parent in parents[node]:
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    return order[::-1]


def repeated(parents, root):
    return [n for parent in parents[root] for n in repeated(parents, parent)] + [root]


def every_key(parents, root):
    extra = [node for node in parents if node not in reached(parents, root)]
    return kahn(parents, root) + extra


# ---- 02.5 the backward sweep


def with_slopes(parents, rng):
    return {
        node: tuple(
            (parent, float(rng.choice([-1, 1]) * rng.uniform(0.3, 2.5))) for parent in above
        )
        for node, above in parents.items()
    }


def sweep_case(rng, parents, root):
    """Order of all nodes, those of no use to the root included, and slopes drawn at random."""
    order = kahn(parents, root)
    order += [node for node in parents if node not in order]
    return with_slopes(parents, rng), order, root


def sweep_cases(rng):
    easy = {"a": (), "b": (("a", 3.0),), "c": (("a", -2.0), ("b", 0.5))}
    return [
        (easy, ["a", "b", "c"], "c"),
        sweep_case(rng, DETOUR, "y"),
        sweep_case(rng, ladder(4), "n4"),
        *(sweep_case(rng, *random_graph(rng, nodes)) for nodes in (4, 5, 6, 8, 10)),
        *sweep_edges(),
    ]


def sweep_edges():
    """Equal arrows, slopes of 0 and ±1, reports that cancel, a root that is not the last."""
    twice = {"a": (), "b": (("a", 1.0), ("a", 1.0)), "c": (("b", 1.0), ("b", 1.0))}
    yield twice, ["a", "b", "c"], "c"
    yield twice, ["a", "b", "c"], "b"
    yield twice, ["a", "b", "c"], "a"
    cancels = {"a": (), "b": (("a", 2.0),), "y": (("b", 1.0), ("b", -1.0), ("b", 3.0))}
    yield cancels, ["a", "b", "y"], "y"
    zero = {"a": (), "b": (("a", 2.0),), "c": (("a", 5.0), ("b", -1.0)), "y": (("b", 0.0),)}
    zero["y"] += (("c", 1.0), ("b", 1.0))  # what comes to b adds up to 0
    yield zero, ["a", "b", "c", "y"], "y"
    shut = {"x": (), "a": (("x", 3.0),), "y": (("a", 0.0),), "k": (("a", 7.0), ("y", 2.0))}
    yield shut, ["x", "a", "y", "k"], "y"
    yield shut, ["x", "a", "y", "k"], "k"
    wide = {"x": (), "z": (), "y": (("x", -1e6), ("z", 1e-6), ("x", 1.0))}
    yield wide, ["x", "z", "y"], "y"
    yield wide, ["z", "x", "y"], "y"
    yield {"x": ()}, ["x"], "x"
    slopes = {"a": (), "b": (("a", 4.0),), "c": (("a", -2.0), ("b", 0.5))}
    yield slopes, ["a", "b", "c"], "c"


def by_forward_mode(edges, order, root):
    """∂root/∂node for every node: one run of forward mode for each of them."""
    gradients = {}
    for start in order:
        slope = dict.fromkeys(order, 0.0)
        for node in order:
            slope[node] = sum(s * slope[parent] for parent, s in edges[node])
            if node == start:
                slope[node] = 1.0
        gradients[start] = slope[root]
    return gradients


def overwrites(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] = slope * G[node]
    return G


def inputs_first(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in order:
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def no_upstream(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope
    return G


def no_seed(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 0.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def passes_on_at_once(edges, order, root):
    """The recursion of section 2.8."""
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0

    def pass_on(node):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
            pass_on(parent)

    pass_on(root)
    return G


def waits_for_reports(edges, order, root):
    """The pass of section 2.9, which counts consumers in all of `edges`."""
    waiting = Counter(parent for arrows in edges.values() for parent, _ in arrows)
    G, ready = dict.fromkeys(order, 0.0), [root]
    G[root] = 1.0
    while ready:
        node = ready.pop()
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    return G


def adds_along(edges, order, root, everywhere=1):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            if everywhere or G[node]:
                G[parent] += slope + G[node]
    return G


def swept_otherwise(step, fill=0.0):
    """A sweep that does something else along an arrow."""

    def backward(edges, order, root):
        G = dict.fromkeys(order, fill)
        G[root] = 1.0
        for node in reversed(order):
            for parent, slope in edges[node]:
                step(G, node, parent, slope)
        return G

    return backward


def to_the_child(G, node, parent, slope):
    G[node] += slope * G[parent]


def with_minus(G, node, parent, slope):
    G[parent] -= slope * G[node]


def slope_squared(G, node, parent, slope):
    G[parent] += slope * slope * G[node]


def without_slope(G, node, parent, slope):
    G[parent] += G[node]


def multiplied(G, node, parent, slope):
    G[parent] *= slope * G[node]


def the_larger(G, node, parent, slope):
    G[parent] = max(G[parent], slope * G[node])


def divides(G, node, parent, slope):
    G[parent] += G[node] / slope if slope else 0.0


def counts_twice(G, node, parent, slope):
    G[parent] += 2 * slope * G[node]


def without_sign(G, node, parent, slope):
    G[parent] += abs(slope) * G[node]


def the_first(G, node, parent, slope):
    if G[parent] == 0:
        G[parent] = slope * G[node]


def added(G, node, parent, slope):
    G[parent] += slope * G[node]


SWEEPS = (  # name, explanation, step, what a gradient starts from
    ("childs", "You let the node collect from its parents. In the backward pass the gradient goes "
     "the other way: each parent gets slope times the gradient of the node.", to_the_child, 0.0),
    ("minus", "You subtract where reports meet. They add up.", with_minus, 0.0),
    ("square", "You multiply by the slope twice.", slope_squared, 0.0),
    ("noslope", "You pass a node's gradient on as it is. The slope of the arrow multiplies it.",
     without_slope, 0.0),
    ("times", "Every gradient but the root's stays 0: either you multiply where reports meet, and "
     "0 times anything is 0, or nothing is passed on at all. Reports add up.", multiplied, 0.0),
    ("times from 1", "You multiply where reports meet. They add up, starting from 0.",
     multiplied, 1.0),
    ("larger", "You keep the larger of the reports. They add up.", the_larger, 0.0),
    ("first", "A parent that has a gradient already keeps it with you. What comes second is to be "
     "added.", the_first, 0.0),
    ("ones", "You start every gradient from 1. Only the root has 1, ∂root/∂root; the others start "
     "from 0.", added, 1.0),
    ("divided", "You divide by the slope of the arrow. It multiplies.", divides, 0.0),
    ("twice", "You count each arrow twice.", counts_twice, 0.0),
    ("abs", "You take the slopes without their signs.", without_sign, 0.0),
)  # fmt: skip


def first_arrow_only(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node][:1]:
            G[parent] += slope * G[node]
    return G


def stops_at_the_first(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
        break
    return G


def forward_slopes(edges, order, root):
    """Every input moves by 1: what each node does then."""
    G = {}
    for node in order:
        G[node] = sum(s * G[parent] for parent, s in edges[node]) if edges[node] else 1.0
    return G


def from_the_last(edges, order, root):
    return swept_otherwise(added)(edges, order, order[-1])


def all_are_roots(edges, order, root):
    G = dict.fromkeys(order, 1.0)
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def written_by_paths(edges, order, root):
    """From the root down every path; what a path brings to a node replaces what was there."""
    G, waiting = dict.fromkeys(order, 0.0), [(root, 1.0)]
    while waiting:
        node, gradient = waiting.pop()
        G[node] = gradient
        waiting += [(parent, slope * gradient) for parent, slope in reversed(edges[node])]
    return G


def stopped_by_a_zero(edges, order, root):
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in reversed(order):
        if G[node] == 0:
            break
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def by_the_first_to_each(edges, order, root):
    """Of the arrows to one parent the first."""
    first = {node: tuple(dict(reversed(arrows)).items()) for node, arrows in edges.items()}
    return by_forward_mode(first, order, root)


def from_the_root_on(edges, order, root):
    """What the later nodes do if the root moves."""
    G = dict.fromkeys(order, 0.0)
    G[root] = 1.0
    for node in order:
        for parent, slope in edges[node]:
            G[node] += slope * G[parent]
    return G


def averaged_reports(edges, order, root):
    arrows = Counter(parent for above in edges.values() for parent, _ in above)
    G = by_forward_mode(edges, order, root)
    return {node: g / max(1, arrows[node]) for node, g in G.items()}


def other_sweeps():
    for name, explains, step, fill in SWEEPS:
        yield Mistake(name, explains, swept_otherwise(step, fill))
    yield Mistake(
        "one arrow",
        "You follow only the first arrow of each node, as a `break` or `return` inside the loop "
        "over the arrows does. All of them pass something on.",
        first_arrow_only,
    )
    yield Mistake(
        "stops",
        "You stop after the last node of `order`, as a `return` inside the loop over the nodes "
        "does. Every node passes on what it has.",
        stops_at_the_first,
    )
    yield Mistake(
        "forward",
        "You went from the inputs to the root, each input with 1: these are derivatives of the "
        "nodes. The task asks for those of the root with respect to them.",
        forward_slopes,
    )
    yield Mistake(
        "last",
        "You start at the last node of `order`. The root need not be the last one.",
        from_the_last,
    )
    yield Mistake(
        "root 0",
        "The gradient of the root is missing from its place: ∂root/∂root is 1.",
        lambda edges, order, root: by_forward_mode(edges, order, root) | {root: 0.0},
    )
    yield Mistake(
        "root late",
        "Every gradient but the root's is 0: either nothing is passed on, or the root gets its 1 "
        "after the walk, when there was nothing to pass on.",
        lambda edges, order, root: dict.fromkeys(order, 0.0) | {root: 1.0},
    )
    yield Mistake(
        "written by paths",
        "You walk path by path, and what a path brings to a node replaces what was there. It is "
        "to be added.",
        written_by_paths,
    )
    yield Mistake(
        "stopped by a zero",
        "You stop at the first node whose gradient is 0. Nodes before it may have one.",
        stopped_by_a_zero,
    )
    yield Mistake(
        "first to each",
        "Of several arrows to one parent you follow the first. All of them count.",
        by_the_first_to_each,
    )
    yield Mistake(
        "from the root on",
        "You walk from the parents to their children, from the root on: that is how the later "
        "nodes move if the root does. Walk from the end, and let a node report to its parents.",
        from_the_root_on,
    )
    yield Mistake(
        "averaged",
        "You divide what comes to a node by the number of its arrows. Reports add up.",
        averaged_reports,
    )
    yield Mistake(
        "only used",
        "Nodes that the root does not depend on are missing in your dict. Their derivative is 0, "
        "and it is asked for.",
        lambda edges, order, root: {
            node: g
            for node, g in by_forward_mode(edges, order, root).items()
            if node in reached({k: [p for p, _ in v] for k, v in edges.items()}, root)
        },
    )
    yield Mistake(
        "inputs",
        "You return the inputs alone. The task asks for every node of `order`.",
        lambda edges, order, root: {
            node: g for node, g in by_forward_mode(edges, order, root).items() if not edges[node]
        },
    )
    yield Mistake(
        "a list",
        "You return the numbers alone. The task asks for a dict, with the names as keys.",
        lambda edges, order, root: [*by_forward_mode(edges, order, root).values()],
        verdict=BROKEN,
    )


# ---- 02.6 products used again


def slopes_cases(rng):
    def draw(n):
        return rng.choice([-1.0, 1.0], n) * rng.uniform(0.4, 2.2, n)

    closed = np.array([1.5, 0.8, 0.0, -2.0, 0.7, -1.2])  # as at a ReLU that lets nothing pass
    easy = np.array([2.0, -0.5, 3.0])
    edges = (
        [0.0, 2.0, -3.0],  # its own slope is in no product of the first place
        [2.0, -3.0, 0.0],
        [2.0, 0.0, -1.5, 0.0, 3.0],
        [1.0, 1.0, 1.0, 1.0],
        [-1.0, 2.0, 2.0, -1.0],
        [3.0, 3.0],
        [0.0],
        [500.0, 1e-4, -200.0, 60.0],
        [2.0, -0.5, 4.0],
    )
    return [
        (easy,),
        *((draw(n),) for n in (1, 2, 5, 8, 13, 20)),
        (closed,),
        *((np.array(slopes),) for slopes in edges),
    ]


def products_after(slopes):
    return np.append(np.cumprod(slopes[:0:-1])[::-1], 1.0)


def divided(slopes):
    with np.errstate(all="ignore"):
        return np.prod(slopes) / np.cumprod(slopes)


def from_scratch(slopes):
    deltas = []
    for k in range(len(slopes)):
        product = 1.0
        for slope in slopes[k + 1 :]:
            product = product * slope
        deltas.append(product)
    return deltas


def filled_from_the_end(first, take):
    """d filled from its end: `first(slopes)` there, then `take(slopes, k)` times the one after."""

    def deltas(slopes):
        d = np.ones(len(slopes)).tolist()
        d[-1] = first(slopes)
        for k in reversed(range(len(slopes) - 1)):
            d[k] = take(slopes, k) * d[k + 1]
        return d

    return deltas


def filled_forwards(slopes):
    d = np.ones(len(slopes)).tolist()
    for k in range(len(slopes) - 1):
        d[k] = slopes[k + 1] * d[k + 1]
    return d


def other_chains():
    yield Mistake(
        "own slope",
        "You multiply by the slope of the place itself, slopes[k]. δ_k has the slopes after k: "
        "from δ_{k+1} it takes slopes[k + 1].",
        filled_from_the_end(lambda slopes: 1.0, lambda slopes, k: slopes[k]),
    )
    yield Mistake(
        "last slope",
        "You start from the last slope. For the last node nothing comes after: its δ is 1.",
        filled_from_the_end(lambda slopes: slopes[-1], lambda slopes, k: slopes[k + 1]),
    )
    yield Mistake(
        "forwards",
        "You fill the places from the front. Each δ is made from the one after it, so the last "
        "one comes first.",
        filled_forwards,
    )
    yield Mistake(
        "from the front",
        "You multiplied up to each place and included its own slope. δ_k has the slopes after k.",
        lambda slopes: np.cumprod(slopes),
    )
    yield Mistake(
        "not turned",
        "You multiplied from the end, included the place itself, and did not turn the result back.",
        lambda slopes: np.cumprod(slopes[::-1]),
    )
    yield Mistake(
        "front of the rest",
        "You multiplied the slopes after the first from the front. The products start at the end.",
        lambda slopes: np.append(np.cumprod(slopes[1:]), 1.0),
    )
    yield Mistake(
        "one product",
        "You gave every place the product that belongs to the first one. δ_k has only the slopes "
        "after k.",
        lambda slopes: np.prod(slopes[1:]) * np.ones(len(slopes)),
    )
    yield Mistake(
        "all slopes",
        "You gave every place the product of all slopes. δ_k has only the slopes after k.",
        lambda slopes: np.prod(slopes) * np.ones(len(slopes)),
    )
    yield Mistake(
        "next slope",
        "You return the slope after each place. δ_k is the product of all slopes after k.",
        lambda slopes: np.append(slopes[1:], 1.0),
    )
    yield Mistake(
        "0 at the end",
        "Your last entry is 0. Nothing comes after the last node, and an empty product is 1.",
        lambda slopes: np.append(products_after(slopes)[:-1], 0.0),
    )
    yield Mistake(
        "too long",
        "You have an entry too many: the first slope belongs to no δ.",
        lambda slopes: np.append(np.cumprod(slopes[::-1])[::-1], 1.0),
    )
    yield Mistake(
        "too short",
        "You have an entry too few: there are D places and D − 1 products, and the last δ is 1.",
        lambda slopes: (
            np.append(np.cumprod(slopes[:1:-1])[::-1], 1.0) if len(slopes) > 1 else [1.0]
        ),
    )
    yield Mistake(
        "divided by one",
        "You divide the product of all slopes by the one of the place. That leaves out the place "
        "alone; δ_k leaves out everything up to it.",
        lambda slopes: np.prod(slopes) / slopes if slopes.all() else np.zeros(len(slopes)),
    )


# ---- 02.7 every consumer counts


def consumer_cases(rng):
    def case(n, m):
        return rng.normal(size=m), rng.normal(size=(n, m)), rng.normal(size=m)

    easy = (
        np.array([0.5, -2.0]),
        np.array([[0.4, 0.3], [-1.5, 0.7], [2.0, -0.6]]),
        np.array([0.8, -0.4]),
    )
    dz, W, z = np.array([0.5, -2.0]), np.array([[1.0, 3.0], [-1.5, 0.5]]), np.array([2.0, -1.0])
    edges = [
        (dz, W, z),
        (0 * dz, W, z),
        (dz, 0 * W, z),
        (dz, W, 0 * z),
        (dz, np.array([[0.0, 2.0], [3.0, 0.0]]), np.array([40.0, -40.0])),
        (np.array([2.0, 1.0]), np.array([[1.0, -2.0], [0.25, 5.0]]), z),  # reports that cancel
        (np.array([1.0, 1.0]), np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([1.0, 1.0])),
        (np.array([300.0, -1e-5]), np.array([[80.0, 900.0], [-60.0, 1e5]]), z),
        (np.array([-1.5]), np.array([[2.0]]), np.array([0.5])),
        (np.array([0.25]), np.array([[-4.0]]), np.array([-3.0])),
    ]
    shapes = (3, 2), (4, 3), (3, 3), (2, 5), (5, 1), (1, 4)
    return [easy, *(case(n, m) for n, m in shapes), *edges, *one_moved((dz, W, z))]


# ---- 02.8 the slope belongs to the arrow


def adjoint_cases(rng):
    easy = 0.8, 0.25
    edges = [
        (0.0, 0.25),
        (0.0, 0.5),  # y = t
        (0.0, 0.0),
        (0.8, 1.0),
        (-0.01, 0.25),
        (0.01, 0.25),
        (1.0, -1.0),
        (3.0, 1e5),  # no difference of losses has nine digits here
        (12.0, -70.0),
        (-12.0, 80.0),
        (30.0, 0.25),  # the sigmoid is flat on both sides
        (-30.0, 0.25),
    ]
    drawn_cases = ((float(z), float(t)) for z, t in zip(*drawn(rng), strict=True))
    return [easy, *drawn_cases, *edges, *one_moved(easy)]


def drawn(rng):
    z = np.concatenate([rng.uniform(-4, -0.5, 5), rng.uniform(0.5, 4, 5)])
    return z, rng.uniform(-0.9, 1.9, 10)


def slope_twice(z, t):
    dz = (sigma(z) - t) * sigma_slope(z)
    return dz * sigma_slope(z), dz


EXERCISES = [
    Exercise(
        id="02.1",
        kind="by hand",
        title="The same graph, other numbers",
        signature="slopes_abc()",
        results=("∂y/∂a", "∂y/∂b", "∂y/∂c"),
        worked=worked.slopes_abc,
        reference=(11.0, -2.25, 7.0),
        mistakes=(
            Mistake(
                "onepath",
                "You walked only one of the two paths into a, and one of the two into c. "
                "Both are used twice: once on the way to d and once in f. The reports add up.",
                (13.5, -2.25, 4.5),
            ),
            Mistake(
                "a_by_e",
                "Your b and c are right. Of the two reports to a you kept the one through e: a "
                "is used in f as well, and what f reports is added.",
                (13.5, -2.25, 7.0),
            ),
            Mistake(
                "a_by_f",
                "Your b and c are right. Of the two reports to a you kept the one from f: a is "
                "used in e as well, and what comes through e is added.",
                (-2.5, -2.25, 7.0),
            ),
            Mistake(
                "c twice by d",
                "Your a and b are right. Two reports come to c: f by way of d, and d by way of f. "
                "You counted one of them twice.",
                (11.0, -2.25, 9.0),
            ),
            Mistake(
                "e for b",
                "You give ab, the value of e, for the derivative by b. It is a times what comes to "
                "e, and that is f.",
                (11.0, -1.5, 7.0),
                alone=True,
            ),
            Mistake(
                "c_by_d",
                "Your a and b are right. Of the two reports to c you kept the one from d: c is "
                "used in f as well, and what f reports is added.",
                (11.0, -2.25, 4.5),
            ),
            Mistake(
                "c_by_f",
                "Your a and b are right. Of the two reports to c you kept the one from f: c is "
                "used in d as well, and what d reports is added.",
                (11.0, -2.25, 2.5),
            ),
            Mistake(
                "one_each",
                "You kept one report each for a, the one through e, and for c, the one from f. "
                "Both are used twice, and the reports add up.",
                (13.5, -2.25, 2.5),
            ),
            Mistake(
                "other_each",
                "You kept one report each for a, the one from f, and for c, the one from d. "
                "Both are used twice, and the reports add up.",
                (-2.5, -2.25, 4.5),
            ),
            Mistake(
                "over",
                "You wrote the second report over the first: a and c have two consumers each, "
                "and the second report is added to the first.",
                (-2.5, -2.25, 2.5),
            ),
            Mistake(
                "lostminus",
                "You lost the minus in f = c − a: ∂f/∂a is −1.",
                (16.0, -2.25, 7.0),
            ),
            Mistake(
                "swap",
                "You gave each factor of y = d·f its own value: the derivative of a product with "
                "respect to one factor is the other factor.",
                (3.0, -1.25, 7.0),
            ),
            Mistake(
                "values",
                "These are the values of e, d and f from the forward run. The derivatives of y "
                "come from the backward pass.",
                (-1.5, 2.5, 4.5),
            ),
            *other_results(),
            Mistake(
                "chapter",
                "These are the chapter's derivatives, at a = 1.5, b = −2, c = 7. Here the three "
                "numbers are "
                "others.",
                (-15.0, 8.25, 9.5),
            ),
        ),
        hints=(
            "Forward first: e = −1.5, d = 2.5, f = 4.5.",
            "y = d·f: ∂y/∂d is f, and ∂y/∂f is d. So d has 4.5, f has 2.5.",
            "a collects twice: b·4.5 through e, and −1·2.5 through f. So does c: 4.5 and 2.5.",
        ),
        section='chapter 02, section 2.2, "A graph by hand"',
        proves="Values forward, gradients backward, a sum wherever two arrows leave a node.",
    ),
    Exercise(
        id="02.2",
        kind="implement",
        title="A quotient of dual numbers",
        signature="dual_div(p, q)",
        worked=worked.dual_div,
        results=("value", "tangent"),
        reference=lambda p, q: (p[0] / q[0], p[1] / q[0] - p[0] / q[0] / q[0] * q[1]),
        cases=dual_cases,
        quantities=lambda p, q: {
            "v": p[0],
            "v̇": p[1],
            "w": q[0],
            "ẇ": q[1],
            "w²": q[0] ** 2,
            "v²": p[0] ** 2,
            "ẇ²": q[1] ** 2,
            "2·w": 2 * q[0],
            "v̇/w": p[1] / q[0],
            "v·ẇ/w²": p[0] * q[1] / q[0] ** 2,
            "v/w": p[0] / q[0],
            "v·w": p[0] * q[0],
            "0": 0.0,
        },
        mistakes=(
            Mistake(
                "ratio",
                "You divided the tangents. The derivative of a quotient is not the quotient of "
                "the derivatives.",
                lambda p, q: (p[0] / q[0], p[1] / q[1]),
            ),
            Mistake(
                "flip",
                "Your two terms are in the wrong order: a rising divisor makes the quotient "
                "fall, so its term carries the minus.",
                lambda p, q: (p[0] / q[0], (p[0] * q[1] - p[1] * q[0]) / q[0] ** 2),
            ),
            Mistake(
                "nosq",
                "You divided by w where the quotient rule divides by w².",
                lambda p, q: (p[0] / q[0], (p[1] * q[0] - p[0] * q[1]) / q[0]),
            ),
            Mistake(
                "plus",
                "You added the two terms, as in a product. When the divisor grows the quotient "
                "shrinks: that term is subtracted.",
                lambda p, q: (p[0] / q[0], (p[1] * q[0] + p[0] * q[1]) / q[0] ** 2),
            ),
            Mistake(
                "const",
                "You held the divisor fixed: its tangent ẇ does not appear in your result.",
                lambda p, q: (p[0] / q[0], p[1] / q[0]),
            ),
            Mistake(
                "product",
                "That is the rule of the product, not of the quotient.",
                lambda p, q: (p[0] * q[0], p[1] * q[0] + p[0] * q[1]),
            ),
            Mistake(
                "product tangent",
                "Your tangent is the one of the product v·w.",
                lambda p, q: (p[0] / q[0], p[1] * q[0] + p[0] * q[1]),
            ),
            Mistake(
                "half square",
                "You divided both terms by w. In the second one, −v·ẇ/w², w is squared: it comes "
                "from the "
                "derivative of 1/w.",
                lambda p, q: (p[0] / q[0], p[1] / q[0] - p[0] * q[1] / q[0]),
            ),
            Mistake(
                "bracket",
                "You divided only the second term by w². Put the difference in brackets.",
                lambda p, q: (p[0] / q[0], p[1] * q[0] - p[0] * q[1] / q[0] ** 2),
            ),
            Mistake(
                "crossed",
                "In the numerator each value is multiplied by the tangent of the other one: v̇·w "
                "− v·ẇ.",
                lambda p, q: (p[0] / q[0], (p[0] * q[0] - p[1] * q[1]) / q[0] ** 2),
            ),
            Mistake(
                "upside down",
                "You divided q by p.",
                lambda p, q: (q[0] / p[0], (q[1] * p[0] - q[0] * p[1]) / p[0] ** 2),
                verdict=BROKEN,
            ),
            Mistake(
                "tangent alone",
                "You return the tangent alone. A dual number is a pair: the value first.",
                lambda p, q: (p[1] * q[0] - p[0] * q[1]) / q[0] ** 2,
            ),
            Mistake(
                "difference",
                "You subtracted. The task asks for the quotient.",
                lambda p, q: (p[0] - q[0], p[1] - q[1]),
            ),
            Mistake(
                "difference of tangents",
                "Your tangent is v̇ − ẇ, that of a difference.",
                lambda p, q: (p[0] / q[0], p[1] - q[1]),
            ),
            Mistake(
                "v lost",
                "In the second term of your tangent, −v·ẇ/w², the v is missing.",
                lambda p, q: (p[0] / q[0], p[1] / q[0] - q[1] / q[0] ** 2),
            ),
        ),
        hints=(
            "Differentiate v/w when both v and w move.",
            "There are two terms: v̇/w from the top, and one from the bottom with a minus.",
            "The tangent is (v̇·w − v·ẇ)/w².",
        ),
        section='chapter 02, section 2.3, "Forward mode"',
        proves="A quotient carries its tangent along, with top and bottom both moving.",
    ),
    Exercise(
        id="02.3",
        kind="predict",
        title="How many runs?",
        signature="runs(n_in, n_out)",
        worked=worked.runs,
        results=("differences", "forward", "reverse"),
        reference=lambda n_in, n_out: (n_in + 1, n_in, n_out),
        cases=lambda rng: [
            *((5, 2), (2, 5), (3, 1), (1, 3), (784, 10), (12, 12), (7, 30)),
            *((1, 1), (2, 2), (5, 3), (6, 2), (1_000_000, 1), (1, 50_000)),
        ],
        quantities=lambda n_in, n_out: {
            "`n_in`·`n_out`": n_in * n_out,
            "`n_in`·`n_out` + 1": n_in * n_out + 1,
            "1": 1,
            "2": 2,
            "2·`n_in`": 2 * n_in,
            "2·`n_in` + 1": 2 * n_in + 1,
            "`n_in` + `n_out`": n_in + n_out,
            "the smaller of `n_in` and `n_out`": min(n_in, n_out),
            "the larger of `n_in` and `n_out`": max(n_in, n_out),
            "`n_out` + 1": n_out + 1,
            "2·`n_out`": 2 * n_out,
        },
        mistakes=(
            Mistake(
                "always1",
                "You counted one reverse run for all outputs. It starts from one output; a "
                "second output needs a second run.",
                lambda n_in, n_out: (n_in + 1, n_in, 1),
            ),
            Mistake(
                "offone",
                "You forgot the run that is not nudged: a difference is between two runs.",
                lambda n_in, n_out: (n_in, n_in, n_out),
            ),
            Mistake(
                "swap",
                "You exchanged the two modes: forward mode fixes an input, reverse mode an output.",
                lambda n_in, n_out: (n_in + 1, n_out, n_in),
            ),
            Mistake(
                "perparam",
                "You let reverse mode run once for each input. One run of it reaches all inputs.",
                lambda n_in, n_out: (n_in + 1, n_in, n_in),
            ),
            Mistake(
                "allpairs",
                "You count one run for each entry of the Jacobian. Each run gives a whole row or "
                "a whole column of it.",
                lambda n_in, n_out: (n_in * n_out,) * 3,
            ),
            Mistake(
                "central",
                "2·n_in runs are the price of central differences. The task asks for one-sided "
                "ones: one nudge "
                "for each input, and the run without.",
                lambda n_in, n_out: (2 * n_in, n_in, n_out),
            ),
            Mistake(
                "alone",
                "You return one number. The task asks for three: for differences, forward mode, "
                "reverse mode.",
                lambda n_in, n_out: n_in + 1,
            ),
        ),
        hints=(
            "What does one run fix, and what does it then give for all the rest?",
            "A nudge and a dual run each fix one input, and see all outputs.",
            "A reverse run fixes one output, and sees all inputs. Do not forget the run without "
            "a nudge.",
        ),
        section='chapter 02, section 2.6, "Three in and one out, one in and three out"',
        proves="Nudges and forward mode need a run per input, reverse mode a run per output.",
    ),
    Exercise(
        id="02.4",
        kind="implement",
        title="Parents before children",
        signature="topo(parents, root)",
        reference=kahn,
        accept=order_fault,
        cases=order_cases,
        mistakes=(
            Mistake(
                "bfs",
                "You ordered by distance from the root, nearest last. A node near the root by a "
                "short route may be needed by another on a longer route.",
                lambda parents, root: reached(parents, root)[::-1],
            ),
            Mistake(
                "nearest",
                "You go from the root outwards, nearest first, and a node that is named twice in "
                "one line of parents is listed twice. Nearest first is no order in which parents "
                "come first: a node near the root may be needed by one on a longer route.",
                nearest_first,
            ),
            Mistake(
                "waits",
                "You wait for all consumers of a node, also for those that the root is not "
                "computed from. These never come, and what lies below is missing. Count only "
                "consumers that lead to the root.",
                waits_for_every_consumer,
            ),
            Mistake(
                "pre",
                "You take a node when you first meet it on the way down. Take it on the way up, "
                "after all of its parents are in the list.",
                preorder,
            ),
            Mistake(
                "rev",
                "Your list runs from the root to the inputs: children first. Parents were asked "
                "to come first.",
                lambda parents, root: kahn(parents, root)[::-1],
            ),
            Mistake(
                "dups",
                "You append a shared node once for each consumer. Remember which nodes are in the "
                "list already.",
                repeated,
            ),
            Mistake(
                "unreach",
                "You list every key. Only nodes that the root is computed from belong in the list.",
                every_key,
            ),
        ),
        hints=(
            "When may a node go into the list? When all of its parents are in it.",
            "Write an inner function `visit(node)`: visit each parent, then append the node.",
            "Keep a set `done`; `visit` returns at once where the node is in it. Start with "
            "`visit(root)`.",
        ),
        section='chapter 02, section 2.9, "Wait for all consumers"',
        proves="Each node the root needs appears once, after all of its parents.",
    ),
    Exercise(
        id="02.5",
        kind="implement",
        title="The sweep",
        signature="backward(edges, order, root)",
        worked=worked.backward,
        reference=by_forward_mode,
        cases=sweep_cases,
        mistakes=(
            Mistake(
                "over",
                "You wrote `=` where reports meet: a node that is used twice keeps only the last "
                "one. Add.",
                overwrites,
            ),
            Mistake(
                "fwd",
                "Only the root's own parents have a gradient: either you walked from the inputs "
                "to the root, and an input has heard nothing yet that it could pass on, or you "
                "stopped after the root.",
                inputs_first,
            ),
            Mistake(
                "noup",
                "You passed on the local slope alone. Each slope is to be multiplied by the "
                "upstream gradient, the one at the node.",
                no_upstream,
            ),
            Mistake(
                "noseed",
                "You started with 0 at the root, and so all gradients are 0. ∂root/∂root is 1.",
                no_seed,
            ),
            Mistake(
                "sum",
                "You added along a path. Along a path the slopes multiply; only where paths meet "
                "do they add.",
                adds_along,
                family=(1, 0),
            ),
            Mistake(
                "totals",
                "You pass on what a node has so far as soon as it has something, and later pass "
                "it on again with what came since. Walk `order` from its end: each node passes "
                "on once, when its sum is complete.",
                passes_on_at_once,
            ),
            Mistake(
                "waits",
                "You wait for all consumers of a node, also for those that the root is not "
                "computed from. These never report, and what lies below stays at 0. `order` "
                "needs no waiting: walk it from its end.",
                waits_for_reports,
            ),
            Mistake(
                "lost_twins",
                "You made a dict or a set of the arrows, and two arrows to one parent became "
                "one. Both of them count.",
                lambda edges, order, root: by_forward_mode(
                    {node: tuple(dict(arrows).items()) for node, arrows in edges.items()},
                    order,
                    root,
                ),
            ),
            Mistake(
                "equal_arrows",
                "Two arrows that are equal count once with you, as in a set. Both of them count.",
                lambda edges, order, root: by_forward_mode(
                    {node: tuple(dict.fromkeys(arrows)) for node, arrows in edges.items()},
                    order,
                    root,
                ),
            ),
            *other_sweeps(),
        ),
        hints=(
            "A dict with 0.0 for every node; the root gets 1.0.",
            "Walk `order` from its end: then all consumers of a node have reported before it "
            "passes anything on.",
            "For each arrow of a node: `G[parent] += slope * G[node]`.",
        ),
        section='chapter 02, section 2.4, "Reverse mode"',
        proves="Multiply along the arrows, add where they meet: that is all of reverse mode.",
    ),
    Exercise(
        id="02.6",
        kind="find the bug",
        title="Each layer from scratch",
        signature="deltas(slopes)",
        worked=worked.deltas,
        reference=products_after,
        cases=slopes_cases,
        # of one or two slopes there is nothing to multiply, so nothing to count
        products=lambda slopes: len(slopes) if len(slopes) > 2 else 0,
        mistakes=(
            Mistake(
                "quad",
                "Your numbers are right, but each is multiplied together from scratch. δ at one "
                "place is δ at the next place times one slope.",
                from_scratch,
            ),
            Mistake(
                "own",
                "You included the slope of the place itself: δ_k has only the slopes after k, "
                "so the last one is 1.",
                lambda slopes: np.cumprod(slopes[::-1])[::-1],
            ),
            Mistake(
                "prefix",
                "You multiplied the slopes before each place. The path from a place to the "
                "output has the slopes after it.",
                lambda slopes: np.concatenate([[1.0], np.cumprod(slopes[:-1])]),
            ),
            Mistake(
                "sum",
                "You added the slopes. Along a path they multiply.",
                lambda slopes: np.array([np.sum(slopes[k + 1 :]) for k in range(len(slopes))]),
            ),
            Mistake(
                "divide",
                "You divide the product of all slopes by those up to the place. Where a slope is "
                "0, that is 0/0; and it takes two runs of products.",
                divided,
            ),
            Mistake(
                "rev",
                "Your numbers are right and in reversed order: the last entry belongs to the "
                "last place, and is 1.",
                lambda slopes: products_after(slopes)[::-1],
            ),
            *other_chains(),
        ),
        hints=(
            "Which δ needs no product at all? The last one: nothing comes after it.",
            "δ_k = slopes[k+1]·δ_{k+1}: one product each.",
            "Fill the array from its end: `d[-1] = 1`, then `d[k] = slopes[k + 1] * d[k + 1]`.",
        ),
        section='chapter 02, section 2.7, "Reuse"',
        proves="One product per place: each δ is made from the one after it.",
    ),
    Exercise(
        id="02.7",
        kind="find the bug",
        title="Every consumer counts",
        signature="dh(dz, W, z)",
        worked=worked.dh,
        reference=lambda dz, W, z: (W * dz).sum(axis=1),
        cases=consumer_cases,
        quantities=lambda dz, W, z: {
            "σ′(z[0])": sigma_slope(z[0]),
            "`dz[0]`": dz[0],
            "the sum of `dz`": dz.sum(),
            "the sums of the rows of `W`": W.sum(axis=1),
        },
        mistakes=(
            Mistake(
                "printed",
                "That is the printed formula: one consumer only, and a σ′ too many.",
                lambda dz, W, z: W[:, 0] * dz[0] * sigma_slope(z[0]),
            ),
            Mistake(
                "one",
                "You counted the first output alone. From each h an arrow goes to every z, and "
                "every one of them reports back.",
                lambda dz, W, z: W[:, 0] * dz[0],
            ),
            Mistake(
                "extra",
                "You multiplied by σ′(z). The arrow from h to z has slope W alone; the σ′ of z "
                "lies further on, and is already in dz.",
                lambda dz, W, z: W @ (dz * sigma_slope(z)),
            ),
            Mistake(
                "mean",
                "You averaged over the consumers. Their reports add up.",
                lambda dz, W, z: W @ dz / len(dz),
            ),
            Mistake(
                "unw",
                "You added the reports without the slopes of their arrows, the weights.",
                lambda dz, W, z: np.full(len(W), dz.sum()),
            ),
            Mistake(
                "sep",
                "You multiplied two sums. Multiply each report by the weight of its own arrow, "
                "and then add.",
                lambda dz, W, z: W.sum(axis=1) * dz.sum(),
            ),
            Mistake(
                "tr",
                "You transposed W: its rows belong to h, its columns to z. With a square W you "
                "would have got wrong numbers and no error.",
                lambda dz, W, z: W.T @ dz,
                verdict=BROKEN,
            ),
            Mistake(
                "Wz",
                "You multiplied W by z. What comes back through the arrows is dz.",
                lambda dz, W, z: W @ z,
            ),
            Mistake(
                "dz times z",
                "You multiplied dz by z. The arrow from h to z has slope W alone.",
                lambda dz, W, z: W @ (dz * z),
            ),
            Mistake(
                "value",
                "You multiplied dz by σ(z). The arrow from h to z has slope W alone.",
                lambda dz, W, z: W @ (dz * sigma(z)),
            ),
            Mistake(
                "tanh",
                "You multiplied dz by the slope of tanh at z. The arrow from h to z has slope W "
                "alone.",
                lambda dz, W, z: W @ (dz * (1 - np.tanh(z) ** 2)),
            ),
            Mistake(
                "relu",
                "You masked dz where z is not above zero, as a ReLU would. The arrow from h to z "
                "has slope W "
                "alone.",
                lambda dz, W, z: W @ (dz * (z > 0)),
            ),
            Mistake(
                "last",
                "You counted the last output alone. Every z that h_j goes into reports back.",
                lambda dz, W, z: W[:, -1] * dz[-1],
            ),
            Mistake(
                "largest",
                "You kept the largest of the reports. They add up.",
                lambda dz, W, z: (W * dz).max(axis=1),
            ),
            Mistake(
                "abs_",
                "You took the weights without their signs.",
                lambda dz, W, z: abs(W) @ dz,
            ),
            Mistake(
                "other axis",
                "You added down the columns. The reports to h_j stand in row j of W * dz: "
                "`axis=1`.",
                lambda dz, W, z: (W * dz).sum(axis=0),
            ),
            Mistake(
                "outer",
                "You took an outer product with the first column of W. Each report has its own "
                "weight, and "
                "the reports to h_j add up.",
                lambda dz, W, z: np.outer(W[:, 0], dz),
            ),
            Mistake(
                "first weight",
                "You added dz and multiplied by the weights of the first output. Each report has "
                "the weight "
                "of its own arrow.",
                lambda dz, W, z: W[:, 0] * dz.sum(),
            ),
            Mistake(
                "first report",
                "You added the weights of each row and multiplied by the first dz. Each weight "
                "belongs to a "
                "dz of its own.",
                lambda dz, W, z: W.sum(axis=1) * dz[0],
            ),
            Mistake(
                "first row",
                "You took the first row of W alone: these are the reports to the first h, not "
                "yet added.",
                lambda dz, W, z: W[0] * dz,
            ),
            Mistake(
                "1 − σ",
                "You multiplied dz by 1 − σ(z). The arrow from h to z has slope W alone.",
                lambda dz, W, z: W @ (dz * (1 - sigma(z))),
            ),
        ),
        hints=(
            "Draw the arrows that leave h_j. How many are there, and where do they end?",
            "One term for each arrow: its slope is W[j, k], the gradient at its end is dz[k].",
            "Add over k: that is `W @ dz`. z is not needed.",
        ),
        section='chapter 02, section 2.11, "Mistakes in print"',
        proves="Each consumer reports its dz times the weight of its arrow, and the reports add.",
    ),
    Exercise(
        id="02.8",
        kind="find the bug",
        title="Which is nearer to the loss?",
        signature="adjoints(z, t)",
        worked=worked.adjoints,
        results=("∂L/∂y", "∂L/∂z"),
        reference=lambda z, t: (sigma(z) - t, (sigma(z) - t) / (2 + np.exp(z) + np.exp(-z))),
        cases=adjoint_cases,
        quantities=lambda z, t: {
            "y": sigma(z),
            "1 − y": 1 - sigma(z),
            "y(1 − y)": sigma_slope(z),
            "1 − y²": 1 - sigma(z) ** 2,
            "1 + y": 1 + sigma(z),
            "z(1 − z)": z * (1 - z),
            "z − t": z - t,
            "y − t": sigma(z) - t,
            "½(y − t)": (sigma(z) - t) / 2,
            "1": 1.0,
            "σ′(z)²": sigma_slope(z) ** 2,
        },
        mistakes=(
            Mistake(
                "printed",
                "That is the printed order: it reaches ∂L/∂y from ∂L/∂z with one more σ′(z), so "
                "σ′ is in it twice. y is nearer to L, so its slope comes first, and without any.",
                slope_twice,
            ),
            Mistake(
                "swap",
                "Your two results are exchanged: ∂L/∂y is asked for first.",
                lambda z, t: ((sigma(z) - t) * sigma_slope(z), sigma(z) - t),
            ),
            Mistake(
                "noup",
                "Your second number is the local derivative ∂y/∂z alone. It has to be "
                "multiplied by the gradient at y.",
                lambda z, t: (sigma(z) - t, sigma_slope(z)),
            ),
            Mistake(
                "pt",
                "You took the slope of σ at y. It belongs at z, where σ was applied; written "
                "with y it is y(1−y).",
                lambda z, t: (sigma(z) - t, (sigma(z) - t) * sigma_slope(sigma(z))),
            ),
            Mistake(
                "sig",
                "You multiplied by σ(z) where its slope σ′(z) belongs.",
                lambda z, t: (sigma(z) - t, (sigma(z) - t) * sigma(z)),
            ),
            Mistake(
                "noslope",
                "You left σ′(z) out: it belongs to the arrow from z to y.",
                lambda z, t: (sigma(z) - t, sigma(z) - t),
            ),
            Mistake(
                "added",
                "You added ∂L/∂y and the slope of the sigmoid. Along a path they multiply.",
                lambda z, t: (sigma(z) - t, sigma(z) - t + sigma_slope(z)),
            ),
        ),
        hints=(
            "Going back from L, which do you meet first, y or z?",
            "∂L/∂y = y − t, and nothing else: no σ′ lies between y and L.",
            "∂L/∂z = (y − t)·y(1 − y).",
        ),
        section='chapter 02, section 2.4, "Reverse mode"',
        proves="The slope of an arrow enters where the arrow is walked, once.",
    ),
]
