"""Facts that a document states of arrays: one-hot targets, entries that sum to 1, symmetry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

from chainrule.language.facts import ONE_HOT, ONE_OF, SUMS_TO_ONE, SYMMETRIC, Fact
from chainrule.notation import prose, tree
from chainrule.notation.document import Document
from chainrule.notation.hot_formulas import hot_formulas
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter, scripted, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage

# What is said of zeros beside ones.
_OTHERS = re.compile(r"\b(?:others?|otherwise|else|missing|masked|dropped|observed|kept)\b", re.I)


def note_facts(
    document: Document, scope: Scope, nodes: Iterable[Node] = (), supposed: Iterable[Fact] = ()
) -> None:
    """What sentences and formulas state of arrays, and what is supposed in formulas."""
    scope.facts |= {fact for fact in supposed if is_array(scope, fact.array)}
    hot = tuple(hot_formulas(nodes, scope.usage))
    one_hot = prose.one_hot_names(document, scope.usage) | {name for _, name, _ in hot}
    # The rows of Y are the y of the examples.
    pairs = (pair for name in one_hot for pair in ((name.upper(), 2), (name.lower(), 1)))
    labels = set(_below(nodes))
    one_hot |= {name for name, rank in pairs if scope.rank(name) == rank and name not in labels}
    # And the targets of numbered examples, y^{(n)}, are like the y of one.
    one_hot |= {name for name in scope.ranks if name.partition("^{(")[0] in one_hot}
    scope.hots = (*prose.hot_places(document, scope.usage, one_hot), *hot)
    columns = prose.hot_columns(document, scope.usage) if one_hot else ()
    for kind, names, fits in (
        (ONE_HOT, one_hot, is_array),
        (SUMS_TO_ONE, prose.normalised_names(document, scope.usage), is_array),
        (SYMMETRIC, prose.symmetric_names(document, scope.usage), _is_square),
    ):
        for name in filter(partial(fits, scope), names):
            axis = -1 if kind == SYMMETRIC else scope.class_axis(name)
            if kind == ONE_HOT and name in columns and scope.rank(name) == 2:
                axis = -2
            scope.facts.add(Fact(kind, name, axis))
    masks = prose.masks(document, scope.usage) | set(_zeros_and_ones(document, scope))
    shaped = filter(partial(is_array, scope), masks - one_hot)
    scope.facts |= {Fact(ONE_OF, name, value="0 1") for name in shaped}
    scope.facts = _joined(scope.facts)


def _zeros_and_ones(document: Document, scope: Scope) -> Iterator[str]:
    """The M of `the entries with M_{ij} = 1 are observed (the others have M_{ij} = 0)`."""
    for sentence in prose.sentences(document) if document.says(_OTHERS) else ():
        words = " ".join(part for part in sentence.parts if isinstance(part, str))
        found: dict[Node, set[str]] = {}
        for part in sentence.parts if _OTHERS.search(words) else ():
            match part:
                case tree.Chain((tree.Script() as entry, tree.Number("0" | "1" as number)), (_,)):
                    found.setdefault(entry, set()).add(number)
        for entry in (one for one, numbers in found.items() if len(numbers) == 2):
            name = named(entry, scope.usage)
            if name is not None and name.places and name.text not in scope.definitions:
                yield name.text


def _below(nodes: Iterable[Node]) -> Iterator[str]:
    """The letters with a number of their own below other names: the y of `P_{i, y_i}`."""
    for part in (part for node in nodes for part in scripted(node)):
        marks = subscripts(part.sub) if isinstance(part, tree.Script) and part.sub else ()
        for mark in marks:
            if isinstance(mark, tree.Script) and (text := letter(mark.base)) is not None:
                yield text


def _joined(facts: set[Fact]) -> set[Fact]:
    """Zeros and ones that add up to 1 are one-hot."""
    zeros_and_ones = {f for f in facts if f.kind == ONE_OF and f.value.split() == ["0", "1"]}
    names = {fact.array for fact in zeros_and_ones}
    sums = {f for f in facts if f.kind == SUMS_TO_ONE and f.array in names}
    joined = {Fact(ONE_HOT, fact.array, fact.axis) for fact in sums}
    arrays = {fact.array for fact in sums}
    return facts - sums - {f for f in zeros_and_ones if f.array in arrays} | joined


def supposed_sums(nodes: Iterable[Node], usage: Usage, defined: set[str]) -> Iterator[Fact]:
    """`\\sum_k y_k = 1` of a y that no equation defines: nothing that could be false."""
    for node in nodes:
        match node:
            case tree.Chain((tree.Big("sum", run, _, body), tree.Number("1")), (sign,)):
                name = named(body, usage) if sign.kind == "=" else None
                run = run.members[0] if isinstance(run, tree.Chain) else run
                letters = [letter(place) for place in name.places] if name else []
                if name and name.power is None and name.text not in defined:
                    if len(subscripts(run)) == 1 and letters.count(letter(run)) == 1:
                        axis = letters.index(letter(run)) - len(letters)
                        yield Fact(SUMS_TO_ONE, name.text, axis)


def is_array(scope: Scope, name: str) -> bool:
    return bool(scope.ranks.get(name) or (name in scope.symbols and scope.symbols[name].sizes))


def _is_square(scope: Scope, name: str) -> bool:
    symbol = scope.symbols.get(name)
    return scope.rank(name) == 2 and (symbol is None or len(set(symbol.sizes)) == 1)
