"""Right programs of chapter 00, step by step in the letters of the texts.

`bookutils.judge.altered` changes them in small ways to see where wrong numbers come from.
"""


def bowl(w):
    return (w - 3) ** 2


def step(w, slope, lr):
    return w - lr * slope
