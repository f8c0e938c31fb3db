"""Chapter 12: the compiler that its `build` cells make, its bits in C, what its sliders show."""

import gc
import math
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import chapter_cells
import numpy as np
import pytest
import torch

from bookutils import Value, nn
from bookutils.bench import recorded
from bookutils.engine import rules
from bookutils.page import figure
from bookutils.trace import ReplayError, record
from bookutils.trace.native import built
from bookutils.trace.native import compiler as compiler_here

CHAPTER = Path(__file__).parents[1] / "chapters" / "12_from_interpreter_to_compiler.ipynb"


@cache
def compiler():
    """What the final build cells define, and the small helpers around them."""
    names = {"np": np, "Path": Path}
    helpers = ("def loss", "def traced", "def replay", "def compiled", "import sys")
    for cell in chapter_cells.code_cells(CHAPTER):
        helper = any(re.search(rf"^{h}\b", cell.source, re.MULTILINE) for h in helpers)
        if "build:final" in cell.metadata.get("tags", []) or helper:
            # what a cell defines; its prints and what they print belong to the page
            exec(re.split(r"^(?=print\(|a, b, params = )", cell.source, flags=re.M)[0], names)
    return names


def program(function, *inputs):
    """The function traced: its trace, the outputs (value and all derivatives)."""
    names = compiler()
    trace, symbols, y = names["traced"](function, *inputs)
    grads = names["gradients"](y)
    parts = [y] + [grads.get(s.index, 0.0) for s in symbols]
    nodes = [p if hasattr(p, "index") else trace.node("const", p) for p in parts]
    return trace, [n.index for n in nodes]


FORMULAS = {
    "shared": lambda a, b, c: (a * b + c) * (a * b),
    "quotient": lambda a, b, c: (a - b) / (1 + c * c) - a / 3,
    "functions": lambda a, b, c: (a.tanh() * b.sin()).exp() - (c * c + 0.1).log() * a.cos(),
    "kinks": lambda a, b, c: (a - b).relu() * c + (b * c).sigmoid() - a.relu() * b.relu(),
    "unused": lambda a, b, c: a * a * 3 + b * 0.0,
    "constants": lambda a, b, c: (a * (1 / 3) - b * 1e-17) * (2 - c) - (-7.25 - a),
    "square root": lambda a, b, c: (a * a + b * b).sqrt() * -c,
}


def torch_answer(function, numbers):
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers]
    y = function(*tensors)
    grads = torch.autograd.grad(y, tensors, allow_unused=True)
    return [y.item()] + [0.0 if g is None else g.item() for g in grads]


@pytest.mark.parametrize("name", FORMULAS)
def test_a_printed_program_is_what_pytorch_says(name):
    names, rng = compiler(), np.random.default_rng(0)
    trace, outputs = program(FORMULAS[name], "a", "b", "c")
    f = names["compiled"](names["to_python"](trace.ops, outputs, "abc"), names["NUMBERS"])
    for _ in range(10):
        numbers = rng.normal(size=3).tolist()
        values = names["replay"](trace.ops, **dict(zip("abc", numbers, strict=True)))
        # the printed program does the replayed operations: no bit may differ
        assert f(*numbers) == tuple(values[i] for i in outputs)
        np.testing.assert_allclose(f(*numbers), torch_answer(FORMULAS[name], numbers), rtol=1e-13)


@pytest.mark.parametrize("name", FORMULAS)
def test_columns_are_the_rows(name):
    names, rng = compiler(), np.random.default_rng(1)
    trace, outputs = program(FORMULAS[name], "a", "b", "c")
    text = names["to_python"](trace.ops, outputs, "abc")
    rows = rng.normal(size=(7, 3))
    one = names["compiled"](text, names["NUMBERS"])
    many = names["compiled"](text, {**vars(np), "where": np.where})
    expected = np.sum([one(*row) for row in rows.tolist()], axis=0)
    found = [names["total"](v, 7) for v in many(*rows.T)]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_the_derivative_of_a_derivative():
    names = compiler()
    trace, (x, y), z = names["traced"](lambda x, y: x * x * x * y, "x", "y")
    first = names["gradients"](z)[x.index]
    second = names["gradients"](first)
    values = names["replay"](trace.ops, x=1.3, y=-2.0)
    assert values[second[x.index].index] == pytest.approx(6 * 1.3 * -2)
    assert values[second[y.index].index] == pytest.approx(3 * 1.3**2)


def test_equal_lines_are_one_and_others_are_not():
    names = compiler()
    trace = names["Trace"]()
    a, b = trace.node("input", "a"), trace.node("input", "b")
    assert (a * b).index == (a * b).index
    assert (a - b).index != (b - a).index
    assert (a * b).index != (a + b).index
    assert (a * 2.5).index != (a * 3.5).index


def test_an_if_is_refused_with_a_sentence():
    names = compiler()
    trace = names["Trace"]()
    x = trace.node("input", "x")
    with pytest.raises(TypeError, match="where"):
        bool(x > 0)


# The net of the demo


@cache
def net():
    names = compiler()
    inputs = [f"p{i}" for i in range(337)], ["x1", "x2", "t"]
    trace, symbols, y = names["traced"](
        lambda *n: names["loss"](n[:337], *n[337:]), *inputs[0], *inputs[1]
    )
    forward = len(trace.ops)
    grads = names["gradients"](y)
    return trace, inputs, y, forward, [grads[s.index].index for s in symbols]


def test_what_is_dead_leads_to_the_point_alone():
    live, (trace, _, y, forward, grads) = compiler()["live"], net()
    wanted = [y.index, *grads[:337]]
    assert len(live(trace.ops, [y.index])) == forward  # no line of the backward pass
    assert len(live(trace.ops, wanted)) < len(trace.ops)
    assert live(trace.ops, wanted + grads[337:]) == [*range(len(trace.ops))]


def test_the_drawing_counts_what_is_traced():
    names = {"figure": figure, "draw_net": lambda *_, **__: None}
    drawn = chapter_cells.names_of(CHAPTER, ["WIDTHS = "], names, studies=False)
    trace, (parameters, _), *_ = net()
    counts = drawn["counted_by_layer"](drawn["WIDTHS"])
    assert sum(p for p, _ in counts) == len(parameters)
    rows = [op for op, *_ in trace.ops[: net()[3]] if op in compiler()["ROWS"]]
    assert sum(n for _, n in counts) == len(rows) - 3  # "the hinge loss adds three"


@cache
def sums_in_python(seed):
    names, (trace, inputs, y, _, grads) = compiler(), net()
    text = names["to_python"](trace.ops, [y.index, *grads[:337]], inputs[0] + inputs[1])
    f, sums = names["compiled"](text, names["NUMBERS"]), np.zeros(338)
    start, rows = points(seed)
    for row in rows.tolist():
        sums = sums + f(*start.tolist(), *row)
    return text, sums


def points(seed):
    rng = np.random.default_rng(seed)
    side = rng.choice([-1.0, 1.0], size=(60, 1))
    return 0.5 * rng.normal(size=337), np.hstack([rng.normal(size=(60, 2)), side])


@pytest.mark.parametrize("seed", [10, 11, 12])
def test_the_traced_net_has_the_gradients_of_value(seed):
    _, sums = sums_in_python(seed)
    start, rows = points(seed)
    params = [Value(v) for v in start]
    total = sum((compiler()["loss"](params, *row) for row in rows.tolist()), Value(0.0))
    total.backward()
    expected = np.array([total.data] + [p.grad for p in params])
    # sums of 60 terms in another order: some roundings of the largest of them
    np.testing.assert_allclose(sums, expected, rtol=1e-14, atol=1e-14 * np.abs(expected).max())


@pytest.mark.parametrize("seed", [10, 11])
def test_columns_added_in_order_have_the_same_bits(seed):
    text, sums = sums_in_python(seed)
    start, rows = points(seed)
    columns = compiler()["compiled"](text, {**vars(np), "where": np.where})(*start, *rows.T)
    np.testing.assert_array_equal([np.add.accumulate(v)[-1] for v in columns], sums)


def sums_in_c(seed, *flags):
    names, (trace, inputs, y, _, grads) = compiler(), net()
    step = built(names["to_c"](trace.ops, [y.index, *grads[:337]], *inputs), flags)
    (start, rows), sums = points(seed), np.zeros(338)
    step(start.ctypes.data, len(rows), rows.ctypes.data, sums.ctypes.data)
    return sums


needs_compiler = pytest.mark.skipif(compiler_here() is None, reason="no C compiler here")


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize(
    "flags",
    [
        ("-O2", "-ffp-contract=off"),
        ("-O3", "-march=native", "-ffp-contract=off"),  # so merged roundings are one cause,
        ("-O2", "-ffp-contract=off", "-ffast-math", "-fno-associative-math"),  # order is the other
    ],
    ids=" ".join,
)
def test_c_has_the_bits_of_python(flags):
    for seed in (10, 11, 12):
        np.testing.assert_array_equal(sums_in_c(seed, *flags), sums_in_python(seed)[1])


@needs_compiler
@pytest.mark.slow
def test_sums_in_another_order_have_other_bits_and_hardly_other_numbers():
    found = sums_in_c(10, "-O2", "-ffp-contract=off", "-ffast-math")
    sums = sums_in_python(10)[1]
    assert (found != sums).any()
    np.testing.assert_allclose(found, sums, rtol=1e-12, atol=1e-13 * np.abs(sums).max())


# Sliders


def test_as_text_the_derivative_grows_fourfold_and_shared_by_eight(sliders):
    piece = sliders["swell"]
    assert piece.controls["k"].values == (1, 2, 3, 4, 5, 6)
    for k in piece.controls["k"].values:
        sizes = piece.compute(k)["sizes"]
        assert sizes.shape == (k, 4)
        np.testing.assert_array_equal(sizes, piece.compute(6)["sizes"][:k])
    value, value_shared, text, shared = piece.compute(6)["sizes"].T
    assert (np.diff(shared) == 8).all()
    assert (np.diff(value_shared) == 3).all()
    np.testing.assert_allclose(text[1:] / text[:-1], 4, rtol=0.4)
    assert 45 <= shared[-1] <= 55 and 15_000 < text[-1] < 17_000  # the bet
    assert value_shared[-1] == 21
    assert all(position["k"] < 6 for position in piece.pictures)


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [("y", 3), ("∂y/∂a", 4), ("∂y/∂b", 4), ("∂y/∂c", 1), ("all four", 6)],
)
def test_which_lines_run(sliders, wanted, lines):
    data = sliders["dead_code"].compute(wanted)
    assert len(data["texts"]) == 6
    assert data["run"].sum() == lines
    assert data["run"][0]  # t runs for all of them
    # what runs, run as Python, needs nothing that does not run
    names = {"a": 3.0, "b": -2.0, "c": 7.0}
    for text, runs in zip(data["texts"], data["run"], strict=True):
        name, formula = text.replace("·", "*").replace("∂y/∂", "d").split(" = ")
        if runs:
            names[name] = eval(formula, {}, names)
    by_hand = {"y": -6.0, "da": 10.0, "db": -15.0, "t": -6.0}
    assert all(names[n] == v for n, v in by_hand.items() if n in names)


def test_no_printed_strip_gives_a_bet_away(sliders):
    assert not sliders["swell"].bet  # its bet is asked before the curves
    assert sliders["dead_code"].bet
    assert {p["wanted"] for p in sliders["dead_code"].pictures} == {"y", "all four", "∂y/∂a"}


# The table


def test_the_rows_of_the_chapter_are_those_of_chapter_03_and_a_choice():
    names = compiler()
    new = {name: row for name, row in names["ROWS"].items() if name not in rules.RULES}
    assert set(new) == {"where", "lt", "le", "gt", "ge", "eq"}
    assert names["ROWS"].items() >= rules.RULES.items()
    for name, value in names["VALUES"].items():
        if name in ("lt", "le", "gt", "ge", "eq"):
            assert value(1.0, 2.0) == (name in ("lt", "le"))
    assert math.isclose(names["VALUES"]["sigmoid"](0.3), 1 / (1 + math.exp(-0.3)))


# PyTorch


def of_12_12():
    """The functions of section 12.12, without what its cells do with them."""
    names = {"np": np, "torch": torch}
    for cell in chapter_cells.code_cells(CHAPTER):
        if re.search(r"^def (bent|counted)\(", cell.source, re.MULTILINE):
            exec(re.split(r"^(?=Symbol|f, comp)", cell.source, flags=re.MULTILINE)[0], names)
    return names


@pytest.mark.slow
def test_an_if_on_a_tensor_makes_three_graphs():
    """What 12.12 says in words: one for the comparison, one for each branch."""
    names = of_12_12()
    f, graphs = names["counted"](names["bent"])
    for x, y, calls in ((2.0, 4.0, ["gt", "mul"]), (-1.0, 3.0, ["gt", "mul", "mul"])):
        assert f(torch.tensor(x)).item() == y
        found = [n.target.__name__ for g in graphs for n in g.graph.nodes if "call" in n.op]
        assert found == calls


HELD = {}


@pytest.mark.slow
def test_which_numbers_are_constants_to_torch_compile():
    """Twelve values, wherever the number comes from: 12.12, in words and outputs."""
    names = of_12_12()
    own, module = {}, torch.nn.Module()
    module.forward = lambda w, n: w / module.n
    places = [  # the function, where it finds the number, how often twelve integers are compiled
        (module, lambda n: setattr(module, "n", n), 8),
        (lambda w, n: w / HELD["n"], lambda n: HELD.update(n=n), 8),  # through a global name
        (lambda w, n: w / own["n"], lambda n: own.update(n=n), 2),  # through none
        (lambda w, n: w / n, lambda n: None, 2),
    ]
    for kind in (int, float):
        for function, put, integers in places:
            f, compilations = names["counted"](function)
            for k in range(1, 13):
                put(kind(k))
                found = f(torch.ones(3), kind(k))[0].item()  # an argument is a guard if it is read
                assert found == pytest.approx(1 / k, rel=1e-6)  # float32
            assert len(compilations) == (integers if kind is int else 2)
    f, compilations = names["counted"](torch.tanh)
    found = [f(torch.ones(n)) is not None and len(compilations) for n in (5, 6, 1, 0, 7, 8)]
    assert found == [1, 2, 3, 4, 4, 4]  # "sizes of 0 and 1 stay constants"


# Tensors, too


class Scales(nn.Module):
    def __init__(self):
        self.n = 2.0

    def forward(self, x):
        return self.n * x


def test_which_numbers_a_replay_sees_change():
    x, scales, other, held = np.ones(3), Scales(), SimpleNamespace(n=2.0), [2.0]
    factor = 2.0

    def own(x):
        return factor * x

    steps = [record(f, x) for f in (own, lambda x: scales(x), lambda x: held[0] * x)]
    blind = record(lambda x: other.n * x, x)
    factor, scales.n, other.n, held[0] = 5.0, 5.0, 5.0, 5.0
    for step in steps[:2]:  # a name of the step; an attribute of a module that it calls
        with pytest.raises(ReplayError):
            step(x)
    for step in (*steps[2:], blind):
        assert (step(x) == 2.0).all()  # the number that was recorded


# The bars of 12.1


def left_behind(value):
    """How many objects of one point's graph only the collector can free."""
    gc.collect()
    gc.disable()
    try:
        params = [value(0.1) for _ in range(337)]
        y = compiler()["loss"](params, 1.0, 2.0, -1.0)
        y.backward()
        del params, y
        return gc.collect()
    finally:
        gc.enable()


def test_nodes_of_value_are_freed_without_the_collector():
    compiler()
    assert left_behind(Value) == 0


def test_nodes_of_micrograd_hold_each_other_in_circles():
    engine = pytest.importorskip("micrograd.engine")
    assert left_behind(engine.Value) > 600  # an object at least for each operation


def test_the_record_bears_out_the_bet_and_the_answer():
    demo = recorded("peers")["demo"]
    low = {name: ratio.low for name, ratio in demo.ratios.items()}
    middle, off = {name: ratio.median for name, ratio in demo.ratios.items()}, ", collector off"
    assert low["C -O2"] > 1000 * middle["micrograd" + off]  # the bet, with the collector on or off
    assert demo.notes["C -O2"] == "same bits"
    # every bar of the picture from Value on leaves more out, and is longer
    order = ["Value, same code", "traced Python", "NumPy columns", "C -O2"]
    assert sorted(order, key=low.get) == order
    assert low["micrograd" + off] > 2
    assert middle["Value, same code"] < middle["Value, same code" + off]
    assert middle["C -O2"] / middle["Value, same code" + off] > 1000  # "less than a thousandth"
    # "less than twice as fast as the one without"
    assert 1 < middle["C -O3 -march=native -ffast-math"] / middle["C -O2"] < 2


def test_what_replay_can_save_is_much_in_small_nets_and_little_in_large_ones():
    sizes = ("2-16-16-1", "64-64-32-10", "784-256-128-10", "784-1024-1024-10")
    rows = [recorded("peers")[f"step {size} float64"].ratios for size in sizes]
    room = [row["NumPy by hand"].median / row["book"].median for row in rows]
    left = [row["NumPy by hand"].median / row["book, replayed"].median for row in rows]
    assert room[0] > 2.5 and room[1] > 2 and room[3] < 1.25
    assert all(a < b for a, b in zip(left, room, strict=True))
    for row in rows[:2]:  # "more than three quarters of the time that lies between"
        book, replayed, hand = (
            1 / row[n].median for n in ("book", "book, replayed", "NumPy by hand")
        )
        assert book - replayed > 0.75 * (book - hand)
    ends = [rows[3][name].median for name in ("book", "book, replayed", "NumPy by hand")]
    assert max(ends) < 1.1 * min(ends)  # "the three lines meet"
