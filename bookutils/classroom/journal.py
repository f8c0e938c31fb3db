"""What a run of grading has finished, kept beside its CSV, so that an interrupted run goes on."""

import hashlib
import json
import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

from bookutils.classroom.results import Result
from bookutils.judge import transport

PACKAGE = Path(__file__).parents[1]


def graders_hash():
    """Changes whenever a verdict might: with the source of the graders, the judge and this room."""
    digest = hashlib.sha256()
    for path in sorted(
        p for room in ("checks", "judge", "classroom") for p in PACKAGE.glob(f"{room}/*.py")
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Journal:
    """Finished results, one line of JSON each, keyed by the content of the notebook."""

    def __init__(self, path, begin_anew):
        self.path, self.results, self.begun, self.held = path, {}, Counter(), None
        if begin_anew:
            path.unlink(missing_ok=True)
        for line in path.read_bytes().splitlines() if path.exists() else ():
            with suppress(ValueError, KeyError, TypeError):  # the last line may be cut off
                entry = json.loads(line)
                if "results" in entry:
                    self.results[entry["key"]] = [Result(**r) for r in entry["results"]]
                    self.held = entry["held"] or self.held
                else:
                    self.begun[entry["key"]] += entry["begun"]
        self.file = open(path, "ab")
        self.file.write(b"\n")

    def add(self, key, results, held):
        self.results[key], self.held = results, held or self.held
        forms = [vars(result) for result in results]
        self._write({"key": key, "results": forms, "held": held})

    def close(self):
        self.file.close()

    def begin(self, key, by=1):
        """Note that a notebook runs; where that ends the judge itself, the next run knows."""
        self._write({"key": key, "begun": by})

    def _write(self, entry):
        self.file.write(transport.dumps(entry))
        self.file.flush()
        os.fsync(self.file.fileno())
