"""Sizes by unification: every index has one size, and a disagreement shows both sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chainrule.errors import Place as Spot
from chainrule.errors import SizeMismatch
from chainrule.language.index import Size

UNKNOWN = "?"


@dataclass
class Sizes:
    """Which sizes are known to be the same.

    A size is an integer, a name (`H`, declared by the author), or an unknown (`?3`), which may
    become either. Two integers, or two declared names, are never the same.
    """

    parent: dict[Size, Size] = field(default_factory=dict)
    source: dict[Size, Spot] = field(default_factory=dict)
    count: int = 0

    def unknown(self, spot: Spot | None = None) -> Size:
        """A size that is not known yet."""
        self.count += 1
        name = f"{UNKNOWN}{self.count}"
        if spot is not None:
            self.source[name] = spot
        return name

    def find(self, size: Size) -> Size:
        while size in self.parent:
            size = self.parent[size]
        return size

    def unify(self, left: Size, right: Size, what: str = "an index") -> Size:
        """The one size that both are from now on."""
        a, b = self.find(left), self.find(right)
        if a == b:
            return a
        if is_unknown(b) and (not is_unknown(a) or _age(a) < _age(b)):
            # A known size stands for an unknown one, and of two unknown ones the older.
            a, b = b, a
        if not is_unknown(a):
            raise SizeMismatch(
                f"{what}: the sizes {a} and {b} differ",
                places=[self.source[s] for s in (left, right) if s in self.source],
                remedy=f"state one size for both, or check which of {a} and {b} is meant",
            )
        self.parent[a] = b
        return b

    def settle(self, size: Size, number: int) -> bool:
        """Give a name its number; whether it had none."""
        size = self.find(size)
        named = isinstance(size, str) and not is_unknown(size)
        if named:
            self.parent[size] = number
        return named

    def agree(self, left: Size, right: Size) -> bool:
        """Whether the two can be the same."""
        a, b = self.find(left), self.find(right)
        return a == b or is_unknown(a) or is_unknown(b)

    def mapping(self, names: Iterable[str] | None = None) -> dict[str, Size]:
        """Every unified name, or each of those given, and what it has become."""
        parent = self.parent
        names = parent if names is None else [name for name in names if name in parent]
        return {name: self.find(name) for name in names if isinstance(name, str)}

    def copy(self) -> Sizes:
        return Sizes(dict(self.parent), dict(self.source), self.count)


def _age(size: Size) -> int:
    return int(str(size)[len(UNKNOWN) :])


def is_unknown(size: Size) -> bool:
    return isinstance(size, str) and size.startswith(UNKNOWN)
