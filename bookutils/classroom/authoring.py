"""From solution notebooks to exercises, and from sources to executed, committed notebooks."""

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from copy import deepcopy
from pathlib import Path

import nbformat
from tqdm import tqdm

from bookutils.classroom.committed import normalise
from bookutils.classroom.execution import NotebookError, execute
from bookutils.classroom.minutes import counted

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = 'raise NotImplementedError("your turn")'
SOLUTION_TAGS = {"mistake", "explanation", "solution-only"}
CHECK = re.compile(r"^check\(\"([\w.]+)\"", re.MULTILINE)
FOLDERS = ("chapters", "solutions", "exercises")


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
    for target in targets:
        if target.resolve().parent.name == "chapters" and target.exists():
            text, work = map(round, counted(target))
            line = f"{target.name}: {text} minutes of reading, {work} of exercises"
            print(line, file=sys.stderr)
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
