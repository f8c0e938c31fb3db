"""Adafactor: for a matrix of n x m numbers it remembers n + m."""

import numpy as np

from bookutils.engine.arrays import add_up, xp
from bookutils.optim.groups import FROM_ONE, TO_ZERO, TWO_FLOORS
from bookutils.optim.optimizer import HOW, Optimizer, filled
from bookutils.phrasebook import each, translated


class Adafactor(Optimizer):
    """p ← p - α·u, with u = g / √V made shorter where its root mean square is above d.

    V is a running mean of g². Of a matrix only the means of its rows, R (n, 1), and of its columns,
    C (1, m), are kept, and V = R·C / mean(R), which is exact where g² is a column times a row; an
    array with more axes is a stack of matrices, one with fewer keeps V itself. In step t the means
    move by the share t^beta2_decay. α = max(eps₂, rms(p))·min(lr, 1/√t): steps are relative to the
    size of p, so `lr` and eps₂ have no units but those of p there. eps₁, None for the spacing of
    the dtype at 1, is the least of √V and of mean(R). `weight_decay` λ multiplies p by 1 - lr·λ;
    `maximize` goes up.

    State: "row_var" R and "col_var" C, or "variance" V; "step" t.
    Raises ValueError for an option outside of its range; see Optimizer for the parameters.
    Source: Shazeer and Stern, "Adafactor: Adaptive learning rates with sublinear memory cost",
    2018; without momentum, and with lr in the place of the paper's relative step of 1e-2.
    """

    options = {
        **Optimizer.options,
        "beta2_decay": TO_ZERO,
        "eps": TWO_FLOORS,
        "d": FROM_ONE,
    }
    _decouples = True

    @translated(
        **each("learning_rate eta", "write lr=0.01"),
        **each("eps1 eps2 epsilon", "write eps=(None, 1e-3)"),
        clip_threshold="write d=1.0",
        decay_rate="write beta2_decay=-0.8",
        **each("scale_parameter relative_step warmup_init", "steps are always relative here"),
        beta1="there is no momentum here",
        **HOW,
    )
    def __init__(
        self,
        params,
        lr=1e-2,
        beta2_decay=-0.8,
        eps=(None, 1e-3),
        d=1.0,
        weight_decay=0.0,
        *,
        maximize=False,
    ):
        super().__init__(
            params,
            dict(
                lr=lr,
                beta2_decay=beta2_decay,
                eps=eps,
                d=d,
                weight_decay=weight_decay,
                maximize=maximize,
            ),
        )

    def _prepare(self, state, array, group):
        if state.keys() & {"row_var", "variance"}:
            return
        shape = tuple(array.shape)
        if len(shape) > 1:
            state["row_var"] = filled(array, (*shape[:-1], 1), 0.0)
            state["col_var"] = filled(array, (*shape[:-2], 1, shape[-1]), 0.0)
        else:
            state["variance"] = filled(array, shape, 0.0)

    def _change_of(self, array, g, state, group):
        if 0 in array.shape:
            return g
        lib, t, (eps1, eps2) = xp(array), state["step"], group["eps"]
        if eps1 is None:
            eps1 = float(lib.finfo(array.dtype).eps)
        share = t ** group["beta2_decay"]
        if array.ndim > 1:
            R, C = state["row_var"], state["col_var"]
            R += share * (mean(g * g, -1) - R)  # (…, n, 1)
            C += share * (mean(g * g, -2) - C)  # (…, 1, m)
            V = R * C / lib.clip(mean(R, -2), eps1, None)
        else:
            V = state["variance"]
            V += share * (g * g - V)
        u = g / lib.clip(V, eps1 * eps1, None) ** 0.5
        alpha = max(eps2, rms(array)) * min(group["lr"], t**-0.5)
        return alpha / max(1.0, rms(u) / group["d"]) * u


def mean(a, axis):
    """The mean along one axis, which stays with length 1."""
    return add_up(a, axis, keepdims=True) / a.shape[axis]


def rms(a):
    """The root mean square, a number."""
    return float(add_up(a * a) / np.prod(a.shape)) ** 0.5
