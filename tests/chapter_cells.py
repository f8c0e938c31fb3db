"""The code cells of a chapter, and the class that its `build` cells make."""

from functools import cache

import nbformat


@cache
def code_cells(chapter):
    """The code cells of a notebook, in order."""
    return [cell for cell in nbformat.read(chapter, as_version=4).cells if cell.cell_type == "code"]


@cache
def built(chapter, stage, name):
    """The class `name` that the cells of one stage, and no others, build."""
    tag, names = f"build:{stage}", {}
    sources = [c.source for c in code_cells(chapter) if tag in c.metadata.get("tags", [])]
    exec("\n\n".join(sources), names)
    return names[name]
