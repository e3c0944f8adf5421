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
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from string import ascii_letters

from chainrule.errors import Place
from chainrule.notation.bare import bare_formulas, widened
from chainrule.notation.called_words import called_words
from chainrule.notation.delimiters import Found, mathematics, within_lines
from chainrule.notation.macros import Macro, definitions
from chainrule.notation.markup import Block, blocks, is_latex, latex_blocks, line_starts
from chainrule.notation.sums_by_letter import signs_of_sums
from chainrule.notation.undelimited import typed, undelimited
from chainrule.notation.vocabulary import WORDS

_CLOSING = re.compile(r" *\}")


@dataclass(frozen=True)
class Formula:
    """Mathematics without delimiters: `text[start:end]`, but the marks of a block quote blanked.

    outer  start and end with the delimiters
    """

    start: int
    end: int
    latex: str
    display: bool
    outer: tuple[int, int]


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
class Cell:
    """A stretch of a document that is one cell of a notebook; `number` counts all its cells."""

    number: int
    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """A text and its parts in order; offsets count characters from 0, lines and columns from 1.

    latex   whether the text is a LaTeX source; otherwise it is Markdown
    parsed  the statements of the formulas that were read so far, by their start
    cells  for a notebook, the cells that its text is made of; lines then count within a cell
    """

    name: str
    text: str
    parts: tuple[Part, ...]
    macros: dict[str, Macro] = field(default_factory=dict, compare=False)
    latex: bool = False
    cells: tuple[Cell, ...] = ()
    parsed: dict = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        return tuple(part for part in self.parts if isinstance(part, Formula))

    @cached_property
    def words(self) -> frozenset[str]:
        """The names of several letters that stand for one thing."""
        return WORDS | called_words(self.text)

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern is found in the text, of which this may be a part only."""
        return _says(pattern, self.text)

    @property
    def own_text(self) -> str:
        """The text of its parts, which may be those of a section only, without delimiters."""
        ends = (0, *(part.end for part in self.parts))
        gaps = (self.text[end : part.start] for end, part in zip(ends, self.parts, strict=False))
        pairs = zip(gaps, self.parts, strict=True)
        return "".join("\n" * ("\n" in gap) + self.text[p.start : p.end] for gap, p in pairs)

    @cached_property
    def _starts(self) -> list[int]:
        return line_starts(self.text)

    def cell(self, offset: int) -> Cell | None:
        """The cell of a notebook that an offset lies in."""
        index = bisect_right(self.cells, offset, key=lambda cell: cell.start) - 1
        return self.cells[index] if index >= 0 else None

    def line(self, offset: int) -> int:
        cell = self.cell(offset)
        before = 0 if cell is None else self._row(cell.start)
        return self._row(offset) - before + 1

    def column(self, offset: int) -> int:
        return offset - self._starts[self._row(offset)] + 1

    def _row(self, offset: int) -> int:
        """The line in the whole text, from 0."""
        return bisect_right(self._starts, offset) - 1

    def braced(self, start: int, end: int) -> tuple[int, int]:
        """The span widened so that its braces are in pairs, as for `\\mathbb{R}` and `w^{(1)}`."""
        inside = self.text[start:end]
        if "{" not in inside and "}" not in inside:
            return start, end
        missing = depth = 0
        for sign in inside:
            depth += (sign == "{") - (sign == "}")
            if depth < 0:
                missing, depth = missing + 1, 0
        while depth and (closed := _CLOSING.match(self.text, end)):
            end, depth = closed.end(), depth - 1
        while missing and (opened := self.text[:start].rstrip(" ")).endswith("{"):
            start, missing = len(opened) - 1, missing - 1
            command = self.text[:start].rstrip(ascii_letters)
            if command.endswith("\\") and len(command) < start:
                start = len(command) - 1
        return start, end

    def place(self, start: int, end: int, seen: str = "") -> Place:
        """The place of a span in this document; of several lines, the first."""
        first, *later = self._starts[self._row(start) : self._row(start) + 2]
        source = self.text[first : later[0] if later else len(self.text)].rstrip("\r\n")
        length = max(1, min(end, first + len(source)) - start)
        cell = self.cell(start)
        name = self.name if cell is None else f"{self.name} cell {cell.number}"
        return Place(name, self.line(start), start - first + 1, source, seen, length)


@lru_cache(maxsize=64)
def _says(pattern: re.Pattern[str], text: str) -> bool:
    """Asked of every claim and of every section, and of a long text answered once."""
    return pattern.search(text) is not None


def read_document(text: str, name: str) -> Document:
    """The parts of a Markdown or LaTeX text; never raises, since a lone delimiter is prose.

    >>> [formula.latex for formula in read_document("Let $x$ cost $5.", "notes.md").formulas]
    ['x']
    """
    return (read_latex if is_latex(text, name) else read_markdown)(text, name)


def read_markdown(text: str, name: str) -> Document:
    """The parts of a Markdown or plain text."""
    return _read(text, name, latex=False)


def read_latex(text: str, name: str) -> Document:
    """The parts of a LaTeX source; files that it names with `\\input` are left alone.

    >>> [formula.latex for formula in read_latex(r"Let \\(x\\) cost \\$5. % $y$", "a.tex").formulas]
    ['x']
    """
    return _read(text, name, latex=True)


def _read(text: str, name: str, *, latex: bool) -> Document:
    found = latex_blocks(text) if latex else blocks(text)
    written = definitions(text)
    hidden = [Block("hidden", start, end, start, end) for start, end, _ in written]
    closed = [
        (block.start, block.end, _FILLERS[block.kind])
        for block in [*found, *hidden]
        if block.kind in _FILLERS
    ]
    spans = within_lines(text, mathematics(text, sorted(closed), code_spans=not latex))
    spans = [widened(text, one) for one in spans]
    if not latex:
        found, spans = undelimited(text, found, spans)
    taken = [(start, end) for start, end, _ in closed]
    taken += [(one.outer_start, one.outer_end) for one in spans]
    spans += () if latex else bare_formulas(text, taken)
    parts = _parts(text, [*found, *hidden], spans)
    macros = signs_of_sums(text) | {m.name: m for _, _, m in written}
    return Document(name, text, tuple(parts), macros, latex)


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
            outer = _fenced(text, block)
            parts.append(_formula(text, start, max(start, end), outer, display=True))
    for one in spans:
        if one.kind == "code":
            parts.append(Code(one.start, one.end, text[one.start : one.end], ""))
        else:
            outer, display = (one.outer_start, one.outer_end), one.kind == "display"
            formula = _formula(text, one.start, one.end, outer, display=display)
            parts.append(replace(formula, latex=typed(formula.latex)) if one.typed else formula)
    return sorted(parts, key=lambda part: (part.start, -part.end))


def _fenced(text: str, block: Block) -> tuple[int, int]:
    """A fence without the margin before it and the end of the line after it."""
    first = re.compile("[`~]").search(text, block.start, block.end)
    inside = text[block.start : block.end]
    return first.start() if first else block.start, block.start + len(inside.rstrip())


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


def _formula(text: str, start: int, end: int, outer: tuple[int, int], *, display: bool) -> Formula:
    latex = text[start:end]
    if "\n" in latex and _QUOTE.match(text, text.rfind("\n", 0, start) + 1):
        latex = _QUOTE_MARKS.sub(lambda match: " " * len(match[0]), latex)
    if (start, end) == outer:
        # Wider than its delimiters, which are inside.
        latex = latex.replace("$", " ")
    return Formula(start, end, latex, display, outer)


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
