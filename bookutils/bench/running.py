"""Rows measured one after the other into a record, which an interruption leaves as it stands."""

from dataclasses import dataclass

import numpy as np

from bookutils.bench.record import Row, rounded
from bookutils.bench.turns import PROCESSOR, Race, Turns, set_aside

FEWEST = 2  # rounds of which an interrupted row is kept
LEAST_ROUNDS = 3  # whatever they take


@dataclass
class Interrupted(Exception):
    """Someone pressed Ctrl-C; what was measured of this row so far."""

    row: Row | None


def measure(
    rows, record, run, samples=None, keep=lambda record: None, watched=iter, clock=PROCESSOR
):
    """Measure these rows into a record; return it, and whether it came to the last one.

    `keep(record)` is called after every row, so that nothing is lost; `samples` replaces those of
    each row. `watched` is passed the list of rows, and may show how far it has come.
    """
    for row in watched(list(rows)):
        try:
            measured = raced(row, run, samples, clock) if isinstance(row, Race) else taken(row, run)
        except Interrupted as stop:
            return record.with_row(stop.row) if stop.row else record, False
        except KeyboardInterrupt:
            return record, False
        record = record.with_row(measured)
        keep(record)
    return record, True


def taken(reading, run):
    """The row of a Reading; without samples, and with the reason, where it did not come out."""
    head = (reading.key, reading.group, reading.title, reading.unit, reading.base)
    try:
        samples, notes = reading.read()
    except Exception as error:
        return Row(*head, {}, run, failed={"all of it": one_line(error)})
    return Row(*head, {k: rounded(x) for k, x in samples.items()}, run, notes)


def raced(race, run, samples=None, clock=PROCESSOR):
    """The row of a Race: all entrants made, warmed up, compared, and timed in turns."""
    failed, steps, results, first, errors = {}, {}, {}, {}, {}
    head = (race.key, race.group, race.title, "s", race.base)
    try:
        exact = race.exact() if race.exact else None
    except Exception as error:  # a device's memory has an end
        return Row(*head, {}, run, failed={"all of it": one_line(error)})
    compared = race.base is not None and race.rtol is not None
    for name, entrant in race.entrants.items():
        try:
            steps[name], found, first[name] = started(entrant, race, clock)
        except Exception as error:  # of a peer: its own compilers and libraries may be missing
            failed[name] = one_line(error)
            continue
        errors |= {name: distance(found, exact)} if exact is not None else {}
        results |= {name: found} if compared else {}
        del found
    if not steps:
        return Row(*head, {}, run, failed=failed)
    for name in [name for name in results if name != race.base and race.base in results]:
        told = differ(results[name], results[race.base], race.rtol)
        if told:
            failed[name] = told
            del steps[name]
    del exact, results
    off = frozenset(name for name, entrant in race.entrants.items() if not entrant.collector)
    turns = Turns(steps, clock, race.seconds, race.least, off)
    stopped, wanted, end = False, samples or race.samples, clock.wall() + race.limit
    try:
        with set_aside(race.aside):
            turns.settle()
            while turns.rounds < wanted and (turns.rounds < LEAST_ROUNDS or clock.wall() < end):
                turns.round()
    except KeyboardInterrupt:
        stopped = True
    row = None
    if turns.rounds >= (FEWEST if stopped else 1):
        rows = {name: rounded(numbers) for name, numbers in turns.samples.items()}
        beside = {"errors": errors, "first": first if race.first else {}, "flops": race.flops}
        beside |= {"bytes": race.bytes, "memory": {} if stopped else race.memory()}
        beside = {key: {n: told[n] for n in rows if n in told} for key, told in beside.items()}
        row = Row(*head, rows, run, {} if stopped else race.notes(), failed, **beside)
    if stopped:
        raise Interrupted(row)
    return row


def started(entrant, race, clock):
    """An entrant's step after its warm-up, what is compared of it, and seconds of its first step.

    Raises TimeoutError where one step takes longer than the race allows.
    """
    made = entrant.make()
    step, read = made if isinstance(made, tuple) else (made, None)
    returned, took = [], []
    for _ in range(race.warm):
        clock.wait()
        start = clock.wall()
        returned.append(step())
        clock.wait()
        took.append(clock.wall() - start)
        if min(took) > race.longest and len(took) > 1:
            raise TimeoutError(f"a step takes {min(took):.3g} s, more than {race.longest:g} s")
    return step, returned if read is None else read(), float(f"{max(took[0], 1e-9):.4g}")


def differ(found, wanted, rtol):
    """How far results lie from those of the base, if further than `rtol`; or nothing."""
    pairs = [
        (np.asarray(a, float), np.asarray(b, float)) for a, b in zip(found, wanted, strict=True)
    ]
    scale = max(float(np.abs(b).max(initial=0.0)) for _, b in pairs) or 1.0
    gap = max(float(np.abs(a - b).max(initial=0.0)) for a, b in pairs) / scale
    return "" if gap <= rtol else f"its results differ by {gap:.1e} of the largest, not by {rtol:g}"


def distance(found, wanted):
    """|found - wanted| / |wanted| over all arrays, with three digits."""
    gap = sum(float(((a - b) ** 2).sum()) for a, b in zip(found, wanted, strict=True)) ** 0.5
    whole = sum(float((b**2).sum()) for b in wanted) ** 0.5
    return float(f"{gap / whole:.3g}")


def one_line(error):
    """An exception in one line of at most 160 characters."""
    first = next((line for line in str(error).splitlines() if line.strip()), "no word of it")
    return f"{type(error).__name__}: {first.strip()}"[:160]
