"""The stubs of a new exercise or project, in every place that an author fills in.

`solutions/NN_….ipynb` gets its cells, `bookutils/checks/chapter_NN.py` its entry in EXERCISES,
`tests/answers/chapter_NN.py` its entry in RIGHT; what does not exist yet is made. The stubs hang
together, so that the notebook builds at once; what they leave open is marked TODO, and the tests
refuse that word.
"""

import ast
import json
import os
import re
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bookutils.classroom import new_project
from bookutils.classroom.authoring import BEGIN, CHECK, END
from bookutils.classroom.committed import normalise

KINDS = "by hand", "predict", "implement", "find the bug", "read a curve", "extend", "warm-up"
LAST = "### How far you are"


class Refused(Exception):
    """Why nothing is written, in a sentence."""


def new_exercise(id, title="TODO", kind="implement", signature="", chapter="", root="."):
    """Write the stubs; returns the paths written. Raises: Refused.

    `chapter` is the name of the files of a new chapter, as "07_regularization".
    """
    root = Path(root)
    if not re.fullmatch(r"\d\d\.(\d+|project)", id):
        raise Refused(
            f"{id!r} is no id: write the chapter in two digits and a number, as 07.3, or the word "
            "project, as 07.project."
        )
    if kind not in KINDS:
        raise Refused(f"{kind!r} is no kind: choose one of {', '.join(KINDS)}.")
    if not (root / "bookutils" / "checks").is_dir():
        raise Refused("Run this in the folder of the book: there is no bookutils/checks here.")
    number = id[:2]
    name, parameters = _signature(signature or f"answer_{id.replace('.', '_')}(x)")
    if id.endswith(".project"):
        written = new_project.stubs(id, title, name, parameters, root)
        there = [str(path) for path in written if path.exists()]
        if there:
            raise Refused(f"There is a project {id} already: {', '.join(there)}.")
        _write(written)
        return list(written)
    graders = root / "bookutils" / "checks" / f"chapter_{number}.py"
    answers = root / "tests" / "answers" / f"chapter_{number}.py"
    solutions = root / "solutions" / f"{_file_name(root, number, chapter)}.ipynb"
    heading = solutions.stem[3:].replace("_", " ").capitalize()
    text = _text(graders, GRADERS.format(number=number, heading=heading))
    table = _text(answers, ANSWERS.format(number=number))
    if solutions.exists():
        notebook = nbformat.read(solutions, as_version=4)
    else:
        notebook = _empty_notebook(number, heading)
    written = {
        graders: _inserted(
            graders, text, "EXERCISES", id, _entry(id, kind, title, name, parameters)
        ),
        answers: _inserted(
            answers, table, "RIGHT", id, f'    "{id}": [],  # TODO: three, at least\n'
        ),
        solutions: _with_cells(solutions, notebook, id, _cells(id, kind, title, name, parameters)),
    }
    _write(written)
    return list(written)


def _write(texts):
    for path, text in texts.items():
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)


def main(id, **options):
    """Write the stubs and say what to do next; returns an exit status."""
    import sys

    try:
        graders, answers, solutions = new_exercise(id, **options)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    print(f"Written: {solutions}, {graders}, {answers}.")
    print("Next: replace every TODO in them, then")
    print(f"    python -m bookutils build {solutions}")
    if id.endswith(".project"):
        print(f"    pytest tests/test_projects.py -k {id}")
        return 0
    print(f"    pytest tests/test_graders.py tests/test_right_answers.py -k {id}")
    print(f"    pytest tests/test_mutants.py -k {id}")
    print(f"Changes that keep the solution right go into EQUIVALENT of {answers}, with the reason.")
    return 0


def _signature(text):
    """(name, parameters) of a signature. Raises: Refused."""
    try:
        (function,) = ast.parse(f"def {text}: pass").body
        plain = ast.unparse(function.args) == ", ".join(a.arg for a in function.args.args)
    except (SyntaxError, ValueError, AttributeError):
        plain = False
    if not plain:
        raise Refused(f"{text!r} is no signature: write a name and plain parameters, as f(x, W).")
    return function.name, [argument.arg for argument in function.args.args]


def _file_name(root, number, chapter):
    """The name that the notebooks of a chapter share. Raises: Refused."""
    found = {
        path.stem
        for folder in ("solutions", "chapters")
        for path in (root / folder).glob(f"{number}_*.ipynb")
        if "_project_" not in path.name
    }
    if not found and re.fullmatch(rf"{number}_\w+", chapter):
        return chapter
    if not found:
        example = f"--chapter {number}_regularization"
        raise Refused(f"There is no chapter {number} yet: name its files, as {example}.")
    if chapter and {chapter} != found:
        raise Refused(f"Chapter {number} has the name {min(found)} already: leave --chapter out.")
    return min(found)


def _text(path, beginning):
    return path.read_text(encoding="utf-8") if path.exists() else beginning


def _order(id):
    return tuple(map(int, id.split(".")))


def _inserted(path, text, name, id, entry):
    """A module's text with one more entry in its table `name`, in the order of the ids."""
    tables = [
        node.value
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    ]
    if len(tables) != 1 or not isinstance(tables[0], (ast.List, ast.Dict)):
        raise Refused(f"{path} has no table {name} that a program could add to.")
    (table,) = tables
    if isinstance(table, ast.Dict):
        places = {key.value: key.lineno for key in table.keys}
    else:
        places = {_id_of(call): call.lineno for call in table.elts}
    if id in places:
        raise Refused(f"There is an exercise {id} already, in {path}.")
    later = [line for known, line in places.items() if _order(known) > _order(id)]
    lines = text.splitlines(keepends=True)
    at = min(later, default=table.end_lineno) - 1
    while lines[at - 1].lstrip().startswith("#"):  # the comment belongs to what comes after it
        at -= 1
    return "".join([*lines[:at], entry, *lines[at:]])


def _id_of(call):
    return next(keyword.value.value for keyword in call.keywords if keyword.arg == "id")


def _with_cells(path, notebook, id, cells):
    """The notebook's text with these cells, before the first exercise with a larger id."""
    at = len(notebook.cells)
    for i, cell in reversed(list(enumerate(notebook.cells))):
        heading = re.match(r"#+ (\d\d\.\d+) · ", cell.source)
        check = CHECK.match(cell.source)
        if (heading and heading[1] == id) or (check and check[1] == id):
            raise Refused(f"There is an exercise {id} already, in {path}.")
        if cell.source.startswith(LAST) or (heading and _order(heading[1]) > _order(id)):
            at = i
    notebook.cells[at:at] = cells
    return nbformat.writes(normalise(notebook)) + "\n"


def _cells(id, kind, title, name, parameters):
    def tagged(cell, tag):
        cell.metadata["tags"] = [tag]
        return cell

    function = (
        f"def {name}({', '.join(parameters)}):\n"
        f'    """TODO: what comes in, what goes out."""\n'
        f"    {BEGIN}\n    return 0.0\n    {END}"
    )
    return [
        new_markdown_cell(f"### {id} · {kind} · {title}\n\nTODO: the task, with one example."),
        new_code_cell(function),
        new_code_cell(f'check("{id}", {name})'),
        tagged(new_code_cell(f'mistakes("{id}")'), "mistake"),
        tagged(new_markdown_cell("TODO: why the answer is the answer."), "explanation"),
    ]


def _empty_notebook(number, heading):
    beginning = (
        f"# Exercises {number} · {heading}\n\nWrite your answer where the cell says *your turn*, "
        f'run it, then run the check below it. `hint("{number}.1")` gives one hint more each time. '
        "Leave the arrays that a function is handed as they are: change a copy."
    )
    return new_notebook(
        cells=[
            new_markdown_cell(beginning),
            new_code_cell(
                "import numpy as np\n\nfrom bookutils.checks import check, hint, mistakes, progress"
            ),
            new_markdown_cell(LAST),
            new_code_cell("progress()"),
        ]
    )


def _entry(id, kind, title, name, parameters):
    """An entry of EXERCISES: a value exercise where there are no parameters."""
    arguments, n = ", ".join(parameters), len(parameters)
    wrong = f"lambda {arguments}: " if n else ""
    mistakes = "".join(
        f'            Mistake("todo{k}", "TODO: You …", {wrong}{k}.0),\n' for k in range(1, 5)
    )
    if n:
        reference = (
            f"        # TODO: a closed form, other than the solution's code\n"
            f"        reference=lambda {arguments}: 0.0,\n"
            f"        # TODO: every edge that the text allows, an easy and readable case first\n"
            f"        cases=lambda rng: [tuple(r) for r in rng.normal(size=(5, {n})).tolist()],\n"
        )
    else:
        reference = "        reference=0.0,  # TODO: the value\n"
    return (
        f"    Exercise(\n"
        f'        id="{id}",\n'
        f'        kind="{kind}",\n'
        f"        title={json.dumps(title, ensure_ascii=False)},\n"
        f'        signature="{name}({arguments})",\n'
        f"{reference}"
        f"        mistakes=(\n{mistakes}        ),\n"
        f'        hints=("TODO: first", "TODO: second", "TODO: third, almost the answer"),\n'
        f"        section='chapter {id[:2]}, section {int(id[:2])}.TODO, \"TODO\"',\n"
        f'        proves="TODO: what a right answer shows.",\n'
        f"    ),\n"
    )


GRADERS = '''\
"""Exercises of chapter {number}, {heading}."""

from bookutils.judge.exercise import Exercise, Mistake

EXERCISES = [
]
'''
ANSWERS = '''\
"""Chapter {number}: right answers in other forms, changes that keep a solution right."""

RIGHT = {{
}}

EQUIVALENT = {{}}
'''
