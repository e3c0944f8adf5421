"""Vectors and matrices written out, with or without dots: the pattern that the print shows.

`[x_1, \\dots, x_N]` is read by comparing its first and last entry: where they differ, an index
runs. A matrix is read from its four corners; its diagonal may have a form of its own.
"""

from __future__ import annotations

from dataclasses import fields, replace

from chainrule.language.algebra import add, delta, mul, position, substitute, total, where
from chainrule.language.expr import Expr
from chainrule.language.index import Index, Size, fresh, place_of
from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.reductions import count_from_zero
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value

# Names for the places where a pattern runs; no user can type them.
ROW, COLUMN = "·row", "·column"

# What may be printed as the number of the last entry.
_ENDS = (tree.Symbol, tree.Script, tree.Number, tree.Sum)

Path = tuple


def vector(meaning, items: tuple[Node, ...], node: Node) -> Value:
    """A row of entries: all of them, or a pattern with dots."""
    dots = [k for k, item in enumerate(items) if isinstance(item, tree.Ellipsis)]
    if not dots:
        return _explicit(meaning, items)
    if len(dots) > 1 or dots[0] in (0, len(items) - 1):
        raise Misread(node)
    template, last = pattern(items[0], items[-1], ROW)
    _same_pattern(template, items[1 : dots[0]], 2, node)
    expr, index = _over(meaning, template, last, ROW, node)
    return Value(expr, (None, index))


def _explicit(meaning, items: tuple[Node, ...]) -> Value:
    values = [meaning.value(item) for item in items]
    if not all(value.is_scalar for value in values):
        raise Misread(items[0])
    index = fresh(len(values))
    terms = (mul(value.expr, delta(index, k)) for k, value in enumerate(values))
    return Value(add(*terms), (None, index))


def dotted_sum(meaning, node: tree.Sum) -> Value:
    """`a_1 + a_2 + … + a_N`: the terms around the dots show the pattern; others are added."""
    at = [k for k, term in enumerate(node.terms) if isinstance(term, tree.Ellipsis)]
    if len(at) != 1 or at[0] in (0, len(node.terms) - 1):
        raise Misread(node)
    (at,) = at
    sign = node.signs[at + 1]
    if {node.signs[at - 1], node.signs[at], sign} - {"+", "-"} or node.signs[at] != sign:
        raise Misread(node)
    if node.signs[at - 1] != sign and at != 1:
        raise Misread(node)
    template, start, last = _run(node.terms[at - 1], node.terms[at + 1], ROW)
    first = at - 1
    while first and start > 0 and node.signs[first - 1] == sign:
        if _filled(template, {ROW: tree.Number(str(start - 1))}) != node.terms[first - 1]:
            break
        first, start = first - 1, start - 1
    numbered = _first_number(meaning, template)
    if start < numbered:
        # An x_0 that is none of the elements x_1, …, x_N is a name by itself.
        first, start = first + 1, start + 1
    expr, index = _run_from(meaning, template, last, numbered, node)
    early = (substitute(expr, {index: place_of(k)}) for k in range(start - numbered))
    run = Value(add(total(index, expr), *(mul(-1, term) for term in early)))
    values = [meaning.signed(s, t) for s, t in zip(node.signs[:first], node.terms, strict=False)]
    values.append(run if sign == "+" else Value(mul(-1, run.expr)))
    rest = slice(at + 2, None)
    values += [
        meaning.signed(s, t) for s, t in zip(node.signs[rest], node.terms[rest], strict=True)
    ]
    return meaning.algebra.add(values)


def _first_number(meaning, template: Node) -> int:
    """From which number the arrays count in which a template runs: 1, or 0 if all of them do."""
    firsts = set()
    for part in tree.walk(template):
        if isinstance(part, tree.Script) and part.sub is not None:
            marks = subscripts(part.sub)
            counted = meaning.scope.usage.counting.firsts(letter(part.base), len(marks))
            firsts |= {n for n, mark in zip(counted, marks, strict=True) if letter(mark) == ROW}
    if len(firsts) > 1:
        raise Misread(template, "an index that counts from 0 and from 1")
    return firsts.pop() if firsts else 1


def _run_from(
    meaning, template: Node, last: Node, first: int, node: Node
) -> tuple[Expr, Index]:
    """The template as an expression over an index that runs from the first number to `last`."""
    if first:
        return _over(meaning, template, last, ROW, node)
    # As in a sum from 0: all elements, however many there are by the last of them.
    size = count_from_zero(meaning, last) or meaning.scope.sizes.unknown()
    return _running(meaning, template, size, ROW, node)


def _over(meaning, template: Node, last: Node, mark: str, node: Node) -> tuple[Expr, Index]:
    """The template as an expression over an index that runs to `last`.

    Where the arrays in it have another size by now, which nobody stated, it runs over all of them:
    the `x_1, …, x_n` of one question may be the x of size d of another.
    """
    size = meaning.size(last)
    try:
        return _running(meaning, template, size, mark, node)
    except Misfit:
        if not isinstance(size, str) or _has_stated_sizes(meaning, template):
            if not _is_argument(meaning, template):
                raise
    found = _running(meaning, template, meaning.scope.sizes.unknown(), mark, node)
    if not _is_argument(meaning, template):
        meaning.note(f"{letter(last)} is taken as the number of all elements")
    return found


def _is_argument(meaning, template: Node) -> bool:
    """Whether the entries are those of what a function is taken at: as many as that has."""
    return any(letter(part) in meaning.bindings for part in tree.walk(template))


def _has_stated_sizes(meaning, template: Node) -> bool:
    symbols = meaning.scope.symbols
    return any(letter(p) in symbols and symbols[letter(p)].declared for p in tree.walk(template))


def _running(meaning, template: Node, size: Size, mark: str, node: Node) -> tuple[Expr, Index]:
    saved = meaning.letters.get(mark)
    meaning.letters[mark] = fresh(size)
    try:
        value = meaning.algebra.resolved(meaning.value(template))
        index = meaning.index(mark)
    finally:
        meaning.letters.pop(mark, None)
        if saved is not None:
            meaning.letters[mark] = saved
    if not value.is_scalar:
        raise Misread(node)
    return value.expr, index


def pattern(first: Node, last: Node, mark: str) -> tuple[Node, Node]:
    """(first with the mark where the two differ, what stands there in the last).

    raises  Misread where they differ in more than 1 against one size
    """
    template, start, end = _run(first, last, mark)
    if start != 1:
        raise Misread(last)
    return template, end


def _run(first: Node, last: Node, mark: str) -> tuple[Node, int, Node]:
    """(first with the mark where the two differ, the number there, what stands in the last)."""
    found = list(_differences(first, last, ()))
    ends = {end for _, _, end in found}
    starts = {start.text for _, start, _ in found}
    if len(ends) != 1 or len(starts) != 1 or not (number := starts.pop()).isdigit():
        raise Misread(last)
    template = first
    for path, start, _ in found:
        symbol = tree.Symbol(mark, start=start.start, end=start.end)
        template = _put(template, path, symbol)
    return template, int(number), ends.pop()


def _differences(a: Node, b: Node, path: Path):
    """(path, node in a, node in b) wherever a number of a stands against something else in b."""
    if a == b:
        return
    if isinstance(a, tree.Number) and isinstance(b, _ENDS):
        yield path, a, b
        return
    if type(a) is not type(b):
        raise Misread(b)
    for one in fields(a):
        if one.name in ("start", "end"):
            continue
        left, right = getattr(a, one.name), getattr(b, one.name)
        if isinstance(left, tree.Node) and isinstance(right, tree.Node):
            yield from _differences(left, right, (*path, one.name))
        elif isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
            for k, (x, y) in enumerate(zip(left, right, strict=True)):
                if isinstance(x, tree.Node) and isinstance(y, tree.Node):
                    yield from _differences(x, y, (*path, one.name, k))
                elif x != y:
                    raise Misread(b)
        elif left != right:
            raise Misread(b)


def _put(node, path: Path, new: Node):
    """The tree with another node at a path."""
    if not path:
        return new
    head, *rest = path
    if isinstance(node, tuple):
        return (*node[:head], _put(node[head], tuple(rest), new), *node[head + 1 :])
    return replace(node, **{head: _put(getattr(node, head), tuple(rest), new)})


def _filled(node: Node, values: dict[str, Node]) -> Node:
    """The template with nodes in place of its marks."""

    def change(part: Node) -> Node:
        return values.get(part.name, part) if isinstance(part, tree.Symbol) else part

    return tree.transformed(node, change)


def _same_pattern(template: Node, items: tuple[Node, ...], start: int, node: Node) -> None:
    """Whether the entries printed between the first and the dots follow the pattern."""
    for number, item in enumerate(items, start):
        if _filled(template, {ROW: tree.Number(str(number))}) != item:
            raise Misread(node)


def matrix(meaning, node: tree.Matrix) -> Value:
    """A matrix or a column of entries, written out or with dots."""
    rows = [row for row in node.rows if not all(_is_dots(cell) for cell in row)]
    dotted = len(rows) < len(node.rows) or any(_is_dots(cell) for row in rows for cell in row)
    if len({len(row) for row in node.rows}) != 1:
        raise Misread(node)
    if len(node.rows[0]) == 1:
        cells = tuple(row[0] for row in node.rows)
        column = vector(meaning, _dots_once(cells), node)
        return Value(column.expr, (column.indices[0], None))
    if len(node.rows) == 1:
        return vector(meaning, node.rows[0], node)
    return _cornered(meaning, node) if dotted else _written_out(meaning, node)


def _is_dots(node: Node) -> bool:
    return isinstance(node, (tree.Ellipsis, tree.Empty))


def _dots_once(cells: tuple[Node, ...]) -> tuple[Node, ...]:
    kept = []
    for cell in cells:
        if not (_is_dots(cell) and kept and _is_dots(kept[-1])):
            kept.append(cell)
    return tuple(kept)


def _written_out(meaning, node: tree.Matrix) -> Value:
    values = [[meaning.value(cell) for cell in row] for row in node.rows]
    if not all(value.is_scalar for row in values for value in row):
        raise Misread(node)
    down, across = fresh(len(values)), fresh(len(values[0]))
    terms = (
        mul(value.expr, delta(down, r), delta(across, c))
        for r, row in enumerate(values)
        for c, value in enumerate(row)
    )
    return Value(add(*terms), (down, across))


def _cornered(meaning, node: tree.Matrix) -> Value:
    """A matrix with dots, from its corners: the general entry, and the diagonal if it differs."""
    rows = node.rows
    (first, top), (bottom, last) = (rows[0][0], rows[0][-1]), (rows[-1][0], rows[-1][-1])
    if any(_is_dots(corner) for corner in (first, top, bottom, last)):
        raise Misread(node)
    try:
        template, width, length = _whole_pattern(first, top, bottom, last)
        expr, down, across = _entries(meaning, template, length, width, node)
        return Value(expr, (down, across))
    except Misread:
        return _with_diagonal(meaning, first, top, bottom, last, node)


def _whole_pattern(first, top, bottom, last) -> tuple[Node, Node, Node]:
    """(template with both marks, number of columns, number of rows) from all four corners."""
    across, width = pattern(first, top, COLUMN)
    _, length = pattern(first, bottom, ROW)
    template = across
    for path, start, _ in _differences(first, bottom, ()):
        template = _put(template, path, tree.Symbol(ROW, start=start.start, end=start.end))
    if _filled(template, {ROW: length, COLUMN: width}) != last:
        raise Misread(last)
    return template, width, length


def _entries(meaning, template: Node, length: Node, width: Node, node: Node):
    for mark, size in ((ROW, length), (COLUMN, width)):
        meaning.letters[mark] = fresh(meaning.size(size))
    try:
        value = meaning.algebra.resolved(meaning.value(template))
        down, across = meaning.index(ROW), meaning.index(COLUMN)
    finally:
        meaning.letters.pop(ROW), meaning.letters.pop(COLUMN)
    if not value.is_scalar:
        raise Misread(node)
    return value.expr, down, across


def _with_diagonal(meaning, first, top, bottom, last, node: Node) -> Value:
    """A square matrix whose diagonal has a form of its own; off it, the 1 is the row."""
    diagonal, size = pattern(first, last, ROW)
    template, width = _off_diagonal(top, size, node)
    if _filled(template, {ROW: size, COLUMN: tree.Number("1")}) != bottom or width != size:
        raise Misread(node)
    off, down, across = _entries(meaning, template, size, size, node)
    on, index = _over(meaning, diagonal, size, ROW, node)
    on = substitute(on, {index: place_of(down)})
    expr = where("==", position(down), position(across), on, off)
    return Value(expr, (down, across))


def _off_diagonal(top: Node, size: Node, node: Node) -> tuple[Node, Node]:
    """The entry in the first row and last column with marks for its row and column."""

    def marked(part):
        if part == tree.Number("1"):
            return tree.Symbol(ROW, start=part.start, end=part.end)
        if part == size:
            return tree.Symbol(COLUMN, start=part.start, end=part.end)
        return None

    def visit(part: Node, subscript: bool) -> Node:
        if subscript and (new := marked(part)) is not None:
            return new
        changes = {}
        for one in fields(part):
            value = getattr(part, one.name)
            inside = subscript or (isinstance(part, tree.Script) and one.name == "sub")
            if isinstance(value, tree.Node):
                changes[one.name] = visit(value, inside)
            elif isinstance(value, tuple):
                changes[one.name] = tuple(
                    visit(v, inside) if isinstance(v, tree.Node) else v for v in value
                )
        return replace(part, **changes) if changes else part

    template = visit(top, False)
    if letter(size) is None and not isinstance(size, tree.Number):
        raise Misread(node)
    return template, size
