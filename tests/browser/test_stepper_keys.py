"""The stepper walked by keyboard in JupyterLab: a number stays hidden until it is guessed."""

import re
from pathlib import Path

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PROGRAM = "from bookutils.page import stepper\n\nstepper('y = tanh(x*w + x)', x=0.5, w=1.2)"


@pytest.fixture
def walk(open_notebook, tmp_path):
    path = Path(tmp_path) / "walk.ipynb"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PROGRAM)])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(book, path)
    notebook = open_notebook(path)
    notebook.run()
    yield notebook.cell(0).locator(".book-stepper")
    notebook.assert_quiet()


def at(walk, step):
    walk.get_by_role("status").first.get_by_text(step).wait_for()


def says(walk, pattern):
    from playwright.sync_api import expect

    expect(walk.get_by_role("status").last).to_have_text(re.compile(pattern))


def test_a_guess_brings_the_number(walk):
    field, sums = walk.get_by_label("your guess"), walk.locator(".sum")
    assert sums.nth(1).inner_text().endswith("= ?"), "the first number must be hidden"

    step = walk.get_by_role("status").first.element_handle()
    field.fill("7")  # wrong: something is said, nothing revealed
    field.press("Enter")
    says(walk, r"\w+")
    assert step.evaluate("element => element.isConnected"), "an old step is not spoken again"
    assert sums.nth(1).inner_text().endswith("= ?")

    field.fill("0.3592")  # right, to the four digits shown
    field.press("Enter")
    sums.nth(1).get_by_text("= 0.3592").wait_for()

    walk.get_by_role("button", name="Next").focus()
    walk.page.keyboard.press("Space")
    at(walk, "Step 2 of 5")
    walk.get_by_role("button", name="Back").click()
    at(walk, "Step 1 of 5")


def test_the_readers_own_expression(walk):
    program = walk.get_by_label("expression")
    program.fill("a = 3; y = a * a * a")
    program.press("Enter")
    at(walk, "Step 1 of 4")

    program.fill("a = 3; y = __import__('os')")  # refused in words; the old walk stands
    program.press("Enter")
    says(walk, r"\w+")
    at(walk, "Step 1 of 4")
