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
      {_NAME}[ ]?[<>≤≥≠][ ]?{_NUMBER}
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
