"""How many parameters there are: the sum of the products of the shapes that are stated.

`θ = [W, b]` with stated shapes and `n_θ = m × n + m`, or an expression of the sizes alone after a
list of shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, islice
from operator import itemgetter

import numpy as np

from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.errors import ChainruleError
from chainrule.language.algebra import count
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Expr
from chainrule.language.index import Size
from chainrule.language.usage import uses
from chainrule.notation import tree
from chainrule.notation.choices import Choices
from chainrule.notation.document import Document
from chainrule.notation.heads import undecorated
from chainrule.notation.meaning import Meaning
from chainrule.notation.misread import Misread
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.sentences import FORMULA
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit

_COUNTED = re.compile(
    r"\b(?:number|count|amount|total) of (?:the |all |scalar |trainable |learnable |model )*"
    r"(?:parameters|weights)|\bparameters in total|\bhow many parameters"
    r"|\bnombre (?:total )?de (?:paramètres|poids)"
    r"|\b(?:Anzahl (?:aller |der )?|Zahl der )Parameter",
    re.I,
)
_NOT_ALL = re.compile(r"\b(?:hidden|output|conv\w*|this|each|first|second) layer", re.I)
MOST_READINGS, MOST_CHOICES = 16, 256
# Pairwise different sizes, for two tries.
_SIZES = ((3, 5, 7, 11, 13, 17, 19, 23), (4, 9, 2, 6, 25, 8, 10, 31))


def packs(document: Document, page: Page) -> dict[str, tuple[tree.Node, ...]]:
    """Names of packed parameters, `θ = [W, b]`, and what is in them."""
    found = {}
    for item in page.in_turn(page.reading.chains):
        head, body = undecorated(item.members[0]), undecorated(item.members[1])
        name = named(head, item.scope.usage)
        entries = pack_entries(body, item.scope)
        if name is not None and not name.places and entries and item.relations[0].kind in _SAYS:
            found.setdefault(name.text, entries)
    return found


_SAYS = {"=", ":=", "equiv"}


def pack_entries(node: Node, scope: Scope) -> tuple[Node, ...]:
    """The names in `[W_1, b_1]`, `{W, b}` or `(W, b)`, at least one of them a matrix."""
    match node:
        case tree.Group("[" | "{" | "(", _, tree.List(items, _)):
            names = [named(item, scope.usage) for item in items]
            plain = all(name is not None and not name.places for name in names)
            if plain and any(len(scope.symbol(name.text).sizes) == 2 for name in names):
                return items
    return ()


def findings(page: Page) -> Iterator[Finding]:
    """The counts of parameters: `n_θ = …`, and lone expressions of sizes."""
    packed = packs(page.document, page)
    for item in page.in_turn(page.reading.chains):
        text = page.document.text
        shown = named(undecorated(item.members[0]), item.scope.usage)
        if item.relations[0].kind not in _SAYS or len(item.members) < 2:
            continue
        subject = _counts(undecorated(item.members[0]), packed)
        if subject is None and shown is not None and not shown.places:
            before = text[max(0, item.members[0].start - 160) : item.members[0].start]
            if _COUNTED.search(before.rsplit("\n\n", 2)[-1] or before):
                subject = next(iter(packed), None) if packed else None
        if subject is None:
            continue
        scope = _last_scope(page)
        wanted = _total(packed[subject], scope)
        for member in item.members[1:]:
            found = _judged(page, member, wanted, item.scope)
            if found is not None:
                yield found
    yield from _alone(page)


def _last_scope(page: Page) -> Scope:
    return page.reading.scope.copy()


def _counts(head: Node, packed: dict) -> str | None:
    """`n_θ`, `N_θ`, `|θ|`, `dim θ`: the pack whose numbers are counted."""
    match head:
        case tree.Script(tree.Symbol("n" | "N" | "P" | "d"), sub, None):
            inner = sub
        case tree.Group("|", _, body):
            inner = body
        case tree.Apply(tree.Symbol("dim"), argument):
            inner = argument
        case _:
            return None
    name = inner.name if isinstance(inner, tree.Symbol) else ""
    return next((pack for pack in packed if pack.lstrip("\\") == name), None)


def _total(entries: tuple[Node, ...], scope: Scope) -> list[tuple[Size, ...]] | None:
    """The shapes of all entries, where all are stated."""
    shapes = []
    for entry in entries:
        symbol = scope.symbols.get(named(entry, scope.usage).text)
        if symbol is None or not symbol.declared:
            return None
        shapes.append(tuple(scope.sizes.find(size) for size in symbol.sizes))
    return shapes


def _judged(
    page: Page, member: Node, shapes: list[tuple[Size, ...]] | None, scope: Scope
) -> Finding | None:
    expr = size_expression(member, scope)
    if expr is None or shapes is None:
        return None
    names = sorted({size for shape in shapes for size in shape if isinstance(size, str)})
    why = None
    for numbers in _SIZES:
        sizes = dict(zip(names, numbers, strict=False))
        wanted = sum(int(np.prod([sizes.get(s, s) for s in shape])) for shape in shapes)
        try:
            value = float(evaluate(expr, {}, sizes))
        except ChainruleError:
            return None
        if value != wanted:
            given = ", ".join(f"{name} = {number}" for name, number in sizes.items())
            why = why or f"with {given}: {value:.12g} against {wanted}"
    if why is None:
        return page.finding(member.start, member.end, "holds", reading="the number of parameters")
    sign = r" \times " if r"\times" in page.document.text[member.start : member.end] else " "
    return page.finding(
        member.start,
        member.end,
        "wrong",
        reading="the number of parameters",
        counterexample=why,
        diagnosis="the shapes that are stated have another number of entries",
        correction=" + ".join(_printed(shape, sign) for shape in shapes),
    )


def _printed(shape: tuple[Size, ...], sign: str) -> str:
    return sign.join(map(str, shape)) or "1"


def size_expression(node: Node, scope: Scope) -> Expr | None:
    """A formula of sizes and numbers alone, as an expression."""
    node = undecorated(node)
    try:
        return _sized(node, Meaning(scope.copy(), Choices()))
    except (Misread, Misfit, ChainruleError):
        return None


def _sized(node: Node, meaning: Meaning) -> Expr:
    match node:
        case tree.Number(text) if text.isdigit():
            return count(int(text))
        case tree.Symbol() | tree.Script() | tree.Accent():
            name = named(node, meaning.scope.usage)
            known = name is not None and not name.places and name.power is None
            if known and name.text in meaning.scope.size_names:
                return count(meaning.scope.sizes.find(name.text))
        case tree.Group("(" | "[" | "{", _, body):
            return _sized(body, meaning)
        case tree.Product(factors, operators):
            if _called(factors, operators) or set(operators) <= {"", "times", "cdot"}:
                result = _sized(factors[0], meaning)
                for factor in factors[1:]:
                    result = result * _sized(factor, meaning)
                return result
        case tree.Sum(terms, signs) if set(signs) <= {"+", "-"}:
            parts = [
                _sized(term, meaning) * (1 if sign == "+" else -1)
                for sign, term in zip(signs, terms, strict=True)
            ]
            return sum(parts[1:], parts[0])
    raise Misread(node)


def _called(factors, operators) -> bool:
    return len(factors) == 2 and operators == ("",)


def _alone(page: Page) -> Iterator[Finding]:
    """An expression of sizes alone after a list of shapes: what they add up to."""
    pairs = zip([None, *page.sentences], page.sentences, strict=False)
    for last, sentence in page.in_turn(pairs, itemgetter(1)):
        mark = sentence.flat.strip().rstrip(".")
        before = _COUNTED.search(sentence.flat)
        said = before or (last is not None and _COUNTED.search(last.flat))
        marks = re.findall(FORMULA, sentence.flat)
        lone = mark in sentence.prints
        if not lone and not (before and len(marks) == 1):
            continue
        if before and _NOT_ALL.search(sentence.flat):
            continue
        printed = sentence.prints[mark if lone else marks[0]]
        node = printed.node
        if not isinstance(undecorated(node), (tree.Sum, tree.Product)):
            continue
        scope = page.scope_at(node.start)
        shapes = _listed_shapes(page, node.start)
        if len(shapes) < 2 or not _has_sum(node) or size_expression(node, scope) is None:
            continue
        found = [_judged(page, node, some, page.reading.scope) for some in _learned(page, shapes)]
        best = min(filter(None, found), key=lambda one: one.verdict != "holds", default=None)
        if best is None or not (said or best.verdict == "holds"):
            continue
        others = (_judged(page, node, some, page.reading.scope) for some in _others(page, shapes))
        if best.verdict == "holds" or not any(one.verdict == "holds" for one in others if one):
            yield best


def _learned(page: Page, shapes: dict[str, tuple[Size, ...]]) -> list[list[tuple[Size, ...]]]:
    """The shapes of what may be meant to be learned: not the data, as x of W x + b.

    A vector that a definition adds on is a bias, and one beside matrices that is only multiplied or
    compared comes from the data; where definitions of the others leave it open, it may be either.
    """
    program = page.reading.scope.program(archived=True)
    biases = {array.name for array in uses(program)[1]}
    known = {array.name for array in program.inputs}
    if not known & shapes.keys() or all(len(shape) < 2 for shape in shapes.values()):
        return [list(shapes.values())]
    vectors = [name for name, shape in shapes.items() if len(shape) == 1 and name not in biases]
    unknown = [name for name in vectors if name not in known]
    certain = [name for name in shapes if name not in vectors]
    chosen = (some for n in range(len(unknown) + 1) for some in combinations(unknown, n))
    return [[shapes[name] for name in (*certain, *some)] for some in islice(chosen, MOST_READINGS)]


def _others(page: Page, shapes: dict[str, tuple[Size, ...]]) -> Iterator[list[tuple[Size, ...]]]:
    """What else may be meant to be learned, where the formulas add what no sentence lists: the
    matrices, and some of the vectors and numbers."""
    scope = page.reading.scope
    added = uses(scope.program(archived=True))[1]
    more = {array.name: tuple(map(scope.sizes.find, array.sizes)) for array in added}
    if more.keys() <= shapes.keys():
        return iter(())
    whole = {**more, **shapes}
    certain = [shape for shape in whole.values() if len(shape) > 1]
    rest = [shape for shape in whole.values() if len(shape) < 2]
    chosen = (some for n in range(len(rest) + 1) for some in combinations(rest, n))
    return ([*certain, *some] for some in islice(chosen, MOST_CHOICES))


def _has_sum(node: Node) -> bool:
    return any(isinstance(part, tree.Sum) for part in tree.walk(node))


def _listed_shapes(page: Page, offset: int) -> dict[str, tuple[Size, ...]]:
    """The last shapes stated above, one after the other, by `W: m × n` or `W ∈ ℝ^{m × n}`."""
    found: dict[str, tuple[Size, ...]] = {}
    for item in page.chains_before(offset):
        if item.relations[0].kind not in ("in", ":", "to") or len(item.members) != 2:
            if found:
                break
            continue
        name = named(undecorated(item.members[0]), item.scope.usage)
        symbol = None if name is None else page.reading.scope.symbols.get(name.text)
        if symbol is None or not symbol.declared or name.text in found:
            break
        found[name.text] = tuple(page.reading.scope.sizes.find(size) for size in symbol.sizes)
    return dict(reversed(found.items()))
