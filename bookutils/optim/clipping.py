"""Gradients made shorter, between backward and step."""

from math import inf
from numbers import Real

from bookutils.engine.arrays import add_up, xp
from bookutils.engine.calls import put_down_whole
from bookutils.engine.record import quiet
from bookutils.engine.tensor import Tensor
from bookutils.phrasebook import translated


@put_down_whole
@quiet
def clip_grad_norm(params, max_norm, norm_type=2.0, error_if_nonfinite=False):
    """Make the gradients of all parameters, taken as one vector, at most `max_norm` long.

    All are multiplied by the same number, min(1, max_norm / (length + 1e-6)), so their direction
    stays. Returns the length before, a float. `norm_type` is the order of the norm: 2 for the
    length, 1 for the sum of sizes, inf for the largest. A parameter without a gradient counts 0.
    With infinity or NaN in a gradient all become 0 or NaN, or with `error_if_nonfinite` nothing is
    changed and RuntimeError raised.
    Raises ValueError for a max_norm or norm_type that is no positive number.
    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks",
    2013; the 1e-6 is PyTorch's.
    """
    _positive("max_norm", max_norm, zero=True)
    _positive("norm_type", norm_type, infinite=True)
    stepped = _with_gradients(params)
    norm = _norm([_norm_of(p.grad, norm_type) for p in stepped], norm_type)
    if error_if_nonfinite and not norm < inf:
        raise RuntimeError(
            f"the gradients have the length {norm}, so nothing was clipped: look for the loss or "
            "layer where it began"
        )
    factor = min(1.0, max_norm / (norm + 1e-6)) if norm == norm else norm
    if factor != 1:
        for p in stepped:
            p.grad = xp(p.grad).asarray(p.grad * factor, dtype=p.grad.dtype)
    return norm


@put_down_whole
@translated(max_value="write clip_value=…")
def clip_grad_value(params, clip_value):
    """Bring every number of every gradient into the interval from -clip_value to clip_value.

    The direction of the gradient changes where a number is cut. Returns nothing.
    Raises ValueError for a clip_value that is no number from 0 on.
    """
    _positive("clip_value", clip_value, zero=True)
    for p in _with_gradients(params):
        lib = xp(p.grad)
        p.grad = lib.clip(lib.asarray(p.grad), -float(clip_value), float(clip_value))


def _with_gradients(params):
    if hasattr(params, "parameters"):
        raise TypeError(f"write net.parameters(), not the {type(params).__name__} itself")
    params = [params] if isinstance(params, Tensor) else list(params)
    for p in params:
        if not isinstance(p, Tensor):
            raise TypeError(f"every parameter is a Tensor, not {p!r:.60}")
    return [p for p in dict.fromkeys(params) if p.grad is not None]


def _norm_of(g, order):
    sizes = abs(g)
    if order == inf:
        return float(xp(g).max(sizes)) if 0 not in g.shape else 0.0
    powers = sizes * sizes if order == 2 else sizes**order
    return float(add_up(powers)) ** (1 / order)


def _norm(sizes, order):
    if order == inf:
        return float("nan") if any(x != x for x in sizes) else max(sizes, default=0.0)
    return sum(x**order for x in sizes) ** (1 / order)


def _positive(name, x, zero=False, infinite=False):
    ok = isinstance(x, Real) and not isinstance(x, bool) and (x > 0 or (zero and x == 0))
    if not ok or (x == inf and not infinite):
        least = "from 0 on" if zero else "above 0"
        raise ValueError(f"{name} is a number {least}, not {x!r:.60}")
