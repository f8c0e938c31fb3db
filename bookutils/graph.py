"""The graph of a computation, and the one backward pass over it.

A node has `_edges`, a flat tuple (parent, slope, parent, slope, …) in the order of the operands.
A slope is whatever multiplies a gradient: for a `Value` the number ∂node/∂parent.
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
        edges = iter(node._edges)
        for parent in edges:
            slope = next(edges)
            if slope is not cut:
                grads[parent] += slope * grad
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
            if node._edges:
                push(node)
                push(None)
                stack += node._edges[::2]
            else:
                done[node] = 0.0
    return done
