"""A step of training run once on recorded arrays: the lines of its program, in order."""

import sys
from linecache import getline
from operator import is_not
from pathlib import Path

import numpy as np

import bookutils
from bookutils.engine.calls import recording
from bookutils.engine.record import Tensor, constant, quiet
from bookutils.nn.module import watching
from bookutils.trace.array import LEFT_OVER, Recorded
from bookutils.trace.functions import IS_VIEW, ReplayError, is_basic, taken
from bookutils.trace.line import Answer, Call, Guard, Line, value_of
from bookutils.trace.reach import now, put_back, stands_for

PACKAGE = str(Path(bookutils.__file__).parent)


class Recording:
    """What one run of a step has done.

    `tensors` are those whose data are read anew at every replay; `empty` those of them, by id,
    that have no gradient at its beginning; `objects` those whose attributes are looked after, as
    are the lists and names of `reach`. `generators` maps the id of each one that has drawn to it
    and its state before.
    """

    def __init__(self, tensors, objects, reach, empty, generators):
        self.tensors, self.empty = list(tensors), set(empty)
        self.generators, self.names = generators, reach.names
        self.known = {id(t) for t in self.tensors}
        self.attributes_before = [(m, dict(vars(m))) for m in objects]
        self.lists_before = [(x, x.copy()) for x in reach.lists]
        self.events, self.guards, self.modules, self.found = [], [], {}, []
        self.lines, self.arrays, self.leaves = {}, {}, {}
        self.before = []  # (Tensor, its array, its gradient, its count of changes)

    # --- a run -----------------------------------------------------------------------------------

    @quiet
    def run(self, step, inputs):
        """Run the step on inputs of its own; all Tensors are afterwards as they were."""
        token = recording.set(self)
        try:
            for t in self.tensors:
                self.keep(t)
                self.leaves[t] = t._array = Recorded(self.leaf("tensor", t._array, t))
                t.grad = None
                if t._requires_grad and id(t) not in self.empty:
                    t.grad = Recorded(self.leaf("grad", np.zeros_like(t._array.seen), t))
            inputs = [self.entered(i, x) for i, x in enumerate(inputs)]
            with watching(self.called):
                self.result = step(*inputs)
            self.data, self.grads = self.state()
            self.input_grads = {
                i: self.operand(t.grad)
                for i, t in enumerate(inputs)
                if isinstance(t, Tensor) and t.grad is not None
            }
            self.attributes = list(self.changed_attributes())
            for module, name, x in self.attributes:  # for those of which nothing was known before
                vars(module)[name] = without_line(x)
        finally:
            recording.reset(token)
            self.restore()
        return self

    def entered(self, i, x):
        """An input as the step meets it: a Tensor or array on a line, all else as it is."""
        if isinstance(x, np.ndarray):
            return Recorded(self.leaf("input", x, i))
        if not isinstance(x, Tensor):
            return x
        t = Tensor(0.0)
        t._array, t._requires_grad = Recorded(self.leaf("input", x._array, i)), x._requires_grad
        return t

    def leaf(self, kind, value, source):
        line = Line(kind, value, source=source, owner=self)
        self.events.append(line)
        return line

    def keep(self, t):
        self.before.append((t, t._array, t.grad, t.version[0]))

    def restore(self):
        for t, array, grad, count in reversed(self.before):
            t._array, t.grad, t.version[0] = array, grad, count
        for module, attributes in self.attributes_before:
            vars(module).clear()
            vars(module).update(attributes)
        for x, before in self.lists_before:
            if not same_contents(x, before):
                x.clear()
                (x.extend if isinstance(x, list) else x.update)(before)
        for where, name, x in self.names:
            if now(where, name) is not x:
                put_back(where, name, x)

    def state(self):
        """The lines of data and gradients that are not those that lie in the Tensors already."""
        data, grads = {}, {}
        for t in self.tensors:
            line = t._array.line
            if line.kind != "tensor" or line.source is not t:
                data[t] = line
            if t._requires_grad:
                if t.grad is None:
                    grads[t] = None
                elif not isinstance(t.grad, Recorded):
                    grads[t] = self.operand(t.grad)
                elif t.grad.line.kind != "grad" or t.grad.line.source is not t:
                    grads[t] = t.grad.line
        return data, grads

    def changed_attributes(self):
        """Triples (module, name, value) of attributes that hold what the step has computed."""
        before = {id(m): attributes for m, attributes in self.attributes_before}
        objects = {id(m): m for m, _ in self.attributes_before} | self.modules
        for module in objects.values():
            had = before.get(id(module))
            for name, x in vars(module).items():
                if id(x) in self.known:
                    continue
                if had is not None and had.get(name, getattr(type(module), name, had)) is x:
                    continue
                if isinstance(getattr(x, "_array", x), Recorded | np.ndarray):
                    yield module, name, x
                elif had is not None:
                    raise python_changes(f"{type(module).__name__}.{name}")
        for x, before in self.lists_before:
            if not same_contents(x, before):
                raise python_changes(f"a {type(x).__name__}")
        for where, name, x in self.names:
            if not stands_for(where, name, x):
                raise python_changes(name)

    def forget(self):
        """Part the lines from each other, so that their arrays go with the last that has them."""
        for event in self.events:
            if isinstance(event, Line):
                event.owner, event.views = None, []
        for x in (self.events, self.lines, self.arrays, self.leaves, self.data, self.grads):
            x.clear()

    def keep_modules(self, others):
        """Forget modules that are not among these too: the step makes others at each run."""
        self.modules = {i: m for i, m in self.modules.items() if i in others}
        lasting = {*others, *(id(m) for m, _ in self.attributes_before)}
        self.attributes = [x for x in self.attributes if id(x[0]) in lasting]

    def gradients_read(self):
        """Tensors whose gradient from before the step is read in it."""
        read = {x for e in self.events if isinstance(e, Line) for x in e.reads()}
        read.update(x for x in (*self.data.values(), *self.grads.values()) if x is not None)
        firsts = self.events[: 2 * len(self.tensors)]
        return [x.source for x in firsts if isinstance(x, Line) and x.kind == "grad" and x in read]

    # --- what the engine tells -------------------------------------------------------------------

    def called(self, module, inputs, output):
        self.modules[id(module)] = module

    def met(self, nodes):
        """A backward pass has reached these nodes."""
        for t in nodes:
            if not t.parents and t._requires_grad:
                self.finds(t)

    def assigned(self, t):
        self.finds(t)

    def finds(self, t):
        if id(t) not in self.known and type(t._array) is not Recorded:
            self.known.add(id(t))
            self.keep(t)
            self.found.append(t)

    def call(self, method, operands, settings):
        """Put down a call; what the Tensors hold after it is read anew."""
        name = method.__qualname__
        if name == "Optimizer.step":
            if len(operands) > 1 or settings:
                raise ReplayError(
                    "recording: step(closure) may call the closure any number of times: compute "
                    "the loss and its gradients in the step, and call step()"
                )
            for group in operands[0].param_groups:
                for p in group["params"]:
                    self.finds(p)
        elif operands and name.startswith("clip"):
            params = [operands[0]] if isinstance(operands[0], Tensor) else list(operands[0])
            operands = (params, *operands[1:])
            for p in params:
                self.finds(p)
        call = Call(method, operands, settings, *self.state())
        self.events.append(call)
        for t in self.tensors:
            for x in (self.leaves[t], t._array, t.grad):
                if isinstance(x, Recorded):
                    make_stale(x.line.root())
            self.leaves[t] = t._array = Recorded(self.leaf("tensor", t._array.seen, t))
            if isinstance(t.grad, Recorded):
                t.grad = Recorded(self.leaf("grad", t.grad.seen, t))
        return call.answer

    def draw(self, rng, shape):
        """Random numbers, drawn anew at every replay."""
        self.generators.setdefault(id(rng), (rng, rng.bit_generator.state))
        line = Line("draw", rng.random(shape), source=rng, owner=self)
        self.events.append(line)
        return Recorded(line)

    def answer(self, array, answer):
        line = self.operand(array)
        if line.kind != "made":
            self.guards.append(Guard(line, answer, place_in_the_step()))
        return answer

    # --- lines -----------------------------------------------------------------------------------

    def write(self, function, operands, settings):
        operands = self.operand(operands)
        settings = {name: self.operand(x) for name, x in settings.items()}
        key = function, frozen(operands), frozen(settings)
        line = self.lines.get(key)
        if line is None or line.stale:
            line = self.lines[key] = self.computed(function, operands, settings)
        return Recorded(line)

    def computed(self, function, operands, settings):
        given = {name: value_of(x) for name, x in settings.items()}
        value = np.asarray(function(*map(value_of, operands), **given))
        line = Line("line", value, function, operands, settings, owner=self)
        if all(x.kind == "made" for x in line.reads()):
            return Line("made", value, owner=self)
        first = operands[0]
        if function in IS_VIEW or function is taken and is_basic(operands[1]):
            if np.may_share_memory(value, first.value):
                line.base = first
                first.root().views.append(line)
        self.events.append(line)
        return line

    def operand(self, x):
        """x with lines in the place of arrays, also in tuples, lists and slices."""
        if isinstance(x, Recorded):
            if x.line.owner is not self:
                raise ReplayError(LEFT_OVER)
            if x.line.stale:
                raise ReplayError(
                    "recording: an array is read whose memory has been changed since, by an update "
                    "or in place: read it before, or take a copy() then"
                )
            return x.line
        if isinstance(x, np.ndarray):
            if id(x) not in self.arrays:
                self.arrays[id(x)] = line = Line("array", x, source=x, owner=self)
                self.events.append(line)
            return self.arrays[id(x)]
        if isinstance(x, tuple | list):
            return type(x)(map(self.operand, x))
        if hasattr(x, "__array_namespace__") and not isinstance(x, np.generic):
            raise ReplayError(
                f"recording: replay is for NumPy's arrays, and this one is of {type(x).__module__}"
            )
        if isinstance(x, Answer):
            x.unknown()
        return x

    def is_own(self, line):
        """May this array be changed in place?"""
        return line.root().kind in ("line", "made", "tensor", "grad", "draw")

    def changes(self, line, new):
        """An array is changed in place: others in its memory are not to be read any more."""
        root = line.root()
        root.awaits = new if line.base is root else None
        for other in root.views if line is root else (root, *root.views):
            other.stale = True


def make_stale(root):
    for line in (root, *root.views):
        line.stale = True


def contents(x):
    return x.values() if isinstance(x, dict) else x


def same_contents(x, y):
    return len(x) == len(y) and not any(map(is_not, contents(x), contents(y)))


def python_changes(what):
    return ReplayError(
        f"recording: the step changes {what}, and what is no array does not change in a replay: do "
        "it outside of the step"
    )


def without_line(x):
    """An array or Tensor with the numbers of the recording."""
    if isinstance(x, Tensor):
        return constant(without_line(x._array))
    return x.seen if isinstance(x, Recorded) else x


def frozen(x):
    """A key for operands: equal for those alike; 1, 1.0 and True are not, nor 0.0 and -0.0."""
    if isinstance(x, Line):
        return id(x)
    if isinstance(x, tuple | list):
        return type(x), *map(frozen, x)
    if isinstance(x, dict):
        return tuple((name, frozen(part)) for name, part in sorted(x.items()))
    return type(x), repr(x)


def place_in_the_step():
    """Where Python asked: the line of code, of the caller's where there is one."""
    frame = sys._getframe(2)
    inner = frame
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    frame = frame or inner
    text = getline(frame.f_code.co_filename, frame.f_lineno).strip()
    return f"line {frame.f_lineno}" + (f", `{text}`" if text else "")
