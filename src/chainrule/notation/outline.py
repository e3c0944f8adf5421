"""The outline of a document: where sections and questions begin, and how deep each stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache

from chainrule.notation.document import Document, Formula, Heading

_ITEM = re.compile(
    r"^[ \t]*(?:\\item\b|\\paragraph\b|\*\*[^*\n]{1,60}\*\*"
    # `- ReLU: …`, a point of a list with a title.
    r"|[-*+] +\**[A-Z][\w /()-]{1,40}\**:)",
    re.M,
)
_BULLET = re.compile(r"[ \t]*[-*+] ")
# How deep the beginnings of questions stand that are no headings, by how they are printed.
_POINT = 70
_LEVELS = (
    (20, re.compile(r"Q\d*\b|(?i:question|problem|exercise|task|frage|aufgabe)\b")),
    (40, re.compile(r"Part\b|\(?\d{1,2}[.)]")),
    (60, re.compile(r"\d{0,2}\s?\(?[ivx]{2,4}\s?[.)]")),
    (50, re.compile(r"\d{0,2}\s?\(?[a-zA-Z]\s?[.)]")),
    (30, re.compile(r"")),
)
_DECORATION = re.compile(r"[ \t>*#-]*(?:\\(?:item|paragraph|\w+\*?(?=\{))[\s{*]*)*")
_QUESTION = re.compile(
    r"^[ \t>*#-]*(?:\(?(?:[a-zA-Z]|[ivx]{1,4})\s?[).]|\d{1,2}[.)]\s|\d{1,2}\s?\([a-z]\)"
    r"|\(\d{1,2}\)[ \t]+(?=\S)"
    r"|(?:\\\w+\*?\{)*(?:Q\s?\d*|Question|Problem|Exercise|Part|Frage|Aufgabe)\b"
    r"|\\question\b|\\begin\{(?:problem|question|exercise)\})",
    re.M,
)
# `9.1 The model` alone in its paragraph, and `Step 4. Real numbers` as its first line.
_TITLE = re.compile(
    r"(?<![^\n]\n)^(?:\d{1,2}(?:\.\d{1,2})+\.?[ \t]+[A-Z][^.:$=\n]{2,60}$(?=\n\s*\n)"
    r"|Step \d{1,2}[.:] [A-Z][^.:$=\n]{2,60}$)",
    re.M,
)
_LISTS = re.compile(r"\\(?:(?P<edge>begin|end)\{(?P<kind>enumerate|itemize)\}|item\b)")


_PROBLEM = re.compile(
    r"^[ \t>*#]*(?:\\(?:sub)*section\*?\{\s*)?(?:Problem|Question|Exercise|Task|Aufgabe)\s*~?(\d+)",
    re.M | re.I,
)


class Outline:
    """Which section a place of a document is in."""

    def __init__(self, document: Document):
        self.breaks, self.depths = section_breaks(document), outline(document)
        found = list(_PROBLEM.finditer(document.text))
        self.problems = [one.start() for one in found], [one[1] for one in found]
        headings = (part.start for part in document.parts if isinstance(part, Heading))
        self.headings = sorted({*headings, *_titles(document.text)})

    def section(self, at: int) -> int:
        """How many questions or sections have begun before a place."""
        return bisect_right(self.breaks, at)

    def is_apart(self, first: int, last: int) -> bool:
        """Whether another question or section begins between two places."""
        return any(first < mark < last for mark in self.breaks)

    def is_below(self, first: int, last: int) -> bool:
        """Whether the second place is in the section of the first, or in a part of that."""
        position = bisect_right(self.depths, first, key=lambda one: one[0]) - 1
        own = self.depths[position][1]
        return not any(depth <= own for start, depth in self.depths if first < start < last)

    def is_other_problem(self, first: int, last: int) -> bool:
        """Whether two places are in problems with different numbers."""
        places, numbers = self.problems
        found = [bisect_right(places, at) - 1 for at in (first, last)]
        return min(found) >= 0 and numbers[found[0]] != numbers[found[1]]

    def names_of_elsewhere(
        self, several: set[str], given: Mapping[str, int], placed: Mapping[str, int], at: int
    ) -> frozenset[str]:
        """The names whose meaning, or shape, was given in another problem or point of a list; of
        those with several meanings also in another section."""
        names = several | {name for name in given if self.is_point(given[name])}
        apart = {name for name in names if not self.is_below(given[name], at)}
        known = {**placed, **given}
        return frozenset(apart | {n for n in known if self.is_other_problem(known[n], at)})

    def is_point(self, at: int) -> bool:
        """Whether a place is in a point of a list that has a title, as in `- ReLU: …`."""
        position = bisect_right(self.depths, at, key=lambda one: one[0]) - 1
        return self.depths[position][1] == _POINT

    def has_heading(self, first: int, last: int) -> bool:
        """Whether a heading stands between two places."""
        return any(first < mark < last for mark in self.headings)

    def in_later_sections(self, at: int, places: Mapping[str, int]) -> frozenset[str]:
        """The names whose places stand below a heading that stands further down than `at`."""
        return frozenset(name for name, place in places.items() if self.has_heading(at, place))


def outline(document: Document) -> list[tuple[int, float]]:
    """(start, depth) of all sections, questions and items; what introduces them is at -1."""
    levels = {part.start: part.level for part in document.parts if isinstance(part, Heading)}
    formulas = [part for part in document.parts if isinstance(part, Formula)]
    begun, found = [part.start for part in formulas], []
    for start in sorted({0, *levels, *section_breaks(document), *_items(document.text)}):
        before = bisect_left(begun, start) - 1
        if before < 0 or formulas[before].end <= start:
            own = levels[start] if start in levels else _level(document.text, start)
            own = _POINT if start not in levels and _BULLET.match(document.text, start) else own
            found.append((start, -1 if start == 0 and not _is_item(document) else own))
    return found


def section_breaks(document: Document) -> list[int]:
    """Where another question or section begins: headings, lines such as `(b)`, `Question 2`."""
    headings = (part.start for part in document.parts if isinstance(part, Heading))
    return sorted({*headings, *_questions(document.text), *_titles(document.text)})


# A document is read in many parts, of one text.
@lru_cache(maxsize=1)
def _items(text: str) -> tuple[int, ...]:
    """Where the items of lists and titles of paragraphs begin."""
    return tuple(match.start() for match in _ITEM.finditer(text))


@lru_cache(maxsize=1)
def _questions(text: str) -> tuple[int, ...]:
    """Where questions begin that are not marked as headings."""
    lines = (match.start() for match in _QUESTION.finditer(text))
    return (*lines, *_numbered_items(text))


@lru_cache(maxsize=1)
def _titles(text: str) -> tuple[int, ...]:
    """Where lines stand that are titles without being marked as headings."""
    return tuple(match.start() for match in _TITLE.finditer(text))


def _numbered_items(text: str) -> Iterator[int]:
    """Where the items of LaTeX's numbered lists begin."""
    open_: list[str] = []
    for match in _LISTS.finditer(text):
        if match["edge"] == "begin":
            open_.append(match["kind"])
        elif match["edge"] == "end":
            del open_[-1:]
        elif open_[-1:] == ["enumerate"]:
            yield match.start()


def _level(text: str, start: int) -> int:
    """How deep a question stands that begins without a heading."""
    at = _DECORATION.match(text, start).end()
    return next(level for level, pattern in _LEVELS if pattern.match(text, at))


def _is_item(document: Document) -> bool:
    """Whether a document begins with a question, and not with what introduces all of them."""
    headed = any(isinstance(part, Heading) for part in document.parts[:1])
    return 0 in section_breaks(document) and not headed
