"""Losses as objects, as PyTorch has them: settings first, outputs and targets with the call.

`MSELoss()(y, t)` is `bookutils.losses.mse_loss(y, t)`, and `HuberLoss(delta=2.0)(y, t)` is
`huber_loss(y, t, delta=2.0)`. The functions say what they compute.
"""

from inspect import Parameter, Signature, signature

from bookutils import losses
from bookutils.losses.binary import WEIGHTS
from bookutils.nn.module import Module
from bookutils.phrasebook import each, translated


class Loss(Module):
    """A function of bookutils.losses, and its settings."""

    function = None

    def __init_subclass__(cls):
        """Show the settings of the function as those of the class."""
        names = signature(cls.function).parameters.values()
        settings = [
            p.replace(kind=Parameter.KEYWORD_ONLY) for p in names if p.default is not p.empty
        ]
        cls.__signature__ = Signature(settings)

    @translated(
        **each("size_average reduce", 'write reduction="mean", "sum" or "none"'),
        pos_weight=WEIGHTS["pos_weight"],
    )
    def __init__(self, *inputs, **settings):
        kind, known = type(self).__name__, type(self).__signature__.parameters
        if inputs:
            raise TypeError(
                f"{kind} takes its settings, by name, and then outputs and targets: "
                f"{kind}()(outputs, targets)"
            )
        for name in settings.keys() - known.keys():
            raise TypeError(f"{kind} has no setting {name}, only {', '.join(known)}")
        self.settings = settings

    @translated(**each("input target", "give outputs and targets in this order, without names"))
    def forward(self, *inputs):
        return type(self).function(*inputs, **self.settings)

    def __repr__(self):
        settings = (f"{name}={value!r}" for name, value in self.settings.items())
        return f"{type(self).__name__}({', '.join(settings)})"


class MSELoss(Loss):
    """losses.mse_loss of (outputs, targets): the mean of (y - t)²."""

    function = staticmethod(losses.mse_loss)


class L1Loss(Loss):
    """losses.l1_loss of (outputs, targets): the mean of |y - t|."""

    function = staticmethod(losses.l1_loss)


class HuberLoss(Loss):
    """losses.huber_loss of (outputs, targets): squared up to an error of delta, then straight."""

    function = staticmethod(losses.huber_loss)


class SmoothL1Loss(Loss):
    """losses.smooth_l1_loss of (outputs, targets): Huber's loss with delta = beta, over beta."""

    function = staticmethod(losses.smooth_l1_loss)


class GaussianNLLLoss(Loss):
    """losses.gaussian_nll_loss of (outputs, targets, variances)."""

    function = staticmethod(losses.gaussian_nll_loss)


class BCELoss(Loss):
    """losses.bce_loss of (probabilities, labels as floats); BCEWithLogitsLoss is the safe one."""

    function = staticmethod(losses.bce_loss)


class BCEWithLogitsLoss(Loss):
    """losses.bce_with_logits of (logits, labels as floats)."""

    function = staticmethod(losses.bce_with_logits)


class CrossEntropyLoss(Loss):
    """losses.cross_entropy of (logits, labels): classes on the last axis, softmax included."""

    function = staticmethod(losses.cross_entropy)


class NLLLoss(Loss):
    """losses.nll_loss of (log-probabilities, labels): classes on the last axis."""

    function = staticmethod(losses.nll_loss)


class MultiMarginLoss(Loss):
    """losses.multi_margin_loss of (scores, labels): classes on the last axis."""

    function = staticmethod(losses.multi_margin_loss)


class KLDivLoss(Loss):
    """losses.kl_div of (log-probabilities of the model, target probabilities)."""

    function = staticmethod(losses.kl_div)
