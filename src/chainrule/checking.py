"""What `chainrule check` does: documents gathered, judged one by one, and reported."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from chainrule.checker.check import Report
from chainrule.checker.findings import FALSE
from chainrule.checker.outputs import output_for, write
from chainrule.checker.side_by_side import side_by_side
from chainrule.documents import Document, read
from chainrule.errors import BadOption, ChainruleError, ProgramMistake, unexpected
from chainrule.notation.files import Gathered, gather

# So many documents are judged before the first of them is reported.
TOGETHER = 16


def check_files(
    names: Sequence[str],
    output: str | None,
    path: Path | None,
    told: Callable[[str], None],
    everything: bool = True,
    dtype: str | None = None,
) -> int:
    """Judges documents, reports to standard output or to a file, and returns the exit status.

    names   files and folders; `-` is standard input
    output  a format of `checker.outputs`; if None, what the name of the file asks for, else text
    told    takes notes for people, so that standard output is the report alone
    dtype   if given, forms that break in this floating-point format are reported
    status  0 nothing wrong, 1 something wrong, 2 a document could not be read

    raises  FileMissing, UnreadableDocument, where there is one document only; BadOption
    """
    gathered = gather(names)
    for note in gathered.notes:
        told(note)
    judged = _Judged(gathered, told, dtype)
    if path is None:
        write(output or "text", judged, sys.stdout, gathered.many, everything)
        return judged.status
    _refuse_own_input(path, gathered)
    stream = io.StringIO()
    write(output or output_for(path.name), judged, stream, gathered.many, everything)
    try:
        path.write_text(stream.getvalue(), encoding="utf-8")
    except OSError as reason:
        raise BadOption(
            f"--output {path} cannot be written: {reason.strerror}",
            remedy="name a file in a folder that exists",
        ) from reason
    for line in (*judged.summaries, f"report written to {path}"):
        told(line)
    return judged.status


def _refuse_own_input(path: Path, gathered: Gathered) -> None:
    if os.path.realpath(path) in map(os.path.realpath, gathered.names):
        raise BadOption(f"--output {path} is a document to check", remedy="name another file")


class _Judged:
    """The reports of documents, made as they are asked for, and what came of them."""

    def __init__(self, gathered: Gathered, told: Callable[[str], None], dtype: str | None):
        self.gathered, self.told, self.dtype = gathered, told, dtype
        self.summaries: list[str] = []
        self.status = 0

    def __iter__(self) -> Iterator[Report]:
        names = self.gathered.names
        for start in range(0, len(names), TOGETHER):
            documents = [_read(name) for name in names[start : start + TOGETHER]]
            for found in side_by_side(self._report, documents, _length):
                if isinstance(found, Report):
                    yield self._counted(found)
                else:
                    self._refuse(found)

    def _report(self, document: Document | ChainruleError) -> Report | ChainruleError:
        if isinstance(document, ChainruleError):
            return document
        try:
            return document.check(self.dtype, side_by_side)
        except ChainruleError as mistake:
            return mistake
        except Exception as mistake:
            return ProgramMistake(f"{document.text.name}: {unexpected(mistake)}")

    def _refuse(self, mistake: ChainruleError) -> None:
        if not self.gathered.many:
            raise mistake
        self.told(mistake.render())
        self.status = 2

    def _counted(self, report: Report) -> Report:
        self.summaries.append(report.summary)
        if any(finding.verdict in FALSE for finding in report.findings):
            self.status = max(self.status, 1)
        return report


def _read(name: str) -> Document | ChainruleError:
    try:
        return read(Path(name) if name != "-" else name)
    except ChainruleError as mistake:
        return mistake
    except Exception as mistake:
        return ProgramMistake(f"{name}: {unexpected(mistake)}")


def _length(document: Document | ChainruleError) -> int:
    return len(document.text.text) if isinstance(document, Document) else 0
