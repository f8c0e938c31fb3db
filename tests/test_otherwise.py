"""Wrong results that are right for other arguments, and what an answer depends on."""

import numpy as np
import pytest

from bookutils.checks.nearby import crossed
from bookutils.judge.exercise import Exercise


def exercise(reference, cases, signature, **more):
    more = {"mistakes": (), "hints": (), "cases": cases} | more
    return Exercise("99.1", "a test", signature, reference, **more)


def pairs(rng):
    def case(n):
        return rng.normal(size=(n, 3)), rng.normal(size=(n, 3)), float(rng.uniform(0.2, 0.9))

    return [case(2), *crossed(case(4), case(4)), case(1), case(1)]


weighed = exercise(lambda x, y, q: q * x * x + np.exp(y), pairs, "f(x, y, q)")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x, y, q: np.exp(y) + 0 * x, "0 in the place of `x`, as if it were left out"),
        (lambda x, y, q: x * x + np.exp(y), "1 in the place of `q`, as if it were left out"),
        (lambda x, y, q: (1 - q) * x * x + np.exp(y), "1 − `q` in the place of `q`"),
        (lambda x, y, q: q * y * y + np.exp(x), "`x` and `y` exchanged"),
        (lambda x, y, q: q * y * y + np.exp(y), "`y` in the place of `x`"),
        (lambda x, y, q: q * x * x + np.exp(-y), "−`y` in the place of `y`"),
        (lambda x, y, q: q * x * x + np.exp(y[::-1]), "the rows of `y` in opposite order"),
        (lambda x, y, q: np.log(q * x * x + np.exp(y)), "the logarithms of the right ones"),
        (lambda x, y, q: (q * x * x + np.exp(y)) * y, "the right ones times `y`"),
        (lambda x, y, q: q * (x + y) ** 2 + np.exp(y), "`x` + `y` in the place of `x`"),
        (lambda x, y, q: q * x * x + np.exp(y * q), "`y`·`q` in the place of `y`"),
        (lambda x, y, q: np.round(q * x * x + np.exp(y), 2), "rounded to 2 decimals"),
    ],
)
def test_right_for_other_arguments(answer, says):
    verdict = weighed.judge(answer)
    assert verdict.misconception == "otherwise" and says in verdict.explains, verdict


def test_other_arguments_of_one_result():
    both = exercise(
        lambda x, y, q: (x + y, x * y), pairs, "f(x, y, q)", results=("first", "second")
    )
    verdict = both.judge(lambda x, y, q: (x + y, x * x))
    assert verdict.explains == (
        "`first` is right. `second`: Your numbers would be right with `x` in the place of `y`."
    )


def test_whole_numbers_and_lists():
    def cases(rng):
        return [(n, [rng.normal(size=2) for _ in range(n)]) for n in (2, 3, 4, 5)]

    picked = exercise(lambda n, vs: vs[n - 1] * n, cases, "f(n, vs)")
    assert "`n` − 1" in picked.judge(lambda n, vs: vs[n - 2] * (n - 1)).explains
    assert "`vs` in opposite order" in picked.judge(lambda n, vs: vs[0] * n).explains


def test_nothing_is_said_of_what_holds_in_some_cases_only():
    verdict = weighed.judge(lambda x, y, q: q * x * x + np.exp(y if len(x) > 1 else -y))
    assert not verdict.misconception or "in all cases in which" in verdict.explains


def test_a_part_of_the_right_array_leaves_nothing_out():
    def cases(rng):
        old, X = rng.normal(size=2), rng.normal(size=(3, 2))
        return [(old, X + [0.0, shift]) for shift in range(4)]

    task = exercise(lambda old, X: old + X.mean(axis=0), cases, "f(old, X)")
    verdict = task.judge(lambda old, X: (old + X.mean(axis=0))[0])
    assert not verdict.right and "left out" not in verdict.explains


def test_what_is_left_out_is_seen():
    verdict = weighed.judge(lambda x, y, q: q * x * x + np.sin(x))
    assert verdict.misconception == "ignored"
    assert verdict.explains.startswith(
        "With another `y`, and all else as it was, your result stays"
    )


def test_what_should_not_count_is_seen():
    alone = exercise(lambda x, y, q: x * q, pairs, "f(x, y, q)")
    verdict = alone.judge(lambda x, y, q: x * q + np.cos(y * y))
    assert verdict.misconception == "contained" and "Does `y` enter it" in verdict.explains


def test_a_missing_return_is_no_argument_left_out():
    verdict = weighed.judge(lambda x, y, q: print(q * x * x + np.exp(y)))
    assert not verdict.misconception and "Is a `return` missing?" in verdict.says


def test_where_an_answer_is_right_is_told():
    def cases(rng):
        return [(rng.normal(size=(n, 2)),) for n in (1, 3, 1, 4, 2)]

    total = exercise(lambda x: np.exp(x.sum(axis=0)), cases, "f(x)")
    verdict = total.judge(lambda x: np.exp(x[0] + 2 * x[1:].sum(axis=0) ** 2))
    assert verdict.explains == (
        "Your result is right in all cases in which `x` has the length 1 along axis 0, and in no "
        "other."
    )


def test_an_exercise_that_breaks_on_other_arguments_breaks_nothing():
    def strict(x, q):
        if q <= 0 or np.any(x > 3):
            raise ValueError("out of range")
        return x**q

    def cases(rng):
        return [(rng.uniform(0, 3, 3), q) for q in (0.5, 1.5, 2.5, 3.5)]

    assert exercise(strict, cases, "f(x, q)").judge(lambda x, q: np.tan(x) + q).face == "wrong"


def test_a_whole_number_that_stays_where_it_should_move_by_one_leaves_nothing_out():
    def cases(other):
        return lambda rng: [*crossed((100, 11), (400, other)), (900, 3), (90, 5)]

    def answer(n, d):
        return int((n / d + 1) ** 0.5 + 1)

    near = exercise(lambda n, d: int((n / d) ** 0.5), cases(12), "f(n, d)")
    assert near.judge(answer).misconception == ""
    far = exercise(lambda n, d: n // d, cases(50), "f(n, d)")
    assert far.judge(lambda n, d: n // 10 - 1).misconception == "ignored"


def test_the_places_of_wrong_numbers_are_told():
    def cases(rng):
        return [(np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0, 0.0])) for _ in range(4)]

    task = exercise(lambda z, t: np.where(t, np.exp(z), z), cases, "f(z, t)")
    verdict = task.judge(lambda z, t: np.where(t, np.exp(z), z + np.sin(z)))
    assert "wrong only where the entry of `t` is 0" in verdict.explains
    verdict = task.judge(lambda z, t: np.exp(z) + np.sin(z) * 3)
    assert "wrong only where" not in verdict.explains
