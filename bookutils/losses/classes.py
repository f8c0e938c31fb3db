"""Losses of many classes, which lie on the last axis, and of distributions over them."""

from contextlib import suppress

import numpy as np

from bookutils.engine.arrays import xp
from bookutils.engine.record import array, quiet, remember
from bookutils.engine.tensor import cross_entropy as fused_cross_entropy
from bookutils.losses.inputs import (
    as_tensor,
    chance,
    class_weights,
    is_labels,
    labelled,
    log_chance,
    matched,
    one_hot,
    refuse_probabilities,
    times,
)
from bookutils.losses.reductions import known, reduced, weighted_mean


def cross_entropy(
    logits, target, reduction="mean", weight=None, label_smoothing=0.0, ignore_index=None
):
    """-log softmax(logits) at the label: nll_loss of log_softmax, safe at any logits.

    logits (…, classes); target (…) integer labels, or (…, classes) probabilities t, and then the
    loss is -∑ t log p. `weight` (classes,) multiplies each class's part, and a mean over labels is
    one weighted by it. `label_smoothing` s takes (1 - s) t + s / classes for t. Labels equal to
    `ignore_index` cost nothing and do not count; unlike in PyTorch, none is ignored unless told.
    Raises ValueError for logits whose every row is a distribution: softmax is taken here.
    """
    known(reduction)
    z = as_tensor(logits)
    refuse_probabilities("cross_entropy", z)
    weight = class_weights("cross_entropy", weight, z)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing lies in 0…1, not at {label_smoothing}")
    plain = weight is None and not label_smoothing and ignore_index is None
    if plain and reduction == "mean":
        with suppress(TypeError, ValueError):  # probabilities, other shapes, and mistakes
            return fused_cross_entropy(z, target)
    if not is_labels(target) and np.shape(target) == z.shape:
        z, t = matched("cross_entropy", z, target)
        chance("cross_entropy", "a target", t)
        if ignore_index is not None:
            raise ValueError("cross_entropy: probabilities have no ignore_index")
        losses = soft_cross_entropy(z, t, weight, label_smoothing)
        return reduced(losses, reduction)
    rows, labels, spread = labelled("cross_entropy", z, target, ignore_index)
    if label_smoothing:
        losses = soft_cross_entropy(rows, one_hot(labels, rows), weight, label_smoothing)
    else:
        w = (
            xp(labels).ones(len(rows), dtype=rows.dtype, device=rows.device)
            if weight is None
            else weight[labels]
        )
        losses = fused_cross_entropy(rows, labels, w)
    return weighted_mean(losses, labels, weight, reduction, spread)


@quiet
def soft_cross_entropy(z, t, weight, smoothing):
    """-∑ t log softmax(z) over the last axis."""
    a, lib, classes = array(z), xp(array(z)), z.shape[-1]
    shifted = a - lib.max(a, axis=-1, keepdims=True)
    log_p = shifted - lib.log(lib.sum(lib.exp(shifted), axis=-1, keepdims=True))
    w = 1.0 if weight is None else weight
    mixed = ((1 - smoothing) * array(t) + smoothing / classes) * w

    def to_t(G):
        return -lib.expand_dims(G, axis=-1) * (1 - smoothing) * w * log_p

    def to_z(G):
        G = lib.expand_dims(G, axis=-1)
        return G * (lib.exp(log_p) * lib.sum(mixed, axis=-1, keepdims=True) - mixed)

    y = -lib.sum(times(mixed, log_p), axis=-1)
    return remember(y, (z, to_z), (t, to_t), op="cross_entropy")


def nll_loss(log_p, labels, reduction="mean", weight=None, ignore_index=None):
    """-log_p at the label: log_p (…, classes) log-probabilities, labels (…) integers.

    `weight` and `ignore_index` as in cross_entropy.
    """
    known(reduction)
    log_p = as_tensor(log_p)
    weight = class_weights("nll_loss", weight, log_p)
    log_chance("nll_loss", log_p)
    rows, labels, spread = labelled("nll_loss", log_p, labels, ignore_index)
    losses = -rows[xp(labels).arange(len(rows), device=rows.device), labels]
    if weight is not None:
        losses = losses * weight[labels]
    return weighted_mean(losses, labels, weight, reduction, spread)


def sequence_nll(logits, tokens, mask, reduction="mean"):
    """Cross-entropy of the real tokens of a batch of sequences of unequal lengths.

    logits (…, time, vocabulary); tokens (…, time) integers; mask (…, time) booleans, True where a
    token is real: what is at padding, even nan, costs nothing and gets no gradient. "mean"
    divides by the number of real tokens, "none" gives 0 at padding.
    Raises ValueError where no token is real.
    """
    z = as_tensor(logits)
    lib = xp(array(z))
    mask = lib.asarray(array(mask), device=z.device)
    if mask.dtype != lib.bool:
        raise TypeError(f"sequence_nll: the mask is made of booleans, not {mask.dtype}")
    if tuple(mask.shape) != z.shape[:-1]:
        raise ValueError(
            f"sequence_nll: logits {z.shape} need a mask of shape {z.shape[:-1]}, not "
            f"{tuple(mask.shape)}"
        )
    if not lib.any(mask):
        raise ValueError("sequence_nll: the mask has no real token")
    tokens = lib.asarray(array(tokens), device=z.device)
    if tuple(tokens.shape) == tuple(mask.shape):
        tokens = lib.where(mask, tokens, PADDING)
    return cross_entropy(z, tokens, reduction, ignore_index=PADDING)


PADDING = -1


def multi_margin_loss(z, labels, reduction="mean", margin=1.0):
    """∑ max(0, margin - z_label + z_j) / classes over all j but the label: the hinge for many.

    z (…, classes) scores; labels (…) integers.
    """
    z = as_tensor(z)
    rows, labels, spread = labelled("multi_margin_loss", z, labels, None)
    n, classes = rows.shape
    lib = xp(array(rows))
    own = rows[lib.arange(n, device=rows.device), labels].reshape(n, 1)
    others = 1 - one_hot(labels, rows)
    losses = ((margin - own + rows).relu() * others).sum(axis=1) / classes
    return reduced(spread(losses) if reduction == "none" else losses, reduction)


@quiet
def kl_div(log_p, t, reduction="mean", log_target=False):
    """Kullback-Leibler divergence KL(t ‖ p), the sum of t log(t / p): first log p, then t.

    The model's distribution p comes first and as a logarithm, the target t second, with
    `log_target` also as one; shapes (…, outcomes). As in PyTorch "mean" divides by the number of
    elements; "batchmean" divides by the length of axis 0, and is the divergence of a batch.
    """
    log_p, t = matched("kl_div", log_p, t)
    log_chance("kl_div", log_p)
    log_chance("kl_div", t) if log_target else chance("kl_div", "a target", t)
    b, lib = array(t), xp(array(t))
    b, log_t = (lib.exp(b), b) if log_target else (b, lib.log(b))
    gap = log_t - array(log_p)

    def to_t(G):
        return G * (times(b, gap + 1) if log_target else gap + 1)

    edges = (log_p, lambda G: G * -b), (t, to_t)
    losses = remember(times(b, gap), *edges, op="kl_div")
    if reduction == "batchmean":
        return losses.sum() / len(losses)
    return reduced(losses, reduction)
