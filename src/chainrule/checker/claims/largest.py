r"""Largest and smallest values over all numbers: `\max_x \sigma'(x) = 1/4`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.checker.rounded import number_of
from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.reading import ChainItem
from chainrule.notation.reductions import is_over_numbers

# The numbers that are tried, 0 among them; at an end of the line nothing is decided.
_LINE = np.linspace(-30.0, 30.0, 2401)
# A number this near is the one found on the line; one this far off, of the size, is another.
_NEAR, _FAR = 1e-5, 1e-2


def findings(page: Page) -> Iterator[Finding]:
    """Each number that is said to be the largest or smallest value of a function of one number."""
    for item in page.in_turn(page.reading.chains):
        head = item.members[0]
        if not isinstance(head, tree.Big) or not is_over_numbers(head):
            continue
        found = _extreme(page, head)
        for member, relation in zip(item.members[1:], item.relations, strict=True):
            if found is not None and relation.kind == "=":
                yield from _compared(page, item, member, found)


def _extreme(page: Page, head: tree.Big) -> float | None:
    """The largest value along the line; None where it is none of the function."""
    known = page.value(head.body)
    if known is None:
        return None
    value, scope = known
    expr = scope.inlined(value.expr)
    names = elements(expr)
    if value.axes or expr.free or len(names) != 1 or any(one.sizes for one in names):
        return None
    (name,) = (one.name for one in names)
    try:
        numbers = evaluate(expr, {name: _LINE}, {}, points=len(_LINE))
    except ChainruleError:
        return None
    if not np.isfinite(numbers).all():
        return None
    at = int(numbers.argmax() if head.kind == "max" else numbers.argmin())
    return float(numbers[at]) if 0 < at < len(numbers) - 1 else None


def _compared(page: Page, item: ChainItem, member: tree.Node, found: float) -> Iterator[Finding]:
    known = page.value(member, item.scope)
    number = None if known is None else number_of(known[1], known[0])
    if number is None:
        return
    if abs(number - found) <= _NEAR:
        yield page.finding(member.start, member.end, "holds", evidence="points")
    elif abs(number - found) > _FAR * max(1.0, abs(found)):
        yield page.finding(
            member.start,
            member.end,
            "wrong",
            counterexample=f"the value found is {found:.6g}, and not {number:.6g}",
        )
