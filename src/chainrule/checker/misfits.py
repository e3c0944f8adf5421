"""What does not fit together: false where no shape is in doubt, else not understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chainrule.checker.findings import Outcome
from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.layer_graph import family
from chainrule.notation.leibniz import is_derivative, is_gradient_sign
from chainrule.notation.names import named
from chainrule.notation.scope import Scope, Symbol
from chainrule.notation.scripts import TRANSPOSES, letter, scripted, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit

# The signs of derivatives, which are no arrays.
SIGNS = {"d", "\\partial"}
# Letters of error signals, which are arrays.
_SIGNALS = {"\\delta", "\\epsilon", "\\varepsilon", "\\gamma"}


def misfit(scope: Scope, mistake: Misfit, nodes: tuple[Node, ...]) -> Outcome:
    """What does not fit is false only where the author stated all the sizes and symbols.

    Of a letter that counts along axes of two sizes, the arrays that carry it have to be known.
    Sizes of which one is a multiple of the other fit for no matrices; two that some sentence sets
    equal may be equal here. What has several shapes in a document may have another one here.
    """
    stated = {scope.sizes.find(size) for size in scope.stated}
    known = bool(mistake.sizes) and set(mistake.sizes) <= stated
    known = known and frozenset(mistake.sizes) not in scope.ties
    if known and mistake.letter is not None:
        marked = [part for node in nodes for part in _marked(node, mistake.letter)]
        sizes = set(mistake.sizes)
        carrying = symbols_in(scope, marked)
        known = all(one.declared or _sizes(scope, one) & sizes for one in carrying)
        # x_i, summed over i, may be one of several vectors x.
        several = bool(carrying) and all(len(one.sizes) == 1 for one in carrying)
        known = known and not (several and any(_sums_over(n, mistake.letter) for n in nodes))
    elif known and not _are_known(scope, symbols_in(scope, nodes), stated):
        # A class is no array: y in onehot(y). What nobody spoke of may be any array.
        without = symbols_in(scope, nodes, handed_over=False)
        known = _are_known(scope, without, stated) and not any(unheard(scope, n) for n in nodes)
    if known and mistake.letter is None:
        known = not any(_may_be_number(scope.symbols[text]) for text in _alone(scope, nodes))
    known = (known or mistake.multiple) and not has_several_shapes(scope, nodes)
    known = known and not any(map(is_of_blocks, nodes))
    return Outcome("shape" if known else "unread", reason=str(mistake), fits=known)


def is_of_blocks(node: Node) -> bool:
    """`[a_{ij} B]`: brackets around the entry i, j of a matrix, which is an array by itself."""
    match undecorated(node):
        case tree.Group("(" | "[" | "{", _, tree.Product(factors)):
            return any(isinstance(f, tree.Script) and _are_two_letters(f.sub) for f in factors)
    return False


def _are_two_letters(sub: Node | None) -> bool:
    marks = subscripts(sub)
    return len(marks) == 2 and None not in map(letter, marks)


def placed(scope: Scope, found: Outcome, nodes: Iterable[Node]) -> Outcome:
    """An outcome, but what does not fit the shapes of a later section is not understood."""
    shape = found.verdict == "shape" and scope.later
    later = scope.later & scope.inputs(*names_in(scope, nodes)) if shape else ()
    if not later:
        return found
    reason = f"the shape of {min(later)} is stated further down"
    return Outcome("unread", reason=reason, fits=found.fits)


def has_several_shapes(scope: Scope, nodes: Iterable[Node]) -> bool:
    """Whether formulas rest on names of which the document states several shapes."""
    return bool(scope.restated) and not scope.restated.isdisjoint(
        scope.inputs(*names_in(scope, nodes))
    )


def _are_known(scope: Scope, symbols: list[Symbol], stated: set) -> bool:
    return all(one.declared or _sizes(scope, one) <= stated for one in symbols) and not any(
        _is_of_array(scope, one) for one in symbols
    )


def _alone(scope: Scope, nodes: tuple[Node, ...]) -> set[str]:
    """The known names that are printed without a subscript that counts."""
    names = [named(part, scope.usage) for node in nodes for part in scripted(node)]
    placed = {name.text for name in names if name is not None and name.places}
    return {n.text for n in names if n is not None} & scope.symbols.keys() - placed - _SIGNALS


def _may_be_number(symbol: Symbol) -> bool:
    """Whether a small Greek letter is a vector only because it has an index somewhere, λ of λ_i, or
    a small letter a matrix for two of them: the p of p_ij, where p alone is a probability."""
    greek = symbol.name.startswith("\\") and symbol.name[1:2].islower()
    matrix = len(symbol.sizes) == 2 and len(symbol.name) == 1 and symbol.name.islower()
    return not symbol.declared and (matrix or (greek and len(symbol.sizes) == 1))


def _is_of_array(scope: Scope, symbol: Symbol) -> bool:
    """Whether a name without axes is that of an array in another layer: its own are not known."""
    own = family(symbol.name)
    if own is None or symbol.declared or symbol.sizes:
        return False
    return any(one.sizes and family(one.name) == own for one in scope.symbols.values())


def unheard(scope: Scope, node: Node) -> set[str]:
    """The letters in a product of which nothing is known; none of subscripts, of operators, of
    sizes and of what is differentiated."""
    factors = (f for f in _factors(node) if not _is_sign(scope, f))
    names = (named(factor, scope.usage) for factor in factors)
    texts = {name.text for name in names if name is not None and not name.text[1:2].isalpha()}
    return texts - scope.symbols.keys() - TRANSPOSES - scope.size_names


def _factors(node: Node) -> Iterator[Node]:
    """The factors of the products in a node, without those in scripts and in numerators of
    derivatives."""
    waiting = [node]
    while waiting:
        match waiting.pop():
            case tree.Script(base):
                waiting.append(base)
            case tree.Fraction(_, below) as fraction if is_derivative(fraction):
                waiting.append(below)
            case part:
                yield from part.factors if isinstance(part, tree.Product) else ()
                waiting.extend(tree.children(part))


def _is_sign(scope: Scope, node: Node) -> bool:
    """Whether a factor is the sign of a derivative: d, ∂, ∇_x, D_x."""
    return letter(node) in SIGNS or is_gradient_sign(node, scope.size_names)


def _sizes(scope: Scope, symbol: Symbol) -> set:
    return {scope.sizes.find(size) for size in symbol.sizes}


def _marked(node: Node, text: str) -> list[Node]:
    """The parts with a letter as one of their subscripts, `(W_2)_{km}` among them."""
    scripts = (p for p in tree.walk(node) if isinstance(p, tree.Script) and p.sub is not None)
    return [part for part in scripts if text in map(letter, subscripts(part.sub))]


def _sums_over(node: Node, text: str) -> bool:
    """Whether a letter is bound by a sum."""
    sums = (part for part in tree.walk(node) if isinstance(part, tree.Big) and part.sub is not None)
    return any(letter(mark) == text for part in sums for mark in tree.walk(part.sub))


def symbols_in(scope: Scope, nodes, handed_over: bool = True) -> list[Symbol]:
    """The known symbols that are printed in some formulas, without the words for functions.

    handed_over  also those that stand only as arguments, as y in `onehot(y)` and `L(x, y)`
    """
    names = names_in(scope, nodes, handed_over)
    return [
        scope.symbols[text]
        for text in sorted(names & scope.symbols.keys() - TRANSPOSES)
        if text != "\\sigma" and function_named(text) is None
    ]


def names_in(scope: Scope, nodes: Iterable[Node], handed_over: bool = True) -> set[str]:
    """The names that stand in some formulas."""
    return set().union(*(printed_names(scope, node, handed_over) for node in nodes))


def printed_names(scope: Scope, node: Node, handed_over: bool = True) -> set[str]:
    """The names that stand in a formula."""
    if not handed_over:
        node = tree.transformed(node, _without_arguments)
    names = (named(part, scope.usage) for part in scripted(node))
    return {name.text for name in names if name is not None}


def _without_arguments(node: Node) -> Node:
    """A product without brackets that hold nothing but names."""
    if not isinstance(node, tree.Product):
        return node
    kept = [node.factors[0], *(one for one in node.factors[1:] if not _is_list_of_names(one))]
    if len(kept) == len(node.factors):
        return node
    return tree.Product(tuple(kept), ("",) * (len(kept) - 1))


def _is_list_of_names(node: Node) -> bool:
    if not isinstance(node, tree.Group):
        return False
    items = node.body.items if isinstance(node.body, tree.List) else (node.body,)
    return all(isinstance(one, (tree.Symbol, tree.Script)) for one in items)
