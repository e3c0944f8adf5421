"""chainrule summary: shapes, parameters, operations and memory of a network."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from chainrule import documents
from chainrule.cli.arguments import Option
from chainrule.cli.options import File, Format, Output, float_type, note, sizes_of
from chainrule.errors import BadOption
from chainrule.notation.style import default_name, plain

if TYPE_CHECKING:
    from chainrule.program.count import Count
    from chainrule.training.summary import Summary


def summary(
    file: File,
    size: Annotated[list[str] | None, Option("A size, as H=64.")] = None,
    batch: Annotated[int, Option("Examples in a batch.")] = 1,
    inputs: Annotated[str, Option("The symbols that hold data, as x,y.")] = "",
    dtype: Annotated[str, Option("float32 or float64.")] = "float32",
    format: Format = Output.text,
) -> None:
    """Shape, parameters, operations and memory of each definition, forward and backward."""
    from chainrule.training.summary import summarise

    if batch < 1:
        raise BadOption(f"--batch {batch} is no number of examples", remedy="write --batch 32")
    reading = documents.read(file).reading
    names = [name.strip() for name in inputs.split(",") if name.strip()]
    found = summarise(reading, sizes_of(size or []), batch, names, float_type(dtype))
    if format is Output.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
        return
    for line in _table(found):
        print(line)
    for sentence in found.assumed:
        note(sentence, style="dim")


def _table(found: Summary) -> list[str]:
    """Names and shapes to the left, counts to the right."""
    rows = [("", "shape", "parameters", "operations", "bytes")]
    for step in dict.fromkeys(row.step for row in found.rows):
        for row in (row for row in found.rows if row.step == step):
            counts = (row.parameters, row.operations, row.memory)
            rows.append((_name(row.name), _shape(row.shape), *_numbers(counts)))
        counts = [found.total(field, step) for field in ("parameters", "operations", "memory")]
        rows.append((step, "", *_numbers(counts)))
        rows.append(())
    counts = [found.total(field) for field in ("parameters", "operations", "memory")]
    rows.append(("total", "", *_numbers(counts)))
    widths = [max(len(row[k]) for row in rows if row) for k in range(5)]
    lines = []
    for row in rows:
        cells = [f"{cell:<{w}}" for cell, w in zip(row[:2], widths[:2], strict=False)]
        cells += [f"{cell:>{w}}" for cell, w in zip(row[2:], widths[2:], strict=False)]
        lines.append("  ".join(cells).rstrip())
    return [*lines, f"working memory of the code: {found.working!r} bytes"]


def _numbers(counts: Iterable[Count]) -> list[str]:
    """An empty cell where there is nothing."""
    return [repr(count) if count.terms else "" for count in counts]


def _name(name: str) -> str:
    if name.startswith("∂") and "/∂" in name:
        above, below = name[1:].split("/∂", 1)
        return f"∂{_name(above)}/∂{_name(below)}"
    return plain(default_name(name))


def _shape(shape: tuple) -> str:
    return " × ".join(map(str, shape)) or "1"
