"""From one loss an element to one number."""

from bookutils.engine.arrays import xp


def known(reduction):
    if not isinstance(reduction, str) or reduction not in ("mean", "sum", "none"):
        raise ValueError(f'reduction is "mean", "sum" or "none", not {reduction!r}')


EMPTY = "the mean of no losses is 0/0: nothing arrived, or all of it is ignored"


def reduced(losses, reduction):
    """The mean or the sum of the losses, or all of them."""
    known(reduction)
    if reduction == "mean" and not losses.size:
        raise ValueError(EMPTY)
    return losses if reduction == "none" else getattr(losses, reduction)()


def weighted_mean(losses, labels, weight, reduction, spread):
    """Reduce the losses of rows; a mean is divided by the sum of the weights of their labels."""
    if reduction == "mean" and weight is not None and losses.size:
        return losses.sum() / xp(weight).sum(weight[labels])
    return reduced(spread(losses) if reduction == "none" else losses, reduction)
