"""A schedule of one rise and one fall, with the momentum the other way round."""

from math import cos, pi

from bookutils.optim.scheduler import LRScheduler, count, no_last_epoch, number


class OneCycleLR(LRScheduler):
    """Up from max_lr / div_factor to `max_lr`, then down to max_lr / div_factor / final_div_factor.

    The share `pct_start` of the `total_steps`, or of epochs·steps_per_epoch, goes up; each part is
    half a cosine, or a line for anneal_strategy "linear". With `three_phase` it goes down to the
    start in as many steps as up, and from there to the end. Meanwhile, with `cycle_momentum`, the
    momentum (of Adam and its kin β₁) goes from `max_momentum` down to `base_momentum` and back.
    `max_lr` and the two momenta are numbers, or lists with one per group. The rates that the groups
    had are not used. The state depends on the number of steps alone.
    Raises ValueError for options out of range, for an optimizer without momentum unless
    cycle_momentum=False, and when stepped more than total_steps times.
    Source: Smith and Topin, "Super-convergence: Very fast training of neural networks using large
    learning rates", 2018.
    """

    @no_last_epoch
    def __init__(
        self,
        optimizer,
        max_lr,
        total_steps=None,
        epochs=None,
        steps_per_epoch=None,
        pct_start=0.3,
        anneal_strategy="cos",
        cycle_momentum=True,
        base_momentum=0.85,
        max_momentum=0.95,
        div_factor=25.0,
        final_div_factor=1e4,
        three_phase=False,
    ):
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR needs total_steps, or epochs and steps_per_epoch")
            total_steps = count("epochs", epochs, 1) * count("steps_per_epoch", steps_per_epoch, 1)
        self.total_steps = count("total_steps", total_steps, 1)
        self.pct_start = number("pct_start", pct_start, 0, 1)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f'anneal_strategy is "cos" or "linear", not {anneal_strategy!r:.60}')
        self.anneal_strategy, self.three_phase = anneal_strategy, bool(three_phase)
        options = getattr(optimizer, "options", {})
        self.cycle_momentum = bool(cycle_momentum)
        if cycle_momentum and not options.keys() & {"momentum", "betas"}:
            raise ValueError(
                f"{type(optimizer).__name__} has no momentum to cycle: cycle_momentum=False"
            )
        groups = len(getattr(optimizer, "param_groups", ()))
        self.max_lrs = _each("max_lr", max_lr, groups)
        self.base_momenta = _each("base_momentum", base_momentum, groups)
        self.max_momenta = _each("max_momentum", max_momentum, groups)
        self.div_factor = number("div_factor", div_factor, 0, above=True)
        self.final_div_factor = number("final_div_factor", final_div_factor, 0, above=True)
        for group, lr in zip(getattr(optimizer, "param_groups", ()), self.max_lrs, strict=True):
            group["initial_lr"] = lr / self.div_factor
        super().__init__(optimizer)
        self._restart()

    def _advance(self):
        if self.last_epoch == self.total_steps:
            raise ValueError(
                f"OneCycleLR has {self.total_steps} steps, and this would be one more: make "
                "total_steps the number of batches of the whole training"
            )
        self.last_epoch += 1
        self._set_all()

    def _restart(self):
        self.last_epoch = 0
        self._set_all()

    def _set_all(self):
        part, places, momenta = self._place()
        rates = []
        for i, (group, high) in enumerate(
            zip(self.optimizer.param_groups, self.max_lrs, strict=True)
        ):
            start = high / self.div_factor
            level = {"start": start, "max": high, "end": start / self.final_div_factor}
            rates.append(self._between(level[places[0]], level[places[1]], part))
            if self.cycle_momentum:
                level = {"high": self.max_momenta[i], "low": self.base_momenta[i]}
                momentum = self._between(level[momenta[0]], level[momenta[1]], part)
                if "betas" in group:
                    group["betas"] = momentum, group["betas"][1]
                else:
                    group["momentum"] = momentum
        self._set(rates)

    def _place(self):
        """Which share of its phase the step is at, and between which rates and momenta."""
        up, last = self.pct_start * self.total_steps - 1, self.total_steps - 1
        phases = [(up, ("start", "max"), ("high", "low"))]
        if self.three_phase:
            phases += [(2 * up, ("max", "start"), ("low", "high"))]
            phases += [(last, ("start", "end"), ("high", "high"))]
        else:
            phases += [(last, ("max", "end"), ("low", "high"))]
        start = 0.0
        for stop, places, momenta in phases:
            if self.last_epoch <= stop or stop == last:
                return (self.last_epoch - start) / (stop - start), places, momenta
            start = stop

    def _between(self, start, stop, part):
        if self.anneal_strategy == "linear":
            return start + (stop - start) * part
        return stop + (start - stop) / 2 * (1 + cos(pi * part))


def _each(name, x, groups):
    """One number per group."""
    numbers = list(x) if isinstance(x, (list, tuple)) else [x] * groups
    if len(numbers) != groups:
        raise ValueError(f"{name} needs {groups} numbers, one per group, not {len(numbers)}")
    return [number(name, x, 0) for x in numbers]
