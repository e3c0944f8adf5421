"""Between which numbers parameters lie: `with $0 < \\alpha < 1$`, `$\\tau > 0$ a temperature`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from fractions import Fraction
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.prose import sentences
from chainrule.notation.scripts import letter
from chainrule.notation.sentences import worded
from chainrule.notation.tree import Node

Bounds = tuple[Fraction | None, Fraction | None]
_UP, _DOWN = {"<", "<="}, {">", ">="}


def parameter_bounds(
    nodes: Iterable[Node], constants: Set[str] = frozenset()
) -> dict[str, Bounds]:
    """Letter → (lowest, highest) where a comparison with numbers states it.

    Of letters that are no Greek ones, `x > 0` is a case of a variable more often; `0 < a < 1` is
    one if a function is taken at them, or a derivative by them.

    constants  other letters that sentences call constants
    """
    found: dict[str, Bounds] = {}
    nodes = list(nodes)
    variables = {text for node in nodes for text in _variables(node)}
    for node in nodes:
        match node:
            case tree.Chain((tree.Number(low), name, tree.Number(high)), (a, b)):
                if a.kind in _UP and b.kind in _UP and letter(name) not in variables:
                    _note(found, name, Fraction(low), Fraction(high))
            case tree.Chain((name, tree.Number(bound)), (sign,)) if (
                _is_greek(name) or letter(name) in constants
            ):
                if sign.kind in _UP:
                    _note(found, name, None, Fraction(bound))
                elif sign.kind in _DOWN:
                    _note(found, name, Fraction(bound), None)
            case tree.Chain(
                (name, tree.Group("(" | "[", _, tree.List((tree.Number(low), tree.Number(high))))),
                (tree.Relation("in"),),
            ) if _is_greek(name):
                _note(found, name, Fraction(low), Fraction(high))
    return found


def constants_in_words(document: Document) -> set[str]:
    """The letters that a sentence calls constants: `by a constant $c > 0$`.

    >>> from chainrule.notation.document import read_document
    >>> constants_in_words(read_document("Multiply by some constant $c > 0$.", "note"))
    {'c'}
    """
    found = set()
    for sentence in sentences(document):
        for words, part in pairwise(sentence.parts):
            if isinstance(words, str) and _CONSTANT.search(words.rstrip()):
                match part:
                    case tree.Chain((head, tree.Number()), _) if letter(head) is not None:
                        found.add(letter(head))
    return found


_CONSTANT = worded(
    r"\b(?:constants?|hyper-?parameters?|parameters?|scal(?:ar|e|ing)(?: factor)?|factors?)$"
)


def _is_greek(name: Node) -> bool:
    return (letter(name) or "").startswith("\\")


def _variables(node: Node) -> Iterator[str]:
    """The letters that functions are taken at, and that derivatives are by."""
    for part in tree.walk(node):
        match part:
            case tree.Product((_, tree.Group("(", _, inside), *_)):
                variable = inside
            case tree.Fraction(_, tree.Product((tree.Symbol("partial" | "d"), by), _)):
                variable = by
            case _:
                continue
        if not _is_greek(variable):
            yield letter(variable) or ""


def _note(
    found: dict[str, Bounds], name: Node, low: Fraction | None, high: Fraction | None
) -> None:
    """Keep what a comparison says, beside what others said of the same letter."""
    text = letter(name)
    if text is not None:
        before = found.get(text, (None, None))
        found[text] = (before[0] if low is None else low, before[1] if high is None else high)
