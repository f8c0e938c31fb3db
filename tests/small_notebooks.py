"""Notebooks of a few cells, for the tests of what runs and writes notebooks."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

SOLUTION = '''def slope(f, x, h):
    """Return the slope of a secant."""
    ### BEGIN SOLUTION
    rise = f(x + h) - f(x)
    return rise / h
    ### END SOLUTION'''

INTERACT = """from ipywidgets import interact
_ = interact(lambda x: print(x), x=(1, 3))"""
CAPTURED = """import ipywidgets
out = ipywidgets.Output()
with out:
    print(1)
print(2)"""


def notebook(*cells):
    """A notebook of code cells given as text, and of cells given as cells."""
    return new_notebook(cells=[new_code_cell(c) if isinstance(c, str) else c for c in cells])


def tagged(cell, tag):
    cell.metadata["tags"] = [tag]
    return cell


def save(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook(*cells), path)
    return path


def outputs(book):
    return [cell.outputs for cell in book.cells if cell.cell_type == "code"]
