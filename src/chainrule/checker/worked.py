"""Worked examples: what is said of numbers is judged with the numbers that the section gives.

`With $x = -2$ and $y = 5$ we have $q = x + y = 3$`: in general it is false that q is 3.
"""

from __future__ import annotations

from dataclasses import replace

from chainrule.checker import verify
from chainrule.checker.findings import FALSE, TRUE, Finding
from chainrule.errors import ChainruleError
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.heads import is_numeric, undecorated
from chainrule.notation.likeliest import first_value
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Scope
from chainrule.notation.value import Misfit


def judge(document: Document, item: ChainItem, why: bool = True) -> list[Finding]:
    """The findings on a chain; on its numbers also with the numbers that names are set to.

    A name may have been given another value in words since, so that only a formula that is
    printed in the chain is called different from a number.
    """
    found = verify.judge(document, item, why)
    ends = {document.braced(m.start, m.end)[1] for m in item.members[1:] if is_numeric(m)}
    open_ = any(one.end in ends and one.verdict not in TRUE for one in found)
    other = _with_numbers(item) if open_ else None
    if other is None:
        return found
    again = {(one.start, one.end): one for one in verify.judge(document, other, why)}
    formula = named(undecorated(item.members[0]), item.scope.usage) is None
    words = f"for {', '.join(f'{n} = {tree.show(v)}' for n, v in item.scope.numbers.items())}"
    better = []
    for one in found:
        new = again.get((one.start, one.end))
        if one.end in ends and new is not None and one.verdict not in TRUE:
            if new.verdict in TRUE or (new.verdict in FALSE and formula):
                note = "; ".join(filter(None, (new.reading, words)))
                better.append(replace(new, reading=note))
                continue
        better.append(one)
    return better


def _with_numbers(item: ChainItem) -> ChainItem | None:
    """The chain where names are the numbers that the section sets them to; None without any."""
    scope = item.scope.copy()
    known = [name for name in scope.numbers if _is_set(scope, name)]
    return replace(item, scope=scope) if known else None


def _is_set(scope: Scope, name: str) -> bool:
    """Give a name, or a size, its number; whether that is understood."""
    node = scope.numbers[name]
    try:
        if name in scope.size_names:
            if not (isinstance(node, tree.Number) and node.text.isdigit()):
                return False
            scope.sizes.parent[scope.sizes.find(name)] = int(node.text)
            return True
        value = first_value(scope, lambda meaning: meaning.value(node))
        if value is None or len(value.indices) != scope.rank(name):
            return False
        scope.define(name, value)
    except (ChainruleError, Misfit):
        return False
    return True
