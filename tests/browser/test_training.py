"""A run of `fit` in JupyterLab: its bar moves, the stop button ends it, and nothing is lost."""

import re

import nbformat
import pytest
import small_notebooks

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TRAIN = """import numpy
from bookutils import nn
from bookutils.data import digits
from bookutils.losses import cross_entropy
from bookutils.optim import Adam
from bookutils.train import fit

X, y, X_test, y_test = digits()
rng = numpy.random.default_rng(0)
net = nn.MLP((64, 32, 10), "relu", rng)
history = fit(net, X, y, cross_entropy, Adam(net.parameters()), epochs=100_000, rng=rng,
              validation=(X_test, y_test))"""
AFTER = "history"
CURVES = "history.draw()"
ENDED = re.compile(r"interrupted\s(in|after)\sepoch\s[0-9]")  # wherever the button found it


def test_the_bar_moves_and_the_stop_button_keeps_what_was_learned(open_notebook, tmp_path):
    from playwright.sync_api import expect

    book = small_notebooks.notebook(TRAIN, AFTER, CURVES)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book.metadata["kernelspec"] = kernel  # or JupyterLab asks for one
    nbformat.write(book, tmp_path / "training.ipynb")
    notebook = open_notebook(tmp_path / "training.ipynb")
    cell = notebook.cell(0)
    notebook.page.evaluate("() => void jupyterapp.commands.execute('notebook:run-cell')")
    expect(cell).to_contain_text("val_loss", timeout=60_000)
    expect(cell.locator(".jupyter-widgets .progress")).to_be_visible()
    first = cell.inner_text()
    notebook.page.wait_for_function(
        "([cell, text]) => cell.innerText !== text", arg=[cell.element_handle(), first]
    )
    notebook.page.get_by_role("button", name="Interrupt the kernel").click()
    expect(cell.locator(".jp-InputPrompt")).to_have_text("[1]:")
    expect(cell).to_contain_text(ENDED)
    for k in (1, 2):
        notebook.cell(k)
        notebook.command("notebook:run-cell")
    outputs = notebook.outputs()
    text = "".join(outputs[1]["outputs"][0]["data"]["text/plain"])
    assert ENDED.search(text) and "val_loss" in text
    kinds = {kind for output in outputs[2]["outputs"] for kind in output["data"]}
    assert {"image/png", "text/html"} <= kinds
    notebook.assert_quiet()
