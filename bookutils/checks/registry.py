"""Every exercise and every project there is, by its id, chapter by chapter."""

import difflib
import importlib
import pkgutil
import re
from functools import cache


def chapters():
    """Numbers of the chapters that have a grader module, in order."""
    package = importlib.import_module("bookutils.checks")
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    return sorted(name[8:] for name in names if re.fullmatch(r"chapter_\w+", name))


@cache
def exercises(chapter):
    """id -> Exercise of one chapter."""
    module = importlib.import_module(f"bookutils.checks.chapter_{chapter}")
    for one in module.EXERCISES:
        alike = (e for e in module.EXERCISES if e.parameters == one.parameters != ())
        one.siblings[:] = (e for e in alike if e is not one)
    return {exercise.id: exercise for exercise in module.EXERCISES}


def all_exercises():
    """Every exercise there is, chapter by chapter."""
    return [exercise for chapter in chapters() for exercise in exercises(chapter).values()]


@cache
def projects():
    """Every project there is, chapter by chapter."""
    package = importlib.import_module("bookutils.checks")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [n for n in names if re.fullmatch(r"project_\w+", n)]
    return [importlib.import_module(f"bookutils.checks.{name}").PROJECT for name in modules]


def all_tasks():
    """Every exercise and every project: what has a verdict and points."""
    return [*all_exercises(), *projects()]


def named(id):
    """What was given for an id, as text."""
    try:
        return str(id)
    except Exception:  # a number with more digits than Python prints, an object of its own mind
        return f"an object of type {type(id).__name__}"


def find(id):
    """The exercise or project of this id. Raises: LookupError; its sentence names the nearest."""
    text = named(id)
    chapter = text.partition(".")[0]
    if isinstance(id, str) and chapter in chapters() and id in exercises(chapter):
        return exercises(chapter)[id]
    for project in projects():
        if project.id == text:
            return project
    if len(chapter) == 1:  # 1.2 means 01.2
        text, chapter = f"0{text}", f"0{chapter}"
    ids = [task.id for task in all_tasks()]
    own = [known for known in ids if known.startswith(f"{chapter}.")]
    if own:  # the last of the chapter are the nearest to one too many
        near = difflib.get_close_matches(text, own[::-1], n=3, cutoff=0.4)
    else:
        near = difflib.get_close_matches(text, ids, n=3, cutoff=0.4)
    near = near or ids[:3]
    raise LookupError(f"There is no exercise {named(id)!r}. The nearest are {', '.join(near)}.")
