"""Functions that a document names in words: `where $g$ is the sigmoid function`, `$f = \\tanh$`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.numbering import is_layer
from chainrule.notation.prose import sentences
from chainrule.notation.scripts import letter
from chainrule.notation.sentences import FORMULA, worded
from chainrule.notation.sentences import sentences as flat_sentences
from chainrule.notation.tree import EQUAL, Node

# How functions are called in running text, beside their own names.
SPOKEN = {
    "log[- ]softmax": "log_softmax",
    "softmax": "softmax",
    "(?:the )?(?:logistic )?sigmoid|logistic": "sigmoid",
    "tanh|hyperbolic tangent": "tanh",
    "relu|rectified linear unit": "relu",
    "softplus": "softplus",
    "silu|swish": "silu",
    "log[- ]?sum[- ]?exp": "logsumexp",
    "exponential": "exp",
    "natural logarithm|logarithm": "log",
    "heaviside(?: step)?|unit step": "heaviside",
    "gelu|gaussian error linear unit": "gelu",
    "(?:gauss(?:ian)? )?error function": "erf",
    "(?:standard )?(?:normal|gaussian) (?:cdf|(?:cumulative )?distribution function)"
    "|(?:cdf|(?:cumulative )?distribution function) of (?:the|a) standard "
    "(?:normal|gaussian)(?: distribution)?": "normal_cdf",
}
#: Any of these names, as a pattern without groups.
FUNCTION_WORDS = rf"(?:{'|'.join(SPOKEN)})(?![\w-])"

_KIND = r"(?:activation function|activation|function|non-?linearity|map|unit)"
_MANNER = (
    r"(?:(?:element-?wise|component-?wise|standard|usual|well-known|non-?linear|activation) )*"
)
# Behind the name: `g is the sigmoid function`; but not `g is the sigmoid of z`.
_AFTER = re.compile(
    rf"\s*(?:(?:is|be|being|denotes?|represents?|stands for|means|will be"
    r"|to (?:indicate|denote|represent|mean|stand for))\s+(?:the |an? |our )?"
    rf"|,?\s*(?:the|an?) |\(\s*(?:the |an? )?|(?:=|:=?)\s*(?:the )?){_MANNER}"
    rf"(?P<word>{FUNCTION_WORDS})(?: {_KIND})*"
    r"(?=\s*(?:$|[.,;:)]|(?:and|which|with|applied|as|acting|so|for|here)\b))",
    re.I,
)
# In front of it: `the sigmoid function g`, `the sigmoid, denoted by g`.
_BEFORE = re.compile(
    rf"(?P<word>{FUNCTION_WORDS})(?: {_KIND})*"
    r"(?:(?<=function)|(?<=activation)|(?<=linearity)"
    r"|,? (?:is )?(?:denoted|written|called)(?: by| as)?)\s*\(?$",
    re.I,
)
# `Φ is the CDF …`, in a sentence that speaks of a standard normal variable.
_DISTRIBUTION = re.compile(
    r"\s*(?:is|be|being|denotes?|stands for)\s+(?:the |its )?"
    r"(?:cdf|c\.d\.f\.|(?:cumulative )?distribution function)(?![\w-])",
    re.I,
)
_STANDARD = re.compile(r"\bstandard (?:normal|gaussian)\b", re.I)
_ANY = r"(?:(?:activation|transfer|squashing) function|non-?linearity)"
_ACTIVATIONS = [
    worded(rf"{_ANY},? (?:is )?(?:(?:denoted|called|written)(?: by| as)? )?(?P<letter>{FORMULA})"),
    worded(
        rf"(?P<letter>{FORMULA}),? (?:(?:is|be|being|denotes) )?(?:the|an?|some|any|our) "
        rf"(?:\w+[ -]){{0,3}}{_ANY}"
    ),
    worded(
        rf"(?P<letter>{FORMULA}) (?:is |are )?(?:applied|acting|acts|taken) "
        r"(?:element|component|entry|coordinate)[- ]?wise"
    ),
]
_ACTIVATION_HINT = re.compile(
    r"(?:activation|transfer|squashing)\s+function|linearity|wise\b", re.I
)
_REMARK = re.compile(rf"\W*(?:the |an? )?(?P<word>{FUNCTION_WORDS})(?: {_KIND})*\W*", re.I)


def functions_in_words(document: Document, statements: Iterable[tree.Statement]) -> dict[str, str]:
    """Letter → the record that words, or an equation with a word, say it stands for.

    >>> from chainrule.notation.document import read_document
    >>> functions_in_words(read_document("Here $g$ is the sigmoid function.", "note"), ())
    {'g': 'sigmoid'}
    """
    statements = list(statements)
    own = set(map(_defined, statements))
    said = [(text, word) for text, word, _ in _in_sentences(document)]
    # What is one function here and has a formula of its own there is any function.
    said += [(text, word) for text, word in _in_formulas(statements) if text not in own]
    found: dict[str, str] = {}
    for text, word in said:
        found.setdefault(text, word)
    several = {text for text, word in said if found[text] != word}
    return {text: word for text, word in found.items() if text not in several}


def where_spoken(document: Document, text: str) -> list[int]:
    """Where sentences say which function a letter stands for."""
    return [at for one, _, at in _in_sentences(document) if one == text]


def any_functions(
    document: Document, statements: Iterable[tree.Statement], known: dict[str, str]
) -> tuple[set[str], set[str]]:
    """The φ of `(φ(x_1), …, φ(x_n))` of which nothing else says what it is; and the g of an
    activation function g, or of `a^{(l)} = g(z^{(l)})`."""
    statements, listed = list(statements), set()
    for statement in statements:
        for part in tree.walk(statement.chain):
            items = part.items if isinstance(part, tree.List) else ()
            if any(isinstance(item, tree.Ellipsis) for item in items):
                listed |= {_function_letter(i) for i in items if isinstance(i, tree.Product)}
    activations = _activations(document) | set(map(_of_layer, statements))
    own = set(map(_head, statements)) | known.keys() | {None, "\\sigma"}
    return listed - known.keys() - {None, "\\sigma"}, activations - own


def _activations(document: Document) -> set[str]:
    """The letters that words call an activation function, or take of each element."""
    if not document.says(_ACTIVATION_HINT):
        return set()
    return {
        _function_letter(sentence.prints[match["letter"]].node)
        for sentence in flat_sentences(document)
        for pattern in _ACTIVATIONS
        for match in pattern.finditer(sentence.flat)
    } - {None}


def _of_layer(statement: tree.Statement) -> str | None:
    """The g of `a^{(l)} = g(z^{(l)})`."""
    match statement.chain:
        case tree.Chain((tree.Script(_, None, mark), tree.Product((word, taken), ("",))), (sign,)):
            inside = taken.body if isinstance(taken, tree.Group) else None
            if sign.kind in EQUAL and isinstance(inside, tree.Script) and inside.sup == mark:
                layer = mark.body if isinstance(mark, tree.Group) else mark
                return _function_letter(word) if is_layer(layer) else None
    return None


def _defined(statement: tree.Statement) -> str | None:
    """The f of `f(x) = …`."""
    match statement.chain:
        case tree.Chain((tree.Product((word, tree.Group("(")), ("",)), *_), (sign, *_)):
            return letter(word) if sign.kind in EQUAL else None
    return None


def _head(statement: tree.Statement) -> str | None:
    """The f of `f(x) = …` and of `f = …`."""
    match statement.chain:
        case tree.Chain((head, *_), (sign, *_)) if sign.kind in EQUAL:
            return _defined(statement) or letter(head)
    return None


def _in_sentences(document: Document) -> Iterator[tuple[str, str, int]]:
    for sentence in sentences(document):
        parts = [p if isinstance(p, Node) else " ".join(p.split("\n")) for p in sentence.parts]
        for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
            text = _function_letter(part) if isinstance(part, Node) else None
            if text is None:
                continue
            match = isinstance(after, str) and _AFTER.match(after)
            match = match or (isinstance(before, str) and _BEFORE.search(before))
            if match:
                yield text, _record(match["word"]), part.start
            elif isinstance(after, str) and _DISTRIBUTION.match(after):
                if any(isinstance(one, str) and _STANDARD.search(one) for one in parts):
                    yield text, "normal_cdf", part.start


def _in_formulas(statements: Iterable[tree.Statement]) -> Iterator[tuple[str, str]]:
    """`f = \\tanh`, and `… = g(z) \\text{ (sigmoid)}`."""
    for statement in statements:
        chain = statement.chain
        if not isinstance(chain, tree.Chain):
            continue
        match chain:
            case tree.Chain((head, tree.Symbol(word)), (sign,)) if sign.kind in EQUAL:
                record = function_named(word) if len(word) > 1 else None
                text = letter(head)
                if record is not None and text is not None and len(text.lstrip("\\")) > 0:
                    if function_named(text.lstrip("\\")) is None:
                        yield text, record.name
        for call, formula in pairwise(chain.members):
            text = _function_letter(call) if isinstance(call, tree.Product) else None
            if text is not None and _is_softmax(call.factors[1].body, formula):
                yield text, "softmax"
        last = _function_letter(chain.members[-1])
        remarks = [_REMARK.fullmatch(note.text) for note in statement.notes]
        if last is not None and isinstance(chain.members[-1], tree.Product) and any(remarks):
            yield last, _record(next(filter(None, remarks))["word"])


def _is_softmax(place: Node, formula: Node) -> bool:
    """Whether a formula is `e^{z_i} / \\sum_j e^{z_j}`, for the place z_i."""
    match place, formula:
        case tree.Script(base), tree.Fraction(above, tree.Big("sum", _, _, below)):
            powers = [_exponent(side) for side in (above, below)]
            if powers[0] == place and isinstance(powers[1], tree.Script):
                return powers[1].base == base and powers[1] != place
    return False


def _exponent(node: Node) -> Node | None:
    """The x of `e^x` and `exp(x)`."""
    match node:
        case tree.Script(tree.Symbol("e"), None, power):
            return power
        case tree.Product((tree.Symbol("exp"), tree.Group("(", _, inside)), ("",)):
            return inside
    return None


def _record(word: str) -> str:
    return next(name for text, name in SPOKEN.items() if re.fullmatch(text, word, re.I))


def _function_letter(node: Node) -> str | None:
    """The g of `g`, `g(z)` and `g(\\cdot)`."""
    while isinstance(node, tree.Decorated):
        node = node.body
    match node:
        case tree.Product((word, tree.Group("(")), ("",)):
            node = word
    text = letter(node)
    short = text is not None and (len(text) == 1 or text.startswith("\\"))
    return text if short and function_named(text.lstrip("\\")) is None else None
