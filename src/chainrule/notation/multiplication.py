"""The order of multiplication: matrix products, elementwise products, and what stands between."""

from __future__ import annotations

from chainrule.notation.misread import Misread
from chainrule.notation.tree import Node
from chainrule.notation.value import Misfit, Value

TIGHT, HADAMARD = ("", "cdot", "times", "ast"), ("odot", "circ")


def multiplied(meaning, values: list[Value], operators: list[str], node: Node) -> Value:
    known = {*TIGHT, *HADAMARD}
    if any(operator not in known for operator in operators):
        raise Misread(node)
    mixed = any(o in HADAMARD for o in operators) and any(o in TIGHT for o in operators)
    if mixed and _matters(values):
        order = meaning.choices.choose("products", ["matrix products first", "left to right"])
        if order.startswith("matrix"):
            return _tight_first(meaning, values, operators)
    return _left_to_right(meaning, values, operators)


def _matters(values: list[Value]) -> bool:
    return sum(not value.is_scalar for value in values) > 2


def _left_to_right(meaning, values: list[Value], operators: list[str]) -> Value:
    result = values[0]
    for value, operator in zip(values[1:], operators, strict=True):
        if operator in HADAMARD:
            result = meaning.algebra.hadamard(result, value)
        else:
            result = _joined(meaning, result, value, operator)
    return result


def _tight_first(meaning, values: list[Value], operators: list[str]) -> Value:
    runs, marks = [[values[0]]], [[]]
    for value, operator in zip(values[1:], operators, strict=True):
        if operator in HADAMARD:
            runs.append([value])
            marks.append([])
        else:
            runs[-1].append(value)
            marks[-1].append(operator)
    parts = [_left_to_right(meaning, run, mark) for run, mark in zip(runs, marks, strict=True)]
    result = parts[0]
    for part in parts[1:]:
        result = meaning.algebra.hadamard(result, part)
    return result


def _joined(meaning, a: Value, b: Value, operator: str) -> Value:
    """A product without a Hadamard sign: of matrices, or whatever else the shapes allow."""
    algebra = meaning.algebra
    if a.is_vector and b.is_vector and a.is_plain and b.is_plain:
        agree = algebra.sizes.agree(a.indices[0].size, b.indices[0].size)
        options = (
            ["elementwise", "scalar product"]
            if operator != "cdot"
            else [
                "scalar product",
                "elementwise",
            ]
        )
        chosen = meaning.choices.choose("a product of vectors is", options if agree else ["outer"])
        if chosen == "outer":
            return algebra.outer(a, b)
        return algebra.dot(a, b) if chosen == "scalar product" else algebra.hadamard(a, b)
    try:
        return algebra.matmul(a, b)
    except Misfit:
        if a.is_vector and b.is_vector and operator:
            return algebra.hadamard(a, b)
        raise
