"""Sentences with the formulas in them: words to match patterns on, and a place for every letter.

A sentence is flat text in which one character stands for each formula (or for each part of a
formula that words cut in pieces), so that patterns of words are regular expressions. Displays and
headings are sentences of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from chainrule.notation import tree
from chainrule.notation.document import Code, Document, Formula, Heading
from chainrule.notation.syntax import statements_of
from chainrule.notation.tree import Node

# The signs that stand for the formulas of a paragraph, and the sign for each one after these.
# Patterns that look for one of many signs, or for their capitals, are slow to compile.
FIRST_MARK, MOST_MARKS, ONE_MORE = 0xE000, 256, "\ufffc"
MARKS = "\ue000-\ue0ff"
# Any formula, as a pattern of words refers to it.
FORMULA = f"(?-i:[{MARKS}])"
# Any sign that is no formula.
OTHER = f"(?-i:[^{MARKS}])"

_ENDS = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bcf)(?<!\bvs)(?<!\bresp)(?<!\bw\.r\.t)(?<!^\d)(?<!\n\d)"
    r"[.!?;](?=\s|$)"
    r"|(?<=\n)(?=[ \t]*(?:[-*+•]|\d{1,2}[.)]|[①-⑳])\s)"
)


@cache
def worded(pattern: str) -> re.Pattern:
    r"""A pattern of words, whatever their case and the white space between them.

    >>> bool(worded("the (?:derivative|slope) of").search("The  slope\nof"))
    True
    """
    return re.compile(re.sub(r"(?<!\[)(?<!\[-) (?!\])", r"(?:\\s+)", pattern), re.I)


@dataclass(frozen=True)
class Print:
    """A formula, or a part of one, as it stands in a sentence.

    statement   the statement it is printed in, with its conditions
    """

    node: Node
    statement: tree.Statement


@dataclass(frozen=True)
class Sentence:
    """Flat text, what its marks stand for, and the document's offsets of each character.

    heading     whether it is a heading
    display     whether it is a displayed formula
    paragraph   the number of its paragraph; headings and displays end one
    """

    flat: str
    prints: dict[str, Print]
    places: tuple[tuple[int, int], ...]
    heading: bool = False
    display: bool = False
    paragraph: int = 0

    def span(self, first: int = 0, last: int | None = None) -> tuple[int, int]:
        """The offsets in the document of a stretch of the flat text, without space around it."""
        last = len(self.flat) if last is None else last
        inside = self.flat[first:last]
        first, last = (
            first + len(inside) - len(inside.lstrip()),
            first + len(inside.rstrip()),
        )
        return self.places[first][0], self.places[max(first, last - 1)][1]

    def within(self, first: int, last: int) -> list[Print]:
        """The formulas of a stretch of the flat text."""
        return [self.prints[sign] for sign in self.flat[first:last] if sign in self.prints]

    @property
    def start(self) -> int:
        return self.span()[0]


@dataclass
class _Line:
    """A paragraph being put together."""

    letters: list[str]
    places: list[tuple[int, int]]
    prints: dict[str, Print]
    gap: str = " "

    def words(self, text: str, start: int) -> None:
        self._space(start)
        self.letters.extend(" " if sign.isspace() and sign != "\n" else sign for sign in text)
        self.places.extend((start + k, start + k + 1) for k in range(len(text)))

    def formula(self, found: Print) -> None:
        mark = ONE_MORE
        if len(self.prints) < MOST_MARKS:
            mark = chr(FIRST_MARK + len(self.prints))
            self.prints[mark] = found
        self._space(found.node.start)
        self.letters.append(mark)
        self.places.append((found.node.start, found.node.end))

    def _space(self, at: int) -> None:
        if self.letters:
            self.letters.append(self.gap)
            self.places.append((at, at))
            self.gap = " "


def sentences(document: Document) -> list[Sentence]:
    """The sentences of a document in order.

    >>> from chainrule.notation.document import read_document
    >>> for one in sentences(read_document("The map $f(x)$ is odd. It has $n$ rows.", "note")):
    ...     print(ascii(one.flat.strip()))
    'The map \\ue000 is odd.'
    'It has \\ue001 rows.'
    """
    found: list[Sentence] = []
    for number, (line, heading, display) in enumerate(_lines(document)):
        flat = "".join(line.letters)
        for first, last in _cuts(flat):
            if flat[first:last].strip():
                found.append(
                    Sentence(
                        flat[first:last],
                        line.prints,
                        tuple(line.places[first:last]),
                        heading,
                        display,
                        number,
                    )
                )
    return found


def _cuts(flat: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _ENDS.finditer(flat):
        yield start, match.end()
        start = match.end()
    yield start, len(flat)


def _lines(document: Document) -> Iterator[tuple[_Line, bool, bool]]:
    """(paragraph, whether it is a heading, whether it is a display)."""
    line = _Line([], [], {})
    heading_end, end = -1, 0
    for part in document.parts:
        inside = part.start < heading_end
        apart = _parted(document.text[end : part.start])
        display = isinstance(part, Formula) and part.display
        block = isinstance(part, Code) and "\n" in part.text
        if not inside and (apart or display or block or isinstance(part, Heading) or heading_end):
            if line.letters:
                yield line, heading_end > 0, False
            line, heading_end = _Line([], [], {}), 0
        line.gap = "\n" if "\n" in document.text[end : part.start] else " "
        if isinstance(part, Heading):
            heading_end = part.end
            _add_heading(document, line, part)
        elif isinstance(part, Formula) and not inside:
            _add_formula(document, line, part)
            if display:
                yield line, False, True
                line = _Line([], [], {})
        elif not block and not inside:
            line.words(document.text[part.start : part.end], part.start)
        end = max(end, part.end)
    if line.letters:
        yield line, heading_end > 0, False


def _parted(gap: str) -> bool:
    return bool(re.search(r"\n[ \t\r]*\n", gap))


def _add_heading(document: Document, line: _Line, part: Heading) -> None:
    place = part.start
    for formula in document.formulas:
        if part.start <= formula.start < part.end:
            _add_words(document, line, place, formula.start)
            _add_formula(document, line, formula)
            place = formula.end
    _add_words(document, line, place, part.end)


def _add_words(document: Document, line: _Line, start: int, end: int) -> None:
    text = document.text[start:end]
    start, text = start + len(text) - len(text.lstrip("$ ")), text.strip("$ ")
    if text:
        line.words(text, start)


def _add_formula(document: Document, line: _Line, part: Formula) -> None:
    """The statements of a formula and the words in it, in the order of print."""
    pieces: list[tuple[int, tree.Text | Print]] = []
    for statement in statements_of(document, part):
        pieces.extend((note.start, note) for note in statement.notes)
        for piece in _pieces(statement.chain, statement):
            place = piece.node.start if isinstance(piece, Print) else piece.start
            pieces.append((place, piece))
    for _, piece in sorted(pieces, key=lambda pair: pair[0]):
        if isinstance(piece, Print):
            if piece.node.end > piece.node.start:
                line.formula(piece)
        else:
            written = document.text[piece.start : piece.end]
            inside = max(0, written.find(piece.text))
            line.words(written[inside : inside + len(piece.text)], piece.start + inside)


def _pieces(node: Node, statement: tree.Statement) -> Iterator[Print | tree.Text]:
    """A formula cut at the words that stand in it as factors, also inside a box."""
    inner = node
    while isinstance(inner, tree.Decorated) and inner.kind == "boxed":
        inner = inner.body
    if not isinstance(inner, tree.Product) or not _wordy(inner):
        yield Print(node, statement) if not isinstance(node, tree.Text) else node
        return
    run: list[Node] = []
    for factor in (*inner.factors, None):
        if factor is not None and not isinstance(factor, tree.Text):
            run.append(factor)
            continue
        if run:
            yield Print(_joined(run, inner), statement)
            run = []
        if factor is not None:
            yield factor


def _wordy(node: tree.Product) -> bool:
    return any(isinstance(factor, tree.Text) for factor in node.factors)


def _joined(run: list[Node], whole: tree.Product) -> Node:
    if len(run) == 1:
        return run[0]
    first = whole.factors.index(run[0])
    return tree.Product(
        tuple(run),
        whole.operators[first : first + len(run) - 1],
        start=run[0].start,
        end=run[-1].end,
    )
