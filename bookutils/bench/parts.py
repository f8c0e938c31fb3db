"""What a training step is made of, measured one by one: rows of a device's record beside its steps.

Products and copies of growing size say what the machine reaches, a sum of few numbers what a call
costs; then layers over growing batches, chains with and without a compiler, memory for time, and on
a device the way there and back.
"""

from functools import cache, partial

from bookutils.bench.running import measure
from bookutils.bench.turns import Entrant, Race, Reading

SAMPLE = 0.02  # seconds, at the least
LONGEST, LIMIT = 1.5, 12.0  # seconds of a step, and of a row from which on no round begins
QUICK = 3  # sizes of a kind, and samples of a row
PRODUCTS = {"cpu": range(5, 12), "cuda": range(5, 14)}  # powers of 2
PRECISIONS = {
    "cpu": ("float32", "float64", "bfloat16"),
    "cuda": ("float32", "float64", "bfloat16", "float16", "TF32"),
}
MEMORY = (*range(12, 29, 2), 29)
ADDS = {"cpu": range(0, 19, 2), "cuda": range(0, 27, 2)}
LAYERS, BATCHES = (2048, 4096), range(9)
CHAIN = 1_000_000
SEGMENTS = (1, 4, 8, 16, 64)
DEEP = {"layers": 64, "width": 128, "batch": 1024}
TRANSFERS = range(12, 29, 4)
LAUNCHED, LAUNCHES = 4096, 15
SMALL = {"layers": 64, "width": 16, "batch": 8}


def rows(device, peer, steps, quick=False):
    """[a function that returns a row], for a device; `quick` takes the smallest of each kind.

    `peer` is torch_parts and `steps` torch_steps, or what takes their place in a test.
    """
    few = QUICK if quick else None
    made = [partial(product, 2**k, device, peer) for k in PRODUCTS[device][:few]]
    made += [partial(memory, 2**k, device, peer) for k in MEMORY[:few]]
    made += [partial(add, 2**k, device, peer, steps) for k in ADDS[device][:few]]
    made += [partial(layers, n, device, peer) for n in ((64,) if quick else LAYERS)]
    numbers = 1000 if quick else CHAIN
    made += [partial(chain, kind, numbers, backward, device, peer)
             for kind in ("products", "tanh") for backward in (False, True)]  # fmt: skip
    made.append(partial(checkpoint, SMALL if quick else DEEP, device, peer))
    if device != "cpu":
        made += [partial(transfer, 2**k, device, peer) for k in TRANSFERS[:few]]
        made.append(partial(launch, 64 if quick else LAUNCHED, device, peer, steps))
    return made


def race(key, group, title, base, entrants, **settings):
    settings = {"rtol": None, "longest": LONGEST, "limit": LIMIT, "seconds": SAMPLE, **settings}
    return Race(key, group, title, base, {n: Entrant(e) for n, e in entrants.items()}, **settings)


def product(n, device, peer):
    names = PRECISIONS[device]
    size = {name: peer.SIZES.get(name, 4) for name in names}
    return race(
        f"product {n}",
        "matrix product",
        f"{n} by {n}",
        "float32",
        {name: peer.product(n, name, device) for name in names},
        exact=lambda: peer.exact_product(n, device),
        flops=dict.fromkeys(names, 2 * n**3),
        bytes={name: 3 * n * n * size[name] for name in names},
    )


def memory(size, device, peer):
    entrants = {"copy": peer.copied(size, device), "sum": peer.summed(size, device)}
    return race(
        f"memory {size}",
        "memory",
        f"{size:,} bytes",
        None,
        entrants,
        bytes={"copy": 2 * size, "sum": size},
    )


def add(n, device, peer, steps):
    entrants = {"torch": peer.added(n, device)}
    if device == "cpu":
        entrants["NumPy"] = peer.added_by_numpy(n)
    else:
        entrants["torch, waited for"] = peer.added(n, device, steps.clock(device).wait)
    title = f"{n:,} number{'s' * (n != 1)} each"
    return race(f"add {n}", "sum of two arrays", title, "torch", entrants)


def layers(n, device, peer):
    weights = cache(partial(peer.numbers, n, n, device=device, seed=2))
    batches = {f"batch {2**k}": 2**k for k in BATCHES}
    return race(
        f"layer {n}",
        "layer",
        f"{n} to {n}, forward",
        "batch 1",
        {name: peer.layer(n, batch, device, weights) for name, batch in batches.items()},
        flops={name: 2 * n * n * batch for name, batch in batches.items()},
        bytes={name: 4 * (n * n + 2 * n * batch) for name, batch in batches.items()},
    )


def chain(kind, n, backward, device, peer):
    way = "with backward" if backward else "forward"
    what = {"products": "y = y * x + c", "tanh": "y = tanh(y)"}[kind]
    parts = kind, n, backward, device
    entrants = {"eager": peer.chain(*parts), "torch.compile": peer.chain(*parts, compiled=True)}
    return race(
        f"chain {kind} {way}",
        "chain",
        f"{what}, {peer.LINKS} times, {n:,} numbers, {way}",
        "eager",
        entrants,
        exact=lambda: peer.exact_chain(*parts),
        first=True,
    )


def checkpoint(size, device, peer):
    found = {f"{k} segment{'s' * (k != 1)}": {} for k in SEGMENTS}
    entrants = {
        name: peer.checkpointed(int(name.split()[0]), **size, device=device, found=told)
        for name, told in found.items()
    }
    return race(
        "checkpoint",
        "memory for time",
        f"{size['layers']} layers {size['width']} to {size['width']}, tanh, batch {size['batch']}, "
        "forward and backward",
        "1 segment",
        entrants,
        rtol=1e-5,  # a device's products may add in another order
        notes=lambda: {name: f"{told['runs']} layer runs" for name, told in found.items() if told},
        memory=lambda: {name: told["bytes"] for name, told in found.items() if told},
    )


def transfer(size, device, peer):
    ways = {
        f"to the {goal}{', pinned' * pinned}": peer.transferred(size, there, pinned, device)
        for there, goal in ((True, "device"), (False, "host"))
        for pinned in (False, True)
    }
    counted = dict.fromkeys(ways, size)
    title = f"{size:,} bytes"
    return race(f"transfer {size}", "transfer", title, "to the device", ways, bytes=counted)


def launch(n, device, peer, steps):
    def read():
        return peer.launched(n, device, steps.clock(device), LAUNCHES), {}

    title = f"A product of {n} by {n}, and when the clock is stopped"
    return Reading("launch", "launch", title, "s", read, base="after synchronising")


def measure_parts(
    device, record, run, peer, steps, budget, quick=False, keep=lambda record: None, watched=iter
):
    """Measure the parts into a record; return it, and whether the last one was reached.

    What the budget does not reach is told in run["missing"]; `keep` is called after each row.
    """
    for make in watched(rows(device, peer, steps, quick)):
        row = make()
        if budget.left <= 0:
            run["missing"][row.key] = (
                f"{row.key} is left out: none of {budget.seconds:g} s was left for it."
            )
            continue
        samples, clock = QUICK if quick else None, steps.clock(device)
        record, whole = measure([row], record, run, samples, keep=keep, clock=clock)
        del row
        steps.forget()
        if not whole:
            return record, False
    return record, True
