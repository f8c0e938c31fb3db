"""Programs timed in turns: who begins, what a sample is, what an interruption and a fault leave."""

import gc
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from bookutils.bench.record import Record, spread
from bookutils.bench.running import Interrupted, measure, raced
from bookutils.bench.turns import Clock, Entrant, Race, Reading, Turns, set_aside

RUN = {"finished": False}


@pytest.fixture(autouse=True)
def no_collections(monkeypatch):
    """What pytest has loaded is much, and here nothing is measured."""
    monkeypatch.setattr(gc, "collect", lambda: 0)


class Machine:
    """A pretended machine: work takes its seconds times `slowness`, which others may change."""

    def __init__(self):
        self.time, self.slowness, self.waits = 0.0, 1.0, 0
        self.done = Counter()

    def clock(self):
        return Clock("pretended time", lambda: self.time, self.wait, lambda: self.time)

    def wait(self):
        self.waits += 1

    def program(self, name, seconds, result=1.0):
        def step():
            self.time += seconds * self.slowness
            self.done[name] += 1
            return result

        return step


def race(machine, seconds, **settings):
    """A race of programs that take these seconds a step."""
    entrants = {
        name: Entrant(lambda name=name, took=took: machine.program(name, took))
        for name, took in seconds.items()
    }
    settings = {"base": next(iter(seconds)), "samples": 6, "seconds": 1.0, **settings}
    return Race("key", "group", "title", entrants=entrants, **settings)


def row_of(race, machine, **settings):
    return raced(race, RUN, clock=machine.clock(), **settings)


def test_a_row_holds_seconds_a_step_and_ratios():
    machine = Machine()
    row = row_of(race(machine, {"old": 0.5, "new": 0.125}), machine)
    assert row.samples == {"old": [0.5] * 6, "new": [0.125] * 6}
    assert row.ratios["new"] == (4.0, 4.0, 4.0) and row.ratios["old"] == (1.0, 1.0, 1.0)


def test_a_machine_that_slows_down_changes_no_ratio():
    machine = Machine()
    turns = Turns({n: machine.program(n, s) for n, s in {"a": 3.0, "b": 1.0}.items()})
    turns.clock = machine.clock()
    turns.settle()
    for machine.slowness in (1.0, 7.0, 2.5, 40.0):
        turns.round()
    a, b = turns.samples["a"], turns.samples["b"]
    assert a == [3.0, 21.0, 7.5, 120.0]
    assert [x / y for x, y in zip(a, b, strict=True)] == [3.0] * 4


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_each_program_begins_as_often_and_nobody_has_one_predecessor_only(count):
    turns = Turns(dict.fromkeys("abcde"[:count]))
    orders = []
    for turns.rounds in range(2 * count):
        orders.append(turns.order())
    assert all(sorted(order) == sorted("abcde"[:count]) for order in orders)
    assert set(Counter(order[0] for order in orders).values()) == {2}
    assert set(Counter(order[-1] for order in orders).values()) == {2}
    pairs = {pair for order in orders for pair in pairwise(order)}
    assert {(b, a) for a, b in pairs} == pairs


def test_a_sample_takes_as_many_steps_as_fill_its_time_and_no_fewer_than_the_least():
    machine = Machine()
    steps = {"quick": machine.program("quick", 1e-3), "slow": machine.program("slow", 3.0)}
    turns = Turns(steps, machine.clock(), seconds=0.5, least=2)
    turns.settle()
    assert turns.counts == {"quick": 500, "slow": 2}
    before = machine.done.copy()
    turns.round()
    assert machine.done - before == {"quick": 500, "slow": 2}


def test_a_slow_first_step_does_not_fill_a_sample():
    machine, before = Machine(), []

    def step():
        machine.time += 1e-3 if before else 0.2  # a sample of another empties the caches
        before.append(None)

    clock = Clock("pretended time", lambda: machine.time, before.clear)
    turns = Turns({"a": step}, clock, seconds=0.5)
    turns.settle()
    assert turns.counts["a"] > 100
    assert 0.25 < turns.counts["a"] * turns.seconds_of("a", turns.counts["a"]) < 0.5


def test_the_device_is_waited_for_before_and_after_each_sample():
    machine = Machine()
    turns = Turns({"a": machine.program("a", 1.0)}, machine.clock())
    turns.seconds_of("a", 3)
    assert machine.waits == 2


def test_what_the_device_still_has_to_do_counts():
    machine, queue = Machine(), []

    def wait():
        machine.time += sum(queue)
        queue.clear()

    clock = Clock("pretended", lambda: machine.time, wait)
    queue.append(100.0)  # left over from before: not part of the sample
    turns = Turns({"a": lambda: queue.append(2.0)}, clock)
    assert turns.seconds_of("a", 5) == 2.0


def test_warm_up_is_not_measured():
    machine, calls = Machine(), []

    def make():
        def step():
            calls.append(None)
            machine.time += 100.0 if len(calls) <= 3 else 1.0
            return 1.0

        return step

    row = row_of(Race("k", "g", "t", "a", {"a": Entrant(make)}, warm=3, samples=4), machine)
    assert row.samples == {"a": [1.0] * 4}


def test_the_collector_is_off_for_those_who_ask_and_on_afterwards_whatever_happens():
    seen = {}

    def watching(name):
        def step():
            seen[name] = gc.isenabled()
            return 1.0

        return lambda: step

    entrants = {"on": Entrant(watching("on")), "off": Entrant(watching("off"), collector=False)}
    raced(Race("k", "g", "t", "on", entrants, samples=2, seconds=1e-4), RUN)
    assert seen == {"on": True, "off": False} and gc.isenabled()

    def failing():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Turns({"a": failing}, without_collector={"a"}).seconds_of("a", 1)
    assert gc.isenabled()


def test_other_results_are_told_and_not_timed():
    machine = Machine()
    entrants = {
        "base": Entrant(lambda: machine.program("base", 1.0, result=2.0)),
        "right": Entrant(lambda: machine.program("right", 1.0, result=2.0 + 1e-13)),
        "wrong": Entrant(lambda: machine.program("wrong", 1.0, result=2.002)),
        "not finite": Entrant(lambda: machine.program("not finite", 1.0, result=float("nan"))),
    }
    row = row_of(Race("k", "g", "t", "base", entrants), machine)
    assert set(row.samples) == {"base", "right"}
    assert row.failed["wrong"] == "its results differ by 1.0e-03 of the largest, not by 1e-12"
    assert set(row.failed) == {"wrong", "not finite"}


def test_arrays_that_steps_leave_are_compared_where_there_are_any():
    def of(change):
        def make():
            array = np.zeros(3)

            def step():
                array[1] += change

            return step, lambda: [array]

        return Entrant(make)

    row = raced(
        Race("k", "g", "t", "a", {"a": of(1.0), "b": of(1.0), "c": of(1.5)}, samples=1), RUN
    )
    assert set(row.samples) == {"a", "b"} and set(row.failed) == {"c"}


def test_a_peer_that_cannot_start_is_told_with_its_own_words():
    machine = Machine()

    def broken():
        raise FileNotFoundError("\nclang: no such file\nand more")

    entrants = {"a": Entrant(lambda: machine.program("a", 1.0)), "b": Entrant(broken)}
    row = row_of(Race("k", "g", "t", "a", entrants), machine)
    assert row.failed == {"b": "FileNotFoundError: clang: no such file"}
    assert row_of(Race("k", "g", "t", "b", entrants), machine).ratios == {}
    none = row_of(Race("k", "g", "t", "b", {"b": Entrant(broken)}), machine)
    assert none.samples == {} and set(none.failed) == {"b"}


def test_what_is_counted_and_found_beside_a_time_is_kept_of_those_who_ran():
    machine = Machine()

    def of(result, seconds=1.0):
        step = machine.program(str(result), seconds)
        return Entrant(lambda: (step, lambda: [np.array(result)]))

    counts = {"a": 7, "b": 8, "slow": 9}
    row = row_of(
        Race(
            "k", "g", "t", "a", {"a": of([3.0, 4.0]), "b": of([3.0, 4.5]), "slow": of(0.0, 5.0)},
            rtol=None, exact=lambda: [np.array([3.0, 4.0])], first=True, flops=counts,
            memory=lambda: counts, longest=2.0,
        ),
        machine,
    )  # fmt: skip
    assert row.errors == {"a": 0.0, "b": 0.1}
    assert row.first == {"a": 1.0, "b": 1.0}
    assert row.flops == row.memory == {"a": 7, "b": 8} and row.bytes == {}
    assert row.failed == {"slow": "TimeoutError: a step takes 5 s, more than 2 s"}
    plain = row_of(race(machine, {"a": 1.0}), machine)
    assert not plain.errors and not plain.first and not plain.flops


def test_a_first_call_that_is_slow_leaves_nobody_out():
    machine, calls = Machine(), []

    def make():
        def step():
            machine.time += 1.0 if calls else 50.0  # compiles
            calls.append(None)

        return step

    row = row_of(Race("k", "g", "t", "a", {"a": Entrant(make)}, longest=2.0, first=True), machine)
    assert row.first == {"a": 50.0} and set(row.samples["a"]) == {1.0}


@pytest.mark.parametrize(("limit", "rounds"), [(1e9, 15), (20.0, 6), (0.0, 3)])
def test_no_round_begins_after_the_limit_but_the_first_three(limit, rounds):
    # 2 steps find out their length, each round takes 3 seconds
    machine = Machine()
    row = row_of(race(machine, {"a": 1.0, "b": 2.0}, samples=15, limit=limit), machine)
    assert len(row.samples["a"]) == rounds


def test_a_row_whose_exact_results_do_not_come_out_says_why():
    def full():
        raise MemoryError("out of memory")

    machine = Machine()
    row = row_of(race(machine, {"a": 1.0}, exact=full, rtol=None), machine)
    assert not row.samples and row.failed == {"all of it": "MemoryError: out of memory"}


# --- interrupted ----------------------------------------------------------------------------------


def stopping(machine, after):
    """A program in whose step of this number Ctrl-C is pressed."""
    step, count = machine.program("stopping", 1.0), []

    def interrupted():
        count.append(None)
        if len(count) == after:
            raise KeyboardInterrupt
        return step()

    return lambda: interrupted


@pytest.mark.slow
@pytest.mark.parametrize(("after", "rounds"), [(2, None), (5, None), (6, None), (7, 2), (9, 4)])
def test_whole_rounds_of_an_interrupted_row_are_kept_from_two_on(after, rounds):
    # 3 steps warm up, the 4th finds out how long they are; each round is one more
    machine = Machine()
    entrants = {
        "base": Entrant(lambda: machine.program("base", 1.0)),
        "stopping": Entrant(stopping(machine, after)),
    }
    first = race(machine, {"a": 1.0})
    row = Race("second", "g", "t", "base", entrants, samples=9)
    last = Race("third", "g", "t", "base", entrants)
    kept = []
    record, whole = measure(
        [first, row, last], Record("peers", {}), RUN, keep=kept.append, clock=machine.clock()
    )
    assert not whole and "key" in record.rows and "third" not in record.rows
    assert [*kept[0].rows] == ["key"]
    if rounds is None:
        assert "second" not in record.rows
    else:
        assert {len(x) for x in record["second"].samples.values()} == {rounds}
    assert gc.isenabled()


def test_an_interruption_says_so():
    machine = Machine()
    entrants = {"a": Entrant(stopping(machine, 8))}
    with pytest.raises(Interrupted) as stop:
        row_of(Race("k", "g", "t", "a", entrants, samples=9), machine)
    assert len(stop.value.row.samples["a"]) == 3


def test_readings_are_taken_or_told():
    good = Reading("good", "g", "t", "bytes", lambda: ({"a": [3.0, 1.0]}, {"a": "said"}))

    def bad():
        raise AssertionError("a wrong answer passed")

    rows = [Reading("bad", "g", "t", "s", bad), good]
    record, whole = measure(rows, Record("peers", {}), RUN)
    assert whole and record["good"].spread["a"] == (1.5, 2.0, 2.5)
    assert record["good"].notes == {"a": "said"}
    assert record["bad"].failed == {"all of it": "AssertionError: a wrong answer passed"}


def test_quartiles_lie_among_the_samples():
    assert spread([5.0]) == (5.0, 5.0, 5.0)
    assert spread([1.0, 3.0]) == (1.5, 2.0, 2.5)
    assert spread([4.0, 1.0, 2.0, 3.0, 5.0]) == (2.0, 3.0, 4.0)


@pytest.mark.parametrize(("already", "freed"), [(0, ["freeze", "unfreeze"]), (9, ["freeze"])])
def test_what_others_have_set_aside_stays_so(already, freed, monkeypatch):
    called = []
    monkeypatch.setattr(gc, "get_freeze_count", lambda: already)
    monkeypatch.setattr(gc, "freeze", lambda: called.append("freeze"))
    monkeypatch.setattr(gc, "unfreeze", lambda: called.append("unfreeze"))
    with pytest.raises(KeyboardInterrupt), set_aside():
        raise KeyboardInterrupt
    assert called == freed
