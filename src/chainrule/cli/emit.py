"""chainrule emit: the source that computes a loss and its gradients."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from chainrule import documents
from chainrule.cli.arguments import Option
from chainrule.cli.options import By, File, Of, bytes_of, note


def emit(
    file: File,
    of: Of,
    by: By,
    to: Annotated[str, Option("numpy, jax or torch.")] = "numpy",
    output: Annotated[Path | None, Option("Write to this file, and a test beside it.")] = None,
    memory: Annotated[str | None, Option("What a call may need, as 256MB; numpy only.")] = None,
) -> None:
    """Readable source that computes a loss, of a batch or as it is printed, and its gradients."""
    limit = None if memory is None else bytes_of(memory)
    emitted = documents.read(file).emit(of, by, to, limit)
    for sentence in emitted.assumed:
        note(sentence)
    if output is None:
        print(emitted.source)
    else:
        note(f"written: {', '.join(map(str, emitted.write(output)))}")
