"""A training step recorded once and replayed by its instructions alone.

    def step(x, t):
        sgd.zero_grad()
        loss = mse_loss(net(x), t)
        loss.backward()
        sgd.step()
        return loss

    fast = record(step, x, t)
    for x, t in data:
        loss = fast(x, t)

`record` runs the step on arrays that write down what is done to them, forward and backward, so the
derivatives are the engine's own. What is left is a list of NumPy calls with buffers that exist
already, and `print(fast)` shows it. An optimizer's step is made live, over flat arrays of all
parameters and gradients, so that a new learning rate counts.
"""

import inspect
from keyword import iskeyword
from numbers import Real

import numpy as np

from bookutils.engine.record import Tensor, constant, quiet
from bookutils.optim.optimizer import Optimizer
from bookutils.trace.array import Recorded
from bookutils.trace.flat import homes
from bookutils.trace.functions import ReplayError
from bookutils.trace.line import Answer, Call
from bookutils.trace.program import Program
from bookutils.trace.reach import Reach
from bookutils.trace.recording import Recording
from bookutils.trace.twice import same
from bookutils.trace.unaltered import Unaltered


def record(step, *inputs, matmul=None):
    """The step as a `Replay`, recorded with these inputs; nothing is changed by that.

    Inputs are Tensors, NumPy arrays and floats, of which a replay takes others; anything else is a
    constant. The step is run two times or more, and has to do the same each time. `matmul` computes
    the replay's products of matrices, and of stacks of them, in place of NumPy. It is called as
    matmul(a, b, out=c) with arrays of one dtype of floats, writes the product into c, and adds up
    in any order; the products of the recording are computed by it once more, and compared.
    Raises ReplayError, a RuntimeError, for a step that takes a number out of its arrays (float,
    item, print), draws random numbers but by Dropout, has shapes that depend on the numbers, or is
    not done in NumPy's arrays; and for a `matmul` that fails, or differs by more than rounding.
    """
    if not callable(step):
        raise TypeError(f"record takes a function, the step, and then its inputs, not {step!r:.60}")
    if matmul is not None and not callable(matmul):
        raise TypeError(f"record: matmul is a function of a, b and out, not {matmul!r:.60}")
    inputs = list(map(entering, inputs, [first_dtype(inputs)] * len(inputs)))
    generators = {}
    try:
        return recorded(step, inputs, Reach(step), generators, matmul)
    finally:
        for rng, state in generators.values():
            rng.bit_generator.state = state


def recorded(step, inputs, reach, generators, matmul):
    """Run the step until two recordings are of the same Tensors; a Replay, if they are the same."""
    tensors, empty, before, first = [t for _, t in reach.tensors], set(), None, True
    objects = reach.objects
    for _ in range(8):
        for t in tensors:
            in_numpy(t._array)
        now = Recording(tensors, objects, reach, empty, generators).run(step, inputs)
        new = [m for m in now.modules.values() if first and not any(m is x for x in objects)]
        first = False  # in later runs new modules are those that the step itself makes
        lacking = {id(t) for t in now.gradients_read() if t.grad is None} - empty
        if now.found or new or lacking:
            tensors, objects, empty = tensors + now.found, objects + new, empty | lacking
            before = None
        elif before is None:
            before = now
        else:
            same(before, now)
            now.keep_modules(before.modules)
            before.forget()
            replay = Replay(step, inputs, now, reach, matmul)
            now.forget()
            return replay
    raise ReplayError(
        "recording: at every call the step makes a Tensor that needs a gradient, or whose data are "
        "assigned to: make it once, outside of the step"
    )


class Replay:
    """A recorded step: called with new inputs, it runs the instructions and nothing else.

    Calling it does what the step would do: gradients, parameters, the state of the optimizer and of
    modules are afterwards as the step leaves them, and what the step returns is returned, as copies
    without a graph. Without inputs those of the recording are taken, with what is in them now.
    Gradients lie in arrays of the replay: the next one writes over them.
    Raises ReplayError, with nothing changed, where a replay would not do what the step does: for
    inputs of another shape, dtype or library, another answer to a question that the step asks of
    its numbers, and a net that has been changed: train and eval, layers, arrays of parameters.

    `instructions` are the lines of the program, `nbytes` the size of its buffers. Besides these a
    replay takes memory for what it returns, and NumPy some for itself: 8,192 numbers where it
    stretches an operand, what an index of integers takes, and the results of the few functions
    that write into no array given to them (`functions.WITHOUT_OUT`). Not for two threads at once.
    """

    def __init__(self, step, inputs, recording, reach, matmul):
        self.name = getattr(step, "__name__", type(step).__name__)
        self.inputs = inputs
        self.arrays = [x._array if isinstance(x, Tensor) else x for x in inputs]
        self.dynamic = [isinstance(x, np.ndarray) for x in self.arrays]
        calls = [x for x in recording.events if isinstance(x, Call)]
        stepped = {id(c.operands[0]): c.operands[0] for c in calls if is_step(c)}
        without_grad = {t for c in calls for t, line in c.grads.items() if line is None}
        self.homes = homes(stepped.values(), without_grad)
        storage, places = {id(t): t._array for t in recording.tensors}, {}
        for home in self.homes:
            for p, data, grad in home.trios:
                storage[id(p)], places[p] = data, grad
        for t in recording.tensors:
            if t._requires_grad and t not in places:
                places[t] = np.zeros_like(t._array)
        lines = []
        self.template = template(recording.result, lines)
        self.count = len(lines)
        self.attributes = [(m, name, isinstance(x, Tensor)) for m, name, x in recording.attributes]
        lines += [recording.operand(getattr(x, "_array", x)) for _, _, x in recording.attributes]
        self.input_grads = list(recording.input_grads)
        lines += recording.input_grads.values()
        for line in lines:
            recording.operand(Recorded(line))  # may it still be read?
        names = names_of(step, inputs, recording, reach.tensors, matmul)
        self.program = Program(recording, lines, names, storage, places, matmul)
        self.run = quiet(self.program.function)
        self.generators = [rng for rng, _ in recording.generators.values()]
        used = {id(x.source) for x in self.program.name_of if x.kind == "tensor"}
        used |= {id(t) for t in recording.data}
        self.unaltered = Unaltered(
            [(t, storage[id(t)]) for t in recording.tensors if id(t) in used],
            list(recording.modules.values()),
            {(id(m), name) for m, name, _ in self.attributes},
            [t for t in recording.tensors if id(t) in recording.empty],
            recording.gradients_read(),
            reach.names,
        )
        for home in self.homes:
            home.move_in()
        self.program.forget()

    @property
    def instructions(self):
        return [code for code, _ in self.program.statements if not code.startswith("#")]

    @property
    def nbytes(self):
        return self.program.nbytes

    def __str__(self):
        return str(self.program)

    def __repr__(self):
        return f"Replay({self.name}, {len(self.instructions)} instructions, {self.nbytes:,} bytes)"

    def __call__(self, *inputs):
        """One step with these inputs, or with those of the recording."""
        arrays = self.fitting(inputs) if inputs else self.arrays
        self.unaltered.check()
        for home in self.homes:
            home.settle()
        given = [a for a, dynamic in zip(arrays, self.dynamic) if dynamic]  # noqa: B905
        if self.program.draws_before_guards:
            states = [rng.bit_generator.state for rng in self.generators]
        result = self.run(*given)
        if type(result) is int:
            if self.program.draws_before_guards:
                for rng, state in zip(self.generators, states, strict=True):
                    rng.bit_generator.state = state
            guard = self.program.guards[result]
            raise ReplayError(
                f"replay of {self.name}: {guard.where} asks about the numbers, and now has another "
                f"answer than the {guard.answer} of the recording: record the step again for such "
                "numbers"
            )
        if len(result) > self.count:
            self.leave(result[self.count :], inputs or self.inputs)
        return filled(self.template, result)

    def fitting(self, inputs):
        """The arrays of the inputs; ReplayError unless they are like those of the recording."""
        if len(inputs) != len(self.inputs):
            self.refuse(f"{len(inputs)} inputs arrived, and it has {len(self.inputs)}")
        arrays = []
        for i, (x, recorded) in enumerate(zip(inputs, self.arrays)):  # noqa: B905
            array = x._array if type(x) is Tensor else x
            if not self.dynamic[i]:
                if array is not recorded and not (type(x) is type(recorded) and x == recorded):
                    self.refuse(f"input {i} is a constant, {recorded!r:.40}, and now {x!r:.40}")
            elif type(array) is not np.ndarray:
                if not isinstance(array, Real) or recorded.shape:
                    self.refuse(f"input {i} is no NumPy array but a {type(array).__name__}")
                array = np.asarray(array, recorded.dtype)
            if self.dynamic[i]:
                if array.shape != recorded.shape:
                    self.refuse(f"input {i} has shape {array.shape}, not {recorded.shape}")
                if array.dtype != recorded.dtype:
                    self.refuse(f"input {i} is {array.dtype}, not {recorded.dtype}")
            arrays.append(array)
        return arrays

    def refuse(self, why):
        raise ReplayError(f"replay of {self.name}: {why}: record the step again for such inputs")

    def leave(self, arrays, inputs):
        """Leave copies in attributes of modules, and gradients in inputs that need them."""
        arrays = iter(arrays)
        for module, name, is_tensor in self.attributes:
            x = np.array(next(arrays))
            vars(module)[name] = constant(x) if is_tensor else x
        for i in self.input_grads:
            grad = np.array(next(arrays))
            t = inputs[i]
            if isinstance(t, Tensor):
                t.grad = grad if t.grad is None else t.grad + grad


# --- what goes in, and what comes out -------------------------------------------------------------


def first_dtype(inputs):
    """The dtype of the first array of floats, which a float among the inputs takes."""
    arrays = (x._array if isinstance(x, Tensor) else x for x in inputs)
    kinds = (x.dtype for x in arrays if isinstance(x, np.ndarray) and x.dtype.kind == "f")
    return next(kinds, np.dtype(float))


def entering(x, dtype):
    if isinstance(x, Tensor):
        in_numpy(x._array)
    elif hasattr(x, "shape") and hasattr(x, "dtype"):
        in_numpy(x)
    return np.asarray(x, dtype) if isinstance(x, float | np.floating) else x


def in_numpy(array):
    if not isinstance(array, np.ndarray | np.generic):
        library = type(array).__module__.partition(".")[0]
        raise ReplayError(
            f"recording: only NumPy arrays are recorded, and an array of {library} arrived: put "
            f"its numbers into a NumPy array first, or use a compiler of {library}"
        )


def template(x, lines):
    """What the step returned, with places in a list of lines, which grows, for its arrays."""
    array = getattr(x, "_array", x)
    if isinstance(array, Recorded):
        lines.append(array.line)
        return Place(len(lines) - 1, isinstance(x, Tensor))
    if isinstance(x, dict):
        return {key: template(part, lines) for key, part in x.items()}
    return type(x)(template(part, lines) for part in x) if type(x) in (tuple, list) else x


class Place:
    """Where an array comes in what a step returns."""

    def __init__(self, i, is_tensor):
        self.i, self.is_tensor = i, is_tensor


def filled(x, arrays):
    """What the step returns, from the template and the arrays of a replay."""
    if type(x) is Place:
        array = np.array(arrays[x.i])
        return constant(array) if x.is_tensor else array
    if type(x) is Answer:
        return x.call.result
    if type(x) is dict:
        return {key: filled(part, arrays) for key, part in x.items()}
    return type(x)(filled(part, arrays) for part in x) if type(x) in (tuple, list) else x


def is_step(call):
    return call.operands and isinstance(call.operands[0], Optimizer)


# --- names ----------------------------------------------------------------------------------------


def names_of(step, inputs, recording, named, matmul):
    """Names for inputs, for matmul and, by id, for Tensors: those of the step and its modules."""
    names, used = {}, set()

    def chosen(name, other):
        name = "".join(c if c.isalnum() else "_" for c in name)
        name = name if name.isidentifier() and not iskeyword(name) else other
        while name in used or hasattr(np, name) or name[1:].isdigit() and name[0] in "bcgkv":
            name += "_"
        used.add(name)
        return name

    try:
        given = list(inspect.signature(step).parameters)
    except (TypeError, ValueError):
        given = []
    given = given if len(given) == len(inputs) else [f"input{i}" for i in range(len(inputs))]
    names["inputs"] = {
        i: chosen(name, f"input{i}")
        for i, name in enumerate(given)
        if isinstance(inputs[i], Tensor | np.ndarray)
    }
    if matmul is not None:
        names["matmul"] = chosen(getattr(matmul, "__name__", "product"), "product")
    for module in sorted(recording.modules.values(), key=lambda m: -len(m.named_state())):
        for name, t in module.named_state():
            if id(t) not in names:
                names[id(t)] = chosen(name, "tensor")
    for name, t in [*named, *(("", t) for t in recording.tensors)]:
        if id(t) not in names:
            names[id(t)] = chosen(name, "tensor")
    return names
