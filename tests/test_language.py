"""Properties of expressions: one object for equal ones, no capture, meaning kept."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainrule.errors import Place, SizeMismatch, UnknownSize, UnknownSymbol
from chainrule.language.algebra import (
    add,
    apply,
    const,
    delta,
    element,
    largest,
    mul,
    opened,
    position,
    rebound,
    substitute,
    total,
    where,
)
from chainrule.language.arithmetic import FLOAT32
from chainrule.language.evaluate import evaluate, evaluator, slope
from chainrule.language.expr import Along, Array, Reduce
from chainrule.language.index import Index, fresh, place_of
from chainrule.language.inline import Lambda, elements, inline
from chainrule.language.sizes import Sizes
from chainrule.mathematics.functions import FUNCTIONS
from expressions import INDICES, SIZES, expressions, indices, values

fast = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
VALUES = values()


def at(expr, order=None, given=VALUES):
    return evaluate(expr, given, SIZES, order)


def close(left, right):
    return np.allclose(left, right, rtol=1e-9, atol=1e-9, equal_nan=True)


def order_of(*sides):
    return sorted(frozenset().union(*(side.free for side in sides)), key=repr)


@fast
@given(expressions(), expressions(), expressions())
def test_equal_is_identical(a, b, c):
    assert add(a, b, c) is add(c, add(b, a))
    assert mul(a, b, c) is mul(c, b, a)
    assert add(a, mul(-1, a)) is const(0)


@fast
@given(expressions(), indices)
def test_the_name_of_a_bound_index_does_not_matter(body, index):
    other = fresh(index.size)
    renamed = substitute(body, {index: place_of(other)})
    for close_ in (total, largest):
        assert close_(index, body) is close_(other, renamed)
        assert index not in close_(index, body).free


@fast
@given(expressions())
def test_opening_and_closing_gives_the_same_binder(expr):
    if isinstance(expr, (Reduce, Along)):
        assert rebound(expr, *opened(expr)) is expr


@fast
@given(expressions(), st.data())
def test_substitution_is_reading_at_another_place(expr, data):
    """With a colliding name in the place of another, the numbers are those on the diagonal."""
    if not expr.free:
        return
    old = data.draw(st.sampled_from(order_of(expr)))
    new = data.draw(st.sampled_from([i for i in INDICES if i.size == old.size]))
    moved = substitute(expr, {old: place_of(new)})
    apart = sorted(expr.free - {old, new}, key=repr)
    if new in expr.free - {old}:
        numbers = np.diagonal(at(expr, [*apart, old, new]), axis1=-2, axis2=-1)
    else:
        numbers = at(expr, [*apart, old])
    assert close(at(moved, [*apart, new]), numbers)


@fast
@given(expressions(), expressions(), st.data())
def test_putting_in_is_computing_first(expr, meaning, data):
    """Each array x is replaced by an expression of an index whose name collides with others."""
    index = data.draw(st.sampled_from([i for i in INDICES if i.size == "N"]))
    closed = meaning
    for free in sorted(meaning.free - {index}, key=repr):
        closed = total(free, closed)
    numbers = at(closed, [index])
    inlined = inline(expr, {"x": Lambda((index,), closed)})
    order = order_of(expr, inlined)
    assert close(at(inlined, order), at(expr, order, {**VALUES, "x": numbers}))


@fast
@given(expressions(smooth=True), st.integers(0, 5))
def test_dual_numbers_agree_with_central_differences(expr, seed):
    random = np.random.default_rng(seed)
    direction = {name: random.normal(size=np.shape(value)) for name, value in VALUES.items()}
    step = 1e-5
    up, down = (
        at(expr, None, {name: v + sign * step * direction[name] for name, v in VALUES.items()})
        for sign in (1, -1)
    )
    found = slope(expr, VALUES, direction, SIZES)
    scale = 1 + np.max(np.abs(up), initial=0) + np.max(np.abs(found), initial=0)
    assert np.allclose((up - down) / (2 * step), found, rtol=1e-5, atol=1e-6 * scale)


@fast
@given(
    st.integers(-2, 2), st.integers(-2, 2), st.integers(-3, 3), st.sampled_from(["x", "·0", "′1"])
)
def test_a_delta_on_an_affine_place_is_used_up_rightly(own, other, offset, name):
    """sum_i x[i] [own·i = other·j + offset], against the sum written out in Python."""
    i, j = Index(name, 3), Index("j", "P")
    x = element(Array("x", (3,)), i)
    left, right = place_of(i) * own, place_of(j) * other + place_of(offset)
    summed = total(i, mul(x, delta(left, right)))
    expected = [
        sum(VALUES["x"][p] for p in range(3) if own * p == other * q + offset) for q in range(5)
    ]
    assert close(at(summed, [j]), expected)


@fast
@given(expressions(), indices)
def test_a_sum_is_the_sum_of_its_elements(body, index):
    apart = sorted(body.free - {index}, key=repr)
    assert close(at(total(index, body), apart), at(body, [*apart, index]).sum(axis=-1))
    assert close(at(largest(index, body), apart), at(body, [*apart, index]).max(axis=-1))


@fast
@given(expressions())
def test_several_points_at_once_are_the_points_one_by_one(expr):
    points = [values(seed) for seed in range(3)]
    stacked = {name: np.stack([point[name] for point in points]) for name in points[0]}
    together = evaluate(expr, stacked, SIZES, points=3)
    for one, point in zip(together, points, strict=True):
        assert close(one, at(expr, None, point))


def test_an_element_outside_its_array_is_0_and_missing_at_a_fixed_place():
    i, x = Index("i", "N"), Array("x", ("N",))
    assert at(element(x, place_of(i) - place_of(1))).tolist() == [0, *VALUES["x"][:2]]
    assert np.isnan(at(element(x, place_of(7))))


def test_names_that_nobody_types_are_not_captured():
    """x[·0] inside a sum over another index stays what it was: W x, column by column."""
    outer, inner = Index("·0", "M"), Index("·0", "N")
    W, x = element(Array("W", ("N", "M")), inner, outer), element(Array("x", ("N",)), inner)
    assert close(at(total(inner, W * x), [outer]), VALUES["x"] @ VALUES["W"])
    nested = total(outer, total(inner, W * x) ** 2)
    assert close(at(nested), np.sum((VALUES["x"] @ VALUES["W"]) ** 2))


def test_the_order_does_not_depend_on_how_many_indices_were_made_before():
    def order():
        i, j = fresh("N"), fresh("N")
        parts = [element(Array(name, ("N",)), k) for name in "abcdef" for k in (i, j)]
        names = {i: "first", j: "second"}
        return [(e.array.name, names[e.places[0].index]) for e in add(*parts).terms]

    assert all(order() == order() for _ in range(20))


def layers(depth):
    hidden = element(Array("x", ("H",)), Index("i", "H"))
    for layer in range(depth):
        i, j = Index("i", "H"), Index("j", "H")
        weights = element(Array(f"W{layer % 7}", ("H", "H")), j, i)
        below = substitute(hidden, {i: place_of(j)})
        hidden = apply(FUNCTIONS["tanh"], total(j, weights * below))
    return hidden


def test_300_nested_layers():
    deep = layers(300)
    random = np.random.default_rng(1)
    given = {f"W{n}": random.normal(size=(3, 3)) for n in range(7)} | {"x": random.normal(size=3)}
    hidden = given["x"]
    for layer in range(300):
        hidden = np.tanh(hidden @ given[f"W{layer % 7}"])
    assert np.allclose(evaluate(deep, given), hidden)
    moved = substitute(deep, {Index("i", "H"): place_of(Index("·0", "H"))})
    assert np.allclose(evaluate(moved, given), hidden)
    assert len(elements(deep)) == 8
    assert slope(deep, given, {"x": np.ones(3)}).shape == (3,)


def test_sizes_that_disagree_show_both_places():
    sizes = Sizes()
    first = Place("notes.md", 3, 5, "y = W x", "784, from W", 1)
    second = Place("notes.md", 9, 2, "x = 1", "785, from x", 1)
    a, b = sizes.unknown(first), sizes.unknown(second)
    sizes.unify(a, 784)
    sizes.unify(b, 785)
    with pytest.raises(SizeMismatch) as caught:
        sizes.unify(a, b)
    shown = str(caught.value)
    assert "784" in shown and "785" in shown
    assert "notes.md:3:5" in shown and "notes.md:9:2" in shown


def test_sizes_are_found_through_others():
    sizes = Sizes()
    a, b, c = (sizes.unknown() for _ in range(3))
    sizes.unify(a, b)
    sizes.unify(b, c)
    assert sizes.unify(c, "H") == "H" and sizes.find(a) == "H"
    assert not sizes.agree(a, "D") and sizes.copy().agree(a, "H")


def test_what_many_expressions_share_has_the_same_numbers():
    i = Index("i", "N")
    one = apply(FUNCTIONS["tanh"], element(Array("x", ("N",)), i))
    values = np.array([[0.5, -1.0], [2.0, 0.25]])
    numbers = evaluator({"x": values}, {"N": 2}, 2)
    for expr in (one, one * one, total(i, one)):
        order = sorted(expr.free, key=repr)
        assert np.array_equal(
            numbers(expr, order), evaluate(expr, {"x": values}, {"N": 2}, order, points=2)
        )


def test_a_size_gets_a_number_once():
    sizes = Sizes()
    a = sizes.unknown()
    assert not sizes.settle(a, 3)
    sizes.unify(a, "H")
    assert sizes.settle(a, 4) and sizes.find("H") == 4
    # A number that becomes another number would be looked for without end.
    assert not sizes.settle("H", 5) and sizes.find(a) == 4 and sizes.find(5) == 5


def test_what_is_missing_is_named():
    x = element(Array("x", ("N",)), Index("i", "N"))
    with pytest.raises(UnknownSymbol, match="x"):
        evaluate(x, {})
    with pytest.raises(UnknownSize, match="P"):
        evaluate(position(Index("p", "P")), {})
    y = element(Array("y", ("N",)), Index("i", "N"))
    with pytest.raises(SizeMismatch, match=r"3.*4|4.*3"):
        evaluate(x + y, {"x": np.ones(3), "y": np.ones(4)})


def test_normal_form_by_example():
    x, y = element(Array("x")), element(Array("y"))
    assert x + x is 2 * x and x * x is x**2 and x / x is const(1)
    assert 2 * (x + y) is 2 * x + 2 * y
    i, j = Index("i", "N"), Index("j", "N")
    xs = element(Array("x", ("N",)), i)
    assert total(i, delta(i, j) * xs) is element(Array("x", ("N",)), j)
    assert total(i, y * xs) is y * total(i, xs)
    for a, b in itertools.permutations([x, y, xs, const(3)], 2):
        assert add(a, b) is add(b, a) and mul(a, b) is mul(b, a)


@pytest.mark.parametrize("combine", [add, mul])
def test_an_element_is_the_largest_in_whatever_order_its_terms_stand(combine):
    """A test of places that always holds keeps the two from being one expression."""
    last, m, n, x = Index("z", "N"), Index("m", "N"), Index("n", "N"), Array("x", ("N",))

    def body(index):
        return combine(element(x, index), element(x, m), element(x, n), 3)

    given = {"x": np.random.default_rng(1).normal(size=5)}
    for name in ("·0", "a", "mm", "zz"):
        own = Index(name, "N")
        guarded = where("<", position(own), position("N"), body(own), 7)
        chosen = total(last, where("==", body(last), largest(own, guarded), 1, 0))
        assert (evaluate(chosen, given) == 1).all()
        assert (evaluate(chosen, given, arithmetic=FLOAT32) == 1).all()
        assert (slope(chosen, given, given) == 0).all()


def test_a_sum_is_compared_as_it_is_in_whatever_order_it_runs():
    i = Index("i", "N")
    x = Array("x", ("N",))
    ahead = total(i, element(x, i))
    back = total(i, element(x, place_of("N") - place_of(i) - place_of(1)))
    random = np.random.default_rng(2)
    for _ in range(20):
        same = where("==", ahead + element(x, 0), back + element(x, 0), 1, 0)
        assert evaluate(same, {"x": random.normal(size=11)}) == 1
