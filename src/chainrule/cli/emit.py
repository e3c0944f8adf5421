"""chainrule emit: the source that computes a loss and its gradients."""

from __future__ import annotations

from typing import Annotated

from chainrule import documents
from chainrule.cli.arguments import Option
from chainrule.cli.options import By, File, Of


def emit(
    file: File,
    of: Of,
    by: By,
    to: Annotated[str, Option("numpy.")] = "numpy",
) -> None:
    """Readable source that computes the loss of a batch and its gradients."""
    print(documents.read(file).emit(of, by, to))
