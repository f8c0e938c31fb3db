"""Short names at the door of a package; the module behind a name is loaded when it is asked for."""

import sys
from importlib import import_module

from bookutils import hidden


def door(package, offered, modules=""):
    """Return (__getattr__, __dir__, __all__) of `package`, for PEP 562.

    `offered` maps modules, relative to the package, to the names they offer, parted by spaces.
    `modules` names those that can be had by `import package` alone, as package.module.
    """
    homes = {name: module for module, names in offered.items() for name in names.split()}
    modules = modules.split()

    def loaded(module):
        try:
            return import_module(f"{package}.{module}")
        except (ImportError, AttributeError) as error:
            if said := hidden.said(hidden.beside()):
                raise ImportError(said) from error
            raise

    def __getattr__(name):
        if name in homes:
            return getattr(loaded(homes[name]), name)
        if name in modules:
            return loaded(name)
        raise AttributeError(f"module '{package}' has no attribute {name!r}")

    def __dir__():
        return [*vars(sys.modules[package]), *homes, *modules]

    return __getattr__, __dir__, [*homes]
