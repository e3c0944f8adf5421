"""Definitions as one line of plain text in index notation, for comments in emitted code."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from chainrule.language.algebra import split_number
from chainrule.language.expr import (
    Add,
    Along,
    Apply,
    Const,
    Delta,
    Element,
    Expr,
    Mul,
    OfMatrix,
    Position,
    Power,
    Reduce,
    Where,
    bound_indices,
    children,
    places,
)
from chainrule.language.index import Index, Size, is_written, place_of, show_place
from chainrule.language.passes import parts
from chainrule.language.program import Definition, Program
from chainrule.language.walk import walk

SUM, PRODUCT, POWER, ATOM = range(4)
LONGEST = 400
LARGEST = 1000


def describe(definition: Definition) -> str:
    """`phi[n, j] = b_1[j] + sum_i W_1[i, j] x[n, i]`; cut short where it is very long."""
    large = definition.body.size > LARGEST
    writer = _Writer(_names(definition.indices, () if large else (definition.body,)))
    places = [place_of(index) for index in definition.indices]
    left = definition.name + (f"[{writer.listed(places)}]" if places else "")
    right = "…" if large else writer.text(definition.body)
    text = f"{left} = {right}"
    return text if len(text) <= LONGEST else text[: LONGEST - 2] + " …"


def _names(indices: Iterable[Index], bodies: Iterable[Expr]) -> dict[Index, str]:
    """Indices that nobody wrote, named by letters that are not used."""
    found = dict.fromkeys(indices)
    for part in parts(*bodies):
        here = [index for place in places(part) for index in place.indices]
        found |= dict.fromkeys((*sorted(here, key=repr), *bound_indices(part)))
    used = {index.name for index in found}
    letters = itertools.chain("ijklmnpqrst", map("i_{}".format, itertools.count(1)))
    free = (letter for letter in letters if letter not in used)
    return {index: index.name if is_written(index) else next(free) for index in found}


class _Writer:
    """The text of each node with how tightly it binds."""

    def __init__(self, names: dict[Index, str]):
        self.names = names

    def text(self, expr: Expr) -> str:
        return walk(self.visit, expr)[0]

    def visit(self, node: Expr):
        kids = []
        for kid in children(node):
            kids.append((yield kid))
        match node:
            case Const(value):
                return (str(value), ATOM if value >= 0 and value.denominator == 1 else PRODUCT)
            case Element(array, found):
                return (array.name + (f"[{self.listed(found)}]" if found else ""), ATOM)
            case Position(place):
                return (f"({self.listed([place])})", ATOM)
            case Delta(left, right):
                return (f"delta({self.listed([left, right])})", ATOM)
            case Add(terms):
                return (_sum(terms, kids), SUM)
            case Mul():
                return (_product(kids), PRODUCT)
            case Power():
                return (f"{_held(kids[0], ATOM)}**{_held(kids[1], ATOM)}", POWER)
            case Apply(function):
                return (f"{function.name}({kids[0][0]})", ATOM)
            case Along(function, index, _, at):
                read = "" if at is None else f"[{self.listed([at])}]"
                return (f"{function.name}_{self.names[index]}({kids[0][0]}){read}", ATOM)
            case OfMatrix(function, rows, columns, _, at):
                read = f"[{self.listed(at)}]" if at else ""
                over = f"{self.names[rows]}{self.names[columns]}"
                return (f"{function.name}_{over}({kids[0][0]}){read}", ATOM)
            case Reduce(_, index, body):
                if index not in body.free:
                    return (str(index.size), ATOM)
                return (f"{node.kind}_{self.names[index]} {_held(kids[0], PRODUCT)}", PRODUCT)
            case Where(kind):
                left, right, yes, no = (text for text, _ in kids)
                return (f"({yes} if {left} {kind} {right} else {no})", ATOM)

    def listed(self, found) -> str:
        return ", ".join(show_place(place, self.names) for place in found)


def _held(part: tuple[str, int], least: int) -> str:
    text, binding = part
    return text if binding >= least else f"({text})"


def _product(kids: list[tuple[str, int]]) -> str:
    """Sums in a product stand in brackets unless they come last."""
    text, binding = kids[0]
    if text.startswith("-") and binding == PRODUCT:
        number = text.removeprefix("-")
        positive = [] if number == "1" else [f"({number})" if "/" in number else number]
        return "-" + " ".join([*positive, *(_held(kid, POWER) for kid in kids[1:])])
    return " ".join(_held(kid, POWER) for kid in kids)


def _sum(terms: tuple[Expr, ...], kids: list[tuple[str, int]]) -> str:
    """Terms with a minus sign come last."""
    plus = [kid[0] for term, kid in zip(terms, kids, strict=True) if split_number(term)[0] > 0]
    minus = [kid[0] for term, kid in zip(terms, kids, strict=True) if split_number(term)[0] < 0]
    text = " + ".join(plus)
    for written in minus:
        written = written.removeprefix("-").lstrip()
        text = f"{text} - {written}" if text else f"-{written}"
    return text


def of_size(program: Program, size: Size) -> str:
    """What a size that no input has counts; the names that the document has come first."""
    having = [d.name for d in program.definitions if size in d.array.sizes and " " not in d.name]
    return f"the length of {having[0]}" if having else "a number of elements"
