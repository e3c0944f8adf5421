"""Print of which nobody can say how it is meant: nothing false is said of it.

How far an operator reaches, to which base a logarithm is, and letters that stand for something
else than they were read as.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.language.expr import Apply, Element
from chainrule.language.inline import elements
from chainrule.language.passes import parts
from chainrule.mathematics.functions import function_named, log
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.heads import undecorated
from chainrule.notation.layers_by_letter import crossed, numbered
from chainrule.notation.leibniz import is_derivative, is_operator, operand, variables
from chainrule.notation.names import Name, named
from chainrule.notation.reading import ChainItem
from chainrule.notation.reductions import own_letters
from chainrule.notation.scripts import is_transposed, letter, scripted
from chainrule.notation.syntax import statements_of
from chainrule.notation.tree import Node, walk
from chainrule.notation.value import Value
from chainrule.transform.reverse import is_adjoint_name

# What is divided by the logarithm of a base: `\log` beside it is to that base as a rule.
_OF_A_BASE = re.compile(r"(?:\}\s*\{|/)[^{}=+]{0,20}\\ln\b\s*[({]*\s*(?:2|10)\b(?!\s*\.)")
# Where words are drawn beside the one that is looked for: no drawn word is that one.
_APART = re.compile(r"neg(?:ative)?[-_ ]?sampl|\\notin\b|∉", re.I)
_WITHOUT_BASE = re.compile(r"\\log\b(?!\s*_)")


def print_in_doubt(
    document: Document, item: ChainItem, nodes: tuple[Node, Node], sides: tuple
) -> str | None:
    """What in the two sides of an equation may be meant otherwise.

    sides  the values of the nodes, or why they have none
    """
    if (name := crossed(nodes, item.scope.usage)) is not None:
        return f"{name} stands for the values of several layers"
    if (name := numbered(nodes, item.scope)) is not None:
        return f"nothing says how the parts of {name} depend on each other"
    if (name := _of_teacher(item, nodes)) is not None:
        return f"the T of {name}^T may be a mark, as the S of {name}^S is"
    if any(_is_empty_sum(part) for member in item.members for part in walk(member)):
        return "a sum of nothing"
    if item.scope.usage.constants.e == "number" and any(map(_has_vector_e, nodes)):
        return "e may be a vector"
    if any(_reaches_further(part) for node in nodes for part in walk(node)):
        return "how far the operator in front of a sum reaches"
    if (name := _entry_that_is_transposed(document, item, nodes)) is not None:
        return f"{name} may be one matrix of several"
    if document.says(_APART) and (mark := _beside_a_sum(document, nodes)) is not None:
        return f"whether {mark} is one of the numbers of a sum"
    if (name := _with_slope_only(document, item, nodes)) is not None:
        return f"{name} has a slope, and no formula"
    values = [side for side in sides if isinstance(side, Value)]
    if _has_other_logarithms(document) and any(_has_logarithm(item, one) for one in values):
        return "the logarithm may be to another base"
    return _slope_of_nothing(item, values)


def _of_teacher(item: ChainItem, nodes: tuple[Node, Node]) -> str | None:
    """The p of `p^T = softmax(…)` beside `p^S = …`: of the teacher, and of the student."""
    marked = {base for base, mark in item.scope.usage.heads if mark == "s"}
    for part in (part for node in nodes for part in scripted(node)):
        if isinstance(part, tree.Script) and part.sup == tree.Symbol("T"):
            if letter(part.base) in marked:
                return letter(part.base)
    return None


def _is_empty_sum(part: Node) -> bool:
    return isinstance(part, tree.Big) and isinstance(part.body, tree.Empty)


def _has_vector_e(node: Node) -> bool:
    """The e of `⟨x, e⟩` and `‖e‖`, which is no number."""
    groups = (p for p in walk(node) if isinstance(p, tree.Group) and p.open in ("<", "||"))
    inside = (g.body.items if isinstance(g.body, tree.List) else (g.body,) for g in groups)
    return any(tree.Symbol("e") in items for items in inside)


def _reaches_further(part: Node) -> bool:
    """`∂/∂w a - b - ∂/∂w c`, `∂/∂w a - b - d` with a, b of w and d not: the first operator may
    stand for the terms behind it, too, but not for the last."""
    if not isinstance(part, tree.Sum):
        return False
    fronts = [t.factors[0] if isinstance(t, tree.Product) else t for t in part.terms]
    for first, front in enumerate(fronts):
        if is_operator(front):
            variable = front.denominator.factors[-1]
            later = list(zip(fronts, part.terms, strict=True))[first + 1 :]
            kinds = [other == front or variable not in walk(term) for other, term in later]
            # A term of the variable, and behind it one that has its own operator, or is free of it.
            if False in kinds and True in kinds[kinds.index(False) :]:
                return True
    return False


def _entry_that_is_transposed(
    document: Document, item: ChainItem, nodes: tuple[Node, Node]
) -> str | None:
    """The R of `R_m q`, read as a vector with the entries R_m, where `R_m^T` is printed."""
    entries = {
        letter(part.base)
        for node in nodes
        for part in scripted(node)
        if isinstance(part, tree.Script) and part.sub is not None
    }
    capitals = {one for one in entries if one and one.isupper() and item.scope.rank(one) == 1}
    if not capitals:
        return None
    for statement in (one for f in document.formulas for one in statements_of(document, f)):
        for part in scripted(statement.chain):
            if is_transposed(part) and part.sub is not None and letter(part.base) in capitals:
                return letter(part.base)
    return None


def _beside_a_sum(document: Document, nodes: tuple[Node, Node]) -> str | None:
    """The o of `∂/∂u_o` in front of a sum over the u_k, or of a name that is given by one: u_o may
    be none of these."""
    slopes = [slope for node in nodes for part in walk(node) for slope in _slopes(part)]
    tops = [undecorated(top) for top, _ in slopes if isinstance(top, (tree.Symbol, tree.Script))]
    chains = (s.chain for f in document.formulas for s in statements_of(document, f) if tops)
    given = (
        member
        for chain in chains
        if isinstance(chain, tree.Chain) and undecorated(chain.members[0]) in tops
        for member in chain.members[1:]
    )
    parts_ = [part for node in (*nodes, *given) for part in walk(node)]
    sums = [p for p in parts_ if isinstance(p, tree.Big) and p.kind == "sum" and p.sub is not None]
    summed = {(letter(p.base), mark) for one in sums for p, mark in _marked(one)}
    for _, variable in slopes:
        match variable:
            case tree.Script(base, sub) if sub is not None:
                others = {mark for text, mark in summed if text == letter(base)}
                if others and letter(sub) not in others:
                    return letter(sub) or letter(getattr(sub, "base", sub)) or "it"
    return None


def _slopes(node: Node) -> Iterator[tuple[Node | None, Node]]:
    """What is differentiated, and by what, in `∂J/∂u_o` and `∇_{u_o} J`."""
    match node:
        case tree.Fraction(top, tree.Product((*_, variable))) if is_derivative(node):
            yield (None if is_operator(node) else operand(top)), variable
        case tree.Product((tree.Script(sign, variable), top, *_)) if letter(sign) == "\\nabla":
            yield top, variable


def _marked(node: tree.Big) -> Iterator[tuple[tree.Script, str]]:
    """The names in a sum with one of its letters below them."""
    for part in scripted(node.body):
        # The u_{w_k} of the k-th word drawn may be the same one for several k.
        marks = tree.walk(part.sub) if isinstance(part, tree.Script) and part.sub else ()
        if any(letter(mark) in own_letters(node) for mark in marks):
            yield part, letter(part.sub) or ""


def _with_slope_only(
    document: Document, item: ChainItem, nodes: tuple[Node, Node]
) -> str | None:
    """The a of `∂a_i/∂z_j = …` where nothing says what a is: it is no input beside z."""
    plain = (tree.transformed(node, _without_slope) for node in nodes)
    parts_ = {name.text for node in plain for p in scripted(node) if (name := _name(item, p))}
    words = {text for text in parts_ if function_named(text.lstrip("\\"))} | {"\\sigma"}
    unknown = {text for text in parts_ - words if not item.scope.is_known(text)}
    if not unknown:
        return None
    for statement in (one for f in document.formulas for one in statements_of(document, f)):
        match statement.chain:
            case tree.Chain((tree.Fraction(above) as head, body, *_)) if is_derivative(head):
                name = None if is_operator(head) else _name(item, operand(above))
                by = {one.text for v in variables(head) if (one := _name(item, v))}
                if name is not None and name.text in unknown and by & parts_:
                    if body != tree.Number("0"):
                        return name.text
    return None


def _without_slope(part: Node) -> Node:
    return tree.Number("1") if is_derivative(part) else part


def _name(item: ChainItem, node: Node) -> Name | None:
    return named(node, item.scope.usage)


def _has_other_logarithms(document: Document) -> bool:
    """Whether `\\ln 2` stands beside logarithms of which no base is printed."""
    return document.says(_OF_A_BASE) and document.says(_WITHOUT_BASE)


def _has_logarithm(item: ChainItem, value: Value) -> bool:
    expr = item.scope.inlined(value.expr)
    return any(isinstance(part, Apply) and part.function is log for part in parts(expr))


def _slope_of_nothing(item: ChainItem, values: list[Value]) -> str | None:
    """`∂R/∂w = …`, where a formula of R[w] was not read, or which is set to that of another cost:
    there the slope can be anything."""
    exprs = [item.scope.inlined(one.expr) for one in values]
    for one, other in (exprs, exprs[::-1]) if len(exprs) == 2 else ():
        if isinstance(one, Element) and is_adjoint_name(one.array.name):
            cost = one.array.name[1:].partition("/")[0]
            elsewhere = cost in item.scope.usage.called or _is_of_another(item.members)
            if elsewhere and one.array not in elements(other):
                return f"nothing is known of {one.array.name}"
    return None


def _is_of_another(members: tuple[Node, ...]) -> bool:
    """`∂C/∂y = ∂B/∂p = …`, with another cost in the second member."""
    first, second = map(undecorated, members[:2])
    if not all(is_derivative(one) and not is_operator(one) for one in (first, second)):
        return False
    return operand(first.numerator) != operand(second.numerator)
