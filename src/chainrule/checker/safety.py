"""A mistake in this program itself: the claim is unread and says so, the rest is judged."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.checker.findings import Finding, unjudged
from chainrule.errors import unexpected
from chainrule.notation.document import Document
from chainrule.notation.reading import ChainItem


def guarded(
    judge: Callable[..., list[Finding]], document: Document, item: ChainItem, *options
) -> list[Finding]:
    """The findings on a chain; unread, and the reason, where this program makes a mistake."""
    try:
        return judge(document, item, *options)
    except Exception as mistake:
        reason = unexpected(mistake)
        return [unjudged(document, node, "unread", reason) for node in item.members[1:]]
