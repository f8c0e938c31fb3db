"""The style tells lines apart without colour; a shown figure carries caption and alt text."""

import base64
import io

import matplotlib
import numpy as np
import pytest
from matplotlib import colors
from matplotlib import pyplot as plt
from PIL import Image

from bookutils.page import plotting


def luminance(color):
    """Return the relative luminance of WCAG 2.1."""
    rgb = np.array(colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


# Machado, Oliveira and Fernandes (2009), severity 1: linear RGB as seen without one cone
SEEN = {
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
}


def test_every_line_of_the_cycle_has_its_own_colour_and_its_own_dashes():
    cycle = list(plotting.STYLE["axes.prop_cycle"])
    assert len(cycle) >= 6
    assert len({entry["color"] for entry in cycle}) == len(cycle)
    assert len({str(entry["linestyle"]) for entry in cycle}) == len(cycle)


@pytest.mark.parametrize("matrix", SEEN.values(), ids=SEEN)
def test_the_first_four_colours_stay_apart_for_a_colour_blind_reader(matrix):
    cycle = [entry["color"] for entry in plotting.STYLE["axes.prop_cycle"]][:4]
    seen = [np.clip(np.array(matrix) @ colors.to_rgb(color), 0, 1) for color in cycle]
    gaps = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(gaps) > 0.15  # red and green of equal lightness come as near as 0.05


def test_lines_of_the_cycle_stand_out_from_white_paper():
    for entry in plotting.STYLE["axes.prop_cycle"]:
        assert 1.05 / (luminance(entry["color"]) + 0.05) > 2, entry


def test_a_figure_has_its_panels_and_is_unknown_to_pyplot():
    fig, ax = plotting.figure()
    assert fig.axes == [ax]
    fig, axes = plotting.figure(panels=3, size=(9, 3))
    assert fig.axes == axes
    assert len(axes) == 3
    assert tuple(fig.get_size_inches()) == (9, 3)
    assert plt.get_fignums() == []


def test_figures_wear_the_style_without_changing_the_kernel():
    before = matplotlib.rcParams["axes.spines.top"]
    _, ax = plotting.figure()
    assert not ax.spines["top"].get_visible()
    assert matplotlib.rcParams["axes.spines.top"] == before


def test_use_book_style_changes_the_kernel():
    with matplotlib.rc_context():
        plotting.use_book_style()
        assert matplotlib.rcParams["axes.spines.top"] is False


def test_png_has_the_size_it_promises_is_white_and_repeats_to_the_byte():
    def picture():
        fig, ax = plotting.figure(size=(4, 2))
        ax.plot([0, 1], [1, 0])
        return plotting.png(fig)

    image = np.asarray(Image.open(io.BytesIO(picture())).convert("RGB"))
    assert image.shape == (2 * 165, 4 * 165, 3)
    assert (image[0, 0] == 255).all()
    assert image.min() < 200
    assert picture() == picture()


@pytest.fixture
def displayed(monkeypatch):
    """The outputs that `show` sends, as (data, metadata)."""
    outputs = []

    def display(data, metadata=None, raw=False):
        assert raw
        outputs.append((data, metadata))

    monkeypatch.setattr(plotting, "display", display)
    return outputs


def test_show_carries_caption_and_alt_text(displayed):
    fig, ax = plotting.figure(size=(5, 3))
    ax.plot([0, 1], [1, 0])
    plotting.show(fig, "It falls & falls.", 'A "falling" line.')
    (picture, metadata), (words, _) = displayed
    assert base64.b64decode(picture["image/png"]) == plotting.png(fig)
    assert metadata["image/png"] == {"width": 550, "alt": 'A "falling" line.'}
    assert picture["text/plain"] == '[Figure: A "falling" line.]'
    assert words["text/plain"] == "It falls & falls."
    assert "It falls &amp; falls." in words["text/html"]
    assert 'aria-label="A &quot;falling&quot; line."' in words["text/html"]


@pytest.mark.parametrize(("caption", "alt"), [("", "x"), ("x", "  "), ("x", None)])
def test_show_refuses_a_figure_without_words(caption, alt):
    with pytest.raises(ValueError, match="wants a sentence"):
        plotting.show(plotting.figure()[0], caption, alt)


def test_show_closes_a_pyplot_figure_so_that_it_appears_once(displayed):
    fig, _ = plt.subplots()
    plotting.show(fig, "Nothing.", "Empty axes.")
    assert plt.get_fignums() == []


def test_the_quick_picture_is_the_same_to_the_eye():
    fig, ax = plotting.figure()
    ax.plot([0, 1, 4, 9], label="squares")
    ax.legend()
    slow = np.asarray(Image.open(io.BytesIO(plotting.png(fig))).convert("RGB"), dtype=float)
    fig.set_dpi(plotting.STYLE["savefig.dpi"])
    quick = np.asarray(Image.open(io.BytesIO(plotting.quick_png(fig))).convert("RGB"), dtype=float)
    assert quick.shape == slow.shape
    off = np.abs(quick - slow).max(axis=2)
    assert off.mean() < 1  # of 255: flat colours are kept
    assert (off > 32).mean() < 0.002  # the edge of a letter may be rounded to another grey


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"text.usetex": True, "font.family": "serif"},
        {"savefig.bbox": "tight", "savefig.transparent": True, "savefig.pad_inches": 1.0},
        {"axes.xmargin": 0.4, "lines.marker": "o", "xtick.direction": "in", "axes.titlepad": 30.0},
        {"figure.autolayout": True, "path.sketch": (1.0, 100.0, 2.0), "axes.unicode_minus": False},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_settings_of_a_reader_change_no_figure(settings):
    def picture():
        plotting.use_book_style()
        fig, ax = plotting.figure(size=(4, 2))
        ax.plot([-1, 1], [1, 0], label="a line")
        ax.set_title("$x^2$")
        ax.legend()
        return plotting.png(fig)

    with matplotlib.rc_context():
        right = picture()
    with matplotlib.rc_context(settings):
        assert picture() == right


def test_a_reader_keeps_the_window_that_figures_go_to():
    own = {"toolbar": "None", "timezone": "Asia/Tokyo", "savefig.directory": "/"}
    with matplotlib.rc_context(own):
        plotting.use_book_style()
        assert {name: matplotlib.rcParams[name] for name in own} == own
        assert not {"backend", "interactive"} & set(plotting.STYLE)
