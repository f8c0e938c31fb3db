"""Positions of a slider: reached, exact at the ends, written as a reader writes them."""

import numpy as np
import pytest

from bookutils.page import Control, choice, linear, log_stops, stops
from bookutils.page.controls import written


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-8, "10⁻⁸"), (1e-16, "10⁻¹⁶"), (1.7783e-5, "1.8 × 10⁻⁵"), (0.001, "0.001"), (0, "0"),
     (1024, "1024"), (1_000_000, "10⁶"), (-2.5, "−2.5"), (-3e-7, "−3 × 10⁻⁷"), (1.0, "1"),
     (12345.6, "12346"), ("relu", "relu")],
)  # fmt: skip
def test_positions_are_written_as_a_reader_writes_them(value, text):
    assert written(value) == text


def test_log_stops_include_both_ends_and_exact_powers_of_ten():
    control = log_stops(1e-16, 1, default=1e-8)
    assert control.values == tuple(float(f"1e{k}") for k in range(-16, 1))
    assert (control.low, control.default, control.high) == (1e-16, 1e-8, 1)
    fine = log_stops(1e-2, 1e1, per_decade=4)
    assert len(fine.values) == 13
    assert {1e-2, 1e-1, 1.0, 10.0} <= set(fine.values)
    np.testing.assert_allclose(np.diff(np.log10(fine.values)), 0.25)


def test_linear_ends_where_it_says_and_keeps_whole_numbers_whole():
    assert linear(0, 6, default=3).values == (0, 1, 2, 3, 4, 5, 6)
    assert all(isinstance(v, int) for v in linear(1, 8).values)
    tenths = linear(0, 1, 0.1, default=0.3)
    assert tenths.values[3] == 0.3  # not 0.30000000000000004
    assert tenths.values[-1] == 1


@pytest.mark.parametrize(
    "make",
    [lambda: linear(0, 1, 0.3), lambda: linear(0, 0), lambda: linear(0, 4, default=9),
     lambda: log_stops(2, 100), lambda: log_stops(1, 100, default=3), lambda: stops(1),
     lambda: stops(1, 2, default=5), lambda: choice("a", "b", default="c"),
     lambda: Control((), None), lambda: choice(0, 1)],
)  # fmt: skip
def test_an_impossible_control_is_refused(make):
    with pytest.raises(ValueError, match=r"linear|log_stops|positions|another order"):
        make()


@pytest.mark.parametrize(
    "control",
    [linear(0, 4, 0.05, default=1.0), linear(1, 9, 2), log_stops(1e-4, 1), stops(2, 5, 10, 30),
     choice("sin", "cos", "tan")],
    ids=["float", "int", "log", "stops", "choice"],
)  # fmt: skip
def test_every_position_can_be_reached_by_the_widget(control):
    widget = control.widget("k")
    assert widget.value == control.default
    for value in control.values:
        widget.value = value
        assert widget.value == value
    assert control.between in control.values


def test_a_float_slider_shows_the_decimals_of_its_step():
    assert linear(0, 2, 0.05).widget("k").readout_format == ".2f"
    assert linear(0, 15, 2.5).widget("k").readout_format == ".1f"
