"""What sentences say of the axis that code works along: `row-wise, using np.apply_along_axis`.

The sentence names a function of NumPy, and the next fragment calls it with an axis.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

from chainrule.checker.claims.page import Page
from chainrule.checker.findings import Finding
from chainrule.notation.document import Code
from chainrule.notation.sentences import Sentence, worded

_ROWS = r"row[- ]?wise|(?:to|of|for|over) (?:each|every) row|row by row"
_COLUMNS = r"column[- ]?wise|(?:to|of|for|over) (?:each|every) column|column by column"
_SAID = worded(
    rf"\b(?:(?P<rows>{_ROWS})|(?P<columns>{_COLUMNS}))\b[\s,]*(?:by |with |using |via |through )+"
    r"(?:the |NumPy['’]s )?(?:function |method )?`?(?:np|numpy|jnp)\.(?P<function>\w+)`?(?:\(\))?",
)


def findings(page: Page) -> Iterator[Finding]:
    """The claims that something is done row by row or column by column."""
    yield from page.matched(((_SAID, _along),))


def _along(page: Page, sentence: Sentence, match: re.Match) -> Finding | None:
    start, end = sentence.span(*match.span())
    axes = _axes(_fragment_after(page, end), match["function"])
    if len(axes) != 1:
        return None
    axis = axes.pop()
    if match["rows"]:
        right, elsewhere = axis in (1, -1), axis == 1
    else:
        right, elsewhere = axis in (0, -2), axis == -2
    if not right:
        line = "column" if match["rows"] else "row"
        why = f"axis {axis} runs through a {line} of a matrix"
        return page.finding(start, end, "wrong", counterexample=why)
    if elsewhere:
        return page.finding(start, end, "holds-if", fact="the array has two axes")
    return page.finding(start, end, "holds", reading=f"axis {axis}")


def _fragment_after(page: Page, offset: int) -> str:
    """The next fragment of several lines."""
    blocks = (p for p in page.document.parts if isinstance(p, Code) and "\n" in p.text)
    return next((block.text for block in blocks if block.start > offset), "")


def _axes(text: str, function: str) -> set[int]:
    """The axes that calls of a function are given, in lines that are Python."""
    found = set()
    for line in text.splitlines():
        try:
            parsed = ast.parse(textwrap.dedent(line).strip())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(parsed):
            match node:
                case ast.Call(ast.Attribute(_, name), arguments, keywords) if name == function:
                    given = [one.value for one in keywords if one.arg == "axis"]
                    # In all these functions the axis is the second argument.
                    given += arguments[1:2] if not given else []
                    found |= {axis for one in given if (axis := _number(one)) is not None}
    return found


def _number(node: ast.expr) -> int | None:
    match node:
        case ast.Constant(int() as value):
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(int() as value)):
            return -value
    return None
