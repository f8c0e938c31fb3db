"""Exercises of chapter 03, a scalar autograd engine."""

import math
from collections import Counter

import numpy as np

from bookutils.checks import worked_03 as worked
from bookutils.checks.nearby import one_moved
from bookutils.judge.exercise import BROKEN, Exercise, Mistake, formula

# ---- 03.1 one number, two consumers

X, W = -0.4, 1.5
Y = math.tanh(X * W + W)
SLOPE = 1 - Y * Y
SLOPE_AT_Y = 1 - math.tanh(Y) ** 2


def other_slopes():
    """Wrong slopes of tanh for both results, and wrong derivatives of z for one."""
    for name, slope, explains in (
        ("y", Y / W, "You returned y itself, the value. The task asks for the derivatives of y."),
        ("1 − z²", 1 - 0.9**2, "You took 1 − z² for the slope of tanh. It is 1 − y², with "
         "y = tanh z."),
        ("1 + y²", 1 + Y**2, "You took 1 + y² for the slope of tanh. It is 1 − y²."),
        ("1 − y", 1 - Y, "You took 1 − y for the slope of tanh. It is 1 − y²."),
        ("y(1 − y)", Y * (1 - Y), "You took y(1 − y) for the slope of tanh: that is the slope of "
         "the sigmoid."),
        ("z", 0.9, "You multiplied by z, where the slope of tanh belongs."),
        ("minus", -SLOPE, "The slope of tanh is 1 − y², above zero everywhere."),
    ):  # fmt: skip
        values = (Y, Y) if name == "y" else (slope * W, slope * (X + 1))
        yield Mistake(f"slope {name}", explains, values)
    yield Mistake(
        "chapter",
        "These are the numbers of the chapter, for tanh(xw + x) at x = 0.5 and w = 1.2, in their "
        "order or exchanged. Here it is w that is used twice.",
        (0.1796, 0.7902),
    )
    yield Mistake(
        "chapter, in its order",
        "These are the numbers of the chapter, for tanh(xw + x) at x = 0.5 and w = 1.2. Here it "
        "is w that is used twice, and the numbers are others.",
        (0.7902, 0.1796),
    )
    right = SLOPE * W, SLOPE * (X + 1)
    for name, place, slope, explains in (
        ("w twice", 1, W, "Your ∂z/∂w is w. In the product x·w the slope of the arrow from w is "
         "x, and through the sum it is 1."),
        ("minus 1", 1, X - 1, "You subtracted where the two reports to w meet: x and 1 add up."),
        ("times", 1, X * W + 1, "Your ∂z/∂w is xw + 1: the slope of the arrow from w to xw is x "
         "alone."),
        ("abs", 1, 1 - X, "You lost the minus of x = −0.4: ∂z/∂w is x + 1 = 0.6."),
        ("w + 1", 0, W + 1, "Your ∂z/∂x is w + 1. x is used once, in the product: its slope is "
         "w."),
        ("x", 0, X, "Your ∂z/∂x is x. In the product x·w the slope of the arrow from x is w."),
        ("xw", 0, X * W, "Your ∂z/∂x is xw, the product itself. The slope of its arrow from x is "
         "w."),
        ("x twice", 0, 2 * W, "Your ∂z/∂x is 2w. x is used once, in the product: its slope is w."),
        ("1", 0, 1.0, "Your ∂z/∂x is 1. In the product x·w the slope of the arrow from x is w."),
    ):  # fmt: skip
        answer = (*right[:place], SLOPE * slope, *right[place + 1 :])
        yield Mistake(f"∂z {name}", explains, answer, alone=True)


# ---- 03.2, 03.8 rows that the table does not have


def logarithm_cases(rng):
    """Numbers and bases on both sides of 1."""
    low, high = (lambda: float(rng.uniform(0.2, 0.8))), (lambda: float(rng.uniform(1.3, 4)))
    drawn = [(number(), base()) for number in (low, high) for base in (low, high)]
    edges = [
        (1.0, 2.0),  # the logarithm is 0
        (1, 3),
        (2.5, 2.5),
        (0.5, 0.5),
        (0.25, 2.0),
        (2.0, 0.5),
        (3.0, 1.001),
        (0.75, 0.999),
        (1e-6, 4.0),
        (1.5, 1e-3),
        (600.0, 70.0),
        (1e5, 0.125),
        (math.e, math.e),
        (5.0, 10.0),
    ]
    return [(8.0, 2.0), (9, 3), *drawn, *edges, *one_moved((8.0, 2.0))]


def row_of_logarithm(a, b):
    return 1 / (a * math.log(b)), -math.log(a) / (b * math.log(b) ** 2)


def sum_cases(rng):
    """Close together and far apart, the larger one on either side, and large enough to overflow."""
    drawn = [(float(a), float(b)) for a, b in rng.uniform(-3, 3, (6, 2))]
    edges = [
        (0.0, 0.0),
        (0.0, -1.5),
        (1.25, 0.0),
        (2.5, 2.5),
        (-4.0, -4.0),
        (1.0, -1.0),
        (0.001, -0.001),
        (12.0, -10.5),
        (-30.0, 6.5),
        (70.0, 68.5),
        (-61.5, -60.0),
        (1000.0, 998.0),  # e to the 1000 is more than a float holds
        (-998.0, -1000.0),  # and to the -1000 less
        (1000.0, -1000.0),
        (-1000.0, 1000.0),
        (700, 712),
    ]
    return [(1.5, -0.5), (2, 3), *drawn, *edges, *one_moved((1.5, -0.5))]


def row_of_sum(a, b):
    """(y, ∂y/∂a, ∂y/∂b) of y = ln(e^a + e^b)."""
    share = math.exp(-abs(a - b))
    larger, smaller = 1 / (1 + share), share / (1 + share)
    slopes = (larger, smaller) if a >= b else (smaller, larger)
    return float(np.logaddexp(a, b)), *slopes


def stable(a, b):
    return float(np.logaddexp(a, b))


def from_large_numbers(a, b):
    """The formula as it is written, in NumPy's numbers."""
    with np.errstate(all="ignore"):
        ea, eb = np.exp(np.float64(a)), np.exp(np.float64(b))
        return np.log(ea + eb), ea / (ea + eb), eb / (ea + eb)


def from_large_floats(a, b):
    ea, eb = math.exp(a), math.exp(b)
    return math.log(ea + eb), ea / (ea + eb), eb / (ea + eb)


def sigma(z):
    return 0.5 * (1 + math.tanh(z / 2))


def shifted_by_the_smaller(a, b):
    low = min(a, b)
    ea, eb = math.exp(a - low), math.exp(b - low)
    return low + math.log(ea + eb), ea / (ea + eb), eb / (ea + eb)


def clipped_powers(a, b, limit=500.0):
    return from_large_floats(*(max(-limit, min(limit, v)) for v in (a, b)))


LIMITS = (500.0, 700.0, 600.0, 709.0, 300.0, 100.0, 50.0, 30.0, 20.0)


def larger_beyond(a, b, limit=500.0):
    if max(abs(a), abs(b)) < limit:
        return from_large_floats(a, b)
    return max(a, b), float(a > b), float(b > a)


def share_of_numbers(a, b):
    whole = a + b
    return stable(a, b), *((a / whole, b / whole) if whole else (0.5, 0.5))


def large(a):
    """e^a, infinite where it is more than a float holds."""
    with np.errstate(over="ignore"):
        return float(np.exp(np.float64(a)))


def without_the_top(a, b):
    y = math.log(math.exp(a - max(a, b)) + math.exp(b - max(a, b)))
    return y, math.exp(a - max(a, b) - y), math.exp(b - max(a, b) - y)


def other_calls():
    """03.3: a single wrong number, the other two right."""
    right = [-3, -0.75, 2.25]
    for place, value, explains in (
        (1, -3, "z.backward() adds to x.grad as well: x is one of the nodes that z is computed "
         "from."),
        (1, -2.25, "You let z send to x what comes directly, y = 0.75, and left out the path "
         "through y."),
        (1, -1.5, "You let z send to x what comes through y, 1.5, and left out the direct path."),
        (1, -5.25, "You subtracted the gradient of z. It is 9x² = 2.25, above zero."),
        (1, -6.75, "That is the first version of the chapter, where u and y pass on what is left "
         "from the call before."),
        (2, -0.75, "The third call adds a gradient of z again, to a 0."),
        (2, 0, "x.grad is 0 before the third call. After it, one gradient of z has come."),
        (2, -3, "The first two are right. The third call is one of z, not of y."),
        (0, 3, "At x = −0.5 the derivative 6x of y is below zero."),
        (0, -1.5, "You gave x·x one path to x. It has two, one for each factor: 2x."),
        (0, -1, "You lost the factor 3 of y = 3·u."),
        (0, 0, "y.backward() reaches x through u, and adds −3 to its 0."),
    ):  # fmt: skip
        answer = (*right[:place], value, *right[place + 1 :])
        yield Mistake(f"{place + 1}: {value}", explains, answer, alone=True)
    yield Mistake(
        "six",
        "You let z.backward() leave x alone, before and after the reset: x is one of the nodes "
        "that z is computed from.",
        (-3, -3, 0),
    )
    yield Mistake(
        "y each time",
        "You added the gradient of y in each call, and cleared nothing. The second and third call "
        "are those of z, and before the third x.grad is set to 0.",
        (-3, -6, -9),
    )
    yield Mistake("zeros", "backward() fills `.grad`: it does not stay 0.", (0, 0, 0))


# ---- 03.4 the order in the loop


def training_cases(rng):
    def case(steps, lr):
        return float(rng.uniform(-2, 3)), rng.normal(size=5), rng.normal(size=5), lr, steps

    easy = (
        0.7,
        np.array([1.5, -0.5, 2.0, 0.3, -1.2]),
        np.array([2.0, 0.4, 1.7, -0.6, -2.1]),
        0.2,
        3,
    )
    drawn = (case(*pair) for pair in ((1, 0.3), (2, 0.15), (4, 0.05), (7, 0.4), (30, 0.1)))
    w, x, t, lr, steps = easy
    ones = np.ones(5)
    edges = [
        (0.0, x, t, lr, 1),
        (1.0, x, x, lr, 4),  # at the best w nothing moves
        (w, 0 * x, t, lr, 3),  # no sample tells anything of w
        (w, x, 0 * x, lr, 2),
        (w, np.array([0.0, 0.0, 2.0, 0.0, 0.0]), t, lr, 2),
        (0.5, ones, ones, 1.0, 3),
        (w, x, t, 0.0, 2),
        (w, x, t, 1.75, 6),  # too large a step: w runs away
        (w, x, t, 0.25, 80),  # long after the last change that is worth the name
        (200.0, x, t, 0.2, 3),
        (-150.0, 40 * x, 80 * t, 2e-4, 3),
        (w, 0.1 * x, t, 60.0, 2),
        (0.0, x, 0 * x, lr, 2),  # w stays 0
    ]
    return [easy, *drawn, *edges, *one_moved(easy)]


def trained(w, x, t, lr, steps):
    """w after `steps` steps: each shrinks its distance from the best w by the same factor."""
    if not x.any():
        return w
    best = (x * t).sum() / (x * x).sum()
    return best + (1 - lr * (x * x).mean()) ** steps * (w - best)


def slope_of_loss(w, x, t):
    return ((w * x - t) * x).mean()


def never_zeroed(w, x, t, lr, steps):
    grad = 0.0
    for _ in range(steps):
        grad += slope_of_loss(w, x, t)
        w = w - lr * grad
    return w


def zeroed_before_step(w, x, t, lr, steps):
    for _ in range(steps):
        grad = slope_of_loss(w, x, t)
        grad = 0.0
        w = w - lr * grad
    return w


def climbs(w, x, t, lr, steps):
    for _ in range(steps):
        w = w + lr * slope_of_loss(w, x, t)
    return w


def last_gradient(w, x, t, lr, steps):
    grad = 0.0
    for _ in range(steps):
        w = w - lr * grad
        grad = slope_of_loss(w, x, t)
    return w


def returns_in_loop(w, x, t, lr, steps):
    for _ in range(steps):
        w = w - lr * slope_of_loss(w, x, t)
        return w


def trained_by(gradient, move=lambda w, lr, grad: w - lr * grad):
    """A loop with another gradient or another step."""

    def train(w, x, t, lr, steps):
        for _ in range(steps):
            w = move(w, lr, gradient(w, x, t))
        return w

    return train


def one_sample_after_another(w, x, t, lr, steps):
    for _ in range(steps):
        for a, b in zip(x, t, strict=True):
            w = w - lr * (w * a - b) * a
    return w


def shares_of_samples(w, x, t, lr, steps):
    for _ in range(steps):
        for a, b in zip(x, t, strict=True):
            w = w - lr * (w * a - b) * a / len(x)
    return w


def averaged_over_time(w, x, t, lr, steps):
    grad = 0.0
    for k in range(steps):
        grad += slope_of_loss(w, x, t)
        w = w - lr * grad / (k + 1)
    return w


def with_a_share(w, x, t, lr, steps, share=0.9):
    grad = 0.0
    for _ in range(steps):
        grad = share * grad + slope_of_loss(w, x, t)
        w = w - lr * grad
    return w


def zeroed_now_and_then(w, x, t, lr, steps):
    grad = 0.0
    for k in range(steps):
        grad = (grad if k % 2 else 0.0) + slope_of_loss(w, x, t)
        w = w - lr * grad
    return w


def last_of_the_gradients(w, x, t, lr, steps):
    for _ in range(steps):
        grad = slope_of_loss(w, x, t)
        w = w - lr * grad
    return grad


def all_of_w(w, x, t, lr, steps):
    path = [w]
    for _ in range(steps):
        path.append(path[-1] - lr * slope_of_loss(path[-1], x, t))
    return path


def other_loops():
    for name, explains, answer in (
        ("nox", "Your gradient lacks the factor x: the derivative of ½(wx − t)² with respect to w "
         "is (wx − t)·x.", trained_by(lambda w, x, t: (w * x - t).mean())),
        ("loss", "You step against the loss. The step is against its gradient, the mean of "
         "(wx − t)·x.", trained_by(lambda w, x, t: ((w * x - t) ** 2).mean() / 2)),
        ("norate", "You move by the whole gradient: the learning rate `lr` is left out.",
         trained_by(slope_of_loss, lambda w, lr, grad: w - grad)),
        ("two means", "You took the mean of the errors times the mean of x. The mean is that of "
         "the products.", trained_by(lambda w, x, t: (w * x - t).mean() * x.mean())),
        ("times t", "You multiplied the errors by t. The derivative of wx − t with respect to w "
         "is x.", trained_by(lambda w, x, t: ((w * x - t) * t).mean())),
        ("abs_", "You took the errors without their signs. Their signs say which way w has to "
         "move.", trained_by(lambda w, x, t: (abs(w * x - t) * x).mean())),
        ("sign", "Only the sign of the gradient counts in your step.",
         trained_by(lambda w, x, t: np.sign(slope_of_loss(w, x, t)))),
        ("half", "Each of your steps is half as long as it should be: the ½ goes when the square "
         "is differentiated.", trained_by(lambda w, x, t: slope_of_loss(w, x, t) / 2)),
        ("assigns", "You put the step itself into w. It is to be subtracted from the w that is "
         "there.", trained_by(slope_of_loss, lambda w, lr, grad: -lr * grad)),
        ("one sample", "You used the last sample alone. The loss is the mean over all five.",
         trained_by(lambda w, x, t: (w * x[-1] - t[-1]) * x[-1])),
        ("sample by sample", "You moved w after each sample, so that the next one sees a w that "
         "has moved already, and took each sample in full. One step uses the mean over all five, "
         "at one w.", one_sample_after_another),
        ("sample by sample, shared", "You moved w after each sample, so that the next one sees a "
         "w that has moved already. One step uses the mean over all five, at one w.",
         shares_of_samples),
        ("averaged", "You divide by the number of steps so far: your step goes along the mean of "
         "all gradients up to now. Only the one at the present w counts.", averaged_over_time),
        ("every other", "You set the gradient to zero in every other step only.",
         zeroed_now_and_then),
        ("times w", "You multiplied the errors by w. The derivative of wx − t with respect to w "
         "is x.", trained_by(lambda w, x, t: ((w * x - t) * w).mean())),
        ("bracket", "You have w·x·x − t: the bracket is missing. (wx − t) is multiplied by x as a "
         "whole.", trained_by(lambda w, x, t: (w * x * x - t).mean())),
        ("prediction", "Your error is w − t. The prediction of the net is w·x.",
         trained_by(lambda w, x, t: ((w - t) * x).mean())),
        ("plus t", "You added t where the error subtracts it.",
         trained_by(lambda w, x, t: ((w * x + t) * x).mean())),
        ("gradient squared", "Your step holds the gradient squared. It is lr times the gradient.",
         trained_by(slope_of_loss, lambda w, lr, grad: w - lr * grad * grad)),
        ("share of w", "Your step is multiplied by w. It is lr times the gradient, whatever w is.",
         trained_by(slope_of_loss, lambda w, lr, grad: w * (1 - lr * grad))),
        ("misplaced rate", "You multiply w − grad by the rate. The rate multiplies the gradient "
         "alone.", trained_by(slope_of_loss, lambda w, lr, grad: (w - grad) * lr)),
        ("n − 1", "You divide the sum over the samples by one less than there are. The mean "
         "divides by five.", trained_by(lambda w, x, t: slope_of_loss(w, x, t) * 5 / 4)),
        ("median", "You took the median over the samples. The loss is their mean.",
         trained_by(lambda w, x, t: float(np.median((w * x - t) * x)))),
        ("best", "You return the best w, where the loss is lowest. The task asks where `steps` "
         "steps end.", lambda w, x, t, lr, steps: (x * t).sum() / (x * x).sum() if x.any() else w),
        ("gradient", "You return the last gradient. The task asks for w.", last_of_the_gradients),
        ("list", "You return w after every step. The task asks for the last one.", all_of_w),
        ("five", "You take five steps, one for each sample, whatever `steps` says.",
         lambda w, x, t, lr, steps: trained(w, x, t, lr, len(x))),
    ):  # fmt: skip
        yield Mistake(name, explains, answer)
    yield Mistake(
        "share",
        "A share {} of the old gradient stays in yours, as with momentum. Set it to zero in each "
        "step.",
        with_a_share,
        family=(0.9, 0.5, 0.1, 0.99, 0.8),
    )


# ---- 03.5 masks


def relu_cases(rng):
    """All four sign patterns of (z1, z2), each with y above t (x below 0) and y below t (x above);
    thresholds near 0 show."""
    easy = (1.5, 0.8, 0.6, 0.2, -1.4, 3.0, 0.7, 0.25)
    drawn = {}
    while len(drawn) < 8:
        case = tuple(float(v) for v in rng.uniform(-2, 2, 8))
        x, t, w1, b1, w2, b2, w3, b3 = case
        z1 = w1 * x + b1
        z2 = w2 * max(z1, 0) + b2
        y = w3 * max(z2, 0) + b3
        clear = min(abs(v) for v in (*case, z1, z2, y - t)) > 0.2  # no accident near a kink
        if clear and max(abs(z1), abs(z2)) < 1 and (x < 0) == (y > t):
            drawn.setdefault((z1 > 0, z2 > 0, y > t), case)
    return [easy, *(drawn[key] for key in sorted(drawn, reverse=True)), *relu_edges()]


def relu_edges():
    """z close to 0 on both sides, a loss of 0, zeros and ones, numbers far from 1."""
    net = dict(x=1.5, t=0.5, w1=1.0, b1=-1.0, w2=2.0, b2=-0.25, w3=-1.5, b3=0.25)  # z 0.5, 0.75
    near = [
        dict(b1=-1.49),  # z1 0.01, z2 -0.23
        dict(b1=-1.51),
        dict(b1=-1.499, b2=0.5),
        dict(b1=-1.501, b2=0.5),
        dict(b2=-0.99),  # z2 0.01
        dict(b2=-1.01),
        dict(b2=-0.999),
        dict(b2=-1.001),
        dict(b1=-1.5 + 1e-5, b2=1e-5),
        dict(b1=-1.5 - 1e-5, b2=-1e-5),
        dict(t=-0.875),  # y = t
        dict(x=0.0, b1=1.0),
        dict(x=0.0),
        dict(w1=0.0, b1=0.5),
        dict(w2=0.0, b2=0.5),
        dict(w2=0.0),
        dict(w3=0.0),
        dict(t=1e5),  # no difference of losses has nine digits here
        dict(t=-70.0, b3=60.0),
        dict(x=60.0, w1=80.0, b1=90.0, w2=55.0, b2=65.0, w3=75.0),
        dict.fromkeys(net, 1.0),
        *({name: 0.0} for name in ("t", "b1", "b2", "b3")),
        {},
    ]
    for changed in near:
        yield tuple((net | changed).values())
    yield from one_moved(tuple(net.values()))


def forward(x, t, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    h1 = max(z1, 0.0)
    z2 = w2 * h1 + b2
    h2 = max(z2, 0.0)
    return z1, h1, z2, h2, w3 * h2 + b3


def masked(x, t, w1, b1, w2, b2, w3, b3):
    """The six slopes; each path is closed where a ReLU on it is."""
    z1, h1, z2, h2, y = forward(x, t, w1, b1, w2, b2, w3, b3)
    e, second = y - t, float(z2 > 0)
    both = second * (z1 > 0)
    return (
        e * w3 * w2 * x * both,
        e * w3 * w2 * both,
        e * w3 * h1 * second,
        e * w3 * second,
        e * h2,
        e,
    )


def walked_back(net, first, second, factor=1):
    """A backward pass with other masks, each a function of (z, what arrives at h)."""
    x, t, w1, b1, w2, b2, w3, b3 = net
    z1, h1, z2, h2, y = forward(*net)
    dy = factor * (y - t)
    dz2 = dy * w3 * second(z2, dy * w3)
    dz1 = dz2 * w2 * first(z1, dz2 * w2)
    return dz1 * x, dz1, dz2 * h1, dz2, dy * h2, dy


def relu_quantities(x, t, w1, b1, w2, b2, w3, b3):
    z1, h1, z2, h2, y = forward(x, t, w1, b1, w2, b2, w3, b3)
    return {
        "`h1`": h1,
        "`h2`": h2,
        "`y`": y,
        "y − t": y - t,
        "½(y − t)": (y - t) / 2,
        "(y − t)·w3": (y - t) * w3,
        "(y − t)·w2": (y - t) * w2,
        "`z1`": z1,
        "`z2`": z2,
        "1": 1.0,
    }


def changed(change):
    """The six right derivatives, some of them changed: change(derivatives, net, forward pass)."""

    def manual(*net):
        return tuple(change([*masked(*net)], net, forward(*net)))

    return manual


def other_nets():
    def back(first, second):
        return lambda *net: walked_back_by(net, first, second)

    for name, explains, answer in (
        ("z1 for both", "You use the mask of z1 for both ReLUs. Each ReLU is open or closed by "
         "its own z.", back(lambda z1, z2: z1 > 0, lambda z1, z2: z1 > 0)),
        ("exchanged masks", "You exchanged the two masks: z2 decides about h2, z1 about h1.",
         back(lambda z1, z2: z2 > 0, lambda z1, z2: z1 > 0)),
        ("turned masks", "Your masks are turned round: a ReLU passes where its z is above zero.",
         back(lambda z1, z2: z1 < 0, lambda z1, z2: z2 < 0)),
        ("sigmoid", "You took h(1 − h), the slope of the sigmoid. These are ReLUs: 1 above zero, "
         "0 below.", back(lambda z1, z2: max(z1, 0) * (1 - max(z1, 0)),
                          lambda z1, z2: max(z2, 0) * (1 - max(z2, 0)))),
        ("z1 in w2", "The derivative with respect to w2 holds z1 with you. w2 is multiplied by "
         "h1, which is 0 where z1 is below zero.",
         changed(lambda d, net, run: [*d[:2], d[3] * run[0], *d[3:]])),
        ("z2 in w3", "The derivative with respect to w3 holds z2 with you. w3 is multiplied by "
         "h2, which is 0 where z2 is below zero.",
         changed(lambda d, net, run: [*d[:4], d[5] * run[2], d[5]])),
        ("mask on b3", "You masked the derivative with respect to b3. No ReLU lies between b3 and "
         "the loss.", changed(lambda d, net, run: [*d[:5], d[5] * (run[2] > 0)])),
        ("mask on y", "You masked all of them by the sign of y. No ReLU lies behind y.",
         changed(lambda d, net, run: [v * (run[4] > 0) for v in d])),
        ("own outputs", "You multiplied each weight's gradient by the output of its own layer. A "
         "weight is multiplied by what comes into its layer: x, h1, h2.",
         changed(lambda d, net, run: [d[1] * run[1], d[1], d[3] * run[3], d[3], d[5] * run[4],
                                      d[5]])),
        ("x for all", "You multiplied all three weight gradients by x. Only w1 is multiplied by x "
         "on the way forward: w2 is multiplied by h1 and w3 by h2.",
         changed(lambda d, net, run: [d[0], d[1], d[3] * net[0], d[3], d[5] * net[0], d[5]])),
        ("abs_", "Your forward pass takes |z| for the ReLU. Below zero the ReLU is 0.",
         with_absolute_values),
        ("sign", "Your masks are −1 below zero. A closed ReLU passes nothing: 0.",
         back(lambda z1, z2: 2.0 * (z1 > 0) - 1, lambda z1, z2: 2.0 * (z2 > 0) - 1)),
    ):  # fmt: skip
        yield Mistake(name, explains, answer)
    yield Mistake(
        "leaky",
        "Below zero you pass on the share {}, as a leaky ReLU does. This one passes nothing.",
        leaks,
        family=(0.01, 0.1, 0.2, 0.001),
    )


def walked_back_by(net, first, second):
    """A backward pass with masks that are functions of both z."""
    z1, _, z2, _, _ = forward(*net)
    return walked_back(
        net,
        first=lambda z, arrives: float(first(z1, z2)),
        second=lambda z, arrives: float(second(z1, z2)),
    )


def leaks(x, t, w1, b1, w2, b2, w3, b3, share=0.01):
    net = x, t, w1, b1, w2, b2, w3, b3
    return walked_back_by(
        net, lambda z1, z2: 1.0 if z1 > 0 else share, lambda z1, z2: 1.0 if z2 > 0 else share
    )


def with_absolute_values(x, t, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    z2 = w2 * abs(z1) + b2
    dy = w3 * abs(z2) + b3 - t
    dz2 = dy * w3 * (z2 > 0)
    dz1 = dz2 * w2 * (z1 > 0)
    return dz1 * x, dz1, dz2 * abs(z1), dz2, dy * abs(z2), dy


def masked_afterwards(x, t, w1, b1, w2, b2, w3, b3):
    z1 = w1 * x + b1
    z2 = w2 * z1 + b2
    dy = w3 * z2 + b3 - t
    dz2 = dy * w3 * (z2 > 0)
    dz1 = dz2 * w2 * (z1 > 0)
    return dz1 * x, dz1, dz2 * z1, dz2, dy * z2, dy


def opened(z, arrives):
    return float(z > 0)


def always(z, arrives):
    return 1.0


def by_value(z, arrives):
    return max(z, 0.0)


def by_upstream(z, arrives):
    return float(arrives > 0)


# ---- 03.6 a checker that sees all


def checker_cases(rng):
    """A claimed gradient that is wrong at one place or two; the errors have both signs."""
    x = np.array([1.5, -0.4])  # gradient (2xy, x² + 1) = (-1.2, 3.25)
    yield formula("x", "x[0]**2 * x[1] + x[1]"), np.array([-1.2, 3.0]), x, 0.1
    for shift in ([0.0, 0.7, -0.7], [0.0, -0.3, 0.0], [-0.2, 0.0, 0.9]):
        x = rng.uniform(0.4, 1.8, 3)
        g = np.array([x[1] * x[2], x[0] * x[2], x[0] * x[1] + 2 * x[2]])
        yield formula("x", "x[0]*x[1]*x[2] + x[2]**2"), g + shift, x, 0.03
    for shift in ([0.0, 0.0, 0.0, 1.1], [0.0, -0.6, 0.4, 0.1], [0.0, 0.25, -0.25, 0.0]):
        x = rng.uniform(-1, 1, 4)
        g = np.array([3 * x[0] ** 2, x[2], x[1], math.exp(x[3])])
        yield formula("x", "x[0]**3 + x[1]*x[2] + exp(x[3])"), g + shift, x, 0.2
    x = np.array([-0.7])
    yield formula("x", "x[0]**4"), np.array([4 * x[0] ** 3 - 0.5]), x, 0.1
    for turned in ([1.0, -1.0], [-1.0, 1.0]):  # right in size, one sign the wrong way round
        x = rng.uniform(0.5, 1.5, 2)
        g = np.array([x[1] ** 2, 2 * x[0] * x[1]])
        yield formula("x", "x[0] * x[1]**2"), g * turned, x, 0.1
    f, x, g = formula("x", "x[0]*x[1] + x[1]**2"), np.array([1.5, -0.5]), np.array([-0.5, 0.5])
    off = np.array([0.25, -1.0])
    yield f, g, x, 0.125  # nothing is wrong
    yield f, g + off, x, 0.125
    yield f, g - off, x, 0.125
    yield f, g + [1e-5, 0.0], x, 0.125
    yield f, g - [0.0, 1e-7], x, 0.125
    yield f, g + off, x, 2.0**-20  # no digit is lost in a difference of these
    yield f, 0 * g, 0 * x, 0.5
    yield f, 0 * g, x, 0.125
    yield f, 1e4 * g, x, 0.125
    yield formula("x", "7.0 + 0*x[0]"), np.array([0.0, 0.0, -0.5]), np.ones(3), 0.25
    yield formula("x", "abs(x[0]) + x[1]"), np.array([0.5, 1.0]), np.array([0.0, 2.0]), 0.25
    yield formula("x", "x[0]"), np.array([1.0]), np.array([-1.0]), 1.0
    yield formula("x", "x[0]**3 + x[1]"), np.array([1.0, 1.0]), np.array([80.0, 60.0]), 2.0
    yield formula("x", "x[0]**3 + x[1]"), np.array([1.0, 1.0]), np.array([-80.0, 60.0]), 60.0
    yield from one_moved((f, g + off, x, 0.125))
    yield formula("x", "x[0]*x[1] + 2*x[1]**2"), g + off, x, 0.125
    yield formula("x", "3*x[0]*x[1] - x[1]**2"), g + off, x, 0.125
    cube, at = formula("x", "x[0]**3 - x[1]**3"), np.array([1.0, 0.5])
    yield from one_moved((cube, np.array([3.25, -1.0]), at, 0.25))
    yield cube, np.array([3.25, -1.0]), at, 0.25


def differences(f, x, h):
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(len(x))])


def one_sided_differences(f, x, h):
    return np.array([(f(x + e) - f(x)) / h for e in h * np.eye(len(x))])


def worst(f, g, x, h):
    return float(np.abs(differences(f, x, h) - g).max())


BELOW = {
    "the derivatives": lambda slopes, g: slopes,
    "the entries of g": lambda slopes, g: g,
    "the larger of both sizes": lambda slopes, g: np.maximum(np.maximum(slopes, g), 1e-12),
    "the sum of both sizes": lambda slopes, g: np.maximum(slopes + g, 1e-12),
}


def relative_errors(f, g, x, h, words="the derivatives"):
    slopes = differences(f, x, h)
    with np.errstate(all="ignore"):
        return float((np.abs(slopes - g) / BELOW[words](np.abs(slopes), np.abs(g))).max())


def in_one_direction(f, g, x, h):
    ones = np.ones(len(x))
    return float(abs((f(x + h * ones) - f(x - h * ones)) / (2 * h) - g.sum()))


def moved_together(f, g, x, h):
    return float(np.abs((f(x + h) - f(x - h)) / (2 * h) - g).max())


def left_nudged(f, g, x, h):
    up, down, found = x.copy(), x.copy(), []
    for j in range(len(x)):
        up[j] += h
        down[j] = x[j] - h
        found.append((f(up) - f(down)) / (2 * h))
        down[j] = x[j]  # but `up` stays where it is
    return float(np.abs(np.array(found) - g).max())


def other_errors():
    for name, explains, answer in (
        ("sum", "You added the errors. The task asks for the largest.",
         lambda f, g, x, h: float(np.abs(differences(f, x, h) - g).sum())),
        ("mean square", "You took the mean of the squares. The task asks for the largest error.",
         lambda f, g, x, h: float(((differences(f, x, h) - g) ** 2).mean())),
        ("root mean square", "You took the root of the mean square. The task asks for the largest "
         "one.",
         lambda f, g, x, h: float(np.sqrt(((differences(f, x, h) - g) ** 2).mean()))),
        ("square", "You squared the errors. The task asks for the largest error itself.",
         lambda f, g, x, h: float(((differences(f, x, h) - g) ** 2).max())),
        ("last", "You looked at the last element only: either you return inside the loop, or you "
         "overwrite the error each time.",
         lambda f, g, x, h: float(abs(differences(f, x, h)[-1] - g[-1]))),
        ("smallest", "You took the smallest error. The task asks for the largest.",
         lambda f, g, x, h: float(np.abs(differences(f, x, h) - g).min())),
        ("all of them", "You return the errors of all coordinates. The task asks for the largest.",
         lambda f, g, x, h: np.abs(differences(f, x, h) - g)),
        ("plus", "You added g to the differences. An error is what the two differ by.",
         lambda f, g, x, h: float(np.abs(differences(f, x, h) + g).max())),
        ("abs last", "You took the largest error first and its absolute value after. A large error "
         "below zero gets past: take the absolute values first.",
         lambda f, g, x, h: float(abs((differences(f, x, h) - g).max()))),
        ("largest of each", "You compared the largest difference with the largest entry of g. They "
         "may belong to different coordinates: compare each with its own.",
         lambda f, g, x, h: float(abs(differences(f, x, h).max() - g.max()))),
        ("4h", "You divided by 4h. The two points of a central difference are 2h apart.",
         lambda f, g, x, h: float(np.abs(differences(f, x, h) / 2 - g).max())),
        ("left side", "You stepped to one side only, to the left.",
         lambda f, g, x, h: float(np.abs(one_sided_differences(f, x, -h) - g).max())),
        ("precedence", "You wrote `/ 2 * h`: Python divides by 2 and then multiplies by h. Put 2*h "
         "in brackets.",
         lambda f, g, x, h: float(np.abs(differences(f, x, h) * h * h - g).max())),
        ("without g", "You return the largest difference. Compare each with its entry of g.",
         lambda f, g, x, h: float(np.abs(differences(f, x, h)).max())),
        ("place", "You return where the largest error is. The task asks how large it is.",
         lambda f, g, x, h: float(np.argmax(np.abs(differences(f, x, h) - g)))),
        ("fixed step", "You took a step of your own, 1e-5, and left out h.",
         lambda f, g, x, h: worst(f, g, x, 1e-5)),
        ("half step", "You stepped half of h to either side, and divided by 2h.",
         lambda f, g, x, h: float(np.abs(differences(f, x, h / 2) / 2 - g).max())),
        ("relative to g", "You divided the errors by the entries of g. The task asks for the "
         "largest absolute difference.", relative_to_claim),
        ("largest of g", "You return the largest entry of g. Compare each with its difference.",
         lambda f, g, x, h: float(np.abs(g).max())),
        ("median", "You took the median of the errors. The task asks for the largest.",
         lambda f, g, x, h: float(np.median(np.abs(differences(f, x, h) - g)))),
        ("2h", "You stepped 2h to either side. The step is h.",
         lambda f, g, x, h: worst(f, g, x, 2 * h)),
        ("rise", "You compared the rise with g. A slope is a rise over the distance 2h.",
         lambda f, g, x, h: float(np.abs(differences(f, x, h) * 2 * h - g).max())),
        ("span", "You took the largest error minus the smallest, with their signs. Take the "
         "absolute values, then the largest.",
         lambda f, g, x, h: float(np.ptp(differences(f, x, h) - g))),
        ("count", "You counted the entries that are wrong. The task asks how wrong the worst one "
         "is.", lambda f, g, x, h: float((np.abs(differences(f, x, h) - g) > 1e-6).sum())),
        ("sums", "You compared the sum of the gradient with the sum of g. Two errors that cancel "
         "get past.", lambda f, g, x, h: float(abs(differences(f, x, h).sum() - g.sum()))),
        ("relative to the largest", "You divided by the largest entry of g. The task asks for the "
         "largest absolute difference.",
         lambda f, g, x, h: worst(f, g, x, h) / max(float(np.abs(g).max()), 1e-300)),
        ("relative norm", "You divided the length of the errors by the lengths of both gradients. "
         "The task asks for the largest absolute difference.", relative_norm),
    ):  # fmt: skip
        yield Mistake(name, explains, answer)
    yield Mistake(
        "close",
        "You return whether all agree. The task asks for the largest error, a number.",
        lambda f, g, x, h: bool(np.allclose(differences(f, x, h), g)),
        verdict=BROKEN,
    )


def relative_to_claim(f, g, x, h):
    with np.errstate(all="ignore"):
        return float((np.abs(differences(f, x, h) - g) / np.maximum(np.abs(g), 1e-12)).max())


def relative_norm(f, g, x, h):
    found = differences(f, x, h)
    norm = np.linalg.norm
    return float(norm(found - g) / (norm(found) + norm(g) + 1e-300))


# ---- 03.7 two branches


def elu_cases(rng):
    def case(n, a, signs):
        z = signs * rng.uniform(0.2, 3, n)
        return z, a, rng.normal(size=n)

    easy = np.array([2.0, -1.5, -0.5]), 0.5, np.array([0.5, 3.0, -4.0])
    return [
        easy,
        case(1, 0.3, -1.0),
        case(1, 0.3, 1.0),
        case(4, 0.25, np.array([1, -1, -1, 1])),
        case(5, 1.5, -1.0),
        case(7, 0.8, np.array([-1, 1, -1, -1, 1, 1, -1])),
        *elu_edges(),
    ]


def elu_edges():
    """z close to 0 and to ±a on both sides, and far from 0; a of 0, 1, above 1 and below 0."""
    near = np.array([0.05, -0.05, 0.4, -0.4, 1e-3, -1e-3, 1e-60, -1e-60])
    G = np.array([2.0, 2.0, -0.5, -0.5, 4.0, 4.0, -3.0, -3.0])
    for a in (0.3, 0.0, 1.0, 2.0, -0.5, 0.01):
        yield near, a, G
    z, G = np.array([0.5, -2.0, 0.1]), np.array([1.0, 4.0, -2.0])
    yield z, 0.25, 0 * G
    yield -z, 0.25, G
    yield z, 60.0, G
    yield np.array([1000.0, -1000.0, 2.0]), 0.5, np.array([-700.0, 1e5, 60.0])
    yield np.array([-3.0, 750.0]), 2.0, np.array([0.5, -4.0])
    yield np.array([-0.25]), 0.25, np.array([1.0])
    yield np.array([0.25]), 0.25, np.array([-1.0])
    yield np.array([-1.0, 1.0]), 0.5, np.array([1.0, 1.0])
    yield from one_moved((z, 0.25, G))
    yield -z, 0.25, 2 * G


def elu(z, a):
    return np.where(z > 0, z, a * np.expm1(np.minimum(z, 0)))


def masked_branches(z, a, G):
    with np.errstate(all="ignore"):
        return (1.0 * (z > 0) + a * np.exp(z) * (z < 0)) * G


def below(z):
    """e^z below zero, without the large numbers of z above it."""
    return np.exp(np.minimum(z, 0))


def other_branches():
    for name, explains, slope in (
        ("a added", "Below zero you have e^z + a. a multiplies: the slope of a(e^z − 1) is a·e^z.",
         lambda z, a, G: below(z) + a),
        ("minus a", "Below zero you have −a·e^z: that function would fall there.",
         lambda z, a, G: -a * below(z)),
        ("no a, minus 1", "Below zero you have e^z − 1. The 1 is a constant and drops out, and "
         "a multiplies: a·e^z.", lambda z, a, G: below(z) - 1),
        ("a in the exponent", "Below zero you have e^(a·z). a stands before the power: a·e^z.",
         lambda z, a, G: np.exp(np.minimum(a * z, 0))),
        ("a in both", "Below zero a stands before the exponential and in its exponent. It belongs "
         "before it alone.", lambda z, a, G: a * np.exp(np.minimum(abs(a) * z, 0))),
        ("e to the G", "You took the exponential of G. It is z that the function is applied to.",
         lambda z, a, G: a * np.exp(np.minimum(G, 0)) / np.where(G == 0, 1, G)),
        ("line", "Below zero you have a(1 + z), a straight line: e^z is more than its first two "
         "terms.", lambda z, a, G: a * (1 + np.minimum(z, 0))),
        ("value and a", "Below zero you have a + e^z − 1. The value is a(e^z − 1), and its slope "
         "a·e^z.", lambda z, a, G: a + below(z) - 1),
        ("a²", "Below zero a multiplies twice. The slope of a(e^z − 1) is a·e^z.",
         lambda z, a, G: a * a * below(z)),
        ("sigmoid", "Below zero you have a·e^z·(1 − e^z), as for a sigmoid. The exponential is its "
         "own derivative.", lambda z, a, G: a * below(z) * (1 - below(z))),
        ("times z", "Below zero z multiplies. The slope of a(e^z − 1) is a·e^z.",
         lambda z, a, G: a * below(z) * z),
    ):  # fmt: skip
        yield Mistake(
            name, explains, lambda z, a, G, slope=slope: np.where(z > 0, 1.0, slope(z, a, G)) * G
        )
    yield Mistake(
        "shut above",
        "Above zero you pass on nothing. There y = z, and its slope is 1.",
        lambda z, a, G: np.where(z > 0, 0.0, a * below(z)) * G,
    )
    yield Mistake(
        "a above",
        "Above zero you pass on the share a: the smaller of z and 0 makes e^z one there, but the "
        "slope is 1.",
        lambda z, a, G: a * below(z) * G,
    )
    yield Mistake(
        "G added",
        "You added G. The upstream gradient multiplies the local slope.",
        lambda z, a, G: np.where(z > 0, 1.0, a * below(z)) + G,
    )
    yield Mistake(
        "value above",
        "Above zero you have z, the value. The slope there is 1.",
        lambda z, a, G: np.where(z > 0, z, a * below(z)) * G,
    )
    yield Mistake(
        "threshold",
        "You compared z with a. Which branch is taken is decided by the sign of z.",
        lambda z, a, G: np.where(z > a, 1.0, a * below(z)) * G,
    )
    yield Mistake(
        "sum",
        "You return the sum of the gradients. Each z has one of its own.",
        lambda z, a, G: float((np.where(z > 0, 1.0, a * below(z)) * G).sum()),
    )


# ---- 03.9 the engine


def random_edges(rng, count):
    """A graph of names with random slopes, keys in no order, and a node of no use to the root."""
    names = [f"n{k}" for k in range(count)]
    edges = {"n0": ()}
    for k in range(1, count):
        chosen = [names[k - 1], *(names[int(i)] for i in rng.integers(0, k, rng.integers(0, 3)))]
        rng.shuffle(chosen)
        edges[names[k]] = tuple(
            (str(parent), float(rng.choice([-1, 1]) * rng.uniform(0.3, 2.0))) for parent in chosen
        )
    edges["other"] = ((names[-2], 1.7),)  # a consumer that never reports
    return {str(key): edges[key] for key in rng.permutation([*edges])}, names[-1]


def chain(length):
    """Node k from node k - 1, slopes 2 and 1/2 in turn; every thousandth also from node 0."""
    edges = {0: ()}
    for k in range(1, length + 1):
        edges[k] = ((k - 1, 2.0 if k % 2 else 0.5),)
        if k % 1000 == 0:
            edges[k] += ((0, -1.5),)
    return edges, length


def engine_cases(rng):
    easy = {"a": (), "b": (("a", 3.0),), "y": (("b", 0.5), ("a", -2.0), ("b", 0.25))}
    triangle = {"x": (), "a": (("x", 1.4),), "v": (("a", -0.7),), "u": (("v", 1.9),)}
    triangle["y"] = (("u", 0.6), ("a", -2.2))
    unused = {"x": (), "a": (("x", 2.0),), "b": (("a", 3.0),), "y": (("a", 5.0), ("b", 1.0))}
    return [
        (easy, "y"),
        (easy, "b"),
        (unused, "b"),  # a has a consumer, y, that b is not computed from
        ({"x": ()}, "x"),
        (triangle, "y"),
        *(random_edges(rng, count) for count in (4, 6, 9, 12)),
        *engine_edges(),
        chain(30_000),
        chain(5_000),
    ]


def engine_edges():
    """Equal arrows, slopes of 0, reports that cancel, nodes of no use, a ladder of 40 rungs."""
    twice = {"a": (), "b": (("a", 1.0), ("a", 1.0)), "c": (("b", 1.0), ("b", 1.0))}
    yield twice, "c"
    yield twice, "b"
    yield twice, "a"
    useless = {"a": (), "b": (("a", 2.0),), "k": (("b", 5.0),), "y": (("b", 3.0),)}
    yield useless, "y"
    yield useless, "k"
    yield {"a": (), "b": (("a", 2.0),), "y": (("b", 1.0), ("b", -1.0), ("b", 3.0))}, "y"
    zero = {"a": (), "b": (("a", 2.0),), "c": (("a", 5.0), ("b", -1.0)), "y": (("b", 0.0),)}
    zero["y"] += (("c", 1.0), ("b", 1.0))  # what comes to b adds up to 0
    yield zero, "y"
    yield {"x": (), "a": (("x", 3.0),), "y": (("a", 0.0),)}, "y"  # a gradient of 0 is one too
    yield {"y": (("x", -1e6), ("z", 1e-6), ("x", 1.0)), "x": (), "z": ()}, "y"
    # the same keys and root, other slopes; the same root and slopes, another graph
    yield {"y": (("x", -1e6), ("z", 2.0), ("x", 1.0)), "x": (), "z": ()}, "y"
    yield {"y": (("x", -1e6), ("z", 2.0), ("x", 1.0)), "x": (("z", 0.5),), "z": ()}, "y"
    ladder = {0: ()} | {k + 1: ((k, 0.5), (k, 0.5)) for k in range(40)}
    yield ladder, 40


def waiting_counts(edges, root):
    """The nodes root is computed from, consumers before the nodes they use (Kahn's method)."""
    consumers, found, stack = {root: 0}, [], [root]
    while stack:
        for parent, _ in edges[stack.pop()]:
            if parent not in consumers:
                consumers[parent] = 0
                stack.append(parent)
            consumers[parent] += 1
    ready = [root]
    while ready:
        node = ready.pop()
        found.append(node)
        for parent, _ in edges[node]:
            consumers[parent] -= 1
            if not consumers[parent]:
                ready.append(parent)
    return found


def swept(edges, root):
    """∂root/∂node for every node that root is computed from."""
    order = waiting_counts(edges, root)
    G = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in order:
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def overwrites(edges, root):
    order = waiting_counts(edges, root)
    G = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in order:
        for parent, slope in edges[node]:
            G[parent] = slope * G[node]
    return G


def skips_seen(edges, root):
    order = waiting_counts(edges, root)
    G = {root: 1.0}
    for node in order:
        for parent, slope in edges[node]:
            if parent not in G:
                G[parent] = slope * G[node]
    return G


def running_totals(edges, root):
    G, stack = {root: 1.0}, [root]
    met = {root}
    while stack:
        node = stack.pop()
        for parent, slope in edges[node]:
            G[parent] = G.get(parent, 0.0) + slope * G[node]
            if parent not in met:
                met.add(parent)
                stack.append(parent)
    return G


def nearest_first(edges, root):
    grads, met = {root: 1.0}, [root]
    for node in met:
        for parent, slope in edges[node]:
            if parent not in grads:
                met.append(parent)
            grads[parent] = grads.get(parent, 0.0) + slope * grads[node]
    return grads


def deepest_first(edges, root):
    order, met, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node not in met:
            met.add(node)
            order.append(node)
            stack += [parent for parent, _ in edges[node]]
    G = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in order:
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def waits_for_all(edges, root):
    """The pass of chapter 02: it counts consumers in the whole dict."""
    waiting = Counter(parent for arrows in edges.values() for parent, _ in arrows)
    G, ready = {root: 1.0}, [root]
    while ready:
        node = ready.pop()
        for parent, slope in edges[node]:
            G[parent] = G.get(parent, 0.0) + slope * G[node]
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    return G


def leaves_only(edges, root):
    return {node: g for node, g in swept(edges, root).items() if not edges[node]}


def no_seed(edges, root):
    return dict.fromkeys(waiting_counts(edges, root), 0.0)


def no_upstream(edges, root):
    order = waiting_counts(edges, root)
    G = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in order:
        for parent, slope in edges[node]:
            G[parent] += slope
    return G


def recursive(edges, root):
    order, done = [], set()

    def visit(node):
        if node not in done:
            done.add(node)
            for parent, _ in edges[node]:
                visit(parent)
            order.append(node)

    visit(root)
    G = dict.fromkeys(order, 0.0) | {root: 1.0}
    for node in reversed(order):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def stepping(step, fill=0.0, order=lambda nodes: nodes):
    """A pass that does something else along an arrow, or goes in another order."""

    def grads(edges, root):
        found = waiting_counts(edges, root)
        G = dict.fromkeys(found, fill) | {root: 1.0}
        for node in order(found):
            for parent, slope in edges[node]:
                step(G, node, parent, slope)
        return G

    return grads


def adds(G, node, parent, slope):
    G[parent] += slope * G[node]


def subtracts(G, node, parent, slope):
    G[parent] -= slope * G[node]


def squares(G, node, parent, slope):
    G[parent] += slope * slope * G[node]


def divides(G, node, parent, slope):
    G[parent] += G[node] / slope if slope else 0.0


def counts_twice(G, node, parent, slope):
    G[parent] += 2 * slope * G[node]


def without_sign(G, node, parent, slope):
    G[parent] += abs(slope) * G[node]


def drops_the_slope(G, node, parent, slope):
    G[parent] += G[node]


def collects(G, node, parent, slope):
    G[node] += slope * G[parent]


def keeps_the_larger(G, node, parent, slope):
    G[parent] = max(G[parent], slope * G[node])


def moves_of_inputs(edges, root):
    """What each node does when every input moves by 1."""
    moves = {}
    for node in reversed(waiting_counts(edges, root)):
        moves[node] = sum(s * moves[parent] for parent, s in edges[node]) if edges[node] else 1.0
    return moves


def in_the_order_of_the_keys(edges, root):
    G = dict.fromkeys(edges, 0.0) | {root: 1.0}
    for node in reversed([*edges]):
        for parent, slope in edges[node]:
            G[parent] += slope * G[node]
    return G


def hands_on_by_recursion(edges, root):
    """The recursion of chapter 02, section 2.8."""
    G = {root: 1.0}

    def hand_on(node):
        for parent, slope in edges[node]:
            G[parent] = G.get(parent, 0.0) + slope * G[node]
            hand_on(parent)

    hand_on(root)
    return G


def nearest_without_second_visits(edges, root):
    G, seen, waiting = {root: 1.0}, {root}, [root]
    for node in waiting:
        for parent, slope in edges[node]:
            if parent not in seen:
                seen.add(parent)
                G[parent] = slope * G[node]
                waiting.append(parent)
    return G


def other_passes():
    for name, explains, answer in (
        ("minus", "You subtract where reports meet. They add up.", stepping(subtracts)),
        ("divided", "You divide by the slope of the arrow. It multiplies.", stepping(divides)),
        ("twice", "You count each arrow twice.", stepping(counts_twice)),
        ("abs_", "You take the slopes without their signs.", stepping(without_sign)),
        ("all ones", "You give every node the gradient 1. That is the root's alone.",
         lambda edges, root: dict.fromkeys(waiting_counts(edges, root), 1.0)),
        ("root 0", "The gradient of the root is missing from its place: ∂root/∂root is 1.",
         lambda edges, root: swept(edges, root) | {root: 0.0}),
        ("square", "You multiply by the slope twice.", stepping(squares)),
        ("noslope", "You pass a node's gradient on as it is. The slope of the arrow multiplies "
         "it.", stepping(drops_the_slope)),
        ("childs", "You let the node collect from its parents. In the backward pass the gradient "
         "goes the other way: each parent gets slope times the gradient of the node.",
         stepping(collects)),
        ("larger", "You keep the larger of the reports. They add up.",
         stepping(keeps_the_larger)),
        ("ones", "You start every gradient from 1. Only the root has 1; the others start from 0.",
         stepping(adds, fill=1.0)),
        ("inputs first", "You walk from the inputs to the root, and a node passes on what it has "
         "before anything has come. Go through the order from its end.",
         stepping(adds, order=lambda nodes: nodes[::-1])),
        ("forward", "You went from the inputs to the root, each input with 1: these are "
         "derivatives of the nodes. The task asks for those of the root with respect to them.",
         moves_of_inputs),
        ("seen", "You visit the nodes nearest first, and a node that you have met takes nothing "
         "more. Every report counts.", nearest_without_second_visits),
        ("keys", "You went by the order of the keys, which says nothing, and gave an entry to "
         "nodes that the root is not computed from.", in_the_order_of_the_keys),
        ("all nodes", "You gave an entry to every key. Only nodes that the root is computed from "
         "belong in the dict.",
         lambda edges, root: dict.fromkeys(edges, 0.0) | swept(edges, root)),
        ("no root", "The root itself is missing in your dict: its gradient is 1.",
         lambda edges, root: {k: g for k, g in swept(edges, root).items() if k != root}),
        ("no zeros", "You left out nodes whose gradient is 0. They were asked for too.",
         lambda edges, root: {k: g for k, g in swept(edges, root).items() if g}),
    ):  # fmt: skip
        yield Mistake(name, explains, answer)
    yield Mistake(
        "a list",
        "You return the numbers alone. The task asks for a dict, with the nodes as keys.",
        lambda edges, root: [*swept(edges, root).values()],
        verdict=BROKEN,
    )
    yield Mistake(
        "at once",
        "A node passes on what it has so far as soon as something has come, and later passes it "
        "on again. Find an order first, in which each node passes on once.",
        hands_on_by_recursion,
    )


EXERCISES = [
    Exercise(
        id="03.1",
        kind="by hand",
        title="Used twice",
        signature="slopes_x_w()",
        results=("∂y/∂x", "∂y/∂w"),
        worked=worked.slopes_x_w,
        reference=(SLOPE * W, SLOPE * (X + 1)),
        rtol=0.0,
        atol=6e-5,  # asked for four decimals
        mistakes=(
            Mistake(
                "over",
                "You kept only what comes to w from the second term, where its slope is 1. w is a "
                "factor of x·w as well: a second report, to be added.",
                (SLOPE * W, SLOPE),
            ),
            Mistake(
                "value",
                "You multiplied by tanh(z), the result, where its slope 1 − tanh²z belongs.",
                (Y * W, Y * (X + 1)),
            ),
            Mistake(
                "x twice",
                "You counted what comes to w through x·w twice. The second report comes from the "
                "term w alone, where its slope is 1.",
                (SLOPE * W, SLOPE * 2 * X),
            ),
            Mistake(
                "z without w",
                "You took the slope of tanh at x·w. The second term, + w, belongs to z too.",
                ((1 - math.tanh(X * W) ** 2) * W, (1 - math.tanh(X * W) ** 2) * (X + 1)),
            ),
            Mistake(
                "one cosh",
                "You took 1/cosh z for the slope of tanh. It is 1/cosh² z, or 1 − tanh² z.",
                (W / math.cosh(X * W + W), (X + 1) / math.cosh(X * W + W)),
            ),
            Mistake(
                "over2",
                "You kept only what comes to w through x·w. w is a term of the sum as well: a "
                "second report, to be added.",
                (SLOPE * W, SLOPE * X),
            ),
            Mistake(
                "noslope",
                "You stopped at z = xw + w: these are its derivatives. y is tanh of z, and the "
                "slope of tanh multiplies both.",
                (W, X + 1),
            ),
            Mistake(
                "pt",
                "You took the slope of tanh at y. It belongs at z, where tanh was applied; "
                "written with y it is 1 − y².",
                (SLOPE_AT_Y * W, SLOPE_AT_Y * (X + 1)),
            ),
            Mistake(
                "swap",
                "Your two results are exchanged: ∂y/∂x is asked for first.",
                (SLOPE * (X + 1), SLOPE * W),
            ),
            *other_slopes(),
        ),
        hints=(
            "z = −0.4·1.5 + 1.5 = 0.9, and y = tanh 0.9.",
            "The slope of tanh at z is 1 − y² = 0.48692. x has one consumer, w has two.",
            "∂y/∂x = 0.48692·1.5, and ∂y/∂w = 0.48692·(−0.4) + 0.48692·1, then round.",
        ),
        section='chapter 03, section 3.2, "Numbers by hand"',
        proves="Each consumer reports, and the reports add.",
    ),
    Exercise(
        id="03.2",
        kind="implement",
        title="A row for the logarithm to any base",
        signature="log_partials(a, b)",
        worked=worked.log_partials,
        results=("∂y/∂a", "∂y/∂b"),
        reference=row_of_logarithm,
        cases=logarithm_cases,
        quantities=lambda a, b: {
            "ln a": math.log(a),
            "ln b": math.log(b),
            "y": math.log(a) / math.log(b),
            "1": 1.0,
            "(ln b)²": math.log(b) ** 2,
            "a·ln a": a * math.log(a),
            "b²": b * b,
            "0": 0.0,
            "a·ln b": a * math.log(b),
            "b·ln b": b * math.log(b),
        },
        mistakes=(
            Mistake(
                "swap",
                "Your two derivatives are exchanged: the one with respect to a comes first.",
                lambda a, b: row_of_logarithm(a, b)[::-1],
            ),
            Mistake(
                "sign",
                "You lost a minus: in ln a / ln b the base is below the line, and where ln a is "
                "positive a larger base makes the logarithm smaller.",
                lambda a, b: (row_of_logarithm(a, b)[0], -row_of_logarithm(a, b)[1]),
            ),
            Mistake(
                "const",
                "You took the base for a constant. If it is a node, the logarithm moves with it.",
                lambda a, b: (row_of_logarithm(a, b)[0], 0.0),
            ),
            Mistake(
                "natural",
                "With respect to a you return 1/a, the derivative of the natural logarithm. To "
                "the base b it is y = ln a / ln b, so ln b divides it.",
                lambda a, b: (1 / a, row_of_logarithm(a, b)[1]),
            ),
            Mistake(
                "difference",
                "These are the derivatives of ln a − ln b, which is ln(a/b). The logarithm to the "
                "base b is the quotient ln a / ln b.",
                lambda a, b: (1 / a, -1 / b),
            ),
            Mistake(
                "multiplied",
                "You multiplied by ln b where it divides: y = ln a / ln b.",
                lambda a, b: (math.log(b) / a, row_of_logarithm(a, b)[1]),
            ),
            Mistake(
                "nosq",
                "With respect to b, ln b is divided by once in your result. The power rule takes "
                "(ln b)⁻¹ to −(ln b)⁻², times the derivative of ln b.",
                lambda a, b: (row_of_logarithm(a, b)[0], -math.log(a) / (b * math.log(b))),
            ),
            Mistake(
                "ln of a square",
                "With respect to b you divide by ln(b²), which is 2·ln b. It is the logarithm that "
                "is squared: (ln b)².",
                lambda a, b: (row_of_logarithm(a, b)[0], -math.log(a) / (b * math.log(b * b))),
            ),
            Mistake(
                "noinner",
                "With respect to b you stop at ln b: −ln a / (ln b)². The derivative of ln b, "
                "which is 1/b, multiplies it.",
                lambda a, b: (row_of_logarithm(a, b)[0], -math.log(a) / math.log(b) ** 2),
            ),
            Mistake(
                "nonum",
                "With respect to b, ln a is missing in your result: it stands above the line of "
                "y = ln a / ln b, and stays there.",
                lambda a, b: (row_of_logarithm(a, b)[0], -1 / (b * math.log(b) ** 2)),
            ),
            Mistake(
                "log10",
                "You took logarithms to the base 10. In the quotient ln a / ln b it does not "
                "matter, but the derivative of log₁₀ is not 1/a: use `math.log`.",
                lambda a, b: (
                    1 / (a * math.log10(b)),
                    -math.log10(a) / (b * math.log10(b) ** 2),
                ),
            ),
            Mistake(
                "value",
                "You return the logarithm itself as the first result. The task asks for its two "
                "derivatives.",
                lambda a, b: (math.log(a) / math.log(b), row_of_logarithm(a, b)[0]),
            ),
            Mistake(
                "inner",
                "With respect to a you divide by ln a as well: ln a is differentiated, and its "
                "derivative is 1/a.",
                lambda a, b: (
                    math.inf if a == 1 else 1 / (a * math.log(a)),
                    row_of_logarithm(a, b)[1],
                ),
            ),
            Mistake(
                "roles",
                "You exchanged a and b: these are the derivatives of ln b / ln a.",
                lambda a, b: row_of_logarithm(b, a)[::-1],
                verdict=BROKEN,
            ),
            Mistake(
                "both at once",
                "You moved a and b together, as in the quotient rule for a function of one "
                "variable. Each "
                "derivative holds the other operand fixed.",
                lambda a, b: (sum(row_of_logarithm(a, b)),) * 2,
            ),
        ),
        hints=(
            "Write y with natural logarithms: y = ln a / ln b. Hold b fixed first.",
            "Now hold a fixed: ln a times (ln b)⁻¹. The power rule, times the derivative of ln b.",
            "With respect to a it is 1/(a·ln b); with respect to b it is −y/(b·ln b).",
        ),
        section='chapter 03, section 3.8, "One table of rules"',
        proves="A row needs two derivatives, whatever the operation: the quotient and the chain "
        "rule give them.",
    ),
    Exercise(
        id="03.3",
        kind="predict",
        title="Three calls",
        signature="grad_after_each_call()",
        results=("first", "second", "third"),
        reference=(-3, -0.75, 2.25),
        mistakes=(
            Mistake(
                "assigns",
                "You let backward assign. It adds: PyTorch's does, and so does the finished "
                "engine here.",
                (-3, 2.25, 2.25),
                alone=True,
            ),
            Mistake(
                "first version",
                "That is the first version of the chapter, where u and y keep their sums from the "
                "calls before and pass them on again. The finished one starts each call afresh.",
                (-3, -6.75, -3.75),
            ),
            Mistake(
                "keeps",
                "You left out the line that sets x.grad to 0: before the third call nothing is "
                "kept.",
                (-3, -0.75, 1.5),
                alone=True,
            ),
            Mistake(
                "one path",
                "From z two paths lead to x: through y, and directly, as a factor. You took the "
                "direct one, whose slope is y = 0.75.",
                (-3, -2.25, 0.75),
            ),
            Mistake(
                "other path",
                "From z two paths lead to x: through y, and directly, as a factor. You took the "
                "one through y alone.",
                (-3, -1.5, 1.5),
            ),
            Mistake(
                "square",
                "You gave x·x one path to x. It has two, one for each factor.",
                (-1.5, 0, 1.5),
            ),
            Mistake(
                "values",
                "These are the values of u, y and z from the forward pass. The task asks for "
                "x.grad.",
                (0.25, 0.75, -0.375),
            ),
            *other_calls(),
        ),
        hints=(
            "What does += do to a number that is there already? And what clears it?",
            "y = 3x², z = 3x³: what are their derivatives at x = −0.5?",
            "The calls add −3, then 2.25; then x.grad is 0, and one more call of z adds 2.25.",
        ),
        section='chapter 03, section 3.7, "The second call"',
        proves="Each pass starts afresh, and adds to what is in `.grad` until you clear it.",
    ),
    Exercise(
        id="03.4",
        kind="find the bug",
        title="What zero_grad is for",
        signature="train(w, x, t, lr, steps)",
        worked=worked.train,
        reference=trained,
        cases=training_cases,
        mistakes=(
            Mistake(
                "acc",
                "Your gradient is never set back to zero: each step goes along the sum of all "
                "gradients so far.",
                never_zeroed,
            ),
            Mistake(
                "late",
                "w comes back as it was: either you set the gradient to zero between backward and "
                "the step, or you never step.",
                zeroed_before_step,
            ),
            Mistake(
                "climb",
                "The loss grows: either you add where the rule subtracts, or your error is "
                "t − w·x, where the gradient has w·x − t.",
                climbs,
            ),
            Mistake(
                "stale",
                "You are one step behind: either your loop ends a step early, or you step before "
                "you compute the gradient, so that the first step has none.",
                last_gradient,
            ),
            Mistake(
                "once",
                "You take one step only: either your `return` stands inside the loop, or the line "
                "that moves w stands behind it.",
                returns_in_loop,
            ),
            Mistake(
                "frozen",
                "You go by the gradient at the first w: either you compute it once, or you add it "
                "up without moving w in between. It changes with w.",
                lambda w, x, t, lr, steps: w - steps * lr * slope_of_loss(w, x, t),
            ),
            Mistake(
                "more",
                "You take one step too many.",
                lambda w, x, t, lr, steps: trained(w, x, t, lr, steps + 1),
            ),
            Mistake(
                "two",
                "Each of your steps is twice as long as it should be: the derivative of "
                "½(wx − t)² has no factor 2.",
                lambda w, x, t, lr, steps: trained(w, x, t, 2 * lr, steps),
            ),
            Mistake(
                "sum",
                "You took the sum over the samples. The loss is their mean.",
                lambda w, x, t, lr, steps: trained(w, x, t, lr * len(x), steps),
            ),
            *other_loops(),
        ),
        hints=(
            "Print `grad` in every step. From the second one on it is not the gradient at this w.",
            "In each step, in this order: zero, backward, step.",
            "Put `grad = 0.0` as the first line inside the loop.",
        ),
        section='chapter 03, section 3.13, "Mistakes in print"',
        proves="Zero, backward, step, each exactly once a round.",
    ),
    Exercise(
        id="03.5",
        kind="find the bug",
        title="Where the ReLU stood",
        signature="manual(x, t, w1, b1, w2, b2, w3, b3)",
        worked=worked.manual,
        results=("∂L/∂w1", "∂L/∂b1", "∂L/∂w2", "∂L/∂b2", "∂L/∂w3", "∂L/∂b3"),
        reference=masked,
        cases=relu_cases,
        quantities=lambda *net: relu_quantities(*net),
        mistakes=(
            Mistake(
                "printed",
                "Those are the lines of the exercise: no mask anywhere, and a factor 2 that "
                "½(y − t)² does not have.",
                lambda *net: walked_back(net, first=always, second=always, factor=2),
            ),
            Mistake(
                "nomask",
                "Your backward pass leaves the ReLUs out. Where z is negative nothing passes.",
                lambda *net: walked_back(net, first=always, second=always),
            ),
            Mistake(
                "value",
                "You multiplied by relu(z). Its *slope* belongs there: 1 above zero, 0 below.",
                lambda *net: walked_back(net, first=by_value, second=by_value),
            ),
            Mistake(
                "last",
                "The mask of the first layer is missing: where z1 is negative, the gradients of "
                "w1 and b1 are 0.",
                lambda *net: walked_back(net, first=always, second=opened),
            ),
            Mistake(
                "first",
                "The mask of the second layer is missing: where z2 is negative, nothing passes "
                "from there to w2, b2, w1 and b1.",
                lambda *net: walked_back(net, first=opened, second=always),
            ),
            Mistake(
                "plain",
                "Your backward pass has the masks, but your forward pass has no ReLU: h1 is z1 "
                "and h2 is z2.",
                masked_afterwards,
            ),
            Mistake(
                "up",
                "You looked at the sign of the upstream gradient. Whether a ReLU is open is "
                "decided by its z.",
                lambda *net: walked_back(net, first=by_upstream, second=by_upstream),
            ),
            Mistake(
                "two",
                "All six are twice what they should be: the derivative of ½(y − t)² is y − t.",
                lambda *net: walked_back(net, first=opened, second=opened, factor=2),
            ),
            Mistake(
                "maskx",
                "You looked at the sign of x. Whether a ReLU is open is decided by its own z.",
                lambda *net: walked_back(net, first=lambda z, arrives: net[0] > 0, second=opened),
            ),
            *other_nets(),
        ),
        hints=(
            "Try it where z2 is negative: then y = b3, and five of the six derivatives are 0.",
            "The slope of ReLU is 1 where z > 0 and 0 where z < 0: one mask per layer.",
            "`dz2 = dy * w3 * (z2 > 0)`, then `dz1 = dz2 * w2 * (z1 > 0)`, with `dy = y - t`.",
        ),
        section='chapter 03, section 3.13, "Mistakes in print"',
        proves="A ReLU passes all or nothing, and its own z decides which.",
    ),
    Exercise(
        id="03.6",
        kind="implement",
        title="A checker that sees all",
        signature="max_error(f, g, x, h)",
        worked=worked.max_error,
        reference=worst,
        cases=checker_cases,
        quantities=lambda f, g, x, h: {"h²": h * h, "n": len(x), "2h": 2 * h},
        mistakes=(
            Mistake(
                "first",
                "You looked at the first element only. A wrong one further on gets past.",
                lambda f, g, x, h: float(abs(differences(f, x, h)[0] - g[0])),
            ),
            Mistake(
                "mean",
                "You averaged errors that have signs: +0.7 and −0.7 make 0.",
                lambda f, g, x, h: float(abs((differences(f, x, h) - g).mean())),
            ),
            Mistake(
                "noabs",
                "You took the largest error without its absolute value, so an error below zero "
                "does not count.",
                lambda f, g, x, h, least=-math.inf: float(max(least, *(differences(f, x, h) - g))),
                family=(-math.inf, 0.0),
            ),
            Mistake(
                "noabs2",
                "You took the largest of g minus the difference, without the absolute value: "
                "a g that is too small does not count.",
                lambda f, g, x, h, least=-math.inf: float(max(least, *(g - differences(f, x, h)))),
                family=(-math.inf, 0.0),
            ),
            Mistake(
                "ones",
                "You nudged all coordinates at once. That checks the sum of the gradient, and "
                "two errors that cancel get past.",
                in_one_direction,
            ),
            Mistake(
                "one",
                "You stepped to one side only: the error of that difference, about h/2·f″, looks "
                "like an error of g.",
                lambda f, g, x, h: float(np.abs(one_sided_differences(f, x, h) - g).max()),
            ),
            Mistake(
                "left",
                "You did not put a coordinate back before you moved the next one.",
                left_nudged,
            ),
            Mistake(
                "twoh",
                "You divided by h. The two points of a central difference are 2h apart.",
                lambda f, g, x, h: float(np.abs(2 * differences(f, x, h) - g).max()),
            ),
            Mistake(
                "along",
                "`x + h` moves all coordinates at once, so each entry of g is compared with the "
                "sum of the gradient. Move one coordinate at a time.",
                moved_together,
            ),
            Mistake(
                "sizes",
                "You compared sizes without signs: a derivative with the wrong sign gets past. "
                "Take the difference first, its absolute value after.",
                lambda f, g, x, h: np.abs(np.abs(g) - np.abs(differences(f, x, h))).max(),
            ),
            Mistake(
                "meanabs",
                "You averaged the sizes of the errors. One wrong entry among many right ones "
                "then looks small: take the largest.",
                lambda f, g, x, h: float(np.abs(differences(f, x, h) - g).mean()),
            ),
            Mistake(
                "relative",
                "You divided the errors by {}. The task asks for the largest absolute difference.",
                relative_errors,
                family=tuple(BELOW),
            ),
            Mistake(
                "norm",
                "You took the length of the vector of errors. The task asks for the largest of "
                "them.",
                lambda f, g, x, h: float(np.sqrt(((differences(f, x, h) - g) ** 2).sum())),
            ),
            *other_errors(),
        ),
        hints=(
            "One central difference per coordinate: n of them, each beside one entry of g.",
            "Errors have signs: take the absolute value before you take the largest.",
            "For each j: `up = x.copy(); up[j] += h`, the same for `down`, and compare "
            "`(f(up) - f(down)) / (2 * h)` with `g[j]`.",
        ),
        section='chapter 03, section 3.9, "Check it: a gradient check that can fail"',
        proves="Every coordinate alone, absolute values, the worst one.",
    ),
    Exercise(
        id="03.7",
        kind="find the bug",
        title="Below zero",
        signature="elu_vjp(z, a, G)",
        worked=worked.elu_vjp,
        reference=lambda z, a, G: G * np.where(z > 0, 1.0, a * below(z)),
        cases=elu_cases,
        quantities=lambda z, a, G: {"G²": G**2, "1": 1.0, "|a|": abs(a)},
        mistakes=(
            Mistake(
                "printed",
                "That is the backward function of the exercise, the one of leaky ReLU: below zero "
                "its slope is a. The slope of a(e^z − 1) is not the same at every z.",
                lambda z, a, G: np.where(z > 0, 1.0, a) * G,
            ),
            Mistake(
                "relu",
                "That is the plain ReLU: below zero you pass on nothing. ELU passes on the share "
                "that its slope says.",
                lambda z, a, G: np.where(z > 0, G, 0.0),
            ),
            Mistake(
                "itself",
                "Below zero you took the value a(e^z − 1) where its slope belongs. The 1 is a "
                "constant: it drops out.",
                lambda z, a, G: np.where(z > 0, 1.0, elu(z, a)) * G,
            ),
            Mistake(
                "value",
                "You multiplied G by the value of ELU. Its slope belongs there.",
                lambda z, a, G: elu(z, a) * G,
            ),
            Mistake(
                "only value",
                "You return the value of ELU at z. The task asks for the gradient: the local slope "
                "times G.",
                lambda z, a, G: elu(z, a),
            ),
            Mistake(
                "noup",
                "You return the local slopes. The upstream gradient G has to multiply them.",
                lambda z, a, G: np.where(z > 0, 1.0, a * below(z)),
            ),
            Mistake(
                "nobelow",
                "Below zero your result does not contain G. The upstream gradient multiplies both "
                "branches.",
                lambda z, a, G: np.where(z > 0, G, a * below(z)),
            ),
            Mistake(
                "noabove",
                "Above zero you return 1. The upstream gradient G multiplies both branches.",
                lambda z, a, G: np.where(z > 0, 1.0, a * below(z) * G),
            ),
            Mistake(
                "noa",
                "Below zero you forgot a: the slope of a(e^z − 1) is a·e^z.",
                lambda z, a, G: np.where(z > 0, 1.0, below(z)) * G,
            ),
            Mistake(
                "power",
                "You treated e^z as a power, z·e^(z−1). The exponential is its own derivative.",
                lambda z, a, G: np.where(z > 0, 1.0, a * z * below(z - 1)) * G,
            ),
            Mistake(
                "minus",
                "Your exponential has the sign of its exponent turned round: below zero e^z is "
                "smaller than 1.",
                lambda z, a, G: np.where(z > 0, 1.0, a * np.exp(np.minimum(-z, 709.0))) * G,
            ),
            Mistake(
                "everywhere",
                "You took a·e^z for all z. Above zero y = z, and its slope is 1.",
                lambda z, a, G: a * np.exp(np.minimum(z, 709.0)) * G,
            ),
            Mistake(
                "up",
                "You looked at the sign of G. Which branch was taken is decided by z.",
                lambda z, a, G: np.where(G > 0, 1.0, a * below(z)) * G,
            ),
            Mistake(
                "sides",
                "You exchanged the two sides: the slope is 1 above zero and a·e^z below.",
                lambda z, a, G: np.where(z < 0, 1.0, a * np.exp(np.minimum(z, 709.0))) * G,
            ),
            Mistake(
                "masks",
                "You multiply both branches by masks and add them. Where e^z is too large for a "
                "float, 0 times infinity is no number: choose with `np.where`, or take the "
                "smaller of z and 0 first.",
                masked_branches,
            ),
            *other_branches(),
        ),
        hints=(
            "Two branches: z above zero, y = z; z below zero, y = a(e^z − 1).",
            "Differentiate the lower branch by z: the −1 is a constant, and e^z is its own "
            "derivative.",
            "The local slope is 1 above and a·e^z below; `np.where` chooses, and G multiplies.",
        ),
        section='chapter 03, section 3.13, "Mistakes in print"',
        proves="Each branch has a slope of its own, times the upstream gradient.",
    ),
    Exercise(
        id="03.8",
        kind="extend",
        title="A row for ln(eᵃ + eᵇ)",
        signature="logaddexp_row(a, b)",
        worked=worked.logaddexp_row,
        results=("y", "∂y/∂a", "∂y/∂b"),
        reference=row_of_sum,
        cases=sum_cases,
        quantities=lambda a, b: {
            "eᵃ": large(a),
            "eᵇ": large(b),
            "eᵃ + eᵇ": large(a) + large(b),
            "the larger of a and b": max(a, b),
            "y": stable(a, b),
            "1": 1.0,
            "σ(a)": sigma(a),
            "σ(b)": sigma(b),
            "½": 0.5,
            "a + b": a + b,
            "e^(a − m), with m the larger": math.exp(a - max(a, b)),
            "e^(b − m), with m the larger": math.exp(b - max(a, b)),
        },
        mistakes=(
            Mistake(
                "overflow",
                "Your formulas are right, but e to the 1000 is more than a float holds, and e to "
                "the −1000 is 0. Take the larger of a and b out first: "
                "y = m + ln(e^(a − m) + e^(b − m)).",
                from_large_numbers,
            ),
            Mistake(
                "overflows",
                "Your formulas are right, but e to the 1000 is more than a float holds. Take the "
                "larger of a and b out first: y = m + ln(e^(a − m) + e^(b − m)).",
                from_large_floats,
                verdict=BROKEN,
            ),
            Mistake(
                "top",
                "Your y lacks the larger of a and b, which you took out of the exponentials: it "
                "has to be added to the logarithm again.",
                without_the_top,
            ),
            Mistake(
                "sum",
                "The logarithm of a sum is not the sum of the logarithms: y is not a + b.",
                lambda a, b: (a + b, 1.0, 1.0),
            ),
            Mistake(
                "largest",
                "You took the larger of a and b alone. The other one adds its share: at a = b it "
                "is ln 2.",
                lambda a, b: (max(a, b), float(a > b), float(a <= b)),
            ),
            Mistake(
                "swap",
                "Your two derivatives are exchanged: the one with respect to a comes first.",
                lambda a, b: (stable(a, b), math.exp(b - stable(a, b)), math.exp(a - stable(a, b))),
            ),
            Mistake(
                "minus",
                "You subtract in the derivative with respect to b: y grows with both.",
                lambda a, b: (
                    stable(a, b),
                    math.exp(a - stable(a, b)),
                    -math.exp(b - stable(a, b)),
                ),
            ),
            Mistake(
                "half",
                "You gave each operand the slope ½. The shares are equal only where a and b are.",
                lambda a, b: (stable(a, b), 0.5, 0.5),
            ),
            Mistake(
                "ones",
                "You gave each operand the slope 1. Each has its share of the sum, and the two "
                "shares add up to 1.",
                lambda a, b: (stable(a, b), 1.0, 1.0),
            ),
            Mistake(
                "reciprocal",
                "You stopped at the derivative of the logarithm, 1/(eᵃ + eᵇ). The derivative of "
                "the sum, eᵃ or eᵇ, multiplies it.",
                lambda a, b: (stable(a, b), *(large(-stable(a, b)),) * 2),
            ),
            Mistake(
                "unshared",
                "You return eᵃ and eᵇ, the derivatives of the sum. The derivative of the "
                "logarithm multiplies them: each is to be divided by the sum.",
                lambda a, b: (stable(a, b), large(a), large(b)),
            ),
            Mistake(
                "unshared, and broken",
                "You return eᵃ and eᵇ, the derivatives of the sum. The derivative of the "
                "logarithm multiplies them: each is to be divided by the sum. And e to the 1000 "
                "is more than a float holds.",
                lambda a, b: (stable(a, b), math.exp(a), math.exp(b)),
                verdict=BROKEN,
            ),
            Mistake(
                "order",
                "y is asked for first, then the two derivatives.",
                lambda a, b: (*row_of_sum(a, b)[1:], stable(a, b)),
            ),
            Mistake(
                "no y",
                "You return the derivatives alone. The task asks for three numbers: y first.",
                lambda a, b: row_of_sum(a, b)[1:],
            ),
            Mistake(
                "ln 2 always",
                "You take both operands for equal: ln 2 is what the second one adds where it is "
                "as large as "
                "the first.",
                lambda a, b: (max(a, b) + math.log(2), 0.5, 0.5),
            ),
            Mistake(
                "product",
                "That is the row of the product.",
                lambda a, b: (a * b, b, a),
            ),
            Mistake(
                "same share",
                "You gave both operands the share of the larger one. Each has its own: e^(a − y) "
                "and e^(b − y).",
                lambda a, b: (stable(a, b),) + (math.exp(max(a, b) - stable(a, b)),) * 2,
            ),
            Mistake(
                "hard shares",
                "You gave the larger operand the slope 1 and the other one 0. That is the row of "
                "the maximum; "
                "here each operand has its share.",
                lambda a, b: (stable(a, b), float(a >= b), float(b > a)),
            ),
            Mistake(
                "shares of numbers",
                "You took a and b themselves in the shares. They are shares of the sum eᵃ + eᵇ.",
                share_of_numbers,
            ),
            Mistake(
                "inverted",
                "Your exponents have the wrong sign: the slope is e^(a − y), with y the larger "
                "of the two.",
                lambda a, b: (stable(a, b), large(stable(a, b) - a), large(stable(a, b) - b)),
            ),
            Mistake(
                "smaller out",
                "You took the smaller of a and b out of the exponentials. The difference that is "
                "left may be "
                "large, and overflows; take out the larger.",
                shifted_by_the_smaller,
                verdict=BROKEN,
            ),
            Mistake(
                "divided powers",
                "Your shares are right as long as eᵃ and e^y are floats. As one power, e^(a − "
                "y), they never "
                "overflow.",
                lambda a, b: (
                    stable(a, b),
                    math.exp(a) / math.exp(stable(a, b)),
                    math.exp(b) / math.exp(stable(a, b)),
                ),
                verdict=BROKEN,
            ),
            Mistake(
                "clipped",
                "You clip a and b at ±{}. Beyond that your numbers are those of other operands.",
                clipped_powers,
                family=LIMITS,
            ),
            Mistake(
                "larger beyond a limit",
                "Where one of them is large you return the larger of a and b, with the slopes 1 "
                "and 0. If they are near to each other, the other one still adds its share.",
                larger_beyond,
                family=LIMITS,
            ),
        ),
        hints=(
            "Differentiate by a: the derivative of the logarithm, times that of the sum.",
            "Each derivative is a share: eᵃ/(eᵃ + eᵇ), and the sum is e^y. So it is one power "
            "of e.",
            "With m the larger of the two, y = m + ln(e^(a − m) + e^(b − m)); the slopes are "
            "e^(a − y) and e^(b − y).",
        ),
        section='chapter 03, section 3.8, "One table of rules"',
        proves="The slopes are the shares in the sum, and written with y they never overflow.",
    ),
    Exercise(
        id="03.9",
        kind="implement",
        title="The whole backward pass",
        signature="grads(edges, root)",
        worked=worked.grads,
        new=True,
        reference=swept,
        cases=engine_cases,
        mistakes=(
            Mistake(
                "over",
                "You wrote `=` where `+=` belongs: a node with two consumers keeps one report.",
                overwrites,
            ),
            Mistake(
                "once",
                "You skip a node that has a gradient already. What comes second is to be added.",
                skips_seen,
            ),
            Mistake(
                "acc",
                "You pass a node's gradient on before all of its consumers have reported. Put "
                "the nodes in order first.",
                running_totals,
            ),
            Mistake(
                "waits",
                "You wait for consumers that the root is not computed from, and these never "
                "report: what lies below is missing. Count only consumers that lead to the root.",
                waits_for_all,
            ),
            Mistake(
                "leaves",
                "You return the leaves only. The nodes between were asked for too.",
                leaves_only,
            ),
            Mistake(
                "noup",
                "You add local slopes. Each is to be multiplied by the gradient of the node it "
                "ends at.",
                no_upstream,
            ),
            Mistake(
                "noseed",
                "Every gradient is 0: you started from 0 at the root, and ∂root/∂root is 1.",
                no_seed,
            ),
            Mistake(
                "nearest",
                "You visit the nodes in the order in which you meet them, nearest first. A node "
                "near the root may still wait for a report by a longer way. Find an order first.",
                nearest_first,
            ),
            Mistake(
                "deep",
                "You go from the root to a parent, to one of its parents, and so on, and pass "
                "gradients on in that order. A node met this way may still wait for a report from "
                "a consumer met later. Find an order first.",
                deepest_first,
            ),
            Mistake(
                "lost_twins",
                "You made a dict of the arrows, and two arrows to one parent became one. Both "
                "of them count.",
                lambda edges, root: swept(
                    {node: tuple(dict(arrows).items()) for node, arrows in edges.items()}, root
                ),
            ),
            Mistake(
                "equal_arrows",
                "Two arrows that are equal count once with you, as in a set. Both of them count.",
                lambda edges, root: swept(
                    {node: tuple(dict.fromkeys(arrows)) for node, arrows in edges.items()}, root
                ),
            ),
            Mistake(
                "recursive",
                "Your function calls itself, and Python allows that about a thousand times. Keep "
                "the nodes still to be visited in a list instead.",
                recursive,
                verdict=BROKEN,
            ),
            *other_passes(),
        ),
        hints=(
            "First the order: nodes whose parents are all done, found with a list as a stack, "
            "not by recursion.",
            "Then a new dict with 0.0 for each node of the order, and 1.0 for the root.",
            "Go through the order from its end, and for each arrow: "
            "`G[parent] += slope * G[node]`.",
        ),
        section='chapter 03, section 3.6, "A thousand nodes, and a million"',
        proves="An order, a fresh dict, multiply along, add where arrows meet: the backward pass.",
    ),
]
