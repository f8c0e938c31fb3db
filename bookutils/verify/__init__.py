"""Gradients checked: against differences that know their own error, and against PyTorch."""

from bookutils.door import door

__getattr__, __dir__, __all__ = door(
    __name__,
    {
        "peer": "torch_gradient",
        "units": "ulps",
        "side_by_side": "beside",
        "table": "agreement_table",
    },
)
