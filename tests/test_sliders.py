"""Slider pieces and bets, moved as a reader would, without a browser."""

import ast
import io
import re
from pathlib import Path

import ipywidgets
import nbformat
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib import pyplot as plt
from PIL import Image
from test_bets import new_bet

from bookutils.page import choice, explore, linear
from bookutils.page.controls import written
from bookutils.page.sliders import TALL

X = np.linspace(0, 6, 50)
WIDGET = "application/vnd.jupyter.widget-view+json"


def compute(k, shape="sin"):
    return {"x": X, "y": getattr(np, shape)(k * X), "k": k}


def draw(ax, data, reference):
    ax.plot(data["x"], reference["y"], color="0.6")
    ax.plot(data["x"], data["y"])
    ax.set_ylim(-1.1, 1.1)


def verdict(data):
    return f"{data['k'] * 6 / (2 * np.pi):.2f} periods."


def wave(draw=draw, compute=lambda k: compute(k), k=None, **options):
    words = {"question": "How many periods?", "alt": "A wave."} | options
    return explore(
        "Waves",
        compute,
        draw,
        verdict,
        k=k or linear(0, 4, 0.5, default=1.0, label="rate k"),
        **words,
    )


def shown(piece):
    return bytes(piece._image.value), piece._words.value


# Pieces


def test_a_move_changes_picture_and_words_and_reset_brings_both_back():
    piece = wave()
    start = shown(piece)
    seen = {start}
    for k in (0.0, 2.5, 4.0):
        piece.move(k=k)
        seen.add(shown(piece))
        assert f"rate k = {written(k)}" in piece._words.value
    assert len(seen) == 4
    assert len({picture for picture, _ in seen}) == 4
    piece.reset()
    assert shown(piece) == start


def test_the_default_stays_as_reference_at_every_position():
    references = []
    piece = wave(draw=lambda ax, data, reference: references.append(reference["y"].copy()))
    piece.move(k=4.0)
    piece.move(k=0.0)
    for y in references:
        np.testing.assert_array_equal(y, np.sin(X))


def test_an_error_is_a_sentence_and_the_last_good_picture_stays():
    def fails_at_two(k):
        if k == 2:
            raise ZeroDivisionError("no <such> wave")
        return compute(k)

    piece = wave(compute=fails_at_two, pictures=[{"k": 0.0}, {"k": 1.0}, {"k": 4.0}])
    piece.move(k=1.5)
    good = piece._image.value
    with pytest.raises(ZeroDivisionError):
        piece.move(k=2.0)
    assert isinstance(piece.error, ZeroDivisionError)
    assert piece._image.value == good
    words = piece._words.value
    for part in ("rate k = 2", "ZeroDivisionError: no &lt;such&gt; wave", "fails_at_two", "1.5"):
        assert part in words
    piece.move(k=2.5)
    assert piece.error is None
    assert piece._image.value != good


def test_an_error_halfway_through_drawing_leaves_nothing_behind():
    def draw_half(ax, data, reference):
        ax.plot(X, data["y"])
        if data["k"] == 2:
            raise RuntimeError("half")

    piece = wave(draw=draw_half)
    start = shown(piece)
    with pytest.raises(RuntimeError):
        piece.move(k=2.0)
    piece.reset()
    assert shown(piece) == start


def test_a_piece_that_cannot_draw_its_default_is_its_authors_error():
    with pytest.raises(KeyError):
        wave(draw=lambda ax, data, reference: ax.plot(data["z"]))


def test_a_piece_whose_static_pictures_fail_still_has_its_sliders():
    def fails_at_the_end(k):
        return compute(k) if k < 4 else 1 / 0

    piece = wave(compute=fails_at_the_end)
    data, _ = DisplayFormatter().format(piece)
    assert WIDGET in data
    assert "ZeroDivisionError" in data["text/plain"]
    assert isinstance(piece.error, ZeroDivisionError)


def test_controls_must_be_the_arguments_of_compute():
    with pytest.raises(ValueError, match=r"compute wants \['k'\], the controls are \['h', 'k'\]"):
        wave(h=linear(0, 1))
    with pytest.raises(ValueError, match="question"):
        wave(question=None)
    with pytest.raises(ValueError, match="three pictures, not 1"):
        wave(pictures=[{"k": 1}])


@pytest.mark.slow
def test_twins_and_colour_bars_do_not_pile_up():
    def crowded(axes, data, reference):
        axes[0].twinx().plot(X, data["y"])
        axes[0].inset_axes([0.5, 0.5, 0.4, 0.4])
        axes[0].figure.colorbar(axes[0].imshow(np.eye(2)), ax=axes[0])
        axes[1].figure.colorbar(
            axes[1].imshow([[0, data["k"]]]), cax=axes[1].inset_axes([1, 0, 0.1, 1])
        )

    piece = wave(draw=crowded, panels=2)
    start = shown(piece)
    for k in (0.0, 2.0, 4.0):
        piece.move(k=k)
    assert len(piece._figure.axes) == 4
    piece.reset()
    assert shown(piece) == start
    assert plt.get_fignums() == []


@pytest.mark.parametrize(("size", "stacked"), [((7.6, 3.0), False), ((5.6, 5.2), True)])
def test_two_panels_stand_in_a_row_and_in_a_tall_picture_one_below_the_other(size, stacked):
    """As the alt text of a tall piece says, "above" and "below", and as they are in the strip."""

    def both(axes, data, reference):
        for ax in axes:
            draw(ax, data, reference)

    piece = wave(draw=both, panels=2, size=size)
    first, second = (ax.get_position() for ax in piece._figure.axes)
    assert (first.y0 > second.y1) == stacked
    assert (first.x1 < second.x0) != stacked


def test_words_of_two_panels_say_where_they_stand_only_where_it_is_so_in_the_strip_too():
    """The panels of a tall piece are stacked live and in its strip, others in the strip alone."""
    said = []
    for path in sorted(Path(__file__).parents[1].glob("chapters/*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code" or "panels=" not in cell.source:
                continue
            for call in ast.walk(ast.parse(cell.source)):
                given = {k.arg: k.value for k in getattr(call, "keywords", ())}
                if getattr(getattr(call, "func", None), "id", "") != "explore":
                    continue
                width, height = ast.literal_eval(given["size"])
                assert not re.search(r"\b(Left|Right)\b", given["alt"].value), path.stem
                if re.search(r"(?i)\bbelow\b", given["alt"].value):
                    said.append(path.stem)
                    assert height > TALL * width, (path.stem, given["alt"].value)
    assert len(said) >= 8


def test_positions_to_test_hold_every_end_default_and_a_place_between():
    piece = explore(
        "Waves", compute, draw, verdict, question="?", alt="A wave.",
        k=linear(0, 4, 0.5, default=1.0), shape=choice("sin", "cos"),
    )  # fmt: skip
    positions = piece.test_positions
    assert {p["k"] for p in positions} >= {0.0, 1.0, 4.0}
    assert len({p["k"] for p in positions}) > 3
    assert {"k": 4.0, "shape": "cos"} in positions
    assert piece.pictures == [{"k": k, "shape": "sin"} for k in (0.0, 1.0, 4.0)]


# What stands in the notebook


def test_the_output_is_a_widget_with_words_and_a_strip_of_pictures():
    piece = wave()
    data, metadata = DisplayFormatter().format(piece)
    assert data[WIDGET]["model_id"] == piece.view.model_id
    assert data["text/plain"].splitlines() == [
        "Waves",
        "How many periods?",
        "  rate k = 0: 0.00 periods.",
        "  rate k = 1: 0.95 periods.",
        "  rate k = 4: 3.82 periods.",
    ]
    assert "text/html" not in data  # it would win over the picture
    assert "A wave." in metadata["image/png"]["alt"]
    strip = np.asarray(Image.open(io.BytesIO(piece.sheet())).convert("L"))
    left, middle, right = np.array_split(strip[:, : strip.shape[1] // 3 * 3], 3, axis=1)
    assert not np.array_equal(left, middle)
    assert not np.array_equal(middle, right)
    assert wave().sheet() == piece.sheet()


def test_the_three_pictures_are_equally_high_whatever_their_sentences():
    drawn = []
    piece = explore(
        "Waves",
        lambda k: compute(k),
        lambda ax, data, reference: (draw(ax, data, reference), drawn.append(ax)),
        lambda data: "Periods. " * int(1 + 20 * data["k"]),  # 1, 4 and 14 lines
        question="?",
        alt="A wave.",
        k=linear(0, 4, 0.5, default=1.0),
    )
    drawn.clear()
    piece.sheet()
    places = [ax.get_window_extent() for ax in drawn]
    assert len(places) == 3
    # The layout is solved in floats; a pixel is the least that an eye could see.
    assert np.ptp([place.y0 for place in places]) < 1
    assert np.ptp([place.y1 for place in places]) < 1


def test_the_picture_is_described_and_its_words_are_spoken():
    words = wave(alt='A "wave" & its shadow.')._words.value
    assert 'role="img" aria-label="A &quot;wave&quot; &amp; its shadow."' in words
    assert 'aria-live="polite"' in words


def test_names_stand_beside_the_controls_and_take_no_room():
    """Read back from a browser in tests/browser/test_names.py."""
    for view in (wave().view, new_bet().view):
        (names,) = [child for child in view.children if isinstance(child, ipywidgets.Output)]
        assert names.layout.display == "none"
        (shown,) = names.outputs
        assert set(shown["data"]) == {"text/html"}


# With a bet


def test_a_bet_locks_the_sliders_until_it_is_placed():
    piece = wave(question=None, bet=new_bet())
    slider, reset = piece.widgets["k"], piece._reset
    assert slider.disabled
    assert reset.disabled
    assert piece.question == "Is $0.1 + 0.2 = 0.3$?"
    piece.bet.buttons["yes"].click()
    assert not slider.disabled
    assert not reset.disabled
    reply = piece.bet._reply.value
    assert reply.index("Now move it") < reply.index("<details>") < reply.index("Neither")
    assert "✗" not in piece.bet.buttons["yes"].description  # the answer is behind the fold
