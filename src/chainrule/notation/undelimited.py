"""Mathematics in plain text without any delimiters: `p = σ(z)`, `∂L/∂wⱼ = (1/N) Σᵢ (pᵢ - yᵢ) Xᵢⱼ`.

Where a text has no delimited formula, a stretch is one if it is made of nothing but letters,
numbers, signs and names of functions, and if something is related in it. Words end it. In a text
with delimiters, code is a formula if it is one as a whole and has signs of mathematics in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chainrule.mathematics.functions import FUNCTIONS
from chainrule.notation.delimiters import Found
from chainrule.notation.markup import Block

_SIGNS = "∂∇ΣΠ∑∏√∞½¼¾ℓℝℕℤ⊤∅"
_SCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱᵀᵗʲᵏˡᵐᵃᵇᶜᵈᵉᵒᵖʳˢᵘᵛˣʸᶻ₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
_GREEK = "α-ωΑ-Ωϵϑϖϱςϕ"
_RELATION = r":=|≔|=|≈|≠|≤|≥|<|>|∈|≡|∝"
_TOKEN = re.compile(
    rf"""(?P<blank>[ \t]+|[ \t]*\n[ \t]*(?!\n))
      | (?P<relation>{_RELATION})
      | (?P<script>[_^](?:\{{[^{{}}\n]*\}}|[\w{_GREEK}′'*]+|[{_SIGNS}])|[{_SCRIPTS}]+|['′]+|̂|̄|̃|…)
      | (?P<number>\d+(?:[.,]\d{{3}})*(?:\.\d+)?)
      | (?P<word>[A-Za-z]+)
      | (?P<letter>[{_GREEK}{_SIGNS}]|[À-ÿŴ-ŷẑ-ẕ])
      | (?P<open>[(\[{{⌊⌈⟨])
      | (?P<close>[)\]}}⌋⌉⟩])
      | (?P<bar>[|‖])
      | (?P<operator>[-+−*/·×⊙⊗∘±!])
      | (?P<comma>,)
    """,
    re.X,
)
_KNOWN = {
    *(spelling for one in FUNCTIONS.values() for spelling in one.spellings if spelling.isalpha()),
    *"log ln exp max min sin cos tan sinh cosh sign sgn diag tr trace det vec lim sqrt".split(),
    *"argmax argmin ReLU Softmax Var Cov".split(),
}
# Words of two letters that no product is printed as.
_WORDS = set(
    "is in as at be by do go he if it me my no of on or so to up us we an am ok vs".split()
)
_MATHEMATICAL = re.compile(rf"[{_GREEK}{_SIGNS}{_SCRIPTS}−·×⊙⌊⌋≈≤≥∈‖√]")
_CONDITION = re.compile(r"\b(?:for|if|when|where|and|with)\s+$", re.I)


def undelimited(
    text: str, blocks: Sequence[Block], spans: Sequence[Found]
) -> tuple[list[Block], list[Found]]:
    """The blocks and spans of a text with its formulas that no delimiters mark.

    >>> text = "The score is z = wᵀx + b, so p = σ(z) is in (0, 1)."
    >>> [text[one.start : one.end] for one in undelimited(text, [], [])[1]]
    ['z = wᵀx + b', 'p = σ(z)']
    """
    code = [one for one in blocks if one.kind == "code" and not one.language]
    marked = any(one.kind != "code" for one in spans) or any(one.kind == "math" for one in blocks)
    if not _MATHEMATICAL.search(text):
        return [*blocks], [*spans]
    spans = [_whole(text, one) for one in spans]
    found = [(block, [*_lines(text, block, marked)]) for block in code]
    opened = [block for block, formulas in found if formulas]
    spans += [one for _, formulas in found for one in formulas]
    if not marked:
        taken = [(one.start, one.end) for one in blocks if one.kind != "heading"]
        taken += [(one.outer_start, one.outer_end) for one in spans]
        spans += _in_prose(text, sorted(taken))
    return [one for one in blocks if one not in opened], spans


_BRACES = re.compile(r"(?<![\w^_}\\])\{([^{}\\]*)\}")
_WORD_BELOW = re.compile(r"_(?=[A-Za-z][A-Za-z0-9])")


def typed(text: str) -> str:
    """What is read for plain text, of the same length: its braces are printed, and `n_out` has a
    word below it.

    >>> typed("n_out ∈ {0, 1}")
    'n＿out ∈ ｛0, 1｝'
    """
    return _WORD_BELOW.sub("＿", _BRACES.sub("｛\\1｝", text))


def _whole(text: str, span: Found) -> Found:
    """A code span as a formula, if it is one."""
    inside = text[span.start : span.end]
    if span.kind != "code" or "\n" in inside:
        return span
    whole = list(_stretches(text, span.start, span.end)) == [(span.start, span.end)]
    return replace(span, kind="inline", typed=True) if whole else span


def _lines(text: str, block: Block, whole: bool) -> Iterator[Found]:
    """The formulas in the lines of a block that is set apart.

    whole  whether each must be all that stands in its line
    """
    at = block.start
    for line in text[block.start : block.end].splitlines(keepends=True):
        first, last = at + len(line) - len(line.lstrip()), at + len(line.rstrip())
        for start, end in _stretches(text, first, last, begins=True):
            if not whole or (start, text[end:last].rstrip(".,;")) == (first, ""):
                yield Found("display", start, end, start, end, typed=True)
        at += len(line)


def _in_prose(text: str, taken: list[tuple[int, int]]) -> Iterator[Found]:
    position = 0
    for start, end in [*taken, (len(text), len(text))]:
        for first, last in _stretches(text, position, max(position, start)):
            yield Found("inline", first, last, first, last, typed=True)
        position = max(position, end)


def _stretches(
    text: str, position: int, end: int, begins: bool = False
) -> Iterator[tuple[int, int]]:
    """The stretches that are formulas; `begins` allows a relation at the beginning."""
    while position < end:
        stop, relations, last = _run(text, position, end)
        if stop == position:
            position = _next(text, position, end)
            continue
        start = position + len(text[position:stop]) - len(text[position:stop].lstrip())
        for cut in _cuts(text, start, last, relations):
            body = text[start:cut].rstrip(" \t\n+-−*/·,")
            sided = any(start + (not begins) <= at < start + len(body) - 1 for at in relations)
            if sided and (begins or not re.match(_RELATION, body)):
                yield start, start + len(body)
            start = cut + len(text[cut:last]) - len(text[cut:last].lstrip())
        position = max(stop, position + 1)


def _cuts(text: str, start: int, last: int, relations: list[int]) -> list[int]:
    """Where a stretch falls into formulas: `for m < 1 ∂h/∂w = t x` after the 1."""
    if len(relations) > 1 and text[relations[0]] in "<>≤≥≠" and _CONDITION.search(text[:start]):
        number = re.match(r".\s*[-−]?[\w.]+\s+(?=\S)", text[relations[0] : relations[1]])
        if number is not None:
            return [relations[0] + number.end(), last]
    return [last]


def _next(text: str, position: int, end: int) -> int:
    """Behind the word, or the sign, that no formula begins with."""
    word = re.compile(r"[A-Za-z0-9_]+(?:[-'’][A-Za-z]+)*|.", re.S).match(text, position, end)
    return word.end() if word else end


def _run(text: str, position: int, end: int) -> tuple[int, list[int], int]:
    """From a place on as far as mathematics goes: where it stops, its relations, and its end."""
    depth, relations, last, kind = [], [], position, "open"
    at, safe = position, position
    while at < end and (found := _TOKEN.match(text, at, end)) is not None:
        before, kind = kind, found.lastgroup if found.lastgroup != "blank" else kind
        if found.lastgroup == "blank":
            if "\n" in found[0] and not _goes_on(text, found.end(), before, depth):
                break
            at = found.end()
            continue
        if kind == "word" and not _is_name(text, found, position):
            break
        if kind == "comma" and not depth:
            break
        if kind == "relation" and not depth:
            relations.append(at)
        if kind == "open":
            depth.append(at)
        if kind == "close":
            if not depth:
                break
            depth.pop()
        at = last = found.end()
        safe = last if not depth else safe
    return at if at > position else position, [one for one in relations if one < safe], safe


def _goes_on(text: str, at: int, before: str, depth: list[int]) -> bool:
    """Whether a formula goes on in the next line."""
    if before in ("operator", "relation") or depth:
        return True
    return re.compile(rf"(?:{_RELATION})\s|[+−·×⊙]\s").match(text, at) is not None


def _is_name(text: str, found: re.Match[str], first: int) -> bool:
    """Whether letters are a name, a product of names, or a function, and no word."""
    word, start, end = found[0], found.start(), found.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    if word in _KNOWN:
        return True
    if len(word) == 1:
        article = word in "aAI" and re.match(r" [a-z]{2,}", text[end : end + 4])
        return not (article and (start == first or before == " "))
    if word.isupper() and len(word) < 6:
        return True
    scripted = after in {*_SCRIPTS, "_", "^"} or before in {*_SCRIPTS, "∂", "∇"}
    if len(word) == 2:
        return word not in _WORDS
    return len(word) == 3 and (scripted or word[0] == "d") and not word.islower()
