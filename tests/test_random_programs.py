"""Random programs: gradients and Hessians against dual numbers, and the code against the meaning.

python tests/test_random_programs.py 0 10000     tries ten thousand, and counts what disagrees
"""

import sys
from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.language.algebra import (
    add,
    along,
    apply,
    const,
    delta,
    element,
    largest,
    mul,
    position,
    power,
    total,
    where,
)
from chainrule.language.evaluate import evaluate, slope
from chainrule.language.expr import Array
from chainrule.language.index import Index, place_of
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import FUNCTIONS, sigmoid, tanh
from chainrule.program.build import build, executed
from chainrule.program.cores import CORES
from chainrule.program.pieces import PIECE
from chainrule.program.to_numpy import numpy_source
from chainrule.transform.differentiate import differentiate
from chainrule.transform.reverse import reverse

SIZES = {"M": 2, "N": 3, "P": 5}
# Names that collide with each other, with arrays and with what the language makes for itself.
NAMES = ("i", "x", "·0", "·1", "′0", "·k")
INPUTS = (
    Array("a"),
    Array("x", ("N",)),
    Array("v", ("P",)),
    Array("W", ("N", "M")),
    Array("K", ("M", "M")),
)
ELEMENTWISE = [f for f in FUNCTIONS.values() if not f.axis]
ALONG = [f for f in FUNCTIONS.values() if f.axis == "along"]
OVER = [f for f in FUNCTIONS.values() if f.axis == "over"]



def tamed(function, argument):
    """The function where it is defined and neither large nor steep."""
    low, high = function.domain
    if low == -np.inf and high == np.inf:
        return apply(function, 2 * apply(tanh, argument))
    if high == np.inf:
        return apply(function, const(low) + const("1/2") + apply(sigmoid, argument))
    middle, wide = const((low + high) / 2), const((high - low) / 3)
    return apply(function, middle + wide * apply(tanh, argument))


def some_index(random):
    return Index(random.choice(NAMES), random.choice(sorted(SIZES)))


def read(random, arrays):
    """An element at plain indices, or at computed places, as a convolution reads it."""
    array = random.choice(arrays)
    places = []
    for size in array.sizes:
        place = place_of(Index(random.choice(NAMES), size))
        if random.random() < 0.25:
            place = place_of(some_index(random)) * random.choice((1, 1, 2, -1))
            place += place_of(random.randint(-1, 2))
            if random.random() < 0.5:
                place += place_of(some_index(random))
            if not place.indices:
                # A fixed place is taken to exist, and with it all that is read for it.
                fixed = place_of(place.offset % SIZES[size])
                place = fixed if array in INPUTS else place_of(Index(NAMES[0], size))
        places.append(place)
    return element(array, *places)


def leaf(random, arrays):
    kind = random.random()
    if kind < 0.75:
        return read(random, arrays)
    if kind < 0.85:
        return const(random.choice((-2, "-1/2", "1/3", "3/2")))
    if kind < 0.95:
        size = random.choice(sorted(SIZES))
        return delta(*(Index(random.choice(NAMES), size) for _ in "pq"))
    return position(some_index(random))


def reduced(random, body):
    own = sorted(body.free, key=repr)
    index = random.choice(own) if own else some_index(random)
    kind = random.choice(("sum", "sum", "sum", "max", "along", "over"))
    if kind == "sum":
        return total(index, body)
    if kind == "max":
        return largest(index, body)
    if kind == "over":
        return along(random.choice(OVER), index, body, None)
    return along(random.choice(ALONG), index, body, Index(random.choice(NAMES), index.size))


def body_of(random, arrays, depth):
    if depth == 0:
        return leaf(random, arrays)

    def inner():
        return body_of(random, arrays, random.randrange(depth))

    match random.randrange(10):
        case 0 | 1:
            return add(inner(), inner())
        case 2 | 3:
            return mul(inner(), inner())
        case 4:
            return random.choice(
                (
                    lambda e: power(e, random.choice((2, 3))),
                    lambda e: power(1 + e**2, const("-1/2")),
                    lambda e: power(1 + e**2, apply(tanh, inner())),
                )
            )(inner())
        case 5 | 6:
            return tamed(random.choice(ELEMENTWISE), inner())
        case 7:
            return where(random.choice(("<", "<=")), inner(), inner(), inner(), inner())
    return reduced(random, inner())


def narrow(random, arrays, most):
    """A body with few free indices, so that arrays stay small."""
    while True:
        body = body_of(random, arrays, random.randint(1, 4))
        if len(body.free) <= most and body.size < 400:
            return body


def random_program(seed):
    """Definitions that use inputs and one another, and a number at their end."""
    random = Random(seed)
    arrays, definitions = list(INPUTS), []
    for number in range(random.randint(1, 4)):
        body = narrow(random, arrays, 2)
        indices = tuple(sorted(body.free, key=repr))
        array = Array(f"d{number}", tuple(index.size for index in indices))
        definitions.append(Definition(array, indices, body))
        # What is defined is used more often than the inputs are.
        arrays += [array] * 3
    body = mul(narrow(random, arrays, 2), narrow(random, arrays, 1))
    for index in sorted(body.free, key=repr):
        body = total(index, body)
    return Program((*definitions, Definition(Array("J"), (), body))).needed("J")


def drawn(program, seed):
    random = np.random.default_rng(seed)
    shapes = {a.name: [SIZES[size] for size in a.sizes] for a in program.inputs}
    return {name: random.uniform(-1.2, 1.2, shape) for name, shape in shapes.items()}


def close(left, right):
    left, right = np.asarray(left), np.asarray(right)
    scale = 1 + np.max(np.abs(left), initial=0) + np.max(np.abs(right), initial=0)
    return np.max(np.abs(left - right), initial=0) <= 1e-7 * scale


def disagreement(seed):
    return wrong(random_program(seed), seed)


def wrong(program, seed):
    """What disagrees in a program: "" for nothing, None where it has no numbers."""
    values, changes = drawn(program, seed), drawn(program, seed + 1)
    whole = program.inlined("J")
    height = evaluate(whole, values, SIZES)
    names = [array.name for array in program.inputs]
    if not names or not np.isfinite(height) or abs(height) > 1e6:
        return None
    found = reverse(program, "J", names)
    run = found.program.run(values, SIZES)
    rise = sum((run[found.names[name]] * changes[name]).sum() for name in names)
    true = slope(whole, values, changes, SIZES)
    if not np.isfinite(true):
        # The dual numbers of a norm of zeros, where its slope is 0 by convention.
        return None
    if not close(rise, true):
        return "gradient"
    if not second_agrees(found, values, changes):
        return "second derivative"
    return differing_code(found, run, values)


def second_agrees(found, values, changes):
    """The derivative of one gradient, differentiated once more and by dual numbers."""
    name = sorted(found.names)[0]
    gradient = found.program.inlined(found.names[name])
    order = found.program.definition(found.names[name]).indices
    if gradient.size > 2000:
        return True
    change = np.zeros([SIZES[index.size] for index in order])
    for array in sorted(gradient.arrays, key=repr):
        letters = tuple(Index(f"by {k}", size) for k, size in enumerate(array.sizes))
        hessian = differentiate(gradient, element(array, *letters))
        numbers = evaluate(hessian, values, SIZES, (*order, *letters))
        axes = list(range(len(order), len(order) + len(letters)))
        change = change + np.tensordot(numbers, changes[array.name], (axes, list(range(len(axes)))))
    true = slope(gradient, values, changes, SIZES, order)
    return not np.isfinite(true).all() or close(change, true)


def differing_code(found, run, values):
    outputs = ("J", *found.names.values())
    code = build(found.program, outputs, dtype="float64", sizes=SIZES)
    given = {array.name: values[array.name] for array in code.plan.inputs}
    wrong = [f"code of {n}" for n, result in code(given).items() if not close(result, run[n])]
    # Pieces of one row each, the hardest case.
    for cores in (1, max(2, CORES)):
        source = numpy_source(found.program, code.plan, dtype="float64", cores=cores)
        source = source.replace(str(2 * PIECE), "1").replace(str(PIECE), "1")
        step, _ = executed(source, "pieces")
        with np.errstate(all="ignore"):
            results = dict(zip(outputs, step(*given.values()), strict=True))
        wrong += [f"pieces of {n}" for n, result in results.items() if not close(result, run[n])]
    return ", ".join(wrong)


def defined(body, *indices):
    name = "defg"[len(indices)] if indices else "J"
    return Definition(Array(name, tuple(index.size for index in indices)), indices, body)


def vector(name, index, size):
    return element(Array(name, (size,)), index)


I, L, M, N, K, O, J = (Index(*both) for both in ("iM", "lN", "mP", "nM", "kP", "oM", "jN"))
ROWS = Array("e", ("N", "M"))
BOUND, ROW, ALSO = Index("·0", "M"), Index("·2", "N"), Index("·1", "M")
ONCE_WRONG = {
    # A factor of the slope has the index that the sum of W's rows binds.
    "an index bound beside": (
        Definition(ROWS, (L, BOUND), 2 * apply(tanh, element(INPUTS[3], L, BOUND))),
        defined(
            total(
                ROW,
                total(BOUND, element(INPUTS[3], ROW, BOUND))
                * total(
                    ALSO,
                    apply(tanh, along(FUNCTIONS["softmax"], L, element(ROWS, L, ALSO), ROW)),
                ),
            )
        ),
    ),
    # The slope by e has equal elements, and is 0 where x has more of them.
    "equal rows": (
        defined(vector("x", I, "N") + element(Array("a")), I),
        defined(largest(L, vector("x", L, "N")) * total(I, vector("e", I, "M"))),
    ),
    # Factors stand in another order where they are compared with the largest.
    "products": (
        defined(apply(sigmoid, vector("x", I, "M")), I),
        defined(
            total(N, total(M, largest(I, vector("e", N, "M") * vector("v", M, "P")
                                      * vector("e", I, "M") * vector("b", I, "M"))))),
    ),
    "sums beside": (
        defined(apply(sigmoid, vector("v", M, "P")), M),
        defined(total(L, total(M, largest(K, element(Array("e", ("P",)), place_of(K) + place_of(-1))
                                          + vector("x", L, "N") + vector("e", M, "P"))))),
    ),
    # The same product with its factors in the order of a transposed definition.
    "transposed": (
        Definition(Array("d", ("P", "P")), (K, M),
                   largest(L, vector("v", M, "P") * vector("x", L, "N") * vector("v", K, "P"))),
        defined(total(K, largest(M, element(Array("d", ("P", "P")), M, K)))),
    ),
    # What is added up by places depends on sizes only, or on a whole row.
    "fixed windows": (
        Definition(Array("f", ("M", "M")), (I, O), 1 / (1 + delta(I, O))),
        defined(total(I, total(O, element(Array("f", ("M", "M")), I, place_of(O) + place_of(1))
                                  * element(Array("v", ("P",)), place_of(O) + place_of(1))))),
    ),
    # An element of a window that slides.
    "sliding windows": (
        Definition(Array("c"), (), element(Array("a")) * const("3/2")),
        defined(total(O, along(FUNCTIONS["logsumexp"], L, largest(
            I, element(Array("W", ("N", "M")), L, place_of(I) + place_of(O))
            * element(Array("c"))), None))),
    ),
    # What is compared with a maximum lies outside of its elements: 1 there, neither 0 nor the last.
    "compared outside": (
        defined(-(1 + position(L)) / 4, L),
        defined(total(L, where(
            "<", 1 + 2 * element(Array("e", ("N",)), place_of(L) + place_of(1)),
            largest(J, 1 + 2 * vector("e", J, "N")), vector("x", L, "N"), element(Array("a"))))),
    ),
    # The slope of a cube is no quotient of it, since what is read outside is 0.
    "cubes": (
        Definition(Array("f", ("M",)), (I,), element(Array("a")) * element(
            Array("x", ("N",)), place_of(I) * 2 + place_of(1)) ** 3),
        defined(total(I, vector("f", I, "M"))),
    ),
    # Rows sum to 1, but those outside do not.
    "rows that sum to 1": (
        Definition(Array("f", ("N", "M")), (L, O),
                   along(FUNCTIONS["softmax"], I, element(Array("W", ("N", "M")), L, I), O)),
        defined(element(Array("a")) * total(L, total(I, element(
            Array("f", ("N", "M")), place_of(L) + place_of(-1), I)))),
    ),
    # At j = i the place j - i - 1 is a fixed one outside of x, and what is read there 0 as well.
    "a difference of indices": (
        defined(total(L, along(FUNCTIONS["softmax"], J, element(Array("a")) + element(
            Array("x", ("N",)), place_of(J) - place_of(L) - place_of(1)), L))),
    ),
    # All columns of what is added to a diagonal are equal, and nothing is stored for them.
    "a diagonal of equal columns": (
        Definition(Array("d", ("M", "M")), (I, O),
                   element(Array("K", ("M", "M")), O, I) + element(Array("K", ("M", "M")), I, I)),
        defined(total(I, total(O, element(Array("d", ("M", "M")), I, O)) ** 2)),
    ),
    "a diagonal of equal rows": (
        Definition(Array("d", ("M", "M")), (I, O),
                   element(Array("K", ("M", "M")), I, O) + element(Array("K", ("M", "M")), O, O)),
        defined(total(O, total(I, element(Array("d", ("M", "M")), I, O)) ** 2)),
    ),
    # What is added has an axis that the rest does not depend on.
    "a diagonal of more axes": (
        Definition(Array("d", ("M", "M", "N")), (I, O, L),
                   2 * element(Array("K", ("M", "M")), I, O)),
        Definition(Array("e", ("M", "M", "N")), (I, O, L),
                   element(Array("d", ("M", "M", "N")), I, O, L)
                   + delta(I, O) * element(Array("x", ("N",)), L)),
        defined(total(I, total(O, total(L, element(Array("e", ("M", "M", "N")), I, O, L) ** 2)))),
    ),
    "rows outside": (
        defined(total(L, total(N, element(Array("K", ("M", "M")), L, N))
                         * element(Array("x", ("N",)), L))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("definitions", ONCE_WRONG.values(), ids=ONCE_WRONG)
def test_what_once_disagreed(definitions):
    assert [wrong(Program(definitions), seed) for seed in range(4)] == [""] * 4


def test_a_fixed_place_outside_is_missing_whatever_stands_beside_it():
    body = element(Array("K", ("M", "M")), 2, I)
    code = build(Program((defined(body, I),)), ["e"], dtype="float64", sizes=SIZES)
    values = {"K": np.ones((2, 2))}
    assert np.isnan(evaluate(body, values)).all() and np.isnan(code(values)["e"]).all()


def test_a_number_that_is_used_again_is_written_once():
    """Written out at each place it grew to gigabytes."""
    assert not disagreement(308770)


def test_what_divides_by_a_value_outside_its_array_is_left_out():
    """A gradient over the longer of two axes of different names, through 1 / (2 d0[i])."""
    assert not disagreement(401448)


def test_the_largest_element_is_found_where_its_definition_is_put_in():
    """The element and its maximum test other places, and add their terms in another order."""
    assert not disagreement(617801)


def test_an_amount_on_the_diagonal_of_what_does_not_depend_on_a_third_axis():
    assert not disagreement(500792)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 10**6))
def test_derivatives_are_those_of_dual_numbers(seed):
    assert not disagreement(seed)


if __name__ == "__main__":
    first, count = (int(text) for text in sys.argv[1:3])
    told = Counter()
    for number in range(first, first + count):
        try:
            result = disagreement(number)
        except Exception as mistake:
            result = f"{type(mistake).__name__}: {mistake}".splitlines()[0]
        told["no numbers" if result is None else result.split(" of ")[0] or "agrees"] += 1
        if result:
            print(number, result, flush=True)
        if (number + 1 - first) % 100 == 0 or number + 1 == first + count:
            print(number + 1 - first, dict(told), flush=True)
