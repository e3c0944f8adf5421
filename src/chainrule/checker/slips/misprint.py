"""A false member as it is printed, and a change of its print."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.names import Usage, letter, named, subscripts
from chainrule.notation.reductions import own_letters
from chainrule.notation.tree import Node


@dataclass(frozen=True)
class Edit:
    """New source for a span of the document, and what was wrong if it makes the member right."""

    start: int
    end: int
    new: str
    sentence: str


@dataclass(frozen=True)
class Print:
    """A false member as it is printed, and what is printed around it.

    others  the other members of the chain, whose names and factors may be missing here
    sizes   the sizes of the arrays that the document names, by their names
    lengths the letters of numbers of elements
    called  the names of the document's own functions
    """

    document: Document
    node: Node
    others: tuple[Node, ...]
    usage: Usage
    sizes: Mapping[str, tuple] = field(default_factory=dict)
    lengths: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()

    def span(self, node: Node) -> tuple[int, int]:
        return self.document.braced(node.start, node.end)

    def source(self, node: Node) -> str:
        start, end = self.span(node)
        return self.document.text[start:end]

    def replace(self, node: Node, new: str, sentence: str) -> Edit:
        return Edit(*self.span(node), new, sentence)

    def is_word(self, node: Node) -> bool:
        """Whether a node is the name of a function: `\\log`, `softmax`, σ."""
        base = node.base if isinstance(node, tree.Script) else node
        if not isinstance(base, tree.Symbol):
            return False
        word = base.name.lstrip("\\")
        return word == "sigma" or word in self.called or function_named(word) is not None

    @property
    def members(self) -> tuple[Node, ...]:
        return (self.node, *self.others)

    @cached_property
    def letters(self) -> list[str]:
        """The letters that stand in subscripts of the claim, or below its sums."""
        parts = [part for member in self.members for part in tree.walk(member)]
        found = {text for part in parts for text in _marks(part)}
        return sorted(mark for mark in found if len(mark) == 1 and mark.islower())

    @property
    def arrays(self) -> list[str]:
        """The arrays of the document, those first that are printed in the claim."""
        text = " ".join(map(self.source, self.members))
        known = (name for name, sizes in self.sizes.items() if sizes and name not in self.letters)
        return sorted(known, key=lambda name: (name not in text, name))

    def operands(self, like: str) -> list[str]:
        """Names that could stand for another one: printed in the claim, or of the same sizes.

        Those with the same letter come first: h^a is taken for h^s sooner than for W.
        """
        found = {
            named(part, self.usage).text: self.source(part)
            for member in self.members
            for part in tree.walk(member)
            if is_operand(part, self.usage)
        }
        known = {name: name for name, sizes in self.sizes.items() if sizes}
        fitting, own = self.sizes.get(like), _base(like)
        every = sorted({**known, **found}.items(), key=lambda pair: (_base(pair[0]) != own, pair))
        return [
            source
            for name, source in every
            if name != like and (fitting is None or self.sizes.get(name, fitting) == fitting)
            if name not in self.letters
        ]


def _marks(part: Node) -> set[str]:
    """The letters below a name; those of a sum or product: j of `\\sum_{j=1}^n`."""
    match part:
        case tree.Script():
            return {text for mark in subscripts(part.sub) if (text := letter(mark)) is not None}
        case tree.Big(kind, tree.Node()) if kind != "lim":
            return own_letters(part)
    return set()


def _base(name: str) -> str:
    """The letter of a name, without what stands above and below it."""
    return re.split("[_^]", name, maxsplit=1)[0]


def is_operand(node: Node, usage: Usage) -> bool:
    """Whether a node is the name of a whole array: no element, no power, no function."""
    if not isinstance(node, (tree.Symbol, tree.Script, tree.Accent)):
        return False
    name = named(node, usage)
    if name is None or name.places or name.power is not None or name.transpose or name.primes:
        return False
    word = name.text.lstrip("\\")
    return function_named(word) is None and word not in ("partial", "d", "delta", "nabla", "e")


def shown(text: str) -> str:
    return f"`{' '.join(text.split())}`"
