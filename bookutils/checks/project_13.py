"""The project of chapter 13: a benchmark of the reader's own, tried on pretend devices."""

import numpy as np

from bookutils.judge.project import Mistake, Project, Property

TIMING = 'chapter 13, section 13.7, "Timing, wrong and right"'
ENOUGH = 0.5  # seconds of a round, for the reference: many ticks of every clock that is tried
ROUNDS = 16  # as many with a first as with b first
SECONDS, RUNS = 60, 500_000  # of the device, allowed in all
CLOCKS = (  # seconds of a and b, and of a step of the clock
    (0.0003, 0.0002, 0.01), (0.0007, 0.0013, 0.01), (0.02, 0.0005, 0.01), (0.0011, 0.0029, 0.01),
    (0.0017, 0.0008, 0.01), (0.0023, 0.0019, 0.01), (0.0047, 0.0009, 0.01), (0.0006, 0.0031, 0.01),
)  # fmt: skip
NARROW = 1.03  # rounds of four such runs still have quartiles further apart


def compare(device, a, b):
    """A right answer."""
    return Benchmark(device).compare(a, b)


class Benchmark:
    """The reference, method by method, so that a mistake is one method in another way."""

    rounds = ROUNDS

    def __init__(self, device):
        self.device = device

    def compare(self, a, b):
        calls = {work: self.calls(work) for work in (a, b)}
        ratios = []
        for k in range(self.rounds):
            seconds = {}
            for work in (a, b) if k % 2 else (b, a):
                seconds[work] = self.timed(work, calls[work])
            ratios.append(seconds[a] / seconds[b])
        return self.told(ratios)

    def calls(self, work):
        """Warm up, and find how many calls make a round long enough."""
        self.timed(work, 1)
        calls = 1
        while self.timed(work, calls) * calls < ENOUGH:
            calls *= 2
        return calls

    def timed(self, work, calls):
        """Seconds a call."""
        self.device.synchronize()
        start = self.device.now()
        for _ in range(calls):
            self.device.launch(work)
        self.device.synchronize()
        return (self.device.now() - start) / calls

    def told(self, ratios):
        low, ratio, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        return float(low), float(ratio), float(high)


def of(kind):
    """The benchmark of a class as the answer."""
    return lambda device, a, b: kind(device).compare(a, b)


# ---- mistakes


class Unwaited(Benchmark):
    def calls(self, work):
        self.timed(work, 1)
        return 8

    def timed(self, work, calls):
        self.device.synchronize()
        start = self.device.now()
        for _ in range(calls):
            self.device.launch(work)
        return max(self.device.now() - start, 1e-9) / calls


class Busy(Benchmark):
    """Nobody waits before the clock starts."""

    def timed(self, work, calls):
        start = self.device.now()
        for _ in range(calls):
            self.device.launch(work)
        self.device.synchronize()
        return (self.device.now() - start) / calls


class Cold(Benchmark):
    """A single round, the first."""

    rounds = 1

    def calls(self, work):
        return 8


class ColdMean(Benchmark):
    """Many rounds, the first of them cold, and their mean."""

    def calls(self, work):
        return 4

    def told(self, ratios):
        low, high = np.quantile(ratios, (0.25, 0.75))
        return float(low), float(np.mean(ratios)), float(high)


class Mean(Benchmark):
    def told(self, ratios):
        low, high = np.quantile(ratios, (0.25, 0.75))
        return float(low), float(np.mean(ratios)), float(high)


class Extremes(Benchmark):
    def told(self, ratios):
        return float(min(ratios)), float(np.median(ratios)), float(max(ratios))


class Deviation(Benchmark):
    def told(self, ratios):
        mean, deviation = np.mean(ratios), np.std(ratios)
        return float(mean - deviation), float(mean), float(mean + deviation)


class NoSpread(Benchmark):
    def told(self, ratios):
        return (float(np.median(ratios)),) * 3


class Turned(Benchmark):
    def compare(self, a, b):
        return super().compare(b, a)


class OneAfterTheOther(Benchmark):
    """All of a, and then all of b."""

    def compare(self, a, b):
        seconds = {}
        for work in (a, b):
            calls = self.calls(work)
            seconds[work] = [self.timed(work, calls) for _ in range(self.rounds)]
        return self.told([x / y for x, y in zip(seconds[a], seconds[b], strict=True)])


class FixedOrder(Benchmark):
    """Rounds of a and then b, four of them."""

    def compare(self, a, b):
        calls = {work: self.calls(work) for work in (a, b)}
        rounds = [[self.timed(work, calls[work]) for work in (a, b)] for _ in range(4)]
        return self.told([x / y for x, y in rounds])


class OddRounds(Benchmark):
    """The order changes from round to round, and one order comes once more than the other."""

    rounds = 15


class OneCall(Benchmark):
    """Each round is a single call, whatever the clock."""

    def calls(self, work):
        self.timed(work, 1)
        return 1

    def timed(self, work, calls):
        return max(super().timed(work, 1), 1e-3)  # nobody divides by 0


class ManyCalls(Benchmark):
    """Each round is a thousand calls, whatever they take."""

    def calls(self, work):
        self.timed(work, 1)
        return 1000


class OfMedians(Benchmark):
    """The ratio of the medians, with the quartiles of either work crossed."""

    def compare(self, a, b):
        calls = {work: self.calls(work) for work in (a, b)}
        rows = [[self.timed(work, calls[work]) for work in (a, b)] for _ in range(self.rounds)]
        (a0, a1, a2), (b0, b1, b2) = np.quantile(rows, (0.25, 0.5, 0.75), axis=0).T
        return float(a0 / b2), float(a1 / b1), float(a2 / b0)


class Best(Benchmark):
    """The fastest call of each."""

    def compare(self, a, b):
        calls = {work: self.calls(work) for work in (a, b)}
        rows = [[self.timed(work, calls[work]) for work in (a, b)] for _ in range(self.rounds)]
        best = np.min(rows, axis=0)
        return (float(best[0] / best[1]),) * 3


# ---- the properties


def on_a_quiet_device(compare, a, b):
    from bookutils.checks.pretend import Device

    device = Device({"a": a, "b": b}, launch=0.001, compile=0.0)
    return compare(device, "a", "b")


def for_the_first_time(compare, a, b, compile, waiting):
    from bookutils.checks.pretend import Device

    device = Device({"a": a, "b": b, "other": 5.0}, launch=0.001, compile=compile)
    for _ in range(waiting):
        device.launch("other")
    return compare(device, "a", "b")


def with_odd_runs(compare, a, b, odd):
    from bookutils.checks.pretend import Device

    device = Device({"a": a, "b": b}, launch=0.001, compile=0.5, odd=odd)
    return compare(device, "a", "b")


def while_it_slows_down(compare, a, b, drift):
    from bookutils.checks.pretend import Device

    device = Device({"a": a, "b": b}, launch=0.001, compile=0.5, drift=drift)
    return compare(device, "a", "b")


def by_a_coarse_clock(compare, a, b, tick):
    from bookutils.checks.pretend import Device

    device = Device({"a": a, "b": b}, launch=0.000001, compile=0.5, tick=tick)
    return compare(device, "a", "b")


def where_runs_vary(compare, a, b, spread, seed):
    from bookutils.checks.pretend import Device

    rng = np.random.default_rng(seed)
    device = Device({"a": a, "b": b}, launch=0.001, compile=0.5, spread=spread, rng=rng)
    return compare(device, "a", "b")


def used_up(compare, a, b):
    from bookutils.checks.pretend import Device, Spent

    device = Device({"a": a, "b": b}, launch=0.000001, compile=0.0, most=500_000)
    try:
        compare(device, "a", "b")
    except Spent:
        pass
    device.synchronize()
    return device.now(), device.runs


# ---- what is right


def unfit(output):
    """A sentence where an answer is no triple of positive numbers in order, or ""."""
    numbers = output.tolist() if isinstance(output, np.ndarray) else output
    if type(numbers) not in (tuple, list) or len(numbers) != 3:
        return "Return three numbers, `(low, ratio, high)`"
    if any(type(v) not in (int, float) or not 0 < v < np.inf for v in numbers):
        return "Each of the three numbers is a finite number above 0"
    low, ratio, high = numbers
    if not low * (1 - 1e-9) <= ratio <= high * (1 + 1e-9):
        return "`low` is at most `ratio`, and `ratio` at most `high`"
    return ""


def within(output, a, b, share, spread=None):
    """None where ratio is a/b within this share, and the quartiles within that; or a sentence."""
    said = unfit(output)
    if said:
        return said
    low, ratio, high = map(float, output)
    right = a / b
    if abs(ratio / right - 1) > share:
        if abs(ratio * right - 1) <= share:
            return f"A call of a takes {right:.4g} times as long as one of b, not {ratio:.4g} times"
        return f"`ratio` is {ratio:.4g}, and {right:.4g} is right"
    if spread and (low < right * (1 - spread) or high > right * (1 + spread)):
        return f"`ratio` is right; its quartiles, {low:.4g} and {high:.4g}, are too far from it"
    return None


def is_quiet(output, a, b):
    said = within(output, a, b, 0.02, 0.02)
    if not said and max(output) > 1.002 * min(output):
        said = "On a quiet device all rounds are alike, and so are the quartiles of their ratios"
    return said


def is_warm(output, a, b, compile, waiting):
    return within(output, a, b, 0.02, 0.05)


def is_robust(output, a, b, odd):
    return within(output, a, b, 0.05, 0.05)


def is_fair(output, a, b, drift):
    return within(output, a, b, 0.02, 0.08)


def is_fine(output, a, b, tick):
    return within(output, a, b, 0.03)


def is_told(output, a, b, spread, seed):
    said = unfit(output)
    if said:
        return said
    low, ratio, high = map(float, output)
    if not low < ratio < high:
        return "The runs vary, and so do the rounds: `low` is below `ratio`, and `high` above"
    if high < low * NARROW:
        return f"Runs of a second vary by 30 %, and {low:.4g} and {high:.4g} are closer than that"
    return within(output, a, b, 0.3)


def is_short(output, a, b):
    seconds, runs = output
    if runs > RUNS:
        return f"More than the {RUNS:,} calls that are allowed are launched"
    if seconds > SECONDS:
        return f"{seconds:.0f} s of the device are used up, and {SECONDS} are allowed"
    if not runs:
        return "No call was launched on the device that you were given"
    return None


PROJECT = Project(
    id="13.project",
    title="Your own benchmark",
    name="compare",
    reference=compare,
    properties=(
        Property(
            "A quiet device",
            points=2,
            program=on_a_quiet_device,
            cases=((0.3, 0.2), (0.05, 0.2), (0.1, 0.1), (1.0, 0.1)),
            accept=is_quiet,
            explains="`launch` does not wait. From an idle device to an idle device, a call of a "
            "takes a/b times as long as one of b, within 2 %, and so do the quartiles.",
            section=TIMING,
            group="timing",
        ),
        Property(
            "First calls do not count",
            points=2,
            program=for_the_first_time,
            cases=((0.3, 0.2, 30.0, 0), (0.05, 0.2, 2.0, 20), (0.1, 0.4, 0.0, 20)),
            accept=is_warm,
            explains="The first launch of each work compiles it, and other work may be in the "
            "queue when you are called. Neither belongs to what is measured.",
            section=TIMING,
            group="timing",
        ),
        Property(
            "An odd run does not count",
            points=2,
            program=with_odd_runs,
            cases=((0.3, 0.2, 89), (0.1, 0.2, 101), (0.1, 0.15, 113)),
            accept=is_robust,
            explains="Now and then a run takes 20 times as long. Of enough rounds the median and "
            "the quartiles do not notice; a mean, a smallest and a largest value do.",
            section=TIMING,
            group="rounds",
        ),
        Property(
            "Both see the same device",
            points=2,
            program=while_it_slows_down,
            cases=((1.0, 0.7, 0.05), (0.6, 0.9, 0.05), (0.8, 0.8, 0.04)),
            accept=is_fair,
            explains="The device gets slower all the time, and whatever is measured second in a "
            "round sees a slightly slower one. So a has to come first as often as b does; and the "
            "quartiles of the ratio stay near it, those of the seconds do not.",
            section=TIMING,
            group="rounds",
        ),
        Property(
            "A coarse clock",
            points=2,
            program=by_a_coarse_clock,
            cases=CLOCKS,
            accept=is_fine,
            explains="The clock moves in steps of a hundredth of a second. What is timed in one "
            "go has to last many steps, and so needs many calls, where a call is short.",
            section=TIMING,
            group="calls",
        ),
        Property(
            "The spread is told",
            points=2,
            program=where_runs_vary,
            cases=((0.9, 0.6, 0.3, 1), (0.7, 1.0, 0.3, 2), (0.8, 0.8, 0.3, 3)),
            accept=is_told,
            explains="`low` and `high` are quartiles of the ratios of your rounds. Where rounds "
            "differ, so do they.",
            section=TIMING,
            group="rounds",
        ),
        Property(
            "It ends",
            points=2,
            program=used_up,
            cases=((1.0, 0.7), (0.0001, 0.0001), (0.0002, 1.0)),
            accept=is_short,
            explains="At most 60 seconds of the device and 500,000 calls, whether a call takes a "
            "second or a tenth of a millisecond.",
            section=TIMING,
            group="calls",
        ),
    ),
    mistakes=(
        Mistake(
            "unwaited",
            "You stop the clock while the work is still in the queue: `launch` does not wait.",
            of(Unwaited),
        ),
        Mistake(
            "cold",
            "You measure one round, and it is the first: it compiles, and waits for what was in "
            "the queue.",
            of(Cold),
        ),
        Mistake(
            "cold mean",
            "The first round compiles, and your mean holds it.",
            of(ColdMean),
        ),
        Mistake("mean", "You return the mean of the ratios. One odd round moves it.", of(Mean)),
        Mistake(
            "extremes",
            "You return the smallest and the largest ratio. The task asks for the quartiles.",
            of(Extremes),
        ),
        Mistake(
            "deviation",
            "You return mean and standard deviation. One odd round moves both.",
            of(Deviation),
        ),
        Mistake("no spread", "You return the median three times.", of(NoSpread)),
        Mistake(
            "turned",
            "Your ratio is that of b to a.",
            of(Turned),
        ),
        Mistake(
            "one after the other",
            "You time all of a and then all of b. What happens to the device in between counts "
            "for one of them alone.",
            of(OneAfterTheOther),
        ),
        Mistake(
            "fixed order",
            "In each of your rounds a comes first, so b is always measured on a slightly later "
            "device. Let b come first as often.",
            of(FixedOrder),
        ),
        Mistake(
            "odd rounds",
            "You change the order from round to round, in an odd number of rounds: their median "
            "is a round of the order that comes once more. Make an even number.",
            of(OddRounds),
        ),
        Mistake(
            "one call",
            "Your rounds are single calls, whatever the clock. A call that is shorter than a step "
            "of the clock takes 0 seconds on it, or a whole step.",
            of(OneCall),
        ),
        Mistake(
            "many calls",
            "Your rounds are a thousand calls, whatever they take.",
            of(ManyCalls),
        ),
        Mistake(
            "of medians",
            "You divide the quartiles of the seconds by one another. The task asks for the "
            "quartiles of the ratios, one for each round.",
            of(OfMedians),
        ),
        Mistake(
            "best",
            "You compare the fastest call of each, which never happens at the same time, and tell "
            "no spread.",
            of(Best),
        ),
    ),
    hints={
        "timing": (
            "What is in the queue when your clock starts, and what when it stops?",
            "One function `timed(work, calls)`: wait, read the clock, launch them all, wait, read "
            "it again. Call it once for each work and throw the result away.",
            "synchronize, now, calls times launch, synchronize, now; the difference over calls.",
        ),
        "rounds": (
            "The device changes while you measure. Which two measurements may be compared, and is "
            "one of them always the later one?",
            "A round times a and b, one right after the other, and gives one ratio. Ten rounds or "
            "more give quartiles; in half of them b comes first.",
            "Collect timed(a)/timed(b) of each round, the order of the two exchanged from round "
            "to round, and take `np.quantile(ratios, (0.25, 0.5, 0.75))`.",
        ),
        "calls": (
            "How long must a measurement last for a step of the clock to be a hundredth of it?",
            "The number of calls has to follow from a first measurement, for each work on its own.",
            "Double the number of calls until they last about half a second together; then make "
            "all rounds with that number. Sixteen rounds of two such measurements fit into the "
            "budget.",
        ),
    },
    proves="Waited for, in turns, long enough for the clock, unmoved by first and odd calls, and "
    "the spread is told: this ratio can be believed.",
)
