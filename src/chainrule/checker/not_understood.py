"""What a false claim rests on that was not understood, so that it may be true after all.

Properties that words give a name (`an orthogonal matrix U`), expectations over what is not said,
angles between vectors, and functions of which nothing but their letter is known.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from chainrule.checker.constrained import constrained
from chainrule.checker.print_in_doubt import print_in_doubt
from chainrule.language.expr import Apply, Where
from chainrule.language.index import is_written
from chainrule.language.inline import elements
from chainrule.language.passes import parts
from chainrule.mathematics.functions import heaviside, relu
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative, is_operator, operand
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import calls, letter, scripted, subscripts
from chainrule.notation.summation import only_inside
from chainrule.notation.tree import Node, walk
from chainrule.notation.value import Value

_EXPECTED = re.compile(
    r"\\mathbb\s*(?:\{\s*E\s*\}|E)(?!\s*_)|\bE\s*\[|\bVar\b|\bCov\b"
    r"|\\(?:text|mathrm|operatorname)\{(?:E|Var|Cov)\}"
)
_MOMENT = re.compile(r"(?:\\sigma|σ)\s*\[")
_TRANSPOSE = r"\^\s*\{?\\?(?:top|intercal|T)\s*\}?"
_MEAN = re.compile(r"(?:\\mu|μ)\s*\[")
_STOP = re.compile(r"[.;!?](?=\s|\Z)|\n\s*\n")
# What would be true of something else than what the document is about.
_OTHERWISE = re.compile(
    r"\b(?:had (?:we|it|they|one)|if (?:we|it|they) had"
    r"|would have (?:had|been|got(?:ten)?|become))\b[^.;!?]*$",
    re.I,
)
# `with $D = E^T$`: two arrays are the same in what the sentence says.
_TIED = re.compile(
    r"\b(?:with|for|if|when|under|setting|at)\b[^$]*(?:\$+|\\\()\s*[^$=]{1,12}=\s*"
    rf"[^$=+*/ -]{{1,12}}?{_TRANSPOSE}\s*(?:\$|\\\))",
    re.I,
)
# The same of `at $p = q$`, but not of `for $i = j$`, which says which entries are meant.
_ALIKE = re.compile(
    r"\b(?:with|for|if|when|under|setting|at)\b[^$]*(?:\$+|\\\()\s*(\\?[a-zA-Z]+)\s*="
    r"\s*(\\?[a-zA-Z]+)\s*(?:\$|\\\))",
    re.I,
)
# The same in plain text: `Tied weights V = U^T:`.
_TIED_IN_TEXT = re.compile(rf"(?<![\w\\])[A-Z]\s*=\s*[A-Z]{_TRANSPOSE}")
# `at $\boldsymbol{v} = \boldsymbol{0}$ …`: what an array is set to in what the sentence says.
_AT_ZERO = re.compile(
    r"\b(?:at|for|if|when|with)\b[^$]{0,30}(?:\$|\\\()[^$=]{1,40}=\s*"
    r"\\(?:boldsymbol|mathbf|vec|bm)\s*\{?\s*0\s*\}?\s*(?:\$|\\\))",
    re.I,
)
_FORMULA = re.compile(r"\$\$.*?(?:\$\$|\Z)|\$[^$]*(?:\$|\Z)|\\\(.*?(?:\\\)|\Z)", re.S)
# `when $…`: what stands right behind is supposed, and not claimed.
_RIGHT_BEFORE = re.compile(
    r"\b(?:if|when|whenever|suppos(?:e|ing)|assum(?:e|ing)|provided|in (?:the|that) case)"
    r"(?: that)?$",
    re.I,
)
# `If $\max(0, u) = u$, then`: a condition on more than letters.
_OPEN_PREMISE = re.compile(
    r"\b(?:if|when|whenever|suppose|assume)(?: that)?\s+(?:\$|\\\()(?=[^$]*(?:\(|\||\\max|\\min))"
    r"[^$]*(?:=|<|>|\\leq?\b|\\geq?\b)[^$]*(?:\$|\\\))(?!\$)",
    re.I,
)
# A sentence has no more characters than this.
_LONGEST = 3000
_ANGLES = {"cos", "sin"}
_ACTIVE = re.compile(r"(?i)\b(?:when|if|where|while|as long as|assum\w+)\b[^.;:$]{0,40}\bactive\b")
_CASES = {relu, heaviside}
_FUNCTIONS = {"f", "g", "h", "F", "G", "\\phi", "\\varphi", "\\psi"}


def not_understood(
    document: Document, item: ChainItem, nodes: tuple[Node, Node], sides: tuple
) -> str | None:
    """What stands in the way of calling an equation wrong; None if nothing does.

    nodes  its two sides
    sides  their values, or why they have none
    """
    if (name := _with_signature(document, item)) is not None:
        return f"the argument of {name} is another one"
    if (name := _marked_before(document, item)) is not None:
        return f"the slope may be that of {name}"
    if (reason := print_in_doubt(document, item, nodes, sides)) is not None:
        return reason
    if (name := _row_and_vector(item, nodes)) is not None:
        return f"{name} is a vector here, and the rows of a matrix elsewhere"
    if _OTHERWISE.search(document.text[: item.members[0].start].rstrip(" \n$[\\&")[-200:]):
        return "said of what would be the case"
    if (reason := _supposed(document, item, sides)) is not None:
        return reason
    printed = [document.text[node.start : node.end] for node in nodes]
    if any(map(_MOMENT.search, printed)) and document.says(_MEAN):
        return "a deviation of what is in the brackets"
    if _is_another_sigma(item):
        return "\\sigma may be another function here"
    if (reason := constrained(document, item.scope, nodes, sides)) is not None:
        return reason
    if any(map(_EXPECTED.search, printed)):
        return "an expectation over a distribution that is not read"
    if _angles(item, nodes[0]) ^ _angles(item, nodes[1]):
        return "an angle of which nothing is known"
    values = [side for side in sides if isinstance(side, Value)]
    if item.scope.summation and (loose := _loose_letters(nodes, values)):
        return f"whether a sum over {min(loose)} is meant"
    numbers = {array.name for side in values for array in elements(side.expr)}
    called = item.scope.usage.only_called
    words = {text for node in nodes for text in before_brackets(item.scope, node, called)} & numbers
    return f"{min(words)} may be a function of which nothing is known" if words else None


def sentence_before(document: Document, item: ChainItem) -> str:
    """What its sentence says before a chain; before a display also above a blank line."""
    end = item.members[0].start
    text = document.text[max(0, end - _LONGEST) : end]
    return _STOP.split(text.rstrip(" \t\n$[\\") if item.display else text)[-1]


def _with_signature(document: Document, item: ChainItem) -> str | None:
    """The f of `f(X) = …`, where `f : ℝ^m → ℝ^n` says of which shape its argument is."""
    head = item.members[0]
    call = re.fullmatch(r"(\S+?)\s*\(.+\)", document.text[head.start : head.end], re.S)
    if call is None:
        return None
    signature = rf"(?<!\w){re.escape(call[1])}\s*(?:\\colon|:(?!=))\s*(?:\\mathbb|ℝ)"
    return call[1] if re.search(signature, document.text) else None


def _marked_before(document: Document, item: ChainItem) -> str | None:
    """The f_c of `f_c(x) = …, df/dx = …`: its letter may stand for the last function before."""
    head = undecorated(item.members[0])
    top = None if not is_derivative(head) or is_operator(head) else operand(head.numerator)
    if not isinstance(top, tree.Symbol) or len(top.name) > 1:
        return None
    formula = next((f for f in document.formulas if f.start <= head.start < f.end), None)
    before = "" if formula is None else document.text[formula.start : head.start]
    word = rf"(?<![\w\\])({top.name}(?:_\w|_\{{\w+\}})?)"
    defined = re.findall(rf"{word}\s*\([^()=]*\)\s*:?=", before)
    return defined[-1] if defined and defined[-1] != top.name else None


def _row_and_vector(item: ChainItem, nodes: tuple[Node, Node]) -> str | None:
    """The x of `∂(w^T x)/∂w_k = x_k` in a document where x_1, …, x_m are the rows of X."""
    stacks, parts = item.scope.usage.stacks, [part for node in nodes for part in scripted(node)]
    scripts = [part for part in parts if isinstance(part, tree.Script)]
    whole = {letter(part) for part in parts if not isinstance(part, tree.Script)}
    whole |= {letter(part.base) for part in scripts if isinstance(part.sup, tree.Group)}
    for part in scripts:
        if letter(part.base) in whole & stacks.lines.keys():
            if stacks.line(letter(part.base), subscripts(part.sub)) is not None:
                return letter(part.base)
    return None


def _supposed(document: Document, item: ChainItem, sides: tuple) -> str | None:
    """What the words before an equation suppose."""
    sentence = sentence_before(document, item)
    if _is_of_a_case(document, item, sides):
        return "said where something is active only"
    if _is_premise(document, item, sentence):
        return "said in a premise"
    if _OPEN_PREMISE.search(sentence):
        return "true or not under a condition that was not understood"
    alike = (found.groups() for found in _ALIKE.finditer(sentence))
    tied = _TIED.search(sentence) or _TIED_IN_TEXT.search(_FORMULA.sub("$", sentence))
    if tied or any(all(map(item.scope.rank, names)) for names in alike):
        return "said for arrays that are set equal"
    if not item.worked and _AT_ZERO.search(sentence):
        return "said of one place"
    return None


def _is_of_a_case(document: Document, item: ChainItem, sides: tuple) -> bool:
    """`When the hinge is active: ∂T/∂a = …`, of a value that has several formulas."""
    at = item.members[0].start
    if not _ACTIVE.search(document.text, max(0, at - 300), at):
        return False
    values = (item.scope.inlined(side.expr) for side in sides if isinstance(side, Value))
    return any(
        isinstance(part, Where) or (isinstance(part, Apply) and part.function in _CASES)
        for value in values
        for part in parts(value)
    )


def _is_premise(document: Document, item: ChainItem, sentence: str) -> bool:
    """`If $p$ comes from a sigmoid, $p = …`: what the name stands for in this sentence; and
    `when $\\max(0, u) = u$`."""
    head = item.members[0]
    if not item.display and _RIGHT_BEFORE.search(document.text[: head.start].rstrip(" \n$(\\")):
        return True
    if item.display or letter(undecorated(head)) is None:
        return False
    name = re.escape(document.text[head.start : head.end])
    said = rf"\b(?:if|when|suppose|assume)\b[^$=]*\$+\s*{name}\s*\$+[^$=]*\$+\s*$"
    return re.search(said, sentence, re.I) is not None


def _loose_letters(nodes: tuple[Node, Node], values: list[Value]) -> set[str]:
    """The letters on one side only that stand inside of functions: of these sums the convention
    says nothing."""
    free = [{index.name for index in side.expr.free if is_written(index)} for side in values]
    one_sided = free[0] ^ free[1] if len(free) > 1 else set()
    return {text for text in one_sided if any(only_inside(node, text) for node in nodes)}


def _angles(item: ChainItem, node: Node) -> set[str]:
    """The names without a meaning of which the cosine or sine is taken."""
    found = set()
    for part in walk(node):
        if isinstance(part, tree.Product):
            for word, body in zip(part.factors, part.factors[1:], strict=False):
                if (letter(word) or "").lstrip("\\") in _ANGLES:
                    inner = body.body if isinstance(body, tree.Group) else body
                    name = named(inner, item.scope.usage)
                    if name is not None and not item.scope.is_known(name.text):
                        found.add(name.text)
    return found


def before_brackets(scope: Scope, node: Node, others: Container[str] = ()) -> Iterator[str]:
    """The g of `g(w^T x)` where g is nowhere defined.

    others  letters that may be functions, too
    """
    for word, _ in calls(node):
        text = letter(word)
        if text is not None and not scope.is_known(text):
            if _may_be_function(text) or text in others:
                yield text


def _may_be_function(text: str) -> bool:
    """Whether a letter is one that functions have, or a word: `normalize(x)`."""
    return text in _FUNCTIONS or (len(text) > 4 and text.isalpha())


def _is_another_sigma(item: ChainItem) -> bool:
    """`σ'(x) = {1 if x > 0, 0 else}`, where nothing else says which function σ is."""
    head = undecorated(item.members[0])
    word = head.factors[0] if isinstance(head, tree.Product) else head
    if not isinstance(word, tree.Script) or letter(word.base) != "\\sigma" or not word.primes:
        return False
    known = item.scope.is_known("\\sigma") or "\\sigma" in item.scope.usage.spoken
    cases = any(isinstance(part, tree.Cases) for part in walk(item.members[1]))
    return cases and not known
