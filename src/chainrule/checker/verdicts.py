"""The verdicts: what each means, and the mark that stands for it where colour is not enough."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """A verdict with its sign and its meaning in a sentence or two."""

    name: str
    mark: str
    meaning: str


VERDICTS = {
    verdict.name: verdict
    for verdict in (
        Verdict(
            "proved",
            "✓✓",
            "Both sides are one expression, or their difference is 0 by named rules of algebra and "
            "differentiation. Given without any fact, wherever both sides have a value.",
        ),
        Verdict(
            "holds",
            "✓",
            "Both sides agree at every point tried, random and structured, with sizes that differ "
            "from each other. That is strong evidence, not a proof.",
        ),
        Verdict(
            "holds-if",
            "(✓)",
            "True only under a fact that the document did not state; the fact is named.",
        ),
        Verdict("convention", "⇄", "Right up to a named convention, such as a transpose."),
        Verdict(
            "wrong",
            "✗",
            "False under every reading that was tried: the two sides differ at a point, and ball "
            "arithmetic confirms that rounding is not the reason. A counterexample is shown.",
        ),
        Verdict("shape", "✗", "The parts do not fit together; the sizes are shown."),
        Verdict(
            "unstable",
            "!",
            "True over the real numbers, but the printed form breaks in floating point.",
        ),
        Verdict("unread", "?", "Not understood, or not enough is known of a symbol. Never judged."),
        Verdict(
            "not-checked",
            "–",
            "A condition, an update, or prose: nothing that is true or false by itself.",
        ),
    )
}
