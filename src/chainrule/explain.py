"""What a name in any output means: a function, a rule, a verdict, an error."""

from __future__ import annotations

import re

from chainrule import errors
from chainrule.checker.verdicts import VERDICTS
from chainrule.errors import ChainruleError, UnknownName
from chainrule.language.function import Function
from chainrule.mathematics.calculus import CALCULUS
from chainrule.mathematics.final_rules import FINAL
from chainrule.mathematics.functions import FUNCTIONS, function_named
from chainrule.mathematics.matrix_functions import MATRIX_FUNCTIONS
from chainrule.mathematics.rules import READABLE, SIMPLIFY
from chainrule.mathematics.stable_rules import STABILISE
from chainrule.notation.records import written


def explain(name: str) -> str:
    """The explanation of one name.

    raises  UnknownName

    >>> print(explain("softplus").splitlines()[0])
    softplus: A smooth relu: x for large x, exp(x) for very negative x.
    """
    function = function_named(name) or MATRIX_FUNCTIONS.get(name)
    if function is not None:
        return _function(function)
    for rule in (*SIMPLIFY, *READABLE, *STABILISE, *FINAL):
        if rule.name == name:
            return f"{rule.name}: {rule.why}"
    if name in CALCULUS:
        rule = CALCULUS[name]
        return f"{rule.name}: {rule.said}\n  formula      {rule.formula}"
    if name in VERDICTS:
        return f"{name}: {VERDICTS[name].meaning}"
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, ChainruleError) and _kebab(kind) == name:
            return f"{name}: {kind.__doc__}"
    known = [*FUNCTIONS, *VERDICTS]
    raise UnknownName(f"{name} is no name of chainrule", remedy=f"one of {', '.join(known)}")


def _kebab(kind: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def _function(function: Function) -> str:
    lines = [f"{function.name}: {function.doc}"]
    for label, expr in (
        ("definition", function.definition),
        ("derivative", function.derivative),
        ("stable form", function.stable),
    ):
        if expr is not None:
            lines.append(f"  {label:<12} {written(expr)}")
    low, high = function.range
    lines.append(f"  {'range':<12} {low:g} to {high:g}")
    if function.source:
        lines.append(f"  {'source':<12} {function.source}")
    return "\n".join(lines)
