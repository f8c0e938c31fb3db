"""`Tensor` with all its operations, one module a concept.

    record           the class, `remember`, `gradients`, `backward`
    elementwise      the rows of the table, `unbroadcast`, `where`
    reductions       sums, means, extremes
    shapes           shapes, axes, indices, joining
    products         matrix products, `linear`
    softmax          softmax, its logarithm, `cross_entropy`
    inplace          changes in place, and the check for them
    operands         what an operation does with its operands around its mathematics
    arrays           what libraries, dtypes and devices need
    numpy_functions  what NumPy's functions do with a Tensor
    pytorch_names    PyTorch's names for what has another here
    factories        zeros, ones, random numbers, one-hot rows

Import from here: once this module is loaded, a Tensor has all its methods.
"""

from bookutils.engine import numpy_functions, pytorch_names
from bookutils.engine.elementwise import maximum, minimum, unbroadcast, where
from bookutils.engine.factories import (
    arange,
    full,
    one_hot,
    ones,
    ones_like,
    rand,
    randn,
    zeros,
    zeros_like,
)
from bookutils.engine.graph import no_grad
from bookutils.engine.products import einsum, linear, matmul
from bookutils.engine.record import Tensor, array, backward, gradients, remember
from bookutils.engine.reductions import (
    mean,
    std,
    tensor_max,
    tensor_min,
    tensor_prod,
    tensor_sum,
    var,
)
from bookutils.engine.shapes import concatenate, reshape, stack, take
from bookutils.engine.softmax import cross_entropy

__all__ = [
    "Tensor",
    "arange",
    "array",
    "backward",
    "concatenate",
    "cross_entropy",
    "einsum",
    "full",
    "gradients",
    "linear",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "no_grad",
    "numpy_functions",
    "one_hot",
    "ones",
    "ones_like",
    "pytorch_names",
    "rand",
    "randn",
    "remember",
    "reshape",
    "stack",
    "std",
    "take",
    "tensor_max",
    "tensor_min",
    "tensor_prod",
    "tensor_sum",
    "unbroadcast",
    "var",
    "where",
    "zeros",
    "zeros_like",
]
