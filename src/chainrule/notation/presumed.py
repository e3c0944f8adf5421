r"""What is taken for granted of functions that an expression is made of and nobody defines.

In `softmax(x(u))` x is a vector that depends on u, and f in `f(z)^2` any function of one number.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chainrule.errors import ChainruleError
from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.scripts import TRANSPOSES, letter
from chainrule.notation.survey import AXIS_WORDS
from chainrule.notation.syntax import parse_formula
from chainrule.notation.tree import Node

# Letters that stand for functions where they are printed before brackets only.
_LETTERS = {*"fghFG", "\\phi", "\\psi", "\\varphi", "\\rho"}
# Words for one number made of a vector.
_OF_VECTORS = {"max", "min", "norm"}
_TRACES = {"tr", "trace"}
_SIZES = ("d", "n", "m", "p", "q", "r")


def presumed(latex: str, given: str) -> str:
    r"""Sentences for a document that has nothing but an expression.

    given  what is said of it already

    >>> presumed(r"\log(softmax(x(u)))_j", "")
    'Let $u \\in \\mathbb{R}^{d}$, $x(u) \\in \\mathbb{R}^{n}$.'
    >>> presumed("f(z)^2", "")
    'The function $f$ is applied elementwise.'
    >>> presumed("max(x) + a", "")
    'Let $x \\in \\mathbb{R}^{d}$.'
    >>> presumed(r"\text{tr}(X)^2", "")
    'Let $X \\in \\mathbb{R}^{d \\times d}$.'
    """
    try:
        nodes = [statement.chain for statement in parse_formula(latex, 0)]
        said = _letters_in(given)
    except (ChainruleError, ValueError):
        return ""
    vectors = {word: argument for node in nodes for word, argument in _vectors(node)}
    vectors = {word: a for word, a in vectors.items() if word not in said and word != a}
    called = {word for node in nodes for word in _called(node)}
    alone = {letter(part) for node in nodes for part in _apart(node)}
    numbers = sorted(called & _LETTERS - alone - said - vectors.keys())
    sentences = [f"The function ${one}$ is applied elementwise." for one in numbers]
    taken = {letter(part) for node in nodes for part in tree.walk(node)} | said
    sizes = iter([one for one in _SIZES if one not in taken])
    arguments = [*vectors.values(), *(one for node in nodes for one in _reduced(node))]
    names = [a for a in dict.fromkeys(arguments) if a not in {*vectors, *said}]
    printed = [*names, *(f"{word}({argument})" for word, argument in vectors.items())]
    pairs = zip(printed, sizes, strict=False)
    shapes = [rf"${one} \in \mathbb{{R}}^{{{size}}}$" for one, size in pairs]
    squares = sorted({a for node in nodes for a in _traced(node)} - said - {*names})
    if squares and (size := next(sizes, None)) is not None:
        shapes += [rf"${one} \in \mathbb{{R}}^{{{size} \times {size}}}$" for one in squares]
    if shapes:
        sentences.insert(0, f"Let {', '.join(shapes)}.")
    return " ".join(sentences)


def _letters_in(given: str) -> set[str]:
    """The letters that something is said of."""
    plain = given.replace("$", " ")
    return {
        letter(part) for one in parse_formula(plain, 0) for part in tree.walk(one.chain)
    } - {None}


def _calls(node: Node) -> Iterator[tuple[str, Node, Node]]:
    """(f, x, what is printed) for each `f(x)` with one argument, of an f that is no known word."""
    for part in tree.walk(node):
        if isinstance(part, tree.Product):
            for at, (word, bracket) in enumerate(pairwise(part.factors)):
                inner = bracket.base if isinstance(bracket, tree.Script) else bracket
                text = letter(word)
                lone = isinstance(inner, tree.Group) and inner.open == "("
                if lone and text is not None and not part.operators[at]:
                    if function_named(text) is None and not isinstance(inner.body, tree.List):
                        yield text, inner.body, bracket


def _called(node: Node) -> set[str]:
    return {text for text, _, _ in _calls(node)}


def _vectors(node: Node) -> Iterator[tuple[str, str]]:
    """The pairs (x, u) of an x(u) that is a vector: in softmax(x(u)), x(u)_i or x(u)^T."""
    inside = set()
    for part in tree.walk(node):
        match part:
            case tree.Product(factors):
                for word, bracket in pairwise(factors):
                    bracket = bracket.base if isinstance(bracket, tree.Script) else bracket
                    if letter(word) in AXIS_WORDS and isinstance(bracket, tree.Group):
                        inside.add(bracket.body)
            case tree.Group("||", _, body):
                inside.add(body)
    for part in inside:
        terms = part.terms if isinstance(part, tree.Sum) else (part,)
        for term in terms:
            if isinstance(term, tree.Product) and len(term.factors) == 2:
                yield from ((text, letter(x)) for text, x, _ in _calls(term) if letter(x))
    for text, argument, bracket in _calls(node):
        if letter(argument) and isinstance(bracket, tree.Script):
            place = bracket.sub is not None
            if place or getattr(bracket.sup, "name", None) in TRANSPOSES:
                yield text, letter(argument)


def _reduced(node: Node) -> Iterator[str]:
    """The x of `max(x)` and `norm(x)`: of a number there would be nothing to ask."""
    for part in tree.walk(node):
        for word, bracket in pairwise(part.factors) if isinstance(part, tree.Product) else ():
            bracket = bracket.base if isinstance(bracket, tree.Script) else bracket
            if letter(word) in _OF_VECTORS and isinstance(bracket, tree.Group):
                if (text := letter(bracket.body)) is not None:
                    yield text


def _traced(node: Node) -> Iterator[str]:
    """The capitals in `tr(X)^2` and `tr(A (X - B))`: matrices, of which nothing but a product of
    names would tell the sizes."""
    for part in tree.walk(node):
        for word, bracket in pairwise(part.factors) if isinstance(part, tree.Product) else ():
            inner = bracket.base if isinstance(bracket, tree.Script) else bracket
            if (letter(word) or "").lower() in _TRACES and isinstance(inner, tree.Group):
                parts = list(tree.walk(inner.body))
                sums = [one for one in parts if isinstance(one, tree.Sum) and len(one.terms) > 1]
                if inner is not bracket or sums:
                    names = {letter(one) for one in parts if isinstance(one, tree.Symbol)}
                    yield from (a for a in names if a and len(a) == 1 and a.isupper() and a != "T")


def _apart(node: Node) -> Iterator[Node]:
    """The letters that are printed without a bracket behind them."""
    if isinstance(node, tree.Product):
        for factor, after in zip(node.factors, [*node.factors[1:], None], strict=True):
            after = after.base if isinstance(after, tree.Script) else after
            if not (isinstance(after, tree.Group) and isinstance(factor, tree.Symbol)):
                yield from _apart(factor)
        return
    if isinstance(node, tree.Symbol):
        yield node
    for child in tree.children(node):
        yield from _apart(child)
