"""Facts that a document does not state and that would make a claim true: those worth naming.

Nearly every false claim is true under some fact: that all vectors vanish, that two letters are the
same. A fact is offered only where a reader would think of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import combinations

from chainrule.checker.pair import Pair
from chainrule.language.expr import Along, Apply, Array, Element, Expr, Mul, Reduce, Where, children
from chainrule.language.facts import ONE_HOT, POSITIVE, SUMS_TO_ONE, ZERO, Fact
from chainrule.language.index import Index
from chainrule.language.walk import walk
from chainrule.notation.differentials import is_differential
from chainrule.transform.reverse import is_adjoint_name

KINKED = {"abs", "relu", "sign", "heaviside"}
LOGARITHMS = {"log", "log1p", "logsumexp", "log_softmax", "softplus"}


def unstated_facts(pair: Pair) -> Iterator[tuple[Fact, ...]]:
    """Undeclared facts worth trying: what a sentence supposes of a number; of one vector, that it
    is positive, sums to one or is one-hot; and that some variables do not vary."""
    for fact in pair.supposed:
        yield (fact,)
    if len(pair.supposed) > 1:
        yield pair.supposed
    vectors = _vectors(pair)
    if any(map(has_kink, _sides(pair))):
        yield from ((Fact(POSITIVE, array.name),) for array in vectors)
    known = pair.weights.union(*map(weights, _sides(pair)))
    summed = (a for a in vectors if any(_is_summed(side, a) for side in _sides(pair)))
    likely = sorted(known & {a.name for a in vectors} | {a.name for a in summed})
    for names in ((), *pair.fixable):
        fixed = tuple(Fact(ZERO, name) for name in names)
        if fixed:
            yield fixed
        for kind in (SUMS_TO_ONE, ONE_HOT):
            for name in likely:
                yield (Fact(kind, name), *fixed)


def _sides(pair: Pair) -> tuple[Expr, Expr]:
    return pair.left, pair.right


def _vectors(pair: Pair) -> list[Array]:
    """The inputs with one axis of which the document declares nothing."""
    known = {fact.array for fact in pair.declared}
    inputs = (a for a in pair.arrays if len(a.sizes) == 1 and a.name not in known)
    found = (a for a in inputs if not (is_adjoint_name(a.name) or is_differential(a.name)))
    return sorted(found, key=lambda array: array.name)


def _is_summed(expr: Expr, array: Array) -> bool:
    """Whether the elements of a vector are summed up."""

    def test(node: Expr) -> bool:
        match node:
            case Reduce("sum", _, Element(summed, _)):
                return summed == array
        return False

    return _contains(expr, test)


@lru_cache(maxsize=4096)
def weights(expr: Expr) -> frozenset[str]:
    """The arrays that weigh logarithms in an expression: targets, or probabilities."""
    found: set[str] = set()

    def test(node: Expr) -> bool:
        if isinstance(node, Mul) and any(_contains(one, _is_logarithm) for one in node.factors):
            found.update(one.array.name for one in node.factors if isinstance(one, Element))
        return False

    _contains(expr, test)
    return frozenset(found)


def has_kink(expr: Expr) -> bool:
    """Whether cases, a maximum or an absolute value stand in an expression."""

    def test(node: Expr) -> bool:
        kinked = isinstance(node, Where) or (isinstance(node, Reduce) and node.kind == "max")
        return kinked or (isinstance(node, Apply) and node.function.name in KINKED)

    return _contains(expr, test)


def _is_logarithm(node: Expr) -> bool:
    return isinstance(node, (Apply, Along)) and node.function.name in LOGARITHMS


def _contains(expr: Expr, test: Callable[[Expr], bool]) -> bool:
    def visit(node: Expr):
        found = test(node)
        for child in children(node):
            found = (yield child) or found
        return found

    return walk(visit, expr)


def letters_to_restrict(pair: Pair) -> Iterable[tuple[Index, Index]]:
    """Two letters of one side that may be meant to be equal, or different: i ≠ j.

    Letters of the statement only: an array is not equal for being equal off its diagonal. A
    letter that stands alone on its side is a slip, whatever would make it right.
    """
    letters = [index for index in pair.indices if not index.name.endswith(".")]
    for first, second in combinations(letters, 2):
        together = any({first, second} <= side.free for side in _sides(pair))
        general = any(names <= {first.name, second.name} for names in pair.general)
        if first.size == second.size and together and not general:
            yield first, second
