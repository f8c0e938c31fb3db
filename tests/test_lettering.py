"""Numbers as they are written, and widths that no font exceeds."""

import math

import pytest
from fonts import widest

from bookutils.page.lettering import number, text_width


def test_text_width_is_an_upper_bound():
    for c in map(chr, [*range(32, 127), *map(ord, "−×÷∂·∞…ηδθλσ²")]):
        for bold in (False, True):
            assert widest(c, 10, bold) <= text_width(c, 10, bold), (c, bold)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (-15.0, "−15"), (9.5, "9.5"), (0.0, "0"), (-0.0, "0"), (1 / 3, "0.3333"), (22, "22"),
        (235146, "235146"), (1.2345678e7, "1.235e7"), (-2.5e-9, "−2.5e−9"), (math.inf, "∞"),
        (-math.inf, "−∞"), (math.nan, "nan"), (True, "1"),
    ],
)  # fmt: skip
def test_numbers(x, text):
    assert number(x) == text
