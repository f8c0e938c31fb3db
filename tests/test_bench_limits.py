"""What a record says that a machine reaches, and its curves; of a machine with known limits."""

from dataclasses import replace
from itertools import product as pairs

import numpy as np
import pytest
from test_bench_record import RUN

from bookutils.bench import (
    call_line,
    draw_calls,
    draw_costs,
    draw_rates,
    draw_riders,
    draw_roofline,
    results,
    roof,
    shares,
)
from bookutils.bench.curves import device_drawing
from bookutils.bench.limits import Line
from bookutils.bench.record import COMMANDS, Record, Row
from bookutils.bench.writing import per_second, tables
from bookutils.page.plotting import figure

RATE, BANDWIDTH, CALL = 1e11, 1e10, 5e-6
PINNED = {"torch": "2.13.0", "numpy": "2.4.6"}
NONE = Record("cuda", {})


def counted(key, group, base, flops=(), sizes=(), seconds=None, names=None):
    """A row whose programs take what the slower of the two limits needs, in three samples."""
    names = names or [*(flops or sizes)]
    flops, sizes = dict(flops), dict(sizes)
    took = seconds or {
        n: max(flops.get(n, 0) / RATE, sizes.get(n, 0) / BANDWIDTH, CALL) for n in names
    }
    samples = {name: [0.9 * took[name], took[name], 1.2 * took[name]] for name in names}
    return Row(key, group, key, "s", base, samples, RUN, flops=flops, bytes=sizes)


def device_record(name="cpu"):
    found = []
    for n in (32, 256, 2048):
        flops = {"float32": 2 * n**3, "float64": 2 * n**3}
        sizes = {"float32": 12 * n * n, "float64": 24 * n * n}
        found.append(counted(f"product {n}", "matrix product", "float32", flops, sizes))
    for size, speed in ((2**14, 8.0), (2**29, 1.0)):  # the short array is in a cache
        took = {"copy": 2 * size / BANDWIDTH / speed, "sum": 1.25 * size / BANDWIDTH / speed}
        row = counted(f"memory {size}", "memory", None, (), {"copy": 2 * size, "sum": size}, took)
        found.append(row)
    for n in (1, 64, 2**18):
        took = {"torch": CALL + 1e-10 * n, "NumPy": CALL / 5 + 1e-10 * n}
        names = ["torch", "NumPy"]
        found.append(counted(f"add {n}", "sum of two arrays", "torch", seconds=took, names=names))
    for n in (2048, 4096):
        batches = {f"batch {2**k}": 2**k for k in range(9)}
        flops = {name: 2 * n * n * b for name, b in batches.items()}
        sizes = {name: 4 * (n * n + 2 * n * b) for name, b in batches.items()}
        found.append(counted(f"layer {n}", "layer", "batch 1", flops, sizes))
    for flops in (185_600, 10**7, 10**9):
        took = {"torch float32": 1e-4 + flops / RATE, "engine": 2e-4 + flops / RATE}
        given = dict.fromkeys(took, flops)
        found.append(counted(f"step {flops}", "training step", "torch float32", given, (), took))
    return Record(name, {row.key: row for row in found})


RECORD = device_record()


def test_rates_are_counts_over_seconds_sample_by_sample():
    row = RECORD["product 2048"]
    seconds = 2 * 2048**3 / RATE
    rates = [2 * 2048**3 / (x * seconds) for x in (1.2, 1.0, 0.9)]
    wanted = [np.mean(rates[:2]), rates[1], np.mean(rates[1:])]
    assert row.rate["float32"] == pytest.approx(wanted)
    assert row.bandwidth["float64"].median == pytest.approx(24 * 2048**2 / seconds)
    assert RECORD["memory 16384"].rate == {} and RECORD["add 1"].bandwidth == {}


def test_the_roof_is_the_best_product_and_the_longest_array():
    limit = roof(RECORD)
    assert limit == pytest.approx((RATE, BANDWIDTH))  # a copy is faster than a sum there
    assert limit.ridge == pytest.approx(10.0)
    assert limit.seconds(1e11, 1e9) == 1.0 and limit.seconds(1e9, 1e10) == 1.0
    assert [limit.at(x) for x in (1, 10, 100)] == pytest.approx([1e10, 1e11, 1e11])
    assert roof(RECORD, "bfloat16") is None and roof(NONE) is None
    without = {k: row for k, row in RECORD.rows.items() if row.group != "memory"}
    assert roof(Record("cpu", without)) is None


def test_a_layer_that_reads_faster_than_a_copy_raises_the_roof():
    layer = RECORD["layer 4096"]
    faster = {name: layer.bytes[name] / BANDWIDTH / 2 for name in ("batch 1", "batch 2")}
    row = counted("layer 4096", "layer", "batch 1", (), {n: layer.bytes[n] for n in faster}, faster)
    limit = roof(Record("cpu", {**RECORD.rows, "layer 4096": row}))
    assert limit == pytest.approx((RATE, 2 * BANDWIDTH))
    small = Record(
        "cpu",
        {**RECORD.rows, "layer 64": replace(row, key="layer 64", bytes=dict.fromkeys(faster, 9))},
    )
    assert roof(small) == roof(RECORD)  # its weights are in a cache


def test_a_call_costs_its_first_number_and_each_further_one():
    for program, t0 in (("torch", CALL), ("NumPy", CALL / 5)):
        line = call_line(RECORD, program)
        assert line.at(1) == pytest.approx(t0 + 1e-10) and line.t1 == pytest.approx(1e-10)
    assert Line(2.0, 0.5).at(4) == 4.0
    assert call_line(RECORD, "JAX") is None and call_line(NONE) is None


def test_the_share_of_arithmetic_is_what_the_best_rate_would_need():
    found = shares(RECORD)
    assert found == {
        f"step {n}": pytest.approx(n / RATE / (1e-4 + n / RATE)) for n in (185_600, 10**7, 10**9)
    }
    assert shares(RECORD, "engine")["step 185600"] < found["step 185600"]
    assert shares(RECORD, "JAX") == {} == shares(NONE)


# --- curves ---------------------------------------------------------------------------------------


def drawn(draw, *given, **settings):
    fig, ax = figure()
    draw(ax, *given, installed=PINNED, **settings)
    fig.canvas.draw()
    containers = {c.get_label(): c.lines[0].get_xydata() for c in ax.containers}
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    return ax, containers, dashed


def test_the_roofline_has_products_layers_and_two_lines():
    ax, points, dashed = drawn(draw_roofline, RECORD)
    n = 2048
    assert points["products in float32"][-1] == pytest.approx([n / 6, RATE])
    assert len(points["layer 2048, growing batch"]) == 9 and len(points) == 3
    (line,) = dashed
    xs, ys = line.get_xdata(), line.get_ydata()
    assert ys == pytest.approx([BANDWIDTH * xs[0], RATE, RATE]) and xs[1] == pytest.approx(10)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    # at the limits of the machine nothing lies above them
    limit = roof(RECORD)
    for x, y in np.concatenate([*points.values()]):
        assert y <= limit.at(x) * (1 + 1e-9)
    assert len(drawn(draw_roofline, RECORD, "float64")[1]) == 1  # layers are in float32


def test_riders_are_seconds_over_the_batch_and_what_the_limits_allow():
    ax, points, dashed = drawn(draw_riders, RECORD)
    assert points["layer 4096"][:, 0].tolist() == [2**k for k in range(9)]
    assert len(dashed) == 2 and ax.get_xlabel() == "batch, rows"
    bound = dashed[1].get_ydata()
    assert bound[0] == pytest.approx(4 * (4096**2 + 2 * 4096) / BANDWIDTH)
    assert bound[-1] == pytest.approx(2 * 4096**2 * 256 / RATE)
    assert [*drawn(draw_riders, RECORD, (2048,))[1]] == ["layer 2048"]


def test_rates_calls_and_costs_have_a_curve_for_each_program():
    assert [*drawn(draw_rates, RECORD, "matrix product")[1]] == ["float32", "float64"]
    points = drawn(draw_rates, RECORD, "memory")[1]
    assert points["copy"][-1] == pytest.approx([2**29, BANDWIDTH])
    _, points, dashed = drawn(draw_calls, RECORD)
    assert [*points] == ["torch", "NumPy"] and len(dashed) == 2
    assert dashed[0].get_ydata()[0] == pytest.approx(CALL + 1e-10)
    _, points, dashed = drawn(draw_costs, RECORD, ["torch float32", "engine"], line=True)
    assert len(points) == 2 and len(dashed) == 1
    # the line goes through the smallest step, and misses the others by no more than they add
    assert dashed[0].get_ydata()[[0, -1]] == pytest.approx(points["torch float32"][[0, -1], 1])
    assert not drawn(draw_costs, RECORD, ["torch float32"])[2]
    with pytest.raises(KeyError):
        drawn(draw_rates, RECORD, "layer")


@pytest.mark.parametrize(
    ("draw", "given"),
    [
        (draw_roofline, ()),
        (draw_riders, ()),
        (draw_calls, ()),
        (draw_costs, (["torch float32"],)),
        *pairs([draw_rates], [("matrix product",), ("memory",), ("transfer",)]),
    ],
)
def test_what_was_not_measured_is_left_empty_with_the_command(draw, given):
    ax, points, _ = drawn(draw, NONE, *given)
    words = ax.texts[0].get_text()
    assert not points and not ax.lines
    assert "Not measured yet" in words and COMMANDS["cuda"] in words


@pytest.mark.parametrize("draw", [draw_roofline, draw_riders, draw_calls])
def test_curves_tell_their_source_and_their_age(draw):
    fig, ax = figure()
    draw(ax, RECORD, installed={"torch": "9.0"})
    assert "Some Processor" in fig._supxlabel.get_text()
    assert "torch was 2.13.0" in fig._suptitle.get_text()


# --- on the page ----------------------------------------------------------------------------------


def test_the_drawing_of_a_device_has_its_panels():
    fig = device_drawing(RECORD)
    titles = [ax.get_title(loc="left") for ax in fig.axes]
    assert titles[0] == "two limits" and titles.count("training step") == 1 and len(titles) == 5


def test_the_page_shows_rates_and_says_in_words_what_is_drawn():
    none = {name: Record(name, {}) for name in COMMANDS}
    text = results.page({**none, "cpu": RECORD}, PINNED)
    assert "](benchmarks-cpu.png)" in text and "](benchmarks-cuda.png)" not in text
    assert "| floating-point operations a second | float32 | float64 |" in text
    assert "| product 2048 | 100 GFLOP/s | 100 GFLOP/s |" in text
    assert "| bytes a second | copy | sum |" in text and "| memory 536870912 | 10 GB/s |" in text
    assert "100 GFLOP/s, 10 GB/s, ridge 10.0 FLOPs a byte" in text
    assert "cost against batch 1: batch 2 1.00" in text
    assert results.ABOUT["memory"] in text


@pytest.mark.parametrize(
    ("x", "text"),
    [(1.684e11, "168 GFLOP/s"), (5.1e13, "51 TFLOP/s"), (2500.0, "2.5 kFLOP/s"), (7, "7 FLOP/s")],
)
def test_rates_have_three_digits_and_a_prefix(x, text):
    assert per_second(x, "FLOP/s") == text


def test_a_terminal_gets_the_same_tables():
    text = "\n".join(tables(RECORD))
    assert "100 GFLOP/s" in text and "batch 256" in text and "step 185600" in text
