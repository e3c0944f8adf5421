"""Names whose definition stands in a document but is not read: nothing false is said of them.

Such a formula has something in front of its name that is not understood, is no plain equation
(`μ ← …`, `p ∝ …`), gives several names a meaning at once, or is put in words. Or what computes a
name, as in `y = softmax(z)`, is not what other words call it: the true label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.each import stated_of_each
from chainrule.notation.heads import is_numeric, mentions, undecorated
from chainrule.notation.names import named
from chainrule.notation.prose import Sentence, sentences
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.sentences import worded
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.usage import Usage

# Signs other than those of equality by which people say what something is.
_GIVES = {"gets", "propto", "approx", "leadsto"}

_QUANTITY = (
    r"(?:mean|average|variance|standard deviation|weighted (?:sum|input|average)|running \w+"
    r"|(?:squared |euclidean )?norm|centroid|median|pre-?activations?)s?"
)
# `the mean $\mu$`, and `$\mu$ is the mean`: what stands before a name, and behind it.
_BEFORE = worded(rf"\b(?:the|its|their|a|and) (?:[\w-]+ )?{_QUANTITY}(?: vector)? ?$")
_BEHIND = worded(
    r"^,? ?(?:is|are|be|being|denotes?|represents?|stands? for) (?:the|its|their) (?:[\w-]+ ){0,2}"
    rf"{_QUANTITY}\b"
    r"|^= ?(?:the |a )?one-?hot\b"
)
_LABEL = worded(
    r"^,? ?(?:is|are|be|being|denotes?|represents?) (?:the|a|an|its|their) (?:one-?hot )?"
    r"(?:(?:true|correct|actual|ground[- ]truth|desired|expected) (?:\w+ )?"
    r"(?:labels?|values?|outputs?|class|distribution|targets?)|labels?|targets?)\b"
)
# Functions at the end of a network.
_OUTPUTS = {"softmax", "sigmoid", "\\sigma", "tanh"}
# Of a distribution, the mean is a parameter and nothing that is computed.
_PARAMETERS = worded(r"\b(?:normal|gaussian|distribut\w+|prior|density|noise)\b")


def half_read(document: Document, nodes: Iterable[Node], usage: Usage) -> set[str]:
    """The names that something says a meaning of, other than a plain equation of theirs."""
    found = set(_in_words(document, usage))
    for node in nodes:
        found.update(_of_each(node, usage))
        if isinstance(node, tree.Chain) and not is_numeric(node.members[1]):
            found.update(_by_chain(node, usage))
    return found


def computed_labels(document: Document, nodes: list[Node], usage: Usage) -> set[str]:
    """The names that words call the true label, and a formula what a network gives."""
    computed = set()
    for node in nodes:
        match node:
            case tree.Chain((head, body, *_), (sign, *_)) if sign.kind in EQUAL:
                name = named(undecorated(head), usage)
                words = {letter(part) for part in tree.walk(body)}
                computed |= {name.text} if name is not None and words & _OUTPUTS else set()
    return {text for text in _named_in(document, usage, _is_label) if text in computed}


def _is_label(before: str, behind: str) -> bool:
    return _LABEL.search(behind) is not None


def _of_each(node: Node, usage: Usage) -> Iterator[str]:
    """The x of `x_t ∈ ℝ^D` where x_t is read as a number: x is not what it is taken for."""
    for base, one, _ in stated_of_each(node):
        name = named(one, usage)
        known = name is None or name.example or not name.places or usage.is_numbered_name(base)
        if not known and base not in usage.stacks.lines:
            yield name.text


def _by_chain(chain: tree.Chain, usage: Usage) -> Iterator[str]:
    head, body, kind = undecorated(chain.members[0]), chain.members[1], chain.relations[0].kind
    if kind in _GIVES:
        name = named(head, usage)
        if name is not None and not mentions(body, name.text, usage) and _says(kind, body):
            yield name.text
    elif kind in EQUAL and (isinstance(head, tree.List) or _is_marked(head)):
        yield from (name.text for part in scripted(head) if (name := named(part, usage)))


def _says(kind: str, body: Node) -> bool:
    """Whether a sign between a name and a formula tells what the name is."""
    return kind != "leadsto" or isinstance(body, (tree.Sum, tree.Product, tree.Fraction))


def _is_marked(head: Node) -> bool:
    """Whether something that is no mathematics stands beside a name."""
    return any(isinstance(part, (tree.Unread, tree.Text)) for part in tree.walk(head))


def _in_words(document: Document, usage: Usage) -> Iterator[str]:
    return _named_in(document, usage, _is_quantity)


def _is_quantity(before: str, behind: str) -> bool:
    return bool(_BEFORE.search(before) or _BEHIND.search(behind))


def _named_in(
    document: Document, usage: Usage, told: Callable[[str, str], bool]
) -> Iterator[str]:
    """The names of which the words in front of them and behind them tell something."""
    for sentence, after in pairwise([*sentences(document), Sentence(())]):
        parts = sentence.parts
        if any(isinstance(part, str) and _PARAMETERS.search(part) for part in parts):
            continue
        # A name that is set off ends its sentence: `$$y$$ is the label`.
        following = [*parts[1:], *after.parts[:1], ""]
        for before, part, behind in zip(["", *parts], parts, following, strict=False):
            if isinstance(part, str):
                continue
            name = named(undecorated(part), usage)
            words = [_bare(one) for one in (before, behind)]
            if name is not None and told(*words):
                yield name.text


def _bare(part: str | Node) -> str:
    """Words without the spaces and stars around them."""
    return part.strip("* \n\t") if isinstance(part, str) else ""
