"""Project 13: right answers in other styles, and faults planted into the solution."""

# Rounds of a, b, b, a; medians by `statistics`; calls from one measurement of ten.
BY_FOUR = """
import math
import statistics


def compare(device, a, b):
    def seconds(work, calls):
        device.synchronize()
        before = device.now()
        for _ in range(calls):
            device.launch(work)
        device.synchronize()
        return device.now() - before

    calls = {}
    for work in a, b:
        seconds(work, 2)
        some = 1
        while seconds(work, some) < 0.2:
            some *= 4
        calls[work] = max(1, math.ceil(some * 0.6 / max(seconds(work, some), 0.2)))
    ratios = []
    for _ in range(12):
        first, second, third, fourth = (seconds(work, calls[work]) for work in (a, b, b, a))
        ratios.append((first + fourth) / (second + third) * calls[b] / calls[a])
    low, ratio, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return [low, ratio, high]
"""

# A class; as many rounds of each order, shuffled; quartiles by sorting.
BY_CHANCE = """
import numpy as np


class Clock:
    def __init__(self, device):
        self.device = device

    def __enter__(self):
        self.device.synchronize()
        self.start = self.device.now()
        return self

    def __exit__(self, *error):
        self.device.synchronize()
        self.seconds = self.device.now() - self.start


def compare(device, a, b):
    rng = np.random.default_rng(0)

    def once(work, calls):
        with Clock(device) as clock:
            for _ in range(calls):
                device.launch(work)
        return clock.seconds

    def needed(work):
        calls = 1
        once(work, calls)
        while once(work, calls) < 0.4:
            calls = 3 * calls
        return calls

    calls = {work: needed(work) for work in (a, b)}
    ratios = []
    for order in rng.permutation([[a, b], [b, a]] * 7).tolist():
        times = {work: once(work, calls[work]) / calls[work] for work in order}
        ratios.append(times[a] / times[b])
    ratios.sort()
    half = (ratios[6] + ratios[7]) / 2
    return ratios[3], half, ratios[10]
"""

# Each pair of neighbours makes a ratio: a b a b …, b seen against the a before and the a behind it.
BY_NEIGHBOURS = """
import numpy as np


def launch_all(device, work, calls):
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


def compare(device, a, b):
    device.synchronize()
    calls = []
    for work in (a, b):
        launch_all(device, work, 1)
        many = 1
        while many * launch_all(device, work, many) < 0.5 and many < 100_000:
            many *= 2
        calls.append(many)
    seen = [launch_all(device, a, calls[0])]
    ratios = np.empty(14)
    for k in range(len(ratios)):
        of_b = launch_all(device, b, calls[1])
        seen.append(launch_all(device, a, calls[0]))
        ratios[k] = (seen[-2] + seen[-1]) / 2 / of_b
    return np.percentile(ratios, [25, 50, 75])
"""

RIGHT = [BY_FOUR, BY_CHANCE, BY_NEIGHBOURS]

START = "        device.synchronize()\n        start = device.now()"
STOP = "        device.synchronize()\n        return device.now() - start"
TOLD = "return tuple(np.quantile(ratios, (0.25, 0.5, 0.75)))"
RATIO = "ratios.append(seconds[a] / seconds[b])"
PER_CALL = "timed(work, calls[work]) / calls[work]"
QUIET, FIRST, ODD = "A quiet device", "First calls", "An odd run"
FAIR, COARSE, SPREAD, ENDS = "Both see", "A coarse clock", "The spread", "It ends"

# (text of the solution, the same with a fault, the properties that must be lost)
FAULTS = [
    (STOP, "        return device.now() - start + 1e-6", (QUIET, FAIR)),
    (RATIO, "ratios.append(seconds[b] / seconds[a])", (QUIET, FIRST, ODD, COARSE)),
    (RATIO, "ratios.append(seconds[a] - seconds[b])", (QUIET, FIRST, COARSE)),
    (RATIO, "ratios.append(seconds[a])", (QUIET, FIRST)),
    (PER_CALL, "timed(work, calls[work])", (QUIET, COARSE)),
    (PER_CALL, "timed(work, calls[a]) / calls[work]", (QUIET, COARSE)),
    (PER_CALL, "calls[work] / timed(work, calls[work])", (QUIET,)),
    (TOLD, "return (np.mean(ratios),) * 3", (ODD, SPREAD)),
    (TOLD, "return (np.median(ratios),) * 3", (SPREAD,)),
    (TOLD, "return min(ratios), np.median(ratios), max(ratios)", (ODD,)),
    (TOLD, "return tuple(np.quantile(ratios, (0.75, 0.5, 0.25)))", (SPREAD,)),
    (TOLD, "return tuple(np.quantile(ratios, (0.5, 0.25, 0.75)))", (SPREAD,)),
    (TOLD, "return np.quantile(ratios, 0.25), np.mean(ratios), np.quantile(ratios, 0.75)", (ODD,)),
    (TOLD, "return np.mean(ratios) - np.std(ratios), np.mean(ratios), "
     "np.mean(ratios) + np.std(ratios)", (ODD,)),
    (TOLD, "return tuple(np.round(np.quantile(ratios, (0.25, 0.5, 0.75))))", (QUIET, COARSE)),
    (TOLD, "return tuple(np.median(ratios) * np.array([0.995, 1.0, 1.005]))", (QUIET, SPREAD)),
    ("rounds = 16", "rounds = 1", (SPREAD, FAIR)),
    ("rounds = 16", "rounds = 15", (FAIR,)),
    ("(a, b) if k % 2 else (b, a)", "(a, b)", (FAIR,)),
    ("(a, b) if k % 2 else (b, a)", "(a, b) if k % 4 else (b, a)", (FAIR,)),
    ("rounds = 16", "rounds = 200", (ENDS,)),
    ("long = 0.5", "long = 0.02", (COARSE,)),
    ("long = 0.5", "long = 20.0", (ENDS,)),
    ("calls[work] *= 2", "calls[work] *= 1000", (ENDS,)),
    ("timed(work, calls[work]) < long", "calls[work] < 10_000", (ENDS,)),
    ("    for k in range(rounds):\n        seconds = {}\n        for work in (a, b) if k % 2 "
     "else (b, a):\n            seconds[work] = timed(work, calls[work]) / calls[work]\n        "
     "ratios.append(seconds[a] / seconds[b])",
     "    all_a = [timed(a, calls[a]) / calls[a] for k in range(rounds)]\n"
     "    all_b = [timed(b, calls[b]) / calls[b] for k in range(rounds)]\n"
     "    ratios = [x / y for x, y in zip(all_a, all_b)]", (FAIR,)),
]  # fmt: skip
