"""Each example by its number: after `p = softmax(W x)` for one example, `p^{(n)}` under a sum over
n is softmax(W x^{(n)})."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chainrule.notation import tree
from chainrule.notation.heads import undecorated
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.numbering import examples
from chainrule.notation.scripts import letter, scripted, subscripts, untransposed
from chainrule.notation.tree import EQUAL, Node

# What differs from example to example, whether it is numbered or not.
_DATA = {"x", "y", "t"}


def with_examples(statements: list[tree.Statement]) -> list[tree.Statement]:
    """The statements, and the formulas of one example for those names that are numbered by example
    and have no formula of their own."""
    nodes = [one.chain for one in statements]
    found = examples(nodes)
    if len(found) != 1:
        return statements
    mark = tree.Group("(", ")", tree.Symbol(found[0]))
    alone = {letter(part) for node in nodes for part in scripted(node)} - {None}
    numbered = _Numbered(mark, alone)
    added = numbered.formulas([one for one in nodes if isinstance(one, tree.Chain)])
    return sorted([*statements, *added], key=lambda one: one.start) if added else statements


def _has_labels(chain: tree.Chain, each: set[str]) -> bool:
    """Whether a class is an index, as the y of p_y: which class it is differs from example to
    example, which is not followed."""
    parts = (part for node in chain.members[:2] for part in scripted(node))
    marks = (mark for p in parts if isinstance(p, tree.Script) for mark in subscripts(p.sub))
    return any(letter(mark) in each for mark in marks)


@dataclass(frozen=True)
class _Numbered:
    """The way from the formulas of one example to those of each.

    mark   the number of an example as it stands over a name
    alone  the letters that stand somewhere without a script
    """

    mark: tree.Group
    alone: set[str]

    def formulas(self, chains: list[tree.Chain]) -> list[tree.Statement]:
        """Those of the names that are numbered somewhere, and of what they are made of."""
        own, plain, marked = set(), {}, set()
        for chain in chains:
            head = undecorated(chain.members[0])
            if chain.relations[0].kind not in EQUAL or (key := self.key(head)) is None:
                continue
            if self._is_marked(head):
                # Of a slope that is known it is a claim.
                own |= set() if key in plain and is_derivative(plain[key].members[1]) else {key}
            elif not isinstance(head, tree.Script) or head.sup is None:
                plain.setdefault(key, chain)
        for chain in chains:
            marked |= {self.key(p) for p in scripted(chain) if self._is_marked(p)}
        inside = {key: self._keys(chain) - {key} for key, chain in plain.items()}
        wanted, waiting = set(), marked
        while waiting:
            wanted |= waiting
            waiting = set().union(*(inside.get(key, ()) for key in waiting - own)) - wanted
        each = (marked | _DATA | own) - (plain.keys() - own)
        while more := {key for key in wanted - each if not inside.get(key, set()).isdisjoint(each)}:
            each |= more
        added = [plain[key] for key in sorted((wanted & each & plain.keys()) - own)]
        if any(_has_labels(chain, each) for chain in added):
            return []
        return [self._numbered(chain, each) for chain in added]

    def key(self, node: Node) -> str | None:
        """What a name is called without its indices: x for x_i, and W_1 where no W stands alone."""
        if not isinstance(node, tree.Script):
            return letter(node)
        base = letter(node.base)
        if isinstance(node.sub, tree.Number) and base is not None and base not in self.alone:
            return f"{base}_{node.sub.text}"
        return base

    def _is_marked(self, node: Node) -> bool:
        return isinstance(node, tree.Script) and untransposed(node.sup) == self.mark

    def _keys(self, chain: tree.Chain) -> set[str | None]:
        return {self.key(part) for part in scripted(chain.members[1])}

    def _numbered(self, chain: tree.Chain, each: set[str]) -> tree.Statement:
        def change(part: Node) -> Node:
            match part:
                case tree.Accent(body=tree.Script(inner, None, self.mark)):
                    part = replace(part, body=inner)
                case tree.Script(tree.Script(inner, None, self.mark), sub, sup):
                    return self._over(replace(part, base=inner, sub=sub, sup=None), sup)
                case tree.Script(_, tree.Number(), sup) if self.key(part) in each:
                    return self._over(replace(part, sup=None), sup)
            return self._over(part, None) if letter(part) in each else part

        members = tuple(tree.transformed(one, change) for one in chain.members[:2])
        place = {"start": chain.start, "end": members[1].end}
        return tree.Statement(tree.Chain(members, chain.relations[:1], **place), **place)

    def _over(self, name: Node, sup: Node | None) -> Node:
        """A name with the number of its example, and under what stands over it in print."""
        place = {"start": name.start, "end": name.end}
        if isinstance(name, tree.Script):
            marked = replace(name, sup=self.mark)
        else:
            marked = tree.Script(name, None, self.mark, **place)
        return marked if sup is None else tree.Script(
            tree.Group("(", ")", marked, **place), None, sup, **place
        )
