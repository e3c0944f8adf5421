"""Formulas that plain text states without delimiters: `W ∈ R^{d×k}`, `0 < a < 1`, `for c > 0`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chainrule.notation.delimiters import Found

_NAME = r"[A-Za-zα-ωΑ-Ω](?:_\w{1,4}|_\{\w{1,6}\}|\d)?"
_NUMBER = r"\d+(?:\.\d+)?"
_FORMULAS = re.compile(
    rf"""(?<![\w$\\.^_{{(-])(?:
      {_NAME}(?:,[ ]?{_NAME})*[ ]?∈[ ]?[Rℝ]\^(?:\{{[^{{}}\n$]{{1,20}}\}}|\w(?:[ ]?×[ ]?\w)?)
    | (?:{_NAME}[ ]?=[ ]?){{2,4}}{_NUMBER}
    | {_NUMBER}[ ]?[<≤][ ]?{_NAME}[ ]?[<≤][ ]?{_NUMBER}
    | (?:(?<=for[ ])|(?<=if[ ])|(?<=when[ ])|(?<=where[ ])|(?<=with[ ]))
      (?:{_NAME}[ ]?[<>≤≥≠][ ]?{_NUMBER} | [a-z][ ]?[=≠][ ]?[a-z](?=[ ]?[:,]))
    )(?![\w$\\^_{{+*/=-]|[ ][-+*/=<>≤≥≠])""",
    re.X,
)


def bare_formulas(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """What plain text says of shapes and bounds, outside of the stretches that are taken.

    >>> text = "Let x ∈ R^{1×d} and 0 < a < 1, for c > 0."
    >>> [text[one.start : one.end] for one in bare_formulas(text, [])]
    ['x ∈ R^{1×d}', '0 < a < 1', 'c > 0']
    """
    position = 0
    for start, end in [*sorted(taken), (len(text), len(text))]:
        for match in _FORMULAS.finditer(text, position, max(position, start)):
            yield Found("inline", match.start(), match.end(), match.start(), match.end())
        position = max(position, end)


_SIGN = re.compile(r"\s*(?:\\neq?|\\not\s*=|[=≠])\s*")
_BEFORE, _AFTER = re.compile(r"(?<![\w$\\])[a-z] ?$"), re.compile(r" ?[a-z](?![\w$\\'])")


def widened(text: str, found: Found) -> Found:
    r"""Of `k $\neq$ c` the formula with the letters on both sides of a lone sign.

    >>> text = r"for k $\neq$ c"
    >>> one = widened(text, Found("inline", 7, 11, 6, 12))
    >>> text[one.start : one.end]
    'k $\\neq$ c'
    """
    before = _BEFORE.search(text, max(0, found.outer_start - 3), found.outer_start)
    after = _AFTER.match(text, found.outer_end)
    sign = found.kind == "inline" and _SIGN.fullmatch(text, found.start, found.end)
    if not (before and after and sign):
        return found
    return Found("inline", before.start(), after.end(), before.start(), after.end())
