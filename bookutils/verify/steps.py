"""Optimizers and schedules over fifty steps, each beside that of torch.optim."""

import math
from dataclasses import dataclass, field

import numpy as np

from bookutils import optim
from bookutils.engine.tensor import Tensor
from bookutils.optim import lr_scheduler
from bookutils.verify import peer

STEPS = 50
SHAPES = (3, 4), (4,), (), (2, 3, 2)
OPTIONS = {  # at first the defaults
    "SGD": [{}, {"momentum": 0.9, "dampening": 0.3}, {"momentum": 0.9, "nesterov": True}],
    "Adagrad": [{}, {"lr_decay": 0.05, "initial_accumulator_value": 0.5}],
    "RMSprop": [{}, {"momentum": 0.9, "centered": True}],
    "Adam": [{}, {"amsgrad": True, "betas": (0.5, 0.8), "eps": 1e-3}],
    "AdamW": [{}, {"betas": (0.5, 0.8), "weight_decay": 0.1}],
    "NAdam": [{}, {"momentum_decay": 0.1, "decoupled_weight_decay": True, "weight_decay": 0.1}],
    "RAdam": [{}, {"betas": (0.5, 0.8)}],
    "Adafactor": [{}, {"lr": 0.3, "d": 2.0, "beta2_decay": -0.3}],
}
SCHEDULES = {
    "ConstantLR": lambda s, o: s.ConstantLR(o, factor=0.5, total_iters=7),
    "LinearLR": lambda s, o: s.LinearLR(o, start_factor=0.01, total_iters=20),
    "StepLR": lambda s, o: s.StepLR(o, step_size=7),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, milestones=[3, 30]),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, gamma=0.95),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, total_iters=40, power=2.0),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, T_max=12, eta_min=0.001),
    "LambdaLR": lambda s, o: s.LambdaLR(o, lambda t: 1 + 0.5 * math.sin(t)),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, max_lr=0.3, total_steps=STEPS + 1),
    "ReduceLROnPlateau": lambda s, o: s.ReduceLROnPlateau(o, patience=3),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.1, 6), s.ExponentialLR(o, 0.9)]
    ),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=10), s.CosineAnnealingLR(o, 30)], milestones=[10]
    ),
}


@dataclass(frozen=True)
class Steps:
    """Parameters under an optimizer, with gradients that are given."""

    name: str
    options: dict
    starts: list = field(repr=False)
    gradients: list = field(repr=False)

    def applies(self, who, dtype, device):
        return True

    def ours(self, dtype):
        return self._stepped(dtype, np.array)

    def theirs(self, dtype, device, storage):
        if storage:
            return self._stepped(dtype, lambda x: peer.on_device(x, device))
        cast = [[g if g is None else g.astype(dtype) for g in step] for step in self.gradients]
        starts = [x.astype(dtype) for x in self.starts]
        return peer.run_optimizer(self.name, self.options, starts, cast, device)

    def _stepped(self, dtype, keep):
        params = [Tensor(keep(x.astype(dtype)), requires_grad=True) for x in self.starts]
        optimizer = getattr(optim, self.name)(params, **self.options)
        for step in self.gradients:
            for p, g in zip(params, step, strict=True):
                p.grad = None if g is None else keep(g.astype(dtype))
            optimizer.step()
        return [p.numpy() for p in params]


def optimizer_runs(rng):
    """Every optimizer with its defaults and with other options."""
    for name, sets in OPTIONS.items():
        for options in sets:
            starts = [np.asarray(rng.normal(size=shape)) for shape in SHAPES]
            gradients = [[drawn(rng, i, t) for i in range(len(SHAPES))] for t in range(STEPS)]
            options = {"lr": 0.01, **options}
            yield Steps(name, options, starts, gradients)


def drawn(rng, i, t):
    """A gradient of parameter i in step t; the second parameter has none in every third."""
    g = rng.normal(size=SHAPES[i]) * 10.0 ** rng.integers(-2, 2)
    return None if i == 1 and t % 3 == 1 else np.asarray(g)


@dataclass(frozen=True)
class Rates:
    """The rates of a schedule; Python's floats, so that no device or dtype matters."""

    name: str
    make: object = field(repr=False)

    def applies(self, who, dtype, device):
        return (who, dtype, device) == ("torch", "float64", "cpu")

    def ours(self, dtype):
        optimizer = optim.SGD([Tensor([0.0], requires_grad=True)], lr=0.1, momentum=0.9)
        return rates(optimizer, self.make(lr_scheduler, optimizer))

    def theirs(self, dtype, device, storage):
        return rates(*peer.scheduled(self.make, 0.1))


def rates(optimizer, schedule):
    """The rate before each step; the loss that a plateau looks at falls ten times."""
    found = []
    for step in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        watches = type(schedule).__name__ == "ReduceLROnPlateau"
        schedule.step(*([1 / min(step + 1, 10)] if watches else []))
    return [np.array(found)]


def schedule_runs(_):
    """Every schedule, one setting each."""
    for name, make in SCHEDULES.items():
        yield Rates(name, make)
