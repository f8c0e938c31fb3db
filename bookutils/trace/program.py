"""From the lines of a recording to a program: NumPy calls with buffers that exist already.

Each result has a buffer, which it gives back when the last line has read it; where a function of
numbers one by one reads an array for the last time, its result goes over it. A reshape, a
transpose, a slice of a buffer is made once, while the program is built. The program is a text, a
line of Python for each call; `exec` makes it a function.
"""

from math import prod

import numpy as np

from bookutils.trace.functions import (
    HAS_OUT,
    IS_VIEW,
    add_at,
    copied,
    replaced,
    taken,
    typed,
    viewed,
)
from bookutils.trace.line import Call, Guard, Line, value_of
from bookutils.trace.memory import aligned
from bookutils.trace.order import computed_in_place, last_reads, ordered
from bookutils.trace.products import is_product, try_on
from bookutils.trace.rewrites import new, rewritten, without_copies


class Program:
    """The program of a recording; `outputs` are the lines whose arrays it returns.

    `names` are those of its inputs and, by id, of Tensors; `storage` maps each Tensor to its array,
    and `places` each that needs a gradient to the array that the gradient goes to. `matmul` is the
    function for products of matrices, or None for NumPy's.
    """

    def __init__(self, recording, outputs, names, storage, places, matmul=None):
        self.names, self.storage, self.places = names, storage, places
        self.matmul = matmul
        self.scope, self.counts, self.statements = {}, {}, []  # statements: (code, comment)
        self.name_of, self.owned, self.free, self.nbytes = {}, {}, [], 0
        self.guards, events = recording.guards, []
        for guard in self.guards:
            guard.line = without_copies(guard.line)
        for event in rewritten(recording.events):
            if isinstance(event, Call):
                event.data, event.grads = own(event.data, events), own(event.grads, events)
            events.append(event)
        data, grads = own(recording.data, events), own(recording.grads, events)
        outputs = own(dict(enumerate(outputs)), events).values()
        kept = [x for x in (*outputs, *data.values(), *grads.values()) if x is not None]
        sequence, asked = ordered(events, self.guards, kept)
        self.draws_before_guards = any(x.kind == "draw" for x in asked)
        self.last = last_reads(sequence, kept)
        self.placed = computed_in_place(sequence, asked, grads)
        for i, item in enumerate(sequence):
            self.add(i, item)
        self.hand_over(data, grads)
        self.say(f"return {self.text(tuple(outputs))}")
        self.function = self.compiled()

    def forget(self):
        """Let go of the arrays of the recording."""
        self.name_of = self.owned = self.last = self.placed = None
        for guard in self.guards:
            guard.line = None
        for x in self.scope.values():
            if isinstance(x, Call):
                x.data = x.grads = None

    def __str__(self):
        width = min(60, max(len(code) for code, _ in self.statements)) + 2
        return "\n".join(f"{code:{width}}{note}".rstrip() for code, note in self.statements)

    def compiled(self):
        """The text as a function, whose names are local."""
        given = ", ".join(self.names["inputs"].values())
        body = "\n".join(f"  {code}" for code, _ in self.statements)
        scope = dict(self.scope)
        exec(
            f"def make({', '.join(scope)}):\n def program({given}):\n{body}\n return program", scope
        )
        return scope.pop("make")(**self.scope)

    # --- names -----------------------------------------------------------------------------------

    def bind(self, letter, x):
        """A new name for an object."""
        self.counts[letter] = self.counts.get(letter, -1) + 1
        name = f"{letter}{self.counts[letter]}"
        self.scope[name] = x
        return name

    def bound(self, name, x):
        """A name that is chosen already."""
        self.scope[name] = x
        return name

    def say(self, code, line=None):
        self.statements.append((code, "" if line is None else f"# {shown(line)}"))

    def text(self, x):
        """How an operand is written."""
        if isinstance(x, Line):
            if x not in self.name_of:
                self.name_of[x] = self.leaf(x)
            return self.name_of[x]
        if isinstance(x, tuple | list):
            parts = ", ".join(map(self.text, x))
            return f"[{parts}]" if isinstance(x, list) else f"({parts}{',' * (len(x) == 1)})"
        if x is None or x is ... or type(x) in (bool, int, str) or type(x) is float and x - x == 0:
            return "..." if x is ... else repr(x)
        if type(x) is slice:
            return f"slice({x.start}, {x.stop}, {x.step})"
        return self.bind("k", x)

    def leaf(self, line):
        """The name of an array that is there before the program runs."""
        if line.kind == "input":
            return self.names["inputs"][line.source]
        if line.kind == "tensor":
            return self.bound(self.names[id(line.source)], self.storage[id(line.source)])
        if line.kind not in ("array", "made"):
            raise AssertionError(f"a line of {line.function} is read that is not computed")
        return self.bind("c", line.value)

    def call_text(self, line):
        """The function of a line with its operands."""
        operands = [*map(self.text, line.operands)]
        operands += [f"{name}={self.text(x)}" for name, x in line.settings.items()]
        return f"{self.bound(line.function.__name__, line.function)}({', '.join(operands)})"

    # --- buffers ---------------------------------------------------------------------------------

    def out(self, i, line, over=()):
        """The name of the array for a result; it may be one of the lines `over`, read last here."""
        shape, dtype = line.value.shape, line.value.dtype
        if line in self.placed:
            self.name_of[line] = self.place(self.placed[line])
            return self.name_of[line]
        for x in over:
            if isinstance(x, Line) and (x.value.shape, x.value.dtype) == (shape, dtype):
                owner = x.base if x.function is viewed else x
                if owner in self.owned and self.last[owner] == i:
                    self.name_of[line] = self.name_of[x]
                    self.owned[line] = self.owned.pop(owner)
                    return self.name_of[line]
        self.name_of[line] = self.owned[line] = self.buffer(shape, dtype)
        return self.name_of[line]

    def buffer(self, shape, dtype):
        size = prod(shape) * dtype.itemsize
        fits = [k for k, name in enumerate(self.free) if self.scope[name].nbytes == size]
        for k in fits:
            memory = self.scope[self.free[k]]
            if memory.shape == shape and memory.dtype == dtype:
                return self.free.pop(k)
        for k in fits:
            memory = self.scope[self.free.pop(k)]
            return self.bind("b", memory.reshape(-1).view(dtype).reshape(shape))
        self.nbytes += size
        return self.bind("b", aligned(shape, dtype))

    def place(self, t):
        return self.bound(f"{self.names[id(t)]}_grad", self.places[t])

    # --- statements ------------------------------------------------------------------------------

    def add(self, i, item):
        if isinstance(item, Guard):
            differs = {True: "not {}", False: "{}"}.get(item.answer, f"{{}} != {item.answer}")
            question = differs.format(self.text(item.line))
            self.say(f"if {question}: return {self.guards.index(item)}", item.line)
        elif isinstance(item, Call):
            self.hand_over(item.data, item.grads)
            self.say(f"{self.bind('call', item)}.make()  # {item.method.__qualname__}")
        elif item.kind == "line":
            self.view(item) if item.base is not None else self.compute(i, item)
        elif item.kind == "grad":
            self.say(f"copyto({self.out(i, item)}, {self.tensor(item.source)}.grad)", item)
        elif item.kind == "draw":
            self.say(f"{self.bind('rng', item.source)}.random(out={self.out(i, item)})", item)
        for line in {x.root() for x in (item, *item.reads()) if isinstance(x, Line)}:
            if self.last[line] <= i and line in self.owned:
                self.free.append(self.owned.pop(line))

    def tensor(self, t):
        return self.bound(f"{self.names[id(t)]}_tensor", t)

    def view(self, line):
        """A view of a buffer is made now, that of an input when the input is there."""
        if line.root().kind == "input":
            text = self.view_text(line)
            self.name_of[line] = self.bind("v", None)
            del self.scope[self.name_of[line]]
            self.say(f"{self.name_of[line]} = {text}", line)
            return
        base = self.scope[self.text(line.base)]
        array = line.function(base, *line.operands[1:], **line.settings)
        if np.may_share_memory(array, base):
            self.name_of[line] = self.bind("v", array)
            self.say(f"# {self.name_of[line]} = {self.view_text(line)}", line)
        else:  # the array of the recording had another layout
            self.name_of[line] = self.buffer(line.value.shape, line.value.dtype)
            self.copy_in_order(line)

    def view_text(self, line):
        """A view as Python writes it, by a method where there is one."""
        f, (a, *operands) = line.function, line.operands
        if f is taken:
            return self.item_text(line)
        if f is viewed:
            return f"{self.text(a)}.view({operands[0].name!r})"
        if f is np.transpose and not operands and not line.settings:
            return f"{self.text(a)}.T"
        if f.__name__ in ("reshape", "transpose", "swapaxes", "ravel") and not line.settings:
            return f"{self.text(a)}.{f.__name__}({', '.join(map(self.text, operands))})"
        return self.call_text(line)

    def item_text(self, line):
        array, index = line.operands
        return f"{self.text(array)}[{self.index_text(index)}]"

    def index_text(self, index):
        """An index as Python writes it between brackets."""
        parts = index if type(index) is tuple else (index,)
        return ", ".join(map(self.part_text, parts)) + "," * (len(parts) == 1 and parts is index)

    def part_text(self, i):
        if type(i) is not slice:
            return self.text(i)
        bounds = ["" if x is None else self.text(x) for x in (i.start, i.stop, i.step)]
        return ":".join(bounds[: 2 + (i.step is not None)])

    def compute(self, i, line):
        f, operands = line.function, line.operands
        self.bound("copyto", np.copyto)
        if self.matmul is not None and is_product(line):
            try_on(self.matmul, line)
            name, (a, b) = self.bound(self.names["matmul"], self.matmul), map(self.text, operands)
            self.say(f"{name}({a}, {b}, out={self.out(i, line)})", line)
        elif isinstance(f, np.ufunc):
            text = self.call_text(line)[:-1]
            self.say(f"{text}, out={self.out(i, line, () if f.signature else operands)})", line)
        elif hasattr(f, "ufunc"):
            name = self.bound(f.ufunc.__name__ + "_reduce", f.ufunc.reduce)
            axis = line.settings.get("axis", operands[1] if len(operands) > 1 else None)
            keep = ", keepdims=True" * bool(line.settings.get("keepdims"))
            text = f"{name}({self.text(operands[0])}, axis={self.text(axis)}{keep}"
            self.say(f"{text}, out={self.out(i, line)})", line)
        elif f in (copied, typed):
            text, unsafe = self.text(operands[0]), ", casting='unsafe'" * (f is typed)
            self.say(f"copyto({self.out(i, line)}, {text}{unsafe})", line)
        elif f is np.where:
            self.where(i, line)
        elif f in (replaced, add_at):
            self.changed(i, line)
        elif f in IS_VIEW and f.__name__ in ("reshape", "ravel"):
            self.out(i, line)
            self.copy_in_order(line)
        elif f in HAS_OUT:
            text = self.call_text(line)[:-1]
            self.say(f"{text}, out={self.out(i, line)})", line)
        else:
            text = self.item_text(line) if f is taken else self.call_text(line)
            self.say(f"{self.out(i, line)}[...] = {text}", line)

    def copy_in_order(self, line):
        """A reshape that has to copy."""
        a = line.operands[0]
        shaped = self.bind("v", self.scope[self.name_of[line]].reshape(a.value.shape))
        self.say(f"copyto({shaped}, {self.text(a)})", line)

    def where(self, i, line):
        """where(c, x, y): y, over which x is written where c holds."""
        condition, x, y = line.operands
        c, x_text, y_text = map(self.text, line.operands)
        out = self.out(i, line, [y])
        if out != y_text:
            self.say(f"copyto({out}, {y_text})", line)
        if not isinstance(x, Line) and value_of(condition).shape == line.value.shape:
            self.say(f"putmask({out}, {c}, {x_text})", line)
            self.bound("putmask", np.putmask)
        else:
            self.say(f"copyto({out}, {x_text}, where={c})", line)

    def changed(self, i, line):
        """A part of an array is changed: of a copy, unless it is read last here."""
        a, b = self.text(line.operands[0]), self.text(line.operands[2])
        out = self.out(i, line, line.operands[:1])
        if out != a:
            self.say(f"copyto({out}, {a})", line)
        if line.function is add_at:
            places = self.text(line.operands[1])
            self.say(f"{self.bound('add_at', np.add.at)}({out}, {places}, {b})", line)
        else:
            self.say(f"{out}[{self.index_text(line.operands[1])}] = {b}", line)

    def hand_over(self, data, grads):
        """Write data to the arrays of their Tensors, and give these their gradients."""
        for t, line in data.items():
            name = self.bound(self.names[id(t)], self.storage[id(t)])
            self.say(f"copyto({name}, {self.text(line)})", line)
            self.say(f"{self.tensor(t)}.version[0] += 1")
        for t, line in grads.items():
            if line is not None and self.placed.get(line) is not t:
                self.say(f"copyto({self.place(t)}, {self.text(line)})", line)
            self.say(f"{self.tensor(t)}.grad = {'None' if line is None else self.place(t)}")


def shown(line):
    return f"{line.value.dtype} {line.value.shape}"


def own(lines, events):
    """The values of this dict, with copies at the end of `events` of what lies in Tensors now."""
    result = without_copies(lines)
    for key, line in result.items():
        if line is not None and line.root().kind in ("tensor", "grad"):
            result[key] = new(copied, line)
            events.append(result[key])
    return result
