"""Shapes that a document states of an expression, against the shape that the expression has.

`∂L/∂W ∈ ℝ^{m × n}`, `W^T → n × m`, `[…]_{m × 1}`, `\\underbrace{…}_{m × 1}`,
`(m × n) × (n × 1)`, and in words `W has dimension m × n`, `b is an m × 1 vector`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.checker.claims.page import Page
from chainrule.checker.conventions import TRANSPOSED_SHAPE
from chainrule.checker.findings import Finding
from chainrule.checker.misfits import has_several_shapes
from chainrule.checker.not_understood import before_brackets
from chainrule.errors import ChainruleError
from chainrule.language.expr import Element
from chainrule.language.index import Size
from chainrule.language.sizes import is_unknown
from chainrule.notation import survey, tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import is_shape, letter, scripted
from chainrule.notation.shapes import shape_of
from chainrule.notation.tree import Node
from chainrule.notation.value import Stacked, Value

Axes = tuple[Size | None, ...]
_SAYS_SHAPE = ("in", ":", "to")


@dataclass(frozen=True)
class Fit:
    """How a stated shape agrees with the value: a verdict, and the words for it."""

    verdict: str
    convention: str | None = None
    reason: str | None = None


def findings(page: Page) -> Iterator[Finding]:
    """The shapes stated by relations, brackets, braces, and products of shapes."""
    for item in page.in_turn(page.reading.chains):
        for position, relation in enumerate(item.relations):
            member = item.members[position + 1]
            if relation.kind in _SAYS_SHAPE and not _is_signature(item, position):
                yield from _member(page, item, position, member)
            elif (found := _product_of_shapes(page, item, member)) is not None:
                yield found
        for node in item.members:
            yield from _marked(page, item.scope, node)
    yield from _stacked(page)


def _is_signature(item, position: int) -> bool:
    """Whether a set is the domain or the codomain in `f : A → B`, a function and no array."""
    kinds = [relation.kind for relation in item.relations]
    following = kinds[position + 1 : position + 2]
    if kinds[position] == ":" and following == ["to"]:
        return True
    return kinds[position] == "to" and position > 0 and kinds[position - 1] in (":", "in")


def printed_shape(node: Node, scope: Scope) -> tuple[Node, ...] | None:
    """`m × n`, `(m × n)` or `ℝ^{m × n}` as its sizes; None for what is no shape."""
    match undecorated(node):
        case tree.Group("(" | "[" | "{", _, body):
            return printed_shape(body, scope) if isinstance(body, tree.Product) else None
        case tree.Script(base, None, sup, 0) if sup is not None and survey.is_number_set(base):
            return survey.factors_of(sup)
        case tree.Product(factors, operators) if set(operators) == {"times"}:
            return factors if all(_is_size(factor, scope) for factor in factors) else None
    return None


def _is_size(node: Node, scope: Scope) -> bool:
    """A number or a plain name that is no array."""
    if isinstance(node, tree.Number):
        return node.text.isdigit()
    name = named(node, scope.usage)
    plain = name is not None and not name.places and name.power is None and not name.transpose
    return plain and (name.text in scope.size_names or not scope.symbol(name.text).axes)


def axes_of(factors: tuple[Node, ...], scope: Scope) -> Axes | None:
    """The axes of a printed shape, None for an axis of length 1."""
    try:
        axes = shape_of(factors, scope)
    except (Misread, ChainruleError):
        return None
    return axes


def _product(axis: Stacked, scope: Scope) -> int | None:
    """How long an axis is that runs through several ones of known lengths."""
    sizes = [scope.sizes.find(part.size) for part in axis.parts]
    return math.prod(sizes) if all(isinstance(size, int) for size in sizes) else None


def fits(value: Value, stated: Axes, factors: tuple[Node, ...], scope: Scope, node: Node) -> Fit:
    """Whether a value has the stated shape; d, d × 1 and 1 × d are one vector."""
    if any(isinstance(axis, Stacked) and _product(axis, scope) is None for axis in value.axes):
        return Fit("unread", reason="an axis that runs through several ones")
    own = tuple(
        _product(a, scope) if isinstance(a, Stacked) else a and scope.sizes.find(a.size)
        for a in value.axes
    )
    stated = tuple(None if a is None else scope.sizes.find(a) for a in stated)
    mine, theirs = ([a for a in axes if a is not None] for axes in (own, stated))
    if len(mine) != len(theirs):
        return _misfit(own, theirs, factors, scope, node)
    if not _same(mine, theirs, scope):
        if len(mine) == 2 and _same(mine[::-1], theirs, scope) and is_derivative(undecorated(node)):
            return Fit("convention", TRANSPOSED_SHAPE)
        return _misfit(own, theirs, factors, scope, node)
    if mine and all(map(is_unknown, mine)) and is_derivative(undecorated(node)):
        return Fit("unread", reason="nothing is known of the shape of the variable")
    stands = len(mine) == 1 and len(stated) == 2
    if not stands:
        return Fit("holds")
    if len(own) == 2 and own.index(None) != stated.index(None):
        return Fit(
            "convention", "a row for a column" if stated[0] is None else "a column for a row"
        )
    if len(own) == 1 and scope.layout is not None and (stated[0] is None) == scope.columns:
        word = "rows" if stated[0] is None else "columns"
        return Fit("convention", f"vectors stand as {word} here")
    return Fit("holds")


def _same(mine: list[Size], theirs: list[Size], scope: Scope) -> bool:
    trial = scope.sizes.copy()
    try:
        for a, b in zip(mine, theirs, strict=True):
            trial.unify(a, b)
    except ChainruleError:
        return False
    return True


def _misfit(
    own: Axes, theirs: list[Size], factors: tuple[Node, ...], scope: Scope, node: Node
) -> Fit:
    """False only where the author stated the shapes of everything in the expression.

    That nothing is said of a name makes it no number where the shape has more axes than expected. A
    shape with another number of axes, or with several other sizes, is no slip.
    """
    symbols = [
        scope.symbols[name.text]
        for part in scripted(node)
        if (name := named(part, scope.usage)) is not None and name.text in scope.symbols
    ]
    mine = [size for size in own if size is not None]
    less = len(mine) < len(factors)
    known = all(one.declared for one in symbols if one.sizes or less) and not any(
        is_unknown(size) for size in own if size is not None
    ) and (named(node, scope.usage) is not None or not has_several_shapes(scope, (node,)))
    shown = " × ".join("1" if size is None else str(size) for size in own) or "a number"
    reason = f"its shape is {shown}"
    return Fit("shape" if known and _is_slip(mine, theirs) else "unread", reason=reason)


def _is_slip(mine: list[Size], theirs: list[Size]) -> bool:
    """Whether one shape is printed for another one by a slip: a shape for a number, one wrong size,
    the sizes the other way round, or a square of another size."""
    if not mine or len(mine) != len(theirs):
        return not mine
    differing = sum(a != b for a, b in zip(mine, theirs, strict=True))
    square = len(set(mine)) == len(set(theirs)) == 1
    return differing == 1 or square or mine == theirs[::-1]


def judged(page: Page, scope: Scope, node: Node, factors: tuple[Node, ...]) -> Fit | None:
    """A stated shape of an expression judged; None where either is not understood."""
    scope = scope.copy()
    stated = axes_of(factors, scope)
    if stated is None or any(before_brackets(scope, node)):
        return None
    found = page.value(node, scope) or _of_a_number(page, node, scope)
    if found is None:
        return None
    value, known = found
    if not value.indices and value.expr.free:
        # One element of something: its indices would be axes of the whole.
        return None
    fit = fits(value, stated, factors, known, node)
    if fit.verdict != "shape":
        return fit
    sizes = {known.sizes.find(index.size) for index in value.indices}
    if sizes & page.ambiguous_sizes or _is_of_an_example(page, sizes, factors):
        return None
    return None if is_derivative(node) and not _like_variable(page, node, value) else fit


def _is_of_an_example(page: Page, sizes: set[Size], factors: tuple[Node, ...]) -> bool:
    """Whether a size in print is set to a number somewhere that stands in the shape instead."""
    return any(_is_set_to(sizes, item.members, factors) for item in page.reading.chains)


def _is_set_to(sizes: set[Size], members: tuple[Node, ...], factors: tuple[Node, ...]) -> bool:
    match members:
        case (head, tree.Number(text)) if text.isdigit() and letter(head) is not None:
            return head in factors and int(text) in sizes
    return False


def _like_variable(page: Page, node: Node, value: Value) -> bool:
    """Whether a derivative of a number has the sizes of its variable, as it must have."""
    try:
        top, below = (page.value(operand(part)) for part in (node.numerator, node.denominator))
    except Misread:
        return False
    if below is None or (top is not None and top[0].indices):
        return below is not None
    sizes = [[below[1].sizes.find(i.size) for i in one.indices] for one in (value, below[0])]
    return sorted(map(str, sizes[0])) == sorted(map(str, sizes[1]))


def _of_a_number(page: Page, node: Node, scope: Scope) -> tuple[Value, Scope] | None:
    """The derivative of a number that is nowhere defined, which has the shape of its variable."""
    if not is_derivative(node) or is_operator(node):
        return None
    try:
        top, variable = operand(node.numerator), operand(node.denominator)
    except Misread:
        return None
    if isinstance(top, tree.Product) and len(top.factors) == 2:
        top = top.factors[0]
    name = named(top, scope.usage)
    if name is None or name.places or scope.symbol(name.text).axes:
        return None
    found = page.value(variable, scope)
    return found if found is not None and isinstance(found[0].expr, Element) else None


def told(page: Page, start: int, end: int, fit: Fit) -> Finding:
    return page.finding(start, end, fit.verdict, convention=fit.convention, diagnosis=fit.reason)


def _member(page: Page, item, position: int, member: Node) -> Iterator[Finding]:
    """`… ∈ ℝ^{m × n}` at the end of a chain, of what stands before it."""
    factors = printed_shape(member, item.scope)
    if factors is None:
        return
    for head in (item.members[position], item.members[0]):
        if isinstance(head, tree.Empty):
            continue
        fit = judged(page, item.scope, undecorated(head), factors)
        if fit is None and isinstance(undecorated(head), tree.Matrix):
            fit = _pointers(page, item.scope, undecorated(head), factors)
        if fit is not None and fit.verdict != "unread":
            anew = is_declared(page, undecorated(head), item.scope)
            if fit.verdict != "shape" or not anew or _is_contradicted(head, item.scope):
                yield told(page, member.start, member.end, fit)
            return


def _is_contradicted(head: Node, scope: Scope) -> bool:
    """Whether a product above shows that the shape stated here has its sizes in the wrong order."""
    name = named(undecorated(head), scope.usage)
    return name is not None and name.text in scope.misdeclared


def is_declared(page: Page, node: Node, scope: Scope) -> bool:
    """A plain name that the section does not compute: a new statement declares it anew."""
    name = named(node, scope.usage)
    if name is None or name.transpose:
        return False
    section = page.chains_before(node.start + 1, section=True)
    return all(item.defines != name.text for item in section)


def _pointers(page: Page, scope: Scope, node: tree.Matrix, result: tuple[Node, ...]) -> Fit | None:
    """Things over arrows over their shapes, and behind it the shape of the whole."""
    if len({len(row) for row in node.rows}) != 1:
        return None
    if len(node.rows) != 3 or not all(_is_arrow(cell) for cell in node.rows[1]):
        return None
    fits_: list[Fit] = []
    for thing, below in zip(node.rows[0], node.rows[2], strict=True):
        factors = printed_shape(below, scope)
        if factors is None or axes_of(factors, scope.copy()) != axes_of(result, scope.copy()):
            return None
        fit = judged(page, scope, thing, factors)
        if fit is not None:
            fits_.append(fit)
    false = next((fit for fit in fits_ if fit.verdict != "holds"), None)
    return false or (fits_[0] if fits_ else None)


def _is_arrow(node: Node) -> bool:
    return isinstance(node, tree.Symbol) and node.name in ("downarrow", "Downarrow")


def _marked(page: Page, scope: Scope, whole: Node) -> Iterator[Finding]:
    """`[…]_{m × 1}` and `\\underbrace{…}_{m × 1}` inside a formula."""
    for node in tree.walk(whole):
        match node:
            case tree.Script(tree.Group() | tree.Matrix() as base, sub, None) if is_shape(sub):
                factors, body = printed_shape(sub, scope), base
            case tree.Decorated("underbrace" | "overbrace", body, note) if note is not None:
                factors = printed_shape(note, scope)
            case _:
                continue
        fit = None if factors is None else judged(page, scope, body, factors)
        if fit is not None:
            yield told(page, node.start, node.end, fit)


def multiplied(shapes: list[Axes]) -> tuple[Axes, bool] | None:
    """The shape of a product, and whether a factor was taken element by element."""
    result, elementwise = shapes[0], False
    for shape in shapes[1:]:
        if len(result) == len(shape) == 2 and result[1] == shape[0]:
            result = (result[0], shape[1])
        elif result == shape:
            elementwise = True
        else:
            return None
    return result, elementwise


def _product_of_shapes(page: Page, item, member: Node) -> Finding | None:
    """`∂L/∂h = (n × m) × (m × 1)`: whether the shapes multiply, and to the shape of the head."""
    inner = undecorated(member)
    if not isinstance(inner, tree.Product) or len(inner.factors) < 2:
        return None
    if set(inner.operators) - {"times", "", "cdot"}:
        return None
    if not all(isinstance(factor, tree.Group) for factor in inner.factors):
        return None
    scope = item.scope.copy()
    shapes = []
    for factor in inner.factors:
        printed = printed_shape(factor, scope)
        axes = None if printed is None else axes_of(printed, scope)
        if axes is None or len(axes) != 2:
            return None
        shapes.append(axes)
    product = multiplied(shapes)
    if product is None:
        reason = "the inner sizes do not agree"
        return page.finding(member.start, member.end, "shape", diagnosis=reason)
    return _against_head(page, item, member, *product)


def _against_head(page: Page, item, member: Node, axes: Axes, elementwise: bool) -> Finding | None:
    found = page.value(undecorated(item.members[0]), item.scope)
    if found is not None:
        fit = fits(found[0], axes, (), found[1], item.members[0])
        if fit.verdict != "holds":
            return told(page, member.start, member.end, fit)
    if elementwise:
        word = "factors of the same shape are multiplied element by element"
        return page.finding(member.start, member.end, "convention", convention=word)
    return page.finding(member.start, member.end, "holds")


def _stacked(page: Page) -> Iterator[Finding]:
    """Three shapes one after the other, each alone in its line: m × n, n × k, and m × k."""
    alone = []
    for sentence in page.in_turn(page.sentences):
        printed = sentence.prints.get(sentence.flat.strip())
        scope = None if printed is None else page.scope_at(printed.node.start)
        factors = None if printed is None else printed_shape(printed.node, scope)
        axes = None if factors is None else axes_of(factors, scope)
        alone.append((printed, axes))
    for first, second, (printed, axes) in zip(alone, alone[1:], alone[2:], strict=False):
        if first[1] is None or second[1] is None or axes is None:
            continue
        product = multiplied([first[1], second[1]])
        if product is not None and not product[1] and product[0] == axes:
            reading = "the product of the two shapes above"
            yield page.finding(printed.node.start, printed.node.end, "holds", reading=reading)
