"""What all schedules share, and the checks of their arguments."""

import warnings
from collections.abc import Mapping
from math import inf
from numbers import Integral, Real

from bookutils.engine.calls import put_down_whole
from bookutils.optim.optimizer import Optimizer
from bookutils.phrasebook import refuse_attribute, translated

no_last_epoch = translated(
    last_epoch="load_state_dict(state) resumes a schedule", verbose="print get_last_lr()"
)


class LRScheduler:
    """What all schedules share. One of your own defines `next_lr(lr, initial)`.

    `last_epoch` counts the steps, from 0. Raises TypeError for what is no optimizer.
    """

    def __init__(self, optimizer):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"{type(self).__name__} takes an optimizer of bookutils.optim first, not "
                f"{optimizer!r:.60}"
            )
        self.optimizer, self.last_epoch = optimizer, 0
        self.base_lrs = [g.setdefault("initial_lr", g["lr"]) for g in optimizer.param_groups]
        self._steps_before = optimizer.steps
        self._set([self.first_lr(g["lr"]) for g in optimizer.param_groups])

    def __getattr__(self, name):
        refuse_attribute(self, name)

    def first_lr(self, lr):
        """The rate at step 0, for a group that has the rate lr."""
        return lr

    def next_lr(self, lr, initial):
        """The rate at step `last_epoch`, after lr, in a group that started from `initial`."""
        raise NotImplementedError(f"{type(self).__name__} has no next_lr(self, lr, initial)")

    @put_down_whole
    def step(self):
        """Set the rates of the next step; to be called after the optimizer's step."""
        self._check_order()
        self._advance()

    def get_last_lr(self):
        """The rates that were set last, one per group."""
        return list(self._last_lr)

    def state_dict(self):
        """A dict with copies of all that a later rate depends on, but for the optimizer."""
        return {
            name: list(x) if isinstance(x, list) else x
            for name, x in vars(self).items()
            if name not in self._not_saved
        }

    def load_state_dict(self, state):
        """Take over what state_dict returned; returns self. The rates are in the optimizer's state.

        Raises ValueError, with nothing loaded, for the state of another kind of schedule.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"a state is a dict as state_dict() returns it, not {state!r:.60}")
        own = self.state_dict()
        if own.keys() != state.keys():
            different = ", ".join(sorted(own.keys() ^ state.keys()))
            raise ValueError(
                f"nothing loaded into {type(self).__name__}: its state and this one differ in "
                f"{different}"
            )
        vars(self).update(
            {name: list(x) if isinstance(x, list) else x for name, x in state.items()}
        )
        return self

    _not_saved = ("optimizer",)

    def _check_order(self):
        if self.last_epoch == 0 and self.optimizer.steps == self._steps_before:
            warnings.warn(
                f"{type(self).__name__}.step() came before optimizer.step(), so the first rate of "
                "the schedule is not used: step the optimizer first",
                stacklevel=4,
            )

    def _advance(self):
        self.last_epoch += 1
        groups = self.optimizer.param_groups
        self._set([self.next_lr(g["lr"], lr) for g, lr in zip(groups, self.base_lrs)])  # noqa: B905

    def _restart(self):
        """Go to step 0, from the initial rates."""
        self.last_epoch = 0
        self._set(list(map(self.first_lr, self.base_lrs)))

    def _set(self, rates):
        groups = self.optimizer.param_groups
        if len(groups) != len(self.base_lrs):
            raise RuntimeError(
                f"the optimizer has {len(groups)} groups, and had {len(self.base_lrs)} when "
                f"{type(self).__name__} was made: make the schedule after add_param_group"
            )
        for group, lr in zip(groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = [float(lr) for lr in rates]


def number(name, x, low, high=inf, above=False, below=False):
    """x, if it is a finite number from low (or above it) to high (or below it); else ValueError."""
    fits = isinstance(x, Real) and not isinstance(x, bool) and low <= x <= high and abs(x) < inf
    if not fits or (above and x == low) or (below and x == high):
        least = f"above {low}" if above else f"from {low}"
        most = "on" if high == inf else f"to below {high}" if below else f"to {high}"
        raise ValueError(f"{name} is a number {least} {most}, not {x!r:.60}")
    return float(x)


def count(name, x, low):
    """x, if it is an integer from low on; else ValueError."""
    if not isinstance(x, Integral) or isinstance(x, bool) or x < low:
        raise ValueError(f"{name} is an integer from {low} on, not {x!r:.60}")
    return int(x)
