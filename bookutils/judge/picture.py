"""Two small arrays and their difference, side by side, as one picture."""

from html import escape
from math import isfinite

import numpy as np

MOST = 24  # rows or columns that still make a small picture
WRITTEN = 8  # columns up to which each number is written into its cell
BELOW, ABOVE = (0, 114, 178), (213, 94, 0)  # the book's blue and orange: minus and plus


def pictured(want, got):
    """The pair of arrays worth a picture, or None: a numeric array, or the first in a tuple that
    differs, of one or two axes and at most 24 by 24 entries.
    """
    if isinstance(want, tuple):
        pairs = zip(want, got, strict=True)
        pairs = [p for p in pairs if isinstance(p[0], np.ndarray) and not np.array_equal(*p)]
        want, got = pairs[0] if pairs else (None, None)
    if not isinstance(want, np.ndarray) or want.ndim not in (1, 2) or want.dtype.kind not in "fiu":
        return None
    want, got = np.atleast_2d(want).astype(float), np.atleast_2d(got).astype(float)
    return (
        (want, got)
        if want.shape == got.shape and 1 < want.size and max(want.shape) <= MOST
        else None
    )


def side_by_side(want, got):
    """SVG of the arrays (rows, columns) yours, expected and difference; what differs is framed.

    Blue is negative, orange positive, deeper is larger; small arrays carry their numbers.
    """
    rows, columns = want.shape
    written = columns <= WRITTEN
    w, h = (58, 20) if written else (14, 14)
    difference = got - want
    wrong = ~np.isclose(got, want, rtol=1e-9, atol=1e-12)
    scale = _largest(want)
    panels = [("yours", got, scale), ("expected", want, scale)]
    panels.append(("difference", difference, _largest(difference)))
    step, parts = columns * w + 22, []
    for k, (name, array, largest) in enumerate(panels):
        x0 = k * step + 2
        parts.append(f'<text x="{x0}" y="13" font-weight="bold">{name}</text>')
        for (i, j), value in np.ndenumerate(array):
            x, y = x0 + j * w, 20 + i * h
            fill, ink = _colour(value, largest)
            frame = ' stroke="#000" stroke-width="2"' if wrong[i, j] else ' stroke="#bbb"'
            tip = f"<title>{name}[{i}, {j}] = {value:.6g}</title>"
            parts.append(
                f'<rect x="{x + 1}" y="{y + 1}" width="{w - 2}" height="{h - 2}" fill="{fill}"'
                f"{frame}>{tip}</rect>"
            )
            if written:
                parts.append(
                    f'<text x="{x + w / 2}" y="{y + h / 2 + 4}" text-anchor="middle" '
                    f'fill="{ink}" pointer-events="none">{value:.2g}</text>'
                )
    width, height = 3 * step - 18, 20 + rows * h + 4
    said = f"Yours, expected and difference, {rows} by {columns}: {wrong.sum()} entries differ."
    return (
        f'<svg role="img" aria-label="{escape(said)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" style="max-width: 100%; background: #fff; '
        'margin-top: .5em; border-radius: 4px" font-size="11" font-family="sans-serif" '
        f'fill="#222">{"".join(parts)}</svg>'
    )


def _largest(array):
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def _colour(value, largest):
    """Fill and ink of a cell: white at 0, full colour at the largest size; grey if not finite."""
    if not isfinite(value):
        return "#888", "#fff"
    share = min(1.0, abs(value) / largest)
    full = ABOVE if value > 0 else BELOW
    red, green, blue = (round(255 + share * (c - 255)) for c in full)
    return f"#{red:02x}{green:02x}{blue:02x}", "#fff" if share > 0.85 and value < 0 else "#000"
