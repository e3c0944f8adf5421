"""Names with axes that may be one number in a statement: the x of `σ'(x) = σ(x)(1 − σ(x))`."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.notation import tree
from chainrule.notation.capitals import is_capital
from chainrule.notation.leibniz import is_derivative, variables
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage

_LOGARITHMS = {"log", "ln"}


def narrowable(item: ChainItem, numbers: set[str]) -> set[str]:
    """Symbols that may be one number here: alone under a derivative, or in a primed call."""
    usage, found, indexed = item.scope.usage, set(), set()
    for node in item.members:
        for variable in variables(node):
            name = named(variable, usage)
            if name is not None and not name.places:
                found.add(name.text)
        for part in tree.walk(node):
            if isinstance(part, tree.Product):
                for word, bracket in zip(part.factors, part.factors[1:], strict=False):
                    if (
                        isinstance(word, tree.Script)
                        and word.primes
                        and isinstance(bracket, tree.Group)
                    ):
                        found.add(letter(bracket.body) or "")
        for part in scripted(node):
            name = named(part, usage)
            if name is not None and (name.places or name.transpose):
                indexed.add(name.text)
    soft = {
        name.text
        for node in item.members
        for part in scripted(node)
        if (name := named(part, usage)) is not None
        and name.text in item.scope.soft
        and not item.scope.symbol(name.text).declared
    }
    beside = {text for node in item.members for text in _beside_entries(node, usage)}
    beside |= {text for node in item.members for text in _in_laws(node, usage)}
    return (found | soft | beside | numbers | _only_vector(item, usage)) - indexed - {""}


def below_a_line(item: ChainItem) -> set[str]:
    """The k, C and F of `1 / (k^2 C F)`: nobody divides by a product of matrices."""
    scope = item.scope
    found = {text for node in item.members for text in _below_a_line(node, scope.usage)}
    # The T of `x / T` that is a number is that number.
    return {text for text in found if scope.rank(text)}


def _beside_entries(node: Node, usage: Usage) -> set[str]:
    """The names c of `x_i + c`: the numbers of a statement about entries."""
    found = set()
    for part in tree.walk(node):
        if isinstance(part, tree.Sum):
            names = [named(term, usage) for term in part.terms]
            if any(name is not None and name.places for name in names):
                found |= {n.text for n in names if n is not None and not n.places}
    return found


def _only_vector(item: ChainItem, usage: Usage) -> set[str]:
    """The one letter with axes in a statement, if there is just one: it may be a number here."""
    scope = item.scope.copy()
    names = {
        name.text
        for node in item.members
        for part in scripted(node)
        if (name := named(part, usage)) is not None
        and (name.text in item.scope.symbols or name.text in item.scope.ranks)
        and scope.symbol(name.text).sizes
    }
    return names if len(names) == 1 and not names & item.scope.definitions.keys() else set()


def _below_a_line(node: Node, usage: Usage) -> Iterator[str]:
    for part in tree.walk(node):
        match part:
            case tree.Fraction(_, below) | tree.Slash(_, below) if not is_derivative(part):
                inside = below.body if isinstance(below, tree.Group) else below
                factors = inside.factors if isinstance(inside, tree.Product) else (inside,)
                names = [n for factor in factors if (n := named(factor, usage)) is not None]
                if any(is_capital(name.text) for name in names):
                    yield from (name.text for name in names if not name.transpose)


def _in_laws(node: Node, usage: Usage) -> Iterator[str]:
    """The capitals A, B of `\\log(A B)`: nobody takes the logarithm of a product of matrices."""
    for part in tree.walk(node):
        match part:
            case tree.Product((word, tree.Group("(", _, body)), _) | tree.Apply(word, body):
                inside = body.body if isinstance(body, tree.Group) else body
                if (letter(word) or "").lstrip("\\") in _LOGARITHMS:
                    factors = inside.factors if isinstance(inside, tree.Product) else (inside,)
                    names = [named(factor, usage) for factor in factors]
                    if None not in names and all(is_capital(name.text) for name in names):
                        yield from (name.text for name in names)
