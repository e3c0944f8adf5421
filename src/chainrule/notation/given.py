"""What a section sets its names to: numbers, vectors that are written out, sizes by other sizes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chainrule.language.facts import ONE_HOT
from chainrule.notation import prose, tree
from chainrule.notation.classes_in_words import length_of, one_hot, told_classes
from chainrule.notation.document import Document
from chainrule.notation.example import signal_of
from chainrule.notation.heads import is_in_numbers, is_list, undecorated
from chainrule.notation.names import named
from chainrule.notation.outline import Outline
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter, scripted
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.written_out import highest_entries, spelled_out

# What may stand between a formula and the numbers that it is computed with.
_BEHIND = re.compile(
    r"[^.;:$=]*(?:\$|\\\))[^.;:$=]*\b(?:when|for|with|if|where|at|since|as)\s+(?:\$|\\\()?\s*"
)
_AND = re.compile(r"\s*(?:\$|\\\))?\s*(?:,|and|,\s*and)?\s*(?:\$|\\\()?\s*")

# Where a sentence ends; a display that goes on with it may stand by itself.
_END = re.compile(r"[.;!?](?:\s|$)")
_STOP = re.compile(r"[.;!?:](?:\s|$)|\n\s*\n")


class Given:
    """Notes in a scope what statements set names to, from the top of a document to its end."""

    def __init__(self, document: Document, scope: Scope, outline: Outline):
        self.text, self.scope, self.outline = document.text, scope, outline
        self.statements: list[tree.Statement] = []
        self.section, self.plain_values = 0, list(prose.plain_values(document))
        self.classes = list(told_classes(document))
        self.updated: dict[str, int] = {}

    def note(self, statement: tree.Statement, display: bool) -> None:
        """What a statement, which is a chain, sets; in a display nothing is merely supposed."""
        self._enter(statement.start)
        self._set_behind(statement)
        inline = () if display else (statement.chain,)
        for chain in (*inline, *statement.conditions):
            self._suppose(chain)
        for chain in (statement.chain, *statement.conditions):
            self._set(chain, statement.start)
        self._spell(statement.chain)

    def doubtful(self, statement: tree.Statement) -> set[str]:
        """The names that the sentence gives other values before it comes to a statement: the s of
        `after $s \\leftarrow s - \\max_k s_k$ we have`, and the p of `where $p = 0$ we have`."""
        start = statement.start
        self.updated = {
            name: end
            for name, end in self.updated.items()
            if not _END.search(self.text[end:start])
        }
        found = set(self.updated)
        match statement.chain:
            case tree.Chain((head, *_, last), (tree.Relation("gets"), *_)):
                name = named(undecorated(head), self.scope.usage)
                self.updated |= {} if name is None else {name.text: last.end}
            case tree.Chain((head, tree.Number() as last), (tree.Relation("="),)):
                name = named(undecorated(head), self.scope.usage)
                if name is not None and not name.places and name.text in self.scope.definitions:
                    # `the valid one ($p = 0$) gives …`, where p has a formula.
                    self.updated[name.text] = last.end
        return found

    def _suppose(self, chain: Node) -> None:
        """`for y = 1` in a sentence, or beside a formula."""
        match chain:
            case tree.Chain((head, tree.Number(text)), (tree.Relation("="),)):
                name = named(head, self.scope.usage)
                if name is not None and not name.places and not name.primes:
                    self.scope.suppose(name.text, text)

    def _enter(self, start: int) -> None:
        """What was set above another question holds no longer."""
        scope, outline = self.scope, self.outline
        if outline.section(start) != self.section:
            self.section, scope.spelled, scope.entries = outline.section(start), (), ()
            scope.numbers, scope.counted = (
                {text: node for text, node in kept.items() if outline.is_below(node.start, start)}
                for kept in (scope.numbers, scope.counted)
            )
        while self.plain_values and self.plain_values[0][0] < start:
            at, text, number = self.plain_values.pop(0)
            if outline.is_below(at, start) and not scope.is_known(text):
                scope.numbers[text] = number
        while self.classes and self.classes[0][0] < start:
            self._set_class(start, *self.classes.pop(0))

    def _set_class(self, here: int, start: int, end: int, number: int) -> None:
        """`Label 3:` in an example with numbers: the one-hot vector is another one from here on."""
        scope = self.scope
        for name in {fact.array for fact in scope.facts if fact.kind == ONE_HOT}:
            vector = one_hot(number, length_of(scope.numbers.values()), start, end)
            if vector is not None and self.outline.is_below(start, here):
                scope.numbers[name] = vector

    def _set_behind(self, statement: tree.Statement) -> None:
        """`K d = 5 · 300 when $K = 5$ and $d = 300$`: what the rest of the sentence sets."""
        members = statement.chain.members
        if not any(map(tree.is_arithmetic, members)) or all(map(tree.is_arithmetic, members)):
            return
        end, found, word = statement.end, {}, _BEHIND
        for after in (one for one in self.statements if one.start >= end):
            if not word.fullmatch(self.text[end : after.start]):
                break
            match after.chain:
                case tree.Chain((tree.Symbol() as name, tree.Number() as number), (sign,)):
                    if sign.kind == "=":
                        found[letter(name)] = number
            end, word = after.end, _AND
        known = {name: node.end for name, node in self.scope.numbers.items()}
        for name, number in found.items():
            # `For $m = 2$ these are $2m = 4$, for $m = 5$ …`: what the sentence said before counts.
            at = known.get(name)
            if at is None or _STOP.search(self.text[at : statement.start]):
                self.scope.numbers[name] = number

    def _set(self, chain: Node, start: int) -> None:
        """`x = -2`, `w = (2, -3)` and `M = N - K + 1`, up to where x becomes another."""
        scope = self.scope
        match chain:
            case tree.Chain((head, *bodies), (tree.Relation("=" | ":=" | "gets"), *_)):
                name = named(head, scope.usage)
                if name is None or name.places or name.primes or name.power is not None:
                    return
                scope.numbers.pop(name.text, None)
                known = name.text in scope.definitions or name.text in scope.functions
                known = known and signal_of(scope, name.text) is None
                # Where nothing is given, an example begins with numbers for what has a formula.
                known = known and (bool(scope.numbers) or not is_list(bodies[0]))
                if is_in_numbers(bodies[0]) and len(bodies) == 1 and not known:
                    scope.numbers[name.text] = bodies[0]
                    scope.entries = self._entries_from(start)
                elif name.text in scope.size_names and self._counts(name.text, bodies[0]):
                    scope.counted[name.text] = bodies[0]

    def _counts(self, size: str, body: Node) -> bool:
        """Whether a formula is one of other sizes, and none of them is one of this size."""
        names = {name.text for p in scripted(body) if (name := named(p, self.scope.usage))}
        waiting, rest = set(names), set()
        while waiting:
            rest |= waiting
            bodies = (self.scope.counted[one] for one in waiting & self.scope.counted.keys())
            parts = (part for one in bodies for part in scripted(one))
            waiting = {n.text for p in parts if (n := named(p, self.scope.usage))} - rest
        return bool(names) and names <= self.scope.size_names and size not in rest

    def _entries_from(self, start: int) -> tuple[tuple[str, int, int], ...]:
        """Up to which numbers entries are printed from here to where another question begins."""
        after = (one for one in self.statements if one.start >= start)
        section = self.outline.section
        return highest_entries(one.chain for one in after if section(one.start) == self.section)

    def _spell(self, chain: tree.Chain) -> None:
        """`x = (x_1, x_2)`: so many elements x has up to the next question."""
        head = undecorated(chain.members[0])
        if chain.relations[0].kind not in EQUAL or letter(head) is None:
            return
        number = spelled_out(head, chain.members[1])
        if number > 1:
            self.scope.spelled = (*self.scope.spelled, (letter(head), number))


def numbers_in(conditions: Iterable[Node]) -> Iterator[tuple[str, tree.Number]]:
    """The names that conditions `s = 1` set to a number."""
    for condition in conditions:
        match condition:
            case tree.Chain((tree.Symbol() as name, tree.Number() as value), (sign,)):
                if sign.kind == "=":
                    yield letter(name), value
