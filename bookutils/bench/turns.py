"""Programs that do the same, timed in turns in one process.

pyperf times one program in processes of its own, pytest-benchmark one after the other in one; of
neither are two samples neighbours in time. On a machine that is busy now and idle a second later
only the ratio of neighbours is the programs' own. So this is the one loop of the book's benchmarks:
a round takes a sample of each program, each round begins with another one, every second one goes
through them backwards, and sample i of one is divided by sample i of another.
"""

import gc
import math
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field

LONGEST = 1_000_000  # steps in a sample


@dataclass(frozen=True)
class Clock:
    """What is read before and after a sample; `wait` returns when the device has done its work."""

    name: str
    now: Callable
    wait: Callable = lambda: None
    wall: Callable = time.perf_counter  # for first calls, whose compilers are other processes


# Processor time counts what this process did, whatever else the machine does meanwhile.
PROCESSOR = Clock("processor time", time.process_time)


@dataclass(frozen=True)
class Entrant:
    """A program: `make()` returns step(), which is timed, or step and read().

    `read` returns arrays that are compared after the warm-up, in place of what the steps returned.
    `collector` says whether Python's garbage collector is on during a sample.
    """

    make: Callable
    collector: bool = True


@dataclass(frozen=True)
class Race:
    """A row: {name: Entrant} of programs that do the same, and the one that is 1."""

    key: str
    group: str
    title: str
    base: str
    entrants: dict
    warm: int = 3  # steps of each before the first sample, whose results are compared
    rtol: float | None = 1e-12  # how far these results may differ; None where there are none
    samples: int = 15
    seconds: float = 0.02  # a sample takes at least this long
    least: int = 1  # steps in a sample, at the least
    aside: bool = True  # whether the collector passes over what was there before
    notes: Callable = dict  # () -> {name: what is told beside its bar}
    memory: Callable = dict  # () -> {name: bytes that a step held at its peak}
    exact: Callable | None = None  # () -> arrays in float64 that the results should be
    first: bool = False  # whether the first step's seconds are kept
    flops: dict = field(default_factory=dict)  # {name: floating-point operations of a step}
    bytes: dict = field(default_factory=dict)  # {name: what a step must read and write}
    longest: float = math.inf  # seconds; a program that takes longer for a step is left out
    limit: float = math.inf  # seconds after which no further round begins


@dataclass(frozen=True)
class Reading:
    """A row whose programs are not timed in turns: `read()` gives {name: numbers}, {name: note}."""

    key: str
    group: str
    title: str
    unit: str
    read: Callable
    base: str | None = None
    optional: bool = False  # measured only where it is asked for by name


@contextmanager
def set_aside(aside=True):
    """Let the garbage collector pass over what is there now.

    A full collection walks over all that the process has imported. A reader who works with one
    library has not the others' objects in memory. But how often there is one depends on how much
    has survived the last: a row about the collector itself is measured before other libraries are
    imported, with nothing set aside.
    """
    gc.collect()
    already = gc.get_freeze_count() or not aside
    if aside:
        gc.freeze()
    try:
        yield
    finally:
        if not already:
            gc.unfreeze()


@dataclass
class Turns:
    """Samples taken so far: {name: seconds a step}, and how many steps a sample has."""

    steps: dict
    clock: Clock = PROCESSOR
    seconds: float = 0.02
    least: int = 1
    without_collector: frozenset = frozenset()
    samples: dict = field(default_factory=dict)
    counts: dict = field(default_factory=dict)
    rounds: int = 0

    def seconds_of(self, name, count):
        """Seconds of one of `count` steps."""
        step = self.steps[name]
        gc.collect()
        if name in self.without_collector:
            gc.disable()
        try:
            self.clock.wait()
            start = self.clock.now()
            for _ in range(count):
                step()
            self.clock.wait()
            return (self.clock.now() - start) / count
        finally:
            gc.enable()

    def settle(self):
        """Find out how many steps of each program a sample takes.

        The first step after those of another program is slow, for its code and data have left the
        caches: so what fills a sample is tried with as many steps as fill half of it.
        """
        for name in self.steps:
            count, took = self.least, self.seconds_of(name, self.least)
            while took * count < self.seconds / 2 and count < LONGEST:
                count *= 4
                took = self.seconds_of(name, count)
            wanted = self.seconds / took if took > 0 else LONGEST
            self.counts[name] = max(self.least, min(LONGEST, round(wanted)))
            self.samples[name] = []

    def order(self):
        """Who comes when in the next round."""
        names = [*self.steps]
        first = self.rounds // 2 % len(names)
        turned = names[first:] + names[:first]
        return turned[::-1] if self.rounds % 2 else turned

    def round(self):
        """One sample of each program; an interrupted round leaves none."""
        taken = {name: self.seconds_of(name, self.counts[name]) for name in self.order()}
        for name, seconds in taken.items():
            self.samples[name].append(max(seconds, 1e-12))  # a coarse clock may not have moved
        self.rounds += 1
