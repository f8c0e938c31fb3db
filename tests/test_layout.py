"""The layout of a graph: no needless crossing, positions of least squares."""

import itertools
import random

from bookutils.page.drawing import Diagram
from bookutils.page.layout import columns_of, fewest_crossings, spread


def test_crossings_are_removed_where_none_is_needed():
    edges = {f"b{i}": ("a" + str(i),) for i in (3, 1, 2, 0)}
    edges["c"] = tuple(f"b{i}" for i in (2, 0, 3, 1))
    columns, routes = columns_of(9, Diagram(edges).parents)
    before = [[] for _ in range(9)]
    for route in routes.values():
        for u, v in itertools.pairwise(route):
            before[v].append((u, None))
    best = fewest_crossings([sorted(c, key=lambda i: (i * 7) % 5) for c in columns], before)
    rank = {i: r for column in best for r, i in enumerate(column)}
    arrows = [(u, v) for v, into in enumerate(before) for u, _ in into]
    level = {i: k for k, column in enumerate(best) for i in column}
    crossed = sum(
        level[v] == level[s] and (rank[u] - rank[r]) * (rank[v] - rank[s]) < 0
        for (u, v), (r, s) in itertools.combinations(arrows, 2)
    )
    assert crossed == 0


def test_positions_are_the_least_squares_ones():
    rng = random.Random(4)
    for _ in range(50):
        n = rng.randint(1, 7)
        wishes = [rng.uniform(-20, 20) for _ in range(n)]
        weights = [rng.uniform(0.1, 4) for _ in range(n)]
        gaps = [rng.uniform(1, 9) for _ in range(n - 1)]
        found = spread(wishes, weights, gaps)

        def cost(ys, wishes=wishes, weights=weights):
            return sum(w * (y - t) ** 2 for w, y, t in zip(weights, ys, wishes, strict=True))

        assert all(b - a >= g - 1e-9 for a, b, g in zip(found, found[1:], gaps, strict=False))
        for _ in range(200):  # no allowed change nearby is better
            other = [y + rng.gauss(0, 0.3) for y in found]
            if all(b - a >= g for a, b, g in zip(other, other[1:], gaps, strict=False)):
                assert cost(other) >= cost(found) - 1e-9
