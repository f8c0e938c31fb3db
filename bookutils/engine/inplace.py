"""Changes of a Tensor's data in place, and the check that backward still finds what it needs.

Each Tensor counts the changes of its data that go through it: `t.data = …`, `t += …`, `t[i] = …`.
Tensors that share memory share the counter. A node keeps the counts that its operands and its
result had; where one has grown since, backward looks whether a vjp reads that array. What a vjp
reads is what it has closed over.
"""

from types import FunctionType

CHANGED = (
    "{} changes a Tensor that needs gradients, which cannot be recorded: do it inside no_grad(), "
    "or compute a new Tensor"
)


def counts(tensors):
    """For each Tensor its counter, the count now, and which array it holds."""
    return [(t.version, t.version[0], id(t._array)) for t in tensors]


def check_unchanged(node):
    """Raise RuntimeError where an array that the vjps of a node read has been changed since."""
    for counter, count, which in node.counts:
        if counter[0] != count and reads(node.vjps, which):
            raise RuntimeError(
                f"{node.op}: backward needs the data that was here when {node.op} was computed, "
                "but it has been changed in place since: change it after backward"
            )


def reads(vjps, which):
    """Is the array of this identity closed over by one of these functions, or those they call?"""
    functions = list(vjps)
    for function in functions:
        for cell in function.__closure__ or ():
            thing = cell.cell_contents
            if id(thing) == which:
                return True
            if type(thing) is FunctionType and thing not in functions:
                functions.append(thing)
    return False
