"""Formulas as MathML, which browsers draw by themselves.

latex2mathml reads the LaTeX, once that is put into what it knows; `mathml_core.py` writes what it
gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

from chainrule.notation.macros import Macro, braces, pieces
from chainrule.notation.mathml_core import in_core

LONGEST = 20_000


@dataclass(frozen=True)
class Highlight:
    """A stretch of a formula, 0-based and end exclusive, that is given a class of CSS."""

    start: int
    end: int
    name: str


def to_mathml(
    latex: str,
    macros: Mapping[str, Macro] | None = None,
    *,
    display: bool = False,
    highlights: Sequence[Highlight] = (),
) -> str | None:
    """A formula as a `math` element, or None where it cannot be converted.

    It is "" where nothing is printed, as by definitions of macros.
    Without `display` it is set in one line: what aligns and breaks lines is left out.

    >>> to_mathml("x^2")
    '<math><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
    """
    if len(latex) > LONGEST:
        return None
    try:
        marked = _marked(latex, macros or {}, highlights)
        if not _balanced(marked):
            return None
        written = _prepared(marked, display)
        if not written.strip():
            return ""
        element = Converter(display="block" if display else "inline").convert_to_element(written)
        _highlighted(element, highlights)
        return in_core(element)
    except Exception:
        # Another's code on any input: whatever it raises, the formula is then shown as its source.
        return None


# What is marked in the LaTeX and found again in the MathML: two private letters a highlight.

_FIRST, _LAST = 0xE000, 0xF8FF
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def _marked(latex: str, macros: Mapping[str, Macro], highlights: Sequence[Highlight]) -> str:
    """The LaTeX with macros written out, and a letter at each end of a highlight."""
    latex = _PRIVATE.sub("\ufffd", latex)
    opening: dict[int, str] = {}
    closing: dict[int, str] = {}
    for number, one in enumerate(highlights[: (_LAST - _FIRST) // 2]):
        opening[one.start] = opening.get(one.start, "") + chr(_FIRST + 2 * number)
        closing[one.end] = chr(_FIRST + 2 * number + 1) + closing.get(one.end, "")
    found: list[str] = []
    for piece in pieces(latex, 0, macros):
        before = [position for position in closing if position <= piece.start]
        found += [closing.pop(position) for position in sorted(before)]
        if piece.start in opening:
            found.append(opening.pop(piece.start))
        parted = found and re.search(r"\\[A-Za-z]+$", found[-1]) and piece.text[:1].isalpha()
        found.append(f" {piece.text}" if parted else piece.text)
    return "".join([*found, *(closing[position] for position in sorted(closing))])


def _highlighted(root: Element, highlights: Sequence[Highlight]) -> None:
    """A row with a class around what stands between two letters, where that is one stretch."""
    for parent in list(root.iter()):
        for number in reversed(range(len(highlights))):
            first, last = chr(_FIRST + 2 * number), chr(_FIRST + 2 * number + 1)
            texts = [(child.text or "") if len(child) == 0 else "" for child in parent]
            if first in texts and last in texts[texts.index(first) :]:
                start, end = texts.index(first), texts.index(last)
                row = Element("mrow", {"class": highlights[number].name})
                row.extend(parent[start + 1 : end])
                parent[start : end + 1] = [row]
    for element in root.iter():
        # A letter that is left over may be one of the two parts of a fraction: it stays, empty.
        if len(element) == 0 and element.text and _FIRST <= ord(element.text[0]) <= _LAST:
            element.tag, element.text = "mrow", ""


# What latex2mathml does not know, as what it knows.

_TABLES = {
    **dict.fromkeys(
        "align align* aligned alignat alignat* alignedat flalign flalign* eqnarray eqnarray*"
        " split dmath".split(),
        "split",
    ),
    **dict.fromkeys("gather gather* gathered multline multline* multlined".split(), "matrix"),
    "dcases": "cases",
    "rcases": "cases",
}
_PLAIN = frozenset("equation equation* displaymath math dmath* subequations".split())
_DROPPED = re.compile(
    r"\\(?:label|vspace|vskip|cssId|class|style|href|color)\*?\s*\{[^{}]*\}"
    r"|\\(?:nonumber|notag|displaybreak|allowbreak|nolimits|ensuremath|strut)(?![A-Za-z])"
    r"|(?<=\\\\)\s*\[-?[\d.]+\s*[a-z]{2}\]"
)
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+\*?)\}(\{\d+\}|\[[tbc]\])?")
_TEXT = re.compile(r"\\(?:text|textrm|textnormal|mbox|hbox|intertext|shortintertext)\s*(?=\{)")
_OTHER_NAMES = (
    (re.compile(r"\\(?:mathbbm|mathds|mathbbold)(?![A-Za-z])"), r"\\mathbb"),
    (re.compile(r"\\(?:bm|pmb)(?![A-Za-z])"), r"\\boldsymbol"),
    (re.compile(r"\\tag\*?\s*\{([^{}]*)\}"), r"\\qquad\\text{(\1)}"),
    (re.compile(r"\\(?:eqref|ref)\s*\{([^{}]*)\}"), r"\\text{(\1)}"),
    (re.compile(r"\\(?:coloneqq|coloneq)(?![A-Za-z])"), ":="),
    (re.compile(r"\\arg\s*\\(max|min)(?![A-Za-z])"), r"\\operatorname*{arg \1}"),
    (re.compile(r"\\arg(?![A-Za-z])"), r"\\operatorname{arg}"),
    (re.compile(r"\\middle\s*\|"), r"\\mid "),
    (re.compile(r"\\(?:dots[bmoc]?|hdots)(?![A-Za-z])"), r"\\ldots"),
)


def _prepared(latex: str, display: bool) -> str:
    latex = _DROPPED.sub("", latex)
    for pattern, replacement in _OTHER_NAMES:
        latex = pattern.sub(replacement, latex)
    latex = _ENVIRONMENT.sub(_environment, _with_texts(latex))
    flat, aligned = _top_level(latex)
    if not aligned:
        return latex
    return f"\\begin{{split}}{latex}\\end{{split}}" if display else flat


def _balanced(latex: str) -> bool:
    """Whether braces come in pairs; latex2mathml would make the best of it and lose the rest."""
    depth = 0
    for sign in re.findall(r"\\.|[{}]", latex, re.S):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0


def _environment(match: re.Match) -> str:
    name = match[2]
    if name in _PLAIN:
        return " "
    kept = match[3] or "" if name in ("array", "subarray") else ""
    return f"\\{match[1]}{{{_TABLES.get(name, name)}}}{kept}"


def _with_texts(latex: str) -> str:
    """Formulas inside text brought out of it: `\\text{if $x$}` is `\\text{if }{x}`."""
    found, position, partners = [], 0, braces(latex)
    while match := _TEXT.search(latex, position):
        end = partners.get(match.end(), len(latex))
        found.append(latex[position : match.start()])
        for number, part in enumerate(re.split(r"(?<!\\)\$", latex[match.end() + 1 : end])):
            plain = re.sub(r"(?<!\\)[{}]", "", part)
            found.append(f"{{{part}}}" if number % 2 else f"\\text{{{plain}}}" if plain else "")
        position = end + 1
    return "".join([*found, latex[position:]])


_ALIGNING = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}|\\\\|\\.|&|[{}]", re.S)


def _top_level(latex: str) -> tuple[str, bool]:
    """The formula without `&` and line breaks outside of environments, and whether it had some."""
    found, position, depth = [], 0, 0
    for match in _ALIGNING.finditer(latex):
        sign = match[0]
        depth += sign.startswith(("\\begin", "{")) - sign.startswith(("\\end", "}"))
        if depth <= 0 and sign in ("&", "\\\\"):
            found += [latex[position : match.start()], " "]
            position = match.end()
    return "".join([*found, latex[position:]]), bool(found)
