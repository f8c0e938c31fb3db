"""Optimisers: they change parameters by the gradients that a backward pass has left in them.

optimizer = SGD(net.parameters(), lr=0.1)
for rows in batches(len(X), 16, rng):                       # of bookutils.data: one epoch
    optimizer.zero_grad()
    cross_entropy(net(X[rows]), labels[rows]).backward()    # of bookutils.losses
    optimizer.step()
"""

from math import inf
from numbers import Real

from bookutils.engine.tensor import Tensor
from bookutils.phrasebook import each, lookup, refuse_attribute, translated

__all__ = ["SGD"]
__getattr__ = lookup("optim")


def __dir__():
    return __all__


class SGD:
    """Stochastic gradient descent: p ← p - lr·∂L/∂p for each parameter that has a gradient.

    `params` are Tensors, each stepped once however often it is listed; `lr` may be assigned anew.
    Raises ValueError for no parameters, a computed one or an lr that is not positive and finite,
    TypeError for a parameter that is no Tensor.
    """

    @translated(
        **each("momentum dampening nesterov", "momentum comes with chapter 08"),
        weight_decay="weight decay comes with chapter 07",
        **each("learning_rate eta alpha", "write lr=0.1"),
        maximize="write (-loss).backward()",
    )
    def __init__(self, params, lr):
        self.params = _checked(params)
        self.lr = lr

    @property
    def lr(self):
        """The learning rate, the factor between gradient and step."""
        return self._lr

    @lr.setter
    def lr(self, lr):
        if not isinstance(lr, Real) or isinstance(lr, bool) or not 0 < lr < inf:
            raise ValueError(f"lr is a positive number, not {lr!r:.60}")
        self._lr = float(lr)

    def __getattr__(self, name):
        refuse_attribute(self, name)

    def step(self):
        """Change every parameter in place; one without a gradient stays."""
        lr = self._lr
        for p in self.params:
            if p.grad is not None:
                p.data -= lr * p.grad

    @translated(set_to_none="gradients are always set to None")
    def zero_grad(self):
        """Set the gradient of every parameter to None."""
        for p in self.params:
            p.grad = None

    def __repr__(self):
        return f"SGD(lr={self._lr:g}, {sum(p.size for p in self.params):,} parameters)"


def _checked(params):
    """The parameters as a list, each once."""
    if isinstance(params, Tensor):
        raise TypeError("SGD takes a list of parameters: [w], not w")
    if hasattr(params, "parameters"):
        raise TypeError(
            f"SGD takes the parameters of a net: net.parameters(), not the {type(params).__name__}"
        )
    try:
        params = list(params)
    except TypeError:
        raise TypeError(
            f"SGD takes a list of parameters such as net.parameters(), not {params!r:.60}"
        ) from None
    if not params:
        raise ValueError(
            "SGD got no parameters to change: a module's are its Tensors with requires_grad=True; "
            "a generator gives its items once only: make a list"
        )
    for p in params:
        if not isinstance(p, Tensor):
            named = isinstance(p, tuple) and len(p) == 2 and isinstance(p[1], Tensor)
            cure = ": take parameters(), without the names" * named
            raise TypeError(
                f"every parameter is a Tensor, not {p!r:.60} ({type(p).__name__}){cure}"
            )
        if p.parents:
            raise ValueError(
                f'a parameter is a Tensor made by Tensor(…), not one computed by "{p.op}"'
            )
        if not p.requires_grad:
            raise ValueError(
                f"a parameter {p.shape} has requires_grad=False: make it "
                "Tensor(…, requires_grad=True)"
            )
    return list(dict.fromkeys(params))
