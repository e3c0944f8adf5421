"""Letters with a second meaning: `S = Σ_i S_i` for terms and their sum, `σ^2 = …` for a square."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.each import stated_letters
from chainrule.notation.scripts import (
    calls,
    is_bold_one,
    is_transpose,
    is_transposed,
    letter,
    scripted,
    subscripts,
)
from chainrule.notation.tree import Node


def totals(node: Node) -> set[str]:
    """The letters that stand alone for the sum, mean or product of what they are with an index.

    The terms must be the entries themselves: `x = Σ_i x_i e_i` is a vector and its entries.
    """
    if not isinstance(node, tree.Chain):
        return set()
    own = {text for member in node.members if (text := letter(member)) is not None}
    return {text for member in node.members if (text := summed_letter(member)) in own}


# Letters for costs, which are numbers.
COST_LETTERS = {"J", "L", "E", "C", "\\mathcal{L}", "\\ell"}


def terms_of_costs(nodes: list[Node]) -> set[str]:
    """The L for which both `L = …` and `L_i = …` are printed: the cost of all, and of one.

    Or the cost of one is defined without a number, and its sum is `J = Σ_i L_i`; or the cost of all
    is a sum, and `∂L_i/∂w` is printed.
    """
    chains = [node for node in nodes if isinstance(node, tree.Chain)]
    heads = [chain.members[0] for chain in chains]
    alone = {letter(head) for head in heads} & COST_LETTERS
    sums = {letter(uncalled(chain.members[0])) for chain in chains if term_of(chain)} & COST_LETTERS
    differentiated = {
        letter(part.base)
        for node in nodes
        for fraction in tree.walk(node)
        if isinstance(fraction, tree.Fraction)
        for part in tree.children(fraction.numerator)
        if isinstance(part, tree.Script) and isinstance(part.sub, tree.Symbol)
        if part.sub.name in "in" and part.sup is None
    }
    added = {summed_letter(member) for chain in chains for member in chain.members[1:]}
    norms = {letter(uncalled(chain.members[0])) for chain in chains if _is_norm(chain)} - {None}
    themselves = set(map(_sums_itself, chains)) & COST_LETTERS
    return alone & added | themselves | sums & differentiated | {
        letter(head.base)
        for head in heads
        if isinstance(head, tree.Script) and head.sup is None and head.sub is not None
        if all(isinstance(m, tree.Symbol) and m.name.islower() for m in subscripts(head.sub))
        if letter(head.base) in (norms | alone if isinstance(head.sub, tree.Symbol) else norms)
    }


def _sums_itself(chain: tree.Chain) -> str | None:
    """The E of `E(w) = Σ_n E_n + λ/2 ‖w‖^2`."""
    text = letter(uncalled(chain.members[0]))
    parts = (part for member in chain.members[1:] for part in tree.walk(member))
    return text if text and text in map(summed_letter, parts) else None


def _is_norm(chain: tree.Chain) -> bool:
    """Whether a name or a function is set to a norm or its square, `F(U, V) = ½ ‖R‖^2`: a number,
    of which F_ij can be no entry."""
    body = chain.members[1]
    if isinstance(body, tree.Product) and len(body.factors) == 2:
        first, body = body.factors
        if not isinstance(first, (tree.Number, tree.Fraction)):
            return False
    body = body.base if isinstance(body, tree.Script) else body
    return chain.relations[0].kind in tree.EQUAL and isinstance(body, tree.Group) and (
        body.open == "||"
    )


def uncalled(head: Node) -> Node:
    """L for `L(w)`, and any other node itself."""
    match head:
        case tree.Product((word, tree.Group("(")), ("",)):
            return word
    return head


def term_of(chain: tree.Chain) -> tuple[Node, Node] | None:
    """(i, the term) of `L = Σ_i …`, `L(w) = -Σ_i …` and `L = 1/n Σ_i …`, with its sign."""
    for member in chain.members[1:]:
        match member:
            case tree.Sum((tree.Big() as big,), ("-",)):
                found = _term(big)
                return found and (found[0], replace(member, terms=(found[1],)))
            case tree.Product((tree.Fraction(), tree.Big() as big), ("",)) | (tree.Big() as big):
                return _term(big)
            case tree.Sum((tree.Product((tree.Fraction(), tree.Big() as big), ("",)),), ("-",)):
                found = _term(big)
                return found and (found[0], replace(member, terms=(found[1],)))
    return None


def _term(big: tree.Big) -> tuple[Node, Node] | None:
    match big:
        case tree.Big("sum", tree.Chain((tree.Symbol() as mark, _)), _, body):
            return mark, body
        case tree.Big("sum", tree.Symbol() as mark, _, body):
            return mark, body
    return None


def numbered_pairs(nodes: list[Node]) -> set[str]:
    """The W and b of `W_1 x + b_1` and `x W_2 + b_2`, which are numbered alike."""
    found = set()
    for node in nodes:
        for part in tree.walk(node):
            if isinstance(part, tree.Sum):
                products = [term for term in part.terms if isinstance(term, tree.Product)]
                matrices = [f for one in products for f in one.factors if _is_numbered(f)]
                matrices = [f for f in matrices if letter(f.base)[0].isupper()]
                lone = [term for term in map(_without_ones, part.terms) if _is_numbered(term)]
                shared = {f.sub for f in matrices} & {term.sub for term in lone}
                found |= {letter(f.base) for f in (*matrices, *lone) if f.sub in shared}
    return found


def _without_ones(term: Node) -> Node:
    """The b_1 of `1 b_1` and `1_n b_1`, a row for each example."""
    match term:
        case tree.Product((ones, row), ("",)) if ones == tree.Number("1") or is_bold_one(ones):
            return row
    return term


def _is_numbered(node: Node) -> bool:
    match node:
        case tree.Script(base, tree.Number(), None, 0):
            return letter(base) is not None
    return False


def summed_letter(node: Node) -> str | None:
    """The letter of the entries that a member adds up, if that is all it does."""
    while isinstance(node, (tree.Decorated, tree.Product)):
        if isinstance(node, tree.Decorated):
            node = node.body
            continue
        if any(isinstance(factor, tree.Big) for factor in node.factors[:-1]):
            return None
        node = node.factors[-1]
    if not isinstance(node, tree.Big):
        return None
    entry = node.body
    if not isinstance(entry, tree.Script) or entry.sup is not None or entry.primes:
        return None
    return letter(entry.base) if len(subscripts(entry.sub)) == 1 else None


def squares(node: Node) -> set[str]:
    """The letters whose square is the head of an equation: σ, for `σ^2 = Σ_i (x_i - μ)^2 / m`."""
    if not isinstance(node, tree.Chain) or node.relations[0].kind not in ("=", ":="):
        return set()
    head, *others = node.members
    if not isinstance(head, tree.Script) or head.sup != tree.Number("2") or head.primes:
        return set()
    text = letter(head.base)
    own = any(letter(part) == text for member in others for part in tree.walk(member))
    return set() if text is None or own else {text}


def called(node: Node) -> set[str]:
    """The letters with a bracket behind them, as σ in σ(x)."""
    return {
        text
        for part in tree.walk(node)
        if isinstance(part, tree.Product)
        for word, bracket in zip(part.factors, part.factors[1:], strict=False)
        if isinstance(bracket, tree.Group) and (text := letter(word)) is not None
    }


def only_called(nodes: list[Node]) -> set[str]:
    """The letters that stand right before a bracket, wherever they are printed: `s` in `s(w x)`."""
    counts: dict[str, int] = {}
    before: dict[str, int] = {}
    words = (part for node in nodes for part in tree.walk(node) if isinstance(part, tree.Symbol))
    counts = Counter(map(letter, words))
    before = Counter(letter(word) for node in nodes for word, _ in calls(node))
    return {
        text
        for text, count in before.items()
        if text is not None and count == counts[text] and text.islower()
    }


def widths(node: Node) -> set[tuple[str, str]]:
    """The d and k of a √d_k, which is one number: the width of what is compared."""
    return {
        ("d", text)
        for part in tree.walk(node)
        if isinstance(part, tree.Root) and isinstance(part.body, tree.Script)
        if part.body.base == tree.Symbol("d") and (text := letter(part.body.sub)) is not None
    }


def summand(text: str) -> str:
    """The name of the terms, which prints like that of their sum."""
    return f"{{{text}}}"


def families(nodes: list[Node]) -> set[str]:
    """The letters of which each numbered one is a vector: the x of `w^T x_n`, `x_n x_n^T`, and of
    `x_n ∈ ℝ^D`.

    A letter that also stands without a number is one vector, and its numbered ones are elements.
    """
    products = [p for node in nodes for p in tree.walk(node) if isinstance(p, tree.Product)]
    found = {text for product in products for text in _numbered_columns(product)}
    found |= stated_letters(nodes).keys()
    for node in nodes if found else ():
        own = _parameters(node) | _example(node)
        for part in scripted(node):
            alone = not isinstance(part, tree.Script) or part.sub is None
            base = letter(part.base if isinstance(part, tree.Script) else part)
            # Not the x of `h(x) = w^T x`, where x_n is handed over elsewhere.
            if alone and base not in own:
                found.discard(base)
    return found


def _example(node: Node) -> set[str]:
    """The x of `x = (3, 1)^T`, which is one of them in numbers."""
    match node:
        case tree.Chain((head, body), (tree.Relation("="),)):
            symbols = (part for part in tree.walk(body) if isinstance(part, tree.Symbol))
            return {letter(head)} - {None} if all(map(is_transpose, symbols)) else set()
    return set()


def _parameters(node: Node) -> set[str]:
    """The x of `h(x) = …`."""
    match node:
        case tree.Chain((tree.Product((_, tree.Group("(", _, body)), ("",)), *_), _):
            items = body.items if isinstance(body, tree.List) else (body,)
            return {text for text in map(letter, items) if text is not None}
    return set()


def _numbered_columns(product: tree.Product) -> Iterator[str]:
    """The letters with a number below them that are transposed or stand behind a transpose."""
    before, operators = (None, *product.factors), ("times", *product.operators)
    for last, factor, operator in zip(before, product.factors, operators, strict=False):
        close = last is not None and operator in ("", "cdot")
        if isinstance(factor, tree.Script) and isinstance(factor.sub, tree.Symbol):
            text = letter(factor.base)
            if text and not text[0].isupper():
                if is_transposed(factor) or (close and is_transposed(last)):
                    yield text


# Over a sum that is divided by as many values as it has.
MEAN = "mean"


def mean_size(fraction: Node, big: Node) -> Node | None:
    r"""The n of `\frac{1}{n} \sum_i`: a sum without an upper bound that is a mean."""
    match fraction, big:
        case tree.Apply(_, argument), tree.Big():
            # The logarithm of a mean.
            return mean_size(argument, big)
        case tree.Fraction(tree.Number("1"), tree.Symbol(name) as size), tree.Big("sum", sub, None):
            if name in COUNTS and isinstance(sub, tree.Symbol) and sub != size:
                return size
    return None


# Letters for how many there are.
COUNTS = set("BDHKMNTdmn")


def divided(node: Node) -> set[str]:
    """The letters that something is divided by: a T is a number then, and no transpose."""
    found = set()
    for part in tree.walk(node):
        if isinstance(part, (tree.Fraction, tree.Slash)):
            below = part.denominator
            below = below.base if isinstance(below, tree.Script) else below
            found |= {letter(below)} - {None}
    return found


def summands(node: Node) -> set[str]:
    """The letters beside other names in sums: the T of `Y - T`, which is no transpose either."""
    return {
        text
        for part in tree.walk(node)
        if isinstance(part, tree.Sum)
        and not any(isinstance(term, tree.Number) for term in part.terms)
        for term in part.terms
        if (text := letter(term)) is not None
    }
