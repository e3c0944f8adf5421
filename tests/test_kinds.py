"""Every kind of derivative that can be asked for, of documents and of single expressions."""

import numpy as np
import pytest

import chainrule
from chainrule.documents import derive_expression
from chainrule.errors import ChainruleError
from chainrule.language.evaluate import evaluate, slope
from chainrule.language.expr import Array
from chainrule.language.inline import elements
from chainrule.language.program import Definition, Program
from chainrule.notation.answers import Request

ROWS = "Vectors are rows."
SUM = "The entries of $t$ sum to 1."

# expression, given, by, kind, what is printed
PRINTED = [
    ("softmax(x)_i", "", "x_j", None, "∂softmax(x)_i/∂x_j = softmax(x)_i (δ[i,j] − softmax(x)_j)"),
    ("softmax(x)", "", "x", None, "∂softmax(x)/∂x = diag(softmax(x)) − softmax(x) softmax(x)ᵀ"),
    ("softmax(x)", ROWS, "x", None, "∂softmax(x)/∂x = diag(softmax(x)) − softmax(x)ᵀ softmax(x)"),
    ("softmax(x)", ROWS, "x", "vjp", "v ∂softmax(x)/∂x = softmax(x) ∘ (v − v softmax(x)ᵀ)"),
    ("softmax(x)", "", "x", "jvp", "∂softmax(x)/∂x v = softmax(x) ∘ (v − vᵀ softmax(x))"),
    ("x^T A x", "", "x", None, "∂(xᵀ A x)/∂x = (A + Aᵀ) x"),
    ("x^T A x", "", "x", "hessian", "∂²(xᵀ A x)/∂x² = A + Aᵀ"),
    ("x^T A x", "", "x", "hvp", "∂²(xᵀ A x)/∂x² v = (A + Aᵀ) v"),
    ("x^T A x", "", "x", "differential", "d (xᵀ A x) = xᵀ (A + Aᵀ) dx"),
    ("A X B", "", "X", None, "∂vec(A X B)/∂vec(X) = Bᵀ ⊗ A"),
    (r"-\sum_k t_k \log softmax(z)_k", SUM, "z", "hessian",
     "∂²(−tᵀ log_softmax(z))/∂z² = diag(softmax(z)) − softmax(z) softmax(z)ᵀ"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "given", "by", "kind", "printed"), PRINTED)
def test_printed(expression, given, by, kind, printed):
    found = derive_expression(expression, by, given, Request(kind))
    assert found.text(found.by[0]) == printed


@pytest.mark.parametrize(
    "expression", ["softmax(A x)", "σ(A x)", "log softmax(x)", r"\frac{A x}{x^T x}"]
)
def test_products_with_the_jacobian_are_slopes(expression):
    """vᵀ (J u) by dual numbers, by the Jacobian, and by its products from either side."""
    given = "Column vectors."
    whole = derive_expression(expression, "x", given)
    definition = whole.question.definition
    random = np.random.default_rng(7)
    values = {
        array.name: random.uniform(0.2, 1.0, [{"?1": 3}.get(size, 3) for size in array.sizes])
        for array in sorted(elements(definition.body), key=lambda one: one.name)
    }
    u, v = random.normal(size=3), random.normal(size=3)
    change = slope(definition.body, values, {"x": u}, order=definition.indices)

    def number(kind, vector):
        found = derive_expression(expression, "x", given, Request(kind)).answers["x"]
        return evaluate(found.body, values | {"v": vector}, order=found.indices)

    np.testing.assert_allclose(number("jacobian", u) @ u, change, rtol=1e-9)
    np.testing.assert_allclose(number("jvp", u), change, rtol=1e-9)
    np.testing.assert_allclose(number("vjp", v) @ u, v @ change, rtol=1e-9)


def test_a_hessian_is_the_slope_of_the_gradient():
    """Of a network with a hidden layer, by dual numbers of the gradient."""
    document = chainrule.read(
        r"The row $t$ is one-hot. $$h = \tanh(x W)$$ $$p = \text{softmax}(h V)$$"
        r"$$J = -\sum_k t_k \log p_k$$"
    )
    gradients = document.derive("J", "x").gradients
    hessian = document.derive("J", "x", Request("hessian")).answers["x"]
    gradient = gradients.program.inlined(gradients.names["x"])
    forward = gradients.program
    whole = Program((*forward.definitions, Definition(Array("H"), hessian.indices, hessian.body)))
    body = whole.inlined("H")
    sizes = {size: 3 for array in elements(body) for size in array.sizes}
    random = np.random.default_rng(3)
    values = {
        array.name: random.uniform(-1, 1, [sizes[size] for size in array.sizes])
        for array in sorted(elements(body) | elements(gradient), key=lambda one: one.name)
    }
    values["t"] = np.array([0.0, 1.0, 0.0])
    u = random.normal(size=3)
    order = gradients.closed("x").indices
    change = slope(gradient, values, {"x": u}, order=order)
    found = evaluate(body, values, order=hessian.indices)
    np.testing.assert_allclose(found @ u, change, rtol=1e-9)


def test_the_layout_is_printed():
    found = derive_expression("A x", "x", "", Request("jacobian", layout="denominator"))
    assert found.text("x") == "∂(A x)/∂x = Aᵀ"
    assert found.layout == "denominator layout: a column for each element of the value"


@pytest.mark.parametrize(
    ("expression", "by", "kind"),
    [("x^2", "y", None), ("A x", "x", "hessian"), ("x (", "x", None), ("x = y", "x", None)],
)
def test_mistakes_are_told(expression, by, kind):
    with pytest.raises(ChainruleError):
        derive_expression(expression, by, "", Request(kind))
