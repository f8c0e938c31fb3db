"""The gradient checker against planted errors: every one caught, and no false alarm."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tried import tried

from bookutils.verify.differences import slopes
from bookutils.verify.gradcheck import gradcheck

# Operations as (forward, partials), and where their operands are drawn. Written apart from
# bookutils.engine.rules, so that the checker is tested without the engine it checks.
ANY, POSITIVE = (-2.5, 2.5), (0.3, 3.0)
OPERATIONS = {
    "add": (lambda a, b: a + b, lambda a, b: (1.0, 1.0), ANY),
    "sub": (lambda a, b: a - b, lambda a, b: (1.0, -1.0), ANY),
    "mul": (lambda a, b: a * b, lambda a, b: (b, a), ANY),
    "div": (lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2), POSITIVE),
    "pow": (lambda a, b: a**b, lambda a, b: (b * a ** (b - 1), a**b * math.log(a)), POSITIVE),
    "maximum": (max, lambda a, b: (float(a > b), float(b > a)), ANY),
    "exp": (math.exp, lambda a: (math.exp(a),), ANY),
    "log": (math.log, lambda a: (1 / a,), POSITIVE),
    "sqrt": (math.sqrt, lambda a: (0.5 / math.sqrt(a),), POSITIVE),
    "sin": (math.sin, lambda a: (math.cos(a),), ANY),
    "tanh": (math.tanh, lambda a: (1 - math.tanh(a) ** 2,), ANY),
    "relu": (lambda a: max(a, 0.0), lambda a: (float(a > 0),), ANY),
}
SMOOTH = sorted(set(OPERATIONS) - {"relu", "maximum"})


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


# A fault changes what one edge adds to its operand: (partials, upstream, grad so far) -> new grads.
FAULTS = {
    "dropped upstream": lambda ps, up, gs: [g + p for p, g in zip(ps, gs, strict=True)],
    "wrong sign": lambda ps, up, gs: [g - p * up for p, g in zip(ps, gs, strict=True)],
    "factor 2": lambda ps, up, gs: [g + 2 * p * up for p, g in zip(ps, gs, strict=True)],
    "missing accumulation": lambda ps, up, gs: [p * up for p in ps],
    "swapped operands": lambda ps, up, gs: [
        g + p * up for p, g in zip(reversed(ps), gs, strict=True)
    ],
    "zero gradient": lambda ps, up, gs: list(gs),
    "off by a millionth": lambda ps, up, gs: [
        g + p * up * (1 + 1e-6) for p, g in zip(ps, gs, strict=True)
    ],
}


def right(ps, up, gs):
    return [g + p * up for p, g in zip(ps, gs, strict=True)]


def engine(op=None, fault=None):
    """A small engine of its own, with `fault` planted in `op`."""

    class Number:
        def __init__(self, data, parents=(), name=""):
            self.data, self.grad, self.parents, self.name = data, 0.0, parents, name

        def apply(self, name, *others):
            operands = (self, *others)
            y = OPERATIONS[name][0](*(x.data for x in operands))
            return Number(y, operands, name)

        def __add__(self, other):
            return self.apply("add", other)

        def __mul__(self, other):
            return self.apply("mul", other)

        def backward(self):
            order, seen = [], set()

            def visit(node):
                if node not in seen:
                    seen.add(node)
                    for parent in node.parents:
                        visit(parent)
                    order.append(node)

            visit(self)
            self.grad = 1.0
            for node in reversed(order):
                if not node.parents:
                    continue
                partials = OPERATIONS[node.name][1](*(x.data for x in node.parents))
                change = FAULTS[fault] if node.name == op else right
                for i, parent in enumerate(node.parents):
                    before = [parent.grad if k == i else x.grad for k, x in enumerate(node.parents)]
                    parent.grad = change(partials, node.grad, before)[i]

    return Number


def program(op):
    return (lambda a: a.apply(op)) if arity(op) == 1 else (lambda a, b: a.apply(op, b))


def arity(op):
    return len(OPERATIONS[op][1](0.7, 0.9) if op in TWO else OPERATIONS[op][1](0.7))


TWO = {"add", "sub", "mul", "div", "pow", "maximum"}


@st.composite
def planted(draw):
    op = draw(st.sampled_from(sorted(OPERATIONS)))
    fault = draw(st.sampled_from(sorted(FAULTS)))
    return op, fault, draw(point_of(op))


def point_of(op):
    low, high = OPERATIONS[op][2]
    return st.lists(st.floats(low, high), min_size=arity(op), max_size=arity(op))


def visible(op, fault, point):
    """Does the fault change a gradient at this point by more than a millionth of its size?"""
    ps = OPERATIONS[op][1](*point)
    if fault == "swapped operands":
        return any(abs(p - q) > 1e-3 for p, q in zip(ps, reversed(ps), strict=True))
    return any(abs(p) > 1e-3 for p in ps)


def smooth(op, point):
    # at least a thousandth away from the kink, where a slope exists and is easily seen
    if op == "relu":
        return abs(point[0]) > 1e-3
    return op != "maximum" or abs(point[0] - point[1]) > 1e-3


@tried(400)
@given(planted(), st.integers(0, 2**32 - 1))
def test_every_planted_fault_is_caught(case, seed):
    op, fault, point = case
    if not (smooth(op, point) and visible(op, fault, point)):
        return
    report = gradcheck(program(op), point, np.random.default_rng(seed), engine=engine(op, fault))
    assert not report.ok, report
    assert "wrong" in {row.verdict for row in report.rows}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("op", OPERATIONS)
def test_each_fault_in_each_operation_is_caught_at_a_hundred_points(op, fault):
    rng = np.random.default_rng(7)
    low, high = OPERATIONS[op][2]
    tried = 0
    for _ in range(100):
        point = list(rng.uniform(low, high, size=arity(op)))
        if smooth(op, point) and visible(op, fault, point):
            tried += 1
            assert not gradcheck(program(op), point, rng, engine=engine(op, fault)), (op, point)
    # swapping is no fault where the operands' slopes are the same, or where there is one operand
    assert tried > 30 or (fault == "swapped operands" and (op == "add" or op not in TWO))


@tried(200)
@given(st.sampled_from(sorted(OPERATIONS)).flatmap(lambda op: st.tuples(st.just(op), point_of(op))))
def test_no_false_alarm_on_right_operations(case):
    op, point = case
    report = gradcheck(program(op), point, engine=engine())
    assert report.ok, report
    if smooth(op, point):
        assert {row.verdict for row in report.rows} == {"right"}
        assert report.max_error < 1e-8 or min(abs(r.gradient) for r in report.rows) < 1e-3


def random_program(rng, inputs, size):
    """A straight-line program of `size` smooth operations, on an engine's numbers."""
    lines = []
    for k in range(size):
        op = ("add", "sub", "mul", "sin", "tanh", "exp")[rng.integers(6)]
        operands = rng.integers(0, inputs + k, size=2 if op in TWO else 1)
        lines.append((op, operands))

    def f(*xs):
        known = list(xs)
        for op, operands in lines:
            x = known[operands[0]]
            # exp and products of large numbers would leave float64: bound them by tanh
            if abs(x.data) > 3:
                x = x.apply("tanh")
            known.append(x.apply(op, *(known[i] for i in operands[1:])))
        return known[-1], known[-2]

    return f


def test_no_false_alarm_on_random_programs():
    rng = np.random.default_rng(11)
    for _ in range(150):
        f = random_program(rng, 3, 8)
        report = gradcheck(f, list(rng.normal(size=3) * 1.5), rng, engine=engine())
        assert report.ok, report


@pytest.mark.parametrize(
    "x",
    [*np.linspace(-100, 31, 263), *np.linspace(-6, 6, 49)],
    ids=lambda x: f"x={x:g}",  # 10.5 is the name of an exercise
)
def test_a_zero_gradient_of_sigmoid_fails_wherever_the_slope_is_more_than_rounding(x):
    # above 32 the slope is less than 60 units in the last place of sigmoid(x) = 1 - 1e-14
    slope = math.exp(-x) / (1 + math.exp(-x)) ** 2
    assert not gradcheck(sigmoid, x, gradient=lambda x: 0.0)
    assert gradcheck(sigmoid, x, gradient=lambda x: slope)


def test_a_zero_gradient_is_right_where_the_function_is_flat_to_the_last_bit():
    assert gradcheck(sigmoid, 40.0, gradient=lambda x: 0.0)
    assert gradcheck(lambda x: 3.7, 1.3, gradient=lambda x: 0.0)
    assert not gradcheck(lambda x: 3.7, 1.3, gradient=lambda x: 1e-9)


KINKS = {
    "relu": (lambda x: max(x, 0.0), 0.0, (0.0, 1.0)),
    "abs": (abs, 0.0, (-1.0, 1.0)),
    "max with a constant": (lambda x: max(3 * x, 0.6), 0.2, (0.0, 3.0)),
    "abs of sin at pi": (lambda x: abs(math.sin(x)), math.pi, (-1.0, 1.0)),
    "corner of two curves": (lambda x: math.exp(x) if x > 0 else 1 - 2 * x, 0.0, (-2.0, 1.0)),
}


@pytest.mark.parametrize("name", KINKS)
def test_kinks_are_reported_and_only_excuse_what_lies_between_the_slopes(name):
    f, x, (left, right) = KINKS[name]
    for share in (0.0, 0.3, 1.0):
        report = gradcheck(f, x, gradient=lambda x, s=share: left + s * (right - left))
        assert report.rows[0].verdict == "kink", report
        assert "from the left" in repr(report)
        assert report.ok
    for beyond in (left - 0.1, right + 0.1, math.nan):
        assert not gradcheck(f, x, gradient=lambda x, g=beyond: g)


def test_a_kink_near_the_point_is_not_a_kink_at_the_point():
    for x in (1e-9, -1e-9, 1e-4, -0.3):
        report = gradcheck(abs, x, gradient=lambda x: math.copysign(1.0, x))
        assert report.rows[0].verdict == "right", report
        assert gradcheck(abs, x, gradient=lambda x: 0.0).rows[0].verdict == "wrong"


def test_ties_of_a_maximum_are_kinks_for_both_operands():
    report = gradcheck(
        lambda a, b: a.apply("maximum", b), [0.8, 0.8], engine=engine(), upstream=[1.0]
    )
    assert [row.verdict for row in report.rows] == ["kink", "kink"]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_fails_with_a_sentence(bad):
    report = gradcheck(lambda a: a * a, 1.5, gradient=lambda a: bad)
    assert not report and report.max_error == math.inf
    assert report.rows[0].verdict == "not finite"
    assert f"the gradient is {bad}" in repr(report)


def test_a_vertical_tangent_and_a_jump_are_never_passed():
    def root(x):
        return math.sqrt(x)  # ValueError below 0: outside the domain

    assert "just below" in repr(gradcheck(root, 0.0, gradient=lambda x: math.inf))
    assert not gradcheck(root, 0.0, gradient=lambda x: 0.0)
    assert (
        gradcheck(lambda x: float(x > 0), 0.0, gradient=lambda x: 0.0).rows[0].verdict == "unclear"
    )


def test_every_element_is_checked():
    w = [0.3, -1.2, 0.8, 2.1, -0.7]

    def f(w):
        return sum(math.sin(x) * (i + 1) for i, x in enumerate(w))

    for wrong in range(5):

        def gradient(w, wrong=wrong):
            g = [math.cos(x) * (i + 1) for i, x in enumerate(w)]
            g[wrong] *= 1.00001
            return [g]

        report = gradcheck(f, [w], gradient=gradient)
        assert [row.verdict == "wrong" for row in report.rows] == [i == wrong for i in range(5)]
    assert [row.name for row in report.rows] == [f"w[{i}]" for i in range(5)]


def test_several_outputs_get_unequal_upstream_weights():
    def f(a, b):
        return [a * b, a + b]

    def gradient(a, b, upstream):
        u, v = upstream
        return [u * b + v, u * a + v]

    assert gradcheck(f, [0.7, -1.9], gradient=gradient)
    report = gradcheck(f, [0.7, -1.9], gradient=lambda a, b, upstream: [b + 1, a + 1])
    assert not report and len(set(map(abs, report.upstream))) == 2 and 1.0 not in report.upstream
    # the weights of two outputs exchanged
    assert not gradcheck(
        f, [0.7, -1.9], gradient=lambda a, b, upstream: gradient(a, b, upstream[::-1])
    )


def test_an_all_ones_upstream_passes_a_product_that_drops_it():
    def f(a, b):
        return a * b

    careless = engine("mul", "dropped upstream")
    assert gradcheck(f, [1.4, -0.6], engine=careless, upstream=[1.0])
    assert not gradcheck(f, [1.4, -0.6], engine=careless)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("dropped upstream", "the upstream gradient is left out"),
        ("wrong sign", "the sign is turned"),
        ("factor 2", "a factor 2 too large"),
        ("missing accumulation", "one of two uses is missing"),
        ("zero gradient", "the gradient is zero"),
    ],
)
def test_the_report_names_the_fault(fault, sentence):
    report = gradcheck(program("exp"), 0.7, engine=engine("exp", fault))
    assert sentence in repr(report) and sentence in report._repr_html_()


def test_the_report_can_be_read():
    report = gradcheck(program("div"), [1.5, 0.4], engine=engine("div", "swapped operands"))
    assert repr(report) == repr(
        gradcheck(program("div"), [1.5, 0.4], engine=engine("div", "swapped operands"))
    )
    lines = repr(report).splitlines()
    assert lines[0] == "2 partial derivatives: 2 wrong"
    assert lines[1].split("  ")[0] == "input" and lines[2].startswith("a ")
    assert "2.5" in lines[2] and "-9.375" in lines[2]
    html = gradcheck(lambda a: a, 1.0, gradient=lambda a: 1.0)._repr_html_()
    assert "<table>" in html and "right" in html


def test_inputs_may_be_lists_and_arrays():
    W = np.array([[0.3, -0.8], [1.1, 0.2], [-0.5, 0.9]])
    x = np.array([0.7, -1.3])

    def gradient(W, x, upstream):
        u = np.array(upstream)
        return [np.outer(u, x), W.T @ u]

    assert gradcheck(lambda W, x: W @ x, [W, x], gradient=gradient)
    assert not gradcheck(
        lambda W, x: W @ x,
        [W, x],
        gradient=lambda W, x, upstream: [np.outer(upstream, x), W.sum(0)],
    )
    report = gradcheck(lambda ws, b: ws[0] * ws[1] + b, [[0.4, 1.7], -0.2], engine=engine())
    assert report.ok and [row.name for row in report.rows] == ["ws[0]", "ws[1]", "b"]


def test_an_input_that_is_not_used_has_the_gradient_zero():
    assert gradcheck(lambda a, b: a * a, [1.2, 0.5], engine=engine())
    assert gradcheck(lambda a: 3.0, [1.2], engine=engine())


def test_misuse_is_answered_with_a_sentence():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="different values for the same inputs"):
        gradcheck(lambda a: a * rng.normal(), 1.0, gradient=lambda a: 1.0)
    with pytest.raises(ValueError, match="1 partial derivatives for 2 inputs"):
        gradcheck(lambda a, b: a * b, [1.0, 2.0], gradient=lambda a, b: [1.0])
    with pytest.raises(TypeError, match="a is a str"):
        gradcheck(lambda a: a, ["1"], gradient=lambda a: 1.0)
    with pytest.raises(ValueError, match="upstream has 2 weights, f has 1 outputs"):
        gradcheck(lambda a: a * a, 1.0, engine=engine(), upstream=[1.0, 2.0])


NARROW = {
    "bump narrower than the first steps": (lambda x: max(1e-3 - abs(x), 0.0), 5e-4, -1.0),
    "many periods within a step": (lambda x: math.sin(1e3 * x), 0.7, 1e3 * math.cos(700.0)),
    "far from 0": (math.sin, 1e4, math.cos(1e4)),
    "close to the edge of the domain": (math.log, 1e-11, 1e11),
    "large numbers": (lambda x: x**5, 1e5, 5e20),
    "small numbers": (lambda x: x**5, 1e-5, 5e-20),
}


@pytest.mark.parametrize("name", NARROW)
def test_slopes_finds_its_step_at_every_scale(name):
    f, x, slope = NARROW[name]
    assert slopes(f, x).central.value == pytest.approx(slope, rel=1e-9)
    assert gradcheck(f, x, gradient=lambda x: slope)
    assert not gradcheck(f, x, gradient=lambda x: 0.0)


def test_the_error_estimate_is_honest():
    rng = np.random.default_rng(3)
    for _ in range(300):
        a, b, x = rng.normal(size=3) * 2
        found = slopes(lambda z, a=a, b=b: math.sin(a * z) * math.exp(b * z / 3), x).central
        true = math.exp(b * x / 3) * (a * math.cos(a * x) + b / 3 * math.sin(a * x))
        assert abs(found.value - true) <= found.error


def test_the_reference_engine_and_micrograd_are_both_checked_as_they_are():
    from micrograd.engine import Value as Peer

    def f(a, b):
        return [(a * b + a**2).relu() / b, a - b * b]

    for made in (None, Peer):
        report = gradcheck(f, [0.3, 1.7], engine=made)
        assert report.ok and report.max_error < 1e-8
