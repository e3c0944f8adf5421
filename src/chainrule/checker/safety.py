"""A mistake in this program itself: the claim is unread and says so, the rest is judged."""

from __future__ import annotations

import os
from collections.abc import Callable

from chainrule.checker.findings import Finding, unjudged
from chainrule.notation.document import Document
from chainrule.notation.reading import ChainItem


def unexpected(mistake: Exception) -> str:
    """The reason that a claim is unread where judging it failed for no reason of the document.

    With CHAINRULE_STRICT=1 in the environment, as in the tests, the mistake is raised.

    >>> import os
    >>> before = os.environ.pop("CHAINRULE_STRICT", None)
    >>> unexpected(TypeError("no size"))
    'a mistake of chainrule itself, please report it: TypeError: no size'
    >>> os.environ.update({} if before is None else {"CHAINRULE_STRICT": before})
    """
    if os.environ.get("CHAINRULE_STRICT") == "1":
        raise mistake
    return f"a mistake of chainrule itself, please report it: {type(mistake).__name__}: {mistake}"


def guarded(
    judge: Callable[..., list[Finding]], document: Document, item: ChainItem, *options
) -> list[Finding]:
    """The findings on a chain; unread, and the reason, where this program makes a mistake."""
    try:
        return judge(document, item, *options)
    except Exception as mistake:
        reason = unexpected(mistake)
        return [unjudged(document, node, "unread", reason) for node in item.members[1:]]
