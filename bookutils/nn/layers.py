"""Layers: linear ones, activations, and stacks of them."""

from collections.abc import Iterable
from itertools import pairwise
from numbers import Integral

import numpy as np

from bookutils.engine.tensor import Tensor, linear
from bookutils.init import he_uniform, xavier_uniform
from bookutils.nn.module import Module


class Linear(Module):
    """x @ W + b, or activation(x @ W + b): W (d_in, d_out), b (d_out,), x (…, d_in).

    `rng` draws W by `init`, a function of bookutils.init: He's uniform where the activation is a
    relu of some kind, Xavier's otherwise; b starts at 0.
    Raises ValueError for a width below 1 or an unknown activation, TypeError for a missing rng.
    """

    def __init__(
        self, d_in, d_out, bias=True, activation=None, *, rng=None, init=None, dtype="float64"
    ):
        _check_widths((d_in, d_out))
        _check_activation(activation)
        if init is None:
            init = he_uniform if activation in ("relu", "leaky_relu", "gelu") else xavier_uniform
        if not callable(init):
            raise TypeError(f"init is a function such as bookutils.init.he_normal, not {init!r}")
        W = np.asarray(init(d_in, d_out, rng=rng))
        if W.shape != (d_in, d_out):
            raise ValueError(f"init gave an array {W.shape} for a Linear({d_in} -> {d_out})")
        self.W = Tensor(W, requires_grad=True, dtype=dtype)
        self.b = Tensor(np.zeros(d_out), requires_grad=True, dtype=dtype) if bias else None
        self.activation = activation

    def forward(self, x, activation=None):
        try:
            return linear(x, self.W, self.b, activation or self.activation)
        except ValueError:
            shape = tuple(getattr(x, "shape", ()))
            if shape[-1:] == self.W.shape[:1]:
                raise
            raise ValueError(
                f"{self!r} got {shape}: the last axis must be {self.W.shape[0]}"
            ) from None

    def __repr__(self):
        d_in, d_out = self.W.shape
        notes = [f"{d_in} -> {d_out}", *([self.activation] if self.activation else [])]
        return f"Linear({', '.join(notes + ['no bias'] * (self.b is None))})"


class Activation(Module):
    """A function of each number as a layer."""

    def forward(self, x):
        x = x if isinstance(x, Tensor) else Tensor(x)
        return getattr(x, self.name)(**self.settings())

    def settings(self):
        """What was given when it was made."""
        return {k: v for k, v in vars(self).items() if k != "training"}

    def __repr__(self):
        settings = (f"{k}={v!r}" for k, v in self.settings().items())
        return f"{type(self).__name__}({', '.join(settings)})"


class ReLU(Activation):
    """max(x, 0)."""

    name = "relu"


class LeakyReLU(Activation):
    """x above 0, slope·x below."""

    name = "leaky_relu"

    def __init__(self, slope=0.01):
        self.slope = slope


class GELU(Activation):
    """x·Φ(x), with Φ the normal distribution function; approximate="tanh" is the older formula."""

    name = "gelu"

    def __init__(self, approximate="none"):
        self.approximate = approximate


class Sigmoid(Activation):
    """1/(1 + exp(-x))."""

    name = "sigmoid"


class Softplus(Activation):
    """log(1 + exp(x))."""

    name = "softplus"


class Tanh(Activation):
    """tanh(x)."""

    name = "tanh"


ACTIVATIONS = {x.name: x for x in (ReLU, LeakyReLU, GELU, Sigmoid, Softplus, Tanh)}
FUSED = (ReLU, Sigmoid, Softplus, Tanh)  # without settings


class Sequential(Module):
    """Layers one after the other; a Linear and the activation after it are computed as one."""

    def __init__(self, *layers):
        for layer in layers:
            if not callable(layer):
                raise TypeError(f"Sequential takes layers, one by one, not {layer!r:.60}")
        self.layers = list(layers)

    def forward(self, x):
        layers = self.layers
        done = -1
        for i, layer in enumerate(layers):
            if i == done:
                continue
            following = type(layers[i + 1]) if i + 1 < len(layers) else None
            if type(layer) is Linear and layer.activation is None and following in FUSED:
                x, done = layer.forward(x, following.name), i + 1
            else:
                x = layer(x)
        return x

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        """A layer, or for a slice a Sequential of the same layers."""
        return Sequential(*self.layers[index]) if isinstance(index, slice) else self.layers[index]


class MLP(Sequential):
    """Linear layers of these widths, input first; all but the last followed by the activation.

    `activation` is a name such as "tanh", or None for a stack of linear layers; `rng` and `init`
    are those of Linear. Raises ValueError for fewer than two widths, and as Linear.
    """

    def __init__(
        self, widths, activation="relu", bias=True, *, rng=None, init=None, dtype="float64"
    ):
        widths = tuple(widths) if isinstance(widths, Iterable) else (widths,)
        if len(widths) < 2:
            raise ValueError(f"MLP takes all widths, input first, such as [2, 16, 1], not {widths}")
        _check_widths(widths)
        _check_activation(activation)
        activations = [activation] * (len(widths) - 2) + [None]
        super().__init__(
            *(
                Linear(d_in, d_out, bias, name, rng=rng, init=init, dtype=dtype)
                for (d_in, d_out), name in zip(pairwise(widths), activations, strict=True)
            )
        )

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def _check_widths(widths):
    for n in widths:
        if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
            raise ValueError(f"a width is a number of neurons, at least 1, not {n!r} in {widths}")


def _check_activation(name):
    if name is not None and not (isinstance(name, str) and name in ACTIVATIONS):
        raise ValueError(f"activation is None or one of {', '.join(ACTIVATIONS)}, not {name!r:.60}")
