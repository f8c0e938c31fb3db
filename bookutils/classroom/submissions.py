"""What was handed in: whose it is, the cells of a notebook, and the exercises it is about."""

import json
import os
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

CELLS = 2000
LARGEST = 20 * 2**20  # bytes of a notebook
FILE_ENDS = ("_assignsubmission_file", "_assignsubmission_onlinetext")  # of Moodle's names
FILE_END = re.compile(rf"_(\d+)(?:{'|'.join(FILE_ENDS)})")
COPIES = ("__MACOSX", ".ipynb_checkpoints", ".git")  # what systems and editors put beside the work


class Unreadable(Exception):
    """A file that is no notebook, with the reason in a sentence."""


@dataclass(frozen=True)
class Submission:
    student: str
    path: Path


@dataclass(frozen=True)
class Found:
    """What lies in the places that were named: submissions, and files that are none."""

    submissions: list
    left_out: list  # paths of files that are no notebooks
    alike: list  # names that two or more had: (name, names they have now)


def submissions(places):
    """Every notebook under these files and folders, with its student, as Found; docs/teaching.md.

    Nobody is lost: what cannot be read, a link, and a student's folder without a notebook have
    their entry too, and two students of one name get two names. Raises: FileNotFoundError.
    """
    owned, left_out = {}, []  # absolute path -> (path, name, what tells it from another's)
    for place in map(Path, places):
        if not place.exists():
            raise FileNotFoundError(f"there is no {shown(place)}")
    singles = [place for place in map(Path, places) if not place.is_dir()]
    groups = [_by_name({path: (student(path, path), "") for path in singles})]
    for place in [place for place in map(Path, places) if place.is_dir()]:
        folders, notebooks, others = _inside(place)
        owners = {path: (student(place, path), _owner(place, path)) for path in notebooks}
        tops = [folder for folder in folders if folder.parent == place]
        with_some = {path.relative_to(place).parts[0] for path in notebooks}
        without = [folder for folder in tops if folder.name not in with_some]
        # where each student has a folder, one without a notebook is a student too
        if len(without) < len(tops):
            for folder in without:
                others = [path for path in others if folder not in path.parents]
                owners[folder] = student(place, folder / "x"), _owner(place, folder / "x")
        left_out += others
        groups.append(_by_name(owners))
    for group in groups:
        for path, owner in group.items():
            owned.setdefault(_absolute(path), (path, *owner))
    names, alike = _named({(name, owner) for _, name, owner in owned.values()})
    found = [Submission(names[name, owner], path) for path, name, owner in owned.values()]
    found.sort(key=lambda s: (s.student.casefold(), s.student, str(s.path)))
    return Found(found, sorted(set(left_out)), alike)


def _inside(place):
    """(folders, notebooks and what cannot be looked into, other files), links not followed."""
    folders, notebooks, others = [], [], []
    unread = lambda error: notebooks.append(Path(error.filename))  # noqa: E731
    for at, inner, files in os.walk(place, onerror=unread):
        at = Path(at)
        inner[:] = sorted(name for name in inner if name not in COPIES)
        folders += [at / name for name in inner]
        notebooks += [at / name for name in inner if (at / name).is_symlink()]
        for name in sorted(files):
            if name.startswith("._"):  # what macOS keeps beside a file
                continue
            into = notebooks if ".ipynb" in name.casefold() else others
            into.append(at / name)
    return folders, [path for path in notebooks if path != place], others


def _absolute(path):
    """One path for one file, by whichever place it was named; a link is a file of its own."""
    return path.parent.resolve() / path.name


def _by_name(owners):
    """{path: (name, owner)}, with no owner for a name that only one student here has."""
    owners = _flat(owners)
    several = defaultdict(set)
    for name, owner in owners.values():
        several[_alike(name)].add(owner)
    return {
        path: (name, owner if len(several[_alike(name)]) > 1 else "")
        for path, (name, owner) in owners.items()
    }


def _alike(name):
    """Equal for names that cannot be told apart: case, accents composed or not, blanks."""
    return shown(name).casefold()


def _named(owners):
    """({(name, owner): the name in the tables}, names that several had)."""
    twins = defaultdict(lambda: defaultdict(list))
    for name, owner in sorted(owners):
        twins[_alike(name)][owner].append((name, owner))
    names, alike = {}, []
    for several in twins.values():
        (name, _), *_ = next(iter(several.values()))
        taken = []
        for owner, pairs in several.items():
            made = f"{shown(name)} ({shown(owner)})" if owner else shown(name)
            if made in taken:  # folders whose names look the same
                made += f" {len(taken) + 1}"
            taken.append(made)
            names |= {pair: made for pair in pairs}
        if len(taken) > 1:
            alike.append((shown(name), taken))
    return names, alike


def shown(text):
    """A name as a table or a terminal may have it: composed, without control characters."""
    text = str(text).encode("utf-8", "replace").decode()
    text = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text))
    return " ".join(text.split()) or "(no name)"


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
        stem = re.split(r"(?i)\.ipynb", path.name)[0]
        name = before[1] if before else stem
        name = name or path.resolve().parent.name
    for end in FILE_ENDS:  # Ada Lovelace_12345_assignsubmission_file
        name = re.sub(rf"_\d+{end}_?.*", "", name)
    return name


def _owner(place, path):
    """What tells a folder from another of the same name: a platform's number, or its own name."""
    below = path.relative_to(place).parts
    number = FILE_END.search(below[0])
    return number[1] if number else below[0] if len(below) > 1 else ""


def _flat(owners):
    """`owners` with files that lie in no student's folder told apart.

    `ada_01_x` and `ada_02_y` are one student's. Two notebooks of one name about one sheet are two
    students', whom the end of the name tells apart: `01_x_ada` and `01_x_bob` are ada and bob, and
    `02_y_bob` is bob's too.
    """
    sheets = defaultdict(dict)  # of each name and number: what comes behind the number
    for path, (name, owner) in owners.items():
        if not owner:
            number = re.search(r"(?i)(?<!\d)(\d\d)[_-](.*?)(\.ipynb.*)?$", path.name)
            sheet, rest = (number[1], number[2]) if number else (path.name, path.name)
            sheets[name, sheet][path] = rest
    ends = {}
    for rests in sheets.values():
        begin = os.path.commonprefix([*rests.values()])
        if begin not in rests.values():  # names may begin alike: Ada and Anna
            begin = re.sub(r"[^\W_]+$", "", begin)
        ends |= {path: rest[len(begin) :].strip(" _-") for path, rest in rests.items()}
    behind = {end for end in ends.values() if re.search(r"[^\W\d_]", end)}
    made = dict(owners)
    for (name, _), rests in sheets.items():
        for path, rest in rests.items():
            end = next((e for e in behind if re.search(rf"(^|[ _-]){re.escape(e)}$", rest)), "")
            if end and name == path.resolve().parent.name:
                made[path] = end, ""
            elif len(rests) > 1:
                stem = path.name.partition(".")[0]
                again = sum(other.name.partition(".")[0] == stem for other in rests) > 1
                made[path] = name, f"{path.parent.name}/{stem}" if again else stem
    return made


def read(submission):
    """The bytes of a submission. Raises: Unreadable."""
    try:
        if submission.path.is_symlink():
            raise Unreadable("This is a link; links are not followed.")
        if submission.path.is_dir():
            raise Unreadable(_without(submission.path))
        if not submission.path.is_file():
            raise Unreadable("This is no file that could be read.")
        size = submission.path.stat().st_size
        if size > LARGEST:
            raise Unreadable(f"The file has {size / 2**20:.0f} MB; {LARGEST >> 20} are read.")
        return submission.path.read_bytes()
    except OSError as error:
        raise Unreadable(f"The file cannot be read ({error.strerror}).") from None


def _without(folder):
    """What there is in a folder in which no notebook was found."""
    try:
        files = sorted(path.name for path in folder.rglob("*") if path.is_file())
    except OSError:
        files = []
    if not files:
        os.listdir(folder)  # raises where the folder cannot be looked into
        return "There is no notebook in the folder."
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    return f"There is no notebook in the folder, only {', '.join(map(shown, files[:3]))}{more}."


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
