"""Every optimizer and schedule beside PyTorch's: 50 steps in float64, all options."""

import itertools
from inspect import signature

import numpy as np
import pytest
import torch

from bookutils import optim
from bookutils.engine.tensor import Tensor

# Both sides round each of some ten operations per step, in another order; fifty steps of steps near
# 1e-2 leave a few hundred units in the last place, 2e-16 each.
TOLERANCE = 1e-12

SHARED = {"weight_decay": (0.0, 0.1)}
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
    (name, {**options, "maximize": bool(i // 3 % 2)})  # by turns, against no other option's turns
    for i, (name, options) in enumerate(CASES)
    if not options.get("nesterov") or (options["momentum"] and not options["dampening"])
]
CASES = [  # Adam's decoupled_weight_decay is not yet there in PyTorch 2.5
    (
        name,
        {k: x for k, x in options.items() if k in signature(getattr(torch.optim, name)).parameters},
    )
    for name, options in CASES
]
SHAPES = (3, 4), (4,), (), (2, 3, 2), (5,)


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
    ours, theirs = np.asarray(p.numpy() if isinstance(p, Tensor) else p), q.detach().numpy()
    assert ours.shape == theirs.shape
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


# All cases on NumPy's arrays; on PyTorch's every third: there each case is many small calls.
EVERY = {"numpy": 1, "torch": 3}


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("storage", EVERY)
def test_fifty_steps_are_those_of_pytorch(name, storage):
    tried = [options for case, options in CASES if case == name][:: EVERY[storage]]
    assert {x["maximize"] for x in tried} == {x["weight_decay"] > 0 for x in tried} == {False, True}
    for seed, options in enumerate(tried):
        rng = np.random.default_rng(seed)
        mine, peer, ours, theirs = both(name, options, storage, rng)
        for step in range(50):
            set_gradients(ours, theirs, step, rng)
            mine.step()
            peer.step()
        for p, q in zip(ours, theirs, strict=True):
            assert_close(p, q, options)
        for p, q in zip(ours, theirs, strict=True):  # what is remembered has PyTorch's names
            remembered = {n: x for n, x in peer.state[q].items() if x is not None}
            assert remembered.keys() <= mine.state[p].keys()
            for n, x in remembered.items():
                assert_close(mine.state[p][n], x, options)


@pytest.mark.parametrize("name", TABLE)
def test_arguments_and_defaults_are_those_of_pytorch(name):
    ours, theirs = (signature(getattr(lib, name)).parameters for lib in (optim, torch.optim))
    how = "foreach", "fused", "capturable", "differentiable"  # to compute, not what
    newer = {"decoupled_weight_decay"} - set(theirs)  # of Adam: not yet there in PyTorch 2.5
    assert [n for n in ours if n not in newer] == [n for n in theirs if n not in how]
    assert all(ours[n].default == theirs[n].default for n in ours if n not in newer)
    places = [n for n, x in ours.items() if x.kind is x.POSITIONAL_OR_KEYWORD]
    assert places == list(theirs)[: len(places)]


def test_a_rate_changed_between_steps_is_used_as_in_pytorch():
    """And a momentum that is switched on later begins with the gradient itself."""
    rng = np.random.default_rng(5)
    mine, peer, ours, theirs = both("SGD", {"lr": 0.1, "dampening": 0.5}, "numpy", rng)
    for step in range(12):
        for optimizer in (mine, peer):
            optimizer.param_groups[1]["lr"] = 0.1 / (1 + step)
            optimizer.param_groups[0]["momentum"] = 0.9 * (step in (4, 5, 6, 9, 10))
        set_gradients(ours, theirs, step, rng)
        mine.step()
        peer.step()
    for p, q in zip(ours, theirs, strict=True):
        assert_close(p, q, {})


def test_a_group_is_added_as_in_pytorch():
    rng = np.random.default_rng(6)
    ours, theirs = parameters("numpy", rng)
    mine, peer = optim.Adam(ours[:2], lr=0.01), torch.optim.Adam(theirs[:2], lr=0.01)
    for step in range(10):
        if step == 5:
            mine.add_param_group({"params": ours[2:], "lr": 0.1})
            peer.add_param_group({"params": theirs[2:], "lr": 0.1})
        set_gradients(ours, theirs, step, rng)
        mine.step()
        peer.step()
    for p, q in zip(ours, theirs, strict=True):
        assert_close(p, q, {})


@pytest.mark.parametrize("max_norm", [0.01, 3.0, 1e9])
@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, np.inf])
@pytest.mark.parametrize("storage", ["numpy", "torch"])
def test_clipping_by_norm_is_that_of_pytorch(max_norm, norm_type, storage):
    rng = np.random.default_rng(7)
    ours, theirs = parameters(storage, rng)
    set_gradients(ours, theirs, 0, rng)
    norm = optim.clip_grad_norm(ours, max_norm, norm_type)
    their_norm = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type, foreach=False)
    assert norm == pytest.approx(float(their_norm), rel=TOLERANCE)
    for p, q in zip(ours, theirs, strict=True):
        assert (p.grad is None) == (q.grad is None)
        if q.grad is not None:
            assert_close(p.grad, q.grad, max_norm)


@pytest.mark.parametrize("storage", ["numpy", "torch"])
def test_clipping_by_value_is_that_of_pytorch(storage):
    rng = np.random.default_rng(8)
    ours, theirs = parameters(storage, rng)
    set_gradients(ours, theirs, 0, rng)
    optim.clip_grad_value(ours, 0.3)
    torch.nn.utils.clip_grad_value_(theirs, 0.3, foreach=False)
    for p, q in zip(ours, theirs, strict=True):
        if q.grad is not None:
            assert np.array_equal(np.asarray(p.grad), q.grad.numpy())


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_clipping_of_what_is_not_finite_is_that_of_pytorch(bad):
    p, q = Tensor([1.0, 2.0], requires_grad=True), torch.tensor([1.0, 2.0], requires_grad=True)
    p.grad, q.grad = np.array([bad, 1.0]), torch.tensor([bad, 1.0])
    with pytest.raises(RuntimeError, match="so nothing was clipped"):
        optim.clip_grad_norm([p], 1.0, error_if_nonfinite=True)
    assert p.grad[1] == 1.0
    optim.clip_grad_norm([p], 1.0)
    torch.nn.utils.clip_grad_norm_([q], 1.0)
    assert np.array_equal(p.grad, q.grad.numpy(), equal_nan=True)
