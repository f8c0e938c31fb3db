"""Is a gradient right? A verdict on each partial derivative, and the cause where one is known."""

import math
from dataclasses import replace

import numpy as np

from bookutils.verify.differences import SAFETY, shown
from bookutils.verify.report import Row


def causes_of(weights):
    # ratio of gradient to slope -> what makes that ratio (one output, called once per weight)
    total = math.fsum(weights)
    causes = {0.0: "the gradient is zero where f is not flat", -1.0: "the sign is turned"}
    causes |= {2.0: "a factor 2 too large", 0.5: "a factor 2 too small"}
    if len(weights) > 1:
        causes[len(weights) / total] = "the upstream gradient is left out"
        for w in weights:
            causes[w / total] = "one of two uses is missing: overwritten instead of added"
    return causes


def judge(name, x, gradient, found, rtol, causes):
    central, left, right = found
    slope, step, error, rounding = central
    if math.isinf(central.error):  # f is defined on one side only
        slope, step, error, rounding = min(left, right, key=lambda side: side.error)
    size = max(abs(gradient), abs(slope))
    relative = 0.0 if gradient == slope else abs(gradient - slope) / size if size else 0.0
    tolerance = SAFETY * error + rtol * size

    def row(verdict, note="", relative=relative):
        return Row(name, x, gradient, slope, error, step, relative, verdict, note)

    if not math.isfinite(gradient):
        return row("not finite", f"the gradient is {gradient}; {_edge(found)}", math.inf)
    if found.kink:
        low, high = sorted((left, right))
        between = low.value - tolerance <= gradient <= high.value + tolerance
        sides = [shown(side.value, side.error) for side in (left, right)]
        note = f"slope {sides[0]} from the left, {sides[1]} from the right"
        return (
            row("kink", note) if between else row("wrong", f"{note}; the gradient is not between")
        )
    if not math.isfinite(slope):
        return row("unclear", _edge(found), math.nan)
    # A slope as uncertain as itself proves nothing, unless all that is left of it is rounding:
    # then f is flat to the last bit.
    if SAFETY * error > 0.1 * abs(slope) and error > 100 * rounding:
        return row("unclear", "the differences do not settle here; f jumps, or is very rough")
    if not abs(gradient - slope) <= tolerance:
        for ratio, cause in causes.items():
            if abs(gradient - ratio * slope) <= SAFETY * error + 1e-6 * abs(slope):
                return row("wrong", cause)
        return row("wrong")
    return row("right")


def _edge(found):
    if not math.isfinite(found.left.value) and not math.isfinite(found.right.value):
        return "f is not finite at this point or on either side of it"
    for side, name in ((found.left, "below"), (found.right, "above")):
        if not math.isfinite(side.value):
            return f"f is not defined just {name} this point"
    return f"f is finite here, with slope {found.central.value:.6g}"


def judge_array(name, x, gradient, found, rtol, causes):
    # One row an element; where one sentence explains all of the array's faults, they all bear it.
    fits = gradient.shape == x.shape
    rows = []
    for index, slope in found.items():
        label = f"{name}[{', '.join(map(str, index))}]" if index else name
        given = gradient[index] if fits else math.nan
        rows.append(judge(label, float(x[index]), float(given), slope, rtol, causes))
    if not fits:
        note = f"the gradient has the shape {gradient.shape}, {name} has {x.shape}"
        return tuple(replace(row, verdict="wrong", note=note, error=math.inf) for row in rows)
    slopes = np.array([row.difference for row in rows]).reshape(x.shape)
    note = _array_cause(gradient, slopes)
    return tuple(
        replace(row, note=note) if note and row.verdict == "wrong" and not row.note else row
        for row in rows
    )


def _array_cause(gradient, slopes):
    def same(a, b):
        return np.all(np.isfinite(b)) and np.allclose(a, b, rtol=1e-6, atol=1e-9 * np.abs(b).max())

    if gradient.size < 2 or not np.all(np.isfinite(slopes)):
        return ""
    if gradient.shape == slopes.T.shape and same(gradient, slopes.T):
        return "the gradient is transposed"
    with np.errstate(all="ignore"):
        ratio = np.sum(gradient * slopes) / np.sum(slopes * slopes)
    if not gradient.any():
        return "the gradient is zero in every element"
    if same(gradient, ratio * slopes):
        return f"the gradient is {ratio:.6g} times the slope in every element"
    return ""
