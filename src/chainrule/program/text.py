"""Lines of emitted code: indented, and broken where they are long."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 100


def indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def wrapped(text: str) -> list[str]:
    """A long line in several; a break inside brackets is free, one after `=` is none.

    >>> len(wrapped(f"scale = np.log({'x' * 90})"))
    1
    """
    held = text.replace(" = ", "\0=\0", 1)
    lines = textwrap.wrap(held, WIDTH - 8, subsequent_indent="    ", break_long_words=False)
    return [line.replace("\0", " ") for line in lines]


def counted(terms: Sequence[str]) -> list[str]:
    """Equal terms once, with how often they occur."""
    return [t if (k := terms.count(t)) == 1 else f"{k} * {t}" for t in dict.fromkeys(terms)]
