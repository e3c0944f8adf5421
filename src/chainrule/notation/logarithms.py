"""To which base a logarithm is: natural, unless a base is printed or the numbers show another."""

from __future__ import annotations

from fractions import Fraction

from chainrule.language.algebra import apply, const
from chainrule.language.expr import Apply, Expr
from chainrule.language.inline import elements
from chainrule.language.passes import parts
from chainrule.mathematics.functions import exp, log
from chainrule.notation import tree
from chainrule.notation.tree import Node
from chainrule.notation.value import Value

NATURAL, TO_TEN, TO_TWO = "natural", "to base 10", "to base 2"
_BASES = {NATURAL: None, TO_TEN: 10, TO_TWO: 2}


def printed_base(factor: Node) -> tree.Number | None:
    """The base in `\\log_2` and `\\log_{10}`."""
    if isinstance(factor, tree.Script) and isinstance(factor.sub, tree.Number):
        return factor.sub
    return None


def logarithm(meaning, factor: Node, value: Value) -> Value:
    """What was read as a natural logarithm, to the base that is meant.

    The logarithm of a mere number may be to base 10 or 2: `-2 log 0.6 = 0.44`. Where an exponential
    stands in it, as in `log(1 + e^0)`, it is natural.
    """
    base = printed_base(factor)
    if base is not None:
        return _to_base(value, Fraction(base.text))
    expr = meaning.scope.inlined(value.expr)
    if value.axes or expr.free or elements(expr) or _has_exponential(expr):
        return value
    chosen = meaning.choices.settle("the logarithm is", list(_BASES), True)
    return value if chosen == NATURAL else _to_base(value, Fraction(_BASES[chosen]))


def _has_exponential(expr: Expr) -> bool:
    return any(isinstance(part, Apply) and part.function is exp for part in parts(expr))


def _to_base(value: Value, base: Fraction) -> Value:
    return Value(value.expr / apply(log, const(base)), value.axes)
