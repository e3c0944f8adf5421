"""Mutants of true claims: how many that became false are still called true.

Every claim judged true as a member of a chain gets copies with one thing changed in its last
member: a sign, an index, a transpose, a factor, a function, a term, an order. Each copy is judged
again. Whether it is really false is found independently of the checker: the old and the new
right-hand side, read in the same way, are evaluated at random points of other sizes than the
checker's.

    python benchmarks/mutations.py [FILE OR FOLDER ...] [--each 6] [--limit 500] [--seed 0]
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

import chainrule
from chainrule.checker.conventions import is_fixed, settled
from chainrule.checker.doubts import explained, without_doubts
from chainrule.checker.findings import FALSE, TRUE, Finding
from chainrule.checker.misfits import printed_names
from chainrule.checker.points import size_names
from chainrule.checker.readings import readings
from chainrule.checker.second_meanings import is_confirmed
from chainrule.checker.side_by_side import in_turn
from chainrule.checker.unexplained import (
    UNEXPLAINED,
    Chain,
    confirmations,
    is_trusted,
    is_understood,
    surroundings,
)
from chainrule.checker.verify import judge
from chainrule.errors import ChainruleError
from chainrule.language.algebra import substitute
from chainrule.language.evaluate import evaluate
from chainrule.language.facts import ONE_HOT, POSITIVE, SUMS_TO_ONE
from chainrule.language.index import Index, place_of
from chainrule.language.inline import elements
from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.document import Document
from chainrule.notation.leibniz import is_derivative
from chainrule.notation.names import named
from chainrule.notation.reading import ChainItem, read_reading
from chainrule.notation.scripts import letter, subscripts
from chainrule.notation.syntax import parse_formula
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit

ROOT = Path(__file__).parents[1]
DEFAULT = (ROOT / "examples", ROOT / "tests" / "documents")
WANTED = 0.97

FUNCTIONS = {
    "log": "exp", "exp": "log", "\\log": "\\exp", "\\exp": "\\log", "sigma": "tanh",
    "\\sigma": "\\tanh", "tanh": "exp", "\\tanh": "\\exp",
}  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """One member judged true, where it stands.

    fixed   whether the rest of the document fixes how gradients are laid out
    beside  what is said of the members before it
    near    what is said of the claims around it
    counts  the true claims that each name stands in, this one left out
    """

    document: Document
    item: ChainItem
    position: int
    line: int
    fixed: bool
    beside: tuple[Finding, ...]
    near: list[Finding]
    counts: Counter[str]

    def confirms(self, verdict: str) -> bool:
        """Whether a mutant may be called false where no slip explains it."""
        chain = Chain.of(self.document, self.item)
        return is_understood(self.near) or is_trusted(
            verdict, chain, self.beside, self.counts
        )


@dataclass(frozen=True)
class Mutant:
    """A claim with its last member changed."""

    claim: Claim
    kind: str
    before: str
    after: str
    item: ChainItem
    document: Document


@dataclass(frozen=True)
class Judgement:
    """What the checker said of a mutant, and whether it is really false (None: not known)."""

    mutant: Mutant
    verdict: str
    false: bool | None
    reason: str | None = None


def changes(node: Node, letters: list[str]) -> Iterator[tuple[str, Node]]:
    """(kind, changed copy) for every single change of this very node."""
    match node:
        case tree.Sum(terms, signs):
            for k, sign in enumerate(signs):
                flipped = {"+": "-", "-": "+"}.get(sign)
                if flipped:
                    yield "sign", replace(node, signs=(*signs[:k], flipped, *signs[k + 1 :]))
                if len(terms) > 1 and not any(isinstance(term, tree.Ellipsis) for term in terms):
                    kept = [*range(k), *range(k + 1, len(terms))]
                    yield (
                        "term dropped",
                        replace(
                            node,
                            terms=tuple(terms[i] for i in kept),
                            signs=tuple(signs[i] for i in kept),
                        ),
                    )
        case tree.Product():
            yield from _changed_products(node)
        case tree.Fraction(top, bottom):
            if not any(letter(part) in ("d", "\\partial") for part in tree.walk(node)):
                yield "reciprocal", replace(node, numerator=bottom, denominator=top)
        case tree.Number(text) if text.isdigit():
            yield "number", replace(node, text=str(int(text) + 1))
        case tree.Symbol(name) if name in FUNCTIONS:
            yield "function", replace(node, name=FUNCTIONS[name])
        case tree.Script():
            yield from _changed_scripts(node, letters)
        case tree.Group("(" | "[", _, tree.Sum()):
            yield "squared", tree.Script(node, sup=tree.Number("2"), start=node.start, end=node.end)


def _is_call(factors: tuple[Node, ...], k: int) -> bool:
    """Whether factors k and k + 1 may be a function and its argument."""
    if not 0 <= k < len(factors) - 1:
        return False
    word, bracket = factors[k], factors[k + 1]
    while isinstance(word, (tree.Script, tree.Accent)):
        word = word.base if isinstance(word, tree.Script) else word.body
    if isinstance(bracket, tree.Script):
        bracket = bracket.base
    inside = bracket.body if isinstance(bracket, tree.Group) else None
    named = isinstance(word, tree.Symbol) and (len(word.name) > 1 or word.name in "fghs")
    at_name = isinstance(word, tree.Symbol) and isinstance(inside, (tree.Symbol, tree.List))
    return at_name or (named and (inside is not None or len(word.name) > 2))


def _changed_products(node: tree.Product) -> Iterator[tuple[str, Node]]:
    factors, operators = node.factors, node.operators
    for k in range(len(factors)):
        if _is_call(factors, k) or _is_call(factors, k - 1):
            continue
        kept = factors[:k] + factors[k + 1 :]
        joints = operators[:k] + operators[k + 1 :] if k < len(operators) else operators[:-1]
        single = kept[0] if len(kept) == 1 else replace(node, factors=kept, operators=joints)
        yield "factor dropped", single
    for k in range(len(factors) - 1):
        if any(_is_call(factors, n) for n in (k - 1, k, k + 1)):
            continue
        swapped = (*factors[:k], factors[k + 1], factors[k], *factors[k + 2 :])
        yield "order", replace(node, factors=swapped)


def _changed_scripts(node: tree.Script, letters: list[str]) -> Iterator[tuple[str, Node]]:
    if letter(node.sup) in ("T", "\\top", "top"):
        yield "transpose dropped", replace(node, sup=None) if node.sub else node.base
    if isinstance(node.sup, tree.Number) and node.sup.text.isdigit():
        yield "power", replace(node, sup=replace(node.sup, text=str(int(node.sup.text) + 1)))
    marks = subscripts(node.sub) if node.sub is not None else []
    for k, mark in enumerate(marks):
        for other in letters:
            if letter(mark) in letters and other != letter(mark):
                new = [*marks[:k], tree.Symbol(other), *marks[k + 1 :]]
                sub = new[0] if len(new) == 1 else tree.Product(tuple(new), ("",) * (len(new) - 1))
                yield "index", replace(node, sub=sub)
    if len(marks) == 2:
        yield "indices swapped", replace(node, sub=tree.Product((marks[1], marks[0]), ("",)))


def operands(item: ChainItem, members: tuple[Node, ...]) -> dict[str, Node]:
    """The whole arrays that a claim names, each as it is printed."""
    usage, known = item.scope.usage, item.scope.symbols
    found: dict[str, Node] = {}
    for part in (part for member in members for part in tree.walk(member)):
        name = named(part, usage) if isinstance(part, (tree.Script, tree.Symbol)) else None
        if name is None or name.places or name.power is not None or function_named(name.text):
            continue
        if name.text in known and not _is_word(part):
            found.setdefault(name.text, part)
    return found


def _is_power(node: Node) -> bool:
    """Whether a superscript may be an exponent: w^{(2)} is a name."""
    return not (isinstance(node, tree.Group) and node.open == "(")


def _is_word(node: Node) -> bool:
    return isinstance(node, tree.Symbol) and function_named(node.name.lstrip("\\")) is not None


def with_operands(node: Node, names: dict[str, Node]) -> Iterator[tuple[str, Node]]:
    """Another array of the claim in the place of one."""
    if any(node is part or node == part for part in names.values()):
        for part in names.values():
            if part != node:
                yield "operand", replace(part, start=node.start, end=node.end)


def variants(
    node: Node, letters: list[str], names: dict[str, Node]
) -> Iterator[tuple[str, Node, Node, Node]]:
    """(kind, part before, part after, whole after) for every change inside a node."""
    for kind, changed in (*changes(node, letters), *with_operands(node, names)):
        yield kind, node, changed, changed
    if isinstance(node, tree.Fraction) and is_derivative(node):
        # ∂L/∂W for ∂L/∂b is another derivative, but a derivative of a gradient is another matter.
        return
    if isinstance(node, (tree.Script, tree.Accent)):
        # W in W_1 and y in ŷ name nothing by themselves.
        names = {}
    if isinstance(node, tree.Script) and node.sup is not None and not _is_power(node.sup):
        return
    for one in fields(node):
        value = getattr(node, one.name)
        if isinstance(value, Node):
            for kind, before, after, new in variants(value, letters, names):
                if one.name == "sub" and isinstance(before, tree.Product):
                    # Of the marks of a name none is a factor.
                    continue
                yield kind, before, after, replace(node, **{one.name: new})
        elif isinstance(value, tuple) and all(isinstance(part, Node) for part in value):
            for k, part in enumerate(value):
                for kind, before, after, new in variants(part, letters, names):
                    inside = (*value[:k], new, *value[k + 1 :])
                    yield kind, before, after, replace(node, **{one.name: inside})


def index_letters(members: tuple[Node, ...]) -> list[str]:
    """The letters that stand in subscripts of a claim."""
    marks = [
        mark
        for member in members
        for part in tree.walk(member)
        if isinstance(part, tree.Script) and part.sub is not None
        for mark in subscripts(part.sub)
    ]
    names = {letter(mark) or "" for mark in marks}
    return sorted(name for name in names if len(name) == 1 and name.islower())


def claims(document: Document) -> Iterator[Claim]:
    """The claims of a document that are judged true as members of chains.

    Limits, counts and convolutions are judged as a whole, by `checker/claims/`. What the rest of
    the document says, of conventions and of names in doubt, is said of a mutant, too.
    """
    judged = [(item, judge(document, item)) for item in read_reading(document).chains]
    rests = [judged[:k] + judged[k + 1 :] for k in range(len(judged))]
    known = [(explained(rest), is_fixed(rest, document.text)) for rest in rests]
    chains = [Chain.of(document, item) for item, _ in judged]
    settled_ = without_doubts(document, judged, in_turn)
    every = [one for _, findings in settled_ for one in findings]
    counts = confirmations(chains, (one for _, findings in judged for one in findings))
    for k, ((names, fixed), (item, findings)) in enumerate(
        zip(known, settled_, strict=True)
    ):
        scope = item.scope.copy()
        scope.opaque -= names
        if item.restates is not None and is_confirmed(item.restates, judged[k + 1 :]):
            item = replace(item, restates=None)
        true = {(f.start, f.end): f for f in findings if f.verdict in TRUE}
        for position, node in enumerate(item.members):
            found = true.get(document.braced(node.start, node.end))
            if found is None or not position or item.relations[position - 1].kind != "=":
                continue
            # A line that only seems to go on claims nothing once it is false.
            if not item.relations[position - 1].guessed:
                beside = tuple(one for one in findings if one.end <= found.start)
                near = surroundings(every, found)
                rest = counts - Counter(chains[k].names)
                item = replace(item, scope=scope)
                yield Claim(document, item, position, found.line, fixed, beside, near, rest)


def mutants(claim: Claim) -> list[Mutant]:
    """Every mutant of a claim; the chain ends with the member that was changed."""
    item, position = claim.item, claim.position
    members = item.members[: position + 1]
    text = claim.document.text
    found = variants(members[-1], index_letters(members), operands(item, members))
    return [
        Mutant(claim, kind, text[before.start : before.end], tree.show(after), *changed)
        for kind, before, after, new in found
        for changed in (printed(claim, before, after, new),)
    ]


def printed(claim: Claim, before: Node, after: Node, new: Node) -> tuple[ChainItem, Document]:
    """The chain with the changed member as its print is read, and the document with that print.

    Where the print cannot be changed, or is read in another way, the tree is changed alone.
    """
    document, members = claim.document, claim.item.members[: claim.position + 1]
    start, end = document.braced(members[-1].start, members[-1].end)
    a, b = document.braced(before.start, before.end)
    source = written(document, after)
    if source is not None and start <= a <= b <= end:
        text = f"{document.text[:a]} {source} {document.text[b:]}"
        stop = end + len(text) - len(document.text)
        changed = replace(document, text=text)
        statements = parse_formula(text[start:stop], start, document.macros)
        if len(statements) == 1 and tree.show(statements[0].chain) == tree.show(new):
            return until(claim.item, (*members[:-1], statements[0].chain)), changed
    return until(claim.item, (*members[:-1], new)), document


def written(document: Document, node: Node) -> str | None:
    """LaTeX of a changed node, whose parts stand in the document; None for other nodes."""

    def own(part: Node) -> str:
        if isinstance(part, tree.Symbol) and part.start == part.end:
            return part.name
        return document.text[slice(*document.braced(part.start, part.end))]

    match node:
        case tree.Sum(terms, signs):
            pairs = zip(signs, map(own, terms), strict=True)
            return " ".join(f"{sign} {term}" for sign, term in pairs)
        case tree.Product(factors, operators):
            joints = (*(f"\\{one}" if one.isalpha() else one for one in operators), "")
            return " ".join(f"{own(f)} {j}" for f, j in zip(factors, joints, strict=True))
        case tree.Fraction(top, bottom):
            return rf"\frac{{{own(top)}}}{{{own(bottom)}}}"
        case tree.Number(text) | tree.Symbol(text):
            return f"\\{text}" if len(text) > 1 and text.isalpha() else text
        case tree.Group():
            return own(node)
        case tree.Script(base, sub, sup):
            number = isinstance(sup, tree.Number)
            above = "" if sup is None else f"^{{{sup.text if number else own(sup)}}}"
            marks = sub.factors if isinstance(sub, tree.Product) else (sub,)
            below = "" if sub is None else f"_{{{' '.join(map(own, marks))}}}"
            return f"{own(base)}{below}{above}" + "'" * node.primes
    return None


def until(item: ChainItem, members: tuple[Node, ...]) -> ChainItem:
    """The chain with these members, and no more."""
    body = item.body if item.body < len(members) else 0
    return replace(item, members=members, relations=item.relations[: len(members) - 1], body=body)


def judgement(mutant: Mutant) -> Judgement:
    """The checker's verdict on a mutant, beside the truth."""
    claim, item = mutant.claim, mutant.item
    findings = settled([(item, judge(mutant.document, item))], claim.fixed, claim.document.text)
    if not findings:
        return Judgement(mutant, "defines", is_false(mutant))
    last = findings[-1]
    if last.verdict in FALSE and not last.slip and not claim.confirms(last.verdict):
        return Judgement(mutant, "unread", is_false(mutant), UNEXPLAINED)
    return Judgement(mutant, last.verdict, is_false(mutant), last.fact or last.diagnosis)


def is_false(mutant: Mutant) -> bool | None:
    """Whether the changed member has another value than the old one, read in the same way."""
    claim = mutant.claim
    if unheard(mutant):
        # W_3, where there are two layers: it has no value.
        return None
    original = until(claim.item, claim.item.members[: claim.position + 1])
    before = {read.taken: read for read in readings(original)}
    told: list[bool] = []
    for read in readings(mutant.item):
        twin = before.get(read.taken)
        if twin is None:
            continue
        old, new = twin.members[-1], read.members[-1]
        if isinstance(new, Misfit) and not isinstance(old, Exception):
            told.append(True)
        elif not isinstance(old, Exception) and not isinstance(new, Exception):
            # Where the old member equals the first under a fact only, the new one may, too.
            others = [one for one in (old, twin.members[0]) if not isinstance(one, Exception)]
            found = [differ(read.scope, one, new, twin.scope, mutant.item) for one in others]
            if None not in found:
                told.append(all(found))
    # True under any way of reading both is not false.
    return all(told) if told else None


def unheard(mutant: Mutant) -> bool:
    """Whether a mutant prints a name that the document does not know: a subscript made it."""
    scope = mutant.claim.item.scope
    before, after = (
        {name for node in item.members for name in printed_names(scope, node)}
        for item in (mutant.claim.item, mutant.item)
    )
    new = {name for name in after - before if function_named(name.lstrip("\\")) is None}
    return any(not scope.is_known(name) and name not in scope.symbols for name in new)


def differ(scope, old, new, old_scope, item: ChainItem) -> bool | None:
    """Whether two values differ at independent points; None where none could be evaluated."""
    if len(old.indices) != len(new.indices):
        return True
    try:
        trial = scope.copy()
        (old, new), _ = trial.algebra.aligned([old, new], "old and new")
    except Misfit:
        return True
    old, new = trial.algebra.resolved(old), trial.algebra.resolved(new)
    a, b = old_scope.inlined(old.expr), trial.inlined(new.expr)
    a, b = (substitute(e, {}, trial.sizes.mapping()) for e in (a, b))
    axes = {axis: place_of(Index(f"{k}.", axis.size)) for k, axis in enumerate(new.indices)}
    a, b = substitute(a, axes), substitute(b, axes)
    free = sorted(a.free | b.free, key=lambda index: index.name)
    tried = 0
    for values, sizes in independent_points(a, b, trial.facts):
        try:
            x, y = (evaluate(e, values, sizes, free) for e in (a, b))
        except ChainruleError:
            continue
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            continue
        tried += 1
        unequal = np.abs(x - y) > 1e-6 * np.maximum(1, np.maximum(np.abs(x), np.abs(y)))
        if (unequal & _stated(item, free, sizes)).any():
            return True
    return False if tried else None


def independent_points(a, b, facts):
    """Random points of sizes 5, 3, 7, …: not those of the checker."""
    names = size_names(a, b)
    lengths = (5, 3, 7, 2, 4, 6)
    sizes = {name: lengths[k % len(lengths)] for k, name in enumerate(names)}
    for seed in range(6):
        source = np.random.default_rng(1000 + seed)
        values = {}
        for array in sorted(elements(a) | elements(b), key=lambda one: one.name):
            shape = [sizes[s] if isinstance(s, str) else s for s in array.sizes]
            low = 0.2 if seed % 2 else -1.7
            numbers = source.uniform(low, 1.9, shape)
            values[array.name] = _respecting(facts, array.name, numbers, source)
        yield values, sizes


def _respecting(facts, name: str, numbers, source):
    kinds = {fact.kind for fact in facts if fact.array == name}
    if ONE_HOT in kinds and numbers.ndim:
        rows = source.integers(0, numbers.shape[-1], numbers.shape[:-1])
        return np.eye(numbers.shape[-1])[rows]
    if kinds & {POSITIVE, SUMS_TO_ONE}:
        numbers = np.abs(numbers) + 0.1
    if SUMS_TO_ONE in kinds and numbers.ndim:
        numbers = numbers / numbers.sum(axis=-1, keepdims=True)
    return numbers


def _stated(item: ChainItem, free: list[Index], sizes: dict[str, int]):
    """Where the conditions of the statement, such as i ≠ j, hold."""
    names = [index.name for index in free]
    shape = [sizes[i.size] if isinstance(i.size, str) else i.size for i in free]
    spots = np.indices(shape) if shape else []
    result = np.ones(shape, dtype=bool)
    for node in item.conditions:
        if isinstance(node, tree.Chain) and len(node.members) == 2:
            left, right = (letter(member) for member in node.members)
            if left in names and right in names:
                same = spots[names.index(left)] == spots[names.index(right)]
                result &= same if node.relations[0].kind == "=" else ~same
    return result


def documents(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found += sorted([*path.glob("*.md"), *path.glob("*.txt")]) if path.is_dir() else [path]
    return found


def sample(path: Path, each: int, seed: int) -> list[Mutant]:
    """Some mutants of every true claim of a document, the same ones for the same seed."""
    chosen = []
    for claim in claims(chainrule.read(path).text):
        found = mutants(claim)
        source = random.Random(f"{seed} {path.name} {claim.line} {len(found)}")
        chosen += source.sample(found, min(each, len(found)))
    return chosen


def told(judged: Judgement) -> str:
    mutant = judged.mutant
    place = f"{mutant.claim.document.name.rsplit('/')[-1]}:{mutant.claim.line}"
    truth = {True: "false", False: "equal", None: "unknown"}[judged.false]
    return (
        f"{judged.verdict:<11} {truth:<8} {mutant.kind:<18} {place}"
        f"   {' '.join(mutant.before.split())[:60]}  →  {mutant.after[:80]}"
        f"   {judged.reason or ''}"
    )


def summary(judged: list[Judgement]) -> str:
    false = [one for one in judged if one.false]
    equal = [one for one in judged if one.false is False]
    found = sum(one.verdict in FALSE for one in false)
    told_of = sum(one.verdict in ("holds-if", "convention") for one in false)
    alarms = sum(one.verdict in FALSE for one in equal)
    share = 100 * found / max(1, len(false))
    counts = Counter(one.verdict for one in false)
    kinds = Counter(one.mutant.kind for one in false)
    seen = Counter(one.mutant.kind for one in false if one.verdict in FALSE)
    lines = [
        f"{len(judged)} mutants: {len(false)} really false, {len(equal)} equal in value,"
        f" {len(judged) - len(false) - len(equal)} not evaluated",
        "by kind: " + ", ".join(f"{kind} {seen[kind]} of {n}" for kind, n in sorted(kinds.items())),
        "really false, judged: " + ", ".join(f"{n} {v}" for v, n in sorted(counts.items())),
        f"found {found} of {len(false)} ({share:.1f} %, wanted {100 * WANTED:.0f} %),"
        f" {told_of} more under a named fact or convention;"
        f" {alarms} of the equal ones judged false",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, help="documents, or folders of them")
    parser.add_argument("--each", type=int, default=6, help="mutants of one claim at most")
    parser.add_argument("--limit", type=int, default=None, help="mutants at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all", action="store_true", help="print also those that were found")
    options = parser.parse_args()
    chosen: list[Mutant] = []
    for path in documents(options.paths or list(DEFAULT)):
        chosen += sample(path, options.each, options.seed)
    if options.limit is not None and len(chosen) > options.limit:
        chosen = random.Random(options.seed).sample(chosen, options.limit)
    judged = []
    for mutant in chosen:
        one = judgement(mutant)
        judged.append(one)
        caught = one.verdict in FALSE if one.false else one.verdict not in FALSE
        if options.all or not caught:
            print(told(one), flush=True)
    print(summary(judged))


if __name__ == "__main__":
    main()
