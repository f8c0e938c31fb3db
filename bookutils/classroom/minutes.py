"""How long a chapter takes, counted from its notebook: what its head promises must be near it."""

import re

import nbformat

# Half of the 240 words of non-fiction that an adult reads in a minute (M. Brysbaert, How many words
# do we read per minute?, Journal of Memory and Language, 2019): mathematics is read more slowly.
WORDS = 130
SECONDS_OF = {"a line of code": 7, "a bet": 30, "a slider": 120}
MINUTES_OF = {
    "warm-up": 2,
    "predict": 5,
    "read a curve": 5,
    "by hand": 8,
    "implement": 10,
    "find the bug": 10,
    "extend": 10,
    "project": 40,
}
HEADING = re.compile(r"^### [\w.]+ · ([^·\n]+) · ", re.MULTILINE)
NOT_PROSE = re.compile(r"```.*?```|\$\$.*?\$\$|\$[^$\n]+\$|\]\([^)]*\)|<[^>\n]+>", re.DOTALL)
PROMISE = re.compile(r"\*It takes\* about (\d+) minutes, and about (\d+) more for the exercises")


def reading(notebook):
    """Minutes for the text, the visible code, the bets and the sliders of a chapter."""
    words, seconds = 0, 0
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            words += len(re.findall(r"[^\W\d_]\S*", NOT_PROSE.sub(" ", cell.source)))
        elif "slider" in tags:
            seconds += SECONDS_OF["a slider"]
        elif "hide-input" not in tags:
            seconds += SECONDS_OF["a line of code"] * len(re.findall(r"\S.*", cell.source))
        elif re.search(r"^bet\(", cell.source, re.MULTILINE):
            seconds += SECONDS_OF["a bet"]
    return words / WORDS + seconds / 60


def exercises(notebook):
    """Minutes for the exercises of a notebook of `solutions/`; KeyError for an unknown kind."""
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return sum(MINUTES_OF[kind.strip()] for kind in HEADING.findall(prose))


def promised(notebook):
    """(minutes of reading, minutes of exercises) as the head of a chapter says; None without."""
    said = PROMISE.search("\n".join(cell.source for cell in notebook.cells[:2]))
    return said and tuple(map(int, said.groups()))


def counted(path):
    """(minutes of reading, minutes of exercises) of the chapter at `path`, a pathlib.Path."""
    solutions = path.parent.parent / "solutions" / path.name
    work = exercises(nbformat.read(solutions, as_version=4)) if solutions.exists() else 0
    return reading(nbformat.read(path, as_version=4)), work
