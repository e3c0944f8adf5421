"""Letters in the fonts of mathematics, which Unicode has as characters of their own."""

from __future__ import annotations

import unicodedata

#: How Unicode names the alphabets that MathML calls by these names.
FONTS = {
    "bold": "BOLD",
    "italic": "ITALIC",
    "bold-italic": "BOLD ITALIC",
    "double-struck": "DOUBLE-STRUCK",
    "script": "SCRIPT",
    "bold-script": "BOLD SCRIPT",
    "fraktur": "FRAKTUR",
    "bold-fraktur": "BOLD FRAKTUR",
    "sans-serif": "SANS-SERIF",
    "bold-sans-serif": "SANS-SERIF BOLD",
    "sans-serif-italic": "SANS-SERIF ITALIC",
    "sans-serif-bold-italic": "SANS-SERIF BOLD ITALIC",
    "monospace": "MONOSPACE",
}
_CASES = {"Lu": "CAPITAL", "Ll": "SMALL", "Nd": "DIGIT"}
_SIGNS = {"∇": "NABLA", "∂": "PARTIAL DIFFERENTIAL"}


def in_font(text: str, font: str) -> str:
    """The text in a font of mathematics; what Unicode does not have there stays as it is.

    >>> in_font("R1", "double-struck"), in_font("θ", "bold-italic"), in_font("!", "bold")
    ('ℝ𝟙', '𝜽', '!')
    """
    return "".join(_letter(sign, FONTS.get(font, "")) for sign in text)


def _letter(sign: str, font: str) -> str:
    case = _CASES.get(unicodedata.category(sign))
    if not font or (case is None and sign not in _SIGNS):
        return sign
    name = unicodedata.name(sign, "").removeprefix("GREEK ").removeprefix("LATIN ")
    short = name.removeprefix(f"{case} ").removeprefix("LETTER ")
    names = [f"MATHEMATICAL {font} {case} {short}"]
    # The letters that Unicode had before the rest: ℝ, ℒ, ℌ.
    old = {"FRAKTUR": "BLACK-LETTER"}.get(font, font)
    names.append(f"{old} {case} {short}")
    if sign in _SIGNS:
        names = [f"MATHEMATICAL {font} {_SIGNS[sign]}"]
    for candidate in names:
        try:
            return unicodedata.lookup(candidate)
        except KeyError:
            continue
    return sign
