"""What space in print says: gaps between formulas, and long numbers in groups of three digits.

>>> from chainrule.notation.tokens import tokenise
>>> [one.text for one in tokenise(r"64,256 \\times 2", 0, {}, frozenset())]
['64256', 'times', '2']
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

T = TypeVar("T")

#: Commands that leave as much space as the length after them says.
SKIPS = frozenset("hspace hspace* mspace kern mkern hskip mskip".split())
_LENGTH = re.compile(r"\s*(-?[\d.]*)\s*(pt|em|ex|mm|cm|in|mu|pc|\\[a-z]+)?")
_EMS = {"pt": 0.1, "ex": 0.43, "mm": 0.285, "cm": 2.85, "in": 7.2, "mu": 1 / 18, "pc": 1.2}
# As wide as this, in units of the letter m, space stands between two formulas.
_WIDE = 0.9
# So many narrow spaces make a wide one.
_SEVERAL = 3


def gap(length: str) -> str | None:
    """The kind of space that a length makes: "quad", "narrow", or None.

    >>> gap("0.5in"), gap("2pt"), gap("-3mu")
    ('quad', 'narrow', None)
    """
    number, unit = _LENGTH.match(length).groups()
    try:
        ems = float(number or 1) * _EMS.get(unit, 1)
    except ValueError:
        return None
    return None if ems <= 0 else "quad" if ems >= _WIDE else "narrow"


def length_of(window: str) -> int:
    """How many characters a length without braces has at the start of a window."""
    return _LENGTH.match(window).end()


def spaced(tokens: list[T]) -> list[T]:
    """Tokens with the groups of long numbers joined, and narrow spaces in a row made wide."""
    found: list[T] = []
    places: list[str] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        _note_place(places, tokens, position)
        count = _narrow(tokens, position)
        parts = 1 if token.kind != "number" else _groups(tokens, position, places)
        if count >= _SEVERAL:
            found.append(replace(token, text="quad", end=tokens[position + count - 1].end))
        elif parts > 1:
            last = tokens[position + parts - 1]
            groups = tokens[position : position + parts]
            digits = "".join(one.text for one in groups if one.kind == "number")
            found.append(replace(token, text=digits, end=last.end))
        else:
            found.append(token)
        position += max(parts, count if count >= _SEVERAL else 1)
    return found


def _note_place(places: list[str], tokens: Sequence[T], position: int) -> None:
    """What is open at a token: brackets, and braces of scripts or of anything else."""
    token = tokens[position]
    if token.kind in ("open", "left"):
        places.append(token.text)
    elif token.kind == "brace":
        script = position and tokens[position - 1].kind == "script"
        places.append("script" if script else "brace")
    elif token.kind in ("close", "right", "unbrace") and places:
        places.pop()


def _narrow(tokens: Sequence[T], position: int) -> int:
    end = position
    while end < len(tokens) and tokens[end].kind == "space" and tokens[end].text == "narrow":
        end += 1
    return end - position


def _groups(tokens: Sequence[T], first: int, places: list[str]) -> int:
    """How many tokens one number takes, written as `64,256` or `64\\,256`; 1 where it is alone.

    In a list, a subscript or an interval `1,200` is two numbers.
    """
    before = tokens[first - 1] if first else None
    digits = tokens[first].text
    leads = digits.isdigit() and len(digits) <= 3 and digits[0] != "0"
    if not leads or (before is not None and before.kind in ("comma", "script")):
        return 1
    last = first
    comma = None
    while (step := _next_group(tokens, last, comma)) is not None:
        comma = tokens[step - 1].kind == "comma"
        last = step
        if "." in tokens[last].text:
            break
    after = tokens[last + 1] if last + 1 < len(tokens) else None
    if last == first or (comma and _goes_on(tokens, last)):
        return 1
    if comma and any(place in ("script", "[", "{") for place in places):
        return 1
    joined = any(one is not None and one.kind in _JOINTS for one in (before, after))
    if comma and "(" in places and not joined:
        return 1
    return last - first + 1


_JOINTS = ("sign", "operator", "slash")


def _next_group(tokens: Sequence[T], last: int, comma: bool | None) -> int | None:
    """The place of the next three digits of a number, set off as those before them."""
    between = tokens[last + 1] if last + 1 < len(tokens) else None
    if between is None:
        return None
    if between.kind == "comma" and between.text == "," and comma is not False:
        step = last + 2
        tight = step < len(tokens) and tokens[last].end == between.start
        if not tight or between.end != tokens[step].start:
            return None
    elif comma is not True:
        step = last + 1 + (between.kind == "space" and between.text == "narrow")
    else:
        return None
    if step >= len(tokens) or tokens[step].kind != "number":
        return None
    whole, _, rest = tokens[step].text.partition(".")
    plain = tokens[step].end - tokens[step].start == len(tokens[step].text)
    fits = len(whole) == 3 and whole.isdigit() and (not rest or rest.isdigit())
    return step if fits and plain else None


def _goes_on(tokens: Sequence[T], last: int) -> bool:
    """Whether a list goes on right behind a number."""
    if last + 2 >= len(tokens) or tokens[last + 1].kind != "comma":
        return False
    return tokens[last + 1].end == tokens[last + 2].start


# Narrow space between factors.
_NARROW = re.compile(r"\\[,;: ]|~")


def is_apart(between: str, bracket: str, word: str) -> bool:
    r"""Whether a bracket behind the argument of a word is no part of it: after a space, or with
    the word in it again.

    >>> is_apart(r"\, ", "(1 - x)", "tanh"), is_apart(" ", r"(1 - \tanh x)", "tanh")
    (True, True)
    >>> is_apart("", "(x - 1)", "tanh")
    False
    """
    again = re.search(rf"\\?\b{re.escape(word)}(?![a-zA-Z])", bracket)
    sums = re.search(r"[-+]", bracket)
    return bool((again and sums) or _NARROW.search(between))
