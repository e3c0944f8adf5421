"""Training as documents write it: risks, packed parameters, argmin, steps of gradient descent.

`R = 1/n Σ L(…)` and `θ = [W, b]` define; `argmin R = argmin 1/n Σ L(…)` and the members of
`θ^{(t+1)} = θ^{(t)} − η ∇R = …` are claims, judged by what R was said to be. So is `we adjust the
parameters by gradient descent in order to minimise the loss`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chainrule.checker.claims.counts import packs
from chainrule.checker.claims.page import Defined, Page
from chainrule.checker.findings import Finding
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.scripts import letter
from chainrule.notation.sentences import Sentence, worded
from chainrule.notation.tree import EQUAL, Node, show

_DOWN = re.compile(r"gradient descent|\bminimi[sz]|\\argmin|\{argmin\}|\bargmin\b", re.I)
_UP = re.compile(r"gradient ascent|\bmaximi[sz]|argmax", re.I)
_PARAMETERS = r"\b(?:parameter values?|parameters?|weights?)\b"
_CHANGE = r"\b(?:adjust|updat|chang|chos|tun)\w*\b"
_APART = r"[^.;]{0,40}?"
_PURPOSE = worded(
    rf"\b(?:{_PARAMETERS}{_APART}{_CHANGE}|{_CHANGE}{_APART}{_PARAMETERS}){_APART}"
    r"\bgradient (?P<way>descent|ascent)\b[\s,]*(?:in order |so as )?to "
    r"(?:(?P<less>minimi[sz]e|reduce|decrease|lower)|(?P<more>maximi[sz]e|increase|raise)) "
    r"(?:the |our )?(?:loss|cost|error)(?: function)?",
)


def findings(page: Page) -> Iterator[Finding | Defined]:
    """Definitions of risks and packs, and the claims of minima and of steps."""
    risks: dict[str, Node] = {}
    yield from _packs(page)
    yield from page.matched(((_PURPOSE, _purpose),))
    for item in page.in_turn(page.reading.chains):
        if item.relations[0].kind not in EQUAL | {"gets"} or len(item.members) < 2:
            continue
        head, body = undecorated(item.members[0]), undecorated(item.members[1])
        if (name := _risk(head, body)) is not None:
            risks.setdefault(name, body)
            if item.defines is None and risks[name] is body:
                yield Defined(name, *page.document.braced(body.start, body.end))
        elif any(_is_argument(undecorated(member)) for member in item.members):
            yield from _minima(page, item, risks)
        elif (step := _step(item)) is not None:
            yield from _steps(page, item, step, risks)


def _purpose(page: Page, sentence: Sentence, match: re.Match) -> Finding:
    """Down makes a loss less, up makes it more."""
    start, end = sentence.span(*match.span())
    down = match["way"].lower() == "descent"
    if down == bool(match["less"]):
        return page.finding(start, end, "holds", reading="a small step")
    theta = 0.8 if down else 1.2
    why = f"with L = θ², θ = 1 and η = 0.1 a step leads to θ = {theta}, L = {theta**2:.2f}"
    return page.finding(start, end, "wrong", counterexample=why)


def _packs(page: Page) -> Iterator[Defined]:
    """`θ = [W, b]`; the same list under a second name is left alone."""
    seen = set()
    for name, entries in packs(page.document, page).items():
        key = tuple(show(entry) for entry in entries)
        if key not in seen:
            seen.add(key)
            start, end = page.document.braced(entries[0].start, entries[-1].end)
            bracket = re.match(r"\s*(?:\\right)?\s*[\])}\\]+", page.document.text[end:])
            yield Defined(name, *_widened(page, start, end, bracket))


def _widened(page: Page, start: int, end: int, bracket: re.Match | None) -> tuple[int, int]:
    """The span of a list with its brackets, as the member that it is."""
    for item in page.reading.chains:
        node = item.members[1]
        if node.start <= start and end <= node.end:
            return page.document.braced(node.start, node.end)
    return start, end + (bracket.end() if bracket else 0)


def _risk(head: Node, body: Node) -> str | None:
    """The name of a mean or sum over examples of a loss, `R(f, D) = 1/n Σ_i L(…^{(i)}…)`."""
    if isinstance(head, tree.Product) and len(head.factors) == 2:
        called = isinstance(head.factors[1], tree.Group)
        head = head.factors[0] if called else head
    name = letter(head.base) if isinstance(head, tree.Script) else letter(head)
    mean = undecorated(body.terms[0]) if isinstance(body, tree.Sum) else body
    factors = mean.factors if isinstance(mean, tree.Product) else (mean,)
    sums = [part for part in factors if isinstance(part, tree.Big) and part.kind == "sum"]
    if name is None or len(sums) != 1 or not _over_examples(sums[0]):
        return None
    return name if all(_is_count(part) for part in factors if part is not sums[0]) else None


def _over_examples(node: tree.Big) -> bool:
    """A sum of calls whose arguments carry the index of an example: L(f(x^{(i)}), y^{(i)})."""
    body = undecorated(node.body)
    if not isinstance(body, tree.Product) or not isinstance(body.factors[-1], tree.Group):
        return False
    return any(
        isinstance(part, tree.Script) and isinstance(part.sup, tree.Group)
        for part in tree.walk(body)
    )


# The least value -------------------------------------------------------------------------------


def _is_argument(node: Node) -> bool:
    return isinstance(node, tree.Big) and node.kind in ("argmin", "argmax")


def _minima(page: Page, item: ChainItem, risks: dict[str, Node]) -> Iterator[Finding | Defined]:
    """`θ* = argmin R` defines; a further argmin is of the same function, or it is not judged."""
    first: tree.Big | None = None
    for position, member in enumerate(item.members):
        node = undecorated(member)
        if not _is_argument(node):
            continue
        if first is None:
            first = node
            name = named(undecorated(item.members[0]), item.scope.usage)
            if position == 1 and name is not None:
                yield Defined(name.text, *page.document.braced(member.start, member.end))
            continue
        yield _minimum(page, member, first, node, risks)


def _minimum(
    page: Page, member: Node, first: tree.Big, node: tree.Big, risks: dict[str, Node]
) -> Finding:
    ours, theirs = (_unscaled(_written_out(one.body, risks)) for one in (first, node))
    if show(first.sub or tree.Empty()) != show(node.sub or tree.Empty()) or ours[1] != theirs[1]:
        reason = "another function, as far as it is understood"
        return page.finding(member.start, member.end, "not-checked", diagnosis=reason)
    if (first.kind == node.kind) == (ours[0] == theirs[0]):
        return page.finding(member.start, member.end, "holds")
    reason = "where a function is least, it is not greatest"
    return page.finding(
        member.start, member.end, "wrong", counterexample=reason, diagnosis="argmin for argmax"
    )


def _written_out(node: Node, risks: dict[str, Node]) -> Node:
    """A risk by what it was said to be."""
    node = undecorated(node)
    head = node
    if isinstance(node, tree.Product) and len(node.factors) == 2:
        head = node.factors[0]
    while isinstance(node, tree.Group) and node.open in "([{":
        node = head = undecorated(node.body)
    name = letter(head)
    return risks[name] if name in risks else node


def _unscaled(node: Node) -> tuple[int, str]:
    """(sign, what is left) of a function without a factor that is no sum."""
    sign = 1
    while isinstance(node, tree.Sum) and len(node.terms) == 1:
        sign, node = sign * (1 if node.signs[0] == "+" else -1), node.terms[0]
    if isinstance(node, tree.Product):
        sums = [factor for factor in node.factors if isinstance(factor, tree.Big)]
        if len(sums) == 1 and all(_is_count(f) for f in node.factors if f is not sums[0]):
            node = sums[0]
    return sign, show(node)


def _is_count(node: Node) -> bool:
    """1/n, 1/2: a positive factor."""
    parts = [part for part in tree.walk(node) if isinstance(part, tree.Symbol)]
    return all(part.name in ("n", "N", "m", "M") for part in parts)


# Steps -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Step:
    """`θ' = θ − η ∇R − …`: what is changed, under which names, and the terms that change it."""

    variables: tuple[str, ...]
    terms: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class _Slope:
    """η ∂R/∂θ taken apart; the variable may not be printed."""

    variable: str | None
    operand: Node


def _step(item: ChainItem) -> _Step | None:
    head, body = undecorated(item.members[0]), undecorated(item.members[1])
    if not isinstance(body, tree.Sum) or len(body.terms) < 2 or body.signs[0] != "+":
        return None
    variables = _same_or_next(head, body.terms[0])
    terms = tuple(zip(body.signs[1:], body.terms[1:], strict=True))
    if not variables or not all(_slope(term) is not None for _, term in terms):
        return None
    return _Step(variables, terms)


def _same_or_next(head: Node, first: Node) -> tuple[str, ...]:
    """The names under which the slope may be taken: of w = w − …, θ^{(t+1)} = θ^{(t)} − …"""
    if show(head) == show(first) and letter(getattr(head, "base", head)) is not None:
        # The k of `v_k ← v_k - η ∇_v J` counts steps.
        steps = isinstance(head, tree.Script) and isinstance(head.sub, tree.Symbol)
        return (show(head), show(head.base)) if steps else (show(head),)
    if not isinstance(head, tree.Script) or not isinstance(first, tree.Script):
        return ()
    if show(head.base) != show(first.base) or letter(head.base) is None:
        return ()
    for ours, theirs, others, bare in (
        (head.sup, first.sup, (head.sub, first.sub), replace(head, sup=None)),
        (head.sub, first.sub, (head.sup, first.sup), replace(head, sub=None)),
    ):
        if ours is not None and theirs is not None and _is_next(ours, theirs):
            if show(others[0]) == show(others[1]):
                return show(head.base), show(first), show(bare)
    return ()


def _is_next(ours: Node, theirs: Node) -> bool:
    """t + 1 after t, in brackets or not."""
    if isinstance(ours, tree.Group) and isinstance(theirs, tree.Group):
        ours, theirs = ours.body, theirs.body
    match ours:
        case tree.Sum((first, tree.Number("1")), (_, "+")):
            return show(first) == show(theirs)
    return False


def _slope(term: Node) -> _Slope | None:
    """η ∇_θ R, η ∂R/∂θ or η ∂/∂θ (R) taken apart."""
    factors = term.factors if isinstance(term, tree.Product) else (term,)
    for position, factor in enumerate(factors):
        rest = factors[position + 1 :]
        if is_derivative(factor):
            return _fraction(factor, rest, term)
        base = factor.base if isinstance(factor, tree.Script) else factor
        if isinstance(base, tree.Symbol) and base.name == "nabla" and rest:
            below = factor.sub if isinstance(factor, tree.Script) else None
            return _Slope(None if below is None else show(below), _one(rest, term))
    return None


def _fraction(factor: Node, rest: tuple[Node, ...], term: Node) -> _Slope | None:
    try:
        variable = show(operand(factor.denominator))
        if is_operator(factor):
            return _Slope(variable, _one(rest, term)) if rest else None
        return None if rest else _Slope(variable, operand(factor.numerator))
    except Misread:
        return None


def _one(factors: tuple[Node, ...], term: Node) -> Node:
    if len(factors) == 1:
        return factors[0]
    operators = term.operators[len(term.operators) - len(factors) + 1 :]
    return tree.Product(factors, operators, start=factors[0].start, end=factors[-1].end)


def _steps(page: Page, item: ChainItem, step: _Step, risks) -> Iterator[Finding]:
    """The first member is a step; the further ones are the same step written out."""
    member = item.members[1]
    yield _first(page, member, step)
    for other in item.members[2:]:
        body = undecorated(other)
        if isinstance(body, tree.Sum) and len(body.terms) == len(step.terms) + 1:
            if (found := _written(page, other, body, step, risks)) is not None:
                yield found


def _first(page: Page, member: Node, step: _Step) -> Finding:
    """Whether a step goes against the slope by the variable itself."""
    for _, term in step.terms:
        slope = _slope(term)
        if slope.variable is not None and slope.variable not in step.variables:
            reason = "the slope is taken by another variable than the one that is changed"
            return page.finding(
                member.start, member.end, "wrong", counterexample=reason, diagnosis=reason
            )
    text = page.document.text
    if all(sign == "-" for sign, _ in step.terms) and not _UP.search(text):
        return page.finding(member.start, member.end, "holds", reading="a step against the slope")
    if any(sign == "+" for sign, _ in step.terms) and _DOWN.search(text) and not _UP.search(text):
        reason = "the step goes up the slope: the sign is wrong"
        return page.finding(
            member.start,
            member.end,
            "wrong",
            counterexample="with R = θ², θ = 1, η = 0.1 it leads to 1.2, where R is larger",
            diagnosis=reason,
        )
    return page.finding(member.start, member.end, "not-checked", diagnosis="an update")


def _written(page: Page, other: Node, body: tree.Sum, step: _Step, risks) -> Finding | None:
    """The same step with the risk written out: by what the risk was said to be. None where the
    slope is worked out."""
    pairs = zip(step.terms, zip(body.signs[1:], body.terms[1:], strict=True), strict=True)
    for (sign, term), (other_sign, other_term) in pairs:
        ours, theirs = _slope(term), _slope(other_term)
        if theirs is None:
            return None
        left, right = (_written_out(one.operand, risks) for one in (ours, theirs))
        if sign != other_sign and show(left) == show(right):
            reason = "the sign of the slope has changed"
            return page.finding(
                other.start, other.end, "wrong", counterexample=reason, diagnosis=reason
            )
        if show(left) != show(right):
            return _another(page, other, left, right)
    return page.finding(other.start, other.end, "holds", reading="the same step, written out")


def _another(page: Page, other: Node, left: Node, right: Node) -> Finding:
    """Written out differently: false where only a factor of the sum is lost."""
    if _unscaled(left) == _unscaled(right):
        reason = "a factor of the mean over the examples is lost or added"
        return page.finding(
            other.start, other.end, "wrong", counterexample=reason, diagnosis=reason
        )
    reason = "another function, as far as it is understood"
    return page.finding(other.start, other.end, "not-checked", diagnosis=reason)
