"""Functions that stand for their values: after `s(x)_i = …` or `s_i(x) = …` people write s_i and s.

Such a function is a value: `s(x)` is read as s. Where it is taken at other arguments, too, it stays
a function there, under a name that cannot be printed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.name_marks import PARAMETERS
from chainrule.notation.neighbours import with_factors
from chainrule.notation.primes import mentions_alone
from chainrule.notation.scope import DocumentFunction
from chainrule.notation.scripts import MINUS_ONE, letter, plain
from chainrule.notation.tree import Node

# What a letter behind these is differentiated, and not yet used as a value.
_OPERATORS = {"\\partial", "\\nabla", "d", "D"}


def without_arguments(
    statements: list[tree.Statement],
) -> tuple[list[tree.Statement], list[DocumentFunction]]:
    """The statements with the name alone for each value of a function, and the functions."""
    chains = [one.chain for one in statements if isinstance(one.chain, tree.Chain)]
    values = _values(chains)
    if not values:
        return statements, []
    renamed = [replace(one, chain=_renamed(one.chain, values)) for one in statements]
    functions = {}
    for before, after in zip(statements, renamed, strict=True):
        text = _defined(before.chain)
        if text in values and text not in functions:
            functions[text] = _function(text, before.chain, after.chain)
    return renamed, list(functions.values())


def _function(text: str, before: tree.Chain, after: tree.Chain) -> DocumentFunction:
    word, bracket = before.members[0].factors
    marked = next((one for one in (word, bracket) if isinstance(one, tree.Script)), None)
    index = None if marked is None else letter(marked.sub)
    arguments = _items(_inner(bracket))
    names = tuple(map(letter, arguments))
    return DocumentFunction(elsewhere(text), names, arguments, after.members[1], index)


def elsewhere(text: str) -> str:
    """The name of a function that stands for its value, where it is taken at other arguments."""
    return f"{text}()"


def _values(chains: list[tree.Chain]) -> dict[str, str]:
    """The letters that are defined as functions and stand alone, too, with their own argument.

    A function that is taken at several arguments must have a subscript where it stands alone. What
    has several definitions is left as it is.
    """
    found = defaultdict(set)
    arrays = set(map(_array, chains))
    for chain in chains:
        text = _defined(chain)
        if text is not None and not (text in arrays and _is_script(chain)):
            found[text].add((_argument(chain.members[0].factors[1]), tree.show(chain.members[1])))
    if any(map(_has_variance, chains)):
        # A standard deviation, and no value of a function.
        found.pop("\\sigma", None)
    defined = {text: pairs.pop()[0] for text, pairs in found.items() if len(pairs) == 1}
    if not defined:
        return {}
    taken, alone = defaultdict(set), defaultdict(set)
    for chain in chains:
        for text, argument, placed in _uses(chain):
            if argument is None:
                alone[text].add(placed)
            else:
                taken[text].add(argument)
    several = {text for text, arguments in taken.items() if len(arguments) > 1}
    return {
        text: own
        for text, own in defined.items()
        if "'" not in taken[text] and alone[text] and (text not in several or True in alone[text])
    }


def _defined(chain: Node) -> str | None:
    """The s of `s(x) = …`, `s(x)_i = …` or `s_i(x) = …`, for a lone letter and names in the
    bracket."""
    match chain:
        case tree.Chain(
            (tree.Product((word, bracket), ("",)), body, *_), (first, *_)
        ) if _is_word(word):
            inner, text = _inner(bracket), letter(_inner(word))
            known = function_named(text) is not None and text != "\\sigma"
            if isinstance(bracket, tree.Script) and letter(bracket.sub) is None:
                # `s(x)_1` is one component.
                return None
            if first.kind in ("=", ":=", "equiv") and _is_of_names(inner) and not known:
                own = (letter(part) for part in tree.walk(body) if isinstance(part, tree.Symbol))
                return None if text in own else text
    return None


def _has_variance(chain: tree.Chain) -> bool:
    """Whether σ^2 is printed, of a σ without an argument."""
    return any(
        isinstance(part, tree.Script)
        and letter(part.base) == "\\sigma"
        and part.sup == tree.Number("2")
        for part in tree.walk(chain)
    )


def _array(chain: Node) -> str | None:
    """The p of `p = …` and `p_i = …`."""
    match chain:
        case tree.Chain((head, *_), (sign, *_)) if _is_word(head) and sign.kind in ("=", ":="):
            return letter(_inner(head))
    return None


def _is_script(chain: tree.Chain) -> bool:
    """Whether the head is `s_i(x)`."""
    return isinstance(chain.members[0].factors[0], tree.Script)


def _is_word(node: Node) -> bool:
    """Whether a node is s or s_i."""
    match node:
        case tree.Symbol() | tree.Script(tree.Symbol(), tree.Symbol(), None, 0):
            return True
    return False


def _inner(bracket: Node | None) -> Node | None:
    return bracket.base if isinstance(bracket, tree.Script) else bracket


def _is_of_names(node: Node) -> bool:
    if not isinstance(node, tree.Group) or node.open != "(":
        return False
    return all(isinstance(item, tree.Symbol) for item in _items(node))


def _items(group: tree.Group) -> tuple[Node, ...]:
    return group.body.items if isinstance(group.body, tree.List) else (group.body,)


def _argument(bracket: Node) -> str:
    return plain(_inner(bracket).body)


def _uses(node: Node) -> Iterator[tuple[str, str | None, bool]]:
    """(letter, the argument behind it or None for one alone, whether it has a subscript)."""
    match node:
        case tree.Symbol(_, "blackboard"):
            # ℝ is no R.
            return
        case tree.Symbol():
            yield letter(node), None, False
        case tree.Script(tree.Symbol(_, font) as base, sub, sup, primes) if font != "blackboard":
            # A derivative f' is one of a function, as an inverse f^{-1} may be; f_θ is another.
            if letter(sub) not in PARAMETERS:
                still = primes or sup == MINUS_ONE
                yield letter(base), "'" if still else None, sub is not None
            for part in filter(None, (sub, sup)):
                yield from _uses(part)
        case tree.Product(factors, operators):
            yield from _uses_in_product(factors, ("", *operators))
        case _:
            for part in tree.children(node):
                yield from _uses(part)


def _uses_in_product(factors, operators) -> Iterator[tuple[str, str | None, bool]]:
    place = 0
    while place < len(factors):
        factor, lone = factors[place], isinstance(factors[place], tree.Symbol)
        behind = factors[place + 1] if place + 1 < len(factors) else None
        called = _may_be_called(factor) and _is_called(_inner(factor), behind)
        if called and not operators[place + 1]:
            yield letter(_inner(factor)), _argument(behind), False
            yield from _uses(behind)
            place += 1
        elif not (lone and place and _is_operator(factors[place - 1])):
            yield from _uses(factor)
        place += 1


def _may_be_called(node: Node) -> bool:
    """Whether a node is s, s_i, or a power of s as in `s^2(x)`."""
    match node:
        case tree.Script(tree.Symbol(), None, tree.Number(), 0):
            return True
    return _is_word(node)


def _is_called(word: tree.Symbol, behind: Node | None) -> bool:
    """Whether a bracket holds an argument: that of `f (1 - f)` is a factor, of `f(f(x))` none."""
    inner = _inner(behind)
    if not isinstance(inner, tree.Group) or inner.open != "(":
        return False
    return word not in tree.walk(inner) or not mentions_alone(inner, letter(word) or "")


def _is_operator(node: Node) -> bool:
    return letter(node.base if isinstance(node, tree.Script) else node) in _OPERATORS


def _renamed(chain: Node, values: dict[str, str]) -> Node:
    """A chain with s for `s(x)`, and the name of the function for its other values; for all of
    them, where some are set beside others: `s(x + c) = s(x)`."""
    beside = {text for text, own, _ in _uses(chain) if own not in (None, values.get(text))}

    def change(part: Node) -> Node:
        if not isinstance(part, tree.Product):
            return part
        factors, operators = list(part.factors), list(part.operators)
        for place in reversed(range(len(operators))):
            word, bracket = factors[place], factors[place + 1]
            text = letter(_inner(word)) if _may_be_called(word) else None
            if text not in values or operators[place] or not _is_called(_inner(word), bracket):
                continue
            if text in beside:
                factors[place] = _at_other_arguments(word, text)
                continue
            if isinstance(bracket, tree.Script):
                factors[place] = replace(bracket, base=word, start=word.start)
            else:
                factors[place] = replace(word, end=bracket.end)
            del factors[place + 1], operators[place]
        return with_factors(part, factors, operators)

    return tree.transformed(chain, change)


def _at_other_arguments(word: Node, text: str) -> Node:
    """The function in the place of s or s_i."""
    if isinstance(word, tree.Script):
        return replace(word, base=replace(word.base, name=elsewhere(text)))
    return replace(word, name=elsewhere(text))
