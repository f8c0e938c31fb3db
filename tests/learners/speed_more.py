"""More wrong answers to chapter 13, most written before its mistakes were read: of the first 69
56 were told at first sight, those with another clock falsely."""

import math
import time

import numpy as np

from learners.lot import Lot

ANSWERS = Lot()
put = ANSWERS.put

ANSWERS["13.1"] = {
    "ReLU and biases counted everywhere": (480, 648, 248),
    "frozen: nothing flows below, last layer alone": (408, 576, 96),
    "a sum: three terms make five operations": (368, 493, 183),
    "one row, and the gradient of X": (102, 204, 84),
    "one FLOP, weights' gradients only": (204, 204, 84),
    "frozen saves one gradient too few": (408, 576, 456),
}


@put("13.2", "pad on one side")
def conv_one_side(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + pad - k) // stride + 1
    f = 2 * n * c_out * out**2 * c_in * k**2
    return f, f if first else 2 * f


@put("13.2", "bias added")
def conv_bias(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    f = 2 * n * c_out * out**2 * (c_in * k**2 + 1)
    return f, f if first else 2 * f


@put("13.2", "one filter for each channel")
def conv_depthwise(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    f = 2 * n * c_out * out**2 * k**2
    return f, f if first else 2 * f


@put("13.2", "first layer has no backward pass")
def conv_no_backward(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    f = 2 * n * c_out * out**2 * c_in * k**2
    return f, 0 if first else 2 * f


@put("13.2", "k minus one adds per product window")
def conv_exact_adds(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    window = c_in * k * k
    f = n * c_out * out**2 * (2 * window - 1)
    return f, f if first else 2 * f


@put("13.2", "whole step in the second place")
def conv_whole_step(n, c_in, size, c_out, k, stride, pad, first):
    out = (size + 2 * pad - k) // stride + 1
    f = 2 * n * c_out * out**2 * c_in * k**2
    return f, 2 * f if first else 3 * f


@put("13.2", "stepping over the border only")
def conv_valid_steps(n, c_in, size, c_out, k, stride, pad, first):
    out = len(range(-pad, size - k + 1, stride))
    f = 2 * n * c_out * out**2 * c_in * k**2
    return f, f if first else 2 * f


@put("13.3", "weights' traffic only")
def riders_weights_only(n_in, n_out, size, rate, bandwidth):
    B = 1
    while 2 * n_in * n_out * B / rate < size * n_in * n_out / bandwidth:
        B += 1
    return B


@put("13.3", "above, not at least")
def riders_above(n_in, n_out, size, rate, bandwidth):
    for B in range(1, 10001):
        traffic = size * (n_in * n_out + B * (n_in + n_out))
        if 2 * n_in * n_out * B * bandwidth > traffic * rate:
            return B
    return 0


@put("13.3", "searched in powers of two")
def riders_powers(n_in, n_out, size, rate, bandwidth):
    B = 1
    while B < 20000:
        traffic = size * (n_in * n_out + B * (n_in + n_out))
        if 2 * n_in * n_out * B * bandwidth >= traffic * rate:
            return B
        B *= 2
    return 0


@put("13.3", "inputs and outputs swapped into one")
def riders_inputs_twice(n_in, n_out, size, rate, bandwidth):
    gain = 2 * n_in * n_out * bandwidth - 2 * size * n_in * rate
    if gain <= 0:
        return 0
    return max(1, -(-size * n_in * n_out * rate // gain))


@put("13.3", "starts from zero rows")
def riders_from_zero(n_in, n_out, size, rate, bandwidth):
    gain = 2 * n_in * n_out * bandwidth - size * (n_in + n_out) * rate
    if gain <= 0:
        return 0
    return size * n_in * n_out * rate // gain


@put("13.3", "weights read and written")
def riders_weights_twice(n_in, n_out, size, rate, bandwidth):
    for B in range(1, 10001):
        traffic = size * (2 * n_in * n_out + B * (n_in + n_out))
        if 2 * n_in * n_out * B * bandwidth >= traffic * rate:
            return B
    return 0


@put("13.3", "cut off, one more")
def riders_cut(n_in, n_out, size, rate, bandwidth):
    each = 2 * n_in * n_out / rate - size * (n_in + n_out) / bandwidth
    return 0 if each <= 0 else math.floor(size * n_in * n_out / bandwidth / each) + 1


@put("13.4", "points not sorted: slope from order")
def cross_abs(a, b):
    (f0, s0), (f1, s1) = a
    ka = abs(s1 - s0) / abs(f1 - f0)
    ta = s0 - ka * f0
    (f0, s0), (f1, s1) = b
    kb = abs(s1 - s0) / abs(f1 - f0)
    tb = s0 - kb * f0
    if kb >= ka:
        return 0.0 if tb < ta else math.inf
    return max(0.0, (tb - ta) / (ka - kb))


@put("13.4", "overhead: the smaller step's seconds")
def cross_overhead(a, b):
    def line(points):
        (f0, s0), (f1, s1) = sorted(points)
        return s0, (s1 - s0) / (f1 - f0)

    ta, ka = line(a)
    tb, kb = line(b)
    if kb >= ka:
        return 0.0 if kb == ka and tb < ta else math.inf
    return max(0.0, (tb - ta) / (ka - kb))


@put("13.4", "a crossing, whoever wins after it")
def cross_any(a, b):
    def line(points):
        (f0, s0), (f1, s1) = points
        k = (s1 - s0) / (f1 - f0)
        return s0 - k * f0, k

    ta, ka = line(a)
    tb, kb = line(b)
    if ka == kb:
        return math.inf
    F = (tb - ta) / (ka - kb)
    return F if F > 0 else 0.0


@put("13.4", "numpy polyfit turned round")
def cross_poly(a, b):
    ta, ka = np.polyfit(*zip(*a, strict=True), 1)
    tb, kb = np.polyfit(*zip(*b, strict=True), 1)
    if kb >= ka:
        return 0.0 if kb == ka and tb < ta else math.inf
    return float(max(0.0, (tb - ta) / (ka - kb)))


@put("13.5", "time.perf_counter, all else right")
def timed_perf(device, work, calls):
    device.launch(work)
    device.synchronize()
    start = time.perf_counter()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (time.perf_counter() - start) / calls


@put("13.5", "time.time, all else right")
def timed_time(device, work, calls):
    device.launch(work)
    device.synchronize()
    start = time.time()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (time.time() - start) / calls


@put("13.5", "perf_counter in the program as printed")
def timed_printed_perf(device, work, calls):
    start = time.perf_counter()
    for _ in range(calls):
        device.launch(work)
    return (time.perf_counter() - start) / calls


@put("13.5", "warm-up by calls, no wait before the clock")
def timed_no_wait(device, work, calls):
    for _ in range(calls):
        device.launch(work)
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


@put("13.5", "waited inside the loop")
def timed_each(device, work, calls):
    device.launch(work)
    device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
        device.synchronize()
    return (device.now() - start) / calls


@put("13.5", "divided by one call more")
def timed_one_more(device, work, calls):
    device.launch(work)
    device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / (calls + 1)


@put("13.5", "the launches taken off")
def timed_less_launch(device, work, calls):
    device.launch(work)
    device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    launched = device.now() - start
    device.synchronize()
    return (device.now() - start - launched) / calls


@put("13.5", "whole time, not a call's")
def timed_whole(device, work, calls):
    device.launch(work)
    device.synchronize()
    start = device.now()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return device.now() - start


@put("13.5", "clock read before the last wait of the warm-up")
def timed_warm_inside(device, work, calls):
    device.synchronize()
    start = device.now()
    device.launch(work)
    device.synchronize()
    for _ in range(calls):
        device.launch(work)
    device.synchronize()
    return (device.now() - start) / calls


@put("13.6", "decimal digits")
def rounded_decimals(x, bits):
    return np.round(x, bits)


@put("13.6", "fixed point")
def rounded_fixed(x, bits):
    return np.round(x * 2**bits) / 2**bits


@put("13.6", "astype float16")
def rounded_half(x, bits):
    return x.astype(np.float16).astype(np.float64)


@put("13.6", "frexp, one bit too few")
def rounded_one_less(x, bits):
    m, e = np.frexp(x)
    return np.ldexp(np.round(m * 2 ** (bits - 1)), e - bits + 1)


@put("13.6", "away from zero at half")
def rounded_away(x, bits):
    m, e = np.frexp(x)
    return np.ldexp(np.sign(m) * np.floor(np.abs(m) * 2**bits + 0.5), e - bits)


@put("13.6", "floor of the logarithm, zeros left")
def rounded_log(x, bits):
    e = np.floor(np.log2(np.abs(x)))
    step = 2.0 ** (e - bits + 1)
    return np.round(x / step) * step


@put("13.6", "truncated")
def rounded_trunc(x, bits):
    m, e = np.frexp(x)
    return np.ldexp(np.trunc(m * 2**bits), e - bits)


@put("13.6", "one exponent for the whole array")
def rounded_shared(x, bits):
    if not x.size or not np.abs(x).max():
        return x
    _, e = np.frexp(np.abs(x[np.isfinite(x)]).max())
    return np.round(np.ldexp(x, bits - e)) * 2.0 ** (int(e) - bits)


def scaled(w, g16, scale, longest, rates, t, **do):
    if not np.isfinite(g16).all():
        after = do.get("after", lambda w, scale, t: (w, scale / 2, t))
        return after(w, scale, t)
    g = do.get("unscale", lambda g, s: g.astype(np.float32) / np.float32(s))(g16, scale)
    length = do.get("length", np.linalg.norm)(g)
    if length > longest:
        g = do.get("clip", lambda g, length, longest: g * (longest / length))(g, length, longest)
    lr = rates[do.get("at", t)]
    w = do.get("step", lambda w, lr, g: w - lr * g)(w, lr, g)
    return w.astype(np.float32), do.get("scaling", lambda s: s)(scale), t + 1


@put("13.7", "t goes on when skipped")
def step_t_on(w, g16, scale, longest, rates, t):
    return scaled(w, g16, scale, longest, rates, t, after=lambda w, s, t: (w, s / 2, t + 1))


@put("13.7", "scale never under one")
def step_floor(w, g16, scale, longest, rates, t):
    return scaled(w, g16, scale, longest, rates, t, after=lambda w, s, t: (w, max(1.0, s / 2), t))


@put("13.7", "clipped number by number")
def step_each(w, g16, scale, longest, rates, t):
    return scaled(w, g16, scale, longest, rates, t, length=lambda g: np.inf,
                  clip=lambda g, length, longest: np.clip(g, -longest, longest))  # fmt: skip


@put("13.7", "multiplied by the scale")
def step_times(w, g16, scale, longest, rates, t):
    return scaled(w, g16, scale, longest, rates, t,
                  unscale=lambda g, s: g.astype(np.float32) * s)  # fmt: skip


@put("13.7", "infinite numbers set to zero")
def step_zeroed(w, g16, scale, longest, rates, t):
    g16 = np.where(np.isfinite(g16), g16, 0)
    return scaled(w, g16, scale, longest, rates, t)


@put("13.7", "longest times scale, clipped before")
def step_scaled_longest(w, g16, scale, longest, rates, t):
    if not np.isfinite(g16).all():
        return w, scale / 2, t
    length = np.linalg.norm(g16)
    if length > longest * scale:
        g16 = g16 * (longest * scale / length)
    return w - rates[t] * (g16.astype(np.float32) / scale), scale, t + 1


@put("13.7", "scale doubled after a good step")
def step_doubled(w, g16, scale, longest, rates, t):
    return scaled(w, g16, scale, longest, rates, t, scaling=lambda s: 2 * s)


@put("13.7", "isinf only")
def step_isinf(w, g16, scale, longest, rates, t):
    if np.isinf(g16).any():
        return w, scale / 2, t
    g = g16.astype(np.float32) / scale
    length = np.linalg.norm(g)
    if length > longest:
        g = g * (longest / length)
    return (w - rates[t] * g).astype(np.float32), scale, t + 1


@put("13.7", "normalised whenever")
def step_normalised(w, g16, scale, longest, rates, t):
    return scaled(w, g16, scale, longest, rates, t, length=lambda g: np.inf,
                  clip=lambda g, _, longest: g * (longest / (np.linalg.norm(g) or 1)))  # fmt: skip


@put("13.7", "rate of the next step")
def step_next_rate(w, g16, scale, longest, rates, t):
    return scaled(w, g16, scale, longest, rates, t, at=min(t + 1, len(rates) - 1))


def bytes_kept(widths, n, adam, half, **do):
    pairs = list(zip(widths, widths[1:], strict=False))
    p = sum(a * b + b * do.get("biases", 1) for a, b in pairs)
    size = 2 if half else 4
    saved = size * n * do.get("inputs", sum(widths[:-1]))
    saved += do.get("loss", 4) * n * widths[-1]
    copies = sum(a * b for a, b in pairs[do.get("from_", 1) :])
    saved += 2 * copies * half * do.get("copies", 1)
    parameter = do.get("parameter", 4)
    return parameter * p, do.get("gradient", 4) * p, do.get("moments", 8) * p * adam, saved


@put("13.8", "gradients in bfloat16 under half")
def kept_half_gradients(widths, n, adam, half):
    return bytes_kept(widths, n, adam, half, gradient=2 if half else 4)


@put("13.8", "copy of the first layer's weights too")
def kept_first_copy(widths, n, adam, half):
    return bytes_kept(widths, n, adam, half, from_=0)


@put("13.8", "no copies of the weights")
def kept_no_copies(widths, n, adam, half):
    return bytes_kept(widths, n, adam, half, copies=0)


@put("13.8", "log-probabilities in bfloat16")
def kept_half_loss(widths, n, adam, half):
    return bytes_kept(widths, n, adam, half, loss=2 if half else 4)


@put("13.8", "everything halved")
def kept_all_half(widths, n, adam, half):
    c = 2 if half else 4
    return bytes_kept(widths, n, adam, half, parameter=c, gradient=c, moments=2 * c, loss=c)


@put("13.8", "Adam remembers one number")
def kept_one_moment(widths, n, adam, half):
    return bytes_kept(widths, n, adam, half, moments=4)


@put("13.8", "biases not counted")
def kept_no_biases(widths, n, adam, half):
    return bytes_kept(widths, n, adam, half, biases=0)


@put("13.8", "masks kept as well, a byte each")
def kept_masks(widths, n, adam, half):
    w, g, o, saved = bytes_kept(widths, n, adam, half)
    return w, g, o, saved + n * sum(widths[1:-1])


@put("13.8", "outputs, not inputs")
def kept_outputs(widths, n, adam, half):
    return bytes_kept(widths, n, adam, half, inputs=sum(widths[1:]))


@put("13.8", "copies in float32")
def kept_wide_copies(widths, n, adam, half):
    return bytes_kept(widths, n, adam, half, copies=2)


@put("13.8", "copies of biases too")
def kept_bias_copies(widths, n, adam, half):
    w, g, o, saved = bytes_kept(widths, n, adam, half)
    return w, g, o, saved + 2 * half * sum(widths[2:])


@put("13.9", "state restored for each segment from the start of all")
def checkpointed_one_state(layer, x, G, n, every, rng):
    kept, h = {}, x
    state = rng.bit_generator.state
    for k in range(n):
        if k % every == 0:
            kept[k] = h
        h, _ = layer(k, h, rng)
    y = h
    _ = None
    end = rng.bit_generator.state
    for first in reversed(range(0, n, every)):
        rng.bit_generator.state = state
        h, backs = kept.pop(first), []
        for k in range(first, min(first + every, n)):
            h, back = layer(k, h, rng)
            backs.append(back)
        while backs:
            G = backs.pop()(G)
    rng.bit_generator.state = end
    return y, G


@put("13.9", "states kept, end not restored, back kept")
def checkpointed_no_end(layer, x, G, n, every, rng):
    kept, h = {}, x
    for k in range(n):
        if k % every == 0:
            kept[k] = h, rng.bit_generator.state
        h = layer(k, h, rng)[0]
    y = h
    for first in reversed(range(0, n, every)):
        h, rng.bit_generator.state = kept.pop(first)
        backs = []
        for k in range(first, min(first + every, n)):
            h, back = layer(k, h, rng)
            backs.append(back)
        back = None
        while backs:
            G = backs.pop()(G)
    return y, G


@put("13.9", "every back kept in one list")
def checkpointed_all(layer, x, G, n, every, rng):
    h, backs = x, []
    for k in range(n):
        h, back = layer(k, h, rng)
        backs.append(back)
    y = h
    for back in reversed(backs):
        G = back(G)
    return y, G


@put("13.9", "a copy of the generator made too late")
def checkpointed_late(layer, x, G, n, every, rng):
    kept, h = {}, x
    for k in range(n):
        h_in = h
        h = layer(k, h, rng)[0]
        if k % every == 0:
            kept[k] = h_in, rng.bit_generator.state
    y = h
    h_in = None
    end = rng.bit_generator.state
    for first in reversed(range(0, n, every)):
        h, rng.bit_generator.state = kept.pop(first)
        backs = []
        for k in range(first, min(first + every, n)):
            h, back = layer(k, h, rng)
            backs.append(back)
        back = None
        while backs:
            G = backs.pop()(G)
    rng.bit_generator.state = end
    return y, G


@put("13.9", "a fresh generator for the second run")
def checkpointed_fresh(layer, x, G, n, every, rng):
    kept, h = {}, x
    for k in range(n):
        if k % every == 0:
            kept[k] = h
        h = layer(k, h, rng)[0]
    y = h
    for first in reversed(range(0, n, every)):
        h, backs = kept.pop(first), []
        again = np.random.default_rng(0)
        for k in range(first, min(first + every, n)):
            h, back = layer(k, h, again)
            backs.append(back)
        back = None
        while backs:
            G = backs.pop()(G)
    return y, G


@put("13.9", "segments backward in order")
def checkpointed_forward_order(layer, x, G, n, every, rng):
    kept, h = {}, x
    for k in range(n):
        if k % every == 0:
            kept[k] = h, rng.bit_generator.state
        h = layer(k, h, rng)[0]
    y = h
    end = rng.bit_generator.state
    for first in range(0, n, every):
        h, rng.bit_generator.state = kept.pop(first)
        backs = []
        for k in range(first, min(first + every, n)):
            h, back = layer(k, h, rng)
            backs.append(back)
        back = None
        while backs:
            G = backs.pop()(G)
    rng.bit_generator.state = end
    return y, G


ANSWERS["13.10"] = {
    "bandwidth by the wide call, overhead from it": (140.6, 16.97, 400.0, 1.18, 1.78),
    "level part of the narrow net as overhead": (203.0, 20.0, 400.0, 1.149, 1.737),
    "both gains two": (150.0, 20.0, 400.0, 2.0, 2.0),
    "rate at the narrow end": (150.0, 20.0, 360.0, 1.149, 1.737),
    "one FLOP a product": (150.0, 20.0, 200.0, 1.149, 1.737),
    "seconds and bytes": (150e-6, 20e9, 400e9, 1.149, 1.737),
    "overhead by difference": (787.0, 20.0, 400.0, 1.149, 1.737),
    "gains exchanged": (150.0, 20.0, 400.0, 1.737, 1.149),
    "no overhead at all": (0.0, 20.0, 400.0, 2.0, 2.0),
    "bytes of float64": (150.0, 40.0, 400.0, 1.149, 1.737),
    "gain of the overhead too": (150.0, 20.0, 400.0, 2.0, 1.737),
    "rate at one row": (150.0, 20.0, 8.476, 1.149, 1.737),
}
# ---- written after the lists of mistakes had been widened

ANSWERS["13.1"] |= {
    "one row backward, and X": (408, 204, 84),
    "third layer left out of the backward pass": (408, 480, 120),
    "four FLOPs for each": (816, 1152, 432),
}


@put("13.3", "rate and bandwidth exchanged")
def riders_exchanged(n_in, n_out, size, rate, bandwidth):
    for B in range(1, 10001):
        moved = size * (n_in * n_out + B * (n_in + n_out))
        if 2 * n_in * n_out * B / bandwidth >= moved / rate:
            return B
    return 0


@put("13.4", "slopes compared, overheads not")
def cross_slopes(a, b):
    def slope(points):
        (F, s), (F2, s2) = points
        return (s2 - s) / (F2 - F)

    return 0.0 if slope(b) < slope(a) else math.inf


@put("13.4", "where they meet, right of 0")
def cross_right(a, b):
    def line(points):
        (F, s), (F2, s2) = points
        k = (s2 - s) / (F2 - F)
        return s - k * F, k

    (ta, ka), (tb, kb) = line(a), line(b)
    if ka == kb:
        return math.inf
    F = (tb - ta) / (ka - kb)
    return F if F > 0 else math.inf


@put("13.5", "the first of the calls is the warm-up")
def timed_first_apart(device, work, calls):
    device.synchronize()
    start = device.now()
    for k in range(calls):
        device.launch(work)
        if k == 0:
            device.synchronize()
            start = device.now()
    device.synchronize()
    return (device.now() - start) / max(calls - 1, 1)


@put("13.5", "from the last launch on")
def timed_from_last(device, work, calls):
    device.launch(work)
    device.synchronize()
    for _ in range(calls):
        device.launch(work)
    start = device.now()
    device.synchronize()
    return (device.now() - start) / calls


@put("13.6", "mantissa in decimals")
def rounded_mantissa(x, bits):
    m, e = np.frexp(x)
    return np.ldexp(np.round(m, bits), e)


@put("13.6", "decimal exponent")
def rounded_by_ten(x, bits):
    with np.errstate(all="ignore"):
        e = np.floor(np.log10(np.abs(np.where(x == 0, 1, x))))
        return np.round(x / 10**e * 2**bits) / 2**bits * 10**e


@put("13.6", "up in size")
def rounded_up(x, bits):
    m, e = np.frexp(x)
    return np.sign(x) * np.ldexp(np.ceil(np.abs(m) * 2**bits), e - bits)


@put("13.7", "zeros where skipped")
def step_zeros(w, g16, scale, longest, rates, t):
    return scaled(w, g16, scale, longest, rates, t, after=lambda w, s, t: (0 * w, s / 2, t))


@put("13.7", "halved at every step")
def step_halved(w, g16, scale, longest, rates, t):
    return scaled(w, g16, scale, longest, rates, t, scaling=lambda s: s / 2)


@put("13.7", "over the square of the length")
def step_square(w, g16, scale, longest, rates, t):
    return scaled(w, g16, scale, longest, rates, t,
                  clip=lambda g, length, longest: g * (longest / length**2))  # fmt: skip


@put("13.8", "Adam's numbers in bfloat16")
def kept_half_moments(widths, n, adam, half):
    return bytes_kept(widths, n, adam, half, moments=4 if half else 8)


@put("13.8", "parameters among what is saved")
def kept_parameters(widths, n, adam, half):
    w, g, o, saved = bytes_kept(widths, n, adam, half)
    return w, g, o, saved + w


@put("13.9", "from the end of the forward pass")
def checkpointed_from_end(layer, x, G, n, every, rng):
    kept, h = {}, x
    for k in range(n):
        if k % every == 0:
            kept[k] = h
        h = layer(k, h, rng)[0]
    y, end = h, rng.bit_generator.state
    for first in reversed(range(0, n, every)):
        rng.bit_generator.state = end
        h, backs = kept.pop(first), []
        for k in range(first, min(first + every, n)):
            h, back = layer(k, h, rng)
            backs.append(back)
        back = None
        while backs:
            G = backs.pop()(G)
    rng.bit_generator.state = end
    return y, G


ANSWERS["13.10"] |= {
    "mean of both levels": (596, 20, 400, 1.149, 1.737),
    "GiB": (150, 18.63, 400, 1.149, 1.737),
    "shares": (150, 20, 400, 0.87, 0.576),
    "moving gone": (150, 20, 400, 1.35, 6.6),
}
UNTOLD = {
    ("13.1", "one row backward, and X"),
    ("13.6", "decimal exponent"),
    ("13.10", "mean of both levels"),
}
