"""Optimizers: they change parameters by the gradients that a backward pass has left in them.

optimizer = Adam(net.parameters(), lr=0.001)
for rows in batches(len(X), 16, rng):                       # of bookutils.data: one epoch
    optimizer.zero_grad()
    cross_entropy(net(X[rows]), labels[rows]).backward()    # of bookutils.losses
    clip_grad_norm(net.parameters(), 1.0)                   # if gradients may be long
    optimizer.step()
    schedule.step()                                         # if there is one, after the optimizer

Groups with options of their own, here matrices that decay and biases that do not:

    AdamW([{"params": [p for p in net.parameters() if p.ndim > 1]},
           {"params": [p for p in net.parameters() if p.ndim < 2], "weight_decay": 0.0}], lr=0.001)

Gradients add up until zero_grad, so k small batches make a large one: k times
(loss / k).backward(), then one step. For batches of unequal sizes the weight is the share of the
rows instead of 1/k.

state_dict() of an optimizer and of its schedule, with that of the net, are all that a run needs to
go on from: a new optimizer's load_state_dict(state) restores every bit.

Names, arguments and defaults are those of `torch.optim` and `torch.optim.lr_scheduler`, and so are
the steps, to rounding. Schedules are in `bookutils.optim.lr_scheduler` and here.
"""

from bookutils.optim import lr_scheduler
from bookutils.optim.adaptive import Adagrad, RMSprop
from bookutils.optim.clipping import clip_grad_norm, clip_grad_value
from bookutils.optim.composed import ChainedScheduler, SequentialLR
from bookutils.optim.descent import SGD
from bookutils.optim.factored import Adafactor
from bookutils.optim.moments import Adam, AdamW, NAdam, RAdam
from bookutils.optim.one_cycle import OneCycleLR
from bookutils.optim.optimizer import Optimizer
from bookutils.optim.plateau import ReduceLROnPlateau
from bookutils.optim.scheduler import LRScheduler
from bookutils.optim.stepwise import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from bookutils.phrasebook import lookup

__all__ = [
    "Optimizer",
    "SGD",
    "Adagrad",
    "RMSprop",
    "Adam",
    "AdamW",
    "NAdam",
    "RAdam",
    "Adafactor",
    "clip_grad_norm",
    "clip_grad_value",
    "lr_scheduler",
    "LRScheduler",
    "ConstantLR",
    "LinearLR",
    "StepLR",
    "MultiStepLR",
    "ExponentialLR",
    "PolynomialLR",
    "CosineAnnealingLR",
    "LambdaLR",
    "OneCycleLR",
    "ReduceLROnPlateau",
    "ChainedScheduler",
    "SequentialLR",
]

__getattr__ = lookup("optim")


def __dir__():
    return __all__
