"""Names with several meanings, none of which was given in the section where a claim stands; or
with one, given in another problem.

Each question of a list asks for the gradient of its own f, and the answers stand in another list.
What is false of the f that was defined last is called false only where it is false of any f.
"""

from __future__ import annotations

from dataclasses import replace

from chainrule.checker.compared import tells_of_names
from chainrule.checker.doubts import ENOUGH, Judged, with_others
from chainrule.checker.findings import FALSE, NOT_ASKED, TRUE, Finding, excused
from chainrule.checker.misfits import names_in
from chainrule.checker.safety import guarded
from chainrule.checker.side_by_side import Each
from chainrule.checker.verify import judge
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Symbol
from chainrule.notation.scripts import letter


def without_meanings_elsewhere(document: Document, judged: Judged, each: Each) -> Judged:
    """The findings, those as unread that are false for a meaning given in another section only."""
    settled = _settled(judged)
    wanted = [
        k
        for k, (item, found) in enumerate(judged)
        if item.elsewhere and item.elsewhere - settled and any(map(_is_false, found))
    ]

    def of_any(item: ChainItem, found: list[Finding]) -> list[Finding]:
        return _of_any(document, item, found, item.elsewhere - settled)

    return with_others(judged, wanted, of_any, each)


def _of_any(
    document: Document, item: ChainItem, found: list[Finding], doubtful: set[str]
) -> list[Finding]:
    """The findings on a chain, false only where they are for any meaning of the doubtful names."""
    scope = item.scope.copy()
    for name in doubtful:
        scope.forget(name)
        if name in scope.symbols:
            # Its shape was stated elsewhere, too.
            axes = tuple(a and scope.sizes.unknown() for a in scope.symbols[name].axes)
            scope.symbols[name] = Symbol(name, axes)
    judged = guarded(judge, document, replace(item, scope=scope), NOT_ASKED)
    again = {(one.start, one.end): one for one in judged}
    own = doubtful & item.scope.inputs(*_printed(item))
    reason = "what the names here stand for is said in another part of the document"
    if own:
        reason = f"{min(own)} has other meanings elsewhere, and none is given here"
    return [
        one if _is_false(again.get((one.start, one.end))) else excused(document, one, reason)
        for one in found
    ]


def _is_false(finding: Finding | None) -> bool:
    return finding is not None and finding.verdict in FALSE


def _settled(judged: Judged) -> set[str]:
    """The names of which the last meaning explains several claims of other sections."""
    explained = [
        item.elsewhere & item.scope.inputs(*_printed(item))
        for item, found in judged
        if item.elsewhere
        and any(one.verdict in TRUE and tells_of_names(item, one) for one in found)
    ]
    names = set().union(*explained)
    return {name for name in names if sum(name in one for one in explained) >= ENOUGH}


def _printed(item: ChainItem) -> set[str]:
    """All names and letters of a chain, those of differentials and of functions, too."""
    parts = (part for node in item.members for part in tree.walk(node))
    letters = {text for part in parts if (text := letter(part)) is not None}
    return letters | names_in(item.scope, item.members)
