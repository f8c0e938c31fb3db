"""The graph of a computation, and the one backward pass over it.

A node has `edges`, a flat tuple (parent, slope, parent, slope, …) in the order of the operands.
A slope is whatever multiplies a gradient: for a `Value` the number ∂node/∂parent.
"""

cut = False  # a slope that stops everything: relu below zero passes on 0 even if ∞ arrives


def topological_order(root):
    """List every node that `root` was computed from, parents before children, `root` last."""
    order, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node is None:  # all parents of the node below this mark are in the list
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            if node.edges:
                stack += (node, None, *node.edges[::2])
            else:
                order.append(node)
    return order


def gradients(root):
    """Map every node to ∂root/∂node; no node is changed.

    Children come before parents, so a node passes its gradient on only when all of its
    consumers have added theirs.
    """
    grads = dict.fromkeys(topological_order(root), 0.0)
    grads[root] = 1.0
    for node, grad in reversed(grads.items()):
        edges = iter(node.edges)
        for parent, slope in zip(edges, edges, strict=True):
            if slope is not cut:
                grads[parent] += slope * grad
    return grads
