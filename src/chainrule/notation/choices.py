"""Ambiguity, enumerated: code that asks `choose` runs once for every combination of answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

# So many readings of one formula are tried at most; the likeliest come first.
LIMIT = 24


class Choices:
    """One path through the alternatives: answers given so far, then always the first."""

    def __init__(self, script: tuple[int, ...] = ()):
        self.script = script
        self.asked: list[int] = []
        self.taken: list[str] = []
        self.settled: dict[str, Any] = {}

    def choose(self, what: str, options: list, quiet: bool = False) -> Any:
        """One of the options, the likeliest first; `what` is reported with the reading.

        quiet  the first option is what anybody would read, and needs no mention
        """
        if len(options) == 1:
            return options[0]
        turn = len(self.asked)
        answer = self.script[turn] if turn < len(self.script) else 0
        self.asked.append(len(options))
        if answer or not quiet:
            self.taken.append(f"{what}: {options[answer]}")
        return options[answer]

    def settle(self, what: str, options: list, quiet: bool = False) -> Any:
        """The same, but asked once only: what is the same is read the same all over.

        Where the answer is not among the options, they are asked for themselves.
        """
        answer = self.settled.get(what)
        if answer not in options:
            answer = self.choose(what, options, quiet)
            self.settled.setdefault(what, answer)
        return answer

    @property
    def path(self) -> tuple[int, ...]:
        return self.script + (0,) * (len(self.asked) - len(self.script))

    @property
    def given(self) -> tuple[int, ...]:
        """The answers that were asked for up to here."""
        return self.path[: len(self.asked)]

    def go_on(self, other: Choices) -> Choices:
        """From where another one stands, whose answers were the same."""
        self.asked, self.taken = list(other.asked), list(other.taken)
        self.settled = dict(other.settled)
        return self


def runs(read: Callable[[Choices], Any], limit: int = LIMIT) -> Iterator[tuple[Any, Choices]]:
    """Every result of `read`, those nearest to the likeliest answers first."""
    waiting: list[tuple[int, ...]] = [()]
    seen = 0
    while waiting and seen < limit:
        script = waiting.pop(0)
        choices = Choices(script)
        yield read(choices), choices
        seen += 1
        for turn in range(len(script), len(choices.asked)):
            for answer in range(1, choices.asked[turn]):
                waiting.append((*choices.path[:turn], answer))
        waiting.sort(key=lambda path: (sum(answer > 0 for answer in path), path))
