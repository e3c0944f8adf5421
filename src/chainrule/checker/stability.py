"""`check --floats`: which true claims and definitions break when they are computed as printed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import islice

from chainrule.checker.correction import written
from chainrule.checker.findings import TRUE, Finding
from chainrule.checker.floats import DTYPES, Breakdown, breakdown, masked_division
from chainrule.checker.readings import readings
from chainrule.errors import BadOption, ChainruleError
from chainrule.language.budget import SECONDS, OutOfBudget, within
from chainrule.language.expr import Along, Apply, Expr
from chainrule.language.inline import elements, instantiate
from chainrule.language.passes import around
from chainrule.language.walk import walk
from chainrule.notation.document import Document
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.reading import ChainItem, Reading
from chainrule.notation.scope import Scope
from chainrule.notation.value import Value
from chainrule.transform.simplify import fold

# So many readings of a chain are looked through for one that gives the member a value.
READINGS = 4
SPELLED_OUT = {"softmax", "log_softmax", "logsumexp", "softplus"}
CHECKED = TRUE | {"holds-if", "convention"}


def known_dtype(dtype: str) -> str:
    """The dtype, if forms can be computed in it."""
    if dtype not in DTYPES:
        raise BadOption(f"dtype {dtype} is not known", remedy=f"one of {', '.join(DTYPES)}")
    return dtype


def with_stability(reading: Reading, findings: list[Finding], dtype: str) -> list[Finding]:
    """The findings, with `unstable` where a true member breaks in the dtype.

    A definition that breaks gets a finding, too; derivatives that are only named are left alone.
    """
    document = reading.document
    places = {(finding.start, finding.end): k for k, finding in enumerate(findings)}
    result, added = list(findings), []
    for item in reading.chains:
        for position in range(1, len(item.members)):
            node = item.members[position]
            spot = places.get(document.braced(node.start, node.end))
            judged = spot is not None and findings[spot].verdict in CHECKED
            if (not judged and position != item.body) or is_derivative(node):
                continue
            finding = findings[spot] if judged else _defining(document, item, position)
            unstable = _unstable(document, item, position, finding, dtype)
            if unstable is not None and judged:
                result[spot] = unstable
            elif unstable is not None:
                added.append(unstable)
    return sorted(result + added, key=lambda finding: finding.start)


def _defining(document: Document, item: ChainItem, position: int) -> Finding:
    node = item.members[position]
    span = document.braced(node.start, node.end)
    return Finding.on(document, *span, "holds", step=None, head=None)


def _unstable(document, item: ChainItem, position: int, finding: Finding, dtype: str):
    """The finding as unstable; None where the member does not break."""
    with suppress(OutOfBudget, ChainruleError), within(SECONDS):
        for read in islice(readings(item), READINGS):
            value = read.members[position]
            if isinstance(value, Value):
                return _judged(document, read.scope, value, finding, dtype)
    return None


def _judged(document, scope: Scope, value: Value, finding: Finding, dtype: str) -> Finding | None:
    trial = scope.copy()
    value = trial.algebra.resolved(value)
    printed = trial.inlined(value.expr)
    names = {array.name for array in elements(printed)}
    facts = tuple(sorted(fact for fact in trial.facts if fact.array in names))
    found = breakdown(printed, facts, dtype)
    if found is not None:
        return _told(document, trial, value, finding, found, dtype)
    masked = masked_division(value.expr)
    if masked is None:
        return None
    top, bottom = (array.name for array in masked)
    return replace(
        finding,
        verdict="unstable",
        diagnosis=f"true, but divides by zero in {dtype} where {bottom} is 0",
        counterexample=f"with {top} = 0, {bottom} = 0 in {dtype}: nan, a factor 0 should give 0",
    )


def spelled_out(expr: Expr) -> Expr:
    """The expression with softmax and its kin written as they are to be computed."""

    def visit(node: Expr):
        node = yield from around(node)
        return instantiate(_safe(node), node) if _is_spelled(node) else node

    return walk(visit, expr)


def _is_spelled(node: Expr) -> bool:
    return isinstance(node, (Apply, Along)) and node.function.name in SPELLED_OUT


def _safe(node: Apply | Along) -> Expr:
    function = node.function
    return function.stable if function.quick is None else function.quick


def _told(document, scope, value, finding, found: Breakdown, dtype: str) -> Finding:
    stable = None
    if found.stable is not None:
        expr = found.stable
        for definition in scope.program().definitions:
            if not _is_spelled(definition.body):
                expr = fold(expr, [definition])
        stable = written(document, scope, Value(spelled_out(expr), value.axes), tidy=False)
    return replace(
        finding,
        verdict="unstable",
        diagnosis=found.sentence(dtype),
        counterexample=found.told(dtype),
        correction=stable,
        evidence="balls",
    )
