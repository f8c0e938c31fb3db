"""Chapter 13: right answers in other forms, changes that keep a solution right."""

import copy
import math
from fractions import Fraction

import numpy as np
import torch

from answers.forms import exact
from answers.reasons import BELOW_TOLERANCE, READ_OFF

# ---- 13.2


def conv_by_places(n, c_in, size, c_out, k, stride, pad, first):
    """The places of the filter, one by one."""
    places = len(range(0, size + 2 * pad - k + 1, stride))
    gradients = 1 if first else 2
    forward = sum(2 * c_in * k * k for _ in range(places)) * places * c_out * n
    return [forward, np.int64(gradients * forward)]


def conv_by_torch(n, c_in, size, c_out, k, stride, pad, first):
    """The shape from PyTorch, without a number in it."""
    images = torch.empty(n, c_in, size, size, device="meta")
    filters = torch.empty(c_out, c_in, k, k, device="meta")
    y = torch.nn.functional.conv2d(images, filters, stride=stride, padding=pad)
    forward = 2 * y.numel() * filters[0].numel()
    return forward, float(forward + forward * (not first))


def conv_by_floats(n, c_in, size, c_out, k, stride, pad, first):
    out = math.floor((size + 2 * pad - k) / stride + 1)
    forward = 2.0 * n * c_out * out * out * c_in * k * k
    return np.array([forward, forward * [2, 1][first]])


# ---- 13.3


def riders_by_search(n_in, n_out, size, rate, bandwidth):
    for batch in range(1, 20_000):
        seconds = 2 * n_in * n_out * batch / rate
        if seconds >= size * (n_in * n_out + batch * (n_in + n_out)) / bandwidth:
            return batch
    return 0


def riders_by_fractions(n_in, n_out, size, rate, bandwidth):
    row = Fraction(2 * n_in * n_out, rate) - Fraction(size * (n_in + n_out), bandwidth)
    return math.ceil(Fraction(size * n_in * n_out, bandwidth) / row) if row > 0 else 0


def riders_by_intensity(n_in, n_out, size, rate, bandwidth):
    """Bytes for each weight of the row, against the ridge; as a float."""
    ridge = rate / bandwidth
    most = 2 / (size * (1 / n_in + 1 / n_out))  # FLOPs a byte, however large the batch
    if most <= ridge:
        return np.float64(0)
    return np.ceil(round(ridge * size / 2 / (1 - ridge / most), 9))


# ---- 13.4


def crossover_by_solve(a, b):
    """Four unknowns, two systems; then both lines far out."""
    lines = []
    for points in (a, b):
        F, seconds = np.array(points).T
        lines.append(np.linalg.solve(np.stack([np.ones(2), F / F.max()], axis=1), seconds))
        lines[-1][1] /= F.max()
    (t_a, s_a), (t_b, s_b) = lines
    close = abs(s_a - s_b) <= 1e-12 * max(s_a, s_b)
    if close or s_b > s_a:
        return 0.0 if close and t_b < t_a * (1 - 1e-12) else np.inf
    return max(0.0, (t_b - t_a) / (s_a - s_b))


def crossover_by_fractions(a, b):
    def line(points):
        (F, s), (F2, s2) = sorted([tuple(map(Fraction, point)) for point in points])
        slope = (s2 - s) / (F2 - F)
        return s - slope * F, slope

    (t, slope), (u, other) = line(a), line(b)
    lag, gain = u - t, slope - other
    if gain < 0 or (gain == 0 and lag >= 0):
        return math.inf
    return 0 if lag <= 0 else lag / gain


def crossover_by_where(a, b):
    (a0, a1), (b0, b1) = a, b
    s = (a1[1] - a0[1]) / (a1[0] - a0[0]), (b1[1] - b0[1]) / (b1[0] - b0[0])
    ahead = (b0[1] - s[1] * b0[0]) - (a0[1] - s[0] * a0[0])
    if s[0] == s[1]:
        return np.array(0.0 if ahead < 0 else np.inf)
    return np.where(s[1] > s[0], np.inf, np.maximum(ahead / (s[0] - s[1]), 0))


# ---- 13.5


def timed_with_three(device, work, calls):
    for _ in range(3):
        device.launch(work)
    device.synchronize()
    before = device.now()
    [device.launch(work) for _ in range(calls)]
    device.synchronize()
    after = device.now()
    return np.float64(after - before) / calls


def timed_by_closure(device, work, calls):
    def run(times):
        start = device.now()
        left = times
        while left:
            device.launch(work)
            left -= 1
        device.synchronize()
        return device.now() - start

    device.synchronize()
    run(1)
    return Fraction(run(calls)) / calls


def timed_twice(device, work, calls):
    """The whole measurement twice, and the first one thrown away."""
    for _ in range(2):
        device.synchronize()
        start = device.now()
        for _ in range(calls):
            device.launch(work)
        device.synchronize()
        seconds = (device.now() - start) / calls
    return seconds


# ---- 13.6


def rounded_by_spacing(x, bits):
    """In units of the last bit."""
    size = np.where(np.isfinite(x) & (x != 0), np.abs(x), 1.0)
    unit = 2.0 ** (np.floor(np.log2(size)) - bits + 1)
    return np.rint(x / unit) * unit


def rounded_by_python(x, bits):
    """Number by number: Python's round goes to the even neighbour too."""

    def one(v):
        if not math.isfinite(v) or v == 0:
            return v
        e = math.frexp(v)[1]
        return math.ldexp(round(math.ldexp(v, bits - e)), e - bits)

    return np.array([one(v) for v in np.ravel(x).tolist()]).reshape(np.shape(x))


def rounded_by_bits(x, bits):
    """The bits of the double as a whole number: add half, and one less where the bit is 0."""
    keep = np.uint64(53 - bits)
    u = np.ascontiguousarray(x, dtype=np.float64).view(np.uint64).reshape(np.shape(x))
    one = np.uint64(1)
    half = (one << keep) >> one
    odd = (u >> keep) & one
    out = ((u + half - (one - odd) * (half > 0)) >> keep) << keep
    return np.where(np.isfinite(x) & (x != 0), out.view(np.float64), x)


# ---- 13.7


def step_in_float64(w, g16, scale, longest, rates, t):
    g = g16.astype(float) / scale
    length = float(np.sqrt((g**2).sum()))
    if not math.isfinite(length):
        return [w, 0.5 * scale, t]
    return [w.astype(float) - rates[t] * g * min(1, longest / max(length, 1e-300)), scale, 1 + t]


def step_by_torch(w, g16, scale, longest, rates, t):
    """PyTorch's clipping adds 1e-6 to the length."""
    p = torch.nn.Parameter(torch.tensor(w))
    p.grad = torch.tensor(g16).float() / scale
    if not p.grad.isfinite().all():
        return w, scale / 2, t
    torch.nn.utils.clip_grad_norm_([p], longest)
    torch.optim.SGD([p], lr=rates[t]).step()
    return p.detach(), torch.tensor(scale), np.int32(t + 1)


def step_by_factor(w, g16, scale, longest, rates, t):
    """Clipped by a factor that also unscales, from the length of the scaled gradient."""
    wide = g16.astype(np.float64)
    if np.isnan(wide).any() or np.isinf(wide).any():
        return w.copy(), scale * 0.5, t
    length = math.hypot(*wide) / scale
    factor = (longest / length if length > longest else 1.0) / scale
    return np.float32(w - rates[t] * factor * wide), scale, t + 1


# ---- 13.8


def kept_from_a_net(widths, n, adam, half):
    """Shapes of a net without numbers in it."""
    net = [torch.nn.Linear(widths[k], widths[k + 1], device="meta") for k in range(len(widths) - 1)]
    numbers = sum(p.numel() for layer in net for p in layer.parameters())
    each = 2 if half else 4
    saved = sum(n * layer.in_features * each for layer in net) + n * net[-1].out_features * 4
    if half:
        saved += sum(2 * layer.weight.numel() for layer in net[1:])
    return numbers * 4, numbers * 4, numbers * 8 if adam else 0, saved


def kept_by_numpy(widths, n, adam, half):
    w = np.array(widths)
    P = int((w[:-1] * w[1:] + w[1:]).sum())
    saved = n * w[:-1].sum() * (4 - 2 * half) + (w[1:-1] * w[2:]).sum() * 2 * half + 4 * n * w[-1]
    return np.array([4 * P, 4 * P, 8 * P * adam, saved])


def kept_layer_by_layer(widths, n, adam, half):
    weights = saved = 0.0
    first = True
    for i, o in zip(widths, widths[1:], strict=False):
        weights += 4 * (i + 1) * o
        saved += (2.0 if half else 4.0) * n * i
        if half and not first:
            saved += 2 * i * o
        first = False
    return [weights, weights, 2 * weights if adam else 0, saved + 4 * n * o]


# ---- 13.9


def checkpointed_by_copies(layer, x, G, n, every, rng):
    """Each segment with a generator of its own, a copy of the caller's."""
    segments, h = [], x
    for first in range(0, n, every):
        segments.append((first, h, copy.deepcopy(rng)))
        for k in range(first, min(first + every, n)):
            h = layer(k, h, rng)[0]
    y = h
    for first, h, own in reversed(segments):
        backs = []
        for k in range(first, min(first + every, n)):
            h, back = layer(k, h, own)
            backs.insert(0, back)
        for back in backs:
            G = back(G)
    return y, G


def checkpointed_but_the_last(layer, x, G, n, every, rng):
    """The last segment is not run again: its layers are kept at once."""
    starts = list(range(0, n, every))
    kept, h, backs = {}, x, []
    for k in range(n):
        if k in starts:
            kept[k] = h, dict(rng.bit_generator.state)
        h, back = layer(k, h, rng)
        if k >= starts[-1]:
            backs.append(back)
        del back
    y, after = h.copy(), rng.bit_generator.state
    for start in starts[::-1]:
        if start != starts[-1]:
            h, rng.bit_generator.state = kept.pop(start)
            backs = []
            for k in range(start, start + every):
                h, back = layer(k, h, rng)
                backs.append(back)
        while backs:
            back = backs.pop()
            G = back(G)
    rng.bit_generator.state = after
    return [y, G]


def checkpointed_by_recursion(layer, x, G, n, every, rng):
    def go(first, h):
        if first >= n:
            return h, G, rng.bit_generator.state
        state, start = rng.bit_generator.state, h
        stop = min(first + every, n)
        for k in range(first, stop):
            h, _ = layer(k, h, rng)
        del _
        y, upstream, after = go(stop, h)
        rng.bit_generator.state, h, backs = state, start, []
        for k in range(first, stop):
            h, back = layer(k, h, rng)
            backs.append(back)
        for back in backs[::-1]:
            upstream = back(upstream)
        return y, upstream, after

    y, dx, rng.bit_generator.state = go(0, x)
    return y, dx


def riders_by_ceil(n_in, n_out, size, rate, bandwidth):
    """In floats: what a row gains in seconds, and how many rows make up for the weights."""
    each = 2 * n_in * n_out / rate - size * (n_in + n_out) / bandwidth
    return math.ceil(size * n_in * n_out / bandwidth / each) if each > 0 else 0


def riders_by_bisection(n_in, n_out, size, rate, bandwidth):
    def decides(batch):
        moved = size * (n_in * n_out + batch * (n_in + n_out))
        return 2 * n_in * n_out * batch * bandwidth >= moved * rate

    low, high = 0, 1 << 40
    if not decides(high):
        return 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high


def crossover_sorted(a, b):
    """Rates where there are any, from sorted points; the answer from what is true far out."""

    def line(points):
        (F, s), (F2, s2) = sorted(points)
        each = (s2 - s) / (F2 - F)
        return each, s - each * F

    (each_a, t_a), (each_b, t_b) = line(a), line(b)
    if (each_b, t_b) >= (each_a, t_a):
        return float("inf")
    return 0.0 if t_b <= t_a else (t_b - t_a) / (each_a - each_b)


def timed_after_a_while(device, work, calls):
    """Warm at the first `synchronize`, in a helper that counts; a list of two times."""
    device.synchronize()
    device.launch(work)
    device.synchronize()
    times = [device.now()]
    for k in range(calls):
        device.launch(work)
        if k == calls - 1:
            device.synchronize()
    times.append(device.now())
    return float(np.diff(times)[0]) / calls


def rounded_by_veltkamp(x, bits):
    """x·c − (x·c − x) with c = 2^(53 − bits) + 1 rounds to nearest, ties to even."""
    m, e = np.frexp(x)
    c = 2.0 ** (53 - bits) + 1
    high = c * m - (c * m - m)
    return np.where(np.isfinite(x), np.ldexp(high, e), x)


def step_by_sum(w, g16, scale, longest, rates, t):
    """Finite times 0 is 0; clipped by the smaller of 1 and longest/length."""
    g = np.array(g16, np.float32)
    if (g * 0).any() or np.isnan(g * 0).any():
        return w, scale / 2, t
    g /= np.float32(scale)
    length = np.sqrt(g @ g)
    with np.errstate(divide="ignore"):
        g = g * min(np.float32(1), np.float32(longest) / length)
    return w - np.float32(rates[t]) * g, scale, t + 1


def checkpointed_by_segments(layer, x, G, n, every, rng):
    """A function for a segment, called in both directions; states in a list."""

    def forward(first, h, backs=None):
        for k in range(first, min(first + every, n)):
            h, back = layer(k, h, rng)
            if backs is not None:
                backs.append(back)
        return h

    inputs, states = [x], []
    for first in range(0, n, every):
        states.append(rng.bit_generator.state)
        inputs.append(forward(first, inputs[-1]))
    y, end = inputs.pop(), rng.bit_generator.state
    for first in range(0, n, every)[::-1]:
        rng.bit_generator.state, backs = states.pop(), []
        forward(first, inputs.pop(), backs)
        while backs:
            G = backs.pop()(G)
    rng.bit_generator.state = end
    return y, G


SEEN = 150.0, 20.0, 400.0, 1.149, 1.737

RIGHT = {
    "13.1": [exact(408, 576, 216), np.array([408, 576, 216]), lambda: [408.0, 576, 72 * 3]],
    "13.2": [conv_by_places, conv_by_torch, conv_by_floats],
    "13.3": [riders_by_search, riders_by_fractions, riders_by_intensity, riders_by_ceil,
             riders_by_bisection],
    "13.4": [crossover_by_solve, crossover_by_fractions, crossover_by_where, crossover_sorted],
    "13.5": [timed_with_three, timed_by_closure, timed_twice, timed_after_a_while],
    "13.6": [rounded_by_spacing, rounded_by_python, rounded_by_bits, rounded_by_veltkamp],
    "13.7": [step_in_float64, step_by_torch, step_by_factor, step_by_sum],
    "13.8": [kept_from_a_net, kept_by_numpy, kept_layer_by_layer],
    "13.9": [checkpointed_by_copies, checkpointed_but_the_last, checkpointed_by_recursion,
             checkpointed_by_segments],
    "13.10": [SEEN, list(SEEN), lambda: np.array([149, 20.1, 400, 1.15, 1.74])],
}  # fmt: skip

WHOLE = "gain is a whole number"
NEARLY = BELOW_TOLERANCE
SINGLE = "an array of float32 over a float of Python is float32"
ZIPPED = "`zip` ends with the shorter of the two"
ZERO = "0.0 and -0.0 are equal"
DRAWN = "the compiler and the queue do not count: no result depends on them"
NOT_NEGATIVE = "seconds, sizes and rates are not negative, by the text"
SYMMETRIC = "a product does not depend on the order of its factors"
FIVE_DIGITS = "asked for to five digits"
RANGE = "a range is met once, in any order, or as a dict"

EQUIVALENT = {
    "13.2": {
        "places = (size + 2 * pad - k) // stride + 1 → "
        "places = -((size + 2 * pad - k) // stride + 1)": "only its square is read",
    },
    "13.3": {
        "return -(-size * n_in * n_out * rate // gain) if gain > 0 else 0 → "
        "return -(-size * n_in * n_out * rate // gain) if gain > 0 + 0.001 else 0": WHOLE,
    },
    "13.4": {
        "return max((t_b - t_a) / (slope_a - slope_b), 0.0) → "
        "return max(0.0, (t_b - t_a) / (slope_a - slope_b))": "the larger of two, in either order",
        "return 0.0 → return -0.0": ZERO,
        "abs(a)": NOT_NEGATIVE,
        "abs(b)": NOT_NEGATIVE,
    },
    "13.5": {
        "for _ in range(calls): → for _ in reversed(range(calls)):": RANGE,
        "for _ in range(calls): → for _ in dict.fromkeys(range(calls)):": RANGE,
        "return (device.now() - start) / calls → "
        "return (device.now() - start) / (calls + 1e-09)": NEARLY,
        "abs(seconds)": NOT_NEGATIVE,
        "abs(launch)": NOT_NEGATIVE,
        "clip(compile, -50, 50)": DRAWN,
        "round(compile, 3)": DRAWN,
        "abs(compile)": DRAWN,
        "float32(compile)": DRAWN,
        "compile + 1e-9": DRAWN,
        "remembered by all but compile": DRAWN,
        "remembered by all but waiting": DRAWN,
    },
    "13.7": {
        "return (w, scale / 2, t) → return (w, scale / (2 + 1e-09), t)": FIVE_DIGITS,
        "g = g16.astype(np.float32) / np.float32(scale) → "
        "g = g16.astype(np.float32) / (np.float32(scale) + 1e-09)": FIVE_DIGITS,
        "g = g16.astype(np.float32) / np.float32(scale) → "
        "g = g16.astype(np.float32) / scale": SINGLE,
        "if length > longest: → if length >= longest:": "as long as allowed: the factor is 1",
        "float32(w)": FIVE_DIGITS,
        "float32(g16)": "float16 fits into float32",
        "g = g * (longest / length) → g = g * (longest / (length + 1e-09))": FIVE_DIGITS,
        "longest + 1e-9": FIVE_DIGITS,
        "result + 1e-10": FIVE_DIGITS,
        "abs(scale)": NOT_NEGATIVE,
        "float32(scale)": FIVE_DIGITS,
        "scale + 1e-9": FIVE_DIGITS,
        "nan where 0 is in scale": "the scale is 1 or more, by the text",
        "abs(longest)": NOT_NEGATIVE,
        "float32(longest)": FIVE_DIGITS,
        "nan where 0 is in longest": "the limit is above 0, by the text",
        "abs(rates)": NOT_NEGATIVE,
        "float32(rates)": FIVE_DIGITS,
        "rates + 1e-9": FIVE_DIGITS,
    },
    "13.8": {
        "matrices = [i * o for i, o in zip(widths[:-1], widths[1:])] → "
        "matrices = [i * o for i, o in zip(widths[1:], widths[:-1])]": SYMMETRIC,
        "matrices = [i * o for i, o in zip(widths[:-1], widths[1:])] → "
        "matrices = [i * o for i, o in zip(widths[:], widths[1:])]": ZIPPED,
    },
    "13.9": {
        "for k in range(n): → for k in dict.fromkeys(range(n)):": RANGE,
        "if k % every == 0: → if np.isclose(k % every, 0):": "whole numbers",
        "for k in range(first, min(first + every, n)): → "
        "for k in dict.fromkeys(range(first, min(first + every, n))):": RANGE,
        "for k in range(first, min(first + every, n)): → "
        "for k in range(first, min(n, first + every)):": "the smaller of two, in either order",
    },
    "13.10": {
        f"return (150, 20, 400, 1.15, 1.74) → return ({other})": READ_OFF
        for other in (
            "151, 20, 400, 1.15, 1.74", "149, 20, 400, 1.15, 1.74", "150, 20, 401, 1.15, 1.74",
            "150, 20, 399, 1.15, 1.74", "150, 20, 400, 1.1615, 1.74",
            "150, 20, 400, 1.15, 1.7574",
        )
    },
}  # fmt: skip


def last_segment_alone(layer, x, G, n, every, rng):
    """The gradient with respect to the input of the last segment."""
    state = rng.bit_generator.state
    y, _ = checkpointed_by_copies(layer, x, G, n, every, rng)
    after, rng.bit_generator.state = rng.bit_generator.state, state
    h = x
    for k in range((n - 1) // every * every):
        h, _ = layer(k, h, rng)
    dx = checkpointed_by_copies(lambda k, *rest: layer(k, *rest), h, G, n, n, rng)[1]
    rng.bit_generator.state = after
    return y, dx


WRONG = {
    "13.1": {"twice": (408, 816, 216), "frozen and X": (408, 576, 384)},
    "13.2": {
        "always as if first": lambda *args: conv_by_places(*args[:-1], True),
        "images as wide as high filters": lambda n, c_in, size, c_out, k, stride, pad, first: (
            conv_by_places(n, c_in, max(size, k), c_out, k, stride, pad, first)
        ),
        "no stride above 3": lambda n, c_in, size, c_out, k, stride, pad, first: conv_by_places(
            n, c_in, size, c_out, k, min(stride, 3), pad, first
        ),
    },
    "13.3": {
        "at least 2": lambda *args: max(2, riders_by_search(*args)),
        "a hundred at most": lambda *args: min(100, riders_by_search(*args)),
        "1 where never": lambda *args: riders_by_search(*args) or 1,
        "bytes below 8": lambda i, o, size, *rest: riders_by_search(i, o, min(size, 4), *rest),
        "ties to the next": lambda i, o, size, rate, bandwidth: riders_by_search(
            i, o, size, rate + 1e-6, bandwidth
        ),
    },
    "13.4": {
        "sorted by seconds, not by FLOPs": lambda a, b: crossover_by_solve(
            *(tuple(zip(sorted(p[0] for p in pts), [p[1] for p in pts], strict=True))
              for pts in (a, b))
        ),
        "never is -1": lambda a, b: -1.0 if crossover_by_solve(a, b) == np.inf
        else crossover_by_solve(a, b),
        "a float32": lambda a, b: float(np.float32(crossover_by_solve(a, b))),
    },
    "13.5": {
        "one call": lambda device, work, calls: timed_with_three(device, work, 1),
        "at least two": lambda device, work, calls: timed_with_three(device, work, max(calls, 2)),
        "the other work": lambda device, work, calls: timed_with_three(device, "other", calls),
        "a known work": lambda device, work, calls: timed_with_three(device, "step", calls + 1),
    },
    "13.6": {
        "within float32": lambda x, bits: rounded_by_python(
            np.clip(x, -3e38, 3e38), bits
        ),
        "0 where small": lambda x, bits: np.where(
            np.abs(x) < 1e-200, 0.0, rounded_by_python(x, bits)
        ),
        "24 bits at most": lambda x, bits: rounded_by_python(x, min(bits, 24)),
        "infinite to the largest": lambda x, bits: np.nan_to_num(rounded_by_python(x, bits)),
        "ravelled": lambda x, bits: rounded_by_python(x, bits).ravel(),
    },
    "13.7": {
        "float16 weights in": lambda w, *rest: step_in_float64(w.astype(np.float16), *rest),
        "d - 1 in the length": lambda w, g16, scale, longest, rates, t: step_in_float64(
            w, g16, scale, longest * math.sqrt((len(w) - 1) / len(w)), rates, t
        ),
        "the first number alone": lambda w, g16, *rest: step_in_float64(w, g16, *rest)
        if np.isfinite(g16[0]) or np.isfinite(g16).all() else step_in_float64(w, 0 * w, *rest),
        "a scale below 1": lambda w, g16, scale, *rest: (
            *step_in_float64(w, g16, scale, *rest)[:1],
            min(step_in_float64(w, g16, scale, *rest)[1], 60000.0),
            step_in_float64(w, g16, scale, *rest)[2],
        ),
    },
    "13.8": {
        "half only with Adam": lambda widths, n, adam, half: kept_by_numpy(
            widths, n, adam, half and adam
        ),
        "two layers at most": lambda widths, n, adam, half: kept_by_numpy(
            widths[-3:], n, adam, half
        ),
        "rows of 8": lambda widths, n, adam, half: kept_by_numpy(
            widths, -(-n // 8) * 8, adam, half
        ),
    },
    "13.9": {"the last segment": last_segment_alone},
    "13.10": {
        "bytes of the rows doubled": (150.0, 20.0, 400.0, 1.737, 1.737),
        "to a twentieth": (158.0, 20.0, 400.0, 1.149, 1.737),
    },
}  # fmt: skip
