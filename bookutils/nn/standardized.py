"""Numbers made mean 0 and mean square 1 over some axes: the mathematics that all norms share."""

from math import prod

from bookutils.engine.arrays import add_up, xp
from bookutils.engine.operands import alike, operation
from bookutils.engine.record import array, remember


@operation("standardized")
def standardized(x, axes, eps=0.0, *, centred=True):
    """x̂ = (x - μ)/√(σ² + eps) as one node, and the arrays μ and σ², over n, along `axes`.

    Each x of a group moves its μ and its σ, so its gradient has three terms: G itself, less its
    mean, less the share of G along x̂; divided by s = √(σ² + eps). With centred=False there is no
    mean in either direction: x̂ = x/√(mean x² + eps).
    Source: Ioffe & Szegedy, Batch normalization, ICML 2015, section 3.
    """
    (x,) = alike("standardized", x, fractions=True)
    a = array(x)
    mean = average(a, axes) if centred else 0.0
    y = a - mean
    var = average(y * y, axes)
    s = xp(var).sqrt(var + eps)
    y /= s

    def vjp(G):
        along = average(G * y, axes)
        dx = G - average(G, axes) if centred else G - 0.0
        dx -= along * y
        dx /= s
        return dx

    return remember(y, (x, vjp), op="standardized"), mean, var


def average(a, axes):
    """The mean along axes, which are kept."""
    return add_up(a, axes, True) / prod(a.shape[i] for i in axes)
