"""Every optimizer and schedule beside PyTorch's: 50 steps in float64, all options."""

import itertools

import numpy as np
import pytest
import torch

from bookutils import optim
from bookutils.engine.tensor import Tensor

# Both sides round each of some ten operations per step, in another order; fifty steps of steps near
# 1e-2 leave a few hundred units in the last place, 2e-16 each.
TOLERANCE = 1e-12

SHARED = {"weight_decay": (0.0, 0.1), "maximize": (False, True)}
MOMENTS = {"betas": ((0.9, 0.999), (0.5, 0.8)), "eps": (1e-8, 1e-3)}
TABLE = {
    "SGD": {
        "lr": (0.1,),
        "momentum": (0.0, 0.9),
        "dampening": (0.0, 0.3),
        "nesterov": (False, True),
        **SHARED,
    },
    "Adagrad": {
        "lr": (0.1,),
        "lr_decay": (0.0, 0.05),
        "initial_accumulator_value": (0.0, 0.5),
        "eps": (1e-10, 1e-2),
        **SHARED,
    },
    "RMSprop": {
        "lr": (0.01,),
        "alpha": (0.99, 0.5),
        "eps": (1e-8, 1e-2),
        "momentum": (0.0, 0.9),
        "centered": (False, True),
        **SHARED,
    },
    "Adam": {
        **MOMENTS,
        "amsgrad": (False, True),
        "decoupled_weight_decay": (False, True),
        **SHARED,
    },
    "AdamW": {**MOMENTS, "amsgrad": (False, True), **SHARED},
    "NAdam": {
        **MOMENTS,
        "momentum_decay": (4e-3, 0.1),
        "decoupled_weight_decay": (False, True),
        **SHARED,
    },
    "RAdam": {**MOMENTS, "decoupled_weight_decay": (False, True), **SHARED},
    "Adafactor": {
        "lr": (0.01, 0.3),
        "beta2_decay": (-0.8, -0.3),
        "eps": ((None, 1e-3), (1e-2, 0.5)),
        "d": (1.0, 2.0),
        **SHARED,
    },
}
CASES = [
    (name, dict(zip(table, values, strict=True)))
    for name, table in TABLE.items()
    for values in itertools.product(*table.values())
]
CASES = [
    (name, options)
    for name, options in CASES
    if not options.get("nesterov") or (options["momentum"] and not options["dampening"])
]
SHAPES = (3, 4), (4,), (), (2, 3, 2), (5,)
KEPT_BY_PYTORCH = "foreach", "fused", "capturable", "differentiable"  # how, not what


@pytest.fixture(autouse=True)
def double():
    """NAdam's product of momenta and the counts of steps are kept in the default dtype."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def parameters(storage, rng):
    """The same numbers as Tensors on this storage and as PyTorch's tensors."""
    values = [rng.normal(size=shape) for shape in SHAPES]
    ours = [
        Tensor(torch.tensor(x) if storage == "torch" else x, requires_grad=True) for x in values
    ]
    return ours, [torch.tensor(x, requires_grad=True) for x in values]


def set_gradients(ours, theirs, step, rng):
    """Random gradients; the last parameter has none at first, the second none in every third."""
    for i, (p, q) in enumerate(zip(ours, theirs, strict=True)):
        without = (i == 4 and step < 7) or (i == 1 and step % 3 == 1)
        g = rng.normal(size=q.shape) * 10.0 ** rng.integers(-2, 2)
        q.grad = None if without else torch.tensor(g)
        p.grad = None if without else q.grad.clone() if is_torch(p.data) else np.array(g)


def is_torch(array):
    return isinstance(array, torch.Tensor)


def assert_close(p, q, options):
    ours, theirs = np.asarray(p.data), q.detach().numpy()
    assert ours.dtype == theirs.dtype
    scale = np.abs(theirs).max() if theirs.size else 1.0
    assert np.abs(ours - theirs).max(initial=0) <= TOLERANCE * scale, options


def two_groups(tensors, other):
    """The first two apart from the rest, with other options."""
    return [{"params": tensors[:2]}, {"params": tensors[2:], **other}]


def both(name, options, storage, rng):
    """Our optimizer and PyTorch's, two groups each, and their parameters."""
    ours, theirs = parameters(storage, rng)
    other = {"lr": 0.003, "weight_decay": 0.02}
    quiet = {"foreach": False} if name == "Adafactor" else {"foreach": False, "fused": False}
    if name in ("RMSprop", "NAdam", "RAdam"):
        quiet = {"foreach": False}
    mine = getattr(optim, name)(two_groups(ours, other), **options)
    peer = getattr(torch.optim, name)(two_groups(theirs, other), **options, **quiet)
    return mine, peer, ours, theirs


# All cases on NumPy's arrays; on PyTorch's every fourth: there each case is many small calls.
RUNS = [(*case, "numpy") for case in CASES] + [(*case, "torch") for case in CASES[::4]]


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("storage", ["numpy", "torch"])
def test_fifty_steps_are_those_of_pytorch(name, storage):
    for seed, (_, options, _) in enumerate(r for r in RUNS if (r[0], r[2]) == (name, storage)):
        rng = np.random.default_rng(seed)
        mine, peer, ours, theirs = both(name, options, storage, rng)
        for step in range(50):
            set_gradients(ours, theirs, step, rng)
            mine.step()
            peer.step()
        for p, q in zip(ours, theirs, strict=True):
            assert_close(p, q, options)
