"""NumPy's functions on a Tensor: np.exp(t) is t.exp(), and what would lose its gradient says so."""

import numpy as np

from bookutils.engine.elementwise import apply
from bookutils.engine.products import matmul
from bookutils.engine.record import Tensor, array, needs_gradient

ROWS = {
    **{name: name for name in "exp log sqrt sin cos tanh maximum minimum".split()},
    **{"add": "add", "subtract": "sub", "multiply": "mul", "divide": "div", "power": "pow"},
    **{"negative": "neg", "absolute": "abs"},
}


def array_ufunc(self, ufunc, call, *operands, out=None, **settings):
    """NumPy's functions of numbers one by one, its operators among them."""
    if call == "__call__" and not settings and (out is None or out[0] is operands[0]):
        if ufunc is np.matmul:
            return matmul(*operands)
        if ufunc.__name__ in ROWS:
            return apply(ROWS[ufunc.__name__], *operands)
        if all(types.endswith("?") for types in ufunc.types):  # comparisons
            return ufunc(*map(array, operands))
    keep_gradient(ufunc.__name__ + f".{call}" * (call != "__call__"), operands)
    return getattr(ufunc, call)(*map(array, operands), **settings)


def array_function(self, function, types, operands, settings):
    """NumPy's other functions."""
    if function not in (np.shape, np.ndim, np.size):
        keep_gradient(function.__name__, [*operands, *settings.values()])
    plain = {name: arrays_in(x) for name, x in settings.items()}
    return function(*map(arrays_in, operands), **plain)


def arrays_in(x):
    """x with arrays in place of Tensors, also inside lists and tuples."""
    return type(x)(map(arrays_in, x)) if type(x) in (list, tuple) else array(x)


def tensors_in(x):
    if type(x) in (list, tuple):
        for part in x:
            yield from tensors_in(part)
    elif isinstance(x, Tensor):
        yield x


def keep_gradient(name, operands):
    """Raise TypeError where a function of NumPy would lose the gradient of a Tensor."""
    if any(map(needs_gradient, tensors_in(list(operands)))):
        own = f"t.{name}(…)" if hasattr(Tensor, name) else "a method of the Tensor"
        raise TypeError(
            f"np.{name}: NumPy would lose the gradient of this Tensor: write {own}, or a function "
            "of bookutils.engine.tensor, or give NumPy its data"
        )


def as_numpy(self, dtype=None, copy=None):
    keep_gradient("asarray", [self])
    return np.asarray(self.numpy(), dtype=dtype, copy=copy)


Tensor.__array_ufunc__, Tensor.__array_function__ = array_ufunc, array_function
Tensor.__array__ = as_numpy
