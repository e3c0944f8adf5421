"""The lines of a formula: rows joined where a chain runs on, labels taken off."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chainrule.notation import vocabulary
from chainrule.notation.brackets import Call, Item, Nest, arrange
from chainrule.notation.cursor import DEEPEST, extent, is_group, is_token
from chainrule.notation.factors import content
from chainrule.notation.tokens import Token


@dataclass
class Line:
    """A line to be read as a whole, and the equation numbers printed in it."""

    items: list[Item]
    labels: list[str] = field(default_factory=list)


def lines(items: list[Item]) -> list[Line]:
    """The lines of a formula, in the order in which they begin."""
    unfolded = _unfolded(arrange(items, DEEPEST), DEEPEST)
    rows = _split(unfolded, "row")
    joined = any(is_token(item, "begin") for item in unfolded)
    columns: dict[int, list[Line]] = {}
    for row in rows:
        cells = _split(row, "cell")
        wide = joined or len(cells) == 1
        pairs = [cells] if wide else [cells[index : index + 2] for index in range(0, len(cells), 2)]
        _remark_to_the_left(pairs)
        for column, pair in enumerate(pairs):
            _add(columns.setdefault(column, []), pair)
    found = [line for column in columns.values() for line in column if line.items or line.labels]
    return sorted(found, key=lambda line: extent(line.items, 0)[0])


def _split(items: list[Item], kind: str) -> list[list[Item]]:
    parts: list[list[Item]] = [[]]
    for item in items:
        if is_token(item, kind):
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def _unfolded(items: list[Item], depth: int) -> list[Item]:
    """Items with alignments opened, and frames around whole equations taken away.

    A token of kind "begin" stays where the columns of an alignment are not pairs of sides.
    """
    found: list[Item] = []
    for item in items:
        inside = _inside(item, items)
        if inside is None or depth <= 0:
            found.append(item)
            continue
        if isinstance(item, Nest):
            if found and _ends_environment(found):
                found.append(Token("row", "", item.start, item.start))
            if item.open.startswith(("eqnarray", "array")):
                found.append(Token("begin", item.open, item.start, item.start))
        inside = _unfolded(arrange(inside, depth), depth - 1)
        while inside and is_token(inside[-1], "row", "space"):
            inside.pop()
        found.extend(inside)
    return found


def _ends_environment(found: list[Item]) -> bool:
    return any(is_token(item, "cell", "row") for item in found)


def _inside(item: Item, items: list[Item]) -> list[Item] | None:
    """What is in an item that only lays out the equations in it; None for any other item."""
    if isinstance(item, Nest) and item.kind == "environment":
        if item.open.rstrip("*") in vocabulary.ALIGNMENTS:
            return content(item)
        alone = all(one is item or is_token(one, "space", "punctuation", "label") for one in items)
        if item.open == "array" and alone and _relates(content(item)):
            return content(item)
    if (
        isinstance(item, Call)
        and vocabulary.DECORATIONS.get(item.name) == "boxed"
        and item.arguments
    ):
        inside = item.arguments[0]
        laid_out = any(
            isinstance(one, Nest) and one.open.rstrip("*") in vocabulary.ALIGNMENTS
            for one in inside
        )
        if laid_out or _relates(inside) or any(is_token(one, "text") for one in inside):
            return inside
    return None


def _relates(items: list[Item]) -> bool:
    return any(is_relation(item) for item in items)


def equates(items: list[Item]) -> bool:
    """Whether a sign of equality stands between items."""
    return any(is_token(item, "relation") and item.text in ("=", ":=") for item in items[1:])


def is_relation(item: Item | None) -> bool:
    """Whether an item prints a relation, bare or with a reason over it."""
    if is_token(item, "relation"):
        return True
    if is_token(item, "command"):
        return item.text in vocabulary.ARROWS or item.text == "stackrel"
    if not isinstance(item, Call) or not item.arguments:
        return False
    if item.name in vocabulary.ARROWS:
        return True
    solid = [one for one in item.arguments[-1] if not is_token(one, "space")]
    named = item.name in ("stackrel", "overset", "underset", "mathrel")
    return named and bool(solid) and is_relation(solid[-1]) and len(solid) <= 2


def _remark_to_the_left(pairs: list[list[list[Item]]]) -> None:
    """A column of prose belongs to the equation before it in its row."""
    for index in range(len(pairs) - 1, 0, -1):
        items = [item for cell in pairs[index] for item in cell]
        first = next((item for item in items if not is_token(item, "space")), None)
        if is_token(first, "text", "label"):
            gap = Token("space", "quad", first.start, first.start)
            pairs[index - 1][-1] = [*pairs[index - 1][-1], gap, *items]
            pairs[index] = [[]]


def _add(column: list[Line], cells: list[list[Item]]) -> None:
    """Puts a row into its column: as a new line, or behind the line that it continues."""
    items, labels = unlabelled(_trimmed([item for cell in cells for item in cell]))
    if not items and not labels:
        return
    start = items[0].start if items else 0
    indented = len(cells) > 1 and not any(not is_token(item, "space") for item in cells[0])
    if column and column[-1].items and _continues(column[-1].items, items, indented):
        gap = Token("row", "", start, start)
        column[-1].items += [gap, *items]
        column[-1].labels += labels
    else:
        column.append(Line(items, labels))


def _continues(before: list[Item], items: list[Item], indented: bool) -> bool:
    if not items:
        return True
    first = next((item for item in items if not is_token(item, "space", "begin")), None)
    last = next((item for item in reversed(before) if not is_token(item, "space", "begin")), None)
    if is_token(first, "relation") and first.text in ("implies", "iff"):
        return False
    if is_token(first, "relation") and first.text in ("to", "leadsto") and equates(items):
        # An arrow in front of an equation says that it follows.
        return False
    if is_relation(first) or is_relation(last) or is_token(last, "sign", "operator"):
        return True
    if is_token(first, "operator") or (is_token(first, "sign") and (first.text == "+" or indented)):
        return True
    if is_token(first, "sign"):
        return not _relates(items)
    return indented and not is_token(first, "text") and not _relates(items)


def _trimmed(items: list[Item]) -> list[Item]:
    """Items without the space and the full stop or comma at the ends."""
    first, last = 0, len(items)
    while first < last and is_token(items[first], "space", "begin"):
        first += 1
    while last > first and is_token(items[last - 1], "space", "begin", "punctuation", "comma"):
        last -= 1
    return items[first:last]


# So many letters in brackets, with space behind them, are hardly factors.
_SHORTEST_WORD = 4

_TEXT_LABEL = re.compile(
    r"\s*\(?(?:[0-9]{1,3}|[A-Za-z]{1,4})(?:[.)]|\.\s*cont\.?\s*\)|\s+cont\.?\s*\))+\s*"
)


def unlabelled(items: list[Item]) -> tuple[list[Item], list[str]]:
    """The items of a row without its numbers and letters, `(1)`, `\\tag{4}`, `a)`, and these."""
    labels = [item.text for item in items if is_token(item, "label")]
    items = _trimmed([item for item in items if not is_token(item, "label")])
    front, items = _front(items)
    back, items = _back(items)
    return _trimmed(items), [*front, *labels, *back]


def _front(items: list[Item]) -> tuple[list[str], list[Item]]:
    first = items[0] if items else None
    second = items[1] if len(items) > 1 else None
    third = items[2] if len(items) > 2 else None
    if is_token(first, "text") and _TEXT_LABEL.fullmatch(first.text) and second is not None:
        return [first.text.strip().strip("()")], items[1:]
    if is_group(first) and first.open == "(" and is_token(second, "space"):
        name = _name(first.items) or _word(first.items)
        if name:
            return [name], items[1:]
    if is_token(first, "letter", "number") and is_token(second, "close") and second.text == ")":
        return [first.text], items[2:]
    if is_token(first, "number") and is_token(second, "punctuation") and is_token(third, "space"):
        return [first.text], items[2:]
    return [], items


def _back(items: list[Item]) -> tuple[list[str], list[Item]]:
    last = items[-1] if items else None
    if not is_group(last) or last.open != "(":
        return [], items
    spaced = len(items) > 1 and is_token(items[-2], "space")
    name = _name(last.items)
    alone = len(items) == 1 and is_token(last.items[0] if last.items else None, "number")
    if name and (spaced or alone):
        return [name], items[:-1]
    return [], items


def _word(items: list[Item]) -> str:
    """The word that a bracket in front of a formula holds, `(Mean)`; else ""."""
    letters = "".join(item.text for item in items if is_token(item, "letter", "word"))
    alone = all(is_token(item, "letter", "word") and not item.font for item in items)
    return letters if alone and len(letters) >= _SHORTEST_WORD and letters.isalpha() else ""


def _name(items: list[Item]) -> str:
    """The label that a bracket holds: a number, a letter, `6a`, `2.1`, a star; else ""."""
    if not 0 < len(items) <= 4:
        return ""
    if not all(
        is_token(item, "number", "letter", "prime", "operator", "punctuation") for item in items
    ):
        return ""
    texts = [{"ast": "*", "star": "*"}.get(item.text, item.text) for item in items]
    stars = all(text in "*'" for text in texts)
    plain = all(
        text in "*'." or text.isdigit() or (len(text) == 1 and text.isalpha()) for text in texts
    )
    numbered = stars or texts[0].replace(".", "").isdigit() or len(texts) == 1
    return "".join(texts) if numbered and (plain or stars or is_token(items[0], "number")) else ""
