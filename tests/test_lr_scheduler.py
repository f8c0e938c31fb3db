"""Schedules beside those of torch.optim.lr_scheduler, and what only they do here."""

import copy
import pickle
import re
import warnings
from math import cos, pi

import numpy as np
import pytest
import torch

from bookutils import optim
from bookutils.engine.tensor import Tensor
from bookutils.optim import lr_scheduler

# A rate is the product of up to fifty factors, each rounded once: some 50 units of 1e-16.
TOLERANCE = 1e-12


def wave(t):
    return 1 + 0.5 * np.sin(t)


def slow(t):
    return 1 / (1 + 0.1 * t)


# name: arguments after the optimizer, as many as show every option both ways
TABLE = {
    "ConstantLR": [{}, {"factor": 0.5, "total_iters": 7}, {"factor": 0.2, "total_iters": 0}],
    "LinearLR": [
        {},
        {"start_factor": 0.01, "total_iters": 20},
        {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 60},
        {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 1},
    ],
    "StepLR": [{"step_size": 7}, {"step_size": 1, "gamma": 0.9}, {"step_size": 20, "gamma": 2.0}],
    "MultiStepLR": [
        {"milestones": [3, 30]},
        {"milestones": (40, 10, 10), "gamma": 0.5},
        {"milestones": [0, 5], "gamma": 0.3},
        {"milestones": []},
    ],
    "ExponentialLR": [{"gamma": 0.95}, {"gamma": 1.02}],
    "PolynomialLR": [{}, {"total_iters": 49, "power": 2.0}, {"total_iters": 80, "power": 0.5}],
    "CosineAnnealingLR": [
        {"T_max": 50},
        {"T_max": 12, "eta_min": 0.001},
        {"T_max": 1},
        {"T_max": 7, "eta_min": 0.2},
    ],
    "LambdaLR": [{"lr_lambda": wave}, {"lr_lambda": [wave, slow]}],
    "OneCycleLR": [
        {"max_lr": 0.3, "total_steps": 50},
        {"max_lr": [0.3, 0.1], "epochs": 10, "steps_per_epoch": 6, "anneal_strategy": "linear"},
        {"max_lr": 0.3, "total_steps": 55, "three_phase": True, "pct_start": 0.2},
        {"max_lr": 1.0, "total_steps": 60, "cycle_momentum": False, "div_factor": 10.0},
        {
            "max_lr": 1.0,
            "total_steps": 60,
            "base_momentum": [0.7, 0.6],
            "max_momentum": 0.99,
            "final_div_factor": 100.0,
        },
    ],
}
CASES = [(name, options) for name, table in TABLE.items() for options in table]
# SGD has a momentum, Adam a beta; the other optimizers differ in nothing that a schedule sees.
KINDS = {"SGD": {"lr": 0.1, "momentum": 0.9}, "Adam": {"lr": 0.1}}


def two(lib, kind="SGD", **options):
    """An optimizer of one of the two libraries with two groups, and no gradient."""
    zeros = np.zeros(3)
    if lib is optim:
        a, b = (Tensor(zeros, requires_grad=True) for _ in range(2))
    else:
        a, b = (torch.tensor(zeros, requires_grad=True) for _ in range(2))
    groups = [{"params": [a]}, {"params": [b], "lr": 0.02}]
    return getattr(lib, kind)(groups, **{**KINDS[kind], **options})


def rates(optimizer):
    return [
        [group[name] for name in ("lr", "momentum", "betas") if name in group]
        for group in optimizer.param_groups
    ]


def assert_same_rates(mine, peer, where):
    for a, b in zip(rates(mine), rates(peer), strict=True):
        np.testing.assert_allclose(np.hstack(a), np.hstack(b), rtol=TOLERANCE, err_msg=str(where))


def run_both(make, kind="SGD", steps=50):
    """Compare the rates of 50 steps of a schedule that `make(module, optimizer)` makes."""
    mine, peer = two(optim, kind), two(torch.optim, kind)
    schedules = make(lr_scheduler, mine), make(torch.optim.lr_scheduler, peer)
    assert_same_rates(mine, peer, "at first")
    for step in range(steps):
        for optimizer, schedule in zip((mine, peer), schedules, strict=True):
            optimizer.step()
            schedule.step()
        assert_same_rates(mine, peer, step)
        np.testing.assert_allclose(
            schedules[0].get_last_lr(), schedules[1].get_last_lr(), rtol=TOLERANCE
        )
    return schedules


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "options"), CASES)
def test_fifty_rates_are_those_of_pytorch(name, options, kind):
    run_both(lambda lib, optimizer: getattr(lib, name)(optimizer, **options), kind)


def chained(lib, optimizer):
    return lib.ChainedScheduler(
        [
            lib.ConstantLR(optimizer, factor=0.1, total_iters=6),
            lib.ExponentialLR(optimizer, gamma=0.9),
            lib.CosineAnnealingLR(optimizer, T_max=60, eta_min=1e-5),
        ]
    )


def sequential(lib, optimizer):
    return lib.SequentialLR(
        optimizer,
        [
            lib.LinearLR(optimizer, start_factor=0.1, total_iters=10),
            lib.CosineAnnealingLR(optimizer, T_max=30),
            lib.MultiStepLR(optimizer, milestones=[3, 5]),
        ],
        milestones=[10, 40],
    )


def begins_with_the_second(lib, optimizer):
    parts = [lib.StepLR(optimizer, step_size=2), lib.LinearLR(optimizer, total_iters=4)]
    return lib.SequentialLR(optimizer, parts, milestones=[0])


def with_a_function(lib, optimizer):
    parts = [lib.ConstantLR(optimizer), lib.LambdaLR(optimizer, slow)]
    return lib.SequentialLR(optimizer, parts, milestones=[5])


of_2_5 = pytest.mark.skipif(
    torch.__version__.startswith("2.5."), reason="PyTorch 2.5 begins with the first all the same"
)
AT_ONCE = pytest.param(begins_with_the_second, marks=of_2_5)


@pytest.mark.parametrize("make", [chained, sequential, AT_ONCE, with_a_function])
def test_fifty_rates_of_composed_schedules_are_those_of_pytorch(make):
    run_both(make)


def test_a_rate_assigned_in_between_is_where_it_goes_on_from_as_in_pytorch():
    mine, peer = two(optim), two(torch.optim)
    schedules = [
        lib.StepLR(optimizer, step_size=2)
        for lib, optimizer in ((lr_scheduler, mine), (torch.optim.lr_scheduler, peer))
    ]
    for step in range(9):
        for optimizer, schedule in zip((mine, peer), schedules, strict=True):
            optimizer.step()
            if step == 4:
                optimizer.param_groups[0]["lr"] = 0.7
            schedule.step()
        assert_same_rates(mine, peer, step)


PLATEAUS = [
    {},
    {"patience": 2, "factor": 0.5},
    {"mode": "max", "patience": 1, "cooldown": 3},
    {"patience": 0, "threshold": 0.1, "threshold_mode": "abs"},
    {"mode": "max", "patience": 0, "threshold": 0.1, "threshold_mode": "abs"},
    {"mode": "max", "patience": 1, "threshold": 0.3},
    {"patience": 0, "min_lr": [0.01, 0.0], "eps": 1e-3},
    {"patience": 0, "min_lr": 0.005},
]


@pytest.mark.parametrize("options", PLATEAUS)
def test_fifty_rates_on_a_plateau_are_those_of_pytorch(options):
    rng = np.random.default_rng(3)
    metrics = 1 + 0.2 * rng.normal(size=50) + 1 / np.arange(1, 51)
    metrics[7] = np.nan
    mine, peer = two(optim), two(torch.optim)
    own = lr_scheduler.ReduceLROnPlateau(mine, **options)
    their = torch.optim.lr_scheduler.ReduceLROnPlateau(peer, **options)
    for step, metric in enumerate(metrics):
        own.step(Tensor(metric) if step % 2 else float(metric))
        their.step(metric)
        assert_same_rates(mine, peer, step)
        assert own.num_bad_epochs == their.num_bad_epochs and own.best == their.best
    assert min(group["lr"] for group in mine.param_groups) < 0.02  # the metrics do reach a plateau


# --- what is only here ---------------------------------------------------------------------------


def one(lr=0.5):
    return optim.SGD([Tensor([1.0], requires_grad=True)], lr=lr)


def test_closed_forms():
    optimizer = one(0.5)
    schedule = lr_scheduler.CosineAnnealingLR(optimizer, T_max=8, eta_min=0.1)
    for t in range(1, 9):
        optimizer.step()
        schedule.step()
        assert optimizer.lr == pytest.approx(0.1 + 0.4 * (1 + cos(pi * t / 8)) / 2, rel=1e-13)
    assert schedule.last_epoch == 8


@pytest.mark.parametrize(
    "make",
    [
        lambda o: lr_scheduler.StepLR(o, 3),
        lambda o: chained(lr_scheduler, o),
        lambda o: sequential(lr_scheduler, o),
        lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=9, cycle_momentum=False),
        lambda o: lr_scheduler.LambdaLR(o, slow),
    ],
)
def test_a_step_before_the_optimizers_warns_once_and_one_after_it_never(make):
    optimizer = one()
    optimizer.step()  # before there is a schedule: does not count
    schedule = make(optimizer)
    name = type(schedule).__name__
    with pytest.warns(UserWarning, match=rf"^{name}.step\(\) came before optimizer.step") as seen:
        schedule.step()
    assert len(seen) == 1 and seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schedule.step()
        optimizer = one()
        schedule = make(optimizer)
        for _ in range(3):
            optimizer.step()
            schedule.step()


def test_stepped_first_a_schedule_skips_its_first_rate():
    """The rates that the warning speaks of: .1 .1 .01 .01 become .1 .01 .01 .001."""
    used = {}
    for first in (False, True):
        optimizer = one(0.1)
        schedule, used[first] = lr_scheduler.StepLR(optimizer, 2), []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(4):
                if first:
                    schedule.step()
                used[first].append(round(optimizer.lr, 6))
                optimizer.step()
                if not first:
                    schedule.step()
    assert used == {False: [0.1, 0.1, 0.01, 0.01], True: [0.1, 0.01, 0.01, 0.001]}


def plateau(lib, optimizer):
    return lib.ReduceLROnPlateau(optimizer, patience=2, cooldown=1)


def make_named(name, options):
    return lambda lib, optimizer: getattr(lib, name)(optimizer, **options)


@pytest.mark.parametrize(
    "make",
    [chained, sequential, plateau, *(make_named(*case) for case in CASES)],
)
@pytest.mark.parametrize("kept_by", ["pickle", "savez"])
def test_a_run_resumed_from_states_equals_the_unbroken_one(make, kept_by, tmp_path):
    def run(optimizer, schedule, steps):
        seen = []
        for step in steps:
            optimizer.step()
            schedule.step(*([0.9 ** min(step, 12)] if make is plateau else []))
            seen.append(rates(optimizer))
        return seen

    optimizer = two(optim)
    schedule = make(lr_scheduler, optimizer)
    run(optimizer, schedule, range(17))
    states = {"optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()}
    if kept_by == "pickle":
        states = pickle.loads(pickle.dumps(states))
    else:
        np.savez(tmp_path / "states.npz", **states)
        with np.load(tmp_path / "states.npz", allow_pickle=True) as file:
            states = {name: file[name].item() for name in states}
    unbroken = run(optimizer, schedule, range(17, 40))
    again = two(optim)
    schedule = make(lr_scheduler, again)
    assert schedule.load_state_dict(states["schedule"]) is schedule
    again.load_state_dict(states["optimizer"])
    assert run(again, schedule, range(17, 40)) == unbroken  # to the bit


def test_a_copy_of_optimizer_and_schedule_goes_its_own_way():
    optimizer = two(optim)
    schedule = sequential(lr_scheduler, optimizer)
    other, copied = copy.deepcopy((optimizer, schedule))
    assert copied.optimizer is other is not optimizer
    other.step()
    copied.step()
    assert rates(other) != rates(optimizer) and schedule.last_epoch == 0


def test_a_state_of_another_schedule_is_refused_and_nothing_is_lost():
    optimizer = two(optim)
    schedule = lr_scheduler.StepLR(optimizer, 3)
    before = schedule.state_dict()
    other = lr_scheduler.ExponentialLR(two(optim), 0.5).state_dict()
    with pytest.raises(ValueError, match="nothing loaded into StepLR: .* differ in step_size"):
        schedule.load_state_dict(other)
    with pytest.raises(TypeError, match=r"a dict as state_dict\(\) returns it, not 3"):
        schedule.load_state_dict(3)
    assert schedule.state_dict() == before
    both = sequential(lr_scheduler, optimizer)
    before = both.state_dict()
    for wrong in (other, {**before, "schedulers": before["schedulers"][::-1]}):
        with pytest.raises(ValueError, match="nothing loaded into"):
            both.load_state_dict(wrong)
        assert both.state_dict() == before


def test_a_schedule_of_ones_own():
    class Halving(optim.LRScheduler):
        def next_lr(self, lr, initial):
            return initial / 2**self.last_epoch

    optimizer = one(0.5)
    schedule = Halving(optimizer)
    for _ in range(3):
        optimizer.step()
        schedule.step()
    assert optimizer.lr == 0.0625 and schedule.get_last_lr() == [0.0625]
    with pytest.raises(NotImplementedError, match="LRScheduler has no next_lr"):
        plain = optim.LRScheduler(optimizer)
        optimizer.step()
        plain.step()


def grown(o):
    schedule = lr_scheduler.StepLR(o, 3)
    o.add_param_group({"params": [Tensor([1.0], requires_grad=True)]})
    o.step()
    schedule.step()


def too_long(o):
    schedule = lr_scheduler.OneCycleLR(o, 0.1, total_steps=2)
    for _ in range(3):
        o.step()
        schedule.step()


BAD = [
    (lambda o: lr_scheduler.StepLR("o", 3), TypeError, "takes an optimizer of bookutils.optim"),
    (lambda o: lr_scheduler.StepLR(o, 0), ValueError, "step_size is an integer from 1 on, not 0"),
    (lambda o: lr_scheduler.StepLR(o, 3, -1), ValueError, "gamma is a number from 0 on, not -1"),
    (lambda o: lr_scheduler.StepLR(o, 3, last_epoch=5), TypeError, "load_state_dict(state)"),
    (lambda o: lr_scheduler.MultiStepLR(o, [1.5]), ValueError, "a milestone is an integer"),
    (lambda o: lr_scheduler.ExponentialLR(o, np.nan), ValueError, "gamma is a number from 0 on"),
    (lambda o: lr_scheduler.ConstantLR(o, 1.5), ValueError, "factor is a number from 0 to 1"),
    (lambda o: lr_scheduler.LinearLR(o, 0), ValueError, "start_factor is a number above 0 to 1"),
    (lambda o: lr_scheduler.LinearLR(o, 1, 2), ValueError, "end_factor is a number from 0 to 1"),
    (lambda o: lr_scheduler.PolynomialLR(o, 0), ValueError, "total_iters is an integer from 1"),
    (lambda o: lr_scheduler.CosineAnnealingLR(o, 0), ValueError, "T_max is an integer from 1 on"),
    (lambda o: lr_scheduler.CosineAnnealingLR(o, 5, -1), ValueError, "eta_min is a number from 0"),
    (lambda o: lr_scheduler.LambdaLR(o, [slow] * 3), ValueError, "needs 1 functions, one per"),
    (lambda o: lr_scheduler.LambdaLR(o, 0.9), TypeError, "a function of the number of steps"),
    (lambda o: lr_scheduler.OneCycleLR(o, 0.1), ValueError, "total_steps, or epochs and"),
    (lambda o: lr_scheduler.OneCycleLR(o, [1, 2], 9), ValueError, "max_lr needs 1 numbers"),
    (lambda o: lr_scheduler.OneCycleLR(o, 1, 9, pct_start=2), ValueError, "pct_start is a number"),
    (
        lambda o: lr_scheduler.OneCycleLR(o, 1, 9, anneal_strategy="sin"),
        ValueError,
        'anneal_strategy is "cos" or "linear", not \'sin\'',
    ),
    (
        lambda o: lr_scheduler.OneCycleLR(optim.Adagrad(o.param_groups[0]["params"]), 1, 9),
        ValueError,
        "Adagrad has no momentum to cycle: cycle_momentum=False",
    ),
    (too_long, ValueError, "OneCycleLR has 2 steps, and this would be one more"),
    (lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=1), ValueError, "from 0 to below 1"),
    (lambda o: lr_scheduler.ReduceLROnPlateau(o, "up"), ValueError, 'mode is "min" or "max"'),
    (lambda o: lr_scheduler.ReduceLROnPlateau(o, min_lr=[0, 0]), ValueError, "min_lr needs 1"),
    (lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=-1), ValueError, "patience is an int"),
    (lambda o: lr_scheduler.ChainedScheduler([]), ValueError, "needs at least one schedule"),
    (lambda o: lr_scheduler.ChainedScheduler([slow]), TypeError, "is made of schedules, not of"),
    (
        lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.ReduceLROnPlateau(o)]),
        ValueError,
        "cannot step ReduceLROnPlateau, which needs the metric",
    ),
    (
        lambda o: lr_scheduler.ChainedScheduler(
            [lr_scheduler.StepLR(o, 3), lr_scheduler.StepLR(one(), 3)]
        ),
        ValueError,
        "all schedules of ChainedScheduler belong to one optimizer",
    ),
    (
        lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.StepLR(o, 3)], [5]),
        ValueError,
        "a milestone between any two schedules: 0, not 1",
    ),
    (
        lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.StepLR(o, 3)] * 3, [5, 2]),
        ValueError,
        "milestones rise, and these are [5, 2]",
    ),
    (grown, RuntimeError, "make the schedule after add_param_group"),
    (lambda o: lr_scheduler.StepLR(o, 3).get_lr(), AttributeError, "get_last_lr() lists the rates"),
]


@pytest.mark.parametrize(("call", "error", "sentence"), BAD)
def test_what_does_not_fit_is_refused_in_a_sentence(call, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)) as caught:
        call(one())
    assert "\n" not in str(caught.value)
