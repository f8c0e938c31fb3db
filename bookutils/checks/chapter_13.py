"""Exercises of chapter 13, CPU, CUDA and speed.

Costs are counted and times are those of a pretend device: no time of this machine is ever judged.
"""

import math
import time
from itertools import combinations, pairwise, product

import numpy as np

from bookutils.checks import worked_13 as worked
from bookutils.checks.nearby import one_moved
from bookutils.judge import data
from bookutils.judge.exercise import BROKEN, EPSILONS, Exercise, Mistake

BY_HAND = 'chapter 13, section 13.2, "Numbers by hand"'
COUNT = 'chapter 13, section 13.3, "Count a step"'
ROOFS = 'chapter 13, section 13.4, "Two roofs"'
RIDERS = 'chapter 13, section 13.5, "Free riders"'
OVERHEAD = 'chapter 13, section 13.6, "Overhead or product"'
TIMING = 'chapter 13, section 13.7, "Timing, wrong and right"'
BITS = 'chapter 13, section 13.8, "Fewer bits"'
WINDOW = 'chapter 13, section 13.9, "The window of float16"'
KEEPS = 'chapter 13, section 13.10, "What a step keeps"'

# ---- 13.1 a step by hand


def by_hand(forward=408, backward=576, frozen=216):
    return forward, backward, frozen


def counted(flops=2, rows=4, sums=False, biases=0, relu=0, data=False, between=True):
    """(forward, backward, frozen) of the net 6-5-3-2, counted in another way."""
    layers = list(pairwise((6, 5, 3, 2)))

    def product(m, k, n):
        return m * n * (2 * k - 1) if sums else flops * m * k * n

    def back(layers, data):
        weights = sum(product(i, rows, o) + biases * rows * o for i, o in layers)
        inputs = sum(product(rows, o, i) for i, o in layers[not data :])
        return weights + inputs * between + relu * rows * sum(i for i, _ in layers[1:])

    forward = sum(product(rows, i, o) + biases * rows * o for i, o in layers)
    return forward + relu * rows * (5 + 3), back(layers, data), back(layers[1:], data)


STEP = [  # name, what it says, what is counted in another way
    ("half", "You count a product with its addition as one FLOP. It is two.", {"flops": 1}),
    ("one row", "You count for a single row. The batch has four.", {"rows": 1}),
    ("params", "You count a product for each bias. A bias is only added, and is not counted here.",
     {"biases": 2}),
    ("biases", "You count the additions of the biases. Here they are not counted.", {"biases": 1}),
    ("ReLU", "You count the ReLU. Here it is not counted.", {"relu": 1}),
    ("additions", "You count one addition less than products for each sum. That is exact for a "
     "sum alone; the count here is two FLOPs a product.", {"sums": True}),
    ("dx", "You count a gradient that nobody asks for: the lowest layer that learns needs only "
     "the gradient of its weights, and none of its input.", {"data": True}),
    ("once", "Your backward pass holds the gradients of the weights alone. Between the layers the "
     "gradient has to come back as well.", {"between": False}),
]  # fmt: skip


def one_or_two(ways):
    """{(name, sentence): options} of each way and of each two that can go together."""
    found = {(name, says): options for name, says, options in ways}
    for (name, says, options), (other, more, others) in combinations(ways, 2):
        both = options | others
        if len(both) == 2 and both.keys() not in ({"flops", "sums"}, {"data", "between"}):
            found[f"{name} + {other}", f"{says} {more}"] = both
    return found


# ---- 13.2 a convolution


def conv_cases(rng):
    """Strides and pads that leave a rest and none; one of everything; the first layer and not."""
    base = (4, 3, 10, 5, 3, 2, 1, False)
    yield base
    yield (4, 3, 10, 5, 3, 2, 1, True)
    yield (2, 3, 8, 5, 3, 1, 0, False)
    yield (2, 3, 8, 5, 3, 1, 1, True)
    yield (1, 1, 1, 1, 1, 1, 0, False)
    yield (1, 1, 5, 1, 5, 1, 0, True)  # a single output
    yield (3, 2, 6, 4, 2, 5, 0, False)  # a stride longer than the filter
    yield (3, 2, 7, 4, 1, 3, 0, False)
    yield (2, 6, 4, 3, 7, 2, 2, False)  # a filter larger than the image
    yield (5, 4, 9, 7, 4, 3, 4, True)
    yield (128, 64, 56, 128, 3, 2, 1, False)
    yield (32, 3, 224, 64, 7, 2, 3, True)
    yield from one_moved(base[:7] + (True,))
    for _ in range(6):
        n, c_in, c_out, k, stride, pad = (int(v) for v in rng.integers(1, 7, 6))
        yield n, c_in, int(rng.integers(k, 20)), c_out, k, stride, pad, bool(rng.integers(2))


def conv(n, c_in, size, c_out, k, stride, pad, first, out=None, each=None, backward=None):
    """The counts, with one step in another way."""
    if out is None:
        out = (size + 2 * pad - k) // stride + 1
    forward = each(out) if each else 2 * n * c_out * out**2 * c_in * k**2
    return forward, (forward * (2 - first) if backward is None else backward * forward)


def of_pixels(n, c_in, size, c_out, k, stride, pad, first):
    """The gradient of the input counted pixel by pixel."""
    forward, _ = conv(n, c_in, size, c_out, k, stride, pad, first)
    return forward, forward + (not first) * 2 * n * c_in * size**2 * c_out * k**2


def in_another_way(count):
    """A convolution with `count(case as a dict)` giving the options that differ."""
    names = "n", "c_in", "size", "c_out", "k", "stride", "pad", "first"

    def other(n, c_in, size, c_out, k, stride, pad, first):
        args = n, c_in, size, c_out, k, stride, pad, first
        return conv(*args, **count(**dict(zip(names, args, strict=True))))

    return other


CONV = [  # name, what it says, what is counted in another way
    ("same", "You count an output for every pixel of the image. There are "
     "(size + 2·pad − k)//stride + 1 in a row.", lambda size, **_: {"out": size}),
    ("padded", "You count an output for every pixel of the image with its border.",
     lambda size, pad, **_: {"out": size + 2 * pad}),
    ("ends", "Your filter begins at every pixel, also where it does not fit any more.",
     lambda size, pad, stride, **_: {"out": -(-(size + 2 * pad) // stride)}),
    ("size/stride", "You take size/stride outputs in a row: filter and border count too.",
     lambda size, stride, **_: {"out": size // stride}),
    ("ceil", "You round the number of places up. Where the rest is shorter than a stride, the "
     "filter does not move once more.",
     lambda size, k, stride, pad, **_: {"out": -(-(size + 2 * pad - k) // stride) + 1}),
    ("/", "You divide by the stride without rounding down.",
     lambda size, k, stride, pad, **_: {"out": (size + 2 * pad - k) / stride + 1}),
    ("one side", "Your border is on one side only.",
     lambda size, k, stride, pad, **_: {"out": (size + pad - k) // stride + 1}),
    ("one channel", "Each output is a sum over all channels of the input: the products are "
     "c_in·k·k, not k·k.",
     lambda n, c_out, k, **_: {"each": lambda out: 2 * n * c_out * out**2 * k**2}),
    ("own channel", "Your count lacks c_out: each filter gives a channel of outputs of its own.",
     lambda n, c_in, k, **_: {"each": lambda out: 2 * n * out**2 * c_in * k**2}),
    ("row", "You count a single row of outputs: there are as many rows as columns.",
     lambda n, c_in, c_out, k, **_: {"each": lambda out: 2 * n * c_out * out * c_in * k**2}),
    ("k", "A filter has k·k numbers for each channel, not k.",
     lambda n, c_in, c_out, k, **_: {"each": lambda out: 2 * n * c_out * out**2 * c_in * k}),
    ("additions", "You count an addition less than products in each output. The count of this "
     "chapter is two FLOPs a product.", lambda n, c_in, c_out, k, **_:
     {"each": lambda out: n * c_out * out**2 * (2 * c_in * k**2 - 1)}),
    ("bias", "You count a bias.", lambda n, c_in, c_out, k, **_:
     {"each": lambda out: 2 * n * c_out * out**2 * (c_in * k**2 + 1)}),
    ("stride once", "You divide the number of places by the stride once. The filter skips rows and "
     "columns.", lambda n, c_in, size, c_out, k, stride, pad, **_: {"each": lambda out:
     2 * n * c_out * ((size + 2 * pad - k + 1) ** 2 // stride) * c_in * k**2}),
    ("nearest", "You round the number of places to the nearest. What is left of a stride is not "
     "used: round down.",
     lambda size, k, stride, pad, **_: {"out": round((size + 2 * pad - k) / stride) + 1}),
    ("one inside", "You add 1 before you divide by the stride. It is the first place, and is added "
     "after the division.",
     lambda size, k, stride, pad, **_: {"out": (size + 2 * pad - k + 1) // stride}),
    ("half", "You count a product with its addition as one FLOP. It is two.",
     lambda n, c_in, c_out, k, **_: {"each": lambda out: n * c_out * out**2 * c_in * k**2}),
    ("step", "Your backward number holds the forward pass too.",
     lambda first, **_: {"backward": 3 - first}),
    ("three", "Your backward number holds the forward pass too, but for a first layer.",
     lambda first, **_: {"backward": 1 if first else 3}),
    ("no first", "A first layer learns too: the gradient of its filters is asked for, and only "
     "that of its input falls away.", lambda first, **_: {"backward": 0 if first else 2}),
    ("all", "The first layer needs no gradient of its input.", lambda **_: {"backward": 2}),
    ("once", "Your backward pass costs one forward pass everywhere. A layer that is not the first "
     "needs two gradients: of its filters, and of its input.", lambda **_: {"backward": 1}),
    ("first turned", "You have `first` the wrong way round.",
     lambda first, **_: {"backward": 1 + first}),
]  # fmt: skip

# ---- 13.3 free riders


def rider_cases(rng):
    """Wide, narrow, square; 2, 4 and 8 bytes; no batch at all; the boundary met exactly."""
    base = (256, 1024, 4, 500, 20)
    yield base
    yield (4096, 4096, 4, 500_000_000_000, 50_000_000_000)
    yield (8, 8, 4, 1, 1)  # both take the same time at batch 4
    yield (6, 6, 4, 1, 1)  # and here at batch 6
    yield (8, 8, 4, 2, 1)  # they come ever nearer and never meet
    yield (4, 4, 2, 2, 1)
    yield (64, 16, 2, 500, 20)  # no batch is enough
    yield (1, 1, 1, 1, 8)
    yield (1, 2, 1, 1, 1)
    yield (1, 1, 8, 1, 100)
    yield (4096, 1, 4, 100, 100)
    yield (1, 1000, 2, 10, 100)
    yield (2048, 512, 2, 300, 10)
    yield (2048, 512, 8, 300, 40)
    yield (100, 100, 4, 98, 4)  # barely ever
    yield (60, 76, 4, 284, 17)  # at 9,523
    yield (60, 76, 4, 618, 37)  # at 9,033
    yield from one_moved(base)
    yield from one_moved((512, 384, 2, 900, 30))
    yield (64, *base[1:])
    yield (256, 64, *base[2:])
    for _ in range(6):
        n_in, n_out = (int(2**v) for v in rng.integers(5, 12, 2))
        yield n_in, n_out, int(rng.choice([2, 4, 8])), int(rng.integers(50, 900)), 10 + n_in % 37


def ridden(n_in, n_out, size, rate, bandwidth, rows=None, flops=2, tie=True):
    """The batch, with other bytes for a row or another count."""
    io = n_in * n_out
    rows = n_in + n_out if rows is None else rows
    gain = flops * io * bandwidth - size * rows * rate
    if gain <= 0:
        return 0
    need = size * io * rate
    return -(-need // gain) if tie else need // gain + 1


def rounded_down(n_in, n_out, size, rate, bandwidth):
    gain = 2 * n_in * n_out * bandwidth - size * (n_in + n_out) * rate
    return 0 if gain <= 0 else size * n_in * n_out * rate // gain


def one_more(n_in, n_out, size, rate, bandwidth):
    """Cut off and 1 added, in floats."""
    each = 2 * n_in * n_out / rate - size * (n_in + n_out) / bandwidth
    return int(size * n_in * n_out / bandwidth / each) + 1 if each > 0 else 0


def searched(n_in, n_out, size, rate, bandwidth, weights=1, rows=None, most=10_000, div=False,
             turned=False, each=False):  # fmt: skip
    """Batch by batch, with a step in another way."""
    io, row = n_in * n_out, n_in + n_out
    for batch in range(1, most + 1):
        moved = size * (io * (batch if each else weights) + row * (batch if rows is None else rows))
        flops = 2 * io * batch
        ahead = flops * bandwidth - moved * rate
        if div:
            ahead = flops // rate - moved // bandwidth
        if (ahead <= 0) if turned else (ahead >= 0):
            return batch
    return 0


def over(n_in, n_out, size, rate, bandwidth):
    """The batch as a fraction, 0 where there is none."""
    gain = 2 * n_in * n_out * bandwidth - size * (n_in + n_out) * rate
    return size * n_in * n_out * rate / gain if gain > 0 else 0


def by_zero(n_in, n_out, size, rate, bandwidth):
    gain = 2 * n_in * n_out * bandwidth - size * (n_in + n_out) * rate
    return math.ceil(size * n_in * n_out * rate / gain) if gain >= 0 else 0


def power_of_two(*case):
    batch = ridden(*case)
    return 1 << (batch - 1).bit_length() if batch else 0


def at_all(n_in, n_out, size, rate, bandwidth):
    """Nobody asks whether there is such a batch."""
    gain = 2 * n_in * n_out * bandwidth - size * (n_in + n_out) * rate
    return math.ceil(size * n_in * n_out * rate / gain) if gain else 0


CAPS = tuple(
    c + d
    for c in (64, 100, 128, 200, 256, 500, 512, 1000, 1024, 2000, 2048, 2500, 4096, 5000, 8192)
    for d in (0, -1)
)

# ---- 13.4 where two lines cross


def line_cases(rng):
    """Crossing, never, always; equal slopes, equal overheads; points in any order, one at 0."""

    def points(t0, rate, first=1e6, last=1e9):
        return (first, t0 + first / rate), (last, t0 + last / rate)

    base = ((0.0, 3.0), (4.0, 5.0)), ((2.0, 6.5), (10.0, 8.5))
    yield base
    yield ((4.0, 5.0), (0.0, 3.0)), ((10.0, 8.5), (2.0, 6.5))
    yield ((4.0, 5.0), (0.0, 3.0)), base[1]
    yield ((0.0, 3.0), (4.0, 5.0)), ((0.0, 1.0), (8.0, 2.0))  # b is faster everywhere
    yield ((0.0, 3.0), (4.0, 5.0)), ((0.0, 1.0), (4.0, 3.0))  # everywhere, by as much
    yield ((0.0, 1.0), (4.0, 3.0)), ((0.0, 3.0), (4.0, 5.0))  # nowhere
    yield ((0.0, 1.0), (8.0, 2.0)), ((0.0, 3.0), (4.0, 5.0))
    yield ((0.0, 3.0), (8.0, 4.0)), ((0.0, 1.0), (4.0, 3.0))  # faster in small steps only
    yield ((1.0, 6.0), (3.0, 7.0)), ((2.0, 5.0), (4.0, 9.0))
    yield points(20e-6, 3e12), points(3e-6, 150e9)
    yield base[0], base[0]
    yield base[1], base[1]
    yield ((1.0, 6.0), (3.0, 7.0)), ((1.0, 5.0), (3.0, 6.0))
    yield ((0.0, 3.0), (4.0, 5.0)), ((0.0, 3 + 2**-11), (4.0, 5 + 2**-11))
    yield ((0.0, 3.0), (4.0, 5.0)), ((0.0, 3 - 2**-11), (4.0, 5 - 2**-11))
    yield ((0.0, 3.0), (2**-7, 5.0)), ((2**-6, 6.5), (2**-4, 8.5))
    yield ((1.0, 2.0), (4.0, 8.0)), ((1.0, 1.5), (4.0, 3.0))  # t0 is 0 for a
    yield ((0.0, 3.0), (4.0, 5.0)), ((0.0, 3.0), (8.0, 5.0))  # they meet at 0
    yield ((2.0, 4.0), (6.0, 6.0)), ((2.0, 4.0), (6.0, 4.5))  # and here in a measured point
    yield ((2.0, 4.0), (6.0, 6.0)), ((2.0, 5.0), (6.0, 5.0))  # b takes the same for every step
    yield ((2.0, 4.0), (6.0, 4.0)), ((2.0, 5.0), (6.0, 6.0))
    yield points(3e-6, 150e9), points(20e-6, 3e12, 1e6, 1e10)
    yield points(50e-6, 20e9, 1e5, 1e8), points(5e-6, 90e9)
    yield points(0.0, 1e9), points(1e-3, 8e9)
    yield from ((base[0], ((2.0, 6.5), (10.0, 8.0))), (((0.0, 3.0), (4.0, 6.0)), base[1]))
    for _ in range(4):
        (s, u), (f, g) = rng.uniform(1e-6, 1e-4, 2), rng.uniform(1e9, 1e12, 2)
        yield points(float(s), float(f)), points(float(s + u), float(3 * f + g))


def met(a, b, overhead=None, slope=None, limits=True):
    """The crossing of two lines, with overhead or slope in another way."""

    def line(points):
        (F, t), (F2, t2) = points
        s = (t2 - t) / (F2 - F) if slope is None else slope(points)
        return (t - s * F if overhead is None else overhead(points)), s

    (t_a, s_a), (t_b, s_b) = line(a), line(b)
    if s_a == s_b:
        return 0.0 if t_b < t_a else math.inf
    if limits and s_b > s_a:
        return math.inf
    F = (t_b - t_a) / (s_a - s_b)
    return max(F, 0.0) if limits else F


POINTS = {
    "first point": lambda points: points[0][1],
    "second point": lambda points: points[1][1],
    "smaller step": lambda points: min(points)[1],
    "larger step": lambda points: max(points)[1],
}


def fitted_the_other_way(a, b):
    """The two numbers of `np.polyfit` in the wrong order."""
    (t_a, s_a), (t_b, s_b) = (np.polyfit(*zip(*points, strict=True), 1) for points in (a, b))
    if s_b >= s_a:
        return 0.0 if s_b == s_a and t_b < t_a else math.inf
    return float(max(0.0, (t_b - t_a) / (s_a - s_b)))


def upside_down(a, b):
    def line(points):
        (F, t), (F2, t2) = points
        rate = (t2 - t) / (F2 - F)
        return t - F / rate, 1 / rate

    (t_a, s_a), (t_b, s_b) = line(a), line(b)
    return max(0.0, (t_b - t_a) / (s_a - s_b)) if s_b < s_a else math.inf


def by_difference_of_rates(a, b):
    (t_a, s_a), (t_b, s_b) = a_line(a), a_line(b)
    if s_b >= s_a:
        return 0.0 if s_b == s_a and t_b < t_a else math.inf
    return max(0.0, (t_b - t_a) * (1 / s_b - 1 / s_a))


def a_line(points):
    (F, t), (F2, t2) = points
    slope = (t2 - t) / (F2 - F)
    return t - slope * F, slope


def lower(t_a, t_b):
    return 0.0 if t_b < t_a else math.inf


def divided(a, b):
    (t_a, s_a), (t_b, s_b) = a_line(a), a_line(b)
    return (t_b - t_a) / (s_a - s_b)


def by_rates(a, b):
    """A rate as FLOPs over seconds, for each."""
    (F, t), (F2, t2) = a
    (G, u), (G2, u2) = b
    rate, other = (F2 - F) / (t2 - t), (G2 - G) / (u2 - u)
    if other <= rate:
        return met(a, b)
    return max(0.0, (u - G / other - t + F / rate) / (1 / rate - 1 / other))


def by_slopes(a, b):
    """Nobody asks for the overheads."""
    (_, s_a), (_, s_b) = a_line(a), a_line(b)
    return 0.0 if s_b < s_a else math.inf


def with_limits(a, b, equal=None, left=None, steeper=None, scale=1.0, close=0.0):
    """The crossing, with another answer in one of the cases."""
    (t_a, s_a), (t_b, s_b) = a_line(a), a_line(b)
    if abs(s_a - s_b) <= close:
        return met(a, b) if equal is None else equal(t_a, t_b)
    F = (t_b - t_a) / (s_a - s_b)
    if s_b > s_a:
        return math.inf if steeper is None else steeper(t_a, t_b, F)
    return left(F) if left and F < 0 else max(F, 0.0) * scale


# ---- 13.5 timing


def timed(seconds_per_call, seconds, launch, compile, waiting, calls):
    from bookutils.checks.pretend import Device

    device = Device({"step": seconds, "other": 0.25}, launch=launch, compile=compile)
    for _ in range(waiting):
        device.launch("other")
    took = seconds_per_call(device, "step", calls)
    device.check_clock()
    return took


def time_cases(rng):
    """Work that outlasts its launch, and launches that outlast the work; one call; a full queue."""
    base = (0.5, 0.01, 0.75, 3, 4)
    yield base
    yield (0.5, 0.01, 0.75, 0, 4)
    yield (0.25, 0.0, 2.0, 2, 1)
    yield (0.25, 0.03, 2.0, 2, 1)
    yield (0.002, 0.01, 0.5, 1, 5)  # the launches decide
    yield (0.01, 0.01, 0.5, 1, 5)
    yield (0.5, 0.01, 0.0, 8, 3)  # nothing to compile
    yield (0.0, 0.02, 0.5, 1, 3)
    yield (0.25, 0.03, 0.5, 40, 2)
    yield (1.5, 0.25, 4.0, 1, 100)
    yield (64.5, 0.25, 4.0, 1, 3)
    yield (0.5, 70.25, 0.0, 0, 3)
    yield from one_moved(base)
    for _ in range(4):
        seconds, launch, compile = (float(v) for v in rng.uniform(0.01, 1, 3))
        yield seconds, launch / 20, compile, int(rng.integers(5)), int(rng.integers(2, 30))


def per_call(seconds, launch, compile, waiting, calls):
    """What a call takes, from an idle device to an idle device."""
    return (launch + (calls - 1) * max(launch, seconds) + seconds) / calls


def measured(device, work, calls, warm=True, empty=True, waited=True, each=False, counted=0):
    """The measurement, with steps left out."""
    if warm:
        device.launch(work)
    if empty:
        device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
        if each:
            device.synchronize()
    if waited:
        device.synchronize()
    return (device.now() - start) / (calls + counted)


def measured_cold(device, work, calls, empty=True, waited=True):
    """No warm-up; the queue is empty at the start or not."""
    if empty:
        device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    if waited:
        device.synchronize()
    return (device.now() - start) / calls


def first_left_out(device, work, calls):
    """The first of the calls is taken for the warm-up."""
    device.synchronize()
    start = device.now()
    for k in range(calls):
        device.launch(work)
        if k == 0:
            device.synchronize()
            start = device.now()
    device.synchronize()
    return (device.now() - start) / max(calls - 1, 1)


def warmed_inside(device, work, calls, counted=0):
    device.synchronize()
    start = device.now()
    for _ in range(calls + 1):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / (calls + counted)


def early(device, work, calls, empty=True):
    """The clock starts, then comes the warm-up."""
    if empty:
        device.synchronize()
    start = device.now()
    device.launch(work)
    device.synchronize()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


def waited_late(device, work, calls):
    """Warmed up; the clock starts, then the queue is emptied."""
    device.launch(work)
    start = device.now()
    device.synchronize()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


def by_another_clock(device, work, calls):
    """Seconds of the machine on which the device is pretended."""
    device.launch(work)
    device.synchronize()
    start = time.perf_counter()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (time.perf_counter() - start) / calls


def warmed_and_left(device, work, calls):
    device.synchronize()
    device.launch(work)
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


# ---- 13.6 rounding to so many bits


def round_cases(rng):
    """Ties to both sides, powers of two and both sides close to them, 0, huge, tiny, infinite."""
    base = np.array([1.0625, -2.7, 1000.3, 0.1]), 4
    yield base
    yield np.array([5.0, 7.0, -5.0, -7.0, 9.0, 11.0]), 2
    yield np.array([257.0, 259.0, 2049.0, 2051.0, 1.01]), 8
    yield np.array([257.0, 2049.0, 2051.0, -4098.0, 1.01]), 11
    yield np.array([0.0, 3.3, -0.7]), 3
    yield np.array([0.0]), 5
    yield np.array([1e300, -7e200, 1e-300, -3e-250]), 6
    yield np.array([7e4, -7e4, 1e-8, 65520.0]), 11
    yield np.array([np.inf, -np.inf, 1.3]), 4
    yield np.array([-2.7, np.inf]), 2
    yield np.array([0.999, 1.001, 1.999, 2.001, 8.0, 0.125]), 3
    yield np.array([1 / 3, 2 / 3, 0.7]), 20
    yield np.array([123.456789, 0.1]), 30
    yield np.array([[1.3, -2.9], [40.7, 0.06]]), 4
    yield np.array([[1.3, -2.9, 5.1]]), 4
    yield np.array(2.8), 3
    yield np.zeros((0,)), 3
    yield 1000 * base[0], 4
    yield base[0], 5
    yield base[0], 9
    for shape, bits in (((7,), 2), ((3, 4), 5), ((2, 1, 3), 9), ((50,), 24)):
        yield np.exp(6 * rng.normal(size=shape)) * rng.choice([-1, 1], shape), bits


def to_bits(x, bits, nearest=np.rint, exponent=lambda x: np.frexp(x)[1]):
    """x with so many bits, rounded in some way."""
    e = exponent(x)
    return np.ldexp(nearest(np.ldexp(x, bits - e)), e - bits)


def away_from_zero(v):
    return np.copysign(np.floor(np.abs(v) + 0.5), v)


def of_the_largest(x):
    """One exponent for all."""
    sizes = np.abs(x[np.isfinite(x)])
    return np.frexp(np.max(sizes, initial=0.0))[1] + np.zeros(x.shape, int)


def in_decimal(x, bits):
    return np.array([float(f"{v:.{bits}g}") for v in np.ravel(x)]).reshape(np.shape(x))


def through_int(x, bits):
    with np.errstate(all="ignore"):
        m, e = np.frexp(x)
        return np.ldexp((m * 2**bits).astype(np.int64).astype(float), e - bits)


def by_units(x, bits, down=np.floor, infinite=True):
    """By the logarithm, with 0 looked after; infinities too, or not."""
    with np.errstate(all="ignore"):
        odd = (x == 0) | (np.isinf(x) & infinite)
        u = 2.0 ** (down(np.log2(np.where(odd, 1.0, np.abs(x)))) - bits + 1)
        return np.rint(x / u) * u


def as_float16(x, bits):
    """Rounded as asked, with the range of float16."""
    y = to_bits(x, bits)
    return np.where(np.abs(y) > 65504, np.copysign(np.inf, y), y)


def by_logarithm(x, bits):
    """Nothing is done about 0."""
    with np.errstate(all="ignore"):
        u = 2.0 ** (np.floor(np.log2(np.abs(x))) - bits + 1)
        return np.rint(x / u) * u


def logarithm_of_itself(x, bits):
    with np.errstate(all="ignore"):
        u = 2.0 ** (np.floor(np.log2(x)) - bits + 1)
        return np.rint(x / u) * u


def of_numpy(x, bits, kind=np.float16):
    with np.errstate(all="ignore"):
        return x.astype(kind).astype(float)


# ---- 13.7 a step in mixed precision


def in_numpy(scaled_step, w, g16, scale, longest, rates, t):
    w32, h16 = w.astype(np.float32), g16.astype(np.float16)
    after = scaled_step(w32, h16, scale, longest, rates, t)
    unchanged = np.array_equal(w32, w) and np.array_equal(h16, g16, equal_nan=True)
    return unchanged, after


def whole_step(w, g16, scale, longest, rates, t):
    return True, worked.scaled_step(w, g16, scale, longest, rates, t)


def left_alone(output, *case):
    """The three results, or a sentence where an argument was changed."""
    if type(output) not in (tuple, list) or len(output) != 2:
        return output  # a worked program's
    unchanged, after = output
    return after if unchanged else "Your function changed its argument `w` or `g16`. Work on a copy"


def returned(value, n, k):
    """As text: of the n things that a program gives, the one that the answer returned."""
    return data.text(value[k] if type(value) is tuple and len(value) == n else value)


def step_cases(rng):
    """The steps to make, their gradients such as float16 holds."""
    with np.errstate(all="ignore"):
        for w, g16, *rest in steps_to_make(rng):
            yield w.astype(np.float32).astype(float), g16.astype(np.float16).astype(float), *rest


def steps_to_make(rng):
    """Clipped and not, just as long as allowed, of length 0; an infinity, a nan; tiny, large."""
    rates = [0.5, 0.25, 0.125, 2.0]
    w = np.array([1.0, -2.0])
    base = w, np.array([768.0, 1024.0]), 256.0, 2.5, rates, 1
    yield base
    yield w, np.array([768.0, 1024.0]), 256.0, 50.0, rates, 1
    yield w, np.array([768.0, 1024.0]), 256.0, 5.0, rates, 1
    yield w, np.array([np.inf, 1024.0]), 256.0, 2.5, rates, 1
    yield w, np.array([-np.inf, 3.0]), 1024.0, 50.0, rates, 0
    yield w, np.array([np.nan, 1024.0]), 256.0, 2.5, rates, 2
    yield w, np.array([2.0, np.nan]), 8.0, 1.0, rates, 0
    yield w, np.array([2.0, np.inf]), 8.0, 1.0, rates, 3
    yield w, np.array([np.inf, 2.0]), 1.0, 1.0, rates, 0
    yield w, np.array([-np.inf, 2.0]), 1.5, 1.0, rates, 2
    yield w, np.array([60000.0, 60000.0]), 1024.0, 100.0, rates, 1
    yield w, np.array([60000.0, 50000.0]), 65536.0, 1.0, rates, 1
    yield np.array([0.5]), np.array([np.inf]), 65536.0, 1.0, [0.1], 0
    yield w, np.zeros(2), 256.0, 2.5, rates, 0
    yield np.zeros(3), np.array([3.0, -4.0, 12.0]) / 4096, 65536.0, 1.0, [8e3, 2.0], 0
    yield np.zeros(2), np.array([0.125, 0.33]), 4096.0, 9.0, rates, 3
    yield np.zeros(2), np.array([40000.0, -50000.0]), 65536.0, 0.125, rates, 0
    yield np.zeros(2), np.array([40000.0, -50000.0]), 128.0, 1000.0, rates, 0
    yield np.zeros(3), np.array([6e4, 6e4, -6e4]), 1.0, 2.0, rates, 3
    yield w, np.array([768.0, 1024.0]), 256.0, 5.0005, rates, 1
    yield w, np.array([768.0, 1024.0]), 256.0, 4.9995, rates, 1
    yield w, np.array([np.inf, 1024.0]), 5.0625, 2.5, rates, 1
    yield np.zeros(2), np.array([768.0, 1024.0]), 5.0625, 2.5, [0.0004, 0.1], 0
    yield w, np.array([768.0, 1024.0]), 256.0, 2.5, [0.0, 0.1], 0
    yield np.array([1 / 3, 200.1]), np.array([1e-3, 2e-3]), 1.0, 2.0, rates, 0
    yield np.array([0.1, 0.2, 0.3]), np.array([30.0, 40.0, 0.0]), 8.0, 6.0, [0.1] * 5, 4
    for change in ((w, np.array([768.0, 1280.0])), (w, base[1], 512.0), (w, base[1], 256.0, 3.0)):
        yield (*change, *base[len(change) :])
    yield (*base[:5], 2)
    yield (*base[:4], [0.5, 0.75, 0.125, 2.0], 1)
    yield np.array([1.0, -3.0]), *base[1:]
    for d in (1, 4, 9):
        g = 3000 * rng.normal(size=d)
        yield rng.normal(size=d), g, 1024.0, float(rng.uniform(1, 6)), rates, int(rng.integers(4))


def stepped(w, g16, scale, longest, rates, t, clip="after", wide="first", unscale=True,
            finite=lambda g: np.isfinite(g).all(), stay=True, halved=lambda scale: scale / 2,
            goes_on=False, shorten=None, blind=False):  # fmt: skip
    """The step, with some of its lines in another way."""
    shorten = shorten or shortened
    with np.errstate(all="ignore"):
        fine = bool(finite(g16))
        if not fine and stay:
            return w, halved(scale), t + goes_on
        g = g16.astype(np.float32) if wide == "first" else g16
        if clip == "before":
            g = shorten(g, longest)
        if unscale:
            g = g / scale
        if wide == "late":
            g = g.astype(np.float32)
        if clip == "after":
            g = shorten(g, longest)
        scale = scale if blind or np.isfinite(g16).all() else halved(scale)
        return w - rates[t] * g, scale, t + 1


def blind(finite):
    """What is not finite is looked for in another way, and overlooked."""
    return lambda *args: stepped(*args, finite=finite, blind=True)


def shortened(g, longest):
    length = np.linalg.norm(g)
    return g * (longest / length) if length > longest else g


def to_one(g, longest):
    length = np.linalg.norm(g)
    return g / length if length > longest else g


def of_that_length(g, longest):
    return g * (longest / np.linalg.norm(g))


def of_that_length_or_0(g, longest):
    return g * (longest / np.linalg.norm(g)) if g.any() else g


def by_sizes(g, longest):
    length = np.sum(np.abs(g))
    return g * (longest / length) if length > longest else g


def by_square(g, longest):
    length = np.sum(g**2)
    return g * (longest / length) if length > longest else g


def step_as_found(w, g16, scale, longest, rates, t, skips=False):
    with np.errstate(all="ignore"):
        if skips and not np.isfinite(g16).all():
            return w, scale / 2, t
        length = np.linalg.norm(g16)
        if length > longest:
            g16 = g16 * (longest / length)
        g = g16 / scale
        w = w - rates[t] * g
        if not np.isfinite(g16).all():
            scale = scale / 2
        return w, scale, t + 1


def clipped_twice(w, g16, scale, longest, rates, t):
    """The unscaled length is looked at, and the scaled gradient shortened, then unscaled."""
    return stepped(w, g16, scale, longest, rates, t, clip="before",
                   shorten=lambda g, limit: shortened(g, limit)
                   if np.linalg.norm(g) / scale > limit else g)  # fmt: skip


def in_place(w, g16, scale, longest, rates, t):
    after, scale, t = stepped(w, g16, scale, longest, rates, t)
    w[:] = after
    return w, scale, t


def by_value(w, g16, scale, longest, rates, t):
    """Each number is clipped for itself."""
    right = stepped(w, g16, scale, math.inf, rates, t)
    if not np.isfinite(g16).all():
        return right
    g = np.clip(g16.astype(np.float32) / scale, -longest, longest)
    return w - rates[t] * g, scale, t + 1


def weights_in_half(w, g16, scale, longest, rates, t):
    w, scale, t = stepped(w, g16, scale, longest, rates, t)
    return w.astype(np.float16), scale, t


def next_rate(w, g16, scale, longest, rates, t):
    return stepped(w, g16, scale, longest, [*rates[1:], rates[-1]], t)


def capped(w, g16, scale, longest, rates, t):
    w, scale, t = stepped(w, g16, scale, longest, rates, t)
    return w, scale, min(t, len(rates) - 1)


def rate_after(w, g16, scale, longest, rates, t):
    return stepped(w, g16, scale, longest, rates[1:], t)


# ---- 13.8 what a step keeps


def kept_cases(rng):
    """One layer and more, narrow and wide, one row; each with and without Adam and half."""
    shapes = [((6, 5, 3, 2), 4), ((3, 2), 1), ((3, 2), 7), ((1, 1), 1), ((64, 64, 32, 10), 32),
              ((784, 1024, 1024, 10), 512), ((784, 1024, 1024, 10), 8), ((5, 5, 5, 5, 5), 3),
              ((2, 9, 1), 100), ((7, 4, 2), 3)]  # fmt: skip
    for widths, n in shapes:
        for adam, half in product((False, True), repeat=2):
            yield widths, n, adam, half
    for widths, n in (((6, 5, 3, 3), 4), ((6, 5, 3, 2), 5)):
        yield widths, n, True, True
        yield widths, n, False, False


def bytes_kept(widths, n, adam, half, master=4, gradient=4, moments=2, biases=True,
               inputs=None, copies=None, log=4, small=2, X=0, always=False,
               masks=0, kept=False, moment=4):  # fmt: skip
    """The four sums, with one of them in another way."""
    pairs = list(zip(widths, widths[1:], strict=False))
    matrices = [i * o for i, o in pairs]
    P = sum(matrices) + sum(widths[1:]) * biases
    master, gradient, moment = (v if half else 4 for v in (master, gradient, moment))
    each = small if half else 4
    held = n * sum(widths[:-1] if inputs is None else inputs(widths))
    copied = sum(matrices[1:] if copies is None else copies(matrices)) * each * (half or always)
    logs = log * n * widths[-1]
    more = X * half * n * widths[0] + masks * n * sum(widths[1:-1]) + kept * master * P
    return (
        master * P,
        gradient * P,
        moment * moments * P * adam,
        held * each + copied + logs + more,
    )


KEPT = [  # name, what it says, what is counted in another way
    ("all half", "You store weights and gradients with two bytes. Autocast computes with copies: "
     "the weights, their gradients and Adam's moments stay float32.",
     {"master": 2, "gradient": 2}),
    ("weights half", "You store the weights with two bytes. Autocast leaves them float32 and "
     "computes with copies.", {"master": 2}),
    ("gradients half", "You store the gradients with two bytes. A gradient has the dtype of its "
     "weight, which stays float32.", {"gradient": 2}),
    ("one moment", "Adam keeps two numbers for each parameter: a mean of the gradients and a mean "
     "of their squares.", {"moments": 1}),
    ("three moments", "You count the gradients once more among Adam's numbers.", {"moments": 3}),
    ("nobias", "You count no biases among the parameters.", {"biases": False}),
    ("no copies", "With autocast the half copies of the weights are kept for the backward pass "
     "too, of all layers but the first.", {"copies": lambda m: []}),
    ("all copies", "You keep a half copy of the first layer's matrix. It serves the gradient of "
     "the layer's input, which nobody asks for.", {"copies": lambda m: m}),
    ("no input", "You forget that the backward pass reads the input of the first layer, X.",
     {"inputs": lambda w: w[1:-1]}),
    ("outputs", "You keep the outputs of the layers. The backward pass of a layer reads its "
     "input, and the last output enters as log-probabilities.", {"inputs": lambda w: w[1:]}),
    ("all widths", "You keep the last layer's output as well. Of it the log-probabilities are "
     "kept, which you count too.", {"inputs": lambda w: w}),
    ("twice", "You keep what the ReLU gives twice: as its output, and as the next layer's input. "
     "That is one tensor.", {"inputs": lambda w: (*w[:-1], *w[1:-1])}),
    ("no log", "You forget the log-probabilities, n·(last width) numbers of float32.", {"log": 0}),
    ("X float32", "You keep X with four bytes. The first layer computes with a copy of it in "
     "bfloat16, and that is what is saved.", {"X": 2}),
    ("always copies", "Without `half` no copies of the weights are kept: the parameters themselves "
     "are read.", {"always": True}),
    ("not the last", "You keep the half copies of all matrices but the last. It is the first one "
     "that nobody needs: the gradient of X is not asked for.", {"copies": lambda m: m[:-1]}),
    ("parameters", "You count the parameters among what is saved. They are counted as weights; "
     "only their half copies come on top.", {"kept": True}),
    ("moments half", "You store Adam's numbers with two bytes. They stay float32.", {"moment": 2}),
    ("masks", "You keep a mask for each ReLU, a byte a number. It is read from what the ReLU "
     "gives, which is kept anyway.", {"masks": 1}),
    ("saved float32", "What autocast's layers keep for the backward pass is bfloat16, two bytes a "
     "number.", {"small": 4}),
]  # fmt: skip


def kept_otherwise(options):
    return lambda widths, n, adam, half: bytes_kept(widths, n, adam, half, **options)


def one_each(widths, n, adam, half):
    *fixed, saved = bytes_kept(widths, n, adam, half, log=0)
    return *fixed, saved + 4 * n


def of_sgd(widths, n, adam, half):
    weights, gradients, moments, saved = bytes_kept(widths, n, adam, half)
    return weights, gradients, moments or weights, saved


def all_halved(widths, n, adam, half):
    *fixed, saved = bytes_kept(widths, n, adam, False)
    return tuple(v // (1 + half) for v in (*fixed, saved))


def in_numbers(widths, n, adam, half):
    weights, gradients, moments, _ = bytes_kept(widths, n, adam, half)
    copied = sum(i * o for i, o in zip(widths[1:], widths[2:], strict=False)) * half
    return weights // 4, gradients // 4, moments // 4, n * sum(widths) + copied


def log_half(widths, n, adam, half):
    return bytes_kept(widths, n, adam, half, log=2 if half else 4)


# ---- 13.9 checkpoints with dropout


def with_dropout(checkpointed, w, x, G, every, seed):
    from bookutils.checks.layers import Layers

    layer, rng = Layers(w), np.random.default_rng(seed)
    pair = layer.watched(checkpointed, x, G, len(w), every, rng)
    return layer.seen(pair, rng)


def segment_cases(rng):
    """Whole segments and a short last one, one segment, segments of one layer; large arrays."""
    w, x = np.array([0.5, -1.5, 1.25, 0.75, 2.0]), np.array([0.5, -1.0, 2.0])
    base = w, x, np.array([1.0, 0.5, -2.0]), 2, 1
    yield base
    yield w[:4], *base[1:]
    yield w[:4], x, base[2], 4, 2
    yield w[:3], x, base[2], 8, 3
    yield w[:3], x, base[2], 1, 4
    yield w[:1], x, base[2], 1, 5
    yield w, x[:1], base[2][:1], 3, 6
    yield w, x, np.zeros(3), 2, 7
    yield w, np.zeros(3), base[2], 2, 8
    yield w, x, base[2], 3, 1
    yield w, x, base[2], 2, 9
    yield w, x, np.array([1.0, 0.5, -3.0]), 2, 1
    yield w, np.array([0.5, -1.0, 2.5]), *base[2:]
    yield np.array([0.01, 0.0, 1.5, 60.5]), 40 * x, 35.25 * base[2], 2, 1
    yield np.array([0.01, 0.5]), 40.25 * x, 35.25 * base[2], 1, 1
    yield np.array([60.5]), 0.01 * x, base[2], 1, 1
    for n, every, shape in ((7, 3, (2, 3)), (12, 4, (5,)), (9, 3, (4, 2)), (10, 4, (6,))):
        yield rng.uniform(0.5, 2, n), rng.normal(size=shape), rng.normal(size=shape), every, n
    for n, every in ((36, 6), (32, 5)):
        yield rng.uniform(0.4, 0.6, n), rng.normal(size=2048), rng.normal(size=2048), every, n


def drops(output, w, x, G, every, seed):
    """(y, dx, next random number), or a sentence on runs and memory."""
    from bookutils.checks.layers import room

    if type(output) not in (tuple, list) or len(output) != 5:
        return output
    runs, most, starts, pair, after = output
    if type(pair) not in (tuple, list) or len(pair) != 2:
        return "Return a pair `(y, dx)`"
    n, segments = len(w), -(-len(w) // every)
    if runs > 2 * n:
        return f"Your program runs {runs} layers. Two runs of each are enough, {2 * n} in all"
    if any(k % every for k in starts):
        return f"Your segments begin at layers {starts}. They are to begin at 0, every, 2·every, …"
    if most > room(n, every):
        return (
            f"Your program keeps about {most} arrays at a time. The inputs of the "
            f"{segments} segments and the {every} layers of one segment are enough, and a few more"
        )
    return (*pair, after)


def dropped(w, x, G, every, seed):
    """The right numbers, in the form of what the program returns."""
    y, dx, after = worked.with_dropout(w, x, G, every, seed)
    return 0, 0, [0], (y, dx), after


def segments_of(layer, x, G, n, every, rng, again="state", ends=True, start="own", upstream="on",
                order=-1, last=True, state="segment", own=True):  # fmt: skip
    """Checkpoints, with one thing in another way."""
    kept, h, first = [], x, rng.bit_generator.state
    for k in range(n):
        if k % every == 0:
            kept.append((h, rng.bit_generator.state))
        h = layer(k, h, rng)[0]
    y, after, dx = h, rng.bit_generator.state, G
    for s in range(len(kept))[::order]:
        h, at = kept[s]
        if start == "x":
            h, at = x, first
        if again == "state" or (again == "once" and s == len(kept) - 1):
            rng.bit_generator.state = first if state == "first" else at
        begin, end = (0 if start == "x" else s * every), min((s + 1) * every, n)
        backs = []
        for k in range(begin, end if last or s < len(kept) - 1 else s * every + every):
            h, back = layer(k, h, rng)
            backs.append(back)
        dx = dx if upstream == "on" else G
        for back in backs[::-1][: end - s * every]:
            dx = back(dx)
    if ends:
        rng.bit_generator.state = after
    return (y if own else h), dx


def late_state(layer, x, G, n, every, rng):
    """The state is read after the first layer of a segment has drawn."""
    kept, h = [], x
    for k in range(n):
        before, h = h, layer(k, h, rng)[0]
        if k % every == 0:
            kept.append((k, before, rng.bit_generator.state))
    y, after = h, rng.bit_generator.state
    for first, h, rng.bit_generator.state in kept[::-1]:
        G = gone_back(layer, h, G, range(first, min(first + every, n)), rng)
    rng.bit_generator.state = after
    return y, G


def gone_back(layer, h, G, layers, rng, order=-1):
    backs = []
    for k in layers:
        h, back = layer(k, h, rng)
        backs.append(back)
    for back in backs[::order]:
        G = back(G)
    return G


def in_forward_order(layer, x, G, n, every, rng):
    kept, h = [], x
    for k in range(n):
        if k % every == 0:
            kept.append((k, h, rng.bit_generator.state))
        h = layer(k, h, rng)[0]
    y, after = h, rng.bit_generator.state
    for first, h, rng.bit_generator.state in kept[::-1]:
        G = gone_back(layer, h, G, range(first, min(first + every, n)), rng, order=1)
    rng.bit_generator.state = after
    return y, G


def each_from_x(layer, x, G, n, every, rng):
    """Every layer is reached from the input again."""
    start, y = rng.bit_generator.state, x
    for k in range(n):
        y = layer(k, y, rng)[0]
    after = rng.bit_generator.state
    for last in range(n - 1, -1, -1):
        rng.bit_generator.state, h = start, x
        for k in range(last + 1):
            h, back = layer(k, h, rng)
        G = back(G)
    rng.bit_generator.state = after
    return y, G


def everything_kept(layer, x, G, n, every, rng):
    backs = []
    for k in range(n):
        x, back = layer(k, x, rng)
        backs.append(back)
    for back in backs[::-1]:
        G = back(G)
    return x, G


def short_last(layer, x, G, n, every, rng):
    """The last segment is taken to be a whole one: layers that do not exist are asked for."""
    return segments_of(layer, x, G, n, every, rng, last=False)


def rest_left_out(layer, x, G, n, every, rng):
    """Only whole segments are gone through."""
    return segments_of(layer, x, G, n - n % every, every, rng)


# ---- 13.10 what the seconds are made of

NARROW, WIDE = 512, 2048


def made_of(overhead=150e-6, bandwidth=20e9, rate=400e9):
    """(microseconds by width and batch, bytes of a call with one row by width)."""
    moved = {n: 4 * (n * n + 2 * n) for n in (NARROW, WIDE)}
    one = {n: overhead + moved[n] / bandwidth for n in moved}
    many = {n: overhead + 2 * n * n * 1024 / rate for n in moved}
    return moved, one, many


MOVED, ONE, MANY = made_of()


def read(overhead=150.0, bandwidth=20.0, rate=400.0, small=None, large=None):
    """The five numbers; the last two follow from the first, if they are not given."""
    gains = [
        ONE[n] / (1e-6 * overhead + MOVED[n] / 2 / (1e9 * bandwidth)) if gain is None else gain
        for n, gain in ((NARROW, small), (WIDE, large))
    ]
    return overhead, bandwidth, rate, *gains


CURVE_ALONE = tuple(
    Mistake(name, says, read(**{"small": read()[3], "large": read()[4]} | other), alone=True)
    for name, says, other in (
        ("whole call", "You take the narrow call with one row for the overhead. It moves its "
         "weights too: a quarter of its time.", {"overhead": 1e6 * ONE[NARROW]}),
        ("wide call", "You take the wide call with one row for the overhead. Most of it is moving "
         "16.8 MB of weights.", {"overhead": 1e6 * ONE[WIDE]}),
        ("difference", "You take the difference of the two calls for the overhead. Both have the "
         "same overhead: in the difference it is gone, and only moving is left.",
         {"overhead": 1e6 * (ONE[WIDE] - ONE[NARROW])}),
        ("moving", "That is what the narrow call takes for moving. The overhead is the rest.",
         {"overhead": 1e6 * ONE[NARROW] - 150}),
        ("no overhead", "There is an overhead: moving 16 times the weights takes much less than "
         "16 times as long.", {"overhead": 0.0}),
        ("seconds", "The overhead is asked for in microseconds.", {"overhead": 150e-6}),
        ("milliseconds", "The overhead is asked for in microseconds.", {"overhead": 0.15}),
        ("narrow alone", "You divide the bytes of the narrow call by all of its time. Three "
         "quarters of that is overhead; it falls out in the difference of the two widths.",
         {"bandwidth": MOVED[NARROW] / ONE[NARROW] / 1e9}),
        ("wide alone", "You divide the bytes of the wide call by all of its time. The overhead is "
         "in it; it falls out in the difference of the two widths.",
         {"bandwidth": MOVED[WIDE] / ONE[WIDE] / 1e9}),
        ("bytes a second", "The bandwidth is asked for in GB/s.", {"bandwidth": 20e9}),
        ("GiB", "Your bandwidth is in another unit: a GB is 10⁹ bytes here, and no power of two "
         "comes in.", {"bandwidth": 20e9 / 2**30}),
        ("eight bytes", "A number of float32 has 4 bytes, not 8.", {"bandwidth": 40.0}),
        ("numbers", "You count numbers where bytes are moved: each has 4.", {"bandwidth": 5.0}),
        ("rate of the narrow", "You divide by all of the time of the narrow call. A tenth of it "
         "is overhead.", {"rate": 2 * NARROW**2 * 1024 / MANY[NARROW] / 1e9}),
        ("half", "You count a product with its addition as one FLOP. It is two.",
         {"rate": 200.0}),
        ("one row", "You count the FLOPs of a single row. At the right end there are 1,024.",
         {"rate": 400 / 1024}),
        ("FLOPs a second", "The rate is asked for in GFLOP/s.", {"rate": 400e9}),
        ("rate of one row", "You divide the FLOPs of a single row by its time. With one row the "
         "arithmetic takes next to nothing: moving and overhead decide.",
         {"rate": 2 * WIDE**2 / ONE[WIDE] / 1e9}),
        ("twice", "Half the bytes halve the moving alone. The overhead stays as it is.",
         {"small": 2.0, "large": 2.0}),
        ("small twice", "Half the bytes halve the moving alone, and of the narrow call that is "
         "only a quarter.", {"small": 2.0}),
        ("large twice", "Half the bytes halve the moving alone. The wide call has an overhead "
         "too.", {"large": 2.0}),
        ("nothing for small", "A little is gained for the narrow call too: it moves its weights "
         "for a quarter of its time.", {"small": 1.0}),
        ("all moving gone", "You take all of the moving away. Half the bytes leave half of it.",
         {"small": ONE[NARROW] / 150e-6, "large": ONE[WIDE] / 150e-6}),
        ("shares", "You return what share of the time is left. The task asks how many times "
         "as fast: one over it.", {"small": 1 / read()[3], "large": 1 / read()[4]}),
    )
)  # fmt: skip
# The overhead and the bandwidth, where what is wrong goes on in the numbers that follow from them
CARRIED_ON = {
    "whole call": (1e6 * ONE[NARROW], MOVED[WIDE] / (ONE[WIDE] - ONE[NARROW]) / 1e9),
    "wide alone": (
        1e6 * (ONE[NARROW] - MOVED[NARROW] / MOVED[WIDE] * ONE[WIDE]),
        MOVED[WIDE] / ONE[WIDE] / 1e9,
    ),
    "narrow alone": (0.0, MOVED[NARROW] / ONE[NARROW] / 1e9),
    "eight bytes": (150.0, 40.0),
}
SAID = {mistake.name: mistake.explanation for mistake in CURVE_ALONE}
CURVE_MISTAKES = CURVE_ALONE + tuple(
    Mistake(
        f"{name}, and on",
        f"{SAID[name]} The numbers that are wrong besides follow from that.",
        read(*numbers),
    )
    for name, numbers in CARRIED_ON.items()
)

STEP_MISTAKES = (
    *(Mistake(*said, counted(**options)) for said, options in one_or_two(STEP).items()),
    *(Mistake(name, says, by_hand(**other), alone=True) for name, says, other in (
        ("twice", "Your backward number is twice the forward one: that holds for a layer of "
         "which both gradients are asked for. Nobody asks for the gradient of X.",
         {"backward": 816}),
        ("frozen dx", "With the first layer frozen you still bring the gradient down to its "
         "output. Nothing below the second layer learns, so the second layer needs the gradient "
         "of its weights alone.", {"frozen": 336}),
        ("frozen weights", "You count the gradients of the two weights that learn, and not how "
         "the gradient comes from the third layer to the second: that is one more product.",
         {"frozen": 168}),
        ("frozen nothing", "Freezing saves something: two products of the backward pass fall "
         "away.", {"frozen": 576}),
        ("frozen half", "With the first layer frozen you leave out its input to the second, and "
         "still count the gradient of its weights: 240 FLOPs for weights that do not learn.",
         {"frozen": 456}),
        ("last frozen", "Your third number is for a frozen last layer. The first one is frozen.",
         {"frozen": 528}),
        ("once alone", "Your backward number holds the gradients of the weights alone. Between "
         "the layers the gradient has to come back as well.", {"backward": 408}),
        ("additions forward", "You count one addition less than products for each output. That "
         "is exact for a sum alone; the count here is two FLOPs a product.", {"forward": 368}),
        ("forward in it", "Your backward number holds the forward pass too.", {"backward": 984}),
        ("forward in the third", "Your third number holds the forward pass too.",
         {"frozen": 624}),
        ("second alone", "You count the gradient of the second layer's weights alone. The third "
         "layer learns too, and the gradient has to come back through it.", {"frozen": 120}),
        ("third alone", "With the first layer frozen you count the two products of the third "
         "layer alone. The weights of the second one learn as well.", {"frozen": 96}),
        ("biases forward", "You count the additions of the biases. Here they are not counted.",
         {"forward": 448}),
    )),
    Mistake("both passes", "Your last two numbers hold the forward pass too. They are for the "
            "backward pass alone.", by_hand(408, 984, 624)),
    Mistake("backward, one row", "Your backward passes are those of a single row. The batch has "
            "four.", by_hand(408, 144, 54)),
    Mistake("double", "You count four FLOPs for each weight and row. They are two: a product and "
            "an addition.", counted(flops=4)),
    Mistake("last forgotten", "You forget the last layer, from 3 to 2.", by_hand(360, 480, 120)),
)  # fmt: skip

CONVOLUTION_MISTAKES = (
    *(Mistake(name, says, in_another_way(count)) for name, says, count in CONV),
    Mistake("pixels", "You count c_out·k·k products for the gradient of each pixel. A pixel is "
            "not under the filter that often where the stride is above 1 or at the edge: both "
            "gradients cost what the forward pass costs.", of_pixels),
)  # fmt: skip

RIDER_MISTAKES = (
    Mistake("weights only", "You count the bytes of the weights alone. The rows that go in and "
            "come out are moved too, and the more so the larger the batch.",
            lambda i, o, size, rate, bandwidth: ridden(i, o, size, rate, bandwidth, rows=0)),
    Mistake("inputs only", "You count the bytes of the weights and of the inputs. The outputs "
            "are written too.",
            lambda i, o, size, rate, bandwidth: ridden(i, o, size, rate, bandwidth, rows=i)),
    Mistake("outputs only", "You count the bytes of the weights and of the outputs. The inputs "
            "are read too.",
            lambda i, o, size, rate, bandwidth: ridden(i, o, size, rate, bandwidth, rows=o)),
    Mistake("rows only", "You count the bytes of the rows and not those of the weights.",
            lambda *case: searched(*case, weights=0)),
    Mistake("half", "You count one FLOP for each weight and row. They are two.",
            lambda i, o, size, rate, bandwidth: ridden(i, o, size, rate, bandwidth, flops=1)),
    Mistake("numbers", "You count numbers where bytes are moved: each has `size` bytes.",
            lambda i, o, size, rate, bandwidth: ridden(i, o, 1, rate, bandwidth)),
    Mistake("ridge", "You return the ridge, rate over bandwidth. It is FLOPs for each byte; the "
            "batch at which the layer reaches it depends on the bytes of a number and on the "
            "rows.", lambda i, o, size, rate, bandwidth: math.ceil(rate / bandwidth)),
    Mistake("down", "You round down. At that batch the memory traffic still takes longer.",
            rounded_down),
    Mistake("strict", "Where both take exactly the same time you ask for a row more. The batch "
            "asked for is the first at which arithmetic takes at least as long.",
            lambda i, o, size, rate, bandwidth: ridden(i, o, size, rate, bandwidth, tie=False)),
    Mistake("strict, in floats", "Where both take exactly the same time you ask for a row more: "
            "rounding down and adding 1 is rounding up, but for whole numbers.", one_more),
    Mistake("never", "Where no batch is enough you return something all the same. Each row "
            "moves size·(n_in + n_out) bytes of its own, and with a narrow layer that alone may "
            "take longer than its FLOPs.", at_all),
    Mistake("every row", "You let every row move the weights again. They are read once for the "
            "whole batch.", lambda *case: searched(*case, each=True)),
    Mistake("weights twice", "You move the weights twice. They are read once, and not written.",
            lambda *case: searched(*case, weights=2)),
    Mistake("one row", "You count the bytes of one row only. Every row goes in and comes out.",
            lambda *case: searched(*case, rows=1)),
    Mistake("powers", "You try only powers of two. The smallest batch is asked for.",
            power_of_two),
    Mistake("nearest", "You round to the nearest batch. Below it the memory traffic still takes "
            "longer: round up.", lambda *case: round(over(*case))),
    Mistake("fraction", "A batch is a whole number: round up.", over),
    Mistake("inf", "Where no batch is enough the answer is 0.",
            lambda *case: ridden(*case) or math.inf),
    Mistake("below 0", "Where no batch is enough the answer is 0.",
            lambda *case: ridden(*case) or -1),
    Mistake("whole seconds", "You divide by `//`, which cuts both times off before they are "
            "compared.", lambda *case: searched(*case, div=True)),
    Mistake("wrong way", "You look for the first batch at which the memory traffic takes at least "
            "as long.", lambda *case: searched(*case, turned=True)),
    Mistake("cap", "You stop looking too early: the answer may be as large as 10,000.",
            lambda i, o, s, r, b, most=1000: searched(i, o, s, r, b, most=most), family=CAPS),
    Mistake("by zero", "Where a row's bytes take exactly as long as its FLOPs you divide by 0. No "
            "batch is enough there.", by_zero, verdict=BROKEN),
)  # fmt: skip

LINE_MISTAKES = (
    Mistake("no overhead", "You take the rate as FLOPs over seconds of the larger step. Its "
            "seconds hold the overhead too: the rate is in the difference of the two points.",
            lambda a, b: met(a, b, slope=lambda points: points[1][1] / points[1][0])),
    Mistake("first point", "You take the seconds of the {} for the overhead. They hold FLOPs too.",
            lambda a, b, point="first point": met(a, b, overhead=POINTS[point]),
            family=tuple(POINTS)),
    Mistake("exchanged", "You take the slope for the overhead and the overhead for the slope. "
            "(`np.polyfit` gives the slope first.)", fitted_the_other_way),
    Mistake("upside down", "You take FLOPs over seconds for the slope. The seconds that a FLOP "
            "takes are asked for; and where a larger step takes no longer you divide by 0.",
            upside_down, verdict=BROKEN),
    Mistake("rates", "You multiply by the difference of the rates. The lines meet at the "
            "difference of the overheads *divided by* the difference of the slopes.",
            by_difference_of_rates, verdict=BROKEN),
    Mistake("no limits", "You divide whatever the lines do. Where b starts ahead and is the "
            "flatter one the lines meet left of 0, so the answer is 0; where b is the steeper "
            "one, it wins at most in small steps, so there is no step from which on it is "
            "faster.", lambda a, b: met(a, b, limits=False)),
    Mistake("negative", "Where b is faster everywhere your number is negative. There are no "
            "steps of fewer than 0 FLOPs.",
            lambda a, b: met(a, b, limits=False) if met(a, b) < math.inf else math.inf),
    Mistake("never", "Where b never gets ahead for good you return a number. It is `inf` then.",
            lambda a, b: max(met(a, b, limits=False), 0.0)),
    Mistake("small steps", "Where b is faster in small steps alone you return where it falls "
            "behind. The task asks from where on it is faster, and stays so: `inf`.",
            lambda a, b: met(b, a) if 0 < met(b, a) < math.inf else met(a, b)),
    Mistake("turned", "You answer for a: from where on it is faster than b.",
            lambda a, b: met(b, a)),
    Mistake("parallel", "Of two lines with the same slope b may be the lower one: then it is "
            "faster everywhere, 0.0.",
            lambda a, b: with_limits(a, b, equal=lambda t, u: math.inf)),
    Mistake("equal", "Two equal lines: neither device is faster, so the answer is `inf`.",
            lambda a, b: with_limits(a, b, equal=lambda t, u: 0.0 if u <= t else math.inf)),
    Mistake("left, steeper", "You return where the lines meet whenever that is not left of 0. "
            "Left of 0 b is ahead from the start, 0.0, if it is the flatter one; if it is the "
            "steeper one it never stays ahead, `inf`.",
            lambda a, b: with_limits(a, b, equal=lambda t, u: math.inf, left=lambda F: math.inf,
                                     steeper=lambda t, u, F: F if F >= 0 else math.inf)),
    Mistake("left", "Where the lines meet left of 0, b is ahead from the start: 0.0.",
            lambda a, b: with_limits(a, b, left=lambda F: math.inf)),
    Mistake("left or at 0", "Where the lines meet left of 0, or at 0, b is ahead from the start: "
            "0.0.",
            lambda a, b: met(a, b) or math.inf),
    Mistake("slopes alone", "You compare the slopes alone. The flatter device may have the larger "
            "overhead: then it is behind in small steps.", by_slopes),
    Mistake("abs", "Where the lines meet left of 0, b is ahead from the start: 0.0. You take the "
            "distance.", lambda a, b: with_limits(a, b, left=abs)),
    Mistake("starts ahead", "You return 0.0 wherever b starts ahead. If it is the steeper one, it "
            "falls behind in larger steps, so there is no F from which on it is faster: `inf`.",
            lambda a, b: with_limits(a, b, steeper=lambda t, u, F: 0.0 if u < t else math.inf)),
    Mistake("whole", "You cut the FLOPs to a whole number. They need not be one.",
            lambda a, b: float(int(met(a, b))) if met(a, b) < math.inf else math.inf),
    Mistake("close", "You take slopes for equal that are not. FLOPs are large, so slopes are as "
            "small as 1e-12 seconds: compare them exactly, or in relation to one another.",
            lambda a, b, close=1e-9: with_limits(a, b, close=close, equal=lower),
            family=EPSILONS),
    Mistake("divided", "You divide by the difference of the slopes, which is 0 where they are "
            "equal.", divided, verdict=BROKEN),
    Mistake("level", "You divide by the difference of the seconds. A device may take the same for "
            "every step: work with seconds a FLOP, which are 0 then.", by_rates, verdict=BROKEN),
    Mistake("below 0", "Where there is no such number the answer is `math.inf`.",
            lambda a, b: met(a, b) if met(a, b) < math.inf else -1.0),
)  # fmt: skip

TIME_MISTAKES = (
    Mistake("found", "Your numbers are still those of the program as it was found: the first "
            "launch compiles while your clock runs, and nothing is waited for at the end. As "
            "long as that is so, what was in the queue at the start does not show.",
            lambda *args: measured_cold(*args, empty=False, waited=False)),
    Mistake("cold", "No warm-up: the first launch of a work compiles, and your clock runs "
            "meanwhile.", measured_cold),
    Mistake("cold, busy", "No warm-up: the first launch of a work compiles it, and your clock "
            "runs meanwhile. And the queue may still hold other work when your clock starts.",
            lambda device, work, calls: measured_cold(device, work, calls, empty=False)),
    Mistake("unwaited", "Your clock stops while the work is still in the queue: `launch` does "
            "not wait.", lambda device, work, calls: measured(device, work, calls, waited=False)),
    Mistake("left", "You warm up and do not wait for it: the run of the warm-up is still in the "
            "queue when your clock starts.", warmed_and_left),
    Mistake("busy", "Your warm-up is still in the queue when your clock starts, or other work "
            "is: synchronise before the start.",
            lambda device, work, calls: measured(device, work, calls, empty=False)),
    Mistake("each", "Either you synchronise after every call, so that the launches are no longer "
            "hidden behind the work, or you time a single call and not `calls` of them.",
            lambda device, work, calls: measured(device, work, calls, each=True)),
    Mistake("first left out", "You take the first of the `calls` for the warm-up, and time one "
            "call fewer; with a single call none is left. The warm-up comes besides.",
            first_left_out),
    Mistake("inside", "Your warm-up runs while your clock runs, and you divide by the other "
            "calls alone.", warmed_inside),
    Mistake("inside, counted", "Your warm-up runs while your clock runs, and counts as a call.",
            lambda device, work, calls: warmed_inside(device, work, calls, counted=1)),
    Mistake("early", "Your clock runs during the warm-up: start it after the `synchronize()` that "
            "follows.", early),
    Mistake("early, busy", "Your clock runs during the warm-up, and while the queue is emptied of "
            "other work: start it after the `synchronize()` that follows the warm-up.",
            lambda *args: early(*args, empty=False)),
    Mistake("waited late", "Your clock starts before the queue is empty: the `synchronize()` "
            "belongs before it.", waited_late),
    Mistake("minus one", "You divide by one call too few: all of them were timed.",
            lambda device, work, calls: measured(device, work, calls, counted=-(calls > 1))),
    Mistake("clock", "Your function never reads `device.now()`, the clock of the device. Another "
            "clock, such as `time.perf_counter`, knows nothing of it: on this machine no second "
            "passes.", by_another_clock, verdict=BROKEN),
    Mistake("total", "You return the seconds of all calls. Divide by their number.",
            lambda device, work, calls: calls * measured(device, work, calls)),
)  # fmt: skip

BIT_MISTAKES = (
    Mistake("trunc", "You cut the last bits off. The nearest number is asked for.",
            lambda x, bits: to_bits(x, bits, np.trunc)),
    Mistake("floor", "You round down, negative numbers away from 0. The nearest number is asked "
            "for.", lambda x, bits: to_bits(x, bits, np.floor)),
    Mistake("up", "You round up, away from 0 where a number is above 0. The nearest number is "
            "asked for.", lambda x, bits: to_bits(x, bits, np.ceil)),
    Mistake("always away", "You round every number away from 0. The nearest number is asked for.",
            lambda x, bits: to_bits(x, bits, lambda v: np.copysign(np.ceil(np.abs(v)), v))),
    Mistake("away", "Numbers halfway between two are rounded away from 0. They go to the "
            "neighbour whose last bit is 0, as `np.rint` does.",
            lambda x, bits: to_bits(x, bits, away_from_zero)),
    Mistake("half up", "Numbers halfway between two are rounded up. They go to the neighbour "
            "whose last bit is 0, as `np.rint` does.",
            lambda x, bits: to_bits(x, bits, lambda v: np.floor(v + 0.5))),
    Mistake("hidden", "You keep a bit more. The leading 1 is one of the `bits` here.",
            lambda x, bits: to_bits(x, bits + 1)),
    Mistake("one less", "You keep a bit less: 2^(bits − 1) numbers between two powers of two.",
            lambda x, bits: to_bits(x, bits - 1)),
    Mistake("places", "You round to so many binary places after the point. The spacing has to "
            "grow with the number.", lambda x, bits: np.rint(x * 2.0**bits) / 2.0**bits),
    Mistake("decimal places", "You round to so many decimal places.",
            lambda x, bits: np.round(x, bits)),
    Mistake("decimal", "You round to so many decimal digits.", in_decimal),
    Mistake("largest", "You take the exponent of the largest number for all of them. Each "
            "number has its own.", lambda x, bits: to_bits(x, bits, exponent=of_the_largest)),
    Mistake("zero", "0 has no logarithm: what you return there is nan.", by_logarithm),
    Mistake("negative", "A negative number has no logarithm, and 0 has none: what you return "
            "there is nan. The exponent is that of the size of the number.", logarithm_of_itself),
    Mistake("unsigned", "The sign is lost.", lambda x, bits: to_bits(np.abs(x), bits)),
    Mistake("float16", "You return float16, whatever `bits` is.", of_numpy),
    Mistake("float32", "You return float32, whatever `bits` is.",
            lambda x, bits: of_numpy(x, bits, np.float32)),
    Mistake("int", "You cut the last bits off by making whole numbers of them. The nearest number "
            "is asked for; and an infinity is no whole number.", through_int),
    Mistake("towards 0", "You round the logarithm towards 0. The exponent of a number below 1 is "
            "negative, and is rounded down as well: −4.06 to −5.",
            lambda x, bits: by_units(x, bits, np.trunc)),
    Mistake("inf", "Infinities become nan: inf/inf. They stay as they are.",
            lambda x, bits: by_units(x, bits, infinite=False)),
    Mistake("range", "You give the result the range of float16. There is no limit to the range "
            "here.", as_float16),
    Mistake("casts", "You return float16 up to 11 bits and float32 above, whatever `bits` is.",
            lambda x, bits: of_numpy(x, bits, np.float16 if bits <= 11 else np.float32)),
)  # fmt: skip

SCALED_MISTAKES = (
    Mistake("found", "Your numbers are still those of the program as it was found: clipped while "
            "scaled, unscaled in float16, no step skipped, and the schedule always goes on.",
            step_as_found),
    Mistake("found, skips", "You skip the step now. The rest is as it was found: the gradient is "
            "clipped while it is scaled, and unscaled in float16, where lengths and scales above "
            "65,504 are infinite.", lambda *args: step_as_found(*args, skips=True)),
    Mistake("before", "You clip before you unscale. The length of the scaled gradient is compared "
            "with `longest`, so the true gradient is made far too short.",
            lambda *args: stepped(*args, clip="before")),
    Mistake("before, half", "You clip before you unscale, and unscale in float16, where small "
            "numbers are lost.", lambda *args: stepped(*args, clip="before", wide="late")),
    Mistake("early", "You unscale in float16: what the scale had saved from underflow is lost "
            "again, and a scale above 65,504 is infinite there. Bring g16 to float32 first.",
            lambda *args: stepped(*args, wide="late")),
    Mistake("never wide", "You compute in float16 up to the end: what the scale had saved from "
            "underflow is lost again, and lengths and scales above 65,504 are infinite. Bring g16 "
            "to float32 first.", lambda *args: stepped(*args, wide="never")),
    Mistake("noclip", "You never clip.", lambda *args: stepped(*args, clip="never")),
    Mistake("scaled limit", "You multiply the limit by the scale and compare it with a gradient "
            "that is unscaled already.",
            lambda w, g16, scale, longest, *rest: stepped(w, g16, scale, longest * scale, *rest)),
    Mistake("twice", "You shorten the scaled gradient to `longest` and divide it by the scale "
            "afterwards.", clipped_twice),
    Mistake("always", "You bring every gradient to the length `longest`. Shorter ones stay as "
            "they are.", lambda *args: stepped(*args, shorten=of_that_length_or_0)),
    Mistake("always, 0", "You bring every gradient to the length `longest`. Shorter ones stay as "
            "they are, and one of length 0 becomes nan.",
            lambda *args: stepped(*args, shorten=of_that_length)),
    Mistake("unit", "You divide by the length, so that the gradient has the length 1. It is to "
            "have the length `longest`.", lambda *args: stepped(*args, shorten=to_one)),
    Mistake("square", "You take the sum of the squares for the length. The length is its root.",
            lambda *args: stepped(*args, shorten=by_square)),
    Mistake("each", "You clip each number for itself. It is the length of the whole gradient that "
            "is limited, and its direction stays.", by_value),
    Mistake("noun", "You never divide by the scale.", lambda *args: stepped(*args, unscale=False)),
    Mistake("noskip", "You make the step although the gradient overflowed: w is nan or infinite "
            "then.", lambda *args: stepped(*args, stay=False)),
    Mistake("inf only", "You skip for infinities and let nan through.",
            blind(lambda g: not np.isinf(g).any())),
    Mistake("nan only", "You skip for nan and let infinities through.",
            blind(lambda g: not np.isnan(g).any())),
    Mistake("all", "You skip only if no number at all is finite. One that is not is enough.",
            blind(lambda g: np.isfinite(g).any())),
    Mistake("length", "You ask whether the length of g16 is finite. A length in float16 overflows "
            "above 65,504 although no number is infinite: ask the numbers.",
            lambda *args: stepped(*args, finite=lambda g: np.isfinite(np.linalg.norm(g)))),
    Mistake("length inf", "You ask whether the length of g16 is infinite. A length in float16 "
            "overflows above 65,504 although no number is infinite, and with a nan it is nan: ask "
            "the numbers.",
            blind(lambda g: not np.isinf(np.linalg.norm(g)))),
    Mistake("sum", "You ask whether the sum of g16 is finite. A sum in float16 overflows above "
            "65,504 although no number is infinite: ask the numbers.",
            lambda *args: stepped(*args, finite=lambda g: np.isfinite(g.sum()))),
    Mistake("goes on", "The schedule goes on although the step was skipped: the rates run ahead "
            "of the weights.", lambda *args: stepped(*args, goes_on=True)),
    Mistake("keep", "You skip the step and keep the scale, so the next gradient overflows too.",
            lambda *args: stepped(*args, halved=lambda s: s)),
    Mistake("whole", "You halve the scale by `//`, which cuts it to a whole number.",
            lambda *args: stepped(*args, halved=lambda s: s // 2)),
    Mistake("floor", "You keep the scale from falling below 1. The text halves it whatever it is.",
            lambda *args: stepped(*args, halved=lambda s: max(s / 2, 1.0))),
    Mistake("half", "Your weights went through float16: three digits are left of them.",
            weights_in_half),
    Mistake("next rate", "You take the rate after the next one: t is raised before it is used.",
            next_rate),
    Mistake("rate after", "You take `rates[t + 1]`, the rate of the step after this one. At the "
            "end of the list there is none.", rate_after),
    Mistake("capped", "You keep the number of the next step within the list. It goes on by 1 with "
            "every step that is made, also after the last.", capped),
    Mistake("in place", "You write into `w` itself. Return new weights and leave the argument as "
            "it was: `w - …`, not `w -= …`.", in_place),
    Mistake("largest", "You ask whether the largest number is finite. The smallest may be −∞.",
            blind(lambda g: np.isfinite(g.max()))),
    Mistake("first", "You ask whether the first number is finite. Any of them may not be.",
            blind(lambda g: np.isfinite(g[0]))),
    Mistake("sum of sizes", "Your length is the sum of the absolute values. It is the root of the "
            "sum of the squares.", lambda *args: stepped(*args, shorten=by_sizes)),
    Mistake("order", "The results are asked for in the order `(w, scale, t)`.",
            lambda *args: tuple(stepped(*args)[k] for k in (0, 2, 1))),
    Mistake("grow", "You double the scale after every step that was made. The text leaves it.",
            lambda *args: [stepped(*args)[0], (stepped(*args)[1] * 2 ** np.isfinite(args[1]).all()),
                           stepped(*args)[2]]),
)  # fmt: skip

KEPT_BYTES_MISTAKES = (
    *(Mistake(name, says, kept_otherwise(options)) for name, says, options in KEPT),
    Mistake("log half", "With `half` you keep the log-probabilities with two bytes. The loss is "
            "computed in float32.", log_half),
    Mistake("numbers", "You count numbers. The task asks for bytes: 4 each, and 2 each for what "
            "is kept in bfloat16.", in_numbers),
    Mistake("one each", "You keep one log-probability for each row. There is one for each output.",
            one_each),
    Mistake("SGD", "Plain SGD without momentum remembers nothing.", of_sgd),
    Mistake("everything halved", "With `half` you halve everything. Autocast leaves parameters, "
            "gradients, moments and log-probabilities float32, and keeps copies besides.",
            all_halved),
)  # fmt: skip

SEGMENT_MISTAKES = (
    Mistake("other noise", "Your segments run again with other random numbers: other units are "
            "dropped, and the gradient is that of another net.",
            lambda *args: segments_of(*args, again="on", ends=False)),
    Mistake("other noise, set back", "Your segments run again with other random numbers: other "
            "units are dropped, and the gradient is that of another net. (`rng` ends where it "
            "should.)", lambda *args: segments_of(*args, again="on")),
    Mistake("first", "Every segment runs again with the random numbers of the first one.",
            lambda *args: segments_of(*args, state="first")),
    Mistake("left", "The gradient is right, and `rng` is left where the last segment that ran "
            "again has left it. The next step of the training would drop the same units once "
            "more.", lambda *args: segments_of(*args, ends=False)),
    Mistake("all", "You keep an array for every layer. Nothing is saved then.", everything_kept),
    Mistake("scratch", "You run from x again for every segment. Its own input was kept.",
            lambda *args: segments_of(*args, start="x")),
    Mistake("reset", "Every segment starts from G. Only the last one does; the others start "
            "from what the segment behind them gave.",
            lambda *args: segments_of(*args, upstream="new")),
    Mistake("order", "You take the segments from the first to the last. The gradient comes from "
            "the other end.", lambda *args: segments_of(*args, order=1)),
    Mistake("rest", "Where `every` does not divide n, you leave out the last layers.",
            rest_left_out),
    Mistake("beyond", "Where `every` does not divide n, your last segment asks for layers that "
            "do not exist.", short_last, verdict=BROKEN),
    Mistake("late state", "You read where the generator stands after the first layer of the "
            "segment has drawn. It is needed from before.", late_state),
    Mistake("forward order", "Inside a segment you call the `back`s in the order of the layers. "
            "The gradient comes from the other end.", in_forward_order),
    Mistake("each from x", "You run from x again for every layer. The input of its segment was to "
            "be kept.", each_from_x),
    Mistake("once", "You set the generator back once, to the start. The segments run again from "
            "the last to the first, so each needs the state that it had itself.",
            lambda *args: segments_of(*args, again="once", state="first")),
    Mistake("y again", "Your second pass takes the place of y: you return the output of the "
            "segment that ran last, the first one.", lambda *args: segments_of(*args, own=False)),
    Mistake("inputs", "You keep the input of every layer. Of each segment only its own input is to "
            "be kept.", lambda *args: segments_of(*args[:4], 1, *args[5:])),
)  # fmt: skip

EXERCISES = [
    Exercise(
        id="13.1",
        kind="by hand",
        title="A step, and a frozen layer",
        signature="by_hand()",
        worked=worked.by_hand,
        reference=by_hand(),
        results=("forward", "backward", "frozen"),
        mistakes=STEP_MISTAKES,
        hints=(
            "A layer from i numbers to o costs 2·n·i·o for n rows. How many weights are there in "
            "each layer?",
            "Backward, a layer has up to two such products: one for the gradient of its weights, "
            "one for the gradient of its input. Who asks for which?",
            "The weights are 30, 15 and 6, and 2·n is 8. Backward: all three gradients of weights, "
            "and the inputs of layers 2 and 3. Frozen: the weights of layers 2 and 3, and the "
            "input of layer 3.",
        ),
        section=BY_HAND,
        proves="Two FLOPs a weight and row forward; backward only what somebody asks for.",
    ),
    Exercise(
        id="13.2",
        title="FLOPs of a convolution",
        signature="conv_flops(n, c_in, size, c_out, k, stride, pad, first)",
        results=("forward", "backward"),
        reference=worked.conv_flops,
        worked=worked.conv_flops,
        cases=conv_cases,
        mistakes=CONVOLUTION_MISTAKES,
        hints=(
            "How many output numbers are there, and how many products does each of them cost?",
            "In a row of size + 2·pad pixels the filter can begin at 0, stride, 2·stride, … as "
            "long as k pixels are left: (size + 2·pad − k)//stride + 1 places.",
            "Outputs: n·c_out·(places)². Products for each: c_in·k². Two FLOPs a product; the "
            "backward pass costs that once for the filters, and once more for the input unless "
            "the layer is the first.",
        ),
        section=COUNT,
        proves="Outputs times products, twice; and the backward pass as for any other layer.",
    ),
    Exercise(
        id="13.3",
        title="The batch from which arithmetic decides",
        signature="riders(n_in, n_out, size, rate, bandwidth)",
        reference=worked.riders,
        worked=worked.riders,
        cases=rider_cases,
        mistakes=RIDER_MISTAKES,
        hints=(
            "Write down two times for a batch of B rows: FLOPs over rate, and bytes over "
            "bandwidth. Which parts of them grow with B?",
            "2·n_in·n_out·B/rate ≥ size·(n_in·n_out + B·(n_in + n_out))/bandwidth. Bring all that "
            "has B in it to one side.",
            "B·(2·n_in·n_out·bandwidth − size·(n_in + n_out)·rate) ≥ size·n_in·n_out·rate. If the "
            "bracket is not positive there is no such B; otherwise divide and round up.",
        ),
        section=RIDERS,
        proves="The weights are read once whatever the batch; each row brings FLOPs, and bytes of "
        "its own.",
    ),
    Exercise(
        id="13.4",
        title="From where on the other device is faster",
        signature="crossover(a, b)",
        reference=lambda a, b: float(met(a, b)),
        worked=worked.crossover,
        cases=line_cases,
        several=True,
        mistakes=LINE_MISTAKES,
        hints=(
            "Two points make a line: seconds = t₀ + F/rate. What is 1/rate in terms of the two "
            "points, and what is then t₀?",
            "The lines meet where t₀ of a + F·slope of a equals t₀ of b + F·slope of b. What "
            "must be true of the slopes for b to stay ahead?",
            "F is the difference of the overheads over the difference of the slopes, b's overhead "
            "first and a's slope first. 0 where that is negative; inf where b's slope is not the "
            "smaller one, unless the slopes are equal and b starts ahead.",
        ),
        section=OVERHEAD,
        proves="Overhead decides small steps and the rate large ones; two measurements give both.",
    ),
    Exercise(
        id="13.5",
        kind="find the bug",
        title="A call, timed",
        signature="seconds_per_call(device, work, calls)",
        program=timed,
        reference=per_call,
        worked=worked.timed,
        cases=time_cases,
        mistakes=TIME_MISTAKES,
        hints=(
            "What does `launch` wait for? And what may still be in the queue when it is called?",
            "Warm up, wait until the device is idle, then start the clock.",
            "One launch of the work and a `synchronize()`; read the clock; all the launches; "
            "another `synchronize()`; read the clock; divide by `calls`.",
        ),
        section=TIMING,
        proves="Warm, from an idle device to an idle device, and waited for once.",
    ),
    Exercise(
        id="13.6",
        title="So many bits",
        signature="rounded(x, bits)",
        reference=worked.rounded,
        worked=worked.rounded,
        cases=round_cases,
        rtol=0.0,
        atol=0.0,  # rounding is exact: another number is another number
        mistakes=BIT_MISTAKES,
        hints=(
            "Between 4 and 8, how far apart are numbers of three bits? And between 8 and 16?",
            "Bring each number to the size at which whole numbers are what can be kept, round it "
            "there, and bring it back. Powers of two are exact on the way.",
            "`m, e = np.frexp(x)` gives m between ½ and 1 with x = m·2ᵉ, also for 0 and inf. "
            "Multiply m by 2^bits, `np.rint`, and `np.ldexp` back by e − bits.",
        ),
        section=BITS,
        proves="The spacing follows the size of each number; halfway goes to the even neighbour.",
    ),
    Exercise(
        id="13.7",
        kind="find the bug",
        title="A step with a scaled loss",
        signature="scaled_step(w, g16, scale, longest, rates, t)",
        program=in_numpy,
        results=("w", "scale", "t"),
        reference=whole_step,
        worked=worked.scaled_step,
        cases=step_cases,
        reads=left_alone,
        writes=lambda value: returned(value, 2, 1),
        rtol=1e-5,  # float32 and float64 on the way are both right
        atol=1e-9,
        several=True,
        mistakes=SCALED_MISTAKES,
        hints=(
            "Print the dtype and the size of everything on the way for `scale = 65536.0`. What "
            "is `np.float16(65536.0)`?",
            "In which order: to float32, divide, then measure the length. And what should a step "
            "do of which one number is infinite?",
            "First ask whether all of g16 is finite; if not, return w, half the scale and t as it "
            "is. Then float32, unscale, clip by the length, step, t + 1.",
        ),
        section=WINDOW,
        proves="Ask, widen, unscale, clip, step; and what was skipped moves nothing but the scale.",
    ),
    Exercise(
        id="13.8",
        kind="predict",
        title="What half the bits save",
        signature="kept(widths, n, adam, half)",
        results=("weights", "gradients", "optimizer", "saved"),
        reference=worked.kept,
        worked=worked.kept,
        cases=kept_cases,
        mistakes=KEPT_BYTES_MISTAKES,
        hints=(
            "What does autocast change: what is stored, or what is computed with?",
            "A layer's backward pass reads its input and, if its own input needs a gradient, its "
            "weights. With `half` both are bfloat16 copies.",
            "Inputs: n times all widths but the last, 2 or 4 bytes each. With `half` 2 bytes for "
            "each weight of all matrices but the first. And 4·n·widths[-1] bytes.",
        ),
        section=KEEPS,
        proves="Half the bits halve the activations; weights, gradients and moments stay, and "
        "copies come on top.",
    ),
    Exercise(
        id="13.9",
        kind="find the bug",
        title="The same random numbers again",
        signature="checkpointed(layer, x, G, n, every, rng)",
        program=with_dropout,
        results=("y", "dx", "next"),
        reference=dropped,
        worked=worked.with_dropout,
        cases=segment_cases,
        reads=drops,
        writes=lambda value: returned(value, 5, 3),
        mistakes=SEGMENT_MISTAKES,
        hints=(
            "Run a layer twice from the same input. Are its outputs equal? What differs?",
            "`state = rng.bit_generator.state` is a copy of where the generator is, and may be "
            "assigned back. Where is it needed? And where should `rng` be at the end?",
            "Forward: at the start of each segment keep h and the state. Then from the last "
            "segment to the first: set the state, run its layers, collect the `back`s, call them "
            "in reverse on the gradient. At the end set the state from after the forward pass.",
        ),
        section=KEEPS,
        proves="Runs again give the same numbers only if chance is put back too, and the caller's "
        "generator is left as one forward pass leaves it.",
    ),
    Exercise(
        id="13.10",
        kind="read a curve",
        title="What the seconds are made of",
        signature="read_off()",
        reference=read(),
        results=("overhead", "bandwidth", "rate", "small", "large"),
        rtol=0.03,  # read off a picture
        atol=0.0,
        mistakes=CURVE_MISTAKES,
        hints=(
            "With one row the arithmetic takes next to nothing. What are the two parts of such a "
            "call, and which of them do both widths share?",
            "In the difference of the two calls with one row the overhead is gone: so many bytes "
            "more took so many microseconds more. A layer moves 4·(n² + 2n·rows) bytes.",
            "The bandwidth is the difference of the bytes over the difference of the times; the "
            "overhead is what moving leaves of the narrow call. The rate follows from the wide "
            "layer at 1,024 rows; and half the bytes halve the moving part alone.",
        ),
        section=ROOFS,
        proves="Two sizes tell apart what one cannot: what a call costs, and what its bytes cost.",
    ),
]
