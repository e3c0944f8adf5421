"""From expressions to operations: which whole-array steps compute a definition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from chainrule.language.algebra import (
    ONE,
    ZERO,
    add,
    along,
    const,
    element,
    inside,
    mul,
    position,
    power,
    split_number,
    substitute,
    where,
)
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Array,
    Const,
    Delta,
    Element,
    Expr,
    Mul,
    OfMatrix,
    Position,
    Power,
    Reduce,
    Where,
    children,
    factors_of,
)
from chainrule.language.function import Function, Value
from chainrule.language.index import Index, Place, Size, place_of, placeholder
from chainrule.language.inline import expanded, instantiate
from chainrule.language.largest import compared
from chainrule.language.outside import vanishes
from chainrule.language.program import Definition, Program
from chainrule.language.walk import walk
from chainrule.mathematics.conditions import is_nonnegative
from chainrule.program.diagonal import diagonals_of
from chainrule.program.operation import COMPARE, Graph, Use
from chainrule.program.product import Product
from chainrule.program.total import Term, summed

HALF = Fraction(1, 2)


class Lowering:
    """The operations of a program's definitions, one definition after the other.

    quick  use the functions' quick forms, where they have one
    """

    def __init__(self, program: Program, quick: bool = False):
        self.quick = quick
        self.graph = Graph()
        self.product = Product(self.graph, self.order)
        self.arrays: dict[str, tuple[tuple[Index, ...], Use]] = {}
        self.results: dict[Expr, Use] = {}
        self.nonnegative: set[int] = set()
        self.parents = _parents(definition.body for definition in program.definitions)
        self.rank = {size: k for k, size in enumerate(_sizes(program))}
        self.root: Definition | None = None

    def define(self, definition: Definition) -> Use:
        """The value of one definition; elements of its array are read from it from now on."""
        self.graph.definition = definition.name
        self.root = definition
        use = walk(self.visit, definition.body, self.results)
        self.see_sign(definition.body, use)
        self.arrays[definition.name] = (definition.indices, use)
        return use

    def order(self, axes: Sequence[Index]) -> tuple[Index, ...]:
        """The axes of a new array: as the definition has them, else as the program orders sizes."""
        written = self.root.indices
        if set(axes) == set(written):
            return written
        return tuple(sorted(axes, key=lambda i: self.rank.get(i.size, len(self.rank))))

    def visit(self, node: Expr):
        graph = self.graph
        match node:
            case Const(value):
                return graph.number(value)
            case Element(array, places):
                return (yield from self.visit_element(array, places))
            case Position(place):
                return graph.position(place)
            case Delta(left, right):
                difference = left - right
                axes = sorted(difference.indices, key=repr)
                return graph.apply("delta", (), axes, detail=difference)
            case Add(terms):
                return (yield from self.visit_add(terms))
            case Mul(factors):
                return (yield from self.visit_product(factors))
            case Power(base, exponent):
                return (yield from self.visit_power(base, exponent))
            case Apply(Function(value=Value(), stable=None) as function, argument):
                return graph.elementwise(function.name, (yield argument))
            case Apply() | Along():
                return (yield from self.visit_function(node))
            case OfMatrix():
                return (yield from self.visit_matrix(node))
            case Reduce("sum", index) if not _is_sum(node):
                return graph.position(place_of(index.size))
            case Reduce("sum"):
                return (yield from self.visit_product((node,)))
            case Reduce(_, index, body):
                use = yield body
                return graph.apply("max", [use], [i for i in use.axes if i != index])
            case Where():
                return (yield from self.visit_where(node))

    def visit_element(self, array: Array, places: tuple[Place, ...]):
        """What is read; along an axis that the value does not depend on it may be outside, too."""
        use = self.read(array, places)
        indices, whole = self.arrays[array.name]
        for index, place in zip(indices, places, strict=True):
            plain = place.index is not None and _same(place.index, index)
            if index not in whole.axes and place.indices and not plain:
                body = self.temporary(use, {axis: axis for axis in use.axes})
                use = yield inside(place, index.size, body)
        return use

    def visit_add(self, terms: tuple[Expr, ...]):
        others, diagonals = diagonals_of(terms)
        if diagonals:
            use, amounts = (yield add(*others)), []
            for _, amount in diagonals:
                amounts.append((yield amount))
            # The values may depend on fewer indices than what they are elements of.
            read = [difference.indices for difference, _ in diagonals]
            if set().union(*read, *(amount.axes for amount in amounts)) <= set(use.axes):
                for (difference, _), amount in zip(diagonals, amounts, strict=True):
                    uses = [use, amount]
                    use = self.graph.apply("add_on_diagonal", uses, use.axes, detail=difference)
                return use
        parts = [split_number(term) for term in terms]
        alike = len({abs(amount) for amount, _ in parts}) == 1
        found = []
        for amount, rest in parts:
            sign = Fraction(1 if amount > 0 else -1)
            if rest is ONE:
                found.append(Term(sign, self.graph.number(abs(amount))))
            elif isinstance(rest, Mul) and not alike:
                # With its number inside, the product has one scalar factor instead of two.
                found.append(Term(sign, (yield mul(const(abs(amount)), rest))))
            else:
                found.append(Term(amount, (yield rest)))
        return summed(self.product, found)

    def visit_product(self, factors: tuple[Expr, ...]):
        """A product, or the sum of one over the indices that `flattened` draws out."""
        factors, over = self.flattened(factors)
        number, above, below = Fraction(1), [], []
        for factor in factors:
            match factor:
                case Const(value):
                    number *= value
                case Power(base, Const(exponent)) if exponent < 0:
                    below.append((yield power(base, -exponent)))
                case Power(base, Const(exponent)) if over and exponent == 2:
                    above += [(yield base)] * 2
                case _:
                    above.append((yield factor))
                    if over:
                        self.see_sign(factor, above[-1])
        product = self.product
        scale = None if number == 1 else self.graph.number(number)
        scale = product.scalar(scale, *([u for u in uses if not u.axes] for uses in (above, below)))
        above, below = ([use for use in uses if use.axes] for uses in (above, below))
        if over:
            if scale is not None:
                self.see_sign(mul(*(factor for factor in factors if not factor.free)), scale)
            return product.contracted(scale, above, below, over, self.nonnegative)
        return product.elementwise(scale, above, below)

    def see_sign(self, expr: Expr, use: Use) -> None:
        """Notes a value that is never below 0, as far as the form of what it stands for shows."""
        if is_nonnegative(expr):
            self.nonnegative.add(use.value)

    def flattened(self, factors: tuple[Expr, ...]) -> tuple[list[Expr], list[Index]]:
        """The factors and indices of a sum and the sums inside it that nothing else uses.

        A product is flattened if it is one sum times scalars, which may then move into the sum.
        """
        sums = [factor for factor in factors if _is_sum(factor)]
        if len(sums) != 1 or any(factor.free for factor in factors if factor not in sums):
            return list(factors), []
        if len(factors) > 1 and self.parents.get(sums[0], 1) > 1:
            return list(factors), []
        kept, over, pending = [f for f in factors if f not in sums], [], sums
        while pending:
            factor = pending.pop(0)
            if _is_sum(factor) and (not over or self.parents.get(factor, 1) < 2):
                index, body = factor.index, factor.body
                if index in over or any(index in one.free for one in (*kept, *pending)):
                    # A sum beside it binds the same name, or a factor beside it has that index.
                    index = placeholder(f"sum{len(over)}", index.size)
                    body = substitute(body, {factor.index: place_of(index)})
                over.append(index)
                pending[:0] = factors_of(body)
            else:
                kept.append(factor)
        return kept, over

    def visit_power(self, base: Expr, exponent: Expr):
        graph = self.graph
        amount = exponent.value if isinstance(exponent, Const) else None
        if amount is not None and amount < 0:
            return self.product.elementwise(None, [], [(yield power(base, -amount))])
        use = yield base
        if amount == HALF:
            return graph.elementwise("sqrt", use)
        if amount not in (2, 3, 4):
            return graph.elementwise("power", use, (yield exponent))
        square = graph.elementwise("multiply", use, use)
        if amount == 2:
            return square
        return graph.elementwise("multiply", square, use if amount == 3 else square)

    def visit_function(self, node: Apply | Along):
        """A function with a definition: its stable form, around its argument as an array."""
        inner = yield children(node)[0]
        # Names of their own, since the form binds indices; not fresh ones, since the order of
        # terms and factors, and with it the code, would depend on when they were made.
        names = {index: placeholder(f"free{k}", index.size) for k, index in enumerate(inner.axes)}
        body = self.temporary(inner, names)
        if isinstance(node, Apply):
            form = Apply(node.function, body)
        else:
            index = names.get(node.index) or placeholder("along", node.index.size)
            at = None if node.at is None else placeholder("at", node.index.size)
            form = along(node.function, index, body, at)
        quick = self.quick and node.function.quick is not None
        use = yield instantiate(node.function.quick, form) if quick else expanded(form, stable=True)
        places = {new: place_of(old) for old, new in names.items()}
        if isinstance(node, Along) and node.at is not None:
            places[at] = node.at
        return self.moved(use, places)

    def visit_matrix(self, node: OfMatrix):
        """A determinant, or an inverse read at its places."""
        inner, pair = (yield node.body), (node.rows, node.columns)
        for index in pair:
            if index not in inner.axes:
                ones = self.graph.elementwise(
                    "equal", *[self.graph.position(place_of(index))] * 2, detail="number"
                )
                inner = self.graph.elementwise("multiply", inner, ones)
        outer = tuple(axis for axis in inner.axes if axis not in pair)
        axes = (*outer, *pair[::-1]) if node.at else outer
        use = self.graph.apply(node.function.name, [inner], axes, tuple(map(place_of, pair)))
        places = {index: place_of(index) for index in outer}
        return self.moved(use, places | dict(zip(pair[::-1], node.at, strict=False)))

    def temporary(self, use: Use, names: dict[Index, Index]) -> Expr:
        """An element of the value, as an expression."""
        array = Array(f"·{use.value}", tuple(index.size for index in use.axes))
        self.arrays[array.name] = (use.axes, use)
        return element(array, *(names[index] for index in use.axes))

    def read(self, array: Array, places: tuple[Place, ...]) -> Use:
        if array.name not in self.arrays:
            axes = tuple(placeholder(f"axis{k}", size) for k, size in enumerate(array.sizes))
            self.arrays[array.name] = (axes, self.graph.apply("input", (), axes, array))
        indices, use = self.arrays[array.name]
        return self.moved(use, dict(zip(indices, places, strict=True)))

    def moved(self, use: Use, places: dict[Index, Place]) -> Use:
        """The value read at a place of each of its indices."""
        wanted = [places[index] for index in use.axes]
        plain = tuple(place.index for place in wanted)
        fits = all(p is not None and _same(p, i) for p, i in zip(plain, use.axes, strict=True))
        if fits and len(set(plain)) == len(plain):
            return Use(use.value, plain)
        terms = (atom for place in wanted for atom, _ in place.terms)
        axes = tuple(dict.fromkeys(atom for atom in terms if isinstance(atom, Index)))
        axes = self.root.indices if set(axes) == set(self.root.indices) else axes
        detail = (tuple(wanted), tuple(index.size for index in use.axes))
        return self.graph.apply("gather", [Use(use.value)], axes, detail)

    def visit_where(self, node: Where):
        graph = self.graph
        right = yield node.right
        if node.kind == "<" and node.yes is node.right and node.left is ZERO and node.no is ZERO:
            return graph.elementwise("maximum", right, graph.number(0))
        left = yield from self.beside(node.left, node.right)
        number = "number" if node.yes is ONE and node.no is ZERO else None
        mask = graph.elementwise(COMPARE[node.kind], left, right, detail=number)
        if number:
            return mask
        return graph.elementwise("where", mask, (yield node.yes), (yield node.no))

    def beside(self, left: Expr, right: Expr):
        """What is compared with the right side: an element of it, where that is a maximum."""
        place = compared(left, right)
        if place is None:
            return (yield left)
        body = yield right.body
        places = {axis: place_of(axis) for axis in body.axes}
        found, size = self.moved(body, {**places, right.index: place}), right.index.size
        if (place.index is not None and place.index.size == size) or vanishes(left, place, size):
            return found
        other = self.temporary(found, {axis: axis for axis in found.axes})
        below = where("<", position(place), position(size), other, left)
        return (yield where("<=", ZERO, position(place), below, left))


def _same(left: Index, right: Index) -> bool:
    """Whether the sizes may be equal: a shorter index reads a part of an axis."""
    sizes = (left.size, right.size)
    return sizes[0] == sizes[1] or not all(isinstance(size, int) for size in sizes)


def _is_sum(node: Expr) -> bool:
    """A sum of something that depends on the index; others are lengths of axes."""
    return isinstance(node, Reduce) and node.kind == "sum" and node.index in node.body.free


def _parents(bodies: Iterable[Expr]) -> dict[Expr, int]:
    """How many places use each expression."""
    found: dict[Expr, int] = {}
    pending = list(bodies)
    while pending:
        node = pending.pop()
        found[node] = found.get(node, 0) + 1
        if found[node] == 1:
            pending.extend(children(node))
    return found


def _sizes(program: Program) -> Iterable[Size]:
    """Every size, in the order in which definitions and inputs have them as axes."""
    written = [definition.indices for definition in program.definitions]
    found = [index.size for indices in written for index in indices]
    found += [size for array in program.inputs for size in array.sizes]
    return dict.fromkeys(found)
