"""The letter Σ in the place of the sign of a sum, as in `\\Sigma_j e^{z_j}`."""

from __future__ import annotations

import re

from chainrule.notation.characters import SUBSCRIPTS, twin
from chainrule.notation.macros import Macro

_LETTER = re.compile(r"\\Sigma(?![A-Za-z])|Σ")
_RUNNING = re.compile(r"\s*_\s*(?:\{\s*([a-z])\s*(?:=[^{}]*)?\}|([a-z])(?![A-Za-z]))")
_SUBSCRIPTS = re.compile(f"[{''.join(SUBSCRIPTS)}]+")
_TO = re.compile(r"\s*\^\s*(?:\{[^{}]*\}|\w)")
_INVERSE = re.compile(r"\s*\^\s*\{?\s*-")
# How far what is added may stand from the sign.
_NEAR = 60


def signs_of_sums(text: str) -> dict[str, Macro]:
    """`\\sum` for the letter, where a text prints it with an index of what follows, but for a few.

    A covariance `\\Sigma_k` is followed by nothing, or by what has no index k.

    >>> list(signs_of_sums(r"$p_i = e^{z_i} / \\Sigma_j e^{z_j}$"))
    ['Sigma']
    >>> signs_of_sums(r"$N(x; \\mu_k, \\Sigma_k)$ with $\\mu_k = 0$")
    {}
    """
    text = _SUBSCRIPTS.sub(lambda run: twin(text, run.start())[0], text)
    found = list(_LETTER.finditer(text))
    signs = [one for one in found if _is_sign(text, one.end())]
    if signs and 4 * len(signs) >= 3 * len(found):
        return {"Sigma": Macro("Sigma", 0, r"\sum ")}
    return {}


def _is_sign(text: str, end: int) -> bool:
    running = _RUNNING.match(text, end)
    if running is None or _INVERSE.match(text, running.end()):
        return False
    to = _TO.match(text, running.end())
    start = running.end() if to is None else to.end()
    own = running[1] or running[2]
    among = rf"\{{[a-z, ]{{0,3}}{own}[a-z, ]{{0,3}}\}}"
    place = rf"\{{[^{{}}]*{own}(?![A-Za-z])|{among}|{own}(?![A-Za-z])"
    term = re.match(rf"[^$=,;]{{0,{_NEAR}}}?_\s*(?:{place})", text[start:])
    return term is not None and not re.match(r"\s*\\?[)\]},.]", text[start:])
