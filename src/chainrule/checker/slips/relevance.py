"""Which changes of a print are worth reading: those that are made of what the right value needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# What is no factor: marks below, transposition, layers and examples in brackets above.
_MARKS = re.compile(r"_(\{[^{}]*\}|\\?\w+)|\^(\{?\\top\}?|\{?T\}?|\{\(\w+\)\})")
_WORDS = re.compile(r"\\[a-zA-Z]+|[A-Za-z]")
# Derivatives depend on less than their names do.
_SLOPES = re.compile(r"\\partial|\\nabla|'|\\frac\s*\{?\s*d|\bd[A-Z\\]")


@dataclass(frozen=True)
class Relevance:
    """What a value depends on, and for the letters of the names what each name depends on.

    needed   the inputs of the document that the right value depends on
    inputs   for each letter, the inputs behind every name that is written with it
    printed  the letters of the false member as it is printed
    """

    needed: frozenset[str]
    inputs: Mapping[str, tuple[frozenset[str], ...]]
    printed: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, wanted: Iterable[str], known: Mapping[str, Iterable[str]], source: str
    ) -> Relevance:
        """From the print of a false member.

        wanted  the names that the right value is made of
        known   for every name of the document, what it is made of; nothing for an input
        """
        behind = {name: _behind(name, known) for name in known}
        letters: dict[str, tuple[frozenset[str], ...]] = {}
        for name, inputs in behind.items():
            for word in _words(name):
                letters[word] = (*letters.get(word, ()), inputs)
        needed = frozenset().union(*(behind.get(name, ()) for name in wanted))
        return cls(needed, letters, _words(source))

    def is_likely(self, text: str) -> bool:
        """Whether a text names all that the right value needs, and nothing new that it does not."""
        if not self.needed or _SLOPES.search(text):
            return True
        words = _words(text) & self.inputs.keys()
        reached = frozenset().union(*(one for word in words for one in self.inputs[word]))
        if not self.needed <= reached:
            return False
        new = words - self.printed
        return all(any(one <= self.needed for one in self.inputs[word]) for word in new)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(_MARKS.sub("", text)))


def _behind(name: str, known: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """The inputs that a name is made of; itself where it is not defined."""
    found, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += known.get(one, ())
    return frozenset(one for one in found if not known.get(one)) or frozenset({name})
