"""Mathematics in plain text without any delimiters: `p = σ(z)`, `∂L/∂wⱼ = (1/N) Σᵢ (pᵢ - yᵢ) Xᵢⱼ`.

Where a text has no delimited formula, a stretch is one if it is made of nothing but letters,
numbers, signs and names of functions, and if something is related in it. Words end it. In a text
with delimiters, code is a formula if it is one as a whole, where some code has such signs in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chainrule.notation.characters import SUBSCRIPTS, SUPERSCRIPTS
from chainrule.notation.delimiters import Found
from chainrule.notation.markup import Block
from chainrule.notation.vocabulary import WORDS

_SIGNS = "∂∇ΣΠ∑∏√∞½¼¾ℓℝℕℤ⊤∅"
_SCRIPTS = "".join((*SUPERSCRIPTS, *SUBSCRIPTS))
_BEHIND, _BEFORE = {*_SCRIPTS, "_", "^"}, {*_SCRIPTS, "∂", "∇"}
_GREEK = "α-ωΑ-Ωϵϑϖϱςϕ"
_INSIDE = r"(?:[^()\n]|\([^()\n]*\))*"
_RELATION = r":=|≔|=|≈|≠|≤|≥|<|>|∈|≡|∝"
_TOKEN = re.compile(
    rf"""(?P<blank>[ \t]+|[ \t]*\n[ \t]*(?!\n))
      | (?P<relation>{_RELATION})
      | (?P<script>[_^](?:\{{[^{{}}\n]*\}}|\({_INSIDE}\)|[\w{_GREEK}′″‴'*]+|[{_SIGNS}])
        |[{_SCRIPTS}]+|['′″‴]+|̂|̄|̃|…)
      | (?P<number>\d+(?:[.,]\d{{3}})*(?:\.\d+)?)
      | (?P<word>log1p|expm1|[A-Za-z]+)
      | (?P<letter>[{_GREEK}{_SIGNS}]|[À-ÿŴ-ŷẑ-ẕ])
      | (?P<open>[(\[{{⌊⌈⟨])
      | (?P<close>[)\]}}⌋⌉⟩])
      | (?P<bar>[|‖])
      | (?P<operator>[-+−*/·×⊙⊗∘±!])
      | (?P<comma>,)
    """,
    re.X,
)
# `mean` and `norm` are as likely words.
_KNOWN = (WORDS | {"argmax", "argmin", "log1p", "expm1"}) - {
    *"cost Cost loss Loss error Error const norm mean round floor clip pool conv span rank".split(),
    *"dropout attention Attention Normal Uniform flatten reshape".split(),
}
# Words of two letters that no product is printed as.
_WORDS = set(
    "is in as at be by do go he if it me my no of on or so to up us we an am ok vs".split()
)
_MATHEMATICAL = re.compile(rf"[{_GREEK}{_SIGNS}{_SCRIPTS}−·×⊙⌊⌋≈≤≥∈‖√]")
# A power is such a sign, too, in code and where nothing is marked.
_POWER = re.compile(r"\w\^[\w({−-]")
_CALLED = re.compile(r"\b(?:log-?)?(?:softmax|sigmoid|tanh|softplus|relu|exp|log)\(", re.I)
_CONDITION = re.compile(r"\b(?:for|if|when|where|and|with)\s+$", re.I)


# What is attached to a formula, and the name of a function behind it.
_GOES_ON = re.compile(r"[^\s,.;:?!)\]}\"'”]|[ \t]*[A-Za-z]+[(′″‴]")
_NEXT_LINE = re.compile(rf"(?:{_RELATION})\s|[+−·×⊙]\s")
# What an item of a list begins with, at the beginning of a line.
_BULLET = re.compile(r"[-+*−·][ \t]")
_PIECE = re.compile(r"[A-Za-z0-9_]+\S*|.", re.S)


def undelimited(
    text: str, blocks: Sequence[Block], spans: Sequence[Found]
) -> tuple[list[Block], list[Found]]:
    """The blocks and spans of a text with its formulas that no delimiters mark.

    >>> text = "The score is z = wᵀx + b, so p = σ(z) is in (0, 1)."
    >>> [text[one.start : one.end] for one in undelimited(text, [], [])[1]]
    ['z = wᵀx + b', 'p = σ(z)']

    In a text with delimiters `x = x + 1` is a line of a program.
    """
    code = [one for one in blocks if one.kind == "code" and not one.language]
    marked = any(one.kind != "code" for one in spans) or any(one.kind == "math" for one in blocks)
    read = [*code, *(one for one in spans if one.kind == "code")]
    places = [(one.start, one.end) for one in read] if marked else [(0, len(text))]
    if marked:
        spans = [*spans, *_typed_in_prose(text, blocks, spans)]
    signs = (_MATHEMATICAL, _POWER)
    if not any(sign.search(text, *place) for place in places for sign in signs):
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
_IN_BRACKETS = re.compile(rf"([_^])\(({_INSIDE})\)")
_WORD_BELOW = re.compile(r"_(?=[A-Za-z][A-Za-z0-9])")


def typed(text: str) -> str:
    """What is read for plain text, of the same length: its braces are printed, `e^(x)` is a power
    and `n_out` has a word below it.

    >>> typed("n_out ∈ {0, 1}"), typed("e^(-x)")
    ('n＿out ∈ ｛0, 1｝', 'e^{-x}')
    """
    text = _BRACES.sub("｛\\1｝", text)
    return _WORD_BELOW.sub("＿", _IN_BRACKETS.sub("\\1{\\2}", text))


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


def _typed_in_prose(text: str, blocks: Sequence[Block], spans: Sequence[Found]) -> list[Found]:
    """The formulas between those that delimiters mark: with signs that no keyboard has, or a
    function by its name."""
    taken = [(one.start, one.end) for one in blocks if one.kind != "heading"]
    taken += [(one.outer_start, one.outer_end) for one in spans]
    found = _in_prose(text, sorted(taken))
    sure = (_MATHEMATICAL, _CALLED)
    return [one for one in found if any(sign.search(text, one.start, one.end) for sign in sure)]


def _in_prose(text: str, taken: list[tuple[int, int]]) -> Iterator[Found]:
    position = 0
    for start, end in [*taken, (len(text), len(text))]:
        for first, last in _stretches(text, position, max(position, start)):
            yield Found("inline", first, last, first, last, typed=True)
        position = max(position, end)


def _stretches(
    text: str, position: int, end: int, begins: bool = False
) -> Iterator[tuple[int, int]]:
    """The stretches that are formulas; `begins` allows a relation at the very beginning."""
    first = position
    while position < end:
        run = _run(text, position, end)
        if run.stop == position:
            position = _next(text, position, end)
            continue
        start = position + len(text[position : run.stop]) - len(text[position : run.stop].lstrip())
        for cut in _cuts(text, start, run.last, run.relations) if run.is_whole(text, end) else ():
            body = text[start:cut].rstrip(" \t\n,")
            led = begins and start == first
            sided = any(start + (not led) <= at < start + len(body) - 1 for at in run.relations)
            if sided and (led or not re.match(_RELATION, body)):
                yield start, start + len(body)
            start = cut + len(text[cut : run.last]) - len(text[cut : run.last].lstrip())
        position = max(run.stop, position + 1)


def _cuts(text: str, start: int, last: int, relations: list[int]) -> list[int]:
    """Where a stretch falls into formulas: `for m < 1 ∂h/∂w = t x` after the 1."""
    supposed = _CONDITION.search(text, max(0, start - 40), start)
    if supposed and len(relations) > 1 and text[relations[0]] in "<>≤≥≠":
        number = re.match(r".\s*[-−]?[\w.]+\s+(?=\S)", text[relations[0] : relations[1]])
        if number is not None:
            return [relations[0] + number.end(), last]
    return [last]


def _next(text: str, position: int, end: int) -> int:
    """Behind the word and what is attached to it, or the sign, that no formula begins with."""
    word = _PIECE.match(text, position, end)
    return word.end() if word else end


@dataclass(frozen=True)
class _Run:
    """A stretch of mathematics.

    stop   where it does not go on
    last   the end of its last sign that is in no open bracket
    relations  where its relations are, outside of brackets
    kind   what its last sign is
    """

    stop: int
    last: int
    relations: list[int]
    kind: str

    def is_whole(self, text: str, end: int) -> bool:
        """Whether a formula ends here, and does not go on with something else: a sign, or a
        function, that is not known."""
        if self.kind in ("operator", "relation"):
            return False
        return _GOES_ON.match(text, self.last, end) is None


def _run(text: str, position: int, end: int) -> _Run:
    """From a place on as far as mathematics goes."""
    depth, relations, kind = 0, [], "open"
    at = last = position
    while at < end and (found := _TOKEN.match(text, at, end)) is not None:
        if found.lastgroup == "blank":
            if "\n" in found[0] and not _goes_on(text, found.end(), kind, depth):
                break
            at = found.end()
            continue
        if not _belongs(text, found, position, depth):
            break
        kind, at = found.lastgroup, found.end()
        relations += [found.start()] if kind == "relation" and not depth else []
        depth += (kind == "open") - (kind == "close")
        last = last if depth else at
    return _Run(at, last, [one for one in relations if one < last], kind)


def _belongs(text: str, found: re.Match[str], first: int, depth: int) -> bool:
    """Whether a sign may be part of a formula: no word, no comma and no `)` outside of brackets."""
    kind = found.lastgroup
    if kind == "word":
        return _is_name(text, found, first)
    if kind == "operator" and not text[first : found.start()].strip():
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        return line.strip() != "" or _BULLET.match(text, found.start()) is None
    return depth > 0 or kind not in ("comma", "close")


def _goes_on(text: str, at: int, before: str, depth: int) -> bool:
    """Whether a formula goes on in the next line."""
    if before in ("operator", "relation") or depth:
        return True
    return _NEXT_LINE.match(text, at) is not None


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
    scripted = after in _BEHIND or before in _BEFORE
    if len(word) == 2:
        return word not in _WORDS
    return len(word) == 3 and (scripted or word[0] == "d") and not word.islower()
