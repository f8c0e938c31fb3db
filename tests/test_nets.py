"""The picture of a net: what it draws is the net that it was given."""

from itertools import pairwise

import pytest
from matplotlib.text import Annotation

from bookutils.page import draw_net, figure


@pytest.fixture
def ax():
    return figure()[1]


def arrows(ax):
    """The arrows drawn on `ax`, each with the places where it starts and ends."""
    return {(text.xyann, text.xy): text for text in ax.texts if isinstance(text, Annotation)}


def test_each_neuron_is_a_circle_and_each_weight_an_arrow(ax):
    places = draw_net(ax, [["a", "b"], 3, ["y"]])
    assert [len(column) for column in places] == [2, 3, 1]
    assert [text.get_text() for text in ax.texts if text.get_text()] == ["a", "b", "y"]
    circles = [tuple(float(v[0]) for v in line.get_data()) for line in ax.lines]
    assert circles == [place for column in places for place in column]
    assert list(arrows(ax)) == [
        (start, end) for left, right in pairwise(places) for start in left for end in right
    ]


def test_neurons_count_from_the_top_and_lie_gap_apart(ax):
    (column,) = draw_net(ax, [3], gap=1.5)
    assert column == [(0, 1.5), (0, 0.0), (0, -1.5)]


def test_an_arrow_can_be_left_out_and_another_stand_out(ax):
    looks = {(0, 0, 0): None, (0, 1, 0): {"color": "C1", "lw": 2.2}}
    places = draw_net(ax, [2, 2], arrow=lambda *weight: looks.get(weight, {}))
    widths = {ends: drawn.arrow_patch.get_linewidth() for ends, drawn in arrows(ax).items()}
    (top, below), (first, second) = places
    assert widths == {(below, first): 2.2, (top, second): 0.8, (below, second): 0.8}


def test_a_circle_can_look_otherwise(ax):
    draw_net(ax, [2, 1], neuron=lambda layer, i: {"mfc": "white"} if (layer, i) == (0, 1) else {})
    assert [line.get_markerfacecolor() for line in ax.lines] == ["#cfe3f1", "white", "#cfe3f1"]


def test_all_of_a_net_is_inside_the_picture(ax):
    for layers in ([1], [4, 2], [["x"], 5, ["y"], ["L"]]):
        ax.clear()
        places = draw_net(ax, layers)
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        assert all(left < x < right and low < y < high for column in places for x, y in column)
