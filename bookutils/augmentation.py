"""Augmentation: other versions of small images that keep their labels.

Images are an array (n, height, width), and every function returns a new one of the same shape and
dtype. A net that takes rows of pixels gets them back as rows:

    def augment(X, rng):                                            # for train.fit(augment=…)
        return random_shift(X.reshape(-1, 8, 8), rng).reshape(X.shape)
"""

from math import inf
from numbers import Integral, Real

import numpy as np

from bookutils.phrasebook import lookup

__all__ = ["shift", "random_shift", "random_flip", "add_noise"]
__getattr__ = lookup("augmentation")


def __dir__():
    return __all__


def shift(images, dx, dy):
    """Move images dx pixels to the right and dy down; zeros come in, nothing wraps around.

    images (n, height, width); dx, dy whole numbers, or arrays (n,), one for each image; negative
    ones move left and up.
    Raises ValueError for arrays of other shapes, TypeError for fractions of pixels.
    """
    images = _images("shift", images)
    n, height, width = images.shape
    # the pixel at (row, column) is the one that was at (row - dy, column - dx)
    rows = np.arange(height) - _moves("dy", dy, n)[:, None]  # (n, height)
    columns = np.arange(width) - _moves("dx", dx, n)[:, None]  # (n, width)
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[
        :, None, :
    ]
    source = images[
        np.arange(n)[:, None, None],
        rows.clip(0, height - 1)[:, :, None],
        columns.clip(0, width - 1)[:, None, :],
    ]
    return np.where(inside, source, np.zeros((), images.dtype))


def random_shift(images, rng, most=1):
    """Move each image on its own, by -most … most pixels along each axis, all equally likely.

    Raises ValueError for a `most` below 0, TypeError for an rng that is no Generator, and as
    `shift`.
    """
    images = _images("random_shift", images)
    _check_rng(rng)
    if not isinstance(most, Integral) or isinstance(most, bool) or most < 0:
        raise ValueError(f"most is a number of pixels, 0 or more, not {most!r:.60}")
    dx, dy = rng.integers(-most, most, size=(2, len(images)), endpoint=True)
    return shift(images, dx, dy)


def random_flip(images, rng, p=0.5):
    """Mirror each image, left to right, with probability p.

    It keeps a label only where left and right do not matter: not that of a digit.
    Raises ValueError for a p outside 0 … 1, and as `random_shift`.
    """
    images = _images("random_flip", images)
    _check_rng(rng)
    if not isinstance(p, Real) or isinstance(p, bool) or not 0 <= p <= 1:
        raise ValueError(f"p is a probability, 0 to 1, not {p!r:.60}")
    mirrored = rng.random(len(images)) < p
    return np.where(mirrored[:, None, None], images[:, :, ::-1], images)


def add_noise(images, rng, std=0.1):
    """Add Gaussian noise of standard deviation `std`, in units of the pixels.

    Raises ValueError for a negative or infinite std, TypeError for images of whole numbers, and as
    `random_shift`.
    """
    images = _images("add_noise", images)
    _check_rng(rng)
    if not isinstance(std, Real) or isinstance(std, bool) or not 0 <= std < inf:
        raise ValueError(f"std is a finite number, 0 or more, not {std!r:.60}")
    if images.dtype.kind != "f":
        raise TypeError(f"add_noise: pixels are {images.dtype}: write images.astype(float)")
    return images + rng.normal(0.0, std, images.shape).astype(images.dtype)


def _images(name, images):
    images = np.asarray(images)
    if images.ndim != 3:
        cure = ": write X.reshape(-1, height, width) first" * (images.ndim == 2)
        raise ValueError(f"{name} takes images (n, height, width), not {images.shape}{cure}")
    return images


def _moves(name, moves, n):
    moves = np.asarray(moves)
    if moves.dtype.kind not in "iu":
        raise TypeError(f"shift: {name} is a whole number of pixels, not {moves!r:.60}")
    if moves.shape not in ((), (n,)):
        raise ValueError(f"shift: {name} is one number or one for each image, not {moves.shape}")
    return np.broadcast_to(moves, (n,)).astype(np.int64)


def _check_rng(rng):
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a generator: numpy.random.default_rng(0), not {rng!r:.60}")
