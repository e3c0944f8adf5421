"""Numbers of layers that are printed as plain superscripts: the 2 of `a^2 = max(…a^1…)`."""

from __future__ import annotations

from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.tree import Node


def levels(nodes: list[Node]) -> set[str]:
    """The letters with the numbers of layers over them: `a^2 = max(…a^1…)`.

    Such a number stands over a letter that is set equal to a formula, and 0 or 1 over the same
    letter somewhere, which nobody prints as an exponent; or over `w^3` in front of `a^2`. Where
    there are such letters, those with 1 and other numbers over them are of layers, too.
    """
    found = {base for node in nodes if (base := _numbered_above(node)) is not None}
    over = {(letter(p.base), text) for n in nodes for p in scripted(n) if (text := _over(p))}
    found = {base for base in found if not over.isdisjoint({(base, "0"), (base, "1")})}
    found -= {"e", None}
    if found:
        first = {base for base, text in over if text == "1"}
        found |= {base for base, text in over if base in first and text not in "01"} - {"e"}
    for node in nodes:
        for part in tree.walk(node):
            factors = part.factors if isinstance(part, tree.Product) else ()
            for one, other in pairwise(factors):
                if _over(one) and _over(other) and letter(other.base) in found:
                    if int(_over(one)) == int(_over(other)) + 1:
                        found.add(letter(one.base))
    return found


def _numbered_above(node: Node) -> str | None:
    """The letter of a head `a^2` or `a_{jk}^2` that a formula of other things is given for."""
    match node:
        case tree.Chain((head, body, *_), (tree.Relation("=" | ":="), *_)) if _over(head):
            lone = isinstance(body, (tree.Symbol, tree.Number, tree.Script, tree.Matrix))
            return None if lone else letter(head.base)
    return None


def _over(node: Node) -> str | None:
    """The plain number over a letter."""
    match node:
        case tree.Script(base, _, tree.Number(text)) if letter(base) is not None:
            return text if text.isdigit() else None
    return None
