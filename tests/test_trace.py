"""Programs traced: recorded once, differentiated as a graph, replayed."""

import pytest

from bookutils.trace import trace, where


def product(a, b, c):
    return (a * b + c) * (a * b)


def test_a_program_is_recorded_once_and_replayed():
    program = trace(product)
    assert program.ops == [
        ("input", "a"),
        ("input", "b"),
        ("input", "c"),
        ("mul", 0, 1),
        ("add", 3, 2),
        ("mul", 4, 3),
    ]
    assert program(3, -2, 7) == program(3, c=7, b=-2) == -6
    assert program.value_and_grad()(3, -2, 7) == (-6, 10, -15, -6)


def test_the_gradient_of_a_gradient_is_a_program():
    program = trace(lambda x: x**3 + 2 * x)
    answers = []
    for _ in range(5):
        answers.append(program(1.5))
        program = program.grad("x")
    assert answers == [6.375, 8.75, 9.0, 6.0, 0.0]


def test_if_is_refused_and_where_is_recorded():
    with pytest.raises(TypeError, match="no value yet.*where"):
        trace(lambda x: x * x if x > 0 else -3 * x)
    program = trace(lambda x: where(x > 0, x * x, -3 * x))
    assert [program(x) for x in (2.0, -1.0, 0.0)] == [4.0, 3.0, 0.0]
