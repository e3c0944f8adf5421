"""The arrays that a compiled program is called with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chainrule.errors import UnknownSymbol


def in_order(values: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
    """The values of these names; raises UnknownSymbol for one that is missing."""
    for name in names:
        if name not in values:
            raise UnknownSymbol(
                f"no value for {name}; values given: {', '.join(sorted(values)) or 'none'}",
                remedy=f"add a value for {name}",
            )
    return [values[name] for name in names]
