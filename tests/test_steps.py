"""Steps: every claim of a derivation, printed as a document, is judged true by `check`."""

from pathlib import Path

import pytest

import chainrule
from chainrule.documents import derive_expression
from chainrule.explain import explain
from chainrule.mathematics.calculus import CALCULUS

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


def assert_all_true(text):
    """Nothing is false, nothing is unread, and there is something to judge."""
    report = chainrule.read(text).check()
    doubtful = [
        (finding.verdict, finding.latex)
        for finding in report.findings
        if finding.verdict not in ("proved", "holds", "not-checked")
    ]
    assert not doubtful, text
    assert report.counts.get("holds", 0) + report.counts["proved"] > 2


@pytest.mark.parametrize(("expression", "by", "given"), EXPRESSIONS)
def test_every_step_of_an_expression_is_true(expression, by, given):
    found = derive_expression(expression, by, given)
    assert found.steps()
    assert_all_true(found.markdown(every=True))


@pytest.mark.parametrize("manner", ["chain", "elements"])
@pytest.mark.parametrize("name", ["softmax_regression", "sigmoid_network", "softplus_network"])
def test_every_step_of_an_example_is_true(name, manner):
    document = chainrule.read(EXAMPLES / f"{name}.md")
    inputs = document.reading.scope.program().inputs
    weights = [a.name for a in inputs if a.sizes and a.name not in ("x", "y", "t")]
    found = document.derive(document.reading.scope.loss, weights[:2])
    assert_all_true(found.markdown(manner, every=True))


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
