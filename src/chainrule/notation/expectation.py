r"""Expectations over an index: `\mathbb{E}_{j \sim p}[f_j]` is Σ_j p_j f_j."""

from __future__ import annotations

from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.reductions import reduction
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node
from chainrule.notation.value import Value


def is_expectation(meaning, factor: Node, bracket: Node) -> bool:
    """`\\mathbb{E}(x)`, and `E[x]` where nothing says what E is."""
    base = factor.base if isinstance(factor, tree.Script) else factor
    if not isinstance(base, tree.Symbol) or meaning.scope.is_known(base.name):
        return False
    square = isinstance(bracket, tree.Group) and bracket.open == "["
    if base.font == "blackboard":
        return base.name.isalpha()
    return base.name == "E" and square and not meaning.scope.is_declared("E")


def expectation(meaning, factor: Node, bracket: Node) -> Value:
    """The sum over an index, with the probabilities of its values.

    They are printed, `j ∼ p`, or a sentence says that `p_j` is the probability of `j`.
    """
    found = _probability(meaning, factor.sub) if isinstance(factor, tree.Script) else None
    if found is None or factor.sup is not None or not isinstance(bracket, tree.Group):
        raise Misread(factor, "an expectation")
    running, probability = found
    inside = tree.Group("(", ")", bracket.body, start=bracket.start, end=bracket.end)
    body = tree.Product((probability, inside), ("cdot",), start=bracket.start, end=bracket.end)
    return reduction(meaning, tree.Big("sum", running, None, body))


def _probability(meaning, sub: Node | None) -> tuple[Node, Node] | None:
    """(the index, the probability of its value)."""
    match sub:
        case tree.Chain((tree.Symbol() as running, given), (relation,)) if relation.kind == "sim":
            base = tree.Group("(", ")", given, start=given.start, end=given.end)
            return running, tree.Script(base, sub=running, start=given.start, end=given.end)
        case tree.Symbol() if (stated := meaning.scope.probabilities.get(letter(sub))) is not None:
            return sub, stated
    return None
