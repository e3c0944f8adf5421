"""Why what is false by its numbers may be true as it is meant: then it is unread."""

from __future__ import annotations

from chainrule.checker.findings import Outcome
from chainrule.checker.readings import Read
from chainrule.checker.relations import is_no_multiple, is_opposite
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import SLOPE
from chainrule.notation.names import named
from chainrule.notation.scripts import letter, scripted, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage

# Letters that count along axes.
_INDICES = set("ijklmn")


def excuse(
    read: Read, found: Outcome, nodes: tuple[Node, Node], doubts: frozenset[str]
) -> str | None:
    """The reason for which a comparison that came out false says nothing; None for a mistake.

    nodes   the two members
    doubts  the names in them of which the meaning is not known for sure
    """
    if _is_two_things(nodes, read.scope.usage):
        return "one letter for a number and for a vector"
    if (text := _is_misplaced(read, nodes)) is not None:
        return f"{text} counts along an axis, and stands as a factor, too"
    if read.open:
        return "true or not under a condition that was not understood"
    if doubts and not _is_false_anyway(read, found, doubts):
        name = min(doubts)
        over_steps = "is a sum over all steps, of which one was read"
        return f"{name} {over_steps if SLOPE in name else 'is defined by what was not read'}"
    return None


def _is_two_things(nodes: tuple[Node, Node], usage: Usage) -> bool:
    """`S = Σ_i S_i`: a lone name against entries of the same letter."""
    for lone, other in (nodes, nodes[::-1]):
        name = named(undecorated(lone), usage)
        if name is not None and not name.places:
            parts = (named(part, usage) for part in scripted(other))
            if any(one is not None and one.places and one.text == name.text for one in parts):
                return True
    return False


def _is_misplaced(read: Read, nodes: tuple[Node, Node]) -> str | None:
    """The i of `σ(z)i = e^{z_i} / Σ_j e^{z_j}`, which was to stand below the bracket."""
    counts = {
        letter(mark)
        for node in nodes
        for part in tree.walk(node)
        if isinstance(part, tree.Script)
        for mark in subscripts(part.sub)
    }
    for node in nodes:
        for part in tree.walk(node):
            if isinstance(part, tree.Product) and letter(part.factors[-1]) in counts & _INDICES:
                text = letter(part.factors[-1])
                if isinstance(part.factors[-2], tree.Group) and not part.operators[-1]:
                    if not read.scope.is_known(text) and not read.scope.is_declared(text):
                        return text
    return None


def _is_false_anyway(read: Read, found: Outcome, doubts: frozenset[str]) -> bool:
    """Whether a slope that is known up to a positive factor does not fit, has the other sign, or
    is no multiple. A penalty that a slope leaves out may be added elsewhere."""
    if doubts & read.scope.opaque:
        return False
    if found.pair is None:
        return found.verdict == "shape"
    if found.verdict == "shape" or is_opposite(found.pair):
        return True
    slopes = all(name.startswith("d") for name in doubts) and not read.scope.regulariser
    return slopes and is_no_multiple(found.pair)
