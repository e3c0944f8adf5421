"""How the members of chains stand in the document, for reports that show a claim by itself."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.reading import ChainItem


@dataclass(frozen=True)
class Printed:
    """The first member of a member's chain, the one before it, and the sign between, as written.

    A member that the document leaves out, since the chain goes on from elsewhere, is "".
    """

    first: str = ""
    before: str = ""
    sign: str = ""


def printed(document: Document, chains: list[ChainItem]) -> dict[int, Printed]:
    """The print around each member but the first, by the offset at which the member starts."""
    found = {}
    for item in chains:
        texts = [_text(document, node) for node in item.members]
        for position, node in enumerate(item.members[1:], 1):
            relation = item.relations[position - 1]
            sign = document.text[relation.start : relation.end].strip(" &") or "="
            start, _ = document.braced(node.start, node.end)
            found[start] = Printed(texts[0], texts[position - 1], " ".join(sign.split()))
    return found


def _text(document: Document, node: tree.Node) -> str:
    start, end = document.braced(node.start, node.end)
    return "" if isinstance(node, tree.Empty) else document.text[start:end]
