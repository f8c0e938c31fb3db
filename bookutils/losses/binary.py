"""Losses of two classes, or of several yes-or-no answers: a number for each answer."""

from bookutils.engine.arrays import xp
from bookutils.engine.record import array, quiet, remember
from bookutils.losses.inputs import chance, matched, refuse, times
from bookutils.losses.reductions import reduced
from bookutils.phrasebook import each, translated

WEIGHTS = each("weight pos_weight", 'multiply the losses, reduction="none", by weights of your own')


@translated(**WEIGHTS)
@quiet
def bce_loss(p, t, reduction="mean"):
    """-t log p - (1 - t) log(1 - p): p the probability of label 1, t the label, 0 … 1.

    PyTorch's `binary_cross_entropy`, except that PyTorch cuts: log p at -100, and p (1 - p) in the
    gradient at 1e-12. Here p = 0 with the label 1 costs inf, and its gradient is -inf.
    """
    p, t = matched("bce_loss", p, t)
    chance("bce_loss", "an output", p, ": of logits take bce_with_logits")
    chance("bce_loss", "a target", t)
    a, b, lib = array(p), array(t), xp(array(p))
    log_p, log_q = lib.log(a), lib.log1p(-a)
    y = -times(b, log_p) - times(1 - b, log_q)

    def to_p(G):
        # (p - t) / (p (1 - p)); at the labels 0 and 1 one factor cancels, and 0/0 is not met
        slope = lib.where(b == 0, 1 / (1 - a), (a - b) / a / (1 - a))
        return G * lib.where(b == 1, -1 / a, slope)

    to_t = log_q - log_p
    losses = remember(y, (p, to_p), (t, lambda G: G * to_t), op="bce_loss")
    return reduced(losses, reduction)


@translated(**WEIGHTS)
@quiet
def bce_with_logits(z, t, reduction="mean"):
    """bce_loss of p = sigmoid(z), from the logit z and safe at any: the gradient is p - t.

    PyTorch's `binary_cross_entropy_with_logits`. No large numbers are subtracted, so what
    remains for a logit on the right side, about exp(-|z|), is exact where PyTorch rounds to 0.
    """
    z, t = matched("bce_with_logits", z, t)
    chance("bce_with_logits", "a target", t)
    a, b, lib = array(z), array(t), xp(array(z))
    e = lib.exp(-lib.abs(a))
    far = lib.where(a > 0, 1 - b, -b)  # p - t where p is 1 or 0
    p_less_t = far - lib.where(a > 0, e, -e) / (1 + e)
    y = times(far, a) + lib.log1p(e)
    edges = (z, lambda G: G * p_less_t), (t, lambda G: G * -a)
    losses = remember(y, *edges, op="bce_with_logits")
    return reduced(losses, reduction)


binary_cross_entropy, binary_cross_entropy_with_logits = bce_loss, bce_with_logits


def hinge_loss(z, t, reduction="mean"):
    """max(0, 1 - t z): the score z of a label t that is -1 or 1. Not in torch.nn.functional."""
    z, t = matched("hinge_loss", z, t)
    refuse("hinge_loss", "the labels are -1 and 1", t, abs(array(t)) != 1)
    return reduced((1 - t * z).relu(), reduction)
