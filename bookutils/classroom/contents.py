"""The cells of a notebook that was handed in, and the exercises it is about."""

import json
import re
from collections import defaultdict

from bookutils.classroom import platforms
from bookutils.classroom.archives import Unreadable

CELLS = 2000


def cells_of(raw):
    """(kind, source, outputs) of every cell. Raises: Unreadable."""
    if not raw.strip():
        raise Unreadable("The file is empty.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"The file is not UTF-8 text (byte {error.start:,}).") from None
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg
        if text.lstrip().startswith("{"):
            why = "it is cut off" if cut else f"line {error.lineno} is damaged"
            raise Unreadable(f"The file is not a whole notebook: {why}.") from None
        raise Unreadable("The file is not a notebook.") from None
    except (ValueError, RecursionError):
        raise Unreadable("The file is not a notebook.") from None
    try:
        cells = notebook.get("cells")
        if cells is None:  # the form before 2015
            cells = [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
        if len(cells) > CELLS:
            raise Unreadable(f"The notebook has {len(cells):,} cells; {CELLS:,} are read.")
        made = []
        for cell in cells:
            source = cell.get("source", cell.get("input", ""))
            source = source if isinstance(source, str) else "".join(source)
            # a lone surrogate cannot be handed on
            source = source.encode("utf-8", "replace").decode()
            made.append((str(cell["cell_type"]), source, cell.get("outputs", [])))
        return made
    except (AttributeError, KeyError, TypeError):
        raise Unreadable("The file is JSON, but not a notebook.") from None


def checks(cells):
    """The exercises that the code of a notebook checks."""
    pattern = re.compile(r"""^[^#\n]*\bcheck\(\s*["'](\w+\.\w+)["']""", re.MULTILINE)
    return {id for kind, source, _ in cells if kind == "code" for id in pattern.findall(source)}


def chapter(cells):
    """The title of the chapter that this notebook is, where it is one and holds no check.

    Its own exercises begin with the word: `# Exercises 02 · Computational graphs`.
    """
    first = next((source for kind, source, _ in cells if kind == "markdown"), "")
    title = re.match(r"\s*# (\d\d · .*)", first)
    return title[1] if title and not checks(cells) else ""


def asked(cells, name, known):
    """What a notebook is about, by its checks and headings or its name.

    The exercises of a chapter belong together, and count where a third of them are named; a
    project stands alone.
    """
    named = checks(cells)
    for kind, source, _ in cells:
        if kind != "code":
            named.update(re.findall(r"^#+ *(\w+\.\w+)\b", source, re.MULTILINE))
    chapters = defaultdict(list)
    for exercise in known:
        chapters[exercise.sheet].append(exercise)
    named_in = {
        chapter: sum(exercise.id in named for exercise in exercises)
        for chapter, exercises in chapters.items()
    }
    chosen = [c for chapter, c in chapters.items() if 3 * named_in[chapter] >= len(c)]
    chosen = chosen or [c for chapter, c in chapters.items() if named_in[chapter]]
    if not chosen:
        number = re.search(r"(?<!\d)(\d\d)[_-](project)?", platforms.own_name(name))
        named = ".".join(filter(None, number.groups())) if number else ""
        chosen = [chapters.get(named, [])]
    return [exercise for exercises in chosen for exercise in exercises]


def hints_shown(cells):
    """id -> hints that the saved outputs show."""
    shown = {}
    for kind, source, outputs in cells:
        if kind != "code" or "hint(" not in source:
            continue
        numbers = re.findall(r"hint (\d) of \d", json.dumps(outputs)[:100_000])
        for id in set(re.findall(r"""hint\(\s*["'](\w+\.\w+)["']""", source)):
            shown[id] = max([shown.get(id, 0), *map(int, numbers)])
    return shown
