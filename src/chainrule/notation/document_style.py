"""The notation of a document, as the style that results are written in."""

from __future__ import annotations

from chainrule.language.expr import Array
from chainrule.language.index import Index
from chainrule.notation.loss import CLASSES
from chainrule.notation.reading import Reading
from chainrule.notation.style import Style


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
        layout=scope.layout or layout,
        upright_ones=not vectors,
        hadamard=r"\odot" if text.count(r"\odot") > text.count(r"\circ") else r"\circ",
        transpose="T" if "^T" in text or "^{T}" in text else r"\top",
        names=names,
        orientation=stand,
    )


def shape_for(indices: tuple[Index, ...], style: Style, name: str):
    """How an array with these indices stands on the page; None where only indices can say it."""
    if len(indices) > 2:
        return None
    if len(indices) == 2:
        return indices
    if len(indices) == 1:
        return (indices[0], None) if style.is_column(name) else (None, indices[0])
    return (None, None)
