"""A chain of equations judged: each member against the one before it, and against the first."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.checker.compare import Pair, compare
from chainrule.checker.counterexample import counterexample, diagnosis
from chainrule.checker.findings import FALSE, TRUE, Finding, Outcome, better, worse
from chainrule.errors import ChainruleError
from chainrule.language.algebra import substitute
from chainrule.language.expr import Array
from chainrule.language.index import Index, Place, place_of
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.chains import EQUAL
from chainrule.notation.choices import Choices, runs
from chainrule.notation.document import Document
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, variables
from chainrule.notation.meaning import Meaning
from chainrule.notation.misread import Misread
from chainrule.notation.names import Usage, letter, named, scripted, subscripts
from chainrule.notation.reading import ChainItem, shape_of, stated_shapes
from chainrule.notation.scope import Scope
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value

# A chain is read in so many ways at most.
READINGS = 16


@dataclass(frozen=True)
class Read:
    """The members of a chain under one reading: a value each, or why there is none."""

    members: tuple[Value | Exception, ...]
    scope: Scope
    notes: tuple[str, ...]
    taken: tuple[str, ...]


def judge(document: Document, item: ChainItem) -> list[Finding]:
    """The findings on the members of a chain; a member that defines gets none."""
    if _is_condition(item):
        return [_plain(document, item.members[1], "not-checked", "a condition")]
    if _is_update(item):
        return [_plain(document, node, "not-checked", "an update") for node in item.members[1:]]
    reads = [read for read, _ in runs(lambda choices: _read(item, choices), READINGS)]
    first = 2 if item.defines else 1
    results = [_Judged(item, read) for read in reads]
    best = max(results, key=_Judged.score)
    return [
        finding
        for position in range(first, len(item.members))
        if (finding := _finding(document, item, position, best, results)) is not None
    ]


def _is_condition(item: ChainItem) -> bool:
    """`z_i = 0`, `y_j = 1`, `i = j`: what is supposed, not what is claimed."""
    if item.defines or len(item.members) != 2 or item.relations[0].kind not in EQUAL:
        return False
    head, body = map(undecorated, item.members)
    name = named(head, item.scope.usage)
    lone = isinstance(body, tree.Number) or named(body, item.scope.usage) is not None
    if name is None or not lone:
        return False
    return not item.display or name.text not in item.scope.definitions


def _is_update(item: ChainItem) -> bool:
    """`w = w - η ∂R/∂w`: the new value of a name, printed like an equation."""
    name = named(undecorated(item.members[0]), item.scope.usage)
    if item.defines or name is None or name.text in item.scope.definitions or len(item.members) < 2:
        return False
    if not isinstance(item.members[1], tree.Sum):
        return False
    first = named(item.members[1].terms[0], item.scope.usage)
    return (
        first is not None
        and first == name
        and any(is_derivative(p) for p in tree.walk(item.members[1]))
    )


def _read(item: ChainItem, choices: Choices) -> Read:
    scope = item.scope.copy()
    meaning = Meaning(scope, choices)
    meaning.narrowable = _narrowable(item)
    members = []
    for position, node in enumerate(item.members):
        relation = item.relations[position - 1].kind if position else "="
        if relation not in EQUAL:
            members.append(Misread(node, "not an equation"))
            continue
        try:
            members.append(meaning.value(node))
        except (Misread, Misfit, ChainruleError) as reason:
            members.append(reason)
    members = [m if isinstance(m, Exception) else meaning.algebra.resolved(m) for m in members]
    return Read(tuple(members), scope, tuple(meaning.notes), tuple(choices.taken))


def _narrowable(item: ChainItem) -> set[str]:
    """Symbols that may be one number here: alone under a derivative, or in a primed call."""
    usage, found, indexed = item.scope.usage, set(), set()
    for node in item.members:
        for variable in variables(node):
            name = named(variable, usage)
            if name is not None and not name.places:
                found.add(name.text)
        for part in tree.walk(node):
            if isinstance(part, tree.Product):
                for word, bracket in zip(part.factors, part.factors[1:], strict=False):
                    if (
                        isinstance(word, tree.Script)
                        and word.primes
                        and isinstance(bracket, tree.Group)
                    ):
                        found.add(letter(bracket.body) or "")
        for part in scripted(node):
            name = named(part, usage)
            if name is not None and name.places:
                indexed.add(name.text)
    soft = {
        name.text
        for node in item.members
        for part in scripted(node)
        if (name := named(part, usage)) is not None and name.text in item.scope.soft
    }
    return (found | soft | _only_vector(item, usage)) - indexed - {""}


def _only_vector(item: ChainItem, usage: Usage) -> set[str]:
    """The one letter with axes in a statement, if there is just one: it may be a number here."""
    names = {
        name.text
        for node in item.members
        for part in scripted(node)
        if (name := named(part, usage)) is not None
        and (name.text in item.scope.symbols or name.text in item.scope.ranks)
        and (item.scope.symbol(name.text).sizes)
    }
    return names if len(names) == 1 else set()


class _Judged:
    """All comparisons of one chain under one reading, made when first asked for."""

    def __init__(self, item: ChainItem, read: Read):
        self.item, self.read = item, read
        self.outcomes: dict[tuple[int, int], Outcome] = {}

    def outcome(self, against: int, position: int) -> Outcome:
        key = (against, position)
        if key not in self.outcomes:
            self.outcomes[key] = self._compared(against, position)
        return self.outcomes[key]

    def score(self) -> tuple[int, int, int]:
        """How many members hold, how many hold with a grain of salt, how many steps hold."""
        verdicts = [
            self.outcome(0, position).verdict for position in range(1, len(self.item.members))
        ]
        steps = [
            self.outcome(position - 1, position).verdict
            for position in range(2, len(self.item.members))
        ]
        return (
            sum(v in TRUE for v in verdicts),
            sum(v in ("holds-if", "convention") for v in verdicts),
            sum(v in TRUE for v in steps),
        )

    def _compared(self, against: int, position: int) -> Outcome:
        relation = self.item.relations[position - 1]
        if relation.kind == "in" or relation.kind in (":", "to"):
            return self._shape(position)
        if relation.kind not in EQUAL or isinstance(relation.over, tree.Symbol) or _asked(relation):
            return Outcome("unread", reason="not an equation")
        left, right = self.read.members[against], self.read.members[position]
        nodes = self.item.members[position], self.item.members[against]
        sides = (right, left)
        for side in sides:
            if isinstance(side, Exception) and not isinstance(side, Misfit):
                return Outcome("unread", reason=str(side))
        for side, node in zip(sides, nodes, strict=True):
            if isinstance(side, Misfit):
                return _misfit(self.item.scope, side, (node,))
        return equal(self.read.scope, left, right, _conditions(self.item), nodes)

    def _shape(self, position: int) -> Outcome:
        """`… ∈ ℝ^{m × n}`: whether the value has that shape."""
        chain = tree.Chain(
            (self.item.members[0], self.item.members[position]),
            (self.item.relations[position - 1],),
        )
        stated = stated_shapes(chain, self.read.scope)
        if not stated:
            return Outcome("not-checked", reason="an arrow or a set that states no shape")
        scope = self.read.scope.copy()
        try:
            axes = shape_of(stated[0][1], scope)
            symbol = scope.symbol(stated[0][0])
            scope.declare(stated[0][0], axes)
        except (Misread, ChainruleError):
            return Outcome("unread", reason="sizes that were stated otherwise before")
        same = len(symbol.sizes) == sum(axis is not None for axis in axes)
        return Outcome("holds") if same else Outcome("unread", reason="another number of axes")


def _asked(relation: tree.Relation) -> bool:
    return isinstance(relation.over, tree.Text) and relation.over.text.strip() == "?"


def _conditions(item: ChainItem) -> tuple[tuple[str, str, str], ...]:
    """The conditions on indices that the statement prints: `for i ≠ j`."""
    found = []
    for node in item.conditions:
        match node:
            case tree.Chain((tree.Symbol() as a, tree.Symbol() as b), (relation,)):
                if relation.kind in ("=", "!="):
                    found.append((letter(a), relation.kind, letter(b)))
    return tuple(found)


def equal(scope: Scope, left: Value, right: Value, conditions=(), nodes=()) -> Outcome:
    """Whether two values are the same, in terms of what the document does not define.

    nodes  what the values were read from
    """
    if len(left.indices) != len(right.indices):
        return Outcome("unread", reason="one side has more axes than the other")
    try:
        return _compared_values(scope, left, right, conditions, nodes)
    except Misfit as mistake:
        try:
            turned = _compared_values(scope, left, right.transposed(), conditions, nodes)
        except Misfit:
            return _misfit(scope, mistake, nodes)
        if turned.verdict in TRUE and left.indices:
            return Outcome("convention", convention="transposed")
        return _misfit(scope, mistake, nodes)


def _misfit(scope: Scope, mistake: Misfit, nodes: tuple[Node, ...]) -> Outcome:
    """What does not fit is false only where the author stated all the sizes and symbols."""
    stated = {scope.sizes.find(size) for size in scope.stated}
    symbols = [
        scope.symbols[name.text]
        for node in nodes
        for part in scripted(node)
        if (name := named(part, scope.usage)) is not None and name.text in scope.symbols
    ]
    known = bool(mistake.sizes) and set(mistake.sizes) <= stated
    known = known and all(
        one.declared or {scope.sizes.find(size) for size in one.sizes} <= stated for one in symbols
    )
    return Outcome("shape" if known else "unread", reason=str(mistake))


def _compared_values(scope: Scope, left: Value, right: Value, conditions, nodes) -> Outcome:
    trial = scope.copy()
    algebra = trial.algebra
    (left, right), _ = algebra.aligned([left, right], "the two sides")
    left, right = algebra.resolved(left), algebra.resolved(right)
    a, b = trial.inlined(left.expr), trial.inlined(right.expr)
    names = {array.name for array in elements(a) | elements(b)}
    facts = tuple(sorted(fact for fact in trial.facts if fact.array in names))
    axes = _numbered(left.indices)
    pair = Pair(substitute(a, axes), substitute(b, axes), facts, conditions, _general(nodes))
    found = compare(pair)
    match found.verdict:
        case "holds":
            return Outcome("holds", fact=", ".join(found.facts) or None)
        case "holds-if":
            return Outcome("holds-if", fact=", ".join(found.facts))
        case "wrong":
            if (reason := _incomparable(trial, a, b)) is not None:
                return Outcome("unread", reason=reason)
            return Outcome("wrong", pair=pair)
    return Outcome("unread", reason="no point was found at which both sides have a value")


def _general(nodes: tuple[Node, ...]) -> frozenset[frozenset[str]]:
    """The pairs of letters under a Kronecker delta: such a formula speaks of all elements."""
    found = set()
    for node in nodes:
        for part in tree.walk(node):
            if isinstance(part, tree.Script) and letter(part.base) == "\\delta":
                marks = [letter(mark) for mark in subscripts(part.sub)]
                if len(marks) == 2 and None not in marks:
                    found.add(frozenset(marks))
    return frozenset(found)


def _numbered(indices: tuple[Index, ...]) -> dict[Index, Place]:
    """Names for the axes that do not depend on how often something was read before."""
    return {axis: place_of(Index(f"{k + 1}.", axis.size)) for k, axis in enumerate(indices)}


def _incomparable(scope: Scope, a, b) -> str | None:
    """Why two sides that differ may speak of different things, so that neither is false; or None.

    A symbol that stands on one side only, and that nothing defines or declares, may be a name for
    something the author did not write down.
    """
    left, right = elements(a), elements(b)
    if unclear := sorted({array.name for array in left | right} & scope.opaque):
        return f"{unclear[0]} is defined by what was not read"
    inputs = {array.name for d in scope.definitions.values() for array in elements(d.body)}
    for function in scope.functions.values():
        inputs |= {n.text for p in scripted(function.body) if (n := named(p, scope.usage))}
    for array in sorted(left ^ right, key=lambda one: one.name):
        if not _is_grounded(scope, array, inputs):
            return f"{array.name} is nowhere defined"
    loose = [one for one in left - right if one.sizes], [one for one in right - left if one.sizes]
    if all(loose):
        return f"{loose[0][0].name} and {loose[1][0].name} are not tied to each other"
    return None


def _is_grounded(scope: Scope, array: Array, inputs: set[str]) -> bool:
    name = array.name.removesuffix("·")
    symbol = scope.symbols.get(name)
    return name in inputs or (symbol is not None and symbol.declared)


def _finding(document, item: ChainItem, position: int, best: _Judged, results) -> Finding | None:
    node = item.members[position]
    if isinstance(node, tree.Empty):
        return None
    step, head = (_settled(best, results, against, position) for against in (position - 1, 0))
    if isinstance(item.members[0], tree.Empty) or _is_arithmetic(item.members[0]):
        head = None
    shown = head if head is not None and head.verdict in FALSE else step
    verdict = worse(step.verdict, head.verdict if head else None)
    start, end = document.braced(node.start, node.end)
    return Finding(
        document.line(start),
        document.line(max(start, end - 1)),
        start,
        end,
        document.text[start:end],
        step.verdict,
        head.verdict if head else None,
        verdict,
        fact=shown.fact or (head and head.fact),
        convention=shown.convention,
        reading="; ".join((*best.read.taken, *best.read.notes)) or None,
        counterexample=shown.pair and counterexample(shown.pair),
        diagnosis=diagnosis(shown.pair) if shown.pair else shown.reason,
    )


def _is_arithmetic(node: Node) -> bool:
    """Numbers only: such a chain is a computation, judged step by step."""
    return not any(isinstance(part, (tree.Symbol, tree.Accent)) for part in tree.walk(node))


def _settled(best: _Judged, results: list[_Judged], against: int, position: int) -> Outcome:
    """The outcome under the best reading; false only if it is false under every one."""
    outcome = best.outcome(against, position)
    if outcome.verdict not in FALSE:
        return outcome
    for other in results:
        outcome = better(outcome, other.outcome(against, position))
        if outcome.verdict not in FALSE:
            return outcome
    return outcome


def _plain(document: Document, node: Node, verdict: str, reason: str) -> Finding:
    start, end = document.braced(node.start, node.end)
    return Finding(
        document.line(start),
        document.line(max(start, end - 1)),
        start,
        end,
        document.text[start:end],
        verdict,
        verdict,
        verdict,
        diagnosis=reason,
    )
