"""The code cells of a chapter, and what some of them make."""

import re
from functools import cache

import nbformat


@cache
def code_cells(chapter):
    """The code cells of a notebook, in order."""
    return [cell for cell in nbformat.read(chapter, as_version=4).cells if cell.cell_type == "code"]


def names_of(chapter, starts, names, *, tag=None, studies=True):
    """Run, in order, the cells in which a line begins with one of these; return their names.

    With them run those that carry the tag. Without its studies a cell ends before its first loop,
    print or `with`: what it defines is kept, and what takes long is left out.
    """
    found = set()
    for cell in code_cells(chapter):
        hits = {s for s in starts if re.search(rf"^{re.escape(s)}", cell.source, re.MULTILINE)}
        if hits or tag in cell.metadata.get("tags", []):
            study = re.search(r"^(?:print\(|for |with )", cell.source, re.MULTILINE)
            end = study.start() if study and not studies else None
            exec(cell.source[:end], names)
        found |= hits
    assert found == set(starts), f"no cell has {set(starts) - found}"
    return names


@cache
def built(chapter, stage, name):
    """The class `name` that the cells of one stage, and no others, build."""
    tag, names = f"build:{stage}", {}
    sources = [c.source for c in code_cells(chapter) if tag in c.metadata.get("tags", [])]
    exec("\n\n".join(sources), names)
    return names[name]
