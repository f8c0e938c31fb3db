"""What a verdict says is true, short and about the learner's own numbers."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest

from bookutils.checks.registry import find
from bookutils.judge.exercise import BROKEN, EPSILONS, Exercise, Mistake, formula
from bookutils.judge.verdict import NOT_ATTEMPTED, WRONG


def exercise(reference, cases, signature="f(x)", **more):
    more = {"mistakes": (), "hints": (), "cases": cases} | more
    return Exercise("99.1", "a test", signature, reference, **more)


def arrays(rng):
    return [(rng.normal(size=(n, n + 1)),) for n in (2, 3, 4)]


def untouched():
    raise NotImplementedError("your turn")


# ---- truth values, missing returns


def test_truth_values_are_not_chance():
    verdict = find("04.8").judge(lambda G, X: X == X.max(axis=1, keepdims=True))
    assert verdict.says == "The answer is an array of True and False, expected numbers."
    assert verdict.misconception != "chance" and "Does `G` enter" in verdict.explains
    masks = exercise(lambda x: x > 0, arrays)
    assert masks.judge(lambda x: x > 0).right and masks.judge(lambda x: x >= x).face == WRONG


@pytest.mark.parametrize("id", ["00.2", "01.1", "03.3", "04.1", "04.12", "06.1"])
def test_an_answer_that_prints_in_place_of_returning_is_told(id):
    def answer():
        print("3.25 or so")

    verdict = find(id).judge(answer)
    assert verdict.face == BROKEN and verdict.says.endswith("Is a `return` missing?")
    assert "Your code printed:\n  | 3.25 or so" in repr(verdict)
    assert find(id).judge(None).face == find(id).judge(...).face == NOT_ATTEMPTED
    stub = find(id).judge(untouched)
    assert stub.face == NOT_ATTEMPTED and stub.says.startswith("Replace the last line of `")


# ---- small texts


def test_one_argument_is_handed_over():
    said = exercise(lambda x: x, arrays).judge(lambda: 3).says
    assert "1 argument is handed over" in said


def test_a_name_in_quotes_is_no_function():
    says = find("01.2").judge("central").says
    assert says == '`check` takes the function itself, without quotes: check("01.2", central).'


def test_the_nearest_exercises_are_those_of_the_chapter():
    with pytest.raises(LookupError, match=r"01\.8, 01\.7, 01\.6"):
        find("01.9")


def test_a_message_with_a_full_stop_gets_no_second():
    def answer(x):
        raise ValueError("At least two arrays.")

    says = exercise(lambda x: x, arrays).judge(answer).says
    assert says == "ValueError: At least two arrays."


def test_no_minus_zero_is_printed():
    verdict = exercise(lambda x: np.array([-0.0, x]), lambda rng: [(1.0,), (2.0,)]).judge(
        lambda x: np.array([-0.0, -x])
    )
    assert "-0" not in repr(verdict) and dict(verdict.rows)["expected"] == "[0, 2]"


def test_numbers_that_agree_differ_by_0():
    pair = exercise(lambda x: (x / 3, x), lambda rng: [(0.1,), (0.2,)])
    verdict = pair.judge(lambda x: (0.7 + x / 3 - 0.7, 3 * x))
    assert dict(verdict.rows)["difference"] == "(0, 0.2)"


def test_no_tag_is_shown_and_the_name_is_kept():
    verdict = find("00.1").judge(lambda w, slope, lr: w + lr * slope)
    assert verdict.misconception == "climb"
    assert "climb" not in repr(verdict) + verdict._repr_html_()


def test_a_matrix_in_a_call_is_laid_out():
    call = exercise(lambda x, y: 1.0, arrays, "f(x, yy)").call((np.eye(2), 3.0))
    assert call == "f(\n    x=[[1, 0],\n       [0, 1]],\n    yy=3,\n)"
    assert "<pre>" in find("04.2").judge(lambda G, X, W: (X, W))._repr_html_()


# ---- where


def test_results_are_placed_by_name_and_else_from_0():
    def reference(x):
        return x, x.sum(axis=0)

    def answer(x):
        return np.where(np.arange(x.size).reshape(x.shape) == 4, 9.0, x), x.sum(axis=0)

    cases = lambda rng: [(rng.normal(size=(2, 3)),), (rng.normal(size=(3, 3)),)]  # noqa: E731
    named = exercise(reference, cases, results=("dX", "db"))
    assert "1 of 9 results differ, at dX[1, 1]." in named.judge(answer).says
    assert "at [0][1, 1]." in exercise(reference, cases).judge(answer).says
    assert named.judge(lambda x: (x, 3.0)).says.startswith("`db` is a number, expected an array")
    pencil = exercise(((1, 2), ((3, 4), (5, 6))), None, "f()", results=("db", "dX"))
    says = pencil.judge(((1, 2), ((3, 4), (0, 6)))).says
    assert says == "1 of 6 results differ, at dX, row 2, column 1."
    assert pencil.judge(((0, 2), ((3, 4), (5, 6)))).says.endswith("at db, entry 1.")


# ---- arguments and functions that are handed over


def test_an_argument_put_back_is_shown_to_the_last_digit():
    def nudged(f, x, h):
        columns = []
        for j in range(len(x)):
            x[j] += h
            upper = f(x)
            x[j] -= 2 * h
            columns.append((upper - f(x)) / (2 * h))
            x[j] += h
        return np.stack(columns, axis=1)

    verdict = find("01.8").judge(nudged)
    assert verdict.says.startswith("You put `x` back, but for the last bit")
    assert "1.5000000000000002" in dict(verdict.rows)["x after"]


def test_an_error_inside_a_given_function_is_told_at_the_learners_line():
    cases = lambda rng: [(formula("x", "x[0] + x[1]"), 1.5), (formula("x", "x[0]"), 2.5)]  # noqa: E731
    verdict = exercise(lambda f, x: 1.0, cases, "g(f, x)").judge(
        "def g(f, x):\n    y = 2 * x\n    return f(y)\n"
    )
    assert dict(verdict.rows)["line"] == "3: return f(y)"
    assert verdict.says.endswith("inside `f`, which you called with x = 3.")


def test_a_given_function_that_calls_the_answer_is_not_said_to_be_called_by_it():
    class ByMath(find("12.project").reference):
        @staticmethod
        def slopes(a, b, y):
            return math.exp(a - y), math.exp(b - y)

    said = repr(find("12.project").judge(ByMath))
    assert "write x.exp() for math.exp(x)" in said and "which you called" not in said


# ---- factors and offsets


@pytest.mark.parametrize(
    "factor, named",
    [
        (2, "2"),
        (0.5, "1/2"),
        (-1.5, "-3/2"),
        (np.pi, "π"),
        (np.log(2), "ln 2"),
        (1 / np.log(2), "1/ln 2"),
        (0.582714, ""),
        (0.333335, ""),
    ],
)
def test_a_factor_is_named_only_when_it_is_simple(factor, named):
    verdict = exercise(lambda x: x.sum() + 7, arrays).judge(lambda x: factor * (x.sum() + 7))
    assert verdict.explains == f"All your numbers are {named} times the right ones." * bool(named)


def test_an_offset_is_named_only_when_it_is_simple():
    total = exercise(lambda x: x.sum() + 7, arrays)
    assert "above the right ones by 1/2" in total.judge(lambda x: x.sum() + 7.5).explains
    assert total.judge(lambda x: x.sum() + 7.31234).explains == ""


def test_a_hidden_number_is_not_given_away_by_a_factor():
    for id, answer in (("01.1", (6.5, 3.0, 10.75, 4.5)), ("03.1", (0.4264, 0.1706))):
        verdict = find(id).judge(answer)
        assert verdict.misconception not in ("factor", "offset"), verdict
    assert find("01.3").judge((-18, -12)).explains == ""
    assert find("01.3").judge((-8, -7)).explains == ""


def test_too_few_decimals_are_told():
    four = exercise((0.48692, 1.38629), None, "f()", rtol=0.0, atol=6e-5)
    for answer in ((0.4868, 1.3862), (0.487, 1.386)):
        assert four.judge(answer).misconception == "rounded"
    assert four.judge((0.47, 1.4)).misconception == ""


# ---- families, parts, siblings


def test_a_family_is_fitted_on_one_case_and_confirmed_on_the_others():
    eps = Mistake(
        "eps", "You add {} below.", lambda x, e=1e-8: 1 / (x + e), family=EPSILONS, section="there"
    )
    inverse = exercise(
        lambda x: 1 / x, lambda rng: [(v,) for v in (0.5, 2.0, 3.0)], mistakes=(eps,)
    )
    for e in (1e-3, 5e-7, 2e-8):
        verdict = inverse.judge(lambda x, e=e: 1 / (x + e))
        assert verdict.explains == f"You add {e:g} below." and verdict.section == "there"
    assert inverse.judge(lambda x: 1 / (x + (1e-3 if x < 1 else 1e-2))).misconception == ""
    assert inverse.judge(eps.answer).misconception == "eps"


def test_each_result_is_judged_for_itself():
    def backward(G, X):
        return G @ X.T, X.T @ G, G.sum(axis=0)

    def cases(rng):
        return [(rng.normal(size=(n, n)), rng.normal(size=(n, n))) for n in (2, 3, 4)]

    mean = Mistake("mean", "You averaged over the batch.", lambda G, X: (
        G @ X.T / len(X), X.T @ G / len(X), G.mean(axis=0)))  # fmt: skip
    layer = exercise(backward, cases, "f(G, X)", mistakes=(mean,), results=("dX", "dW", "db"))
    verdict = layer.judge(lambda G, X: (G @ X.T, (X.T @ G).T, G.mean(axis=0)))
    assert verdict.misconception == "transposed + mean"
    assert verdict.explains == (
        "`dX` is right. `dW`: transposed, rows and columns are exchanged. "
        "`db`: You averaged over the batch."
    )
    last = Mistake("last", "You averaged db alone.", lambda G, X: (
        G @ X.T, X.T @ G, G.mean(axis=0)))  # fmt: skip
    both = replace(layer, mistakes=(mean, last), _memory={})
    told = both.judge(lambda G, X: (G @ X.T, (X.T @ G).T, G.mean(axis=0))).explains
    assert told.endswith("`db`: You averaged db alone.")
    whole = layer.judge(lambda G, X: (G @ X.T, X.T @ G, G.sum()))
    assert whole.explains == (
        "`dX` and `dW` are right. `db`: You return the sum of all the numbers that are asked for: "
        "without `axis=`, `sum` leaves a single number."
    )


@pytest.mark.parametrize(
    "answer, says",
    [
        (lambda x: 2 * x.sum(axis=1), "not their shape: (2,) where (2, 1) is asked for. `keepdims"),
        (lambda x: 2 * x.sum(), "without `axis=`, `sum` leaves a single number"),
        (lambda x: 2 * x, "The sum over axis 1 is missing"),
    ],
)
def test_lost_and_extra_axes_are_told(answer, says):
    rows = exercise(lambda x: 2 * x.sum(axis=1, keepdims=True), arrays)
    assert says in rows.judge(answer).explains, rows.judge(answer)
    total = exercise(lambda x: 2 * x.sum(), arrays)
    assert "terms. The task asks for their sum" in total.judge(lambda x: 2 * x).explains


def test_siblings_are_looked_at_after_ones_own():
    tripled = Mistake("tripled", "You tripled.", lambda x: 3 * x + 1)
    other = exercise(lambda x: x * x, arrays, mistakes=(tripled,))
    own = exercise(lambda x: 2 * x + 1, arrays)
    own.siblings.append(other)
    verdict = own.judge(lambda x: 3 * x + 1)
    assert verdict.misconception == "tripled"
    assert verdict.explains == "The same numbers come from a known mistake in 99.1: You tripled."
    assert own.judge(lambda x: x * x).explains == "This is an answer to 99.1, “a test”."
    assert find("06.5") in find("06.2").siblings and find("06.2") not in find("06.2").siblings


def test_a_match_in_inf_and_nan_alone_is_a_guess():
    naive = Mistake("naive", "You took the exponential first.", lambda z: np.log(np.exp(z) + 1))
    cases = lambda rng: [(v,) for v in (800.0, 900.0, 2.0)]  # noqa: E731
    soft = exercise(lambda z: np.logaddexp(0, z), cases, "f(z)", mistakes=(naive,))
    verdict = soft.judge(lambda z: z + np.log1p(np.exp(-z)) if z < 100 else np.exp(z))
    assert verdict.explains.startswith("Only inf and NaN show it, so this is a guess: You took")


def test_another_error_of_the_same_class_is_another_mistake():
    beyond = Mistake("beyond", "You went beyond the end.", lambda x: x[len(x)], verdict=BROKEN)
    first = exercise(
        lambda x: x[0], lambda rng: [(rng.normal(size=n),) for n in (2, 3)], mistakes=(beyond,)
    )
    assert first.judge(lambda x: x[0 + x.size]).misconception == "beyond"
    assert first.judge(lambda x: x[7]).misconception == ""
    assert first.judge(lambda x: [][0]).misconception == ""


# ---- which case is shown


def test_a_small_wrong_case_is_shown_before_one_that_breaks():
    verdict = find("03.8").judge(lambda a, b: (math.log(math.exp(a) + math.exp(b)), 0.5, a))
    assert verdict.face == WRONG and verdict.call == "logaddexp_row(a=2, b=3)"
    assert "Another call breaks" in verdict.says and "OverflowError" in verdict.says


def test_the_case_shown_has_round_numbers_and_more_than_one_row():
    def cases(rng):
        return [
            (np.array([[0.123456]]),),
            (np.array([[2.0, 1.0]]),),
            (np.array([[0.5, 1.0], [2.0, -1.0]]),),
            (rng.normal(size=(2, 2)),),
        ]

    mean = exercise(lambda x: x.mean(axis=0), cases)
    assert mean.judge(lambda x: x.sum(axis=0) + 0.3).call.count("[") == 3
    assert "0.5, 1" in mean.judge(lambda x: x.sum(axis=0) + 0.3).call


def test_slow_is_told_from_endless():
    verdict = replace(find("03.9"), seconds=0.3).judge(
        "def grads(edges, root):\n"
        "    order, met = [], []\n"
        "    stack = [(root, iter(edges[root]))]\n"
        "    met.append(root)\n"
        "    while stack:\n"
        "        node, arrows = stack[-1]\n"
        "        for parent, _ in arrows:\n"
        "            if parent not in met:\n"
        "                met.append(parent)\n"
        "                stack.append((parent, iter(edges[parent])))\n"
        "                break\n"
        "        else:\n"
        "            order.append(node)\n"
        "            stack.pop()\n"
        "    G = dict.fromkeys(order, 0.0) | {root: 1.0}\n"
        "    for node in reversed(order):\n"
        "        for parent, slope in edges[node]:\n"
        "            G[parent] += slope * G[node]\n"
        "    return G\n"
    )
    assert "slow rather than endless" in verdict.says, verdict
    endless = exercise(lambda x: 1.0, arrays, seconds=0.2).judge("def f(x):\n    while True: 0\n")
    assert endless.says.endswith("as a loop without end would be.")


def test_mistakes_run_on_small_cases_first_and_stop_at_the_first_difference():
    ran = []

    def wasteful(x):
        ran.append(len(x))
        return 3 * x

    sizes = (5000, 3, 4, 2000)
    doubled = exercise(
        lambda x: 2 * x,
        lambda rng: [(rng.normal(size=n),) for n in sizes],
        mistakes=(Mistake("triple", "You tripled.", wasteful),),
    )
    assert doubled.judge(lambda x: 4 * x).misconception == "factor" and ran == [3]
    assert doubled.judge(lambda x: 3 * x).misconception == "triple"


# ---- memory between calls


def test_a_result_that_changes_later_is_wrong():
    kept = {}

    def reuses(x):
        kept.clear()
        kept.update({"sum": x.sum(), "max": x.max()})
        return kept

    both = exercise(lambda x: {"sum": x.sum(), "max": x.max()}, arrays)
    assert both.judge(reuses).says.startswith("The result of your first call changed")
    assert both.judge(lambda x: dict(sum=x.sum(), max=x.max())).right


def test_a_new_object_is_one_that_nobody_has():
    memory, answers = {}, {}

    def by_value(x):
        return memory.setdefault(x.tobytes(), {"sum": x.sum()})

    def by_object(x):
        return answers.setdefault(id(x), {"of": x, "is": {"sum": x.sum()}})["is"]

    cases = lambda rng: [(np.arange(n, dtype=float),) for n in (3, 4, 5, 6)]  # noqa: E731
    new = exercise(lambda x: {"sum": x.sum()}, cases, new=True)
    for remembers in (by_value, by_object):
        assert new.judge(remembers).says.startswith("You return the same object at every call")
    assert exercise(lambda x: {"sum": x.sum()}, cases).judge(by_value).right
    assert new.judge(lambda x: {"sum": x.sum()}).right


def test_a_later_case_is_called_twice():
    seen = set()

    def wavers(x):
        key = x.tobytes()
        again = key in seen and len(x) > 2
        seen.add(key)
        return x.sum() + again

    total = exercise(lambda x: x.sum(), arrays)
    assert total.judge(wavers).misconception == "chance"


def test_what_changes_by_itself_says_nothing_on_an_argument():
    """Cases that differ in `b` alone differ in the answer too, and so do equal ones."""
    cases = [(1.0, 2.0), (1.0, 3.0), (2.0, 2.0), (2.0, 5.0), (4.0, 1.0)]
    first = exercise(lambda a, b: 3 * a, lambda rng: cases, "f(a, b)")
    assert first.judge(lambda a, b: a * b).misconception == "contained"
    verdict = first.judge(lambda a, b: time.perf_counter())
    assert verdict.misconception == "chance" and "a clock of this machine" in verdict.explains


def test_memory_by_shape_is_named():
    memo = {}

    def remembers(x):
        return memo.setdefault(x.shape, x.sum())

    cases = lambda rng: [(rng.normal(size=n),) for n in (2, 3, 3, 2, 4)]  # noqa: E731
    verdict = exercise(lambda x: x.sum(), cases).judge(remembers)
    assert (
        verdict.misconception == "remembered" and "the shape of its arguments" in verdict.explains
    )


RELATED = [
    (lambda x, w: w * np.tanh(x * w) ** 3, "the right one times y."),
    (lambda x, w: w * np.tanh(x * w), "the right one divided by y."),
    (lambda x, w: x * np.tanh(x * w) ** 2, "the right one times `x`/`w`:"),
    (lambda x, w: np.tanh(x * w), "y."),
    (lambda x, w: w * np.tanh(x * w) ** 2 + np.tanh(x * w), "the right one plus y."),
]


@pytest.mark.parametrize(("answer", "says"), RELATED)
def test_a_quantity_on_the_way_is_named(answer, says):
    def right(x, w):
        return w * np.tanh(x * w) ** 2

    def cases(rng):
        return [tuple(map(float, rng.uniform(0.3, 1.7, 2))) for _ in range(6)]

    named = exercise(right, cases, "f(x, w)", quantities=lambda x, w: {"y": np.tanh(x * w)})
    assert says in named.judge(answer).explains
    assert named.judge(right).right


def test_a_relation_that_fails_once_is_not_said():
    def cases(rng):
        return [(float(x), 2.0) for x in rng.uniform(1, 2, 6)]

    named = exercise(lambda x, w: x * w, cases, "f(x, w)", quantities=lambda x, w: {"q": x + w})
    assert "the right one" not in named.judge(lambda x, w: x * w * (x + w + (x > 1.5))).explains


def test_a_sentence_on_one_result_is_said_beside_others():
    one = Mistake("first", "You lost the minus.", (1, 2, 3), alone=True)
    three = exercise((-1, 2, 3), None, "f()", mistakes=(one,), results=("a", "b", "c"))
    verdict = three.judge((1, 2, 7))
    assert verdict.explains == "`b` is right. `a`: You lost the minus."


def test_results_in_another_order_are_told():
    def cases(rng):
        return [tuple(map(float, rng.uniform(1, 9, 3))) for _ in range(4)]

    three = exercise(lambda a, b, c: (a, b, c), cases, "f(a, b, c)", results=("A", "B", "C"))
    said = three.judge(lambda a, b, c: (b, c, a)).explains
    assert said == "The results are right, in another order: B, C, A."


def test_exchanged_results_are_told_where_one_is_a_truth_value():
    def right(x):
        return 2 * x, float(x.sum()), bool(x[0] > 0)

    more = {"results": ("double", "total", "positive")}
    task = exercise(right, lambda rng: [(rng.normal(size=3),) for _ in range(6)], "f(x)", **more)
    said = task.judge(lambda x: (right(x)[1], right(x)[0], right(x)[2])).explains
    assert said == "Results double and total are exchanged."


# ---- guards, truth values, constants


def shares(rng):
    return [(x,) for x in ([1.0, 3.0], [2.0, 2.0], [0.0, 0.0], [5.0, 0.0, 3.0])]


def test_a_guard_against_0_by_0_hides_no_mistake():
    def unguarded(x):
        with np.errstate(all="ignore"):
            return np.array(x) / np.square(x).sum()

    squares = Mistake("squares", "You divide by the sum of the squares.", unguarded)
    right = exercise(lambda x: np.array(x) / (sum(x) or 1.0), shares, mistakes=(squares,))
    assert right.judge(unguarded).misconception == "squares"
    guarded = right.judge(lambda x: np.array(x) / (np.square(x).sum() or 1.0))
    assert guarded.misconception == "squares"
    assert right.judge(lambda x: np.array(x) / (max(x) or 1.0)).misconception != "squares"


def test_a_guard_against_what_raises_hides_no_mistake():
    def cases(rng):
        return [(2.0, 3.0), (1.5, 0.0), (4.0, -2.0), (0.5, 0.25)]

    ratio = Mistake("ratio", "You divided.", lambda x, y: x / y)
    task = exercise(lambda x, y: x * y, cases, "f(x, y)", mistakes=(ratio,))
    assert task.judge(lambda x, y: x / y if y else 0.0).misconception == "ratio"
    assert task.judge(lambda x, y: x / y if y > 0 else 0.0).misconception != "ratio"


def test_a_mistake_that_returns_an_array_without_axes_is_known_by_its_number():
    mean = Mistake("mean", "You averaged.", lambda x: np.asarray(x.mean()))
    task = exercise(lambda x: float(x.sum()), arrays, mistakes=(mean,))
    assert task.judge(lambda x: float(x.mean())).misconception == "mean"


def test_of_a_family_that_fits_one_result_twice_no_number_is_told():
    def cases(rng):
        return [(np.array([v, 2.0]),) for v in (0.5, 70.0, 80.0, 200.0)]

    clipped = Mistake(
        "clipped",
        "You clip at {}.",
        lambda x, at=10.0: (x.sum(), np.exp(-np.minimum(x[0], at))),
        family=(100.0, 90.0),
    )
    task = exercise(
        lambda x: (x.sum(), np.exp(-x[0]) + x[1]), cases, results=("a", "b"), mistakes=(clipped,)
    )
    verdict = task.judge(lambda x: (x.sum() + x[0] ** 2, np.exp(-np.minimum(x[0], 95.0))))
    assert "You clip at" not in verdict.explains


def test_small_numbers_are_not_taken_for_rounding():
    def cases(rng):
        return [(np.array([1e-17, v]),) for v in (1.0, 2.0, 3.0)]

    task = exercise(lambda x: (x, 3 * x), cases, results=("a", "b"))
    verdict = task.judge(lambda x: (x + [1e-9, 0], x * x + 1))
    assert "five digits" not in verdict.explains
    verdict = task.judge(lambda x: (np.float32(x) * np.array([1, 1 + 1e-7]), 3 * x))
    assert "five digits" in verdict.explains


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_like_every_mistake_has_none_of_them_tried_through(number):
    calls = []

    def times(x, factor):
        calls.append(factor)
        return factor * np.array(x)

    family = Mistake("factor", "You multiply by {}.", times, family=tuple(range(2, 1000)))
    many = exercise(lambda x: np.array(x), shares, mistakes=(family,))
    verdict = many.judge(lambda x: np.full(len(x), number))
    assert verdict.misconception != "factor" and len(calls) < 1100


def test_of_two_causes_of_a_false_truth_value_none_is_told():
    def found(x, flag):
        return x, flag

    two = [Mistake(name, f"You {name}.", lambda x: found(2 * x, False)) for name in ("a", "b")]
    one = Mistake("alone", "You alone.", lambda x: found(x, False))
    other = Mistake("other", "Or you.", lambda x: found(x, False))

    def told(*mistakes):
        judged = exercise(lambda x: found(x, True), arrays, mistakes=(*two, *mistakes))
        return judged.judge(lambda x: found(x, False)).misconception

    assert told(one) == "alone" and not told(one, other)


def test_a_result_that_is_the_same_for_every_input_is_told():
    bowl = exercise(lambda x: (x - 3) ** 2, lambda rng: [(2.0,), (4.5,), (-1.0,)])
    assert bowl.judge(lambda x: 2.25).misconception == "constant"
    assert "without the brackets" in bowl.judge(lambda x: [(x - 3) ** 2]).explains


def test_no_number_is_shown_as_a_rounder_one():
    near = exercise(lambda x: x + 1, lambda rng: [(0.5 + 4e-9,), (1.5,), (2.5 + 4e-9,)])
    call = near.call(near.arguments()[0])
    assert call == "f(x=0.500000004)"
    assert near.call((0.1 + 0.2,)) == "f(x=0.3)"
    assert near.call((1 / 3,)) == "f(x=0.333333)"


def test_a_place_is_told_with_all_that_its_cases_have_in_common():
    cases = [(1.0, 0.0), (1.0, 0.0), (0.5, 0.3), (2.0, 0.4)]
    places = exercise(lambda a, b: a + b, lambda rng: cases, "f(a, b)")
    said = places.judge(lambda a, b: a + b + b * math.sin(a)).explains
    assert "in which `a` is 1 and `b` is 0" in said
