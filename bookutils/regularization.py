"""Penalties on weights: L2, L1, and weight decay that leaves the biases free.

One convention: L2 is ½λ|w|², whose gradient is λw, as an optimizer's weight_decay=λ adds it; L1 is
λ|w|₁. Both are added to a loss that is a mean over rows, so λ does not grow with their number.

    optimizer = SGD(decay_groups(net, 0.01), lr=0.1)               # λ as weight decay
    loss = cross_entropy(net(x), y) + l2_penalty(net, 0.01)        # the same λ in the loss
    proximal_l1(net, 0.001, optimizer.lr)                          # after optimizer.step()

Against overfitting there are also `nn.Dropout`, `train.EarlyStopping`, `train.ensemble`, and
`augmentation`.
"""

from math import inf
from numbers import Real

from bookutils.engine.arrays import xp
from bookutils.engine.tensor import Tensor, no_grad
from bookutils.phrasebook import lookup

__all__ = ["weights", "decay_groups", "l2_penalty", "l1_penalty", "soft_threshold", "proximal_l1"]
__getattr__ = lookup("regularization")


def __dir__():
    return __all__


def weights(net):
    """List the parameters of a net that a penalty concerns: those with two axes or more.

    Biases and other vectors are left out. A bias moves the output as a whole, so a penalty on it
    would only pull the predictions towards 0.
    Raises TypeError for what is no net, ValueError for a net without such parameters.
    """
    if not hasattr(net, "parameters"):
        raise TypeError(f"a net with parameters() is needed, not {net!r:.60}")
    found = [p for p in net.parameters() if p.ndim >= 2]
    if not found:
        raise ValueError(f"{type(net).__name__} has no parameter with two axes: no weights")
    return found


def decay_groups(net, weight_decay):
    """Two groups of parameters for an optimizer: weights with decay, biases without.

    Returns [{"params": weights, "weight_decay": λ}, {"params": the rest, "weight_decay": 0.0}],
    the second only where there is a rest. With SGD this is the gradient of ½λ|w|².
    Raises ValueError for a λ that is negative or not finite, and as `weights`.
    """
    penalised = weights(net)
    rest = [p for p in net.parameters() if p.ndim < 2]
    groups = [{"params": penalised, "weight_decay": _strength("weight_decay", weight_decay)}]
    return groups + [{"params": rest, "weight_decay": 0.0}] * bool(rest)


def l2_penalty(params, lam):
    """½λ∑w², a Tensor to be added to a loss; its gradient is λw.

    `params` is a net, of which `weights` are taken, or a list of Tensors, all of which are.
    Raises ValueError for a λ that is negative or not finite, and as `weights`.
    """
    lam = _strength("lam", lam)
    return sum((w * w).sum() for w in _listed(params)) * (0.5 * lam)


def l1_penalty(params, lam):
    """λ∑|w|, a Tensor to be added to a loss; its gradient is λ·sign(w), and 0 at 0.

    Steps along this gradient jump across 0; exact zeros come from `proximal_l1`.
    `params` and what is raised: as in `l2_penalty`.
    """
    lam = _strength("lam", lam)
    return sum(w.abs().sum() for w in _listed(params)) * lam


def soft_threshold(w, threshold):
    """sign(w)·max(|w| - threshold, 0): each number of an array moved towards 0, and no further.

    It is the minimiser v of ½(v - w)² + threshold·|v|. Returns a new array.
    Raises ValueError for a threshold that is negative or not finite.
    Source: Donoho & Johnstone, Ideal spatial adaptation by wavelet shrinkage, Biometrika, 1994.
    """
    threshold = _strength("threshold", threshold)
    lib = xp(w)
    w = lib.asarray(w)
    # w minus w clipped: 0 exactly inside the threshold, and nan stays nan
    return w - lib.clip(w, -threshold, threshold)


def proximal_l1(params, lam, lr):
    """Replace each weight w by soft_threshold(w, lr·λ), in place: after an optimizer's step.

    A step on the loss, then this, is proximal gradient descent on loss + λ|w|₁ (ISTA); `lr` is the
    rate of that step. Weights that the loss does not hold up become exactly 0.
    `params` and what is raised: as in `l2_penalty`.
    Source: Beck & Teboulle, A fast iterative shrinkage-thresholding algorithm for linear inverse
    problems, SIAM Journal on Imaging Sciences, 2009.
    """
    threshold = _strength("lam", lam) * _strength("lr", lr)
    with no_grad():
        for w in _listed(params):
            w[...] = soft_threshold(w.data, threshold)


def _listed(params):
    if hasattr(params, "parameters"):
        return weights(params)
    if isinstance(params, Tensor):
        raise TypeError("a list of parameters is needed: [w], not w")
    params = list(params)
    if not params or not all(isinstance(p, Tensor) for p in params):
        raise TypeError(f"a net or a list of Tensors is needed, not {params!r:.60}")
    return params


def _strength(name, number):
    if not isinstance(number, Real) or isinstance(number, bool) or not 0 <= number < inf:
        raise ValueError(f"{name} is a finite number, 0 or more, not {number!r:.60}")
    return float(number)
