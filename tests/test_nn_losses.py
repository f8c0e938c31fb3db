"""Losses as objects: the functions of bookutils.losses, and PyTorch's modules."""

import copy
import inspect

import numpy as np
import pytest
import torch

from bookutils import Tensor, losses, nn

RNG = np.random.default_rng(0)
Y, T = RNG.normal(size=(2, 6, 3)) * 2
P = RNG.dirichlet(np.ones(3), size=6)
Q = RNG.uniform(size=(6, 3))
VAR = RNG.uniform(0.1, 2, size=(6, 3))
LABELS = np.array([0, 2, 1, 1, 0, 2])
WEIGHT = np.array([0.5, 2.0, 1.25])
LOG_P = Y - np.log(np.exp(Y).sum(1, keepdims=True))

# name, settings here, settings there if they differ, inputs
CASES = [
    ("MSELoss", {}, {}, (Y, T)),
    ("L1Loss", {}, {}, (Y, T)),
    ("HuberLoss", {"delta": 0.7}, {}, (Y, T)),
    ("SmoothL1Loss", {"beta": 0.4}, {}, (Y, T)),
    ("GaussianNLLLoss", {"full": True, "eps": 0.2}, {}, (Y, T, VAR)),
    ("BCELoss", {}, {}, (Q, P)),
    ("BCEWithLogitsLoss", {}, {}, (Y, Q)),
    ("CrossEntropyLoss", {}, {}, (Y, LABELS)),
    ("CrossEntropyLoss", {}, {}, (Y, P)),
    (
        "CrossEntropyLoss",
        {"weight": WEIGHT, "label_smoothing": 0.2, "ignore_index": 1},
        {"weight": torch.tensor(WEIGHT)},
        (Y, LABELS),
    ),
    (
        "NLLLoss",
        {"weight": WEIGHT, "ignore_index": 2},
        {"weight": torch.tensor(WEIGHT)},
        (LOG_P, LABELS),
    ),
    ("MultiMarginLoss", {"margin": 1.5}, {}, (Y, LABELS)),
    ("KLDivLoss", {}, {}, (LOG_P, P)),
    ("KLDivLoss", {"log_target": True}, {}, (LOG_P, np.log(P))),
]


def both(name, settings, their_settings, inputs, reduction):
    """Value and gradients, ours and PyTorch's."""
    floats = [a.dtype.kind == "f" for a in inputs]
    ours = [Tensor(a, requires_grad=True) if f else a for a, f in zip(inputs, floats, strict=True)]
    theirs = [torch.tensor(a, requires_grad=f) for a, f in zip(inputs, floats, strict=True)]
    y = getattr(nn, name)(reduction=reduction, **settings)(*ours)
    ty = getattr(torch.nn, name)(reduction=reduction, **{**settings, **their_settings})(*theirs)
    G = np.random.default_rng(1).uniform(0.5, 2, size=y.shape)
    y.backward(G)
    ty.backward(torch.tensor(G))
    yield y.numpy(), ty.detach().numpy()
    for a, b, f in zip(ours, theirs, floats, strict=True):
        if f:
            yield a.grad, b.grad.numpy()


@pytest.mark.parametrize(("name", "settings", "theirs", "inputs"), CASES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
def test_they_agree_with_pytorch(name, settings, theirs, inputs, reduction):
    for a, b in both(name, settings, theirs, inputs, reduction):
        np.testing.assert_allclose(a, b, rtol=1e-14, atol=1e-15)  # bounds as in test_losses


def test_batchmean():
    for a, b in both("KLDivLoss", {}, {}, (LOG_P, P), "batchmean"):
        np.testing.assert_allclose(a, b, rtol=1e-14, atol=1e-15)


def test_every_loss_object_is_compared():
    objects = {n for n in nn.__all__ if n.endswith("Loss")}
    assert objects == {name for name, *_ in CASES}


def test_settings_are_shown_by_name():
    assert str(inspect.signature(nn.HuberLoss)) == "(*, reduction='mean', delta=1.0)"
    for name in {name for name, *_ in CASES}:
        kind = getattr(nn, name)
        settings = inspect.signature(kind).parameters
        function = inspect.signature(kind.function).parameters
        assert [function[n].default for n in settings] == [p.default for p in settings.values()]
        assert kind.__doc__.startswith(f"losses.{kind.function.__name__} of (")
    assert repr(nn.SmoothL1Loss(beta=0.4)) == "SmoothL1Loss(beta=0.4)"
    assert repr(nn.MSELoss()) == "MSELoss()"


def test_they_are_modules_without_parameters():
    net = nn.Module()
    net.body, net.loss = nn.Linear(2, 3, rng=np.random.default_rng(0)), nn.CrossEntropyLoss()
    assert [name for name, _ in net.named_parameters()] == ["body.W", "body.b"]
    assert nn.MSELoss().eval().parameters() == []
    again = copy.deepcopy(nn.HuberLoss(delta=2.0))
    assert again(Y, T).item() == losses.huber_loss(Y, T, delta=2.0).item()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: nn.MSELoss(Y, T), r"MSELoss\(\)\(outputs, targets\)"),
        (lambda: nn.CrossEntropyLoss(WEIGHT), "takes its settings, by name, and then outputs"),
        (lambda: nn.HuberLoss(beta=2.0), "HuberLoss has no setting beta, only reduction, delta"),
        (lambda: nn.MSELoss()(input=Y, target=T), "give outputs and targets in this order"),
        (lambda: nn.MSELoss(size_average=True), 'MSELoss takes no size_average: write reduction="'),
        (lambda: nn.BCEWithLogitsLoss(pos_weight=3), "takes no pos_weight: multiply the losses"),
    ],
)
def test_other_calls_are_answered_with_a_sentence(call, sentence):
    with pytest.raises(TypeError, match=sentence):
        call()
