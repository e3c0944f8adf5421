"""What is supposed, set or done, and not claimed: conditions, updates, a name set anew."""

from __future__ import annotations

import re
from dataclasses import replace

from chainrule.checker.equality import is_size
from chainrule.checker.numbers_put_in import PUT_IN, are_put_in, calls
from chainrule.language.facts import ONE_OF
from chainrule.language.inline import elements
from chainrule.notation import tree
from chainrule.notation.heads import function_head, mentions, parameter, undecorated
from chainrule.notation.leibniz import is_derivative, is_gradient_sign, is_operator, operand
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem
from chainrule.notation.restated import REQUIRED, RESTATED, is_derived
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.value import Value

# Words before an equation that is to be solved.
_SOLVED = re.compile(
    r"\b(?:set(?:ting)?|solv(?:e|es|ing)|vanish\w*|zero|(?:minim|optim|extrem)\w+"
    r"|normal equations?|systems? of (?:linear )?equations)\b",
    re.I,
)
# `Setting the gradient to zero gives $A x = b$`: what follows is true at that place only.
_VANISHES = re.compile(
    r"\b(?:set(?:ting)?|equat(?:e|ing))\b(?:[^.;$]|\$[^$]*\$)*\b(?:zero|0)\b[^.;$]*"
    r"\b(?:gives?|yields?|get|obtain|find|leads? to|means?|shows?|so|hence|thus)\b[^.;$]*$",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_SYSTEM = re.compile(r"\b(?:systems? of (?:linear )?equations|(?:un)?solv\w+|solutions?)\b", re.I)
CHOICE = (
    r"\b(?:take|let|choose|pick|suppose|assume|set|put|for (?:instance|example)|e\.g\.|say|if)\b"
)
# Words that choose values in an example, up to where something is said to follow.
_CHOSEN = re.compile(
    rf"{CHOICE}(?:(?!\b(?:then|so|hence|thus|therefore|we|is|are|gives?|yields?|follows)\b"
    r"|[.;:!?]\s).)*$",
    re.I,
)
ANOTHER_MEANING = "another meaning of a name, or a mistake"
SOLVED = "an equation to be solved"
OF_EXAMPLE = "said of the numbers of an example"
COMPARISONS = {"!=", "<", ">", "<=", ">="}


def under_case(item: ChainItem) -> ChainItem:
    """`i ≠ j → δ_ij = 0`: what stands before the arrow is the case of what follows."""
    kinds = [relation.kind for relation in item.relations]
    if len(kinds) > 2 and kinds[0] in ("=", "!=") and kinds[1] == "to":
        letters_ = item.members[:2]
        if all(letter(node) is not None and not isinstance(node, tree.Accent) for node in letters_):
            case = tree.Chain(letters_, item.relations[:1])
            return replace(
                item,
                members=item.members[2:],
                relations=item.relations[2:],
                conditions=(*item.conditions, case),
            )
    return item


def conditions_of(nodes: tuple[Node | None, ...]) -> tuple[tuple[str, str, str], ...]:
    """The conditions on indices among those that are printed: `for i ≠ j`."""
    found = []
    for node in nodes:
        match node:
            case tree.Chain((tree.Symbol() as a, tree.Symbol() as b), (relation,)):
                if relation.kind in ("=", "!="):
                    found.append((letter(a), relation.kind, letter(b)))
    return tuple(found)


def is_condition(item: ChainItem) -> bool:
    """`z_i = 0`, `i = j`, `i \\neq j`, `x > 0`, `N = D = 2`: supposed, not claimed."""
    if item.defines or len(item.members) != 2:
        return _are_set(item)
    head, body = map(undecorated, item.members)
    name = named(head, item.scope.usage)
    if isinstance(body, tree.Text) or _is_count(head, body) or _is_either(body):
        return True
    if item.relations[0].kind in COMPARISONS and not item.display:
        return name is not None and _is_lone(body, item)
    if item.relations[0].kind not in EQUAL:
        return False
    if name is None or name.primes or not _is_lone(body, item):
        return False
    if name.power is not None and name.text in listed(item):
        # The square of a label is known.
        return False
    if body != head and letter(body) == name.text and name.text in item.scope.definitions:
        # `J^T = J`, `H^2 = H` of what has a formula.
        return False
    return not item.display or name.text not in item.scope.definitions


def listed(item: ChainItem) -> set[str]:
    """The names of which the document lists the values."""
    return {fact.array for fact in item.scope.facts if fact.kind == ONE_OF}


def _are_set(item: ChainItem) -> bool:
    """`N = D = 2`: several names set to a number, and none of them has a formula."""
    *heads, last = map(undecorated, item.members)
    names = [named(head, item.scope.usage) for head in heads]
    return (
        isinstance(last, tree.Number)
        and {relation.kind for relation in item.relations} == {"="}
        and all(name is not None and not name.places and not name.power for name in names)
        and {name.text for name in names}.isdisjoint(item.scope.definitions)
    )


def _is_count(head: Node, body: Node) -> bool:
    """`i = 1, \\dots, n`: which values a letter takes."""
    dots = isinstance(body, tree.List) and any(isinstance(x, tree.Ellipsis) for x in body.items)
    return dots and isinstance(head, tree.Symbol) and isinstance(body.items[0], tree.Number)


def _is_either(body: Node) -> bool:
    """`±1`: which values a label takes."""
    return isinstance(body, tree.Sum) and body.signs == ("±",)


def _is_lone(node: Node, item: ChainItem) -> bool:
    """Whether a node is a number or a name, and no power of one."""
    name = named(node, item.scope.usage)
    number = isinstance(node, tree.Number) or node in item.scope.numbers.values()
    return number or (name is not None and name.power is None)


def is_update(item: ChainItem) -> bool:
    """`w = w - η ∂R/∂w`: the new value of a name, printed like an equation."""
    head = undecorated(item.members[0])
    name = named(head, item.scope.usage)
    if name is None or not isinstance(item.members[1], tree.Sum):
        return False
    first = item.members[1].terms[0]
    mark = next_mark(head, first)
    if mark is not None and has_slope(item.members[1]):
        return True
    if item.relations[0].kind == ":=" and named(first, item.scope.usage) == name:
        # `w := w + a x`: a sign that sets is no claim that the rest is zero.
        return True
    if item.defines:
        return False
    if item.relations[0].kind == "gets" or (mark is not None and mark is first.sup):
        return True
    if name.text in item.scope.definitions:
        return False
    if mark is not None and len(item.members) > 2:
        # `x_{k+1} = x_k - η A^T (A x_k - b) = …`: the steps of a vector, not its elements.
        return True
    first = named(first, item.scope.usage)
    slope = any(is_derivative(p) for p in tree.walk(item.members[1]))
    return first is not None and first == name and slope


def has_slope(node: Node) -> bool:
    """Whether a derivative or a gradient stands in something."""
    return any(is_derivative(part) or part == tree.Symbol("nabla") for part in tree.walk(node))


def next_mark(head: Node, first: Node) -> Node | None:
    """The t of `w_{t+1} = w_t + …`, or the (t) of `w^{(t+1)} = w^{(t)} + …`."""
    match head, first:
        case tree.Script(base, sub, sup), tree.Script(same, below, above) if base == same:
            for next_, mark, others in ((sup, above, (sub, below)), (sub, below, (sup, above))):
                steps = (one.body if isinstance(one, tree.Group) else one for one in (next_, mark))
                match tuple(steps):
                    case tree.Sum((step, tree.Number("1")), ("+", "+")), last if step == last:
                        return mark if others[0] == others[1] else None
    return None


def supposition(
    item: ChainItem,
    position: int,
    sides: tuple[Value | Exception, ...],
    words: str,
    explained: bool,
) -> str | None:
    """What an equation that is false in general says instead, if it claims nothing.

    `‖x‖ = 0` supposes something of an x of which nothing is known. Where a name or function has a
    formula already, another one that no single mistake explains gives it another meaning.

    words  the words before the chain
    """
    head = undecorated(item.members[0])
    if _is_said_to_follow(item, head, words):
        return None
    if _is_to_be_solved(item, position, sides, words):
        return SOLVED
    if position == 1 and REQUIRED.search(words):
        return "a condition"
    if are_put_in(item, sides, position):
        return PUT_IN
    if not item.display and _CHOSEN.search(words) and is_numbered(item):
        return "values that are chosen"
    if _is_set_to_array(item, sides[0], words):
        return "values that are chosen"
    if item.defines or item.relations[0].kind not in EQUAL or len(sides) > 2:
        return None
    if not all(isinstance(side, Value) for side in sides):
        return None
    turned = sides[::-1] if isinstance(head, tree.Number) else sides
    if _is_equation_to_solve(item, *turned):
        return "a condition"
    anew = _is_known_function(item, head) or _is_set(item, sides[1])
    if not anew or explained or RESTATED.search(words):
        return None
    return ANOTHER_MEANING


def _is_said_to_follow(item: ChainItem, head: Node, words: str) -> bool:
    """Whether words say that a formula for a known function follows, and from no equation."""
    call = function_head(head, item.scope.usage) if isinstance(head, tree.Product) else None
    return call is not None and is_derived(call[0], words) and not _VANISHES.search(words)


def _is_set_to_array(item: ChainItem, head: Value | Exception, words: str) -> bool:
    """`let a = (1, 2)`: numbers for a name that stands for a formula of what is not given."""
    name = named(undecorated(item.members[0]), item.scope.usage)
    if len(item.members) != 2 or name is None or name.places or name.primes:
        return False
    if not _is_of_numbers(item.members[1]) or not isinstance(head, Value):
        return False
    open_ = not item.worked and bool(elements(item.scope.inlined(head.expr)))
    return open_ and (item.display or _CHOSEN.search(words) is not None)


def is_numbered(item: ChainItem) -> bool:
    """Whether an equation is one of `p_1`, of one thing out of several."""
    head = undecorated(item.members[0])
    marks = subscripts(head.sub) if isinstance(head, tree.Script) and head.sub is not None else ()
    return any(isinstance(mark, tree.Number) for mark in marks)


def _is_to_be_solved(
    item: ChainItem, position: int, sides: tuple[Value | Exception, ...], words: str
) -> bool:
    """`∂J/∂w = … = 0`, `f'(x) = 0`: where a slope vanishes is asked, not claimed.

    The slope is one of a number, and depends on something that is not given. Of `∂y_i/∂x_j = 0`
    nothing is to be solved. Other equations between what nothing defines are to be solved where
    the words before them say so.
    """
    recent = " ".join(_SENTENCE.split(words)[-2:])
    if len(item.members) == 2 and _SOLVED.search(recent) and _is_open(item, *sides):
        return True
    derived = any(is_derivative(part) for node in item.members for part in tree.walk(node))
    if len(item.members) == 2 and _VANISHES.search(words) and not derived:
        return True
    if len(item.members) == 2 and (_is_zero_of_arrays(item, sides) or _is_of_system(item, words)):
        return True
    if undecorated(item.members[position]) != tree.Number("0"):
        return False
    known = [one for one in (sides[0], sides[position - 1]) if isinstance(one, Value)]
    if not known or not elements(known[0].expr):
        return False
    head, usage = undecorated(item.members[0]), item.scope.usage
    if is_derivative(head):
        top = None if is_operator(head) else named(operand(head.numerator), usage)
        return top is None or not (top.places or item.scope.symbol(top.text).sizes)
    if not isinstance(head, tree.Product):
        return False
    first = head.factors[0]
    primed = isinstance(first, tree.Script) and first.primes > 0
    return primed or is_gradient_sign(first, item.scope.size_names)


def _is_zero_of_arrays(item: ChainItem, sides: tuple[Value | Exception, ...]) -> bool:
    """`X^T (y - X w) = 0`, `0 = X^T r`: products of whole arrays, and nothing is worked out."""
    for zero, other in ((0, 1), (1, 0)):
        is_zero = undecorated(item.members[zero]) == tree.Number("0")
        if is_zero and isinstance(sides[other], Value):
            parts_ = list(tree.walk(undecorated(item.members[other])))
            names = [named(part, item.scope.usage) for part in parts_]
            if any(name is not None and name.places for name in names):
                return False
            if any(isinstance(part, tree.Big) or is_derivative(part) for part in parts_):
                return False
            listed_ = any(isinstance(part, tree.List) for part in parts_)
            turned = any(name is not None and name.transpose for name in names)
            return (turned or listed_) and bool(elements(sides[other].expr))
    return False


def _is_of_system(item: ChainItem, words: str) -> bool:
    """`A x = y` after words on a system of equations, or on what solves one; and such a system
    with numbers for A and y."""
    left, right = map(undecorated, item.members[:2])
    if not isinstance(left, tree.Product) or len(left.factors) != 2:
        return False
    if letter(right) is not None:
        return _SYSTEM.search(words) is not None
    known = [_is_of_numbers(node) for node in (*left.factors, right)]
    return known == [True, False, True]


def _is_of_numbers(node: Node) -> bool:
    """Whether a matrix is written out in numbers."""
    matrix = undecorated(node)
    cells = [cell for row in matrix.rows for cell in row] if isinstance(matrix, tree.Matrix) else []
    return bool(cells) and all(isinstance(cell, tree.Number) for cell in cells)


def _is_known_function(item: ChainItem, head: Node) -> bool:
    """Whether the head is `f(x)`, at its own parameters, of a function that has a formula."""
    scope = item.scope
    call = function_head(head, scope.usage) if isinstance(head, tree.Product) else None
    known = None if call is None else scope.functions.get(call[0])
    if known is None or mentions(item.members[1], known.name, scope.usage):
        return False
    own = [parameter(one, scope.usage) for one in call[1]]
    return known.arguments == call[1] or None not in own


def _is_set(item: ChainItem, value: Value) -> bool:
    """`x = [1, 2]`, where x was set to other numbers before."""
    name = named(undecorated(item.members[0]), item.scope.usage)
    known = None if name is None else item.scope.definitions.get(name.text)
    if known is None or elements(known.body):
        return False
    return bool(value.indices) and not elements(value.expr)


def _is_open(item: ChainItem, left: Value | Exception, right: Value | Exception) -> bool:
    """Whether neither side is defined or worked out, and no name alone is one of them."""
    if isinstance(left, Exception) or isinstance(right, Exception):
        return False
    parts = [part for node in item.members for part in tree.walk(node)]
    names = {array.name for side in (left, right) for array in elements(side.expr)}
    known = names & item.scope.definitions.keys()
    return bool(names) and not (any(map(is_derivative, parts)) or known)


def _is_equation_to_solve(item: ChainItem, left: Value, right: Value) -> bool:
    """Whether a number is set equal to something of which no part is defined or worked out."""
    if any(is_derivative(part) for node in item.members for part in tree.walk(node)):
        return False
    unknown = {array.name for array in elements(left.expr)}
    if elements(right.expr) or right.expr.free:
        return False
    if not unknown:
        # Of a size nothing is known either: `for M = n + 1`.
        return is_size(left.expr)
    known = item.scope.definitions.keys() | {name for name, _ in item.premises}
    known |= item.scope.numbers.keys() if item.worked else set()
    return not (unknown & known or unknown <= listed(item) or calls(left.expr))
