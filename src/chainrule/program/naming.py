"""Python identifiers for the names that people write: `\\hat{y}`, `w^{(1)}`, `∂J/∂W_1`."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata


class Names:
    """Identifiers given out so far; no two requests get the same one."""

    def __init__(self, *reserved: str):
        self.taken = {*reserved, *keyword.kwlist, *keyword.softkwlist, *dir(builtins)}

    def claim(self, wanted: str) -> str:
        """An identifier like the wanted name, with a number at its end if that is taken."""
        stem = identifier(wanted)
        name, count = stem, 1
        while name in self.taken:
            count += 1
            name = f"{stem}_{count}"
        self.taken.add(name)
        return name


def identifier(name: str) -> str:
    """The name in letters, digits and single underscores; not yet unique.

    >>> identifier(r"\\hat{y}"), identifier("w^{(1)}"), identifier("∂J/∂θ")
    ('hat_y', 'w_1', 'dJ_dtheta')
    """
    plain = "".join(_letter(character) for character in name.replace("∂", "d"))
    stem = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")
    return stem if stem and not stem[0].isdigit() else f"array_{stem}".strip("_")


def _letter(character: str) -> str:
    if character.isascii():
        return character
    described = re.match(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(character, ""))
    if described is None:
        return unicodedata.normalize("NFKD", character)
    case, letter = described.groups()
    return letter.lower() if case == "SMALL" else letter.capitalize()
