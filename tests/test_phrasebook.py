"""Names that users of other libraries type: each is answered with what to write here."""

import re
import subprocess
import sys
import textwrap
from importlib import import_module
from pathlib import Path

import pytest

from bookutils import phrasebook

CHAPTERS = Path(__file__).parents[1] / "chapters"
NAMES = [(module, name) for module, table in phrasebook.ABSENT.items() for name in table]


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_a_name_that_is_not_here_is_answered(module, name):
    package = import_module(f"bookutils.{module}".rstrip("."))
    start = f"^{package.__name__} has no {name}: \\w"
    with pytest.raises(AttributeError, match=start):
        getattr(package, name)
    with pytest.raises(ImportError, match=start):  # and not only "cannot import name"
        exec(f"from {package.__name__} import {name}", {})
    assert not hasattr(package, name) and name not in dir(package)


@pytest.mark.parametrize("module", phrasebook.ABSENT)
def test_other_names_get_the_error_of_python(module):
    package = import_module(f"bookutils.{module}".rstrip("."))
    here = package.__name__
    with pytest.raises(AttributeError, match=f"module '{here}' has no attribute 'nix'"):
        package.nix  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'nix'"):
        exec(f"from {here} import nix", {})


@pytest.mark.parametrize(
    ("module", "typed", "meant"),
    [
        ("nn", "Relu", "ReLU"),
        ("nn", "linear", "Linear"),
        ("nn", "Sequental", "Sequential"),
        ("losses", "mse", "mse_loss"),
        ("losses", "huber", "huber_loss"),
        ("losses", "binary_crossentropy", "binary_cross_entropy"),
        ("optim", "sgd", "SGD"),
        ("data", "digit", "digits"),
        ("", "values", "Value"),
    ],
)
def test_a_name_misspelt_is_answered_with_the_one_that_is_near(module, typed, meant):
    here = f"bookutils.{module}".rstrip(".")
    sentence = rf"^{here} has no {typed}: is {meant} meant\?$"
    with pytest.raises(AttributeError, match=sentence):
        getattr(import_module(here), typed)
    with pytest.raises(ImportError, match=sentence):
        exec(f"from {here} import {typed}", {})
    with pytest.raises(AttributeError, match="has no attribute '__wrapped__'"):
        import_module(here).__wrapped__  # noqa: B018


def test_an_error_while_a_module_is_loaded_is_not_taken_for_a_missing_name():
    program = """
        import sys, types, bookutils
        sys.modules["bookutils.engine.tensor"] = types.ModuleType("broken")
        try:
            bookutils.Tensor
        except AttributeError as error:
            assert "'broken' has no attribute 'Tensor'" in str(error), error
        else:
            raise SystemExit("no error")
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)


def sentences():
    for tables in (phrasebook.ABSENT, phrasebook.ATTRIBUTES):
        for table in tables.values():
            yield from table.values()


def test_a_chapter_that_is_named_is_there():
    pattern = r"(?:with|in|of) chapter (\d\d)|section (\d\d)\."
    named = {"".join(found) for text in sentences() for found in re.findall(pattern, text)}
    assert "11" in named  # the pattern finds them
    assert [n for n in named if not list(CHAPTERS.glob(f"{n}_*"))] == []


def test_what_is_offered_is_there():
    offered = {
        "nn": "Linear Sequential Dropout",
        "data": "batches split Scale accuracy two_moons digits iris wine breast_cancer diabetes",
        "losses": "cross_entropy mse_loss bce_with_logits",
        "init": "he_uniform he_normal xavier_uniform xavier_normal",
        "optim": "SGD Adam AdamW clip_grad_norm CosineAnnealingLR",
        "regularization": "l1_penalty l2_penalty",
        "augmentation": "random_shift random_flip add_noise",
        "neuron": "MLP",
    }
    for module, names in offered.items():
        for name in names.split():
            assert callable(getattr(import_module(f"bookutils.{module}"), name))


def test_modules_are_had_by_import_of_the_package_alone():
    program = """
        import sys, bookutils
        assert "bookutils.nn" not in sys.modules
        bookutils.nn.MLP, bookutils.losses.mse_loss, bookutils.optim.SGD, bookutils.data.digits
        bookutils.init.he_normal, bookutils.engine.Tensor
        assert {"nn", "losses", "Tensor"} <= set(dir(bookutils)) and "nn" not in bookutils.__all__
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)
