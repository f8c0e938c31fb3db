"""The graph of a computation, and the one backward pass over it.

A node keeps its two operands `_a` and `_b`, and beside each the slope `_da`, `_db` towards it: what
a gradient is multiplied by. For a `Value` that is the number ∂node/∂operand, for a `Tensor` a
linear map whose `*` is the vector-Jacobian product. The slope is None where there is no operand, or
one that is no node. With more than two operands, `_a` is a tuple, and `_da` a tuple of slopes, or
one slope whose `*` gives the tuple of all the operands' gradients.

The root says what its gradients are made of: `_one` is its gradient towards itself, and adding to
`_zero` changes nothing; without them, the numbers 1.0 and 0.0.
"""

from bookutils.engine.graph import no_grad, paused  # noqa: F401

cut = False  # a slope that stops everything: relu below zero passes on 0 even if ∞ arrives


def recording():
    return not paused()


def topological_order(root):
    """List every node that `root` was computed from, parents before children, `root` last."""
    return list(_zeros(root, 0.0))


def gradients(root):
    """Map every node to ∂root/∂node, in topological order; no node is changed."""
    return dict(reversed([*backward_pass(root, getattr(root, "_one", 1.0))]))


def backward_pass(root, grad):
    """Yield every node with its gradient, `root` with `grad` first; each is then forgotten.

    A node passes its gradient on when all of its consumers have added to it, so children come
    before parents: the topological order is walked backwards.
    """
    grads = _zeros(root, getattr(root, "_zero", 0.0))
    grads[root] = grad
    last = grads.popitem
    while grads:
        item = last()
        yield item
        node, grad = item
        a, da, db = node._a, node._da, node._db
        if type(a) is tuple:
            if type(da) is not tuple:
                for parent, part in zip(a, da * grad, strict=True):
                    grads[parent] = grads[parent] + part
                continue
            for parent, slope in zip(a, da, strict=True):
                if slope is not cut:
                    grads[parent] = grads[parent] + slope * grad
            continue
        if da is not None and da is not cut:
            grads[a] = grads[a] + da * grad
        if db is not None and db is not cut:
            b = node._b
            grads[b] = grads[b] + db * grad


def _zeros(root, zero):
    """Map every node to `zero`, parents before children."""
    done, stack = {}, [root]
    push, pop = stack.append, stack.pop
    while stack:
        node = pop()
        if node is None:  # all parents of the node below this mark are done
            done[pop()] = zero
        elif node in done:
            continue
        elif node._a is node._b is None:  # a leaf has no parents
            done[node] = zero
        else:
            push(node)
            push(None)
            if type(node._a) is tuple:
                stack += node._a
            elif node._da is not None:
                push(node._a)
            if node._db is not None:
                push(node._b)
    return done
