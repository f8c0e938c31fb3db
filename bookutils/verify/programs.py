"""Operations and losses as programs of arrays, each beside PyTorch's: what the table compares."""

from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from bookutils import losses
from bookutils.engine.rules import RULES
from bookutils.engine.tensor import (
    concatenate,
    einsum,
    linear,
    maximum,
    minimum,
    stack,
    where,
)
from bookutils.verify.operations import program

REDUCTIONS = "mean", "sum", "none"


@dataclass(frozen=True)
class Program:
    """A function of arrays for the table: those of floats are differentiated.

    `ours` takes Tensors, and `theirs` takes torch and its tensors, in the same order; where it is
    None, `ours` itself runs on PyTorch's tensors. Both give one output or several.
    """

    kind: str
    name: str
    ours: object
    xs: tuple
    theirs: object = None
    constants: tuple = ()  # places of arrays of floats that are not differentiated
    checked: bool = True  # by finite differences: not where an output is kept out of the graph

    def applies(self, who, dtype, device):
        """Can this party run it?"""
        return True

    def leaf(self, i):
        """Is the array at place i differentiated?"""
        return self.xs[i].dtype.kind == "f" and i not in self.constants


def operations(rng):
    """Every row of RULES, then what looks at more than one number; no two sizes are equal."""

    def normal(*shape):
        return rng.normal(size=shape)

    def made(name, ours, *xs, theirs=None):
        return Program("operation", name, ours, xs, theirs)

    for name, (_, *slopes) in RULES.items():
        a = normal(4, 3)
        if name in ("log", "sqrt", "pow"):  # elsewhere they are not defined
            a = np.abs(a) + 0.1
        # the second operand is stretched over the rows of the first
        yield made(name, program(name), a, *(normal(3) for _ in slopes[1:]))
    a, b = normal(4, 3), normal(5, 3)
    for name in ("sum", "mean", "max", "min", "logsumexp"):
        for axis in (None, 0, -1):
            yield made(name, partial(reduced, name, axis), normal(4, 3))
    for name, unbiased in (("var", 1), ("std", 1), ("var", 0), ("std", 0)):
        yield made(
            name,
            lambda a, name=name, k=unbiased: getattr(a, name)(axis=0, correction=k),
            normal(4, 3),
            theirs=lambda torch, a, name=name, k=unbiased: getattr(torch, name)(a, 0, correction=k),
        )
    yield made("norm", lambda a: a.norm(), a, theirs=lambda torch, a: a.norm())
    yield made("prod", lambda a: a.prod(axis=1), a, theirs=lambda torch, a: a.prod(1))
    yield made("cumsum", lambda a: a.cumsum(0), a, theirs=lambda torch, a: a.cumsum(0))
    for name in ("softmax", "log_softmax"):
        yield made(name, lambda a, name=name: getattr(a, name)(axis=-1), normal(4, 3))
    yield made("matmul", lambda x, w: x @ w, normal(5, 3), normal(3, 4))
    yield made("matmul", lambda x, w: x @ w, normal(2, 5, 3), normal(3, 4))
    yield made("matmul", lambda x, w: x @ w, normal(3), normal(3, 2))
    yield made(
        "einsum",
        lambda x, w: einsum("nih,jh->nij", x, w),
        normal(2, 3, 4),
        normal(5, 4),
        theirs=lambda torch, x, w: torch.einsum("nih,jh->nij", x, w),
    )
    for activation in (None, "tanh", "relu", "sigmoid"):
        yield made(
            "linear",
            lambda x, w, b, f=activation: linear(x, w, b, f),
            normal(5, 3),
            normal(3, 4),
            normal(4),
        )
    yield made("clip", lambda a: a.clip(-0.5, 0.8), a, theirs=lambda torch, a: a.clamp(-0.5, 0.8))
    yield made("where", lambda a, b: where(a > 0, a * b, b), a, normal(3), theirs=chosen)
    yield made("maximum of three", lambda a, b: maximum(a, b) * minimum(a, 0.3), a, normal(3))
    yield made("reshape", lambda a: a.reshape(2, 6), a)
    yield made("transpose", lambda a: a.transpose(2, 0, 1), normal(2, 3, 4))
    yield made("broadcast_to", lambda a: a.broadcast_to((4, 3)), normal(3), theirs=stretched)
    yield made("squeeze", lambda a: a.squeeze(1), normal(4, 1, 3), theirs=lambda _, a: a.squeeze(1))
    yield made("pad", lambda a: a.pad(((1, 0), (0, 2))), a)
    yield made("concatenate", lambda a, b: concatenate([a, b, a], axis=0), a, b)
    yield made("stack", lambda a, b: stack([a, b], axis=1), a, normal(4, 3))
    yield made("slices", lambda a: a[1:3] * a[::2], a)
    yield made("repeated rows", lambda a: a[[2, 0, 2, 2]] * a, a)
    yield made("pairs of places", lambda a: a[[0, 1, 3, 1], [2, 2, 0, 2]], a)


def reduced(name, axis, a):
    return getattr(a, name)(axis=axis)


def chosen(torch, a, b):
    return torch.where(a > 0, a * b, b)


def stretched(_, a):
    return a.broadcast_to((4, 3))


# --- losses ---------------------------------------------------------------------------------------


def loss_programs(rng):
    """Every loss of `bookutils.losses` under each reduction, soft and hard targets."""

    def normal(*shape):
        return rng.normal(size=shape)

    y, t, z = normal(4, 3), normal(4, 3), normal(5, 3)
    p, q = rng.uniform(0.05, 0.95, size=(2, 4, 3))
    labels = np.array([2, 0, 1, 1, 2])
    soft = rng.dirichlet(np.ones(3), size=5)
    signs = rng.choice([-1.0, 1.0], size=(4, 3))
    logs = z - np.log(np.exp(z).sum(1, keepdims=True))
    weight = np.array([0.5, 2.0, 1.5])
    corner, size = rng.uniform(size=(4, 2)), rng.uniform(1, 2, size=(4, 2))
    box = np.concatenate([corner, corner + size], axis=1)  # x1 y1 x2 y2
    boxes = box, box + rng.uniform(0.1, 0.4, size=(4, 4))
    apart = box, box + np.array([3.0, 0.5, 3.0, 0.5])

    def same(name, *xs, **options):
        ours = getattr(losses, name)
        for reduction in REDUCTIONS:
            chosen = {**options, "reduction": reduction}
            yield Program(
                "loss",
                name,
                lambda *xs, o=chosen: ours(*xs, **o),
                xs,
                lambda torch, *xs, o=chosen: getattr(torch.nn.functional, name)(*xs, **o),
            )

    for name in ("mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss"):
        yield from same(name, y, t)
    yield from same("huber_loss", y, t, delta=0.3)
    yield from same("smooth_l1_loss", y, t, beta=2.5)
    yield from same("gaussian_nll_loss", y, t, q)
    yield from same("binary_cross_entropy", p, q)
    yield from same("binary_cross_entropy_with_logits", y, q)
    yield from same("cross_entropy", z, labels)
    yield from same("cross_entropy", z, labels, label_smoothing=0.2, ignore_index=1)
    yield from same("cross_entropy", z, soft)
    yield from same("nll_loss", logs, labels)
    yield from same("multi_margin_loss", z, labels)
    tokens = np.array([[2, 0, 1], [1, 1, 2]])
    mask = np.array([[True, True, False], [True, False, False]])
    for reduction in REDUCTIONS:
        yield Program(
            "loss",
            "kl_div",
            lambda y, t, r=reduction: losses.kl_div(y, t, reduction=r),
            (logs, soft),
            # torch warns that its "mean" is over all elements, as it is here
            lambda torch, y, t, r=reduction: whole(
                torch.nn.functional.kl_div(y, t, reduction="none"), r
            ),
        )
        yield Program(
            "loss",
            "hinge_loss",
            lambda z, t, r=reduction: losses.hinge_loss(z, t, reduction=r),
            (y, signs),
            lambda torch, z, t, r=reduction: whole(torch.relu(1 - t * z), r),
            constants=(1,),
        )
        yield Program(
            "loss",
            "cross_entropy",
            lambda z, t, w, r=reduction: losses.cross_entropy(z, t, weight=w, reduction=r),
            (z, labels, weight),
            lambda torch, z, t, w, r=reduction: torch.nn.functional.cross_entropy(
                z, t, weight=w, reduction=r
            ),
            constants=(2,),
        )
        yield Program(
            "loss",
            "sequence_nll",
            lambda z, t, m, r=reduction: losses.sequence_nll(z, t, m, reduction=r),
            (normal(2, 3, 4), tokens, mask),
            partial(of_sequences, r=reduction),
        )
    for name in ("iou", "giou"):
        loss = getattr(losses, f"{name}_loss")
        for reduction, pair in product(REDUCTIONS, (boxes, apart)):
            yield Program(
                "loss",
                f"{name}_loss",
                lambda a, b, f=loss, r=reduction: f(a, b, reduction=r),
                pair,
                lambda torch, a, b, n=name, r=reduction: whole(1 - overlap(torch, a, b, n), r),
            )


def whole(each, reduction):
    return each if reduction == "none" else getattr(each, reduction)()


def of_sequences(torch, z, tokens, mask, r):
    tokens = torch.where(mask, tokens, -100)
    loss = torch.nn.functional.cross_entropy(z.flatten(0, 1), tokens.flatten(), reduction=r)
    return loss.reshape(tokens.shape) if r == "none" else loss


def overlap(torch, a, b, name):
    """IoU or GIoU of boxes (n, 4), x1 y1 x2 y2, by PyTorch's autograd; torch itself has none.

    Source: Rezatofighi and others, "Generalized intersection over union", 2019.
    """

    def area(low, high):
        return (high - low).clamp(min=0).prod(-1)

    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    inner = area(low, high)
    union = area(a[:, :2], a[:, 2:]) + area(b[:, :2], b[:, 2:]) - inner
    if name == "iou":
        return inner / union
    hull = area(torch.minimum(a[:, :2], b[:, :2]), torch.maximum(a[:, 2:], b[:, 2:]))
    return inner / union - (hull - union) / hull
