"""Residual connections: a second way past some layers, on which nothing is computed."""

from numbers import Real

from bookutils.engine.tensor import Tensor
from bookutils.nn.module import Module
from bookutils.phrasebook import translated


class Residual(Module):
    """x + scale·body(x): forward a sum of two paths, backward the sum of what both bring.

        blocks = [Sequential(ReLU(), Linear(64, 64, rng=rng)) for _ in range(16)]
        Sequential(*(Residual(block, scale=0.25) for block in blocks))

    `body` is a module, or any function, whose output has the shape of its input. `scale` is a
    number, or a Tensor that requires its gradient and is learned with the rest. Where the bodies
    keep the mean square of a signal and add at random, a scale of 1/√D lets it grow by a factor of
    (1 + 1/D)^D < e in D blocks, and a scale of 1 by 2^D.
    Raises ValueError where body(x) has another shape than x; TypeError for a body that is a class
    or no function, and a scale that is no number.
    Source: He, Zhang, Ren & Sun, Deep residual learning for image recognition, CVPR 2016; a scale:
    De & Smith, Batch normalization biases residual blocks towards the identity function in deep
    networks, NeurIPS 2020.
    """

    @translated(alpha="write Residual(body, scale=0.5)", rng="the layers of the body have it")
    def __init__(self, body, scale=1.0):
        if isinstance(body, type) or not callable(body):
            name = getattr(body, "__name__", "")
            cure = f"{name}(…)" if name else "Residual(Sequential(…), scale=0.5)"
            raise TypeError(f"Residual takes the layers beside the skip: {cure}, not {body!r:.60}")
        number = isinstance(scale, Real) and not isinstance(scale, bool)
        if not number and not (isinstance(scale, Tensor) and scale.size == 1):
            cure = ": several layers go into a Sequential" * callable(scale)
            raise TypeError(
                f"scale is a number, or a Tensor of one number, not {scale!r:.60}{cure}"
            )
        self.body, self.scale = body, scale

    def forward(self, x):
        x = x if isinstance(x, Tensor) else Tensor(x)
        h = self.body(x)
        if h.shape != x.shape:
            raise ValueError(
                f"Residual got {x.shape}, and its body gives {h.shape}: both are added, so the "
                "body must end in the width in which it began; change it in a layer between blocks"
            )
        return x + h if isinstance(self.scale, Real) and self.scale == 1 else x + h * self.scale

    def __repr__(self):
        inside = type(self.body).__name__ if isinstance(self.body, Module) else "a function"
        scale = f"{self.scale:g}" if isinstance(self.scale, Real) else "learned"
        return f"Residual({inside}, scale={scale})"
