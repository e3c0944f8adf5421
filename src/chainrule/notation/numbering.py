"""Letters that number: what runs in sums, the examples, the layers."""

from __future__ import annotations

from dataclasses import dataclass, field

from chainrule.notation import tree
from chainrule.notation.scripts import (
    layer_mark,
    letter,
    plain,
    scripted,
    subscripts,
    untransposed,
)
from chainrule.notation.tree import Node

# Letters that examples are numbered by where a sum runs over them.
_COUNTING = set("ijkmnr")


def running(node: Node) -> set[str]:
    """The letters that run over something: the w in a sum over w ∈ V, and in w ≠ o the o."""
    found: set[str] = set()
    for part in tree.walk(node):
        if isinstance(part, tree.Big) and part.sub is not None and part.kind != "lim":
            if isinstance(part.sub, tree.Chain):
                found.add(letter(part.sub.members[0]) or "")
            else:
                found |= {letter(mark) or "" for mark in subscripts(part.sub)}
    for part in tree.walk(node):
        match part:
            case tree.Chain((tree.Symbol() as a, tree.Symbol() as b), (tree.Relation("!="),)):
                pair = {letter(a), letter(b)}
                found |= pair if pair & found else set()
    return found - {""}


def layered(node: Node) -> list[str]:
    """The letters that have l + 1 or l - 1 over them."""
    over = (p for p in scripted(node) if isinstance(p, tree.Script) and is_next_layer(p.sup))
    return [base for part in over if (base := letter(part.base)) is not None]


def examples(nodes: list[Node]) -> list[str]:
    """The letters that number examples: the i of a sum over i with x^{(i)} in it."""
    found, steps = [], set()
    for node in nodes:
        for part in tree.walk(node):
            if isinstance(part, tree.Big) and isinstance(part.sub, tree.Chain):
                running = letter(part.sub.members[0])
                over = {_bracketed(one.sup) for one in tree.walk(part.body) if _has_sup(one)}
                if running in over and running in _COUNTING and running not in found:
                    found.append(running)
            if _has_sup(part) and isinstance(part.sup, tree.Group):
                if isinstance(part.sup.body, tree.Sum):
                    steps.add(letter(part.sup.body.terms[0]))
    return [one for one in found if one not in steps]


def _has_sup(node: Node) -> bool:
    return isinstance(node, tree.Script) and node.sup is not None


def _bracketed(mark: Node | None) -> str | None:
    """The i of a superscript (i) or [2](i), transposed or not."""
    match layer_mark(untransposed(mark))[1]:
        case tree.Group("(", ")", tree.Symbol() as inner):
            return letter(inner)
    return None


def layer_sizes(node: Node) -> set[str]:
    """The letters of sizes that differ from layer to layer: the n of ℝ^{n_l × n_{l-1}}."""
    return {
        base
        for part in tree.walk(node)
        if isinstance(part, tree.Big)
        or (isinstance(part, tree.Script) and part.base == tree.Symbol("R", "blackboard"))
        for size in (scripted(part.sup) if part.sup is not None else ())
        if isinstance(size, tree.Script) and is_layer(size.sub)
        if (base := letter(size.base)) is not None
    }


def is_layer(node: Node | None) -> bool:
    """l, L, l + 1 and L - 1: the number of a layer."""
    match node:
        case tree.Symbol("l" | "ell" | "L"):
            return True
        case tree.Sum((tree.Symbol("l" | "ell" | "L"), tree.Number()), _):
            return True
    return False


def is_next_layer(node: Node | None) -> bool:
    """l + 1 and l - 1 as superscripts, in brackets or not: no exponent is printed so."""
    match node.body if isinstance(node, tree.Group) else node:
        case tree.Sum((tree.Symbol("l" | "ell"), tree.Number("1")), _):
            return True
    return False


@dataclass
class Stacks:
    """What sentences say of which matrices things are parts of.

    lines    x → (X, whether x_n is a row, what may be the n in print, or None for anything)
    entries  M → m, for the matrix M of the m_{ij}
    diagonal  the matrices that are said to be diagonal
    """

    lines: dict[str, tuple[str, bool, frozenset[str] | None]] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)
    diagonal: set[str] = field(default_factory=set)

    def has(self, stack: tuple[str, str, bool]) -> bool:
        """Whether some vectors are the rows, or the columns, of a matrix."""
        base, matrix, is_row = stack
        return base in self.lines and self.lines[base][:2] == (matrix, is_row)

    def line(self, base: str, marks: tuple[Node, ...]) -> tuple[str, tuple[Node, ...]] | None:
        """(X, the places n, :) for x with the subscript n, and n, j for its entry x_{nj}."""
        if base not in self.lines or len(marks) not in (1, 2):
            return None
        matrix, is_row, letters = self.lines[base]
        if letters is not None and plain(marks[0]) not in letters:
            return None
        if len(marks) == 2 and (letters is None or plain(marks[1]) in letters):
            # Which of the two is the number of the vector is not known.
            return None
        number, rest = (*marks, tree.Symbol(":"))[:2]
        return matrix, ((number, rest) if is_row else (rest, number))
