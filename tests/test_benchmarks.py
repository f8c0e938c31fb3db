"""The book beside its peers: which rows there are, what is missing told, the command itself."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bookutils.bench.record import read
from bookutils.bench.turns import Entrant, Race, Reading

FOLDER = Path(__file__).parents[1] / "benchmarks"


def module(name):
    """A module of the folder, which is no package."""
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", FOLDER / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


main = module("__main__")


def race(*names):
    return Race("k", "g", "t", names[0], {name: Entrant(None) for name in names})


def test_a_peer_that_is_not_installed_is_left_out_and_told():
    names = ("book", "book, replayed, products by torch", "torch", "torch.compile", "JAX jit")
    row = race(*names, "HIPS autograd", "tinygrad")
    kept, missing = main.with_peers(row, found={"torch": 1, "autograd": 1}.get)
    assert [*kept.entrants] == [*names[:-1], "HIPS autograd"]
    assert [*missing] == ["jax", "tinygrad"]
    kept, _ = main.with_peers(row, found=lambda package: package != "torch" or None)
    assert [*kept.entrants] == ["book", "JAX jit", "HIPS autograd", "tinygrad"]
    for package, told in missing.items():
        assert told.startswith(f"{package} is not installed, ") and "'.[bench]'" in told
    assert main.with_peers(row, found=lambda package: 1) == (row, {})
    reading = Reading("node", "g", "t", "bytes", None)
    assert main.with_peers(reading, found=lambda package: None) == (reading, {})


def test_rows_are_chosen_by_how_their_keys_begin():
    rows = [Reading(k, "g", "t", "s", None) for k in ("demo", "adam 337", "adam 6570")]
    rows.append(Reading("grading", "g", "t", "s", None, optional=True))
    assert [row.key for row in main.chosen(rows, None)] == ["demo", "adam 337", "adam 6570"]
    assert [row.key for row in main.chosen(rows, ["adam", "grading"])] == [
        "adam 337",
        "adam 6570",
        "grading",
    ]
    with pytest.raises(ValueError, match="no row begins with 'madam': there are demo, adam 337"):
        main.chosen(rows, ["madam"])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_training_steps_by_hand_torch_and_book_are_the_same_mathematics(dtype, monkeypatch):
    import numpy as np
    import torch

    tensor = module("tensor")
    names = ("book", "book, replayed", "book, replayed, products by torch", "torch")
    names, mm, products = (*names, "NumPy by hand"), torch.mm, []
    monkeypatch.setattr(torch, "mm", lambda a, b, out: products.append(mm(a, b, out=out)))
    monkeypatch.setattr(tensor, "SMALL", 64)
    tolerance = 1e-12 if dtype == "float64" else 1e-4
    for widths, batch in (((3, 5, 4, 1), 6), ((3, 5, 4, 3), 6)):  # a regression, and classes
        parts = tensor.problem(widths, batch, dtype, np.random.default_rng(7))
        steps = {name: tensor.PROGRAMS[name](*parts) for name in names}
        losses = {name: [step() for _ in range(4)] for name, step in steps.items()}
        assert losses["book"][0] > losses["book"][3]
        for name in losses:
            np.testing.assert_allclose(losses[name], losses["book"], rtol=tolerance)
    # of 8 products in each net those of 64 multiplications or more, at the recording and in 4 steps
    assert len(products) == (5 + 8) * 5


def test_adam_by_hand_torch_and_book_are_the_same_rule():
    import numpy as np

    adam = module("adam")
    parts = adam.problem((3, 5, 2), "float64", np.random.default_rng(7))
    before = [a.copy() for a in parts[0]]
    found = {}
    for name, make in adam.PROGRAMS.items():
        step, values = make(*parts)
        for _ in range(20):
            step()
        found[name] = values()
    for name, arrays in found.items():
        for a, b, start in zip(arrays, found["book"], before, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14, err_msg=name)
            assert abs(a - start).max() > 0.01
    for a, start in zip(parts[0], before, strict=True):
        assert (a == start).all()  # every program has arrays of its own


LOG = """
====== 2 failed, 10995 passed, 8 skipped, 17 xfailed in 1026.31s (0:17:06) ======
by chapter   00 28   01 57
in all       1724 s of processor time by processes that have ended, 2 cores, load 1.9
"""


def test_the_whole_run_is_read_from_its_log():
    whole_book = module("whole_book")
    samples, notes = whole_book.run_of(LOG)
    assert samples == {"make test": [1026.31], "its processor time": [1724.0]}
    assert notes["make test"] == "2 failed, 10995 passed, 8 skipped, 17 xfailed"
    assert notes["its processor time"] == "2 cores, load 1.9"
    assert whole_book.run_of(LOG.replace("in all", "at all"))[0] == {"make test": [1026.31]}
    for text in ("", "collected 10995 items", "10995 passed and gone"):
        with pytest.raises(ValueError, match="give that of a whole `make test`"):
            whole_book.run_of(text)
    assert whole_book.rows(None) == []


def test_a_slider_is_moved_to_its_ends_middle_and_back():
    from bookutils.page import explore, linear

    seen = []
    piece = explore(
        "t",
        lambda a: {"a": seen.append(a) or a},
        lambda ax, data, reference: None,
        lambda data: "words",
        question="q?",
        alt="a",
        a=linear(0, 4, default=2, step=1),
    )
    seen.clear()
    ticks = iter(range(100))
    took = list(module("sliders").moves(piece, clock=lambda: next(ticks)))
    assert seen == [0, piece.controls["a"].between, 4, 2] and took == [1] * 4


@pytest.fixture
def command(monkeypatch):
    """The command in this process, which keeps its cores, and forgets the modules of the folder."""
    monkeypatch.setattr(main, "one_core", lambda: None)
    monkeypatch.syspath_prepend(str(FOLDER))
    before = set(sys.modules)
    yield main.main
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) == str(FOLDER / f"{name}.py"):
            del sys.modules[name]


@pytest.mark.slow
def test_no_peer_is_imported_before_the_row_about_the_collector():
    names = [path.stem for path in sorted(FOLDER.glob("[a-z]*.py"))]
    peers = ("torch", "jax", "autograd", "tinygrad", "matplotlib")
    code = f"import {', '.join(names)}; import sys; print({{*{peers}}} & {{*sys.modules}})"
    made = subprocess.run([sys.executable, "-c", code], cwd=FOLDER, capture_output=True, text=True)
    assert made.stdout == "set()\n", made.stderr
    assert len(names) >= 7


@pytest.mark.slow
def test_the_command_writes_a_record_row_by_row(command, tmp_path, capsys):
    path = tmp_path / "peers.json"
    made = subprocess.run(
        [sys.executable, str(FOLDER), "--only", "expression", "--quick", "--json", str(path)],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    record = read(path)
    assert [*record.rows] == ["expression"] and record["expression"].base == "micrograd"
    assert len(record["expression"].samples["Value"]) == main.QUICK
    assert record.runs[0]["finished"] and record.runs[0]["threads"] == 1
    assert "An expression of ten nodes" in made.stdout
    # another run joins its row to those that are there
    log = tmp_path / "test.log"
    log.write_text(LOG)
    assert command(["--log", str(log), "--json", str(path)]) == 0
    joined = read(path)
    assert [*joined.rows] == ["expression", "book"] and len(joined.runs) == 2
    assert json.loads(path.read_text())["rows"][0]["samples"] == record["expression"].samples
    assert "1,026 s" in capsys.readouterr().out


def test_what_the_command_cannot_do_is_a_sentence_and_2(command, tmp_path, capsys):
    wrong = tmp_path / "peers.json"
    wrong.write_text("{}")
    for arguments, told in (
        (("--only", "madam"), "no row begins with 'madam'"),
        (("--only", "node", "--json", str(wrong)), "peers.json is no record"),
        (("--log", str(wrong)), "give that of a whole `make test`"),
        (("--log", str(tmp_path / "none.log")), "No such file"),
    ):
        assert command([*arguments]) == 2
        printed = capsys.readouterr()
        assert printed.out == "" and told in printed.err and printed.err.count("\n") == 1
    assert wrong.read_text() == "{}"


def test_the_keys_of_all_rows_are_listed_and_no_two_are_the_same(command, capsys):
    assert command(["--list"]) == 0
    keys = capsys.readouterr().out.split("\n")[:-1]
    assert len({*keys}) == len(keys) and {
        "demo",
        "chain",
        "node",
        "compiling",
        "sliders",
        "grading",
    } <= {*keys}
    assert "step 784-256-128-10 float32" in keys and "adam 337 float64" in keys


def test_an_interrupted_command_keeps_its_rows_and_ends_with_1(command, tmp_path, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    rows = [
        Reading("first", "g", "t", "s", lambda: ({"a": [1.0]}, {})),
        Reading("second", "g", "t", "s", interrupted),
    ]
    monkeypatch.setattr(main, "all_rows", lambda log: rows)
    path = tmp_path / "peers.json"
    assert command(["--json", str(path)]) == 1
    assert [*read(path).rows] == ["first"] and not read(path).runs[0]["finished"]


@pytest.fixture
def traced(monkeypatch):
    """The module of the traced demo, and that of the engines' demo which it imports."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setitem(sys.modules, "scalar", module("scalar"))
    return module("traced")


@pytest.mark.slow
def test_the_traced_demo_and_the_one_by_hand_take_the_steps_of_micrograd(traced):
    import numpy as np

    from bookutils.trace import native

    step = sys.modules["scalar"].of_micrograd()
    wanted = [step() for _ in range(2)]
    assert abs(wanted[1] - wanted[0]) > 0.1
    names = ["traced Python", "NumPy columns"] + ["C by hand"] * bool(native.compiler())
    for name in names:
        step = traced.trained(name)
        np.testing.assert_allclose([step(), step()], wanted, rtol=1e-11, err_msg=name)


@pytest.mark.slow
def test_every_program_of_the_demo_has_its_distance_from_the_traced_python(traced, monkeypatch):
    from bookutils.trace import native

    (race,) = traced.races()
    names = {n for n in race.entrants if not n.startswith("C") or native.compiler()}
    notes = race.notes()
    assert {*notes} == names and notes["traced Python"] == "same bits"
    assert sum("micrograd" in n or n.startswith("Value") for n in names) == 6
    told = {name: float(note.split()[0]) for name, note in notes.items() if note != "same bits"}
    # sums of a hundred terms in another order: some roundings of 2^-53, each of the largest
    assert told and max(told.values()) < 1e-14
    if native.compiler():
        assert notes["C -O2"] == "same bits"


@pytest.mark.slow
def test_a_distance_is_that_of_the_numbers_and_a_peer_that_is_not_here_has_none(
    traced, monkeypatch
):
    def gone():
        raise ImportError

    by_engine, by_dot = traced.by_engine, sys.modules["scalar"].by_dot_and_total
    entrants = {"micrograd": Entrant(gone), "Value, dot and total": Entrant(by_dot)}
    monkeypatch.setattr(traced, "demo_race", lambda: Race("demo", "g", "t", "micrograd", entrants))
    monkeypatch.setattr(traced, "TARGETS", {"traced Python": ("python", {})})
    monkeypatch.setattr(traced, "by_engine", lambda make: [x + 1e-6 for x in by_engine(make)])
    notes = traced.distances()
    assert {*notes} - {"C by hand"} == {"traced Python", "Value, dot and total"}
    assert float(notes["Value, dot and total"].split()[0]) > 1e-7
