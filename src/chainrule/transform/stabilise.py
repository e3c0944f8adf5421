"""The same value in a form that survives floating point."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chainrule.language.expr import Expr
from chainrule.language.inline import elements, inline
from chainrule.language.passes import parts
from chainrule.language.program import Definition, Program
from chainrule.mathematics.final_rules import AFTERWARDS, FINAL
from chainrule.mathematics.stable_rules import STABILISE
from chainrule.transform.rewrite import Step, head, rewrite, rewrite_once
from chainrule.transform.simplify import fold

# How far back definitions are put in to find, say, log(ŷ) with ŷ = e / Z and Z = Σ e.
REACH = 3

# What overflows or meets a log of 0 is worth computing an intermediate value twice; what only
# loses digits, such as 1 - h, is not: h(1 - h) shall use the h that is there.
OVERFLOWING = frozenset(rule.name for rule in STABILISE if rule.overflows)
OVERFLOWING_HEADS = frozenset(head(rule.left) for rule in STABILISE if rule.overflows)


def stabilise(expr: Expr, trace: list[Step] | None = None) -> Expr:
    """An equal expression whose value in floating point is accurate wherever the true value is.

    It is to be computed with every named function by the `stable` form of its record. Derivatives
    are accurate too when they are taken of the result, and stabilised again.

    trace  if given, every use of a rule is added to it, in order

    >>> from chainrule.language.algebra import apply, element
    >>> from chainrule.language.expr import Array
    >>> from chainrule.mathematics.functions import log, sigmoid, softplus
    >>> x = element(Array("x"))
    >>> stabilise(apply(log, apply(sigmoid, x))) is -apply(softplus, -x)
    True
    """
    return rewrite(expr, STABILISE, trace)


def finish(expr: Expr, trace: list[Step] | None = None) -> Expr:
    """The stable form for computing: with cases by size, where those lose fewer digits.

    Derivatives are to be taken before, of what `stabilise` gives.

    >>> from chainrule.language.algebra import element
    >>> from chainrule.language.evaluate import evaluate
    >>> from chainrule.language.expr import Array
    >>> x = element(Array("x"))
    >>> float(evaluate(finish(x**2 - 1), {"x": 1 + 2**-40})) == 2**-39 + 2**-80
    True
    """
    return rewrite_once(stabilise(expr, trace), FINAL, AFTERWARDS, trace)


def stabilise_program(
    program: Program,
    keep: Iterable[str] = (),
    trace: list[Step] | None = None,
    last: bool = False,
) -> Program:
    """The program with stable bodies, also where an instability spans several definitions.

    last  whether nothing of it will be differentiated, so that forms are chosen by size, too

    With ŷ = softmax(θ) and J = -Σ y log ŷ, J gets log_softmax(θ). A definition that no other uses
    any longer is dropped, unless it is named in `keep` or was not used before either.
    """
    done: dict[str, Definition] = {}
    for definition in program.definitions:
        steps: list[Step] = []
        body = _across(definition.body, done, steps)
        if last:
            body = rewrite_once(body, FINAL, AFTERWARDS, steps)
        done[definition.name] = replace(definition, body=body)
        if trace is not None:
            trace.extend(steps)
    return Program(_still_used(program, done, frozenset(keep)))


def _across(body: Expr, done: dict[str, Definition], trace: list[Step]) -> Expr:
    """The stable body, with earlier definitions put in as far back as a rule needs."""
    stable = rewrite(body, STABILISE, trace)
    matter = _that_matter(trace)
    for reach in range(1, REACH + 1):
        inside = _reached(body, done, reach)
        bodies = (body, *(definition.body for definition in inside.values()))
        if not inside or all(OVERFLOWING_HEADS.isdisjoint(_heads(b)) for b in bodies):
            continue
        wide = body
        for name in reversed(done):
            if name in inside:
                wide = inline(wide, {name: inside[name].meaning})
        steps: list[Step] = []
        found = rewrite(wide, STABILISE, steps)
        if _that_matter(steps) > matter:
            trace[:] = steps
            # The last defined first: what it stands for contains what the others stand for.
            stable = fold(found, [inside[name] for name in reversed(done) if name in inside])
            body, matter = stable, 0
    return stable


def _that_matter(steps: list[Step]) -> int:
    return sum(step.rule in OVERFLOWING for step in steps)


def _reached(body: Expr, done: dict[str, Definition], reach: int) -> dict[str, Definition]:
    """The definitions that the body uses, and those that these use, and so on."""
    inside: dict[str, Definition] = {}
    names = _names(body)
    for _ in range(reach):
        used = {name: done[name] for name in sorted(names) if name in done}
        inside |= used
        names = frozenset().union(*(definition.uses for definition in used.values()))
    return inside


def _heads(expr: Expr) -> frozenset:
    return frozenset(map(head, parts(expr)))


def _names(expr: Expr) -> frozenset[str]:
    return frozenset(array.name for array in elements(expr))


def _still_used(
    program: Program, done: dict[str, Definition], keep: frozenset[str]
) -> tuple[Definition, ...]:
    """The definitions without those that were put in everywhere they were used."""
    before = frozenset().union(*(definition.uses for definition in program.definitions))
    kept, used = [], set(keep)
    for definition in reversed(done.values()):
        if definition.name in used or definition.name not in before:
            kept.append(definition)
            used |= definition.uses
    return tuple(reversed(kept))
