"""chainrule derive: gradients in closed form."""

from __future__ import annotations

import json
from typing import Annotated

from chainrule import documents
from chainrule.cli.arguments import Option
from chainrule.cli.options import By, File, Format, Of, Output, note


def derive(
    file: File,
    of: Of,
    by: By,
    steps: Annotated[bool, Option("Show every adjoint on the way.")] = False,
    format: Format = Output.text,
) -> None:
    """Gradients in closed form, in the document's own notation."""
    found = documents.read(file).derive(of, by)
    if format is Output.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
        return
    kind = "latex" if format is Output.latex else "text"
    lines = [step[kind] for step in found.steps()] if steps else []
    lines += [found.latex(v) if kind == "latex" else found.text(v) for v in found.by]
    for line in lines:
        print(line)
    if found.facts:
        note(f"given {', '.join(found.facts)}", style="dim")
    for sentence in found.assumed:
        note(sentence, style="dim")
