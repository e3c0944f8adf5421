"""What results show of themselves in a notebook, and that their LaTeX is sound."""

import re

import pytest

import chainrule
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.notation.records import definition, derivative

SLIP = "docs/slip.md"


def balanced(latex):
    """Braces, environments and \\left … \\right in pairs: what compiles has at least that."""
    opened = [(m[1], m[2]) for m in re.finditer(r"\\(begin|end)\{(\w+)\}", latex)]
    stack = []
    for kind, name in opened:
        if kind == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            return False
    bare = re.sub(r"\\[{}]", "", latex)
    depths = [bare[:k].count("{") - bare[:k].count("}") for k in range(len(bare) + 1)]
    pairs = len(re.findall(r"\\left\b", latex)) == len(re.findall(r"\\right\b", latex))
    return not stack and min(depths) >= 0 and depths[-1] == 0 and pairs


def test_a_report_is_a_table_of_its_claims():
    shown = chainrule.read(SLIP).check()._repr_html_()
    assert shown.startswith("<table>") and shown.count("<tr") == 4
    assert "✗ wrong" in shown and "the sign is wrong" in shown and "$(p - y) W^\\top$" in shown


@pytest.mark.parametrize("name", ["sigmoid_network", "softmax_regression", "tanh_network"])
def test_derivations_show_sound_latex(name):
    document = chainrule.read(f"examples/{name}.md")
    found = document.derive("J", "x")._repr_latex_()
    assert found.startswith("$$") and balanced(found)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda function: function.name)
def test_the_formulas_of_functions_are_sound_latex(function):
    for formula in (definition(function), derivative(function)):
        assert balanced(formula.latex)
        assert formula._repr_latex_().startswith("$\\displaystyle ")
