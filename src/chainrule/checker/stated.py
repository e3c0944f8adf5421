"""What a document states of the things in a claim, put in: rows of matrices, classes of one-hot
vectors, bounds of parameters, and that sides and strides are whole numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chainrule.checker.pair import Pair
from chainrule.language.algebra import add, apply, count, delta, element, mul, power, substitute
from chainrule.language.expr import Apply, Array
from chainrule.language.facts import SIZE, Fact
from chainrule.language.index import Index, fresh
from chainrule.language.inline import Lambda, elements, inline
from chainrule.language.passes import around, parts
from chainrule.language.sizes import is_unknown
from chainrule.language.walk import walk
from chainrule.mathematics.functions import ceil, exp, floor, sigmoid
from chainrule.notation.by_rows import vector_of
from chainrule.notation.likeliest import first_value
from chainrule.notation.scope import Scope

Meanings = dict[str, Lambda]

_LINES = " are the vectors "


def as_stated(scope: Scope, pair: Pair) -> Iterator[tuple[Pair, str]]:
    """The pair with what is stated put in, and what that is."""
    for meanings, facts in (_classes(scope, pair), _within_bounds(scope, pair), _counts(pair)):
        if meanings:
            yield _with_meanings(pair, meanings), facts
    if (found := _with_sizes(scope, pair)) is not None:
        yield found


def _with_sizes(scope: Scope, pair: Pair) -> tuple[Pair, str] | None:
    """A pair of sizes alone with each size that is given by others put in: M = N - K + 1."""
    if pair.arrays:
        return None
    sides, facts = [pair.left, pair.right], []
    for name in reversed(scope.counted):
        size = scope.sizes.find(name)
        value = first_value(scope.copy(), lambda meaning, n=name: meaning.value(scope.counted[n]))
        if not isinstance(size, str) or value is None or value.axes or value.expr.arrays:
            continue
        before = count(size)
        if before in (pair.left, pair.right):
            # This is said of the size itself.
            return None
        if any(before in set(parts(side)) for side in sides):
            sides = [walk(around, side, {before: value.expr}) for side in sides]
            facts.append(f"{name} is given by other sizes")
    return (replace(pair, left=sides[0], right=sides[1]), ", ".join(facts)) if facts else None


def with_rows(scope: Scope, pair: Pair) -> tuple[Pair, str]:
    """The pair with x_n for the rows of X, or for its columns, and the words for that.

    A matrix X without a formula has the vectors x_n that a claim speaks of beside it, if they are
    as long as its rows or its columns are.
    """
    vectors = {array.name: array for array in pair.arrays if len(array.sizes) == 2}
    meanings, lengths, facts = {}, {}, []
    for name in sorted(vectors.keys() - scope.definitions.keys()):
        one, matrix = vectors.get(vector_of(name)), vectors[name]
        if one in (None, matrix) or one.name in scope.definitions:
            continue
        for sizes, kind in ((matrix.sizes, "rows"), (matrix.sizes[::-1], "columns")):
            number, length = sizes
            if length == one.sizes[1] and (is_unknown(one.sizes[0]) or number == one.sizes[0]):
                i, j = axes = fresh(matrix.sizes[0]), fresh(matrix.sizes[1])
                places = (i, j) if kind == "rows" else (j, i)
                meanings[name] = Lambda(axes, element(Array(one.name, sizes), *places))
                lengths[one.sizes[0]] = number
                facts.append(f"the {kind} of {name}{_LINES}{one.name}")
                break
    if not meanings:
        return pair, ""
    left, right = (substitute(side, {}, lengths) for side in (pair.left, pair.right))
    return _with_meanings(replace(pair, left=left, right=right), meanings), ", ".join(facts)


def are_lines(fact: str | None) -> bool:
    """Whether a fact is that rows or columns are certain vectors."""
    return fact is not None and _LINES in fact


def _classes(scope: Scope, pair: Pair) -> tuple[Meanings, str]:
    """1 at the class and 0 elsewhere for each one-hot vector."""
    meanings, facts = {}, []
    for array in sorted(pair.arrays, key=lambda one: one.name):
        if array.name in scope.hot and len(array.sizes) == 1:
            axis, place = fresh(array.sizes[0]), Index(scope.hot[array.name], array.sizes[0])
            meanings[array.name] = Lambda((axis,), delta(axis, place))
            facts.append(f"{array.name} is 1 at {place.name}")
    return meanings, ", ".join(facts)


def _within_bounds(scope: Scope, pair: Pair) -> tuple[Meanings, str]:
    """Each parameter as a function of one that is free, with values in its bounds."""
    meanings, facts = {}, []
    for array in sorted(pair.arrays, key=lambda one: one.name):
        low, high = scope.bounds.get(array.name, (None, None))
        if array.sizes or low is high is None:
            continue
        free = element(array)
        if low is None or high is None:
            inside = add(low, apply(exp, free)) if high is None else add(high, -apply(exp, free))
        else:
            inside = add(low, mul(high - low, apply(sigmoid, free)))
        meanings[array.name] = Lambda((), inside)
        ends = f"{low} < " * (low is not None), f" < {high}" * (high is not None)
        facts.append(f"{ends[0]}{array.name}{ends[1]}")
    return meanings, ", ".join(facts)


def _counts(pair: Pair) -> tuple[Meanings, str]:
    """Whole numbers for all numbers of a pair, where one is rounded: sides, strides.

    0 stays 0, and 1 stays 1.
    """
    rounded = {
        array
        for side in (pair.left, pair.right)
        for part in parts(side)
        if isinstance(part, Apply) and part.function in (floor, ceil)
        for array in elements(part)
    }
    if not rounded or any(array.sizes for array in pair.arrays):
        return {}, ""
    meanings = {
        array.name: Lambda((), apply(floor, power(element(array), 4))) for array in pair.arrays
    }
    return meanings, f"{', '.join(sorted(meanings))} are whole numbers"


def spelled_out(scope: Scope) -> set[Fact]:
    """The sizes of vectors that are written out: d = 2 for x = (x_1, x_2)."""
    return {
        Fact(SIZE, size, value=str(number))
        for name, number in scope.spelled
        if name in scope.symbols
        for size in map(scope.sizes.find, scope.symbols[name].sizes)
        if isinstance(size, str)
    }


def sizes_of_entries(scope: Scope) -> tuple[Fact, ...]:
    """As many elements as the last one that is printed, where an example is written out."""
    counting, found = scope.usage.counting, {}
    for name, axis, last in scope.entries:
        axes = scope.symbols[name].sizes if name in scope.symbols else ()
        size = scope.sizes.find(axes[axis]) if axis < len(axes) else 0
        if isinstance(size, str):
            count = last + 1 - counting.firsts(name, len(axes))[axis]
            found[size] = max(count, found.get(size, 1))
    return tuple(Fact(SIZE, size, value=str(count)) for size, count in sorted(found.items()))


def _with_meanings(pair: Pair, meanings: Meanings) -> Pair:
    left, right = (inline(side, meanings) for side in (pair.left, pair.right))
    return replace(pair, left=left, right=right)
