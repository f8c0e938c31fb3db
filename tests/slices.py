"""Which code cells of a chapter its widgets need: a slice, so that a test need not run all.

Going back from each cell that shows a widget: the last cell that binds a name used there, all
that change its object since, and the same for these. A function uses its names when it is called.
What that overlooks cannot hide: each slider of a slice must print what the whole chapter printed.
"""

import ast
import symtable

WIDGET = "application/vnd.jupyter.widget-view+json"


def needed(cells):
    """Indices of the code cells, given in order, that those with a widget need."""
    found = [Names(cell.source) for cell in cells]
    kept, todo = set(), [k for k, cell in enumerate(cells) if shows_a_widget(cell)]
    while todo:
        k = todo.pop()
        if k not in kept:
            kept.add(k)
            todo += _makers(found, k)
    return sorted(kept)


def shows_a_widget(cell):
    if "slider" in cell.metadata.get("tags", []) or "explore(" in cell.source:
        return True
    return any(WIDGET in output.get("data", {}) for output in cell.outputs)


def _makers(found, k):
    """The cells before k that make what its names stand for while it runs."""
    names, todo = set(), list(found[k].free | found[k].later)
    while todo:
        name = todo.pop()
        if name in names:
            continue
        names.add(name)
        for i in range(k - 1, -1, -1):
            if name in found[i].bound | found[i].changed:
                yield i
                if name in found[i].functions:  # called in cell k, it looks its names up there
                    todo += found[i].functions[name]
                if name in found[i].anew:
                    break


class Names:
    """What a cell does with the names of the notebook.

    free: used before it binds them; later: used by functions it defines; bound: bound somewhere,
    `anew` whatever happens; changed: their objects may change; functions: {name: names it uses}.
    """

    def __init__(self, source):
        self.free, self.later, self.bound, self.anew, self.changed = (set() for _ in range(5))
        self.functions = {}
        for statement in ast.parse(source).body:
            used, later, bound = _of(statement)
            self.free |= _free([statement]) - self.anew
            self.later |= later
            self.bound |= bound
            self.changed |= _changed(statement)
            if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                self.functions[statement.name] = later
            if not isinstance(statement, (ast.For, ast.If, ast.While, ast.Try, ast.AugAssign)):
                self.anew |= bound
                for name in bound:  # f = partial(g, 2), or a lambda
                    self.functions.setdefault(name, later | used)


def _free(statements):
    """Names that a block may use before it binds them; a loop binds its variable first."""
    free, bound = set(), set()
    for statement in statements:
        if isinstance(statement, ast.For):
            found = _of(statement.iter)[0] | (_free(statement.body) - _of(statement.target)[0])
            found |= _free(statement.orelse)
        elif isinstance(statement, (ast.If, ast.While)):
            found = _of(statement.test)[0] | _free(statement.body) | _free(statement.orelse)
        elif isinstance(statement, ast.With):
            head = _of(ast.With(statement.items, [ast.Pass()], lineno=0))
            found = head[0] | (_free(statement.body) - head[2])
        else:
            found, _, binds = _of(statement)
            found = found | binds if isinstance(statement, ast.AugAssign) else found
        free |= found - bound
        if not isinstance(statement, (ast.For, ast.If, ast.While, ast.Try, ast.AugAssign)):
            bound |= _of(statement)[2]
    return free


def _of(statement):
    """Names of the notebook that a statement uses, that its functions use, and that it binds."""
    table = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    used = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    outer = table.get_children()
    later, tables = set(), list(outer)
    while tables:
        inner = tables.pop()
        tables += inner.get_children()
        at_once = inner.get_name() in ("listcomp", "setcomp", "dictcomp") and inner in outer
        for symbol in inner.get_symbols():
            if symbol.is_global():
                (used if at_once else later).add(symbol.get_name())
                if symbol.is_declared_global() and symbol.is_assigned():
                    bound.add(symbol.get_name())
    return used, later, bound


def _changed(statement):
    """Names whose objects may change: by `x[i] = …`, `x.y = …`, or a line `x.append(…)`.

    Not what a function will change, if it is called: most of these are names of its own.
    """
    found = set()
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return found
    for node in ast.walk(statement):
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            if isinstance(node.ctx, (ast.Store, ast.Del)):
                found.add(_root(node))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found.add(_root(node.value.func))
    return found - {None}


def _root(node):
    if not isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        return None
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return getattr(node, "id", None)
