"""A place in a list of items, and the way into the lists inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chainrule.notation.brackets import Item, Nest, arrange
from chainrule.notation.tokens import Token
from chainrule.notation.tree import Empty, Node, Unread

#: Formulas nested deeper than this are not read; it keeps every walk of a tree far from the limit
#: of the stack.
DEEPEST = 40


@dataclass
class Cursor:
    """Reads `items`, which stand at start..end; `grammar` reads a whole list of them."""

    source: str
    offset: int
    grammar: Callable[[Cursor], Node]
    items: list[Item]
    start: int
    end: int
    depth: int = DEEPEST
    font: str = ""
    bracketed: bool = False
    position: int = field(default=0)

    def peek(self, ahead: int = 0) -> Item | None:
        """The item some places ahead, spacing left out."""
        items, index = self.items, self.position
        while index < len(items):
            if not is_blank(items[index]):
                if not ahead:
                    return items[index]
                ahead -= 1
            index += 1
        return None

    def take(self) -> Item:
        """The next item, spacing passed over; there must be one."""
        while is_blank(self.items[self.position]):
            self.position += 1
        self.position += 1
        return self.items[self.position - 1]

    def next_is(self, *kinds: str) -> bool:
        return is_token(self.peek(), *kinds)

    def here(self) -> int:
        item = self.peek()
        return self.end if item is None else item.start

    def nothing(self) -> Empty:
        return Empty(start=self.here(), end=self.here())

    def written(self, start: int, end: int) -> str:
        return self.source[start - self.offset : end - self.offset]

    def unread(self, start: int, end: int) -> Unread:
        return Unread(self.written(start, end), start=start, end=end)

    def read(self, items: list[Item], start: int, end: int, font: str | None = None) -> Node:
        """The node of a list one level down; what is nested too deep is left unread."""
        if self.depth <= 0:
            return self.unread(start, end)
        return self.grammar(self.into(arrange(items, self.depth), start, end, font))

    def into(self, items: list[Item], start: int, end: int, font: str | None = None) -> Cursor:
        font = self.font if font is None else font
        return Cursor(
            self.source, self.offset, self.grammar, items, start, end, self.depth - 1, font
        )


_BLANK = frozenset(["space", "row", "cell"])


def is_blank(item: Item) -> bool:
    """Whether an item is only spacing."""
    return type(item) is Token and item.kind in _BLANK


def is_token(item: Item | None, *kinds: str) -> bool:
    return isinstance(item, Token) and item.kind in kinds


def is_group(item: Item | None) -> bool:
    return isinstance(item, Nest) and item.kind == "group"


def extent(items: list[Item], otherwise: int) -> tuple[int, int]:
    """Where the items stand; nothing stands at `otherwise`."""
    if not items:
        return otherwise, otherwise
    return min(item.start for item in items), max(item.end for item in items)
