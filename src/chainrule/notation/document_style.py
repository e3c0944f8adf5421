"""The notation of a document, as the style that results are written in."""

from __future__ import annotations

import re

from chainrule.language.expr import Array
from chainrule.language.facts import SYMMETRIC
from chainrule.language.index import Index
from chainrule.notation import tree
from chainrule.notation.loss import CLASSES
from chainrule.notation.names import named
from chainrule.notation.reading import Reading
from chainrule.notation.scripts import TRANSPOSES
from chainrule.notation.style import Style
from chainrule.notation.tree import Node

_INNER = re.compile(r"tm*v")


def style_of(reading: Reading, target: Array | None = None, layout: str = "rows") -> Style:
    """The document's own notation: rows or columns, ∘ or ⊙, ^T or ^⊤, letters of its sizes.

    target  the one-hot array that stands for the number of a class
    layout  how vectors stand where the document does not say
    """
    scope, text = reading.scope, reading.document.text
    names = {}
    if target is not None:
        label = target.name.removeprefix(f"{CLASSES}(").removesuffix(")")
        names[target.name] = (rf"\operatorname{{onehot}}({label})", f"onehot({label})")
    stand = {
        name: "column" if symbol.axes[1] is None else "row"
        for name, symbol in scope.symbols.items()
        if len(symbol.axes) == 2 and len(symbol.sizes) == 1
    }
    vectors = any(len(symbol.sizes) == 1 for symbol in scope.symbols.values())
    return Style(
        layout=scope.layout or ("columns" if _has_inner_products(reading) else layout),
        upright_ones=not vectors,
        hadamard=r"\odot" if text.count(r"\odot") > text.count(r"\circ") else r"\circ",
        transpose="T" if "^T" in text or "^{T}" in text else r"\top",
        names=names,
        orientation=stand,
        symmetric=frozenset(fact.array for fact in scope.facts if fact.kind == SYMMETRIC),
    )


def _has_inner_products(reading: Reading) -> bool:
    """Whether `wᵀ x` or `xᵀ A x` is printed somewhere, as people do whose vectors are columns."""
    for item in reading.chains:
        for part in (part for member in item.members for part in tree.walk(member)):
            if not isinstance(part, tree.Product):
                continue
            if _INNER.search("".join(_kind(factor, reading) for factor in part.factors)):
                return True
    return False


def _kind(factor: Node, reading: Reading) -> str:
    """ "v" for a vector, "t" for a transposed one, "m" for a matrix, " " for anything else."""
    match factor:
        case tree.Script(tree.Group() as body, None, tree.Symbol(mark)) if mark in TRANSPOSES:
            return "t" if _kind(body, reading) == "v" else " "
        case tree.Group("(", ")", tree.Sum(terms)):
            kinds = {_kind(term, reading) for term in terms}
            return kinds.pop() if len(kinds) == 1 else " "
    name = named(factor, reading.scope.usage)
    if name is None or name.places:
        return " "
    rank = reading.scope.rank(name.text)
    if rank == 1 and name.power is None:
        return "t" if name.transpose else "v"
    return "m" if rank == 2 else " "


def shape_for(indices: tuple[Index, ...], style: Style, name: str):
    """How an array with these indices stands on the page; None where only indices can say it."""
    if len(indices) > 2:
        return None
    if len(indices) == 2:
        return indices
    if len(indices) == 1:
        return (indices[0], None) if style.is_column(name) else (None, indices[0])
    return (None, None)
