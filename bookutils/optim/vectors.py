"""x ← a·x and y ← y + a·x for flat arrays: one pass each, by BLAS where it is as exact as NumPy.

NumPy takes two passes and an array on the way for y += a * x, and for short arrays twice the time
of BLAS for a product with a number. BLAS rounds y + a·x once, where the processor can, and NumPy
twice. Some kernels do so for all numbers but the last few of an array (OpenBLAS's for Haswell and
Zen): with them the bits would depend on where in an array a number lies, so they are not taken.
"""

from functools import cache

import numpy as np

BLOCK = 2**13  # numbers: the arrays of a step stay in the second-level cache, BLAS on one thread
LETTERS = {np.dtype(np.float32): "s", np.dtype(np.float64): "d"}


class Room:
    """Flat arrays of n numbers: `out` and `spare` to compute in, and `ones`.

    scale(a, x) is x ← a·x, and add(x, y, n, a) is y ← y + a·x, for such arrays.
    """

    __slots__ = "n", "out", "spare", "ones", "scale", "add"

    def __init__(self, out, spare, ones):
        self.n, self.out, self.spare, self.ones = out.size, out, spare, ones
        self.scale, self.add = functions(out)


def functions(array):
    """`scale` and `add` for flat arrays like this one."""
    return of_blas(array.dtype) if array.size and array.dtype in LETTERS else (scaled, added)


@cache
def of_blas(dtype):
    from scipy.linalg import blas  # takes its time, and not everybody steps an optimizer

    scale, add = (getattr(blas, LETTERS[dtype] + name) for name in ("scal", "axpy"))
    return scale, add if is_alike_everywhere(add, dtype) else added


def is_alike_everywhere(add, dtype):
    """Are the bits of y + a·x those of x, y and a, wherever these lie in their arrays?"""
    x, y = np.random.default_rng(0).normal(size=(2, 200)).astype(dtype)
    whole = y.copy()
    add(x, whole, 200, 0.1)
    for n in range(1, 66):
        part = y[n : 2 * n].copy()
        add(x[n : 2 * n], part, n, 0.1)
        if (part != whole[n : 2 * n]).any():
            return False
    return True


def scaled(a, x):
    x *= a


def added(x, y, n, a):
    y += a * x
