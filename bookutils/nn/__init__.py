"""Layers of neurons as Tensors: modules with named parameters, kept in .npz files.

A net is an MLP, a Sequential of layers, or a Module of your own with a `forward`. Its parameters
go to an optimiser of `bookutils.optim`; its outputs to a loss of `bookutils.losses`, or to one of
the objects here that PyTorch has for them, such as `MSELoss()`.
"""

from bookutils.nn.dropout import Dropout
from bookutils.nn.layers import (
    ACTIVATIONS,
    GELU,
    MLP,
    Flatten,
    LeakyReLU,
    Linear,
    ReLU,
    Sequential,
    Sigmoid,
    Softplus,
    Tanh,
)
from bookutils.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    GaussianNLLLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    MultiMarginLoss,
    NLLLoss,
    SmoothL1Loss,
)
from bookutils.nn.module import Module
from bookutils.nn.norms import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm, RMSNorm
from bookutils.nn.residual import Residual
from bookutils.phrasebook import lookup

__all__ = [
    "Module",
    "Linear",
    "MLP",
    "Sequential",
    "Flatten",
    "Dropout",
    "BatchNorm1d",
    "BatchNorm2d",
    "LayerNorm",
    "RMSNorm",
    "GroupNorm",
    "Residual",
    "ReLU",
    "LeakyReLU",
    "GELU",
    "Sigmoid",
    "Softplus",
    "Tanh",
    "ACTIVATIONS",
    "MSELoss",
    "L1Loss",
    "HuberLoss",
    "SmoothL1Loss",
    "GaussianNLLLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "NLLLoss",
    "MultiMarginLoss",
    "KLDivLoss",
]

__getattr__ = lookup("nn")


def __dir__():
    return __all__
