"""One change of what is printed: the second part of the catalogue of mistakes.

Every rule proposes changes of the source of a false member, each with the sentence that would be
true if the change made it right. Whether it does is found by reading and judging the changed
member. To add a kind of mistake, add a rule to RULES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice, pairwise

from chainrule.checker.misprint import Edit, Print, is_operand, shown
from chainrule.checker.missing import missing_factors, missing_ones, missing_terms
from chainrule.notation import tree
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.names import letter, named, subscripts
from chainrule.notation.scripts import is_transposed
from chainrule.notation.tree import Node

# So many changes of each rule are tried before the rest of any.
FEW = 4

Rule = Callable[[Print, Node], Iterator[Edit]]


def likeliest(printed: Print, rules: tuple[Rule, ...]) -> Iterator[Edit]:
    """Every change that a rule proposes, a few of each rule by turns."""
    waiting = [_edits(printed, rule) for rule in rules]
    while waiting:
        found = [(rule, few) for rule in waiting if (few := list(islice(rule, FEW)))]
        yield from chain.from_iterable(few for _, few in found)
        waiting = [rule for rule, _ in found]


def _edits(printed: Print, rule: Rule) -> Iterator[Edit]:
    """What one rule proposes, by turns for each node; derivatives stay as they are."""
    nodes = list(_nodes(printed, printed.node, marks=rule in (_indices, _numbers)))
    # Of several elements that could be changed, people got the last one wrong.
    waiting = [rule(printed, node) for node in (nodes[::-1] if rule is _indices else nodes)]
    while waiting:
        found = [(each, edit) for each in waiting if (edit := next(each, None)) is not None]
        yield from (edit for _, edit in found)
        waiting = [each for each, _ in found]


def _nodes(printed: Print, node: Node, marks: bool) -> Iterator[Node]:
    """The node and what is inside, without the parts of names, derivatives, conditions of cases.

    marks  also what stands below names and at the bounds of sums
    """
    yield node
    inside = tree.children(node)
    if is_derivative(node) or is_operand(node, printed.usage):
        inside = ()
    elif is_transposed(node):
        inside = tuple(child for child in inside if child is not node.sup)
    elif isinstance(node, tree.Cases):
        inside = tuple(value for value, _ in node.rows)
    elif isinstance(node, (tree.Script, tree.Big)) and not marks:
        bound = isinstance(node, tree.Big) and node.sup
        inside = tuple(child for child in inside if child is not node.sub and child is not bound)
    for child in inside:
        yield from _nodes(printed, child, marks)


def _signs(printed: Print, node: Node) -> Iterator[Edit]:
    if not isinstance(node, tree.Sum):
        return
    for k, (sign, term) in enumerate(zip(node.signs, node.terms, strict=True)):
        flipped = {"+": "-", "-": "+"}.get(sign)
        if flipped is not None:
            start = printed.span(node.terms[k - 1])[1] if k else printed.span(node)[0]
            new = f" {flipped} " if k else ("-" if flipped == "-" else "")
            term_start = printed.span(term)[0]
            if start <= term_start:
                sentence = f"the sign of {shown(printed.source(term))} is wrong"
                yield Edit(start, term_start, new, sentence)


def _indices(printed: Print, node: Node) -> Iterator[Edit]:
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


def _operands(printed: Print, node: Node) -> Iterator[Edit]:
    if is_operand(node, printed.usage):
        own = printed.source(node)
        for other in printed.operands(named(node, printed.usage).text):
            sentence = f"a wrong operand: {shown(own)} should be {shown(other)}"
            yield printed.replace(node, other, sentence)


def _calls(printed: Print, node: Node) -> Iterator[tuple[Node, str, int, int]]:
    """(function word, its argument as printed, start, end) of the calls that stand in a node."""
    match node:
        case tree.Product(factors):
            pairs = list(pairwise(factors))
        case tree.Apply(word, argument):
            pairs = [(word, argument)]
        case _:
            return
    for word, argument in pairs:
        called = isinstance(node, tree.Apply) or isinstance(argument, tree.Group)
        if called and printed.is_word(word):
            start, end = printed.span(word)[0], printed.span(argument)[1]
            yield word, printed.source(argument), start, end


def _functions(printed: Print, node: Node) -> Iterator[Edit]:
    for word, inside, start, end in _calls(printed, node):
        name = printed.source(word)
        if name.lstrip("\\") in ("log", "ln"):
            sentence = f"the logarithm of {shown(inside)} stands where {shown(inside)} is meant"
            yield Edit(start, end, inside, sentence)
        argument = inside if inside.startswith("(") else f"({inside})"
        sentence = f"{shown(name)} stands where its derivative is meant"
        yield Edit(start, end, f"{name}'{argument}", sentence)
        for factor in ("-", "2 ", r"\frac{1}{2} "):
            new = f"{name}({factor}{argument[1:-1]})"
            sentence = f"a wrong argument: {shown(name + argument)} should be {shown(new)}"
            yield Edit(start, end, new, sentence)


def _logarithms_of_sums(printed: Print, node: Node) -> Iterator[Edit]:
    if isinstance(node, tree.Big):
        own = printed.source(node)
        yield printed.replace(node, rf"\log {own}", f"the logarithm of {shown(own)} is meant")


def _logarithms(printed: Print, node: Node) -> Iterator[Edit]:
    element = isinstance(node, tree.Script) and named(node, printed.usage) is not None
    if element or is_operand(node, printed.usage):
        own = printed.source(node)
        yield printed.replace(node, rf"\log({own})", f"the logarithm of {shown(own)} is meant")


def _slopes(printed: Print, node: Node) -> Iterator[Edit]:
    """1 - h for 1 - h², the slopes of the logistic function and of tanh, and the other way."""
    match node:
        case tree.Sum(
            (tree.Number("1"), tree.Script(_, _, tree.Number("2")) as square), ("+", "-")
        ):
            yield from _powers(printed, square)
        case tree.Sum((tree.Number("1"), other), ("+", "-")):
            own = printed.source(other)
            if isinstance(other, (tree.Symbol, tree.Script, tree.Accent)):
                yield printed.replace(other, f"{own}^2", f"a square is missing on {shown(own)}")


def _powers(printed: Print, node: Node) -> Iterator[Edit]:
    own = printed.source(node)
    match node:
        case tree.Script(base, sub, tree.Number("2")):
            start, end = printed.span(base if sub is None else sub)[1], printed.span(node)[1]
            if start < end:
                yield Edit(start, end, "", f"the square of {shown(own)} is too much")
        case tree.Fraction(top, bottom):
            new = rf"\frac{{{printed.source(top)}}}{{({printed.source(bottom)})^2}}"
            yield printed.replace(node, new, "the square of the denominator is missing")
        case tree.Product() | tree.Apply():
            for _, _, start, end in _calls(printed, node):
                call = printed.document.text[start:end]
                yield Edit(start, end, f"{call}^2", f"a square is missing on {shown(call)}")
        case tree.Group("(" | "["):
            yield printed.replace(node, f"{own}^2", f"a square is missing on {shown(own)}")
        case tree.Script(_, _, None) | tree.Symbol():
            name = named(node, printed.usage)
            if name is not None and (name.places or is_operand(node, printed.usage)):
                yield printed.replace(node, f"{own}^2", f"a square is missing on {shown(own)}")


def _quotient_rule(printed: Print, node: Node) -> Iterator[Edit]:
    """(f' g - f g') / g² with its two terms exchanged."""
    match node:
        case tree.Fraction(
            tree.Sum((first, second), ("+", "-")) as top, tree.Script(_, _, tree.Number("2"))
        ):
            sentence = "the terms of the numerator are swapped, as in the quotient rule"
            new = f"{printed.source(second)} - {printed.source(first)}"
            yield printed.replace(top, new, sentence)


def _fractions(printed: Print, node: Node) -> Iterator[Edit]:
    if isinstance(node, tree.Fraction):
        top, bottom = printed.source(node.numerator), printed.source(node.denominator)
        new = rf"\frac{{{bottom}}}{{{top}}}"
        yield printed.replace(node, new, "numerator and denominator are swapped")


def _numbers(printed: Print, node: Node) -> Iterator[Edit]:
    if isinstance(node, tree.Number) and node.text.isdigit():
        for other in {"1": ("2",), "2": ("1", "4")}.get(node.text, (str(int(node.text) - 1),)):
            sentence = f"a number is wrong: {shown(node.text)} should be {shown(other)}"
            yield printed.replace(node, other, sentence)


def _precedence(printed: Print, node: Node) -> Iterator[Edit]:
    if not isinstance(node, tree.Sum):
        return
    text = printed.document.text
    for before, after in zip(node.terms, node.terms[1:], strict=False):
        start, (middle, end) = printed.span(before)[0], printed.span(after)
        sentence = "brackets are missing: "
        if isinstance(after, tree.Product):
            stop = printed.span(after.factors[0])[1]
            grouped = f"({text[start:stop]})"
            yield Edit(start, stop, grouped, sentence + shown(f"{grouped}{text[stop:end]}"))
        if isinstance(before, tree.Product):
            begin = printed.span(before.factors[-1])[0]
            grouped = f"({text[begin:end]})"
            yield Edit(begin, end, grouped, sentence + shown(f"{text[start:begin]}{grouped}"))
        if isinstance(before, tree.Fraction):
            top, bottom = printed.source(before.numerator), printed.source(before.denominator)
            joint = text[printed.span(before)[1] : middle]
            new = rf"\frac{{{top}}}{{{bottom}{joint}{text[middle:end]}}}"
            yield Edit(start, end, new, sentence + shown(new))


def _transposes(printed: Print, node: Node) -> Iterator[Edit]:
    own = printed.source(node)
    if is_transposed(node):
        start = printed.span(node.base)[1]
        if node.sub is None:
            end = printed.span(node)[1]
            yield Edit(start, end, "", f"{shown(own)} should not be transposed")
    elif is_operand(node, printed.usage) and printed.sizes.get(named(node, printed.usage).text):
        base = f"{{{own}}}" if "^" in own else own
        yield printed.replace(node, rf"{base}^\top", f"{shown(own)} should be transposed")


def _moved_transposes(printed: Print, node: Node) -> Iterator[Edit]:
    """`aᵀ b` where `a bᵀ` is meant: one factor is transposed in place of the other."""
    if isinstance(node, tree.Product):
        for first, second in pairwise(node.factors):
            turned, plain = (first, second) if is_transposed(first) else (second, first)
            movable = is_transposed(turned) and turned.sub is None
            if movable and is_operand(plain, printed.usage):
                (start, end), text = printed.span(turned.base), printed.document.text
                own, other = text[start:end], rf"{printed.source(plain)}^\top"
                a, d = printed.span(first)[0], printed.span(second)[1]
                new = f"{own} {other}" if turned is first else f"{other} {own}"
                sentence = f"{shown(printed.source(plain))} should be transposed, not {shown(own)}"
                yield Edit(a, d, new, sentence)


def _order(printed: Print, node: Node) -> Iterator[Edit]:
    if isinstance(node, tree.Product):
        text = printed.document.text
        for first, second in zip(node.factors, node.factors[1:], strict=False):
            (a, b), (c, d) = printed.span(first), printed.span(second)
            if b <= c:
                new = text[c:d] + (text[b:c] or " ") + text[a:b]
                sentence = f"the order of {shown(text[a:b])} and {shown(text[c:d])} is wrong"
                yield Edit(a, d, new, sentence)


def _factors_too_much(printed: Print, node: Node) -> Iterator[Edit]:
    if not isinstance(node, tree.Product):
        return
    text = printed.document.text
    spans = [printed.span(factor) for factor in node.factors]
    for k, (start, end) in enumerate(spans):
        kind = "function" if printed.is_word(node.factors[k]) else "factor"
        sentence = f"the {kind} {shown(text[start:end])} is too much"
        if k + 1 < len(spans):
            yield Edit(start, spans[k + 1][0], "", sentence)
        elif k:
            yield Edit(spans[k - 1][1], end, "", sentence)
        if k + 2 < len(spans):
            both = shown(text[start : spans[k + 1][1]])
            yield Edit(start, spans[k + 2][0], "", f"the factor {both} is too much")


def _terms_too_much(printed: Print, node: Node) -> Iterator[Edit]:
    if not isinstance(node, tree.Sum) or len(node.terms) < 2:
        return
    spans = [printed.span(term) for term in node.terms]
    for k, (start, end) in enumerate(spans):
        sentence = f"the term {shown(printed.document.text[start:end])} is too much"
        if k:
            yield Edit(spans[k - 1][1], end, "", sentence)
        elif node.signs[1] == "+":
            yield Edit(printed.span(node)[0], spans[1][0], "", sentence)


# What is more telling than that the sign of the whole is wrong.
FIRST: tuple[Rule, ...] = (_quotient_rule,)
RULES: tuple[Rule, ...] = (
    _signs,
    _indices,
    _slopes,
    _functions,
    _numbers,
    _operands,
    _factors_too_much,
    _precedence,
    _transposes,
    _powers,
    missing_factors,
    _fractions,
    _terms_too_much,
    _logarithms_of_sums,
    _order,
    missing_ones,
    missing_terms,
    _logarithms,
)
# What may be wrong with a product that does not fit together.
FITTING: tuple[Rule, ...] = (
    _transposes,
    _order,
    _moved_transposes,
    _operands,
    _factors_too_much,
)
