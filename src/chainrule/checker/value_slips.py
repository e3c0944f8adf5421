"""One change of a value: a slip is looked for in what is said, and not in how that is printed.

This is where the search goes on after the prints of `slips/`: a factor, a term or a sum too much
or missing, a sign, a power, an element of another array or at other indices, another function,
anywhere in the value. What the changed values share is computed once, so many can be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice, permutations, product

import numpy as np

from chainrule.checker.equality import equal
from chainrule.checker.false_member import Diagnosis, FalseMember, is_true
from chainrule.checker.supposed import has_slope
from chainrule.checker.trial import Trial
from chainrule.errors import ChainruleError
from chainrule.language.algebra import (
    ONE,
    apply,
    const,
    count,
    delta,
    element,
    mul,
    opened,
    power,
    rebound,
    rebuilt,
    substitute,
    total,
)
from chainrule.language.evaluate import evaluator
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Array,
    Const,
    Element,
    Expr,
    Mul,
    OfMatrix,
    Power,
    Reduce,
    Where,
    children,
)
from chainrule.language.index import Index, Size, fresh, place_of
from chainrule.language.inline import Lambda, elements, inline
from chainrule.language.passes import around, parts
from chainrule.language.walk import walk
from chainrule.mathematics.functions import cos, exp, log, relu, sigmoid, sin, softplus, tanh
from chainrule.notation import tree
from chainrule.notation.value import Misfit, Value

# So many changes of one value are tried at most, made of so many arrays.
MOST, ARRAYS = 1500, 8
# Of sides with fewer arrays and free indices, one often comes out of the other by chance.
FEWEST = 2
_TAKEN_FOR = {exp: (log,), log: (exp,), sigmoid: (tanh, softplus), tanh: (sigmoid,)}
_TAKEN_FOR |= {relu: (sigmoid,), softplus: (sigmoid, log), sin: (cos,), cos: (sin,)}

Change = tuple[str, Expr]


def changed(member: FalseMember) -> Diagnosis | None:
    """The first change of what a false member says that makes it right."""
    said, trial = member.read.members[member.position], member.trial
    if isinstance(said, Exception) or not trial.numbers:
        return None
    try:
        wanted, said = trial.aligned(said)
        return _searched(member, wanted, said)
    except (Misfit, ChainruleError):
        return None


def _searched(member: FalseMember, wanted: Value, said: Value) -> Diagnosis | None:
    trial, scope = member.trial, member.read.scope
    order = sorted(wanted.expr.free | said.expr.free, key=lambda index: index.name)
    named = elements(wanted.expr) | elements(said.expr)
    if len(named) + len(order) < FEWEST or not all(_is_known(trial, a) for a in named):
        return None
    arrays = [a for a in _arrays(member, wanted, said) if _is_known(trial, a)]
    numbers = evaluator(trial.stacked, trial.sizes, len(trial.numbers))
    right = numbers(wanted.expr, order)
    if not np.isfinite(right).all() or np.ptp(right) == 0:
        return None
    found = numbers(said.expr, order)
    shorter = islice(_without_a_part(member, wanted), MOST)
    for sentence, expr in chain(_single_terms(member), shorter):
        close = expr.free <= {*order} and trial.is_close(numbers(expr, order), found, order)
        if close and _is_equal(member, said, expr, said):
            return Diagnosis(sentence, member.derived, True)
    changes = _Changes(tuple(arrays[:ARRAYS]), scope.sizes.find)
    tried = changes.of_whole(said.expr, tuple(order))
    if any(isinstance(part, tree.Big) for part in tree.walk(member.node)):
        # Where no sum is printed, one may be meant over every letter that a term has twice.
        tried = chain(_summed(wanted.expr, said.expr), tried)
    for sentence, expr in islice(tried, MOST):
        if expr.free <= {*order} and trial.is_close(numbers(expr, order), right, order):
            if _is_equal(member, wanted, expr, said):
                return Diagnosis(sentence, member.derived, True)
    return None


def _is_equal(member: FalseMember, wanted: Value, expr: Expr, said: Value) -> bool:
    """Whether an expression over the axes of what is said is judged to be a value, in full."""
    nodes = member.node, member.item.members[member.against]
    scope, value = member.read.scope, Value(expr, said.axes)
    return is_true(equal(scope, wanted, value, member.conditions, nodes))


def _single_terms(member: FalseMember) -> Iterator[Change]:
    """Of each sum in the members before what it would be if only one of its terms were not 0:
    `Σ_k a_k s_k (δ_ki - s_i)` taken for `a_i s_i (1 - s_i)`."""
    for value in member.read.members[: member.position]:
        if isinstance(value, Exception):
            continue
        expr = member.trial.aligned(value)[1].expr
        sums = [one for one in parts(expr) if isinstance(one, Reduce) and one.kind == "sum"]
        letters = sorted(expr.free, key=lambda one: one.name)
        for part, letter in product(sums, letters):
            index, body = opened(part)
            if letter.size == index.size:
                term = substitute(body, {index: place_of(letter)})
                sentence = f"only the term where both are {letter.name} is left of a sum"
                yield sentence, walk(around, expr, {part: term})


def _without_a_part(member: FalseMember, wanted: Value) -> Iterator[Change]:
    """Of slopes, and of what they are worked out to: another formula of a name is another one."""
    if has_slope(member.item.members[0]):
        yield from _shorter(wanted.expr)
        yield from _shorter(member.read.scope.inlined(wanted.expr))


def _shorter(expr: Expr) -> Iterator[Change]:
    """What is wanted with one of its terms or factors left out, anywhere in it: the half of a
    product rule, a chain rule without a link."""
    match expr:
        case Reduce() | Along() | OfMatrix():
            index, body = opened(expr)
            for sentence, new in _shorter(body):
                yield sentence, rebound(expr, index, new)
            return
        case Add(terms):
            for k, term in enumerate(terms):
                if elements(term) and not _is_penalty(term):
                    rest = sum((*terms[:k], *terms[k + 1 :]), start=const(0))
                    yield f"{_named('the term', term)} is missing", rest
        case Mul(factors):
            for k, factor in enumerate(factors):
                rest = mul(*factors[:k], *factors[k + 1 :])
                # A factor that is the same everywhere may be 1 for a reason that was not read.
                if factor.free and factor.free <= rest.free:
                    yield f"{_named('the factor', factor)} is missing", rest
    kids = children(expr)
    for k, kid in enumerate(kids):
        if not (isinstance(expr, Where) and k < 2):
            for sentence, new in _shorter(kid):
                yield sentence, rebuilt(expr, (*kids[:k], new, *kids[k + 1 :]))


def _is_penalty(term: Expr) -> bool:
    """`λ W`: what a slope leaves out may be added elsewhere."""
    factors = term.factors if isinstance(term, Mul) else ()
    return any(isinstance(factor, Element) and not factor.array.sizes for factor in factors)


def _summed(wanted: Expr, said: Expr) -> Iterator[Change]:
    """`Σ_{ij} D_{nij}` where nothing else has an n: the sums over letters that are left over."""
    left = sorted(said.free - wanted.free, key=lambda index: index.name)
    for index in left:
        said = total(index, said)
    if left:
        yield f"the sum over `{', '.join(index.name for index in left)}` is missing", said


def _is_known(trial: Trial, array: Array) -> bool:
    """Whether an array has numbers, of its own shape."""
    shape = tuple(trial.sizes.get(size, size) for size in array.sizes)
    return array.name in trial.stacked and trial.stacked[array.name].shape[1:] == shape


def _arrays(member: FalseMember, wanted: Value, said: Value) -> list[Array]:
    """What may stand for another array, or be missing: what the claim prints and needs, but not
    the name that it is about."""
    scope = member.read.scope
    found = dict.fromkeys(sorted(elements(said.expr) | elements(wanted.expr), key=repr))
    known = scope.definitions
    made_of = {name for one in found if one.name in known for name in known[one.name].uses}
    read = {array.name for array in found}
    made = {name for name, one in known.items() if one.uses and one.uses <= read}
    names = [*sorted(member.trial.printed), *sorted(made), *sorted(made_of & scope.symbols.keys())]
    found |= dict.fromkeys(map(scope.array, names))
    head = wanted.expr.array.name if isinstance(wanted.expr, Element) else None
    return [array for array in found if array.name != head]


@dataclass(frozen=True)
class _Changes:
    """The changes of an expression, each at one place of it.

    arrays  what factors, terms and operands are taken from
    find    the size that a size is known to be
    """

    arrays: tuple[Array, ...]
    find: Callable[[Size], Size]

    def of_whole(self, expr: Expr, letters: tuple[Index, ...]) -> Iterator[Change]:
        yield "the sign is wrong", -expr
        yield from self.of(expr, letters)
        yield from self._factors(expr, letters)
        yield from self._exchanged(expr)
        for name, other in self._atoms(letters):
            yield f"a term `+ {name}` is missing", expr + other
            yield f"a term `- {name}` is missing", expr - other

    def _exchanged(self, expr: Expr) -> Iterator[Change]:
        """Another array wherever one is read."""
        for array, other in product(sorted(elements(expr), key=repr), self.arrays):
            sizes = [self.find(size) for size in array.sizes]
            if array.name != other.name and sizes == [self.find(size) for size in other.sizes]:
                axes = tuple(fresh(size) for size in array.sizes)
                sentence = f"`{array.name}` stands where `{other.name}` is meant"
                yield sentence, inline(expr, {array.name: Lambda(axes, element(other, *axes))})

    def of(self, expr: Expr, letters: tuple[Index, ...]) -> Iterator[Change]:
        """The changes of an expression or of something in it.

        letters  the indices that may stand there
        """
        yield from self._here(expr, letters)
        if isinstance(expr, (Reduce, Along, OfMatrix)):
            index, body = opened(expr)
            inside = (*letters, *(index if isinstance(expr, OfMatrix) else (index,)))
            for sentence, new in self.of(body, inside):
                yield sentence, rebound(expr, index, new)
            if isinstance(expr, Reduce):
                for sentence, new in self._factors(body, inside):
                    yield sentence, rebound(expr, index, new)
            return
        kids = children(expr)
        for k, kid in enumerate(kids):
            if isinstance(expr, Where) and k < 2:
                # Where a value is another one is no part of it.
                continue
            for sentence, new in self.of(kid, letters):
                yield sentence, rebuilt(expr, (*kids[:k], new, *kids[k + 1 :]))

    def _here(self, expr: Expr, letters: tuple[Index, ...]) -> Iterator[Change]:
        match expr:
            case Add(terms):
                yield from self._of_terms(terms, letters)
            case Mul(factors):
                for k, factor in enumerate(factors):
                    rest = mul(*factors[:k], *factors[k + 1 :])
                    yield f"{_named('the factor', factor)} is too much", rest
            case Element():
                yield from self._of_element(expr, letters)
            case Power(base, Const(value)):
                if value == 2 and isinstance(base, Element):
                    for sentence, new in self._of_element(base, letters):
                        yield sentence, mul(base, new)
                for other in dict.fromkeys((-value, Fraction(1), value - 1, value + 1)):
                    if other != value:
                        yield f"{_power_of(base)} is wrong", power(base, const(other))
            case Apply(function, argument):
                yield f"the function {function.name} is too much", argument
                yield f"the sign of the argument of {function.name} is wrong", apply(
                    function, -argument
                )
                for other in _TAKEN_FOR.get(function, ()):
                    yield f"{function.name} should be {other.name}", apply(other, argument)

    def _of_terms(self, terms: tuple[Expr, ...], letters: tuple[Index, ...]) -> Iterator[Change]:
        for k, term in enumerate(terms):
            rest = sum((*terms[:k], *terms[k + 1 :]), start=const(0))
            what = _named("the term", term)
            yield f"the sign of {what} is wrong", rest - term
            yield f"{what} is too much", rest
            for sentence, new in self._factors(term, letters):
                yield sentence, rest + new

    def _of_element(self, expr: Element, letters: tuple[Index, ...]) -> Iterator[Change]:
        array, places = expr.array, expr.places
        for k, place in enumerate(places):
            for letter in letters:
                if place.index not in (None, letter) and self._fits(letter, array.sizes[k]):
                    at = (*places[:k], place_of(letter), *places[k + 1 :])
                    yield f"an index of `{array.name}` is wrong", Element(array, at)
        if len(places) == 2 and self.find(array.sizes[0]) == self.find(array.sizes[1]):
            yield f"the indices of `{array.name}` are swapped", Element(array, places[::-1])
        yield f"a square is missing on `{array.name}`", expr * expr
        for name, other in self._atoms(letters):
            if not (isinstance(other, Element) and other.array == array):
                yield f"a wrong operand: `{array.name}` should be `{name}`", other

    def _factors(self, expr: Expr, letters: tuple[Index, ...]) -> Iterator[Change]:
        """The expression with a factor that it leaves out."""
        where = f"beside `{expr.array.name}`" if isinstance(expr, Element) else "in one place"
        for name, factor in self._missing(letters):
            yield f"the factor `{name}` is missing {where}", mul(factor, expr)

    def _missing(self, letters: tuple[Index, ...]) -> Iterator[Change]:
        yield "2", const(2)
        yield "1/2", const(Fraction(1, 2))
        for size in dict.fromkeys(self.find(size) for a in self.arrays for size in a.sizes):
            if isinstance(size, str):
                yield f"1/{size}", power(count(size), const(-1))
                yield size, count(size)
        for name, atom in self._atoms(letters):
            yield name, atom
            yield f"1/{name}", power(atom, const(-1))
            yield f"1 - {name}", ONE - atom
        for one, other in permutations(letters, 2):
            if one.name < other.name and self._fits(one, other.size):
                yield f"δ_{{{one.name} {other.name}}}", delta(place_of(one), place_of(other))

    def _atoms(self, letters: tuple[Index, ...]) -> Iterator[Change]:
        """The arrays at every choice of indices that fit."""
        for array in self.arrays:
            for chosen in permutations(letters, len(array.sizes)) if len(array.sizes) < 3 else ():
                if all(map(self._fits, chosen, array.sizes)):
                    yield array.name, element(array, *chosen)

    def _fits(self, letter: Index, size: Size) -> bool:
        return self.find(letter.size) == self.find(size)


def _power_of(base: Expr) -> str:
    return _named("the power of" if isinstance(base, Element) else "a power of something", base)


def _named(what: str, expr: Expr) -> str:
    """What it is, with the name of its array, or how many it is one of."""
    if isinstance(expr, Element):
        return f"{what} `{expr.array.name}`"
    names = ", ".join(f"`{name}`" for name in sorted(array.name for array in elements(expr)))
    return f"{what} with {names}" if names else what
