"""All LaTeX that is printed can be set: by KaTeX, and by TeX itself where it is installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import chainrule
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.notation.document import read_document
from chainrule.notation.records import definition, derivative, written
from chainrule.notation.style import Style
from chainrule.notation.write import to_latex
from chainrule.stable import read, stable_forms
from wanted import WANTED, asked

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "tests" / "golden").glob("*.md")) + sorted((ROOT / "examples").glob("*.md"))
STABLE = ["log(sum(exp(x)))", r"-\log \frac{e^{z_1}}{\sum_i e^{z_i}}", "sqrt(1 + x**2) - 1"]


def set_by_katex(latex):
    katex = pytest.importorskip("pykatex", reason="KaTeX is not installed")
    bare = latex.strip().strip("$")
    try:
        katex.renderToString(
            bare, displayMode=True, throwOnError=True, strict=katex.STRICT_ERROR
        )
    except katex.ParseError as mistake:
        pytest.fail(f"{mistake}\n{bare}")


def of_wanted(wanted):
    found = asked(wanted)
    printed = [found.latex(variable) for variable in found.by]
    printed += [step.latex() for step in found.steps(every=True)]
    return [*printed, found._repr_latex_()]


def of_record(record):
    formulas = [definition(record), derivative(record)]
    formulas += [written(record.stable)] if record.stable is not None else []
    return [formula.latex for formula in formulas]


def of_stable(text):
    forms = stable_forms(read(text), "float32", [re.findall("[xz]", text)[0]])
    return [to_latex(one, Style()) for form in forms for one in (form.stable, form.computed)]


def formulas_of(path):
    document = read_document(path.read_text(), path.name)
    return [formula.latex for formula in document.formulas]


@pytest.mark.parametrize("wanted", WANTED, ids=lambda wanted: wanted.name)
def test_wanted_forms_and_their_steps(wanted):
    for latex in of_wanted(wanted):
        set_by_katex(latex)


@pytest.mark.parametrize("record", FUNCTIONS.values(), ids=FUNCTIONS)
def test_records(record):
    for latex in of_record(record):
        set_by_katex(latex)


@pytest.mark.parametrize("text", STABLE)
def test_stable_forms(text):
    for latex in of_stable(text):
        set_by_katex(latex)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_derivations_as_documents(path):
    formulas = formulas_of(path)
    assert formulas
    for latex in formulas:
        set_by_katex(latex)


def test_a_formula_that_cannot_be_set_is_found():
    pytest.importorskip("pykatex", reason="KaTeX is not installed")
    for wrong in (r"\frac{a}{b", r"\nosuchword{x}", "a_b_c"):
        with pytest.raises(pytest.fail.Exception):
            set_by_katex(wrong)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="TeX is not installed")
def test_tex_sets_everything(tmp_path):
    every = [latex for wanted in WANTED for latex in of_wanted(wanted)]
    every += [latex for record in FUNCTIONS.values() for latex in of_record(record)]
    every += [latex for text in STABLE for latex in of_stable(text)]
    every += [latex for path in PAGES for latex in formulas_of(path)]
    body = "\n".join(rf"\[ {latex.strip().strip('$')} \]" for latex in dict.fromkeys(every))
    source = r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}" + "\n"
    (tmp_path / "all.tex").write_text(f"{source}{body}\n\\end{{document}}\n")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]


def test_results_show_themselves():
    document = chainrule.read(str(ROOT / "examples" / "softmax_regression.md"))
    found = document.derive("J", "W,b")
    assert repr(found).splitlines() == ["∂J/∂W = xᵀ (p − y)", "∂J/∂b = p − y", "given y one-hot"]
    assert found._repr_markdown_() == f"{found._repr_latex_()}\n\n*given y one-hot*"
    set_by_katex(found._repr_latex_())
    steps = found.steps()
    assert repr(steps).splitlines() == [step.text() for step in steps]
    assert steps._repr_markdown_().count("$$") >= 2 * len(steps)
    assert repr(document.check()).startswith(document.text.name)
    (stable,) = chainrule.stabilise("log(sigmoid(x))")
    assert repr(stable) == "−softplus(−x)"
    set_by_katex(stable._repr_latex_().removeprefix(r"$\displaystyle"))
