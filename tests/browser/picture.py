"""The moving picture of README.md: pytest tests/browser/picture.py writes docs/slider.gif.

Not collected with the tests, since a picture has no right and wrong.
"""

import io
from pathlib import Path

from PIL import Image
from test_slider_moves import Slider

BOOK = Path(__file__).parents[2]


def test_picture(open_notebook):
    notebook = open_notebook(BOOK / "chapters" / "01_the_chain_rule.ipynb")
    notebook.run()
    slider = Slider(notebook, notebook.cell(notebook.tagged("slider")[0]))
    slider.bet()
    handle, frames = slider.handles.first, []
    handle.press("End")  # the largest step
    for _ in range(17):  # down to 1e-16
        slider.settle()
        frames.append(Image.open(io.BytesIO(slider.piece.screenshot())).convert("RGB"))
        handle.press("ArrowLeft")
    size = min(f.width for f in frames), min(f.height for f in frames)
    small = [f.crop((0, 0, *size)).quantize(64, dither=Image.Dither.NONE) for f in frames]
    small[0].save(
        BOOK / "docs" / "slider.gif",
        save_all=True,
        append_images=small[1:],
        duration=[1500] + [600] * 15 + [2500],
        loop=0,
        optimize=True,
    )
