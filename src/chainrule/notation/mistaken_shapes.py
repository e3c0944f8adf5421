"""Shapes that a document states of a name after a definition that only another shape fits.

`S = diag(h_1, …, h_m)`, and below it `S ∈ ℝ^{n × n}`: the formula comes first and says that S is
m × m, so that the statement is the one that is wrong.
"""

from __future__ import annotations

from dataclasses import replace

from chainrule.errors import SizeMismatch
from chainrule.language.sizes import is_unknown
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.likeliest import first_value
from chainrule.notation.names import Name, named
from chainrule.notation.outline import Outline
from chainrule.notation.scope import Scope, Symbol
from chainrule.notation.scripts import scripted
from chainrule.notation.tree import EQUAL
from chainrule.notation.value import Misfit
from chainrule.notation.written_out import defining


def correct_statements(chain: tree.Chain, scope: Scope, outline: Outline) -> None:
    """Give a name the shape that a definition asks for, where the one stated below it does not fit.

    Nothing is corrected where the shapes of several names could be the mistaken ones, nor where a
    heading stands in between: below it the name may be another thing.
    """
    head = undecorated(chain.members[0])
    name = named(head, scope.usage)
    if name is None or chain.relations[0].kind not in EQUAL or is_derivative(head):
        return
    if scope.is_known(name.text):
        # Its sizes are those of another formula.
        return
    body = chain.members[defining(chain)]
    later = outline.in_later_sections(chain.start, scope.placed)
    asked = [text for text in sorted(_names(chain, scope)) if _is_stated_below(text, chain, scope)]
    asked = [text for text in asked if text not in later]
    if not asked or _fits(scope.copy(), name, body):
        return
    found = {text: symbol for text in asked if (symbol := _freed(scope, text, name, body))}
    if len(found) == 1:
        scope.symbols |= found
        scope.misdeclared |= found.keys()


def _names(chain: tree.Chain, scope: Scope) -> set[str]:
    parts = (part for member in chain.members for part in scripted(member))
    return {name.text for part in parts if (name := named(part, scope.usage)) is not None}


def _is_stated_below(text: str, chain: tree.Chain, scope: Scope) -> bool:
    symbol = scope.symbols.get(text)
    if symbol is None or not symbol.sizes or text in scope.misdeclared | scope.restated:
        return False
    known = not any(is_unknown(scope.sizes.find(size)) for size in symbol.sizes)
    return known and scope.placed.get(text, -1) > chain.members[-1].end


def _freed(scope: Scope, text: str, name: Name, body: tree.Node) -> Symbol | None:
    """The shape that a definition gives a name of which none is stated, if all of it is known."""
    trial, symbol = scope.copy(), scope.symbols[text]
    axes = tuple(None if size is None else trial.sizes.unknown() for size in symbol.axes)
    trial.symbols[text] = replace(symbol, axes=axes, declared=False)
    if not _fits(trial, name, body):
        return None
    own = trial.symbols[text]
    sizes = tuple(None if size is None else trial.sizes.find(size) for size in own.axes)
    known = len(own.axes) == len(axes) and not any(size and is_unknown(size) for size in sizes)
    return Symbol(text, sizes, declared=True) if known else None


def _fits(scope: Scope, name: Name, body: tree.Node) -> bool:
    value = first_value(
        scope, lambda meaning: meaning.value(body), name.places, stacked=name.example
    )
    if value is None:
        return False
    try:
        scope.define(name.text, value)
    except (SizeMismatch, Misfit):
        return False
    return True
