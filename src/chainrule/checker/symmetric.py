"""Claims that are true of symmetric matrices only, in a document that speaks of such."""

from __future__ import annotations

import re
from dataclasses import replace

from chainrule.checker.compare import compare
from chainrule.checker.equality import pair_of
from chainrule.errors import SizeMismatch
from chainrule.language.algebra import add, element, mul
from chainrule.language.index import fresh
from chainrule.language.inline import Lambda, inline
from chainrule.notation.document import Document
from chainrule.notation.scope import Scope
from chainrule.notation.value import Misfit, Value

# So many characters above and below a claim may tell that its matrices are symmetric.
ABOVE, BELOW = 1200, 400
# Words that say that a matrix is not, or may not be, symmetric.
_NOT = re.compile(
    r"\b(?:not?|none|never|non|without)\b[\w ]{0,20}[- ]?$|n't [\w ]{0,12}$|\ba$", re.I
)


def _speaks_of_symmetric(text: str) -> bool:
    """Whether a text says of a matrix that it is symmetric.

    >>> _speaks_of_symmetric("A symmetric matrix A"), _speaks_of_symmetric("A, not symmetric,")
    (True, False)
    """
    found = re.finditer("symmetric", text)
    return any(not _NOT.search(text, max(0, one.start() - 40), one.start()) for one in found)


def holds_if_symmetric(
    document: Document, scope: Scope, left: Value, right: Value, at: int
) -> bool:
    """Whether two sides agree once every square matrix is made symmetric.

    at  where they stand: words about another matrix far from there tell nothing of it
    """
    if not _speaks_of_symmetric(document.text[max(0, at - ABOVE) : at + BELOW]):
        return False
    trial = scope.copy()
    try:
        if len(left.indices) == len(right.indices) == 2:
            # What is defined by a matrix is that matrix made symmetric.
            left, right = (_twice(trial, side) for side in (left, right))
        pair = pair_of(trial, left, right)
    except (Misfit, SizeMismatch):
        return False
    halves = {}
    for array in pair.arrays:
        if len(array.sizes) == 2 and array.sizes[0] == array.sizes[1]:
            i, j = map(fresh, array.sizes)
            both = add(element(array, i, j), element(array, j, i))
            halves[array.name] = Lambda((i, j), mul(0.5, both))
    sides = (inline(side, halves) for side in (pair.left, pair.right))
    pair = replace(pair, **dict(zip(("left", "right"), sides, strict=True)))
    return compare(pair).verdict == "holds"


def _twice(scope: Scope, matrix: Value) -> Value:
    """M + Mᵀ."""
    return scope.algebra.add([matrix, scope.algebra.renamed(matrix).transposed()])
