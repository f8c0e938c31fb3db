"""Losses of regression: an output y against a target t of the same shape."""

import math

from bookutils.engine.arrays import add_up, xp
from bookutils.engine.record import array, quiet, remember
from bookutils.engine.tensor import Tensor
from bookutils.losses.inputs import fitted, matched, refuse
from bookutils.losses.reductions import EMPTY, known, reduced


def mse_loss(y, t, reduction="mean"):
    """Squared error (y - t)², without a ½: the gradient of the mean is 2 (y - t) / n."""
    return of_error("mse_loss", y, t, reduction, lambda e, lib: (e * e, lambda G: G * 2 * e))


def l1_loss(y, t, reduction="mean"):
    """Absolute error |y - t|."""
    return of_error(
        "l1_loss", y, t, reduction, lambda e, lib: (lib.abs(e), lambda G: G * lib.sign(e))
    )


def huber_loss(y, t, reduction="mean", delta=1.0):
    """½ e² up to |e| = delta, beyond it the straight line delta (|e| - ½ delta); e = y - t.

    With c = clip(e, -delta, delta) both are c (e - ½ c), and the slope is c.
    Source: P. J. Huber, "Robust estimation of a location parameter", 1964.
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: delta is the error where the line begins, not {delta}")

    def loss(e, lib):
        c = lib.clip(e, -delta, delta)
        return c * (e - 0.5 * c), lambda G: G * c

    return of_error("huber_loss", y, t, reduction, loss)


def smooth_l1_loss(y, t, reduction="mean", beta=1.0):
    """½ e² / beta up to |e| = beta, beyond it |e| - ½ beta: Huber's loss over beta; e = y - t."""
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: beta is the error where the line begins, not {beta}")

    def loss(e, lib):
        c = lib.clip(e, -beta, beta)
        slope = c / beta if beta else lib.sign(e)
        return slope * (e - 0.5 * c), lambda G: G * slope

    return of_error("smooth_l1_loss", y, t, reduction, loss)


@quiet
def of_error(name, y, t, reduction, loss):
    """A loss of e = y - t; `loss` gives the value and, as a function of G, the gradient of e."""
    y, t = fitted(name, y, t)
    e = array(y) - array(t)
    losses, vjp = loss(e, xp(e))
    known(reduction)
    if reduction == "none":
        return remember(losses, (y, vjp), (t, lambda G: -vjp(G)), op=name)
    n = math.prod(e.shape) if reduction == "mean" else 1
    if not n:
        raise ValueError(EMPTY)
    value = add_up(losses) / n
    return remember(value, (y, lambda G: vjp(G / n)), (t, lambda G: -vjp(G / n)), op=name)


def gaussian_nll_loss(y, t, var, reduction="mean", full=False, eps=1e-6):
    """½ (log var + (y - t)² / var): -log of the normal density of t, mean y, variance `var`.

    `var` is a number, or has the shape of y, or has length 1 on its last axis. Below `eps` it
    counts as eps, and its gradient as that at eps. `full` adds the constant ½ log 2π.
    """
    y, t = matched("gaussian_nll_loss", y, t)
    if isinstance(var, int | float):
        var = xp(array(y)).full_like(array(y), float(var))
    var = var if isinstance(var, Tensor) else Tensor(var)
    if var.shape not in (y.shape, (*y.shape[:-1], 1)):
        raise ValueError(
            f"gaussian_nll_loss: outputs {y.shape} and variances {var.shape}: give a number, "
            f"{y.shape}, or {(*y.shape[:-1], 1)}"
        )
    refuse("gaussian_nll_loss", "a variance is negative", var, array(var) < 0)
    v = var + (eps - var).detach().relu()
    error = y - t
    loss = 0.5 * (v.log() + error / v * error)
    return reduced(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)
