"""A document as its parts: prose, headings, code, and formulas with exact character offsets.

Markdown and plain text hold mathematics in `$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]`, fenced `math`
blocks and bare environments; LaTeX sources are read from `\\begin{document}` on, without their
comments. Markdown-it says where code and headings are; it would read a display as lists and
headings, so mathematics is found by a scan of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from chainrule.errors import Place
from chainrule.notation.delimiters import Found, mathematics
from chainrule.notation.macros import Macro, definitions
from chainrule.notation.markup import Block, blocks, is_latex, latex_blocks, line_starts


@dataclass(frozen=True)
class Formula:
    """Mathematics without delimiters: `text[start:end]`, but the marks of a block quote blanked."""

    start: int
    end: int
    latex: str
    display: bool


@dataclass(frozen=True)
class Prose:
    """A paragraph of text, or what is left of it between formulas."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Heading:
    """A heading without its markup; formulas in it follow as parts of their own."""

    start: int
    end: int
    text: str
    level: int


@dataclass(frozen=True)
class Code:
    start: int
    end: int
    text: str
    language: str


Part = Formula | Prose | Heading | Code


@dataclass(frozen=True)
class Document:
    """A text and its parts in order; offsets count characters from 0, lines and columns from 1."""

    name: str
    text: str
    parts: tuple[Part, ...]
    macros: dict[str, Macro] = field(default_factory=dict, compare=False)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        return tuple(part for part in self.parts if isinstance(part, Formula))

    @cached_property
    def _starts(self) -> list[int]:
        return line_starts(self.text)

    def line(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def column(self, offset: int) -> int:
        return offset - self._starts[self.line(offset) - 1] + 1

    def braced(self, start: int, end: int) -> tuple[int, int]:
        """The span widened so that its braces are in pairs, as for `\\mathbb{R}` and `w^{(1)}`."""
        inside = self.text[start:end]
        missing = depth = 0
        for sign in inside:
            depth += (sign == "{") - (sign == "}")
            if depth < 0:
                missing, depth = missing + 1, 0
        while depth and self.text[end : end + 1] == "}":
            end, depth = end + 1, depth - 1
        while missing and self.text[start - 1 : start] == "{":
            start, missing = start - 1, missing - 1
            start -= len(re.search(r"(?:\\[a-zA-Z]+)?$", self.text[:start]).group())
        return start, end

    def place(self, start: int, end: int, seen: str = "") -> Place:
        """The place of a span in this document; of several lines, the first."""
        line = self.line(start)
        first = self._starts[line - 1]
        last = self._starts[line] if line < len(self._starts) else len(self.text)
        source = self.text[first:last].rstrip("\r\n")
        length = max(1, min(end, first + len(source)) - start)
        return Place(self.name, line, start - first + 1, source, seen, length)


def read_document(text: str, name: str) -> Document:
    """The parts of a document; never raises, since delimiters without a partner are prose.

    >>> [formula.latex for formula in read_document("Let $x$ cost $5.", "notes.md").formulas]
    ['x']
    """
    latex = is_latex(text, name)
    found = latex_blocks(text) if latex else blocks(text)
    written = definitions(text)
    hidden = [Block("hidden", start, end, start, end) for start, end, _ in written]
    closed = [
        (block.start, block.end, _FILLERS[block.kind])
        for block in [*found, *hidden]
        if block.kind in _FILLERS
    ]
    spans = mathematics(text, sorted(closed), code_spans=not latex)
    parts = _parts(text, [*found, *hidden], spans)
    return Document(name, text, tuple(parts), {macro.name: macro for _, _, macro in written})


#: What overwrites a block before the scan: code ends a paragraph, hidden text does not.
_FILLERS = {"code": " ", "math": " ", "hidden": "\0"}


def _parts(text: str, found: list[Block], spans: list[Found]) -> list[Part]:
    displays = sorted((one.outer_start, one.outer_end) for one in spans if one.kind == "display")
    found = [block for block in found if block.kind != "heading" or not _cut_by(block, displays)]
    taken = sorted(
        [(block.start, block.end) for block in found]
        + [(one.outer_start, one.outer_end) for one in spans]
    )
    parts: list[Part] = list(_prose(text, taken))
    for block in found:
        start, end = block.inner_start, block.inner_end
        if block.kind == "heading":
            parts.append(Heading(start, end, text[start:end], block.level))
        elif block.kind == "code":
            parts.append(Code(start, end, text[start:end], block.language))
        elif block.kind == "math":
            inside = text[start:end]
            start, end = start + len(inside) - len(inside.lstrip()), start + len(inside.rstrip())
            parts.append(_formula(text, start, max(start, end), display=True))
    for one in spans:
        if one.kind == "code":
            parts.append(Code(one.start, one.end, text[one.start : one.end], ""))
        else:
            parts.append(_formula(text, one.start, one.end, display=one.kind == "display"))
    return sorted(parts, key=lambda part: (part.start, -part.end))


def _cut_by(block: Block, displays: list[tuple[int, int]]) -> bool:
    """Whether a display reaches out of a heading, which is then made of its lines."""
    index = bisect_right(displays, (block.end, 0)) - 1
    while index >= 0 and displays[index][1] > block.start:
        start, end = displays[index]
        if start < block.start or end > block.end:
            return True
        index -= 1
    return False


_QUOTE = re.compile(r"[ \t]{0,3}>")
_QUOTE_MARKS = re.compile(r"(?<=\n)[ \t]{0,3}(?:>[ \t]?)+")


def _formula(text: str, start: int, end: int, *, display: bool) -> Formula:
    latex = text[start:end]
    if "\n" in latex and _QUOTE.match(text, text.rfind("\n", 0, start) + 1):
        latex = _QUOTE_MARKS.sub(lambda match: " " * len(match[0]), latex)
    return Formula(start, end, latex, display)


_BLANK_LINES = re.compile(r"\n[ \t\r]*\n")


def _prose(text: str, taken: list[tuple[int, int]]) -> Iterator[Prose]:
    """The paragraphs between the stretches taken."""
    position = 0
    for start, end in [*taken, (len(text), len(text))]:
        if start > position:
            breaks = [match.span() for match in _BLANK_LINES.finditer(text, position, start)]
            firsts = [position, *(last for _, last in breaks)]
            for first, last in zip(firsts, [*(first for first, _ in breaks), start], strict=True):
                paragraph = text[first:last]
                if paragraph.strip():
                    first += len(paragraph) - len(paragraph.lstrip())
                    yield Prose(first, first + len(paragraph.strip()), paragraph.strip())
        position = max(position, end)
