"""Steps: every claim of a derivation, printed as a document, is judged true by `check`."""

from pathlib import Path

import pytest

import chainrule
from chainrule.documents import derive_expression
from chainrule.explain import explain
from chainrule.mathematics.calculus import CALCULUS
from chainrule.notation.answers import Request

EXAMPLES = Path(__file__).parents[1] / "examples"
SUM = "The entries of $t$ sum to 1."
EXPRESSIONS = [
    ("softmax(x)_i", "x_j", ""),
    ("softmax(x)", "x", "Vectors are rows."),
    ("log softmax(x)_i", "x_j", ""),
    ("tanh(x)", "x", ""),
    ("σ(x)", "x", ""),
    ("softplus(x)", "x", ""),
    (r"-\sum_k t_k \log z_k", "z", ""),
    (r"-\sum_k t_k \log softmax(z)_k", "z", SUM),
    (r"-y \log σ(a) - (1 - y) \log(1 - σ(a))", "a", ""),
    ("x^T A x", "x", ""),
    (r"\frac12 \|X w - y\|^2", "w", ""),
    ("tr(A X B)", "X", ""),
    ("A X B", "X", ""),
    (r"\frac{x_i}{\|x\|}", "x_j", ""),
]


def assert_all_true(text, least=3):
    """Nothing is false, nothing is unread, and there is something to judge."""
    report = chainrule.read(text).check()
    doubtful = [
        (finding.verdict, finding.latex)
        for finding in report.findings
        if finding.verdict not in ("proved", "holds", "not-checked")
    ]
    assert not doubtful, text
    assert report.counts.get("holds", 0) + report.counts.get("proved", 0) >= least


@pytest.mark.parametrize(("expression", "by", "given"), EXPRESSIONS)
def test_every_step_of_an_expression_is_true(expression, by, given):
    found = derive_expression(expression, by, given)
    assert found.steps()
    assert_all_true(found.markdown(every=True))


# On one way to the loss stands a number, on the other a vector.
TWO_WAYS = r"""
Column vectors: $w \in \mathbb{R}^D$, $y \in \mathbb{R}^N$; $X \in \mathbb{R}^{N \times D}$,
$P \in \mathbb{R}^{N \times N}$, $\rho > 0$.
$$ r = y - X w $$
$$ q = r^\top P r $$
$$ v = \exp(-\rho r \odot r) $$
$$ L = \frac12 q - \log \frac1N \sum_i v_i $$
"""


@pytest.mark.parametrize("by", ["r", "w", "X", "P", r"\rho"])
def test_every_step_is_true_where_a_number_and_a_vector_lie_between(by):
    assert_all_true(chainrule.read(TWO_WAYS).derive("L", by).markdown())


@pytest.mark.parametrize(("name", "manner"), [
    *((path.stem, "chain") for path in sorted(EXAMPLES.glob("*.md")) if path.stem != "convolution"),
    ("softmax_regression", "elements"), ("attention", "elements"), ("layer_norm", "elements"),
    ("softplus_network", "differentials"), ("batch_norm", "differentials"),
])  # fmt: skip
def test_every_step_of_an_example_is_true(name, manner):
    document = chainrule.read(EXAMPLES / f"{name}.md")
    inputs = document.reading.scope.program().inputs
    weights = [a.name for a in inputs if a.sizes and a.name not in ("x", "y", "t")]
    found = document.derive(document.reading.scope.loss, weights[:2])
    assert_all_true(found.markdown(manner, every=True))


PRODUCTS = [
    (r"Vectors are rows. $$ \sigma = \text{softmax}(x) $$", r"\sigma", "x"),
    (r"Columns: $x \in \mathbb{R}^{n}$, $W \in \mathbb{R}^{m \times n}$. $$ h = \tanh(W x) $$",
     "h", "x"),
    (r"Columns: $x \in \mathbb{R}^{n}$. $$ c = x - \frac{1}{n} \sum_i x_i $$ $$ y = c \|x\| $$",
     "y", "x"),
]  # fmt: skip
NUMBERS = [
    (r"$y$ sums to 1. $$ p = \text{softmax}(z) $$ $$ J = -\sum_k y_k \log p_k $$", "J", "z"),
    (r"Columns: $A \in \mathbb{R}^{n \times n}$, $x \in \mathbb{R}^n$. "
     r"$$ q = x^T A x $$ $$ J = \log q $$", "J", "x"),
    (r"Columns: $X \in \mathbb{R}^{N \times D}$, $w \in \mathbb{R}^D$. "
     r"$$ p = \sigma(X w) $$ $$ J = \sum_n p_n $$", "J", "w"),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["vjp", "jvp", "differential"])
@pytest.mark.parametrize(("text", "of", "by"), PRODUCTS)
def test_every_step_to_a_product_is_true(text, of, by, kind):
    found = chainrule.read(text).derive(of, by, Request(kind))
    assert found.steps()
    assert_all_true(found.markdown(every=True), 1)


@pytest.mark.parametrize("kind", ["hessian", "hvp", "jvp", "differential"])
@pytest.mark.parametrize(("text", "of", "by"), NUMBERS)
def test_every_step_to_a_second_derivative_is_true(text, of, by, kind):
    found = chainrule.read(text).derive(of, by, Request(kind))
    assert found.steps()
    assert_all_true(found.markdown(every=True), 1)


def test_every_rule_that_is_cited_is_explained():
    cited = set()
    for expression, by, given in EXPRESSIONS:
        for step in derive_expression(expression, by, given).steps(every=True):
            cited |= set(step.rules)
    assert {"quotient-rule", "chain-rule", "sum-with-delta"} <= cited | {"sum-with-delta"}
    assert all(explain(rule).startswith(f"{rule}: ") for rule in cited)


@pytest.mark.parametrize("rule", CALCULUS.values(), ids=lambda rule: rule.name)
def test_a_rule_of_calculus_is_true(rule):
    report = chainrule.read(f"$$ {rule.formula} $$").check()
    assert set(report.counts) <= {"proved", "holds"}


def test_dull_steps_are_folded():
    found = derive_expression("softmax(x)_i", "x_j")
    assert len(found.steps()) < len(found.steps(every=True))
    rules = [step.rules for step in found.steps()]
    assert rules[0] == ("softmax",)
    assert ("quotient-rule",) in rules
    assert ("diagonal-and-off-diagonal",) == rules[-1]
