"""The engine that a chapter builds and that of the package: the same, or different for a reason."""

import ast
from pathlib import Path

import chapter_cells
import pytest

import bookutils
from bookutils.verify.side_by_side import REFERENCES, beside, definitions

CHAPTERS = Path(__file__).parents[1] / "chapters"
ENGINE = Path(bookutils.__file__).parent / "engine"


def final_cells(chapter):
    (notebook,) = CHAPTERS.glob(f"{chapter:02}_*.ipynb")
    cells = chapter_cells.code_cells(notebook)
    return [c.source for c in cells if "build:final" in c.metadata.get("tags", [])]


@pytest.mark.parametrize("chapter", REFERENCES)
def test_each_difference_has_its_reason_and_each_reason_its_difference(chapter):
    cells, (_, reasons) = final_cells(chapter), REFERENCES[chapter][:2]
    side = beside(cells, chapter)
    assert side.different == {name: reasons[name] for name in side.different}
    assert [name for name in reasons if name not in side.different] == []


@pytest.mark.parametrize("chapter", REFERENCES)
def test_every_definition_of_the_chapter_is_looked_at(chapter):
    cells = final_cells(chapter)
    side = beside(cells, chapter)
    assert {*definitions(cells)} == {*side.same, *side.different}
    functions = [n for n in side.same if n[0].islower() and "[" not in n]
    wanted, at_least = ("live", 1) if chapter == 12 else ("topological_order", 3)
    assert wanted in functions and len(functions) >= at_least


def test_words_of_the_table_begin_at_the_left():
    html = beside(final_cells(12), 12)._repr_html_()
    assert html.count("<td") == html.count('<td style="text-align:left"') > 10


def test_a_changed_definition_is_seen():
    cells = final_cells(3)
    assert "backward" in beside(cells, 3).same
    changed = [*cells, 'def backward(self):\n    "Docstrings do not count."\n    self.grad = 1.0']
    assert beside(changed, 3).different["backward"] == "not the same"
    commented = [c.replace("node.grad += grad", "node.grad += grad  # add") for c in cells]
    assert "backward" in beside(commented, 3).same


def test_definitions():
    found = definitions(
        [
            "%%bash\nls",
            "def f(x):\n    'text'\n    return x\nT = {'a': (1, 2)}",
            "T['b'] = 3\nf.g = f\nclass C(B):\n    n = 1\n    def m(self): pass\nfor i in f: h = 1",
        ]
    )
    assert found == {
        "f": "def f(x):\n    return x",
        'T["a"]': "(1, 2)",
        'T["b"]': "3",
        "f.g": "f",
        "C": "class C(B)",
        "C.n": "1",
        "C.m": "def m(self):\n    pass",
    }


def test_the_table_is_readable():
    side = beside(final_cells(3), 3)
    assert repr(side).startswith("the same: topological_order, backward")
    assert 'RULES["pow"]' in repr(side) and "<table" in side._repr_html_()


def test_the_engine_is_short_and_evaluates_text_in_one_place():
    sources = {path.stem: path.read_text() for path in ENGINE.glob("*.py")}
    lines = {name: len(source.splitlines()) for name, source in sources.items()}
    assert sum(lines[name] for name in ("graph", "rules", "scalar")) <= 300
    assert max(lines.values()) <= 300
    calls = [
        (name, node.func.id)
        for name, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert [call for call in calls if call[1] in ("eval", "exec", "compile")] == [("rules", "eval")]
