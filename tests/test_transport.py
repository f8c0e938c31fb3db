"""Plain data crosses the border between two processes unchanged, and nothing else does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from bookutils.judge import data, transport
from bookutils.judge.running import Outcome

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats()
    | st.text(max_size=5)
    | st.just(...)
    | arrays(np.float64, array_shapes(min_dims=0, max_dims=3, max_side=3)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(-(2**62), 2**62), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(plain)
def test_plain_values_cross_the_border_unchanged(value):
    line = transport.dumps(transport.encode(value))
    assert data.identical(transport.decode(transport.loads(line)), value)


def test_each_nan_stays_a_number_of_its_own():
    """As keys of a dict two of them are two, and one object twice is one."""
    several = [("const", float("nan")), ("const", float("nan"))]
    assert len(dict.fromkeys(several)) == 2
    arrived = transport.decode(transport.loads(transport.dumps(transport.encode(several))))
    assert len(dict.fromkeys(arrived)) == 2


@pytest.mark.parametrize(
    "form",
    [
        {"array": ["|O", [1], ""]},
        {"array": ["<f8", [2**40], ""]},
        {"array": ["<f8", [-1, -1], "AAAAAAAAAAA="]},
        {"array": ["<f8", [1], "###"]},
        {"array": "<f8"},
        {"formula": ["x", "__import__('os').abort()"]},
        {"scalar": 1.0},
        {"dict": [[[1], 2]]},
        {"dict": [[1, 2, 3]]},
        {"tuple": 3},
        {"pickle": "gASV"},
        {},
        {"tuple": [], "array": []},
    ],
)
def test_a_forged_form_is_refused(form):
    with pytest.raises(transport.Malformed):
        transport.decode(form)


def test_left_out_outcomes_win_nothing():
    good = transport.encode_outcome(Outcome(value=2.25))
    with pytest.raises(transport.Malformed, match="1 outcomes of 11 calls"):
        transport.decode_answer([good], 9)
    assert len(transport.decode_answer([good] * 11, 9)) == 11
    with pytest.raises(transport.Malformed):
        transport.decode_answer([good] * 12, 9)
    with pytest.raises(transport.Malformed):
        transport.decode_answer([], 9)
    stopped = transport.encode_outcome(Outcome(problem="stopped", sentence="too long"))
    assert len(transport.decode_answer([good, stopped], 9)) == 2
    for field, value in (("problem", "fine"), ("sentence", 3), ("products", -1), ("changed", "w")):
        with pytest.raises(transport.Malformed):
            transport.decode_outcome(good | {field: value})
