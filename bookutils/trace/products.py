"""Products of matrices, which another library may compute: which lines these are, and a trial.

Of a large net's step they are nearly all of the arithmetic, so that the library which multiplies
decides how long it takes.
"""

import numpy as np

from bookutils.trace.functions import ReplayError
from bookutils.trace.line import Line


def is_product(line):
    """Is this a @ b, of matrices or stacks of them, in one dtype of floats?"""
    if line.function not in (np.matmul, np.dot) or line.settings or len(line.operands) != 2:
        return False
    if not all(isinstance(x, Line) for x in line.operands):
        return False
    a, b = (x.value for x in line.operands)
    if min(a.ndim, b.ndim) < 2 or a.dtype != b.dtype or a.dtype.kind != "f":
        return False
    return line.function is np.matmul or a.ndim == b.ndim == 2  # dot has other rules for stacks


def try_on(matmul, line):
    """Compute a product of the recording by `matmul`; ReplayError unless it is NumPy's.

    Sums of n products in two orders differ by at most 2n roundings of Σ|a||b|, since each lies
    within n of them of the exact sum; numbers next to zero have larger ones, below `tiny`.
    Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1.
    """
    a, b = (x.value for x in line.operands)
    shapes = f"{a.shape} @ {b.shape} in {a.dtype}"
    out = np.full_like(line.value, np.nan, order="C")
    try:
        matmul(a, b, out=out)
    except Exception as error:
        raise ReplayError(
            f"recording: the function given as matmul, called as matmul(a, b, out=c) for {shapes}, "
            f"raised {type(error).__name__}: {error}"
        ) from error
    known, kind = np.isfinite(line.value), np.finfo(a.dtype)
    with np.errstate(all="ignore"):
        gap = np.abs(out - line.value)[known]
        allowed = kind.eps * np.matmul(np.abs(a), np.abs(b)) + kind.tiny
    if not (gap <= 2 * a.shape[-1] * allowed[known]).all():
        raise ReplayError(
            f"recording: the function given as matmul differs from NumPy by up to {gap.max():.2g} "
            f"for {shapes}: it has to write a @ b into out"
        )
