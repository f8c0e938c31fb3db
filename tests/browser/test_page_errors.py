"""An error in a script of the book fails its test; one of JupyterLab's own is printed."""

import pytest
from page_errors import of_jupyterlab
from test_slider_moves import notebook_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# A script in an output, and one in an Output widget, whose errors JupyterLab does not catch
PLANTED = """
import ipywidgets
from IPython.display import HTML, display

def script(planted):
    return HTML("<script>setTimeout(() => {" + planted + "})</script>")

display(script("document.body.removeChild(document.createElement('p'))"))
late = ipywidgets.Output()
with late:
    display(script("Promise.resolve().then(() => planted.late)"))
late
"""
# Called by the browser itself, so that no script of another is on the stack
OF_JUPYTERLAB = """() => { const { commands } = jupyterapp;
  setTimeout(commands.addCommand.bind(commands), 0, 'notebook:run-cell', {}); }"""


def test_what_a_script_of_the_book_breaks_is_found_out(open_notebook, tmp_path):
    notebook = open_notebook(notebook_of(PLANTED, tmp_path / "planted.ipynb"))
    notebook.run()
    for _ in range(100):
        if len(notebook.console) == 2:
            break
        notebook.page.wait_for_timeout(100)
    removed, late = sorted(notebook.console)
    assert removed.startswith("NotFoundError") and late.startswith("ReferenceError")
    assert notebook.of_jupyterlab == []
    with pytest.raises(AssertionError, match="removeChild"):
        notebook.assert_quiet()


def test_an_error_of_jupyterlab_alone_is_no_failure(open_notebook, tmp_path):
    notebook = open_notebook(notebook_of("1", tmp_path / "own.ipynb"))
    notebook.page.evaluate(OF_JUPYTERLAB)
    for _ in range(100):
        if notebook.of_jupyterlab:
            break
        notebook.page.wait_for_timeout(100)
    assert len(notebook.of_jupyterlab) == 1 and "notebook:run-cell" in notebook.of_jupyterlab[0]
    notebook.assert_quiet()


LAB = "http://127.0.0.1:8888"
ALONE = f"""NotFoundError: Failed to execute 'removeChild' on 'Node'
    at e.removeWidget ({LAB}/static/lab/jlab_core.8811dd27.js?v=8811dd27:1:12)
    at Array.forEach (<anonymous>)
    at async Promise.all (index 0)
    at async {LAB}/static/lab/79.504725.js:1:2"""
OTHERS = {
    "an output": f"{LAB}/lab?reset:3:14",
    "a module": f"render (blob:{LAB}/5d7e:1:234)",
    "a module in an address": "data:text/javascript;base64,YQ==:1:2",
    "code made from text": f"eval (eval at y ({LAB}/static/lab/main.js:1:2), <anonymous>:1:7)",
    "a script without an address": "<anonymous>:1:7",
    "a widget": f"f ({LAB}/lab/extensions/@jupyter-widgets/static/7.2a.js:1:2)",
    "another place": f"f (https://elsewhere.org/?{LAB}/static/lab/main.js:1:2)",
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_one_line_of_another_makes_it_anothers(other):
    assert of_jupyterlab(ALONE, LAB)
    assert not of_jupyterlab(f"{ALONE}\n    at {other}", LAB)
    assert not of_jupyterlab(f"Error: planted\n    at {other}", LAB)


@pytest.mark.parametrize(
    "stack", [None, "", "Error: x", "Error: x\n    at Array.map (<anonymous>)"]
)
def test_an_error_without_a_stack_is_anybodys(stack):
    assert not of_jupyterlab(stack, LAB)
