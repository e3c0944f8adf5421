"""What is given in numbers: `Take $x = (1, -2)$`, `with $k = 3$ and $s = 2$`.

The name means that from there on, as it would after a formula. `If $y = 1$` gives nothing, and
`when $t = 0$` says where something holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.checker.claims.page import Defined, Page
from chainrule.checker.supposed import is_condition, listed
from chainrule.notation import tree
from chainrule.notation.example import signal_of
from chainrule.notation.heads import is_in_numbers, is_list, is_numeric, undecorated
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem

# What is given stands right behind such words, or beside other things that are given.
_GIVEN = re.compile(
    r"\b(?:take|let|with|given|say|set|start|choose|pick|consider|use|using|have|weights?|data"
    r"|inputs?|numbers?|example|for)\b[^.;:!?=]{0,30}$|[:.]\s*$",
    re.I,
)
_BESIDE = re.compile(r"(?:[\s,;]|and|\\q?quad|\\,|\\;)*")
# What is supposed, or comes out, is not given.
_OTHERWISE = re.compile(
    r"\b(?:if|when(?:ever)?|suppos\w+|assum\w+|unless|where|at|gets?|gives?|obtain|find|yields?|so"
    r"|hence|thus|therefore|then|becomes?)\b[^.;:]*$",
    re.I,
)
_MARKS = re.compile(r"[\s$*_]+|\\[()\[\]]")


def findings(page: Page) -> Iterator[Defined]:
    """The names that are set to numbers."""
    end, known = -1, False
    for item in page.reading.chains:
        start, text = item.members[0].start, page.document.text
        before = _MARKS.sub(" ", text[max(0, start - 80) : start])
        if end >= 0 and _BESIDE.fullmatch(_MARKS.sub(" ", text[end:start])):
            given = known
        else:
            given = _GIVEN.search(before) is not None and _OTHERWISE.search(before) is None
        end, known = item.members[-1].end, given and is_in_numbers(undecorated(item.members[-1]))
        if (given and _is_given(item)) or _is_in_set(item):
            body, name = item.members[1], named(undecorated(item.members[0]), item.scope.usage)
            yield Defined(name.text, *page.document.braced(body.start, body.end))


def _is_in_set(item: ChainItem) -> bool:
    """`λ ∈ [0, 1]`, `y ∈ {0, 1}`: between which numbers a name without a formula lies."""
    if len(item.members) != 2 or item.relations[0].kind != "in":
        return False
    name, space = named(undecorated(item.members[0]), item.scope.usage), item.members[1]
    space = space.base if isinstance(space, tree.Script) else space
    known = item.scope.definitions.keys() | item.scope.functions.keys()
    plain = name is not None and not name.primes and name.power is None and not name.transpose
    among = isinstance(space, tree.Group) and isinstance(space.body, tree.List)
    return plain and among and is_numeric(space) and name.text not in known


def _is_given(item: ChainItem) -> bool:
    """Whether a chain sets a name without a formula to numbers; that a label is 1 is a case."""
    if len(item.members) != 2:
        return False
    written = item.relations[0].kind == "=" and is_list(item.members[1])
    if not (written or is_condition(item)):
        return False
    head, body = map(undecorated, item.members)
    name = named(head, item.scope.usage)
    if name is None or name.places or name.primes or name.power is not None or name.transpose:
        return False
    known = name.text in item.scope.definitions or name.text in item.scope.functions
    started = item.scope.numbers.get(name.text) == item.members[1]
    if known and not started and signal_of(item.scope, name.text) is None:
        return False
    case = isinstance(body, tree.Number) and body.text in ("0", "1")
    return is_in_numbers(body) and not (case and name.text in listed(item))
