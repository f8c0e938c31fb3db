"""Projects: right answers in other styles get every point, planted faults lose the right ones."""

import ast
import linecache
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

import nbformat
import pytest

from bookutils.checks import check, hint, solved
from bookutils.checks.registry import projects
from bookutils.judge import data
from bookutils.judge.project import Property
from bookutils.judge.verdict import NOT_ATTEMPTED, PARTLY, RIGHT, NotRight

ROOT = Path(__file__).resolve().parents[1]
PROJECTS = {project.id: project for project in projects()}


def answers(id):
    return import_module(f"answers.project_{id[:2]}")


@cache
def solution(id):
    """The program text of a project's solution."""
    (path,) = (ROOT / "solutions").glob(f"{id[:2]}_project_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    code = [c.source for c in cells if c.cell_type == "code" and f'("{id}"' not in c.source]
    return "\n\n\n".join(source for source in code if "progress()" not in source)


def made(text, project):
    """The answer that a program text defines."""
    names = {"__name__": "answer"}
    exec(compile(text, "<answer>", "exec"), names)
    return names[project.name]


def lost(verdict):
    return [point.name for point in verdict.table if point.points < point.possible]


every = pytest.mark.parametrize("project", projects(), ids=lambda project: project.id)


@pytest.mark.slow
@every
def test_the_reference_the_solution_and_other_right_answers_get_every_point(project):
    others = [solution(project.id), *answers(project.id).RIGHT]
    assert len(others) >= 3
    for answer in (project.reference, *(made(text, project) for text in others)):
        verdict = project.judge(answer)
        assert verdict.face == RIGHT and verdict.points == project.points, verdict


FAULTS = [
    pytest.param(project, fault, id=f"{project.id} {i} {''.join(fault[1]).strip()[:40]}")
    for project in projects()
    for i, fault in enumerate(answers(project.id).FAULTS)
]


@pytest.mark.slow
@pytest.mark.parametrize("project, fault", FAULTS)
def test_a_planted_fault_loses_the_right_points(project, fault):
    *pairs, losing = fault
    program = solution(project.id)
    for text, wrong in zip(*((x,) if isinstance(x, str) else x for x in pairs), strict=True):
        assert text in program
        program = program.replace(text, wrong, 1)
    answer, tried = made(program, project), []
    for part in project.parts:  # the others are left out: one lost property is enough
        if part.title.startswith(tuple(losing)):
            tried.append(part.title)
            assert not part.judge(answer).right, part.title
    assert len(tried) >= len(losing) > 0


@every
def test_each_property_is_lost_by_a_fault_and_faults_are_many(project):
    named = {name for _, _, losing in answers(project.id).FAULTS for name in losing}
    for prop in project.properties:
        assert any(prop.name.startswith(name) for name in named), prop.name
    assert len(answers(project.id).FAULTS) >= 20


@pytest.mark.slow
@every
def test_each_known_mistake_loses_points_and_is_named(project):
    verdicts = [project.judge(mistake.answer) for mistake in project.mistakes]
    for mistake, verdict in zip(project.mistakes, verdicts, strict=True):
        assert verdict.points < project.points and verdict.explains, mistake.name
    named = [
        mistake.name
        for mistake, verdict in zip(project.mistakes, verdicts, strict=True)
        if verdict.misconception == mistake.name
    ]
    assert len(named) >= 0.7 * len(verdicts), (named, len(verdicts))


@pytest.mark.slow
@every
def test_who_wrote_nothing_scores_nothing(project):
    (path,) = (ROOT / "exercises").glob(f"{project.id[:2]}_project_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    (stub,) = [c.source for c in cells if "your turn" in c.source and c.cell_type == "code"]
    for answer in (made(stub, project), None, ...):
        verdict = project.judge(answer)
        assert verdict.face == NOT_ATTEMPTED and verdict.points == 0, verdict
    empty = type(project.name, (), {})
    for answer in (empty, lambda *args, **options: None):
        assert project.judge(answer).points == 0


@pytest.mark.slow
@every
def test_what_a_verdict_shows_can_be_pasted_and_gives_what_is_expected(project):
    for prop, part in zip(project.properties, project.parts, strict=True):
        for case, expected in zip(part.arguments(), part.expected(), strict=True):
            text = part.call(case)
            *_, last = ast.parse(text).body
            assert isinstance(last, ast.Expr), text
            if "…" in text or prop.accept:
                continue
            names = {project.name: project.reference}
            exec("import math\nimport numpy as np", names)
            exec(compile(ast.Module(ast.parse(text).body[:-1], []), "<shown>", "exec"), names)
            value = eval(ast.unparse(last), names)
            assert data.agree(expected, data.plain(value), part.rtol, part.atol), text


@every
def test_a_project_is_whole(project):
    (path,) = (ROOT / "solutions").glob(f"{project.id[:2]}_project_*.ipynb")
    text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    assert project.id in text and "TODO" not in text
    assert len({prop.name for prop in project.properties}) == len(project.properties)
    for prop in project.properties:
        assert isinstance(prop, Property) and prop.points > 0
        assert prop.explains and prop.section and prop.group in project.hints, prop.name
    assert all(len(group) == 3 for group in project.hints.values())
    assert {prop.group for prop in project.properties} == set(project.hints)
    assert len({mistake.name for mistake in project.mistakes}) == len(project.mistakes) >= 4


# ---- what a verdict says


VALUE = PROJECTS["03.project"]
QUICK = replace(  # but for the chain, which takes its time on a busy machine
    VALUE,
    properties=tuple(
        p if p.name.startswith("A chain") else replace(p, seconds=0.3) for p in VALUE.properties
    ),
    _memory={},
)


def changed(old, new, project=VALUE):
    """The verdict on the solution of project 03 with one text of it changed."""
    text = solution("03.project")
    assert old in text
    text = text.replace(old, new, 1)
    linecache.cache["<answer>"] = (len(text), None, text.splitlines(True), "<answer>")
    return project.judge(made(text, project))


def test_an_error_is_told_once_with_its_line_and_hides_nothing():
    verdict = changed("Value(self.data * other.data", "Value(self.dat * other.data")
    found = {point.name: point.found for point in verdict.table}
    arithmetic = "Arithmetic gives the numbers that floats give"
    assert verdict.face == PARTLY and verdict.first == arithmetic
    assert "has no attribute 'dat'" in verdict.says
    assert "return Value(self.dat * other.data" in dict(verdict.rows)["line"]
    for name in ("Two results share a node", "hypot", "Sixty forks, and 2⁶⁰ paths"):
        assert found[name] == f"not reached: the same error as in “{arithmetic}”"
    for name in (
        "A chain of 20,000 additions",
        "gradients() names only nodes that it was computed from",
        "What is no real number is an error that says what arrived",
    ):
        assert found[name] == "passed"


def test_one_operation_missing_costs_its_own_points_only():
    verdict = changed("def hypot", "def other")
    assert verdict.face == PARTLY
    assert lost(verdict) == ["hypot", "Whole programs agree with the reference"]
    assert verdict.first == "hypot"
    assert verdict.call == (
        "a, b = (Value(1.5), Value(2.0))\ny = a.hypot(b)\n(y * -1.9).backward()\na.grad, b.grad"
    )


@pytest.mark.slow
def test_a_loop_without_end_stops_its_own_properties_and_after_three_the_rest():
    endless = "while True:\n            pass\n        inside = low"
    verdict = changed("inside = low", endless, QUICK)
    assert set(lost(verdict)) == {"clip", "Whole programs agree with the reference"}
    endless = "        while True:\n            pass\n        grads[self] = 1.0\n"
    verdict = changed("        grads[self] = 1.0\n", endless, QUICK)
    found = [point.found for point in verdict.table]
    assert sum("still running" in said for said in found) == 3
    assert sum("3 properties before it were stopped" in said for said in found) > 10
    assert verdict.points == 1  # arithmetic, which asks for no gradient


def test_the_verdict_is_a_table_with_heads_for_screen_readers():
    verdict = changed("v.data / y if y", "v.data if y")
    html = verdict._repr_html_()
    assert 'role="status"' in html and "<caption>Your own Value: 23 of 25 points" in html
    assert html.count('<th scope="col">') == 3
    assert html.count('<th scope="row">') == len(verdict.table) + len(verdict.rows)
    for point in verdict.table:
        assert f"<td>{point.points} of {point.possible}</td>" in html
    text = repr(verdict).splitlines()
    assert text[:2] == ["◐ 03.project · partly right", "  Your own Value: 23 of 25 points"]


def test_check_keeps_points_and_hints_come_by_group(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(tmp_path / "progress.json"))
    text = solution("03.project").replace("v.data / y if y", "v.data if y")
    assert check("03.project", made(text, VALUE)).points == 23
    assert check("03.project", None).points == 0
    asked = repr(hint("03.project"))
    assert all(f'`hint("03.project", "{group}")`' in asked for group in VALUE.hints)
    first, second = (repr(hint("03.project", "gradients")) for _ in range(2))
    assert first == f"hint 1 of 3: {VALUE.hints['gradients'][0]}" and second.startswith(first)
    kept, _ = solved.load()
    assert kept["03.project"] == {
        "best": PARTLY, "attempts": 1, "hints": 0, "points": 23
    }  # fmt: skip
    assert "03.project: gradients" in kept
    export = tmp_path / "mine.json"
    solved.export(export)
    assert solved.reset("03.project").done and "03.project" not in repr(solved.load()[0])
    assert solved.merge(export).done and solved.load()[0] == kept


@pytest.mark.slow
@pytest.mark.parametrize("execution", ["validate", "autograde"])
def test_nbgrader_is_given_a_number(monkeypatch, tmp_path, capsys, execution):
    monkeypatch.setenv("BOOKUTILS_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setenv("NBGRADER_EXECUTION", execution)
    text = solution("03.project").replace("v.data / y if y", "v.data if y")
    assert check("03.project", made(text, VALUE)) == 23
    assert "23 of 25 points" in capsys.readouterr().out
    assert check("03.project", made(solution("03.project"), VALUE)) is None
    with pytest.raises(NotRight, match="0 of 25 points"):
        check("03.project", None)
    assert check("00.2", 22) is None and "00.2 · right" in capsys.readouterr().out
    for answer in (21, ..., "right"):
        with pytest.raises(NotRight, match=r"00\.2 · "):
            check("00.2", answer)


@pytest.mark.parametrize("answer", [3.0, "Value", [1]])
def test_what_is_no_class_is_said(answer):
    verdict = PROJECTS["03.project"].judge(answer)
    assert verdict.face == "broken" and "`Value` itself, without parentheses" in verdict.says


def test_an_engine_that_is_not_the_readers_own_is_told_so():
    from bookutils import Value

    class Mine(Value):
        pass

    for answer in (Value, Mine):
        verdict = VALUE.judge(answer)
        assert "`bookutils.engine.scalar.Value`: these points are not yours." in repr(verdict)
        assert verdict.points < 25  # it has no hypot
    assert "not yours" not in repr(VALUE.judge(VALUE.reference))
