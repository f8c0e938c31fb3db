"""Programs traced: recorded once, hash-consed, replayed, and what is refused."""

import gc
import math
import random

import numpy as np
import pytest
from numpy import float64

import bookutils
from bookutils import Value, dot, maximum, no_grad, total
from bookutils.neuron import MLP
from bookutils.trace import Program, Symbol, Trace, apply, gradients, live, trace, where


def product(a, b, c):
    return (a * b + c) * (a * b)


def test_a_program_is_recorded_once_and_replayed():
    program = trace(product)
    assert program.ops == [
        ("input", "a"),
        ("input", "b"),
        ("input", "c"),
        ("mul", 0, 1),
        ("add", 3, 2),
        ("mul", 4, 3),
    ]
    assert program.inputs == ("a", "b", "c") and program.outputs == 5
    assert program(3, -2, 7) == program(3, c=7, b=-2) == -6
    assert repr(program) == "product(a, b, c): 6 operations"


def test_the_function_runs_once_and_only_while_it_is_traced():
    calls = []
    program = trace(lambda x: calls.append(x) or x * 2)
    assert [program(k) for k in range(3)] == [0, 2, 4] and len(calls) == 1


# --- the same text is the same node --------------------------------------------------------------


def test_the_same_operation_of_the_same_operands_is_the_same_node():
    trace_ = Trace()
    a, b = trace_.node("input", "a"), trace_.node("input", "b")
    assert (a * b).index == (a * b).index and (a - b).index != (b - a).index
    assert (a + b).index != (a * b).index and (a * 2).index == (a * 2.0).index


@pytest.mark.parametrize(
    "x, y, same",
    [(0.0, -0.0, False), (1, 1.0, True), (True, 1.0, True), (math.nan, float("nan"), True),
     (math.inf, -math.inf, False), (0.1 + 0.2, 0.3, False), (2**53 + 1, 2.0**53, True)],
)  # fmt: skip
def test_constants_are_the_same_if_their_bits_are(x, y, same):
    trace_ = Trace()
    a = trace_.node("input", "a")
    assert ((a + x).index == (a + y).index) == same


def test_a_zero_keeps_its_sign():
    program = trace(lambda x: (x + 0.0, x + -0.0, x * -0.0, x - 0.0))
    assert [math.copysign(1, y) for y in program(-0.0)] == [1, -1, 1, -1]
    assert [math.copysign(1, y) for y in program.compile()(-0.0)] == [1, -1, 1, -1]


@pytest.mark.parametrize(
    "f, same",
    [
        (lambda x: x * 1.0, True),
        (lambda x: 1 * x, True),
        (lambda x: x / 1, True),
        (lambda x: x**1, True),
        (lambda x: (-x).__neg__(), True),
        (lambda x: where(x > 0, x, x), True),
        (lambda x: x + 0.0, False),  # -0.0 + 0.0 is 0.0
        (lambda x: x * 0.0, False),  # ∞ * 0 is nan
        (lambda x: x - x, False),
        (lambda x: x / x, False),
        (lambda x: x / 3 * 3, False),
    ],
)
def test_only_what_changes_no_bit_is_left_out(f, same):
    assert (trace(f, "x").ops == [("input", "x")]) == same


def test_minus_one_times_x_is_minus_x_to_the_bit():
    program = trace(lambda x: (x * -1, -1.0 * x))
    assert program.ops == [("input", "x"), ("neg", 0)] and program.outputs == (1, 1)
    assert math.copysign(1, program(0.0)[0]) == -1


def test_constants_are_computed_while_tracing_and_by_ieee():
    for name, numbers, answer in [
        ("div", (1, 0), math.inf),
        ("log", (0,), -math.inf),
        ("exp", (1000,), math.inf),
        ("pow", (0, -1), math.inf),
        ("lt", (1, 2), True),
        ("mul", (3, 7), 21.0),
    ]:
        trace_ = Trace()
        symbol = apply(name, *map(trace_.symbol, numbers))
        assert trace_.ops[symbol.index] == ("const", answer)
    assert apply("exp", 0) == 1.0 and math.isnan(apply("log", -1))


# --- which inputs --------------------------------------------------------------------------------


def test_inputs_are_named_by_the_function_by_strings_or_by_values():
    assert trace(lambda p, q, rate=0.1: p * rate + q).inputs == ("p", "q")
    assert trace(lambda *xs: dot(xs, xs), "a", "b").inputs == ("a", "b")
    nested = trace(lambda rows, table: rows[0][1] * table["k"], [("a", "b")], {"k": "c"})
    assert nested.inputs == ("a", "b", "c") and nested(1, 2, 3) == 6
    named = trace(lambda w, v, k: w * v * k, Value(2, label="w"), Value(3), 4.0)
    assert named.inputs == ("w", "v1") and named(5, 6) == 120


def test_a_function_written_for_values_is_traced_as_it_stands():
    rng = random.Random(5)
    model = MLP(3, [4, 4, 1], rng=rng)
    values = [p.data for p in model.parameters()]
    x, y = [rng.uniform(-1, 1) for _ in range(3)], 0.7

    def loss(model, x, y):
        return (model(x) - y) ** 2 + 1e-3 * total(p * p for p in model.parameters())

    program = trace(loss, model, ["x0", "x1", "x2"], "y").value_and_grad()
    root = loss(model, x, y)
    root.backward()
    found = program(*values, *x, y)
    assert [p.data for p in model.parameters()] == values  # the model is as it was
    for p, slope in zip(model.parameters(), found[1:], strict=False):
        assert slope == pytest.approx(p.grad, rel=1e-13, abs=1e-15)  # dot is rounded once
    assert found[0] == pytest.approx(root.data, rel=1e-14)


def test_micrograds_own_net_is_traced_as_it_stands():
    nn, engine = pytest.importorskip("micrograd.nn"), pytest.importorskip("micrograd.engine")
    random.seed(3)
    model = nn.MLP(2, [3, 1])
    program = trace(lambda m, x, y: (1 + -y * m(x)).relu() * 0.5, model, ["x0", "x1"], "y")
    numbers = [p.data for p in model.parameters()]
    loss = (1 + 1.0 * model([engine.Value(0.7), engine.Value(-0.4)])).relu() * 0.5
    loss.backward()
    found = program.value_and_grad()(*numbers, 0.7, -0.4, -1.0)
    expected = [loss.data, *[p.grad for p in model.parameters()]]
    assert found[: len(expected)] == pytest.approx(expected, rel=1e-14)


def test_parameters_that_are_shared_are_one_input():
    class Twice:
        def __init__(self):
            self.w = Value(3.0)

        def parameters(self):
            return [self.w, self.w]

    program = trace(lambda m, x: m.w * x + m.w, Twice(), "x")
    assert program.inputs == ("w0", "x") and program.grad("w0")(3, 5) == 6


def test_a_value_that_is_given_twice_is_one_input():
    w = Value(3.0, label="w")
    program = trace(lambda a, b, x: a * b * x, w, w, "x")
    assert program.inputs == ("w", "x") and program.grad("w")(3, 5) == 30


def test_a_model_or_its_method_may_be_the_function():
    class Line:
        def __init__(self):
            self.w, self.b = Value(2.0), Value(1.0)

        def parameters(self):
            return [self.w, self.b]

        def __call__(self, x):
            return self.w * x + self.b

        def loss(self, x, y):
            return (self(x) - y) ** 2

    line = Line()
    assert trace(line, "x").inputs == trace(line).inputs == ("w0", "w1", "x")
    program = trace(line.loss)
    assert program.inputs == ("w0", "w1", "x", "y")
    assert program.grad("w0")(2, 1, 3, 4) == 2 * (7 - 4) * 3
    assert isinstance(line.w, Value) and line.w.data == 2.0


def test_numpy_functions_of_a_traced_number_are_recorded():
    program = trace(lambda x: np.sqrt(x) + np.array([2.0, 3.0]) @ np.array([x, x]))
    assert program(4) == 22.0 and program.grad("x")(4) == 5.25
    with pytest.raises(TypeError, match="bookutils.trace.where does"):
        trace(lambda x: bookutils.where(x > 0, x, 0.0))
    with pytest.raises(TypeError, match="Tensors.*do not take it"):
        trace(lambda x: bookutils.Tensor([1.0, 2.0]) * x)


def test_values_from_elsewhere_are_constants():
    w = Value(3.0)
    assert trace(lambda x: w * x).ops == [("input", "x"), ("const", 3.0), ("mul", 1, 0)]
    assert trace(lambda x: Value(2) + x * Value(4))(5) == 22


@pytest.mark.parametrize(
    "f, arguments, sentence",
    [
        (lambda *xs: sum(xs), (), r"open \(\*xs\): name them"),
        (lambda *, k: k, (), r"open \(k\)"),
        (lambda a: a, ("two words",), "'two words' is no name for an input"),
        (lambda a, b: a, ("a", "a"), "two inputs are called a"),
    ],
)
def test_inputs_without_a_name_are_refused(f, arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        trace(f, *arguments)


def test_a_function_that_returns_no_number_is_refused():
    with pytest.raises(TypeError, match="nothing returned None: return a number, or a tuple"):

        def nothing(x):
            x * 2

        trace(nothing)
    with pytest.raises(TypeError, match="return a number"):
        trace(lambda x: (x, "x"))


@pytest.mark.parametrize(
    "f, numbers, answer",
    [
        (lambda: 2, (), 2.0),
        (lambda: (), (), ()),
        (lambda x: x, (3,), 3.0),
        (lambda x, y: 7, (1, 2), 7.0),
        (lambda x, y: (y, y, 1), (1, 2), (2.0, 2.0, 1.0)),
        (lambda x: [x], (3,), (3.0,)),
        (lambda x: x > 2, (3,), 1.0),
        (lambda x: math.inf, (3,), math.inf),
    ],
)
def test_programs_at_the_edge(f, numbers, answer):
    program = trace(f)
    assert program(*numbers) == answer == program.compile()(*numbers)
    assert type(program(*numbers)) is type(answer)


@pytest.mark.parametrize(
    "call", [lambda p: p(1, 2), lambda p: p(1, 2, 3, 4), lambda p: p(1, 2, d=3)]
)
def test_other_inputs_than_its_own_are_refused(call):
    with pytest.raises(TypeError, match=r"product\(a, b, c\): 6 operations got"):
        call(trace(product))


# --- what has no answer yet ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x if x > 0 else -x,
        lambda x: x if x else 1.0,
        lambda x: max(x, 0.0),
        lambda x: min([x, 1.0]),
        lambda x: sorted([x, 2.0])[0],
        lambda x: x > 0 and x < 1,
        lambda x: not x,
        lambda x: x in [1.0, 2.0],
        lambda x: 0 < x < 1,
        lambda x: any([x == 1, x == 2]),
    ],
)
def test_what_asks_a_traced_number_is_refused(f):
    with pytest.raises(TypeError, match=r"no value yet: `if`.*write where\(condition, x, y\)"):
        trace(f, "x")


@pytest.mark.parametrize(
    "f, sentence",
    [
        (lambda x: math.exp(x), r"x.exp\(\) for math.exp"),
        (lambda x: float(x), "no value yet"),
        (lambda x: int(x), "no value yet"),
        (lambda x: round(x, 2), "no value yet"),
        (lambda x: [1, 2, 3][x], "no value yet"),
        (lambda x: x.item(), "no value yet"),
        (lambda x: f"{x:.2f}", "no value yet"),
        (lambda x: x.data, "what the traced program returns"),
        (lambda x: x.grad, r"program.grad\(\) is the gradient"),
        (lambda x: x.backward(), r"program.grad\(\) is the gradient"),
        (lambda x: setattr(x, "grad", 0), r"program.grad\(\)"),
        (lambda x: x + "1", "takes real numbers and Values, not '1'"),
    ],
)
def test_what_needs_the_number_is_refused(f, sentence):
    with pytest.raises(TypeError, match=sentence):
        trace(f, "x")


def test_a_traced_number_can_be_shown():
    shown = []
    trace(lambda x: shown.append(f"{x * 2}") or x)
    assert shown == ["Symbol(2: ('mul', 0, 1))"]


def test_two_traces_do_not_mix():
    kept = []
    trace(lambda x: kept.append(x) or x)
    with pytest.raises(ValueError, match="kept from another run; give it as an argument"):
        trace(lambda y: y * kept[0])


def test_a_wrong_number_of_operands_is_refused():
    with pytest.raises(TypeError, match="add: 2 operands, not 1"):
        apply("add", Trace().node("input", "x"))


# --- choices -------------------------------------------------------------------------------------


def test_where_records_both_branches():
    program = trace(lambda x: where(x > 0, x * x, -3 * x))
    assert [program(x) for x in (2.0, -1.0, 0.0)] == [4.0, 3.0, 0.0]
    assert [program.grad("x")(x) for x in (2.0, -1.0)] == [4.0, -3.0]
    assert where(True, 1, 2) == 1 and where(Value(3) < 2, 1, 2) == 2


def test_conditions_combine_and_count_as_numbers():
    program = trace(
        lambda x, y: (
            where((x > 0) & (y > 0) | (x < -1), 1.0, 2.0),
            where(~(x == y), 1.0, 2.0),
            (x > y) * 3 + (x != y),
            -(x >= y),
            where(x, 1.0, 2.0),
            where((x <= y) | x, 1, 2),
            where(0.0 < y, 1, 2),
        )
    )
    for x in (-2.0, -0.5, 0.0, 1.5):
        for y in (-1.0, 0.0, 1.5):
            assert (
                program(x, y)
                == program.compile()(x, y)
                == (
                    1.0 if (x > 0 and y > 0) or x < -1 else 2.0,
                    1.0 if x != y else 2.0,
                    (x > y) * 3 + (x != y),
                    -(x >= y),
                    1.0 if x else 2.0,
                    1.0 if x <= y or x else 2.0,
                    1.0 if y > 0 else 2.0,
                )
            )


def test_a_loop_of_fixed_length_is_unrolled():
    def newton(a):
        x = a
        for _ in range(6):
            x = (x + a / x) / 2
        return x

    program = trace(newton)
    assert program(2.0) == pytest.approx(math.sqrt(2), rel=1e-15)
    assert program.grad("a")(2.0) == pytest.approx(0.5 / math.sqrt(2), rel=1e-12)


def test_functions_of_several_values_are_traced():
    program = trace(lambda x, y: maximum(x, y) + dot([x, 2.0], [y, x], 1.0) + total([x, y, 3]))
    assert program(2.0, 5.0) == 5 + (10 + 4 + 1) + 10
    assert trace(lambda x: dot([], [], x) + total([x]))(4.0) == 8.0


def test_numpy_numbers_meet_traced_ones():
    program = trace(lambda x: float64(2) * x + x * float64(3) - float64(1))
    assert program(5) == 24.0


def test_what_is_computed_in_no_grad_passes_no_gradient():
    def f(a, b):
        with no_grad():
            c = a * b
        return c * a

    program = trace(f).value_and_grad()
    a, b = Value(3.0), Value(5.0)
    f(a, b).backward()
    assert program(3, 5) == program.compile()(3, 5) == (45.0, a.grad, b.grad) == (45.0, 15.0, 0.0)


# --- the graph -----------------------------------------------------------------------------------


def test_live_keeps_what_the_roots_need_and_nothing_else():
    ops = [("input", "a"), ("const", 2.0), ("mul", 0, 1), ("exp", 2), ("add", 2, 0), ("neg", 3)]
    assert live(ops, [4]) == [0, 1, 2, 4]
    assert live(ops, [3, 0]) == [0, 1, 2, 3] and live(ops, []) == []


def test_a_program_keeps_its_inputs_and_drops_dead_code():
    program = trace(lambda a, b, c: [a.exp() * b, a * 3][1])
    assert program.ops == [
        ("input", "a"),
        ("input", "b"),
        ("input", "c"),
        ("const", 3.0),
        ("mul", 0, 3),
    ]
    assert program.value_and_grad("b", "a")(2, 9, 9) == (6, 0, 3)


def nested(s, k):
    for _ in range(k):
        s = 4 * s * (1 - s)
    return s


def test_the_derivative_of_a_nested_function_grows_by_the_same_each_time():
    sizes = [len(trace(lambda s, k=k: nested(s, k)).grad("s").ops) for k in range(1, 9)]
    assert len({b - a for a, b in zip(sizes[1:], sizes[2:], strict=False)}) == 1
    assert as_text(trace(lambda s: nested(s, 8)).grad("s")) > 2**8 * 8


def as_text(program):
    """How many nodes the output has with each written out wherever it is read."""
    sizes = []
    for name, *operands in program.ops:
        below = [] if name in ("input", "const") else [sizes[j] for j in operands]
        sizes.append(1 + sum(below))
    return sizes[program.outputs]


def test_gradients_names_every_node_that_the_root_needs():
    trace_ = Trace()
    a, b = trace_.node("input", "a"), trace_.node("input", "b")
    t = a * b
    grads = gradients(t + t.exp())
    assert set(grads) >= {a.index, b.index, t.index} and isinstance(grads[t.index], Symbol)


def test_a_chain_of_many_thousand_operations():
    def chain(x):
        for _ in range(10_000):
            x = x * 0.99999 + 1e-6
        return x

    program = trace(chain).value_and_grad()
    y, slope = program(2.0)
    assert slope == pytest.approx(0.99999**10_000, rel=1e-12)
    assert y == pytest.approx(2 * slope + 0.1 * (1 - slope), rel=1e-12)
    assert program.compile()(2.0) == (y, slope)


def test_traces_are_freed_without_the_collector():
    def run():
        program = trace(product).value_and_grad()
        program.to_python()
        return program(1, 2, 3)

    run()
    gc.collect()
    gc.disable()
    try:
        for _ in range(100):
            run()
        assert gc.collect() < 100  # a circle in each run would leave hundreds of objects
    finally:
        gc.enable()


def test_a_program_can_be_built_by_hand():
    program = Program([("input", "a"), ("const", 2.0), ("mul", 0, 1), ("sin", 2)], 3, ["a"])
    assert program(0.25) == math.sin(0.5) and program.grad("a")(0.25) == 2 * math.cos(0.5)


def test_a_condition_has_no_gradient():
    program = trace(lambda x: (x > 1) * x)
    assert program.grad("x")(3.0) == 1.0 and program.grad("x")(0.5) == 0.0
