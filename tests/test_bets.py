"""A bet keeps its answer to itself until a guess is made."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter

from bookutils.page import bet

CHAPTERS = sorted(Path(__file__).parents[1].glob("chapters/*.ipynb"))


def new_bet():
    return bet(
        "Is $0.1 + 0.2 = 0.3$?",
        {"yes": "Neither 0.1 nor 0.2 is a float.", "no": ""},
        "no",
        "The sum is `0.30000000000000004`.",
    )


def test_a_bet_keeps_its_answer_to_itself_until_a_guess_is_made():
    wager = new_bet()
    data, _ = DisplayFormatter().format(wager)
    assert data["text/plain"] == "Is $0.1 + 0.2 = 0.3$?\n  ( ) yes\n  ( ) no"
    assert data["text/html"].count("<li>") == 2
    before = f"{data} {wager._reply.value}"
    for secret in ("0.30000000000000004", "Neither", "win"):
        assert secret not in before
    wager.buttons["no"].click()
    assert wager.guess == "no"
    assert "You win" in wager._reply.value
    assert "<code>0.30000000000000004</code>" in wager._reply.value
    assert wager.buttons["no"].description == "✓ no"


def test_a_wrong_bet_hears_why_and_may_bet_again():
    wager = new_bet()
    wager.buttons["yes"].click()
    assert "Not yes: it is no. Neither 0.1 nor 0.2 is a float." in wager._reply.value
    assert wager.buttons["yes"].description == "✗ yes"
    wager.place("no")
    assert "Neither" not in wager._reply.value
    assert wager.buttons["yes"].description == "yes"


def test_an_impossible_bet_is_refused():
    with pytest.raises(ValueError, match="none of"):
        bet("?", ["a", "b"], "c", "why")
    with pytest.raises(ValueError, match="formula"):
        bet("?", ["$a$", "b"], "b", "why")
    with pytest.raises(ValueError, match="none of"):
        new_bet().place("perhaps")


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_outside_of_formulas_a_power_is_raised_and_not_written_with_a_caret(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code" or not re.search(r"\b([bB]et|explore)\(", cell.source):
            continue
        texts = [n.value for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Constant)]
        texts += [o.get("data", {}).get("text/plain", "") for o in cell.outputs]
        for text in texts:
            assert not re.search(r"[\w)]\^", re.sub(r"\$.*?\$", "", str(text))), text
