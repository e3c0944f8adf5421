"""Every kind of question, asked of a network of rows, a batch of columns and bare expressions."""

import pytest

import chainrule
from chainrule.documents import derive_expression
from chainrule.errors import (
    BadOption,
    ChainruleError,
    NotDifferentiable,
    UnknownSymbol,
    UnreadFormula,
)
from chainrule.notation.answers import Request
from test_steps import assert_all_true

GATE = r"""
All vectors are rows. $x \in \mathbb{R}^{1 \times D}$, the label $t \in \mathbb{R}^{1 \times C}$ is
one-hot. $U, V \in \mathbb{R}^{D \times M}$, $A \in \mathbb{R}^{M \times C}$,
$a \in \mathbb{R}^{1 \times M}$ and $c \in \mathbb{R}^{1 \times C}$.
$$ g = \sigma(x U + a) $$ $$ r = \tanh(x V) $$ $$ m = g \odot r $$ $$ z = m A + c $$
$$ p = \text{softmax}(z) $$
$$ E = -\sum_k t_k \log p_k + \frac{\lambda}{2} \|A\|_F^2 $$
"""
COLUMNS = r"""
The examples are the columns of $X \in \mathbb{R}^{D \times N}$; $F \in \mathbb{R}^{H \times D}$,
$b \in \mathbb{R}^{H}$, $G \in \mathbb{R}^{D \times H}$.
$$ Q = F X + b \mathbf{1}^\top $$ $$ S = \text{softplus}(Q) $$ $$ R = G S - X $$
$$ L = \frac{1}{2N} \sum_{d} \sum_{n} R_{dn}^2 + \gamma \operatorname{tr}(F F^\top) $$
"""
HIGHWAY = r"""
Vectors are columns. $x, q \in \mathbb{R}^{D}$, $U, G \in \mathbb{R}^{D \times D}$.
$$ z = U x $$ $$ e = \tanh(z) $$ $$ g = \sigma(G x) $$ $$ h = g \odot e + (1 - g) \odot z $$
$$ p = \text{softmax}(h) $$ $$ r = q - z $$ $$ L = r^\top G r $$
"""
# (document, of, by, kind, layout, what is printed)
ASKED = [
    # No bracket stands there with both signs, and none with a minus before each term.
    (HIGHWAY, "h", "x", "jvp", "∂h/∂x v = G v ⊙ e ⊙ g ⊙ (1 − g) + U v ⊙ g ⊙ (1 − e ⊙ e)"
     " + U v ⊙ (1 − g) − G v ⊙ z ⊙ g ⊙ (1 − g)"),
    (HIGHWAY, "L", "z", None, "∂L/∂z = −(G + Gᵀ) r"),
    (GATE, "E", "U_{1,2}", None, "∂E/∂U[1,2] = m_2 x_1 (1 − g_2) Σ_i (p_i − t_i) A[2,i]"),
    (GATE, "p_1", "z_2", None, "∂p_1/∂z_2 = −p_2 p_1"),
    (GATE, "p_2", "z_2", None, "∂p_2/∂z_2 = p_2 (1 − p_2)"),
    (GATE, "p_i", "z_2", None, "∂p_i/∂z_2 = p_i (δ[i,2] − p_2)"),
    (GATE, "p_1", "z", None, "∂p_1/∂z_i = p_1 (δ[i,1] − p_i)"),
    (GATE, "p_1", "z", "vjp", "v ∂p_1/∂z_i = p_1 v (δ[i,1] − p_i)"),
    (GATE, "E", "z_i", "hessian", "∂²E/∂z_i² = p_i (1 − p_i)"),
    (GATE, "E", "z_3", "hessian", "∂²E/∂z_3² = p_3 (1 − p_3)"),
    (GATE, r"\log p_1", "z", "hessian", "∂²log(p_1)/∂z² = pᵀ p − diag(p)"),
    (GATE, "softmax(z)_i", "z_j", None, "∂softmax(z)_i/∂z_j = p_i (δ[i,j] − p_j)"),
    (GATE, "z", "A", "denominator", "∂z/∂vec(A) = I ⊗ mᵀ"),
    (GATE, "m", "U", "vjp", "⟨v, ∂m/∂U⟩ = xᵀ (m ⊙ v ⊙ (1 − g))"),
    (GATE, "E", "A", "hvp", "⟨∂²E/∂A², v⟩ = mᵀ (p ⊙ (m v − m v pᵀ)) + λ v"),
    (GATE, "m", "U", "jvp", "⟨∂m/∂U, v⟩ = x v ⊙ m ⊙ (1 − g)"),
    (GATE, r"\|m\|^2", "U", None, "∂‖m‖²/∂U = 2 xᵀ ((m ⊙ m) ⊙ (1 − g))"),
    (GATE, r"\|m\|^2", "U,V", "differential", None),
    (GATE, "p", "m", None, "∂p/∂m = (diag(p) − pᵀ p) Aᵀ"),
    (GATE, "p", "m", "denominator", "∂p/∂m = A (diag(p) − pᵀ p)"),
    (GATE, "E", "a", "hessian", "∂²E/∂a² = diag((t − p) Aᵀ ⊙ (r ⊙ (g − 1) + m) ⊙ g ⊙ (1 − g))"
     " + diag(m ⊙ (1 − g)) A (diag(p) − pᵀ p) Aᵀ diag(m ⊙ (1 − g))"),
    (COLUMNS, "L", "b", None, "∂L/∂b = (1 / N) (Gᵀ R ∘ σ(Q)) 𝟏"),
    (COLUMNS, "Q", "F,b", "differential", "dQ = dF X + db 𝟏ᵀ"),
    ("", "(tanh(a) - y)^2", "y", None, "∂(tanh(a) − y)²/∂y = 2 (y − tanh(a))"),
    (COLUMNS, "Q", "F", None, "∂vec(Q)/∂vec(F) = Xᵀ ⊗ I"),
    (COLUMNS, "Q", "F", "denominator", "∂vec(Q)/∂vec(F) = X ⊗ I"),
    (COLUMNS, "S", "Q", "vjp", "⟨v, ∂S/∂Q⟩ = v ∘ σ(Q)"),
    (COLUMNS, "S", "F", "jvp", "⟨∂S/∂F, v⟩ = v X ∘ σ(Q)"),
    (COLUMNS, "R_{dn}", "S_{kl}", None, "∂R[d,n]/∂S[k,l] = G[d,k] δ[l,n]"),
    (COLUMNS, "L", "S", None, "∂L/∂S = (1 / N) Gᵀ R"),
    ("", "softmax(x)_1", "x_2", None, "∂softmax(x)_1/∂x_2 = −softmax(x)_1 softmax(x)_2"),
    ("", "A^{-1} b", "A", None, "∂(A⁻¹ b)/∂vec(A) = −(bᵀ A⁻ᵀ) ⊗ A⁻¹"),
    ("", "A X B", "X", "denominator", "∂vec(A X B)/∂vec(X) = B ⊗ Aᵀ"),
    ("", "x^T A y", "x,y,A", "differential", "d (xᵀ A y) = yᵀ Aᵀ dx + xᵀ A dy + tr(y xᵀ dA)"),
]


# (expression, by, what is given, what is printed)
GIVEN = [
    (r"-\sum_k y_k \log softmax(z)_k", "z", "y one-hot", "softmax(z) − y"),
    (r"-\sum_k y_k \log softmax(z)_k", "z", "sum(y) = 1", "softmax(z) − y"),
    (r"-\sum_k y_k \log softmax(z)_k", "z", r"\sum_i y_i = 1, \lambda > 0", "softmax(z) − y"),
    (r"-\sum_k y_k \log softmax(z)_k", "z", r"\sum_i y_i = 2", "softmax(z) Σ_j y_j − y"),
    (r"x^\top A x", "x", r"A \in \mathbb{R}^{n \times n} symmetric", "2 A x"),
    ("f(x)", "x", "f(x) = x^2", "2 x"),
    (r"\|x - c\|", "x", "", "(x − c) / ‖x − c‖"),
    (r"\lambda \|\theta\|^2", r"\theta", "", "2 λ θ"),
    (r"\|W\|_F^2", "W", "", "2 W"),
    (r"x y^\top", "x", "", "y ⊗ I"),
    ("x", "x", r"x \in \mathbb{R}^n", "I"),
    (r"\Phi(x)", "x", "", "exp(−(1/2) x²) / √(2 π)"),
    (r"\Phi(x)", "x", r"\Phi(x) = x^3", "3 x²"),
    (r"\sum_i (x-a)_i^2", "x", r"x, a \in \mathbb{R}^n", "2 (x − a)"),
    ("sum(v*log_softmax(x))", "x", "", "v − softmax(x) Σ_j v_j"),
    (r"\text{tr}(X)^2", "X", "", "2 tr(X) I"),
    (r"\text{tr}((X-A)^T B (X-A))", "X", "", "(B + Bᵀ) (X − A)"),
    ("log_cosh(x)", "x", "", "tanh(x)"),
    ("log_softmax(x)_j", "x_i", r"x \in \mathbb{R}^{1 \times K}", "δ[i,j] − softmax(x)_i"),
]


@pytest.mark.parametrize(("of", "by", "given", "printed"), GIVEN)
def test_what_is_given_beside_an_expression_is_used(of, by, given, printed):
    found = derive_expression(of, by, given)
    assert found.text(found.by[0]).split(" = ", 1)[1] == printed
    assert_all_true(found.markdown(every=True), least=1)


MEANS = r"""Vectors are columns. $x \in \mathbb{R}^N$, $c \in \mathbb{R}$.
$$ m = \frac1N \sum_i x_i $$ $$ v = \frac1N \sum_i (x_i - m)^2 $$ $$ L = \frac12 v^2 + c m $$"""


def test_a_second_derivative_is_taken_beside_the_point():
    """Σ(x − m) is 0 where m is the mean, and nowhere else."""
    document = chainrule.read(MEANS)
    assert document.derive("L", "m").text("m") == "∂L/∂m = c"
    found = document.derive("v", "m", Request("hessian"))
    assert found.text("m") == "∂²v/∂m² = 2"
    assert_all_true(found.markdown(every=True), least=1)
    assert_all_true(document.derive("L", "m", Request("hessian")).markdown(every=True), least=1)
    with pytest.raises(BadOption, match="one of them at a time"):
        document.derive("L", "m,v", Request("hessian"))


@pytest.mark.parametrize("of", ["a x", "w^T x"])
def test_the_second_derivative_of_what_is_linear_is_0(of):
    found = derive_expression(of, "x", "", Request("hessian"))
    assert found.text("x").endswith(" = 0")
    assert_all_true(found.markdown(every=True), least=1)


def test_names_that_the_document_has_are_no_vectors():
    with pytest.raises(BadOption, match="is a size"):
        chainrule.read(MEANS).derive("v", "x", Request("jvp", "N"))


def test_what_does_not_depend_on_a_variable_says_so():
    text = r"$x, y \in \mathbb{R}^N$ $$ a = \tanh(x) $$ $$ b = a + y $$"
    with pytest.raises(UnknownSymbol, match="a does not depend on y; it depends on x"):
        chainrule.read(text).derive("a", "y")


PROGRAMS = [
    ("log(sum(exp(x)))", "softmax(x)"),
    ("mean((y - x)**2)", "2 (x − y) / N"),
    ("sum(w*x)", "w"),
    ("logsumexp(x / T)", "softmax(x / T) / T"),
]


@pytest.mark.parametrize(("of", "printed"), PROGRAMS)
def test_what_is_typed_as_in_a_program_is_a_sum_over_all_elements(of, printed):
    found = derive_expression(of, "x")
    assert found.text("x").split(" = ", 1)[1] == printed
    assert_all_true(found.markdown(every=True), least=1)


@pytest.mark.parametrize("of", ["sum(x_i)", "sum(sigmoid(W x))"])
def test_half_a_program_is_no_formula(of):
    with pytest.raises(UnreadFormula):
        derive_expression(of, "x")


PRESUMED = [
    ("f(z)^2", "z", "2 f'(z) f(z)"),
    ("f(x)", "x", "f'(x)"),
    (r"z \phi(z)", "z", "z φ'(z) + φ(z)"),
    ("logsumexp(x(u))", "u", "(∂x/∂u)ᵀ softmax(x)"),
    ("x(u)^T A x(u)", "u", "(∂x/∂u)ᵀ (A + Aᵀ) x"),
    ("log(softmax(x(u)))_j", "u_k", "∂x_j/∂u_k − Σ_i softmax(x)_i ∂x_i/∂u_k"),
    ("max(x)", "x", "𝟙[x = max(x)]"),
    ("norm(x)", "x", "(0 if norm(x) = 0 else x_i / norm(x))"),
    ("x(u)_i^2", "u", "2 x_i ∇ᵤ x_i"),
]


@pytest.mark.parametrize(("of", "by", "printed"), PRESUMED)
def test_what_an_expression_does_not_say_is_presumed(of, by, printed):
    found = derive_expression(of, by)
    assert found.text(found.by[0]).split(" = ", 1)[1] == printed
    assert_all_true(found.markdown(every=True), least=1)


@pytest.mark.parametrize("kind", ["hessian", "hvp"])
def test_second_derivatives_through_an_unknown_vector_are_refused(kind):
    with pytest.raises(NotDifferentiable, match="only the first derivative"):
        derive_expression(r"\|x(u)\|^2", "u", "", Request(kind))


@pytest.mark.parametrize(("of", "by", "said"), [
    ("f(x) + f", "x", "f is no function that is known"), ("x", "y", "there is no such symbol"),
])  # fmt: skip
def test_an_expression_that_cannot_be_derived_is_told_why(of, by, said):
    with pytest.raises(UnknownSymbol, match=said):
        derive_expression(of, by)


def test_a_product_is_taken_with_a_vector_that_fits():
    with pytest.raises(BadOption, match="another shape"):
        chainrule.read(GATE).derive("p", "z", Request("vjp", "m"))


@pytest.mark.parametrize("by", ["Q,F", "F,S", "Q,S,F,b"])
def test_differentials_by_values_and_what_they_are_made_of(by):
    found = chainrule.read(COLUMNS).derive("L", by)
    assert_all_true(found.markdown("differentials", every=True), least=1)


def asked(document, of, by, kind):
    request = Request(layout=kind) if kind == "denominator" else Request(kind)
    if document:
        return chainrule.read(document).derive(of, by, request)
    return derive_expression(of, by, "", request)


@pytest.mark.parametrize("question", ASKED, ids=lambda one: "-".join(map(str, one[1:4])))
def test_what_is_asked_is_answered_and_its_derivation_is_true(question):
    *what, printed = question
    found = asked(*what)
    if printed is not None:
        assert found.text(found.by[0]) == printed
    for manner in (None, "elements", "differentials"):
        assert_all_true(found.markdown(manner, every=True), least=1)


def test_a_layout_is_told():
    assert asked(COLUMNS, "Q", "F", None).layout == (
        "numerator layout: a row for each element of vec(Q)"
    )


@pytest.mark.parametrize(("of", "by", "kind"), [
    ("E", "U_{3}", None), ("p_i", "z", "hessian"), ("E", "z_1", "differential"),
    ("p", "z_1", "jvp"), ("E", "nothing", None), ("E + g", "q", None),
])  # fmt: skip
def test_what_cannot_be_answered_is_a_mistake_with_a_name(of, by, kind):
    with pytest.raises(ChainruleError):
        asked(GATE, of, by, kind)


def test_an_element_has_as_many_places_as_its_array():
    with pytest.raises(BadOption, match="U has no element with the places 3"):
        asked(GATE, "E", "U_{3}", None)


def test_a_formula_that_is_not_understood_is_not_taken_for_the_loss():
    text = r"""
Let $A \in \mathbb{R}^{m \times n}$ and $X \in \mathbb{R}^{n \times p}$.

$$ t = \operatorname{tr}(A X) $$

$$ J = \sum_i \sum_j X_{ij}^2 $$
"""
    document = chainrule.read(text)
    with pytest.raises(UnreadFormula) as raised:
        document.derive("t", "X")
    assert raised.value.places[0].line == 4
    assert document.derive("J", "X").text("X") == "∂J/∂X = 2 X"


def test_a_name_whose_formula_is_not_understood_is_no_constant():
    text = r"""
Let $x \in \mathbb{R}^D$ and

$$ m = \operatorname{median}(x) $$

$$ J = \sum_d (x_d - m)^2 $$
"""
    document = chainrule.read(text)
    with pytest.raises(UnreadFormula, match="J depends on m") as raised:
        document.derive("J", "x")
    assert raised.value.places[0].line == 4


def test_the_mean_of_each_row_is_a_vector_whatever_its_letter():
    text = r"""
Let $X \in \mathbb{R}^{N \times D}$.

$$ LETTER_n = \frac1D \sum_d X_{nd} $$

$$ J = \sum_n \sum_d (X_{nd} - LETTER_n)^3 $$
"""
    one, other = (
        chainrule.read(text.replace("LETTER", name)).derive("J", "X").text("X")
        for name in ("m", r"\mu")
    )
    assert one.replace("m", "μ") == other


def test_targets_that_are_one_hot_by_columns_are_told_so():
    text = r"""
Each column of $X \in \mathbb{R}^{D \times M}$ is one example; $W \in \mathbb{R}^{K \times D}$.
Each column of $Y \in \mathbb{R}^{K \times M}$ is one-hot. The softmax is taken of each column.

$$ P = \text{softmax}(W X) $$

$$ J = -\frac{1}{M} \sum_{k,m} Y_{km} \log P_{km} $$
"""
    found = chainrule.read(text).derive("J", "W")
    assert "Each column of $Y$ is one-hot." in found.markdown(every=True)
    assert_all_true(found.markdown(every=True), least=4)
