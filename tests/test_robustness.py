"""Cut, shuffled and spoiled documents are judged without an exception."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chainrule

FOLDERS = (Path(__file__).parent / "documents", Path(__file__).parent.parent / "examples")
TEXTS = [path.read_text() for folder in FOLDERS for path in sorted(folder.glob("*.md"))]


@st.composite
def spoiled(draw):
    text = draw(st.sampled_from(TEXTS))
    start = draw(st.integers(0, len(text) - 1))
    text = text[start : start + draw(st.integers(1, 500))]
    lines = draw(st.permutations(text.split("\n")[:12]))
    text = "\n".join(lines)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(list("\\{}_^$&xyW1=-+()|"))) + text[at:]
    return "\n" + text


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(spoiled())
def test_spoiled_documents_are_judged(text):
    report = chainrule.read(text).check()
    for finding in report.findings:
        assert text[finding.start : finding.end] == finding.latex
        assert finding.verdict in {
            "holds",
            "holds-if",
            "convention",
            "wrong",
            "shape",
            "unread",
            "not-checked",
        }
