"""Faults as learners make them: none accepted, nine of ten told what is wrong, none told falsely.

What each verdict says was read beside its fault, one by one; `learners/names.py` keeps the names.
Where a name changes, or a fault gets one, read the new sentence beside the fault before it goes in.
"""

import re
from functools import cache

import pytest
from learners import LOTS, right
from learners.names import NAMES, UNTOLD

from bookutils.checks.registry import find

pytestmark = [pytest.mark.slow, pytest.mark.whole]

IDS = sorted({id for lot in LOTS.values() for id in lot})
SHAPES = re.compile(
    r"does not fit: the shapes|inner sizes|changed its argument|The shapes are|\. That is |"
    r"All four|`1\.0 \* mask`|`np\.where\(condition|has rows in fold|one for each group|"
    r"number for each row|numbered from|Is a `return` missing|, expected a (?:dict|tuple)|"
    r"entry too many|comes before its parent|is missing: `|in your list|"
    r"there is no such input|`\(ops, (?:where|root)\)` is asked|with one (?:place|slot) for each|"
    r"which are allowed|runs more often|the machine knows|A list of lines is asked|"
    r"has been written (?:over|since)|left on the stack|does not come before|and there are only|"
    r"one for each input|a rewrite that is right for this|is none of the words|"
    r"a tuple that begins with|the number of a node is asked|calls itself more often|"
    r"a power is written|string, expected a number"
)


@cache
def judged(id):
    """{(lot, fault): verdict} of every wrong answer to one exercise."""
    return {
        (name, fault): find(id).judge(answer)
        for name, lot in LOTS.items()
        for fault, answer in lot.get(id, {}).items()
    }


def told(verdict):
    """Whether a verdict says what is wrong: a misconception, or what does not fit."""
    return bool(verdict.misconception or SHAPES.search(verdict.says))


@pytest.mark.parametrize("id", IDS)
def test_none_is_accepted_and_each_keeps_its_name(id):
    for (lot, fault), verdict in judged(id).items():
        assert not verdict.right, f"{id}: {fault} passes"
        if lot in UNTOLD:
            assert told(verdict) == ((id, fault) not in UNTOLD[lot]), f"{id}: {fault}\n{verdict}"
            continue
        assert verdict.misconception == NAMES[lot].get((id, fault), ""), f"{id}: {fault}\n{verdict}"


@pytest.mark.parametrize("id", sorted(right.ANSWERS))
def test_no_right_answer_is_refused(id):
    for style, answer in right.ANSWERS[id].items():
        verdict = find(id).judge(answer)
        assert verdict.right, f"{id}: {style}\n{verdict}"


def share(verdicts):
    return sum(map(told, verdicts)) / len(verdicts)


@pytest.mark.parametrize("chapter", sorted({id[:2] for id in IDS}))
def test_most_are_told_what_is_wrong(chapter, record_property):
    verdicts = [v for id in IDS if id[:2] == chapter for v in judged(id).values()]
    said = f"learners: chapter {chapter}, {len(verdicts)} faults, {share(verdicts):.0%} told"
    record_property("measured", said)
    assert share(verdicts) >= 0.85


def test_nine_of_ten_are_told_what_is_wrong():
    assert share([verdict for id in IDS for verdict in judged(id).values()]) >= 0.9


def test_names_belong_to_faults():
    known = {(lot, id, fault) for lot, ids in LOTS.items() for id in ids for fault in ids[id]}
    assert {(lot, *key) for lot in NAMES for key in NAMES[lot]} <= known
