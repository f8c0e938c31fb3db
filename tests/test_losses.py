"""Each loss against PyTorch, extreme inputs included; against exact arithmetic where PyTorch cuts.

Bounds: both sides round a few times in each element and once more in the sum, so values and
gradients agree to 1e-14 of themselves, and, where large terms cancel (y - t, p - 1, a logit less
log-sum-exp), to 1e-15 of the largest number that entered.
"""

import math
import pydoc
import re

import mpmath
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from tried import tried

from bookutils import Tensor, losses
from bookutils.verify.gradcheck import gradcheck
from bookutils.verify.inputs import as_numpy, stored

pytestmark = pytest.mark.filterwarnings("error", "ignore:reduction. 'mean' divides")

STORAGE = {"numpy": np.asarray, "torch": torch.tensor}
if torch.cuda.is_available():
    STORAGE["cuda"] = lambda array: torch.tensor(array, device="cuda")
EXTREME = [0.0, -0.0, 5e-324, 1e-300, 1e-8, 0.5, 1.0, 37.0, 710.0, 1000.0, 1e16, 1e154, 1e306]


def drawn(rng, shape, extreme):
    """Numbers of ordinary size, or half of them from the ends of float64."""
    x = rng.normal(size=shape) * 2
    if extreme:
        ends = rng.choice(EXTREME, size=shape) * rng.choice([-1, 1], size=shape)
        x = np.where(rng.random(shape) < 0.5, ends, x)
    return np.asarray(x)


def chances(rng, shape, extreme):
    p = rng.uniform(size=shape)
    if extreme:
        p = np.where(rng.random(shape) < 0.5, rng.choice([0.0, 1.0], size=shape), p)
    return np.asarray(p)


def two(draw_y, draw_t):
    return lambda rng, shape, extreme: (draw_y(rng, shape, extreme), draw_t(rng, shape, extreme))


def classes(rng, shape, extreme):
    # logits (…, classes) and labels (…); as PyTorch has classes on axis 1, of shape (n, classes)
    n, c = shape
    z = drawn(rng, (n, c), extreme)
    if extreme and rng.random() < 0.5:  # ordinary logits, but all of them high or low
        z = drawn(rng, (n, c), False) + rng.choice([-1e6, -1000, 1000, 1e6])
    return z, rng.integers(0, c, n)


def mixtures(rng, shape, extreme):
    z, _ = classes(rng, shape, extreme)
    q = rng.dirichlet(np.ones(shape[1]), size=shape[0]).reshape(shape)
    return z, np.eye(shape[1])[rng.integers(0, shape[1], shape[0])] if extreme else q


def log_chances(rng, shape, extreme):
    z, labels = classes(rng, shape, extreme)
    return torch.log_softmax(torch.tensor(z), -1).numpy(), labels


def divergence(log_target):
    def draw(rng, shape, extreme):
        log_q = torch.log_softmax(torch.tensor(drawn(rng, shape, extreme)), -1).numpy()
        p = rng.dirichlet(np.ones(shape[1]), size=shape[0]).reshape(shape)
        return np.maximum(log_q, -1e308), np.log(p) if log_target else p

    return draw


def spread(rng, shape, extreme):
    y, t = drawn(rng, shape, False), drawn(rng, shape, False)
    var = rng.uniform(0, 2, size=shape)
    if extreme:
        y = np.asarray(np.where(rng.random(shape) < 0.5, y * 1e140, y))
        var = np.asarray(np.where(rng.random(shape) < 0.5, rng.choice([0.0, 1e-7, 1e100]), var))
    return y, t, var


SIGNS = two(drawn, lambda rng, shape, _: np.asarray(rng.choice([-1.0, 1.0], size=shape)))
TWO = two(drawn, drawn)
WEIGHT = np.array([0.5, 2.0, 1.5, 0.25])  # of up to 4 classes


def weighted(name, **options):
    """Ours on the storage of its logits, and PyTorch's."""

    def ours(z, t, **k):
        weight = WEIGHT[: z.shape[-1]]
        return getattr(losses, name)(z, t, weight=stored(weight, z), **options, **k)

    def theirs(z, t, **k):
        return getattr(F, name)(z, t, weight=torch.tensor(WEIGHT[: z.shape[-1]]), **options, **k)

    return ours, theirs


def same_name(name, **options):
    return (
        lambda *xs, **k: getattr(losses, name)(*xs, **options, **k),
        lambda *xs, **k: getattr(F, name)(*xs, **options, **k),
    )


def torch_hinge(z, t, reduction):
    each = torch.relu(1 - t * z)
    return each if reduction == "none" else getattr(each, reduction)()


# name: (ours, theirs), how the inputs are drawn
ELEMENTWISE = {
    "mse_loss": (same_name("mse_loss"), TWO),
    "l1_loss": (same_name("l1_loss"), TWO),
    "huber_loss": (same_name("huber_loss"), TWO),
    "huber_loss 0.3": (same_name("huber_loss", delta=0.3), TWO),
    "smooth_l1_loss": (same_name("smooth_l1_loss"), TWO),
    "smooth_l1_loss 2.5": (same_name("smooth_l1_loss", beta=2.5), TWO),
    "smooth_l1_loss 0": (same_name("smooth_l1_loss", beta=0.0), TWO),
    "gaussian_nll_loss": (same_name("gaussian_nll_loss"), spread),
    "gaussian_nll_loss full": (same_name("gaussian_nll_loss", full=True, eps=0.1), spread),
    "binary_cross_entropy_with_logits": (
        same_name("binary_cross_entropy_with_logits"),
        two(drawn, chances),
    ),
    "hinge_loss": ((losses.hinge_loss, torch_hinge), SIGNS),
}
BY_CLASS = {
    "cross_entropy": (same_name("cross_entropy"), classes),
    "cross_entropy smoothed": (same_name("cross_entropy", label_smoothing=0.3), classes),
    "cross_entropy ignoring": (same_name("cross_entropy", ignore_index=0), classes),
    "cross_entropy weighted": (weighted("cross_entropy", ignore_index=0), classes),
    "cross_entropy all": (
        weighted("cross_entropy", label_smoothing=0.2, ignore_index=1),
        classes,
    ),
    "cross_entropy mixed": (same_name("cross_entropy"), mixtures),
    "cross_entropy mixed weighted": (weighted("cross_entropy", label_smoothing=0.2), mixtures),
    "nll_loss": (same_name("nll_loss"), log_chances),
    "nll_loss weighted": (weighted("nll_loss", ignore_index=0), log_chances),
    "multi_margin_loss": (same_name("multi_margin_loss"), classes),
    "multi_margin_loss 2": (same_name("multi_margin_loss", margin=2.0), classes),
    "kl_div": (same_name("kl_div"), divergence(False)),
    "kl_div log": (same_name("kl_div", log_target=True), divergence(True)),
}


def check(pair, arrays, rng, storage, reduction):
    ours, theirs = pair
    keep = STORAGE[storage]
    xs = [Tensor(keep(a), requires_grad=a.dtype.kind == "f") for a in arrays]
    xs = [x if a.dtype.kind == "f" else keep(a) for x, a in zip(xs, arrays, strict=True)]
    ts = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    their_y = theirs(*ts, reduction=reduction)
    if reduction == "mean" and torch.isnan(their_y):
        with pytest.raises(ValueError, match="the mean of no losses is 0/0"):
            ours(*xs, reduction=reduction)
        return
    y = ours(*xs, reduction=reduction)
    assert y.shape == tuple(their_y.shape)
    close(y.numpy(), their_y)
    G = rng.uniform(0.5, 2, size=y.shape) * rng.choice([-1, 1], size=y.shape)
    y.backward(keep(np.asarray(G)))
    their_y.backward(torch.tensor(G))
    for x, t in zip(xs, ts, strict=True):
        if t.requires_grad:
            close(as_numpy(x.grad), t.grad)


def close(ours, theirs):
    # z - zt and (1 - t)z round z apart: at t = 0.99 a hundred times as far as one rounding
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-13, atol=1e-15)


SEED = st.integers(0, 2**32 - 1)
CASE = given(
    SEED,
    st.sampled_from(sorted(STORAGE)),
    st.sampled_from(["mean", "sum", "none"]),
    st.booleans(),
    st.lists(st.integers(0, 4), max_size=3),
)


@pytest.mark.parametrize("name", ELEMENTWISE)
@tried(60)
@CASE
def test_losses_of_pairs_agree_with_torch(name, seed, storage, reduction, extreme, shape):
    pair, draw = ELEMENTWISE[name]
    rng = np.random.default_rng(seed)
    check(pair, draw(rng, tuple(shape), extreme), rng, storage, reduction)


@pytest.mark.parametrize("name", BY_CLASS)
@tried(60)
@given(
    SEED,
    st.sampled_from(sorted(STORAGE)),
    st.sampled_from(["mean", "sum", "none"]),
    st.booleans(),
    st.integers(1, 5),
    st.integers(2, 4),
)
def test_losses_of_classes_agree_with_torch(name, seed, storage, reduction, extreme, n, c):
    pair, draw = BY_CLASS[name]
    rng = np.random.default_rng(seed)
    check(pair, draw(rng, (n, c), extreme), rng, storage, reduction)


def gradient(loss, *arrays):
    """The value and the gradients of a loss, at float64 arrays."""
    xs = [Tensor(np.asarray(a, dtype=float), requires_grad=True) for a in arrays]
    y = loss(*xs)
    y.backward()
    return y.item(), *(x.grad for x in xs)


# ----------------------------------------------- where PyTorch cuts or rounds: exact arithmetic


def exact_bce(p, t):
    """Loss and slopes of mpmath numbers, 50 digits."""
    value = -sum(w * mpmath.log(x) for w, x in ((t, p), (1 - t, 1 - p)) if w)
    slope = sum(w / x * s for w, x, s in ((t, p, -1), (1 - t, 1 - p, 1)) if w)
    return value, slope, mpmath.log(1 - p) - mpmath.log(p)


@given(
    st.floats(0, 1, exclude_min=True, exclude_max=True)
    | st.floats(-320, 0).map(lambda k: 10.0**k).filter(lambda p: 0 < p < 1),
    st.floats(0, 1) | st.sampled_from([0.0, 1.0]),
)
@tried(300)
def test_bce_loss_is_exact_at_every_probability(p, t):
    value, slope, by_target = gradient(losses.bce_loss, p, t)
    with mpmath.workdps(400):
        true = [float(x) for x in exact_bce(mpmath.mpf(p), mpmath.mpf(t))]
    assert value == pytest.approx(true[0], rel=1e-14)
    # p - t is exact or within a rounding of the larger; below 2.2e-308 1/p overflows
    assert slope == pytest.approx(true[1], rel=1e-14, abs=0)
    assert by_target == pytest.approx(true[2], rel=1e-14, abs=1e-16)


def test_bce_loss_agrees_with_torch_between_its_cuts():
    rng = np.random.default_rng(3)
    for _ in range(50):
        shape = tuple(rng.integers(1, 4, size=2))
        p = np.where(rng.random(shape) < 0.5, rng.uniform(size=shape), 10 ** rng.uniform(-11, -1))
        pair = losses.binary_cross_entropy, F.binary_cross_entropy
        for storage in STORAGE:
            for reduction in ("mean", "sum", "none"):
                check(pair, (p, chances(rng, shape, False)), rng, storage, reduction)


def test_bce_loss_at_the_ends_is_what_mathematics_says_where_torch_cuts():
    inf = math.inf
    ends = [(0, 1, inf, -inf), (1, 0, inf, inf), (0, 0, 0, 1), (1, 1, 0, -1), (0, 0.5, inf, -inf)]
    for p, t, value, slope in ends:
        found = gradient(losses.bce_loss, p, t)
        assert found[:2] == (value, slope), (p, t)
    theirs = torch.zeros(1, requires_grad=True)
    loss = F.binary_cross_entropy(theirs, torch.ones(1))
    loss.backward()
    assert loss.item() == 100 and theirs.grad.item() == pytest.approx(-1e12)


@given(
    st.floats(-1e4, 1e4) | st.sampled_from([0.0, -37.0, 37.0, -1000.0, 1000.0, 1e308, -1e308]),
    st.floats(0, 1) | st.sampled_from([0.0, 1.0]),
)
@tried(300)
def test_bce_with_logits_is_exact_at_every_logit(z, t):
    value, slope, by_target = gradient(losses.bce_with_logits, z, t)
    with mpmath.workdps(60):
        x, q = mpmath.mpf(z), mpmath.mpf(t)
        e = mpmath.exp(-abs(x)) if abs(x) < 1e5 else mpmath.mpf(0)
        log_p = -mpmath.log1p(e) + min(x, 0)
        log_q = -mpmath.log1p(e) - max(x, 0)
        true = -q * log_p - (1 - q) * log_q
        p = (1 if x > 0 else e) / (1 + e)
        push = (1 - q) - e / (1 + e) if x > 0 else p - q
        true, push = float(true), float(push)
    assert value == pytest.approx(true, rel=1e-14, abs=1e-307)
    # a soft label cancels p; a hard one leaves it to the last digit
    assert slope == pytest.approx(push, rel=1e-14, abs=1e-307 if t in (0, 1) else 2e-16)
    assert by_target == -z


def test_the_right_side_of_a_logit_costs_what_torch_rounds_away():
    z = [-50.0, 50.0]
    found = losses.bce_with_logits(Tensor(z), [0.0, 1.0], "none").numpy()
    assert found == pytest.approx([math.exp(-50)] * 2, rel=1e-14)
    theirs = F.binary_cross_entropy_with_logits(torch.tensor(z).double(), torch.tensor([0.0, 1.0]),
                                                reduction="none")  # fmt: skip
    assert theirs[0] == 0
    assert losses.bce_with_logits(Tensor([np.inf, -np.inf]), [1.0, 0.0]).item() == 0


# ------------------------------------------------------------------------- the ends of float64


@pytest.mark.parametrize("y", [1e308, -1e308, 1e155, math.inf])
def test_huge_errors_cost_what_mathematics_says(y):
    big = abs(y)
    assert gradient(lambda a: losses.mse_loss(a, 0.0), y)[0] == math.inf
    assert gradient(lambda a: losses.l1_loss(a, 0.0), y) == (big, np.sign(y))
    assert gradient(lambda a: losses.huber_loss(a, 0.0), y) == (big, np.sign(y))
    push = gradient(lambda a: losses.smooth_l1_loss(a, 0.0, beta=1e300), y)[1]
    assert push == pytest.approx(np.sign(y) * min(big / 1e300, 1), rel=1e-15)
    score = gradient(lambda a: losses.hinge_loss(a, -np.sign(y)), y)
    assert score == (big, np.sign(y))


@pytest.mark.parametrize("big", [1000.0, 1e16, 1e308])
def test_cross_entropy_of_huge_logits(big):
    z = np.array([[big, -big, 0.0]])
    for label, cost in ((0, 0.0), (1, 2 * big), (2, big)):
        value, push = gradient(lambda z, k=label: losses.cross_entropy(z, np.array([k])), z)
        assert value == cost  # 2e308 is inf
        assert push.tolist() == [[1.0 - (label == 0), -(label == 1.0), -(label == 2.0)]]
    # -inf is a logit, too: a class that cannot be
    masked = np.array([[0.0, -math.inf, 0.0]])
    value, push = gradient(lambda z: losses.cross_entropy(z, np.array([0])), masked)
    assert value == pytest.approx(math.log(2)) and push.tolist() == [[-0.5, 0, 0.5]]
    assert losses.cross_entropy(masked, [[0.5, 0.0, 0.5]]).item() == pytest.approx(math.log(2))
    assert losses.cross_entropy(masked, np.array([1])).item() == math.inf


def test_kl_div_of_what_cannot_be():
    log_q = np.log([[0.5, 0.5]])
    value, push = gradient(lambda a: losses.kl_div(a, [[1.0, 0.0]], "sum"), log_q)
    assert value == pytest.approx(math.log(2)) and push.tolist() == [[-1, 0]]
    never = np.array([[0.0, -math.inf]])
    assert losses.kl_div(never, [[1.0, 0.0]], "sum").item() == 0
    assert losses.kl_div(never, [[0.5, 0.5]], "sum").item() == math.inf
    assert losses.kl_div(log_q, never, "sum", log_target=True).item() == pytest.approx(math.log(2))


# ---------------------------------------------------------------------- known values, and kinks


def test_numbers_worked_by_hand():
    five, middle = Tensor([1.0, 2, 4, 5, 38]), np.full(5, 4.0)
    assert losses.l1_loss(five, middle).item() == (3 + 2 + 0 + 1 + 34) / 5
    assert losses.mse_loss(five, middle).item() == (9 + 4 + 0 + 1 + 1156) / 5
    assert losses.huber_loss(five, middle, delta=2.0).item() == (4 + 2 + 0 + 0.5 + 66) / 5
    logits = np.log([[6.0, 3, 1]])
    value, push = gradient(lambda z: losses.cross_entropy(z, np.array([1])), logits)
    assert value == pytest.approx(-math.log(0.3))
    np.testing.assert_allclose(push, [[0.6, -0.7, 0.1]], rtol=1e-14)
    p, q = np.array([[0.9, 0.1]]), np.array([[0.5, 0.5]])
    assert losses.kl_div(np.log(q), p, "batchmean").item() == pytest.approx(0.3680642)
    assert losses.kl_div(np.log(p), q, "batchmean").item() == pytest.approx(0.5108256)
    a, b = [0.0, 0, 4, 2], [3.0, 1, 5, 4]
    assert losses.iou(a, b).item() == pytest.approx(1 / 13, rel=1e-15)
    assert losses.giou(a, b).item() == pytest.approx(1 / 13 - 7 / 20, rel=1e-14)
    assert losses.multi_margin_loss([[2.0, 1.5, -3.0]], [0]).item() == pytest.approx(0.5 / 3)


def test_one_loss_has_several_names():
    rng = np.random.default_rng(4)
    z, labels = Tensor(rng.normal(size=(4, 3))), rng.integers(0, 3, 4)
    costs = [
        losses.cross_entropy(z, labels),
        losses.nll_loss(z.log_softmax(), labels),
        losses.cross_entropy(z, np.eye(3)[labels]),
        losses.kl_div(z.log_softmax(), np.eye(3)[labels], "batchmean"),
        losses.sequence_nll(z, labels, np.ones(4, bool)),
    ]
    assert [c.item() for c in costs] == pytest.approx([costs[0].item()] * 5, rel=1e-14)
    binary = losses.bce_with_logits(z[:, 0], [1.0, 0, 0, 1])
    two = losses.cross_entropy(Tensor(np.stack([0 * z.data[:, 0], z.data[:, 0]], 1)),
                               np.array([1, 0, 0, 1]))  # fmt: skip
    assert two.item() == pytest.approx(binary.item(), rel=1e-14)
    y, t = rng.normal(size=(2, 5))
    normal = losses.gaussian_nll_loss(y, t, 0.25, full=True)
    squares = losses.mse_loss(y, t).item() / 0.5 + 0.5 * math.log(2 * math.pi * 0.25)
    assert normal.item() == pytest.approx(squares, rel=1e-14)


def test_kinks_have_the_gradient_of_torch():
    assert gradient(lambda a: losses.l1_loss(a, 2.0), 2.0)[1] == 0
    for delta in (0.5, 1.0, 2.0):
        for sign in (-1, 1):
            push = gradient(lambda a, d=delta: losses.huber_loss(a, 0.0, delta=d), sign * delta)[1]
            assert push == sign * delta
    assert gradient(lambda a: losses.hinge_loss(a, 1.0), 1.0)[1] == 0
    own = np.array([[2.0, 1.0]])  # the other class just touches the margin
    assert not gradient(lambda a: losses.multi_margin_loss(a, [0]), own)[1].any()


# ------------------------------------------------------------------------------------- sequences


def test_padding_costs_nothing_whatever_stands_there():
    rng = np.random.default_rng(5)
    z, tokens = rng.normal(size=(3, 4, 5)), rng.integers(0, 5, (3, 4))
    mask = np.arange(4) < np.array([[4], [1], [3]])
    true = -torch.log_softmax(torch.tensor(z), -1).numpy()
    each = np.where(mask, np.take_along_axis(true, tokens[..., None], -1)[..., 0], 0)
    z[~mask], tokens[~mask] = math.nan, 99
    for storage, keep in STORAGE.items():
        x = Tensor(keep(z), requires_grad=True)
        found = losses.sequence_nll(x, keep(tokens), keep(mask), "none")
        np.testing.assert_allclose(found.numpy(), each, rtol=1e-14, err_msg=storage)
        assert losses.sequence_nll(x, keep(tokens), keep(mask), "sum").item() == pytest.approx(
            each.sum()
        )
        mean = losses.sequence_nll(x, tokens, mask)
        assert mean.item() == pytest.approx(each.sum() / 8, rel=1e-14)
        mean.backward()
        grad = as_numpy(x.grad)
        assert not grad[~mask].any() and (grad[mask] != 0).all()
        G = rng.normal(size=(3, 4))
        x.zero_grad()
        found.backward(keep(G))
        p = np.exp(-true)
        p[np.arange(3)[:, None], np.arange(4), np.where(mask, tokens, 0)] -= 1
        np.testing.assert_allclose(
            as_numpy(x.grad), np.where(mask, G, 0)[..., None] * p, rtol=1e-13
        )


# ----------------------------------------------------------------------------------------- boxes


def torch_boxes(a, b):
    """IoU and GIoU of (n, 4) boxes by the formula, with torch's own derivatives."""
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    both = (high - low).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - both
    outer = torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])
    hull = outer.prod(1)
    return both / union, both / union - (hull - union) / hull


def boxes(rng, n):
    corner = rng.uniform(-2, 2, size=(n, 2))
    return np.concatenate([corner, corner + rng.uniform(0.1, 3, size=(n, 2))], axis=1)


@tried(60)
@given(SEED, st.sampled_from(sorted(STORAGE)), st.sampled_from(["mean", "sum", "none"]))
def test_boxes_agree_with_the_formula_in_torch(seed, storage, reduction):
    rng = np.random.default_rng(seed)
    a, b = boxes(rng, 6), boxes(rng, 6)
    for k, ours in enumerate((losses.iou_loss, losses.giou_loss)):

        def theirs(a, b, reduction, k=k):
            loss = 1 - torch_boxes(a, b)[k]
            return loss if reduction == "none" else getattr(loss, reduction)()

        check((ours, theirs), (a, b), rng, storage, reduction)


def test_disjoint_boxes_have_a_flat_iou_and_a_sloping_giou():
    a, b = np.array([0.0, 0, 1, 1]), np.array([3.0, 0.5, 5, 2])
    value, push, _ = gradient(losses.iou, a, b)
    assert value == 0 and push.tolist() == [0, 0, 0, 0]
    value, push, _ = gradient(losses.giou, a, b)
    assert value < 0 and push[2] > 0  # the right edge is pulled towards b
    # nested, and equal: GIoU is IoU
    inside = [0.25, 0.5, 0.75, 1.0]
    assert losses.giou(a, inside).item() == losses.iou(a, inside).item() == 0.25
    assert losses.giou(a, a).item() == losses.iou(a, a).item() == 1
    # a box without area against one that has some
    assert losses.iou([0.5, 0.5, 0.5, 0.5], a).item() == 0


@pytest.mark.parametrize("power", [-500, -60, 60, 1000])
def test_boxes_of_any_size(power):
    rng = np.random.default_rng(6)
    a, b = boxes(rng, 20), boxes(rng, 20)
    unit = 2.0**power
    for loss in (losses.iou, losses.giou):
        np.testing.assert_array_equal(loss(a * unit, b * unit).numpy(), loss(a, b).numpy())


# ---------------------------------------------------------------------------- finite differences

RNG = np.random.default_rng(7)
LABELS = RNG.integers(0, 3, size=(2, 4))
MASK = np.array([[True, True, False, True], [True, False, False, True]])
Y, T = RNG.normal(size=(2, 4, 3)), RNG.normal(size=(2, 4, 3)) * 2
P, Q = RNG.uniform(0.05, 0.95, size=(2, 2, 4, 3))
A, B = boxes(RNG, 5), boxes(RNG, 5)
DIFFERENTIABLE = {
    "mse_loss": (losses.mse_loss, [Y, T]),
    "l1_loss": (losses.l1_loss, [Y, T]),
    "huber_loss": (lambda y, t, r: losses.huber_loss(y, t, r, 0.7), [Y, T]),
    "smooth_l1_loss": (lambda y, t, r: losses.smooth_l1_loss(y, t, r, 0.7), [Y, T]),
    "gaussian_nll_loss": (lambda y, t, v, r: losses.gaussian_nll_loss(y, t, v, r), [Y, T, P]),
    "gaussian_nll_loss, one variance a row": (
        lambda y, t, v, r: losses.gaussian_nll_loss(y, t, v, r),
        [Y, T, P[..., :1]],
    ),
    "bce_loss": (losses.bce_loss, [P, Q]),
    "bce_with_logits": (losses.bce_with_logits, [Y, Q]),
    "hinge_loss": (lambda z, r: losses.hinge_loss(z, np.sign(T), r), [Y]),
    "cross_entropy": (lambda z, r: losses.cross_entropy(z, LABELS, r), [Y]),
    "cross_entropy, options": (
        lambda z, r: losses.cross_entropy(z, LABELS, r, WEIGHT[:3], 0.1, ignore_index=1),
        [Y],
    ),
    "cross_entropy, probabilities": (
        lambda z, q, r: losses.cross_entropy(z, q, r, WEIGHT[:3], 0.1),
        [Y, P],
    ),
    "nll_loss": (lambda z, r: losses.nll_loss(z.log_softmax(), LABELS, r, WEIGHT[:3]), [Y]),
    "sequence_nll": (lambda z, r: losses.sequence_nll(z, LABELS, MASK, r), [Y]),
    "multi_margin_loss": (lambda z, r: losses.multi_margin_loss(z, LABELS, r), [Y]),
    "kl_div": (lambda z, p, r: losses.kl_div(z.log_softmax(), p, r), [Y, P]),
    "kl_div, logarithms": (
        lambda z, p, r: losses.kl_div(z.log_softmax(), p, r, log_target=True),
        [Y, np.log(P)],
    ),
    "iou_loss": (losses.iou_loss, [A, B]),
    "giou_loss": (losses.giou_loss, [A, B]),
}


@pytest.mark.slow
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_agree_with_differences(name, reduction):
    loss, xs = DIFFERENTIABLE[name]
    report = gradcheck(lambda *xs: loss(*xs, reduction), xs)
    assert {row.verdict for row in report.rows} == {"right"}, report


# ------------------------------------------------------------------------------------- bad input

COLUMN, FIVE = np.ones((5, 1)), np.ones(5)
Z = np.zeros((4, 3))
ONE_HOT = np.eye(3, dtype=int)[[0, 2, 1, 1]]
PAIRS = ["mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss", "hinge_loss", "bce_loss",
         "bce_with_logits", "kl_div"]  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_shapes_that_would_broadcast_are_refused(name):
    loss = getattr(losses, name)
    sentence = (
        rf"{name}: outputs \(5, 1\) and targets \(5,\): reshape one, say targets.reshape\(5, 1\)"
    )
    with pytest.raises(ValueError, match=sentence):
        loss(Tensor(COLUMN), FIVE)
    with pytest.raises(
        ValueError, match=r"outputs \(5,\) and targets \(\): give both the same shape"
    ):
        loss(Tensor(FIVE), 1.0)
    with pytest.raises(
        TypeError, match=f"{name}: targets are int64, not floats: write targets.astype"
    ):
        loss(Tensor(FIVE), np.ones(5, int))
    with pytest.raises(TypeError, match=f"{name}: float32 and float64 do not mix"):
        loss(Tensor(FIVE), np.ones(5, np.float32))
    with pytest.raises(TypeError, match=f"{name}: float32 and float64 do not mix"):
        loss(Tensor(FIVE), Tensor(np.ones(5, np.float32)))
    with pytest.raises(TypeError, match=f"{name}: arrays of torch and of numpy do not mix"):
        loss(Tensor(FIVE), Tensor(torch.ones(5).double()))
    with pytest.raises(ValueError, match='"mean", "sum" or "none", not \'avg\''):
        loss(Tensor(0 * FIVE), FIVE, reduction="avg")


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (
            lambda: losses.bce_loss([0.5, 1.2], [1, 0]),
            ValueError,
            r"no probability, 0…1: of logits take bce_with_logits; here is 1.2 at \[1\]",
        ),
        (lambda: losses.bce_loss([math.nan], [1]), ValueError, "take bce_with_logits; here is nan"),
        (lambda: losses.bce_loss([0.5], [-1]), ValueError, "a target is no probability"),
        (
            lambda: losses.bce_with_logits([0.5], [-1]),
            ValueError,
            "a target is no probability, 0…1; here is -1.0",
        ),
        (lambda: losses.hinge_loss([0.5], [0]), ValueError, "the labels are -1 and 1; here is 0.0"),
        (
            lambda: losses.cross_entropy(Z, np.array([0, 1, 3, 2])),
            ValueError,
            r"labels are 0 … 2 for 3 classes; here is 3 at \[2\]",
        ),
        (lambda: losses.cross_entropy(Z, np.array([0, -1, 1, 2])), ValueError, "here is -1"),
        (
            lambda: losses.cross_entropy(Z, np.array([[0], [1], [1], [2]])),
            ValueError,
            r"outputs \(4, 3\) and labels \(4, 1\).* write labels.reshape\(4\)",
        ),
        (
            lambda: losses.cross_entropy(Z, np.zeros(4)),
            TypeError,
            r"float64 of shape \(4,\) arrived: labels are integers: write labels.astype\(int\)",
        ),
        (
            lambda: losses.cross_entropy(Z, ONE_HOT),
            ValueError,
            r"write targets.argmax\(axis=-1\), or as probabilities targets.astype\(float\)",
        ),
        (lambda: losses.nll_loss(Z, ONE_HOT), ValueError, r"write targets.argmax\(axis=-1\)$"),
        (lambda: losses.nll_loss(Z, ONE_HOT * 1.0), TypeError, r"write targets.argmax\(axis=-1\)$"),
        (
            lambda: losses.cross_entropy(np.array([0, 1, 2, 0]), Z),
            TypeError,
            "the outputs come first, the labels second",
        ),
        (
            lambda: losses.cross_entropy(Z[:, :1], [0, 1, 1, 0]),
            ValueError,
            r"labelled 0 \(for two classes take bce_with_logits\); here is 1 at \[1\]",
        ),
        (
            lambda: losses.bce_with_logits(FIVE, FIVE, pos_weight=2.0),
            TypeError,
            "bce_with_logits takes no pos_weight: multiply the losses",
        ),
        (
            lambda: losses.cross_entropy(Z, np.array(["cat", "dog", "dog", "cow"])),
            TypeError,
            r"labels = numpy.unique\(names, return_inverse=True\) numbers names",
        ),
        (lambda: losses.cross_entropy(Z, ["a", "b", "c", "a"]), TypeError, "numbers names"),
        (lambda: losses.bce_loss([0.5, 2.0], [1, 0]), ValueError, "of logits take bce_with_logits"),
        (lambda: losses.cross_entropy(Z, Z - 1), ValueError, "a target is no probability"),
        (
            lambda: losses.cross_entropy(Z, [0, 1, 2, 0], label_smoothing=1.5),
            ValueError,
            "label_smoothing lies in 0…1",
        ),
        (lambda: losses.nll_loss(Z + 0.5, [0, 1, 2, 0]), ValueError, "at most 0: take log_softmax"),
        (lambda: losses.nll_loss(Z, np.zeros(4)), TypeError, "nll_loss: float64 of shape"),
        (lambda: losses.kl_div(Z[0] + 1, [0.2, 0.3, 0.5]), ValueError, "at most 0"),
        (
            lambda: losses.gaussian_nll_loss([1.0], [2.0], [-1.0]),
            ValueError,
            "a variance is negative; here is -1.0",
        ),
        (
            lambda: losses.gaussian_nll_loss(Z, Z, FIVE),
            ValueError,
            r"variances \(5,\): give a number, \(4, 3\), or \(4, 1\)",
        ),
        (
            lambda: losses.cross_entropy(Z, [0, 1, 2, 0], weight=[1.0, 2.0]),
            ValueError,
            r"weights of shape \(2,\) for outputs \(4, 3\)",
        ),
        (
            lambda: losses.nll_loss(Z, [0, 1, 2, 0], weight=np.float32([1, 2, 3])),
            TypeError,
            "float32 and float64 do not mix",
        ),
        (
            lambda: losses.cross_entropy(Z, [True, False, True, True]),
            TypeError,
            "labels are integers",
        ),
        (
            lambda: losses.cross_entropy(Z, [0, 1, 2, 0], np.ones(3)),
            ValueError,
            "reduction is",
        ),
        (lambda: losses.huber_loss([1.0], [2.0], delta=0), ValueError, "delta is the error where"),
        (
            lambda: losses.smooth_l1_loss([1.0], [2.0], beta=-1),
            ValueError,
            "beta is the error where",
        ),
        (
            lambda: losses.iou([2.0, 0, 1, 1], [0.0, 0, 1, 1]),
            ValueError,
            "x0 <= x1 and y0 <= y1; here is 2.0",
        ),
        (lambda: losses.iou(FIVE, FIVE), ValueError, r"boxes are \(…, 4\)"),
        (lambda: losses.giou([1.0, 1, 1, 1], [0.0, 0, 0, 2]), ValueError, "without area"),
        (lambda: losses.sequence_nll(Z, [0, 1, 2, 0], [False] * 4), ValueError, "no real token"),
        (
            lambda: losses.sequence_nll(Z, [0, 1, 2, 0], [1, 1, 1, 0]),
            TypeError,
            "made of booleans, not int64",
        ),
        (
            lambda: losses.mse_loss(Tensor([1, 2]), [1.0, 2.0]),
            TypeError,
            "outputs are int64, not floats: write outputs.astype",
        ),
        (
            lambda: losses.mse_loss(np.ones((0, 3)), np.ones((0, 3))),
            ValueError,
            "the mean of no losses",
        ),
    ],
)
def test_bad_input_is_answered_with_a_sentence(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


@pytest.mark.parametrize("seed", range(20))
def test_softmax_taken_twice_is_refused(seed):
    rng = np.random.default_rng(seed)
    for shape in ((2, 2), (5, 3), (3, 4, 2), (2, 1000)):
        z = rng.normal(size=shape) * rng.choice([1e-3, 1, 20])
        labels = rng.integers(0, shape[-1], shape[:-1])
        for keep in (np.asarray, np.float32, torch.tensor):
            p = Tensor(keep(z)).softmax()
            for reduction in ("mean", "none"):
                with pytest.raises(ValueError, match="sums to 1: these are probabilities, but"):
                    losses.cross_entropy(p, labels, reduction)
            with pytest.raises(ValueError, match="leave your softmax out"):
                losses.cross_entropy(p, p.numpy())
        assert losses.nll_loss(Tensor(z).softmax().log(), labels).item() == pytest.approx(
            losses.cross_entropy(z, labels).item(), rel=1e-9
        )


def test_logits_that_only_look_a_little_like_probabilities_pass():
    p = np.array([[0.2, 0.8], [0.7, 0.3]])
    labels = np.array([1, 0])
    others = [
        p[:1],  # a single row may be chance
        p + [[0, 0], [0, 2e-6]],  # one row of many that sums to something else
        p + [[0.4, 0], [0, 0]],
        p + [[1.0, -1.0], [0, 0]],  # sums alone do not make a distribution
        np.eye(2),  # written by hand
        np.zeros((4, 0, 2)),
        np.array([[np.inf, -np.inf], [0.2, 0.8]]),
        np.array([[0.2, 0.8], [np.nan, 0.8]]),
        np.ones((3, 1)),  # one class: 1 is all that softmax can give, and all that is lost is 0
    ]
    for z in others:
        target = np.zeros(z.shape[:-1], int)
        loss = losses.cross_entropy(Tensor(z), target, "sum")
        theirs = F.cross_entropy(
            torch.tensor(z).flatten(0, -2), torch.tensor(target).flatten(), reduction="sum"
        )
        np.testing.assert_allclose(loss.item(), theirs.item(), rtol=1e-14)
    # a constant more is not seen by softmax, and shows that they are logits after all
    shifted = losses.cross_entropy(p + 1, labels).item()
    assert shifted == pytest.approx(F.cross_entropy(torch.tensor(p), torch.tensor(labels)).item())


def test_help_shows_losses_and_nothing_else():
    shown = pydoc.plaintext.document(losses)
    for name in losses.__all__:
        assert re.search(rf"^    {name}\b.*", shown, re.MULTILINE), name
    functions = shown.partition("\nFUNCTIONS\n")[2].partition("\nDATA\n")[0]
    names = set(re.findall(r"^    (\w+)(?: = \w+)?\(", functions, re.MULTILINE))
    assert names == set(losses.__all__) == set(dir(losses))
    for name in losses.__all__:
        assert len(getattr(losses, name).__doc__) > 5, name


def test_targets_may_be_lists_numbers_and_arrays_of_the_library_of_the_outputs():
    assert losses.mse_loss(Tensor([1.0, 3.0]), [0, 1]).item() == 2.5
    assert losses.mse_loss(Tensor(np.float32([1, 3])), [0, 1]).dtype == np.float32
    assert losses.mse_loss(Tensor(torch.tensor([1.0, 3.0])), [0, 1]).dtype == torch.float32
    assert losses.mse_loss(Tensor(3.0), 1).item() == 4
    listed = losses.cross_entropy(Z, [0, 1, 2, 0], weight=[1.0, 2.0, 3.0])
    assert listed.item() == pytest.approx(math.log(3))
    with pytest.raises(TypeError, match="do not mix"):
        losses.mse_loss(Tensor(torch.ones(2)), np.ones(2))


FLOAT64 = {"hinge_loss", "nll_loss", "cross_entropy, options", "cross_entropy, probabilities"}


@pytest.mark.parametrize("name", sorted(DIFFERENTIABLE.keys() - FLOAT64))  # these hold constants
def test_float32_stays_float32(name):
    loss, xs = DIFFERENTIABLE[name]
    ys = [Tensor(x.astype(np.float32), requires_grad=True) for x in xs]
    y = loss(*ys, "mean")
    y.backward()
    assert y.dtype == np.float32 and {t.grad.dtype for t in ys} == {np.dtype(np.float32)}
    assert y.item() == pytest.approx(loss(*map(Tensor, xs), "mean").item(), rel=1e-5)
