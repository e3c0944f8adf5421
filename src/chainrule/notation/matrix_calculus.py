"""Words and signs of matrix calculus: trace, vec, diag, norms, I, a bold 1, indicators."""

from __future__ import annotations

from itertools import pairwise

from chainrule.language.algebra import (
    ONE,
    ZERO,
    apply,
    const,
    delta,
    largest,
    mul,
    position,
    power,
    total,
    where,
)
from chainrule.language.index import Place, Size, fresh
from chainrule.mathematics.functions import abs_, sqrt
from chainrule.notation import tree
from chainrule.notation.affine import letters_in, number_of
from chainrule.notation.labels import compared
from chainrule.notation.misread import Misread
from chainrule.notation.scripts import ONES, TRANSPOSES, is_transposed, letter, plain, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value

TRACES, STACKS, DIAGONALS = {"tr", "trace", "Tr"}, {"vec", "vectorize"}, {"diag", "Diag"}
DETERMINANTS = {"det"}
MATRIX_WORDS = TRACES | STACKS | DIAGONALS | DETERMINANTS
# Sums and means of lines: the word, and whether the result has an entry for each row.
LINES = {"rowsum": True, "rowmean": True, "colsum": False, "colmean": False}
LINES |= {word.replace(word[3:], word[3:].title()): rows for word, rows in LINES.items()}
LINES |= {f"{word}s": rows for word, rows in LINES.items()}

COMPARISONS = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "=": "==", "!=": "!="}


def matrix_word(meaning, text: str, argument: Node) -> Value:
    """`tr(A)`, `vec(A)`, `diag(v)`, `diag(v_i)`, `diag(A)`, `det(A)`."""
    value = meaning.value(argument)
    if text in TRACES:
        return meaning.algebra.trace(value)
    if text in STACKS:
        return meaning.algebra.vec(value)
    if text in DETERMINANTS:
        return meaning.algebra.determinant(value)
    written = [index for index in value.expr.free if index.name in meaning.letters]
    if value.is_scalar and len(written) == 1:
        # `diag(p_i (1 - p_i))`, with the entry for the whole.
        value = Value(value.expr, tuple(written))
    if value.is_vector:
        return meaning.algebra.diagonal(value)
    if len(value.long) != 2 or value.is_stacked:
        raise Misread(argument)
    entries = meaning.algebra.on_diagonal(value)
    options = ["the vector of its diagonal", "the matrix with only its diagonal"]
    if meaning.choices.settle("diag of a matrix is", options) == options[0]:
        return entries
    return meaning.algebra.diagonal(entries)


def over_lines(meaning, text: str, argument: Node) -> Value:
    """`rowsum(X)`, the sum of each row as a column, and `colsum(X)`, that of each column as a row;
    some mean the sum of the rows, or of the columns, instead."""
    value = meaning.algebra.renamed(meaning.value(argument))
    if len(value.indices) != 2 or value.is_stacked:
        raise Misread(argument)
    line = "row" if LINES[text] else "column"
    options = [f"one number for each {line}", f"over the {line}s"]
    each_row = LINES[text] == (meaning.choices.settle(f"{text} is", options) == options[0])
    row, column = value.indices
    kept, gone = (row, column) if each_row else (column, row)
    body = total(gone, value.expr)
    if "mean" in text.lower():
        body = body / total(gone, ONE)
    return Value(body, (kept, None) if each_row else (None, kept))


def bars(meaning, node: tree.Group) -> Value:
    """`|x|`, element by element; of a matrix more likely its determinant."""
    value = meaning.value(node.body)
    if len(value.long) == 2 and not value.is_stacked:
        options = ["a determinant", "absolute values"]
        if meaning.choices.settle("| | is", options) == options[0]:
            try:
                return meaning.algebra.determinant(value)
            except Misfit as mistake:
                # Hardly a mistake: bars count elements, too.
                raise Misread(node, "bars around a matrix that is not square") from mistake
    return Value(apply(abs_, value.expr), value.axes)


def norm(meaning, node: tree.Group, mark: Node | None = None) -> Value:
    """`‖v‖`, `‖A‖_F`, `‖v‖_2`, `‖v‖_1`, `‖v‖_p`, `‖v‖_∞`; `‖A‖_2` of a matrix is left unread."""
    kind = None if mark is None else plain(mark)
    try:
        value = meaning.algebra.renamed(meaning.value(node.body))
    except Misfit as mistake:
        if kind in (None, "F"):
            raise
        # Such a norm is one of entries, as a product in it may be.
        raise Misread(node) from mistake
    entrywise = value.is_vector or value.is_scalar
    if entrywise and kind is not None and (kind in ("p", "q", "infinity") or kind.isdigit()):
        return _vector_norm(meaning, value, mark, kind)
    if kind not in (None, "F"):
        raise Misread(node)
    body = value.expr**2
    for index in value.indices:
        body = total(index, body)
    return Value(apply(sqrt, body))


def _vector_norm(meaning, value: Value, mark: Node, kind: str) -> Value:
    sizes = apply(abs_, value.expr)
    if kind == "infinity":
        for index in value.indices:
            sizes = largest(index, sizes)
        return Value(sizes)
    degree = const(int(kind)) if kind.isdigit() else meaning.value(mark).expr
    body = value.expr**2 if kind == "2" else power(sizes, degree)
    for index in value.indices:
        body = total(index, body)
    return Value(apply(sqrt, body) if kind == "2" else power(body, 1 / degree))


def inner_product(meaning, node: tree.List) -> Value:
    """`⟨A, B⟩`: the sum of the products of the entries."""
    if len(node.items) != 2 or node.separators != (",",):
        raise Misread(node)
    value = meaning.algebra.hadamard(*map(meaning.value, node.items))
    body = value.expr
    for index in value.indices:
        body = total(index, body)
    return Value(body)


def inside_stack(node: Node) -> Node | None:
    """The X of a variable that is printed `vec(X)` or `vec(X)^T`; None for any other."""
    if not isinstance(node, tree.Product) or len(node.factors) != 2:
        return None
    word, bracket = node.factors
    if isinstance(bracket, tree.Script) and bracket.sub is None:
        bracket = bracket.base if bracket.sup in map(tree.Symbol, TRANSPOSES) else None
    if letter(word) in STACKS and isinstance(bracket, tree.Group):
        return bracket.body
    return None


# Ones and identities -----------------------------------------------------------------------------


def constant(meaning, node: Node) -> Value | None:
    """A bold 1, a unit matrix I, or an indicator; None for anything else."""
    base, sub, sup = node, None, None
    if isinstance(node, tree.Script) and not node.primes:
        base, sub, sup = node.base, node.sub, node.sup
    condition = _condition(sub)
    if isinstance(base, tree.Number) and base.text == "1":
        if condition is not None and sup is None:
            return indicator(meaning, condition)
        return _ones(meaning, base, sub, sup, node) if base.font in ONES else None
    if letter(base) in meaning.scope.units and sub is not None:
        return _unit_vector(meaning, sub, sup, node)
    if isinstance(base, tree.Symbol) and base.name == "I" and _is_free(meaning.scope, "I"):
        if condition is not None and sup is None:
            return indicator(meaning, condition)
        return _identity(meaning, sub, sup, node)
    return None


def _is_free(scope, text: str) -> bool:
    """Whether a document gives a letter no meaning of its own."""
    known = scope.is_declared(text) or text in scope.definitions
    return not (known or text in scope.functions)


def _ones(meaning, base: tree.Number, sub: Node | None, sup: Node | None, node: Node) -> Value:
    """`\\mathbf{1}`: a vector of ones, or the number 1; transposed it can only be a vector."""
    transposed = isinstance(sup, tree.Symbol) and sup.name in TRANSPOSES
    if sup is not None and not transposed:
        raise Misread(node)
    if sub is None and not transposed:
        options = ["a vector of ones", "the number 1"]
        if meaning.choices.settle("1 is", options) == options[1]:
            return Value(ONE)
    if sub is not None and not transposed and _is_class(meaning.scope, sub):
        index = meaning.index(letter(sub))
        axis = fresh(index.size)
        return Value(delta(axis, index), (axis,))
    size = meaning.scope.sizes.unknown() if sub is None else _size(meaning, sub, node)
    value = Value(ONE, (fresh(size),))
    if not transposed:
        return value
    if meaning.scope.rows_of_ones:
        return meaning.algebra.transpose(value, False)
    stands = ["a column", "a row"] if meaning.scope.layout == "rows" else ["a column"]
    column = meaning.choices.settle("a vector of ones is", stands, True) == "a column"
    return meaning.algebra.transpose(value, column)


def _unit_vector(meaning, sub: Node, sup: Node | None, node: Node) -> Value:
    """`e_c`: 1 at the place c, 0 elsewhere."""
    if len(subscripts(sub)) != 1 or not (sup is None or is_transposed(node)):
        raise Misread(node)
    axis = fresh(meaning.scope.sizes.unknown())
    value = Value(delta(axis, meaning.place(sub, axis.size)), (axis,))
    value = meaning.algebra.resolved(value)
    return value if sup is None else meaning.transposed(value)


def _is_class(scope, sub: Node) -> bool:
    """The y of a one-hot `\\mathbf{1}_y`: elsewhere it is a subscript too, and never a size."""
    return scope.usage.marks[letter(sub)] > 0 and letter(sub) not in scope.size_names


def _identity(meaning, sub: Node | None, sup: Node | None, node: Node) -> Value:
    """`I`, `I_n`, `I_{n × n}`: the unit matrix; its size is what fits where none is printed."""
    if sup is not None and not (isinstance(sup, tree.Symbol) and sup.name in TRANSPOSES):
        raise Misread(node)
    size = meaning.scope.sizes.unknown() if sub is None else _size(meaning, sub, node)
    row, column = fresh(size), fresh(size)
    return Value(delta(row, column), (row, column))


def _size(meaning, sub: Node, node: Node) -> Size:
    """The one size in `n` or `n × n`."""
    sizes = sub.factors if isinstance(sub, tree.Product) and "times" in sub.operators else (sub,)
    sizes = tuple(size for size in sizes if size != tree.Number("1"))
    known = meaning.scope.size_names
    if len(set(sizes)) != 1 or not (isinstance(sizes[0], tree.Number) or _text(sizes[0]) in known):
        raise Misread(node)
    return meaning.size(sizes[0])


def _text(node: Node) -> str | None:
    if isinstance(node, tree.Script) and node.sup is None:
        marks = subscripts(node.sub)
        return f"{letter(node.base)}_{letter(marks[0])}" if len(marks) == 1 else None
    return letter(node)


# Indicators --------------------------------------------------------------------------------------


def _condition(node: Node | None) -> tree.Chain | None:
    """The comparison in `[y = 1]`, `\\{a < b\\}`, or printed without brackets."""
    while isinstance(node, tree.Group) and node.open in ("(", "[", "{"):
        node = node.body
    return node if node is not None and is_condition(node) else None


def is_condition(node: Node) -> bool:
    """Whether a node is one comparison, or something between two bounds."""
    if not isinstance(node, tree.Chain):
        return False
    kinds = {relation.kind for relation in node.relations}
    return len(node.relations) == 1 or (len(node.relations) == 2 and kinds <= {"<", "<="})


def called_indicator(meaning, factor: Node, bracket: Node) -> Value | None:
    """`\\mathbb 1[y = k]`, `1\\{a < b\\}`, `I(k = y)`."""
    condition = _condition(bracket) if isinstance(bracket, tree.Group) else None
    if condition is None:
        return None
    one = isinstance(factor, tree.Number) and factor.text == "1"
    sign = isinstance(factor, tree.Symbol) and factor.name in ("I", "mathbb", "1")
    if one or (sign and _is_free(meaning.scope, "I")):
        return indicator(meaning, condition)
    return None


def is_gram(node: tree.Fraction | tree.Slash) -> bool:
    """Whether a name stands below beside its transpose, as U in `1 / (1 + U^T U)`."""
    products = (p for p in tree.walk(node.denominator) if isinstance(p, tree.Product))
    for first, second in (pair for product in products for pair in pairwise(product.factors)):
        for turned, plain_ in ((first, second), (second, first)):
            if is_transposed(turned) and turned.base == plain_:
                return True
    return False


def kronecker(meaning, places: tuple[Node, ...], node: Node) -> Value:
    """δ_ij: 1 where the two indices agree; they have the same size, and one may be a number.

    Either may be computed, as in δ_{2p+r,i}.
    """
    texts = [letter(place) for place in places]
    if len(places) == 2 and any(isinstance(place, tree.Sum | tree.Product) for place in places):
        if not any(letters_in(meaning, place) for place in places):
            raise Misread(node)
        return Value(delta(*(number_of(meaning, place) for place in places)))
    known = [text for text in texts if text is not None]
    numbers = [place for place in places if isinstance(place, tree.Number)]
    if not known or len(known) + len(numbers) != 2:
        raise Misread(node)
    meaning.same(meaning.index(known[0]).size, meaning.index(known[-1]).size, node)
    index, first = meaning.index(known[0]), meaning.first_of(known[0])
    fixed = (meaning.place(number, index.size, first) for number in numbers)
    return Value(delta(*map(meaning.index, known), *fixed))


def indicator(meaning, condition: tree.Chain) -> Value:
    """1 where a comparison holds, else 0; of two index letters it is Kronecker's delta."""
    members, found = condition.members, []
    for relation, pair in zip(condition.relations, pairwise(members), strict=True):
        kind = COMPARISONS.get(relation.kind)
        if kind is None or any(isinstance(member, tree.Empty) for member in pair):
            raise Misread(condition)
        found.append(_comparison(meaning, kind, pair, condition))
    if len(found) == 1:
        return found[0]
    (left, right), axes = meaning.algebra.aligned(found, "the condition")
    return Value(mul(left.expr, right.expr), axes)


def _comparison(meaning, kind: str, pair: tuple[Node, Node], node: Node) -> Value:
    if (numbers := numbers_in_places(meaning, pair)) is not None:
        left, right = numbers
        if kind in ("==", "!="):
            return Value(delta(left, right) if kind == "==" else 1 - delta(left, right))
        return Value(where(kind, position(left), position(right), ONE, ZERO))
    if kind in ("==", "!=") and (same := compared(meaning, pair)) is not None:
        return same if kind == "==" else Value(1 - same.expr)
    left, right = map(meaning.value, pair)
    (left, right), axes = meaning.algebra.aligned([left, right], "the condition")
    return Value(where(kind, left.expr, right.expr, ONE, ZERO), axes)


def numbers_in_places(meaning, pair: tuple[Node, Node]) -> tuple[Place, Place] | None:
    """Both sides as numbers of elements, where index letters are in them: 1 ≤ i - 2p + 1."""
    try:
        letters = [text for member in pair for text in letters_in(meaning, member)]
    except Misread:
        return None
    if not any(text in meaning.letters for text in letters):
        return None
    if any(meaning.scope.symbol(text).sizes for text in letters):
        return None
    texts = [letter(member) for member in pair]
    if None not in texts:
        first, second = map(meaning.index, texts)
        meaning.same(first.size, second.size, pair[0])
    return number_of(meaning, pair[0]), number_of(meaning, pair[1])
