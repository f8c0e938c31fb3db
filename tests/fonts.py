"""How wide a text is in the widest font that pictures ask for."""

from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font


def widest(text, size, bold):
    """Width of a text in DejaVu Sans, the widest font that the pictures ask for."""
    name = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    font = FT2Font(findfont(name))
    font.set_size(1000, 72)
    font.set_text(text, 0)
    return sum(font.load_char(ord(c)).linearHoriAdvance / 65536 for c in text) * size / 1000
