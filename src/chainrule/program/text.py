"""Lines of emitted code: indented, and broken where they are long."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 100


def indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def wrapped(text: str) -> list[str]:
    """A long line in several; a break inside brackets is free."""
    return textwrap.wrap(text, WIDTH - 8, subsequent_indent="    ", break_long_words=False)
