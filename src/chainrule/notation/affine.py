"""Subscripts that are computed, `x_{2p+r-1}`: affine in the letters, as convolutions have them."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.language.index import Place, age, place_of
from chainrule.notation import tree
from chainrule.notation.misread import Misread
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node

# A subscript in parts: how often each letter is in it, and the number at its end.
Parts = tuple[dict[str, int], int]


def computed_place(meaning, node: Node, first: int) -> Place:
    """The place, counted from 0, of a subscript that is computed.

    A single letter that no sum runs over, as in h_{t-1}, is a step of a recurrence: not read.

    first   the number of the array's first element in print: 1, or 0
    raises  Misread
    """
    if meaning.scope.usage.counting.wrapped:
        raise Misread(node, "what lies beyond the ends of an array")
    letters = letters_in(meaning, node)
    bound = any(age(meaning.index(text)) is not None for text in letters)
    amounts, _ = _parts(meaning, node)
    if not letters or (len(letters) == 1 and not bound and abs(amounts[letters[0]]) == 1):
        raise Misread(node)
    return number_of(meaning, node) - place_of(first)


def letters_in(meaning, node: Node) -> list[str]:
    """The letters of an affine form that are no sizes. Raises Misread where it is none."""
    return [text for text in _parts(meaning, node)[0] if not _is_size(meaning, text)]


def number_of(meaning, node: Node) -> Place:
    """The value of an affine form such as 2p + r - 1, where letters count as they do in print."""
    amounts, number = _parts(meaning, node)
    place = place_of(number)
    for text, amount in amounts.items():
        if _is_size(meaning, text):
            size = meaning.scope.sizes.find(text)
            place += place_of(size) * amount
        else:
            start = meaning.first_of(text)
            place += (place_of(meaning.index(text)) + place_of(start)) * amount
    return place


def _is_size(meaning, text: str) -> bool:
    return text in meaning.scope.size_names and text not in meaning.letters


def _parts(meaning, node: Node) -> Parts:
    match node:
        case tree.Number(text) if text.isdigit():
            return {}, int(text)
        case tree.Symbol():
            known = dict(meaning.scope.supposed).get(letter(node), "")
            return ({}, int(known)) if known.isdigit() else ({letter(node): 1}, 0)
        case tree.Group("(" | "{", _, body):
            return _parts(meaning, body)
        case tree.Sum(terms, signs) if set(signs) <= {"+", "-"}:
            pairs = zip(signs, terms, strict=True)
            return _added((_parts(meaning, t), -1 if s == "-" else 1) for s, t in pairs)
        case tree.Product(factors, operators) if set(operators) <= {"", "cdot", "times"}:
            scale, rest = 1, []
            for factor in factors:
                amounts, number = _parts(meaning, factor)
                if amounts:
                    rest.append((amounts, number))
                else:
                    scale *= number
            if len(rest) == 1:
                return _added([(rest[0], scale)])
            if not rest:
                return {}, scale
    raise Misread(node)


def _added(parts: Iterable[tuple[Parts, int]]) -> Parts:
    amounts: dict[str, int] = {}
    total = 0
    for (own, number), scale in parts:
        total += scale * number
        for text, amount in own.items():
            amounts[text] = amounts.get(text, 0) + scale * amount
    return {text: amount for text, amount in amounts.items() if amount}, total
