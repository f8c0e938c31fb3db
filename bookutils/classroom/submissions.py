"""What was handed in: whose it is, the cells of a notebook, and the exercises it is about."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

CELLS = 2000
LARGEST = 20 * 2**20  # bytes of a notebook
FILE_ENDS = ("_assignsubmission_file", "_assignsubmission_onlinetext")  # of Moodle's names


class Unreadable(Exception):
    """A file that is no notebook, with the reason in a sentence."""


@dataclass(frozen=True)
class Submission:
    student: str
    path: Path


def submissions(places):
    """Every notebook under these files and folders, with its student; see docs/teaching.md.

    Raises: FileNotFoundError.
    """
    found = {}
    for place in map(Path, places):
        if not place.exists():
            raise FileNotFoundError(f"there is no {place}")
        inside = [place] if place.is_file() else sorted(place.rglob("*"))
        for path in inside:
            below = path.relative_to(place).parts if place.is_dir() else ()
            if any(part.startswith(".") or part == "__MACOSX" for part in below):
                continue
            if path.is_file() and (".ipynb" in path.name or path == place):
                found[path.resolve()] = Submission(student(place, path), path)
        # where each student has a folder, one without a notebook is a student too
        folders = {path for path in inside if path.parent == place and path.is_dir()}
        with_some = {
            folder for folder in folders for path in found if folder.resolve() in path.parents
        }
        for folder in folders - with_some if with_some else ():
            if not folder.name.startswith((".", "__")):
                found[folder.resolve()] = Submission(student(place, folder / "x"), folder)
    return sorted(found.values(), key=lambda s: (s.student.casefold(), str(s.path)))


def student(place, path):
    """The name that a path gives its student.

    The first folder below `place`; for a file right in it, what stands before `_01_` or `-01-`;
    where nothing does, the name of the folder it lies in.
    """
    below = path.relative_to(place).parts if place.is_dir() else ()
    if len(below) > 1:
        name = below[0]
    else:
        before = re.match(r"(.*?)[ _-]*(?<!\d)\d\d[_-]", path.name)
        stem = path.name.partition(".ipynb")[0]
        name = before[1] if before else stem
        name = name or path.resolve().parent.name
    for end in FILE_ENDS:  # Ada Lovelace_12345_assignsubmission_file
        name = re.sub(rf"_\d+{end}_?.*", "", name)
    return name


def read(submission):
    """The bytes of a submission. Raises: Unreadable."""
    try:
        if submission.path.is_dir():
            raise Unreadable("There is no notebook in the folder.")
        if submission.path.is_symlink():
            raise Unreadable("The file is a link; links are not followed.")
        size = submission.path.stat().st_size
        if size > LARGEST:
            raise Unreadable(f"The file has {size / 2**20:.0f} MB; {LARGEST >> 20} are read.")
        return submission.path.read_bytes()
    except OSError as error:
        raise Unreadable(f"The file cannot be read ({error.strerror}).") from None


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


def asked(cells, name, known):
    """What a notebook is about, by its checks and headings or its name.

    The exercises of a chapter belong together, and count where a third of them are named; a
    project stands alone.
    """
    named = set()
    for kind, source, _ in cells:
        pattern = r"""check\(\s*["'](\w+\.\w+)["']""" if kind == "code" else r"^#+ *(\w+\.\w+)\b"
        named.update(re.findall(pattern, source, re.MULTILINE))
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
        number = re.search(r"(?<!\d)(\d\d)[_-](project)?", name)
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
