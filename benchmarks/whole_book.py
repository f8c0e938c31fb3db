"""How long the whole proof of the book took, read from what a run of `make test` printed.

make test 2>&1 | tee build/test.log
python benchmarks --log build/test.log
"""

import re

from bookutils.bench.turns import Reading

END = re.compile(r"=+ (?P<told>.*?\bpassed\b.*?) in (?P<seconds>[\d.]+)s\b.*=+")
IN_ALL = re.compile(r"in all\s+(?P<processor>\d+) s of processor time .*?, (?P<rest>.*load [\d.]+)")


def run_of(text):
    """({name: [seconds]}, {name: note}) of a log. Raises ValueError where no run ended in it."""
    end, in_all = END.search(text), IN_ALL.search(text)
    if end is None:
        raise ValueError("no run of pytest ended in this log: give that of a whole `make test`")
    samples = {"make test": [float(end["seconds"])]}
    notes = {"make test": end["told"]}
    if in_all:
        samples["its processor time"] = [float(in_all["processor"])]
        notes["its processor time"] = in_all["rest"]
    return samples, notes


def rows(log=None):
    if log is None:
        return []
    text = log.read_text(encoding="utf-8", errors="replace")
    read = run_of(text)  # what is wrong with it is said before anything is measured
    title = "The whole proof of the book: every notebook, test, grader and slider"
    return [Reading("book", "book", title, "s", lambda: read, optional=True)]
