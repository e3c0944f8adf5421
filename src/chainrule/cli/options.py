"""What several commands take and print: files, formats, notes, numbers as options."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from chainrule.cli.arguments import Argument, Option
from chainrule.errors import BadOption


class Output(StrEnum):
    """How results are printed."""

    text = "text"
    latex = "latex"
    json = "json"


Files = Annotated[
    list[str],
    Argument("Markdown, LaTeX, notebooks, or folders of them; - is standard input."),
]
File = Annotated[str, Argument("A document; - is standard input.")]
Format = Annotated[Output, Option("How results are printed.")]
Of = Annotated[str, Option("What is differentiated, as J.")]
By = Annotated[str, Option("By which symbols, as W_1,b_1.")]


def note(text: str, style: str = "") -> None:
    """Print to standard error."""
    from rich.console import Console
    from rich.text import Text

    Console(stderr=True, highlight=False).print(Text(text, style=style), soft_wrap=True)


def float_type(name: str) -> str:
    if name not in ("float32", "float64"):
        raise BadOption(f"dtype {name} is not known", remedy="float32 or float64")
    return name


def bytes_of(text: str) -> int:
    """`256MB` as a number of bytes.

    >>> bytes_of("256MB"), bytes_of("1.5 GB"), bytes_of("1000")
    (256000000, 1500000000, 1000)
    """
    found = re.fullmatch(r"\s*(\d+\.?\d*)\s*([kKMGT]?)i?B?\s*", text)
    if found is None:
        raise BadOption(f"{text} is no amount of memory", remedy="write it as 256MB")
    return round(float(found[1]) * 1000 ** " KMGT".index(found[2].upper() or " "))


def sizes_of(options: list[str]) -> dict[str, int]:
    """`H=64` as a name and a number."""
    found = {}
    for option in (part for text in options for part in text.split(",")):
        name, sign, number = option.partition("=")
        if not sign or not number.strip().isdigit() or int(number) < 1:
            raise BadOption(f"--size {option} is not a size", remedy="write it as H=64")
        found[name.strip()] = int(number)
    return found
