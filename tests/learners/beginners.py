"""Wrong answers to chapter 00, written from its text alone: 37 of 47 told at first sight."""

import math

from learners.lot import Lot

ANSWERS = Lot()

UNTOLD = {
    ("00.0", "whole numbers only: int first"),
    ("00.1", "divided by the rate"),
    ("00.1", "ten steps"),
    ("00.2", "3 in place of 3 times"),
    ("00.2", "C, then B twice: (2*3+1)*3*3+1"),
}


def printed(w):
    print((w - 3) ** 2)


def no_return(w):
    result = (w - 3) ** 2  # noqa: F841


def assigned(w):
    w = 4.5
    return (w - 3) ** 2


ANSWERS["00.0"] = {
    "^ for the power": lambda w: (w - 3) ^ 2,
    "times 2 in place of the square": lambda w: (w - 3) * 2,
    "brackets forgotten: w minus 9": lambda w: w - 3**2,
    "w² - 3: square of w alone": lambda w: w**2 - 3,
    "w² - 9: square drawn into the bracket": lambda w: w**2 - 9,
    "plus for minus": lambda w: (w + 3) ** 2,
    "printed, not returned": printed,
    "result kept in a name, not returned": no_return,
    "the number of the example written in": assigned,
    "the slope in place of the height": lambda w: 2 * (w - 3),
    "half of the square": lambda w: (w - 3) ** 2 / 2,
    "root of the square: the distance": lambda w: math.sqrt((w - 3) ** 2),
    "multiplied out, middle term wrong: w² - 3w + 9": lambda w: w**2 - 3 * w + 9,
    "whole numbers only: int first": lambda w: (int(w) - 3) ** 2,
    "a string": lambda w: f"{(w - 3) ** 2}",
    "minimum at 2": lambda w: (w - 2) ** 2,
    "rounded to one decimal": lambda w: round((w - 3) ** 2, 1),
    "2 to the power": lambda w: 2 ** (w - 3),
}


def step_in_list(w, slope, lr):
    return [w - lr * slope]


def loop(w, slope, lr):
    for _ in range(10):
        w = w - lr * slope
    return w


ANSWERS["00.1"] = {
    "uphill": lambda w, slope, lr: w + lr * slope,
    "rate forgotten": lambda w, slope, lr: w - slope,
    "slope forgotten": lambda w, slope, lr: w - lr,
    "brackets: (w - lr) slope": lambda w, slope, lr: (w - lr) * slope,
    "size of the slope: wrong for negative ones": lambda w, slope, lr: w - lr * abs(slope),
    "the step alone, not where it ends": lambda w, slope, lr: -lr * slope,
    "order of the difference": lambda w, slope, lr: lr * slope - w,
    "divided by the rate": lambda w, slope, lr: w - slope / lr if lr else w,
    "only the sign of the slope": lambda w, slope, lr: w - lr * (1 if slope > 0 else -1),
    "w in the place of the slope": lambda w, slope, lr: w - lr * w,
    "ten steps": loop,
    "a list": step_in_list,
    "rate 0.2 of the example written in": lambda w, slope, lr: w - 0.2 * slope,
    "squared slope": lambda w, slope, lr: w - lr * slope**2,
    "twice: slope of the bowl instead": lambda w, slope, lr: w - lr * 2 * (w - 3),
    "stops at 0": lambda w, slope, lr: max(w - lr * slope, 0),
    "sum of slope and rate": lambda w, slope, lr: w - (lr + slope),
}
ANSWERS["00.2"] = {
    "each cell once: A, B, C": 7,
    "A, C, B, C, B: the other order": 27,
    "last C forgotten": 21,
    "B adds 3": 10,
    "only the last run of each cell counts": 7.0,
    "B twice, C once at the end": 19,
    "A forgotten: starts at 0": 4,
    "A runs again before the second B": 7,
    "3 in place of 3 times": 9,
    "C, then B twice: (2*3+1)*3*3+1": 64,
    "w = 2 3 1": "22",
    "runs B C once more": 67,
}
