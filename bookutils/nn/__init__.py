"""Layers of neurons as Tensors: modules with named parameters, kept in .npz files."""

from bookutils.nn.layers import (
    ACTIVATIONS,
    GELU,
    MLP,
    LeakyReLU,
    Linear,
    ReLU,
    Sequential,
    Sigmoid,
    Softplus,
    Tanh,
)
from bookutils.nn.module import Module

__all__ = [
    "Module",
    "Linear",
    "MLP",
    "Sequential",
    "ReLU",
    "LeakyReLU",
    "GELU",
    "Sigmoid",
    "Softplus",
    "Tanh",
    "ACTIVATIONS",
]


def __dir__():
    return __all__
