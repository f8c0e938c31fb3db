"""The example in the text of an exercise is what its solution gives, to every digit printed."""

import re
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest

SOLUTIONS = sorted((Path(__file__).parents[1] / "solutions").glob("*.ipynb"))
EXAMPLE = re.compile(r"`(\w+\([^`]+\))` is (?:about |exactly )?(?:`([^`]+)`|(-?[\d.]*\d))")
# what a statement gives as a formula, not as code
IN_WORDS = {"f": lambda x: x[0] ** 2 * x[1] + x[1], "np": np}  # 03.6


def examples():
    for path in SOLUTIONS:
        cells = nbformat.read(path, 4).cells
        for cell in cells:
            if cell.cell_type == "markdown" and cell.source.startswith("### "):
                for call, quoted, bare in EXAMPLE.findall(cell.source):
                    yield pytest.param(
                        path, cell.source, call, quoted or bare,
                        id=f"{call:.40}", marks=pytest.mark.chapter(path.name[:2]),
                    )  # fmt: skip


@cache
def names_of(path):
    """What the program of a notebook defines, but for its checks."""
    names = dict(IN_WORDS)
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code" and "mistakes(" not in cell.source:
            if "check(" not in cell.source or "import" in cell.source:
                exec(cell.source, names)
    return names


def flat(value):
    if isinstance(value, dict):
        return [x for key in sorted(value) for x in flat(value[key])]
    if isinstance(value, (tuple, list, np.ndarray)):
        return [x for item in value for x in flat(item)]
    return flat(value.tolist()) if hasattr(value, "tolist") else [value]


def half_a_digit(text):
    """Half of the last decimal that a printed number shows."""
    decimals = [len(d) for d in re.findall(r"\d+\.(\d+)", text)]
    return 0.5 * 10.0 ** -max(decimals, default=0)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "statement", "call", "printed"), list(examples()))
def test_an_example_is_true(path, statement, call, printed):
    names = dict(names_of(path))
    for setup in re.findall(r"`(\w+(?:, \w+)* = [^`]+)`", statement):
        exec(setup, names)
    got, said = flat(eval(call, names)), flat(eval(printed, dict(names)))
    assert len(got) == len(said), (call, got, said)
    for g, s in zip(got, said, strict=True):
        if isinstance(s, (str, bool)):
            assert g == s
        else:
            assert abs(g - s) <= half_a_digit(printed) * 1.0001 + 1e-12, (call, g, s)
