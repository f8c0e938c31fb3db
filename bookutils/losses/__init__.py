"""Loss functions: outputs and targets to one number that training makes small.

Names and orders of arguments are those of `torch.nn.functional`, where it has the loss: the output
first, the target second. Every loss takes Tensors, the target also as an array, and returns a
Tensor. `reduction` is "mean" (over all elements), "sum" or "none" (one loss per element). Shapes
must be equal: nothing is broadcast. Classes lie on the last axis, in PyTorch on axis 1.

At a kink the gradient is PyTorch's: 0 for |y - t| at 0, for a hinge that just touches, and for
boxes that just touch; half for each of two equal edges of boxes.
"""

from bookutils.losses.binary import (
    bce_loss,
    bce_with_logits,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    hinge_loss,
)
from bookutils.losses.boxes import giou, giou_loss, iou, iou_loss
from bookutils.losses.classes import (
    cross_entropy,
    kl_div,
    multi_margin_loss,
    nll_loss,
    sequence_nll,
)
from bookutils.losses.regression import (
    gaussian_nll_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    smooth_l1_loss,
)
from bookutils.phrasebook import lookup

__all__ = [
    "mse_loss",
    "l1_loss",
    "huber_loss",
    "smooth_l1_loss",
    "gaussian_nll_loss",
    "bce_loss",
    "bce_with_logits",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "hinge_loss",
    "cross_entropy",
    "nll_loss",
    "sequence_nll",
    "multi_margin_loss",
    "kl_div",
    "iou",
    "iou_loss",
    "giou",
    "giou_loss",
]

__getattr__ = lookup("losses")


def __dir__():
    return __all__
