"""Cut, shuffled, spoiled and nasty documents are judged without an exception, and soon."""

import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chainrule
from chainrule.errors import ChainruleError

FOLDERS = (Path(__file__).parent / "documents", Path(__file__).parent.parent / "examples")
TEXTS = [path.read_text("utf-8") for folder in FOLDERS for path in sorted(folder.glob("*.md"))]
VERDICTS = {"proved", "holds", "holds-if", "convention", "wrong", "shape", "unread", "not-checked"}
PIECES = [
    *r"\{}_^$&xyW1=-+()|[].,'~#%",
    *("$$", "\\\\", "\\left", "\\right", "\\frac", "\\sum", "\\sum_{i=1}^", "\\partial"),
    *("\\begin{", "\\end{", "aligned}", "bmatrix}", "^T", "\\text{", "\n\n", "\\dots"),
    *("′", "ﬁ", "\u202e", "𝐱"),
]
few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def judge(text):
    """The verdicts; each finding is a stretch of the text."""
    report = chainrule.read(text + "\n").check()
    for finding in report.findings:
        assert report.document.text[finding.start : finding.end] == finding.latex
        assert finding.verdict in VERDICTS
    return report.counts


@st.composite
def cut(draw):
    """A stretch of a document."""
    text = draw(st.sampled_from(TEXTS))
    start = draw(st.integers(0, len(text) - 1))
    return text[start : start + draw(st.integers(1, 400))]


@st.composite
def spoiled(draw):
    """A stretch with pieces put in anywhere."""
    text = draw(cut())
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
    return text


@few
@given(spoiled(), st.randoms(use_true_random=False))
def test_spoiled_and_shuffled_documents_are_judged(text, random):
    judge(text)
    lines = text.split("\n")
    random.shuffle(lines)
    judge("\n".join(lines))


@few
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_formulas_of_any_pieces_are_judged(pieces):
    judge("$$" + "".join(pieces) + "$$")


@few
@given(cut(), st.data())
def test_a_file_with_any_bytes_is_judged_or_refused(tmp_path_factory, text, data):
    content = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("spoiled") / "note.md"
    path.write_bytes(content)
    try:
        chainrule.read(path).check()
    except ChainruleError as mistake:
        assert mistake.render()


SUMS = "".join(rf"\sum_{{{c}=1}}^{{N_{c}}} " for c in "abcdfghijk")
TERMS = "+".join(f"x_{{{c}}}" for c in "abcdfghijk")
LEVELS = "abcdefghij"
BOMB = r"\newcommand{\a}{xxxxxxxxxx}" + "".join(
    rf"\newcommand{{\{after}}}{{" + rf"\{before}" * 4 + "}" for before, after in pairwise(LEVELS)
)
NASTY = {
    "sums over ten indices": rf"$$ y = {SUMS} \exp({TERMS}) = 1 $$",
    "ten free indices": rf"$$ T_{{abcdfghijk}} = {TERMS} = \exp({TERMS}) $$",
    "a tower of powers": "$$ x = 9^{9^{9^{9}}} = (((2^{512})^{512})^{512})^{512} = 10^{100000} $$",
    "powers of sums": "$$ y = ((((x^{50}+1)^{50}+1)^{50}+1)^{50}+1)^{50} = 3 $$",
    "a sum to a power": "$$ (a+b+c+d+f+g)^{200} = (a+b)^{200} $$",
    "open brackets": "$$ y = " + "(" * 5000 + " = x $$",
    "nested brackets": "$$ y = " + "(" * 1000 + "x" + ")" * 1000 + " = x $$",
    "nested fractions": "$$ y = " + r"\frac{1}{1+" * 400 + "x" + "}" * 400 + " = 1 $$",
    "nested exponents": "$$ y = " + "x^{" * 400 + "x" + "}" * 400 + " = 2 $$",
    "nested hats": "$$ " + "\\hat{" * 500 + "x" + "}" * 500 + " = 1 $$",
    "a long sum": "$$ y = " + "+".join(f"x_{{{k}}}" for k in range(100)) + " = 2 $$",
    "a long product": "$$ y = " + " ".join(f"x_{{{k}}}" for k in range(100)) + " = 2 $$",
    "a long chain": "$$ y " + "= x + 1 " * 200 + "$$",
    "a long number": "$$ y = " + "9" * 10000 + " = 2 $$",
    "many numbers": "$$ y = " + r" \cdot ".join(["99999"] * 1000) + " = 2 $$",
    "a long word": "$$ y = " + "abcdfghjklmopqrstuvwxyz" * 40 + " = 2 $$",
    "bars": "$$ y = " + "|x" * 300 + " $$",
    "large arrays": r"$W \in \mathbb{R}^{99999 \times 99999}$ and $$ 2 W = W $$",
    "a macro of itself": r"\newcommand{\a}{\b \b}\newcommand{\b}{\a \a}" + "\n$$ y = \\a = 1 $$",
    "macros of macros": BOMB + "\n$$ y = \\j = 1 $$",
    "dollars": "$" * 5001,
    "subscripts": "$$ " + "_" * 2000 + " $$",
    "lists": "- " * 2000 + "$x = 1$",
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_nasty_documents_are_judged_in_little_memory(text):
    resource = pytest.importorskip("resource")
    judge(text)
    unit = 1 if sys.platform == "darwin" else 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit < 2 * 1024**3
