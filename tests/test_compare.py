"""The table engine | differences | PyTorch, and the distance in units in the last place."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookutils import Value, compare, dot, maximum
from bookutils.compare import agreement, operations_table, torch_gradient, ulps
from bookutils.rules import RULES

needs_torch = pytest.mark.skipif(not compare.torch_devices(), reason="PyTorch is not installed")


# ------------------------------------------------------------------------------------------- ULPs


def test_ulps_of_known_pairs():
    assert ulps(1.0, 1.0) == 0
    assert ulps(1.0, 1.0 + sys.float_info.epsilon) == 1
    assert ulps(1.0, 1.0 - sys.float_info.epsilon) == 2  # below 1 they lie twice as dense
    assert ulps(0.0, -0.0) == 0
    assert ulps(5e-324, -5e-324) == 2
    assert ulps(math.nan, math.nan) == 0
    assert ulps(math.inf, math.inf) == 0
    assert ulps(math.inf, -math.inf) == ulps(1.0, math.nan) == ulps(math.inf, 1e308) == math.inf
    assert ulps(1.0, 2.0) == 2**52


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 300))
def test_ulps_counts_steps_of_nextafter(x, steps):
    y = x
    for _ in range(steps):
        y = math.nextafter(y, math.inf)
    if math.isfinite(y):
        assert ulps(x, y) == ulps(y, x) == steps


@given(*[st.floats(-1e3, 1e3)] * 3)
def test_ulps_is_a_distance(a, b, c):
    assert ulps(a, c) <= ulps(a, b) + ulps(b, c)


# ---------------------------------------------------------------------------------------- PyTorch


@needs_torch
@pytest.mark.parametrize(
    ("f", "point", "gradient"),
    [
        (lambda a, b: a * b - a / b, (3.0, 2.0), (1.5, 3.75)),
        (lambda a, b: a**b + 2.0**a, (2.0, 3.0), (12 + 4 * math.log(2), 8 * math.log(2))),
        (lambda a: 1 / a + 2 - a + abs(a), (-2.0,), (-0.25 - 2,)),
        (lambda a: a.softplus(), (25.0,), (1 / (1 + math.exp(-25)),)),
        (lambda a: a.leaky_relu(), (-2.0,), (0.01,)),
        (lambda a, s: a.leaky_relu(s), (-2.0, 0.3), (0.3, -2.0)),
        (lambda a, b: a.maximum(b) * a.minimum(0.5), (1.0, 3.0), (0.0, 0.5)),
        (lambda a, b: a.maximum(b), (2.0, 2.0), (0.5, 0.5)),
        (lambda ws, b: ws[0] * ws[1] + b, ([2.0, 5.0], 1.0), (5.0, 2.0, 1.0)),
        (lambda a, b: a * a, (1.5, 9.0), (3.0, 0.0)),
        (lambda a: 7.0, (1.5,), (0.0,)),
    ],
)
def test_torch_gradient_against_hand_made_gradients(f, point, gradient):
    assert torch_gradient(f, *point) == pytest.approx(gradient, rel=1e-15)


@needs_torch
def test_torch_softplus_is_not_cut_at_20():
    # torch.nn.functional.softplus(21.0) is 21.0; the right value is 7.6e-10 above it
    line = agreement(lambda a: a.softplus(), 21.0).lines[0]
    assert line.torch["cpu"] == 21.0 + math.log1p(math.exp(-21.0)) != 21.0


@needs_torch
@pytest.mark.parametrize("name", RULES)
def test_every_rule_runs_on_the_engine_and_on_torch(name):
    rng = np.random.default_rng(5)
    f, count = compare.program(name), len(RULES[name]) - 1
    for _ in range(20):
        point = list(rng.uniform(0.2, 3.0, size=count))
        nodes = [Value(x) for x in point]
        f(*nodes).backward()
        ours = [node.grad for node in nodes]
        assert ours == pytest.approx(torch_gradient(f, *point), rel=1e-12)


@needs_torch
def test_a_program_that_makes_values_is_refused_not_silently_detached():
    with pytest.raises(TypeError, match="a second time for PyTorch"):
        torch_gradient(lambda a, b: maximum(a, b) * a, 1.0, 2.0)


@needs_torch
def test_a_program_of_dot_is_compared_with_its_peer():
    report = agreement(
        lambda ws, xs: dot(ws, xs, 0.5).tanh(),
        [0.4, -1.2],
        [0.9, 0.3],
        peer=lambda ws, xs: (ws[0] * xs[0] + ws[1] * xs[1] + 0.5).tanh(),
    )
    assert [line.name for line in report.lines][1:] == [
        f"∂f/∂{name}[{i}]" for name in ("ws", "xs") for i in range(2)
    ]
    assert report.max_ulps() <= 8


# -------------------------------------------------------------------------------------- the tables


def neuron(x, w):
    return (x * w + x).tanh()


@needs_torch
def test_agreement_shows_engine_differences_and_torch():
    report = agreement(neuron, 0.5, 1.2, devices=["cpu"])
    assert [line.name for line in report.lines] == ["f", "∂f/∂x", "∂f/∂w"]
    assert report.max_ulps() <= 8
    slope = 1 - math.tanh(1.1) ** 2
    for line, true in zip(report.lines, (math.tanh(1.1), slope * 2.2, slope * 0.5), strict=True):
        assert line.engine == pytest.approx(true, rel=1e-15)
        assert line.torch["cpu"] == pytest.approx(true, rel=1e-15)
        if line.name != "f":
            assert line.difference == pytest.approx(true, rel=1e-10)
    text = repr(report)
    assert text == repr(agreement(neuron, 0.5, 1.2, devices=["cpu"]))
    assert text.splitlines()[2].split() == "∂f/∂x 0.790243 0.790243 0.790243 <= 1e6 <= 8".split()
    assert "0.790243" in report._repr_html_() and "<= 8" not in report._repr_html_()


@needs_torch
def test_agreement_would_show_a_wrong_engine():
    # the engine's own way to a new operation, here with a factor 2 too much
    def careless(x):
        if isinstance(x, Value):
            return Value(math.sin(x.data), (x,), "sin", (2 * math.cos(x.data),))
        return x.sin()

    report = agreement(careless, 0.7, devices=["cpu"])
    assert report.max_ulps() > 1e15
    assert "wrong" in repr(report) and "a factor 2 too large" in repr(report)


def test_agreement_at_a_kink_and_at_infinity():
    kink = agreement(lambda x, w: x.relu() * w, 0.0, 1.2, devices=[])
    assert "kink" in repr(kink) and "slope 0 from the left, 1.2 from the right" in repr(kink)
    assert "not finite" in repr(agreement(lambda x: x**0.5, 0.0, devices=[]))


@needs_torch
def test_operations_table_has_every_rule_and_agrees():
    table = operations_table(devices=["cpu"])
    assert [line.name for line in table.lines] == list(RULES)
    for line in table.lines:
        assert line.ok and line.points == 20
        # a few roundings each; exactly none where the arithmetic is fixed by IEEE 754
        assert line.value["cpu"] <= (0 if line.fixed else 8)
        assert line.slopes["cpu"] <= (0 if line.fixed else 8)
    assert {"add", "div", "relu"} <= {line.name for line in table.lines if line.fixed}
    assert not {"exp", "sqrt", "pow"} & {line.name for line in table.lines if line.fixed}
    assert repr(table) == repr(operations_table(np.random.default_rng(0), devices=["cpu"]))
    assert all(f"<td>{name}</td>" in table._repr_html_() for name in RULES)


def test_operations_table_would_show_a_wrong_rule(monkeypatch):
    def wrong_sine(self):
        return Value(math.sin(self.data), (self,), "sin", (-math.cos(self.data),))

    monkeypatch.setattr(Value, "sin", wrong_sine)
    table = operations_table(points=3)
    assert [line.name for line in table.lines if not line.ok] == ["sin"]
    assert "DIFFER" in repr(table)


# ------------------------------------------------------------------------------------ its absence


@pytest.fixture
def no_torch(monkeypatch):
    monkeypatch.setattr(compare, "_torch", lambda: None)
    compare._number.cache_clear()
    yield
    compare._number.cache_clear()


def test_without_torch_the_tables_stand_and_say_what_is_missing(no_torch):
    report, table = agreement(neuron, 0.5, 1.2), operations_table(points=2)
    for shown in (repr(report), repr(table), report._repr_html_(), table._repr_html_()):
        assert "pip install torch" in shown and "PyTorch cpu" not in shown
    assert "0.790243" in repr(report)
    with pytest.raises(ModuleNotFoundError, match="pip install torch"):
        torch_gradient(neuron, 0.5, 1.2)


def test_a_device_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(compare, "torch_devices", lambda: ("cpu",))
    if compare._torch() is not None:
        assert "PyTorch has no cuda here." in repr(agreement(neuron, 0.5, 1.2, devices=["cuda"]))


def test_importing_compare_does_not_import_torch():
    code = "import sys, bookutils.compare; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
