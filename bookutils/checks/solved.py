"""What a learner has solved, in one small JSON file on this machine.

Every change reads the file, changes it and replaces it, under a lock, so that two kernels at once
lose nothing. Nothing here ever raises at a learner: what cannot be kept becomes a sentence.
"""

import json
import os
import re
import tempfile
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_dir

from bookutils.judge.verdict import FACES

SCHEMA = 2  # 2: projects, with their points
COUNTS = "attempts", "hints", "points"
PATIENCE = 5.0  # seconds to wait for another kernel


def path():
    """Where progress is kept: $BOOKUTILS_PROGRESS, or the user's data folder.

    While nbgrader runs a student's notebook as the teacher, a folder that goes when it ends.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return Path(_passing_folder().name) / "progress.json"
    named = os.environ.get("BOOKUTILS_PROGRESS")
    return Path(named).expanduser() if named else Path(user_data_dir("bookutils")) / "progress.json"


@cache
def _passing_folder():
    return tempfile.TemporaryDirectory(prefix="bookutils-")


def load():
    """({exercise: {"best", "attempts", "hints"}}, a sentence or "") as the file stands.

    A damaged file is set aside under a name with the time, and a new one begins.
    """
    file = path()
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"Progress cannot be read ({_reason(error)})."
    try:
        return _parsed(text)
    except ValueError:
        return {}, _set_aside(file)


def _parsed(text):
    """(entries, a sentence or "") of a file's bytes. Raises: ValueError when they are damaged."""
    try:
        kept = json.loads(text)
        if kept["schema"] > SCHEMA:
            return {}, "Progress was kept by a newer version of this book; it is left as it is."
        return {str(id): _entry(entry) for id, entry in kept["exercises"].items()}, ""
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not a progress file") from error


def _entry(entry):
    if entry["best"] not in FACES:
        raise ValueError(entry["best"])
    counts = {c: int(entry[c]) for c in COUNTS if c in entry or c != "points"}
    return {"best": entry["best"], **counts}


def _new():
    """What is kept of an exercise that nobody has tried; `points` is there for projects only."""
    return {"best": FACES[0], "attempts": 0, "hints": 0}


def _set_aside(file):
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    aside = file.with_name(f"{file.stem}.damaged-{stamp}{file.suffix}")
    try:
        os.replace(file, aside)
    except OSError as error:
        return f"The progress file is damaged and cannot be set aside ({_reason(error)})."
    return f"The progress file was damaged; it is set aside as {aside.name}, and a new one begins."


def _reason(error):
    return error.strerror or type(error).__name__


def _change(id, change):
    """Apply `change(entry)` to one exercise; returns (the entry, a sentence or "")."""
    file = path()
    entry = _new()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{file}.lock", timeout=PATIENCE):
            exercises, note = load()
            entry = exercises.setdefault(id, entry)
            change(entry)
            if not note or "a new one begins" in note:
                _write(file, exercises)
            return entry, note
    except Timeout:
        note = "Progress is not kept this time: another program holds its file."
    except (OSError, NotImplementedError) as error:
        note = f"Progress is not kept ({_reason(error)})."
        exercises, _ = load() if isinstance(error, OSError) else ({}, "")
        entry = exercises.get(id, entry)
    change(entry)
    return entry, note


def _write(file, exercises):
    text = json.dumps({"schema": SCHEMA, "exercises": dict(sorted(exercises.items()))}, indent=1)
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
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

    def __repr__(self):
        return str(self)


def _refused(sentence):
    said = Said(sentence)
    said.done = False
    return said


def _rewrite(change):
    """Apply `change(entries)` under the lock; a sentence when that is not possible, else ""."""
    file = path()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{file}.lock", timeout=PATIENCE):
            exercises, note = load()
            if note and "a new one begins" not in note:
                return note
            change(exercises)
            _write(file, exercises)
            return ""
    except Timeout:
        return "Nothing is changed: another program holds the progress file."
    except (OSError, NotImplementedError) as error:
        return f"Nothing is changed ({_reason(error)})."


def export(file):
    """Copy the progress to `file`, to be taken along; returns a sentence."""
    file = Path(file).expanduser()
    exercises, note = load()
    if note:
        return _refused(note)
    try:
        if file.exists() and file.read_bytes().strip():
            _parsed(file.read_bytes())
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, exercises)
    except ValueError:
        return _refused(f"{file} is there and holds something else; it is left as it is.")
    except OSError as error:
        return _refused(f"{file} cannot be written ({_reason(error)}).")
    return Said(f"Progress in {len(exercises)} exercises is copied to {file}.")


def merge(file):
    """Take in an exported file; of each exercise the better state stays. Returns a sentence."""
    file = Path(file).expanduser()
    try:
        coming, note = _parsed(file.read_bytes())
    except OSError as error:
        return _refused(f"{file} cannot be read ({_reason(error)}).")
    except ValueError:
        return _refused(f"{file} is not a progress file.")
    better = []

    def change(exercises):
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
        f"{len(coming)} exercises are taken in from {file}; {len(better)} stand better now."
    )


def reset(id):
    """Begin one exercise anew; what was kept goes to a file beside. Returns a sentence."""
    if not re.fullmatch(r"\w+\.\w+", str(id)) or id not in load()[0]:
        return _refused(f"Nothing is kept about {id}.")
    aside = path().with_name(f"{path().stem}.before-reset-{id}.json")

    def change(exercises):
        mine = {k: e for k, e in exercises.items() if k == id or k.startswith(with_group(id, ""))}
        if mine:
            _write(aside, mine)
        for key in mine:
            del exercises[key]

    note = _rewrite(change)
    if note:
        return _refused(note)
    back = f'python -m bookutils progress --import "{aside}"'
    return Said(f"{id} begins anew. To get the old state back: {back}")
