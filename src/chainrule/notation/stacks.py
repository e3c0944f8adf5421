"""Matrices told by what they are made of: `X has the rows $x_n^T$`, `M is the matrix of m_ij`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.numbering import Stacks
from chainrule.notation.scripts import entries, is_transposed, letter, plain, scripted, subscripts
from chainrule.notation.sentences import FORMULA, Sentence, sentences, worded
from chainrule.notation.tree import EQUAL, Node

_LINE = r"(?P<line>row|column)s?"
_ARTICLE = r"(?:(?:the|its|as|one|all|vectors?|examples?|inputs?|samples?|a) )*"
_CALLED = r"(?:(?:(?:be|is|denotes) )?(?:the|an?) (?:\w+ ){0,2}matrix )?"
_LINES = [
    worded(rf"(?P<all>{FORMULA}),? {_CALLED}(?:with|has|having|have|contains|holds) {_ARTICLE}"
           rf"{_LINE} {_ARTICLE}(?P<one>{FORMULA})"),
    worded(rf"(?P<all>{FORMULA}),? (?:\w+ ){{0,4}}whose (?:{FORMULA}[ -]?th )?{_LINE} "
           rf"(?:is|are|contains?|holds?) {_ARTICLE}(?P<one>{FORMULA})"),
    worded(rf"{_LINE} of (?:the )?(?:\w+ ){{0,3}}(?P<all>{FORMULA}) (?:is|are) {_ARTICLE}"
           rf"(?P<one>{FORMULA})"),
    worded(rf"(?P<one>{FORMULA}) (?:is|are|be|denotes?|being) the (?:{FORMULA}[ -]?th )?{_LINE} of "
           rf"(?:the )?(?:\w+ ){{0,3}}(?P<all>{FORMULA})"),
    worded(rf"(?:stack|collect|gather|arrange|put|write)\w* {_ARTICLE}(?P<one>{FORMULA}) "
           rf"(?:in|into|as|to) (?:the )?{_LINE} (?:of|in|into) (?:the |a )?(?:\w+ ){{0,3}}"
           rf"(?P<all>{FORMULA})"),
]  # fmt: skip
_FAMILY = worded(rf"(?P<what>[\w-]+) vectors? (?P<one>{FORMULA})")
_FAMILY_AS_LINES = worded(
    rf"(?P<what>[\w-]+) vectors (?:are|as|form|make up|in|into) (?:the )?{_LINE} (?:of|in) "
    rf"(?:the |a )?(?:\w+ ){{0,3}}(?P<all>{FORMULA})"
)
_MATRIX = r"matri(?:x|ces) (?:of|with|made of)(?: (?:the )?(?:entries|elements|components))?"
_ENTRIES = [
    worded(rf"(?P<all>{FORMULA}),? (?:(?:is|be|being|denotes) )?the (?:{FORMULA} )?{_MATRIX} "
           rf"(?:the )?(?P<one>{FORMULA})"),
    worded(rf"(?P<all>{FORMULA}) and (?P<all2>{FORMULA}) are the (?:{FORMULA} )?{_MATRIX} "
           rf"(?:the )?(?P<one>{FORMULA}) and (?:the )?(?P<one2>{FORMULA})"),
]  # fmt: skip
_DIAGONAL = [
    worded(rf"diagonal matri(?:x|ces),? (?:with )?(?P<all>{FORMULA})"),
    worded(rf"(?P<all>{FORMULA}) (?:is|be|being|denotes) (?:the |an? )?(?:\w+ )?diagonal"),
]
_HINT = re.compile(r"\b(?:rows?|columns?|matri(?:x|ces) (?:of|with)|diagonal)\b", re.I)


def stacks(
    document: Document, nodes: Iterable[Node], families: Iterable[str] = ()
) -> Stacks:
    """The matrices that a document tells by their rows, columns or entries.

    families  letters of which each numbered one is a vector

    >>> from chainrule.notation.document import read_document
    >>> stacks(read_document("Let $X$ be the matrix with rows $x_n^T$.", "note"), ()).lines
    {'x': ('X', True, None)}
    """
    found, nodes = Stacks(), list(nodes)
    chains = [node for node in nodes if isinstance(node, tree.Chain)]
    for chain in chains:
        if (stack := written_out(chain)) is not None:
            base, matrix, is_row = stack
            if base in families or _is_matrix(matrix, chains):
                last = entries(chain.members[1])[-1].sub
                found.lines.setdefault(base, (matrix, is_row, _running_to(last, base, nodes)))
    found.entries = {
        matrix: base
        for matrix, base in filter(None, map(_in_brackets, chains))
        if not _has_marks(matrix, nodes)
    }
    if not document.says(_HINT):
        return found
    heads = {letter(one.members[0]) for one in chains if one.relations[0].kind in EQUAL}
    named_ = _families(sentences(document))
    for sentence in sentences(document):
        for one, matrix, is_row in _lines(sentence):
            base, numbers = _numbered(one, nodes)
            if base is not None and matrix not in heads:
                found.lines.setdefault(base, (matrix, is_row, numbers))
        for base, matrix, is_row, own in _named(sentence, named_):
            if matrix not in heads:
                found.lines.setdefault(base, (matrix, is_row, _numbers(base, own, nodes)))
        for matrix, base in _entries(sentence):
            if matrix not in heads and matrix != base:
                found.entries.setdefault(matrix, base)
        found.diagonal.update(_diagonal(sentence))
    return found


def written_out(chain: tree.Chain) -> tuple[str, str, bool] | None:
    """(u, U, False) for `U = [u_1, u_2, …, u_V]`: a matrix by its columns; True if by its rows."""
    if chain.relations[0].kind not in EQUAL:
        return None
    matrix, items = _capital(chain.members[0]), entries(chain.members[1])
    numbered = [one for one in items if not isinstance(one, tree.Ellipsis)]
    if matrix is None or not all(isinstance(one, tree.Script) for one in numbered):
        return None
    bases = {letter(one.base) for one in numbered}
    base = bases.pop() if len(bases) == 1 else None
    if base is None or base[0].isupper() or len(items) == len(numbered):
        return None
    turned = {is_transposed(one) for one in numbered}
    first, last = numbered[0].sub, numbered[-1].sub
    if not isinstance(first, tree.Number) or not isinstance(last, tree.Symbol):
        return None
    body = chain.members[1]
    below = isinstance(body, tree.Matrix) and len(body.rows) > 1
    if turned != {below} or (below and is_transposed(body)):
        return None
    return base, matrix, below or is_transposed(body)


def _running_to(last: Node, base: str, nodes: list[Node]) -> frozenset[str]:
    """The subscripts of a letter in print, without those that run to another number than the last:
    the k of a sum over u_k up to K, where U has V columns."""
    parts = [p for n in nodes for p in scripted(n) if isinstance(p, tree.Script)]
    marks = {plain(m) for p in parts if letter(p.base) == base for m in subscripts(p.sub)}
    sums = [p for n in nodes for p in tree.walk(n) if isinstance(p, tree.Big) and p.sup is not None]
    others = {
        letter(one.sub.members[0])
        for one in sums
        if isinstance(one.sub, tree.Chain) and one.sup != last
    }
    return frozenset(marks - others)


def _is_matrix(matrix: str, chains: list[tree.Chain]) -> bool:
    """Whether two sizes are stated of a name."""
    return any(
        letter(chain.members[0]) == matrix and _is_space(member)
        for chain in chains
        for relation, member in zip(chain.relations, chain.members[1:], strict=True)
        if relation.kind == "in"
    )


def _is_space(node: Node) -> bool:
    match node:
        case tree.Script(tree.Symbol("R"), None, tree.Product((_, _), ("times",))):
            return True
    return False


def _diagonal(sentence: Sentence) -> Iterator[str]:
    for pattern in _DIAGONAL:
        for match in pattern.finditer(sentence.flat):
            node = sentence.prints[match["all"]].node
            head = node.members[0] if isinstance(node, tree.Chain) else node
            yield _capital(head.base if isinstance(head, tree.Script) else head) or ""


def _lines(sentence: Sentence) -> Iterator[tuple[Node, str, bool]]:
    for pattern in _LINES:
        for match in pattern.finditer(sentence.flat):
            one = sentence.prints[match["one"]].node
            matrix = _capital(sentence.prints[match["all"]].node)
            if matrix is not None:
                yield one, matrix, match["line"].lower() == "row"


def _numbered(one: Node, nodes: list[Node]) -> tuple[str | None, frozenset[str] | None]:
    """(letter, what numbers the vectors) of `x_n^T`, and of `x_1, …, x_N`; (None, None) else."""
    listed = isinstance(one, tree.List)
    last = one.items[-1] if listed else one
    if not isinstance(last, tree.Script):
        return None, None
    base, marks = letter(last.base), subscripts(last.sub)
    own = letter(marks[0]) if len(marks) == 1 else None
    bare = last.sup is None or is_transposed(last)
    if not (bare and base and own) or base[0].isupper():
        return None, None
    if listed:
        return base, _running_to(last.sub, base, nodes)
    return base, _numbers(base, own, nodes)


def _families(known: Iterable[Sentence]) -> dict[str, tuple[str, str]]:
    """(u, w) for `the outside vector u_w`, by the word before the vector."""
    found: dict[str, tuple[str, str]] = {}
    for sentence in known:
        for match in _FAMILY.finditer(sentence.flat):
            node = sentence.prints[match["one"]].node
            one = node.members[0] if isinstance(node, tree.Chain) else node
            if isinstance(one, tree.Script) and one.sup is None:
                marks = subscripts(one.sub)
                base, own = letter(one.base), letter(marks[0]) if len(marks) == 1 else None
                if base and own and not base[0].isupper():
                    found.setdefault(match["what"].lower(), (base, own))
    return found


def _named(
    sentence: Sentence, families: dict[str, tuple[str, str]]
) -> Iterator[tuple[str, str, bool, str]]:
    """`The outside vectors are the columns of U`, where these are known."""
    for match in _FAMILY_AS_LINES.finditer(sentence.flat):
        matrix = _capital(sentence.prints[match["all"]].node)
        if matrix is not None and match["what"].lower() in families:
            base, own = families[match["what"].lower()]
            yield base, matrix, match["line"].lower() == "row", own


def _entries(sentence: Sentence) -> Iterator[tuple[str, str]]:
    for pattern in _ENTRIES:
        for match in pattern.finditer(sentence.flat):
            pairs = [("all", "one")] + [("all2", "one2")] * ("all2" in match.groupdict())
            for whole, part in pairs:
                matrix = _capital(sentence.prints[match[whole]].node)
                one = sentence.prints[match[part]].node
                if matrix is not None and isinstance(one, tree.Script) and one.sup is None:
                    if len(subscripts(one.sub)) == 2 and (base := letter(one.base)):
                        yield matrix, base


def _in_brackets(chain: tree.Chain) -> tuple[str, str] | None:
    """(W, w) for `W = (w_{ij})`."""
    matrix = _capital(chain.members[0])
    match chain.members[1]:
        case tree.Group("(" | "[", _, tree.Script(base, _, None) as entry):
            marks = [letter(mark) for mark in subscripts(entry.sub)]
            if matrix and len(marks) == 2 and None not in marks and letter(base) != matrix:
                return matrix, letter(base)
    return None


def _has_marks(matrix: str, nodes: list[Node]) -> bool:
    """Whether a letter also stands for others, told apart by a mark, as in W_Q and W_1."""
    parts = (part for node in nodes for part in scripted(node) if isinstance(part, tree.Script))
    own = (part for part in parts if letter(part.base) == matrix)
    return any(len(subscripts(part.sub)) == 1 for part in own if part.sub is not None)


def _capital(node: Node) -> str | None:
    """The X of `X` and of `X ∈ ℝ^{N × D}`."""
    text = letter(node.members[0] if isinstance(node, tree.Chain) else node)
    bare = (text or "").lstrip("\\")
    return text if bare[:1].isupper() else None


def _numbers(base: str, own: str, nodes: list[Node]) -> frozenset[str] | None:
    """What numbers the vectors, in print; None is anything, where the letter never stands alone."""
    parts = [part for node in nodes for part in scripted(node)]
    if not any(letter(part) == base or _is_raised(part, base) for part in parts):
        return None
    turned = [p for node in nodes for p in tree.walk(node) if is_transposed(p)]
    inside = (part for one in turned for part in (one, *scripted(one.base)))
    over = (p for p in inside if isinstance(p, tree.Script) and letter(p.base) == base)
    return frozenset({own}.union(*(map(plain, subscripts(part.sub)) for part in over)))


def _is_raised(node: Node, base: str) -> bool:
    """Whether a letter stands without a subscript, as in w^T."""
    return isinstance(node, tree.Script) and node.sub is None and letter(node.base) == base
