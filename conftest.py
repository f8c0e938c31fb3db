"""Strict nbval for this book: widgets compared, progress and IPython profile of nobody in sight.

Which chapter a test proves, and of which kind it is, says tests/selection.py.
"""

import functools
import importlib.metadata
import importlib.util
import os
import tempfile
from unittest import mock

# Before NumPy is loaded: two workers share the cores, and threads that wait for one another spin.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import nbval.kernel
import nbval.plugin
import pytest
from jupyter_client import KernelManager

from bookutils.classroom.committed import committed_data
from bookutils.classroom.doctor import pinned_versions
from bookutils.classroom.execution import fresh_environment, own_sockets
from bookutils.trace.native import compiler

OUTPUTS = {"stream", "display_data", "update_display_data", "execute_result", "clear_output"}


class Kernel(nbval.plugin.RunningKernel):
    """A kernel that keeps its history, as JupyterLab's does, so that `_` and a final `;` work."""

    def execute_cell_input(self, cell_input, allow_stdin=None):
        return self.kc.execute(
            cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
        )


class Notebook(nbval.plugin.IPyNbFile):
    """A notebook whose outputs are compared in the form in which they are committed."""

    def setup(self):
        self._folder = tempfile.TemporaryDirectory(prefix="bookutils-")
        self._capturing = {}  # Output widget -> the request whose outputs it takes
        own = functools.partial(KernelManager, **own_sockets(self._folder.name))
        with (
            mock.patch.dict(os.environ, fresh_environment(self._folder.name), clear=True),
            mock.patch.object(nbval.kernel, "KernelManager", own),
        ):
            super().setup()

    def collect(self):
        for cell in super().collect():
            cell.output_timeout = 60  # seconds; a busy machine may need more than nbval's five
            if not is_compared(cell.cell.metadata.get("tags", [])):
                cell.options["check"] = False
            yield cell

    def teardown(self):
        super().teardown()
        self._folder.cleanup()

    def get_kernel_message(self, timeout=None, stream="iopub"):
        while True:
            message = super().get_kernel_message(timeout, stream)
            kind, content = message["msg_type"], message["content"]
            if kind in ("comm_open", "comm_msg"):
                self._follow(content)
            if (
                kind in OUTPUTS
                and message["parent_header"].get("msg_id") in self._capturing.values()
            ):
                continue
            if "data" in content and kind in OUTPUTS:
                content["data"] = committed_data(content["data"])
            return message

    def _follow(self, content):
        state = content["data"].get("state", {})
        is_output = state.get("_model_name") == "OutputModel"
        if "msg_id" in state and (is_output or content["comm_id"] in self._capturing):
            self._capturing[content["comm_id"]] = state["msg_id"] or None


def is_compared(tags):
    """Has a cell with these tags the committed output here?

    `needs:cc`: where there is no C compiler, it says so in place of it. `prints:torch`: it prints
    what PyTorch words, draws or counts otherwise from version to version.
    """
    others = (tag.removeprefix("prints:") for tag in tags if tag.startswith("prints:"))
    return all(map(is_the_tested, others)) and ("needs:cc" not in tags or compiler() is not None)


def is_the_tested(package):
    return importlib.metadata.version(package).split("+")[0] == pinned_versions()[package]


nbval.plugin.RunningKernel = Kernel
pytest_plugins = ["selection"] if importlib.util.find_spec("selection") else []


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    return [
        Notebook.from_parent(parent, path=file_path)
        if isinstance(collector, nbval.plugin.IPyNbFile)
        else collector
        for collector in (yield)
    ]


def pytest_configure(config):
    config.book_folder = tempfile.TemporaryDirectory(prefix="bookutils-")
    os.environ.update(fresh_environment(config.book_folder.name))


def pytest_unconfigure(config):
    config.book_folder.cleanup()
