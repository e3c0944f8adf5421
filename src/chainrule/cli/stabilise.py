"""chainrule stabilise: the form that survives floating point, and where the printed one breaks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

from chainrule.cli.arguments import Argument, Option
from chainrule.cli.options import Format, Output, float_type, note

if TYPE_CHECKING:
    from chainrule.stable import Stable


def stabilise(
    expression: Annotated[
        str, Argument(r"As log(sum(exp(x))), or \log \sum_i e^{x_i}.", signed=True)
    ],
    by: Annotated[str, Option("The gradient by these symbols, too.")] = "",
    dtype: Annotated[str, Option("float32 or float64.")] = "float64",
    given: Annotated[str, Option("Shapes and definitions, for an expression in LaTeX.")] = "",
    scalars: Annotated[str, Option("Symbols that are numbers although they stand in a sum.")] = "",
    format: Format = Output.text,
) -> None:
    """The form of an expression that survives floating point, and what both forms lose."""
    from chainrule.stable import read, stable_forms

    expr = read(expression, given, _names(scalars))
    found = stable_forms(expr, float_type(dtype), _names(by))
    if format is Output.json:
        print(json.dumps([one.as_json() for one in found], ensure_ascii=False, indent=1))
        return
    for spot, one in enumerate(found):
        if format is Output.latex:
            print(one.as_json()["latex"])
            continue
        if spot:
            print()
        print("\n".join(_lines(one)))
    for sentence in _assumed(expr):
        note(sentence, style="dim")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _lines(one: Stable) -> list[str]:
    from chainrule.checker.floats import DTYPES
    from chainrule.stable import NODES, SHOWN

    found = one.as_json()
    lines = [f"{one.name}"] if one.name != "value" else []
    lines.append(f"printed   {found['printed']}")
    if found["stable"] == found["printed"]:
        lines.append("stable    as printed: no form was found that loses less")
    else:
        lines.append(f"stable    {found['stable']}")
    if found["computed"] != found["stable"]:
        lines.append(f"computed  {found['computed']}")
    if one.broken:
        lines.append(f"breaks    {one.broken}")
    if not one.before.inputs:
        return [*lines, f"not measured: at no input a number of {one.dtype} is known to be true"]
    bits, count = DTYPES[one.dtype].bits, one.before.inputs
    lines.append(f"bits lost of {bits}, at {count} inputs over the range of {one.dtype}")
    lines.append(f"  printed {_told(found['before'])}")
    lines.append(f"  stable  {_told(found['after'])}")
    nodes = [node for node in found["nodes"] if node["average"] >= SHOWN][:NODES]
    if nodes:
        lines.append("of these by the printed form's operations on true operands")
        width = max(len(node["node"]) for node in nodes)
        lines += [f"  {node['node']:<{width}}  {_told(node)}" for node in nodes]
    if one.rules:
        lines.append(f"rules     {', '.join(one.rules)}")
    return lines


def _told(loss: dict) -> str:
    return f"{loss['average']:.1f} on average, {loss['worst']:.0f} at worst"


def _assumed(expr) -> list[str]:
    from chainrule.language.inline import elements

    vectors = sorted(array.name for array in elements(expr) if len(array.sizes) == 1)
    if not vectors:
        return []
    kind = "a vector" if len(vectors) == 1 else "vectors"
    return [f"{', '.join(vectors)}: {kind}"]
