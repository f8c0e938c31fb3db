"""Figures from arrays: one style, and one way to show a figure with its caption and alt text."""

import base64
import html
import io
import re
import sys
import zlib
from pathlib import Path

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image  # comes with matplotlib

__all__ = ["REFERENCE", "STYLE", "figure", "png", "quick_png", "show", "use_book_style"]

# How a figure looks on any machine: matplotlib's defaults lie below, not a reader's file of
# settings, which may ask for LaTeX. Where figures go, to which window or folder, is the reader's.
WHERE = re.compile(
    r"(backend|interactive|toolbar|timezone|tk|webagg|macosx|savefig\.directory)\b.*"
)
STYLE = {
    name: value
    for name, value in matplotlib.rc_params_from_file(
        Path(__file__).with_name("book.mplstyle"), use_default_template=True
    ).items()
    if not WHERE.fullmatch(name)
}
REFERENCE = {"color": "0.65", "linestyle": "-", "linewidth": 1.3, "zorder": 1}
"""How a trace kept for comparison looks: `ax.plot(x, y, **REFERENCE)`."""


def use_book_style():
    """Draw every following figure of this kernel in the style of the book."""
    matplotlib.rcParams.update(STYLE)


def figure(panels=1, size=(6.5, 3.6), stacked=False):
    """Return a new figure and its Axes (a list of Axes where there are several panels).

    The panels stand in a row, or one below the other where they are `stacked`. `size` is (width,
    height) in inches. The figure appears only when `show` is called.
    """
    grid = (panels, 1) if stacked else (1, panels)
    with matplotlib.rc_context(STYLE):
        new = Figure(figsize=size, layout="constrained")
        axes = [new.add_subplot(*grid, k + 1) for k in range(panels)]
    return new, axes[0] if panels == 1 else axes


def png(fig):
    """Return the figure as PNG bytes, at the resolution of the book and white behind."""
    buffer = io.BytesIO()
    # compress_level 1: a slider's picture must be quick, and a notebook's is small either way.
    # No Software entry: it would put matplotlib's version into every committed picture.
    fig.savefig(
        buffer,
        format="png",
        dpi=STYLE["savefig.dpi"],
        facecolor="white",
        metadata={"Software": None},
        pil_kwargs={"compress_level": 1},
    )
    return buffer.getvalue()


def quick_png(fig):
    """Return the figure as PNG bytes of 256 colours, in the time that a moving slider has.

    Half the bytes and two thirds of the time of `png`, for a `fig` at the resolution of the book.
    """
    # One Agg canvas for the life of the figure keeps its measured texts from move to move.
    canvas = fig.canvas if isinstance(fig.canvas, FigureCanvasAgg) else FigureCanvasAgg(fig)
    canvas.draw()
    pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    few = pixels.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.putpalette([255 if c > 250 else c for c in few.getpalette()])  # white stays white
    buffer = io.BytesIO()
    few.save(buffer, format="png", compress_level=1, compress_type=zlib.Z_RLE)
    return buffer.getvalue()


def png_bundle(picture, width, alt):
    """Return (data, metadata) of a PNG `width` CSS pixels wide that carries its alt text."""
    data = {"image/png": base64.b64encode(picture).decode()}
    return data, {"image/png": {"width": round(width), "alt": alt}}


def show(fig, caption, alt):
    """Display a figure with the caption under it and an alt text for those who cannot see it.

    nbconvert and the site put `alt` on the picture. JupyterLab has no place for it there, so the
    caption's HTML carries it as a labelled, invisible image. Both texts also stand in the plain
    text of the output, where the notebook tests compare them.

    Raises ValueError where a caption or an alt text is missing.
    """
    for name, text in (("caption", caption), ("alt", alt)):
        if not (isinstance(text, str) and text.strip()):
            raise ValueError(f"show: {name}= wants a sentence, got {text!r}")
    data, metadata = png_bundle(png(fig), fig.get_figwidth() * STYLE["figure.dpi"], alt)
    display({"text/plain": f"[Figure: {alt}]"} | data, metadata=metadata, raw=True)
    words = (
        f'<div style="max-width: 45rem"><span role="img" aria-label="{html.escape(alt)}"></span>'
        f"<em>{html.escape(caption, quote=False)}</em></div>"
    )
    display({"text/plain": caption, "text/html": words}, raw=True)
    if "matplotlib.pyplot" in sys.modules:  # or the inline backend shows the figure once more
        sys.modules["matplotlib.pyplot"].close(fig)
