"""Each kind of derivative worked out: gradient, Jacobian, products with it, Hessian, dJ."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from chainrule.errors import BadOption, NotDifferentiable
from chainrule.language.algebra import ZERO, add, element, mul, substitute, total
from chainrule.language.expr import Array, Expr
from chainrule.language.index import Index, Place, place_of
from chainrule.language.inline import Lambda, inline
from chainrule.language.program import Definition, Program
from chainrule.notation import matrices as m
from chainrule.notation import matrix_algebra as algebra
from chainrule.notation.differentials import differential_name, varied_name
from chainrule.notation.document_style import shape_for
from chainrule.notation.left import Left
from chainrule.notation.matrix import Shape, matrix_form
from chainrule.notation.pens import Pen
from chainrule.notation.question import UNNAMED, Question, Target
from chainrule.notation.stacked import Stacked, stacked_form
from chainrule.notation.style import Style
from chainrule.notation.unknown_functions import arguments, by_gradients, with_slopes
from chainrule.notation.write import stands_whole, written
from chainrule.notation.write_matrix import write_tree
from chainrule.transform.jacobian import (
    jacobian,
    tangents,
    vector_jacobian,
    with_gradient,
    without_sum,
)
from chainrule.transform.reverse import Gradients, reverse
from chainrule.transform.simplify import inferred_facts, readable, simplify
from chainrule.transform.ties import without_ties
from chainrule.transform.values import name_values

KINDS = ("gradient", "jacobian", "vjp", "jvp", "hessian", "hvp", "differential")
# Of a number these all follow from its gradient.
BY_GRADIENT = ("gradient", "differential", "jvp")
# Products with an array of changes or of weights.
OF_WHOLE_ARRAYS = ("vjp", "jvp", "hvp", "differential")
SECOND = ("hessian", "hvp")
NO_TIES = "no maximum is attained twice"
NUMERATOR, DENOMINATOR = "numerator", "denominator"


@dataclass(frozen=True)
class Request:
    """What kind of derivative is wanted.

    kind    one of KINDS; None for the gradient of a number and the Jacobian of anything else
    vector  the name of the array that a product is taken with
    layout  of a Jacobian: whether the rows are the elements of what is differentiated
    """

    kind: str | None = None
    vector: str = "v"
    layout: str = NUMERATOR


@dataclass(frozen=True)
class Answer:
    """One derivative: the left side as (LaTeX, text), the right side, how it stands on the page.

    tree     the right side in matrix notation, where it is not `matrix_form` that makes it
    stacked  the same for a matrix whose rows or columns are the entries of another one
    vectors  the right side in terms of gradients, and the style that prints them
    """

    left: tuple[str, str]
    body: Expr
    shape: Shape | None
    indices: tuple[Index, ...]
    tree: m.Tree | None = None
    stacked: Stacked | None = None
    vectors: tuple[Expr, Style] | None = None

    def written(self, style: Style, pen: Pen) -> str:
        """The right side."""
        if self.stacked is not None:
            return self.stacked.written(style, pen)
        if self.vectors is not None:
            body, own = self.vectors
            return written(body, own, None, type(pen)(own)).text
        if self.tree is not None:
            return write_tree(self.tree, pen, lambda expr: written(expr, style, None, pen)).text
        return written(self.body, style, self.shape, pen).text


class Answering:
    def __init__(self, question: Question, request: Request, style: Style, of: str):
        self.question, self.request = question, request
        style = _unambiguous(style, question.program)
        self.style = style = with_slopes(style, question.program)
        self.printed, self.used = of, set()
        self.assumed: tuple[str, ...] = ()
        self.program = question.program
        # What follows from the definitions needs no mention.
        self.inferred = inferred_facts(self.program.needed(question.of.name), question.facts)
        self.facts = (*question.facts, *self.inferred)
        self.left = Left(question, style, request.vector)
        scalar = not question.definition.indices or bool(question.of.letters)
        self.gradients: Gradients | None = None
        self.kind = request.kind or ("gradient" if scalar else "jacobian")
        if self.kind == "gradient" and not scalar:
            self.kind = "jacobian"
        if self.kind in SECOND and question.definition.indices:
            raise BadOption(f"{of} is not one number", remedy="ask for a Hessian of a number")
        if self.kind in OF_WHOLE_ARRAYS and any(target.letters for target in question.by):
            raise BadOption(
                f"--{self.kind} is taken by whole arrays", remedy="ask by an array without places"
            )
        unknown = [*arguments(self.program.needed(question.of.name))]
        if self.kind in SECOND and unknown:
            raise NotDifferentiable(
                f"of {unknown[0]} only the first derivative has a name",
                remedy=f"define {unknown[0]}, or ask for first derivatives",
            )
        self.check_vector()

    def answers(self) -> dict[str, Answer]:
        """Variable → its derivative; all of a differential under the name `d`."""
        if not self.question.definition.indices and self.kind in BY_GRADIENT:
            names = [target.name for target in self.question.by]
            program = name_values(self.program, UNNAMED)
            self.gradients = reverse(program, self.question.of.name, names, self.facts)
            self.used |= set(self.gradients.facts)
        if self.kind == "differential":
            return {"d": self.differential()}
        return {target.name: self.answer(target) for target in self.question.by}

    def closed(self, variable: str) -> Definition:
        """A gradient of the joint sweep, shortened once more now that all of it is seen."""
        closed = unnamed(self.gradients.closed(variable), self.gradients.forward)
        return replace(closed, body=self.readable(closed.body))

    def readable(self, body: Expr, joined: bool = True) -> Expr:
        named = [d for d in self.program.definitions if not d.name.startswith(UNNAMED)]
        if without_ties(body, named) is not body:
            self.assumed = (NO_TIES,)
        return readable(body, self.facts, named, self.used, joined)

    def answer(self, target: Target) -> Answer:
        if self.gradients is not None and self.kind == "gradient":
            return self.shown(self.closed(target.name), target)
        make: Callable[[Target], Answer] = {
            "gradient": self.jacobian,
            "jacobian": self.jacobian,
            "vjp": self.vjp,
            "jvp": self.jvp,
            "hessian": self.hessian,
            "hvp": self.hvp,
        }[self.kind]
        return make(target)

    def jacobian(self, target: Target) -> Answer:
        name, facts = self.question.of.name, self.facts
        found = jacobian(self.program, name, target.name, facts, self.used)
        found = unnamed(found, self.program)
        return self.shown(replace(found, body=self.readable(found.body)), target)

    def shown(self, found: Definition, target: Target) -> Answer:
        """A derivative with rows and columns, or with the letters that were asked for."""
        rank = len(self.question.definition.indices)
        rows, columns = found.indices[:rank], found.indices[rank:]
        shape = self.shape(rows, columns, target.name)
        lettered = bool(self.question.of.letters or target.letters)
        if not lettered and rows and len(found.indices) > 2:
            turned = self.request.layout == DENOMINATOR
            pair = (columns, rows) if turned else (rows, columns)
            stacked = stacked_form(found.body, *pair, self.style)
            if stacked is not None:
                left = self.left.stacked(target.name, len(rows) > 1, len(columns) > 1)
                return Answer(left, found.body, None, found.indices, stacked=stacked)
        if lettered or not stands_whole(found.body, shape, self.style):
            rows_, columns_ = self.letters(rows, columns, target)
            places = [printed_place(index, self.style.first) for index in rows_ + columns_]
            body = substitute(found.body, dict(zip(found.indices, places, strict=True)))
            vectors = None
            if len(columns_) == 1 and not target.letters:
                vectors = by_gradients(body, *columns_, self.program, self.style, self.facts)
            if vectors is not None:
                left = self.left.gradient(target.name, rows_)
                return Answer(left, body, None, rows_ + columns_, vectors=vectors)
            left = self.left.slope(target.name, rows_, columns_)
            return Answer(left, body, None, rows_ + columns_)
        return Answer(self.left.slope(target.name), found.body, shape, found.indices)

    def shape(self, rows, columns, variable: str) -> Shape | None:
        if rows and columns:
            if len(rows) + len(columns) > 2:
                return None
            numerator = self.request.layout == NUMERATOR
            return (*rows, *columns) if numerator else (*columns, *rows)
        if rows:
            return shape_for(rows, self.style, self.question.of.name)
        return shape_for(columns, self.style, variable)

    def letters(self, rows, columns, target: Target):
        """The indices under the letters that were asked for, or others beside them."""
        wanted = (self.question.of.letters or None, target.letters or None)
        taken = {one for group in wanted if group for one in group}
        free = iter([one for one in "ijklmnpqrs" if one not in taken])
        made = []
        for group, names in zip((rows, columns), wanted, strict=True):
            names = names or [next(free) for _ in group]
            if len(names) != len(group):
                name = (self.question.of if group is rows else target).name
                missing = f"{name} has no element with the places {', '.join(names)}"
                raise BadOption(missing, remedy=f"it has {len(group)}")
            made.append(tuple(Index(n, i.size) for n, i in zip(names, group, strict=True)))
        return made

    def check_vector(self) -> None:
        """A product is taken with a new array, or with one that has the shape it must have."""
        arrays = {array.name: array for array in self.arrays()}
        given = arrays.get(self.request.vector)
        if self.kind not in ("vjp", "jvp", "hvp"):
            return
        if any(self.request.vector in array.sizes for array in arrays.values()):
            raise BadOption(
                f"{self.request.vector} is a size in the document",
                remedy=f"choose a name that the document has not, as --{self.kind} a",
            )
        if given is None:
            return
        of = self.question.definition.array
        wanted = [of] if self.kind == "vjp" else [arrays[t.name] for t in self.question.by]
        for array in wanted:
            if array.sizes != given.sizes:
                raise BadOption(
                    f"{given.name} has another shape in the document than {array.name}",
                    remedy=f"choose a name that the document has not, as --{self.kind} a",
                )

    def vjp(self, target: Target) -> Answer:
        seed = Array(self.request.vector, self.question.definition.array.sizes)
        name, facts = self.question.of.name, self.facts
        found = vector_jacobian(self.program, name, target.name, seed, facts)
        self.used |= set(found.facts)
        closed = without_sum(found.closed(target.name), found)
        closed = unnamed(closed, self.program)
        closed = replace(closed, body=self.readable(closed.body))
        return self.product(self.left.vjp, target, closed)

    def product(self, left: Callable[..., tuple[str, str]], target: Target, found: Definition):
        """A product with a Jacobian or a Hessian, by its entries where only indices can say it."""
        shape = shape_for(found.indices, self.style, target.name)
        if stands_whole(found.body, shape, self.style):
            return Answer(left(target.name), found.body, shape, found.indices)
        _, places = self.letters((), found.indices, Target(target.name))
        body = substitute(found.body, dict(zip(found.indices, map(place_of, places), strict=True)))
        return Answer(left(target.name, places), body, None, places)

    def jvp(self, target: Target) -> Answer:
        array = next(array for array in self.arrays() if array.name == target.name)
        changes = {target.name: Array(self.request.vector, array.sizes)}
        return self.changed(changes, self.left.jvp(target.name))

    def differential(self) -> Answer:
        """The change of the value in first order, in terms of those of the variables."""
        arrays = {array.name: array for array in self.arrays()}
        changes = {t.name: change_of(arrays[t.name]) for t in self.question.by}
        self.style = with_changes(self.style, changes.values())
        return self.changed(changes, self.left.change())

    def changed(self, changes: dict[str, Array], left) -> Answer:
        """The change that those of the variables make; of a number through its gradients."""
        name, facts = self.question.of.name, self.facts
        if self.gradients is not None:
            return self.changed_number(changes, left)
        found = tangents(self.program, changes, name, facts)
        last = found.definitions[-1]
        body = simplify(found.inlined(last.name), facts, self.used)
        closed = unnamed(Definition(last.array, last.indices, body), self.program)
        shape = shape_for(closed.indices, self.style, name)
        return Answer(left, self.readable(closed.body), shape, closed.indices)

    def changed_number(self, changes: dict[str, Array], left) -> Answer:
        """The sum of the inner products of the gradients with the changes."""
        terms, trees = [], []
        for variable, change in changes.items():
            slope = self.closed(variable)
            term = mul(slope.body, element(change, *slope.indices))
            for index in reversed(slope.indices):
                term = total(index, term)
            terms.append(term)
            trees.append(inner(slope, change, self.style))
        tree = None if None in trees else algebra.summed(trees)
        return Answer(left, add(*terms), (None, None), (), tree)

    def arrays(self) -> list[Array]:
        return [d.array for d in self.program.definitions] + list(self.program.inputs)

    def hessian(self, target: Target) -> Answer:
        found = self.second(target)
        rank = len(found.indices) // 2
        rows, columns = found.indices[:rank], found.indices[rank:]
        if target.letters:
            (_, named) = self.letters((), columns, target)
            places = [printed_place(index, self.style.first) for index in named] * 2
            body = substitute(found.body, dict(zip(found.indices, places, strict=True)))
            left = self.left.hessian(target.name, named, named)
            return Answer(left, self.readable(body), None, named)
        shape = found.indices if rank == 1 else None
        letters = ((), ()) if stands_whole(found.body, shape, self.style) else (rows, columns)
        return Answer(self.left.hessian(target.name, *letters), found.body, shape, found.indices)

    def second(self, target: Target) -> Definition:
        facts = self.facts
        name = self.question.of.name
        program, slope = with_gradient(self.program, name, target.name, facts, self.used)
        needed = program.needed(slope.name)
        if target.name not in {*needed.by_name, *(array.name for array in needed.inputs)}:
            # The gradient is the same everywhere.
            again = tuple(Index(f"{index.name}'", index.size) for index in slope.indices)
            array = Array(f"∂{slope.name}/∂{target.name}", slope.array.sizes * 2)
            return Definition(array, (*slope.indices, *again), ZERO)
        found = jacobian(program, slope.name, target.name, facts, self.used)
        found = unnamed(found, Program((*self.program.definitions, slope)), slope.name)
        # Over one divisor, the parts of a Hessian are harder to tell.
        return replace(found, body=self.readable(found.body, joined=not found.indices))

    def hvp(self, target: Target) -> Answer:
        found = self.second(target)
        rank = len(found.indices) // 2
        rows, columns = found.indices[:rank], found.indices[rank:]
        vector = Array(self.request.vector, tuple(index.size for index in columns))
        body = mul(found.body, element(vector, *columns))
        for index in columns:
            body = total(index, body)
        body = self.readable(body, joined=False)
        return self.product(self.left.hvp, target, Definition(found.array, rows, body))


def printed_place(index: Index, first: int) -> Place:
    """The place that an index names, which may be the number of an element."""
    return place_of(int(index.name) - first if index.name.isdigit() else index)


def _unambiguous(style: Style, program: Program) -> Style:
    """The style in which no array is called as a function is."""
    arrays = [d.array for d in program.definitions] + list(program.inputs)
    if not any(array.name == r"\sigma" for array in arrays):
        return style
    return replace(style, functions={"sigmoid": (r"\operatorname{sigmoid}", "sigmoid")})


def unnamed(found: Definition, program: Program, *others: str) -> Definition:
    """With the values put in that the document gives no name."""
    meanings: dict[str, Lambda] = {}
    for definition in program.definitions:
        if definition.name.startswith(f"{UNNAMED} ") or definition.name in others:
            body = inline(definition.body, meanings)
            meanings[definition.name] = Lambda(definition.indices, body)
    return Definition(found.array, found.indices, inline(found.body, meanings))


def inner(slope: Definition, change: Array, style: Style) -> m.Tree | None:
    """`tr(Gᵀ dW)`, or of a vector `g dxᵀ`, with the gradient as it is printed by itself."""
    shape = shape_for(slope.indices, style, change.name)
    tree = None if shape is None else matrix_form(slope.body, shape, style)
    if tree is None:
        return None
    leaf = m.Leaf(change, style.is_column(change.name))
    if not slope.indices:
        return algebra.scaled(Fraction(1), (tree, leaf), (), None)
    if len(slope.indices) == 2:
        return m.Trace(algebra.product(algebra.transposed(tree), leaf))
    if shape[0] is None:
        return algebra.product(tree, algebra.transposed(leaf))
    return algebra.product(algebra.transposed(tree), leaf)


def change_of(array: Array) -> Array:
    return Array(differential_name(array.name), array.sizes)


def with_changes(style: Style, changes: Iterable[Array]) -> Style:
    """The style with printed names for differentials: `dW_1` stands as W_1 does."""
    names, stand = dict(style.names), dict(style.orientation)
    for array in changes:
        name = varied_name(array.name)
        names[array.name] = ("d" + style.latex_name(name), "d" + style.text_name(name))
        stand[array.name] = "column" if style.is_column(name) else "row"
    return replace(style, names=names, orientation=stand)
