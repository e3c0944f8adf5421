"""What a sentence speaks of: a function by its name in words, or a formula, as an expression."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chainrule.checker.claims.page import Page
from chainrule.errors import ChainruleError
from chainrule.language.algebra import along, apply, element
from chainrule.language.expr import Array, Expr
from chainrule.language.index import Index
from chainrule.language.inline import elements
from chainrule.mathematics.functions import FUNCTIONS, function_named
from chainrule.notation import tree
from chainrule.notation.names import named
from chainrule.notation.scope import Scope
from chainrule.notation.scripts import letter
from chainrule.notation.sentences import FORMULA, Print
from chainrule.notation.spoken import SPOKEN
from chainrule.transform.differentiate import differentiate

_WORDS = "|".join(f"(?P<f{k}>{pattern})" for k, pattern in enumerate(SPOKEN))
SUBJECT = re.compile(
    rf"(?<![\w-])(?:{_WORDS})(?:\s?\((?:[a-z]|\\?mathbf\W\w\W|{FORMULA})\))?(?![\w-]|\s?\()"
    rf"|(?P<formula>{FORMULA})",
    re.I,
)


@dataclass(frozen=True)
class Subject:
    """An expression, and how it was printed or called.

    argument  the array that it is a function of, where it is one of a single argument
    """

    text: str
    expr: Expr
    argument: Array | None = None

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(sorted(self.expr.free, key=lambda index: index.name))

    def derivative(self) -> Subject | None:
        """The derivative by the argument, where that is one number."""
        if self.argument is None or self.argument.sizes or self.indices:
            return None
        try:
            slope = differentiate(self.expr, element(self.argument))
        except ChainruleError:
            return None
        return replace(self, text=f"the derivative of {self.text}", expr=slope)


def function_subject(name: str) -> Subject:
    """A function of mathematics at its argument x."""
    function = FUNCTIONS[name]
    if not function.axis:
        x = Array("x")
        return Subject(name, apply(function, element(x)), x)
    x, j = Array("x", ("N",)), Index("j", "N")
    at = Index("i", "N") if function.axis == "along" else None
    return Subject(name, along(function, j, element(x, j), at), x)


def spoken(match: re.Match) -> str:
    """The function that a match of SUBJECT names in words."""
    taken = next(k for k in range(len(SPOKEN)) if match.group(f"f{k}"))
    return list(SPOKEN.values())[taken]


def formula_subject(page: Page, printed: Print) -> Subject | None:
    """A formula as a subject: a value, or a function of the document at its argument."""
    node = printed.node
    scope = page.scope_at(node.start)
    bare = _function_alone(page, node, scope)
    if bare is not None:
        return bare
    if isinstance(node, (tree.Chain, tree.List, tree.Number)):
        return None
    found = page.value(node)
    if found is None:
        return None
    value, scope = found
    if value.expr.free - set(value.indices) and value.indices:
        return None
    expr = scope.inlined(value.expr)
    # A number alone has no properties to speak of.
    return _with_argument(node, scope, expr) if elements(expr) else None


def _function_alone(page: Page, node: tree.Node, scope: Scope) -> Subject | None:
    """`\\sigma` or `f` without brackets, where it names a function."""
    text = letter(node)
    if text is None:
        return None
    if text in scope.functions and scope.functions[text].parameters[0] is not None:
        function = scope.functions[text]
        if len(function.parameters) == 1 and function.index is None:
            call = tree.Product((node, tree.Group("(", ")", function.arguments[0])), ("",))
            found = _read(page, call, scope)
            return None if found is None else _with_argument(call, scope, found)
    record = function_named(text)
    if record is not None and len(text) > 1 and text not in scope.symbols:
        return function_subject(record.name)
    return None


def _read(page: Page, node: tree.Node, scope: Scope) -> Expr | None:
    found = page.value(node, scope)
    return None if found is None else found[1].inlined(found[0].expr)


def _with_argument(node: tree.Node, scope: Scope, expr: Expr) -> Subject:
    """The expression with the array that stands in its bracket, or is the only one in it."""
    arrays = sorted(elements(expr), key=lambda array: array.name)
    argument = arrays[0] if len(arrays) == 1 else None
    if isinstance(node, tree.Product) and isinstance(node.factors[-1], tree.Group):
        name = named(node.factors[-1].body, scope.usage)
        if name is not None and not name.places:
            argument = next((a for a in arrays if a.name.removesuffix("·") == name.text), argument)
    return Subject("", expr, argument)


def subject_of(page: Page, match: re.Match, prints: dict[str, Print]) -> Subject | None:
    """The subject that a match of SUBJECT stands for."""
    if match.group("formula"):
        printed = prints.get(match.group("formula"))
        return None if printed is None else formula_subject(page, printed)
    return function_subject(spoken(match))
