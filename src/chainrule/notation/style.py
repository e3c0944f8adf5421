"""How a document writes: rows or columns, signs, and the printed names of its symbols."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from chainrule.language.function import Function
from chainrule.language.index import Size
from chainrule.language.inline import Lambda
from chainrule.notation.characters import LATEX

ROWS, COLUMNS = "rows", "columns"


@dataclass(frozen=True)
class Slope:
    """A derivative that is written as one: `∂ over / ∂ by`.

    over     the name of a scalar, or an expression as a function of the first indices
    by       the name of the array whose indices are the rest
    gradient whether it is the vector of all derivatives, `∇_by over`, which has no such indices
    """

    over: str | Lambda
    by: str
    gradient: bool = False


@dataclass(frozen=True)
class Style:
    """The notation of one document.

    layout       "rows": an array with one index is a row, as in x W + b; "columns": as in W x + b
    hadamard     LaTeX of the element-by-element product
    transpose    LaTeX of the transpose, standing as a superscript
    names        array name → (LaTeX, text); `default_name` for the others
    functions    function name → (LaTeX, text), where the document has its own, as σ for softmax
    upright_ones whether a vector of ones is a column whatever the layout is
    orientation  array name → "row" or "column", where it differs from the layout
    letters      size → the letter that the document's sums use for it
    slopes       array name → the derivative that its elements stand for
    symmetric    names of symmetric matrices, which need no transposes
    first        the number of the first element of an axis in print: 1, or 0
    reserved     letters that name something in the document, and are no indices
    shares       names of vectors of probabilities, where sums of gradients that they weigh are
                 printed as expectations; None where they are not
    """

    layout: str = ROWS
    hadamard: str = r"\circ"
    transpose: str = r"\top"
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    functions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    orientation: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[Size, str] = field(default_factory=dict)
    slopes: Mapping[str, Slope] = field(default_factory=dict)
    symmetric: frozenset[str] = frozenset()
    first: int = 1
    upright_ones: bool = False
    reserved: frozenset[str] = frozenset()
    shares: frozenset[str] | None = None

    def latex_name(self, name: str) -> str:
        return self.names[name][0] if name in self.names else default_name(name)

    def text_name(self, name: str) -> str:
        return self.names[name][1] if name in self.names else plain(default_name(name))

    def latex_function(self, function: Function) -> str:
        if function.name in self.functions:
            return self.functions[function.name][0]
        return function.latex or rf"\operatorname{{{function.name}}}"

    def text_function(self, function: Function) -> str:
        if function.name in self.functions:
            return self.functions[function.name][1]
        if function.name.startswith("\\"):
            # A letter of the document's own.
            return plain(function.name)
        return _GREEK.get(function.latex[1:], function.name)

    @property
    def column_vectors(self) -> bool:
        return self.layout == COLUMNS

    @property
    def column_ones(self) -> bool:
        return self.column_vectors or self.upright_ones

    def is_column(self, name: str) -> bool:
        """Whether a one-index array of this name stands as a column."""
        if name in self.orientation:
            return self.orientation[name] == "column"
        return self.column_vectors


_GREEK = {
    latex.strip()[1:]: sign
    for sign, latex in reversed(LATEX.items())
    if latex.startswith("\\") and ("GREEK" in unicodedata.name(sign, "") or sign == "ℓ")
}
_MARKS = {
    "hat": "\u0302",
    "tilde": "\u0303",
    "bar": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
}
_WORDED = re.compile(r"(?P<word>[A-Za-z]+)(?P<digits>\d*)(?P<rest>([_^'].*)?)", re.DOTALL)


def default_name(name: str) -> str:
    """The LaTeX of an array name: `theta` is `\\theta`, `W1` is `W_1`, `loss` stands upright.

    >>> [default_name(n) for n in ("W_1", "W2", "theta", "loss", r"\\hat{y}")]
    ['W_1', 'W_2', '\\\\theta', '\\\\mathrm{loss}', '\\\\hat{y}']
    """
    found = _WORDED.fullmatch(name)
    if not found:
        return name
    word, digits, rest = found["word"], found["digits"], found["rest"]
    if word in _GREEK:
        word = "\\" + word
    elif len(word) > 1:
        word = rf"\mathrm{{{word}}}"
    if digits and not rest:
        rest = f"_{digits}" if len(digits) == 1 else f"_{{{digits}}}"
        digits = ""
    return word + digits + rest


def _scripts(kind: str) -> dict[str, str]:
    """Character → its raised or lowered form, from the Unicode database."""
    found: dict[str, str] = {}
    for code in (*range(0xAA, 0x300), *range(0x1D00, 0x1DC0), *range(0x2070, 0x20A0), 0x2C7C):
        words = unicodedata.decomposition(chr(code)).split()
        if len(words) == 2 and words[0] == kind:
            found.setdefault(chr(int(words[1], 16)), chr(code))
    return found


_RAISED, _LOWERED = _scripts("<super>"), _scripts("<sub>")
_RAISED["-"], _LOWERED["-"] = _RAISED["−"], _LOWERED["−"]


def raised(text: str) -> str:
    """`(1)` as ⁽¹⁾, or `^(…)` where Unicode lacks a sign."""
    if all(sign in _RAISED for sign in text):
        return "".join(_RAISED[sign] for sign in text)
    return f"^{text}" if len(text) == 1 else f"^({text})"


def lowered(text: str) -> str:
    """`1` as ₁, or `_…` where Unicode lacks a sign."""
    if all(sign in _LOWERED for sign in text):
        return "".join(_LOWERED[sign] for sign in text)
    return f"_{text}" if len(text) == 1 else f"_({text})"


_PIECE = re.compile(
    r"\\(?P<command>[A-Za-z]+)\s*(\{(?P<body>[^{}]*)\})?"
    r"|(?P<script>[_^])(\{(?P<scripted>[^{}]*)\}|(?P<single>\\[A-Za-z]+|.))"
    r"|(?P<other>.)",
    re.DOTALL,
)


def plain(latex: str) -> str:
    r"""The name as text for a terminal.

    >>> [plain(n) for n in (r"\hat{y}", "W_1", "w^{(1)}", r"\mathrm{loss}", r"\theta")]
    ['ŷ', 'W₁', 'w⁽¹⁾', 'loss', 'θ']
    """
    return "".join(_plain_piece(piece) for piece in _PIECE.finditer(latex))


def _plain_piece(piece: re.Match) -> str:
    if piece["command"]:
        word, body = piece["command"], piece["body"]
        if word in _MARKS and body is not None:
            return unicodedata.normalize("NFC", plain(body) + _MARKS[word])
        if word in _GREEK:
            return _GREEK[word] + (body or "")
        return plain(body) if body else word
    if piece["script"]:
        text = plain(piece["scripted"] or piece["single"] or "")
        return (raised if piece["script"] == "^" else lowered)(text)
    return "" if piece["other"] in "{}" else piece["other"]
