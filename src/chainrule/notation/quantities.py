"""Values that sentences give to named quantities: `without padding`, `for stride one`.

Which letter a quantity has is told where it is introduced: `padding $p$`, `$s$ is the stride`. A
value of one that has no letter is a condition all the same, but one that is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.sentences import FORMULA, Sentence, sentences, worded
from chainrule.notation.tree import Node

# How a quantity is called, and its value where there is none of it.
QUANTITIES = {
    "padding": ("padding", "0"),
    "stride": ("strides?", "1"),
    "dilation": ("dilation(?: (?:factor|rate))?", "1"),
    "momentum": ("momentum", "0"),
    "regularisation": ("regulari[sz]ation|regulari[sz]er|weight decay", "0"),
    "temperature": ("temperature", None),
    "learning rate": ("learning rate|step size", None),
    "batch size": ("(?:mini-?)?batch size", None),
}
# Quantities by which a formula for sizes changes, with a letter or without.
OF_SIZES = {"padding", "stride", "dilation"}
_NUMBERS = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4"}
_IS = r"(?:[\s=(:]|\b(?:size|of|by|is|are|equals?|equal to|set to|denoted|being)\b){0,6}?"
_VALUE = rf"(?P<value>\d+(?!\.?\d| ?[×x] ?\d)|\b(?:{'|'.join(_NUMBERS)})\b|{FORMULA})"
_ABSENT = re.compile(r"\b(?:no|without|any|unit|zero|same|valid)\s*$", re.I)
# What stands between a formula and the value that it is for.
_NEAR = worded(
    r"[\s,(]*(?:(?:for|with|if|when|at|and|in the case of|provided|assuming|there is|we use|a|an"
    r"|the)[\s,]+)*"
)
_KERNEL = worded(rf"\b(?:kernel|filter|window)[ -](?:size|width|length) (?P<mark>{FORMULA})")
_ANY = re.compile("|".join(word for word, _ in QUANTITIES.values()), re.I)


# (where, quantity, its letter) for each place where a quantity is introduced
Letters = list[tuple[int, str, tree.Symbol]]


@dataclass(frozen=True)
class _Said:
    """A value that words give a quantity, and where in the sentence."""

    quantity: str
    value: str
    start: int
    end: int


def given_in_words(
    document: Document, statements: list[tree.Statement]
) -> dict[int, tuple[Node, ...]]:
    """Conditions `s = 1` by the starts of the statements that they are said of; a condition that
    is not understood as the words themselves."""
    if not document.says(_ANY):
        return {}
    lines = sentences(document)
    letters = list(_letters(lines))
    found: dict[int, tuple[Node, ...]] = {}
    for statement, said, standing in _given(lines):
        if _has_letters(statement.chain):
            own = {one.quantity for one in said}
            known = [one for one in standing if one.quantity not in own]
            conditions = (*_conditions(known, letters, statement),)
            conditions += (*_conditions(said, letters, statement), *_unknown(said, letters))
            found.setdefault(statement.start, conditions)
    return found


def letters_of_quantities(document: Document) -> set[str]:
    """The letters of quantities, and of the sizes of kernels: none of them is an array.

    >>> from chainrule.notation.document import read_document
    >>> document = read_document("A kernel size $K$ and padding $P$, $x$", "note")
    >>> sorted(letters_of_quantities(document))
    ['K', 'P']
    """
    if not document.says(_ANY):
        return set()
    lines = sentences(document)
    found = {node.name for _, _, node in _letters(lines)}
    for line in lines:
        for match in _KERNEL.finditer(line.flat):
            node = _name(line.prints[match["mark"]].node)
            found |= {node.name} if node is not None else set()
    return found


def _given(lines: list[Sentence]) -> Iterator[tuple[tree.Statement, list[_Said], list[_Said]]]:
    """Each statement with what is said of it, and with what is said of a whole section: in its
    heading, or in a sentence without formulas."""
    before: list[_Said] = []
    standing: list[_Said] = []
    shown: list[tuple[tree.Statement, list[_Said]]] = []
    for line in lines:
        prints = ((at, line.prints.get(sign)) for at, sign in enumerate(line.flat))
        prints = [(at, one.statement) for at, one in prints if one is not None]
        said = [] if line.display else sorted(_said(line), key=lambda one: one.start)
        goes_on = shown and line.flat.lstrip()[:1].islower() and not line.heading
        behind = _behind(said, line.flat, 0) if goes_on else []
        for statement, own in shown:
            yield statement, own or behind, standing
        if line.display:
            shown, before = [(statement, before) for _, statement in prints], []
            continue
        for at, statement in prints:
            above = [one for one in said if one.end <= at]
            yield statement, above or _behind(said, line.flat, at + 1), standing
        ended = line.heading or re.search(r"[.!?;]\s*$", line.flat)
        if line.heading:
            standing = said
        elif ended and not (behind or any(_has_letters(one.chain) for _, one in prints)):
            anew = {one.quantity for one in said}
            standing = [*said, *(one for one in standing if one.quantity not in anew)]
        before, shown = [] if ended else said, []
    yield from ((statement, own, standing) for statement, own in shown)


def _letters(lines: list[Sentence]) -> Iterator[tuple[int, str, tree.Symbol]]:
    """The letters of quantities, as `Letters` has them."""
    for line in lines:
        for quantity, (word, _) in QUANTITIES.items():
            before = rf"\b(?:{word})\b{_IS}(?P<mark>{FORMULA})"
            behind = rf"(?P<mark>{FORMULA}) ?(?:is|be|denotes|being|for|as|=|:|the)(?: the| a)? "
            for pattern in (before, behind + rf"(?:\w+ )?(?:{word})\b"):
                for match in worded(pattern).finditer(line.flat):
                    node = _name(line.prints[match["mark"]].node)
                    if node is not None and not _ABSENT.search(line.flat[: match.start()]):
                        yield node.start, quantity, node


def _name(node: Node) -> tree.Symbol | None:
    """The s of `s`, and of `s = 2`."""
    match node:
        case tree.Symbol() | tree.Chain((tree.Symbol(), tree.Number()), _):
            return node.members[0] if isinstance(node, tree.Chain) else node
    return None


def _said(line: Sentence) -> Iterator[_Said]:
    """The values that a sentence gives to quantities."""
    for quantity, (word, none) in QUANTITIES.items():
        if none is not None:
            for match in worded(rf"\b(?:no|without(?: any| a)?) (?:{word})\b").finditer(line.flat):
                yield _Said(quantity, none, match.start(), match.end())
        for match in worded(rf"\bunit (?:{word})\b").finditer(line.flat):
            yield _Said(quantity, "1", match.start(), match.end())
        for match in worded(rf"\b(?:{word})\b{_IS}{_VALUE}").finditer(line.flat):
            if (value := _number(line, match["value"])) is not None:
                yield _Said(quantity, value, match.start(), match.end())


def _number(line: Sentence, text: str) -> str | None:
    if text in line.prints:
        node = line.prints[text].node
        return node.text if isinstance(node, tree.Number) else None
    return _NUMBERS.get(text.lower(), text)


def _behind(said: list[_Said], flat: str, at: int) -> list[_Said]:
    """What is said directly behind a formula that ends at a place: `for stride one`."""
    found = []
    for one in said:
        if one.start < at or not _NEAR.fullmatch(flat[at : one.start]):
            break
        found.append(one)
        at = one.end
    return found


def _conditions(
    said: list[_Said], letters: Letters, statement: tree.Statement
) -> Iterator[Node]:
    """The conditions `s = 1` on a statement, with the letters that were introduced last."""
    for quantity, values in _values(said).items():
        known = [(at, symbol) for at, own, symbol in letters if own == quantity]
        above = [symbol for at, symbol in known if at <= statement.start]
        symbol = (above or [symbol for _, symbol in known[:1]] or [None])[-1]
        if symbol is not None and len(values) == 1:
            yield tree.Chain((symbol, tree.Number(*values)), (tree.Relation("="),))


def _unknown(said: list[_Said], letters: Letters) -> Iterator[Node]:
    """The words for what changes a size, and has no letter or more than one value."""
    known = {quantity for _, quantity, _ in letters}
    for quantity, values in _values(said).items():
        if quantity in OF_SIZES and (quantity not in known or len(values) > 1):
            yield tree.Text(f"{quantity} {' or '.join(sorted(values))}")


def _values(said: list[_Said]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in said:
        found.setdefault(one.quantity, set()).add(one.value)
    return found


def _has_letters(node: Node) -> bool:
    """Whether letters stand in an equation behind its head."""
    bodies = node.members[1:] if isinstance(node, tree.Chain) else ()
    return any(isinstance(part, tree.Symbol) for body in bodies for part in tree.walk(body))
