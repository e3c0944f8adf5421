"""One line cut into clauses: at wide space, at ⇒ and ∴, and at the prose between formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chainrule.notation import vocabulary
from chainrule.notation.brackets import Item, Nest, arrange
from chainrule.notation.cursor import DEEPEST, is_group, is_token
from chainrule.notation.remarks import remarks_last
from chainrule.notation.rows import equates, is_relation
from chainrule.notation.tokens import Token
from chainrule.notation.tree import Text

_WORD = re.compile(r"[a-z][a-z.]*")
_ARROWS = ("to", "implies", "leadsto")


@dataclass
class Clause:
    """Items of one statement, the prose in front of it, and how it was set.

    `conditional` after the `word` "if" or "for", or after `∀`; `implied` after ⇒ or a leading →;
    `apart` after wide space; `reason` after "since" beside another formula.
    """

    items: list[Item] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    conditional: bool = False
    implied: bool = False
    apart: bool = False
    reason: bool = False
    word: Text | None = None


def clauses(items: list[Item]) -> list[Clause]:
    """The clauses of a line, in order; those without items carry prose alone."""
    found = [Clause()]
    items = remarks_last(_opened(items))
    arrows = _leading_arrows(items)
    for index, (item, follower) in enumerate(zip(items, _followers(items), strict=True)):
        if is_token(item, "therefore") or _is_arrow(item, "implies", "iff"):
            _start(found, implied=True)
        elif is_token(item, "forall"):
            _start(found, conditional=True)
        elif is_token(item, "space"):
            apart = _parts_here(found[-1], follower) or _another(found[-1], items[index + 1 :])
            if item.text == "quad" and apart:
                _start(found, apart=True)
            else:
                found[-1].items.append(item)
        elif is_token(item, "text"):
            _prose(found, item, follower)
        elif index in arrows and (
            not found[-1].items or _is_between_equations(found[-1].items, items[index:])
        ):
            _start(found, implied=True)
        elif is_token(item, "colon") and _ends_case(found[-1], items[index:]):
            _start(found)
        elif _is_arrow(item, "=") and _ends_limit(found[-1].items):
            # `\\lim_{x → 0} = f(x)`: a sign too many.
            continue
        elif is_token(item, "punctuation") and _ends_sentence(items[index + 1 : index + 2]):
            continue
        else:
            found[-1].items.append(item)
    for clause in found:
        _tidy(clause)
    return found


def _ends_sentence(rest: list[Item]) -> bool:
    return not rest or is_token(rest[0], "space", "row", "text")


def _followers(items: list[Item]) -> list[Item | None]:
    """For every item the next one that is not space."""
    found: list[Item | None] = []
    follower = None
    for item in reversed(items):
        found.append(follower)
        follower = follower if is_token(item, "space") else item
    return found[::-1]


def _leading_arrows(items: list[Item]) -> set[int]:
    """The arrows before the last relation: in front of an equation they mean ⇒."""
    relations = [
        index
        for index, item in enumerate(items)
        if is_relation(item) and not _is_arrow(item, *_ARROWS)
    ]
    last = relations[-1] if relations else 0
    return {index for index in range(last) if _is_arrow(items[index], "to", "leadsto")}


def _ends_case(clause: Clause, rest: list[Item]) -> bool:
    """The colon of `if i = j: a = b`, and of `n = 3: a = b`."""
    solid = [item for item in clause.items if not is_token(item, "space")]
    told = len(solid) > 2 and _is_arrow(solid[-2], "=") and is_token(solid[-1], "number")
    return (told or (clause.conditional and _relates(clause.items))) and _relates(rest)


def _ends_limit(items: list[Item]) -> bool:
    """Whether items end in `\\lim` with what tends to what below it."""
    solid = [item for item in items if not is_token(item, "space", "row")]
    if len(solid) < 3 or not is_token(solid[-2], "script"):
        return False
    return is_token(solid[-3], "word") and solid[-3].text == "lim"


def _relates(items: list[Item]) -> bool:
    return any(is_relation(item) for item in items)


def _is_between_equations(before: list[Item], rest: list[Item]) -> bool:
    """Whether an arrow, which is the first of the rest, stands between two equations.

    What `i = j → a = b` begins with is a case.
    """
    solid = [item for item in before if not is_token(item, "space", "row")]
    stops = (k for k, item in enumerate(rest) if k and _stops(item, rest[1:k]))
    following = rest[1 : next(stops, len(rest))]
    case = len(solid) == 3 and all(is_token(solid[k], "letter") for k in (0, 2))
    return equates(solid) and equates(following) and not case


def _stops(item: Item, before: list[Item]) -> bool:
    """Whether an equation ends at an item."""
    if is_token(item, "text", "row") or _is_arrow(item, *_ARROWS):
        return True
    return is_token(item, "space") and item.text == "quad" and _relates(before)


def _start(found: list[Clause], **flags: bool | Text) -> None:
    """Begins a clause; flags of an empty one add up."""
    _tidy(found[-1])
    if found[-1].items:
        found.append(Clause())
    for name, value in flags.items():
        setattr(found[-1], name, value)


def _tidy(clause: Clause) -> None:
    """Takes separators off the ends, and an arrow that points at nothing."""
    items = clause.items
    while items and is_token(items[-1], "space", "row", "comma"):
        items.pop()
    if len(items) > 1 and _is_arrow(items[-1], *_ARROWS):
        items.pop()
    first = next(
        (index for index, item in enumerate(items) if not is_token(item, "space", "row", "comma")),
        len(items),
    )
    del items[:first]


def _opened(items: list[Item]) -> list[Item]:
    """Items with a remark in brackets, `(\\text{where } a = b)`, opened."""
    found: list[Item] = []
    for index, item in enumerate(items):
        if is_group(item) and item.open == "(" and item.items and _is_remark(item, items, index):
            gap = Token("space", "quad", item.start, item.start)
            found.extend([gap, *(_as_prose(one) for one in arrange(item.items, DEEPEST))])
        else:
            found.append(item)
    return found


def _is_remark(group: Nest, items: list[Item], index: int) -> bool:
    if is_token(group.items[0], "text"):
        return bool(index) or len(items) == 1
    word = (
        len(group.items) == 1
        and is_token(group.items[0], "word")
        and group.items[0].font == "roman"
    )
    unknown = word and group.items[0].text not in vocabulary.WORDS
    return unknown and index > 0 and is_token(items[index - 1], "space")


def _as_prose(item: Item) -> Item:
    return Token("text", item.text, item.start, item.end) if is_token(item, "word") else item


def _is_arrow(item: Item | None, *kinds: str) -> bool:
    return is_token(item, "relation") and item.text in kinds


def _last(clause: Clause) -> Item | None:
    return next((item for item in reversed(clause.items) if not is_token(item, "space")), None)


def _joins(item: Item | None) -> bool:
    kinds = ("sign", "operator", "comma", "slash", "colon", "script")
    return is_token(item, *kinds) or is_relation(item)


def _parts_here(clause: Clause, follower: Item | None) -> bool:
    """Whether wide space ends a statement: not beside a relation or sign, nor in a plain list."""
    if follower is None or is_token(follower, "row") or not clause.items:
        return False
    last = _last(clause)
    if is_token(last, "comma"):
        return any(is_relation(item) for item in clause.items)
    return last is not None and not (_joins(last) or _joins(follower))


def _another(clause: Clause, rest: list[Item]) -> bool:
    r"""Whether wide space in front of a sign ends an equation: `a = b \quad -c = d`."""
    following = [item for item in rest if not is_token(item, "space") or item.text == "quad"]
    if not following or not is_token(following[0], "sign"):
        return False
    stops = (k for k, item in enumerate(following) if is_token(item, "space", "row"))
    piece = following[: next(stops, len(following))]
    relations = [k for k, item in enumerate(piece) if is_relation(item)]
    both = any(is_relation(item) for item in clause.items) and relations
    return bool(both) and relations[0] > 1 and not _joins(_last(clause))


def _prose(found: list[Clause], item: Token, follower: Item | None) -> None:
    """Places prose: as an operand, a remark on what is before, or an introduction."""
    clause = found[-1]
    note = Text(item.text, start=item.start, end=item.end)
    word = _WORD.search(item.text.lower() + " end")[0].rstrip(".")
    last = _last(clause)
    if _is_arrow(last, *_ARROWS):
        while not is_token(clause.items.pop(), "relation"):
            pass
        _remark(found, note, follower)
    elif _joins(last) and not is_token(last, "comma"):
        clause.items.append(item)
    elif is_token(follower, "row") and (last is not None or len(found) > 1):
        if last is None:
            found.pop()
        found[-1].notes.append(note)
    elif (
        last is None
        and not clause.notes
        and (is_relation(follower) or is_token(follower, "operator"))
    ):
        clause.items.append(item)
    elif word in vocabulary.CONDITION_WORDS:
        _start(found, conditional=True, word=note)
    elif last is not None and word not in vocabulary.JOINING_WORDS:
        _remark(found, note, follower)
    else:
        follows = found[-1].reason and word in ("and", "so", "that", "thus", "hence", "then")
        _start(found, reason=follows or (word in _REASONS and len(found) > (last is None)))
        found[-1].notes.append(note)


_REASONS = ("since", "because", "car", "weil", "da")


def _remark(found: list[Clause], note: Text, follower: Item | None) -> None:
    """Prose on the clause before it, which a relation may yet continue."""
    found[-1].notes.append(note)
    if not is_relation(follower) and not is_token(follower, "row"):
        _start(found)
