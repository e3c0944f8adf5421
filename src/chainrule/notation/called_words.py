r"""Functions with a name of several letters: `sp(z)`, in a text that prints it upright elsewhere,
or begins a formula with `sp(z) = …`."""

from __future__ import annotations

import re
from functools import lru_cache

from chainrule.notation.vocabulary import PROSE_WORDS

_PRINTED = re.compile(
    r"\\(?:mathrm|operatorname\*?|text|textrm|mathsf|mathit)\s*\{([A-Za-z]{2,8})\}"
    r"\s*(?:\\left\s*|\\[bB]igl?)?\("
)
# `df(x) = …` is a differential; s p(z) is a product, which nobody gives a meaning.
_HEAD = re.compile(r"[`$]\s*([abce-z][a-z]{1,3})\(\s*[a-zA-Z]\w?\s*\)\s*(?::?=|≔)")


@lru_cache(maxsize=16)
def called_words(text: str) -> frozenset[str]:
    r"""The words that a text prints in front of brackets as names of functions.

    >>> sorted(called_words(r"With `sp(z) = log(1 + e^z)` and $\mathrm{lse}(z)$ in $[0, 1)$."))
    ['lse', 'sp']
    >>> called_words(r"$\text{if } x(t) = 0$, $p q(x)$"), called_words("$df(x) = 2x dx$")
    (frozenset(), frozenset())
    """
    found = {*_PRINTED.findall(text), *_HEAD.findall(text)}
    return frozenset(word for word in found if word.lower() not in PROSE_WORDS)
