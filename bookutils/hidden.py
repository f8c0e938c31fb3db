"""A file beside a notebook that has the name of a module hides it from that notebook."""

import os
import sys
from importlib.machinery import FrozenImporter, PathFinder

NEEDED = frozenset(
    "IPython PIL array_api_compat filelock ipykernel ipywidgets jupyter_client jupyter_core "
    "matplotlib nbclient nbformat numpy packaging platformdirs psutil scipy sklearn torch tqdm "
    "traitlets".split()
)


def hiding(folder, path=None, names=None):
    """{module: file} of what in `folder` hides a module that comes later on `path`, sys.path.

    Only modules of these names, or all.
    """
    folder, places = os.path.abspath(folder), sys.path if path is None else path
    try:
        entries = sorted(os.listdir(folder))
    except OSError:
        return {}
    found = {}
    for entry in entries:
        name, ending = os.path.splitext(entry)
        file = os.path.join(folder, entry if ending else os.path.join(entry, "__init__.py"))
        if ending not in (".py", "") or not name.isidentifier() or not os.path.isfile(file):
            continue
        if (names is None or name in names) and _hides(name, file, folder, places):
            found[name] = file
    return found


def _hides(name, file, folder, path):
    if name in sys.builtin_module_names or FrozenImporter.find_spec(name):
        return False  # these come first
    comes = PathFinder.find_spec(name, path)
    if comes is None or not comes.origin or os.path.abspath(comes.origin) != file:
        return False
    else_from = [place for place in path if os.path.abspath(place or ".") != folder]
    elsewhere = PathFinder.find_spec(name, else_from)
    return elsewhere is not None and elsewhere.origin is not None


def said(found):
    """What to do about the first of the files found, or "" where there is none."""
    for name, file in found.items():
        return f"{file} hides the module {name}: rename it, and restart the kernel."
    return ""


def beside(names=None):
    """What hides a module in the folder that this process runs in."""
    try:
        found = hiding(os.getcwd(), names=names)
    except OSError:  # the folder is gone
        return {}
    return {name: file for name, file in found.items() if _file(name) in ("", file)}


def _file(name):
    """The file that a module was loaded from, "" where it is not loaded."""
    file = getattr(sys.modules.get(name), "__file__", None)
    return os.path.abspath(file) if file else ""


def refuse():
    """Raises: ImportError, with a sentence, where a package that the book needs is hidden."""
    if found := beside(NEEDED):
        raise ImportError(said(found))
