r"""`\mathbb{E}[z]` and `\operatorname{Var}[z]` of vectors of which the elements are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from chainrule.notation import tree
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.tree import Node

Shapes = Mapping[str, tuple[int, ...]]

MEANS, VARIANCES, COVARIANCES = {"E", "mean"}, {"Var", "var", "V"}, {"Cov", "cov"}
# Letters for elements where none is printed.
_LETTERS = "ijklmnpqrsabc"


def averaged(node: Node, shapes: Shapes) -> Node:
    """The tree with each mean over the elements of vectors written as a sum.

    `E[z]`, `E_i[z_i]`, `Var[z]` and `Cov(z, y)`, each element with the same weight. What does not
    say over which elements it is taken stays as it is.
    """
    printed = {letter(part) for part in tree.walk(node)} | shapes.keys()
    writer = _Means(shapes, iter([one for one in _LETTERS if one not in printed]))
    return tree.transformed(node, writer.change)


class _Means:
    def __init__(self, shapes: Shapes, letters: Iterator[str]):
        self.shapes, self.letters = shapes, letters

    def change(self, node: Node) -> Node:
        """A product with words and what stands in brackets behind them, as a product of means."""
        if not isinstance(node, tree.Product):
            return node
        factors, operators, k = [], [], 0
        while k < len(node.factors):
            mean = self.mean(*node.factors[k : k + 2]) if self.is_called(node, k) else None
            factors.append(node.factors[k] if mean is None else mean)
            k += 1 if mean is None else 2
            operators += [node.operators[k - 1]] if k < len(node.factors) else []
        if len(factors) == 1:
            return factors[0]
        return replace(node, factors=tuple(factors), operators=tuple(operators))

    def is_called(self, node: tree.Product, k: int) -> bool:
        return k + 1 < len(node.factors) and node.operators[k] == "" and self.word(node.factors[k])

    def word(self, factor: Node) -> str:
        """The word, where it is one of these and no symbol with a value."""
        base = factor.base if isinstance(factor, tree.Script) else factor
        if not isinstance(base, tree.Symbol) or base.name in self.shapes:
            return ""
        known = MEANS | VARIANCES | COVARIANCES
        bare = base.name in ("E", "V") and base.font not in ("blackboard", "roman")
        return base.name if base.name in known and not (bare and base.name == "V") else ""

    def mean(self, factor: Node, bracket: Node) -> Node | None:
        power = isinstance(bracket, tree.Script)
        group = bracket.base if power else bracket
        if not isinstance(group, tree.Group) or (power and bracket.sub is not None):
            return None
        running = None
        if isinstance(factor, tree.Script):
            running = letter(factor.sub) if factor.sub is not None else None
            if factor.sup is not None or running is None:
                return None
        bodies = group.body.items if isinstance(group.body, tree.List) else (group.body,)
        found = self.written(self.word(factor), bodies, running)
        if found is None:
            return None
        return replace(bracket, base=found) if power else found

    def written(self, word: str, bodies: tuple[Node, ...], running: str | None) -> Node | None:
        if word in MEANS:
            return self.over(bodies[0], running) if len(bodies) == 1 else None
        bodies = bodies * 2 if word in VARIANCES and len(bodies) == 1 else bodies
        parts = []
        for body in bodies:
            mean = self.over(body, running)
            if mean is None:
                return None
            bracket = tree.Group("(", ")", body)
            parts.append(tree.Group("(", ")", tree.Sum((bracket, mean), ("+", "-"))))
        if len(parts) != 2:
            return None
        return self.over(tree.Product(tuple(parts), ("cdot",)), running)

    def over(self, body: Node, running: str | None) -> Node | None:
        """The mean of a body over a letter that it has, or over the elements of its vectors."""
        lengths = set(self.lengths(body, running))
        if len(lengths) != 1:
            return None
        if running is None:
            running = next(self.letters)
            body = tree.transformed(body, lambda part: self.element(part, running))
        share = tree.Fraction(tree.Number("1"), tree.Number(str(lengths.pop())))
        total = tree.Big("sum", tree.Symbol(running), None, tree.Group("(", ")", body))
        return tree.Group("(", ")", tree.Product((share, total), ("cdot",)))

    def lengths(self, body: Node, running: str | None) -> Iterator[int]:
        for part in tree.walk(body):
            if running is None and isinstance(part, tree.Symbol):
                shape = self.shapes.get(letter(part), ())
                yield from shape if len(shape) == 1 else ()
            elif running is not None and isinstance(part, tree.Script):
                shape = self.shapes.get(letter(part.base) or "", ())
                marks = [letter(mark) for mark in subscripts(part.sub)]
                if len(marks) == len(shape):
                    yield from (n for n, mark in zip(shape, marks, strict=True) if mark == running)

    def element(self, part: Node, running: str) -> Node:
        """z and z² as z_i and z_i²; what has a place already keeps it."""
        match part:
            case tree.Symbol() if len(self.shapes.get(letter(part), ())) == 1:
                return tree.Script(part, tree.Symbol(running), None)
            case tree.Script(tree.Script(base, _, None), None, _):
                return replace(part, base=base, sub=tree.Symbol(running))
            case tree.Script(tree.Script(base, _, None), _, _):
                return replace(part, base=base)
        return part
