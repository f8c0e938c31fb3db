"""x ← a·x and y ← y + a·x for flat arrays, by BLAS: one pass each, and short calls.

NumPy takes two passes and an array on the way for y += a * x, and for short arrays twice the time
of BLAS for a product with a number. BLAS rounds y + a·x once, where the processor can. Some kernels
do so for all numbers but the last few of an array (OpenBLAS's for Haswell and Zen): the bits would
depend on where in an array a number lies, so with them a·x is rounded first.
"""

from functools import cache

import numpy as np

BLOCK = 2**13  # numbers: the arrays of a step stay in the second-level cache, BLAS on one thread
LETTERS = {np.dtype(np.float32): "s", np.dtype(np.float64): "d"}


class Room:
    """Flat arrays of n numbers: `out` and `spare` to compute in, and `ones`.

    scale(a, x) is x ← a·x, and add(x, y, n, a) is y ← y + a·x, for such arrays. Where `fused` is
    False, add rounds a·x; `axpy` is add too where it is True, and for a = 1 and -1.
    """

    __slots__ = "n", "out", "spare", "ones", "scale", "axpy", "fused", "add"

    def __init__(self, out, spare, ones):
        self.n, self.out, self.spare, self.ones = out.size, out, spare, ones
        self.scale, self.axpy, self.fused = functions(out)
        self.add = self.axpy if self.fused else in_two_steps(self.axpy, np.empty_like(out))

    def ready_to_subtract(self, factor):
        """Make `out` fit for axpy(out, …, a), to subtract factor·out by it; returns a."""
        if self.fused:
            return -factor
        self.scale(factor, self.out)
        return -1.0


def in_two_steps(axpy, product):
    def add(x, y, n, a):
        axpy(np.multiply(x, a, product), y, n, 1.0)

    return add


def functions(array):
    """scale, axpy, and whether axpy has the same bits everywhere, for arrays like this one."""
    return of_blas(array.dtype) if array.size and array.dtype in LETTERS else (scaled, added, True)


@cache
def of_blas(dtype):
    from scipy.linalg import blas  # takes its time, and not everybody steps an optimizer

    scale, axpy = (getattr(blas, LETTERS[dtype] + name) for name in ("scal", "axpy"))
    return scale, axpy, is_alike_everywhere(axpy, dtype)


def is_alike_everywhere(axpy, dtype):
    """Are the bits of y + a·x those of x, y and a, wherever these lie in their arrays?"""
    x, y = np.random.default_rng(0).normal(size=(2, 200)).astype(dtype)
    whole = y.copy()
    axpy(x, whole, 200, 0.1)
    for n in range(1, 66):
        part = y[n : 2 * n].copy()
        axpy(x[n : 2 * n], part, n, 0.1)
        if (part != whole[n : 2 * n]).any():
            return False
    return True


def scaled(a, x):
    x *= a


def added(x, y, n, a):
    y += a * x
