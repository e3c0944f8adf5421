"""Steps in time: `h_t = tanh(W_{hh} h_{t-1} + …)`, and names of two letters, from what to what.

Where t - 1 stands below some letter, h_t and h_{t-1} are two arrays, as the layers of a network
are: what is printed of one step is read as being about that step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chainrule.notation import tree
from chainrule.notation.scripts import letter, plain, scripted, subscripts
from chainrule.notation.tree import Node

_TIMES = {"t", "\\tau"}


def steps(nodes: Iterable[Node]) -> set[str]:
    """The letters of time: t, where t - 1 or t + 1 is printed below a letter."""
    found = set()
    for node in nodes:
        for part in scripted(node):
            if isinstance(part, tree.Script):
                marks = subscripts(part.sub)
                found |= {_time(mark) for mark in marks if isinstance(mark, tree.Sum)}
    return found & _TIMES


def _time(mark: Node) -> str:
    match mark:
        case tree.Sum((tree.Symbol() as first, tree.Number()), _):
            return letter(first) or ""
        case tree.Symbol():
            return letter(mark) or ""
    return ""


def step_name(base: str, marks: tuple[Node, ...], times: set[str]) -> tuple[str, tuple[Node, ...]]:
    """(h_{t-1}, other subscripts) for h with the subscripts t - 1, …; else what was given."""
    if times and marks and _time(marks[0]) in times:
        text = plain(marks[0])
        return f"{base}_{text if len(text) == 1 else f'{{{text}}}'}", marks[1:]
    return base, marks


def is_of_step(text: str, letters: Iterable[str]) -> bool:
    """Whether a name is that of a step that runs: h_t under a sum over t."""
    return any(f"_{one}" in text or f"_{{{one}" in text for one in letters)


def routes(nodes: Iterable[Node]) -> set[str]:
    """The letters x, h of names such as W_{xh}: both stand for arrays in some product or sum, and
    neither below Kronecker's delta, where letters count."""
    nodes = list(nodes)
    standing = {text for node in nodes for text in _standing(node)}
    standing -= {text for node in nodes for text in _counting(node)}
    found: set[str] = set()
    for node in nodes:
        for part in scripted(node):
            if isinstance(part, tree.Script) and (letter(part.base) or "?")[0].isupper():
                marks = [letter(mark) for mark in subscripts(part.sub)]
                if len(marks) == 2 and standing.issuperset(marks):
                    found.update(marks)
    return found


def gates(nodes: Iterable[Node]) -> set[str]:
    """The letters of names such as W_z and W_Q, in the formula for z_t or Q itself, or for a^z."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case tree.Chain((head, *bodies), _):
                base = head.base if isinstance(head, tree.Script) else head
                own = letter(base.body if isinstance(base, tree.Accent) else base)
                over = letter(head.sup) if isinstance(head, tree.Script) and head.sup else None
                parts = [part for body in bodies for part in scripted(body)]
                marked = [part for part in parts if isinstance(part, tree.Script)]
                for gate in {own, over} - {None}:
                    found |= {gate for part in marked if _is_weight(part.base, part.sub, gate)}
    return found


def _is_weight(base: Node, sub: Node | None, own: str) -> bool:
    text, marks = letter(base) or "?", [letter(mark) for mark in subscripts(sub)]
    return marks == [own] and (text[0].isupper() or text == "b")


def _standing(node: Node) -> Iterator[str]:
    """The letters that are factors or terms, and those with scripts; none below or above others."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        match node:
            case tree.Script(base, _, sup):
                # The c of "the c^{th} element" is a number.
                yield "" if sup is not None and plain(sup) == "th" else letter(base) or ""
            case tree.Product(inside, _) | tree.Sum(inside, _):
                yield from (letter(one) or "" for one in inside)
                waiting.extend(inside)
            case tree.Big(_, _, _, body):
                waiting.append(body)
            case _:
                waiting.extend(tree.children(node))


def _counting(node: Node) -> Iterator[str]:
    """The letters below Kronecker's delta."""
    for part in scripted(node):
        if isinstance(part, tree.Script) and letter(part.base) == "\\delta":
            marks = [letter(mark) for mark in subscripts(part.sub)]
            if len(marks) == 2:
                yield from filter(None, marks)
