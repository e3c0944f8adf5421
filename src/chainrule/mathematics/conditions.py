"""Under what condition an identity holds, as data, and how to tell that a condition is met.

A condition that can't be shown is taken to fail: a rule then does not fire.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chainrule.language.expr import Add, Along, Apply, Const, Expr, Mul, Power, Where, children
from chainrule.language.walk import walk


@dataclass(frozen=True)
class Condition:
    """`kind(variable)`, where variable is a pattern variable of the rule."""

    kind: str
    variable: Expr

    def __repr__(self) -> str:
        return f"{self.kind}({self.variable.array.name.lstrip('·')})"


def positive(variable: Expr) -> Condition:
    return Condition("positive", variable)


def nonnegative(variable: Expr) -> Condition:
    return Condition("nonnegative", variable)


def met(condition: Condition, bound: Mapping[str, Expr]) -> bool:
    """Whether what the variable stands for is known to meet the condition."""
    return _TESTS[condition.kind](bound[condition.variable.array.name])


def is_positive(expr: Expr) -> bool:
    """Whether expr is above 0 wherever it is defined, as far as its form shows."""
    return walk(_bound, expr) == "positive"


def is_nonnegative(expr: Expr) -> bool:
    return walk(_bound, expr) in ("positive", "nonnegative")


# Their ranges are open at 0, all others' ranges that start at 0 may reach it.
_NEVER_ZERO = frozenset({"exp", "sigmoid", "softmax", "softplus"})


def _bound(node: Expr):
    """'positive', 'nonnegative' or 'unknown'."""
    match node:
        case Const(value):
            return "positive" if value > 0 else "unknown" if value < 0 else "nonnegative"
        case Apply(function) | Along(function):
            if function.name in _NEVER_ZERO:
                return "positive"
            return "nonnegative" if function.range[0] >= 0 else "unknown"
        case Power(base, exponent):
            below = yield base
            if below == "positive":
                return "positive"
            return "nonnegative" if below == "nonnegative" or is_even(exponent) else "unknown"
        case Add((Const(one), Mul((Const(sign), part)))) if one >= 1 and sign == -1:
            if _is_share(part):
                return "positive"
    kids = (node.yes, node.no) if isinstance(node, Where) else children(node)
    bounds = []
    for kid in kids:
        bounds.append((yield kid))
    if not bounds or "unknown" in bounds:
        return "unknown"
    enough = any if isinstance(node, Add) else all
    return "positive" if enough(b == "positive" for b in bounds) else "nonnegative"


def _is_share(expr: Expr) -> bool:
    """Whether expr lies below 1, as a sigmoid does and 1/(1 + a) for a positive a."""
    match expr:
        case Apply(function):
            return function.name == "sigmoid"
        case Power(Add(terms), Const(power)) if power < 0:
            rest = [term for term in terms if not isinstance(term, Const)]
            least = sum(term.value for term in terms if isinstance(term, Const))
            return least >= 1 and bool(rest) and all(map(is_positive, rest))
    return False


def is_even(expr: Expr) -> bool:
    return isinstance(expr, Const) and expr.value % 2 == 0


_TESTS: dict[str, Callable[[Expr], bool]] = {
    "positive": is_positive,
    "nonnegative": is_nonnegative,
}
