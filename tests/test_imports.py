"""Arrows between modules run one way: who may import what, read from the source."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import bookutils

ROOT = Path(bookutils.__file__).parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in ROOT.rglob("*.py")
}

# module: other modules of the package that it may import; packages from outside
MAY_IMPORT = {
    "__init__": ("scalar", ""),
    "graph": ("", ""),
    "rules": ("graph", ""),
    "scalar": ("graph rules", "numpy"),  # numpy inside one function, where Python's floats raise
    "arrays": ("", "numpy array_api_compat"),
    "tensor": ("arrays graph rules", "numpy array_api_compat scipy"),  # scipy: erf, for NumPy
    "neuron": ("scalar", ""),
    "nn": ("init tensor", "array_api_compat numpy"),
    "init": ("", "numpy"),
    "optim": ("tensor", ""),
    "losses": ("arrays tensor", "numpy"),
    "gradcheck": ("graph scalar tables tensor", "array_api_compat numpy"),
    "compare": ("gradcheck graph losses rules scalar tables tensor", "numpy torch"),
    "tables": ("", ""),
    "data": ("", "numpy sklearn"),
    "drawing": ("graph", ""),
    "expression": ("scalar", ""),
    "walk": ("drawing graph", ""),
    "stepper": ("drawing expression graph scalar walk", "ipywidgets IPython"),
    "plotting": ("", "IPython matplotlib numpy PIL"),
    "widgets": ("drawing plotting", "ipywidgets IPython matplotlib numpy"),
    "progress": ("checks", "filelock platformdirs"),
    "doctor": ("compare progress", "jupyter_core packaging"),
    "authoring": ("checks", "ipykernel jupyter_client nbclient nbformat tqdm traitlets"),
    "grade": ("checks gradebook", "matplotlib tqdm"),
    "gradebook": ("checks", ""),
    "__main__": ("authoring checks doctor grade progress", ""),
    "checks": (
        "checks gradcheck graph neuron progress rules scalar tables",
        "IPython filelock numpy",
    ),
}


def imported(module):
    """The modules of the package, and the packages from outside, that a module names."""
    inside, outside = set(), set()
    package = ["bookutils", *module.split(".")[:-1]]
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, *rest = name.split(".")
            if first == "bookutils":
                # from bookutils import Value: the engine, through the package's own door
                inside.add(rest[0] if rest and rest[0] in {m.split(".")[0] for m in MODULES}
                           else "scalar")  # fmt: skip
            elif first not in sys.stdlib_module_names:
                outside.add(first)
    return inside, outside


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_are_in_the_table(module):
    row = module.split(".")[0]
    assert row in MAY_IMPORT, f"enter {row} in the table, with what it may import"
    inside, outside = MAY_IMPORT[row]
    used_inside, used_outside = imported(module)
    assert used_inside - {row} <= set(inside.split()), module
    assert used_outside <= set(outside.split()), module


def test_the_table_is_read_both_ways():
    inside, outside = imported("neuron")
    assert inside == {"scalar"} and outside == set()
    assert "torch" in imported("compare")[1]


def test_torch_has_one_importer_and_the_engine_no_dependants_upwards():
    assert [m for m, (_, out) in MAY_IMPORT.items() if "torch" in out.split()] == ["compare"]
    engine = (
        "graph",
        "rules",
        "scalar",
        "arrays",
        "tensor",
        "neuron",
        "nn",
        "init",
        "losses",
        "optim",
    )
    for module in engine:
        assert set(MAY_IMPORT[module][0].split()) <= set(engine)
        assert set(MAY_IMPORT[module][1].split()) <= {"numpy", "array_api_compat", "scipy"}
    assert "scalar" not in MAY_IMPORT["plotting"][0].split()


def test_no_module_is_a_grab_bag():
    assert not {"utils", "helpers", "common", "misc"} & {m.split(".")[-1] for m in MODULES}


HEAVY = ("IPython", "ipywidgets", "matplotlib", "numpy", "sklearn", "torch")


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


def test_nets_load_numpy_alone():
    program = "import sys; from bookutils import data, init, losses, nn, optim"
    code = f"{program}\nprint(*sorted(set({HEAVY}) & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["numpy"]


def test_the_package_names_what_it_offers():
    assert set(bookutils.__all__) <= set(dir(bookutils))
    for name in bookutils.__all__:
        assert getattr(bookutils, name)
    with pytest.raises(AttributeError, match="no attribute 'Tensr'"):
        bookutils.Tensr  # noqa: B018
