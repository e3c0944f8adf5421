"""Shapes as formulas state them: `x ∈ ℝ^{1 × N}`, `W: D × H`, `w → m × d`."""

from __future__ import annotations

from chainrule.language.index import Size
from chainrule.notation import survey, tree
from chainrule.notation.choices import Choices
from chainrule.notation.each import numbered_ones, stated_of_each
from chainrule.notation.heads import undecorated
from chainrule.notation.meaning import Meaning
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.tree import Node


def stated_shapes(node: Node, scope: Scope) -> list[tuple[str, tuple[Node, ...]]]:
    """`x ∈ ℝ^{1 × N}`, `W: D × H`, `w → m × d`, `a, b ∈ ℝ^N` as (name, sizes)."""
    if not isinstance(node, tree.Chain):
        return []
    found = []
    for position, (member, relation) in enumerate(
        zip(node.members[1:], node.relations, strict=True)
    ):
        shape = _shape_after(relation, member)
        following = node.relations[position + 1 : position + 2]
        if shape is None or (relation.kind == ":" and any(r.kind == "to" for r in following)):
            # Of a function `f : ℝ^n → ℝ^m` no shape is stated.
            continue
        first = node.members[0]
        heads = first.items if isinstance(first, tree.List) else (first,)
        if position:
            # `dJ/dy = δ ∈ ℝ^k` speaks of δ too.
            heads = (*heads, undecorated(node.members[position]))
        for head in heads:
            name = named(head, scope.usage)
            if name is not None and not name.places and name.power is None:
                found.append((name.text, name.untransposed(shape)))
    return found


def stated_of_values(nodes: list[Node], scope: Scope) -> list[tuple[str, tuple[Node, ...]]]:
    """`x(u) ∈ ℝ^n` as (x, sizes), for each x that no equation defines."""
    found = []
    for node in nodes:
        match node:
            case tree.Chain((tree.Product((word, bracket), ("",)), member, *_), (relation, *_)):
                names = [named(one, scope.usage) for one in (word, getattr(bracket, "body", word))]
                shape = _shape_after(relation, member) if relation.kind == "in" else None
                if shape and None not in names and not any(name.places for name in names):
                    pair = tuple(name.text for name in names)
                    if pair in scope.dependences and pair[0] not in scope.headed:
                        found.append((pair[0], shape))
    return found


def stated_of_numbered(nodes: list[Node], scope: Scope) -> list[tuple[str, tuple[Node, ...]]]:
    """`x_t ∈ ℝ^D` as (x_1, sizes), (x_2, sizes), … for the vectors that are names by themselves."""
    usage = scope.usage
    return [
        (named(part, usage).text, survey.factors_of(shape))
        for node in nodes
        for base, _, shape in stated_of_each(node)
        if usage.is_numbered_name(base)
        for part in numbered_ones(base, nodes)
    ]


def _shape_after(relation: tree.Relation, member: Node) -> tuple[Node, ...] | None:
    match member:
        case tree.Script(base, None, sup, 0) if relation.kind in ("in", ":") and sup is not None:
            return survey.factors_of(sup) if survey.is_number_set(base) else None
        case tree.Symbol("R", "blackboard") if relation.kind == "in":
            return ()
        case tree.Product(factors, operators) if relation.kind in (":", "to"):
            return factors if set(operators) == {"times"} else None
    return None


def shape_of(factors: tuple[Node, ...], scope: Scope) -> tuple[Size | None, ...]:
    """The axes of a printed shape; 1 is an axis of length 1."""
    meaning = Meaning(scope, Choices())
    sizes = [meaning.size(factor) for factor in factors]
    axes = tuple(None if size == 1 else size for size in sizes)
    return axes if any(axes) else ()
