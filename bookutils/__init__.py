"""The package behind the book: engines for gradients, graders, figures and sliders.

Rooms: engine (the calculus); trace (its programs recorded, printed and compiled); nn, init, losses,
optim, data, regularization, augmentation, train, neuron (what a reader trains with);
phrasebook (what users of PyTorch type, and what to write here),
verify (gradients checked), page (what a chapter shows), checks (what the graders know), judge (how
an answer is judged), classroom (around it).
"""

from bookutils import hidden
from bookutils.door import door
from bookutils.phrasebook import lookup

hidden.refuse()
_offered, __dir__, __all__ = door(
    __name__,
    {
        "engine.graph": "no_grad",
        "engine.scalar": "Value maximum minimum",
        "engine.sums": "dot total",
        "engine.tensor": "Tensor concatenate einsum matmul stack where "
        "arange full one_hot ones ones_like rand randn zeros zeros_like",
        "verify.gradcheck": "gradcheck",
    },
    modules="engine trace nn init losses optim data regularization augmentation train neuron "
    "page checks verify",
)
__getattr__ = lookup("", _offered)
