r"""Letters that are stated to be numbers, and with an index stand for one number of each example:
`z \in \mathbb{R}` beside `\frac{1}{N} \sum_i \log(1 + e^{z_i})`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.scripts import letter
from chainrule.notation.tree import Node

_IN_WORDS = re.compile(
    r"(?<![\w\\^_{}])\$?([a-zA-Z])\$?(?:,| is| be| denotes?)? "
    r"(?:a|an|one|the)(?: [\w-]+){0,2} ?\(?(?:a )?(?:(?:single|real) )?(?:number|scalar)s?\b"
)


def numbers_of_each(document: Document, nodes: Iterable[Node]) -> set[str]:
    """The letters that a text says are numbers, once, and of no others of that letter."""
    stated: dict[str, set[bool]] = {}
    nodes = list(nodes)
    for node in nodes:
        match node:
            case tree.Chain((head, body), (relation,)) if relation.kind == "in":
                for one in getattr(head, "items", (head,)):
                    if (text := letter(one)) is not None:
                        stated.setdefault(text, set()).add(_is_line(body))
    found = {text for text, kinds in stated.items() if kinds == {True}}
    found |= numbers_in_words(document.own_text) - stated.keys()
    return found | _beside(found, nodes) if found else found


def _beside(found: set[str], nodes: list[Node]) -> set[str]:
    """The letters that are multiplied by such a number, and by one of each with the same index."""
    alone, numbered = set(), set()
    for part in (part for node in nodes for part in tree.walk(node)):
        if isinstance(part, tree.Product):
            bare = {letter(one) for one in part.factors} - {None}
            alone |= bare if bare & found else set()
            scripts = [one for one in part.factors if isinstance(one, tree.Script)]
            marks = {one.sub for one in scripts if letter(one.base) in found} - {None}
            plain = (one for one in scripts if one.sub in marks and one.sup is None)
            numbered |= {letter(one.base) for one in plain}
    return alone & numbered


def numbers_in_words(text: str) -> set[str]:
    """The letters that sentences call numbers.

    >>> sorted(numbers_in_words("z is one logit (a real number), $b$ is a scalar, c the class"))
    ['b', 'z']
    """
    return set(_IN_WORDS.findall(text))


def _is_line(body: Node) -> bool:
    r"""Whether a set is `\mathbb{R}`, or one of two numbers."""
    match body:
        case tree.Symbol("R", "blackboard"):
            return True
        case tree.Group("{", "}", tree.List(items)):
            return len(items) == 2 and all(map(tree.is_arithmetic, items))
    return False
