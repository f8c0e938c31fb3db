"""Exercises of chapter 00: start here."""

from bookutils.checks import worked_00 as worked
from bookutils.checks.nearby import one_moved
from bookutils.judge.exercise import BROKEN, Exercise, Mistake


def _heights(rng):
    """Both sides of the bottom, near and far, and the bottom itself."""
    edges = (3.0, 0.0, 2.0, 4.0, 1.0, 5.0, 3.001, 2.999, -3.0, 1e6, -2e5)
    return [
        (4.5,),
        (-1.25,),
        (2.4,),
        *((w,) for w in edges),
        *((w,) for w in rng.uniform(-6, 9, 8)),
    ]


def _steps(rng):
    signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]  # of the weight and of the slope
    drawn = [
        (a * rng.uniform(0.3, 6.0), b * rng.uniform(0.2, 5.0), rng.uniform(0.01, 0.9))
        for a, b in signs * 2
    ]
    easy = (4.5, 3.0, 0.2)
    edges = [
        (2.0, 0.0, 0.1),  # at the bottom nothing moves
        (0.0, 1.5, 0.4),
        (0.0, -1.0, 1.0),
        (1.5, -2.0, 1.0),
        (-0.5, 4.0, 0.0),
        (3.0, 0.001, 0.5),
        (3.0, -0.001, 0.5),
        (5.0, 2e4, 1e-3),
        (-700.0, -90.0, 0.25),
        (1.0, 0.02, 60.0),
        (0.5, 2.5, 0.2),  # ends at 0
    ]
    return [easy, (-1.25, -2.5, 0.3), *drawn, *edges, *one_moved(easy)]


EXERCISES = [
    Exercise(
        id="00.0",
        kind="warm-up",
        title="The bowl",
        signature="bowl(w)",
        worked=worked.bowl,
        reference=lambda w: (w - 3) ** 2,
        cases=_heights,
        quantities=lambda w: {
            "|w − 3|": abs(w - 3),
            "w − 3": w - 3,
            "w + 3": w + 3,
            "3·w": 3 * w,
            "6·w": 6 * w,
        },
        mistakes=(
            Mistake(
                "precedence",
                "Without the bracket Python squares the 3 alone: `**` binds more tightly than `-`.",
                lambda w: w - 3**2,
            ),
            Mistake(
                "parts",
                "You square w and 3 one by one. The square is that of the difference.",
                lambda w: w**2 - 3**2,
            ),
            Mistake("nosquare", "You return the distance to 3, not its square.", lambda w: w - 3),
            Mistake(
                "double",
                "You multiply by 2 where the exponent 2 belongs: that is the slope of the bowl.",
                lambda w: (w - 3) * 2,
            ),
            Mistake(
                "plus",
                "Your bowl has its bottom at −3: the sign is reversed.",
                lambda w: (w + 3) ** 2,
            ),
            Mistake(
                "inside",
                "You square w and subtract 3. The square is that of the difference.",
                lambda w: w**2 - 3,
            ),
        ),
        hints=(
            "Two operations: a difference, then a power.",
            "In Python the power is written `**`; it comes before `-` unless a bracket says no.",
            "The whole line: `return (w - 3) ** 2`.",
        ),
        section="section 0.4",
        proves="The bracket comes first, the power second.",
    ),
    Exercise(
        id="00.1",
        kind="implement",
        title="One step downhill",
        signature="step(w, slope, lr)",
        worked=worked.step,
        reference=lambda w, slope, lr: w - lr * slope,
        cases=_steps,
        quantities=lambda w, slope, lr: {"`lr`·`slope`": lr * slope, "1": 1.0},
        mistakes=(
            Mistake(
                "climb",
                "You add where the rule subtracts: with the slope you walk uphill, and f grows.",
                lambda w, slope, lr: w + lr * slope,
            ),
            Mistake(
                "norate",
                "You move by the whole slope: the learning rate `lr` is left out.",
                lambda w, slope, lr: w - slope,
            ),
            Mistake(
                "change",
                "You return the move, −lr·slope. Return the place where the move ends.",
                lambda w, slope, lr: -lr * slope,
            ),
            Mistake(
                "shrink",
                "You subtract lr·w: the weight shrinks, whatever the slope says.",
                lambda w, slope, lr: w - lr * w,
            ),
            Mistake(
                "sgn",
                "Only the sign of the slope counts in your step; a steep slope moves no further.",
                lambda w, slope, lr: w - lr * (1 if slope > 0 else -1),
            ),
            Mistake(
                "abs_",
                "You took the slope without its sign, so every step goes to the left. Where the "
                "slope is negative, down is to the right.",
                lambda w, slope, lr: w - lr * abs(slope),
            ),
            Mistake(
                "still",
                "You do not move where the slope is negative. There, down is to the right.",
                lambda w, slope, lr: w - lr * max(slope, 0.0),
            ),
            Mistake(
                "noslope",
                "You subtract the learning rate alone. How far a step goes depends on the slope.",
                lambda w, slope, lr: w - lr,
            ),
            Mistake(
                "length",
                "You return lr·slope, the length of the step with the sign of the slope. Return "
                "the place where the step ends.",
                lambda w, slope, lr: lr * slope,
            ),
            Mistake(
                "share",
                "Your step is multiplied by w as well: you take a share of w away. The step is "
                "lr·slope, "
                "wherever you stand.",
                lambda w, slope, lr: w * (1 - lr * slope),
            ),
            Mistake(
                "bracket",
                "You multiply (w − lr) by the slope: the bracket stands around the wrong pair. "
                "The product "
                "lr·slope comes first, then the difference.",
                lambda w, slope, lr: (w - lr) * slope,
            ),
            Mistake(
                "one by one",
                "You subtract the learning rate and the slope one after the other. The step is "
                "their product.",
                lambda w, slope, lr: w - lr - slope,
            ),
            Mistake(
                "sign of zero",
                "Only the sign of the slope counts in your step; a steep slope moves no further.",
                lambda w, slope, lr: w - lr * ((slope > 0) - (slope < 0)),
            ),
            Mistake(
                "bowl",
                "You compute the slope of the chapter's bowl, 2(w − 3). The slope where you "
                "stand is handed "
                "to you.",
                lambda w, slope, lr: w - lr * 2 * (w - 3),
            ),
            Mistake(
                "divided",
                "You divide the learning rate by the slope. The step is their product.",
                lambda w, slope, lr: w - lr / slope if slope else w,
            ),
            Mistake(
                "divided by 0",
                "You divide the learning rate by the slope. The step is their product; at the "
                "bottom, where "
                "the slope is 0, yours is undefined.",
                lambda w, slope, lr: w - lr / slope,
                verdict=BROKEN,
            ),
            Mistake(
                "twice",
                "Your step is twice as long as it should be: lr·slope, without a factor.",
                lambda w, slope, lr: w - 2 * lr * slope,
            ),
            Mistake(
                "half",
                "Your step is half as long as it should be: lr·slope, without a factor.",
                lambda w, slope, lr: w - lr * slope / 2,
            ),
            Mistake(
                "slope twice",
                "You multiply by the slope twice. The step is lr·slope.",
                lambda w, slope, lr: w - lr * slope**2,
            ),
            Mistake(
                "places",
                "w and lr have changed places: it is lr that multiplies the slope, and w from "
                "which the step "
                "is subtracted.",
                lambda w, slope, lr: w * slope - lr,
            ),
            Mistake(
                "wrong factor",
                "In your result lr multiplies w. It multiplies the slope.",
                lambda w, slope, lr: lr * w - slope,
            ),
        ),
        hints=(
            "A positive slope means that f grows to the right. Which way is down?",
            "The length of the move is the slope times the learning rate: `lr * slope`.",
            "The new weight is the old one minus that: `w - lr * slope`.",
        ),
        section="section 0.4",
        proves="A step goes against the slope, and the learning rate says how far.",
    ),
    Exercise(
        id="00.2",
        kind="predict",
        title="What does the kernel hold?",
        signature="w_at_the_end()",
        reference=22,
        mistakes=(
            Mistake(
                "page",
                "7 is what the cells give once each, in the order of the page. The kernel knows "
                "only the order in which they ran.",
                7,
            ),
            Mistake(
                "shown",
                "19 is what the chapter's cells show: there C only shows w + 1. Here C is "
                "`w = w + 1`, and w keeps the 1.",
                19,
            ),
            Mistake(
                "fresh",
                "18 is what two runs of B make of 2. Each C adds 1 to w as well.",
                18,
            ),
            Mistake(
                "grouped",
                "20 is what you get with both runs of B before both of C: 2·3·3 + 1 + 1. "
                "The runs alternate.",
                20,
            ),
            Mistake(
                "early",
                "21 is w after the second B. One run is still to come, of C.",
                21,
            ),
            Mistake(
                "extra",
                "66 is 22·3: you ran B once more than the list says.",
                66,
            ),
            Mistake(
                "untouched",
                "2 is what A stores. B and C store something too, and A does not run again.",
                2,
            ),
            Mistake(
                "C is lost",
                "8 is what two runs of C and one of B make of 2. B runs twice as well.",
                8,
            ),
            Mistake(
                "again",
                "67 is what B, C make of 22: you ran both once more than the list says.",
                67,
            ),
            Mistake(
                "four",
                "Either your w was 0 before the first B, or B is `w = 3` for you. A stores 2, and "
                "B multiplies by 3.",
                4,
            ),
            Mistake(
                "added",
                "You added 3 in B. It multiplies by 3.",
                10,
            ),
            Mistake(
                "sum first",
                "27 is what you get where C runs before B: (2 + 1)·3, and so on. The order is B, "
                "C, B, C.",
                27,
            ),
        ),
        hints=(
            "Make a table with one row for each run: A, B, C, B, C. Beside each, w after it.",
            "After A, B, C, w is 7, and that is what the second B finds.",
            "The second B makes 7·3; the second C adds 1.",
        ),
        section="section 0.1",
        proves="The kernel remembers every run, in the order of the runs: 2, 6, 7, 21, 22.",
    ),
]
