"""Names that get their meaning inside a chain: J = C(y, h W) = C(y, σ(x V) W) says what h is.

Two members of a chain that are printed alike, but for one place where the first has a name and
the second a formula, define the name; this counts only for names that no other equation defines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields

from chainrule.notation import tree
from chainrule.notation.cursor import DEEPEST
from chainrule.notation.heads import mentions, undecorated
from chainrule.notation.implied_rows import implied_rows
from chainrule.notation.names import Name, named
from chainrule.notation.scripts import letter
from chainrule.notation.totals import summand, term_of, uncalled
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.usage import Usage


def implied(
    chain: tree.Chain, usage: Usage, free: Callable[[str], bool], bodies: dict[str, Node]
) -> Iterator[tuple[Node, str, Node]]:
    """(the name as printed, its text, its formula) for each name that a chain defines, beside its
    head.

    free    whether nothing else gives the name a meaning
    bodies  the formulas of defined names
    """
    found = (*_on_the_way(chain, usage, free, bodies), *_terms(chain, usage))
    yield from (one for one in found if free(one[1]))
    yield from implied_rows(chain, usage)


def _on_the_way(
    chain: tree.Chain, usage: Usage, free: Callable[[str], bool], bodies: dict[str, Node]
) -> Iterator[tuple[Node, str, Node]]:
    """Where one member has a name and the next a formula."""
    for before, member, relation in zip(
        chain.members, chain.members[1:], chain.relations, strict=False
    ):
        if relation.kind not in EQUAL:
            continue
        if (name := _second_name(chain, before, usage)) is not None and free(name):
            others = [body for body in bodies.values() if body is not chain.members[1]]
            used = any(mentions(body, name, usage) for body in (*others, member))
            if _is_formula(member) and not used:
                yield undecorated(before), name, member
                continue
        found = _difference(undecorated(before), undecorated(member), usage, bodies, 0)
        inside = _inside_brackets(undecorated(before), bodies, usage)
        for node, formula in found or ():
            if node not in inside:
                continue
            text = named(node, usage).text
            if free(text) and _is_formula(formula) and not mentions(member, text, usage):
                yield node, text, formula


def _second_name(chain: tree.Chain, member: Node, usage: Usage) -> str | None:
    """The a of `ŷ = a = σ(z)`, or of `ŷ_w = a_w = …`: one more name for what a chain defines."""
    if member is chain.members[0] or any(r.kind not in EQUAL for r in chain.relations):
        return None
    names = [named(undecorated(one), usage) for one in (chain.members[0], member)]
    for name in names:
        if name is None or name.power is not None or name.transpose or name.primes:
            return None
    if all(len(name.places) == name.example for name in names):
        return names[1].text
    # ŷ_w = P_w = …
    return names[1].text if names[0].places == names[1].places else None


def _terms(chain: tree.Chain, usage: Usage) -> Iterator[tuple[Node, str, Node]]:
    """(L_i, its name, the term) for a sum L = Σ_i … of which the terms are called L_i elsewhere."""
    head, found = uncalled(undecorated(chain.members[0])), term_of(chain)
    text = letter(head)
    if found is not None and text in usage.totals and chain.relations[0].kind in EQUAL:
        term = tree.Script(head, found[0], start=head.start, end=head.end)
        printed = letter(found[0]) in usage.counting.axes.get((text, 0), ())
        if printed and named(term, usage).text == summand(text):
            yield term, summand(text), found[1]


def implied_functions(
    chain: tree.Chain, free: Callable[[str], bool]
) -> Iterator[tuple[tree.Product, Node]]:
    """(the call as printed, its formula) for each function that a chain defines on the way.

    `a g(x) - g(-x) = a e^x - e^{-x}` says what g(x) is. Of several calls the one at a plain letter
    counts; the others are then claims.
    """
    for before, member, relation in zip(
        chain.members, chain.members[1:], chain.relations, strict=False
    ):
        if relation.kind in EQUAL:
            for call, formula in _calls(undecorated(before), undecorated(member), free, 0) or ():
                if letter(call.factors[1].body) is not None and _depends(formula, call):
                    yield call, formula


def _calls(
    a: Node, b: Node, free: Callable[[str], bool], depth: int
) -> list[tuple[tree.Product, Node]] | None:
    """The places where a calls a free function and b has a formula; None where they differ else."""
    if a == b or depth > DEEPEST:
        return [] if a == b else None
    match a:
        case tree.Product((word, tree.Group("(")), ("",)) if free(letter(word) or ""):
            return [(a, b)]
    mine, others = tree.children(a), tree.children(b)
    if type(a) is not type(b) or len(mine) != len(others) or _print(a) != _print(b):
        return None
    found: list[tuple[tree.Product, Node]] = []
    for one, other in zip(mine, others, strict=True):
        part = _calls(one, other, free, depth + 1)
        if part is None:
            return None
        found.extend(part)
    return found


def _depends(formula: Node, call: tree.Product) -> bool:
    """Whether a formula has the argument of a call in it, and not the function."""
    letters = [letter(part) for part in tree.walk(formula)]
    return letter(call.factors[1].body) in letters and letter(call.factors[0]) not in letters


def _inside_brackets(node: Node, bodies: dict[str, Node], usage: Usage) -> set[Node]:
    """What stands in brackets or under a function: `a b = a c d` is a claim and defines nothing."""
    found: set[Node] = set()
    for part in tree.walk(node):
        name = named(part, usage)
        if isinstance(part, (tree.Group, tree.Apply, tree.Big)):
            found.update(tree.walk(part))
        elif name is not None and name.text in bodies:
            found |= _inside_brackets(bodies[name.text], {}, usage)
    return found


def _is_formula(node: Node) -> bool:
    return any(isinstance(part, (tree.Product, tree.Apply)) for part in tree.walk(node))


def _difference(
    a: Node, b: Node, usage: Usage, bodies: dict[str, Node], depth: int
) -> list[tuple[Node, Node]] | None:
    """The places where a has a name and b a formula; None where they differ otherwise."""
    if a == b or depth > DEEPEST:
        return [] if a == b else None
    if (name := named(a, usage)) is not None:
        return _at_name(a, name, b, usage, bodies, depth)
    if isinstance(a, tree.Product) and isinstance(b, tree.Product):
        a, b = _gathered(a, b)
    mine, others = tree.children(a), tree.children(b)
    if type(a) is not type(b) or len(mine) != len(others) or _print(a) != _print(b):
        return None
    found: list[tuple[Node, Node]] = []
    for one, other in zip(mine, others, strict=True):
        part = _difference(one, other, usage, bodies, depth + 1)
        if part is None:
            return None
        found.extend(part)
    return found


def _at_name(a: Node, name: Name, b: Node, usage, bodies, depth) -> list[tuple[Node, Node]] | None:
    if name.places or name.power is not None or name.transpose or name.primes:
        return None
    if (other := named(b, usage)) is not None:
        return [] if other == name else None
    if name.text in bodies:
        return _difference(bodies[name.text], b, usage, bodies, depth + 1)
    return [(a, b)]


def _gathered(a: tree.Product, b: tree.Product) -> tuple[tree.Product, Node]:
    """Of `h W` and `f(x) W`, the second with f(x) as one factor, as h is one."""
    more = len(b.factors) - len(a.factors)
    if more <= 0:
        return a, b
    same = (one == other for one, other in zip(a.factors, b.factors, strict=False))
    first = next((place for place, equal in enumerate(same) if not equal), len(a.factors) - 1)
    last = first + more
    run = b.factors[first : last + 1]
    inner = tree.Product(run, b.operators[first:last], start=run[0].start, end=run[-1].end)
    factors = (*b.factors[:first], inner, *b.factors[last + 1 :])
    operators = (*b.operators[:first], *b.operators[last:])
    return a, tree.Product(factors, operators, start=b.start, end=b.end)


def _print(node: Node) -> list:
    """What a node prints itself: signs, operators, brackets; not what is inside it."""
    values = (getattr(node, one.name) for one in fields(node) if one.compare)
    return [_outline(value) for value in values]


def _outline(value):
    if isinstance(value, Node):
        return True
    return tuple(map(_outline, value)) if isinstance(value, tuple) else value
