"""Gradient descent by mini-batches, with momentum."""

from numpy import add, multiply

from bookutils.optim.groups import FINITE, FLAG, FROM_ZERO
from bookutils.optim.optimizer import HOW, Optimizer
from bookutils.phrasebook import each, translated


class SGD(Optimizer):
    """Stochastic gradient descent: p ← p - lr·g; with momentum, p ← p - lr·v.

    The velocity v ← momentum·v + (1 - dampening)·g begins as g itself, undampened, and is a sum of
    gradients, not their mean: with dampening 0 a constant one ends in steps of
    lr·g / (1 - momentum). `nesterov` steps by g + momentum·v, with the new v. `weight_decay` λ adds
    λ·p to g, the gradient of (λ/2)·Σp². `maximize` goes up instead of down. `lr` has the units of p
    over those of g.

    State: "momentum_buffer" v, and "step", the number of steps in v.
    Raises ValueError for an option outside of its range, and for nesterov without momentum or with
    dampening; see Optimizer for the parameters.
    Source: Robbins and Monro, "A stochastic approximation method", 1951; momentum: Polyak, "Some
    methods of speeding up the convergence of iteration methods", 1964; nesterov as in Sutskever,
    Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning",
    2013.
    """

    options = {
        **Optimizer.options,
        "momentum": FROM_ZERO,
        "dampening": FINITE,
        "nesterov": FLAG,
    }

    _elementwise = True
    _remembers = ("momentum_buffer",)

    @translated(**each("learning_rate eta alpha", "write lr=0.1"), **HOW)
    def __init__(
        self,
        params,
        lr=1e-3,
        momentum=0.0,
        dampening=0.0,
        weight_decay=0.0,
        nesterov=False,
        *,
        maximize=False,
    ):
        super().__init__(
            params,
            dict(
                lr=lr,
                momentum=momentum,
                dampening=dampening,
                weight_decay=weight_decay,
                nesterov=nesterov,
                maximize=maximize,
            ),
        )

    def _check_group(self, group):
        if group["nesterov"] and (not group["momentum"] or group["dampening"]):
            raise ValueError("nesterov needs a momentum above 0, and dampening 0")

    def memory(self, group):
        return {"momentum_buffer": 0.0} if group["momentum"] else {}

    def _advance(self, state, group):
        if group["momentum"]:
            state["step"] += 1

    def change(self, g, state, group):
        lr, momentum = group["lr"], group["momentum"]
        if not momentum:
            return lr * g
        v = state["momentum_buffer"]
        v *= momentum
        v += g if state["step"] == 1 else (1 - group["dampening"]) * g
        return lr * (g + momentum * v if group["nesterov"] else v)

    def _change_into(self, room, g, state, group):
        """`change` without arrays on the way, times 1.0, and with the same bits."""
        lr, momentum, out = group["lr"], group["momentum"], room.out
        if momentum:
            v = state["momentum_buffer"]
            multiply(v, momentum, v)
            share = 1.0 if state["step"] == 1 else 1 - group["dampening"]
            add(v, g if share == 1 else multiply(g, share, out), v)
            g = add(g, multiply(v, momentum, out), out) if group["nesterov"] else v
        multiply(g, lr, out)
        return 1.0
