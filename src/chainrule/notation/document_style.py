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

# Kinds of factors side by side: v and t for vectors, m for matrices, o and p for ones.
_COLUMNS = re.compile(r"tm*v|(?<![vo])m+v|vp")
_ROWS = re.compile(r"vm*t|vm(?!v)|ov")
# A transpose with the letter T; ℝ^T is a space.
_TRANSPOSE = re.compile(r"(?<!R)(?<!R\})\^(?:T(?![A-Za-z_])|\{T\})")


def style_of(reading: Reading, target: Array | None = None, layout: str = "rows") -> Style:
    """The document's own notation: rows or columns, ∘ or ⊙, ^T or ^⊤, counting from 1 or 0.

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
        layout=scope.layout or _printed_layout(reading) or layout,
        upright_ones=not vectors,
        hadamard=r"\odot" if text.count(r"\odot") > text.count(r"\circ") else r"\circ",
        transpose="T" if _TRANSPOSE.search(text) else r"\top",
        names=names,
        orientation=stand,
        first=scope.usage.counting.first,
        symmetric=frozenset(fact.array for fact in scope.facts if fact.kind == SYMMETRIC),
        reserved=frozenset({*scope.archive, *scope.symbols, *scope.size_names}),
    )


def _printed_layout(reading: Reading) -> str | None:
    """How vectors stand in products: "columns" in W x, wᵀ x and b 1ᵀ, "rows" in x W and 1 b."""
    columns = rows = 0
    for item in reading.chains:
        for part in (part for member in item.members for part in tree.walk(member)):
            if isinstance(part, tree.Product):
                kinds = "".join(_kind(factor, reading) for factor in part.factors)
                columns += bool(_COLUMNS.search(kinds))
                rows += bool(_ROWS.search(kinds))
    return None if columns == rows else "columns" if columns > rows else "rows"


def _kind(factor: Node, reading: Reading) -> str:
    """ "v" for a vector, "t" for a transposed one, "m" for a matrix, "o" for a vector of ones, "p"
    for a transposed one, " " for anything else."""
    match factor:
        case tree.Number("1", font) if font:
            return "o"
        case tree.Script(tree.Number("1", font), None, tree.Symbol(mark)) if font:
            return "p" if mark in TRANSPOSES else " "
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
