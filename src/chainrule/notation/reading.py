"""A whole document: what it defines, what it claims, and in which scope each claim stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from chainrule.errors import SizeMismatch
from chainrule.language.facts import ONE_HOT, SUMS_TO_ONE, Fact
from chainrule.language.index import Size
from chainrule.notation import prose, survey, tree
from chainrule.notation.chains import EQUAL, joined
from chainrule.notation.choices import Choices, runs
from chainrule.notation.circumstances import with_circumstances
from chainrule.notation.document import Document
from chainrule.notation.heads import (
    defined_name,
    function_head,
    mentions,
    parameter,
    section_breaks,
    undecorated,
)
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.meaning import Meaning
from chainrule.notation.misread import Misread
from chainrule.notation.names import Usage, letter, named
from chainrule.notation.scope import DocumentFunction, Scope
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value


@dataclass(frozen=True)
class ChainItem:
    """One chain of relations where it stands.

    members    the nodes of the chain, continued over displays
    relations  the signs between them
    defines    the name that the first equation gives a meaning to, or None
    body       the position of the member that gives it, or 0
    scope      what was known before it
    """

    members: tuple[Node, ...]
    relations: tuple[tree.Relation, ...]
    defines: str | None
    scope: Scope
    conditions: tuple[Node, ...] = ()
    display: bool = True
    body: int = 0


@dataclass
class Reading:
    """What was read: the final scope, and the chains in order."""

    document: Document
    scope: Scope
    chains: list[ChainItem] = field(default_factory=list)
    unread: list[Node] = field(default_factory=list)


def read_reading(document: Document) -> Reading:
    """The document read until shapes and sizes are known, then once more with all of them."""
    statements = with_circumstances(document, joined(document))
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


def _surveyed(document: Document, nodes: list[Node]) -> Scope:
    """What can be known before reading: names, ranks, sizes, shapes, layout, facts."""
    usage = Usage.of(nodes)
    sizes = survey.size_names(nodes, usage)
    scope = Scope(usage, survey.ranks(nodes, usage, sizes), sizes)
    scope.soft = survey.soft_names(nodes, usage)
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
                scope.stated.update(axis for axis in axes if axis is not None)
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
        heads = (
            node.members[0].items if isinstance(node.members[0], tree.List) else node.members[:1]
        )
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
        self.breaks = section_breaks(document)
        self.given: dict[str, int] = {}

    def run(self, statements: list[tree.Statement]) -> None:
        for statement in statements:
            if not isinstance(statement.chain, tree.Chain):
                continue
            self._note_regulariser(statement.chain)
            before = self.scope.copy()
            defines = self._define(statement.chain)
            before.opaque |= self.scope.opaque
            self.reading.chains.append(
                ChainItem(
                    statement.chain.members,
                    statement.chain.relations,
                    defines,
                    self.scope.copy() if defines else before,
                    statement.conditions,
                    self._is_display(statement),
                    _defining(statement.chain) if defines else 0,
                )
            )
        self._look_ahead()

    def _look_ahead(self) -> None:
        """What is defined once, further down, is known above too."""
        final = self.scope
        names = [item.defines for item in self.reading.chains if item.defines]
        for item in self.reading.chains:
            scope = item.scope
            scope.sizes = final.sizes.copy()
            for name, definition in final.definitions.items():
                unknown = name not in scope.definitions and name not in scope.functions
                if names.count(name) == 1 and unknown and name not in scope.opaque:
                    scope.definitions[name] = definition
                    scope.symbols[name] = final.symbols[name]

    def _is_display(self, statement: tree.Statement) -> bool:
        return any(
            f.display and f.start <= statement.start <= f.end for f in self.document.formulas
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
        head, body = undecorated(chain.members[0]), chain.members[_defining(chain)]
        if isinstance(body, tree.Empty) or is_derivative(head):
            return None
        text = defined_name(head, body, self.scope)
        if text is None:
            return None
        known = text in self.scope.definitions or text in self.scope.functions
        if (known or text in self.scope.opaque) and not self._starts_anew(text, chain.start):
            return None
        before = self.scope.forget(text)
        define = self._define_function if isinstance(head, tree.Product) else self._define_array
        defined = define(head, body)
        self.given[text] = chain.start
        if defined is None:
            self.scope.doubt(text, before)
        else:
            self.scope.opaque.discard(text)
        return defined

    def _starts_anew(self, text: str, at: int) -> bool:
        """Whether another question or section has begun since the name got its meaning."""
        return any(self.given.get(text, at) < mark < at for mark in self.breaks)

    def _define_array(self, head: Node, body: Node) -> str | None:
        name = named(head, self.scope.usage)
        text = name.text
        trial = self.scope.copy()
        value = first_value(trial, lambda meaning: meaning.value(body), name.places)
        if value is None or len(value.indices) < scope_rank(trial, text):
            return None
        try:
            trial.define(text, value)
        except (SizeMismatch, Misfit):
            return None
        self._adopt(trial)
        return text

    def _define_function(self, head: tree.Product, body: Node) -> str | None:
        text, arguments, index = function_head(head, self.scope.usage)
        scope = self.scope
        parameters = tuple(parameter(argument, scope.usage) for argument in arguments)
        function = DocumentFunction(text, parameters, arguments, body, index)
        trial = scope.copy()
        trial.functions[text] = function
        if first_value(trial, lambda meaning: meaning.whole(text), closed=False) is None:
            return None
        self._adopt(trial)
        return text

    def _adopt(self, trial: Scope) -> None:
        scope = self.scope
        scope.sizes, scope.symbols = trial.sizes, trial.symbols
        scope.definitions, scope.functions = trial.definitions, trial.functions
        scope.archive = trial.archive


def _defining(chain: tree.Chain) -> int:
    """The position of the member that would give the head its meaning."""
    if len(chain.members) < 3 or chain.relations[1].kind not in EQUAL:
        return 1
    return 2 if _itself(undecorated(chain.members[0]), chain.members[1]) else 1


def _itself(head: Node, body: Node) -> bool:
    """`z = [z_1, …, z_N]`: a vector against its own entries says nothing of their values."""
    body = undecorated(body)
    items = body.body.items if _is_row(body) else ()
    if isinstance(body, tree.Matrix):
        items = tuple(cell for row in body.rows for cell in row)
    entries = [item for item in items if not isinstance(item, (tree.Ellipsis, tree.Empty))]
    own = letter(head)
    return bool(entries and own) and all(
        isinstance(entry, tree.Script) and letter(entry.base) == own and entry.sub is not None
        for entry in entries
    )


def _is_row(node: Node) -> bool:
    return isinstance(node, tree.Group) and isinstance(node.body, tree.List)


def scope_rank(scope: Scope, text: str) -> int:
    return len(scope.symbols[text].sizes) if text in scope.symbols else scope.ranks.get(text, 0)


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
        if other != text and mentions(scope.functions[other].body, text, scope.usage)
    }
    return [text for text in found if text not in mentioned]


_COSTS = {"J", "L", "E", "C", "\\ell", "CE", "\\mathcal{L}", "NLL", "\\hat{R}", "R"}
