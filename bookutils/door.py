"""Short names at the door of a package; the module behind a name is loaded when it is asked for."""

import sys
from importlib import import_module


def door(package, offered, modules=""):
    """Return (__getattr__, __dir__, __all__) of `package`, for PEP 562.

    `offered` maps modules, relative to the package, to the names they offer, parted by spaces.
    `modules` names those that can be had by `import package` alone, as package.module.
    """
    homes = {name: module for module, names in offered.items() for name in names.split()}
    modules = modules.split()

    def __getattr__(name):
        if name in homes:
            return getattr(import_module(f"{package}.{homes[name]}"), name)
        if name in modules:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module '{package}' has no attribute {name!r}")

    def __dir__():
        return [*vars(sys.modules[package]), *homes, *modules]

    return __getattr__, __dir__, [*homes]
