"""Symbols and their scripts as printed: letters, subscripts one by one, and their text."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.notation import tree
from chainrule.notation.tree import Node

TRANSPOSES = {"T", "top", "intercal"}
# The fonts in which a 1 is a vector of ones.
ONES = ("bold", "blackboard")
MINUS_ONE = tree.Sum((tree.Number("1"),), ("-",))


def letter(node: Node) -> str | None:
    """The LaTeX of an unscripted symbol, or None."""
    match node:
        case tree.Symbol(name):
            return greek(name)
        case tree.Accent(kind, body):
            inner = letter(body)
            return None if inner is None else f"\\{kind}{{{inner}}}"
        case tree.Decorated(_, body):
            return letter(body)
    return None


def font(node: Node) -> str:
    """The font of a letter, scripted or accented or not: "bold", "roman", … or ""."""
    while isinstance(node, (tree.Script, tree.Accent)):
        node = node.base if isinstance(node, tree.Script) else node.body
    return getattr(node, "font", "")


def is_transpose(sup: Node | None) -> bool:
    """Whether a superscript is the sign of the transpose."""
    return isinstance(sup, tree.Symbol) and sup.name in TRANSPOSES


def is_transposed(node: Node) -> bool:
    """Whether a transpose is printed over a node, as in `x^T`."""
    return isinstance(node, tree.Script) and is_transpose(node.sup)


def untransposed(sup: Node | None) -> Node | None:
    """A superscript without the sign of the transpose that stands in or over it: `[2](i)T`."""
    match sup:
        case tree.Script(inner, None, tree.Symbol(name)) if name in TRANSPOSES:
            return untransposed(inner)
        case tree.Product((*rest, tree.Symbol(name)), (*signs, "")) if name in TRANSPOSES and rest:
            whole = tree.Product(tuple(rest), tuple(signs), start=sup.start, end=rest[-1].end)
            return untransposed(rest[0] if len(rest) == 1 else whole)
        case tree.Product((*rest, tree.Script(last, None, tree.Symbol(name))), signs) if (
            name in TRANSPOSES
        ):
            return tree.Product((*rest, last), signs, start=sup.start, end=last.end)
    return sup


def layer_mark(sup: Node | None) -> tuple[str, Node | None]:
    """The layer in square brackets and what stands behind it, as of `[2](i)`; "" without it."""
    match sup:
        case tree.Product((tree.Group("[", "]") as layer, tree.Group("(", ")") as rest), ("",)):
            return plain(layer), rest
    return "", sup


def greek(name: str) -> str:
    return "\\" + name if name in _GREEK else name


_GREEK = set(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi "
    "pi rho sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma "
    "Upsilon Phi Psi Omega ell nabla partial".split()
)


def plain(node: Node) -> str:
    """Subscript or superscript material as text: `(1)`, `MSE`, `t+1`."""
    match node:
        case tree.Symbol(name):
            return greek(name)
        case tree.Number(text) | tree.Text(text):
            return text
        case tree.Group(open_, close, body):
            return f"{open_}{plain(body)}{close}"
        case tree.Product(factors, _):
            return "".join(plain(factor) for factor in factors)
        case tree.Sum(terms, signs):
            text = "".join(sign + plain(term) for sign, term in zip(signs, terms, strict=True))
            return text.removeprefix("+")
        case tree.Script():
            return plain(node.base)
        case tree.List(items, _):
            return ",".join(plain(item) for item in items)
    return "?"


def _listed(item: Node) -> tuple[Node, ...]:
    """The subscripts in one item of a list: `2p` is one place there, `ij` are two."""
    match item:
        case tree.Product((tree.Number(), tree.Symbol()), ("",)):
            return (item,)
    return subscripts(item)


def subscripts(node: Node | None) -> tuple[Node, ...]:
    """`ij`, `i,j` and `{i j}` one by one."""
    match node:
        case None:
            return ()
        case tree.List(items, _):
            return tuple(part for item in items for part in _listed(item))
        case tree.Product(factors, operators) if not any(operators):
            return tuple(part for factor in factors for part in subscripts(factor))
        case tree.Group("{", _, body):
            return subscripts(body)
    return (node,)


def is_shape(node: Node | None) -> bool:
    """Whether a subscript states a shape, as in h_{1 × H}."""
    return isinstance(node, tree.Product) and set(node.operators) == {"times"}


def scripted(node: Node) -> tuple[Node, ...]:
    """Symbols with their scripts, and symbols without; a base is not given a second time."""
    known = tree.kept(node)
    if "scripted" not in known:
        known["scripted"] = tuple(_scripted(node))
    return known["scripted"]


def _scripted(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (tree.Symbol, tree.Accent)):
            yield node
            continue
        if isinstance(node, tree.Script) and letter(node.base) is not None:
            yield node
            waiting.extend(part for part in (node.sub, node.sup) if part is not None)
            continue
        waiting.extend(reversed(tree.children(node)))


def calls(node: Node) -> Iterator[tuple[Node, tree.Group]]:
    """Each word with the bracket right behind it: `f` and `(x)` in `f(x)` and `f(x)^2`."""
    for part in tree.walk(node):
        if isinstance(part, tree.Product):
            rows = zip(part.factors, part.factors[1:], part.operators, strict=False)
            for word, bracket, operator in rows:
                bracket = bracket.base if isinstance(bracket, tree.Script) else bracket
                if not operator and isinstance(bracket, tree.Group) and bracket.open == "(":
                    yield word, bracket


def cells(node: Node) -> tuple[Node, ...]:
    """What stands in brackets or in a matrix, one after the other."""
    if isinstance(node, tree.Matrix):
        return tuple(cell for row in node.rows for cell in row)
    match node:
        case tree.Group("[" | "(", _, tree.List(items)):
            return items
    return ()


def entries(node: Node) -> tuple[Node, ...]:
    """What stands in one row or one column, transposed or not."""
    node = node.base if is_transposed(node) else node
    table = isinstance(node, tree.Matrix) and len(node.rows) > 1
    return () if table and any(len(row) > 1 for row in node.rows) else cells(node)


def is_bold_one(node: Node) -> bool:
    r"""Whether it is a vector of ones: `\mathbf{1}`, `\mathbf{1}_n`, `\mathbf{1}^T`."""
    base = node.base if isinstance(node, tree.Script) else node
    return isinstance(base, tree.Number) and base.text == "1" and base.font in ONES
