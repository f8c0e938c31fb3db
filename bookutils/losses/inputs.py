"""What reaches a loss: outputs, targets and labels that fit, or an error with a sentence."""

import math

import numpy as np

from bookutils.engine.arrays import is_float, like, xp
from bookutils.engine.calls import seen
from bookutils.engine.record import array, quiet
from bookutils.engine.tensor import Tensor, concatenate


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
    a, b = array(y), array(t)
    if type(a) is type(b) and a.dtype is b.dtype and a.shape == b.shape and is_float(a):
        return y, t
    if isinstance(t, int | float | list | tuple):
        t = np.asarray(t, dtype=float)
        t = xp(array(y)).asarray(t, dtype=y.dtype, device=y.device)
    for what, x in (("outputs", y), ("targets", t)):
        if not is_float(array(x)):
            raise TypeError(f"{name}: {what} are {x.dtype}, not floats: write {what}.astype(float)")
    if tuple(t.shape) != y.shape:
        cure = "give both the same shape"
        if math.prod(t.shape) == y.size:
            cure = f"reshape one, say targets.reshape{y.shape}".replace(",)", ")")
        raise ValueError(f"{name}: outputs {y.shape} and targets {tuple(t.shape)}: {cure}")
    t_array = like(array(t), array(y), name)
    return y, t if isinstance(t, Tensor) else t_array


def refuse(name, why, x, bad):
    """Raise ValueError with the first number of x that is bad."""
    lib = xp(bad)
    if lib.any(bad):
        index = [int(i[0]) for i in lib.nonzero(bad)] if bad.ndim else []
        where = f" at {index}" if index else ""
        raise ValueError(f"{name}: {why}; here is {array(x)[tuple(index)]}{where}")


def chance(name, what, p, cure=""):
    a, lib = array(p), xp(array(p))
    if p.size and lib.min(a) >= 0 and lib.max(a) <= 1:
        return
    refuse(name, f"{what} is no probability, 0…1{cure}", p, ~((array(p) >= 0) & (array(p) <= 1)))


def refuse_probabilities(name, z):
    """Raise ValueError where every row of z, of two at least, is a distribution.

    Logits are so by chance with a probability of practically 0: softmax has been taken. Rows made
    of 0 and 1 alone are let through, since a hand may write them. Of logits the first number
    decides, or else the first row: a microsecond for ten classes.
    """
    a = seen(array(z))
    if a.ndim < 2 or a.shape[-1] < 2 or math.prod(a.shape) < 2 * a.shape[-1]:
        return
    if not 0 <= a[(0,) * a.ndim] <= 1 or abs(sum(a[(0,) * (a.ndim - 1)].tolist()) - 1) > 1e-6:
        return
    if all_distributions(a):
        raise ValueError(
            f"{name}: every row of the outputs lies in 0…1 and sums to 1: these are probabilities, "
            "but logits are needed, for softmax is taken here: leave your softmax out, or give "
            "nll_loss their logarithms"
        )


@quiet
def all_distributions(a):
    """Does every row lie in 0…1 and sum to 1, and is there more than 0 and 1 in them?"""
    lib = xp(a)
    inside, sums = (a >= 0) & (a <= 1), lib.sum(a, axis=-1)
    return bool(lib.all(inside) and lib.all(abs(sums - 1) < 1e-6) and lib.any((a > 0) & (a < 1)))


def log_chance(name, log_p):
    # rounding may lift the logarithm of a probability near 1 a little above 0
    refuse(name, "a log-probability is at most 0: take log_softmax of logits", log_p,
           ~(array(log_p) <= 1e-6))  # fmt: skip


def is_labels(target):
    """Is the target made of integers?"""
    labels = array(target) if hasattr(target, "shape") else np.asarray(target)
    return xp(labels).isdtype(labels.dtype, "integral")


def labelled(name, z, labels, ignore_index):
    """z as rows (n, classes), their labels (n,), and how losses of rows get the labels' shape."""
    lib = xp(array(z))
    labels = lib.asarray(array(labels), device=z.device)
    shape, needed = tuple(labels.shape), z.shape[:-1]
    cure = ""
    if shape == z.shape:
        soft = ", or as probabilities targets.astype(float)" if name == "cross_entropy" else ""
        cure = f"; for rows with a 1 at the class write targets.argmax(axis=-1){soft}"
    elif not is_float(array(z)):
        cure = "; the outputs come first, the labels second"
    elif getattr(labels.dtype, "kind", "") in "OSUT":
        cure = ": classes, labels = numpy.unique(names, return_inverse=True) numbers names"
    elif not is_labels(labels):
        cure = ": write labels.astype(int)"
    elif z.ndim and math.prod(shape) == math.prod(needed):
        cure = f": write labels.reshape{needed}".replace(",)", ")")
    if not is_labels(labels):
        raise TypeError(
            f"{name}: {labels.dtype} of shape {shape} arrived: labels are integers{cure}"
        )
    if z.ndim == 0 or shape != needed:
        raise ValueError(
            f"{name}: outputs {z.shape} and labels {shape}: (…, classes) and (…) are needed, a "
            f"label for every row of outputs{cure}"
        )
    classes, lead = z.shape[-1], z.shape[:-1]
    rows, labels = (
        (z.reshape(math.prod(lead), classes), lib.reshape(labels, (-1,)))
        if z.ndim != 2
        else (z, labels)
    )
    kept = None
    if ignore_index is not None and lib.any(labels == ignore_index):
        kept = labels != ignore_index
        rows, labels = rows[kept], labels[kept]
    allowed = f"labels are 0 … {classes - 1} for {classes} classes"
    if classes == 1:
        allowed = "one output is one class, labelled 0 (for two classes take bce_with_logits)"
    refuse(name, allowed, labels, (labels < 0) | (labels >= classes))

    def spread(losses):
        if kept is not None:  # an ignored row takes the 0 that is put behind the losses
            zero = lib.zeros(1, dtype=z.dtype, device=z.device)
            rank = lib.cumulative_sum(lib.astype(kept, lib.int64)) - 1
            places = lib.where(kept, rank, len(losses))
            losses = concatenate([losses, zero])[places]
        return losses.reshape(lead)

    return rows, labels, spread


def class_weights(name, weight, z):
    """The weight of each class as an array, or None."""
    if weight is None:
        return None
    if isinstance(weight, list | tuple):
        weight = xp(array(z)).asarray(weight, dtype=z.dtype, device=z.device)
    weight = xp(array(z)).asarray(like(array(weight), array(z), name), copy=True)
    if tuple(weight.shape) != z.shape[-1:]:
        raise ValueError(
            f"{name}: weights of shape {tuple(weight.shape)} for outputs {z.shape}: one for each "
            "class is needed"
        )
    return weight


def one_hot(labels, rows):
    lib = xp(labels)
    return lib.astype(labels[:, None] == lib.arange(rows.shape[1], device=rows.device), rows.dtype)


def times(weight, x):
    """weight · x, and 0 where the weight is 0 even if x is infinite."""
    lib = xp(x)
    return lib.where(weight == 0, lib.zeros_like(x), weight * x)
