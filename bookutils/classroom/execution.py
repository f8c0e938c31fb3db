"""Notebooks run from top to bottom, each in a fresh kernel that sees nobody's settings."""

import os
import re
import subprocess
import tempfile
import textwrap
import time
from pathlib import Path
from queue import Empty

import ipykernel.kernelspec
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets import Type

from bookutils.classroom.committed import normalise

CELL_TIMEOUT = 300  # seconds; a cell of this book takes a few


class NotebookError(Exception):
    """A notebook that cannot be built, with the cell and the reason."""


class ThisPython(KernelSpecManager):
    """Knows one kernel: the Python that is running, whatever kernels the machine has."""

    def get_kernel_spec(self, kernel_name):
        return self.kernel_spec_class(**ipykernel.kernelspec.get_kernel_dict())


OWN = "PYTHONWARN", "PYTHONSTARTUP", "MPLBACKEND"  # how variables begin that are the user's own


def fresh_environment(folder):
    """Environment of a kernel that sees nobody's progress and no settings of IPython, matplotlib
    or warnings, and that needs no home folder to write to.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith(OWN)}
    environment["BOOKUTILS_PROGRESS"] = str(Path(folder) / "progress.json")
    environment["IPYTHONDIR"] = str(Path(folder) / "ipython")
    settings = Path(folder) / "matplotlibrc"
    settings.touch()
    environment["MATPLOTLIBRC"] = str(settings)
    if not os.access(os.path.expanduser("~"), os.W_OK):  # matplotlib would say so in the output
        environment["MPLCONFIGDIR"] = str(Path(folder) / "matplotlib")
    # On the small matrices of this book threads that wait for one another double the time, and
    # the last bits of a sum would depend on how many there are.
    environment.setdefault("OMP_NUM_THREADS", "1")
    return environment


class LookingAgain(AsyncZMQSocketChannel):
    """A channel that looks for a message each second.

    Now and then a kernel's answer is there and the event loop is not woken; whoever waits for it
    then sleeps until the time limit of the cell, and finds it.
    """

    async def get_msg(self, timeout=None):
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = 1.0 if end is None else min(1.0, max(0.0, end - time.monotonic()))
            try:
                return await super().get_msg(timeout=left)
            except Empty:
                if end is not None and time.monotonic() >= end:
                    raise


class Client(AsyncKernelClient):
    """A client whose answers are looked for each second."""

    shell_channel_class = Type(LookingAgain)


def own_sockets(folder):
    """Where a kernel listens: in a folder of its own, since a free port can be taken meanwhile."""
    if os.name != "posix":
        return {}
    return {"transport": "ipc", "connection_file": os.path.join(folder, "kernel.json")}


def execute(notebook, cwd, timeout=CELL_TIMEOUT):
    """Run a notebook from top to bottom in a fresh kernel; return it normalised, with outputs.

    Raises NotebookError at the first cell that fails, with its source and its traceback.
    """
    executed, running = normalise(notebook), []
    with tempfile.TemporaryDirectory(prefix="bookutils-") as folder:
        client = NotebookClient(
            executed,
            km=AsyncKernelManager(
                **own_sockets(folder),
                kernel_name="python3",
                kernel_spec_manager=ThisPython(),
                client_class=f"{__name__}.Client",
            ),
            timeout=timeout,
            record_timing=False,
            on_cell_execute=lambda cell, cell_index: running.append(cell),
        )
        client.owns_km = True  # this client started the kernel and ends it
        client.log.disabled = True  # what went wrong is in the exception
        try:
            client.execute(cwd=str(cwd), env=fresh_environment(folder), stderr=subprocess.DEVNULL)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            codes = sum(cell.cell_type == "code" for cell in executed.cells)
            place = f"code cell {len(running)} of {codes}"
            source = textwrap.indent(running[-1].source, "    ")
            reason = _reason(error, running[-1], timeout)
            raise NotebookError(f"{place}:\n{source}\n{reason}") from error
    return normalise(executed)


def _reason(error, cell, timeout):
    if isinstance(error, CellTimeoutError):
        return f"It did not finish within {timeout} s."
    if isinstance(error, DeadKernelError):
        return "It ended the kernel."
    failed = next(output for output in cell.outputs if output.output_type == "error")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(failed.traceback))
    return "\n".join(plain.splitlines()[-12:])
