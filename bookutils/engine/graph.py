"""The graph of a computation: its order, and when it is recorded.

A node is anything with a tuple `parents`, the nodes it was computed from.
"""

import inspect
from contextlib import ContextDecorator
from contextvars import ContextVar


def topological_order(root):
    """Every node that root was computed from, parents before children, root last."""
    order, met, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node is None:  # all parents of the node below this mark are in the list
            order.append(stack.pop())
        elif node not in met:
            met.add(node)
            stack += node, None
            stack += node.parents
    return order


_depth = ContextVar("no_grad", default=0)
paused = _depth.get  # paused() counts the no_grad blocks that this thread or task is in


class no_grad(ContextDecorator):
    """Inside `with no_grad():` a new Value or Tensor remembers nothing of how it was computed.

    So in the thread or asyncio task that entered the block, and nowhere else. A generator shares
    its caller's context: while it is suspended inside the block, the caller is inside too, as in
    PyTorch. Blocks may be nested, overlap and be entered again; also a decorator of functions.
    """

    def __enter__(self):
        _depth.set(_depth.get() + 1)
        return self

    def __exit__(self, *error):
        _depth.set(max(0, _depth.get() - 1))

    def __call__(self, function):
        if any(kind(function) for kind in DEFERRED):
            raise TypeError(
                f"no_grad: {function.__name__} runs later, when it is iterated or awaited: "
                "write `with no_grad():` inside it"
            )
        return super().__call__(function)


DEFERRED = inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction
