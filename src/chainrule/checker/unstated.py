"""Facts that a document does not state and that would make a claim true: those worth naming.

Nearly every false claim is true under some fact: that all vectors vanish, that two letters are the
same. A fact is offered only where a reader would think of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations

from chainrule.checker.fits import counted
from chainrule.checker.pair import Pair
from chainrule.language.expr import Along, Apply, Array, Delta, Element, Expr, Mul, Reduce, Where
from chainrule.language.facts import ONE_HOT, ONE_OF, POSITIVE, SIZE, SUMS_TO_ONE, ZERO, Fact
from chainrule.language.index import Index
from chainrule.language.passes import parts
from chainrule.notation import tree
from chainrule.notation.differentials import is_differential
from chainrule.notation.names import named
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage
from chainrule.transform.reverse import is_adjoint_name

KINKED = {"abs", "relu", "sign", "heaviside"}
LOGARITHMS = {"log", "log1p", "logsumexp", "log_softmax", "softplus"}


def unstated_facts(pair: Pair) -> Iterator[tuple[Fact, ...]]:
    """Undeclared facts worth trying: what a sentence supposes of a number; that there are no more
    elements than those counted out; of one vector, that it is positive, sums to one or is one-hot;
    and that some variables do not vary."""
    for fact in pair.supposed:
        yield (fact,)
    if len(pair.supposed) > 1:
        yield pair.supposed
    for size, number in sorted(_counted_out(pair).items()):
        yield (Fact(SIZE, size, value=str(number)),)
    vectors = _vectors(pair)
    bent = any(map(has_kink, _sides(pair)))
    positive = [array.name for array in vectors] if bent else []
    if bent or any(map(_has_root, _sides(pair))):
        positive += _bounds(pair)
    yield from ((Fact(POSITIVE, name),) for name in positive)
    known = pair.weights.union(*map(weights, _sides(pair)))
    summed = (a for a in vectors if any(_is_summed(side, a) for side in _sides(pair)))
    targets = known & {a.name for a in pair.arrays if len(a.sizes) in (1, 2)}
    targets -= {fact.array for fact in pair.declared if fact.kind != ONE_OF}
    tables = {array.name for array in pair.arrays if len(array.sizes) == 2}
    likely = {SUMS_TO_ONE: targets | {a.name for a in summed}, ONE_HOT: targets}
    for names in ((), *pair.fixable):
        fixed = tuple(Fact(ZERO, name) for name in names)
        if fixed:
            yield fixed
        for kind, arrays in likely.items():
            for name in sorted(arrays):
                axis = pair.class_axis if name in tables else -1
                yield (Fact(kind, name, axis), *fixed)


def _counted_out(pair: Pair) -> dict[str, int]:
    """The sizes of which several elements are counted out on one side, and all on the other."""
    left, right = map(counted, _sides(pair))
    return {n: k for n, k in (left | right).items() if k > 1 and left.get(n) != right.get(n)}


def _sides(pair: Pair) -> tuple[Expr, Expr]:
    return pair.left, pair.right


def _vectors(pair: Pair) -> list[Array]:
    """The inputs with one axis of which the document declares nothing."""
    known = {fact.array for fact in pair.declared if fact.kind != ONE_OF}
    inputs = (a for a in pair.arrays if len(a.sizes) == 1 and a.name not in known)
    found = (a for a in inputs if not (is_adjoint_name(a.name) or is_differential(a.name)))
    return sorted(found, key=lambda array: array.name)


def _bounds(pair: Pair) -> list[str]:
    """The numbers with Greek letters: bounds, widths and weights, which are seldom negative."""
    known = {fact.array for fact in pair.declared}
    numbers = {a.name for a in pair.arrays if not a.sizes and re.match(r"\\[a-z]+\b", a.name)}
    return sorted(name for name in numbers - known if not is_adjoint_name(name))


def _is_summed(expr: Expr, array: Array) -> bool:
    """Whether the elements of a vector are summed up."""
    sums = (part for part in parts(expr) if isinstance(part, Reduce) and part.kind == "sum")
    return any(isinstance(one.body, Element) and one.body.array == array for one in sums)


@lru_cache(maxsize=4096)
def weights(expr: Expr) -> frozenset[str]:
    """The arrays that weigh logarithms in an expression: targets, or probabilities."""
    products = [part for part in parts(expr) if isinstance(part, Mul)]
    weighing = [one for one in products if any(map(_is_logarithm, parts(*one.factors)))]
    factors = (factor for one in weighing for factor in one.factors)
    return frozenset(one.array.name for one in factors if isinstance(one, Element))


def printed_weights(node: Node, usage: Usage) -> set[str]:
    """The names that weigh logarithms in print: the t of `t_{nk} \\log p_{nk}`."""
    products = (part for part in tree.walk(node) if isinstance(part, tree.Product))
    weighing = (one.factors for one in products if any(map(_is_printed_logarithm, one.factors)))
    names = (named(factor, usage) for factors in weighing for factor in factors)
    return {name.text for name in names if name is not None}


def _is_printed_logarithm(node: Node) -> bool:
    word = node.function if isinstance(node, tree.Apply) else node
    return letter(word) in LOGARITHMS | {"ln"}


def has_kink(expr: Expr) -> bool:
    """Whether cases, a maximum or an absolute value stand in an expression."""
    return any(map(_is_kink, parts(expr)))


def _has_root(expr: Expr) -> bool:
    return any(isinstance(p, Apply) and p.function.name == "sqrt" for p in parts(expr))


def _is_kink(node: Expr) -> bool:
    kinked = isinstance(node, Where) or (isinstance(node, Reduce) and node.kind == "max")
    return kinked or (isinstance(node, Apply) and node.function.name in KINKED)


def _is_logarithm(node: Expr) -> bool:
    return isinstance(node, (Apply, Along)) and node.function.name in LOGARITHMS


def letters_to_restrict(pair: Pair) -> Iterable[tuple[Index, Index]]:
    """Two letters of the left side that may be meant to be equal, or different: i ≠ j.

    Letters of the statement only: an array is not equal for being equal off its diagonal. A
    letter that comes in on the right is a slip, whatever would make it right; so are two letters
    that change places where the diagonal is no case of its own.
    """
    apart = {part.left.indices | part.right.indices for part in _deltas(pair)}
    letters = [index for index in pair.indices if not index.name.endswith(".")]
    for first, second in combinations(letters, 2):
        together = {first, second} <= pair.left.free
        general = any(names <= {first.name, second.name} for names in pair.general)
        alike = first.size == second.size and {first, second} in apart
        if alike and together and not general:
            yield first, second


def _deltas(pair: Pair) -> Iterator[Delta]:
    return (part for part in parts(*_sides(pair)) if isinstance(part, Delta))
