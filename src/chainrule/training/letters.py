"""What the letter of a symbol says where the equations leave it open."""

from __future__ import annotations

import re

from chainrule.language.expr import Array

# The letters of a target, of weights, of biases, of how many examples there are, of tiny numbers.
TARGETS = frozenset(("y", "t", "r"))
WEIGHTS = frozenset(("w", "W", "v", "a", "u", "theta", "beta", "alpha"))
BIASES = frozenset(("b", "beta", "c"))
COUNTS = frozenset("nNmMB")
SMALL = frozenset(("epsilon", "varepsilon", "eps", "delta"))


def letter(array: Array) -> str:
    """The letter of a name without its scripts and accents.

    >>> letter(Array(r"\\theta^{(1)}"))
    'theta'
    """
    return re.split(r"[_^({]", array.name)[0].lstrip("\\")
