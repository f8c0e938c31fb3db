"""Learners' answers to 00 to 03: none accepted, nine of ten told what is wrong, none falsely."""

from collections import Counter

import pytest
from answers.learners_to_03 import LEARNERS

from bookutils.checks.registry import find

pytestmark = pytest.mark.slow

CASES = [(id, i) for id in LEARNERS for i in range(len(LEARNERS[id]))]
TOLD = 0.9  # of a chapter's answers


@pytest.mark.parametrize(("id", "i"), CASES)
def test_the_mistake_has_its_own_name(id, i):
    name, answer = LEARNERS[id][i]
    verdict = find(id).judge(answer)
    assert not verdict.right, f"{id}: answer {i} passes"
    assert verdict.misconception == name.replace("(told)", ""), verdict
    assert bool(verdict.explains) == (name not in ("", "(told)")), verdict


def test_nine_of_ten_are_told(record_property):
    answers, told = Counter(), Counter()
    for id, pairs in LEARNERS.items():
        answers[id[:2]] += len(pairs)
        told[id[:2]] += sum(bool(name) for name, _ in pairs)
    shares = {chapter: told[chapter] / answers[chapter] for chapter in answers}
    record_property(
        "measured",
        "learners' answers told what is wrong: "
        + ", ".join(f"{c} {told[c]} of {answers[c]}" for c in sorted(answers)),
    )
    assert min(shares.values()) >= TOLD
