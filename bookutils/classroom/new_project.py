"""The stubs of a new project: a graders' module, a notebook of its own, the answers that prove it.

As with an exercise, the stubs hang together and build at once; what they leave open is marked
TODO, and the tests refuse that word.
"""

import json
import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bookutils.classroom.authoring import BEGIN, END
from bookutils.classroom.committed import normalise


def stubs(id, title, name, parameters, root):
    """{path: text} of the three files of a project."""
    number, root = id[:2], Path(root)
    words = re.findall(r"[a-z0-9]+", title.casefold()) or ["todo"]
    file = f"{number}_project_{'_'.join(words)}"
    fields = {"id": id, "name": name, "number": number, "args": ", ".join(parameters)}
    fields["n"] = len(parameters)
    fields["title"] = json.dumps(title, ensure_ascii=False)
    return {
        root / "bookutils" / "checks" / f"project_{number}.py": GRADERS.format(**fields),
        root / "tests" / "answers" / f"project_{number}.py": ANSWERS.format(**fields),
        root / "solutions" / f"{file}.ipynb": _notebook(id, title, name, parameters),
    }


def _notebook(id, title, name, parameters):
    def tagged(cell, tag):
        cell.metadata["tags"] = [tag]
        return cell

    function = f"def {name}({', '.join(parameters)}):\n    {BEGIN}\n    return 0.0\n    {END}"
    cells = [
        new_markdown_cell(
            f"# Project {id[:2]} · {title}\n\nTODO: the task, and how long it takes."
        ),
        new_markdown_cell(
            "### What it must offer\n\nTODO: names, operations, errors.\n\n### What is free\n\n"
            "TODO.\n\n### An example\n\nTODO."
        ),
        new_code_cell(
            "import numpy as np\n\nfrom bookutils.checks import check, hint, mistakes, progress"
        ),
        new_markdown_cell(f"### {id} · project · {title}\n\nTODO: a skeleton, as a class maybe."),
        new_code_cell(function),
        new_code_cell(f'check("{id}", {name})'),
        tagged(new_code_cell(f'mistakes("{id}")'), "mistake"),
        tagged(new_markdown_cell("TODO: why the answer is the answer."), "explanation"),
        new_markdown_cell("### How far you are"),
        new_code_cell("progress()"),
    ]
    return nbformat.writes(normalise(new_notebook(cells=cells))) + "\n"


GRADERS = '''\
"""The project of chapter {number}: TODO."""

from bookutils.judge.project import Mistake, Project, Property

# ---- a right answer, and what goes wrong in others; the head of judge/project.py explains all


def {name}({args}):  # TODO: a class or a function
    return 0.0


def todo1({args}):
    return 1.0


def todo2({args}):
    return 2.0


def todo3({args}):
    return 3.0


def todo4({args}):
    return 4.0


# ---- the programs


def called({name}, {args}):  # TODO: a few lines that use the reader's own code
    return {name}({args})


PROJECT = Project(
    id="{id}",
    title={title},
    name="{name}",
    reference={name},
    proves="TODO: what a right answer shows.",
    mistakes=(
        Mistake("todo1", "TODO: You …", todo1),
        Mistake("todo2", "TODO: You …", todo2),
        Mistake("todo3", "TODO: You …", todo3),
        Mistake("todo4", "TODO: You …", todo4),
    ),
    properties=(
        Property(
            "TODO: what holds, in plain words",
            1,
            called,
            cases=lambda rng: [tuple(row) for row in rng.normal(size=(5, {n})).tolist()],
            explains="TODO: what is usually behind it.",
            section="TODO",
            group="todo",
        ),
    ),
    hints={{"todo": ("TODO: first", "TODO: second", "TODO: third, almost the answer")}},
)
'''
ANSWERS = '''\
"""Project {number}: right answers in other styles, and faults planted into the solution."""

RIGHT = []  # TODO: two program texts that define `{name}`, at least

# (text of the solution, text with the fault, properties that must lose their points)
FAULTS = []  # TODO: twenty at least, so that each property is lost by one
'''
