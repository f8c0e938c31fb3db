"""The parts of a step: what each program computes, and all rows of a device that is pretended."""

import gc
import math
from contextlib import nullcontext
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from test_bench_record import RUN

from bookutils.bench import parts, results, torch_parts, torch_steps
from bookutils.bench.parts import measure_parts, rows
from bookutils.bench.record import COMMANDS, Record, read, write
from bookutils.bench.running import distance
from bookutils.bench.training import Budget
from bookutils.bench.turns import Clock, Reading

# Roundings of the factors and of sums of 40 products, relative to a product in float64.
ROUNDED = {"float64": 0.0, "float32": 5e-7, "TF32": 5e-7, "bfloat16": 0.01, "float16": 0.001}


@pytest.fixture(autouse=True)
def no_collections(monkeypatch):
    monkeypatch.setattr(gc, "collect", lambda: 0)


# --- what each program computes -------------------------------------------------------------------


@pytest.mark.parametrize("precision", ROUNDED)
def test_a_product_is_as_far_from_float64_as_its_digits_allow(precision):
    step, result = torch_parts.product(40, precision, "cpu")()
    step()
    off = distance(result(), torch_parts.exact_product(40, "cpu"))
    assert off <= ROUNDED[precision]
    assert (off > 1e-9) == (precision != "float64")
    assert torch.get_float32_matmul_precision() == "highest"


def test_the_two_factors_of_a_product_are_random_and_not_the_same():
    A, B = torch_parts.factors(50, "cpu")
    assert not torch.equal(A, B) and torch.equal(A, torch_parts.factors(50, "cpu")[0])
    assert abs(float(A.mean())) < 0.1 and abs(float(A.std()) - 1) < 0.1


def test_copies_and_sums_touch_as_many_bytes_as_they_say():
    copied = torch_parts.copied(4096, "cpu")()()
    assert copied.nbytes == 4096 and bool((copied == 1).all())
    assert float(torch_parts.summed(4096, "cpu")()()) == 1024


def test_sums_of_arrays_have_n_numbers_and_a_device_is_waited_for_each_time():
    waits = []
    assert torch_parts.added(7, "cpu")()().shape == (7,)
    step = torch_parts.added(7, "cpu", lambda: waits.append(None))()
    step(), step()
    assert len(waits) == 2
    result = torch_parts.added_by_numpy(7)()()
    assert result.shape == (7,) and result.dtype == np.float32


def test_a_layer_multiplies_by_the_same_weights_whatever_the_batch():
    W = torch_parts.numbers(5, 5, device="cpu", seed=2)
    for batch in (1, 3):
        result = torch_parts.layer(5, batch, "cpu", lambda: W)()()
        wanted = torch_parts.numbers(batch, 5, device="cpu") @ W.T
        torch.testing.assert_close(result, wanted)
        assert not result.requires_grad


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("kind", torch_parts.CHAINS)
def test_a_chain_has_the_value_and_the_gradient_of_its_formula(kind, compiled, monkeypatch):
    given = []
    monkeypatch.setattr(torch, "compile", lambda f: given.append(f) or f)  # a compiler takes 10 s
    x, c, g = (torch_parts.numbers(6, device="cpu", seed=k).sin().double() for k in (1, 2, 3))
    y, slope = (x, 1.0) if kind == "products" else (x + c, 1.0)
    for _ in range(torch_parts.LINKS):
        if kind == "products":
            y, slope = y * x + c, slope * x + y
        else:
            y, slope = torch.tanh(y), slope * (1 - torch.tanh(y) ** 2)
    for backward, wanted in ((False, y), (True, g * slope)):
        step, result = torch_parts.chain(kind, 6, backward, "cpu", compiled=compiled)()
        for _ in range(3):  # gradients of earlier steps do not add up
            step()
        # ten links, each with a few roundings of float32
        assert 0 < distance(result(), [wanted]) < 2e-6
        exact = torch_parts.exact_chain(kind, 6, backward, "cpu")
        assert distance(exact, [wanted]) < 1e-14 and exact[0].dtype == torch.float64
    assert len(given) == 2 * compiled


def test_segments_change_no_bit_and_trade_runs_for_bytes():
    found, gradients = {}, {}
    for segments in (1, 4, 8, 16, 64):
        found[segments] = {}
        size = {"layers": 64, "width": 8, "batch": 32}
        make = torch_parts.checkpointed(segments, **size, device="cpu", found=found[segments])
        step, read = make()
        for _ in range(2):
            step()
        gradients[segments] = [g.copy() for g in read()]
    for other in gradients.values():
        assert all(np.array_equal(a, b) for a, b in zip(other, gradients[1], strict=True))
    assert all(np.abs(g).max() > 0 for g in gradients[1])
    # all but the last segment run twice
    assert {k: told["runs"] for k, told in found.items()} == {
        k: 64 + (k - 1) * 64 // k for k in found
    }
    # every border, and the layers of one segment; beside them some gradients on their way
    activation = 4 * 32 * 8
    for segments, told in found.items():
        kept = segments - 1 + 64 // segments
        assert kept * activation <= told["bytes"] <= (kept + 5) * activation
    assert found[8]["bytes"] < found[1]["bytes"] / 3


def test_bytes_are_held_until_the_last_view_of_them_is_gone():
    before = torch.ones(100)
    with torch_parts.Held() as count:
        a = torch.ones(1000)
        b = a + 1
        view = b.view(10, 100)
        del b
        c = view * 2
        assert (count.now, count.peak) == (12_000, 12_000)
        del view
        assert (count.now, count.peak) == (8_000, 12_000)
        before.add_(1)  # in place: no new bytes
        before[:50].mul_(2)
        assert (count.now, count.peak) == (8_000, 12_000)
    assert torch_parts.held("cpu", lambda: torch.ones(10)) == 40
    del a, c


def test_a_transfer_copies_from_where_it_is_told():
    for to_device in (True, False):
        goal = torch_parts.transferred(400, to_device, pinned=False, device="cpu")()()
        assert goal.nbytes == 400


def test_the_clock_stopped_at_the_return_does_not_see_what_the_device_still_does():
    time, queue = [0.0], []

    def wait():
        time[0] += sum(queue)
        queue.clear()

    def now():  # each look at the clock takes a hundredth; a product is queued in between
        time[0] += 0.01
        queue[:] = [5.0]
        return time[0]

    found = torch_parts.launched(4, "cpu", Clock("pretended", now, wait), 3)
    assert found["at the return"] == pytest.approx([0.01] * 3)
    assert found["after synchronising"] == pytest.approx([5.02] * 3)


# "meta" is a device of shapes without numbers: what would mix it with the host's memory raises


@pytest.fixture
def shapes(monkeypatch):
    def numbers(*shape, device, seed=0, dtype=torch.float32):
        return torch.randn(*shape, device=device, dtype=dtype)

    monkeypatch.setattr(torch_parts, "numbers", numbers)  # there are no generators for it
    monkeypatch.setattr(torch, "meta", torch.cpu, raising=False)  # checkpoints of 2.5 look for it
    monkeypatch.setattr(torch, "compile", lambda f: f)
    monkeypatch.setattr(torch, "autocast", lambda device, **settings: nullcontext())
    return "meta"


def test_a_part_keeps_to_its_device(shapes):
    W = torch_parts.numbers(8, 8, device=shapes)
    made = {
        **{name: torch_parts.product(8, name, shapes) for name in ROUNDED},
        "copy": torch_parts.copied(4096, shapes),
        "sum": torch_parts.summed(4096, shapes),
        "add": torch_parts.added(8, shapes),
        "layer": torch_parts.layer(8, 4, shapes, lambda: W),
        "there": torch_parts.transferred(4096, True, False, shapes),
        **{f"segments {k}": torch_parts.checkpointed(k, 8, 4, 4, shapes) for k in (1, 4)},
        **{
            f"chain {options}": torch_parts.chain(options[0], 8, options[1], shapes, options[2])
            for options in product(torch_parts.CHAINS, (False, True), (False, True))
        },
    }
    for name, make in made.items():
        begun = make()
        step, read = begun if isinstance(begun, tuple) else (begun, None)
        found = [step(), step()][1:]
        found = read() if read and not name.startswith("segments") else found
        assert all(x.device.type == "meta" for x in found if x is not None), name
    back = torch_parts.transferred(4096, False, False, shapes)()
    with pytest.raises(NotImplementedError, match="no data"):  # it does go to the host
        back()
    assert torch_parts.exact_product(8, shapes)[0].device.type == "meta"


def test_a_step_keeps_to_its_device(shapes):
    problem = torch_steps.problem((5, 7, 3), 6, np.random.default_rng(3))
    for name in ("torch float32", "torch float64", "bfloat16 autocast", "torch.compile"):
        torch_steps.programs(shapes)[name](*problem).step()


# --- the rows of a device -------------------------------------------------------------------------


class OnProcessor:
    """torch_parts for a device that is the processor under another name."""

    def __getattr__(self, name):
        found = getattr(torch_parts, name)
        if not callable(found):
            return found

        def called(*given, **named):
            given = ["cpu" if isinstance(x, str) and x == "pretended" else x for x in given]
            named = {k: "cpu" if k == "device" else x for k, x in named.items()}
            if name == "transferred":
                assert isinstance(given[2], bool)
                given[2] = False  # pinned memory is memory of CUDA
            return found(*given, **named)

        return called


class Steps:
    def __init__(self):
        self.waits, self.forgotten = 0, 0

    def clock(self, device):
        return Clock("pretended", torch_steps.time.perf_counter, self.wait)

    def wait(self):
        self.waits += 1

    def forget(self):
        self.forgotten += 1


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(parts, "SAMPLE", 1e-5)
    monkeypatch.setattr(torch, "meta", torch.cpu, raising=False)  # checkpoints of 2.5 look for it
    monkeypatch.setattr(torch, "compile", lambda f: f)
    monkeypatch.setattr(parts, "PRODUCTS", {**parts.PRODUCTS, "pretended": range(3, 6)})
    monkeypatch.setattr(parts, "PRECISIONS", {**parts.PRECISIONS, "pretended": (
        "float32", "float64", "bfloat16", "float16", "TF32")})  # fmt: skip
    monkeypatch.setattr(parts, "ADDS", {**parts.ADDS, "pretended": range(0, 5, 2)})


def measured(device, seconds=1000.0, steps=None, **settings):
    steps = steps or Steps()
    run = {**RUN, "missing": {}}
    record, whole = measure_parts(
        device, Record(device, {}), run, OnProcessor(), steps, Budget(seconds), True, **settings
    )
    return record, whole, run, steps


@pytest.mark.slow
def test_every_row_of_a_device_is_measured_and_kept(small, tmp_path):
    kept = []
    record, whole, run, steps = measured("pretended", keep=kept.append)
    assert whole and not run["missing"]
    assert len(kept) == len(record.rows) == steps.forgotten and steps.waits > 100
    assert [row.failed for row in record.rows.values() if row.failed] == []
    write(record, tmp_path / "pretended.json")  # every number is above 0, every row complete
    again = read(tmp_path / "pretended.json")
    assert again["product 16"].flops == dict.fromkeys(again["product 16"].samples, 2 * 16**3)
    assert again["product 16"].bytes["TF32"] == 2 * again["product 16"].bytes["float16"]
    assert again["product 16"].errors["float64"] == 0.0 < again["product 16"].errors["float16"]
    assert again["memory 4096"].bytes == {"copy": 8192, "sum": 4096}
    assert again["memory 4096"].bandwidth["sum"].median == pytest.approx(
        4096 / again["memory 4096"].spread["sum"].median, rel=0.5
    )
    assert [*again["add 4"].samples] == ["torch", "torch, waited for"]
    assert [*again["layer 64"].samples] == [f"batch {2**k}" for k in range(9)]
    assert again["layer 64"].flops["batch 8"] == 8 * again["layer 64"].flops["batch 1"]
    assert {k for k in again.rows if k.startswith("chain")} == {
        f"chain {kind} {way}"
        for kind in ("products", "tanh")
        for way in ("forward", "with backward")
    }
    assert {*again["chain tanh forward"].first} == {"eager", "torch.compile"}
    assert again["checkpoint"].notes["8 segments"] == "120 layer runs"
    assert again["checkpoint"].memory["8 segments"] < again["checkpoint"].memory["1 segment"]
    assert len(again["transfer 4096"].samples) == 4
    assert len(again["launch"].samples["at the return"]) == parts.LAUNCHES
    text = results.page({name: again if name == "cuda" else Record(name, {}) for name in COMMANDS})
    assert text.count("Not measured yet") == 2 and "](benchmarks-cuda.png)" in text
    for group in ("Matrix product", "Memory for time", "Transfer", "Launch"):
        assert f"### {group}\n" in text
    assert "| bytes a second | to the device | to the device, pinned |" in text


def test_the_processor_has_no_transfers_and_no_launches(small):
    keys = [
        row.key for row in (make() for make in rows("cpu", torch_parts, torch_steps, quick=True))
    ]
    assert not [key for key in keys if key.startswith(("transfer", "launch"))]
    assert {key.split()[0] for key in keys} == {
        "product", "memory", "add", "layer", "chain", "checkpoint"
    }  # fmt: skip


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_rows_have_keys_of_their_own_and_grow(device):
    made = [make() for make in rows(device, OnProcessor(), Steps())]
    keys = [row.key for row in made]
    assert len({*keys}) == len(keys)
    for group in ("matrix product", "memory", "sum of two arrays"):
        sizes = [int(row.key.split()[-1]) for row in made if row.group == group]
        assert sizes == sorted(sizes) and len(sizes) >= 7
    for row in made:
        if not isinstance(row, Reading):
            assert row.base in (None, *row.entrants)
            assert math.isfinite(row.longest) and math.isfinite(row.limit)


def test_what_the_budget_does_not_reach_is_told(small):
    record, whole, run, _ = measured("pretended", seconds=-1.0)
    assert whole and not record.rows
    assert run["missing"]["launch"] == "launch is left out: none of -1 s was left for it."
    assert len(run["missing"]) == len(rows("pretended", OnProcessor(), Steps(), quick=True))


@pytest.mark.slow
def test_an_interruption_keeps_the_rows_before_it(small, monkeypatch):
    def pressed(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(torch_parts, "checkpointed", lambda *given, **named: pressed)
    record, whole, _, _ = measured("pretended")
    assert not whole and "chain tanh with backward" in record.rows
    assert "checkpoint" not in record.rows and "launch" not in record.rows


def test_memory_of_a_device_is_asked_of_it(monkeypatch):
    asked = []
    device = SimpleNamespace(
        synchronize=lambda: asked.append("wait"),
        reset_peak_memory_stats=lambda: asked.append("reset"),
        memory_allocated=lambda: 100,
        max_memory_allocated=lambda: 700,
    )
    monkeypatch.setattr(torch, "cuda", device)
    assert torch_parts.held("cuda", lambda: asked.append("work")) == 600
    assert asked == ["wait", "reset", "work", "wait"]
