"""What was handed in, and whose it is."""

import os
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bookutils.classroom import archives, platforms
from bookutils.classroom.archives import COPIES, DEEP, LARGEST, Unreadable

BOOK = Path(__file__).parents[2]
NOTEBOOKS = 100  # of one student
MODULES, MODULE = 20, 2**18  # beside a notebook, and the bytes of one
NOTEBOOK = re.compile(rb'\s*\{\s*"(cells|nbformat|nbformat_minor|worksheets)"\s*:')


@dataclass(frozen=True)
class Submission:
    student: str
    path: Path  # of a notebook in a zip file: that of the zip file, and its own in there
    inside: tuple = ()  # which entry it is, and in a zip file in a zip file of which
    said: str = ""  # why there is no notebook
    beside: tuple = ()  # (path, inside) of the student's own modules


@dataclass(frozen=True)
class Found:
    """What lies in the places that were named: submissions, and files that are none."""

    submissions: list
    left_out: list  # paths of files that are no notebooks
    alike: list  # names that two or more had: (name, names they have now)


def submissions(places):
    """Every notebook under these files and folders, with its student, as Found; docs/teaching.md.

    Nobody is lost: what cannot be read, a link, and who handed in no notebook have their entry
    too, and two students of one name get two names. Raises: FileNotFoundError.
    """
    owned, left_out = {}, []  # absolute path -> (path, name, what tells it from another's)
    places, at, said, beside = [*map(Path, places)], {}, {}, {}
    for place in places:
        if not place.exists():
            raise FileNotFoundError(f"there is no {shown(place)}")
    singles, groups = {}, [{}]
    for place in places:
        try:
            folders, notebooks, others = _inside(place)
        except (NotADirectoryError, Unreadable):  # one file, or a damaged zip file
            singles[place] = _whose(place.parent, place)
            continue
        at |= notebooks | others
        copies = {path for path in others if set(path.parts) & {*COPIES}}
        owners = {path: _whose(place, path) for path in notebooks}
        for path, files in _without_notebook(place, owners, folders, others).items():
            owners[path], said[path] = _whose(place, path), _only(files)
            others = {other: at[other] for other in others if other not in files}
        with_some = {path.parent for path in notebooks} - {place}
        for path in [path for path in others if re.fullmatch(r"\w+\.py", path.name)]:
            if path.parent in with_some:
                beside.setdefault(path.parent, []).append((path, others.pop(path)))
        left_out += [path for path in others if path not in copies]
        groups.append(_by_name(owners))
    groups[0] = _by_name(singles)
    for group in groups:
        for path, owner in group.items():
            owned.setdefault(_absolute(path), (path, *owner))
    names, alike = _named({(name, owner) for _, name, owner in owned.values()})
    found, count = [], Counter()
    for path, name, owner in sorted(owned.values(), key=lambda named: str(named[0])):
        who, why = names[name, owner], said.get(path, "")
        count[who] += 1
        if count[who] > NOTEBOOKS:
            why = f"{NOTEBOOKS} notebooks of one student are read, and this is one more."
        own = tuple(beside.get(path.parent, ())[:MODULES])
        found.append(Submission(who, path, at.get(path, ()), why, own))
    found.sort(key=lambda s: (s.student.casefold(), s.student, str(s.path)))
    return Found(found, sorted(set(left_out)), alike)


def _inside(place):
    """(top folders, {notebook, or what cannot be looked into: its entry in a zip file}, {others}).

    Links are not followed. Raises: NotADirectoryError, Unreadable.
    """
    if archives.is_zip(place) and place.is_file():
        return _in_zip(place, place.stem)
    if not place.is_dir():
        raise NotADirectoryError(place)
    folders, notebooks, others = [], {}, {}
    unread = lambda error: notebooks.update({Path(error.filename): ()})  # noqa: E731
    for here, inner, files in os.walk(place, onerror=unread):
        here = Path(here)
        others |= {path: () for path in here.glob(".ipynb_checkpoints/*.ipynb")}
        inner[:] = sorted(name for name in inner if name not in COPIES)
        folders = folders or [here / name for name in inner]  # the first are those of `place`
        if len(here.relative_to(place).parts) == DEEP:
            notebooks |= {here / name: () for name in inner}
            inner.clear()
        notebooks |= {here / name: () for name in inner if (here / name).is_symlink()}
        for name in sorted(files):
            path = here / name
            if archives.is_trace(name):
                continue
            if archives.is_zip(name) and path.is_file() and not path.is_symlink():
                try:
                    _, packed, beside = _in_zip(path)
                except Unreadable:  # it says so itself
                    packed, beside = {path: ()}, {}
                notebooks |= packed
                beside = {file: entry for file, entry in beside.items() if file.suffix == ".py"}
                others |= beside if packed else {path: ()}
            elif ".ipynb" in name.casefold() or _is_notebook(path):
                notebooks[path] = ()
            else:
                others[path] = ()
    return folders, {path: entry for path, entry in notebooks.items() if path != place}, others


def _in_zip(place, itself=""):
    """The same of a zip file; `itself`: a folder round all that is in it. Raises: Unreadable."""
    found = archives.files(place, most=archives.WHOLE if itself else archives.OWN)
    if itself and all(len(parts) > 1 and parts[0] == itself for parts, _ in found):
        found = [(parts[1:], entry) for parts, entry in found]
    notebooks, others, taken, again = {}, {}, set(), 1
    for parts, entry in found:
        if not parts[-1]:  # a folder
            continue
        path = place.joinpath(*parts)
        while path in taken:  # two entries of one name
            path, again = path.with_name(f"{parts[-1]} again {again}"), again + 1
        taken.add(path)
        if ".ipynb" in path.name.casefold() or len(entry) == 1 and archives.is_zip(path.name):
            notebooks[path] = entry
        else:
            others[path] = entry
    folders = dict.fromkeys(place / parts[0] for parts, _ in found if len(parts) > 1)
    return [*folders], notebooks, others


def _is_notebook(path):
    """Whether a file that is not named as one is a notebook by how it begins."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with open(path, "rb") as file:
            return bool(NOTEBOOK.match(file.read(200).removeprefix(b"\xef\xbb\xbf")))
    except OSError:
        return False


def _without_notebook(place, owners, folders, others):
    """{folder or file: files} of students who handed in something, or nothing, but no notebook."""
    have, without = set(owners.values()), {}
    with_some = {path.relative_to(place).parts[0] for path in owners}
    # where each student has a folder, one without a notebook is a student too
    if any(folder.name in with_some for folder in folders):
        for folder in folders:
            if folder.name not in with_some and _whose(place, folder / "x") not in have:
                without[folder] = [path for path in others if folder in path.parents]
    for path in others:  # and so is whom a platform names
        if platforms.named(path.name) and path.parent not in without:
            if _whose(place, path) not in have:
                without[path] = [path]
    return without


def _only(files):
    """What is said where there is no notebook."""
    if not files:
        return "There is no notebook in the folder."
    names = [
        shown(f"{path.parent.name}/{path.name}" if path.parent.name in COPIES else path.name)
        for path in files[:3]
    ]
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    return f"There is no notebook, only {', '.join(names)}{more}."


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


def _whose(place, path):
    """(name, what tells it from another's of that name) that a path gives its student.

    What a platform says; else the first folder below `place`; else what stands in the name of
    the file before `_01_` or `-01-`; where nothing does, the folder that it lies in.
    """
    below = path.relative_to(place).parts
    for part in below:
        if said := platforms.named(part):
            return said.student, said.number
    if folders := [folder for folder in below[:-1] if folder not in of_the_book()]:
        name = _unzipped(folders[0])
        if name != folders[0] and (begin := _before_number(name)):  # ada_01_x (1).zip
            return begin, begin + (re.search(r" \(\d+\)$", name) or [""])[0]
        return name, folders[0]
    begin = _before_number(path.name)
    name = re.split(r"(?i)\.ipynb", path.name)[0] if begin is None else begin
    return _unzipped(name) or _folder(path), ""


def _before_number(name):
    """What stands before the number of a chapter, None where there is no number."""
    before = re.match(r"(.*?)[ _-]*(?<!\d)\d\d[_-]", name)
    return platforms.COPY.sub("", before[1]) if before else None


def _unzipped(name):
    return name[:-4] if archives.is_zip(name) else name


def _folder(path):
    """The name of the folder, or of the zip file, that a file lies in, but for a sheet's own."""
    names = (folder.name for folder in path.resolve().parents if folder.name not in of_the_book())
    return _unzipped(next(names))


@cache
def of_the_book():
    """Names of the book's own notebooks, which folders of a class may have."""
    return {path.stem for path in BOOK.glob("exercises/*.ipynb")}


def on_disk(submission):
    """The file that holds a submission: itself, or the zip file that it lies in."""
    path = submission.path
    if not submission.inside:
        return path
    return next(folder for folder in reversed(path.parents) if folder.is_file())


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
            if end and name == _folder(path):
                made[path] = end, ""
            elif len(rests) > 1:
                stem = path.name.partition(".")[0]
                again = sum(other.name.partition(".")[0] == stem for other in rests) > 1
                made[path] = name, f"{path.parent.name}/{stem}" if again else stem
    return made


def modules(submission):
    """(name, text) of the student's own modules, which lie beside a notebook."""
    found = []
    for path, inside in submission.beside:
        try:
            raw = read(Submission(submission.student, path, inside), MODULE)
        except Unreadable:
            continue
        found.append((path.name, raw.decode("utf-8", "replace")))
    return found


def read(submission, most=LARGEST):
    """The bytes of a submission. Raises: Unreadable."""
    path, inside = submission.path, submission.inside
    if submission.said:
        raise Unreadable(submission.said)
    try:
        if inside and not archives.is_zip(path):
            return archives.read(on_disk(submission), inside, most)
        if archives.is_zip(path):
            archives.files(on_disk(submission), inside)  # raises, in nearly every case
            raise Unreadable("There is no notebook in the zip file.")
        if path.is_symlink():
            raise Unreadable("This is a link; links are not followed.")
        if path.is_dir():
            os.listdir(path)  # raises where the folder cannot be looked into
            raise Unreadable(f"The folder lies in {DEEP} others, and is not looked into.")
        if not path.is_file():
            raise Unreadable("This is no file that could be read.")
        size = path.stat().st_size
        if size > most:
            raise Unreadable(f"The file has {size / 2**20:.0f} MB; {most >> 20} are read.")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"The file cannot be read ({error.strerror}).") from None
