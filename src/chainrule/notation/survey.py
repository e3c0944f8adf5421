"""A first look over all formulas: which symbols are vectors, matrices, sizes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.capitals import capitals, is_capital
from chainrule.notation.coefficients import coefficients
from chainrule.notation.heads import heads
from chainrule.notation.matrix_calculus import DETERMINANTS, LINES, TRACES
from chainrule.notation.name_marks import SIZE_LETTERS
from chainrule.notation.names import Name, named
from chainrule.notation.plain_ones import averaged, is_ones
from chainrule.notation.rows_of_ones import is_of_matrices
from chainrule.notation.scripts import TRANSPOSES, font, is_bold_one, letter, scripted
from chainrule.notation.totals import mean_size
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage
from chainrule.notation.written_out import listed_vectors

_MATRIX_WORDS = DETERMINANTS | TRACES | LINES.keys()
_NUMBERS = {"\\lambda", "\\eta", "\\alpha", "\\partial", "\\nabla", "\\ell", "d", "e"}
# Functions of a whole vector: what stands alone in their bracket has an axis.
AXIS_WORDS = {"softmax", "log_softmax", "logsoftmax", "logsumexp", "Softmax", "diag"}


def ranks(
    nodes: Iterable[Node],
    usage: Usage,
    sizes: set[str],
    matrices: Iterable[str] = (),
    numbers: Iterable[str] = (),
) -> dict[str, int]:
    """Name → number of axes, as the document's use of the name suggests.

    matrices  the names that sentences call matrices
    numbers   the names of which sentences say what they count or measure
    """
    nodes = list(nodes)
    found = dict.fromkeys(coefficients(nodes, usage), 0) | dict.fromkeys(matrices, 2)
    for node in nodes:
        for part in scripted(node):
            _by_print(part, usage, found)
        for part in tree.walk(node):
            _by_call(part, usage, found)
            _by_matrix_word(part, usage, found)
            _by_transpose(part, usage, found)
    for name in listed_vectors(nodes, usage):
        _raise(found, name, 1)
    for name in capitals(nodes, usage, sizes.union(numbers)):
        _raise(found, name, 2)
    defined = heads(nodes, usage)
    for part in (part for node in nodes for part in tree.walk(node)):
        _by_norm(part, usage, found, defined)
    for _ in range(3):
        for node in nodes:
            for part in tree.walk(node):
                _by_neighbours(part, usage, found)
    arrays = usage.lettered.keys() | usage.bold
    return {name: r for name, r in found.items() if r and (name not in sizes or name in arrays)}


def soft_names(nodes: Iterable[Node], usage: Usage) -> set[str]:
    """The letters that are vectors only by being printed bold, and elsewhere are not bold."""
    bold, plain_ = set(), set()
    for node in nodes:
        for part in scripted(node):
            name = named(part, usage)
            if name is not None and not name.places:
                (bold if font(part) == "bold" else plain_).add(name.text)
    return {n for n in bold & plain_ if not usage.lettered[n] and not usage.numbered[n]}


def _raise(found: dict[str, int], name: str, rank: int) -> None:
    found[name] = max(found.get(name, 0), rank)


def _by_print(node: Node, usage: Usage, found: dict[str, int]) -> None:
    name = named(node, usage)
    if name is None:
        return
    if name.places and name.text == "\\delta" and len(name.places) == 2:
        # Kronecker's delta.
        return
    if name.places:
        _raise(found, name.text, len(name.places))
    elif font(node) == "bold" and name.text[0] != "\\" and len(name.text.split("_")[0]) == 1:
        _raise(found, name.text, 2 if name.text[0].isupper() else 1)


def _by_call(node: Node, usage: Usage, found: dict[str, int]) -> None:
    if not isinstance(node, tree.Product):
        return
    for word, bracket in zip(node.factors, node.factors[1:], strict=False):
        if isinstance(bracket, tree.Script):
            bracket = bracket.base
        text = letter(word)
        along = text in AXIS_WORDS or usage.spoken.get(text) in AXIS_WORDS
        if along and isinstance(bracket, tree.Group):
            terms = bracket.body.terms if isinstance(bracket.body, tree.Sum) else (bracket.body,)
            first = terms[0]
            if isinstance(first, (tree.Slash, tree.Fraction)):
                # The z of softmax(z / T).
                first = first.numerator
            name = named(first, usage)
            if name is not None and not name.places:
                _raise(found, name.text, 1)


def _by_matrix_word(node: Node, usage: Usage, found: dict[str, int]) -> None:
    """`det X`, `tr(X)`, `X^{-T}`: a capital letter there is a matrix."""
    arguments: list[Node] = []
    match node:
        case tree.Apply(word, argument) if letter(word) in _MATRIX_WORDS:
            arguments = [argument]
        case tree.Product(factors, _):
            pairs = pairwise(factors)
            arguments = [b.body for a, b in pairs if _is_bracket(b) and letter(a) in _MATRIX_WORDS]
        case tree.Script(_, None, tree.Sum((tree.Symbol(mark),), ("-",))) if mark in TRANSPOSES:
            arguments = [node]
    for name in (named(argument, usage) for argument in arguments):
        if name is not None and not name.places and name.text.lstrip("\\")[0].isupper():
            _raise(found, name.text, 2)


def under_matrix_words(nodes: Iterable[Node], usage: Usage) -> set[str]:
    """The capital letters under `det` and `tr`: none of them is a number anywhere."""
    found: dict[str, int] = {}
    for part in (part for node in nodes for part in tree.walk(node)):
        _by_matrix_word(part, usage, found)
    return set(found)


def _is_bracket(node: Node) -> bool:
    return isinstance(node, tree.Group) and node.open == "("


def _by_transpose(node: Node, usage: Usage, found: dict[str, int]) -> None:
    """What is transposed is a vector at least, and so is what follows it, as in w^T x^{(i)}."""
    if not isinstance(node, tree.Product):
        return
    names = [named(factor, usage) for factor in node.factors]
    tight = [False, *(operator in ("", "cdot") for operator in node.operators)]
    for before, name, close in zip([None, *names], names, tight, strict=False):
        if name is not None and name.example and len(name.places) == 1:
            if name.transpose or (before is not None and before.transpose and close):
                _raise(found, name.text, 2)
    for factor, name in zip(node.factors, names, strict=True):
        if name is not None and name.transpose:
            _lone(factor, usage, found)
    for operator, before, name, factor in zip(
        node.operators, names, names[1:], node.factors[1:], strict=False
    ):
        if before is not None and before.transpose and _is_column(before, found):
            if name is not None and not name.transpose and operator in ("", "cdot"):
                _lone(factor, usage, found)
    for ones, factor, operator in zip(
        node.factors, node.factors[1:], node.operators, strict=False
    ):
        name = named(factor, usage)
        if operator in ("", "cdot") and is_ones(ones) and name is not None and not name.transpose:
            _lone(factor, usage, found)


def _by_norm(node: Node, usage: Usage, found: dict[str, int], defined: set[str]) -> None:
    """In `‖x − c‖` and `x y^T` stand vectors, where nothing else says what they are."""
    match node:
        case tree.Script(tree.Group("||", _, body), tree.Symbol("F")):
            _raise_matrices(body.terms if isinstance(body, tree.Sum) else (body,), usage, found)
            return
        case tree.Group("||", _, body):
            parts = body.terms if isinstance(body, tree.Sum) else (body,)
        case tree.Product((tree.Symbol() as left, right), ("",)):
            name = named(right, usage)
            column = name is not None and name.transpose and not name.places
            parts = (left,) if column and len(left.name) == 1 else ()
        case _:
            return
    names = [named(part, usage) for part in parts]
    if all(name is not None and name.text not in defined for name in names):
        for part in parts:
            _lone(part, usage, found)


def _raise_matrices(terms: Iterable[Node], usage: Usage, found: dict[str, int]) -> None:
    """The capital letters among terms that are matrices."""
    for name in (named(term, usage) for term in terms):
        if name is not None and not name.places and is_capital(name.text):
            _raise(found, name.text, 2)


def _is_column(name: Name, found: dict[str, int]) -> bool:
    """Whether a name is that of a vector, or of one of several: the w of w_k^T x; or a row of X."""
    if name.places.count(tree.Symbol(":")) == 1:
        return len(name.places) == 2
    return found.get(name.text) == (1 + len(name.places) if name.example else 1)


def _by_neighbours(node: Node, usage: Usage, found: dict[str, int]) -> None:
    """What a matrix multiplies, and what is added to the product, are vectors."""
    match node:
        case tree.Product(factors, operators):
            for left, right, operator in zip(factors, factors[1:], operators, strict=False):
                if operator in ("", "cdot", "times"):
                    if letter(right) != "I":
                        # What stands in front of the unit matrix is a number.
                        _beside(left, right, usage, found)
                    _beside(right, left, usage, found)
        case tree.Sum(terms, _):
            if any(_is_vector(term, usage, found) for term in terms):
                for term in terms:
                    if (name := named(term, usage)) is not None and name.example:
                        _lone(term, usage, found)
            if any(_has_matrix_product(term, usage, found) for term in terms):
                for term in terms:
                    _lone(term, usage, found)
            if any(is_of_matrices(term, usage, found) for term in terms):
                for term in terms:
                    _beside_ones(term, usage, found)


def _beside_ones(node: Node, usage: Usage, found: dict[str, int]) -> None:
    r"""The b of `\mathbf{1}_n b`, `\mathbf{1}^T b` and `b \mathbf{1}^T`, added to a matrix."""
    if isinstance(node, tree.Product) and len(node.factors) == 2:
        first, last = node.factors
        if is_bold_one(first):
            _lone(last, usage, found)
        elif isinstance(last, tree.Script) and is_bold_one(last):
            _lone(first, usage, found)


def _beside(left: Node, right: Node, usage: Usage, found: dict[str, int]) -> None:
    name = named(right, usage)
    if name is not None and found.get(name.text) == 2 and not name.places:
        _lone(left, usage, found)


def _has_matrix_product(node: Node, usage: Usage, found: dict[str, int]) -> bool:
    if not isinstance(node, tree.Product):
        return False
    names = [named(factor, usage) for factor in node.factors]
    ranks_ = [
        found.get(n.text, 0) - len(n.places)
        for n in names
        if n is not None and (not n.places or n.example)
    ]
    # With one vector on each side, as in xᵀ P x, it is a number.
    return 2 in ranks_ and ranks_.count(1) == 1


def _is_vector(node: Node, usage: Usage, found: dict[str, int]) -> bool:
    """Whether it is one example's own vector: z^{(i)}."""
    name = named(node, usage)
    return name is not None and name.example and found.get(name.text, 0) - len(name.places) == 1


def _lone(node: Node, usage: Usage, found: dict[str, int]) -> None:
    name = named(node, usage)
    if name is not None and name.example and len(name.places) == 1:
        _raise(found, name.text, 2)
    if name is None or name.places or name.text in found:
        return
    if not is_capital(name.text):
        if name.text not in _NUMBERS or usage.is_meant(name.text):
            _raise(found, name.text, 1)


def dependences(nodes: Iterable[Node], usage: Usage) -> frozenset[tuple[str, str]]:
    """The pairs (x, u) for which x(u) is printed."""
    found = set()
    for node in nodes:
        for part in tree.walk(node):
            if isinstance(part, tree.Product):
                for word, bracket in pairwise(part.factors):
                    bracket = bracket.base if isinstance(bracket, tree.Script) else bracket
                    if isinstance(bracket, tree.Group) and bracket.open == "(":
                        names = named(word, usage), named(bracket.body, usage)
                        if None not in names and not any(name.places for name in names):
                            found.add((names[0].text, names[1].text))
    return frozenset(found)


def size_names(nodes: Iterable[Node], usage: Usage) -> set[str]:
    """The names that are printed as sizes: in ℝ^{m × n}, as upper bounds of sums."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, tree.Product) and _is_lone_shape(node):
            for size in node.factors:
                _add_name(found, size, usage)
        for part in tree.walk(node):
            match part:
                case tree.Script(base, _, sup) if sup is not None and is_number_set(base):
                    for size in factors_of(sup):
                        _add_name(found, size, usage)
                case tree.Big("sum" | "prod", _, sup, _) if sup is not None:
                    _add_name(found, sup, usage)
                case tree.Product(factors, _):
                    for size in filter(None, map(mean_size, factors, factors[1:])):
                        _add_name(found, size, usage)
                    for size in averaged(factors):
                        _add_name(found, size, usage)
                case tree.Chain((_, tree.Product() as shape), (relation,)):
                    if relation.kind in (":", "to") and set(shape.operators) == {"times"}:
                        for size in shape.factors:
                            _add_name(found, size, usage)
    return found


def ties(nodes: Iterable[Node], sizes: set[str]) -> frozenset[frozenset[str]]:
    """The pairs of sizes that are set equal: n = m."""
    found = set()
    for node in nodes:
        match node:
            case tree.Chain((tree.Symbol() as one, tree.Symbol() as other), (tree.Relation("="),)):
                found.add(frozenset(map(letter, (one, other))))
    return frozenset(pair for pair in found if pair <= sizes)


def _is_lone_shape(node: tree.Product) -> bool:
    """Whether `1 × D_y` or `n × m` stands alone in running text."""
    bases = {letter(f.base if isinstance(f, tree.Script) else f) for f in node.factors}
    row = node.factors[0] == tree.Number("1")
    return set(node.operators) == {"times"} and (row or bases <= SIZE_LETTERS)


def _add_name(found: set[str], node: Node, usage: Usage) -> None:
    name = named(node, usage)
    if name is not None and not name.places and name.power is None and name.text not in TRANSPOSES:
        found.add(name.text)


def is_number_set(node: Node) -> bool:
    """ℝ, or an interval such as [0, 1]."""
    match node:
        case tree.Symbol("R", font):
            return font in ("blackboard", "bold", "calligraphic")
        case tree.Group("[" | "(" | "{", _, tree.List()):
            return True
    return False


def factors_of(shape: Node) -> tuple[Node, ...]:
    """`m × n` one by one."""
    if isinstance(shape, tree.Product) and set(shape.operators) <= {"times"}:
        return shape.factors
    return (shape,)
