"""The delimiters of mathematics in running text, and the code spans among them.

A delimiter without a partner in its paragraph is prose, and so are dollars that are money or shell
variables.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace

from chainrule.notation.vocabulary import ALIGNMENTS, WORDS


@dataclass(frozen=True)
class Found:
    """A formula or code span: "display", "inline" or "code", without its delimiters and with.

    typed  whether it is plain text, and no LaTeX
    """

    kind: str
    start: int
    end: int
    outer_start: int
    outer_end: int
    typed: bool = False


# The address of a picture of a formula, as in `…/gif.latex?\\begin{align}…`.
_ADDRESS = re.compile(r"latex\?\S*\Z")
_LONGEST_ADDRESS = 2000
_MARK = re.compile(
    r"\\(?:begin|end)\{[A-Za-z]+\*?\}|\\.|\$\$|\$|`+|\n(?=[ \t>]*\r?\n)"
    r"|<script type=.math/tex[^>]*>|</script>",
    re.S,
)
_WORD = re.compile(r"[A-Za-z]{2,}")
_MARKUP = re.compile(r"[\\^_={}+*/<>|]")


class _Marks:
    """The delimiters of a text in order, and where the next one of a kind is."""

    def __init__(self, text: str):
        self.text = text
        self.spans = [match.span() for match in _MARK.finditer(text)]
        self.places: dict[str, list[int]] = {}
        for index, (start, end) in enumerate(self.spans):
            self.places.setdefault(text[start:end], []).append(index)
        self.partners = self._partners()

    def _partners(self) -> dict[int, int]:
        """The \\end of each \\begin, by index."""
        waiting: dict[str, list[int]] = {}
        partners = {}
        for index, (start, end) in enumerate(self.spans):
            mark = self.text[start:end]
            if mark.startswith("\\begin{"):
                waiting.setdefault(mark[7:-1], []).append(index)
            elif mark.startswith("\\end{") and waiting.get(mark[5:-1]):
                partners[waiting[mark[5:-1]].pop()] = index
        return partners

    def next(self, mark: str, after: int) -> int | None:
        places = self.places.get(mark, [])
        index = bisect_right(places, after)
        return places[index] if index < len(places) else None

    def same_paragraph(self, index: int, other: int) -> bool:
        gap = self.next("\n", index)
        return gap is None or gap > other

    def alone(self, index: int) -> bool:
        """Whether a mark is all that stands in its line, quote marks apart."""
        start, end = self.spans[index]
        first = self.text.rfind("\n", 0, start) + 1
        last = self.text.find("\n", end)
        rest = self.text[first:start] + self.text[end : last if last >= 0 else len(self.text)]
        return not rest.strip(" \t\r>")


def mathematics(text: str, closed: list[tuple[int, int, str]], *, code_spans: bool) -> list[Found]:
    """Formulas and code spans in order; `closed` stretches are first overwritten with a filler."""
    marks = _Marks(_filled(text, closed))
    found: list[Found] = []
    index, position = 0, 0
    while index < len(marks.spans):
        start, end = marks.spans[index]
        if end <= position or (start < position and marks.text[start:end] != "$$"):
            index += 1
            continue
        one = _at(marks, index, max(start, position), code_spans)
        if one is not None:
            if one.kind != "blank":
                found.append(one)
            position = one.outer_end
        else:
            position = max(position, end)
    return found


def within_lines(text: str, found: list[Found]) -> list[Found]:
    """The formulas, those as inline that stand between `$$` among words, where no other delimiters
    mark what is inline.

    >>> text = "If $$i = j$$, then $$a$$ is 0."
    >>> [one.kind for one in within_lines(text, mathematics(text, [], code_spans=True))]
    ['inline', 'inline']
    """
    if any(one.kind == "inline" for one in found):
        return found
    sides = [_words_beside(text, one) for one in found]
    if (True, True) not in sides:
        return found
    return [
        replace(one, kind="inline") if any(beside) else one
        for one, beside in zip(found, sides, strict=True)
    ]


def _words_beside(text: str, one: Found) -> tuple[bool, bool]:
    """Whether words stand before and behind a `$$…$$` in its line."""
    inside = text[one.outer_start : one.outer_end]
    if one.kind != "display" or not inside.startswith("$$") or "\n" in inside:
        return False, False
    before = text[text.rfind("\n", 0, one.outer_start) + 1 : one.outer_start]
    behind = text[one.outer_end :].partition("\n")[0]
    return bool(_WORD.search(before)), bool(_WORD.search(behind))


def _filled(text: str, closed: list[tuple[int, int, str]]) -> str:
    parts, position = [], 0
    for start, end, filler in closed:
        if end > position:
            start = max(start, position)
            parts += [text[position:start], re.sub(r"[^\r\n]", filler, text[start:end])]
            position = end
    return "".join([*parts, text[position:]])


def _at(marks: _Marks, index: int, start: int, code_spans: bool) -> Found | None:
    """What a mark opens; `start` is not the mark's own where half of a `$$` is used up."""
    mark = marks.text[start : marks.spans[index][1]]
    if mark in ("\\(", "\\["):
        return _pair(
            marks,
            index,
            "\\)" if mark == "\\(" else "\\]",
            "inline" if mark == "\\(" else "display",
        )
    if mark == "$$":
        return _pair(marks, index, "$$", "display")
    if mark.startswith("<script"):
        return _pair(marks, index, "</script>", "display" if "display" in mark else "inline")
    if mark == "$":
        return _dollar(marks, index, start)
    if (
        mark.startswith("\\begin{")
        and mark[7:-1].rstrip("*") in ALIGNMENTS
        and index in marks.partners
        and not _ADDRESS.search(marks.text, max(0, start - _LONGEST_ADDRESS), start)
    ):
        end = marks.spans[marks.partners[index]][1]
        return Found("display", start, end, start, end)
    if mark[0] == "`" and code_spans:
        return _pair(marks, index, mark, "code")
    return None


def _pair(marks: _Marks, index: int, closing: str, kind: str) -> Found | None:
    other = marks.next(closing, index)
    if other is None:
        return None
    if not marks.same_paragraph(index, other):
        if kind != "display" or not (marks.alone(index) and marks.alone(other)):
            return None
    (outer_start, start), (end, outer_end) = marks.spans[index], marks.spans[other]
    return _inside(marks.text, kind, start, end, outer_start, outer_end)


def _inside(text: str, kind: str, start: int, end: int, outer_start: int, outer_end: int) -> Found:
    """A find without the blanks inside its delimiters; "blank" where nothing else is there."""
    first = text.rfind("\n", 0, outer_start) + 1
    margin = " \t\r\n>" if text[first:outer_start].lstrip(" ")[:1] == ">" else None
    inside = text[start:end]
    if not inside.strip(margin):
        return Found("blank", start, start, outer_start, outer_end)
    start += len(inside) - len(inside.lstrip(margin))
    return Found(kind, start, start + len(inside.strip(margin)), outer_start, outer_end)


def _dollar(marks: _Marks, index: int, start: int) -> Found | None:
    text = marks.text
    gap = marks.next("\n", index)
    limit = marks.spans[gap][0] if gap is not None else len(text)
    if text.startswith("`", start + 1):
        end = text.find("`$", start + 2, limit)
        return _inside(text, "inline", start + 2, end, start, end + 2) if end > 0 else None
    for other in range(index + 1, len(marks.spans)):
        first, last = marks.spans[other]
        if first >= limit:
            return None
        if text[first] == "$":
            at_line_start = not text[text.rfind("\n", 0, first) + 1 : first].strip(" \t>")
            if last - first == 2 and at_line_start and first > start + 1:
                return None
            if _is_prose(text[start + 1 : first], text[first + 1 : first + 2]):
                return None
            return _inside(text, "inline", start + 1, first, start, first + 1)
    return None


def _is_prose(inside: str, after: str) -> bool:
    """Whether what stands between two dollars is a price, or words between shell variables."""
    priced = inside[:1].isdigit()
    if priced and after.isdigit():
        return True
    if _MARKUP.search(inside):
        return False
    words = [word for word in _WORD.findall(inside) if word not in WORDS]
    return bool(words and priced) or sum(len(word) > 2 for word in words) > 1
