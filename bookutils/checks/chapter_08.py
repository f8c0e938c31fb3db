"""Exercises of chapter 08, optimizers."""

import math

import numpy as np

from bookutils.checks import worked_08 as worked
from bookutils.checks.nearby import one_moved
from bookutils.judge.exercise import BROKEN, Exercise, Mistake

# ---- 08.2 the best rate


def curvature_cases(rng):
    """Two ends and what lies between; one curvature, equal ones, the ends in any place."""
    easy = np.array([1.0, 10.0])
    return [
        (easy,),
        (np.array([3.0, 0.5, 2.0]),),
        (np.array([0.5, 2.0, 3.0, 3.0]),),
        (np.array([4.0]),),
        (np.array([0.25]),),
        (np.array([2.0, 2.0, 2.0]),),
        (np.array([1e-6, 0.1, 75.1234]),),
        (np.array([400.0, 250.0]),),
        (np.array([7.0, 90.0, 8.0, 7.5, 6.25]),),
        *((np.exp(rng.normal(size=n)),) for n in (2, 3, 3, 6)),
    ]


def tied_rate(lams):
    low, high = lams.min(), lams.max()
    return 2 / (low + high), (high - low) / (high + low)


def with_its_factor(eta):
    """A rate made from the curvatures, and the factor of the slowest direction with it."""
    return lambda lams: (eta(lams), float(np.abs(1 - eta(lams) * lams).max()))


# ---- 08.3 one step of momentum


def momentum_cases(rng):
    """Both kinds; at rest and moving, no memory and a long one, zeros, one parameter and many."""
    easy = np.array([1.0, -2.0]), np.array([0.5, 4.0]), np.array([2.0, -1.0]), 0.1, 0.5
    big = rng.normal(size=3) * 70, rng.normal(size=3) * 80, rng.normal(size=3) * 90, 0.03, 0.9
    some = [(*rng.normal(size=(3, n)), 0.05, 0.9) for n in (4, 4, 1)]
    rest = np.array([0.75, 0.0, -0.3]), np.zeros(3), np.array([0.0, 1.5, -2.0]), 0.2, 0.9
    plain = np.array([0.1, 60.5]), np.array([3.0, -80.25]), np.array([-7.0, 0.1234]), 1.0, 0.0
    still = np.array([2.0, -1.0]), np.array([0.5, 3.0]), np.zeros(2), 0.1, 0.99
    for case in (easy, big, *some, rest, plain, still):
        yield (*case, False)
        yield (*case, True)
    for kind in (False, True):
        yield from one_moved((*easy, kind))
        yield (*some[0][:3], 60.5, 0.1234, kind)
        yield (*some[0][:3], 0.0123, 0.1234, kind)


def after_momentum(w, v, g, lr, beta, nesterov):
    v = beta * v + g
    return w - lr * (g + beta * v if nesterov else v), v


def ema(w, v, g, lr, beta, nesterov):
    v = beta * v + (1 - beta) * g
    return w - lr * (g + beta * v if nesterov else v), v


def by_the_old_velocity(w, v, g, lr, beta, nesterov):
    new = beta * v + g
    return w - lr * (g + beta * new if nesterov else v), new


def rate_inside(w, v, g, lr, beta, nesterov):
    v = beta * v + lr * g
    return w - (lr * g + beta * v if nesterov else v), v


def rate_in_the_velocity(w, v, g, lr, beta, nesterov):
    """The velocity is a change of w, and is added."""
    v = beta * v - lr * g
    return w + (beta * v - lr * g if nesterov else v), v


def kinds_exchanged(w, v, g, lr, beta, nesterov):
    return after_momentum(w, v, g, lr, beta, not nesterov)


def nesterov_by_old(w, v, g, lr, beta, nesterov):
    new = beta * v + g
    return w - lr * (g + beta * v if nesterov else new), new


def sum_decayed(w, v, g, lr, beta, nesterov):
    v = beta * (v + g)
    return w - lr * (g + beta * v if nesterov else v), v


def along_v_alone(w, v, g, lr, beta, nesterov):
    v = beta * v + g
    return w - lr * (beta * v if nesterov else v), v


# ---- 08.4 Adam, and 08.5 AdamW


def moments(rng, n, t):
    """m and s as t - 1 steps of Adam leave them, and the next gradient."""
    m, s = np.zeros(n), np.zeros(n)
    for _ in range(t - 1):
        g = rng.normal(size=n)
        m, s = 0.9 * m + 0.1 * g, 0.99 * s + 0.01 * g * g
    return m, s, rng.normal(size=n)


def adam_cases(rng):
    """The first step, the second and late ones; zeros, other betas, a large and a tiny eps."""
    zero, two = np.zeros(2), np.array([3.0, -1.0])
    easy = np.array([1.0, 2.0]), zero, zero, 1, two, 0.5, 0.9, 0.99, 0.1
    second = np.array([1.0, 2.0]), 0.1 * two, 0.01 * two**2, 2, two[::-1] / 2, 0.5, 0.7, 0.75, 0.1
    cases = [easy, second]
    for n, t, eps in ((3, 1, 1e-8), (3, 2, 0.1), (1, 5, 0.02), (4, 60, 1e-3), (4, 3, 1e-8)):
        m, s, g = moments(rng, n, t)
        cases.append((rng.normal(size=n), m, s, t, g, 0.05, 0.9, 0.99, eps))
    m, s, g = moments(rng, 3, 4)
    cases += [
        (np.array([70.25, -90.5, 0.1]), 600 * m, 36e4 * s, 4, 80 * g, 2.5, 0.8, 0.95, 0.5),
        (np.array([0.1, 0.2, 0.3]), m, s, 4, g, 60.5, 0.1234, 0.95, 75.5),
        (np.array([0.1, 0.2, 0.3]), m, s, 4, g, 0.0123, 0.9, 0.95, 1e-3),
        (np.zeros(3), m, s, 4, np.zeros(3), 0.1, 0.9, 0.99, 0.1),
        (np.zeros(2), zero, zero, 3, zero, 0.1, 0.9, 0.99, 0.1),
        (np.array([0.5, -0.5]), two, two**2, 2, -two, 0.1, 0.0, 0.9, 0.1),
        (np.array([0.5, -0.5]), two, two**2, 2, -two, 0.1, 0.9, 0.0, 0.1),
        (np.array([1.0, 0.25, -2.0]), m, s, 4, 1e-4 * g, 1e-3, 0.9, 0.999, 1e-8),
    ]
    yield from cases
    yield from one_moved(second)


def adam_step(m, s, t, b1, b2, eps):
    return m / (1 - b1**t) / (np.sqrt(s / (1 - b2**t)) + eps)


def after_adam(w, m, s, t, g, lr, b1, b2, eps):
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g
    return w - lr * adam_step(m, s, t, b1, b2, eps), m, s


def stored_back(w, m, s, t, g, lr, b1, b2, eps):
    m = (b1 * m + (1 - b1) * g) / (1 - b1**t)
    s = (b2 * s + (1 - b2) * g * g) / (1 - b2**t)
    return w - lr * m / (np.sqrt(s) + eps), m, s


def as_printed(w, m, s, t, g, lr, b1, b2, eps):
    m = (b1 * m + (1 - b1) * g) / (1 - b1**t)
    s = (b2 * s + (1 - b2) * g * g) / (1 - b2**t)
    return w - lr * m / np.sqrt(s + eps), m, s


def eps_inside(w, m, s, t, g, lr, b1, b2, eps):
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g
    return w - lr * m / (1 - b1**t) / np.sqrt(s / (1 - b2**t) + eps), m, s


def uncorrected(w, m, s, t, g, lr, b1, b2, eps):
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g
    return w - lr * m / (np.sqrt(s) + eps), m, s


def only_m_corrected(w, m, s, t, g, lr, b1, b2, eps):
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g
    return w - lr * m / (1 - b1**t) / (np.sqrt(s) + eps), m, s


def counted_on(w, m, s, t, g, lr, b1, b2, eps):
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g
    return w - lr * adam_step(m, s, t + 1, b1, b2, eps), m, s


def corrected_by_beta(w, m, s, t, g, lr, b1, b2, eps):
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g
    return w - lr * adam_step(m, s, 1, b1, b2, eps), m, s


def corrected_by_a_product(w, m, s, t, g, lr, b1, b2, eps):
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g
    with np.errstate(all="ignore"):
        return w - lr * m / (1 - b1 * t) / (np.sqrt(s / (1 - b2 * t)) + eps), m, s


def betas_exchanged(w, m, s, t, g, lr, b1, b2, eps):
    return after_adam(w, m, s, t, g, lr, b2, b1, eps)


def by_size(w, m, s, t, g, lr, b1, b2, eps):
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * np.abs(g)
    return w - lr * adam_step(m, s, t, b1, b2, eps), m, s


def eps_under_uncorrected(w, m, s, t, g, lr, b1, b2, eps):
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g
    return w - lr * m / (1 - b1**t) * np.sqrt(1 - b2**t) / (np.sqrt(s) + eps), m, s


def adamw_cases(rng):
    """The cases of Adam with a decay behind: none, small, and one that halves the weight."""
    cases = [*adam_cases(rng)]
    for k, case in enumerate(cases):
        yield (*case, (0.5, 0.1, 0.0, 2.0, 0.03)[k % 5] / max(case[5], 0.2))
    base = (*cases[1], 0.25)
    yield from (base, *one_moved(base), (*cases[1], 0.0))
    yield (*cases[2][:5], 1e-3, *cases[2][6:], 60.1234)


def after_adamw(w, m, s, t, g, lr, b1, b2, eps, wd):
    return after_adam(w * (1 - lr * wd), m, s, t, g, lr, b1, b2, eps)


def l2_inside(w, m, s, t, g, lr, b1, b2, eps, wd):
    return after_adam(w, m, s, t, g + wd * w, lr, b1, b2, eps)


def decay_as_in_the_paper(w, m, s, t, g, lr, b1, b2, eps, wd):
    return after_adam(w * (1 - wd), m, s, t, g, lr, b1, b2, eps)


def decay_after(w, m, s, t, g, lr, b1, b2, eps, wd):
    w, m, s = after_adam(w, m, s, t, g, lr, b1, b2, eps)
    return w * (1 - lr * wd), m, s


def decay_upwards(w, m, s, t, g, lr, b1, b2, eps, wd):
    return after_adam(w * (1 + lr * wd), m, s, t, g, lr, b1, b2, eps)


def decay_scaled(w, m, s, t, g, lr, b1, b2, eps, wd):
    new, m, s = after_adam(w, m, s, t, g, lr, b1, b2, eps)
    return new - lr * wd * w / (np.sqrt(s / (1 - b2**t)) + eps), m, s


def no_decay(w, m, s, t, g, lr, b1, b2, eps, wd):
    return after_adam(w, m, s, t, g, lr, b1, b2, eps)


def both_decays(w, m, s, t, g, lr, b1, b2, eps, wd):
    return after_adam(w * (1 - lr * wd), m, s, t, g + wd * w, lr, b1, b2, eps)


# ---- 08.6 the second moment from its margins


def factored_cases(rng):
    """Averages that belong together; the first step, a row of zeros, one row, one column."""

    def case(n, m, b, size=1.0):
        S = rng.chisquare(1, (n, m)) * size**2
        return rng.normal(size=(n, m)) * size, S.mean(axis=1), S.mean(axis=0), b

    easy = np.array([[1.0, 2.0, 3.0], [2.0, 0.0, -4.0]])
    S = np.array([[1.0, 4.0, 1.0], [2.0, 0.0, 4.0]])
    bare = np.array([[3.0, 0.0], [0.0, 0.0], [-1.0, 0.0]])
    base = (easy, S.mean(axis=1), S.mean(axis=0), 0.5)
    yield base
    yield easy, np.zeros(2), np.zeros(3), 0.0
    yield easy, np.zeros(2), np.zeros(3), 0.9
    yield bare, np.zeros(3), np.zeros(2), 0.8
    yield np.zeros((2, 3)), S.mean(axis=1), S.mean(axis=0), 0.9
    yield case(3, 3, 0.9)
    yield case(4, 2, 0.99, 75.0)
    yield case(4, 2, 0.99)
    yield case(4, 2, 0.75)
    yield case(1, 4, 0.9)
    yield case(3, 1, 0.9)
    yield case(1, 1, 0.9)
    yield case(2, 5, 0.1234, 0.01)
    G, R, C, b = base
    yield G * np.array([[1.0, 1.0, 1.25], [1.0, 1.0, 1.0]]), R, C, b
    yield G, R, C, 0.75
    yield G, np.array([3.0, 1.0]), C, b
    yield G, R, np.array([0.5, 3.0, 2.5]), b


def factored_averages(G, R, C, b):
    R = b * R + (1 - b) * (G**2).mean(axis=1)
    C = b * C + (1 - b) * (G**2).mean(axis=0)
    return R, C, np.outer(R, C) / R.mean()


def with_margins(G, R, C, b, of):
    """The averages of other numbers than G²."""
    R, C = b * R + (1 - b) * of.mean(axis=1), b * C + (1 - b) * of.mean(axis=0)
    with np.errstate(all="ignore"):
        return R, C, np.outer(R, C) / R.mean()


def added_whole(G, R, C, b):
    R, C = b * R + (G**2).mean(axis=1), b * C + (G**2).mean(axis=0)
    return R, C, np.outer(R, C) / (R.mean() or 1.0)


def squared_means(G, R, C, b):
    R = b * R + (1 - b) * G.mean(axis=1) ** 2
    C = b * C + (1 - b) * G.mean(axis=0) ** 2
    with np.errstate(all="ignore"):
        return R, C, np.outer(R, C) / R.mean()


def product_alone(G, R, C, b):
    R, C, V = factored_averages(G, R, C, b)
    return R, C, V * R.mean()


def over_the_sum(G, R, C, b):
    R, C, V = factored_averages(G, R, C, b)
    return R, C, V / len(R)


def of_sizes(G, R, C, b):
    return factored_averages(np.sqrt(np.abs(G)), R, C, b)


def of_this_gradient(G, R, C, b):
    return factored_averages(G, R, C, 0.0)


def in_full(G, R, C, b):
    R, C, V = factored_averages(G, R, C, b)
    return R, C, b * np.outer(R, C) / R.mean() + (1 - b) * G**2


def axes_exchanged(G, R, C, b):
    R = b * R + (1 - b) * (G**2).mean(axis=0)
    C = b * C + (1 - b) * (G**2).mean(axis=1)
    return R, C, np.outer(R, C) / R.mean()


def sums_of_squares(G, R, C, b):
    R = b * R + (1 - b) * (G**2).sum(axis=1)
    C = b * C + (1 - b) * (G**2).sum(axis=0)
    return R, C, np.outer(R, C) / R.mean()


def from_the_old(G, R, C, b):
    return *factored_averages(G, R, C, b)[:2], np.outer(R, C) / R.mean()


# ---- 08.7 accumulation


def part_cases(rng):
    """Equal parts and a short last one, one part, one number, zeros, large ones."""
    base = np.array([[1.0, 4.0], [3.0, -2.0], [8.0, 1.0]]), np.array([4, 4, 2])
    yield base
    yield base[0], np.array([4, 4, 4])
    yield base[0], np.array([4, 4, 1])
    yield base[0], np.array([1, 4, 4])
    yield np.array([[1.0, 4.0], [3.0, -2.0], [8.0, 1.5]]), base[1]
    yield np.array([[2.5, -1.0, 0.5]]), np.array([7])
    yield np.array([[2.0], [5.0]]), np.array([3, 1])
    yield np.zeros((2, 2)), np.array([5, 2])
    yield np.array([[0.0, 70.1234], [-90.5, 0.1]]), np.array([9, 2])
    yield rng.normal(size=(3, 3)) * 80, np.array([32, 32, 16])
    yield rng.normal(size=(4, 3)) * 1e-3, np.array([32, 32, 32, 1])
    yield rng.normal(size=(4, 3)), np.array([1, 2, 3, 4])


def in_parts_of_the_first(means, sizes):
    return (means * (sizes / sizes[0])[:, None]).sum(axis=0) / len(sizes)


def halved_each_time(means, sizes):
    total = means[0]
    for mean in means[1:]:
        total = (total + mean) / 2
    return total


# ---- 08.8 warm-up and cosine


def schedule_cases(rng):
    """0, up, the joint, down, the end and after it; no warm-up, no floor, a warm-up of one."""
    base = 0.5, 4, 12, 0.1
    for k in (0, 1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 13, 20, 100):
        yield (k, *base)
    for k in (0, 1, 3, 6, 7):
        yield (k, 80.25, 0, 6, 0.0)
        yield (k, 0.003, 1, 6, 0.001)
    for k in (60, 100, 600, 1000, 1001):
        yield (k, 0.1, 100, 1000, 0.0)
    yield 0, 0.25, 0, 4, 0.05
    yield 7, 0.2, 3, 9, 0.2
    yield 9, 0.2, 3, 9, 0.0123
    yield 5, 70.1234, 2, 11, 60.5
    for k in (2, 8):
        yield from one_moved((k, *base))


def schedule(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    q = min((k - warm) / (total - warm), 1.0)
    return floor + (peak - floor) * (1 + math.cos(math.pi * q)) / 2


def measured_from_zero(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    return floor + (peak - floor) * (1 + math.cos(math.pi * min(k / total, 1.0))) / 2


def without_floor(k, peak, warm, total, floor):
    return schedule(k, peak, warm, total, 0.0)


def floor_added(k, peak, warm, total, floor):
    return schedule(k, peak, warm, total, 0.0) + (floor if k >= warm else 0.0)


def in_a_line(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    return peak + (floor - peak) * min((k - warm) / (total - warm), 1.0)


def a_whole_turn(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    q = min((k - warm) / (total - warm), 1.0)
    return floor + (peak - floor) * (1 + math.cos(2 * math.pi * q)) / 2


def one_early(k, peak, warm, total, floor):
    return schedule(k + 1, peak, warm, total, floor)


def rising_again(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    q = (k - warm) / (total - warm)
    return floor + (peak - floor) * (1 + math.cos(math.pi * q)) / 2


def warm_from_the_floor(k, peak, warm, total, floor):
    if k < warm:
        return floor + (peak - floor) * k / warm
    return schedule(k, peak, warm, total, floor)


def a_quarter_turn(k, peak, warm, total, floor):
    if k < warm:
        return peak * k / warm
    q = min((k - warm) / (total - warm), 1.0)
    return floor + (peak - floor) * math.cos(math.pi / 2 * q)


# ---- 08.9 noise


def noise_cases(rng):
    """B from 1 to n, both small and large; no noise at all."""
    yield from ((2.0, 10, 4), (2.0, 10, 1), (2.0, 10, 10), (2.0, 10, 9), (2.0, 11, 4))
    yield from ((2.5, 10, 4), (0.1, 2, 1), (75.1234, 2, 2), (0.0, 7, 3), (90.0, 442, 16))
    yield from ((1.0, 442, 64), (1e-3, 1437, 32), (0.5, 100, 25), (3.0, 1000, 1000))


def noise_of(sigma, n, B):
    alone = sigma / math.sqrt(B)
    return alone, alone * math.sqrt((n - B) / (n - 1))


def with_rest(rest):
    """The second result with another factor than √((n - B)/(n - 1))."""
    return lambda sigma, n, B: (sigma / math.sqrt(B), sigma / math.sqrt(B) * rest(n, B))


# m = 0.9 · (−0.2) + 0.1 · ½ and s = 0.999 · 0.004 + 0.001 · ¼, both corrected at t = 2
ADAM_SECOND = 0.1 * (0.13 / 0.19) / math.sqrt(0.004246 / 0.001999)

RACE = 'chapter 08, section 8.7, "Memory: momentum"'
RATES = 'chapter 08, section 8.8, "A rate for each weight"'
DECAY = 'chapter 08, section 8.11, "Weight decay beside Adam"'

EXERCISES = [
    Exercise(
        id="08.1",
        kind="by hand",
        title="The second step",
        signature="second_changes()",
        results=("momentum", "Adagrad", "RMSprop", "Adam"),
        worked=worked.second_changes,
        reference=(0.13, -0.1 * 0.5 / math.sqrt(4.25), -0.1 * 0.5 / math.sqrt(0.385), ADAM_SECOND),
        atol=5e-5,  # asked for four decimals
        rtol=0.0,
        mistakes=(
            Mistake(
                "sgd",
                "You took the newest gradient alone: that is plain gradient descent, and it needs "
                "no first gradient. Each of the four remembers it.",
                (-0.05, -0.05, -0.05, -0.05),
                section=RATES,
            ),
            Mistake(
                "fresh",
                "You began with an empty memory, as if −2 had not come before.",
                (-0.05, -0.1, -0.1 * 0.5 / math.sqrt(0.025), -0.1),
                section=RATES,
                alone=True,
            ),
            Mistake(
                "rate",
                "The rate is missing: η is 0.1.",
                (1.3, -0.5 / math.sqrt(4.25), -0.5 / math.sqrt(0.385), 10 * ADAM_SECOND),
                section=RATES,
                alone=True,
            ),
            Mistake(
                "root",
                "You divided by the memory of the squares, not by its root.",
                (
                    0.13,
                    -0.1 * 0.5 / 4.25,
                    -0.1 * 0.5 / 0.385,
                    0.1 * (0.13 / 0.19) / (0.004246 / 0.001999),
                ),
                section=RATES,
                alone=True,
            ),
            Mistake(
                "nocorr",
                "Your Adam is not corrected: m over 1 − 0.9², s over 1 − 0.999².",
                (0.13, -0.0243, -0.0806, 0.1 * 0.13 / math.sqrt(0.004246)),
                section=RATES,
            ),
            Mistake(
                "swap",
                "You exchanged Adagrad and RMSprop. Adagrad adds the squares up, RMSprop averages "
                "them.",
                (0.13, -0.0806, -0.0243, 0.0469),
                section=RATES,
            ),
            Mistake(
                "sign",
                "All signs are turned. The task asks for the change of w, which runs against the "
                "remembered gradient.",
                (-0.13, 0.0243, 0.0806, -0.0469),
                section=RATES,
            ),
            Mistake(
                "first",
                "Those are the first changes, after −2 alone. The task asks for the second ones.",
                (0.2, 0.1, 0.1 * 2 / math.sqrt(0.4), 0.1),
                section=RATES,
            ),
            Mistake(
                "ema",
                "You averaged the velocity, with 0.1 · g. Here, as in PyTorch, it adds the whole "
                "gradient.",
                (0.013, -0.0243, -0.0806, 0.0469),
                section=RACE,
            ),
            Mistake(
                "both",
                "You added up the changes of both steps. The task asks for the second one alone.",
                (0.33, 0.0757, 0.2356, 0.1469),
                section=RATES,
            ),
        ),
        hints=(
            "Write down the memory after the gradient −2: v, s, s, and m with s.",
            "Then the same line once more with ½, starting from these numbers.",
            "Momentum: v = 0.9 · (−2) + ½. The other three divide by the root of their s, and "
            "Adam first divides its m by 0.19 and its s by 0.001999.",
        ),
        section=RATES,
        proves="Four optimizers, one pair of gradients: what is remembered decides the step.",
    ),
    Exercise(
        id="08.2",
        kind="implement",
        title="The best rate for many curvatures",
        signature="best_rate(lams)",
        worked=worked.best_rate,
        results=("eta", "factor"),
        reference=tied_rate,
        cases=curvature_cases,
        mistakes=(
            Mistake(
                "cliff",
                "Your rate is 2/λmax, the limit itself. There the steepest direction leaps from "
                "side to side for ever.",
                with_its_factor(lambda lams: 2 / lams.max()),
            ),
            Mistake(
                "one",
                "Your rate is 1/λmax: exact in the steepest direction at once, and slow in the "
                "flattest. It may be longer.",
                with_its_factor(lambda lams: 1 / lams.max()),
            ),
            Mistake(
                "mean",
                "You took the mean of all curvatures. Those between the ends do not matter: "
                "neither do they run away first nor are they slowest.",
                with_its_factor(lambda lams: 1 / lams.mean()),
            ),
            Mistake(
                "sum",
                "You divided by the sum of all curvatures. Only the smallest and the largest "
                "decide.",
                with_its_factor(lambda lams: 2 / lams.sum()),
            ),
            Mistake(
                "ends",
                "You took the first and the last curvature. They come in any order.",
                lambda lams: tied_rate(lams[[0, -1]]),
            ),
            Mistake(
                "ends in eta",
                "Your η is made of the first and the last curvature. They come in any order: the "
                "smallest and the largest decide.",
                with_its_factor(lambda lams: 2 / (lams[0] + lams[-1])),
            ),
            Mistake(
                "min",
                "Your rate is 2/λmin: the flattest direction bears it, the steepest does not.",
                with_its_factor(lambda lams: 2 / lams.min()),
            ),
            Mistake(
                "signed",
                "Your rate is right; the factor belongs without its sign, |1 − ηλ|, and it is the "
                "largest of all directions.",
                lambda lams: (tied_rate(lams)[0], -tied_rate(lams)[1]),
            ),
            Mistake(
                "fastest",
                "Your rate is right; of the factors you give the smallest. The slowest direction "
                "is the one with the largest.",
                lambda lams: (tied_rate(lams)[0], np.abs(1 - tied_rate(lams)[0] * lams).min()),
            ),
            Mistake(
                "square",
                "Your factor is that of the loss, the square of the factor of the distance.",
                lambda lams: (tied_rate(lams)[0], tied_rate(lams)[1] ** 2),
            ),
        ),
        hints=(
            "Draw |1 − ηλ| over η for two or three curvatures, and look for the lowest point of "
            "the upper edge.",
            "The upper edge is the line of the smallest curvature, then that of the largest.",
            "Where they cross, 1 − ηλmin = ηλmax − 1. Solve for η, and put it back.",
        ),
        section='chapter 08, section 8.3, "The cliff"',
        proves="Two curvatures decide, however many there are: the flattest and the steepest.",
    ),
    Exercise(
        id="08.3",
        kind="implement",
        title="One step of momentum",
        signature="momentum(w, v, g, lr, beta, nesterov)",
        worked=worked.momentum,
        results=("w", "v"),
        new=True,
        reference=after_momentum,
        cases=momentum_cases,
        mistakes=(
            Mistake(
                "ema",
                "Your velocity is an average, with (1 − β)g. Here it is a sum: the newest "
                "gradient counts in full.",
                ema,
            ),
            Mistake(
                "old",
                "You move by the velocity of before. Renew it first, then step along it.",
                by_the_old_velocity,
            ),
            Mistake(
                "inside",
                "Either your velocity holds the rate (ηg is added in place of g), or you "
                "multiplied by η twice over. The rate stands outside: v ← βv + g.",
                rate_inside,
            ),
            Mistake(
                "downhill",
                "Your velocity holds the rate and points downhill, v ← βv − ηg, and is added to w. "
                "PyTorch's, v ← βv + g, holds no rate, and η times it is subtracted.",
                rate_in_the_velocity,
            ),
            Mistake(
                "kinds",
                "The two branches are exchanged: `nesterov` is True where you step along v alone.",
                kinds_exchanged,
            ),
            Mistake(
                "nest0",
                "Either your step does not look at `nesterov`, or it takes g + β·(old v), which is "
                "the new v: plain momentum under another name. Nesterov takes the new v.",
                nesterov_by_old,
            ),
            Mistake(
                "decay",
                "You multiply the newest gradient by β as well. It is not a step old yet.",
                sum_decayed,
            ),
            Mistake(
                "alone",
                "Your Nesterov step goes along βv alone: the gradient itself is missing in it.",
                along_v_alone,
            ),
            Mistake(
                "up",
                "You go uphill: the step is subtracted.",
                lambda w, v, g, lr, beta, nesterov: (
                    2 * w - after_momentum(w, v, g, lr, beta, nesterov)[0],
                    beta * v + g,
                ),
            ),
        ),
        hints=(
            "First the velocity: the old one loses a share, the gradient is added in full.",
            "Then the step: the rate times the new velocity.",
            "For Nesterov put the gradient plus β times the new velocity in the place of the "
            "velocity. Return the new velocity in either case.",
        ),
        section=RACE,
        proves="Velocity first, then the step; Nesterov counts the newest gradient once more.",
    ),
    Exercise(
        id="08.4",
        kind="find the bug",
        title="Right at the first step",
        signature="adam(w, m, s, t, g, lr, b1, b2, eps)",
        worked=worked.adam,
        results=("w", "m", "s"),
        new=True,
        reference=after_adam,
        cases=adam_cases,
        mistakes=(
            Mistake(
                "printed",
                "That is the program as it is printed: the corrected averages are stored back, "
                "and ε is added before the root.",
                as_printed,
            ),
            Mistake(
                "stored",
                "Your ε is in its place, but the corrected averages are still handed back as m "
                "and s. The next step would correct them once more.",
                stored_back,
            ),
            Mistake(
                "epsin",
                "m and s are right now. ε still stands inside the root; it is added to the root.",
                eps_inside,
            ),
            Mistake(
                "nocorr",
                "You removed the correction. It belongs into the step, and not into what is "
                "handed back.",
                uncorrected,
            ),
            Mistake(
                "monly",
                "You correct m alone. s begins at 0 as well.",
                only_m_corrected,
            ),
            Mistake(
                "count",
                "You correct with t + 1. t counts from 1, and this is step t.",
                counted_on,
            ),
            Mistake(
                "noexp",
                "You divide by 1 − β, whatever the step. The weights in the average add up to "
                "1 − β to the power t.",
                corrected_by_beta,
            ),
            Mistake(
                "product",
                "You correct with 1 − β·t. It is 1 − β to the power t: `b1**t`.",
                corrected_by_a_product,
            ),
            Mistake(
                "swap",
                "b1 and b2 are exchanged: b1 belongs to the average of g, b2 to that of g².",
                betas_exchanged,
            ),
            Mistake(
                "abs_",
                "You average |g| in place of g².",
                by_size,
            ),
            Mistake(
                "epslate",
                "You add ε to the uncorrected root, and correct afterwards. That makes ε larger "
                "in the first steps; it is added to the corrected root.",
                eps_under_uncorrected,
            ),
        ),
        hints=(
            "What is handed back at step 1 is what arrives at step 2. By what has it been "
            "divided already?",
            "Give the corrected averages names of their own.",
            "And read the last line again: where does the chapter add ε, to s or to its root?",
        ),
        section=RATES,
        proves="The corrected averages are used and not stored; at t = 1 nobody sees it.",
    ),
    Exercise(
        id="08.5",
        kind="find the bug",
        title="Decay beside the gradient",
        signature="adamw(w, m, s, t, g, lr, b1, b2, eps, wd)",
        worked=worked.adamw,
        results=("w", "m", "s"),
        new=True,
        reference=after_adamw,
        cases=adamw_cases,
        mistakes=(
            Mistake(
                "l2",
                "That is still L2 inside Adam: λw goes through both averages and is divided by "
                "the root. AdamW leaves g alone.",
                l2_inside,
            ),
            Mistake(
                "nolr",
                "You shrink w by λ, not by ηλ. That is the form of the paper; PyTorch and the "
                "chapter multiply by the rate.",
                decay_as_in_the_paper,
            ),
            Mistake(
                "after",
                "You shrink the w that Adam has moved already. The decay belongs to the old w.",
                decay_after,
            ),
            Mistake(
                "plus",
                "Your weights grow: it is 1 − ηλ.",
                decay_upwards,
            ),
            Mistake(
                "scaled",
                "Your decay has left the averages, but is still divided by the root.",
                decay_scaled,
            ),
            Mistake(
                "none",
                "You took the decay out of the gradient and did not put it anywhere else.",
                no_decay,
            ),
            Mistake(
                "twice",
                "You decay twice: beside the gradient, and still inside it.",
                both_decays,
            ),
        ),
        hints=(
            "Try a gradient of 0 with empty averages: by what should w shrink, and by what does "
            "it shrink here?",
            "Then what has λ in it must not pass through m, s or the root.",
            "Shrink w before Adam's own step, by a factor that holds the rate and λ.",
        ),
        section=DECAY,
        proves="Decay acts on the weight itself: the size of the gradients does not change it.",
    ),
    Exercise(
        id="08.6",
        kind="implement",
        title="A matrix from its margins",
        signature="factored(G, R, C, b)",
        worked=worked.factored,
        results=("R", "C", "V"),
        new=True,
        reference=factored_averages,
        cases=factored_cases,
        mistakes=(
            Mistake(
                "nonorm",
                "Your V is the product of the averages alone, the square of a square. Divide by "
                "their mean.",
                product_alone,
            ),
            Mistake(
                "sumnorm",
                "You divide by the sum of R, not by its mean.",
                over_the_sum,
            ),
            Mistake(
                "unsquared",
                "You average G, not G².",
                lambda G, R, C, b: with_margins(G, R, C, b, G),
            ),
            Mistake(
                "old norm",
                "You divide by the mean of the old R. It is the new one that V is made of.",
                lambda G, R, C, b: (
                    *factored_averages(G, R, C, b)[:2],
                    product_alone(G, R, C, b)[2] / (R.mean() or 1.0),
                ),
            ),
            Mistake(
                "abs_",
                "You average |G|, not G².",
                of_sizes,
            ),
            Mistake(
                "nodecay",
                "You forget what was: R and C are averages over the steps, b of the old and "
                "1 − b of the new.",
                of_this_gradient,
            ),
            Mistake(
                "whole",
                "You add the new means whole, as momentum adds a gradient. In an average they "
                "count 1 − b.",
                added_whole,
            ),
            Mistake(
                "squared means",
                "You squared the means of G. The task asks for the means of G²: square first.",
                squared_means,
            ),
            Mistake(
                "full",
                "Your V mixes in G² itself, number by number. Then it would have to be kept in "
                "full; it is made of R and C alone.",
                in_full,
            ),
            Mistake(
                "axes",
                "The axes are exchanged: R has one number for each row, its mean over the columns.",
                axes_exchanged,
                verdict=BROKEN,
            ),
            Mistake(
                "sums",
                "You added up rows and columns of G². The task asks for their means.",
                sums_of_squares,
            ),
            Mistake(
                "old",
                "R and C are right; your V is made of the old ones.",
                from_the_old,
            ),
        ),
        hints=(
            "Square G, and take the mean along each of the two axes.",
            "Mix them into R and C; then V comes from the new R and C alone.",
            "Row i, column j: R[i] · C[j], over the mean of all R.",
        ),
        section=RATES,
        proves="n + m numbers remember the sizes of n · m gradients, as far as they have rank one.",
    ),
    Exercise(
        id="08.7",
        kind="find the bug",
        title="A short last part",
        signature="accumulate(means, sizes)",
        worked=worked.accumulate,
        new=True,
        reference=lambda means, sizes: (means * sizes[:, None]).sum(axis=0) / sizes.sum(),
        cases=part_cases,
        mistakes=(
            Mistake(
                "sum",
                "That is the sum of the means, as in the program: with k equal parts k times the "
                "gradient of the large batch, a hidden learning rate.",
                lambda means, sizes: means.sum(axis=0),
            ),
            Mistake(
                "plain",
                "You averaged the means as if all parts had the same size. The samples of a short "
                "part then count more than the others.",
                lambda means, sizes: means.mean(axis=0),
            ),
            Mistake(
                "last",
                "Only the last part has arrived.",
                lambda means, sizes: means[-1],
            ),
            Mistake(
                "divn",
                "You added up the means and divided by the number of samples. A mean has been "
                "divided already.",
                lambda means, sizes: means.sum(axis=0) / sizes.sum(),
            ),
            Mistake(
                "divk",
                "You undid each mean rightly, and then divided by the number of parts. Divide by "
                "the number of samples.",
                lambda means, sizes: (means * sizes[:, None]).sum(axis=0) / len(sizes),
            ),
            Mistake(
                "total",
                "That is the sum over all samples. The large batch would take their mean.",
                lambda means, sizes: (means * sizes[:, None]).sum(axis=0),
            ),
            Mistake(
                "first size",
                "You measure the parts by the first one, and divide by their number. Divide by "
                "the sum of what you multiplied with.",
                in_parts_of_the_first,
            ),
            Mistake(
                "halves",
                "You take the mean of the mean so far and the next one: the last part then counts "
                "one half, whatever its size.",
                halved_each_time,
            ),
            Mistake(
                "whole numbers",
                "Your shares are whole numbers, `//`: 0 for each part where there are several.",
                lambda means, sizes: (sizes // sizes.sum()) @ means,
            ),
            Mistake(
                "inverse",
                "You divided each mean by its size once more. A mean times its size is the sum.",
                lambda means, sizes: (means / sizes[:, None]).sum(axis=0),
            ),
        ),
        hints=(
            "From the mean of a part, how do you get back the sum over its samples?",
            "Add up these sums: they are the sum over all samples.",
            "Then one division, by the number of all samples.",
        ),
        section='chapter 08, section 8.13, "Many small batches, one step"',
        proves="Weighted by their sizes the parts are the large batch: no larger, no smaller.",
    ),
    Exercise(
        id="08.8",
        kind="implement",
        title="Warm-up, cosine, floor",
        signature="rate(k, peak, warm, total, floor)",
        worked=worked.rate,
        reference=schedule,
        cases=schedule_cases,
        mistakes=(
            Mistake(
                "jump",
                "Your cosine starts at step 0, not at the end of the warm-up, and so the rate "
                "jumps where the two should meet.",
                measured_from_zero,
            ),
            Mistake(
                "nofloor",
                "Your rate falls to 0, not to the floor.",
                without_floor,
            ),
            Mistake(
                "cut",
                "Your cosine falls to 0 and is cut off at the floor. It goes from peak to floor, "
                "and is flat there.",
                lambda k, peak, warm, total, floor: (
                    schedule(k, peak, warm, total, floor)
                    if k < warm or k >= total
                    else max(floor, without_floor(k, peak, warm, total, floor))
                ),
            ),
            Mistake(
                "floor after",
                "Your cosine falls to 0, and the rate jumps to the floor at the end. It goes from "
                "peak to floor.",
                lambda k, peak, warm, total, floor: (
                    floor if k >= total else without_floor(k, peak, warm, total, floor)
                ),
            ),
            Mistake(
                "zero after",
                "After step `total` your rate is 0. It stays at the floor.",
                lambda k, peak, warm, total, floor: (
                    0.0 if k > total else schedule(k, peak, warm, total, floor)
                ),
            ),
            Mistake(
                "joint",
                "With `warm` = 0 you divide by 0. In step `warm` the cosine begins already: `<`, "
                "not `<=`.",
                lambda k, peak, warm, total, floor: (
                    peak * k / warm if k <= warm else schedule(k, peak, warm, total, floor)
                ),
                verdict=BROKEN,
            ),
            Mistake(
                "added",
                "You added the floor to a whole cosine, so the peak is too high by it. The cosine "
                "goes from peak to floor.",
                floor_added,
            ),
            Mistake(
                "lin",
                "Your rate falls in a straight line. Ends and joint are right; between them half "
                "a cosine is asked for.",
                in_a_line,
            ),
            Mistake(
                "full",
                "Your cosine makes a whole turn and comes back to the peak. Half a turn, π, is "
                "enough.",
                a_whole_turn,
            ),
            Mistake(
                "off",
                "You are one step ahead: at k = 0 the rate is that of step 1.",
                one_early,
            ),
            Mistake(
                "after",
                "After the last step your cosine goes on, and the rate rises again. It stays at "
                "the floor.",
                rising_again,
            ),
            Mistake(
                "warmfloor",
                "Your warm-up begins at the floor. It begins at 0.",
                warm_from_the_floor,
            ),
            Mistake(
                "quarter",
                "Your curve is a quarter of a turn, cos(πq/2): it comes down steeply at the end. "
                "Half a turn, moved and halved, is flat at both ends.",
                a_quarter_turn,
            ),
        ),
        hints=(
            "What is the rate at k = warm, seen from both sides?",
            "For the fall, count from warm: a progress q from 0 to 1, and no further.",
            "½(1 + cos πq) goes from 1 to 0. Stretch it between peak and floor.",
        ),
        section='chapter 08, section 8.12, "Finding the rate, and lowering it"',
        proves="A schedule meets at its joint, ends at its floor, and stays there.",
    ),
    Exercise(
        id="08.9",
        kind="predict",
        title="The noise of a batch",
        signature="noise(sigma, n, B)",
        worked=worked.noise,
        results=("with replacement", "without"),
        reference=noise_of,
        cases=noise_cases,
        mistakes=(
            Mistake(
                "lin",
                "You divided by B. Independent errors add up as squares, so the mean is off by "
                "σ over the root of B.",
                lambda sigma, n, B: (
                    sigma / B,
                    sigma / B * math.sqrt((n - B) / (n - 1)),
                ),
            ),
            Mistake(
                "same",
                "Your two results are the same. Without replacement the whole set has no noise "
                "at all: B = n.",
                with_rest(lambda n, B: 1.0),
            ),
            Mistake(
                "n0",
                "Almost: (n − B)/n is a little too small. One sample alone, B = 1, has the same "
                "noise in both ways of drawing.",
                with_rest(lambda n, B: math.sqrt((n - B) / n)),
            ),
            Mistake(
                "noroot",
                "(n − B)/(n − 1) belongs to the variance. Take its root.",
                with_rest(lambda n, B: (n - B) / (n - 1)),
            ),
            Mistake(
                "sq",
                "Those are the variances. The task asks for their roots.",
                lambda sigma, n, B: tuple(x * x for x in noise_of(sigma, n, B)),
            ),
            Mistake(
                "fixed",
                "Your noise does not depend on B.",
                lambda sigma, n, B: (sigma, sigma * math.sqrt((n - B) / (n - 1))),
            ),
            Mistake(
                "swap",
                "The two are exchanged: with replacement comes first, and it is the larger one.",
                lambda sigma, n, B: noise_of(sigma, n, B)[::-1],
            ),
        ),
        hints=(
            "With replacement the B errors are independent: variances add, and the mean divides "
            "their sum by B².",
            "Without, the variance gets a factor that is 1 at B = 1 and 0 at B = n.",
            "The simplest such factor is right: n − B over n − 1. It belongs to the variance.",
        ),
        section='chapter 08, section 8.6, "A gradient from a few samples"',
        proves="Four times the batch, half the noise; and none at all once everybody is in it.",
    ),
    Exercise(
        id="08.10",
        kind="read a curve",
        title="A rise is not a ruin",
        signature="four_runs()",
        results=("A", "B", "C", "D"),
        reference=("memory", "momentum", "beyond", "plain"),
        mistakes=(
            Mistake(
                "rise",
                "You took the rise of B for ruin. It comes back down, and is the first to arrive; "
                "C is the one that still rises at the end.",
                ("memory", "beyond", "momentum", "plain"),
            ),
            Mistake(
                "calm",
                "You exchanged A and D. D falls all the time, evenly; A swings, and is no nearer "
                "at the end than in the middle.",
                ("plain", "momentum", "beyond", "memory"),
            ),
            Mistake(
                "early",
                "You exchanged A and B. Both have a memory; that of B is right for this bowl, and "
                "A has too much of it.",
                ("momentum", "memory", "beyond", "plain"),
            ),
            Mistake(
                "grow",
                "You exchanged A and C. The waves of A come back again and again, C grows by the "
                "same factor in every step.",
                ("beyond", "momentum", "memory", "plain"),
            ),
            Mistake(
                "fast",
                "You exchanged B and D. D is the straight line of a constant factor, the best that "
                "a step without memory can do.",
                ("memory", "plain", "beyond", "momentum"),
            ),
            Mistake(
                "both",
                "Both pairs are exchanged: A with D, and B with C. Look at the last ten steps "
                "first: who is down, who is up?",
                ("plain", "beyond", "momentum", "memory"),
            ),
        ),
        hints=(
            "Look at the right end: one is above its start. Which rate does that?",
            "Of the other three, two are down. One of them rose at the beginning, as only a "
            "velocity can.",
            "The last one swings slowly. What does it have too much of?",
        ),
        section=RACE,
        proves="A loss may rise and the run be the best; what counts is whether it comes back.",
    ),
]
