"""The oldest versions that pyproject.toml allows, as constraints for pip: `make test-oldest`.

    python -m bookutils.classroom.bounds > lowest.txt

It runs before anything is installed, so it needs Python alone.
"""

import re
import sys
import tomllib
from pathlib import Path

BOUNDED = re.compile(r"(?P<name>[\w.-]+)(?:\[[\w,-]+\])?\s*>=\s*(?P<version>[\w.]+)(?:\s*,.*)?")


def lowest(pyproject, extras=("test",)):
    """One line `name==version` for each package that the text of a pyproject.toml asks for.

    Raises: ValueError where a package has no lower bound.
    """
    project = tomllib.loads(pyproject)["project"]
    optional = project.get("optional-dependencies", {})
    lines = []
    for need in [*project["dependencies"], *(n for extra in extras for n in optional[extra])]:
        bounded = BOUNDED.fullmatch(need)
        if bounded is None:
            raise ValueError(f"{need!r} has no lower bound: write the oldest version that passes")
        lines.append("{name}=={version}".format_map(bounded.groupdict()))
    return lines


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    sys.stdout.write("".join(f"{line}\n" for line in lowest(text)))
