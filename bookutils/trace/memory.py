"""Memory of a replay: its buffers, and the flat arrays of parameters and gradients."""

from math import prod

import numpy as np

LINE = 64  # bytes of a line of the cache, and of a vector register of AVX-512


def aligned(shape, dtype):
    """An array, without numbers yet, that begins where a line of the cache does.

    NumPy's own may begin in the middle of one, so that every wide load and store touches two. That
    costs a replay with PyTorch's products some hundredths of its time, and one with NumPy's none
    that could be measured.
    """
    size, spare = prod(shape), LINE // dtype.itemsize
    room = np.empty(size + spare, dtype)
    start = -room.__array_interface__["data"][0] % LINE // dtype.itemsize
    return room[start : start + size].reshape(shape)
