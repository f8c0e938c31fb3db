"""The backward pass as a walk over arrows, one number at a time, with a guess before each.

    walk = Walk(root)
    walk.guess(5.5)      # at the first arrow
    walk.forward()       # to the next one

Pure: no widget, no picture; stepper.py shows it.
"""

import math
from dataclasses import dataclass

from bookutils.engine.graph import topological_order
from bookutils.page.lettering import number


@dataclass(frozen=True)
class Step:
    """One arrow of the backward pass: `node` passes `slope` × `upstream` on to `parent`.

    `place` is the arrow's place among the node's operands; `before` is the sum that had arrived
    at the parent until now, None if nothing had; `waiting` counts the arrows still to come.
    """

    node: object
    parent: object
    place: int
    upstream: float
    slope: float
    before: float | None
    waiting: int

    @property
    def contribution(self):
        return self.slope * self.upstream

    @property
    def after(self):
        return self.contribution if self.before is None else self.before + self.contribution


def backward_steps(root):
    """List the arrows in the order in which the backward pass walks them."""
    order = topological_order(root)
    waiting = dict.fromkeys(order, 0)
    for node in order:
        for parent in node.parents:
            waiting[parent] += 1
    sums, steps = {root: 1.0}, []
    for node in reversed(order):
        edges = zip(node.parents, node.slopes, strict=True)
        for place, (parent, slope) in enumerate(edges):
            waiting[parent] -= 1
            before = sums.get(parent)
            step = Step(node, parent, place, sums[node], slope, before, waiting[parent])
            sums[parent] = step.after
            steps.append(step)
    return steps


def judge(step, guess):
    """Return (right, sentence) for a guess at `step.after`; a known slip is named.

    The reader computes from numbers rounded to four digits, each off by 5e-4 of itself at most:
    that is the tolerance. Among the answer and the slips the nearest to the guess counts.
    """
    up, slope = step.upstream, float(step.slope)
    before, part, after = step.before, step.contribution, step.after
    if math.isnan(after) or math.isinf(after) or math.isnan(guess) or math.isinf(guess):
        right = guess == after or (math.isnan(guess) and math.isnan(after))
        return right, f"Right: {number(after)}." if right else "Not yet: that is not the sum."
    had = before or 0.0
    tolerance = 1e-3 * abs(part) + 5e-4 * (abs(had) + abs(after)) + 1e-12
    slips = [
        (
            had + slope,
            f"that leaves out the upstream factor: the local derivative {number(slope)} "
            f"is still to be multiplied by {number(up)}.",
        ),
        (
            had + up,
            f"that passes the upstream gradient on as it is: multiply it by the local "
            f"derivative {number(slope)}.",
        ),
        (had - part, "the sign of the contribution is turned."),
        (-after, "the sign is turned."),
        (had + up + slope, "that adds along the arrow: along a path the factors multiply."),
    ]
    if before is not None:
        slips = [
            (
                part,
                f"that is this arrow's contribution alone and overwrites the {number(before)} "
                "that had arrived before: where paths meet, add.",
            ),
            *slips,
            (
                slope,
                f"that is the local derivative alone, without the upstream factor {number(up)} "
                f"and without the {number(before)} that had arrived before.",
            ),
            (before * part, "that multiplies the contributions: where paths meet, add."),
            (before, "that is the sum before this arrow has added its contribution."),
        ]
    distance = abs(guess - after)
    nearest = min(slips, key=lambda slip: abs(guess - slip[0]))
    if distance <= tolerance and distance <= abs(guess - nearest[0]) + tolerance * 1e-6:
        return True, f"Right: {number(after)}."
    if abs(guess - nearest[0]) <= tolerance and abs(nearest[0] - after) > tolerance * 1e-6:
        return False, f"Not {number(guess)}: {nearest[1]}"
    return (
        False,
        f"Not {number(guess)}. Multiply along the arrow, then add what had arrived before.",
    )


class Walk:
    """Where a reader stands on the backward pass of `root`, and what has been answered."""

    def __init__(self, root):
        self.root = root
        self.steps = backward_steps(root)
        self.restart()

    def restart(self):
        self.at, self.answered, self.first_guess, self.said = 0, set(), {}, ""

    @property
    def finished(self):
        return self.at == len(self.steps)

    @property
    def shown(self):
        """Whether the number at this arrow may be seen."""
        return self.at in self.answered

    def guess(self, value):
        """Judge a guess at the sum after this arrow; a right one shows it."""
        if self.finished:
            return
        right, self.said = judge(self.steps[self.at], value)
        if not self.shown:
            self.first_guess.setdefault(self.at, right)
        if right:
            self.answered.add(self.at)

    def forward(self):
        """Go on; where the number is still hidden, show it, but only after a guess."""
        if self.finished:
            return
        if self.shown:
            self.at, self.said = self.at + 1, ""
        elif self.at in self.first_guess:
            self.answered.add(self.at)
            self.said = f"It is {number(self.steps[self.at].after)}."
        else:
            self.said = "Type a guess first: a wrong one costs nothing and says what it equals."

    def back(self):
        if self.at:
            self.at, self.said = self.at - 1, ""

    def strips(self):
        """What stands in each node's gradient strip now: a finished gradient, or a sum so far."""
        texts = {self.root: "∂ 1"}
        for step in self.steps[: self.at]:
            so_far = number(step.after)
            texts[step.parent] = f"{so_far} + …" if step.waiting else f"∂ {so_far}"
        if not self.finished:
            step = self.steps[self.at]
            texts[step.parent] = added(step, self.shown)
        return texts


def added(step, shown):
    """`5.5 + 4 = 9.5`, the sum at the parent as this arrow leaves it; hidden, `5.5 + ?`."""
    if step.before is None:
        return number(step.after) if shown else "?"
    if not shown:
        return f"{number(step.before)} + ?"
    sign = "−" if step.contribution < 0 else "+"
    part = number(abs(step.contribution))
    return f"{number(step.before)} {sign} {part} = {number(step.after)}"
