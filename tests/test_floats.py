"""`check --floats`: what breaks in floating point is told, stable forms are left alone."""

import numpy as np
import pytest

import chainrule
from chainrule.checker.findings import TRUE
from chainrule.errors import BadOption
from chainrule.language.arithmetic import BFLOAT16, FLOAT32

SCOPE = "For $s \\in \\mathbb{R}^{N}$ let $$ p_i = \\text{softmax}(s)_i $$\n\n"
BREAKING = {
    "softmax": (r"\text{softmax}(s)_i = \frac{e^{s_i}}{\sum_j e^{s_j}}", "float32", "nan"),
    "in float64": (r"\text{softmax}(s)_i = \frac{e^{s_i}}{\sum_j e^{s_j}}", "float64", "nan"),
    "log of softmax": (r"\log p_i = \log(\text{softmax}(s)_i)", "float32", "-inf"),
    "softplus": (r"\text{softplus}(x) = \log(1 + e^x)", "float32", "inf"),
    "log-sum-exp": (r"\log p_i = s_i - \log \sum_j e^{s_j}", "bfloat16", "-inf"),
    "p - 1": (r"\frac{\partial (-\log p_i)}{\partial s_i} = p_i - 1", "bfloat16", "0"),
    "division by 0": (r"\frac{\partial}{\partial z} (-t \log z) = -\frac{t}{z}", "float64", "nan"),
}  # fmt: skip
SHIFTED = r"\frac{e^{s_i - \max_k s_k}}{\sum_j e^{s_j - \max_k s_k}}"
LOG_SUM = r"\log \sum_j e^{s_j - \max_k s_k}"
STABLE = {
    "shifted softmax": rf"\text{{softmax}}(s)_i = {SHIFTED}",
    "named softmax": r"p_i = \text{softmax}(s)_i",
    "log-sum-exp with the maximum": rf"\log p_i = s_i - \max_k s_k - {LOG_SUM}",
    "softplus": r"\text{softplus}(x) = \text{ReLU}(x) + \log(1 + e^{-|x|})",
    "a square": r"\frac{d}{dx} x^2 = 2 x",
    "a reciprocal": r"\frac{d}{dx} \log x = \frac{1}{x}",
}  # fmt: skip


def last(formula, dtype):
    return chainrule.read(f"{SCOPE}$$ {formula} $$").check(dtype).findings[-1]


@pytest.mark.parametrize("formula, dtype, computed", BREAKING.values(), ids=BREAKING)
def test_what_breaks_is_unstable(formula, dtype, computed):
    found = last(formula, dtype)
    assert found.verdict == "unstable" and found.step in TRUE
    assert dtype in found.diagnosis
    assert f"in {dtype}: {computed}," in found.counterexample


@pytest.mark.parametrize("formula", STABLE.values(), ids=STABLE)
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_stable_forms_are_not(formula, dtype):
    assert last(formula, dtype).verdict in TRUE


def test_nothing_is_unstable_unless_asked():
    report = chainrule.read(f"{SCOPE}$$ {BREAKING['softmax'][0]} $$").check()
    assert {finding.verdict for finding in report.findings} <= TRUE


def test_the_stable_form_is_told_and_is_itself_stable():
    found = last(BREAKING["softmax"][0], "float32")
    assert r"\max" in found.correction
    again = last(rf"\text{{softmax}}(s)_i = {found.correction}", "float32")
    assert again.verdict in TRUE


def test_a_definition_that_breaks_is_told():
    report = chainrule.read(r"$$ f(x) = \log(1 + e^x) $$").check("float32")
    assert [finding.verdict for finding in report.findings] == ["unstable"]


def test_an_unknown_dtype_is_an_error():
    with pytest.raises(BadOption, match="half"):
        chainrule.read("$$ 1 = 1 $$").check("half")


def test_rounding_to_bfloat16_is_to_the_nearest_even():
    given = np.array([1.0, 1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-7, -(1 + 2**-9), 3.0e38, np.inf])
    wanted = [1.0, 1.0, 1 + 2**-6, 1 + 2**-7, -1.0, 3.0e38, np.inf]
    found = BFLOAT16.array(given)
    assert np.allclose(found[:5], wanted[:5], rtol=0) and np.isinf(found[6])
    assert abs(found[5] / 3.0e38 - 1) < 2**-8
    assert np.isnan(BFLOAT16.array(np.nan))


def test_operations_are_rounded_one_by_one():
    assert FLOAT32.add(FLOAT32.array(1.0), FLOAT32.array(2.0**-25)) == 1.0
    assert BFLOAT16.multiply(BFLOAT16.array(1.0078125), BFLOAT16.array(1.0078125)) == 1.015625
