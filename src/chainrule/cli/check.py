"""chainrule check: judge every claim."""

from __future__ import annotations

import gc
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from chainrule.checker.outputs import OUTPUTS
from chainrule.checking import check_files
from chainrule.cli.arguments import Option
from chainrule.cli.options import Files, note

CheckOutput = StrEnum("CheckOutput", list(OUTPUTS))


def check(
    files: Files,
    format: Annotated[CheckOutput | None, Option("Default: by the name of --output.")] = None,
    output: Annotated[Path | None, Option("Write the report to this file.", short="-o")] = None,
    quiet: Annotated[bool, Option("Leave out what was not read.")] = False,
    floats: Annotated[bool, Option("Report what breaks in floating point.")] = False,
    dtype: Annotated[str, Option("float32, float64 or bfloat16.")] = "float32",
) -> None:
    """Judge every claim. Exit status 0: nothing wrong; 1: something is; 2: unusable input."""
    # Few of the many small objects of a check are garbage: it is seldom looked for.
    gc.freeze()
    gc.set_threshold(300_000)
    kind = dtype if floats else None
    status = check_files(files, format and str(format), output, note, not quiet, kind)
    if status:
        raise SystemExit(status)
