"""What is computed in a program, in which order, and how long each array is needed."""

from bookutils.trace.functions import ReplayError
from bookutils.trace.line import Call, Line

END = 10**9


def needed(lines):
    """These lines and all that they are computed from."""
    met, stack = set(), list(lines)
    while stack:
        line = stack.pop()
        if line not in met:
            met.add(line)
            stack += line.reads()
    return met


def ordered(events, guards, kept):
    """Lines, guards and calls in the order of the program, and the set of lines before the guards.

    Only lines on which a guard, a call or one of the lines `kept` depends are in it. Guards come
    as early as they can, before anything that outlives the program has been changed.
    """
    calls = [x for x in events if isinstance(x, Call)]
    draws = [x for x in events if isinstance(x, Line) and x.kind == "draw"]
    asked = needed(g.line for g in guards)
    live = needed([*kept, *draws, *(line for call in calls for line in call.reads())])
    if draws and asked.intersection(draws):  # numbers of a generator come in their order
        last = max(i for i, x in enumerate(draws) if x in asked)
        asked.update(draws[: last + 1])
    if calls:
        late = set(events[events.index(calls[0]) :])
        for guard in guards:
            if late & needed([guard.line]):
                raise ReplayError(
                    f"recording: {guard.where} asks about numbers from after an update, when it is "
                    "too late to refuse a replay: ask before"
                )
    first = [x for x in events if x in asked]
    then = [x for x in events if isinstance(x, Call) or x in live and x not in asked]
    return [*first, *guards, *then], asked


def last_reads(sequence, kept):
    """For each line that owns memory, the place in the sequence where it is read last."""
    last = {}
    for i, item in enumerate(sequence):
        for line in (item, *item.reads()) if isinstance(item, Line) else item.reads():
            last[line.root()] = i
    last.update((line.root(), END) for line in kept)
    return last


def computed_in_place(sequence, asked, grads):
    """Lines that can be computed where the gradient lies that they are: {line: its Tensor}.

    `grads` are the gradients at the end. The place of a Tensor holds one line only, and none that
    a guard comes after.
    """
    placed, full = {}, set()
    for part in [*(x.grads for x in sequence if isinstance(x, Call)), grads]:
        for t, line in part.items():
            if line is None or line.kind != "line" or line.base is not None or line in asked:
                continue
            fits = line.value.shape == t.shape and line.value.dtype == t.dtype
            if fits and line not in placed and t not in full:
                placed[line] = t
                full.add(t)
    return placed
