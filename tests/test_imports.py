"""Arrows between modules run one way: who may import what, read from the source."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import bookutils

ROOT = Path(bookutils.__file__).parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ROOT.rglob("*.py")
}

# row: what it may import of the package, rooms or modules; packages from outside.
# The row of a module is its own, or that of its room.
MAY_IMPORT = {
    "__init__": ("door hidden phrasebook", ""),
    "door": ("hidden", ""),
    "hidden": ("", ""),
    "terminal": ("", ""),
    # the calculus
    "engine": ("door engine", ""),
    "engine.ieee": ("engine", "numpy"),  # where Python's floats raise
    "engine.arrays": ("", "numpy array_api_compat"),
    "engine.record": ("engine", "numpy array_api_compat"),
    "engine.operands": ("engine", "numpy"),
    "engine.elementwise": ("engine", "numpy array_api_compat scipy"),  # scipy: erf, for NumPy
    "engine.shapes": ("engine", "numpy"),
    "engine.products": ("engine", "numpy"),
    "engine.softmax": ("engine", "numpy"),
    "engine.numpy_functions": ("engine", "numpy"),
    "engine.factories": ("engine", "numpy"),
    # programs of the calculus, recorded once
    "trace": ("door engine trace", ""),
    "trace.rows": ("engine", "numpy"),  # where Python's floats raise
    "trace.compiling": ("engine trace", "numpy"),
    # steps of training, recorded as calls of NumPy
    "trace.array": ("engine trace", "numpy"),
    "trace.flat": ("optim.packs trace", "numpy"),
    "trace.functions": ("", "numpy"),
    "trace.line": ("trace", ""),
    "trace.memory": ("", "numpy"),
    "trace.order": ("trace", ""),
    "trace.products": ("trace", "numpy"),
    "trace.program": ("trace", "numpy"),
    "trace.reach": ("engine nn optim trace", ""),
    "trace.recording": ("engine nn trace", "numpy"),
    "trace.replay": ("engine optim trace", "numpy"),
    "trace.rewrites": ("trace", "numpy"),
    "trace.twice": ("trace", "numpy"),
    "trace.unaltered": ("trace", "numpy"),
    # what a reader trains with
    "neuron": ("engine", ""),
    "phrasebook": ("", ""),
    "nn": ("engine init losses nn phrasebook", "array_api_compat numpy"),
    "init": ("phrasebook", "numpy"),
    "optim": ("engine optim phrasebook", ""),
    "optim.optimizer": ("engine optim phrasebook", "array_api_compat numpy"),
    "optim.packs": ("engine optim", "numpy"),
    "optim.vectors": ("", "numpy scipy"),  # scipy: BLAS
    "optim.descent": ("engine optim phrasebook", "numpy"),
    "optim.moments": ("engine optim phrasebook", "numpy"),
    "optim.factored": ("engine optim phrasebook", "numpy"),
    "losses": ("engine losses phrasebook", "numpy"),
    "data": ("phrasebook", "numpy sklearn"),
    "regularization": ("engine phrasebook", ""),
    "augmentation": ("phrasebook", "numpy"),
    "train": (
        "data door engine nn optim phrasebook regularization train.arguments train.calls "
        "train.evaluation train.history train.interruption train.look train.loop train.origin "
        "train.progress train.rows train.run_file train.stopping",
        "numpy",
    ),
    "train.estimators": (
        "engine losses nn optim phrasebook regularization train.evaluation train.loop "
        "train.stopping",
        "numpy sklearn",
    ),
    "train.trials": (
        "page.tables phrasebook train.interruption train.origin train.progress",
        "numpy sklearn",
    ),
    "train.look": (
        "engine nn page.signals page.tables phrasebook train.calls train.origin",
        "numpy",
    ),
    "train.progress": ("", "tqdm"),
    "train.history": ("page.tables train.curves", ""),  # loaded where a history is drawn
    "train.curves": ("page.plotting", "matplotlib"),
    # gradients checked
    "verify": ("door", ""),
    "verify.differences": ("", ""),
    "verify.report": ("page.tables verify", ""),
    "verify.verdicts": ("verify", "numpy"),
    "verify.inputs": ("", "array_api_compat numpy"),
    "verify.gradcheck": ("engine verify", "numpy"),
    "verify.units": ("", "numpy"),
    "verify.peer": ("engine losses verify", "numpy torch"),
    "verify.compare": ("engine page.tables verify", "numpy"),
    "verify.operations": ("engine page.tables verify", "numpy"),
    "verify.table": ("engine page.tables verify", "numpy"),
    "verify.programs": ("engine losses verify", "numpy"),
    "verify.layers": ("engine nn verify", "numpy"),
    "verify.steps": ("engine optim verify", "numpy"),
    "verify.side_by_side": ("page.tables", ""),  # reads the source of engine modules
    # speed measured, recorded, drawn
    "bench": ("door", ""),
    "bench.record": ("", ""),
    "bench.machine": ("bench.record", "psutil"),
    "bench.turns": ("", ""),
    "bench.running": ("bench.record bench.turns", "numpy"),
    "bench.training": ("bench.record bench.running bench.turns", "numpy"),
    "bench.torch_steps": (
        "bench.machine bench.turns engine losses nn optim",
        "numpy torch",  # whole steps are timed, with nothing between them and the library
    ),
    "bench.torch_parts": ("bench.torch_steps", "numpy torch"),  # and single operations
    "bench.parts": ("bench.running bench.turns", ""),
    "bench.limits": ("", "numpy"),
    "bench.command": ("bench", "tqdm"),
    "bench.writing": ("page.tables", ""),
    "bench.ratios": ("bench.writing page.plotting", "matplotlib"),
    "bench.curves": ("bench.limits bench.ratios page.plotting", "matplotlib numpy"),
    "bench.results": ("bench page.plotting", "PIL"),
    # what a chapter shows: it takes arrays and graphs, whatever engine made them; only a text that
    # a reader types names no engine, so expression makes its graph with the scalar one
    "page": ("door", ""),
    "page.tables": ("", ""),
    "page.lettering": ("", ""),
    "page.layout": ("", ""),
    "page.reading": ("engine.graph", ""),
    "page.drawing": ("page", ""),
    "page.expression": ("engine.scalar", ""),
    "page.walk": ("engine.graph page", ""),
    "page.stepping": ("engine.graph page", "ipywidgets IPython"),
    "page.plotting": ("", "IPython matplotlib numpy PIL"),
    "page.nets": ("", ""),
    "page.signals": ("page.plotting", "matplotlib numpy"),
    "page.look": ("", "ipywidgets"),
    "page.controls": ("", "ipywidgets"),
    "page.bets": ("page", "ipywidgets"),
    "page.waiting": ("page", "ipywidgets IPython"),
    "page.sliders": ("page", "ipywidgets IPython matplotlib"),
    # how an answer is judged, without knowing a chapter
    "judge": ("judge", "IPython numpy"),
    "judge.worker": ("judge", "IPython traitlets"),
    "judge.guard": ("", ""),
    # what the graders know, and what a learner has solved
    "checks": ("checks data engine judge neuron page.tables trace verify", "numpy"),
    "checks.__init__": ("checks hidden judge", "IPython"),
    "checks.solved": ("judge.verdict", "filelock platformdirs"),
    "checks.chapter_11": ("checks judge", "numpy torch"),
    "checks.project_11": ("data judge", "numpy torch"),
    # around them
    "classroom": ("", ""),
    "classroom.authoring": ("checks classroom", "nbformat tqdm"),
    "classroom.committed": ("", "nbformat"),
    "classroom.minutes": ("", "nbformat"),
    "classroom.execution": ("classroom", "ipykernel jupyter_client nbclient traitlets"),
    "classroom.doctor": (
        "checks hidden verify",
        "IPython jupyter_client jupyter_core packaging traitlets",
    ),
    "classroom.submissions": ("classroom", ""),
    "classroom.contents": ("classroom", ""),
    "classroom.summary": ("classroom judge", ""),
    "classroom.process": ("judge", "matplotlib"),
    "classroom.journal": ("classroom judge", ""),
    "classroom.bounds": ("", ""),
    "classroom.results": ("judge", ""),
    "classroom.grade": ("checks classroom judge", "tqdm"),
    "classroom.gradebook": ("classroom judge", ""),
    "classroom.new_exercise": ("classroom", "nbformat"),
    "classroom.new_project": ("classroom", "nbformat"),
    "__main__": ("bench.command checks classroom terminal verify.table", "tqdm"),
}
GRADERS = "checks.chapter_", "checks.project_"
ROOMS = "bench", "engine", "trace", "verify", "page", "judge", "checks", "classroom"


def row_of(module):
    """The row of the table that holds for a module."""
    if module in ROOMS or module in MAY_IMPORT:
        return module
    return module.partition(".")[0]


def imported(module):
    """The modules of the package, and the packages from outside, that a module names."""
    inside, outside = set(), set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: write the whole name, from bookutils.… import …"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            if first != "bookutils":
                if first not in sys.stdlib_module_names:
                    outside.add(first)
                continue
            while rest not in MODULES and f"{rest}.__init__" not in MODULES:
                head, _, _ = rest.rpartition(".")
                if not head:  # from bookutils import Value: through the package's own door
                    rest = "engine"
                    break
                rest = head
            inside.add(rest)
    return inside, outside


def within(module, allowed):
    """Whether a module is one of those allowed, or lies in a room that is."""
    return module in allowed or module.partition(".")[0] in allowed


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_are_in_the_table(module):
    row = row_of(module)
    assert row in MAY_IMPORT, f"enter {row} in the table, with what it may import"
    inside, outside = (set(names.split()) for names in MAY_IMPORT[row])
    used_inside, used_outside = imported(module)
    assert [m for m in used_inside if not within(m, inside) and m != module] == [], module
    assert used_outside <= outside, module


def test_the_table_is_read_both_ways():
    inside, outside = imported("neuron")
    assert inside == {"engine.scalar", "engine.sums"} and outside == set()
    assert "torch" in imported("verify.peer")[1]
    assert not within("engine.scalar", {"engine.graph"}) and within("engine.scalar", {"engine"})


def test_every_folder_of_the_package_is_installed():
    packages = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = [path.parent.relative_to(ROOT.parent) for path in ROOT.rglob("__init__.py")]
    assert packages["packages"] == sorted(".".join(folder.parts) for folder in folders)


def test_every_row_has_its_module():
    assert [row for row in MAY_IMPORT if not {row, f"{row}.__init__"} & MODULES.keys()] == []


def loaded_at_once(module):
    """The packages that a module names outside of its functions."""
    waiting, found = [ast.parse(MODULES[module].read_text(encoding="utf-8"))], set()
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.partition(".")[0])
            elif not isinstance(node, (ast.FunctionDef, ast.Lambda)):
                waiting.append(node)
    return found


@pytest.mark.slow
def test_graders_load_torch_when_an_answer_runs_and_not_before():
    with_torch = [m for m in MODULES if m.startswith("checks.") and "torch" in imported(m)[1]]
    assert with_torch and not [m for m in with_torch if "torch" in loaded_at_once(m)]
    assert "numpy" in loaded_at_once("checks.chapter_11")
    program = "from bookutils.checks import check, hint, registry\nregistry.all_tasks()"
    code = f"{program}\nhint('11.2'); check('11.2', ...)\nimport sys; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split()[-1] == "False"


def test_torch_has_three_importers_besides_graders_and_the_engine_no_dependants_upwards():
    importers = [m for m, (_, out) in MAY_IMPORT.items() if "torch" in out.split()]
    importers = [m for m in importers if not m.startswith(GRADERS)]
    # gradients beside it; whole steps timed, and their parts
    assert importers == ["verify.peer", "bench.torch_steps", "bench.torch_parts"]
    engine = {"engine", "door", "hidden", "neuron", "nn", "init", "losses", "optim", "phrasebook"}
    for row, (inside, outside) in MAY_IMPORT.items():
        if row.partition(".")[0] in engine:
            assert {m.partition(".")[0] for m in inside.split()} <= engine, row
            assert set(outside.split()) <= {"numpy", "array_api_compat", "scipy"}, row


@pytest.mark.slow
def test_rooms_know_only_those_below_them():
    below = {
        "engine": "door engine",
        "trace": "door engine nn optim trace",
        "verify": "door engine losses nn optim page.tables verify",
        "page": "door engine.graph engine.scalar page",
        "judge": "judge",
        "checks": "checks data engine hidden judge neuron page.tables trace verify",
        "classroom": "checks classroom hidden judge verify",
    }
    for module in MODULES:
        room = module.partition(".")[0]
        if room in below:
            allowed = set(below[room].split())
            assert [m for m in imported(module)[0] if not within(m, allowed)] == [], module


def graph_of_imports():
    return {m: {x for x in imported(m)[0] if x in MODULES} - {m} for m in MODULES}


@pytest.mark.slow
def test_imports_make_no_circle():
    left = graph_of_imports()
    while left:
        free = [m for m, needs in left.items() if not needs & left.keys()]
        assert free, f"a circle among {sorted(left)}"
        for m in free:
            del left[m]


def test_no_module_is_long():
    """More than 400 lines are usually two subjects; graders of a chapter are one, and long."""
    lines = {m: len(path.read_text(encoding="utf-8").splitlines()) for m, path in MODULES.items()}
    long = [m for m in lines if lines[m] > 400 and not m.startswith(GRADERS)]
    assert long == []


def test_no_module_is_a_grab_bag():
    assert not {"utils", "helpers", "common", "misc"} & {
        part for m in MODULES for part in m.split(".")
    }


HEAVY = ("IPython", "ipywidgets", "matplotlib", "numpy", "sklearn", "torch")


@pytest.mark.slow
@pytest.mark.parametrize(
    "program",
    [
        "import bookutils",
        "import bookutils; bookutils.Value(3) * 2; bookutils.dot; bookutils.no_grad",
        "from bookutils import Value, dot, maximum, minimum, no_grad, total; Value(2).exp()",
        "from bookutils.neuron import MLP; MLP(2, [3, 1])([1.0, 2.0]).backward()",
    ],
)
def test_the_engine_loads_nothing_heavy(program):
    code = f"{program}\nimport sys; print(*sorted(set({HEAVY}) & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


@pytest.mark.slow
def test_nets_load_numpy_alone():
    program = (
        "import sys; from bookutils import augmentation, data, init, losses, nn, optim\n"
        "from bookutils import regularization, train"
    )
    code = f"{program}\nprint(*sorted(set({HEAVY}) & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["numpy"]


def test_the_package_names_what_it_offers():
    assert set(bookutils.__all__) <= set(dir(bookutils))
    for name in bookutils.__all__:
        assert getattr(bookutils, name)
    with pytest.raises(AttributeError, match="bookutils has no Tensr: is Tensor meant?"):
        bookutils.Tensr  # noqa: B018


@pytest.mark.slow
@pytest.mark.parametrize("name", ["zeros", "Tensor", "stack", "einsum"])
@pytest.mark.parametrize("room", ["bookutils", "bookutils.engine"])
def test_whatever_is_asked_for_first_a_tensor_has_its_methods(room, name):
    code = (
        f"from {room} import {name}\nimport sys\n"
        "Tensor = sys.modules['bookutils.engine.record'].Tensor\n"
        "print((Tensor([1.0, 2.0]) + 1).sum().item())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "5.0\n"
