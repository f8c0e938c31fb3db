"""The table engine | differences | PyTorch, and the distance in units in the last place."""

import math
import subprocess
import sys

import numpy as np
import pytest

from bookutils import Tensor, Value, dot, losses, maximum, minimum, total
from bookutils.engine.rules import RULES
from bookutils.engine.tensor import concatenate, cross_entropy, linear, stack, where
from bookutils.engine.tensor import maximum as array_maximum
from bookutils.engine.tensor import minimum as array_minimum
from bookutils.losses import bce_with_logits
from bookutils.verify import peer, torch_gradient
from bookutils.verify.compare import agreement
from bookutils.verify.operations import operations_table, program

needs_torch = pytest.mark.skipif(not peer.torch_devices(), reason="PyTorch is not installed")


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
    f, count = program(name), len(RULES[name]) - 1
    for _ in range(20):
        point = list(rng.uniform(0.2, 3.0, size=count))
        nodes = [Value(x) for x in point]
        f(*nodes).backward()
        ours = [node.grad for node in nodes]
        assert ours == pytest.approx(torch_gradient(f, *point), rel=1e-12)


@needs_torch
@pytest.mark.parametrize("f", [lambda a, b: Value(a) * b, lambda a, b: Tensor(a) * b])
def test_a_program_that_makes_values_is_refused_not_silently_detached(f):
    with pytest.raises(TypeError, match="a second time for PyTorch"):
        torch_gradient(f, 1.0, 2.0)


@needs_torch
def test_the_functions_that_a_program_names_are_torchs_in_its_column():
    assert torch_gradient(lambda a, b: maximum(a, b) * a, 1.0, 2.0) == [2.0, 1.0]
    assert torch_gradient(lambda a, b: maximum(a, 1.5) + minimum(0.5, b), 1.0, 0.2) == [0, 1]
    assert torch_gradient(lambda a, b: total([a, b, 3.0]) * a, 1.0, 2.0) == [7.0, 1.0]
    assert torch_gradient(lambda ws, x: dot(ws, [x, 2.0]), [3.0, 4.0], 5.0) == [5.0, 2.0, 3.0]
    assert torch_gradient(uses_another, 2.0) == [3.0]
    report = agreement(lambda ws, xs: dot(ws, xs, 0.5).tanh(), [0.4, -1.2], [0.9, 0.3])
    assert [line.name for line in report.lines][1:] == [
        f"∂f/∂{name}[{i}]" for name in ("ws", "xs") for i in range(2)
    ]
    assert report.max_ulps() <= 8


def squared(a):
    return dot([a, 0.5 * a], [a, a]) * 0.5  # 0.75 a²


def uses_another(a):
    return squared(a)


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


# --------------------------------------------------------------------------------------- arrays

RNG = np.random.default_rng(8)
X, W, B = RNG.normal(size=(5, 3)), RNG.normal(size=(3, 2)), RNG.normal(size=2)
LABELS = np.array([0, 1, 1, 0, 1])

PROGRAMS = {
    "a layer": (lambda x, w, b: (x @ w + b).tanh(), (X, W, B)),
    "arrays on the left": (lambda x: 2 - X.T @ x / 3 + X[:3] * x[1:4] ** 2, (X,)),
    "reductions": (
        lambda x: [
            x.sum(), x.sum(axis=0), x.mean(axis=1, keepdims=True), x.mean(keepdims=True), x.var(),
            x.var(axis=0, correction=0), x.max(axis=1), x.min(), x.logsumexp(), x.logsumexp(axis=0),
            x.softmax(), x.log_softmax(axis=0),
        ],
        (X,),
    ),
    "shapes": (
        lambda x: [
            x.T, x.reshape(3, 5), x.transpose(1, 0), x.permute(1, 0), x[[0, 0, 4]], x[::2, 1],
            x[0].broadcast_to((4, 3)), x[:, :1].squeeze(axis=1), x.pad(1).sum(axis=0),
            x.pad(((1, 0), (0, 2))), x.clip(-0.5, 0.5),
        ],
        (X,),
    ),
    "functions": (
        lambda x: [
            array_maximum(x, 0.3), array_minimum(0.1, x), where(X > 0, x, -1.0), x.gelu(),
            concatenate([x, 2 * x], axis=1), stack([x, -x], axis=0), x.leaky_relu(0.2),
            x.softplus(),
        ],
        (X,),
    ),
    "a loss of the engine": (
        lambda x, w, b: cross_entropy(linear(x, w, b, "relu"), LABELS),
        (X, W, B),
    ),
    "a loss by its module": (lambda x, t: losses.huber_loss(x, t, delta=0.5), (X, 2 * X[::-1])),
    "a loss by its name": (lambda z: bce_with_logits(z, np.array([0.0, 1.0])), (B,)),
    "numbers and lists": (lambda ws, b: ws[0] @ ws[1] * b, ([X, W], 0.7)),
}  # fmt: skip


@needs_torch
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_of_arrays_run_on_both_and_agree(name):
    f, xs = PROGRAMS[name]
    report = agreement(f, *xs, devices=["cpu"])
    assert report.max_ulps() <= 64, report
    assert set(report.verdicts) == {"right"}
    assert repr(report) == repr(agreement(f, *xs, devices=["cpu"]))


@needs_torch
def test_the_table_of_arrays_has_one_row_an_input_the_steepest():
    report = agreement(lambda x, w: ((x @ w) ** 2).mean(), X, W, devices=["cpu"])
    G = 2 * (X @ W) / 10
    names = []
    for name, gradient in (("x", G @ W.T), ("w", X.T @ G)):
        place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        names.append(f"∂f/∂{name}[{place[0]}, {place[1]}]")
        line = next(line for line in report.lines if line.name == names[-1])
        assert line.engine == pytest.approx(gradient[place], rel=1e-14)
        assert line.torch["cpu"] == pytest.approx(gradient[place], rel=1e-14)
        assert line.difference == pytest.approx(gradient[place], rel=1e-9)
    assert [line.name for line in report.lines] == ["f", *names]
    header, first, *_ = repr(report).splitlines()
    assert header.split()[:4] == ["of", "shape", "engine", "differences"]
    assert first.split()[:2] == ["f", "()"] and "<= 8" in first
    assert "(5, 3)" in report._repr_html_()


@needs_torch
def test_the_table_of_arrays_shows_the_element_that_differs():
    def careless(x):
        if isinstance(x, Tensor):
            return x.tanh()
        return x.tanh() * where(np.arange(15).reshape(5, 3) == 7, 1.001, 1.0)

    report = agreement(careless, X, devices=["cpu"])
    assert [line.name for line in report.lines] == ["f[2, 1]", "∂f/∂x[2, 1]"]
    assert report.max_ulps() > 1e9 and "right" in report.verdicts
    # one column wrong for both: differences find it
    report = agreement(lambda x: x.tanh().detach() * x, X, devices=["cpu"])
    assert report.max_ulps() <= 8 and report.verdicts == ("wrong",) and "wrong" in repr(report)


@needs_torch
def test_a_program_of_arrays_may_have_a_peer_for_torch():
    def ours(x):
        return losses.iou_loss(x, np.array([0.0, 0, 2, 2]))

    def theirs(x):
        side = 2 - x[:2]
        both = side[0] * side[1]
        return 1 - both / (4 + (x[2] - x[0]) * (x[3] - x[1]) - both)

    box = np.array([0.5, 1.0, 3.0, 2.5])
    with pytest.raises(TypeError, match="a second time for PyTorch"):
        agreement(ours, box)
    assert agreement(ours, box, peer=theirs, devices=["cpu"]).max_ulps() <= 16
    with pytest.raises(ValueError, match="1 outputs with our engine, 2 in PyTorch"):
        agreement(ours, box, peer=lambda x: x[:2])


@needs_torch
def test_torch_gradient_of_arrays_is_one_array_an_input():
    by_x, by_w = torch_gradient(lambda x, w: ((x @ w) * 2).sum(), X, W)
    np.testing.assert_allclose(by_x, 2 * np.ones((5, 2)) @ W.T, rtol=1e-14)
    np.testing.assert_allclose(by_w, 2 * X.T @ np.ones((5, 2)), rtol=1e-14)
    assert torch_gradient(lambda x: (x * x).sum(), Tensor([3.0]))[0].tolist() == [6.0]


def test_arrays_at_kinks_and_without_torch(no_torch):
    report = agreement(lambda x: x.relu(), np.array([0.0, 1.5, -1.0]))
    assert "pip install torch" in repr(report) and report.verdicts == ("right",)
    assert "PyTorch cpu" not in repr(report)
    assert agreement(lambda x: x.relu(), np.zeros(3)).verdicts == ("kink",)
    assert "not finite" in repr(agreement(lambda x: x.sqrt(), np.zeros(2)))


# ------------------------------------------------------------------------------------ its absence


@pytest.fixture
def no_torch(monkeypatch):
    monkeypatch.setattr(peer, "_torch", lambda: None)
    for kept in (peer._number, peer._theirs):
        kept.cache_clear()
    yield
    for kept in (peer._number, peer._theirs):  # functions of one class of numbers know no other
        kept.cache_clear()


def test_without_torch_the_tables_stand_and_say_what_is_missing(no_torch):
    report, table = agreement(neuron, 0.5, 1.2), operations_table(points=2)
    for shown in (repr(report), repr(table), report._repr_html_(), table._repr_html_()):
        assert "pip install torch" in shown and "PyTorch cpu" not in shown
    assert "0.790243" in repr(report)
    with pytest.raises(ModuleNotFoundError, match="pip install torch"):
        torch_gradient(neuron, 0.5, 1.2)


def test_a_device_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(peer, "torch_devices", lambda: ("cpu",))
    if peer._torch() is not None:
        assert "PyTorch has no cuda here." in repr(agreement(neuron, 0.5, 1.2, devices=["cuda"]))


def test_importing_compare_does_not_import_torch():
    code = "import sys, bookutils.verify.compare; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
