"""Schedules: they set the learning rates of an optimizer's groups, step by step.

warm = LinearLR(optimizer, start_factor=0.01, total_iters=100)
down = CosineAnnealingLR(optimizer, T_max=900)
schedule = SequentialLR(optimizer, [warm, down], milestones=[100])
...
optimizer.step()
schedule.step()                 # after the optimizer's, once for each batch, or for each epoch

A schedule starts from the rate that its group has when the first schedule is made, "initial_lr". It
computes each rate from the one before, so schedules can be chained, and a rate that is assigned in
between is where it goes on from; LambdaLR and OneCycleLR compute each rate anew.
"""

from bookutils.optim.composed import ChainedScheduler, SequentialLR
from bookutils.optim.one_cycle import OneCycleLR
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
__getattr__ = lookup("optim.lr_scheduler")


def __dir__():
    return __all__
