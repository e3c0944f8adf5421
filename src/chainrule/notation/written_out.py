"""Vectors that are written out: `x = (x_1, x_2)`, and entries by their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chainrule.notation import tree
from chainrule.notation.heads import event_of, is_of_numbers, undecorated
from chainrule.notation.names import named
from chainrule.notation.scripts import cells, is_transposed, letter, subscripts
from chainrule.notation.totals import summed_letter
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.usage import Usage
from chainrule.notation.whole_cost import COSTS


def spelled_out(head: Node, body: Node) -> int:
    """The number of entries of `x = (x_1, x_2)`; 0 for anything else."""
    items = cells(undecorated(body))
    numbers = [item.sub for item in items if isinstance(item, tree.Script)]
    whole = numbers == [tree.Number(str(k + 1)) for k in range(len(items))]
    return len(items) if whole and is_itself(head, body) else 0


def highest_entries(nodes: Iterable[Node]) -> tuple[tuple[str, int, int], ...]:
    """(letter, axis, number) of the last entry along each axis that is read by numbers only."""
    found: dict[tuple[str, int], list[int | None]] = {}
    for node in nodes:
        for part in tree.walk(node):
            if isinstance(part, tree.Script) and letter(part.base) is not None:
                for axis, mark in enumerate(subscripts(part.sub)):
                    digits = isinstance(mark, tree.Number) and mark.text.isdigit()
                    number = int(mark.text) if digits else None
                    found.setdefault((letter(part.base), axis), []).append(number)
    return tuple((*key, max(marks)) for key, marks in found.items() if None not in marks)


def is_itself(head: Node, body: Node) -> bool:
    """`z = [z_1, …, z_N]`: a vector against its own entries says nothing of their values."""
    items = cells(undecorated(body))
    entries = [item for item in items if not isinstance(item, (tree.Ellipsis, tree.Empty))]
    own = letter(head)
    return bool(entries and own) and all(
        isinstance(entry, tree.Script) and letter(entry.base) == own and entry.sub is not None
        for entry in entries
    )


def defining(chain: tree.Chain) -> int:
    """The position of the member that would give the head its meaning."""
    if len(chain.members) < 3 or chain.relations[1].kind not in EQUAL:
        return 1
    head, first = map(undecorated, chain.members[:2])
    if is_itself(head, first) or (isinstance(first, tree.Product) and event_of(first)):
        # `μ = P(y = 1 | x) = σ(z)`: what μ is called comes before its formula.
        return 2
    match head, first, undecorated(chain.members[2]):
        case tree.Script(sub=tree.Symbol() as k), tree.Script(tree.Symbol("P"), sub, None), body:
            if sub == k and not isinstance(body, tree.Script):
                # `ŷ_w = P(w | c) = …`
                return 2
    if summed_letter(first) in COSTS:
        # `L = 1/N Σ_n ℓ_n = -1/N Σ_n log p_n`: the terms are names only.
        return 2
    return 1


def listed_vectors(nodes: Iterable[Node], usage: Usage) -> Iterator[str]:
    """The small letters that are set to a list of numbers: `y = (0, 1, 0)`."""
    for node in nodes:
        match node:
            case tree.Chain((head, body, *_), (sign, *_)) if sign.kind in EQUAL:
                name, items = named(undecorated(head), usage), _line(body)
                if name is None or name.places or name.primes or name.power or name.transpose:
                    continue
                if name.text[0].islower() and items and all(map(is_of_numbers, items)):
                    yield name.text


def _line(body: Node) -> tuple[Node, ...]:
    """The entries of a list, of a row or of a column."""
    body = undecorated(body)
    match body.base if is_transposed(body) else body:
        case tree.Group("(" | "[", _, tree.List(items)) | tree.Matrix((items,)) if len(items) > 1:
            return items
        case tree.Matrix(rows) if len(rows) > 1 and all(len(row) == 1 for row in rows):
            return tuple(row[0] for row in rows)
    return ()
