"""Indices: swapped, another one, or with another sign between them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from chainrule.checker.slips.misprint import Edit, Print, shown
from chainrule.notation import tree
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.tree import Node


def indices(printed: Print, node: Node) -> Iterator[Edit]:
    if not isinstance(node, tree.Script) or node.sub is None:
        return
    marks = subscripts(node.sub)
    print_ = printed.source(node)
    if len(marks) == 2:
        (a, b), (c, d) = map(printed.span, marks)
        if b <= c:
            text = printed.document.text
            new = text[c:d] + text[b:c] + text[a:b]
            yield Edit(a, d, new, f"the indices of {shown(print_)} are swapped")
    for mark in marks:
        for other in printed.letters:
            if letter(mark) in printed.letters and letter(mark) != other:
                start, end = printed.span(mark)
                own = printed.span(node)[0]
                fixed = print_[: start - own] + other + print_[end - own :]
                sentence = f"an index is wrong: {shown(print_)} should be {shown(fixed)}"
                yield Edit(start, end, other, sentence)


def moved_letters(printed: Print, node: Node) -> Iterator[Edit]:
    """The letter of a sum in the wrong place: `\\sum_k a_{kj}` for `\\sum_k a_{ik}`."""
    marks = subscripts(node.sub) if isinstance(node, tree.Script) else ()
    if len(marks) != 2:
        return
    (a, b), (c, d) = map(printed.span, marks)
    text, own = printed.document.text, printed.source(node)
    for other in printed.letters:
        if b <= c and other not in (text[a:b], text[c:d]):
            for new in (f"{other} {text[a:b]}", f"{text[c:d]} {other}"):
                yield Edit(a, d, new, f"the letters below {shown(own)} are wrong: {new} is meant")


def signs_of_marks(printed: Print, node: Node) -> Iterator[Edit]:
    """`d_{j-k+1}` for `d_{j+k-1}`: all signs below a name; `w_{i-j}` for `w_{j-i}`."""
    if not isinstance(node, tree.Script) or node.sub is None:
        return
    for mark in subscripts(node.sub):
        match mark:
            case tree.Sum((tree.Symbol() as one, tree.Symbol() as other), ("+", "-")):
                new = f"{printed.source(other)} - {printed.source(one)}"
                sentence = f"an index of {shown(printed.source(node))} runs backwards"
                yield printed.replace(mark, new, sentence)
    start, end = printed.span(node.sub)
    own = printed.document.text[start:end]
    if "+" in own or "-" in own:
        new = own.translate(str.maketrans("+-", "-+"))
        whole = printed.source(node)
        fixed = whole.replace(own, new)
        yield Edit(start, end, new, f"an index is wrong: {shown(whole)} should be {shown(fixed)}")


def numbers_of_elements(printed: Print, node: Node) -> Iterator[Edit]:
    """Another number of elements: at the bound of a sum, or below a one."""
    match node:
        case tree.Big(_, _, tree.Symbol() as mark):
            pass
        case tree.Script(base, tree.Symbol() as mark) if "1" in printed.source(base):
            pass
        case _:
            return
    own = printed.source(mark)
    for other in sorted(printed.lengths - {own}) if own in printed.lengths else ():
        sentence = f"{shown(own)} stands where {shown(other)} is meant"
        yield printed.replace(mark, other, sentence)


def exchanged_letters(printed: Print, node: Node) -> Iterator[Edit]:
    """`a_i b_j` for `a_j b_i`: two letters exchanged wherever they stand below names."""
    if node is not printed.node:
        return
    scripts = [part for part in tree.walk(node) if isinstance(part, tree.Script) and part.sub]
    places = {printed.span(p): letter(p) for one in scripts for p in tree.walk(one.sub)}
    own, start = printed.source(node), printed.span(node)[0]
    for pair in combinations(sorted(printed.letters_of(node)), 2):
        other, new, at = dict(zip(pair, pair[::-1], strict=True)), "", 0
        for (a, b), mark in sorted(places.items()):
            if mark in other:
                new, at = new + own[at : a - start] + other[mark], b - start
        sentence = f"the indices {shown(pair[0])} and {shown(pair[1])} are exchanged"
        yield printed.replace(node, new + own[at:], sentence)


def swapped_everywhere(printed: Print, node: Node) -> Iterator[Edit]:
    """The two indices of a name exchanged wherever it is printed, if that is more than once."""
    if node is not printed.node:
        return
    start, end = printed.span(node)
    named_twice: dict[str, list[tuple[int, int, int, int]]] = {}
    for part in tree.walk(node):
        marks = subscripts(part.sub) if isinstance(part, tree.Script) else ()
        if len(marks) == 2:
            (a, b), (c, d) = map(printed.span, marks)
            if start <= a < b <= c < d <= end:
                named_twice.setdefault(letter(part.base) or "", []).append((a, b, c, d))
    text = printed.document.text
    for name, places in named_twice.items():
        if len(places) > 1:
            new, at = "", start
            for a, b, c, d in sorted(places):
                new += text[at:a] + text[c:d] + text[b:c] + text[a:b]
                at = d
            sentence = f"the indices of {shown(name)} are swapped"
            yield Edit(start, end, new + text[at:end], sentence)
