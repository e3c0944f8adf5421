"""Formulas as MathML: what browsers draw, and nothing else."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.notation.macros import read_macros
from chainrule.notation.mathml import Highlight, to_mathml
from chainrule.notation.mathml_core import ATTRIBUTES, ELEMENTS
from chainrule.notation.mathml_letters import FONTS, in_font


def text(mathml):
    return "".join(ElementTree.fromstring(mathml).itertext())


@pytest.mark.parametrize(
    "latex, shown",
    [
        (r"\mathbb{R}^{m \times n}", "ℝm×n"),
        (r"\mathbf{W}\boldsymbol{\theta}\bm{x}", "𝐖𝜽𝒙"),
        (r"\mathbb{1}[k = y]", "𝟙[k=y]"),
        (r"\mathcal{L}", "ℒ"),
        (r"\text{if $x_{i}$ is \_a}", "if\xa0xi\xa0is\xa0_a"),
        (r"a = b \label{eq:one} \tag{3}", "a=b(3)"),
        (r"\begin{equation} a = b \nonumber \end{equation}", "a=b"),
        (r"a &= b \\[2pt] &= c", "a=b=c"),
        (r"θ ≤ α", "θ≤α"),
        (r"a = b % remark", "a=b"),
        (r"\href{javascript:alert(1)}{x}", "x"),
    ],
)
def test_what_is_shown(latex, shown):
    assert text(to_mathml(latex, display=True)) == shown


def test_rows_are_rows_in_a_display_and_one_line_elsewhere():
    chain = r"\begin{aligned} a &= b \\ &= c \end{aligned}"
    assert to_mathml(chain, display=True).count("<mtr>") == 2
    assert to_mathml(r"a &= b \\ &= c", display=True).count("<mtr>") == 2
    assert "<mtr>" not in to_mathml(r"a &= b \\ &= c")
    assert to_mathml(r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}").count("<mtr>") == 2


def test_macros_are_written_out():
    macros = read_macros(r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}\def\R{\mathbb R}")
    assert text(to_mathml(r"\pd{z}{a}\R x", macros)) == "∂z∂aℝx"
    assert to_mathml(r"\newcommand{\R}{\mathbb{R}}") == ""


def test_a_highlight_is_a_row_with_a_class():
    latex = r"\begin{aligned} a &= -b \\ &= \frac{c}{d} \end{aligned}"
    spans = [(latex.index("-b"), "said wrong", 2), (latex.index(r"\frac"), "said holds", 11)]
    marks = [Highlight(start, start + length, name) for start, name, length in spans]
    root = ElementTree.fromstring(to_mathml(latex, display=True, highlights=marks))
    shown = {row.get("class"): "".join(row.itertext()) for row in root.iter("mrow")}
    assert shown["said wrong"] == "−b"
    assert shown["said holds"] == "cd"
    plain = ElementTree.fromstring(to_mathml(latex, display=True))
    assert "".join(root.itertext()) == "".join(plain.itertext())


def test_a_highlight_across_rows_is_left_out():
    latex = r"\begin{aligned} a &= b \\ &+ c \end{aligned}"
    mark = Highlight(latex.index("b "), latex.index(" \\end"), "said holds")
    found = to_mathml(latex, display=True, highlights=[mark])
    assert "said" not in found
    assert not re.search("[\ue000-\uf8ff]", found)


@pytest.mark.parametrize("latex", [r"\frac{a", "a}", r"\left( a", "{" * 3000, "x" * 30_000])
def test_what_cannot_be_converted_is_none(latex):
    assert to_mathml(latex) is None


def test_bars_are_as_high_as_letters_unless_they_are_told_to_grow():
    assert 'stretchy="false">‖' in to_mathml(r"\lVert \frac{a}{b} \rVert")
    assert 'stretchy="true" fence="true" form="prefix">∥' in to_mathml(
        r"\left\Vert \frac{a}{b} \right\Vert"
    ).replace("‖", "∥")
    assert "stretchy" not in to_mathml(r"\begin{vmatrix} a \\ b \end{vmatrix}")


def test_limits_accents_and_primes_are_where_they_are_written():
    assert "<munder><mo" in to_mathml(r"\lim_{x \to 0} f", display=True)
    assert "<munder><mo" in to_mathml(r"\operatorname*{argmax}_j z", display=True)
    assert "<msub><mi>" in to_mathml(r"\log_2 x", display=True)
    assert '<mover accent="true">' in to_mathml(r"\tilde{x}")
    assert ">argmax</mo><mi>j</mi></munder>" in to_mathml(r"\arg\max_j z")
    assert '<mo lspace="0" rspace="0">′</mo>' in to_mathml("f'(x)")


@pytest.mark.parametrize("font", FONTS)
def test_each_font_has_letters_of_its_own(font):
    found = in_font("AzC", font)
    assert len(found) == 3
    assert not set(found) & set("AzC")


HOSTILE = st.sampled_from(
    [
        *r"""
    \text{ \mbox{ <script> </math> &lt; & " ' { } $ \ x _ ^ % é \\ \frac \left( \right)
    \href{javascript:a}{b} \style{x:url(a)} \class{a}{b} \color{red} \begin{aligned} \end{aligned}
    \unicode{x41} \rule{1em}{1em} \operatorname{ab} \hspace{1em}
    """.split(),
        *["\ue000", "\ue001", " "],
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(HOSTILE, max_size=14).map("".join), st.booleans())
def test_nothing_but_mathematics_comes_out(latex, display):
    found = to_mathml(latex, display=display, highlights=[Highlight(0, len(latex), "said holds")])
    if not found:
        return
    for element in ElementTree.fromstring(found).iter():
        assert element.tag in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES | {"class", "mathvariant"}
        assert not re.search("[\ue000-\uf8ff]", element.text or "")
