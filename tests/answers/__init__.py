"""What the graders of each chapter must take for right, and what for wrong, by exercise.

`RIGHT[id]` is a list of functions, or of values where a value is asked for, each written in
another way than the solution: loops beside array operations, other algebra, other types (int,
Fraction, NumPy scalars, lists for arrays), results that are views, non-contiguous, read-only or
in Fortran order. `EQUIVALENT[id]` maps each small change of the solution that keeps the answer
right to the reason why it does. `WRONG[id]` maps names to answers that are right nearly everywhere.
"""

import ast
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import nbformat

from bookutils.checks.registry import chapters, find

ROOT = Path(__file__).resolve().parents[2]


def of_all_chapters(table):
    """{id: what the chapter's module says} for "RIGHT", "WRONG" or "EQUIVALENT"."""
    found = {}
    for chapter in chapters():
        name = f"{__name__}.chapter_{chapter}"
        if find_spec(name):
            found |= getattr(import_module(name), table, {})
    return found


def bare(exercise):
    """The exercise about the numbers of a case alone: no program stands around an answer."""
    if not exercise.program:
        return exercise
    signature = f"{exercise.name}({', '.join(exercise.parameters)})"
    return replace(exercise, program=None, signature=signature, mistakes=(), _memory={})


@cache
def solution(id):
    """(program text of the solution's function, the names that stand round it)."""
    paths = (ROOT / "solutions").glob(f"{id[:2]}_*.ipynb")
    (path,) = (path for path in paths if "_project_" not in path.name)
    names, functions = {}, {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.source.startswith(f'check("{id}"'):
            return functions[find(id).name], names
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)):
                    exec(ast.unparse(node), names)
                if isinstance(node, ast.FunctionDef):
                    functions[node.name] = ast.unparse(node)
    raise LookupError(f"{path.name} has no check of {id}")
