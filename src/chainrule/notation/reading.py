"""A whole document: what it defines, what it claims, and in which scope each claim stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from chainrule.errors import SizeMismatch
from chainrule.language.facts import ONE_HOT, SUMS_TO_ONE, Fact
from chainrule.language.index import Size
from chainrule.language.inline import elements
from chainrule.mathematics.functions import function_named
from chainrule.notation import prose, survey, tree
from chainrule.notation.application import MATRIX_WORDS
from chainrule.notation.choices import Choices, runs
from chainrule.notation.document import Document
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.meaning import Meaning
from chainrule.notation.misread import Misread
from chainrule.notation.names import Usage, letter, named
from chainrule.notation.scope import DocumentFunction, Scope
from chainrule.notation.syntax import parse_formula
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value

EQUAL = {"=", ":=", "equiv"}

# Words and signs that a document uses and never gives a meaning to.
UNDEFINABLE = MATRIX_WORDS | {"vec", "onehot", "E", "Var", "P", "p", "infinity", "\\nabla", "\\partial"}


@dataclass(frozen=True)
class ChainItem:
    """One chain of relations where it stands.

    members    the nodes of the chain, continued over displays
    relations  the signs between them
    defines    the name that the first equation gives a meaning to, or None
    scope      what was known before it
    """

    members: tuple[Node, ...]
    relations: tuple[tree.Relation, ...]
    defines: str | None
    scope: Scope
    conditions: tuple[Node, ...] = ()


@dataclass
class Reading:
    """What was read: the final scope, and the chains in order."""

    document: Document
    scope: Scope
    chains: list[ChainItem] = field(default_factory=list)
    unread: list[Node] = field(default_factory=list)


def read_reading(document: Document) -> Reading:
    """The document read until shapes and sizes are known, then once more with all of them."""
    statements = joined(document)
    nodes = [statement.chain for statement in statements]
    start = _surveyed(document, nodes)
    found = _Pass(document, start.copy())
    found.run(statements)
    for _ in range(3):
        # Later definitions tell the shapes of symbols that earlier formulas use.
        ranks = {name: len(s.sizes) for name, s in found.scope.symbols.items() if s.sizes}
        settled = ranks.items() <= start.ranks.items()
        start.ranks = start.ranks | ranks
        start.sizes, start.loss = found.scope.sizes, _loss(found.scope)
        found = _Pass(document, start.copy())
        found.run(statements)
        if settled:
            break
    found.scope.loss = _loss(found.scope)
    return found.reading


def joined(document: Document) -> list[tree.Statement]:
    """The statements, with chains that go on in the next display put together."""
    found: list[tree.Statement] = []
    for formula in document.formulas:
        for statement in parse_formula(formula.latex, formula.start, document.macros):
            if formula.display and found and _continues(statement.chain):
                found[-1] = _extended(found[-1], statement)
            else:
                found.append(statement)
    return found


def _continues(node: Node) -> bool:
    return isinstance(node, tree.Chain) and isinstance(node.members[0], tree.Empty)


def _extended(head: tree.Statement, rest: tree.Statement) -> tree.Statement:
    chain = head.chain
    members, relations = (chain.members, chain.relations) if isinstance(chain, tree.Chain) else ((chain,), ())
    more = rest.chain
    both = tree.Chain(
        (*members, *more.members[1:]),
        (*relations, *more.relations),
        start=chain.start,
        end=more.end,
    )
    return replace(head, chain=both, conditions=(*head.conditions, *rest.conditions))


def _surveyed(document: Document, nodes: list[Node]) -> Scope:
    """What can be known before reading: names, ranks, sizes, shapes, layout, facts."""
    usage = Usage.of(nodes)
    sizes = survey.size_names(nodes, usage)
    scope = Scope(usage, survey.ranks(nodes, usage, sizes), sizes)
    _declare_shapes(document, nodes, scope)
    stated = {symbol.axes.index(None) for symbol in scope.symbols.values() if _oriented(symbol)}
    if len(stated) == 1:
        scope.layout = "rows" if stated == {0} else "columns"
    else:
        known = scope.ranks | {name: len(s.sizes) for name, s in scope.symbols.items()}
        scope.layout = prose.layout(document) or survey.layout(nodes, usage, known)
    for kind, names in (
        (ONE_HOT, prose.one_hot_names(document, usage)),
        (SUMS_TO_ONE, prose.normalised_names(document, usage)),
    ):
        scope.facts |= {Fact(kind, name) for name in names if scope.ranks.get(name)}
    return scope


def _oriented(symbol) -> bool:
    return len(symbol.axes) == 2 and len(symbol.sizes) == 1


def _declare_shapes(document: Document, nodes: Iterable[Node], scope: Scope) -> None:
    stated = list(prose.shapes(document, scope.usage))
    for node in nodes:
        stated.extend(stated_shapes(node, scope))
    for name, factors in stated:
        try:
            axes = shape_of(factors, scope)
            if name not in scope.size_names:
                scope.declare(name, axes)
        except (Misread, SizeMismatch):
            continue


def stated_shapes(node: Node, scope: Scope) -> list[tuple[str, tuple[Node, ...]]]:
    """`x ∈ ℝ^{1 × N}`, `W: D × H`, `w → m × d`, `a, b ∈ ℝ^N` as (name, sizes)."""
    if not isinstance(node, tree.Chain):
        return []
    found = []
    for member, relation in zip(node.members[1:], node.relations, strict=True):
        shape = _shape_after(relation, member)
        if shape is None:
            continue
        heads = node.members[0].items if isinstance(node.members[0], tree.List) else node.members[:1]
        for head in heads:
            name = named(head, scope.usage)
            if name is not None and not name.places and name.power is None:
                found.append((name.text, shape))
    return found


def _shape_after(relation: tree.Relation, member: Node) -> tuple[Node, ...] | None:
    match member:
        case tree.Script(base, None, sup, 0) if relation.kind in ("in", ":") and sup is not None:
            return survey.factors_of(sup) if survey.is_number_set(base) else None
        case tree.Symbol("R", "blackboard") if relation.kind == "in":
            return ()
        case tree.Product(factors, operators) if relation.kind in (":", "to"):
            return factors if set(operators) == {"times"} else None
    return None


def shape_of(factors: tuple[Node, ...], scope: Scope) -> tuple[Size | None, ...]:
    """The axes of a printed shape; 1 is an axis of length 1."""
    meaning = Meaning(scope, Choices())
    sizes = [meaning.size(factor) for factor in factors]
    if len(sizes) > 2:
        raise Misread(factors[0], "an array with more than two axes")
    axes = tuple(None if size == 1 else size for size in sizes)
    return axes if any(axes) else ()


class _Pass:
    """One reading from top to bottom."""

    def __init__(self, document: Document, scope: Scope):
        self.document, self.scope = document, scope
        self.reading = Reading(document, scope)

    def run(self, statements: list[tree.Statement]) -> None:
        for statement in statements:
            if not isinstance(statement.chain, tree.Chain):
                continue
            self._note_regulariser(statement.chain)
            before = self.scope.copy()
            defines = self._define(statement.chain)
            self.reading.chains.append(
                ChainItem(
                    statement.chain.members,
                    statement.chain.relations,
                    defines,
                    self.scope.copy() if defines else before,
                    statement.conditions,
                )
            )

    def _note_regulariser(self, node: Node) -> None:
        """A risk with λ times a squared norm asks for L2."""
        names = {letter(part) for part in tree.walk(node) if isinstance(part, tree.Symbol)}
        norms = any(isinstance(p, tree.Group) and p.open == "||" for p in tree.walk(node))
        if norms and "\\lambda" in names:
            self.scope.regulariser = True

    def _define(self, chain: tree.Chain) -> str | None:
        """Take the chain's first equation as a definition, if it gives a new name a meaning."""
        if not chain.relations or chain.relations[0].kind not in EQUAL:
            return None
        head, body = undecorated(chain.members[0]), chain.members[1]
        if isinstance(body, tree.Empty) or is_derivative(head):
            return None
        if isinstance(head, tree.Product):
            return self._define_function(head, body)
        return self._define_array(head, body)

    def _define_array(self, head: Node, body: Node) -> str | None:
        name = named(head, self.scope.usage)
        if name is None or name.power is not None or name.transpose or name.primes:
            return None
        text = name.text
        known = text in self.scope.definitions or text in self.scope.functions
        if known or function_named(text) or text in self.scope.size_names or text == "e":
            return None
        if _mentions(body, text, self.scope.usage) or text in UNDEFINABLE:
            return None
        if self.scope.usage.marks[text] and isinstance(body, (tree.Symbol, tree.Number)):
            # `i = j` states a condition.
            return None
        trial = self.scope.copy()
        value = first_value(trial, lambda meaning: meaning.value(body), name.places)
        if value is None or not elements(value.expr) or len(value.indices) < scope_rank(trial, text):
            return None
        if name.places and not frozenset(value.indices) <= value.expr.free:
            return None
        try:
            trial.define(text, value)
        except (SizeMismatch, Misfit):
            return None
        self._adopt(trial)
        return text

    def _define_function(self, head: tree.Product, body: Node) -> str | None:
        taken = function_head(head, self.scope.usage)
        if taken is None:
            return None
        text, arguments, index = taken
        scope = self.scope
        if text in scope.functions or text in UNDEFINABLE or (function_named(text) and len(text) > 1):
            return None
        parameters = tuple(_parameter(argument, scope.usage) for argument in arguments)
        function = DocumentFunction(text, parameters, arguments, body, index)
        trial = scope.copy()
        trial.functions[text] = function
        if first_value(trial, lambda meaning: meaning.whole(text), closed=False) is None:
            return None
        scope.functions[text] = function
        return text

    def _adopt(self, trial: Scope) -> None:
        scope = self.scope
        scope.sizes, scope.symbols = trial.sizes, trial.symbols
        scope.definitions, scope.functions = trial.definitions, trial.functions


def scope_rank(scope: Scope, text: str) -> int:
    return len(scope.symbols[text].sizes) if text in scope.symbols else scope.ranks.get(text, 0)


def undecorated(node: Node) -> Node:
    while isinstance(node, tree.Decorated):
        node = node.body
    return node


def function_head(head: tree.Product, usage: Usage) -> tuple[str, tuple[Node, ...], str | None] | None:
    """(name, arguments, component letter) of `f(x)`, `f_i(x)`, `f(x)_i`."""
    if len(head.factors) != 2 or head.operators != ("",):
        return None
    word, bracket = head.factors
    index = None
    if isinstance(bracket, tree.Script):
        if bracket.sup is not None or bracket.primes:
            return None
        index, bracket = letter(bracket.sub), bracket.base
    name = named(word, usage)
    if name is None or name.power is not None or name.primes or not isinstance(bracket, tree.Group):
        return None
    if bracket.open != "(":
        return None
    if name.places:
        if len(name.places) != 1 or index is not None:
            return None
        index = letter(name.places[0])
        if index is None:
            return None
    items = bracket.body.items if isinstance(bracket.body, tree.List) else (bracket.body,)
    return name.text, items, index


def _parameter(node: Node, usage: Usage) -> str | None:
    name = named(node, usage)
    simple = name is not None and not name.places and name.power is None and not name.primes
    return name.text if simple else None


def _mentions(node: Node, text: str, usage: Usage) -> bool:
    for part in tree.walk(node):
        name = named(part, usage)
        if name is not None and name.text == text:
            return True
    return False


def first_value(
    scope: Scope,
    read_value: Callable[[Meaning], Value],
    places: tuple[Node, ...] = (),
    closed: bool = True,
) -> Value | None:
    """The value of the likeliest reading that fits, over the axes of the letters in `places`.

    closed  whether all free indices must be among those letters
    """
    letters = [letter(place) for place in places]
    if None in letters:
        return None

    def read(choices: Choices) -> tuple[Value, Scope] | None:
        trial = scope.copy()
        meaning = Meaning(trial, choices)
        try:
            for text in letters:
                meaning.index(text)
            value = meaning.algebra.resolved(read_value(meaning))
            if letters and not value.is_scalar:
                return None
            axes = tuple(meaning.index(text) for text in letters) or value.axes
            loose = value.expr.free - {axis for axis in axes if axis is not None}
            return None if loose and closed else (Value(value.expr, axes), trial)
        except (Misread, Misfit, SizeMismatch):
            return None

    for found, _ in runs(read):
        if found is not None:
            value, trial = found
            scope.sizes, scope.symbols = trial.sizes, trial.symbols
            return value
    return None


def _loss(scope: Scope) -> str | None:
    """The document's one scalar cost: defined, and used by nothing else that is defined."""
    found = [text for text in _scalar_definitions(scope)] or _scalar_functions(scope)
    return ([text for text in found if text in _COSTS] or found or [None])[-1]


def _scalar_definitions(scope: Scope) -> list[str]:
    used = {name for definition in scope.definitions.values() for name in definition.uses}
    return [
        text
        for text, definition in scope.definitions.items()
        if not definition.indices and definition.uses and text not in used
    ]


def _scalar_functions(scope: Scope) -> list[str]:
    found = []
    for text, function in scope.functions.items():
        if function.index is None and (len(function.parameters) > 1 or text in _COSTS):
            value = first_value(scope.copy(), lambda m, t=text: m.whole(t), closed=False)
            if value is not None and value.is_scalar:
                found.append(text)
    mentioned = {
        text
        for text in found
        for other in found
        if other != text and _mentions(scope.functions[other].body, text, scope.usage)
    }
    return [text for text in found if text not in mentioned]


_COSTS = {"J", "L", "E", "C", "\\ell", "CE", "\\mathcal{L}", "NLL", "\\hat{R}", "R"}

