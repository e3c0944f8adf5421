"""What documents may be: Markdown, LaTeX, notebooks, standard input, folders; and what is none."""

import io
import json
import os

import pytest

import chainrule
from chainrule.errors import FileMissing, UnreadableDocument
from chainrule.notation.document import Formula
from chainrule.notation.files import content, gather
from chainrule.notation.formats import format_of, read_text

SLIP = "Let $a$ and $b$ be numbers.\n\n$$z = a b$$\n\n$$\\frac{\\partial z}{\\partial a} = -b$$\n"
PAPER = r"""\documentclass{article}
\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}
% $$q = 1 = 2$$
\begin{document}
\section{A product}
\input{chapters/none}
\begin{equation}
  z = a b   % the product
\end{equation}
\begin{align}
  \pd{z}{a} &= b \\
  \pd{z}{b} &= -a \label{eq:wrong}
\end{align}
\end{document}
$$r = 1 = 2$$
"""


def cell(source, kind="markdown"):
    lines = source.splitlines(keepends=True)
    extra = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": lines, **extra}


def notebook(*cells):
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


NOTEBOOK = notebook(
    cell("# A product\n\n$$\n\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}\n$$"),
    cell("$$\nz = a b\n$$"),
    cell("x = '$$1 = 2$$'\n", "code"),
    cell("Two slopes:\n\n$$\\pd{z}{a} = b$$\n\n$$\\pd{z}{b} = -a$$\n"),
)


@pytest.fixture
def written(tmp_path):
    def write(name, text, encoding="utf-8"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return str(path)

    return write


def verdicts(report):
    return [(finding.line, finding.verdict) for finding in report.findings]


# LaTeX sources


def test_a_latex_source_is_judged_where_it_stands(written):
    report = chainrule.read(written("paper.tex", PAPER)).check()
    assert verdicts(report) == [(11, "proved"), (12, "wrong")]
    wrong = report.findings[1]
    assert PAPER[wrong.start : wrong.end] == wrong.latex == "-a"
    place = report.document.place(wrong.start, wrong.end)
    assert (place.line, place.column) == (12, 16)


def test_a_latex_source_without_a_telling_name(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(PAPER))
    assert verdicts(chainrule.read("-").check()) == [(11, "proved"), (12, "wrong")]


# notebooks


def test_a_notebook_has_places_by_cell_and_line(written):
    path = written("work.ipynb", NOTEBOOK)
    report = chainrule.read(path).check()
    assert verdicts(report) == [(3, "proved"), (5, "wrong")]
    place = report.document.place(report.findings[1].start, report.findings[1].end)
    assert (place.document, place.line, place.column) == (f"{path} cell 4", 5, 15)
    assert place.source == "$$\\pd{z}{b} = -a$$"
    claim = report.as_json()["claims"][1]
    source = "".join(json.loads(NOTEBOOK)["cells"][3]["source"])
    assert (claim["cell"], claim["line"], claim["end_line"]) == (4, 5, 5)
    assert source[claim["start"] : claim["end"]] == claim["latex"] == "-a"
    (definition,) = report.as_json()["definitions"]
    assert (definition["cell"], definition["line"]) == (2, 2)


def test_the_cells_of_a_notebook_are_read_apart():
    document = read_text(notebook(cell("cost $$"), cell("$a$"), cell("$$ more")), "a.ipynb")
    assert [formula.latex for formula in document.formulas] == ["a"]


def test_the_parts_of_a_notebook_are_stretches_of_its_text():
    document = read_text(NOTEBOOK, "work.ipynb")
    assert len(document.formulas) == 4
    for part in document.parts:
        own = part.latex if isinstance(part, Formula) else part.text
        assert document.text[part.start : part.end] == own
    for formula in document.formulas:
        start, end = formula.outer
        assert document.text[start:end] == f"$${document.text[start + 2 : end - 2]}$$"


def test_a_notebook_of_format_3():
    old = json.dumps({"worksheets": [{"cells": [{"cell_type": "markdown", "source": "$x$"}]}]})
    assert [formula.latex for formula in read_text(old, "old.ipynb").formulas] == ["x"]


def test_sources_of_all_formats_are_derived(written):
    loss = "$$p = \\text{softmax}(z)$$\n$$J = -\\sum_k y_k \\log p_k$$\n"
    body = f"\\documentclass{{article}}\\begin{{document}}{loss}\\end{{document}}"
    for path in (written("a.tex", body), written("b.ipynb", notebook(cell(loss)))):
        assert chainrule.read(path).derive("J", "z").text("z").startswith("∂J/∂z = p")


@pytest.mark.parametrize(
    "text, name, wanted",
    [
        ("$x$", "a.md", "Markdown"),
        ("Use \\documentclass", "a.md", "Markdown"),
        ("\\documentclass{article}", "a.txt", "LaTeX"),
        ("\\section{A}", "A.TEX", "LaTeX"),
        ('{"cells": []}', "standard input", "notebook"),
        ('{"cell": []}', "standard input", "Markdown"),
    ],
)
def test_the_name_tells_the_format_else_the_text(text, name, wanted):
    assert format_of(text, name).name == wanted


@pytest.mark.parametrize(
    "text, told",
    [
        ('{"cells": [}', "a.ipynb:1:12"),
        ("[]", "no list of cells"),
        ('{"cells": 3}', "no list of cells"),
        ('{"cells": []}', "no Markdown cell"),
        (notebook(cell("x = 1", "code")), "no Markdown cell"),
        ('{"cells": [{"cell_type": "markdown", "source": 5}]}', "source of cell 1"),
        ('{"cells": [{"cell_type": "markdown"}, 5]}', "cell 2 is no cell"),
        ("[" * 100_000, "a.ipynb"),
    ],
)
def test_what_is_no_notebook(text, told):
    with pytest.raises(UnreadableDocument, match="try: ") as caught:
        read_text(text, "a.ipynb")
    assert told in str(caught.value)


# files that are no text


@pytest.mark.parametrize(
    "data, told",
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF file"),
        (b"PK\x03\x04\x14\x00", ".docx"),
        (b"\x89PNG\r\n", "a picture"),
        ("$é = 1$".encode("utf-16"), "is UTF-16"),
        ("$a = 1$".encode("utf-16-be"), "seems to be UTF-16"),
        (b"$a = 1$ and so on\x00 and so on", "byte 18 is zero"),
        ("one\nà l'école $x$".encode("latin-1"), "à l'école $x$"),
        ("one\nl'école $x$".encode("latin-1"), "0xE9, which is é in Latin-1"),
    ],
)
def test_a_file_that_is_no_text_in_utf8(written, data, told):
    with pytest.raises(UnreadableDocument) as caught:
        content(written("a.md", data))
    assert told in str(caught.value)
    assert caught.value.remedy


def test_a_byte_of_latin1_is_shown_where_it_stands(written):
    with pytest.raises(UnreadableDocument) as caught:
        content(written("a.md", "één\nl'école $x$".encode().replace(b"\n", b"\nl'\xe9")))
    (place,) = caught.value.places
    assert (place.line, place.column) == (2, 3)


def test_offsets_count_a_byte_order_mark_and_one_character_for_each_end_of_line(written):
    text = content(written("a.md", b"\xef\xbb\xbf# One\r\n\r\n$x$\r\n"))
    assert text == " # One\n\n$x$\n"


def test_standard_input_that_is_no_text(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9 $x$")))
    with pytest.raises(UnreadableDocument, match="standard input:1:4"):
        chainrule.read("-")


def test_a_file_that_is_not_there(tmp_path):
    for name in ("missing.md", "m" * 500, str(tmp_path)):
        with pytest.raises(FileMissing, match="try: "):
            chainrule.read(name)


def test_a_path_with_a_dollar_is_a_path(written):
    assert chainrule.read(written("a$b$.md", SLIP)).check().counts == {"wrong": 1}


# folders


def test_a_folder_gives_its_documents_sorted(written, tmp_path):
    for name in ("b.md", "a.tex", "sub/c.ipynb", "sub/d.TXT", "e.py", "f.png", "g.png", "Makefile"):
        written(name, SLIP)
    written(".git/h.md", SLIP)
    written("sub/.ipynb_checkpoints/c.ipynb", SLIP)
    found = gather([str(tmp_path)])
    names = [os.path.relpath(name, tmp_path).replace(os.sep, "/") for name in found.names]
    assert names == ["a.tex", "b.md", "sub/c.ipynb", "sub/d.TXT"]
    assert found.notes == (
        f"{tmp_path}: 4 documents; left out: 2 .png, 1 .py, 1 no suffix, 2 hidden",
    )
    assert found.many


def test_each_file_is_taken_once_and_in_the_order_given(written, tmp_path):
    first, second = written("b.md", SLIP), written("a.md", SLIP)
    assert gather([first, second, first]).names == (first, second)
    assert gather([first, str(tmp_path)]).names == (first, second)
    assert not gather([first]).many
    assert gather(["-"]).names == ("-",)


def test_a_folder_that_links_to_itself_is_read_once(written, tmp_path):
    written("a.md", SLIP)
    os.symlink(tmp_path, tmp_path / "again")
    assert len(gather([str(tmp_path)]).names) == 1


def test_a_folder_without_documents(tmp_path):
    with pytest.raises(FileMissing, match="no document in the folder"):
        gather([str(tmp_path)])
