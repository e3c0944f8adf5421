"""Worked one-dimensional convolutions: a signal, a filter, zeros around, and the result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from chainrule.checker.claims.page import Page
from chainrule.checker.claims.rows import Row, convolved, padding, row_cells, row_of
from chainrule.checker.findings import Finding
from chainrule.notation import tree
from chainrule.notation.sentences import Sentence
from chainrule.notation.stars import SIGNS
from chainrule.notation.tree import Node

MODES = ("same", "full", "valid")
_NAMED = re.compile(
    r"\b(?P<mode>same|full|valid)\b[- ](?:convolution|cross-?correlation|correlation|padding|mode)",
    re.I,
)
# Where the filter first lies on the signal, in words, and the mode that this is.
_PLACEMENTS = (
    (r"cent(?:er|re) of (?:the )?(?:filter|kernel) (?:is )?on (?:the )?first", "same"),
    (
        r"(?:bottom[- ]right|last) (?:element|entry) of (?:the )?(?:filter|kernel) (?:is )?"
        r"on (?:the )?(?:top[- ]left|first)",
        "full",
    ),
    (
        r"(?:top[- ]left|first) (?:element|entry) of (?:the )?(?:filter|kernel) (?:is )?"
        r"on (?:the )?(?:top[- ]left|first)",
        "valid",
    ),
    (r"^\W*(?:the )?(?:normal|ordinary|usual|plain) convolution\W*$", "valid"),
)
_ASSUMED = {
    "same": "the filter has an odd length, and zeros are put around the signal",
    "full": "zeros are put around the signal",
    "valid": "nothing is put around the signal",
}


@dataclass
class _Worked:
    """One worked example as far as it has been read.

    stars  whether each star that the document defines turns the kernel round
    """

    mode: str | None = None
    section: int = -1
    rows: list[tuple[Row, Node]] = field(default_factory=list)
    stars: dict[str, bool] = field(default_factory=dict)


def findings(page: Page) -> Iterator[Finding]:
    """The results of worked convolutions, the zeros drawn around, where the filter starts."""
    stars = page.reading.scope.stars
    worked = _Worked(stars=stars)
    for sentence in page.in_turn(page.sentences):
        section = page.section(sentence.start)
        if section != worked.section:
            worked = _Worked(section=section, stars=stars)
        modes = {match["mode"].lower() for match in _NAMED.finditer(sentence.flat)}
        if modes:
            worked.mode = modes.pop() if len(modes) == 1 else None
            worked.rows = []
        elif (found := _placement(page, sentence, worked.mode)) is not None:
            yield found
        for mark in sentence.flat:
            if mark in sentence.prints:
                yield from _formula(page, worked, sentence.prints[mark].node)


def _placement(page: Page, sentence: Sentence, mode: str | None) -> Finding | None:
    """`Center of the filter on the first element` under the name of a mode."""
    if mode is None:
        return None
    for pattern, meant in _PLACEMENTS:
        if re.search(pattern, sentence.flat, re.I):
            start, end = sentence.span()
            if meant == mode:
                return page.finding(start, end, "holds-if", fact=_ASSUMED[mode])
            reason = f"so starts a {meant} convolution, not a {mode} one"
            return page.finding(start, end, "wrong", counterexample=reason, diagnosis=reason)
    return None


def _formula(page: Page, worked: _Worked, node: Node) -> Iterator[Finding]:
    if not isinstance(node, tree.Chain):
        row = row_of(node)
        if row is not None:
            worked.rows.append((row, node))
        return
    first, last = node.members[0], node.members[-1]
    result = row_of(last)
    if result is None or node.relations[-1].kind != "=" or len(node.members) != 2:
        return
    factors = first.factors if isinstance(first, tree.Product) else ()
    sign, _, below = first.operators[0].partition(" ") if len(factors) == 2 else ("", "", "")
    if sign in SIGNS:
        rows = [(row_of(factor), factor) for factor in factors]
        mode = below if below in MODES else None if below else worked.mode
        if None not in (row for row, _ in rows):
            yield from _judged(page, mode, rows, last, result, worked.stars.get(sign))
    elif isinstance(first, tree.Empty) and len(worked.rows) == 2:
        yield from _judged(page, worked.mode, worked.rows, last, result)
        worked.rows = []


def _judged(
    page: Page,
    mode: str | None,
    rows: list[tuple[Row, Node]],
    last: Node,
    result: Row,
    turned_: bool | None = None,
) -> Iterator[Finding]:
    """The result of two rows; turned_ tells whether the kernel is turned round, if that is said."""
    (signal, drawn), (kernel, _) = rows
    if kernel.padded or len(kernel.numbers) > len(signal.numbers):
        return
    if signal.padded and mode is not None:
        yield _zeros(page, mode, signal, drawn, len(kernel.numbers))
    straight = _results(mode, signal, kernel)
    reverse = _results(mode, signal, Row(kernel.numbers[::-1]))
    wanted = reverse if turned_ else straight
    if result.numbers in (straight + reverse if turned_ is None else wanted):
        yield page.finding(last.start, last.end, "holds", reading=f"{mode or 'a'} convolution")
        return
    fitting = [one for one in wanted if len(one) == len(result.numbers)]
    if not fitting and mode is None:
        yield page.finding(last.start, last.end, "not-checked", diagnosis="which mode is not said")
        return
    yield _wrong(page, mode, (fitting or wanted)[0], last, result)


def _zeros(page: Page, mode: str, signal: Row, drawn: Node, kernel: int) -> Finding:
    """Whether as many zeros are drawn around the signal as the mode takes."""
    wanted = padding(mode, kernel)
    if (signal.before, signal.after) in (wanted, wanted[::-1]):
        reading = f"zeros around the signal for {mode} convolution"
        return page.finding(drawn.start, drawn.end, "holds", reading=reading)
    reason = f"{mode} convolution with {kernel} numbers takes {wanted[0]} + {wanted[1]} zeros"
    drawn_here = f"{signal.before} + {signal.after} are drawn"
    return page.finding(
        drawn.start, drawn.end, "wrong", counterexample=f"{reason}; {drawn_here}", diagnosis=reason
    )


def _results(mode: str | None, signal: Row, kernel: Row) -> list[tuple[Fraction, ...]]:
    if mode is not None:
        return [convolved(signal.numbers, kernel.numbers, mode)]
    if signal.padded:
        zeros = (Fraction(0),)
        whole = zeros * signal.before + signal.numbers + zeros * signal.after
        return [convolved(whole, kernel.numbers, "valid")]
    return [convolved(signal.numbers, kernel.numbers, one) for one in MODES]


def _wrong(page: Page, mode: str | None, wanted: tuple, last: Node, result: Row) -> Finding:
    if len(wanted) != len(result.numbers):
        why = f"{len(result.numbers)} numbers are printed, {mode} convolution has {len(wanted)}"
    else:
        at = next(k for k, (a, b) in enumerate(zip(wanted, result.numbers, strict=True)) if a != b)
        why = f"number {at + 1} is {wanted[at]}, not {result.numbers[at]}"
    return page.finding(
        last.start,
        last.end,
        "wrong",
        counterexample=why,
        diagnosis="the sums of products are others",
        reading=f"{mode} convolution" if mode else None,
        correction=_printed(page, last, wanted, result),
    )


def _printed(page: Page, last: Node, wanted: tuple[Fraction, ...], result: Row) -> str:
    """The right row: what was right as it was printed, the rest with the denominator in use."""
    cells = row_cells(last)
    common = max(number.denominator for number in (*result.numbers, *wanted))
    parts = []
    for k, number in enumerate(wanted):
        if len(wanted) == len(cells) and number == result.numbers[k]:
            start, end = page.document.braced(cells[k].start, cells[k].end)
            parts.append(page.document.text[start:end].strip())
        elif number.denominator == 1:
            parts.append(str(number))
        else:
            whole = common if (number * common).denominator == 1 else number.denominator
            parts.append(rf"\frac{{{number * whole}}}{{{whole}}}")
    return rf"\left[ {', '.join(parts)} \right]"
