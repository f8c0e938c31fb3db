"""Normalisation: activations made mean 0 and deviation 1, then stretched and shifted by learning.

The layers differ in what they average over. Of x (n, d), a row for each example: BatchNorm1d over
each column, LayerNorm over each row; of x (n, c, h, w) BatchNorm2d over all numbers of a channel,
GroupNorm over some channels of one example.
"""

from collections.abc import Iterable
from math import inf, prod
from numbers import Integral, Real

import numpy as np

from bookutils.engine.arrays import device, dtype_name, is_float, xp
from bookutils.engine.tensor import Tensor
from bookutils.nn.module import Module
from bookutils.nn.standardized import standardized
from bookutils.phrasebook import each, refuse_attribute, translated

ARGUMENTS = {
    "epsilon": "write eps=1e-5",
    **each("center scale use_scale use_bias", "write affine=False for a layer without gamma, beta"),
    "rng": "nothing is drawn: gamma starts at 1, beta at 0",
    "device": "assign x.data = torch.tensor(x.data, device=…) for each (name, x) of named_state()",
}
OF_A_BATCH = {
    **ARGUMENTS,
    "axis": "the channels are on axis 1",
    "moving_mean": "it is running_mean, an attribute",
}


class Norm(Module):
    """What all of them share: gamma·x̂ + beta, of shapes that broadcast."""

    def _affine(self, shape, affine=True, bias=True, dtype="float64"):
        self.gamma = Tensor(np.ones(shape), requires_grad=True, dtype=dtype) if affine else None
        shift = affine and bias
        self.beta = Tensor(np.zeros(shape), requires_grad=True, dtype=dtype) if shift else None

    def _input(self, x):
        x = x if isinstance(x, Tensor) else Tensor(x)
        mine = None if self.gamma is None else self.gamma.dtype
        if mine is not None and is_float(x.data) and dtype_name(mine) != dtype_name(x.dtype):
            raise TypeError(
                f"{self!r} holds {dtype_name(mine)} and got {dtype_name(x.dtype)}: give "
                f"dtype={dtype_name(x.dtype)!r} where it is made, or use astype()"
            )
        return x

    def _stretched(self, x, shape):
        """gamma·x̂ + beta, both given this shape."""
        x = x if self.gamma is None else x * of_shape(self.gamma, shape)
        return x if self.beta is None else x + of_shape(self.beta, shape)

    def __setattr__(self, name, value):
        if name in ("weight", "bias"):  # another parameter beside gamma, which no one reads
            refuse_attribute(self, name)
        super().__setattr__(name, value)

    def __repr__(self):
        notes = self._notes() + ["no gamma, beta"] * (self.gamma is None)
        return f"{type(self).__name__}({', '.join(map(str, notes))})"


class BatchNorm(Norm):
    """Batch normalisation of whatever has its channels on axis 1."""

    @translated(**OF_A_BATCH)
    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=True,
        track_running_stats=True,
        *,
        dtype="float64",
    ):
        whole(num_features=num_features)
        small(eps)
        within_one = isinstance(momentum, Real) and not isinstance(momentum, bool)
        if momentum is not None and not (within_one and 0 <= momentum <= 1):
            raise ValueError(
                "momentum is the share of the new batch in the running statistics, 0 to 1, or "
                f"None for their plain average, not {momentum!r:.60}"
            )
        self.num_features, self.eps, self.momentum = int(num_features), float(eps), momentum
        self._affine(self.num_features, affine, dtype=dtype)
        self.running_mean = self.running_var = self.num_batches_tracked = None
        if track_running_stats:
            self.running_mean = Tensor(np.zeros(self.num_features), dtype=dtype)
            self.running_var = Tensor(np.ones(self.num_features), dtype=dtype)
            self.num_batches_tracked = Tensor(0)

    def reset_running_stats(self):
        """Mean 0, variance 1, no batches: as before the first."""
        if self.running_mean is not None:
            for x, number in zip(self._statistics(), (0, 1, 0), strict=True):
                x[...] = number

    def _statistics(self):
        return self.running_mean, self.running_var, self.num_batches_tracked

    def forward(self, x):
        x = self._input(x)
        if x.ndim not in self.ndims or x.shape[1] != self.num_features:
            raise ValueError(f"{self!r} got {x.shape}: it takes {self._takes()}")
        axes = (0, *range(2, x.ndim))
        shape = (self.num_features,) + (1,) * (x.ndim - 2)
        n = prod(x.shape[i] for i in axes)
        if not self.training and self.running_mean is not None:
            mean, var = (
                xp(x.data).reshape(beside(s.data, x.data), shape)
                for s in (self.running_mean, self.running_var)
            )
            return self._stretched((x - mean) / xp(x.data).sqrt(var + self.eps), shape)
        if n < 2:
            some = "none" if n < 1 else "only one, which is its own mean: x̂ would always be 0"
            raise ValueError(
                f"{self!r} got {x.shape}: in training it takes the variance of each channel over "
                f"the batch, and of its numbers here there is {some}; give at least 2 rows, or "
                "call net.eval() to use the net"
            )
        standard, mean, var = standardized(x, axes, self.eps)
        y = self._stretched(standard, shape)
        if self.running_mean is not None:  # in training alone: see above
            self._remember(mean, var, n)
        return y

    def _remember(self, mean, var, n):
        """Move the running statistics towards those of a batch: σ² over n - 1, as PyTorch does."""
        batches = self.num_batches_tracked
        batches[...] = batches.data + 1
        m = 1 / batches.item() if self.momentum is None else self.momentum
        for running, new in ((self.running_mean, mean), (self.running_var, var * (n / (n - 1)))):
            new = xp(new).reshape(new, (self.num_features,))
            old = beside(running.data, new)
            moved = (1 - m) * old + m * new
            if old is running.data:
                running[...] = moved  # in place, so that who has this array goes on having it
            else:
                running.data = moved

    def _notes(self):
        notes = [self.num_features]
        notes += [f"momentum={self.momentum}"] * (self.momentum != 0.1)
        return notes + ["no running statistics"] * (self.running_mean is None)


class BatchNorm1d(BatchNorm):
    """gamma·(x - μ)/√(σ² + eps) + beta, with μ and σ² of each column over the batch.

        Sequential(Linear(64, 32, rng=rng), BatchNorm1d(32), ReLU(), Linear(32, 10, rng=rng))

    x (n, num_features), or (n, num_features, places), whose statistics are over n and places. In
    training they are those of the batch (σ² over n), and the running ones move towards them:
    running = (1 - momentum)·running + momentum·batch, with σ² over n - 1; momentum=None gives the
    plain average over all batches. After net.eval() the running ones are used and stay. So an
    output in training depends on the other rows of its batch, and one in use does not.
    `gamma` and `beta` (num_features,) are parameters (PyTorch: weight and bias), unless
    affine=False; `running_mean`, `running_var` and `num_batches_tracked` are saved and loaded with
    them; with track_running_stats=False there are none, and the batch is used always.
    Raises ValueError for another shape, in training for a single number per channel, and for
    settings out of range; TypeError for a dtype that is not the layer's.
    Source: Ioffe & Szegedy, Batch normalization: accelerating deep network training by reducing
    internal covariate shift, ICML 2015.
    """

    ndims = 2, 3

    def _takes(self):
        return f"(n, {self.num_features}) or (n, {self.num_features}, places)"


class BatchNorm2d(BatchNorm):
    """As BatchNorm1d, for images: x (n, num_features, h, w), a mean and variance per channel.

    Raises and Source: as BatchNorm1d.
    """

    ndims = (4,)

    def _takes(self):
        return f"(n, {self.num_features}, h, w)"


class LayerNorm(Norm):
    """gamma·(x - μ)/√(σ² + eps) + beta, with μ and σ² of each example over its last axes.

    x (…, normalized_shape), a number or a tuple; `gamma` and `beta` have that shape, and are
    parameters unless elementwise_affine=False; bias=False leaves beta out. The same in training and
    in use, and for a batch of one.
    Raises ValueError for another shape, or a shape of a single number; TypeError for a dtype that
    is not the layer's.
    Source: Ba, Kiros & Hinton, Layer normalization, arXiv:1607.06450, 2016.
    """

    centred = True

    @translated(**ARGUMENTS, axis="normalized_shape has the lengths of the last axes")
    def __init__(
        self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, *, dtype="float64"
    ):
        shape = normalized_shape if isinstance(normalized_shape, Iterable) else (normalized_shape,)
        self.normalized_shape = tuple(shape)
        for n in self.normalized_shape or ("()",):
            whole(normalized_shape=n)
        if self.centred and prod(self.normalized_shape) == 1:
            raise ValueError(
                f"{type(self).__name__} takes 2 numbers at least: one is its own mean, and its x̂ "
                "is always 0"
            )
        self.eps = None if eps is None and not self.centred else float(small(eps))
        self._affine(self.normalized_shape, elementwise_affine, bias, dtype)

    def forward(self, x):
        x, k = self._input(x), len(self.normalized_shape)
        if x.shape[-k:] != self.normalized_shape:
            last = ", ".join(map(str, self.normalized_shape))
            raise ValueError(f"{self!r} got {x.shape}: it takes (…, {last})")
        axes = tuple(range(x.ndim - k, x.ndim))
        eps = self.eps
        if eps is None:
            eps = float(np.finfo(dtype_name(x.dtype) if is_float(x.data) else "float64").eps)
        y, _, _ = standardized(x, axes, eps, centred=self.centred)
        return self._stretched(y, self.normalized_shape)

    def _notes(self):
        return [self.normalized_shape if self.normalized_shape[1:] else self.normalized_shape[0]]


class RMSNorm(LayerNorm):
    """gamma·x/√(mean x² + eps), the mean of each example over its last axes: no mean is taken off.

    x (…, normalized_shape). `gamma` is a parameter unless elementwise_affine=False; there is no
    beta. eps=None is the distance from 1 to the next number of the dtype, as in PyTorch.
    Raises as LayerNorm. Source: Zhang & Sennrich, Root mean square layer normalization, NeurIPS
    2019.
    """

    centred = False

    @translated(**ARGUMENTS, bias="RMSNorm has no beta")
    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, *, dtype="float64"):
        super().__init__(normalized_shape, eps, elementwise_affine, False, dtype=dtype)


class GroupNorm(Norm):
    """gamma·(x - μ)/√(σ² + eps) + beta, with μ and σ² of each example over a group of channels.

    x (n, num_channels, …); the channels form num_groups groups of neighbours. `gamma` and `beta`
    (num_channels,) are parameters unless affine=False. One group is LayerNorm but for the shape of
    gamma; as many groups as channels are instance normalisation. The same in training and in use.
    Raises ValueError for another shape, groups that do not divide the channels, or groups of a
    single number; TypeError for a dtype that is not the layer's.
    Source: Wu & He, Group normalization, ECCV 2018.
    """

    @translated(**ARGUMENTS, axis="the channels are on axis 1", groups="write GroupNorm(4, 32)")
    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, *, dtype="float64"):
        whole(num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"{num_channels} channels do not form {num_groups} equal groups: num_channels is "
                "a multiple of num_groups, which comes first"
            )
        self.num_groups, self.num_channels = int(num_groups), int(num_channels)
        self.eps = float(small(eps))
        self._affine(self.num_channels, affine, dtype=dtype)

    def forward(self, x):
        x = self._input(x)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ValueError(f"{self!r} got {x.shape}: it takes (n, {self.num_channels}, …)")
        size = prod(x.shape[1:]) // self.num_groups
        if size == 1:
            raise ValueError(
                f"{self!r} got {x.shape}: groups of one number, which is its own mean: x̂ would "
                "always be 0; take fewer groups"
            )
        grouped = x.reshape(x.shape[0], self.num_groups, size)
        y, _, _ = standardized(grouped, (2,), self.eps)
        return self._stretched(y.reshape(*x.shape), (self.num_channels,) + (1,) * (x.ndim - 2))

    def _notes(self):
        return [self.num_groups, self.num_channels]


def of_shape(p, shape):
    return p if p.shape == shape else p.reshape(*shape)


def beside(statistic, a):
    """A running statistic in the library and dtype of a, and on its device."""
    if type(statistic) is type(a) and statistic.dtype == a.dtype:
        return statistic
    return xp(a).asarray(Tensor(statistic).numpy(), dtype=a.dtype, device=device(a))


def whole(**numbers):
    for name, n in numbers.items():
        if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
            raise ValueError(f"{name} is a whole number, at least 1, not {n!r:.60}")


def small(eps):
    if not isinstance(eps, Real) or isinstance(eps, bool) or not 0 <= eps < inf:
        raise ValueError(f"eps is a number of 0 or more, such as 1e-5, not {eps!r:.60}")
    return eps
