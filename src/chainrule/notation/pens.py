"""The two ways to set a formula: LaTeX, and one line of Unicode text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from chainrule.language.function import Function
from chainrule.notation.style import Style, lowered, raised

# How tightly a piece holds together; it needs brackets where something tighter is called for.
SUM, HADAMARD, PRODUCT, POWER, ATOM = range(5)
_SLOPE = re.compile("∂(.+)/∂(.+)")


class Piece(NamedTuple):
    text: str
    level: int = ATOM


def decimal(value: Fraction) -> str | None:
    """`0.01` for one hundredth; None for halves, thirds and what does not end."""
    if value.denominator == 1:
        return str(value.numerator)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1 or value.denominator < 10:
        return None
    digits = next(d for d in range(1, 400) if 10**d % value.denominator == 0)
    if digits > 12:
        return None
    text = f"{abs(value.numerator) * 10**digits // value.denominator:0{digits + 1}d}"
    return ("-" if value < 0 else "") + f"{text[:-digits]}.{text[-digits:]}"


def split_scripts(latex: str) -> tuple[str, str, str]:
    r"""(base, subscript, superscript) of a printed name, the outermost ones.

    >>> split_scripts(r"\hat{W}_{1}^{(2)}")
    ('\\hat{W}', '1', '(2)')
    """
    depth, start, sign, found = 0, 0, "", {"": "", "_": "", "^": ""}
    for position, character in enumerate(latex + "_"):
        depth += (character == "{") - (character == "}")
        if character in "_^" and depth == 0:
            found[sign] += latex[start:position]
            sign, start = character, position + 1
    sub, sup = (_unbraced(found[sign]) for sign in "_^")
    return found[""], sub, sup


def _unbraced(text: str) -> str:
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text


def _script(sign: str, text: str) -> str:
    return f"{sign}{text}" if len(text) == 1 else f"{sign}{{{text}}}"


_LATEX_RELATIONS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
_TEXT_RELATIONS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}


class Latex:
    minus, dot, quotient = "-", r" \cdot ", r" \oslash "
    relations = _LATEX_RELATIONS
    trace, diagonal, determinant = r"\operatorname{tr}", r"\operatorname{diag}", r"\det"
    identity, ones = "I", r"\mathbf{1}"
    stack, kronecker = r"\operatorname{vec}", r" \otimes "

    def __init__(self, style: Style):
        self.style = style
        self.hadamard = f" {style.hadamard} "

    def number(self, value: Fraction) -> Piece:
        if (text := decimal(value)) is not None:
            return Piece(text)
        return Piece(rf"\frac{{{value.numerator}}}{{{value.denominator}}}", POWER)

    def array(self, name: str) -> Piece:
        text = self.style.latex_name(name)
        return Piece(text, POWER if split_scripts(text)[2] else ATOM)

    def scripted(self, name: str, places: Sequence[str]) -> Piece:
        slope = None if name in self.style.names else _SLOPE.fullmatch(name)
        if slope is not None:
            # A slope of which nothing is known: the places are those of its variable.
            by = self.scripted(slope[2], places).text
            return self.fraction(Piece(rf"\partial {slope[1]}"), Piece(rf"\partial {by}"))
        text = self.style.latex_name(name)
        if not places:
            return self.array(name)
        base, sub, sup = split_scripts(text)
        script = _side_by_side(places)
        if not sub:
            return Piece(text + _script("_", script), POWER if sup else ATOM)
        above = _script("^", sup) if sup else ""
        return Piece(f"{base}_{{{sub},{script}}}{above}", POWER if sup else ATOM)

    def function(self, function: Function) -> str:
        return self.style.latex_function(function)

    def bracketed(self, text: str, opening: str = "(", closing: str = ")") -> str:
        if any(tall in text for tall in (r"\frac", r"\sum", r"\max", r"\begin")):
            return rf"\left{opening} {text} \right{closing}"
        return f"{opening}{text}{closing}"

    def fraction(self, over: Piece, under: Piece) -> Piece:
        return Piece(rf"\frac{{{over.text}}}{{{under.text}}}", PRODUCT)

    @staticmethod
    def is_tall(piece: Piece) -> bool:
        """Whether it is a sum, a derivative or a sum of fractions: it stands beside a fraction."""
        alone = piece.level >= PRODUCT and piece.text.startswith((r"\sum", r"\frac"))
        return alone or r"\frac" in piece.text.replace(r"\frac{\partial", "")

    @staticmethod
    def has_tall(piece: Piece) -> bool:
        return r"\sum" in piece.text or r"\frac" in piece.text

    def raised(self, base: Piece, exponent: Piece) -> Piece:
        text = base.text if base.level == ATOM else self.bracketed(base.text)
        return Piece(text + _script("^", exponent.text), POWER)

    def transposed(self, base: Piece) -> Piece:
        return self.above(base, self.style.transpose)

    def inverted(self, base: Piece, transposed: bool = False) -> Piece:
        return self.above(base, f"{{-{self.style.transpose if transposed else 1}}}")

    def above(self, base: Piece, sign: str) -> Piece:
        if base.text.startswith(r"\frac{\partial"):
            return Piece(f"{self.bracketed(base.text)}^{sign}", POWER)
        if base.level == POWER and not base.text.endswith(")"):
            return Piece(f"{{{base.text}}}^{sign}", POWER)
        text = base.text if base.level >= POWER else self.bracketed(base.text)
        return Piece(f"{text}^{sign}", POWER)

    def elementwise_power(self, base: Piece, exponent: Piece) -> Piece:
        text = base.text if base.level == ATOM else self.bracketed(base.text)
        return Piece(rf"{text}^{{{self.style.hadamard} {exponent.text}}}", POWER)

    def exponential(self, argument: str) -> Piece:
        if "e" in self.style.reserved:
            return Piece(rf"\exp{self.bracketed(argument)}")
        return Piece(f"e^{{{argument}}}", POWER)

    def root(self, argument: str) -> Piece:
        return Piece(rf"\sqrt{{{argument}}}")

    def absolute(self, argument: str) -> Piece:
        return Piece(rf"\lvert {argument} \rvert")

    def norm(self, argument: str, matrix: bool) -> Piece:
        return Piece(rf"\lVert {argument} \rVert" + ("_F" if matrix else ""))

    def big(self, kind: str, letter: str, bounds: tuple[str, str] | None = None) -> str:
        if bounds is None:
            return rf"\{kind}_{{{letter}}} "
        return rf"\{kind}_{{{letter}={bounds[0]}}}^{{{bounds[1]}}} "

    @staticmethod
    def slope(of: str, by: str) -> str:
        over = rf"\partial {of}".strip()
        return rf"\frac{{{over}}}{{\partial {by}}}"

    @staticmethod
    def second_slope(of: str, by: str, again: str) -> str:
        under = rf"\partial {by}^2" if by == again else rf"\partial {by} \partial {again}"
        return rf"\frac{{\partial^2 {of}}}{{{under}}}"

    @staticmethod
    def gradient(of: str, by: str) -> str:
        return rf"\nabla_{{{by}}} {of}" if len(by) > 1 else rf"\nabla_{by} {of}"

    def expectation(self, letter: str, probability: str, body: str) -> str:
        inside = self.bracketed(body, "[", "]")
        return rf"\mathbb{{E}}_{{{letter} \sim {probability}}}{inside}"

    @staticmethod
    def inner(first: str, second: str) -> str:
        """The inner product, with a derivative over the axes that are its own or its variable's."""
        return rf"\left\langle {first}, {second} \right\rangle"

    def maximum(self, argument: str) -> Piece:
        return Piece(rf"\max({argument})")

    def read(self, text: str, places: Sequence[str]) -> Piece:
        """The element of a value: `softmax(z)_k`."""
        return Piece(f"{text}" + _script("_", ",".join(places)))

    def delta(self, left: str, right: str) -> Piece:
        return Piece(rf"\delta_{{{_side_by_side((left, right))}}}")

    def mask(self, condition: str) -> Piece:
        return Piece(rf"\mathbb{{1}}[{condition}]")

    def cases(self, yes: str, conditions: Sequence[str], no: str) -> Piece:
        rows = rf"{yes} & {', '.join(conditions)} \\ {no} & \text{{otherwise}}"
        return Piece(rf"\begin{{cases}} {rows} \end{{cases}}", PRODUCT)


# Letters that would be read as a word.
_WORDS = {"ln", "tr"}


def _side_by_side(places: Sequence[str]) -> str:
    """Letters as they stand below a name: `ij`, and `1,2` with a comma."""
    text = "".join(places)
    short = all(len(place) == 1 and not place.isdigit() for place in places)
    return text if short and text not in _WORDS else ",".join(places)


class Text:
    minus, dot, quotient = "−", " · ", " ⊘ "
    relations = _TEXT_RELATIONS
    trace, diagonal, determinant, identity, ones = "tr", "diag", "det", "I", "𝟏"
    stack, kronecker = "vec", " ⊗ "

    def __init__(self, style: Style):
        self.style = style
        self.hadamard = " ⊙ " if style.hadamard == r"\odot" else " ∘ "

    def number(self, value: Fraction) -> Piece:
        text = decimal(abs(value))
        sign = self.minus if value < 0 else ""
        if text is not None:
            return Piece(sign + text)
        return Piece(f"{sign}{abs(value.numerator)}/{value.denominator}", PRODUCT)

    def array(self, name: str) -> Piece:
        return Piece(self.style.text_name(name), self._level(name))

    def _level(self, name: str) -> int:
        return POWER if split_scripts(self.style.latex_name(name))[2] else ATOM

    def scripted(self, name: str, places: Sequence[str]) -> Piece:
        text = self.style.text_name(name)
        if not places:
            return self.array(name)
        sub = split_scripts(self.style.latex_name(name))[1]
        if len(places) == 1 and len(places[0]) == 1 and not sub:
            return Piece(f"{text}_{places[0]}")
        return Piece(f"{text}[{','.join(places)}]")

    def function(self, function: Function) -> str:
        return self.style.text_function(function)

    def bracketed(self, text: str, opening: str = "(", closing: str = ")") -> str:
        return f"{opening}{text}{closing}"

    def fraction(self, over: Piece, under: Piece) -> Piece:
        top = over.text if over.level >= PRODUCT else f"({over.text})"
        bottom = under.text if under.level >= POWER else f"({under.text})"
        return Piece(f"{top} / {bottom}", HADAMARD)

    @staticmethod
    def is_tall(piece: Piece) -> bool:
        return piece.level == PRODUCT and piece.text.startswith("Σ")

    @staticmethod
    def has_tall(piece: Piece) -> bool:
        return "Σ" in piece.text

    def raised(self, base: Piece, exponent: Piece) -> Piece:
        text = base.text if base.level == ATOM else f"({base.text})"
        return Piece(text + raised(exponent.text), POWER)

    def transposed(self, base: Piece) -> Piece:
        return self.above(base, "ᵀ")

    def inverted(self, base: Piece, transposed: bool = False) -> Piece:
        return self.above(base, "⁻ᵀ" if transposed else "⁻¹")

    def above(self, base: Piece, sign: str) -> Piece:
        whole = base.level >= POWER and not base.text.startswith("∂")
        return Piece((base.text if whole else f"({base.text})") + sign, POWER)

    def elementwise_power(self, base: Piece, exponent: Piece) -> Piece:
        text = base.text if base.level == ATOM else f"({base.text})"
        return Piece(f"{text}^(∘{exponent.text})", POWER)

    def exponential(self, argument: str) -> Piece:
        return Piece(f"exp({argument})")

    def root(self, argument: str) -> Piece:
        return Piece(f"√({argument})")

    def absolute(self, argument: str) -> Piece:
        return Piece(f"|{argument}|")

    def norm(self, argument: str, matrix: bool) -> Piece:
        return Piece(f"‖{argument}‖" + ("_F" if matrix else ""))

    @staticmethod
    def slope(of: str, by: str) -> str:
        return f"∂{of}/∂{by}"

    @staticmethod
    def second_slope(of: str, by: str, again: str) -> str:
        return f"∂²{of}/∂{by}²" if by == again else f"∂²{of}/(∂{by} ∂{again})"

    def big(self, kind: str, letter: str, bounds: tuple[str, str] | None = None) -> str:
        range_ = letter if bounds is None else "{" + f"{letter}={bounds[0]}..{bounds[1]}" + "}"
        return f"{'Σ' if kind == 'sum' else kind}_{range_} "

    @staticmethod
    def gradient(of: str, by: str) -> str:
        return f"∇{lowered(by)} {of}"

    @staticmethod
    def expectation(letter: str, probability: str, body: str) -> str:
        return f"E_{{{letter}∼{probability}}}[{body}]"

    @staticmethod
    def inner(first: str, second: str) -> str:
        return f"⟨{first}, {second}⟩"

    def maximum(self, argument: str) -> Piece:
        return Piece(f"max({argument})")

    def read(self, text: str, places: Sequence[str]) -> Piece:
        if len(places) == 1 and len(places[0]) == 1:
            return Piece(f"{text}_{places[0]}")
        return Piece(f"{text}[{','.join(places)}]")

    def delta(self, left: str, right: str) -> Piece:
        return Piece(f"δ[{left},{right}]")

    def mask(self, condition: str) -> Piece:
        return Piece(f"𝟙[{condition}]")

    def cases(self, yes: str, conditions: Sequence[str], no: str) -> Piece:
        return Piece(f"({yes} if {' and '.join(conditions)} else {no})")


Pen = Latex | Text
