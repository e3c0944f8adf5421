"""What `head = body` gives a meaning to, and where a new question lets names change."""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.hot_formulas import hot_formula
from chainrule.notation.matrix_calculus import MATRIX_WORDS
from chainrule.notation.names import named
from chainrule.notation.numbering import is_layer
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import is_transposed, letter, plain, scripted
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.usage import Usage

# Words and signs that a document uses and never gives a meaning to.
UNDEFINABLE = MATRIX_WORDS | {"onehot", "col", "row", "Var", "max", "min"}
UNDEFINABLE |= {"infinity", "\\nabla", "\\partial"}


def defined_name(head: Node, body: Node, scope: Scope) -> str | None:
    """The name that `head = body` would give a meaning to, if it has the form of a definition."""
    if isinstance(head, tree.Product):
        taken = function_head(head, scope.usage)
        if taken is None or taken[0] in UNDEFINABLE:
            return None
        if any(isinstance(argument, (tree.Conditional, tree.Chain)) for argument in taken[1]):
            # The probability of an event.
            return None
        if any(mentions(argument, taken[0], scope.usage) for argument in taken[1]):
            # `t_n (1 - t_n)` is a product.
            return None
        if not _has_letters(body) and any(map(_is_at_one, taken[1])):
            # A value of a function says nothing of its other values: f(0) = 1.
            return None
        if taken[0] == "d" and scope.differentials:
            return None
        if mentions(body, taken[0], scope.usage):
            return None
        record = function_named(taken[0]) if len(taken[0]) > 1 else None
        return taken[0] if record is None or record.definable else None
    name = named(head, scope.usage)
    if name is None or name.power is not None or name.transpose or name.primes:
        return None
    if tree.Symbol(":") in name.places:
        # A row or a column says nothing of the other ones.
        return None
    text = name.text
    if _says_hot(head, body, scope) or function_named(text):
        return None
    if text in scope.size_names | UNDEFINABLE or _is_number_e(text, scope):
        return None
    other = named(body, scope.usage)
    lone = (other is not None and other.power is None) or isinstance(body, tree.Number)
    if mentions(body, text, scope.usage) or (lone and (name.places or scope.usage.marks[text])):
        return None
    if other is not None and lone and not other.transpose and is_sibling(text, other.text):
        return None
    # A number, as in `x = 0`, states a condition; so does a component that is a constant.
    lettered = _is_lettered(body, scope.is_known(text))
    return text if lettered or (_is_computed(body) and not name.places) else None


def _is_number_e(text: str, scope: Scope) -> bool:
    return text == "e" and scope.usage.constants.e != "name"


def _says_hot(head: Node, body: Node, scope: Scope) -> bool:
    """Whether a formula says of a vector that it is one-hot, and where."""
    found = hot_formula(head, body, scope.usage) if scope.hot else None
    return found is not None and found[0] in scope.hot


def is_sibling(one: str, other: str) -> bool:
    """Whether two names are x_1 and x_2: that they are the same is said of some numbers only."""
    (first, *mark), (second, *another) = one.split("_", 1), other.split("_", 1)
    numbered = all(text.isdigit() for text in (*mark, *another))
    return first == second and first.islower() and bool(mark) and bool(another) and numbered


def _is_computed(body: Node) -> bool:
    """`2 \\cdot 3 - 1`: a sum of numbers, or a list or column with one."""
    body = body.base if is_transposed(body) else body
    if isinstance(body, tree.Group) and isinstance(body.body, tree.List):
        return any(map(_is_computed, body.body.items))
    return isinstance(body, tree.Sum) and len(body.terms) > 1 and is_numeric(body)


def _is_at_one(argument: Node) -> bool:
    """Whether an argument is one number, or a word for one thing."""
    argument = undecorated(argument)
    word = isinstance(argument, tree.Symbol) and argument.font == "roman" and len(argument.name) > 1
    return word or isinstance(argument, (tree.Number, tree.Text))


def event_of(head: Node) -> str | None:
    """`P(Y=·|X)` for `P(Y = k | X)` and `P(Y = 1 | X)`: a probability, whatever the class."""
    match head:
        case tree.Product((tree.Symbol(word), tree.Group(body=body)), ("",)):
            match body:
                case tree.Conditional(tree.Chain((event, _), (tree.Relation("="),)), condition):
                    return f"{word}({plain(event)}=·|{plain(condition)})"
                case tree.Conditional(event, condition):
                    return f"{word}({plain(event)}|{plain(condition)})"
    return None


def _is_lettered(body: Node, known: bool) -> bool:
    """Whether a formula is of letters: numbers that stand as a column are given, but for a name
    that has a formula they are another one."""
    return _has_letters(body.base if is_transposed(body) and not known else body)


def _has_letters(node: Node) -> bool:
    symbols = (tree.Symbol, tree.Accent)
    return any(isinstance(part, symbols) and letter(part) != "infinity" for part in tree.walk(node))


_NOT_NUMERIC = (tree.Symbol, tree.Accent, tree.Text, tree.Unread, tree.Ellipsis, tree.Decorated)


def is_numeric(node: Node) -> bool:
    """Whether numbers, and nothing else, stand in a formula."""
    parts = list(tree.walk(node))
    return any(isinstance(part, tree.Number) for part in parts) and not any(
        isinstance(part, _NOT_NUMERIC) for part in parts
    )


def is_in_numbers(node: Node) -> bool:
    """Whether a name is set to this in an example: to numbers, or to a list such as `(0, ln 2)`,
    as a row or a column."""
    node = node.base if is_transposed(node) else node
    return is_numeric(node) or (is_list(node) and is_of_numbers(node))


def is_list(node: Node) -> bool:
    """Whether entries are written out, as a row or a column."""
    node = node.base if is_transposed(node) else node
    listed = isinstance(node, tree.Group) and isinstance(node.body, tree.List)
    return listed or isinstance(node, tree.Matrix)


def gives_numbers(node: Node) -> bool:
    """`x = (1, 2)`: whether nothing but numbers is given for a name."""
    match node:
        case tree.Chain((_, body), (relation,)):
            return relation.kind in EQUAL and is_in_numbers(body)
    return False


def is_of_numbers(node: Node) -> bool:
    """Whether a member is made of numbers and of known functions, as σ(1) is, and `(1, 0)^T`."""
    symbols = [part for part in tree.walk(node) if isinstance(part, (tree.Symbol, tree.Accent))]
    signs = [part.sup for part in tree.walk(node) if is_transposed(part)]
    letters = [letter(one) for one in symbols if not any(one is sign for sign in signs)]
    known = all(text in ("e", "\\sigma") or function_named(text or "") for text in letters)
    return known and any(isinstance(part, tree.Number) for part in tree.walk(node))


def undecorated(node: Node) -> Node:
    """What is inside boxes and braces."""
    while isinstance(node, tree.Decorated):
        node = node.body
    return node


def heads(chains: Iterable[Node], usage: Usage) -> set[str]:
    """The names on the left of equations."""
    found = set()
    for chain in chains:
        if isinstance(chain, tree.Chain) and chain.relations[0].kind in EQUAL:
            head = undecorated(chain.members[0])
            name = named(head, usage)
            if name is None and isinstance(head, tree.Product):
                name = named(head.factors[0], usage)
            found |= set() if name is None else {name.text}
    return found


def function_head(
    head: tree.Product, usage: Usage
) -> tuple[str, tuple[Node, ...], str | None] | None:
    """(name, arguments, component letter) of `f(x)`, `f_i(x)`, `f(x)_i`."""
    if not isinstance(head, tree.Product) or len(head.factors) != 2 or head.operators != ("",):
        return None
    word, bracket = head.factors
    index = None
    if isinstance(bracket, tree.Script):
        if bracket.sup is not None or bracket.primes:
            return None
        index, bracket = letter(bracket.sub), bracket.base
        if index is None:
            # One component, as in `f(x)_1`, says nothing of the others.
            return None
    name = named(word, usage)
    if name is None or name.power is not None or name.primes or name.transpose:
        return None
    if name.text.startswith("\\nabla"):
        # `\nabla_x (a^T x)` is a gradient.
        return None
    if not isinstance(bracket, tree.Group) or bracket.open != "(":
        return None
    if name.places:
        if len(name.places) != 1 or index is not None:
            return None
        index = letter(name.places[0])
        if index is None:
            return None
    items = bracket.body.items if isinstance(bracket.body, tree.List) else (bracket.body,)
    return name.text, items, index


def parameter(node: Node, usage: Usage) -> str | None:
    """The name of a parameter; None where it is no plain name."""
    name = named(node, usage)
    simple = name is not None and not name.places and name.power is None and not name.primes
    return name.text if simple else None


def _is_norm(node: Node) -> bool:
    return isinstance(node, tree.Group) and node.open == "||"


def mentions(node: Node, text: str, usage: Usage) -> bool:
    """Whether a name is printed anywhere in a tree; the L of a^{(L)} and the Q of W_Q and of W^Q
    are none."""
    parts = scripted(node)
    scripts = [part for part in parts if isinstance(part, tree.Script)]
    marks = [one.sup.body if isinstance(one.sup, tree.Group) else one.sup for one in scripts]
    labels = [mark for mark in marks if is_layer(mark)]
    names = [(one.sub, named(one, usage)) for one in scripts if one.sub is not None]
    labels += [sub for sub, name in names if name is not None and not name.places]
    raised = [(one.sup, named(one, usage)) for one in scripts if one.sup is not None]
    labels += [sup for sup, name in raised if name is not None and name.power is None]
    # The F of ‖R‖_F says which norm it is.
    labels += [p.sub for p in tree.walk(node) if isinstance(p, tree.Script) and _is_norm(p.base)]
    apart = [one for label in labels if label is not None for one in scripted(label)]
    return any(
        name is not None and name.text == text
        for name in (named(part, usage) for part in parts if not any(part is a for a in apart))
    )
