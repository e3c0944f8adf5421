"""What may be missing in a false member: a factor, a term, the 1 beside an exponential."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chainrule.checker.slips.misprint import Edit, Print, shown
from chainrule.notation import tree
from chainrule.notation.names import named
from chainrule.notation.reductions import own_letters
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node

# So many names of the document that the claim does not print are tried as missing factors.
MOST_NAMES = 12


def missing_factors(printed: Print, node: Node) -> Iterator[Edit]:
    """Factors that the rest of the claim prints, and the derivatives of its names."""
    if node is not printed.node:
        return
    own = printed.source(node)
    body = f"({own})" if isinstance(node, tree.Sum) else own
    text = printed.document.text
    sign = r"\odot" if r"\odot" in text else r"\circ"
    joints = [f" {sign} ", " "] if sign in text else [" ", rf" {sign} "]
    for piece in _pieces(printed):
        for joint in joints:
            new = piece.replace("@", joint.strip())
            sentence = f"the factor {shown(new)} is missing"
            yield printed.replace(node, f"{body}{joint}{new}", sentence)


def missing_sums(printed: Print, node: Node) -> Iterator[Edit]:
    """The outer sum of `\\sum_j G_{cj} F_{cij}` for a slope by x_i: over a letter that nothing
    else has. Where no sum is printed at all, one may be meant."""
    bounds = [part for part in tree.walk(node) if isinstance(part, tree.Big)]
    if node is not printed.node or not bounds:
        return
    letters, beside = printed.letters_of(node), printed.letters_of(*printed.others)
    own = printed.source(node)
    body = f"({own})" if isinstance(node, tree.Sum) else own
    for mark in sorted(letters - beside - set().union(*map(own_letters, bounds))):
        new = rf"\sum_{{{mark}}} {body}"
        yield printed.replace(node, new, f"the sum over {shown(mark)} is missing")


def missing_numbers(printed: Print, node: Node) -> Iterator[Edit]:
    """A 2, ½, or a number of elements that a term or the body of a sum leaves out."""
    if isinstance(node, (tree.Sum, tree.Big)):
        lengths = sorted(map(str, printed.lengths))
        over = [rf"\frac{{1}}{{{name}}}" for name in lengths]
        for piece in ("2", r"\frac{1}{2}", *over, *lengths):
            yield from _beside(printed, _parts(node), piece)


def missing_factors_of_terms(printed: Print, node: Node) -> Iterator[Edit]:
    """Names of the claim and their reciprocals that a term, the body of a sum or a bracket leaves
    out; in front of the whole member also numbers of elements."""
    names = [piece for piece in _pieces(printed) if len(piece) <= 12 and "(" not in piece]
    names = list(dict.fromkeys((*names, *printed.elsewhere)))
    if isinstance(node, tree.Big):
        names = list(dict.fromkeys((*_at(printed, own_letters(node)), *names)))
    over = [rf"\frac{{1}}{{{name}}}" for name in names]
    if node is printed.node:
        lengths = sorted(map(str, printed.lengths))
        own = printed.source(node)
        for piece in (*(rf"\frac{{1}}{{{name}}}" for name in lengths), *over, *lengths):
            body = f"({own})" if isinstance(node, tree.Sum) else own
            yield printed.replace(node, f"{piece} {body}", f"the factor {shown(piece)} is missing")
    slopes = [f"(1 - {name})" for name in names] if isinstance(node, tree.Group) else []
    for piece in (*names, *slopes, *over, *(f"(-{name})" for name in names)):
        yield from _beside(printed, _parts(node), piece)


def _parts(node: Node) -> list[Node]:
    """The terms, the body of a sum, or what stands in a bracket: where a factor may be missing."""
    match node:
        case tree.Sum(terms):
            return [term for term in terms if not isinstance(term, tree.Number)]
        case tree.Big():
            return [node.body]
        case tree.Group("(" | "[", _, body) if not isinstance(body, (tree.Sum, tree.List)):
            return [body]
    return []


def _beside(printed: Print, parts: list[Node], piece: str) -> Iterator[Edit]:
    for part in parts:
        own = printed.source(part)
        sentence = f"the factor {shown(piece)} is missing beside {shown(own)}"
        yield printed.replace(part, f"{piece} {own}", sentence)


def _at(printed: Print, bounds: set[str]) -> Iterator[str]:
    """The elements of the document's arrays under a sum: `x_i`, `W_{ki}` with a letter beside."""
    for bound in sorted(bounds):
        for name in printed.vectors:
            yield f"{name}_{bound}"
        for name in printed.matrices:
            for other in printed.letters:
                if other not in bounds:
                    yield f"{name}_{{{other} {bound}}}"
                    yield f"{name}_{{{bound} {other}}}"


def missing_matrices(printed: Print, node: Node) -> Iterator[Edit]:
    """Arrays of the document in front of a product, behind it, or between two of its factors."""
    factors = node.factors if isinstance(node, tree.Product) else (node,)
    if node is not printed.node and len(factors) < 2:
        return
    names = [f"{{{name}}}" if "^" in name else name for name in printed.arrays]
    (start, _), (_, end) = printed.span(factors[0]), printed.span(factors[-1])
    own = printed.document.text[start:end]
    own = f"({own})" if isinstance(node, tree.Sum) else own
    for piece in (form for name in names for form in (rf"{name}^\top", name)):
        sentence = f"the factor {shown(piece)} is missing"
        yield Edit(start, end, f"{own} {piece}", sentence)
        yield Edit(start, end, f"{piece} {own}", sentence)
    for first, second in pairwise(factors):
        (a, b), (c, d) = printed.span(first), printed.span(second)
        text = printed.document.text
        for name in names:
            for piece in (name, rf"{name}^\top"):
                new = f"{text[a:b]} {piece} {text[c:d]}"
                yield Edit(a, d, new, f"the factor {shown(piece)} is missing")


def kronecker_factors(printed: Print, node: Node) -> Iterator[Edit]:
    """One side of a Kronecker product, where the document uses it: `A` for `Bᵀ ⊗ A`."""
    if r"\otimes" in printed.document.text and printed.is_operand(node):
        own = printed.source(node)
        for name in printed.arrays:
            for piece in (rf"{name}^\top", name):
                for new in (rf"({piece} \otimes {own})", rf"({own} \otimes {piece})"):
                    yield printed.replace(node, new, f"the factor {shown(piece)} is missing")


def missing_terms(printed: Print, node: Node) -> Iterator[Edit]:
    if node is printed.node:
        own = printed.source(node)
        for piece in _pieces(printed):
            for sign in "+-":
                sentence = f"the term {shown(f'{sign} {piece}')} is missing"
                if "@" not in piece:
                    before = "" if own.strip() == "0" and sign == "+" else f"{own} {sign} "
                    before = "-" if own.strip() == "0" and sign == "-" else before
                    yield printed.replace(node, f"{before}{piece}", sentence)
    if printed.is_operand(node):
        own = printed.source(node)
        beside = "" if node is printed.node else f" beside {shown(own)}"
        for other in printed.operands(named(node, printed.usage).text):
            for sign in "-+":
                sentence = f"the term {shown(f'{sign} {other}')} is missing{beside}"
                yield printed.replace(node, f"({own} {sign} {other})", sentence)


def _pieces(printed: Print) -> list[str]:
    """What may be missing, the likeliest first; @ stands for the sign of the product.

    Brackets of other members, names, and the slopes 1 - h, 1 - h² and h (1 - h).
    """
    brackets: dict[str, None] = {}
    names: dict[str, None] = {}
    elements = printed.elements
    for part in printed.parts:
        if part in elements or printed.is_operand(part):
            if (own := printed.source(part)) not in printed.letters:
                names.setdefault(own)
        elif isinstance(part, tree.Group) and isinstance(part.body, tree.Sum):
            brackets.setdefault(printed.source(part))
    forms = ("(1 - {})", "(1 - {}^2)", "{} @ (1 - {})")
    slopes = [form.replace("{}", name) for form in forms for name in names]
    return list(dict.fromkeys((*brackets, *names, *slopes, *sorted(printed.sizes)[:MOST_NAMES])))


def missing_ones(printed: Print, node: Node) -> Iterator[Edit]:
    """`1 + e^{-x}` for an exponential alone in a fraction or under a logarithm."""
    match node:
        case tree.Fraction(top, bottom):
            alone = (bottom, top)
        case tree.Apply(word, argument) | tree.Product((word, tree.Group("(") as argument)) if (
            letter(word) in ("log", "ln")
        ):
            alone = (argument,)
        case _:
            return
    for part in alone:
        inside = part.body if isinstance(part, tree.Group) else part
        if _is_exponential(inside):
            own = printed.source(inside)
            sentence = f"the term `1` is missing beside {shown(own)}"
            yield printed.replace(inside, f"1 + {own}", sentence)


def _is_exponential(node: Node) -> bool:
    match node:
        case tree.Script(base, None, tree.Node()):
            return letter(base) == "e"
        case tree.Apply(word) | tree.Product((word, tree.Group())):
            return letter(word) == "exp"
    return False
