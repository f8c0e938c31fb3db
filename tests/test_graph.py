"""The order and the backward pass, on graphs of plain objects."""

import asyncio
import contextvars
import itertools
import math
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookutils.engine.graph import no_grad, paused, topological_order
from bookutils.engine.rules import stop
from bookutils.engine.scalar import gradients


class Node:
    """Something with parents and slopes."""

    def __init__(self, *edges):
        self.edges = edges  # parent, slope, parent, slope, …
        self.parents, self.slopes = edges[::2], edges[1::2]


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


def test_stop_passes_on_nothing():
    x = Node()
    y = Node(x, stop, x, 2.0)
    assert gradients(Node(y, float("inf")))[x] == float("inf")  # not nan, which 0 · inf is
    assert gradients(Node(Node(x, stop), float("inf")))[x] == 0.0
    assert stop == 0 and math.isnan(0.0 * float("inf"))


@pytest.mark.slow
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


# --- no_grad -------------------------------------------------------------------------------------


def test_no_grad_may_be_nested_and_entered_again():
    block = no_grad()
    for _ in range(2):
        with block, block, no_grad():
            assert paused()
        assert not paused()


def test_no_grad_is_left_by_an_exception():
    with pytest.raises(ZeroDivisionError), no_grad():
        1 / 0  # noqa: B018
    assert not paused()


def test_no_grad_belongs_to_its_thread():
    inside, seen = threading.Barrier(2, timeout=10), threading.Barrier(2, timeout=10)

    def evaluate():
        with no_grad():
            inside.wait()
            seen.wait()
            return bool(paused())

    with ThreadPoolExecutor(1) as pool:
        evaluation = pool.submit(evaluate)
        inside.wait()
        recorded = not paused()
        seen.wait()
        assert recorded and evaluation.result()


def test_overlapping_threads_leave_recording_as_it_was():
    first, second = threading.Event(), threading.Event()

    def early():
        with no_grad():
            first.set()
            second.wait(10)
        return paused()

    def late():
        first.wait(10)
        with no_grad():
            second.set()
            return evaluation.result(10), paused()

    with ThreadPoolExecutor(2) as pool:
        evaluation = pool.submit(early)
        assert pool.submit(late).result() == (0, 1)
        assert [pool.submit(paused).result() for _ in range(4)] == [0] * 4
    assert not paused()


def test_overlapping_generators_leave_recording_as_it_was():
    def predictions():
        with no_grad():
            yield bool(paused())
            yield bool(paused())

    one, other = predictions(), predictions()
    assert next(one) and next(other)
    assert list(one) == [True] and list(other) == [True]  # the first to enter is the first to leave
    assert not paused()
    abandoned = predictions()
    next(abandoned)
    abandoned.close()
    assert not paused()


def test_no_grad_belongs_to_its_task():
    async def evaluate(inside, done):
        with no_grad():
            inside.set()
            await done.wait()
            return bool(paused())

    async def main():
        inside, done = asyncio.Event(), asyncio.Event()
        evaluation = asyncio.create_task(evaluate(inside, done))
        await inside.wait()
        recorded = not paused()
        done.set()
        assert recorded and await evaluation and not paused()

    with ThreadPoolExecutor(1) as thread:  # where the browser tests have left no event loop running
        thread.submit(asyncio.run, main()).result()


def test_no_grad_left_in_another_context_records_again_there():
    context = contextvars.copy_context()
    block = no_grad()
    context.run(block.__enter__)
    block.__exit__()
    assert not paused()
    with no_grad():
        assert paused()


def test_no_grad_decorates_functions_and_refuses_what_runs_later():
    @no_grad()
    def inside():
        return bool(paused())

    assert inside() and inside() and not paused()

    def generator():
        yield

    async def coroutine():
        pass

    for function in (generator, coroutine):
        with pytest.raises(TypeError, match=f"no_grad: {function.__name__} runs later, .* inside"):
            no_grad()(function)
