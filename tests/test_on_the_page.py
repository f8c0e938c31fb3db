"""At least half of a chapter's exercises cannot be answered by copying one of its cells."""

import pytest
from on_the_page import STANDS, in_a_row, in_order, part, share, words

from bookutils.checks.registry import all_exercises, chapters


def copied(chapter):
    return [e.id for e in all_exercises() if e.id[:2] == chapter and share(e.id) >= STANDS]


@pytest.mark.slow
@pytest.mark.parametrize("chapter", chapters())
def test_half_of_the_exercises_ask_for_something_new(chapter, record_property):
    ids = [e.id for e in all_exercises() if e.id[:2] == chapter]
    there = copied(chapter)
    record_property(
        "measured", f"answers on the page: chapter {chapter}, {len(there)} of {len(ids)}"
    )
    assert 2 * len(there) <= len(ids), f"the answers to {', '.join(there)} stand on the page"


PAGE = """
def f(x, W, b):
    rows = {"div": ("a / b", "1 / b", "-y / b")}
    z = x @ W + b
    return np.where(z > 0, 1.0, b) * pow(x, 2)
"""


@pytest.mark.parametrize(
    "answer, expected",
    [
        ("def g(u, M, c):\n    'Its text.'\n    s = u @ M + c\n    return s", 7 / 9),
        ("def g(z, a, G):\n    return np.where(z > 0, 1, a) * G", 1.0),
        ("def g(a, b):\n    return np.where(a > 0, 1.0, b) * a**2", 1.0),
        ("def g(a, b):\n    return 1 / b, -a / b", 9 / 11),
        ("def g(a, b):\n    return a * np.exp(-b) + np.sin(a - b)", 0.0),
    ],
)
def test_names_are_seen_through(answer, expected):
    assert part(words(answer), {*in_a_row(words(PAGE))}) == pytest.approx(expected, abs=0.15)


def test_numbers_stand_in_their_order():
    assert in_order([12, 24], [1, 4, 12, 2, 24.0], 0)
    assert not in_order([24, 12], [1, 4, 12, 2, 24.0], 0)
