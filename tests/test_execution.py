"""Notebooks run in this Python, in their folder, with nobody's progress; failures have a place."""

import sys

import pytest
from nbformat.v4 import new_markdown_cell
from small_notebooks import notebook, outputs

from bookutils.classroom import execution

pytestmark = pytest.mark.slow


def test_cells_run_in_this_python_in_the_given_folder_with_nobodys_progress(tmp_path):
    book = execution.execute(
        notebook(
            "import os, sys\nprint(sys.executable)\nprint(os.getcwd())",
            "print(os.path.exists(os.environ['BOOKUTILS_PROGRESS']))",
        ),
        tmp_path,
    )
    first, second = outputs(book)
    assert first[0].text.splitlines() == [sys.executable, str(tmp_path)]
    assert second[0].text == "False\n"
    assert [cell.execution_count for cell in book.cells] == [1, 2]


@pytest.mark.parametrize(("wished", "threads"), [(None, "1"), ("2", "2")])
def test_a_kernel_computes_with_one_thread_unless_told_otherwise(
    tmp_path, monkeypatch, wished, threads
):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if wished:
        monkeypatch.setenv("OMP_NUM_THREADS", wished)
    book = execution.execute(notebook("import os\nprint(os.environ['OMP_NUM_THREADS'])"), tmp_path)
    assert outputs(book)[0][0].text == f"{threads}\n"


def test_warnings_are_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    book = execution.execute(notebook("import warnings\nwarnings.warn('look here')"), tmp_path)
    ((output,),) = outputs(book)
    assert output.name == "stderr" and "look here" in output.text


def test_a_failing_cell_is_named_with_its_source_and_the_end_of_its_traceback(tmp_path):
    with pytest.raises(execution.NotebookError) as caught:
        execution.execute(notebook("a = 1", new_markdown_cell("text"), "a / 0"), tmp_path)
    report = str(caught.value)
    assert report.startswith("code cell 2 of 2:\n    a / 0\n")
    assert report.endswith("ZeroDivisionError: division by zero")


def test_an_endless_cell_and_a_dying_kernel_are_named(tmp_path):
    with pytest.raises(execution.NotebookError, match="code cell 2 of 2:\n    while True: pass"):
        execution.execute(notebook("1", "while True: pass"), tmp_path, timeout=1)
    with pytest.raises(execution.NotebookError, match="code cell 1 of 1:\n    import os"):
        execution.execute(notebook("import os\nos._exit(3)"), tmp_path)


def test_settings_of_the_user_and_a_home_that_cannot_be_written_change_no_output(
    tmp_path, monkeypatch
):
    cells = [
        "import matplotlib.pyplot as plt\nprint(plt.get_backend(), plt.rcParams['text.usetex'])",
        "1 / 3\n2 / 3",
        "%matplotlib inline\nplt.plot([1, 2])\nplt.show()",
    ]
    right = outputs(execution.execute(notebook(*cells), tmp_path))
    ipython = tmp_path / "home" / "ipython" / "profile_default"
    ipython.mkdir(parents=True)
    (ipython / "ipython_config.py").write_text(
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
        "c.PlainTextFormatter.float_precision = '%.2f'\nc.InteractiveShellApp.pylab = 'agg'\n"
    )
    (tmp_path / "home" / "matplotlibrc").write_text("backend: svg\ntext.usetex: True\n")
    (tmp_path / "home" / "startup.py").write_text("print('good morning')\n")
    monkeypatch.setenv("IPYTHONDIR", str(ipython.parent))
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path / "home" / "matplotlibrc"))
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "home" / "startup.py"))
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("HOME", "/proc/nobody" if sys.platform == "linux" else "/")
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    assert outputs(execution.execute(notebook(*cells), tmp_path)) == right
