"""The graph of a computation, and the one backward pass over it.

A node keeps its two operands `_a` and `_b`, and beside each the slope `_da`, `_db` towards it: what
a gradient is multiplied by, for a `Value` the number ∂node/∂operand. The slope is None where there
is no operand, or one that is no node. With more than two operands, `_a` and `_da` are tuples.
"""

cut = False  # a slope that stops everything: relu below zero passes on 0 even if ∞ arrives


def topological_order(root):
    """List every node that `root` was computed from, parents before children, `root` last."""
    return list(_zeros(root))


def gradients(root):
    """Map every node to ∂root/∂node, in topological order; no node is changed.

    A node passes its gradient on when all of its consumers have added to it, so children come
    before parents: the order is walked backwards.
    """
    grads = _zeros(root)
    grads[root] = 1.0
    for node, grad in reversed(grads.items()):
        da, db = node._da, node._db
        if type(da) is tuple:
            for parent, slope in zip(node._a, da, strict=True):
                if slope is not cut:
                    grads[parent] += slope * grad
            continue
        if da is not None and da is not cut:
            grads[node._a] += da * grad
        if db is not None and db is not cut:
            grads[node._b] += db * grad
    return grads


def _zeros(root):
    """Map every node to 0.0, parents before children."""
    done, stack = {}, [root]
    push, pop = stack.append, stack.pop
    while stack:
        node = pop()
        if node is None:  # all parents of the node below this mark are done
            done[pop()] = 0.0
        elif node not in done:
            push(node)
            push(None)
            if type(node._a) is tuple:
                stack += node._a
            elif node._da is not None:
                push(node._a)
            if node._db is not None:
                push(node._b)
    return done
