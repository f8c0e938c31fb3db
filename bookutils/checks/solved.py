"""What a learner has solved, in one small JSON file on this machine.

Every change reads the file, changes it and replaces it, under a lock, so that two kernels at once
lose nothing. Nothing here ever raises at a learner: what cannot be kept becomes a sentence.
"""

import errno
import json
import os
import re
import stat
import tempfile
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_dir

from bookutils.judge.verdict import FACES, visible

SCHEMA = 2  # 2: projects, with their points
COUNTS = "attempts", "hints", "points"
MOST = 10**9  # a count that nobody reaches stands for all beyond
LARGEST = 2**24  # bytes; a progress file has some thousands
PATIENCE = 5.0  # seconds to wait for another kernel


def path():
    """Where progress is kept: $BOOKUTILS_PROGRESS, or the user's data folder.

    While nbgrader runs a student's notebook as the teacher, a folder that goes when it ends.
    Raises: OSError where no home folder is known, or no temporary one can be made.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return Path(_passing_folder().name) / "progress.json"
    named = os.environ.get("BOOKUTILS_PROGRESS")
    if named:
        return _at_home(named)
    try:
        return _at_home(user_data_dir("bookutils")) / "progress.json"
    except RuntimeError:  # how platformdirs says it
        raise _homeless("~") from None


@cache
def _passing_folder():
    return tempfile.TemporaryDirectory(prefix="bookutils-")


def _at_home(named):
    """The path of a name that may begin with `~`. Raises: OSError where that home is not known."""
    found = Path(os.path.expanduser(named))
    if str(found).startswith("~"):
        raise _homeless(found.parts[0])
    return found


def _homeless(user):
    said = f"no home folder is known for {user}: set BOOKUTILS_PROGRESS to a file"
    return OSError(errno.EINVAL, said)


def printable(path):
    """A path as text that any stream of UTF-8 takes, whatever bytes its name has."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode("utf-8")


def load():
    """({exercise: {"best", "attempts", "hints"}}, a sentence or "") as the file stands.

    A damaged file is set aside under a name with the time, and a new one begins.
    """
    try:
        return _glance()
    except ValueError:
        pass
    try:
        with _held() as file:  # another kernel may have set it aside by now
            return _current(file)[:2]
    except (OSError, NotImplementedError) as error:
        return {}, f"The progress file is damaged and cannot be set aside ({_reason(error)})."


def _glance():
    """(entries, a sentence or "") without the lock. Raises: ValueError when they are damaged."""
    try:
        return _parsed(_read(path()))
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"Progress cannot be read ({_reason(error)})."


def _read(file):
    """The bytes of a file. Raises: OSError, ValueError where it is too large to be progress."""
    _regular(file)
    with open(file, "rb") as source:
        text = source.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise ValueError("too large for a progress file")
    return text


def _regular(file):
    """Raises: OSError for a folder, and for a pipe or device, where reading may never end."""
    mode = file.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, f"{printable(file)} is not a regular file")


def _parsed(text):
    """(entries, a sentence or "") of a file's bytes. Raises: ValueError when they are damaged."""
    try:
        kept = json.loads(text, parse_int=_count)
        if kept["schema"] > SCHEMA:
            return {}, "Progress was kept by a newer version of this book; it is left as it is."
        return {str(id): _entry(entry) for id, entry in kept["exercises"].items()}, ""
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not a progress file") from error


def _entry(entry):
    if entry["best"] not in FACES:
        raise ValueError(entry["best"])
    counts = {c: _count(entry[c]) for c in COUNTS if c in entry or c != "points"}
    return {"best": entry["best"], **counts}


def _count(number):
    """A count from 0 to MOST, also of infinity, and of digits so many that `int` refuses them."""
    return int(max(0.0, min(float(number), MOST)))


def _new():
    """What is kept of an exercise that nobody has tried; `points` is there for projects only."""
    return {"best": FACES[0], "attempts": 0, "hints": 0}


def _free(file):
    """The first of `name`, `name-2`, … that no file has; an empty one now has it."""
    for number in count(1):
        free = file.with_stem(f"{file.stem}-{number}") if number > 1 else file
        with suppress(FileExistsError):
            open(free, "xb").close()
            return free


def _set_aside(file):
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    aside = _free(file.with_stem(f"{file.stem}.damaged-{stamp}"))
    os.replace(file, aside)
    name = printable(aside.name)
    return f"The progress file was damaged; it is set aside as {name}, and a new one begins."


def _reason(error):
    return getattr(error, "strerror", "") or type(error).__name__


@contextmanager
def _held():
    """The progress file, under its lock; a link is followed to the file that it names.

    Raises: Timeout where another program holds it, OSError, NotImplementedError.
    """
    named = path()
    named.parent.mkdir(parents=True, exist_ok=True)
    file = Path(os.path.realpath(named))
    file.parent.stat()  # a link's folder must be there: it may only not be mounted now
    with suppress(FileNotFoundError):
        _regular(file)
    with FileLock(f"{file}.lock", timeout=PATIENCE):
        yield file


def _current(file):
    """(entries, a sentence or "", whether they may be replaced) of the file that is held."""
    try:
        entries, note = _parsed(_read(file))
        return entries, note, not note
    except FileNotFoundError:
        return {}, "", True
    except ValueError:
        return {}, _set_aside(file), True


def _change(id, change):
    """Apply `change(entry)` to one exercise; returns (the entry, a sentence or "")."""
    try:
        with _held() as file:
            exercises, note, free = _current(file)
            entry = exercises.setdefault(id, _new())
            change(entry)
            if free:
                _write(file, exercises)
            return entry, note
    except Timeout:
        note = "Progress is not kept this time: another program holds its file."
    except (OSError, NotImplementedError) as error:
        note = f"Progress is not kept ({_reason(error)})."
    try:
        entry = _glance()[0].get(id, _new())
    except ValueError:
        entry = _new()
    change(entry)
    return entry, note


def _write(file, exercises):
    """Replace the file in one step.

    A program killed in between leaves a file of one certain name, which the next one writes over.
    """
    text = json.dumps({"schema": SCHEMA, "exercises": dict(sorted(exercises.items()))}, indent=1)
    file = Path(os.path.realpath(file))
    with suppress(FileNotFoundError):
        _regular(file)
    new = file.with_name(f".{file.name}.new")
    try:
        with open(new, "w", encoding="utf-8") as out:
            out.write(text + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(new, file)
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def with_group(id, group):
    """Under what the hints about one group of a project's properties are counted."""
    return f"{id}: {group}"


def record(id, face, points=0):
    """Keep that a check gave this face; the best ever is never lost. Returns a sentence or ""."""

    def change(entry):
        entry["best"] = max(entry["best"], face, key=FACES.index)
        if points:
            entry["points"] = max(entry.get("points", 0), points)
        entry["attempts"] += face != FACES[0]

    return _change(id, change)[1]


def reveal(id, most):
    """Give one hint more, up to `most`; returns (hints revealed before and now, a sentence)."""
    before = 0

    def change(entry):
        nonlocal before
        before = entry["hints"]
        entry["hints"] = min(before + 1, most)

    entry, note = _change(id, change)
    return before, entry["hints"], note


# ---- taken along to another machine, taken back


class Said(str):
    """What happened, as a sentence; `done` is False where nothing changed."""

    done = True

    def __new__(cls, sentence):
        return super().__new__(cls, visible(sentence))  # an id or a path in it may be any text

    def __repr__(self):
        return str(self)


def _refused(sentence):
    said = Said(sentence)
    said.done = False
    return said


def _rewrite(change):
    """Apply `change(entries, file)` under the lock; a sentence where that cannot be, else ""."""
    try:
        with _held() as file:
            exercises, note, free = _current(file)
            if not free:
                return note
            change(exercises, file)
            _write(file, exercises)
            return ""
    except Timeout:
        return "Nothing is changed: another program holds the progress file."
    except (OSError, NotImplementedError) as error:
        return f"Nothing is changed ({_reason(error)})."


def export(file):
    """Copy the progress to `file`, to be taken along; returns a sentence."""
    exercises, note = load()
    if note:
        return _refused(note)
    name = printable(file)
    try:
        file = _at_home(file)
        with suppress(FileNotFoundError):
            text = _read(file)
            if text.strip():
                _parsed(text)
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, exercises)
    except ValueError:
        return _refused(f"{name} is there and holds something else; it is left as it is.")
    except OSError as error:
        return _refused(f"{name} cannot be written ({_reason(error)}).")
    return Said(f"Progress in {len(exercises)} exercises is copied to {printable(file)}.")


def merge(file):
    """Take in an exported file; of each exercise the better state stays. Returns a sentence."""
    name = printable(file)
    try:
        coming, note = _parsed(_read(_at_home(file)))
    except OSError as error:
        return _refused(f"{name} cannot be read ({_reason(error)}).")
    except ValueError:
        return _refused(f"{name} is not a progress file.")
    better = []

    def change(exercises, _):
        for id, came in coming.items():
            here = exercises.get(id, _new())
            # of counts the larger: they are not added, so that taking a file in twice changes none
            both = {"best": max(here["best"], came["best"], key=FACES.index)}
            both |= {c: max(e.get(c, 0) for e in (here, came)) for c in COUNTS if c in here | came}
            gained = both["best"] != here["best"] or both.get("points") != here.get("points")
            better.extend([id] * gained)
            exercises[id] = both

    note = note or _rewrite(change)
    if note:
        return _refused(note)
    return Said(
        f"{len(coming)} exercises are taken in from {name}; {len(better)} stand better now."
    )


def reset(id):
    """Begin one exercise anew; what was kept goes to a file beside. Returns a sentence."""
    if not re.fullmatch(r"\w+\.\w+", str(id)) or id not in load()[0]:
        return _refused(f"Nothing is kept about {id}.")
    aside = ""

    def change(exercises, file):
        nonlocal aside
        mine = {k: e for k, e in exercises.items() if k == id or k.startswith(with_group(id, ""))}
        aside = _free(file.with_name(f"{file.stem}.before-reset-{id}.json"))
        _write(aside, mine)
        for key in mine:
            del exercises[key]

    note = _rewrite(change)
    if note:
        return _refused(note)
    back = f'python -m bookutils progress --import "{printable(aside)}"'
    return Said(f"{id} begins anew. To get the old state back: {back}")
