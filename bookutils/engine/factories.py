"""Tensors made from a shape: zeros, ones, a range, random numbers, one-hot rows."""

import numpy as np

from bookutils.engine.arrays import as_array, device, dtype_of, unpacked, xp
from bookutils.engine.record import Tensor, array


def zeros(*shape, requires_grad=False, dtype=float):
    """A Tensor of this shape, full of 0."""
    return Tensor(np.zeros(unpacked(shape)), requires_grad, dtype)


def ones(*shape, requires_grad=False, dtype=float):
    """A Tensor of this shape, full of 1."""
    return Tensor(np.ones(unpacked(shape)), requires_grad, dtype)


def full(shape, value, requires_grad=False, dtype=float):
    """A Tensor of this shape, full of one number."""
    return Tensor(np.full(shape, value), requires_grad, dtype)


def arange(*bounds, requires_grad=False, dtype=None):
    """Numbers from start to before stop by step: integers, unless one of these is a float."""
    return Tensor(np.arange(*bounds), requires_grad, dtype)


def zeros_like(t, requires_grad=False, dtype=None):
    """A Tensor full of 0 in the shape, dtype, library and on the device of t."""
    return filled_like(t, 0, requires_grad, dtype)


def ones_like(t, requires_grad=False, dtype=None):
    """A Tensor full of 1 in the shape, dtype, library and on the device of t."""
    return filled_like(t, 1, requires_grad, dtype)


def filled_like(t, value, requires_grad, dtype):
    a = as_array(array(t))
    lib = xp(a)
    dtype = dtype_of(lib, dtype) if dtype else a.dtype
    return Tensor(lib.full(a.shape, value, dtype=dtype, device=device(a)), requires_grad)


def randn(*shape, rng=None, requires_grad=False, dtype=float):
    """Random numbers of mean 0 and variance 1, drawn from the normal distribution by `rng`."""
    return Tensor(generator("randn", rng).normal(size=unpacked(shape)), requires_grad, dtype)


def rand(*shape, rng=None, requires_grad=False, dtype=float):
    """Random numbers from 0 to 1, each as likely as another, drawn by `rng`."""
    return Tensor(generator("rand", rng).random(unpacked(shape)), requires_grad, dtype)


def generator(name, rng):
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{name} draws from a generator of yours: rng=np.random.default_rng(0), not {rng!r:.60}"
        )
    return rng


def one_hot(labels, num_classes=None, dtype=float):
    """For each integer label a row of 0 with 1 at its place: (…) to (…, num_classes)."""
    labels = as_array(array(labels))
    lib = xp(labels)
    if not lib.isdtype(labels.dtype, "integral"):
        raise TypeError(f"one_hot: labels are integers, not {labels.dtype}")
    largest = int(lib.max(labels)) if labels.size else -1
    classes = largest + 1 if num_classes is None else num_classes
    if labels.size and (int(lib.min(labels)) < 0 or largest >= classes):
        raise ValueError(f"one_hot: labels are 0 … {classes - 1} for {classes} classes")
    places = lib.arange(classes, device=device(labels))
    return Tensor(lib.astype(labels[..., None] == places, dtype_of(lib, dtype)))
