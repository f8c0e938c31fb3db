"""The order and the backward pass, on graphs of plain objects."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from bookutils.engine.graph import cut, gradients, topological_order


class Node:
    """Something with operands and slopes."""

    def __init__(self, *edges):
        self.edges = edges  # operand, slope, operand, slope, …
        self._a, self._da, self._b, self._db, *_ = (*edges, None, None, None, None)
        if len(edges) > 4:
            self._a, self._da, self._b, self._db = edges[::2], edges[1::2], None, None


@st.composite
def graphs(draw, most=12):
    """Nodes that each read up to three earlier ones, by slopes that are whole numbers."""
    nodes = []
    for _ in range(draw(st.integers(1, most))):
        count = draw(st.integers(0, 3)) if nodes else 0
        edges = [
            (draw(st.sampled_from(nodes)), draw(st.integers(-3, 3).map(float)))
            for _ in range(count)
        ]
        nodes.append(Node(*itertools.chain(*edges)))
    return nodes


def reachable(root):
    found = {root}
    for parent in root.edges[::2]:
        found |= reachable(parent)
    return found


def sum_over_paths(root, leaf):
    """∂root/∂leaf path by path; exponential, and plainly right."""
    edges = zip(root.edges[::2], root.edges[1::2], strict=True)
    return (root is leaf) + sum(slope * sum_over_paths(parent, leaf) for parent, slope in edges)


@given(graphs())
def test_parents_come_before_children_and_nothing_twice(nodes):
    root = nodes[-1]
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order) and place.keys() == reachable(root) and order[-1] is root
    for node in order:
        assert all(place[parent] < place[node] for parent in node.edges[::2])


@given(graphs())
def test_gradients_are_sums_over_paths(nodes):
    root = nodes[-1]
    grads = gradients(root)
    assert list(grads) == topological_order(root)
    for node, grad in grads.items():
        assert grad == sum_over_paths(root, node)


@given(graphs())
def test_the_same_order_every_time(nodes):
    assert topological_order(nodes[-1]) == topological_order(nodes[-1])


def test_cut_passes_on_nothing():
    x = Node()
    y = Node(x, cut, x, 2.0)
    assert gradients(Node(y, float("inf")))[x] == float("inf")  # not nan, which 0 · inf is
    assert gradients(Node(Node(x, cut), float("inf")))[x] == 0.0


def test_a_slope_may_be_a_linear_map():
    class Matrix:
        """A slope from a vector to a vector."""

        def __init__(self, *rows):
            self.rows = rows

        def __mul__(self, grad):
            return sum(r * grad for r in self.rows)

    x = Node()
    y = Node(x, Matrix(2.0, 3.0), x, Matrix(-1.0, 0.5))
    assert gradients(y)[x] == 4.5


def test_wide_deep_and_laddered_graphs():
    leaves = [Node() for _ in range(100_000)]
    wide = Node(*itertools.chain(*((leaf, 2.0) for leaf in leaves)))
    assert set(gradients(wide).values()) == {1.0, 2.0}
    node = bottom = Node()
    for _ in range(100_000):  # 2¹⁰⁰⁰⁰⁰ paths
        node = Node(node, 0.25, node, 0.75)
    assert gradients(node)[bottom] == 1.0


def test_long_and_short_routes():
    rng = random.Random(3)
    nodes = [Node()]
    for _ in range(2_000):  # each reads its predecessor and a far one
        nodes.append(Node(nodes[-1], 0.5, rng.choice(nodes), 0.5))
    place = {node: i for i, node in enumerate(topological_order(nodes[-1]))}
    assert all(place[p] < place[n] for n in nodes for p in n.edges[::2])
    assert gradients(nodes[-1])[nodes[0]] == 1.0  # exact: halves of halves, summed
