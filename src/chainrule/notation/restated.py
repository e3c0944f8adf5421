"""Whether a name that is written at the head of an equation once more gets another meaning."""

from __future__ import annotations

import re
from contextlib import suppress

import numpy as np

from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.language.expr import Array, Expr
from chainrule.language.facts import ONE_HOT, SUMS_TO_ONE
from chainrule.language.inline import elements
from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.document import Document, Formula, Prose
from chainrule.notation.heads import function_head, is_of_numbers, parameter
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.likeliest import first_value
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import calls, letter, scripted
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

_THE_SAME = re.compile(
    r"\bthe same (?:\w+[ \n]){1,2}"
    r"(?:is|reads|becomes|equals|as|(?:can|may) (?:also )?be written(?: as)?)[\s$\\(\[]*$",
    re.I,
)
# Words before a formula that gives a name its meaning.
_ANEW = re.compile(
    r"\b(?:let|defin\w+|writ\w+|consider|suppos\w+|assum\w+|now|instead|new|tak\w+"
    r"|us(?:e|es|ing)|given|set|put|denot\w+|where|with|for|choos\w+|call\w*)\b",
    re.I,
)

# Words that say that an equation is another form of what is known already.
RESTATED = re.compile(
    r"\b(?:equivalently|in other words|(?:(?:also|equally) (?:be )?|be )(?:re)?written(?: as)?"
    r"|(?:an)?other (?:way|form)|the same as|for the code)\b[^.;]*$",
    re.I,
)
# Words right before what is required, and not claimed.
REQUIRED = re.compile(
    r"\b(?:such that|subject to|s\.\s?t\.|(?:under|with) the (?:constraint|condition)(?: that)?"
    r"|(?:require|want|wish|hope|need|demand)s?(?: that)?|so as to (?:have|get))[\s:,$\\(\[]*$",
    re.I,
)
_STABLE = re.compile(
    r"\b(?:stable|equivalent|shorter|simpler|compact) (?:form|version|expression)"
    r"[^.;:$]*[\s$:\\(\[]*$",
    re.I,
)
_LET = re.compile(
    r"\b(?:let|consider|suppose|take)(?: (?:now|again|us|that|instead|say|have|the case))*"
    r"[\s$\\(\[]*$"
    # The same in Chinese.
    r"|[取令设选][^\s$。，；]{0,8}[\s$\\(\[]*$",
    re.I,
)
# Words before another function by the same letter, of which something is to be seen.
_EXAMPLE = re.compile(
    r"\b(?:(?:counter-?)?examples?|for instance|e\.g\.|consider)(?!\w)[\s\d:,*]*"
    r"(?:the (?:function|curve)\b)?[\s$\\(]*$",
    re.I,
)
_VANISHES = re.compile(r"\b(?:set(?:ting)?|equat(?:e|ing)|solving)\b[^.$]*\b(?:zero|0)\b", re.I)
# Letters of derivatives that have a name.
SIGNALS = {"\\delta", "\\Delta", "\\epsilon", "\\varepsilon", "\\gamma", "g", "G", "D", "r"}
# Words before a formula that follows from what stands before.
FOLLOWS = re.compile(
    r"\b(?:gives?|yields?|hence|thus|therefore|implies|so|follows that|backwards|conversely"
    r"|(?:we|to|one|you) (?:get|obtain|find)s?)[\s,$\\(\[]*$",
    re.I,
)


def is_restated(definer, text: str, at: int, head: Node, body: Node) -> bool:
    """Whether another formula for a name is a claim on it.

    It may stand in a part of the section where the name got its meaning, unless words say that it
    is another one. After words that do not say that it follows it may be either: it is noted.
    """
    if text in definer.slopes.current:
        return True
    document, scope = definer.document, definer.scope
    if _has_other_arguments(scope, text, head) or _is_of_an_example(document, head, at):
        return False
    if _is_let(document, at) or _has_new_parameter(definer, text, at, body):
        return False
    if _is_its_value(scope, text, head, body) or _is_the_function(scope, text, head, body):
        return True
    if _is_reckoned(scope, text, definer.bodies.get(text), body):
        return True
    first = definer.given.get(text, at)
    if first != at and _is_title(document, first) and _is_title(document, at):
        return False
    apart = definer.outline.is_apart(first, at)
    words, before = document.text[max(0, at - 80) : at], definer.bodies.get(text)
    again = is_the_same_again(document, at) or is_derived(text, words) or is_another_form(words)
    again = again or (FOLLOWS.search(words) is not None and _is_of_the_same(scope, before, body))
    if not apart or again:
        if is_another_computation(scope, text, before, body):
            return False
        if not (again or definer.conditioned or is_signal(head, text)):
            definer.restates = text if _is_after_words(document, text, first, at) else None
        return True
    if is_introduced(document, at):
        return False
    if is_what_is_known(scope, text, body):
        return True
    if not definer.outline.is_below(first, at):
        return False
    same = is_same_function(scope, head, body)
    scope.opaque |= {text} if same is False else set()
    return same is not None


def _names(node: Node, scope: Scope) -> set[str]:
    """The names that a formula prints."""
    return {name.text for part in scripted(node) if (name := named(part, scope.usage))}


def rests_on(scope: Scope, text: str, body: Node) -> bool:
    """Whether what is in a formula has its meaning by a name: (1 + t) / 2, of t = 2 y - 1, says
    nothing of y but a claim; nor does log(s/(1 - s)) of t, after s(t) = …."""
    names = _names(body, scope)
    if "^" in text or any(is_derivative(part) for part in tree.walk(body)):
        return False
    uncalled = names & scope.functions.keys() - {letter(word) for word, _ in calls(body)}
    if any(text in scope.functions[name].parameters for name in uncalled):
        return True
    return text in scope.inputs(*names & scope.definitions.keys())


def _is_let(document: Document, at: int) -> bool:
    """`Let $y = (3 x + 2)^2$`: a name set anew, whatever it was before."""
    return _LET.search(document.text, max(0, at - 60), at) is not None


# What may stand between the formula of a title and the colon: `, M square:`.
_COLON = re.compile(r"(?:\([^()\n]*\)|[^$\n.;:()\\])*:")


def _is_title(document: Document, at: int) -> bool:
    """`$L = tr(A X)$: …`, a formula that a paragraph begins with and that a colon ends."""
    formula = next((one for one in document.formulas if one.start <= at < one.end), None)
    if formula is None or formula.display:
        return False
    (before, after), text = formula.outer, document.text
    return text[:before].endswith("\n\n") and _COLON.match(text, after) is not None


def _is_of_an_example(document: Document, head: Node, at: int) -> bool:
    """`For example, f(x) = x^3`: a function of its own."""
    words = document.text[max(0, at - 60) : at]
    return isinstance(head, tree.Product) and _EXAMPLE.search(words) is not None


def _has_new_parameter(definer, text: str, at: int, body: Node) -> bool:
    """Whether a formula has a letter that its own sentence introduces: `With a temperature τ > 0,
    p_i = …`."""
    scope, before = definer.scope, definer.bodies.get(text)
    if before is None or not scope.bounds:
        return False
    names, known = (_names(node, scope) for node in (body, before))
    words = definer.document.text
    above = words[: max(words.rfind(stop, 0, at) for stop in (". ", ".\n", "\n\n"))]
    new = (names - known) & scope.bounds.keys()
    return any(not re.search(rf"{re.escape(name)}(?![A-Za-z])", above) for name in new)


def _has_other_arguments(scope: Scope, text: str, head: Node) -> bool:
    """Whether a function that was one of two arguments is one of a single name: f(x), after
    f(w, x)."""
    known = scope.functions.get(text)
    call = function_head(head, scope.usage) if isinstance(head, tree.Product) else None
    if known is None or call is None or None in [parameter(one, scope.usage) for one in call[1]]:
        return False
    return len(call[1]) != len(known.arguments) > 0


def is_signal(head: Node, text: str) -> bool:
    """Whether a name is one of a derivative: `\\delta^{(l)}`, `\\bar h`; not `\\hat y`."""
    barred = isinstance(head, tree.Accent) and head.kind not in ("hat", "tilde")
    return barred or re.split(r"[_^]", text)[0] in SIGNALS


def _is_after_words(document: Document, text: str, first: int, at: int) -> bool:
    """Whether a formula stands after words that do not say that it follows, or after none in a
    sentence; a display without words goes on with what stands above, and so does a line of it
    after another one that speaks of a name that has its meaning, at `first`, from above."""
    before = [part for part in document.parts if part.start <= at]
    own = next((part for part in before[::-1] if isinstance(part, Formula) and at < part.end), None)
    if own is None:
        return False
    name = rf"(?<![A-Za-z\\]){re.escape(text)}(?![A-Za-z])"
    if first < own.start and re.search(name, document.text[own.start : at]):
        return False
    others = [one.end for one in before if one.end <= own.start and not isinstance(one, Prose)]
    words = document.text[max(others, default=0) : own.start]
    words = re.sub(r"<!--.*?-->", "", words, flags=re.S)
    if not re.search(r"\w", words):
        return not own.display
    return not (RESTATED.search(words) or FOLLOWS.search(words))


def is_the_same_again(document: Document, at: int) -> bool:
    """Whether the words before a place say that what follows is the same, written otherwise.

    >>> from chainrule.notation.document import read_document
    >>> is_the_same_again(read_document("Then the same loss reads $L = a$.", "note"), 26)
    True
    """
    return _THE_SAME.search(document.text[max(0, at - 120) : at]) is not None


def is_another_form(words: str) -> bool:
    """Whether words announce another form of what is known: `the stable form is`.

    >>> is_another_form("With m = max z the stable form is $$")
    True
    """
    return _STABLE.search(words) is not None


def is_another_computation(scope: Scope, text: str, before: Node | None, body: Node) -> bool:
    """Whether a name that was computed is computed from other numbers, or by another function.

    In a second worked example `H = -log 0.3` says nothing of the H of the first; nor does
    A = σ(Z) of an A that was tanh(Z).
    """
    if before is None:
        return False
    calls = [_known_call(one) for one in (before, body)]
    if None not in calls and calls[0][0] != calls[1][0] and calls[0][1] == calls[1][1]:
        return True
    if text not in scope.definitions:
        return False
    numbers = [_number(scope, one) for one in (before, body)]
    return None not in numbers and numbers[0] is not numbers[1]


def _is_its_value(scope: Scope, text: str, head: Node, body: Node) -> bool:
    """`σ = 1/u` of a function σ(x) and a u that depends on x: its value, and no other meaning."""
    known = scope.functions.get(text)
    if known is None or isinstance(head, tree.Product) or not known.parameters:
        return False
    names = _names(body, scope)
    return set(known.parameters) <= scope.inputs(*names)


def _is_the_function(scope: Scope, text: str, head: Node, body: Node) -> bool:
    """`sp(z) = …` again, of z alone: a word is the name of one function in all of a document."""
    known = scope.functions.get(text)
    if known is None or len(text) == 1 or text[0] == "\\" or not isinstance(head, tree.Product):
        return False
    call = function_head(head, scope.usage)
    names = _names(body, scope)
    arguments = {parameter(one, scope.usage) for one in call[1]} if call is not None else set()
    return bool(known.parameters) and names & scope.symbols.keys() <= arguments


def _is_reckoned(scope: Scope, text: str, before: Node | None, body: Node) -> bool:
    """Whether a name that has a formula is worked out for the numbers of an example."""
    if not scope.numbers or before is None or is_of_numbers(before) or not is_of_numbers(body):
        return False
    value = first_value(scope.copy(), lambda meaning: meaning.value(body))
    return value is not None and len(value.indices) == scope.rank(text)


def is_derived(text: str, words: str) -> bool:
    """Whether a formula for a function that everybody knows is said to follow from others.

    words  what stands before the formula
    """
    known = text == "\\sigma" or function_named(text) is not None
    return known and FOLLOWS.search(words) is not None


def _is_of_the_same(scope: Scope, before: Node | None, body: Node) -> bool:
    """Whether two formulas rest on the same arrays, and on more than one."""
    if before is None:
        return False
    arrays = scope.symbols.keys() - scope.definitions.keys()
    ends = [scope.inputs(*_names(node, scope)) & arrays for node in (before, body)]
    return ends[0] == ends[1] and len(ends[0]) > 1


def is_introduced(document: Document, at: int) -> bool:
    """Whether the words before a formula say that it gives a name its meaning."""
    return _ANEW.search(document.text, max(0, at - 80), at) is not None


def is_same_function(scope: Scope, call: Node, body: Node) -> bool | None:
    """Whether a formula gives what a function gives at the same place; None where that is not seen
    at once."""
    one = first_value(scope.copy(), lambda meaning: meaning.value(call))
    other = first_value(scope.copy(), lambda meaning: meaning.value(body))
    if one is None or other is None or len(one.indices) != len(other.indices):
        return None
    if len(elements(one.expr) | elements(other.expr)) != 1:
        return None
    return is_same_value(scope, one, other)


def is_what_is_known(scope: Scope, text: str, body: Node) -> bool:
    """Whether a formula gives what a name that is defined stands for already."""
    known = scope.definitions.get(text)
    value = known and first_value(scope.copy(), lambda meaning: meaning.value(body))
    if value is None or value.indices or known.indices:
        return False
    return is_same_value(scope, Value(known.body, ()), value) is True


def is_same_value(scope: Scope, one: Value, other: Value) -> bool | None:
    """Whether two values are the same numbers at some points that keep to what is declared."""
    sides = [scope.inlined(side.expr) for side in (one, other)]
    arrays = sorted(elements(sides[0]) | elements(sides[1]), key=lambda array: array.name)
    names = {size for array in arrays for size in array.sizes if isinstance(size, str)}
    lengths = {name: 2 + k % 3 for k, name in enumerate(sorted(names))}
    with suppress(ChainruleError):
        for start in (0.3, 1.7, -0.6):
            values = {one.name: _sample(scope, one, lengths, start) for one in arrays}
            first, second = (
                evaluate(side, values, lengths, order=value.indices)
                for side, value in zip(sides, (one, other), strict=True)
            )
            if np.shape(first) != np.shape(second):
                return None
            if not np.allclose(first, second):
                return False
        return bool(arrays)
    return None


def _sample(scope: Scope, array: Array, lengths: dict[str, int], start: float) -> np.ndarray:
    """Numbers for an array of these lengths that keep the facts said of it."""
    shape = tuple(lengths.get(size, size) for size in array.sizes)
    found = start + np.arange(float(np.prod(shape))).reshape(shape) / 8
    kinds = {fact.kind for fact in scope.facts if fact.array == array.name}
    if ONE_HOT in kinds:
        return np.where(np.arange(shape[-1]) == 1, 1.0, 0.0 * found)
    return found / found.sum(-1, keepdims=True) if SUMS_TO_ONE in kinds else found


def _number(scope: Scope, node: Node) -> Expr | None:
    """A computation with mere numbers, as an expression."""
    if not any(isinstance(part, tree.Number) for part in tree.walk(node)):
        return None
    value = first_value(scope.copy(), lambda meaning: meaning.value(node))
    if value is None or value.axes or elements(value.expr):
        return None
    return value.expr


def _whole(node: Node) -> Node | str:
    """The letter of an array where an element of it is printed: the a of a_i and of a bold a."""
    base = node.base if isinstance(node, tree.Script) and node.sup is None else node
    return letter(base) or node


def _known_call(node: Node) -> tuple[str, tuple[Node | str, ...]] | None:
    """The word and the arguments of `tanh(Z)` and `max(0, Z)`, without the 0."""
    match node:
        case tree.Product((word, tree.Group("(", _, inside)), ("",)) | tree.Apply(word, inside):
            text = letter(word) or ""
            if isinstance(inside, tree.Group) and inside.open == "(":
                inside = inside.body
            items = inside.items if isinstance(inside, tree.List) else (inside,)
            rest = tuple(map(_whole, (item for item in items if item != tree.Number("0"))))
            known = function_named(text) is not None or text in ("\\sigma", "max")
            return (text, rest) if known else None
    return None


def is_minimum(document: Document, scope: Scope, text: str, at: int) -> bool:
    """`Setting the slope to zero: w = …`: a place, and no meaning of w for all of the document."""
    if _VANISHES.search(document.text, max(0, at - 80), at) is None:
        return False
    return any(text in one.uses for one in scope.definitions.values())


def is_solution(scope: Scope, varied: set[str], text: str, value: Value) -> bool:
    """`w = (X^T X)^{-1} X^T t` after ∂J/∂w: where J is least, in terms of what J depends on."""
    used = {name for one in scope.definitions.values() for name in one.uses}
    names = {array.name for array in elements(value.expr)}
    return text in varied & used and bool(names) and names <= used
