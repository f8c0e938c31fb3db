"""A pretend device: a queue, and a clock on which no second passes.

What is launched runs later, one after another, and `launch` returns at once, as with a GPU. What a
measurement gives is the same on every machine. Chapter 13 builds the plain one, with the same
names; the options are what makes real measurements hard.
"""

import math

LONGER = 20  # times, an odd run


class Spent(RuntimeError):
    """More runs were launched than the device takes."""


class Device:
    """A device of which nothing can be learned but by measuring it; see `Queue`."""

    def __init__(self, *args, **options):
        queue = Queue(*args, **options)
        self.now, self.launch, self.synchronize = queue.now, queue.launch, queue.synchronize

    @property
    def runs(self):
        """How many runs were launched."""
        return self.launch.__self__.runs

    def check_clock(self):
        """Raises: RuntimeError, where nobody has read the clock: other clocks know no second."""
        if not self.launch.__self__.looks:
            raise RuntimeError("nobody has read `device.now()`, the clock of the device")


class Queue:
    """Runs works by name, one after another, and compiles each at its first launch.

    `seconds` is {work: what one run takes}, `launch` what the host needs for each launch and
    `compile` for the first one of a work. `tick`: the clock goes on by steps of this length.
    `drift`: with each second that passes a run takes longer, by this share of its time. `odd`:
    every so many runs one takes 20 times as long. `spread`: runs vary by up to this share, drawn
    from `rng`. `most`: how many runs it takes. That a program launches without end is then told by
    a count, which is the same on every machine, and not by a limit of time.
    """

    def __init__(self, seconds, launch=0.01, compile=0.75, *, tick=0.0, drift=0.0, odd=0,
                 spread=0.0, rng=None, most=math.inf):  # fmt: skip
        self._seconds, self._launch, self._compile = dict(seconds), launch, compile
        self._tick, self._drift, self._odd, self._spread, self._rng = tick, drift, odd, spread, rng
        self._most = most
        self._time = self._free = 0.0  # of the host; when the last run will be done
        self.runs, self.looks, self._compiled = 0, 0, set()

    def now(self):
        """Seconds on the clock of the host."""
        self.looks += 1
        if not self._tick:
            return self._time
        return math.floor(self._time / self._tick + 1e-9) * self._tick

    def launch(self, work):
        """Puts a run of this work into the queue. Does not wait for it.

        Raises: KeyError, where the device does not know the work; Spent, where it takes no more.
        """
        if work not in self._seconds:
            known = ", ".join(map(repr, self._seconds))
            raise KeyError(f"launch({work!r}): this device runs {known}")
        if work in self._compiled:
            self._time += self._launch
        else:
            self._time += self._launch + self._compile
            self._compiled.add(work)
        self.runs += 1
        if self.runs > self._most:
            raise Spent(f"{self._most:,} runs were launched, and this device takes no more")
        # Launched by hundreds of thousands: no call is made here that is not needed.
        start = self._free if self._free > self._time else self._time
        factor = 1 + self._drift * start
        if self._spread:
            factor *= 1 + self._spread * self._rng.uniform(-1, 1)
        if self._odd and self.runs % self._odd == 0:
            factor *= LONGER
        self._free = start + self._seconds[work] * factor

    def synchronize(self):
        """Waits until everything that was launched is done."""
        self._time = max(self._time, self._free)
