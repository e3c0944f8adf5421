"""One expression without a document: its value and gradient, by stable compiled code."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from chainrule.errors import BadOption, SizeMismatch, UnknownSymbol, UnreadFormula
from chainrule.language.algebra import element
from chainrule.language.expr import Array, Expr
from chainrule.language.inline import Lambda, inline
from chainrule.language.program import Definition, Program
from chainrule.notation import tree
from chainrule.notation.averages import Shapes, averaged
from chainrule.notation.document import read_document
from chainrule.notation.likeliest import first_value
from chainrule.notation.plain import is_plain, read_plain
from chainrule.notation.primes import UNKNOWN
from chainrule.notation.scope import Scope
from chainrule.notation.survey import size_names
from chainrule.notation.syntax import parse_formula
from chainrule.notation.usage import Usage
from chainrule.notation.value import Value
from chainrule.program.build import build
from chainrule.transform.reverse import reverse
from chainrule.transform.simplify import simplify
from chainrule.transform.stabilise import stabilise, stabilise_program

VALUE = "value"
# What a letter means that is called as a function, and has no value.
SPOKEN = {"\\Phi": "normal_cdf"}


def read_expression(latex: str, shapes: Shapes) -> Expr:
    """A scalar expression of symbols whose shapes are known.

    raises  UnreadFormula, SizeMismatch
    """
    found = read_value(latex, shapes)
    if not found.is_scalar:
        raise SizeMismatch(
            f"{latex} is an array, and not one number",
            remedy="ask for an element, as softmax(z)_1, or for a sum of them",
        )
    return found.expr


def read_value(latex: str, shapes: Shapes) -> Value:
    """An expression of symbols whose shapes are known, over the axes that it has.

    raises  UnreadFormula, with the place that was not understood
    """
    statements = parse_formula(latex, 0)
    node = statements[0].chain if len(statements) == 1 else tree.Empty()
    node = averaged(node, shapes)
    found = _as_typed(latex, shapes)
    found = _value(node, shapes, named=False) if found is None else found
    found = _value(node, shapes, named=True) if found is None else found
    found = _with_lengths(node, shapes) if found is None else found
    if found is None:
        document = read_document(f"${latex}$", "expression")
        raise UnreadFormula(
            "this is not understood as a number",
            places=[document.place(1, 1 + len(latex))],
            remedy="write sums with their index, as \\sum_i z_i, and give each symbol a value",
        )
    _check_names(found.expr, shapes)
    return Value(inline(found.expr, _elements(found.expr, shapes)), found.axes)


def _check_names(expr: Expr, shapes: Shapes) -> None:
    """Functions that nobody has defined have no value."""
    unknown = sorted({array.name for array in expr.arrays if UNKNOWN in array.name})
    if unknown:
        function = unknown[0].partition(UNKNOWN)[0]
        raise UnknownSymbol(
            f"{function} is no function that is known",
            remedy=f"write its formula, or give {function} a value if it is a number",
        )


def _as_typed(text: str, shapes: Shapes) -> Value | None:
    """`log(sum(exp(z)))`, as it is written in Python; only what has such words in it."""
    if not is_plain(text) or not re.search(r"[A-Za-z]{2,}\(", text):
        return None
    with suppress(UnreadFormula):
        expr = read_plain(text)
        fits = all(len(shapes.get(one.name, one.sizes)) == len(one.sizes) for one in expr.arrays)
        return Value(expr) if fits and not expr.free else None
    return None


def _value(node: tree.Node, shapes: Shapes, named: bool) -> Value | None:
    """The expression; named: the lengths of axes are found out, as N in a sum up to N."""
    usage = Usage.of([node])
    usage.spoken |= {name: known for name, known in SPOKEN.items() if name not in shapes}
    scope = Scope(usage)
    scope.size_names |= size_names([node], usage)
    for name, shape in shapes.items():
        if name not in scope.size_names:
            axes = (scope.sizes.unknown() if named else length for length in shape)
            scope.declare(name, tuple(axes))
    value = first_value(scope, lambda meaning: meaning.value(node))
    if value is None:
        return None
    value = scope.algebra.resolved(value)
    # Where all lengths are numbers, nothing tells that of an N.
    return value if named or not value.expr.names else None


def _with_lengths(node: tree.Node, shapes: Shapes) -> Value | None:
    """The expression with the one choice of lengths for the N of `\\prod_{i=1}^N` that fits."""
    names = sorted(size_names([node], Usage.of([node])) - shapes.keys())
    lengths = sorted({length for shape in shapes.values() for length in shape})
    found = []
    for chosen in product(lengths, repeat=len(names)) if 0 < len(names) < 4 else ():
        meant = {tree.Symbol(n): tree.Number(str(k)) for n, k in zip(names, chosen, strict=True)}
        written = tree.transformed(node, lambda part, meant=meant: meant.get(part, part))
        found.append(_value(written, shapes, named=False))
    found = [value for value in found if value is not None]
    return found[0] if len(found) == 1 else None


def _elements(expr: Expr, shapes: Shapes) -> dict[str, Lambda]:
    """What `z_2` stands for where z is given as a vector, and z_2 is not given."""
    found = {}
    for array in expr.arrays:
        base, _, number = array.name.rpartition("_")
        if array.name not in shapes and len(shapes.get(base, ())) == 1 and number.isdigit():
            size = next((a.sizes for a in expr.arrays if a.name == base), shapes[base])
            found[array.name] = Lambda((), element(Array(base, size), int(number) - 1))
    return found


def evaluate_expression(
    latex: str, at: Mapping[str, Any], by: str | None = None, dtype: str = "float64"
) -> dict[str, Any]:
    """The value of an expression and its gradient, by the code that `emit` would write.

    at      symbol → number or nested lists; `beta` may stand for `\\beta`
    by      the symbol to derive by; None for the value only, which then may be an array
    returns the numbers; π is the number where no other value is given
    raises  UnreadFormula, UnknownSymbol, SizeMismatch, BadOption

    >>> evaluate_expression(r"\\log \\sum_i e^{z_i}", {"z": [1000.0, 1000.0]}, "z")["gradient"]
    [0.5, 0.5]
    >>> evaluate_expression(r"\\operatorname{Var}[z]", {"z": [1.0, 3.0]}, "z")["gradient"]
    [-1.0, 1.0]
    """
    values = {_spelled(name, latex): _array(name, given, dtype) for name, given in at.items()}
    values.setdefault("\\pi", np.asarray(math.pi))
    shapes = {name: value.shape for name, value in values.items()}
    if by is None:
        return {"value": _value_at(read_value(latex, shapes), values, dtype)}
    by = _spelled(by, latex)
    if by not in values:
        raise UnknownSymbol(f"no value is given for {by}", remedy=f"add {by} to the values")
    value, slope = _with_gradient(read_expression(latex, shapes), by, values, dtype)
    return {"value": float(value), "gradient": slope.tolist()}


def _value_at(found: Value, values: Mapping[str, np.ndarray], dtype: str) -> float | list:
    indices = found.indices
    array = Array(VALUE, tuple(index.size for index in indices))
    program = Program((Definition(array, indices, stabilise(found.expr)),))
    return _run(stabilise_program(program, last=True), [VALUE], values, dtype)[VALUE].tolist()


def _with_gradient(expr: Expr, by: str, values: Mapping[str, np.ndarray], dtype: str):
    program = Program((Definition(Array(VALUE), (), stabilise(expr)),))
    if not any(array.name == by for array in expr.arrays):
        return _run(program, [VALUE], values, dtype)[VALUE], np.zeros_like(values[by])
    found = reverse(program, VALUE, [by])
    slope = found.names[by]
    # With the value put in, rules see what it is made of: 1 - tanh² is more than 1 - y² shows.
    whole = replace(found.closed(by), body=simplify(found.program.inlined(slope)))
    program = Program((*program.definitions, whole))
    stable = stabilise_program(program, keep=[VALUE, slope], last=True)
    result = _run(stable, [VALUE, slope], values, dtype)
    return result[VALUE], result[slope]


def _run(program: Program, outputs: list[str], values: Mapping[str, np.ndarray], dtype: str):
    try:
        return build(program, outputs, dtype=dtype)(values)
    except np.linalg.LinAlgError as reason:
        raise BadOption(
            "a matrix has no inverse at these values", remedy="give values at which it has one"
        ) from reason


def _spelled(name: str, latex: str) -> str:
    """`beta` as `\\beta`, where that is what is printed."""
    return f"\\{name}" if re.search(rf"\\{re.escape(name)}(?![A-Za-z])", latex) else name


def _array(name: str, given: Any, dtype: str) -> np.ndarray:
    try:
        array = np.asarray(given, dtype=float)
    except (TypeError, ValueError) as reason:
        raise SizeMismatch(
            f"the value of {name} is no array of numbers: {given}",
            remedy="give a number, or lists of equal length",
        ) from reason
    largest = np.finfo(dtype).max
    if np.any(np.isfinite(array) & (np.abs(array) > largest)):
        raise BadOption(
            f"the value of {name} has numbers that {dtype} cannot hold: they end at {largest:.3g}",
            remedy="take --dtype float64, or smaller numbers",
        )
    return array
