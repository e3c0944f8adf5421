"""Rewriting by rules, from the inside out, until none applies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from chainrule.language.algebra import add, mul, rebound, rebuilt, total
from chainrule.language.expr import BINDERS, Add, Along, Apply, Expr, children
from chainrule.language.walk import walk
from chainrule.mathematics.conditions import met
from chainrule.mathematics.rules import Rule
from chainrule.transform.match import Matcher, instantiate


@dataclass(frozen=True)
class Step:
    """One use of a rule. Inside a binder, its index has a fresh name in `before` and `after`."""

    rule: str
    before: Expr
    after: Expr


def rewrite(
    expr: Expr,
    rules: Iterable[Rule],
    trace: list[Step] | None = None,
    measure: Callable[[Expr], int] | None = None,
) -> Expr:
    """An equal expression to which no rule applies.

    rules    tried in their order at each node, inner nodes first
    trace    if given, every use of a rule is added to it, in order
    measure  if given, a rule is used only where it makes this less, so that rewriting must end
    cost     each distinct node once for as long as nothing changes

    >>> from chainrule.language.algebra import apply, element
    >>> from chainrule.language.expr import Array
    >>> from chainrule.mathematics.functions import exp, log
    >>> from chainrule.mathematics.rules import SIMPLIFY
    >>> x = element(Array("x"))
    >>> rewrite(apply(log, apply(exp, x)), SIMPLIFY) is x
    True
    """
    by_head, matcher = _by_head(tuple(rules)), Matcher()

    def visit(node: Expr):
        inner = yield from _around(node, matcher)
        if inner is not node:
            return (yield inner)
        for rule in by_head.get(head(node), ()):
            after = first_result(rule, node, matcher)
            if after is not None and after is not node:
                if measure is not None and measure(after) >= measure(node):
                    continue
                if trace is not None:
                    trace.append(Step(rule.name, node, after))
                return (yield after)
        return node

    return walk(visit, expr)


def rewrite_once(
    expr: Expr,
    rules: Iterable[Rule],
    afterwards: Iterable[Rule] = (),
    trace: list[Step] | None = None,
) -> Expr:
    """An equal expression in which rules have been used from the outside in.

    rules       one that was used is not used again inside what it made, so that the right side
                may contain the left side, as a form with cases does; but see `Rule.again`
    afterwards  rules for a node whose children have changed
    """
    rules, afterwards = tuple(rules), tuple(afterwards)
    first, then, matcher = _by_head(rules), _by_head(afterwards), Matcher()

    def visit(node: Expr):
        found = next(_uses(node, first, matcher), None)
        if found is None:
            inner = yield from _around(node, matcher)
            return inner if inner is node else merged(inner)
        rule, after, rest = found
        join = add if isinstance(node, Add) else mul
        if trace is not None:
            trace.append(Step(rule.name, node, after if rest is None else join(after, rest)))
        others = (other for other in rules if other is not rule or rule.again)
        after = rewrite_once(after, others, afterwards, trace)
        return after if rest is None else join(after, (yield rest))

    def merged(node: Expr) -> Expr:
        applies = (first_result(rule, node, matcher) for rule in then.get(head(node), ()))
        return node if all(a is None for a in applies) else rewrite(node, afterwards, trace)

    return walk(visit, expr)


def _uses(node: Expr, by_head: dict, matcher: Matcher) -> Iterator[tuple[Rule, Expr, Expr | None]]:
    """(rule, what it makes of the parts it matches, the parts left over)."""
    for rule in by_head.get(head(node), ()):
        for after, rest in _matched(rule, node, matcher):
            if after is not node:
                yield rule, after, rest


def _around(node: Expr, matcher: Matcher):
    """The node around its rewritten children."""
    if isinstance(node, BINDERS):
        index, body = matcher.open(node)
        new = yield body
        if new is body:
            return node
        closed = rebound(node, index, new)
        if type(closed) is type(node) and closed.size == new.size + 1:
            # The body is known to be rewritten: opened anew, all of it would be visited again.
            matcher.openings.setdefault(closed, (index, new))
        return closed
    kids = children(node)
    new = []
    for kid in kids:
        new.append((yield kid))
    return node if tuple(new) == kids else rebuilt(node, tuple(new))


def first_result(rule: Rule, node: Expr, matcher: Matcher) -> Expr | None:
    """What the rule makes of the node, at the first match that meets its conditions."""
    return next(results(rule, node, matcher), None)


def results(rule: Rule, node: Expr, matcher: Matcher) -> Iterator[Expr]:
    join = add if isinstance(node, Add) else mul
    for after, rest in _matched(rule, node, matcher):
        yield after if rest is None else join(after, rest)


def _matched(rule: Rule, node: Expr, matcher: Matcher) -> Iterator[tuple[Expr, Expr | None]]:
    yield from _matched_whole(rule, node, matcher)
    if isinstance(node, Add) and isinstance(rule.left, Add):
        # A rule for terms holds for sums of such terms over one axis, too.
        for index, body, others in matcher.sums(node):
            for after, rest in _matched_whole(rule, body, matcher):
                inside = after if rest is None else add(after, rest)
                yield total(index, inside), add(*others) if others else None


def _matched_whole(rule: Rule, node: Expr, matcher: Matcher) -> Iterator:
    for bound, rest in matcher.within(rule.left, node):
        if not all(met(condition, bound) for condition in rule.given):
            continue
        right = rule.right
        after = instantiate(right, bound) if isinstance(right, Expr) else right(bound)
        if after is not None:
            yield after, rest


@lru_cache(maxsize=64)
def _by_head(rules: tuple[Rule, ...]) -> dict:
    table: dict = {}
    for rule in rules:
        table.setdefault(head(rule.left), []).append(rule)
    return table


def head(node: Expr):
    """What a node must share with a rule's left side for the rule to be tried."""
    return (type(node), node.function) if isinstance(node, (Apply, Along)) else type(node)
