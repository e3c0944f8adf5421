"""Determinant and inverse: in every kind of numbers, differentiated, compiled, without capture."""

import numpy as np
import pytest

from chainrule.documents import derive_expression
from chainrule.errors import BadOption, SizeMismatch
from chainrule.language.algebra import apply, element, substitute, total
from chainrule.language.arithmetic import BALLS, FLOAT32
from chainrule.language.evaluate import evaluate, slope
from chainrule.language.expr import Array
from chainrule.language.index import Index, place_of
from chainrule.language.program import Definition, Program
from chainrule.mathematics.functions import log
from chainrule.mathematics.matrix_functions import determinant_of, inverse_of
from chainrule.program.build import build
from chainrule.single import evaluate_expression
from chainrule.transform.differentiate import differentiate
from chainrule.transform.reverse import reverse
from chainrule.transform.simplify import simplify

N = "N"
I, J, K, P, Q = (Index(name, N) for name in "ijkpq")
# A name that the language makes for itself.
BOUND = Index("·0", N)
C, X = Array("C", ("B", N, N)), Array("X", (N, N))
BATCH = Index("b", "B")
GRAM = element(X, I, J) + total(K, element(X, K, I) * element(X, K, J))
FORMS = {
    "inverse": (inverse_of(I, J, element(X, I, J), (P, Q)), (P, Q)),
    "inverse of a sum": (inverse_of(I, J, GRAM, (P, Q)), (P, Q)),
    "inverse of a transpose": (inverse_of(J, I, element(X, I, J), (P, Q)), (P, Q)),
    "diagonal of an inverse": (inverse_of(I, J, GRAM, (P, P)), (P,)),
    "determinant": (determinant_of(I, J, element(X, I, J)), ()),
    "logarithm": (apply(log, determinant_of(I, J, GRAM) ** 2), ()),
    "inverses of a batch": (inverse_of(I, J, element(C, BATCH, I, J), (P, Q)), (BATCH, P, Q)),
    "trace": (total(P, inverse_of(I, J, GRAM, (P, P))), ()),
}
forms = pytest.mark.parametrize("name", FORMS)


def drawn(seed):
    random = np.random.default_rng(seed)
    return {"C": random.normal(size=(2, 3, 3)), "X": random.normal(size=(3, 3))}


@forms
def test_the_slope_is_that_of_dual_numbers(name):
    expr, order = FORMS[name]
    values, changes = drawn(0), drawn(1)
    (array,) = expr.arrays
    by = tuple(Index(f"by {k}", size) for k, size in enumerate(array.sizes))
    found = simplify(differentiate(expr, element(array, *by)))
    numbers = evaluate(found, values, {N: 3, "B": 2}, (*order, *by))
    rise = np.tensordot(numbers, changes[array.name], len(by))
    assert np.allclose(rise, slope(expr, values, changes, order=order))


@forms
def test_the_value_is_the_same_in_balls_and_in_float32(name):
    expr, order = FORMS[name]
    values = drawn(2)
    exact = np.vectorize(float)(evaluate(expr, values, order=order, arithmetic=BALLS))
    assert np.allclose(evaluate(expr, values, order=order), exact, rtol=1e-10)
    assert np.allclose(evaluate(expr, values, order=order, arithmetic=FLOAT32), exact, rtol=1e-3)


@forms
def test_the_code_computes_value_and_gradient(name):
    expr, order = FORMS[name]
    for index in order:
        expr = total(index, expr)
    program = Program((Definition(Array("J"), (), expr),))
    names = [array.name for array in program.inputs]
    found = reverse(program, "J", names)
    outputs = ["J", *found.names.values()]
    values = drawn(3)
    code = build(found.program, outputs, dtype="float64")({n: values[n] for n in names})
    run = found.program.run(values, {})
    assert all(np.allclose(code[output], run[output]) for output in outputs)


def test_no_index_is_captured():
    whole = inverse_of(I, J, element(C, BATCH, I, J), (P, Q))
    values = drawn(4)
    values["C"] = np.random.default_rng(0).normal(size=(3, 3, 3))
    inverses = np.linalg.inv(values["C"])
    for name in (BOUND, Index("·1", N), I, J):
        moved = substitute(whole, {BATCH: place_of(name), P: place_of(name), Q: place_of(BOUND)})
        diagonal = name == BOUND
        wanted = np.einsum("aaa->a" if diagonal else "aab->ab", inverses)
        order = (BOUND,) if diagonal else (name, BOUND)
        assert np.allclose(evaluate(moved, values, order=order), wanted)
    assert inverse_of(I, J, GRAM, (P, Q)) is inverse_of(
        BOUND, K, substitute(GRAM, {I: place_of(BOUND), J: place_of(K)}), (P, Q)
    )


def test_a_matrix_without_inverse_is_told():
    singular = {"X": np.zeros((3, 3))}
    assert np.isnan(evaluate(FORMS["inverse"][0], singular, {N: 3})).all()
    rows, columns = Index("i", 2), Index("j", 3)
    wide = determinant_of(rows, columns, element(Array("A", (2, 3)), rows, columns))
    with pytest.raises(SizeMismatch, match="2 rows and 3 columns"):
        evaluate(wide, {"A": np.ones((2, 3))})
    with pytest.raises(BadOption, match="no inverse"):
        evaluate_expression(r"\log \det X", {"X": [[1.0, 1.0], [1.0, 1.0]]}, "X")


@pytest.mark.parametrize(
    ("of", "by", "given", "printed"),
    [
        (r"\log |X|", "X", r"$X \in \mathbb{R}^{n \times n}$", "∂log(det(X))/∂X = X⁻ᵀ"),
        ("log det(X^T X)", "X", "", "∂log(det(Xᵀ X))/∂X = 2 X (Xᵀ X)⁻¹"),
        ("(X^T X)^{-1} X^T y", "y", "", "∂((Xᵀ X)⁻¹ Xᵀ y)/∂y = (Xᵀ X)⁻¹ Xᵀ"),
        (r"\log \det(X X^T + \lambda I)", "X", "",
         "∂log(det(λ I + X Xᵀ))/∂X = 2 (λ I + X Xᵀ)⁻¹ X"),
    ],
)  # fmt: skip
def test_the_derivative_is_short(of, by, given, printed):
    found = derive_expression(of, by, given)
    assert found.text(by) == printed
