"""python -m bookutils bench: training steps, and their parts, on one device into a record.

Or the page of results, made from the records.
"""

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bookutils.bench.machine import end, run_facts
from bookutils.bench.record import COMMANDS, FOLDER, Record, write
from bookutils.bench.writing import tables

PACKAGES = ("numpy", "torch", "array-api-compat", "triton")
QUICK = 3  # sizes


def bench(device=None, json=None, budget=None, quick=False, page=False):
    """Measure, or write the page; 0 if it came to its end, 1 if not, 2 for what cannot be read."""
    try:
        if page:
            from bookutils.bench.results import write_page

            print(f"{write_page()} and its drawings are those of the records now.")
            return 0
        return measured(device or "cpu", json, budget, quick)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2


@contextmanager
def nothing_compiled():
    """Have torch.compile keep its files in a folder of this run: a first call finds none."""
    before = os.environ.get("TORCHINDUCTOR_CACHE_DIR")
    with TemporaryDirectory(prefix="bookutils-bench-", ignore_cleanup_errors=True) as folder:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder
        try:
            yield
        finally:
            os.environ.pop("TORCHINDUCTOR_CACHE_DIR")
            if before is not None:
                os.environ["TORCHINDUCTOR_CACHE_DIR"] = before


@nothing_compiled()
def measured(device, path, seconds, quick):
    """Measure the sizes on a device and write the record to a file."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and torch are loaded
    from tqdm import tqdm

    from bookutils.bench import torch_parts
    from bookutils.bench import torch_steps as peer
    from bookutils.bench.parts import measure_parts
    from bookutils.bench.training import BUDGET, SIZES, Budget, measure_sizes

    if device not in peer.devices():
        print(
            f"PyTorch has no {device} here, so nothing was measured: "
            f"{COMMANDS['cpu']} takes the same steps on the processor.",
            file=sys.stderr,
        )
        return 1
    if path is None and not quick and not FOLDER.exists():
        raise ValueError(
            "this is not the book's folder: say where the record goes with --json FILE"
        )
    path = Path(path) if path else None if quick else FOLDER / f"{device}.json"
    options = [f"--device {device}", *(["--quick"] if quick else [])]
    options += [f"--budget {seconds:g}"] if seconds else []
    command = f"python -m bookutils bench {' '.join(options)}"
    run = run_facts(command, PACKAGES, {}, peer.clock(device).name, device=peer.facts(device))
    start, budget = time.monotonic(), Budget(seconds or BUDGET[device])

    def keep(so_far):
        if path:
            write(so_far, path)

    record, whole = measure_parts(
        device, Record(device, {}), run, torch_parts, peer, budget, quick, keep,
        watched=lambda rows: tqdm(rows, "parts", unit="row", leave=False),
    )  # fmt: skip
    if whole:
        record, whole = measure_sizes(
            device, record, run, peer, budget, SIZES[:QUICK] if quick else SIZES, keep=keep,
            watched=lambda sizes: tqdm(sizes, "steps", unit="size", leave=False),
        )  # fmt: skip
    end(run, whole, time.monotonic() - start)
    if path and record.there:
        write(record, path)
    print("\n\n".join(tables(record)))
    for told in run["missing"].values():
        print(told)
    failed = [
        f"{row.key}, {n}: {why}" for row in record.rows.values() for n, why in row.failed.items()
    ]
    print("\n".join([*failed, *([] if whole else ["Interrupted: what was measured is kept."])]))
    if path and record.there:
        print(f"Record: {path}")
    return 0 if whole and record.there else 1
