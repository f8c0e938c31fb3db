"""Records of speed: JSON files that a command writes, and what chapters and pages read of them.

    record = recorded("peers")
    record["demo"].ratios["traced Python"].median

A record is a list of runs (date, command, machine, versions) and one of rows, each of the run that
measured it. A row keeps every sample; medians and quartiles are computed from them.
"""

import json
import os
import re
import statistics
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

FORMAT = 1
FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
COMMANDS = {
    "peers": "make bench",
    "cpu": "python -m bookutils bench --device cpu",
    "cuda": "python -m bookutils bench --device cuda",
}
UNITS = {"s": "seconds", "bytes": "bytes"}
# what a row may have beside its head and its samples
OPTIONAL = ("notes", "failed", "errors", "memory", "first", "flops", "bytes")


class Spread(NamedTuple):
    """A median between its quartiles."""

    low: float
    median: float
    high: float


def spread(numbers):
    """Quartiles and median of numbers; of one number, that number three times."""
    if len(numbers) == 1:
        return Spread(*numbers * 3)
    return Spread(*statistics.quantiles(numbers, n=4, method="inclusive"))


def rounded(numbers):
    """Numbers as they are kept: four digits are more than a clock can promise."""
    return [float(f"{x:.4g}") for x in numbers]


@dataclass(frozen=True)
class Row:
    """What was measured of several programs that do the same: {name: samples}, and who is 1.

    Sample i of one program was taken beside sample i of all others, so that ratios are paired.
    """

    key: str
    group: str
    title: str
    unit: str
    base: str | None
    samples: dict
    run: dict
    # of each program, where there is such:
    notes: dict = field(default_factory=dict)
    failed: dict = field(default_factory=dict)  # why there are no samples of it
    errors: dict = field(default_factory=dict)  # |g - g64| / |g64| of the first gradient
    memory: dict = field(default_factory=dict)  # bytes that a step held at its peak
    first: dict = field(default_factory=dict)  # seconds of the first call, with its compiler
    flops: dict = field(default_factory=dict)  # floating-point operations of a step
    bytes: dict = field(default_factory=dict)  # what a step must read and write at the least

    @property
    def spread(self):
        """{name: Spread} in the unit of the row."""
        return {name: spread(numbers) for name, numbers in self.samples.items()}

    @property
    def ratios(self):
        """{name: Spread} of base / own: how many times as fast, or as small, as the base."""
        base = self.samples.get(self.base)
        if base is None:
            return {}
        return {
            name: spread([b / own for b, own in zip(base, numbers, strict=True)])
            for name, numbers in self.samples.items()
        }

    @property
    def rate(self):
        """{name: Spread} of floating-point operations a second, where they were counted."""
        return _per_second(self.flops, self.samples)

    @property
    def bandwidth(self):
        """{name: Spread} of bytes read and written a second, where they were counted."""
        return _per_second(self.bytes, self.samples)

    def source(self):
        """One sentence: when, on what and by which command this was measured."""
        return source(self.run)

    def outdated(self, installed=None):
        """A sentence for each library that has another version now than in this row's run."""
        return outdated(self.run, installed)

    def plain(self):
        """The row for JSON; `run` is added by the record."""
        told = {
            "key": self.key,
            "group": self.group,
            "title": self.title,
            "unit": self.unit,
            "base": self.base,
            "spread": {name: rounded(s) for name, s in self.spread.items()},
            "ratios": {name: rounded(s) for name, s in self.ratios.items()},
            "samples": self.samples,
        }
        optional = {name: getattr(self, name) for name in OPTIONAL}
        return {**told, **{name: x for name, x in optional.items() if x}}


def _per_second(counted, samples):
    return {
        name: spread([counted[name] / seconds for seconds in numbers])
        for name, numbers in samples.items()
        if name in counted
    }


@dataclass(frozen=True)
class Record:
    """Rows by their keys. One that nobody has measured has none, and `there` is False."""

    name: str
    rows: dict

    @property
    def there(self):
        return bool(self.rows)

    @property
    def command(self):
        """What fills the record."""
        return COMMANDS.get(self.name, f"python benchmarks --json {self.name}.json")

    @property
    def runs(self):
        """The runs, the one with most rows first."""
        runs = {id(row.run): row.run for row in self.rows.values()}
        count = {k: sum(row.run is run for row in self.rows.values()) for k, run in runs.items()}
        return sorted(runs.values(), key=lambda run: -count[id(run)])

    @property
    def missing(self):
        """{package: the sentence that says why it is not beside the others}."""
        return {name: told for run in self.runs for name, told in run["missing"].items()}

    def source(self):
        """One sentence on the run with most rows, or that there is none."""
        return source(self.runs[0]) if self.there else f"No record here: {self.command}."

    def outdated(self, installed=None):
        """Sentences on versions that are not those of the record; () where all are."""
        told = [line for run in self.runs for line in outdated(run, installed)]
        return tuple(dict.fromkeys(told))

    def __getitem__(self, key):
        if key in self.rows:
            return self.rows[key]
        there = ", ".join(self.rows) or "none"
        raise KeyError(f"the record {self.name} has no row {key!r}; its rows are {there}")

    def group(self, name):
        """The rows of one group, in their order."""
        return [row for row in self.rows.values() if row.group == name]

    def with_row(self, row):
        """The same with one row more, or in place of the one of its key."""
        return Record(self.name, {**self.rows, row.key: row})

    def plain(self):
        """The record for JSON."""
        runs = []
        for row in self.rows.values():
            if not any(row.run is run for run in runs):
                runs.append(row.run)
        places = {id(run): k for k, run in enumerate(runs)}
        rows = [{"run": places[id(row.run)], **row.plain()} for row in self.rows.values()]
        return {"format": FORMAT, "runs": runs, "rows": rows}


def source(run):
    """One sentence on a run: date, machine, load, threads, versions, command."""
    machine, device = run["machine"], run.get("device")
    where = f"{machine['processor']}, {machine['cores']} core{'s' * (machine['cores'] != 1)}"
    if device:
        where = f"{device['name']}, driver {device['driver']}"
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    load = f"load {machine['load']:.1f}"
    if "load after" in machine:
        load += f" before and {machine['load after']:.1f} after"
    return (
        f"Measured on {run['date'][:10]}, {where}, {run['threads']} thread"
        f"{'s' * (run['threads'] != 1)}, {load}, {run['clock']}, "
        f"{versions}, by {run['command']}."
    )


def installed_version(package):
    """The version of a package here, without what a build adds to it; None where there is none."""
    try:
        return metadata.version(package).partition("+")[0]
    except metadata.PackageNotFoundError:
        return None


def outdated(run, installed=None):
    """A sentence for each library of a run that has another version now.

    `installed` maps packages to versions; by default it is asked what is installed here. What is
    not installed says nothing about the age of a record.
    """
    find = installed_version if installed is None else installed.get
    found = {name: (then, find(name)) for name, then in run["versions"].items()}
    return tuple(
        f"{name} was {then} when this was measured on {run['date'][:10]}; here it is {now}."
        for name, (then, now) in found.items()
        if now is not None and now != then.partition("+")[0]
    )


# --- files ----------------------------------------------------------------------------------------


def recorded(name, folder=FOLDER):
    """The record of this name, "peers", "cpu" or "cuda"; without rows where there is no file.

    Raises ValueError for another name, or a file that is no record.
    """
    if name not in COMMANDS:
        raise ValueError(f"there are the records {', '.join(COMMANDS)}, not {name!r:.60}")
    path = Path(folder) / f"{name}.json"
    return read(path) if path.exists() else Record(name, {})


def read(path):
    """The record in a file. Raises ValueError, saying what is wrong, where it is none."""
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is no record, it is not JSON: {error}") from None
    for wrong in faults(data):
        raise ValueError(f"{path.name} is no record: {wrong}")
    rows = {}
    for row in data["rows"]:
        given = {k: x for k, x in row.items() if k not in ("spread", "ratios", "run")}
        rows[row["key"]] = Row(**given, run=data["runs"][row["run"]])
    return Record(path.stem, rows)


def write(record, path):
    """Write a record to a file, which is replaced as a whole or not at all."""
    path, text = Path(path), json.dumps(record.plain(), indent=1, ensure_ascii=False)
    text = NUMBERS.sub(lambda found: "[" + " ".join(found[0][1:-1].split()) + "]", text)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(path)


NUMBERS = re.compile(r'\[[^][{}"]*\]')  # a list of numbers, which is written on one line
RUN = {
    "date": str,
    "command": str,
    "clock": str,
    "threads": int,
    "finished": bool,
    "machine": dict,
    "versions": dict,
    "missing": dict,
}
MACHINE = {"processor": str, "cores": int, "memory": int, "system": str, "load": (int, float)}
ROW = {"run": int, "key": str, "group": str, "title": str, "unit": str, "samples": dict}


def faults(data):
    """Yield what is wrong with the data of a record, sentence by sentence."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        yield f"its format is not {FORMAT}"
        return
    for k, run in enumerate(data.get("runs", ())):
        yield from _lacking(run, RUN, f"run {k}")
        yield from _lacking(run.get("machine", {}), MACHINE, f"the machine of run {k}")
    keys = [row.get("key") for row in data.get("rows", ())]
    for row in data.get("rows", ()):
        name = f"row {row.get('key')}"
        lacking = [*_lacking(row, ROW, name)]
        if lacking:
            yield from lacking
            continue
        if keys.count(row["key"]) > 1:
            yield f"{name} comes twice"
        if row["unit"] not in UNITS:
            yield f"{name} has the unit {row['unit']!r}, not one of {', '.join(UNITS)}"
        if not 0 <= row["run"] < len(data["runs"]):
            yield f"{name} is of run {row['run']}, and there are {len(data['runs'])}"
        if row.get("base") is not None and len({len(x) for x in row["samples"].values()}) > 1:
            yield f"{name} has programs with more samples than others"
        for program, numbers in row["samples"].items():
            if not numbers or not all(isinstance(x, int | float) and x > 0 for x in numbers):
                yield f"{name}: the samples of {program} are not numbers above 0"
        unknown = row.keys() - {*ROW, "base", "spread", "ratios", *OPTIONAL}
        if unknown:
            yield f"{name} has {', '.join(sorted(unknown))}, which no record has"


def _lacking(given, wanted, name):
    for key, kind in wanted.items():
        if not isinstance(given.get(key), kind):
            yield f"{name} has no {key}, or not one of the kind it must be"
