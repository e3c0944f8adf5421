"""Steps written out: the members of `w_{t+1} = w_t - η ∇J(w_t) = …` behind the first."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from chainrule.checker.findings import FALSE, Finding, unjudged
from chainrule.checker.supposed import next_mark
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.heads import undecorated
from chainrule.notation.reading import ChainItem
from chainrule.notation.tree import Node

# Where a step follows the slope of some examples, what it is written out as is that of these.
_SOME_EXAMPLES = re.compile(r"stochastic|mini-?batch|one (?:random )?(?:example|sample)|SGD", re.I)


def updated(
    document: Document, item: ChainItem, judged: Callable[[ChainItem], list[Finding]]
) -> list[Finding]:
    """A step claims nothing; what it is written out as does."""
    members = [node for k, node in enumerate(item.members) if k and k != item.body]
    plain = [unjudged(document, node, "not-checked", "an update") for node in members]
    step = _written_out(item)
    found = [] if step is None else judged(step)
    loose = document.says(_SOME_EXAMPLES)
    sure = {(one.start, one.end): one for one in found if not (loose and one.verdict in FALSE)}
    return [sure.get((one.start, one.end), one) for one in plain]


def _written_out(item: ChainItem) -> ChainItem | None:
    """The step as a chain of its own, where it has several members, with w for w_t."""
    if len(item.members) < 3:
        return None
    body, members = undecorated(item.members[1]), item.members[1:]
    first = body.terms[0] if isinstance(body, tree.Sum) else body
    mark = next_mark(undecorated(item.members[0]), first)
    if mark is not None:
        members = tuple(tree.transformed(member, lambda n: _without(n, mark)) for member in members)
    return replace(item, members=members, relations=item.relations[1:], defines=None, body=0)


def _without(node: Node, mark: Node) -> Node:
    if not isinstance(node, tree.Script) or mark not in (node.sub, node.sup):
        return node
    sub, sup = (None if one == mark else one for one in (node.sub, node.sup))
    if sub is sup is None and not node.primes:
        return replace(node.base, start=node.start, end=node.end)
    return replace(node, sub=sub, sup=sup)
