"""Documents with their expected verdicts inline: every notation with true and false twins.

A comment `<!-- holds; wrong; holds-if: sum(t) = 1 -->` lists, in order, the verdicts of all members
judged in displays since the comment before it; after a colon stands the fact. A member that defines
is not judged, so that `<!-- -->` follows definitions. `doubtful` is what differs, and is unread
because no slip explains it. `xfail` in front: what ought to be said and is not said yet.
"""

import re
from pathlib import Path

import pytest

import chainrule
from chainrule.checker.unexplained import UNEXPLAINED

FOLDER = Path(__file__).parent / "documents"
COMMENT = re.compile(r"<!--(.*?)-->", re.S)
REPORTS = {}


def report(path):
    if path not in REPORTS:
        REPORTS[path] = chainrule.read(path).check()
    return REPORTS[path]


def expectations():
    for path in sorted(FOLDER.glob("*.md")):
        start = 0
        text = path.read_text(encoding="utf-8")
        for comment in COMMENT.finditer(text):
            line = text.count("\n", 0, comment.start())
            todo = comment.group(1).strip().startswith("xfail")
            marks = [pytest.mark.xfail(strict=True, reason="not judged so yet")] if todo else []
            yield pytest.param(path, start, comment, marks=marks, id=f"{path.stem}:{line}")
            start = comment.end()


def told(finding, wanted):
    """A finding in the words of a comment: the fact, or that it is proved, only if it has that."""
    if finding.diagnosis == UNEXPLAINED:
        return "doubtful"
    if finding.verdict == "proved" and wanted == "holds":
        return wanted
    return f"{finding.verdict}: {finding.fact}" if ":" in wanted else finding.verdict


@pytest.mark.parametrize("path, start, comment", list(expectations()))
def test_verdicts(path, start, comment):
    words = comment.group(1).replace("xfail", "").split(";")
    wanted = [word.strip() for word in words if word.strip()]
    checked = report(path)
    shown = [f for f in checked.document.formulas if f.display]
    found = [
        finding
        for finding in checked.findings
        if start <= finding.start < comment.start()
        and any(f.start <= finding.start <= f.end for f in shown)
    ]
    missing = [""] * (len(found) - len(wanted))
    assert [told(f, w) for f, w in zip(found, wanted + missing, strict=False)] == wanted, [
        (f.latex, f.verdict, f.diagnosis) for f in found
    ]
    assert len(found) == len(wanted)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_everything_wrong_has_a_counterexample(path):
    checked = report(path)
    assert all(f.counterexample for f in checked.findings if f.verdict == "wrong")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_offsets_and_lines_are_those_of_the_text(path):
    text = path.read_text(encoding="utf-8")
    for finding in report(path).findings:
        assert text[finding.start : finding.end] == finding.latex
        assert text.count("\n", 0, finding.start) + 1 == finding.line
        assert text.count("\n", 0, finding.end - 1) + 1 == finding.end_line
