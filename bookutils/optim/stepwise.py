"""Schedules that compute each rate from the one before, and one that takes any function."""

from math import cos, pi

from bookutils.optim.scheduler import LRScheduler, count, no_last_epoch, number


class ConstantLR(LRScheduler):
    """The initial rate times `factor` for `total_iters` steps, then the initial rate.

    Raises ValueError for a factor that is not from 0 to 1.
    Source: "constant warmup" in Goyal et al., "Accurate, large minibatch SGD: Training ImageNet in
    1 hour", 2017.
    """

    @no_last_epoch
    def __init__(self, optimizer, factor=1 / 3, total_iters=5):
        self.factor = number("factor", factor, 0, 1)
        self.total_iters = count("total_iters", total_iters, 0)
        super().__init__(optimizer)

    def first_lr(self, lr):
        return lr * self.factor

    def next_lr(self, lr, initial):
        if self.last_epoch != self.total_iters:
            return lr
        return lr / self.factor if self.factor else initial


class LinearLR(LRScheduler):
    """From the initial rate times `start_factor` in a line to that times `end_factor`: a warm-up.

    The end is reached after `total_iters` steps and stays.
    Raises ValueError for a start_factor that is not above 0 and at most 1, or an end_factor that is
    not from 0 to 1.
    Source: "gradual warmup" in Goyal et al., "Accurate, large minibatch SGD: Training ImageNet in
    1 hour", 2017.
    """

    @no_last_epoch
    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5):
        self.start_factor = number("start_factor", start_factor, 0, 1, above=True)
        self.end_factor = number("end_factor", end_factor, 0, 1)
        self.total_iters = count("total_iters", total_iters, 1)
        super().__init__(optimizer)

    def first_lr(self, lr):
        return lr * self.start_factor

    def next_lr(self, lr, initial):
        if self.last_epoch > self.total_iters:
            return lr
        rise = (self.end_factor - self.start_factor) / self.total_iters
        return lr * (1 + rise / (self.start_factor + (self.last_epoch - 1) * rise))


class StepLR(LRScheduler):
    """The rate times `gamma` after every `step_size` steps.

    Raises ValueError for a step_size below 1 or a gamma that is no number from 0 on.
    Source: as in Szegedy et al., "Going deeper with convolutions", 2015, with 0.96 and 8 epochs.
    """

    @no_last_epoch
    def __init__(self, optimizer, step_size, gamma=0.1):
        self.step_size = count("step_size", step_size, 1)
        self.gamma = number("gamma", gamma, 0)
        super().__init__(optimizer)

    def next_lr(self, lr, initial):
        return lr * self.gamma if self.last_epoch % self.step_size == 0 else lr


class MultiStepLR(LRScheduler):
    """The rate times `gamma` at each of the steps `milestones`, twice at one listed twice.

    Raises ValueError for milestones that are no counts or a gamma that is no number from 0 on.
    Source: as in He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016,
    section 4.2: a tenth at 32,000 and at 48,000 steps.
    """

    @no_last_epoch
    def __init__(self, optimizer, milestones, gamma=0.1):
        self.milestones = sorted(count("a milestone", m, 0) for m in milestones)
        self.gamma = number("gamma", gamma, 0)
        super().__init__(optimizer)

    def first_lr(self, lr):
        return self.next_lr(lr, lr)

    def next_lr(self, lr, initial):
        return lr * self.gamma ** self.milestones.count(self.last_epoch)


class ExponentialLR(LRScheduler):
    """The rate times `gamma` after every step.

    Raises ValueError for a gamma that is no number from 0 on.
    Source: Senior, Heigold, Ranzato and Yang, "An empirical study of learning rates in deep neural
    networks for speech recognition", 2013.
    """

    @no_last_epoch
    def __init__(self, optimizer, gamma):
        self.gamma = number("gamma", gamma, 0)
        super().__init__(optimizer)

    def next_lr(self, lr, initial):
        return lr * self.gamma


class PolynomialLR(LRScheduler):
    """The initial rate times (1 - t / total_iters)^power in step t, and 0 from total_iters on.

    Raises ValueError for a total_iters below 1 or a power that is no number from 0 on.
    Source: "poly" in Chen, Papandreou, Kokkinos, Murphy and Yuille, "DeepLab: Semantic image
    segmentation with deep convolutional nets, atrous convolution, and fully connected CRFs", 2018.
    """

    @no_last_epoch
    def __init__(self, optimizer, total_iters=5, power=1.0):
        self.total_iters = count("total_iters", total_iters, 1)
        self.power = number("power", power, 0)
        super().__init__(optimizer)

    def next_lr(self, lr, initial):
        left = self.total_iters - self.last_epoch
        return lr * (left / (left + 1)) ** self.power if left >= 0 else lr


class CosineAnnealingLR(LRScheduler):
    """From the initial rate along half a cosine down to `eta_min`, in `T_max` steps; then up again.

    In step t the rate is eta_min + ½·(initial - eta_min)·(1 + cos(π·t / T_max)).
    Raises ValueError for a T_max below 1 or an eta_min that is no number from 0 on.
    Source: Loshchilov and Hutter, "SGDR: Stochastic gradient descent with warm restarts", 2017;
    without the restarts.
    """

    @no_last_epoch
    def __init__(self, optimizer, T_max, eta_min=0.0):
        self.T_max = count("T_max", T_max, 1)
        self.eta_min = number("eta_min", eta_min, 0)
        super().__init__(optimizer)

    def next_lr(self, lr, initial):
        t, T, low = self.last_epoch, self.T_max, self.eta_min
        if (t - 1 - T) % (2 * T) == 0:  # from the lowest rate nothing can be multiplied upwards
            return lr + (initial - low) * (1 - cos(pi / T)) / 2
        return low + (lr - low) * (1 + cos(pi * t / T)) / (1 + cos(pi * (t - 1) / T))


class LambdaLR(LRScheduler):
    """The initial rate times f(t) in step t, for a function f of your own, or one for each group.

    Its state holds no function.
    Raises TypeError for what is no function, ValueError for too few or many.
    """

    _not_saved = "optimizer", "lr_lambdas"

    @no_last_epoch
    def __init__(self, optimizer, lr_lambda):
        groups = len(optimizer.param_groups)
        several = isinstance(lr_lambda, (list, tuple))
        self.lr_lambdas = list(lr_lambda) if several else [lr_lambda] * groups
        if len(self.lr_lambdas) != groups:
            raise ValueError(
                f"LambdaLR needs {groups} functions, one per group, not {len(lr_lambda)}"
            )
        if not all(map(callable, self.lr_lambdas)):
            raise TypeError(
                f"LambdaLR needs a function of the number of steps, not {lr_lambda!r:.60}"
            )
        super().__init__(optimizer)
        self._restart()

    def next_lr(self, lr, initial):
        raise AssertionError("each group has a function of its own")

    def _advance(self):
        self.last_epoch += 1
        self._set_all()

    def _restart(self):
        self.last_epoch = 0
        self._set_all()

    def _set_all(self):
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        self._set([initial * f(self.last_epoch) for initial, f in pairs])
