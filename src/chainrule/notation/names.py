"""Which print is a name: `W_1`, `w^{(1)}`, `h^a` and `\\hat{y}` against elements and powers.

Names are told apart by how the whole document uses them, before anything is given a meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chainrule.notation import tree
from chainrule.notation.name_marks import (
    braced,
    is_entry_of_numbered,
    is_name_mark,
    joined,
    numbered_element,
    of_marked,
)
from chainrule.notation.scripts import (
    MINUS_ONE,
    TRANSPOSES,
    is_shape,
    layer_mark,
    letter,
    plain,
    subscripts,
    untransposed,
)
from chainrule.notation.steps import step_name
from chainrule.notation.totals import (
    summand,
)
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage


@dataclass(frozen=True)
class Name:
    """A scripted symbol taken apart.

    text       its name, in LaTeX: the identity of the symbol
    example    whether the first place is the number of an example, x^{(i)}, or of a vector, u_w
    places     the subscripts that are not part of the name
    power      a superscript that is an exponent, or None
    transpose  whether it is transposed
    primes     the number of primes
    """

    text: str
    places: tuple[Node, ...] = ()
    power: Node | None = None
    transpose: bool = False
    primes: int = 0
    example: bool = False

    def untransposed(self, sizes: tuple[Node, ...]) -> tuple[Node, ...]:
        """The sizes of what is named, where these are of it as printed: of X or of X^T."""
        return sizes[::-1] if self.transpose else sizes


def _example(mark: Node | None, usage: Usage) -> tuple[str, Node] | None:
    """The number of an example as printed in a superscript, (i), or that of a layer and it, as of
    `a^{[2](i)}`: the part that is a name, and the number."""
    layer, mark = layer_mark(untransposed(mark))
    match mark:
        case tree.Group("(", ")", tree.Symbol() as inner) if letter(inner) in usage.examples:
            return layer, inner
    return None


def named(node: Node, usage: Usage) -> Name | None:
    """A symbol, scripted or not, taken apart; None for anything else."""
    known = tree.kept(node).get("named")
    if known is None or known[0] is not usage:
        known = tree.kept(node)["named"] = (usage, _named(node, usage))
    return known[1]


def _named(node: Node, usage: Usage) -> Name | None:
    entries = usage.stacks.entries
    if (bare := letter(node)) is not None:
        return Name(entries.get(bare, bare))
    if not isinstance(node, tree.Script) or (base := letter(node.base)) is None:
        return _of_bracket(node, usage)
    base = entries.get(base, base)
    raised, power, transpose = _superscript(node.sup, base, usage)
    marks = () if is_shape(node.sub) else subscripts(node.sub)
    if is_entry_of_numbered(node.sub) and usage.is_numbered_name(base):
        base, marks = f"{base}_{plain(marks[0])}", marks[1:]
    base, marks = step_name(*of_marked(base, marks, node.sub, usage), usage.steps)
    example = _example(node.sup, usage)
    if example is not None and raised == f"{example[0]}({plain(example[1])})":
        if marks and is_name_mark(marks, base, usage):
            base, marks = f"{base}_{braced(joined(marks))}", ()
        layer, number = example
        text = f"{base}^{{{layer}({usage.examples[0]})}}"
        return Name(text, (number, *marks), power, transpose, node.primes, True)
    if marks and is_name_mark(marks, base, usage):
        base, marks = f"{base}_{braced(joined(marks))}", ()
    elif (own := numbered_element(node.sub)) is not None and usage.is_numbered_name(base):
        base, marks = f"{base}_{braced(own[0].text)}", own[1]
    if marks and not raised and base in usage.totals:
        base = summand(base)
    if not raised and (line := usage.stacks.line(base, marks)) is not None:
        return Name(*line, power, transpose, node.primes)
    text = base + (f"^{braced(raised)}" if raised else "")
    whole = len(marks) == 1 and not raised and base in usage.families
    return Name(text, marks, power, transpose, node.primes, whole)


def _of_bracket(node: Node, usage: Usage) -> Name | None:
    """The element `(Z_1)_{nh}` of a name with subscripts."""
    match node:
        case tree.Script(tree.Group("(", ")", tree.Script() as inner), sub, None, 0) if sub:
            whole = named(inner, usage)
            lone = whole is not None and not (whole.places or whole.power or whole.transpose)
            return replace(whole, places=tuple(subscripts(sub))) if lone else None
    return None


def padded(name: Name, value) -> tuple[Node, ...]:
    """The places of a name; of an example only its number need be printed, x^{(i)} is all of it."""
    missing = len(value.indices) - len(name.places)
    whole = name.example and missing > 0 and len(name.places) == 1
    return name.places + (tree.Symbol(":"),) * missing if whole else name.places


def _superscript(node: Node | None, base: str, usage: Usage) -> tuple[str, Node | None, bool]:
    """(name part, exponent, whether transposed) of a superscript."""
    match node:
        case None:
            return "", None, False
        case tree.Symbol(name) if name in TRANSPOSES:
            return "", None, True
        case tree.Sum((tree.Symbol(name),), ("-",)) if name in TRANSPOSES:
            return "", MINUS_ONE, True
        case tree.Symbol("L") | tree.Sum((tree.Symbol("l" | "ell" | "L"), tree.Number()), _) if (
            usage.is_layered(base)
        ):
            return plain(node), None, False
        case tree.Number(mark) if base in usage.levels or (mark == "2" and base in usage.squares):
            return mark, None, False
        case tree.Symbol(name) | tree.Group("(", ")", tree.Symbol(name)) if (
            usage.is_raised_name(base, name)
            and (name not in ("l", "ell") or isinstance(node, tree.Symbol))
        ):
            return usage.raised_name(base, name), None, False
        case tree.Group("(" | "[" as left, right, body) if base != "e":
            return f"{left}{plain(body)}{right}", None, False
        case tree.Product() if base != "e" and layer_mark(untransposed(node))[0]:
            return plain(untransposed(node)), None, untransposed(node) != node
        case tree.Script(inner, None, tree.Symbol(name)) | tree.Product(
            (inner, tree.Symbol(name)), ("",)
        ) if name in TRANSPOSES:
            part, power, _ = _superscript(inner, base, usage)
            return part, power, True
    return "", node, False
