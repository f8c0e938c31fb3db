"""Records of speed: what a file must hold, what is read of it, when it is outdated."""

import copy
import json

import pytest

from bookutils.bench import machine, recorded
from bookutils.bench.record import (
    COMMANDS,
    FOLDER,
    Record,
    Row,
    faults,
    installed_version,
    outdated,
    read,
    rounded,
    source,
    write,
)

RUN = {
    "date": "2026-03-04T05:06:07+00:00",
    "command": "python benchmarks",
    "finished": True,
    "clock": "processor time",
    "threads": 1,
    "machine": {
        "processor": "Some Processor",
        "cores": 2,
        "memory": 8 << 30,
        "system": "Linux",
        "load": 0.25,
    },
    "versions": {"Python": "3.11.7", "numpy": "2.4.6", "torch": "2.13.0"},
    "missing": {"tinygrad": "tinygrad is not installed."},
}
STEP = Row(
    "step",
    "training step",
    "2-16-16-1, batch 100",
    "s",
    "torch",
    {"torch": [2e-4, 4e-4, 3e-4], "book": [1e-4, 4e-4, 1e-4]},
    RUN,
    notes={"book": "same bits"},
    failed={"tinygrad": "RuntimeError: no clang"},
    errors={"book": 1e-7},
    first={"torch": 0.5},
)
RECORD = Record("peers", {"step": STEP})


def test_a_file_gives_back_the_record(tmp_path):
    path = tmp_path / "deep" / "peers.json"
    write(RECORD, path)
    again = read(path)
    assert again == RECORD and [*path.parent.iterdir()] == [path]
    write(again, path)
    assert read(path) == RECORD
    assert '"book": [0.0001, 0.0004, 0.0001]' in path.read_text()


def test_medians_and_quartiles_are_those_of_the_samples():
    assert STEP.spread["torch"] == pytest.approx((2.5e-4, 3e-4, 3.5e-4))
    assert STEP.ratios["book"] == (1.5, 2.0, 2.5)  # of 2, 1, 3: sample by sample
    assert RECORD.plain()["rows"][0]["ratios"]["book"] == [1.5, 2.0, 2.5]


def test_rows_of_several_runs_keep_their_own(tmp_path):
    later = {**RUN, "date": "2026-05-01T00:00:00+00:00", "command": "python benchmarks --only book"}
    book = Row("book", "book", "the whole", "s", None, {"make test": [1026.0]}, later)
    record = RECORD.with_row(book)
    write(record, tmp_path / "peers.json")
    again = read(tmp_path / "peers.json")
    assert again["book"].run == later and again["step"].run == RUN
    assert again["book"].ratios == {} and len(again.runs) == 2
    assert again.with_row(STEP)["step"] is STEP


def test_the_source_names_date_machine_load_versions_and_command():
    told = STEP.source()
    for word in (
        "2026-03-04",
        "Some Processor",
        "2 cores",
        "1 thread,",
        "load 0.2",
        "torch 2.13.0",
    ):
        assert word in told
    assert told.endswith("by python benchmarks.")
    busy = {**RUN, "machine": {**RUN["machine"]}}
    machine.end(busy, True, 12.4)
    assert busy["seconds"] == 12 and busy["finished"]
    busy["machine"]["load after"] = 3.25
    assert "load 0.2 before and 3.2 after, processor time" in source(busy)
    device = {"name": "Some GPU", "driver": "570.1"}
    on_gpu = Row("k", "g", "t", "s", None, {"a": [1.0]}, {**RUN, "device": device})
    assert "Some GPU, driver 570.1" in on_gpu.source() and "Some Processor" not in on_gpu.source()


@pytest.mark.parametrize(
    ("installed", "told"),
    [
        ({"torch": "2.13.0", "numpy": "2.4.6"}, []),
        ({"torch": "2.14.1", "numpy": "2.4.6"}, ["torch was 2.13.0"]),
        ({"torch": "2.12.0", "numpy": "2.5"}, ["numpy was 2.4.6", "torch was 2.13.0"]),
        ({}, []),  # what is not here says nothing of a record's age
    ],
)
def test_a_record_older_than_what_is_installed_says_so(installed, told):
    found = outdated(RUN, installed)
    assert [line[: len(start)] for line, start in zip(found, told, strict=True)] == told
    assert RECORD.outdated(installed) == found == STEP.outdated(installed)
    if told:
        assert found[-1].endswith(f"on 2026-03-04; here it is {installed['torch']}.")


def test_the_versions_installed_are_asked_without_their_build():
    import torch

    here = installed_version("torch")
    assert here == torch.__version__.partition("+")[0]
    assert outdated({**RUN, "versions": {"torch": here}}) == ()
    assert len(outdated({**RUN, "versions": {"torch": "1.0"}})) == 1
    assert installed_version("no-such-package") is None


def test_a_record_that_is_not_there_has_its_command(tmp_path):
    record = recorded("cuda", tmp_path)
    assert not record.there and record.rows == {} and record.missing == {}
    assert record.command == "python -m bookutils bench --device cuda"
    assert record.command in record.source() and record.outdated() == ()
    with pytest.raises(KeyError, match="the record cuda has no row 'step'; its rows are none"):
        record["step"]
    with pytest.raises(KeyError, match="its rows are step"):
        RECORD["stop"]
    with pytest.raises(ValueError, match="there are the records peers, cpu, cuda, not 'gpu'"):
        recorded("gpu")


def changed(change):
    data = copy.deepcopy(RECORD.plain())
    change(data)
    return data


def drop(*places):
    def change(data):
        for place in places[:-1]:
            data = data[place]
        del data[places[-1]]

    return change


def put(x, *places):
    def change(data):
        for place in places[:-1]:
            data = data[place]
        data[places[-1]] = x

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put(2, "format"), "its format is not 1"),
        (drop("runs", 0, "date"), "run 0 has no date"),
        (put("one", "runs", 0, "threads"), "run 0 has no threads"),
        (drop("runs", 0, "machine", "processor"), "the machine of run 0 has no processor"),
        (drop("runs", 0, "versions"), "run 0 has no versions"),
        (drop("rows", 0, "samples"), "row step has no samples"),
        (put("hours", "rows", 0, "unit"), "row step has the unit 'hours'"),
        (put(1, "rows", 0, "run"), "row step is of run 1, and there are 1"),
        (put([1.0], "rows", 0, "samples", "book"), "row step has programs with more samples"),
        (put([1.0, 2.0, 0.0], "rows", 0, "samples", "book"), "samples of book are not numbers"),
        (put(["1", 2.0, 3.0], "rows", 0, "samples", "book"), "samples of book are not numbers"),
        (put(1, "rows", 0, "speed"), "row step has speed, which no record has"),
        (lambda data: data["rows"].append(data["rows"][0]), "row step comes twice"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(change, told, tmp_path):
    path = tmp_path / "peers.json"
    path.write_text(json.dumps(changed(change)))
    with pytest.raises(ValueError, match=rf"^peers.json is no record: .*{told}"):
        read(path)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '"text"', "{}"])
def test_what_is_no_record_is_refused(text, tmp_path):
    path = tmp_path / "cpu.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="^cpu.json is no record"):
        recorded("cpu", tmp_path)


def test_numbers_are_kept_with_four_digits():
    assert rounded([0.000123456, 1234.567]) == [0.0001235, 1235.0]


def test_this_machine_fits_into_a_record():
    facts = machine.run_facts("a command", ("numpy", "no-such-package"), {}, "processor time")
    row = Row("k", "g", "t", "s", None, {"a": [1.0]}, facts)
    assert [*faults(Record("peers", {"k": row}).plain())] == []
    assert facts["versions"].keys() == {"Python", "numpy"} and not facts["finished"]
    assert facts["machine"]["memory"] > 2**28 and "device" not in facts


def test_the_name_of_the_processor_is_read_where_the_system_writes_it(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text("processor\t: 0\nmodel name\t: Fast: Model 7\nmodel name\t: other\n")
    assert machine.processor(path) == "Fast: Model 7"
    path.write_text("Features: neon\n")
    assert machine.processor(path)  # what else the system says
    assert machine.told_by("no-such-program-anywhere") == ""


def test_the_records_of_the_book_are_whole():
    paths = sorted(FOLDER.glob("*.json"))
    assert {path.stem for path in paths} <= COMMANDS.keys()
    for path in paths:
        data = json.loads(path.read_text(encoding="utf-8"))
        assert [*faults(data)] == []
        record = recorded(path.stem)
        assert record.plain() == data, "medians and quartiles are not those of the samples"
        for run in record.runs:
            assert run["finished"] and "dirty" not in run.get("commit", "")
            assert (path.stem == "cuda") == bool(run.get("device", {}).get("driver"))
