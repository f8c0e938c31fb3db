"""The package behind the book: engines for gradients, graders, figures and sliders.

Rooms: engine (the calculus), nn, init, losses, optim, data, neuron (what a reader trains with),
verify (gradients checked), page (what a chapter shows), checks (what the graders know), judge (how
an answer is judged), classroom (around it).
"""

from bookutils.door import door

__getattr__, __dir__, __all__ = door(
    __name__,
    {
        "engine.graph": "no_grad",
        "engine.scalar": "Value dot total maximum minimum",
        "engine.tensor": "Tensor",
        "verify.gradcheck": "gradcheck",
    },
)
