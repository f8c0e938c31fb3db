"""Training steps on a device: the same gradients by all, a budget that is kept, refusals."""

import gc
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from test_bench_record import RUN

from bookutils.bench import command, parts, torch_steps
from bookutils.bench.record import Record, read
from bookutils.bench.training import BASE, Budget, distance, key_of, measure_sizes, work
from bookutils.bench.turns import Clock, Reading

SIZES = (((3, 4, 2), 8), ((3, 40, 2), 80), ((3, 400, 2), 800))
# What lies between a gradient and that in float64, relative: some roundings of inputs and results.
PRECISIONS = {"float64": 1e-15, "float32": 1e-6, "bfloat16": 0.03, "float16": 0.004}


# --- the programs themselves ----------------------------------------------------------------------


def programs(device):
    made = torch_steps.programs(device)
    return {name: make for name, make in made.items() if "compile" not in name}


def precision(name):
    return next((p for p in PRECISIONS if p in name), "float32")


@pytest.mark.parametrize("name", programs("cpu"))
@pytest.mark.parametrize("steps", [0, 4])
def test_all_programs_have_the_gradients_of_float64_before_and_after_steps(name, steps):
    parts = torch_steps.problem((5, 7, 4, 3), 6, np.random.default_rng(3))
    program, exact = (p(*parts) for p in (programs("cpu")[name], programs("cpu")["torch float64"]))
    start = exact.gradients()
    program.gradients()  # a scaler skips its first steps, until its scale fits
    for _ in range(steps):
        program.step()
        exact.step()
    wanted = exact.gradients()
    assert distance(program.gradients(), wanted) <= PRECISIONS[precision(name)]
    assert distance(program.gradients(), wanted) <= PRECISIONS[precision(name)]  # none adds up
    # rounded inputs, and each program's own roundings, show in all but float64
    assert (distance(program.gradients(), wanted) > 0) == (name != "torch float64")
    assert (distance(start, wanted) > 0.01) == bool(steps)


def test_a_wrong_gradient_is_far_from_float64():
    parts = torch_steps.problem((5, 7, 4, 3), 6, np.random.default_rng(3))
    found = torch_steps.exact(*parts, "cpu")
    assert distance([-g for g in found], found) == 2.0
    assert distance([found[0] * 1.01, *found[1:]], found) > 1e-4


def test_the_scale_of_a_loss_in_float16_is_halved_until_no_gradient_is_infinite():
    X, labels, weights = torch_steps.problem((5, 7, 3), 6, np.random.default_rng(3))
    X = 300 * X  # times 2^16 beyond the largest number of float16
    scaled = torch_steps.programs("cpu")["float16 autocast, scaled"](X, labels, weights)
    assert distance(scaled.gradients(), torch_steps.exact(X, labels, weights, "cpu")) < 0.02


def test_the_processor_has_no_peak_and_no_device_to_name():
    done = []
    assert torch_steps.peak("cpu", lambda: done.append(None)) is None and done
    assert torch_steps.facts("cpu") is None
    assert torch_steps.clock("cpu").name == "processor time"


# --- sizes and the budget, on a pretended device --------------------------------------------------


class Device:
    """A device of so many FLOPs a second, whose compiler takes so many seconds a net."""

    def __init__(self, rate=3e7, compiling=1.0, broken=(), interrupt_at=None):
        self.time, self.rate, self.compiling, self.broken = 0.0, rate, compiling, broken
        self.interrupt_at, self.forgotten, self.compiled = interrupt_at, 0, 0

    def now(self):
        return self.time

    def problem(self, widths, batch, rng):
        return widths, batch, [rng.normal(size=3)]

    def exact(self, widths, batch, gradients, device):
        return gradients

    def programs(self, device):
        return {
            BASE: lambda *parts: self.program(*parts, 1.0),
            "halved": lambda *parts: self.program(*parts, 0.5, off=1e-3),
            "compiled": lambda *parts: self.program(*parts, 0.25, compiling=True),
            **{name: lambda *parts: 1 / 0 for name in self.broken},
        }

    def program(self, widths, batch, gradients, share, off=0.0, compiling=False):
        flops = 6 * batch * (widths[0] * widths[1] + widths[1] * widths[2])
        waiting = [compiling]

        def step():
            if self.interrupt_at is not None and self.time >= self.interrupt_at:
                raise KeyboardInterrupt
            if waiting.pop() if waiting else False:
                self.time += self.compiling
                self.compiled += 1
            self.time += share * flops / self.rate

        return torch_steps.Program(step, lambda: [g * (1 + off) for g in gradients])

    def clock(self, device):
        return Clock("pretended", self.now)

    def peak(self, device, work):
        work()
        return 1000 if device == "cuda" else None

    def forget(self):
        self.forgotten += 1

    def devices(self):
        return ("cpu", "cuda")

    def facts(self, device):
        return {"name": "pretended", "driver": "0"} if device == "cuda" else None


@pytest.fixture(autouse=True)
def no_collections(monkeypatch):
    monkeypatch.setattr(gc, "collect", lambda: 0)


def measured(device, seconds, name="cuda", **settings):
    run = {**RUN, "missing": {}}
    budget = Budget(seconds, device.now)
    record = Record(name, {})
    record, whole = measure_sizes(name, record, run, device, budget, SIZES, **settings)
    return record, whole, run


def test_a_row_has_ratios_first_calls_errors_and_memory():
    device = Device()
    record, whole, run = measured(device, 1000.0)
    assert whole and [*record.rows] == [key_of(*size) for size in SIZES] and not run["missing"]
    for row in record.rows.values():
        assert row.ratios["halved"].median == pytest.approx(2.0, rel=1e-3)
        assert row.ratios["compiled"].median == pytest.approx(4.0, rel=1e-3)
        assert row.first["compiled"] >= 1.0 > row.first["halved"]
        assert row.errors == {BASE: 0.0, "halved": pytest.approx(1e-3), "compiled": 0.0}
        assert row.memory == dict.fromkeys(row.samples, 1000)
        assert {len(x) for x in row.samples.values()} == {15}
    assert device.compiled == 3 and device.forgotten >= 3
    assert not any(row.memory for row in measured(Device(), 1000.0, "cpu")[0].rows.values())


@pytest.mark.slow
@pytest.mark.parametrize("rate", [3e7, 1e6])
@pytest.mark.parametrize("seconds", [5.0, 40.0, 400.0])
@pytest.mark.parametrize("compiling", [0.1, 10.0])
def test_the_budget_is_kept_and_what_it_does_not_reach_is_told(rate, seconds, compiling):
    device = Device(rate, compiling)
    record, whole, run = measured(device, seconds)
    # the smallest size is always measured, and a size that was begun is finished
    assert whole and key_of(*SIZES[0]) in record.rows
    alone = Device(rate, compiling)
    measure_sizes("cuda", Record("cuda", {}), RUN, alone, Budget(1e9, alone.now), SIZES[:1])
    assert device.time <= max(seconds, alone.time) * 1.05
    assert len(record.rows) + len(run["missing"]) == len(SIZES)
    for title, told in run["missing"].items():
        assert told.startswith(f"{title} is left out: ") and f"of {seconds:.0f} s were left" in told


def test_flops_are_those_of_the_products():
    # 784-256-128-10, batch 128: forward 60,096,512, backward 68,812,800 where torch counts them too
    assert work((784, 256, 128, 10), 128) == 60_096_512 + 68_812_800
    record, _, _ = measured(Device(), 1000.0)
    for row, size in zip(record.rows.values(), SIZES, strict=True):
        assert row.flops == dict.fromkeys(row.samples, work(*size))


def test_the_flops_are_those_that_torch_counts():
    from torch.utils.flop_counter import FlopCounterMode

    widths, batch = (5, 7, 4, 3), 6
    program = torch_steps.programs("cpu")[BASE](
        *torch_steps.problem(widths, batch, np.random.default_rng(3))
    )
    with FlopCounterMode(display=False) as counter:
        program.step()
    assert counter.get_total_flops() == work(widths, batch)


def test_with_little_time_fewer_rounds_are_taken():
    full = measured(Device(3e6), 1e6)[0]
    some = measured(Device(3e6), Device(3e6).time + 400.0)[0]
    rounds = [len(record[key_of(*SIZES[1])].samples[BASE]) for record in (full, some)]
    assert rounds[0] == 15 and 3 <= rounds[1] <= 15


def test_a_program_that_this_machine_cannot_run_is_told():
    record, whole, _ = measured(Device(broken=("missing",)), 1000.0)
    row = record[key_of(*SIZES[0])]
    assert whole and row.failed == {"missing": "ZeroDivisionError: division by zero"}
    assert "missing" not in row.samples and "missing" not in row.errors


def test_a_size_that_does_not_fit_into_the_device_is_told():
    device = Device()
    exact = device.exact

    def full(widths, *rest):
        if widths[1] == 40:
            raise MemoryError("CUDA out of memory")
        return exact(widths, *rest)

    device.exact = full
    record, whole, run = measured(device, 1000.0)
    assert whole and [*record.rows] == [key_of(*SIZES[0]), key_of(*SIZES[2])]
    told = "3-40-2, batch 80 is left out: MemoryError: CUDA out of memory"
    assert [*run["missing"].values()] == [told]


@pytest.mark.slow
@pytest.mark.parametrize(("at", "kept"), [(0.0, 0), (1.1, None), (3.0, None)])
def test_an_interruption_keeps_the_sizes_before_it(at, kept):
    whole_run = measured(Device(1e8), 1000.0)[0]
    seen = []
    record, whole, _ = measured(Device(1e8, interrupt_at=at), 1000.0, keep=seen.append)
    assert not whole and len(record.rows) < len(whole_run.rows) or len(seen) < len(SIZES)
    assert kept is None or len(record.rows) == kept
    assert gc.isenabled()


# --- the command ----------------------------------------------------------------------------------


def test_without_a_gpu_one_sentence_and_1(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(torch_steps, "devices", lambda: ("cpu",))
    assert command.bench("cuda", json=str(tmp_path / "cuda.json")) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1
    assert (
        "no cuda here, so nothing was measured: python -m bookutils bench --device cpu" in told.err
    )
    assert not (tmp_path / "cuda.json").exists()


@pytest.fixture
def pretended(monkeypatch):
    device = Device()
    for name in ("devices", "facts", "clock", "peak", "forget", "problem", "exact", "programs"):
        monkeypatch.setattr(torch_steps, name, getattr(device, name))
    part = Reading("part", "parts", "a part", "s", lambda: ({"a": [1.0]}, {}))
    monkeypatch.setattr(parts, "rows", lambda *given: [lambda: part])
    return device


def test_the_command_writes_a_record_with_device_and_versions(pretended, tmp_path, capsys):
    path = tmp_path / "cuda.json"
    assert command.bench("cuda", json=str(path), quick=True) == 0
    record = read(path)
    run = record.runs[0]
    assert run["finished"] and run["device"]["name"] == "pretended" and "torch" in run["versions"]
    assert run["command"] == "python -m bookutils bench --device cuda --quick"
    sizes = ["2-16-16-2 b100", "64-64-32-10 b32", "784-256-128-10 b128"]
    assert [*record.rows] == ["part", *sizes]
    told = capsys.readouterr().out
    assert "784-256-128-10, batch 128" in told and "a part" in told


def test_an_interrupted_command_writes_what_it_has_and_ends_with_1(pretended, tmp_path):
    path = tmp_path / "cpu.json"
    pretended.rate, pretended.interrupt_at = 1e7, 5.0
    assert command.bench("cpu", json=str(path)) == 1
    assert [*read(path).rows][:2] == ["part", "2-16-16-2 b100"]
    assert len(read(path).rows) < 8 and not read(path).runs[0]["finished"]


def test_steps_get_what_parts_leave_of_the_budget(pretended, tmp_path):
    def long():
        pretended.time += 1e6

    slow = Reading("part", "parts", "a part", "s", lambda: long() or ({"a": [1.0]}, {}))
    parts.rows = lambda *given: [lambda: slow, lambda: slow]  # the fixture puts it back
    pretended.rate = 1e9
    path = tmp_path / "cpu.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.monotonic", pretended.now)
        patch.setattr(Budget.__init__, "__defaults__", (pretended.now,))
        assert command.bench("cpu", json=str(path), budget=100.0) == 0
    record = read(path)
    assert [*record.rows] == ["part", "2-16-16-2 b100"]
    left_out = record.missing
    assert left_out["part"] == "part is left out: none of 100 s was left for it."
    assert "784-256-128-10, batch 128" in left_out


def test_a_compiler_finds_nothing_of_an_earlier_run(pretended, monkeypatch, tmp_path):
    folders = []
    exact = torch_steps.exact

    def noting(*parts):
        folders.append(Path(os.environ["TORCHINDUCTOR_CACHE_DIR"]))
        assert folders[-1].is_dir() and not [*folders[-1].iterdir()]
        return exact(*parts)

    monkeypatch.setattr(torch_steps, "exact", noting)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    for _ in range(2):
        assert command.bench("cpu", quick=True) == 0
    assert len({*folders}) == 2 and not any(folder.exists() for folder in folders)
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(tmp_path)


def test_a_quick_run_leaves_the_record_of_the_book_alone(pretended, monkeypatch, tmp_path):
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    assert command.bench("cpu", quick=True) == 0 and not [*tmp_path.iterdir()]
    assert command.bench("cpu", budget=1000.0) == 0 and (tmp_path / "cpu.json").exists()


def test_outside_of_the_book_a_place_for_the_record_is_asked_for(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(command, "FOLDER", tmp_path / "none")
    assert command.bench("cpu") == 2
    assert "say where the record goes with --json FILE" in capsys.readouterr().err


def test_the_page_is_written_by_the_command(monkeypatch, capsys):
    from bookutils.bench import results

    monkeypatch.setattr(results, "write_page", lambda: "docs/benchmarks.md")
    assert command.bench(page=True) == 0 and "docs/benchmarks.md" in capsys.readouterr().out

    def refused():
        raise ValueError("peers.json is no record: its format is not 1")

    monkeypatch.setattr(results, "write_page", refused)
    assert command.bench(page=True) == 2 and "peers.json is no record" in capsys.readouterr().err


def test_the_book_s_command_hands_its_options_over(monkeypatch):
    from bookutils.__main__ import main

    given = SimpleNamespace(options=None)
    monkeypatch.setattr(command, "bench", lambda **options: given.__dict__.update(options) or 0)
    assert main(["bench", "--device", "cuda", "--budget", "60", "--json", "x.json"]) == 0
    wanted = {"device": "cuda", "budget": 60.0, "json": "x.json", "quick": False, "page": False}
    assert {k: x for k, x in vars(given).items() if k != "options"} == wanted
