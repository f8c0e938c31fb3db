"""A rate for each number of a parameter, from the squares of its gradients."""

from itertools import compress

from bookutils.optim.groups import FLAG, FROM_ZERO, SHARE
from bookutils.optim.optimizer import HOW, Optimizer
from bookutils.phrasebook import each, translated


class Adagrad(Optimizer):
    """p ← p - lr_t·g / (√s + eps), with s the sum of all g² so far.

    s starts at `initial_accumulator_value`, and lr_t = lr / (1 + (t - 1)·lr_decay) in step t. As s
    only grows, steps only shrink. `weight_decay` λ adds λ·p to g; `maximize` goes up. `lr` has the
    units of p, `eps` those of g.

    State: "sum" s, and "step" t. A group may have its own initial_accumulator_value, which PyTorch
    accepts and does not use.
    Raises ValueError for an option outside of its range; see Optimizer for the parameters.
    Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and
    stochastic optimization", 2011.
    """

    options = {
        **Optimizer.options,
        "lr_decay": FROM_ZERO,
        "initial_accumulator_value": FROM_ZERO,
        "eps": FROM_ZERO,
    }

    _elementwise = True

    @translated(**each("learning_rate eta", "write lr=0.01"), epsilon="write eps=1e-10", **HOW)
    def __init__(
        self,
        params,
        lr=1e-2,
        lr_decay=0.0,
        weight_decay=0.0,
        initial_accumulator_value=0.0,
        eps=1e-10,
        *,
        maximize=False,
    ):
        super().__init__(
            params,
            dict(
                lr=lr,
                lr_decay=lr_decay,
                weight_decay=weight_decay,
                initial_accumulator_value=initial_accumulator_value,
                eps=eps,
                maximize=maximize,
            ),
        )

    def memory(self, group):
        return {"sum": group["initial_accumulator_value"]}

    def change(self, g, state, group):
        s = state["sum"]
        s += g * g
        lr = group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
        return lr * g / (s**0.5 + group["eps"])


class RMSprop(Optimizer):
    """p ← p - lr·g / (√s + eps), with s ← alpha·s + (1 - alpha)·g², a running mean of g².

    `centered` subtracts from s the square of a running mean of g, which leaves a variance. With
    `momentum` the quotient is summed in v ← momentum·v + g / (√s + eps), and p ← p - lr·v.
    `weight_decay` λ adds λ·p to g; `maximize` goes up. `lr` has the units of p, `eps` those of g.
    s starts at 0 and nothing corrects for that, so the first step is 1/√(1 - alpha) times lr.

    State: "square_avg" s, "grad_avg" if centered, "momentum_buffer" v with momentum, "step".
    Raises ValueError for an option outside of its range; see Optimizer for the parameters.
    Source: Tieleman and Hinton, "Lecture 6.5: RMSProp", COURSERA: Neural networks for machine
    learning, 2012; centred: Graves, "Generating sequences with recurrent neural networks", 2013.
    """

    options = {
        **Optimizer.options,
        "alpha": SHARE,
        "eps": FROM_ZERO,
        "momentum": FROM_ZERO,
        "centered": FLAG,
    }

    _elementwise = True
    _remembers = "square_avg", "grad_avg", "momentum_buffer"

    @translated(
        **each("learning_rate eta", "write lr=0.01"),
        **each("rho beta decay beta2", "write alpha=0.99, the share of the mean that stays"),
        epsilon="write eps=1e-8",
        centred="write centered=True",
        **HOW,
    )
    def __init__(
        self,
        params,
        lr=1e-2,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0.0,
        momentum=0.0,
        centered=False,
        *,
        maximize=False,
    ):
        super().__init__(
            params,
            dict(
                lr=lr,
                alpha=alpha,
                eps=eps,
                weight_decay=weight_decay,
                momentum=momentum,
                centered=centered,
                maximize=maximize,
            ),
        )

    def memory(self, group):
        used = True, group["centered"], group["momentum"] > 0
        return dict.fromkeys(compress(self._remembers, used), 0.0)

    def change(self, g, state, group):
        lr, alpha, momentum = group["lr"], group["alpha"], group["momentum"]
        s = variance = state["square_avg"]
        s *= alpha
        s += (1 - alpha) * g * g
        if group["centered"]:
            mean = state["grad_avg"]
            mean *= alpha
            mean += (1 - alpha) * g
            variance = s - mean * mean
        root = variance**0.5 + group["eps"]
        if not momentum:
            return lr * g / root
        v = state["momentum_buffer"]
        v *= momentum
        v += g / root
        return lr * v
