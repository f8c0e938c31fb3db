"""Whatever an answer returns, a verdict comes of it, and can be shown on every page."""

import decimal
import fractions

import numpy as np
import pytest

from bookutils.checks import check, hint, mistakes, solved
from bookutils.judge import comparing, data
from bookutils.judge.verdict import Point, ProjectVerdict, Verdict, visible

LARGE, ENDLESS = 10**400, 10**6000  # the second has more digits than Python likes to print


class Whole(int):
    pass


def odd_values():
    """{name: value}: numbers beyond float in every wrapping, and what is hardly a number."""
    around_itself = []
    around_itself.append(around_itself)
    return {
        "2**63": 2**63, "2**64": 2**64, "2**1024": 2**1024, "negative": -ENDLESS,
        "a subclass": Whole(ENDLESS), "large": LARGE, "endless": ENDLESS,
        "objects": np.array([LARGE, 1], dtype=object), "more": np.array([2**70, 1], dtype=object),
        "no axes": np.array(ENDLESS, dtype=object), "none": np.array([None, "x"], dtype=object),
        "uint64": np.array([2**64 - 1, 3], dtype=np.uint64), "least": np.array([-(2**63), 1]),
        "unsigned": np.uint64(2**64 - 1), "longdouble": np.longdouble("1e4000"),
        "complex": np.array([1j]), "date": np.array(["2020"], dtype="M8[D]"),
        "record": np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        "masked": np.ma.array([1.0, 2.0], mask=[False, True]),
        "decimal": decimal.Decimal("1e999999"), "signals": decimal.Decimal("sNaN"),
        "fraction": fractions.Fraction(ENDLESS, 3), "near one": fractions.Fraction(ENDLESS, LARGE),
        "keys": {ENDLESS: 1.0}, "pairs as keys": {(ENDLESS, 1): 2}, "in a dict": {"a": [ENDLESS]},
        "a list": [ENDLESS, 1.0], "a tuple": (ENDLESS,) * 3, "rows": [[ENDLESS] * 3] * 3,
        "an array in a list": [np.array([2**70], dtype=object), 1.0], "itself": around_itself,
        "range": range(ENDLESS), "text": "1" * 10**6, "half a letter": ["\ud800", "\udcff"],
        "escapes": ["\x1b[31mred\a", "\u202etxt.exe"],
    }  # fmt: skip


# one exercise for each form that an answer may have: number, pair, array, words, dict, …
FORMS = (
    "00.0", "00.2", "01.1", "01.3", "01.5", "01.6", "02.3", "02.4", "02.5", "04.1", "04.2",
    "04.12", "05.3", "05.4",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("id", FORMS)
def test_every_value_gets_a_verdict_that_can_be_shown(id):
    for name, value in odd_values().items():
        verdict = check(id, lambda *_, value=value: value)
        assert verdict.face in ("broken", "wrong"), (name, verdict)
        for text in (repr(verdict), verdict._repr_html_()):
            text.encode("utf-8")
            assert not set("\x1b\a\u202e") & set(text), name


def test_a_value_itself_may_be_handed_in():
    for value in (ENDLESS, [ENDLESS], {ENDLESS: "\ud800"}, np.uint64(2**64 - 1)):
        for id in ("00.2", "01.1", "04.12"):
            assert check(id, value).face in ("broken", "wrong")


@pytest.mark.parametrize(
    ("raised", "face", "says"),
    [
        (KeyboardInterrupt, "broken", "Interrupted."),  # a second one, after that of the answer
        (OverflowError("int too large"), "not attempted yet", "The judge itself failed, with Over"),
    ],
)
def test_what_strikes_the_judge_is_a_sentence_and_nothing_is_recorded(
    monkeypatch, tmp_path, raised, face, says
):
    def verdict(*_):
        raise raised

    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(comparing, "verdict", verdict)
    shown = check("00.0", lambda w, slope, lr: w - lr * slope)
    assert shown.face == face and shown.says.startswith(says) and not solved.load()[0]
    if face != "broken":
        assert "test_odd_answers.py at line" in shown.says


def test_an_id_may_be_anything():
    for id in (ENDLESS, 1.2, None, [], {}, "\ud800", object()):
        for shown in (check(id, 1), hint(id), mistakes(id)):
            assert "There is no exercise" in repr(shown)
            (repr(shown) + shown._repr_html_()).encode("utf-8")


def test_what_cannot_be_seen_is_written_as_a_number():
    assert visible("a\x1b[1mb\u202e\ud800\n\tc é ✓") == "a\\x1b[1mb\\u202e\\ud800\n\tc é ✓"
    verdict = Verdict("1", "wrong", "no `\x1b`", explains="\x07")
    assert (verdict.says, verdict.explains) == (r"no `\x1b`", r"\x07")
    points = ProjectVerdict("1", "wrong", table=(Point("p", 0, 1, "wrong", "got \x9b"),))
    assert r"got \x9b" in repr(points) and "\x9b" not in points._repr_html_()


@pytest.mark.parametrize(
    "right, got, agrees",
    [
        ([1.0, 2.0, float("nan")], (1, 2, float("nan")), True),
        ([1.0, 2.0], [1.0, 2.0 + 1e-13], True),
        ((1.0, 2.0), [1.0, True], False),
        ([1.0, 2.0], [1.0, "2.0"], False),
        ([1.0, (2.0, 3.0)], [1.0, [2.0, 3.0]], True),
        ([1.0, 2.0], [1.0, None], False),
    ],
    ids=repr,
)
def test_lists_of_numbers_agree_as_their_numbers_do(right, got, agrees):
    one_by_one = all(data.agree(r, g, 0.0, 1e-12) for r, g in zip(right, got, strict=True))
    assert data.agree(right, got, 0.0, 1e-12) == one_by_one == agrees
