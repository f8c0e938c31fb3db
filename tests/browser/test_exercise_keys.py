"""A learner at an exercise in JupyterLab: not at all, wrongly, with a slip of the pen, rightly."""

import re
from pathlib import Path

import pytest

EXERCISES = Path(__file__).parents[2] / "exercises" / "01_the_chain_rule.ipynb"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WRONG = "def central(f, x, h):\n    return (f(x + h) - f(x)) / h"
UNREADABLE = "def central(f, x, h):\n    return (f(x + h) - f(x - h) / (2 * h)"
RIGHT = "def central(f, x, h):\n    return (f(x + h) - f(x - h)) / (2 * h)"


def test_one_exercise_four_ways(open_notebook):
    from playwright.sync_api import expect

    notebook = open_notebook(EXERCISES)
    notebook.run()
    sources = ["".join(cell["source"]) for cell in notebook.cells]
    answer = next(k for k, s in enumerate(sources) if s.startswith("def central("))
    check = next(k for k, s in enumerate(sources) if s.startswith('check("01.2"'))

    def verdict():
        return notebook.cell(check).locator(".bk-face")

    def write_and_check(text):
        editor = notebook.cell(answer).locator(".cm-content")
        editor.click()
        notebook.page.keyboard.press("Control+a")
        notebook.page.keyboard.insert_text(text)
        notebook.page.keyboard.press("Shift+Enter")
        notebook.cell(check).locator(".cm-content").click()
        notebook.page.keyboard.press("Shift+Enter")

    expect(verdict()).to_have_text(re.compile("not attempted yet"))
    write_and_check(WRONG)
    expect(verdict()).to_have_text(re.compile("wrong"))
    expect(notebook.cell(check)).to_contain_text("one-sided")
    write_and_check(UNREADABLE)
    expect(verdict()).to_have_text(re.compile("broken"))
    expect(notebook.cell(check)).to_contain_text("line 2")
    write_and_check(RIGHT)
    expect(verdict()).to_have_text(re.compile("right"))
    assert notebook.console == []
