"""One change of what is printed: the second part of the catalogue of mistakes.

Every rule proposes changes of the source of a false member, each with the sentence that would be
true if the change made it right. Whether it does is found by reading and judging the changed
member. To add a kind of mistake, add a rule to RULES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice

from chainrule.checker.slips.differentials import differentials
from chainrule.checker.slips.factors import (
    factors_at_the_end,
    factors_too_much,
    fractions,
    numbers,
    operands,
    other_operands,
    precedence,
    reciprocals,
    sums_too_much,
    terms_too_much,
)
from chainrule.checker.slips.functions import (
    arguments,
    exchanged,
    functions,
    logarithms,
    logarithms_of_sums,
    magnitudes,
    powers,
    quotient_rule,
    slopes,
)
from chainrule.checker.slips.indices import (
    exchanged_letters,
    indices,
    moved_letters,
    numbers_of_elements,
    signs_of_marks,
    swapped_everywhere,
)
from chainrule.checker.slips.layout import (
    by_elements,
    moved_transposes,
    order,
    transposed_groups,
    transposes,
    turned,
)
from chainrule.checker.slips.links import missing_links
from chainrule.checker.slips.misprint import Edit, Print
from chainrule.checker.slips.missing import (
    kronecker_factors,
    missing_factors,
    missing_factors_of_terms,
    missing_matrices,
    missing_numbers,
    missing_ones,
    missing_sums,
    missing_terms,
)
from chainrule.checker.slips.signs import comparisons, differences, signs, signs_of_cells
from chainrule.notation import tree
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.scripts import is_transposed
from chainrule.notation.tree import Node

# So many changes of each rule are tried before the rest of any; more of the commonest.
FEW, OFTEN = 3, 8

Rule = Callable[[Print, Node], Iterator[Edit]]


def likeliest(printed: Print, rules: tuple[Rule, ...]) -> Iterator[Edit]:
    """Every change that a rule proposes, a few of each rule by turns."""
    waiting = [(_edits(printed, rule), OFTEN if rule in _OFTEN else FEW) for rule in rules]
    while waiting:
        found = [(one, few) for one in waiting if (few := list(islice(*one)))]
        yield from chain.from_iterable(few for _, few in found)
        waiting = [one for one, _ in found]


def _edits(printed: Print, rule: Rule) -> Iterator[Edit]:
    """What one rule proposes, by turns for each node; derivatives stay as they are."""
    nodes = list(_nodes(printed, printed.node, marks=rule in _IN_MARKS))
    # Of several elements that could be changed, people got the last one wrong.
    waiting = [rule(printed, node) for node in (nodes[::-1] if rule is indices else nodes)]
    while waiting:
        found = [(each, edit) for each in waiting if (edit := next(each, None)) is not None]
        yield from (edit for _, edit in found)
        waiting = [each for each, _ in found]


def _nodes(printed: Print, node: Node, marks: bool) -> Iterator[Node]:
    """The node and what is inside, without the parts of names, derivatives, conditions of cases.

    marks  also what stands below names and at the bounds of sums
    """
    if is_transposed(node) and printed.is_operand(plain := _untransposed(printed, node)):
        yield from (node, plain)
        return
    yield node
    inside = tree.children(node)
    if is_derivative(node) or printed.is_operand(node):
        inside = ()
    elif is_transposed(node):
        inside = tuple(child for child in inside if child is not node.sup)
    elif isinstance(node, tree.Cases):
        inside = tuple(value for value, _ in node.rows)
    elif isinstance(node, (tree.Script, tree.Big)) and not marks:
        bound = isinstance(node, tree.Big) and node.sup
        inside = tuple(child for child in inside if child is not node.sub and child is not bound)
    if isinstance(node, tree.Script) and isinstance(node.sup, tree.Group):
        # The mark of a layer or of an example.
        inside = tuple(child for child in inside if child is not node.sup or node.sup.open != "(")
    for child in inside:
        yield from _nodes(printed, child, marks)


def _untransposed(printed: Print, node: tree.Script) -> Node:
    """A name without the sign of transposition, where it stands."""
    if node.sub is None:
        return node.base
    end = printed.span(node.sub)[1]
    return replace(node, sup=None, end=end)


# What is more telling than that the sign of the whole is wrong, or that one minus it is meant.
FIRST: tuple[Rule, ...] = (quotient_rule, comparisons)
RULES: tuple[Rule, ...] = (
    missing_links,
    missing_sums,
    differentials,
    signs,
    signs_of_cells,
    indices,
    slopes,
    numbers,
    missing_numbers,
    transposes,
    functions,
    factors_too_much,
    factors_at_the_end,
    operands,
    arguments,
    order,
    missing_factors,
    missing_terms,
    terms_too_much,
    powers,
    precedence,
    missing_factors_of_terms,
    reciprocals,
    magnitudes,
    differences,
    signs_of_marks,
    moved_letters,
    sums_too_much,
    fractions,
    swapped_everywhere,
    exchanged_letters,
    exchanged,
    logarithms_of_sums,
    missing_ones,
    logarithms,
)
# What may be wrong with a computation in numbers.
COMPUTING: tuple[Rule, ...] = (signs, numbers, signs_of_cells, terms_too_much, factors_too_much)
# What may be wrong with a product that does not fit together.
FITTING: tuple[Rule, ...] = (
    missing_links,
    differentials,
    transposes,
    order,
    moved_transposes,
    turned,
    operands,
    indices,
    swapped_everywhere,
    exchanged_letters,
    numbers_of_elements,
    factors_too_much,
    transposed_groups,
    missing_matrices,
    other_operands,
    missing_terms,
    by_elements,
    kronecker_factors,
)
# What makes a product fit where its numbers are not known.
LAYOUT: tuple[Rule, ...] = (
    transposes,
    order,
    moved_transposes,
    indices,
    swapped_everywhere,
    exchanged_letters,
    numbers_of_elements,
)
_OFTEN = (signs, indices)
# The rules that also change what stands below names and at the bounds of sums.
_IN_MARKS = (indices, numbers, signs, numbers_of_elements)
