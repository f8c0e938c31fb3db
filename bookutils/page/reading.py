"""A graph to be drawn, read from plain data or from a result of the engine.

Both give (keys, names, operations, values, parents with local derivatives), parents as places.
"""

from bookutils.engine.graph import topological_order


def read_mapping(edges, values, ops):
    children = {}
    for child, ins in edges.items():
        for parent in ins:
            name = parent if isinstance(parent, str) else parent[0]
            children.setdefault(name, None)
        children.setdefault(child, None)
    for name in values:
        children.setdefault(name, None)
    parents = {
        name: [(p, None) if isinstance(p, str) else (p[0], p[1]) for p in edges.get(name, ())]
        for name in children
    }
    keys, ready = [], {}
    while len(keys) < len(parents):
        level = [k for k in parents if k not in ready and all(p in ready for p, _ in parents[k])]
        if not level:
            stuck = next(k for k in parents if k not in ready)
            raise ValueError(f"draw: {stuck!r} depends on itself; a graph has no cycle")
        for key in level:
            ready[key] = len(keys)
            keys.append(key)
    return (
        keys,
        [str(k) for k in keys],
        [ops.get(k, "") for k in keys],
        [values.get(k) for k in keys],
        [[(ready[p], s) for p, s in parents[k]] for k in keys],
    )


def read_engine(root, names):
    if names and isinstance(next(iter(names)), str):
        names = {node: name for name, node in names.items()}
    if len(set(names.values())) < len(names):
        raise ValueError(f"draw: two nodes have one name in {sorted(names.values())}")
    keys = list(topological_order(root))
    place = {key: i for i, key in enumerate(keys)}
    return (
        keys,
        [names.get(key) or getattr(key, "label", "") for key in keys],
        [getattr(key, "op", "") for key in keys],
        [key.data for key in keys],
        [[(place[p], s) for p, s in zip(key.parents, key.slopes, strict=True)] for key in keys],
    )
