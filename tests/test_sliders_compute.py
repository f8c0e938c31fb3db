"""Every slider of every chapter at both ends, at its default and between, in this process."""

import re
import sys
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from slices import needed
from traitlets.config import Config

from bookutils.page import Piece

pytestmark = pytest.mark.slow

CHAPTERS = sorted((Path(__file__).parents[1] / "chapters").glob("*.ipynb"))


def pieces(path):
    """[(cell index, name, piece)] of a notebook, of which only the cells are run that they need."""
    return ran(path)[0]


def names_of(path):
    """What these cells define."""
    return ran(path)[1]


@cache
def ran(path):
    """Pieces and names, run once: tests of a chapter and of its sliders stay in one process."""
    quiet = Config({"HistoryManager": {"enabled": False}})
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=quiet)
    cells = [*enumerate(nbformat.read(path, as_version=4).cells)]
    codes = [(index, cell) for index, cell in cells if cell.cell_type == "code"]
    found = {}
    try:
        for index, cell in [codes[k] for k in needed([cell for _, cell in codes])]:
            with capture_output():
                result = shell.run_cell(cell.source, store_history=False)
            tags = cell.metadata.get("tags", [])
            if "raises-exception" not in tags:
                result.raise_error()
            new = {
                id(value): (index, name, value)
                for name, value in shell.user_ns.items()
                if isinstance(value, Piece) and not name.startswith("_") and id(value) not in found
            }
            found |= new
            assert bool(new) == ("slider" in tags), (
                f"{path.name}, cell {index}: tag `slider` and a variable that holds the piece"
            )
            for _, _, piece in new.values():
                assert_as_committed(piece, cell)
    finally:
        InteractiveShell.clear_instance()
        if "torch" in sys.modules:  # chapter 11 sets it; the tests after this one know float32
            sys.modules["torch"].set_default_dtype(sys.modules["torch"].float32)
    return [*found.values()], shell.user_ns


def assert_as_committed(piece, cell):
    """What a slice of the chapter prints of a piece is what the whole chapter prints."""
    printed = [o.data["text/plain"] for o in cell.outputs if "image/png" in o.get("data", {})]
    assert printed in ([], [repr(piece)]), f"slices.py overlooks what {piece.title} hangs on"


def assert_finite(piece, data, position):
    """Every number is finite, or the docstring of compute says which is not: `key` ... inf."""
    documented = piece.compute.__doc__ or ""
    for key, value in data.items():
        array = np.asarray(value)
        if array.dtype.kind in "fc" and not np.isfinite(array).all():
            assert re.search(rf"`{key}`.*\b(nan|inf|NaN|infinite)", documented), (
                f"{piece.title} at {position}: {key} is not finite, and compute does not say so"
            )


def assert_moves(piece):
    """Every control works over its whole range; picture and words differ from end to end."""
    for position in piece.test_positions:
        piece.move(**position)
        assert_finite(piece, piece.compute(**position), position)
        words = piece.verdict(piece.compute(**position))
        assert isinstance(words, str)
        assert words.strip()
    for name, control in piece.controls.items():
        seen = []
        for value in (control.low, control.high):
            piece.reset()
            piece.move(**{name: value})
            seen.append(piece._image.value)
        assert seen[0] != seen[1], f"{piece.title}: {name} does not change the picture"
    piece.reset()
    again = piece.compute(**piece.default)
    for key, value in piece.reference.items():
        np.testing.assert_array_equal(
            value, again[key], err_msg=f"{piece.title}: compute is not pure in {key}"
        )


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_slider_moves_over_its_whole_range(chapter):
    found = pieces(chapter)
    assert found, "a chapter has at least one slider"
    for _, _, piece in found:
        assert_moves(piece)


# The test itself can fail

CODE = """
import numpy as np
from bookutils.page import explore, linear
piece = explore(
    "Line", lambda k: {"y": k * np.arange(3.0)}, lambda ax, data, ref: ax.plot(data["y"]),
    lambda data: "A line.", question="Steep?", alt="A line.", k=linear(0, 4, default=1),
)
piece
"""


def first_piece(tmp_path, *codes, tags=("slider",)):
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    cells[-1].metadata["tags"] = list(tags)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "one.ipynb")
    return next(piece for _, _, piece in pieces(tmp_path / "one.ipynb"))


def test_a_good_piece_passes(tmp_path):
    piece = first_piece(
        tmp_path, CODE.replace('ax.plot(data["y"])', 'ax.set(ylim=(0, 9)) and ax.plot(data["y"])')
    )
    assert_moves(piece)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("k * np.arange", "0 * k + np.arange", "does not change the picture"),
        ("k * np.arange(3.0)", "np.arange(3.0) / np.float64(k or np.nan)", "not finite"),
        ("k * np.arange(3.0)", "1 / (k - 4) * np.arange(3.0)", "division by zero"),
        ("k * np.arange(3.0)", "k * np.random.rand(3)", "not pure"),
        ('"A line."', '""', "strip"),
    ],
)
def test_a_bad_piece_is_found_out(tmp_path, old, new, complaint):
    code = CODE.replace("import numpy", "import numpy", 1).replace(old, new, 1)
    with pytest.raises((AssertionError, ZeroDivisionError), match=complaint):
        assert_moves(first_piece(tmp_path, code))


def test_an_untagged_piece_is_found_out(tmp_path):
    with pytest.raises(AssertionError, match="tag `slider`"):
        first_piece(tmp_path, CODE, tags=())
