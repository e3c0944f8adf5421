"""What a section that is read by itself takes from the document around it."""

from __future__ import annotations

from chainrule.language.facts import ONE_OF
from chainrule.mathematics.functions import function_named
from chainrule.notation.facts_in_words import is_array
from chainrule.notation.names import named
from chainrule.notation.scope import DocumentFunction, Scope
from chainrule.notation.scripts import letter, scripted


def note_around(scope: Scope, around: Scope, own: frozenset[str]) -> None:
    """What a section takes from the document around it: functions, facts, and doubts.

    Of a name that is defined elsewhere only, or of which the shape is stated otherwise elsewhere,
    nothing false is said; one that is defined with another number of axes is another thing, and so
    is one of which the section itself says what it is.
    """
    told = {matrix for matrix, _, _ in scope.usage.stacks.lines.values()}
    scope.functions |= {
        name: function
        for name, function in around.functions.items()
        if name not in own and _is_common(function, around)
    }
    declared = {name for name in scope.symbols if scope.is_declared(name)}
    listed = {fact.array for fact in scope.facts if fact.kind == ONE_OF}
    own |= scope.functions.keys() | told | declared | listed
    scope.usage.spoken = {**around.usage.spoken, **scope.usage.spoken}
    scope.stars = {**around.stars, **scope.stars}
    scope.values |= around.values
    scope.summed_from = around.summed_from
    if around.upright and around.layout and scope.layout in (None, around.layout):
        scope.layout, scope.upright = around.layout, True
    known = {fact.array for fact in scope.facts}
    scope.facts |= {f for f in around.facts if is_array(scope, f.array) and f.array not in known}
    mistaken = around.misdeclared & scope.symbols.keys() - scope.misdeclared
    if around.restated & scope.symbols.keys():
        # Beside a name that has another shape elsewhere the other ones fit here.
        mistaken = frozenset()
    scope.symbols |= {name: around.symbols[name] for name in mistaken}
    scope.misdeclared |= mistaken
    for name in around.symbols.keys() | around.functions.keys() | around.opaque:
        same = around.rank(name) == scope.rank(name)
        if name in around.definitions or name in around.functions or name in around.opaque:
            doubtful = same
        else:
            doubtful = around.is_declared(name) and not same
            if around.is_declared(name) and same and scope.rank(name) == 2:
                scope.matrices.add(name)
        if doubtful and name not in own:
            scope.opaque.add(name)


def _is_common(function: DocumentFunction, scope: Scope) -> bool:
    """Whether a function is the same all over a document: `σ(x) = 1 / (1 + e^{-x})`, which depends
    on nothing but its argument. A Latin letter may be another function in each question."""
    if function.index is not None or not function.parameters or function.name in scope.opaque:
        return False
    if len(function.name) == 1 or None in function.parameters:
        return False
    parts = list(scripted(function.body))
    names = [name.text if (name := named(part, scope.usage)) else letter(part) for part in parts]
    return all(
        text in function.parameters or text == "e" or function_named((text or "").lstrip("\\"))
        for text in names
    )
