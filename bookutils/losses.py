"""Loss functions: outputs and targets to one number that training makes small.

Names and orders of arguments are those of `torch.nn.functional`, where it has the loss: the output
first, the target second. Every loss takes Tensors, the target also as an array, and returns a
Tensor. `reduction` is "mean" (over all elements), "sum" or "none" (one loss an element). Shapes
must be equal: nothing is broadcast. Classes lie on the last axis, in PyTorch on axis 1.

At a kink the gradient is PyTorch's: 0 for |y - t| at 0, for a hinge that just touches, and for
boxes that just touch; half for each of two equal edges of boxes.
"""

import math
from contextlib import suppress

import numpy as np

from bookutils.engine.arrays import add_up, is_float, like, space
from bookutils.engine.tensor import (
    Tensor,
    concatenate,
    maximum,
    minimum,
    node,
    quiet,
    raw,
)
from bookutils.engine.tensor import cross_entropy as fused_cross_entropy

# --------------------------------------------------------------------- regression: y against t


def mse_loss(y, t, reduction="mean"):
    """Squared error (y - t)², without a ½: the gradient of the mean is 2 (y - t) / n."""
    return of_error("mse_loss", y, t, reduction, lambda e, xp: (e * e, lambda G: G * 2 * e))


def l1_loss(y, t, reduction="mean"):
    """Absolute error |y - t|."""
    return of_error("l1_loss", y, t, reduction, lambda e, xp: (xp.abs(e), lambda G: G * xp.sign(e)))


def huber_loss(y, t, reduction="mean", delta=1.0):
    """½ e² up to |e| = delta, beyond it the straight line delta (|e| - ½ delta); e = y - t.

    With c = clip(e, -delta, delta) both are c (e - ½ c), and the slope is c.
    Source: P. J. Huber, "Robust estimation of a location parameter", 1964.
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: delta is the error where the line begins, not {delta}")

    def loss(e, xp):
        c = xp.clip(e, -delta, delta)
        return c * (e - 0.5 * c), lambda G: G * c

    return of_error("huber_loss", y, t, reduction, loss)


def smooth_l1_loss(y, t, reduction="mean", beta=1.0):
    """½ e² / beta up to |e| = beta, beyond it |e| - ½ beta: Huber's loss over beta; e = y - t."""
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: beta is the error where the line begins, not {beta}")

    def loss(e, xp):
        c = xp.clip(e, -beta, beta)
        slope = c / beta if beta else xp.sign(e)
        return slope * (e - 0.5 * c), lambda G: G * slope

    return of_error("smooth_l1_loss", y, t, reduction, loss)


@quiet
def of_error(name, y, t, reduction, loss):
    """A loss of e = y - t; `loss` gives the value and, beside it, the vjp towards e."""
    y, t = fitted(name, y, t)
    e = raw(y) - raw(t)
    losses, vjp = loss(e, space(e))
    known(reduction)
    if reduction == "none":
        return node(losses, name, (y, t), vjp, lambda G: -vjp(G))
    n = math.prod(e.shape) if reduction == "mean" else 1
    if not n:
        raise ValueError(EMPTY)
    value = add_up(losses) / n
    return node(value, name, (y, t), lambda G: vjp(G / n), lambda G: -vjp(G / n))


def gaussian_nll_loss(y, t, var, reduction="mean", full=False, eps=1e-6):
    """½ (log var + (y - t)² / var): -log of the normal density of t, mean y, variance `var`.

    `var` is a number, or has the shape of y, or has length 1 on its last axis. Below `eps` it
    counts as eps, and its gradient as that at eps. `full` adds the constant ½ log 2π.
    """
    y, t = matched("gaussian_nll_loss", y, t)
    if isinstance(var, int | float):
        var = space(raw(y)).full_like(raw(y), float(var))
    var = var if isinstance(var, Tensor) else Tensor(var)
    if var.shape not in (y.shape, (*y.shape[:-1], 1)):
        raise ValueError(
            f"gaussian_nll_loss: outputs {y.shape} and variances {var.shape}: give a number, "
            f"{y.shape}, or {(*y.shape[:-1], 1)}"
        )
    refuse("gaussian_nll_loss", "a variance is negative", var, raw(var) < 0)
    v = var + (eps - var).detach().relu()
    error = y - t
    loss = 0.5 * (v.log() + error / v * error)
    return reduced(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)


# --------------------------------------------------------------------------- two classes


@quiet
def bce_loss(p, t, reduction="mean"):
    """-t log p - (1 - t) log(1 - p): p the probability of label 1, t the label, 0 … 1.

    PyTorch's `binary_cross_entropy`, except that PyTorch cuts: log p at -100, and p (1 - p) in the
    gradient at 1e-12. Here p = 0 with the label 1 costs inf, and its gradient is -inf.
    """
    p, t = matched("bce_loss", p, t)
    chance("bce_loss", "an output", p)
    chance("bce_loss", "a target", t)
    a, b, xp = raw(p), raw(t), space(raw(p))
    log_p, log_q = xp.log(a), xp.log1p(-a)
    y = -times(b, log_p) - times(1 - b, log_q)

    def to_p(G):
        # (p - t) / (p (1 - p)); at the labels 0 and 1 one factor cancels, and 0/0 is not met
        slope = xp.where(b == 0, 1 / (1 - a), (a - b) / a / (1 - a))
        return G * xp.where(b == 1, -1 / a, slope)

    return reduced(node(y, "bce_loss", (p, t), to_p, lambda G: G * (log_q - log_p)), reduction)


@quiet
def bce_with_logits(z, t, reduction="mean"):
    """bce_loss of p = sigmoid(z), from the logit z and safe at any: the gradient is p - t.

    PyTorch's `binary_cross_entropy_with_logits`. No large numbers are subtracted, so what
    remains for a logit on the right side, about exp(-|z|), is exact where PyTorch rounds to 0.
    """
    z, t = matched("bce_with_logits", z, t)
    chance("bce_with_logits", "a target", t)
    a, b, xp = raw(z), raw(t), space(raw(z))
    e = xp.exp(-xp.abs(a))
    push = xp.where(a > 0, 1 - b, -b)  # p - t where p is 1 or 0
    slope = push - xp.where(a > 0, e, -e) / (1 + e)
    y = times(push, a) + xp.log1p(e)
    losses = node(y, "bce_with_logits", (z, t), lambda G: G * slope, lambda G: G * -a)
    return reduced(losses, reduction)


binary_cross_entropy, binary_cross_entropy_with_logits = bce_loss, bce_with_logits


def hinge_loss(z, t, reduction="mean"):
    """max(0, 1 - t z): the score z of a label t that is -1 or 1. Not in torch.nn.functional."""
    z, t = matched("hinge_loss", z, t)
    refuse("hinge_loss", "the labels are -1 and 1", t, abs(raw(t)) != 1)
    return reduced((1 - t * z).relu(), reduction)


# --------------------------------------------------------------------------- many classes


def cross_entropy(
    logits, target, reduction="mean", weight=None, label_smoothing=0.0, ignore_index=None
):
    """-log softmax(logits) at the label: nll_loss of log_softmax, safe at any logits.

    logits (…, classes); target (…) integer labels, or (…, classes) probabilities q, and then the
    loss is -∑ q log p. `weight` (classes,) multiplies each class's part, and a mean over labels is
    one weighted by it. `label_smoothing` s takes (1 - s) q + s / classes for q. Labels equal to
    `ignore_index` cost nothing and do not count; unlike in PyTorch, none is ignored unless told.
    """
    known(reduction)
    z = as_tensor(logits)
    weight = class_weights("cross_entropy", weight, z)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing lies in 0…1, not at {label_smoothing}")
    plain = weight is None and not label_smoothing and ignore_index is None
    if plain and reduction == "mean":
        with suppress(TypeError, ValueError):  # probabilities, other shapes, and mistakes
            return fused_cross_entropy(z, target)
    if not is_labels(target) and np.shape(target) == z.shape:
        z, q = matched("cross_entropy", z, target)
        chance("cross_entropy", "a target", q)
        if ignore_index is not None:
            raise ValueError("cross_entropy: probabilities have no ignore_index")
        losses = soft_cross_entropy(z, q, weight, label_smoothing)
        return reduced(losses, reduction)
    rows, labels, spread = labelled("cross_entropy", z, target, ignore_index)
    if label_smoothing:
        losses = soft_cross_entropy(rows, one_hot(labels, rows), weight, label_smoothing)
    else:
        w = space(labels).ones_like(raw(rows)[:, 0]) if weight is None else weight[labels]
        losses = fused_cross_entropy(rows, labels, w)
    return weighted_mean(losses, labels, weight, reduction, spread)


@quiet
def soft_cross_entropy(z, q, weight, smoothing):
    """-∑ q log softmax(z) over the last axis."""
    a, xp, classes = raw(z), space(raw(z)), z.shape[-1]
    shifted = a - xp.max(a, axis=-1, keepdims=True)
    log_p = shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))
    w = 1.0 if weight is None else weight
    mixed = ((1 - smoothing) * raw(q) + smoothing / classes) * w

    def to_q(G):
        return -xp.expand_dims(G, axis=-1) * (1 - smoothing) * w * log_p

    def to_z(G):
        G = xp.expand_dims(G, axis=-1)
        return G * (xp.exp(log_p) * xp.sum(mixed, axis=-1, keepdims=True) - mixed)

    return node(-xp.sum(times(mixed, log_p), axis=-1), "cross_entropy", (z, q), to_z, to_q)


def nll_loss(log_p, labels, reduction="mean", weight=None, ignore_index=None):
    """-log_p at the label: log_p (…, classes) log-probabilities, labels (…) integers.

    `weight` and `ignore_index` as in cross_entropy.
    """
    known(reduction)
    log_p = as_tensor(log_p)
    weight = class_weights("nll_loss", weight, log_p)
    log_chance("nll_loss", log_p)
    rows, labels, spread = labelled("nll_loss", log_p, labels, ignore_index)
    losses = -rows[space(labels).arange(len(rows), device=rows.device), labels]
    if weight is not None:
        losses = losses * weight[labels]
    return weighted_mean(losses, labels, weight, reduction, spread)


def sequence_nll(logits, tokens, mask, reduction="mean"):
    """Cross-entropy of the real tokens of a batch of sequences of unequal lengths.

    logits (…, time, vocabulary); tokens (…, time) integers; mask (…, time) booleans, True where a
    token is real: whatever stands at padding, even nan, costs nothing and gets no gradient. "mean"
    divides by the number of real tokens, "none" gives 0 at padding.
    Raises ValueError where no token is real.
    """
    z = as_tensor(logits)
    xp = space(raw(z))
    mask = xp.asarray(raw(mask), device=z.device)
    if mask.dtype != xp.bool:
        raise TypeError(f"sequence_nll: the mask is made of booleans, not {mask.dtype}")
    if tuple(mask.shape) != z.shape[:-1]:
        raise ValueError(
            f"sequence_nll: logits {z.shape} need a mask of shape {z.shape[:-1]}, not "
            f"{tuple(mask.shape)}"
        )
    if not xp.any(mask):
        raise ValueError("sequence_nll: the mask has no real token")
    tokens = xp.asarray(raw(tokens), device=z.device)
    if tuple(tokens.shape) == tuple(mask.shape):
        tokens = xp.where(mask, tokens, PADDING)
    return cross_entropy(z, tokens, reduction, ignore_index=PADDING)


PADDING = -1


def multi_margin_loss(z, labels, reduction="mean", margin=1.0):
    """∑ max(0, margin - z_label + z_j) / classes over all j but the label: the hinge for many.

    z (…, classes) scores; labels (…) integers.
    """
    z = as_tensor(z)
    rows, labels, spread = labelled("multi_margin_loss", z, labels, None)
    n, classes = rows.shape
    xp = space(raw(rows))
    own = rows[xp.arange(n, device=rows.device), labels].reshape(n, 1)
    others = 1 - one_hot(labels, rows)
    losses = ((margin - own + rows).relu() * others).sum(axis=1) / classes
    return reduced(spread(losses) if reduction == "none" else losses, reduction)


@quiet
def kl_div(log_q, p, reduction="mean", log_target=False):
    """Kullback-Leibler divergence KL(p ‖ q), p log(p / q): first log q, the model's, then p.

    The model's distribution q comes first and as a logarithm, the target p second, with
    `log_target` also as one; shapes (…, outcomes). As in PyTorch "mean" divides by the number of
    elements; "batchmean" divides by the length of axis 0, and is the divergence of a batch.
    """
    log_q, p = matched("kl_div", log_q, p)
    log_chance("kl_div", log_q)
    log_chance("kl_div", p) if log_target else chance("kl_div", "a target", p)
    b, xp = raw(p), space(raw(p))
    b, log_p = (xp.exp(b), b) if log_target else (b, xp.log(b))
    gap = log_p - raw(log_q)

    def to_p(G):
        return G * (times(b, gap + 1) if log_target else gap + 1)

    losses = node(times(b, gap), "kl_div", (log_q, p), lambda G: G * -b, to_p)
    if reduction == "batchmean":
        return losses.sum() / len(losses)
    return reduced(losses, reduction)


# ------------------------------------------------------------------ boxes (…, 4): x0, y0, x1, y1


def iou(a, b):
    """Intersection over union of each box of a with its partner in b: (…, 4) to (…).

    Boxes that do not meet have 0, and the gradient 0: nothing pulls them together.
    """
    intersection, union, _ = overlap("iou", a, b)
    return intersection / union


def giou(a, b):
    """iou less the part of the smallest box around both that neither covers: -1 … 1.

    Source: H. Rezatofighi et al., "Generalized Intersection over Union", CVPR 2019.
    """
    intersection, union, hull = overlap("giou", a, b)
    return intersection / union - (hull - union) / hull


def iou_loss(a, b, reduction="mean"):
    """1 - iou."""
    return reduced(1 - iou(a, b), reduction)


def giou_loss(a, b, reduction="mean"):
    """1 - giou; its gradient pulls boxes together that do not meet."""
    return reduced(1 - giou(a, b), reduction)


@quiet
def overlap(name, a, b):
    """The areas of the intersection, the union and the smallest box around both, in some unit."""
    a, b = matched(name, a, b)
    if not a.ndim or a.shape[-1] != 4:
        raise ValueError(f"{name}: boxes are (…, 4): x0, y0, x1, y1, not {a.shape}")
    for box in (a, b):
        refuse(name, "boxes are x0, y0, x1, y1 with x0 <= x1 and y0 <= y1", box,
               ~(raw(box)[..., :2] <= raw(box)[..., 2:]))  # fmt: skip
    a0, a1, b0, b1 = a[..., :2], a[..., 2:], b[..., :2], b[..., 2:]
    hull = maximum(a1, b1) - minimum(a0, b0)
    # Areas in a unit of the hull's own size, a power of 2: they neither overflow nor round.
    xp = space(raw(hull))
    unit = 2.0 ** xp.floor(xp.log2(xp.where(raw(hull) > 0, raw(hull), 1.0)))

    def area(sides):
        sides = sides / unit
        return sides[..., 0] * sides[..., 1]

    both = area((minimum(a1, b1) - maximum(a0, b0)).relu())
    union = area(a1 - a0) + area(b1 - b0) - both
    refuse(name, "two boxes without area have no iou, 0/0", union, raw(union) == 0)
    return both, union, area(hull)


# ----------------------------------------------------------------------------------- what arrived


def as_tensor(x):
    return x if isinstance(x, Tensor) else Tensor(x)


def known(reduction):
    if not isinstance(reduction, str) or reduction not in ("mean", "sum", "none"):
        raise ValueError(f'reduction is "mean", "sum" or "none", not {reduction!r}')


EMPTY = "the mean of no losses is 0/0: nothing arrived, or all of it is ignored"


def reduced(losses, reduction):
    """The mean or the sum of the losses, or all of them."""
    known(reduction)
    if reduction == "mean" and not losses.size:
        raise ValueError(EMPTY)
    return losses if reduction == "none" else getattr(losses, reduction)()


def matched(name, y, t):
    """Output and target as Tensors of one shape, dtype and device.

    Raises ValueError for unequal shapes, TypeError for integers.
    """
    y, t = fitted(name, y, t)
    return y, t if isinstance(t, Tensor) else Tensor(t)


def fitted(name, y, t):
    """As matched, but a target that is an array stays one."""
    y = as_tensor(y)
    a, b = raw(y), raw(t)
    if type(a) is type(b) and a.dtype is b.dtype and a.shape == b.shape and is_float(a):
        return y, t
    if isinstance(t, int | float | list | tuple):
        t = np.asarray(t, dtype=float)
        t = space(raw(y)).asarray(t, dtype=y.dtype, device=y.device)
    for what, x in (("outputs", y), ("targets", t)):
        if not is_float(raw(x)):
            raise TypeError(f"{name}: {what} are {x.dtype}, not floats: write x.astype(float)")
    if tuple(t.shape) != y.shape:
        cure = "give both the same shape"
        if math.prod(t.shape) == y.size:
            cure = f"reshape one, say targets.reshape{y.shape}".replace(",)", ")")
        raise ValueError(f"{name}: outputs {y.shape} and targets {tuple(t.shape)}: {cure}")
    array = like(raw(t), raw(y), name)
    return y, t if isinstance(t, Tensor) else array


def refuse(name, why, x, bad):
    """Raise ValueError with the first number of x that is bad."""
    xp = space(bad)
    if xp.any(bad):
        index = [int(i[0]) for i in xp.nonzero(bad)] if bad.ndim else []
        where = f" at {index}" if index else ""
        raise ValueError(f"{name}: {why}; here is {raw(x)[tuple(index)]}{where}")


def chance(name, what, p):
    array, xp = raw(p), space(raw(p))
    if p.size and xp.min(array) >= 0 and xp.max(array) <= 1:
        return
    refuse(name, f"{what} is no probability, 0…1", p, ~((raw(p) >= 0) & (raw(p) <= 1)))


def log_chance(name, log_p):
    # rounding may lift the logarithm of a probability near 1 a little above 0
    refuse(name, "a log-probability is at most 0: take log_softmax of logits", log_p,
           ~(raw(log_p) <= 1e-6))  # fmt: skip


def is_labels(target):
    """Is the target made of integers?"""
    array = raw(target) if hasattr(target, "shape") else np.asarray(target)
    return space(array).isdtype(array.dtype, "integral")


def labelled(name, z, labels, ignore_index):
    """z as rows (n, classes), their labels (n,), and how losses of rows get the labels' shape."""
    xp = space(raw(z))
    labels = xp.asarray(raw(labels), device=z.device)
    if not is_labels(labels):
        raise TypeError(
            f"{name}: {labels.dtype} of shape {tuple(labels.shape)} arrived: labels are integers"
        )
    if z.ndim == 0 or tuple(labels.shape) != z.shape[:-1]:
        raise ValueError(
            f"{name}: outputs {z.shape} and labels {tuple(labels.shape)}: (…, classes) and (…) are "
            "needed, a label for every row of outputs"
        )
    classes, lead = z.shape[-1], z.shape[:-1]
    rows, labels = (
        (z.reshape(-1, classes), xp.reshape(labels, (-1,))) if z.ndim != 2 else (z, labels)
    )
    kept = None
    if ignore_index is not None and xp.any(labels == ignore_index):
        kept = labels != ignore_index
        rows, labels = rows[kept], labels[kept]
    refuse(name, f"labels are 0 … {classes - 1} for {classes} classes", labels,
           (labels < 0) | (labels >= classes))  # fmt: skip

    def spread(losses):
        if kept is not None:  # an ignored row takes the 0 that is put behind the losses
            zero = xp.zeros(1, dtype=z.dtype, device=z.device)
            places = xp.where(kept, xp.cumulative_sum(xp.astype(kept, xp.int64)) - 1, len(losses))
            losses = concatenate([losses, zero])[places]
        return losses.reshape(lead)

    return rows, labels, spread


def class_weights(name, weight, z):
    """The weight of each class as an array, or None."""
    if weight is None:
        return None
    if isinstance(weight, list | tuple):
        weight = space(raw(z)).asarray(weight, dtype=z.dtype, device=z.device)
    weight = like(raw(weight), raw(z), name)
    if tuple(weight.shape) != z.shape[-1:]:
        raise ValueError(
            f"{name}: weights of shape {tuple(weight.shape)} for outputs {z.shape}: one for each "
            "class is needed"
        )
    return weight


def weighted_mean(losses, labels, weight, reduction, spread):
    """Reduce the losses of rows; a mean is divided by the sum of the weights of their labels."""
    if reduction == "mean" and weight is not None and losses.size:
        return losses.sum() / space(weight).sum(weight[labels])
    return reduced(spread(losses) if reduction == "none" else losses, reduction)


def one_hot(labels, rows):
    xp = space(labels)
    return xp.astype(labels[:, None] == xp.arange(rows.shape[1], device=rows.device), rows.dtype)


def times(weight, x):
    """weight · x, and 0 where the weight is 0 even if x is infinite."""
    xp = space(x)
    return xp.where(weight == 0, xp.zeros_like(x), weight * x)
