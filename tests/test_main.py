"""The command line: one line for each command."""

import re

import pytest

from bookutils.__main__ import main


def commands(capsys):
    """The commands, as the help shows them."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    return re.findall(r"^    ([a-z-]+) +\S", capsys.readouterr().out, re.MULTILINE)


def test_help_shows_each_command_on_a_line_of_its_own(capsys):
    shown = commands(capsys)
    assert shown == ["doctor", "progress", "compare", "bench", "build", "new-exercise", "grade"]
