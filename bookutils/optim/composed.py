"""Schedules made of schedules: all at once, or one after another."""

from bisect import bisect_right

from bookutils.optim.plateau import ReduceLROnPlateau
from bookutils.optim.scheduler import LRScheduler, count, no_last_epoch


class Composed(LRScheduler):
    """Several schedules of one optimizer, which step with this one and not by themselves."""

    _not_saved = "optimizer", "schedulers"

    def __init__(self, optimizer, schedulers):
        schedulers = list(schedulers)
        name = type(self).__name__
        if not schedulers:
            raise ValueError(f"{name} needs at least one schedule")
        for x in schedulers:
            if not isinstance(x, LRScheduler):
                raise TypeError(f"{name} is made of schedules, not of {x!r:.60}")
            if isinstance(x, ReduceLROnPlateau):
                raise ValueError(
                    f"{name} cannot step ReduceLROnPlateau, which needs the metric: step it beside"
                )
            if optimizer is None:
                optimizer = x.optimizer
            if x.optimizer is not optimizer:
                raise ValueError(f"all schedules of {name} belong to one optimizer")
        self.schedulers = schedulers
        super().__init__(optimizer)

    def _read(self):
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        """As of other schedules, with the list of the states of its parts."""
        return {**super().state_dict(), "schedulers": [x.state_dict() for x in self.schedulers]}

    def load_state_dict(self, state):
        """As of other schedules; raises ValueError for another number of parts."""
        parts = state.get("schedulers", []) if hasattr(state, "get") else []
        if len(parts) != len(self.schedulers):
            raise ValueError(
                f"nothing loaded into {type(self).__name__}: it has {len(self.schedulers)} "
                f"schedules, the state {len(parts)}"
            )
        own = [x.state_dict() for x in self.schedulers]
        try:
            for x, part in zip(self.schedulers, parts, strict=True):
                x.load_state_dict(part)
            own_part = {name: x for name, x in state.items() if name != "schedulers"}
            super().load_state_dict({**own_part, "schedulers": self.schedulers})
        except (TypeError, ValueError):
            for x, part in zip(self.schedulers, own, strict=True):
                x.load_state_dict(part)
            raise
        return self


class ChainedScheduler(Composed):
    """All schedules at once: in every step each changes the rate that the one before has set.

    Raises ValueError for no schedule, or schedules of two optimizers.
    """

    def __init__(self, schedulers, optimizer=None):
        super().__init__(optimizer, schedulers)

    def _advance(self):
        self.last_epoch += 1
        for x in self.schedulers:
            x._advance()
        self._read()

    def _restart(self):
        self.last_epoch = 0
        for group, lr in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = lr
        for x in self.schedulers:
            x.last_epoch = 0
            x._set([x.first_lr(group["lr"]) for group in self.optimizer.param_groups])
        self._read()


class SequentialLR(Composed):
    """One schedule after another: the next begins, from its own start, at each of `milestones`.

    Raises ValueError for no schedule, schedules of two optimizers, or milestones that are not one
    fewer than the schedules.
    """

    @no_last_epoch
    def __init__(self, optimizer, schedulers, milestones):
        super().__init__(optimizer, schedulers)
        self.milestones = [count("a milestone", m, 0) for m in milestones]
        if len(self.milestones) != len(self.schedulers) - 1:
            raise ValueError(
                f"SequentialLR needs a milestone between any two schedules: "
                f"{len(self.schedulers) - 1}, not {len(self.milestones)}"
            )
        if self.milestones != sorted(self.milestones):
            raise ValueError(f"milestones rise, and these are {self.milestones}")
        self._restart()

    def _restart(self):
        self.last_epoch = 0
        self.schedulers[bisect_right(self.milestones, 0)]._restart()
        self._read()

    def _advance(self):
        self.last_epoch += 1
        now = self.schedulers[bisect_right(self.milestones, self.last_epoch)]
        if self.last_epoch in self.milestones:
            now._restart()
        else:
            now._advance()
        self._read()
