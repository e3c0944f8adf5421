"""Expressions as they are typed in a program: `log(sum(exp(x)))`, a sum being over all elements."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from fractions import Fraction

from chainrule.errors import UnreadFormula
from chainrule.language.algebra import (
    add,
    along,
    apply,
    const,
    count,
    element,
    largest,
    mul,
    total,
    where,
)
from chainrule.language.algebra import power as raised
from chainrule.language.expr import Array, Expr
from chainrule.language.function import Function
from chainrule.language.index import Index
from chainrule.mathematics.functions import function_named
from chainrule.notation.document import read_document

SIZE = "N"
# What LaTeX calls functions.
ALIASES = {"sigma": "sigmoid", "σ": "sigmoid", "Phi": "normal_cdf", "Φ": "normal_cdf"}
REDUCTIONS = frozenset({"sum", "mean", "max", "min"})
_REMEDY = "write log(sum(exp(x))), or LaTeX: \\log \\sum_i e^{x_i}"


def is_plain(text: str) -> bool:
    """Whether a text can be Python rather than LaTeX: no backslash, braces or subscripts."""
    return not re.search(r"[\\{}_]", text)


def read_plain(text: str, scalars: frozenset[str] = frozenset()) -> Expr:
    """The expression. Inside sum, mean, max, min, softmax and their like, symbols are vectors.

    scalars  the symbols that are numbers all the same
    returns  one number, or one for each element where a vector stands outside every sum
    raises   UnreadFormula, with the place

    >>> from chainrule.notation.style import Style
    >>> from chainrule.notation.write import to_text
    >>> to_text(read_plain("log(sum(exp(x)))"), Style())
    'log(Σ_i exp(x_i))'
    """
    try:
        parsed = ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as reason:
        raise _misread(text) from reason
    vectors = {
        name.id
        for call in ast.walk(parsed)
        if isinstance(call, ast.Call) and _is_along(_called(call)) and len(call.args) == 1
        for argument in call.args
        for name in ast.walk(argument)
        if isinstance(name, ast.Name) and not _is_function(name.id)
    }
    return _Reader(text, frozenset(vectors) - scalars).read(parsed, Index("i", SIZE))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _function(name: str) -> Function | None:
    return function_named(ALIASES.get(name, name))


def _is_function(name: str) -> bool:
    return name in REDUCTIONS or function_named(name) is not None


def _is_along(name: str) -> bool:
    function = _function(name)
    return name in REDUCTIONS or (function is not None and bool(function.axis))


def _misread(text: str, node: ast.AST | None = None) -> UnreadFormula:
    start = getattr(node, "col_offset", 0)
    end = getattr(node, "end_col_offset", None) or len(text)
    document = read_document(f"${text}$", "expression")
    return UnreadFormula(
        f"this is not understood: {text[start:end]}",
        places=[document.place(1 + start, 1 + max(end, start + 1))],
        remedy=_REMEDY,
    )


class _Reader:
    def __init__(self, text: str, vectors: frozenset[str]):
        self.text = text
        self.vectors = vectors

    def read(self, node: ast.AST, index: Index) -> Expr:
        """The expression of a node, vectors read at the index."""
        match node:
            case ast.Constant(value) if isinstance(value, (int, float)):
                try:
                    return const(Fraction(str(value)))
                except ValueError as reason:
                    raise _misread(self.text, node) from reason
            case ast.Name(name) if name in self.vectors:
                return element(Array(name, (SIZE,)), index)
            case ast.Name(name) if not _is_function(name):
                return element(Array(name))
            case ast.UnaryOp(ast.USub(), operand):
                return mul(-1, self.read(operand, index))
            case ast.UnaryOp(ast.UAdd(), operand):
                return self.read(operand, index)
            case ast.BinOp(left, operator, right) if type(operator) in _OPERATORS:
                sides = self.read(left, index), self.read(right, index)
                try:
                    return _OPERATORS[type(operator)](*sides)
                except ZeroDivisionError as reason:
                    raise _misread(self.text, node) from reason
            case ast.Call(ast.Name(name), [argument], []):
                return self.called(node, name, argument, index)
            case ast.Call(ast.Name(name), [left, right], []) if name in ("max", "min"):
                left, right = self.read(left, index), self.read(right, index)
                larger, smaller = (right, left) if name == "max" else (left, right)
                return where("<", left, right, larger, smaller)
        raise _misread(self.text, node)

    def called(self, node: ast.AST, name: str, argument: ast.AST, index: Index) -> Expr:
        inner = Index({"i": "j", "j": "k"}.get(index.name, f"{index.name}′"), SIZE)
        if not any(isinstance(n, ast.Call) and _is_along(_called(n)) for n in ast.walk(argument)):
            inner = Index("j" if index.name == "i" else "i", SIZE)
        if name in REDUCTIONS:
            body = self.read(argument, inner)
            match name:
                case "sum":
                    return total(inner, body)
                case "mean":
                    return total(inner, body) / count(SIZE)
                case "max":
                    return largest(inner, body)
            return -largest(inner, -body)
        function = _function(name)
        if function is None:
            raise _misread(self.text, node)
        if not function.axis:
            return apply(function, self.read(argument, index))
        at = index if function.axis == "along" else None
        return along(function, inner, self.read(argument, inner), at)


_OPERATORS: dict[type, Callable[[Expr, Expr], Expr]] = {
    ast.Add: add,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: mul,
    ast.Div: lambda left, right: left / right,
    ast.Pow: raised,
}
