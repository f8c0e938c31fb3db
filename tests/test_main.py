"""The command line: one line for each command."""

import re

import pytest

from bookutils.__main__ import main


def test_help_shows_each_command_on_a_line_of_its_own(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    text = capsys.readouterr().out
    shown = re.findall(r"^    ([a-z-]+) +\S", text, re.MULTILINE)
    assert ended.value.code == 0
    assert shown == ["doctor", "progress", "compare", "bench", "build", "new-exercise", "grade"]
