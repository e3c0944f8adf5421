"""What sentences say of costs: `the squared error assumes a normal distribution`, `cross-entropy is
maximum likelihood`, `with the sigmoid the squared error is not convex, but concave on one side`,
`it does not punish misclassification enough`.

Each is decided by numbers: a cost belongs to a distribution if its slope is a multiple of that of
the negative logarithm of the density, it is convex if its second derivative is never negative, and
it punishes what is misclassified if it grows without bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.notation.sentences import Sentence, worded

Cost = Callable[[np.ndarray, float], np.ndarray]


def squared(p, y):
    """The squared error of a prediction p, for the target y."""
    return (p - y) ** 2


def absolute(p, y):
    """The absolute error of a prediction p, for the target y."""
    return np.abs(p - y)


def cross_entropy(p, y):
    """The cross-entropy of a probability p, for the target y."""
    return -y * np.log(p) - (1 - y) * np.log(1 - p)


COSTS: dict[str, Cost] = {
    r"MSE|(?:mean[- ])?squared[- ]error|quadratic (?:loss|cost)|least squares|L2 loss": squared,
    r"MAE|(?:mean[- ])?absolute[- ]error|L1 loss": absolute,
    r"(?:binary )?cross[- ]entropy|BCE|log(?:istic)? loss": cross_entropy,
}
#: The negative logarithms of densities, up to constants, as costs of the parameter.
DENSITIES: dict[str, Cost] = {
    r"gaussian|normal(?:ly)?(?: distribut\w+)?": squared,
    r"laplac\w+": absolute,
    r"bernoulli|binomial": cross_entropy,
}
_COST = "|".join(f"(?P<c{k}>{pattern})" for k, pattern in enumerate(COSTS))
_DENSITY = "|".join(f"(?P<d{k}>{pattern})" for k, pattern in enumerate(DENSITIES))
_ANY = rf"(?:{'|'.join((*COSTS, *DENSITIES))})"
_WORDS = rf"(?:(?!\b{_ANY}\b|\bnot?\b|n['’]t\b|\bunless\b|\bif\b)[^.;?]){{0,90}}?"
_TIE = r"\b(?:assum\w+|corresponds?|equivalent|amounts?|comes? from|derived|follows?|same as)\b"
_ASSUMES = re.compile(
    rf"\b(?:{_COST})\b{_WORDS}{_TIE}{_WORDS}\b(?:{_DENSITY})\b(?: distribution| noise)?", re.I
)
_LIKELIEST = re.compile(
    rf"\b(?:{_COST})\b{_WORDS}{_TIE}{_WORDS}\bmaximum[- ]likelihood(?: estimation)?", re.I
)
_CONVEX = re.compile(
    rf"\b(?:{_COST})\b(?: loss| function| cost)* (?:is|are|becomes) (?P<no>not |non-? ?)?convex"
    r" (?:for|in|with|when|under|on)\b[^.;]{0,40}?\b(?:classification|sigmoid|logistic)"
    r"(?: regression| function| unit| output)?",
    re.I,
)
_PASSED = worded(
    rf"\b(?:sigmoid|logistic)\b[^.;]{{0,40}}?\b(?:passed|fed|put|plugged|given)\s+(?:in)?to "
    rf"(?:the )?(?:{_COST})(?: loss| function| cost)*[\s,]+the (?:result|cost|loss) "
    r"(?:is|becomes) (?P<no>not |non-? ?)?convex",
)
_SIDE = r"(?:on|to|in) (?:the )?{} (?:side|part|region)?[\s,]*(?:it is |(?:the )?\w+ is )?"
_SIDES = worded(
    rf"\b{_SIDE.format('one')}(?:concave|convex)\b[\s,]*(?:and |while |but )?"
    rf"{_SIDE.format('(?:the )?other')}(?:concave|convex)\b",
)
_PUNISHES = worded(
    rf"\b(?:{_COST})\b(?: loss| function| cost)* "
    r"(?P<no>(?:does not|doesn['’]?t|do not|fails to) )?(?:punish|penali[sz]e)(?:s|es)? "
    r"(?:the )?(?:mis+[- ]?classifi\w+|(?:confident )?mistakes|"
    r"(?:wrong|false) (?:predictions?|classes)) (?:enough|strongly|heavily|sufficiently)",
)
_P = np.linspace(0.05, 0.95, 19)
_Z = np.linspace(-8, 8, 161)


def findings(page: Page) -> Iterator[Finding]:
    """Claims on costs and distributions, and on the convexity of costs behind a sigmoid."""
    yield from page.matched(
        (
            (_ASSUMES, _assumption),
            (_LIKELIEST, _likelihood),
            (_CONVEX, _convexity),
            (_PASSED, _convexity),
            (_SIDES, _sides),
            (_PUNISHES, _punishment),
        )
    )


def _named(match: re.Match, kind: str, known: dict[str, Cost]) -> Cost:
    return next(cost for k, cost in enumerate(known.values()) if match[f"{kind}{k}"])


def _assumption(page: Page, sentence: Sentence, match: re.Match) -> Finding:
    cost, density = _named(match, "c", COSTS), _named(match, "d", DENSITIES)
    start, end = sentence.span(*match.span())
    if _same_slopes(cost, density):
        return page.finding(start, end, "holds", reading="the cost is its −log density")
    a, b = (float(_slope(one, 0.25, 1.0)) for one in (cost, density))
    c, d = (float(_slope(one, 0.75, 1.0)) for one in (cost, density))
    why = f"for the target 1 the slopes are {a:.3g} and {c:.3g} at 0.25 and 0.75, not as {b:.3g} to"
    return page.finding(
        start,
        end,
        "wrong",
        counterexample=f"{why} {d:.3g}",
        diagnosis="this cost is the negative log-likelihood of another distribution",
    )


def _likelihood(page: Page, sentence: Sentence, match: re.Match) -> Finding:
    cost = _named(match, "c", COSTS)
    start, end = sentence.span(*match.span())
    if _same_slopes(cost, cross_entropy):
        return page.finding(start, end, "holds", reading="of the Bernoulli distribution")
    noise = "normal" if _same_slopes(cost, squared) else "Laplacian"
    return page.finding(start, end, "holds-if", fact=f"the noise is {noise}")


def _slope(cost: Cost, p, y: float):
    return (cost(p + 1e-6, y) - cost(p - 1e-6, y)) / 2e-6


def _same_slopes(cost: Cost, density: Cost) -> bool:
    """Whether a cost is a multiple of a −log density and a constant, for both targets."""
    ratios = np.concatenate([_slope(cost, _P, y) / _slope(density, _P, y) for y in (0.0, 1.0)])
    return bool(np.allclose(ratios, ratios[0], rtol=1e-4))


def _convexity(page: Page, sentence: Sentence, match: re.Match) -> Finding:
    cost = _named(match, "c", COSTS)
    start, end = sentence.span(*match.span())
    lowest, place = _lowest_curvature(cost)
    if (lowest < -1e-6) == bool(match["no"]):
        return page.finding(start, end, "holds", reading="as a function of the logit")
    why = f"its second derivative is never below {max(lowest, 0):.1g}"
    if lowest < 0:
        why = f"its second derivative is {lowest:.3g} at the logit {place:.3g}, for the target 1"
    return page.finding(start, end, "wrong", counterexample=why)


def _lowest_curvature(cost: Cost) -> tuple[float, float]:
    """(second derivative, logit) where the cost behind a sigmoid curves least, for the target 1."""
    curvature = _curvature(cost)
    at = int(np.argmin(curvature))
    return float(curvature[at]), float(_Z[at])


def _behind_sigmoid(cost: Cost, z):
    return cost(1 / (1 + np.exp(-z)), 1.0)


def _curvature(cost: Cost) -> np.ndarray:
    """The second derivative by the logit of a cost behind a sigmoid, for the target 1."""
    step = 1e-3
    around = (_behind_sigmoid(cost, _Z + k * step) for k in (1, 0, -1))
    above, at, below = around
    return (above - 2 * at + below) / step**2


def _sides(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    """`concave on one side and convex on the other`, of the cost that was spoken of before."""
    cost = _cost_behind_sigmoid(page, sentence)
    words = re.findall("concave|convex", match[0], re.I)
    if cost is None or words[0].lower() == words[1].lower():
        return None
    start, end = sentence.span(*match.span())
    curvature = _curvature(cost)
    signs = np.sign(curvature[np.abs(curvature) > 1e-5])
    if np.count_nonzero(np.diff(signs)) == 1:
        return page.finding(start, end, "holds", reading="as a function of the logit")
    why = "its second derivative has the same sign on both sides, for the target 1"
    return page.finding(start, end, "wrong", counterexample=why)


def _cost_behind_sigmoid(page: Page, sentence: Sentence) -> Cost | None:
    """The one cost that this sentence and the one before it name, together with a sigmoid."""
    at = page.sentences.index(sentence)
    words = " ".join(one.flat for one in page.sentences[max(at - 1, 0) : at + 1])
    named = [cost for name, cost in COSTS.items() if re.search(rf"\b(?:{name})\b", words, re.I)]
    if len(named) == 1 and re.search(r"\b(?:sigmoid|logistic)\b", words, re.I):
        return named[0]
    return None


def _punishment(page: Page, sentence: Sentence, match: re.Match) -> Finding:
    """Whether a cost grows without bound as the wrong class becomes certain."""
    cost = _named(match, "c", COSTS)
    start, end = sentence.span(*match.span())
    near, far = (float(_behind_sigmoid(cost, z)) for z in (-15.0, -30.0))
    bounded = far < near + 1
    if bounded == bool(match["no"]):
        return page.finding(start, end, "holds", reading="whether it is bounded behind a sigmoid")
    why = f"for the target 1 it is {near:.3g} at the logit −15 and {far:.3g} at −30"
    return page.finding(start, end, "wrong", counterexample=why)
