"""Losses of boxes (…, 4): x0, y0, x1, y1."""

from bookutils.engine.arrays import xp
from bookutils.engine.record import array, quiet
from bookutils.engine.tensor import maximum, minimum
from bookutils.losses.inputs import matched, refuse
from bookutils.losses.reductions import reduced


def iou(a, b):
    """Intersection over union of each box of a with its partner in b: (…, 4) to (…).

    Boxes that do not meet have 0, and the gradient 0: nothing pulls them together.
    """
    intersection, union, _ = overlap("iou", a, b)
    return intersection / union


def giou(a, b):
    """iou less the part of the smallest box around both that neither covers: -1 … 1.

    Source: H. Rezatofighi et al., "Generalized Intersection over Union", CVPR 2019.
    """
    intersection, union, hull = overlap("giou", a, b)
    return intersection / union - (hull - union) / hull


def iou_loss(a, b, reduction="mean"):
    """1 - iou."""
    return reduced(1 - iou(a, b), reduction)


def giou_loss(a, b, reduction="mean"):
    """1 - giou; its gradient pulls boxes together that do not meet."""
    return reduced(1 - giou(a, b), reduction)


@quiet
def overlap(name, a, b):
    """The areas of the intersection, the union and the smallest box around both, in some unit."""
    a, b = matched(name, a, b)
    if not a.ndim or a.shape[-1] != 4:
        raise ValueError(f"{name}: boxes are (…, 4): x0, y0, x1, y1, not {a.shape}")
    for box in (a, b):
        refuse(name, "boxes are x0, y0, x1, y1 with x0 <= x1 and y0 <= y1", box,
               ~(array(box)[..., :2] <= array(box)[..., 2:]))  # fmt: skip
    a0, a1, b0, b1 = a[..., :2], a[..., 2:], b[..., :2], b[..., 2:]
    hull = maximum(a1, b1) - minimum(a0, b0)
    # Areas in a unit of the hull's own size, a power of 2: they neither overflow nor round.
    lib = xp(array(hull))
    unit = 2.0 ** lib.floor(lib.log2(lib.where(array(hull) > 0, array(hull), 1.0)))

    def area(sides):
        sides = sides / unit
        return sides[..., 0] * sides[..., 1]

    both = area((minimum(a1, b1) - maximum(a0, b0)).relu())
    union = area(a1 - a0) + area(b1 - b0) - both
    refuse(name, "two boxes without area have no iou, 0/0", union, array(union) == 0)
    return both, union, area(hull)
