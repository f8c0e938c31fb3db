"""The package behind the book: engines for gradients, graders, figures and sliders."""

from importlib import import_module

_OFFERED = {
    name: module
    for module, names in {
        "graph": "no_grad",
        "scalar": "Value dot total maximum minimum",
        "tensor": "Tensor",
    }.items()
    for name in names.split()
}
__all__ = [*_OFFERED]


def __getattr__(name):
    if name in _OFFERED:
        return getattr(import_module(f"bookutils.{_OFFERED[name]}"), name)
    raise AttributeError(f"module 'bookutils' has no attribute {name!r}")


def __dir__():
    return [*globals(), *_OFFERED]
