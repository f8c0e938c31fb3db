"""The walk backward: the same numbers as the engine's one pass, and slips named."""

import math
import random

import pytest

from bookutils.engine.scalar import Value, gradients, maximum
from bookutils.engine.sums import dot, total
from bookutils.page.walk import Step, Walk, added, backward_steps, judge


def chapter_graph():
    a, b, c = Value(1.5), Value(-2.0), Value(7.0)
    e = a * b
    d = e + c
    f = c - a
    return d * f, {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f}


OPERATIONS = [
    lambda a, b, c: a * b,
    lambda a, b, c: a + b,
    lambda a, b, c: a - b,
    lambda a, b, c: a / (b * b + 1),
    lambda a, b, c: a.tanh(),
    lambda a, b, c: a.relu(),
    lambda a, b, c: maximum(a, b),
    lambda a, b, c: a * a,
    lambda a, b, c: dot([a, b], [c, a], b),
    lambda a, b, c: total([a, a, c, 2]),
    lambda a, b, c: 1.3 - a,
]


def random_expression(seed):
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(0.5, 2)) for _ in range(3)]
    for _ in range(15):
        operation = rng.choice(OPERATIONS)
        nodes.append(operation(*rng.choices(nodes, k=3)))
    return total(nodes[-4:])


@pytest.mark.parametrize("seed", range(20))
def test_the_walk_ends_at_the_gradients(seed):
    root = random_expression(seed)
    expected = gradients(root)
    steps = backward_steps(root)
    assert len(steps) == sum(len(node.parents) for node in expected)
    last = {step.parent: step for step in steps}
    assert set(last) | {root} == set(expected)
    for node, step in last.items():
        assert step.after == expected[node]  # the same sums in the same order: the same bits
        assert step.waiting == 0
    for step in steps:
        assert step.upstream == expected[step.node]  # passed on only when whole
        assert step.node.parents[step.place] is step.parent


def test_sums_of_the_chapter_graph():
    y, names = chapter_graph()
    by = {id(node): name for name, node in names.items()} | {id(y): "y"}
    shown = [(by[id(s.node)], by[id(s.parent)], added(s, True)) for s in backward_steps(y)]
    assert ("f", "c", "5.5 + 4 = 9.5") in shown
    assert ("f", "a", "−11 − 4 = −15") in shown
    assert ("y", "d", "5.5") in shown
    assert {added(s, False) for s in backward_steps(y)} == {"?", "5.5 + ?", "−11 + ?"}


STEP = Step(None, None, 0, upstream=5.5, slope=-2.0, before=3.25, waiting=0)  # 3.25 − 11 = −7.75


@pytest.mark.parametrize(
    ("guess", "said"),
    [
        (-11, "overwrites the 3.25"), (1.25, "upstream factor"), (-2, "upstream factor"),
        (8.75, "as it is"), (14.25, "sign"), (7.75, "sign"), (6.75, "adds along the arrow"),
        (-35.75, "multiplies the contributions"), (3.25, "before this arrow"),
        (100, "Multiply along the arrow"),
    ],
)  # fmt: skip
def test_a_slip_is_named(guess, said):
    right, words = judge(STEP, guess)
    assert not right and said in words


def test_a_first_contribution_cannot_overwrite():
    step = Step(None, None, 0, upstream=5.5, slope=-2.0, before=None, waiting=1)
    assert judge(step, -11)[0]
    for guess, said in [(-2, "upstream factor"), (5.5, "as it is"), (11, "sign"), (3.5, "adds")]:
        right, words = judge(step, guess)
        assert not right and said in words


def test_rounded_numbers_are_accepted_and_near_misses_are_not():
    step = Step(None, None, 0, upstream=-0.6087219, slope=0.9151357, before=1.234567, waiting=0)
    from_the_screen = 1.235 + -0.6087 * 0.9151
    assert judge(step, from_the_screen)[0] and judge(step, step.after)[0]
    assert not judge(step, step.after + 0.005)[0]


def test_a_slip_that_gives_the_right_number_is_right():
    step = Step(None, None, 0, upstream=1.0, slope=4.0, before=None, waiting=0)
    assert judge(step, 4.0)[0]  # the upstream factor 1 cannot be forgotten visibly
    zero = Step(None, None, 0, upstream=2.0, slope=False, before=0.0, waiting=0)
    assert judge(zero, 0.0)[0] and not judge(zero, 2.0)[0]


def test_infinite_sums():
    step = Step(None, None, 0, upstream=1.0, slope=math.inf, before=None, waiting=0)
    assert judge(step, math.inf)[0] and not judge(step, 1e9)[0] and not judge(step, -math.inf)[0]
    nothing = Step(None, None, 0, upstream=math.inf, slope=math.nan, before=None, waiting=0)
    assert judge(nothing, math.nan)[0] and not judge(nothing, 0.0)[0]
    assert not judge(STEP, math.nan)[0]


def test_a_number_stays_hidden_until_a_guess():
    y, names = chapter_graph()
    walk = Walk(y)
    assert walk.strips() == {y: "∂ 1", names["d"]: "?"}
    walk.forward()
    assert walk.at == 0 and not walk.shown and "Type a guess first" in walk.said
    walk.guess(3.0)
    assert not walk.shown and walk.strips()[names["d"]] == "?"
    walk.forward()
    assert walk.at == 0 and walk.shown and walk.strips()[names["d"]] == "5.5"
    assert walk.said == "It is 5.5."
    walk.forward()
    assert walk.at == 1 and walk.strips()[names["d"]] == "∂ 5.5" and walk.said == ""
    walk.guess(4)
    assert walk.shown
    walk.back()
    assert walk.at == 0 and walk.shown  # what was seen stays seen
    assert walk.first_guess == {0: False, 1: True}
    walk.restart()
    assert walk.at == 0 and not walk.shown and walk.first_guess == {}


def test_a_sum_is_a_gradient_only_when_all_arrows_have_reported():
    y, names = chapter_graph()
    walk = Walk(y)
    seen = []
    while not walk.finished:
        walk.guess(walk.steps[walk.at].after)
        walk.forward()
        seen.append(walk.strips().get(names["a"]))
    assert "−11 + …" in seen and "−11 + ?" in seen and seen[-1] == "∂ −15"
    assert "∂ −11" not in seen
    assert all(walk.first_guess.values()) and len(walk.first_guess) == 8
    walk.guess(1.0)
    walk.forward()
    assert walk.finished
