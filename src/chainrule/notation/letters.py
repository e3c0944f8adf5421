"""Letters for sums in print: bound indices have canonical names that nobody should read."""

from __future__ import annotations

from collections.abc import Collection

from chainrule.language.index import Index
from chainrule.notation.style import Style

_MORE = "lmnpqrstuvabcgh"
_USUAL = {"": "ijk" + _MORE, "i": "jk" + _MORE, "j": "ki" + _MORE, "k": "ji" + _MORE}


def letter(index: Index, beside: Collection[str], taken: Collection[str], style: Style) -> str:
    """A letter not taken: the document's own for this size, else the neighbour of those beside it.

    >>> letter(Index("·0", "K"), {"j"}, {"j", "W"}, Style())
    'k'
    """
    wanted = style.letters.get(index.size)
    if wanted and wanted not in taken:
        return wanted
    around = min((name for name in beside if name in ("i", "j", "k")), default="")
    choices = [c for c in _USUAL[around] if c not in taken]
    if choices:
        return choices[0]
    return next(f"i_{{{n}}}" for n in range(1, len(taken) + 2) if f"i_{{{n}}}" not in taken)
