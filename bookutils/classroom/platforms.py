"""The names that learning platforms give to what was handed in: whose it is, and its own name."""

import re
from dataclasses import dataclass

PATTERNS = [
    re.compile(pattern)
    for pattern in (
        # Moodle, a folder or a file: Ada Lovelace_12345_assignsubmission_file_01_x.ipynb
        r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?",
        # Blackboard: Homework 1_ada123_attempt_2026-11-29-10-22-33_01_x.ipynb
        r"(?P<number>.+_(?P<name>[^_]+))_attempt_\d{4}(?:-\d\d){5}(?:_(?P<file>.+)|\.txt)?",
        # Canvas: lovelaceada_LATE_12345_67890_01_x-1.ipynb
        r"(?P<name>[^_]+)(?:_LATE)?_(?P<number>\d{3,})_\d{3,}_(?P<file>.+)",
        # Brightspace: 12345-67890 - Ada Lovelace - Nov 29, 2026 1022 AM - 01_x.ipynb, or a folder
        r"(?P<number>\d+)-\d+ ?- (?P<name>.+?) - [^-]*\d{4}[^-]*(?: - (?P<file>.+))?",
    )
]
# what Colab puts before the name of a notebook, by the language of its user
COPY = re.compile(r"(?i)[ _-]*\b(?:copy of|kopie von|kopie van|c[oó]pia de|copie de)[ _]*$")


@dataclass(frozen=True)
class Named:
    """What a platform's name says: a student, what no other has, the file's own name."""

    student: str
    number: str
    file: str


def named(part):
    """What one part of a path says, as Named; None where no platform made it."""
    for pattern in PATTERNS:
        if match := pattern.fullmatch(part):
            said = match.groupdict()
            return Named(said["name"], said["number"], said.get("file") or "")
    return None


def own_name(part):
    """The name of a file without what a platform put before it."""
    said = named(part)
    return said.file if said and said.file else part
