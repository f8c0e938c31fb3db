"""The layered layout of a graph: columns, few crossings, straight arrows, nothing touching."""


def columns_of(n, parents):
    """Columns of items, and the items each arrow passes: {(child, place): [parent, …, child]}.

    Items below n are nodes, the others empty slots through which long arrows run; arrows from one
    node share their slots.
    """
    children = [[] for _ in range(n)]
    column = [0] * n
    for i in range(n):
        for p, _ in parents[i]:
            children[p].append(i)
            column[i] = max(column[i], column[p] + 1)
    for i in reversed(range(n)):  # nearer to the first user, where that shortens the arrows
        if len(children[i]) > len(parents[i]):
            column[i] = min(column[c] for c in children[i]) - 1
    columns = [[] for _ in range(max(column, default=-1) + 1)]
    slots, routes, items = {}, {}, n
    for i in _from_result(n, parents):
        columns[column[i]].append(i)
    for i in range(n):
        for place, (p, _) in enumerate(parents[i]):
            route = [p]
            for k in range(column[p] + 1, column[i]):
                if (p, k) not in slots:
                    slots[p, k] = items
                    columns[k].append(items)
                    items += 1
                route.append(slots[p, k])
            routes[i, place] = [*route, i]
    return columns, routes


def _from_result(n, parents):
    """Nodes in the order in which a walk from the results, operand by operand, meets them."""
    used = {p for ins in parents for p, _ in ins}
    stack, seen = [i for i in reversed(range(n)) if i not in used], {}
    while stack:
        i = stack.pop()
        if i not in seen:
            seen[i] = True
            stack.extend(p for p, _ in reversed(parents[i]))
    return list(seen)


def fewest_crossings(columns, incoming, sweeps=12):
    """Reorder each column by the mean place of its neighbours, to and fro; keep the best order.

    Source: Sugiyama, Tagawa and Toda, Methods for visual understanding of hierarchical system
    structures, IEEE Transactions on Systems, Man, and Cybernetics, 1981.
    """
    before = [[u for u, _ in into] for into in incoming]
    after = [[] for _ in incoming]
    for v, into in enumerate(before):
        for u in into:
            after[u].append(v)
    best, fewest = columns, _crossings(columns, before)
    columns = [list(column) for column in columns]
    for sweep in range(sweeps):
        neighbours, order = (before, columns[1:]) if sweep % 2 == 0 else (after, columns[-2::-1])
        rank = {item: r for column in columns for r, item in enumerate(column)}
        for column in order:
            mean = {
                i: sum(rank[j] for j in neighbours[i]) / len(neighbours[i])
                if neighbours[i]
                else rank[i]
                for i in column
            }
            column.sort(key=mean.__getitem__)
            rank.update((item, r) for r, item in enumerate(column))
        crossed = _crossings(columns, before)
        if crossed < fewest:
            best, fewest = [list(column) for column in columns], crossed
    return best


def _crossings(columns, before):
    rank = {item: r for column in columns for r, item in enumerate(column)}
    crossed = 0
    for column in columns[1:]:
        ends = [rank[u] for v in column for u in sorted(before[v], key=rank.__getitem__)]
        crossed += sum(a > b for k, b in enumerate(ends) for a in ends[:k])
    return crossed


def heights_of(columns, incoming, ports, heights, n, rounds=48):
    """The height of each item's middle: near its neighbours, arrows straight, nothing touching."""

    def apart(i, j):
        gap = 20 if i < n and j < n else 14 if i < n or j < n else 12
        return (heights[i] + heights[j]) / 2 + gap

    stiff = (1.0, 3.0, 8.0)  # a line between two empty slots is wanted straightest
    outgoing = [[] for _ in incoming]  # item -> [(item one column right, port there)]
    for v, into in enumerate(incoming):
        for (u, _), port in zip(into, ports[v], strict=True):
            outgoing[u].append((v, port))
    middle = [0.0] * len(incoming)
    for column in columns:
        y = 0.0
        for above, i in zip([None, *column], column, strict=False):
            y += apart(above, i) if above is not None else 0
            middle[i] = y
        for i in column:
            middle[i] -= y / 2
    for sweep in range(rounds):
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            wishes, weights = [], []
            for i in column:
                left = [
                    (middle[u] - port, stiff[(u >= n) + (i >= n)])
                    for (u, _), port in zip(incoming[i], ports[i], strict=True)
                ]
                right = [(middle[v] + port, stiff[(v >= n) + (i >= n)]) for v, port in outgoing[i]]
                pulls = left + right
                if sweep < rounds // 2:
                    pulls = left if sweep % 2 == 0 else right
                weight = sum(w for _, w in pulls)
                wishes.append(sum(y * w for y, w in pulls) / weight if pulls else middle[i])
                weights.append(weight or 0.1)
            gaps = [apart(i, j) for i, j in zip(column, column[1:], strict=False)]
            for i, y in zip(column, spread(wishes, weights, gaps), strict=True):
                middle[i] = y
    return middle


def spread(wishes, weights, gaps):
    """Positions at least `gaps` apart, nearest to `wishes` in weighted least squares.

    Source: pool adjacent violators, as in Ayer and others, Annals of Mathematical Statistics, 1955.
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks = []  # [weighted mean, weight, length]
    for wish, weight, offset in zip(wishes, weights, offsets, strict=True):
        blocks.append([wish - offset, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, weight, length = blocks.pop()
            b = blocks[-1]
            b[0] = (b[0] * b[1] + mean * weight) / (b[1] + weight)
            b[1] += weight
            b[2] += length
    means = [mean for mean, _, length in blocks for _ in range(length)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
