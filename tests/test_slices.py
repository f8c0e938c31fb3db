"""A slice holds every cell that a slider hangs on, in whichever way."""

import pytest
from nbformat.v4 import new_code_cell
from slices import needed

SLIDER = "piece = explore(compute)\npiece"


def cells(*sources):
    return [new_code_cell(source) for source in (*sources, SLIDER)]


@pytest.mark.parametrize(
    ("sources", "kept"),
    [
        (["compute = 1", "other = compute"], [0]),
        (["compute = 1", "compute = 2"], [1]),
        (["a = 1", "def compute():\n    return a"], [0, 1]),
        (["a = 1", "def compute():\n    a = 2\n    return a"], [1]),
        (["def compute():\n    return a", "a = 1", "b = 2"], [0, 1]),  # looked up when it is called
        (["a = 1", "def f():\n    return a", "compute = [f]"], [0, 1, 2]),
        (["class A:\n    b = a", "a = 1", "compute = A()"], [0, 1, 2]),
        (["compute = []", "compute.append(1)", "print(compute)"], [0, 1]),
        (["compute = {}", "for k in range(3):\n    compute[k] = k", "k = 7"], [0, 1]),
        (["compute = 1", "if True:\n    compute = 2"], [0, 1]),
        (["compute = 1", "compute += 1"], [0, 1]),
        (["compute = object()", "compute.a = 1"], [0, 1]),
        (["compute = []", "def f():\n    compute = []\n    compute.append(1)"], [0]),
        (["import numpy as np", "compute = [np.pi for n in range(3)]", "n = 1"], [0, 1]),
        (["from math import pi as compute", "pi = 3"], [0]),
        (["f = 1", "from functools import partial\ncompute = partial(f, 1)", "f = 2"], [0, 1, 2]),
        (["for i in range(3):\n    compute = i", "for i in range(2):\n    i"], [0]),
        (["for i in [1]:\n    a = i", "for i in [2]:\n    a = i\n    compute = a"], [1]),
        (["a = 1", "for i in [2]:\n    compute = a\n    a = i"], [0, 1]),
        (["i = [1]", "for i in i:\n    compute = i"], [0, 1]),
        (["i = 1", "for i in [2]:\n    compute = [i for _ in range(3)]"], [1]),
        (["i = 1", "compute = (i for _ in range(3))", "i = 2"], [0, 1, 2]),  # runs when it is asked
        (["a = 0", "for i in []:\n    a = i\nelse:\n    compute = a"], [0, 1]),
        (["a = 0", "if []:\n    a = 1\ncompute = a"], [0, 1]),
        (["a = 0", "with open(0):\n    for a in []:\n        compute = a"], [1]),
        (["a = 0", "with open(a) as f:\n    compute = f"], [0, 1]),
        (["f = 0", "with open(0) as f:\n    compute = f"], [1]),
        (["a = 0", "with open(0):\n    compute = a\n    a = 1"], [0, 1]),
        (["a = 0", "while True:\n    compute = a\n    a = 1\n    break"], [0, 1]),
    ],
)
def test_what_a_slider_hangs_on_is_kept(sources, kept):
    assert needed(cells(*sources)) == [*kept, len(sources)]
