"""One-hot vectors that a formula gives: `y_k = 1 if k = t, else 0`, `y_k = \\mathbb{1}[k = t]`,
`y = e_t`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from chainrule.notation import tree
from chainrule.notation.names import named
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.usage import Usage

_INDICATORS = {"I", "1", "\\delta"}


def hot_formulas(nodes: Iterable[Node], usage: Usage) -> Iterator[tuple[int, str, str]]:
    """(place, name, letter of the class) for each vector that is 1 at its class and 0 elsewhere."""
    units = unit_letters(nodes := list(nodes))
    for node in nodes:
        match node:
            case tree.Chain((tree.Symbol() as head, body), (sign,)) if _is_unit(body, sign, units):
                yield head.start, letter(head), letter(body.sub)
            case tree.Chain((head, body, *_), (sign, *_)) if sign.kind in EQUAL:
                if (found := hot_formula(head, body, usage)) is not None:
                    yield (node.members[0].start, *found)


def unit_letters(nodes: Iterable[Node]) -> frozenset[str]:
    """The e of `y = e_t`, where no formula says what e or e_t is."""
    chains = [node for node in nodes if isinstance(node, tree.Chain)]
    heads = {letter(part) for chain in chains for part in scripted(chain.members[0])}
    known = any(
        isinstance(chain.members[0], tree.Symbol)
        and _is_unit(chain.members[1], chain.relations[0], {"e"})
        for chain in chains
        if len(chain.members) == 2
    )
    return frozenset({"e"} - heads) if known else frozenset()


def _is_unit(body: Node, sign: tree.Relation, units: Collection[str]) -> bool:
    match body:
        case tree.Script(tree.Symbol(text), tree.Symbol(), None) if sign.kind in EQUAL:
            return text in units
    return False


def hot_formula(head: Node, body: Node, usage: Usage) -> tuple[str, str] | None:
    """(y, t) of `y_k = δ_{kt}`, in any of its spellings; None for other formulas."""
    name = named(head, usage)
    if name is None or len(name.places) != 1 or name.power is not None or name.primes:
        return None
    place, own = letter(name.places[0]), letter(body.base) if _is_delta(body) else None
    if name.text in _INDICATORS or place is None or (own is None and not _compares(body)):
        return None
    letters = {letter(part) for part in tree.walk(body) if isinstance(part, tree.Symbol)}
    classes = letters - _INDICATORS - {place}
    if place not in letters or len(classes) != 1 or None in classes:
        return None
    (mark,) = classes
    return (name.text, mark) if mark != name.text else None


def _is_delta(node: Node) -> bool:
    return isinstance(node, tree.Script) and letter(node.base) == "\\delta" and node.sup is None


def _compares(node: Node) -> bool:
    """Whether a node is 1 where one comparison of two letters holds, and 0 elsewhere."""
    match node:
        case tree.Cases(((tree.Number("1"), case), (tree.Number("0"), other))):
            return _equates(case) and not (isinstance(other, tree.Chain) and _equates(other))
        case tree.Product((word, tree.Group(_, _, case)), ("",)):
            one = isinstance(word, tree.Number) and word.text == "1"
            return (one or letter(word) in _INDICATORS) and _equates(case)
        case tree.Script(tree.Number("1"), case, None):
            return _equates(case.body if isinstance(case, tree.Group) else case)
        case tree.Group("[", _, case):
            return _equates(case)
    return False


def _equates(node: Node | None) -> bool:
    match node:
        case tree.Chain((tree.Symbol(), tree.Symbol()), (tree.Relation("="),)):
            return True
    return False
