"""Wrong answers to chapter 13: 88 of 112 were told at first sight, a few of them falsely."""

import math

import numpy as np

from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put

ANSWERS["13.1"] = {
    "one FLOP a weight, batch forgotten": (51, 72, 27),
    "no batch, biases as well": (122, 164, 64),
    "backward twice forward, frozen minus the first layer": (408, 816, 576),
    "frozen: both gradients of the last two": (408, 576, 336),
    "frozen: weights only": (408, 576, 168),
    "frozen: backward minus weights of layer one": (408, 576, 336.0),
    "biases in the forward pass": (448, 576, 216),
    "input's gradient counted once": (408, 816, 216),
    "whole step in place of backward": (408, 984, 624),
    "batch of one in the backward pass": (408, 144, 54),
    "frozen means the last layer": (408, 576, 528),
    "the first layer's weights in inputs": (408, 408, 168),
}


@put("13.2", "size // stride")
def conv_size_over_stride(n, c_in, size, c_out, k, stride, pad, first):
    out = size // stride
    f = 2 * n * out * out * c_out * c_in * k * k
    return f, f if first else 2 * f


@put("13.2", "no plus one")
def conv_no_plus_one(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride
    f = 2 * n * out * out * c_out * c_in * k * k
    return f, f if first else 2 * f


@put("13.2", "stride left out")
def conv_no_stride(n, c_in, size, c_out, k, stride, pad, first):
    out = size + 2 * pad - k + 1
    f = 2 * n * out * out * c_out * c_in * k * k
    return f, f if first else 2 * f


@put("13.2", "stride divides once")
def conv_stride_once(n, c_in, size, c_out, k, stride, pad, first):
    out = size + 2 * pad - k + 1
    f = 2 * n * (out * out // stride) * c_out * c_in * k * k
    return f, f if first else 2 * f


@put("13.2", "int of a division, plus one outside")
def conv_rounded(n, c_in, size, c_out, k, stride, pad, first):
    out = round((size + 2 * pad - k) / stride) + 1
    f = 2 * n * out * out * c_out * c_in * k * k
    return f, f if first else 2 * f


@put("13.2", "filters forgotten")
def conv_one_filter(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    f = 2 * n * out**2 * c_in * k**2
    return f, f if first else 2 * f


@put("13.2", "channels in twice")
def conv_channels_twice(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    f = 2 * n * c_in * c_out * out**2 * c_in * k**2
    return f, f if first else 2 * f


@put("13.2", "one FLOP a product")
def conv_half(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    f = n * c_out * out**2 * c_in * k**2
    return f, f if first else 2 * f


@put("13.2", "batch forgotten")
def conv_no_batch(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    f = 2 * c_out * out**2 * c_in * k**2
    return f, f if first else 2 * f


@put("13.2", "backward three forwards")
def conv_three(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    f = 2 * n * c_out * out**2 * c_in * k**2
    return f, 2 * f if first else 3 * f


@put("13.2", "gradient of the input over the pixels")
def conv_dx_of_pixels(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    f = 2 * n * c_out * out**2 * c_in * k**2
    return f, f + (0 if first else 2 * n * c_in * size**2 * c_out * k**2)


@put("13.3", "rows forgotten")
def riders_weights(n_in, n_out, size, rate, bandwidth):
    B = 1
    while 2 * n_in * n_out * B / rate < n_in * n_out * size / bandwidth:
        B += 1
    return B


@put("13.3", "no end")
def riders_forever(n_in, n_out, size, rate, bandwidth):
    B = 1
    while 2 * n_in * n_out * B / rate < ((n_in * n_out + B * n_in + B * n_out) * size / bandwidth):
        B += 1
    return B


@put("13.3", "gives up after a thousand")
def riders_thousand(n_in, n_out, size, rate, bandwidth):
    for B in range(1, 1000):
        if 2 * n_in * n_out * B / rate >= (
            (n_in * n_out + B * n_in + B * n_out) * size / bandwidth
        ):
            return B
    return 0


@put("13.3", "bandwidth in numbers")
def riders_numbers(n_in, n_out, size, rate, bandwidth):
    for B in range(1, 20_000):
        if 2 * n_in * n_out * B / rate >= (n_in * n_out + B * n_in + B * n_out) / bandwidth:
            return B
    return 0


@put("13.3", "ridge in FLOPs a byte, weights only")
def riders_ridge(n_in, n_out, size, rate, bandwidth):
    return math.ceil(rate / bandwidth * size / 2)


@put("13.3", "above, not at least")
def riders_above(n_in, n_out, size, rate, bandwidth):
    for B in range(1, 20_000):
        if 2 * n_in * n_out * B / rate > size * (n_in * n_out + B * (n_in + n_out)) / bandwidth:
            return B
    return 0


@put("13.3", "rounded")
def riders_round(n_in, n_out, size, rate, bandwidth):
    bottom = 2 * n_in * n_out / rate - size * (n_in + n_out) / bandwidth
    if bottom <= 0:
        return 0
    return round(size * n_in * n_out / bandwidth / bottom)


@put("13.3", "plus one")
def riders_floor_plus_one(n_in, n_out, size, rate, bandwidth):
    bottom = 2 * n_in * n_out / rate - size * (n_in + n_out) / bandwidth
    if bottom <= 0:
        return 0
    return int(size * n_in * n_out / bandwidth / bottom) + 1


@put("13.3", "negative in place of 0")
def riders_negative(n_in, n_out, size, rate, bandwidth):
    bottom = 2 * n_in * n_out * bandwidth - size * (n_in + n_out) * rate
    return math.ceil(size * n_in * n_out * rate / bottom) if bottom else 0


@put("13.3", "bytes of one row each")
def riders_one_row(n_in, n_out, size, rate, bandwidth):
    for B in range(1, 20_000):
        if 2 * n_in * n_out * B / rate >= size * (n_in * n_out + n_in + n_out) / bandwidth:
            return B
    return 0


@put("13.3", "outputs not written")
def riders_inputs(n_in, n_out, size, rate, bandwidth):
    for B in range(1, 20_000):
        if 2 * n_in * n_out * B / rate >= size * (n_in * n_out + B * n_in) / bandwidth:
            return B
    return 0


@put("13.3", "compares the wrong way round")
def riders_wrong_way(n_in, n_out, size, rate, bandwidth):
    for B in range(1, 20_000):
        if 2 * n_in * n_out * B / rate <= size * (n_in * n_out + B * (n_in + n_out)) / bandwidth:
            return B
    return 0


def line(points):
    (f1, t1), (f2, t2) = points
    s = (t2 - t1) / (f2 - f1)
    return t1 - s * f1, s


@put("13.4", "no cases")
def crossover_bare(a, b):
    (ta, sa), (tb, sb) = line(a), line(b)
    return (tb - ta) / (sa - sb)


@put("13.4", "lag negative is never")
def crossover_negative_never(a, b):
    (ta, sa), (tb, sb) = line(a), line(b)
    if sa == sb:
        return math.inf
    F = (tb - ta) / (sa - sb)
    return F if F >= 0 else math.inf


@put("13.4", "parallel is always never")
def crossover_parallel(a, b):
    (ta, sa), (tb, sb) = line(a), line(b)
    if sb >= sa:
        return math.inf
    return max(0.0, (tb - ta) / (sa - sb))


@put("13.4", "faster at 0 is 0")
def crossover_faster_at_start(a, b):
    (ta, sa), (tb, sb) = line(a), line(b)
    if tb < ta:
        return 0.0
    if sb >= sa:
        return math.inf
    return (tb - ta) / (sa - sb)


@put("13.4", "rates subtracted")
def crossover_rates(a, b):
    (ta, sa), (tb, sb) = line(a), line(b)
    if sb >= sa:
        return 0.0 if sb == sa and tb < ta else math.inf
    return max(0.0, (tb - ta) * (1 / sb - 1 / sa))


@put("13.4", "overhead over the slope of a")
def crossover_slope_of_a(a, b):
    (ta, sa), (tb, sb) = line(a), line(b)
    if sb >= sa:
        return 0.0 if sb == sa and tb < ta else math.inf
    return max(0.0, (tb - ta) / sa)


@put("13.4", "first points compared")
def crossover_first(a, b):
    (ta, sa), (tb, sb) = line(a), line(b)
    if sb >= sa:
        return 0.0 if sb == sa and tb < ta else math.inf
    return max(0.0, (b[0][1] - a[0][1]) / (sa - sb))


@put("13.4", "rate as F over t")
def crossover_rate_of_second(a, b):
    ra, rb = a[1][0] / a[1][1], b[1][0] / b[1][1]
    ta, tb = a[0][1] - a[0][0] / ra, b[0][1] - b[0][0] / rb
    if rb <= ra:
        return math.inf
    return max(0.0, (tb - ta) / (1 / ra - 1 / rb))


@put("13.4", "slope upside down")
def crossover_upside_down(a, b):
    def of(points):
        (f1, t1), (f2, t2) = points
        rate = (t2 - t1) / (f2 - f1)
        return t1 - f1 / rate, 1 / rate if rate else math.inf

    (ta, sa), (tb, sb) = of(a), of(b)
    if sb >= sa:
        return math.inf
    return max(0.0, (tb - ta) / (sa - sb))


@put("13.4", "an int")
def crossover_int(a, b):
    (ta, sa), (tb, sb) = line(a), line(b)
    if sb >= sa:
        return 0 if sb == sa and tb < ta else math.inf
    return max(0, int((tb - ta) / (sa - sb)))


@put("13.4", "None for never")
def crossover_none(a, b):
    (ta, sa), (tb, sb) = line(a), line(b)
    if sb >= sa:
        return 0.0 if sb == sa and tb < ta else None
    return max(0.0, (tb - ta) / (sa - sb))


@put("13.4", "equal lines are always")
def crossover_equal(a, b):
    (ta, sa), (tb, sb) = line(a), line(b)
    if sb > sa:
        return math.inf
    if sb == sa:
        return 0.0 if tb <= ta else math.inf
    return max(0.0, (tb - ta) / (sa - sb))


@put("13.5", "only the last synchronize")
def timed_last(device, work, calls):
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


@put("13.5", "warmed, not waited for")
def timed_warm_only(device, work, calls):
    device.launch(work)
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


@put("13.5", "warmed, last not waited for")
def timed_no_last(device, work, calls):
    device.launch(work)
    device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    return (device.now() - start) / calls


@put("13.5", "synchronize within the loop")
def timed_each(device, work, calls):
    device.launch(work)
    device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
        device.synchronize()
    return (device.now() - start) / calls


@put("13.5", "stopped before it is waited for")
def timed_stop_first(device, work, calls):
    device.launch(work)
    device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    stop = device.now()
    device.synchronize()
    return (stop - start) / calls


@put("13.5", "sum of single calls")
def timed_single(device, work, calls):
    device.launch(work)
    total = 0
    for _ in range(calls):
        device.synchronize()
        start = device.now()
        device.launch(work)
        device.synchronize()
        total += device.now() - start
    return total / calls


@put("13.5", "median of single calls")
def timed_median(device, work, calls):
    device.launch(work)
    times = []
    for _ in range(calls):
        device.synchronize()
        start = device.now()
        device.launch(work)
        device.synchronize()
        times.append(device.now() - start)
    return float(np.median(times))


@put("13.5", "clock started before the warm-up is waited for")
def timed_early_clock(device, work, calls):
    device.launch(work)
    start = device.now()
    device.synchronize()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


@put("13.5", "warm-up inside the clock")
def timed_warm_inside(device, work, calls):
    device.synchronize()
    start = device.now()
    device.launch(work)
    device.synchronize()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


@put("13.5", "calls minus one")
def timed_minus_one(device, work, calls):
    device.launch(work)
    device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / max(calls - 1, 1)


@put("13.5", "synchronised first, no warm-up")
def timed_sync_first(device, work, calls):
    device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


@put("13.6", "decimals")
def rounded_decimals(x, bits):
    return np.round(x, bits)


@put("13.6", "truncated through int")
def rounded_int(x, bits):
    m, e = np.frexp(x)
    return np.ldexp((m * 2**bits).astype(np.int64).astype(float), e - bits)


@put("13.6", "floor plus a half")
def rounded_half_up(x, bits):
    m, e = np.frexp(x)
    return np.ldexp(np.floor(m * 2.0**bits + 0.5), e - bits)


@put("13.6", "bits after the point")
def rounded_fixed(x, bits):
    return np.round(x * 2**bits) / 2**bits


@put("13.6", "log2 without abs")
def rounded_log(x, bits):
    with np.errstate(all="ignore"):
        step = 2 ** (np.floor(np.log2(x)) - bits + 1)
        return np.round(x / step) * step


@put("13.6", "log2 of 0")
def rounded_log_zero(x, bits):
    with np.errstate(all="ignore"):
        step = 2 ** (np.floor(np.log2(np.abs(x))) - bits + 1)
        return np.round(x / step) * step


@put("13.6", "leading bit not counted")
def rounded_hidden(x, bits):
    m, e = np.frexp(x)
    return np.ldexp(np.rint(m * 2.0 ** (bits + 1)), e - bits - 1)


@put("13.6", "one exponent too many")
def rounded_step_off(x, bits):
    size = np.where((x == 0) | ~np.isfinite(x), 1.0, np.abs(x))
    step = 2.0 ** (np.floor(np.log2(size)) - bits)
    return np.round(x / step) * step


@put("13.6", "float16 or float32")
def rounded_cast(x, bits):
    with np.errstate(all="ignore"):
        return x.astype(np.float16 if bits <= 11 else np.float32).astype(float)


@put("13.6", "infinity becomes nan")
def rounded_inf(x, bits):
    with np.errstate(all="ignore"):
        size = np.where(x == 0, 1.0, np.abs(x))
        step = 2.0 ** (np.floor(np.log2(size)) - bits + 1)
        return np.round(x / step) * step


@put("13.6", "significant decimals by a format")
def rounded_format(x, bits):
    return np.array([float(f"{v:.{bits}g}") for v in np.ravel(x)]).reshape(np.shape(x))


@put("13.7", "skip added, nothing else")
def step_skip_only(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale / 2, t
    length = np.linalg.norm(g16)
    if length > longest:
        g16 = g16 * (longest / length)
    g = g16 / scale
    return w - rates[t] * g, scale, t + 1


@put("13.7", "float32, but clipped first")
def step_clip_first(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale / 2, t
    g = g16.astype(np.float32)
    length = np.linalg.norm(g)
    if length > longest:
        g = g * (longest / length)
    return w - rates[t] * g / scale, scale, t + 1


@put("13.7", "unscaled, then to float32")
def step_cast_late(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale / 2, t
    with np.errstate(all="ignore"):
        g = (g16 / scale).astype(np.float32)
    length = np.linalg.norm(g)
    if length > longest:
        g = g * (longest / length)
    return w - rates[t] * g, scale, t + 1


@put("13.7", "t goes on when skipped")
def step_goes_on(w, g16, scale, longest, rates, t):
    if np.isfinite(g16).all():
        g = g16.astype(np.float32) / scale
        length = np.linalg.norm(g)
        if length > longest:
            g = g * (longest / length)
        w = w - rates[t] * g
    else:
        scale = scale / 2
    return w, scale, t + 1


@put("13.7", "isinf alone")
def step_isinf(w, g16, scale, longest, rates, t):
    if np.isinf(g16).any():
        return w, scale / 2, t
    g = g16.astype(np.float32) / scale
    length = np.linalg.norm(g)
    if length > longest:
        g = g * (longest / length)
    return w - rates[t] * g, scale, t + 1


@put("13.7", "all in place of any")
def step_all(w, g16, scale, longest, rates, t):
    if (~np.isfinite(g16)).all():
        return w, scale / 2, t
    with np.errstate(all="ignore"):
        g = g16.astype(np.float32) / scale
        length = np.linalg.norm(g)
        if length > longest:
            g = g * (longest / length)
        return w - rates[t] * g, scale, t + 1


@put("13.7", "clipped by value")
def step_by_value(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale / 2, t
    g = np.clip(g16.astype(np.float32) / scale, -longest, longest)
    return w - rates[t] * g, scale, t + 1


@put("13.7", "divided by the length only")
def step_normalised(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale / 2, t
    g = g16.astype(np.float32) / scale
    length = np.linalg.norm(g)
    if length > longest:
        g = g / length
    return w - rates[t] * g, scale, t + 1


@put("13.7", "clips unscaled limit on scaled gradient")
def step_scaled_limit(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale / 2, t
    g = g16.astype(np.float32)
    if np.linalg.norm(g) / scale > longest:
        g = g * (longest / np.linalg.norm(g))
    return w - rates[t] * g / scale, scale, t + 1


@put("13.7", "scale kept")
def step_scale_kept(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale, t
    g = g16.astype(np.float32) / scale
    length = np.linalg.norm(g)
    if length > longest:
        g = g * (longest / length)
    return w - rates[t] * g, scale, t + 1


@put("13.7", "rate of the next step")
def step_next_rate(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale / 2, t
    t = t + 1
    g = g16.astype(np.float32) / scale
    length = np.linalg.norm(g)
    if length > longest:
        g = g * (longest / length)
    return w - rates[min(t, len(rates) - 1)] * g, scale, t


@put("13.7", "w in place")
def step_in_place(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale / 2, t
    g = g16.astype(np.float32) / np.float32(scale)
    length = np.linalg.norm(g)
    if length > longest:
        g = g * np.float32(longest / length)
    w -= np.float32(rates[t]) * g
    return w, scale, t + 1


@put("13.7", "squared length")
def step_squared(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale / 2, t
    g = g16.astype(np.float32) / scale
    length = (g**2).sum()
    if length > longest:
        g = g * (longest / length)
    return w - rates[t] * g, scale, t + 1


def sizes(widths):
    return [a * b for a, b in zip(widths, widths[1:], strict=False)]


@put("13.8", "everything halved")
def kept_all_half(widths, n, adam, half):
    e = 2 if half else 4
    P = sum(sizes(widths)) + sum(widths[1:])
    return e * P, e * P, 2 * e * P * adam, e * n * sum(widths[:-1]) + e * n * widths[-1]


@put("13.8", "copies forgotten")
def kept_no_copies(widths, n, adam, half):
    e = 2 if half else 4
    P = sum(sizes(widths)) + sum(widths[1:])
    return 4 * P, 4 * P, 8 * P * adam, e * n * sum(widths[:-1]) + 4 * n * widths[-1]


@put("13.8", "copies of all matrices")
def kept_all_copies(widths, n, adam, half):
    P = sum(sizes(widths)) + sum(widths[1:])
    saved = (2 if half else 4) * n * sum(widths[:-1]) + 4 * n * widths[-1]
    return 4 * P, 4 * P, 8 * P * adam, saved + (2 * sum(sizes(widths)) if half else 0)


@put("13.8", "copies with biases")
def kept_copies_with_biases(widths, n, adam, half):
    P = sum(sizes(widths)) + sum(widths[1:])
    saved = (2 if half else 4) * n * sum(widths[:-1]) + 4 * n * widths[-1]
    copies = 2 * (sum(sizes(widths)[1:]) + sum(widths[2:]))
    return 4 * P, 4 * P, 8 * P * adam, saved + copies * half


@put("13.8", "no biases")
def kept_no_biases(widths, n, adam, half):
    P = sum(sizes(widths))
    saved = (2 if half else 4) * n * sum(widths[:-1]) + 4 * n * widths[-1]
    return 4 * P, 4 * P, 8 * P * adam, saved + (2 * sum(sizes(widths)[1:]) if half else 0)


@put("13.8", "Adam once")
def kept_adam_once(widths, n, adam, half):
    P = sum(sizes(widths)) + sum(widths[1:])
    saved = (2 if half else 4) * n * sum(widths[:-1]) + 4 * n * widths[-1]
    copies = 2 * sum(sizes(widths)[1:]) if half else 0
    return 4 * P, 4 * P, 4 * P if adam else 0, saved + copies


@put("13.8", "SGD remembers a gradient")
def kept_sgd(widths, n, adam, half):
    P = sum(sizes(widths)) + sum(widths[1:])
    saved = (2 if half else 4) * n * sum(widths[:-1]) + 4 * n * widths[-1]
    copies = 2 * sum(sizes(widths)[1:]) if half else 0
    return 4 * P, 4 * P, 8 * P if adam else 4 * P, saved + copies


@put("13.8", "log-probabilities in half")
def kept_log_half(widths, n, adam, half):
    e = 2 if half else 4
    P = sum(sizes(widths)) + sum(widths[1:])
    copies = 2 * sum(sizes(widths)[1:]) if half else 0
    return 4 * P, 4 * P, 8 * P * adam, e * n * sum(widths) + copies


@put("13.8", "numbers, not bytes")
def kept_numbers(widths, n, adam, half):
    P = sum(sizes(widths)) + sum(widths[1:])
    copies = sum(sizes(widths)[1:]) if half else 0
    return P, P, 2 * P * adam, n * sum(widths) + copies


@put("13.8", "before and after the ReLU")
def kept_both(widths, n, adam, half):
    e = 2 if half else 4
    P = sum(sizes(widths)) + sum(widths[1:])
    copies = 2 * sum(sizes(widths)[1:]) if half else 0
    saved = e * n * (widths[0] + 2 * sum(widths[1:-1])) + 4 * n * widths[-1]
    return 4 * P, 4 * P, 8 * P * adam, saved + copies


@put("13.8", "X not kept")
def kept_without_x(widths, n, adam, half):
    e = 2 if half else 4
    P = sum(sizes(widths)) + sum(widths[1:])
    copies = 2 * sum(sizes(widths)[1:]) if half else 0
    return 4 * P, 4 * P, 8 * P * adam, e * n * sum(widths[1:-1]) + 4 * n * widths[-1] + copies


@put("13.8", "batch forgotten in the loss")
def kept_one_loss(widths, n, adam, half):
    e = 2 if half else 4
    P = sum(sizes(widths)) + sum(widths[1:])
    copies = 2 * sum(sizes(widths)[1:]) if half else 0
    return 4 * P, 4 * P, 8 * P * adam, e * n * sum(widths[:-1]) + 4 * n + copies


def back_through(layer, h, G, rng, first, last):
    backs = []
    for k in range(first, last):
        h, back = layer(k, h, rng)
        backs.append(back)
    for back in reversed(backs):
        G = back(G)
    return G


@put("13.9", "as chapter 04 does it")
def checkpointed_as_before(layer, x, G, n, every, rng):
    kept, h = {}, x
    for k in range(n):
        if k % every == 0:
            kept[k] = h
        h, _ = layer(k, h, rng)
    y = h
    for start in reversed(range(0, n, every)):
        G = back_through(layer, kept.pop(start), G, rng, start, min(start + every, n))
    return y, G


@put("13.9", "everything kept")
def checkpointed_nothing(layer, x, G, n, every, rng):
    backs, h = [], x
    for k in range(n):
        h, back = layer(k, h, rng)
        backs.append(back)
    for back in reversed(backs):
        G = back(G)
    return h, G


@put("13.9", "state not put back at the end")
def checkpointed_left(layer, x, G, n, every, rng):
    kept, h = [], x
    for k in range(n):
        if k % every == 0:
            kept.append((k, h, rng.bit_generator.state))
        h, _ = layer(k, h, rng)
    y = h
    for start, h, state in reversed(kept):
        rng.bit_generator.state = state
        G = back_through(layer, h, G, rng, start, min(start + every, n))
    return y, G


@put("13.9", "the start's state for all")
def checkpointed_one_state(layer, x, G, n, every, rng):
    kept, h, state = [], x, rng.bit_generator.state
    for k in range(n):
        if k % every == 0:
            kept.append((k, h))
        h, _ = layer(k, h, rng)
    y, end = h, rng.bit_generator.state
    for start, h in reversed(kept):
        rng.bit_generator.state = state
        G = back_through(layer, h, G, rng, start, min(start + every, n))
    rng.bit_generator.state = end
    return y, G


@put("13.9", "a new generator of seed 0")
def checkpointed_seeded(layer, x, G, n, every, rng):
    kept, h = [], x
    rng = np.random.default_rng(0)
    for k in range(n):
        if k % every == 0:
            kept.append((k, h, rng.bit_generator.state))
        h, _ = layer(k, h, rng)
    y = h
    for start, h, state in reversed(kept):
        rng.bit_generator.state = state
        G = back_through(layer, h, G, rng, start, min(start + every, n))
    return y, G


@put("13.9", "state read after the layer")
def checkpointed_late_state(layer, x, G, n, every, rng):
    kept, h = [], x
    for k in range(n):
        before = h
        h, _ = layer(k, h, rng)
        if k % every == 0:
            kept.append((k, before, rng.bit_generator.state))
    y, end = h, rng.bit_generator.state
    for start, h, state in reversed(kept):
        rng.bit_generator.state = state
        G = back_through(layer, h, G, rng, start, min(start + every, n))
    rng.bit_generator.state = end
    return y, G


@put("13.9", "whole segments only")
def checkpointed_whole(layer, x, G, n, every, rng):
    kept, h = [], x
    for s in range(n // every):
        kept.append((s * every, h, rng.bit_generator.state))
        for k in range(s * every, (s + 1) * every):
            h, _ = layer(k, h, rng)
    y, end = h, rng.bit_generator.state
    for start, h, state in reversed(kept):
        rng.bit_generator.state = state
        G = back_through(layer, h, G, rng, start, start + every)
    rng.bit_generator.state = end
    return y, G


@put("13.9", "each from the beginning")
def checkpointed_from_x(layer, x, G, n, every, rng):
    state, h = rng.bit_generator.state, x
    for k in range(n):
        h, _ = layer(k, h, rng)
    y, end = h, rng.bit_generator.state
    for last in range(n - 1, -1, -1):
        rng.bit_generator.state = state
        h = x
        for k in range(last + 1):
            h, back = layer(k, h, rng)
        G = back(G)
    rng.bit_generator.state = end
    return y, G


@put("13.9", "backs in the forward order")
def checkpointed_forward_order(layer, x, G, n, every, rng):
    kept, h = [], x
    for k in range(n):
        if k % every == 0:
            kept.append((k, h, rng.bit_generator.state))
        h, _ = layer(k, h, rng)
    y, end = h, rng.bit_generator.state
    for start, h, state in reversed(kept):
        rng.bit_generator.state = state
        backs = []
        for k in range(start, min(start + every, n)):
            h, back = layer(k, h, rng)
            backs.append(back)
        for back in backs:
            G = back(G)
    rng.bit_generator.state = end
    return y, G


@put("13.9", "dx alone")
def checkpointed_dx(layer, x, G, n, every, rng):
    kept, h = [], x
    for k in range(n):
        if k % every == 0:
            kept.append((k, h, rng.bit_generator.state))
        h, _ = layer(k, h, rng)
    end = rng.bit_generator.state
    for start, h, state in reversed(kept):
        rng.bit_generator.state = state
        G = back_through(layer, h, G, rng, start, min(start + every, n))
    rng.bit_generator.state = end
    return G


@put("13.9", "the inputs of all layers kept")
def checkpointed_inputs(layer, x, G, n, every, rng):
    kept, h = [], x
    for k in range(n):
        kept.append((h, rng.bit_generator.state))
        h, _ = layer(k, h, rng)
    y, end = h, rng.bit_generator.state
    for k in range(n - 1, -1, -1):
        h, state = kept[k]
        rng.bit_generator.state = state
        G = layer(k, h, rng)[1](G)
    rng.bit_generator.state = end
    return y, G


UNTOLD = {
    ("13.3", "no end"),
    ("13.9", "dx alone"),
}
