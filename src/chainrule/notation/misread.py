"""The end of reading: something that is not understood, and where."""

from __future__ import annotations

from chainrule.notation.tree import Node


class Misread(Exception):
    """A node that was not understood. What holds it is `unread`, never judged.

    likely  whether it may be meant so where another reading is understood
    """

    likely = True

    def __init__(self, node: Node, reason: str = ""):
        super().__init__(reason or "not understood")
        self.node = node
        self.reason = reason or "not understood"
        self.explained = bool(reason)
