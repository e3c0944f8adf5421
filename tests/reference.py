"""The reference pages of functions and rules, written from the records and from what tests them."""

import test_functions
import test_rules
from chainrule.mathematics.calculus import CALCULUS
from chainrule.mathematics.final_rules import FINAL
from chainrule.mathematics.functions import FUNCTIONS
from chainrule.mathematics.rules import READABLE, REJECTED, SIMPLIFY
from chainrule.mathematics.stable_rules import STABILISE
from chainrule.notation.records import definition, derivative, written
from chainrule.notation.style import Style
from chainrule.notation.write import to_text

NOTE = "<!-- Written by `python tests/test_examples.py`: change the records instead. -->"


def functions_page():
    lines = ["# Functions", "", NOTE, "", FUNCTIONS_ABOUT, ""]
    for function in FUNCTIONS.values():
        lines += [f"## {function.name}", "", function.doc, ""]
        lines.append(f"* definition: ${definition(function).latex}$")
        lines.append(f"* derivative: ${derivative(function).latex}$")
        if function.stable is not None:
            lines.append(f"* stable form: ${written(function.stable).latex}$")
        for label, (low, high) in (("domain", function.domain), ("range", function.range)):
            lines.append(f"* {label}: {low:g} to {high:g}")
        if function.spellings:
            lines.append(f"* also written: {', '.join(function.spellings)}")
        if function.source:
            lines.append(f"* source: {function.source}")
        lines += [f"* evidence: {evidence(function)}", ""]
    return "\n".join(lines)


FUNCTIONS_ABOUT = """\
Each function is one record of [mathematics](../src/chainrule/mathematics/functions.py), and
`chainrule.NAME` computes it on arrays. $x$ is the argument and $y$ the value; over an axis, $i$ is
the element that is read and $k$ the one derived by. The evidence is what
[tests/test_functions.py](../tests/test_functions.py) holds true."""


def evidence(function):
    smooth = len(test_functions.smooth(function))
    wide = sum(len(test_functions.arguments(function, kind)) for kind in KINDS)
    what = "rows" if function.axis else "arguments"
    return (
        "the derivative is that of dual numbers, and the difference quotient to 50 digits, at"
        f" {smooth} {what}; the value is within 8 units in the last place at {wide} {what}"
        " in float32 and float64, extreme ones among them"
    )


KINDS = (test_functions.np.float64, test_functions.np.float32)


def rules_page():
    lines = ["# Rules", "", NOTE, "", RULES_ABOUT, ""]
    for title, about, rules in (
        ("Simplifying", "They make an expression shorter.", SIMPLIFY + READABLE),
        ("Stabilising", "They keep the value and survive floating point.", STABILISE),
        ("Last of all", "They choose a form by the sizes of values, before numbers.", FINAL),
        ("Rejected", "They look true and are not; at the point named the sides differ.", REJECTED),
    ):
        lines += [f"## {title}", "", about, "", *map(rule_line, rules), ""]
    lines += ["## Calculus", "", "What the steps of a derivation cite.", ""]
    lines += [f"* **{rule.name}**: ${rule.formula}$; {rule.said}" for rule in CALCULUS.values()]
    return "\n".join(lines) + "\n"


RULES_ABOUT = """\
Each rule is one line in [mathematics/](../src/chainrule/mathematics/rules.py). $a$, $b$ and $c$
stand for any expression, 7 for any number, and what has an index for the elements of a row. The
evidence is what [tests/test_rules.py](../tests/test_rules.py) holds true: both sides agree to 40
digits at so many points, and the right side is defined wherever the left one is."""


def rule_line(rule):
    given = f", given {', '.join(map(repr, rule.given))}" if rule.given else ""
    if rule.fails_at:
        point = ", ".join(f"{name} = {value:g}" for name, value in rule.fails_at)
        return f"* **{rule.name}**: {sides(rule.left, rule.right)} fails at {point}: {rule.why}"
    pairs = list(test_rules.pairs(rule))
    shown = sides(*(pairs[0] if callable(rule.right) else (rule.left, rule.right)))
    points = sum(1 for left, right in pairs for _ in test_rules.points(left, right))
    return f"* **{rule.name}**: {shown}{given}: {rule.why} ({points} points)"


def sides(left, right):
    return f"`{printed(left)} = {printed(right)}`"


def printed(pattern):
    text = to_text(test_rules.written(pattern), Style())
    return text.replace("i0", "k").replace("i1", "m")
