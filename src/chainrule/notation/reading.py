"""A whole document: what it defines, what it claims, and in which scope each claim stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from chainrule.language.expr import Element
from chainrule.mathematics.functions import function_named
from chainrule.notation import orientation, prose, survey, tree
from chainrule.notation.around import note_around
from chainrule.notation.bounds import constants_in_words, parameter_bounds
from chainrule.notation.cases_in_words import with_cases
from chainrule.notation.circumstances import with_circumstances
from chainrule.notation.computed_ends import computed_ends
from chainrule.notation.constants import is_vector_in_words
from chainrule.notation.costs import bars_are_slopes, costs
from chainrule.notation.decimals import printed_values
from chainrule.notation.declared import declare_shapes
from chainrule.notation.defining import Definer
from chainrule.notation.differentials import (
    are_slopes,
    stated_slopes,
    uses_differentials,
    varied,
    without_signs,
)
from chainrule.notation.document import Document
from chainrule.notation.facts_in_words import note_facts, supposed_sums
from chainrule.notation.fixed_arguments import without_arguments
from chainrule.notation.given import Given, numbers_in
from chainrule.notation.half_read import computed_labels, half_read
from chainrule.notation.heads import gives_numbers, heads, undecorated
from chainrule.notation.hot_formulas import hot_formulas, unit_letters
from chainrule.notation.implied_batches import with_batches
from chainrule.notation.implied_rows import small_rows
from chainrule.notation.layers import ends, shared
from chainrule.notation.layers_by_letter import layers_by_letter
from chainrule.notation.listed_values import listed_values
from chainrule.notation.mistaken_shapes import correct_statements
from chainrule.notation.names import named
from chainrule.notation.numbered_examples import with_examples
from chainrule.notation.numbers_of_each import numbers_of_each
from chainrule.notation.quantities import letters_of_quantities
from chainrule.notation.reductions import own_letters
from chainrule.notation.rewritten import rewritten
from chainrule.notation.rows_of_ones import has_rows_of_ones
from chainrule.notation.scope import Scope, Symbol
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.single_outputs import signals, single_outputs
from chainrule.notation.softmax_in_words import with_softmax
from chainrule.notation.spoken import any_functions, functions_in_words
from chainrule.notation.stacks import stacks
from chainrule.notation.stars import turned
from chainrule.notation.summation import summed_from
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage
from chainrule.notation.written_out import defining


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
    restates   the name with another formula already, which may get another meaning here
    worked     whether names are the numbers that the section sets them to
    elsewhere  the names with several meanings, none of which was given in this section
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
    restates: str | None = None
    worked: bool = False
    elsewhere: frozenset[str] = frozenset()

    def length(self) -> int:
        """How many characters are printed."""
        return self.members[-1].end - self.members[0].start


@dataclass
class Reading:
    """What was read: the final scope, and the chains in order."""

    document: Document
    scope: Scope
    chains: list[ChainItem] = field(default_factory=list)
    unread: list[Node] = field(default_factory=list)


def read_reading(document: Document, around: Scope | None = None) -> Reading:
    """The document read until shapes and sizes are known, then once more with all of them.

    around  for a section that is read by itself, what the whole document says
    """
    plain, functions = without_arguments(rewritten(document))
    told = with_batches(with_softmax(document, with_circumstances(document, plain)))
    statements = with_examples(with_cases(document, told))
    nodes = [statement.chain for statement in statements]
    start = _surveyed(document, statements)
    start.functions |= {one.name: one for one in functions}
    if around is not None:
        note_around(start, around, start.headed)
    found = _Pass(document, start.copy())
    found.run(statements)
    if found.single:
        start.symbols |= {name: one for name, one in found.single.items() if one.declared}
        start.sizes.count = found.scope.sizes.count
        lower = found.single.keys() | signals(nodes, start.usage, found.single)
        start.ranks = {name: rank for name, rank in start.ranks.items() if name not in lower}
        found = _Pass(document, start.copy())
        found.run(statements)
    for _ in range(3):
        # Later definitions tell the shapes of symbols that earlier formulas use.
        symbols = found.scope.symbols
        vectors = [name for name, symbol in symbols.items() if symbol.sizes]
        ranks = {n: len(symbols[n].sizes) for n in vectors if not _is_shaky(n, found.scope)}
        settled = ranks.items() <= start.ranks.items()
        numbers = {n for n, d in found.scope.definitions.items() if not d.indices}
        known = start.ranks | ranks
        known = {n: r for n, r in known.items() if n not in numbers}
        start.ranks = shared(known, symbols.keys() | _printed_names(nodes, start.usage))
        start.sizes = found.scope.sizes
        start.loss, start.cost, start.outputs = costs(nodes, found.scope)
        start.ends = ends(found.scope)
        start.opaque |= found.scope.opaque & found.scope.size_names
        start.barred = start.barred or bars_are_slopes(nodes, start)
        found = _Pass(document, start.copy())
        found.run(statements)
        if settled:
            break
    found.scope.loss = costs(nodes, found.scope)[0]
    return found.reading


def _printed_names(nodes: Iterable[Node], usage: Usage) -> set[str]:
    return {n.text for node in nodes for p in scripted(node) if (n := named(p, usage))}


def _is_shaky(name: str, scope: Scope) -> bool:
    """Whether a name is defined by another one whose own definition was not understood."""
    definition = scope.definitions.get(name)
    return definition is not None and not definition.uses.isdisjoint(
        scope.opaque - scope.definitions.keys() - scope.functions.keys()
    )


def _is_under_function(item: ChainItem, name: str) -> bool:
    """Whether an equation gives a function of a name that gets its formula further down: of
    `\\log s = …` and `s = …` below it, the first says what s is."""
    match undecorated(item.members[0]):
        case tree.Apply(word, taken) if function_named(letter(word) or ""):
            inner = taken.body if isinstance(taken, tree.Group) else taken
            one = named(inner, item.scope.usage)
            return one is not None and one.text == name
    return False


def _surveyed(document: Document, statements: list[tree.Statement]) -> Scope:
    """What can be known before reading: names, ranks, sizes, shapes, layout, facts."""
    nodes = [statement.chain for statement in statements]
    usage = _usage(document, statements)
    listed = listed_values(nodes, usage)
    sizes = survey.size_names(nodes, usage)
    differentials, headed = uses_differentials(nodes), frozenset(heads(nodes, usage))
    plain = [without_signs(node) for node in nodes] if differentials else nodes
    matrices = prose.matrices_in_words(document)
    ranks = _ranks(document, plain, usage, sizes, matrices)
    slopes = differentials and are_slopes(nodes, usage, headed, ranks)
    variables = varied(nodes, usage, differentials)
    conditions = [one for statement in statements for one in statement.conditions]
    supposed = list(supposed_sums([*nodes, *conditions], usage, headed))
    stated = stated_slopes(nodes, usage) if slopes else frozenset()
    nodes = plain
    scope = Scope(usage, shared(ranks, _printed_names(nodes, usage)), sizes)
    scope.differentials, scope.slopes, scope.varied = differentials, slopes, variables
    scope.stated_slopes, scope.summed_from, scope.headed = stated, summed_from(document), headed
    scope.opaque, scope.matrices = matrices & sizes, survey.under_matrix_words(nodes, usage)
    units = unit_letters(nodes) | prose.unit_vectors(document, headed)
    scope.units = units - usage.stacks.lines.keys()
    scope.bounds = parameter_bounds(nodes, constants_in_words(document))
    scope.values, scope.ties = printed_values(nodes), survey.ties(nodes, sizes)
    scope.half_read = half_read(document, nodes, usage)
    scope.contested = computed_labels(document, nodes, usage)
    vector = {"e"} if is_vector_in_words(document) else set()
    usage.constants = usage.constants.without(scope.half_read | vector)
    scope.probabilities = prose.probabilities(document)
    usage.counting.wrapped = prose.is_wrapped(document)
    usage.counting.count_from_zero(prose.counts_from_zero(document))
    scope.convolves, scope.stars = prose.convolves(document), turned(nodes)
    scope.rows_of_ones = has_rows_of_ones(nodes, usage, ranks)
    scope.soft = survey.soft_names(nodes, usage)
    scope.dependences = survey.dependences(nodes, usage)
    declare_shapes(document, nodes, scope)
    _note_layout(document, nodes, scope)
    scope.batch_in_columns = _has_batch_in_columns(document, nodes, scope)
    scope.facts |= listed
    note_facts(document, scope, nodes, supposed)
    return scope


def _ranks(document: Document, nodes, usage: Usage, sizes: set[str], matrices) -> dict[str, int]:
    """The number of axes of names, as formulas show; what is called one-hot is no number."""
    ranks = survey.ranks(nodes, usage, sizes, matrices, letters_of_quantities(document))
    told = {name for _, name, _ in hot_formulas(nodes, usage)}
    hot = {n for n in prose.one_hot_names(document, usage) | told if n.islower()}
    return ranks | dict.fromkeys(hot - ranks.keys() - sizes - usage.running - usage.counted, 1)


def _usage(document: Document, statements: list[tree.Statement]) -> Usage:
    """How letters are used, and what sentences say of them."""
    nodes = [statement.chain for statement in statements]
    usage = Usage.of(nodes, numbers_of_each(document, nodes))
    usage.squares -= {fact.array for fact in listed_values(nodes, usage)}
    usage.several, usage.small = layers_by_letter(nodes), small_rows(nodes)
    usage.ends = computed_ends(statements)
    usage.stacks = stacks(document, nodes, usage.families)
    usage.spoken = functions_in_words(document, statements)
    usage.listed, usage.activations = any_functions(document, statements, usage.spoken)
    return usage


def _note_layout(document: Document, nodes: list[Node], scope: Scope) -> None:
    """How vectors stand, as stated shapes, words or products tell."""
    usage = scope.usage
    stated = {symbol.axes.index(None) for symbol in scope.symbols.values() if _oriented(symbol)}
    plain = {name for name, symbol in scope.symbols.items() if len(symbol.axes) == 1}
    others = {name for name, rank in scope.ranks.items() if rank == 1} - scope.symbols.keys()
    matrices = {name for name, symbol in scope.symbols.items() if len(symbol.sizes) == 2}
    upright = orientation.is_transposed(nodes, usage, plain, others, matrices)
    if len(stated) == 1 and not (stated == {0} and upright):
        scope.layout = "rows" if stated == {0} else "columns"
    else:
        known = scope.ranks | {name: len(s.sizes) for name, s in scope.symbols.items()}
        scope.layout = prose.layout(document) or orientation.layout(nodes, usage, known)
        scope.upright = prose.layout_of_all(document) is not None
        if scope.layout is None and orientation.inner_products(nodes, usage, known) == {"columns"}:
            scope.layout, scope.upright = "columns", True


def _has_batch_in_columns(document: Document, nodes: Iterable[Node], scope: Scope) -> bool:
    axes = {name: symbol.axes for name, symbol in scope.symbols.items()}
    return prose.examples_in_columns(document) or orientation.adds_columns(nodes, scope.usage, axes)


# What stands between a sum and the condition on what it adds.
_WHERE = re.compile(
    r"[\s,{}]*\\(?:text|mbox|textrm)\{[^{}]*\b(?:where|for|with|if|when)\b[^{}]*\}[\s$]*"
)


def _oriented(symbol) -> bool:
    return len(symbol.axes) == 2 and len(symbol.sizes) == 1


class _Pass:
    """One reading from top to bottom."""

    def __init__(self, document: Document, scope: Scope):
        self.document, self.scope = document, scope
        self.reading = Reading(document, scope)
        self.definer = Definer(document, scope)
        self.premises: tuple[tuple[str, Node], ...] = ()
        self.outline = self.definer.outline
        self.given = Given(document, scope, self.outline)
        self.single: dict[str, Symbol] = {}

    def run(self, statements: list[tree.Statement]) -> None:
        self.given.statements, nodes = statements, [one.chain for one in statements]
        self.definer.heads = self.scope.headed
        formulas = (one for one in nodes if not gives_numbers(one))
        self.definer.claimed = frozenset(heads(formulas, self.scope.usage))
        self.definer.foretell([one for one in nodes if isinstance(one, tree.Chain)])
        for statement in statements:
            if not isinstance(statement.chain, tree.Chain):
                continue
            self.scope.hot = prose.hot_at(self.scope.hots, statement.start)
            self.scope.summation = self.scope.summed_from <= statement.start
            self._note_regulariser(statement.chain)
            self.given.note(statement, self._is_display(statement))
            correct_statements(statement.chain, self.scope, self.outline)
            self.definer.prepare(statement)
            before = self.scope.copy()
            defines = self.definer.define(statement.chain)
            self.single |= single_outputs(defines, nodes, self.scope)
            self.scope.opaque |= self._restricted(statement)
            before.opaque |= self.scope.opaque
            notes = self.definer.define_implied(statement.chain)
            scope = self.scope.copy() if defines or notes else before
            scope.opaque |= self.given.doubtful(statement)
            scope.later = self.outline.in_later_sections(statement.start, scope.placed)
            self.reading.chains.append(
                ChainItem(
                    statement.chain.members,
                    statement.chain.relations,
                    defines,
                    self._under(statement, scope),
                    (*statement.conditions, *statement.given),
                    self._is_display(statement),
                    defining(statement.chain) if defines else 0,
                    notes,
                    self._premises(statement),
                    self.definer.restates,
                    elsewhere=self.definer.not_of_here(statement.start),
                )
            )
        self._look_ahead()

    def _restricted(self, statement: tree.Statement) -> set[str]:
        """The L of `L = -Σ_i log p_i where y_i = 1`, a sum that is of some terms only."""
        last = self.reading.chains[-1:]
        match statement.chain:
            case tree.Chain((tree.Script(_, tree.Symbol() as index), tree.Number()), _) if last:
                words = self.document.text[last[0].members[-1].end : statement.start]
                parts = (part for member in last[0].members for part in tree.walk(member))
                sums = (part for part in parts if isinstance(part, tree.Big))
                running = set().union(*map(own_letters, sums))
                if _WHERE.fullmatch(words) and index.name in running:
                    return {last[0].defines} - {None}
        return set()

    def _premises(self, statement: tree.Statement) -> tuple[tuple[str, Node], ...]:
        """What `x = 0 ⇒`, or `for x = 0`, before a statement supposes."""
        found = self.premises if statement.implied else ()
        found = (*found, *numbers_in(statement.conditions))
        match statement.chain:
            case tree.Chain((head, tree.Number() as value), (tree.Relation("="),)):
                name = named(head, self.scope.usage)
                if name is not None and not name.places and not name.primes:
                    self.premises = ((name.text, value),)
                    return ()
        if not statement.implied:
            self.premises = ()
        return found

    def _under(self, statement: tree.Statement, scope: Scope) -> Scope:
        """The scope where the numbers hold that are supposed for a statement alone."""
        for name, value in numbers_in((*statement.conditions, *statement.given)):
            scope.forget(name)
            scope.suppose(name, value.text)
        return scope

    def _look_ahead(self) -> None:
        """What is defined once, further down, is known above too."""
        final = self.scope
        final.opaque |= final.half_read - final.definitions.keys() - final.functions.keys()
        final.opaque |= final.contested
        names = [item.defines for item in self.reading.chains if item.defines]
        matrices = {n for n in final.symbols if final.rank(n) == 2} - final.definitions.keys()
        for at, item in enumerate(self.reading.chains):
            scope = item.scope
            scope.opaque |= final.opaque & (final.half_read | final.contested)
            scope.sizes = final.sizes.copy()
            supposed = dict(numbers_in(item.conditions))
            for name, definition in final.definitions.items():
                known = scope.definitions.keys() | scope.functions.keys() | supposed.keys()
                unknown = name not in known
                tied = name in final.placed and isinstance(definition.body, Element)
                if tied or name in scope.inputs(*definition.uses):
                    # Given, and set equal to another one only there; or each by the other.
                    continue
                if names.count(name) == 1 and unknown and name not in scope.opaque:
                    scope.definitions[name] = definition
                    if definition.indices and name.upper() in matrices:
                        # Its formula further down is perhaps that of the best rows of a matrix.
                        item = replace(item, elsewhere=item.elsewhere | {name})
                        self.reading.chains[at] = item
                    later = self.definer.is_of_later_section(name, item.members[0].start)
                    scope.opaque |= {name} if later or _is_under_function(item, name) else set()
                    scope.symbols[name] = final.symbols[name]
                    if name in final.aliases:
                        scope.aliases[name] = final.aliases[name]

    def _is_display(self, statement: tree.Statement) -> bool:
        return any(
            f.display and f.start <= statement.start <= f.end for f in self.document.formulas
        )

    def _note_regulariser(self, node: Node) -> None:
        """A risk with λ times a squared norm asks for L2."""
        norms = any(isinstance(p, tree.Group) and p.open == "||" for p in tree.walk(node))
        self.scope.regulariser |= norms and tree.Symbol("\\lambda") in tree.walk(node)
