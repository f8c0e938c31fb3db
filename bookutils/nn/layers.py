"""Layers: linear ones, activations, and stacks of them."""

import math
from collections.abc import Iterable
from itertools import pairwise
from numbers import Integral

import numpy as np

from bookutils.engine.tensor import Tensor, linear
from bookutils.init import he_uniform, xavier_uniform
from bookutils.nn.module import Module
from bookutils.phrasebook import each, refuse_attribute, translated

RANDOM = "randomness is an argument here, so that a run can be repeated"
NO_RNG = (
    "{}, rng=…) needs the generator that draws its weights, rng=numpy.random.default_rng(0): "
    + RANDOM
)
ARGUMENTS = {
    **each("in_features out_features", "the widths come first: Linear(d_in, d_out, rng=rng)"),
    "device": "assign p.data = torch.tensor(p.data, device=…) for each p of parameters()",
    "seed": "give rng=numpy.random.default_rng(seed)",
}
IN_PLACE = "every layer computes a new Tensor: leave inplace out"


class Linear(Module):
    """x @ W + b, or activation(x @ W + b): W (d_in, d_out), b (d_out,), x (…, d_in).

    `activation` is a name such as "tanh", or Tensor.tanh. `rng` draws W by `init`, a function of
    bookutils.init: He's uniform where the activation is a relu of some kind, Xavier's otherwise;
    b starts at 0. PyTorch's layer holds W transposed, as weight (d_out, d_in), and draws both from
    U(-1/√d_in, 1/√d_in), which is init.pytorch_linear for W.
    Raises ValueError for a width below 1 or an unknown activation, TypeError for a missing rng.
    """

    @translated(**ARGUMENTS)
    def __init__(
        self, d_in, d_out, activation=None, rng=None, *, bias=True, init=None, dtype="float64"
    ):
        _check_widths((d_in, d_out))
        activation = _named(activation)
        if rng is None and init is None:
            raise TypeError(NO_RNG.format(f"Linear({d_in}, {d_out}"))
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
        except TypeError:
            if isinstance(x, (list, tuple)):
                raise TypeError(f"{self!r} takes an array: write numpy.array(rows)") from None
            raise
        except ValueError:
            shape = tuple(getattr(x, "shape", ()))
            if shape[-1:] == self.W.shape[:1]:
                raise
            raise ValueError(
                f"{self!r} got {shape}: the last axis must be {self.W.shape[0]}"
            ) from None

    def __setattr__(self, name, value):
        if name in ("weight", "bias"):  # another parameter beside W, which no one reads
            refuse_attribute(self, name)
        super().__setattr__(name, value)

    def __repr__(self):
        d_in, d_out = self.W.shape
        notes = [f"{d_in} -> {d_out}", *([self.activation] if self.activation else [])]
        return f"Linear({', '.join(notes + ['no bias'] * (self.b is None))})"


class Activation(Module):
    """A function of each number as a layer."""

    @translated(inplace=IN_PLACE)
    def __init__(self):
        pass

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

    @translated(negative_slope="write LeakyReLU(slope=0.01)", inplace=IN_PLACE)
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
            if isinstance(layer, type):
                raise TypeError(f"Sequential takes layers, not classes: {layer.__name__}(…)")
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
                x, done = layer(x, following.name), i + 1
            else:
                x = layer(x)
        return x

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        """A layer, or for a slice a Sequential of the same layers."""
        return Sequential(*self.layers[index]) if isinstance(index, slice) else self.layers[index]


class Flatten(Module):
    """(n, …) to (n, the product of the rest): a row for each example."""

    def forward(self, x):
        return x.reshape(x.shape[0], math.prod(x.shape[1:]))

    def __repr__(self):
        return "Flatten()"


class MLP(Sequential):
    """Linear layers of these widths, input first; all but the last followed by the activation.

    MLP((2, 16, 1), "tanh", rng) takes rows of 2 numbers through 16 neurons to 1.
    `activation` is a name such as "tanh", or Tensor.tanh, or None for a stack of linear layers;
    `rng`, `init` and `dtype` are those of Linear.
    Raises ValueError for fewer than two widths, and as Linear.
    """

    @translated(
        **ARGUMENTS, dropout="Dropout(p, rng) goes between the layers of a Sequential: see its help"
    )
    def __init__(
        self, widths, activation="relu", rng=None, *, bias=True, init=None, dtype="float64"
    ):
        widths = tuple(widths) if isinstance(widths, Iterable) else (widths,)
        if len(widths) < 2:
            raise ValueError(f"MLP takes all widths, input first, such as [2, 16, 1], not {widths}")
        _check_widths(widths)
        activation = _named(activation)
        if rng is None and init is None:
            raise TypeError(NO_RNG.format(f"MLP({widths}"))
        activations = [activation] * (len(widths) - 2) + [None]
        super().__init__(
            *(
                Linear(d_in, d_out, name, rng, bias=bias, init=init, dtype=dtype)
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


def _named(activation):
    """The name of an activation that is given by name, as a method of Tensor or as a layer."""
    if activation is None or isinstance(activation, str) and activation in ACTIVATIONS:
        return activation
    if isinstance(activation, bool):
        raise TypeError(f"{activation} arrived as activation: write bias={activation}")
    if isinstance(activation, np.random.Generator):
        raise TypeError("a generator arrived as activation: write rng=rng")
    for name, layer in ACTIVATIONS.items():
        if activation is getattr(Tensor, name) or activation is layer:
            return name
        if layer in FUSED and type(activation) is layer:
            return name
    between = "; any other function goes between the layers of a Sequential"
    raise ValueError(
        f"activation is None or one of {', '.join(ACTIVATIONS)}, not {activation!r:.60}"
        + between * callable(activation)
    )
