"""The calculus, as chapters 03 and 04 build it: graph, rules, numbers, arrays."""

from bookutils.door import door

__getattr__, __dir__, __all__ = door(
    __name__,
    {
        "graph": "no_grad topological_order",
        "rules": "RULES",
        "scalar": "gradients Value maximum minimum",
        "sums": "dot total",
        "tensor": "Tensor concatenate cross_entropy einsum linear matmul stack where "
        "arange full one_hot ones ones_like rand randn zeros zeros_like",
    },
)
