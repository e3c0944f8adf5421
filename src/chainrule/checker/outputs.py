"""The formats of `chainrule check`. To add one is to add a line to the table, and its module."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TextIO

from chainrule.checker.check import Report


@dataclass(frozen=True)
class Output:
    """One way to report.

    module  has `write(reports, stream, many, everything)`; it is imported when asked for, since
            what draws a page takes longer to load than a short document takes to judge
    suffix  the end of a file name that asks for it
    """

    name: str
    module: str
    suffix: str


OUTPUTS = {
    output.name: output
    for output in (
        Output("text", "chainrule.checker.report", ".txt"),
        Output("json", "chainrule.checker.report_json", ".json"),
        Output("github", "chainrule.checker.report_github", ".log"),
        Output("html", "chainrule.checker.report_html", ".html"),
    )
}


def output_for(name: str) -> str:
    """The format that the name of a file asks for, else text.

    >>> output_for("report.html"), output_for("report")
    ('html', 'text')
    """
    fits = (one.name for one in OUTPUTS.values() if name.lower().endswith(one.suffix))
    return next(fits, "text")


def write(
    output: str, reports: Iterable[Report], stream: TextIO, many: bool, everything: bool = True
) -> None:
    """Reports in one format, each as soon as it comes where the format allows it.

    many        whether a program should be given a list, even of one
    everything  whether to list what was not read
    """
    import_module(OUTPUTS[output].module).write(reports, stream, many, everything)
