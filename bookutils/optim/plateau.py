"""A schedule that looks at how training goes."""

from math import inf

from bookutils.optim.scheduler import LRScheduler, count, number


class ReduceLROnPlateau(LRScheduler):
    """The rate times `factor` when a metric has not improved in more than `patience` steps.

    `step(metric)` takes a number, such as the validation loss of an epoch. It improves if it is
    below best·(1 - threshold) in mode "min", above best·(1 + threshold) in mode "max", or with
    threshold_mode "abs" below best - threshold, above best + threshold. After a reduction
    `cooldown` steps are not counted. The rate is never set below `min_lr`, one number or one per
    group, nor changed by `eps` or less. NaN is no improvement.
    Raises ValueError for a factor that is not from 0 to below 1 and other options out of range.
    Source: done by hand in Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep
    convolutional neural networks", 2012: a tenth when the validation error stopped improving.
    """

    def __init__(
        self,
        optimizer,
        mode="min",
        factor=0.1,
        patience=10,
        threshold=1e-4,
        threshold_mode="rel",
        cooldown=0,
        min_lr=0.0,
        eps=1e-8,
    ):
        super().__init__(optimizer)
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(
                'mode is "min" or "max" and threshold_mode "rel" or "abs", not '
                f"{mode!r:.60} and {threshold_mode!r:.60}"
            )
        self.mode, self.threshold_mode = mode, threshold_mode
        self.factor = number("factor", factor, 0, 1, below=True)
        self.patience = count("patience", patience, 0)
        self.cooldown = count("cooldown", cooldown, 0)
        self.threshold, self.eps = number("threshold", threshold, 0), number("eps", eps, 0)
        groups = len(optimizer.param_groups)
        least = list(min_lr) if isinstance(min_lr, (list, tuple)) else [min_lr] * groups
        if len(least) != groups:
            raise ValueError(f"min_lr needs {groups} numbers, one per group, not {len(least)}")
        self.min_lrs = [number("min_lr", x, 0) for x in least]
        self.best = inf if mode == "min" else -inf
        self.num_bad_epochs = self.cooldown_counter = 0

    def step(self, metrics):
        """Look at the metric of this step, a number or a Tensor of one, and reduce or not."""
        metric = float(metrics)
        self.last_epoch += 1
        if self._improves(metric):
            self.best, self.num_bad_epochs = metric, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        rates = [group["lr"] for group in self.optimizer.param_groups]
        if self.num_bad_epochs > self.patience:
            self.num_bad_epochs, self.cooldown_counter = 0, self.cooldown
            lower = [max(lr * self.factor, x) for lr, x in zip(rates, self.min_lrs, strict=True)]
            rates = [b if a - b > self.eps else a for a, b in zip(rates, lower, strict=True)]
        self._set(rates)

    def _improves(self, metric):
        if self.threshold_mode == "abs":
            margin = self.threshold
        else:
            margin = self.best * self.threshold if abs(self.best) < inf else 0.0
        return metric < self.best - margin if self.mode == "min" else metric > self.best + margin
