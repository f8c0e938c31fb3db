"""From solution notebooks to exercises, and from sources to executed, committed notebooks."""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from copy import deepcopy
from pathlib import Path
from queue import Empty

import ipykernel.kernelspec
import nbformat
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm
from traitlets import Type

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = 'raise NotImplementedError("your turn")'
SOLUTION_TAGS = {"mistake", "explanation", "solution-only"}
CHECK = re.compile(r"^check\(\"([\w.]+)\"", re.MULTILINE)
# of a cell; everything else is a trace of some front end
KEPT_METADATA = ("tags", "jupyter", "nbgrader")
FOLDERS = ("chapters", "solutions", "exercises")
WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET_TEXT = "Interactive: run this cell to see it move."
CELL_TIMEOUT = 300  # seconds; a cell of this book takes a few


class NotebookError(Exception):
    """A notebook that cannot be built, with the cell and the reason."""


# Solutions to exercises


def student_version(notebook):
    """Return the exercise that a solution notebook becomes, without outputs.

    Raises NotebookError when the solution markers of a cell do not pair up.
    """
    exercise = deepcopy(notebook)
    exercise.cells = [
        cell for cell in exercise.cells if not SOLUTION_TAGS & set(cell.metadata.get("tags", []))
    ]
    for cell in exercise.cells:
        if cell.cell_type == "code":
            cell.source = _stub(cell.source)
            cell.outputs, cell.execution_count = [], None
    return normalise(exercise)


def _stub(source):
    kept, inside = [], False
    for line in source.splitlines():
        marker = line.strip()
        if marker in (BEGIN, END):
            if inside != (marker == END):
                raise NotebookError(f"{marker} without its partner in the cell\n{_title(source)}")
            inside = marker == BEGIN
            if inside:
                kept.append(line.replace(BEGIN, STUB))
        elif not inside:
            kept.append(line)
    if inside:
        raise NotebookError(f"{BEGIN} without its partner in the cell\n{_title(source)}")
    return "\n".join(kept)


def graded(notebook):
    """Return a solution notebook with the marks of nbgrader on answers and checks.

    An answer is a cell with a solution in it, a check the next cell that calls `check`.
    Raises NotebookError when a check names no exercise.
    """
    from bookutils.checks.registry import find

    marked, answers = deepcopy(notebook), []
    for cell in marked.cells:
        cell.metadata.pop("nbgrader", None)
        if cell.cell_type != "code":
            continue
        if BEGIN in cell.source:
            answers.append(cell)
        check = CHECK.search(cell.source)
        if not (check and answers):
            continue
        try:
            exercise = find(check[1])
        except LookupError as error:
            raise NotebookError(f"{check[0]}…): {error}") from None
        grade_id = "ex-" + exercise.id.replace(".", "-")
        for number, answer in enumerate(answers, 1):
            answer_id = f"{grade_id}-answer" + (f"-{number}" if number > 1 else "")
            answer.metadata["nbgrader"] = _mark(answer_id, solution=True)
        cell.metadata["nbgrader"] = _mark(
            grade_id, grade=True, locked=True, points=getattr(exercise, "points", 1)
        )
        answers = []
    return marked


def _mark(grade_id, **more):
    mark = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    return {**mark, "grade_id": grade_id, **more}


def _title(source):
    return "    " + next((line for line in source.splitlines() if line.strip()), "")


# Execution


class ThisPython(KernelSpecManager):
    """Knows one kernel: the Python that is running, whatever kernels the machine has."""

    def get_kernel_spec(self, kernel_name):
        return self.kernel_spec_class(**ipykernel.kernelspec.get_kernel_dict())


def fresh_environment(folder):
    """Environment of a kernel that sees nobody's progress, IPython profile or warning filters."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHONWARN")}
    environment["BOOKUTILS_PROGRESS"] = str(Path(folder) / "progress.json")
    environment["IPYTHONDIR"] = str(Path(folder) / "ipython")
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


# The form in which notebooks are committed


def committed_data(data):
    """Return the part of an output's MIME bundle that is committed.

    A widget cannot live without its kernel, so its view goes. What it offers beside the view,
    a picture or HTML, stays with its own text; a bare widget leaves one sentence.
    """
    if WIDGET not in data:
        return data
    data = {mime: content for mime, content in data.items() if mime != WIDGET}
    return data if set(data) - {"text/plain"} else {"text/plain": WIDGET_TEXT}


def normalise(notebook):
    """Return a copy that depends on nothing but sources and outputs.

    A cell's id is the hash of its type and source, so it survives insertions elsewhere.
    """
    notebook = nbformat.from_dict(deepcopy(notebook))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    seen, count = Counter(), 0
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in KEPT_METADATA if cell.metadata.get(key)}
        )
        cell.pop("attachments", None)
        if "hide-input" in cell.metadata.get("tags", []):
            # folded in JupyterLab: a bet's answer, or code that only draws
            cell.metadata["jupyter"] = nbformat.from_dict({"source_hidden": True})
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        for output in cell.outputs:
            if "data" in output:
                output.data = nbformat.from_dict(committed_data(output.data))
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
        cell.outputs = _joined_streams(cell.outputs)
    return notebook


def _joined_streams(outputs):
    """Join neighbouring pieces of one stream: how a stream is cut depends on timing."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last.text += output.text
        else:
            joined.append(output)
    return joined


# Building


def build(paths=(), root=".", check=False, jobs=2):
    """Build notebooks: exercises from solutions, then every output; return an exit status.

    Without paths all notebooks of the book under `root` are built; a solution brings its exercise.
    With `check` nothing is written, and a notebook that would change counts as a failure.
    """
    targets, failures, changed = _targets(paths, Path(root)), [], []
    bar = tqdm(total=len(targets), desc="notebooks", unit="", file=sys.stderr)
    with bar, ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = {pool.submit(_built, target): target for target in targets}
        try:
            for future in as_completed(futures):
                target = futures[future]
                bar.set_postfix_str(target.name)
                bar.update()
                try:
                    text = future.result()
                except NotebookError as error:
                    failures.append(f"{target}: {error}")
                    continue
                if not target.exists() or target.read_text(encoding="utf-8") != text:
                    changed.append(target)
                    if not check:
                        _write(target, text)
        except BaseException:  # Ctrl-C: end the notebooks that run, begin no other
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for failure in sorted(failures):
        print(f"failed: {failure}\n", file=sys.stderr)
    for target in sorted(changed):
        print(f"{'would change' if check else 'changed'}: {target}")
    print(f"{len(targets)} notebooks, {len(changed)} changed, {len(failures)} failed")
    return 1 if failures or (check and changed) else 0


def _targets(paths, root):
    if not paths:
        paths = [path for folder in FOLDERS for path in sorted((root / folder).glob("*.ipynb"))]
    targets = {}
    for path in map(Path, paths):
        targets[path] = None
        if path.resolve().parent.name == "solutions":
            targets[path.parent.parent / "exercises" / path.name] = None
    return list(targets)


def _built(target):
    source = target
    if target.resolve().parent.name == "exercises":
        source = target.parent.parent / "solutions" / target.name
    try:
        notebook = nbformat.read(source, as_version=4)
    except FileNotFoundError:
        raise NotebookError(f"there is no {source}") from None
    except nbformat.reader.NotJSONError:
        raise NotebookError(f"{source} is not a notebook") from None
    if source.resolve().parent.name == "solutions":
        notebook = graded(notebook)
    if source != target:
        notebook = student_version(notebook)
        target.parent.mkdir(exist_ok=True)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.writes(execute(notebook, target.parent)) + "\n"


def _write(target, text):
    part = target.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, target)
