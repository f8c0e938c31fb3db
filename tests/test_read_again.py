"""Where a verdict sends a reader: every section it names is a heading of that chapter."""

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

from bookutils.checks.registry import all_exercises, projects

REMARK = " (second reading)"
CHAPTERS = Path(__file__).parents[1] / "chapters"
NAMED = re.compile(r'(?:chapter (\d\d), )?(?:section )?(\d+\.\d+)(?:,? "(.+)")?')


@cache
def headings(chapter):
    """The numbered headings of a chapter, such as "8.7 Memory: momentum"; a remark may end them."""
    (path,) = CHAPTERS.glob(f"{chapter}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return {h.removesuffix(REMARK) for h in re.findall(r"^#+ (\d.*?)\s*$", text, re.MULTILINE)}


def sections():
    """(id, section) of each exercise, its mistakes, and each property of a project."""
    for exercise in all_exercises():
        for one in (exercise, *exercise.mistakes):
            if one.section:
                yield exercise.id, one.section
    for project in projects():
        for prop in project.properties:
            yield project.id, prop.section


@pytest.mark.parametrize(("id", "section"), sorted(set(sections())))
def test_the_section_is_there(id, section):
    assert (named := NAMED.fullmatch(section)), section
    chapter, number, title = named.groups()
    there = headings(chapter or id[:2])
    title = title and title.removesuffix(REMARK)
    assert any(heading == f"{number} {title or heading.partition(' ')[2]}" for heading in there)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("id", "section"),
    sorted({(id, s) for id, s in sections() if not id.endswith("project")}),
)
def test_no_exercise_leans_on_a_second_reading(id, section):
    chapter, number, _ = NAMED.fullmatch(section).groups()
    (path,) = CHAPTERS.glob(f"{chapter or id[:2]}_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert not re.search(rf"^#+ {re.escape(number)} .*{re.escape(REMARK)}\s*$", text, re.MULTILINE)
