"""What sentences say of overflow and of division by zero, tried in float64.

`division by zero when z = 0`, `e^{x} can overflow`, `using c = -max x avoids overflow`,
`subtracting the maximum does not change the softmax`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from chainrule.checker.claims.bounds import bound_in_words, bound_of, inside
from chainrule.checker.claims.exchange import replaced
from chainrule.checker.claims.numbers import Truth, everywhere, sample, told
from chainrule.checker.claims.page import Page
from chainrule.checker.claims.properties import shift_invariant
from chainrule.checker.claims.subjects import SUBJECT, formula_subject, function_subject, spoken
from chainrule.checker.findings import Finding
from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Const, Expr
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.scripts import letter
from chainrule.notation.sentences import FORMULA, OTHER, Sentence
from chainrule.notation.tree import Node, show

Inside = Callable[[dict[str, np.ndarray]], bool]

_LARGE = 1000.0
_DIVISION = re.compile(
    rf"\bdivi(?:sion|ding|de|des) by (?:zero|0)\s*(?:happens |occurs )?"
    rf"(?:when|if|where|for|at|as)\s*(?P<case>{FORMULA})",
    re.I,
)
_OVERFLOWS = re.compile(rf"(?P<value>{FORMULA}){OTHER}{{0,80}}?\b(?P<word>overflows?)\b", re.I)
_AVOIDS = re.compile(
    rf"\b(?:using|with|choosing|setting|taking|if)\s+(?P<choice>{FORMULA})"
    rf"{OTHER}{{0,80}}\b(?:avoid|prevent)\w*\s+(?:any |numerical |an )?overflow",
    re.I,
)
_SUBTRACTED = re.compile(
    r"\bsubtract\w*\s+(?:the\s+)?(?:largest|max\w*)[^.]{0,160}?"
    r"(?:without (?:affecting|changing)|(?:does|do) ?n[o'’]t\s?(?:change|affect|alter))"
    r"[^.]{0,40}",
    re.I,
)
_SHIFTED = re.compile(
    r"\b(?:with|after) (?:this |the |such )?(?:normali[sz]ation|shift\w*|subtraction)\b[^.]{0,40}?"
    r"\b(?:elements?|entries|values?|exponentials?)\b[^.]{0,40}?\bbetween (?P<low>\d|zero|one) and "
    r"(?P<high>\d|zero|one)\b",
    re.I,
)
_SOME = re.compile(
    r"\b(?:for|if|when|where|with|of) (?:all |every |any )?(?:very )?"
    r"(?:large|small|negative|positive|big|huge|such|moderate|non-?negative)\b",
    re.I,
)
_DENIED = re.compile(r"\b(?:not|never|no|avoid\w*|without|prevent\w*)\b|n['’]t\b", re.I)


def findings(page: Page) -> Iterator[Finding]:
    """The claims on floating point in sentences."""
    yield from page.matched(_KINDS)


# Division by zero ------------------------------------------------------------------------------


def _division(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """Whether a formula of the section above divides by nothing in that case."""
    case = undecorated(sentence.prints[match["case"]].node)
    if not isinstance(case, tree.Chain) or len(case.members) != 2 or case.relations[0].kind != "=":
        return None
    thing, number = case.members
    if bound_of(number) is None:
        return None
    start, end = sentence.span(*match.span())
    zero = [
        answer
        for item in page.chains_before(match_start(sentence, match))[:12]
        for member in item.members
        for below in _denominators(member)
        if (answer := _vanishes(page, below, thing, number)) is not None
    ]
    if any(zero):
        return page.finding(start, end, "holds", reading="a denominator above is 0 then")
    if zero:
        reason = "no denominator above is 0 then"
        return page.finding(start, end, "wrong", counterexample=reason, diagnosis=reason)
    return page.finding(start, end, "not-checked", diagnosis="no such denominator was found")


def match_start(sentence: Sentence, match: re.Match) -> int:
    return sentence.span(*match.span())[0]


def _denominators(node: Node) -> Iterator[Node]:
    for part in tree.walk(node):
        if isinstance(part, (tree.Fraction, tree.Slash)):
            yield part.denominator


def _vanishes(page: Page, below: Node, thing: Node, number: Node) -> bool | None:
    """Whether a denominator is 0 where a thing in it has a value; None where that is open."""
    shown = show(thing)
    if not any(show(part) == shown for part in tree.walk(below)):
        return None
    if isinstance(below, tree.Product) and isinstance(below.factors[0], tree.Symbol):
        if below.factors[0].name in ("partial", "d"):
            return None
    value = page.value(replaced(below, shown, number))
    if value is None or not isinstance(value[0].expr, Const):
        return None
    return value[0].expr.value == 0


# Overflow --------------------------------------------------------------------------------------


def _overflow(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """Whether a formula overflows for large inputs."""
    between = sentence.flat[match.start() : match.start("word")]
    subject = formula_subject(page, sentence.prints[match["value"]])
    if subject is None or isinstance(subject.expr, Const):
        return None
    start, end = sentence.span(*match.span())
    inside = _supposed(sentence, match.start("value"), subject.expr)
    denied = bool(_DENIED.search(between))
    if inside is None and denied:
        reason = "said of some inputs only"
        return page.finding(start, end, "not-checked", diagnosis=reason)
    at = _breaks(subject.expr, inside or _everywhere)
    if (at is not None) != denied:
        return page.finding(start, end, "holds", reading=f"float64, {at}" if at else "float64")
    if denied:
        return page.finding(start, end, "wrong", counterexample=f"in float64 {at}")
    return page.finding(start, end, "not-checked", diagnosis="no input was found that overflows")


_COMPARED = {"<": np.less, ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal}


def _everywhere(values: dict[str, np.ndarray]) -> bool:
    return True


def _supposed(sentence: Sentence, place: int, expr: Expr) -> Inside | None:
    """For which inputs something is said: `for $x < 0$ use …`; None where that is not seen.

    The last condition before a place in a sentence is the one that holds there.
    """
    before = (undecorated(one.node) for one in sentence.within(0, place))
    conditions = [one for one in before if isinstance(one, tree.Chain)]
    words = sentence.flat[:place]
    if not conditions:
        return None if _SOME.search(words) else _everywhere
    names = {array.name for array in elements(expr)}
    match conditions[-1]:
        case tree.Chain((head, number), (relation,)) if relation.kind in _COMPARED:
            bound = bound_of(number)
            if {letter(head)} == names and isinstance(bound, Fraction):
                compare, name = _COMPARED[relation.kind], letter(head)
                return lambda values: bool(np.all(compare(values[name], float(bound))))
    return None


def _breaks(expr: Expr, inside: Inside = _everywhere) -> str | None:
    """An input at which the printed form is no finite number in float64."""
    for values, sizes in sample(expr):
        for factor in (_LARGE, -_LARGE):
            large = {name: np.asarray(value) * factor for name, value in values.items()}
            if not inside(large):
                continue
            try:
                found = evaluate(expr, large, sizes)
            except ChainruleError:
                return None
            if not np.isfinite(found).all():
                return f"with {told(large)}"
    return None


def _avoided(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """`Using c = -max x avoids overflow`, of the nearest formula above with an e^{… c}."""
    choice = undecorated(sentence.prints[match["choice"]].node)
    if not isinstance(choice, tree.Chain) or len(choice.members) != 2:
        return None
    name, chosen = show(choice.members[0]), _over_another_letter(choice.members[1])
    start, end = sentence.span(*match.span())
    for item in page.chains_before(start):
        for member in item.members:
            for part in tree.walk(member):
                if not _is_power_of_e(part) or not _mentions(part.sup, name):
                    continue
                value = page.value(replaced(part, name, chosen))
                if value is None:
                    continue
                at = _breaks(value[1].inlined(value[0].expr))
                if at is None:
                    return page.finding(start, end, "holds", reading="float64, inputs up to 10⁴")
                return page.finding(start, end, "wrong", counterexample=f"in float64 {at}")
    return None


def _is_power_of_e(node: Node) -> bool:
    return isinstance(node, tree.Script) and show(node.base) == "e" and node.sup is not None


def _mentions(node: Node, shown: str) -> bool:
    return any(show(part) == shown for part in tree.walk(node))


def _over_another_letter(node: Node) -> Node:
    """`max x_i` without bounds, over a letter that is used nowhere else."""
    for part in tree.walk(node):
        if isinstance(part, tree.Big) and part.kind == "max" and part.sub is None:
            marks = [one.sub for one in tree.walk(part.body) if isinstance(one, tree.Script)]
            if len(marks) == 1 and isinstance(marks[0], tree.Symbol):
                mark = tree.Symbol("q")
                body = replaced(part.body, show(marks[0]), mark)
                big = tree.Big("max", mark, None, body, start=part.start, end=part.end)
                return replaced(node, show(part), big)
    return node


# Shifts by the maximum -------------------------------------------------------------------------


def _subtracted(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """`Subtracting the maximum … without changing the softmax`."""
    names = {spoken(m) for m in SUBJECT.finditer(sentence.flat) if not m["formula"]}
    if len(names) != 1:
        return None
    truth = shift_invariant(function_subject(names.pop()), match)
    start, end = sentence.span(*match.span())
    if truth.value is None:
        return page.finding(start, end, "not-checked", diagnosis="this was not decided")
    if not truth.value:
        return page.finding(start, end, "wrong", counterexample=truth.why)
    if re.search(r"\bother\b", match[0], re.I):
        fact = "the maximum is subtracted from every element, from itself as well"
        return page.finding(start, end, "holds-if", fact=fact)
    return page.finding(start, end, "holds", reading="translation invariance")


def _shifted(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """`With normalisation all elements lie between 0 and 1`, of a formula just above."""
    near = [one for one in page.sentences if one.paragraph == sentence.paragraph]
    above = near[: near.index(sentence)]
    if not any(re.search(r"\bsubtract\w*\b[^.]*\bmax", one.flat, re.I) for one in above):
        return None
    prints = [one.prints[sign] for one in above for sign in one.flat if sign in one.prints]
    subject = formula_subject(page, prints[-1]) if prints else None
    low, high = bound_in_words(match["low"]), bound_in_words(match["high"])
    if subject is None or not isinstance(low, Fraction) or not isinstance(high, Fraction):
        return None
    truth = _after_shift(subject.expr, inside(low, high, (True, True)))
    start, end = sentence.span(*match.span())
    if truth.value is None:
        return page.finding(start, end, "not-checked", diagnosis="this was not decided")
    verdict = "holds" if truth.value else "wrong"
    return page.finding(start, end, verdict, counterexample=truth.why)


def _after_shift(expr: Expr, test) -> Truth:
    arrays = elements(expr)
    if len(arrays) != 1 or len(next(iter(arrays)).sizes) != 1:
        return Truth(None)
    name = next(iter(arrays)).name
    points = [({name: v[name] - np.max(v[name])}, sizes) for v, sizes in sample(expr)]
    return everywhere(expr, test, points)


_Judge = Callable[[Page, Sentence, re.Match], Finding | None]
_KINDS: tuple[tuple[re.Pattern, _Judge], ...] = (
    (_DIVISION, _division),
    (_AVOIDS, _avoided),
    (_OVERFLOWS, _overflow),
    (_SUBTRACTED, _subtracted),
    (_SHIFTED, _shifted),
)
