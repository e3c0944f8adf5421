"""Equations in remarks beside the rows of a display: they are no links of its chain."""

from __future__ import annotations

from chainrule.notation import vocabulary
from chainrule.notation.brackets import Item
from chainrule.notation.cursor import is_token
from chainrule.notation.rows import is_relation
from chainrule.notation.tokens import Token


def remarks_last(items: list[Item]) -> list[Item]:
    """The items of a line, remarks behind rows that go on put at its end.

    In `a = b \\quad \\text{as we saw, } c = d \\\\ = e` the last sign belongs to a.
    """
    if not any(is_token(item, "row") for item in items):
        return items
    rows = _rows(items)
    kept, remarks = [], []
    for row, following in zip(rows, [*rows[1:], []], strict=True):
        first = next((item for item in following if not is_token(item, "space", "row")), None)
        cut = _remark_at(row) if is_relation(first) else None
        kept += row[:cut]
        if cut is not None:
            remarks += [Token("space", "quad", row[cut].start, row[cut].start), *row[cut:]]
    return [*kept, *remarks]


def _rows(items: list[Item]) -> list[list[Item]]:
    """The rows, each with the break in front of it."""
    rows: list[list[Item]] = [[]]
    for item in items:
        if is_token(item, "row"):
            rows.append([])
        rows[-1].append(item)
    return rows


def _remark_at(row: list[Item]) -> int | None:
    """Where words begin that have an equation in them, behind a formula in the same row."""
    solid: Item | None = None
    for place, item in enumerate(row):
        if is_token(item, "text") and solid is not None and not _joins(solid):
            word = item.text.strip(" ,.;:(").split(" ")[0].lower()
            rest = row[place + 1 :]
            if word not in vocabulary.CONDITION_WORDS and _equation(rest):
                return place
        if not is_token(item, "space", "row"):
            solid = item
    return None


def _equation(items: list[Item]) -> bool:
    """Whether a relation stands in items with something before it."""
    solid = [item for item in items if not is_token(item, "space", "text")]
    return any(is_relation(item) for item in solid[1:]) and not is_relation(solid[0])


def _joins(item: Item) -> bool:
    return is_token(item, "sign", "operator", "slash", "script") or is_relation(item)
