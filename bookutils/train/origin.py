"""Where nan or infinity began: the layer, and the pass, in which the first one was made.

The step is computed once more, with every module watched. Going forward it began in the first
module that made one out of finite inputs; going backward, in the module nearest to the loss that
got a finite upstream gradient and passed on another.
"""

from math import isfinite

import numpy as np

from bookutils.engine.arrays import xp
from bookutils.engine.tensor import Tensor
from bookutils.train.calls import watched


class Diverged(ArithmeticError):
    """nan or infinity in training. `history` holds the epochs before, the net its last weights."""

    history = None


@np.errstate(all="ignore")
def finite(*arrays):
    """Is every number of these arrays finite?"""
    for array in arrays:
        # a sum is quick, and finite, unless a number is not, or many large ones overflow
        if not isfinite(array.sum()) and not xp(array).all(xp(array).isfinite(array)):
            return False
    return True


@np.errstate(all="ignore")
def origin(net, forward):
    """A sentence: in which layer and pass the first nan or infinity was made.

    `forward()` computes the step once more, and returns its outputs, its loss, and the sum of loss
    and penalty, from which backward starts.
    """
    found = update_origin(net)
    if found:
        return found
    with watched(net) as calls:
        outputs, loss, total = forward()
    return (
        forward_origin(calls, outputs, loss, total)
        or backward_origin(calls, outputs, total)
        or "A second pass over the same rows is finite: something in it is drawn without the rng."
    )


def update_origin(net):
    """The parameter that holds one already, or nothing."""
    for name, p in net.named_parameters():
        if not finite(p.data):
            return f"It began in an update: {name} holds {census(p.data)} since the last step."
    return ""


def call_origin(call):
    """The first call whose output is not finite: where that began."""
    inputs = [data(x) for x in call.inputs if data(x) is not None]
    made = f"its output holds {census(call.output.data)}"
    if not finite(*inputs):
        return f"It began in the forward pass, on the way to {call}, outside of any layer."
    if not call.leaf:
        return f"It began in the forward pass, in the forward of {call}: {made}."
    sizes = f"its input is finite, up to {largest(inputs)}, and {made}"
    return f"It began in the forward pass, in {call}: {sizes}."


def passed_on_origin(call, upstream, what, gradient):
    """A call that got a finite gradient and passed on another."""
    return (
        f"It began in the backward pass, in {call}: the upstream gradient is finite, up to "
        f"{largest([upstream])}, and the gradient with respect to {what} holds {census(gradient)}."
    )


def loss_origin(gradient):
    return (
        "It began in the backward pass, in the loss: its gradient with respect to the outputs "
        f"holds {census(gradient)}."
    )


def forward_origin(calls, outputs, loss, total):
    for call in calls:
        if not finite(call.output.data):
            return call_origin(call)
    if not finite(outputs.data):
        return "It began in the forward pass, in the forward of the net, outside of any layer."
    if not finite(loss.data):
        return (
            f"It began in the loss: the outputs are finite, up to {largest([outputs.data])}, and "
            "the loss is not."
        )
    return "" if finite(total.data) else "It began in the penalty: the loss is finite."


def backward_origin(calls, outputs, total):
    grads = total.gradients()
    if outputs in grads and not finite(grads[outputs]):
        return loss_origin(grads[outputs])
    found = None
    for call in reversed(calls):
        upstream = grads.get(call.output)
        if upstream is None or not finite(upstream):
            continue
        own = call.module.named_parameters()
        passed_on = [(f"its parameter {name}", p) for name, p in own]
        passed_on += [("its input", x) for x in call.inputs if isinstance(x, Tensor)]
        for what, x in passed_on:
            if x in grads and not finite(grads[x]):
                sentence = passed_on_origin(call, upstream, what, grads[x])
                if call.leaf:
                    return sentence
                found = found or sentence
    return found or ""


def data(x):
    """The floating-point numbers in an input of a module, or None."""
    array = x.data if isinstance(x, Tensor) else x
    return array if hasattr(array, "dtype") else None


def census(array):
    """How many of the numbers are nan and how many infinite."""
    lib = xp(array)
    counts = [(int(lib.sum(lib.isnan(array))), "nan"), (int(lib.sum(lib.isinf(array))), "inf")]
    found = " and ".join(f"{n} {name}" for n, name in counts if n)
    size = Tensor(array).size
    return f"{found} of {size} number{'s' * (size != 1)}"


def largest(arrays):
    """The largest magnitude, to three digits."""
    sizes = [float(xp(a).max(xp(a).abs(a))) for a in arrays if 0 not in a.shape]
    return f"{max(sizes, default=0.0):.3g}"
