"""The page for people: complete, safe, readable, and drawn by a real browser where there is one."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import chainrule
from chainrule.checker.check import check
from chainrule.checker.report_html import page
from chainrule.checker.verdicts import VERDICTS
from chainrule.notation.formats import read_text
from pages import Page, browser, drawn
from test_formats import NOTEBOOK, PAPER

FOLDER = Path(chainrule.__file__).parent
SLIP = r"""# A product

Let $z = a b$. Then

$$
\begin{aligned}
\frac{\partial z}{\partial a} &= b \\
\frac{\partial z}{\partial b} &= -a
\end{aligned}
$$

| slope | of |
|---|---|
| $\partial z / \partial b = 2 a$ | $z$ |
"""
NASTY = r"""# Odd $x$ <script>alert(1)</script>

<!-- hidden $h$ -->
Text `code $a$`, a [link](https://example.org "t $x$"), a [bad](javascript:alert(1)),
![pic $q$](http://example.org/y.png) <b onclick="x">bold</b><br>line.

<details><summary>$s$</summary>

> quoted $a + a = 2 a$
> $$
> b + b = 3 b
> $$
> more

- item $c + c = 2c$
- item
  $$d^2 + d^2 = 2 d^2$$
  rest

| a | b |
|---|---|
| $f + f = 3 f$ | $f$ |

```math
g + g = 2 g
```

```html
<script>alert(3)</script>
```

Text $$h + h = 3 h$$ inside, $\text{</details><script>alert(2)</script>} = k$.

$$ \frac{a $$

    $q + q = 3 q$

</details></article></main>
"""


def report(text, name="notes.md"):
    return check(read_text(text, name))


def read(*reports, **options):
    return Page(page(reports, **options))


def test_the_page_tells_what_the_report_tells():
    found = report(SLIP)
    shown = read(found)
    wrong = found.wrong
    assert len(wrong) == 2
    assert "2 of 3 claims are false" in shown.text
    assert shown.count("details", "claim") == 3
    assert shown.count("details", "wrong") == shown.count("li", "wrong") - 1 == 2
    for finding in wrong:
        assert (finding.diagnosis or "") in shown.text
        assert finding.counterexample in shown.text
    links = [link for link in shown.links if link.startswith("#")]
    assert links == ["#claim-1-2", "#claim-1-3"]
    assert {link[1:] for link in links} <= set(shown.ids)


def test_the_document_stands_there_as_it_is_written():
    shown = read(report(SLIP))
    assert shown.count("h1") == 2
    assert shown.count("td") == 2
    assert shown.count("span", "display") == 1
    assert shown.count("math") >= 6
    assert "Let z=ab. Then" in shown.text


def test_each_claim_is_marked_in_its_formula_beyond_colour():
    text = page([report(SLIP)])
    assert text.count('class="said wrong"') == 2
    assert text.count('class="said proved"') == 1
    style = (FOLDER / "checker" / "report.css").read_text(encoding="utf-8")
    kinds = dict(re.findall(r"^\.(?:proved, \.)?(\w[\w-]*).*--kind: (\w+);", style, re.M))
    assert kinds["holds"] != kinds["wrong"] != kinds["holds-if"] != kinds["unread"]
    assert len({verdict.mark for verdict in VERDICTS.values()}) == len(VERDICTS) - 1


def test_the_member_of_a_repaired_slip_is_set_against_the_first():
    found = report("$$z = a b$$\n\n$$z + z = 3 a b = 3 z$$\n")
    assert [(one.step, one.head) for one in found.findings] == [
        ("wrong", "wrong"),
        ("proved", "wrong"),
    ]
    assert "claimz+z=3z" in re.sub(r"\s", "", read(found).text)


def test_a_document_cannot_bring_anything_along():
    found = report(NASTY)
    shown = read(found)
    assert "<script>alert(1)</script>" in shown.text
    assert "alert(2)" in shown.text
    assert "[picture: pic" in shown.text
    assert "hidden" not in shown.text
    assert sorted(link for link in shown.links if link[0] != "#") == ["https://example.org"]
    assert shown.count("details", "claim") == len(found.findings)
    assert "http-equiv" in dict(shown.tags[3][1]) and "default-src 'none'" in page([found])


@pytest.mark.parametrize("name", ["<script>alert(1)</script>.md", 'a"b.md', "&lt;.md"])
def test_names_of_documents_are_text(name):
    assert name in read(report(SLIP, name)).text


def test_what_cannot_be_drawn_is_shown_as_its_source():
    shown = read(report("$$ \\frac{a $$\n"))
    assert shown.count("code", "source") == 1
    assert "$$ \\frac{a $$" in shown.text


def test_a_block_quotation_and_a_list_stay_whole():
    shown = read(report("> one\n> $$\n> a + a = 2 a\n> $$\n> two\n\n1. $x$\n2. three\n"))
    assert shown.count("blockquote") == 1
    assert shown.count("ol") == 1
    assert shown.count("li") == 2 + shown.count("li", "chip")


def test_a_notebook_is_a_section_for_each_cell():
    shown = read(report(NOTEBOOK, "work.ipynb"))
    assert shown.count("section", "cell") == 3
    assert "cell 4, line 5" in shown.text
    assert "newcommand" not in shown.text


def test_a_latex_source_is_set_like_a_document():
    source = PAPER.replace(
        r"\begin{align}",
        "\\begin{enumerate}\n\\item \\emph{One} --- $a$\n\\item 5\\,\\% \\verb|a_b{|\n"
        "\\end{enumerate}\n\\begin{verbatim}\n$$1 = 2$$ \\x{<b>}\n\\end{verbatim}\n\\begin{align}",
    )
    shown = read(report(source, "paper.tex"))
    assert shown.count("h2") == 1
    assert shown.count("em") == 1
    assert shown.count("ol") == 1
    assert r"\input{chapters/none}" in shown.text
    assert "One — a" in shown.text
    assert "5 % a_b{" in shown.text
    assert r"$$1 = 2$$ \x{<b>}" in shown.text
    assert "documentclass" not in shown.text
    assert "the product" not in shown.text
    assert "r=1" not in shown.text


def test_title_lists_and_figures_of_a_latex_source():
    source = r"""\documentclass{article}\title{On \emph{one} net}
\begin{document}\maketitle
\begin{enumerate}[label=(a)]
  \item First
    \[ a + a = 2 a \]
  \item Second
\end{enumerate}
\begin{figure}[h]\includegraphics[width=3cm]{net.png}\caption{The net $W$.}\end{figure}
\begin{theorem} So \eqref{eq:1}. \end{theorem}
\end{document}"""
    shown = read(report(source, "paper.tex"))
    assert "On one net" in shown.text and shown.count("h1") == 2
    assert [given.get("start") for tag, given in shown.tags if tag == "ol"] == [None, "2"]
    assert "[picture: net.png]" in shown.text
    assert "[h]" not in shown.text and "label" not in shown.text
    assert "Theorem. So [eq:1]." in shown.text


def test_several_documents_have_a_list_of_them():
    shown = read(report(SLIP, "a.md"), report(SLIP, "b.md"))
    assert shown.count("nav", "documents") == 1
    assert shown.links[:2] == ["#claim-1", "#claim-2"]
    assert "2 documents" in shown.text


def test_quiet_leaves_out_the_rows_of_what_was_not_read():
    found = report("$$Q \\heartsuit = 3$$\n\n$$a + a = 2 a$$\n")
    assert found.counts == {"proved": 1, "unread": 1}
    assert read(found).count("details", "unread") == 1
    assert read(found, everything=False).count("details", "unread") == 0
    assert "1 claim was not understood" in read(found, everything=False).text


def test_the_same_document_gives_the_same_page():
    assert page([report(NASTY)]) == page([report(NASTY)])


PIECES = st.sampled_from(
    [
        *r"""
        $ $$ ` ``` <b> </div> <!-- --> [x]( ) ![ ](y) ** } { % & ~ "
        \begin{align} \end{align} \item \section{ \emph{ \begin{verbatim} \end{verbatim}
        \begin{enumerate} \end{enumerate}
        """.split(),
        *["\n", "\n\n", "> ", "- ", "1. ", "# ", "    ", "\ue000", "0\ue001"],
        *["$a + a = 2 a$", "$$b = 2 b$$", "| a | $b$ |\n|---|---|\n"],
    ]
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, max_size=14).map("".join), st.sampled_from(["notes.md", "paper.tex"]))
@example("1. <!--", "notes.md")
def test_any_document_gives_a_sound_page(text, name):
    found = report(text, name)
    assert read(found).count("details", "claim") == len(found.findings)


# What can be seen.


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("part", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(part):
    style = (FOLDER / "checker" / "report.css").read_text(encoding="utf-8")
    root = re.findall(r":root \{(.*?)\}", style, re.S)[part]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", root))
    kinds = ("true", "maybe", "false", "weak", "unread")
    pairs = [(ink, "paper") for ink in ("ink", "soft", "link", *kinds)]
    pairs += [(ink, f"{kind}-tint") for kind in kinds for ink in (kind, "ink", "soft")]
    pairs += [("ink", "panel"), ("soft", "panel")]
    for ink, ground in pairs:
        low, high = sorted((luminance(colours[ink]), luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


@pytest.mark.skipif(browser() is None, reason="no browser here")
def test_a_browser_draws_the_page(tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page([report(NASTY), report(SLIP)]), encoding="utf-8")
    tree = drawn(path, "--dump-dom")
    if "<html" not in tree:
        pytest.skip("the browser here does not start")
    # The browser's own tree has each claim where it was put, and nothing that it had to mend.
    assert tree.count("<details") == page([report(NASTY), report(SLIP)]).count("<details")
    assert "<script" not in tree
    assert tree.count("<math") == path.read_text(encoding="utf-8").count("<math")
    picture = tmp_path / "report.png"
    drawn(path, f"--screenshot={picture}", "--window-size=1300,2000", "--hide-scrollbars")
    assert picture.stat().st_size > 50_000
