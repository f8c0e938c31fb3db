"""Every slider of every chapter, moved by keyboard and by mouse in JupyterLab in a Chromium."""

import base64
import io
import statistics
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from bookutils.classroom.execution import execute

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
PRESSES = 3  # each way

# With `--dist loadfile` a file stays on one worker anyway; with loadgroup this does it.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# The file of the picture, once it has been decoded
PICTURE = """async img => {
  await img.decode().catch(() => {});  // a new address may stand before its picture can be drawn
  const reader = new FileReader(), file = await (await fetch(img.src)).blob();
  await new Promise(done => { reader.onload = done; reader.readAsDataURL(file); });
  return img.naturalWidth && reader.result.split(',')[1];
}"""

# From the key's own time stamp to the frame after the new picture has been decoded.
STOPWATCH = """img => {
  window.elapsed = new Promise((done, fail) => {
    let start = null;
    window.addEventListener('keydown', e => { start = e.timeStamp; }, {capture: true, once: true});
    img.addEventListener('load', () => requestAnimationFrame(() => done(performance.now() - start)),
      {once: true});
    window.late = async () => {  // for when the kernel has answered
      await img.decode().catch(() => {});
      requestAnimationFrame(() => setTimeout(() => fail('no new picture after the key press')));
    };
  });
}"""


class Slider:
    """One slider piece on the page."""

    def __init__(self, notebook, cell):
        self.notebook, self.page = notebook, notebook.page
        self.piece = cell.locator(".book-slider")
        self.piece.wait_for()
        self.image = self.piece.locator("img")
        self.handles = self.piece.get_by_role("slider")
        self.toggles = self.piece.locator(".widget-toggle-buttons")

    def picture(self):
        return self.image.evaluate(PICTURE)

    def words(self):
        return self.piece.get_by_role("status").last.inner_text()

    def settle(self, changed_from=None):
        """Wait until all that was asked of the kernel has been answered; return the picture."""
        self.notebook.rest()
        picture = self.picture()
        assert picture and picture != changed_from, "the picture did not change"
        return picture

    def bet(self):
        """Place the bet that opens the sliders, by keyboard; without a bet there is none."""
        if (options := self.piece.locator(".book-bet button")).count():
            assert self.piece.locator(".noUi-target[disabled]").count() == self.handles.count()
            assert self.piece.locator("details").count() == 0, "the answer shows before the bet"
            options.last.focus()
            self.page.keyboard.press("Space")
            self.piece.locator("details").wait_for()

    def press(self, handle, key):
        """Press an arrow key and return the milliseconds until the picture has changed."""
        self.image.evaluate(STOPWATCH)
        handle.press(key)
        return self.page.evaluate("rest().then(() => { late(); return elapsed; })")

    def keyboard(self, handle):
        """Press arrow keys one way and the other, as far as the ends; return the milliseconds."""
        times = []
        for key, end in (("ArrowRight", "max"), ("ArrowLeft", "min")):
            for _ in range(PRESSES):
                now, last = (float(handle.get_attribute(f"aria-value{n}")) for n in ("now", end))
                if abs(now - last) > 1e-9 * abs(last):
                    times.append(self.press(handle, key))
        return times

    def drag(self, handle, share):
        """Drag the handle with the mouse to a share of its track, 0 left and 1 right."""
        track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-target')]").bounding_box()
        box = handle.bounding_box()
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        aim = track["x"] + share * track["width"]
        self.page.mouse.move(aim, track["y"] + track["height"] / 2, steps=3)
        self.page.mouse.up()


def levels(file):
    """The levels of a picture's pixels, 0 to 255, red, green and blue."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(file))).convert("RGB"), np.int16)


def apart(a, b):
    """How far two pictures are apart: mean difference of their levels."""
    return np.abs(a - b).mean() if a.shape == b.shape else 255.0


def try_slider(slider, heard):
    """Move every control of a piece both ways, reset it; return the key-to-picture times."""
    slider.bet()
    start, start_words = slider.settle(), slider.words()
    names = [node["name"] for node in heard(slider.piece) if node["role"] == "slider"]
    assert len(names) == slider.handles.count()
    for name in names:
        assert name and f"{name} = " in start_words, f"a handle named {name!r}"
    times, others = [], []
    for k in range(slider.handles.count()):
        handle = slider.handles.nth(k)
        handle.scroll_into_view_if_needed()
        times += slider.keyboard(handle)
        ends = []
        for share in (0, 1):
            slider.drag(handle, share)
            ends.append((slider.settle(), slider.words()))
        (left, left_words), (right, right_words) = ends
        assert left != right, "the picture is the same at both ends"
        assert left_words != right_words, "the words are the same at both ends"
        others += [picture for picture, words in ends if words != start_words]
    for k in range(slider.toggles.count()):
        before = slider.settle()
        slider.toggles.nth(k).locator("button:not(.mod-active)").first.click()
        slider.settle(changed_from=before)
    slider.piece.get_by_role("button", name="Reset").click()
    for _ in range(50):
        if slider.words() == start_words:
            break
        slider.page.wait_for_timeout(100)
    assert slider.words() == start_words
    # Not to the bit: each picture picks its own 256 colours (`plotting.quick_png`).
    again = levels(slider.settle())
    moved = apart(again, levels(start))
    assert all(moved <= apart(again, levels(other)) for other in others), "not the first picture"
    return times


def measured(name, times):
    """The line printed at the end of the run; a busy machine is no place to assert a time."""
    p90 = statistics.quantiles(times, n=10, method="inclusive")[-1]
    return (
        f"slider {name}: key press to picture, median {statistics.median(times):.0f} ms, "
        f"90th percentile {p90:.0f} ms over {len(times)} presses"
    )


def try_notebook(notebook, record_property):
    """Run of a notebook what its sliders need, and try each of them."""
    notebook.run(needed=True)
    notebook.assert_quiet()
    assert notebook.tagged("slider") == notebook.pieces(), "tag each cell that shows a slider"
    for index in notebook.tagged("slider"):
        slider = Slider(notebook, notebook.cell(index))
        times = try_slider(slider, notebook.heard)
        record_property("measured", measured(f"{notebook.path.stem}[{index}]", times))
    notebook.assert_quiet()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_chapter(open_notebook, record_property, chapter):
    notebook = open_notebook(chapter)
    assert notebook.tagged("slider"), "a chapter has at least one slider"
    try_notebook(notebook, record_property)


# The harness itself: a good slider passes, and each kind of bad one is found out

GOOD = """
import os

import numpy as np
from bookutils.page.plotting import REFERENCE
from bookutils.page import bet, choice, explore, linear, log_stops

def compute(k, shape):
    x = np.linspace(0, 6, 200)
    return {"x": x, "y": getattr(np, shape)(k * x), "k": k}

def draw(ax, data, reference):
    ax.plot(data["x"], reference["y"], **REFERENCE)
    ax.plot(data["x"], data["y"])
    ax.set(ylim=(-1.1, 1.1), xlabel="x (rad)", ylabel="y")

piece = explore(
    "A wave", compute, draw, lambda data: f"{data['k'] * 6 / 6.2832:.2f} periods.",
    alt="A wave over x from 0 to 6.",
    bet=bet("How many periods at k = 2?", ["one", "two"], "two", "$2 \\\\cdot 6 / 2\\\\pi = 1.9$."),
    k=linear(0, 4, 0.1, default=1.0), shape=choice("sin", "cos"),
)
piece
"""
BAD = {
    "dead": (GOOD.replace("k * x", "0 * x"), "picture"),
    "raising": (GOOD.replace("    x = ", "    assert k != 1.3\n    x = "), "no new picture"),
    "loud": (
        GOOD.replace("    x = ", "    os.write(2, b'Error') if k == 1.3 else 0\n    x = "),
        "Error",
    ),
    "failing": ("1 / 0", "ZeroDivisionError"),
    "untagged": (GOOD, "tag each cell"),
}


def notebook_of(code, path, tags=("slider",)):
    cell = nbformat.v4.new_code_cell(code.strip(), metadata={"tags": list(tags)})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), path)
    return path


def test_a_good_slider_passes(open_notebook, record_property, tmp_path):
    try_notebook(open_notebook(notebook_of(GOOD, tmp_path / "good.ipynb")), record_property)


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_slider_is_found_out(open_notebook, record_property, tmp_path, kind):
    code, complaint = BAD[kind]
    tags = [] if kind == "untagged" else ["slider"]
    notebook = open_notebook(notebook_of(code, tmp_path / f"{kind}.ipynb", tags))
    with pytest.raises(Exception, match=complaint):
        try_notebook(notebook, lambda *_: None)


COUNTING = """
from bookutils.page import explore, linear

pictures = []

def compute(k):
    pictures.append(k)
    return {"k": k}

explore(
    "A counter", compute, lambda ax, data, reference: ax.bar([0], [data["k"]]),
    lambda data: f"{len(pictures)} pictures.", question="How many?", alt="A bar.",
    k=linear(0, 100, 1, default=10),
)
"""


def test_stale_moves_are_dropped(open_notebook, record_property, tmp_path):
    """Keys pressed faster than pictures are drawn do not queue: the newest position wins."""
    notebook = open_notebook(notebook_of(COUNTING, tmp_path / "counting.ipynb"))
    notebook.run()
    slider = Slider(notebook, notebook.cell(0))
    handle = slider.handles.first
    handle.focus()
    # Sixty presses within a few milliseconds: a script types faster than any hand.
    handle.evaluate(
        "el => { for (let i = 0; i < 60; i++) el.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'ArrowRight', bubbles: true, cancelable: true})); }"
    )
    slider.settle()
    position, words = slider.words().splitlines()
    assert position == "k = 70"
    drawn = int(words.split()[0])
    record_property("measured", f"slider stale moves: 60 key presses at once, {drawn} pictures")
    assert drawn < 30
    notebook.assert_quiet()


def test_a_committed_notebook_shows_pictures_before_it_is_run(open_notebook, tmp_path):
    """What a reader meets who has just opened a chapter: the pictures, no broken widget."""
    path = notebook_of(GOOD, tmp_path / "committed.ipynb")
    nbformat.write(execute(nbformat.read(path, as_version=4), tmp_path), path)
    notebook = open_notebook(path)
    output = notebook.cell(0).locator(".jp-OutputArea-output")
    output.locator("img").wait_for()
    assert output.locator("img").evaluate("img => img.naturalWidth") > 1000
    assert "widget" not in output.inner_text()
    notebook.assert_quiet()
