"""The report for programs: an object for a document, an array of them for several."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from chainrule.checker.check import Report


def write(reports: Iterable[Report], stream: TextIO, many: bool, everything: bool = True) -> None:
    """One object, or an array where `many`; nothing is left out for `everything`."""
    found = [report.as_json() for report in reports]
    if found or many:
        print(json.dumps(found if many else found[0], ensure_ascii=False, indent=1), file=stream)
