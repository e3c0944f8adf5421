"""Which subscripts are part of a name, as in `W_Y`, `d_{ff}`, `x_o`, and which count something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from chainrule.notation import tree
from chainrule.notation.numbering import is_layer
from chainrule.notation.scripts import is_transposed, letter, plain, scripted, subscripts
from chainrule.notation.tree import Node
from chainrule.notation.vocabulary import SUBSCRIPT_WORDS

# Letters for parameters below the name of a function: h_θ(x).
PARAMETERS = {"\\theta", "\\Theta", "\\phi", "\\lambda"}

# Below a letter these tell apart what is called alike, as in J_A and J_B, and count nothing.
NAME_LETTERS = set("ABEFGIJORUWXYZ")
# Letters for numbers of elements: with a letter below they stay names, as D_y and d_h.
SIZE_LETTERS = set("DNMHKCdnm")
# Letters that number rows, layers and steps, and those that often do.
_PLACES, _NUMBERS = {"i", "j", "l", "\\ell", "t", "n", "m"}, {"k", "r", "s"}
# Letters of layers: hidden, output.
_LAYER_LABELS = {"h", "o"}
# Below a letter these say what it belongs to, where nothing runs over them.
_LABELS = {"x", "h", "o", "z", "w"}
# Words below such a letter that are no row of indices.
_SIZE_WORDS = SUBSCRIPT_WORDS | {"ff", "in"}


def joined(marks: tuple[Node, ...]) -> str:
    """The text of the subscripts of a name: of d_{ff} the word, else one after the other."""
    texts = [plain(mark) for mark in marks]
    word = "".join(texts)
    return word if word in _SIZE_WORDS else ",".join(texts)


def is_name_mark(marks: tuple[Node, ...], base: str, usage) -> bool:
    if base in SIZE_LETTERS and len(marks) > 1 and joined(marks) in _SIZE_WORDS:
        return True
    if base in usage.layer_sizes and len(marks) == 1:
        return is_layer(marks[0]) or isinstance(marks[0], tree.Number)
    if all(isinstance(mark, tree.Number) for mark in marks):
        return usage.is_numbered_name(base) or (
            # The bias w_0 beside a sum of w_j x_j from 1.
            marks == (tree.Number("0"),) and usage.counting.is_before_first(base)
        )
    if base[0].isupper() or base == "b":
        if usage.routes and usage.routes.issuperset(letter(mark) for mark in marks):
            return True
    if len(marks) != 1 or not isinstance(marks[0], (tree.Symbol, tree.Accent, tree.Text)):
        return False
    mark = letter(marks[0]) or "?"
    if mark.startswith("·"):
        # The running index of a pattern with dots.
        return False
    if (base, mark) in usage.fixed:
        return True
    if (base, mark) in usage.indexed:
        return False
    if (base, mark) in usage.windowed:
        return False
    if mark in PARAMETERS | usage.quantities and base not in ("\\nabla", "\\partial", "D", "E"):
        return True
    if mark in NAME_LETTERS and mark not in usage.running:
        return True
    entry = mark in ("i", "j", "k", "l") or (mark in usage.running and base in usage.headed)
    if base in SIZE_LETTERS and (not entry or (base, mark) in usage.widths):
        return True
    word = len(mark.rstrip("'")) > 1 and not mark.startswith("\\")
    # What has a formula of its own is no index: the o of δ_o, after o = Σ_j v_j h_j.
    counts = mark in usage.running or (base in usage.counted and mark not in usage.headed)
    return word or (mark in _LABELS and not counts)


def axes(nodes: list[Node]) -> set[str]:
    """The letters of labels that are indices: the o of `Y_{oij}`, and so that of `b_o`."""
    parts = (part for node in nodes for part in scripted(node) if isinstance(part, tree.Script))
    found = (subscripts(part.sub) for part in parts if part.sub is not None)
    rows = (set(map(letter, marks)) for marks in found if len(marks) > 2)
    return _LABELS & {mark for row in rows if row & {"i", "j", "k"} for mark in row}


def quantities(nodes: list[Node], running: set[str]) -> set[str]:
    """The Greek letters that formulas reckon with, as ε in 1 - ε, others that are positive, as r
    where r > 0, and the masks of `M ⊙ E`: below a name they say of which value it is, as in J_ε,
    and count nothing."""
    found, masks = set(), set()
    for part in (part for node in nodes for part in _outside_scripts(node)):
        if isinstance(part, (tree.Product, tree.Sum)):
            found |= {letter(one) for one in tree.children(part)}
        if isinstance(part, tree.Product) and "odot" in part.operators[:1]:
            masks |= {letter(part.factors[0])}
    greek = {text for text in found - {None} if text[0] == "\\" and text[1:].islower()}
    positive = set(map(_positive, nodes)) & found - {None} - _PLACES - {"k"}
    return (greek | positive | {text for text in masks - {None} if text.isupper()}) - running


def _positive(node: Node) -> str | None:
    """The r of `r > 0`."""
    match node:
        case tree.Chain((one, tree.Number()), (tree.Relation(">"),)):
            return letter(one)
    return None


def _outside_scripts(node: Node) -> Iterator[Node]:
    """The node and all parts of it, but for its subscripts and superscripts."""
    yield node
    for part in (node.base,) if isinstance(node, tree.Script) else tree.children(node):
        yield from _outside_scripts(part)


def labelled(nodes: list[Node], running: set[str]) -> set[tuple[str, str]]:
    """The z and o of `z_{oi}`, where o is no index but says that z is of the output: it stands
    alone below another letter, as in b_o, and no sum runs over it."""
    pairs: dict[str, set[tuple[str | None, str | None]]] = {}
    alone: dict[str, set[str]] = {}
    for part in (part for node in nodes for part in scripted(node)):
        if isinstance(part, tree.Script) and part.sub is not None and (base := letter(part.base)):
            marks = tuple(map(letter, subscripts(part.sub)))
            if len(marks) == 2:
                pairs.setdefault(base, set()).add(marks)
            elif len(marks) == 1 and marks[0]:
                alone.setdefault(marks[0], set()).add(base)
    labels = {mark for mark in _LAYER_LABELS - running if alone.get(mark)}
    return {
        (base, mark)
        for base, found in pairs.items()
        if all(first in labels and second not in labels | {None} for first, second in found)
        for mark in {first for first, _ in found}
        if alone[mark] - {base}
    }


# e_c is a unit vector for any c.
UNITS = {"e"}


def fixed_vectors(
    nodes: list[Node], families: set[str], counted: set[str], running: set[str]
) -> set[tuple[str, str]]:
    """The v and c of `v_c` where c is the one word spoken of: nothing runs over it, and only
    vectors have it below, so that v_c is one vector and no entry."""
    marked: dict[str, set[str]] = {}
    for node in nodes:
        for part in scripted(node):
            # What `\nabla_{v_c}` differentiates by stands there as anywhere.
            if isinstance(part, tree.Script) and part.sub and letter(part.base) != "\\nabla":
                marks = subscripts(part.sub)
                for mark in {text for one in marks for text in map(letter, scripted(one)) if text}:
                    name = letter(part.base) if len(marks) == 1 else None
                    marked.setdefault(mark, set()).add(name or "")
    given = {letter(c) for n in nodes for p in tree.walk(n) for c in _conditions(p)}
    return {
        (base, mark)
        for mark, bases in marked.items()
        if mark not in running | given and bases - UNITS <= families
        for base in (bases - UNITS if len(bases - UNITS) == 1 else bases - counted - UNITS)
    }


def members(nodes: list[Node], families: set[str], fixed: set[tuple[str, str]]) -> set[str]:
    """The letters that say which vector of a family is meant: the o of `u_o^T v_c`."""
    parts = (part for node in nodes for part in scripted(node) if isinstance(part, tree.Script))
    pairs = {(letter(part.base), _lone_mark(part)) for part in parts} - fixed
    return {mark for base, mark in pairs if base in families and mark}


def with_parameters(nodes: list[Node], running: set[str]) -> set[tuple[str, str]]:
    """The f and b of `f_b(z) = ln(1 + e^{bz}) / b`: the formula reckons with b, which says of which
    function it is."""
    found = set()
    for node in nodes:
        match node:
            case tree.Chain(
                (tree.Product((tree.Script(base, mark, None), tree.Group())), body, *_)
            ):
                text = letter(mark) if isinstance(mark, tree.Symbol) else None
                below = {letter(m) for p in scripted(body) for m in _marks_of(p)}
                if text and text not in running | below and letter(base) and _reckons(body, text):
                    found.add((letter(base), text))
    return found


def _marks_of(part: Node) -> tuple[Node, ...]:
    return subscripts(part.sub) if isinstance(part, tree.Script) and part.sub is not None else ()


def _reckons(body: Node, text: str) -> bool:
    """Whether a letter is a factor, a term, or part of a fraction in a formula."""
    parts = (p for p in tree.walk(body) if isinstance(p, (tree.Product, tree.Sum, tree.Fraction)))
    return any(letter(one) == text for part in parts for one in tree.children(part))


def with_indices(nodes: list[Node]) -> set[tuple[str, str]]:
    """The m and n of `m_n = Σ_d X_{nd} / D`: what is given for each n, as the X_{nd} are."""
    found = set()
    for node in nodes:
        match node:
            case tree.Chain((tree.Script(base, tree.Symbol() as mark, None), body, *_), (sign, *_)):
                pairs = [marks for p in scripted(body) if len(marks := _marks_of(p)) == 2]
                if sign.kind in tree.EQUAL and any(mark in marks for marks in pairs):
                    found.add((letter(base) or "", letter(mark) or ""))
    return found


def any_layer(nodes: list[Node], heads: dict[str, set[str]], running: set[str]) -> Counter:
    """How often the letters of layers have one for any layer below them: the Z of `∂L/∂Z_k` beside
    `Z_1 = …` and `Z_2 = …`, where k stands nowhere else."""
    layers = {base for base, numbers in heads.items() if len(numbers) > 1}
    below: dict[str, Counter] = {}
    for part in (part for node in nodes for part in scripted(node)):
        marks = subscripts(part.sub) if isinstance(part, tree.Script) and part.sub else ()
        for mark in filter(None, map(letter, marks)):
            base = letter(part.base) if len(marks) == 1 else None
            below.setdefault(mark, Counter())[base or ""] += 1
    found = Counter()
    for mark, bases in below.items():
        if mark not in running and bases.keys() <= layers:
            found += bases
    return found


def lettered_matrices(nodes: list[Node], running: set[str]) -> set[tuple[str, str]]:
    """The W and q of `W_q, W_k ∈ ℝ^{d × d}`: W has no other letters below it, and nothing runs
    over these, so that each is a matrix of its own and no entry or row of W."""
    stated: dict[str, set[str]] = {}
    others: set[str] = set()
    for part in (part for node in nodes for part in tree.walk(node)):
        if isinstance(part, tree.Chain) and _is_matrix_space(part):
            head = part.members[0]
            for one in head.items if isinstance(head, tree.List) else (head,):
                base, mark = _lettered(one)
                if mark:
                    stated.setdefault(base, set()).add(mark)
    for part in (part for node in nodes for part in scripted(node)):
        base, mark = _lettered(part)
        if mark not in stated.get(base, ()):
            others.add(base)
    return {
        (base, mark)
        for base, marks in stated.items()
        if base not in others and not marks & (running | _PLACES) and marks - _NUMBERS
        for mark in marks
    }


def _is_matrix_space(chain: tree.Chain) -> bool:
    match chain.members[1], chain.relations[0].kind:
        case tree.Script(tree.Symbol("R", "blackboard"), None, tree.Product((_, _), signs)), "in":
            return signs == ("times",)
    return False


def _lettered(node: Node) -> tuple[str, str]:
    """The W and q of `W_q` and `W_q^T`; of anything else that is printed the letter, and ""."""
    if not isinstance(node, tree.Script):
        return letter(node) or "", ""
    base, mark = letter(node.base) or "", _lone_mark(node)
    plain_ = node.sup is None or is_transposed(node)
    return base, mark if mark and plain_ and base[:1].isupper() else ""


def _lone_mark(node: tree.Script) -> str | None:
    """The letter below a name, where it is alone."""
    match subscripts(node.sub):
        case (tree.Symbol() as mark,):
            return letter(mark)
    return None


def _conditions(node: Node) -> Iterable[Node]:
    """The letter given in `p(o | c)`."""
    return (node.condition,) if isinstance(node, tree.Conditional) else ()


def headed_letters(nodes: list[Node]) -> set[str]:
    """The letters that stand at the head of equations, or of which a shape is stated, and that are
    no sizes, as those in ℝ^d are."""
    found, sizes = set(), set()
    for part in (part for node in nodes for part in tree.walk(node)):
        match part:
            case tree.Chain((head, *_), (tree.Relation(kind), *_)) if kind in tree.EQUAL:
                found.add(letter(head))
            case tree.Chain((head, tree.Script(), *_), (tree.Relation("in"), *_)):
                found |= {letter(one) for one in getattr(head, "items", (head,))}
            case tree.Script(tree.Symbol(_, "blackboard"), _, tree.Node() as shape):
                sizes |= {letter(one) for one in scripted(shape)}
    return found - sizes


def counted_letters(nodes: list[Node], running: set[str]) -> set[str]:
    """The letters that have below them what a sum runs over: the u of a sum of u_w over w."""
    return {
        base
        for node in nodes
        for part in scripted(node)
        if isinstance(part, tree.Script) and len(marks := subscripts(part.sub)) == 1
        if letter(marks[0]) in running and (base := letter(part.base)) is not None
    }


def of_marked(
    base: str, marks: tuple[Node, ...], sub: Node | None, usage
) -> tuple[str, tuple[Node, ...]]:
    """The W_Q and the k, l of `W_{Q,kl}`, an entry of W_Q: after the mark stands a comma; and the
    z_o and the i of `z_{oi}`."""
    if len(marks) == 2 and (base, letter(marks[0])) in usage.labelled:
        return f"{base}_{letter(marks[0])}", marks[1:]
    if isinstance(sub, tree.List) and (letter(marks[0]) or "?")[0].isupper():
        if len(marks) > 1 and is_name_mark(marks[:1], base, usage):
            return f"{base}_{braced(joined(marks[:1]))}", marks[1:]
    return base, marks


def windowed(nodes: list[Node]) -> set[tuple[str, str]]:
    """The m and q of `m_q = max(y_{2q}, y_{2q + 1})`: q is a place, since what stands there is
    read at places that are reckoned with it."""
    found = set()
    for node in nodes:
        match node:
            case tree.Chain((tree.Script(head, tree.Symbol() as place), *bodies), (sign, *_)):
                inside = (part for body in bodies for part in tree.walk(body))
                subs = (part.sub for part in inside if isinstance(part, tree.Script))
                marks = (mark for sub in subs for mark in subscripts(sub))
                computed = (mark for mark in marks if _is_of_window(mark))
                if sign.kind in tree.EQUAL and any(place in tree.walk(one) for one in computed):
                    found.add((letter(head), letter(place)))
    return found


def _is_of_window(mark: Node) -> bool:
    """Whether a place is reckoned as `2q` or `q + s`; `t - 1` is that of a step before."""
    match mark:
        case tree.Sum(terms):
            return sum(not isinstance(term, tree.Number) for term in terms) > 1 or any(
                map(_is_of_window, terms)
            )
    return isinstance(mark, tree.Product)


def braced(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"


def is_entry_of_numbered(node: Node | None) -> bool:
    """Whether a subscript may be that of an entry of W_1: a number, a comma, letters."""
    match node:
        case tree.Group("{", _, body):
            return is_entry_of_numbered(body)
        case tree.List((tree.Number(), rest), (",",)):
            return all(isinstance(one, tree.Symbol) for one in subscripts(rest))
    return False


def numbered_element(sub: Node | None) -> tuple[tree.Number, tuple[Node, ...]] | None:
    """The 2 and the k of `z_{2,k}`, element k of z_2."""
    match sub:
        case tree.List((tree.Number() as number, *rest), _) if rest:
            if all(isinstance(mark, tree.Symbol) for mark in rest):
                return number, tuple(rest)
    return None
