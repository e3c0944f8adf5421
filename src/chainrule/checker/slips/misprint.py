"""A false member as it is printed, and a change of its print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.names import named
from chainrule.notation.reductions import own_letters
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage
from chainrule.notation.vocabulary import FUNCTIONS


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
        return word == "sigma" or word in self.called or is_function(word)

    def is_operand(self, node: Node) -> bool:
        """Whether a node is the name of a whole array: no element, no power, no function."""
        if not isinstance(node, (tree.Symbol, tree.Script, tree.Accent)):
            return False
        name = named(node, self.usage)
        if name is None or name.places or name.power is not None or name.transpose or name.primes:
            return False
        word = name.text.lstrip("\\")
        if is_function(word) or word in ("partial", "d", "delta", "nabla", "e"):
            return False
        # σ may be a value of the document, too.
        return not self.is_word(node) or bool(self.sizes.get(name.text))

    @cached_property
    def arguments(self) -> frozenset[tuple[int, int]]:
        """Where brackets stand behind the names of functions."""
        products = (part for part in tree.walk(self.node) if isinstance(part, tree.Product))
        pairs = (pair for product in products for pair in pairwise(product.factors))
        calls = (second for first, second in pairs if self._is_call(first, second))
        return frozenset(map(self.span, calls))

    def _is_call(self, first: Node, second: Node) -> bool:
        return self.is_word(first) and isinstance(second, tree.Group)

    def units(self, node: tree.Product) -> list[tuple[int, int]]:
        """The spans of the factors of a product, a function together with its argument."""
        spans: list[tuple[int, int]] = []
        for k, factor in enumerate(node.factors):
            start, end = self.span(factor)
            if k and self._is_call(node.factors[k - 1], factor):
                start = spans.pop()[0]
            spans.append((start, end))
        return spans

    @property
    def members(self) -> tuple[Node, ...]:
        return (self.node, *self.others)

    @cached_property
    def parts(self) -> list[Node]:
        """What is printed in the other members and in this one, without the parts of names."""
        members = (*self.others, self.node)
        return [part for member in members for part in _outside_names(member, self.usage)]

    @cached_property
    def letters(self) -> list[str]:
        """The letters that stand in subscripts of the claim, or below its sums."""
        return sorted(self.letters_of(*self.members))

    def letters_of(self, *nodes: Node) -> set[str]:
        """The letters that stand below names and sums in something."""
        parts = [part for node in nodes for part in tree.walk(node)]
        # The c of `v_c` is no index where that is one name, nor are the letters of `J_{neg}`.
        found = {text for part in parts if not self._is_name(part) for text in _marks(part)}
        return {mark for mark in found if len(mark) == 1 and mark.islower()}

    def _is_name(self, node: Node) -> bool:
        name = named(node, self.usage) if isinstance(node, tree.Script) else None
        return name is not None and not name.places and name.text in self.sizes

    @cached_property
    def elements(self) -> list[Node]:
        """What is printed with a letter below it, in the claim: examples x_i, entries."""
        scripts = [part for part in self.parts if isinstance(part, tree.Script)]
        names = [(named(part, self.usage), part) for part in scripts]
        return [part for name, part in names if name and name.places and name.text != "\\delta"]

    @property
    def arrays(self) -> list[str]:
        """The arrays of the document, those first that are printed in the claim."""
        text = " ".join(map(self.source, self.members))
        known = (name for name, sizes in self.sizes.items() if sizes and name not in self.letters)
        return sorted(known, key=lambda name: (name not in text, name))

    @property
    def vectors(self) -> list[str]:
        """The arrays of the document with one axis."""
        return [name for name in self.arrays if len(self.sizes[name]) == 1 and "_" not in name]

    @property
    def matrices(self) -> list[str]:
        """The arrays of the document with two axes."""
        return [name for name in self.arrays if len(self.sizes[name]) == 2 and "_" not in name]

    @cached_property
    def elsewhere(self) -> list[str]:
        """The elements that the claim prints, with another letter of the claim below them."""
        found: dict[str, None] = {}
        for part in self.elements:
            if isinstance(part.sub, tree.Symbol) and part.sup is None:
                base = self.source(part.base)
                others = (one for one in self.letters if one != part.sub.name)
                found |= dict.fromkeys(f"{base}_{other}" for other in others)
        return list(found)

    def operands(self, like: str) -> list[str]:
        """Names that could stand for another one: of like sizes, or with the same letter.

        The last come first: h^a is taken for h^s sooner than for W.
        """
        found = {
            named(part, self.usage).text: self.source(part)
            for part in self.parts
            if self.is_operand(part)
        }
        found |= {self.source(part): self.source(part) for part in self.elements}
        known = {name: name for name, sizes in self.sizes.items() if sizes}
        fitting, own = self.sizes.get(like), _base(like)
        every = sorted({**known, **found}.items(), key=lambda pair: (_base(pair[0]) != own, pair))
        others = [(name, source) for name, source in every if name not in (like, *self.letters)]
        return [
            source
            for name, source in others
            if _base(name) == own or _are_like(fitting, self.sizes.get(name))
        ]


def _are_like(sizes: tuple | None, others: tuple | None) -> bool:
    """Whether sizes are the same, or not known; of matrices those of one axis are enough."""
    if None in (sizes, others) or sizes == others:
        return True
    pairs = zip(sizes, others, strict=False)
    return len(sizes) == len(others) == 2 and any(a == b for a, b in pairs)


def _outside_names(node: Node, usage: Usage) -> Iterator[Node]:
    yield node
    name = named(node, usage) if isinstance(node, (tree.Script, tree.Accent)) else None
    if name is None or name.power is not None:
        for child in tree.children(node):
            yield from _outside_names(child, usage)


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


def is_function(word: str) -> bool:
    """Whether a word is the name of a known function, or an operation such as vec and diag."""
    return word in FUNCTIONS or function_named(word) is not None


def shown(text: str) -> str:
    return f"`{' '.join(text.split())}`"
