"""Softmax, its logarithm, log ∑ exp and cross-entropy, safe at any logits."""

from math import prod

import numpy as np

from bookutils.engine.arrays import (
    add_up,
    axes_of,
    device,
    dtype_name,
    is_float,
    kept_shape,
    without,
    xp,
)
from bookutils.engine.operands import alike, operation
from bookutils.engine.record import Tensor, array, remember


def exponentials(a, axes):
    """The largest number, exp of the distances to it, and their sum, which is 1 to n."""
    lib = xp(a)
    if not prod(a.shape):
        peak = add_up(a, axes, True)
    elif lib is np:
        peak = np.maximum.reduce(a, axes, keepdims=True)
    else:
        peak = lib.max(a, axis=axes, keepdims=True)
    below = a - peak
    e = np.exp(below, out=below) if type(below) is np.ndarray else lib.exp(below)
    return peak, e, add_up(e, axes, True)


@operation("logsumexp")
def logsumexp(x, axis=None, keepdims=False):
    """log ∑ exp, without overflow."""
    (x,) = alike("logsumexp", x, fractions=True)
    a, axes = array(x), axes_of(axis, x.ndim, "logsumexp")
    lib, kept = xp(a), kept_shape(x.shape, axes)
    peak, _, total = exponentials(a, axes)
    y = lib.where(lib.isfinite(peak), lib.log(total) + peak, peak)
    shape = kept if keepdims else without(x.shape, axes)
    return remember(lib.reshape(y, shape), (x, lambda G: lib.reshape(G, kept) * lib.exp(a - y)))


@operation("log_softmax")
def log_softmax(x, axis=-1):
    """The logarithm of softmax, without overflow."""
    (x,) = alike("log_softmax", x, fractions=True)
    a, axes = array(x), axes_of(axis, x.ndim, "log_softmax")
    lib = xp(a)
    peak, _, total = exponentials(a, axes)
    y = a - peak - lib.log(total)  # a - logsumexp, but without its rounding at a large peak
    return remember(y, (x, lambda G: G - lib.exp(y) * add_up(G, axes, True)))


@operation("softmax")
def softmax(x, axis=-1):
    """exp / ∑ exp, without overflow."""
    (x,) = alike("softmax", x, fractions=True)
    axes = axes_of(axis, x.ndim, "softmax")
    _, e, total = exponentials(array(x), axes)
    y = e / total
    return remember(y, (x, lambda G: y * (G - add_up(G * y, axes, True))))


@operation("cross_entropy")
def cross_entropy(logits, labels, weight=None):
    """The mean of -log softmax(logits)[label]: logits (n, classes), labels (n,) integers.

    With `weight`, an array (n,), the n numbers instead of their mean, each times its weight.
    """
    (logits,) = alike("cross_entropy", logits, fractions=True)
    a = array(logits)
    lib = xp(a)
    labels = lib.asarray(array(labels), device=device(a), copy=True)  # it may change till backward
    integers = not is_float(labels) and labels.dtype != lib.bool
    if a.ndim != 2 or labels.shape != a.shape[:1] or not integers:
        raise ValueError(
            f"cross_entropy: logits (n, classes) and n integers are needed, not {tuple(a.shape)} "
            f"and {tuple(labels.shape)} of {dtype_name(labels.dtype)}"
        )
    n, classes = a.shape
    if int(lib.count_nonzero((labels >= 0) & (labels < classes))) != n:
        raise ValueError(f"cross_entropy: every label is an integer from 0 to {classes - 1}")
    chosen = lib.arange(n, device=device(a)), labels
    peak, e, total = exponentials(a, 1)
    y = lib.log(total[:, 0]) - (a[chosen] - peak[:, 0])
    y = add_up(y) / n if weight is None else lib.where(weight == 0, 0.0, weight * y)

    def vjp(G):
        g = G / n if weight is None else (G * weight)[:, None]
        p = e * (g / total)
        p[chosen] -= g if weight is None else g[:, 0]
        return p

    return remember(y, (logits, vjp))


Tensor.logsumexp, Tensor.log_softmax, Tensor.softmax = logsumexp, log_softmax, softmax
