"""A whole document: what it defines, what it claims, and in which scope each claim stands."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

from chainrule.errors import SizeMismatch
from chainrule.language.budget import SECONDS, OutOfBudget, within
from chainrule.language.facts import ONE_HOT, SUMS_TO_ONE, Fact
from chainrule.notation import prose, survey, tree
from chainrule.notation.chains import EQUAL, joined
from chainrule.notation.circumstances import with_circumstances
from chainrule.notation.costs import (
    bars_are_slopes,
    document_cost,
    slope_behind_bar,
    undefined_cost,
)
from chainrule.notation.differentials import uses_differentials, varied, without_signs
from chainrule.notation.document import Document
from chainrule.notation.heads import (
    defined_name,
    event_of,
    function_head,
    heads,
    parameter,
    section_breaks,
    undecorated,
)
from chainrule.notation.implied import implied
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.likeliest import first_value
from chainrule.notation.misread import Misread
from chainrule.notation.names import Usage, letter, named
from chainrule.notation.scope import DocumentFunction, Scope
from chainrule.notation.shapes import shape_of, stated_shapes
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit


@dataclass(frozen=True)
class ChainItem:
    """One chain of relations where it stands.

    members    the nodes of the chain, continued over displays
    relations  the signs between them
    defines    the name that the first equation gives a meaning to, or None
    body       the position of the member that gives it, or 0
    premises   numbers that names have here: after `x = 0 ⇒`
    scope      what was known before it
    notes      what the chain tells of names that no other equation defines
    """

    members: tuple[Node, ...]
    relations: tuple[tree.Relation, ...]
    defines: str | None
    scope: Scope
    conditions: tuple[Node, ...] = ()
    display: bool = True
    body: int = 0
    notes: tuple[str, ...] = ()
    premises: tuple[tuple[str, Node], ...] = ()


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
        start.sizes, start.loss = found.scope.sizes, document_cost(found.scope)
        if start.loss is None:
            start.cost, start.outputs = undefined_cost(nodes, found.scope)
        start.barred = start.barred or bars_are_slopes(nodes, start)
        found = _Pass(document, start.copy())
        found.run(statements)
        if settled:
            break
    found.scope.loss = document_cost(found.scope)
    return found.reading


def _surveyed(document: Document, nodes: list[Node]) -> Scope:
    """What can be known before reading: names, ranks, sizes, shapes, layout, facts."""
    usage = Usage.of(nodes)
    sizes = survey.size_names(nodes, usage)
    differentials = uses_differentials(nodes)
    variables = varied(nodes, usage, differentials)
    if differentials:
        nodes = [without_signs(node) for node in nodes]
    scope = Scope(usage, survey.ranks(nodes, usage, sizes), sizes)
    scope.differentials, scope.varied = differentials, variables
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


class _Pass:
    """One reading from top to bottom."""

    def __init__(self, document: Document, scope: Scope):
        self.document, self.scope = document, scope
        self.reading = Reading(document, scope)
        self.breaks = section_breaks(document)
        self.given: dict[str, int] = {}
        self.bodies: dict[str, Node] = {}
        self.heads: set[str] = set()
        self.premises: tuple[tuple[str, Node], ...] = ()
        self.events: set[str] = set()

    def run(self, statements: list[tree.Statement]) -> None:
        self.heads = heads(statements, self.scope.usage)
        for statement in statements:
            if not isinstance(statement.chain, tree.Chain):
                continue
            self._note_regulariser(statement.chain)
            if self.scope.barred:
                self._define_bar(undecorated(statement.chain.members[0]))
            self._define_backwards(statement)
            before = self.scope.copy()
            defines = self._define(statement.chain)
            before.opaque |= self.scope.opaque
            notes = self._define_implied(statement.chain)
            self.reading.chains.append(
                ChainItem(
                    statement.chain.members,
                    statement.chain.relations,
                    defines,
                    self.scope.copy() if defines or notes else before,
                    statement.conditions,
                    self._is_display(statement),
                    _defining(statement.chain) if defines else 0,
                    notes,
                    self._premises(statement),
                )
            )
        self._look_ahead()

    def _premises(self, statement: tree.Statement) -> tuple[tuple[str, Node], ...]:
        """What `x = 0 ⇒` before a statement supposes."""
        found = self.premises if statement.implied else ()
        match statement.chain:
            case tree.Chain((head, tree.Number() as value), (tree.Relation("="),)):
                name = named(head, self.scope.usage)
                if name is not None and not name.places and not name.primes:
                    self.premises = ((name.text, value),)
                    return ()
        if not statement.implied:
            self.premises = ()
        return found

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
        if isinstance(body, tree.Empty):
            return None
        if is_derivative(head):
            return self._define_signal(head, body)
        if (event := event_of(head)) is not None:
            return self._define_event(event, body)
        text = defined_name(head, body, self.scope)
        if text is None:
            return None
        known = text in self.scope.definitions or text in self.scope.functions
        if (known or text in self.scope.opaque) and not self._starts_anew(text, chain.start):
            return None
        if text in self.scope.functions and self._is_at_a_value(head):
            return None
        before = self.scope.forget(text)
        define = self._define_function if isinstance(head, tree.Product) else self._define_array
        defined = None
        with suppress(OutOfBudget), within(SECONDS):
            defined = define(head, body)
        self.given[text] = chain.start
        if defined is None:
            self.scope.doubt(text, before)
        else:
            self.scope.opaque.discard(text)
            self.bodies[text] = body
        return defined

    def _define_event(self, event: str, body: Node) -> str | None:
        """`P(Y = k | X) = …`: the first formula for a probability is its definition."""
        if event.lower() in self.events:
            return None
        value = first_value(self.scope.copy(), lambda meaning: meaning.value(body), closed=False)
        if value is None:
            return None
        self.events.add(event.lower())
        return event

    def _define_signal(self, head: Node, body: Node) -> str | None:
        """`∂L/∂z = δ`: a slope gets a name that nothing else gives a meaning to."""
        name = named(undecorated(body), self.scope.usage)
        if name is None or name.places or name.power is not None or name.transpose or name.primes:
            return None
        scope, text = self.scope, name.text
        known = text in scope.definitions or text in scope.functions or text in scope.size_names
        used = {n for definition in scope.definitions.values() for n in definition.uses}
        if known or text in scope.opaque | used or letter(_bare(body)) not in SIGNALS:
            return None
        return self._define_array(body, head)

    def _define_bar(self, head: Node) -> None:
        """v̄ is ∂L/∂v, so that what is set equal to it can be judged."""
        trial = self.scope.copy()
        found = slope_behind_bar(trial, head)
        if found is None or found[0] in self.scope.definitions:
            return
        try:
            trial.define(*found)
        except (SizeMismatch, Misfit):
            return
        self._adopt(trial)

    def _define_implied(self, chain: tree.Chain) -> tuple[str, ...]:
        """Define the names for which a later member of the chain has a formula."""
        notes = []

        def free(text: str) -> bool:
            return text not in self.heads and not self.scope.is_known(text)

        for node, text, formula in implied(chain, self.scope.usage, free, self.bodies):
            if free(text) and self._define_array(node, formula) is not None:
                self.scope.lay_flat(text)
                self.bodies[text] = formula
                start, end = self.document.braced(formula.start, formula.end)
                notes.append(f"{text} is {self.document.text[start:end]}")
        return tuple(notes)
    def _define_backwards(self, statement: tree.Statement) -> None:
        """`f(x + c) = … = E = f(x)` says what f is, though at the end: f(x) is E."""
        chain = statement.chain
        head = function_head(undecorated(chain.members[0]), self.scope.usage)
        if head is None or None not in [parameter(one, self.scope.usage) for one in head[1]]:
            return
        known = self.scope.functions.get(head[0])
        if (known is not None and known.index is not None) or head[0] in self.scope.definitions:
            return
        for before, last in pairwise(chain.members):
            call = function_head(undecorated(last), self.scope.usage)
            if call is not None and (call[0], call[2] is None) == (head[0], head[2] is None):
                if None not in [parameter(one, self.scope.usage) for one in call[1]]:
                    self.scope.functions.pop(head[0], None)
                    self._define_function(undecorated(last), before)
                    return

    def _is_at_a_value(self, head: Node) -> bool:
        """`f(c x) = …`: a claim on a function that is known, and no new meaning."""
        found = function_head(head, self.scope.usage)
        return found is not None and None in [parameter(a, self.scope.usage) for a in found[1]]

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


def _bare(node: Node) -> Node:
    node = undecorated(node)
    return node.base if isinstance(node, tree.Script) else node


# Letters that a slope is called by.
SIGNALS = {f"\\{name}" for name in ("delta", "Delta", "epsilon", "varepsilon", "gamma")} | set(
    "gGDr"
)


def scope_rank(scope: Scope, text: str) -> int:
    return len(scope.symbols[text].sizes) if text in scope.symbols else scope.ranks.get(text, 0)
