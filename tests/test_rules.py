"""Every line of rules: both sides agree, the right is defined where the left is, names are good."""

import re
from fractions import Fraction

import flint
import numpy as np
import pytest

from chainrule.language.algebra import const, element, substitute
from chainrule.language.arithmetic import BALLS, Undecided
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Array
from chainrule.language.index import Index, place_of
from chainrule.language.inline import AXIS, Lambda, elements, inline
from chainrule.mathematics.final_rules import FINAL
from chainrule.mathematics.rules import READABLE, REJECTED, SIMPLIFY
from chainrule.mathematics.stable_rules import STABILISE
from chainrule.transform.match import NUMBER, Matcher, variables
from chainrule.transform.rewrite import results
from chainrule.transform.simplify import cost

EVERY = SIMPLIFY + READABLE + STABILISE + FINAL
RULES = list({rule.name: rule for rule in EVERY}.values())

# A prime, so that no other size of an example is the same.
SIZE = 3
ROWS = {"ordinary": [-1.25, 0.5, 2.0], "ties": [0.75, 0.75, 0.75], "large": [40.0, -40.0, 39.0]}
SCALARS = [-3.0, -1.0, -0.5, 0.0, 0.25, 1.0, 2.5, 40.0]
DIGITS = 60


def written(pattern):
    """The pattern with written names in place of its variables, at indices i and k of size N."""
    pattern = substitute(pattern, {}, {AXIS: "N"})
    free = sorted(pattern.free, key=lambda index: index.name)
    pattern = substitute(
        pattern, {index: place_of(Index(f"i{spot}", "N")) for spot, index in enumerate(free)}
    )
    meanings = {}
    for array in elements(pattern):
        if array.name == NUMBER:
            meanings[array.name] = Lambda((), const(7))
            continue
        name = array.name.lstrip("·")
        indices = (Index("q", "N"),) if array.sizes else ()
        leaf = element(Array(name, ("N",) * len(indices)), *indices)
        meanings[array.name] = Lambda(indices, leaf)
    return inline(pattern, meanings)


def pairs(rule):
    """(left, right) on which the rule is tested: its examples, or else the line itself."""
    if rule.examples:
        for example in rule.examples:
            found = list(results(rule, example, Matcher()))
            assert found, f"{rule.name} does not apply to its own example"
            yield example, found[0]
    else:
        yield written(rule.left), written(rule.right)


def points(*sides):
    """Values for all arrays that the sides read, several times over."""
    arrays = sorted({a for side in sides for a in elements(side)}, key=repr)
    count = max(len(SCALARS), len(ROWS))
    for turn in range(count):
        values = {}
        for spot, array in enumerate(arrays):
            shift = turn + 3 * spot
            row = list(ROWS.values())[shift % len(ROWS)]
            turned = np.roll(np.array(row), spot)
            values[array.name] = turned if array.sizes else SCALARS[shift % len(SCALARS)]
        yield values


def balls(side, values, order):
    with flint.ctx.workdps(DIGITS):
        try:
            return np.ravel(evaluate(side, values, {"N": SIZE}, order, BALLS))
        except Undecided:
            # What is compared is undefined.
            return np.full(SIZE ** len(order), flint.arb("nan"))


def agree(left, right):
    """True or False where the left is defined, None where it is not."""
    if not left.is_finite():
        return None
    if not right.is_finite():
        return False
    return abs(left - right) < flint.arb(10) ** -40 * (1 + abs(left))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_both_sides_agree_wherever_the_left_is_defined(rule):
    for left, right in pairs(rule):
        order = sorted(left.free, key=lambda index: index.name)
        compared = []
        for values in points(left, right):
            sides = (balls(side, values, order) for side in (left, right))
            verdicts = [agree(a, b) for a, b in zip(*sides, strict=True)]
            assert False not in verdicts, (rule.name, values)
            compared += [verdict for verdict in verdicts if verdict]
        assert len(compared) >= 2, f"{rule.name} was hardly ever defined"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_free_indices_are_kept(rule):
    for left, right in pairs(rule):
        assert right.free <= left.free


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_applies_to_itself(rule):
    for left, right in pairs(rule):
        assert right in list(results(rule, left, Matcher())), rule.name


@pytest.mark.parametrize("rule", SIMPLIFY + READABLE, ids=lambda rule: rule.name)
def test_simplifying_lowers_the_cost(rule):
    for left, right in pairs(rule):
        assert cost(right) < cost(left)


@pytest.mark.parametrize("rule", EVERY, ids=lambda rule: rule.name)
def test_a_line_is_complete(rule):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert rule.why
    assert all(condition.variable.array.name in variables(rule.left) for condition in rule.given)


def test_names_are_unique_in_a_list_and_mean_the_same_in_both():
    for rules in (SIMPLIFY, STABILISE, FINAL, SIMPLIFY + REJECTED, STABILISE + REJECTED):
        names = [rule.name for rule in rules]
        assert len(names) == len(set(names))
    simplify = {rule.name: rule for rule in SIMPLIFY}
    for rule in STABILISE:
        if rule.name in simplify:
            assert (rule.left, rule.right) == (simplify[rule.name].left, simplify[rule.name].right)


@pytest.mark.parametrize("rule", REJECTED, ids=lambda rule: rule.name)
def test_a_rejected_rule_fails_at_its_point(rule):
    values = {name: Fraction(value) for name, value in rule.fails_at}
    left, right = (balls(written(side), values, [])[0] for side in (rule.left, rule.right))
    assert agree(left, right) is False
