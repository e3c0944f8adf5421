"""Why a claim is false: the sentence, the corrected side, and the smallest example."""

import numpy as np
import pytest

import chainrule
from chainrule.checker import search
from chainrule.checker.findings import TRUE
from chainrule.checker.left_out import left_out
from chainrule.checker.slips.relevance import Relevance

LINEAR = (
    "Let $x \\in \\mathbb{R}^{D}$, $t \\in \\mathbb{R}^{K}$, $W \\in \\mathbb{R}^{K \\times D}$,\n"
    "$$ u = W x $$ $$ L = \\frac{1}{2} \\sum_i (u_i - t_i)^2 $$\n"
)
NORMALISED = (
    "For $x \\in \\mathbb{R}^{m}$ let $$ \\mu = \\frac{1}{m} \\sum_i x_i $$"
    " $$ v = \\frac{1}{m} \\sum_i (x_i - \\mu)^2 $$ $$ q_i = \\frac{x_i - \\mu}{\\sqrt{v}} $$\n"
)
SOFTMAX = "For $s \\in \\mathbb{R}^{N}$ $$ p_i = \\frac{e^{s_i}}{\\sum_j e^{s_j}} $$\n"
LAYER = (
    "Let $y = W x + b$ with $W \\in \\mathbb{R}^{m \\times n}$, $x \\in \\mathbb{R}^n$,"
    " $b \\in \\mathbb{R}^m$, and $J = \\frac{1}{2} \\|y - t\\|^2$.\n"
)

TABLE = {
    "sign": ("", r"\frac{d}{dx} e^{-x} = e^{-x}", "the sign is wrong", "-e^{-x}"),
    "Unicode sign": ("", r"\frac{d}{dx} \sin x = −\cos x", "the sign is wrong", r"\cos x"),
    "sign of a term": (
        SOFTMAX,
        r"\frac{\partial p_i}{\partial s_j} = p_i (\delta_{ij} + p_j)",
        "the sign of `p_j` is wrong",
        r"p_i (\delta_{ij} - p_j)",
    ),
    "constant factor": ("", r"\frac{d}{dx} x^2 = x", "a factor 2 is missing", "2 x"),
    "factor too much": ("", r"\frac{d}{dx} \frac{x^2}{2} = 2 x", "a factor 2 is too much", "x"),
    "mean": (
        "For $a \\in \\mathbb{R}^{N}$ let $$ m = \\frac{1}{N} \\sum_i a_i $$\n",
        r"\frac{\partial m}{\partial a_j} = 1",
        "the mean is meant: a factor 1/N is missing",
        None,
    ),
    "index": (
        SOFTMAX,
        r"\frac{\partial p_i}{\partial s_j} = p_i (\delta_{ij} - p_i)",
        "an index is wrong: `p_i` should be `p_j`",
        r"p_i (\delta_{ij} - p_j)",
    ),
    "the logarithm of a constant is no slip": (
        SOFTMAX,
        r"\sum_i p_i = 0",
        "the value is 1",
        "1",
    ),
    "index under a sum": (
        "For $s \\in \\mathbb{R}^{N}$:\n",
        r"\text{softmax}(s)_i = \frac{e^{s_i}}{\sum_j e^{s_i}}",
        "an index is wrong: `s_i` should be `s_j`",
        r"\frac{e^{s_i}}{\sum_j e^{s_j}}",
    ),
    "the 1 beside an exponential": (
        "With a number $a$ let $$ y = \\frac{1}{1 + e^{-a}} $$\n",
        r"\log y = \log \frac{1}{e^{-a}}",
        "the term `1` is missing beside `e^{-a}`",
        r"\log \frac{1}{1 + e^{-a}}",
    ),
    "the 1 beside an exponential in the brackets of a logarithm": (
        "With a number $a$:\n",
        r"\log(1 + e^{-a}) = \ln(e^{-a})",
        "the term `1` is missing beside `e^{-a}`",
        r"\ln(1 + e^{-a})",
    ),
    "where a size elsewhere is that of no array": (
        SOFTMAX + "With a number $a$ let $$ q = a + \\sum_{m=1}^{R} 2^{-m} $$\n",
        r"\frac{\partial p_i}{\partial s_j} = p_i (\delta_{ij} - p_i)",
        "an index is wrong: `p_i` should be `p_j`",
        r"p_i (\delta_{ij} - p_j)",
    ),
    "off the diagonal": (
        SOFTMAX,
        r"\frac{\partial p}{\partial s} = \text{diag}(p \circ (1 - p))",
        "the terms off the diagonal (i ≠ j) are missing",
        None,
    ),
    "transpose": (
        LINEAR,
        r"\frac{\partial L}{\partial x} = W (u - t)",
        "`W` should be transposed",
        r"W^\top (u - t)",
    ),
    "operand": (
        LINEAR,
        r"\frac{\partial L}{\partial u} = t - t",
        "a wrong operand: `t` should be `u`",
        "u - t",
    ),
    "chain factor": (
        "With numbers $x$, $w$ and $b$ let $$ y = \\tanh(w x + b) $$\n",
        r"\frac{\partial y}{\partial w} = 1 - y^2",
        "the factor `x` is missing",
        "(1 - y^2) x",
    ),
    "term": (
        LINEAR,
        r"\frac{\partial L}{\partial u} = u",
        "the term `- t` is missing",
        "u - t",
    ),
    "quotient rule": (
        "",
        r"\frac{d}{dx} \frac{e^x}{x} = \frac{e^x - x e^x}{x^2}",
        "the terms of the numerator are swapped, as in the quotient rule",
        r"\frac{x e^x - e^x}{x^2}",
    ),
    "brackets": (
        "",
        r"(a + b) c = a + b c",
        "brackets are missing: `(a + b) c`",
        "(a + b) c",
    ),
    "reciprocal": ("", r"\frac{d}{dx} \log x = x", "the reciprocal is meant", r"\frac{1}{x}"),
    "logarithm for its argument": (
        SOFTMAX,
        r"\frac{\partial \log p_i}{\partial s_i} = 1 - \log(p_i)",
        "the logarithm of `(p_i)` stands where `(p_i)` is meant",
        "1 - (p_i)",
    ),
    "argument for its logarithm": (
        SOFTMAX,
        r"\log p_i = s_i - \sum_j e^{s_j}",
        r"the logarithm of `\sum_j e^{s_j}` is meant",
        r"s_i - \log \sum_j e^{s_j}",
    ),
    "square": (
        "",
        r"\frac{d}{dx} \tanh(x) = 1 - \tanh(x)",
        r"a square is missing on `\tanh(x)`",
        r"1 - \tanh(x)^2",
    ),
    "square of the denominator": (
        "",
        r"\frac{d}{dx} \frac{1}{1 + e^{-x}} = \frac{e^{-x}}{1 + e^{-x}}",
        "the square of the denominator is missing",
        r"\frac{e^{-x}}{(1 + e^{-x})^2}",
    ),
    "function for its derivative": (
        "",
        r"\frac{d}{dx} \sigma(x)^2 = 2 \sigma(x) \sigma(x)",
        r"`\sigma` stands where its derivative is meant",
        r"2 \sigma'(x) \sigma(x)",
    ),
    "argument": (
        "",
        r"\tanh(x) = 2 \sigma(x) - 1",
        r"a wrong argument: `\sigma(x)` should be `\sigma(2 x)`",
        r"2 \sigma(2 x) - 1",
    ),
    "complement": ("", r"\sigma(-x) = \sigma(x)", "one minus this is meant", r"1 - \sigma(x)"),
    "numbers": ("", r"\frac{7 + 2}{3} = 4", "the value is 3", "3"),
    "entry of cases": (
        SOFTMAX,
        r"\frac{\partial p_i}{\partial s_j} ="
        r" \begin{cases} p_i (1 - p_i) & i = j \\ p_i p_j & i \neq j \end{cases}",
        "the sign of `p_i p_j` is wrong",
        r"p_i (\delta_{ij} - p_j)",
    ),
    "sign below a name": (
        "For $w \\in \\mathbb{R}^{K}$ and $x \\in \\mathbb{R}^{N}$ let"
        " $$ y_p = \\sum_{r=1}^{K} w_r x_{p+r-1} $$ $$ J = \\sum_p y_p^2 $$\n",
        r"\frac{\partial J}{\partial w_r} = 2 \sum_p y_p x_{p-r+1}",
        "an index is wrong: `x_{p-r+1}` should be `x_{p+r-1}`",
        r"2 \sum_p y_p x_{p+r-1}",
    ),
    "number of elements": (
        "For $X \\in \\mathbb{R}^{N \\times D}$ let $$ s = X^\\top \\mathbf{1}_N $$\n",
        r"s = X^\top \mathbf{1}_D",
        "`D` stands where `N` is meant",
        r"X^\top \mathbf{1}_N",
    ),
    "number of elements below a transposed one": (
        "For $A \\in \\mathbb{R}^{N \\times M}$ let $$ r = \\mathbf{1}_N^\\top A $$\n",
        r"r = \mathbf{1}_M^\top A",
        "`M` stands where `N` is meant",
        r"\mathbf{1}_N^\top A",
    ),
    "a function too much behind a word": (
        "For $A \\in \\mathbb{R}^{N \\times M}$, $J \\in \\mathbb{R}^{N}$"
        " let $$ r = A^\\top J $$\n",
        r"r = A^\top\tanh(J)",
        r"the function `\tanh` is too much",
        r"A^\top(J)",
    ),
    "two letters exchanged": (
        LINEAR,
        r"\frac{\partial L}{\partial W_{ij}} = (u_j - t_j) x_i",
        "the indices `i` and `j` are exchanged",
        r"(u_i - t_i) x_j",
    ),
    "an outer sum": (
        "For $A \\in \\mathbb{R}^{M \\times N}$, $g \\in \\mathbb{R}^{M}$ and a tensor"
        " $F_{mnk}$ let $$ y_{mk} = \\sum_n F_{mnk} x_n $$ $$ J = \\sum_{m,k} y_{mk}^2 $$\n",
        r"\frac{\partial J}{\partial x_n} = 2 \sum_k y_{mk} F_{mnk}",
        "the sum over `m` is missing",
        r"\sum_{m} 2 \sum_k y_{mk} F_{mnk}",
    ),
    "square of a sum": (
        SOFTMAX + "$$ m = \\sum_i p_i a_i $$\n",
        r"\sum_i p_i (a_i - m)^2 = \sum_i p_i a_i^2 - \sum_i p_i a_i",
        r"a square is missing on `\sum_i p_i a_i`",
        r"\sum_i p_i a_i^2 - (\sum_i p_i a_i)^2",
    ),
    "half of a product rule": (
        "For $w \\in \\mathbb{R}^{N}$, $x \\in \\mathbb{R}^{N}$ let"
        " $$ L = \\tfrac12 \\| w (w^T x) - x \\|^2 $$ $$ e = w (w^T x) - x $$\n",
        r"\nabla_w L = (w^T x) e",
        "the term with `w`, `x` is missing",
        None,
    ),
    "indices everywhere": (
        LINEAR,
        r"\frac{\partial L}{\partial x_j} = \sum_i (u_i - t_i) W_{ji} + W_{ji} - W_{ji}",
        "the indices of `W` are swapped",
        r"\sum_i (u_i - t_i) W_{ij} + W_{ij} - W_{ij}",
    ),
    "factor that divides": (
        "With numbers $x$ and $c > 0$ let $$ y = \\tanh(x / c) $$\n",
        r"\frac{\partial y}{\partial x} = c (1 - y^2)",
        "`c` should divide",
        r"\frac{1}{c} (1 - y^2)",
    ),
    "function for another": (
        "With a number $x$:\n",
        r"\frac{d}{dx} \log(1 + e^{x}) = \tanh(x)",
        r"the function `\tanh` stands where `\sigma` is meant",
        r"\sigma (x)",
    ),
    "bars": (
        "With a number $x$:\n",
        r"\frac{d}{dx} \frac{x^2}{2} = |x|",
        "the bars around `x` are too much",
        "x",
    ),
    "sum for a term": (
        SOFTMAX,
        r"\frac{\partial p_i}{\partial s_j} = \sum_k p_k - p_i p_j",
        "one term of the sum is meant, where j = i",
        r"\delta_{i j} p_i - p_i p_j",
    ),
    "chain rule too long": (
        "With numbers $x$, $w$ let $$ h = \\tanh(w x) $$ $$ L = h^2 $$\n",
        r"\frac{\partial L}{\partial h} = 2 h (1 - h^2) x",
        "the factor `(1 - h^2) x` is too much",
        "2 h",
    ),
    "factor of a term": (
        "With a number $x$:\n",
        r"\frac{d}{dx} (x \tanh(x)) = \tanh(x) + (1 - \tanh(x)^2)",
        r"the factor `x` is missing beside `(1 - \tanh(x)^2)`",
        r"\tanh(x) + x (1 - \tanh(x)^2)",
    ),
    "matrix behind": (
        LINEAR,
        r"\frac{\partial L}{\partial W} = u - t",
        r"the factor `x^\top` is missing",
        r"(u - t) x^\top",
    ),
    "matrix in front": (
        LINEAR,
        r"\frac{\partial L}{\partial x} = u - t",
        r"the factor `W^\top` is missing",
        r"W^\top (u - t)",
    ),
    "operand of another shape": (
        LINEAR,
        r"\frac{\partial L}{\partial W} = (u - t) t^\top",
        "a wrong operand: `t` should be `x`",
        r"(u - t) x^\top",
    ),
    "order and transpose": (
        "For $X \\in \\mathbb{R}^{N \\times D}$, $W \\in \\mathbb{R}^{D \\times K}$,"
        " $T \\in \\mathbb{R}^{N \\times K}$ let"
        " $$ U = X W $$ $$ L = \\frac{1}{2} \\sum_{nk} (U_{nk} - T_{nk})^2 $$\n",
        r"\frac{\partial L}{\partial W} = (U - T) X",
        r"`(U - T) X` should be `{X}^\top (U - T)`",
        r"{X}^\top (U - T)",
    ),
    "transpose of a bracket": (
        "For $X \\in \\mathbb{R}^{N \\times D}$, $Y \\in \\mathbb{R}^{M \\times K}$,"
        " $Z \\in \\mathbb{R}^{K \\times D}$ let $$ S = X (Y Z)^\\top $$\n",
        "S = X (Y Z)",
        "`(Y Z)` should be transposed",
        r"X {(Y Z)}^\top",
    ),
    "product by elements": (
        "Let $a, b \\in \\mathbb{R}^{N}$, $M \\in \\mathbb{R}^{K \\times N}$,"
        " $y = M (a \\odot b)$.\n",
        "y = M a b",
        r"the product by elements is meant: `(a \odot b)`",
        r"M (a \odot b)",
    ),
    "another variable": (
        "With numbers $x$, $w$ let $$ h = \\tanh(w x) $$\n",
        r"\frac{\partial h}{\partial x} = x (1 - h^2)",
        "this is the derivative by `w`",
        "w (1 - h^2)",
    ),
    "entry of an array": (
        "",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \begin{pmatrix} 1 \\ 1 \end{pmatrix}"
        r" = \begin{pmatrix} 3 \\ 8 \end{pmatrix}",
        "entry 2 is 7, not 8",
        None,
    ),
    "number for a slope": (
        "With a number $h$:\n",
        r"\frac{\partial \log(1 + e^h)}{\partial h} = 1",
        "it is no number: it has several values",
        r"\sigma(h)",
    ),
    "link of a chain": (
        "With numbers $x$, $w$, $v$ let $$ h = \\tanh(w x) $$ $$ y = v h $$ $$ q = y^3 $$\n",
        r"\frac{\partial q}{\partial x} = 3 y^2 w (1 - h^2)",
        "the factor `v` is missing",
        r"3 w v^3 h^2 (1 - h^2)",
    ),
    "first link of a chain rule": (
        LAYER,
        r"\frac{\partial J}{\partial x} = \frac{\partial y}{\partial x}",
        r"the link `\frac{\partial J}{\partial y}` is missing",
        r"\frac{\partial J}{\partial y} \frac{\partial y}{\partial x}",
    ),
    "last link of a chain rule in a sum": (
        LAYER,
        r"\frac{\partial J}{\partial x_j} = \sum_i \frac{\partial J}{\partial y_i}",
        r"the link `\frac{\partial y_i}{\partial x_j}` is missing",
        r"\sum_i \frac{\partial J}{\partial y_i} \frac{\partial y_i}{\partial x_j}",
    ),
    "a sign of differentiation": (
        LAYER + r"$$ dy = dW\, x + W\, dx + db $$",
        r"dy = dW\, x + W x + db",
        "`dx` is meant, not `x`",
        r"dW\, x + W dx + db",
    ),
    "another differential": (
        LAYER,
        r"dy = dW\, x + W\, dx + dx",
        "a wrong operand: `x` should be `b`",
        r"dW\, x + W\, dx + db",
    ),
    "factor with the index of its sum": (
        LAYER,
        r"y_i = (\sum_j W_{ij}) + b_i",
        "the factor `x_j` is missing beside `W_{ij}`",
        r"(\sum_j x_j W_{ij}) + b_i",
    ),
    "an example for a parameter": (
        "The $x_i$ are columns, $y_i$ is a number, and"
        " $$ J(w) = \\frac{1}{n} \\sum_i (w^\\top x_i - y_i)^2. $$\n",
        r"\nabla_w^2 J = \frac{2}{n} \sum_i x_i w^\top",
        "a wrong operand: `w` should be `x_i`",
        r"\frac{2}{n} \sum_i x_i x_i^\top",
    ),
    "a transpose in front of a letter": (
        "Let $x = A^\\top y$ with $A \\in \\mathbb{R}^{n \\times m}$, $y \\in \\mathbb{R}^n$.\n",
        "x = Ay",
        "`A` should be transposed",
        r"A^\top y",
    ),
    "direction of an inequality": (
        "Let $h = \\max(0, a)$ for a vector $a$.\n",
        r"\frac{\partial h_i}{\partial a_i} = \mathbf{1}[a_i < 0]",
        "`<` should be `>`",
        None,
    ),
    "two cases": (
        "",
        r"\frac{d}{dx} \max(0, x) = \begin{cases} 0 & x > 0 \\ 1 & x < 0 \end{cases}",
        "the two cases are swapped",
        r"\begin{cases} 1 & x > 0 \\ 0 & x < 0 \end{cases}",
    ),
    "Kronecker factor": (
        "For $A \\in \\mathbb{R}^{m \\times n}$, $X \\in \\mathbb{R}^{n \\times p}$,"
        " $B \\in \\mathbb{R}^{p \\times q}$, where $\\otimes$ is the Kronecker product:\n",
        r"\text{vec}(A X B) = A \, \text{vec}(X)",
        r"the factor `B^\top` is missing",
        r"(B^\top \otimes A) \, \text{vec}(X)",
    ),
    "factor 2 of one term": (
        "For $X \\in \\mathbb{R}^{n \\times d}$, $w \\in \\mathbb{R}^d$, $y \\in \\mathbb{R}^n$ let"
        " $$ J = \\frac12 \\|X w - y\\|^2 + \\lambda w^\\top w $$\n",
        r"\frac{\partial J}{\partial w} = X^\top (X w - y) + \lambda w",
        r"the factor `2` is missing beside `\lambda w`",
        r"X^\top (X w - y) + 2 \lambda w",
    ),
    "an element for another": (
        "The vectors $u_k$ and $c$ are in $\\mathbb{R}^d$."
        " $$ E = -\\sum_{k=1}^{K} \\log \\sigma(-u_k^\\top c) $$\n",
        r"\frac{\partial E}{\partial u_k} = \sigma(u_k^\top c)\, u_k",
        "a wrong operand: `u_k` should be `c`",
        r"\sigma(u_k^\top c)\, c",
    ),
    "the inverse": (
        "With $0 < p < 1$ and $\\sigma(x) = \\frac{1}{1 + e^{-x}}$:\n",
        r"\sigma^{-1}(p) = \ln \frac{1 - p}{p}",
        "numerator and denominator are swapped",
        r"\ln \frac{p}{1 - p}",
    ),
    "a matrix in a sum": (
        "For $A \\in \\mathbb{R}^{m \\times n}$, $x \\in \\mathbb{R}^n$, $b \\in \\mathbb{R}^m$ let"
        " $h = A x + b$.\n",
        r"h_i = \sum_{j=1}^n x_j + b_i",
        "the factor `A_{i j}` is missing beside `x_j`",
        r"\sum_{j=1}^n A_{i j} x_j + b_i",
    ),
    "a factor inside of a value": (
        NORMALISED,
        r"\frac{\partial q_i}{\partial x_j}"
        r" = \frac{1}{\sqrt{v}} \left( \delta_{ij} - \frac{1}{m} - \frac{1}{m} q_i \right)",
        "the factor `q` is missing in one place",
        None,
    ),
    "a mean inside of a value": (
        NORMALISED,
        r"\frac{\partial q_i}{\partial x_j}"
        r" = \frac{1}{\sqrt{v}} \left( \delta_{ij} - \frac{1}{m} - q_i q_j \right)",
        "the factor `1/m` is missing in one place",
        None,
    ),
}


def judged(setting, formula):
    return chainrule.read(f"{setting}\n$$ {formula} $$\n").check().findings[-1]


@pytest.mark.parametrize("setting, formula, sentence, correction", TABLE.values(), ids=TABLE)
def test_diagnosis(setting, formula, sentence, correction):
    found = judged(setting, formula)
    assert found.verdict in ("wrong", "shape"), found
    assert sentence in (found.diagnosis or "").split("; "), (found.diagnosis, found.correction)
    if correction is not None:
        assert found.correction == correction


@pytest.mark.parametrize("setting, formula, sentence, correction", TABLE.values(), ids=TABLE)
def test_the_corrected_side_holds(setting, formula, sentence, correction):
    left = formula.split("=", 1)[0]
    found = judged(setting, formula)
    if found.correction is not None:
        assert judged(setting, f"{left} = {found.correction}").verdict in TRUE


def test_a_slip_beside_what_is_true_under_a_fact():
    formula = r"p_1 = \frac{e^{s_1}}{e^{s_1} + e^{s_2}} = \sigma(s_2 - s_1)"
    found = judged(SOFTMAX, formula)
    assert (found.verdict, found.diagnosis) == ("wrong", "one minus this is meant")
    corrected = judged(SOFTMAX, formula.replace(r"\sigma(s_2", r"1 - \sigma(s_2"))
    assert (corrected.verdict, corrected.fact) == ("holds-if", "N = 2")


def test_in_a_sentence_what_has_a_formula_is_compared_with_its_own_power():
    text = SOFTMAX + "Let $J = \\mathrm{diag}(p) - p p^\\top$. Then $J^\\top = J$ and $J^2 = J$.\n"
    text += "A projection has $P^2 = P$, and of bias zero $12^2 = 124$ are left.\n"
    found = [(one.latex, one.verdict) for one in chainrule.read(text).check().findings[-4:]]
    assert found == [("J", "holds"), ("J", "wrong"), ("P", "not-checked"), ("12^2 = 124", "wrong")]


def test_a_differential_is_not_corrected_by_itself():
    setting = LAYER + r"$$ dJ = (y - t)^\top dy $$ $$ dy = dW\, x + W\, dx + db $$"
    found = judged(setting, "db = dy")
    assert found.verdict != "proved" and found.correction != "db"
    assert "wrong operand" not in (found.diagnosis or "")


def test_what_the_right_value_is_made_of_is_read_first():
    known = {"h": ("W", "x"), "W": (), "x": (), "b": (), "J": ("h", "b")}
    likely = Relevance.of(("h",), known, "h + h").is_likely
    assert likely("2 h") and likely(r"W^\top x_1") and likely(r"\tanh(h)")
    assert not likely("W") and not likely("h b") and not likely("J + h")
    # A derivative depends on less than what is differentiated.
    assert likely(r"\frac{\partial J}{\partial b}")
    # What is printed may stay, and nothing is known where nothing is needed.
    assert Relevance.of(("h",), known, "h + b").is_likely("h b")
    assert Relevance.of((), known, "b").is_likely("J")


GUARDS = {
    "no constant factor": r"\frac{d}{dx} x^3 = 2 x",
    "no sign": r"\frac{d}{dx} x^2 = - x + 3",
    "nothing known": r"\frac{d}{dx} \tanh(x) = e^{x} + x^5 + 7",
}


@pytest.mark.parametrize("formula", GUARDS.values(), ids=GUARDS)
def test_no_sentence_without_its_proof(formula):
    found = judged("", formula)
    assert found.verdict == "wrong"
    assert found.diagnosis is None or found.correction is not None
    assert found.diagnosis not in ("the sign is wrong", "a factor 2 is missing")


def test_sides_that_differ_beyond_a_threshold_only_differ_by_no_factor():
    threshold = r"\begin{cases} u & u > -20 \\ -20 & u \leq -20 \end{cases}"
    found = judged("", f"u = {threshold}")
    assert found.verdict == "wrong" and found.diagnosis is None


def test_the_example_is_not_at_a_kink():
    cases = r"\begin{cases} 1 & x \geq 0 \\ 0 & x < 0 \end{cases}"
    found = judged("", rf"\frac{{d}}{{dx}} |x| = {cases}")
    assert found.counterexample == "with x = -1: -1 against 0"


def test_a_right_member_after_a_wrong_one_is_not_blamed():
    formula = r"\frac{d}{dx} x^2 = 3 x = 2 x"
    found = judged("", formula)
    assert (found.step, found.head) == ("wrong", "proved")
    assert found.diagnosis == "this is right: the mistake is in the member before"


def test_the_search_ends_by_what_it_read_and_not_by_the_clock(monkeypatch):
    read = []

    def never(member, text):
        read.append(text)
        return False

    monkeypatch.setattr(search, "holds", never)
    formula = r"\frac{d}{dx} \tanh(x) = e^{x} + x^5 \sigma(x) + 7 (x - 2) \log(1 + x^2)"
    found = judged("", formula)
    assert found.verdict == "wrong" and found.correction is None
    spent = sum(len(text) + search.EACH for text in read)
    assert search.WORK / 2 < spent < 2 * search.WORK
    again, read[:] = read[:], []
    judged("", formula)
    assert read == again


def test_a_member_equal_to_a_false_one_is_not_searched(monkeypatch):
    read = []
    monkeypatch.setattr(search, "likeliest", lambda *given: read.append(given) or iter(()))
    found = judged("", r"\frac{d}{dx} \tanh(x) = 1 + x \tanh(x) = x \tanh(x) + 1")
    assert (found.step, found.head, len(read)) == ("proved", "wrong", 3)


def test_a_closed_form_where_no_single_change_helps():
    found = judged(LINEAR, r"\frac{\partial L}{\partial W} = W x x^\top t")
    assert (
        found.correction is None
        or judged(LINEAR, rf"\frac{{\partial L}}{{\partial W}} = {found.correction}").verdict
        in TRUE
    )


def test_the_example_is_small_and_shows_both_values():
    found = judged(SOFTMAX, r"\frac{\partial p_i}{\partial s_j} = p_i (\delta_{ij} + p_j)")
    assert found.counterexample == "with s = [0]: 0 against 2 at i = 1, j = 1"


def test_the_example_has_as_few_elements_as_it_can():
    assert judged("", r"\frac{d}{dx} x^2 = 3 x").counterexample == "with x = 1: 2 against 3"


def test_the_example_respects_what_is_declared():
    setting = "The target $t \\in \\mathbb{R}^{K}$ is one-hot.\n"
    found = judged(setting, r"\sum_k t_k = \sum_k 2 t_k")
    assert found.counterexample == "with t = [1]: 1 against 2"


def test_numbers_in_examples_are_exact_enough():
    from chainrule.checker.counterexample import shown_apart

    assert shown_apart(1.0, 1.0 + 1e-8) == ("1", "1.00000001")
    assert np.isnan(float(shown_apart(np.nan, 1.0)[0]))


def test_sizes_of_no_array_get_lengths():
    setting = "Let $f = \\sum_{i=1}^{m} c^2 x$ for numbers $c$ and $x$.\n"
    found = judged(setting, r"\frac{\partial f}{\partial c} = 2 m c")
    assert found.correction == "2 m c x"


def test_a_counterexample_counts_as_the_document_does():
    text = r"""
Let $x \in \mathbb{R}^n$. %s

$$ y_i = 2 x_i $$

$$ y_i = x_i + x_%d $$
"""
    for words, first in (("", 1), ("Indices start at 0.", 0)):
        found = chainrule.read(text % (words, first)).check().findings[-1]
        assert found.counterexample == f"with x = [0, 1]: 2 against 1 at i = {first + 1}"


class Numbers:
    """The numbers of a false member and of names at two points, as a trial gives them."""

    def __init__(self, wanted, said, **names):
        self._both, self.stacked, self.sizes = (np.array(wanted), np.array(said)), names, {}

    def both(self, said):
        return self._both


def test_what_is_left_out_is_found_by_its_numbers():
    h = np.array([0.5, 0.25])
    assert left_out(Numbers([1.0, 0.5], [2.0, 2.0], h=h), None) == "the factor `h` is missing"
    assert left_out(Numbers([1.5, 1.5], [2.0, 1.75], h=h), None) == "the term `- h` is missing"
    assert left_out(Numbers([1.0, 0.7], [2.0, 2.0], h=h), None) is None


def test_nothing_is_left_out_where_both_sides_agree_at_the_points_tried():
    assert left_out(Numbers([1.0, 2.0], [1.0, 2.0], h=np.array([3.0, 4.0])), None) is None
