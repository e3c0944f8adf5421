"""A document as the claims in its words see it: sentences, scopes, and findings with a place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from chainrule.checker.findings import Finding
from chainrule.errors import ChainruleError
from chainrule.language.budget import renew
from chainrule.mathematics.any_function import any_functions_in
from chainrule.notation.document import Document
from chainrule.notation.likeliest import first_value
from chainrule.notation.outline import section_breaks
from chainrule.notation.reading import ChainItem, Reading
from chainrule.notation.scope import Scope
from chainrule.notation.sentences import Sentence, sentences
from chainrule.notation.tree import Node, Symbol, walk
from chainrule.notation.value import Value

Unit = TypeVar("Unit")


@dataclass(frozen=True)
class Defined:
    """A name that words or a formula of another kind than an equation give a meaning to."""

    symbol: str
    start: int
    end: int
    sizes: tuple[str, ...] = ()


@dataclass
class Page:
    """What every kind of claim is read from.

    document, reading   the text, and what its formulas define and state
    given_up            the stretches that a kind of claim leaves out: they take too long
    at                  the stretch that is looked at now, if any
    """

    document: Document
    reading: Reading
    given_up: set[tuple[int, int]] = field(default_factory=set)
    at: tuple[int, int] | None = None
    _values: dict = field(default_factory=dict)

    @cached_property
    def sentences(self) -> list[Sentence]:
        return sentences(self.document)

    @property
    def first(self) -> tuple[int, int]:
        """The first line of the document that is not empty."""
        found = re.search(r"\S[^\n]*", self.document.text)
        return (0, 0) if found is None else found.span()

    @cached_property
    def breaks(self) -> list[int]:
        """Where another question or section begins."""
        return section_breaks(self.document)

    @cached_property
    def _starts(self) -> list[int]:
        return [item.members[0].start for item in self.reading.chains]

    @cached_property
    def ambiguous_sizes(self) -> set[str]:
        """Letters that are sizes and, printed bold, also arrays: h in ℝ^h and **h**."""
        bold = {
            part.name
            for item in self.reading.chains
            for member in item.members
            for part in walk(member)
            if isinstance(part, Symbol) and part.font == "bold"
        }
        return bold & self.reading.scope.size_names

    def section(self, offset: int) -> int:
        """The start of the section that an offset lies in."""
        position = bisect_right(self.breaks, offset)
        return self.breaks[position - 1] if position else 0

    def scope_at(self, offset: int) -> Scope:
        """What was known at an offset (a copy)."""
        position = bisect_right(self._starts, offset) - 1
        if not self.reading.chains:
            return self.reading.scope.copy()
        return self.reading.chains[max(position, 0)].scope.copy()

    def chains_before(self, offset: int, section: bool = False) -> list[ChainItem]:
        """The chains above an offset, the nearest first; of its own section only if asked."""
        low = self.section(offset) if section else 0
        found = [item for item in self.reading.chains if low <= item.members[0].start < offset]
        return found[::-1]

    def value(self, node: Node, scope: Scope | None = None) -> tuple[Value, Scope] | None:
        """What a formula means where it stands, in the likeliest reading that fits, or None."""
        scope = self.scope_at(node.start) if scope is None else scope.copy()
        try:
            value = first_value(scope, lambda meaning: meaning.value(node), closed=False)
        except ChainruleError:
            return None
        if value is None or any_functions_in(scope.inlined(value.expr)):
            # Of a function of which nothing is known only equations can be judged.
            return None
        return value, scope

    def in_turn(self, units: Iterable[Unit], place: Callable = lambda unit: unit) -> Iterator[Unit]:
        """Chains, sentences or other parts one by one, each with a budget of its own.

        place  the part of the document that a unit is about
        """
        for unit in units:
            self.at = _span(place(unit))
            if self.at not in self.given_up:
                renew()
                yield unit
        self.at = None

    def matched(self, kinds: Iterable[tuple[re.Pattern, Callable]]) -> Iterator[Finding]:
        """What judge(page, sentence, match) finds for each (pattern, judge) in each sentence."""
        for sentence in self.in_turn(self.sentences):
            for pattern, judge in kinds:
                match = pattern.search(sentence.flat)
                found = None if match is None else judge(self, sentence, match)
                if found is not None:
                    yield found

    def finding(self, start: int, end: int, verdict: str, **details) -> Finding:
        """A verdict on a stretch of the document; details as in `Finding`."""
        return Finding.on(self.document, *self.document.braced(start, end), verdict, **details)


def _span(part) -> tuple[int, int]:
    """The stretch of a sentence, of the last member of a chain, or of another part."""
    if isinstance(part, Sentence):
        return part.span()
    node = part.members[-1] if isinstance(part, ChainItem) else part
    return node.start, node.end
