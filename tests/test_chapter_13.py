"""Chapter 13: what its sliders and programs show, and what the records bear out."""

import time
from functools import cache
from pathlib import Path

import chapter_cells
import numpy as np
import pytest
import torch

from bookutils.bench import recorded, roof, shares
from bookutils.checks.layers import Layers, room
from bookutils.checks.registry import find

CHAPTER = Path(__file__).parents[1] / "chapters" / "13_cpu_cuda_and_speed.ipynb"
STEPS = ("2-16-16-2 b100", "64-64-32-10 b32", "784-256-128-10 b128", "784-1024-1024-10 b512")
pytestmark = pytest.mark.filterwarnings("error")


@cache
def page(*starts):
    """What the cells define in which a line begins so, and those of section 13.3."""
    names = {"np": np, "torch": torch}
    return chapter_cells.names_of(CHAPTER, ["def counted", *starts], names, studies=False)


# Counting


def test_pytorch_counts_two_flops_forward_and_four_backward_but_for_the_data():
    counted, rng = page()["counted"], np.random.default_rng(0)
    for _ in range(10):
        widths, batch = rng.integers(2, 40, size=4).tolist(), int(rng.integers(2, 9))
        weights = [m * n for m, n in zip(widths, widths[1:], strict=False)]
        forward, backward = counted(widths, batch)
        assert forward == 2 * batch * sum(weights)
        assert backward == 4 * batch * sum(weights) - 2 * batch * weights[0]
        assert counted(widths, batch, data_too=True) == (forward, 2 * forward)
        assert forward + backward < 6 * batch * sum(weights)


def test_a_step_is_as_many_operations_whatever_its_size():
    operations = page("class Operations")["operations"]
    sizes = [[int(n) for n in key.partition(" b")[0].split("-")] for key in STEPS]
    assert len({operations(widths, 32) for widths in sizes}) == 1
    assert operations(sizes[0], 32, fewer_bits=True) > operations(sizes[0], 32) > 30


# The pretended device


def test_a_launch_does_not_wait_and_the_first_compiles():
    device = page("class Device")["Device"]({"a": 0.5, "b": 2.0}, launch=0.01, compile=0.75)
    device.launch("a")
    assert device.now() == pytest.approx(0.76)
    device.launch("a")
    device.launch("b")  # compiles once more, while the device works
    assert device.now() == pytest.approx(0.76 + 0.01 + 0.76)
    device.synchronize()
    assert device.now() == pytest.approx(1.53 + 0.23 + 2.0)  # a is done at 1.76, then b
    before = device.now()
    device.synchronize()
    assert device.now() == before


# Formats


@pytest.mark.slow
def test_what_decides_is_the_format_in_which_weights_are_kept():
    train_in = page("def train_in")["train_in"]
    full, few = torch.float32, torch.bfloat16
    loss, lost = train_in(full, full, 0.01)
    other, also = train_in(full, few, 0.01)
    stuck, most = train_in(few, few, 0.01)
    assert loss.shape == (30,)
    assert lost < 0.001 and also < 0.001 and most > 0.7
    assert (abs(other - loss) < 0.01).all()
    assert (stuck > loss + 0.05).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_sum_adds_in_float32_and_rounds_once(dtype):
    rng = np.random.default_rng(0)
    for n in (10, 257, 4096):
        x = torch.tensor(rng.integers(0, 9, size=n)).to(dtype)  # whole numbers: float32 is exact
        assert x.sum() == x.float().sum().to(dtype)


@pytest.mark.parametrize(
    ("k", "float16", "bfloat16"),
    [(4, 17.0, 16.0), (7, 3.0, 2.0), (8, 2.0, 1.0), (9, 1.5, 1.0), (10, 1.25, 1.0), (12, 1.0, 1.0)],
)
def test_where_a_weight_stops(sliders, k, float16, bfloat16):
    data = sliders["stuck"].compute(k)
    assert data["float16"][-1] == float16
    assert data["bfloat16"][-1] == bfloat16
    np.testing.assert_array_equal(data["float32"], 1 + 2.0**-k * np.arange(257))


def test_the_strip_shows_no_update_that_float16_loses(sliders):
    piece = sliders["stuck"]  # the bet asks for one that it loses
    for position in piece.pictures:
        data = piece.compute(**position)
        np.testing.assert_array_equal(data["float16"], data["float32"])


def test_a_scale_has_two_ends(sliders):
    piece = sliders["scale_window"]
    zero, few, full, over = np.array(
        [piece.compute(e)["shares"] for e in piece.controls["exponent"].values]
    ).T
    np.testing.assert_allclose(zero + few + full + over, 1)
    assert (np.diff(zero) <= 0).all() and (np.diff(over) >= 0).all()
    assert 0.2 < zero[0] < 0.25 and over[0] == 0  # "a fifth"
    assert zero[-1] == 0 and 0.01 < over[-1] < 0.2  # "some, at the other end"
    assert ((zero == 0) & (over == 0)).any()
    assert max(p["exponent"] for p in piece.pictures) <= 8


def test_the_scaler_of_pytorch_is_as_the_page_says():
    scaler = torch.amp.GradScaler("cpu")
    assert scaler.get_scale() == 2.0**16
    assert scaler.get_growth_interval() == 2000
    assert (scaler.get_growth_factor(), scaler.get_backoff_factor()) == (2.0, 0.5)


# Riders and a second device


def test_rows_ride_free_and_then_cost_what_they_compute(sliders):
    piece, machine = sliders["free_riders"], roof(recorded("cpu"))
    data = piece.compute(512)
    slower = np.maximum(data["memory"], data["arithmetic"])
    np.testing.assert_allclose(data["rows"], 2.0 ** np.arange(10))
    first = data["rows"][data["arithmetic"] > data["memory"]][0]
    assert first / 2 <= 2 * machine.ridge <= 1.05 * first  # the bet
    assert slower[3] / slower[0] < 1.5  # "eight rows take no longer than one"
    np.testing.assert_allclose(slower[-1] / slower[-2], 2, rtol=0.05)
    n = 4096
    assert slower[0] == pytest.approx(
        max(2 * n * n / machine.rate, 4 * (n * n + 2 * n) / machine.bandwidth)
    )
    assert all(p["batch"] < first / 2 + 1 for p in piece.pictures)


def test_a_device_with_a_rate_wins_where_there_is_arithmetic(sliders):
    compute = sliders["pays"].compute
    data = compute(5, 50)
    gain = data["here"] / data["there"]
    assert [*(gain > 1)] == [False, False, True, True, True]  # the bet: at three of five
    assert gain[0] == pytest.approx(0.2, rel=0.02) and gain[-1] > 5
    assert (compute(0.5, 100)["there"] < data["there"]).all()
    assert all(p["start"] != 5 for p in sliders["pays"].pictures)


def test_every_slider_has_a_bet(sliders):
    assert len(sliders) == 5
    # that of the riders is asked before the lines that would answer it
    assert [name for name, piece in sliders.items() if not piece.bet] == ["free_riders"]


# Tiles


def test_the_largest_tile_that_fits_fetches_least(sliders):
    piece = sliders["tiles"]
    data = piece.compute(32)
    fetched = dict(zip(data["tiles"].tolist(), data["fetched"].tolist(), strict=True))
    assert [*fetched] == [*piece.controls["tile"].values] == [1, 2, 4, 8, 16, 32]
    assert min(fetched, key=fetched.get) == 8  # three tiles of 8 × 8 are 192 of 256
    assert fetched[4] == fetched[1] / 2  # "half of what single numbers do"
    assert 0.3 < fetched[8] / fetched[1] < 0.35  # "a third"
    assert fetched[16] > fetched[1] and fetched[16] > 3 * fetched[8]  # the bet
    assert max(p["tile"] for p in piece.pictures) < 8
    # by hand: with one tile of 32 the numbers of B, n² of them, are fetched anew for each row
    assert fetched[32] == 32**3 + 2 * 32**2
    # of tiles that fit twice over, A and B come once in each block, and C stays for its row of them
    assert fetched[4] == 2 * 8**3 * 4**2 + 32**2


def test_a_cache_with_room_for_all_fetches_each_number_once():
    fetched = page("def fetched")["fetched"]
    for tile in (1, 2, 4, 8):
        assert fetched(tile, n=8, room=3 * 8**2) == 3 * 8**2
    assert fetched(1, n=4, room=1) == 3 * 4**3  # nothing is used twice in a row


# What the record says


def test_the_record_bears_out_the_bets():
    cpu = recorded("cpu")
    part = shares(cpu)
    assert part[STEPS[0]] < 0.01 and 0.6 < part[STEPS[3]] < 0.73  # "about two thirds"
    assert [*map(part.get, STEPS)] == sorted(map(part.get, STEPS))
    small, large = cpu[STEPS[0]].ratios, cpu[STEPS[3]].ratios
    assert small["bfloat16 autocast"].high < 0.9
    assert large["bfloat16 autocast"].low > 1.3
    float16 = [cpu[step].ratios["float16 autocast, scaled"].median for step in STEPS]
    assert max(float16) < 1  # "made no net of the four faster"
    chain = cpu["chain products forward"].ratios["torch.compile"].low
    assert chain > 3
    assert chain > 2 * cpu["chain tanh forward"].ratios["torch.compile"].high
    assert chain > 2 * large["torch.compile"].high
    assert small["torch.compile"].high < 1  # "the smallest step, too, became slower"


def test_the_record_bears_out_the_causes():
    cpu, peers = recorded("cpu"), recorded("peers")
    cost = {b: 1 / cpu["layer 2048"].ratios[f"batch {b}"].median for b in (2, 8, 256)}
    assert cost[2] < 1.2 and 1.5 < cost[8] < 8  # "a second row does ride free", then "far from"
    assert cost[256] < 256 / 5  # "a small part of what a single row costs"
    assert cpu["layer 4096"].ratios["batch 2"].median > 1  # "two rows came out faster than one"
    steps = {n: s.median for n, s in peers["step 2-16-16-1 float32"].spread.items()}
    assert steps["torch"] > steps["book"] > 2 * steps["book, replayed"]
    assert cpu["product 1024"].ratios["bfloat16"].low > 2  # "more than twice"
    moving = 12e6 / roof(cpu).bandwidth
    eager = cpu["chain products forward"].spread["eager"].median
    assert 0.7 < eager / (20 * moving) < 2  # "waits for its moves"
    fused = {
        name: cpu[f"chain {name} forward"].spread["torch.compile"].median
        for name in ("products", "tanh")
    }
    assert fused["tanh"] > 5 * moving
    assert fused["tanh"] > 5 * fused["products"]
    assert cpu["chain tanh forward"].ratios["torch.compile"].high < 1  # "slower than before"


@pytest.mark.parametrize("clock", [time.perf_counter, time.time, lambda: 0.0])
def test_a_clock_that_is_not_the_device_s_is_told(clock):
    def seconds_per_call(device, work, calls):
        device.launch(work)
        device.synchronize()
        start = clock()
        for _ in range(calls):
            device.launch(work)
        device.synchronize()
        return (clock() - start) / calls

    verdict = find("13.5").judge(seconds_per_call)
    assert verdict.misconception == "clock" and "never reads `device.now()`" in verdict.explains


@pytest.mark.parametrize("times", [1, 4])
def test_what_the_process_makes_room_for_meanwhile_is_not_charged_to_an_answer(times):
    calls, held = [], []

    def net(layer, x, G, n, every, rng):
        calls.append(layer)
        if len(calls) <= times:  # another thread's, or a table that grows
            held.append(bytearray(100 * x.nbytes))
        backs = []
        for k in range(n):
            x, back = layer(k, x, rng)
            backs.append(back)
        for back in reversed(backs):
            G = back(G)
        return x, G

    w, rng = np.full(8, 0.5), np.random.default_rng(1)
    layer, x, G = Layers(w), rng.normal(size=2048), rng.normal(size=2048)
    pair = layer.watched(net, x, G, 8, 4, rng)
    runs, most, starts, _, _ = layer.seen(pair, rng)
    assert calls[0] is layer and len(calls) > times and runs == 8 and starts == [0]
    assert 8 < most <= room(8, 4)


def test_launches_without_end_are_told_by_their_number_and_not_by_a_limit_of_time():
    def compare(device, a, b):
        while device.now() >= 0:
            device.launch(a)

    (ends,) = [part for part in find("13.project").parts if part.title == "It ends"]
    verdict = ends.judge(compare)
    assert "More than the 500,000 calls that are allowed" in verdict.says, verdict.says
