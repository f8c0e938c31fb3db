"""Dropout: neurons switched off at random while the net learns."""

from numbers import Real

import numpy as np

from bookutils.engine.arrays import xp
from bookutils.engine.calls import drawn_like
from bookutils.engine.tensor import Tensor
from bookutils.nn.layers import IN_PLACE, RANDOM
from bookutils.nn.module import Module
from bookutils.phrasebook import translated


class Dropout(Module):
    """In training each number becomes 0 with probability p, or is divided by 1 - p; then nothing.

        Sequential(Linear(64, 128, "relu", rng), Dropout(0.5, rng), Linear(128, 10, rng=rng))

    x of any shape. So the mean over the masks is x, and in use, after net.eval(), x is passed on as
    it is ("inverted" dropout). `rng` draws a mask at every call: True, and kept, where
    rng.random(x.shape) >= p. Backward multiplies the upstream gradient by the same mask.
    `drawn` is the mask of the last call, None before. Assigned to `mask` it is used at every call,
    so that gradients can be checked; mask = None goes back to new ones.
    Raises ValueError for a p outside 0 <= p < 1 or a mask of another shape than x, TypeError for an
    rng that is no Generator.
    Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, Dropout: a simple way to
    prevent neural networks from overfitting, JMLR 15, 2014.
    """

    left_behind = ("drawn",)

    @translated(
        inplace=IN_PLACE,
        seed="give rng=numpy.random.default_rng(seed)",
        rate="p is the share that is dropped: Dropout(0.5, rng)",
    )
    def __init__(self, p=0.5, rng=None):
        if not isinstance(p, Real) or isinstance(p, bool) or not 0 <= p < 1:
            raise ValueError(f"p is the share that is dropped, 0 <= p < 1, not {p!r:.60}")
        if not isinstance(rng, np.random.Generator):
            raise TypeError(
                f"Dropout({p}, rng) needs the generator that draws its masks, "
                f"rng=numpy.random.default_rng(0), not {rng!r:.60}: {RANDOM}"
            )
        self.p, self.rng, self.mask, self.drawn = float(p), rng, None, None

    def forward(self, x):
        x = x if isinstance(x, Tensor) else Tensor(x)
        if not self.training or (self.p == 0 and self.mask is None):
            return x
        self.drawn = drawn_like(x, self.rng) >= self.p if self.mask is None else self.mask
        if np.shape(self.drawn) != x.shape:
            raise ValueError(
                f"{self!r} got {x.shape}, and its mask is {np.shape(self.drawn)}: "
                "assign mask = None for a new one at every call"
            )
        scale = np.where(self.drawn, 1 / (1 - self.p), 0.0)
        return x * xp(x.data).asarray(scale, dtype=x.dtype, device=x.device)

    def __repr__(self):
        return f"Dropout(p={self.p:g})"
