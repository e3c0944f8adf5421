"""Definitions: which equation gives which name its meaning, and what the meaning is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

from chainrule.errors import SizeMismatch
from chainrule.language.algebra import apply
from chainrule.language.budget import SECONDS, OutOfBudget, within
from chainrule.mathematics.functions import function_named, sqrt
from chainrule.notation import tree
from chainrule.notation.costs import barred, slope_behind_bar
from chainrule.notation.differentials import varied
from chainrule.notation.document import Document
from chainrule.notation.foretold import foretold
from chainrule.notation.heads import (
    UNDEFINABLE,
    defined_name,
    event_of,
    function_head,
    mentions,
    parameter,
    undecorated,
)
from chainrule.notation.implied import implied, implied_functions
from chainrule.notation.jacobians import is_given, is_written_out
from chainrule.notation.layers import layer_letter, other_layers, share_ranks
from chainrule.notation.leibniz import COSTS, is_derivative
from chainrule.notation.likeliest import first_value
from chainrule.notation.named_slopes import NamedSlopes, slope_of
from chainrule.notation.names import named
from chainrule.notation.outline import Outline
from chainrule.notation.remainders import remainder
from chainrule.notation.restated import (
    REQUIRED,
    SIGNALS,
    is_minimum,
    is_restated,
    is_signal,
    is_solution,
    rests_on,
)
from chainrule.notation.scope import DocumentFunction, Scope
from chainrule.notation.scripts import letter
from chainrule.notation.stacks import written_out
from chainrule.notation.tree import EQUAL, Node
from chainrule.notation.value import Misfit, Value
from chainrule.notation.written_out import defining


class Definer:
    """Gives names their meanings in a scope, chain by chain from top to bottom.

    given   where each name got its meaning
    bodies  what it was defined by, as printed
    heads   all names that stand at the head of a chain somewhere; claimed: with a formula there
    events  the probabilities that have a formula
    varied  the names that have been differentiated by so far
    several the names that got another meaning in another section or question
    foretold  functions that are known from the start, and get their formula further down
    """

    def __init__(self, document: Document, scope: Scope):
        self.document, self.scope = document, scope
        self.outline = Outline(document)
        self.given: dict[str, int] = {}
        self.bodies: dict[str, Node] = {}
        self.heads = self.claimed = frozenset[str]()
        self.events: set[str] = set()
        self.varied: set[str] = set()
        self.several: set[str] = set()
        self.conditioned = False
        self.restates: str | None = None
        self.foretold: set[str] = set()
        self.slopes = NamedSlopes(scope, self._define_array)

    def foretell(self, chains: list[tree.Chain]) -> None:
        """Functions that are called above their formula have it from the start."""
        for text, head, body in foretold(chains, self.scope.usage, self.outline.section):
            known = self.scope.is_known(text) or text in self.scope.usage.spoken
            if not known and self._define_function(head, body) is not None:
                self.foretold.add(text)

    def prepare(self, statement: tree.Statement) -> None:
        """What must be known before a chain is read, though it is said in it."""
        chain, self.restates = statement.chain, None
        self.conditioned = bool(statement.conditions or statement.given)
        if self.scope.barred:
            heads = [undecorated(chain.members[0])]
            for one in (*heads, *(p for m in chain.members[1:] for p in tree.walk(m))):
                if barred(one) is not None:
                    self._define_bar(one)
        self._define_backwards(chain)

    def define(self, chain: tree.Chain) -> str | None:
        """Take the chain's first equation as a definition, if it gives a new name a meaning."""
        if not chain.relations or chain.relations[0].kind not in EQUAL:
            return None
        head, body = undecorated(chain.members[0]), chain.members[defining(chain)]
        if isinstance(body, tree.Empty) or remainder(body)[1] is not None:
            return None
        if is_derivative(head):
            return self._define_signal(head, body) or is_given(
                head, body, self.scope, self._is_abstract
            )
        if (event := event_of(head)) is not None:
            return self._define_event(event, body)
        if (stack := written_out(chain)) and self.scope.usage.stacks.has(stack):
            return stack[1]
        text = defined_name(head, body, self.scope)
        if text is not None and self.scope.barred and barred(head) is not None:
            # Of which cost it is the slope is not known here: its formula may be false.
            self.scope.opaque |= {text} - self.scope.definitions.keys()
            return None
        if text is None:
            return self._doubt_size(head, body)
        of_unit = text in self.scope.hot and letter(getattr(body, "base", None)) in self.scope.units
        if of_unit or (text in self.scope.usage.spoken and function_named(letter(body) or "")):
            # f = tanh, y = e_k: what f or y is, is known from the start.
            return text
        if text in self.scope.usage.spoken and isinstance(head, tree.Product):
            # Words have said what f is, so that a formula for f(x) can be false.
            return None
        return self._define_name(text, chain.start, head, body)

    def _define_name(self, text: str, at: int, head: Node, body: Node) -> str | None:
        """Give a name its meaning, unless it has one, of which the formula is a claim."""
        scope = self.scope
        if text in self.foretold and isinstance(head, tree.Product):
            self.foretold.discard(text)
            self.scope.forget(text)
        known = any(text in s for s in (scope.definitions, scope.functions, scope.opaque))
        if is_restated(self, text, at, head, body) if known else rests_on(scope, text, body):
            return None
        if not known and self._is_wished_for(text, at):
            return None
        if not known and is_minimum(self.document, self.scope, text, at):
            return text
        if text in self.scope.functions and self._is_at_a_value(head):
            return None
        if isinstance(head, tree.Product) and self._is_another_name(head, body):
            # `f(x) = u` says that two things are the same, and of neither what it is.
            self.scope.opaque |= {text} if known else set()
            return None
        apart = text in self.given and self.outline.is_apart(self.given[text], at)
        self.several |= {text} if apart and not is_signal(head, text) else set()
        self.given[text] = at
        return self._define_anew(text, head, body)

    def _doubt_size(self, head: Node, body: Node) -> None:
        """`D = diag(d)`: where D is a size, too, nobody knows which one is meant elsewhere."""
        text = letter(head)
        if text in self.scope.size_names:
            value = first_value(self.scope.copy(), lambda meaning: meaning.value(body))
            if value is not None and value.indices:
                self.scope.opaque.add(text)

    def _define_anew(self, text: str, head: Node, body: Node) -> str | None:
        """Give a name the meaning of a formula, if that is understood; else it is in doubt."""
        before = self.scope.forget(text)
        define = self._define_function if isinstance(head, tree.Product) else self._define_array
        defined = None
        with suppress(OutOfBudget), within(SECONDS):
            defined = define(head, body) or self._define_of_a_class(head, body)
        if defined is None:
            self.scope.doubt(text, before)
            return text if is_written_out(body, self._is_abstract) else None
        self.scope.opaque.discard(text)
        self.bodies[text] = body
        self.slopes.note(text, head, body)
        self._define_layers(text, head, body)
        self._define_root(text)
        self.slopes.follow(text)
        return defined

    def _is_abstract(self, text: str) -> bool:
        """Whether a name is only ever differentiated: of the function nothing else is said."""
        symbol = self.scope.symbols.get(text)
        stated = symbol is not None and symbol.declared
        word = text.split("_")[0] in COSTS or function_named(text) is not None
        return not (text in self.heads or self.scope.is_known(text) or stated or word)

    def _define_layers(self, text: str, head: Node, body: Node) -> None:
        """What is said of layer l is said of the other layers too."""
        own = layer_letter(text)
        if own is None or isinstance(head, tree.Product):
            return
        sizes = self.scope.usage.layer_sizes
        for other, formula in other_layers((head, body), own, self.scope.layers, sizes):
            name = named(other, self.scope.usage)
            claimed = name.text in self.claimed and slope_of(body, self.scope) is None
            if not claimed and not self.scope.is_known(name.text):
                share_ranks(self.scope, (head, body), (other, formula))
                with suppress(OutOfBudget), within(SECONDS):
                    defined = self._define_array(other, formula)
                    self.slopes.note(name.text, other, formula, defined is not None)

    def _define_event(self, event: str, body: Node) -> str | None:
        """`P(Y = k | X) = …`: the first formula for a probability is its definition."""
        if event.lower() in self.events:
            return None
        value = first_value(self.scope.copy(), lambda meaning: meaning.value(body), closed=False)
        if value is None:
            return None
        self.events.add(event.lower())
        return event

    def _define_signal(self, head: Node, body: Node) -> str | None:
        """`∂L/∂z = δ`: a slope gets a name that nothing else gives a meaning to."""
        name = named(undecorated(body), self.scope.usage)
        if name is None or name.places or name.power is not None or name.transpose or name.primes:
            return None
        scope, text = self.scope, name.text
        known = text in scope.definitions or text in scope.functions or text in scope.size_names
        used = {n for definition in scope.definitions.values() for n in definition.uses}
        if known or text in scope.opaque | used or letter(_bare(body)) not in SIGNALS:
            return None
        return self._define_array(body, head)

    def _define_bar(self, head: Node) -> None:
        """v̄ is ∂L/∂v, so that what is set equal to it can be judged."""
        trial = self.scope.copy()
        found = slope_behind_bar(trial, head)
        if found is None or found[0] in self.scope.definitions:
            return
        try:
            trial.define(*found)
        except (SizeMismatch, Misfit):
            return
        self._adopt(trial)

    def define_implied(self, chain: tree.Chain) -> tuple[str, ...]:
        """Define the names for which a later member of the chain has a formula."""
        notes = []
        self.varied |= varied((chain,), self.scope.usage, False)

        def free(text: str) -> bool:
            return text not in self.heads and not self.scope.is_known(text)

        for node, text, formula in implied(chain, self.scope.usage, free, self.bodies):
            if not self.scope.is_known(text) and self._define_array(node, formula) is not None:
                self.scope.lay_flat(text)
                # Of a sum with a minus in front the terms may have none.
                self.scope.opaque |= {text} if getattr(formula, "signs", ()) == ("-",) else set()
                self.bodies[text] = formula
                start, end = self.document.braced(formula.start, formula.end)
                notes.append(f"{text} is {self.document.text[start:end]}")
        return (*notes, *self._define_implied_functions(chain))

    def _define_implied_functions(self, chain: tree.Chain) -> Iterator[str]:
        scope = self.scope

        def free(text: str) -> bool:
            symbol = scope.symbols.get(text)
            axes = scope.rank(text) or (symbol is not None and symbol.declared)
            known = text in self.heads or scope.is_known(text) or text in scope.usage.spoken
            word = function_named(text) is not None or text in UNDEFINABLE
            return bool(text) and not (known or axes or word)

        for call, formula in implied_functions(chain, free):
            text = letter(call.factors[0])
            if free(text) and self._define_function(call, formula) is not None:
                start, end = self.document.braced(formula.start, formula.end)
                shown = self.document.text[call.start : call.end]
                yield f"{shown} is {self.document.text[start:end]}"

    def _define_backwards(self, chain: tree.Chain) -> None:
        """`f(x + c) = … = E = f(x)` says what f is, though at the end: f(x) is E."""
        head = function_head(undecorated(chain.members[0]), self.scope.usage)
        if head is None or None not in [parameter(one, self.scope.usage) for one in head[1]]:
            return
        known = self.scope.functions.get(head[0])
        word = len(head[0]) > 1 and function_named(head[0]) is not None
        indexed = known is not None and known.index is not None
        if word or indexed or head[0] in self.scope.definitions:
            return
        for before, last in pairwise(chain.members):
            call = function_head(undecorated(last), self.scope.usage)
            if call is not None and (call[0], call[2] is None) == (head[0], head[2] is None):
                plain = None not in [parameter(one, self.scope.usage) for one in call[1]]
                if plain and not mentions(before, head[0], self.scope.usage):
                    self.scope.functions.pop(head[0], None)
                    self._define_function(undecorated(last), before)
                    return

    def _is_another_name(self, head: tree.Product, body: Node) -> bool:
        """Whether a function is set to a name that is unknown, and no argument of it."""
        own = undecorated(body) in function_head(head, self.scope.usage)[1]
        return not own and self._is_unknown_name(body)

    def _is_unknown_name(self, node: Node) -> bool:
        name = named(undecorated(node), self.scope.usage)
        if name is None or name.places or function_named(name.text) is not None:
            return False
        if name.power is not None or name.transpose:
            return False
        symbol = self.scope.symbols.get(name.text)
        return not self.scope.is_known(name.text) and not (symbol and symbol.declared)

    def _is_wished_for(self, text: str, at: int) -> bool:
        """Whether an equation between what is given is to be met: `we fit w such that y = X w`."""
        words = self.document.text[max(0, at - 80) : at]
        return self.scope.is_declared(text) and REQUIRED.search(words) is not None

    def _is_mere_capital(self, text: str) -> bool:
        """A capital that is never indexed is a matrix by custom only: its formula tells better."""
        usage, symbol = self.scope.usage, self.scope.symbols.get(text)
        indexed = usage.lettered[text] or usage.numbered[text]
        return text[0].isupper() and not indexed and not (symbol and symbol.declared)

    def _is_at_a_value(self, head: Node) -> bool:
        """`f(c x) = …`: a claim on a function that is known, and no new meaning."""
        found = function_head(head, self.scope.usage)
        return found is not None and None in [parameter(a, self.scope.usage) for a in found[1]]

    def not_of_here(self, at: int) -> frozenset[str]:
        """The names with a meaning that was given for other parts of a document than a place."""
        return self.outline.names_of_elsewhere(self.several, self.given, self.scope.placed, at)

    def is_of_later_section(self, text: str, at: int) -> bool:
        """Whether a name gets its meaning below a heading that stands further down."""
        return self.outline.has_heading(at, self.given.get(text, at))

    def _define_array(self, head: Node, body: Node) -> str | None:
        name = named(head, self.scope.usage)
        text, places = name.text, name.places
        trial = self.scope.copy()
        repeated = len(places) == 2 and places[0] == places[1]
        if repeated and text not in self.scope.usage.stacks.diagonal:
            # Of the other entries S_ii = … says nothing.
            return None
        places = places[:1] if repeated else places
        value = first_value(
            trial, lambda meaning: meaning.value(body), places, stacked=name.example
        )
        if value is None:
            return None
        if repeated:
            value = trial.algebra.diagonal(value)
        if is_solution(self.scope, self.varied, text, value):
            return None
        if len(value.indices) < trial.rank(text) and not self._is_mere_capital(text):
            return None
        try:
            trial.define(text, value)
        except (SizeMismatch, Misfit):
            return None
        trial.note_alias(text)
        self._adopt(trial)
        return text

    def _define_function(self, head: tree.Product, body: Node) -> str | None:
        text, arguments, index = function_head(head, self.scope.usage)
        scope = self.scope
        parameters = tuple(parameter(argument, scope.usage) for argument in arguments)
        function = DocumentFunction(text, parameters, arguments, body, index)
        trial = scope.copy()
        trial.functions[text] = function
        if first_value(trial, lambda meaning: meaning.whole(text), closed=False) is None:
            return None
        self._adopt(trial)
        return text

    def _define_root(self, text: str) -> None:
        """σ, where σ^2 is defined and nothing is said of σ."""
        root = text.removesuffix("^2")
        square = self.scope.definitions.get(text)
        known = root in self.heads or self.scope.is_known(root) or root in self.scope.usage.called
        if root != text and square is not None and not known:
            positive = apply(sqrt, square.body)
            axes = iter(square.indices)
            shape = self.scope.symbols[text].axes
            self.scope.define(root, Value(positive, tuple(a and next(axes) for a in shape)))

    def _define_of_a_class(self, head: Node, body: Node) -> str | None:
        """`E = -log p_c`: a cost of the class c, whatever c is; and `δ = ∂E/∂z`, a slope of it."""
        name = named(head, self.scope.usage)
        slope = is_derivative(undecorated(body))
        if name is None or name.places or (self.scope.rank(name.text) and not slope):
            return None
        value = first_value(self.scope.copy(), lambda meaning: meaning.value(body), closed=False)
        if value is None or len(value.expr.free) <= len(value.indices):
            return None
        if not slope and (name.text.split("_")[0] not in COSTS or not value.is_scalar):
            return None
        self.scope.functions[name.text] = DocumentFunction(name.text, (), (), body)
        return name.text

    def _adopt(self, trial: Scope) -> None:
        scope = self.scope
        scope.sizes, scope.symbols = trial.sizes, trial.symbols
        scope.definitions, scope.functions = trial.definitions, trial.functions
        scope.archive, scope.aliases = trial.archive, trial.aliases


def _bare(node: Node) -> Node:
    node = undecorated(node)
    return node.base if isinstance(node, tree.Script) else node
