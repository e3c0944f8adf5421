"""How a document uses its letters, before anything is given a meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from chainrule.notation import tree
from chainrule.notation.constants import Constants, constants
from chainrule.notation.counting import Counting, counting
from chainrule.notation.each import stated_letters, stated_numbered
from chainrule.notation.levels import levels
from chainrule.notation.name_marks import (
    any_layer,
    axes,
    braced,
    counted_letters,
    fixed_vectors,
    headed_letters,
    is_entry_of_numbered,
    is_name_mark,
    joined,
    labelled,
    lettered_matrices,
    members,
    numbered_element,
    of_marked,
    quantities,
    windowed,
    with_indices,
    with_parameters,
)
from chainrule.notation.numbering import Stacks, examples, layer_sizes, layered, running
from chainrule.notation.scripts import (
    TRANSPOSES,
    font,
    is_shape,
    letter,
    scripted,
    subscripts,
)
from chainrule.notation.steps import gates, routes, step_name, steps
from chainrule.notation.totals import (
    COST_LETTERS,
    called,
    divided,
    families,
    numbered_pairs,
    only_called,
    squares,
    summand,
    summands,
    terms_of_costs,
    totals,
    widths,
)
from chainrule.notation.tree import Node

# Letters that number examples, layers and steps: x^{(i)}, h^{(l)}, θ^{(t)}.
EXAMPLE_LETTERS = set("iklmntr")


@dataclass
class Usage:
    """How a document uses its letters, counted over all formulas.

    counting  from which number the letters and arrays are counted
    totals  letters that stand alone for the sum of what they are with an index
    squares letters of which the square is defined, as σ^2 is
    levels  letters with numbers of layers over them, as a^2 where a^1 is another layer
    called  letters with a bracket behind them somewhere
    divided letters that something is divided by
    summands letters that stand beside names in sums
    families letters of which each numbered one is a vector: u_w^T v
    paired  letters that are numbered as the matrices beside them are, the b of W_1 x + b_1, and
            those of which a numbered one has a shape: h_0 ∈ ℝ^H
    indexed the m and n of a formula for m_n, in which X_{nd} stands: elements, one for each n
    fixed   vectors of the one thing spoken of, as v and c, and matrices such as W_q
    quantities Greek letters that formulas reckon with
    labelled letters with one below that says of which layer they are, as z and o of z_{oi}
    counted letters with a number below them that sums run over
    headed  letters that stand alone at the head of an equation
    windowed letters with a place below them with which their formula reckons: m_q = y_{2q + 1}
    steps   letters of time, of which each step has names of its own
    routes  letters that say from where to where a matrix leads, as in W_{xh}, or to which gate
    bold    letters that are printed bold somewhere
    widths  letters and subscripts of numbers below a root, as of d_k in attention
    layer_sizes  letters of sizes that differ from layer to layer, as n_l
    stacks  which matrices vectors and numbers are parts of, as sentences say
    listed  letters of any functions that are taken of one element after the other
    activations  letters of what is called an activation function, or used as one
    spoken  letters that words say are known functions, with the names of their records
    several names of values of several layers, which the letters of their indices tell apart
    small   small letters without a formula of their own
    ends    formulas for how far letters run
    """

    alone: Counter = field(default_factory=Counter)
    lettered: Counter = field(default_factory=Counter)
    numbered: Counter = field(default_factory=Counter)
    raised: Counter = field(default_factory=Counter)
    heads: dict[tuple[str, str], str] = field(default_factory=dict)
    marks: Counter = field(default_factory=Counter)
    numbered_heads: dict[str, set[str]] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    layered: Counter = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    parts: Counter = field(default_factory=Counter)
    totals: set[str] = field(default_factory=set)
    counting: Counting = field(default_factory=Counting)
    squares: set[str] = field(default_factory=set)
    levels: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    divided: set[str] = field(default_factory=set)
    summands: set[str] = field(default_factory=set)
    families: set[str] = field(default_factory=set)
    paired: set[str] = field(default_factory=set)
    fixed: set[tuple[str, str]] = field(default_factory=set)
    indexed: set[tuple[str, str]] = field(default_factory=set)
    quantities: set[str] = field(default_factory=set)
    labelled: set[tuple[str, str]] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)
    headed: set[str] = field(default_factory=set)
    windowed: set[tuple[str, str]] = field(default_factory=set)
    only_called: set[str] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)
    bold: set[str] = field(default_factory=set)
    widths: set[tuple[str, str]] = field(default_factory=set)
    layer_sizes: set[str] = field(default_factory=set)
    stacks: Stacks = field(default_factory=Stacks)
    spoken: dict[str, str] = field(default_factory=dict)
    several: frozenset[str] = frozenset()
    constants: Constants = field(default_factory=Constants)
    listed: set[str] = field(default_factory=set)
    activations: set[str] = field(default_factory=set)
    small: frozenset[str] = frozenset()
    ends: frozenset[Node] = frozenset()

    @classmethod
    def of(cls, nodes: Iterable[Node], numbers: Iterable[str] = ()) -> Usage:
        usage, nodes = cls(totals=set(numbers)), list(nodes)
        for node in nodes:
            usage.running |= running(node)
            usage.layered.update(layered(node))
            usage.layer_sizes |= layer_sizes(node)
            usage.totals |= totals(node)
            usage.squares |= squares(node)
        usage.totals |= terms_of_costs(nodes)
        usage.running |= axes(nodes)
        usage.examples, usage.steps = examples(nodes), steps(nodes)
        usage.families, usage.levels = families(nodes), levels(nodes)
        usage.counted, usage.headed = counted_letters(nodes, usage.running), headed_letters(nodes)
        usage.fixed = fixed_vectors(nodes, usage.families, usage.counted, usage.running)
        usage.running |= members(nodes, usage.families, usage.fixed)
        usage.fixed |= lettered_matrices(nodes, usage.running)
        usage.fixed |= with_parameters(nodes, usage.running)
        usage.indexed = with_indices(nodes)
        usage.windowed = windowed(nodes)
        usage.labelled = labelled(nodes, usage.running)
        usage.paired = numbered_pairs(nodes) | stated_numbered(nodes)
        usage.quantities = quantities(nodes, usage.running)
        usage.routes = (routes(nodes) | gates(nodes)) - usage.running
        usage.counting, usage.only_called = counting(nodes), only_called(nodes)
        usage.constants = constants(nodes)
        for node in nodes:
            usage._note_heads(node)
            usage.called |= called(node)
            usage.divided |= divided(node)
            usage.summands |= summands(node)
            usage.widths |= widths(node)
            for part in scripted(node):
                usage._note(part)
        # What is only stated of each, or of any layer, is no use of a letter as a number.
        layers = any_layer(nodes, usage.numbered_heads, usage.running)
        usage.lettered -= stated_letters(nodes) + layers
        return usage

    def is_meant(self, text: str) -> bool:
        """Whether a letter that may be a sign, as T may be, is used as a name."""
        if text in self.divided:
            return True
        return text in ("T", "d") and bool(self.lettered[text] or text in self.summands)

    def _note(self, node: Node) -> None:
        if font(node) == "bold":
            self.bold.add(letter(node.base if isinstance(node, tree.Script) else node))
        if not isinstance(node, tree.Script):
            if (name := letter(node)) is not None:
                self.alone[name] += 1
            return
        base = letter(node.base)
        if base is None:
            return
        marks = () if is_shape(node.sub) else subscripts(node.sub)
        base, marks = step_name(*of_marked(base, marks, node.sub, self), self.steps)
        if marks and not isinstance(marks[0], tree.Number) and is_name_mark(marks, base, self):
            base, marks = f"{base}_{braced(joined(marks))}", ()
        if marks and base in self.totals:
            base = summand(base)
        self.marks.update(text for mark in marks if (text := letter(mark)))
        numbers = marks and all(isinstance(mark, tree.Number) for mark in marks)
        if numbers or is_entry_of_numbered(node.sub):
            self.numbered[base] += 1
        elif numbered_element(node.sub) is not None:
            self.parts[base] += 1
        elif marks and not (base == "\\delta" and len(marks) == 2):
            self.lettered[base] += 1
        elif node.sup is None and not is_shape(node.sub):
            self.alone[base] += 1
        if isinstance(node.sup, tree.Symbol):
            self.raised[base, node.sup.name] += 1

    def _note_heads(self, node: Node) -> None:
        """Superscripts on the left of an equation, or under a derivative, are names."""
        for part in tree.walk(node):
            match part:
                case tree.Chain(members, _):
                    for head in getattr(members[0], "items", members[:1]):
                        self._note_head(head)
                    self._note_numbered_head(members[0])
                    if len(members) == 2 and _is_marked(*members):
                        self._note_head(members[1])
                case tree.Fraction(_, tree.Product((tree.Symbol("partial" | "d"), variable), _)):
                    self._note_head(variable)

    def _note_head(self, node: Node) -> None:
        if isinstance(node, tree.Script) and (mark := _mark(node.sup)) is not None:
            if mark == "L" and self.layered:
                return
            if (base := letter(node.base)) is not None:
                self.heads.setdefault((base, mark.lower()), mark)

    def _note_numbered_head(self, node: Node) -> None:
        if isinstance(node, tree.Script) and isinstance(node.sub, tree.Number):
            if (base := letter(node.base)) is not None:
                self.numbered_heads.setdefault(base, set()).add(node.sub.text)

    def is_numbered_name(self, base: str) -> bool:
        """W_1 is a name where W never stands alone or with a letter index; z_1 and z_2 are, where
        both stand at the head of equations."""
        if self.lettered[base] or not self.numbered[base]:
            return False
        if base in self.paired:
            return True
        if self.parts[base] and not self.numbered_heads.get(base) and base.islower():
            # w_{1,j} beside w_1 may be an element of a matrix beside a row of it.
            return False
        # Beside a cost `E = …`, `E_2 = …` is another one.
        single = base in COST_LETTERS and base in self.headed
        return not self.alone[base] or len(self.numbered_heads.get(base, ())) + single > 1

    def is_raised_name(self, base: str, mark: str) -> bool:
        if mark in TRANSPOSES or base == "e":
            return False
        layered = mark in ("l", "ell") and self.is_layered(base)
        return mark == "ast" or layered or (base, mark.lower()) in self.heads

    def is_layered(self, base: str) -> bool:
        """Whether layers stand over a letter: b^l, with l ± 1 over some, l over a defined one."""
        defined = (base, *self.layered)
        named_ = any((one, mark) in self.heads for one in defined for mark in ("l", "ell"))
        return bool(self.layered[base] or (self.layered and named_))

    def raised_name(self, base: str, mark: str) -> str:
        """A superscript that is a name, as first printed: h^S and h^{(s)} are h^s."""
        return self.heads.get((base, mark.lower()), mark)


def _is_marked(head: Node, body: Node) -> bool:
    """`y = y^s`: a name, and the same with a mark over it, which is no exponent."""
    return isinstance(body, tree.Script) and body.sub is None and body.base == head


def _mark(node: Node | None) -> str | None:
    """A superscript that is one letter, in brackets or not; no transpose, no example's index."""
    bracketed = isinstance(node, tree.Group) and node.open == "("
    inner = node.body if bracketed else node
    if not isinstance(inner, tree.Symbol) or inner.name in TRANSPOSES:
        return None
    if len(inner.name) > 1 and inner.name != "ell":
        return None
    return None if bracketed and inner.name in EXAMPLE_LETTERS else inner.name
