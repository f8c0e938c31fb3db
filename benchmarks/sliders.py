"""How long a slider's move takes in the kernel: computed, drawn, put into the page as a picture."""

import sys
import time
from pathlib import Path

from bookutils.bench.turns import Reading
from bookutils.bench.writing import amount

ROOT = Path(__file__).resolve().parents[1]


def pieces(path):
    """The sliders of a chapter, of which only the cells are run that they need."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    from bookutils.page import Piece

    sys.path.insert(0, str(ROOT / "tests"))
    from slices import needed

    codes = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    found = {}
    try:
        for k in needed(codes):
            with capture_output():
                shell.run_cell(codes[k].source, store_history=False)
            for name, x in shell.user_ns.items():
                if isinstance(x, Piece) and not name.startswith("_"):
                    found[id(x)] = x
    finally:
        InteractiveShell.clear_instance()
    return [*found.values()]


def moves(piece, clock=time.process_time):
    """Seconds of one move of each control to its ends and between, and back."""
    for name, control in piece.controls.items():
        for position in (control.low, control.between, control.high, control.default):
            if piece.widgets[name].value != position:
                start = clock()
                piece.move(**{name: position})
                yield clock() - start


def latencies(paths):
    """{chapter: seconds of all moves}, and of each how many sliders it has."""
    samples, notes = {}, {}
    for path in paths:
        found = pieces(path)
        seconds = [took for piece in found for took in moves(piece)]
        if seconds:
            name = path.stem.replace("_", " ")
            samples[name] = seconds
            count = f"{len(found)} slider{'s' * (len(found) != 1)}"
            notes[name] = f"{count}, slowest move {amount(max(seconds), 's')}"
    return samples, notes


def rows():
    chapters = sorted((ROOT / "chapters").glob("[0-9][0-9]_*.ipynb"))
    return [
        Reading(
            "sliders",
            "sliders",
            "A move of a slider, in the kernel: ends, middle and default of every control",
            "s",
            lambda: latencies(chapters),
        )
    ]
