"""Formulas that say what a star between signals means: the first one for each star is no claim."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.checker.claims.page import Defined, Page
from chainrule.notation import tree
from chainrule.notation.stars import defined_star


def findings(page: Page) -> Iterator[Defined]:
    """What stars are defined by."""
    seen = set()
    for item in page.reading.chains:
        sign = defined_star(tree.Chain(item.members, item.relations))
        if sign is not None and sign not in seen:
            seen.add(sign)
            body = item.members[1]
            yield Defined(sign, body.start, body.end)
