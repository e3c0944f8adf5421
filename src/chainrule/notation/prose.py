"""What the sentences around the formulas state: shapes in words, one-hot targets, layout."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from chainrule.notation import tree
from chainrule.notation.document import Document, Formula, Heading, Prose
from chainrule.notation.names import Name, named
from chainrule.notation.scripts import letter, scripted, subscripts
from chainrule.notation.syntax import statements_of
from chainrule.notation.tree import Node
from chainrule.notation.usage import Usage

_SHAPE = re.compile(
    r"^\s*(?:\w+\s+){0,4}(?:(?:is|be|are|as)\b\s*(?:an?|the)?|has|have|of|with|in)\s*"
    r"(?:\w+\s+){0,3}$",
    re.I,
)
_HAS_SHAPE = re.compile(r"^\s*(?:has|have|of|with)\s+(?:(?:the|a)\s+)?(?:shape|size)\s*$", re.I)
_SYMMETRIC = re.compile(
    r"(?<![\w-])(?:symmetric(?! about| around|ally|-)|positive[- ](?:semi-?)?definite"
    r"|covariance(?: matrix)?|precision matrix)",
    re.I,
)
_BOTH_SYMMETRIC = re.compile(r"\bboth (?:matrices |of them )?(?:are )?symmetric\b", re.I)
_MASK = re.compile(
    r"\b(?:masks?|(?:binary|indicator|0/1|zero-one)(?: weight)? (?:matrix|vector))\b", re.I
)
# What is said under a condition holds of that sentence alone.
_CONDITION = re.compile(r"\b(?:if|when|whenever|unless|in case|not|suppose|for)\b", re.I)
# Properties of which nothing is known but the word.
_PROPERTY = re.compile(
    r"(?<![\w-])(?:orthogonal(?: matrix)?|orthonormal|unitary|diagonal matrix|idempotent"
    r"|standardi[sz]ed|whitened|(?:permutation|commutation|rotation|projection|averaging) matrix)",
    re.I,
)
_ONE_HOT = re.compile(r"one[\s-]?hot", re.I)
_CLASS = re.compile(
    r"\s*(?:is|be|being|denotes|as)\s+the\s+(?:(?:index|number) of the\s+)?"
    r"(?:correct|true|target|right|gold|actual|observed|ground[- ]truth)\s+"
    r"(?:class|label|index|word)",
    re.I,
)
# Words between `one-hot` and the letter of the class.
_HOT_AT = re.compile(
    r"one[\s-]?hot\b(?:\s+(?:row|column|target|label))?"
    r"(?:\s+(?:vectors?|encoding|labels?|targets?))?"
    r"[\s,]+(?:of|for|at|with (?:a|the|its) (?:1|one) (?:at|in))"
    r"(?:\s+(?!length|size|dimension|width|shape|matri|rows?\b|columns?\b|whose|which)\w+){0,4}"
    r"\s*$",
    re.I,
)
_COLUMN_OF = re.compile(r"\bcolumns? of\s*$", re.I)
_IS_HOT = re.compile(r"\s*(?:is|are|being)\s+(?:a\s+)?one[\s-]?hot", re.I)
_UNIT = re.compile(r"one[\s-]?hot|\b(?:basis|unit|indicator)\s+vectors?\b", re.I)
_CONVOLVES = re.compile(r"\b(?:convol|(?:cross-?|auto-?)?correlat|conv\d*d?\b)\w*", re.I)
_FROM_ZERO = re.compile(
    r"\bind(?:ex|exes|ices|exing|ex values)\s+(?:\w+\s+){0,2}?(?:start|begin|run|count)\w*"
    r"\s+(?:at|from|with)\s+\$?(?:0|zero)\b|\b(?:zero|0)-based\b|\bcount(?:ing|ed)?\s+from"
    r"\s+\$?(?:0|zero)\b",
    re.I,
)
_WRAPPED = re.compile(
    r"\b(?:circular|periodic|cyclic|wrap\w*|reflect\w*|mirror\w*|replicat\w*) "
    r"(?:\w+ )?(?:convol|pad|bound|extend|extension|around|signal)|\b(?:modulo|indices mod)\b",
    re.I,
)
_SUMS = re.compile(r"\b(?:sums?|adds?) (?:up )?to (?:one|1)\b", re.I)
# What may stand between `one-hot` and the name it describes.
_ATTRIBUTE = re.compile(r"\s*(?:[a-z-]+(?:\s+|$)){0,3}", re.I)
_VERB = re.compile(r"\b(?:is|are|be|being)\b", re.I)
_LENGTH = re.compile(
    r"\bis an? (row|column)?\s*vector (?:of|with) (?:(?:length|size|dimension)s?\s*)?$", re.I
)
# `$p_j$ is the probability of class $j$`: what stands between the formulas.
_PROBABILITY = re.compile(
    r"\s*(?:is|gives|denotes|as)\s+the (?:predicted )?probability of(?: the)?"
    r"(?: (?:class|index|outcome|state|action|label|category))?\s*",
    re.I,
)

# `with T = 1` in a heading or a sentence, without signs around it.
_VALUE = re.compile(r"(?<![\w\\$.])([A-Za-z])\s?=\s?(\d+(?:\.\d+)?)(?![\w^/]|\s*[-+*/=]|\.\d)")

_IS_MATRIX = re.compile(r",?\s*(?:is|be|denotes)\s+(?:an?|the)\s+(?:[\w-]+\s+){0,2}matrix\b")
_MATRIX = re.compile(r"\bmatrix\s*$")


@dataclass(frozen=True)
class Sentence:
    """Prose and formulas up to a full stop, in order."""

    parts: tuple[str | Node, ...]


def sentences(document: Document) -> Iterator[Sentence]:
    """The sentences of a document with their single-statement formulas as trees."""
    parts: list[str | Node] = []
    for part in document.parts:
        if isinstance(part, Formula):
            statements = statements_of(document, part)
            parts.extend(statement.chain for statement in statements)
            if part.display:
                yield Sentence(tuple(parts))
                parts = []
            continue
        text = getattr(part, "text", "") if type(part).__name__ == "Prose" else "."
        *ended, rest = re.split(r"(?<=[.;:!?])\s+|\n\s*\n", text)
        for piece in ended:
            yield Sentence((*parts, piece))
            parts = []
        parts.append(rest)
    if parts:
        yield Sentence(tuple(parts))


def plain_values(document: Document) -> Iterator[tuple[int, str, tree.Number]]:
    """Where words set a letter to a number, the letter, and the number."""
    taken = [(part.start, part.end) for part in document.formulas]
    for part in document.parts:
        if isinstance(part, (Heading, Prose)):
            for found in _VALUE.finditer(document.text, part.start, part.end):
                if not any(a <= found.start() < b for a, b in taken):
                    number = tree.Number(found[2], start=found.start(2), end=found.end(2))
                    yield found.start(), found[1], number


def matrices_in_words(document: Document) -> set[str]:
    """The letters that sentences call matrices: `where $R$ is the diagonal matrix with …`."""
    found = set()
    for sentence in sentences(document):
        around = zip(("", *sentence.parts), sentence.parts, (*sentence.parts[1:], ""), strict=False)
        for before, part, after in around:
            called = isinstance(before, str) and _MATRIX.search(before)
            called = called or (isinstance(after, str) and _IS_MATRIX.match(after))
            if called and isinstance(part, tree.Symbol):
                found.add(letter(part))
    return found


def is_wrapped(document: Document) -> bool:
    """Whether the prose says that signals go on beyond their ends, other than by zeros."""
    return any(_WRAPPED.search(getattr(part, "text", "")) for part in document.parts)


def convolves(document: Document) -> bool:
    """Whether a document speaks of convolutions: a star between two arrays may be one there."""
    return document.says(_CONVOLVES)


def counts_from_zero(document: Document) -> bool:
    """Whether the prose says that indices start at 0."""
    return document.says(_FROM_ZERO)


def one_hot_names(document: Document, usage: Usage) -> set[str]:
    """The names that a sentence calls one-hot."""
    return set(_called(document, usage, _ONE_HOT))


def hot_columns(document: Document, usage: Usage) -> set[str]:
    """The Y of `each column of Y is one-hot`."""
    found = set()
    for sentence in sentences(document):
        for before, part, behind in zip(*(sentence.parts[k:] for k in range(3)), strict=False):
            if isinstance(before, str) and isinstance(behind, str) and not isinstance(part, str):
                if _COLUMN_OF.search(before) and _IS_HOT.match(behind):
                    found |= {_stem(part, usage)} - {None}
    return found


def symmetric_names(document: Document, usage: Usage) -> set[str]:
    """The names that a sentence without a condition calls symmetric, or a covariance matrix."""
    found = set(_called(document, usage, _SYMMETRIC, unless=_CONDITION))
    for sentence in sentences(document) if document.says(_BOTH_SYMMETRIC) else ():
        if any(isinstance(part, str) and _BOTH_SYMMETRIC.search(part) for part in sentence.parts):
            nodes = (part for part in sentence.parts if not isinstance(part, str))
            found |= {_stem(part, usage) for node in nodes for part in scripted(node)} - {None}
    return found


def masks(document: Document, usage: Usage) -> set[str]:
    """The names that a sentence calls masks: of zeros and ones."""
    return set(_called(document, usage, _MASK)) if document.says(_MASK) else set()


def special_names(document: Document, usage: Usage) -> set[str]:
    """The names to which words give a property that formulas take no account of."""
    return set(_called(document, usage, _PROPERTY)) if document.says(_PROPERTY) else set()


Hot = tuple[int, str, str]


def hot_places(document: Document, usage: Usage, one_hot: set[str]) -> tuple[Hot, ...]:
    """Where it is said at which class a one-hot vector is 1: the place, the vector, the letter.

    `y_k = 1`, `y is one-hot at k`, `the one-hot vector y of the true word o`; or the one letter of
    a class is called the correct one.
    """
    found, classes = [], set()
    for sentence in sentences(document):
        printed = [part for part in sentence.parts if not isinstance(part, str)]
        start = printed[0].start if printed else 0
        own = {text for part in printed if (text := letter(part)) in one_hot}
        for part, words in zip(sentence.parts, (*sentence.parts[1:], ""), strict=False):
            match part:
                case tree.Chain((tree.Script(base, tree.Symbol() as mark, None), one), (sign,)):
                    if sign.kind == "=" and one == tree.Number("1") and letter(base) in one_hot:
                        found.append((start, letter(base), letter(mark)))
                case tree.Symbol() if isinstance(words, str) and _CLASS.match(words):
                    classes.add(letter(part))
                case str() if isinstance(words, tree.Symbol) and _HOT_AT.search(part):
                    if len(own) == 1 and letter(words) not in own:
                        found.append((start, *own, letter(words)))
    of_class = ((0, name, *classes) for name in one_hot if len(classes) == 1)
    return (*of_class, *found)


def hot_at(places: Iterable[Hot], start: int) -> dict[str, str]:
    """The letters of the classes at a place in the document: as said last, or else further down."""
    found: dict[str, str] = {}
    for at, name, mark in sorted(places):
        if at <= start or name not in found:
            found[name] = mark
    return found


def unit_vectors(document: Document, defined: set[str]) -> frozenset[str]:
    """The letters e of vectors e_c that a sentence calls one-hot, or unit vectors."""
    return frozenset(
        text
        for sentence in sentences(document)
        if any(isinstance(part, str) and _UNIT.search(part) for part in sentence.parts)
        for part in sentence.parts
        if (text := _unit_letter(part)) is not None and text not in defined
    )


def _unit_letter(part: str | Node) -> str | None:
    """The e of a lone `e_c` or `e(c)`; of another letter only where it is bold."""
    match part:
        case tree.Product((tree.Symbol("e", ""), tree.Group("(", ")", tree.Symbol())), ("",)):
            return "e"
        case tree.Script(base, tree.Symbol(), None) if letter(base) is not None:
            bold = getattr(base, "font", "") == "bold"
            return letter(base) if bold or letter(base) == "e" else None
    return None


def normalised_names(document: Document, usage: Usage) -> set[str]:
    """The names that a sentence says to sum to one."""
    return set(_called(document, usage, _SUMS))


def probabilities(document: Document) -> dict[str, Node]:
    """For letters of an index: the entry that the one sentence on it calls its probability,
    as in `p_j is the probability of class j`."""
    found: dict[str, list[Node]] = {}
    for sentence in sentences(document):
        for entry, words, index in zip(
            sentence.parts, sentence.parts[1:], sentence.parts[2:], strict=False
        ):
            if isinstance(entry, str) or not isinstance(words, str) or isinstance(index, str):
                continue
            text = letter(index)
            if text is not None and _PROBABILITY.fullmatch(words) and _has_subscript(entry, text):
                found.setdefault(text, []).append(entry)
    return {text: entries[0] for text, entries in found.items() if len(entries) == 1}


def _has_subscript(node: Node, text: str) -> bool:
    return any(
        isinstance(part, tree.Script) and [letter(mark) for mark in subscripts(part.sub)] == [text]
        for part in tree.walk(node)
    )


def _called(
    document: Document, usage: Usage, word: re.Pattern, unless: re.Pattern | None = None
) -> Iterator[str]:
    """For each sentence with the word, the name it belongs to: in `one-hot row y` the next one,
    in `y is one-hot` the one before; not in sentences that say `unless`."""
    for sentence in sentences(document):
        position = next(
            (k for k, p in enumerate(sentence.parts) if isinstance(p, str) and word.search(p)), None
        )
        if position is None or (unless and any(map(unless.search, _words(sentence)))):
            continue
        before = [_stem(p, usage) for p in reversed(sentence.parts[:position])]
        after = [_stem(p, usage) for p in sentence.parts[position + 1 :]]
        text, match = sentence.parts[position], word.search(sentence.parts[position])
        said_of_before = _VERB.search(text[: match.start()])
        attribute = not said_of_before and _ATTRIBUTE.fullmatch(text[match.end() :])
        order = (after, before) if attribute and after else (before, after)
        found = [name for names in order for name in names if name]
        if found:
            yield found[0]


def _words(sentence: Sentence) -> Iterator[str]:
    return (part for part in sentence.parts if isinstance(part, str))


def _stem(part: str | Node, usage: Usage) -> str | None:
    """The t of t and of t_{nk}."""
    if isinstance(part, str):
        return None
    name = named(part.members[0] if isinstance(part, tree.Chain) else part, usage)
    return None if name is None or tree.Symbol(":") in name.places else name.text


def _name(part: str | Node, usage: Usage) -> Name | None:
    if isinstance(part, str):
        return None
    if isinstance(part, tree.Chain):
        part = part.members[0]
    name = named(part, usage)
    return None if name is None or name.places else name


def shapes(
    document: Document, usage: Usage, headed: Container[str]
) -> Iterator[tuple[str, tuple[Node, ...]]]:
    """(name, sizes as printed) for `W is a D × H matrix`, `b has shape 1 × H`, `W (D × H)`.

    headed  names with a formula: of which shape they are said to be is a claim
    """
    for sentence in sentences(document):
        parts = (*sentence.parts, "")
        for left, words, right, after in zip(parts, parts[1:], parts[2:], parts[3:], strict=False):
            if not isinstance(words, str) or isinstance(right, str):
                continue
            name = _name(left, usage)
            if name is None:
                continue
            product = isinstance(right, tree.Product) and set(right.operators) == {"times"}
            inside = words.strip() == "(" and isinstance(after, str) and after.startswith(")")
            given = name.text not in headed and _HAS_SHAPE.match(words)
            if product and (inside or given or _SHAPE.match(words)):
                yield name.text, name.untransposed(right.factors)
            elif (found := _LENGTH.search(words)) and named(right, usage):
                one = tree.Number("1")
                stand = (found.group(1) or "").lower()
                yield name.text, {"row": (one, right), "column": (right, one)}.get(stand, (right,))


_LAYOUT = re.compile(r"\b(row|column)[- ]vectors?\b", re.I)
# "All vectors are columns", "we write vectors as rows"; not "as rows of X".
_LAYOUT_OF_ALL = re.compile(
    r"\bvectors?(?: (?:are|be|is|as|stand|taken|to|written|treated|always|here|understood))*"
    r" (row|column)s\b(?! of)",
    re.I,
)


def layout(document: Document) -> str | None:
    """ "rows" or "columns" where the prose speaks of such vectors."""
    return layout_of_all(document) or _layout(document, _LAYOUT)


def layout_of_all(document: Document) -> str | None:
    """ "rows" or "columns" where the prose says that all vectors stand so."""
    return _layout(document, _LAYOUT_OF_ALL)


_EXAMPLES = (
    r"\b(?:examples?|inputs?|samples?|data ?points?|observations?|instances?|(?:images|pictures))\b"
)
_IN_COLUMNS = re.compile(
    rf"{_EXAMPLES}[^.;]{{0,50}}\b(?:in|as|are)(?: the| its| each| separate)? columns?\b"
    rf"|\bcolumns?\b[^.;]{{0,50}}\b(?:is|are|holds?|has|have|contains?)\b[^.;]{{0,30}}{_EXAMPLES}"
    r"|\bsoftmax\b[^.;]{0,50}\b(?:each|every) column\b|\bcolumn-?wise\b",
    re.I,
)


def examples_in_columns(document: Document) -> bool:
    """Whether the prose says that the columns of matrices are examples, each with its softmax."""
    return bool(_IN_COLUMNS.search(_text(document)))


def _text(document: Document) -> str:
    return " ".join(" ".join(getattr(part, "text", "") for part in document.parts).split())


def _layout(document: Document, pattern: re.Pattern) -> str | None:
    stated = {found[1].lower() for found in pattern.finditer(_text(document))}
    return f"{stated.pop()}s" if len(stated) == 1 else None
