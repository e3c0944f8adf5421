"""Between which numbers parameters lie: `with $0 < \\alpha < 1$`, `$\\tau > 0$ a temperature`."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from chainrule.notation import tree
from chainrule.notation.names import letter
from chainrule.notation.tree import Node

Bounds = tuple[Fraction | None, Fraction | None]
_UP, _DOWN = {"<", "<="}, {">", ">="}


def parameter_bounds(nodes: Iterable[Node]) -> dict[str, Bounds]:
    """Greek letter → (lowest, highest) where a comparison with numbers states it.

    Other letters are left out: `x > 0` is a case of a variable more often.
    """
    found: dict[str, Bounds] = {}
    for node in nodes:
        match node:
            case tree.Chain((tree.Number(low), name, tree.Number(high)), (a, b)):
                if a.kind in _UP and b.kind in _UP:
                    _note(found, name, Fraction(low), Fraction(high))
            case tree.Chain((name, tree.Number(bound)), (sign,)) if sign.kind in _UP | _DOWN:
                number = Fraction(bound)
                _note(found, name, *((None, number) if sign.kind in _UP else (number, None)))
            case tree.Chain(
                (name, tree.Group("(" | "[", _, tree.List((tree.Number(low), tree.Number(high))))),
                (tree.Relation("in"),),
            ):
                _note(found, name, Fraction(low), Fraction(high))
    return found


def _note(
    found: dict[str, Bounds], name: Node, low: Fraction | None, high: Fraction | None
) -> None:
    """Keep what a comparison says, beside what others said of the same letter."""
    text = letter(name)
    if text is not None and text.startswith("\\"):
        before = found.get(text, (None, None))
        found[text] = (before[0] if low is None else low, before[1] if high is None else high)
