"""Fragments of Python with NumPy against the formula of the same function in the document.

A fragment is never run: its expressions are evaluated, node by node, on arrays made here. Only
arithmetic, comparisons and a table of NumPy functions are known; anything else is not judged.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from chainrule.checker.claims.numbers import sample
from chainrule.checker.claims.page import Page
from chainrule.checker.claims.subjects import Subject, function_subject
from chainrule.checker.findings import Finding
from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate
from chainrule.mathematics.functions import function_named
from chainrule.notation import tree
from chainrule.notation.document import Code

TOLERANCE = 1e-9
_LONGEST = 20_000

_ELEMENTWISE = {
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "absolute": np.abs,
    "sign": np.sign,
    "square": np.square,
    "negative": np.negative,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "where": np.where,
    "multiply": np.multiply,
    "divide": np.divide,
    "add": np.add,
    "subtract": np.subtract,
    "power": np.power,
}
_OVER_AXES = {"sum": np.sum, "max": np.max, "amax": np.max, "min": np.min, "mean": np.mean}
_BINARY = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_COMPARED = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
# What the name of a function may say beside the name of what it computes.
_DERIVATIVE = {"derivative", "deriv", "grad", "gradient", "prime"}
_BESIDE = _DERIVATIVE | {
    *"vector row rows stable naive my forward function fn activation numpy np".split(),
    *"batch 1d 2d v1 v2".split(),
}
_ROWS = {"row", "rows", "batch", "2d"}
_MODULES = {"np", "numpy", "math", "jnp"}


class _Unknown(Exception):
    """A construct that is not evaluated here."""


def findings(page: Page) -> Iterator[Finding]:
    """The functions of all fragments that have the name of a function of the mathematics."""
    for part in page.in_turn(page.document.parts):
        if not isinstance(part, Code) or "def " not in part.text or len(part.text) > _LONGEST:
            continue
        for function, first, last in _functions(part.text):
            found = _judged(page, function, part.start + first, part.start + last)
            if found is not None:
                yield found


def _functions(text: str) -> Iterator[tuple[ast.FunctionDef, int, int]]:
    """The functions at the left margin of a fragment with their first and last offsets."""
    starts = [match.start() for match in re.finditer(r"^def ", text, re.M)]
    for start, end in pairwise([*starts, len(text)]):
        body = re.split(r"\n(?=\S)", text[start:end])[0].rstrip()
        try:
            tree_ = ast.parse(textwrap.dedent(body))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if tree_.body and isinstance(tree_.body[0], ast.FunctionDef):
            yield tree_.body[0], start, start + len(body)


def _judged(page: Page, function: ast.FunctionDef, start: int, end: int) -> Finding | None:
    subject, value = _subject(page, function.name, start)
    if subject is None or len(function.args.args) != 1 or subject.argument is None:
        return None
    name = function.args.args[0].arg
    try:
        rows = bool(_ROWS & set(function.name.lower().split("_")))
        different = _compared(subject, subject, function.body, name, rows)
        if different is not None and value is not None:
            # The derivative as a function of the function's own value.
            different = _compared(subject, value, function.body, name, rows) and different
    except _Unknown as reason:
        return page.finding(start, end, "not-checked", diagnosis=f"not understood: {reason}")
    except (ChainruleError, ArithmeticError, ValueError, TypeError, IndexError):
        return page.finding(start, end, "not-checked", diagnosis="it does not run on arrays")
    if different is None:
        return page.finding(start, end, "holds", reading=f"code of {subject.text}")
    return _different(page, start, end, name, *different)


def _compared(subject: Subject, given: Subject, body: list[ast.stmt], name: str, rows: bool):
    """(input, code, formula) at the first point where they differ, or None.

    given  what the code gets: the argument of the subject, or another function of it
    rows   whether the code works on the rows of a matrix
    """
    argument = subject.argument
    for values, sizes in sample(subject.expr):
        vector = np.asarray(values[argument.name], dtype=float)
        if given is not subject:
            vector = evaluate(given.expr, values, sizes, given.indices)
        wanted = evaluate(subject.expr, values, sizes, subject.indices)
        with np.errstate(all="ignore"):
            try:
                found = _returned(body, {name: np.array([vector, vector]) if rows else vector})
            except (ValueError, IndexError):
                rows = True
                found = _returned(body, {name: np.array([vector, vector])})
        if rows:
            wanted = np.array([wanted, wanted])
        if not np.isfinite(wanted).all() or not np.isfinite(found).all():
            continue
        same = np.shape(found) == np.shape(wanted)
        if not same or not np.allclose(found, wanted, rtol=TOLERANCE, atol=TOLERANCE):
            return vector, found, wanted
    return None


def _different(page: Page, start: int, end: int, name: str, given, found, wanted) -> Finding:
    given, found, wanted = (
        " ".join(np.array2string(np.asarray(x), precision=6, separator=", ").split())
        for x in (given, found, wanted)
    )
    return page.finding(
        start,
        end,
        "wrong",
        counterexample=f"with {name} = {given} the code gives {found}, the formula {wanted}",
        diagnosis="the code computes something else than the formula",
    )


def _subject(page: Page, name: str, offset: int) -> tuple[Subject | None, Subject | None]:
    """The function that a name in code stands for: of the document, else of the mathematics.

    returns  the function; where it is a derivative, also the function that it is of
    """
    words = [word for word in re.split(r"_", name.lower()) if word]
    derivative = bool(_DERIVATIVE & set(words))
    for length in (2, 1):
        for first in range(len(words) - length + 1):
            record = function_named("_".join(words[first : first + length]))
            beside = {*words[:first], *words[first + length :]}
            if record is None or len(record.name) < 3 or not beside <= _BESIDE:
                continue
            subject = _of_document(page, record.name, offset) or function_subject(record.name)
            return (subject.derivative(), subject) if derivative else (subject, None)
    return None, None


def _of_document(page: Page, name: str, offset: int) -> Subject | None:
    """The document's own definition of that function, where it has one under that word."""
    scope = page.reading.scope
    function = scope.functions.get(name)
    if function is None or len(function.parameters) != 1 or function.index is not None:
        return None
    call = tree.Product((tree.Symbol(name), tree.Group("(", ")", function.arguments[0])), ("",))
    found = page.value(call, scope)
    if found is None:
        return None
    expr = found[1].inlined(found[0].expr)
    arrays = sorted(expr.arrays if hasattr(expr, "arrays") else (), key=lambda one: one.name)
    return Subject(name, expr, arrays[0]) if len(arrays) == 1 else None


# The evaluation of expressions -------------------------------------------------------------------


def _returned(body: list[ast.stmt], names: dict[str, np.ndarray]) -> np.ndarray:
    """The value of the first return, after assignments to plain names."""
    names = dict(names)
    for statement in body:
        match statement:
            case ast.Return(value) if value is not None:
                return _value(value, names)
            case ast.Assign([ast.Name(target)], value):
                names[target] = _value(value, names)
            case ast.AugAssign(ast.Name(target), operator, value):
                if target not in names or type(operator) not in _BINARY:
                    raise _Unknown(target)
                names[target] = _BINARY[type(operator)](names[target], _value(value, names))
            case ast.Expr(ast.Constant()):
                continue
            case _:
                raise _Unknown(type(statement).__name__)
    raise _Unknown("no return")


def _value(node: ast.expr, names: dict[str, np.ndarray]):
    match node:
        case ast.Constant(int() | float() as number) if abs(number) < 1e9:
            return np.float64(number)
        case ast.Name(name) if name in names:
            return names[name]
        case ast.BinOp(left, operator, right) if type(operator) in _BINARY:
            return _BINARY[type(operator)](_value(left, names), _value(right, names))
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand, names)
        case ast.Compare(left, [operator], [right]) if type(operator) in _COMPARED:
            return _COMPARED[type(operator)](_value(left, names), _value(right, names))
        case ast.Call(ast.Attribute(ast.Name(module), function), arguments, keywords):
            if module in _MODULES:
                return _called(function, [_value(a, names) for a in arguments], keywords)
            if module in names and function in _OVER_AXES:
                return _called(function, [names[module]], keywords)
        case ast.Call(ast.Name("abs" | "max" | "sum" as function), [argument], []):
            return _called(function, [_value(argument, names)], [])
    raise _Unknown(ast.unparse(node)[:60])


def _called(function: str, arguments: list, keywords: list[ast.keyword]):
    options = {}
    for keyword in keywords:
        if keyword.arg not in ("axis", "keepdims") or function not in _OVER_AXES:
            raise _Unknown(f"{function}({keyword.arg}=…)")
        options[keyword.arg] = _option(keyword.value)
    if function in _ELEMENTWISE and not options:
        return _ELEMENTWISE[function](*arguments)
    if function in _OVER_AXES and len(arguments) == 1:
        return _OVER_AXES[function](arguments[0], **options)
    raise _Unknown(function)


def _option(node: ast.expr):
    match node:
        case ast.Constant(int() | bool() | None as value):
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(int() as value)):
            return -value
    raise _Unknown("an option")
