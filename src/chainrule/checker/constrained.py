"""Arrays that formulas and words constrain: `W^T W = I`, `‖u‖ = 1`, the factors of an SVD.

What is false of any array may be true of these; and what is false of any number K, of the one that
says how many elements there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from chainrule.checker.compare import compare
from chainrule.checker.equality import equal, pair_of
from chainrule.checker.findings import TRUE
from chainrule.checker.misfits import names_in
from chainrule.errors import SizeMismatch
from chainrule.language.algebra import ONE, const, count, element, mul, power, total
from chainrule.language.expr import Array, Delta, Mul
from chainrule.language.index import fresh
from chainrule.language.inline import Lambda, elements, inline
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.heads import undecorated
from chainrule.notation.names import named
from chainrule.notation.prose import sentences, special_names
from chainrule.notation.scope import Scope
from chainrule.notation.syntax import statements_of
from chainrule.notation.totals import COUNTS
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.usage import Usage
from chainrule.notation.value import Misfit, Value

_DECOMPOSED = re.compile(
    r"\bSVDs?\b|singular[- ]value|\b(?:eigen|spectral |LU[- ]|QR[- ]|Cholesky |Schur )"
    r"(?:value )?(?:decompos|factori[sz])\w*|\bdiagonali[sz]\w+|\bCholesky\b",
    re.I,
)
# Letters for numbers of elements, classes, words.
_COUNTS = COUNTS | set("CJLVkp")


def constrained(
    document: Document, scope: Scope, nodes: tuple[Node, ...], sides: tuple
) -> str | None:
    """Why what is false of any arrays may be true of those in an equation; None if nothing says so.

    nodes  its two sides
    sides  their values, or why they have none
    """
    printed = names_in(scope, nodes)
    special = special_names(document, scope.usage) & printed
    if special := {name for name in special if not _is_diagonal(scope, name)}:
        return f"words give {min(special)} a property that no formula states"
    if special := printed & set(_factors(document, scope.usage)):
        return f"{min(special)} is a factor of a decomposition"
    found = dict(_conditions(document, scope.usage))
    found = {name: kind for name, kind in found.items() if name not in scope.definitions}
    if special := {name for name in printed & found.keys() if found[name] == "orthonormal"}:
        return f"the rows or columns of {min(special)} are orthonormal"
    units = {name for name in found.keys() - special if scope.rank(name) == 1}
    if units & printed and all(isinstance(side, Value) for side in sides):
        if _holds_with(scope, units, _unit, *sides):
            return f"true where the length of {min(units & printed)} is 1"
    centred = {name for name, kind in found.items() if kind == "centred"}
    if centred & printed and all(isinstance(side, Value) for side in sides):
        if _holds_with(scope, centred, _centred, *sides):
            return f"true where the elements of {min(centred & printed)} add up to 0"
    if all(isinstance(side, Value) for side in sides):
        if (name := _counting(scope, nodes, *sides)) is not None:
            return f"{name} may be the number of elements"
    return None


def _is_diagonal(scope: Scope, name: str) -> bool:
    """Whether the formula of a matrix says that it is diagonal."""
    known = scope.definitions.get(name)
    if known is None or len(known.indices) != 2:
        return False
    body = known.body
    factors = body.factors if isinstance(body, Mul) else (body,)
    return any(isinstance(one, Delta) and set(known.indices) <= one.free for one in factors)


def _counting(scope: Scope, nodes: tuple[Node, ...], left: Value, right: Value) -> str | None:
    """The K of which nothing is said, where an equation is true if K is how many classes there
    are, or how long any other axis is."""
    arrays = elements(scope.inlined(left.expr)) | elements(scope.inlined(right.expr))
    given = scope.definitions.keys() | scope.numbers.keys() | scope.bounds.keys()
    free = {array.name for array in arrays if not array.sizes} & _COUNTS - given
    free -= {name for name in free if scope.is_declared(name)}
    sizes = dict.fromkeys(size for array in arrays for size in array.sizes)
    # A size of no array: the K of `Σ_{k=1}^K q_k = 1`, which is said further up.
    counts = (scope.inlined(left.expr).names | scope.inlined(right.expr).names) & scope.size_names
    for name in sorted(free | counts - sizes.keys()):
        for size in sorted(sizes, key=str):
            trial = scope.copy()
            with suppress(Misfit, SizeMismatch):
                if name in free:
                    trial.define(name, Value(total(fresh(size), ONE), ()))
                else:
                    trial.sizes.unify(size, name)
                if equal(trial, left, right, (), nodes).verdict in (*TRUE, "holds-if"):
                    return name
    return None


def _factors(document: Document, usage: Usage) -> Iterator[str]:
    """The names in products that words call a decomposition: U, S, V of the SVD X = U S V^T."""
    if not document.says(_DECOMPOSED):
        return
    for sentence in sentences(document):
        words = " ".join(part for part in sentence.parts if isinstance(part, str))
        chains = [part for part in sentence.parts if isinstance(part, tree.Chain)]
        for chain in chains if _DECOMPOSED.search(words) else ():
            body = undecorated(chain.members[1])
            if chain.relations[0].kind in EQUAL and isinstance(body, tree.Product):
                names = [named(factor, usage) for factor in body.factors]
                if len(names) > 1 and None not in names:
                    yield from (name.text for name in names)


def _conditions(document: Document, usage: Usage) -> Iterator[tuple[str, str]]:
    """(name, kind) for `W^T W = I`, "orthonormal", and for `u^T u = 1` and `‖u‖ = 1`, "unit"."""
    for formula in document.formulas:
        for statement in statements_of(document, formula):
            for chain in (statement.chain, *statement.conditions):
                yield from _sums_to_zero(chain, usage)
                match chain:
                    case tree.Chain((head, body), (sign,)) if sign.kind in EQUAL:
                        body, name = undecorated(body), _of_square(undecorated(head), usage)
                        base = body.base if isinstance(body, tree.Script) else body
                        if name is not None and base == tree.Symbol("I"):
                            yield name, "orthonormal"
                        elif name is not None and body == tree.Number("1"):
                            yield name, "unit"


def _sums_to_zero(chain: Node, usage: Usage) -> Iterator[tuple[str, str]]:
    """(a, "centred") and (b, "centred") for `Σ_j a_j = Σ_j b_j = 0`."""
    if not isinstance(chain, tree.Chain) or undecorated(chain.members[-1]) != tree.Number("0"):
        return
    for member in map(undecorated, chain.members[:-1]):
        name = named(member.body, usage) if isinstance(member, tree.Big) else None
        if name is not None and len(name.places) == 1 and name.power is None:
            yield name.text, "centred"


def _of_square(node: Node, usage: Usage) -> str | None:
    """The u of `u^T u`, `u u^T`, `‖u‖` and `‖u‖^2`."""
    match node:
        case tree.Script(tree.Group("||") as norm):
            return _of_square(norm, usage)
        case tree.Group("||", _, inside):
            name = named(inside, usage)
            return None if name is None or name.places else name.text
        case tree.Product((first, second)):
            names = [named(factor, usage) for factor in (first, second)]
            if None not in names and len({name.text for name in names}) == 1:
                return names[0].text if names[0].transpose != names[1].transpose else None
    return None


def _holds_with(
    scope: Scope, names: set[str], changed: Callable[[Array], Lambda], left: Value, right: Value
) -> bool:
    """Whether two sides agree once these vectors are changed so that they are as is said."""
    try:
        pair = pair_of(scope.copy(), left, right)
    except (Misfit, SizeMismatch):
        return False
    vectors = [one for one in pair.arrays if one.name in names and len(one.sizes) == 1]
    meanings = {array.name: changed(array) for array in vectors}
    sides = (inline(side, meanings) for side in (pair.left, pair.right))
    pair = replace(pair, **dict(zip(("left", "right"), sides, strict=True)))
    return bool(meanings) and compare(pair).verdict in ("holds", "proved")


def _unit(array: Array) -> Lambda:
    """A vector divided by its length."""
    i, j = (fresh(array.sizes[0]) for _ in range(2))
    square = total(j, power(element(array, j), 2))
    return Lambda((i,), mul(element(array, i), power(square, -0.5)))


def _centred(array: Array) -> Lambda:
    """A vector without its mean."""
    i, j = (fresh(array.sizes[0]) for _ in range(2))
    mean = mul(total(j, element(array, j)), power(count(array.sizes[0]), const(-1)))
    return Lambda((i,), element(array, i) - mean)
