"""Documents: where formulas, prose, headings and code stand, to the character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.errors import Place
from chainrule.notation.document import Code, Formula, Heading, Prose, read_document
from chainrule.notation.sentences import MOST_MARKS, sentences


def formulas(text: str, name: str = "notes.md") -> list[tuple[str, bool]]:
    return [(one.latex, one.display) for one in read_document(text, name).formulas]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a $x$ b", [("x", False)]),
        ("a $ x + y $ b", [("x + y", False)]),
        ("$a$$b$", [("a", False), ("b", False)]),
        (r"a \(x\) and \[y\]", [("x", False), ("y", True)]),
        ("so $$x = y$$ holds", [("x = y", False)]),
        ("for $x$ so $$x = y$$ holds", [("x", False), ("x = y", True)]),
        ("so $$x\n= y$$ holds", [("x\n= y", True)]),
        ("$$\nx\n\n= y\n$$", [("x\n\n= y", True)]),
        ("a $x\n+ y$ b", [("x\n+ y", False)]),
        ("```math\nx = y\n```", [("x = y", True)]),
        ("- item $x$\n  ```math\n  u\n  ```\n", [("x", False), ("u", True)]),
        ("| a | $x_1$ |\n|---|---|\n| b | $x_2$ |", [("x_1", False), ("x_2", False)]),
        ("> $x$ and\n> $$\n> a\n> = b\n> $$", [("x", False), ("a\n  = b", True)]),
        (
            "A\n\\begin{align}\na &= b\n\\end{align}",
            [("\\begin{align}\na &= b\n\\end{align}", True)],
        ),
        (r"\begin{equation*}a\end{equation*}", [(r"\begin{equation*}a\end{equation*}", True)]),
        ("$`x`$", [("x", False)]),
        ("\r\n$x$\r\n", [("x", False)]),
        # a display that Markdown would take for a heading, a list or a quotation
        ("$$\nx\n=\ny\n$$", [("x\n=\ny", True)]),
        ("$$\na\n- b\n+ c\n> d\n$$", [("a\n- b\n+ c\n> d", True)]),
        # not mathematics
        ("costs $5 and $6", []),
        ("costs $5, or $6 if $x = 1$", [("x = 1", False)]),
        ("between $5-$6 a day", []),
        ("set $HOME and $PATH first", []),
        (r"costs \$5 and \$6", []),
        ("`$x$` and ``a ` $y$``", []),
        ("```python\nx = '$y$'\n```", []),
        ("~~~\n$y$", []),
        ("a $ b", []),
        ("a $x\n\nb$ c", []),
        ("$$ a", []),
        (r"\( a", []),
        (r"\[ a", []),
        (r"\begin{align} a", []),
        ("$$$$ and $$ $$", []),
        (r"\\(x\\)", []),
        ("<!-- $x$ -->", []),
        (r"1.1 \mathbf{a}", []),
        (r"\newcommand{\x}{$a$} and $b$", [("b", False)]),
    ],
)
def test_delimiters(text, expected):
    assert formulas(text) == expected


def test_parts_stand_in_order_with_exact_offsets():
    text = "# On $\\sigma$\n\nLet $x$ be\n`code $a$` here.\n\n```python\ny = 1\n```\n\nLast\n===\n"
    document = read_document(text, "notes.md")
    for part in document.parts:
        own = part.latex if isinstance(part, Formula) else part.text
        assert text[part.start : part.end] == own
    kinds = [type(part) for part in document.parts]
    assert kinds == [Heading, Formula, Prose, Formula, Prose, Code, Prose, Code, Heading]
    assert document.parts[0] == Heading(2, 13, "On $\\sigma$", 1)
    assert document.parts[7].language == "python"
    assert document.parts[8].text == "Last"
    assert document.formulas == tuple(p for p in document.parts if isinstance(p, Formula))


def test_paragraphs_are_parts_of_their_own():
    document = read_document("one\ntwo\n\nthree $x$ four\n \nfive", "notes.txt")
    texts = [part.text for part in document.parts if isinstance(part, Prose)]
    assert texts == ["one\ntwo", "three", "four", "five"]


def test_a_paragraph_of_very_many_formulas_is_one_sentence():
    (found,) = sentences(read_document("all of " + "$x$ " * (MOST_MARKS + 9), "many"))
    assert len(found.prints) == MOST_MARKS
    assert found.flat.count("\ufffc") == 9


def test_front_matter_is_code():
    document = read_document("---\ntitle: $x$\n---\ntext", "notes.md")
    assert document.parts[0].language == "yaml"
    assert document.formulas == ()


def test_lines_columns_and_places_count_from_one():
    document = read_document("ab\ncd $xyz$\r\nef", "notes.md")
    formula = document.formulas[0]
    assert (document.line(0), document.column(0)) == (1, 1)
    assert (document.line(formula.start), document.column(formula.start)) == (2, 5)
    assert document.line(len(document.text)) == 3
    assert document.place(formula.start, formula.end, "seen") == Place(
        "notes.md", 2, 5, "cd $xyz$", "seen", 3
    )
    assert document.place(3, 14).length == len("cd $xyz$")


SOURCE = r"""\documentclass{article}
\newcommand{\vw}{\mathbf{w}}
\begin{document}
\section*{On $x$}
Text % with $no$ formula
costs 5\% of $\vw$.
\begin{equation}
  y = x % why $z$
  + 1
\end{equation}
\[ a
% gone
= b \]
\verb|$no$|
\begin{verbatim}
$no$
\end{verbatim}
\end{document}
$no$
"""


def test_latex_sources():
    document = read_document(SOURCE, "paper.tex")
    latex = [formula.latex for formula in document.formulas]
    assert latex[:2] == ["x", r"\vw"]
    assert latex[2].startswith("\\begin{equation}")
    assert latex[3] == "a\n% gone\n= b"
    assert len(latex) == 4
    assert document.macros["vw"].body == r"\mathbf{w}"
    heading = next(part for part in document.parts if isinstance(part, Heading))
    assert (heading.text, heading.level) == ("On $x$", 1)
    assert [part.text for part in document.parts if isinstance(part, Prose)] == [
        "Text",
        r"costs 5\% of",
        ".",
    ]


def test_macros_come_from_anywhere_in_the_text():
    document = read_document("$$\\newcommand{\\R}{\\mathbb{R}}$$ and $x \\in \\R$", "notes.md")
    assert set(document.macros) == {"R"}


@pytest.mark.parametrize(
    "piece",
    [
        "$",
        "$$a ",
        r"\( ",
        r"\[ ",
        "`",
        r"\begin{align}",
        "> ",
        "- ",
        "\n",
        "$a\n\n",
        "# $a$\n",
        "a\n=\n",
        r"\newcommand{\a}{",
        "%",
        "\\begin{document}\n%a\n",
        r"\documentclass\section{",
    ],
)
def test_a_long_repetition_is_read(piece):
    read_document(piece * 3000, "notes.md")


PIECES = st.sampled_from(
    [
        "$",
        "$$",
        "\\(",
        "\\)",
        "\\[",
        "\\]",
        "`",
        "```",
        "```math",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "# ",
        "=",
        "---",
        "| a |",
        "\\begin{align}",
        "\\end{align}",
        "x",
        " ",
        "5",
        "\\newcommand{\\a}{",
        "}",
        "%",
        "\\section{",
        "\\documentclass",
        "\\begin{verbatim}",
        "\\end{verbatim}",
        "\r\n",
        "<!--",
        "-->",
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_is_read(text):
    for name in ("notes.md", "paper.tex"):
        document = read_document(text, name)
        starts = [part.start for part in document.parts]
        assert starts == sorted(starts)
        for part in document.parts:
            assert 0 <= part.start <= part.end <= len(text)
            own = part.latex if isinstance(part, Formula) else part.text
            assert len(own) == part.end - part.start
            document.place(part.start, part.end)


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("Here $a ≥ 0$ and `x = x + 1` is code.", ["a ≥ 0"]),
        ("Here $a ≥ 0$, `p = σ(z)` and `n = 3`.", ["a ≥ 0", "p = σ(z)", "n = 3"]),
        ("Then p = σ(z), but q = frob(t) + 1 is not known.", ["p = σ(z)"]),
        ("Here $a = 1$ and `sp(z) = log(1 + e^z)`.", ["a = 1", "sp(z) = log(1 + e^z)"]),
        # between formulas with delimiters: with such signs, or a function by its name
        ("Here $a = 1$, q = tanh(u), λ ∈ {0, 1}.", ["a = 1", "q = tanh(u)", "λ ∈ ｛0, 1｝"]),
        ("Here $a = 1$ and K = 2, `b = 3` too.", ["a = 1"]),
        # the signs that items of a list begin with
        ("With $a = 1$:\n\n- σ(z) = −z\n* h = 2 σ\n", ["a = 1", "σ(z) = −z", "h = 2 σ"]),
        ("Then:\n\n- σ(z) = −z\n  + 1\n", ["σ(z) = −z\n  + 1"]),
    ],
)
def test_code_is_read_where_it_has_signs_of_mathematics(text, formulas):
    assert [one.latex for one in read_document(text, "note").formulas] == formulas
