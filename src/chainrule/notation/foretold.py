"""Functions that are used before they are told: `a = f(z), with f(z) = 1 / (1 + e^{-z})`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.heads import function_head, parameter, undecorated
from chainrule.notation.names import named
from chainrule.notation.scripts import scripted
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.usage import Usage


def foretold(
    chains: list[tree.Chain], usage: Usage, section: Callable[[int], int]
) -> Iterator[tuple[str, Node, Node]]:
    """(f, f(z), its formula) for what has one formula, of z alone, and was called above it.

    section  how many sections have begun before a place: only within one is f known above
    """
    found = [one for chain in chains if (one := _formula(chain, usage)) is not None]
    times = Counter(text for text, _, _ in found)
    for text, head, body in found:
        if times[text] == 1 and _is_closed(head, body, usage):
            first = next(_calls(chains, text, usage), head.start)
            if first < head.start and section(first) == section(head.start):
                yield text, head, body


def _formula(chain: tree.Chain, usage: Usage) -> tuple[str, Node, Node] | None:
    head = undecorated(chain.members[0])
    taken = function_head(head, usage)
    if taken is None or chain.relations[0].kind not in EQUAL:
        return None
    return taken[0], head, chain.members[1]


def _is_closed(head: Node, body: Node, usage: Usage) -> bool:
    """Whether a formula has its own parameters in it, and nothing else that has a name."""
    text, arguments, index = function_head(head, usage)
    own = {parameter(argument, usage) for argument in arguments}
    word = function_named(text) is not None and text != "\\sigma"
    if None in own or index is not None or word:
        return False
    names = {name.text for part in scripted(body) if (name := named(part, usage)) is not None}
    return bool(own & names) and all(
        name in own or name == "e" or function_named(name) is not None for name in names
    )


def _calls(chains: list[tree.Chain], text: str, usage: Usage) -> Iterator[int]:
    """Where a function is called, from top to bottom."""
    for chain in chains:
        for part in tree.walk(chain):
            if isinstance(part, tree.Product):
                for word, bracket in zip(part.factors, part.factors[1:], strict=False):
                    name = named(word, usage)
                    if name is not None and name.text == text and isinstance(bracket, tree.Group):
                        yield word.start
