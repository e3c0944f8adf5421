"""One expression without a document: its value and gradient, by stable compiled code."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
from chainrule.notation.document import read_document
from chainrule.notation.likeliest import first_value
from chainrule.notation.names import Usage
from chainrule.notation.scope import Scope
from chainrule.notation.survey import size_names
from chainrule.notation.syntax import parse_formula
from chainrule.program.build import build
from chainrule.transform.reverse import reverse
from chainrule.transform.simplify import simplify
from chainrule.transform.stabilise import stabilise, stabilise_program

VALUE = "value"


def read_expression(latex: str, shapes: Mapping[str, tuple[int, ...]]) -> Expr:
    """A scalar expression of symbols whose shapes are known.

    raises  UnreadFormula, with the place that was not understood
    """
    statements = parse_formula(latex, 0)
    node = statements[0].chain if len(statements) == 1 else tree.Empty()
    readings = (_value(node, shapes, named) for named in (False, True))
    found = next((value for value in readings if value is not None), None)
    found = _with_lengths(node, shapes) if found is None else found
    if found is None:
        document = read_document(f"${latex}$", "expression")
        raise UnreadFormula(
            "this is not understood as one number",
            places=[document.place(1, 1 + len(latex))],
            remedy="write sums with their index, as \\sum_i z_i, and give each symbol a value",
        )
    return inline(found, _elements(found, shapes))


def _value(node: tree.Node, shapes: Mapping[str, tuple[int, ...]], named: bool) -> Expr | None:
    """The expression; named: the lengths of axes are found out, as N in a sum up to N."""
    usage = Usage.of([node])
    scope = Scope(usage)
    scope.size_names |= size_names([node], usage)
    for name, shape in shapes.items():
        if name not in scope.size_names:
            axes = (scope.sizes.unknown() if named else length for length in shape)
            scope.declare(name, tuple(axes))
    value = first_value(scope, lambda meaning: meaning.value(node))
    if value is None or not value.is_scalar:
        return None
    expr = scope.algebra.resolved(value).expr
    # Where all lengths are numbers, nothing tells that of an N.
    return expr if named or not expr.names else None


def _with_lengths(node: tree.Node, shapes: Mapping[str, tuple[int, ...]]) -> Expr | None:
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


def _elements(expr: Expr, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Lambda]:
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

    at      symbol → number or nested lists
    by      the symbol to derive by; None for the value only
    returns the numbers; π is the number where no other value is given
    raises  UnreadFormula, UnknownSymbol, SizeMismatch

    >>> evaluate_expression(r"\\log \\sum_i e^{z_i}", {"z": [1000.0, 1000.0]}, "z")["gradient"]
    [0.5, 0.5]
    """
    values = {name: _array(name, given) for name, given in at.items()}
    values.setdefault("\\pi", np.asarray(math.pi))
    expr = read_expression(latex, {name: value.shape for name, value in values.items()})
    program = Program((Definition(Array(VALUE), (), stabilise(expr)),))
    if by is None:
        program = stabilise_program(program, last=True)
        return {"value": float(build(program, [VALUE], dtype=dtype)(values)[VALUE])}
    if by not in values:
        raise UnknownSymbol(f"no value is given for {by}", remedy=f"add {by} to the values")
    found = reverse(program, VALUE, [by])
    slope = found.names[by]
    # With the value put in, rules see what it is made of: 1 - tanh² is more than 1 - y² shows.
    whole = replace(found.closed(by), body=simplify(found.program.inlined(slope)))
    program = Program((*program.definitions, whole))
    stable = stabilise_program(program, keep=[VALUE, slope], last=True)
    try:
        result = build(stable, [VALUE, slope], dtype=dtype)(values)
    except np.linalg.LinAlgError as reason:
        raise BadOption(
            "a matrix has no inverse at these values", remedy="give values at which it has one"
        ) from reason
    return {"value": float(result[VALUE]), "gradient": result[slope].tolist()}


def _array(name: str, given: Any) -> np.ndarray:
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError) as reason:
        raise SizeMismatch(
            f"the value of {name} is no array of numbers: {given}",
            remedy="give a number, or lists of equal length",
        ) from reason
