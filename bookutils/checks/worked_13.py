"""Right programs of chapter 13, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong answers come from.
"""

import numpy as np

from bookutils.checks.pretend import Device

STEP, OTHER = "step", "other"  # names, which no change touches


def by_hand(a=6.0, b=5.0, c=3.0, d=2.0, n=4.0):
    w1 = a * b
    w2 = b * c
    w3 = c * d
    forward = 2 * n * (w1 + w2 + w3)
    weights = 2 * n * (w1 + w2 + w3)
    inputs = 2 * n * (w2 + w3)
    frozen = 2 * n * (w2 + w3) + 2 * n * w3
    return forward, weights + inputs, frozen


def conv_flops(n, c_in, size, c_out, k, stride, pad, first):
    padded = size + 2 * pad
    out = (padded - k) // stride + 1
    numbers = n * c_out * out * out
    products = c_in * k * k
    forward = 2 * numbers * products
    weights = forward
    inputs = 0 if first else forward
    backward = weights + inputs
    return forward, backward


def whole(batch):
    """Rounded up, 0 for what is negative; a guard that no change touches."""
    return int(np.ceil(max(batch, 0)))


def riders(n_in, n_out, size, rate, bandwidth):
    weights = n_in * n_out
    row = n_in + n_out
    flops = 2 * weights
    gain = flops * bandwidth - size * row * rate
    batch = size * weights * rate / gain if gain else 0
    return whole(batch)


def settled(lag, gain):
    """The quotient, and what is said where there is none; guards that no change touches."""
    if gain > 0:
        return max(lag / gain, 0.0)
    return 0.0 if gain == 0 and lag < 0 else np.inf


def crossover(a, b):
    slope_a = (a[1][1] - a[0][1]) / (a[1][0] - a[0][0])
    slope_b = (b[1][1] - b[0][1]) / (b[1][0] - b[0][0])
    t_a = a[0][1] - slope_a * a[0][0]
    t_b = b[0][1] - slope_b * b[0][0]
    lag = t_b - t_a
    gain = slope_a - slope_b
    return settled(lag, gain)


def timed(seconds, launch, compile, waiting, calls):
    with np.errstate():  # one statement, so that each change has a device of its own
        device = Device({STEP: seconds, OTHER: 0.25}, launch, compile)
        for _ in range(waiting):
            device.launch(OTHER)
        device.launch(STEP)
        device.synchronize()
        start = device.now()
        for _ in range(calls):
            device.launch(STEP)
        device.synchronize()
        stop = device.now()
        return (stop - start) / calls


def rounded(x, bits):
    m, e = np.frexp(x)
    whole = np.ldexp(m, bits)
    nearest = np.rint(whole)
    return np.ldexp(nearest, e - bits)


def scaled_step(w, g16, scale, longest, rates, t):
    if not np.all(np.isfinite(g16)):
        return w, scale / 2, t
    g = np.float32(g16) / np.float32(scale)
    length = np.sqrt(np.sum(g**2))
    if length > longest:
        g = g * np.float32(longest / length)
    w = w - np.float32(rates[t]) * g
    t = t + 1
    return w, scale, t


def kept(widths, n, adam, half):  # a tuple times a number would be a long tuple
    widths = np.array(widths)
    i = widths[:-1]
    o = widths[1:]
    parameters = np.sum(i * o) + np.sum(o)
    inputs = n * np.sum(i)
    copies = np.sum(i[1:] * o[1:])
    weights = 4 * parameters
    gradients = 4 * parameters
    moments = 8 * parameters if adam else 0
    outputs = 4 * n * o[-1]
    saved = 2 * inputs + 2 * copies if half else 4 * inputs
    saved = saved + outputs
    return weights, gradients, moments, saved


def with_dropout(w, x, G, every, seed):
    n = len(w)
    rng = np.random.default_rng(seed)
    masks = (rng.random((n, *x.shape)) < 0.75) / 0.75
    h = [x]
    for k in range(n):
        z = w[k] * (h[k] + np.roll(h[k], 1, axis=-1))
        h.append(np.tanh(z) * masks[k])
    dx = G
    for k in range(n - 1, -1, -1):
        z = w[k] * (h[k] + np.roll(h[k], 1, axis=-1))
        dz = dx * masks[k] * w[k] * (1 - np.tanh(z) ** 2)
        dx = dz + np.roll(dz, -1, axis=-1)
    after = rng.random()
    return h[n], dx, after
