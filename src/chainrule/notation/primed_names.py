"""Primes that are marks: `W' = W_2 W_1` and `x' = x + c` name other things, and no derivatives.

So are they read where an equation gives the primed letter a formula, and nothing in the document
makes the letter a function or a value that has a derivative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.scripts import calls, letter
from chainrule.notation.tree import EQUAL, Node

# Letters of functions, whose primes are derivatives whatever else is said of them.
_FUNCTIONS = {"f", "g", "h", "u", "v", "s", "F", "G"}
_FUNCTIONS |= {"\\sigma", "\\phi", "\\varphi", "\\psi", "\\Phi"}


def with_primed_names(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements with `W'` as a letter of its own wherever its prime is a mark."""
    chains = [one.chain for one in statements]
    names = _primed_heads(chains)
    names -= _FUNCTIONS | _plain_heads(chains) if names else set()
    names -= {text for chain in chains for text in _called(chain)} if names else set()
    names = {text for text in names if function_named(text.lstrip("\\")) is None}
    if not names:
        return statements

    def change(part: Node) -> Node:
        if _is_primed(part) and letter(part.base) in names:
            base = replace(part.base, name=part.base.name + "'" * part.primes)
            bare = part.sub is None and part.sup is None
            base = replace(base, end=part.end) if bare else base
            return base if bare else replace(part, base=base, primes=0)
        return part

    return [replace(one, chain=tree.transformed(one.chain, change)) for one in statements]


def _is_primed(node: Node) -> bool:
    return isinstance(node, tree.Script) and node.primes > 0 and isinstance(node.base, tree.Symbol)


def _heads(chains: Iterable[Node]) -> Iterator[Node]:
    for chain in chains:
        if isinstance(chain, tree.Chain) and chain.relations[0].kind in EQUAL:
            yield undecorated(chain.members[0])


def _primed_heads(chains: Iterable[Node]) -> set[str]:
    return {letter(head.base) for head in _heads(chains) if _is_primed(head)}


def _plain_heads(chains: Iterable[Node]) -> set[str | None]:
    """The letters that equations give a formula, and may be differentiated; no mere number."""
    chains = [one for one in chains if not _gives_number(one)]
    plain = (head for head in _heads(chains) if not _is_primed(head))
    return {letter(head.base if isinstance(head, tree.Script) else head) for head in plain}


def _gives_number(node: Node) -> bool:
    return isinstance(node, tree.Chain) and all(map(tree.is_arithmetic, node.members[1:]))


def _called(chain: Node) -> Iterator[str]:
    """The letters with a bracket right behind them, primed or not."""
    for word, _ in calls(chain):
        bare = isinstance(word, tree.Script) and word.sub is None
        text = letter(word.base if bare else word)
        yield from () if text is None else (text,)
