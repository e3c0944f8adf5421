"""chainrule evaluate: the value and the gradient of one expression."""

from __future__ import annotations

import json
from typing import Annotated

from chainrule.cli.arguments import Argument, Option
from chainrule.cli.options import Format, Output, float_type
from chainrule.errors import BadOption


def evaluate(
    expression: Annotated[str, Argument(r"A number, as \log \sum_i e^{z_i}.", signed=True)],
    at: Annotated[str, Option('Values as JSON, as {"z": [1, 2]}.')],
    by: Annotated[str | None, Option("By which symbol.")] = None,
    dtype: Annotated[str, Option("float32 or float64.")] = "float64",
    format: Format = Output.text,
) -> None:
    """The value of an expression and its gradient, by stable compiled code."""
    from chainrule.single import evaluate_expression

    try:
        values = json.loads(at)
    except json.JSONDecodeError as reason:
        raise BadOption(f"--at is not JSON: {reason}", remedy='write {"z": [1, 2]}') from reason
    if not isinstance(values, dict):
        raise BadOption("--at names no symbols", remedy='write {"z": [1, 2]}')
    found = evaluate_expression(expression, values, by, float_type(dtype))
    if format is Output.json:
        print(json.dumps(found))
        return
    for name, number in found.items():
        print(f"{name:<9} {number}")
