"""The book beside its peers, row by row, into a record: `make bench`, `python benchmarks --help`.

One thread: the process keeps to one core, so that a library's own threads take its time and no
other's. Peers that are not installed are told in the record, and never guessed.
"""

import argparse
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

PEERS = {  # a word in the names of entrants -> the package that they need
    "micrograd": "micrograd",
    "torch": "torch",
    "JAX": "jax",
    "HIPS": "autograd",
    "tinygrad": "tinygrad",
}
VERSIONS = ("numpy", "torch", "micrograd", "autograd", "jax", "jaxlib", "tinygrad", "matplotlib")
QUICK = 3  # rounds


def one_core():
    """Keep to one core and one thread. Before NumPy is loaded, or its threads are there already."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def all_rows(log=None):
    """Every row, in the order of the record."""
    import adam
    import grading
    import scalar
    import sliders
    import tensor
    import traced
    import whole_book

    modules = (scalar, tensor, adam, sliders)
    rows = [*traced.races(), *traced.rows(), *(row for m in modules for row in m.rows())]
    return [*rows, *whole_book.rows(log), *grading.rows()]


def with_peers(row, found=find_spec):
    """(The row without the programs whose package is not here, {package: the sentence on it})."""
    from dataclasses import replace

    missing = {}
    for name in getattr(row, "entrants", ()):
        for head, package in PEERS.items():
            if head in name and found(package) is None:
                missing[package] = (
                    f"{package} is not installed, so it is not beside the others: "
                    "pip install -e '.[bench]'"
                )
    if not missing:
        return row, {}
    kept = {
        name: entrant
        for name, entrant in row.entrants.items()
        if not any(head in name and p in missing for head, p in PEERS.items())
    }
    return replace(row, entrants=kept), missing


def chosen(rows, only):
    """The rows whose key begins with one of `only`; without it all that are not optional."""
    if not only:
        return [row for row in rows if not getattr(row, "optional", False)]
    unknown = [key for key in only if not any(row.key.startswith(key) for row in rows)]
    if unknown:
        keys = ", ".join(row.key for row in rows)
        raise ValueError(f"no row begins with {unknown[0]!r}: there are {keys}")
    return [row for row in rows if any(row.key.startswith(key) for key in only)]


def command_of(given):
    """The command as anybody may repeat it: where the record went is left out."""
    only = ["--only", *(f"'{key}'" if " " in key else key for key in given.only or ())]
    parts = [*(only if given.only else []), *(["--quick"] if given.quick else [])]
    return " ".join(["python benchmarks", *parts, *(["--log FILE"] if given.log else [])])


def main(arguments=None):
    """Measure and write the record; 0 if every row has numbers, 1 if not, 2 for wrong arguments."""
    one_core()
    from tqdm import tqdm

    from bookutils.bench.machine import end, run_facts
    from bookutils.bench.record import FOLDER, Record, read, write
    from bookutils.bench.running import measure
    from bookutils.bench.turns import PROCESSOR
    from bookutils.bench.writing import table
    from bookutils.terminal import spell

    spell()
    parser = argparse.ArgumentParser(prog="python benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="KEY", help="rows whose key begins so")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} rounds a row, no record")
    parser.add_argument("--list", action="store_true", help="the keys of all rows")
    parser.add_argument("--log", type=Path, help="what `make test` printed: the row `book`")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help=f"the record, default {FOLDER.name}/peers.json"
    )
    given = parser.parse_args(arguments)
    path = given.json or (None if given.quick else FOLDER / "peers.json")
    try:
        rows = all_rows(given.log)
        rows = chosen(rows, given.only or (["book"] if given.log else None))
        record = read(path) if path and path.exists() else Record("peers", {})
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if given.list:
        print("\n".join(row.key for row in all_rows(given.log)))
        return 0
    rows, missing = zip(*map(with_peers, rows), strict=True)
    missing = {package: told for found in missing for package, told in found.items()}
    for told in missing.values():
        print(told, file=sys.stderr)
    run = run_facts(command_of(given), VERSIONS, missing, PROCESSOR.name)
    start = time.monotonic()
    record, whole = measure(
        rows,
        record,
        run,
        samples=QUICK if given.quick else None,
        keep=lambda so_far: path and write(so_far, path),
        watched=lambda rows: tqdm(rows, unit="row", leave=False),
    )
    end(run, whole, time.monotonic() - start)
    if path and record.there:
        write(record, path)
    keys = {row.key for row in rows}
    done = [row for key, row in record.rows.items() if key in keys and row.run is run]
    print("\n\n".join(table(row) for row in done))
    if not whole:
        print(f"Interrupted: {len(done)} of {len(rows)} rows are kept.", file=sys.stderr)
    failed = [f"{row.key}, {name}: {why}" for row in done for name, why in row.failed.items()]
    for line in failed:
        print(line, file=sys.stderr)
    return 0 if whole and all(row.samples for row in done) else 1


if __name__ == "__main__":
    sys.exit(main())
