"""What reaches a loss: outputs, targets and labels that fit, or an error with a sentence."""

import math

import numpy as np

from bookutils.engine.arrays import is_float, like, space
from bookutils.engine.tensor import Tensor, concatenate, raw


def as_tensor(x):
    return x if isinstance(x, Tensor) else Tensor(x)


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


def one_hot(labels, rows):
    xp = space(labels)
    return xp.astype(labels[:, None] == xp.arange(rows.shape[1], device=rows.device), rows.dtype)


def times(weight, x):
    """weight · x, and 0 where the weight is 0 even if x is infinite."""
    xp = space(x)
    return xp.where(weight == 0, xp.zeros_like(x), weight * x)
