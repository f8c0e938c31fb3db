"""A training step at growing sizes on one device, within a budget of time that it keeps."""

import time
from itertools import pairwise

import numpy as np

from bookutils.bench.record import Row, rounded
from bookutils.bench.running import FEWEST, LEAST_ROUNDS, Interrupted, distance, one_line
from bookutils.bench.turns import Turns, set_aside

GROUP = "training step"
BASE = "torch float32"
SIZES = (  # widths, batch
    ((2, 16, 16, 2), 100),
    ((64, 64, 32, 10), 32),
    ((784, 256, 128, 10), 128),
    ((784, 1024, 1024, 10), 512),
    ((784, 2048, 2048, 10), 1024),
    ((784, 4096, 4096, 10), 2048),
    ((784, 8192, 8192, 10), 4096),
)
BUDGET = {"cpu": 330.0, "cuda": 420.0}  # seconds, parts and steps together
ROUNDS = 15
SAMPLE = 0.02  # seconds, at the least
WARM = 5  # steps after the first, before the first sample
SETTLING = 3  # samples of each that finding out their length takes, at most about


def key_of(widths, batch):
    return f"{'-'.join(map(str, widths))} b{batch}"


def work(widths, batch):
    """FLOPs of the matrix products of a step: 2 forward and 4 backward for each weight and row.

    But the first layer has no gradient with respect to its inputs: 2 fewer for its weights.
    """
    weights = [m * n for m, n in pairwise(widths)]
    return batch * (6 * sum(weights) - 2 * weights[0])


class Budget:
    """Seconds that are left, by a clock that may be a pretended one."""

    def __init__(self, seconds, now=time.monotonic):
        self.seconds, self.now, self.end = seconds, now, now() + seconds

    @property
    def left(self):
        return self.end - self.now()


def measure_sizes(
    device, record, run, peer, budget, sizes=SIZES, rounds=ROUNDS, keep=lambda record: None,
    watched=iter,
):  # fmt: skip
    """Measure the sizes from the smallest on into a record; return it, and whether all came out.

    `peer` is torch_steps, or what takes its place in a test. What the budget does not reach is
    told in run["missing"]; `keep` is called after each size.
    """
    last = None  # (FLOPs, seconds to set up, {program: seconds a step}) of the size before
    for widths, batch in watched(sizes):
        title = f"{'-'.join(map(str, widths))}, batch {batch}"
        fitting = rounds if last is None else rounds_within(budget.left, last, work(widths, batch))
        if fitting < LEAST_ROUNDS:
            left = f"{max(budget.left, 0):.0f} s of {budget.seconds:.0f} s were left"
            run["missing"][title] = f"{title} is left out: {left}, too few for it."
            continue
        start = budget.now()
        try:
            row, timed = one_size(
                device, (widths, batch), title, run, peer, budget, min(fitting, rounds)
            )
        except Interrupted as stop:
            return record.with_row(stop.row) if stop.row else record, False
        except KeyboardInterrupt:
            return record, False
        except Exception as error:  # of the gradient in float64: a device's memory has an end
            run["missing"][title] = f"{title} is left out: {one_line(error)}"
            peer.forget()
            continue
        last = (work(widths, batch), budget.now() - start - timed, medians(row))
        record = record.with_row(row)
        keep(record)
    return record, True


def medians(row):
    return {name: found.median for name, found in row.spread.items()}


def rounds_within(left, last, flops):
    """How many rounds of a size of so many FLOPs fit into the seconds that are left."""
    before, setup, steps = last
    a_round = sum(max(SAMPLE, seconds * flops / before) for seconds in steps.values())
    warming = sum(seconds * flops / before for seconds in steps.values()) * (WARM + 2)
    return int((left - setup - warming) / a_round - SETTLING)


def one_size(device, size, title, run, peer, budget, rounds):
    """(The row of a size, the seconds that its samples took)."""
    widths, batch = size
    parts = peer.problem(widths, batch, np.random.default_rng(7))
    wanted = peer.exact(*parts, device)
    peer.forget()
    steps, failed, errors, memory, first = {}, {}, {}, {}, {}
    for name, make in peer.programs(device).items():
        try:
            made = []

            def begin(make=make, made=made):
                program = make(*parts)
                made += [program, program.gradients()]
                program.step()

            start = budget.now()
            held = peer.peak(device, begin)
            first[name] = float(f"{max(budget.now() - start, 1e-9):.4g}")
            for _ in range(WARM):
                made[0].step()
        except Exception as error:  # a compiler, a dtype or memory that this machine lacks
            failed[name] = one_line(error)
            continue
        steps[name] = made[0].step
        errors[name] = distance(made[1], wanted)
        memory |= {name: held} if held is not None else {}
    turns = Turns(steps, peer.clock(device), SAMPLE)
    stopped, start = False, budget.now()
    try:
        with set_aside():
            turns.settle()
            while turns.rounds < rounds and (turns.rounds < LEAST_ROUNDS or budget.left > 0):
                turns.round()
    except KeyboardInterrupt:
        stopped = True
    timed = budget.now() - start
    row = None
    if turns.rounds >= (FEWEST if stopped else 1):
        samples = {name: rounded(numbers) for name, numbers in turns.samples.items()}
        found = {"failed": failed, "errors": errors, "memory": memory, "first": first}
        head = (key_of(*size), GROUP, title, "s", BASE, samples, run)
        row = Row(*head, **found, flops=dict.fromkeys(samples, work(*size)))
    del steps, turns
    peer.forget()
    if stopped:
        raise Interrupted(row)
    return row, timed
