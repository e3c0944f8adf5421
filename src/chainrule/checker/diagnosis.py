"""What kind of mistake a false claim looks like, in one sentence: a table of hypotheses."""

from __future__ import annotations

from chainrule.checker.pair import Pair


def diagnosis(pair: Pair) -> str | None:
    return None
