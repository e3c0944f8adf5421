"""Whether two values are the same, in terms of what the document does not define."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from chainrule.checker.collapsed import collapsed
from chainrule.checker.compare import Pair, compare
from chainrule.checker.entries import entry_by_entry
from chainrule.checker.findings import TRUE, Outcome
from chainrule.checker.fixed import fixable
from chainrule.checker.grounds import brackets, is_grounded, known_inputs, matters, varied_names
from chainrule.checker.misfits import (
    has_several_shapes,
    is_of_blocks,
    misfit,
    names_in,
    printed_names,
    symbols_in,
    unheard,
)
from chainrule.checker.stated import as_stated, sizes_of_entries, spelled_out, with_rows
from chainrule.checker.unstated import printed_weights, weights
from chainrule.language.algebra import ONE, ZERO, substitute
from chainrule.language.expr import Array, Element, Expr, Reduce
from chainrule.language.facts import NUMBER, ONE_HOT, SIZE, Fact
from chainrule.language.index import Index, Place, place_of
from chainrule.language.inline import elements
from chainrule.language.passes import parts
from chainrule.language.sizes import is_unknown
from chainrule.notation import tree
from chainrule.notation.by_rows import vector_of
from chainrule.notation.differentials import shown_name
from chainrule.notation.heads import undecorated
from chainrule.notation.labels import is_one_hot
from chainrule.notation.leibniz import COSTS, is_derivative, is_gradient_sign, operand
from chainrule.notation.names import named
from chainrule.notation.primes import UNKNOWN, is_slope_of_unknown
from chainrule.notation.scope import Scope, Symbol
from chainrule.notation.scripts import TRANSPOSES, letter, scripted, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value, is_multiple, shown
from chainrule.transform.reverse import is_adjoint_name

# A size of more than so many elements makes nothing true that is false for other sizes.
MANY = 64
# What is said of a matrix against a number where the trace of the matrix fits.
TRACED = "whose trace is meant"
# Why arrays of another number of axes are not compared.
AXES = "the numbers of axes differ"
RULES = {"tr", "trace", "vec"}


def equal(scope: Scope, left: Value, right: Value, conditions=(), nodes=()) -> Outcome:
    """Whether two values are the same, in terms of what the document does not define.

    nodes  what the values were read from
    """
    if len(left.indices) != len(right.indices):

        def compared(trial: Scope, a: Value, b: Value) -> Outcome:
            return _compared_values(trial, a, b, conditions, nodes)

        stated = _are_stated(scope, symbols_in(scope, nodes, handed_over=False))
        found = entry_by_entry(scope, left, right, nodes, compared, stated)
        return found if found.verdict != "unread" else _ranks(scope, left, right, conditions, nodes)
    try:
        found = _compared_values(scope, left, right, conditions, nodes)
    except Misfit as mistake:
        found = misfit(scope, mistake, nodes)
    else:
        if found.verdict != "wrong" or not _is_jacobian(scope, left, nodes):
            return found
    with suppress(Misfit):
        turned = _compared_values(scope, left, right.transposed(), conditions, nodes)
        if turned.verdict in TRUE and left.indices:
            return Outcome("convention", convention="transposed")
    return found


def _is_jacobian(scope: Scope, value: Value, nodes: tuple[Node, ...]) -> bool:
    """Whether a side is the derivative of a vector by a vector: people use either layout."""
    if len(value.indices) != 2:
        return False
    for node in nodes:
        by = None
        if is_derivative(node) and isinstance(node.denominator, tree.Product):
            by = operand(node.denominator)
        elif _is_gradient(scope, node):
            by = node.factors[0].sub
        name = None if by is None else named(by, scope.usage)
        if name is not None and not name.places:
            return len(scope.symbol(name.text).sizes) == 1
    return False


def _is_gradient(scope: Scope, node: Node) -> bool:
    """`∇_x f`, `D_x f`: a gradient by its sign."""
    product = isinstance(node, tree.Product)
    return product and is_gradient_sign(node.factors[0], scope.size_names)


def _ranks(scope: Scope, left: Value, right: Value, conditions, nodes) -> Outcome:
    """Two sides with different numbers of axes: false where the author stated every shape.

    A mere number beside a vector, as in `f'(x) = 1`, speaks of each of its elements, and 0 is a
    matrix of zeros, too. A derivative
    on the right is left alone: `∂L/∂W = ∂L/∂h ∂h/∂W` is the chain rule in short hand. So is a
    vector beside a square matrix, which may be meant as its diagonal.
    """
    small, large = sorted((left, right), key=lambda side: len(side.indices))
    zero = small.expr is ZERO
    if small.is_scalar and not elements(small.expr) and (large.is_vector or zero):
        return _compared_values(scope, large, small, conditions, nodes)
    reason = f"{AXES}: {shown(left.axes)} against {shown(right.axes)}"
    if any(map(is_of_blocks, nodes)):
        return Outcome("unread", reason="an array of blocks")
    if len(left.axes) == len(right.axes) and any(map(is_multiple, left.axes, right.axes)):
        return Outcome("shape", reason=reason)
    stated = _are_stated(scope, symbols_in(scope, nodes))
    stated = stated and not any(unheard(scope, node) for node in nodes)
    in_short = any(map(_is_product_of_derivatives, nodes[:1]))
    known = {scope.sizes.find(size) for size in scope.stated}
    sizes = {scope.sizes.find(index.size) for index in large.indices}
    loose = in_short or (small.is_vector and len(sizes) < len(large.indices))
    loose = loose or any(side.expr.free - set(side.indices) for side in (left, right))
    loose = loose or _is_narrowed(elements(left.expr) | elements(right.expr))
    loose = loose or has_several_shapes(scope, nodes)
    if not stated or not sizes <= known or loose:
        for trial, a, b in collapsed(scope, left, right) if _is_worked_out(nodes) else ():
            found = _compared_values(trial, a, b, conditions, nodes)
            if found.verdict == "wrong" and _is_known_throughout(found.pair):
                return replace(found, reason=f"{reason}, and the values with one element, too")
        return Outcome("unread", reason=reason, fits=in_short)
    if small.is_scalar and _is_trace(scope, small, large, nodes):
        reason += f", {TRACED}"
    return Outcome("shape", reason=reason)


def _is_product_of_derivatives(node: Node) -> bool:
    """Whether derivatives stand in a node beside something else; one alone is no chain rule."""
    return not is_derivative(undecorated(node)) and any(map(is_derivative, tree.walk(node)))


def _is_worked_out(nodes: tuple[Node, ...]) -> bool:
    """Whether what the second formula means does not hang on the first: it is a derivative."""
    return len(nodes) > 1 and any(map(is_derivative, tree.walk(nodes[1])))


def _is_known_throughout(pair: Pair) -> bool:
    """Whether both sides stand on the document's own names, and on one slope of a cost at most."""
    slopes = [
        {array.name for array in elements(side) if is_adjoint_name(array.name)}
        for side in (pair.left, pair.right)
    ]
    unknown = any(array.name.endswith(")") or UNKNOWN in array.name for array in pair.arrays)
    return not unknown and slopes[0] == slopes[1] and len(slopes[0]) <= 1


def _is_narrowed(arrays: frozenset[Array]) -> bool:
    """Whether a vector was read as one number of its kind somewhere: its axes say nothing then."""
    ranks: dict[str, set[int]] = {}
    for array in arrays:
        ranks.setdefault(array.name.removesuffix("·"), set()).add(len(array.sizes))
    narrowed = any(array.name.endswith("·") for array in arrays)
    return narrowed or any(len(found) > 1 for found in ranks.values())


def _is_trace(scope: Scope, number: Value, matrix: Value, nodes: tuple[Node, ...]) -> bool:
    try:
        trace = scope.copy().algebra.trace(matrix)
        found = _compared_values(scope, number, trace, (), nodes)
    except Misfit:
        return False
    return found.verdict in TRUE or found.verdict == "holds-if"


def _are_stated(scope: Scope, symbols: list[Symbol]) -> bool:
    """Whether a document leaves no doubt about the number of axes of any of some symbols."""
    stated = {scope.sizes.find(size) for size in scope.stated}

    def is_stated(symbol: Symbol) -> bool:
        sizes = {scope.sizes.find(size) for size in symbol.sizes}
        cost = symbol.name in COSTS and scope.loss is not None
        # That a capital nobody speaks of is a matrix is custom: D may be the sign of a derivative.
        custom = len(symbol.sizes) == 2 and symbol.name[0].isupper()
        return symbol.declared or cost or bool(sizes and sizes <= stated and not custom)

    return bool(symbols) and all(map(is_stated, symbols))


def pair_of(scope: Scope, left: Value, right: Value, conditions=(), nodes=()) -> Pair:
    """Both sides over the same indices, in terms of what the document does not define.

    raises  Misfit where they do not fit together; the scope learns which sizes are equal
    """
    algebra = scope.algebra
    (left, right), _ = algebra.aligned([left, right], "the two sides")
    left, right = algebra.resolved(left), algebra.resolved(right)
    axes = _numbered(left.indices)
    a, b = (scope.inlined(substitute(side.expr, axes)) for side in (left, right))
    names = {array.name for array in elements(a) | elements(b)}
    known = scope.facts | {Fact(ONE_HOT, name) for name in names if is_one_hot(name)}
    sizes = {scope.sizes.find(name) for name in a.names | b.names}
    known |= spelled_out(scope)
    facts = tuple(sorted(fact for fact in known if fact.array in names | sizes))
    general = _general(nodes, conditions)
    fixed = fixable(scope, a, b, nodes)
    axes = {array.name: len(array.sizes) for array in elements(a) | elements(b)}
    # A letter that is a vector here may have been a number there; a matrix is hardly one.
    supposed = tuple(
        Fact(NUMBER, n, value=v)
        for n, v in scope.supposed
        if axes.get(n) == 0 or (axes.get(n) == 2 and v == "0")
    )
    supposed += tuple(
        Fact(SIZE, n, value=v)
        for n, v in scope.supposed
        if n in sizes and v.isdigit() and int(v) <= MANY
    )
    supposed += tuple(fact for fact in sizes_of_entries(scope) if fact.array in sizes)
    known = [weights(definition.body) for definition in scope.definitions.values()]
    known += [printed_weights(one.body, scope.usage) for one in scope.functions.values()]
    targets = frozenset(name for found in known for name in found) & names
    axis = -2 if scope.batch_in_columns else -1
    return Pair(a, b, facts, conditions, general, fixed, supposed, targets, axis)


def _compared_values(scope: Scope, left: Value, right: Value, conditions, nodes) -> Outcome:
    trial = scope.copy()
    pair, rows = with_rows(trial, pair_of(trial, left, right, conditions, nodes))
    found = compare(pair)
    if found.verdict != "holds":
        for stated, facts in as_stated(trial, pair):
            again = compare(stated)
            if again.verdict == "holds":
                return Outcome("holds", facts, evidence="points")
            hot = any(array.name in scope.hot for array in pair.arrays - stated.arrays)
            if (hot or not pair.arrays) and (found.verdict, again.verdict) == ("wrong", "wrong"):
                # With classes that the document names, and sizes as they hang together.
                pair, found = stated, again
            if (found.verdict, again.verdict) == ("wrong", "holds-if"):
                return Outcome("holds-if", fact=", ".join((facts, *again.facts)), evidence="points")
            if pair.conditions and (found.verdict, again.verdict) == ("holds-if", "wrong"):
                # What would make it true is excluded by the case that is spoken of.
                pair, found = stated, again
    match found.verdict:
        case "holds":
            facts = ", ".join(filter(None, (rows, *found.facts))) or None
            verdict = "proved" if found.evidence in ("identity", "rules") else "holds"
            return Outcome(verdict, facts, found.note, evidence=found.evidence)
        case "holds-if":
            return Outcome("holds-if", fact=", ".join(found.facts), evidence="points")
        case "wrong":
            if (reason := _incomparable(trial, pair, nodes)) is not None:
                return Outcome("unread", reason=reason)
            return Outcome("wrong", pair=pair, evidence=found.evidence)
    return Outcome("unread", reason=found.reason)


def _general(nodes: tuple[Node, ...], conditions) -> frozenset[frozenset[str]]:
    """The pairs of letters of which nothing is to be supposed: under a Kronecker delta and in an
    indicator, where a formula speaks of all elements, and in a condition that is printed."""
    found = {frozenset((a, b)) for a, _, b in conditions}
    for node in nodes:
        for part in tree.walk(node):
            if isinstance(part, tree.Script) and letter(part.base) == "\\delta":
                marks = [letter(mark) for mark in subscripts(part.sub)]
                if len(marks) == 2 and None not in marks:
                    found.add(frozenset(marks))
            match part:
                case tree.Chain((tree.Symbol() as one, tree.Symbol() as other), _):
                    found.add(frozenset((letter(one), letter(other))))
    return frozenset(found)


def _numbered(indices: tuple[Index, ...]) -> dict[Index, Place]:
    """Names for the axes that do not depend on how often something was read before."""
    return {axis: place_of(Index(f"{k + 1}.", axis.size)) for k, axis in enumerate(indices)}


def _has_free_ones(a: Expr, b: Expr, nodes: tuple[Node, ...]) -> bool:
    """Whether there is a vector of ones of a length of its own, as in `f(c 1) = c + n`."""
    ones = any(isinstance(p, tree.Number) and p.font for node in nodes for p in tree.walk(node))
    return ones and any(map(is_unknown, a.names ^ b.names))


def _incomparable(scope: Scope, pair: Pair, nodes: tuple[Node, ...] = ()) -> str | None:
    """Why two sides that differ may speak of different things, so that neither is false; or None.

    A symbol that stands on one side only, and that nothing defines or declares, may be a name for
    something the author did not write down.
    """
    a, b = pair.left, pair.right
    left, right = elements(a), elements(b)
    for side in (a, b):
        if isinstance(side, Element) and UNKNOWN in side.array.name:
            return "a function that is nowhere defined"
        if isinstance(side, Element) and is_slope_of_unknown(side.array.name):
            # g' = g (1 − g) says what g is; a rule for all functions has more than g' on a side.
            return f"{side.array.name.partition(chr(39))[0]} is nowhere defined"
    arrays = left | right
    if a.names - b.names and b.names - a.names and (not arrays or _has_free_ones(a, b, nodes)):
        return "sizes that nothing ties to each other"
    if any(is_size(x) and (arrays or not _has_size(y)) for x, y in ((a, b), (b, a))):
        return "a size of the document and a value with the same letter"
    classes = {index.name for index in a.free ^ b.free} & _classes(scope)
    whole = any(index.name.endswith(".") for index in a.free & b.free)
    if (classes := classes.difference(*pair.general)) and not whole:
        return f"the class {min(classes)} is on one side only"
    inputs = known_inputs(scope)
    if left < right or right < left:
        inputs |= varied_names(scope, nodes)
    if right and right < left and len(nodes) > 1 and _is_rule(nodes[1]):
        # A rule for whatever its letters stand for: none of them may get lost.
        return None
    for array in sorted(left ^ right, key=lambda one: one.name):
        side = a if array in left else b
        if not is_grounded(scope, array, inputs) and matters(side, array):
            return f"{shown_name(array.name).partition(UNKNOWN)[0]} is nowhere defined"
    for name in sorted({one.name for one in left ^ right}):
        if (rows := vector_of(name)) != name and rows in scope.usage.families:
            # Hardly a matrix of anything but the vectors x_n, whichever way they stand in it.
            return f"{name} and {rows} are not tied to each other"
    if (name := _argument_of_its_own(scope, left ^ right, nodes)) is not None:
        return f"{name} is nowhere defined"
    loose = list(filter(_is_vector, left - right)), list(filter(_is_vector, right - left))
    if all(loose) and not _of_one_computation(scope, nodes, left ^ right):
        first, second = (shown_name(min(one.name for one in side)) for side in loose)
        return f"{first} and {second} are not tied to each other"
    return None


def _is_vector(array: Array) -> bool:
    """Whether a name has axes, in this statement or elsewhere."""
    return bool(array.sizes) or array.name.endswith("·")


def _of_one_computation(scope: Scope, nodes: tuple[Node, ...], arrays) -> bool:
    """Whether arrays are all found in what is differentiated, or by what: then none of them can be
    another name for something else."""
    parts_ = [part for node in nodes for part in tree.walk(node)]
    derivatives = [part for part in parts_ if is_derivative(part) or _is_gradient(scope, part)]
    slopes = {array.name for array in arrays if is_adjoint_name(array.name)}
    inside = names_in(scope, derivatives)
    inside |= {name.rpartition("∂")[2] for name in slopes}
    defined = (scope.definitions[name] for name in inside & scope.definitions.keys())
    bodies = (scope.inlined(definition.body) for definition in defined)
    inside = inside.union(slopes, *({array.name for array in elements(body)} for body in bodies))
    return {array.name for array in arrays} <= inside


def _is_rule(node: Node) -> bool:
    """`(f g)'`, `(A B)^T`, `vec(A B)`, `tr(A B)`: an operation on letters that is worked out."""
    match node:
        case tree.Script(tree.Group(), None, sup, primes):
            return bool(primes) or letter(sup) in TRANSPOSES
        case tree.Product((tree.Symbol(word), tree.Group()), ("",)) | tree.Apply(
            tree.Symbol(word), tree.Group()
        ):
            return word.lstrip("\\").lower() in RULES
    return False


def _classes(scope: Scope) -> set[str]:
    """The letters of costs of one class: c, for `E = -log p_c`."""
    bodies = (f.body for f in scope.functions.values() if not f.parameters)
    scripts = (part for body in bodies for part in scripted(body) if isinstance(part, tree.Script))
    return {text for part in scripts for mark in subscripts(part.sub) if (text := letter(mark))}


def _argument_of_its_own(scope: Scope, arrays, nodes: tuple[Node, ...]) -> str | None:
    """A name on one side only that an unknown function is taken at: the y of f'(y), for y = g(x)
    in words."""
    if len(nodes) < 2 or not any(array.name.endswith(")") for array in arrays):
        return None
    printed = [printed_names(scope, node) for node in nodes]
    taken = [argument for node in nodes for argument in brackets(node)]
    inside = names_in(scope, taken)
    for name in sorted(inside & (printed[0] ^ printed[1])):
        symbol = scope.symbols.get(name)
        stated = symbol is not None and symbol.declared
        if not stated and (name in scope.opaque or not scope.is_known(name)):
            return name
        if name in scope.definitions and any(
            UNKNOWN in array.name for array in elements(scope.inlined(scope.definitions[name].body))
        ):
            return name
    return None


def is_size(expr: Expr) -> bool:
    return isinstance(expr, Reduce) and expr.body is ONE


def _has_size(expr: Expr) -> bool:
    """Whether a size stands in an expression as a number."""
    return any(map(is_size, parts(expr)))
