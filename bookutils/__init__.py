"""The package behind the book: an engine for gradients, graders, figures and sliders."""

_ENGINE = ("Value", "dot", "total", "maximum", "minimum", "no_grad")
__all__ = [*_ENGINE]


def __getattr__(name):
    if name in _ENGINE:
        from bookutils import scalar

        return getattr(scalar, name)
    raise AttributeError(f"module 'bookutils' has no attribute {name!r}")


def __dir__():
    return [*globals(), *_ENGINE]
